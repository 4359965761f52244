"""Payloads and projections for tests of datasets; workers can import them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pyarrow.parquet as pq
from attrs import frozen
from hypothesis import strategies as st
from log_model import SPANS
from log_strategies import FEW_PLACES, FEW_SOURCES, KNOWN_DAYS, Deed, Fact

from bri_timeline import Event, EventLog, Projection, Vocabulary, dyads, projection
from bri_timeline._journal import resolve
from bri_timeline.errors import EntryError
from bri_timeline.relations import FACTS, AgreementSigned, Money, Visited
from bri_timeline.scale import Dataset, write


VOCABULARY = Vocabulary(Fact, Deed)
BOTH = FACTS | VOCABULARY
PAIRS = [("AAA", "BBB"), ("BBB", "CCC"), ("AAA", "CCC")]


@frozen
class Part:
    """A part of a payload that holds a number."""

    amount: Decimal


@frozen
class Deal:
    """A payload with numbers of several kinds."""

    parties: frozenset[str]
    millions: int | None = None
    value: Part | None = None
    label: str = ""
    price: Decimal | None = None


DEALS = Vocabulary(Deal)
ABC = frozenset({"AAA", "BBB", "CCC"})


@projection(initial=int)
def count(seen: int, _event: Event) -> int:
    """The number of events."""
    return seen + 1


@projection(initial=int, reads=Deed)
def deeds(seen: int, _event: Event) -> int:
    """The number of deeds."""
    return seen + 1


@projection(initial=Decimal)
def millions(total: Decimal, event: Event) -> Decimal:
    """The sum of all deals."""
    return total + (getattr(event.what, "millions", None) or 0)


@projection(initial=object)
def sealed(state: object, _event: Event) -> object:
    """A state that can neither be sent nor written."""
    return (lambda: state) if state else state


class LockedError(Exception):
    """An error that cannot be made again from its message."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


@projection(initial=int)
def failing(_seen: int, event: Event) -> int:
    """A projection with a mistake in it."""
    raise ZeroDivisionError(str(event.when))


@projection(initial=int)
def locked(_seen: int, _event: Event) -> int:
    """A projection that fails in its own way."""
    raise LockedError("one", "other")


def lethal(marker: str) -> Projection[int]:
    """Return a count during which one worker is killed."""
    return Projection(int, partial(_killed_once, marker), name="lethal")


def _killed_once(marker: str, seen: int, _event: Event) -> int:
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return seen + 1
    os.kill(os.getpid(), signal.SIGKILL)
    return seen


def _loner(number: int, drawn: tuple[object, ...]) -> tuple[Event, date | None]:
    kind, parties, when, where, cite, known = drawn
    what = kind(f"f{number}", parties)
    return Event(what, when=when, where=where, cite=cite), known


@st.composite
def loners(draw: st.DrawFn) -> EventLog:
    """Logs of singletons: each claim is about another happening.

    Their days collide, of happening and of knowledge; some are about no pair of
    parties, some about three pairs.
    """
    parts = (
        st.sampled_from([Fact, Fact, Deed]),
        st.sampled_from([*map(frozenset, PAIRS), ABC, frozenset({"AAA"})]),
        st.sampled_from(tuple(SPANS)),
        FEW_PLACES,
        FEW_SOURCES,
        st.sampled_from([None, *KNOWN_DAYS]),
    )
    log = EventLog()
    for number, drawn in enumerate(draw(st.lists(st.tuples(*parts), max_size=12))):
        event, known = _loner(number, drawn)
        log = log.append(event, known=known)
    return log


@st.composite
def chronicles(draw: st.DrawFn) -> EventLog:
    """Logs of visits, and of agreements that are parts of one another."""
    states = st.sampled_from(["AZE", "CHN", "KAZ"])
    ids = st.sampled_from([None, "x", "y", "z"])
    # Nobody visits himself.
    pairs = st.permutations(["AZE", "CHN", "KAZ"])
    visits = pairs.map(lambda some: Visited(*some[:2]))
    money = st.builds(
        Money, st.integers(1, 5).map(Decimal), st.sampled_from(["USD", "EUR"])
    )
    parties = st.sets(states, min_size=2).map(frozenset)
    agreements = st.builds(
        AgreementSigned,
        parties,
        st.just("Trade"),
        value=st.none() | money,
        part_of=ids,
    )
    log = EventLog()
    for _ in range(draw(st.integers(0, 9))):
        what = draw(visits | agreements | agreements)
        event = Event(
            what,
            when=draw(st.sampled_from(tuple(SPANS))),
            cite=draw(FEW_SOURCES),
            id=draw(ids),
        )
        targets = [e.position for e in log if e.event is not None]
        target = draw(st.none() | st.sampled_from(targets)) if targets else None
        with suppress(EntryError):
            known = draw(st.sampled_from([None, *KNOWN_DAYS]))
            if target is not None and draw(st.booleans()):
                log = log.retract(target, because="wrong", known=known)
            else:
                log = log.append(event, supersedes=target, known=known)
    return log


def deal(day: int, *parties: str, **fields: object) -> Event:
    """Return an event that differs from all others."""
    when = date.fromordinal(730_000 + day).isoformat()
    return Event(Deal(frozenset(parties), **fields), when=when)


def many(number: int) -> EventLog:
    """Return a log of deals between several pairs."""
    names = ["AAA", "BBB", "CCC", "DDD"]
    events = [
        deal(n, names[n % 3], names[3 - n % 2], millions=n) for n in range(number)
    ]
    return EventLog.of(*events)


# Makes the places in which datasets are laid out; None for folders.
PLACES: ContextVar[Callable[[], str] | None] = ContextVar("places", default=None)


@contextmanager
def laid_out(
    log: EventLog, buckets: int = 2, vocabulary: Vocabulary = VOCABULARY
) -> Iterator[Dataset]:
    """Yield a dataset of a log, in a folder of its own, or one of `PLACES`."""
    place = PLACES.get()
    if place is not None:
        yield write(log, place(), vocabulary, buckets=buckets)
        return
    with TemporaryDirectory() as folder:
        yield write(log, Path(folder) / "data", vocabulary, buckets=buckets)


def expected(
    log: EventLog, fold: Projection[object], *cuts: object
) -> dict[tuple[str, str], object]:
    """Return the states of the same fold in memory."""
    return log.as_of(*cuts).project_each(fold, by=dyads)


def counted(log: EventLog) -> list[int]:
    """Return the positions of the entries that count."""
    return sorted(one.position for one in resolve(log).happenings)


def saved(files: tuple[Path, ...]) -> dict[tuple[str, str], Any]:
    """Return the states of files, each of which stands there once."""
    rows = [row for path in files for row in pq.read_table(path).to_pylist()]
    found = {(row["one"], row["other"]): row["state"] for row in rows}

    assert len(found) == len(rows)
    return {pair: msgspec.json.decode(state) for pair, state in found.items()}
