"""What is in force is read back from its picture."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from drawings import Group, groups, texts_of, words_of, x_of_the_day
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf, Event, EventLog, Source
from bri_timeline.extend import describe_event
from bri_timeline.pages import in_force
from bri_timeline.pages._sheets import COLOURS, GRID
from bri_timeline.pages._wording import LANGUAGES, date_words, strings
from bri_timeline.relations import Joined, Left, PositionDeclared, Visited, relationship


WHENS = (
    *("2016-01-03", "2016-01-03/..", "2016-01-03/", "2016-01-02/2016-01-06"),
    *("2016-01-0X/2016-01-07", "2016-01-03/2016-01", "2016-01"),
    *("[2016-01-04..]", "../2016-01-05", "2016-01-0X/.."),
)
ENDS = (*WHENS, "[2016-01-02,2016-01-05,2016-01-09]")
DAYS = [date(2016, 1, day) for day in range(1, 12)]
# All dates are in January.
JANUARY = [date(2016, 1, 1) + timedelta(days=n) for n in range(33)]


@st.composite
def memberships(draw: st.DrawFn) -> EventLog:
    """Logs of who joins and leaves on days that collide."""
    log = EventLog()
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from([Joined, Joined, Left]))
        what = kind("UZB", draw(st.sampled_from(["CIS", "SCO"])))
        when = draw(st.sampled_from(ENDS if kind is Left else WHENS))
        cite = draw(st.sampled_from([(), Source("A", published="2016-01-05")]))
        log = log.append(Event(what, when=when, cite=cite, id=f"event-{number}"))
    return log


def at_the_day(group: Group, x: float) -> str:
    """Return what a bar says of the day at an x."""
    found = {"certain": False, "maybe": False}
    for box in group.marks("rect"):
        left, wide = float(box.get("x", "")), float(box.get("width", ""))
        if left - 0.01 <= x <= left + wide + 0.01:
            found["maybe" if box.get("stroke-dasharray") else "certain"] = True
    return "YES" if found["certain"] else "MAYBE" if found["maybe"] else "NO"


@given(memberships(), st.sampled_from(DAYS), st.sampled_from([None, "2016-01-04"]))
def test_bars_say_of_the_day_what_the_view_says(
    log: EventLog, day: date, known: str | None
) -> None:
    """At the line of the day a bar is solid, dashed or not there as `active` says."""
    drawing = in_force.render(log, on=day, known_by=known)
    view = log.as_of(day, known)
    active = {describe_event(event): answer for event, answer in view.active()}
    wanted = sorted(
        (describe_event(event), str(event.when), answer is Answer.YES)
        for event, answer in view.active()
    )
    drawn = groups(drawing)
    x = x_of_the_day(drawing) if drawn else 0
    found = [(group.told[0], at_the_day(group, x)) for group in drawn]

    assert len([one for one in found if one[1] != "NO"]) == len(wanted)
    assert sorted(one for one, told in found if told == "YES") == sorted(
        name for name, _, is_certain in wanted if is_certain
    )
    assert {one for one, told in found if told == "MAYBE"} <= active.keys()


@pytest.mark.parametrize("first", [2002, 2006])
def test_a_bar_goes_on_after_a_gap_of_its_beginning(first: int) -> None:
    """What would be over if it had begun soon may have begun later."""
    log = EventLog.of(
        member("CIS", "[2000-01-01,2010-01-01]"),
        Event(Left("UZB", "CIS"), when=f"{first}-01-01", id="sooner"),
        Event(Left("UZB", "CIS"), when="2012-01-01", id="later"),
    )
    told = [
        [at_the_day(group, x_of_the_day(drawing)) for group in groups(drawing)]
        for drawing in (
            in_force.render(log, on=f"{year}-06-01") for year in range(2010, 2013)
        )
    ]

    assert [["MAYBE"], ["MAYBE"], ["NO"]] == told


@given(memberships(), st.sampled_from(DAYS))
def test_the_days_of_an_end_that_is_open_are_told(log: EventLog, day: date) -> None:
    """Of what may be over by the day the row says since when, and by when at last."""
    view, asked = log.as_of(day), [date.fromordinal(1), *JANUARY]
    wanted = []
    for event, _ in view.active():
        by_day = [log.as_of(one).ended(event) for one in asked]
        opened = next((n for n, a in enumerate(by_day) if a is not Answer.NO), 0)
        # What may always have been over has no such day.
        if not opened or view.ended(event) is not Answer.MAYBE:
            wanted.append("")
            continue
        start, *end = (
            strings("en").day(one.toordinal())
            for one, over, after in zip(asked, by_day, by_day[1:], strict=False)
            if over is Answer.NO is not after
            or (after is Answer.YES is not over
                and one.toordinal() + 1 >= event.when.latest_start)
        )  # fmt: skip
        wanted.append(
            f"between {start} and {end[-1]}" if end else f"on {start} or later"
        )
    drawn = [group.told[1] for group in groups(in_force.render(log, on=day))]

    assert sorted(wanted) == sorted(
        text.partition("may have ended ")[2] for text in drawn if "in force" in text
    )


def member(body: str, when: str) -> Event:
    """A membership with a source of its own."""
    return Event(Joined("UZB", body), when=when, cite=Source(f"Papers of {body}"))


LOG = EventLog.of(
    member("CIS", "1991-12-21/.."),
    member("CSTO", "2006-08-16"),
    Event(Left("UZB", "CSTO"), when="2012", cite=Source("Note")),
    member("GUUAM", "1999-04-24/2005-05-05"),
    member("EurAsEC", "2006/2008-10"),
    member("Turkic States", "2019-09-14/.."),
    Event(Visited("UZB", "CHN"), when="2019-01-01"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_bar_has_its_status_in_words(language: str) -> None:
    """In force, perhaps, over, not begun: in the language, and in the sentence."""
    drawing = in_force.render(LOG, on="2012-06-01", width=480, language=language)
    words = strings(language)
    found = [group.told[1].split(" \u00b7 ")[1] for group in groups(drawing)]
    names = ("in_force", "over", "over", "perhaps", "later")

    assert found == [words(f"pictures.status_{name}") for name in names]
    assert words.count("perhaps", 1) in drawing


def test_groups_legend_and_rest() -> None:
    """Parties are headings where several share one; what is left out is counted."""
    whole, some = in_force.render(LOG, on="2012-06-01"), in_force.render(LOG, most=1)
    alone = in_force.render(
        LOG, projection=relationship("UZB", "CHN"), kinds=[Joined], on="2007-01-01"
    )

    assert "Uzbekistan" in texts_of(whole)
    assert "goes on, as far as is known" in words_of(whole)
    assert [g.told[0] for g in groups(whole) if g.marks("path")] == [
        "Uzbekistan joins CIS",
        "Uzbekistan joins Turkic States",
    ]
    assert "four events left out" in some
    assert "Uzbekistan" not in texts_of(some)
    assert len(groups(alone)) == 5
    visit = EventLog.of(Event(Visited("UZB", "CHN"), when="2019"))
    nothing = in_force.render(visit)
    assert len(texts_of(nothing)) == 2
    assert "nothing of the kind is reported" in nothing
    assert "nothing is reported" in in_force.render(EventLog())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_holds_has_the_day_since_when_and_its_sources(language: str) -> None:
    """A day alone would be the day of the state; each source is cited by a row."""
    log = LOG.append(member("a choice of days", "[2006-01-01..2006-01-05]"))
    drawing = in_force.render(log, on="2012-06-01", language=language)
    words, whole = strings(language), words_of(drawing)
    since = date_words(Edtf("2006-08-16/.."), words)

    assert f"{since} \u00b7 {words('pictures.status_perhaps')}" in whole
    rows, listed = whole.split(words("page.sources"))
    numbers = re.findall(r"\[(\d+)\]", rows)
    assert [f"{n}" for n in range(1, 7)] == sorted(numbers)
    assert 6 == listed.count("Papers of")


def test_a_position_that_was_replaced_is_over() -> None:
    """Its own end is later, and another of its actor and topic has taken its place."""
    stances = {"2010/2030": "supports", "2015/2030": "opposes"}
    log = EventLog.of(
        *(
            Event(PositionDeclared("AZE", "one China", stance), when=when)
            for when, stance in stances.items()
        )
    )
    drawn = [group.told for group in groups(in_force.render(log, on="2020-01-01"))]

    assert [("supports" in told[0], "over" in told[1]) for told in drawn] == [
        (True, True),
        (False, False),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_open_end_is_an_arrow_and_has_no_edge(language: str) -> None:
    """A closed end has an edge; the legend has each arrow beside its words."""
    log = EventLog.of(
        member("closed", "2000/2001"),
        member("no end", "2002-01-01/.."),
        member("no start", "../2003-01-01"),
        # Others end a membership: its own end is not unknown, but not said.
        Event(PositionDeclared("UZB", "unknown end", "for"), when="2004-01-01/"),
    )
    drawing = in_force.render(log, on="2005-01-01", language=language)
    words = strings(language)
    bodies = ("no start", "closed", "no end", "unknown end")
    arrows = {
        body: [(m.get("d"), m.get("stroke-dasharray")) for m in group.marks("path")]
        for body, group in zip(bodies, groups(drawing), strict=True)
    }
    # The line does not return along the edge that it covers.
    to_left, to_right = "M2 -5H0L-8 0L0 5H2", "M-2 -5H0L8 0L0 5H-2"

    assert arrows == {
        "no start": [(to_left, None)],
        "closed": [],
        "no end": [(to_right, None)],
        # Whether it goes on is open, so the arrow is no more certain than the bar.
        "unknown end": [(to_right, "3 2")],
    }
    head = drawing.partition("<title>")[0]
    for name, arrow in (
        ("picture.legend_goes_on", to_right),
        ("pictures.no_first_day", to_left),
    ):
        label = head.index(f">{words(name)}<")
        assert head.rindex(arrow, 0, label) > head.rindex("<rect", 0, label)


def test_what_is_not_in_force_looks_like_nothing_that_is() -> None:
    """No kind has its fill, of however many kinds, and no arrow of the legend."""
    assert GRID not in COLOURS
    drawing = in_force.render(LOG, on="2012-06-01")
    fills = {
        group.told[1].split(" \u00b7 ")[1]: group.marks("rect", stroke_dasharray=None)[
            0
        ].get("fill")
        for group in groups(drawing)
    }
    legend = drawing.partition(">not in force on the day<")[0].rpartition("<rect")[2]

    assert fills["over"] == fills["not begun"] == GRID
    assert fills["in force"] == COLOURS[0]
    assert f'fill="{GRID}"' in legend
    arrow = drawing.partition(">goes on, as far as is known<")[0].rpartition("<path")[2]
    assert f'fill="{COLOURS[0]}"' in arrow
