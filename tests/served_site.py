"""gunicorn before a Lakebase Local of its own, for tests that make the latter stumble."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.running_site import UNTIL_SERVED, UNTIL_STOPPED, free_port

PROJECT = "training-app"
ENDPOINT = f"projects/{PROJECT}/branches/production/endpoints/primary"
SECRET_KEY_WITHOUT_DATABASE = "test"
ADA = {"username": "ada", "password": "a lake of her own"}


def manage(*arguments: str, env: dict[str, str]) -> str:
    """Run a command of manage.py; gives what it printed."""
    command = [sys.executable, "manage.py", *arguments]
    told = subprocess.run(
        command, cwd=CHECKOUT, env=plain_environment() | env, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


class ServedSite:
    """The site as the service principal, prepared by the owner, with one account that may use the admin."""

    def __init__(self, directory: Path) -> None:
        self.emulator = Emulator(directory / "lakebase")
        self.uploads = directory / "uploads"
        self.owner = self.emulator.environment() | {"LAKEBASE_PROJECT_ID": PROJECT, "DJANGO_SECRET_KEY": "test"}
        self.principal = self.emulator.service_principal("lakeshop")
        manage("prepare", "--app-role", self.principal["client_id"], env=self.owner)
        password = {"DJANGO_SUPERUSER_PASSWORD": ADA["password"]}
        manage(
            "createsuperuser", "--noinput", "--username", "ada", "--email", "a@example.com", env=self.owner | password
        )
        self.serve(directory / "site.log")

    def serve(self, log: Path) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        environment = plain_environment() | self.owner | {"PORT": str(port), "DATABRICKS_AUTH_TYPE": "oauth-m2m"}
        del environment["DATABRICKS_TOKEN"]
        environment["DATABRICKS_CLIENT_ID"] = self.principal["client_id"]
        environment["LAKEBASE_CONNECT_DEADLINE"] = "8"  # enough to wake, and a test that waits in vain is over sooner
        environment["LAKESHOP_UPLOADS_DIR"] = str(self.uploads)
        environment["DATABRICKS_CLIENT_SECRET"] = self.principal["client_secret"]
        command = [sys.executable, "-m", "gunicorn", "lakeshop.wsgi:application"]
        with log.open("w") as output:
            self.process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=output, stderr=output)
        wait_for(self.address)

    def sign_in(self) -> requests.Session:
        """A visitor of the admin."""
        session = requests.Session()
        session.trust_env = False
        session.get(f"{self.address}/sign-in")
        form = ADA | {"csrfmiddlewaretoken": session.cookies["csrftoken"], "next": "/admin/"}
        assert "Site administration" in session.post(f"{self.address}/sign-in", form, timeout=60).text
        return session

    def kill_postgres(self) -> None:
        os.kill(self.emulator.endpoint(ENDPOINT)["pid"], signal.SIGKILL)

    @contextmanager
    def frozen_postgres(self) -> Iterator[None]:
        """It takes what is sent to it, and answers nothing."""
        postmaster = psutil.Process(self.emulator.endpoint(ENDPOINT)["pid"])
        stopped = [postmaster, *postmaster.children(recursive=True)]
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(UNTIL_STOPPED)
        self.emulator.destroy()


@contextmanager
def without_database(directory: Path) -> Iterator[str]:
    """The address of a site whose PostgreSQL is at a port where nothing listens."""
    with socket.socket() as unheard, (directory / "site.log").open("w") as log:
        unheard.bind(("127.0.0.1", 0))
        port = free_port()
        env = {"PGHOST": "127.0.0.1", "PGPORT": str(unheard.getsockname()[1]), "PGUSER": "app", "PGPASSWORD": "secret"}
        env |= {"PORT": str(port), "DJANGO_SECRET_KEY": SECRET_KEY_WITHOUT_DATABASE}
        command = [sys.executable, "-m", "gunicorn", "lakeshop.wsgi:application"]
        process = subprocess.Popen(command, cwd=CHECKOUT, env=plain_environment() | env, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(UNTIL_STOPPED)


def wait_for(address: str) -> None:
    """Return when /healthz answers."""
    until = time.monotonic() + UNTIL_SERVED
    while True:
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.get(f"{address}/healthz", timeout=30)
            return
        except requests.ConnectionError:
            assert time.monotonic() < until, f"Nothing answers at {address}."
            time.sleep(0.1)
