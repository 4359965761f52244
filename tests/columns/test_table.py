"""Answers as tables: every cell is there, exact, and readers of Arrow take them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import frozen
from entry_strategies import entries as some_entries
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import everything, last_value, logs, tally, values, view_days

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Projection,
    Table,
    dyads,
)
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PlainDataError
from bri_timeline.measures import count
from bri_timeline.relations import Visited, relationship


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
VIEW = LOG.as_of("2019-04-26")
ENTRY = [
    "position", "known", "known_day", "supersedes", "retracts", "because",
    "recorded_at",
]  # fmt: skip
EVENT = ["id", "kind", "when", "earliest", "latest", "parties", "cite"]


def rows(answers: Any) -> list[dict[str, Any]]:
    """The rows of a table, as Python values."""
    return pa.table(answers).to_pylist()


def day(number: int | None) -> date | None:
    """The day of a number, if `date` has it."""
    inside = number is not None and 1 <= number <= date.max.toordinal()
    return date.fromordinal(number) if inside and number is not None else None


def event_cells(event: Event) -> dict[str, Any]:
    """What a table says of an event, payload aside, written anew."""
    return {
        "id": event.id,
        "kind": event.as_dict()["kind"],
        "when": str(event.when),
        "earliest": day(event.when.first_day),
        "latest": day(event.when.last_day),
        "parties": sorted(event.parties),
        "cite": event.as_dict()["cite"],
    }


def payload_cells(row: dict[str, Any], kind: str, own: set[str]) -> dict[str, Any]:
    """The cells of a payload in a row, under the names of its fields."""
    found = {}
    for name, cell in row.items():
        if name not in own and cell is not None:
            field = name.removeprefix("what.").removeprefix(f"{kind}.")
            found[field] = cell
    return found


@frozen
class Noted:
    """A payload whose fields have names of columns, and of all kinds."""

    when: str
    value: object = None
    parties: frozenset[str] = frozenset()


@frozen
class Counted:
    value: object


@frozen
class Empty:
    """A payload without fields."""


def noted(*found: object) -> EventLog:
    """A log of payloads with these values."""
    return EventLog.of(
        *(Event(Noted(str(n), value=v), when="2019") for n, v in enumerate(found))
    )


class TestCells:
    """Cells against the answers themselves."""

    @given(logs(), view_days())
    def test_a_view_is_a_table_of_its_events(self, log: EventLog, at: date) -> None:
        """A row for each certain event, then for each that is undecided."""
        view = log.as_of(at)
        found = rows(view)

        assert ["certain", "ended", *EVENT] == pa.table(view).column_names[:9]
        assert [
            *({"certain": True, **event_cells(e)} for e in view.events),
            *({"certain": False, **event_cells(e)} for e in view.undecided),
        ] == [{name: row[name] for name in ("certain", *EVENT)} for row in found]
        for row, event in zip(found, [*view.events, *view.undecided], strict=True):
            assert event.what.value == row["value"]

    @given(logs())
    def test_a_log_is_a_table_of_its_entries(self, log: EventLog) -> None:
        """A row for each entry, with all that it says."""
        found = rows(log)

        assert [*ENTRY, *EVENT] == pa.table(log).column_names[:14]
        assert len(log) == len(found)
        for row, entry in zip(found, log, strict=True):
            assert row["known"] == day(entry.known_day)
            for name in ENTRY[2:] + ENTRY[:1]:
                assert getattr(entry, name) == row[name]
            event = entry.event
            expected = dict.fromkeys(EVENT) if event is None else event_cells(event)
            assert expected == {name: row[name] for name in EVENT}

    @given(st.lists(some_entries, max_size=4))
    def test_every_field_of_a_payload_is_in_a_column(self, some: list[Entry]) -> None:
        """Whatever kinds are there: by field, by `what.` or by kind; or as JSON."""
        small = [e for e in some if abs(e.known_day or 0) < 1 << 62]
        small = [e for e in small if is_text(e)]
        for row, entry in zip(rows(Table(small)), small, strict=True):
            if entry.event is not None:
                what = entry.event.as_dict()["what"]
                kind = row["kind"]
                found = payload_cells(row, kind, {*ENTRY, *EVENT, "where"})
                expected = what if isinstance(what, dict) else {"what": what}
                kept = {name: v for name, v in expected.items() if v is not None}
                assert found.keys() == kept.keys()
                where = entry.event.where
                assert row.get("where") == (where and where.as_dict())
                for name, value in kept.items():
                    assert same(value, found[name])

    @given(logs(), view_days())
    def test_periods_and_beliefs_are_tables(self, log: EventLog, at: date) -> None:
        """Each state and each event or entry is there, with its day."""
        for state in (last_value, values, tally, everything):
            periods, beliefs = log.history(state), log.beliefs(state, on=at)
            for found, all_of_them in (
                (rows(Table(periods)), periods),
                (rows(Table(beliefs)), beliefs),
            ):
                assert [p.since_day for p in all_of_them] == [
                    row["since_day"] for row in found
                ]
                assert [p.since for p in all_of_them] == [row["since"] for row in found]
            assert [[e.id for e in p.events] for p in periods] == [
                [e["id"] for e in row["events"]] for row in rows(Table(periods))
            ]
            assert [[e.position for e in b.entries] for b in beliefs] == [
                [e["position"] for e in row["entries"]] for row in rows(Table(beliefs))
            ]
        assert [p.state for p in log.history(last_value)] == [
            row["state"] for row in rows(Table(log.history(last_value)))
        ]

    @given(logs(), view_days())
    def test_disputes_and_what_was_set_aside_are_tables(
        self, log: EventLog, at: date
    ) -> None:
        """Claims are structs, whose payload is JSON."""
        view = log.as_of(at)
        disputes, asides = rows(Table(view.disputes)), rows(Table(view.set_aside))

        for row, dispute in zip(disputes, view.disputes, strict=True):
            assert dispute.id == row["id"]
            claims = [row["taken"], *row["others"]]
            assert [event_cells(e) for e in dispute.claims] == [
                {name: claim[name] for name in EVENT} for claim in claims
            ]
            assert [e.as_dict()["what"] for e in dispute.claims] == [
                json.loads(claim["what"]) for claim in claims
            ]
        for row, aside in zip(asides, view.set_aside, strict=True):
            assert (aside.reason.value, aside.by.position) == (
                row["reason"],
                row["by"]["position"],
            )
            assert aside.event.id == row["event"]["id"]


def is_text(entry: Entry) -> bool:
    """Arrow holds text only without halves of surrogate pairs."""
    try:
        json.dumps(entry.as_dict(), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def same(plain: Any, cell: Any) -> bool:
    """A cell has the content of plain data: numbers exact, days as days."""
    if isinstance(cell, str) and not isinstance(plain, str):
        return alike(plain, json.loads(cell))
    if isinstance(cell, Decimal):
        return Decimal(plain) == cell
    if isinstance(cell, list):
        return len(plain) == len(cell) and all(map(same, plain, cell))
    if isinstance(cell, dict):
        there = {name for name, value in cell.items() if value is not None}
        return all(name in plain and same(plain[name], cell[name]) for name in there)
    if isinstance(cell, date):
        return bool(cell.isoformat() == plain)
    return bool(plain == cell)


def alike(plain: Any, found: Any) -> bool:
    """The content of plain data, in which a mapping may be a list of pairs."""
    if isinstance(plain, dict) and isinstance(found, list):
        found = {pair["key"]: pair["value"] for pair in found}
    if isinstance(plain, dict):
        parts = (alike(plain[key], found.get(key)) for key in plain)
        return plain.keys() == found.keys() and all(parts)
    if isinstance(plain, list):
        return len(plain) == len(found) and all(map(alike, plain, found))
    return bool(plain == found)


class TestTypes:
    """The types of columns."""

    @pytest.mark.parametrize(
        ("cells", "expected", "kind"),
        [
            ((1, 2), [1, 2], "int64"),
            ((1, None), [1, None], "int64"),
            ((1.5, float("inf")), [1.5, float("inf")], "double"),
            ((Decimal("1.5"), 2), [Decimal("1.5"), 2], "decimal128(2, 1)"),
            ((date(2019, 4, 24),), [date(2019, 4, 24)], "date32[day]"),
            ((frozenset("ba"), frozenset()), [["a", "b"], []], "list<item: string>"),
            ((None, None), [None, None], "null"),
            ((Empty(),), [None], "null"),
            # Arrow would cut the time, or take one zone for another.
            (
                (date(2019, 4, 24), datetime(2019, 4, 24, 8, tzinfo=UTC)),
                ['"2019-04-24"', '"2019-04-24T08:00:00+00:00"'],
                "string",
            ),
            ((1, "a"), ["1", '"a"'], "string"),
            ((True, 1, None), ["true", "1", None], "string"),
            ((2**70,), [str(2**70)], "string"),
            ((2**53 + 1, 0.5), [str(2**53 + 1), "0.5"], "string"),
            ((Decimal("Infinity"),), ['"Infinity"'], "string"),
        ],
    )
    def test_a_column_has_the_type_of_its_values_or_is_json(
        self, cells: tuple[object, ...], expected: list[object], kind: str
    ) -> None:
        """No value is rounded or cut to fit the others."""
        table = pa.table(noted(*cells))

        assert kind == str(table.schema.field("value").type)
        assert expected == table["value"].to_pylist()

    def test_a_field_named_as_a_column_has_a_prefix(self) -> None:
        """`when` of the payload is not that of the event."""
        (row,) = rows(noted("x"))

        assert ("2019", "0", []) == (row["when"], row["what.when"], row["what.parties"])

    def test_kinds_of_which_a_field_has_other_types_have_a_column_each(self) -> None:
        """The type of a column does not change because another kind is there."""
        log = noted(1, 2).append(Event(Counted("a"), when="2019"))
        table = pa.table(log)

        assert [1, 2, None] == table["Noted.value"].to_pylist()
        assert [None, None, "a"] == table["Counted.value"].to_pylist()
        assert "value" not in table.column_names

    def test_a_mapping_is_a_list_of_pairs(self) -> None:
        """Whatever its keys are; the parts of a tuple may have several types."""
        log = noted(1)
        simple = Projection(dict, lambda _state, _event: {"a": 1, "b": 2})
        parts = Projection(dict, lambda _state, _event: {("a", 1): 2})
        found = [rows(Table(log.history(p)))[1]["state"] for p in (simple, parts)]

        assert [{"key": "a", "value": 1}, {"key": "b", "value": 2}] == found[0]
        assert [{"key_1": "a", "key_2": 1, "value": 2}] == found[1]

    def test_a_payload_without_fields_is_a_column(self) -> None:
        """Text stands in the column `what`."""
        log = EventLog.of(Event("a visit", when="2019"))

        assert ["a visit"] == pa.table(log)["what"].to_pylist()

    def test_columns_are_there_without_rows(self) -> None:
        """An empty log and an empty view have the columns of all others."""
        log = EventLog()

        assert [*ENTRY, *EVENT] == pa.table(log).column_names
        assert ["certain", "ended", *EVENT] == pa.table(
            log.as_of("2019-01-01")
        ).column_names
        types = pa.table(LOG).schema
        assert [types.field(name).type for name in (*ENTRY, *EVENT)] == pa.table(
            log
        ).schema.types

    def test_a_day_that_no_date_holds_is_a_number(self) -> None:
        """The day is null, and its number is there."""
        log = EventLog().append(Event("x", when="-0044-03-15"), known="-0044-03-16")
        row, period = rows(log)[0], rows(Table(log.history(count())))[1]

        assert (None, log[0].known_day) == (row["known"], row["known_day"])
        assert (None, log[0].claim.when.first_day) == (
            period["since"],
            period["since_day"],
        )
        assert (None, None) == (row["earliest"], row["latest"])

    def test_an_instant_of_recording_is_one(self) -> None:
        """It is an instant of Arrow, in UTC."""
        at = datetime(2019, 4, 24, 8, tzinfo=UTC)
        entry = Entry(position=0, event=Event("x", when="2019"), recorded_at=at)

        assert [at] == pa.table(EventLog([entry]))["recorded_at"].to_pylist()


class TestReaders:
    """What reads Arrow."""

    def test_polars_reads_answers(self) -> None:
        """A log, a view, periods, beliefs and disputes are frames."""
        log = LOG
        assert (26, True) == (len(pl.DataFrame(log)), True)
        assert len(VIEW.events) == pl.DataFrame(VIEW)["certain"].sum()
        visits = pl.DataFrame(LOG.where(kinds=Visited).as_of("2020-01-01"))
        assert ["AZE", "AZE"] == visits["guest"].to_list()
        periods = LOG.history(count())
        assert [p.state for p in periods] == pl.DataFrame(Table(periods))[
            "state"
        ].to_list()
        assert 7 == len(pl.DataFrame(Table(LOG.beliefs(AZE_CHN, on="2019-04-24"))))
        assert 1 == len(pl.DataFrame(Table(VIEW.disputes)))

    def test_duckdb_reads_answers(self) -> None:
        """A table can be named in SQL."""
        view, log, periods = VIEW, LOG, Table(LOG.history(AZE_CHN))
        assert view
        assert log
        assert periods
        sql = "select (select count(*) from log), count(guest) from view"
        (found,) = duckdb.sql(sql).fetchall()
        (last,) = duckdb.sql(
            "select state.agreement_count from periods order by since desc limit 1"
        ).fetchall()

        assert (26, 2) == found
        assert (LOG.history(AZE_CHN)[-1].state.agreement_count,) == last

    def test_pandas_reads_answers(self) -> None:
        """A frame of pandas has the days and the numbers."""
        frame = pa.table(VIEW).to_pandas()
        assert isinstance(frame, pd.DataFrame)
        assert len(VIEW.events) + len(VIEW.undecided) == len(frame)

    def test_answers_of_other_questions_are_tables(self) -> None:
        """Steps, changes, contradictions, and rows of a panel."""
        steps = VIEW.explain(AZE_CHN, of=lambda state: len(state.visits)).steps
        assert [(0, 1), (1, 2)] == [
            (row["before"], row["after"]) for row in rows(Table(steps))
        ]
        events = rows(Table(VIEW.events))
        assert [e.id for e in VIEW.events] == [row["id"] for row in events]
        changes = VIEW.diff(LOG.as_of("2020-01-01"), AZE_CHN).changes
        assert len(changes) == len(rows(Table(changes)))
        found = LOG.contradictions()
        assert [one.report for one in found] == [
            row["report"] for row in rows(Table(found))
        ]
        panel = LOG.panel(count(), by=dyads, start="2019-01-01", stop="2019-12-31")
        assert [row.value for row in panel] == [
            row["value"] for row in rows(Table(panel))
        ]
        assert 0 == pa.table(Table(())).num_columns


class TestTable:
    """The table itself."""

    def test_a_state_without_a_form_is_refused(self) -> None:
        """The error names its place."""

        def fold(_state: object, _event: Event) -> object:
            return {"a": object()}

        odd = Projection(lambda: None, fold)
        with pytest.raises(PlainDataError, match=r"Period\.state\['a'\]"):
            pa.table(Table(LOG.history(odd)))

    def test_a_part_that_arrow_cannot_hold_is_named(self) -> None:
        """A day number beyond 64 bits does not fit its column."""
        event = Event("x", when="2019")
        some = [
            Entry(position=0, event=event, known=1),
            Entry(position=1, event=event, known=1 << 70),
        ]
        with pytest.raises(PlainDataError, match="known_day cannot be kept") as caught:
            pa.table(EventLog(some))

        assert 1 << 70 == caught.value.value
