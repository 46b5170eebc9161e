"""The JSON encodings of protobuf: durations are "604800s", timestamps "2026-11-22T10:20:28.761Z"."""

import math
import re
from datetime import UTC, datetime

from lakebase.local.refusal import invalid

DURATION = re.compile(r"\d{1,12}(\.\d{1,9})?s")

# The bounds of protobuf's Timestamp: the years 1 to 9999.
EARLIEST = datetime(1, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC).timestamp()


def duration(seconds: float) -> str:
    """Seconds as "90s", or "1.500s" when they are not whole."""
    whole = round(seconds)
    return f"{whole}s" if math.isclose(seconds, whole) else f"{seconds:.3f}s"


def timestamp(epoch_seconds: float) -> str:
    """Epoch seconds as RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_duration(value: object, field: str) -> float:
    """Seconds from "300s". Raises Refusal 400 naming the field."""
    if not isinstance(value, str) or not DURATION.fullmatch(value):
        raise invalid(f"Field '{field}' must be a duration in seconds such as \"3600s\", got {value!r:.80}.")
    return float(value[:-1])


def read_timestamp(value: object, field: str) -> float:
    """Epoch seconds from RFC 3339 with a zone. Raises Refusal 400 naming the field."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid(f"Field '{field}' must be a time such as \"2026-11-22T10:20:28Z\", got {value!r:.80}.")
    # A zone may lead out of the years that can be written, and rounding too.
    return min(max(moment.timestamp(), EARLIEST), LATEST)
