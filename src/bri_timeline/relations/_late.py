"""The state of a relationship after a late report, without folding it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, ClassVar, cast, get_args

from attrs import frozen

from bri_timeline import Event
from bri_timeline.extend import Ending, Mark, event_of
from bri_timeline.relations._bundles import add, agreement_of
from bri_timeline.relations._facts import (
    AgreementSigned,
    IndicatorObserved,
    Left,
    Money,
)
from bri_timeline.relations._handlers import (
    HANDLERS,
    LASTING,
    LISTS,
    figure,
    is_meant,
)
from bri_timeline.relations._map import FrozenMap
from bri_timeline.relations._plans import PlanChange, Planned, may_be_last
from bri_timeline.relations._state import (
    Relationship,
    by_date,
    changed,
    lasts,
    replaced,
    taken,
)


_NONE = Decimal(0)


@frozen
class LateRelationship:
    """Returns the state as if a mark had come at its place. Equal for equal parties."""

    parties: frozenset[str]
    # Of these only the last of a key counts, although their classes do not say so.
    ordered: ClassVar[tuple[type, ...]] = (IndicatorObserved, *get_args(PlanChange))
    may_be_last = staticmethod(may_be_last)

    def __call__(
        self,
        state: Relationship,
        mark: Mark | None,
        instead: Mark | None,
        before: Sequence[Mark],
        after: Sequence[Mark],
    ) -> Relationship | None:
        """Return the state, where it tells.

        Args:
            state: The state.
            mark: What comes; None if something only goes.
            instead: What the state has instead of it; None if it only comes.
            before: The marks in the state that come before it and have the same days.
            after: Those that come after it.
        """
        events = [event_of(side) for side in (mark, instead) if side is not None]
        if any(isinstance(side, Ending) for side in (mark, instead)):
            # Whatever lasts, and began, may have been left or followed since.
            lasting = *LASTING, Left
            return (
                None
                if any(isinstance(event.what, lasting) for event in events)
                else state
            )
        new, old = mark and event_of(mark), instead and event_of(instead)
        kinds = {type(event.what) for event in events}
        meant = {is_meant(self.parties, event.what) for event in events}
        if len(kinds) > 1 or len(meant) > 1 or len({*map(by_date, events)}) > 1:
            return None
        (kind,) = kinds
        if kind not in HANDLERS or not all(meant):
            return state
        if kind is AgreementSigned:
            return _with_agreement(state, new, old, after)
        if kind in LISTS:
            return changed(state, **_lists(state, [LISTS[kind]], new, old))
        places = {_place(state, event) for event in events}
        if len(places) > 1:
            return None
        (place,) = places
        if place is None:
            return None
        beside = (self._keyed(place[0], marks) for marks in (before, after))
        return replaced(state, *place, new, old, *beside)

    def key(self, mark: Mark) -> tuple[str, object] | None:
        """Return a map, and the only key of which a mark may change the value."""
        event = event_of(mark)
        return _key(event) if is_meant(self.parties, event.what) else None

    def of_key(
        self,
        state: Relationship,
        key: Any,
        alone: Relationship,
        after: Callable[[Event], Sequence[Mark]],
    ) -> Relationship:
        """Return a state with the value that another state has for a key."""
        name, place = key
        by = getattr(alone, name).brought_by(place)
        beside = [] if by is None else self._keyed(name, after(by))
        return taken(state, name, place, alone, beside)

    def _keyed(self, name: str, marks: Sequence[Mark]) -> list[tuple[object, Event]]:
        """Return the events that a state has in a map, with their keys."""
        keyed_marks = [
            (self.key(mark), mark) for mark in marks if isinstance(mark, Event)
        ]
        return [(key[1], mark) for key, mark in keyed_marks if key and key[0] == name]


def _lists(
    state: Relationship, names: Sequence[str], new: Event | None, old: Event | None
) -> dict[str, object]:
    """Return lists of a state with an event, and without another."""
    lists: dict[str, Any] = {name: getattr(state, name) for name in names}
    for name in names:
        if old is not None:
            lists[name] = lists[name].without(old, by_date)
        if new is not None:
            lists[name] = lists[name].inserted(new, by_date)
    return lists


def _with_agreement(
    state: Relationship, new: Event | None, old: Event | None, after: Sequence[Mark]
) -> Relationship | None:
    """Return a state with an agreement, and without another."""
    events = [event for event in (new, old) if event is not None]
    what = agreement_of(events[0])
    # Equal amounts may have other digits.
    counted = {
        (agreement.number, repr(agreement.value), agreement.part_of)
        for agreement in map(agreement_of, events)
    }
    if state._bundles or what.part_of or len(counted) > 1:
        return None
    more = (new is not None) - (old is not None)
    changes: dict[str, object] = {
        "agreement_count": state.agreement_count + more * what.number
    }
    names = ["agreements"]
    if what.value is None:
        names.append("agreements_without_value")
    else:
        values = _worth(state, what.value, new, old, after)
        if values is None:
            return None
        changes["agreed_value"] = values
    return changed(state, **changes, **_lists(state, names, new, old))


def _worth(
    state: Relationship,
    money: Money,
    new: Event | None,
    old: Event | None,
    after: Sequence[Mark],
) -> FrozenMap[str, Decimal] | None:
    """Return the values of a state with an agreement of an amount, and without one."""
    currency, amount, values = money.currency, money.amount, state.agreed_value
    if new is None:
        # Without it there might be no amount, or none with as many digits.
        has_places = cast("int", amount.as_tuple().exponent) < 0
        if values.brought_by(currency) is old or has_places:
            return None
        total = add(values[currency], amount.copy_negate())
        return values.set(currency, total)
    total = values.get(currency, _NONE)
    if old is None:
        total = add(total, amount)
    return values.late(currency, total, new, old, [*_currencies(after)])


def _currencies(marks: Sequence[Mark]) -> Iterator[tuple[str, Event]]:
    for mark in marks:
        what = mark.what if isinstance(mark, Event) else None
        if isinstance(what, AgreementSigned) and what.value is not None:
            yield what.value.currency, event_of(mark)


def _place(state: Relationship, event: Event) -> tuple[str, object] | None:
    """Return the map and the key of a fact; None if more than the last of it counts."""
    place = _key(event)
    if (
        place is None
        or place[0] == "plans"
        or place[1] in state._stacks.get(place[0], ())
    ):
        return None
    return None if type(event.what) in LASTING and lasts(event) else place


def _key(event: Event) -> tuple[str, object] | None:
    """Return the map and the key of a fact, if it has one."""
    what = event.what
    if isinstance(what, IndicatorObserved):
        return "indicators", figure(event, what)
    if isinstance(what, Planned):
        return "plans", event.id
    if isinstance(what, PlanChange):
        return "plans", what.plan
    if isinstance(what, Left):
        return "memberships", (what.member, what.body)
    return LASTING[type(what)](what) if type(what) in LASTING else None
