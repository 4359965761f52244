"""All laws of a projection at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.errors import Flaky

from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline.testing._laws import (
    check_beginning,
    check_checkpoints,
    check_dates,
    check_prefixes,
    check_purity,
    check_reads,
    check_total,
)
from bri_timeline.testing._order import check_order, happenings
from bri_timeline.testing._report import fail
from bri_timeline.testing._searching import searching
from bri_timeline.testing._tried import check_tried


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
    reads_when_ok: bool = False,
    untried_ok: bool = False,
) -> None:
    """Make sure that a projection keeps the laws that answers rest on.

    - *beginning*: `initial` gives every fold a state of its own;
    - *total*: it takes any event at any point, also of a kind that it does not know,
      and returns a state;
    - *pure*: the same events give the same state, whatever the clock says, and the
      state that it was given stays as it was;
    - *reads*: events of classes that `reads` leaves out make no difference;
    - *prefix*: the certain state on a day is that of an earlier day, folded further;
    - *checkpoints*: a log that keeps states between questions answers like one that
      keeps none;
    - *dates*: a date that is imprecise makes no difference beyond the order of events;
    - *order*: two events whose dates tie or overlap give one state in both orders;
    - *tried*: some event changed the state, and each branch of the function was entered
      (branches that only refuse, or return the state as it was, are left out).

    Depending on order is no fault where that is meant (who held an office last): then
    say so. `order_dependence()` returns such events instead.

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
        reads_when_ok: Permit that the state depends on the dates of events, and not on
            their order alone.
        untried_ok: Permit that these events do not enter every branch, as in a law of
            your own, where each list of events is checked by itself.

    Raises:
        AssertionError: A law does not hold; the message names the events.
    """
    check_beginning(projection)
    lists: list[Sequence[Event]] = []

    def check(claims: Iterable[Event]) -> None:
        found = happenings(claims)
        lists.append(found)
        check_purity(projection, found)
        check_total(projection, found)
        if not reads_select_ok:
            check_reads(projection, found)
        check_prefixes(projection, found)
        check_checkpoints(projection, found)
        if not reads_when_ok:
            check_dates(projection, found)
        if not order_dependent_ok:
            check_order(projection, found, of)

    if isinstance(events, st.SearchStrategy):
        try:
            searching(st.lists(events, max_size=_MOST), check)
        except Flaky:
            problem = f"{projection.name} gives two states for the same events"
            fail(f"{problem}: depend on nothing but the state and the event")
    else:
        check(events)
    check_tried(projection, lists, untried_ok=untried_ok)
