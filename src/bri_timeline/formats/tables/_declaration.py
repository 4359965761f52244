"""Declarations of tables, checked as a whole before a row is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import attrs
import msgspec
from attrs import field, frozen

from bri_timeline import Place
from bri_timeline.edtf import Edtf, to_edtf
from bri_timeline.errors import Fault, FaultsError, shown
from bri_timeline.extend import described
from bri_timeline.formats._files import in_turn, texts
from bri_timeline.formats._foreign import check_encoding
from bri_timeline.formats.tables._cells import (
    ONLY_COLUMN,
    FieldSpec,
    columns_of,
    language_problem,
    marks_of,
    problems_of,
)
from bri_timeline.formats.tables._dates import Dates


T = TypeVar("T")
_MOST_SKIPPED = 10_000
_FORMS = {
    "array": 'a list, such as ["..."], or [[...]] above each table',
    "object": 'a table, such as { title = "..." }',
    "str": "text in quotes",
    "int": "a number without quotes",
    "bool": "true or false",
}
_PLACE = tuple(attrs.fields_dict(Place))
_SOURCE = frozenset({"author", "container", "locator", "published", "title", "url"})


@frozen
class Rule:
    """A rule that makes an event of a row.

    Args:
        kind: The name of the payload class in the vocabulary.
        when: The format of the date; of several, the first with a date counts.
        fields: The declaration of each field of the payload: text, cells, or several.
        until: The format of the end date, if the event lasts.
        place: The declaration of each part of its place: `name`, `latitude` and
            `longitude` (numbers), `precision`. A row in which none is filled has none.
        id: The id of the event, with `{column}` for cells; by default its content.
        key: Instead of an id, the fields that tell a row from all others, as they are
            read: names of *fields*, and `when`. Two releases of the table then have the
            same ids, though one writes a name or a date in another way.
        where: The cells, by column, to which the rule applies, by default all; of
            several columns, each must have one.
        where_not: The cells, by column, to which it does not apply; of several columns,
            one is enough.
        containing: The text, by column, that the cell must contain, with `{column}` for
            cells; or several, of which it must contain one.
    """

    kind: str
    when: tuple[Dates, ...] = field(converter=tuple)
    fields: Mapping[str, FieldSpec]
    until: tuple[Dates, ...] = field(default=(), converter=tuple)
    place: Mapping[str, FieldSpec] = field(factory=dict)
    id: str | None = None
    key: tuple[str, ...] = field(default=(), converter=in_turn)
    where: Mapping[str, tuple[str, ...]] = field(factory=dict)
    where_not: Mapping[str, tuple[str, ...]] = field(factory=dict)
    containing: Mapping[str, str | tuple[str, ...]] = field(factory=dict)

    @property
    def named(self) -> Iterator[str]:
        """Yield all columns of the rule."""
        for dates in (*self.when, *self.until):
            yield from dates.named
        fields = (*self.fields.values(), *self.place.values(), self.id or "")
        yield from columns_of(fields)
        yield from self.conditions

    @property
    def conditions(self) -> Iterator[str]:
        """Yield the columns on which it depends whether the rule applies."""
        yield from (*self.where, *self.where_not, *self.containing)
        yield from columns_of([*self.containing.values()])

    def problems(self) -> Iterator[Fault]:
        """Yield the faults of the rule."""
        if not self.when:
            yield Fault("when", "is missing: say which columns hold the date")
        for place, all_dates in (("when", self.when), ("until", self.until)):
            for dates in all_dates:
                yield from (Fault(place, problem) for problem in dates.problems())
            for number, dates in enumerate(all_dates[:-1], 1):
                if dates.missing is not None:
                    problem = "is written for a date that others follow, which would"
                    remedy = "never be read: write it for the last of them only"
                    yield Fault(f"{place}[{number}].missing", f"{problem} {remedy}")
        if self.key and self.id is not None:
            yield Fault("key", "is given, and an id too: keep one of them")
        for name, conditions in (("where", self.where), ("where_not", self.where_not)):
            for column, cells in conditions.items():
                if isinstance(cells, str):
                    problem = "is one text, and several are expected: write"
                    yield Fault(f"{name}.{column}", f"{problem} [{shown(cells)}]")
        for name in self.key:
            if name != "when" and name not in self.fields:
                known = ", ".join(["when", *self.fields])
                yield Fault("key", f"{shown(name)} is not a field: write {known}")
        for name, spec in self.fields.items():
            problems = problems_of(spec)
            yield from (Fault(f"fields.{name}", problem) for problem in problems)
        for name, spec in self.place.items():
            if name not in _PLACE:
                yield Fault(f"place.{name}", f"is none of {', '.join(_PLACE)}")
            is_table = isinstance(spec, Mapping) and "column" not in spec
            if is_table or isinstance(spec, list | tuple):
                yield Fault(f"place.{name}", "is several: write one cell, or text")
            problems = problems_of(spec)
            yield from (Fault(f"place.{name}", problem) for problem in problems)


@frozen
class Lookup:
    """Another table, of which each row of this one gets a row.

    Its columns are then columns of this table, by its name: `sessions.date`.

    Args:
        name: The name that stands before its columns.
        file: The other table; a relative path is one beside the declaration.
        column: The column of this table that tells which row.
        key: The column of the other table that has the same cells; by default *column*.
    """

    name: str
    file: str
    column: str
    key: str | None = None


@frozen
class Declaration:
    """The declaration of a table.

    Args:
        title: The title of the table.
        events: The rules; each may make an event of a row.
        source: The fields of the `Source`, with `{column}` for cells; a field that is
            empty or missing is left out. `locator`, such as `p. {page}`, is the place
            in it, left out where one of its cells is missing. `published` is read as
            the first date is, unless it has a format. The citation of a row also has
            its line in the table.
        coverage: The days that the table covers (EDTF).
        encoding: The encoding of the file, compatible with ASCII, or UTF-16. Without
            it, it is found: UTF-16 by its mark, or UTF-8, or else cp1252.
        delimiter: The character between cells. Without it, it is found by the columns
            that the declaration names.
        decimal: The decimal mark of numbers, `.` or `,`. Without it, it is `.`, and a
            column that does not show whether 1,234 is a thousand is told.
        sheet: The name of the sheet of a workbook. Without it, it is the first that is
            not hidden, and the others are told.
        match: A regular expression for each of some columns; its named groups are
            further columns, empty where it is not found in the cell.
        lookups: Other tables that rows refer to.
        skip: The number of lines before the header.
        header: The number of rows of the header, whose names are joined by ` / `. An
            empty cell repeats its neighbour on the left.
        missing: The texts of missing cells.
        fill: The columns in which an empty cell repeats the cell above, as merged
            cells do.
        language: The language of names of states and months, such as `de`; English is
            read too. It needs the package `babel`.

    Raises:
        FaultsError: The declaration is not valid: all faults.
        SelectionError: *missing* is one text.
    """

    title: str
    events: tuple[Rule, ...] = field(converter=tuple)
    source: Mapping[str, FieldSpec]
    coverage: Edtf | None = field(
        default=None, converter=attrs.converters.optional(to_edtf)
    )
    encoding: str = ""
    delimiter: str = ""
    skip: int = 0
    header: int = 1
    missing: frozenset[str] = field(default=frozenset({""}), converter=texts)
    decimal: str = ""
    sheet: str = ""
    match: Mapping[str, str] = field(factory=dict)
    lookups: tuple[Lookup, ...] = field(default=(), converter=tuple)
    language: str = ""
    fill: tuple[str, ...] = field(default=(), converter=in_turn)

    def __attrs_post_init__(self) -> None:
        # Checked as a whole: a wrong declaration would misread a long table in silence.
        if faults := [*self._problems()]:
            document = f"the declaration of {shown(self.title)}"
            raise FaultsError(document, faults)

    def _problems(self) -> Iterator[Fault]:
        if self.encoding and (problem := check_encoding(self.encoding)):
            yield Fault("encoding", problem)
        if len(self.delimiter) > 1 or self.delimiter in ('"', "\r", "\n"):
            yield Fault("delimiter", f"{shown(self.delimiter)} is not one character")
        for name, least in (("skip", 0), ("header", 1)):
            if getattr(self, name) < least:
                yield Fault(name, f"is less than {least}")
            if getattr(self, name) > _MOST_SKIPPED:
                yield Fault(name, f"is more than {_MOST_SKIPPED:,} lines")
        if "title" not in self.source:
            yield Fault("source", "has no title: a source needs one")
        for name in self.source.keys() - _SOURCE:
            yield Fault(f"source.{name}", f"is none of {', '.join(sorted(_SOURCE))}")
        if self.decimal not in ("", ".", ","):
            yield Fault("decimal", f"{shown(self.decimal)} is not '.' or ','")
        for column, pattern in self.match.items():
            yield from _pattern_faults(column, pattern)
        if problem := language_problem(self.language):
            yield Fault("language", problem)
        published = self.published_dates
        for problem in () if published is None else published.problems():
            yield Fault("source.published", problem)
        if not self.events:
            yield Fault("events", "are missing: give one rule at least")
        for number, rule in enumerate(self.events, 1):
            for fault in rule.problems():
                yield Fault(f"events[{number}].{fault.place}", fault.problem)

    @property
    def named(self) -> list[str]:
        """All columns of the declaration, in order of appearance."""
        columns = [name for rule in self.events for name in rule.named]
        columns += columns_of([*self.source.values()])
        columns += [*self.match, *(lookup.column for lookup in self.lookups)]
        columns += self.fill
        return list(dict.fromkeys(columns))

    @property
    def marks(self) -> Iterator[tuple[str, str]]:
        """Yield the columns whose cells have a decimal mark of their own, with that."""
        for rule in self.events:
            yield from marks_of([*rule.fields.values(), *rule.place.values()])

    @property
    def made(self) -> list[str]:
        """The columns that are made of others, by regular expressions."""
        return [
            name
            for pattern in self.match.values()
            for name in re.compile(pattern).groupindex
        ]

    @property
    def published_dates(self) -> Dates | None:
        """The format of the day of publication; None if no column holds it.

        Without a format, it is written as the date of the first rule, or in EDTF.
        """
        spec = self.source.get("published")
        only = ONLY_COLUMN.fullmatch(spec) if isinstance(spec, str) else None
        if only is None and not isinstance(spec, Mapping):
            return None
        table: dict[str, object] = {"column": only[1]} if only else {}
        table |= spec if isinstance(spec, Mapping) else {}
        first = next(iter(rule.when[0] for rule in self.events if rule.when), None)
        if first is not None and "format" not in table:
            table["format"] = f"{first.format} | edtf"
            table.setdefault("dates", first.dates)
        return _converted(_dates(table), Dates)


def with_iso(table: Declaration) -> Declaration:
    """Return the declaration of a table whose cells may be days, not text."""
    said, missing = table.language, dict.fromkeys(table.missing, "")
    for dates in (one for rule in table.events for one in (*rule.when, *rule.until)):
        missing |= dates.with_days(missing, said)

    # The converters of these fields take any collection.
    def both(several: tuple[Dates, ...]) -> Any:
        return tuple(dates.typed(said) for dates in several)

    rules: Any = [
        attrs.evolve(rule, when=both(rule.when), until=both(rule.until))
        for rule in table.events
    ]
    texts_of_missing: Any = missing
    source, published = table.source, table.source.get("published")
    own = table.published_dates
    if own is not None and isinstance(published, Mapping) and "format" in published:
        typed = own.typed(said)
        names = ("format", "dates", "sentinels")
        written = {**published, **{name: getattr(typed, name) for name in names}}
        source = {**source, "published": written}
    return attrs.evolve(table, events=rules, source=source, missing=texts_of_missing)


def _pattern_faults(column: str, pattern: str) -> Iterator[Fault]:
    try:
        if not re.compile(pattern).groupindex:
            problem = "has no named group: write (?P<guest>...)"
            yield Fault(f"match.{column}", f"{shown(pattern)} {problem}")
    except re.error as error:
        yield Fault(f"match.{column}", f"{shown(pattern)} is not a pattern: {error}")


def declared(data: Mapping[str, object], *, name: str = "declaration") -> Declaration:
    """Return the declaration in plain data, as TOML gives them.

    Args:
        data: The fields by name. `when` and `until` are tables or lists of tables, in
            which `column` is short for `columns` with one item; or `is`, alone, the
            date of all rows.
        name: The name of the declaration in messages.

    Raises:
        FaultsError: The data are not a declaration: all faults.
    """
    if not isinstance(data, Mapping):
        problem = f"is {described(data)}: give its fields by name, as TOML does"
        raise FaultsError(name, [Fault("declaration", problem)])
    # msgspec stops at the first unknown name, and does not say where it stands.
    faults = [*_unknown(data)]
    if faults:
        raise FaultsError(name, faults)
    try:
        return _converted(_plain(data), Declaration)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        told = cause.faults if isinstance(cause, FaultsError) else [_told(str(error))]
        raise FaultsError(name, told) from None
    except UnicodeEncodeError as error:
        problem = f"{shown(error.object)} has half of a character: write it anew"
        raise FaultsError(name, [Fault("declaration", problem)]) from None


def _told(message: str) -> Fault:
    """Return the fault in a message of msgspec, which counts from 0 and has no remedy.

    Args:
        message: Such as "Expected `array`, got `str` - at `$.events[0].key`".
    """
    problem, _, path = message.partition(" - at `$")
    place = re.sub(r"\[([0-9]+)\]", lambda at: f"[{int(at[1]) + 1}]", path[:-1])
    place = place.lstrip(".").replace("[...]", "")
    if lacking := re.search("required field `(.*)`", problem):
        return Fault(f"{place}.{lacking[1]}".lstrip("."), "is missing: write it")
    wanted = re.match("Expected `([a-z]+)", problem)
    remedy = f": write {_FORMS[wanted[1]]}" if wanted and wanted[1] in _FORMS else ""
    return Fault(place or "declaration", f"{problem}{remedy}")


def _converted(data: object, cls: type[T]) -> T:
    return msgspec.convert(data, cls, dec_hook=_edtf)


def _edtf(cls: type, value: object) -> object:
    """Return a date for msgspec, which does not know the type `Edtf`."""
    return to_edtf(str(value)) if cls is Edtf else value


def _plain(data: Mapping[str, object]) -> dict[str, object]:
    """Return the data with `column` and single tables written out as lists."""
    rules = data.get("events", ())
    if not isinstance(rules, list | tuple):
        return dict(data)
    return {**data, "events": [_rule(rule) for rule in rules]}


def _rule(rule: object) -> object:
    if not isinstance(rule, Mapping):
        return rule
    parts = dict(rule)
    for name in ("when", "until"):
        if name in parts:
            value = parts[name]
            several = value if isinstance(value, list | tuple) else [value]
            parts[name] = [_dates(dates) for dates in several]
    return parts


def _dates(dates: object) -> object:
    if isinstance(dates, Mapping) and [*dates] == ["is"]:
        return {"columns": [], "format": "edtf", "missing": str(dates["is"])}
    if not isinstance(dates, Mapping) or "column" not in dates:
        return dates
    rest = {name: value for name, value in dates.items() if name != "column"}
    return {"columns": [dates["column"]], **rest}


def _unknown(data: Mapping[str, object]) -> Iterator[Fault]:
    """Yield faults for names that a declaration does not have, at any depth."""
    plain = _plain(data)
    yield from _unknown_names(plain, Declaration, "")
    lookups = plain.get("lookups")
    for number, lookup in enumerate(lookups if isinstance(lookups, list) else (), 1):
        yield from _unknown_names(lookup, Lookup, f"lookups[{number}].")
    rules = plain.get("events")
    for number, rule in enumerate(rules if isinstance(rules, list) else (), 1):
        place = f"events[{number}]."
        yield from _unknown_names(rule, Rule, place)
        for name in ("when", "until"):
            all_dates = rule.get(name, ()) if isinstance(rule, Mapping) else ()
            for dates in all_dates:
                yield from _unknown_names(dates, Dates, f"{place}{name}.")


def _unknown_names(data: object, cls: type, place: str) -> Iterator[Fault]:
    known = [part.name for part in attrs.fields(cls)]
    short = "; or is, the date of all rows, alone" if cls is Dates else ""
    for name in data if isinstance(data, Mapping) else ():
        if name not in known:
            problem = f"is not a field of a declaration: write {', '.join(known)}"
            yield Fault(f"{place}{name}", problem + short)
