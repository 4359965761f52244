"""States that were kept before something changed serve only where they are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact

from bri_timeline import Event, Projection
from bri_timeline._events import Mark
from bri_timeline._folding._checkpoints import (
    Checkpoints,
    MergedStates,
    States,
    nearest_state,
)


Values = tuple[str, ...]
MARKS = [Event(Fact(value), when="2015") for value in ("", "a", "b")]


def _all(state: Values, event: Event) -> Values:
    """Never comes to the same state again."""
    return (*state, event.what.value)


def _last(state: Values, event: Event) -> Values:
    """Comes to the same state soon, but not at the next mark."""
    return (*state, event.what.value)[-3:] if event.what.value else state


FOLDS = {
    "all": Projection(tuple, _all, merge=lambda one, two: one + two),
    "last": Projection(tuple, _last, merge=lambda one, two: (one + two)[-3:]),
}


@frozen
class Sequenced:
    """Marks that can be read in blocks."""

    marks: Sequence[Mark]

    def blocks(self, places: range, /) -> Iterator[Iterable[Mark]]:
        for place in places:
            yield self.marks[place : place + places.step]


def _begun(fold: Projection[Values], stride: int, merged: bool) -> States[Values]:
    if merged and fold.merge is not None:
        return MergedStates(fold, fold.merge, stride)
    return Checkpoints([()], stride, 1 << 19)


SIZE = 40
INDICES = st.integers(0, SIZE - 1)
# A change of the marks at two indices, of which the second is that many later; half of
# the states discarded; those up to an index copied; those after it discarded.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), INDICES, st.integers(0, 20)),
        st.tuples(st.sampled_from(["ask", "ask", "until", "forget"]), INDICES),
        st.tuples(st.just("thin")),
    ),
    min_size=3,
    max_size=12,
)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("name", FOLDS)
@given(
    drawn=st.lists(st.sampled_from(MARKS), min_size=SIZE, max_size=SIZE),
    steps=STEPS,
    stride=st.integers(1, 2),
)
def test_states_are_right_whatever_changed(
    name: str,
    merged: bool,
    drawn: list[Mark],
    steps: list[tuple[str, int, int]],
    stride: int,
) -> None:
    """Ranges that overlap, states that are discarded: each state is that of a fold."""
    fold, marks = FOLDS[name], list(drawn)
    kept = _begun(fold, stride, merged)
    nearest_state(kept, fold, Sequenced(marks), SIZE)
    for kind, *numbers in (*steps, ("ask", SIZE), ("ask", SIZE // 2)):
        if kind == "change":
            first, last = numbers[0], min(sum(numbers), SIZE - 1)
            for index in (first, last):
                marks[index] = MARKS[(MARKS.index(marks[index]) + 1) % len(MARKS)]
            kept.doubt(first, last)
        elif kind == "thin":
            kept.thin()
        elif kind == "until":
            kept = kept.until(numbers[0])
        elif kind == "forget":
            kept.forget(numbers[0])
            marks[numbers[0] :] = reversed(marks[numbers[0] :])
        else:
            place, state = nearest_state(kept, fold, Sequenced(marks), numbers[0])

            assert place <= numbers[0]
            assert fold._folded(marks[:place]) == state
