"""Whether a projection was tried at all, and whether it asks the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from bri_timeline._codec import payload_fields
from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline.testing._branches import Branch, Watch
from bri_timeline.testing._searching import fail, listed


__all__ = ["check_tried"]

S = TypeVar("S")
_OFTEN = 16


def check_tried(
    projection: Projection[S],
    lists: Iterable[Sequence[Event]],
    *,
    untried_ok: bool,
) -> None:
    """Make sure that events changed the state, and entered every branch.

    Args:
        projection: What was tried.
        lists: The events with which it was, each list from the beginning.
        untried_ok: Permit that nothing was changed, or a branch not entered.

    Raises:
        AssertionError: They did not, or it asks the clock, or chance.
    """
    name, watch = projection.name, Watch(projection.evolve)
    kinds: dict[type, None] = {}
    is_changed, shown = False, None
    for number, events in enumerate(lists):
        if number % _OFTEN == 0 and is_changed and not watch.missed():
            break
        shown = shown or events
        state = projection.initial()
        for event in events:
            kinds[type(event.what)] = None
            after = watch.call(projection, state, event)
            is_changed = is_changed or after != state
            state = after
    if watch.impure:
        problem = f"{name} asks {', '.join(watch.impure)}, which answers otherwise"
        remedy = "take days from events, and ask about a day with as_of()"
        fail(f"{problem} another time: {remedy}")
    if untried_ok:
        return
    missed = watch.missed()
    if not is_changed:
        remedy = _remedy(missed or list(watch.branches), [*kinds])
        problem = f"{name} was not tried: no event changed its state"
        fail(f"{problem}; {remedy}", *_lines(missed), *listed("such as", shown or ()))
    if missed:
        problem = f"{name} has a branch that no event entered"
        fail(f"{problem}: {_remedy(missed, [*kinds])}", *_lines(missed))


def _lines(missed: Iterable[Branch]) -> list[str]:
    return [f"line {branch.line}: {branch.text}" for branch in missed]


def _remedy(missed: Sequence[Branch], kinds: Sequence[type]) -> str:
    """Return how to draw events that enter branches."""
    wanted = [pair for branch in missed for pair in branch.looks_for]
    known = {kind.__name__ for kind in kinds}
    others = [cls for cls, value in wanted if value is None and cls not in known]
    permit = "or pass untried_ok=True"
    if others:
        return f"give events of {', '.join(dict.fromkeys(others))} too, {permit}"
    for kind in kinds:
        for field, value in wanted:
            if value is not None and field in payload_fields(kind):
                given = f"{field}=st.sampled_from([{value!r}, ...])"
                return f"name the values: {_call(kind, given)}, {permit}"
    if not kinds:
        return f"give it some events, {permit}"
    field = next(iter(payload_fields(kinds[0])), "field")
    given = f"{field}=st.sampled_from([...])"
    return f"name the values that it looks for: {_call(kinds[0], given)}, {permit}"


def _call(kind: type, given: str) -> str:
    return f"events(payloads({kind.__name__}, {given}))"
