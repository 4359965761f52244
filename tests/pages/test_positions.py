"""Where the picture for papers draws a mark: at its date, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree as ET

from attrs import frozen
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source
from bri_timeline.extend import iso, to_day
from bri_timeline.pages import svg
from bri_timeline.relations import Held, Planned


SVG = "{http://www.w3.org/2000/svg}"
# Two certain days between which all others lie: their marks are the scale.
FIRST, LAST = "1900-01-01", "2000-01-01"
DAYS = range(to_day(FIRST), to_day(LAST))
# A mark of a shorter time is widened to eight pixels around it.
HALF = 4.1


@frozen
class Mark:
    """A mark in a picture: its left and right end, its height, and its lower end."""

    left: float
    right: float
    top: float
    bottom: float
    is_lasting: bool = False


def marks_of(row: ET.Element, right: float = 0, down: float = 0) -> Iterator[Mark]:
    """Yield the marks of dates in a row: shapes of a day, bars of more of them."""
    for node in row:
        x, y = (
            float(re.findall(r"[-.\d]+", node.get("transform", "0 0"))[n]) + moved
            for n, moved in enumerate((right, down))
        )
        if node.tag == f"{SVG}path":
            yield Mark(x, x, y - 5.5, y + 5.5)
        elif node.tag == f"{SVG}rect":
            x, y = x + float(node.get("x", "nan")), y + float(node.get("y", "nan"))
            width, height = (float(node.get(n, "nan")) for n in ("width", "height"))
            yield Mark(x, x + width, y, y + height, height == 6)
        else:
            yield from marks_of(node, x, y)


def row_of(drawn: str, words: str) -> ET.Element:
    """Return the row of a picture whose title has some words."""
    (row,) = (
        group
        for group in ET.fromstring(drawn).iter(f"{SVG}g")
        if words in (group.findtext(f"{SVG}title") or "")
    )
    return row


@st.composite
def dates(draw: st.DrawFn, near: int) -> str:
    """Draw a day, a month, a decade, one of some days, or a time, often near a day."""
    close = st.integers(near - 400, near + 400).map(
        lambda day: min(max(day, DAYS[0]), DAYS[-1])
    )
    first, last = sorted(draw(st.tuples(close, close)))
    form = draw(st.sampled_from(["day", "month", "year", "decade", "some", "time"]))
    return {
        "day": iso(first),
        "month": iso(first)[:7],
        "year": iso(first)[:4],
        "decade": f"{iso(first)[:3]}X",
        "some": f"[{iso(first)}..{iso(last)}]",
        "time": f"{iso(first)}/{iso(last)}",
    }[form]


@st.composite
def happenings(draw: st.DrawFn) -> list[list[str]]:
    """Draw the dates that are claimed of some happenings, mostly near each other."""
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=4))
    return [draw(st.lists(dates(day), min_size=1, max_size=4)) for day in days]


def log_of(claims: list[list[str]], *, corrected: bool) -> EventLog:
    """Return a log of disputed, or else corrected, dates, between the two days."""
    log = EventLog.of(Event(Held("first"), when=FIRST), Event(Held("last"), when=LAST))
    for n, whens in enumerate(claims):
        for k, when in enumerate(dict.fromkeys(whens)):
            event = Event(Held(f"h{n}"), when=when, id=f"h{n}", cite=Source(f"{k}"))
            target = len(log) - 1 if corrected and k else None
            log = log.append(event, supersedes=target)
    return log


class TestPositions:
    """A mark stands at its date."""

    @at_most(40)
    @given(happenings(), st.booleans(), st.sampled_from([480, 720, 960]))
    def test_marks_stand_at_their_dates(
        self, claims: list[list[str]], corrected: bool, width: int
    ) -> None:
        """Each mark has the place that the scale gives to its days; none hides one.

        The scale is the line through the marks of two certain days.
        """
        log = log_of(claims, corrected=corrected)
        view = log.as_of("2005-01-01")
        drawn = svg.render(view, width=width)
        shown = [*view.events, *(aside.event for aside in view.set_aside)]
        (zero,), (end,) = (marks_of(row_of(drawn, name)) for name in ("first", "last"))
        for_day = (end.left - zero.left) / (to_day(LAST) - to_day(FIRST))

        def middle(day: float) -> float:
            return zero.left + (day - to_day(FIRST)) * for_day

        for n in range(len(claims)):
            found = [*marks_of(row_of(drawn, f"h{n}"))]
            expected = list[tuple[float, float]]()
            lasting = list[tuple[float, float]]()
            for when in (event.when for event in shown if event.id == f"h{n}"):
                start, stop = when.earliest_start, when.latest_start
                half = 0 if start == stop else for_day / 2
                expected.append((middle(start) - half, middle(stop) + half))
                if when.is_extent:
                    ends = middle(stop), middle(to_day(str(when)[-10:]))
                    lasting.append((ends[0] - for_day / 2, ends[1] + for_day / 2))

            starts = [mark for mark in found if not mark.is_lasting]
            assert_placed(starts, expected)
            assert_placed([mark for mark in found if mark.is_lasting], lasting)
            assert not any(overlap(a, b) for a, b in combinations(starts, 2))

    def test_what_is_expected_stands_at_its_date(self) -> None:
        """The mark of what is planned stands below that of the plan, if it is near."""
        day, expected = "1950-01-01", "1950-01-02"
        plan = Event(Planned(("AZE", "CHN"), "x", expected), when=day)
        log = log_of([[]], corrected=False).append(plan)
        row = row_of(svg.render(log.as_of("2005-01-01")), "Planned")
        later, made = sorted(marks_of(row), key=lambda mark: -mark.top)

        assert made.left <= later.left <= made.left + 0.2
        assert not overlap(made, later)


def assert_placed(found: list[Mark], expected: list[tuple[float, float]]) -> None:
    """Require that marks have the places that are expected, as far as they are wide."""
    assert len(expected) == len(found)
    places = sorted(expected, key=sum)
    for mark, (left, right) in zip(
        sorted(found, key=lambda mark: mark.left + mark.right), places, strict=True
    ):
        assert abs(mark.left - left) <= HALF
        assert abs(mark.right - right) <= HALF
        assert abs(mark.left + mark.right - left - right) <= 1.2


def overlap(one: Mark, other: Mark) -> bool:
    """Check whether two marks hide each other."""
    # A shape of a day is as wide as it is high.
    beside = max(one.left, other.left) - min(one.right, other.right) > 0.2
    return not beside and min(one.bottom, other.bottom) > max(one.top, other.top)
