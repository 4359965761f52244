"""Convert rows of a table to events, or reject them with the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache

import attrs

from bri_timeline import Citation, Event, Place, Source, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import (
    BriTimelineError,
    Fault,
    FaultsError,
    VocabularyError,
    shown,
)
from bri_timeline.extend import check_sayable
from bri_timeline.formats._foreign import RejectedRow
from bri_timeline.formats.tables._cells import (
    CellError,
    Dates,
    DatesError,
    NoDate,
    make_field,
    make_fields,
    mark_of,
    number_cells,
    number_of,
    with_decimal,
    with_types,
)
from bri_timeline.formats.tables._declaration import Declaration, Lookup, Rule


__all__ = [
    "TableReader",
]


_MOST_NAMED = 20
_MOST_MET = 10_000
_MOST_CELLS = 5
_EMPTY = "the row is empty"
_PLACES = Vocabulary(place=Place)
Rows = Iterator[tuple[int, list[str]]]


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
        self.count = self.lost = 0
        self.rejected: list[RejectedRow] = []
        self.ongoing: list[RejectedRow] = []
        self._table = table
        self._vocabulary = vocabulary
        self._names: list[str] = []
        # A cell is a number where the field is one, whatever the declaration says.
        fields = [
            with_decimal(
                with_types(rule.fields, vocabulary.classes[rule.kind]), table.decimal
            )
            for rule in table.events
        ]
        self._fields = dict(zip(map(id, table.events), fields, strict=True))
        self._numbers = {
            id(rule): [*number_cells(self._fields[id(rule)])] for rule in table.events
        }
        # Of each column, a number by the decimal mark that it shows; see `mark_of()`.
        self._marks: dict[str, dict[str, str]] = {}
        # A coordinate that is read in the wrong way is out of range.
        places = [with_decimal({**rule.place}, table.decimal) for rule in table.events]
        self._places = dict(zip(map(id, table.events), places, strict=True))
        self._patterns = {
            name: re.compile(pattern) for name, pattern in table.match.items()
        }
        self._lookups = list(lookups)
        published = table.source.get("published")
        self._published = (
            table.published_as(published) if isinstance(published, Mapping) else None
        )
        # Most rows have one of a few sources.
        self._source = lru_cache(1 << 10)(_source)
        # For each column on which a rule depends: its cells, and the rules they fit.
        self._met: dict[tuple[int, str], dict[str, bool]] = {
            (id(rule), column): {} for rule in table.events for column in rule.where
        }
        self._wanted = {
            (id(rule), column): tuple(cells)
            for rule in table.events
            for column, cells in rule.where.items()
        }

    def begin(self, name: str, rows: Rows) -> None:
        """Read the header.

        Args:
            name: The name of the table in messages.
            rows: The rows; the header is consumed.

        Raises:
            FaultsError: A column is missing or repeated.
        """
        table = self._table
        above = [row for _, row in _first(rows, table.skip + table.header)]
        heads = above[table.skip :]
        self._names = _joined(heads)
        made = [*self._table.made, *self._looked_up()]
        counts = Counter([*self._names, *made])
        faults = [
            Fault(f"column {shown(column)}", problem)
            for column in table.named
            if (problem := self._problem_of(column, counts))
        ]
        if faults:
            raise FaultsError(name, faults)

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

    def events(self, line: int, row: list[str]) -> Iterator[Event]:
        """Yield the events of a row.

        Args:
            line: The line in which the row begins.
            row: The cells.
        """
        self.count += 1
        before = len(self.ongoing)
        events = [*self._events(line, row)]
        self.lost += not events and len(self.ongoing) == before
        yield from events

    def _events(self, line: int, row: list[str]) -> Iterator[Event]:
        if problem := self._row_problem(row):
            is_empty = problem == _EMPTY
            self.rejected.append(
                RejectedRow(line, problem, tuple(row), left_out=is_empty)
            )
            return
        cells = self._cells(row)
        self._note_cells(cells)
        rules = [rule for rule in self._table.events if _is_for(rule, cells)]
        if not rules:
            problem = "no rule of the declaration applies to it"
            self.rejected.append(RejectedRow(line, problem, tuple(row), left_out=True))
        for rule in rules:
            self._note_marks(rule, cells)
            try:
                event = self._event(rule, line, cells, row)
            # One bad row does not end the import; it is reported with its reason.
            except FaultsError as error:
                reasons = "; ".join(f"{f.place}: {f.problem}" for f in error.faults)
                self._reject(line, rule, reasons, row, cells)
            except (BriTimelineError, CellError, DatesError) as error:
                self._reject(line, rule, str(error), row, cells)
            else:
                yield from self._event_or_reason(event, line, rule, row, cells)

    def _note_cells(self, cells: Mapping[str, str]) -> None:
        """Note the cells on which it depends which rule applies."""
        for (number, column), met in self._met.items():
            text = cells[column].strip()
            if text not in met and len(met) < _MOST_MET:
                met[text] = text in self._wanted[number, column]

    def unfit(self) -> Iterator[str]:
        """Yield the conditions of rules that no cell of the table fits."""
        for key, met in self._met.items():
            if not met or any(met.values()) or len(met) == _MOST_MET:
                continue
            expected = self._wanted[key]
            near = [get_close_matches(text, met, n=1, cutoff=0.5) for text in expected]
            close = next((matches[0] for matches in near if matches), None)
            examples = ", ".join(map(shown, [*met][:_MOST_CELLS]))
            remedy = (
                f"did you mean {shown(close)}?" if close else f"there are {examples}"
            )
            texts = " or ".join(map(shown, expected[:_MOST_CELLS]))
            yield f"no cell of {shown(key[1])} is {texts}, as where says: {remedy}"

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

    def _note_marks(self, rule: Rule, cells: Mapping[str, str]) -> None:
        """Note how the numbers of a row are written."""
        for spec in self._numbers[id(rule)]:
            column, codes = str(spec["column"]), spec.get("codes")
            text = cells[column].strip()
            if text in self._table.missing:
                continue
            if isinstance(codes, Mapping) and text in codes:
                continue
            mark = mark_of(text)
            if mark is not None:
                self._marks.setdefault(column, {}).setdefault(mark, text)

    def _looked_up(self) -> Iterator[str]:
        """Yield the columns that come from other tables."""
        for lookup, rows in self._lookups:
            yield from (f"{lookup.name}.{name}" for name in rows.get("", ()))

    def _cells(self, row: list[str]) -> dict[str, str]:
        """Return the cells of a row, with those that are made of them."""
        cells = dict(zip(self._names, row, strict=True))
        for column, pattern in self._patterns.items():
            match = pattern.search(cells[column])
            groups = (
                match.groupdict("") if match else dict.fromkeys(pattern.groupindex, "")
            )
            cells |= groups
        for lookup, rows in self._lookups:
            lookup_row = rows.get(cells[lookup.column].strip()) or rows.get("", {})
            cells |= {
                f"{lookup.name}.{name}": cell for name, cell in lookup_row.items()
            }
        return cells

    def _row_problem(self, row: list[str]) -> str | None:
        if not any(cell.strip() for cell in row):
            return _EMPTY
        if len(row) != len(self._names):
            return f"the row has {len(row)} cells and the header {len(self._names)}"
        return None

    def _reject(
        self,
        line: int,
        rule: Rule,
        reason: str,
        row: list[str],
        cells: Mapping[str, str],
    ) -> None:
        problem = f"{rule.kind}: {reason}"
        name = self._id_of(rule, cells)
        self.rejected.append(RejectedRow(line, problem, tuple(row), id=name))

    def _id_of(self, rule: Rule, cells: Mapping[str, str]) -> str | None:
        """Return the id of a row that is not read as a whole, or None."""
        missing = self._table.missing
        if rule.id is not None:
            return str(make_field(rule.id, cells, missing))
        if not rule.key or "when" in rule.key:
            return None
        try:
            fields = make_fields(self._specs(rule), cells, missing)
            return _key(rule, self._vocabulary.build(rule.kind, fields), None)
        except (BriTimelineError, CellError):
            return None

    def _event_or_reason(
        self,
        event: Event | NoDate,
        line: int,
        rule: Rule,
        row: list[str],
        cells: Mapping[str, str],
    ) -> Iterator[Event]:
        if isinstance(event, Event):
            yield event
            return
        if event is NoDate.MISSING:
            reason = f"{_columns(rule.when)} has no date"
            self._reject(line, rule, reason, row, cells)
        else:
            self._note_ongoing(line, rule, rule.when, event, row)

    def _note_ongoing(
        self,
        line: int,
        rule: Rule,
        several: tuple[Dates, ...],
        stated: NoDate,
        row: list[str],
    ) -> None:
        reason = f"{rule.kind}: {_columns(several)} is {stated.value}"
        self.ongoing.append(RejectedRow(line, reason, tuple(row)))

    def _event(
        self, rule: Rule, line: int, cells: Mapping[str, str], row: list[str]
    ) -> Event | NoDate:
        missing = self._table.missing
        when = _date(rule.when, cells, missing)
        if isinstance(when, NoDate):
            return when
        end = _date(rule.until, cells, missing) if rule.until else None
        if end is not None:
            when = Edtf(f"{when}/{self._end(rule, end, cells)}")
        fields = make_fields(self._specs(rule), cells, missing)
        what = self._vocabulary.build(rule.kind, fields)
        name = None if rule.id is None else str(make_field(rule.id, cells, missing))
        if rule.key:
            name = _key(rule, what, when)
        where, cite = self._where(rule, cells), self._cited(line, cells)
        event = Event(what, when=when, where=where, cite=cite, id=name)
        check_sayable(event)
        # Noted last, so that a row which is rejected is not noted as ongoing too.
        if end is NoDate.OPEN or end is NoDate.CENSORED:
            self._note_ongoing(line, rule, rule.until, end, row)
        return event

    def _specs(self, rule: Rule) -> Mapping[str, object]:
        specs = self._fields[id(rule)]
        return specs if isinstance(specs, Mapping) else {}

    def _where(self, rule: Rule, cells: Mapping[str, str]) -> Place | None:
        specs, missing = self._places[id(rule)], self._table.missing
        parts = make_fields(specs if isinstance(specs, Mapping) else {}, cells, missing)
        known_parts = {
            name: part for name, part in parts.items() if part not in missing
        }
        # How precise a place is says nothing where it is not known.
        if not known_parts.keys() - {"precision"}:
            return None
        location = _PLACES.build("place", known_parts)
        return location if isinstance(location, Place) else None

    def _end(self, rule: Rule, end: Edtf | NoDate, cells: Mapping[str, str]) -> str:
        """Return the end of an extent, as EDTF text after the `/`.

        An end that the end of the data cut off is that day or later: `2015-12-31..`.
        """
        if end is NoDate.CENSORED:
            covered = self._table.coverage
            until = None if covered is None else covered.latest
            day = rule.until[0].cut(cells) or (until and until.isoformat())
            return f"{day}.." if day else ""
        if isinstance(end, NoDate):
            return ".." if end is NoDate.OPEN else ""
        return str(end)

    def _cited(self, line: int, cells: Mapping[str, str]) -> Citation:
        missing = self._table.missing
        fields = {
            name: str(make_field(text, cells, missing))
            for name, text in self._table.source.items()
            if name != "published" or self._published is None
        }
        if self._published is not None:
            day = self._published.read(cells, missing)
            fields |= {"published": str(day)} if isinstance(day, Edtf) else {}
        stated = {name: text for name, text in fields.items() if text not in missing}
        return self._source(tuple(stated.items())).at(f"line {line}")


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


def _source(fields: tuple[tuple[str, str], ...]) -> Source:
    parts = {"title": "", **dict(fields)}
    published = parts.pop("published", None)
    return Source(
        parts["title"],
        published=published,
        container=parts.get("container"),
        author=parts.get("author"),
        url=parts.get("url"),
    )


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


def _is_for(rule: Rule, cells: Mapping[str, str]) -> bool:
    named = all(cells[column].strip() in texts for column, texts in rule.where.items())
    named = named and not any(
        cells[column].strip() in texts for column, texts in rule.where_not.items()
    )
    return named and all(
        any(
            str(make_field(text, cells, frozenset())) in cells[column]
            for text in ([several] if isinstance(several, str) else several)
        )
        for column, several in rule.containing.items()
    )


def _date(
    several: tuple[Dates, ...], cells: Mapping[str, str], missing: frozenset[str]
) -> Edtf | NoDate:
    """Return the first date in some columns, or else the reason of the first."""
    # All are read, so that a faulty cell is found even behind a good one.
    readings = [dates.read(cells, missing) for dates in several]
    return next((date for date in readings if isinstance(date, Edtf)), readings[0])


def _columns(several: tuple[Dates, ...]) -> str:
    return " or ".join(" ".join(dates.columns) for dates in several)
