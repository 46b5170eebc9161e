"""Tags and JSON objects as people type them, and as they come back."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from pages.fields import JsonObjectField, TagsField, tags_as_text, tags_from_text
from pages.visible import isolated

TAGS, OBJECT = TagsField(longest=500, most=500, required=False), JsonObjectField(required=False)
WORD = st.text(st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs"]), min_size=1).map(str.strip)


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", []),
        (" , ,", []),
        ("new, sale,usb-c ", ["new", "sale", "usb-c"]),
        ("new, new,new", ["new"]),
        ('"a, b", c', ["a, b", "c"]),
        ('"say ""hi""", 👋, مرحبا', ['say "hi"', "👋", "مرحبا"]),
        ('half "quoted', ['half "quoted']),
        ("</script>", ["</script>"]),
    ],
)
def test_tags_are_parted_by_commas(typed: str, tags: list[str]) -> None:
    assert TAGS.clean(typed) == tags


@pytest.mark.fuzz
@given(st.lists(WORD.filter(bool), unique=True))
def test_tags_come_back_as_they_went(tags: list[str]) -> None:
    assert tags_from_text(tags_as_text(tags)) == tags


@pytest.mark.parametrize("typed", ["x" * 501, "a\x00b"])
def test_a_tag_that_cannot_be_stored_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        TAGS.clean(typed)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", {}),
        ("  ", {}),
        ("{}", {}),
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ('{"a": 1e5}', {"a": 1e5}),
        ('{"a": 1e399, "b": [0.10]}', {"a": 10**399, "b": [Decimal("0.10")]}),
        ('{"a": ' + "[" * 99 + "]" * 99 + "}", {"a": json.loads("[" * 99 + "]" * 99)}),
    ],
)
def test_an_object_is_read(typed: str, found: dict[str, object]) -> None:
    assert OBJECT.clean(typed) == found


@pytest.mark.parametrize(
    "typed",
    [
        "{",
        "[]",
        "1",
        '"text"',
        "null",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        '{"a": 1e99999999999999999999}',
        '{"a": [1e-999]}',
        '{"a": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"a": "\\ud800"}',
        '{"a": ' + "1" * 5000 + "}",
        '{"a": ' + "[" * 20_000 + "]" * 20_000 + "}",
        "[" * 50_000,
        '{"a": ' * 400 + "1" + "}" * 400,
        '{"a": ' * 101 + "1" + "}" * 101,
        json.dumps({"a": "x" * 70_000}),
    ],
    ids=lambda typed: typed[:20],
)
def test_what_cannot_be_stored_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        OBJECT.clean(typed)
    assert refusal.value.messages[0].endswith(".")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ('{"a": 1, "a": 2}', "a"),
        ('{"a": 1, "\\u0061": 1}', "a"),
        ('{"": 1, "b": 2, "": 3}', ""),
        ('{"o": {"list": [1, {"in": 1, "in": 2}]}}', "in"),
        ('{"%s": 1, "%s": 2}' % (("k" * 99,) * 2), "k" * 59 + "…"),
        ('{"\\ud800": 1, "\\ud800": 2}', "\\ud800"),
    ],
)
def test_a_key_that_is_there_twice_is_named_at_every_depth(typed: str, key: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        OBJECT.clean(typed)
    (told,) = refusal.value.messages
    assert told.startswith(f"The key “{isolated(key)}” is there twice")
    told.encode()


def test_the_same_key_in_two_objects_is_none_twice() -> None:
    assert OBJECT.clean('{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}') == {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}


def test_an_object_is_shown_as_json_and_what_was_typed_stays() -> None:
    assert OBJECT.prepare_value({"a": "é"}) == '{\n  "a": "é"\n}'
    assert OBJECT.prepare_value("{typed") == "{typed"


def test_only_a_difference_is_a_change() -> None:
    assert not OBJECT.has_changed({"a": 1, "b": 2}, '{"b":2, "a":1}')
    assert OBJECT.has_changed({"a": 1}, '{"a": true}') and OBJECT.has_changed({"a": Decimal("1.5")}, '{"a": "1.5"}')
    assert OBJECT.has_changed({"a": 1}, "{") and OBJECT.has_changed({}, '{"a": 1}')
    assert not TAGS.has_changed(["a", "b"], "a,b") and TAGS.has_changed(["a"], "")
