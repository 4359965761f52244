"""SVG marks, axis and legend.

Lanes differ in colour and in shape, so that either suffices. The
colours are those of Okabe and Ito ("Color Universal Design", 2008), which are safe for
colour-blind readers. Some are pale, so every mark has a dark outline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import pairwise
from math import cos, pi, sin

from bri_timeline import Edtf
from bri_timeline.extend import iso
from bri_timeline.pages._marks import (
    ClaimStatus,
    MarkSpan,
    PictureRow,
    TimeScale,
    span,
    ticks,
)
from bri_timeline.pages._markup import (
    Markup,
    element,
    empty,
    isolated,
    joined,
    text_width,
)
from bri_timeline.pages._wording import Strings, date_words


# Browsers take the first. The renderer of PNG knows no generic names: unless the system
# has one of the fonts that are named, it leaves out all text.
_FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial,"
    " 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"
)
# For other scripts the renderer of PNG takes any face that it finds, also a bold one.
_SCRIPTS = (
    (
        range(0x0590, 0x0900),
        f"'Noto Sans Arabic', 'DejaVu Sans', {_FONTS}",
    ),
    (range(0x2E80, 0xA000), f"'Noto Sans CJK SC', 'PingFang SC', {_FONTS}"),
    (range(0xAC00, 0xD7B0), f"'Noto Sans CJK KR', {_FONTS}"),
)
INK, MUTED, PAPER, GRID = "#1b1b1f", "#5b5d66", "#ffffff", "#d9dae0"
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
# Where readers wish it dark, each colour gives way to another: no mark needs a class.
_DARK = {
    INK: "#ececf1",
    MUTED: "#aeb0bb",
    PAPER: "#17181c",
    GRID: "#3b3d46",
    "#0072b2": "#4fb0e8",
    "#d55e00": "#ff8a3d",
    "#8a8d98": "#9b9eaa",
}
# On paper grey lines and letters are faint.
_PRINT = {INK: "#000000", MUTED: "#333333", GRID: "#b4b6bf"}


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


# The least distances of ticks that are tried, one after another.
_TICKS = (36, 60, 90)
_LEAST = 8
_FADE = 28
# The distance of marks of one row that stand below each other, and half their width.
APART = 14
_HALF = 7


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
        # The rules have no text of a log, and quotes stay quotes.
        element("style", Markup(style())),
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
        class_="bri-picture",
    )


@cache
def style() -> str:
    """Return the style of a reader who wishes it dark, and that of paper."""
    dark = [
        _recoloured(name, light, other)
        for light, other in _DARK.items()
        for name in ("fill", "stroke", "stop-color")
    ]
    paper = [
        _recoloured(name, light, other)
        for light, other in _PRINT.items()
        for name in ("fill", "stroke")
        # Areas stay light.
        if (light, name) != (GRID, "fill")
    ]
    sheets = {"screen and (prefers-color-scheme:dark)": dark, "print": paper}
    return "".join(f"@media {media}{{{''.join(r)}}}" for media, r in sheets.items())


def _recoloured(name: str, light: str, other: str) -> str:
    """Return the rule that gives what has a colour another."""
    own, inner = f'.bri-picture[{name}="{light}"]', f'.bri-picture [{name}="{light}"]'
    return f"{own},{inner}{{{name}:{other}}}"


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
    """Return a line of text, isolated if it is written from right to left."""
    return lines_of(
        x, y, [isolated(content)], size=size, weight=weight, anchor=anchor, fill=fill,
        line_through=line_through,
    )  # fmt: skip


def note(
    x: float, y: float, content: str, *, size: float = 11, anchor: str | None = None
) -> Markup:
    """Return a line of small, muted text, such as the label of a tick."""
    return text(x, y, content, size=size, anchor=anchor, fill=MUTED)


def lines_of(
    x: float,
    y: float,
    lines: list[str],
    *,
    size: float | None = None,
    leading: float = 15,
    weight: int | None = None,
    anchor: str | None = None,
    fill: str | None = None,
    line_through: bool = False,
) -> Markup:
    """Return lines of text, one below the other.

    Args:
        x: The left end of the lines; the right end, if the anchor is `end`.
        y: The base line of the first.
        lines: What `isolated()` returned, wrapped or not.
        size: The size of the font.
        leading: The distance between base lines.
        weight: The weight of the font.
        anchor: The anchor of SVG.
        fill: The colour.
        line_through: Strike it through.
    """
    return joined(
        element(
            "text",
            Markup(escape(content)),
            x=x,
            y=y + n * leading,
            font_size=size,
            font_weight=weight,
            text_anchor=anchor,
            fill=fill,
            text_decoration="line-through" if line_through else None,
            font_family=_fonts_for(content),
        )
        for n, content in enumerate(lines)
        if content
    )


def _fonts_for(content: str) -> str | None:
    if content.isascii():
        return None
    letters = {*map(ord, content)}
    families = (fonts for codes, fonts in _SCRIPTS if any(c in codes for c in letters))
    return next(families, None)


def axis(
    scale: TimeScale, day: int | None, top: float, bottom: float, words: Strings
) -> Markup:
    """Return the tick lines of a scale, and a line at a day, if one is given."""
    parts, right = [], scale.left + scale.width
    taken = -math.inf
    for tick, name in _ticks(scale, words):
        at, room = scale.begin(tick), text_width(name, 11)
        parts.append(line(at, top + 4, at, bottom, stroke=GRID))
        begin = min(at, right - room)
        if begin >= max(taken, scale.left - 1):
            parts.append(note(begin, top, name))
            taken = begin + room + 8
    if day is not None:
        x, label = scale.middle(day), words.day(day)
        # The label of the day stands above those of the ticks, within the scale.
        wide = text_width(label, 11) * 1.1
        middle = min(max(x, scale.left + wide / 2), max(right - wide / 2, scale.left))
        parts += [
            line(x, top + 4, x, bottom, stroke=INK, width=1.25),
            text(middle, top - 16, label, size=11, weight=600, anchor="middle"),
        ]
    return element("g", *parts)


def _ticks(scale: TimeScale, words: Strings) -> list[tuple[int, str]]:
    """Return the days of ticks with their labels: as many as have room."""
    labels: list[tuple[int, str]] = []
    for each in _TICKS:
        pairs = ticks(scale, max(int(scale.width // each), 2))
        labels = [(day, tick_name(day, label, words)) for day, label in pairs]
        longest = max(text_width(label, 11) for _, label in labels) + 8
        apart = (scale.begin(b) - scale.begin(a) for (a, _), (b, _) in pairwise(labels))
        if all(distance >= longest for distance in apart):
            break
    return labels


def tick_name(day: int, label: str, words: Strings) -> str:
    """Return the label of a tick in a language; years are alike in all of them."""
    parts = label.count(" ")
    if words.code == "en" or not parts:
        return label
    return words.day(day) if parts > 1 else date_words(Edtf(iso(day)[:-3]), words)


def fades(colours: list[str]) -> Markup:
    """Return the gradients of dates without a bound: to the left and to the right."""
    gradients = []
    for colour in dict.fromkeys(colours):
        for side, first in (("l", 0), ("r", 1)):
            stops = [
                empty("stop", offset=at, stop_color=colour, stop_opacity=alpha)
                for at, alpha in ((0, 0.45 * first), (1, 0.45 * (1 - first)))
            ]
            gradients.append(
                element("linearGradient", *stops, id=f"bri-{side}{colour[1:]}")
            )
    return element("defs", *gradients)


def stacked(row: PictureRow, scale: TimeScale) -> list[tuple[MarkSpan, int]]:
    """Return the hollow marks of a row: other dates, then the one that is expected.

    Each has its level: 0 beside the mark of what is taken, and more where it would hide
    another. A mark is never moved along the scale: it would stand at another date.
    """
    taken = [[_reach(span(row.event.when), scale)]]
    hollow = [span(ghost.when) for ghost in row.ghosts]
    if row.expected is not None:
        hollow.append(row.expected)
    found = []
    for where in hollow:
        left, right = _reach(where, scale)
        level = next(
            (n for n, ends in enumerate(taken)
             if all(right < start or end < left for start, end in ends)),
            len(taken),
        )  # fmt: skip
        taken += [[]] * (level == len(taken))
        taken[level] = [*taken[level], (left, right)]
        found.append((where, level))
    return found


def _reach(where: MarkSpan, scale: TimeScale) -> tuple[float, float]:
    """Return the ends of the mark of a date, with some room."""
    last = where.last if where.end_last is None else where.end_last
    left, right = scale.begin(where.first), scale.begin(last + 1)
    middle = scale.middle(where.first), scale.middle(where.last)
    return min(left, middle[0] - _HALF), max(right, middle[1] + _HALF)


def drawn(
    row: PictureRow, scale: TimeScale, y: float, look: tuple[str, str], today: float
) -> Markup:
    """Return the marks of a row: what is taken, other dates, how long it holds.

    Args:
        row: The row.
        scale: The scale of days.
        y: The vertical centre of the marks.
        look: The colour and the shape of its lane.
        today: The position of the end of the day of the view.
    """
    colour, shape = look
    where = span(row.event.when)
    parts: list[Markup] = []
    hollow = stacked(row, scale)
    y -= max((level for _, level in hollow), default=0) * APART / 2
    # A date that is unbounded above has no place at which it could begin to hold.
    if row.in_force and where.last < math.inf:
        start = scale.middle(where.last)
        dashes = "3 3" if row.may_have_ended else None
        parts.append(
            line(start, y, today, y, stroke=colour, width=3, opacity=0.4, dashes=dashes)
        )
    here = _middle(where, scale)
    for n, (there, level) in enumerate(hollow):
        below = y + level * APART
        if n < len(row.ghosts):
            parts.append(
                line(here, y, _middle(there, scale), below, stroke=INK, dashes="1 2")
            )
        parts += _placed(there, scale, below, PAPER, shape, dashed=True)
    maybe = row.status is not ClaimStatus.CERTAIN
    fill = PAPER if maybe else colour
    parts += _placed(where, scale, y, fill, shape, small=row.part, ink=colour)
    if row.status is ClaimStatus.UNDECIDED:
        parts.append(_question(here, y))
    if not row.counts:
        parts.append(line(here - 9, y, here + 9, y, stroke=INK, width=2))
    return joined(parts)


def _middle(where: MarkSpan, scale: TimeScale) -> float:
    return (scale.middle(where.first) + scale.middle(where.last)) / 2


def _placed(
    where: MarkSpan,
    scale: TimeScale,
    y: float,
    fill: str,
    shape: str,
    *,
    dashed: bool = False,
    small: bool = False,
    ink: str = INK,
) -> Iterator[Markup]:
    """Yield the mark of a date: a shape for a day, else a bar for where it may lie."""
    dashes = "2 2" if dashed else None
    if where.end_first is not None:
        yield from _lasting(where, scale, y, fill, dashes)
    if where.first == where.last:
        at = f"translate({scale.middle(where.first):.1f} {y:.1f})"
        at += " scale(0.7)" if small else ""
        yield empty(
            "path",
            d=shape,
            transform=at,
            fill=fill,
            stroke=INK,
            stroke_width=1.25,
            stroke_dasharray=dashes,
            stroke_linejoin="round",
        )
        return
    left, right = scale.begin(where.first), scale.begin(where.last + 1)
    yield from _bar(where, left, right, y, fill, dashes, ink)


def _bar(
    where: MarkSpan,
    left: float,
    right: float,
    y: float,
    fill: str,
    dashes: str | None,
    ink: str,
) -> Iterator[Markup]:
    """Yield the span in which a date may lie; an open side fades out."""
    # A span of a few days would be invisible on a scale of decades.
    if right - left < _LEAST:
        left, right = (left + right - _LEAST) / 2, (left + right + _LEAST) / 2
    opens = where.first == -math.inf, where.last == math.inf
    # Where a bound lies at the end of the scale, a fade would have no room.
    if opens[0]:
        left = min(left, right - _FADE)
    if opens[1]:
        right = max(right, left + _FADE)
    fades_out = any(opens) and dashes is None
    is_plain = dashes is not None or (fill == PAPER and not fades_out)
    colour = fill
    if fades_out:
        side = "l" if opens[0] else "r"
        colour = f"url(#bri-{side}{ink[1:]})"
    yield empty(
        "rect",
        x=left,
        y=y - 5,
        width=right - left,
        height=10,
        rx=2,
        fill=colour,
        fill_opacity=None if is_plain or fades_out else 0.3,
        stroke=ink if is_plain else None,
        stroke_width=1 if is_plain else None,
        stroke_dasharray=dashes or ("3 2" if is_plain else None),
    )
    for x, is_open in ((left, opens[0]), (right, opens[1])):
        if not is_open and not is_plain:
            yield line(x, y - 6, x, y + 6, stroke=INK, width=1.5)


def _lasting(
    where: MarkSpan, scale: TimeScale, y: float, fill: str, dashes: str | None
) -> Iterator[Markup]:
    """Yield the bar of an extent: solid where certain, outlined where possible."""
    end = where.last if where.end_first is None else where.end_first
    # It certainly lasted only from the latest start to the earliest end.
    left, right = scale.begin(where.last), scale.begin(end + 1)
    if right > left:
        yield empty(
            "rect",
            x=left,
            y=y - 3,
            width=max(right - left, 1),
            height=6,
            fill=fill,
            stroke=INK,
            stroke_width=1,
            stroke_dasharray=dashes,
        )
    possible = where.end_last
    if possible is not None and math.isfinite(possible):
        last = scale.begin(possible + 1)
        if last > right + 1:
            yield empty("rect", x=right, y=y - 3, width=last - right, height=6,
                        fill=PAPER, stroke=INK, stroke_width=1,
                        stroke_dasharray="3 2")  # fmt: skip


def _question(x: float, y: float) -> Markup:
    return element(
        "g",
        empty("circle", cx=x, cy=y, r=6, fill=PAPER, stroke=INK),
        text(x, y + 3.5, "?", size=10, weight=700, anchor="middle"),
    )


def line(
    x: float,
    y: float,
    x2: float,
    y2: float,
    *,
    stroke: str = GRID,
    width: float = 1,
    opacity: float | None = None,
    dashes: str | None = None,
) -> Markup:
    """Return a line, by default a faint one, as those of a grid."""
    return empty(
        "line",
        x1=x,
        y1=y,
        x2=x2,
        y2=y2,
        stroke=stroke,
        stroke_width=width,
        stroke_opacity=opacity,
        stroke_dasharray=dashes,
    )
