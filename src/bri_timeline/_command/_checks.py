"""Check a file: `verify` that it is as written, and `doctor` for known problems."""

from __future__ import annotations

import platform
import re
import sqlite3
from argparse import ArgumentError, ArgumentParser, Namespace
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path

import attrs
from attrs import define, field

from bri_timeline import Contradiction, Entry, EventLog
from bri_timeline._command._kinds import (
    READ,
    existing_store,
    extension_line,
    index_problems,
    is_store,
    kind_of,
    read,
)
from bri_timeline._command._options import add_log, vocabulary_of
from bri_timeline._command._output import print_json, print_lines, report, showing
from bri_timeline._command._slips import (
    look_alike,
    shared_digests,
    split_claims,
    too_early,
    twins,
)
from bri_timeline._later import EXTRAS
from bri_timeline.answers import VerifyAnswer
from bri_timeline.edtf import in_words, never_years, years_meant, years_within
from bri_timeline.errors import EntryError, EventError, FaultsError, counted
from bri_timeline.extend import check_sayable, given_id, state_names
from bri_timeline.extensions import OURS, extension, others
from bri_timeline.pages import describe_event, view_of
from bri_timeline.stores import Head


_VERIFY_EXAMPLES = """\
examples:
  python -m bri_timeline verify visits.db
  python -m bri_timeline verify visits.db --head 24-8f0c...
  python -m bri_timeline verify visits.toml --strict

Every bit of a store is checked, and its head is printed. Keep the head elsewhere: only
a head shows that entries are missing at the end. Claims that contradict their reports,
disputes, and references to events that do not exist are listed; with --strict they
count as faults.
"""


_DAY = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{2})\.([0-9]{2})\.([0-9]{4})"
)
_NOTHING = frozenset({"NA", "N/A", "NaN", "nan", "NULL", "null", "None", "-", "."})
_OPEN = "9999"
_OTHER_MONTHS = 11
_LAST_MONTH, _LAST_SEASON = 12, 24
_LEAST = 5

# First days of a month that are three times as frequent as in the calendar are more
# than chance: they stand for "some day of that month".
_OFTEN = 3

# Events also cluster on elections and summits. Only five times the usual number on
# the last day shows that the day is the end of the data.
_GATHERED = 5
_CODE = re.compile("[A-Z]{2,3}")
_MOST_OTHERS, _LONGEST = 1_000, 40
_MOSTLY = 0.9
_SHOWN = 5


def add_verify(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `verify`."""
    parser.epilog = _VERIFY_EXAMPLES
    add_log(parser)
    parser.add_argument(
        "--head", metavar="HEAD", help="the head printed by an earlier verify"
    )
    parser.add_argument(
        "--strict", action="store_true", help="count what is listed as faults"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="the format of the answer",
    )
    parser.set_defaults(run=_run_verify)


def _run_verify(given: Namespace) -> int:
    """Check the file, and print the result."""
    kind = given.kind or kind_of(given.log, READ, "--from")
    vocabulary = vocabulary_of(given)
    # Other files have no hash chain, so a head would be ignored in silence.
    if given.head is not None and not is_store(kind):
        raise ArgumentError(None, f"--head is for a store, which {given.log} is not")
    verified_head: str | None = None
    if is_store(kind):
        head = _head(given.head)
        # A store is verified before it is read: a reader would trust its columns.
        with (
            extension("stores", kind)(existing_store(given.log), vocabulary) as store,
            showing(f"{given.log}, entry") as show,
        ):
            verified_head = str(store.verify(head, show))
    log = read(given.log, vocabulary, given.kind)
    if given.format == "text":
        if verified_head is not None:
            print_lines(f"{given.log}: unchanged; head {verified_head}")
        erased = sum(entry.is_erased for entry in log)
        gone = f", of which {erased:,} were erased" if erased else ""
        print_lines(f"{given.log}: {counted(len(log), 'entry', 'entries')}{gone}")
        count = reported(log)
    else:
        answer = _answer(verified_head, log)
        print_json(answer)
        count = sum(map(len, (answer.contradictions, answer.disputes, answer.dangling)))
    return 1 if count and given.strict else 0


def _answer(head: str | None, log: EventLog) -> VerifyAnswer:
    view = view_of(log)
    return VerifyAnswer(
        head=head,
        entries=len(log),
        erased=sum(entry.is_erased for entry in log),
        contradictions=tuple(log.contradictions()),
        disputes=tuple(view.disputes),
        dangling=tuple(view.dangling),
    )


def _head(text: str | None) -> Head | None:
    try:
        return None if text is None else Head.of(text)
    except EntryError as error:
        raise ArgumentError(None, f"--head: {error}") from None


def reported(log: EventLog) -> int:
    """Report contradictions, disputes and dangling references; return their number."""
    view = view_of(log)
    disputes = [
        f"{dispute.id}: "
        + " or ".join(
            f"{describe_event(e)} ({in_words(e.when)})" for e in dispute.claims
        )
        for dispute in view.disputes
    ]
    # A dispute may be one of these too: an earlier report that the thing has happened
    # speaks against a later date, whatever the policy takes.
    disputed = {dispute.id for dispute in view.disputes}
    later = [
        f"{one}; the two differ, see below" if _ids(one) & disputed else str(one)
        for one in log.contradictions()
    ]
    count = report("claims dated after it was reported to have happened", later)
    count += report("happenings of which claims differ", disputes)
    return count + report("references that lead nowhere", view.dangling)


def _ids(found: Contradiction) -> set[str]:
    """Return the id of what two claims contradict each other about."""
    events = [entry.event for entry in found.claims] if len(found.claims) > 1 else []
    return {event.id for event in events if event is not None}


@define
class _DayCounts:
    """Counts of whole days, and of days that stand for an open end."""

    counts: Counter[date] = field(factory=Counter)
    open: int = 0

    def meet(self, text: str) -> None:
        match = _DAY.fullmatch(text)
        if match is None:
            return
        year, day = match[1] or match[6], match[3] or match[4]
        # The year 9999 stands for an open end in many tables; it is not a date.
        if year == _OPEN:
            self.open += 1
            return
        try:
            self.counts[date(int(year), int(match[2] or match[5]), int(day))] += 1
        except ValueError:
            return

    def problems(self, where: str) -> Iterator[str]:
        """Yield a question for each problem of these days."""
        count = self.counts.total()
        firsts = sum(n for day, n in self.counts.items() if day.day == 1)
        if firsts >= _LEAST and firsts > count * _OFTEN * self._expected():
            problem = f"{where}: {firsts:,} of {count:,} days are the first of a"
            remedy = "write the month alone where the day is not known"
            yield f'{problem} month: {remedy} (of a table, by first = "month")'
        if self.open:
            problem = f"{where}: {self.open:,} days lie in the year 9999"
            yield f"{problem}: do they mean an open end?"
        if self.counts:
            yield from self._gathered(where)

    def _expected(self) -> float:
        """Return the share of days in their span that are the first of a month."""
        first, last = min(self.counts), max(self.counts)
        months = (last.year - first.year) * 12 + last.month - first.month
        return (months + (first.day == 1)) / ((last - first).days + 1)

    def _gathered(self, where: str) -> Iterator[str]:
        """Yield a question if the last day seems to be the end of the data."""
        last = max(self.counts)
        count, rest = self.counts[last], len(self.counts) - 1
        usual = (self.counts.total() - count) / rest if rest >= _LEAST else count
        if count >= _LEAST and count > _GATHERED * usual:
            problem = f"{where}: {count:,} days are {last}, the last of all"
            yield f"{problem}: is that the end of the data, and not of what is dated?"


@define
class _Years:
    """Dates that EDTF reads as a month or a season, and that may be two years.

    Args:
        are_edtf: They are of a log, in which spring to winter are written as 21 to 24;
            else they are cells of a table.
    """

    are_edtf: bool = False
    rare: list[str] = field(factory=list)
    seasons: list[str] = field(factory=list)
    following: list[str] = field(factory=list)
    later: list[str] = field(factory=list)
    other: int = 0

    def meet(self, text: str) -> None:
        for part, first, last in years_within(text):
            if last is None:
                self.other += 1
            elif int(last) == int(first) + 1:
                self.following.append(part)
            elif int(part[-2:]) > _LAST_SEASON:
                self.rare.append(part)
            elif int(part[-2:]) > _LAST_MONTH:
                self.seasons.append(part)
            else:
                self.later.append(part)

    def problems(self, where: str) -> Iterator[str]:
        """Yield a question if some of these dates may be two years."""
        # In 2001-05 and 2003-10 the second number is the greater by chance: where it is
        # not so in all dates, these are months. In 2011-12 it is the next year.
        # A log has 2010-22 for a summer, unless others of its dates are like 1938-39.
        dates = self.rare + self.following
        # One month of twelve is that of the next year, by chance.
        months = self.other + len(self.later)
        is_chance = months >= _OTHER_MONTHS * len(self.following) and not self.rare
        dates = [] if self.are_edtf and is_chance else dates
        dates += self.seasons if dates or not self.are_edtf else []
        dates += [] if self.other else self.later
        if dates:
            count, years = len(dates), " or ".join(years_meant(dates[0]))
            noun = "date" if count == 1 else "dates"
            problem = f"{where}: {count:,} {noun} such as {dates[0]} may be two years"
            alone = (
                f" ({never_years(dates[0])} is never years)" if self.are_edtf else ""
            )
            yield f"{problem}: is {years} meant?{alone}"


def log_problems(log: Collection[Entry]) -> Iterator[str]:
    """Yield a question for each known problem of the entries of a log."""
    days, ends, years, missing = (
        _DayCounts(),
        _DayCounts(),
        _Years(are_edtf=True),
        Counter[str](),
    )
    unsourced, undated = [], []
    for entry in log:
        if entry.event is None:
            continue
        years.meet(str(entry.event.when))
        start, _, end = str(entry.event.when).partition("/")
        days.meet(start)
        ends.meet(end)
        missing.update(_missing(entry.event.what))
        try:
            check_sayable(entry.event)
        except EventError as error:
            yield f"entry {entry.position}: {error}"
        if not entry.event.cite:
            unsourced.append(entry)
        elif entry.known_day is None:
            undated.append(entry)
    yield from days.problems("when it happened")
    yield from ends.problems("when it ended")
    yield from years.problems("dates")
    yield from _alike(log)
    yield from look_alike(log)
    for name, count in missing.items():
        yield f"{name}: {count:,} times a value that often means missing, such as NA"
    if unsourced:
        yield f"{_entries(unsourced)} without a source: who says so?"
    if undated:
        problem = f"{_entries(undated)} with sources of which none is dated"
        yield f"{problem}: they count as known all along"
    yield from too_early(log)


def _alike(log: Collection[Entry]) -> Iterator[str]:
    """Yield a question for what one source says in several places, and counts once."""
    gone = {target for e in log for target in (e.retracts, e.supersedes)}
    by_content = dict[object, list[Entry]]()
    for entry in log:
        event = entry.event
        # What has an id was said to be one. Of a correction, the original is told.
        if event is None or given_id(event) is not None or entry.position in gone:
            continue
        for source in {cite.source for cite in event.cite}:
            alike = event.what, event.when, event.where, source
            by_content.setdefault(alike, []).append(entry)
    for entries in by_content.values():
        if len(entries) > 1:
            what = describe_event(entries[0].claim)
            problem = f"{_entries(entries)} of one source: {what}"
            yield f"{problem}, counts once: are they several? give each an id"


def _missing(what: object) -> Iterator[str]:
    cls: type = type(what)
    for part in attrs.fields(cls) if attrs.has(cls) else ():
        value = getattr(what, part.name)
        if isinstance(value, str) and value.strip() in _NOTHING:
            yield f"{cls.__name__}.{part.name}"


def _entries(found: list[Entry]) -> str:
    first = ", ".join(str(entry.position) for entry in found[:3])
    more = ", ..." if len(found) > 3 else ""
    noun = "entry" if len(found) == 1 else "entries"
    return f"{len(found):,} {noun} ({first}{more})"


@define
class _ColumnCounts:
    """Counts of the days, missing values and codes in a column of a table."""

    days: _DayCounts = field(factory=_DayCounts)
    years: _Years = field(factory=_Years)
    missing: Counter[str] = field(factory=Counter)
    codes: Counter[str] = field(factory=Counter)
    count: int = 0
    empty: int = 0

    def meet(self, cell: str) -> None:
        self.count += 1
        self.empty += not cell
        self.days.meet(cell)
        if len(cell) == len("1938-39"):
            self.years.meet(cell)
        # Beside codes, some of what else there is: a column of codes should have none.
        if _CODE.fullmatch(cell) or (cell and len(self.codes) < _MOST_OTHERS):
            self.codes[cell[:_LONGEST]] += 1
        if cell in _NOTHING:
            self.missing[cell] += 1

    def problems(self, where: str) -> Iterator[str]:
        """Yield a question for each problem of the column."""
        yield from self.days.problems(where)
        yield from self.years.problems(where)
        for cell, count in self.missing.items():
            problem = f"{where}: {count:,} cells say {cell!r}"
            hint = ", which is Namibia in codes of two letters" if cell == "NA" else ""
            yield f"{problem}: is that nothing{hint}?"
        known_codes = {
            # A column of NA, for nothing, is no list of states with Namibia alone.
            2: frozenset(state.alpha2 for state in state_names.states().values())
            - _NOTHING,
            3: frozenset(state_names.states()),
        }
        for letters, known in known_codes.items():
            codes = {
                code: count
                for code, count in self.codes.items()
                if len(code) == letters and _CODE.fullmatch(code)
            }
            placed = sum(n for code, n in codes.items() if code in known)
            filled = self.count - self.empty
            # A column of other short words, such as "YES", must not be taken for codes.
            if placed >= _LEAST and placed >= _MOSTLY * filled:
                yield from self._codes(where, codes, known)

    def _codes(
        self, where: str, codes: dict[str, int], known: frozenset[str]
    ) -> Iterator[str]:
        """Yield a question for each problem of a column of country codes."""
        if 0 < self.empty <= max(1, self.count // 10):
            problem = f"{where}: {self.empty:,} of {self.count:,} codes of states"
            yield f"{problem} are missing: which are they?"
        usual = known | _NOTHING
        strange = [code for code, _ in self.codes.most_common() if code not in usual]
        if strange:
            problem = f"{where}: {_listed(strange)} not in ISO 3166-1"
            yield f"{problem}: which states are meant?"
        doubled = [code for code, count in codes.items() if count > 1]
        # Codes that mostly repeat are data; a rare repetition may be a wrong code.
        if doubled and len(doubled) <= max(1, len(codes) // 10):
            problem = (
                f"{where}: {_listed(doubled)} there more than once, other codes once"
            )
            yield f"{problem}: is one of them another state?"


def _listed(codes: list[str]) -> str:
    more = f" and {len(codes) - _SHOWN:,} more" if len(codes) > _SHOWN else ""
    verb = "are" if len(codes) > 1 else "is"
    return f"{', '.join(map(repr, codes[:_SHOWN]))}{more} {verb}"


def table_problems(path: Path) -> Iterator[str]:
    """Yield a question for each known problem of a table.

    Args:
        path: The table, with a header, as text or as a workbook.

    Raises:
        FaultsError: The file is not a table.
    """
    # Other verbs need no reader of tables.
    from bri_timeline.formats import tables

    first = tables.open_table(path)
    others = (tables.open_table(path, one) for one in first.others)
    for found in chain([first], others):
        place = f"{found.place}, " if found.others else ""
        yield from _problems_of(place, *tables.header_of(found.rows)[1:])


def _problems_of(
    place: str, header: list[str], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[str]:
    """Yield a question for each known problem of a table, or of one of its sheets."""
    # One pass with counters only: tables may be larger than memory.
    columns = [_ColumnCounts() for _ in header]
    count = widths = 0
    for row in (cells for _, cells in rows if any(cells)):
        count += 1
        widths += len(row) != len(header)
        for column, cell in zip(columns, row, strict=False):
            column.meet(cell.strip())
    # Of several sheets, some may hold a note.
    if not count and not place:
        yield "it has no rows below its header: is the file complete?"
    for name, column in zip(header, columns, strict=True):
        yield from column.problems(f"{place}column {name!r}")
    if widths:
        yield f"{place}{widths:,} rows are not as wide as the header"


_DOCTOR_EXAMPLES = """\
examples:
  python -m bri_timeline doctor
  python -m bri_timeline doctor visits.toml
  python -m bri_timeline doctor members.csv

It checks a log, or any table in CSV, for the known problems of its format: days that
are only the first of a month, NA, dates that mean "open" or "end of the data", claims
without a source, and claims dated after a report of them. These are questions to check,
not faults; with --strict they count as faults.
"""
_CORE = ("attrs", "msgspec", "pendulum")
_SOUND = (3, 51, 3)


def add_doctor(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `doctor`."""
    parser.epilog = _DOCTOR_EXAMPLES
    add_log(parser, optional=True)
    parser.add_argument(
        "--strict", action="store_true", help="count problems as faults"
    )
    parser.set_defaults(run=_run_doctor)


def _run_doctor(given: Namespace) -> int:
    """List what is installed, or the problems of a file."""
    if given.log is None:
        print_lines(*_installed())
        return 0
    problem_count = _examined(given.log, given)
    if not problem_count:
        print_lines(f"{given.log}: no problems were found")
    return 1 if problem_count and given.strict else 0


def _installed() -> list[str]:
    lines = [
        f"bri_timeline  {_version('bri-timeline') or 'not installed'}",
        f"Python        {platform.python_version()} ({platform.system()})",
        *(f"{name:<12}  {_version(name)}" for name in _CORE),
        f"SQLite        {sqlite3.sqlite_version}",
    ]
    # SQLite fixed the bug in this version; stores avoid it, other programs do not.
    if sqlite3.sqlite_version_info < _SOUND:
        lines += [
            "              has the WAL reset bug of SQLite up to 3.51.2, by which a",
            "              checkpoint can lose what was written: stores avoid it by",
            "              checkpoints of their own; other programs must not write",
        ]
    lines += ["", "extras"]
    for extra, packages in EXTRAS.items():
        name = next(iter(packages))
        number = _version(name)
        named = " ".join(f"'{requirement}'" for requirement in packages.values())
        how = f"not installed: python -m pip install {named}"
        lines.append(f"{extra:<12}  {f'{name} {number}' if number else how}")
    found = [extension_line(*one) for one in others(*OURS)]
    return [*lines, *(["", "extensions", *found] if found else [])]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _examined(path: Path, given: Namespace) -> int:
    # Other verbs need no reader of tables.
    from bri_timeline.formats import tables

    if tables.is_workbook(path):
        return _examined_table(path)
    kind = given.kind or kind_of(path, READ, "--from")
    try:
        log = read(path, vocabulary_of(given), kind)
    except FaultsError:
        # A CSV file need not be a log: any table may be checked before its import.
        if kind != "csv":
            raise
        print_lines(f"{path}: not a log, therefore it is checked as a table")
        return _examined_table(path)
    print_lines(f"{path}: {counted(len(log), 'entry', 'entries')}")
    problems = [*log_problems([*log]), *twins(log), *split_claims(log)]
    problems += shared_digests(log)
    if is_store(kind):
        problems += index_problems(given.log, kind, vocabulary_of(given))
    return report("questions to put to it", problems) + reported(log)


def _examined_table(path: Path) -> int:
    count = report("questions to put to it", table_problems(path))
    print_lines(
        f"{path}: looked at days, ranges of years, missing values, codes of states and"
        " widths of rows; not at dates in words and names of states",
        f"{path}: `init {path}` drafts a declaration, by which it is imported, and asks"
        " about these",
    )
    return count
