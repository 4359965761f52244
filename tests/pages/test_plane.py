"""What was known when is read back from its picture."""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from drawings import SVG, Group, groups, texts_of, words_of
from hypothesis import example, given
from log_strategies import SOURCES, Deed, Fact, logs

from bri_timeline import Edtf, Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.extend import describe_event
from bri_timeline.pages import plane
from bri_timeline.pages._marks import span
from bri_timeline.pages._wording import LANGUAGES, date_words, strings
from bri_timeline.pages.drawing import COLOURS, MUTED
from bri_timeline.relations import Visited


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


def place(group: Group) -> tuple[float, float, float, float]:
    """Return the left and right end of a mark, and its upper and lower end."""
    for box in group.marks("rect"):
        x, y, wide, tall = (
            float(box.get(name, "")) for name in ("x", "y", "width", "height")
        )
        air = 2.5 if box.get("fill-opacity") else 0
        return x, x + wide, y + air, y + tall - air
    (path,) = group.marks("path")
    x, y = (float(n) for n in re.findall(r"-?[\d.]+", path.get("transform", ""))[:2])
    return x, x, y, y


def bounds(event: Event) -> tuple[float, float]:
    """Return where a mark begins and ends: of what has no first day, at its end."""
    where = span(event.when)
    is_open = math.isinf(where.last) and where.end_last is not None
    return where.first, where.end_last or 0 if is_open else where.last


@given(logs())
@example(EventLog.of(Event(Fact("a"), when="../2015", cite=SOURCES[1])))
def test_each_claim_stands_at_its_day_and_its_report(log: EventLog) -> None:
    """A mark is where its claims are, and as far from the diagonal as they are late."""
    view = log.as_of("9999-12-31")
    wanted = [
        event
        for event in (*view.events, *view.undecided)
        if event.known_day is not None and any(map(math.isfinite, bounds(event)))
    ]
    drawing = plane.render(log)
    drawn = groups(drawing)
    left_out = Counter(describe_event(event) for event in wanted)
    left_out.subtract(text for group in drawn for text in lines_of(group))
    assert not any(left_out.values())
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
    found = [(*place(group), lines_of(group)) for group in drawn]
    ends: dict[str, list[tuple[float, float]]] = {}
    for event in wanted:
        first, last = bounds(event)
        known = bottom - ((event.known_day or 0) - min(days) + air + 0.5) * per_day
        x = left + (max(first, min(days) - air) - min(days) + air) * per_day
        x2 = left + (min(last, max(days) + air) + 1 - min(days) + air) * per_day
        if first == last:
            x = x2 = x + per_day / 2
        # What lies alone has its exact place; of several the cell holds all.
        assert any(
            low - 0.2 <= x
            and x2 <= high + 0.2
            and upper - 0.2 <= known <= lower + 0.2
            and describe_event(event) in told
            for low, high, upper, lower, told in found
        )
        ends.setdefault(describe_event(event), []).append((x, x2))
    for low, high, upper, lower, told in found:
        room = 16.2 if len(told) > 1 else 4.2
        xs, x2s = zip(*(pair for text in told for pair in ends[text]), strict=True)
        assert min(xs) - room <= low
        assert high <= max(x2s) + room
        assert lower - upper <= 16.2 * (len(told) > 1)


def lines_of(group: Group) -> list[str]:
    """Return the claims of a mark: of several their number is first."""
    return group.told[1:] if group.told[0].isdigit() else group.told[:1]


def test_marks_that_would_hide_each_other_are_one() -> None:
    """A line reaches from the first to the last day; a cell holds what it counts."""
    log = EventLog.of(
        report("2015", "2016-06-01"),
        report("2010-01-01", "2016-06-01", "b"),
        report("2017-01-01", "2017-01-02", "c"),
        report("2017-01-05", "2017-01-06", "d"),
        report("[2013-01-01..2013-07-20]", "2016-06-02", "e"),
        report("[2013-01-05..2013-07-27]", "2016-05-20", "f"),
    )
    drawing = plane.render(log)
    left, bottom, right, _ = diagonal(drawing)
    line, spans, day, heap = (place(group) for group in groups(drawing))
    per_day = (right - left) / (2563 + 2 * 64)

    def at(when: str) -> float:
        return (date.fromisoformat(when) - date(2010, 1, 1)).days * per_day

    start = left + 64 * per_day
    assert line[:2] == pytest.approx(
        (start + at("2015-01-01"), start + at("2016-01-01")), abs=0.1
    )
    assert spans[:2] == pytest.approx(
        (start + at("2013-01-01"), start + at("2013-07-28")), abs=0.1
    )
    known = bottom - 64.5 * per_day - at("2016-06-02")
    assert spans[2:] == pytest.approx((known, known + 13 * per_day), abs=0.1)
    assert day[0] - start == pytest.approx(per_day / 2, abs=0.1)
    low, high, upper, lower = heap
    assert high - low == lower - upper == 16
    assert low <= start + at("2017-01-01") <= start + at("2017-01-06") <= high
    y = bottom - 64 * per_day
    assert upper <= y - at("2017-01-07") <= y - at("2017-01-02") <= lower
    assert [group.words for group in groups(drawing)] == [[], [], [], ["2"]]
    assert "several claims there: how many" in texts_of(drawing)


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
    assert "Five claims have a source with a date; two came out more" in drawing
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
    dates.append(date_words(Edtf("[2003-05-01..2003-05-04]"), words))
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
    drawn = groups(plane.render(EventLog.of(*events)))

    assert sum(int(g.told[0]) if g.told[0].isdigit() else 1 for g in drawn) == 400
    assert all(group.words == group.told[:1] for group in drawn if group.words)


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
    hints = (words("page.day_hint"), words("page.known_hint"))
    days = [words.day(737_174), words.day(737_175)]
    said = [
        day + words("sentence.colon") + hint
        for day, hint in zip(days, hints, strict=True)
    ]

    assert {*days, *said} <= {*texts_of(drawing)}
    assert words("pictures.latest_reports") in texts_of(drawing)


def samples(drawing: str) -> dict[str, ET.Element]:
    """Return the samples of the legend by their words."""
    nodes = [*ET.fromstring(drawing)]
    return {
        label.text or "": sample[0]
        for sample, label in pairwise(nodes)
        if sample.tag == f"{SVG}g" and label.tag == f"{SVG}text"
        if sample.get("transform")
    }


def test_the_legend_has_kinds_as_they_are_drawn() -> None:
    """A bar for what is a bar only, a shape for a day; none for what has a number."""
    deed = Event(Deed("b"), when="2015", cite=Source("b", published="2016-06-01"))
    first, *rest = report("2011-01-01", "2016-06-01"), *(
        Event(Visited("AZE", "CHN"), when="[2012-01-03..2012-01-04]",
              cite=Source("c", published="2013-01-01"), id=f"{n}")
        for n in (1, 2)
    )  # fmt: skip
    without, drawn = (
        samples(plane.render(EventLog.of(first, *events)))
        for events in (rest, [*rest, deed])
    )
    tags = {label: sample.tag.removeprefix(SVG) for label, sample in drawn.items()}
    alone = {label: tag for label, tag in tags.items() if label[0].isupper()}

    assert alone == {"Fact": "path", "Deed": "rect", "Reported latest": "circle"}
    assert drawn["Deed"].get("fill") == COLOURS[2]
    assert WORDS("pictures.heap") in without
    assert WORDS("page.legend_span") in drawn
    assert WORDS("page.legend_span") not in without


def test_nothing_reported_has_no_plane() -> None:
    """Of an empty log there is a sentence, and no axis."""
    assert [] == groups(plane.render(EventLog()))


def test_a_date_without_a_bound_fades() -> None:
    """It is drawn open: to the left, to the right; and the legend says so."""
    for when, side in (("[..2015-03]", "l"), ("[2015-03..]", "r")):
        drawing = plane.render(EventLog.of(report(when, "2016-06-01")))
        (group,) = groups(drawing)
        (box,) = group.marks("rect")
        (end,) = group.marks("line")
        x, _, wide, _ = (float(box.get(n, "")) for n in ("x", "y", "width", "height"))

        assert f"url(#bri-{side}" in box.get("fill", "")
        assert box.get("stroke") is None
        assert float(end.get("x1", "")) == pytest.approx(x + wide * (side == "l"))
        assert f">{WORDS('pictures.fades')}<" in drawing
        assert f">{WORDS('page.legend_span')}<" not in drawing
    closed = plane.render(EventLog.of(report("2015", "2016-06-01")))
    assert WORDS("pictures.fades") not in closed


def test_ranks_of_the_latest_stand_apart_from_marks() -> None:
    """A rank hides no number of claims and no mark, and is told from both."""
    log = EventLog.of(
        *(report("2010", "2016-06-01", f"{n}") for n in range(3)),
        *(report(f"2011-0{n}-01", "2016-06-01", f"b{n}") for n in range(1, 9)),
        report("2005/2014", "2016-05-01", "long"),
    )
    drawing = plane.render(log)
    ranks = [
        tuple(float(node.get(name, "")) for name in ("cx", "cy", "r"))
        for node in ET.fromstring(drawing).iter(f"{SVG}circle")
    ]

    # The first is the sample of the legend.
    assert (13, 0) == ranks.pop(0)[:2]
    assert 3 == len(ranks)
    for x, y, radius in ranks:
        for low, high, upper, lower in map(place, groups(drawing)):
            across = low - radius < x < high + radius
            assert not (across and upper - radius < y < lower + radius)


def test_a_line_of_several_claims_has_their_number() -> None:
    """It stands on the line, on no other; one claim needs no number."""
    log = EventLog.of(
        *(report("2011", "2016-06-01", f"a{n}") for n in range(3)),
        *(report("[..2014-01-01]", "2018-06-01", f"b{n}") for n in range(12)),
        report("2013", "2018-06-02", "alone"),
    )
    drawing = plane.render(log)
    lines = {group.told[0]: place(group) for group in groups(drawing)}
    (_, sample), *cells = [
        (float(cell.get("x", "")) + 8, float(cell.get("y", "")) + 8)
        for cell in ET.fromstring(drawing).iter(f"{SVG}rect")
        if cell.get("width") == "16"
    ]
    numbers = [
        node.text or ""
        for node in ET.fromstring(drawing).iter(f"{SVG}text")
        if node.get("font-size") == "10"
    ][1:]

    assert sample == 0
    assert ["12", "3"] == sorted(numbers)
    for number, (x, y) in zip(numbers, cells, strict=True):
        low, high, upper, lower = lines[number]
        assert low <= x <= high
        assert y == pytest.approx((upper + lower) / 2)
    low, high, *_ = lines["Fact: value alone, parties "]
    (x,) = (x for (x, _), number in zip(cells, numbers, strict=True) if number == "12")
    assert not low - 8 < x < high + 8


def test_a_line_of_several_kinds_has_the_colour_of_none() -> None:
    """That of its first claim would say that all are of its kind."""
    deed = Event(Deed("b"), when="2015", cite=Source("b", published="2016-06-01"))
    mixed = plane.render(EventLog.of(report("2015", "2016-06-01"), deed))
    alike = plane.render(EventLog.of(*(report("2015", "2016-06-01", t) for t in "ab")))
    fills = [groups(each)[0].marks("rect")[0].get("fill") for each in (mixed, alike)]

    assert fills == [MUTED, COLOURS[0]]


def test_the_rank_of_a_late_report_is_in_the_legend() -> None:
    """Where none is late there is none."""
    late, once = (plane.render(EventLog.of(report("2015-01-01", day)))
                  for day in ("2016-06-01", "2015-01-01"))  # fmt: skip

    assert 2 == texts_of(late).count(WORDS("pictures.latest_reports"))
    assert WORDS("pictures.latest_reports") not in texts_of(once)


def test_the_lines_of_both_axes_meet_on_the_diagonal() -> None:
    """A day is as far up as it is along, also that of what is known."""
    on, known = "2019-04-25", "2019-04-26"
    drawing = plane.render(azerbaijan_china(), on=on, known_by=known)
    left, bottom, right, _ = diagonal(drawing)
    ends = [
        [float(node.get(name, "")) for name in ("x1", "y1", "x2", "y2")]
        for node in ET.fromstring(drawing).iter(f"{SVG}line")
    ]
    along = sorted(x - left for x, _, x2, y2 in ends if (x, y2) == (x2, bottom))
    up = sorted(bottom - y for x, y, x2, y2 in ends if (x, x2, y) == (left, right, y2))

    # The last of each: the middle of a day, and the end of the next one.
    day = (along[-2] - along[-3]) / 365
    assert len(along) == len(up) == 8
    assert along[:-1] == pytest.approx(up[:-1], abs=0.02)
    assert up[-1] - along[-1] == pytest.approx(1.5 * day, abs=0.02)
