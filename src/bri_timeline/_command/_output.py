"""What is told: plain text that no file can make move the cursor."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

from bri_timeline._text import harmless


__all__ = [
    "Progress",
    "complain",
    "print_lines",
    "report",
]


_MOST = 10


def print_lines(*lines: object) -> None:
    """Write lines to the standard output."""
    _write(sys.stdout, lines)


def report(title: str, items: Iterable[object], most: int = _MOST) -> int:
    """Write to the standard error how many things there are, and the first of them.

    Args:
        title: What they are.
        items: The things; nothing is written if there are none.
        most: How many to write.

    Returns:
        How many there are.
    """
    found = list(items)
    if found:
        lines = [f"{title}: {len(found):,}", *(f"  {one}" for one in found[:most])]
        if len(found) > most:
            lines.append(f"  and {len(found) - most:,} more")
        _write(sys.stderr, lines)
    return len(found)


def complain(problem: object, status: int) -> int:
    """Write a problem to the standard error, and return an exit status."""
    _write(sys.stderr, [problem])
    return status


def _write(stream: TextIO, lines: Iterable[object]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    shown = harmless(text)
    encoding = stream.encoding or "utf-8"
    stream.write(shown.encode(encoding, "replace").decode(encoding))


T = TypeVar("T")
_EVERY = 0.2
_STRIDE = 1000


class Progress:
    """Tells on the standard error how many rows were read, now and then.

    On a terminal it is one line, which changes; elsewhere it tells only if asked to, in
    lines of their own.

    Args:
        wanted: Whether it was asked for.
        stream: Where it is told; by default the standard error.
        clock: Says how many seconds have gone by.
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
        self._tells = wanted or self._is_terminal
        self._clock = clock
        self._told = clock()
        self._what = ""

    def of(self, what: str) -> Callable[[int], None]:
        """Return what tells how much of something is done.

        Args:
            what: What is counted, such as `rows.csv, line`.
        """

        def told(done: int) -> None:
            now = self._clock()
            if self._tells and now - self._told >= _EVERY:
                self._told = now
                end = "" if self._is_terminal else "\n"
                start = "\r\x1b[K" if self._is_terminal else ""
                self._stream.write(f"{start}{what} {done:,}{end}")
                self._stream.flush()
                self._what = what

        return told

    def counting(self, what: str, items: Iterable[T]) -> Iterator[T]:
        """Yield things, and tell how many there were."""
        told = self.of(what)
        for number, item in enumerate(items, 1):
            if number % _STRIDE == 0:
                told(number)
            yield item

    def end(self) -> None:
        """Take the line away again."""
        if self._what and self._is_terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._what = ""
