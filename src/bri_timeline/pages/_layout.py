"""Place marks and labels in rows without overlaps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

from attrs import frozen

from bri_timeline.pages._axis import TimeScale
from bri_timeline.pages._marks import Mark


__all__ = [
    "Placed",
    "Side",
    "packed",
    "shortened",
    "text_width",
]


_LETTER = 6.4
_REACH = 8.0
_GAP = 6.0
_AIR = 14.0


class Side(Enum):
    """The side of a mark on which its label is."""

    RIGHT = "right of the mark"
    LEFT = "left of the mark"
    ABOVE = "a row above it"


@frozen
class Placed:
    """A mark with its row and label.

    Attributes:
        mark: The mark.
        row: Its row within the lane, from 0.
        label: The text of the label.
        label_at: The position at which the label begins; at which it ends, on the left.
        side: The side of the mark on which the label is.
    """

    mark: Mark
    row: int
    label: str
    label_at: float
    side: Side


def text_width(text: str) -> float:
    """Return the approximate width of a text, in pixels at a font size of 12."""
    # Fonts are not known here. Letters from U+2E80 on (CJK) are twice as wide.
    return sum(_LETTER if letter < "\u2e80" else 2 * _LETTER for letter in text)


def shortened(text: str, room: float) -> str:
    """Return a text, truncated with an ellipsis to a width in pixels."""
    if text_width(text) <= room:
        return text
    kept = max(int(room / _LETTER) - 1, 0)
    while kept and text_width(text[:kept]) > room - _LETTER:
        kept -= 1
    return f"{text[:kept].rstrip()}\u2026" if kept else ""


def packed(
    labelled: Iterable[tuple[Mark, str]], scale: TimeScale, until: float
) -> list[Placed]:
    """Return marks in few rows, without overlaps; each takes the first free row.

    Args:
        labelled: Marks with their labels.
        scale: The scale of days.
        until: The right end of the arrow of a claim in force.
    """
    rows = _Rows()
    placed = []
    for mark, text in labelled:
        left, right = _ends(mark, scale, until)
        label, at, side = _beside(text, left, right, scale)
        begin = at - text_width(label) if side is Side.LEFT else min(left, at)
        end = right if side is Side.LEFT else max(right, at + text_width(label))
        # A label above its mark takes up the row above too.
        row = rows.take(begin, end + _AIR, 2 if side is Side.ABOVE else 1)
        placed.append(Placed(mark, row, label, at, side))
    return placed


class _Rows:
    """Rows that are taken up to some position; a mark takes the first free one.

    Marks arrive sorted by date, so of each row only the right end of its last item
    matters.
    """

    def __init__(self) -> None:
        self._ends: list[float] = []
        # By the number of adjacent rows: the greatest of their ends, at the last one.
        self._trees = {1: _FirstAtMost(), 2: _FirstAtMost()}
        self._trees[2].set(0, math.inf)  # the first row has none above it

    def take(self, begin: float, end: float, count: int) -> int:
        """Take *count* adjacent rows that are free from *begin*; return the last."""
        row = self._trees[count].find(begin)
        self._ends += [-math.inf] * (row + 2 - len(self._ends))
        for taken in range(row + 1 - count, row + 1):
            self._ends[taken] = end
            self._trees[1].set(taken, end)
        for last in range(max(row + 1 - count, 1), row + 2):
            self._trees[2].set(last, max(self._ends[last - 1 : last + 1]))
        return row


class _FirstAtMost:
    """Numbers by index, and the first of them that is at most another number.

    A tree of minima: trying one row after another is quadratic where many marks lie
    close together. Numbers that are not set are minus infinity.
    """

    def __init__(self) -> None:
        self._size = 1
        # The node `n` has the children `2n` and `2n + 1`; the leaves are the last half.
        self._least = [-math.inf, -math.inf]

    def find(self, most: float) -> int:
        """Return the first index whose number is at most *most*."""
        if self._least[1] > most:
            self._double()
        node = 1
        while node < self._size:
            node = 2 * node if self._least[2 * node] <= most else 2 * node + 1
        return node - self._size

    def set(self, index: int, number: float) -> None:
        """Set the number at an index."""
        while index >= self._size:
            self._double()
        node = index + self._size
        self._least[node] = number
        while node > 1:
            node //= 2
            self._least[node] = min(self._least[2 * node], self._least[2 * node + 1])

    def _double(self) -> None:
        leaves = self._least[self._size :] + [-math.inf] * self._size
        self._size *= 2
        self._least = [-math.inf] * self._size + leaves
        for node in range(self._size - 1, 0, -1):
            self._least[node] = min(self._least[2 * node], self._least[2 * node + 1])


def _ends(mark: Mark, scale: TimeScale, until: float) -> tuple[float, float]:
    """Return the left and right end of a mark, its arrow included."""
    where = mark.span
    left = min(scale.begin(where.first), scale.middle(where.last) - _REACH)
    right = max(scale.begin(where.last + 1), scale.middle(where.first) + _REACH)
    if where.end_last is not None:
        right = max(right, scale.begin(where.end_last + 1))
    return left, max(right, until) if mark.in_force else right


def _beside(
    text: str, left: float, right: float, scale: TimeScale
) -> tuple[str, float, Side]:
    """Return a label beside its mark if all of it fits, otherwise above it."""
    wide, end = text_width(text), scale.left + scale.width
    if wide <= end - right - _GAP:
        return text, right + _GAP, Side.RIGHT
    if wide <= left - _GAP - scale.left:
        return text, left - _GAP, Side.LEFT
    # No side has room for the whole text: the row above has the full width.
    label = shortened(text, scale.width - _GAP)
    wide = text_width(label)
    start = left if right - left > 4 * _REACH else (left + right - wide) / 2
    return label, max(min(start, end - wide - 2), scale.left) + 2, Side.ABOVE
