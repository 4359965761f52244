"""Logs that grow, fork and are asked, driven against the plainest model."""

from __future__ import annotations

from datetime import date

from effort import at_most
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)
from log_model import Model
from log_strategies import (
    BECAUSE,
    KNOWN_DAYS,
    events,
    everything,
    known_by_days,
    view_days,
)

from bri_timeline import Entry, Event, EventLog
from bri_timeline.errors import EntryError


KNOWN = st.none() | st.sampled_from(KNOWN_DAYS)
NUMBERS = st.integers(0, 7)
MOST = 8


class Logs(RuleBasedStateMachine):
    """Logs, each with the entries that it must always have."""

    logs = Bundle("logs")

    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[EventLog, tuple[Entry, ...]]] = []

    def grown(self, log: EventLog, before: tuple[Entry, ...], said: Entry) -> EventLog:
        """Check that a log has one more entry, or had one that says the same."""
        entries = tuple(log)
        assert before == entries[: len(before)]
        if len(entries) == len(before):
            assert any(
                (entry.event, entry.supersedes) == (said.event, said.supersedes)
                or (entry.retracts is not None and entry.retracts == said.retracts)
                for entry in before
            )
        else:
            assert [len(before)] == [e.position for e in entries[len(before) :]]
        self.held.append((log, entries))
        return log

    @rule(target=logs)
    def begin(self) -> EventLog:
        """Begin an empty log."""
        return EventLog()

    @rule(target=logs, log=logs, event=events(), known=KNOWN)
    def claim(self, log: EventLog, event: Event, known: date | None) -> EventLog:
        """Append a claim; the log stays what it was, so that it can grow otherwise."""
        if len(log) >= MOST:
            return log
        said = Entry(position=len(log), event=event)
        try:
            grown = log.append(event, known=known)
        except EntryError:
            assert event in {entry.event for entry in log}
            return log
        return self.grown(grown, tuple(log), said)

    @rule(target=logs, log=logs, event=events(), known=KNOWN, number=NUMBERS)
    def correct(
        self, log: EventLog, event: Event, known: date | None, number: int
    ) -> EventLog:
        """Correct a claim."""
        claims = [entry for entry in log if entry.event is not None]
        if not claims or len(log) >= MOST:
            return log
        entry = claims[number % len(claims)]
        try:
            grown = log.append(event, supersedes=entry, known=known)
        except EntryError:
            same = {e.event for e in log if e.supersedes == entry.position}
            is_said = {event, event.named(entry.claim._id)} & same
            assert is_said or Model(tuple(log)).is_retracted(entry)
            return log
        if len(grown) == len(log):
            variants = event, event.named(entry.claim._id)
            assert {(e.event, e.supersedes) for e in log}.intersection(
                (variant, entry.position) for variant in variants
            )
            return log
        said = Entry(position=len(log), event=event, supersedes=entry.position)
        return self.grown(grown, tuple(log), said)

    @rule(target=logs, log=logs, because=BECAUSE, known=KNOWN, number=NUMBERS)
    def retract(
        self, log: EventLog, because: str, known: date | None, number: int
    ) -> EventLog:
        """Retract an entry, perhaps a retraction."""
        if not len(log) or len(log) >= MOST:
            return log
        target = number % len(log)
        said = Entry(position=len(log), retracts=target)
        grown = log.retract(target, because=because, known=known)
        return self.grown(grown, tuple(log), said)

    @rule(target=logs, log=consumes(logs), most=st.integers(0, 3))
    def remember(self, log: EventLog, most: int) -> object:
        """Keep more or fewer states between questions: no answer changes."""
        return multiple(log, log.with_cache(most, every=1))

    @rule(log=logs, day=view_days(), known_by=st.none() | known_by_days())
    def ask(self, log: EventLog, day: date, known_by: date | None) -> None:
        """Ask what a view shows, and compare it with the model."""
        known = float("inf") if known_by is None else known_by.toordinal()
        model, number = Model(tuple(log), known_by=known), day.toordinal()
        view = log.as_of(day, known_by=known_by)
        certain = tuple(claim.event for claim in model.certain(number))

        assert certain == view.events
        assert certain == view.project(everything)
        assert tuple(claim.event for claim in model.undecided(number)) == view.undecided
        assert model.disputes(number) == [
            (dispute.taken, set(dispute.others)) for dispute in view.disputes
        ]

    @invariant()
    def nothing_has_changed(self) -> None:
        """Every log there ever was has the entries that it had."""
        assert all(entries == tuple(log) for log, entries in self.held)


TestLogs = Logs.TestCase
TestLogs.settings = settings(at_most(60), stateful_step_count=25)
TestLogs.__doc__ = "Logs are values, and answer as the plainest model does."
