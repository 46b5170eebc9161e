"""The button that cancels: one's own run, and nothing else."""

import threading
import time
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from pages.roles import Role
from tests.people import visitor

SLOW = "SELECT count(*) FROM generate_series(1, 100000) AS a, generate_series(1, 100000) AS b"
RUN = "0123456789abcdef"


def test_a_run_is_cancelled_from_another_request(site: None) -> None:
    person = visitor(Role.VIEWER)
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(person.post("/query/", {"sql": SLOW, "run": RUN}))
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    other = Client()
    other.cookies = person.cookies.copy()
    until = time.monotonic() + 60
    while thread.is_alive() and time.monotonic() < until:
        # The first of them may come before the run.
        assert other.post("/query/stop", {"run": RUN}).status_code in (202, 204)
        time.sleep(0.1)
    thread.join(60)
    assert answers[0].context["answer"].trouble.title == "Cancelled"


@pytest.mark.parametrize("run", ["", "x", "0123456789ABCDEFX", "' OR 1=1"])
def test_what_names_no_run_is_not_there(site: None, run: str) -> None:
    assert visitor(Role.VIEWER).post("/query/stop", {"run": run}).status_code == 404


def test_nothing_to_stop_is_fine_and_said(site: None) -> None:
    assert visitor(Role.VIEWER).post("/query/stop", {"run": RUN}).status_code == 202
