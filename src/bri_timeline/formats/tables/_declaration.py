"""Declarations of tables: checked as a whole before a row is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import attrs
import msgspec
from attrs import field, frozen

from bri_timeline._codec import described
from bri_timeline._evidence import to_edtf
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EdtfError, Fault, FaultsError, shown
from bri_timeline.formats._foreign import check_encoding
from bri_timeline.formats.tables._cells import Maker, columns_of, problems_of
from bri_timeline.formats.tables._dates import Dates


__all__ = [
    "Declaration",
    "Rule",
    "declared",
]


T = TypeVar("T")
_SOURCE = frozenset({"author", "container", "published", "title", "url"})


@frozen
class Rule:
    """Which event a row gives.

    Args:
        kind: The name of its payload class in the vocabulary.
        when: How its date is written; of several, the first that holds one counts.
        fields: How each field of the payload is made.
        until: How the date of its end is written, if it lasts.
        id: The id of the event, with `{column}` for cells; by default it has none of
            its own.
        where: For a column, the cells for which the rule is; by default all.
        containing: For a column, what its cell must contain, with `{column}` for cells.
    """

    kind: str
    when: tuple[Dates, ...] = field(converter=tuple)
    fields: Mapping[str, Maker]
    until: tuple[Dates, ...] = field(default=(), converter=tuple)
    id: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(factory=dict)
    containing: Mapping[str, str] = field(factory=dict)

    @property
    def named(self) -> Iterator[str]:
        """Yield all columns that it reads."""
        for dates in (*self.when, *self.until):
            yield from dates.named
        yield from columns_of([*self.fields.values(), self.id or ""])
        yield from columns_of([*self.containing.values()])
        yield from (*self.where, *self.containing)

    def problems(self) -> Iterator[Fault]:
        """Yield what is wrong with it."""
        if not self.when:
            yield Fault("when", "is missing: say which columns hold the date")
        for place, some in (("when", self.when), ("until", self.until)):
            for dates in some:
                yield from (Fault(place, problem) for problem in dates.problems())
        for name, maker in self.fields.items():
            found = problems_of(maker)
            yield from (Fault(f"fields.{name}", problem) for problem in found)


@frozen
class Declaration:
    """How a table is to be read.

    Args:
        title: What it is called.
        events: The rules; a row may give an event by each.
        source: The fields of its `Source`, with `{column}` for cells; a field that
            comes out as nothing, or as a missing cell, is left out.
        coverage: The days that it is about (EDTF); after them, absence says nothing.
        encoding: In which the file is; one that keeps ASCII.
        delimiter: What stands between its cells: one character.
        skip: How many lines stand before its header.
        header: How many rows its header has; of several, the names are joined by
            ` / `, and an empty one repeats its neighbour on the left.
        missing: What stands in cells of which nothing is known.

    Raises:
        FaultsError: It cannot be read so: all faults.
    """

    title: str
    events: tuple[Rule, ...] = field(converter=tuple)
    source: Mapping[str, str]
    coverage: Edtf | None = field(
        default=None, converter=attrs.converters.optional(to_edtf)
    )
    encoding: str = "utf-8"
    delimiter: str = ","
    skip: int = 0
    header: int = 1
    missing: frozenset[str] = field(default=frozenset({""}), converter=frozenset)

    def __attrs_post_init__(self) -> None:
        if faults := [*self._problems()]:
            document = f"the declaration of {shown(self.title)}"
            raise FaultsError(document, faults)

    def _problems(self) -> Iterator[Fault]:
        if problem := check_encoding(self.encoding):
            yield Fault("encoding", problem)
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            yield Fault("delimiter", f"{shown(self.delimiter)} is not one character")
        for name, least in (("skip", 0), ("header", 1)):
            if getattr(self, name) < least:
                yield Fault(name, f"is less than {least}")
        if "title" not in self.source:
            yield Fault("source", "has no title: a source needs one")
        for name in self.source.keys() - _SOURCE:
            yield Fault(f"source.{name}", f"is none of {', '.join(sorted(_SOURCE))}")
        if not self.events:
            yield Fault("events", "are missing: give one rule at least")
        for number, rule in enumerate(self.events, 1):
            for fault in rule.problems():
                yield Fault(f"events[{number}].{fault.place}", fault.problem)

    @property
    def named(self) -> list[str]:
        """All columns that it reads, in order of appearance."""
        columns = [name for rule in self.events for name in rule.named]
        columns += columns_of([*self.source.values()])
        return list(dict.fromkeys(columns))


def declared(data: Mapping[str, object], *, name: str = "declaration") -> Declaration:
    """Return the declaration that plain data describe, as TOML gives them.

    Args:
        data: Its fields by name; `when` and `until` are tables or lists of tables, and
            `column` in them is short for `columns` of one.
        name: What to call it in messages.

    Raises:
        FaultsError: It is none: all faults that were found.
    """
    if not isinstance(data, Mapping):
        problem = f"is {described(data)}: give its fields by name, as TOML does"
        raise FaultsError(name, [Fault("declaration", problem)])
    faults = [*_unknown(data)]
    if faults:
        raise FaultsError(name, faults)
    try:
        return _converted(_plain(data), Declaration)
    except (msgspec.ValidationError, EdtfError) as error:
        raise FaultsError(name, [Fault("declaration", str(error))]) from None


def _converted(data: object, cls: type[T]) -> T:
    return msgspec.convert(data, cls, dec_hook=_edtf)


def _edtf(cls: type, value: object) -> object:
    """Return a date for msgspec, which knows none of ours."""
    return to_edtf(str(value)) if cls is Edtf else value


def _plain(data: Mapping[str, object]) -> dict[str, object]:
    """Return data without what is short for something else."""
    rules = data.get("events", ())
    if not isinstance(rules, list | tuple):
        return dict(data)
    return {**data, "events": [_rule(rule) for rule in rules]}


def _rule(rule: object) -> object:
    if not isinstance(rule, Mapping):
        return rule
    found = dict(rule)
    for name in ("when", "until"):
        if name in found:
            some = found[name]
            several = some if isinstance(some, list | tuple) else [some]
            found[name] = [_dates(dates) for dates in several]
    return found


def _dates(dates: object) -> object:
    if not isinstance(dates, Mapping) or "column" not in dates:
        return dates
    others = {name: value for name, value in dates.items() if name != "column"}
    return {"columns": [dates["column"]], **others}


def _unknown(data: Mapping[str, object]) -> Iterator[Fault]:
    """Yield names that a declaration does not have, wherever they stand."""
    plain = _plain(data)
    yield from _strange(plain, Declaration, "")
    rules = plain.get("events")
    for number, rule in enumerate(rules if isinstance(rules, list) else (), 1):
        place = f"events[{number}]."
        yield from _strange(rule, Rule, place)
        for name in ("when", "until"):
            some = rule.get(name, ()) if isinstance(rule, Mapping) else ()
            for dates in some:
                yield from _strange(dates, Dates, f"{place}{name}.")


def _strange(data: object, cls: type, place: str) -> Iterator[Fault]:
    known = [part.name for part in attrs.fields(cls)]
    for name in data if isinstance(data, Mapping) else ():
        if name not in known:
            problem = f"is not a field of a declaration: write {', '.join(known)}"
            yield Fault(f"{place}{name}", problem)
