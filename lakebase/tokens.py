"""Where to log in, as whom, and with which token: found out once, shared by all threads, renewed in time."""

from __future__ import annotations

import copy
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from . import control_plane
from .control_plane import ENVIRONMENT, ControlPlaneDown, Endpoint, Identity, LakebaseError
from .control_plane_errors import NotFound
from .secret import Secret

logger = logging.getLogger(__name__)

# A token lives an hour. It is renewed after 50 minutes or ten minutes before its end, whichever is first.
LONGEST_USE_SECONDS = 50 * 60
SPARE_SECONDS = 10 * 60
# One login may ask three questions (endpoint, user, token); together they get this long.
PATIENCE_SECONDS = 7.0  # and the SDK's first import takes a second or two more
# While a token still serves, a control plane that is down must not hold up anybody for long, nor often.
LEAST_PATIENCE_SECONDS = 1.0
SHORT_PATIENCE_SECONDS = 3.0
ASK_AGAIN_SECONDS = 15.0
RENEW_AGAIN_SECONDS = 30.0
LAST_SECONDS = 30.0


@dataclass(frozen=True)
class Target:
    """What a token opens: an endpoint by name, a branch's read-write endpoint, or a Provisioned instance."""

    endpoint: str = ""
    project: str = ""
    branch: str = ""
    provisioned: bool = False

    def __str__(self) -> str:
        if self.provisioned:
            return "the Provisioned instance"
        return self.endpoint or f"projects/{self.project}/branches/{self.branch}"


@dataclass(frozen=True)
class Token:
    """A password and its times, in epoch seconds of this machine."""

    value: Secret
    minted_at: float
    expires_at: float

    def is_fresh(self, now: float) -> bool:
        # Of a token asked for with a short life half is used, or it would be renewed at every login.
        spare = min(SPARE_SECONDS, (self.expires_at - self.minted_at) / 2)
        return now < min(self.minted_at + LONGEST_USE_SECONDS, self.expires_at - spare)

    def still_opens(self, now: float) -> bool:
        return now < self.expires_at - LAST_SECONDS


@dataclass(frozen=True)
class Login:
    """All that opening a physical connection needs. A Provisioned instance has no `endpoint`: its host is given."""

    endpoint: Endpoint | None
    user: str
    token: Token


class TokenSource:
    """Logins for one (target, identity). Asks the control plane only when a connection is opened and the token is old.

    However many threads ask at once, one of them asks the control plane and all get its answer, also when that is a
    failure. `clock` gives epoch seconds.
    """

    def __init__(
        self, target: Target, identity: Identity = ENVIRONMENT, clock: Callable[[], float] = time.time
    ) -> None:
        self.target = target
        self.identity = identity
        self._clock = clock
        self._lock = threading.Lock()
        self._flight: Future[None] | None = None
        self._endpoint: Endpoint | None = None
        self._user = ""
        self._token: Token | None = None
        self._host_is_doubted = False
        self._do_not_ask_before = 0.0
        self._do_not_renew_before = 0.0

    def login(self, user: str = "", refused: Secret | None = None) -> Login:
        """The current login; `user` when the caller knows its role, `refused` a token that did not open the door.

        A refused token is replaced once, whoever reports it first. Raises LakebaseError within 10 s when the
        control plane cannot help and nothing cached still serves.
        """
        if self._clock() < self._do_not_renew_before:
            refused = None  # a new token did not help a moment ago
        while True:
            with self._lock:
                login = self._usable(user, refused)
                if login:
                    return login
                flight = self._flight
                if flight is None:
                    self._flight = Future()
            if flight is None:
                return self._lead(user, refused)
            if failure := flight.exception():
                # A copy: an exception raised in several threads at once would mix their tracebacks.
                raise copy.copy(failure)

    def rediscover(self) -> None:
        """Ask for the endpoint's host again at the next login: a recreated endpoint has another one."""
        with self._lock:
            self._host_is_doubted = not self.target.provisioned

    def renewal_did_not_help(self) -> None:
        """A token fresh from the workspace was refused, too: do not mint one for each login that comes."""
        with self._lock:
            self._do_not_renew_before = self._clock() + RENEW_AGAIN_SECONDS

    def known(self) -> tuple[Endpoint | None, str, Token | None]:
        """What has been found out so far, without asking anybody: endpoint, user, token."""
        with self._lock:
            return self._endpoint, self._user, self._token

    def learn_endpoint(self) -> Endpoint | None:
        """Ask the control plane for the endpoint as it is now; None for a Provisioned instance."""
        if self.target.provisioned:
            return None
        endpoint = self._find_endpoint(PATIENCE_SECONDS)
        with self._lock:
            self._endpoint = endpoint
        return endpoint

    def _usable(self, user: str, refused: Secret | None) -> Login | None:
        now, token = self._clock(), self._token
        role = user or self._user
        if token is None or not role or (self._endpoint is None and not self.target.provisioned):
            return None
        if token.value == refused or self._host_is_doubted:
            return None
        waits = now < self._do_not_ask_before or self._flight is not None
        if token.is_fresh(now) or (waits and token.still_opens(now)):
            return Login(self._endpoint, role, token)
        return None

    def _lead(self, user: str, refused: Secret | None) -> Login:
        flight = self._flight
        assert flight is not None
        try:
            login = self._ask(user, refused)
        except LakebaseError as failure:
            self._land()
            flight.set_exception(failure)
            raise
        except BaseException as failure:
            self._land()
            flight.set_exception(
                LakebaseError(f"Getting a login was interrupted ({type(failure).__name__}). Try again.")
            )
            raise
        self._land()
        flight.set_result(None)
        return login

    def _land(self) -> None:
        with self._lock:
            self._flight = None

    def _ask(self, user: str, refused: Secret | None) -> Login:
        """Find out what is missing; what is known already serves on when the control plane is down."""
        with self._lock:
            endpoint, role, token, doubted = self._endpoint, user or self._user, self._token, self._host_is_doubted
        now = self._clock()
        spare = token if token and token.value != refused and token.still_opens(now) else None
        control_plane.load()
        until = time.monotonic() + (SHORT_PATIENCE_SECONDS if spare else PATIENCE_SECONDS)
        try:
            if (endpoint is None or doubted) and not self.target.provisioned:
                endpoint = self._find_endpoint(_left(until))
            role = role or self._find_user(_left(until))
            if spare and spare.is_fresh(now):
                token = spare
            else:
                endpoint, token = self._mint_anyhow(endpoint, _left(until))
        except ControlPlaneDown as failure:
            if not spare or not role or (endpoint is None and not self.target.provisioned):
                raise
            logger.warning("The database token and host of %s serve on: %s", self.target, failure)
            token = spare
            self._do_not_ask_before = now + ASK_AGAIN_SECONDS
        with self._lock:
            self._endpoint, self._token, self._host_is_doubted = endpoint, token, False
            self._user = self._user or ("" if user else role)
        return Login(endpoint, role, token)

    def _find_endpoint(self, patience: float) -> Endpoint:
        target = self.target
        if target.endpoint:
            found = control_plane.endpoint(target.endpoint, self.identity, patience)
        else:
            found = control_plane.read_write_endpoint(target.project, target.branch, self.identity, patience)
        if not found.host:
            raise LakebaseError(
                f"Endpoint {found.name} has no host yet. It is still being made: try again in a minute."
            )
        return found

    def _find_user(self, patience: float) -> str:
        # A service principal's role is named by its client id; asking would only repeat it.
        return self.identity.client_id or control_plane.current_user(self.identity, patience)

    def _mint_anyhow(self, endpoint: Endpoint | None, patience: float) -> tuple[Endpoint | None, Token]:
        """A token, also when the endpoint known so far was replaced by another one meanwhile."""
        try:
            return endpoint, self._mint(endpoint, patience)
        except NotFound:
            if endpoint is None:
                raise
        endpoint = self._find_endpoint(patience)
        return endpoint, self._mint(endpoint, patience)

    def _mint(self, endpoint: Endpoint | None, patience: float) -> Token:
        if endpoint is None:
            granted = control_plane.provisioned_token(self.identity, patience)
        else:
            granted = control_plane.database_credential(endpoint.name, self.identity, patience)
        token = Token(granted.token, self._clock(), granted.expire_time.timestamp())
        logger.info(
            "New database token for %s, good until %s", self.target, granted.expire_time.isoformat("T", "seconds")
        )
        return token


def _left(until: float) -> float:
    """What is left of the patience, and enough for a busy machine where the calls before took all of it."""
    return max(until - time.monotonic(), LEAST_PATIENCE_SECONDS)


_sources: dict[tuple[Target, Identity], TokenSource] = {}
_sources_lock = threading.Lock()


def source(target: Target, identity: Identity = ENVIRONMENT) -> TokenSource:
    """The one TokenSource of this process for this target and identity."""
    with _sources_lock:
        return _sources.setdefault((target, identity), TokenSource(target, identity))


def forget_logins() -> None:
    """A forked child may inherit a held lock or a flight whose thread did not come along: it starts over."""
    global _sources_lock
    _sources_lock = threading.Lock()
    _sources.clear()


os.register_at_fork(after_in_child=forget_logins)
