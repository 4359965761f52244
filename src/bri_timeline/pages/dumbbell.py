"""The values of two views that differ, as a dumbbell chart in SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from attrs import frozen

from bri_timeline import Projection, View
from bri_timeline.errors import SelectionError
from bri_timeline.pages._state_values import Tell
from bri_timeline.pages.drawing import (
    COLOURS,
    GRID,
    INK,
    MUTED,
    PAPER,
    Heights,
    Markup,
    Number,
    Page,
    Sheet,
    Strings,
    Told,
    basis_words,
    element,
    isolated,
    joined,
    line,
    lines_of,
    number_of,
    path,
    plain_text,
    strings,
    text,
    text_width,
    told,
    value_words,
    wrapped,
)


__all__ = ["render"]

S = TypeVar("S")
_ROUND = "M-6 0A6 6 0 1 1 6 0A6 6 0 1 1 -6 0Z"
_MORE, _LESS = COLOURS[0], COLOURS[5]
# Beyond, what is small would be a point beside what is large.
_MOST_APART = 50
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
    tell: Tell[S] | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> Page:
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
    words = strings(language)
    states = [told(view.project(projection), tell) for view in (before, after)]
    pairs = _pairs(states[0], states[1], words)
    changes = [pair for pair in pairs if pair.before != pair.after]
    changes.sort(key=_size)
    # Of one day nothing changed but what was known of it.
    is_one_day = before.day_number == after.day_number
    heading = "pictures.of_one_day" if is_one_day else "picture.comparison"
    sheet = Sheet(words(heading) if title is None else title, width, words)
    parts = [words.count("changed", len(changes))]
    if len(pairs) > len(changes):
        parts.append(words.count("unchanged", len(pairs) - len(changes)))
    what = words("sentence.clause").join(parts)
    said = f"{_dated(before, words)} \u2192 {_dated(after, words)}"
    said += words("sentence.colon") + what + words("sentence.stop")
    sheet.head(said)
    numbers = [abs(n) for change in changes for n in change.numbers or ()]
    least = min((number for number in numbers if number), default=_ZERO)
    is_common = max(numbers, default=_ZERO) <= _MOST_APART * least
    if changes:
        dates = _dated(before, words), _dated(after, words)
        sheet.legend(_legend(*dates, [c.numbers for c in changes if c.numbers]))
        if not is_common:
            sheet.paragraph(words("pictures.own_scale"), size=11)
        _rows(sheet, changes, is_common=is_common)
    return sheet.page(said)


def _pairs(
    before: Sequence[Told], after: Sequence[Told], words: Strings
) -> list[_Dumbbell]:
    """Return all values of two states, in the order in which they are told."""
    first, second = ({v.label: v for v in some} for some in (before, after))
    found = []
    for label in dict.fromkeys([*first, *second]):
        values = first.get(label), second.get(label)
        texts = [value_words(v, words) if v else "\u2013" for v in values]
        heights = [number_of(value) for value in values]
        # A value that only one state has is nothing in the other.
        numbers = None
        if all(h is not None for h, v in zip(heights, values, strict=True) if v):
            numbers = _exact(heights[0]), _exact(heights[1])
        name = words.known("labels", label or "value")
        found.append(_Dumbbell(name, texts[0], texts[1], numbers))
    return found


def _exact(number: Number | None) -> Decimal:
    return Decimal(str(number or 0))


def _size(change: _Dumbbell) -> Decimal:
    """Return what puts large changes first, and those of text last."""
    if change.numbers is None:
        return Decimal(1)
    before, after = change.numbers
    return -abs(after - before)


def _dated(view: View, words: Strings) -> str:
    """Return the two days of a view in words."""
    day = words.day(view.day_number)
    if view.basis == "everything":
        return day
    return words("pictures.as_known", day=day, known=basis_words(view, words))


# --- the drawing ----------------------------------------------------------------------


def _rows(sheet: Sheet, changes: Sequence[_Dumbbell], *, is_common: bool) -> None:
    """Draw a row for each change; text stands where numbers have their marks."""
    right = sheet.left + sheet.inner
    deltas = [_delta(change, sheet.words) for change in changes]
    margin = max(text_width(delta, 12) * 1.1 for delta in deltas) + 14
    ends = [t for c in changes if c.numbers for t in (c.before, c.after)]
    gap = max((text_width(end, 11) for end in ends), default=0) + 12
    left = sheet.left + 0.32 * sheet.inner + gap
    room = right - margin - gap - left
    common = Heights.of(n for c in changes for n in c.numbers or ())
    top = sheet.y + 18
    if is_common and ends:
        for part, label in common.ticks(sheet.words):
            x = left + room * part
            sheet.add(text(x, top, label, size=11, anchor="middle", fill=MUTED))
    sheet.y = top + 6
    colon = sheet.words("sentence.colon")
    for change, delta in zip(changes, deltas, strict=True):
        name = wrapped(isolated(change.label), 0.32 * sheet.inner - 8)
        arrow = f"{change.before} \u2192 {change.after}"
        height = max(15 * len(name), 15) + 13
        y = sheet.y + height / 2
        if change.numbers is not None:
            share = common.at if is_common else _own_scale(change.numbers)
            zero, x, x2 = (left + room * share(n) for n in (_ZERO, *change.numbers))
            marks = [line(zero, sheet.y, zero, sheet.y + height, stroke=GRID),
                     *_dumbbell(change, (x, x2), y)]  # fmt: skip
        else:
            lines = wrapped(arrow, right - left + gap)
            height = max(height, 15 * len(lines) + 13)
            marks = [lines_of(left - gap, sheet.y + 19, lines)]
        sheet.add(
            line(sheet.left, sheet.y, right, sheet.y, stroke=GRID),
            element(
                "g",
                element("title", plain_text(change.label + colon + arrow)),
                lines_of(sheet.left, y + 4 - 7.5 * (len(name) - 1), name, weight=600),
                *marks,
                text(right, y + 4, delta, weight=600, anchor="end"),
            ),
            to=sheet.y + height,
        )


def _own_scale(numbers: tuple[Decimal, Decimal]) -> Callable[[Decimal], float]:
    """Return the scale of a row, from 0 or the least to 0 or the greatest."""
    low, high = min(_ZERO, *numbers), max(_ZERO, *numbers)
    return lambda number: float((number - low) / ((high - low) or 1))


def _delta(change: _Dumbbell, words: Strings) -> str:
    """Return by how much a number changed, with its sign."""
    if change.numbers is None:
        return ""
    before, after = change.numbers
    number = f"{abs(after - before):f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return ("\u2212" if after < before else "+") + words.number(Decimal(number))


def _dumbbell(
    change: _Dumbbell, places: tuple[float, float], y: float
) -> Iterator[Markup]:
    """Yield a hollow mark for what was, a full one for what is, and their numbers."""
    x, x2 = places
    colour, way = (_MORE, 1) if x2 >= x else (_LESS, -1)
    yield line(x, y, x2, y, stroke=colour, width=4, opacity=0.5)
    yield path(_ROUND, fill=PAPER, at=(x, y))
    yield path(_ROUND, fill=colour, at=(x2, y))
    outer, inner = ("start", "end") if way > 0 else ("end", "start")
    yield text(x - 10 * way, y + 4, change.before, size=11, anchor=inner, fill=MUTED)
    yield text(x2 + 10 * way, y + 4, change.after, size=11, anchor=outer, fill=INK)


def _legend(
    before: str, after: str, numbers: list[tuple[Decimal, Decimal]]
) -> Iterator[tuple[Markup, str]]:
    if not numbers:
        return
    yield path(_ROUND, fill=PAPER, at=(13, 0)), before
    colours = {_LESS if second < first else _MORE for first, second in numbers}
    # More is blue and less is red: both are what is.
    marks = [
        path(_ROUND, fill=colour, at=(20 - 14 * n, 0))
        for n, colour in enumerate(sorted(colours, reverse=True))
    ]
    yield joined(marks), after
