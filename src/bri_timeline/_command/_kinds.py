"""Detect the format of a file by its name; read and write logs."""

from __future__ import annotations

import errno
import importlib
import os
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from bri_timeline import EventLog, Projection, Vocabulary
from bri_timeline._command._output import Progress
from bri_timeline.formats import (
    Coded,
    Loss,
    arrow,
    bibtex,
    chronicle,
    csl,
    csv,
    graph,
    ical,
    jsonl,
    prov,
    timelinejs,
    vis,
)
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.formats.ucdp import Violence
from bri_timeline.pages import describe_event
from bri_timeline.relations import FACTS
from bri_timeline.stores import SQLiteStore


__all__ = [
    "READ",
    "WRITTEN",
    "add_log",
    "add_vocabulary",
    "existing",
    "kind_of",
    "read",
    "vocabulary_of",
    "write",
]

S = TypeVar("S")
_SUFFIXES = {
    ".toml": "chronicle",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".parquet": "arrow",
    ".arrow": "arrow",
    ".db": "store",
    ".sqlite": "store",
    ".sqlite3": "store",
    ".json": "timelinejs",
    ".ics": "ical",
    ".graphml": "graph",
    ".bib": "bibtex",
    ".jsonld": "prov",
}
READ = ("chronicle", "jsonl", "csv", "arrow", "store", "timelinejs")
WRITTEN = (*READ, "ical", "vis", "graph", "csl", "bibtex", "prov")
_SHIPPED = FACTS | Vocabulary(Coded, Slide, Violence)


def add_log(parser: ArgumentParser, *, optional: bool = False) -> None:
    """Add the arguments for a file that holds a log.

    Args:
        parser: The parser of the verb.
        optional: The file may be left out.
    """
    nargs = "?" if optional else None
    parser.add_argument("log", metavar="LOG", nargs=nargs, type=Path, help="the file")
    parser.add_argument(
        "--from",
        dest="kind",
        choices=READ,
        help="its format, if not given by its name",
    )
    add_vocabulary(parser)


def add_vocabulary(parser: ArgumentParser) -> None:
    """Add the argument for a vocabulary of the user."""
    parser.add_argument(
        "--facts",
        metavar="MODULE:NAME",
        help="a Vocabulary of your own, beside the shipped facts; MODULE is imported",
    )


def vocabulary_of(given: Namespace) -> Vocabulary:
    """Return the shipped payload classes and those of `--facts`.

    Raises:
        ArgumentError: `--facts` does not name a vocabulary.
    """
    if given.facts is None:
        return _SHIPPED
    module, _, name = given.facts.partition(":")
    try:
        found = getattr(importlib.import_module(module), name or "FACTS", None)
    except ImportError as error:
        problem = f"--facts {given.facts}: {error}"
        raise ArgumentError(None, problem) from None
    if not isinstance(found, Vocabulary):
        problem = (
            f"--facts {given.facts} is not a Vocabulary: name one, such as facts:WORDS"
        )
        raise ArgumentError(None, problem)
    return _SHIPPED | found


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
    other = f"; or give {option} {'|'.join(kinds)}" if option else ""
    raise ArgumentError(None, problem + other)


def existing(path: Path) -> Path:
    """Return a path that exists.

    Raises:
        FileNotFoundError: It does not exist.
    """
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return path


def read(
    path: Path,
    vocabulary: Vocabulary,
    kind: str | None = None,
    progress: Progress | None = None,
    *,
    projection: Projection[S] | None = None,
) -> EventLog:
    """Read a log.

    Args:
        path: The file.
        words: The payload classes.
        kind: Its format; by default, that of its name.
        progress: Shows the number of entries read.
        projection: Of a store, read only what it reads, found by the index of the
            store; files are read whole.

    Raises:
        ArgumentError: The name of the file does not show its format.
        BriTimelineError: The file is faulty.
        OSError: The file cannot be read.
    """
    kind = kind or kind_of(path, READ, "--from")
    # SQLite would create a missing file.
    existing(path)
    if kind == "store":
        with SQLiteStore(path, vocabulary) as store:
            return store.read(projection=projection)
    if kind == "jsonl":
        counted = progress or Progress()
        return EventLog(
            counted.counting(f"{path}, entry", jsonl.entries(path, vocabulary))
        )
    readers: dict[str, Callable[[Path, Vocabulary], EventLog]] = {
        "arrow": arrow.load,
        "chronicle": chronicle.load,
        "csv": csv.load,
        "timelinejs": timelinejs.load,
    }
    return readers[kind](path, vocabulary)


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
        words: The payload classes.
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
    # Without a day everything that ever happens counts.
    day = on or date.max
    writers: dict[str, Callable[[], tuple[Loss, ...]]] = {
        "arrow": lambda: arrow.dump(log, path, vocabulary),
        "bibtex": lambda: bibtex.dump(log, path),
        "chronicle": lambda: chronicle.dump(log, path, vocabulary, title=title),
        "csl": lambda: csl.dump(log, path),
        "csv": lambda: csv.dump(log, path, vocabulary),
        "graph": lambda: graph.dump(
            log, path, vocabulary, on=day, known_by=known_by, say=describe_event
        ),
        "ical": lambda: ical.dump(log, path, vocabulary, on=day, known_by=known_by),
        "jsonl": lambda: jsonl.dump(log, path, vocabulary),
        "prov": lambda: prov.dump(log, path, vocabulary),
        "timelinejs": lambda: timelinejs.dump(
            log, path, vocabulary, say=describe_event
        ),
        "vis": lambda: vis.dump(
            log, path, vocabulary, say=describe_event, known_by=known_by
        ),
    }
    return writers[kind]()
