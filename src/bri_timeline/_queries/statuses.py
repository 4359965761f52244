"""The status of each key: whether what a kind of fact says is in force for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_args

from attrs import evolve, frozen

from bri_timeline._answer import Answer
from bri_timeline._events import Event, cells
from bri_timeline._lasting import can_end
from bri_timeline._order import Facts
from bri_timeline._projection import check_keys
from bri_timeline._queries._cells import TOLD, Columns, TableRow, told_of
from bri_timeline._queries._series import in_order
from bri_timeline._queries.table import Table, key_cells, key_columns, key_hint
from bri_timeline._scope import EVER
from bri_timeline._text import AsDict, Cell, Sheet, Tabular, shape
from bri_timeline.errors import counted


__all__ = ["Status", "statuses"]

K = TypeVar("K", bound=Hashable)
# The words of a status, that which is furthest on first.
Words = Literal["in force", "may have ended", "perhaps begun", "ended", "not yet"]
_HEADS = ("key", "status", "when", "what", "who says so")


@frozen
class Status(AsDict, Tabular, Generic[K]):
    """The status of one key on a day.

    Attributes:
        key: The key.
        status: `in force`, `may have ended`, `perhaps begun`, `ended` or `not yet`: of
            several facts of the key the first of these.
        events: The facts that say so, in fold order.
    """

    key: K
    status: Words
    events: tuple[Event, ...]

    def _sheet(self) -> Sheet:
        rows = [*zip(_HEADS, self._cells(), strict=True)]
        return Sheet("A status", rows, len(rows))

    def _cells(self) -> tuple[Cell, ...]:
        when, what, cited = zip(*map(cells, self.events), strict=True)
        sources = dict.fromkeys(source for cite in cited for source in cite)
        return shape(self.key), self.status, when, what, tuple(sources)


class Statuses(Table[Status[Any]]):
    """Statuses by key, with the ids and the words of the facts that say so."""

    __slots__ = ()
    _HAS_PAYLOADS = False
    _COLUMNS: ClassVar[Columns] = {"status": str, **TOLD}

    def _sheet(self) -> Sheet:
        rows = (one._cells() for one in self)
        return Sheet(counted(len(self), "key"), rows, len(self), _HEADS)

    def _columns(self) -> Columns:
        return {**self._keys(), **self._COLUMNS}

    def _keys(self) -> Columns:
        return key_columns([one.key for one in self], *self._declared)

    def _rows(self) -> Iterator[TableRow]:
        names = self._keys()
        for one in self:
            own = {"status": one.status, **told_of(one.events)}
            yield {**key_cells(one.key, names), **own}, None


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
    return Statuses(rows, key_hint(by))


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
