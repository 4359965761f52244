"""Propose claims that a model, or a person, read in a document."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from bri_timeline import EventLog, Source
from bri_timeline._command._kinds import existing, kind_of, read, write
from bri_timeline._command._output import print_lines, report
from bri_timeline._command._own import add_vocabulary, vocabulary_of
from bri_timeline.evidence import digest
from bri_timeline.formats import proposals


__all__ = ["EXAMPLES", "QUEUED", "add", "run"]


EXAMPLES = """\
examples:
  python -m bri_timeline propose found.json --document article.txt \\
      --title "Belt and Road" --published 2019-05-03 --by "a model" -o chronicle.db
  python -m bri_timeline propose found.json --document report.txt \\
      --title "Report" --by Anna -o visits.toml

found.json is a list that follows the schema of `schema` for proposals. Each quote is
looked for in the document. The status is 1 if an item cannot be proposed; the others
are.
"""
# The formats that keep the queue.
QUEUED = ("chronicle", "jsonl", "store")
_MOST = 100


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("found", metavar="JSON", type=Path, help="the proposals")
    parser.add_argument(
        "--document", metavar="TXT", type=Path, required=True, help="its text, in UTF-8"
    )
    parser.add_argument("--title", required=True, help="the title of the document")
    parser.add_argument("--published", metavar="DATE", help="its day of publication")
    parser.add_argument("--container", help="the newspaper or volume")
    parser.add_argument("--author", help="its author")
    parser.add_argument("--url", help="its address")
    parser.add_argument("--by", metavar="WHO", required=True, help="who proposes")
    parser.add_argument(
        "-o", "--output", metavar="LOG", type=Path, required=True, help="the log"
    )
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Check the proposals, and add them to the queue of the log."""
    vocabulary, output = vocabulary_of(given), given.output
    kind = kind_of(output, QUEUED)
    text = existing(given.document).read_text("utf-8-sig")
    source = Source(
        given.title,
        published=given.published,
        container=given.container,
        author=given.author,
        url=given.url,
        digest=digest(text),
    )
    found = proposals.load(given.found, vocabulary, document=text, source=source)
    log = read(output, vocabulary, kind) if output.exists() else EventLog()
    size = len(log)
    for item in found:
        if item.event is not None:
            log = log.propose(item.event, by=given.by)
    write(log, output, vocabulary, kind)
    print_lines(
        f"{output}: {len(log) - size:,} proposals were added,"
        f" and {len(log.proposals):,} wait"
    )
    faulty = [f"item {item.number}: {one}" for item in found for one in item.problems]
    return min(report("not proposed", faulty, _MOST), 1)
