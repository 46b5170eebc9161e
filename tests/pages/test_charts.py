"""Charts: geometry, and what the markup says to those who do not see it."""

import re
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string

from pages.charts import Bars, Line, Number, Row, daily_line, lying_bars, money, upright_bars

FIRST = date(2026, 11, 1)
HOSTILE = "</script><script>alert(1)</script>\"' & <b> \u202e ☃" + "x" * 10_000


def stock(*rows: Row) -> Bars:
    return lying_bars("stock", "Product inventory", rows, unit="In stock", group="Category")


def days(*values: Number) -> Line:
    series = [(FIRST + timedelta(days=place), value) for place, value in enumerate(values)]
    return daily_line("revenue", "Revenue a day", series, unit="Revenue", said=money)


def drawn(template: str, chart: Bars | Line) -> ElementTree.Element:
    """The figure, which is well-formed XML but for the doubtful void elements that it does not use."""
    return ElementTree.fromstring(render_to_string(f"charts/{template}.html", {"chart": chart}))


def test_bars_are_in_proportion_and_coloured_by_group() -> None:
    chart = stock(Row("Lamp", 200, "Light"), Row("Desk", 50, "Home"), Row("Bulb", 0, "Light"))
    assert [(bar.size, bar.colour, bar.at) for bar in chart.bars] == [(100, 1, 0), (25, 2, 40), (0, 1, 80)]
    assert [(series.name, series.colour) for series in chart.legend] == [("Light", 1), ("Home", 2)]
    assert chart.height == 120


def test_groups_beyond_the_colours_share_one() -> None:
    chart = stock(*(Row(f"p{place}", 1, f"c{place}") for place in range(12)))
    assert [bar.colour for bar in chart.bars] == [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]


@pytest.mark.parametrize("template", ["_lying_bars", "_upright_bars"])
def test_every_bar_is_a_mark_with_a_name_and_a_row(template: str) -> None:
    make = lying_bars if template == "_lying_bars" else upright_bars
    rows = [Row("Lamp", Decimal("1234.5"), "Light"), Row("Desk", 1, "Home")]
    figure = drawn(template, make("c", "Sales", rows, unit="Sold for", group="Category", said=money))
    marks = figure.findall(".//g[@tabindex='0']")
    assert [mark.get("aria-label") for mark in marks] == ["Lamp, Light: $1,234.50", "Desk, Home: $1.00"]
    assert all(mark.find("title") is not None for mark in marks)
    assert len(figure.findall(".//tbody/tr")) == 2


def test_a_line_starts_at_zero_and_ends_above_the_highest() -> None:
    chart = days(0, Decimal("12.50"), 40)
    assert [tick.said for tick in chart.ticks] == ["0", "10", "20", "30", "40"]
    assert [round(point.y, 1) for point in chart.points] == [100, 68.8, 0]
    assert chart.path == "M16.667 100.000L50.000 68.750L83.333 0.000"
    assert chart.days == (FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=2))
    figure = drawn("_daily_line", chart)
    assert [mark.get("aria-label") for mark in figure.findall(".//g[@tabindex='0']")][1] == "2 Nov 2026: $12.50"


@pytest.mark.parametrize("highest", [0.01, 1, 7, 9.99, 10, 99, 101, 4000, 5001, 123456, 10**12])
def test_the_axis_has_few_even_steps(highest: float) -> None:
    ticks = days(highest).ticks
    assert 3 <= len(ticks) <= 6
    assert days(highest).points[0].y >= -1e-6
    assert len({tick.said for tick in ticks}) == len(ticks)


@pytest.mark.parametrize("values", [(), (0,), (0, 0, 0), (-5, 3)])
def test_little_data_is_drawn_too(values: tuple[int, ...]) -> None:
    chart = days(*values)
    assert all(0 <= point.y <= 100 for point in chart.points)
    assert drawn("_daily_line", chart).tag == "figure"


@pytest.mark.parametrize("template", ["_lying_bars", "_upright_bars"])
def test_no_data_is_said(template: str) -> None:
    assert "Nothing to show yet." in render_to_string(f"charts/{template}.html", {"chart": stock()})


@pytest.mark.parametrize("template", ["_lying_bars", "_upright_bars"])
def test_hostile_names_are_text(template: str) -> None:
    figure = drawn(template, stock(Row(HOSTILE, 1, HOSTILE), Row("b", 2, "c")))
    assert not figure.findall(".//script") and not figure.findall(".//b")
    shown = [text.text or "" for text in figure.iter("text")]
    assert max(map(len, shown)) <= 40


def test_no_size_is_a_style() -> None:
    html = render_to_string("charts/_daily_line.html", {"chart": days(1, 2)})
    assert re.search(r"\sstyle=", html) is None
