"""States that were kept before something changed serve only where they are right."""

from __future__ import annotations

from itertools import chain

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact

from bri_timeline import Event, Projection
from bri_timeline._events.marks import Mark
from bri_timeline._order._states import begun


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


SIZE = 20
NUMBERS = st.integers(0, SIZE - 1)
# A change of the marks of two blocks, of which the second is that many later; a block
# halved; half of the states discarded; those up to a block copied.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), NUMBERS, st.integers(0, 20)),
        st.tuples(st.sampled_from(["ask", "ask", "until", "split"]), NUMBERS),
        st.tuples(st.just("thin")),
    ),
    min_size=3,
    max_size=12,
)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("name", FOLDS)
@given(
    drawn=st.lists(st.sampled_from(MARKS), min_size=2 * SIZE, max_size=2 * SIZE),
    steps=STEPS,
    gap=st.integers(1, 2),
)
def test_states_are_right_whatever_changed(
    name: str,
    merged: bool,
    drawn: list[Mark],
    steps: list[tuple[str, int, int]],
    gap: int,
) -> None:
    """Blocks that change and split, states that are discarded: each is of a fold."""
    blocks = [drawn[start : start + 2] for start in range(0, 2 * SIZE, 2)]
    fold = FOLDS[name] if merged else evolve(FOLDS[name], merge=None)
    kept = begun(fold, 1 << 19, gap, gap)

    def read(first: int, stop: int) -> list[list[Mark]]:
        return blocks[first:stop]

    kept.before(SIZE, read)
    for kind, *numbers in (*steps, ("ask", len(blocks)), ("ask", SIZE // 2)):
        if kind == "change":
            for number in (numbers[0], min(sum(numbers), SIZE - 1)):
                mark = blocks[number][0]
                blocks[number][0] = MARKS[(MARKS.index(mark) + 1) % len(MARKS)]
                kept.doubt(number)
        elif kind == "thin":
            kept.thin()
        elif kind == "until":
            kept = kept.until(numbers[0])
        elif kind == "split":
            number, marks = numbers[0], blocks[numbers[0]]
            if len(marks) > 1:
                blocks[number : number + 1] = [marks[:1], marks[1:]]
                kept.split(number)
        else:
            place, state = kept.before(numbers[0], read)

            assert place <= numbers[0]
            assert fold._folded(chain.from_iterable(blocks[:place])) == state
