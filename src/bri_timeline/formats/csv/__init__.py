"""CSV: read and write logs as tables for spreadsheets.

A table has one row for each entry (RFC 4180, UTF-8 with or without a byte order mark),
and one more for each further citation. Columns come in any order, and only the first
two are needed:

- `when`: the date of the event in EDTF, such as `2013` or `2019-04-24`.
- `kind`: the name of a payload class.
- `id`: the id of the event, if it has one.
- `place name`, `place latitude`, `place longitude`, `place precision`: where it
  happened.
- `parties` and other fields of payloads. `value.amount` is a nested field, and
  `what.url` is a field with the name of another column.
- `source`, `published`, `container`, `author`, `url`, `accessed`, `archived`, `digest`:
  the source.
- `locator`, `quote`: the place in the source, and the words there.
- `known`: the day from which it was known, if not that of the source; or `all along`.
- `entry`: a name for the row. Adjacent rows with one name are one entry.
- `supersedes`, `retracts`: the `entry` or `id` of a row above that this one corrects or
  withdraws. `because`: the reason.
- `version`: the version of the payload class, if not 1.
- `recorded_at`: the instant at which a store recorded the entry.
- `line`: the entry as a line of JSON, if cells cannot hold it; it takes precedence.

An empty cell means no value. `NA` is text, unless `load()` is given `missing=`. Lists
are words with spaces between them, or JSON. `dump()` puts an apostrophe in front of
text that a spreadsheet would run as a formula, and `load()` removes it. A cell has at
most 131,072 characters.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import compress, groupby, islice
from operator import itemgetter
from pathlib import Path

from attrs import define, field

from bri_timeline import Entry, EventLog, Vocabulary
from bri_timeline.errors import EntryError, Fault, shown
from bri_timeline.extend import (
    EntryColumns,
    did_you_mean,
    replaced,
    require_vocabulary,
    uncollected,
)
from bri_timeline.formats._files import (
    Faults,
    Loss,
    Progress,
    counting,
    from_text,
    guarded,
    lines,
    no_progress,
    numbered,
    published,
    texts,
    to_text,
)
from bri_timeline.formats._flat import columns_of, neutral, plain
from bri_timeline.formats.csv._columns import (
    FIRST,
    LAST,
    Row,
    column_of,
    is_plain_row,
    plain_events,
    special_columns,
)
from bri_timeline.formats.csv._rows import EntryReader, rows_of


__all__ = ["dump", "dumps", "load", "loads"]


# The suffixes of its files, and what it keeps.
NAMES = (".csv",)
KEEPS = ("log",)
_ALWAYS = ("id", "when", "kind", "parties", "source", "locator")
_DELIMITERS = {";": "';'", "\t": r"'\t'", "|": "'|'"}
_LONGEST = 131_072
_AT_ONCE = 1024
_FEW = 32
_LINE = re.compile(r"line (\d+)")
_Rows = Sequence[tuple[int, list[str]]]


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    progress: Progress = no_progress,
) -> tuple[Loss, ...]:
    """Write a log to a file, which is replaced as a whole or left as it was.

    Args:
        log: The log.
        path: The file.
        vocabulary: The payload classes.
        progress: Called now and then with the number of entries in rows.

    Returns:
        The losses: the queue of proposals, and the positions of a log that is part of
        another.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload, or JSON cannot
            hold the payload.
        EntryError: Another part of an entry cannot be written, or is too long for a
            cell.
        OutputError: The file cannot be written.
    """
    log, queue = published(log)
    entries, moved = numbered(log)
    # Positions are written only if a row refers to another: people read the table.
    labelled = any(map(_needs_label, entries))
    rows = [
        row
        for entry in counting(entries, progress)
        for row in _rows(entry, vocabulary, entries, labelled=labelled)
    ]
    columns = _columns(rows, vocabulary)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: neutral(v) for k, v in row.items() if v})
    with replaced(Path(path)) as file:
        file.write(text.getvalue().encode())
    return (*queue, *moved)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as a table in CSV.

    The arguments are those of `dump()`.
    """
    return text


def _needs_label(entry: Entry) -> bool:
    cited = 0 if entry.event is None else len(entry.event.cite)
    return cited > 1 or entry.supersedes is not None or entry.retracts is not None


def _rows(
    entry: Entry, vocabulary: Vocabulary, entries: Sequence[Entry], *, labelled: bool
) -> list[Row]:
    target = None if entry.supersedes is None else entries[entry.supersedes].event
    rows = rows_of(entry, vocabulary, target, labelled=labelled)
    longest = max(len(cell) for row in rows for cell in row.values())
    # The module `csv` refuses longer cells when the file is read.
    if longest >= _LONGEST:
        problem = f"has {longest} characters in a cell, and at most {_LONGEST} are read"
        remedy = "use JSON Lines"
        place = f"entry {entry.position}"
        raise EntryError(entry.position, f"{place} {problem}: {remedy}")
    return rows


def _columns(rows: Iterable[Row], vocabulary: Vocabulary) -> list[str]:
    """Return the columns that are used, and those that are always written."""
    used = {name for row in rows for name, cell in row.items() if cell} | {*_ALWAYS}
    every = dict.fromkeys((*FIRST, *_fields(vocabulary), *LAST))
    return [name for name in every if name in used]


def _fields(vocabulary: Vocabulary) -> Iterator[str]:
    for cls in vocabulary.classes.values():
        yield from map(column_of, columns_of(cls))


def load(
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    delimiter: str = ",",
    missing: Collection[str] = (),
    progress: Progress = no_progress,
) -> EventLog:
    """Read a log from a file.

    Args:
        path: At most 1 GiB, also unpacked, and 1 MiB a line.
        vocabulary: The payload classes.
        delimiter: The character between cells.
        missing: Texts that mean no value, as an empty cell does, such as `n/a`.
        progress: Called now and then with the number of entries read.

    Raises:
        FaultsError: All faults, up to a thousand, each with its line and column.
        SelectionError: *missing* is text, whose letters would be taken for texts.
        OSError: The file cannot be read.
    """
    require_vocabulary(vocabulary)
    faults = Faults(str(path))
    table = _CsvTable(faults, vocabulary, delimiter, texts(missing))
    with closing(lines(Path(path), faults)) as source, uncollected():
        entries = [*counting(_entries(table, source), progress)]
    faults.check()
    return EventLog(entries)


@from_text(load)
def loads(log: EventLog) -> EventLog:
    """Read a log from text; the other arguments are those of `load()`.

    Raises:
        FaultsError: All faults of the text.
    """
    return log


def _entries(table: _CsvTable, source: Iterator[tuple[int, bytes]]) -> Iterator[Entry]:
    """Yield the entries of a table, plain rows many at once."""
    reader, entries = EntryReader(table.vocabulary, table.faults), table.entries(source)
    found, is_read = table.faults.found, False
    while not is_read:
        start, batch = len(found), list[_Rows]()
        for rows in entries:
            batch.append(rows)
            if len(batch) == _AT_ONCE or len(found) > start:
                break
        else:
            is_read = True
        # The faults of a line stand among those of the rows above and below it.
        of_lines = found[start:]
        del found[start:]
        yield from _several(table, reader, batch)
        for fault in of_lines:
            table.faults.add(fault.place, fault.problem)
        found[start:] = sorted(found[start:], key=_line_of)


def _line_of(fault: Fault) -> int:
    number = _LINE.match(fault.place)
    return int(number[1]) if number else 0


def _several(
    table: _CsvTable, reader: EntryReader, entries: Sequence[_Rows]
) -> Iterator[Entry]:
    """Yield some entries; those in plain rows are decoded at once."""
    plainly = [table.is_plain(rows) for rows in entries]
    cells = [rows[0][1] for rows in compress(entries, plainly)]
    try:
        columns = plain_events(table.header, cells, table.vocabulary)
    except Exception:  # the reader of single rows finds the faults, or an entry
        if len(entries) <= _FEW:
            yield from _one_by_one(table, reader, entries)
            return
        # In small parts, so that one row does not slow down all the others.
        for start in range(0, len(entries), _FEW):
            yield from _several(table, reader, entries[start : start + _FEW])
        return
    decoded = zip(*columns, strict=True)
    for is_plain, group in groupby(zip(plainly, entries, strict=True), itemgetter(0)):
        run = [rows for _, rows in group]
        if not is_plain:
            yield from _one_by_one(table, reader, run)
            continue
        events, known = zip(*islice(decoded, len(run)), strict=True)
        first, labels = reader.count, [table.label(rows[0][1]) for rows in run]
        if reader.add(events, labels):
            absent, places = [None] * len(run), range(first, reader.count)
            yield from EntryColumns(places, events, known, absent, absent, {})
        else:
            yield from _one_by_one(table, reader, run)


def _one_by_one(
    table: _CsvTable, reader: EntryReader, entries: Iterable[_Rows]
) -> Iterator[Entry]:
    for rows in entries:
        entry = reader.read([(number, table.row(cells)) for number, cells in rows])
        if entry is not None:
            yield entry


@define
class _CsvTable:
    """Reads the rows of a table, and notes faults of the table itself."""

    faults: Faults
    vocabulary: Vocabulary
    delimiter: str
    missing: frozenset[str]
    line: int = field(default=0)
    header: list[str] = field(factory=list)
    special: list[int] = field(factory=list)
    name: int | None = field(default=None)

    def cells(
        self, source: Iterator[tuple[int, bytes]]
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield the cells of rows with their lines, after the header."""
        reader = csv.reader(self._text(source), delimiter=self.delimiter, strict=True)
        header: list[str] | None = None
        while True:
            start = self.line + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                self.faults.add(f"line {start}", _row_problem(error))
                break
            if not any(cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                if not self._is_header(start, header):
                    return
                self.header, self.special = header, special_columns(header)
                self.name = header.index("entry") if "entry" in header else None
            # The most frequent reason is an unquoted comma.
            elif len(cells) != len(header):
                problem = f"has {len(cells)} cells, and the header has {len(header)}"
                remedy = "put cells with commas or line breaks into quotes"
                self.faults.add(f"line {start}", f"{problem}: {remedy}")
            else:
                yield start, cells
        if header is None and not self.faults.found:
            self.faults.add(
                "line 1", "is missing: begin with a header, `when,kind,...`"
            )

    def entries(self, source: Iterator[tuple[int, bytes]]) -> Iterator[_Rows]:
        """Yield the rows of each entry together."""
        pending: list[tuple[int, list[str]]] = []
        last: str | None = None
        for number, cells in self.cells(source):
            label = self.label(cells)
            if pending and (label is None or label != last):
                yield pending
                pending = []
            pending.append((number, cells))
            last = label
        if pending:
            yield pending

    def is_plain(self, rows: _Rows) -> bool:
        """Return whether an entry can be read together with others."""
        cells = rows[0][1]
        is_said = not self.missing or self.missing.isdisjoint(cells)
        return len(rows) == 1 and is_said and is_plain_row(self.special, cells)

    def label(self, cells: list[str]) -> str | None:
        """Return the name of the entry of a row, if it has one."""
        name = "" if self.name is None else plain(cells[self.name])
        return None if not name or name in self.missing else name

    def row(self, cells: list[str]) -> Row:
        """Return a row without empty and missing cells."""
        pairs = zip(self.header, map(plain, cells), strict=True)
        return {k: v for k, v in pairs if v and v not in self.missing}

    def _text(self, source: Iterator[tuple[int, bytes]]) -> Iterator[str]:
        for number, line in source:
            self.line = number
            try:
                yield line.decode()
            except UnicodeDecodeError:
                problem = "is not in UTF-8: save the file in that encoding"
                self.faults.add(f"line {number}", problem)
                return

    def _is_header(self, start: int, header: list[str]) -> bool:
        before, place = len(self.faults.found), f"line {start}"
        # A wrong delimiter would give a misleading fault for each column.
        delimiters = [d for d in _DELIMITERS if d != self.delimiter and d in header[0]]
        if delimiters and len(header) == 1:
            remedy = f"say load(..., delimiter={_DELIMITERS[delimiters[0]]})"
            self.faults.add(place, f"has one column, {shown(header[0])}: {remedy}")
            return False
        for name, times in Counter(header).items():
            if times > 1:
                self.faults.add(place, f"has the column {shown(name)} twice")
        known = {*FIRST, *_fields(self.vocabulary), *LAST}
        for name in header:
            if name not in known:
                # A part of a field has a point, a part of a place a space.
                dotted = name.replace(" ", ".")
                hint = did_you_mean(name, sorted(known)) or " Remove it."
                hint = f" Did you mean {shown(dotted)}?" if dotted in known else hint
                problem = f"is neither a column nor a field of a payload.{hint}"
                self.faults.add(f"{place}: {shown(name)}", problem)
        for name in ("when", "kind"):
            if name not in header:
                self.faults.add(place, f"has no column `{name}`: add it to the header")
        return len(self.faults.found) == before


def _row_problem(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text or "unexpected end" in text:
        return f"begins a cell that does not end within {_LONGEST} characters: a quote"
    if "new-line" in text:
        return (
            "has a line end that RFC 4180 does not allow: save the file with CRLF or LF"
        )
    return f'is not a row of RFC 4180 ({text}): write a quote within quotes as ""'
