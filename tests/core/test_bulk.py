"""What is made in bulk is what is made one by one."""

from __future__ import annotations

import gc
import pickle

import attrs
import pytest
from entry_strategies import entries
from hypothesis import given
from log_strategies import Fact

from bri_timeline import Entry, Event, EventLog
from bri_timeline._events import unchecked_entry, unchecked_event, uncollected


@given(entry=entries)
def test_unchecked_constructors_equal_checked_ones(entry: Entry) -> None:
    """Events and entries of checked parts equal those that check them, in every way."""
    event = entry.event
    quick = event and unchecked_event(
        event.what, event.when, event.cite, event._id, event.where
    )
    again = unchecked_entry(
        entry.position,
        quick,
        entry.known_day,
        entry.supersedes,
        entry.retracts,
        entry.because,
        entry.recorded_at,
    )

    assert entry == again
    assert (hash(entry), repr(entry)) == (hash(again), repr(again))
    assert entry.recorded_at == again.recorded_at
    assert again == pickle.loads(pickle.dumps(again))
    if event and quick:
        assert (event._key, event.id) == (quick._key, quick.id)
    for made, cls in ((again, Entry), (quick, Event)):
        parts = [part.name for part in attrs.fields(cls)] if made else []

        assert all(hasattr(made, part) for part in parts)


@uncollected()
def _fails() -> None:
    assert not gc.isenabled()
    raise KeyError


@pytest.mark.parametrize("collecting", [True, False])
def test_uncollected_restores_the_collector(collecting: bool) -> None:
    """Bulk work pauses the collector of cycles, and puts it back as it was."""
    was = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        EventLog.of(Event(Fact("a"), when="2015"))

        assert collecting == gc.isenabled()
        with pytest.raises(KeyError):
            _fails()
        assert collecting == gc.isenabled()
    finally:
        (gc.enable if was else gc.disable)()


def test_what_is_built_in_bulk_is_not_visited_by_a_collection() -> None:
    """Many claims make few new objects, but lists that take long to visit."""
    claims = [
        Event(Fact(f"{n}"), when="2015", id=f"{n % 19_000}") for n in range(20_000)
    ]
    entries = [*EventLog.of(*claims)]
    for build in (
        lambda: EventLog.of(*claims),
        lambda: EventLog.partial(entries, len(entries)),
    ):
        collected: list[str] = []
        gc.collect()
        gc.callbacks.append(lambda phase, _, found=collected: found.append(phase))
        try:
            log = build()
        finally:
            gc.callbacks.pop()

        assert entries == [*log]
        assert not collected
