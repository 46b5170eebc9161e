"""The compute of a branch: how large it may grow and when it sleeps."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..control_plane import Endpoint, LakebaseError, NoEndpoint, read_write_endpoint
from .durations import protobuf, write_duration
from .operations import TIMEOUT_SECONDS, StillRunning, finish
from .outcome import Outcome, Progress, quiet

# The SDK's EndpointSpec: 0.5 to 64 CU, at most 16 apart; above 64 the size is fixed.
SMALLEST, LARGEST_AUTOSCALING, LARGEST, WIDEST_SPREAD = 0.5, 64, 112, 16
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 60, 604_800
READY = ("ACTIVE", "IDLE", "DEGRADED")
LOOK_AGAIN_SECONDS = 1.0


class OutOfRange(LakebaseError):
    """A size or time that no endpoint takes; found before anybody is asked."""


@dataclass(frozen=True)
class Limits:
    """Compute units (CU, about 2 GB of memory each) between which an endpoint scales. Raises OutOfRange."""

    min_cu: float
    max_cu: float

    def __post_init__(self) -> None:
        for what, size in (("smallest", self.min_cu), ("largest", self.max_cu)):
            if size != SMALLEST and not (1 <= size <= LARGEST and size == int(size)):
                raise OutOfRange(f"The {what} size cannot be {size:g} CU. Give 0.5 or a whole number, 1 to {LARGEST}.")
        if self.min_cu > self.max_cu:
            raise OutOfRange(
                f"The smallest size, {self.min_cu:g} CU, exceeds the largest, {self.max_cu:g} CU. Exchange them."
            )
        if self.max_cu - self.min_cu > WIDEST_SPREAD:
            raise OutOfRange(
                f"{self.min_cu:g} and {self.max_cu:g} CU are {self.max_cu - self.min_cu:g} CU apart, and an endpoint "
                f"scales over {WIDEST_SPREAD} at most. Raise the smallest or lower the largest size."
            )
        if self.max_cu > LARGEST_AUTOSCALING and self.min_cu != self.max_cu:
            raise OutOfRange(
                f"Above {LARGEST_AUTOSCALING} CU a compute does not scale. Give {self.max_cu:g} CU as both sizes, or "
                f"{LARGEST_AUTOSCALING} CU at most."
            )

    def __str__(self) -> str:
        return f"{self.min_cu:g} to {self.max_cu:g} CU"


@dataclass(frozen=True)
class Suspension:
    """After how many seconds without queries an endpoint sleeps; None is never. Raises OutOfRange."""

    seconds: int | None

    def __post_init__(self) -> None:
        if self.seconds is not None and not SHORTEST_TIMEOUT <= self.seconds <= LONGEST_TIMEOUT:
            raise OutOfRange(
                f"An endpoint cannot suspend after {write_duration(self.seconds)}. Give {SHORTEST_TIMEOUT}s to "
                f"{write_duration(LONGEST_TIMEOUT)}, or never."
            )

    def __str__(self) -> str:
        return "never suspends" if self.seconds is None else f"suspends after {write_duration(self.seconds)}"


def resize(
    project: str, branch: str, *, min_cu: float | None = None, max_cu: float | None = None, progress: Progress = quiet
) -> Outcome:
    """Set the sizes of the branch's read-write endpoint; None leaves that one as it is.

    Raises OutOfRange, NotFound and other LakebaseErrors.
    """
    if min_cu is not None and max_cu is not None:
        Limits(min_cu, max_cu)  # what is wrong in itself needs no workspace to say so
    found = read_write_endpoint(project, branch)
    limits = Limits(_chosen(min_cu, found.min_cu, "--min-cu"), _chosen(max_cu, found.max_cu, "--max-cu"))
    if (found.min_cu, found.max_cu) == (limits.min_cu, limits.max_cu):
        return Outcome(found.name, False, f"Branch {branch} of {project} has {limits} already.")
    progress(f"Setting branch {branch} of {project} to {limits}")
    _update(
        found, ["spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"],
        autoscaling_limit_min_cu=limits.min_cu, autoscaling_limit_max_cu=limits.max_cu,
    )  # fmt: skip
    return Outcome(found.name, True, f"Branch {branch} of {project} now scales from {limits}.")


def suspend_after(project: str, branch: str, suspension: Suspension, *, progress: Progress = quiet) -> Outcome:
    """Set when the branch's read-write endpoint sleeps. Raises LakebaseErrors."""
    found = read_write_endpoint(project, branch)
    if found.suspend_after_seconds == suspension.seconds:
        return Outcome(found.name, False, f"Branch {branch} of {project} {suspension}, as before.")
    progress(f"Changing when branch {branch} of {project} sleeps")
    if suspension.seconds is None:
        _update(found, ["spec.suspension"], no_suspension=True)
    else:
        _update(found, ["spec.suspension"], suspend_timeout_duration=protobuf(suspension.seconds))
    return Outcome(found.name, True, f"Branch {branch} of {project} now {suspension}.")


def wait_until_ready(project: str, branch: str, timeout: float = TIMEOUT_SECONDS) -> Endpoint:
    """The branch's read-write endpoint once it can be connected to. Raises StillRunning after `timeout` seconds."""
    until = time.monotonic() + timeout
    while True:
        try:
            found = read_write_endpoint(project, branch)
        except NoEndpoint:
            found = None
        # A state that this SDK does not know arrives as None: the host tells enough.
        if found and found.host and (found.state is None or found.state in READY):
            return found
        if time.monotonic() >= until:
            raise StillRunning(
                f"Branch {branch} of {project} exists, but its endpoint is not ready after {timeout:g} s. "
                "`manage.py lakebase info` shows its state."
            )
        time.sleep(LOOK_AGAIN_SECONDS)


def _chosen(given: float | None, current: float | None, option: str) -> float:
    chosen = current if given is None else given
    if chosen is None:
        raise OutOfRange(f"The workspace does not say what the endpoint has now. Give {option} too.")
    return chosen


def _update(found: Endpoint, mask: list[str], **settings: object) -> None:
    from databricks.sdk.common.types.fieldmask import FieldMask
    from databricks.sdk.service.postgres import Endpoint as SdkEndpoint
    from databricks.sdk.service.postgres import EndpointSpec, EndpointType

    # The type is required by the SDK, also where the mask leaves it alone.
    spec = EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_WRITE, **settings)  # type: ignore[arg-type]
    finish(
        f"change the endpoint {found.name}",
        lambda w: w.postgres.update_endpoint(
            name=found.name, endpoint=SdkEndpoint(spec=spec), update_mask=FieldMask(mask)
        ),
    )
