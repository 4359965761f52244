"""All laws of a projection at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from hypothesis import strategies as st

from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline.testing._laws import (
    check_beginning,
    check_checkpoints,
    check_prefixes,
    check_purity,
    check_reads,
    check_total,
)
from bri_timeline.testing._order import check_order, happenings
from bri_timeline.testing._searching import searching


__all__ = ["check_projection"]

S = TypeVar("S")
_MOST = 6


def check_projection(
    projection: Projection[S],
    events: st.SearchStrategy[Event] | Iterable[Event],
    *,
    of: Callable[[S], object] | None = None,
    order_dependent_ok: bool = False,
    reads_select_ok: bool = False,
) -> None:
    """Make sure that a projection keeps the laws that answers rest on.

    - *beginning*: `initial` gives every fold a state of its own;
    - *total*: it takes any event at any point, also of a kind that it does not know;
    - *pure*: the same events give the same state, and the state that it was given stays
      as it was;
    - *reads*: events of classes that `reads` leaves out make no difference;
    - *prefix*: the certain state on a day is that of an earlier day, folded further;
    - *checkpoints*: a log that keeps states between questions answers like one that
      keeps none;
    - *order*: two events whose dates tie or overlap give one state in both orders.

    The last is no fault where a state is meant to depend on order (who held an office
    last): then say so. `order_dependence()` returns such events instead.

    >>> from attrs import frozen
    >>> from bri_timeline import projection
    >>> from bri_timeline.testing import events
    >>> @frozen
    ... class Pledged:
    ...     country: str
    ...     millions: int
    >>> @projection(initial=int)
    ... def pledged(total: int, event: Event) -> int:
    ...     match event.what:
    ...         case Pledged(millions=millions):
    ...             return total + millions
    ...         case _:
    ...             return total
    >>> check_projection(pledged, events(Pledged))

    Args:
        projection: What is checked. Its states must compare by content.
        events: A strategy, of which many short lists are tried, and the smallest that
            fails is shown; or some dozens of events, which are tried as they are.
        of: Selects from a state what must not depend on order; by default all of it.
        order_dependent_ok: Permit that order matters where no date decides it.
        reads_select_ok: Permit that `reads` selects: that the function would do
            something with events of other classes, if it were given them.

    Raises:
        AssertionError: A law does not hold; the message names the events.
    """
    check_beginning(projection)

    def check(claims: Iterable[Event]) -> None:
        found = happenings(claims)
        check_total(projection, found)
        check_purity(projection, found)
        if not reads_select_ok:
            check_reads(projection, found)
        check_prefixes(projection, found)
        check_checkpoints(projection, found)
        if not order_dependent_ok:
            check_order(projection, found, of)

    if isinstance(events, st.SearchStrategy):
        searching(st.lists(events, max_size=_MOST), check)
    else:
        check(events)
