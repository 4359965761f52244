"""Number states and their values, and encode each of them once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from itertools import compress, repeat
from operator import is_not
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from attrs import define, field, frozen

from bri_timeline import Event
from bri_timeline.extend import harmless, iso
from bri_timeline.folds import FrozenList
from bri_timeline.pages._marks import DAYS, can_ask, plan_status
from bri_timeline.pages._state_values import (
    Tell,
    Told,
    of_part,
    of_size,
    parts_of,
    told,
    told_as,
    values_of,
)
from bri_timeline.pages.html._page_data import due
from bri_timeline.relations import (
    VALUES,
    Plan,
    Relationship,
)


S = TypeVar("S")
T = TypeVar("T")
# What a value holds, in an order: events, plans, or pairs of a number and one of them.
Held = Sequence[Any]


class Teller(Protocol):
    """Tells the values of states in two steps, so that parts are told only once."""

    def parts(self, state: object) -> Sequence[object]:
        """Return the parts of a state, one for each value."""

    def told(
        self, place: int, part: object, before: object, old: Held
    ) -> tuple[Told, Held]:
        """Return the value of a part, and what it holds.

        Args:
            place: The place of the part.
            part: The part.
            before: What was there in an earlier state.
            old: What that held.
        """


# The part of a state that has no value of a label which another has.
_ABSENT = object()


@frozen
class _OfRelationships:
    """Most parts of two relationships in turn are the same object, or share theirs.

    Attributes:
        first: The place of the first part that is told.
        stop: That of the first one after it that is not.
    """

    first: int
    stop: int

    def parts(self, state: object) -> Sequence[object]:
        return parts_of(state)[self.first : self.stop]

    def told(
        self, place: int, part: Any, before: object, old: Held
    ) -> tuple[Told, Held]:
        number = self.first + place
        if number < len(VALUES):
            return of_part(number, part), ()
        held: FrozenList[Any]
        if isinstance(part, FrozenList):
            held = part
        else:
            held = part.listed(before, cast("FrozenList[Any]", old))
        return of_size(number, len(held)), held


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

    def told(
        self, place: int, part: object, before: object, old: Held
    ) -> tuple[Told, Held]:
        label = [*self.labels][place]
        value = Told(label, "", "") if part is _ABSENT else told_as(label, part)
        return value, value.items


def teller_of(state: object, tell: Tell[S] | None, only: str | None = None) -> Teller:
    """Return the teller of the values of states.

    Args:
        state: The state before any event.
        tell: The function of the author, if any.
        only: The label of the only part of a relationship to be told.
    """
    if tell is None and isinstance(state, Relationship):
        labels = [value.label for value in told(state)]
        first = 0 if only is None else labels.index(only)
        return _OfRelationships(first, len(labels) if only is None else first + 1)
    return _OfAny(tell)


class NumberedState(NamedTuple):
    """A state with its number, its parts, the numbers of its values, what they hold."""

    number: int
    parts: Sequence[object]
    content: tuple[int, ...]
    held: tuple[Held, ...]


NOTHING = NumberedState(0, (), (), ())


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
    _without_hash: dict[tuple[int, ...], list[object]] = field(factory=dict, init=False)
    _changes: list[list[int]] = field(factory=list, init=False)
    _values: dict[tuple[object, ...], int] = field(
        factory=lambda: {("",): 0}, init=False
    )
    _told: list[object] = field(factory=lambda: [""], init=False)
    _integers: list[int] = field(factory=lambda: [0], init=False)
    _lists_of: list[int] = field(factory=lambda: [0], init=False)
    _edits: dict[tuple[int, ...], int] = field(
        factory=lambda: {(0, 0, 0): 0}, init=False
    )
    _plans: dict[tuple[int, ...], int] = field(factory=dict, init=False)
    _statuses: list[list[int | str]] = field(factory=list, init=False)

    def of_state(
        self, state: object, old: NumberedState, kept: Callable[[], object]
    ) -> NumberedState:
        """Return a state with its number, and the numbers of its values.

        Args:
            state: The state.
            old: The state before the last event.
            kept: Returns what tells how it goes on, also if it is not shown.
        """
        parts = self._teller.parts(state)
        _, before, near, earlier = old
        if lacking := len(parts) - len(before):
            before = (*before, *repeat(_ABSENT, lacking))
            near = (*near, *repeat(0, lacking))
            earlier = (*earlier, *repeat((), lacking))
        content, held, changes = [*near], [*earlier], [0]
        # Most parts are the object that was there: these are passed over at once.
        for place in compress(range(len(parts)), map(is_not, parts, before)):
            number, held[place] = self._of_value(
                place, parts[place], near[place], before[place], earlier[place]
            )
            if number != near[place]:
                changes += place, number - near[place]
                content[place] = number
        # Two folds can reach equal states by different changes; they share a number.
        key = tuple(content)
        look = _trimmed(key)
        hidden = self._hidden(look, kept()) if key in self._split else None
        number = self._states.setdefault((look, hidden), len(self._states))
        if number == len(self._changes):
            changes[0] = number - old.number
            self._changes.append(changes)
        return NumberedState(number, parts, key, tuple(held))

    def encoded(
        self,
    ) -> tuple[list[list[int]], list[object], list[list[int]], list[list[int | str]]]:
        """Return the encoded states, values, lists and plans, ordered by number."""
        return self._changes, self._told, [*map(list, self._edits)], [*self._statuses]

    def _hidden(self, look: tuple[int, ...], hidden: object) -> object:
        """Return what a state hides, or its number where it has no hash."""
        try:
            hash(hidden)
        except TypeError:
            alike = self._without_hash.setdefault(look, [])
            if hidden not in alike:
                alike.append(hidden)
            return alike.index(hidden)
        return hidden

    def _of_value(
        self, place: int, part: object, near: int, before: object, old: Held
    ) -> tuple[int, Held]:
        """Return the number of a value, and what it holds."""
        value, held = self._teller.told(place, part, before, old)
        if place == len(self.labels):
            self.labels.append(harmless(value.label))
        items = self._of_list(held, old, self._lists_of[near]) if held else 0
        number = None if isinstance(value.value, str) else str(value.value)
        key: tuple[object, ...] = (value.text, number, value.amounts, items)
        if key[1:] == (None, (), 0):
            key = key[:1]
        index = self._values.setdefault(key, len(self._values))
        if index == len(self._told):
            integer = _integer(value, items)
            self._lists_of.append(items)
            self._integers.append(integer or 0)
            # Sums that a late report changes differ as before: repeated differences
            # are compressed to nearly nothing.
            difference = [index - near, (integer or 0) - self._integers[near]]
            self._told.append(_plain(key) if integer is None else difference)
        return index, held

    def _of_list(self, new: Held, old: Held, near: int) -> int:
        """Return the number of a list, encoded as a change to a numbered one."""
        # Only the difference is encoded: lists of up to n claims cost n, not n squared.
        start, gone, come = _edit(new, old)
        edit = near, start, gone, *map(self._item, come)
        return self._edits.setdefault(edit, len(self._edits))

    def _item(self, item: Event | Plan | tuple[int, Event | Plan]) -> int:
        """Return the number of a claim; of a plan, a negative number."""
        if isinstance(item, tuple):
            _, item = item
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


def _edit(new: Held, old: Held) -> tuple[int, int, Held]:
    """Return the place of what differs in a list, how much goes, and what comes."""
    if isinstance(new, FrozenList):
        return new.edit(old if isinstance(old, FrozenList) else FrozenList(old))
    before, after = tuple(old), tuple(new)
    start = common(before, after)
    end = common(before[start:][::-1], after[start:][::-1])
    return start, len(before) - start - end, after[start : len(after) - end]


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
