"""Read tables with imprecise dates by a declaration, without code for each file.

A declaration describes the columns of a table. It is a `Declaration` or a TOML file:

```toml
title = "Members of the Belt and Road"
coverage = "2013/2025-05"

[source]
title = "A list of members"
published = "2025-05"

[[events]]
kind = "Joined"
when = { columns = ["signed"], format = "yyyy-mm-dd", first = "month" }

[events.fields]
member = { column = "code", as = "iso3" }
body = "Belt and Road Initiative"
```

A field is text in which `{column}` is replaced by a cell; a table with a `column`; or a
list or table of these. A table with a `column` says how its cells are read:

- `column`: The column.
- `as`: `text`; `number`; `state`, a name; `iso2`, `iso3`, `iso_numeric`, `cow`, `gw`,
  `un_m49`, `fips` or `cameo`, a code of a state (see `relations.actor_of`); or
  `person:` for the id of an actor. States are those of the day of the row.
- `codes`: The values of certain cells, of numbers before `times`.
- `times`: A factor, of numbers.
- `decimal`: The decimal mark; by default that of the table.
- `language`: The language of names of states; by default that of the table.
- `on`: The day of the row that counts where a code or a name changed hands: `first` or
  `last`.
- `optional`: The field is left out if the cell is missing; a table of them, such as
  an amount and its currency, if one of its cells is.

A cell is missing if its text is in `missing`; `NA` is not there by default, since it is
the code of Namibia. Cells are compared without surrounding spaces, and `1.0`, as
spreadsheets write it, as `1`.
"""

from __future__ import annotations

import codecs
import csv
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from attrs import evolve

from bri_timeline import Vocabulary
from bri_timeline.errors import BriTimelineError, Fault, FaultsError, shown
from bri_timeline.extend import needing, require_vocabulary, uncollected
from bri_timeline.formats._files import (
    Progress,
    check_not_utf32,
    no_progress,
    undecodable,
)
from bri_timeline.formats._foreign import (
    Coverage,
    Imported,
    RejectedRow,
    encoding_of,
    imported,
    lines,
    lines_of,
    rows_of,
)
from bri_timeline.formats.tables._cells import HEAD
from bri_timeline.formats.tables._dates import Dates
from bri_timeline.formats.tables._declaration import (
    Declaration,
    Lookup,
    Rule,
    declared,
    with_iso,
)
from bri_timeline.formats.tables._draft import Draft, OpenTable, drafted
from bri_timeline.formats.tables._draft import header_of as header_of
from bri_timeline.formats.tables._rows import REASON as REASON
from bri_timeline.formats.tables._rows import TableReader, header_names, reports
from bri_timeline.formats.tables._sheets import (
    NumberText,
    WorkbookSheet,
    cell_text,
    open_sheet,
)
from bri_timeline.formats.tables._sheets import is_workbook as is_workbook


__all__ = [
    "Coverage",
    "Dates",
    "Declaration",
    "Draft",
    "Imported",
    "Lookup",
    "RejectedRow",
    "Rule",
    "SupportsArrow",
    "SupportsRead",
    "declared",
    "draft",
    "load",
    "loads",
    "read_declaration",
]

_DELIMITERS = ",;\t|"
_HEAD = 100
_LARGEST = 1 << 30
_ELSEWHERE = "lies outside the folder of the declaration: put a copy beside it"


class SupportsRead(Protocol):
    """An open file of text or bytes."""

    def read(self, size: int, /) -> str | bytes: ...


class SupportsArrow(Protocol):
    """A data frame with the PyCapsule interface of Arrow."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


class _Opened(NamedTuple):
    """An open table: its declaration and its rows.

    Attributes:
        table: Its declaration, with what was detected.
        rows: The rows, each with its line.
        remarks: What was detected, as sentences.
        sheet: The sheet, if it is one of a workbook.
    """

    table: Declaration
    rows: Iterator[tuple[int, list[str]]]
    remarks: tuple[str, ...] = ()
    sheet: WorkbookSheet | None = None


def read_declaration(path: str | Path) -> Declaration:
    """Read a declaration.

    Args:
        path: A TOML file.

    Raises:
        FaultsError: The file is not TOML, or not a declaration, or a lookup lies
            outside its folder: all faults.
        OSError: The file cannot be read.
    """
    path = Path(path)
    try:
        table = declared(tomllib.loads("".join(lines(path))), name=str(path))
    except BriTimelineError:
        raise
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        problem = "is nested too deeply" if deep else str(error)
        raise FaultsError(str(path), [Fault("TOML", problem)]) from None
    # Other tables lie beside the declaration. One that was received names no others.
    folder = path.parent.resolve()
    faults = [
        Fault(f"lookups[{number}].file", f"{shown(lookup.file)} {_ELSEWHERE}")
        for number, lookup in enumerate(table.lookups, 1)
        if not (folder / lookup.file).resolve().is_relative_to(folder)
    ]
    if faults:
        raise FaultsError(str(path), faults)
    several: Any = [
        evolve(lookup, file=str(path.parent / lookup.file)) for lookup in table.lookups
    ]
    return evolve(table, lookups=several)


def load(
    path: str | Path | SupportsRead | SupportsArrow,
    table: Declaration,
    vocabulary: Vocabulary,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read a table from a file, a spreadsheet or a frame.

    What the declaration does not say about a file of text, its encoding and delimiter,
    is found out, and stands in the cautions of the result. So do columns whose numbers
    could be read in two ways, such as 1,234, if it does not give the decimal mark.

    Args:
        path: A file, plain, `.gz`, or the only member of a `.zip`: at most 1 GiB
            unpacked, and 1 MiB a line; a workbook (`.xlsx`, `.xlsm`, `.ods`, `.xlsb`,
            `.xls`), of at most 512 MiB unpacked and 16,777,216 cells a sheet, of which
            one sheet is read; an open file of text or bytes; or a frame: whatever has
            `__arrow_c_stream__`, as polars, pandas and DuckDB do.
        table: The declaration of the table.
        vocabulary: The payload classes that the declaration names.
        progress: Called now and then with the number of lines read.

    Returns:
        The events, and every row that gave no event, with the reason.

    Raises:
        NothingReadError: All rows are rejected.
        FaultsError: The file does not fit the declaration: a wrong delimiter or
            encoding, a missing column, or an open quote.
        OSError: The file cannot be read.
    """
    name = str(path) if isinstance(path, str | Path) else "table"
    found = _opened(path, table, name, progress)
    if found.sheet is not None:
        name = f"{name}, sheet {shown(found.sheet.name)}"
    return _imported(found, vocabulary, name)


def loads(
    text: str, table: Declaration, vocabulary: Vocabulary, *, name: str = "table"
) -> Imported:
    """Read a table from text.

    Args:
        text: The table.
        table: The declaration of the table.
        vocabulary: The payload classes that the declaration names.
        name: The name of the table in messages.

    Raises:
        NothingReadError: All rows are rejected.
        FaultsError: The text does not fit the declaration.
    """
    return _imported(_with_delimiter(lines_of(text), table, name), vocabulary, name)


def draft(
    source: str | Path | SupportsRead | SupportsArrow,
    vocabulary: Vocabulary,
    *,
    kind: str | None = None,
    name: str = "",
    sheet: str = "",
) -> Draft:
    """Draft a declaration from an existing table, which is only read.

    Columns of dates, of states and of numbers are found by their cells, and given to
    the fields of the kind that they fit best. What is a guess is said.

    Args:
        source: A file, a workbook, an open file, or a frame, as of `load()`.
        vocabulary: The payload classes.
        kind: The kind of its events; by default it is guessed.
        name: The name of the table; by default that of its file.
        sheet: The sheet of a workbook; by default the first that has dates, of those
            that are not hidden. A question tells the others.

    Raises:
        FaultsError: It cannot be read as a table, or has no dates.
        VocabularyError: The vocabulary has no such kind.
        OSError: The file cannot be read.
    """
    require_vocabulary(vocabulary)
    found = open_table(source, sheet)
    faults: list[Fault] = []
    is_dated = kind is None or bool(found.others and not sheet)
    for other in [""] if sheet else ["", *found.others]:
        one = open_table(source, other) if other else found
        rest = ", ".join(map(shown, (*one.others, *one.hidden)))
        told = f"{one.place} is drafted; not read: {rest}" if rest and not sheet else ""
        named = evolve(one, name=name or one.name, questions=(*filter(None, [told]),))
        try:
            return drafted(named, vocabulary, kind, is_dated=is_dated)
        except FaultsError as error:
            faults += error.faults
    raise FaultsError(name or found.name, faults)


def open_table(
    source: str | Path | SupportsRead | SupportsArrow, sheet: str = ""
) -> OpenTable:
    """Return the rows of a table without a declaration, and how it is written.

    Args:
        source: A file, a workbook, an open file, or a frame, as of `load()`.
        sheet: The sheet of a workbook; by default the first that is not hidden.

    Raises:
        FaultsError: It cannot be read as a table.
        OSError: The file cannot be read.
    """
    name = Path(source).name if isinstance(source, str | Path) else "table"
    bare = {"kind": "", "when": {"column": "", "format": "yyyy"}, "fields": {}}
    table = declared({"title": name, "source": {"title": name}, "events": [bare]})
    is_book = isinstance(source, str | Path) and is_workbook(Path(source))
    if sheet and not is_book:
        problem = f"{shown(sheet)} is not there, since it is not a workbook"
        raise FaultsError(name, [Fault("sheet", f"{problem}: leave the sheet out")])
    if is_book:
        # Of the rows among which the header is, empty ones count too.
        table = evolve(table, sheet=sheet, header=HEAD)
    opened = _opened(source, table, name, no_progress)
    said = {}
    if isinstance(source, str | Path) and not is_book:
        encoding = encoding_of(Path(source))
        said = {"encoding": encoding} if encoding != "utf-8" else {}
    if opened.table.delimiter not in ("", ","):
        said["delimiter"] = opened.table.delimiter
    if opened.sheet is None:
        return OpenTable(name, opened.rows, said)
    _, _, own, others, hidden, merged = opened.sheet
    said = {"sheet": own} if others or hidden else {}
    place = f"sheet {shown(own)}"
    return OpenTable(name, opened.rows, said, (), place, others, hidden, merged)


def _imported(found: _Opened, vocabulary: Vocabulary, name: str) -> Imported:
    require_vocabulary(vocabulary)
    table, rows = found.table, found.rows
    lookups = [(lookup, _looked_up(lookup, table)) for lookup in table.lookups]
    reader = TableReader(table, vocabulary, lookups)
    # The header is checked first: a missing column would reject every row.
    reader.begin(name, rows)
    with uncollected():
        events = [event for line, row in rows for event in reader.events(line, row)]
        return imported(
            events,
            table.coverage,
            reader.count,
            name=name,
            lost=reader.lost,
            rejected=reader.rejected,
            ongoing=reader.ongoing,
            cautions=(
                *found.remarks,
                *reader.unfit(),
                *reader.cautions(),
                *reports(events),
            ),
        )


def _looked_up(lookup: Lookup, table: Declaration) -> dict[str, dict[str, str]]:
    """Return the rows of another table by their keys, and its columns without one.

    Args:
        lookup: The other table.
        table: The declaration of the table that refers to it.

    Raises:
        FaultsError: It lacks the column of keys, or has different rows for one.
        OSError: It cannot be read.
    """
    key = lookup.key or lookup.column
    # Only the column of keys is needed, to find out how its cells are separated; and
    # the marks, of numbers in a workbook.
    prefix = f"{lookup.name}."
    fields = {
        column: {"column": column.removeprefix(prefix), "decimal": mark}
        for column, mark in table.marks
        if column.startswith(prefix)
    }
    rule = {"kind": "", "when": {"column": key, "format": "yyyy"}, "fields": fields}
    named: dict[str, object] = {"title": lookup.name, "decimal": table.decimal}
    bare = declared({**named, "source": {"title": lookup.name}, "events": [rule]})
    rows = _opened(lookup.file, bare, lookup.file, no_progress).rows
    heads = [name.strip() for name in next(rows, (1, []))[1]]
    if heads.count(key) != 1:
        problem = f"stands in the header {heads.count(key)} times: {', '.join(heads)}"
        raise FaultsError(lookup.file, [Fault(f"column {shown(key)}", problem)])
    by_key: dict[str, dict[str, str]] = {"": dict.fromkeys(heads, "")}
    faults = []
    for line, row in rows:
        cells = dict(zip(heads, row, strict=False))
        text = cells[key].strip() if key in cells else ""
        if text and by_key.setdefault(text, cells) != cells:
            problem = f"has another row for {shown(text)}: which one is meant?"
            faults.append(Fault(f"line {line}", problem))
    if faults:
        raise FaultsError(lookup.file, faults)
    return by_key


# --- text in any encoding, spreadsheets, frames and open files ------------------------


def _is_frame(source: object) -> bool:
    """Check whether an object is a table for readers of Arrow."""
    return hasattr(source, "__arrow_c_stream__")


def _opened(source: Any, table: Declaration, name: str, progress: Progress) -> _Opened:
    """Open a table.

    Args:
        source: A path, an open file of text or bytes, or a table of Arrow.
        table: The declaration of the table.
        name: The name of the table in messages.
        progress: Called now and then with the number of lines read.

    Raises:
        FaultsError: It cannot be read as a table.
        OSError: The file cannot be read.
    """
    if _is_frame(source):
        return _Opened(with_iso(table), _marked(_frame_rows(source), table))
    if hasattr(source, "read"):
        data = source.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            problem = "is longer than 1 GiB, which is all that is read"
            raise FaultsError(name, [Fault("file", problem)])
        if isinstance(data, str):
            return _with_delimiter(lines_of(data), table, name)
        encoding, whole = _decoded(data, table.encoding, name)
        opened_table = _with_delimiter(lines_of(whole), table, name)
        return _remarked(opened_table, table, encoding)
    path = Path(source)
    if is_workbook(path):
        found = open_sheet(path, table.sheet, table.skip + table.header)
        rows = _marked(found.rows, table)
        return _Opened(with_iso(table), rows, found.remarks, found)
    encoding = table.encoding or encoding_of(path)
    text = lines(path, encoding, progress=progress)
    return _remarked(_with_delimiter(text, table, name), table, encoding)


def _remarked(found: _Opened, table: Declaration, encoding: str) -> _Opened:
    """Add a remark if the encoding is not the usual one, and was not declared."""
    if table.encoding or encoding == "utf-8":
        return found
    remark = f"the file was read as {encoding}"
    remedy = f"write encoding = {encoding!r} in the declaration, or the right one"
    return found._replace(remarks=(f"{remark}: {remedy}", *found.remarks))


def _decoded(data: bytes, declared: str, name: str) -> tuple[str, str]:
    """Return the encoding of some bytes, and their text."""
    is_wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    usual = ["utf-16"] if is_wide else ["utf-8-sig", "cp1252"]
    check_not_utf32(data[:4], name)
    for encoding in [declared] if declared else usual:
        try:
            # Unlike `decode()`, it takes no order of bytes for granted.
            decode = codecs.getincrementaldecoder(encoding)().decode
            return encoding.removesuffix("-sig"), decode(data, final=True)
        except UnicodeError as error:
            faults = [Fault("file", undecodable(error, encoding))]
    raise FaultsError(name, faults)


def _with_delimiter(text: Iterable[str], table: Declaration, name: str) -> _Opened:
    """Return a table of delimited text, with the delimiter that fits its columns.

    Args:
        text: The lines.
        table: The declaration of the table.
        name: The name of the table in messages.
    """
    if table.delimiter:
        return _Opened(table, rows_of(text, name, table.delimiter))
    remaining = iter(text)
    head = [*islice(remaining, table.skip + _HEAD)]
    named_columns = {*table.named}
    delimiter = max(
        _DELIMITERS, key=lambda mark: _fit(head, table, mark, named_columns)
    )
    rows = rows_of(chain(head, remaining), name, delimiter)
    table = evolve(table, delimiter=delimiter)
    if delimiter == ",":
        return _Opened(table, rows)
    remark = f"cells are separated by {delimiter!r}: write delimiter = {delimiter!r}"
    return _Opened(table, rows, (f"{remark} in the declaration",))


def _fit(
    head: list[str], table: Declaration, mark: str, wanted: set[str]
) -> tuple[int, int]:
    """Return how many declared columns a delimiter finds, and how many in all."""
    reader = csv.reader(head, delimiter=mark)
    try:
        rows = [*reader][table.skip :]
    except csv.Error:
        return 0, 0
    cells = [cell.strip() for row in rows[: table.header] for cell in row]
    # Titles above the header, and text in cells, have delimiters of their own.
    widths = Counter(map(len, rows)).most_common(1)
    return len(wanted & {*cells}), widths[0][0] if widths else 0


# --- spreadsheets and frames --------------------------------------------------------


def _frame_rows(frame: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the header and the rows of a table of Arrow; its first row is line 2."""
    with needing("arrow"):
        import pyarrow

    reader = pyarrow.RecordBatchReader.from_stream(frame)
    yield 1, list(reader.schema.names)
    number = 1
    for batch in reader:
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield number, [*map(cell_text, row)]


def _marked(
    rows: Iterable[tuple[int, list[str]]], table: Declaration
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows in which numbers have the decimal mark of their column.

    Text beside them has that mark: 1.234 must not become a thousand.
    """
    own, usual = dict(table.marks), table.decimal or "."
    above: list[list[str]] = []
    marks: list[str] = []
    for line, row in rows:
        yield (
            line,
            [
                cell.replace(".", mark) if isinstance(cell, NumberText) else cell
                for cell, mark in zip(row, chain(marks, repeat(usual)), strict=False)
            ],
        )
        if len(above) < table.skip + table.header:
            above.append([*row])
            names = header_names(above[table.skip :])
            marks = [own.get(name, usual) for name in names]
