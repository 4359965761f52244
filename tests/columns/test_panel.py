"""Panels: each row is what a view of the events of its key says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import (
    Fact,
    logs,
)
from panel_worlds import (
    LOG,
    guests,
    how_many,
    is_a,
    last_price,
    pairs,
    score,
    visit,
)

from bri_timeline import (
    Event,
    EventLog,
    Projection,
)
from bri_timeline._queries._columns import KeyColumns
from bri_timeline.errors import (
    PanelError,
)
from bri_timeline.measures import count, total


class TestArrow:
    """The stream that other libraries read."""

    @given(
        logs(plain=True),
        st.sampled_from([score, how_many, count(), total(Fact, "price")]),
    )
    def test_the_columns_hold_what_the_rows_hold(
        self, log: EventLog, projection: Projection[int]
    ) -> None:
        """In the same order, whatever the number of rows."""
        panel = log.panel(
            projection, by=pairs, every="month", start="2015-06-15", stop="2016-06-15"
        )
        table = pa.table(panel)
        rows = [
            (*r.key, r.since, r.until, r.value, r.low, r.high, r.complete)
            for r in panel
        ]

        assert rows == list(zip(*table.to_pydict().values(), strict=True)) or not rows
        if rows:
            names = ["key_1", "key_2", "since", "until", "value", "low", "high"]
            assert [*names, "complete"] == table.column_names
        assert len(rows) == table.num_rows

    @pytest.mark.parametrize("measure", [count(), count(Fact), count(Fact, where=is_a)])
    def test_a_count_is_a_column_of_whole_numbers(
        self, measure: Projection[int]
    ) -> None:
        """Also where it is 1: true equals 1, but is a column of another type."""
        some = [
            Event(Fact("a", frozenset("A")), when=when) for when in ("2015", "2017")
        ]
        panel = EventLog.of(*some).panel(
            measure, by=pairs, every="year", start="2015-01-01", stop="2017-12-31"
        )

        assert pa.table(panel).schema.field("value").type == pa.int64()
        assert [1, 1, 2] == pa.table(panel)["value"].to_pylist()

    @pytest.mark.slow
    def test_long_panels_come_in_batches_of_one_schema(self) -> None:
        """So that they need little memory."""
        log = EventLog.of(*(visit("2014-01-01", guest=f"G{n}") for n in range(300)))
        panel = log.panel(
            how_many, by=guests, every="day", start="2013-12-01", stop="2014-11-30"
        )
        batches = [*pa.RecordBatchReader.from_stream(panel)]

        assert len(batches) > 1
        assert len(panel) == sum(map(len, batches))
        assert [row.value for row in panel] == [
            value for batch in batches for value in batch.column("value").to_pylist()
        ]

    def test_questions_are_streamed(self) -> None:
        """No more than a batch of them is read ahead."""
        read = []

        def questions() -> Iterator[tuple[str, str]]:
            for number in range(100_000):
                read.append(number)
                yield "KAZ", "2014-12-31"

        reader = pa.RecordBatchReader.from_stream(
            LOG.panel(how_many, by=guests, at=questions())
        )
        assert len(reader.read_next_batch()) == len(read) < 100_000
        assert len(reader.read_next_batch()) < len(read) == 100_000

    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            ([1, 2], pa.int64()),
            ([1, None], pa.int64()),
            ([None, None], pa.null()),
            ([1, 2.5], pa.float64()),
            ([Decimal("1.5"), 2], pa.decimal128(38, 6)),
            ([Decimal("0.123456789"), 2], pa.decimal128(38, 9)),
            (["a", "b"], pa.string()),
        ],
    )
    def test_values_decide_the_type_of_a_column(
        self, values: list[Any], kind: pa.DataType
    ) -> None:
        """Numbers have bounds of the same type."""
        days = ["2014-01-01", "2014-01-02"]
        log = EventLog.of(*map(visit, days, values))
        table = pa.table(
            log.panel(last_price, by=guests, at=[("KAZ", day) for day in days])
        )
        is_number = pa.types.is_integer(kind) or pa.types.is_decimal(kind)
        bound = kind if is_number else pa.float64()

        assert [kind, bound, bound] == [c.type for c in table.itercolumns()][-4:-1]
        assert values == table["value"].to_pylist()

    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            ([1, "a"], "'a' does not fit value"),
            ([2**63, 1], f"{2**63} does not fit value"),
            ([frozenset(), 1], "does not fit value, a column of Arrow"),
        ],
    )
    def test_values_without_a_common_type_are_refused(
        self, values: list[Any], problem: str
    ) -> None:
        """The error names the value, and says what to do."""
        days = ["2014-01-01", "2014-01-02"]
        log = EventLog.of(*map(visit, days, values))
        panel = log.panel(last_price, by=guests, at=[("KAZ", day) for day in days])
        with pytest.raises(PanelError, match=problem):
            pa.table(panel)

    @pytest.mark.parametrize(
        ("first", "later", "problem"),
        [
            (1, 1.5, "1.5 does not fit value, a column of int64"),
            (1, Decimal("1.5"), "'1.5'. does not fit value, a column of int64"),
            (1, "a", "'a' does not fit value, a column of int64"),
            (Decimal("1.5"), Decimal("1E-9"), "does not fit value, a column of dec"),
            ("a", 1, "1 does not fit value, a column of string"),
        ],
    )
    def test_a_later_value_of_another_type_is_refused(
        self, first: Any, later: Any, problem: str
    ) -> None:
        """The first batch decides; nothing is rounded to fit."""
        log = EventLog.of(visit("2014-01-01", first), visit("2014-01-02", later))
        asked = [("KAZ", "2014-01-01")] * (1 << 16) + [("KAZ", "2014-01-02")]
        reader = pa.RecordBatchReader.from_stream(
            log.panel(last_price, by=guests, at=asked)
        )
        reader.read_next_batch()
        with pytest.raises(Exception, match=problem):
            reader.read_next_batch()

    @pytest.mark.slow
    def test_batches_have_their_own_days_and_values(self) -> None:
        """Also where they are as long as the one before; None fits every type."""
        log = EventLog.of(visit("2014-01-02", 1))
        many = 1 << 16
        asked = [("KAZ", "2014-01-02")] * many + [("KAZ", "2014-01-01")] * many
        table = pa.table(log.panel(last_price, by=guests, at=asked))

        assert [1, None] == table["value"].to_pylist()[:: 2 * many - 1]
        assert ["2014-01-02", "2014-01-01"] == [
            str(day) for day in table["until"].to_pylist()[:: 2 * many - 1]
        ]

    def test_keys_have_a_column_for_each_part(self) -> None:
        """A key that is not a tuple has one; parts that are not there are null."""
        days: dict[str, Any] = {"start": "2014-01-01", "stop": "2014-12-31"}
        one = pa.table(LOG.panel(how_many, by=guests, **days))
        other = pa.table(LOG.panel(how_many, by=uneven, **days))

        assert ["AZE", "KAZ"] == one["key"].to_pylist()
        assert ["AZE", "KAZ"] == other["key_1"].to_pylist()
        assert [None, "CHN"] == other["key_2"].to_pylist()

    def test_a_later_key_with_more_parts_is_refused(self) -> None:
        """The columns are those of the first batch."""
        asked = [(("AZE",), "2014-01-01")] * (1 << 16) + [(("K", "C"), "2014-01-01")]
        reader = pa.RecordBatchReader.from_stream(
            LOG.panel(how_many, by=uneven, at=asked)
        )
        reader.read_next_batch()
        with pytest.raises(Exception, match="has other parts than those before: key_1"):
            reader.read_next_batch()

    def test_an_empty_panel_has_no_rows(self) -> None:
        """Of an empty log, and of no questions."""
        log = EventLog()
        panel = log.panel(how_many, by=guests, start="2014-01-01", stop="2014-12-31")

        assert [] == [*panel]
        assert 0 == len(panel)
        assert 0 == pa.table(panel).num_rows
        assert 0 == pa.table(log.panel(how_many, by=guests, at=[])).num_rows

    def test_questions_have_the_knowledge_that_answers_them(self) -> None:
        """A day or a position, in columns that are there even without questions."""
        asked = [("AZE", "2019-04-26", by) for by in ("2015-01-01", 2, None)]
        tables = [
            pa.table(LOG.panel(how_many, by=guests, at=some)) for some in (asked, [])
        ]
        found = [tables[0][name].to_pylist() for name in ("known_by", "position")]

        assert [[date(2015, 1, 1), None, None], [None, 2, None]] == found
        assert tables[0].schema.names == tables[1].schema.names


def uneven(event: Event) -> list[tuple[str, ...]]:
    """Keys of different length."""
    [guest] = guests(event)
    return [(guest,)] if guest == "AZE" else [(guest, "CHN")]


def test_keys_in_columns_are_a_sequence() -> None:
    """Keys that lie in columns of Arrow are tuples when they are read."""
    keys = KeyColumns([pa.array(["AZE", "CHN"]), pa.array(["KAZ", "UZB"])])

    assert [("AZE", "KAZ"), ("CHN", "UZB")] == list(keys)
    assert ("CHN", "UZB") == keys[-1]
    assert 2 == len(keys)
