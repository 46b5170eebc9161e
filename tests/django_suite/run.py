"""Runs Django's own test suite on this engine: `python -m tests.django_suite.run [--mode plain|lakebase] [--core] [LABEL ...]`.

Fetches the sources of the installed Django version (the wheel has no tests) into a temporary directory and starts a
Lakebase Local there, whose owner makes the test databases. Mode "plain" is an entry without a "lakebase" option, mode
"lakebase" one with tokens and a pool; without --mode both run. `--engine django.db.backends.postgresql` runs Django's
own engine on the same server, which tells our failures from the server's.
"""

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import django

from tests.django_suite.server import EXTENSIONS_LEFT_OUT
from tests.emulator import CHECKOUT, Emulator, plain_environment

PROJECT = "django-suite"
MODES = ("plain", "lakebase")
# What touches connections, transactions, SQL and the schema; together some minutes in each mode.
LABELS = [
    "aggregation", "aggregation_regress", "async", "backends", "basic", "bulk_create", "cache", "constraints",
    "custom_columns", "datatypes", "db_functions", "db_utils", "dbshell", "delete", "distinct_on_fields",
    "expressions", "expressions_case", "expressions_window", "fixtures", "get_or_create", "indexes", "inspectdb",
    "introspection", "lookup", "migrations", "migrations2", "model_fields", "multiple_database", "ordering",
    "postgres_tests", "prefetch_related", "queries", "raw_query", "schema", "select_for_update", "select_related",
    "servers", "test_runner", "test_utils", "timezones", "transaction_hooks", "transactions", "update",
]  # fmt: skip
# Of these what an engine has to do with most: for each change. All of them are for changes of the engine.
CORE = [
    "async", "backends", "basic", "bulk_create", "constraints", "datatypes", "db_utils", "dbshell", "inspectdb",
    "introspection", "multiple_database", "raw_query", "schema", "select_for_update", "servers", "test_utils",
    "transaction_hooks", "transactions",
]  # fmt: skip


def fetch_sources(directory: Path) -> Path:
    """The unpacked sources of the Django that is installed, from the package index that pip is told of."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-binary", ":all:", "--no-deps", "--dest", str(directory), f"django=={django.__version__}"]
    if subprocess.run(command, check=False).returncode:
        sys.exit("The sources of Django could not be fetched: check the network and PIP_INDEX_URL, then run it again.")
    (archive,) = directory.glob("[dD]jango-*.tar.gz")
    with tarfile.open(archive) as sources:
        sources.extractall(directory, filter="data")
    unpacked = directory / archive.name.removesuffix(".tar.gz")
    for migration in unpacked.glob("tests/*/migrations/0001_setup_extensions.py"):
        migration.write_text(re.sub(EXTENSIONS_LEFT_OUT, "", migration.read_text()))
    return unpacked


def environment(emulator: Emulator, engine: str) -> dict[str, str]:
    """The owner's environment, with what the settings modules beside this file read."""
    os.environ.update(emulator.environment())
    from databricks.sdk.service.postgres import Project, ProjectSpec

    from lakebase import control_plane

    project = Project(spec=ProjectSpec(pg_version=17))
    making = lambda w: w.postgres.create_project(project_id=PROJECT, project=project).wait()  # noqa: E731
    control_plane.ask(f"create project {PROJECT}", making, deadline=60)
    endpoint = control_plane.read_write_endpoint(PROJECT, "production")
    return {
        **plain_environment(),
        **emulator.environment(),
        "PYTHONPATH": str(CHECKOUT),
        "DJANGO_SUITE_ENGINE": engine,
        "DJANGO_SUITE_PROJECT": PROJECT,
        "DJANGO_SUITE_USER": control_plane.current_user(),
        "DJANGO_SUITE_PASSWORD": control_plane.database_credential(endpoint.name).token.reveal(),
    }


def run(mode: str, sources: Path, env: dict[str, str], labels: list[str], parallel: int) -> int:
    sys.stdout.write(f"\nDjango {django.__version__}'s own tests, {env['DJANGO_SUITE_ENGINE']}, mode {mode}\n")
    sys.stdout.flush()
    command = [sys.executable, "runtests.py", f"--settings=tests.django_suite.settings_{mode}", "--noinput"]
    command += [f"--parallel={parallel}", "--verbosity=1", *labels]
    return subprocess.run(command, cwd=sources / "tests", env=env, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description="Django's own test suite on lakebase.backend")
    parser.add_argument("--mode", choices=MODES, action="append", help="default: both")
    parser.add_argument("--engine", default="lakebase.backend")
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--core", action="store_true", help="a part that takes two minutes")
    parser.add_argument("labels", nargs="*")
    arguments = parser.parse_args()
    labels = arguments.labels or (CORE if arguments.core else LABELS)
    with tempfile.TemporaryDirectory(prefix="django-suite-") as directory:
        sources = fetch_sources(Path(directory))
        emulator = Emulator(Path(directory) / "lakebase", "--no-history")
        try:
            env = environment(emulator, arguments.engine)
            codes = [run(mode, sources, env, labels, arguments.parallel) for mode in arguments.mode or MODES]
        finally:
            emulator.destroy()
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
