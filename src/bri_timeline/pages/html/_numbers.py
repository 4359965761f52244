"""Number states and their parts, and encode each of them once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from operator import attrgetter
from typing import NamedTuple, TypeVar

from attrs import define, field, fields

from bri_timeline import Event
from bri_timeline._calendar import iso
from bri_timeline.edtf import in_words
from bri_timeline.pages._axis import DAYS, can_ask
from bri_timeline.pages.html._page_data import due
from bri_timeline.relations import (
    SECTIONS,
    VALUES,
    Plan,
    Relationship,
    items_of,
    parts_of,
)


__all__ = [
    "NumberedState",
    "Numbers",
    "common",
    "hidden_of",
]


T = TypeVar("T")
_PARTS = len(SECTIONS) + len(VALUES)
# What a state keeps for later events, and leaves out of its equality.
hidden_of = attrgetter(*(one.name for one in fields(Relationship) if not one.eq))


class NumberedState(NamedTuple):
    """A state with its number, its parts, and the numbers of its parts.

    The number of a part is that of a list of claims, or of the text of a value.
    """

    number: int
    parts: tuple[object, ...]
    content: tuple[int, ...]


_NOTHING = NumberedState(0, (None,) * _PARTS, (0,) * _PARTS)


@define
class Numbers:
    """Numbers states, lists of claims, texts and plans in the order of first use.

    Args:
        claim: Returns the number of the claim of an event.
        split: The contents of states that later events can tell apart: of these,
            each state has a number of its own, though they look the same.
    """

    _claim: Callable[[Event], int]
    _split: Set[tuple[int, ...]]
    _states: dict[object, int] = field(factory=dict, init=False)
    _state_changes: list[list[int]] = field(factory=list, init=False)
    _edits: dict[tuple[int, ...], int] = field(
        factory=lambda: {(0, 0, 0): 0}, init=False
    )
    _fragments: list[list[int]] = field(factory=lambda: [[0, 0, 0]], init=False)
    _texts: dict[str, int] = field(factory=lambda: {"": 0}, init=False)
    _plans: dict[tuple[int, ...], int] = field(factory=dict, init=False)
    _statuses: list[list[int | str]] = field(factory=list, init=False)

    def of_state(
        self, state: Relationship, before: NumberedState | None
    ) -> NumberedState:
        """Return a state with its number, and the numbers of its parts.

        Args:
            state: The state.
            before: The state before the last event, if any.
        """
        old = _NOTHING if before is None else before
        parts = parts_of(state)
        content = list(old.content)
        changes = [old.number]
        for place, (part, known) in enumerate(zip(parts, old.parts, strict=True)):
            # Most parts are the same object as before; they need not be compared.
            if part is not known:
                number = self._of_part(place, part, known, content[place])
                if number != content[place]:
                    content[place] = number
                    changes += place, number
        # Two folds can reach equal states by different changes; they share a number.
        key = tuple(content)
        hidden = hidden_of(state) if key in self._split else None
        number = self._states.setdefault((key, hidden), len(self._states))
        if number == len(self._state_changes):
            self._state_changes.append(changes)
        return NumberedState(number, parts, key)

    def encoded(
        self,
    ) -> tuple[list[list[int]], list[list[int]], list[str], list[list[int | str]]]:
        """Return the encoded states, fragments, texts and plans, ordered by number."""
        return self._state_changes, self._fragments, list(self._texts), self._statuses

    def _of_part(self, place: int, part: object, known: object, near: int) -> int:
        """Return the number of a part, encoded as a change to a numbered one."""
        if place >= len(SECTIONS):
            words = VALUES[place - len(SECTIONS)].words(part)
            return self._texts.setdefault(words, len(self._texts))
        old, new = items_of(known), items_of(part)
        # Only the difference is encoded: lists of up to n claims cost n, not n squared.
        start = common(old, new)
        end = common(old[start:][::-1], new[start:][::-1])
        come = tuple([self._item(item) for item in new[start : len(new) - end]])
        edit = near, start, len(old) - start - end, *come
        number = self._edits.setdefault(edit, len(self._edits))
        if number == len(self._fragments):
            self._fragments.append(list(edit))
        return number

    def _item(self, item: Event | Plan) -> int:
        if isinstance(item, Event):
            return self._claim(item)
        key = tuple(map(self._claim, (item.event, *item.changes)))
        number = self._plans.setdefault(key, len(self._plans))
        if number == len(self._statuses):
            self._statuses.append([key[0], *_statuses(item)])
        return number


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
    """Yield the days on which the status of a plan changes, each with the status."""
    days: set[float] = set()
    for event in (plan.event, *plan.changes):
        days.update(due(event.what))
        days.update((event.when.earliest_start, event.when.latest_start))
    before = None
    for day in sorted(int(day) for day in {DAYS[0], *days} if can_ask(day)):
        # A day on which nothing changes needs no row.
        now = f"{plan.status_on(iso(day)).value}{_expected(plan, day)}"
        if now != before:
            yield day
            yield now
        before = now


def _expected(plan: Plan, day: int) -> str:
    expected = plan.expected_on(iso(day))
    return "" if expected is None else f" (expected {in_words(expected)})"
