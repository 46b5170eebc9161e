"""The dataclasses of the SDK's service/postgres.py, and one of each with every field filled."""

import dataclasses
import inspect
import types
import typing
from enum import Enum
from typing import Any

from databricks.sdk.service import postgres
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

DATACLASSES = [kind for _, kind in inspect.getmembers(postgres, dataclasses.is_dataclass)]
PLAIN = {str: "text", int: 7, float: 1.5, bool: True}


def filled(kind: type) -> Any:
    """An instance with a value in each field, down to the last."""
    hints = typing.get_type_hints(kind, vars(postgres))
    return kind(**{field.name: _value(hints[field.name]) for field in dataclasses.fields(kind)})


def _value(hint: Any) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _value(next(one for one in inner if one is not type(None)))
    if origin is list:
        return [_value(inner[0])]
    if origin is dict or hint is dict or hint is Any:
        return {"key": "text"}
    if hint is Duration:
        return Duration(seconds=3600)
    if hint is Timestamp:
        return Timestamp(seconds=1_790_000_000)
    if hint in PLAIN:
        return PLAIN[hint]
    if issubclass(hint, Enum):
        return next(iter(hint))
    return filled(hint)
