"""Panels as pictures are read back from the drawing: axes, line, band, texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

import pendulum
import pytest
from attacks import ATTACKS
from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st
from measure_model import PLAIN, Paid, day, paid, random_log

from bri_timeline import (
    Event,
    EventLog,
    Panel,
    PanelRow,
    Projection,
    Source,
    dyads,
    projection,
)
from bri_timeline._text import safe
from bri_timeline.errors import PictureError
from bri_timeline.measures import Measure, count, distinct, latest, total
from bri_timeline.pages import panel
from bri_timeline.pages._wording import LANGUAGES, strings
from bri_timeline.relations import Joined, Left, Met, Visited


SVG = "{http://www.w3.org/2000/svg}"
START, STOP = day(0), day(12)
NUMBERS = [m for m in PLAIN if m.aggregate != "latest" or m.of == "amount"]


@frozen
class Cell:
    """One drawing, as somebody with a ruler reads it.

    Attributes:
        name: The text above it.
        told: The lines of its title.
        levels: The y and the number of each grid line.
        left: The x of the first day.
        right: The x of the end of the last day.
        lines: The points of each line.
        bands: The points of the outline of each band.
        dashed: Whether each line is dashed.
    """

    name: str
    told: list[str]
    levels: list[tuple[float, Fraction]]
    left: float
    right: float
    lines: list[list[tuple[float, float]]]
    bands: list[list[tuple[float, float]]]
    dashed: list[bool]

    def value(self, y: float) -> float:
        """Return the value at a height, by the labels of the grid lines."""
        (y0, low), *_, (y1, high) = self.levels
        return float(low) + (y0 - y) / (y0 - y1) * float(high - low)

    def heights(self, paths: list[list[tuple[float, float]]], x: float) -> list[float]:
        """Return the heights at which level parts of some paths lie at an x."""
        return [
            self.value(y)
            for path in paths
            for (x0, y), (x1, y1) in pairwise(path)
            if y == y1 and min(x0, x1) <= x <= max(x0, x1)
        ]


def cells(drawing: str) -> list[Cell]:
    """Read the drawings of a picture."""
    root = ET.fromstring(drawing)
    return [_cell(g) for g in root.iter(f"{SVG}g") if g.find(f"{SVG}title") is not None]


def _cell(g: ET.Element) -> Cell:
    title, name, *rest = g
    count = sum(node.tag == f"{SVG}line" for node in rest)
    grid = rest[: 2 * count]
    levels = [
        (float(line.get("y1", "")), Fraction((label.text or "").replace(",", "")))
        for line, label in zip(grid[::2], grid[1::2], strict=True)
    ]
    paths = [node for node in rest if node.tag == f"{SVG}path"]
    lines = [path for path in paths if path.get("fill") == "none"]
    return Cell(
        name.text or "",
        (title.text or "").split("\n"),
        levels,
        float(grid[0].get("x1", "")),
        float(grid[0].get("x2", "")),
        [_points(path) for path in lines],
        [_points(path) for path in paths if path not in lines],
        [path.get("stroke-dasharray") is not None for path in lines],
    )


def _points(path: ET.Element) -> list[tuple[float, float]]:
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d", ""))
    return [(float(x), float(y)) for x, y in found]


def by_payee(event: Event) -> list[str]:
    """Return who is paid, if somebody is."""
    return [event.what.to] if isinstance(event.what, Paid) else ["nobody"]


def panel_of(log: EventLog, measure: Measure[Any], **more: Any) -> Panel[Any, Any]:
    """Return a panel of the days around the turn of a year."""
    return log.panel(measure, by=by_payee, start=START, stop=STOP, **more)


def assert_drawn(
    cell: Cell, rows: list[PanelRow[Any, Any]], known: float = math.inf
) -> None:
    """Assert that a drawing shows exactly some rows, up to the last day known."""
    first, last = rows[0].since, rows[-1].until
    assert first is not None
    days = last.toordinal() + 1 - first.toordinal()
    high, low = cell.levels[-1][1], cell.levels[0][1]
    # Positions are rounded to a tenth of a pixel, of some hundred.
    near = float(high - low) / 300
    for row in rows:
        assert row.since is not None
        middle = (row.since.toordinal() + row.until.toordinal() + 1) / 2
        share = (middle - first.toordinal()) / days
        x = cell.left + share * (cell.right - cell.left)
        line, band = cell.heights(cell.lines, x), cell.heights(cell.bands, x)
        is_known = middle < known + 1
        expected = [float(row.value)] if row.value is not None and is_known else []
        assert line == pytest.approx(expected, abs=near)
        bounds = [float(row.high), float(row.low or 0)] if row.low is not None else []
        assert band == pytest.approx(bounds * is_known, abs=near)
        if line and band:
            assert band[0] >= line[0] >= band[1]


def _numbers(row: PanelRow[Any, Any]) -> tuple[Any, Any, Any]:
    return row.value, row.low, row.high


@given(
    st.randoms(use_true_random=False),
    st.sampled_from(NUMBERS),
    st.sampled_from(["day", "month", "year"]),
    st.booleans(),
)
def test_a_panel_is_read_from_its_picture_as_it_is(
    random: Random, measure: Measure[Any], every: str, flow: bool
) -> None:
    """Line and band are where the labels of the axes say that the values are."""
    log = random_log(random)
    shown = panel_of(log, measure, every=every, flow=flow)
    rows: dict[Any, list[PanelRow[Any, Any]]] = {}
    for row in shown:
        rows.setdefault(row.key, []).append(row)
    drawn = cells(panel.render(shown))

    known = [e.known_day for e in [*log] if e.known_day is not None]
    changes = [
        row.since.toordinal()
        for of_key in rows.values()
        for before, row in pairwise([None, *of_key])
        if row is not None and row.since is not None
        if before is None or _numbers(before) != _numbers(row)
    ]
    last = max([*known, *changes]) if known else math.inf
    assert list(rows) == [cell.name for cell in drawn]
    for cell, of_key in zip(drawn, rows.values(), strict=True):
        assert_drawn(cell, of_key, last)
    assert len({tuple(number for _, number in cell.levels) for cell in drawn}) <= 1


@given(
    st.lists(
        st.integers(-(10**40), 10**40)
        | st.integers(-9, 9)
        | st.decimals(-(10**6), 10**6, places=5),
        min_size=1,
        max_size=3,
    )
)
@example([1])
@example([-3 * 10**40, Decimal("0.5")])
def test_amounts_of_any_size_have_labels_that_fit(amounts: list[int | Decimal]) -> None:
    """Labels are few and round, zero is one, and they enclose all amounts."""
    days = [day(number) for number in range(1, 4)]
    log = EventLog.of(
        *(Event(Paid(a), when=d) for a, d in zip(amounts, days, strict=False))
    )
    shown = panel_of(log, total(Paid, "amount"), every="day", flow=True)
    (cell,) = cells(panel.render(shown))
    numbers = [number for _, number in cell.levels]

    assert 2 <= len(numbers) <= 6
    assert 0 in numbers
    if all(isinstance(amount, int) for amount in amounts):
        assert all(number.denominator == 1 for number in numbers)
    assert all(numbers[0] <= amount <= numbers[-1] for amount in amounts)
    assert len({b - a for a, b in pairwise(numbers)}) == 1
    assert_drawn(cell, list(shown))


@projection(initial=int)
def last_amount(amount: int, event: Event) -> int:
    """Return the amount of the last payment."""
    return int(paid(event).amount or 0)


def test_a_value_without_bounds_is_a_dashed_line() -> None:
    """Where bounds are not known there is no band, and the line is dashed."""
    # Ten payments of one day have more orders than are tried.
    many = [Event(Paid(n), when="2016-01-05") for n in range(10)]
    log = EventLog.of(Event(Paid(3), when="2016-01-02"), *many)
    shown = panel_of(log, last_amount, every="day")
    drawing = panel.render(shown)
    (cell,) = cells(drawing)

    assert [False, True] == cell.dashed
    assert ">may be less or more: by how much is not known<" in drawing
    assert cell.told[-1].endswith(", bounds not known")
    assert_drawn(cell, list(shown))


def test_no_value_interrupts_the_line() -> None:
    """Before its first value `latest` has none, and the line begins with it."""
    log = EventLog.of(Event(Paid(3), when="2016-01-02"))
    shown = panel_of(log, latest(Paid, "amount"), every="day")
    (cell,) = cells(panel.render(shown))

    assert cell.told[1:] == [
        "2015-12-30/2016-01-01: no value, bounds not known",
        "2016-01-02/2016-01-11: 3",
    ]
    assert_drawn(cell, list(shown))


def test_a_title_has_names_and_all_values() -> None:
    """Actors have their names; equal values that follow each other are one line."""
    visit = Visited("KAZ", "CHN")
    log = EventLog.of(Event(visit, when="2016"), Event(visit, when="[2016..2017]"))
    years = log.panel(
        count(Visited), by=dyads, every="year", start="2014-01-01", stop="2018-12-31"
    )
    (cell,) = cells(panel.render(years))

    assert cell.name == "China, Kazakhstan"
    assert cell.told == [
        "China, Kazakhstan",
        "2014-01-01/2015-12-31: 0",
        "2016-01-01/2016-12-31: 1, 1 to 2",
        "2017-01-01/2018-12-31: 2",
    ]
    # The first line is at 1 where it may be 2: that it is so is not certain.
    assert ">only what is certain<" in panel.render(years)


def test_a_title_of_many_values_is_cut() -> None:
    """A title has the first values, and says how many more there are."""
    months = [f"20{year}-{month:02}" for year in (16, 17, 18) for month in range(1, 13)]
    log = EventLog.of(*(Event(Paid(1), when=month) for month in months))
    by_month = log.panel(
        count(), by=by_payee, every="month", start="2016-01-01", stop="2018-12-31"
    )
    (cell,) = cells(panel.render(by_month))

    assert cell.told[0] == "a"
    assert cell.told[24:] == ["2017-12-01/2017-12-31: 24", "twelve more"]


@pytest.mark.parametrize(("width", "across"), [(960, 4), (500, 2), (10, 2)])
def test_drawings_stand_in_rows_within_the_picture(width: int, across: int) -> None:
    """As many stand side by side as have room, and none leaves the picture."""
    payees = [f"payee {number:02}" for number in range(30)]
    log = EventLog.of(*(Event(Paid(1, to), when="2016-01-01") for to in payees))
    drawing = panel.render(panel_of(log, count()), width=width)
    found, root = cells(drawing), ET.fromstring(drawing)

    assert payees == [cell.name for cell in found]
    assert len({cell.left for cell in found}) == across
    assert all(0 < c.left < c.right < max(width, 480) for c in found)
    height = float(root.get("height", ""))
    assert all(y <= height for cell in found for y, _ in cell.levels)
    assert len({(cell.left, cell.levels[0][0]) for cell in found}) == len(payees)


def test_a_picture_is_the_same_each_time() -> None:
    """The same panel gives the same picture, without what depends on hashes."""
    log = random_log(Random(3), most=9)
    shown = panel_of(log, count(), every="day")

    assert panel.render(shown) == panel.render(panel_of(log, count(), every="day"))


def test_an_empty_panel_has_no_drawing() -> None:
    """A panel without keys is a picture that says so."""
    drawing = panel.render(panel_of(EventLog(), count()))

    assert [] == cells(drawing)
    assert "count(): nothing is reported." in drawing


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_ends_with_the_last_report(language: str) -> None:
    """Nobody has told what came later; as known by a day it ends there."""
    words = strings(language)
    log = EventLog.of(
        Event(Paid(1), when="2016-01-01", cite=Source("A", published="2016-01-03"))
    )
    for known, end in ((None, 3), ("2016-01-05", 5)):
        shown = panel_of(log, count(Paid), every="day", known_by=known)
        drawing = panel.render(shown, language=language)
        (cell,) = cells(drawing)
        day = date(2016, 1, end).toordinal()
        first, *_, final = (row.until.toordinal() for row in shown)
        share = (day + 1 - first) / (final + 1 - first)
        wide = cell.right - cell.left

        assert cell.lines[0][-1][0] == pytest.approx(cell.left + share * wide, abs=0.2)
        assert words("pictures.known_until", day=words.day(day)) in drawing
        assert words("pictures.day_start") in drawing
        assert "count(Paid)" in drawing
        assert f"/2016-01-0{end}" in cell.told[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_and_its_periods_have_names(language: str) -> None:
    """Kinds are told as on a page, and a step stands at the start of its month."""
    words = strings(language)
    log = EventLog.of(Event(Visited("KAZ", "CHN"), when="2016-02-01"))
    for every, key in (
        (pendulum.duration(days=10), "period"),
        *((name, name) for name in ("day", "month", "quarter", "year")),
    ):
        shown = log.panel(
            count(Visited), by=dyads, every=every, start="2016-01-01", stop="2017-12-31"
        )
        drawing = panel.render(shown, language=language)

        assert f">{words('kinds.Visits')}{words('sentence.comma')}" in drawing
        assert words(f"pictures.{key}_start") in drawing


def own(number: int, event: Event) -> int:
    """Return one more."""
    return number + 1


@pytest.mark.parametrize(
    ("measure", "of", "name"),
    [
        (count(Visited, Met), None, "Meetings, Visits, from"),
        (count(Joined), None, "count(Joined), from"),
        (count(Joined, Left), None, "Memberships, from"),
        (count(Visited, where=bool), None, "count(Visited, where=bool), from"),
        (count(Visited, active=True), None, "count(Visited, active=True), from"),
        (distinct(Visited, "host"), None, "distinct(Visited, host), from"),
        (count(Visited), float, "count(Visited), from"),
        (projection(initial=int)(own), None, "own, from"),
    ],
)
def test_what_is_no_number_of_whole_kinds_keeps_its_name(
    measure: Projection[Any], of: Callable[[Any], Any] | None, name: str
) -> None:
    """Who counts what joined has not counted memberships."""
    visit, lasting = Visited("KAZ", "CHN"), Joined("KAZ", "SCO")
    log = EventLog.of(Event(visit, when="2016/2017"), Event(lasting, when="2016"))
    shown = log.panel(
        measure, by=by_nobody, of=of, start="2016-01-01", stop="2017-01-01"
    )

    assert f">{name} " in panel.render(shown)


def by_nobody(event: Event) -> list[str]:
    """Return the same key of each event."""
    return ["all"]


def test_hostile_text_stays_text() -> None:
    """Keys and titles are text of the picture, and nothing else."""
    for attack in ATTACKS:
        log = EventLog.of(Event(Paid(1, attack), when="2016-01-01"))
        drawing = panel.render(panel_of(log, count(), every="day"), title=attack)
        root = ET.fromstring(drawing)
        tags = {node.tag.removeprefix(SVG) for node in root.iter()}

        assert tags == {
            *("svg", "title", "desc", "style", "g", "rect", "text", "line", "path")
        }
        assert all(
            not name.startswith("on") and name != "href"
            for node in root.iter()
            for name in node.attrib
        )
        assert safe(attack) in drawing


def test_dump_writes_what_render_returns(tmp_path: Path) -> None:
    """A picture is written as it is returned."""
    shown = panel_of(EventLog.of(Event(Paid(1), when="2016")), count(), every="day")
    panel.render(shown, title="T", width=600).save(tmp_path / "panel.svg")

    written = (tmp_path / "panel.svg").read_text("utf-8")
    assert panel.render(shown, title="T", width=600) == written


def _keys(number: int) -> EventLog:
    return EventLog.of(*(Event(Paid(1, str(n)), when="2016") for n in range(number)))


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (
            lambda log: panel_of(_keys(31), count()),
            r"is one key too many: a picture has room for 30: select some by log\.",
        ),
        (
            lambda log: panel_of(log, latest(Paid, "to")),
            "'a' is not a number, so it has no height: give numbers, such as by of=",
        ),
        (
            lambda log: panel_of(log, count(), of=lambda _: float("nan")),
            "nan is not finite, so it has no height",
        ),
        (
            lambda log: panel_of(log, count(), of=lambda _: Decimal("-Infinity")),
            "is not finite, so it has no height",
        ),
        (
            lambda log: panel_of(log, count(), of=lambda _: Decimal("1E999999999")),
            "has an exponent beyond 1000, so it has no place beside others",
        ),
        (
            lambda log: log.panel(count(), by=by_payee, at=[("a", "2016-01-01")]),
            "'a' is asked about on 2016-01-01, without periods that adjoin: ask by",
        ),
        (
            lambda log: log.panel(
                count(),
                by=by_payee,
                at=[("a", "2016-01-01"), ("a", "2018-01-01")],
                window="year",
            ),
            "'a' is asked about on 2018-01-01, without periods that adjoin: ask by",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    made: Callable[[EventLog], Iterable[Any]], problem: str
) -> None:
    """Too many keys, values without a height and questions are errors of ours."""
    log = EventLog.of(Event(Paid(1), when="2015"))

    with pytest.raises(PictureError, match=problem):
        panel.render(made(log))
