"""Mistakes that everybody makes: each is told in our own words, with the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from payments import ASKED, DAYS, LOG, VIEW, Paid, company
from scale_worlds import count, failing, laid_out

from bri_timeline import (
    Event,
    EventLog,
    View,
    Vocabulary,
    measures,
)
from bri_timeline.errors import (
    FaultsError,
    ProjectionError,
    SelectionError,
)
from bri_timeline.formats import tables
from bri_timeline.relations import relationship


@pytest.mark.parametrize("other", [LOG, None])
def test_a_difference_is_that_of_two_views(other: Any) -> None:
    """A log is not one: it has no day."""
    with pytest.raises(SelectionError, match="is not a view: give log"):
        VIEW.diff(other, count)


def test_declared_refuses_a_list() -> None:
    """A list in the place of a declaration is a fault of its own."""
    with pytest.raises(FaultsError, match="is a list: give its fields by name"):
        tables.declared([])


def test_dataset_names_the_event_and_refuses_other_projections() -> None:
    """Questions of a dataset name the event, and what is not a projection."""
    with laid_out(LOG, 1, Vocabulary(Paid)) as data:
        (pair,) = dict(data.project_each(count, on="2030-01-01"))
        for ask in (
            lambda p: data.project(p, *pair, on="2030-01-01"),
            lambda p: list(data.project_each(p, on="2030-01-01")),
        ):
            with pytest.raises(ProjectionError, match="returns one, call it"):
                ask(company)
            with pytest.raises(ZeroDivisionError) as error:
                ask(failing)
            assert "in <projection failing>, at " in error.value.__notes__[0]


def by_text(event: Event) -> Any:
    """Return one key where a collection of keys is wanted; of one event none."""
    assert isinstance(event.what, Paid)
    return () if event.what.amount else "AZE"


def by_known_text(event: Event) -> Any:
    """Return one key of which each letter is a key of another event."""
    assert isinstance(event.what, Paid)
    return ("A", "Z", "E") if event.what.amount else "AZE"


def by_letter(event: Event) -> tuple[str, ...]:
    """Return a key of one letter."""
    return ("A",)


BY_KEY: dict[str, Callable[[Any], object]] = {
    "project_each": lambda by: VIEW.project_each(count, by=by),
    "project_each of a period": lambda by: LOG.during("2016").project_each(
        count, by=by
    ),
    "project_each of a function": lambda by: VIEW.project_each(relationship, by=by),
    "project_each after an append": lambda by: _grown(by).project_each(count, by=by),
    "rows": lambda by: [*LOG.panel(count, by=by, **DAYS)],
    "rows of a measure": lambda by: [*LOG.panel(measures.count(), by=by, **DAYS)],
    "length": lambda by: len(LOG.panel(count, by=by, **DAYS)),
    "answers": lambda by: [*LOG.panel(count, by=by, at=ASKED)],
    "answers of a measure": lambda by: [*LOG.panel(measures.count(), by=by, at=ASKED)],
    "answers as known": lambda by: [*LOG.panel(count, by=by, at=KNOWN)],
    "answers of a measure as known": lambda by: [
        *LOG.panel(measures.count(), by=by, at=KNOWN)
    ],
}
KNOWN: Any = [("AZE", "2017-01-01", "2017-01-01")]


def _grown(by: Any) -> View:
    """Return a view after a first question to a log without the last event."""
    log = EventLog.of(Event(Paid(2), when="2014"))
    log.as_of("2017-01-01").project_each(count, by=by)
    return log.append(Event(Paid(0), when="2015")).as_of("2017-01-01")


BY_KEY_TOO: dict[str, Callable[[Any], object]] = {
    "history": lambda by: LOG.history(count, by=by),
    "first": lambda by: LOG.first(measures.count(), by=by, at_least=1),
}


@pytest.mark.parametrize("question", [*BY_KEY, *BY_KEY_TOO])
def test_an_error_of_a_function_of_events_says_that_it_is_one(question: str) -> None:
    """With the event, as not every kind has the field that is read."""

    def by(event: Event) -> Any:
        return (event.what.nobody,)

    problem = r"given as by=, raises AttributeError: .* of every event, of whatever"
    with pytest.raises(ProjectionError, match=problem) as error:
        (BY_KEY | BY_KEY_TOO)[question](by)

    assert "Paid(" in str(error.value)


@pytest.mark.parametrize("by", [by_text, by_known_text])
@pytest.mark.parametrize("question", BY_KEY)
def test_text_in_the_place_of_keys_is_refused(
    question: str, by: Callable[[Event], Any]
) -> None:
    """Its letters would be taken for keys, in whatever event it is returned first."""
    with pytest.raises(ProjectionError, match=r"'AZE' is what by= .* return a tuple"):
        BY_KEY[question](by)


@pytest.mark.parametrize("question", [q for q in BY_KEY if "function" not in q])
def test_keys_of_one_letter_are_keys(question: str) -> None:
    """A collection may hold them."""
    BY_KEY[question](by_letter)


@pytest.mark.parametrize("question", ["project_each", "project_each of a function"])
def test_what_is_not_a_function_of_keys_is_refused(question: str) -> None:
    """As the name of a field."""
    with pytest.raises(ProjectionError, match=r"'who' is not a function .* by=dyads"):
        BY_KEY[question]("who")
