"""The shop in the pictures: a Lakebase Local and a site of its own, filled, with accounts for its staff."""

import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.emulator import CHECKOUT, plain_environment
from tests.running_site import SERVED, Up, destroy

from .staff import PASSWORD, ROLES

CROWD = "--users 120 --products 40 --orders 900 --days 60 --seed 4"
# Enough for the index over their vectors to be cheaper, as Postgres reckons, than to compare them all.
THOUSANDS = "--users 1 --products 20000 --orders 0 --seed 5"
ANALYZE = """
from django.db import connection
connection.cursor().execute("ANALYZE product_vectors, products, product_search")
"""
MAKE_ACCOUNTS = f"""
from django.contrib.auth.models import Group, User
for name, role in {ROLES!r}.items():
    User.objects.create_user(name, password={PASSWORD!r}).groups.add(Group.objects.get(name=role))
"""


class Shop:
    """Runs from `start` to `stop`, in `directory`, on free ports."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "lakebase"
        self.up = Up(self.directory, {"LAKESHOP_UPLOADS_DIR": str(directory / "uploads")})
        self.address = self.up.address

    def fill(self) -> None:
        self.up.wait_until_said(SERVED)
        today = datetime.now(UTC).date().isoformat()
        self.manage("seed", *CROWD.split(), "--until", today)
        self.manage("seed")
        self.manage("shell", "--verbosity", "0", "--command", MAKE_ACCOUNTS)

    def grow(self) -> None:
        """To thousands of products, with the index over their vectors."""
        self.manage("seed", *THOUSANDS.split())
        self.manage("embed")
        self.manage("shell", "--verbosity", "0", "--command", ANALYZE)

    def manage(self, *words: str) -> None:
        """A command as its owner gives it, in a second terminal."""
        lines = (self.directory / "site.env").read_text().splitlines()
        given = dict(word.split("=", 1) for line in lines for word in shlex.split(line.removeprefix("export ")))
        command = [sys.executable, "-W", "ignore", "manage.py", *words]
        subprocess.run(command, cwd=CHECKOUT, env=plain_environment() | given, check=True)

    def stop(self) -> None:
        self.up.stop()
        destroy(self.directory)
