"""Letters are folded alike by Python and by PostgreSQL, each that both know."""

import unicodedata

import pytest
from django.db import connection

from catalog.search.folding import bare, bare_sql, folded, folded_sql, parted, parted_sql

KNOWN = [chr(code) for code in range(1, 0x20000) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]


@pytest.mark.django_db
def test_every_letter_is_folded_alike() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT letter, {folded_sql('letter')}, {parted_sql('letter')} FROM unnest(%s::text[]) AS letter", [KNOWN]
        )
        others = [row for row in cursor.fetchall() if (folded(row[0]), parted(row[0])) != row[1:]]
    assert others == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Caf\u00e9 cr\u00e8me", "Cafe creme"), ("e\u0301", "e"), ("\uff21\uff0d\uff11", "A-1"), ("a/b,c|d", "a b c d"),
        ("10\u201320", "10 20"), ("X\u20111", "X-1"), ("so\u00adft", "soft"),
        ("\u304c\ud55c", "\u304c\ud55c"), ("\ufb01", "fi"), ("\u201cx\u201d", '"x"'), ("", ""), ("\u0142\u00f8", "lo"),
    ],
)  # fmt: skip
def test_what_becomes_of_it(text: str, parts: str) -> None:
    assert parted(text) == parts


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sku", "alone"),
    [
        ("LUM-KEYB-949", "lumkeyb949"), ("lum keyb_949", "lumkeyb949"), ("A/1.\u2011b", "a1b"), ("\u00d8-1", "o1"),
        ("-_-", ""), ("a\\b#1:2|3+4,5;6", "ab123456"), ("\uff2c\uff35\uff2d\uff0d1", "lum1"),
    ],
)  # fmt: skip
def test_an_sku_is_its_letters_and_digits(sku: str, alone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {bare_sql('%s::text')}", [sku])
        assert (bare(sku), cursor.fetchone()[0]) == (alone, alone)
