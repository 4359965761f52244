"""The status of each key is that of its facts, one by one."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Answer, Event, EventLog, Status, View
from bri_timeline.errors import ProjectionError, SelectionError
from bri_timeline.relations import Joined, Left, PositionDeclared, Visited


DATES = ["2014", "2015", "2015-06-01", "[2015..2017]", "2014/2016", "2015/..", "2015/"]
facts = st.builds(
    lambda cls, member, when: Event(cls(member, "SCO"), when=when),
    st.sampled_from([Joined, Joined, Left]),
    st.sampled_from(["AZE", "KAZ"]),
    st.sampled_from(DATES),
)
ORDER = ["in force", "may have ended", "perhaps begun", "ended", "not yet"]


def members(event: Event) -> list[str]:
    """The member that joins."""
    return [event.what.member] if isinstance(event.what, Joined) else []


def status_of(event: Event, view: View) -> str:
    """The status of a fact, by the questions that there are about it."""
    if event in view.undecided:
        return "perhaps begun"
    if event not in view.events:
        return "not yet"
    return {
        Answer.NO: "in force",
        Answer.MAYBE: "may have ended",
        Answer.YES: "ended",
    }[view.ended(event)]


@given(st.lists(facts, max_size=5), st.sampled_from([2013, 2015, 2016, 2018]))
def test_a_key_has_the_status_that_is_furthest_on(
    events: list[Event], year: int
) -> None:
    """Of all facts that count, on whatever day, with those that say so."""
    log = EventLog.of(*events)
    view, ever = log.as_of(f"{year}-06-15"), log.as_of("9999-12-31")
    found = view.statuses(Joined, by=members)
    by_member: dict[str, dict[str, list[Event]]] = {}
    for event in (*ever.events, *ever.undecided):
        if isinstance(event.what, Joined):
            groups = by_member.setdefault(event.what.member, {})
            groups.setdefault(status_of(event, view), []).append(event)

    assert sorted(by_member) == [one.key for one in found]
    for one in found:
        groups = by_member[one.key]
        assert one.status == min(groups, key=ORDER.index)
        assert {*one.events} == {*groups[one.status]}


def test_what_began_before_a_period_has_no_status_in_it() -> None:
    """What may begin in it, or comes later, has."""
    log = EventLog.of(
        Event(Joined("AZE", "SCO"), when="2014"),
        Event(Joined("KAZ", "SCO"), when="2015/2016"),
        Event(Joined("UZB", "SCO"), when="2019"),
    )
    found = log.during("2015").statuses(Joined, by=members)

    assert [("KAZ", "in force"), ("UZB", "not yet")] == [
        (one.key, one.status) for one in found
    ]
    assert ">status<" in found[0]._repr_html_()


def test_the_last_of_its_kind_is_in_force() -> None:
    """A position holds until the next, and another day is none of it."""
    log = EventLog.of(
        Event(PositionDeclared("AZE", "BRI", "for"), when="2015"),
        Event(PositionDeclared("AZE", "BRI", "against"), when="2017"),
    )
    (one,) = log.as_of("2018-01-01").statuses(
        PositionDeclared, by=lambda event: [event.what.actor]
    )

    assert ("in force", "against") == (one.status, one.events[0].what.stance)


def test_what_has_no_status_is_refused() -> None:
    """Visits do not last, and keys are no text."""
    log = EventLog.of(
        Event(Visited("AZE", "CHN"), when="2015"),
        Event(Joined("AZE", "SCO"), when="2015"),
    )
    view = log.as_of(date(2019, 1, 1))
    with pytest.raises(SelectionError, match="none lasts"):
        view.statuses(Visited, by=members)
    with pytest.raises(SelectionError, match="is not a payload class"):
        view.statuses(cast("type", "Joined"), by=members)
    with pytest.raises(ProjectionError, match="its letters are not keys"):
        view.statuses(Joined, by=lambda event: event.what.member)
    with pytest.raises(ProjectionError, match="is not a function"):
        view.statuses(Joined, by=cast("Any", "member"))
    assert () == view.concerning("KAZ").statuses(Joined, by=members)
    assert "key" == Status("key", "ended", ()).key
