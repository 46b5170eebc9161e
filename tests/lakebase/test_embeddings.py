"""Vectors from a serving endpoint: the real SDK against a server that speaks the documented API of model serving."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lakebase import control_plane
from lakebase.embeddings import ServingEndpoint

Answer = tuple[int, dict[str, str], dict[str, Any]]
NAME = "databricks-gte-large-en"


class Serving(ThreadingHTTPServer):
    """`answers` are given in turn, the last for ever; `asked` has what was sent."""

    answers: list[Answer]
    asked: list[tuple[str, dict[str, Any]]]


class Handler(BaseHTTPRequestHandler):
    server: Serving

    def do_GET(self) -> None:
        self._send(404, {}, {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))
        answers = self.server.answers
        self._send(*(answers.pop(0) if len(answers) > 1 else answers[0]))

    def _send(self, status: int, headers: dict[str, str], body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers | {"Content-Type": "application/json", "Content-Length": str(len(text))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    server = Serving(("127.0.0.1", 0), Handler)
    server.asked, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("DATABRICKS_HOST", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-test")
    monkeypatch.setenv("DATABRICKS_AUTH_TYPE", "pat")
    control_plane.forget_clients()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(60)
    control_plane.forget_clients()


def vectors(*each: tuple[int, list[float]]) -> dict[str, Any]:
    return {
        "object": "list",
        "model": NAME,
        "data": [{"object": "embedding", "index": index, "embedding": vector} for index, vector in each],
    }


def test_vectors_are_in_the_order_of_their_texts(serving: Serving) -> None:
    serving.answers = [(200, {}, vectors((1, [0.0, 1.0]), (0, [1.0, 0.0])))]
    assert ServingEndpoint(dimensions=2).embed(["first", "second"]) == [[1.0, 0.0], [0.0, 1.0]]
    assert serving.asked == [(f"/serving-endpoints/{NAME}/invocations", {"input": ["first", "second"]})]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again(serving: Serving, status: int) -> None:
    busy = {"error_code": "RESOURCE_EXHAUSTED" if status == 429 else "TEMPORARILY_UNAVAILABLE", "message": "later"}
    serving.answers = [(status, {"Retry-After": "1"}, busy), (200, {}, vectors((0, [1.0, 0.0])))]
    assert ServingEndpoint(dimensions=2).embed(["text"]) == [[1.0, 0.0]]
    assert len(serving.asked) == 2


def test_one_that_stays_away_is_given_up(serving: Serving) -> None:
    serving.answers = [(503, {"Retry-After": "1"}, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "later"})]
    with pytest.raises(OSError, match="Could not compute vectors"):
        ServingEndpoint(dimensions=2).embed(["text"], patience=2)


@pytest.mark.parametrize(
    ("status", "code", "says"), [(404, "RESOURCE_DOES_NOT_EXIST", NAME), (403, "PERMISSION_DENIED", "may not")]
)
def test_a_refusal_is_told_at_once(serving: Serving, status: int, code: str, says: str) -> None:
    serving.answers = [(status, {}, {"error_code": code, "message": f"The endpoint {NAME} may not be used"})]
    with pytest.raises(OSError, match=says):
        ServingEndpoint(dimensions=2).embed(["text"])
    assert len(serving.asked) == 1


@pytest.mark.parametrize("data", [vectors(), vectors((0, [1.0])), {"predictions": [1]}])
def test_what_are_no_such_vectors_is_told(serving: Serving, data: dict[str, Any]) -> None:
    serving.answers = [(200, {}, data)]
    with pytest.raises(OSError, match="Is it a model for embeddings"):
        ServingEndpoint(dimensions=2).embed(["text"])
