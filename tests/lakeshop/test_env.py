"""Variables that cannot be used are refused by name."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from lakeshop import env

NAME = "LAKESHOP_TEST_VARIABLE"


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(NAME, raising=False)
    return monkeypatch


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", " on "])
def test_flag_is_on(variable: pytest.MonkeyPatch, value: str) -> None:
    variable.setenv(NAME, value)
    assert env.flag(NAME, default=False) is True


@pytest.mark.parametrize("value", ["0", "False", "no", "off"])
def test_flag_is_off(variable: pytest.MonkeyPatch, value: str) -> None:
    variable.setenv(NAME, value)
    assert env.flag(NAME, default=True) is False


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_is_a_missing_one(variable: pytest.MonkeyPatch, value: str) -> None:
    variable.setenv(NAME, value)
    assert env.flag(NAME, default=True) is True
    assert env.text(NAME) is None
    assert env.text(NAME, "usual") == "usual"
    assert env.number(NAME, 7, least=1, most=9) == 7
    assert env.words(NAME, ["a"]) == ["a"]


def test_number_keeps_its_bounds(variable: pytest.MonkeyPatch) -> None:
    variable.setenv(NAME, "9")
    assert env.number(NAME, 7, least=1, most=9) == 9


@pytest.mark.parametrize("value", ["0", "10", "-1", "1.5", "eight", "٣"])
def test_number_out_of_bounds_is_refused(variable: pytest.MonkeyPatch, value: str) -> None:
    variable.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is .* from 1 to 9, or unset it for 7"):
        env.number(NAME, 7, least=1, most=9)


def test_flag_names_what_it_cannot_read(variable: pytest.MonkeyPatch) -> None:
    variable.setenv(NAME, "maybe")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is 'maybe'. Set it to 1"):
        env.flag(NAME, default=False)


def test_choice_names_the_words_it_knows(variable: pytest.MonkeyPatch) -> None:
    variable.setenv(NAME, "blue")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is 'blue'. Set it to one of red, green"):
        env.choice(NAME, ("red", "green"), "red")


def test_required_says_what_to_set(variable: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"Set {NAME} to the host."):
        env.required(NAME, "the host")
    variable.setenv(NAME, "db.example.com")
    assert env.required(NAME, "the host") == "db.example.com"


def test_secret_keeps_its_blanks(variable: pytest.MonkeyPatch) -> None:
    variable.setenv(NAME, " pass word ")
    assert env.secret(NAME) == " pass word "


def test_words_are_parted_by_commas_and_blanks(variable: pytest.MonkeyPatch) -> None:
    variable.setenv(NAME, "a.example, b.example c.example")
    assert env.words(NAME, []) == ["a.example", "b.example", "c.example"]
