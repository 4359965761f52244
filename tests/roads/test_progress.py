"""Long work tells how far it is, in one way."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import foreign_rows
import pytest

import bri_timeline
from bri_timeline import Event, EventLog, Source, scale
from bri_timeline.formats import (
    _files,
    arrow,
    chronicle,
    csv,
    gdelt,
    icews,
    jsonl,
    plover,
    tables,
    ucdp,
    update,
    xlsx,
)
from bri_timeline.measures import count
from bri_timeline.pages import html
from bri_timeline.relations import FACTS, Visited, relationship
from bri_timeline.stores import MemoryStore, SQLiteStore, Store, backup, copy


Tell: TypeAlias = Callable[..., object]
# Neither is a multiple of the steps in which it is told.
MANY, SIZE = 47, 48
PAIR = relationship("KAZ", "CHN")
YEARS = {"every": "year", "start": "2014-01-01", "stop": "2016-12-31"}
LOG = EventLog.of(
    *(
        Event(
            Visited(guest, "CHN"),
            when=f"2015-05-{n % 28 + 1:02}",
            cite=Source("Gazette", published=f"201{5 + n % 5}"),
            id=f"e{n}",
        )
        for n, guest in enumerate(("KAZ", "UZB", "AZE") * 16)
        if n < MANY
    )
)
CLAIMS = [entry.claim for entry in LOG]


def read_back(load: Callable[..., Any], dump: Callable[..., Any], name: str) -> Any:
    """Return what reads a log with a module of formats from a file that it wrote."""

    def work(folder: Path, tell: Tell) -> int:
        dump(LOG, folder / name, FACTS)
        return len(load(folder / name, FACTS, progress=tell))

    return work


def written(dump: Callable[..., Any], name: str) -> Any:
    """Return what writes a log with a module of formats."""

    def work(folder: Path, tell: Tell) -> int:
        dump(LOG, folder / name, FACTS, progress=tell)
        return MANY

    return work


def imported(load: Callable[..., Any], text: Callable[[int], str]) -> Any:
    """Return what reads rows of another program, and returns how many lines it has."""

    def work(folder: Path, tell: Tell) -> int:
        rows = text(SIZE)
        (folder / "rows").write_text(rows, "utf-8")
        load(folder / "rows", progress=tell)
        return rows.count("\n") or SIZE

    return work


def quadruples(path: Path, progress: Tell) -> object:
    """Read quadruples, with their dictionaries beside them."""
    names = "".join(f"{one}\t{n}\n" for n, one in enumerate(foreign_rows.NAMES))
    (path.parent / "entities").write_text(f"5\n{names}", "utf-8")
    (path.parent / "relations").write_text("Make a visit\t0\n", "utf-8")
    return icews.load_quadruples(
        path,
        entities=path.parent / "entities",
        relations=path.parent / "relations",
        since="2014-01-01",
        title="ICEWS14",
        progress=progress,
    )


def declared(path: Path, progress: Tell) -> object:
    """Read a table by its declaration."""
    table = tables.declared(tomllib.loads(foreign_rows.DECLARATION))
    return tables.load(path, table, FACTS, progress=progress)


def stored(folder: Path) -> Store:
    """Return a store with the log."""
    store = SQLiteStore(folder / "log.db", FACTS)
    store.append(LOG)
    return store


def verified(folder: Path, tell: Tell) -> int:
    """Verify a store."""
    with stored(folder) as store:
        return store.verify(progress=tell).position + 1


def read(**asked: Any) -> Callable[[Path, Tell], int]:
    """Return what reads a store, or a part of it."""

    def work(folder: Path, tell: Tell) -> int:
        with stored(folder) as store:
            return len(store.read(progress=tell, **asked))

    return work


def put(what: EventLog | list[Event]) -> Callable[[Path, Tell], int]:
    """Return what appends to a store."""

    def work(folder: Path, tell: Tell) -> int:
        with SQLiteStore(folder / "log.db", FACTS) as store:
            store.append(what, progress=tell)
        return MANY

    return work


def updated(name: str) -> Callable[[Path, Tell], int]:
    """Return what reads a file, and writes it with one entry more."""

    def work(folder: Path, tell: Tell) -> int:
        update(folder / name, lambda _: LOG, FACTS)
        one = Event(Visited("TJK", "CHN"), when="2016")
        update(folder / name, lambda log: log.append(one), FACTS, progress=tell)
        return 2 * MANY + 1

    return work


def copied(folder: Path, tell: Tell) -> int:
    """Copy a store."""
    with stored(folder) as store, SQLiteStore(folder / "copy.db", FACTS) as target:
        return copy(store, target, tell).position + 1


def copied_log(folder: Path, tell: Tell) -> int:
    """Copy the entries of a log into a store."""
    with SQLiteStore(folder / "copy.db", FACTS) as target:
        return copy(LOG, target, tell).position + 1


def saved(folder: Path, tell: Tell) -> int:
    """Back up a file, which the database copies at once."""
    with stored(folder) as store:
        return 2 * (backup(store, folder / "copy.db", tell).position + 1)


def saved_memory(folder: Path, tell: Tell) -> int:
    """Back up a store that is no file."""
    with MemoryStore(FACTS) as store:
        store.append(LOG)
        return 2 * (backup(store, folder / "copy.db", tell).position + 1)


def dataset(folder: Path, **options: Any) -> scale.Dataset:
    """Return a dataset of the log."""
    return scale.write(LOG, folder / "data", FACTS, buckets=4, **options)


def appended(folder: Path, tell: Tell) -> int:
    """Append to a dataset."""
    longer = LOG.append(Event(Visited("TJK", "CHN"), when="2016"))
    dataset(folder).append(longer, progress=tell)
    return 1


def panel(folder: Path, tell: Tell) -> None:
    """Read all rows of a panel of a dataset."""
    # `list()` asks for its length, for which it is read once more.
    for _ in dataset(folder).panel(count(), **YEARS, progress=tell):
        pass


def table_exported(folder: Path, tell: Tell) -> None:
    dataset(folder).export_delta(folder / "table", progress=tell)


def panel_saved(folder: Path, tell: Tell) -> int:
    """Save a panel of a dataset."""
    found = dataset(folder).panel(count(), **YEARS)
    return scale.save_panel(found, folder / "panel.parquet", tell)


def rendered(folder: Path, tell: Tell) -> int:
    """Draw a page, of which each day of knowledge is one."""
    html.render(LOG, projection=PAIR, progress=tell)
    html.render(LOG, projection=PAIR).save(folder / "page.html")
    # A source of a year is known from its last day on; before the first is one more.
    return 6


def extended(folder: Path, tell: Tell) -> int:
    """Append to a log in memory."""
    return len(EventLog().extend(CLAIMS, progress=tell))


def to_arrow(folder: Path, tell: Tell) -> int:
    """Make a table."""
    arrow.to_arrow(LOG, FACTS, progress=tell)
    return MANY


def from_arrow(folder: Path, tell: Tell) -> int:
    """Read a table."""
    return len(arrow.from_arrow(arrow.to_arrow(LOG, FACTS), FACTS, progress=tell))


def as_text(dumps: Callable[..., Any]) -> Any:
    """Return what writes a log as text with a module of formats."""

    def work(folder: Path, tell: Tell) -> int:
        dumps(LOG, FACTS, progress=tell)
        return MANY

    return work


def from_text(loads: Callable[..., Any], dumps: Callable[..., Any]) -> Any:
    """Return what reads a log from text with a module of formats."""

    def work(folder: Path, tell: Tell) -> int:
        return len(loads(dumps(LOG, FACTS), FACTS, progress=tell))

    return work


def records(folder: Path, tell: Tell) -> int:
    """Read the text of records."""
    plover.loads(foreign_rows.records(SIZE), progress=tell)
    return SIZE


# By the function that has `progress=`, what calls it and returns the total; None if the
# second number that is told is the total.
LONG: dict[str, Callable[[Path, Tell], int | None]] = {
    "EventLog.extend": extended,
    "formats.arrow.dump": written(arrow.dump, "a.parquet"),
    "formats.arrow.from_arrow": from_arrow,
    "formats.arrow.load": read_back(arrow.load, arrow.dump, "a.arrow"),
    "formats.arrow.to_arrow": to_arrow,
    "formats.chronicle.dump": written(chronicle.dump, "a.toml"),
    "formats.chronicle.load": read_back(chronicle.load, chronicle.dump, "a.toml"),
    "formats.chronicle.dumps": as_text(chronicle.dumps),
    "formats.chronicle.loads": from_text(chronicle.loads, chronicle.dumps),
    "formats.csv.dump": written(csv.dump, "a.csv"),
    "formats.csv.load": read_back(csv.load, csv.dump, "a.csv"),
    "formats.csv.dumps": as_text(csv.dumps),
    "formats.csv.loads": from_text(csv.loads, csv.dumps),
    "formats.xlsx.dump": written(xlsx.dump, "a.xlsx"),
    "formats.gdelt.load": imported(gdelt.load, foreign_rows.articles),
    "formats.icews.load": imported(icews.load, foreign_rows.stories),
    "formats.icews.load_quadruples": imported(quadruples, foreign_rows.quadruples),
    "formats.jsonl.dump": written(jsonl.dump, "a.jsonl"),
    "formats.jsonl.load": read_back(jsonl.load, jsonl.dump, "a.jsonl"),
    "formats.jsonl.dumps": as_text(jsonl.dumps),
    "formats.jsonl.loads": from_text(jsonl.loads, jsonl.dumps),
    "formats.plover.load": imported(plover.load, foreign_rows.records),
    "formats.plover.load_table": imported(
        plover.load_table, foreign_rows.stories_of_polecat
    ),
    "formats.plover.loads": records,
    "formats.tables.load": imported(declared, foreign_rows.members),
    "formats.update": updated("log.toml"),
    "formats.ucdp.load": imported(ucdp.load, foreign_rows.fights),
    "pages.html.render": rendered,
    "scale.Dataset.append": appended,
    "scale.Dataset.export_delta": table_exported,
    "scale.Dataset.first": lambda folder, tell: (
        dataset(folder).first(count(), at_least=1, progress=tell) and None
    ),
    "scale.Dataset.history": lambda folder, tell: (
        dataset(folder).history(count(), progress=tell) and None
    ),
    "scale.Dataset.panel": panel,
    "scale.Dataset.project_each": lambda folder, tell: (
        dataset(folder).project_each(count(), on="2020-01-01", progress=tell) and None
    ),
    "scale.Dataset.refresh": lambda folder, tell: (
        dataset(folder).refresh(
            folder / "states", count(), on="2020-01-01", progress=tell
        )
        and None
    ),
    "scale.Dataset.save_each": lambda folder, tell: (
        dataset(folder).save_each(
            count(), folder / "states", on="2020-01-01", progress=tell
        )
        and None
    ),
    "scale.Dataset.tally": lambda folder, tell: (
        dataset(folder).tally(count(), on="2020-01-01", progress=tell) and None
    ),
    "scale.save_panel": panel_saved,
    "scale.write": lambda folder, tell: len(dataset(folder, progress=tell)),
    "stores.Store.append": put(LOG),
    "stores.Store.read": read(),
    "stores.Store.verify": verified,
    "stores.backup": saved,
    "stores.copy": copied,
}
MORE: dict[str, Callable[[Path, Tell], int | None]] = {
    "formats.update of JSON Lines": updated("log.jsonl"),
    "stores.Store.append of events": put(CLAIMS),
    "stores.Store.read, of parties": read(parties=["KAZ"]),
    "stores.Store.read, of a projection": read(projection=PAIR),
    "stores.backup of a store in memory": saved_memory,
    "stores.copy of a log": copied_log,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*LONG, *MORE])
def test_numbers_grow_and_end_at_the_total(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever has `progress=` tells a number now and then, in the end the total."""
    monkeypatch.setattr(_files, "_STRIDE", 10)
    told = list[tuple[int, ...]]()

    total = (LONG | MORE)[name](tmp_path, lambda *done: told.append(done))

    numbers = [done for done, *_ in told]
    assert numbers == sorted({*numbers})
    assert numbers[-1] == (told[-1][-1] if total is None else total)
    assert len({many for _, *many in map(tuple, told) for many in many}) <= 1


def long_work() -> Iterator[str]:
    """Yield the public functions that have `progress=`."""
    for module in pkgutil.walk_packages(bri_timeline.__path__, "bri_timeline."):
        if "._" in module.name:
            continue
        found = importlib.import_module(module.name)
        for name in getattr(found, "__all__", ()):
            one = getattr(found, name)
            parts = vars(one) if isinstance(one, type) else {}
            for part, work in [("", one), *parts.items()]:
                if part.startswith("_") or not inspect.isfunction(work):
                    continue
                if "progress" in inspect.signature(work).parameters:
                    place = module.name.removeprefix("bri_timeline.")
                    yield ".".join(filter(None, (place, name, part)))


def test_all_that_tells_is_tried() -> None:
    """A new function with `progress=` has a case above."""
    assert {"EventLog.extend", *long_work()} == {*LONG}
