"""Compute units and the suspend timeout, as endpoints and projects spell them."""

from typing import Any

from lakebase.local.encoding import duration
from lakebase.local.records import ComputeSettings
from lakebase.local.refusal import invalid, not_emulated
from lakebase.local.rest.fields import Fields

MIN, MAX = "autoscaling_limit_min_cu", "autoscaling_limit_max_cu"
SUSPEND, NO_SUSPEND = "suspend_timeout_duration", "no_suspension"
# The SDK's EndpointSpec: 16 (older texts say 8). Above 64 CU a compute is of fixed size.
WIDEST_SPREAD = 16
LARGEST_AUTOSCALING, LARGEST = 64, 112
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 60, 604_800


def read_limits(fields: Fields, base: ComputeSettings) -> ComputeSettings:
    """`base` with the limits that the fields set. Raises Refusal 400 when they do not go together."""
    low, high = fields.number(MIN, base.min_cu), fields.number(MAX, base.max_cu)
    for name, value in ((MIN, low), (MAX, high)):
        if value != 0.5 and (value != int(value) or not 1 <= value <= LARGEST):
            raise invalid(
                f"Field '{fields.path}.{name}' must be 0.5 or a whole number from 1 to {LARGEST}, got {value:g}."
            )
    if low > high:
        raise invalid(f"Field '{fields.path}.{MIN}' ({low:g}) must not exceed '{fields.path}.{MAX}' ({high:g}).")
    if high - low > WIDEST_SPREAD:
        raise invalid(
            f"The difference between {MAX} ({high:g}) and {MIN} ({low:g}) must not exceed {WIDEST_SPREAD} CU; "
            f"it is {high - low:g}."
        )
    if high > LARGEST_AUTOSCALING and low != high:
        raise invalid(
            f"Above {LARGEST_AUTOSCALING} CU the size is fixed: {MIN} and {MAX} must be equal, "
            f"got {low:g} and {high:g}."
        )
    return ComputeSettings(low, high, base.suspend_timeout)


def read_suspension(fields: Fields, base: ComputeSettings, *, required: bool = False) -> ComputeSettings:
    """`base` with the timeout that the fields set; `required`: an update whose mask names it."""
    if not required and not fields.has(SUSPEND) and not fields.has(NO_SUSPEND):
        return base
    if fields.exactly_one((SUSPEND, NO_SUSPEND), "for suspension") == SUSPEND:
        return ComputeSettings(base.min_cu, base.max_cu, fields.seconds(SUSPEND, SHORTEST_TIMEOUT, LONGEST_TIMEOUT))
    if not fields.flag(NO_SUSPEND):
        raise invalid(f"Field '{fields.path}.{NO_SUSPEND}' must be true when it is set; or set {SUSPEND}.")
    return ComputeSettings(base.min_cu, base.max_cu, None)


def refuse_what_is_not_emulated(fields: Fields) -> None:
    """High availability and Postgres settings of an endpoint."""
    group = fields.object("group")
    if group.number("min", 1) != 1 or group.number("max", 1) != 1 or group.flag("enable_readable_secondaries"):
        raise not_emulated("high availability (a group of more than one compute).")
    if fields.object("settings").has("pg_settings") or fields.has("pg_settings"):
        raise not_emulated("pg_settings of an endpoint. Set them by SQL: ALTER DATABASE or ALTER ROLE ... SET.")


def render_settings(settings: ComputeSettings) -> dict[str, Any]:
    body: dict[str, Any] = {MIN: _number(settings.min_cu), MAX: _number(settings.max_cu)}
    if settings.suspend_timeout is not None:
        body[SUSPEND] = duration(settings.suspend_timeout)
    return body


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value
