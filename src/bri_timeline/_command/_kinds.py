"""Detect the format of a file by its name; read, write and merge logs."""

from __future__ import annotations

import errno
import importlib
import os
from argparse import ArgumentError
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import frozen

from bri_timeline import Entry, EventLog, Projection, Vocabulary
from bri_timeline._command._output import Progress, showing
from bri_timeline._journal import silenced
from bri_timeline.errors import StaleLogError, StoreError
from bri_timeline.extend import FileLock, renumbered
from bri_timeline.formats import SUFFIXES, Loss, keep_comments
from bri_timeline.formats import update as update_file
from bri_timeline.pages import describe_event
from bri_timeline.stores import SQLiteStore


__all__ = [
    "PICTURES",
    "QUEUED",
    "READ",
    "WRITTEN",
    "existing",
    "existing_store",
    "holds_nothing",
    "kind_of",
    "merged",
    "part_of",
    "read",
    "update",
    "write",
]


_SUFFIXES = {
    **SUFFIXES,
    ".db": "store",
    ".sqlite": "store",
    ".sqlite3": "store",
    ".json": "timelinejs",
    ".ics": "ical",
    ".graphml": "graph",
    ".bib": "bibtex",
    ".jsonld": "prov",
    ".geojson": "geojson",
}
# By suffix, the module of `pages` that draws it.
PICTURES = {".html": "html", ".png": "png", ".svg": "svg", ".txt": "text"}
# The formats that keep the queue of proposals.
QUEUED = ("chronicle", "jsonl", "store")
READ = ("chronicle", "jsonl", "csv", "arrow", "store", "timelinejs")
# How long to wait for other writers, in seconds; and how often to read a store again.
_TIMEOUT = 30.0
_TRIES = 100
WRITTEN = (*READ, "ical", "vis", "graph", "csl", "bibtex", "prov", "geojson")


def kind_of(path: Path, kinds: tuple[str, ...], option: str | None = None) -> str:
    """Return the format of a file by its name.

    Args:
        path: The file; a last suffix `.gz` is ignored.
        kinds: The formats to choose from.
        option: The option that names the format, if there is one.

    Raises:
        ArgumentError: The name does not end with the suffix of any of *kinds*.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    # `log.jsonl.gz` is JSON Lines, which the reader decompresses.
    last = next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")
    kind = _SUFFIXES.get(last)
    if kind in kinds:
        return kind
    known = ", ".join(suffix for suffix, of in _SUFFIXES.items() if of in kinds)
    problem = f"{path}: its name does not show its format: name it {known}"
    remedy = f"; or give {option} {'|'.join(kinds)}" if option else ""
    raise ArgumentError(None, problem + remedy)


def existing(path: Path) -> Path:
    """Return a path that exists.

    Raises:
        FileNotFoundError: It does not exist.
    """
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return path


def existing_store(path: Path) -> Path:
    """Return the path of a store that exists, and is not an empty file.

    SQLite would take an empty file for a database without tables, and make a store of
    it: `verify` would find nothing wrong with one that was cut off.

    Raises:
        FileNotFoundError: It does not exist.
        StoreError: It is empty.
    """
    if holds_nothing(existing(path)):
        problem = "is an empty file, and not a store: give another path, or delete it"
        raise StoreError(str(path), problem)
    return path


def holds_nothing(path: Path) -> bool:
    """Check whether a file is missing or empty: a log may be written there."""
    return not path.exists() or (path.is_file() and not path.stat().st_size)


def read(
    path: Path,
    vocabulary: Vocabulary,
    kind: str | None = None,
    progress: Progress | None = None,
    *,
    part: Callable[[SQLiteStore], EventLog] | None = None,
) -> EventLog:
    """Read a log.

    Args:
        path: The file.
        vocabulary: The payload classes.
        kind: Its format; by default, that of its name.
        progress: Shows the number of entries read.
        part: Reads from a store what is needed, by the index of the store; by default,
            and of other files, all is read.

    Raises:
        ArgumentError: The name of the file does not show its format.
        BriTimelineError: The file is faulty.
        OSError: The file cannot be read.
    """
    kind = kind or kind_of(path, READ, "--from")
    with showing(f"{path}, entry", progress) as show:
        if kind == "store":
            with SQLiteStore(existing_store(path), vocabulary) as store:
                return part(store) if part else store.read(progress=show)
        existing(path)
        told = {"progress": show} if kind in SUFFIXES.values() else {}
        log: EventLog = _module(kind).load(path, vocabulary, **told)
        return log


def part_of(
    store: SQLiteStore,
    *,
    between: tuple[str, ...],
    among: tuple[str, ...],
    any_of: tuple[str, ...],
    projection: Projection[object] | None,
) -> EventLog:
    """Read a part of a store by its index, in the most narrow way.

    Args:
        store: The store.
        between: Actors: what concerns them.
        among: Actors: what involves all of them.
        any_of: Actors: what involves at least one of them.
        projection: Only what it reads.
    """
    if projection is not None and projection.parties:
        return store.read(projection=projection)
    if between:
        return store.read(projection=_about(between))
    if not any_of:
        if among:
            return store.read(parties=among)
        return store.read(projection=projection)
    # What is appended between two readings is left out of all of them.
    size = store.head().position + 1
    by_position = {
        entry.position: entry
        for party in any_of
        for entry in store.read(parties=(*among, party))
        if entry.position < size
    }
    return EventLog.partial([by_position[place] for place in sorted(by_position)], size)


def _about(parties: tuple[str, ...]) -> Projection[int]:
    """Return a projection that reads what concerns some actors, and nothing else."""
    return Projection(int, lambda state, _: state, parties=parties, name="selection")


def _module(kind: str) -> ModuleType:
    """Return the module of a format: all of them together take long to import."""
    return importlib.import_module(f"bri_timeline.formats.{kind}")


def write(
    log: EventLog,
    path: Path,
    vocabulary: Vocabulary,
    kind: str,
    *,
    on: str | None = None,
    known_by: str | None = None,
    title: str | None = None,
) -> tuple[Loss, ...]:
    """Write a log, and return what the format cannot hold.

    Args:
        log: The log.
        path: The file, which is replaced; a store is extended.
        vocabulary: The payload classes.
        kind: The format.
        on: The day of the state, for formats that hold a state.
        known_by: The day of knowledge.
        title: The title of a chronicle.

    Raises:
        BriTimelineError: The format cannot hold the log.
        OSError: The file cannot be written.
    """
    # A store keeps what it has: entries are appended, and repeated ones ignored.
    if kind == "store":
        with SQLiteStore(path, vocabulary) as store:
            store.append(log)
        return ()
    comment_losses: tuple[Loss, ...] = ()
    # Without a day everything that ever happens counts.
    day = on or date.max
    words = () if kind in ("bibtex", "csl") else (vocabulary,)
    is_log = kind in SUFFIXES.values()
    options: dict[str, dict[str, object]] = {
        "chronicle": {"title": title},
        "geojson": {"on": day, "known_by": known_by, "tell": describe_event},
        "graph": {"on": day, "known_by": known_by, "tell": describe_event},
        "ical": {"on": day, "known_by": known_by},
        "timelinejs": {"tell": describe_event},
        "vis": {"tell": describe_event, "known_by": known_by},
    }
    with (
        FileLock.of_log(path, _TIMEOUT) if is_log else nullcontext(),
        showing(f"{path}, entry") as show,
    ):
        if kind == "chronicle" and path.exists():
            comment_losses = keep_comments(path)
        told = {"progress": show} if is_log else {}
        losses: tuple[Loss, ...] = _module(kind).dump(
            log, path, *words, **options.get(kind, {}), **told
        )
    return comment_losses + losses


@frozen
class Updated:
    """A log in a file, before and after a change.

    Attributes:
        before: The log that was read.
        after: The log that the file has now.
        losses: What the format could not hold.
    """

    before: EventLog
    after: EventLog
    losses: tuple[Loss, ...] = ()


def update(
    path: Path,
    change: Callable[[EventLog], EventLog],
    vocabulary: Vocabulary,
    kind: str,
) -> Updated:
    """Change a log, whoever else changes it: what each has added stays.

    Args:
        path: The file, which need not exist.
        change: Returns the log to be written; called again if somebody else has written
            meanwhile.
        vocabulary: The payload classes.
        kind: The format.

    Raises:
        BriTimelineError: The file is faulty, or cannot hold the log.
        OSError: The file cannot be read or written.
    """
    read = [EventLog()]

    def changed(log: EventLog) -> EventLog:
        read[0] = log
        return change(log)

    using: Any = kind
    with showing(f"{path}, entry") as show:
        if kind == "store":
            return _update_store(path, change, vocabulary, show)
        after, losses = update_file(
            path, changed, vocabulary, using=using, progress=show
        )
    return Updated(read[0], after, losses)


def _update_store(
    path: Path,
    change: Callable[[EventLog], EventLog],
    vocabulary: Vocabulary,
    show: Callable[[int], None],
) -> Updated:
    # A change that fails makes no store.
    first = change(EventLog()) if holds_nothing(path) else None
    with SQLiteStore(path, vocabulary) as store:
        tries = 0
        while True:
            before = EventLog() if first is not None else store.read(progress=show)
            after = change(before) if first is None else first
            try:
                store.append(after, progress=show)
            except StaleLogError:
                first, tries = None, tries + 1
                if tries == _TRIES:
                    raise
            else:
                return Updated(before, after)


# --- merging ----------------------------------------------------------------------

_STRIDE = 1000


def merged(log: EventLog, news: EventLog, progress: Callable[[int], None]) -> EventLog:
    """Return a log extended by the entries of another one that it does not have.

    Corrections and retractions keep their targets. A retracted claim is not restored by
    reading its file again.

    Args:
        log: The log.
        news: The log to add.
        progress: Called with the number of entries read.
    """
    # Most imports begin with an empty log: nothing has to be compared or moved.
    if not log:
        return news if _is_whole(news) else _joined(log, news, progress)
    return _joined(log, news, progress)


def count_erased(log: EventLog, news: EventLog) -> int:
    """Return how many entries are added without words that were erased from a log."""
    without = partial(silenced, log._journal, len(log))
    return sum(without(entry) is not entry for entry in news)


def _is_whole(log: EventLog) -> bool:
    return all(entry.position == place for place, entry in enumerate(log))


def _joined(log: EventLog, news: EventLog, progress: Callable[[int], None]) -> EventLog:
    entries, without = list(log), partial(silenced, log._journal, len(log))
    # A claim that was retracted between is recorded twice: the second one of a file is
    # then the second one of the log.
    known, met = Counter[Hashable](), Counter[Hashable]()
    positions: dict[tuple[Hashable, int], int] = {}
    for entry in entries:
        content = _content(entry)
        known[content] += 1
        positions[content, known[content]] = entry.position
    places: dict[int, int] = {}
    for count, entry in enumerate(news, 1):
        moved = without(renumbered(entry, len(entries), places))
        content = _content(moved)
        met[content] += 1
        place = positions.setdefault((content, met[content]), len(entries))
        places[entry.position] = place
        if place == len(entries):
            entries.append(moved)
        if count % _STRIDE == 0:
            progress(count)
    return EventLog(entries)


def _content(entry: Entry) -> Hashable:
    """Return the content of an entry, without its position and time of recording."""
    return (
        entry.event,
        entry.known_day,
        entry.supersedes,
        entry.retracts,
        entry.because,
        entry.review,
        entry.dataset,
        entry.release,
        entry.erased and entry.erased.words,
    )
