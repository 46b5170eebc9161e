"""gunicorn with two workers, preloaded and not: every worker logs in for itself, and none uses another's connection."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.emulator import CHECKOUT, Emulator


@pytest.fixture(params=[True, False], ids=["preload", "no preload"])
def site(request: pytest.FixtureRequest, local_lakebase: Emulator, tmp_path: Path) -> Iterator[tuple[bool, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = "{}:{}".format(*probe.getsockname())
    command = [sys.executable, "-m", "gunicorn", "tests.lakebase.forked_site:application", "--bind", address]
    command += ["--workers", "2", "--threads", "2", "--worker-class", "gthread"]
    command += ["--no-control-socket", "--log-level", "warning", *(["--preload"] if request.param else [])]
    environment = os.environ | {"LAKEBASE_PROJECT_ID": PROJECT, "PYTHONPATH": str(CHECKOUT)}
    gunicorn = subprocess.Popen(command, cwd=tmp_path, env=environment)  # away from the site's own gunicorn.conf.py
    try:
        yield request.param, f"http://{address}/"
    finally:
        gunicorn.terminate()
        assert gunicorn.wait(60) == 0


def ask_site(url: str) -> dict[str, Any]:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except OSError:
            time.sleep(0.2)
    raise AssertionError("gunicorn did not answer in a minute")


@pytest.mark.slow
def test_workers_share_nothing(site: tuple[bool, str], local_lakebase: Emulator) -> None:
    preload, url = site
    before = local_lakebase.last_event()
    told = [ask_site(url)]
    workers: set[int] = set()
    until = time.monotonic() + 60  # the second worker may still be starting
    while len(workers) < 2 and time.monotonic() < until:
        with ThreadPoolExecutor(8) as clients:
            told += clients.map(ask_site, [url] * 40)
        workers = {one["worker"] for one in told}
    assert len(workers) == 2
    backends = [{one["backend"] for one in told if one["worker"] == worker} for worker in workers]
    assert not backends[0] & backends[1]
    if preload:
        assert {one["master"] for one in told}.isdisjoint(workers)
        assert not set.union(*backends) & {one["masters_backend"] for one in told}
    # At most one token for each process that logged in, the preloading master being one.
    assert len(local_lakebase.events("mint", before)) <= 3
