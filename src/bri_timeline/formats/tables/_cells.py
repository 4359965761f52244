"""Make fields of payloads, and dates, from cells, as a declaration describes."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from types import NoneType
from typing import TypeAlias, get_args

import attrs
from attrs import field, frozen

from bri_timeline.edtf import Edtf, years_meant
from bri_timeline.errors import EdtfError, shown
from bri_timeline.extend import members_of, payload_fields
from bri_timeline.formats._codes import slug, state_named
from bri_timeline.formats._files import in_turn
from bri_timeline.relations import states


__all__ = [
    "CellError",
    "Dates",
    "DatesError",
    "FieldSpec",
    "NoDate",
    "check_format",
    "columns_of",
    "make_field",
    "make_fields",
    "mark_of",
    "number_cells",
    "number_of",
    "problems_of",
    "with_decimal",
    "with_types",
]


FieldSpec: TypeAlias = object
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_KEYS = frozenset({"as", "codes", "column", "decimal", "optional", "times"})
_KINDS = ("alpha2", "alpha3", "number", "state", "text")
# Thousands may be separated by the other mark, by spaces or by apostrophes. Nobody
# separates them in 0,123 or 1,234e5: there the comma is the decimal mark.
_NUMBER = (
    "[+-]?([0-9]+|(?!0|.*[eE])[0-9]{{1,3}}(?:([{}'\u2019 \u00a0\u202f])[0-9]{{3}})"
    "(?:\\2[0-9]{{3}})*)(?:[{}][0-9]+)?(?:[eE][+-]?[0-9]{{1,2}})?"
)
_NUMBERS = {
    ".": re.compile(_NUMBER.format(",", ".")),
    ",": re.compile(_NUMBER.format(".", ",")),
}
_THOUSANDS = re.compile("['\u2019 \u00a0\u202f]")
_LONGEST = 40
_PREFIX = re.compile("[a-z]{1,30}:")
# The errors of formulas, as spreadsheets write them.
_ERROR = re.compile(r"#(CALC!|DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|SPILL!|VALUE!)")
_NUMERIC = (Decimal, float, int)


class CellError(ValueError):
    """A cell cannot be converted to a field."""


class _LeftOutError(Exception):
    """An optional cell is missing."""


def make_field(
    spec: FieldSpec, cells: Mapping[str, str], missing: frozenset[str]
) -> object:
    """Return the value of a field.

    Args:
        spec: Text with `{column}`, a table with a `column`, or a list or table of
            these; anything else is the value itself.
        cells: The row.
        missing: The texts of missing cells.

    Raises:
        CellError: A cell is missing, or is not of the declared kind.
    """
    if isinstance(spec, str):
        return _IN_BRACES.sub(lambda found: cells[found[1]].strip(), spec)
    if isinstance(spec, list | tuple):
        return [make_field(part, cells, missing) for part in spec]
    if not isinstance(spec, Mapping):
        return spec
    if "column" in spec:
        return _cell(spec, cells, missing)
    return make_fields(spec, cells, missing)


def make_fields(
    specs: Mapping[str, FieldSpec], cells: Mapping[str, str], missing: frozenset[str]
) -> dict[str, object]:
    """Return fields by name, without optional ones whose cells are missing.

    Args:
        specs: The declarations of the fields; see `make_field()`.
        cells: The row.
        missing: The texts of missing cells.

    Raises:
        CellError: A cell is missing, or is not of the declared kind.
    """
    fields = {}
    for name, spec in specs.items():
        try:
            fields[name] = make_field(spec, cells, missing)
        except _LeftOutError:
            continue
    return fields


def _cell(
    spec: Mapping[str, object], cells: Mapping[str, str], missing: frozenset[str]
) -> object:
    column = str(spec["column"])
    text = cells[column].strip()
    codes = spec.get("codes")
    if isinstance(codes, Mapping) and text in codes:
        return codes[text]
    # After the codes, since a declaration may give a missing cell a meaning.
    if text in missing:
        if spec.get("optional"):
            raise _LeftOutError
        problem = f"{column} holds nothing"
        raise CellError(problem)
    if _ERROR.fullmatch(text):
        problem = f"{column}: {shown(text)} is an error of a spreadsheet: correct it"
        msg = f"{problem}, or add it to missing"
        raise CellError(msg)
    kind = str(spec.get("as", "text"))
    value = _number(text, spec) if kind == "number" else _named(text, kind)
    if isinstance(value, Decimal) and spec.get("is whole"):
        if value == value.to_integral_value():
            return int(value)
        problem = f"{column}: {shown(text)} is not a whole number"
        raise CellError(problem)
    if value is None:
        problem = f"{column}: {shown(text)} is not a valid {kind.removesuffix(':')}"
        remedy = "say what it means under codes"
        raise CellError(f"{problem}: {remedy}" if kind != "number" else problem)
    return value


def _named(text: str, kind: str) -> str | None:
    if kind == "text":
        return text
    if kind == "state":
        return state_named(text)
    if kind == "alpha3":
        return text if text in states() else None
    if kind == "alpha2":
        return _by_alpha2().get(text)
    return slug(kind.removesuffix(":"), text)


@cache
def _by_alpha2() -> dict[str, str]:
    return {state.alpha2: state.code for state in states().values()}


def _number(text: str, spec: Mapping[str, object]) -> Decimal | None:
    number = number_of(text, str(spec.get("decimal", ".")))
    if number is None:
        return None
    # 1.2e6 is 1200000, as if it were written so.
    return Decimal(f"{number * Decimal(str(spec.get('times', 1))):f}")


def number_of(text: str, mark: str) -> Decimal | None:
    """Return the number that a text is with a decimal mark, or None if it is none."""
    # Decimal() would also accept `NaN`, `Infinity` and underscores.
    if not _NUMBERS[mark].fullmatch(text) or len(text) > _LONGEST:
        return None
    bare = _THOUSANDS.sub("", text).replace("," if mark == "." else ".", "")
    return Decimal(bare.replace(mark, "."))


def mark_of(text: str) -> str | None:
    """Return the decimal mark that a number shows that it is written with.

    Returns:
        The mark; "" if the number is another with each, as 1,234 is; None if it is the
        same with each, or if the text is not a number.
    """
    numbers = {mark: number_of(text, mark) for mark in _NUMBERS}
    marks = [mark for mark, number in numbers.items() if number is not None]
    if len(marks) == 1:
        return marks[0]
    return None if len({*numbers.values()}) == 1 else ""


def number_cells(spec: FieldSpec) -> Iterator[Mapping[str, object]]:
    """Yield the declarations of cells with a number whose decimal mark is not given."""
    if isinstance(spec, list | tuple):
        for part in spec:
            yield from number_cells(part)
    elif isinstance(spec, Mapping) and "column" not in spec:
        yield from number_cells([*spec.values()])
    elif isinstance(spec, Mapping) and spec.get("as") == "number":
        yield from [] if "decimal" in spec else [spec]


def with_types(specs: Mapping[str, FieldSpec], cls: type) -> dict[str, FieldSpec]:
    """Return the declarations of fields, where cells of numbers are read as such.

    Args:
        specs: The declarations.
        cls: The class that has the fields.
    """
    parts = payload_fields(cls)
    return {
        name: _with_type(spec, parts[name].type) if name in parts else spec
        for name, spec in specs.items()
    }


def _with_type(spec: FieldSpec, wanted: object) -> FieldSpec:
    kinds = [kind for kind in members_of(wanted) if kind is not NoneType]
    if isinstance(spec, list | tuple):
        item = next((get_args(kind)[0] for kind in kinds if get_args(kind)), object)
        return [_with_type(part, item) for part in spec]
    if isinstance(spec, str) and (only := _IN_BRACES.fullmatch(spec.strip())):
        typed_spec = _with_type({"column": only[1]}, wanted)
        return spec if typed_spec == {"column": only[1]} else typed_spec
    if not isinstance(spec, Mapping):
        return spec
    if "column" not in spec:
        classes = [kind for kind in kinds if isinstance(kind, type) and attrs.has(kind)]
        return with_types(spec, classes[0]) if len(classes) == 1 else spec
    if not kinds or any(kind not in _NUMERIC for kind in kinds):
        return spec
    if spec.get("as", "text") not in ("number", "text"):
        return spec
    return {**spec, "as": "number", "is whole": kinds == [int]}


def with_decimal(spec: FieldSpec, mark: str) -> FieldSpec:
    """Return the declaration of a field, with the decimal mark of the table."""
    if not mark:
        return spec
    if isinstance(spec, list | tuple):
        return [with_decimal(part, mark) for part in spec]
    if not isinstance(spec, Mapping):
        return spec
    if "column" in spec:
        return {"decimal": mark, **spec}
    return {name: with_decimal(part, mark) for name, part in spec.items()}


def columns_of(spec: FieldSpec) -> Iterator[str]:
    """Yield the columns in the declaration of a field."""
    if isinstance(spec, str):
        yield from _IN_BRACES.findall(spec)
    elif isinstance(spec, list | tuple):
        for part in spec:
            yield from columns_of(part)
    elif isinstance(spec, Mapping):
        if "column" in spec:
            yield str(spec["column"])
        else:
            for part in spec.values():
                yield from columns_of(part)


def problems_of(spec: FieldSpec) -> Iterator[str]:
    """Yield the problems of the declaration of a field."""
    if isinstance(spec, list | tuple):
        for part in spec:
            yield from problems_of(part)
    elif isinstance(spec, Mapping) and "column" not in spec:
        for part in spec.values():
            yield from problems_of(part)
    elif isinstance(spec, Mapping):
        for key in spec.keys() - _KEYS:
            known = ", ".join(sorted(_KEYS))
            yield f"{shown(key)} is not a key of a cell: write one of {known}"
        kind = str(spec.get("as", "text"))
        if kind not in _KINDS and not _PREFIX.fullmatch(kind):
            known = ", ".join([*_KINDS, "'person:'"])
            yield f"{shown(kind)} is not a kind of cell: write one of {known}"
        if spec.get("decimal", ".") not in _NUMBERS:
            yield f"{shown(spec['decimal'])} is not a decimal mark: write '.' or ','"
        times = str(spec.get("times", 1))
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", times):
            yield f"{shown(times)} is not a factor: write a number such as 1000000"


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
_LAST_MONTH = 12
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
        format: `yyyy` (four digits), `mm` (01 to 12), `dd`, both of one or two digits
            (00 is unknown), `month` (English, in full or three letters) and the text
            between them; or several formats separated by ` | `.
        first: The meaning of first days. `month`: on day 1 only the month is known.
            `year`: on 1 January only the year is known.
        sentinels: The meaning of cells that are not dates: `missing`, `open` or
            `censored` (the end of the data). The missing cells of the table need not be
            repeated. An end that is `censored` is the day of the cell or later:
            `"2015-12-31" = "censored"` gives `2009/2015-12-31..`, certainly active in
            2010 and perhaps in 2016. If the cell is not a date, the last day of the
            coverage of the table is used; without coverage the end is unknown.
        precision: A column that states how much of the date is known.
        missing: The date of rows of which the date is missing, if it has bounds: by
            `[..2025-05]` all of them happened by May 2025.
        precisions: The meaning of its cells: `day`, `month`, `year` or `unknown`.
    """

    columns: tuple[str, ...] = field(converter=in_turn)
    format: str
    first: str = "day"
    sentinels: Mapping[str, str] = field(factory=dict)
    precision: str | None = None
    missing: str | None = None
    precisions: Mapping[str, str] = field(factory=dict)

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
        if not self.columns:
            problems.append("names no column")
        if self.missing is not None:
            try:
                Edtf(self.missing)
            except EdtfError as error:
                problems.append(f"missing: {error}")
        return problems


def check_format(text: str) -> list[str]:
    """Return the problems of a date format."""
    problems, shapes = [], []
    for form in text.split(" | "):
        tokens = _TOKENS.findall(form)
        if "yyyy" not in tokens or len(set(tokens)) < len(tokens):
            problems.append(
                f"{shown(form)} is not a format: it needs one yyyy, as in yyyy-mm"
            )
        elif {"mm", "month"} <= set(tokens) or (
            "dd" in tokens and not {"mm", "month"} & set(tokens)
        ):
            problems.append(f"{shown(form)} is not a format: a day needs one month")
        shapes.append(_TOKENS.sub(lambda m: m[0] if m[0] == "yyyy" else "#", form))
    # dd/mm/yyyy and mm/dd/yyyy match the same texts: the first would always win.
    if len(set(shapes)) < len(shapes):
        problems.append(f"{shown(text)} reads one text in two ways: keep one of them")
    return problems


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
    for alternative in formats.split(" | "):
        if match := _pattern(alternative).fullmatch(text):
            return _edtf(text, match.groupdict(), first, known)
    problem = f"{shown(text)} is not written as {formats}"
    raise DatesError(problem)


def _edtf(text: str, parts: dict[str, str | None], first: str, known: str) -> Edtf:
    year, day = parts["year"], int(parts.get("day") or 0)
    month = int(parts.get("month") or 0)
    if name := parts.get("name"):
        month = _ENGLISH.get(name.lower(), -1)
    # EDTF has seasons behind its months: two years must not be the 39th month.
    if month > _LAST_MONTH:
        problem = f"{shown(text)} is not an existing month"
        years = " or ".join(years_meant(text))
        raise DatesError(f"{problem}: are these years, {years}?" if years else problem)
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
