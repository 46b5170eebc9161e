"""Tokens: one mint for many threads, renewed in time, served on while the control plane is away."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lakebase.control_plane import ControlPlaneDown, Identity, LakebaseError
from lakebase.secret import Secret
from lakebase.tokens import Login, Target, TokenSource, source
from tests.conftest import ENDPOINT, PROJECT
from tests.emulator import Emulator

PRODUCTION = Target(project=PROJECT, branch="production")


class Clock:
    """Epoch seconds that a test moves."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def mints(emulator: Emulator, after: int) -> int:
    return len(emulator.events("mint", after))


def at_once(threads: int, call: Callable[[], Login]) -> list[Login]:
    """The answers of that many threads that start together."""
    barrier = threading.Barrier(threads)

    def run(_: int) -> Login:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_finds_endpoint_user_and_token(local_lakebase: Emulator) -> None:
    login = source(PRODUCTION).login()
    assert login.endpoint is not None
    assert (login.endpoint.name, login.endpoint.host) == (ENDPOINT, "127.0.0.1")
    assert login.user == "learner@example.com"
    assert login.token.value and login.token.is_fresh(time.time())


def test_endpoint_may_be_named(local_lakebase: Emulator) -> None:
    login = source(Target(endpoint=ENDPOINT)).login()
    assert login.endpoint is not None and login.endpoint.name == ENDPOINT


def test_given_user_is_not_asked_for(local_lakebase: Emulator) -> None:
    tokens = source(PRODUCTION)
    assert tokens.login("somebody").user == "somebody"
    assert tokens.known()[1] == ""


@pytest.mark.parametrize("threads", [8, 50])
def test_threads_on_a_cold_cache_mint_once(local_lakebase: Emulator, threads: int) -> None:
    before = local_lakebase.last_event()
    logins = at_once(threads, source(PRODUCTION).login)
    assert mints(local_lakebase, before) == 1
    assert len({login.token for login in logins}) == 1


def test_refused_token_is_replaced_once_for_all_threads(local_lakebase: Emulator) -> None:
    tokens = source(PRODUCTION)
    refused = tokens.login().token.value
    before = local_lakebase.last_event()
    logins = at_once(8, lambda: tokens.login(refused=refused))
    assert mints(local_lakebase, before) == 1
    assert all(login.token.value != refused for login in logins)


def test_failure_is_shared_not_repeated(local_lakebase: Emulator) -> None:
    asked: list[LakebaseError] = []

    def fails() -> None:
        with pytest.raises(ControlPlaneDown) as raised:
            source(PRODUCTION).login()
        asked.append(raised.value)

    with local_lakebase.control.silent():
        connections_before = local_lakebase.control.accepted
        threads = [threading.Thread(target=fails) for _ in range(12)]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started < 20
        # One caller's own retries, not twelve callers'.
        assert local_lakebase.control.accepted - connections_before <= 4
    assert len(asked) == 12 and len(set(map(id, asked))) == 12
    address = f"http://127.0.0.1:{local_lakebase.control.port}"
    assert all(address in str(error) and "DATABRICKS_HOST" in str(error) for error in asked)


@pytest.mark.slow
def test_refused_connection_is_told_soon(local_lakebase: Emulator) -> None:
    with local_lakebase.control.broken():
        started = time.monotonic()
        with pytest.raises(ControlPlaneDown, match=r"Connection refused|no answer"):
            source(PRODUCTION).login()
        assert time.monotonic() - started < 20
    assert source(PRODUCTION).login().user == "learner@example.com"


def test_token_serves_fifty_minutes(local_lakebase: Emulator) -> None:
    clock = Clock()
    tokens = TokenSource(PRODUCTION, clock=clock)
    first = tokens.login().token
    clock.ahead = 49 * 60
    assert tokens.login().token == first
    clock.ahead = 50 * 60 + 1
    assert tokens.login().token != first


def test_token_is_renewed_ten_minutes_before_its_end() -> None:
    from lakebase.tokens import Token

    token = Token(Secret("t"), minted_at=0, expires_at=40 * 60)
    assert token.is_fresh(29 * 60) and not token.is_fresh(31 * 60)


def test_old_token_and_host_serve_while_the_control_plane_is_down(
    local_lakebase: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    tokens = TokenSource(PRODUCTION, clock=clock)
    first = tokens.login()
    clock.ahead = 55 * 60
    with local_lakebase.control.broken():
        started = time.monotonic()
        tokens.rediscover()
        assert tokens.login() == first
        assert time.monotonic() - started < 20
        told = caplog.text.count("serve on")
        assert told
        assert tokens.login() == first
        assert caplog.text.count("serve on") == told  # it is not asked again at every login
        clock.ahead = first.token.expires_at - time.time()  # the emulator's clock may be ahead of ours
        with pytest.raises(ControlPlaneDown):
            tokens.login()
    assert tokens.login().token != first.token


def test_two_identities_in_one_process(local_lakebase: Emulator, app_principal: dict[str, str]) -> None:
    app = Identity(app_principal["client_id"], Secret(app_principal["client_secret"]))
    assert source(PRODUCTION, app).login().user == app_principal["client_id"]
    assert source(PRODUCTION).login().user == "learner@example.com"


def test_wrong_secret_is_named(local_lakebase: Emulator, app_principal: dict[str, str]) -> None:
    wrong = Identity(app_principal["client_id"], Secret("not-the-secret"))
    with pytest.raises(LakebaseError, match=app_principal["client_id"]) as raised:
        source(PRODUCTION, wrong).login()
    assert "not-the-secret" not in str(raised.value)


def test_provisioned_takes_the_workspaces_own_token(local_lakebase: Emulator, app_principal: dict[str, str]) -> None:
    app = Identity(app_principal["client_id"], Secret(app_principal["client_secret"]))
    login = source(Target(provisioned=True), app).login()
    assert login.endpoint is None and login.token.value
    assert login.token.expires_at > time.time() + 1800


def test_provisioned_refuses_a_personal_access_token(local_lakebase: Emulator) -> None:
    with pytest.raises(LakebaseError, match="takes an OAuth token"):
        source(Target(provisioned=True)).login()


def test_missing_project_is_named(local_lakebase: Emulator) -> None:
    with pytest.raises(LakebaseError, match=r"no-such-project.*lakebase list"):
        source(Target(project="no-such-project", branch="production")).login()


def test_forked_process_starts_clean(local_lakebase: Emulator) -> None:
    tokens = source(PRODUCTION)
    tokens.login()
    before = local_lakebase.last_event()
    with tokens._lock:  # as another thread may hold it at the moment of the fork
        child = os.fork()
        if child == 0:
            fine = source(PRODUCTION) is not tokens and source(PRODUCTION).known() == (None, "", None)
            fine = fine and source(PRODUCTION).login().user == "learner@example.com"
            os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert mints(local_lakebase, before) == 1
    assert source(PRODUCTION) is tokens
