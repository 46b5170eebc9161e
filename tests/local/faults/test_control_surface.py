"""Faults are set, shown, cleared and told; what is wrong is refused with a sentence, and a restart forgets them."""

from typing import Any

import pytest

from tests.local.faults.conftest import PRIMARY, Faults
from tests.local.sdk import Sdk


def test_a_fault_is_listed_told_and_cleared(sdk: Sdk, faults: Faults) -> None:
    before = sdk.emulator.last_event()
    fault = faults.set("revoke-tokens", endpoint=PRIMARY)
    assert (fault["kind"], fault["endpoint"], fault["identity"]) == ("revoke-tokens", PRIMARY, None)
    assert faults.all() == [fault] == sdk.emulator.get("/_local/info")["faults"]
    assert faults.clear(f"?id={fault['id']}") == [fault["id"]]
    assert faults.all() == []
    assert [event["fault"] for event in sdk.emulator.events("fault-set", before)] == [fault]
    (told,) = sdk.emulator.events("fault-cleared", before)
    assert (told["fault"], told["reason"]) == (fault, "asked")


def test_clearing_by_kind_leaves_the_others(faults: Faults) -> None:
    kept = faults.set("expire-tokens")
    cleared = [faults.set("revoke-tokens")["id"], faults.set("revoke-tokens", at="rest")["id"]]
    assert faults.clear("?kind=revoke-tokens") == cleared
    assert faults.all() == [kept]
    assert faults.clear() == [kept["id"]]
    assert faults.clear() == []


def test_a_restart_forgets_all_faults(sdk: Sdk, faults: Faults) -> None:
    faults.set("expire-tokens")
    sdk.emulator.kill()
    sdk.emulator.start()
    assert faults.all() == []
    sdk.connect(PRIMARY).close()


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "Field 'kind' is required: one of expire-tokens"),
    ({"kind": "kill-postgres"}, 400, "Field 'endpoint' is required"),
    ({"kind": "kill-postgres", "endpoint": PRIMARY, "pid": 1}, 400, "Field 'pid' is unknown"),
    ({"kind": "slow-wire"}, 400, "At least one of 'to_server_ms' and 'to_client_ms'"),
    ({"kind": "slow-wire", "to_server_ms": -1}, 400, "Field 'to_server_ms' must be between 0 and 60000, got -1"),
    ({"kind": "slow-wire", "to_client_ms": "soon"}, 400, "Field 'to_client_ms' must be a number"),
    ({"kind": "drop-new-connections", "probability": 1.5}, 400, "'probability' must be between 0 and 1, got 1.5"),
    ({"kind": "drop-new-connections", "after_bytes": 0.5}, 400, "'after_bytes' must be a whole number, got 0.5"),
    ({"kind": "drop-new-connections", "after_bytes": True}, 400, "Field 'after_bytes' must be a number, got True"),
    ({"kind": "fill-connections"}, 400, "Field 'endpoint' is required"),
    ({"kind": "fill-connections", "endpoint": PRIMARY, "leave": -1}, 400, "'leave' must be between 0 and 1000"),
    ({"kind": "refuse-requests", "status": 500}, 400, "Field 'status' must be 429 or 503, got 500"),
    ({"kind": "refuse-requests", "status": 404}, 400, "Field 'status' must be between 429 and 503"),
    ({"kind": "refuse-requests", "verb": "BREW"}, 400, "Field 'verb' must be one of GET, POST, PATCH, DELETE"),
    ({"kind": "refuse-requests", "when": "never"}, 400, "Field 'when' must be one of before, after"),
    ({"kind": "refuse-requests", "path": "\ud800"}, 400, "Field 'path' must be a pattern"),
    ({"kind": "refuse-requests", "path": "api/2.1/*"}, 400, "a pattern of what follows /api/2.0/"),
    ({"kind": "refuse-requests", "path": "branches"}, 400, "a pattern of what follows /api/2.0/"),
    ({"kind": "refuse-requests", "path": "*/api/2.0/postgres/*"}, 400, "a pattern of what follows /api/2.0/"),
    ({"kind": "refuse-requests", "path": "postgres"}, 400, "a pattern of what follows /api/2.0/"),
    ({"kind": "revoke-tokens", "identity": "\ud800"}, 404, "There is no identity"),
    ({"kind": "delay-operations"}, 400, "Field 'seconds' is required"),
    ({"kind": "delay-operations", "seconds": 1e9}, 400, "Field 'seconds' must be between 0 and 3600"),
    ({"kind": "refuse-identity"}, 400, "Field 'identity' is required"),
    ({"kind": "flood"}, 400, "Field 'kind' must be one of"),
    ({"kind": 7}, 400, "Field 'kind' must be a text"),
    ({"kind": "revoke-tokens", "endpont": PRIMARY}, 400, "Field 'endpont' is unknown"),
    ({"kind": "revoke-tokens", "endpoint": "projects/shop/branches/none/endpoints/primary"}, 404, "endpoint not found"),
    ({"kind": "revoke-tokens", "identity": "nobody@example.com"}, 404, "There is no identity 'nobody@example.com'"),
    ({"kind": "revoke-tokens", "at": "door"}, 400, "must be one of postgres, rest, both"),
    ({"kind": "revoke-tokens", "at": "both", "endpoint": PRIMARY}, 400, "goes with 'at' postgres only"),
]


@pytest.mark.parametrize(("body", "status", "words"), WRONG, ids=[ascii(body) for body, *_ in WRONG])
def test_what_is_wrong_is_refused(faults: Faults, body: dict[str, Any], status: int, words: str) -> None:
    answer = faults.ask("POST", body=body)
    assert (answer.status_code, words in answer.json()["message"]) == (status, True), answer.text
    assert faults.all() == []


@pytest.mark.parametrize("body", [{}, {"endpoint": ""}, {"endpoints": PRIMARY}])
def test_suspending_nothing_is_refused(sdk: Sdk, body: dict[str, str]) -> None:
    with pytest.raises(OSError, match="400"):
        sdk.emulator.post("/_local/suspend", body)


@pytest.mark.parametrize(
    ("query", "status"),
    [("?id=4711", 404), ("?id=one", 400), ("?id=-1", 400), ("?kind=flood", 400), ("?idd=1", 400), ("?id=", 400)],
)
def test_clearing_what_is_not_set_is_refused(faults: Faults, query: str, status: int) -> None:
    kept = faults.set("expire-tokens")
    assert faults.ask("DELETE", query).status_code == status
    assert faults.all() == [kept]
