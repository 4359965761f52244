"""Compositions answer as one fold over what counts does, on whatever road."""

from __future__ import annotations

import pickle
from random import Random
from typing import Any

import pytest
from attrs import frozen
from fold_worlds import (
    DATES,
    DAYS,
    EVENTS,
    KNOWN,
    LEAVES,
    STEPS,
    WHOLE,
    Appointed,
    Pledged,
    Resigned,
    Stated,
    after,
    compositions,
    country_of,
    doubled,
    letters_of,
    plain,
    shown,
    trail,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bri_timeline import Answer, Event, EventLog, Projection, View, dyads
from bri_timeline.folds import Composed, in_force, keyed, listing, mapped, record
from bri_timeline.measures import count, total


LISTS = st.lists(EVENTS, max_size=8)


def company_of(event: Event) -> str | None:
    """The company, or else the country; a resignation has no key."""
    what: Any = event.what
    if isinstance(what, Resigned):
        return None
    return getattr(what, "company", None) or what.country


@given(st.dictionaries(st.sampled_from("abc"), compositions(2), min_size=1), LISTS)
def test_a_field_of_a_record_is_what_its_part_folds(
    parts: dict[str, Projection[Any]], events: list[Event]
) -> None:
    """A field of a record is what its part folds."""
    state = record("R", **parts).fold(events)

    for name, part in parts.items():
        assert shown(getattr(state, name)) == shown(part.fold(events))


@given(compositions(2), LISTS)
def test_a_key_has_what_its_part_folds_of_the_events_of_the_key(
    part: Projection[Any], events: list[Event]
) -> None:
    """A key has what its part folds of the events of the key."""
    state = keyed(part, by=country_of).fold(events)
    several = keyed(part, each=letters_of).fold(events)
    nothing = part.fold(())

    for found, keys_of in ((state, lambda e: [country_of(e)]), (several, letters_of)):
        keys = {key for event in events for key in keys_of(event)} - {None}
        folded = {k: part.fold(e for e in events if k in keys_of(e)) for k in keys}
        if part.ends is None:  # what ends a fact may have another key, or none
            assert dict(found) == {k: s for k, s in folded.items() if s != nothing}
        assert [*found] == sorted(found)
        assert not any(found[key] == nothing for key in found)


@given(compositions(2), LISTS, st.sampled_from(DAYS))
def test_a_key_has_the_ends_of_its_events(
    part: Projection[Any], events: list[Event], day: str
) -> None:
    """What ends a fact may have another key, or none: it ends it in a log of its own.

    So it is in each part, on whatever road.
    """
    every = [Event(what=e.what, when=e.when, cite=e.cite) for e in events]
    nothing, view = part.fold(()), EventLog().extend(every).as_of(day)
    ways: list[Any] = [
        (keyed(part, by=company_of), lambda event: [company_of(event)]),
        (keyed(part, each=letters_of), letters_of),
    ]
    for whole, keys_of in ways:
        found = {}
        for key in {key for event in every for key in keys_of(event)} - {None}:
            own = [
                event
                for event in every
                if key in keys_of(event) or isinstance(event.what, Resigned)
            ]
            state = EventLog().extend(own).as_of(day).project(record("R", a=part)).a
            if state != nothing:
                found[key] = state
        assert dict(view.project(whole)) == found


@given(compositions(2), LISTS)
def test_what_is_mapped_is_a_function_of_what_is_folded(
    part: Projection[Any], events: list[Event]
) -> None:
    """What is mapped is a function of what is folded."""
    assert mapped(part, shown).fold(events) == shown(part.fold(events))


def views(log: EventLog) -> list[View]:
    """Views on all days, and by some knowledge."""
    return [
        *(log.as_of(day) for day in DAYS),
        *(log.as_of(DAYS[-1], known_by=known) for known in KNOWN[::2]),
        *(log.as_of(DAYS[-1], known_by=p) for p in [len(log) // 2] if len(log)),
    ]


def check_same(log: EventLog, composed: Projection[Any]) -> None:
    """Check that a composition answers as a plain fold does."""
    other = plain(composed)
    for view in views(log):
        state, folded = view.project(composed), view.project(other)
        assert state == folded
        assert shown(state) == shown(folded), view


@given(compositions(), LISTS, st.lists(STEPS, max_size=6))
def test_a_state_is_that_of_one_fold_whatever_came_late(
    part: Projection[Any], events: list[Event], steps: list[Any]
) -> None:
    """A state is that of one fold whatever came late."""
    composed = record("R", part=part)
    log = EventLog().extend(events)
    for step in steps:
        assert [*map(type, [log.as_of(day).project(composed) for day in DAYS[:3]])]
        log = after(log, step)
    check_same(log, composed)


@given(LISTS, st.lists(STEPS, max_size=6))
def test_all_parts_of_a_whole_are_those_of_one_fold(
    events: list[Event], steps: list[Any]
) -> None:
    """All parts of a whole are those of one fold."""
    log = EventLog().extend(events)
    for step in steps:
        for known_by in (None, *KNOWN[1:]):
            assert log.as_of(DAYS[3], known_by=known_by).project(WHOLE) is not None
        log = after(log, step)
    for known_by in KNOWN[1:]:
        view = log.as_of(DAYS[3], known_by=known_by)
        assert shown(view.project(WHOLE)) == shown(view.project(plain(WHOLE)))
    check_same(log, WHOLE)

    for on in DAYS[::3]:
        told = log.beliefs(WHOLE, on=on)
        folded = log.beliefs(plain(WHOLE), on=on)
        assert [(b.since_day, shown(b.state)) for b in told] == [
            (b.since_day, shown(b.state)) for b in folded
        ]
    told_periods = log.history(WHOLE)
    folded_periods = log.history(plain(WHOLE))
    assert [(p.since_day, shown(p.state)) for p in told_periods] == [
        (p.since_day, shown(p.state)) for p in folded_periods
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_states_of_long_logs_are_those_of_one_fold(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few marks to a segment, so that states along a line are kept and forgotten."""
    monkeypatch.setattr("bri_timeline._order._path_marks._SIZE", 1 + seed)
    monkeypatch.setattr("bri_timeline._order._lines._MOST_CHANGED", 4 * seed)
    random = Random(seed)
    every = _drawn(EVENTS, random, 300)
    log = EventLog().extend(every)
    for number, step in enumerate(_drawn(STEPS, random, 40)):
        log = after(log, step)
        for _ in range(2):
            view = log.as_of(random.choice(DAYS))
            if number % 3 == 0:
                view = log.as_of(random.choice(DAYS), known_by=random.choice(KNOWN))
            state, folded = view.project(WHOLE), view.project(plain(WHOLE))
            assert shown(state) == shown(folded)
    told, folded_beliefs = (
        log.beliefs(p, on="2017-01-01") for p in (WHOLE, plain(WHOLE))
    )
    assert [shown(b.state) for b in told] == [shown(b.state) for b in folded_beliefs]


def _drawn(strategy: st.SearchStrategy[Any], random: Random, number: int) -> list[Any]:
    """Draw many at once, from a seed."""
    drawn: list[Any] = []

    @settings(max_examples=number, database=None, derandomize=False)
    @given(strategy)
    def draw(one: Any) -> None:
        drawn.append(one)

    draw()
    return random.choices(drawn, k=number)


@given(st.lists(EVENTS, max_size=10))
def test_what_is_in_force_is_what_has_not_certainly_ended(events: list[Event]) -> None:
    """Of the facts of a key, the last begun: by what a view says of each."""
    log = EventLog().extend(events)
    boards = keyed(in_force(Appointed), by=("person", "company"))
    for day in DAYS:
        view = log.as_of(day)
        found: dict[Any, Event] = {}
        for event in view.events:
            if isinstance(event.what, Appointed):
                over = view.ended(event)
                if over is not Answer.YES:
                    found[event.what.person, event.what.company] = event
        assert dict(view.project(boards)) == found


@given(LISTS)
def test_a_listing_is_in_the_order_of_dates(events: list[Event]) -> None:
    """A listing is in the order of dates."""
    listed = listing(Pledged, Stated).fold(events)

    assert [*listed] == sorted(listed, key=lambda e: (e.when.sort_key(), e.id))


@given(st.lists(EVENTS, max_size=10), st.sampled_from(DAYS))
def test_a_part_is_asked_as_the_whole_has_it(events: list[Event], day: str) -> None:
    """A part is asked as the whole has it."""
    view = EventLog().extend(events).as_of(day)
    state = view.project(WHOLE)

    for name in type(state)._fields:
        assert view.project(WHOLE.part(name)) == getattr(state, name)
    for name in ("pledged", "stances", "board", "each", "active"):
        for key, value in getattr(state, name).items():
            assert view.project(WHOLE.part(name, key)) == value
    for company, people in state.boards.items():
        for person, event in people.items():
            assert view.project(WHOLE.part("boards", company, person)) == event
    for key in state.each:
        assert view.project(WHOLE.part("each", key, "number")) == state.each[key].number


@given(LISTS)
def test_compositions_and_their_states_can_be_pickled(events: list[Event]) -> None:
    """Compositions and their states can be pickled."""
    state = WHOLE.fold(events)

    assert pickle.loads(pickle.dumps(state)) == state
    assert pickle.loads(pickle.dumps(WHOLE)) == WHOLE
    assert hash(pickle.loads(pickle.dumps(WHOLE))) == hash(WHOLE)
    assert shown(pickle.loads(pickle.dumps(WHOLE)).fold(events)) == shown(state)
    part = WHOLE.part("pledged", "a")
    assert pickle.loads(pickle.dumps(part)).fold(events) == part.fold(events)


@frozen
class Shut:
    """Parties shut a road, whoever opened it."""

    parties: frozenset[str]
    road: str


@frozen
class Opened:
    """Parties open a road, until others shut it."""

    parties: frozenset[str]
    road: str
    until = (Shut, ("road",))


ROADS = record(
    "Roads",
    last=in_force(Opened),
    twice=mapped(keyed(count(Opened, active=True), by="road"), dict),
    number=mapped(count(Opened, Shut), doubled),
)
WHO = st.frozensets(st.sampled_from("abc"), min_size=1, max_size=2)


@given(
    st.lists(
        st.builds(
            lambda kind, who, road, when: Event(kind(who, road), when=when, cite=()),
            st.sampled_from([Opened, Shut]),
            WHO,
            st.sampled_from("rs"),
            DATES,
        ),
        max_size=8,
    )
)
def test_what_pairs_share_is_what_each_folds(events: list[Event]) -> None:
    """Also where one party ends what the other began."""
    view = EventLog().extend(events).as_of("2016-06-01")
    for pair, state in view.project_each(ROADS.among, by=dyads).items():
        assert state == view.project(ROADS.among(*pair))


@given(LISTS)
def test_a_part_can_be_a_part_of_another_whole(events: list[Event]) -> None:
    """It gets there what reached it where it was."""
    whole = WHOLE.fold(events)
    other = record(
        "Other",
        boards=WHOLE.part("boards"),
        each=WHOLE.part("each"),
        twice=WHOLE.part("twice"),
        more=record("More", stances=WHOLE.part("stances")),
    )
    state = other.fold(events)
    assert [state.boards, state.each] == [whole.boards, whole.each]
    assert [state.twice, state.more.stances] == [whole.twice, whole.stances]
    for company, board in whole.boards.items():
        assert WHOLE.part("boards").part(company).fold(events) == board
        assert other.part("boards", company).fold(events) == board
        for person, event in board.items():
            one = other.part("boards").part(company, person)
            assert one.fold(events) == event


@given(LISTS)
def test_a_state_that_shows_less_can_be_pickled(events: list[Event]) -> None:
    """As a fold has it: it goes on from there, and is as good as what it shows."""
    last = mapped(trail, shown)
    state = last.initial()
    for event in events:
        again = pickle.loads(pickle.dumps(state))
        assert (again, hash(again)) == (state, hash(state))
        state = last(again, event)
    assert state == last.fold(events)


def test_equal_declarations_are_equal() -> None:
    """Equal declarations are equal."""

    def declared() -> Composed[Any]:
        return record("R", a=keyed(mapped(count(Pledged), doubled), by="country"))

    assert declared() == declared()
    assert hash(declared()) == hash(declared())
    assert declared() != record("R", a=keyed(count(Pledged), by="country"))
    assert declared().among("AZE") != declared()
    assert declared() != 3
    assert {repr(leaf) for leaf in LEAVES}
    assert repr(keyed(total(Pledged, "amount"), by="country")) == (
        "<projection keyed(total(Pledged, amount))>"
    )
