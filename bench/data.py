"""`make bench-data`: what the shop's data layer costs: audit, orders, figures, imports, seed. One cluster, one run."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import emulator as local
from bench.figures import Figures
from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.local.sdk import Sdk


def migrate(emulator: Emulator) -> None:
    environment = plain_environment() | emulator.environment() | {"LAKEBASE_PROJECT_ID": "shop"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=CHECKOUT, env=environment, check=True)


def set_up_django(emulator: Emulator) -> None:
    """As the owner, on the emulator's project `shop`."""
    import django

    os.environ.clear()
    os.environ.update(plain_environment() | emulator.environment())
    os.environ.update(LAKEBASE_PROJECT_ID="shop", LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="lakeshop.settings")
    django.setup()


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
    from bench import audit

    audit.reads(figures, superuser)


# The small first: what they measure is not to depend on what the large leave behind.
PARTS = {part.__name__: part for part in (audit_writing, importing, seeding, ordering, dashboard, audit_reading)}


def main(words: list[str]) -> int:
    """Without words all parts; otherwise those named."""
    if unknown := set(words) - set(PARTS):
        sys.exit(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    figures = Figures()
    with tempfile.TemporaryDirectory() as directory:
        emulator = Emulator(Path(directory) / "local")
        try:
            sdk = Sdk(emulator)
            sdk.make_project("shop")
            sdk.update_endpoint(local.PRIMARY, ["spec.suspension"], no_suspension=True)
            migrate(emulator)
            set_up_django(emulator)
            _, superuser = local.direct_and_through(sdk)
            for name in words or PARTS:
                figures.title(name.replace("_", " ").capitalize())
                PARTS[name](figures, superuser)
        finally:
            emulator.destroy()
    return 1 if figures.missed else 0


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main(sys.argv[1:]))
