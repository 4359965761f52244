"""States that can change are copied, no deeper than they may change."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import frozen

from bri_timeline import Event, EventLog, projection
from bri_timeline._events.open_facts import OpenFacts
from bri_timeline._order._copies import private_copy, weight_of
from bri_timeline._order._states import States
from bri_timeline.relations import Joined, Left


class Mutable:
    """An object that has a hash, and may change all the same."""

    def __init__(self) -> None:
        self.items: list[int] = []


@frozen
class Counted:
    """A value that cannot change."""

    number: int


VALUE = Counted(1)


@pytest.mark.parametrize(
    "state",
    [
        {"a": 1, "b": None},
        {"a": [1, 2], "b": {3: {4}}},
        {"a": VALUE, "b": (1, 2)},
        [1, "a", 2.5],
        [[1], [2]],
        {1, 2},
    ],
)
def test_a_copy_is_equal_and_shares_nothing_that_may_change(state: Any) -> None:
    """Of what may change there is no part in common."""
    found = private_copy(state)

    def changing(value: Any) -> set[int]:
        parts = value.values() if isinstance(value, dict) else value
        inner = isinstance(value, dict | list | set)
        return {id(value)}.union(*map(changing, parts)) if inner else set()

    assert state == found
    assert changing(state).isdisjoint(changing(found))


def test_what_cannot_change_is_not_copied() -> None:
    """A value with a hash by its content is kept, an object with any other is not."""
    one, mutable = {"a": VALUE, "b": Counted(2)}, Mutable()
    found = private_copy({"a": mutable, "b": VALUE})

    assert all(private_copy(one)[key] is value for key, value in one.items())
    assert found["b"] is VALUE
    assert found["a"] is not mutable
    assert private_copy(VALUE) is VALUE
    assert private_copy(2.5) == 2.5


@pytest.mark.parametrize(
    "held", [(Mutable(),), (1, (Mutable(),)), frozenset({Mutable()}), {Mutable()}]
)
def test_a_collection_with_a_hash_may_hold_what_changes(held: Any) -> None:
    """A tuple of objects that may change is copied with them."""
    (found,) = private_copy([held])

    def objects(value: Any) -> set[int]:
        if isinstance(value, tuple | frozenset | set):
            return set[int]().union(*map(objects, value))
        return {id(value)} if isinstance(value, Mutable) else set()

    assert objects(held)
    assert objects(held).isdisjoint(objects(found))


def test_what_is_there_twice_is_copied_once() -> None:
    """Also where it holds itself."""
    inner: list[Any] = [[1]]
    inner.append(inner)
    found = private_copy({"a": inner, "b": inner})

    assert found["a"] is found["b"] is found["a"][1]
    assert found["a"] is not inner


def test_a_state_weighs_as_much_as_what_it_does_not_share() -> None:
    """Small states weigh one, and so do all that share what they hold."""
    large = {n: n for n in range(2_000)}

    assert weight_of({}) == weight_of(VALUE) == weight_of((1, 2)) == 1
    assert 500 < weight_of(large) < 1_000
    assert weight_of([large, large]) > 1.9 * weight_of(large)
    assert weight_of({"a": [0] * 1_000}) > 50


def test_a_state_that_holds_itself_has_a_weight() -> None:
    """Each collection in it is counted once on each way to it."""
    inner: list[Any] = [0] * 1_000
    inner.append(inner)

    assert weight_of(inner) < 2 * weight_of(inner[:-1])


def test_facts_that_are_open_are_pickled_in_their_order() -> None:
    """What ends them finds them again, where texts have other hashes."""
    events = [Event(Joined("AZE", body), when="2015") for body in "cab"]
    again = pickle.loads(pickle.dumps(OpenFacts(events)))
    left, over = again.closed(Event(Left("AZE", "a"), when="2016"), is_ordered=True)

    assert (again.facts, [events[1]]) == (tuple(events), over)
    assert left == OpenFacts([events[2], events[0]])


@frozen
class Paid:
    """A payment."""

    country: str


@projection(initial=dict)
def payments(total: dict[str, int], event: Event) -> dict[str, int]:
    """How often each was paid."""
    what = event.what
    name = what.country if isinstance(what, Paid) else ""
    return total | {name: total.get(name, 0) + 1}


def test_large_states_are_limited_by_what_they_weigh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While they are folded: there is never more in memory than the limit."""
    most, seen = 4_000, []
    extend: Callable[..., bool] = States._extend

    def watched(self: States[Any], *given: Any) -> bool:
        found = extend(self, *given)
        seen.append((len(self), self.gap))
        return found

    monkeypatch.setattr(States, "_extend", watched)
    first = date(2000, 1, 1)
    events = [
        Event(Paid(f"c{n % 200}"), when=first + timedelta(n), id=f"{n}")
        for n in range(3_000)
    ]
    log = EventLog.of(*events).with_cache(most, every=1)
    found = log.as_of("2100-01-01").project(payments)

    assert payments.fold(events) == found
    assert max(weight for weight, _ in seen) < 3 * most
    assert seen[-1][0] <= 2 * most
    assert seen[-1][1] > 8
