"""Classes that a question names, and that no event can have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import pytest
from odd_classes import DAY, LOG, YEARS, Abstract, Foreign, Mutable, Undecorated, plain

from bri_timeline import dyads
from bri_timeline.errors import VocabularyError
from bri_timeline.measures import count
from bri_timeline.relations import Visited


class Registering(ABC):
    """A class that others can join."""

    @abstractmethod
    def total(self) -> int:
        """Return what they have."""


LOG_ROADS: dict[str, Callable[[type], object]] = {
    "project": lambda cls: LOG.as_of(DAY).project(plain(cls)),
    "measure": lambda cls: LOG.as_of(DAY).project(count(cls)),
    "where": lambda cls: LOG.where(kinds=cls),
    "active": lambda cls: LOG.as_of(DAY).active(cls),
    "project_each": lambda cls: LOG.as_of(DAY).project_each(count(cls), by=dyads),
    "of keys": lambda cls: LOG.as_of(DAY).project_each(lambda *_: count(cls), by=dyads),
    "outcomes": lambda cls: LOG.as_of(DAY).outcomes(count(cls)),
    "explain": lambda cls: LOG.as_of(DAY).explain(plain(cls), of=int),
    "history": lambda cls: LOG.history(plain(cls)),
    "first": lambda cls: LOG.first(count(cls), at_least=1),
    "beliefs": lambda cls: LOG.beliefs(plain(cls), on=DAY),
    "panel": lambda cls: LOG.panel(count(cls), by=dyads, **YEARS),
}


@pytest.mark.parametrize("cls", [Mutable, Foreign, Undecorated])
def test_a_class_that_no_event_takes_is_a_fault(cls: type) -> None:
    """Nobody is told zero, whichever question it is."""
    for road in LOG_ROADS.values():
        with pytest.raises(VocabularyError, match="no event takes a payload of"):
            road(cls)


@pytest.mark.parametrize("cls", [Visited, Abstract, Registering, str])
def test_what_an_event_may_take_is_none(cls: type) -> None:
    """A log knows no vocabulary; a class may stand for others."""
    for name, road in LOG_ROADS.items():
        if name != "active":
            road(cls)
