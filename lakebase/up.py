"""What `manage.py up` does on a laptop: Lakebase Local, the database made ready, the site served; then all stopped."""

import json
import os
import secrets
import shlex
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep

from django.conf import settings

from .collected import collect_when_changed
from .local_workspace import DIRECT, LocalWorkspace
from .preparation import fingerprint
from .processes import Child, StopRequested, environment, ignore_stop_signals, stop_signals_raise, stop_signals_wait

PROJECT = "training-app"
# The service principals of the site and of its query builder: what they are called, and what stands before their keys.
PRINCIPALS = {"": "lakeshop", "reader_": "lakeshop-reader"}
LEARNER = "learner"
SERVE = ("-m", "gunicorn", "lakeshop.wsgi:application")
SERVE_SECONDS = 60.0
STOP_SECONDS = 12.0  # gunicorn gives running requests 10 of them

# What else the environment may hold about databases and logins: the SDK refuses to choose between two.
NOTHING_ELSE: dict[str, str | None] = dict.fromkeys(
    [f"DATABRICKS_{name}" for name in ("CONFIG_PROFILE", "TOKEN", "USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET")]
    + ["LAKEBASE_ENDPOINT", "LAKEBASE_PROJECT_ID", "LAKEBASE_BRANCH_ID"]
    + ["LAKEBASE_READER_CLIENT_ID", "LAKEBASE_READER_CLIENT_SECRET"]
    + ["PGHOST", "PGHOSTADDR", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLROOTCERT"]
)


class UpFailed(Exception):
    """The site could not be brought up; the message says why and what to do."""


class Kept(dict[str, str]):
    """What `up` remembers in DIR/up.json: the service principals, the site's secret key, what was prepared."""

    def __init__(self, path: Path) -> None:
        super().__init__(json.loads(path.read_text()) if path.exists() else {})
        self.path = path

    def keep(self, **values: str) -> None:
        """Written whole and then moved into place, readable by the owner alone."""
        self.update(values)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self.path, json.dumps(self, indent=1))


def write_private(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def secret_key(kept: Kept) -> str:
    """The configured one, else one of our own that stays the same from start to start."""
    if settings.SECRET_KEY_IS_LASTING:
        return str(settings.SECRET_KEY)
    if "secret_key" not in kept:
        kept.keep(secret_key=secrets.token_urlsafe(50))
    return kept["secret_key"]


class LocalSite:
    """The emulator, the preparation and gunicorn, for one directory and one port."""

    def __init__(self, directory: Path, port: int, *, say: Callable[[str], None]) -> None:
        self.directory, self.port, self.say = directory, port, say
        self.address = f"http://127.0.0.1:{port}"
        self.variables_file = directory / "site.env"
        self.local: LocalWorkspace | None = None
        self.is_told = False
        self.preparation: Child | None = None
        self.site: Child | None = None

    def run(self) -> None:
        """Serve until a stop signal (then return) or until a child ends by itself (UpFailed)."""
        with stop_signals_raise():
            try:
                self.start()
                self.watch()
            except StopRequested:
                self.say("\nStopping.")
            finally:
                ignore_stop_signals()
                self.stop()

    def start(self) -> None:
        with stop_signals_wait():
            self.local = local = LocalWorkspace(self.directory, self.say)
        collect_when_changed()
        local.wait_until_ready()
        self.say(f"Lakebase Local  {local.address}, Postgres 127.0.0.1:{local.pg_port}")
        kept = Kept(self.directory / "up.json")
        # Whom a Lakebase Local knew whose data are gone, the one that began anew does not know.
        is_anew = kept.get("project_uid", "") != (local.project_uid(PROJECT) or "")
        for prefix, name in PRINCIPALS.items():
            if is_anew or f"{prefix}client_id" not in kept:
                made = local.service_principal(name)
                kept.keep(**{f"{prefix}{key}": value for key, value in made.items()})
        owner = NOTHING_ELSE | local.variables() | {"LAKEBASE_PROJECT_ID": PROJECT, "LAKESHOP_SIGN_IN_AS": LEARNER}
        # Served while it is being prepared: both spend their first seconds importing the SDK.
        with stop_signals_wait():
            self.site = Child("gunicorn", [sys.executable, *SERVE], environment(owner | self.app_login(kept)))
        wanted = what_to_prepare(kept)
        was_prepared = kept.get("prepared") == wanted and not is_anew
        if not was_prepared:
            self.prepare(owner, kept, wanted)
        wait_until_served(self.site, self.address)
        # It was, and somebody has dropped a table or a right since.
        if was_prepared and not is_ready(self.address):
            self.prepare(owner, kept, wanted)
        self.is_told = True
        write_private(self.variables_file, shell_lines(owner))
        self.say(f"LakeShop        {self.address}  (Ctrl-C stops everything)")

    def app_login(self, kept: Kept) -> dict[str, str | None]:
        """What the site gets in place of the owner's token: its own service principal, and one that only reads."""
        return {
            "DATABRICKS_TOKEN": None,
            "DATABRICKS_AUTH_TYPE": "oauth-m2m",
            "DATABRICKS_CLIENT_ID": kept["client_id"],
            "DATABRICKS_CLIENT_SECRET": kept["client_secret"],
            "LAKEBASE_READER_CLIENT_ID": kept["reader_client_id"],
            "LAKEBASE_READER_CLIENT_SECRET": kept["reader_client_secret"],
            "DJANGO_SECRET_KEY": secret_key(kept),
            "LAKESHOP_EXIT_WITH_PARENT": "1",
            "PORT": str(self.port),
        }

    def prepare(self, owner: dict[str, str | None], kept: Kept, wanted: str) -> None:
        """Project, tables and grants, in a process whose settings are the owner's; `wanted` is remembered of it."""
        assert self.local is not None
        self.say("Preparing       the project, its tables and the site's rights")
        command = [sys.executable, "manage.py", "prepare", "--app-role", kept["client_id"]]
        command += ["--reader-role", kept["reader_client_id"]]
        with stop_signals_wait():
            self.preparation = Child("prepare", command, environment(owner | {"LOG_LEVEL": "WARNING"}))
        if self.preparation.wait() != 0:
            raise UpFailed("The database could not be made ready; the reason stands above.")
        kept.keep(prepared=wanted, project_uid=self.local.project_uid(PROJECT) or "")

    def watch(self) -> None:
        """Wait until either child ends, which neither does unless something is wrong."""
        ended: SimpleQueue[str] = SimpleQueue()
        for name, child in (("Lakebase Local", self.local), ("The site", self.site)):
            assert child is not None
            Thread(target=_tell_the_end, args=(name, child, ended), daemon=True).start()
        assert self.local is not None
        raise UpFailed(f"{ended.get()} What it said before stands above, or in {self.local.log}.")

    def stop(self) -> None:
        """The site first, so that its last requests still find the database."""
        if self.local is None:
            return
        if self.is_told:
            # Not another `up`'s, which this one may have failed beside.
            self.variables_file.unlink(missing_ok=True)
        for child in (self.preparation, self.site):
            if child is not None:
                child.stop(STOP_SECONDS)
        self.local.stop()


def _tell_the_end(name: str, child: Child | LocalWorkspace, ended: "SimpleQueue[str]") -> None:
    code = child.wait()
    if code >= 0:
        ended.put(f"{name} ended by itself, with exit code {code}.")
        return
    said = f"{name} was killed by signal {-code}, by somebody or by a machine without memory left."
    if isinstance(child, LocalWorkspace):
        # Nobody told its servers; whoever starts next stops them before anything else.
        said += " Its Postgres processes may run on; the next start in the same directory stops them."
    ended.put(said)


def what_to_prepare(kept: Kept) -> str:
    """By name."""
    return json.dumps([kept["client_id"], kept["reader_client_id"], LEARNER, *fingerprint()])


def is_ready(address: str) -> bool:
    """Whether the site, which is served, finds its database and all tables in it."""
    try:
        with DIRECT.open(f"{address}/readyz", timeout=SERVE_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        with error:
            return False
    except OSError:
        return False


def shell_lines(variables: dict[str, str | None]) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items() if value is not None)


def wait_until_served(site: Child, address: str) -> None:
    """Return when the site answers."""
    until = monotonic() + SERVE_SECONDS
    while True:
        try:
            with DIRECT.open(f"{address}/healthz", timeout=SERVE_SECONDS):
                return
        except urllib.error.HTTPError as error:
            with error:
                raise UpFailed(f"The site answers {error.code} at /healthz; the reason stands above.") from None
        except OSError:
            if site.exit_code is not None:
                raise UpFailed("The site did not start; the reason stands above.") from None
            if monotonic() > until:
                raise UpFailed(f"The site does not answer at {address} after {SERVE_SECONDS:g} s.") from None
            sleep(0.02)
