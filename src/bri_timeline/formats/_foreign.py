"""Lines of files that others wrote: bounded, decoded, unpacked."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from bri_timeline._journal import Progress, no_progress
from bri_timeline.errors import Fault, FaultsError, shown
from bri_timeline.formats._files import SHORTEST, most_unpacked


__all__ = [
    "check_encoding",
    "header_faults",
    "lines",
    "lines_of",
    "rows_of",
]


_LARGEST = 1 << 30
_LONGEST = 1 << 20
_BOM = b"\xef\xbb\xbf"
_STRIDE = 10_000
_PACKED = (".gz", ".zip")
_PROBE = "a,\t;\"'\r\n0"


def check_encoding(encoding: str) -> str | None:
    """Return what is wrong with the name of an encoding, or None."""
    try:
        suits = _PROBE.encode(encoding) == _PROBE.encode("ascii")
    except (LookupError, UnicodeError):
        return f"{encoding!r} is no encoding of text, such as 'utf-8'"
    if suits or encoding.lower().replace("_", "-") == "utf-8-sig":
        return None
    return f"{encoding!r} does not keep ASCII as it is: convert the file to UTF-8"


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
        encoding: In which it is; a byte order mark of UTF-8 is dropped.
        largest: How many bytes to read at most; of a packed file at most 64 times its
            size and 8 MiB, where a line counts as 64 bytes at least.
        longest: How many bytes a line has at most.
        progress: Called now and then with how many lines were read.

    Raises:
        FaultsError: It is too long, has too long a line, is not in that encoding, or
            is damaged where it is packed.
        OSError: It cannot be read.
    """
    path, least = Path(path), 0
    if path.suffix in _PACKED:
        largest, least = min(largest, most_unpacked(path)), SHORTEST
    most = largest, longest, least
    with _opened(path) as file:
        try:
            yield from _bounded(file, str(path), encoding, most, progress)
        except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
            problem = f"is cut off or damaged ({error}): get it anew"
            raise FaultsError(str(path), [Fault("file", problem)]) from None


def lines_of(text: str) -> Iterator[str]:
    """Return the lines of text as those of a file are: parted by line feeds alone.

    `str.splitlines()` breaks a cell at a form feed or at U+2028 too.

    Args:
        text: With or without a byte order mark.
    """
    return iter(io.StringIO(text.removeprefix("\ufeff"), newline="\n"))


def header_faults(heads: list[str], wanted: Iterable[str], of: str) -> list[Fault]:
    """Return what is wrong with a header: a column that is missing, or there twice.

    Args:
        heads: The names of all columns.
        wanted: Those that are read.
        of: What the table should be.
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
    while raw := file.readline(longest + 1):
        number += 1
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
        if number % _STRIDE == 0:
            progress(number)
        yield text


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked."""
    if path.suffix == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                if len(names) != 1:
                    problem = f"holds {len(names)} files: one is wanted, unpack it"
                    raise FaultsError(str(path), [Fault("file", problem)])
                with archive.open(names[0]) as member:
                    yield member
        except zipfile.BadZipFile as error:
            problem = f"is no zip archive ({error}): get it anew"
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
        name: What to call it in messages.
        delimiter: What stands between cells.

    Raises:
        FaultsError: A quote is not closed, or a cell is too long.
    """
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
