"""Moments in words, readable without script."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.template import Context, Template

from pages.templatetags.moments import since

MOMENT = datetime(2026, 11, 25, 23, 30, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("form", "words"),
    [("day", "25 Nov 2026"), ("minute", "25 Nov 2026, 21:30 UTC"), ("second", "21:30:05 UTC")],
)
def test_a_moment_is_utc_until_the_script_has_run(form: str, words: str) -> None:
    html = Template(f'{{% load moments %}}{{% moment at "{form}" %}}').render(Context({"at": MOMENT}))
    assert (
        f'datetime="2026-11-25T21:30:05+00:00" data-moment="{form}" title="25 Nov 2026, 21:30:05 UTC">{words}<' in html
    )


def test_no_moment_is_nothing() -> None:
    assert Template("{% load moments %}{% moment at %}{% ago at %}").render(Context({"at": None})) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((-3, "just now"), (9, "just now"), (10, "10 seconds ago"), (60, "1 minute ago"), (7199, "1 hour ago")),
        *((86400, "1 day ago"), (86400 * 400, "400 days ago")),
    ],
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert since(seconds) == words


def test_ago_names_the_moment_for_the_script() -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    html = Template("{% load moments %}{% ago at %}").render(Context({"at": at}))
    assert 'data-moment="ago"' in html and ">5 minutes ago<" in html
