"""Letters and signs as they are searched for: Python folds what is typed, and PostgreSQL alike what is indexed.

Accents are dropped and full-width letters are letters; what joins words without a blank parts them. PostgreSQL can do
all of it itself: unaccent would be one extension more to be had.
"""

from __future__ import annotations

import unicodedata

HYPHENS, DASHES = "\u2010\u2011\u2212\u2043", "\u2012\u2013\u2014\u2015"
# PostgreSQL takes "usb/hdmi" for the name of a file. The last one is a blank that has no width.
APART = "/\\,;|\u00b7\u2022\u200b"
# Soft hyphens and joiners.
UNSEEN = "\u00ad\u200c\u200d\u2060\ufeff"
# What stands between the parts of an SKU, and is often typed otherwise or not at all.
BETWEEN = " -_./\\,;:#|+"
FIRST_ACCENT, LAST_ACCENT = "\u0300", "\u036f"  # of Latin, Greek and Cyrillic; those of others make other letters
ALIKE = {
    **dict.fromkeys(HYPHENS + DASHES, "-"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2018\u2019\u02bc", "'"),
    # Letters that Unicode does not take for others with a sign upon them.
    "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i",
}  # fmt: skip
PARTED = ALIKE | dict.fromkeys(DASHES + APART, " ")


def folded(text: str) -> str:
    """Without accents and the like; its words stay joined, for an SKU may be written with a slash."""
    return text if text.isascii() else _folded(text, ALIKE)


def parted(text: str) -> str:
    """The same, and a blank for what joins words."""
    return _folded(text, PARTED)


def bare(sku: str) -> str:
    """An SKU in small letters without what stands between its parts: LUM-KEYB-949 and lumkeyb949 are one."""
    return folded(sku).lower().translate(dict.fromkeys(map(ord, BETWEEN)))


def bare_sql(sku: str) -> str:
    return f"translate(lower({folded_sql(sku)}), {_literal(BETWEEN)}, '')"


def folded_sql(text: str) -> str:
    """The SQL that computes it of what the SQL `text` gives; NULL for NULL."""
    return _folded_sql(text, ALIKE)


def parted_sql(text: str) -> str:
    return _folded_sql(text, PARTED)


def _folded(text: str, alike: dict[str, str]) -> str:
    gone = dict.fromkeys([*map(ord, UNSEEN), *range(ord(FIRST_ACCENT), ord(LAST_ACCENT) + 1)])
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(str.maketrans(alike) | gone))


def _folded_sql(text: str, alike: dict[str, str]) -> str:
    signs, become = _literal("".join([*alike, *UNSEEN])), _literal("".join(alike.values()))
    accents = _literal(f"[{FIRST_ACCENT}-{LAST_ACCENT}]")
    return f"normalize(regexp_replace(translate(normalize({text}, NFKD), {signs}, {become}), {accents}, '', 'g'), NFC)"


def _literal(text: str) -> str:
    """In ASCII, and without a percent sign."""
    return "E'" + "".join(f"\\u{ord(sign):04x}" for sign in text) + "'"
