"""Files from other programs: their lines, limited and decoded, and their names."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

from bri_timeline._calendar import Day
from bri_timeline._events import Place
from bri_timeline._journal import Progress, no_progress
from bri_timeline.errors import EventError, Fault, FaultsError, one_line, shown
from bri_timeline.formats._files import SHORTEST, most_unpacked
from bri_timeline.relations import plain, states_called


__all__ = [
    "check_encoding",
    "encoding_of",
    "header_faults",
    "lines",
    "lines_of",
    "person_named",
    "plain",
    "rows_of",
    "slug",
    "state_named",
]


_LARGEST = 1 << 30
_LONGEST = 1 << 20
_BOM = b"\xef\xbb\xbf"
_STRIDE = 10_000
_PACKED = (".gz", ".zip")
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
    with _opened(path) as file, _undamaged(path):
        decode = codecs.getincrementaldecoder("utf-8")().decode
        total, chunk = 0, file.read(_LONGEST)
        if chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        try:
            while chunk and total < _LARGEST:
                decode(chunk)
                total, chunk = total + len(chunk), file.read(_LONGEST)
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
    largest: int = _LARGEST,
    longest: int = _LONGEST,
    progress: Progress = no_progress,
) -> Iterator[str]:
    """Yield the lines of a file, plain, `.gz`, or the one member of a `.zip`.

    Args:
        path: The file.
        encoding: The encoding of the file; a byte order mark of UTF-8 is removed.
        largest: The most bytes to read. A packed file is unpacked up to 8 MiB plus 64
            times its size, where a line counts as at least 64 bytes.
        longest: The most bytes of a line.
        progress: Called now and then with the number of lines read.

    Raises:
        FaultsError: The file or a line is too long, the file is not in that encoding,
            or the packed file is damaged.
        OSError: The file cannot be read.
    """
    path, least = Path(path), 0
    if path.suffix in _PACKED:
        largest, least = min(largest, most_unpacked(path)), SHORTEST
    most = largest, longest, least
    with _opened(path) as file, _undamaged(path):
        if is_wide(encoding):
            yield from _wide(file, str(path), encoding, most)
        else:
            yield from _bounded(file, str(path), encoding, most, progress)


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
    file: IO[bytes],
    name: str,
    encoding: str,
    bounds: tuple[int, int, int],
    progress: Progress,
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
        bare = raw.removeprefix(_BOM) if number == 1 else raw
        try:
            text = bare.decode(encoding)
        except UnicodeDecodeError as error:
            problem = (
                f"byte {bare[error.start]:#x} is not {encoding}: name the encoding of"
                " the file, such as 'cp1252' or 'mac_roman'"
            )
            raise FaultsError(name, [Fault(f"line {number}", problem)]) from None
        # A call for each line would take longer than reading it.
        if number % _STRIDE == 0:
            progress(number)
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
        except UnicodeDecodeError as error:
            problem = f"is not {encoding}: {error.reason}"
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
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, and unpack it."""
    if path.suffix == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                # With several members it would be a guess which one is the table.
                if len(names) != 1:
                    problem = f"holds {len(names)} files: one is wanted, unpack it"
                    raise FaultsError(str(path), [Fault("file", problem)])
                with archive.open(names[0]) as member:
                    yield member
        except zipfile.BadZipFile as error:
            problem = f"is not a zip archive ({error}): get it anew"
            raise FaultsError(str(path), [Fault("file", problem)]) from None
    elif path.suffix == ".gz":
        with gzip.open(path) as packed:
            yield cast("IO[bytes]", packed)
    else:
        with path.open("rb") as file:
            yield file


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


_MOST_REASONS = 10
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,30})?").fullmatch


class PlaceReader:
    """Reads the places of rows, and counts the coordinates that it leaves out."""

    def __init__(self) -> None:
        self._lost: Counter[str] = Counter()

    def read(
        self, name: str, latitude: str, longitude: str, precision: str | None = None
    ) -> Place | None:
        """Return the place of a row, if the row has one.

        Args:
            name: The name in the data.
            latitude: The latitude in the data, or an empty text.
            longitude: The longitude in the data, or an empty text.
            precision: What a point stands for.
        """
        found, problem = _place(name, latitude, longitude, precision)
        if problem is not None:
            self._lost[problem] += 1
        return found

    def cautions(self) -> tuple[str, ...]:
        """Return a caution for each reason why coordinates were left out."""
        return tuple(
            f"the coordinates of {count:,} rows are left out: they are {problem}"
            for problem, count in self._lost.most_common(_MOST_REASONS)
        )


# Rows repeat their places: a capital is the place of a hundred thousand.
@lru_cache(1 << 14)
def _place(
    name: str, latitude: str, longitude: str, precision: str | None
) -> tuple[Place | None, str | None]:
    """Return the place, and the reason why it lacks coordinates that the row has."""
    name = one_line(name.strip())
    alone = Place(name, precision=precision) if name else None
    given = latitude.strip(), longitude.strip()
    if not any(given):
        return alone, None
    if not all(map(_DEGREES, given)):
        return alone, f"{shown(', '.join(given))}, which are not two numbers of degrees"
    # Programs write zero for what they do not know; no report is of that ocean.
    if not any(map(float, given)):
        return alone, "0, 0, a point in the Atlantic that stands for none"
    degrees, more = map(float, given)
    try:
        return Place(name, degrees, more, precision), None
    except EventError:
        return alone, f"{', '.join(given)}, which is not a point on the earth"


def slug(prefix: str, name: str) -> str | None:
    """Return the id of a name, or None if letters would be lost.

    Args:
        prefix: The part before the colon.
        name: The name.
    """
    text = plain(name).replace(" ", "-")
    # A longer text is a sentence, not a name.
    words = text.split("-")
    fits = text.isascii() and text and len(words) <= 21
    if not fits or any(len(word) > 60 for word in words):
        return None
    return f"{prefix}:{text}"


def person_named(name: str) -> str | None:
    """Return the id of a person, or None if letters of the name would be lost.

    All readers and chronicles form the ids of people in this way, so that one person is
    one actor in all of them. An organisation gets such an id too, since the data do not
    mark which names belong to people.

    Args:
        name: A name such as `Ilham Aliyev`.
    """
    return slug("person", name)


def state_named(name: str, on: Day | None = None) -> str | None:
    """Return the id of the one state with this name, or None.

    Accents, case and punctuation are ignored; the match is otherwise exact.

    Args:
        name: The name.
        on: The day; without one, a name that ever meant two states means none, unless
            it is the short name of a state of today.
    """
    found = states_called(name, on)
    return found[0] if len(found) == 1 else None
