"""Characters that turn the direction of a text turn nothing but the text that they stand in."""

from pages.templatetags.values import shown
from pages.visible import isolated, plain

OVERRIDE = "\u202e"


def test_json_and_sql_show_them_as_json_writes_them() -> None:
    assert plain(f'\'{{"street": "a{OVERRIDE}b"}}\'') == '\'{"street": "a\\u202eb"}\''
    assert shown({"street": OVERRIDE}) == '{"street": "\\u202e"}'
    assert plain("Köln مرحبا 👋") == "Köln مرحبا 👋"


def test_a_name_in_a_sentence_ends_its_direction() -> None:
    assert f"{isolated(OVERRIDE)} is added." == f"\u2068{OVERRIDE}\u2069 is added."
