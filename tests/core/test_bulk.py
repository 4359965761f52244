"""What is made in bulk is what is made one by one."""

from __future__ import annotations

import gc
import pickle

import attrs
import pytest
from entry_strategies import entries
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact

from bri_timeline import Edtf, Entry, Event, EventLog
from bri_timeline._events import events_of, unchecked_events
from bri_timeline._events.entries import unchecked_entry
from bri_timeline._process import uncollected
from bri_timeline.errors import EventError


@given(entry=entries)
def test_unchecked_constructors_equal_checked_ones(entry: Entry) -> None:
    """Events and entries of checked parts equal those that check them, in every way."""
    event = entry.event
    quick = None
    if event:
        parts = event.what, event.when, event.cite, event._id, event.where
        (quick,) = unchecked_events(*([part] for part in parts))
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


@pytest.mark.slow
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


@given(some=st.lists(entries, max_size=5))
def test_events_of_columns_are_those_of_the_constructor(some: list[Entry]) -> None:
    """Their keys, ids and digests too, whether an id was given or not."""
    events = [entry.event for entry in some if entry.event is not None]
    made = events_of(
        *([getattr(e, name) for e in events] for name in ("what", "when", "cite")),
        [event._id for event in events],
        where=[event.where for event in events],
    )

    assert events == made
    assert [(e._key, e.id) for e in events] == [(e._key, e.id) for e in made]


@pytest.mark.parametrize(
    ("what", "when", "name", "problem"),
    [
        ([], "2019", None, "could change after it was recorded"),
        (Fact("a"), "{2016,2018}", None, "is several days"),
        (Fact("a"), "2019", "", "is not an id"),
    ],
)
def test_events_of_columns_are_checked(
    what: object, when: str, name: str | None, problem: str
) -> None:
    """What the constructor refuses is refused in columns too."""
    for make in (
        lambda: Event(what, when=when, id=name),
        lambda: events_of(
            [Fact("b"), what], [Edtf("2019"), Edtf(when)], [(), ()], [None, name]
        ),
    ):
        with pytest.raises(EventError, match=problem):
            make()
