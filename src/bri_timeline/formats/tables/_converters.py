"""Converters of rows, compiled from a declaration: called once for each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias, TypeVar

import attrs
from attrs import frozen

from bri_timeline import Place, Source, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.extend import payload_fields
from bri_timeline.formats.tables._cells import (
    DayNeededError,
    Days,
    FieldSpec,
    columns_of,
    make_field,
    make_fields,
    normal,
    number_cells,
    prepared,
)
from bri_timeline.formats.tables._dates import Dates, NoDate
from bri_timeline.formats.tables._declaration import Declaration, Rule


T = TypeVar("T")
Cells: TypeAlias = Mapping[str, str]
Row: TypeAlias = Sequence[str]
When: TypeAlias = tuple[Edtf | NoDate, Edtf | NoDate | None]
_KEPT = 1 << 15
# The most cells of a column that are kept, to tell what there is.
MOST_MET = 10_000
_PLACES = Vocabulary(place=Place)
_NONE: frozenset[str] = frozenset()


@frozen
class RowConverters:
    """The converters of a rule: each is called once for cells that repeat.

    Attributes:
        rule: The rule.
        cls: The class of its payloads.
        specs: The declarations of its fields, with what the class and the table say.
        applies: Whether the rule applies to a row.
        when: The date of its beginning, and of the end if there is one.
        fields: For each field, its name and value; nothing if it is left out; None if
            it depends on the day.
        where: The place.
        id: The id, if the rule says one.
        blank: The text of an end that is missing, if the rule does not say what it is.
    """

    rule: Rule
    cls: Callable[..., object]
    specs: Mapping[str, FieldSpec]
    applies: Callable[[Row, Days], bool]
    when: Callable[[Row, Days], When]
    fields: tuple[Callable[[Row, Days], dict[str, object] | None], ...]
    where: Callable[[Row, Days], Place | None]
    id: Callable[[Row, Days], str]
    blank: Callable[[Row, Days], str | None]

    def what(self, row: Row, when: Edtf) -> object:
        """Return the payload of a row.

        Raises:
            Exception: A cell cannot be converted, or the class refuses the fields.
        """
        fields: dict[str, object] = {}
        for convert in self.fields:
            found = convert(row, None)
            fields |= convert(row, days_of(when)) or {} if found is None else found
        return self.cls(**fields)


@frozen
class Compiler:
    """Makes the converters of a table.

    Args:
        table: Its declaration.
        missing: The texts of missing cells, in their normal form.
        place_of: The places of columns in a row.
        note: Called with the cells of numbers, each once.
    """

    table: Declaration
    missing: frozenset[str]
    place_of: Mapping[str, int]
    note: Callable[[Iterable[Mapping[str, object]], Cells], None]

    def source(self) -> Callable[[Row, Days], tuple[Source, str]]:
        """Return a converter that makes the source, and the place in it or nothing."""
        table, missing, specs = self.table, self.missing, dict(self.table.source)
        place = specs.pop("locator", "")
        dates = table.published_dates
        if dates is not None:
            dates = _in(table.language, dates)
            del specs["published"]

        def made(cells: Cells, _: Days) -> tuple[Source, str]:
            fields = {n: str(make_field(t, cells, missing)) for n, t in specs.items()}
            day = None if dates is None else dates.read(cells, missing)
            fields |= {"published": str(day)} if isinstance(day, Edtf) else {}
            stated = {n: t for n, t in fields.items() if normal(t) not in missing}
            is_known = missing.isdisjoint(normal(cells[c]) for c in columns_of(place))
            located = str(make_field(place, cells, missing)) if is_known else ""
            return Source(**{"title": "", **stated}), located

        columns = columns_of([*table.source.values()])
        return self._by_cells(columns, made)

    def rule(
        self, rule: Rule, cls: type, met: Mapping[str, dict[str, bool]]
    ) -> RowConverters:
        """Return the converters of a rule.

        Args:
            rule: The rule.
            cls: The class of its payloads.
            met: Of each column on which it depends: its cells, and whether one fits.
        """
        table, missing = self.table, self.missing
        defaults = {"decimal": table.decimal, "language": table.language}
        defaults = {name: text for name, text in defaults.items() if text}
        # A cell is a number where the field is one, whatever the declaration says.
        specs = prepared(rule.fields, cls, defaults)
        places = prepared(rule.place, Place, defaults)
        several = [_in(table.language, dates) for dates in rule.when]
        ends = [_in(table.language, dates) for dates in rule.until]

        def convert(name: str) -> Callable[[Row, Days], dict[str, object] | None]:
            part, spec = payload_fields(cls)[name], specs[name]
            numbers = [*number_cells(spec)]

            def make(cells: Cells, days: Days) -> dict[str, object] | None:
                self.note(numbers, cells)
                try:
                    made = make_fields({name: spec}, cells, missing, days)
                except DayNeededError:
                    return None
                return {key: part.converted(value) for key, value in made.items()}

            return self._by_cells(columns_of(spec), make)

        def when(cells: Cells, _: Days) -> When:
            begun = _date(several, cells, missing)
            if isinstance(begun, NoDate) or not ends:
                return begun, None
            end = _date(ends, cells, missing)
            return Edtf(f"{begun}/{_end(table, ends, end, cells)}"), end

        dated = [name for dates in (*several, *ends) for name in dates.named]
        return RowConverters(
            rule,
            cls,
            specs,
            self._by_cells(rule.conditions, _condition(rule, met)),
            self._by_cells(dated, when),
            tuple(map(convert, specs)),
            self._by_cells(
                columns_of([*places.values()]),
                lambda cells, _: _place(places, cells, missing),
            ),
            self._by_cells(
                columns_of(rule.id or ""),
                lambda cells, _: str(make_field(rule.id, cells, missing)),
            ),
            self._by_cells(
                [name for dates in ends[:1] for name in dates.named],
                lambda cells, _: ends[0].blank(cells, missing),
            ),
        )

    def _by_cells(
        self, columns: Iterable[str], make: Callable[[Cells, Days], T]
    ) -> Callable[[Row, Days], T]:
        """Return a function of rows that is computed once for cells that repeat.

        Args:
            columns: The columns on which it depends.
            make: The function, of these cells.
        """
        names = tuple(dict.fromkeys(columns))
        places = [self.place_of[name] for name in names]
        # Of one place alone, it returns the cell itself, which a cache finds faster.
        texts_of = itemgetter(*places) if places else lambda _row: ()

        @lru_cache(_KEPT)
        def made(texts: str | tuple[str, ...], days: Days = None) -> T:
            cells = (texts,) if isinstance(texts, str) else texts
            return make(dict(zip(names, cells, strict=True)), days)

        def convert(row: Row, days: Days) -> T:
            return made(texts_of(row)) if days is None else made(texts_of(row), days)

        return convert


def _condition(
    rule: Rule, met: Mapping[str, dict[str, bool]]
) -> Callable[[Cells, Days], bool]:
    """Return a check of whether a rule applies to a row."""
    wanted, unwanted = (
        {column: {*map(normal, texts)} for column, texts in conditions.items()}
        for conditions in (rule.where, rule.where_not)
    )
    containing = {
        column: [several] if isinstance(several, str) else several
        for column, several in rule.containing.items()
    }

    def applies(cells: Cells, _: Days) -> bool:
        usual = {column: normal(cell) for column, cell in cells.items()}
        for column, texts in wanted.items():
            cell, before = usual[column], met[column]
            if cell not in before and len(before) < MOST_MET:
                before[cell] = cell in texts
        return (
            all(usual[column] in texts for column, texts in wanted.items())
            and not any(usual[column] in no for column, no in unwanted.items())
            and all(
                any(str(make_field(t, cells, _NONE)) in cells[column] for t in some)
                for column, some in containing.items()
            )
        )

    return applies


def _end(
    table: Declaration, several: Sequence[Dates], end: Edtf | NoDate, cells: Cells
) -> str:
    """Return the end of an extent, as EDTF text after the `/`.

    An end that the end of the data cut off is that day or later: `2015-12-31..`.
    """
    if end is NoDate.CENSORED:
        covered = table.coverage
        until = None if covered is None else covered.latest
        day = several[0].cut(cells) or (until and until.isoformat())
        return f"{day}.." if day else ""
    if isinstance(end, NoDate):
        return ".." if end is NoDate.OPEN else ""
    return str(end)


def _in(language: str, dates: Dates) -> Dates:
    """Return a format of dates in the language of the table."""
    return attrs.evolve(dates, language=dates.language or language)


@lru_cache(_KEPT)
def days_of(when: Edtf) -> tuple[str, ...]:
    """Return the days between which something begins, in ISO; none without bounds."""
    start = when.start
    if start is None or start.earliest is None or start.latest is None:
        return ()
    return start.earliest.isoformat(), start.latest.isoformat()


def _place(
    specs: Mapping[str, FieldSpec], cells: Cells, missing: frozenset[str]
) -> Place | None:
    parts = make_fields(specs, cells, missing)
    known = {name: part for name, part in parts.items() if part not in missing}
    # How precise a place is says nothing where it is not known.
    if not known.keys() - {"precision"}:
        return None
    location = _PLACES.build("place", known)
    return location if isinstance(location, Place) else None


def _date(
    several: Iterable[Dates], cells: Cells, missing: frozenset[str]
) -> Edtf | NoDate:
    """Return the first date in some columns, or else the reason of the first."""
    # All are read, so that a faulty cell is found even behind a good one.
    readings = [dates.read(cells, missing) for dates in several]
    return next((date for date in readings if isinstance(date, Edtf)), readings[0])
