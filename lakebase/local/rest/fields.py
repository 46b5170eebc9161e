"""Reads request bodies field by field, so that each wrong one is named."""

import json
import re
from dataclasses import dataclass
from typing import Any

from lakebase.local.encoding import read_duration, read_timestamp
from lakebase.local.refusal import invalid

IDENTIFIER = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
TRUE, FALSE = "true", "false"


def read_body(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request; empty for an empty body. Raises Refusal 400."""
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise invalid(f"The request body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid("The request body must be a JSON object.")
    return body


def read_flag(text: str | None, name: str) -> bool:
    """A query parameter as the SDK writes booleans."""
    if text not in (None, "", TRUE, FALSE):
        raise invalid(f"Field '{name}' must be true or false, got {text!r:.80}.")
    return text == TRUE


def read_identifier(text: str | None, name: str, *, shortest: int = 1) -> str:
    """The id that a create names in its query. Raises Refusal 400 in the service's words."""
    if not text:
        raise invalid(f"Field '{name}' is required, expected non-default value (not \"\")!")
    if not IDENTIFIER.fullmatch(text):
        raise invalid(f"Field {name} must match pattern ^{IDENTIFIER.pattern}$, got '{text:.80}'.")
    if len(text) < shortest:
        raise invalid(f"Field {name} must have at least {shortest} characters, got '{text}'.")
    return text


@dataclass
class Fields:
    """A JSON object and the path to it, such as "spec". Null counts as absent, as in protobuf's JSON."""

    values: dict[str, Any]
    path: str

    @classmethod
    def of(cls, value: object, path: str) -> "Fields":
        if value is None:
            return cls({}, path)
        if not isinstance(value, dict):
            raise invalid(f"Field '{path}' must be an object.")
        return cls(value, path)

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def object(self, name: str) -> "Fields":
        return Fields.of(self.values.get(name), self._at(name))

    def text(self, name: str, default: str = "", *, longest: int = 1024) -> str:
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, str) or len(value) > longest or "\0" in value:
            raise invalid(
                f"Field '{self._at(name)}' must be a text of at most {longest} characters, got {value!r:.80}."
            )
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.values.get(name, default)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise invalid(f"Field '{self._at(name)}' must be true or false, got {value!r:.80}.")
        return value

    def number(self, name: str, default: float) -> float:
        value = self.values.get(name)
        if value is None:
            return default
        # protobuf's JSON takes numbers in quotes too.
        try:
            number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            number = None
        if number is None or not abs(number) < 1e15:
            raise invalid(f"Field '{self._at(name)}' must be a number, got {value!r:.80}.")
        return number

    def choice(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        value = self.text(name, default)
        if value and value not in choices:
            raise invalid(f"Field '{self._at(name)}' must be one of {', '.join(choices)}, got '{value:.80}'.")
        return value

    def seconds(self, name: str, shortest: float, longest: float) -> float:
        seconds = read_duration(self.values.get(name), self._at(name))
        if not shortest <= seconds <= longest:
            raise invalid(
                f"Field '{self._at(name)}' must be between {shortest:.0f}s and {longest:.0f}s, got {seconds:g}s."
            )
        return seconds

    def time(self, name: str) -> float:
        return read_timestamp(self.values.get(name), self._at(name))

    def list(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise invalid(f"Field '{self._at(name)}' must be a list.")
        return value

    def only(self, *names: str) -> None:
        """Refuse fields that are none of `names`: a misspelt one must not be dropped in silence."""
        for name in self.values:
            if name not in names:
                raise invalid(f"Field '{self._at(name):.120}' is unknown. Known are: {', '.join(names)}.")

    def exactly_one(self, names: tuple[str, ...], why: str) -> str:
        given = [name for name in names if self.has(name)]
        if len(given) != 1:
            raise invalid(f"Exactly one of {', '.join(map(self._at, names))} must be set {why}; got {len(given)}.")
        return given[0]

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def read_mask(mask: str | None, known: tuple[str, ...], spec: Fields, hints: dict[str, str] | None = None) -> list[str]:
    """The paths of an update mask, "*" being those that the body sets. Raises Refusal 400 with the known ones."""
    if not mask:
        raise invalid(f"Field 'update_mask' is required: name what to change, of {', '.join(known)}.")
    if mask == "*":
        roots = [path for path in known if spec.has(path.removeprefix("spec."))]
        return roots or list(known)
    paths = mask.split(",")
    for path in paths:
        if path not in known:
            hint = (hints or {}).get(path)
            raise invalid(
                f"Field 'update_mask' names '{path:.120}', which cannot be updated"
                + (f"; name {hint} instead." if hint else f". It may name {', '.join(known)}.")
            )
    return paths
