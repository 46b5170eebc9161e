"""Addresses of a host that the system's own resolver does not know."""

import dns.exception
import dns.resolver

PATIENCE_SECONDS = 3.0


def addresses(host: str) -> list[str]:
    """The host's addresses as name servers tell them, IPv4 first; empty when they know none either."""
    found: list[str] = []
    for kind in ("A", "AAAA"):
        try:
            answer = dns.resolver.resolve(host, kind, lifetime=PATIENCE_SECONDS)
        except (dns.exception.DNSException, OSError):
            continue
        found += [record.to_text() for record in answer]
    return found
