"""What a composition keeps: maps that share their parts, and lines of marks."""

from __future__ import annotations

import pickle
from random import Random
from typing import Any

import pytest
from attrs import frozen
from fold_worlds import WHOLE, Appointed, Hired, Pledged, Resigned, Stated, plain, shown
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Projection
from bri_timeline._folds._map import FrozenMap, SharedMap
from bri_timeline._folds._shown import ByKey
from bri_timeline.folds import FrozenList, Record, in_force, keyed, listing, record
from bri_timeline.measures import count, latest, total


class Same(str):
    """A key that has one hash with all others."""

    __slots__ = ()

    def __hash__(self) -> int:
        return 7


KEYS = st.one_of(st.integers(0, 60), st.integers(0, 30).map(lambda n: Same(n)))


@given(
    st.dictionaries(st.integers(0, 60), st.integers(0, 3), max_size=60),
    st.lists(st.tuples(KEYS, st.integers(0, 3)), max_size=80),
)
def test_a_shared_map_is_what_a_dictionary_is(
    items: dict[Any, int], changes: list[tuple[Any, int]]
) -> None:
    """A shared map is what a dictionary is."""
    first, expected = SharedMap(items), dict(items)
    shared = first
    for key, value in changes:
        shared = shared.having(key, value)
        expected[key] = value
    assert dict(shared) == expected
    assert len(shared) == len(expected)
    assert {*shared} == {*expected}
    assert dict(first) == items, "a change left the other map as it was"
    assert all(shared[key] == value for key, value in expected.items())
    assert shared.get("none") is None
    with pytest.raises(KeyError):
        shared["none"]
    again = SharedMap(expected)
    assert shared == again
    assert hash(shared) == hash(again)
    assert pickle.loads(pickle.dumps(shared)) == shared
    assert (shared == first) == (expected == items)
    different = {k for k in {*items, *expected} if items.get(k) != expected.get(k)}
    assert different <= shared.differing(first)
    many = SharedMap(dict.fromkeys(range(50, 80), 4))
    for one, other in ((first, shared), (first, many), (many, shared), (many, many)):
        assert dict(one.joined(other)) == {**one, **other}
    assert shared != expected


@given(
    st.dictionaries(KEYS, st.integers(0, 3), min_size=20),
    st.lists(st.tuples(KEYS, st.none() | st.integers(0, 3)), max_size=40),
)
def test_a_frozen_map_is_what_a_dictionary_is(
    items: dict[Any, int], changes: list[tuple[Any, int | None]]
) -> None:
    """Its items stay in their order, whatever comes and goes; and it cannot change."""
    first, expected = FrozenMap(items), dict(items)
    found = first
    for key, value in changes:
        if value is None:
            found = found.without(key)
            expected.pop(key, None)
        else:
            found = found.set(key, value)
            expected[key] = value
    assert [*found.items()] == [*expected.items()]
    assert expected == found == FrozenMap(dict(reversed(expected.items())))
    assert [*first.items()] == [*items.items()]
    with pytest.raises(AttributeError, match="is not set"):
        found._next = 3
    with pytest.raises(AttributeError, match="is not deleted"):
        del found._next


class Calls:
    """How often a projection was called."""

    def __init__(self) -> None:
        self.count = 0

    def projection(self) -> Projection[int]:
        """Return a projection that counts how often it is called."""

        def evolve(state: int, event: Event) -> int:
            self.count += 1
            return state + len(event.id)

        return Projection(int, evolve, reads=(Pledged, Stated))


def _events(number: int, random: Random) -> list[Event]:
    return [
        Event(
            what=Pledged(f"C{random.randrange(number // 8)}", n),
            when=f"20{random.randint(10, 19)}-0{random.randint(1, 9)}-11",
            id=f"e{n}",
            cite=(),
        )
        for n in range(number)
    ]


@pytest.mark.parametrize("change", ["report", "correction", "retraction"])
def test_a_change_costs_what_it_reaches(change: str) -> None:
    """Twice the log, and a change is folded with as few calls."""
    by_size = []
    for number in (200, 400, 800):
        calls, random = Calls(), Random(1)
        part = keyed(calls.projection(), by="country")
        log = EventLog().extend(_events(number, random))
        log.as_of("2020-01-01").project(part)
        first, calls.count = calls.count, 0
        assert first >= number
        late = Event(what=Pledged("C1", 1), when="2010-01-01", cite=())
        if change == "report":
            log = log.append(late)
        elif change == "correction":
            log = log.append(late, supersedes=3)
        else:
            log = log.retract(3, because="an error")
        assert log.as_of("2020-01-01").project(part) == (
            log.as_of("2020-01-01").project(plain(part))
        )
        by_size.append(calls.count - len(log))
    # The other half of the calls is that of the plain fold.
    assert max(by_size) < 120, by_size


def test_a_sum_of_many_merges_what_lies_in_segments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where many parts have changed, states along all marks are folded again."""
    monkeypatch.setattr("bri_timeline._order._lines._MOST_CHANGED", 2)
    random = Random(2)
    part = record(
        "R", n=count(Pledged), s=total(Pledged, "amount"), l=latest(Pledged, "amount")
    )
    log = EventLog().extend(_events(600, random))
    for _ in range(60):
        view = log.as_of(f"20{random.randint(10, 20)}-01-01")
        assert shown(view.project(part)) == shown(view.project(plain(part)))
        if random.random() < 0.5:
            log = log.extend(_events(8, random)[:1])
        else:
            log = log.retract(random.randrange(len(log)), because="an error")


def test_a_segment_that_is_empty_or_long_is_parted_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A segment that is empty or long is parted anew."""
    monkeypatch.setattr("bri_timeline._order._path_marks._SIZE", 2)
    random = Random(3)
    calls = Calls()
    part = record("R", n=count(Pledged), s=calls.projection(), l=listing(Pledged))
    log = EventLog().extend(_events(16, random))
    for number in range(40):
        log.as_of("2020-01-01").project(part)
        log.as_of("2021-01-01").project(part)
        view = log.as_of(f"20{random.randint(10, 20)}-01-01")
        assert shown(view.project(part)) == shown(view.project(plain(part)))
        if number % 3:
            log = log.retract(number % len(log), because="an error")
        else:
            log = log.extend(_events(8, random)[:3])


def test_many_reports_of_one_day_part_its_block() -> None:
    """Many reports of one day part its block."""
    part = record("R", n=count(Pledged), s=total(Pledged, "amount"))
    log = EventLog().extend(_events(100, Random(5)))
    for number in range(90):
        for day in (
            "2020-01-01",
            "2013-01-01",
            "2016-01-01",
            "2017-01-01",
            "2018-01-01",
        ):
            state = log.as_of(day).project(part)
            if number % 30 == 29:
                assert state == log.as_of(day).project(plain(part))
        event = Event(what=Pledged("KAZ", number), when="2015-01-11", cite=())
        log = log.append(event)


@frozen
class Returned:
    """A country has what it leased again."""

    country: str


@frozen
class Leased:
    """A country leases something."""

    country: str
    until = (Returned, ("country",))


@frozen
class Annulled:
    """What a country sold is its own again."""

    country: str


@frozen
class Sold:
    """A country sold something."""

    country: str
    until = (Returned, Annulled), ("country",)


@frozen
class Rented:
    """A country rents something: nothing ends it that ends no other kind."""

    country: str
    until = (Annulled, Returned), ("country",)


def whose(event: Event) -> str:
    """Return the country, or nobody's."""
    return getattr(event.what, "country", "nobody")


def test_what_ends_facts_may_come_before_them() -> None:
    """It is added to the parts that they are in, once, whichever kinds it ends."""
    part = record(
        "R",
        leased=keyed(count(Leased, Sold, Rented, Appointed, active=True), by=whose),
        last=in_force(Leased),
        board=in_force(Appointed),
    )
    log = EventLog()
    for turn in range(3):
        a, b, c, d, p = (f"{name}{turn}" for name in "abcdp")
        facts = [Returned(a), Annulled(b), Resigned(p, "x"), Annulled(c), Leased(a)]
        facts += [Sold(b), Appointed(p, "x"), Leased(b), Returned(b), Sold(a)]
        for number, what in enumerate([*facts, Sold(c), Returned(d), Rented(d)]):
            is_end = isinstance(what, Returned | Annulled | Resigned)
            year = 2016 + number % 2 if is_end else 2015
            when = f"{year}-01-{number + 1:02}"
            log = log.append(Event(what=what, when=when, cite=()))
            for day in ("2015-12-31", "2018-01-01"):
                view = log.as_of(day)
                assert shown(view.project(part)) == shown(view.project(plain(part)))
            if number == 3:
                log = log.retract(len(log) - 1, because="an error")


def test_a_kind_that_comes_late_is_ended_as_others_are() -> None:
    """Also where the same ends facts of a kind that was there before."""
    part = record(
        "R", hired=count(Hired, active=True), board=keyed(in_force(Appointed), by=whose)
    )
    log = EventLog()
    for what, when in (
        (Resigned("p", "x"), "2016"),
        (Hired("p", "x"), "2015"),
        (Appointed("p", "x"), "2015"),
    ):
        log = log.append(Event(what=what, when=when, cite=()))
        state = log.as_of("2018-01-01").project(part)
        assert repr(state) == "R(hired=0, board={})"


def _big(amount: int) -> Event:
    return Event(what=Pledged("KAZ", amount), when="2015", cite=())


def test_a_part_of_a_sum_may_be_too_long_where_the_whole_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where segments cannot be merged, all is folded: the error is that of the fold."""
    monkeypatch.setattr("bri_timeline._order._path_marks._SIZE", 1)

    def add(state: int, event: Event) -> int:
        return state + event.what.amount

    def merge(one: int, other: int) -> int:
        raise OverflowError(one, other)

    part = record("R", sum=Projection(int, add, reads=Pledged, merge=merge))
    log = EventLog.of(_big(1), _big(2), _big(3))
    assert log.as_of("2016-01-01").project(part).sum == 6


def test_few_states_are_kept_where_few_may_be() -> None:
    """A cache with little room forgets what is kept, and answers as before."""
    random = Random(4)
    log = EventLog().extend(_events(400, random))
    log._cache.most = 40
    for day in ("2012-01-01", "2013-01-01", "2014-01-01", "2011-01-01") * 2:
        for part in (WHOLE, record("R", n=count(Pledged)), listing(Pledged)):
            view = log.as_of(day)
            found: Any = view.project(part)
            folded: Any = view.project(plain(part))
            assert shown(found) == shown(folded)


def test_states_are_kept_without_a_look_at_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing hashes a state of many keys to learn whether it could be changed."""
    part = record("R", said=keyed(count(Pledged), by="country"), all=listing(Pledged))
    log = EventLog().extend(_events(400, Random(6)))

    def refuse(*_: object) -> int:
        raise AssertionError

    for cls in (Record, ByKey, FrozenList):
        monkeypatch.setattr(cls, "__hash__", refuse)
    for day in ("2020-01-01", "2013-01-01", "2016-01-01"):
        state = log.as_of(day).project(part)
        assert len(state.all) == sum(state.said.values())
    assert len(log.during("2011/2018").project(part).all) > 100
