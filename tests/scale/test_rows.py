"""Rows are refused and read alike on each road: by columns, and one by one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from unittest import mock

import pyarrow as pa
from attrs import frozen
from effort import at_most
from hypothesis import example, given
from hypothesis import strategies as st
from scale_worlds import laid_out

from bri_timeline import Entry, Vocabulary
from bri_timeline._form import table
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow


@frozen
class Pact:
    """A payload with numbers of each type."""

    parties: frozenset[str]
    whole: int
    rate: float | None = None
    exact: Decimal | None = None


@frozen
class Note:
    """A payload that refers to events."""

    text: str
    refers_to: frozenset[str] = frozenset()


WORDS = Vocabulary(Pact, Note)
TYPES = table.arrow_types()


def pact(**fields: Any) -> tuple[str, str]:
    """Return a kind, and a payload as JSON."""
    given = {"parties": ["A", "B"], "whole": 1, "rate": None, "exact": None} | fields
    return "Pact", json.dumps(given, separators=(",", ":"), sort_keys=True)


def cited(**cells: str | None) -> list[dict[str, str | None]]:
    """Return a citation as a cell."""
    return [{name: ({"title": "T"} | cells).get(name) for name in table.CITED}]


def place(name: str | None, latitude: float | None, longitude: float | None) -> Any:
    """Return a place as a cell."""
    return {"name": name, "latitude": latitude, "longitude": longitude}


NOTE = "Note", '{"refers_to":["x"],"text":"t"}'
GOOD: dict[str, list[Any]] = {
    "what": [pact(), pact(exact="1.5", rate=1.5), NOTE],
    "when": ["2000", "2000-05", "2000/2001", "2000?"],
    "where": [None, place("x", 1.0, 2.0), place("", 1.0, 2.0), place(None, None, None)],
    "cite": [None, [], cited(), cited(published="2001"), cited() * 2],
    "id": [None, "x", " "],
}
BAD: dict[str, list[Any]] = {
    "what": [
        *(pact(exact=text) for text in ("NaN", "sNaN", "Infinity", "1E+2", "x")),
        *(pact(rate=rate) for rate in (math.nan, math.inf, -0.0, 2, "2")),
        *(pact(whole=whole) for whole in (True, 10**30, 1.0, None)),
        *(pact(parties=some) for some in (["B", "A"], ["A", "A"], "A", [1], None)),
        *(("Pact", text) for text in ("{}", "x", "", "[]", None)),
        ("Note", '{"text":"t"}'),
        ("Other", '{"parties":["A","B"]}'),
        ("Other", "[]"),
        ("", "{}"),
        (None, "{}"),
        (None, None),
    ],
    "when": ["2000-13", "2000-02-30", "", None, " 2000", "{2000,2001}", "../2000"],
    "where": [
        *(place("x", north, 2.0) for north in (91.0, math.nan, math.inf, None)),
        *(place("x", 1.0, east) for east in (-181.0, None)),
        place("", None, None),
    ],
    "cite": [
        *(cited(title=title) for title in ("", " ", None)),
        *(cited(url=url) for url in ("", "javascript:x", "http://x")),
        *(cited(published=text) for text in ("", "2001-13", "soon")),
        cited(accessed="soon"),
        [None],
    ],
    "id": [""],
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Tables of a few rows, of which some are bad, in one chunk or two."""
    columns: dict[str, list[Any]] = {}
    size = draw(st.integers(1, 4))
    for name, good in GOOD.items():
        cells = st.sampled_from(good) | st.sampled_from(good) | st.sampled_from(good)
        if draw(st.booleans()):
            cells |= st.sampled_from(BAD[name])
        columns[name] = draw(st.lists(cells, min_size=size, max_size=size))
    kinds, whats = zip(*columns.pop("what"), strict=True)
    columns |= {"kind": [*kinds], "what": [*whats]}
    for name in ("where", "cite", "id"):
        if all(cell is None for cell in columns[name]):
            del columns[name]
    arrays = {name: pa.array(cells, TYPES[name]) for name, cells in columns.items()}
    rows = pa.table(arrays)
    cut = draw(st.integers(0, size))
    return pa.concat_tables([rows.slice(0, cut), rows.slice(cut)])


def found(road: Callable[[], Iterable[Entry]]) -> tuple[list[Any], list[str]]:
    """Return what entries say, and the faults."""
    try:
        entries = [*road()]
    except FaultsError as error:
        return [], sorted(f"{fault.place}: {fault.problem}" for fault in error.faults)
    return [(e.position, e.event, e.claim.id, e.known_day) for e in entries], []


def columns_at_fault(faults: Iterable[str]) -> set[tuple[str, str]]:
    """Return the rows of faults, each with the column that has one."""
    pattern = re.compile(r"row (\d+)(?:: (cite|where|id))?")
    matches = filter(None, map(pattern.match, faults))
    return {(match[1], match[2] or "") for match in matches}


def written(rows: pa.Table) -> list[Entry]:
    """Return the entries of a dataset of rows."""
    with laid_out(rows, 1, WORDS) as data:
        return [*data.entries()]


# Equal cells are looked at once, and each has its fault.
TWICE = {"kind": ["Note"] * 2, "what": [NOTE[1]] * 2, "when": ["2000-13"] * 2}
# What has no kind has a fault, and its id is not looked at.
VOID = {"kind": [None], "what": ["{}"], "when": ["2000"], "id": [""]}
# A payload that no event takes is told beside a date that is none.
BOTH = {"kind": ["Pact"], "what": [pact(exact="NaN")[1]], "when": ["2000-13"]}


@at_most(60)
@given(rows=tables())
@example(rows=pa.table({name: pa.array(TWICE[name], TYPES[name]) for name in TWICE}))
@example(rows=pa.table({name: pa.array(VOID[name], TYPES[name]) for name in VOID}))
@example(rows=pa.table({name: pa.array(BOTH[name], TYPES[name]) for name in BOTH}))
def test_rows_in_columns_are_checked_as_one_by_one(rows: pa.Table) -> None:
    """The same events, or the same faults: of each row and column, all at once."""
    with mock.patch.object(arrow, "_AT_ONCE", 1):
        one_by_one = found(lambda: arrow.from_arrow(rows, WORDS))
    by_columns = found(lambda: arrow.from_arrow(rows, WORDS))
    of_dataset = found(lambda: written(rows))

    assert one_by_one == by_columns
    assert one_by_one[0] == of_dataset[0]
    assert columns_at_fault(one_by_one[1]) == columns_at_fault(of_dataset[1])


def test_a_retraction_may_have_an_empty_id() -> None:
    """As it has in a frame that knows no nulls in columns of text."""
    kind, what = pact()
    claim = {"kind": kind, "what": what, "when": "2000", "id": "x", "retracts": None}
    silent = {"kind": None, "what": None, "when": None, "id": "", "retracts": 0}
    rows = pa.Table.from_pylist([claim, silent])

    assert [*arrow.from_arrow(rows, WORDS)] == written(rows)
    assert [None, 0] == [entry.retracts for entry in written(rows)]
