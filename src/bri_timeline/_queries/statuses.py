"""The status of each key: whether what a kind of fact says is in force for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, Literal, TypeVar, get_args

from attrs import evolve, frozen

from bri_timeline._answer import Answer
from bri_timeline._events import Event
from bri_timeline._events.rows import EVENTS, InRows, columns
from bri_timeline._lasting import can_end
from bri_timeline._order import Facts
from bri_timeline._projection import check_keys
from bri_timeline._queries._series import in_order
from bri_timeline._queries.table import Table, key_hint
from bri_timeline._scope import EVER
from bri_timeline._text import AsDict


__all__ = ["Status", "statuses"]

K = TypeVar("K", bound=Hashable)
# The words of a status, that which is furthest on first.
Words = Literal["in force", "may have ended", "perhaps begun", "ended", "not yet"]


@frozen
class Status(AsDict, InRows, Generic[K]):
    """The status of one key on a day.

    Attributes:
        key: The key.
        status: `in force`, `may have ended`, `perhaps begun`, `ended` or `not yet`: of
            several facts of the key the first of these.
        events: The facts that say so, in fold order.
    """

    _NOUN = ("key",)
    _COLUMNS = columns(key=None, status=str, events=EVENTS)
    key: K
    status: Words
    events: tuple[Event, ...]


def statuses(by: Callable[[Event], Iterable[K]], facts: Facts) -> Table[Status[K]]:
    """Return the status of each key, as `View.statuses()` does.

    Args:
        by: Returns the keys of an event.
        facts: The facts of the kind, within the days of the view.
    """
    groups: dict[K, dict[Words, list[Event]]] = {}
    for happening in evolve(facts, window=EVER).happenings():
        event = happening.event
        status = _status(event, facts) if can_end(event) else None
        if status is not None:
            keys = tuple(by(event))
            check_keys(by, keys, [event])
            for key in keys:
                groups.setdefault(key, {}).setdefault(status, []).append(event)
    order: tuple[Words, ...] = get_args(Words)
    rows = list[Status[K]]()
    for key in in_order(dict.fromkeys(groups)):
        first = min(groups[key], key=order.index)
        rows.append(Status(key, first, tuple(groups[key][first])))
    return Table(tuple(rows), Status, hints={"key": key_hint(by)})


def _status(event: Event, facts: Facts) -> Words | None:
    """Return the status of a fact; None if it certainly began before the window."""
    begun = facts.window.answer(event.when)
    if begun is Answer.NO:
        is_later = event.when.earliest_start > facts.window.until
        return "not yet" if is_later else None
    if begun is Answer.MAYBE:
        return "perhaps begun"
    words: dict[Answer, Words] = {Answer.NO: "in force", Answer.MAYBE: "may have ended"}
    return words.get(facts.ended(event), "ended")
