"""Questions about many keys, each on a day, as known by another, and their values."""

from __future__ import annotations

import math
from collections.abc import (
    Callable,
    Hashable,
    Iterable,
    Iterator,
    MutableSequence,
    Sequence,
)
from contextlib import suppress
from itertools import chain, islice, repeat, starmap
from operator import lt
from typing import Any, Generic, NamedTuple, TypeVar

from attrs import frozen

from bri_timeline._calendar import Day, to_day
from bri_timeline._events import Event, Mark, dyads, event_of
from bri_timeline._happening import Version
from bri_timeline._journal import Basis
from bri_timeline._order import Facts
from bri_timeline._projection import Projection, blame, check_keys
from bri_timeline._queries._columns import BATCH, Block
from bri_timeline._queries._series import (
    Budget,
    Days,
    Length,
    Values,
    in_order,
    values,
)
from bri_timeline._queries._tally import Tallies, tallied
from bri_timeline._queries.outcomes import itself
from bri_timeline.errors import BriTimelineError, PanelError, shown
from bri_timeline.measures import Measure


__all__ = ["At", "PanelQuestion", "answered", "folded"]


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
V = TypeVar("V")


@frozen
class PanelQuestion(Generic[K, S, V]):
    """A panel's question: what to fold, by which keys, and which value to take.

    Attributes:
        projection: The state to fold, or a function of a key that returns its own.
        by: Returns the keys of an event.
        of: Selects a value from a state.
        facts: The events.
        bounds: Whether to find out what the dates allow.
    """

    projection: Projection[S] | Callable[[K], Projection[S]]
    by: Callable[[Event], Iterable[K]]
    of: Callable[[S], V]
    facts: Facts
    bounds: bool

    def budget(self) -> Budget | None:
        """Return the budget for bounds; None for no bounds."""
        return Budget() if self.bounds else None

    def projection_of(self, key: K) -> Projection[S]:
        """Return the projection of a key."""
        projection = self.projection
        return projection if isinstance(projection, Projection) else projection(key)

    def keys(self, tallies: Tallies[K] | None) -> list[K]:
        """Return the keys of all that counts, in their order if they have one.

        Args:
            tallies: If there are any, and they are of all that counts, have the keys.
        """
        by, projection = self.by, self.projection
        if (
            tallies is not None
            and isinstance(projection, Projection)
            and not projection.parties
        ):
            return tallies.keys()

        def distinct(marks: list[Mark]) -> list[K]:
            events = map(event_of, marks)
            keys = dict.fromkeys(chain.from_iterable(map(by, events)))
            check_keys(by, keys, marks)
            return in_order(keys)

        return self.facts.all_marks(("keys", by), distinct, ends=False)

    @property
    def _takes_ends(self) -> bool:
        """The projection takes ends; one of a function of the key may."""
        projection = self.projection
        return not isinstance(projection, Projection) or projection.ends is not None

    def marks(self) -> Callable[[K, Projection[S]], list[Mark]]:
        """Return a function of a key and its projection: the marks that it is passed.

        Those of one projection are grouped once. A projection of the key that names its
        parties is passed what concerns them, in whatever groups that is.
        """
        by, facts, ends = self.by, self.facts, self._takes_ends

        def grouped(marks: list[Mark]) -> dict[K, list[Mark]]:
            by_key: dict[K, list[Mark]] = {}
            for mark in marks:
                for key in by(event_of(mark)):
                    if key in by_key:
                        by_key[key].append(mark)
                    else:
                        by_key[key] = [mark]
            return by_key

        projection_or_maker = self.projection
        shared_projection = (
            projection_or_maker if isinstance(projection_or_maker, Projection) else None
        )
        groups = facts.all_marks(("groups", by), grouped, shared_projection, ends=ends)

        def marks(key: K, projection: Projection[S]) -> list[Mark]:
            if shared_projection is None and projection.parties:
                return facts.all_marks(None, list, projection, ends=ends)
            return groups.get(key, [])

        return marks

    def tallies(self) -> Tallies[K] | None:
        """Return the amounts by key of a count or a total; None for anything else."""
        by, measure = self.by, self._measure()
        if measure is None:
            return None

        def made(marks: list[Mark]) -> Tallies[K] | None:
            versions = zip(marks, repeat(-math.inf), repeat(math.inf), strict=False)
            amounts = tallied(measure, by, versions, at_once=True)
            check_keys(by, amounts or (), marks)
            return amounts

        return self.facts.all_marks(("tallies", measure, by), made, measure, ends=False)

    def tallies_of_versions(self, *, by_position: bool) -> Tallies[K] | None:
        """Return the same under any knowledge."""
        by, measure = self.by, self._measure()
        if measure is None:
            return None

        def made(versions: list[Version]) -> Tallies[K] | None:
            amounts = tallied(measure, by, versions, at_once=False)
            check_keys(by, amounts or (), (version.mark for version in versions))
            return amounts

        name = "tallies", measure, by
        return self.facts.versions(
            name, made, measure, by_position=by_position, ends=False
        )

    def _measure(self) -> Measure[Any] | None:
        projection = self.projection
        if not isinstance(projection, Measure) or self.of is not itself:
            return None
        # With ends it is not a sum over beginnings.
        is_sum = projection.aggregate in ("count", "total") and projection.ends is None
        return projection if is_sum else None

    def versions(
        self, *, by_position: bool
    ) -> Callable[[K, Projection[S]], list[Version]]:
        """Return the same function for versions of marks, under any knowledge."""
        by, facts, ends = self.by, self.facts, self._takes_ends

        def grouped(versions: list[Version]) -> dict[K, list[Version]]:
            by_key: dict[K, list[Version]] = {}
            for version in versions:
                for key in by(event_of(version.mark)):
                    by_key.setdefault(key, []).append(version)
            check_keys(by, by_key, (version.mark for version in versions))
            return by_key

        projection_or_maker = self.projection
        shared_projection = (
            projection_or_maker if isinstance(projection_or_maker, Projection) else None
        )
        groups = facts.versions(
            ("groups", by),
            grouped,
            shared_projection,
            by_position=by_position,
            ends=ends,
        )

        def versions(key: K, projection: Projection[S]) -> list[Version]:
            if shared_projection is None and projection.parties:
                return facts.versions(
                    None, list, projection, by_position=by_position, ends=ends
                )
            return groups.get(key, [])

        return versions


def folded(
    projection: Projection[S],
    of: Callable[[S], V],
    marks: list[Mark],
    days: Sequence[Days],
    budget: Budget | None,
) -> Values[V]:
    """Return the values of the marks of one key, folded."""
    try:
        return values(projection, of, marks, days, budget)
    except Exception as error:
        blame(error, projection)
        raise


Question = tuple[K, Day, Day | int | None] | tuple[K, Day]
# Later than any day; an event that counts for ever does so until infinity.
_EVER = 10.0**30


class _Batch(NamedTuple, Generic[K]):
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


class At(NamedTuple, Generic[K]):
    """The questions of a panel.

    Attributes:
        questions: Rows of a key, a day, and the day or position by which it is known.
        window: How long before the day the events begin; None for no limit.
        basis_of: Returns the basis of a day or position of knowledge.
        known_by: The knowledge of rows that say nothing of it.
    """

    questions: Iterable[Question[K]]
    window: Length | None
    basis_of: Callable[[Day | int | None], Basis]
    known_by: Day | int | None

    def batches(self) -> Iterator[_Batch[K]]:
        """Yield the questions, of which all parts are checked.

        Raises:
            PanelError: A row has other parts.
            DayError: A part is not a day.
            EntryError: The log has no such position.
        """
        rows, start = iter(self.questions), 0
        while batch := [*islice(rows, BATCH)]:
            yield self._read(batch, start)
            start += len(batch)

    def begin(self, day: int) -> float:
        """Return the first day of the window that ends with a day."""
        return -math.inf if self.window is None else self.window.ending(day)

    def _read(self, rows: Sequence[object], start: int) -> _Batch[K]:
        # Days repeat: each is read once in a batch. Only days are kept, so that True is
        # not taken for the position 1.
        days: dict[object, int] = {}
        known: dict[object, float] = {}
        batch = _Batch[K]([], [], [], set())
        for place, row in enumerate(rows):
            key, day, known_by = self._parts(row, start + place)
            try:
                if day not in days:
                    days[day] = to_day(day)
                if known_by not in known:
                    basis = self.basis_of(known_by)
                    if isinstance(known_by, int):
                        batch.positional.add(place)
                        # The number of a position, which is not kept.
                        batch.known.append(known_by)
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


def answered(asked: PanelQuestion[K, S, V], at: At[K]) -> Iterator[Block[K, V]]:
    """Yield the answers to questions, in the order given, batch after batch.

    Raises:
        PanelError: The keys are pairs of parties, and one is not in their order.
    """
    answers = _Answers(asked, at)
    for batch in at.batches():
        if asked.by is dyads:
            _check_pairs(batch.keys)
        count = len(batch.keys)
        sinces: list[int | None] = [None] * count
        if at.window is not None:
            sinces = [int(at.begin(day)) for day in batch.days]
        block = Block[K, V](
            batch.keys,
            1,
            sinces,
            batch.days,
            [None] * count,
            [None] * count,
            [None] * count,
            [asked.bounds] * count,
        )
        for by_position in (False, True):
            places: Iterable[int] = batch.positional
            if not by_position:
                places = (p for p in range(count) if p not in batch.positional)
            answers.put(block, batch, [*places], by_position=by_position)
        yield block


def _check_pairs(keys: Sequence[Any]) -> None:
    """Check that keys are pairs as `dyads()` has them.

    No event has a pair in the other order, so its answer would always be that of a pair
    without events.

    Raises:
        PanelError: One is not.
    """
    # There may be millions, and almost always all are right: a pattern for each would
    # cost as much as the answers.
    with suppress(TypeError):
        if {*map(type, keys)} == {tuple} and all(starmap(lt, keys)):
            return
    for key in keys:
        match key:
            case (str(first), str(second)) if first < second:
                continue
        problem = (
            "is not a pair of actor ids in alphabetical order, as dyads gives them"
        )
        raise PanelError(key, f"{problem}: write tuple(sorted((guest, host)))")


class _Answers(Generic[K, S, V]):
    """Answers to questions; what they need of the log is read once.

    Args:
        asked: What is asked.
        at: The window of the questions.
    """

    def __init__(self, asked: PanelQuestion[K, S, V], at: At[K]) -> None:
        self._asked = asked
        self._at = at
        self._budget = asked.budget()
        self._tallies: dict[bool, Tallies[K] | None] = {}
        self._versions: dict[bool, Callable[[K, Projection[S]], list[Version]]] = {}

    def put(
        self,
        block: Block[K, V],
        batch: _Batch[K],
        places: list[int],
        *,
        by_position: bool,
    ) -> None:
        """Set the values of some rows of a block.

        Args:
            block: The rows.
            batch: The questions.
            places: The places of those that are answered.
            by_position: Their knowledge is a log position.
        """
        if not places:
            return
        if by_position not in self._tallies:
            amounts = self._asked.tallies_of_versions(by_position=by_position)
            self._tallies[by_position] = amounts
        tallies = self._tallies[by_position]
        if tallies is not None:
            self._sum(tallies, block, batch, places)
            return
        if by_position not in self._versions:
            versions = self._asked.versions(by_position=by_position)
            self._versions[by_position] = versions
        self._fold(self._versions[by_position], block, batch, places)

    def _sum(
        self,
        tallies: Tallies[K],
        block: Block[K, V],
        batch: _Batch[K],
        places: list[int],
    ) -> None:
        begin, of, (keys, days, known, _) = self._at.begin, tallies.of, batch
        rows = [of(keys[p]).on(begin(days[p]), days[p], known[p]) for p in places]
        columns = [block.certain]
        if self._asked.bounds:
            columns += block.lows, block.highs
        for column, units in zip(columns, zip(*rows, strict=True), strict=False):
            for place, number in zip(places, tallies.numbers(units), strict=True):
                column[place] = number

    def _fold(
        self,
        versions: Callable[[K, Projection[S]], list[Version]],
        block: Block[K, V],
        batch: _Batch[K],
        places: list[int],
    ) -> None:
        """Fold the events of a key under one knowledge once, day after day."""
        question = self._asked
        columns: list[MutableSequence[Any]] = [*block[-4:]]
        alike: dict[K, dict[float, dict[int, list[int]]]] = {}
        for place in places:
            by_known = alike.setdefault(batch.keys[place], {})
            by_day = by_known.setdefault(batch.known[place], {})
            by_day.setdefault(batch.days[place], []).append(place)
        for key, by_known in alike.items():
            projection = question.projection_of(key)
            versions_of_key = versions(key, projection)
            for known, by_day in by_known.items():
                marks = [v.mark for v in versions_of_key if v.since <= known < v.until]
                days = [Days(day, day, self._at.begin(day)) for day in sorted(by_day)]
                answers = folded(projection, question.of, marks, days, self._budget)
                for period, *answer in zip(days, *answers, strict=True):
                    for place in by_day[period.until]:
                        for column, cell in zip(columns, answer, strict=True):
                            column[place] = cell
