"""Places in a chronicle: the lines of its tables, and the names of its entries."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bri_timeline.errors import shown
from bri_timeline.extend import described, did_you_mean


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
    | ^[ \t]* (?P<key> [-\w]+ (?: [.][-\w]+ )* ) [ \t]* [=.]
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


class Lines:
    """The line numbers of tables and keys, by path such as `("entries", "3", "when")`.

    In a path, the index of a table of an array, from 0, follows the name of the array.
    tomllib gives no line numbers, so the text is scanned for headers and keys.

    Args:
        text: TOML without syntax errors.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, ...], int] = {}
        counts: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        line, seen = 1, 0
        for match in _TOKEN.finditer(text):
            start = match.start(match.lastgroup or 0)
            line, seen = line + text.count("\n", seen, start), start
            if header := match["header"]:
                names = tuple(
                    part.strip(" \t\"'") for part in header.strip("[]").split(".")
                )
                if header.startswith("[["):
                    counts[names] = counts.get(names, -1) + 1
                    table = (*names, str(counts[names]))
                # A table below an array belongs to the last item so far.
                elif names[:1] in counts:
                    table = (names[0], str(counts[names[:1]]), *names[1:])
                else:
                    table = names
                self._lines.setdefault(table, line)
            elif key := match["key"]:
                names = tuple(key.split("."))
                for length in range(1, len(names) + 1):
                    self._lines.setdefault((*table, *names[:length]), line)

    def find(self, path: Sequence[str]) -> int | None:
        """Return the line of a key or table, or else of the table around it."""
        # An inline table has no line of its own: use that of the key around it.
        for length in range(len(path), 0, -1):
            line = self._lines.get(tuple(path[:length]))
            if line is not None:
                return line
        return None


FAULTY = -1
_SHOWN = 5


class Names:
    """The labels and ids of the entries of a file.

    Attributes:
        of: The name of each entry, empty if it has none.
        positions: The position in the log of each recorded entry, and `FAULTY` for the
            others: a reference to a faulty entry is not a fault of its own.

    Args:
        entries: The parsed entries.
    """

    def __init__(self, entries: list[object] | None = None) -> None:
        self.of: list[str] = []
        self.positions: list[int] = []
        self._labels: dict[str, list[int]] = {}
        self._ids: dict[str, list[int]] = {}
        for index, entry in enumerate(entries or ()):
            table = entry if isinstance(entry, dict) else {}
            # A claim may correct what has an id; a proposal has no part in that, and of
            # erased words a label is the name.
            has_none = "proposed_by" in table or table.get("erased") is True
            own = None if has_none else table.get("id")
            names = [table.get("label"), own]
            for name, known in zip(names, (self._labels, self._ids), strict=True):
                if isinstance(name, str):
                    known.setdefault(name, []).append(index)
            self.of.append(next((n for n in names if isinstance(n, str)), ""))
            self.positions.append(FAULTY)

    def target(self, index: int, name: object) -> tuple[int | None, str]:
        """Return the position of the entry with a name, and the problem, if any.

        Args:
            index: The index of the entry that refers to another.
            name: A label or an id.
        """
        if not isinstance(name, str):
            return None, f"is {described(name)}: write a label or an id in quotes"
        labelled, named = self._labels.get(name, []), self._ids.get(name, [])
        indexes = sorted({*labelled, *named})
        above = [number for number in indexes if number < index]
        if not above:
            return None, self._missing(index, name, indexes)
        positions = {self.positions[number] for number in above}
        # The target itself has a fault, which is reported once, there.
        if FAULTY in positions:
            return FAULTY, ""
        # One id may name several claims in dispute, or be the label of another entry;
        # two names of one entry are no problem.
        if len(positions) > 1:
            entries = " and ".join(str(number + 1) for number in above[:_SHOWN])
            entries += " and more" * (len(above) > _SHOWN)
            return None, (
                f"{shown(name)} may mean entries {entries}:"
                " give the one that is meant a label of its own, and name that"
            )
        return positions.pop(), ""

    def _missing(self, index: int, name: str, found: list[int]) -> str:
        below = [number + 1 for number in found if number > index]
        if below:
            return (
                f"{shown(name)} is entry {below[0]}, which stands below:"
                " put it above this one"
            )
        if found:
            return f"{shown(name)} is this entry itself: name one above"
        hint = did_you_mean(name, (*self._labels, *self._ids))
        return f"{shown(name)} is not the label or id of an entry above.{hint}"


def unknown_key(key: str, known: tuple[str, ...], whole: str) -> str:
    """Return that a table has a key too many, and which it may have.

    Args:
        key: The key.
        known: Those that it may have.
        whole: What the table is, in words.
    """
    # An entry with this key is a withdrawal, which has other keys.
    also = ["retracts"] * (whole == "an entry")
    has = "; or ".join([", ".join(known), *also])
    hint = did_you_mean(key, (*known, *also)) or f" It has {has}."
    return f"is not a key of {whole}.{hint}"
