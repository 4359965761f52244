"""What was believed is read back from its picture."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from drawings import SVG, Group, groups, words_of
from hypothesis import example, given
from hypothesis import strategies as st
from log_strategies import KNOWN_BY, SOURCES, Deed, Fact, logs, view_days

from bri_timeline import Event, EventLog, Source, View
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.measures import count, latest
from bri_timeline.pages import beliefs
from bri_timeline.pages._markup import plain_text
from bri_timeline.pages._wording import LANGUAGES, date_words, strings
from bri_timeline.relations import PositionDeclared, relationship


EVER = "0001-01-01"
NOTHING = "nothing reported yet"
PAIR = relationship("AZE", "CHN")


def said(view: View) -> str:
    """Return the number of events of a view, with its bounds."""
    found = view.outcomes(count())
    assert found.low is not None
    number = f"{view.project(count()):,}"
    bounds = "" if found.low == found.high else f" ({found.low}\u2013{found.high})"
    return number + bounds


@given(logs(), view_days())
def test_each_step_is_what_was_believed_from_that_day_on(
    log: EventLog, day: date
) -> None:
    """Days, values and bounds are those of views; heights are in their proportion."""
    drawn = groups(beliefs.render(log, projection=count(), on=day))
    ends = [EVER, *map(str, sorted(KNOWN_BY))]
    views = [log.as_of(day, known_by=known) for known in ends]
    wanted = [*map(said, views)]
    if not drawn:
        assert wanted == ["0"] * len(wanted)
        return
    # Before a report that counts a zero would be no belief.
    first = next(n for n, value in enumerate(wanted) if value != "0")
    wanted[:first] = [NOTHING] * first
    (strip,) = drawn
    steps = [line.rsplit(": ", 1) for line in strip.told[1:]]
    since = {"before any report": date.min}
    since |= {strings("en").day(d.toordinal()): d for d in KNOWN_BY}
    since |= {
        date_words(one.published, strings("en")): date.fromordinal(one.known_day)
        for one in SOURCES
        if one.published is not None and one.known_day is not None
    }
    for known, value in zip(ends, wanted, strict=True):
        days = [(since[name], text) for name, text in steps]
        assert value == [t for d, t in days if str(d) <= known][-1]
    assert_in_proportion(strip, [text for _, text in steps if text != NOTHING])


def assert_in_proportion(strip: Group, values: list[str]) -> None:
    """Assert that line and band are as high as the values and bounds of the steps."""
    base = float(strip.marks("line")[0].get("y1", ""))
    line = [p for path in strip.paths(fill="none") for p in path]
    bands = strip.paths(fill="#56b4e9")
    levels = [
        (x, base - y) for (x, y), (x2, y2) in pairwise(line) if y == y2 and x < x2
    ]
    numbers = [int(value.split(" ")[0]) for value in values]
    unit = max(height for _, height in levels) / max(*numbers, 1)
    drawn = [round(height / unit) if unit else 0 for _, height in levels]
    assert drawn == numbers
    high, low = bands[0][: len(bands[0]) // 2], bands[0][len(bands[0]) // 2 :]
    edges = [text.strip("()").split("\u2013") for text in values]
    assert len(high) == len(low) == 2 * len(edges)


def report(day: str) -> Source:
    """A report of a day."""
    return Source(f"Report of {day}", published=day)


def told(text: str, when: str, day: str, name: str | None = None) -> Event:
    """A fact that is reported on a day."""
    return Event(Fact(text), when=when, cite=report(day), id=name)


def test_a_band_reaches_as_far_as_the_dates_allow() -> None:
    """Of two events of which one may not have happened the band is one high."""
    log = EventLog.of(told("a", "2016-01-01", "2016-01-02"))
    log = log.append(told("b", "2016-01", "2016-01-31"))
    drawing = beliefs.render(log, projection=count(), on="2016-01-05")
    (strip,) = groups(drawing)
    ((high, *_, low),) = strip.paths(fill="#56b4e9")

    assert strip.told[-1] == "31 January 2016: 1 (1\u20132)"
    assert "what the dates allow" in words_of(drawing)
    assert high[1] == low[1]  # nothing was open before the second
    tops = [y for x, y in strip.paths(fill="#56b4e9")[0]]
    assert max(tops) - min(tops) == pytest.approx(17, abs=0.1)


def test_nothing_is_drawn_before_the_first_report() -> None:
    """A zero would be no belief; what is in no dated source was always believed."""
    log = EventLog.of(told("a", "2016-01-05", "2016-01-02"))
    log = log.append(told("b", "2016-01-01", "[2016-02-01..2016-02-07]"))
    drawing = beliefs.render(log, on="2016-01-05")
    (strip,) = groups(drawing)
    left = min(x for path in strip.paths() for x, _ in path)

    assert strip.told[1] == "before any report: nothing reported yet"
    assert strip.words == ["Value", NOTHING, "1", "2"]
    assert left > 300  # the first of three columns
    # A column has the date of its report, and not the last day of it alone.
    assert "between 1 and 7 February 2016 Report" in words_of(drawing)
    always = beliefs.render(log.append(Event(Fact("c"), when="2015")), on="2016-01-05")
    assert groups(always)[0].told[1] == "before any report: 1"


def test_a_step_names_its_reports_and_what_else_it_was() -> None:
    """A correction and a withdrawal are said; of many reports the first three."""
    log = EventLog.of(told("a", "2016-01-01", "2016-01-02", "x"))
    log = log.append(told("b", "2017", "2016-01-03", "x"), supersedes=0)
    log = log.retract(1, because="wrong", known="2016-01-04")
    many = [told("a", f"2015-0{n}", "2016-02-01") for n in range(1, 6)]
    drawing = beliefs.render(
        log.extend(_cited(many)), projection=count(), on="2016-01-05"
    )
    words = words_of(drawing)

    assert "Report of 2016-01-02 [1]" in words
    assert "Correction" in words
    assert "Withdrawal" in words
    assert "two more" in words


def columns_of(drawing: str) -> dict[str, str]:
    """Return by its first line, a day, what stands above a column."""
    heads: dict[str, list[str]] = {}
    for node in ET.fromstring(drawing).iter(f"{SVG}text"):
        if node.get("text-anchor") is None:
            # Lines of one text share its place.
            heads.setdefault(node.get("x", ""), []).append(plain_text(node.text or ""))
    return {first: " ".join(rest) for first, *rest in heads.values()}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2015", "2016-01", "2016-01-01", "2016-01-03"]),
            st.integers(1, 5),
            st.sampled_from(["x", "x", "y", None]),
        ),
        max_size=6,
    ),
    st.integers(0, 6),
)
@example([("2016-01-03", 1, "x"), ("2016-01-01", 2, "x"), ("2015", 3, None)], 6)
@example([("2016-01-03", 1, "x"), ("2016-01-01", 2, "x")], 0)
def test_a_report_stands_under_the_day_on_which_it_came(
    claims: list[tuple[str, int, str | None]], withdrawn: int
) -> None:
    """Nor under a later one; also of a step of bounds the report is named."""
    log = EventLog()
    for n, (when, day, name) in enumerate(claims):
        source = Source(f"R{n}of{day}", published=f"2016-02-0{day}")
        log = log.append(Event(Fact("a"), when=when, cite=source, id=name))
    if withdrawn < len(log):
        log = log.retract(withdrawn, because="wrong", known="2016-02-06")
    drawing = beliefs.render(log, projection=count(), on="2016-01-02", width=4000)
    named = {
        day: re.findall(r"R\d+of(\d)", words)
        for day, words in columns_of(drawing).items()
    }
    for line in [line for group in groups(drawing) for line in group.told[2:]]:
        day, _ = line.split(": ")
        # A withdrawal is no report.
        reports = {f"{n} February 2016" for n in named[day]}
        assert reports == (set() if day[0] == "6" else {day})


def _cited(events: list[Event]) -> list[Event]:
    return [
        event.cited((Source(f"Report {n}", published="2016-02-01"),))
        for n, event in enumerate(events)
    ]


def test_the_chronicle_steps_with_its_reports() -> None:
    """Values that are text stand as text, and those beyond six are counted."""
    log = azerbaijan_china()
    drawing = beliefs.render(log, projection=PAIR, on="2019-04-25")
    visits, *_ = drawn = groups(drawing)

    assert visits.told[0] == "Visits"
    assert visits.words == ["Visits", NOTHING, "1", "2"]
    assert "821 million USD" in drawn[3].words
    assert "two values left out" in drawing.partition("</desc>")[0]
    assert "by how much is not known" in words_of(drawing)
    assert "not to the scale of time" in words_of(drawing)


@pytest.mark.parametrize(("language", "width"), [("de", 480), ("ru", 960), ("zh", 480)])
def test_words_are_of_the_language_and_stay_within(language: str, width: int) -> None:
    """Labels are translated, and no mark leaves the picture."""
    log = azerbaijan_china()
    drawing = beliefs.render(
        log, projection=PAIR, on="2019-04-25", width=width, language=language
    )
    name = strings(language).known("labels", "Visits")

    assert name in groups(drawing)[0].words
    for strip in groups(drawing):
        xs = [x for path in strip.paths() for x, _ in path]
        assert all(0 <= x <= width for x in xs)


def test_many_steps_are_drawn_to_scale_and_the_last_are_listed() -> None:
    """Of more steps than columns time has an axis; bounds of very many are left."""
    events = [
        told(f"fact {n}", "2015-01-01", f"20{16 + n // 12}-{n % 12 + 1:02}-01")
        for n in range(100)
    ]
    drawing = beliefs.render(EventLog.of(*events), projection=count(), on="2016-01-01")
    (strip,) = groups(drawing)

    assert len(strip.told) == 102
    assert "The latest 12 of 101 steps" in words_of(drawing)
    assert "not to the scale of time" not in words_of(drawing)
    assert "1 April 2024: Value 99 \u2192 100. Report of 2024-04-01 [12]" in words_of(
        drawing
    )
    assert strip.words[-1] == "100"
    assert "by how much is not known" in words_of(drawing)


def test_a_log_without_reports_has_one_step_and_nothing_to_say() -> None:
    """Of an empty log nothing is believed; of one known all along, its values."""
    empty = beliefs.render(EventLog(), projection=count(), title="T", on="2016-01-01")
    known = EventLog.of(Event(Deed("a"), when="2015"))
    drawing = beliefs.render(known, projection=count())

    assert not groups(empty)
    assert "nothing is reported" in empty
    assert groups(drawing)[0].told == ["Value", "before any report: 1"]
    text = beliefs.render(known, projection=latest(Fact, "value"), tell=_as_text)
    assert groups(text)[0].words == ["said", "a"]


def _as_text(state: object) -> dict[str, object]:
    return {"said": state}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=25))
@example([0] * 6 + [20])
@example([0] * 25)
def test_each_value_has_its_label_or_is_counted(sizes: list[int]) -> None:
    """In columns all of it, however long; where time is to scale, at least the last."""
    values = [f"v{n}" + " word" * size for n, size in enumerate(sizes)]
    log = EventLog.of(*(told(v, f"{1900 + n}", f"{1950 + 2 * n}-01-01")
                        for n, v in enumerate(values)))  # fmt: skip
    drawing = beliefs.render(log, projection=latest(Fact, "value"), tell=_as_text)
    (strip,) = groups(drawing)
    (*written,) = re.findall(r"v\d+(?: word)*", " ".join(strip.words))
    number = strings("en").count("values", len(values) - len(written))

    assert written == [value for value in values if value in written]
    assert written[-1] == values[-1]
    assert written == values or len(values) > 12
    assert (written != values) == (f"{number} without a label" in strip.words)


def test_a_list_of_steps_has_none_without_a_change() -> None:
    """That one stance came for another changes no number."""
    stances = [PositionDeclared("CHN", f"topic {n % 16}", f"{n}") for n in range(17)]
    days = [f"2016-02-{n:02}" for n in range(1, 18)]
    dated = zip(stances, days, strict=True)
    log = EventLog.of(*(Event(what, when=day, cite=report(day)) for what, day in dated))
    words = words_of(beliefs.render(log, projection=PAIR, on="2016-03-01"))

    step = "16 February 2016: Positions 15 \u2192 16. Report of 2016-02-16 [12]"
    assert step in words
    assert "17 February 2016" not in words


def test_a_step_of_what_has_no_room_has_no_column() -> None:
    """It would be a column in which nothing changes."""

    def tell(number: int) -> dict[str, object]:
        return {**{f"v{n}": min(number, 2) for n in range(6)}, "last": number}

    log = EventLog.of(*(told("a", "2015", f"2016-0{n}-01", f"{n}") for n in (2, 3, 4)))
    drawing = beliefs.render(log, projection=count(), tell=tell, on="2016-01-01")

    assert "one value left out" in drawing
    assert "1 March 2016" in words_of(drawing)
    assert "1 April 2016" not in words_of(drawing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_drawn_of_a_value_before_a_report_of_it(language: str) -> None:
    """A report of something else is none of it; a withdrawal leaves a zero."""
    words = strings(language)
    deed = Event(Deed("a"), when="2016-01-01", cite=report("2016-01-04"))
    log = EventLog.of(told("b", "2015", "2016-01-02"), deed)
    log = log.retract(1, because="wrong", known="2016-01-06")
    drawing = beliefs.render(log, projection=count(Deed), language=language)
    (strip,) = groups(drawing)
    lines = strip.paths(fill="none")
    days = [words.day(date(2016, 1, n).toordinal()) for n in (4, 6)]

    assert strip.words[1:] == [words("pictures.nothing_yet"), "1", "0"]
    assert [line.split(words("sentence.colon"))[0] for line in strip.told[1:]] == [
        words("pictures.before_reports"),
        *days,
    ]
    assert min(x for x, _ in lines[0]) > 300  # the first of three columns


def test_what_no_report_changed_is_not_believed() -> None:
    """A constant is the same before any report, so that it says nothing."""
    log = EventLog.of(told("a", "2016-01-01", "2016-01-02"))
    drawing = beliefs.render(log, projection=count(), tell=lambda _: {"always": 5})

    assert not groups(drawing)
    assert "nothing is reported" in drawing


def test_a_text_that_no_report_changed_is_not_believed() -> None:
    """That no value was agreed is no belief before anybody tells of an agreement."""
    words = words_of(beliefs.render(azerbaijan_china(), projection=PAIR))

    assert "821 million USD" in words
    assert "none stated" not in words


def test_a_dashed_line_says_what_it_means_for_the_value() -> None:
    """Not how the library computes; the number itself is that of the view."""
    drawing = beliefs.render(azerbaijan_china(), projection=PAIR, on="2019-04-25")

    assert "may be less or more: by how much is not known" in words_of(drawing)
    assert "orders" not in words_of(drawing)
