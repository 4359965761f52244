"""The fold order in blocks says what the one in columns says, of any log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from log_strategies import (
    KNOWN_BY,
    everything,
    last_value,
    logs,
    tally,
    view_days,
)
from marks_model import numbers, trace

from bri_timeline import Entry, EventLog, Prefer, dyads
from bri_timeline._folding import FoldCache as Columns
from bri_timeline._journal import Journal
from bri_timeline._order import FoldCache as Blocks
from bri_timeline.measures import count, latest


FOLDS = [everything, last_value, tally, trace, numbers, count()]
FIRST = date(2015, 3, 1)
BASES = st.one_of(st.none(), st.sampled_from(KNOWN_BY), st.integers(0, 14))
YEARS = {"every": "year", "start": "2014-01-01", "stop": "2017-01-01"}


def _grown(log: EventLog, entries: Sequence[Entry]) -> EventLog:
    """Return a log with more entries, in the same journal and cache."""
    journal = log._journal.grown(log._size, *entries)
    return log._like(log._cache.on(journal), len(journal.entries), log._wanted)


def _selections(log: EventLog) -> list[EventLog]:
    return [
        log,
        log.among("BBB", "AAA"),
        log.concerning("AAA"),
        log.reading(bounded_by_reports=True),
        log.reading(Prefer.MOST_CITED),
        log.where(lambda event: bool(event.cite)),
        log.where(kinds=(str,)),
    ]


def _asked(log: EventLog, day: date, basis: date | int | None) -> list[object]:
    """Ask a log all that is read from its order."""
    if isinstance(basis, int):
        basis = basis % len(log) if len(log) else None
    found: list[object] = [log.contradictions()]
    pair = "AAA", "BBB"
    asked = [(pair, day, known) for known in (*KNOWN_BY[:2], None)]
    for one in _selections(log):
        known_by = None if one._wanted.rules else basis
        view, now = one.as_of(day, known_by), one.as_of(day)
        during = one.during((FIRST, max(day, FIRST)), known_by)
        for shown in (view, during):
            found += [shown.events, shown.undecided, shown.active()]
            found += [shown.project(fold) for fold in FOLDS]
        found += [view.disputes, view.set_aside, view.dangling, view.outcomes(count())]
        found += [dict(view.project_each(fold, by=dyads)) for fold in FOLDS[:4]]
        found += [view.has_happened(name) for name in ("x", "y", "hot")]
        found += [[*one.panel(count(), by=dyads, **YEARS)], one.history(trace)]
        found += [[*one.panel(latest(object, "value"), by=dyads, at=asked)]]
        found += [one.beliefs(fold, on=day) for fold in FOLDS[:4]]
        found += [str(view.explain(everything, of=tuple)), str(view.diff(now, trace))]
        found += [view == now, [one.set_aside(e) for e in one if e.event is not None]]
    return found


@settings(max_examples=25)
@given(
    log=logs(max_size=14),
    cuts=st.lists(st.integers(1, 13), max_size=4, unique=True),
    days=st.lists(view_days(), min_size=2, max_size=2),
    bases=st.lists(BASES, min_size=2, max_size=2),
    most=st.sampled_from([0, 6, 500]),
    every=st.integers(1, 3),
)
def test_blocks_say_what_columns_say(
    log: EventLog,
    cuts: list[int],
    days: list[date],
    bases: list[date | int | None],
    most: int,
    every: int,
) -> None:
    """After any growth, on any day, under any basis, of any selection."""
    entries, before = [*log], list[list[EventLog]]()
    ends = [*(cut for cut in sorted(cuts) if cut < len(entries)), len(entries)]
    kinds: list[type[Any]] = [Columns, Blocks]
    empty = EventLog()
    both = [
        empty._like(kind(_journal_of(empty), most, every), 0, empty._wanted)
        for kind in kinds
    ]
    for start, end in zip([0, *ends], ends, strict=False):
        if start < end:
            both = [_grown(one, entries[start:end]) for one in both]
            before.append(both)
        for older in before[-2:]:
            for day, basis in zip(days, bases, strict=True):
                expected, found = (_asked(one, day, basis) for one in older)

                assert expected == found


def _journal_of(log: EventLog) -> Journal:
    """Return a journal of its own for a copy of a log."""
    return EventLog(log)._journal
