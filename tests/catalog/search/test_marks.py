"""What matches is marked in the text as it is written, and what is left out of it is shown."""

import pytest

from catalog.search.marks import excerpt, whole, with_parts


def shown(pieces: tuple[tuple[str, bool], ...]) -> str:
    return "".join(f"<{piece}>" if is_match else piece for piece, is_match in pieces)


@pytest.mark.parametrize(
    ("headline", "text", "marked"),
    [
        ("Desk \1lamp\2", "Desk lamp", "Desk <lamp>"), ("\1Cafe\2 noir", "Caf\u00e9 noir", "<Caf\u00e9> noir"),
        ("\1Cafe\2 noir", "Cafe\u0301 noir", "<Cafe\u0301> noir"), ("\1filter\2s", "\ufb01lters", "<\ufb01lter>s"),
        ("a \1b\2", "a/b", "a/<b>"), ("a   \1b\2", "a <i> b", "a   <b>"), ("", "", ""),
    ],
)  # fmt: skip
def test_names_are_marked_whole(headline: str, text: str, marked: str) -> None:
    assert shown(whole(headline, text)) == marked


@pytest.mark.parametrize(
    ("headline", "text", "marked"),
    [
        ("\1one\2 two", "one two", "<one> two"), ("\1one\2 two", "one two three", "<one> two \u2026"),
        ("\1two\2", "one two three", "\u2026 <two> \u2026"),
        ("\1one\2\3\1four\2", "one two three four", "<one> \u2026 <four>"),
        ("\1e\2\3\1f\2", "\u00e9 and f.", "<\u00e9> \u2026 <f> \u2026"),
        ("\1two\2", "<b>two", "\u2026 <two>"), ("", "", ""),
        ("a   \1b\2", "a <i> b c", "a   <b>"),
    ],
)  # fmt: skip
def test_passages_tell_what_is_left_out(headline: str, text: str, marked: str) -> None:
    assert shown(excerpt(headline, text)) == marked


def test_the_longest_part_is_marked() -> None:
    assert shown(with_parts("NIMB-LAPT-3011", ["3011", "lapt-3011", "zz"])) == "NIMB-<LAPT-3011>"
    assert shown(with_parts("NIMB-LAPT-3011", ["lapt 3011"])) == "NIMB-<LAPT-3011>"
    assert shown(with_parts("NIMB-LAPT", ["imbl", "-"])) == "N<IMB-L>APT"
    assert shown(with_parts("NIMB", ["zz"])) == "NIMB" and shown(with_parts("\u0130X", ["x"])) == "\u0130<X>"
