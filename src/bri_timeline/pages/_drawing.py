"""SVG marks, axis and legend.

Lanes differ in colour and in shape, so that either suffices. The
colours are those of Okabe and Ito ("Color Universal Design", 2008), which are safe for
colour-blind readers. Some are pale, so every mark has a dark outline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from math import cos, pi, sin

from bri_timeline import Edtf, Event
from bri_timeline._calendar import iso
from bri_timeline._queries import ClaimStatus
from bri_timeline.pages._axis import TimeScale, ticks
from bri_timeline.pages._layout import text_width
from bri_timeline.pages._marks import Mark, Span
from bri_timeline.pages._markup import Markup, element, empty, joined


__all__ = [
    "COLOURS",
    "FLAG",
    "INK",
    "MUTED",
    "PAPER",
    "SHAPES",
    "axis",
    "drawn",
    "legend",
    "look",
    "picture",
    "text",
]


# Browsers take the first. The renderer of PNG knows no generic names: unless the system
# has one of the fonts that are named, it leaves out all text.
_FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial,"
    " 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"
)
INK, MUTED, PAPER = "#1b1b1f", "#5b5d66", "#ffffff"
COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#8a8d98",
)
FLAG = "M0 7V-7M0 -7L8 -4L0 -1"


def _polygon(corners: int, size: float, turn: float = 0.0, inner: float = 1.0) -> str:
    points = []
    for corner in range(corners):
        angle = 2 * pi * corner / corners - pi / 2 + turn
        reach = size * (inner if corner % 2 else 1)
        points.append(f"{reach * cos(angle):.1f} {reach * sin(angle):.1f}")
    return f"M{'L'.join(points)}Z"


# Paths around the origin, with a radius of about 6.
SHAPES = (
    "M-5.5 0A5.5 5.5 0 1 1 5.5 0A5.5 5.5 0 1 1 -5.5 0Z",
    _polygon(4, 7, pi / 4),
    _polygon(4, 7),
    _polygon(3, 7),
    _polygon(6, 6.3),
    _polygon(3, 7, pi),
    _polygon(10, 7, inner=0.5),
    _polygon(5, 6.5),
)


def look(number: int) -> tuple[str, str]:
    """Return the colour and the shape of a lane, numbered from 0.

    After eight lanes the colours repeat with other shapes.
    """
    # Shifting the shape on each turn keeps every pair of colour and shape distinct.
    turn = number // len(COLOURS)
    shape = SHAPES[(number + turn) % len(SHAPES)]
    return COLOURS[number % len(COLOURS)], shape


_TICK = 90
_NARROW = 14


def picture(
    title: str, description: str, width: float, height: float, *parts: str
) -> Markup:
    """Return a whole picture.

    Args:
        title: The title, which screen readers read out, as they do the description.
        description: What it shows, in a line.
        width: In pixels.
        height: In pixels.
        parts: The content, heading included.
    """
    return element(
        "svg",
        element("title", title, id="bri-title"),
        element("desc", description, id="bri-desc"),
        empty("rect", width=width, height=height, fill=PAPER),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_labelledby="bri-title bri-desc",
        font_family=_FONTS,
        font_size=12,
        fill=INK,
    )


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float | None = None,
    weight: int | None = None,
    anchor: str | None = None,
    fill: str | None = None,
    line_through: bool = False,
) -> Markup:
    """Return a line of text."""
    return element(
        "text",
        content,
        x=x,
        y=y,
        font_size=size,
        font_weight=weight,
        text_anchor=anchor,
        fill=fill,
        text_decoration="line-through" if line_through else None,
    )


def axis(scale: TimeScale, day: int, top: float, bottom: float) -> Markup:
    """Return the tick lines of a scale, and a line at the day of the view."""
    parts = []
    for tick, label in ticks(scale, max(int(scale.width // _TICK), 2)):
        x = scale.begin(tick)
        parts.append(_line(x, top + 4, x, bottom, stroke="#d9dae0"))
        # The last label would be cut off at the edge of the picture.
        at_end = x + text_width(label) > scale.left + scale.width
        anchor = "end" if at_end else None
        parts.append(text(x, top, label, size=11, fill=MUTED, anchor=anchor))
    x = scale.middle(day)
    parts.append(_line(x, top + 4, x, bottom, stroke=INK, width=1.5))
    # A label right of the line would leave the picture near its right edge.
    on_left = x > scale.left + scale.width / 2
    label = text(
        x, bottom + 10, iso(day), size=11, weight=600, anchor="end" if on_left else None
    )
    return element("g", *parts, label)


def drawn(
    mark: Mark, scale: TimeScale, y: float, colour: str, shape: str, until: float
) -> Markup:
    """Return a mark.

    Args:
        mark: The mark.
        scale: The scale of days.
        y: The vertical centre of the mark.
        colour: The colour of its lane.
        shape: The path of the shape of its lane.
        until: The right end of the arrow of a claim in force.
    """
    where = mark.span
    parts = []
    if where.end_first is not None:
        parts.append(_lasting(mark, scale, y, colour))
    # A date that is unbounded above has no place at which an arrow could begin.
    if mark.in_force and where.last < math.inf:
        parts.append(_arrow(scale.middle(where.last), until, y))
    if where.first == where.last:
        parts.append(_solid(scale.middle(where.first), y, colour, shape))
    else:
        left, right = scale.begin(where.first), scale.begin(where.last + 1)
        parts.append(_dashed(left, right, y, colour))
        parts += _onwards(where, left, right, y)
    left, right = scale.middle(where.first), scale.middle(where.last)
    if mark.status is ClaimStatus.UNDECIDED:
        parts.append(_question((left + right) / 2, y))
    if mark.why:
        parts.append(_line(left - 9, y, right + 9, y, stroke=INK, width=2))
    if mark.flagged:
        parts.append(_path(FLAG, right + 3, y - 4, "#d55e00", width=1.25))
    return joined(parts)


def legend(left: float, y: float) -> Markup:
    """Return the legend: a sample of each mark with its meaning."""
    scale = TimeScale(1, 4, 0, 40)
    event = Event("", when="0001-01-01")
    loose = Event("", when=Edtf("[0001-01-01..0001-01-04]"))
    samples = (
        (16, "on that day", Mark(event, ClaimStatus.CERTAIN)),
        (46, "some day within", Mark(loose, ClaimStatus.CERTAIN)),
        (46, "perhaps, by the day shown", Mark(loose, ClaimStatus.UNDECIDED)),
        (46, "in force", Mark(event, ClaimStatus.CERTAIN, in_force=True)),
        (20, "does not count", Mark(event, ClaimStatus.RETRACTED, why="so")),
        (22, "sources differ", Mark(event, ClaimStatus.CERTAIN, flagged=True)),
    )
    parts, x = [], left
    for size, label, mark in samples:
        sample = drawn(mark, scale, 0, COLOURS[4], SHAPES[0], 42)
        sample = element("g", sample, transform=f"translate({x + 3:g} {y - 4:g})")
        parts += [sample, text(x + size + 2, y, label, size=11, fill=MUTED)]
        x += size + 16 + text_width(label) * 11 / 12
    return joined(parts)


def _solid(x: float, y: float, colour: str, shape: str) -> Markup:
    return _path(shape, x, y, colour, width=1.25)


def _dashed(left: float, right: float, y: float, colour: str) -> Markup:
    # A span of a few days would be invisible on a scale of decades.
    if right - left < _NARROW:
        left, right = (left + right - _NARROW) / 2, (left + right + _NARROW) / 2
    return empty(
        "rect",
        x=left,
        y=y - 5,
        width=right - left,
        height=10,
        rx=2,
        fill=colour,
        fill_opacity=0.25,
        stroke=INK,
        stroke_width=1.25,
        stroke_dasharray="4 3",
    )


def _onwards(where: Span, left: float, right: float, y: float) -> Iterator[Markup]:
    """Yield an arrow head for each side on which a date is unbounded."""
    if where.first == -math.inf:
        yield _head(left + 4, y, -1)
    if where.last == math.inf:
        yield _head(right - 4, y, 1)


def _head(x: float, y: float, side: int) -> Markup:
    back = x - 4 * side
    d = f"M{back:.1f} {y - 4:.1f}L{x:.1f} {y:.1f}L{back:.1f} {y + 4:.1f}"
    return empty("path", d=d, fill="none", stroke=INK, stroke_width=1.5)


def _lasting(mark: Mark, scale: TimeScale, y: float, colour: str) -> Markup:
    """Return the bar of an extent: solid where certain, dashed where possible."""
    where = mark.span
    end = where.last if where.end_first is None else where.end_first
    # It certainly lasted only from the latest start to the earliest end.
    left, certain_end = scale.begin(where.last), scale.begin(end + 1)
    bar = empty(
        "rect",
        x=left,
        y=y - 4,
        width=max(certain_end - left, 1),
        height=8,
        fill=colour,
        stroke=INK,
        stroke_width=1.25,
    )
    last = scale.begin(max(where.end_last or end, end) + 1)
    return joined(
        [bar, _dashed(certain_end, last, y, colour)]
        if last > certain_end + 1
        else [bar]
    )


def _arrow(start: float, end: float, y: float) -> Markup:
    return joined([_line(start, y, end, y, stroke=INK, width=1.5), _head(end, y, 1)])


def _question(x: float, y: float) -> Markup:
    return element(
        "g",
        empty("circle", cx=x, cy=y, r=6, fill=PAPER, stroke=INK),
        text(x, y + 3.5, "?", size=10, weight=700, anchor="middle"),
    )


def _path(d: str, x: float, y: float, fill: str, *, width: float) -> Markup:
    return empty(
        "path",
        d=d,
        transform=f"translate({x:.1f} {y:.1f})",
        fill=fill,
        stroke=INK,
        stroke_width=width,
        stroke_linejoin="round",
    )


def _line(
    x: float, y: float, x2: float, y2: float, *, stroke: str, width: float = 1
) -> Markup:
    return empty("line", x1=x, y1=y, x2=x2, y2=y2, stroke=stroke, stroke_width=width)
