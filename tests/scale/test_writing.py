"""Writing datasets: sources, faults, and interrupted writings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve, field, frozen
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Deed, Fact, events, everything, logs
from postgres_server import shared
from scale_worlds import (
    ABC,
    DEALS,
    PAIRS,
    VOCABULARY,
    Deal,
    count,
    deal,
    expected,
    laid_out,
    many,
)

from bri_timeline import (
    Covers,
    Event,
    EventLog,
    Place,
    Release,
    Source,
    Vocabulary,
    measures,
    scale,
)
from bri_timeline._events.entries import EntryColumns
from bri_timeline.errors import (
    DatasetError,
    DayError,
    EntryError,
    FaultsError,
    StaleLogError,
    VocabularyError,
)
from bri_timeline.extend import without_review
from bri_timeline.formats.arrow import to_arrow
from bri_timeline.scale import _clusters, _writing
from bri_timeline.scale._dictionary import (
    CellReader,
    PairNumbers,
    payload_value,
    payloads,
)
from bri_timeline.scale._engine import Limits, engine
from bri_timeline.scale._manifest import Manifest
from bri_timeline.scale._tables import entries_in
from bri_timeline.stores import MemoryStore, PostgresStore, SQLiteStore


DAY = "2015-01-01"
_DEAL = '{"parties":["AAA","BBB"],"millions":0}'


def table(**columns: list[Any]) -> pa.Table:
    """Return a table of rows that are right but for what is given."""
    size = max(map(len, columns.values()))
    good: dict[str, list[Any]] = {
        "kind": ["Deal"] * size,
        "what": [_DEAL.replace("0", str(n)) for n in range(size)],
        "when": ["2000-01-01"] * size,
    }
    return pa.table(good | columns)


@frozen
class Bid:
    """What was offered."""

    millions: int


@frozen
class BidWon:
    """What was taken."""

    millions: int


def _positive(_what: object, _field: object, number: int) -> None:
    if number < 0:
        raise ValueError(number)


@frozen
class Positive:
    """A number that its class checks."""

    number: int = field(validator=_positive)


@frozen
class Listed:
    """Names in a list, which could change."""

    names: tuple[str, ...] = field(converter=list)


@frozen
class Free:
    """A payload whose `parties` are a list."""

    name: str

    @property
    def parties(self) -> object:
        """Who is named; nothing declares that it is a list."""
        return [self.name]


class TestRows:
    """Rows of Arrow."""

    @at_most(25)
    @given(log=logs())
    def test_a_table_is_its_log(self, log: EventLog) -> None:
        """What Arrow holds of a log is laid out as the log is, row by row."""
        with laid_out(to_arrow(log, VOCABULARY)) as data:
            assert list(log) == list(data.entries())

    def test_only_three_columns_are_needed(self) -> None:
        """Without a day of knowledge, rows are known from the day of their sources."""
        cite = [[{"title": "Daily", "published": "2003"}], [], None]
        rows = table(cite=cite, version=[1, None, 1])
        with laid_out(rows, vocabulary=DEALS) as data:
            events = [entry.claim for entry in data.entries()]
            known = [entry.known_day for entry in data.entries()]

        assert [0, 1, 2] == [event.what.millions for event in events]
        assert [(Source("Daily", published="2003").at(""),), (), ()] == [
            event.cite for event in events
        ]
        assert [event.known_day for event in events] == known

    def test_a_place_without_a_part_is_none(self) -> None:
        """Other libraries write a struct of nulls where there is no place."""
        parts = {"latitude": None, "longitude": None, "precision": None}
        where = [{"name": "Baku", **parts}, {"name": None, **parts}, None]
        with laid_out(table(where=where), vocabulary=DEALS) as data:
            found = [entry.claim.where for entry in data.entries()]

        assert [Place("Baku"), None, None] == found

    def test_dictionaries_and_many_batches_are_read(self) -> None:
        """Encoded text and batches of any size make no difference."""
        rows = table(when=["2000-01-01", "2001"] * 100)
        encoded = rows.set_column(2, "when", rows.column("when").dictionary_encode())
        batches = pa.Table.from_batches(encoded.to_batches(max_chunksize=7))
        with laid_out(batches, vocabulary=DEALS) as data:
            dates = [str(entry.claim.when) for entry in data.entries()]

        assert ["2000-01-01", "2001"] * 100 == dates

    def test_all_faults_are_told(self, tmp_path: Path) -> None:
        """Each fault has its row and column, and nothing is left of the dataset."""
        rows = table(
            kind=["Deal", "Deal", None, "Deal", None, None],
            what=['{"parties":[]}', "{}", "{}", '{"parties":[]}', None, None],
            when=["2000-13", "{2001,2003}", "2000", "2000", None, None],
            cite=[
                [{"title": "A", "published": "soon"}],
                [{"title": "B", "published": "Y1E18"}],
            ]
            + [None] * 4,
        )
        with pytest.raises(FaultsError) as caught:
            scale.write(rows, tmp_path, DEALS)
        places = [fault.place for fault in caught.value.faults]

        assert [
            "row 4: what",
            "row 5: what",
            "row 2: what",
            "row 1: what.parties",
            "row 0: when",
            "row 1: when",
            "row 0: cite",
            "row 1: cite",
        ] == places
        assert not [*tmp_path.iterdir()]

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("position", [1, 0]),
            ("id", ["x", ""]),
            ("supersedes", [None, 1]),
            ("retracts", [-1, None]),
            ("known_day", ["soon", None]),
        ],
    )
    def test_wrong_cells_are_told(
        self, name: str, values: list[Any], tmp_path: Path
    ) -> None:
        """What is out of order, empty, or names no row above is a fault."""
        with pytest.raises(FaultsError, match=name):
            scale.write(table(**{name: values}), tmp_path, DEALS)

    @pytest.mark.parametrize("spaces", ["", " "])
    def test_a_payload_that_its_class_refuses_is_told(
        self, spaces: str, tmp_path: Path
    ) -> None:
        """The class is asked, also where many payloads are read at once."""
        kinds, whats = ["Positive", "Listed"], ['{"number":-1}', '{"names":["a"]}']
        rows = table(kind=kinds, what=[spaces + what for what in whats])
        with pytest.raises(FaultsError) as caught:
            scale.write(rows, tmp_path, Vocabulary(Positive, Listed))
        assert ["row 0: what.Positive", "row 1: what"] == [
            fault.place for fault in caught.value.faults
        ]

    def test_a_payload_whose_names_are_a_list_has_no_parties(self) -> None:
        """As in an event, only a frozenset says who is concerned."""
        rows = table(kind=["Free"] * 2, what=['{"name":"a"}', ' {"name":"a"}'])
        with laid_out(rows, vocabulary=Vocabulary(Free)) as data:
            entries = [*data.entries()]
        assert [Free("a")] * 2 == [entry.claim.what for entry in entries]
        assert {frozenset()} == {entry.claim.parties for entry in entries}

    def test_a_retraction_cannot_be_corrected(self, tmp_path: Path) -> None:
        """What claims nothing can be retracted, not corrected."""
        rows = table(
            kind=["Deal", None, "Deal"],
            what=['{"parties":[]}', None, '{"parties":[]}'],
            when=["2000", None, "2001"],
            retracts=[None, 0, None],
            supersedes=[None, None, 1],
        )
        with pytest.raises(EntryError, match="entry 2 corrects entry 1, which"):
            scale.write(rows, tmp_path, DEALS)

    @pytest.mark.slow
    def test_rows_sorted_on_disk_are_those_sorted_in_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The files are the same, byte for byte, however little memory there is."""
        log = many(3_500)
        what = log[0].claim.what
        days = ("2015-01-31", "2015-01-30/2015-02", "2015-01", "2015-01-30")
        log = log.extend(Event(what, when=day) for day in days)
        data = scale.write(log, tmp_path / "large", DEALS, buckets=1)
        states = data.project_each(everything, on="2016-01-01")
        assert expected(log, everything, "2016-01-01") == states
        monkeypatch.setattr("bri_timeline.scale._layout.memory_of", lambda _: 0)
        scale.write(log, tmp_path / "small", DEALS, buckets=1)
        small, large = (
            {path.read_bytes() for path in (tmp_path / name).glob("*.parquet")}
            for name in ("small", "large")
        )
        assert small == large

    def test_nothing_can_be_written(self) -> None:
        """A dataset of nothing has no states, and can be added to."""
        with laid_out(EventLog(), vocabulary=DEALS) as data:
            assert [] == list(data.entries())
            assert {} == data.project_each(count, on=DAY)
            assert {} == data.tally(measures.count(), on=DAY)
            none = table(when=["2000"]).to_batches()[0].slice(0, 0)

            assert 0 == len(data.append(pa.Table.from_batches([none])))
            assert 2 == len(data.append(table(when=["2000", "2001"])))


class TestFolders:
    """Folders, and who writes to them."""

    def test_a_dataset_is_not_overwritten(self, tmp_path: Path) -> None:
        """Where there is a dataset another cannot be made."""
        scale.write(many(3), tmp_path, DEALS)

        with pytest.raises(DatasetError, match="is there already"):
            scale.write(many(3), tmp_path, DEALS)
        assert 3 == len(scale.open(tmp_path, DEALS))

    def test_a_class_is_not_a_vocabulary(self, tmp_path: Path) -> None:
        """It is refused before a file is made, and by who opens a dataset."""
        wrong: Any = Deal
        with pytest.raises(VocabularyError, match="Deal"):
            scale.write(many(3), tmp_path, wrong)
        assert not [*tmp_path.iterdir()]
        scale.write(many(3), tmp_path, DEALS)
        with pytest.raises(VocabularyError, match=r"give Vocabulary\(Deal\)"):
            scale.open(tmp_path, wrong)

    @pytest.mark.parametrize("buckets", [0, 513])
    def test_buckets_have_bounds(self, buckets: int, tmp_path: Path) -> None:
        """There are 1 to 512 buckets."""
        with pytest.raises(DatasetError, match="give 1 to 512"):
            scale.write(many(3), tmp_path, DEALS, buckets=buckets)

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (None, "is not a dataset"),
            (b"{", "is damaged"),
            (b'{"buckets":1,"format":9}', "of a newer program"),
            (b'{"buckets":1,"format":1}', "of an older program"),
        ],
    )
    def test_what_is_no_dataset_is_not_opened(
        self, data: bytes | None, problem: str, tmp_path: Path
    ) -> None:
        """A folder without a dataset, or with a damaged one, is named."""
        if data is not None:
            (tmp_path / "dataset-000001.json").write_bytes(data)

        with pytest.raises(DatasetError, match=problem):
            scale.open(tmp_path, DEALS)

    def test_a_manifest_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        """A folder in its place is no file."""
        (tmp_path / "dataset-000001.json").mkdir()

        with pytest.raises(DatasetError, match=r"manifest cannot be read.*000001"):
            scale.open(tmp_path, DEALS)

    def test_a_file_that_was_rewritten_is_refused(self) -> None:
        """A file whose rows were put in another order gives an error, and no states."""
        with laid_out(many(30), 1, DEALS) as data:
            [path] = data.folder.glob("rows-*")
            rows = pa.parquet.read_table(path)
            pa.parquet.write_table(rows.sort_by([("rel", "descending")]), path)

            with pytest.raises(DatasetError, match=r"rows-000001-.*-00000"):
                data.project_each(count, on=DAY)

    def test_names_of_folders_are_only_names(self, tmp_path: Path) -> None:
        """Signs that mean something in SQL or to a shell mean nothing in a path."""
        folder = tmp_path / "it's [1] {0} * ?"
        data = scale.write(many(30), folder, DEALS, buckets=2)

        assert expected(many(30), count, DAY) == data.project_each(count, on=DAY)
        assert expected(many(30), count, DAY) == data.project_each(
            measures.count(), on=DAY
        )

    def test_what_is_opened_does_not_change(self) -> None:
        """What is appended is in the dataset that is returned, not in the old one."""
        with laid_out(many(10), vocabulary=DEALS) as data:
            told: list[int] = []
            longer = data.append(many(12), progress=told.append)

            assert [2] == told
            assert (10, 12) == (len(data), len(longer))
            assert expected(many(10), count, DAY) == data.project_each(count, on=DAY)

    def test_what_is_written_goes_into_the_folder(self, tmp_path: Path) -> None:
        """A link in the place of a new version is refused, its target left alone."""
        other = tmp_path / "other"
        other.write_text("mine")
        with laid_out(many(10), 1, DEALS) as data:
            (data.folder / "dataset-000002.json").symlink_to(other)
            with pytest.raises(DatasetError, match=r"dataset-000002\.json is damaged"):
                data.append(many(12))
        assert "mine" == other.read_text()

    @pytest.mark.parametrize("what", [7, [7], "text"])
    def test_what_has_no_entries_is_refused(self, what: Any, tmp_path: Path) -> None:
        """Only entries are laid out."""
        with pytest.raises(EntryError, match="give a log, a store"):
            scale.write(what, tmp_path, DEALS)

    def test_a_selection_without_what_outvotes_it_is_refused(
        self, tmp_path: Path
    ) -> None:
        """Alone, the first of two rival claims would count."""
        rivals = [evolve(deal(n, *ABC, millions=n), id="one") for n in (1, 2)]
        selection = EventLog.of(*rivals).where(lambda event: event.what.millions == 1)
        with pytest.raises(EntryError, match="entry 1 is not in the selection, and"):
            scale.write(selection, tmp_path / "data", DEALS)
        assert [] == [*tmp_path.glob("data/dataset*")]

    def test_a_log_goes_on_from_the_dataset(self) -> None:
        """A log that is shorter, or is part of another, cannot be added."""
        with laid_out(many(10), vocabulary=DEALS) as data:
            with pytest.raises(StaleLogError, match="the 10 entries of the dataset: t"):
                data.append(many(9))
            with pytest.raises(FaultsError, match="position"):
                data.append(iter(many(9)))

    def test_a_log_that_went_another_way_is_refused(self) -> None:
        """What is added follows the last entry that is there."""
        other = EventLog.of(*(deal(n, *ABC, millions=-n) for n in range(12)))
        with laid_out(many(10), vocabulary=DEALS) as data:
            with pytest.raises(StaleLogError):
                data.append(other)
            assert 10 == len(scale.open(data.folder, DEALS))


class TestInterruptions:
    """Writings that do not come to an end."""

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["write_part", "write_clusters", "put"])
    def test_what_fails_leaves_the_old_state(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After an error the dataset is what it was, with no file more."""

        def fails(*_arguments: object) -> None:
            raise OSError(28, "no space left")

        with laid_out(many(10), vocabulary=DEALS) as data:
            before = {path.name for path in data.folder.iterdir()}
            with monkeypatch.context() as patched:
                patched.setattr(_writing, name, fails)
                with pytest.raises(
                    DatasetError, match=r"as it was: .*no space"
                ) as told:
                    data.append(many(12))
                assert str(data.folder) == told.value.place
            after = {path.name for path in data.folder.iterdir()}
            again = scale.open(data.folder, DEALS)

            assert before == after
            assert list(many(10)) == list(again.entries())
            assert list(many(12)) == list(again.append(many(12)).entries())

    @pytest.mark.slow
    @pytest.mark.parametrize("moment", ["reading", "naming"])
    def test_a_killed_writer_leaves_the_old_state(
        self, moment: str, tmp_path: Path
    ) -> None:
        """A writer that is killed at any moment has changed nothing."""
        data = scale.write(many(10), tmp_path, DEALS, buckets=2)
        files = {path.name for path in tmp_path.iterdir()}
        program = _KILLED.format(moment=moment)
        path = os.pathsep.join(sys.path)
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
        again = scale.open(tmp_path, DEALS)

        assert 9 == done.returncode
        assert files < {path.name for path in tmp_path.iterdir()}
        assert list(many(10)) == list(again.entries()) == list(data.entries())
        assert expected(many(12), count, DAY) == again.append(many(12)).project_each(
            count, on=DAY
        )

    def test_an_interruption_after_the_end_takes_nothing_away(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once the new state has its name, an interruption cannot undo it."""
        save = Manifest.save

        def interrupted(manifest: Manifest, folder: Path) -> bool:
            save(manifest, folder)
            raise KeyboardInterrupt

        with laid_out(many(10), vocabulary=DEALS) as data:
            monkeypatch.setattr(Manifest, "save", interrupted)
            with pytest.raises(KeyboardInterrupt):
                data.append(many(12))
            again = scale.open(data.folder, DEALS)

            assert list(many(12)) == list(again.entries())


_KILLED = """
import os, sys
from scale_worlds import DEALS, many
from bri_timeline import scale
from bri_timeline.scale._engine import Limits, engine
from bri_timeline.scale._manifest import Manifest
from bri_timeline.scale._tables import entries_in

def entries():
    yield from many(12)[10:]
    if {moment!r} == "reading":
        os._exit(9)

Manifest.save = lambda *_: os._exit(9)
scale.open(sys.argv[1], DEALS).append(entries())
"""


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Any]]:
    """Two empty stores of a kind."""
    if request.param == "memory":
        made = [MemoryStore(VOCABULARY) for _ in range(2)]
    elif request.param == "sqlite":
        made = [SQLiteStore(tmp_path / f"{n}.db", VOCABULARY) for n in range(2)]
    else:
        names = [f"scale_{os.getpid()}_{n}" for n in range(2)]
        made = [PostgresStore(shared(), VOCABULARY, schema=name) for name in names]
    yield made
    for store in made:
        store.close()


class TestStores:
    """From stores, and back."""

    @pytest.mark.slow
    def test_a_store_is_laid_out_and_written_back(
        self, stores: list[Any], tmp_path: Path
    ) -> None:
        """What a store holds can become a dataset, grow there, and become a store."""
        one, other = stores
        log = EventLog.of(*FACTS[:2]).append(FACTS[2], supersedes=0)
        one.append(log)
        data = scale.write(one, tmp_path / "data", VOCABULARY)
        log = log.append(FACTS[3]).retract(1, because="wrong")
        one.append(log)
        data = data.append(one)
        first = data.copy_to(other)

        assert log == one.read() == other.read() == EventLog(data.entries())
        assert first == data.copy_to(other) == other.head()
        assert one.head().position == other.verify().position
        with pytest.raises(StaleLogError, match="another log"):
            scale.write(EventLog.of(*FACTS), tmp_path / "x", VOCABULARY).copy_to(other)


def test_values_of_several_kinds_decode_as_they_do_alone() -> None:
    """A page of values of kinds of which one name begins another is read in order."""
    vocabulary = Vocabulary(Bid, BidWon)
    facts = [Bid(1), BidWon(2), Bid(3), Bid(4), BidWon(5)]
    values = [
        payload_value(vocabulary.name_of(fact), "1", vocabulary.encode(fact).decode())
        for fact in facts
    ]

    assert facts == payloads(vocabulary)(values)
    assert [] == payloads(vocabulary)([])
    assert facts[:1] == payloads(vocabulary)(values[:1])
    two = values[0] + "\n" + values[2].partition("Bid")[2]
    for damaged in ([two], [two, values[1]]):
        with pytest.raises(ValueError, match="longer"):
            payloads(vocabulary)(damaged)


FACTS = [
    Event(kind(value, frozenset({"AAA", "BBB"})), when="2000", id=name)
    for kind, value, name in [
        (Fact, "a", None),
        (Deed, "b", "x"),
        (Fact, "c", None),
        (Deed, "d", "x"),
    ]
]


def test_rows_written_otherwise_are_read_with_care(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """JSON in another order is put into ours, and what does not fit is told."""
    # Each limit is 131,072 rows: so many would take seconds.
    monkeypatch.setattr("bri_timeline.scale._dictionary._MOST_KEPT", 2)
    monkeypatch.setattr("bri_timeline.scale._writing._ROWS", 2)
    monkeypatch.setattr("bri_timeline.scale._layout._SEGMENT", 2)
    parties = ["BBB", "AAA"]
    rows = pa.table(
        {
            "kind": ["Fact"] * 6,
            "what": [json.dumps({"value": v, "parties": parties}) for v in "abcdef"],
            "when": ["2000-01-01"] * 6,
            "cite": pa.array([[{"title": "Daily"}]] * 6),
        }
    )
    cite = pa.DictionaryArray.from_arrays([0] * 6, rows.column("cite").chunk(0)[:1])
    rows = rows.set_column(3, "cite", cite)
    small = pa.Table.from_batches(rows.to_batches(max_chunksize=1))
    with laid_out(small) as data:
        entries = list(data.entries())
        bad = rows.slice(0, 1).set_column(1, "what", pa.array(['{"value":7}']))
        with pytest.raises(FaultsError, match="row 0: what"):
            data.append(bad)

    assert [*"abcdef"] == [entry.claim.what.value for entry in entries]
    assert {Source("Daily").at("")} == {c for e in entries for c in e.claim.cite}
    assert {frozenset(parties)} == {entry.claim.parties for entry in entries}


def test_rows_that_have_little_in_common_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is kept of parties, sources and odd payloads is cleared, and made again."""
    monkeypatch.setattr("bri_timeline.scale._dictionary._MOST_KEPT", 2)
    monkeypatch.setattr("bri_timeline.scale._staging._MOST_KEPT", 2)
    monkeypatch.setattr("bri_timeline.scale._writing._ROWS", 2)
    names = ["BBB", "CCC", "BBB", "DDD", "EEE", "FFF"]
    what = [json.dumps({"value": "a", "parties": [name, "AAA"]}) for name in names]
    rows = pa.table(
        {
            "kind": ["Fact"] * 5 + ["Odd"],
            "what": [*what[:5], '{"text":"x"}'],
            "when": ["2000-01-01"] * 6,
            "cite": pa.array([[{"title": name}] for name in names]),
        }
    )
    small = pa.Table.from_batches(rows.to_batches(max_chunksize=1))
    with laid_out(small) as data:
        entries = list(data.entries())

    assert names[:5] == [max(entry.claim.parties) for entry in entries[:5]]
    assert "Odd" == entries[5].claim.what.name
    assert names == [entry.claim.cite[0].source.title for entry in entries]


@pytest.mark.parametrize("rows_at_once", [1, 8])
@pytest.mark.parametrize("first", [["BBB", "AAA"], ["AAA", "AAA", "BBB"]])
def test_parties_that_are_given_otherwise_are_stored_as_ours(
    first: list[str], rows_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sets in another order, or with a text twice, are equal to those in ours."""
    monkeypatch.setattr("bri_timeline.scale._writing._ROWS", rows_at_once)
    given = [first, ["AAA", "BBB"], first, ["AAA", "CCC"], ["AAA", "BBB"]]
    compact = json.JSONEncoder(separators=(",", ":")).encode
    whats = [compact({"parties": p, "value": f"v{n}"}) for n, p in enumerate(given)]
    whats[4] = whats[4].replace('"value":', '"value": ')
    ours = [
        compact({"parties": sorted({*p}), "value": f"v{n}"})
        for n, p in enumerate(given)
    ]
    rows = pa.table(
        {
            "kind": ["Fact"] * 5,
            "what": whats,
            "when": ["2000-01-01"] * 5,
            "cite": pa.array([[{"title": "Daily"}]] * 5),
        }
    )
    small = pa.Table.from_batches(rows.to_batches(max_chunksize=1))
    with laid_out(small) as data:
        entries = list(data.entries())
        files = sorted(data.folder.glob("rows-*.parquet"))
        texts = pa.concat_tables(map(pq.read_table, files)).column("what").to_pylist()

    assert [{*some} for some in given] == [entry.claim.parties for entry in entries]
    assert sorted(texts) == sorted(ours)


def test_parties_of_many_payloads_are_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also those of another batch, unless so many are kept that they are cleared."""
    monkeypatch.setattr("bri_timeline.scale._dictionary._MOST_KEPT", 3)
    reader = CellReader(VOCABULARY, PairNumbers(2, {}))
    looked = list[object]()
    related = CellReader._related
    monkeypatch.setattr(
        CellReader,
        "_related",
        lambda self, what: looked.append(what) or related(self, what),
    )
    for start in range(0, 20, 5):
        what = '{{"parties":["AAA","B{}"],"value":"{}"}}'
        values = [
            payload_value("Fact", "1", what.format(n % 2, n))
            for n in range(start, start + 5)
        ]
        found = reader.belongings(values)
        assert None not in found
    assert len(looked) == 2
    for n in range(20):
        reader.belongings([payload_value("Fact", "1", what.format(n, n))])
    assert len(reader._belongings) <= 3


RELEASED = ["2019-01-01", "2020-01-01", "2021-01-01"]


@st.composite
def released(draw: st.DrawFn) -> EventLog:
    """Logs of claims and releases of two datasets, in any order of publication."""
    log = draw(logs(max_size=3))
    for _ in range(draw(st.integers(1, 4))):
        some = draw(st.lists(events(), max_size=3, unique_by=lambda event: event.id))
        # Without rows, a release says what it covers.
        whole = None if some else Covers()
        covers = st.sampled_from([whole, Covers(Deed), Covers("Other", days="2016")])
        because = draw(st.sampled_from([None, "corrected"]))
        # Days repeat: a second release of one day with other rows is refused.
        with suppress(DayError, EntryError):
            log, _ = log.revise(
                some,
                dataset=draw(st.sampled_from(["list", "list", "other"])),
                published=draw(st.sampled_from(RELEASED)),
                covers=draw(covers),
                because=because,
                unread=draw(st.sampled_from([(), ("a",), ("b", "c")])),
            )
        if draw(st.booleans()):
            log = log.append(draw(events()))
        if draw(st.booleans()) and log:
            target = draw(st.integers(0, len(log) - 1))
            with suppress(EntryError):  # a release is not a claim
                log = log.retract(target, because="wrong")
    return log


@at_most(25)
@given(log=released(), cut=st.integers(0, 9), by_table=st.booleans(), data=st.data())
def test_a_dataset_keeps_releases(
    log: EventLog, cut: int, by_table: bool, data: st.DataObject
) -> None:
    """A log comes back from disk as it was, and is revised as the original is."""
    start = EventLog([*log][:cut])
    with laid_out(to_arrow(start, VOCABULARY) if by_table else start) as written:
        written = written.append(log) if cut < len(log) else written
        again = EventLog(written.entries())
        pairs = [written.among(*pair) for pair in PAIRS]

    assert [*log] == [*again]
    assert [[e.dataset for e in log.among(*pair)] for pair in PAIRS] == [
        [entry.dataset for entry in part] for part in pairs
    ]
    some = data.draw(st.lists(events(), max_size=3, unique_by=lambda event: event.id))
    # A second release of one day with other rows is refused.
    day = data.draw(st.sampled_from(["2018-07-01", "2019-07-01", "2022-01-01"]))
    whole = None if some else Covers()
    one, other = (
        found.revise(some, dataset="list", published=day, covers=whole)
        for found in (log, again)
    )
    assert one == other


def test_a_dataset_of_releases_is_written_without_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost, so that nothing is logged; a queue of proposals is lost."""
    log, _ = EventLog().revise(FACTS[:2], dataset="facts", published="2019-01-01")
    data = scale.write(log, tmp_path / "released", VOCABULARY)
    assert [] == caplog.messages
    queue = log.propose(FACTS[0], by="Anna").accept(len(log), by="Bela")
    queue = queue.propose(FACTS[1], by="Anna")
    data = data.append(queue)
    assert [without_review(entry) for entry in queue] == [*data.entries()]
    (said,) = caplog.messages
    assert said.endswith("does not keep the queue of proposals: keep the log")


def test_a_release_that_is_not_one_is_told(tmp_path: Path) -> None:
    """A cell that does not hold a release is a fault, with its row."""
    rows = table(dataset=["deals"] * 2, release=[None, "{"])
    with pytest.raises(FaultsError, match="row 1: release: is not a release"):
        scale.write(rows, tmp_path, DEALS)
    alone = {"kind": ["Deal", None], "what": [_DEAL, None], "when": ["2000", None]}
    rows = table(**alone, dataset=["deals"] * 2, release=[None, "{}"])
    release = [*scale.write(rows, tmp_path, DEALS).entries()][1]
    assert (None, "deals", Release()) == (
        release.event,
        release.dataset,
        release.release,
    )


_UNCLOSED = """
import os, sys, tempfile
from scale_worlds import DEALS, many
from bri_timeline import scale

tempfile.tempdir = sys.argv[1]
kept = scale.write(many(10), sys.argv[2], DEALS).entries()
next(kept)
os._exit(0)
"""


@pytest.mark.slow
def test_a_process_that_ends_leaves_no_folder_behind(tmp_path: Path) -> None:
    """Also if it closes nothing, as a worker does: there was none on disk."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    subprocess.run(
        [sys.executable, "-c", _UNCLOSED, str(temporary), str(tmp_path / "data")],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert [] == [path for path in temporary.rglob("*") if path.parent != temporary]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["own", "of all", "of the system"])
def test_what_is_worked_on_on_disk_is_private_and_deleted(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB makes its folder in one that only this user can read, and deletes it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if place == "of the system":  # where each user has a folder for temporary files
        monkeypatch.delattr(os, "getuid")
    if place == "of all":
        (tmp_path / f"bri-timeline-{os.getuid()}").mkdir(mode=0o755)
    with engine(Limits("20MB", 1), tmp_path) as database:
        found = database.sql(
            "select hash(i)::varchar as text from range(1000000) numbers(i)"
            " order by text"
        )
        reader = found.to_arrow_reader(1_000)
        reader.read_next_batch()
        [spilled] = {path.parent for path in tmp_path.rglob("duckdb_temp*")}
        if place != "of the system":
            assert 0o700 == S_IMODE(spilled.parent.stat().st_mode)
    del reader, found, database
    assert not spilled.exists()


@given(logs())
@at_most(50)
def test_clusters_that_are_resolved_few_at_a_time_are_those_resolved_at_once(
    log: EventLog,
) -> None:
    """Only the entries of one cluster must be in memory together."""
    found, sizes = list[Any](), list[int]()

    def counted(some: pa.Table, vocabulary: Vocabulary) -> EntryColumns:
        sizes.append(len(some))
        return entries_in(some, vocabulary)

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(_clusters, "entries_in", counted)
        for most in (1 << 17, 1):
            patch.setattr(_clusters, "_RESOLVED", most)
            path = Path(folder) / str(most)
            scale.write(log, path, VOCABULARY, buckets=2)
            files = map(pq.read_table, sorted(path.glob("clusters-*")))
            found.append([row for one in files for row in one.to_pylist()])
            clusters = {row["cluster"]: set[int]() for row in found[-1]}
            for row in found[-1]:
                clusters[row["cluster"]].add(row["position"])
            wanted = [len(some) for _, some in sorted(clusters.items())]
            assert sizes == (wanted if most == 1 else [sum(wanted)] * bool(wanted))
            sizes.clear()

    assert found[0] == found[1]
