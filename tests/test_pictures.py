"""The pictures of the docs: those that are shown are there, those that are there are shown, and they are small."""

import re

from tests.emulator import CHECKOUT

PICTURES = CHECKOUT / "docs" / "images"
# Shown, ![words](path), or led to, [words](path).
LINK = re.compile(r"\[([^]]*)\]\(([^)\s]+\.png)\)")
MOST_BYTES = 4_000_000


def test_every_picture_is_shown_and_there() -> None:
    linked = set()
    for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md")):
        for words, path in LINK.findall(page.read_text()):
            assert words, f"{page.name}: {path} is not said in words"
            linked.add((page.parent / path).resolve())
    assert linked == set(PICTURES.glob("*"))


def test_they_are_small() -> None:
    assert sum(picture.stat().st_size for picture in PICTURES.glob("*.png")) < MOST_BYTES
