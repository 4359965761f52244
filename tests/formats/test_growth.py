"""Files are written and read with as much work as they have rows."""

from __future__ import annotations

import csv as plain_csv
import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from effort import SIZE, growth
from foreign_rows import (
    CODES,
    DECLARATION,
    articles,
    days,
    fights,
    members,
    records,
    stories,
)
from growth_worlds import end, world

from bri_timeline import EventLog, Source, Vocabulary, evidence, formats
from bri_timeline.formats import (
    arrow,
    bibtex,
    chronicle,
    csl,
    csv,
    gdelt,
    geojson,
    graph,
    ical,
    icews,
    jsonl,
    plover,
    proposals,
    tables,
    timelinejs,
    ucdp,
    xlsx,
)
from bri_timeline.relations import FACTS


WORDS = FACTS | Vocabulary(timelinejs.Slide)


def workbook(log: EventLog) -> object:
    """Write a workbook."""
    with TemporaryDirectory() as folder:
        return xlsx.dump(log, Path(folder, "log.xlsx"), WORDS)


LOGS: dict[str, Callable[[EventLog], object]] = {
    "arrow": lambda log: arrow.from_arrow(arrow.to_arrow(log, WORDS), WORDS),
    "bibtex": lambda log: bibtex.loads(bibtex.dumps(log)),
    "chronicle": lambda log: chronicle.loads(chronicle.dumps(log, WORDS), WORDS),
    "csl": lambda log: csl.loads(csl.dumps(log)),
    "csv": lambda log: csv.loads(csv.dumps(log, WORDS), WORDS),
    "geojson": lambda log: geojson.dumps(log, WORDS),
    "graph": lambda log: graph.dumps(log, WORDS),
    "graph of networkx": lambda log: graph.to_networkx(end(log), WORDS),
    "ical": lambda log: ical.dumps(log, WORDS),
    "jsonl": lambda log: jsonl.loads(jsonl.dumps(log, WORDS), WORDS),
    "timelinejs": lambda log: timelinejs.loads(timelinejs.dumps(log, WORDS), WORDS),
    "xlsx": workbook,
}


def told(size: int) -> str:
    """Return proposals, each of which quotes the document."""
    return json.dumps(
        [
            {
                "kind": "Joined",
                "what": {"member": CODES[n % 5], "body": f"body {n}"},
                "when": day,
                "quote": f"joined body {n} on {day}.",
            }
            for n, day in days(size)
        ]
    )


def document(size: int) -> str:
    """Return the text that proposals quote."""
    return "".join(f"It joined body {n} on\n{day}. " for n, day in days(size))


def proposed(path: Path) -> object:
    """Read proposals about a document that is as long as they are many."""
    text = document(len(json.loads(path.read_text())))
    source = Source("The Paper", digest=evidence.digest(text))
    return proposals.load(path, FACTS, document=text, source=source)


def declared(path: Path) -> object:
    """Read a table by its declaration, from text or from a sheet."""
    found = path
    if path.name.startswith("sheet"):
        book = openpyxl.Workbook()
        for row in plain_csv.reader(io.StringIO(path.read_text())):
            book.active.append(row)
        found = path.with_suffix(".xlsx")
        book.save(found)
    return tables.load(found, tables.declared(tomllib.loads(DECLARATION)), FACTS)


READ: dict[str, tuple[Callable[[int], str], Callable[[Path], Any]]] = {
    "gdelt": (articles, gdelt.load),
    "icews": (stories, icews.load),
    "plover": (records, plover.load),
    "proposals": (told, proposed),
    "tables": (members, declared),
    "sheet": (members, declared),
    "ucdp": (fights, ucdp.load),
}


# Of some that take long.
SIZES = {"chronicle": 16, "csv": 20, "timelinejs": 20}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOGS)
def test_a_file_grows_with_its_log_only(name: str) -> None:
    """Four times the entries are four times the work, both ways where there are two."""
    assert {} == growth(LOGS[name], world, size=SIZES.get(name, SIZE))


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_rows_are_read_with_as_much_work_as_there_are(
    name: str, tmp_path: Path
) -> None:
    """Four times the rows of a dataset are four times the work."""
    text, read = READ[name]

    def file(size: int) -> Path:
        path = tmp_path / f"{name}{size}"
        path.write_text(text(size), "utf-8")
        return path

    found = read(file(SIZE))

    assert SIZE == len(getattr(found, "log", found))
    assert {} == growth(read, file)


def test_every_format_is_counted() -> None:
    """A new module of formats has a case above."""
    found = {module.name for module in iter_modules(formats.__path__)}

    assert {name for name in found if not name.startswith("_")} <= {*LOGS, *READ}
