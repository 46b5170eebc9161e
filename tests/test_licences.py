"""docs/licences.md names what is installed, and nothing that people could not take into their own products."""

import re
import subprocess
import sys

from tests.emulator import CHECKOUT


def test_the_page_is_what_is_installed() -> None:
    command = [sys.executable, "scripts/licences.py", "--check"]
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_the_site_needs_nothing_under_a_strong_copyleft() -> None:
    site = (CHECKOUT / "docs" / "licences.md").read_text().partition("## The emulator")[0]
    rows = [line for line in site.splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    assert [
        row for row in rows if re.search(r"\b(A?GPL|General Public)", row.replace("Lesser General Public", ""))
    ] == []


def test_the_project_has_a_licence_of_its_own() -> None:
    assert (CHECKOUT / "LICENSE").read_text().startswith("MIT License")
