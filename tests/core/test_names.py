"""Names that users of Python expect: `+`, `len`, format, sub-packages."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact, events, logs, view_days

from bri_timeline import Edtf, Entry, Event, EventLog, Source
from bri_timeline.errors import EntryError


VISIT = Event("a visit", when="2019-04-24", cite=Source("Memo", published="2019-05"))
OTHER = Event("a meeting", when="2019-04-25")


def renamed(log: EventLog) -> EventLog:
    """The same log about other happenings."""
    entries = []
    for entry in log:
        event = entry.event
        if event is not None:
            assert isinstance(event.what, Fact)
            what = evolve(event.what, value=f"other {event.what.value}")
            name = f"other {event.id}" if isinstance(event._key, str) else None
            event = Event(
                what, when=event.when, where=event.where, cite=event.cite, id=name
            )
        entries.append(evolve(entry, event=event))
    return EventLog(entries)


class TestAddition:
    """`log + log`."""

    @given(logs())
    def test_a_log_added_to_an_empty_one_is_itself(self, log: EventLog) -> None:
        """Corrections, retractions and days of knowledge stay."""
        assert log == EventLog() + log
        assert log == log + EventLog()

    @given(logs(), logs())
    def test_logs_about_other_happenings_are_put_one_after_the_other(
        self, one: EventLog, log: EventLog
    ) -> None:
        """Each position in the second is shifted by the length of the first."""
        other, size = renamed(log), len(one)
        expected = [*one]
        for entry in other:
            supersedes, retracts = entry.supersedes, entry.retracts
            moved = Entry(
                position=entry.position + size,
                event=entry.event,
                known=entry.known_day,
                supersedes=None if supersedes is None else supersedes + size,
                retracts=None if retracts is None else retracts + size,
                because=entry.because,
            )
            expected.append(moved)

        assert EventLog(expected) == one + other

    @given(st.lists(events(), max_size=5), st.lists(events(), max_size=5), view_days())
    def test_claims_of_both_logs_are_there_once(
        self, some: list[Event], others: list[Event], day: date
    ) -> None:
        """The sum of two logs of events is the log of all of them."""
        one, other = EventLog.of(*some), EventLog.of(*others)

        assert EventLog.of(*some, *others) == one + other
        assert one + other == (one + other) + other

    def test_the_earlier_day_of_knowledge_counts(self) -> None:
        """A claim that the other log knows earlier is known since then."""
        late = EventLog().append(VISIT, known="2020-01-01")
        early = EventLog().append(VISIT, known="2019-06-01")

        assert late + early != late
        assert 1 == len((late + early).as_of("2021-01-01", "2019-06-01"))
        assert early == early + late

    def test_what_corrects_a_claim_of_both_logs_is_refused(self) -> None:
        """Its new position is not known; the error says what to do."""
        one = EventLog.of(VISIT)
        for log in (
            one.append(OTHER, supersedes=0),
            one.retract(0, because="a misprint"),
        ):
            with pytest.raises(EntryError, match=r"entry 1 of the second log names"):
                one + log

    def test_an_erased_entry_is_refused(self) -> None:
        """It has nothing that could be appended."""
        with pytest.raises(EntryError, match="entry 0 of the second log"):
            EventLog() + EventLog([Entry(position=0)])

    def test_a_partial_log_takes_only_what_it_can_know(self) -> None:
        """It may lack a claim about the same happening."""
        partial = EventLog.partial(EventLog.of(VISIT), 5)
        with pytest.raises(EntryError, match="partial log"):
            partial + EventLog.of(OTHER)

    def test_something_else_is_not_added(self) -> None:
        """Python says so in its own words."""
        events_of_all = [VISIT]
        with pytest.raises(TypeError, match="unsupported operand"):
            EventLog() + events_of_all

    def test_an_instant_of_recording_is_left_to_the_store(self) -> None:
        """An entry of a sum was not written down yet."""
        at = date(2019, 4, 24)
        entry = Entry(position=0, event=VISIT, recorded_at=at)

        assert (EventLog() + EventLog([entry]))[0].recorded_at is None


@given(logs(), view_days())
def test_the_length_of_a_view_is_that_of_its_events(log: EventLog, day: date) -> None:
    """Undecided events are not counted, and a view is never false."""
    view = log.as_of(day)

    assert len(view.events) == len(view)
    assert view


def test_a_date_is_aligned_like_text() -> None:
    """A format says how wide a date is printed."""
    when = Edtf("2019-04")

    assert "     2019-04|2019-04     |2019" == f"{when:>12}|{when:<12}|{when:.4}"
    assert "2019-04" == f"{when}"


def test_who_looks_for_parse_is_told_to_call() -> None:
    """The error names the call that reads text."""
    for name in ("parse", "fromisoformat"):
        with pytest.raises(AttributeError, match=rf"{name}.*Edtf\('2019-04'\)"):
            getattr(Edtf, name)
    assert not hasattr(Edtf, "parse")
