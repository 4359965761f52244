"""Compare two files: events that may be one happening, and rows of two releases."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from bri_timeline import Answer, Event, EventLog, Revision, compare
from bri_timeline._command._asking import AnswerTable, event_words, print_answer
from bri_timeline._command._options import add_vocabulary, vocabulary_of
from bri_timeline._command._output import table_lines
from bri_timeline._command._state import (
    add_format,
    cell,
    cited,
    sources_of,
    wrapped,
)
from bri_timeline.edtf import in_words
from bri_timeline.extend import describe_event
from bri_timeline.pages import numbered
from bri_timeline.relations import Matches, match


_MATCH_EXAMPLES = """\
examples:
  python -m bri_timeline match visits.toml other.csv --days 2
  python -m bri_timeline match visits.toml --format csv

That two events are one happening is for a person to say: a row is a proposal. Without a
second file, the pairs within the first are printed.
"""
_COMPARE_EXAMPLES = """\
examples:
  python -m bri_timeline compare released-2019.csv released-2020.csv
  python -m bri_timeline compare old.jsonl new.jsonl --facts pledges:FACTS \\
      --format csv
"""


def add_match(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `match`."""
    parser.epilog = _MATCH_EXAMPLES
    _add_files(parser, optional=True)
    parser.add_argument(
        "--days", type=int, default=2, help="how many days two reports may lie apart: 2"
    )
    parser.set_defaults(run=_run_match)


def add_compare(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `compare`."""
    parser.epilog = _COMPARE_EXAMPLES
    _add_files(parser, optional=False)
    parser.set_defaults(run=_run_compare)


def _add_files(parser: ArgumentParser, *, optional: bool) -> None:
    # It knows pages and stores, for which other verbs need not wait.
    from bri_timeline._command._kinds import READ

    parser.add_argument("log", metavar="LOG", type=Path, help="the first file")
    parser.add_argument(
        "other",
        metavar="OTHER",
        nargs="?" if optional else None,
        type=Path,
        help="the second file",
    )
    parser.add_argument(
        "--from",
        dest="kind",
        choices=READ,
        metavar="FORMAT",
        help="their format, if not given by their names: %(choices)s",
    )
    add_vocabulary(parser)
    add_format(parser)


def _logs(given: Namespace) -> Iterator[EventLog]:
    from bri_timeline._command._kinds import read

    vocabulary = vocabulary_of(given)
    for path in filter(None, (given.log, given.other)):
        yield read(path, vocabulary, given.kind)


def _run_match(given: Namespace) -> int:
    matches = match(*_logs(given), days=given.days)
    lines = _match_lines(matches)
    table = AnswerTable(lines, _MATCH, _match_rows(matches), matches)
    return print_answer(given.format, table)


def _match_lines(matches: Matches) -> Iterator[str]:
    """Yield the pairs for people, and how many events are in none."""
    pairs = [*matches.pairs]
    numbers = numbered(event for pair in pairs for event in (pair.one, pair.other))
    yield f"Pairs that may be one happening: {len(pairs):,}"
    for pair in pairs:
        yield str(pair.answer)
        for event in (pair.one, pair.other):
            claim = f"{in_words(event.when)}: {describe_event(event)}"
            yield from wrapped(f"{claim} {cited(event, numbers)}", "  ")
    alone = len(matches.only_one), len(matches.only_other)
    yield "In no pair: {:,} of the first file, {:,} of the second".format(*alone)
    yield from sources_of(numbers)


_EVENT = ("event", "when", "id", "sources")
_MATCH = ("one happening", *_EVENT, *(f"other_{name}" for name in _EVENT))


def _match_rows(matches: Matches) -> Iterator[tuple[str, ...]]:
    for pair in matches.pairs:
        yield (str(pair.answer), *event_words(pair.one), *event_words(pair.other))
    for event in matches.only_one:
        yield (str(Answer.NO), *event_words(event), *event_words(None))
    for event in matches.only_other:
        yield (str(Answer.NO), *event_words(None), *event_words(event))


def _run_compare(given: Namespace) -> int:
    revision = compare(*_logs(given))
    rows = [*_revision_rows(revision)]
    lines = [str(revision), *table_lines(rows)]
    return print_answer(given.format, AnswerTable(lines, _ROW, rows, revision))


_ROW = ("change", "id", "field", "before", "after")


def _revision_rows(revision: Revision) -> Iterator[tuple[str, ...]]:
    for event in revision.added:
        yield ("added", event.id, "", "", _row_words(event))
    for event in revision.withdrawn:
        yield ("withdrawn", event.id, "", _row_words(event), "")
    for amendment in revision.changed:
        for name, (before, after) in amendment.fields.items():
            yield ("changed", amendment.after.id, name, cell(before), cell(after))
    for event in revision.recited:
        yield ("recited", event.id, "", "", _row_words(event))


def _row_words(event: Event) -> str:
    return f"{event.when}: {describe_event(event)}"
