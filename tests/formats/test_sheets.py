"""Tables as people have them: in any encoding, in spreadsheets, in frames."""

from __future__ import annotations

import csv
import gzip
import io
import os
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import polars
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from imports import kept

from bri_timeline import Edtf, Event, Vocabulary
from bri_timeline.errors import FaultsError
from bri_timeline.formats import tables
from bri_timeline.formats._foreign import lines
from bri_timeline.formats.tables import _sheets


@frozen
class Deal:
    """A row."""

    title: str
    amount: Decimal
    guest: str = ""


DEALS = Vocabulary(Deal)
NOON = datetime.fromisoformat("2019-05-01T12:00:00")
TABLE = """
title = "Deals"
decimal = ","

[source]
title = "A sheet"
published = { column = "seen", format = "dd.mm.yyyy" }

[[events]]
kind = "Deal"
when = { column = "day", format = "dd.mm.yyyy" }
fields = { title = "{title}", amount = { column = "sum", as = "number" } }
"""
HEAD = ["day", "title", "sum", "seen"]
ROWS = [
    ["24.04.2019", "Straße; 5 %", "1.234,5", "01.05.2019"],
    ["03.02.2018", "Öl", "1,2e6", "01.05.2019"],
]
EVENTS = [
    ("2019-04-24", "Straße; 5 %", Decimal("1234.5"), "2019-05-01"),
    ("2018-02-03", "Öl", Decimal(1200000), "2019-05-01"),
]


def table(text: str = TABLE, **changes: object) -> tables.Declaration:
    """Return a declaration, with changes of its fields."""
    return tables.declared({**tomllib.loads(text), **changes})


def told(found: tables.Imported) -> list[tuple[str, str, Decimal, str]]:
    """Return what the events of an import say."""
    assert not found.rejected, found
    return [_told(entry.claim) for entry in found.log]


def _told(event: Event) -> tuple[str, str, Decimal, str]:
    what, seen = event.what, event.cite[0].source.published
    return str(event.when), what.title, what.amount, str(seen)


def text_of(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([HEAD, *rows])
    return text.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_load_finds_out_delimiter_and_encoding(
    delimiter: str, encoding: str, tmp_path: Path
) -> None:
    """What the declaration does not say is found out, and remarked upon."""
    path = tmp_path / "deals.txt"
    path.write_bytes(text_of(ROWS, delimiter).encode(encoding))
    found = tables.load(path, table(), DEALS)
    assert told(found) == EVENTS
    usual = encoding.startswith("utf-8")
    assert any(f"read as {encoding}" in one for one in found.cautions) is not usual
    marks = [one for one in found.cautions if "cells are separated by" in one]
    assert len(marks) == (delimiter != ",")
    again = tables.load(path, table(delimiter=delimiter, encoding=encoding), DEALS)
    assert (told(again), again.cautions) == (EVENTS, ())
    with path.open("rb") as file:
        assert told(tables.load(file, table(), DEALS)) == EVENTS


def test_load_finds_out_the_encoding_of_a_packed_file(tmp_path: Path) -> None:
    """A file is unpacked before it is looked at."""
    path = tmp_path / "deals.csv.gz"
    path.write_bytes(gzip.compress(text_of(ROWS, ";").encode("utf-16")))
    assert told(tables.load(path, table(), DEALS)) == EVENTS


def test_load_reads_a_spreadsheet_with_days_and_numbers(tmp_path: Path) -> None:
    """Cells that are days and numbers are read as such, beside those that are text."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEAD)
    sheet.append([date(2019, 4, 24), "Straße; 5 %", 1234.5, "01.05.2019"])
    sheet.append(["03.02.2018", "Öl", 1200000, NOON.replace(hour=0)])
    path = tmp_path / "deals.xlsx"
    book.save(path)
    assert told(tables.load(path, table(), DEALS)) == EVENTS
    for mark in (".", ""):
        assert told(tables.load(path, table(decimal=mark), DEALS)) == EVENTS


def test_load_reads_frames_and_open_files() -> None:
    """Whatever has an Arrow stream is a table, as is an open file of text."""
    frame = polars.DataFrame(
        {
            "day": [date(2019, 4, 24), date(2018, 2, 3)],
            "title": ["Straße; 5 %", "Öl"],
            "sum": [Decimal("1234.50"), Decimal(1200000)],
            "seen": ["01.05.2019", "01.05.2019"],
        }
    )
    assert told(tables.load(frame, table(), DEALS)) == EVENTS
    assert told(tables.load(frame, table(decimal=""), DEALS)) == EVENTS
    assert told(tables.load(io.StringIO(text_of(ROWS, ";")), table(), DEALS)) == EVENTS
    empty = frame.with_columns(title=None, sum=float("nan"))
    rejected = kept(tables.load)(empty, table(), DEALS).rejected
    assert {one.reason.partition(" nothing")[0] for one in rejected} == {
        "Deal: sum holds"
    }
    assert len(rejected) == 2
    late = frame.with_columns(day=NOON)
    assert "2019-05-01 12:00:00" in str(kept(tables.load)(late, table(), DEALS))


_TEXTS = st.text(
    st.characters(codec="cp1252", exclude_categories=["Cc", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=6,
).filter(lambda text: text.strip() == text)
_NUMBERS = st.decimals(-(10**9), 10**9, places=2)


@given(st.lists(st.tuples(st.dates(date(1900, 1, 1)), _TEXTS, _NUMBERS), max_size=4))
def test_a_table_says_the_same_in_every_form(
    rows: list[tuple[date, str, Decimal]],
) -> None:
    """Delimiters, encodings, decimal marks, thousands, sheets: one table."""
    forms: list[tables.Imported] = []
    for mark, thousands, delimiter, encoding in (
        (",", ".", ";", "cp1252"),
        (",", " ", "\t", "utf-16"),
        (".", ",", ",", "utf-8"),
        (".", "'", "|", "utf-8-sig"),
    ):
        written = [
            (
                f"{day:%d.%m}.{day.year:04}",
                title,
                f"{number:,}".translate({ord(","): thousands, ord("."): mark}),
                "",
            )
            for day, title, number in rows
        ]
        data = text_of(written, delimiter).encode(encoding)
        # Few bytes of cp1252 may be UTF-8 as well: its name has to be given.
        named = {"encoding": encoding} if encoding == "cp1252" else {}
        declared = table(decimal=mark, **named)
        forms.append(tables.load(io.BytesIO(data), declared, DEALS))
    with TemporaryDirectory() as folder:
        book = openpyxl.Workbook()
        for row in ([*HEAD], *([*row, None] for row in rows)):
            # A text that begins with "=" would be a formula.
            book.active.append([f"{c}" if isinstance(c, Decimal) else c for c in row])
            for cell in book.active[book.active.max_row]:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
        book.save(f"{folder}/deals.xlsx")
        path = Path(folder, "deals.xlsx")
        forms.append(tables.load(path, table(decimal="."), DEALS))
    expected = sorted({(day.isoformat(), title, number) for day, title, number in rows})
    for found in forms:
        assert sorted({one[:3] for one in told(found)}) == expected


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1.234.567,5", ",", "1234567.5"),
        ("1 234 567,5", ",", "1234567.5"),
        ("1\u202f234", ",", "1234"),
        ("1'234.5", ".", "1234.5"),
        ("1.2e6", ".", "1200000"),
        ("-3,5E-2", ",", "-0.035"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234,5", ".", None),
        ("1.23,4", ",", None),
        ("1.234 567,5", ",", None),
        ("1e999", ".", None),
        ("0,123", ".", None),
        ("1,234e5", ".", None),
        ("1 23", ".", None),
        ("NaN", ".", None),
    ],
)
def test_numbers_are_read_by_the_decimal_mark(
    text: str, mark: str, number: str | None
) -> None:
    """A number is read by its mark, with thousands that are even, or not at all."""
    row = [["01.01.2019", "x", text, ""]]
    found = kept(tables.loads)(text_of(row, ";"), table(decimal=mark), DEALS)
    amounts = [str(entry.claim.what.amount) for entry in found.log]
    assert amounts == ([] if number is None else [number])
    assert len(found.rejected) == (number is None)


@pytest.mark.slow
def test_numbers_of_workbooks_have_the_mark_of_their_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number is not read as a thousand, whatever mark the text beside it has."""
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in (["day", "sum"], [2015, 1.234], [2016, "1.234"], [2017, 12.5]):
        book.active.append(row)
    book.save(path)
    frame = polars.DataFrame({"day": [2015, 2016, 2017], "sum": [1.234, 1234, 12.5]})
    csv_text = "day;x\n2015;\n2016;\n2017;\n"
    joined = {"name": "a", "file": str(path), "column": "day"}
    when = {"column": "day", "format": "yyyy"}

    def amounts(source: Any, column: str, *, is_own: bool) -> list[str]:
        mark = {"decimal": ","}
        amount = {"column": column, **(mark if is_own else {})}
        fields = {"title": "{day}", "amount": amount}
        said = {
            "source": {"title": "x"},
            "decimal": "" if is_own else ",",
            "events": [{"kind": "Deal", "when": when, "fields": fields}],
            "lookups": [joined] if column == "a.sum" else [],
        }
        found = tables.load(source, table(**said), DEALS)
        assert not found.rejected
        return [str(entry.claim.what.amount) for entry in found.log]

    for is_own in (True, False):
        for column, source in (
            ("sum", path),
            ("sum", frame),
            ("a.sum", io.StringIO(csv_text)),
        ):
            assert amounts(source, column, is_own=is_own) == ["1.234", "1234", "12.5"]
    monkeypatch.setattr(_sheets, "_ZIPPED", ())
    assert amounts(path, "sum", is_own=True) == ["1.234", "1234", "12.5"]


UNDECLARED = TABLE.replace('decimal = ","', "").replace(
    '"{title}"', '{ column = "title" }'
)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        # One number that is another with each mark.
        (["1,234"], ["'1,234' was read as 1234, not 1.234: write decimal = ','"]),
        (["12.345", "7"], ["'12.345' was read as 12.345, not 12345: write"]),
        (["1", "-1,234", "2,345"], ["'-1,234' was read as -1234, not -1.234"]),
        # Another cell of the column shows the mark.
        (["1,234", "1.5"], []),
        (["1,234,567", "1,234"], []),
        (["12.345", "1234.567"], []),
        (["12.345", "0.500"], []),
        (["12.345", "1.234e5"], []),
        # Or it contradicts, also when something else settles the column.
        (["1,234", "3,5"], ["'1,234' was read as 1234, not 1.234, though '3,5' has"]),
        (["1,234", "1.5", "0,123"], ["though '0,123' has a decimal comma"]),
        # Nothing is read in a way of two.
        (["1234", "1 234", "-5"], []),
        (["3,5", "1.5"], []),
        (["n/a", "1,234x"], []),
        # A code or a missing cell is no number, though it looks like one.
        (["9,999", "-9.999"], []),
    ],
)
def test_numbers_that_could_be_others_are_told(
    cells: list[str], told: list[str]
) -> None:
    """Nothing else would tell a reader that amounts are wrong by a thousand."""
    rows = text_of([["01.01.2019", "1,234", cell, ""] for cell in cells], ";")
    coded = 'as = "number", codes = { "9,999" = 0 }'
    options = {"delimiter": ";", "missing": ["", "-9.999"]}
    undeclared = table(UNDECLARED.replace('as = "number"', coded), **options)

    def about_numbers(declared: tables.Declaration) -> list[str]:
        found = kept(tables.loads)(rows, declared, DEALS)
        return [one for one in found.cautions if "was read as" in one]

    found = about_numbers(undeclared)
    assert len(found) == len(told)
    assert all(one.startswith("'sum': ") for one in found)
    assert all(part in one for part, one in zip(told, found, strict=True))
    # It is not told of numbers whose mark is declared, in either way.
    assert not about_numbers(table(**options))
    ours = coded.replace("codes", 'decimal = ".", codes')
    declared = UNDECLARED.replace('as = "number"', ours)
    assert not about_numbers(table(declared, **options))


def test_numbers_that_could_be_others_are_told_wherever_they_are_declared() -> None:
    """A number may be a part of a field, and a table may be a frame."""
    listed = UNDECLARED.replace('{ column = "sum"', '[{ x = { column = "sum"')
    listed = listed.replace('"number" }', '"number" }}]')
    rows = text_of([["01.01.2019", "x", "1,234", ""]], ",")
    for found in (
        kept(tables.loads)(rows, table(listed), DEALS),
        kept(tables.load)(
            polars.read_csv(io.StringIO(rows), infer_schema=False),
            table(UNDECLARED),
            DEALS,
        ),
    ):
        assert any("'1,234' was read as 1234" in one for one in found.cautions)


RICHER = """
title = "Visits"
source = { title = "A list" }

[match]
text = '(?P<guest>\\w+) (visits|meets) (?P<host>\\w+)'

[[lookups]]
name = "session"
file = "sessions.csv"
column = "session"
key = "number"

[[events]]
kind = "Deal"
when = { column = "session.day", format = "dd.mm.yyyy", missing = "[..2025-05]" }
where_not = { text = ["nothing"] }
containing = { text = ["visits", "meets"] }


[events.fields]
title = "{host}"
guest = "{guest}"
amount = { column = "sum", as = "number" }
"""
VISITS = """\
session,text,sum
1,Xi visits Putin,1
2,Modi meets Xi,2
3,Abe visits May,3
1,Xi calls Putin,4
1,nothing,5
"""


@pytest.fixture
def richer(tmp_path: Path) -> Path:
    """Return a folder with a declaration, a table, and one that it refers to."""
    (tmp_path / "visits.toml").write_text(RICHER)
    (tmp_path / "visits.csv").write_text(VISITS)
    (tmp_path / "sessions.csv").write_text("number;day\n1;03.02.2018\n2;04.05.2019\n")
    return tmp_path


def test_a_declaration_joins_another_table_and_takes_texts_apart(richer: Path) -> None:
    """Named groups are columns, other tables give dates, missing dates have bounds."""
    declaration = tables.read_declaration(richer / "visits.toml")
    found = tables.load(richer / "visits.csv", declaration, DEALS)
    assert [
        (str(e.claim.when), e.claim.what.guest, e.claim.what.title) for e in found.log
    ] == [
        ("2018-02-03", "Xi", "Putin"),
        ("2019-05-04", "Modi", "Xi"),
        (str(Edtf("[..2025-05]")), "Abe", "May"),
    ]
    assert [one.line for one in found.rejected] == [5, 6]


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ("nr;day\n1;x\n", "column 'number': stands in the header 0 times: nr, day"),
        ("number;day\n1;x\n1;y\n", "line 3: has another row for '1'"),
        ("", "column 'number': stands in the header 0 times"),
    ],
)
def test_a_table_that_cannot_be_joined_is_a_fault(
    other: str, fault: str, richer: Path
) -> None:
    """A lookup without its key, or with two rows for one, is named."""
    (richer / "sessions.csv").write_text(other)
    declaration = tables.read_declaration(richer / "visits.toml")
    with pytest.raises(FaultsError) as raised:
        tables.load(richer / "visits.csv", declaration, DEALS)
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"decimal": ";"}, "decimal: ';' is not '.' or ','"),
        ({"match": {"text": "(x)"}}, "match.text: '(x)' has no named group"),
        ({"match": {"text": "("}}, "match.text: '(' is not a pattern"),
        ({"lookups": [{"nam": "x"}]}, "lookups[1].nam: is not a field"),
        (
            {"source": {"title": "x", "published": {"column": "d", "format": "mm"}}},
            "source.published: 'mm' is not a format",
        ),
    ],
)
def test_faults_of_richer_declarations_are_named(
    changes: dict[str, object], fault: str
) -> None:
    """What cannot be followed is told before a row is read."""
    with pytest.raises(FaultsError) as raised:
        table(**changes)
    assert fault in str(raised.value)


def test_a_missing_date_must_be_a_date() -> None:
    """The bounds of missing dates are EDTF, and a decimal mark is one of two."""
    bad = TABLE.replace('"dd.mm.yyyy" }\nfields', '"yyyy", missing = "soon" }\nfields')
    with pytest.raises(FaultsError, match="missing: 'soon'"):
        table(bad)
    bad = TABLE.replace('as = "number"', 'as = "number", decimal = "x"')
    with pytest.raises(FaultsError, match="'x' is not a decimal mark"):
        table(bad)


def test_a_group_and_a_column_of_one_name_are_a_fault() -> None:
    """A named group must not hide a column."""
    made = table(match={"title": "(?P<sum>[0-9]+)"})
    with pytest.raises(FaultsError, match="stands in the header 2 times"):
        tables.loads(text_of(ROWS, ";"), made, DEALS)


@pytest.mark.slow
@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"", b"<html>"])
def test_a_broken_workbook_is_a_fault(data: bytes, tmp_path: Path) -> None:
    """A file that is not a workbook is named, with the remedy."""
    path = tmp_path / "deals.xlsx"
    path.write_bytes(data)
    with pytest.raises(FaultsError, match="not a workbook that can be read"):
        tables.load(path, table(), DEALS)
    with pytest.raises(FileNotFoundError):
        tables.load(tmp_path / "absent.xlsx", table(), DEALS)


def test_bytes_that_are_no_text_are_a_fault(tmp_path: Path) -> None:
    """Damaged UTF-16 and undefined bytes are named, with their place."""
    with pytest.raises(FaultsError, match="is not cp1252"):
        tables.load(io.BytesIO(b"day;title\n\x81\x81"), table(), DEALS)
    with pytest.raises(FaultsError, match="is not utf-16"):
        tables.load(io.BytesIO(b"\xff\xfeabc"), table(), DEALS)
    path = tmp_path / "deals.txt"
    path.write_bytes(b"\xff\xfe\x00\xdc\x00\xdc")
    with pytest.raises(FaultsError, match="is not utf-16"):
        tables.load(path, table(), DEALS)


def test_files_in_utf16_have_bounds(tmp_path: Path) -> None:
    """A line that is too long, or a file, is refused before it fills the memory."""
    path = tmp_path / "deals.txt"
    path.write_bytes(("x" * 100 + "\n\ny").encode("utf-16"))
    assert [*lines(path, "utf-16")] == ["x" * 100 + "\n", "\n", "y"]
    for bounds in ({"longest": 20}, {"largest": 20}):
        with pytest.raises(FaultsError, match="is too long"):
            [*lines(path, "utf-16", **bounds)]


class _Endless(str):
    """A text that says that it is longer than what is read."""

    def __len__(self) -> int:
        return (1 << 30) + 1


class _File:
    """An open file with such a text."""

    def read(self, _size: int, /) -> str:
        return _Endless("x")


def test_what_is_too_long_is_not_read(tmp_path: Path) -> None:
    """An open file, a workbook and a header have bounds."""
    with pytest.raises(FaultsError, match="longer than 1 GiB"):
        tables.load(_File(), table(), DEALS)
    path = tmp_path / "deals.xlsx"
    path.touch()
    # The file has a hole, and takes no room.
    os.truncate(path, (1 << 30) + 1)
    with pytest.raises(FaultsError, match="at most 536,870,912 are read"):
        tables.load(path, table(), DEALS)
    with pytest.raises(FaultsError, match="field larger than field limit"):
        tables.loads("x" * 200_000, table(), DEALS)


def test_a_frame_needs_no_day_of_publication() -> None:
    """The source of a frame may say no more than its title; keys are of any type."""

    @frozen
    class Tagged:
        tags: tuple[str, ...]

    text = (
        TABLE.partition("[source]")[0]
        + """
source = { title = "A frame" }

[[events]]
kind = "Tagged"
when = { columns = ["month", "year"], format = "mm yyyy" }
fields = { tags = ["{one}", "{two}"] }
key = ["tags"]
"""
    )
    frame = polars.DataFrame({"month": [4], "year": [2019], "one": ["a"], "two": ["b"]})
    (entry,) = tables.load(frame, table(text), Vocabulary(Tagged)).log
    assert (str(entry.claim.when), entry.claim.id) == ("2019-04", "Tagged:a,b")
