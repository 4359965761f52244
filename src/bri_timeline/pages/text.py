"""A picture for the terminal: a line for each claim, aligned."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from bri_timeline import EventLog, Projection, View
from bri_timeline._queries import ClaimStatus
from bri_timeline._text import one_line
from bri_timeline.edtf import in_words
from bri_timeline.formats import write
from bri_timeline.pages._axis import TimeScale, iso, scale_of
from bri_timeline.pages._marks import Mark, dates_of, lane_of, marks, view_of
from bri_timeline.pages._wording import count_of, describe_event
from bri_timeline.relations import Relationship


__all__ = ["dump", "render"]

_LEAST = 60


@frozen
class _Signs:
    """What is drawn with: one sign a column, whatever the terminal can show."""

    day: str
    maybe: str
    before: str
    after: str
    on: str
    head: str
    struck: str
    flag: str
    ellipsis: str
    line: str


_UNICODE = _Signs("●", "┄", "◂", "▸", "─", "▶", "✕", "⚑", "…", "─")
_ASCII = _Signs("o", ".", "<", ">", "-", ">", "x", "!", "~", "-")


def render(
    shown: View | EventLog,
    *,
    projection: Projection[Relationship] | None = None,
    by: str = "kind",
    width: int = 100,
    ascii_only: bool = False,
) -> str:
    """Return a picture for the terminal: lanes of claims, each with who says so.

    Args:
        shown: What to draw: a view, or all of a log on its last day.
        projection: The relationship that tells what is in force.
        by: Lanes by `kind` or by `party`.
        width: How many columns there are, at least 60.
        ascii_only: Draw with ASCII; text of the log stays as it is.

    Returns:
        Lines that end without spaces, the last one with a line feed.

    Raises:
        PictureError: There are no such lanes.
    """
    view = view_of(shown)
    found = marks(view, projection)
    signs = _ASCII if ascii_only else _UNICODE
    picture = _Picture(max(width, _LEAST), signs, found, view.day_number)
    lines = [*_wrapped(_heading(view), picture.width), "", *picture.axis()]
    for lane in dict.fromkeys(lane_of(mark.event, by) for mark in found):
        lines += ["", _truncated(one_line(lane), picture.width, signs)]
        of_lane = (mark for mark in found if lane_of(mark.event, by) == lane)
        for mark in of_lane:
            lines += picture.claim(mark)
    lines += ["", *picture.legend()]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def dump(
    shown: View | EventLog,
    path: str | Path,
    *,
    projection: Projection[Relationship] | None = None,
    by: str = "kind",
    width: int = 100,
    ascii_only: bool = False,
) -> None:
    """Write the picture to a file, in UTF-8.

    Args:
        shown: As for `render()`, like all that is not named here.
        path: The file; what it held is replaced.
        projection: The relationship that tells what is in force.
        by: Lanes by `kind` or by `party`.
        width: How many columns there are, at least 60.
        ascii_only: Draw with ASCII.

    Raises:
        PictureError: There are no such lanes.
        OSError: The file cannot be written.
    """
    text = render(
        shown, projection=projection, by=by, width=width, ascii_only=ascii_only
    )
    write(path, text)


def _heading(view: View) -> str:
    certain, perhaps = len(view.events), len(view.undecided)
    differ = count_of(len(view.disputes), "dispute")
    return f"{dates_of(view)}: {certain} certain, {perhaps} perhaps, {differ}"


class _Picture:
    """Draws claims beside a scale that they share."""

    def __init__(
        self, width: int, signs: _Signs, found: Iterable[Mark], day: int
    ) -> None:
        self.width, self.signs = width, signs
        self.columns = width // 3
        days = [day, *(bound for mark in found for bound in mark.span.days)]
        self.scale: TimeScale = scale_of(days, 0, self.columns)
        self.today = min(int(self.scale.middle(day)), self.columns - 1)

    def axis(self) -> Iterator[str]:
        """Yield the scale: its ends, and a line with the day that is shown."""
        first, last = iso(self.scale.first), iso(self.scale.last)
        gap = max(self.columns - len(first) - len(last), 1)
        yield f"   {first}{' ' * gap}{last}"
        line = [self.signs.line] * self.columns
        line[self.today] = "|"
        yield f"   {''.join(line)}"

    def claim(self, mark: Mark) -> Iterator[str]:
        """Yield the lines of a claim: the picture, when and what, and who says so."""
        room = self.width - self.columns - 5
        text = f"{in_words(mark.event.when)}: {describe_event(mark.event)}"
        lines = _wrapped(one_line(text), room)
        if mark.why:
            lines += _wrapped(f"({one_line(mark.why)})", room)
        cites = "; ".join(map(str, mark.event.cite)) or "no source"
        lines += [f"  {line}" for line in _wrapped(f"[{one_line(cites)}]", room - 2)]
        sign = self._sign(mark)
        for number, line in enumerate(lines):
            start = sign + self._bar(mark) if number == 0 else " " * (self.columns + 3)
            yield f"{start}  {line}"

    def legend(self) -> Iterator[str]:
        """Yield what the signs mean."""
        s = self.signs
        within = f"{s.maybe * 3} some day within"
        yield f"{s.day} on that day   {within}   {s.on}{s.head} in force   | day shown"
        yield f"? perhaps   {s.struck} does not count   {s.flag} sources differ"
        yield "certain: it had happened, if those who say so are right"

    def _sign(self, mark: Mark) -> str:
        counts = mark.status in (ClaimStatus.CERTAIN, ClaimStatus.UNDECIDED)
        perhaps = "?" if mark.status is ClaimStatus.UNDECIDED else " "
        flag = self.signs.flag if mark.flagged else " "
        return f"{perhaps if counts else self.signs.struck}{flag} "

    def _bar(self, mark: Mark) -> str:
        where, signs = mark.span, self.signs
        line = [" "] * self.columns
        if mark.in_force:
            for place in range(self._place(where.last), self.today):
                line[place] = signs.on
            line[self.today] = signs.head
        first, last = self._place(where.first), self._place(where.last)
        for place in range(first, last + 1):
            line[place] = signs.maybe
        if where.first == float("-inf"):
            line[first] = signs.before
        if where.last == float("inf"):
            line[last] = signs.after
        if where.first == where.last:
            line[first] = signs.day
        return "".join(line)

    def _place(self, day: float) -> int:
        return min(int(self.scale.middle(day)), self.columns - 1)


# --- text in columns ---------------------------------------------------------------


def _columns(text: str) -> int:
    """Return how many columns a terminal gives it (Unicode Standard Annex 11)."""
    return sum(0 if unicodedata.combining(c) else 2 if _is_wide(c) else 1 for c in text)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _truncated(text: str, room: int, signs: _Signs) -> str:
    if _columns(text) <= room:
        return text
    while _columns(text) > room - 1:
        text = text[:-1]
    return text + signs.ellipsis


def _wrapped(text: str, room: int) -> list[str]:
    """Break text into lines of so many columns, between words where there are any."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if _columns(longer) <= room:
            lines[-1] = longer
            continue
        pieces = _pieces(word, room)
        lines = [*(line for line in lines if line), *pieces]
    return lines


def _pieces(word: str, room: int) -> list[str]:
    pieces, wide = [""], 0
    for letter in word:
        columns = _columns(letter)
        if wide + columns > room:
            pieces.append("")
            wide = 0
        pieces[-1] += letter
        wide += columns
    return pieces
