"""`make bench-data`: what the shop's data layer costs: audit, orders, figures, imports, seed. One cluster, one run."""

import os
import sys

import psycopg

from bench import emulator as local
from bench.figures import Figures
from tests.emulator import CHECKOUT


def audit_writing(figures: Figures, superuser: str) -> None:
    from bench import audit

    audit.writes(figures, superuser)


def importing(figures: Figures, superuser: str) -> None:
    from bench.imports import imports

    imports(figures)


def seeding(figures: Figures, superuser: str) -> None:
    from bench import seeding

    seeding.seeding(figures)


def ordering(figures: Figures, superuser: str) -> None:
    from bench import orders

    orders.placing(figures)


def dashboard(figures: Figures, superuser: str) -> None:
    from bench import orders

    figures.say("1M orders, 3M items made in", f"{orders.fill(superuser):.0f} s")
    orders.reading(figures)
    orders.writing(figures, superuser)


def audit_reading(figures: Figures, superuser: str) -> None:
    from bench import trail

    trail.reads(figures, superuser)


def settle(superuser: str) -> None:
    """Do what the part before has left to the disk and to autovacuum: else the next one is measured beside that."""
    with psycopg.connect(superuser, autocommit=True) as session:
        session.execute("VACUUM ANALYZE")
        session.execute("CHECKPOINT")
    os.sync()


# The small first: what they measure is not to depend on what the large leave behind.
PARTS = {part.__name__: part for part in (audit_writing, importing, seeding, ordering, dashboard, audit_reading)}


def main(words: list[str]) -> int:
    """Without words all parts; otherwise those named."""
    if unknown := set(words) - set(PARTS):
        sys.exit(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    figures = Figures()
    with local.owned_shop() as sdk:
        superuser = local.superuser(sdk)
        for name in words or PARTS:
            figures.title(name.replace("_", " ").capitalize())
            settle(superuser)
            PARTS[name](figures, superuser)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main(sys.argv[1:]))
