"""A composition answers on every road as a projection that is written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from fold_worlds import (
    DAYS,
    EVENTS,
    WHOLE,
    Appointed,
    Pledged,
    Stated,
    compositions,
    country_of,
    plain,
    shown,
)
from hypothesis import given
from hypothesis import strategies as st
from ties import COMPOSED, LOG

from bri_timeline import Event, EventLog, Projection, Source, View, projection
from bri_timeline._folds import MappedState
from bri_timeline.errors import ProjectionError
from bri_timeline.folds import in_force, keyed, listing, mapped, record, unordered
from bri_timeline.measures import count
from bri_timeline.relations import Visited


def keys_of(event: Event) -> tuple[str, ...]:
    """Return the keys of an event, for questions about each."""
    country = country_of(event)
    return () if country is None else (country,)


def answers(log: EventLog, asked: Projection[Any], part: str | None) -> list[str]:
    """Return what is answered about a state, or a part of it, on roads in memory."""

    def show(state: Any) -> str:
        # A function of the user, too, gets what is shown.
        assert not isinstance(state, MappedState)
        return shown(state if part is None else getattr(state, part))

    one, other = log.as_of(DAYS[1]), log.as_of(DAYS[4])
    empty = show(asked.fold(()))
    panel = log.panel(
        asked, by=keys_of, every="year", start="2015-01-01", stop="2016-12-31", of=show
    )
    change = one.diff(other, asked)
    return [
        show(one.project(asked)),
        show(one.project(asked, undecided=True)),
        show(log.during("2015-03-01/2015-12-31").project(asked)),
        *(f"{k}{show(s)}" for k, s in sorted(_each(one, asked))),
        *(f"{k}{show(s)}" for k, s in sorted(_each(one, lambda _key: asked))),
        *(show(period.state) for period in log.history(asked)),
        *(show(belief.state) for belief in log.beliefs(asked, on=DAYS[4])),
        shown(sorted(one.outcomes(asked, of=show).values)),
        shown(log.first(asked, holds=lambda state: show(state) != empty)),
        shown(one.explain(asked, of=show)),
        shown([(row.key, row.until, row.value) for row in panel]),
        f"{show(change.before)} {show(change.after)}",
        shown(one.doubts(asked, one.project(asked))),
    ]


def _each(view: View, asked: Any) -> list[Any]:
    return [*view.project_each(asked, by=keys_of).items()]


LOGS = st.lists(EVENTS, max_size=6).map(EventLog().extend)


@given(compositions(2), LOGS)
def test_a_composition_is_asked_in_memory_as_a_fold_is(
    part: Projection[Any], log: EventLog
) -> None:
    """The other is folded mark by mark, and knows nothing of parts and keys."""
    composed = record("R", part=part)

    assert answers(log, composed, "part") == answers(log, plain(composed), "part")


@given(compositions(1), LOGS)
def test_what_shows_less_is_asked_as_what_shows_all(
    part: Projection[Any], log: EventLog
) -> None:
    """A last step by itself, and as the field of a record."""
    last = mapped(part, shown)

    assert answers(log, last, None) == answers(log, record("R", part=last), "part")


def test_two_orders_that_show_the_same_may_differ_later() -> None:
    """While a third holds, nobody sees which of two began last; then one of them holds.

    What was pledged in between has an open place, so that states are told apart there.
    """
    board = in_force(Appointed)
    both = record("R", board=board, pledges=count(Pledged))
    log = EventLog.of(
        Event(Appointed("Chen", "CRCC"), when="2015-01/2015-12", cite=()),
        Event(Appointed("Rossi", "CRCC"), when="2015-01/2015-12", cite=()),
        Event(Appointed("Wu", "CRCC"), when="2015-03/2015-04", cite=()),
        Event(Pledged("KAZ", 1), when="2015-03", cite=()),
    )
    outcomes = log.as_of("2015-06-15").outcomes(both, of=lambda r: r.board.what.person)
    assert {*outcomes.values} == {"Chen", "Rossi"}
    assert outcomes.complete


def test_doubts_of_what_shows_less_are_those_of_what_it_keeps() -> None:
    """What may have happened would hold, and what may have ended would not."""
    board = in_force(Appointed)
    certain = Event(Appointed("Chen", "CRCC"), when="2014/2015-12", cite=())
    open_event = Event(Appointed("Wu", "CRCC"), when="2015", cite=())
    view = EventLog.of(certain, open_event).as_of("2015-06-15")
    doubts = view.doubts(board, view.project(board))

    assert doubts.may_have_happened == (open_event,)
    late = EventLog.of(certain, open_event).as_of("2015-12-15")
    assert late.doubts(board, late.project(board)) == late.doubts(
        record("R", board=board), late.project(record("R", board=board))
    )


THREE = record(
    "Three", pledged=listing(Pledged), said=listing(Stated), board=in_force(Appointed)
)


@pytest.mark.parametrize(
    ("asked", "of"),
    [
        (THREE, lambda state: len(state.pledged) and len(state.said)),
        (THREE, lambda state: state.pledged and state.said[0].what.stance),
        (listing(Stated), len),
        (keyed(listing(Stated), by="topic"), len),
    ],
)
def test_a_selection_may_read_fields_where_others_have_something(
    asked: Projection[Any], of: Callable[[Any], object]
) -> None:
    """Fields that it does not read before any event are tried all the same."""
    log = EventLog.of(
        Event(Pledged("KAZ", 1), when="2014", cite=()),
        Event(Stated("KAZ", "gas", "yes"), when="2014", cite=()),
        Event(Stated("KAZ", "rail", "no"), when="2013-12/2015", cite=()),
    )
    view = log.as_of("2015-06-15")

    assert (
        view.outcomes(asked, of=of).values == view.outcomes(plain(asked), of=of).values
    )
    with pytest.raises(ProjectionError, match="raises IndexError"):
        view.outcomes(THREE, of=lambda state: (state.pledged[0], state.said[7]))


def test_a_state_of_another_projection_is_refused() -> None:
    """The message says what to begin with."""
    for part in (WHOLE, keyed(count(Pledged), by="country"), in_force(Stated)):
        event = Event(Stated("KAZ", "rail", "yes"), when="2015", cite=())
        with pytest.raises(ProjectionError, match="is not a state of this composition"):
            part.evolve(3, event)


def test_a_state_can_be_told_as_plain_data() -> None:
    """For programs in other languages."""
    view = LOG.as_of("2017-01-01")
    data = json.loads(json.dumps(view.diff(view, COMPOSED).as_dict()))

    assert data["after"] == {
        "visits": 2,
        "stances": {"gas": "for", "rail": "against"},
        "topic": "rail",
    }
    assert listing(Visited).fold([]) == ()


def test_another_knowledge_costs_what_it_changes_or_one_fold() -> None:
    """Of days that are near each other only the difference is folded."""
    ways: list[str] = []

    @projection(initial=int, reads=(Pledged,))
    def number(state: int, _event: Event) -> int:
        ways.append("in")
        return state + 1

    def less(state: int, _event: Event) -> int:
        ways.append("out")
        return state - 1

    whole = record("World", pledges=unordered(number, less))
    days = [f"{date(2010, 1, 1) + timedelta(day)}" for day in range(1_000)]
    log = EventLog.of(
        *(
            Event(Pledged("AZE", 1), when=day, cite=Source("A", published=day))
            for day in days
        )
    )
    costs = []
    for known in (None, days[599], days[600]):
        ways.clear()
        assert log.as_of("2015-12-31", known).project(whole).pledges >= 600
        costs.append((ways.count("in"), ways.count("out")))
    assert costs == [(1_000, 0), (600, 0), (1, 0)]
