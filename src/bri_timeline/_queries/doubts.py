"""Doubts about a state: events that may have happened, ended, or come last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from bri_timeline._events import Event
from bri_timeline._folds import Path
from bri_timeline._lasting import lasts
from bri_timeline._order import Facts, composition_of, shows_less, without_facts
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
    """Yield what may be the last of its part of a composition, if that depends on it.

    Of facts whose class says what ends them, or that only the last holds,
    `may_have_ended()` tells.
    """
    composed = composition_of(projection)
    leaves = () if composed is None else composed.node.leaves()
    ordered = [leaf for leaf in leaves if not (leaf.retract or leaf.projection.ends)]
    if composed is None or not ordered:
        return
    kinds = (
        None
        if any(leaf.reads is None for leaf in ordered)
        else tuple(kind for leaf in ordered for kind in leaf.reads or ())
    )
    groups = dict[Path, list[Event]]()
    for event in facts.of_classes(kinds).begun():
        for leaf, path in composed.ways.paths(event):
            if leaf in ordered:
                groups.setdefault(path, []).append(event)
    for group in groups.values():
        yield from _rivals(group, partial(projection.orders, state))


def _rivals(
    group: Sequence[Event], matters: Callable[[Event, Event], bool]
) -> Iterator[Event]:
    """Yield those of some events that may be the last, if that is open."""
    # A plan may come after its changes, and that says nothing: of each kind two tell.
    last = {type(event.what): event for event in group}
    first = {type(event.what): event for event in reversed(group)}
    some = *first.values(), *last.values()
    kinds = {type(e.what) for e in some if any(matters(e, other) for other in some)}
    ordered = [event for event in group if type(event.what) in kinds]
    latest = max(((e.when.earliest_start, _rank(e)) for e in ordered), default=None)
    rivals = [e for e in ordered if (e.when.latest_start, _rank(e)) >= (latest or ())]
    for event in rivals if len(rivals) > 1 else ():
        # After itself, an event makes no difference.
        if any(matters(event, rival) for rival in rivals):
            yield event


def _rank(event: Event) -> int:
    """Return the place of an event among those of its day, if its class says it."""
    rank: int = getattr(type(event.what), "within_a_day", 0)
    return rank
