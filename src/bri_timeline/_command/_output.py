"""Output as plain text: text of files cannot control the terminal."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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


_HIDDEN = ContextVar("hidden", default="")


def hide(folder: str) -> None:
    """Leave a temporary folder out of what is written: nobody has named it.

    Errors are written when the verb is over, and the folder is gone.
    """
    _HIDDEN.set(f"{folder}{os.sep}")


def _visible(text: str) -> str:
    return text.replace(_HIDDEN.get(), "")


def _write(stream: TextIO, lines: Iterable[object], end: str = "\n") -> None:
    shown = harmless(_visible("".join(f"{line}{end}" for line in lines)))
    # A terminal that is not UTF-8 must not make the command fail.
    encoding = stream.encoding or "utf-8"
    stream.write(shown.encode(encoding, "replace").decode(encoding))


_EVERY = 0.2
# Carriage return and "erase line" overwrite the line before.
_CLEAR = "\r\x1b[K"


@contextmanager
def showing(what: str) -> Iterator[Callable[..., None]]:
    """Yield a function to call with how much is done, and perhaps of how much.

    A terminal shows it in one line, every 0.2 seconds; the line is cleared at the end.

    Args:
        what: The label of the number, such as `rows.csv, line`.
    """
    stream, is_terminal, what = sys.stderr, sys.stderr.isatty(), _visible(what)
    shown_at, is_shown = time.monotonic(), False

    def show(done: int, many: int | None = None) -> None:
        nonlocal shown_at, is_shown
        now = time.monotonic()
        if is_terminal and now - shown_at >= _EVERY:
            shown_at, is_shown = now, True
            rest = "" if many is None else f" of {many:,}"
            stream.write(f"{_CLEAR}{what} {done:,}{rest}")
            stream.flush()

    try:
        yield show
    finally:
        if is_shown:
            stream.write(_CLEAR)
            stream.flush()
