"""The pictures of the docs: every page has one, those that are shown are there and the other way round, all small."""

import re

import pytest
from django.http import HttpResponseBase

from pages.roles import Role
from scripts.screenshots.pictured import ADDRESSES, ADMIN, TROUBLE
from tests.emulator import CHECKOUT
from tests.lakeshop.addresses import addresses, shop
from tests.people import visitor

PICTURES = CHECKOUT / "docs" / "images"
# Shown, ![words](path), or led to, [words](path).
LINK = re.compile(r"\[([^]]*)\]\(([^)\s]+\.png)\)")
TAKEN = re.compile(r'camera\.take\(\w+, "([\w-]+)"|, "([\w-]+)"\)[,)]')
MOST_BYTES = 4_000_000
PREVIEW = "import/<str:kind>/<str:sha256>/"


def test_every_picture_is_shown_and_there() -> None:
    linked = set()
    for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md")):
        for words, path in LINK.findall(page.read_text()):
            assert words, f"{page.name}: {path} is not said in words"
            linked.add((page.parent / path).resolve())
    assert linked == set(PICTURES.glob("*"))


def test_they_are_small() -> None:
    assert sum(picture.stat().st_size for picture in PICTURES.glob("*.png")) < MOST_BYTES


@pytest.mark.django_db
def test_every_page_has_a_picture() -> None:
    records, person = shop(), visitor(Role.ADMIN)
    own = [each for each in addresses() if not each.pattern.startswith("admin/")]
    found = {each.pattern for each in own if is_page(person.get(each.path(records)))}
    assert found | {PREVIEW} == set(ADDRESSES)  # of a file that nobody has uploaded here
    shown = {*ADDRESSES.values(), *ADMIN, *TROUBLE}
    assert shown <= {path.stem for path in PICTURES.glob("*.png")}
    scenes = "".join(path.read_text() for path in (CHECKOUT / "scripts" / "screenshots").glob("*.py"))
    assert shown <= {name for names in TAKEN.findall(scenes) for name in names}


def is_page(answer: HttpResponseBase) -> bool:
    """Whole, not a fragment, and no refusal."""
    return answer.status_code == 200 and b"<!doctype html" in getattr(answer, "content", b"")[:200].lower()
