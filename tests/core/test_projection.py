"""Projections: a beginning and a function."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st
from log_strategies import events, everything, last_value, tally

from bri_timeline import Event, EventLog, Projection, projection


FOLDS = st.sampled_from([everything, last_value, tally])


class TestFolding:
    """The laws of a fold."""

    @given(some=st.lists(events()), fold=FOLDS)
    def test_fold_calls_the_projection_with_each_event(
        self, some: list[Event], fold: Projection[object]
    ) -> None:
        """Folding is calling the projection with each event in turn."""
        state = fold.initial()
        for event in some:
            state = fold(state, event)

        assert state == fold.fold(some)

    @given(some=st.lists(events()), more=st.lists(events()))
    def test_fold_continues_from_a_state(
        self, some: list[Event], more: list[Event]
    ) -> None:
        """Folding two stretches one after the other is folding them as one."""
        on = Projection(lambda: tally.fold(some), tally.evolve)

        assert tally.fold([*some, *more]) == on.fold(more)

    @given(some=st.lists(events()), fold=FOLDS)
    def test_fold_of_the_same_events_gives_the_same_state(
        self, some: list[Event], fold: Projection[object]
    ) -> None:
        """Folding the same events again gives the same."""
        assert fold.fold(some) == fold.fold(iter(some))

    def test_fold_of_no_events_is_a_new_initial_state(self) -> None:
        """The fold of no events is what the factory returns, anew each time."""
        one, two = tally.fold([]), tally.fold([])

        assert {} == one == two
        assert one is not two


class TestWriting:
    """Making a projection of a function."""

    def test_a_projection_is_still_a_function(self) -> None:
        """A projection is called like the function it was made of."""

        @projection(initial=int)
        def count(seen: int, event: Event) -> int:
            return seen + 1

        assert 8 == count(7, Event("a", when="2015"))
        assert "count" == count.name
        assert "<projection count>" == repr(count)

    def test_projection_takes_any_callable(self) -> None:
        """Any callable evolves a state; without a name it is called by its class."""
        add = Projection(int, partial(lambda state, event, step: state + step, step=2))
        log = EventLog.of(Event("a", when="2015"), Event("b", when="2015"))

        assert "partial" == add.name
        assert 4 == log.as_of("2016-01-01").project(add)

    def test_projection_keeps_a_given_name(self) -> None:
        """A name that is given is kept."""
        named = Projection(int, lambda state, event: state, name="still")

        assert "<projection still>" == repr(named)
