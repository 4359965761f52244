"""Where in a TOML text its tables and keys stand."""

from __future__ import annotations

import re
from collections.abc import Sequence


__all__ = ["Lines"]

_TOKEN = re.compile(
    r"""
    (?P<passed>
        \#[^\n]*
        | \"{3} (?: [^\\] | \\. )*? \"{3,5}
        | '{3} .*? '{3,5}
        | " (?: [^"\\\n] | \\. )* "
        | ' [^'\n]* '
    )
    | ^[ \t]* (?P<header> \[\[?[^][\n]+\]\]? ) [ \t]* (?: \#[^\n]* )? $
    | ^[ \t]* (?P<key> [-\w]+ ) [ \t]* [=.]
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


class Lines:
    """The lines of a text by path: `("entries", "3", "Visited", "guest")`.

    The tables of an array have their index, from 0, after its name.

    Args:
        text: TOML without faults of syntax.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, ...], int] = {}
        counts: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        line, seen = 1, 0
        for found in _TOKEN.finditer(text):
            start = found.start(found.lastgroup or 0)
            line, seen = line + text.count("\n", seen, start), start
            if header := found["header"]:
                names = tuple(
                    part.strip(" \t\"'") for part in header.strip("[]").split(".")
                )
                if header.startswith("[["):
                    counts[names] = counts.get(names, -1) + 1
                    table = (*names, str(counts[names]))
                elif names[:1] in counts:
                    table = (names[0], str(counts[names[:1]]), *names[1:])
                else:
                    table = names
                self._lines.setdefault(table, line)
            elif key := found["key"]:
                self._lines.setdefault((*table, key), line)

    def find(self, path: Sequence[str]) -> int | None:
        """Return the line of a key or a table, or of what it is in."""
        for length in range(len(path), 0, -1):
            line = self._lines.get(tuple(path[:length]))
            if line is not None:
                return line
        return None
