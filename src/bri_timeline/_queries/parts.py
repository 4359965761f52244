"""Questions that concern some parts of a composition only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bri_timeline._folds import Composed, Leaf, Node, Only, Reaching, Recorded, noting
from bri_timeline._order import composition_of
from bri_timeline._projection import Projection
from bri_timeline._queries.outcomes import itself
from bri_timeline.folds import FrozenList
from bri_timeline.measures import Measure


T = TypeVar("T")
Tell = Callable[[Projection[Any]], Projection[Any]]


def of_parts(
    projection: Projection[Any],
    of: Callable[[Any], Any],
    tell: Tell,
    ask: Callable[[Projection[Any], Callable[[Any], Any]], T],
) -> T:
    """Return the answer to a question, asked of the fields that a selection reads.

    What reaches no other field than those cannot matter. How long a listing is, is a
    count.

    Args:
        projection: How to fold a state.
        of: Selects a value from the state.
        tell: Returns a projection that also ends what other events end.
        ask: Answers for a projection and a selection.
    """
    composed = composition_of(projection)
    if composed is None or of is itself:
        return ask(projection, of)
    counted = _count_of(composed) if of is len else None
    if counted is not None:
        return ask(tell(counted), itself)
    node = composed.node
    if not isinstance(node, Recorded):
        return ask(projection, of)
    # The first state tells most of them; whatever it raises the question will tell.
    names, first = set[str](), composed.node.initial()
    _try(of, noting(composed.ways.state(first), names))
    while names and len(names) < len(node.parts):
        known = frozenset(names)
        places = [place for name, place in node.places.items() if name in known]
        part = Composed.of(node.of(known), composed.parties, composed.name)

        def read(state: Any, places: list[int] = places) -> Any:
            tree = [*first]
            for place, kept in zip(places, state._tree, strict=True):
                tree[place] = kept
            return of(noting(composed.ways.state(tuple(tree)), names))

        try:
            answer = ask(tell(part), read)
        except Exception:
            # It may have read a field that is not folded here.
            if names == known:
                raise
        else:
            if names == known:
                return answer
    return ask(projection, of)


def _try(of: Callable[[Any], Any], state: object) -> None:
    try:
        of(state)
    except Exception:
        return


def _count_of(composed: Composed[Any]) -> Projection[Any] | None:
    """Return the count of what a composition lists; None if it lists nothing."""
    whole: Node = composed.node
    node, path = whole, tuple[Any, ...]()
    if isinstance(whole, Only):
        node, path, whole = whole.inner, whole.path, whole.whole
    if not isinstance(node, Leaf) or not isinstance(node.initial(), FrozenList):
        return None
    reaching = Reaching(whole, path, composed.parties, None)
    return Measure("count", node.reads or (), where=reaching, parties=composed.parties)
