"""A class that the vocabulary lacks is heard of, and never silently left out."""

from __future__ import annotations

import pytest
from stakes import DAY, DEALS, Sold, stake

from bri_timeline import (
    Answer,
    Event,
    EventLog,
    Unknown,
)
from bri_timeline.errors import VocabularyError
from bri_timeline.measures import count
from bri_timeline.relations import (
    Met,
    PositionDeclared,
    relationship,
)


def test_what_a_log_grew_by_is_not_left_out() -> None:
    """It is looked for also in what was appended after a question."""
    log = DEALS.append(Event(Unknown("Lent", 1, b"{}"), when="2002"))
    assert 25 == log.as_of(DAY).project(stake)
    longer = log.append(Event(Unknown("Sold", 1, b"{}"), when="2003"))

    with pytest.raises(VocabularyError, match="Sold"):
        longer.as_of(DAY).project(stake)
    assert 25 == log.as_of(DAY).project(stake)


def test_other_kinds_may_be_lacking() -> None:
    """What a projection does not read, and what came after its log, does not matter."""
    other = Event(Unknown("Lent", 1, b"{}"), when="2002")
    later = Event(Unknown("Sold", 1, b"{}"), when="2002")

    log = DEALS.append(other)
    log.append(later)

    assert 25 == log.as_of(DAY).project(stake)
    met = Event(Met(["AZE", "CHN"]), when="2002")
    pair = relationship("AZE", "CHN")
    assert EventLog.of(met, other).as_of(DAY).project(pair).meetings
    some = DEALS.append(Event(Unknown("Met", 1, b"{}"), when="2002"))
    assert 0 == some.where(kinds=Sold).as_of(DAY).project(count(Met))
    assert 3 == some.as_of(DAY).project(count(object))


def test_a_position_is_over_whatever_else_is_lacking() -> None:
    """One of its own class takes its place, which the vocabulary has."""
    positions = [
        Event(PositionDeclared("AZE", "trade", stance), when=when)
        for stance, when in (("supports", "2000"), ("opposes", "2001"))
    ]
    log = EventLog.of(*positions, Event(Unknown("Sold", 1, b"{}"), when="2002"))
    view = log.as_of("2003-01-01")

    assert [Answer.YES, Answer.NO] == [*map(view.ended, positions)]
