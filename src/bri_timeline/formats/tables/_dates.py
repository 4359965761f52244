"""Read dates of tables by the format declared for their columns."""

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
    "NoDate",
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


class NoDate(Enum):
    """The meaning of a cell without a date.

    `MISSING`: the day is not known. `OPEN`: it has not happened, as far as is known.
    `CENSORED`: it had not happened when the data ended.
    """

    MISSING = "missing"
    OPEN = "open"
    CENSORED = "censored"


class DatesError(ValueError):
    """A cell is not a date in the declared format."""


@frozen
class Dates:
    """The date format of some columns.

    Args:
        columns: The columns that form the date together, such as `["Year", "Month"]`;
            their cells are joined by a space.
        format: `yyyy` (four digits), `mm`, `dd` (one or two digits; 00 is unknown),
            `month` (English, in full or three letters) and the text between them; or
            several formats separated by ` | `.
        first: The meaning of first days. `month`: on day 1 only the month is known.
            `year`: on 1 January only the year is known.
        sentinels: The meaning of cells that are not dates: `missing`, `open` or
            `censored` (the end of the data). The missing cells of the table need not be
            repeated. An end that is `censored` is the day of the cell or later:
            `"2015-12-31" = "censored"` gives `2009/2015-12-31..`, certainly active in
            2010 and perhaps in 2016. If the cell is not a date, the last day of the
            coverage of the table is used; without coverage the end is unknown.
        precision: A column that states how much of the date is known.
        precisions: The meaning of its cells: `day`, `month`, `year` or `unknown`.
    """

    columns: tuple[str, ...] = field(converter=tuple)
    format: str
    first: str = "day"
    sentinels: Mapping[str, str] = field(factory=dict)
    precision: str | None = None
    precisions: Mapping[str, str] = field(factory=dict)

    def read(self, cells: Mapping[str, str], missing: frozenset[str]) -> Edtf | NoDate:
        """Return the date in a row, or the reason why it has none.

        Args:
            cells: The row.
            missing: The texts of missing cells.

        Raises:
            DatesError: The cells are neither a date nor a sentinel.
        """
        parts = [_tidy(cells[column]) for column in self.columns]
        text = " ".join(parts)
        # Sentinels go first: many look like dates, such as 9999-12-31.
        if text in self.sentinels:
            return NoDate(self.sentinels[text])
        if any(part in missing for part in parts):
            return NoDate.MISSING
        known = self._known(cells)
        if known == "unknown":
            return NoDate.MISSING
        return _date(text, self.format, self.first, known)

    def cut(self, cells: Mapping[str, str]) -> Edtf | None:
        """Return the date in a censored cell, which is the end of the data, or None.

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
        """All columns of the format."""
        return [*self.columns, *filter(None, [self.precision])]

    def problems(self) -> list[str]:
        """Return the problems of the declaration."""
        found = check_format(self.format)
        wrong = [self.first, *self.precisions.values()]
        found += [
            f"{shown(word)} is not a precision: write {', '.join(_PRECISIONS)}"
            for word in wrong
            if word not in _PRECISIONS
        ]
        kinds = [kind.value for kind in NoDate]
        found += [
            f"{shown(word)} is not a sentinel: write {', '.join(kinds)}"
            for word in self.sentinels.values()
            if word not in kinds
        ]
        if not self.columns:
            found.append("names no column")
        return found


def check_format(text: str) -> list[str]:
    """Return the problems of a date format."""
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
    # dd/mm/yyyy and mm/dd/yyyy match the same texts: the first would always win.
    if len(set(shapes)) < len(shapes):
        found.append(f"{shown(text)} reads one text in two ways: keep one of them")
    return found


def _tidy(cell: str) -> str:
    """Return a cell without surrounding spaces; spreadsheets write 1816 as 1816.0."""
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
    # A first day that the database filled in is not a known day.
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
