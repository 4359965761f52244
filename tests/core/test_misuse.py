"""Mistakes that everybody makes: each is told in our own words, with the remedy."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest
from payments import ASKED, DAYS, LOG, VIEW, Paid, company

from bri_timeline import (
    Event,
    EventLog,
    Projection,
    dyads,
    projection,
)
from bri_timeline.errors import (
    EntryError,
    ProjectionError,
)
from bri_timeline.relations import relationship


def shares(state: float, event: Event) -> float:
    """Divide by what was paid."""
    assert isinstance(event.what, Paid)
    return state + 1 / event.what.amount


SHARES = Projection(float, shares)
QUESTIONS: dict[str, Callable[[Any], object]] = {
    "project": VIEW.project,
    "project undecided": lambda p: VIEW.project(p, undecided=True),
    "project_each": lambda p: VIEW.project_each(p, by=dyads),
    "outcomes": lambda p: VIEW.outcomes(p, of=str),
    "explain": lambda p: VIEW.explain(p, of=str),
    "diff": lambda p: VIEW.diff(LOG.as_of("2014-01-01"), p),
    "history": LOG.history,
    "beliefs": lambda p: LOG.beliefs(p, on="2017-01-01"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_factory_in_the_place_of_a_projection_is_refused(question: str) -> None:
    """Each question says that this is not a projection, and what to do."""
    # By key a factory may stand: it is called with each.
    for wrong in (company, relationship) if question != "project_each" else ():
        with pytest.raises(ProjectionError, match="returns one, call it"):
            QUESTIONS[question](wrong)
    with pytest.raises(ProjectionError, match="is not a projection: make one by"):
        QUESTIONS[question](3)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_error_within_a_projection_names_the_event(question: str) -> None:
    """What a projection raises is passed on, with a note of where it was, once."""
    with pytest.raises(ZeroDivisionError) as error:
        QUESTIONS[question](SHARES)

    (note,) = error.value.__notes__
    assert note.startswith("in <projection shares>, at 2016: Event(Paid(amount=0")


def test_an_error_of_an_object_that_is_a_projection_names_the_event() -> None:
    """A projection may be an object that can be called."""

    class Share:
        def __call__(self, state: float, event: Event) -> float:
            return shares(state, event)

    with pytest.raises(ZeroDivisionError) as error:
        Projection(float, Share()).fold(e.claim for e in LOG)

    assert "at 2016" in error.value.__notes__[0]


class Item:
    """A function in the form of an object."""

    def __call__(self, state: dict[str, int]) -> int:
        return state["x"]


def keys(_event: Event) -> tuple[str]:
    """Return one key for all events."""
    return ("AZE",)


OF: dict[str, Callable[[Any], object]] = {
    "outcomes": lambda of: VIEW.outcomes(company("x"), of=of),
    "outcomes of rivals": lambda of: VIEW.outcomes(company("x"), of=of, rivals=True),
    "explain": lambda of: VIEW.explain(company("x"), of=of),
    "rows": lambda of: [*LOG.panel(company("x"), by=keys, of=of, **DAYS)],
    "answers": lambda of: [*LOG.panel(company("x"), by=keys, of=of, at=ASKED)],
    "holds": lambda of: LOG.first(company("x"), holds=of),
    "holds by key": lambda of: LOG.first(company("x"), by=keys, holds=of),
}


@pytest.mark.parametrize("of", [lambda state: state["x"], Item(), itemgetter("x")])
@pytest.mark.parametrize("question", OF)
def test_an_error_of_a_function_of_the_state_says_that_it_is_one(
    question: str, of: Callable[[Any], object]
) -> None:
    """It is asked of the state before any event too, which is easy to forget."""
    name = "holds" if question.startswith("holds") else "of"
    problem = rf"given as {name}=, raises TypeError: .* before any event too"
    with pytest.raises(ProjectionError, match=problem) as error:
        OF[question](of)

    assert error.value.value is of
    assert isinstance(error.value.__cause__, TypeError)
    assert not hasattr(error.value, "__notes__")


def test_projection_refuses_an_initial_state_in_the_place_of_a_factory() -> None:
    """A state in the place of what makes one is refused, as is one that needs more."""
    with pytest.raises(ProjectionError, match="give as initial one that takes no arg"):
        projection(initial={})(lambda state, event: state)
    with pytest.raises(ProjectionError, match="cannot be initial, which takes no arg"):
        projection(initial=lambda start: start)(lambda state, event: state)


def test_projection_refuses_a_function_of_one_argument() -> None:
    """A function of one argument is refused when the projection is made."""
    with pytest.raises(ProjectionError, match="takes a state and an event: too many"):
        projection(initial=int)(lambda state: state)

    class Step:
        def __call__(self, state: int) -> int:
            return state

    with pytest.raises(ProjectionError, match="cannot be evolve"):
        Projection(int, Step())
    assert 1 == Projection(int, lambda *both: both[0] + 1).fold([LOG[0].claim])
    assert 0 == Projection(int, max).fold([])
    assert {} == Projection(dict, dict.__or__).fold([])


def test_event_log_refuses_events_in_the_place_of_entries() -> None:
    """Who gives events is told how to record them."""
    with pytest.raises(EntryError, match=r"is not an entry: record events by EventLog"):
        EventLog([LOG[0].claim])


@pytest.mark.parametrize("parties", ["AZE", ["AZE", 7]])
def test_parties_of_a_projection_are_several_ids(parties: Any) -> None:
    """One text is not a collection of ids, and neither is what holds a number."""
    with pytest.raises(ProjectionError, match="is not a collection of actor ids"):
        Projection(int, lambda state, _: state, parties=parties)


def test_a_function_of_the_key_returns_a_projection() -> None:
    """What else it returns, and a wrong call, are told; what it raises is passed on."""

    def broken(*_: str) -> Projection[int]:
        return Projection(None)

    for function, problem in (
        (lambda *_: 7, "is what the function of the key"),
        (lambda: company("a"), "cannot be called with the key"),
    ):
        with pytest.raises(ProjectionError, match=problem):
            VIEW.project_each(function, by=dyads)
    with pytest.raises(TypeError, match="evolve"):
        VIEW.project_each(broken, by=dyads)


def test_an_error_that_is_raised_again_has_one_note() -> None:
    """The note that names the event does not pile up."""
    again = ValueError("the same")

    @projection(initial=int)
    def fails(_state: int, _event: Event) -> int:
        raise again

    for _ in range(2):
        with pytest.raises(ValueError, match="the same"):
            VIEW.project(fails)
    assert 1 == len(again.__notes__)
