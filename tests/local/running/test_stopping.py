"""The emulator stops when it is told to, whatever is under way, and leaves no server and no secret behind."""

import threading
import time
from pathlib import Path
from urllib.error import HTTPError

import pytest
import requests

from tests.emulator import Emulator
from tests.local.running.conftest import BRANCH, PRIMARY, postmasters
from tests.local.sdk import Sdk

API = "/api/2.0/postgres"
FILLER = "CREATE TABLE filler AS SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, 60000) AS n"


def test_what_is_under_way_is_broken_off_and_goes_on_at_the_next_start(sdk: Sdk) -> None:
    emulator = sdk.emulator
    with sdk.connect(PRIMARY) as session:
        session.execute(FILLER)
    spec = {"spec": {"source_branch": BRANCH, "no_expiry": True}}
    begun = [emulator.post(f"{API}/projects/shop/branches?branch_id=b{number}", spec) for number in range(4)]
    assert not begun[-1]["done"]
    address = f"http://127.0.0.1:{emulator.rest_port}{API}/{begun[-1]['name']}"
    login = {"Authorization": f"Bearer {emulator.environment()['DATABRICKS_TOKEN']}"}
    told: list[requests.Response] = []
    polling = threading.Thread(target=lambda: told.append(requests.get(address, headers=login, timeout=30)))
    polling.start()
    time.sleep(0.05)  # until it waits for the answer
    emulator.stop()
    polling.join()
    assert postmasters(emulator) == []
    said = emulator.log.read_text()
    assert "Traceback" not in said and "Cancel" not in said
    assert told[0].json().get("done") is False or told[0].status_code == 503
    emulator.start()
    for operation in begun:
        while not (polled := emulator.get(f"{API}/{operation['name']}"))["done"]:
            pass
        assert "error" not in polled
    with sdk.connect("projects/shop/branches/b3/endpoints/primary") as session:
        assert session.execute("SELECT count(*) FROM filler").fetchone() == (60_000,)


@pytest.mark.slow
def test_who_still_waits_is_told_so(sdk: Sdk) -> None:
    """The emulator waits a second for answers that are under way."""
    emulator = sdk.emulator
    with sdk.connect(PRIMARY) as session:
        session.execute("SELECT 1")
    (frozen,) = postmasters(emulator)
    frozen.suspend()
    told: list[int] = []

    def ask() -> None:
        with pytest.raises(HTTPError) as refusal:
            emulator.post("suspend", {"endpoint": PRIMARY})
        told.append(refusal.value.code)
        assert "is being stopped" in str(refusal.value)

    waiting = threading.Thread(target=ask)
    waiting.start()
    time.sleep(0.5)
    emulator.stop()
    waiting.join()
    assert told == [503]
    assert postmasters(emulator) == []
    assert "Traceback" not in emulator.log.read_text()


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Also in a directory that others may enter, and where an earlier version let them read."""
    directory = tmp_path / "local"
    directory.mkdir(mode=0o755)
    (directory / "state.db").touch(mode=0o644)
    with Emulator(directory):
        holds_secrets = [
            path for path in directory.iterdir() if path.is_file() and path.name != "lock" and path.suffix != ".crt"
        ]
        assert {"state.db", "state.db-wal", "events.db", "env", "server.key"} <= {path.name for path in holds_secrets}
        for path in holds_secrets:
            assert path.stat().st_mode & 0o077 == 0, path.name
