"""Detect the format of a file by its name; read, write and merge logs."""

from __future__ import annotations

import errno
import os
from argparse import ArgumentError
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from functools import partial
from inspect import signature
from operator import attrgetter
from pathlib import Path
from typing import Any

from attrs import evolve, fields, frozen

from bri_timeline import Entry, EventLog, Projection, Vocabulary
from bri_timeline._command._output import showing
from bri_timeline._journal.erasures import silenced
from bri_timeline.errors import (
    EntryError,
    ExtensionError,
    OutputError,
    StaleLogError,
    StoreError,
    VocabularyError,
    shown,
)
from bri_timeline.extend import Day, FileLock, renumbered
from bri_timeline.extensions import (
    OURS,
    accepted,
    broken,
    each,
    extension,
    extensions,
    named,
    suffix_of,
    suffixes,
)
from bri_timeline.formats import Loss, keep_comments
from bri_timeline.formats import update as update_file
from bri_timeline.pages import describe_event
from bri_timeline.stores import Store


# How long to wait for other writers, in seconds; and how often to read a store again.
_TIMEOUT = 30.0
_TRIES = 100


class Kinds(Sequence[str]):
    """The names of formats that can do something, and of stores.

    Their modules are imported when somebody asks, which most commands never do.

    Args:
        can: Checks whether a format can; each store can.
        also: Other names.
    """

    def __init__(self, can: Callable[[Any], bool], also: Sequence[str] = ()) -> None:
        self._can, self._also = can, also

    def __contains__(self, name: object) -> bool:
        """Check whether one of this name can."""
        kind = str(name)
        if kind in self._also or is_store(kind):
            return True
        known = kind in OURS["formats"] or kind in extensions("formats")
        return known and self._can(extension("formats", kind))

    # Scripts for the shell ask for the first.
    def __getitem__(self, index: Any) -> Any:
        """Return the name at a place."""
        return [*self][index]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all that can."""
        found = (name for name, _ in each("formats", "stores") if name in self)
        yield from (*found, *self._also)

    def __len__(self) -> int:
        """Return how many can."""
        return sum(1 for _ in self)


def can_read(one: Any) -> bool:
    """Check whether a format reads logs; bibliographies are read as sources."""
    return "vocabulary" in signature(getattr(one, "load", lambda: None)).parameters


READ = Kinds(can_read)
WRITTEN = Kinds(lambda one: hasattr(one, "dump"))
# The formats that keep all of a log, and the queue of proposals.
LOGS = Kinds(lambda one: "log" in getattr(one, "KEEPS", ()))
QUEUED = Kinds(lambda one: "queue" in getattr(one, "KEEPS", ()))


def is_store(kind: str) -> bool:
    """Check whether a name is that of a store."""
    is_ours = kind in OURS["stores"]
    return is_ours or (kind not in OURS["formats"] and kind in extensions("stores"))


def takes(kind: str, name: str) -> bool:
    """Check whether a file of a format depends on an option."""
    if is_store(kind):
        return False
    return name in signature(extension("formats", kind).dump).parameters


def kind_of(path: Path, kinds: Collection[str], option: str | None = None) -> str:
    """Return the format of a file by its name.

    Args:
        path: The file; a last suffix `.gz` is ignored.
        kinds: The formats to choose from.
        option: The option that names the format, if there is one.

    Raises:
        ArgumentError: The name does not end with the suffix of any of *kinds*.
    """
    kind = named(suffix_of(path), "stores", "formats")
    if kind is not None and kind in kinds:
        return kind
    known = ", ".join(
        suffix
        for name, one in each("formats", "stores")
        if name in kinds
        for suffix in suffixes(one)
    )
    problem = f"{path}: its name does not show its format: name it {known}"
    remedy = f"; or give {option} {'|'.join(kinds)}" if option else ""
    raise ArgumentError(None, problem + remedy + broken("formats", "stores"))


def extension_line(group: str, name: str, there: object) -> str:
    """Return the line of what another package brings, with what is wrong with it.

    Args:
        group: The group.
        name: The name.
        there: What the name stands for; an error if it cannot be imported.
    """
    place = there if isinstance(there, ExtensionError) else extensions(group)[name]
    return f"{name:<12}  {group}: {place}"


def index_problems(path: Path, kind: str, vocabulary: Vocabulary) -> list[str]:
    """Return a problem if a class has changed, by whose parties a store finds claims.

    Args:
        path: The store.
        kind: Its kind.
        vocabulary: The payload classes.
    """
    with extension("stores", kind)(existing_store(path), vocabulary) as store:
        try:
            # Any search by parties compares some claims with their classes.
            store.read(parties=[""])
        except VocabularyError:
            problem = (
                "a class gives other parties than when the store was written, which"
            )
            return [f"{problem} finds by those: copy() it into a new one (see verify)"]
    return []


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
    *,
    part: Callable[[Store], EventLog] | None = None,
) -> EventLog:
    """Read a log.

    Args:
        path: The file.
        vocabulary: The payload classes.
        kind: Its format; by default, that of its name.
        part: Reads from a store what is needed, by the index of the store; by default,
            and of other files, all is read.

    Raises:
        ArgumentError: The name of the file does not show its format.
        BriTimelineError: The file is faulty.
        OSError: The file cannot be read.
    """
    kind = kind or kind_of(path, READ, "--from")
    with showing(f"{path}, entry") as show:
        log: EventLog
        if is_store(kind):
            with extension("stores", kind)(existing_store(path), vocabulary) as store:
                log = part(store) if part else store.read(progress=show)
            return log
        load = extension("formats", kind).load
        told = accepted(load, {"progress": show})
        log = load(existing(path), vocabulary, **told)
        return log


def title_of(path: Path, kind: str | None = None) -> str:
    """Return the title that a file gives itself, as a chronicle does, or its name."""
    told = extension("formats", "chronicle").title_of
    is_chronicle = (kind or kind_of(path, READ)) == "chronicle"
    return (told(path) if is_chronicle else None) or path.stem


def part_of(
    store: Store,
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
        only = Projection(
            int, lambda state, _: state, parties=between, name="selection"
        )
        return store.read(projection=only)
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


def write(
    log: EventLog,
    path: Path,
    vocabulary: Vocabulary,
    kind: str,
    *,
    on: str | None = None,
    known_by: Day | None = None,
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
        OutputError: The file cannot be written.
    """
    # A store keeps what it has: entries are appended, and repeated ones ignored.
    if is_store(kind):
        with extension("stores", kind)(path, vocabulary) as store:
            try:
                store.append(log)
            except StaleLogError as error:
                problem = "holds another log: give another name, or add to it by import"
                raise OutputError(str(path), problem) from error
        return ()
    kept: tuple[Loss, ...] = ()
    dump = extension("formats", kind).dump
    with (
        FileLock.of_log(path, _TIMEOUT) if kind in LOGS else nullcontext(),
        showing(f"{path}, entry") as show,
    ):
        if kind == "chronicle" and path.exists():
            kept = keep_comments(path)
        options = {
            "vocabulary": vocabulary,
            # Without a day everything that ever happens counts.
            "on": on or date.max,
            "known_by": known_by,
            "title": title,
            "tell": describe_event,
            "progress": show,
        }
        losses: tuple[Loss, ...] = dump(log, path, **accepted(dump, options))
    return kept + losses


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

    with showing(f"{path}, entry") as show:
        if is_store(kind):
            return _update_store(path, change, vocabulary, kind, show)
        after, losses = update_file(
            path, changed, vocabulary, using=kind, progress=show
        )
    return Updated(read[0], after, losses)


def _update_store(
    path: Path,
    change: Callable[[EventLog], EventLog],
    vocabulary: Vocabulary,
    kind: str,
    show: Callable[[int], None],
) -> Updated:
    # A change that fails makes no store.
    first = change(EventLog()) if holds_nothing(path) else None
    with extension("stores", kind)(path, vocabulary) as store:
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

    Raises:
        EntryError: Both have releases of a dataset that the other lacks; or both accept
            one proposal, in different words.
    """
    # Most imports begin with an empty log: nothing has to be compared or moved.
    if not log and all(entry.position == place for place, entry in enumerate(news)):
        return news
    _check_releases(log, news)
    entries, without = list(log), partial(silenced, log._journal, len(log))
    decisions = {p.position: p.decision for p in log.all_proposals()}
    withdrawn = set[int | None]()
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
            done = decisions.get(-1 if moved.accepts is None else moved.accepts)
            if (
                done is not None
                and done.position not in withdrawn
                and done.event not in (None, moved.event)
            ):
                problem = f"entry {done.position} accepts it in other words"
                remedy = "retract one of the two acceptances before the import"
                raise EntryError(moved, f"{problem}: {remedy}")
            withdrawn.add(moved.retracts)
            # It is recorded here now, whenever somebody else recorded it.
            entries.append(evolve(moved, recorded_at=None) if log else moved)
        if count % _STRIDE == 0:
            progress(count)
    return EventLog(entries)


def count_erased(log: EventLog, news: EventLog) -> int:
    """Return how many entries are added without words that were erased from a log."""
    without = partial(silenced, log._journal, len(log))
    return sum(without(entry) is not entry for entry in news)


def _check_releases(log: EventLog, news: EventLog) -> None:
    """Check that of each dataset one of two logs has all releases of the other.

    Raises:
        EntryError: Neither has: rows that a release lacks would stay.
    """
    ours, theirs = (
        {(e.dataset, e.known_day, e.release) for e in entries if e.release}
        for entries in (log, news)
    )
    for name in sorted({name or "" for name, *_ in ours - theirs}):
        if any(dataset == name for dataset, *_ in theirs - ours):
            problem = f"both logs have releases of {shown(name)} that the other lacks"
            remedy = "import each release with --revise, and what else they say after"
            raise EntryError(name, f"{problem}: {remedy}")


# What is left of erased words says when they were.
_parts_of = attrgetter(
    *(
        part.name
        for part in fields(Entry)
        if part.eq and part.name not in ("position", "erased")
    )
)


def _content(entry: Entry) -> Hashable:
    """Return the content of an entry, without its position and time of recording."""
    return *_parts_of(entry), entry.erased and entry.erased.words
