"""A declaration to begin with, drafted from the cells of a table."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain, islice
from typing import TypeAlias

from attrs import define, field, frozen

from bri_timeline import Vocabulary
from bri_timeline.edtf import years_meant
from bri_timeline.errors import (
    Fault,
    FaultsError,
    VocabularyError,
    shown,
)
from bri_timeline.extend import (
    PayloadField,
    members_of,
    payload_fields,
    state_names,
)
from bri_timeline.formats.tables._cells import HEAD
from bri_timeline.formats.tables._columns import (
    NOTHING,
    Column,
    DateColumns,
    dates_in,
    english_only,
    mark_in,
    near_state,
    scale_in,
    states_in,
)
from bri_timeline.relations import Money


Rows: TypeAlias = Iterator[tuple[int, list[str]]]

_MOST_ROWS = 5_000
# How like the name of a column is to that of a field, which the table may lack or not.
_ALIKE = 0.75
_LIKE = 0.6
_SHOWN = 8
# Words in the names of columns that say what a date or a number is.
_ENDS = "end enddate until to bis ende fin left ausgetreten expiry"
_TOLD = "published reported release stand gemeldet veroeffentlicht veröffentlicht told"
_SOURCES = "source publisher newspaper quelle zeitung agency told_by report url"
_TOTALS = "total totals sum subtotal summe gesamt insgesamt somme suma итого 合计 总计"
_CURRENCIES = "usd eur cny gbp jpy rub chf kzt azn gel uzs"
_PARTS = (("year", "jahr"), ("month", "monat"), ("day", "tag"))


@frozen
class Draft:
    """A declaration to begin with.

    Attributes:
        text: The declaration, in TOML, with comments.
        questions: The guesses and what could not be guessed, as sentences.
    """

    text: str
    questions: tuple[str, ...] = ()


@frozen
class OpenTable:
    """The form of a table, as it was found.

    Attributes:
        name: The name of the table.
        rows: Its rows, each with its line.
        said: The encoding, the delimiter and such, as in a declaration.
        questions: Remarks about them.
        place: The sheet of a workbook, in messages.
        others: The names of its other sheets that are not hidden.
        hidden: The names of those that are.
        merged: The merged cells: their first column, first row and last row, from 0.
    """

    name: str
    rows: Iterator[tuple[int, list[str]]]
    said: Mapping[str, str]
    questions: tuple[str, ...] = ()
    place: str = "table"
    others: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    merged: tuple[tuple[int, int, int], ...] = ()


def drafted(
    found: OpenTable,
    vocabulary: Vocabulary,
    kind: str | None = None,
    *,
    is_dated: bool = True,
) -> Draft:
    """Return a declaration of a table, drafted from its first 5,000 rows.

    Args:
        found: The table.
        vocabulary: The payload classes.
        kind: The kind of its events; by default the one that fits its columns best.
        is_dated: Whether it needs a column of dates; else all rows may have one date.

    Raises:
        FaultsError: It has no rows, or no column of dates that it needs.
        VocabularyError: The vocabulary has no such kind.
    """
    if kind is not None and kind not in vocabulary:
        problem = f"the vocabulary has no {shown(kind)}: it has {', '.join(vocabulary)}"
        raise VocabularyError(kind, problem)
    return _Drafter(found).draft(vocabulary, kind, is_dated=is_dated)


def header_of(rows: Rows) -> tuple[list[list[str]], list[str], Rows]:
    """Return what stands above the header of a table, the header, and the rows.

    Titles stand above a header in a cell or two: it is the first row that fills half
    of the cells.
    """
    head = [*islice(rows, HEAD)]
    filled = [sum(map(bool, map(str.strip, row))) for _, row in head]
    least = max(filled, default=0) / 2
    place = next((n for n, count in enumerate(filled) if count > least), 0)
    names = [name.strip() for _, row in head[place : place + 1] for name in row]
    return [row for _, row in head[:place]], names, chain(head[place + 1 :], rows)


class _Drafter:
    """Finds out what the columns of a table are.

    Args:
        found: The table.
    """

    def __init__(self, found: OpenTable) -> None:
        above, heads, below = header_of(found.rows)
        self.skip = len(above)
        cells = ([cell.strip() for cell in row] for _, row in islice(below, _MOST_ROWS))
        body = [row for row in cells if any(row)]
        if not body:
            problem = "has no rows below its header: is the file complete?"
            raise FaultsError(found.name, [Fault(found.place, problem)])
        self.found, self.count = found, len(body)
        self.questions = [*found.questions]
        counts = Counter(heads)
        if odd := [name for name, count in counts.items() if count > 1 or not name]:
            problem = "columns without a name, or with that of another, are not read"
            self.questions.append(f"{problem}: {_listed(odd)}")
        met = {cell for row in body for cell in row}
        self.missing = sorted(met & NOTHING)
        self.columns = [
            Column(name, Counter(row[n] for row in body if n < len(row)))
            for n, name in enumerate(heads)
            if name not in odd
        ]
        # For each column, how often a cell is there that says nothing.
        self.blanks = {
            column.name: {
                cell: count
                for cell in ("", *self.missing)
                if (count := column.cells.pop(cell, 0))
            }
            for column in self.columns
        }
        # A row is told from 1, and a merged cell from 0.
        merged = {
            column for column, row, last in found.merged if last > row > self.skip
        }
        self.fill = [heads[n] for n in sorted(merged) if n < len(heads)]
        for name in self.fill:
            problem = (
                f"{name}: cells are merged, and an empty one repeats the one above"
            )
            self.questions.append(f"{problem}, by fill: is that so of all?")
        self.dates = [*self._dates()]
        dated = {name for date_columns in self.dates for name in date_columns.columns}
        rest = [column for column in self.columns if column.name not in dated]
        self.states = {
            column.name: states for column in rest if (states := states_in(column))
        }
        rest = [column for column in rest if column.name not in self.states]
        self.numbers = {
            column.name: column for column in rest if mark_in(column) is not None
        }
        self.texts = [column for column in rest if column.name not in self.numbers]
        marks = {mark_in(column) for column in self.numbers.values()} - {""}
        self.mark = "," if marks == {","} else ""
        # Of two marks, each column has its own: one for all would make 12.500 of 12.5.
        self.own = {
            name
            for name, column in self.numbers.items()
            if not self.mark and mark_in(column) == ","
        }

    def _dates(self) -> Iterator[DateColumns]:
        """Yield the columns of dates, in their order."""
        by_part = [
            next((c.name for c in self.columns if c.has(" ".join(words))), None)
            for words in _PARTS
        ]
        parts = tuple(name for name in by_part if name)
        # A year and a month, in columns of their own: those are cells of one date.
        if all(by_part[:2]) and len({*parts}) == len(parts):
            named = next(column for column in self.columns if column.name == parts[1])
            month = "mm" if all(map(str.isdecimal, named.cells)) else "month"
            yield DateColumns(parts, " ".join(["yyyy", month, "dd"][: len(parts)]))
        else:
            parts = ()
        for column in self.columns:
            if column.name not in parts:
                date_columns = dates_in(column)
                if date_columns is not None:
                    yield date_columns

    def draft(
        self, vocabulary: Vocabulary, kind: str | None, *, is_dated: bool
    ) -> Draft:
        """Return the draft."""
        told = [d for d in self.dates if Column(d.columns[0]).has(_TOLD)]
        ends = [d for d in self.dates if Column(d.columns[0]).has(_ENDS)]
        begun = [d for d in self.dates if d not in (*told, *ends)] or [*self.dates]
        if not begun and is_dated:
            listing = _listed([column.name for column in self.columns])
            problem = f"no column has dates that are read: there are {listing}"
            remedy = "with a kind (--kind), one date is that of all rows"
            problem = "; ".join(filter(None, [problem, remedy, english_only()]))
            raise FaultsError(self.found.name, [Fault(self.found.place, problem)])
        guesses = [
            self._fields(name, vocabulary.classes[name])
            for name in ([kind] if kind is not None else vocabulary)
        ]
        guess, *others = sorted(guesses, key=lambda guess: -guess.score)
        guess.is_sure = guess.is_sure or not others
        if others:
            # All that follows depends on it.
            kinds = " or ".join(other.kind for other in others[:2])
            problem = f"is each row of the kind {guess.kind}, and not {kinds}? `facts`"
            remedy = "lists the kinds, and `init --kind KIND` drafts for one"
            self.questions.insert(0, f"{problem} {remedy}")
        self.questions += guess.questions
        text = "\n".join(self._lines(guess, begun, told, ends)) + "\n"
        unread = [cell for one in self.dates for cell in one.unread]
        unread += [cell for one in self.states.values() for cell in one.unread]
        if (unread or self.texts) and (problem := english_only()):
            self.questions.append(f"is anything in another language? {problem}")
        return Draft(text, tuple(self.questions))

    def _lines(
        self,
        guess: _Guess,
        begun: Sequence[DateColumns],
        told: Sequence[DateColumns],
        ends: Sequence[DateColumns],
    ) -> Iterator[str]:
        """Yield the lines of the declaration."""
        title = re.sub(r"\.[a-z0-9]+(\.gz)?$", "", self.found.name)
        dates = [*begun[:1], *ends[:1]]
        spoken = [*(state_column.language for state_column in self.states.values())]
        spoken += [date_columns.language for date_columns in dates]
        language = next(filter(None, spoken), "")
        yield f"# A draft of what a row of {self.found.name} means: mend it where it is"
        yield "# wrong. Kinds of facts and their fields: python -m bri_timeline facts"
        said = {"title": title, **self.found.said}
        said |= {"decimal": self.mark} if self.mark else {}
        said |= {"language": language} if language else {}
        yield from (f"{name} = {_quoted(text)}" for name, text in said.items())
        if self.skip:
            yield f"skip = {self.skip}"
        if self.missing:
            yield f"missing = {_quoted(['', *self.missing])}"
        if self.fill:
            yield f"fill = {_quoted(self.fill)}"
        sources = [column.name for column in self.texts if column.has(_SOURCES)]
        yield from ("", "[source]")
        yield f"title = {_quoted(f'{{{sources[0]}}}' if sources else title)}"
        if told:
            yield f"published = {_quoted(f'{{{told[0].columns[0]}}}')}"
        else:
            yield '# published = "2020-12-31"  # since when it is known; or "{column}"'
            self.questions.append("published: when was the table published?")
        kind = _quoted(guess.kind)
        # A kind that only the order of the columns speaks for would be read unseen.
        kind = kind if guess.is_sure else f'"..."  # is it {kind}?'
        yield from ("", "[[events]]", f"kind = {kind}")
        for name, date_columns in zip(("when", "until"), dates, strict=False):
            yield from self._when(name, date_columns, language)
        if not dates:
            yield from ("", "[events.when]", 'is = "..."')
            self.questions.append('which date is that of all rows, such as "[..2019]"?')
        yield from ("", "[events.fields]", *guess.lines)
        used = {*guess.used, *sources[:1]}
        used |= {
            name
            for date_columns in (*dates, *told[:1])
            for name in date_columns.columns
        }
        if rest := [c.name for c in self.columns if c.name not in used]:
            yield f"# Not used: {_listed(rest)}"
            problem = f"not used: {_listed(rest)}: is any a field of {guess.kind}?"
            self.questions.append(f"{problem} `facts {guess.kind}` lists them")

    def _when(self, name: str, found: DateColumns, language: str) -> Iterator[str]:
        yield from ("", f"[events.{name}]")
        yield f"columns = {_quoted(list(found.columns))}"
        yield f"format = {_quoted(found.format)}"
        if found.languages and language not in found.languages:
            yield f"language = {_quoted(found.language)}"
        if found.languages[1:] and language == found.language:
            several = " or ".join(found.languages)
            self.questions.append(f"language: is it {several}? all read the months")
        if name == "until":
            yield from self._endless(found.columns)
        if found.dates or found.unread:
            yield f"[events.{name}.dates]"
        for cell, meant in found.dates.items():
            yield f"{_quoted(cell)} = {_quoted(meant)}"
        for cell in found.unread:
            meant = " or ".join(map(_quoted, years_meant(cell))) or '"..."'
            yield f"# {_quoted(cell)} = {meant}"
        columns = " ".join(found.columns)
        if found.doubtful:
            problem = f"{columns}: is the month of {shown(found.doubtful)} first?"
            self.questions.append(f"{problem} then write mm before dd in its format")
        if found.firsts:
            problem = f"{columns}: {found.firsts:,} dates are the first of a month"
            remedy = 'where that stands for the month alone, write first = "month"'
            self.questions.append(f"{problem}: {remedy}")
        if found.unread:
            cells = _listed(found.unread)
            problem = f"{columns}: which dates are {cells}? say so under dates"
            or_open = "; or under sentinels, as missing, open (it lasts) or censored"
            self.questions.append(problem + or_open * (name == "until"))

    def _endless(self, columns: Sequence[str]) -> Iterator[str]:
        """Yield the line that says what an end is that is missing, if any are."""
        blanks = self.blanks[columns[0]]
        if blanks:
            # Columns of one date are missing together.
            texts = [" ".join([blank] * len(columns)).strip() for blank in blanks]
            meant = ", ".join(f'{_quoted(text)} = "open"' for text in texts)
            yield f"# sentinels = {{ {meant} }}"
            rows = f"{sum(blanks.values()):,} of {self.count:,} rows"
            problem = f"{' '.join(columns)}: {rows} have no end: do they last?"
            ended = "missing (they have ended, nobody knows when)"
            remedy = f"say so, as sentinels = {{ {meant} }}; or {ended} or censored"
            self.questions.append(f"{problem} {remedy} (they did when the data ended)")

    # --- fields -----------------------------------------------------------------------

    def _fields(self, kind: str, cls: type) -> _Guess:
        """Return the fields of a kind, as columns of the table."""
        guess = _Guess(kind)
        parts = payload_fields(cls)
        states = [*self.states]
        self._match(parts, guess)
        for name, part in parts.items():
            spec = self._field(name, part, states, guess)
            if spec is not None:
                guess.lines.append(f"{_key(name)} = {spec}")
        if guess.by_order:
            verb = (
                "were guessed by their" if guess.by_order[1:] else "was guessed by its"
            )
            taken = _listed([guess.columns[name] for name in guess.by_order])
            question = f"{' and '.join(guess.by_order)} {verb} order: is it {taken}?"
            guess.lines.append(f"# {question}")
            guess.questions.append(question)
        # Parties alone, in whatever columns, speak for no kind.
        guess.is_sure = bool(guess.columns) and not guess.by_order and not guess.gaps
        # A state that no field has says that the kind is another.
        guess.score -= sum(column not in guess.used for column in states)
        return guess

    def _match(self, parts: Mapping[str, PayloadField], guess: _Guess) -> None:
        """Choose a column for each field: by its name, else by the order of both."""
        if any(map(_takes_all, parts.values())):
            guess.used += self.states
        sources = {column.name for column in self.texts if column.has(_SOURCES)}
        # A field takes no column that has the name of a later one.
        for is_by_name in (True, False):
            for name, part in parts.items():
                if _takes_all(part) or name in guess.columns:
                    continue
                free = [one for one in self._columns_for(part) if one not in guess.used]
                column = _alike(name, free, _LIKE if part.required else _ALIKE)
                if not is_by_name:
                    # What is taken for the source is taken for more only at need.
                    free.sort(key=sources.__contains__)
                    free = [one for one in free if 2 * self._empty(one) <= self.count]
                    column = next(iter(free), None) if part.required else None
                if column is not None:
                    guess.columns[name] = column
                    guess.used.append(column)
                    guess.by_order += [name][is_by_name:]

    def _empty(self, column: str) -> int:
        return sum(self.blanks[column].values())

    def _columns_for(self, part: PayloadField) -> list[str]:
        """Return the columns that a field can be, in the order of the table."""
        if part.is_of_actors:
            return [*self.states]
        if part.is_number:
            return [*self.numbers]
        return [c.name for c in self.texts if not c.has(_ENDS)]

    def _field(
        self, name: str, part: PayloadField, states: Sequence[str], guess: _Guess
    ) -> str | None:
        """Return the declaration of a field in TOML; None to leave it out."""
        if _takes_all(part):
            guess.score += len(states) * 2 - 1 if len(states) > 1 else -3
            if len(states) == 1:
                problem = f"{guess.kind}.{name}: does one column have all?"
                remedy = 'add the id of who is in every row, such as "CHN"'
                guess.questions.append(f"{problem} if not, {remedy}")
                guess.gaps += 1
            return f"[{', '.join(self._state(state, guess) for state in states)}]"
        column = guess.columns.get(name)
        if column is not None:
            is_said = column in states or _alike(name, [column], _ALIKE) is not None
            guess.score += 2 if is_said else -1
            if part.is_of_actors:
                return self._state(column, guess)
            more = "" if part.required else ", optional = true"
            scale = scale_in(Column(column)) if part.is_number else None
            if scale is not None:
                problem = f"{column}: are its numbers in units of {scale:,}?"
                guess.questions.append(f"{problem} then write times = {scale}")
            return self._number(column, more)
        if Money in members_of(part.type):
            guess.lines += self._amount(name, guess)
        if not part.required:
            return None
        guess.score -= 3
        guess.gaps += 1
        problem = f"{guess.kind}.{name}: no column seems to hold it"
        guess.questions.append(problem)
        return '"..."'

    def _number(self, column: str, more: str) -> str:
        """Return a cell in TOML."""
        more = (', decimal = ","' if column in self.own else "") + more
        return f"{{ column = {_quoted(column)}{more} }}"

    def _amount(self, name: str, guess: _Guess) -> Iterator[str]:
        """Yield a line for a sum of money, if a column seems to have it."""
        for column in self.numbers:
            named = Column(column)
            scale, codes = scale_in(named), sorted(named.words & {*_CURRENCIES.split()})
            if column not in guess.used and (scale or codes):
                cell = self._number(column, f", times = {scale or 1}")
                money = f'amount = {cell}, currency = "{(*codes, "...")[0].upper()}"'
                line = f"{name} = {{ {money}, optional = true }}"
                yield f"# {line}"
                guess.questions.append(f"{column}: is it a sum? then write {line}")

    def _state(self, column: str, guess: _Guess) -> str:
        """Return a cell of states in TOML."""
        states = self.states[column]
        empty = self.blanks[column].get("", 0)
        if empty and column not in self.fill:
            problem = f"{column}: {empty:,} of {self.count:,} cells are empty"
            remedy = f"if they repeat the cell above, write fill = {_quoted([column])}"
            guess.questions.append(f"{problem}: {remedy}")
        for cell in states.unread:
            if Column(cell).has(_TOTALS):
                where = f"where_not = {{ {_quoted(column)} = {_quoted([cell])} }}"
                problem = f"{column}: is {shown(cell)} a sum of rows? then leave it out"
                guess.questions.append(f"{problem} by {where} under [[events]]")
        if unread := [c for c in states.unread if not Column(c).has(_TOTALS)]:
            near = {cell: near_state(cell, states.language) for cell in unread}
            pairs = (f"{_quoted(cell)} = {_quoted(near[cell])}" for cell in near)
            problem = f"{column}: which states are {_listed(unread)}?"
            remedy = f"say so, as codes = {{ {', '.join(pairs)} }}"
            guess.questions.append(f"{problem} {remedy}")
        return f"{{ column = {_quoted(column)}, as = {_quoted(states.kind)} }}"


@define
class _Guess:
    """The fields of a kind, as columns of a table.

    Attributes:
        kind: The kind.
        lines: Its fields in TOML.
        used: The columns.
        columns: The column of each field that has one.
        by_order: The fields whose column was not told by its name.
        questions: The guesses, as sentences.
        score: How well they fit.
        gaps: The number of required fields that no column seems to hold as a whole.
        is_sure: Every required field was told by the name of a column.
    """

    kind: str
    lines: list[str] = field(factory=list)
    used: list[str] = field(factory=list)
    columns: dict[str, str] = field(factory=dict)
    by_order: list[str] = field(factory=list)
    questions: list[str] = field(factory=list)
    score: int = 0
    gaps: int = 0
    is_sure: bool = False


def _takes_all(part: PayloadField) -> bool:
    """Check whether a field has every state of a row."""
    return part.is_of_actors and part.holds_several and part.required


def _alike(name: str, columns: Sequence[str], cutoff: float) -> str | None:
    """Return the column whose name is most like that of a field, or has its words."""
    words = name.replace("_", " ")
    plain = {state_names.plain(column): column for column in columns}
    near = get_close_matches(words, plain, n=1, cutoff=cutoff)
    if cutoff == _LIKE:
        near += [column for column in plain if {*words.split()} <= {*column.split()}]
    return plain[near[0]] if near else None


# --- text -----------------------------------------------------------------------------


def _listed(cells: Sequence[str]) -> str:
    more = ", ..." if len(cells) > _SHOWN else ""
    return ", ".join(map(shown, cells[:_SHOWN])) + more


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _quoted(name)


def _quoted(value: object) -> str:
    """Return text, or a list of texts, in TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
