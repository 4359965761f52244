"""`known_by` an instant: what had been recorded by then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, dyads
from bri_timeline.errors import DayError, EntryError
from bri_timeline.measures import count


@frozen
class Told:
    """A claim of the tests."""

    number: int
    parties: frozenset[str] = frozenset({"AZE", "CHN"})


NOON = datetime(2019, 4, 24, 12, tzinfo=UTC)
MINUTES = st.lists(st.integers(0, 5), max_size=8)


def recorded(minutes: Sequence[int]) -> EventLog:
    """Return a log of claims that were recorded so many minutes after noon."""
    log = EventLog.of(*(Event(Told(n), when="2019") for n in range(len(minutes))))
    entries = zip(log, minutes, strict=True)
    return EventLog(
        evolve(entry, recorded_at=NOON + timedelta(minutes=m)) for entry, m in entries
    )


@given(minutes=MINUTES, asked=st.integers(-1, 6))
def test_an_instant_cuts_before_the_first_entry_recorded_later(
    minutes: list[int], asked: int
) -> None:
    """Also where a clock went back: what came after it in the log was not there yet."""
    log = recorded(minutes)
    instant = NOON + timedelta(minutes=asked)
    early = [m <= asked for m in minutes]
    known = early.index(False) if False in early else len(early)
    zone = timezone(timedelta(hours=-7))
    for one in (instant, instant.astimezone(zone)):
        view = log.as_of("2020-01-01", one)

        assert known == view.project(count())
        assert known == log.during("2019", one).project(count())
        panel = log.panel(
            count(),
            by=dyads,
            every="year",
            start="2019-01-01",
            stop="2019-12-31",
            known_by=one,
        )
        assert [known] * bool(known) == [row.value for row in panel]
    if known:
        assert view == log.as_of("2020-01-01", known - 1)
        pair = ("AZE", "CHN")
        asked_at = log.panel(count(), by=dyads, at=[(pair, "2020-01-01", instant)])
        assert [known] == [row.value for row in asked_at]


def test_an_instant_before_all_entries_is_said_in_words() -> None:
    """No entry stands before the first: such a view knows nothing."""
    view = recorded([0]).as_of("2020-01-01", NOON - timedelta(minutes=1))

    assert "nothing (before the first entry)" == view.basis
    assert "known by nothing (before the first entry): 0 certain" in repr(view)
    assert "position 0" == recorded([0]).as_of("2020-01-01", NOON).basis


def test_an_instant_without_a_zone_is_refused() -> None:
    """Whose noon it is nobody knows."""
    with pytest.raises(DayError, match="has no time zone: give an instant such as"):
        recorded([1]).as_of("2020-01-01", NOON.replace(tzinfo=None))


@pytest.mark.parametrize("place", [0, 1])
def test_entries_that_do_not_say_when_they_were_recorded_are_an_error(
    place: int,
) -> None:
    """Silence would leave them out, or take them in."""
    log = [*recorded([0, 0])]
    log[place] = evolve(log[place], recorded_at=None)
    problem = f"entry {place} does not say when it was recorded"
    with pytest.raises(EntryError, match=f"{problem}, and only a store does"):
        EventLog(log).as_of("2020-01-01", NOON)


def test_later_entries_need_not_say_when_they_were_recorded() -> None:
    """What comes after the first later entry decides nothing."""
    log = recorded([0, 3])
    assert 1 == len(log.append(Event("x", when="2019")).as_of("2020-01-01", NOON))
    assert 0 == len(EventLog().as_of("2020-01-01", NOON))
