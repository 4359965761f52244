"""Releases of a dataset in stores and files: they come back as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import polars
import pytest
from attrs import frozen

from bri_timeline import Covers, Event, EventLog, Source, Vocabulary
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow, chronicle, csv, jsonl
from bri_timeline.stores import MemoryStore, SQLiteStore, Store, backup, copy


@frozen
class Deal:
    """A row; `dataset` is a field of its own, whatever files call theirs."""

    value: int
    dataset: str = "x"
    parties: frozenset[str] = frozenset()


DEALS = Vocabulary(Deal)
TABLE = Source("The table", published="2018-05-01")


def deal(name: str | None, value: int = 1, when: str = "2018") -> Event:
    return Event(Deal(value, f"of {name}"), when=when, cite=TABLE.at("p. 1"), id=name)


def whole() -> EventLog:
    """A log with everything that `revise()` writes."""
    log = EventLog.of(deal("z"), deal("a"))
    for published, scope, some in (
        ("2019-01-01", None, [deal("a"), deal("b"), deal(None)]),
        (
            "2020-01-01",
            Covers(Deal, days="2018"),
            [deal("a", 2), deal("c", when="2017")],
        ),
        ("2021-01-01", Covers(any_of="KAZ", parties="UZB"), [deal("c", when="2017")]),
        ("2018-05-01", Covers("Other"), [deal("b", 3)]),
    ):
        log, _ = log.revise(
            some,
            dataset="deals",
            published=published,
            covers=scope,
            unread=["b"] if published == "2020-01-01" else (),
        )
    log, _ = log.revise([deal("a")], dataset="other", published="2020-06-01")
    return log


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: dict[str, Callable[[], Store]] = {
        "memory": lambda: MemoryStore(DEALS),
        "sqlite": lambda: SQLiteStore(tmp_path / "deals.db", DEALS),
    }
    with made[request.param]() as found:
        yield found


def test_a_store_keeps_releases_and_verifies(store: Store, tmp_path: Path) -> None:
    """A store keeps releases and verifies."""
    head = store.append(whole())
    assert store.read() == whole()
    assert store.verify() == head
    assert store.append(whole()) == head
    with MemoryStore(DEALS) as twin:
        copy(store, twin)
        assert twin.read() == whole()
    backup(store, tmp_path / "saved.db")
    with SQLiteStore(tmp_path / "saved.db", DEALS) as saved:
        assert saved.read() == whole()


def test_a_store_revises_as_a_log_does(store: Store) -> None:
    """A store revises as a log does."""
    log = EventLog()
    for year, some in ((2019, [deal("a"), deal(None)]), (2020, [deal("a", 2)])):
        published = f"{year}-01-01"
        names = {"dataset": "deals", "published": published, "unread": ["a", "q"]}
        log, expected = log.revise(some, **names)
        head, revision = store.revise(some, **names)
        assert revision == expected
        assert head == store.head()
        assert store.read() == log
    again, revision = store.revise(some, **names)
    assert (again, bool(revision)) == (head, False)


def test_a_store_records_by_hand_what_a_dataset_says_too(store: Store) -> None:
    """A store records by hand what a dataset says too."""
    store.revise([deal("a")], dataset="deals", published="2019-01-01")
    store.append(deal("a"))
    store.append(deal("a"))
    assert [entry.dataset for entry in store.read()] == ["deals", "deals", None]


def test_a_store_revises_what_was_erased(store: Store) -> None:
    """A row that was erased stays so, if a release has it again."""
    for year, some in ((2019, [deal("a"), deal("b")]), (2020, [deal("b")])):
        store.revise(some, dataset="deals", published=f"{year}-01-01")
    store.erase(1, because="a court order")
    _, revision = store.revise(
        [deal("a"), deal("b")], dataset="deals", published="2021-01-01"
    )
    assert (revision.added, revision.erased, revision.equal) == ((), 1, 1)
    assert "1 left without the words that were erased" in str(revision)
    *_, last = store.read()
    assert (None, "a") == (last.event, last.erased and last.erased.id)
    assert store.verify() == store.head()


def test_parts_of_a_store_have_the_rows_of_releases(store: Store) -> None:
    """Parts of a store have the rows of releases."""
    store.append(whole())
    part = store.read(kinds=[Deal])
    assert [entry.dataset for entry in part] == [
        whole()[entry.position].dataset for entry in part
    ]


@pytest.mark.parametrize("name", ["log.jsonl", "log.csv", "log.parquet", "log.toml"])
def test_a_file_keeps_releases(name: str, tmp_path: Path) -> None:
    """A file keeps releases."""
    formats = {".jsonl": jsonl, ".csv": csv, ".parquet": arrow, ".toml": chronicle}
    kind, path = formats[Path(name).suffix], tmp_path / name
    assert list(kind.dump(whole(), path, DEALS)) == []
    assert kind.load(path, DEALS) == whole()


def test_a_release_is_written_in_a_chronicle_by_hand() -> None:
    """A release is written in a chronicle by hand."""
    text = """
chronicle = 1

[[entries]]
dataset = "deals"
published = 2019-01-01

[entries.covers]
days = "2018"

[[entries]]
dataset = "deals"
id = "a"
when = "2018"
known = 2019-01-01

[entries.Deal]
value = 1
"""
    log, _ = EventLog().revise(
        [Event(Deal(1), when="2018", id="a")],
        dataset="deals",
        published="2019-01-01",
        covers=Covers(days="2018"),
    )
    assert chronicle.loads(text, DEALS) == log


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("published = 2019-01-01", "dataset: is missing"),
        ('dataset = "d"\npublished = "2019"', "published: '2019' is not one day"),
        (
            'dataset = "d"\npublished = 2019-01-01\ncovers = 1',
            "covers: must be a table",
        ),
        (
            'dataset = "d"\npublished = 2019-01-01\ncovers = { days = "2018~" }',
            "covers: Edtf('2018~') has a qualifier",
        ),
        (
            'dataset = "d"\npublished = 2019-01-01\ncovers = { day = "2018" }',
            "day: is not a key of what a release covers",
        ),
        (
            'dataset = "d"\npublished = 2019-01-01\nrepeats = [1]',
            "covers: is not a release",
        ),
        ('dataset = ""\npublished = 2019-01-01', "dataset: is ''"),
        ('dataset = "d"\npublished = 2019-01-01\nwhen = "2018"', "when: is not a key"),
    ],
)
def test_a_faulty_release_in_a_chronicle_is_named(lines: str, fault: str) -> None:
    """A faulty release in a chronicle is named."""
    text = f"chronicle = 1\n[[entries]]\n{lines}\n"
    with pytest.raises(FaultsError, match="entry 1") as raised:
        chronicle.loads(text, DEALS)
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"position":0,"release":{}}', "release: belongs to an entry with a dataset"),
        (
            '{"position":0,"retracts":0,"dataset":"d","release":{}}',
            "release: belongs to an entry with a dataset",
        ),
        ('{"position":0,"dataset":"d","release":{"days":"2018~"}}', "release.days"),
        ('{"position":0,"dataset":"d","release":{"kinds":[1]}}', "release.kinds"),
    ],
)
def test_a_faulty_release_in_a_line_is_named(
    line: str, fault: str, tmp_path: Path
) -> None:
    """A faulty release in a line is named."""
    path = tmp_path / "log.jsonl"
    path.write_text(f'{{"format":"bri_timeline","version":1}}\n{line}\n')
    with pytest.raises(FaultsError) as raised:
        jsonl.load(path, DEALS)
    assert fault in str(raised.value)


def test_a_vocabulary_must_have_the_kinds_that_a_release_covers() -> None:
    """A vocabulary must have the kinds that a release covers."""

    @frozen
    class Other:
        value: int

    log, _ = EventLog().revise(
        (), dataset="d", published="2019-01-01", covers=Covers(Other)
    )
    with MemoryStore(DEALS) as store, pytest.raises(LookupError, match="Other"):
        store.append(log)


@pytest.mark.parametrize("text", ["{", '{"days":"2018~"}', '{"day":"2018"}'])
def test_a_faulty_release_in_a_table_is_named(text: str) -> None:
    """The column of releases is checked as the others are."""
    frame = polars.DataFrame(
        {"position": [0], "known_day": [1], "dataset": ["d"], "release": [text]}
    ).with_columns(kind=None, what=None, when=None)
    with pytest.raises(FaultsError, match="row 0: release"):
        arrow.from_arrow(frame, DEALS)
