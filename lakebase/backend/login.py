"""Opening a physical connection: a fresh token, an endpoint that may have to wake, a reason when it fails."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, Generic, Self, TypeVar

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout
from psycopg.rows import tuple_row

from .. import cold_starts
from ..control_plane import LakebaseError
from ..tokens import Login
from .addresses import addresses
from .entry import Entry
from .failures import NO_ANSWER, Cure, Failure, NoAnswer, no_login, read_failure
from .patience import patience_left

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0
LONGEST_ATTEMPT_SECONDS = 10
REDISCOVER_SECONDS = 5.0
WAIT_SECONDS = 0.1  # psycopg's own: how often it looks whether somebody has pressed Ctrl-C
# Both times are the server's own, so no clock of ours takes part.
SERVER_AGE_QUERY = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8"

C = TypeVar("C", bound="LakebaseConnection")


class LakebaseConnection(psycopg.Connection[Any]):
    """A psycopg connection whose `connect` takes an Entry in place of host, user and password.

    As psycopg's pool calls `connect` for every physical connection, each one logs in with a current token.
    """

    last_used: float = 0.0  # time.monotonic() when it came (back) to the pool

    @classmethod
    def connect(cls, conninfo: str = "", **params: Any) -> Self:
        """Connect as params["lakebase"] (an Entry) says; the rest is psycopg's. Raises LoginFailed."""
        entry: Entry = params.pop("lakebase")
        return _Dialling(cls, entry, conninfo, params).until_connected()

    @classmethod
    def dial(cls, conninfo: str, params: dict[str, Any]) -> Self:
        """psycopg's own connect: one attempt."""
        return super().connect(conninfo, **params)

    def wait(self, gen: PQGen[RV], interval: float = WAIT_SECONDS, timeout: float | None = None) -> RV:
        """psycopg's own, as long as there is patience left. Raises NoAnswer."""
        left = inf if timeout is not None else patience_left()
        if left == inf:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, left)
        except _WaitTimeout:
            pass
        self.pgconn.finish()  # an answer that comes now would be taken for that to the next question
        raise NoAnswer(NO_ANSWER)


@dataclass
class _Dialling(Generic[C]):
    """The attempts to open one connection. No frame that outlives an attempt holds a token in the clear."""

    factory: type[C]
    entry: Entry
    conninfo: str
    params: dict[str, Any]
    hostaddr: str = ""
    attempts: int = 0
    next_rediscovery: float = 0.0  # seconds since the start
    first_dial: float = 0.0

    def until_connected(self) -> C:
        started = time.monotonic()
        deadline = started + self.entry.connect_deadline
        renewed = False
        login = self._login()
        self.first_dial = time.monotonic()
        for pause in _growing_pauses():
            outcome = self._attempt(login, deadline)
            if not isinstance(outcome, Failure):
                return outcome
            if outcome.cure is Cure.RENEW and not renewed:
                # Perhaps the token ran out, perhaps the endpoint was made anew: ask for both, once.
                renewed = True
                self.hostaddr = ""
                self.entry.tokens.rediscover()
                login = self._login(login)
                continue
            if outcome.cure is Cure.RENEW:
                self.entry.tokens.renewal_did_not_help()
            if outcome.cure is not Cure.WAIT or time.monotonic() + pause > deadline:
                raise self._explained(outcome, login, time.monotonic() - started)
            time.sleep(pause)
            login = self._login_again(login, started)
        raise AssertionError("the pauses never end")

    def _login(self, refused: Login | None = None) -> Login:
        try:
            return self.entry.tokens.login(self.entry.user, refused.token.value if refused else None)
        except LakebaseError as error:
            failed = no_login(error)
        # Outside the handler: the chain of causes was told in the text and would fill the debug page.
        raise failed

    def _login_again(self, login: Login, started: float) -> Login:
        """For another attempt; now and then the host is asked for again, since a recreated endpoint has another."""
        if self.attempts < 2 or time.monotonic() - started < self.next_rediscovery:
            return login
        self.next_rediscovery += REDISCOVER_SECONDS
        self.hostaddr = ""
        self.entry.tokens.rediscover()
        return self._login()

    def _attempt(self, login: Login, deadline: float) -> C | Failure:
        self.attempts += 1
        failure = self._dial(login, deadline)
        if isinstance(failure, Failure) and failure.said.startswith("failed to resolve host") and not self.hostaddr:
            # The system resolver of macOS does not know these names; a name server does.
            for address in addresses(self._host(login)):
                self.hostaddr = address
                failure = self._dial(login, deadline)
                if not isinstance(failure, Failure):
                    break
        return failure

    def _dial(self, login: Login, deadline: float) -> C | Failure:
        patience = min(max(round(deadline - time.monotonic()), 2), LONGEST_ATTEMPT_SECONDS)
        password = login.token.value.reveal()
        params = {"connect_timeout": patience, **self.params}
        params |= {"host": self._host(login), "user": login.user, "password": password}
        if self.hostaddr:
            params["hostaddr"] = self.hostaddr
        try:
            connection = self.factory.dial(self.conninfo, params)
            self._note_cold_start(connection)
            return connection
        except (psycopg.Error, UnicodeError) as error:
            return read_failure(error, password)

    def _host(self, login: Login) -> str:
        return login.endpoint.host if login.endpoint else self.entry.host

    def _note_cold_start(self, connection: C) -> None:
        """A server younger than this login was started by it."""
        autocommit, connection.autocommit = connection.autocommit, True
        with connection.cursor(row_factory=tuple_row) as cursor:
            server_age = cursor.execute(SERVER_AGE_QUERY).fetchone()
        connection.autocommit = autocommit
        waited = time.monotonic() - self.first_dial
        if server_age and float(server_age[0]) < waited:
            cold_starts.record(self.entry.target, waited)

    def _explained(self, failure: Failure, login: Login, seconds: float) -> Exception:
        where = f"{self._host(login)}:{self.params.get('port') or 5432}"
        tried = f" ({self.attempts} attempts in {seconds:.0f} s)" if failure.cure is Cure.WAIT else ""
        return failure.error(user=login.user, database=str(self.params.get("dbname")), where=where, tried=tried)


def _growing_pauses() -> Iterator[float]:
    """Seconds between attempts, growing, and uneven so that many processes do not knock together."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield pause * random.uniform(0.75, 1.25)
        pause = min(pause * 1.6, LONGEST_PAUSE_SECONDS)
