"""kill -9 of PostgreSQL in the middle of an import: after the next start the shop has the whole file or none of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.local.sdk import Sdk
from tests.served_site import ENDPOINT, PROJECT, manage

pytestmark = pytest.mark.slow

ROWS = 120_000
COUNT = """
SELECT (SELECT count(*) FROM ecommerce.products), (SELECT count(*) FROM ecommerce.csv_imports),
    (SELECT count(*) FROM ecommerce.audit_log WHERE table_name = 'products')
"""


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    """The owner of a prepared database on an emulator of its own."""
    emulator = Emulator(tmp_path_factory.mktemp("killed") / "local")
    manage("lakebase", "create-project", PROJECT, env=emulator.environment())
    manage("migrate", env=environment(emulator))
    yield Sdk(emulator)
    emulator.destroy()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("files") / "products.csv"
    lines = (f'S{n},Product {n},{n % 100}.50,{n},"a{n % 7},b"\n' for n in range(ROWS))
    file.write_text("sku,name,price,stock,tags\n" + "".join(lines))
    return file


def environment(emulator: Emulator) -> dict[str, str]:
    return emulator.environment() | {"LAKEBASE_PROJECT_ID": PROJECT, "DJANGO_SECRET_KEY": "test"}


def begin(emulator: Emulator, file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "import_csv", str(file), "--kind", "products"]
    env = plain_environment() | environment(emulator)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=CHECKOUT, env=env, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def wait_until_it_runs(owner: Sdk, statement: str) -> None:
    until = time.monotonic() + 60
    with owner.connect(ENDPOINT) as session:
        while True:
            running = session.execute("SELECT query FROM pg_stat_activity WHERE state = 'active'").fetchall()
            if any(query.lstrip().startswith(statement) for (query,) in running):
                return
            assert time.monotonic() < until
            time.sleep(0.005)


def counted(owner: Sdk) -> tuple[int, int, int]:
    for _ in range(50):
        try:
            with owner.connect(ENDPOINT) as session:
                found = session.execute(COUNT).fetchone()
                assert found is not None
                return found[0], found[1], found[2]
        except psycopg.OperationalError:  # not up again yet
            time.sleep(0.1)
    raise AssertionError("The server did not come back.")


@contextmanager
def held_up(owner: Sdk) -> Iterator[None]:
    """Who has written rows waits to write their audit entries, and is not done when a killer comes late."""
    counted(owner)  # once the server is back from the test before
    session = owner.connect(ENDPOINT)
    try:
        session.execute("BEGIN")
        session.execute("LOCK TABLE ecommerce.audit_log IN SHARE MODE")
        yield
    finally:
        session.close()


@pytest.mark.parametrize(("statement", "after"), [("COPY", 0.05), ("WITH written", 0), ("WITH written", 0.3)])
def test_server_killed_amid_an_import_has_nothing_of_it(owner: Sdk, file: Path, statement: str, after: float) -> None:
    with held_up(owner):
        importing = begin(owner.emulator, file)
        wait_until_it_runs(owner, statement)
        time.sleep(after)
        os.kill(owner.emulator.endpoint(ENDPOINT)["pid"], signal.SIGKILL)
    out, error = importing.communicate(timeout=180)
    assert importing.returncode == 1 and "inserted" not in out
    assert error.splitlines()[-1].startswith("CommandError: The database did not finish the import: ")
    assert counted(owner) == (0, 0, 0)


def test_importer_killed_amid_an_import_leaves_nothing(owner: Sdk, file: Path) -> None:
    with held_up(owner):
        importing = begin(owner.emulator, file)
        wait_until_it_runs(owner, "WITH written")
        importing.kill()
        importing.communicate(timeout=180)
    assert counted(owner) == (0, 0, 0)


def test_import_that_was_acknowledged_survives_the_server(owner: Sdk, file: Path) -> None:
    importing = begin(owner.emulator, file)
    out, error = importing.communicate(timeout=180)
    assert f"{ROWS} inserted" in out, error
    os.kill(owner.emulator.endpoint(ENDPOINT)["pid"], signal.SIGKILL)
    assert counted(owner) == (ROWS, 1, ROWS)
