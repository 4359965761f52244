"""Sheets of workbooks, within limits that are known before a workbook is opened.

The library that reads workbooks takes memory for each cell between the first and the
last one that is used, and ends the process where it gets none. So the parts of a
workbook are measured in its zip archive, and what is over the limits is refused. What
was measured is read, and nothing else of the archive. If a workbook cannot be measured,
it is read in a process of its own, whose memory and time are limited.
"""

from __future__ import annotations

import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from bri_timeline.errors import Fault, FaultsError, shown
from bri_timeline.extend import needing
from bri_timeline.formats._files import check_path


_SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_ZIPPED = (".xlsx", ".xlsm", ".ods")
Rows = Iterator[tuple[int, list[str]]]
_Errors = dict[int, dict[int, str]]

# 16 columns of as many rows as a sheet can have.
_MOST_CELLS = 1 << 24
_MOST_UNPACKED = 1 << 29
# Of texts that cells share, each cell gets a copy.
_MOST_COPIED = 1 << 28
_MOST_OTHERS = 1 << 22
_MOST_PRINTED = 1 << 29
_MOST_MEMORY = 2 << 30
_MOST_SECONDS = 60
_MOST_NAMED = 10
_CHUNK = 1 << 20
_WHOLE = (
    "mimetype",
    "content.xml",
    "META-INF/manifest.xml",
    "[Content_Types].xml",
    "_rels/.rels",
)
_CELL = re.compile("([A-Za-z]{1,6})([0-9]{1,9})")
# These parts of a workbook are not read, and may be large.
_ASIDE = re.compile("xl/(charts|drawings|externalLinks|pivot.*|theme)/")
_DAMAGED = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    expat.ExpatError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_SAVE = "save it as .xlsx, or as CSV"


class NumberText(str):
    """The text of a cell that is a number and no text, with a decimal point."""

    __slots__ = ()


class WorkbookSheet(NamedTuple):
    """A sheet of a workbook.

    Attributes:
        rows: Its rows with their numbers, without empty ones at the end; of several
            empty ones in turn, the first.
        remarks: The sheets that are not read, as sentences.
        name: Its name.
        others: The names of the other sheets that are not hidden.
        hidden: The names of those that are.
        merged: The merged cells: their first column, first row and last row, from 0.
    """

    rows: Rows
    remarks: tuple[str, ...]
    name: str = ""
    others: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    merged: tuple[tuple[int, int, int], ...] = ()


def is_workbook(path: Path) -> bool:
    """Check whether the name of a file is that of a workbook."""
    return path.suffix.lower() in _SHEETS


def open_sheet(path: Path, wanted: str, head: int) -> WorkbookSheet:
    """Open a sheet of a workbook.

    Args:
        path: The workbook.
        wanted: The name of the sheet; if it is empty, the first that is not hidden.
        head: The number of rows of which all are needed, also empty ones.

    Raises:
        FaultsError: It is over the limits, cannot be read, or has no such sheet.
        OSError: The file cannot be read.
    """
    with needing("sheets"):
        from python_calamine import CalamineError

    check_path(path)
    _check(path, "file", path.stat().st_size, _MOST_UNPACKED, "bytes")
    workbook = _measured(path) if path.suffix.lower() in _ZIPPED else None
    if workbook is not None:
        try:
            return _opened(path, workbook.copy, wanted, head, workbook.errors)
        except CalamineError:
            if workbook.large:
                raise FaultsError(str(path), workbook.large) from None
    return _apart(path, wanted, head)


def _check(path: Path, place: str, count: int, most: int, what: str) -> None:
    """Check that something of a workbook is within a limit.

    Raises:
        FaultsError: It is over the limit.
    """
    if count > most:
        problem = f"has {count:,} {what}, and at most {most:,} are read"
        raise FaultsError(str(path), [Fault(place, f"{problem}: save it as CSV")])


def _opened(
    path: Path,
    workbook: Path | io.BytesIO,
    wanted: str,
    head: int,
    errors: Mapping[str, _Errors],
) -> WorkbookSheet:
    """Return a sheet of a workbook.

    Raises:
        FaultsError: The workbook has no such sheet.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_object(workbook)
    sheets = [
        sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet
    ]
    hidden = [
        sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible
    ]
    names = [sheet.name for sheet in sheets]
    usual = next((name for name in names if name not in hidden), "")
    name, remedy = wanted or usual, "name one by sheet in the declaration"
    if name not in names:
        problem = f"{shown(name)} is not there" if wanted else "all are hidden"
        listing = f"the workbook has {_listed(names)}"
        raise FaultsError(
            str(path), [Fault("sheet", f"{problem}: {listing}; {remedy}")]
        )
    rest = [
        sheet_name
        for sheet_name in names
        if sheet_name != name and sheet_name not in hidden
    ]
    remarks = [
        f"sheets that are {how} were not read: {_listed(unread)}; {remedy}"
        for how, unread in (("behind the first", rest), ("hidden", hidden))
        if unread and not wanted
    ]
    sheet = book.get_sheet_by_name(name)
    # Columns before the first that is used have no cells.
    gap = sheet.start[1] if sheet.start else 0
    rows = _texts(sheet.iter_rows(), gap, errors.get(name, {}))
    areas = sheet.merged_cell_ranges or ()
    merged = ((column, first, last) for (first, column), (last, _) in areas)
    return WorkbookSheet(
        _without_gaps(rows, head),
        tuple(remarks),
        name,
        tuple(rest),
        tuple(hidden),
        tuple(merged),
    )


def _listed(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return ", ".join(map(shown, names[:_MOST_NAMED])) + more


def _texts(
    rows: Iterable[Iterable[object]], gap: int, errors: _Errors
) -> Iterator[list[str]]:
    for number, row in enumerate(rows, 1):
        cells = [*repeat("", gap), *map(cell_text, row)]
        for column, error in errors.get(number, {}).items():
            cells[column - 1 : column] = [error]
        yield cells


def _without_gaps(rows: Iterable[list[str]], head: int) -> Rows:
    """Yield rows with their numbers; see `WorkbookSheet`."""
    gap: list[tuple[int, list[str]]] = []
    for number, row in enumerate(rows, 1):
        if number > head and not any(cell.strip() for cell in row):
            gap = gap or [(number, row)]
            continue
        yield from gap
        gap = []
        yield number, row


def cell_text(cell: object) -> str:
    """Return a cell of another type as text: a day in ISO, 500.0 as 500."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, datetime):
        is_day = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if is_day else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    is_number = isinstance(cell, float | Decimal)
    return NumberText(cell) if is_number else str(cell)


# --- the measures of a workbook -------------------------------------------------------


class _UnknownError(Exception):
    """The sizes of a workbook are not known."""


class _Measured(NamedTuple):
    """A workbook that was measured.

    Attributes:
        copy: A copy of what was measured, without parts that are over the limits.
        large: The faults of these.
        errors: For each sheet its cells with an error, such as #DIV/0!, by row and
            column; to the library that reads workbooks they are empty.
    """

    copy: io.BytesIO
    large: list[Fault]
    errors: Mapping[str, _Errors]


def _measured(path: Path) -> _Measured | None:
    """Return a workbook within the limits, or None if it cannot be measured.

    Raises:
        FaultsError: It is over the limits as a whole.
        OSError: The file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as book:
            parts = [part for part in book.infolist() if _is_read(part)]
            names = {part.filename.lower() for part in parts}
            packings = {part.compress_type for part in parts}
            if len(names) < len(parts) or packings - _PACKINGS:
                return None
            total = sum(part.file_size for part in parts)
            _check(path, "file", total, _MOST_UNPACKED, "bytes unpacked")
            return _copied(path, book, {part.filename: part for part in parts})
    except FaultsError:
        raise
    except (_UnknownError, *_DAMAGED):
        return None


def _is_read(part: zipfile.ZipInfo) -> bool:
    """Check whether a part of a workbook is needed to read its cells."""
    name = part.filename
    is_xml = name.startswith("xl/") and name.endswith((".xml", ".rels"))
    return name in _WHOLE or (is_xml and not _ASIDE.match(name))


def _copied(
    path: Path, book: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo]
) -> _Measured:
    """Measure the parts of a workbook, and copy those within the limits."""
    measures = {name: _PartMeasure() for name in parts if name != "mimetype"}
    for name, measure in measures.items():
        for chunk in _chunks(book, parts[name]):
            measure.feed(chunk)
        measure.feed(b"", is_last=True)
    several = measures.values()
    texts = sum(measure.texts for measure in several)
    _check(path, "file", texts, _MOST_CELLS, "shared texts")
    longest = max((measure.longest for measure in several), default=0)
    readable = (measure.copies for measure in several if measure.cells <= _MOST_CELLS)
    copied = longest * max(readable, default=0)
    if (
        copied > _MOST_COPIED
        or sum(measure.others for measure in several) > _MOST_OTHERS
    ):
        raise _UnknownError
    # Of each sheet the name and an id, and of each id the part.
    ids = [sheet for measure in several for sheet in measure.sheets]
    targets = {id_: target for measure in several for id_, target in measure.targets}
    named = {targets.get(id_, "").rpartition("/")[2]: name for name, id_ in ids}
    known = {part: named.get(part.rpartition("/")[2], "") for part in measures}
    large = {
        part: Fault(
            f"sheet {shown(known[part])}" if known[part] else "file",
            f"reaches to row {measure.rows:,} and column {measure.columns:,}, and has"
            f" {measure.cells:,} cells, of which at most {_MOST_CELLS:,} are read:"
            " delete what stands apart, or save the sheet as CSV",
        )
        for part, measure in measures.items()
        if measure.cells > _MOST_CELLS
    }
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in parts.keys() - large.keys():
            with new.open(name, "w") as target:
                target.writelines(_chunks(book, parts[name]))
    copy.seek(0)
    errors = {
        known[part]: measure.errors
        for part, measure in measures.items()
        if measure.errors
    }
    return _Measured(copy, [*large.values()], errors)


def _chunks(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with book.open(part) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


class _PartMeasure:
    """Measures a part of a workbook: what its cells and texts take.

    Attributes:
        rows: The last row with a cell that is used; in ODS, of the last table.
        columns: Its last column.
        texts: The number of shared texts.
        longest: The letters of the longest text.
        copies: The number of cells that may have a copy of a text.
        others: The number of elements that are neither.
        sheets: The names of sheets, each with its id.
        targets: These ids, each with the name of a part.
        errors: The cells with an error, by row and column.
    """

    def __init__(self) -> None:
        self.rows = self.columns = self.texts = self.longest = self.copies = 0
        self.others = 0
        self.sheets: list[tuple[str, str]] = []
        self.targets: list[tuple[str, str]] = []
        self.errors: _Errors = {}
        self._is_error = False
        # The cell that is read: its row and column; and the row in which it stands.
        self._at = self._column = self._row = 0
        self._before = self._letters = 0
        self._handlers: Mapping[str, Callable[[Mapping[str, str]], None]] = {
            "row": self._on_row,
            "c": self._on_cell,
            "v": self._on_used,
            "is": self._on_used,
            "si": self._on_shared,
            "sheet": self._on_sheet,
            "Relationship": self._on_target,
            "table:table": self._on_table,
            "table:table-row": self._on_table_row,
            "table:table-cell": self._on_table_cell,
            "table:covered-table-cell": self._on_table_cell,
            "text:p": self._on_paragraph,
        }
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._on_element
        # Entities, and letters of several bytes, may hide from one of two readers.
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.XmlDeclHandler = _check_declared

    @property
    def cells(self) -> int:
        """The number of cells between the first and the last that is used."""
        return self._before + self.rows * self.columns

    def feed(self, data: bytes, *, is_last: bool = False) -> None:
        """Measure some more of the part.

        Raises:
            ExpatError: It is not XML.
        """
        self._parser.Parse(data, is_last)

    def _on_element(self, name: str, attributes: dict[str, str]) -> None:
        handler = self._handlers.get(name)
        if handler is None and ":" in name:
            # Office documents may have a prefix before the names of their elements.
            handler = self._handlers.get(name.partition(":")[2])
        if handler is None:
            self.others += 1
        else:
            handler(attributes)

    def _on_row(self, attributes: Mapping[str, str]) -> None:
        self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
        self._column = 0

    def _on_cell(self, attributes: Mapping[str, str]) -> None:
        self._at = self._row
        self._column += 1
        if "r" in attributes:
            named = _CELL.fullmatch(attributes["r"])
            if named is None:
                raise _UnknownError
            self._column, self._at = _number(named[1]), int(named[2])
        self.copies += attributes.get("t") == "s"
        if attributes.get("t") == "e":
            self._parser.CharacterDataHandler = self._on_error
            self._is_error = True
        elif self._is_error:
            self._parser.CharacterDataHandler = None
            self._is_error = False

    def _on_error(self, text: str) -> None:
        if text.strip():
            self.errors.setdefault(self._at, {})[self._column] = text.strip()

    def _on_used(self, _attributes: Mapping[str, str]) -> None:
        self.rows = max(self.rows, self._at)
        self.columns = max(self.columns, self._column)

    def _on_shared(self, _attributes: Mapping[str, str]) -> None:
        self.texts += 1
        self._letters = 0
        self._parser.CharacterDataHandler = self._on_letters

    def _on_sheet(self, attributes: Mapping[str, str]) -> None:
        self.others += 1
        self.sheets.append((attributes.get("name", ""), attributes.get("r:id", "")))

    def _on_target(self, attributes: Mapping[str, str]) -> None:
        self.others += 1
        self.targets.append((attributes.get("Id", ""), attributes.get("Target", "")))

    def _on_table(self, _attributes: Mapping[str, str]) -> None:
        self._before = self.cells
        self.rows = self.columns = self._at = 0

    def _on_table_row(self, attributes: Mapping[str, str]) -> None:
        self._at += int(attributes.get("table:number-rows-repeated", 1))
        self._column = 0

    def _on_table_cell(self, attributes: Mapping[str, str]) -> None:
        self._column += int(attributes.get("table:number-columns-repeated", 1))
        self._letters = 0
        if any(name.startswith("office:") for name in attributes):
            self._on_used(attributes)

    def _on_paragraph(self, attributes: Mapping[str, str]) -> None:
        self._on_used(attributes)
        self.copies = max(self.copies, self.cells)
        self._parser.CharacterDataHandler = self._on_letters

    def _on_letters(self, text: str) -> None:
        self._letters += len(text)
        self.longest = max(self.longest, self._letters)


def _refuse(*_given: object) -> None:
    raise _UnknownError


def _check_declared(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() != "utf-8":
        raise _UnknownError


def _number(letters: str) -> int:
    """Return the number of a column from its letters; A is 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


# --- a process of its own -------------------------------------------------------------

_CHILD = "from bri_timeline.formats.tables._sheets import serve; serve()"


def _apart(path: Path, wanted: str, head: int) -> WorkbookSheet:
    """Open a sheet in a process of its own; see `open_sheet()`."""
    most = str(_MOST_PRINTED)
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), wanted, str(head), most],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    if done.returncode:
        limits = f"{_MOST_MEMORY >> 30} GiB of memory and {_MOST_SECONDS} seconds"
        problem = f"cannot be read as a workbook within {limits}: {_SAVE}"
        raise FaultsError(str(path), [Fault("file", problem)])
    said, *lines = done.stdout.splitlines()
    answer = json.loads(said)
    if faults := [Fault(*pair) for pair in answer["faults"]]:
        raise FaultsError(str(path), faults)
    rows = (
        (number, [NumberText(*c) if isinstance(c, list) else c for c in cells])
        for number, cells in map(json.loads, lines)
    )
    return WorkbookSheet(rows, *answer["sheet"])


def serve() -> None:
    """Print a sheet: a line of JSON with faults and remarks, then one for each row."""
    from python_calamine import CalamineError

    # Windows has no such limits.
    with suppress(ImportError):
        import resource

        for what, most in (
            (resource.RLIMIT_AS, _MOST_MEMORY),
            (resource.RLIMIT_CPU, _MOST_SECONDS),
            (resource.RLIMIT_CORE, 0),
        ):
            hardest = resource.getrlimit(what)[1]
            least = most if hardest < 0 else min(most, hardest)
            resource.setrlimit(what, (least, hardest))
    path, sheet_name, head, longest = sys.argv[1:]
    faults: list[tuple[str, str]] = []
    sheet, size = WorkbookSheet(iter(()), ()), 0
    try:
        file = Path(path)
        sheet = _opened(file, file, sheet_name, int(head), {})
    except FaultsError as error:
        faults = [(fault.place, fault.problem) for fault in error.faults]
    except (CalamineError, OSError) as error:
        problem = f"is not a workbook that can be read ({error}): {_SAVE}"
        faults = [("file", problem)]
    out = sys.stdout
    out.write(json.dumps({"faults": faults, "sheet": sheet[1:]}) + "\n")
    for number, cells in sheet.rows:
        row = [[cell] if isinstance(cell, NumberText) else cell for cell in cells]
        # Few shared texts can make many long rows.
        size += out.write(json.dumps([number, row]) + "\n")
        if size > int(longest):
            sys.exit(1)
