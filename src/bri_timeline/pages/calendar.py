"""A calendar of days: how much happened on each, as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from bri_timeline import Event, EventLog, Projection, View
from bri_timeline.extend import describe_event
from bri_timeline.pages.drawing import (
    COLOURS,
    GRID,
    MUTED,
    Markup,
    Page,
    Sheet,
    Strings,
    box,
    counted,
    element,
    month_names,
    path,
    sentence,
    span,
    strings,
    text,
    text_width,
    view_of,
    years_of,
)


__all__ = ["render"]

S = TypeVar("S")
_SHADES = (0.25, 0.45, 0.7, 1.0)
_MOST_TOLD = 12


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    most: int = 20,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> Page:
    """Return a calendar as SVG: a row of weeks for each year, a cell for each day.

    A day is the darker the more certainly began on it. What is dated by a month or a
    year has no cell: how much that is stands beside the year in which it began.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: What it is about: only what concerns its parties is drawn.
        most: The largest number of years; the last are drawn. Years in which nothing
            began are left out.
        title: The heading; by default "Day by day", in its language.
        width: In pixels, at least 480; the height follows from the number of years.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: The language has no table.
    """
    view, words = view_of(shown, projection), strings(language)
    days: dict[int, list[Event]] = {}
    vague: Counter[int] = Counter()
    rest = len(view.undecided)
    for event in view.events:
        where, (year, latest) = span(event.when), years_of(event)
        if not year or year != latest:
            rest += 1
        elif where.first == where.last:
            days.setdefault(int(where.first), []).append(event)
        else:
            vague[year] += 1
    years = sorted({*(date.fromordinal(day).year for day in days), *vague})
    sheet = Sheet(words("pictures.calendar") if title is None else title, width, words)
    counts = {
        "on_a_day": sum(map(len, days.values())),
        "in_a_year": vague.total(),
        "elsewhere": rest,
    }
    left_out = {"years": max(len(years) - most, 0)}
    said = sentence(view, counted(words, counts, left_out), words)
    sheet.head(said)
    if days:
        highest = max(map(len, days.values()))
        sheet.legend(_legend(highest))
    for year in years[len(years) - min(most, len(years)) :]:
        _year_of(sheet, year, days, vague[year], view.day_number)
    return sheet.page(said)


def _shade(number: int, highest: int) -> float:
    """Return how dark a day is: of few at most each number has a shade of its own."""
    steps = min(highest, len(_SHADES))
    return _SHADES[(number * steps - 1) // highest + len(_SHADES) - steps]


# --- the drawing ----------------------------------------------------------------------


def _year_of(
    sheet: Sheet, year: int, days: Mapping[int, Sequence[Event]], vague: int, last: int
) -> None:
    """Draw the weeks of a year, with its months, and how much has no day in it.

    Days after the last have no cell: an empty one would say that nothing happened.
    """
    words, first = sheet.words, date(year, 1, 1)
    highest = max(map(len, days.values()), default=1)
    gutter = text_width("0000", 12) + 10
    cell = (sheet.inner - gutter) / 54
    left, top = sheet.left + gutter, sheet.y + 30
    count = date(year, 12, 31).timetuple().tm_yday
    total = sum(len(days.get(first.toordinal() + n, ())) for n in range(count))
    numbers = {"events": total, "without_day": vague}
    parts = [words.count(name, number) for name, number in numbers.items() if number]
    said, right = words("sentence.comma").join(parts), sheet.left + sheet.inner
    sheet.add(text(right, sheet.y + 12, said, size=11, anchor="end", fill=MUTED))
    # Days that are all empty would tell nothing.
    if not total:
        sheet.add(
            text(sheet.left, sheet.y + 12, str(year), weight=600), to=sheet.y + 20
        )
        return
    sheet.add(text(sheet.left, top + 3.8 * cell, str(year), weight=600))
    empty = ""
    for number in range(count):
        day = first.toordinal() + number
        column, row = divmod(number + first.weekday(), 7)
        x, y = left + column * cell, top + row * cell
        events = days.get(day, ())
        if date.fromordinal(day).day == 1:
            month = date.fromordinal(day).month
            name = month_names(words)[month - 1][:3]
            sheet.add(text(x, top - 5, name, size=min(11, cell), fill=MUTED))
        if events:
            sheet.add(_day(events, (x, y, cell), _shade(len(events), highest), words))
        elif day <= last:
            size = cell - 1.5
            empty += f"M{x:.1f} {y:.1f}h{size:.1f}v{size:.1f}h-{size:.1f}Z"
    sheet.add(path(empty, fill=GRID, stroke=None, opacity=0.5))
    sheet.y = top + 7 * cell


def _day(
    events: Sequence[Event],
    place: tuple[float, float, float],
    shade: float,
    words: Strings,
) -> Markup:
    """Return the cell of a day on which something began."""
    x, y, cell = place
    day = words.day(int(span(events[0].when).first))
    told = [
        day + words("sentence.colon") + words.number(len(events)),
        *(describe_event(event, words.code) for event in events[:_MOST_TOLD]),
    ]
    if len(events) > _MOST_TOLD:
        told.append(words.count("more", len(events) - _MOST_TOLD))
    mark = box(x, y, cell - 1.5, cell - 1.5, fill=COLOURS[0], opacity=shade)
    return element("g", element("title", "\n".join(told)), mark)


def _legend(highest: int) -> Iterator[tuple[Markup, str]]:
    """Yield the shades with the numbers for which they stand."""
    yield box(0, -6, 12, 12, fill=GRID, opacity=0.5), "0"
    shades: dict[float, list[int]] = {}
    for number in range(1, highest + 1):
        shades.setdefault(_shade(number, highest), []).append(number)
    for shade, some in shades.items():
        label = f"{some[0]:,}" if len(some) == 1 else f"{some[0]:,}\u2013{some[-1]:,}"
        yield box(0, -6, 12, 12, fill=COLOURS[0], opacity=shade), label
