"""Make fields of payloads, and dates, from cells, as a declaration describes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import TypeAlias, TypeGuard, get_args

import attrs

from bri_timeline.errors import Fault, FaultsError, UnknownActorError, shown
from bri_timeline.extend import (
    Day,
    did_you_mean,
    iso,
    members_of,
    payload_fields,
    state_names,
    to_day,
)
from bri_timeline.formats._codes import slug, state_named
from bri_timeline.relations import actor_of, names


FieldSpec: TypeAlias = object
# The rows among which the header of a table is looked for.
HEAD = 20
ONLY_COLUMN = re.compile(r"\s*\{([^{}]*)\}\s*")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_KEYS = frozenset(
    {"as", "codes", "column", "decimal", "language", "on", "optional", "times"}
)
_SYSTEMS = ("cameo", "cow", "fips", "gw", "iso2", "iso3", "iso_numeric", "un_m49")
_KINDS = ("number", "state", "text", *_SYSTEMS)
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
_DOUBT = re.compile("[?\uff1f]")
_PREFIX = re.compile("[a-z]{1,30}:")
# The errors of formulas, as spreadsheets write them.
_ERROR = re.compile(r"#(CALC!|DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|SPILL!|VALUE!)")
_NUMERIC = (Decimal, float, int)
_DIGITS = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")


class _Whole(dict[str, "FieldSpec"]):
    """A table of declarations that is left out where one of its cells is missing."""

    __slots__ = ()


class _Digits(str):
    """Text with cells, of a field that is a number: `{whole}.{cents}`."""

    __slots__ = ()


class CellError(ValueError):
    """A cell cannot be converted to a field."""


class _NothingError(CellError):
    """A cell that is needed is missing."""


class _LeftOutError(Exception):
    """An optional cell is missing."""


class DayNeededError(Exception):
    """A code or a name means several states in turn, and no day is given."""


class _ChangedError(Exception):
    """A code or a name means one state on the first day, and another on the last."""


# The days between which a state is meant, in ISO; None without a day.
Days: TypeAlias = tuple[str, ...] | None
_WHOLE = re.compile(r"([+-]?[0-9]+)\.0+")


def normal(cell: str) -> str:
    """Return the one form of a cell by which it is compared: 1 for ` 1.0`."""
    bare = cell.strip()
    whole = _WHOLE.fullmatch(bare) if bare.endswith("0") else None
    return whole[1] if whole else bare


def make_field(
    spec: FieldSpec,
    cells: Mapping[str, str],
    missing: frozenset[str],
    days: Days = (),
) -> object:
    """Return the value of a field.

    Args:
        spec: Text with `{column}`, a table with a `column`, or a list or table of
            these; anything else is the value itself.
        cells: The row.
        missing: The texts of missing cells, in their normal form.
        days: The days on which a state is meant; without any, it is one that was always
            meant. None: ask for them, where they matter.

    Raises:
        CellError: A cell is missing, or is not of the declared kind.
        DayNeededError: The day matters, and *days* is None.
    """
    if isinstance(spec, str):
        text = _IN_BRACES.sub(lambda found: cells[found[1]].strip(), spec)
        # As of one cell: Decimal() would also accept `1_0`, and digits of any script.
        if isinstance(spec, _Digits) and not _DIGITS.fullmatch(text):
            problem = f"{spec}: {shown(text)} is not a valid number"
            raise CellError(problem)
        return text
    if isinstance(spec, list | tuple):
        return [make_field(part, cells, missing, days) for part in spec]
    if not isinstance(spec, Mapping):
        return spec
    if "column" in spec:
        return _cell(spec, cells, missing, days)
    try:
        return make_fields(spec, cells, missing, days)
    except _NothingError:
        if isinstance(spec, _Whole):
            raise _LeftOutError from None
        raise


def make_fields(
    specs: Mapping[str, FieldSpec],
    cells: Mapping[str, str],
    missing: frozenset[str],
    days: Days = (),
) -> dict[str, object]:
    """Return fields by name, without optional ones whose cells are missing.

    Args:
        specs: The declarations of the fields; see `make_field()`.
        cells: The row.
        missing: The texts of missing cells, in their normal form.
        days: The days on which a state is meant; see `make_field()`.

    Raises:
        CellError: A cell is missing, or is not of the declared kind.
        DayNeededError: The day matters, and *days* is None.
    """
    fields = {}
    for name, spec in specs.items():
        try:
            fields[name] = make_field(spec, cells, missing, days)
        except _LeftOutError:
            continue
    return fields


def _cell(
    spec: Mapping[str, object],
    cells: Mapping[str, str],
    missing: frozenset[str],
    days: Days,
) -> object:
    column = str(spec["column"])
    text, codes = cells[column].strip(), spec.get("codes")
    usual = normal(text)
    for cell, meaning in codes.items() if isinstance(codes, Mapping) else ():
        if normal(cell) == usual:
            # A number stands for one in the column, and is counted as those are.
            number = number_of(f"{meaning}", ".") if "times" in spec else None
            if number is None:
                return meaning
            scaled = _times(number, spec)
            return int(scaled) if scaled == scaled.to_integral_value() else scaled
    # After the codes, since a declaration may give a missing cell a meaning.
    if usual in missing:
        if spec.get("optional"):
            raise _LeftOutError
        problem = f"{column} holds nothing: write optional = true, or its meaning under"
        msg = f"{problem} codes, or fill if it repeats the cell above"
        raise _NothingError(msg)
    if _ERROR.fullmatch(text):
        problem = f"{column}: {shown(text)} is an error of a spreadsheet: correct it"
        msg = f"{problem}, or add it to missing"
        raise CellError(msg)
    kind = str(spec.get("as", "text"))
    # A name is compared without its marks, and this one says that it is a guess.
    if kind not in ("number", "text") and _DOUBT.search(text):
        problem = f"{column}: {shown(text)} has a question mark"
        msg = f"{problem}: say what it means under codes"
        raise CellError(msg)
    try:
        value = _READERS.get(kind, _slug)(text, spec, days)
    except _ChangedError as error:
        problem = (
            f"{column}: {shown(text)} is {error}: write on = 'first' or on = 'last'"
        )
        msg = f"{problem} beside its column, or say what it means under codes"
        raise CellError(msg) from None
    if isinstance(value, Decimal) and spec.get("is whole"):
        if value == value.to_integral_value():
            return int(value)
        problem = f"{column}: {shown(text)} is not a whole number"
        raise CellError(problem)
    if value is None:
        problem = f"{column}: {shown(text)} is not a valid {kind.removesuffix(':')}"
        then = f" on {' or '.join(dict.fromkeys(days))}" if days else ""
        remedy = f"{then if kind in _STATES else ''}: say what it means under codes"
        raise CellError(problem + remedy)
    return value


def _slug(text: str, spec: Mapping[str, object], _days: Days) -> str | None:
    return slug(str(spec["as"]).removesuffix(":"), text)


def _text(text: str, _spec: Mapping[str, object], _days: Days) -> str:
    return text


def _state(text: str, spec: Mapping[str, object], days: Days) -> str | None:
    language = str(spec.get("language", ""))
    named = names_in(language).get(state_names.plain(text)) if language else None
    terms = state_names.named_terms().get(state_names.plain(text), ())
    meant = {term.actor for term in terms}
    return named or _on(spec, days, meant, lambda on: state_named(text, on))


def _coded(text: str, spec: Mapping[str, object], days: Days) -> str | None:
    def find(on: Day | None) -> str | None:
        try:
            return actor_of(normal(text), str(spec["as"]), on=on)
        except UnknownActorError as error:
            meant.update(error.suggestions)
            return None

    meant = set[str]()
    always = find(None)
    return _on(spec, days, meant if always is None else {always}, find)


def _on(
    spec: Mapping[str, object],
    days: Days,
    meant: set[str],
    find: Callable[[Day | None], str | None],
) -> str | None:
    """Return which state is meant on some days; None for none.

    A code or a name of a state of today that never meant another means it on all days,
    although a list may have another for it in former times.

    Args:
        spec: The declaration of the cell, which may say which of the days counts.
        days: The days.
        meant: The states that are ever meant.
        find: Finds the one that is meant on a day.

    Raises:
        DayNeededError: The day matters, and *days* is None.
        _ChangedError: It is one on the first day, and another on the last.
    """
    if len(meant) == 1 and meant <= state_names.states().keys():
        return meant.pop()
    if meant and days is None:
        raise DayNeededError
    found = [*dict.fromkeys(filter(None, map(find, days or (None,))))]
    if len(found) < 2 or "on" in spec:
        return found[-1 if spec.get("on") == "last" else 0] if found else None
    first, last = map(to_day, days or ())
    between = range(first, last + 1)
    since = between[bisect_left(between, True, key=lambda n: find(iso(n)) == found[1])]
    problem = f"{found[0]} on {iso(first)} and {found[1]} from {iso(since)}"
    raise _ChangedError(problem)


@cache
def names_in(language: str) -> Mapping[str, str]:
    """Return the ids of states by their names in a language, in plain letters."""
    states, plain = state_names.states(), state_names.plain
    return {plain(name): code for code in states for name in names(code, language)}


def _number(text: str, spec: Mapping[str, object], _days: Days) -> Decimal | None:
    number = number_of(text, str(spec.get("decimal", ".")))
    if number is None:
        return None
    return _times(number, spec)


def _times(number: Decimal, spec: Mapping[str, object]) -> Decimal:
    """Return a number times the factor of its column."""
    # 1.2e6 is 1200000, as if it were written so.
    return Decimal(f"{number * Decimal(str(spec.get('times', 1))):f}")


_STATES = ("state", *_SYSTEMS)
# A converter of text for each kind of cell; of any other kind it is an id.
_READERS: Mapping[str, Callable[[str, Mapping[str, object], Days], object]] = {
    "number": _number,
    "state": _state,
    "text": _text,
    **dict.fromkeys(_SYSTEMS, _coded),
}


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


def _leaves(spec: FieldSpec) -> Iterator[FieldSpec]:
    """Yield the declarations of cells and other values, in lists and tables of them."""
    parts = [*spec.values()] if _is_table(spec) else spec
    if isinstance(parts, list | tuple):
        for part in parts:
            yield from _leaves(part)
    else:
        yield parts


def _is_table(spec: FieldSpec) -> TypeGuard[Mapping[str, FieldSpec]]:
    """Check whether it is a table of declarations, and not that of a cell."""
    return isinstance(spec, Mapping) and "column" not in spec


def _cells_in(spec: FieldSpec) -> Iterator[Mapping[str, object]]:
    """Yield the declarations of cells that are tables."""
    yield from (leaf for leaf in _leaves(spec) if isinstance(leaf, Mapping))


def number_cells(spec: FieldSpec) -> Iterator[Mapping[str, object]]:
    """Yield the declarations of cells with a number whose decimal mark is not given."""
    for cell in _cells_in(spec):
        if cell.get("as") == "number" and "decimal" not in cell:
            yield cell


def marks_of(spec: FieldSpec) -> Iterator[tuple[str, str]]:
    """Yield the columns whose cells have a decimal mark of their own, with that."""
    for cell in _cells_in(spec):
        if "decimal" in cell:
            yield str(cell["column"]), str(cell["decimal"])


def prepared(
    specs: Mapping[str, FieldSpec], cls: type, defaults: Mapping[str, str]
) -> dict[str, FieldSpec]:
    """Return the declarations of fields, where cells of numbers are read as such.

    Args:
        specs: The declarations.
        cls: The class that has the fields.
        defaults: What the table says of all cells: the decimal mark, the language.
    """
    parts = payload_fields(cls)
    return {
        name: _prepared(spec, parts[name].type, defaults) if name in parts else spec
        for name, spec in specs.items()
    }


def _prepared(
    spec: FieldSpec, wanted: object, defaults: Mapping[str, str]
) -> FieldSpec:
    kinds = [kind for kind in members_of(wanted) if kind is not NoneType]
    if isinstance(spec, list | tuple):
        item = next((get_args(kind)[0] for kind in kinds if get_args(kind)), object)
        return [_prepared(part, item, defaults) for part in spec]
    is_number = bool(kinds) and all(kind in _NUMERIC for kind in kinds)
    if isinstance(spec, str):
        if not is_number or not [*columns_of(spec)]:
            return spec
        only = ONLY_COLUMN.fullmatch(spec)
        if only is None:
            return _Digits(spec)
        return _prepared({"column": only[1]}, wanted, defaults)
    if not isinstance(spec, Mapping):
        return spec
    if "column" not in spec:
        classes = [kind for kind in kinds if isinstance(kind, type) and attrs.has(kind)]
        rest = without_optional(spec, classes)
        made = prepared(rest, classes[0], defaults) if len(classes) == 1 else rest
        return made if rest is spec else _Whole(made)
    whole = {**defaults, **spec}
    if is_number and spec.get("as", "text") in ("number", "text"):
        whole |= {"as": "number", "is whole": kinds == [int]}
    return whole


def without_optional(
    spec: Mapping[str, FieldSpec], classes: Iterable[type]
) -> Mapping[str, FieldSpec]:
    """Return a table of declarations without `optional`, unless they have it.

    Args:
        spec: The table.
        classes: The classes that may have the fields.
    """
    if spec.get("optional") is not True or any(
        "optional" in payload_fields(one) for one in classes
    ):
        return spec
    return {name: part for name, part in spec.items() if name != "optional"}


def field_faults(
    specs: Mapping[str, FieldSpec], cls: type, place: str
) -> Iterator[Fault]:
    """Yield the faults of declared fields that no row can mend.

    Args:
        specs: The declarations of the fields.
        cls: The class that has the fields.
        place: The place of the fields, in messages.
    """
    parts = payload_fields(cls)
    for name in [part for part in parts if parts[part].required and part not in specs]:
        yield Fault(f"{place}.{name}", f"is missing: {cls.__name__} needs it")
    for name, spec in specs.items():
        where = f"{place}.{name}"
        if name not in parts:
            hint = did_you_mean(name, parts) or f" It has {', '.join(parts)}."
            yield Fault(where, f"{cls.__name__} has no such field.{hint}")
        elif not [*columns_of(spec)]:
            try:
                parts[name].converted(make_field(spec, {}, frozenset()))
            except FaultsError as error:
                yield from (Fault(where + f.place, f.problem) for f in error.faults)
            except (TypeError, ValueError) as error:
                yield Fault(where, str(error))
        elif _is_table(spec):
            kinds = members_of(parts[name].type)
            inner = [one for one in kinds if isinstance(one, type) and attrs.has(one)]
            spec = without_optional(spec, inner)
            # Of several classes, a row shows which one is meant.
            yield from field_faults(spec, inner[0], where) if len(inner) == 1 else ()


def columns_of(spec: FieldSpec) -> Iterator[str]:
    """Yield the columns in the declaration of a field."""
    for leaf in _leaves(spec):
        if isinstance(leaf, str):
            yield from _IN_BRACES.findall(leaf)
        elif isinstance(leaf, Mapping):
            yield str(leaf["column"])


def problems_of(spec: FieldSpec) -> Iterator[str]:
    """Yield the problems of the declaration of a field."""
    for cell in _cells_in(spec):
        for key in cell.keys() - _KEYS:
            known = ", ".join(sorted(_KEYS))
            yield f"{shown(key)} is not a key of a cell: write one of {known}"
        if problem := language_problem(str(cell.get("language", ""))):
            yield problem
        if not isinstance(cell.get("optional", False), bool):
            yield f"{shown(cell['optional'])} is not true or false, as optional is"
        if not isinstance(cell.get("codes", {}), Mapping):
            known = 'say what cells mean, as { "n/a" = "XXX" }'
            yield f"{shown(cell['codes'])} is not a table of codes: {known}"
        kind = str(cell.get("as", "text"))
        if kind not in _KINDS and not _PREFIX.fullmatch(kind):
            known = ", ".join([*_KINDS, "'person:'"])
            yield f"{shown(kind)} is not a kind of cell: write one of {known}"
        if cell.get("decimal", ".") not in _NUMBERS:
            yield f"{shown(cell['decimal'])} is not a decimal mark: write '.' or ','"
        if "on" in cell and (
            kind not in _STATES or cell["on"] not in ("first", "last")
        ):
            problem = "is not which day of the row decides what state is meant: write"
            yield f"{shown(cell['on'])} {problem} on = 'first' or 'last' of a state"
        times = str(cell.get("times", 1))
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", times):
            yield f"{shown(times)} is not a factor: write a number such as 1000000"


def language_problem(language: str) -> str:
    """Return the problem of a language; empty if there is none, or none is given."""
    if language:
        try:
            names("CHN", language)
        except UnknownActorError as error:
            return str(error).partition(": ")[2].strip()
    return ""
