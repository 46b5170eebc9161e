"""What provisioning steps are given and give back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str], None]


def quiet(sentence: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Outcome:
    """What became of a wish for the resource `name`. `changed` is False when everything was so already."""

    name: str
    changed: bool
    sentence: str

    def __str__(self) -> str:
        return self.sentence
