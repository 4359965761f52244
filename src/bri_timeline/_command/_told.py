"""What is told: plain text that no file can make move the cursor."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

from bri_timeline._text import harmless


__all__ = ["complain", "report", "tell"]

_MOST = 10


def tell(*lines: object) -> None:
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
