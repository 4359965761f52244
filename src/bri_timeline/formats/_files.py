"""Files, read line by line within limits; and what is lost of a log that is written."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal, InvalidOperation
from functools import wraps
from inspect import Signature, signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Concatenate, ParamSpec, TypeVar, cast

import msgspec
from attrs import define, field, frozen

from bri_timeline import Entry, EventLog
from bri_timeline.errors import Fault, FaultsError, SelectionError, shown
from bri_timeline.extend import (
    escaped,
    is_too_deep,
    one_line,
    renumbered,
    require_log,
    require_vocabulary,
    url_problem,
)


A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")
LARGEST = 1 << 30
LONGEST = 1 << 20
# A small gzip file can unpack to a thousand times its size, so the unpacked size is
# limited relative to the packed size. Each line counts as SHORTEST bytes at least:
# a file of empty lines costs time too.
SHORTEST = 64
_RATIO = 64
_FREE = 1 << 23
_MOST = 1000
_GZIP = b"\x1f\x8b"
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)

Progress = Callable[[int], object]
_STRIDE = 1000


def no_progress(_done: int) -> None:
    """Ignore progress: the default of functions that report it."""


def counting(items: Iterable[T], progress: Progress) -> Iterator[T]:
    """Yield items, and tell their number: of each thousand, and in the end."""
    done = 0
    for done, item in enumerate(items, 1):
        # A call for each of them would take longer than to read some.
        if done % _STRIDE == 0:
            progress(done)
        yield item
    if done % _STRIDE:
        progress(done)


@define
class Faults:
    """The faults of a document, in the order in which they were found.

    Args:
        document: The name of the document in messages.
    """

    document: str
    found: list[Fault] = field(factory=list)

    def add(self, place: str, problem: object) -> None:
        """Add a fault.

        Raises:
            FaultsError: It is the thousandth fault; reading stops there.
        """
        self.found.append(Fault(place, str(problem)))
        if len(self.found) == _MOST:
            self.found.append(Fault(place, "was the last line that was read"))
            self.check()

    def merge(self, place: str, error: FaultsError) -> None:
        """Add the faults of one line, each with its field."""
        for fault in error.faults:
            inner = "" if fault.place == error.document else f": {fault.place}"
            self.add(place + inner, fault.problem)

    def check(self) -> None:
        """Check that the document has no faults.

        Raises:
            FaultsError: It has.
        """
        if self.found:
            raise FaultsError(self.document, self.found)


def lines(path: Path, faults: Faults) -> Generator[tuple[int, bytes], None, None]:
    """Yield the lines of a file, with their numbers from 1.

    A byte order mark is removed, and gzip is unpacked.

    Args:
        path: At most 1 GiB and 1 MiB a line. A gzip file is unpacked up to 8 MiB plus
            64 times its size, where a line counts as at least 64 bytes.
        faults: Takes lines that are too long, and damage.

    Raises:
        FaultsError: The file is too large.
        OSError: It cannot be read.
    """
    # Checked before opening, so that a huge file costs nothing.
    check_size(path)
    number = total = 0
    with opened(path) as (file, most, least):
        while line := _next(file, number + 1, faults):
            number += 1
            total += max(len(line), least)
            if total > most:
                problem = f"is past the first {most} bytes, which are all that is read"
                remedy = "unpack the file first" if least else "split the file"
                faults.add(f"line {number}", f"{problem}: {remedy}")
                return
            bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            wide = (name for mark, name in _WIDE.items() if bare.startswith(mark))
            if number == 1 and (name := next(wide, None)):
                faults.add("line 1", f"is in {name}: save the file in UTF-8")
                return
            # The rest of a long line is skipped, so that later faults are still found.
            if len(bare.rstrip(b"\r\n")) > LONGEST:
                total += _skip(file, line, most)
                problem = f"is longer than {LONGEST} bytes, which is all that is read"
                faults.add(f"line {number}", problem)
            else:
                yield number, bare


def _next(file: BinaryIO, number: int, faults: Faults) -> bytes:
    try:
        return file.readline(LONGEST + 3)
    except _DAMAGED:
        problem = "cannot be unpacked: the gzip file is damaged or cut off"
        faults.add(f"line {number}", problem)
        return b""


def _skip(file: BinaryIO, line: bytes, most: int) -> int:
    """Skip the rest of a line, and return its number of bytes."""
    skipped = 0
    with suppress(*_DAMAGED):
        while line and not line.endswith(b"\n") and skipped < most:
            line = file.readline(LONGEST)
            skipped += len(line)
    return skipped


def check_path(path: Path) -> None:
    """Check that a file to be read is one of this machine.

    Raises:
        FaultsError: It is a URL.
    """
    if problem := url_problem(path):
        raise FaultsError(str(path), [Fault("file", problem)])


def check_not_utf32(begin: bytes, name: str) -> None:
    """Check that a file does not begin with the mark of UTF-32.

    Args:
        begin: Its first four bytes.
        name: Its name in messages.

    Raises:
        FaultsError: It does.
    """
    if begin in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        problem = "is in UTF-32: save the file in UTF-8"
        raise FaultsError(name, [Fault("file", problem)])


def undecodable(error: UnicodeError, encoding: str) -> str:
    """Return the problem of bytes that are not in an encoding.

    Args:
        error: The error of the codec.
        encoding: The encoding.
    """
    # UTF-16 of either order of bytes begins with a mark; Pythons tell it differently.
    is_wide = encoding.lower().startswith(("utf-16", "utf_16"))
    if isinstance(error, UnicodeDecodeError) and not is_wide:
        return f"byte {error.start} is not {encoding}: name the encoding"
    return f"is not {encoding}: {error}; write 'utf-16-le' or 'utf-16-be'"


def check_size(path: Path) -> int:
    """Return the number of bytes of a file of this machine.

    Raises:
        FaultsError: It is a URL, or too large.
        OSError: It cannot be read.
    """
    check_path(path)
    size = path.stat().st_size
    if size > LARGEST:
        problem = f"has {size} bytes: at most {LARGEST} are read"
        raise FaultsError(str(path), [Fault("file", problem)])
    return size


def most_unpacked(path: Path) -> int:
    """Return how many unpacked bytes of a packed file are read at most."""
    return min(LARGEST, _FREE + _RATIO * path.stat().st_size)


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int, int]]:
    """Yield a file, its size limit, and the least size that a line counts as."""
    with path.open("rb") as file:
        if file.peek(2)[:2] == _GZIP:
            with gzip.open(file) as unpacked:
                yield cast("BinaryIO", unpacked), most_unpacked(path), SHORTEST
        else:
            yield file, LARGEST, 0


def read(path: Path) -> str:
    """Return the text of a file.

    Args:
        path: In UTF-8, with or without a byte order mark, at most 1 GiB.

    Raises:
        FaultsError: The file is too large, or in another encoding.
        OSError: The file cannot be read.
    """
    check_size(path)
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = "is not in UTF-8: save the file in that encoding"
        raise FaultsError(str(path), [Fault(f"line {line}", problem)]) from None


def read_json(path: Path, *, exact: bool = False) -> object:
    """Return the content of a JSON file; numbers with a point become floats.

    Args:
        path: In UTF-8, at most 1 GiB, and 64 levels deep.
        exact: Numbers with a point become decimals.

    Raises:
        FaultsError: The file is too large or too deep, in another encoding, or not
            JSON.
        OSError: The file cannot be read.
    """
    text = read(path)
    data = text.encode()
    try:
        if not is_too_deep(data):
            hook = exact_number if exact else None
            return msgspec.json.Decoder(float_hook=hook).decode(data)
        problem = "is nested more than 64 levels deep"
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        problem = f"is not JSON: {error}"
    raise FaultsError(str(path), [Fault("file", problem)])


def exact_number(text: str) -> Decimal:
    """Return a number of JSON or TOML with all of its digits.

    Raises:
        ValueError: Its exponent is too large for one.
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        msg = f"the number {shown(text)} is too large"
        raise ValueError(msg) from None


def texts(given: Iterable[str]) -> frozenset[str]:
    """Return several texts.

    Raises:
        SelectionError: They are one text, of which each letter would be taken for one.
    """
    return frozenset(in_turn(given))


def in_turn(given: Iterable[str]) -> tuple[str, ...]:
    """Return several texts in their order; otherwise as `texts()`."""
    if isinstance(given, str):
        problem = f"is one text, and several are expected: write [{shown(given)}]"
        raise SelectionError(given, problem)
    return tuple(given)


def to_text(
    dump: Callable[Concatenate[A, str | Path, P], object],
) -> Callable[[Callable[[str], str]], Callable[Concatenate[A, P], str]]:
    """Return a decorator that makes `dumps()` of a format.

    It gives what `dump()` writes to a file to the function that is decorated.
    """
    taken, write = signature(dump), cast("Callable[..., object]", dump)
    kept = [one for name, one in taken.parameters.items() if name != "path"]
    known = taken.replace(parameters=kept, return_annotation="str")

    def decorate(function: Callable[[str], str]) -> Callable[Concatenate[A, P], str]:
        @wraps(function)
        def dumps(*given: Any, **named: Any) -> str:
            stated = known.bind(*given, **named).arguments
            with TemporaryDirectory() as folder:
                path = Path(folder) / "text"
                write(path=path, **stated)
                return function(path.read_bytes().decode())

        found: Callable[Concatenate[A, P], str] = _taking(dumps, known)
        return found

    return decorate


def from_text(
    load: Callable[Concatenate[str | Path, P], T],
) -> Callable[[Callable[[T], T]], Callable[Concatenate[str, P], T]]:
    """Return a decorator that makes `loads()` of a format.

    It gives what `load()` reads from a file with this text to the function that is
    decorated.
    """
    taken, read = signature(load), cast("Callable[..., T]", load)
    path, *rest = taken.parameters.values()
    text = path.replace(name="text", annotation="str")
    known = taken.replace(parameters=[text, *rest])

    def decorate(function: Callable[[T], T]) -> Callable[Concatenate[str, P], T]:
        @wraps(function)
        def loads(*given: Any, **named: Any) -> T:
            stated = known.bind(*given, **named).arguments
            text = stated.pop("text")
            with TemporaryDirectory() as folder:
                there = Path(folder) / "text"
                there.write_bytes(text.encode(errors="surrogatepass"))
                try:
                    return function(read(path=there, **stated))
                except FaultsError as error:
                    document = "the text"
                    raise FaultsError(document, error.faults) from None

        found: Callable[Concatenate[str, P], T] = _taking(loads, known)
        return found

    return decorate


def _taking(function: Any, known: Signature) -> Any:
    """Return a function with the signature that its documentation shows."""
    function.__signature__ = known
    return function


# --- writing --------------------------------------------------------------------------

# The letters on each side of one that cannot be written.
_AROUND = 20


def json_document(value: object) -> bytes:
    """Return plain data as JSON for people and programs: indented, and safe to show."""
    text = msgspec.json.format(msgspec.json.encode(value)).decode()
    return f"{escaped(text)}\n".encode()


@frozen
class Loss:
    """Content that was not written, or cannot be read back.

    Attributes:
        place: The place in the log, such as `entry 3`.
        problem: The loss, and the text that was written instead.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        return one_line(f"{self.place}: {self.problem}")


def numbered(log: EventLog) -> tuple[list[Entry], list[Loss]]:
    """Return the entries of a log renumbered from 0, and a loss for each change.

    A selection such as `log.among()` keeps the positions of the whole log, but most
    files number their entries by order. What the selection leaves out may outvote what
    it has: each such entry is a loss too.
    """
    entries = list(log)
    problem = "is not in the selection, and without it other claims may count"
    left_out = [Loss(f"entry {e.position}", problem) for e in log.left_out]
    # References must follow their entries to the new positions.
    places = {entry.position: place for place, entry in enumerate(entries)}
    if all(position == place for position, place in places.items()):
        return entries, left_out
    losses = left_out + [
        Loss(f"entry {position}", f"its position is now {place}")
        for position, place in places.items()
        if position != place
    ]
    return [
        renumbered(entry, places[entry.position], places) for entry in entries
    ], losses


def published(log: EventLog) -> tuple[EventLog, list[Loss]]:
    """Return a log as others may see it, and a loss for each proposal and rejection."""
    public_log = log.published()
    if public_log is log:
        return log, []
    problem = "is not written: it is part of the queue of proposals"
    return public_log, [
        Loss(f"entry {entry.position}", problem)
        for entry in log
        if entry.review is not None and entry.event is None
    ]


def guarded(dump: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function that writes a file: it refuses what it cannot write.

    What is given as *log* and *vocabulary* must be such. And Python text may hold half
    of a UTF-16 surrogate pair, which no encoding can write: that is a `FaultsError`.

    Args:
        dump: The function; it has an argument *path*.
    """
    names = tuple(signature(dump).parameters)

    @wraps(dump)
    def dumped(*given: P.args, **named: P.kwargs) -> T:
        stated: dict[str, object] = {**dict(zip(names, given, strict=False)), **named}
        if "log" in stated:
            require_log(stated["log"])
        if "vocabulary" in stated:
            require_vocabulary(stated["vocabulary"])
        try:
            return dump(*given, **named)
        except UnicodeEncodeError as error:
            path = stated["path"]
            part = error.object[max(0, error.start - _AROUND) : error.end + _AROUND]
            problem = "holds half a character, which UTF-8 cannot write: correct it"
            fault = Fault("text", f"{shown(part)} {problem}")
            raise FaultsError(str(path), [fault]) from None

    return dumped
