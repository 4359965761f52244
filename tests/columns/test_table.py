"""Answers of several rows are tables: every cell is there, of a type declared."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, cast

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import field, frozen, make_class
from entry_strategies import entries as some_entries
from hypothesis import example, given, settings
from hypothesis import strategies as st
from log_strategies import Deed, Fact, last_value, logs, tally, view_days

from bri_timeline import (
    Edtf,
    Entry,
    Event,
    EventLog,
    Projection,
    Unknown,
    Vocabulary,
    dyads,
    projection,
)
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PlainDataError
from bri_timeline.extend import describe_event
from bri_timeline.measures import count, distinct, latest
from bri_timeline.relations import Held, Joined, relationship


# So an older pyarrow reads the frames of a newer pandas.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")

LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
VIEW = LOG.as_of("2019-04-26")
EVENT = [
    "id", "kind", "words", "when", "earliest_start", "latest_start", "earliest_end",
    "latest_end", "sources",
]  # fmt: skip
ENTRY = [
    "position", "known", "known_day", "supersedes", "retracts", "because",
    "recorded_at",
]  # fmt: skip
BESIDE = ["parties", "where", "cite"]


def lasts(log: EventLog, at: date) -> EventLog:
    """A log in which something may last."""
    return log.append(Event(Joined("AZE", "SCO"), when=f"2015/{at}", id="joined"))


# Each question of a log and a day, with the columns of its answer before those of
# events, or all that it has.
QUESTIONS: dict[str, tuple[Callable[[EventLog, date], Any], list[str]]] = {
    "events": (lambda log, at: log.as_of(at).events, EVENT),
    "undecided": (lambda log, at: log.as_of(at).undecided, EVENT),
    "may have ended": (lambda log, at: log.as_of(at).may_have_ended, EVENT),
    "disputes": (
        lambda log, at: log.as_of(at).disputes,
        ["about", "taken", "common", *EVENT],
    ),
    "set aside": (
        lambda log, at: log.as_of(at).set_aside,
        ["reason", "because", "entry", "by", *EVENT],
    ),
    "dangling": (
        lambda log, at: log.as_of(at).dangling,
        ["refers_to", "target", *EVENT],
    ),
    "active": (lambda log, at: lasts(log, at).as_of(at).active(), ["answer", *EVENT]),
    "view": (lambda log, at: log.as_of(at), ["certain", "ended", *EVENT, *BESIDE]),
    "log": (lambda log, _: log, [*ENTRY, *EVENT, *BESIDE]),
    "slice": (lambda log, _: log[1:], [*ENTRY, *EVENT, *BESIDE]),
    "left out": (
        lambda log, _: log.where(lambda event: event.what.value == "a").left_out,
        [*ENTRY, *EVENT, *BESIDE],
    ),
    "contradictions": (
        lambda log, _: log.contradictions(),
        ["report", *ENTRY, *EVENT],
    ),
    "proposals": (
        lambda log, _: log.all_proposals(),
        [*["position", "status", "by", "supersedes", "decision", "in_full"], *EVENT],
    ),
    "explain": (
        lambda log, at: log.as_of(at).explain(last_value, of=str),
        ["standing", "before", "after", "ends", "reason", *EVENT],
    ),
    "diff": (
        lambda log, at: log.as_of("2015-01-01").diff(log.as_of(at), last_value),
        [
            *["change", "ends", "entries"],
            *(f"{side}_{name}" for side in ("before", "after") for name in EVENT),
        ],
    ),
    "history": (
        lambda log, _: log.history(last_value),
        ["since", "since_day", "state", "events", "words", "sources"],
    ),
    "beliefs": (
        lambda log, at: log.beliefs(last_value, on=at),
        ["since", "since_day", "state", "entries", "words", "sources"],
    ),
    "history by key": (
        lambda log, _: log.history(count(), by=dyads),
        [
            *["key_1", "key_2", "since", "since_day", "state"],
            *["events", "words", "sources"],
        ],
    ),
    "first by key": (
        lambda log, _: log.first(count(), at_least=1, by=dyads),
        ["key_1", "key_2", "when", "earliest", "latest", "answer", "complete"],
    ),
    "statuses": (
        lambda log, at: (
            lasts(log, at).as_of(at).statuses(Joined, by=lambda e: [e.what.member])
        ),
        ["key", "status", "events", "words", "sources"],
    ),
}


def rows(answers: Any) -> list[dict[str, Any]]:
    """The rows of a table, as Python values."""
    return pa.table(answers).to_pylist()


def day(number: float | None) -> date | None:
    """The day of a number, if `date` has it."""
    is_day = number is not None and 1 <= number <= date.max.toordinal()
    return date.fromordinal(int(number)) if is_day and number is not None else None


def event_cells(event: Event) -> dict[str, Any]:
    """What a table says of an event, payload aside, written anew."""
    when = event.when
    end = when.end if when.is_extent else None
    return {
        "id": event.id,
        "kind": event.as_dict()["kind"],
        "words": describe_event(event),
        "when": str(when),
        "earliest_start": day(when.earliest_start),
        "latest_start": day(when.latest_start),
        "earliest_end": day(end.earliest_start) if end else None,
        "latest_end": day(end.latest_start) if end else None,
        "sources": "; ".join(map(str, event.cite)),
    }


def told(events: Any) -> dict[str, Any]:
    """What a table says of the facts behind an answer."""
    cites = dict.fromkeys(str(cite) for event in events for cite in event.cite)
    return {
        "events": [event.id for event in events],
        "words": "; ".join(map(describe_event, events)),
        "sources": "; ".join(cites),
    }


def entry_cells(entry: Entry) -> dict[str, Any]:
    """What a table says of an entry, written anew."""
    event = entry.event
    return {name: getattr(entry, name) for name in ENTRY} | {
        "known": day(entry.known_day),
        **(dict.fromkeys(EVENT) if event is None else event_cells(event)),
    }


def of_entries(entries: Any) -> dict[str, Any]:
    """What a table says of entries behind an answer."""
    cells = told([entry.event for entry in entries if entry.event])
    positions = [entry.position for entry in entries]
    return {"entries": positions, "words": cells["words"], "sources": cells["sources"]}


def spells(name: str, found: Any) -> list[dict[str, Any]]:
    """What a table says of periods or beliefs."""
    return [
        {
            "since": day(one.since_day),
            "since_day": one.since_day,
            "state": one.state,
            **(told(one.events) if name != "beliefs" else of_entries(one.entries)),
        }
        for one in found
    ]


def expected(name: str, found: Any) -> list[dict[str, Any]]:
    """The rows of an answer, written anew."""
    match name:
        case "events" | "undecided" | "may have ended":
            return [event_cells(event) for event in found]
        case "view":
            return [
                {"certain": certain, **event_cells(event)}
                for certain, events in ((True, found.events), (False, found.undecided))
                for event in events
            ]
        case "disputes":
            return [
                {"about": one.id, "taken": claim is one.taken, **event_cells(claim)}
                for one in found
                for claim in one.claims
            ]
        case "set aside":
            return [
                {
                    "reason": one.reason.value,
                    "because": one.because,
                    "entry": one.entry.position,
                    "by": one.by.position,
                    **event_cells(one.event),
                }
                for one in found
            ]
        case "dangling":
            return [
                {"refers_to": one.id, "target": one.target, **event_cells(one.event)}
                for one in found
            ]
        case "active":
            return [{"answer": str(a), **event_cells(event)} for event, a in found]
        case "log" | "slice" | "left out":
            return [entry_cells(entry) for entry in found]
        case "contradictions":
            return [
                {"report": one.report, **entry_cells(entry)}
                for one in found
                for entry in one.claims
            ]
        case "explain":
            steps = [
                {
                    "standing": "certain" if one.certain else "perhaps",
                    "before": json.dumps(one.before),
                    "after": json.dumps(one.after),
                    **event_cells(one.event),
                }
                for one in (*found.steps, *found.undecided)
            ]
            asides = [
                {"standing": "set aside", **event_cells(one.event)}
                for one in found.set_aside
            ]
            lost = [
                {"standing": "dangling", **event_cells(one.event)}
                for one in found.dangling
            ]
            return [*steps, *asides, *lost]
        case "diff":
            return [
                {
                    "entries": [entry.position for entry in change.entries],
                    **{
                        f"{side}_{name}": cell
                        for side in ("before", "after")
                        for name, cell in (
                            dict.fromkeys(EVENT)
                            if getattr(change, side) is None
                            else event_cells(getattr(change, side))
                        ).items()
                    },
                }
                for change in found.changes
            ]
        case "history" | "beliefs":
            return spells(name, found)
        case "history by key":
            return [
                {"key_1": key[0], "key_2": key[1], **row}
                for key, periods in found.items()
                for row in spells(name, periods)
            ]
        case "first by key":
            return [
                {
                    "key_1": key[0],
                    "key_2": key[1],
                    "when": None if one.when is None else str(one.when),
                    "answer": str(one.answer),
                    "complete": one.complete,
                }
                for key, one in found.items()
            ]
        case "statuses":
            return [
                {"key": one.key, "status": one.status, **told(one.events)}
                for one in found
            ]
        case _:
            return [
                {"position": one.position, "by": one.by, **event_cells(one.event)}
                for one in found
            ]


def agree(name: str, log: EventLog, at: date) -> None:
    """Every reader has the rows of an answer, in the columns that are documented."""
    question, columns = QUESTIONS[name]
    answers = question(log, at)
    table, wanted = pa.table(answers), expected(name, answers)

    assert columns == table.column_names[: len(columns)]
    assert wanted == [
        {key: row[key] for key in one}
        for one, row in zip(wanted, table.to_pylist(), strict=True)
    ]
    assert table.to_pylist() == pl.DataFrame(answers).to_dicts()
    assert [tuple(row.values()) for row in table.to_pylist()] == duckdb.sql(
        "select * from answers"
    ).fetchall()
    frame = pd.DataFrame.from_arrow(answers)
    assert table.column_names == [*frame.columns]
    assert table == pa.Table.from_pandas(frame, table.schema, preserve_index=False)


class TestAnswers:
    """Each answer, in each reader."""

    @pytest.mark.parametrize("name", QUESTIONS)
    @given(log=logs(), at=view_days())
    def test_rows_are_the_answers(self, name: str, log: EventLog, at: date) -> None:
        """Every reader has a row for each, in the columns that are documented."""
        agree(name, log, at)

    @pytest.mark.full
    def test_rows_of_many_logs_are_the_answers(
        self, trials: Callable[..., int]
    ) -> None:
        """Likewise over 2,000 logs, each asked something."""

        @settings(max_examples=trials(2_000))
        @given(name=st.sampled_from([*QUESTIONS]), log=logs(), at=view_days())
        def law(name: str, log: EventLog, at: date) -> None:
            agree(name, log, at)

        law()

    @pytest.mark.parametrize("name", QUESTIONS)
    @given(log=logs(), other=logs(), at=view_days())
    def test_columns_have_one_type_whatever_the_log(
        self, name: str, log: EventLog, other: EventLog, at: date
    ) -> None:
        """Those of payloads too, if the question names their kinds."""
        question, columns = QUESTIONS[name]
        types = [
            pa.table(question(one, at)).select(columns).schema for one in (log, other)
        ]
        kinds = (Fact, Joined) if name in ("active", "statuses") else Fact
        named = [
            pa.table(question(one.where(kinds=kinds), at)).schema
            for one in (log, other, EventLog())
        ]

        assert types[0] == types[1]
        assert named[0] == named[1] == named[2]

    @pytest.mark.parametrize("name", QUESTIONS)
    @given(log=logs(max_size=4), at=view_days())
    def test_answers_are_values(self, name: str, log: EventLog, at: date) -> None:
        """They are pickled, shown and told."""
        found = QUESTIONS[name][0](log, at)
        again = pickle.loads(pickle.dumps(found))

        assert again == found
        assert pa.table(again) == pa.table(found)
        assert found._repr_html_()
        assert str(found)

    @given(st.lists(some_entries, max_size=4))
    @example(
        [
            Entry(
                position=0,
                event=Event(Unknown("Tariff", 3, b'{"rate": 1e999}'), when="2019"),
            )
        ]
    )
    def test_every_field_of_a_payload_is_in_a_column(self, some: list[Entry]) -> None:
        """Whatever kinds are there: by field, by `what.` or by kind; or as JSON."""
        small = [e for e in some if abs(e.known_day or 0) < 1 << 62 and is_text(e)]
        log = EventLog.of(*(e.event for e in small if e.event))
        for row, entry in zip(rows(log), log, strict=True):
            what = entry.claim.as_dict()["what"]
            kept = what if isinstance(what, dict) else {"what": what}
            if isinstance(entry.claim.what, Unknown):
                assert what == json.loads(row["what"])
                continue
            own = {*ENTRY, *EVENT, *BESIDE}
            found = {
                name.removeprefix("what.").removeprefix(f"{row['kind']}."): cell
                for name, cell in row.items()
                if name not in own and cell is not None
            }
            kept = {name: value for name, value in kept.items() if value is not None}
            assert found.keys() == kept.keys()
            for name, value in kept.items():
                assert same(value, found[name])

    def test_an_answer_of_a_part_is_a_table_of_its_columns(self) -> None:
        """A slice, and those for which a function is true, keep what was named."""
        joined = LOG.where(kinds=Joined).as_of("2019-04-26").events
        some = VIEW.events[2:]

        assert "member" in pa.table(joined).column_names
        assert pa.table(joined).schema == pa.table(joined[:0]).schema
        assert VIEW.events == VIEW.events[:2] + some
        assert 2 == VIEW.events.index(some[0])
        assert len(some) == pl.DataFrame(some).height
        assert some[0] in some

    def test_answers_by_key_are_a_mapping(self) -> None:
        """It equals a dictionary, and a notebook completes its keys."""
        found = LOG.first(count(), at_least=1, by=dyads)
        pair = ("AZE", "CHN")

        assert dict(found) == found == {key: found[key] for key in found}
        assert [*found.values()] == [*map(found.get, found.keys())]
        assert found.get(("AZE", "TKM")) is None
        assert pair in found._ipython_key_completions_()
        with pytest.raises(TypeError, match="unhashable"):
            hash(found)

    def test_a_row_of_a_day_of_knowledge_tells_it_and_others_have_no_such_cell(
        self,
    ) -> None:
        """As plain data, a row of a period has what it had."""
        at = [(("AZE", "CHN"), "2016-01-01", known) for known in ("2015-12-31", None)]
        some = [row.as_dict() for row in LOG.panel(count(), at=at, by=dyads)]

        assert ["2015-12-31", None] == [row.get("known_by") for row in some]
        assert [True, False] == ["known_by" in row for row in some]

    def test_what_waits_and_what_refers_to_nothing_are_tables(self) -> None:
        """A proposal with its decision, and a reference with the id that it names."""
        held = Event(Held("no-such-plan"), when="2016", id="p")
        log = EventLog().append(held).propose(held.named("q"), by="a model")
        log = log.accept(1, by="me")
        lost = log.as_of("2019-01-01").dangling

        assert ["no-such-plan", "no-such-plan"] == [
            row["refers_to"] for row in rows(lost)
        ]
        assert ["p", "q"] == [row["id"] for row in rows(lost)]
        explained = log.as_of("2019-01-01").explain(count(), of=int)
        assert [("certain", None), ("certain", None), ("dangling", "refers to")] == [
            (row["standing"], (row["reason"] or "")[:9] or None)
            for row in rows(explained)
        ][:3]
        assert [1, "accepted", "a model", None, 2, "q"] == [
            rows(log.all_proposals())[0][name]
            for name in ("position", "status", "by", "supersedes", "decision", "id")
        ]

    def test_releases_are_a_table(self) -> None:
        """The fields that changed are JSON text."""
        first = [Event(Joined("AZE", "SCO"), when="2015", id="a")]
        second = [Event(Joined("AZE", "SCO"), when="2016", id="a")]
        log, _ = EventLog().revise(first, dataset="d", published="2017-01-01")
        log, _ = log.revise(second, dataset="d", published="2018-01-01")
        found = rows(log.revisions())

        assert [1, 0] == [row["added"] for row in found]
        assert [{}, {"when": 1}] == [json.loads(row["fields"]) for row in found]
        assert [None, date(2018, 1, 1)] == [None, found[1]["published"]]
        assert [one.lag for one in log.revisions()] == [
            row["lag"] and tuple(row["lag"]) for row in found
        ]


def is_text(entry: Entry) -> bool:
    """Arrow holds text only without halves of surrogate pairs."""
    try:
        json.dumps(entry.as_dict(), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def same(plain: Any, cell: Any) -> bool:
    """A cell has the content of plain data: numbers exact, days as days."""
    if isinstance(cell, str) and cell != plain:
        return bool(plain == json.loads(cell))
    if isinstance(cell, Decimal):
        return Decimal(plain) == cell
    if isinstance(cell, list):
        return len(plain) == len(cell) and all(map(same, plain, cell))
    if isinstance(cell, dict):
        return all(
            plain.get(name) is None if value is None else same(plain[name], value)
            for name, value in cell.items()
        )
    if isinstance(cell, date):
        return bool(cell.isoformat() == plain)
    return bool(plain == cell)


class Colour(Enum):
    """Some values of text."""

    RED = "red"


class Mixed(Enum):
    """Values without a common type."""

    ONE = 1
    RED = "red"


@frozen
class Size:
    """A record within a payload."""

    metres: int
    by: str | None = None


@frozen
class Empty:
    """A record without fields."""


@frozen
class Own:
    """A record with plain data of its own."""

    number: int

    def as_dict(self) -> dict[str, object]:
        return {"n": self.number}


@frozen
class Nested:
    """A record that holds its like."""

    inner: Nested | None = None


def field_of(hint: Any, *values: object) -> Any:
    """The column of a field of a type, of events that have some values there."""

    parts = {"number": field(type=int), "value": field(type=hint)}
    noted = make_class("Noted", parts, frozen=True)
    events = [Event(noted(n, v), when="2019") for n, v in enumerate(values)]
    log = EventLog.of(*events).where(kinds=noted)
    assert pa.table(EventLog().where(kinds=noted)).schema == pa.table(log).schema
    return pa.table(log)["value"]


class TestTypes:
    """The types of columns, by what is declared."""

    @pytest.mark.parametrize(
        ("hint", "values", "cells", "kind"),
        [
            (int, (1, 2), [1, 2], "int64"),
            (int | None, (1, None), [1, None], "int64"),
            (bool, (True,), [True], "bool"),
            (float, (1.5, 2, math.inf), [1.5, 2, math.inf], "double"),
            (Decimal, (Decimal("1.5"), 2), [Decimal("1.5"), 2], "decimal128(38, 9)"),
            (date, (date(2019, 4, 24),), [date(2019, 4, 24)], "date32[day]"),
            (datetime, (datetime(2019, 4, 24, tzinfo=UTC),), None, "string"),
            (Edtf, (Edtf("2019~"),), ["2019~"], "string"),
            (str | Edtf, (Edtf("2019"), "x"), ["2019", "x"], "string"),
            (Annotated[str, "a name"], ("x",), ["x"], "string"),
            (Literal["x", "y"], ("x",), ["x"], "string"),
            (Literal["x", 1], ("x",), ['"x"'], "string"),
            (Colour, (Colour.RED,), ["red"], "string"),
            (Mixed, (Mixed.ONE,), ["1"], "string"),
            (frozenset[str], (frozenset("ba"),), [["a", "b"]], "list<item: string>"),
            (tuple[int, ...], ((2, 1),), [[2, 1]], "list<item: int64>"),
            (tuple[int | None, ...], ((None,),), [[None]], "list<item: int64>"),
            (tuple[int, str], ((1, "a"),), ['[1, "a"]'], "string"),
            (
                frozenset[Size],
                (frozenset({Size(2), Size(1)}),),
                [[{"metres": 1, "by": None}, {"metres": 2, "by": None}]],
                "list<item: struct<metres: int64, by: string>>",
            ),
            (Empty, (Empty(),), ["{}"], "string"),
            (Own, (Own(1),), ['{"n": 1}'], "string"),
            (object, (1, "a"), ["1", '"a"'], "string"),
            (None, (None,), [None], "string"),
            (int | str, (1, "a"), ["1", '"a"'], "string"),
            (bytes, (b"a",), ['"YQ=="'], "string"),
        ],
        ids=range(25),
    )
    def test_a_column_has_the_type_that_is_annotated(
        self, hint: Any, values: tuple[object, ...], cells: list[object], kind: str
    ) -> None:
        """No value is rounded or cut; what no type tells is JSON."""
        column = field_of(hint, *values)

        assert kind == str(column.type)
        assert cells is None or cells == column.to_pylist()

    @pytest.mark.parametrize(
        ("hint", "value"),
        [
            (int, 1.5),
            (int, True),
            (int, 1 << 70),
            (float, (1 << 60) + 1),
            (date, datetime(2019, 4, 24, tzinfo=UTC)),
            (Decimal, Decimal("0.0000000001")),
            (Decimal, Decimal("Infinity")),
            (tuple[int, ...], ("a",)),
        ],
        ids=range(8),
    )
    def test_a_value_that_does_not_fit_is_refused(
        self, hint: Any, value: object
    ) -> None:
        """The error has the value and the column, and what to do."""
        with pytest.raises(PlainDataError, match="annotate what is kept") as caught:
            field_of(hint, None, value)

        assert value == caught.value.value

    def test_a_record_that_holds_its_like_is_json(self) -> None:
        """No struct holds itself."""
        (cell,) = field_of(Nested, Nested(Nested())).to_pylist()

        assert '{"inner": {"inner": null}}' == cell

    def test_a_field_without_a_known_type_is_json(self) -> None:
        """Its annotation names what is not there; what cannot be given is no column."""

        made = field(default=1, init=False, type=int)
        parts = {"by": field(type=cast("type", "Missing")), "made": made}
        told = make_class("Told", parts, frozen=True)
        table = pa.table(EventLog.of(Event(told("me"), when="2019")))

        assert ['"me"'] == table["by"].to_pylist()
        assert "made" not in table.column_names

    def test_a_field_named_as_a_column_has_a_prefix(self) -> None:
        """`parties` of the payload is not that of the event."""
        log = EventLog.of(Event(Fact("a", frozenset("x")), when="2019"))
        (row,) = rows(log)

        assert (["x"], ["x"]) == (row["parties"], row["what.parties"])

    def test_kinds_of_which_a_field_has_other_types_have_a_column_each(self) -> None:
        """A field of one type is one column, whatever the kinds."""
        noted = EventLog.of(
            Event(Size(1, "me"), when="2019"), Event(Own(2), when="2019")
        )

        @frozen
        class Told:
            by: int

        table = pa.table(noted.append(Event(Told(3), when="2019")))

        assert ["me", None, None] == table["Size.by"].to_pylist()
        assert [None, None, 3] == table["Told.by"].to_pylist()
        assert [1, None, None] == table["metres"].to_pylist()
        assert "by" not in table.column_names

    def test_two_classes_of_one_name_and_two_types_are_json(self) -> None:
        """Neither is taken for the other."""
        first, second = (
            make_class("Told", {"by": field(type=hint)}, frozen=True)
            for hint in (int, str)
        )
        log = EventLog.of(
            Event(first(1), when="2019"), Event(second("me"), when="2019")
        )
        assert ["1", '"me"'] == pa.table(log)["Told.by"].to_pylist()

    def test_what_is_no_attrs_class_is_a_column(self) -> None:
        """Text stands in the column `what`, and so does what no vocabulary has."""
        log = EventLog.of(Event("a visit", when="2019"))
        unknown = Vocabulary().decode("Tariff", b'{"rate": 5}', 1, unknown_ok=True)

        assert ["a visit"] == pa.table(log)["what"].to_pylist()
        assert ['{"rate": 5}'] == pa.table(EventLog.of(Event(unknown, when="2019")))[
            "what"
        ].to_pylist()

    def test_a_state_has_the_type_that_is_declared(self) -> None:
        """By the measure, by the function, or by the state before any event."""

        @projection(initial=frozenset)
        def told(state: frozenset[str], event: Event) -> frozenset[str]:
            return frozenset()

        fold = Projection(tuple[str, ...], lambda state, _: state)
        odd = Projection(lambda: 0, lambda state, _: state)
        active = count(Joined, active=True)
        states: list[tuple[Any, str]] = [
            (count(), "int64"),
            (active, "int64"),
            (distinct(Joined, "member"), "int64"),
            (latest(Joined, "member"), "string"),
            (last_value, "string"),
            (told, "list<item: string>"),
            (fold, "list<item: string>"),
            (odd, "string"),
            (tally, "string"),
            (AZE_CHN, "string"),
        ]
        log = EventLog.of(Event(Joined("AZE", "SCO"), when="2015/2017"))
        for state, kind in states:
            for found in (EventLog(), log):
                table = pa.table(found.history(state))
                assert kind == str(table.schema.field("state").type)
        assert [0, 1, 0] == pa.table(log.history(active))["state"].to_pylist()

    def test_keys_have_the_type_that_is_declared_or_theirs(self) -> None:
        """Without either they are text, and JSON if they have several types."""
        log = EventLog.of(Event(Deed("a"), when="2019"), Event(Fact("b"), when="2019"))

        def declared(event: Event) -> tuple[int, ...]:
            return ()

        def named(event: Any) -> Any:
            return [event.what.value]

        named.__annotations__ = {"return": "Missing"}
        asked: list[tuple[Any, list[str]]] = [
            (declared, ["int64"]),
            (named, ["string"]),
            (lambda e: [], ["string"]),
            (lambda e: [(e.what.value, 1)], ["string", "int64"]),
            (lambda e: [(1,), ("a", 2)], ["string", "int64"]),
            (lambda e: [1, "a"], ["string"]),
        ]
        for by, kinds in asked:
            table = pa.table(log.first(count(), at_least=1, by=by))
            assert kinds == [
                str(field.type) for field in table.schema if "key" in field.name
            ]

    def test_a_day_that_no_date_holds_is_a_number(self) -> None:
        """The day is null, and its number is there."""
        log = EventLog().append(Event("x", when="-0044-03-15"), known="-0044-03-16")
        row, period = rows(log)[0], rows(log.history(count()))[1]

        assert (None, log[0].known_day) == (row["known"], row["known_day"])
        assert (None, log[0].claim.when.first_day) == (
            period["since"],
            period["since_day"],
        )
        assert (None, None) == (row["earliest_start"], row["latest_start"])
        (first,) = rows(EventLog.of(Event("x", when="0001-01-01")))
        assert date.min == first["earliest_start"] == first["latest_start"]

    def test_an_instant_of_recording_is_one(self) -> None:
        """It is an instant of Arrow, in UTC."""
        at = datetime(2019, 4, 24, 8, tzinfo=UTC)
        entry = Entry(position=0, event=Event("x", when="2019"), recorded_at=at)

        assert [at] == pa.table(EventLog([entry]))["recorded_at"].to_pylist()

    def test_a_state_without_a_form_is_refused(self) -> None:
        """The error names its place."""
        odd = Projection(lambda: None, lambda *_: {"a": object()})
        with pytest.raises(PlainDataError, match=r"a cell\['a'\]"):
            pa.table(LOG.history(odd))
