"""Number states and their values, and encode each of them once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeVar

from attrs import define, field, fields

from bri_timeline import Event
from bri_timeline.extend import harmless, iso
from bri_timeline.pages._marks import DAYS, can_ask, plan_status
from bri_timeline.pages._state_values import (
    Tell,
    Told,
    of_part,
    parts_of,
    told_as,
    values_of,
)
from bri_timeline.pages.html._page_data import due
from bri_timeline.relations import Plan, Relationship


S = TypeVar("S")
T = TypeVar("T")
_HIDDEN = attrgetter(*(part.name for part in fields(Relationship) if not part.eq))


def hidden_of(state: object) -> object:
    """Return what a state keeps for later events, and leaves out of its equality."""
    return _HIDDEN(state) if isinstance(state, Relationship) else state


class Teller(Protocol):
    """Tells the values of states in two steps, so that parts are told only once."""

    def parts(self, state: object) -> Sequence[object]:
        """Return the parts of a state, one for each value."""

    def told(self, place: int, part: object) -> Told:
        """Return the value of a part."""


# The part of a state that has no value of a label which another has.
_ABSENT = object()


class _OfRelationships:
    """Most parts of two relationships in turn are the same object."""

    def parts(self, state: object) -> Sequence[object]:
        return parts_of(state)

    def told(self, place: int, part: object) -> Told:
        return of_part(place, part)


@define
class _OfAny:
    """Values in the order in which their labels are first told.

    Only what is another object than in the state before is told.
    """

    # The states are of one kind, whichever the author's function takes.
    tell: Tell[Any] | None
    labels: dict[str, None] = field(factory=dict)

    def parts(self, state: object) -> Sequence[object]:
        values = values_of(state, self.tell)
        self.labels.update(dict.fromkeys(values))
        return [values.get(label, _ABSENT) for label in self.labels]

    def told(self, place: int, part: object) -> Told:
        label = [*self.labels][place]
        return Told(label, "", "") if part is _ABSENT else told_as(label, part)


def teller_of(state: object, tell: Tell[S] | None) -> Teller:
    """Return the teller of the values of states.

    Args:
        state: The state before any event.
        tell: The function of the author, if any.
    """
    if tell is None and isinstance(state, Relationship):
        return _OfRelationships()
    return _OfAny(tell)


class NumberedState(NamedTuple):
    """A state with its number, its parts, and the numbers of its values."""

    number: int
    parts: Sequence[object]
    content: tuple[int, ...]


NOTHING = NumberedState(0, (), ())


@define
class Numbers:
    """Numbers states, values, lists of claims and plans in the order of first use.

    Args:
        claim: Returns the number of the claim of an event.
        split: The contents of states that later events can tell apart: of these,
            each state has a number of its own, though they look the same.
        teller: Tells the values of a state.
    """

    _claim: Callable[[Event], int]
    _split: Set[tuple[int, ...]]
    _teller: Teller
    labels: list[str] = field(factory=list, init=False)
    _states: dict[object, int] = field(factory=dict, init=False)
    _changes: list[list[int]] = field(factory=list, init=False)
    _values: dict[tuple[object, ...], int] = field(
        factory=lambda: {("",): 0}, init=False
    )
    _told: list[object] = field(factory=lambda: [""], init=False)
    _integers: list[int] = field(factory=lambda: [0], init=False)
    _lists_of: list[int] = field(factory=lambda: [0], init=False)
    _items: list[tuple[Event | Plan, ...]] = field(factory=lambda: [()], init=False)
    _edits: dict[tuple[int, ...], int] = field(
        factory=lambda: {(0, 0, 0): 0}, init=False
    )
    _plans: dict[tuple[int, ...], int] = field(factory=dict, init=False)
    _statuses: list[list[int | str]] = field(factory=list, init=False)

    def of_state(self, state: object, old: NumberedState) -> NumberedState:
        """Return a state with its number, and the numbers of its values.

        Args:
            state: The state.
            old: The state before the last event.
        """
        parts = self._teller.parts(state)
        lacking = len(parts) - len(old.content)
        content = [*old.content, *(0 for _ in range(lacking))]
        before = [*old.parts, *(_ABSENT for _ in range(lacking))]
        changes = [0]
        for place, part in enumerate(parts):
            if part is not before[place] or place >= len(self.labels):
                number = self._of_value(place, part, content[place])
                if number != content[place]:
                    changes += place, number - content[place]
                    content[place] = number
        # Two folds can reach equal states by different changes; they share a number.
        key = tuple(content)
        hidden = hidden_of(state) if key in self._split else None
        number = self._states.setdefault((_trimmed(key), hidden), len(self._states))
        if number == len(self._changes):
            changes[0] = number - old.number
            self._changes.append(changes)
        return NumberedState(number, parts, key)

    def encoded(
        self,
    ) -> tuple[list[list[int]], list[object], list[list[int]], list[list[int | str]]]:
        """Return the encoded states, values, lists and plans, ordered by number."""
        return self._changes, self._told, [*map(list, self._edits)], [*self._statuses]

    def _of_value(self, place: int, part: object, near: int) -> int:
        """Return the number of a value."""
        told_value = self._teller.told(place, part)
        if place == len(self.labels):
            self.labels.append(harmless(told_value.label))
        items = (
            0
            if not told_value.items
            else self._of_list(told_value.items, self._lists_of[near])
        )
        number = None if isinstance(told_value.value, str) else str(told_value.value)
        key: tuple[object, ...] = (told_value.text, number, told_value.amounts, items)
        if key[1:] == (None, (), 0):
            key = key[:1]
        index = self._values.setdefault(key, len(self._values))
        if index == len(self._told):
            integer = _integer(told_value, items)
            self._lists_of.append(items)
            self._integers.append(integer or 0)
            # Sums that a late report changes differ as before: repeated differences
            # are compressed to nearly nothing.
            difference = [index - near, (integer or 0) - self._integers[near]]
            self._told.append(_plain(key) if integer is None else difference)
        return index

    def _of_list(self, new: tuple[Event | Plan, ...], near: int) -> int:
        """Return the number of a list, encoded as a change to a numbered one."""
        # Only the difference is encoded: lists of up to n claims cost n, not n squared.
        old = self._items[near]
        start = common(old, new)
        end = common(old[start:][::-1], new[start:][::-1])
        come = tuple([self._item(item) for item in new[start : len(new) - end]])
        edit = near, start, len(old) - start - end, *come
        number = self._edits.setdefault(edit, len(self._edits))
        if number == len(self._items):
            self._items.append(new)
        return number

    def _item(self, item: Event | Plan) -> int:
        """Return the number of a claim; of a plan, a negative number."""
        if isinstance(item, Event):
            return self._claim(item)
        key = tuple(map(self._claim, (item.event, *item.changes)))
        number = self._plans.setdefault(key, len(self._plans))
        if number == len(self._statuses):
            self._statuses.append([key[0], *_statuses(item)])
        return ~number


def _trimmed(content: tuple[int, ...]) -> tuple[int, ...]:
    """Return a content without the values at the end that are not there yet."""
    size = len(content)
    while size and not content[size - 1]:
        size -= 1
    return content[:size]


def _integer(one: Told, items: int) -> int | None:
    """Return a value that is an integer and nothing else, exact in a script."""
    value = one.value
    if isinstance(value, int) and not (one.amounts or items) and abs(value) < 2**53:
        return value if one.text == f"{value:,}" else None
    return None


def _plain(key: tuple[object, ...]) -> object:
    """Return a value for the script: its text, or text, number, amounts and list."""
    text, *rest = key
    return [harmless(str(text)), *rest] if rest else harmless(str(text))


def common(old: tuple[T, ...], new: tuple[T, ...]) -> int:
    """Return the length of the common prefix of two tuples.

    A binary search, since slices of the same objects compare at the speed of C.
    """
    low, high = 0, min(len(old), len(new))
    if old[:high] == new[:high]:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _statuses(plan: Plan) -> Iterator[int | str]:
    """Yield the days on which the status of a plan changes, status and expected date.

    Three in turn: the number of the day, the status, and the EDTF text or nothing.
    """
    days: set[float] = set()
    for event in (plan.event, *plan.changes):
        days.update(due(event.what))
        days.update((event.when.earliest_start, event.when.latest_start))
    before = None
    for day in sorted(int(day) for day in {DAYS[0], *days} if can_ask(day)):
        # A day on which nothing changes needs no row.
        status, expected = plan_status(plan, iso(day))
        now = status, str(expected or "")
        if now != before:
            yield day
            yield from now
        before = now
