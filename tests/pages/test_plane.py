"""What was known when is read back from its picture."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from drawings import SVG, Group, groups, texts_of, words_of
from hypothesis import example, given
from log_strategies import SOURCES, Fact, logs

from bri_timeline import Edtf, Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.extend import describe_event
from bri_timeline.pages import plane
from bri_timeline.pages._marks import span
from bri_timeline.pages._wording import LANGUAGES, date_words, strings


WORDS = strings("en")


def diagonal(drawing: str) -> tuple[float, float, float, float]:
    """Return the ends of the line on which day and report are the same."""
    lines = [
        node
        for node in ET.fromstring(drawing).iter(f"{SVG}line")
        if node.get("stroke-dasharray") == "2 3"
    ]
    x, y, x2, y2 = (float(lines[-1].get(name, "")) for name in ("x1", "y1", "x2", "y2"))
    return x, y, x2, y2


def place(group: Group) -> tuple[float, float, float]:
    """Return the left and the right end of a mark, and its height."""
    for box in group.marks("rect"):
        x, wide = float(box.get("x", "")), float(box.get("width", ""))
        return x, x + wide, float(box.get("y", "")) + 2.5
    (path,) = group.marks("path")
    found = re.findall(r"-?[\d.]+", path.get("transform", ""))
    return float(found[0]), float(found[0]), float(found[1])


def bounds(event: Event) -> tuple[float, float]:
    """Return where a mark begins and ends: of what has no first day, at its end."""
    where = span(event.when)
    is_open = math.isinf(where.last) and where.end_last is not None
    return where.first, where.end_last or 0 if is_open else where.last


@given(logs())
@example(EventLog.of(Event(Fact("a"), when="../2015", cite=SOURCES[1])))
def test_each_claim_stands_at_its_day_and_its_report(log: EventLog) -> None:
    """Marks are those of the claims, and as far from the diagonal as they are late."""
    view = log.as_of("9999-12-31")
    wanted = [
        event
        for event in (*view.events, *view.undecided)
        if event.known_day is not None and any(map(math.isfinite, bounds(event)))
    ]
    drawing = plane.render(log)
    drawn = groups(drawing)
    assert len(drawn) == len(wanted)
    if not drawn:
        return
    left, bottom, right, top = diagonal(drawing)
    days = [
        day
        for event in wanted
        for day in (event.known_day, *bounds(event))
        if day is not None and math.isfinite(day)
    ]
    air = max((max(days) - min(days)) // 40, 1)
    per_day = (right - left) / (max(days) - min(days) + 1 + 2 * air)
    assert right - left == pytest.approx(bottom - top)
    for event, group in zip(wanted, drawn, strict=True):
        x, x2, y = place(group)
        first, last = bounds(event)
        assert group.told[:2] == [describe_event(event), date_words(event.when, WORDS)]
        assert bottom - y == pytest.approx(
            ((event.known_day or 0) - min(days) + air + 0.5) * per_day, abs=0.2
        )
        if first == last:
            wide = (last - min(days) + air + 0.5) * per_day
            assert x - left == pytest.approx(wide, abs=0.2)
        elif math.isfinite(first):
            wide = (first - min(days) + air) * per_day
            assert x - left == pytest.approx(wide, abs=0.2)
        elif math.isfinite(last):
            wide = (last + 1 - min(days) + air) * per_day
            assert x2 - left == pytest.approx(wide, abs=4.1)


def report(when: str, known: str, text: str = "a") -> Event:
    """A claim that was reported on a day."""
    return Event(Fact(text), when=when, cite=Source(text, published=known))


def test_the_latest_reports_are_named_first() -> None:
    """A report is as late as it comes after what could be known; of an end after it."""
    log = EventLog.of(
        report("2010-01-01/2015-12-30", "2015-12-31", "in time"),
        report("2014-01-01", "2016-01-01", "two years late"),
        report("2013", "2018-01-01", "four years late"),
        report("2017-01-01/", "2017-01-05", "open end"),
        report("2019-01-01", "2018-06-01", "expected"),
        Event(Fact("b"), when="2014"),
    )
    drawing = plane.render(log, title="T")
    listed = [text for text in texts_of(drawing) if re.match(r"\d\. ", text)]

    assert [text[:3] for text in listed] == ["1. ", "2. ", "3. "]
    assert "2013" in words_of(drawing).partition("1. ")[2][:90]
    assert "Five claims were reported on a day; two came out more" in drawing
    assert "one without a day of report is not drawn" in drawing


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_dated_as_its_source_is(language: str) -> None:
    """No day is invented for a book of a year, and a year late is so on each day."""
    log = EventLog.of(
        report("2002-06", "2003"),
        report("2002-02", "2003-05-01", "b"),
        report("2003-01", "[2003-05-01..2003-05-04]", "c"),
    )
    drawing, words = plane.render(log, language=language), strings(language)

    dates = [date_words(Edtf(date), words) for date in ("2003", "2003-05-01")]
    dates.append(words("status.by", known=words.day(731_339)))
    said = [words("status.first", known=known) for known in dates]
    assert all(one in drawing for one in said)
    assert words.day(731_580) not in drawing
    assert words.count("late_by_a_year", 1) in drawing


def test_of_many_claims_cells_tell_how_many() -> None:
    """The numbers of all cells are the number of claims."""
    start = date(2010, 1, 1)
    events = [
        report(f"{start + timedelta(n % 40)}", f"{start + timedelta(n)}", f"{n}")
        for n in range(400)
    ]
    drawing = plane.render(EventLog.of(*events))

    assert sum(int(group.told[0]) for group in groups(drawing)) == 400
    assert "few claims, many claims" in words_of(drawing)


@pytest.mark.parametrize(
    ("language", "width"), [*zip(LANGUAGES, (960, 480) * 2, strict=True)]
)
def test_days_that_are_asked_about_are_marked(language: str, width: int) -> None:
    """A line across and one upwards have their dates, in the language."""
    drawing = plane.render(
        azerbaijan_china(),
        on="2019-04-25",
        known_by="2019-04-26",
        width=width,
        language=language,
    )
    words = strings(language)

    assert {words.day(737_174), words.day(737_175)} <= {*texts_of(drawing)}
    assert words("pictures.latest_reports") in texts_of(drawing)


def test_nothing_reported_has_no_plane() -> None:
    """Of an empty log there is a sentence, and no axis."""
    assert [] == groups(plane.render(EventLog()))
