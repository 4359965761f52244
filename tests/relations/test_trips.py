"""Sightings become trips that hold on whatever days they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Answer, Event, EventLog
from bri_timeline.edtf import Interval, near
from bri_timeline.errors import EventError, QuestionError
from bri_timeline.relations import Trip, Visited, trips
from bri_timeline.relations._matching import clusters


FIRST = date(2019, 4, 24)
Day = tuple[int, int]


def day(number: int) -> date:
    return FIRST + timedelta(number)


@frozen
class Sighted:
    """A sighting of the tests, with a number that tells two of one day apart."""

    guest: str
    number: int


def by_guest(event: Event) -> tuple[str, str] | None:
    what = event.what
    return (what.guest, "there") if isinstance(what, Sighted) else None


@frozen
class Case:
    """A text, and the first and last day of each completion."""

    text: str
    days: tuple[Day, ...]


def _one(number: int) -> Case:
    return Case(str(day(number)), ((number, number),))


def _any_of(numbers: list[int]) -> Case:
    text = ",".join(str(day(n)) for n in numbers)
    return Case(f"[{text}]", tuple((n, n) for n in numbers))


def _range(pair: tuple[int, int]) -> Case:
    first, more = pair
    days = tuple((n, n) for n in range(first, first + more + 1))
    return Case(f"[{day(first)}..{day(first + more)}]", days)


def _lasting(pair: tuple[int, int]) -> Case:
    first, more = pair
    return Case(f"{day(first)}/{day(first + more)}", ((first, first + more),))


DAYS = st.integers(0, 9)
PAIRS = st.tuples(DAYS, st.integers(1, 3))
SOLID = st.one_of(DAYS.map(_one), PAIRS.map(_range), PAIRS.map(_lasting))
CASES = st.one_of(SOLID, st.lists(DAYS, min_size=2, max_size=3).map(_any_of))
KNOWN = st.tuples(st.sampled_from("ab"), DAYS.map(_one) | PAIRS.map(_lasting))
SEEN = st.lists(st.tuples(st.sampled_from("ab"), CASES), max_size=5)
GAPS = st.integers(0, 3)


def apart(one: Day, two: Day) -> int:
    return max(two[0] - one[1], one[0] - two[1], 0)


def joined(count: int, links: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return connected numbers, by merging sets until nothing changes."""
    groups = [{n} for n in range(count)]
    for a, b in links:
        one = next(group for group in groups if a in group)
        two = next(group for group in groups if b in group)
        if one is not two:
            groups.remove(two)
            one |= two
    return groups


def stays(guests: Sequence[str], days: Sequence[Day], gap: int) -> list[set[int]]:
    """Return the trips of each guest, when all days are known."""
    pairs = product(range(len(days)), repeat=2)
    return joined(
        len(days),
        (
            (a, b)
            for a, b in pairs
            if guests[a] == guests[b] and apart(days[a], days[b]) <= gap
        ),
    )


def delegations(guests: Sequence[str], days: Sequence[Day], gap: int) -> list[set[int]]:
    """Return the trips of all guests, when all days are known."""
    single = stays(guests, days, gap)
    spans = [(min(days[n][0] for n in s), max(days[n][1] for n in s)) for s in single]
    pairs = product(range(len(single)), repeat=2)
    links = ((a, b) for a, b in pairs if not apart(spans[a], spans[b]))
    return [set().union(*(single[n] for n in g)) for g in joined(len(single), links)]


def found_of(
    seen: Sequence[tuple[str, Case]], gap: int
) -> list[tuple[set[int], set[int]]]:
    """Return the numbers of the sightings of each trip, and of those that may be."""
    events = [
        Event(Sighted(guest, n), when=case.text) for n, (guest, case) in enumerate(seen)
    ]
    found = trips(events, gap=gap, by=by_guest)
    numbers = [
        ({e.what.number for e in trip.events}, {e.what.number for e in trip.perhaps})
        for trip in found
    ]
    assert sorted(n for some, _ in numbers for n in some) == [*range(len(seen))]
    return numbers


@given(seen=st.lists(KNOWN, max_size=9), gap=GAPS)
def test_known_days_make_the_trips_of_a_plain_grouping(
    seen: list[tuple[str, Case]], gap: int
) -> None:
    """Without a doubt there is one answer, and nothing that may belong."""
    guests = [guest for guest, _ in seen]
    expected = delegations(guests, [case.days[0] for _, case in seen], gap)
    found = found_of(seen, gap)

    assert sorted(map(sorted, expected)) == sorted(sorted(some) for some, _ in found)
    assert not any(more for _, more in found)


@given(seen=SEEN, gap=GAPS)
def test_what_is_one_trip_is_one_on_all_days(
    seen: list[tuple[str, Case]], gap: int
) -> None:
    """Whatever the days are, the sightings of a trip are together."""
    guests = [guest for guest, _ in seen]
    found = found_of(seen, gap)
    for days in product(*(case.days for _, case in seen)):
        together = delegations(guests, days, gap)
        assert all(any(some <= group for group in together) for some, _ in found)


@given(cases=st.lists(CASES, max_size=6), gap=GAPS)
def test_what_is_certainly_near_belongs(cases: list[Case], gap: int) -> None:
    """A sighting near some member of a trip on all its days is a member."""
    found = found_of([("a", case) for case in cases], gap)
    expected = [{n} for n in range(len(cases))]

    def is_near(n: int, group: set[int]) -> bool:
        # Near to one of the group on each day: whichever, if all days of that one are.
        return all(
            any(all(apart(d, e) <= gap for e in cases[m].days) for m in group)
            for d in cases[n].days
        )

    changed = True
    while changed:
        changed = False
        for one, two in product(expected, repeat=2):
            if one is not two and any(is_near(n, two) for n in one):
                expected.remove(one)
                two |= one
                changed = True
                break

    assert sorted(map(sorted, expected)) == sorted(sorted(some) for some, _ in found)


@given(cases=st.lists(CASES, max_size=6), gap=GAPS)
def test_what_may_belong_is_listed(cases: list[Case], gap: int) -> None:
    """Exactly the trips of which a sighting may be near one of the trip are listed."""
    found = found_of([("a", case) for case in cases], gap)
    for some, more in found:
        expected = {
            n
            for others, _ in found
            if others is not some
            and any(
                apart(d, e) <= gap
                for a, b in product(some, others)
                for d, e in product(cases[a].days, cases[b].days)
            )
            for n in others
        }
        assert expected == more


@given(one=CASES, two=CASES)
def test_who_may_be_of_a_delegation_is_listed(one: Case, two: Case) -> None:
    """Two guests who may have been there on one day are listed with each other."""
    shared = [not apart(d, e) for d, e in product(one.days, two.days)]
    found = found_of([("a", one), ("b", two)], 0)

    if all(shared):
        assert [({0, 1}, set())] == found
    else:
        may = any(shared)
        assert [(0, {1} if may else set()), (1, {0} if may else set())] == sorted(
            (min(some), more) for some, more in found
        )


@pytest.mark.parametrize("guest", ["a", "b"])
def test_a_date_with_a_gap_where_the_trip_is_does_not_belong(guest: str) -> None:
    """Neither the guest nor another was there on a day before or after the trip."""
    stay = [("a", _one(4)), ("a", _one(5))]

    assert [({2}, set()), ({0, 1}, set())] == found_of(
        [*stay, (guest, _any_of([0, 9]))], 1
    )


def test_another_guest_who_may_have_been_there_is_listed_with_the_whole_trip() -> None:
    """Who may have come on a day of a trip may belong to it, also between sightings."""
    stay = [("a", _one(4)), ("a", _one(6))]
    both = [({0, 1}, {2, 3}), ({2, 3}, {0, 1})]

    assert [({2}, {0, 1}), ({0, 1}, {2})] == found_of(
        [*stay, ("b", _any_of([0, 5]))], 2
    )
    assert both == sorted(
        found_of([*stay, ("b", _range((6, 2))), ("b", _range((7, 1)))], 2),
        key=lambda pair: min(pair[0]),
    )


def test_a_route_parts_trips_and_the_default_reads_visits() -> None:
    """Guests of other states, and other hosts, are other trips; talks are not one."""
    log = EventLog.of(
        Event(Visited("CHN", "KAZ", who="person:xi"), when="2019-04-24"),
        Event(Visited("CHN", "KAZ"), when="2019-04-24"),
        Event(Visited("CHN", "UZB", who="person:xi"), when="2019-04-25"),
        Event(Sighted("a", 0), when="2019-04-24"),
    )
    found = trips(log.as_of("2019-12-31").events)

    assert [
        (frozenset({"person:xi", "CHN"}), ("CHN", "KAZ"), 2),
        (frozenset({"person:xi"}), ("CHN", "UZB"), 1),
    ] == [(trip.guests, trip.route, len(trip.events)) for trip in found]
    assert isinstance(found[0], Trip)


def test_ends_without_a_date_are_sighted_too() -> None:
    """Who has been there all along, or is there still, is sighted on a day between."""
    events = [
        Event(Sighted("a", n), when=text)
        for n, text in enumerate(("../2019-04-24", "2019-04-25", "2019-04-20/.."))
    ]
    (one,) = trips(events, by=by_guest, today="2019-05-01")

    assert {0, 1, 2} == {event.what.number for event in one.events}


@pytest.mark.parametrize(
    "events",
    [EventLog.of(Event("a", when="2019")), EventLog().as_of("2019-01-01"), ["2019"], 3],
    ids=["log", "view", "text", "number"],
)
def test_what_is_not_events_is_refused(events: Any) -> None:
    """The error says what to give; `match` takes logs and views too."""
    with pytest.raises(EventError, match=r"is not an event: give events, such as view"):
        trips(events)


@pytest.mark.parametrize("key", ["AB", "AZE", ("AZE",), 5])
def test_what_is_no_guest_with_a_route_is_refused(key: Any) -> None:
    """A text of two letters too, which has two parts."""
    with pytest.raises(EventError, match="let by= return both, or None"):
        trips([Event("a", when="2019")], by=lambda _event: key)


def test_a_negative_gap_is_refused() -> None:
    """The error says what to give."""
    with pytest.raises(QuestionError, match="0 days or more"):
        trips([], gap=-1)


def test_grouping_looks_at_each_sighting_a_few_times() -> None:
    """Four times as many sightings are compared about four times as often."""

    class Counted(int):
        count = 0

        def __le__(self, other: object) -> bool:
            Counted.count += 1
            return int(self) <= other

        def __gt__(self, other: object) -> bool:
            Counted.count += 1
            return int(self) > other

    def compared(size: int) -> int:
        Counted.count = 0
        clusters([(Counted(n // 9), n // 9) for n in range(size)], 2)
        return Counted.count

    assert compared(4_000) <= 5 * compared(1_000)


def test_sightings_are_asked_of_as_often_as_there_are_possible_members(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Precise sightings of many trips need no question between trips."""
    asked = 0

    def counted(one: Interval, two: Interval, days: int) -> Answer:
        nonlocal asked
        asked += 1
        return near(one, two, days)

    monkeypatch.setattr("bri_timeline.relations._matching.near", counted)
    events = [
        Event(Sighted("a", n), when=date(1990, 1, 1) + timedelta(10 * n))
        for n in range(500)
    ]

    assert 500 == len(trips(events, by=by_guest))
    assert 0 == asked
