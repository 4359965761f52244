"""The events of a log, under one basis or under any, for tables of many answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from attrs import frozen

from bri_timeline._events import Event, event_of
from bri_timeline._folding._cache import FoldCache
from bri_timeline._folding._order import FoldOrder
from bri_timeline._happening import Version
from bri_timeline._journal import Basis, Wanted
from bri_timeline._projection import Projection
from bri_timeline._window import EVER


__all__ = ["Facts"]

T = TypeVar("T")


@frozen(eq=False)
class Facts:
    """The events that count under one basis, and those that count under any.

    What is derived from them is kept on the cache of the log, as long as the log does
    not grow.
    """

    _cache: FoldCache
    _wanted: Wanted
    _basis: Basis

    def events(
        self,
        name: Hashable,
        make: Callable[[list[Event]], T],
        projection: Projection[Any] | None = None,
    ) -> T:
        """Return what is made of the events that count, in fold order, without ends.

        Args:
            name: Tells it from whatever else is made of them; None not to keep it.
            make: Makes it.
            projection: Only the events that concern its parties, if it names any.
        """

        def made(order: FoldOrder) -> T:
            return make([*map(event_of, order.under(self._basis).certain(EVER))])

        return self._derived(name, self._basis, made, projection)

    def versions(
        self,
        name: Hashable,
        make: Callable[[list[Version]], T],
        projection: Projection[Any] | None = None,
        *,
        by_position: bool,
    ) -> T:
        """Return what is made of the events that count under some knowledge.

        Args:
            name: Tells it from whatever else is made of them; None not to keep it.
            make: Makes it.
            projection: Only the events that concern its parties, if it names any.
            by_position: Knowledge is a log position, not a day.
        """
        # The day up to which the panel knows is no part of it: rows have their own.
        basis = Basis(math.inf, self._basis.size, self._basis.prefer)

        def made(order: FoldOrder) -> T:
            return make(order.versions(basis, by_position=by_position))

        return self._derived(name, (basis, by_position), made, projection)

    def _derived(
        self,
        name: Hashable,
        basis: Hashable,
        made: Callable[[FoldOrder], T],
        projection: Projection[Any] | None,
    ) -> T:
        wanted = self._wanted
        if projection is not None:
            wanted = wanted.concerning(projection)
        kept = None if name is None else (name, basis)
        return self._cache.derived(wanted, kept, made)
