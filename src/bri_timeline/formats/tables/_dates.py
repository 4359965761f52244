"""Dates of tables: read by the format that is declared for their columns."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache

from attrs import field, frozen

from bri_timeline.edtf import Edtf
from bri_timeline.errors import EdtfError, shown


__all__ = [
    "Dates",
    "DatesError",
    "Silence",
    "check_format",
]


_TOKENS = re.compile("yyyy|month|mm|dd")
_PARTS = {
    "yyyy": "(?P<year>[0-9]{4})",
    "month": r"(?P<name>[A-Za-z]{3,9})\.?",
    "mm": "(?P<month>[0-9]{1,2})",
    "dd": "(?P<day>[0-9]{1,2})",
}
_ENGLISH = {
    name.lower(): number
    for names in (month_name, month_abbr)
    for number, name in enumerate(names)
    if number
}
_PRECISIONS = ("day", "month", "year", "unknown")
_SPREADSHEET = re.compile(r"([0-9]+)\.0")


class Silence(Enum):
    """What a cell says that holds no date.

    `MISSING`: the day is not known. `OPEN`: it has not happened, as far as is known.
    `CENSORED`: it had not happened when the data ended.
    """

    MISSING = "missing"
    OPEN = "open"
    CENSORED = "censored"


class DatesError(ValueError):
    """A cell that is no date as declared; says so in words."""


@frozen
class Dates:
    """How the dates of some columns are written.

    Args:
        columns: The columns that make up the date together, as `["Year", "Month"]`;
            their cells are joined by a space.
        format: `yyyy` (four digits), `mm`, `dd` (one or two digits; 00 is unknown),
            `month` (English, whole or three letters) and what stands between them; or
            several such, parted by ` | `.
        first: What a first day may stand for. `month`: on day 1 only the month is
            known. `year`: on 1 January only the year is known.
        sentinels: What cells that are no dates say: `missing`, `open` or `censored`
            (the end of the data). Cells of the table that count as missing need not be
            repeated. An end that is `censored` is the day of the cell or a later one:
            `"2015-12-31" = "censored"` gives `2009/2015-12-31..`, certainly active in
            2010 and perhaps in 2016. Where the cell is no date, the last day of the
            coverage of the table takes its place; without one the end is unknown.
        precision: A column that says how much of the date is known.
        precisions: What its cells mean: `day`, `month`, `year` or `unknown`.
    """

    columns: tuple[str, ...] = field(converter=tuple)
    format: str
    first: str = "day"
    sentinels: Mapping[str, str] = field(factory=dict)
    precision: str | None = None
    precisions: Mapping[str, str] = field(factory=dict)

    def read(self, cells: Mapping[str, str], missing: frozenset[str]) -> Edtf | Silence:
        """Return the date in a row, or what it says instead.

        Args:
            cells: The row.
            missing: What stands in cells of which nothing is known.

        Raises:
            DatesError: It says neither.
        """
        parts = [_tidy(cells[column]) for column in self.columns]
        text = " ".join(parts)
        if text in self.sentinels:
            return Silence(self.sentinels[text])
        if any(part in missing for part in parts):
            return Silence.MISSING
        known = self._known(cells)
        if known == "unknown":
            return Silence.MISSING
        return _date(text, self.format, self.first, known)

    def cut(self, cells: Mapping[str, str]) -> Edtf | None:
        """Return the date at which the data end, if a cell that says so is one.

        Args:
            cells: The row.
        """
        text = " ".join(_tidy(cells[column]) for column in self.columns)
        try:
            return _date(text, self.format, "day", "day")
        except DatesError:
            return None

    def _known(self, cells: Mapping[str, str]) -> str:
        if self.precision is None:
            return "day"
        code = _tidy(cells[self.precision])
        if code not in self.precisions:
            problem = f"{shown(code)} is not a declared precision"
            raise DatesError(problem)
        return self.precisions[code]

    @property
    def named(self) -> Sequence[str]:
        """All columns that it reads."""
        return [*self.columns, *filter(None, [self.precision])]

    def problems(self) -> list[str]:
        """Return what is wrong with the declaration itself."""
        found = check_format(self.format)
        wrong = [self.first, *self.precisions.values()]
        found += [
            f"{shown(word)} is not a precision: write {', '.join(_PRECISIONS)}"
            for word in wrong
            if word not in _PRECISIONS
        ]
        kinds = [kind.value for kind in Silence]
        found += [
            f"{shown(word)} is not a sentinel: write {', '.join(kinds)}"
            for word in self.sentinels.values()
            if word not in kinds
        ]
        if not self.columns:
            found.append("names no column")
        return found


def check_format(text: str) -> list[str]:
    """Return what is wrong with a format of dates."""
    found, shapes = [], []
    for one in text.split(" | "):
        tokens = _TOKENS.findall(one)
        if "yyyy" not in tokens or len(set(tokens)) < len(tokens):
            found.append(
                f"{shown(one)} is not a format: it needs one yyyy, as in yyyy-mm"
            )
        elif {"mm", "month"} <= set(tokens) or (
            "dd" in tokens and not {"mm", "month"} & set(tokens)
        ):
            found.append(f"{shown(one)} is not a format: a day needs one month")
        shapes.append(_TOKENS.sub(lambda m: m[0] if m[0] == "yyyy" else "#", one))
    if len(set(shapes)) < len(shapes):
        found.append(f"{shown(text)} reads one text in two ways: keep one of them")
    return found


def _tidy(cell: str) -> str:
    """Return a cell without spaces around it, and 1816.0 as 1816."""
    bare = cell.strip()
    whole = _SPREADSHEET.fullmatch(bare)
    return whole[1] if whole else bare


@lru_cache(256)
def _pattern(one: str) -> re.Pattern[str]:
    made, end = "", 0
    for token in _TOKENS.finditer(one):
        made += re.escape(one[end : token.start()]) + _PARTS[token[0]]
        end = token.end()
    return re.compile(made + re.escape(one[end:]))


@lru_cache(1 << 14)
def _date(text: str, formats: str, first: str, known: str) -> Edtf:
    for one in formats.split(" | "):
        if found := _pattern(one).fullmatch(text):
            return _edtf(text, found.groupdict(), first, known)
    problem = f"{shown(text)} is not written as {formats}"
    raise DatesError(problem)


def _edtf(text: str, parts: dict[str, str | None], first: str, known: str) -> Edtf:
    year, day = parts["year"], int(parts.get("day") or 0)
    month = int(parts.get("month") or 0)
    if name := parts.get("name"):
        month = _ENGLISH.get(name.lower(), -1)
    if first in ("month", "year") and day == 1:
        day = 0
        month = 0 if first == "year" and month == 1 else month
    if known in ("month", "year"):
        day = 0
    if known == "year" or (not month and not day):
        return Edtf(f"{year}")
    written = f"{year}-{month:02}" + (f"-{day:02}" if day else "")
    try:
        return Edtf(written)
    except EdtfError:
        problem = f"{shown(text)} is not an existing day or month"
        raise DatesError(problem) from None
