"""Networks by year are read back from their picture."""

from __future__ import annotations

from datetime import date

import pytest
from drawings import Group, groups, texts_of, words_of
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact

from bri_timeline import Event, EventLog, dyads
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import by_year, network
from bri_timeline.pages._wording import LANGUAGES, strings
from bri_timeline.relations import Met, Visited, named


WHENS = ("2015", "2016-05", "2016-05-01", "[2015..2016]", "[2014-12-31..2015-01-01]")
ODD = ("[2016..]", "2015/2017", "Y20000", "Y-17E7")


@st.composite
def worlds(draw: st.DrawFn) -> EventLog:
    """Logs of few actors who meet, on dates of which some span years."""
    actors = st.sampled_from(["AZE", "CHN", "KAZ", "org:huawei"])
    events = []
    for number in range(draw(st.integers(0, 7))):
        parties = draw(st.sets(actors, min_size=2, max_size=3))
        when = draw(st.sampled_from([*WHENS, *ODD]))
        events.append(Event(Met(sorted(parties)), when=when, id=f"e{number}"))
    return EventLog.of(*events)


@given(worlds(), st.sampled_from(["2015-06-15", "2016-12-31", "2019-01-01"]))
def test_each_line_has_the_numbers_of_the_year(log: EventLog, day: str) -> None:
    """Certain is what happened and lies within the year; perhaps, what may."""
    view = log.as_of(day)
    wanted: dict[tuple[str, str], list[int]] = {}
    for event in (*view.events, *view.undecided):
        first, last = event.when.earliest_start, event.when.latest_start
        if not 1 <= first <= last <= date.max.toordinal():
            continue
        span = [date.fromordinal(int(bound)).year for bound in (first, last)]
        is_certain = event in view.events and span[0] == span[1]
        for year in range(span[0], span[1] + 1):
            for pair in dyads(event):
                name = " \u2013 ".join(map(named, pair))
                numbers = wanted.setdefault((f"{year}", name), [0, 0])
                numbers[not is_certain] += 1
    drawing = by_year.render(view)
    drawn = sorted(
        (group.told[0], *(int(line.rpartition(": ")[2]) for line in group.told[1:3]))
        for group in groups(drawing)
    )
    dashed = sum(
        group.marks("line")[0].get("stroke-dasharray") is not None
        for group in groups(drawing)
    )

    marked = sum(group.words[0].endswith("?") for group in groups(drawing))
    assert marked == dashed
    assert drawn == sorted((pair, *numbers) for (_, pair), numbers in wanted.items())
    assert dashed == sum(not certain for certain, _ in wanted.values())
    found = [text for text in texts_of(drawing) if text.isdigit() and len(text) == 4]
    assert found == sorted({year for year, _ in wanted})


@given(worlds(), st.integers(2, 4))
def test_each_actor_that_is_named_has_a_line(log: EventLog, most: int) -> None:
    """Whose events have no year, or only one that is not drawn, stands for nothing."""
    drawing = by_year.render(log, most=most)
    lined = {
        name for group in groups(drawing) for name in group.told[0].split(" \u2013 ")
    }
    listed = texts_of(drawing)[-1].split(" \u00b7 ") if lined else []

    assert {text.partition(" ")[2] for text in listed} == lined


def test_an_actor_has_one_place_and_thickness_is_the_number() -> None:
    """Lines of a pair are parallel in all years, and thicker where more happened."""
    visit = Visited("AZE", "CHN")
    whens = ["2015-01-01", *(f"2016-01-{day:02}" for day in range(1, 8))]
    log = EventLog.of(*(Event(visit, when=when, id=when) for when in whens))
    one, seven = groups(by_year.render(log))
    slopes, thick = [], []
    for group in (one, seven):
        (line,) = group.marks("line")
        x, y, x2, y2 = (float(line.get(n, "")) for n in ("x1", "y1", "x2", "y2"))
        slopes.append((round(x2 - x), round(y2 - y)))
        thick.append(float(line.get("stroke-width", "")))

    assert slopes[0] == slopes[1]
    assert thick[1] > 2 * thick[0]
    assert [one.words, seven.words] == [["\u00d71"], ["\u00d77"]]


def test_who_is_no_state_has_a_number_and_a_square() -> None:
    """Parties of a class of one's own have no code; a state that ended is a state."""
    parties = frozenset({"AZE", "a firm", "state:yugoslavia"})
    log = EventLog.of(Event(Fact("a", parties), when="2015"))
    squares = [g.told[0] for g in groups(network.render(log)) if _is_square(g)]

    assert "AZE Azerbaijan \u00b7 1 Yugoslavia \u00b7 2 a firm" in words_of(
        by_year.render(log)
    )
    assert squares == ["a firm: 2"]


def _is_square(group: Group) -> bool:
    return any(box.get("height") == box.get("width") for box in group.marks("rect"))


def test_both_networks_say_what_a_line_is() -> None:
    """It is no treaty and no flow: events that name both, and of which kinds."""
    log, maybe = (
        azerbaijan_china(),
        EventLog.of(Event(Visited("AZE", "CHN"), when="[2015..2016]")),
    )
    yearly, whole = words_of(by_year.render(log)), words_of(network.render(log))

    assert "events that name both (Agreements, Meetings, Visits, Positions" in yearly
    assert "events that name both (Agreements, Positions, Meetings" in whole
    assert "two more): the thicker" in whole
    assert "begun in that year: the thicker, the more" in yearly
    assert "only such as may have begun in it" in texts_of(by_year.render(maybe))
    assert "(Visits)" in words_of(network.render(maybe))


def test_what_is_left_out_is_counted() -> None:
    """Of more actors and years than have room those with most events are drawn."""
    events = [
        Event(Met(["AZE", other]), when=f"{year}-01-01", id=f"{other}{year}")
        for other, years in (("CHN", range(2000, 2016)), ("KAZ", range(1995, 2005)))
        for year in years
    ]
    drawing = by_year.render(EventLog.of(*events), most=2)
    assert "1999" not in texts_of(drawing)
    crowd = [f"org:{n}" for n in range(6)]
    many = by_year.render(EventLog.of(Event(Met(crowd), when="2015")), width=480)

    assert "one actor left out" in drawing
    assert "years left out" in drawing
    assert all(not group.words for group in groups(many))
    assert not groups(by_year.render(EventLog()))


def test_all_years_have_numbers_or_none_has() -> None:
    """A line without a number beside numbers would look like none."""
    crowd = Event(Met([f"org:{n}" for n in range(6)]), when="2015", id="crowd")
    visit = Event(Visited("AZE", "CHN"), when="2016", id="visit")
    few, many = (
        groups(by_year.render(EventLog.of(*events)))
        for events in ((visit,), (visit, crowd))
    )

    assert [["\u00d71"]] == [group.words for group in few]
    assert [[]] * 16 == [group.words for group in many]


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_of_the_language(language: str) -> None:
    """The legend and the sentence are in the language."""
    drawing = by_year.render(azerbaijan_china(), language=language, width=480)

    assert strings(language)("pictures.in_the_year") in texts_of(drawing)
