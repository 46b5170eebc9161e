"""Readers of environment variables. Each names its variable when the value cannot be used."""

import os
from typing import overload

from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@overload
def text(name: str) -> str | None: ...
@overload
def text(name: str, default: str) -> str: ...
def text(name: str, default: str | None = None) -> str | None:
    """The variable's value without surrounding blanks; an empty variable counts as missing."""
    return os.environ.get(name, "").strip() or default


def required(name: str, purpose: str) -> str:
    """The variable's value; `purpose` completes the sentence "Set NAME to ..." when it is missing."""
    value = text(name)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} to {purpose}.")
    return value


def secret(name: str) -> str | None:
    """The variable's value untouched, for passwords: blanks are part of them, and no message ever shows it."""
    return os.environ.get(name) or None


def flag(name: str, *, default: bool) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off; in any case."""
    value = text(name)
    if value is None:
        return default
    if (word := value.lower()) in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 (yes) or 0 (no), or unset it.")


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number between `least` and `most`, both included."""
    value = text(name)
    if value is None:
        return default
    if value.isascii() and value.isdecimal() and least <= int(value) <= most:
        return int(value)
    raise ImproperlyConfigured(
        f"{name} is {value!r}. Set it to a whole number from {least} to {most}, or unset it for {default}."
    )


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of the `allowed` words."""
    value = text(name, default)
    if value in allowed:
        return value
    raise ImproperlyConfigured(f"{name} is {value!r}. Set it to one of {', '.join(allowed)}, or unset it.")


def words(name: str, default: list[str]) -> list[str]:
    """A list separated by commas or blanks."""
    value = text(name)
    return default if value is None else value.replace(",", " ").split()
