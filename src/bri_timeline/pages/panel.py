"""A panel as small multiples: a drawing for each key, as SVG."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from attrs import frozen

from bri_timeline import Panel, PanelRow
from bri_timeline.errors import PictureError, shown
from bri_timeline.extend import iso
from bri_timeline.pages._drawing import COLOURS, MUTED, picture, text
from bri_timeline.pages._marks import TimeScale, ticks
from bri_timeline.pages._markup import (
    Markup,
    element,
    empty,
    joined,
    shortened,
    text_width,
)
from bri_timeline.pages._page import Page
from bri_timeline.pages._wording import count_of, named


__all__ = ["render"]

_MOST = 30
_LEAST_WIDTH = 480
_MARGIN = 24.0
_HEAD = 92.0
_CELL = 220.0
_PLOT = 96.0
_ROW = _PLOT + 56.0
_TICK = 70
_MOST_LISTED = 24
# Beyond, all the zeros of a label would not fit.
_LONG = 12
_MOST_DIGITS = 1000
_GRID = "#d9dae0"
_NUMBER = "give numbers, such as by of=lambda state: ..., or a measure"


def render(panel: Panel[Any, Any], *, title: str = "Panel", width: int = 960) -> Page:
    """Return small multiples as SVG: for each key a drawing, all with the same axes.

    A line shows the certain value of each period, drawn over the days of the period; a
    band reaches from the least to the greatest value that the dates allow. The line is
    dashed where the bounds are not known, and interrupted where the value is None.

    Args:
        panel: A panel of periods, whose values are numbers or None, of at most 30 keys.
        title: The heading.
        width: In pixels, at least 480; the height follows from the number of keys.

    Raises:
        PictureError: It has more keys, a value that is not a finite number, or rows
            that are answers to questions (`at=`) instead of periods.
    """
    if not isinstance(panel, Panel):
        raise PictureError(panel, "is not a panel: give log.panel(...)")
    keys = _by_key(panel)
    wide = float(max(width, _LEAST_WIDTH))
    across = max(min(len(keys), int((wide - 2 * _MARGIN) // _CELL)), 1)
    height = _HEAD + _ROW * -(-len(keys) // across)
    room = (wide - 2 * _MARGIN) / across
    heights = _Heights.of(run for runs in keys.values() for run in runs)
    cells = (
        _cell(key, runs, heights, (_MARGIN + room * (n % across), room), n // across)
        for n, (key, runs) in enumerate(keys.items())
    )
    description = _described(keys)
    return Page(
        picture(
            title,
            description,
            wide,
            height,
            text(_MARGIN, 34, title, size=20, weight=600),
            text(_MARGIN, 56, description, fill=MUTED),
            _legend(80),
            *cells,
        )
    )


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

    @property
    def kind(self) -> tuple[bool, bool]:
        """True for each of band and line that is drawn."""
        return self.has_bounds, self.certain is not None


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


def _described(keys: dict[Hashable, list[_ValueRun]]) -> str:
    every = [run for runs in keys.values() for run in runs]
    if not every:
        return "0 keys."
    days = f"{iso(every[0].first)} to {iso(every[-1].last)}"
    is_dashed = any(run.kind == (False, True) for run in every)
    dashed = "; dashed where the bounds are not known" if is_dashed else ""
    return f"{count_of(len(keys), 'key')}, {days}{dashed}."


def _name(key: Hashable) -> str:
    """Return a key in words: actors by their names."""
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(named(p) if isinstance(p, str) else _written(p) for p in parts)


def _written(value: object) -> str:
    return shown(value) if isinstance(value, int) else str(value)


def _told(key: Hashable, runs: Sequence[_ValueRun]) -> str:
    """Return the values of a key as lines of text."""
    lines = [*map(_line_of, runs[:_MOST_LISTED])]
    if len(runs) > _MOST_LISTED:
        lines.append(f"and {len(runs) - _MOST_LISTED} more")
    return "\n".join([_name(key), *lines])


def _line_of(run: _ValueRun) -> str:
    value = "no value" if run.certain is None else _written(run.certain)
    if not run.has_bounds:
        bounds = ", bounds not known"
    elif run.low == run.high:
        bounds = ""
    else:
        bounds = f", {_written(run.low)} to {_written(run.high)}"
    return f"{iso(run.first)} to {iso(run.last)}: {value}{bounds}"


# --- the heights ----------------------------------------------------------------------


@frozen
class _Heights:
    """The common vertical scale, from one tick to another; 0 is on it.

    Attributes:
        low: The number of the lowest tick.
        high: The number of the highest tick.
        unit: Ticks are 1, 2 or 5 times a power of ten apart.
        power: The exponent of that power of ten.
    """

    low: int
    high: int
    unit: int
    power: int

    @classmethod
    def of(cls, runs: Iterable[_ValueRun]) -> _Heights:
        """Return the scale of some values, with at most five ticks."""
        # Exact: amounts have more digits than a float.
        values = {Fraction(value) for run in runs for value in run[2:] if value}
        least, most = min(values, default=0), max(values, default=0)
        least, most = min(Fraction(0), least), max(Fraction(0), most)
        reach = most - least or Fraction(1)
        power = int(math.log10(reach.numerator) - math.log10(reach.denominator)) - 2
        if all(value.denominator == 1 for value in values):
            power = max(power, 0)
        while True:
            for unit in (1, 2, 5):
                step = unit * Fraction(10) ** power
                low, high = math.floor(least / step), math.ceil(most / step)
                if high - low < 5:
                    return cls(low, max(high, low + 1), unit, power)
            power += 1

    def at(self, value: Any) -> float:
        """Return how high a value is: 0 at the lowest tick, 1 at the highest."""
        steps = Fraction(value) / (self.unit * Fraction(10) ** self.power)
        return float((steps - self.low) / (self.high - self.low))

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield the height of each tick, with its label."""
        reach = self.high - self.low
        for number in range(self.low, self.high + 1):
            digits = number * self.unit
            if not digits:
                label = "0"
            elif self.power >= _LONG or self.power <= -_LONG:
                label = f"{digits}e{self.power}"
            else:
                label = f"{Decimal(digits).scaleb(self.power):,f}"
            yield (number - self.low) / reach, label


# --- the drawing ----------------------------------------------------------------------


@frozen
class _Plot:
    """The scales of one drawing.

    Attributes:
        scale: The scale of days.
        heights: The scale of values.
        bottom: The y of the lowest tick.
    """

    scale: TimeScale
    heights: _Heights
    bottom: float

    def points(self, run: _ValueRun, value: Any) -> list[str]:
        """Return the two ends of a value."""
        y = self.bottom - _PLOT * self.heights.at(value)
        ends = self.scale.begin(run.first), self.scale.begin(run.last + 1)
        return [f"{x:.1f} {y:.1f}" for x in ends]


def _cell(
    key: Hashable,
    runs: Sequence[_ValueRun],
    heights: _Heights,
    across: tuple[float, float],
    down: int,
) -> Markup:
    """Return the drawing of one key.

    Args:
        key: The key.
        runs: Its values.
        heights: The scale of values.
        across: The left end of the cell, and its width.
        down: The number of the row of cells.
    """
    left, room = across
    labels = [*heights.ticks()]
    gutter = max(text_width(label, 10) for _, label in labels) + 6
    scale = TimeScale(runs[0].first, runs[-1].last, left + gutter, room - gutter - 12)
    top = _HEAD + _ROW * down
    plot = _Plot(scale, heights, top + 28 + _PLOT)
    parts = [
        element("title", _told(key, runs)),
        text(left, top + 14, shortened(_name(key), room - 16, 14), size=13, weight=600),
        *_axes(plot, labels),
    ]
    for (has_bounds, has_value), alike in groupby(runs, lambda run: run.kind):
        stretch = [*alike]
        if has_bounds:
            parts.append(_band(plot, stretch))
        if has_value:
            parts.append(_line(plot, stretch, dashes=None if has_bounds else "4 3"))
    return element("g", *parts)


def _axes(plot: _Plot, labels: Sequence[tuple[float, str]]) -> Iterator[Markup]:
    scale = plot.scale
    right = scale.left + scale.width
    for height, label in labels:
        y = plot.bottom - _PLOT * height
        yield empty("line", x1=scale.left, y1=y, x2=right, y2=y, stroke=_GRID)
        yield text(scale.left - 4, y + 3.5, label, size=10, anchor="end", fill=MUTED)
    taken = -math.inf
    for day, label in ticks(scale, max(int(scale.width // _TICK), 2)):
        x, wide = scale.begin(day), text_width(label, 10)
        at_end = x + wide > right
        begin = x - wide if at_end else x
        if begin >= taken:
            anchor = "end" if at_end else None
            yield text(x, plot.bottom + 13, label, size=10, anchor=anchor, fill=MUTED)
            taken = begin + wide + 4


def _line(plot: _Plot, runs: Sequence[_ValueRun], *, dashes: str | None) -> Markup:
    points = (point for run in runs for point in plot.points(run, run.certain))
    return empty(
        "path",
        d=f"M{'L'.join(points)}",
        fill="none",
        stroke=COLOURS[0],
        stroke_width=1.75,
        stroke_dasharray=dashes,
    )


def _band(plot: _Plot, runs: Sequence[_ValueRun]) -> Markup:
    upper = [point for run in runs for point in plot.points(run, run.high)]
    lower = [point for run in runs for point in plot.points(run, run.low)]
    return _filled(f"M{'L'.join([*upper, *reversed(lower)])}Z")


def _filled(path: str) -> Markup:
    return empty(
        "path",
        d=path,
        fill=COLOURS[4],
        fill_opacity=0.4,
        stroke=COLOURS[0],
        stroke_width=0.5,
    )


def _legend(y: float) -> Markup:
    line = empty(
        "line",
        x1=_MARGIN,
        y1=y - 4,
        x2=_MARGIN + 24,
        y2=y - 4,
        stroke=COLOURS[0],
        stroke_width=1.75,
    )
    at = _MARGIN + 32 + text_width("certain state") + 16
    band = _filled(f"M{at:.1f} {y - 9:.1f}h24v10h-24Z")
    return joined(
        [
            line,
            text(_MARGIN + 32, y, "certain state", size=11, fill=MUTED),
            band,
            text(at + 32, y, "what the dates allow", size=11, fill=MUTED),
        ]
    )
