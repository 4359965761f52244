"""What often is not as it seems in data of the field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs
from attrs import define, field

from bri_timeline import Entry, EventLog
from bri_timeline.formats._tables_files import lines, rows_of


__all__ = ["log_traps", "table_traps"]

_DAY = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{2})\.([0-9]{2})\.([0-9]{4})"
)
_NOTHING = frozenset({"NA", "N/A", "NaN", "nan", "NULL", "null", "None", "-", "."})
_OPEN = "9999"
# A month has its first day on 12 of 365 days; three times as often is no chance.
_OFTEN = 3 * 12 / 365.25
_LEAST = 5


@define
class _Days:
    """Whole days, and how many of them are the first of a month, or open."""

    count: int = 0
    firsts: int = 0
    open: int = 0

    def meet(self, text: str) -> None:
        found = _DAY.fullmatch(text)
        if found is None:
            return
        year, day = found[1] or found[6], found[3] or found[4]
        if year == _OPEN:
            self.open += 1
        else:
            self.count += 1
            self.firsts += day == "01"

    def traps(self, where: str) -> Iterator[str]:
        if self.firsts >= _LEAST and self.firsts > self.count * _OFTEN:
            told = f"{where}: {self.firsts:,} of {self.count:,} days are the first of a"
            yield f"{told} month: write the month alone where the day is not known"
        if self.open:
            told = f"{where}: {self.open:,} days lie in the year 9999"
            yield f"{told}: do they mean that there is no end?"


def log_traps(log: EventLog) -> Iterator[str]:
    """Yield the questions to put to a log.

    Args:
        log: The log.
    """
    days, missing = _Days(), Counter[str]()
    unsourced, undated = [], []
    for entry in log:
        if entry.event is None:
            continue
        days.meet(str(entry.event.when))
        missing.update(_missing(entry.event.what))
        if not entry.event.cite:
            unsourced.append(entry)
        elif entry.known_day is None:
            undated.append(entry)
    yield from days.traps("when it happened")
    for name, count in missing.items():
        yield f"{name}: {count:,} times what often stands for nothing, such as NA"
    if unsourced:
        yield f"{_entries(unsourced)} without a source: who says so?"
    if undated:
        told = f"{_entries(undated)} with sources of which none is dated"
        yield f"{told}: they count as known all along"


def _missing(what: object) -> Iterator[str]:
    cls: type = type(what)
    for part in attrs.fields(cls) if attrs.has(cls) else ():
        value = getattr(what, part.name)
        if isinstance(value, str) and value.strip() in _NOTHING:
            yield f"{cls.__name__}.{part.name}"


def _entries(found: list[Entry]) -> str:
    first = ", ".join(str(entry.position) for entry in found[:3])
    more = ", ..." if len(found) > 3 else ""
    noun = "entry" if len(found) == 1 else "entries"
    return f"{len(found):,} {noun} ({first}{more})"


@define
class _Column:
    """What stands in a column of a table."""

    days: _Days = field(factory=_Days)
    missing: Counter[str] = field(factory=Counter)

    def meet(self, cell: str) -> None:
        self.days.meet(cell)
        if cell in _NOTHING:
            self.missing[cell] += 1


def table_traps(path: Path) -> Iterator[str]:
    """Yield the questions to put to a table.

    Args:
        path: The table, with a header.

    Raises:
        FaultsError: It is no table.
    """
    rows = rows_of(lines(path), str(path), ",")
    _, header = next(rows, (0, []))
    columns = [_Column() for _ in header]
    widths = 0
    for _, row in rows:
        widths += len(row) != len(header)
        for column, cell in zip(columns, row, strict=False):
            column.meet(cell.strip())
    for name, column in zip(header, columns, strict=True):
        yield from column.days.traps(f"column {name!r}")
        for cell, count in column.missing.items():
            told = f"column {name!r}: {count:,} cells say {cell!r}"
            hint = ", which is Namibia in codes of two letters" if cell == "NA" else ""
            yield f"{told}: is that nothing{hint}?"
    if widths:
        yield f"{widths:,} rows are not as wide as the header"
