"""One log added to another, without what that says already."""

from __future__ import annotations

import csv
import io
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable, Hashable
from pathlib import Path

from attrs import evolve

from bri_timeline import Entry, EventLog, Vocabulary
from bri_timeline._command._kinds import (
    READ,
    add_vocabulary,
    existing,
    kind_of,
    read,
    vocabulary_of,
    write,
)
from bri_timeline._command._output import Progress, print_lines, report
from bri_timeline.formats import (
    Codes,
    Imported,
    ReadOptions,
    RejectedRow,
    gdelt,
    icews,
    neutral,
    plover,
    tables,
    ucdp,
)
from bri_timeline.formats import write as replace_file


__all__ = [
    "EXAMPLES",
    "SUMMARY",
    "add",
    "merged",
    "run",
]


_STRIDE = 1000


def merged(log: EventLog, news: EventLog, progress: Callable[[int], None]) -> EventLog:
    """Return a log with the entries of another that it does not hold, word for word.

    Corrections and retractions keep their targets. What was retracted is not brought
    back by reading the file again that said it.

    Args:
        log: The log.
        news: What is added.
        progress: Told how many entries were looked at.
    """
    if not log:
        return news if _is_whole(news) else _joined([], news, progress)
    return _joined(list(log), news, progress)


def _is_whole(log: EventLog) -> bool:
    return all(entry.position == place for place, entry in enumerate(log))


def _joined(
    entries: list[Entry], news: EventLog, progress: Callable[[int], None]
) -> EventLog:
    held = {_words(entry): entry.position for entry in entries}
    places: dict[int, int] = {}
    for count, entry in enumerate(news, 1):
        moved = evolve(
            entry,
            position=len(entries),
            supersedes=_place(entry.supersedes, places),
            retracts=_place(entry.retracts, places),
        )
        place = held.setdefault(_words(moved), len(entries))
        places[entry.position] = place
        if place == len(entries):
            entries.append(moved)
        if count % _STRIDE == 0:
            progress(count)
    return EventLog(entries)


def _words(entry: Entry) -> Hashable:
    """Return what an entry says, wherever it stands and whenever it was recorded."""
    return (
        entry.event,
        entry.known_day,
        entry.supersedes,
        entry.retracts,
        entry.because,
    )


def _place(position: int | None, places: dict[int, int]) -> int | None:
    return None if position is None else places[position]


SUMMARY = "read files of the field into a log"
EXAMPLES = """\
examples:
  python -m bri_timeline import visits.csv -o visits.db
  python -m bri_timeline import 20180101.export.CSV.zip --from gdelt -o events.db
  python -m bri_timeline import events.tab --from icews --published 2018-05 -o events.db
  python -m bri_timeline import treaties.csv --table treaties.toml -o treaties.jsonl
  python -m bri_timeline import train.txt valid.txt --from icews-quadruples \\
      --entities entity2id.txt --relations relation2id.txt --since 2014-01-01 \\
      --title ICEWS14 -o icews14.db

Without -o it only tells what would be read. --rejected FILE keeps the rows that gave no
event, as CSV. A log that exists is extended.
"""
_TARGETS = ("chronicle", "jsonl", "csv", "arrow", "store")
_FIELD = ("gdelt", "icews", "icews-quadruples", "plover", "polecat", "ucdp", "tables")
_QUADRUPLES = ("entities", "relations", "since")


def add(parser: ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    parser.add_argument(
        "-o", "--output", metavar="LOG", type=Path, help="the log to write to"
    )
    parser.add_argument(
        "--from",
        dest="kind",
        choices=(*READ, *_FIELD),
        help="what the files are, if their names do not say it",
    )
    parser.add_argument(
        "--table", metavar="TOML", type=Path, help="how a table is to be read"
    )
    parser.add_argument(
        "--codes", metavar="CSV", type=Path, help="what the codes of event data mean"
    )
    parser.add_argument(
        "--published", metavar="DATE", help="by when what event data say was known"
    )
    parser.add_argument(
        "--coverage", metavar="PERIOD", help="the days that event data are about"
    )
    parser.add_argument("--entities", metavar="TXT", type=Path)
    parser.add_argument("--relations", metavar="TXT", type=Path)
    parser.add_argument("--since", metavar="DAY", help="the first day of quadruples")
    parser.add_argument("--title", help="what to call quadruples, as a source")
    parser.add_argument(
        "--rejected", metavar="CSV", type=Path, help="where to keep rows without event"
    )
    parser.add_argument(
        "--progress", action="store_true", help="tell how far it is, not on a terminal"
    )
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Read the files, and write what is new."""
    vocabulary, output = vocabulary_of(given), given.output
    kind = None if output is None else kind_of(output, _TARGETS)
    progress = Progress(wanted=given.progress)
    log, rejected = EventLog(), list[tuple[Path, RejectedRow]]()
    useless = list[tuple[Path, Imported]]()
    for paths in _together(given):
        found = _read(paths, vocabulary, given, progress)
        if isinstance(found, Imported):
            progress.end()
            print_lines(f"{paths[0]}: {found}")
            rejected += [(paths[0], remark) for remark in found.rejected]
            useless += [] if found.log or found.ongoing else [(paths[0], found)]
        news = found.log if isinstance(found, Imported) else found
        log = merged(log, news, progress.of(f"{paths[0]}, entry"))
    progress.end()
    if given.rejected is not None:
        _keep(given.rejected, rejected)
    status = min(report("nothing to import", (_useless(*one) for one in useless)), 1)
    if useless and not log:
        return status
    if output is None or kind is None:
        print_lines(f"{len(log):,} entries were read; -o LOG writes them")
        return status
    held = read(output, vocabulary, kind) if output.exists() else EventLog()
    whole = merged(held, log, progress.of(f"{output}, entry"))
    progress.end()
    losses = write(whole, output, vocabulary, kind)
    print_lines(
        f"{output}: {len(whole) - len(held):,} entries were added,"
        f" and it has {len(whole):,}"
    )
    report("lost", losses)
    return status


def _useless(path: Path, found: Imported) -> str:
    if not found.rows:
        return f"{path}: has no rows below its header: is it the whole file?"
    return (
        f"{path}: no row gives an event: see the reasons above; --from, --table or"
        " --codes may be those of another kind of file"
    )


def _together(given: Namespace) -> list[list[Path]]:
    """Return the files that are read as one: quadruples, or else each by itself."""
    for path in given.files:
        existing(path)
    if given.kind == "icews-quadruples":
        return [given.files]
    return [[path] for path in given.files]


def _read(
    paths: list[Path], vocabulary: Vocabulary, given: Namespace, progress: Progress
) -> EventLog | Imported:
    """Read files that belong together.

    Raises:
        ArgumentError: It is not said how.
    """
    kind, path = "tables" if given.table else given.kind, paths[0]
    if kind not in _FIELD:
        return read(path, vocabulary, kind or _kind_of(path), progress)
    if kind == "tables":
        if given.table is None:
            problem = "say how a table is to be read: --table DECLARATION.toml"
            raise ArgumentError(None, problem)
        declaration = tables.read_declaration(given.table)
        told = progress.of(f"{path}, line")
        return tables.load(path, declaration, vocabulary, progress=told)
    return _event_data(kind, paths, given, progress)


def _kind_of(path: Path) -> str:
    try:
        return kind_of(path, READ, "--from")
    except ArgumentError as error:
        problem = f"{error}; or, for event data, --from {'|'.join(_FIELD)}"
        raise ArgumentError(None, problem) from None


def _event_data(
    kind: str, paths: list[Path], given: Namespace, progress: Progress
) -> Imported:
    reading = ReadOptions(
        codes=Codes.load(given.codes) if given.codes else Codes.shipped(),
        published=given.published,
        coverage=given.coverage,
    )
    path, told = paths[0], progress.of(f"{paths[0]}, line")
    if kind == "icews-quadruples":
        return _quadruples(paths, reading, given, told)
    if kind == "plover":
        return plover.load(path, reading)
    readers = {
        "gdelt": gdelt.load,
        "icews": icews.load,
        "polecat": plover.load_table,
        "ucdp": ucdp.load,
    }
    return readers[kind](path, reading, progress=told)


def _quadruples(
    paths: list[Path],
    reading: ReadOptions,
    given: Namespace,
    told: Callable[[int], None],
) -> Imported:
    missing = [f"--{name}" for name in _QUADRUPLES if getattr(given, name) is None]
    if missing:
        problem = f"quadruples are numbers: say {', '.join(missing)} too"
        raise ArgumentError(None, problem)
    return icews.load_quadruples(
        *paths,
        entities=given.entities,
        relations=given.relations,
        since=given.since,
        title=given.title or "ICEWS",
        reading=reading,
        progress=told,
    )


def _keep(path: Path, rejected: list[tuple[Path, RejectedRow]]) -> None:
    """Write the rows that gave no event: where each stood, why, and what it says."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("file", "line", "reason", "cells"))
    for source, remark in rejected:
        told = (str(source), str(remark.line), remark.reason, *remark.cells)
        writer.writerow(map(neutral, told))
    replace_file(path, text.getvalue())
