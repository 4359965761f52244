"""Stores to be tested, and events to be put into them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from concern_model import NOTES
from log_strategies import Deed, Fact, everything
from postgres_server import shared

from bri_timeline import Entry, Event, EventLog, Vocabulary
from bri_timeline.relations import FACTS
from bri_timeline.stores import MemoryStore, SQLiteStore, Store
from bri_timeline.stores._rows import EntryPreparer


Opener = Callable[[], AbstractContextManager[Store]]
WORDS = FACTS | Vocabulary(Fact, Deed) | NOTES
PAIR = frozenset({"AAA", "BBB"})
_SCHEMAS = count()
START = datetime(2026, 1, 1, tzinfo=UTC)


def ticking() -> Callable[[], datetime]:
    """Return a clock that goes on by a second whenever it is asked."""
    seconds = count()
    return lambda: START + timedelta(seconds=next(seconds))


def fact(value: str, when: str = "2016-01-01", **parts: str) -> Event:
    """Return an event about two parties."""
    return Event(Fact(value, PAIR), when=when, **parts)


def facts(number: int, start: int = 0) -> list[Event]:
    """Return so many different events."""
    return [fact(str(value)) for value in range(start, start + number)]


@contextmanager
def memory() -> Iterator[Store]:
    """Open a new store in memory."""
    with MemoryStore(WORDS, clock=ticking()) as store:
        yield store


@contextmanager
def sqlite() -> Iterator[Store]:
    """Open a new store in a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        with SQLiteStore(path, WORDS, clock=ticking(), synchronous="NORMAL") as store:
            yield store


@contextmanager
def postgres() -> Iterator[Store]:
    """Open a new store in a database."""
    from bri_timeline.stores import PostgresStore  # it needs a driver

    schema = f"s{os.getpid()}_{next(_SCHEMAS)}"
    with PostgresStore(shared(), WORDS, schema=schema, clock=ticking()) as store:
        yield store


OPENERS: dict[str, Opener] = {
    "memory": memory,
    "sqlite": sqlite,
    "postgres": postgres,
}


def renumbered(entries: Sequence[Entry]) -> EventLog:
    """Return entries as a log of their own, without gaps."""
    places = {entry.position: place for place, entry in enumerate(entries)}
    return EventLog(
        Entry(
            position=places[entry.position],
            event=entry.event,
            known=entry.known_day,
            supersedes=_moved(places, entry.supersedes),
            retracts=_moved(places, entry.retracts),
            because=entry.because,
        )
        for entry in entries
    )


def _moved(places: dict[int, int], target: int | None) -> int | None:
    return None if target is None else places[target]


def answers(log: EventLog, day: object, known_by: object) -> object:
    """Return what a log says about a day."""
    view = log.as_of(day, known_by=known_by)
    disputes = [Counter(dispute.claims) for dispute in view.disputes]
    return view.project(everything), view.undecided, disputes


def use(store: Store, vocabulary: Vocabulary) -> None:
    """Let a store be as if it was opened with another vocabulary."""
    store._database.preparer = EntryPreparer(vocabulary)
