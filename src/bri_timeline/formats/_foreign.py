"""Files from other programs: their lines, limited and decoded, and imports of them."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from attrs import evolve, field, frozen
from attrs.converters import optional

from bri_timeline import Answer, Event, EventLog
from bri_timeline.edtf import Bound, Edtf, to_edtf
from bri_timeline.errors import Fault, FaultsError, NothingReadError, counted, shown
from bri_timeline.extend import Day, given_id, one_line, to_day
from bri_timeline.formats._files import (
    LARGEST,
    LONGEST,
    SHORTEST,
    Progress,
    check_not_utf32,
    check_path,
    counting,
    most_unpacked,
    no_progress,
    opened,
    undecodable,
)


_PROBE = "a,\t;\"'\r\n0"


def check_encoding(encoding: str) -> str | None:
    """Return the problem of an encoding for delimited text, or None."""
    if is_wide(encoding):
        return None
    # Delimiters, quotes and line ends are searched as ASCII.
    try:
        suits = _PROBE.encode(encoding) == _PROBE.encode("ascii")
    except (LookupError, UnicodeError):
        return f"{encoding!r} is not a text encoding, such as 'utf-8'"
    if suits or encoding.lower().replace("_", "-") == "utf-8-sig":
        return None
    return f"{encoding!r} does not keep ASCII as it is: convert the file to UTF-8"


def is_wide(encoding: str) -> bool:
    """Check whether an encoding is UTF-16: its line ends are not single bytes."""
    return encoding.lower().replace("_", "-").startswith("utf-16")


def encoding_of(path: str | Path) -> str:
    """Return the encoding of a file: UTF-16 or UTF-8, or else cp1252.

    Args:
        path: The file, packed or not; all of it is read, at most 1 GiB.

    Raises:
        FaultsError: The packed file is damaged.
        OSError: The file cannot be read.
    """
    path = Path(path)
    with _opened(path) as (file, *_), _undamaged(path):
        decode = codecs.getincrementaldecoder("utf-8")().decode
        total, chunk = 0, file.read(LONGEST)
        check_not_utf32(chunk[:4], str(path))
        if chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        try:
            while chunk and total < LARGEST:
                decode(chunk)
                total, chunk = total + len(chunk), file.read(LONGEST)
            decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


@contextmanager
def _undamaged(path: Path) -> Iterator[None]:
    """Report a packed file that is damaged as a fault."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
        problem = f"is cut off or damaged ({error}): get it anew"
        raise FaultsError(str(path), [Fault("file", problem)]) from None


def lines(
    path: str | Path,
    encoding: str = "utf-8",
    *,
    largest: int = LARGEST,
    longest: int = LONGEST,
    progress: Progress = no_progress,
) -> Iterator[str]:
    """Yield the lines of a file, plain, `.gz`, or the one member of a `.zip`.

    Args:
        path: The file.
        encoding: The encoding of the file; a byte order mark of UTF-8 is removed.
        largest: The most bytes to read. A packed file is unpacked up to 8 MiB plus 64
            times its size, where a line counts as at least 64 bytes.
        longest: The most bytes of a line.
        progress: Called now and then with the number of lines read, and in the end.

    Raises:
        FaultsError: The file or a line is too long, the file is not in that encoding,
            or the packed file is damaged.
        OSError: The file cannot be read.
    """
    path = Path(path)
    with _opened(path) as (file, most, least), _undamaged(path):
        read = _wide if is_wide(encoding) else _bounded
        bounds = min(largest, most), longest, least
        yield from counting(read(file, str(path), encoding, bounds), progress)


def lines_of(text: str) -> Iterator[str]:
    """Return the lines of a text, split at line feeds only, as in a file.

    `str.splitlines()` would also split a cell at a form feed or at U+2028.

    Args:
        text: With or without a byte order mark.
    """
    return iter(io.StringIO(text.removeprefix("\ufeff"), newline="\n"))


def header_faults(heads: list[str], wanted: Iterable[str], of: str) -> list[Fault]:
    """Return the faults of a header: columns that are missing or repeated.

    Args:
        heads: The names of all columns.
        wanted: The columns that are needed.
        of: The data set that the table should come from.
    """
    counts = Counter(heads)
    missing = f"is it a table of {of}?"
    return [
        Fault("line 1", f"lacks the column {shown(name)}: {missing}")
        if not counts[name]
        else Fault("line 1", f"has the column {shown(name)} {counts[name]} times")
        for name in wanted
        if counts[name] != 1
    ]


def _bounded(
    file: IO[bytes], name: str, encoding: str, bounds: tuple[int, int, int]
) -> Iterator[str]:
    largest, longest, least = bounds
    count = number = 0
    # One byte more than allowed shows that a line is too long, without reading it all.
    while raw := file.readline(longest + 1):
        number += 1
        # Checked before decoding, so that an endless line is never held in memory.
        count += max(len(raw), least)
        if len(raw) > longest or count > largest:
            what, most = ("line", longest) if len(raw) > longest else ("file", largest)
            problem = f"the {what} has more than {most} bytes, which is all that is"
            remedy = ": unpack it first" if least and what == "file" else ""
            raise FaultsError(
                name, [Fault(f"line {number}", f"{problem} read{remedy}")]
            )
        bare = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        try:
            text = bare.decode(encoding)
        except UnicodeDecodeError as error:
            problem = (
                f"byte {bare[error.start]:#x} is not {encoding}: name the encoding of"
                " the file, such as 'cp1252' or 'mac_roman'"
            )
            raise FaultsError(name, [Fault(f"line {number}", problem)]) from None
        yield text


def _wide(
    file: IO[bytes], name: str, encoding: str, bounds: tuple[int, int, int]
) -> Iterator[str]:
    """Yield the lines of a file in UTF-16, within bounds."""
    largest, longest, _ = bounds
    total, text, number = 0, "", 1
    decode = codecs.getincrementaldecoder(encoding)().decode
    while raw := file.read(longest):
        total += len(raw)
        try:
            text += decode(raw)
        except UnicodeError as error:
            problem = undecodable(error, encoding)
            raise FaultsError(name, [Fault("file", problem)]) from None
        *whole, text = text.split("\n")
        for line in whole:
            yield f"{line}\n" if number > 1 else f"{line}\n".removeprefix("\ufeff")
            number += 1
        if len(text) > longest or total > largest:
            problem = "is too long: at most 1 GiB and 1 MiB a line are read"
            raise FaultsError(name, [Fault(f"line {number}", problem)])
    if text:
        yield text


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], int, int]]:
    """Open a file as `opened()` does, or the only member of a zip archive."""
    check_path(path)
    if path.suffix == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                # With several members it would be a guess which one is the table.
                if len(names) != 1:
                    problem = f"holds {len(names)} files: one is wanted, unpack it"
                    raise FaultsError(str(path), [Fault("file", problem)])
                with archive.open(names[0]) as member:
                    yield member, most_unpacked(path), SHORTEST
        except zipfile.BadZipFile as error:
            problem = f"is not a zip archive ({error}): get it anew"
            raise FaultsError(str(path), [Fault("file", problem)]) from None
    else:
        with opened(path) as parts:
            yield parts


def rows_of(
    text: Iterable[str], name: str, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of delimited text (RFC 4180), each with its first line.

    Args:
        text: Lines, with their ends.
        name: The name of the text in messages.
        delimiter: The character between cells.

    Raises:
        FaultsError: A quote is not closed, or a cell is too long.
    """
    # Without strict, csv silently accepts an open quote, and joins the rows after it.
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = (
                f"cannot be read: {error} (a quote that is not closed, or a file that"
                " is cut off)"
            )
            raise FaultsError(name, [Fault(f"line {first}", problem)]) from None
        yield first, row


# --- imports --------------------------------------------------------------------------

_SHOWN = 10
_MOST_REASONS = 6
_ALL_ALONG = (
    "they count as known all along, and a question by day of knowledge sees all of"
    " them; say when the data were published"
)
_NAMED = 5


@frozen
class Coverage:
    """The days that a data set covers; on other days, absence means nothing.

    >>> treaties = Coverage("1947/2018")
    >>> treaties.judged(Answer.NO, on="2017-12-31")
    Answer.NO
    >>> treaties.judged(Answer.NO, on="2021-06-30")
    Answer.MAYBE

    Args:
        period: The first and last day (EDTF). A month or year at either end covers all
            of its days. None if the data set does not state a period.
    """

    period: Edtf | None = field(default=None, converter=optional(to_edtf))

    def includes(self, day: Day) -> Answer:
        """Return whether a day is covered; MAYBE if the data set does not say.

        Args:
            day: A whole day.

        Raises:
            DayError: *day* is not a whole day.
        """
        number = to_day(day)
        period = self.period
        if period is None:
            return Answer.MAYBE
        first, last = period.first_day, period.last_day
        if (first is not None and number < first) or (
            last is not None and number > last
        ):
            return Answer.NO
        # An open end covers all days beyond it; an unknown end may cover none of them.
        ends = (period.earliest_bound, period.latest_bound)
        return Answer.MAYBE if Bound.UNKNOWN in ends else Answer.YES

    def judged(self, found: Answer, *, on: Day) -> Answer:
        """Return an answer from the data, with NO only where the data cover the day.

        Judge each part of a question first, and combine the answers then: a member is
        who joined and did not leave, and after the end of the data nobody knows who
        left.

        Args:
            found: The answer of the imported log about that day.
            on: The day.

        Returns:
            *found*, or MAYBE instead of NO for a day that is not certainly covered.

        Raises:
            DayError: *on* is not a whole day.
        """
        # A YES needs no coverage: something was recorded.
        covered = self.includes(on) is Answer.YES
        return Answer.MAYBE if found is Answer.NO and not covered else found


@frozen
class RejectedRow:
    """A row, or a rule for a row, that gave no event, with the reason.

    Args:
        line: The line of the file in which the row begins, from 1; of a row that was
            kept with its reason, the line of the table from which it was taken.
        reason: The reason.
        cells: The cells of the row.
        id: The id that its event would have, if that is known.
        left_out: The row is not wanted: it is empty, or no rule applies to it.
        head: The lines above the rows of its table, the header last, if it has a table
            of one's own: with them the row can be mended and read alone.
    """

    line: int
    reason: str
    cells: tuple[str, ...] = ()
    id: str | None = field(default=None, kw_only=True)
    left_out: bool = field(default=False, kw_only=True)
    head: tuple[tuple[str, ...], ...] = field(
        default=(), kw_only=True, eq=False, repr=False
    )

    def __str__(self) -> str:
        return one_line(f"line {self.line}: {self.reason}")


@frozen
class Imported:
    """The log read from a data set, with every row that was left out.

    Args:
        log: The claims of the rows, each with its citation.
        coverage: The days that the data cover.
        rows: The number of rows.
        rejected: The rows that could not be read as events.
        ongoing: The rows about something that had not ended: the end is open, or is
            only the end of the data.
        events: The number of distinct events in the log.
        repeated: The number of rows that repeat another row. They count once, and add a
            citation.
        cautions: Limits of the data, as sentences.
        lost: The number of rows that gave no event, and are about nothing that had not
            ended.
    """

    log: EventLog
    coverage: Coverage
    rows: int
    rejected: tuple[RejectedRow, ...] = ()
    ongoing: tuple[RejectedRow, ...] = ()
    events: int = field(default=0, kw_only=True)
    repeated: int = field(default=0, kw_only=True)
    cautions: tuple[str, ...] = field(default=(), kw_only=True)
    lost: int = field(default=0, kw_only=True)

    @property
    def reasons(self) -> dict[str, int]:
        """The reasons for rejected rows and their counts, the most frequent first."""
        return dict(Counter(row.reason for row in self.rejected).most_common())

    @property
    def unread(self) -> tuple[str | None, ...]:
        """The ids of rows that could not be read, for `revise()`; None if unknown."""
        return tuple(row.id for row in self.rejected if not row.left_out)

    @classmethod
    def without_events(cls, error: NothingReadError) -> Imported:
        """Return an import of which an error says that no row gives an event.

        Args:
            error: The error of the reader.
        """
        rejected = [row for row in error.rejected if isinstance(row, RejectedRow)]
        return cls(
            EventLog(),
            Coverage(),
            error.rows,
            tuple(rejected),
            cautions=error.cautions,
            lost=error.rows,
        )

    def as_release(self) -> Imported:
        """Return it without the caution about sources that have no day.

        `revise()` is told the day of publication, since which all of a release is
        known.
        """
        cautions = tuple(
            caution for caution in self.cautions if not caution.endswith(_ALL_ALONG)
        )
        return evolve(self, cautions=cautions)

    def __str__(self) -> str:
        period = self.coverage.period
        covered = "not stated" if period is None else period
        # What a declaration leaves out on purpose is no fault of a row.
        without = sum(row.left_out for row in self.rejected)
        counts = (
            f"{counted(self.events, 'event')},"
            f" {counted(len(self.rejected) - without, 'row')} rejected,"
            f"{f' {without:,} left out,' if without else ''}"
            f" {len(self.ongoing):,} still open"
        )
        rows = counted(self.rows, "row")
        lines = [f"{rows} (period covered: {covered}): {counts}"]
        # Said first: a log of the rest answers as if the others were not there.
        if self.lost * 2 > self.rows:
            lines.insert(0, f"{self.lost:,} of {self.rows:,} rows gave no event")
        if self.repeated:
            repeat = counted(self.repeated, "row repeats", "rows repeat")
            lines.append(f"  {repeat} what another says")
        reasons = list(self.reasons.items())
        lines += [
            one_line(f"  {counted(count, 'row')}: {why}")
            for why, count in reasons[:_SHOWN]
        ]
        if len(reasons) > _SHOWN:
            lines.append(f"  and {len(reasons) - _SHOWN} more reasons")
        lines += [f"  note: {caution}" for caution in self.cautions]
        return "\n".join(lines)


def imported(
    events: Sequence[Event],
    coverage: Edtf | str | None,
    rows: int,
    *,
    name: str,
    rejected: Sequence[RejectedRow] = (),
    ongoing: Iterable[RejectedRow] = (),
    repeated: int = 0,
    cautions: Sequence[str] = (),
    lost: int | None = None,
) -> Imported:
    """Return the result of an import, with the counts and the common cautions.

    Args:
        events: The claims of the rows.
        coverage: The days that the data cover.
        rows: The number of rows.
        rejected: The rows that gave no event.
        ongoing: The rows about something that had not ended.
        repeated: The number of rows merged before they became events.
        cautions: Limits of this kind of data, added to the common ones.
        name: The name of the file in messages.
        lost: The number of rows that gave nothing; by default all that are rejected.

    Raises:
        NothingReadError: There are rows, and all of them are rejected.
    """
    if rejected and not events and not ongoing:
        first = {row.reason: row for row in reversed(rejected)}
        faults = [
            Fault("file", f"no row gives an event: all {rows:,} are rejected"),
            *(Fault(f"line {row.line}", row.reason) for row in [*first.values()][::-1]),
        ]
        del faults[_MOST_REASONS:]
        noted = [Fault("note", caution) for caution in cautions]
        raise NothingReadError(name, [*faults, *noted], rows, rejected, cautions)
    # Equal content is one claim with more citations; equal keys are one happening.
    contents: set[Any] = {(given_id(e), e.what, e.when, e.where) for e in events}
    # Where rows have neither ids nor places, each content is a happening of its own.
    happenings: set[object] = contents
    if any(name is not None or where is not None for name, _, _, where in contents):
        happenings = {
            (what, when) if name is None else name for name, what, when, _ in contents
        }
    return Imported(
        log=EventLog().extend(events),
        coverage=Coverage(coverage),
        rows=rows,
        rejected=tuple(rejected),
        ongoing=tuple(ongoing),
        events=len(happenings),
        repeated=repeated + len(events) - len(contents),
        cautions=(*cautions, *_cautions(events, len(contents) - len(happenings))),
        lost=len(rejected) if lost is None else lost,
    )


def unknown_states(unknown: Counter[str]) -> tuple[str, ...]:
    """Return a caution about states that were not recognised, if there are any.

    Args:
        unknown: Their names in the data, with counts.
    """
    if not unknown:
        return ()
    most = unknown.most_common(_NAMED)
    named = ", ".join(f"{shown(name)} {count} times" for name, count in most)
    more = ", ..." if len(unknown) > _NAMED else ""
    names = f"{len(unknown)} names of states were not recognised ({named}{more})"
    return (
        f"{names}: who bears one is a party of its own; give ReadOptions(actors=...)",
    )


def _cautions(events: Sequence[Event], rivals: int) -> Iterable[str]:
    """Yield the cautions that apply to every import."""
    # Without this caution a `known_by=` query would look answered.
    undated = sum(event.known_day is None for event in events)
    if undated:
        named = f"{undated:,} of {len(events):,} claims rest on a source without a day"
        yield f"{named}: {_ALL_ALONG}"
    if rivals:
        yield (
            f"{counted(rivals, 'claim says', 'claims say')} more, less or other than"
            " another of the same id: the disputes of a view have those that contradict"
        )
