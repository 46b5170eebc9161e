"""One shop served by gunicorn as in production, and people with browsers in front of it."""

import gzip
import http.client
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import requests

from bench.pages.asked import Asked
from tests.emulator import CHECKOUT
from tests.running_site import free_port
from tests.served_site import ADA, wait_for

# gunicorn's own format has whole milliseconds; this is the same measure in millionths of a second.
LOGGED = re.compile(r"^(\d+) us (\S+)$", re.MULTILINE)
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip", "User-Agent": "bench"}


class Answer(NamedTuple):
    """`wire` is bytes as they came, compressed, headers and all; `text` is what they say."""

    status: int
    text: str
    milliseconds: float
    wire: int


class Served:
    """gunicorn with its configuration of production, as the app, on one branch."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port, self.log = free_port(), log
        command = [sys.executable, "-m", "gunicorn", "lakeshop.wsgi:application"]
        command += ["--access-logfile", str(log), "--access-logformat", "%(D)s us %(U)s"]
        self.process = subprocess.Popen(
            command, cwd=CHECKOUT, env={**environment, "PORT": str(self.port)}, stdin=subprocess.DEVNULL
        )
        wait_for(f"http://127.0.0.1:{self.port}")
        self.cookies = self._sign_in()

    def visitor(self) -> "Visitor":
        return Visitor(self.port, self.cookies)

    def server_times(self, path: str) -> list[float]:
        """Milliseconds that the server itself spent on each request of a path, by gunicorn's access log."""
        time.sleep(0.1)  # the line is written after the answer has gone
        return [int(taken) / 1000 for taken, asked in LOGGED.findall(self.log.read_text()) if asked == path]

    def upload(self, text: str) -> str:
        """Give a file of products; the address under which it is looked at."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                f"http://127.0.0.1:{self.port}/import/",
                {"kind": "products"},
                files={"file": ("goods.csv", text, "text/csv")},
                cookies=self.cookies,
                headers={"X-CSRFToken": self.cookies["csrftoken"]},
                allow_redirects=False,
                timeout=60,
            )
        assert answer.status_code == 302, answer.status_code
        return answer.headers["Location"]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def _sign_in(self) -> dict[str, str]:
        with requests.Session() as session:
            session.trust_env = False
            address = f"http://127.0.0.1:{self.port}/sign-in"
            session.get(address)
            form = ADA | {"csrfmiddlewaretoken": session.cookies["csrftoken"], "next": "/products/"}
            assert session.post(address, form, timeout=60).url.endswith("/products/")
            return {name: value or "" for name, value in session.cookies.items()}


class Visitor:
    """Somebody who has signed in, on one connection that is kept alive."""

    def __init__(self, port: int, cookies: Mapping[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = BROWSER | {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies["csrftoken"],
        }

    def ask(self, asked: Asked) -> Answer:
        headers, body = dict(self.headers), None
        if asked.swap:
            headers["HX-Request"] = "true"
        if asked.form:
            body, headers["Content-Type"] = urlencode(asked.form), "application/x-www-form-urlencoded"
        answer = self._answer("POST" if asked.form else "GET", asked.address, body, headers)
        assert answer.status == asked.status, f"{asked.name}, {asked.address}: {answer.status}"
        return answer

    def get(self, path: str) -> Answer:
        return self.ask(Asked(name=path, address=path))

    def close(self) -> None:
        self.connection.close()

    def _answer(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        taken = (time.perf_counter() - began) * 1000
        head = f"HTTP/1.1 {response.status} {response.reason}\r\n" + str(response.msg).replace("\n", "\r\n")
        plain = gzip.decompress(content) if response.headers.get("Content-Encoding") == "gzip" else content
        return Answer(response.status, plain.decode(errors="replace"), taken, len(head) + len(content))
