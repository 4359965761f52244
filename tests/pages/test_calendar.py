"""A calendar is read back day by day."""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import date

import pytest
from drawings import groups, texts_of
from hypothesis import given
from log_strategies import Fact, logs, view_days

from bri_timeline import Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import calendar
from bri_timeline.pages._sheets import INK, PAPER
from bri_timeline.pages._wording import LANGUAGES, strings


WORDS = strings("en")


@given(logs(), view_days())
def test_each_day_has_as_many_as_certainly_began_on_it(
    log: EventLog, day: date
) -> None:
    """Cells are days with their numbers; what has no day is counted, not drawn."""
    view = log.as_of(day)
    wanted = Counter(
        event.when.earliest_start
        for event in view.events
        if event.when.earliest_start == event.when.latest_start
        if math.isfinite(event.when.latest_start)
    )
    drawing = calendar.render(view)
    found = {group.told[0]: group for group in groups(drawing)}

    assert {f"{WORDS.day(int(d))}: {n}" for d, n in wanted.items()} == found.keys()
    rest = len(view.events) + len(view.undecided) - wanted.total()
    vague = sum(
        date.fromordinal(int(e.when.earliest_start)).year
        == date.fromordinal(int(e.when.latest_start)).year
        for e in view.events
        if abs(e.when.earliest_start) < 10**9 > abs(e.when.latest_start)
        and e.when.earliest_start < e.when.latest_start
    )
    parts = {"on_a_day": wanted.total(), "in_a_year": vague, "elsewhere": rest - vague}
    for name, number in parts.items():
        assert (WORDS.count(name, number) in drawing) == bool(number)


def test_days_of_a_week_stand_below_each_other() -> None:
    """A Monday is above a Sunday, the next Monday to the right of it."""
    # The first of January was a Tuesday.
    days = ("2019-01-07", "2019-01-13", "2019-01-14")
    log = EventLog.of(*(Event(Fact("a"), when=day) for day in days))
    (x, y), (x2, y2), (x3, y3) = (
        (float(box.get("x", "")), float(box.get("y", "")))
        for group in groups(calendar.render(log))
        for box in group.marks("rect")
    )

    assert (x, y < y2) == (x2, True)
    assert (x < x3, y) == (True, y3)


def test_darker_is_more() -> None:
    """Shades follow the numbers, and the legend has the range of each."""
    events = [
        Event(Fact("a"), when=f"2018-01-{day:02}", id=f"{day}/{n}")
        for day in range(1, 21)
        for n in range(day)
    ]
    drawing = calendar.render(EventLog.of(*events))
    shades = [
        float(box.get("fill-opacity", ""))
        for group in groups(drawing)
        for box in group.marks("rect")
    ]

    assert shades == sorted(shades)
    assert len({*shades}) == 4
    assert {"1\u20135", "16\u201320"} <= {*texts_of(drawing)}
    assert "eight more" in groups(drawing)[-1].told[-1]


def test_years_without_days_have_a_line_and_old_ones_are_left_out() -> None:
    """The last years are drawn; of one without days the number is."""
    log = EventLog.of(*(Event(Fact("a"), when=f"{year}") for year in range(2001, 2004)))
    drawing = calendar.render(log, most=2)

    assert "one year left out" in drawing
    assert ["2002", "2003"] == [text for text in texts_of(drawing) if text.isdigit()]
    assert "one event of this year has no known day" in texts_of(drawing)
    assert "nothing is reported" in calendar.render(EventLog())


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_are_of_the_language(language: str) -> None:
    """Months have short names, and the sentence is of the language."""
    drawing = calendar.render(azerbaijan_china(), language=language, width=480)
    words = strings(language)

    assert words("pictures.calendar") in texts_of(drawing)
    march = {"en": "Mar", "de": "M\u00e4r", "ru": "\u043c\u0430\u0440", "zh": "3\u6708"}
    assert march[language] in texts_of(drawing)


def test_a_day_has_its_number_where_there_is_room() -> None:
    """It is that of the month, and is told from the shade behind it."""
    days = ("2018-01-09", "2018-02-28", "2018-02-28")
    log = EventLog.of(*(Event(Fact(f"{n}"), when=day) for n, day in enumerate(days)))
    wide, narrow = (groups(calendar.render(log, width=width)) for width in (960, 480))
    inks = [group.marks("text")[0].get("fill") for group in wide]

    assert [["9"], ["28"]] == [group.words for group in wide]
    assert [[], []] == [group.words for group in narrow]
    assert [INK, PAPER] == inks


def test_days_after_the_last_have_no_cell() -> None:
    """An empty one would say that nothing happened on it."""
    log = EventLog.of(Event(Fact("a"), when="2018-01-02"))
    (cells,) = re.findall(
        r'd="((?:M[^MZ"]*h[^MZ"]*Z)+)"', calendar.render(log.as_of("2018-03-01"))
    )
    assert cells.count("M") == 31 + 28 + 1 - 1


def test_what_is_disputed_is_told_of_known_days() -> None:
    """A day on which sources differ is not known as the others are."""
    claims = [
        Event(
            Fact("a"),
            when=f"2018-01-0{n}",
            cite=Source(f"{n}"),
            id="x" if n < 3 else None,
        )
        for n in range(1, 5)
    ]
    said = texts_of(calendar.render(EventLog.of(*claims)))[1]

    assert said.endswith(
        "three began on a known day; sources differ about one of them."
    )


def test_what_has_no_day_is_not_among_what_has_one() -> None:
    """Beside a year both are told, each with its own number."""
    whens = ["2018-01-01", "2018-01-02", "2018-03", "2018"]
    events = [Event(Fact(f"{n}"), when=when) for n, when in enumerate(whens)]
    said = texts_of(calendar.render(EventLog.of(*events)))
    dated, vague = (
        "two began on a known day",
        "two events of this year have no known day",
    )

    assert f"{dated}; {vague}" in said
