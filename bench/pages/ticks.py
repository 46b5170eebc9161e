"""The live ticks, as the scripts of a page that has just been drawn send them."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urlencode

from bench.pages.asked import Asked

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
NO_CONTENT = 204


def ticks(read: Callable[[str], str]) -> list[Asked]:
    """Of the dashboard and the trail, with nothing new and with news; `read` gives the text of a page."""
    home = _shown(read("/"), "cards", "revenue", "orders", "inventory", "activity", "shown")
    trail = _shown(read("/audit/"), "version", "newest", "oldest", "count")
    # A page that was drawn when ten entries fewer were there, and none of what the dashboard shows was as it is.
    older = {name: str(int(trail[name]) - 10) for name in ("newest", "count")} | {"version": "other"}
    return [
        _tick("dashboard, nothing new", "/news", home, status=NO_CONTENT),
        _tick("dashboard, all parts new", "/news", dict.fromkeys(home, "0")),
        _tick("audit trail, nothing new", "/audit/news", trail, status=NO_CONTENT),
        _tick("audit trail, ten new entries", "/audit/news", trail | older),
    ]


def _tick(name: str, path: str, shown: dict[str, str], status: int = 200) -> Asked:
    return Asked(name=f"tick: {name}", address=f"{path}?{urlencode(shown)}", swap=True, status=status)


def _shown(page: str, *names: str) -> dict[str, str]:
    found = {name: unescape(value) for name, value in HIDDEN.findall(page) if name in names}
    assert set(found) == set(names), f"The page tells {sorted(found)}, not {sorted(names)}."
    return found
