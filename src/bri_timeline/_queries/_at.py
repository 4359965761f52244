"""Questions about keys, each on a day, as known by another: as columns, checked."""

from __future__ import annotations

import math
from collections.abc import (
    Callable,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Sized,
)
from datetime import datetime
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from bri_timeline._calendar import Day, to_day
from bri_timeline._journal import Basis
from bri_timeline._queries._columns import BATCH
from bri_timeline._queries._series import Days, Length
from bri_timeline.errors import BriTimelineError, PanelError, shown


K = TypeVar("K", bound=Hashable)
Question = tuple[K, Day, Day | int | None] | tuple[K, Day]
# Later than any day; an event that counts for ever does so until infinity.
_EVER = 10.0**30


class Batch(NamedTuple, Generic[K]):
    """Some questions, as columns.

    Attributes:
        keys: The key of each.
        days: The number of the day of each.
        known: The day, or position, by which something was known, of each.
        positional: The places of those whose knowledge is a log position.
    """

    keys: list[K]
    days: list[int]
    known: list[float]
    positional: set[int]

    def knowledge(self) -> tuple[list[int | None], list[int | None]]:
        """Return the day, and the position, by which each row is answered, or None."""
        pairs = [(int(k), p in self.positional) for p, k in enumerate(self.known)]
        days = [None if by_position or k >= _EVER else k for k, by_position in pairs]
        return days, [k if by_position and k >= 0 else None for k, by_position in pairs]


class At(NamedTuple, Generic[K]):
    """The questions of a panel.

    Attributes:
        questions: Rows of a key, a day, and the day, position or instant of knowledge.
        window: How long before the day the events begin; None for no limit.
        basis_of: Returns the basis of a day or position of knowledge.
        known_by: The knowledge of rows that say nothing of it.
    """

    questions: Iterable[Question[K]]
    window: Length | None
    basis_of: Callable[[Day | int | None], Basis]
    known_by: Day | int | None

    @property
    def keys(self) -> tuple[K, ...]:
        """The keys of the questions, as far as these can be read more than once."""
        if not isinstance(self.questions, Sized):
            return ()
        # What is no question is told where it is read.
        return tuple(row[0] for row in self.questions if isinstance(row, tuple) and row)

    def since(self, day: int) -> int | None:
        """Return the first day of the row of a day, if it has one."""
        return None if self.window is None else self.window.ending(day)

    def batches(self) -> Iterator[Batch[K]]:
        """Yield the questions, of which all parts are checked.

        Raises:
            PanelError: A row has other parts.
            DayError: A part is not a day.
            EntryError: The log has no such position.
        """
        rows, start = iter(self.questions), 0
        # Without questions there is one batch, which has the columns of questions.
        while (some := [*islice(rows, BATCH)]) or not start:
            yield self._read(some, start)
            start += len(some) or 1

    def begin(self, day: int) -> float:
        """Return the first day of the window that ends with a day."""
        return -math.inf if self.window is None else self.window.ending(day)

    def _read(self, rows: Sequence[object], start: int) -> Batch[K]:
        # Days repeat: each is read once in a batch. Only days are kept, so that True is
        # not taken for the position 1.
        days: dict[object, int] = {}
        known: dict[object, float] = {}
        batch = Batch[K]([], [], [], set())
        for place, row in enumerate(rows):
            key, day, known_by = self._parts(row, start + place)
            try:
                if day not in days:
                    days[day] = to_day(day)
                if known_by not in known:
                    basis = self.basis_of(known_by)
                    if isinstance(known_by, int | datetime):
                        batch.positional.add(place)
                        # That of a position or an instant, which is not kept.
                        batch.known.append(basis.size - 1)
                    else:
                        known[known_by] = min(basis.known_by, _EVER)
            except BriTimelineError as error:
                error.add_note(f"in question {start + place}: {shown(row)}")
                raise
            batch.keys.append(key)
            batch.days.append(days[day])
            if place not in batch.positional:
                batch.known.append(known[known_by])
        return batch

    def _parts(self, row: object, number: int) -> tuple[K, Any, Any]:
        """Return the key, the day and the knowledge of a row.

        Raises:
            PanelError: It has other parts.
        """
        if isinstance(row, tuple) and len(row) in (2, 3):
            key, day, *own = row
            known_by = own[0] if own and own[0] is not None else self.known_by
            return key, day, known_by
        problem = f"is not question {number}: give (key, day, known_by)"
        raise PanelError(row, problem)


class Lagged(NamedTuple, Generic[K]):
    """Periods of keys, each as it was known so long after its end.

    Attributes:
        keys: The keys.
        periods: The periods, by their last days.
        lag: How long after.
        last: The last day of which anything is known.
    """

    keys: Sequence[K]
    periods: Mapping[int, Days]
    lag: Length
    last: float

    def begin(self, day: int) -> float:
        """Return the first day of the events of the period that ends with a day."""
        return self.periods[day].begin

    def since(self, day: int) -> int:
        """Return the first day of the period that ends with a day."""
        return self.periods[day].since

    def is_early(self, _key: K, _since: float, until: int) -> bool:
        """Tell whether the time has not come of which a row is asked."""
        return self.lag.after(until) > self.last

    def batches(self) -> Iterator[Batch[K]]:
        """Yield the questions."""
        most = max(1, BATCH // max(1, len(self.periods)))
        days = [*self.periods]
        known: list[float] = [min(self.last, self.lag.after(day)) for day in days]
        keys = iter(self.keys)
        while some := [*islice(keys, most)]:
            every = [key for key in some for _ in days]
            yield Batch(every, days * len(some), known * len(some), set())
