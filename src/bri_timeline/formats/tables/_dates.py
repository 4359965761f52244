"""Dates from the cells of a row, as a declaration describes them."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import Enum
from functools import cache, lru_cache
from itertools import product
from unicodedata import digit

from attrs import evolve, field, frozen

from bri_timeline.edtf import Edtf, years_meant
from bri_timeline.errors import EdtfError, shown
from bri_timeline.extend import needing, state_names
from bri_timeline.formats._files import in_turn
from bri_timeline.formats.tables._cells import language_problem, normal


_TOKENS = re.compile("yyyy|month|mm|dd")
_PARTS = {
    "yyyy": "(?P<year>[0-9]{4})",
    "month": r"(?P<name>[^\W\d_]{2,12})\.?",
    "mm": "(?P<month>[0-9]{1,2})",
    "dd": "(?P<day>[0-9]{1,2})(?:er|st|nd|rd|th|\u00ba)?",
}
_ENGLISH = {
    name.lower(): number
    for names in (month_abbr, month_name)
    for number, name in enumerate(names)
    if number
}
# What people write, and CLDR lacks.
_ALSO = {"sept": 9, "mrz": 3, "j\u00e4nner": 1, "feber": 2}
_EDTF, _ISO = "edtf", "yyyy-mm-dd"
_PLAIN = re.compile("[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?")
_FIRST = "0002"
_LAST_MONTH = 12
_SAY = "; say what it means under dates"
_PRECISIONS = ("day", "month", "year", "unknown")


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


class _UnreadError(DatesError):
    """A cell has no form of the formats; a draft tries many, and needs no words."""

    def __str__(self) -> str:
        text, formats = self.args
        problem = f"{shown(text)} is not written as {formats}"
        digits = "".join(str(digit(one)) if one.isdigit() else one for one in text)
        if digits != text:
            problem += f": digits are read as 0 to 9, as in {digits}"
        elif years := " or ".join(years_meant(text)):
            problem += f": are these years, {years}?"
        return f"{problem}{_SAY}"


@frozen
class Dates:
    """The date format of some columns.

    Args:
        columns: The columns that form the date together, joined by a space.
        format: `yyyy` (four digits), `mm` and `dd` (one or two; 00 is unknown; 1er and
            7th are read too), `month` (in full or abbreviated, in English or the
            language of the table) and the text between them; or `edtf`, for cells that
            are written in it; or several formats separated by ` | `.
        first: The meaning of first days: `month`, of day 1 only the month is known;
            `year`, of 1 January only the year is.
        sentinels: The meaning of cells that are not dates: `missing`, `open` (it goes
            on) or `censored` (it did when the data ended). Missing cells of the table
            are `missing`; as an end, with a caution that asks whether `"" = "open"` is
            meant. A `censored` end is the day of the cell or later:
            `"2015-12-31" = "censored"` gives `2009/2015-12-31..`, certainly active in
            2010 and perhaps in 2016. If the cell is not a date, the last day of the
            coverage of the table is used; without coverage the end is unknown.
        precision: A column that states how much of the date is known.
        missing: The date of rows without one, if it has bounds: by `[..2025-05]` all of
            them happened by May 2025. Without columns, of all rows; in TOML
            `when = { is = "[..2025-05]" }`.
        precisions: The meaning of its cells: `day`, `month`, `year` or `unknown`.
        dates: The meaning of certain cells, in EDTF: `{"ca. 2015" = "2015~"}`.
        exclusive: The date is the first that lies outside, as an end may be written:
            2016-01-01 stands for 2015-12-31, and 2016 for 2015.
        language: The language of the names of months; by default that of the table.
    """

    columns: tuple[str, ...] = field(converter=in_turn)
    format: str
    first: str = "day"
    sentinels: Mapping[str, str] = field(factory=dict)
    precision: str | None = None
    missing: str | None = None
    precisions: Mapping[str, str] = field(factory=dict)
    dates: Mapping[str, str] = field(factory=dict)
    exclusive: bool = False
    language: str = ""

    def read(self, cells: Mapping[str, str], missing: frozenset[str]) -> Edtf | NoDate:
        """Return the date in a row, or the reason why it has none.

        Args:
            cells: The row.
            missing: The texts of missing cells.

        Raises:
            DatesError: The cells are neither a date nor a sentinel.
        """
        when = self._read(cells, missing)
        if when is NoDate.MISSING and self.missing is not None:
            return Edtf(self.missing)
        return when

    def _read(self, cells: Mapping[str, str], missing: frozenset[str]) -> Edtf | NoDate:
        parts = [normal(cells[column]) for column in self.columns]
        text = " ".join(parts)
        # What is said of certain cells goes first: 9999-12-31 looks like a date.
        for meant, words in ((Edtf, self.dates), (NoDate, self.sentinels)):
            if words and (word := _meaning(words, text)) is not None:
                return meant(word)
        if not parts or not missing.isdisjoint(parts):
            return NoDate.MISSING
        known = self._known(cells)
        if known == "unknown":
            return NoDate.MISSING
        when = _date(text, self.format, self.first, known, self.language)
        return _before(when) if self.exclusive else when

    def blank(self, cells: Mapping[str, str], missing: frozenset[str]) -> str | None:
        """Return the text of missing cells of which nothing else is said, or None.

        Args:
            cells: The row.
            missing: The texts of missing cells.
        """
        parts = [normal(cells[column]) for column in self.columns]
        text = " ".join(parts).strip()
        is_said = _meaning(self.sentinels, text) is not None or (
            self.precision is not None
            and _meaning(self.precisions, normal(cells[self.precision])) == "unknown"
        )
        return text if missing.issuperset(parts) and not is_said else None

    def cut(self, cells: Mapping[str, str]) -> Edtf | None:
        """Return the date in a censored cell, which is the end of the data, or None.

        Args:
            cells: The row.
        """
        text = " ".join(normal(cells[column]) for column in self.columns)
        try:
            return _date(text, self.format, "day", "day", self.language)
        except DatesError:
            return None

    def typed(self, language: str) -> Dates:
        """Return the format of columns whose cells may be days, not text.

        Args:
            language: The language of the table.
        """
        is_iso = _ISO in self.format.split(" | ")
        return evolve(
            self,
            format=self.format if is_iso else f"{self.format} | {_ISO}",
            dates=self.with_days(self.dates, language),
            sentinels=self.with_days(self.sentinels, language),
        )

    def with_days(self, words: Mapping[str, str], language: str) -> dict[str, str]:
        """Return what is said of cells, also of the days that they are, in ISO.

        Args:
            words: What is said, by cells.
            language: The language of the table.
        """
        spoken, days = self.language or language, dict[str, str]()
        for cell, word in words.items():
            with suppress(DatesError):
                day = _date(normal(cell), self.format, "day", "day", spoken)
                days[str(day)] = word
        return {**days, **words}

    def _known(self, cells: Mapping[str, str]) -> str:
        if self.precision is None:
            return "day"
        known = _meaning(self.precisions, normal(cells[self.precision]))
        if known is None:
            problem = f"{shown(cells[self.precision])} is not a declared precision"
            raise DatesError(problem)
        return known

    @property
    def named(self) -> Sequence[str]:
        """All columns of the format."""
        return [*self.columns, *filter(None, [self.precision])]

    def problems(self) -> list[str]:
        """Return the problems of the declaration."""
        problems = check_format(self.format)
        wrong = [self.first, *self.precisions.values()]
        problems += [
            f"{shown(word)} is not a precision: write {', '.join(_PRECISIONS)}"
            for word in wrong
            if word not in _PRECISIONS
        ]
        kinds = [kind.value for kind in NoDate]
        problems += [
            f"{shown(word)} is not a sentinel: write {', '.join(kinds)}"
            for word in self.sentinels.values()
            if word not in kinds
        ]
        if not self.columns and self.missing is None:
            problems.append(
                "names no column, and no date of all rows: write is = '...'"
            )
        if self.precisions and self.precision is None:
            problems.append("precisions mean cells of a column: name it by precision")
        if problem := language_problem(self.language):
            problems.append(problem)
        name = "missing" if self.columns else "is"
        meant = {name: self.missing} if self.missing is not None else {}
        for place, text in (*meant.items(), *self.dates.items()):
            try:
                Edtf(text)
            except EdtfError as error:
                problems.append(f"{place}: {error}")
        return problems


def check_format(text: str) -> list[str]:
    """Return the problems of a date format."""
    problems, shapes = [], []
    for form in text.split(" | "):
        if form == _EDTF:
            continue
        tokens = _TOKENS.findall(form)
        if "yyyy" not in tokens or len(set(tokens)) < len(tokens):
            problems.append(
                f"{shown(form)} is not a format: it needs one yyyy, as in yyyy-mm"
            )
        elif {"mm", "month"} <= set(tokens) or (
            "dd" in tokens and not {"mm", "month"} & set(tokens)
        ):
            problems.append(f"{shown(form)} is not a format: a day needs one month")
        shapes.append(re.sub("mm|dd", "#", form))
    # dd/mm/yyyy and mm/dd/yyyy match the same texts: the first would always win.
    if len(set(shapes)) < len(shapes):
        problems.append(f"{shown(text)} reads one text in two ways: keep one of them")
    return problems


def _meaning(words: Mapping[str, str], text: str) -> str | None:
    """Return what a declaration says of a cell, whatever the form of its number."""
    # Of several columns that are empty, only spaces are left.
    return {normal(cell): word for cell, word in words.items()}.get(text.strip())


def _before(when: Edtf) -> Edtf:
    """Return the day, month or year before a date.

    Raises:
        DatesError: It is not one of these.
    """
    text = str(when)
    if not _PLAIN.fullmatch(text) or when.earliest is None or text < _FIRST:
        problem = f"{when} is not a day, a month or a year that ends before another"
        raise DatesError(problem)
    return Edtf((when.earliest - timedelta(days=1)).isoformat()[: len(text)])


@lru_cache(256)
def _patterns(formats: str) -> Sequence[re.Pattern[str] | None]:
    """Return the pattern of each format; None for EDTF."""
    return [None if f == _EDTF else _pattern(f) for f in formats.split(" | ")]


def _pattern(one: str) -> re.Pattern[str]:
    made, end = "", 0
    for token in _TOKENS.finditer(one):
        made += re.escape(one[end : token.start()]) + _PARTS[token[0]]
        end = token.end()
    return re.compile(made + re.escape(one[end:]))


def _date(text: str, formats: str, first: str, known: str, language: str) -> Edtf:
    for pattern in _patterns(formats):
        if pattern is None:
            try:
                return Edtf(text)
            except EdtfError:
                continue
        if match := pattern.fullmatch(text):
            return _edtf(text, match.groupdict(), first, known, language)
    raise _UnreadError(text, formats)


@cache
def months(language: str) -> Mapping[str, int]:
    """Return the months by their names in plain letters."""
    plain = state_names.plain
    named = {plain(name): n for name, n in (*_ALSO.items(), *_ENGLISH.items())}
    if language:
        with needing("names"):
            import babel

        forms = babel.Locale.parse(language, sep="-").months
        for form, width in product(forms, ("abbreviated", "wide")):
            named |= {plain(name): n for n, name in forms[form][width].items()}
    return named


def _edtf(
    text: str, parts: dict[str, str | None], first: str, known: str, language: str
) -> Edtf:
    year, day = parts["year"], int(parts.get("day") or 0)
    month = int(parts.get("month") or 0)
    if name := parts.get("name"):
        by_name = months(language)
        month = by_name.get(state_names.plain(name), 0)
        if not month:
            usual = {number: one for one, number in by_name.items()}
            read = ", ".join(usual[number] for number in range(1, _LAST_MONTH + 1))
            problem = f"{shown(text)}: {shown(name)} is not a month that is known"
            problem = f"{problem}, as {read}{_SAY}, or give the language"
            raise DatesError(problem)
    # EDTF has seasons behind its months: two years must not be the 39th month.
    if month > _LAST_MONTH:
        problem = f"{shown(text)} is not an existing month"
        years = " or ".join(years_meant(text))
        problem += f": are these years, {years}?" if years else ""
        problem += _SAY
        raise DatesError(problem)
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
        problem = f"{shown(text)} is not an existing day or month{_SAY}"
        raise DatesError(problem) from None
