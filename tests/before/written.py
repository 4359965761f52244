"""Files, pages, stores and datasets of a log as texts: the other task of `asked.py`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from asked import Question, Task
from payloads import FOLDS, PAIRS, WORDS, Opened

from bri_timeline import (
    EventLog,
    Explanation,
    Panel,
    Period,
    Revision,
    answers,
    dyads,
    scale,
)
from bri_timeline.errors import BriTimelineError
from bri_timeline.evidence import citation_key
from bri_timeline.formats import jsonl
from bri_timeline.measures import count
from bri_timeline.relations import Relationship, relationship
from bri_timeline.stores import MemoryStore, SQLiteStore, copy


_DAY = "2016-01-15"
_RELATION = relationship(*PAIRS[0])
# The modules of formats, by the ends of names of files.
_FORMATS = {
    "jsonl": "jsonl", "jsonl.gz": "jsonl", "csv": "csv", "toml": "chronicle",
    "arrow": "arrow", "parquet": "arrow", "geojson": "geojson", "graphml": "graph",
    "ics": "ical", "prov.json": "prov", "slides.json": "timelinejs",
    "vis.json": "vis", "bib": "bibtex", "csl.json": "csl",
}  # fmt: skip
_EXACT = ("jsonl", "jsonl.gz", "csv", "toml", "arrow", "parquet")
_ANSWERS: tuple[Any, ...] = (
    answers.ViewData, answers.PanelData[str, int], Revision, Relationship,
    Explanation[int], tuple[Period[str], ...], answers.StateAnswer[Relationship],
    answers.ExplainAnswer[int], answers.VerifyAnswer,
)  # fmt: skip
_PARTS: dict[str, dict[str, Any]] = {
    "all": {},
    "projection": {"projection": _RELATION},
    "parties": {"parties": PAIRS[0]},
    "kinds": {"kinds": [Opened]},
    "known": {"known_by": "2016-01-01"},
    "days": {"parties": ["CHN"], "on_or_before": "2015-12-31"},
}


def files(task: Task) -> Iterator[Question]:
    """Yield what files, pages, schemas, stores and datasets have of a log."""
    log, kept = task.log(), Path(task.folder)
    has_dataset = len(log) > 3 and Random(task.seed).random() < 0.1
    with TemporaryDirectory() as folder:
        yield from _formats(log, Path(folder))
        yield from _pages(log)
        if task.seed % 100 == 0:  # they are the same for every log
            yield from _schemas()
        if task.writes:
            _write_store(log, kept / "store")
        yield from _store(kept / "store")
        if has_dataset:
            places = [Path(folder) / "data", *[kept / "data"] * task.writes]
            for place in places:
                with suppress(BriTimelineError):  # of some logs none is made
                    scale.write(log, place, WORDS, buckets=2)
            day = (task.days or [_DAY])[len(task.days) // 2]
            yield from _dataset(Path(folder) / "data", day)
            # That of the library of before.
            yield from _dataset(kept / "data", day)


def _formats(log: EventLog, folder: Path) -> Iterator[Question]:
    for name, format_name in _FORMATS.items():
        path = folder / f"log.{name}"
        module = import_module(f"bri_timeline.formats.{format_name}")
        words = () if format_name in ("bibtex", "csl") else (WORDS,)
        yield name, partial(_written, module, log, path, words)
        if name in _EXACT:
            yield f"{name} read", partial(_read, module, path)
    events = [entry.event for entry in log if entry.event is not None]
    yield "ids", lambda: [event.id for event in events]
    yield "keys", lambda: [citation_key(c.source) for e in events for c in e.cite]


def _written(module: Any, log: EventLog, path: Path, words: tuple[Any, ...]) -> str:
    """Return the losses and the bytes of a file, as text or else their digest."""
    losses = module.dump(log, path, *words)
    data = path.read_bytes()
    try:
        return f"{losses} {data.decode()}"
    except UnicodeDecodeError:
        return f"{losses} {len(data)} bytes, {hashlib.sha256(data).hexdigest()}"


def _read(module: Any, path: Path) -> str:
    return repr(module.load(path, WORDS))


def _pages(log: EventLog) -> Iterator[Question]:
    early, late = log.as_of(_DAY, known_by="2016-01-02"), log.as_of(_DAY)
    rows = log.panel(
        count(), by=dyads, every="month", start="2015-12-01", stop="2016-02-29"
    )
    relation = {"projection": _RELATION}
    asked: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
        ("text", (late,), relation),
        ("text", (log,), {"by": "party", "width": 70}),
        ("svg", (late,), relation),
        ("svg", (log,), {"language": "de"}),
        ("markdown", (late,), relation),
        ("html", (late,), relation),
        ("network", (late,), {}),
        ("comparison", (early, late), relation),
        ("panel", (rows,), {}),
        ("altair", (late,), relation),
    )
    for name, shown, given in asked:
        module = import_module(f"bri_timeline.pages.{name}")
        yield f"page {name} {[*given]}", partial(_page, module, shown, given)
    yield "notebook", lambda: log._repr_html_() + late._repr_html_()
    for name, one in (("log", log), ("view", late), ("panel", rows)):
        yield f"frame of the {name}", partial(_frame, one)


def _page(module: Any, shown: tuple[Any, ...], given: dict[str, Any]) -> str:
    page = module.render(*shown, **given)
    return page if isinstance(page, str) else str(page.to_json())


def _frame(shown: Any) -> str:
    table = pa.table(shown)
    return f"{table.schema}\n{table.to_pylist()}"


def _schemas() -> Iterator[Question]:
    yield "schema of lines", _schema_of_lines
    for of in (None, "chronicle", "proposals"):
        yield f"schema of {of}", partial(WORDS.json_schema, of)
    for number, kind in enumerate(_ANSWERS):
        yield f"schema of answer {number}", partial(answers.schema, kind, WORDS)


def _schema_of_lines() -> str:
    schema = json.loads(jsonl.schema())
    # The library of before wrote it, and had forgotten it here.
    schema["$defs"]["release"]["properties"].pop("instant", None)
    return json.dumps(schema, sort_keys=True)


def _write_store(log: EventLog, path: Path) -> None:
    """Write a store; of some, words are erased."""
    with SQLiteStore(path, WORDS) as store:
        store.append(log)
        if len(log) % 3 == 1:
            with suppress(BriTimelineError):
                store.erase(len(log) // 2, because="the law")


def _store(path: Path) -> Iterator[Question]:
    """Yield what a store of the library of before has."""
    with SQLiteStore(path, WORDS) as store, MemoryStore(WORDS) as other:
        log = store.read()
        yield "store: heads", lambda: repr((store.head(), store.tree_head()))
        yield "store: verified", lambda: repr(store.verify())
        yield "store: proofs", lambda: [*map(store.prove_inclusion, range(len(log)))]
        yield "store: proof", lambda: store.prove_consistency(len(log) // 2)
        yield "store: copied", lambda: repr((copy(store, other), other.read()))
        yield "store: view", lambda: log.as_of(_DAY)
        yield "store: jsonl", lambda: jsonl.dumps(log, WORDS)
        for name, given in _PARTS.items():
            yield f"store: {name}", partial(_part, store, given)


def _part(store: SQLiteStore, given: dict[str, Any]) -> str:
    return repr(store.read(**given))


def _dataset(path: Path, day: str) -> Iterator[Question]:
    """Yield the answers of a dataset."""
    if not path.exists():
        return
    data = scale.open(path, WORDS, threads=1)
    yield "dataset: entries", lambda: repr([*data.entries()])
    yield "dataset: among", lambda: repr(data.among(*PAIRS[0]))
    yield "dataset: concerning", lambda: repr(data.concerning("CHN"))
    yield "dataset: state", lambda: data.project(_RELATION, *PAIRS[0], on=day)
    measures: list[Any] = [FOLDS[name][0] for name in ("count", "active", "amount")]
    for measure in (*measures, FOLDS["values"][0]):
        for known in (None, "2016-01-01", 0):
            tally = partial(data.tally, measure, on=day, known_by=known)
            yield f"dataset: tally {measure} {known}", tally
    for name in ("all", "closes", "followers", "amount"):
        yield (
            f"dataset: each {name}",
            partial(data.project_each, FOLDS[name][0], on=day),
        )
    ends: dict[str, Any] = {"start": "2015-12-01", "stop": "2016-02-29"}
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("count", {}),
        ("times", {"window": "year"}),
        ("closes", {"flow": True, "of": len}),
    )
    for name, given in asked:
        rows = partial(data.panel, FOLDS[name][0], every="month", **ends, **given)
        yield f"dataset: panel {name}", partial(_rows, rows)


def _rows(ask: Callable[[], Panel[Any, Any]]) -> tuple[object, ...]:
    return tuple(ask())
