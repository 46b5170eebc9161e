"""What the Content-Security-Policy would block, or htmx would do always, is found in the templates, not by a user."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

TEMPLATES = sorted(Path(settings.BASE_DIR).glob("**/templates/**/*.html"))
OURS = [path for path in TEMPLATES if ".venv" not in path.parts]

FORBIDDEN = {
    "an inline style": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script\b(?![^>]*\bsrc=)",
    "an event attribute": r"<[^>]*\son\w+\s*=",
    "hx-on": r"hx-on",
    "a js: value": r"""["']\s*(js|javascript):""",
    # Under this policy htmx cannot evaluate the filter, and the trigger fires always.
    "an htmx trigger filter": r"""hx-trigger\s*=\s*["'][^"']*\[""",
    "a foreign address": r"""(src|href)\s*=\s*["'](https?:)?//""",
}


def test_there_are_templates_to_read() -> None:
    assert len(OURS) > 5


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(path: Path, what: str) -> None:
    found = re.search(FORBIDDEN[what], path.read_text())
    assert found is None, f"{path} has {what}: {found and found[0]!r}"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_each_pattern_finds_what_it_is_for(what: str) -> None:
    bad = {
        "an inline style": '<p style="color: red">',
        "a style element": "<style>",
        "an inline script": "<script>alert(1)</script>",
        "an event attribute": '<a onclick="x()">',
        "hx-on": '<a hx-on:click="x()">',
        "a js: value": "hx-vals='js:{a: 1}'",
        "an htmx trigger filter": '<div hx-trigger="every 2s [!document.hidden]">',
        "a foreign address": '<script src="https://cdn.example/x.js"></script>',
    }
    assert re.search(FORBIDDEN[what], bad[what])


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_a_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


def test_the_policy_allows_nothing_but_our_own(client: Client) -> None:
    policy = client.get("/nowhere")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy and "http" not in policy
