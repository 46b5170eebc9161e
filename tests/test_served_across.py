"""A page is served across what happens to a database: sleep, crash, freeze, expired tokens, a workspace that restarts;
and across uploads that break off."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.served_site import ENDPOINT, ServedSite

pytestmark = pytest.mark.slow
PAGE = "/admin/auth/user/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    site = ServedSite(tmp_path_factory.mktemp("served"))
    yield site
    site.stop()


@pytest.fixture
def visitor(site: ServedSite) -> Iterator[requests.Session]:
    """Signed in, with a warm page."""
    with site.sign_in() as session:
        assert look(site, session) == 200
        yield session


def look(site: ServedSite, session: requests.Session) -> int:
    answer = session.get(site.address + PAGE, timeout=60)
    assert answer.status_code != 200 or "ada" in answer.text
    return answer.status_code


def wait_until(so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not so():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_an_endpoint_that_sleeps_is_woken_by_the_page(site: ServedSite, visitor: requests.Session) -> None:
    wakes = site.emulator.endpoint(ENDPOINT)["wakes"]
    site.emulator.suspend(ENDPOINT)
    assert site.emulator.endpoint(ENDPOINT)["state"] == "IDLE"
    assert look(site, visitor) == 200
    assert site.emulator.endpoint(ENDPOINT)["wakes"] == wakes + 1


def test_the_connection_card_lets_it_sleep(site: ServedSite, visitor: requests.Session) -> None:
    site.emulator.suspend(ENDPOINT)
    for path in ("/connection", "/healthz", "/connection"):
        assert visitor.get(site.address + path, timeout=60).status_code == 200
    assert site.emulator.endpoint(ENDPOINT)["state"] == "IDLE"


def test_a_crashed_postgres_costs_one_retryable_answer_at_most(site: ServedSite, visitor: requests.Session) -> None:
    site.kill_postgres()
    answers = [look(site, visitor) for _ in range(5)]
    assert answers[1:] == [200] * 4
    assert answers[0] in (200, 503)


def test_a_check_of_a_field_gives_up_soon_on_a_frozen_database(site: ServedSite, visitor: requests.Session) -> None:
    def check() -> tuple[int, str]:
        headers = {"HX-Request": "true", "X-CSRFToken": visitor.cookies["csrftoken"]}
        answer = visitor.post(f"{site.address}/products/check?field=name", {}, headers=headers, timeout=60)
        return answer.status_code, answer.text

    assert check() == (200, '<div class="field-errors" id="id_name_error"><p>Fill this in.</p></div>\n')
    with site.frozen_postgres():
        began = time.monotonic()
        status, told = check()
        assert status == 503 and "has not answered in time" in told and time.monotonic() - began < 15
        assert told.startswith('<section class="refusal refusal-alone"')
    assert check()[0] == 200


def half_an_upload(site: ServedSite, visitor: requests.Session) -> socket.socket:
    """An open connection over which a third of a file came."""
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + b"x" * 300_000
    head = {
        "Host": site.address.removeprefix("http://"),
        "Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items()),
        "X-CSRFToken": visitor.cookies["csrftoken"],
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": "900000",
    }
    lines = ["POST /import/ HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    connection = socket.create_connection(("127.0.0.1", int(site.address.rpartition(":")[2])), timeout=60)
    connection.sendall("\r\n".join(lines).encode() + part)
    return connection


def reset(connection: socket.socket) -> None:
    """Close it as a browser does that is killed: the other side meets an error, and no end of what it reads."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_uploads_left_halfway_leave_nothing_behind(site: ServedSite, visitor: requests.Session) -> None:
    for leave in (socket.socket.close, reset, socket.socket.close):
        # As many as gunicorn has threads: the next ones come in only if all of these are free again.
        halves = [half_an_upload(site, visitor) for _ in range(8)]
        wait_until(lambda: len(list(site.uploads.glob("incoming-*"))) == 8)
        for half in halves:
            leave(half)
        wait_until(lambda: not list(site.uploads.iterdir()))
    assert look(site, visitor) == 200


def test_a_crash_amid_requests_is_answered_503_and_over_soon(site: ServedSite, visitor: requests.Session) -> None:
    seen: list[list[int]] = [[] for _ in range(4)]
    finished = threading.Event()

    def visit(answers: list[int]) -> None:
        while not finished.is_set():
            answers.append(look(site, visitor))

    threads = [threading.Thread(target=visit, args=(answers,)) for answers in seen]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.5)
    site.kill_postgres()
    threading.Event().wait(4)
    finished.set()
    for thread in threads:
        thread.join()
    for answers in seen:
        assert set(answers) <= {200, 503}
        assert answers.count(503) <= 1
        assert answers[-1] == 200


def test_an_expired_token_is_renewed_while_sessions_stay_open(site: ServedSite, visitor: requests.Session) -> None:
    before = site.emulator.last_event()
    site.emulator.advance(2 * 3600)
    assert look(site, visitor) == 200
    site.emulator.suspend(ENDPOINT)  # so that the page needs a new login, with a token that has expired
    assert look(site, visitor) == 200
    assert site.emulator.events("mint", after=before)


def test_a_restarted_workspace_is_found_again(site: ServedSite, visitor: requests.Session) -> None:
    site.emulator.stop()
    assert look(site, visitor) == 503
    site.emulator.start()
    answers = [look(site, visitor) for _ in range(3)]
    assert answers[1:] == [200, 200]


def test_a_killed_workspace_keeps_what_was_committed(site: ServedSite, visitor: requests.Session) -> None:
    site.emulator.kill()
    site.emulator.start()
    answers = [look(site, visitor) for _ in range(3)]
    assert answers[1:] == [200, 200]
