"""A panel as small multiples: a drawing for each key, as SVG."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from bri_timeline import Panel, PanelRow
from bri_timeline.errors import PictureError, shown
from bri_timeline.extend import iso
from bri_timeline.pages import _sheets as draw
from bri_timeline.relations import kinds_counted, named


__all__ = ["render"]

_MOST = 30
_CELL = 220.0
_PLOT = 96.0
_TICK = 70
_NAME = 16.0
_MOST_LISTED = 24
_MOST_DIGITS = 1000
# The periods that have names, by their months and days.
_PERIODS = {(0, 1): "day", (1, 0): "month", (3, 0): "quarter", (12, 0): "year"}
_NUMBER = "give numbers, such as by of=lambda state: ..., or a measure"


def render(
    panel: Panel[Any, Any],
    *,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return small multiples as SVG: for each key a drawing, all with the same axes.

    A line shows the value of each period, of only what is certain, over its days; a
    band reaches from the least to the greatest value that the dates allow. The line is
    dashed where the bounds are not known, and interrupted where the value is None. It
    ends with the last report: nobody has told what came later.

    Args:
        panel: A panel of periods, whose values are numbers or None, of at most 30 keys.
        title: The heading; by default "State over time", in its language.
        width: In pixels, at least 480; the height follows from the number of keys.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: It has more keys, a value that is not a finite number, or rows
            that are answers to questions (`at=`) instead of periods; or the language
            has no table.
    """
    if not isinstance(panel, Panel):
        raise PictureError(panel, "is not a panel: give log.panel(...)")
    keys, sheet = _by_key(panel), draw.Sheet.of("panel", title, width, language)
    words = sheet.words
    every = [run for runs in keys.values() for run in runs]
    said, last = _of(panel, words), _last(panel, every)
    if every:
        days = {"start": words.day(every[0].first), "end": words.day(every[-1].last)}
        said += words("sentence.comma") + words(
            "when.span", start_of=days["start"], **days
        )
        # A value is that of a whole period, or of its end: not of a day within.
        period = _PERIODS.get(panel._subject.every or (0, 0), "period")
        said += words("sentence.clause") + words(f"pictures.{period}_start")
    else:
        said += words("sentence.colon") + words("sentence.nothing")
    if last < math.inf:
        end = words("pictures.known_until", day=words.day(int(last)))
        said += words("sentence.clause") + end
    sheet.head(said + words("sentence.stop"))
    runs_drawn = [draw.StepRun(0, 0, *run[2:]) for run in every]
    sheet.legend(*draw.step_legend(runs_drawn, words))
    across = max(min(len(keys), int((sheet.inner + 8) // _CELL)), 1)
    room, cells = sheet.inner / across, [*keys.items()]
    heights = draw.Heights.of(value for run in every for value in run[2:])
    for start in range(0, len(cells), across):
        some = cells[start : start + across]
        names = [
            draw.wrapped(draw.isolated(_name(key, words)), (room - 16) / 1.1, 13)
            for key, _ in some
        ]
        top = sheet.y + 16 + _NAME * max(map(len, names))
        for n, ((key, runs), name) in enumerate(zip(some, names, strict=True)):
            place = sheet.left + room * n, room, top
            told = _told(key, runs, last, words)
            head = draw.lines_of(place[0], sheet.y + 18, name, size=13, weight=600,
                            leading=_NAME)  # fmt: skip
            drawing = _cell(runs, heights, place, last, words)
            sheet.add(draw.titled(told, head, *drawing))
        sheet.y = top + _PLOT + 36
    return sheet.page()


# --- the rows -------------------------------------------------------------------------


class _ValueRun(NamedTuple):
    """Periods of one key that follow each other, with the same values.

    Attributes:
        first: The number of the first day.
        last: The number of the last day.
        certain: The certain value, or None.
        low: The least value, or None if it is not known.
        high: The greatest value, likewise.
    """

    first: int
    last: int
    certain: Any
    low: Any
    high: Any

    @property
    def has_bounds(self) -> bool:
        return self.low is not None and self.high is not None


def _by_key(panel: Iterable[PanelRow[Any, Any]]) -> dict[Hashable, list[_ValueRun]]:
    """Return the values of each key.

    Raises:
        PictureError: The rows of a key are not periods that follow each other, or there
            are too many keys, or a value is not a number.
    """
    keys: dict[Hashable, list[_ValueRun]] = {}
    for row in panel:
        runs = keys.setdefault(row.key, [])
        if len(keys) > _MOST:
            problem = f"is one key too many: a picture has room for {_MOST}"
            remedy = "select some by log.among(), log.where() or by="
            raise PictureError(row.key, f"{problem}: {remedy}")
        first = None if row.since is None else row.since.toordinal()
        if first is None or (runs and first != runs[-1].last + 1):
            problem = f"is asked about on {row.until}, without periods that adjoin"
            remedy = "ask by start=, stop= and every="
            raise PictureError(row.key, f"{problem}: {remedy}")
        values = (row.value, row.low, row.high)
        for value in values:
            _check_number(value)
        if runs and runs[-1][2:] == values:
            first = runs.pop().first
        runs.append(_ValueRun(first, row.until.toordinal(), *values))
    return keys


def _last(panel: Panel[Any, Any], runs: Sequence[_ValueRun]) -> float:
    """Return the last day that a panel knows of; infinite if it knows all its days.

    That is the day of the last report, unless a value changes later.
    """
    known = panel._last_known()
    last = max([known, *(run.first for run in runs)])
    is_over = any(last < run.last for run in runs)
    return last if is_over and math.isfinite(known) else math.inf


def _check_number(value: object) -> None:
    if value is None:
        return
    if isinstance(value, Decimal):
        is_finite = value.is_finite()
    elif isinstance(value, int | float | Fraction):
        is_finite = math.isfinite(value) if isinstance(value, float) else True
    else:
        raise PictureError(value, f"is not a number, so it has no height: {_NUMBER}")
    if not is_finite:
        raise PictureError(value, f"is not finite, so it has no height: {_NUMBER}")
    # As a fraction, `Decimal("1E999999999")` would have a billion digits.
    if isinstance(value, Decimal) and abs(value.adjusted()) > _MOST_DIGITS:
        problem = f"has an exponent beyond {_MOST_DIGITS}, so it has no place beside"
        raise PictureError(value, f"{problem} others: leave it out by where=")


def _of(panel: Panel[Any, Any], words: draw.Strings) -> str:
    """Return what a panel is of: the kinds that it counts, or the projection's name."""
    if kinds := kinds_counted(panel._subject.counted):
        return words("sentence.comma").join(words.known("kinds", one) for one in kinds)
    # The name ends with the days, which are told in the language.
    return draw.isolated(panel._subject.name.rpartition(", ")[0])


def _name(key: Hashable, words: draw.Strings) -> str:
    """Return a key in words: actors by their names."""
    parts = key if isinstance(key, tuple) else (key,)
    return words("sentence.comma").join(
        named(part, words.code) if isinstance(part, str) else _written(part)
        for part in parts
    )


def _written(value: object) -> str:
    return shown(value) if isinstance(value, int) else str(value)


def _told(
    key: Hashable, runs: Sequence[_ValueRun], last: float, words: draw.Strings
) -> list[str]:
    """Return the values of a key as lines of text."""
    lines = [_line_of(run, last, words) for run in runs[:_MOST_LISTED]]
    if len(runs) > _MOST_LISTED:
        lines.append(words.count("more", len(runs) - _MOST_LISTED))
    return [_name(key, words), *lines]


def _line_of(run: _ValueRun, last: float, words: draw.Strings) -> str:
    parts = [
        words("pictures.no_value") if run.certain is None else _written(run.certain)
    ]
    if not run.has_bounds:
        parts.append(words("pictures.no_bounds"))
    elif run.low != run.high:
        ends = {"low": _written(run.low), "high": _written(run.high)}
        parts.append(words("pictures.low_to_high", **ends))
    said = words("sentence.comma").join(parts)
    days = f"{iso(run.first)}/{iso(int(min(run.last, last)))}"
    return days + words("sentence.colon") + said


# --- the drawing ----------------------------------------------------------------------


def _cell(
    runs: Sequence[_ValueRun],
    heights: draw.Heights,
    place: tuple[float, float, float],
    last: float,
    words: draw.Strings,
) -> Iterator[draw.Markup]:
    """Yield the drawing of one key.

    Args:
        runs: Its values.
        heights: The scale of values.
        place: The left end of the cell, its width, and the top of the plot.
        last: The last day of which anything is known: nothing is drawn after it.
        words: The language.
    """
    (left, room, top), labels = place, [*heights.ticks(words)]
    gutter = max(draw.text_width(label, 10) for _, label in labels) + 6
    scale = draw.TimeScale(
        runs[0].first, runs[-1].last, left + gutter, room - gutter - 12
    )
    bottom = top + _PLOT
    yield from _axes(scale, labels, bottom, words)
    drawn = (
        draw.StepRun(
            scale.begin(run.first), scale.begin(min(run.last, last) + 1), *run[2:]
        )
        for run in runs
    )
    yield from draw.steps(drawn, heights, bottom, _PLOT)


def _axes(
    scale: draw.TimeScale,
    labels: Sequence[tuple[float, str]],
    bottom: float,
    words: draw.Strings,
) -> Iterator[draw.Markup]:
    right = scale.left + scale.width
    for height, label in labels:
        y = bottom - _PLOT * height
        yield draw.line(scale.left, y, right, y)
        yield draw.note(scale.left - 4, y + 3.5, label, size=10, anchor="end")
    taken = -math.inf
    for day, name in draw.ticks(scale, max(int(scale.width // _TICK), 2)):
        label = draw.tick_name(day, name, words)
        x, wide = scale.begin(day), draw.text_width(label, 10)
        at_end = x + wide > right
        begin = x - wide if at_end else x
        if begin >= taken:
            anchor = "end" if at_end else None
            yield draw.note(x, bottom + 13, label, size=10, anchor=anchor)
            taken = begin + wide + 4
