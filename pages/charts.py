"""Charts drawn by the server: here the geometry, in templates/charts/ the SVG.

Widths are percentages and heights pixels, so a chart fills its column and its text keeps its size. Each has focusable
marks with a title, and the same figures as a table.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil, floor, log10
from typing import NamedTuple

Number = int | float | Decimal
Said = Callable[[Number], str]

SERIES = 8  # colours in charts.css; further groups share the colour 0
LABEL_LENGTH = 34
ROW_HEIGHT = 40
PLOT_HEIGHT = 180


def counted(value: Number) -> str:
    return f"{value:,}"


def money(value: Number) -> str:
    return f"${value:,.2f}"


class Row(NamedTuple):
    """One figure; rows of the same `group` have the same colour."""

    label: str
    value: Number
    group: str = ""


class Series(NamedTuple):
    """An entry of the legend."""

    name: str
    colour: int


class Bar(NamedTuple):
    """`size` in percent of the longest; `at` and `room` in percent of the width (upright) or in pixels (lying)."""

    label: str
    short: str
    group: str
    said: str
    colour: int
    size: float
    at: float
    room: float


@dataclass(frozen=True, kw_only=True)
class Bars:
    """`id` names it on the page; `bars` is empty when there is nothing to show."""

    id: str
    title: str
    unit: str
    group: str
    bars: tuple[Bar, ...]
    legend: tuple[Series, ...]
    height: int


class Tick(NamedTuple):
    said: str
    y: float


class Point(NamedTuple):
    """A day: `x` in percent of the width; `y`, `left` and `width` (the band that answers the pointer) likewise."""

    day: date
    label: str
    said: str
    x: float
    y: float
    left: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """`path` and `area` are drawn in a box of 100 by 100; empty without days."""

    id: str
    title: str
    unit: str
    points: tuple[Point, ...]
    ticks: tuple[Tick, ...]
    days: tuple[date, ...]
    path: str
    area: str
    height: int = PLOT_HEIGHT


def lying_bars(id: str, title: str, rows: Iterable[Row], *, unit: str, group: str = "", said: Said = counted) -> Bars:
    """One bar below the other, in the order of `rows`; `unit` heads the figures' column, `group` that of the groups."""
    found = list(rows)
    bars = _bars(found, said, lambda place: (place * ROW_HEIGHT, ROW_HEIGHT))
    return Bars(
        id=id, title=title, unit=unit, group=group, bars=bars, legend=_legend(found), height=len(bars) * ROW_HEIGHT
    )


def upright_bars(id: str, title: str, rows: Iterable[Row], *, unit: str, group: str = "", said: Said = counted) -> Bars:
    """One bar beside the other: for few rows with short labels."""
    found = list(rows)
    share = 100 / max(len(found), 1)
    bars = _bars(found, said, lambda place: (place * share, share))
    return Bars(id=id, title=title, unit=unit, group=group, bars=bars, legend=_legend(found), height=PLOT_HEIGHT)


def daily_line(id: str, title: str, days: Sequence[tuple[date, Number]], *, unit: str, said: Said = counted) -> Line:
    """A figure for each day, oldest first, from zero upwards."""
    steps = _steps(max((float(value) for _, value in days), default=0.0))
    top = steps[-1]
    band = 100 / max(len(days), 1)
    points = tuple(
        Point(
            day, _told(day), said(value),
            (place + 0.5) * band, 100 - 100 * max(float(value), 0) / top, place * band, band,
        )
        for place, (day, value) in enumerate(days)
    )  # fmt: skip
    path = "M" + "L".join(f"{point.x:.3f} {point.y:.3f}" for point in points) if points else ""
    area = f"{path}L{points[-1].x:.3f} 100L{points[0].x:.3f} 100Z" if points else ""
    ticks = tuple(Tick(_short(step), 100 - 100 * step / top) for step in steps)
    return Line(id=id, title=title, unit=unit, points=points, ticks=ticks, days=_some(days), path=path, area=area)


def _bars(rows: list[Row], said: Said, where: Callable[[int], tuple[float, float]]) -> tuple[Bar, ...]:
    colours = {series.name: series.colour for series in _legend(rows)}
    longest = max((float(row.value) for row in rows), default=0.0) or 1.0
    return tuple(
        Bar(
            row.label,
            row.label if len(row.label) <= LABEL_LENGTH else f"{row.label[: LABEL_LENGTH - 1].rstrip()}…",
            row.group,
            said(row.value),
            colours.get(row.group, 0) if row.group else 1,
            100 * max(float(row.value), 0.0) / longest,
            *where(place),
        )
        for place, row in enumerate(rows)
    )


def _legend(rows: list[Row]) -> tuple[Series, ...]:
    groups = dict.fromkeys(row.group for row in rows if row.group)
    return tuple(Series(name, place if place <= SERIES else 0) for place, name in enumerate(groups, start=1))


def _steps(highest: float) -> list[float]:
    """From zero in three to five even steps of 1, 2 or 5 to above the highest."""
    if highest <= 0:
        return [0.0, 1.0]
    scale = 10.0 ** floor(log10(highest / 4))
    step = next(scale * factor for factor in (1, 2, 5, 10) if scale * factor * 4 >= highest * (1 - 1e-9))
    return [step * place for place in range(ceil(highest / step - 1e-9) + 1)]


def _told(day: date) -> str:
    """Once for each day: it stands in four places, and a template's filter takes ten times as long."""
    return f"{day.day} {day:%b %Y}"


def _short(value: float) -> str:
    """1.5M, 20k, 400: for an axis."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _some(days: Sequence[tuple[date, Number]]) -> tuple[date, ...]:
    """First, middle and last, as far as there are so many."""
    found = tuple(day for day, _ in days)
    return found if len(found) < 3 else (found[0], found[(len(found) - 1) // 2], found[-1])
