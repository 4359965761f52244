"""Convert rows of a table to events, or reject them with the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias, TypeVar

import attrs
from attrs import frozen

from bri_timeline import Event, Place, Source, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import (
    BriTimelineError,
    Fault,
    FaultsError,
    VocabularyError,
    shown,
)
from bri_timeline.extend import check_sayable, payload_fields
from bri_timeline.formats._flat import plain
from bri_timeline.formats._foreign import RejectedRow
from bri_timeline.formats.tables._cells import (
    CellError,
    DayNeededError,
    Days,
    FieldSpec,
    columns_of,
    field_faults,
    make_field,
    make_fields,
    mark_of,
    normal,
    number_cells,
    number_of,
    prepared,
)
from bri_timeline.formats.tables._dates import Dates, DatesError, NoDate
from bri_timeline.formats.tables._declaration import (
    Declaration,
    Lookup,
    Rule,
    with_iso,
)


__all__ = [
    "REASON",
    "TableReader",
]


T = TypeVar("T")
Cells = Mapping[str, str]
# The column behind those of a table in which rejected rows are kept; see `begin()`.
REASON = "rejected because"
_KEPT = 1 << 15
_MOST_NAMED = 20
_MOST_MET = 10_000
_MOST_CELLS = 5
_EMPTY = "the row is empty"
_PLACES = Vocabulary(place=Place)
_NONE: frozenset[str] = frozenset()
Row: TypeAlias = Sequence[str]
Rows = Iterator[tuple[int, list[str]]]


@frozen
class _Converters:
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
    """

    rule: Rule
    cls: Callable[..., object]
    specs: Mapping[str, FieldSpec]
    applies: Callable[[Row, Days], bool]
    when: Callable[[Row, Days], tuple[Edtf | NoDate, Edtf | NoDate | None]]
    fields: tuple[Callable[[Row, Days], dict[str, object] | None], ...]
    where: Callable[[Row, Days], Place | None]

    def what(self, row: Row, when: Edtf) -> object:
        """Return the payload of a row.

        Raises:
            Exception: A cell cannot be converted, or the class refuses the fields.
        """
        fields: dict[str, object] = {}
        for convert in self.fields:
            found = convert(row, None)
            fields |= convert(row, _days(when)) or {} if found is None else found
        return self.cls(**fields)


class TableReader:
    """Reads the rows of one table.

    Attributes:
        count: The number of rows.
        rejected: The rows that could not be read as events.
        ongoing: The rows about something that had not ended.
        lost: The number of rows that gave nothing of both.

    Args:
        table: The declaration of the table.
        vocabulary: The payload classes.
        lookups: The tables that rows refer to, with their rows by key.

    Raises:
        VocabularyError: The vocabulary lacks a kind that the table names.
        FaultsError: The fields of a rule are not those of its kind, or what it says of
            all rows does not fit: all faults.
    """

    def __init__(
        self,
        table: Declaration,
        vocabulary: Vocabulary,
        lookups: Iterable[tuple[Lookup, Mapping[str, Mapping[str, str]]]] = (),
    ) -> None:
        for rule in table.events:
            if rule.kind not in vocabulary:
                problem = f"the vocabulary has no {shown(rule.kind)}"
                remedy = f"it has {', '.join(vocabulary)}"
                raise VocabularyError(rule.kind, f"{problem}: {remedy}")
        # Told here once: every row would be rejected for it.
        faults = [*_faults(table, vocabulary)]
        if faults:
            document = f"the declaration of {shown(table.title)}"
            raise FaultsError(document, faults)
        self.count = self.lost = 0
        self.rejected: list[RejectedRow] = []
        self.ongoing: list[RejectedRow] = []
        self._table = table
        self._missing = frozenset(map(normal, table.missing))
        self._vocabulary = vocabulary
        self._names: list[str] = []
        self._head: tuple[tuple[str, ...], ...] = ()
        self._is_kept = False
        self._converters: list[_Converters] = []
        # Of each column, a number by the decimal mark that it shows; see `mark_of()`.
        self._marks: dict[str, dict[str, str]] = {}
        self._lookups = [
            (lookup, {normal(key): row for key, row in rows.items()})
            for lookup, rows in lookups
        ]
        # For each column on which a rule depends: its cells, and whether one fits.
        self._met: dict[tuple[int, str], dict[str, bool]] = {
            (number, column): {}
            for number, rule in enumerate(table.events)
            for column in rule.where
        }

    def begin(self, name: str, rows: Rows) -> None:
        """Read the header, and prepare the converters.

        A table of rejected rows has a column more, with the reason. It is not read, and
        its days may be written as in a workbook.

        Args:
            name: The name of the table in messages.
            rows: The rows; the header is consumed.

        Raises:
            FaultsError: A column is missing or repeated.
        """
        table = self._table
        above = [row for _, row in _first(rows, table.skip + table.header)]
        self._is_kept = bool(above[table.skip :]) and above[-1][-1:] == [REASON]
        if self._is_kept:
            above = [[plain(cell) for cell in cells] for cells in above]
            above[-1].pop()
            self._table = table = with_iso(table)
        self._head = tuple(map(tuple, above))
        self._names = _joined(above[table.skip :])
        made = [*table.made, *self._looked_up()]
        counts = Counter([*self._names, *made])
        faults = [
            Fault(f"column {shown(column)}", problem)
            for column in table.named
            if (problem := self._problem_of(column, counts))
        ]
        if faults:
            raise FaultsError(name, faults)
        place_of = {column: n for n, column in enumerate([*self._names, *made])}
        self._source = _by_cells(
            columns_of([*table.source.values()]), self._sources(), place_of
        )
        self._converters = [
            self._compiled(number, rule, place_of)
            for number, rule in enumerate(table.events)
        ]

    def _compiled(
        self, number: int, rule: Rule, place_of: Mapping[str, int]
    ) -> _Converters:
        """Return the converters of a rule."""
        table, missing = self._table, self._missing
        cls = self._vocabulary.classes[rule.kind]
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
                self._note_marks(numbers, cells)
                try:
                    made = make_fields({name: spec}, cells, missing, days)
                except DayNeededError:
                    return None
                return {key: part.converted(value) for key, value in made.items()}

            return _by_cells(columns_of(spec), make, place_of)

        def when(cells: Cells, _: Days) -> tuple[Edtf | NoDate, Edtf | NoDate | None]:
            begun = _date(several, cells, missing)
            if isinstance(begun, NoDate) or not ends:
                return begun, None
            end = _date(ends, cells, missing)
            return Edtf(f"{begun}/{self._end(ends, end, cells)}"), end

        dated = [name for dates in (*several, *ends) for name in dates.named]
        return _Converters(
            rule,
            cls,
            specs,
            _by_cells(rule.conditions, self._condition(number, rule), place_of),
            _by_cells(dated, when, place_of),
            tuple(map(convert, specs)),
            _by_cells(
                columns_of([*places.values()]),
                lambda cells, _: _place(places, cells, missing),
                place_of,
            ),
        )

    def _condition(self, number: int, rule: Rule) -> Callable[[Cells, Days], bool]:
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
                met = self._met[number, column]
                if len(met) < _MOST_MET:
                    met.setdefault(usual[column], usual[column] in texts)
            return (
                all(usual[column] in texts for column, texts in wanted.items())
                and not any(usual[column] in no for column, no in unwanted.items())
                and all(
                    any(str(make_field(t, cells, _NONE)) in cells[column] for t in some)
                    for column, some in containing.items()
                )
            )

        return applies

    def _problem_of(self, column: str, counts: Counter[str]) -> str | None:
        count = counts[column]
        if count == 1:
            return None
        if count:
            return f"stands in the header {count} times: which one is meant?"
        # A single column almost always means a wrong delimiter.
        if len(self._names) < 2:
            only = shown(self._names[0]) if self._names else "nothing"
            delimiter = shown(self._table.delimiter)
            return f"is missing: the header is {only}; is its delimiter {delimiter}?"
        more = len(self._names) - _MOST_NAMED
        names = ", ".join(map(shown, self._names[:_MOST_NAMED]))
        return f"is missing: there are {names}{f' and {more:,} more' * (more > 0)}"

    def events(self, line: int, row: list[str]) -> list[Event]:
        """Return the events of a row.

        Args:
            line: The line in which the row begins.
            row: The cells.
        """
        self.count += 1
        before = len(self.ongoing)
        given = [plain(cell) for cell in row[:-1]] if self._is_kept else row
        events = self._events(line, given)
        self.lost += not events and len(self.ongoing) == before
        return events

    def _events(self, line: int, given: list[str]) -> list[Event]:
        events: list[Event] = []
        row = [cell.strip() for cell in given]
        if problem := self._row_problem(row):
            self._reject(line, problem, given, left_out=problem == _EMPTY)
            return events
        if self._table.match or self._lookups:
            row += self._made(row)
        rules = [found for found in self._converters if found.applies(row, None)]
        if not rules:
            problem = "no rule of the declaration applies to it"
            self._reject(line, problem, given, left_out=True)
        for rule in rules:
            try:
                event = self._event(rule, line, row, given)
            # One bad row does not end the import; it is reported with its reason.
            except FaultsError as error:
                reason = "; ".join(f"{f.place}: {f.problem}" for f in error.faults)
            except (BriTimelineError, CellError, DatesError) as error:
                reason = str(error)
            else:
                events += [] if event is None else [event]
                continue
            self._reject(line, reason, given, rule, row)
        return events

    def unfit(self) -> Iterator[str]:
        """Yield the conditions of rules that no cell of the table fits."""
        for (number, column), met in self._met.items():
            if not met or any(met.values()) or len(met) == _MOST_MET:
                continue
            expected = self._table.events[number].where[column]
            near = [get_close_matches(text, met, n=1, cutoff=0.5) for text in expected]
            close = next((matches[0] for matches in near if matches), None)
            examples = ", ".join(map(shown, [*met][:_MOST_CELLS]))
            remedy = (
                f"did you mean {shown(close)}?" if close else f"there are {examples}"
            )
            texts = " or ".join(map(shown, expected[:_MOST_CELLS]))
            yield f"no cell of {shown(column)} is {texts}, as where says: {remedy}"

    def cautions(self) -> Iterator[str]:
        """Yield the columns whose numbers could be read in two ways."""
        for column, by_mark in self._marks.items():
            if "" not in by_mark or {"", "."} == by_mark.keys():
                continue
            text = by_mark[""]
            read, other_number = number_of(text, "."), number_of(text, ",")
            problem = (
                f"{shown(column)}: {text!r} was read as {read}, not {other_number}"
            )
            if "," in by_mark:
                problem += f", though {by_mark[',']!r} has a decimal comma"
            remedy = "write decimal = ',' in the declaration, or decimal = '.'"
            yield f"{problem}: {remedy} if that is right"

    def _note_marks(self, specs: Iterable[Mapping[str, object]], cells: Cells) -> None:
        """Note how the numbers of a row are written."""
        for spec in specs:
            column, codes = str(spec["column"]), spec.get("codes")
            text = cells[column]
            is_coded = isinstance(codes, Mapping) and text in codes
            if text not in self._missing and not is_coded:
                mark = mark_of(text)
                if mark is not None:
                    self._marks.setdefault(column, {}).setdefault(mark, text)

    def _looked_up(self) -> Iterator[str]:
        """Yield the columns that come from other tables."""
        for lookup, rows in self._lookups:
            yield from (f"{lookup.name}.{name}" for name in rows.get("", ()))

    def _made(self, row: Row) -> Iterator[str]:
        """Yield the cells that are made of others, in the order of their columns."""
        cells = self._cells(row)
        for column, pattern in self._table.match.items():
            compiled = re.compile(pattern)
            match = compiled.search(cells[column])
            groups = match.groupdict("") if match else {}
            for name in compiled.groupindex:
                cells[name] = groups.get(name, "")
                yield cells[name]
        for lookup, rows in self._lookups:
            found = rows.get(normal(cells[lookup.column])) or rows.get("", {})
            for name in rows.get("", ()):
                cells[f"{lookup.name}.{name}"] = found.get(name, "").strip()
                yield cells[f"{lookup.name}.{name}"]

    def _cells(self, row: Row) -> dict[str, str]:
        """Return the cells of a row by their columns."""
        names = [*self._names, *self._table.made, *self._looked_up()]
        return dict(zip(names, row, strict=False))

    def _row_problem(self, row: Row) -> str | None:
        if not any(row):
            return _EMPTY
        if len(row) != len(self._names):
            return f"the row has {len(row)} cells and the header {len(self._names)}"
        return None

    def _reject(
        self,
        line: int,
        reason: str,
        given: Row,
        rule: _Converters | None = None,
        row: Row = (),
        *,
        left_out: bool = False,
    ) -> None:
        problem, name = reason, None
        if rule is not None:
            problem, name = f"{rule.rule.kind}: {reason}", self._id_of(rule, row)
        self.rejected.append(
            RejectedRow(
                line, problem, tuple(given), id=name, left_out=left_out, head=self._head
            )
        )

    def _id_of(self, rule: _Converters, row: Row) -> str | None:
        """Return the id of a row that is not read as a whole, or None."""
        name, key, cells = rule.rule.id, rule.rule.key, self._cells(row)
        if name is not None:
            return str(make_field(name, cells, self._missing))
        if not key or "when" in key:
            return None
        try:
            fields = make_fields(rule.specs, cells, self._missing)
            return _key(rule.rule, self._vocabulary.build(rule.rule.kind, fields), None)
        except (BriTimelineError, CellError):
            return None

    def _note_ongoing(
        self, line: int, rule: Rule, stated: NoDate, given: Row, *, is_end: bool
    ) -> None:
        several = rule.until if is_end else rule.when
        reason = f"{rule.kind}: {_columns(several)} is {stated.value}"
        self.ongoing.append(RejectedRow(line, reason, tuple(given), head=self._head))

    def _event(
        self, found: _Converters, line: int, row: Row, given: Row
    ) -> Event | None:
        """Return the event of a row; None if it had not happened."""
        rule = found.rule
        when, end = found.when(row, None)
        if isinstance(when, NoDate):
            if when is NoDate.MISSING:
                problem = f"{_columns(rule.when)} has no date"
                raise CellError(problem)
            self._note_ongoing(line, rule, when, given, is_end=False)
            return None
        try:
            what = found.what(row, when)
        except Exception:  # a user's class may raise anything: this tells all faults
            what = self._vocabulary.build(rule.kind, self._fields(found, row, when))
        name = None
        if rule.id is not None:
            name = str(make_field(rule.id, self._cells(row), self._missing))
        if rule.key:
            name = _key(rule, what, when)
        event = Event(
            what,
            when=when,
            where=found.where(row, None) if rule.place else None,
            cite=self._source(row, None).at(f"line {line}"),
            id=name,
        )
        check_sayable(event)
        # Noted last, so that a row which is rejected is not noted as ongoing too.
        if isinstance(end, NoDate) and end is not NoDate.MISSING:
            self._note_ongoing(line, rule, end, given, is_end=True)
        return event

    def _fields(self, found: _Converters, row: Row, when: Edtf) -> dict[str, object]:
        cells, missing = self._cells(row), self._missing
        try:
            return make_fields(found.specs, cells, missing, None)
        except DayNeededError:
            return make_fields(found.specs, cells, missing, _days(when))

    def _end(self, several: Sequence[Dates], end: Edtf | NoDate, cells: Cells) -> str:
        """Return the end of an extent, as EDTF text after the `/`.

        An end that the end of the data cut off is that day or later: `2015-12-31..`.
        """
        if end is NoDate.CENSORED:
            covered = self._table.coverage
            until = None if covered is None else covered.latest
            day = several[0].cut(cells) or (until and until.isoformat())
            return f"{day}.." if day else ""
        if isinstance(end, NoDate):
            return ".." if end is NoDate.OPEN else ""
        return str(end)

    def _sources(self) -> Callable[[Cells, Days], Source]:
        """Return a function of cells that makes a source."""
        table, missing, specs = self._table, self._missing, dict(self._table.source)
        dates = table.published_dates
        if dates is not None:
            dates = _in(table.language, dates)
            del specs["published"]

        def made(cells: Cells, _: Days) -> Source:
            fields = {n: str(make_field(t, cells, missing)) for n, t in specs.items()}
            day = None if dates is None else dates.read(cells, missing)
            fields |= {"published": str(day)} if isinstance(day, Edtf) else {}
            stated = {n: t for n, t in fields.items() if normal(t) not in missing}
            return Source(**{"title": "", **stated})

        return made


def _faults(table: Declaration, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield the faults of a declaration that no row can mend."""
    for number, rule in enumerate(table.events, 1):
        cls, place = vocabulary.classes[rule.kind], f"events[{number}]"
        yield from field_faults(rule.fields, cls, f"{place}.fields")
        yield from field_faults(rule.place, Place, f"{place}.place")


def _by_cells(
    columns: Iterable[str],
    make: Callable[[Cells, Days], T],
    place_of: Mapping[str, int],
) -> Callable[[Row, Days], T]:
    """Return a function of rows that is computed once for cells that repeat.

    Args:
        columns: The columns on which it depends.
        make: The function, of these cells.
        place_of: The places of columns.
    """
    names = tuple(dict.fromkeys(columns))
    places = [place_of[name] for name in names]
    # Of one place alone, `itemgetter` would return the cell itself.
    texts_of = itemgetter(*places, places[0]) if places else lambda _row: ()

    @lru_cache(_KEPT)
    def made(texts: tuple[str, ...], days: Days) -> T:
        return make(dict(zip(names, texts, strict=False)), days)

    return lambda row, days: made(texts_of(row), days)


def _in(language: str, dates: Dates) -> Dates:
    """Return a format of dates in the language of the table."""
    return attrs.evolve(dates, language=dates.language or language)


@lru_cache(_KEPT)
def _days(when: Edtf) -> tuple[str, ...]:
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


def _key(rule: Rule, what: object, when: Edtf | None) -> str:
    """Return the id of a row, made of some of its fields."""
    values = (when if name == "when" else getattr(what, name) for name in rule.key)
    return f"{rule.kind}:{'|'.join(map(_text, values))}"


def _text(value: object) -> str:
    """Return a value as text; equal values have the same."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, frozenset):
        return ",".join(sorted(map(_text, value)))
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    cls: type = type(value)
    if attrs.has(cls):
        parts = [getattr(value, part.name) for part in attrs.fields(cls)]
        return ",".join(map(_text, parts))
    return str(value).replace("\\", "\\\\").replace("|", "\\|")


def _first(rows: Rows, count: int) -> Iterable[tuple[int, list[str]]]:
    return [row for _, row in zip(range(count), rows, strict=False)]


def _joined(heads: list[list[str]]) -> list[str]:
    """Return the names of the columns from one or several rows of header."""
    if not heads:
        return []
    for head in heads[:-1]:
        for place in range(1, len(head)):
            head[place] = head[place].strip() or head[place - 1]
    width = max(map(len, heads))
    padded = [head + [""] * (width - len(head)) for head in heads]
    columns = zip(*padded, strict=True)
    return [
        " / ".join(dict.fromkeys(name.strip() for name in column if name.strip()))
        for column in columns
    ]


def _date(
    several: Iterable[Dates], cells: Cells, missing: frozenset[str]
) -> Edtf | NoDate:
    """Return the first date in some columns, or else the reason of the first."""
    # All are read, so that a faulty cell is found even behind a good one.
    readings = [dates.read(cells, missing) for dates in several]
    return next((date for date in readings if isinstance(date, Edtf)), readings[0])


def _columns(several: tuple[Dates, ...]) -> str:
    return " or ".join(" ".join(dates.columns) for dates in several)
