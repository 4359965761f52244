"""Questions about many keys, each on a day, as known by another, and their values."""

from __future__ import annotations

import math
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    MutableSequence,
    Sequence,
)
from contextlib import suppress
from itertools import chain, repeat, starmap
from operator import lt
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from bri_timeline._events import Event, dyads
from bri_timeline._events.marks import Mark, event_of
from bri_timeline._happening import Disputed, Reason, Version
from bri_timeline._order import Facts, of_shown
from bri_timeline._projection import Projection, blame, check_keys
from bri_timeline._queries._at import At, Batch, Lagged
from bri_timeline._queries._columns import PanelBlock
from bri_timeline._queries._row_bounds import UNKNOWN, Budget, RowBounds
from bri_timeline._queries._series import Days, Values, in_order, own, values
from bri_timeline._queries._sweep import Sweep
from bri_timeline._queries._tally import Tallies, tallied
from bri_timeline._queries.outcomes import itself
from bri_timeline._queries.parts import of_parts
from bri_timeline.errors import PanelError
from bri_timeline.measures import Measure


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
V = TypeVar("V")


@frozen
class PanelQuestion(Generic[K, S, V]):
    """The value that a panel is asked for.

    Attributes:
        projection: The state to fold, or a function of a key that returns its own.
        by: Returns the keys of an event.
        of: Selects a value from a state.
        facts: The events.
        bounds: Whether to find out what the dates allow.
        rivals: Whether bounds hold whichever claims of disputes are true.
        given_keys: The keys that are asked for; None for those of all that counts.
    """

    projection: Projection[S] | Callable[[K], Projection[S]]
    by: Callable[[Event], Iterable[K]]
    of: Callable[[S], V]
    facts: Facts
    bounds: bool
    rivals: bool = False
    given_keys: tuple[K, ...] | None = None

    def budget(self) -> Budget | None:
        """Return what may be spent on bounds; None for no bounds."""
        return Budget() if self.bounds else None

    def projection_of(self, key: K) -> Projection[S]:
        """Return the projection of a key."""
        projection = self.projection
        return projection if isinstance(projection, Projection) else projection(key)

    @property
    def _shared(self) -> Projection[S] | None:
        """The projection of all keys; None if each has its own."""
        projection = self.projection
        return projection if isinstance(projection, Projection) else None

    def keys(self, tallies: Tallies[K] | None) -> list[K]:
        """Return the keys of all that counts, in their order if they have one.

        Args:
            tallies: If there are any, and they are of all that counts, have the keys.
        """
        by, shared = self.by, self._shared
        if self.given_keys is not None:
            return [*self.given_keys]
        if self.rivals:
            tallies = None
        if tallies is not None and shared is not None and not shared.parties:
            return tallies.keys()

        def distinct(marks: list[Mark]) -> list[K]:
            events = map(event_of, marks)
            keys = dict.fromkeys(chain.from_iterable(map(by, events)))
            check_keys(by, keys, marks)
            return in_order(keys)

        counting = self.facts.all_marks(("keys", by), distinct, ends=False)
        if not self.rivals:
            return counting
        # As without rivals, also of claims that the projection does not read.
        disputed = self.facts.disputed(None)
        if disputed is None:
            asides = self.facts.set_aside()
            claims = [a.event for a in asides if a.reason is Reason.DISPUTED]
        else:
            chosen = chain.from_iterable(dispute.claims for dispute in disputed)
            claims = [claim for claim in chosen if claim is not None]
        aside = dict.fromkeys(chain.from_iterable(map(by, claims)))
        check_keys(by, aside, claims)
        return in_order(dict.fromkeys([*counting, *aside]))

    def lacking(
        self, keys: Iterable[K], *, whenever: bool
    ) -> tuple[list[K], Collection[K]]:
        """Return those of some keys that no event has, and all that events have.

        Args:
            keys: The keys.
            whenever: Rows have knowledge of their own, so that what counted under some
                other knowledge is meant too.
        """
        has: Collection[K] = {*evolve(self, given_keys=None).keys(self.tallies())}
        rest = [key for key in keys if key not in has]
        for by_position in (False, True) if whenever else ():
            if rest:
                has = self._keys_ever(by_position=by_position).union(has)
                rest = [key for key in rest if key not in has]
        return rest, has

    def _keys_ever(self, *, by_position: bool) -> frozenset[K]:
        by = self.by

        def made(versions: list[Version]) -> frozenset[K]:
            events = (event_of(version.mark) for version in versions)
            return frozenset(chain.from_iterable(map(by, events)))

        name = "keys", by
        return self.facts.versions(name, made, by_position=by_position, ends=False)

    def disputes(self) -> dict[K, list[Disputed]] | None:
        """Return the disputes that concern each key, with the claims that belong to it.

        None if some of them decide what else counts.
        """
        by, disputes = self.by, self.facts.disputed(self._shared)
        if disputes is None:
            return None
        disputes_by_key: dict[K, list[Disputed]] = {}
        for dispute in disputes:
            keys = {c: {*by(c)} for c in dispute.claims if c is not None}

            def own(claim: Event | None, key: K, keys: Any = keys) -> Event | None:
                return claim if claim is not None and key in keys[claim] else None

            for key in set[K]().union(*keys.values()):
                claims = dict.fromkeys(own(claim, key) for claim in dispute.claims)
                taken = dispute.taken and own(dispute.taken, key)
                disputes_by_key.setdefault(key, []).append(
                    Disputed(taken, tuple(claims))
                )
        return disputes_by_key

    @property
    def _takes_ends(self) -> bool:
        """The projection takes ends; one of a function of the key may."""
        shared = self._shared
        return shared is None or shared.ends is not None

    def marks(self) -> Callable[[K, Projection[S]], list[Mark]]:
        """Return a function of a key and its projection: the marks that it is passed.

        Those of one projection are grouped once. A projection of the key that names its
        parties is passed what concerns them, in whatever groups that is.
        """
        by, facts, ends, shared = self.by, self.facts, self._takes_ends, self._shared

        def grouped(marks: list[Mark]) -> dict[K, list[Mark]]:
            by_key: dict[K, list[Mark]] = {}
            for mark in marks:
                for key in by(event_of(mark)):
                    if key in by_key:
                        by_key[key].append(mark)
                    else:
                        by_key[key] = [mark]
            return by_key

        groups = facts.all_marks(("groups", by), grouped, shared, ends=ends)

        def marks(key: K, projection: Projection[S]) -> list[Mark]:
            if shared is None and projection.parties:
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
            tallies = tallied(measure, by, versions, at_once=True)
            check_keys(by, tallies or (), marks)
            return tallies

        return self.facts.all_marks(("tallies", measure, by), made, measure, ends=False)

    def tallies_of_versions(self, *, by_position: bool) -> Tallies[K] | None:
        """Return the same under any knowledge."""
        by, measure = self.by, self._measure()
        if measure is None:
            return None

        def made(versions: list[Version]) -> Tallies[K] | None:
            tallies = tallied(measure, by, versions, at_once=False)
            check_keys(by, tallies or (), (version.mark for version in versions))
            return tallies

        name = "tallies", measure, by
        return self.facts.versions(
            name, made, measure, by_position=by_position, ends=False
        )

    def _measure(self) -> Measure[Any] | None:
        measure = self.projection
        # Without bounds, folding takes less time than adding up does at first.
        if not isinstance(measure, Measure) or self.of is not itself or not self.bounds:
            return None
        # With ends it is not a sum over beginnings.
        is_sum = measure.aggregate in ("count", "total") and measure.ends is None
        return measure if is_sum else None

    def versions(
        self, *, by_position: bool
    ) -> Callable[[K, Projection[S]], list[Version]]:
        """Return the same function for versions of marks, under any knowledge."""
        by, facts, ends, shared = self.by, self.facts, self._takes_ends, self._shared

        def grouped(versions: list[Version]) -> dict[K, list[Version]]:
            by_key: dict[K, list[Version]] = {}
            for version in versions:
                for key in by(event_of(version.mark)):
                    by_key.setdefault(key, []).append(version)
            check_keys(by, by_key, (version.mark for version in versions))
            return by_key

        groups = facts.versions(
            ("groups", by), grouped, shared, by_position=by_position, ends=ends
        )

        def versions(key: K, projection: Projection[S]) -> list[Version]:
            if shared is None and projection.parties:
                return facts.versions(
                    None, list, projection, by_position=by_position, ends=ends
                )
            return groups.get(key, [])

        return versions


def folded(
    asked: PanelQuestion[K, S, V],
    projection: Projection[S],
    marks: list[Mark],
    days: Sequence[Days],
    budget: Budget | None,
    disputes: Sequence[Disputed] | None = (),
) -> Values[V]:
    """Return the values of the marks of one key, folded."""

    def told(part: Projection[Any], of: Callable[[Any], V]) -> Values[V]:
        return values(part, of, marks, days, budget, disputes)

    try:
        return of_parts(projection, asked.of, asked.facts.told, told)
    except Exception as error:
        blame(error, projection)
        raise


# So many days of knowledge of one key are answered one by one.
_FEW = 3


def answered(
    asked: PanelQuestion[K, S, V], at: At[K] | Lagged[K]
) -> Iterator[PanelBlock[K, V]]:
    """Yield the answers to questions, in the order given, batch after batch.

    Raises:
        PanelError: The keys are pairs of parties, and one is not in their order.
    """
    answers = _Answers(asked, at)
    for batch in at.batches():
        if asked.by is dyads:
            check_pairs(batch.keys)
        count = len(batch.keys)
        sinces = [*map(at.since, batch.days)]
        block = PanelBlock[K, V](
            batch.keys,
            1,
            sinces,
            batch.days,
            [None] * count,
            [None] * count,
            [None] * count,
            [asked.bounds] * count,
            *(batch.knowledge() if isinstance(at, At) else ()),
        )
        for by_position in (False, True):
            places: Iterable[int] = batch.positional
            if not by_position:
                places = (p for p in range(count) if p not in batch.positional)
            answers.put(block, batch, [*places], by_position=by_position)
        yield block


def check_pairs(keys: Sequence[Any]) -> None:
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
            case (str(one), str(other)) if one < other:
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

    def __init__(self, asked: PanelQuestion[K, S, V], at: At[K] | Lagged[K]) -> None:
        self._asked = asked
        self._at = at
        self._budget = asked.budget()
        self._tallies: dict[bool, Tallies[K] | None] = {}
        self._versions: dict[bool, Callable[[K, Projection[S]], list[Version]]] = {}
        self._disputed: dict[tuple[float, bool], dict[K, list[Disputed]] | None] = {}

    def put(
        self,
        block: PanelBlock[K, V],
        batch: Batch[K],
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
            self._tallies[by_position] = (
                None
                if self._asked.rivals
                else self._asked.tallies_of_versions(by_position=by_position)
            )
        tallies = self._tallies[by_position]
        if tallies is not None:
            self._sum(tallies, block, batch, places)
            return
        if by_position not in self._versions:
            versions = self._asked.versions(by_position=by_position)
            self._versions[by_position] = versions
        versions = self._versions[by_position]
        self._fold(versions, block, batch, places, by_position=by_position)

    def _sum(
        self,
        tallies: Tallies[K],
        block: PanelBlock[K, V],
        batch: Batch[K],
        places: list[int],
    ) -> None:
        begin, of, (keys, days, known, _) = self._at.begin, tallies.of, batch
        rows = [of(keys[p]).on(begin(days[p]), days[p], known[p]) for p in places]
        columns = block.certain, block.lows, block.highs
        for column, units in zip(columns, zip(*rows, strict=True), strict=True):
            for place, number in zip(places, tallies.numbers(units), strict=True):
                column[place] = number

    def _fold(
        self,
        versions: Callable[[K, Projection[S]], list[Version]],
        block: PanelBlock[K, V],
        batch: Batch[K],
        places: list[int],
        *,
        by_position: bool,
    ) -> None:
        """Fold the events of a key under one knowledge once, day after day."""
        asked = self._asked
        columns: list[MutableSequence[Any]] = [*block[4:8]]
        alike: dict[K, dict[float, dict[int, list[int]]]] = {}
        for place in places:
            by_known = alike.setdefault(batch.keys[place], {})
            by_day = by_known.setdefault(batch.known[place], {})
            by_day.setdefault(batch.days[place], []).append(place)
        for key, by_known in alike.items():
            projection = asked.projection_of(key)
            key_versions = versions(key, projection)
            asked_days = chain(*by_known.values())
            if len(by_known) > _FEW and self._can_sweep(asked_days, key_versions):
                self._swept(block, projection, key_versions, by_known)
                continue
            for known, by_day in by_known.items():
                marks = [v.mark for v in key_versions if v.since <= known < v.until]
                days = [Days(day, day, self._at.begin(day)) for day in sorted(by_day)]
                disputes = self._disputes(key, known, by_position=by_position)
                answers = folded(asked, projection, marks, days, self._budget, disputes)
                for one, *answer in zip(days, *answers, strict=True):
                    for place in by_day[one.until]:
                        for column, cell in zip(columns, answer, strict=True):
                            column[place] = cell

    def _can_sweep(self, days: Iterable[int], versions: Sequence[Version]) -> bool:
        """Check whether the questions about a key are answered in one sweep."""
        if self._asked.rivals or any(self._at.begin(day) > -math.inf for day in days):
            return False
        return not self._asked.bounds or all(
            isinstance(version.mark, Event) for version in versions
        )

    def _swept(
        self,
        block: PanelBlock[K, V],
        projection: Projection[S],
        versions: Sequence[Version],
        by_known: dict[float, dict[int, list[int]]],
    ) -> None:
        """Answer the questions about a key in one sweep by knowledge.

        Args:
            block: The rows.
            projection: The state of the key.
            versions: Its marks, under any knowledge.
            by_known: The places of the rows, by knowledge and day.
        """
        asked, budget = self._asked, self._budget
        of = of_shown(projection, asked.of)
        try:
            sweep = Sweep(projection, versions)
            bounds: RowBounds[S, V] | None = None
            if budget is not None:
                marks = sweep.marks
                bounds = RowBounds(
                    projection, asked.of, marks, budget, (), sweep.counts
                )
            for known in sorted(by_known):
                changed = sweep.know(known)
                if bounds is not None:
                    for mark in changed:
                        bounds.doubt(event_of(mark))
                for day, places in sorted(by_known[known].items()):
                    state = sweep.state(day)
                    value, row = own(of(state)), UNKNOWN
                    if bounds is not None:
                        row = bounds.on(-math.inf, day, state, value)
                    for place in places:
                        block.certain[place] = value
                        for column, cell in zip(block[5:8], row, strict=True):
                            column[place] = cell
        except Exception as error:
            blame(error, projection)
            raise

    def _disputes(
        self, key: K, known: float, *, by_position: bool
    ) -> Sequence[Disputed] | None:
        """Return the disputes that concern a key under some knowledge."""
        if not self._asked.rivals:
            return ()
        if (known, by_position) not in self._disputed:
            facts = self._asked.facts.known_by(known, by_position=by_position)
            found = evolve(self._asked, facts=facts).disputes()
            self._disputed[known, by_position] = found
        index = self._disputed[known, by_position]
        return None if index is None else index.get(key, ())
