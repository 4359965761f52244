"""A picture for the terminal: one aligned line for each claim."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TypeVar

from attrs import frozen

from bri_timeline import EventLog, Projection, View
from bri_timeline.extend import iso, one_line
from bri_timeline.pages._marks import (
    ClaimStatus,
    Mark,
    TimeScale,
    lane_of,
    marks,
    plan_notes,
    plans_of,
    scale_of,
    view_of,
)
from bri_timeline.pages._markup import pieces, plain_text
from bri_timeline.pages._page import Page
from bri_timeline.pages._state_values import Tell, summary
from bri_timeline.pages._wording import Strings, said, words_for


__all__ = ["render"]

# The suffixes of its files.
NAMES = (".txt",)
S = TypeVar("S")

_LEAST = 60


@frozen
class _Signs:
    """The characters to draw with, each one column wide."""

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
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    by: str = "kind",
    width: int = 100,
    ascii_only: bool = False,
    language: str = "en",
) -> Page:
    """Return a picture for the terminal: lanes of claims with their citations.

    Of 100,000 events it takes some ten seconds.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: The state whose values the heading tells. That of a relationship
            decides which claims are in force too.
        tell: Returns the values of the state by their labels.
        by: Lanes by `kind` or by `party`.
        width: In columns, at least 60.
        ascii_only: Draw with ASCII; the text of the log is not changed.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Returns:
        Lines without trailing spaces; each ends with a line feed.

    Raises:
        PictureError: *by* is not a kind of lane, *tell* does not return a mapping from
            labels to values, or the language has no table.
    """
    view = view_of(shown, projection)
    signs, words = _ASCII if ascii_only else _UNICODE, words_for(language, view)
    all_marks = marks(view, projection, words)
    day, plans = iso(view.day_number), plans_of(view)
    notes = {name: plan_notes(plan, day, words) for name, plan in plans.items()}
    picture = _Drawing(max(width, _LEAST), signs, all_marks, view.day_number, words)
    heading = plain_text(summary(view, projection, tell, words))
    lines = [*_wrapped(heading, picture.width), "", *picture.axis()]
    lanes: dict[str, list[Mark]] = {}
    for mark in all_marks:
        lanes.setdefault(lane_of(mark.event, by, words), []).append(mark)
    for lane, of_lane in lanes.items():
        lines += ["", _truncated(one_line(lane), picture.width, signs)]
        for mark in of_lane:
            about = () if mark.why else notes.get(mark.event.id, ())
            lines += picture.claim(mark, about)
    lines += ["", *picture.legend()]
    return Page("".join(f"{line.rstrip()}\n" for line in lines))


class _Drawing:
    """Draws claims on a common scale."""

    def __init__(
        self,
        width: int,
        signs: _Signs,
        found: Iterable[Mark],
        day: int,
        words: Strings,
    ) -> None:
        self.width, self.signs, self.words = width, signs, words
        self.columns = width // 3
        days = [day, *(bound for mark in found for bound in mark.span.days)]
        self.scale: TimeScale = scale_of(days, 0, self.columns)
        # The middle of the last day can round up to a column beyond the scale.
        self.today = min(int(self.scale.middle(day)), self.columns - 1)

    def axis(self) -> Iterator[str]:
        """Yield the lines of the scale: its ends, and the day of the view."""
        first, last = iso(self.scale.first), iso(self.scale.last)
        gap = max(self.columns - len(first) - len(last), 1)
        yield f"   {first}{' ' * gap}{last}"
        line = [self.signs.line] * self.columns
        line[self.today] = "|"
        yield f"   {''.join(line)}"

    def claim(self, mark: Mark, notes: Iterable[str] = ()) -> Iterator[str]:
        """Yield the lines of a claim: its mark, date, payload, notes and citations."""
        room = self.width - self.columns - 5
        lines = _wrapped(plain_text(said(mark.event, self.words)), room)
        if about := self.words("sentence.pause").join(notes):
            lines += _wrapped(f"({about})", room)
        if mark.may_have_ended:
            lines += _wrapped(f"({self.words('status.ended')})", room)
        if mark.why:
            lines += _wrapped(f"({plain_text(mark.why)})", room)
        cites = "; ".join(map(str, mark.event.cite)) or self.words("status.no_source")
        lines += [f"  {line}" for line in _wrapped(f"[{one_line(cites)}]", room - 2)]
        sign = self._sign(mark)
        for number, line in enumerate(lines):
            start = sign + self._bar(mark) if number == 0 else " " * (self.columns + 3)
            yield f"{start}  {line}"

    def legend(self) -> Iterator[str]:
        """Yield the lines of the legend."""
        s, words = self.signs, self.words
        samples = (
            (s.day, "page.legend_day"),
            (s.maybe * 3, "page.legend_span"),
            (s.day + s.on * 2, "picture.legend_lasts"),
            (f"{s.on}{s.head}", "page.legend_force"),
            (f"{s.on}?", "page.legend_ended"),
            ("?", "page.legend_maybe"),
            (s.struck, "picture.legend_aside"),
            (s.flag, "status.differ"),
        )
        line = ""
        for sign, key in samples:
            sample = f"{sign} {words(key)}"
            if line and _columns(line) + _columns(sample) + 3 > self.width:
                yield line
                line = sample
            else:
                line = f"{line}   {sample}" if line else sample
        yield line

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
            line[self.today] = "?" if mark.may_have_ended else signs.head
        elif (
            where.end_first is not None
            and where.end_last is not None
            and where.end_last < float("inf")
        ):
            end, last = self._place(where.end_first), self._place(where.end_last)
            for place in range(self._place(where.last), last + 1):
                line[place] = signs.on if place <= end else signs.maybe
        first, last = self._place(where.first), self._place(where.last)
        for place in range(first, last + 1):
            line[place] = signs.maybe
        if where.first == float("-inf"):
            line[first] = signs.before
        if where.last == float("inf"):
            line[last] = signs.after
        # Drawn last: the day itself must stay visible on top of the other signs.
        if where.first == where.last:
            line[first] = signs.day
        return "".join(line)

    def _place(self, day: float) -> int:
        return min(int(self.scale.middle(day)), self.columns - 1)


# --- text in columns ---------------------------------------------------------------


def _columns(text: str) -> int:
    """Return the width of a text in columns (Unicode Standard Annex 11)."""
    return sum(0 if unicodedata.combining(c) else 2 if _is_wide(c) else 1 for c in text)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _truncated(text: str, room: int, signs: _Signs) -> str:
    if _columns(text) <= room:
        return text
    # By columns, not characters: wide characters take up two.
    while _columns(text) > room - 1:
        text = text[:-1]
    return text + signs.ellipsis


def _wrapped(text: str, room: int) -> list[str]:
    """Wrap text to a number of columns; words that are too long are split."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if _columns(longer) <= room:
            lines[-1] = longer
            continue
        split = _split(word, room)
        lines = [*(line for line in lines if line), *split]
    return lines


def _split(word: str, room: int) -> list[str]:
    lines, wide = [""], 0
    for run in pieces(word):
        # Between two signs of Chinese a line may end, and not within a number.
        for part in [run] if _columns(run) <= room else run:
            columns = _columns(part)
            if wide + columns > room:
                lines.append("")
                wide = 0
            lines[-1] += part
            wide += columns
    return lines
