"""A fold holds a portion of a bucket, and not all that the bucket has."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from log_strategies import everything
from scale_worlds import DEALS, count, deal, laid_out

from bri_timeline import Event, EventLog, Prefer, dyads
from bri_timeline.scale import _bucket, _executor


PORTION = 6


@pytest.mark.parametrize("is_late", [False, True], ids=["one-file", "two-files"])
@pytest.mark.parametrize("prefer", [Prefer.LATEST_KNOWN, Prefer.MOST_CITED])
def test_what_is_read_at_once_does_not_grow_with_a_bucket(
    prefer: Prefer, monkeypatch: pytest.MonkeyPatch, *, is_late: bool
) -> None:
    """For states and panels, of related entries and of others."""
    events = [deal(n % 12, "AAA", f"B{n % 12:02}", millions=n) for n in range(48)]
    log = EventLog().extend(events)
    for place in (0, 7, 19):
        log = log.append(events[place + 1], supersedes=place)
    held = list[int]()
    partial = EventLog.partial

    def counted_log(entries: Any, size: int, **options: bool) -> EventLog:
        held.append(len(some := [*entries]))
        return partial(some, size, **options)

    first = EventLog([*log][:30]) if is_late else log
    with laid_out(first, 1, DEALS) as data:
        data = (data.append(log) if is_late else data).reading(prefer)
        monkeypatch.setattr(_bucket, "_PORTION", PORTION)
        monkeypatch.setattr(EventLog, "partial", counted_log)
        states = data.project_each(count, on="2020-01-01")
        years: Any = {"every": "year", "start": "1999-01-01", "stop": "2002-12-31"}
        rows = [*data.panel(everything, **years)]

    of_log = log.reading(prefer)
    assert of_log.as_of("2020-01-01").project_each(count, by=dyads) == states
    assert len(of_log.panel(everything, by=dyads, **years)) == len(rows)
    assert len(held) > 12
    assert max(held) <= 2 * PORTION


@pytest.mark.slow
@pytest.mark.parametrize("buckets", [1, 12], ids=["portions", "buckets"])
def test_logs_of_what_was_read_do_not_stay(
    buckets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refers to itself: it is gone before many others are made."""
    events = [deal(n % 12, "AAA", f"B{n % 12:02}", millions=n) for n in range(48)]
    partial, alive = EventLog.partial, list[int]()

    def counted_log(*given: Any, **options: bool) -> EventLog:
        alive.append(sum(isinstance(one, Event) for one in gc.get_objects()))
        return partial(*given, **options)

    with laid_out(EventLog().extend(events), buckets, DEALS) as data:
        gc.collect()
        monkeypatch.setattr(_bucket, "_PORTION", 4)
        monkeypatch.setattr(_executor, "_MANY", 0)
        monkeypatch.setattr(EventLog, "partial", counted_log)
        # As after many new objects, which it would not visit again for long.
        gc.disable()
        try:
            data.project_each(count, on="2020-01-01")
        finally:
            gc.enable()

    assert len(alive) > 6
    assert max(alive) - min(alive) <= 8
