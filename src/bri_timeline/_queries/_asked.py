"""The events of each key that a panel asks about, and their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any, Generic, Protocol, TypeVar

from attrs import frozen

from bri_timeline._events import Event, Mark, event_of
from bri_timeline._happening import Version
from bri_timeline._projection import Projection, blame
from bri_timeline._queries._outcomes import itself
from bri_timeline._queries._periods import Days
from bri_timeline._queries._sweep import Values, in_order, values
from bri_timeline._queries._tally import Tallies, tallied
from bri_timeline.measures import Measure


__all__ = ["Asked", "Facts", "folded"]

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
T = TypeVar("T")
V = TypeVar("V")


class Facts(Protocol):
    """The events that a log holds, as `_folding.Facts` gives them."""

    def all_marks(
        self,
        name: Hashable,
        make: Callable[[list[Mark]], T],
        projection: Projection[Any] | None = None,
        *,
        ends: bool,
    ) -> T:
        """Return what is made of the marks that count, in fold order."""

    def versions(
        self,
        name: Hashable,
        make: Callable[[list[Version]], T],
        projection: Projection[Any] | None = None,
        *,
        by_position: bool,
        ends: bool,
    ) -> T:
        """Return what is made of the marks that count under some knowledge."""


@frozen
class Asked(Generic[K, S, V]):
    """The value that a panel is asked for.

    Attributes:
        projection: The state to fold, or a function of a key that returns its own.
        by: Returns the keys of an event.
        of: Selects a value from a state.
        facts: The events.
    """

    projection: Projection[S] | Callable[[K], Projection[S]]
    by: Callable[[Event], Iterable[K]]
    of: Callable[[S], V]
    facts: Facts

    def projection_of(self, key: K) -> Projection[S]:
        """Return the projection of a key."""
        given = self.projection
        return given if isinstance(given, Projection) else given(key)

    def keys(self, tallies: Tallies[K] | None) -> list[K]:
        """Return the keys of all that counts, in their order if they have one.

        Args:
            tallies: If there are any, and they are of all that counts, have the keys.
        """
        by, given = self.by, self.projection
        if tallies is not None and isinstance(given, Projection) and not given.parties:
            return tallies.keys()

        def distinct(marks: list[Mark]) -> list[K]:
            events = map(event_of, marks)
            return in_order(dict.fromkeys(chain.from_iterable(map(by, events))))

        return self.facts.all_marks(("keys", by), distinct, ends=False)

    @property
    def _takes_ends(self) -> bool:
        """The projection takes ends; one of a function of the key may."""
        given = self.projection
        return not isinstance(given, Projection) or given.ends is not None

    def marks(self) -> Callable[[K, Projection[S]], list[Mark]]:
        """Return a function of a key and its projection: the marks that it is passed.

        Those of one projection are grouped once. A projection of the key that names its
        parties is passed what concerns them, in whatever groups that is.
        """
        by, facts, ends = self.by, self.facts, self._takes_ends

        def grouped(marks: list[Mark]) -> dict[K, list[Mark]]:
            found: dict[K, list[Mark]] = {}
            for mark in marks:
                for key in by(event_of(mark)):
                    if key in found:
                        found[key].append(mark)
                    else:
                        found[key] = [mark]
            return found

        given = self.projection
        one = given if isinstance(given, Projection) else None
        groups = facts.all_marks(("groups", by), grouped, one, ends=ends)

        def marks(key: K, projection: Projection[S]) -> list[Mark]:
            if one is None and projection.parties:
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
            return tallied(measure, by, versions, at_once=True)

        return self.facts.all_marks(("tallies", measure, by), made, measure, ends=False)

    def tallies_of_versions(self, *, by_position: bool) -> Tallies[K] | None:
        """Return the same under any knowledge."""
        by, measure = self.by, self._measure()
        if measure is None:
            return None

        def made(versions: list[Version]) -> Tallies[K] | None:
            return tallied(measure, by, versions, at_once=False)

        name = "tallies", measure, by
        return self.facts.versions(
            name, made, measure, by_position=by_position, ends=False
        )

    def _measure(self) -> Measure[Any] | None:
        given = self.projection
        if not isinstance(given, Measure) or self.of is not itself:
            return None
        # With ends it is not a sum over beginnings.
        is_sum = given.aggregate in ("count", "total") and given.ends is None
        return given if is_sum else None

    def versions(
        self, *, by_position: bool
    ) -> Callable[[K, Projection[S]], list[Version]]:
        """Return the same function for versions of marks, under any knowledge."""
        by, facts, ends = self.by, self.facts, self._takes_ends

        def grouped(versions: list[Version]) -> dict[K, list[Version]]:
            found: dict[K, list[Version]] = {}
            for version in versions:
                for key in by(event_of(version.mark)):
                    found.setdefault(key, []).append(version)
            return found

        given = self.projection
        one = given if isinstance(given, Projection) else None
        groups = facts.versions(
            ("groups", by), grouped, one, by_position=by_position, ends=ends
        )

        def versions(key: K, projection: Projection[S]) -> list[Version]:
            if one is None and projection.parties:
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
) -> Values[V]:
    """Return the values of the marks of one key, folded."""
    try:
        return values(projection, of, marks, days)
    except Exception as error:
        blame(error, projection)
        raise
