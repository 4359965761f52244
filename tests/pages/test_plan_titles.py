"""What changes a plan is told by its title: its id is the author's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from bri_timeline import Event, EventLog, Place, Projection, Source
from bri_timeline.extend import describe_event
from bri_timeline.pages import (
    beliefs,
    calendar,
    dumbbell,
    html,
    in_force,
    markdown,
    network,
    places,
    sources,
    svg,
    text,
)
from bri_timeline.pages._wording import LANGUAGES
from bri_timeline.relations import (
    Cancelled,
    Held,
    Planned,
    Postponed,
    Rescheduled,
)


BOTH = ("AZE", "CHN")
TITLE = "Fair of silk"
BAKU = Place("Baku", 40.38, 49.89, "exact")
Change = Postponed | Rescheduled | Cancelled | Held


def changes(plan: str) -> list[Change]:
    """Return a change of a plan of each kind."""
    moved = Rescheduled(plan, "2019-03-02", parties=BOTH)
    return [moved, *(kind(plan, parties=BOTH) for kind in (Postponed, Cancelled, Held))]


def log_of(*, ending: str = "", where: Place | None = None) -> EventLog:
    """Return a plan, and a change of each kind, which each have two sources.

    Args:
        ending: What follows the day of each date.
        where: The place of each change.
    """
    return EventLog.of(
        Event(Planned(BOTH, TITLE), when="2015-01-01", id="x17"),
        *(
            Event(
                what,
                when=f"2016-01-0{n}{ending}",
                where=where,
                cite=Source(name, published=f"2016-02-0{n}"),
                id=f"c{n}",
            )
            for n, what in enumerate(changes("x17"), 1)
            for name in ("A", "B")
        ),
    )


LOG = log_of()
ENDS = LOG.as_of("2015-06-01"), LOG.as_of("2017-01-01")
# A state whose values are events: the last of each kind.
LAST = Projection[dict[str, Event]](
    dict, lambda state, event: {**state, type(event.what).__name__: event}
)
ROADS: dict[str, Callable[[str], str]] = {
    "beliefs": lambda code: beliefs.render(LOG, projection=LAST, language=code),
    "calendar": lambda code: calendar.render(LOG, language=code),
    "dumbbell": lambda code: dumbbell.render(*ENDS, projection=LAST, language=code),
    "html": lambda code: html.render(LOG, projection=LAST, language=code).partition(
        "<script"
    )[0],
    "in_force": lambda code: in_force.render(
        log_of(ending="/2016-03-01"), language=code
    ),
    "markdown": lambda code: markdown.render(LOG, language=code),
    "network": lambda code: network.render(LOG, language=code),
    "network of values": lambda code: network.render(
        LOG, projection=LAST, language=code
    ),
    "places": lambda code: places.render(log_of(where=BAKU), language=code),
    "sources": lambda code: sources.render(LOG, language=code),
    "svg": lambda code: svg.render(LOG, language=code),
    "text": lambda code: text.render(LOG, width=400, language=code),
}


def joined(picture: str) -> str:
    """Return the words of a picture without spaces: lines may break anywhere."""
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>|\\", "", picture)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ROADS)
def test_what_changes_a_plan_is_told_by_its_title(name: str, language: str) -> None:
    """Each change has the title in its line, and no line has the id."""
    found = joined(ROADS[name](language))

    for what in changes(TITLE):
        assert joined(describe_event(what, language)) in found
    assert "x17" not in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_plans_of_one_title_are_told_apart(language: str) -> None:
    """Each change has the id of its plan too, so that a value that differs is seen."""
    log = EventLog.of(
        *(Event(Planned(BOTH, TITLE), when="2015", id=name) for name in ("a1", "b2")),
        Event(Cancelled("a1", parties=BOTH), when="2016"),
        Event(Cancelled("b2", parties=BOTH), when="2017"),
    )
    before, after = log.as_of("2016-12-31"), log.as_of("2017-12-31")

    for drawing in (
        dumbbell.render(before, after, projection=LAST, language=language),
        svg.render(log, language=language),
    ):
        for name in ("a1", "b2"):
            what = Cancelled(f"{TITLE} ({name})", parties=BOTH)
            assert joined(describe_event(what, language)) in joined(drawing)


@pytest.mark.parametrize("name", ["html", "svg"])
def test_a_plan_is_told_by_the_title_that_it_was_corrected_to(name: str) -> None:
    """A correction has an id of its own, but is no other plan."""
    log = EventLog.of(Event(Planned(BOTH, "Fare"), when="2015", cite=Source("A")))
    plan = log[0].claim
    right = Event(Planned(BOTH, TITLE), when="2015", cite=Source("B"))
    log = log.append(right, supersedes=0, because="a slip")
    log = log.append(Event(Cancelled(plan.id, parties=BOTH), when="2016"))

    found = joined({"html": html, "svg": svg}[name].render(log))

    assert joined(describe_event(Cancelled(TITLE, parties=BOTH))) in found
    assert joined(describe_event(Cancelled("Fare", parties=BOTH))) not in found
    assert plan.id not in found
