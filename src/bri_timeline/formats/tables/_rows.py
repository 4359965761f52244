"""Convert rows of a table to events, or reject them with the reason."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from itertools import chain, pairwise

import attrs

from bri_timeline import Event, Place, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import (
    BriTimelineError,
    Fault,
    FaultsError,
    VocabularyError,
    counted,
    shown,
)
from bri_timeline.extend import check_sayable, given_id
from bri_timeline.formats._flat import plain
from bri_timeline.formats._foreign import RejectedRow
from bri_timeline.formats.tables._cells import (
    HEAD,
    CellError,
    DayNeededError,
    field_faults,
    make_fields,
    mark_of,
    normal,
    number_of,
)
from bri_timeline.formats.tables._converters import (
    MOST_MET,
    Cells,
    Compiler,
    Row,
    RowConverters,
    days_of,
)
from bri_timeline.formats.tables._dates import Dates, DatesError, NoDate
from bri_timeline.formats.tables._declaration import (
    Declaration,
    Lookup,
    Rule,
    with_iso,
)


# The column behind those of a table in which rejected rows are kept; see `begin()`.
REASON = "rejected because"
_KEPT_LINE = re.compile("line ([0-9]{1,12}): ")
_MOST_NAMED = 20
_MOST_CELLS = 5
# Reports of one happening differ by a week, as a rule, at most.
_NEAR_DAYS = 7
_EMPTY = "the row is empty"
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
        self._converters: list[RowConverters] = []
        # Of each column, a number by the decimal mark that it shows; see `mark_of()`.
        self._marks: dict[str, dict[str, str]] = {}
        # The rows without an end, by their kind, columns and text; see `blank()`.
        self._endless = Counter[tuple[str, str, str]]()
        self._without_line = 0
        # The places of columns that are filled, and the last cell of each.
        self._filled: dict[int, str] = {}
        self._lookups = [
            (lookup, {normal(key): row for key, row in rows.items()})
            for lookup, rows in lookups
        ]
        # For each column on which a rule depends: its cells, and whether one fits.
        self._met: list[dict[str, dict[str, bool]]] = [
            {column: {} for column in rule.where} for rule in table.events
        ]

    def begin(self, name: str, rows: Rows) -> None:
        """Read the header, and prepare the converters.

        A table of rejected rows has a column more, with the reason, which tells the
        line of the table from which a row was taken. Its days may be written as in a
        workbook.

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
            self._missing = frozenset(map(normal, table.missing))
        self._head = tuple(map(tuple, above))
        self._names = header_names(above[table.skip :])
        made = [*table.made, *self._looked_up()]
        counts = Counter([*self._names, *made])
        faults = [
            Fault(f"column {shown(column)}", problem)
            for column in table.named
            if (problem := self._problem_of(column, counts))
        ]
        faults += [
            Fault("fill", f"{shown(column)} is made of other columns: fill these")
            for column in table.fill
            if column in made
        ]
        if faults:
            # A title above the header is common.
            several = [*above, *(row for _, row in _first(rows, HEAD))]
            wanted = {*table.named} - {*made}
            for number, row in enumerate(several):
                if number != table.skip and wanted <= {*map(str.strip, row)}:
                    problem = f"the columns stand in row {number + 1}"
                    faults.append(Fault("skip", f"{problem}: write skip = {number}"))
            raise FaultsError(name, faults)
        self._filled = {self._names.index(column): "" for column in table.fill}
        place_of = {column: n for n, column in enumerate([*self._names, *made])}
        compiler = Compiler(table, self._missing, place_of, self._note_marks)
        self._source = compiler.source()
        self._converters = [
            compiler.rule(rule, self._vocabulary.classes[rule.kind], met)
            for rule, met in zip(table.events, self._met, strict=True)
        ]

    def _problem_of(self, column: str, counts: Counter[str]) -> str | None:
        count = counts[column]
        if count == 1:
            return None
        if count:
            return f"stands in the header {count} times: which one is meant?"
        # A single column of text almost always means a wrong delimiter.
        if len(self._names) < 2 and self._table.delimiter:
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
        cited: int | None = line
        if self._is_kept:
            match = _KEPT_LINE.match(row[-1]) if row else None
            cited = int(match[1]) if match else None
            row = [plain(cell) for cell in row[:-1]]
        if self._filled and len(row) == len(self._names) and any(map(str.strip, row)):
            for place, above in self._filled.items():
                row[place] = self._filled[place] = row[place].strip() or above
        events = self._events(cited or line, row, cited)
        self.lost += not events and len(self.ongoing) == before
        return events

    def _events(self, line: int, given: list[str], cited: int | None) -> list[Event]:
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
                event = self._event(rule, line, row, given, cited)
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
        """Yield the conditions that no cell fits, and columns that are read as text."""
        specs = [self._table.source, *(rule.fields for rule in self._table.events)]
        for name, spec in chain.from_iterable(fields.items() for fields in specs):
            if isinstance(spec, str) and spec in self._names:
                said = f"{name} is {shown(spec)} in all rows, as a column is called"
                yield f"{said}: write {{{spec}}} for what is in its cells"
        conditions = [
            (column, rule.where[column], met)
            for rule, by_column in zip(self._table.events, self._met, strict=True)
            for column, met in by_column.items()
        ]
        for column, expected, met in conditions:
            if not met or any(met.values()) or len(met) == MOST_MET:
                continue
            near = [get_close_matches(text, met, n=1, cutoff=0.5) for text in expected]
            close = next((matches[0] for matches in near if matches), None)
            examples = ", ".join(map(shown, [*met][:_MOST_CELLS]))
            remedy = (
                f"did you mean {shown(close)}?" if close else f"there are {examples}"
            )
            texts = " or ".join(map(shown, expected[:_MOST_CELLS]))
            yield f"no cell of {shown(column)} is {texts}, as where says: {remedy}"

    def cautions(self) -> Iterator[str]:
        """Yield what could be read in two ways: ends that are missing, and numbers."""
        for (kind, columns, text), count in self._endless.items():
            rows = counted(count, "row")
            problem = f"{kind}: {columns} is {shown(text) if text else 'empty'} in"
            meaning = "was read as ended, nobody knows when"
            remedy = f'write sentinels = {{ {json.dumps(text)} = "open" }} under until'
            yield (
                f"{problem} {rows}, and {meaning}: {remedy} if it goes on,"
                ' "censored" if it did when the data ended, "missing" if it has ended'
            )
        if self._without_line:
            rows = counted(
                self._without_line, "row does not tell its", "rows do not tell their"
            )
            verb = "is" if self._without_line == 1 else "are"
            yield f"{rows} line under {REASON!r}, and {verb} cited without one"
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
            problem = f"the row has {len(row)} cells and the header {len(self._names)}"
            return f"{problem}: quote a cell that has a delimiter in it"
        return None

    def _reject(
        self,
        line: int,
        reason: str,
        given: Row,
        rule: RowConverters | None = None,
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

    def _id_of(self, rule: RowConverters, row: Row) -> str | None:
        """Return the id of a row that is not read as a whole, or None."""
        key = rule.rule.key
        if rule.rule.id is not None:
            return rule.id(row, None)
        if not key or "when" in key:
            return None
        try:
            fields = make_fields(rule.specs, self._cells(row), self._missing)
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
        self, found: RowConverters, line: int, row: Row, given: Row, cited: int | None
    ) -> Event | None:
        """Return the event of a row; None if it had not happened."""
        rule = found.rule
        when, end = found.when(row, None)
        if isinstance(when, NoDate):
            if when is NoDate.MISSING:
                problem = f"{_columns(rule.when)} has no date: missing would give it"
                msg = f"{problem} bounds"
                raise CellError(msg)
            self._note_ongoing(line, rule, when, given, is_end=False)
            return None
        try:
            what = found.what(row, when)
        except Exception:  # a user's class may raise anything: this tells all faults
            what = self._vocabulary.build(rule.kind, self._fields(found, row, when))
        name = None
        if rule.id is not None:
            name = found.id(row, None)
        if rule.key:
            name = _key(rule, what, when)
        source, place = self._source(row, None)
        if cited is not None:
            place = f"{place}; line {line} of the table" if place else f"line {line}"
        event = Event(
            what,
            when=when,
            where=found.where(row, None) if rule.place else None,
            cite=source.at(place),
            id=name,
        )
        check_sayable(event)
        # Noted last, so that a row which is rejected is not noted as ongoing too.
        self._without_line += cited is None
        if end is NoDate.MISSING:
            text = found.blank(row, None)
            if text is not None:
                self._endless[rule.kind, _columns(rule.until[:1]), text] += 1
        elif isinstance(end, NoDate):
            self._note_ongoing(line, rule, end, given, is_end=True)
        return event

    def _fields(self, found: RowConverters, row: Row, when: Edtf) -> dict[str, object]:
        cells, missing = self._cells(row), self._missing
        try:
            return make_fields(found.specs, cells, missing, None)
        except DayNeededError:
            return make_fields(found.specs, cells, missing, days_of(when))


def reports(events: Iterable[Event]) -> Iterator[str]:
    """Yield a question if several sources may report one happening of some rows.

    Args:
        events: Those of the rows; what has an id was said to be one happening.
    """
    by_what: dict[object, list[Event]] = {}
    for event in events:
        if given_id(event) is None:
            by_what.setdefault(event.what, []).append(event)
    found = [
        (one, two)
        for same in by_what.values()
        for one, two in pairwise(sorted(same, key=lambda e: e.when.earliest_start))
        if one.when != two.when
        and two.when.earliest_start - one.when.latest_start <= _NEAR_DAYS
        and {cite.source for cite in one.cite} != {cite.source for cite in two.cite}
    ]
    if found:
        places = [cite.locator for event in found[0] for cite in event.cite]
        many = counted(
            len(found), "time two sources differ", "times two sources differ"
        )
        problem = f"{many} by at most {_NEAR_DAYS} days ({'; '.join(map(str, places))})"
        remedy = "then give both one id, as id = '{column}' does, else they count twice"
        yield f"{problem}: do they report one happening? {remedy}"


def _faults(table: Declaration, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield the faults of a declaration that no row can mend."""
    for number, rule in enumerate(table.events, 1):
        cls, place = vocabulary.classes[rule.kind], f"events[{number}]"
        yield from field_faults(rule.fields, cls, f"{place}.fields")
        yield from field_faults(rule.place, Place, f"{place}.place")


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


def header_names(heads: list[list[str]]) -> list[str]:
    """Return the names of the columns from one or several rows of header."""
    if not heads:
        return []
    heads = [[*head] for head in heads]
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


def _columns(several: tuple[Dates, ...]) -> str:
    return " or ".join(" ".join(dates.columns) for dates in several)
