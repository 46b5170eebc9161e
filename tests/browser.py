"""The Chromium under the journeys: found, or installed where that is possible without asking anybody.

`python -m tests.browser` makes sure of one and prints its path; the journeys only look for it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# The browser shall speak to nobody but the page under test.
QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
HOW_TO = "No Chromium was found or could be installed. Run: {command}"


def find() -> str | None:
    """The path of a Chromium on PATH, or of the one that Playwright keeps."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if MAC.exists():
        return str(MAC)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        kept = playwright.chromium.executable_path
    return kept if Path(kept).exists() else None


def install() -> str | None:
    """Try Playwright's own download, then as root Debian's package; tells the path of what came of it."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        commands.append(["apt-get", "update", "--quiet"])
        commands.append(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"])
    for command in commands:
        print("Trying:", " ".join(command), file=sys.stderr)
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0 and (path := find()):
            return path
    return None


def arguments() -> list[str]:
    """Chromium refuses its sandbox to root."""
    return [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)


def how_to() -> str:
    playwright = f"{sys.executable} -m playwright install --with-deps chromium"
    return HOW_TO.format(command="sudo apt-get install chromium" if shutil.which("apt-get") else playwright)


if __name__ == "__main__":
    sys.exit(0 if find() or install() else how_to())
