"""What counts of a dataset is a Delta table, and other engines answer as a log does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import polars as pl
import pytest
from attrs import evolve
from delta_worlds import Rows, check_view, check_years, exported, happened
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact, logs, view_days
from scale_worlds import BOTH, DEALS, chronicles, counted, deal, laid_out, many

from bri_timeline import Entry, Event, EventLog, Place, Prefer, Source, scale
from bri_timeline._form import ColumnCodec
from bri_timeline.errors import DatasetError, SelectionError
from bri_timeline.relations import FACTS, Visited
from bri_timeline.scale import _delta


few = at_most(20)


def in_duckdb(path: str, sql: str) -> Rows:
    """Return what DuckDB answers, which reads the table as one of Arrow."""
    with duckdb.connect() as connection:
        connection.register("happenings", DeltaTable(path).to_pyarrow_dataset())
        return connection.sql(sql).fetchall()


def in_polars(path: str, sql: str) -> Rows:
    """Return what polars answers."""
    tables = pl.SQLContext(happenings=pl.scan_delta(path), eager=True)
    return tables.execute(sql).rows()


def in_deltalake(path: str, sql: str) -> Rows:
    """Return what deltalake answers by itself."""
    tables = QueryBuilder().register("happenings", DeltaTable(path))
    return pl.DataFrame(tables.execute(sql).read_all()).rows()


TOLD = "kind", "when", "what", "where", "cite", "parties"


def _of_event(event: Event) -> tuple[object, ...]:
    """Return the cells of an event."""
    cells = ColumnCodec(BOTH).columns_of([Entry(position=0, event=event)])
    return *(cells[name][0] for name in TOLD[:5]), sorted(event.parties)


ENGINES = in_duckdb, in_polars, in_deltalake


class TestTable:
    """The table of what counts."""

    @few
    @given(
        log=logs() | chronicles(),
        cut=st.integers(0, 8),
        on=view_days(),
        prefer=st.sampled_from(Prefer),
    )
    def test_engines_have_what_a_view_has(
        self, log: EventLog, cut: int, on: date, prefer: Prefer
    ) -> None:
        """Under each policy, also of a dataset that grew."""
        with exported(log, cut, prefer=prefer) as path:
            for engine in ENGINES:
                check_view(partial(engine, path), log.reading(prefer).as_of(on))

    @few
    @given(
        log=logs() | chronicles(),
        cut=st.integers(0, 8),
        prefer=st.sampled_from(Prefer),
    )
    def test_a_row_has_what_all_claims_of_a_happening_say(
        self, log: EventLog, cut: int, prefer: Prefer
    ) -> None:
        """Its words, date and place, and all sources."""
        view = log.reading(prefer).as_of("9999-12-31")
        with exported(log, cut, prefer=prefer) as path:
            rows = DeltaTable(path).to_pyarrow_table().to_pylist()

        assert sorted(map(repr, map(_of_event, (*view.events, *view.undecided)))) == (
            sorted(repr(tuple(row[name] for name in TOLD)) for row in rows)
        )

    def test_an_id_that_nobody_gave_is_not_in_the_table(self, tmp_path: Path) -> None:
        """Two corrections that say the same have the digest of what was said first."""
        claims = [
            Event(Visited("GEO", "KAZ"), when="2014-06", cite=Source(name))
            for name in ("one", "other")
        ]
        log = EventLog.of(*claims)
        for position, claim in enumerate(claims):
            log = log.append(evolve(claim, when="2014-07"), supersedes=position)
        scale.write(log, tmp_path / "data", FACTS).export_delta(tmp_path / "table")
        (row,) = DeltaTable(str(tmp_path / "table")).to_pyarrow_table().to_pylist()

        assert (None, "2014-07") == (row["id"], row["when"])
        assert all(name in row["cite"] for name in ("one", "other"))

    def test_a_table_of_earlier_rules_is_written_anew(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its files are of the same dataset, and have other rows."""
        data = scale.write(many(2), tmp_path / "data", DEALS)
        with monkeypatch.context() as before:
            before.setattr(_delta, "_ROWS", 1)
            versions = [data.export_delta(tmp_path / "table") for _ in range(2)]

        assert [0, 0, 1, 1] == versions + [
            data.export_delta(tmp_path / "table") for _ in range(2)
        ]

    def test_claims_that_agree_are_a_row_with_all_that_they_say(
        self, tmp_path: Path
    ) -> None:
        """In the order of time, which the second claim gives more exactly."""
        early, late = (Source(day, published=day) for day in ("2014-12-31", "2016"))
        log = EventLog.of(
            Event(Visited("GEO", "KAZ"), when="2015", id="visit", cite=late),
            Event(Visited("GEO", "KAZ"), when="2015-05-01", id="other"),
            Event(
                Visited("GEO", "KAZ", "person:x"),
                when="2015-06-01",
                where=Place("Tbilisi"),
                id="visit",
                cite=early,
            ),
        )
        scale.write(log, tmp_path / "data", FACTS).export_delta(tmp_path / "table")
        table = DeltaTable(str(tmp_path / "table")).to_pyarrow_table()
        first, second = table.to_pylist()

        assert ["other", "visit"] == [first["id"], second["id"]]
        assert ("2015-06-01", "person:x") == (second["when"], second["visited_who"])
        assert second["earliest_start"] == second["latest_start"] == date(2015, 6, 1)
        assert "Tbilisi" in second["where"]
        assert date(2014, 12, 31) == second["known"]
        assert all(source.title in second["cite"] for source in (early, late))

    @few
    @given(log=logs() | chronicles(), cut=st.integers(0, 8))
    def test_engines_count_by_pair_and_year_what_a_panel_counts(
        self, log: EventLog, cut: int
    ) -> None:
        """The events that certainly began in a year."""
        with exported(log, cut) as path:
            for engine in ENGINES:
                check_years(partial(engine, path), log)

    @pytest.mark.slow
    def test_only_what_changed_is_written(self, tmp_path: Path) -> None:
        """As one commit, which says of which version of the dataset it is."""
        log = many(60)
        with laid_out(log, 4, DEALS) as data:
            own = {path.name for path in data.folder.iterdir()}
            assert 0 == data.export_delta(tmp_path) == data.export_delta(tmp_path)
            before = files_of(tmp_path)
            log = log.append(deal(99, "AAA", "BBB"), supersedes=1)
            data = data.append(log)
            assert 1 == data.export_delta(tmp_path) == data.export_delta(tmp_path)
        after = files_of(tmp_path)
        table = DeltaTable(tmp_path)

        assert len(before) > 2
        assert 1 == len(before - after) == len(after - before)
        assert own.isdisjoint(name for path in before for name in Path(path).parts)
        assert [f"version {n} of data" for n in (2, 1)] == [
            commit["userMetadata"] for commit in table.history()
        ]
        assert counted(log) == positions(tmp_path)

    @pytest.mark.slow
    def test_a_bucket_can_become_empty(self, tmp_path: Path) -> None:
        """So can a table; a column that is new is null in what was written before."""
        log = EventLog.of(deal(1, "AAA", "BBB", millions=1))
        with laid_out(EventLog(), 2, BOTH | DEALS) as data:
            assert 0 == data.export_delta(tmp_path / "table")
            data = data.append(log)
            assert 1 == data.export_delta(tmp_path / "table")
            assert [0] == positions(tmp_path / "table")
            data = data.append(log.retract(0, because="wrong"))
            assert 2 == data.export_delta(tmp_path / "table")

        assert [] == positions(tmp_path / "table")

    @pytest.mark.slow
    def test_a_column_that_is_new_is_null_in_earlier_rows(self, tmp_path: Path) -> None:
        """Also in a bucket that is written again without new rows."""
        log = EventLog.of(*(deal(n, "AAA", name) for n, name in enumerate("BCDEF")))
        data = scale.write(log, tmp_path / "data", DEALS, buckets=5)
        data.export_delta(tmp_path / "table")
        log = log.append(Event(Fact("a", frozenset("XY")), when="2015"))
        log = log.retract(0, because="wrong")
        data = scale.open(tmp_path / "data", BOTH | DEALS).append(log)
        data.export_delta(tmp_path / "table")
        rows = pl.read_delta(str(tmp_path / "table")).sort("position")

        assert [None] * 4 + ["a"] == rows["fact_value"].to_list()
        assert counted(log) == rows["position"].to_list()

    def test_claims_without_parties_have_their_rivals(self, tmp_path: Path) -> None:
        """These lie elsewhere, and one of them counts."""
        log = EventLog.of(
            Event(Fact("a"), when="2015", id="x"),
            Event(Fact("b"), when="2015"),
            Event(Fact("b", frozenset({"AAA", "BBB"})), when="2016", id="x"),
        )
        with laid_out(log, 64) as data:
            data.export_delta(tmp_path)

        assert [1, 2] == counted(log) == positions(tmp_path)

    def test_dates_that_others_do_not_have(self, tmp_path: Path) -> None:
        """Comparisons have the answer that they have in the library."""
        dates = ["-0005/-0004", "../0005", "2015/", "2015/..", "Y12000/Y12001", "2015"]
        log = EventLog.of(*(Event(deal(1, "A", "B").what, when=one) for one in dates))
        with laid_out(log, 1, DEALS) as data:
            data.export_delta(tmp_path)
        rows = pl.read_delta(str(tmp_path)).sort("position")
        least, first = date(1, 1, 1), (date(2015, 1, 1), date(2015, 12, 31))

        assert [
            (least, least, least, least),
            (least, least, date(5, 1, 1), date(5, 12, 31)),
            (*first, date(2015, 1, 1), None),
            (*first, None, None),
            (None, None, None, None),
            (*first, None, None),
        ] == rows.select("^(earliest|latest)_.*$").rows()
        for day in (date(1, 1, 1), date(2015, 6, 1), date(9999, 12, 31)):
            view = log.as_of(day)
            rows = in_duckdb(str(tmp_path), happened(day))
            found = [(row[1], row[-1]) for row in rows]

            assert {(str(event.when), True) for event in view.events} | {
                (str(event.when), False) for event in view.undecided
            } == {*found}

    def test_dates_bounded_by_reports_are_refused(self, tmp_path: Path) -> None:
        """The columns have dates as they were claimed."""
        with laid_out(many(3), 1, DEALS) as data, pytest.raises(SelectionError):
            data.reading(bounded_by_reports=True).export_delta(tmp_path)

    @pytest.mark.slow
    def test_it_can_be_written_by_workers(self, tmp_path: Path) -> None:
        """Each writes the file of its bucket, and progress is told."""
        told: list[tuple[int, int]] = []
        log = many(60)
        with laid_out(log, 4, DEALS) as data, ThreadPoolExecutor(2) as threads:
            data.export_delta(
                tmp_path, executor=threads, progress=lambda *done: told.append(done)
            )
        files = len(files_of(tmp_path))

        assert [(done, files) for done in range(files + 1)] == told
        assert counted(log) == positions(tmp_path)


class TestFolder:
    """The folder of a table, in which others work too."""

    def test_a_folder_with_something_else_is_refused(self, tmp_path: Path) -> None:
        """Cleaning a table up deletes what it does not know."""
        other = pl.DataFrame({"bucket": [1], "a": [2]}).to_arrow()
        write_deltalake(tmp_path / "other", other, partition_by=["bucket"])
        with laid_out(many(3), 1, DEALS) as data:
            for path in (data.folder, data.folder.parent, tmp_path / "other"):
                with pytest.raises(DatasetError, match="give a folder that is not"):
                    data.export_delta(path)
        assert [(1, 2)] == pl.read_delta(str(tmp_path / "other")).rows()

    @pytest.mark.slow
    def test_another_dataset_replaces_all(self, tmp_path: Path) -> None:
        """Also buckets that it does not have."""
        for log, buckets in ((many(60), 8), (many(7), 2)):
            with laid_out(log, buckets, DEALS) as data:
                data.export_delta(tmp_path)

            assert counted(log) == positions(tmp_path)

    @pytest.mark.slow
    def test_upkeep_changes_nothing(self, tmp_path: Path) -> None:
        """A table is compacted and cleaned up; if it is set back, all is written."""
        log = many(60)
        with laid_out(log, 4, DEALS) as data:
            data.export_delta(tmp_path)
            log = log.retract(0, because="wrong")
            data = data.append(log)
            data.export_delta(tmp_path)
            table = DeltaTable(tmp_path)
            table.vacuum(0, enforce_retention_duration=False, dry_run=False)
            assert table.version() == data.export_delta(tmp_path)
            assert counted(log) == positions(tmp_path)
            data.append(log.retract(1, because="wrong")).export_delta(tmp_path)
            DeltaTable(tmp_path).restore(1)
            files = files_of(tmp_path)
            data.export_delta(tmp_path)

        assert files.isdisjoint(files_of(tmp_path))
        assert counted(log) == positions(tmp_path)

    @pytest.mark.slow
    @pytest.mark.parametrize("is_new", [True, False])
    def test_of_two_exports_at_once_one_fails(
        self, is_new: bool, tmp_path: Path
    ) -> None:
        """The table is that of the other, also if they write different buckets."""
        log = many(60)
        later = log.retract(0, because="wrong")
        last = later.retract(1, because="wrong")
        with laid_out(log, 64, DEALS) as data:
            if not is_new:
                data.append(later).export_delta(tmp_path)

            def overtake(done: int, _every: int) -> None:
                if not done:
                    data.append(last).export_delta(tmp_path)

            with pytest.raises(DatasetError, match="export again"):
                data.export_delta(tmp_path, progress=overtake)

            assert counted(last) == positions(tmp_path)
            data.export_delta(tmp_path)
        assert counted(log) == positions(tmp_path)


def files_of(path: Path) -> set[str]:
    """Return the files of a table."""
    return {*DeltaTable(path).file_uris()}


def positions(path: Path) -> list[int]:
    """Return the positions of the rows of a Delta table."""
    return sorted(pl.read_delta(str(path))["position"].to_list())
