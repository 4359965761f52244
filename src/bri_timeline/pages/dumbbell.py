"""The values of two views that differ, as a dumbbell chart in SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from attrs import frozen

from bri_timeline import Projection, View
from bri_timeline.errors import SelectionError
from bri_timeline.pages import _sheets as draw


__all__ = ["render"]

S = TypeVar("S")
_ROUND = draw.look(0)[1]
_MORE, _LESS = draw.COLOURS[0], draw.COLOURS[5]
# Beyond, what is small would be a point beside what is large.
_MOST_APART = 50
_MOST_NAMED = 8
_ZERO = Decimal(0)


@frozen
class _Dumbbell:
    """A value that differs.

    Attributes:
        label: What it is called.
        before: Its text in the first view.
        after: Its text in the second.
        numbers: Both, if they have heights.
    """

    label: str
    before: str
    after: str
    numbers: tuple[Decimal, Decimal] | None


def render(
    before: View,
    after: View,
    *,
    projection: Projection[S],
    tell: draw.Tell[S] | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return a dumbbell chart as SVG: each value that differs, before and after.

    The values are those of the certain states. The largest change comes first, and
    values that are the same are counted only. If some are more than 50 times as large
    as others each row has a scale of its own, and the picture says so.

    Args:
        before: The first view.
        after: The second view, of another day, other knowledge, or another log.
        projection: The state.
        tell: Returns the values of a state by their labels.
        title: The heading; by default "What changed", or of one day "Two states of
            knowledge about one day", in its language.
        width: In pixels, at least 480; the height follows from the content.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: *tell* does not return a mapping from labels to values, or the
            language has no table.
    """
    for view in (before, after):
        if not isinstance(view, View):
            raise SelectionError(view, "is not a view: give log.as_of(day)")
    words = draw.words_for(language, before, after)
    heading = draw.changes_title(before, after, words) if title is None else title
    sheet = draw.Sheet(heading, width, words)
    pairs = _pairs(*(draw.valued(view.project(projection), tell, words)
                     for view in (before, after)))  # fmt: skip
    changes = [pair for pair in pairs if pair.before != pair.after]
    # Large changes come first, and those of text last.
    changes.sort(key=lambda c: -abs(c.numbers[1] - c.numbers[0]) if c.numbers else 1)
    dates = draw.view_words(before, words), draw.view_words(after, words)
    counts = {"changed": len(changes), "unchanged": len(pairs) - len(changes)}
    what = draw.counted(words, counts) if changes else words.count("changed", 0)
    same = [pair.label for pair in pairs if pair.before == pair.after]
    if changes and 0 < len(same) <= _MOST_NAMED:
        what += words("sentence.colon") + words.listed(same)
    said = " \u2192 ".join(dates) + words("sentence.colon") + what
    sheet.head(said + words("sentence.stop"))
    numbers = [abs(n) for change in changes for n in change.numbers or ()]
    least = min((number for number in numbers if number), default=_ZERO)
    is_common = max(numbers, default=_ZERO) <= _MOST_APART * least
    if changes:
        _legend(sheet, dates, [c.numbers for c in changes if c.numbers])
        if not is_common:
            sheet.paragraph(words("pictures.own_scale"), size=11)
        _rows(sheet, changes, is_common=is_common)
    return sheet.page()


def _pairs(
    first: Mapping[str, draw.Valued], second: Mapping[str, draw.Valued]
) -> list[_Dumbbell]:
    """Return all values of two states, in the order in which they are told."""
    found = []
    for name in dict.fromkeys([*first, *second]):
        values = first.get(name), second.get(name)
        # A value that only one state has is nothing in the other.
        texts = [value.text if value else "\u2013" for value in values]
        heights = [value.number if value else 0 for value in values]
        numbers = [Decimal(str(height)) for height in heights if height is not None]
        both = (numbers[0], numbers[1]) if numbers[1:] else None
        found.append(_Dumbbell(name, texts[0], texts[1], both))
    return found


# --- the drawing ----------------------------------------------------------------------


def _rows(sheet: draw.Sheet, changes: Sequence[_Dumbbell], *, is_common: bool) -> None:
    """Draw a row for each change; text stands where numbers have their marks."""
    deltas = [_delta(change, sheet.words) for change in changes]
    margin = max(draw.text_width(delta, 12) * 1.1 for delta in deltas) + 14
    ends = [t for c in changes if c.numbers for t in (c.before, c.after)]
    gap = max((draw.text_width(end, 11) for end in ends), default=0) + 12
    left = sheet.left + 0.32 * sheet.inner + gap
    room = sheet.right - margin - gap - left
    common = draw.Heights.of(n for c in changes for n in c.numbers or ())
    sheet.y += 24
    if is_common and ends:
        sheet.add(*(
            draw.note(left + room * part, sheet.y - 6, label, anchor="middle")
            for part, label in common.ticks(sheet.words)
        ))  # fmt: skip
    for change, delta in zip(changes, deltas, strict=True):
        top, arrow = sheet.y, f"{change.before} \u2192 {change.after}"
        lines = [] if change.numbers else draw.wrapped(arrow, sheet.right - left + gap)
        y = sheet.row(change.label, room=0.32 * sheet.inner - 8, weight=600)
        sheet.y = max(sheet.y, top + 28, top + 15 * len(lines) + 13)
        marks = [draw.lines_of(left - gap, top + 19, lines)]
        if change.numbers is not None:
            share = common.at if is_common else _own_scale(change.numbers)
            zero, x, x2 = (left + room * share(n) for n in (_ZERO, *change.numbers))
            marks = [draw.line(zero, top, zero, sheet.y),
                     *_dumbbell(change, (x, x2), y)]  # fmt: skip
        by = draw.text(sheet.right, y + 4, delta, weight=600, anchor="end")
        told = change.label + sheet.words("sentence.colon") + arrow
        sheet.add(draw.titled([told], *marks, by))


def _own_scale(numbers: tuple[Decimal, Decimal]) -> Callable[[Decimal], float]:
    """Return the scale of a row, from 0 or the least to 0 or the greatest."""
    low, high = min(_ZERO, *numbers), max(_ZERO, *numbers)
    return lambda number: float((number - low) / ((high - low) or 1))


def _delta(change: _Dumbbell, words: draw.Strings) -> str:
    """Return by how much a number changed, with its sign."""
    if change.numbers is None:
        return ""
    before, after = change.numbers
    number = f"{abs(after - before):f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return ("\u2212" if after < before else "+") + words.number(Decimal(number))


def _mark(x: float, y: float, colour: str) -> draw.Markup:
    return draw.path(_ROUND, fill=colour, at=(x, y))


def _dumbbell(
    change: _Dumbbell, places: tuple[float, float], y: float
) -> Iterator[draw.Markup]:
    """Yield a hollow mark for what was, a full one for what is, and their numbers."""
    x, x2 = places
    colour, way = (_MORE, 1) if x2 >= x else (_LESS, -1)
    outer, inner = ("start", "end")[::way]
    yield draw.line(x, y, x2, y, stroke=colour, width=4, opacity=0.5)
    yield from (_mark(x, y, draw.PAPER), _mark(x2, y, colour))
    yield draw.note(x - 10 * way, y + 4, change.before, anchor=inner)
    yield draw.text(x2 + 10 * way, y + 4, change.after, size=11, anchor=outer)


def _legend(
    sheet: draw.Sheet, dates: tuple[str, str], numbers: list[tuple[Decimal, Decimal]]
) -> None:
    colours = {_LESS if second < first else _MORE for first, second in numbers}
    # More is blue and less is red: both are what is.
    marks = (
        _mark(20 - 14 * n, 0, colour)
        for n, colour in enumerate(sorted(colours, reverse=True))
    )
    sheet.legend(
        (bool(numbers), _mark(13, 0, draw.PAPER), dates[0]),
        (bool(numbers), draw.joined(marks), dates[1]),
    )
