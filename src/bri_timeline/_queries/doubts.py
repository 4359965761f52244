"""Doubts about a state: events that may have happened, ended, or come last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar, cast

from bri_timeline._events import Event
from bri_timeline._lasting import lasts
from bri_timeline._order import Facts, shows_less, without_facts
from bri_timeline._projection import Projection


S = TypeVar("S")


class Doubts(NamedTuple):
    """Events that would change a certain state, or of which it depends on the order.

    Attributes:
        may_have_happened: Those that are undecided.
        may_have_ended: Those that certainly happened.
        may_be_last: Those that certainly happened, where only the last of two or more
            counts, and their dates leave open which one that is.
    """

    may_have_happened: tuple[Event, ...]
    may_have_ended: tuple[Event, ...]
    may_be_last: tuple[Event, ...]


def doubts(projection: Projection[S], state: S, facts: Facts) -> Doubts:
    """Return what a state leaves open.

    Args:
        projection: How the state was folded.
        state: The certain state.
        facts: What counts.
    """
    if shows_less(projection):
        # What is shown may not tell how it goes on.
        state = without_facts(facts.state(facts.told(projection), is_shown=True))
    read = facts.read_by(projection, ends=False)
    undecided = (happening.event for happening in facts.undecided())
    return Doubts(
        tuple(event for event in undecided if projection(state, event) != state),
        tuple(_ending(projection, state, read)),
        tuple(_unordered(projection, state, read)),
    )


def _ending(projection: Projection[S], state: S, facts: Facts) -> Iterator[Event]:
    ends = projection.ends
    for event in facts.may_have_ended():
        if (lasts(event) and ends is not None and ends(state, event) != state) or any(
            projection.differs(state, event, rival) for rival in facts.alike(event)
        ):
            yield event


def _unordered(projection: Projection[S], state: S, facts: Facts) -> Iterator[Event]:
    """Yield what may be the last of its part of a state, if that depends on it.

    What knows the parts (`late`) names, as `ordered`, the classes of which it is so,
    and tells which of a part may be last. Of facts whose class says that only the last
    holds, `may_have_ended()` tells.
    """
    late, groups = cast("Any", projection.late), dict[object, list[Event]]()
    kinds: tuple[type, ...] = getattr(late, "ordered", ())
    for event in facts.of_classes(kinds).begun() if kinds else ():
        groups.setdefault(late.key(event), []).append(event)
    for group in groups.values():
        rivals: list[Event] = late.may_be_last(group)
        for event in rivals if len(rivals) > 1 else ():
            # After itself, an event makes no difference.
            if any(projection.orders(state, event, rival) for rival in rivals):
                yield event
