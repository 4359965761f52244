"""Output as plain text: text of files cannot control the terminal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from bri_timeline import Event, View
from bri_timeline.errors import BriTimelineError
from bri_timeline.extend import harmless, one_line, plain_data


_MOST = 10
# As a shell gives it for a program that SIGINT has ended.
INTERRUPTED = 130


def print_lines(*lines: object) -> None:
    """Write lines to the standard output."""
    _write(sys.stdout, lines)


def plain(answer: object, *views: View) -> Any:
    """Return an answer as plain data; with views, it cites what was out for one."""

    def told(event: Event) -> object:
        each = (view.as_cited(event) for view in views)
        return max(each, key=lambda event: len(event.cite)).as_dict()

    return plain_data(answer, instead={Event: told} if views else None)


def print_json(answer: object, *views: View) -> None:
    """Write an answer as JSON: in ASCII, so that every character survives."""
    print_lines(json.dumps(plain(answer, *views), indent=2, allow_nan=False))


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each row, with cells below each other."""
    cells = [[*map(one_line, row)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def report(title: str, items: Iterable[object], most: int = _MOST) -> int:
    """Write the number of items and the first of them to the standard error.

    Args:
        title: The heading.
        items: The items; nothing is written if there are none.
        most: The largest number of items to write.

    Returns:
        The number of items.
    """
    listed = list(items)
    if listed:
        lines = [
            f"{title}: {len(listed):,}",
            *(f"  {item}" for item in listed[:most]),
        ]
        if len(listed) > most:
            lines.append(f"  and {len(listed) - most:,} more")
        _write(sys.stderr, lines)
    return len(listed)


def complain(problem: object, status: int) -> int:
    """Write a problem to the standard error, and return an exit status."""
    _write(sys.stderr, [problem])
    return status


def in_words(error: Exception) -> str:
    """Return an error in words: of the system, with the file and the remedy."""
    if isinstance(error, BriTimelineError) or not isinstance(error, OSError):
        return str(error)
    if not isinstance(error.filename, str):
        return error.strerror or str(error)
    path = Path(error.filename)
    if isinstance(error, FileNotFoundError):
        folder = path.parent
        if not folder.is_dir():
            return f"{path}: the folder {folder} does not exist: make it first"
        if path.is_symlink():
            return f"{path} is a link that leads to no file: give the file itself"
        # Imported here: only this asks, and it takes a while.
        from difflib import get_close_matches

        there = sorted(one.name for one in folder.iterdir())
        near = get_close_matches(path.name, there, 1)
        hint = f". Did you mean {folder / near[0]}?" if near else ""
        return f"{path} is not there: check its name{hint}"
    if isinstance(error, FileExistsError):
        return f"{path} is there already: give another name, or move it away"
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder: give a file"
    if isinstance(error, PermissionError):
        return f"{path} may not be read or written by you: check its permissions"
    return f"{path}: {error.strerror}"


def interrupted() -> int:
    """Write to the standard error that SIGINT came, and return the exit status."""
    return complain("interrupted: what was said to be done is done", INTERRUPTED)


def prompt(question: str) -> None:
    """Write a question to the standard output, without a line feed."""
    _write(sys.stdout, [question], end="")
    sys.stdout.flush()


def _write(stream: TextIO, lines: Iterable[object], end: str = "\n") -> None:
    text = "".join(f"{line}{end}" for line in lines)
    shown = harmless(text)
    # A terminal that is not UTF-8 must not make the command fail.
    encoding = stream.encoding or "utf-8"
    stream.write(shown.encode(encoding, "replace").decode(encoding))


_EVERY = 0.2


class Progress:
    """Shows how much is done on the standard error, every 0.2 seconds.

    On a terminal one line is updated. Elsewhere lines are written, if *wanted*.

    Args:
        wanted: Show progress even if the stream is not a terminal.
        stream: The stream; by default the standard error.
        clock: Returns the time in seconds.
    """

    def __init__(
        self,
        *,
        wanted: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._is_terminal = self._stream.isatty()
        self._shows = wanted or self._is_terminal
        self._clock = clock
        self._shown_at = clock()
        self._what = ""

    def of(self, what: str) -> Callable[..., None]:
        """Return a function to call with the number of items done, and perhaps of all.

        Args:
            what: The label of the number, such as `rows.csv, line`.
        """

        def show(done: int, many: int | None = None) -> None:
            now = self._clock()
            if self._shows and now - self._shown_at >= _EVERY:
                self._shown_at = now
                end = "" if self._is_terminal else "\n"
                # Carriage return and "erase line" overwrite the line before.
                start = "\r\x1b[K" if self._is_terminal else ""
                rest = "" if many is None else f" of {many:,}"
                self._stream.write(f"{start}{what} {done:,}{rest}{end}")
                self._stream.flush()
                self._what = what

        return show

    def end(self) -> None:
        """Clear the line on the terminal."""
        if self._what and self._is_terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._what = ""


@contextmanager
def showing(
    what: str, progress: Progress | None = None
) -> Iterator[Callable[..., None]]:
    """Yield a function that shows the progress, and clear its line at the end.

    Args:
        what: The label of the number.
        progress: Shows it; by default, if it goes to a terminal.
    """
    shown = progress or Progress()
    try:
        yield shown.of(what)
    finally:
        shown.end()
