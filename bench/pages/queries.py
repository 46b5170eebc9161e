"""What a page asks the database: the same request inside this process, whose queries can be seen.

Django must be set up on the large shop's database.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from bench.pages.asked import Asked
from tests.served_site import ADA

TIMES = 5


class Asking(NamedTuple):
    """The statements of one request; milliseconds in which it waited for them, and in which Python worked.

    Both are medians of several requests. What Python needs does not depend on who else uses the machine.
    """

    statements: list[str]
    milliseconds: float
    python: float


class Observer:
    """A visitor within this process, as the account that also visits from outside."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        self.client = Client(SERVER_NAME="127.0.0.1")
        self.client.force_login(User.objects.get(username=ADA["username"]))

    def asking(self, asked: Asked) -> Asking:
        self.ask(asked)  # templates are compiled, categories remembered
        sums, worked = [], []
        for _ in range(TIMES):
            with _watched() as seen:
                began = time.process_time()
                self.ask(asked)
                worked.append((time.process_time() - began) * 1000)
            sums.append(sum(taken for _, taken in seen))
        statements = [statement for statement, _ in seen]
        return Asking(statements, statistics.median(sums), statistics.median(worked))

    def ask(self, asked: Asked) -> None:
        self.client.cookies.pop("activity", None)  # what an earlier page chose to show, and remembers
        headers = {"HX-Request": "true"} if asked.swap else {}
        send: Callable[..., Any] = self.client.post if asked.form else self.client.get
        answer = send(asked.address, asked.form or None, headers=headers)
        assert answer.status_code == asked.status, f"{asked.name}, {asked.address}: {answer.status_code}"
        answer.close()


def taken_by(statements: list[str]) -> float:
    """Milliseconds of SQL of the same connection for these, as one page would ask them."""
    from django.db import connection

    sums = []
    for _ in range(TIMES):
        with _watched() as seen, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()
        sums.append(sum(taken for _, taken in seen))
    return statistics.median(sums)


@contextmanager
def _watched() -> Iterator[list[tuple[str, float]]]:
    """Statements with their milliseconds, until the last row is here: psycopg fetches them all with the statement."""
    from django.db import connection

    seen: list[tuple[str, float]] = []

    def watch(execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(statement, parameters, many, context)
        finally:
            seen.append((str(statement), (time.perf_counter() - began) * 1000))

    with connection.execute_wrapper(watch):
        yield seen
