"""The files of a dataset answer in plain SQL as the library does."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from attrs import evolve, field, frozen
from effort import at_most
from hypothesis import assume, given
from hypothesis import strategies as st
from log_strategies import (
    known_by_days,
    logs,
    view_days,
)
from scale_worlds import ABC, BOTH, DEALS, chronicles, deal, laid_out, many

from bri_timeline import Event, EventLog, Unknown, Vocabulary, scale
from bri_timeline.edtf import Edtf
from bri_timeline.relations import (
    FACTS,
    Visited,
)
from bri_timeline.scale import Dataset
from bri_timeline.scale._manifest import Manifest


GUIDE = Path(__file__).parents[2] / "examples" / "guides" / "scale.md"
few = at_most(25)
Rows = list[tuple[Any, ...]]


def in_sql(data: Dataset, query: str) -> Rows:
    """Return what DuckDB answers about the files of a dataset, once it has the view."""
    if not len(data):  # it has no file to read
        return []
    with duckdb.connect() as connection:
        connection.execute(VIEW.replace("deals/", f"{data.folder}/"))
        return connection.sql(query).fetchall()


def alone(data: Dataset, query: str) -> Rows:
    """Return the same of a dataset where each claim that counts does so by itself.

    What several tell together, the library says.
    """
    assume(not in_sql(data, "from counted where is_joined"))
    return in_sql(data, query)


VIEW, KNOWN = re.findall(
    r"^```sql\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)


class TestGuide:
    """The SQL of the guide."""

    @few
    @given(
        log=logs() | chronicles(),
        cut=st.integers(0, 8),
        on=view_days(),
        known_by=known_by_days(),
    )
    def test_what_was_known_by_a_day_is_what_a_view_has(
        self, log: EventLog, cut: int, on: date, known_by: date
    ) -> None:
        """Also of a dataset that grew, whose clusters grew with it."""
        query = _on(KNOWN.replace("2020-12-31", str(known_by)), on)
        entries = list(log)
        with laid_out(EventLog(entries[:cut]), 2, BOTH) as data:
            rows = alone(data.append(log) if cut < len(log) else data, query)
            for path in Path(data.folder).glob("counts-*.parquet"):
                for row in pq.read_table(path).to_pylist():
                    for day, number in (
                        (row["known_from"], row["from_day"]),
                        (row["known_until"], row["until_day"]),
                    ):
                        assert day is None or day.toordinal() == number

        assert [
            (BOTH.name_of(event.what), str(event.when), sorted(event.parties))
            for event in log.as_of(on, known_by).events
        ] == [row[:3] for row in rows]

    def test_what_counts_with_others_says_so(self) -> None:
        """Its own date stays in the columns, and a column tells that it is not all."""
        visit = Visited("AZE", "CHN")
        whens = "2015-12-31", "[2015-12-31,2016-01-02]", "2015-12-31"
        events = [
            Event(visit, when=when, id=name)
            for when, name in zip(whens, ("y", "x", "x"), strict=True)
        ]
        with laid_out(EventLog.of(*events), 2, FACTS) as data:
            rows = in_sql(data, "select position, is_joined from counted order by all")

        assert [(0, False), (1, True)] == rows

    @pytest.mark.slow
    def test_many_claims_with_one_id_take_turns(self) -> None:
        """The claim that became known last counts, and each in its own period."""
        log = EventLog()
        for number in range(2_000):
            event = evolve(deal(number % 7, *ABC, millions=number % 1_000), id="x")
            known = date.fromordinal(730_000 + number)
            log = log.append(event, known=known)
        with laid_out(log, 1, DEALS) as data:
            rows = in_sql(
                data,
                "select position, counts_from, counts_until from counted where lead"
                " order by counts_from",
            )

        assert 2_000 == len(rows)
        assert [*range(2_000)] == [row[0] for row in rows]
        assert [row[1] for row in rows[1:]] == [row[2] for row in rows[:-1]]
        assert rows[-1][2] is None


def _on(query: str, day: date) -> str:
    """Return a query of the guide for a day, of events of any year."""
    return re.sub(
        r"latest <= date '[-0-9]+'", f"(latest <= date '{day}' or last < 1)", query
    )


class Mood(Enum):
    """How it went."""

    WELL = "well"
    BADLY = "badly"


@frozen
class Inner:
    """A part of a payload."""

    amount: Decimal | None
    on: date


@frozen
class AllSorts:
    """A payload with a field of every type."""

    text: str
    whole: int
    real: float
    exact: Decimal
    truth: bool
    mood: Mood
    period: Edtf
    tags: frozenset[str]
    steps: tuple[str, ...]
    inner: Inner | None
    either: int | str
    deep: tuple[tuple[int, ...], ...] = ()
    parties: frozenset[str] = frozenset({"AAA", "BBB"})


def sorts(**fields: Any) -> AllSorts:
    """Return a payload, of which some fields are given."""
    inner = Inner(Decimal("1.5"), date(2020, 2, 29))
    plain = {
        "text": "a",
        "whole": 1,
        "real": 0.5,
        "exact": Decimal("1.000000001"),
        "truth": True,
        "mood": Mood.WELL,
        "period": Edtf("2015/.."),
        "tags": frozenset("ba"),
        "steps": ("b", "a"),
        "inner": inner,
        "either": "x",
    }
    return AllSorts(**plain | fields)


def shown(data: Dataset) -> list[dict[str, Any]]:
    """Return the rows of a dataset as polars reads them, in the order of the log."""
    frames = map(pl.read_parquet, data.folder.glob("rows-*.parquet"))
    return pl.concat(frames, how="diagonal").sort("position").to_dicts()


class TestColumns:
    """The columns of the fields of payloads."""

    def test_each_type_has_its_column(self) -> None:
        """Types that no column holds have none."""
        log = EventLog.of(
            Event(sorts(), when="2015", id="x"),
            Event(sorts(inner=None, mood=Mood.BADLY), when="-0005"),
        )
        with laid_out(log, 1, Vocabulary(AllSorts)) as data:
            first, second = shown(data)
        prefix = "all_sorts_"

        assert {
            "text": "a",
            "whole": 1,
            "real": 0.5,
            "exact": Decimal("1.000000001"),
            "truth": True,
            "mood": "well",
            "period": "2015/..",
            "tags": ["a", "b"],
            "steps": ["b", "a"],
            "inner_amount": Decimal("1.5"),
            "inner_on": date(2020, 2, 29),
        } == {
            name.removeprefix(prefix): value
            for name, value in first.items()
            if name.startswith(prefix)
        }
        assert (date(2015, 1, 1), date(2015, 12, 31)) == (
            first["earliest"],
            first["latest"],
        )
        assert ("x", "AAA", "BBB", "2015") == tuple(
            first[name] for name in ("id", "one", "other", "when")
        )
        assert ("badly", None, None) == tuple(
            second[prefix + name] for name in ("mood", "inner_amount", "inner_on")
        )
        assert (None, None) == (second["earliest"], second["latest"])
        assert Edtf("-0005").last_day == second["last"]
        assert first["unfit"] is second["unfit"] is None

    def test_a_value_that_does_not_fit_is_null_and_named(self) -> None:
        """Of the rows beside it nothing is lost."""
        values = [Decimal("1E30"), Decimal("0.0000000001"), Decimal(7)]
        log = EventLog.of(
            Event(sorts(whole=1 << 63), when="2015"),
            *(Event(sorts(exact=value), when="2016") for value in values),
        )
        with laid_out(log, 1, Vocabulary(AllSorts)) as data:
            rows = shown(data)

        assert [["all_sorts_whole"], *[["all_sorts_exact"]] * 2, None] == [
            row["unfit"] for row in rows
        ]
        assert [None, 1, 1, 1] == [row["all_sorts_whole"] for row in rows]
        assert Decimal(7) == rows[-1]["all_sorts_exact"]

    def test_columns_that_would_share_a_name_are_numbered(self, tmp_path: Path) -> None:
        """A column keeps its meaning when the vocabulary is in another order."""

        @frozen
        class Foo:
            bar_x: int
            parties: frozenset[str] = ABC

        @frozen
        class FooBar:
            x: str
            parties: frozenset[str] = ABC

        @frozen
        class Other:
            a: int
            parties: frozenset[str] = ABC

        one, two = Event(Foo(1), when="2015"), Event(FooBar("y"), when="2015")
        log = EventLog.of(one, two)
        data = scale.write(log, tmp_path, Vocabulary(Foo, FooBar), buckets=1)
        log = EventLog.of(one, two, Event(FooBar("z"), when="2016"))
        log = log.append(Event(Other(3), when="2016"))
        swapped = Vocabulary(FooBar, Other, Foo)
        data = scale.open(tmp_path, swapped).append(log)
        rows = [row for row in shown(data) if row["lead"]]

        assert [1, None, None, None] == [row["foo_bar_x"] for row in rows]
        assert [None, "y", "z", None] == [row["foo_bar_x_2"] for row in rows]
        assert [None, None, None, 3] == [row["other_a"] for row in rows]

    def test_a_field_of_another_type_gets_another_column(self, tmp_path: Path) -> None:
        """Numbers of before stay numbers, and text of now is text."""

        def to_text(fields: dict[str, Any]) -> dict[str, Any]:
            return {**fields, "a": str(fields["a"])}

        def kept(type_: type) -> type:
            fields = {"a": field(type=type_), "parties": field(type=frozenset[str])}
            return attrs.make_class("Kept", fields, frozen=True)

        old, new = kept(int), kept(str)
        before = EventLog.of(Event(old(1, ABC), when="2015"))
        scale.write(before, tmp_path, Vocabulary(old), buckets=1)
        later = Vocabulary(new, upcasts={new: (to_text,)})
        data = scale.open(tmp_path, later)
        log = EventLog(data.entries()).append(Event(new("b", ABC), when="2015"))
        rows = [row for row in shown(data.append(log)) if row["lead"]]

        assert ["1", "b"] == [entry.claim.what.a for entry in log]
        assert [1, None] == [row["kept_a"] for row in rows]
        assert [None, "b"] == [row["kept_a_2"] for row in rows]

    def test_what_no_vocabulary_knows_has_a_kind_and_no_cells(self) -> None:
        """Its parties are those that it names."""
        unknown = Unknown("Deal", 7, b'{"millions":"?","parties":["AAA","BBB"]}')
        log = EventLog.of(Event(unknown, when="2015"), *(e.claim for e in many(2)))
        with laid_out(log, 1, DEALS) as data:
            rows = shown(data)
            [part] = Manifest.load(data.folder).parts

        assert [None, 0, 1] == [row["deal_millions"] for row in rows]
        assert ["Deal"] * 3 == [row["kind"] for row in rows]
        assert ["AAA", "BBB"] == rows[0]["parties"]
        assert (("Deal", 0), ("Deal", 1)) == part.kinds
