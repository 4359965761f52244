"""A calendar of days: how much happened on each, as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from bri_timeline import Event, EventLog, Projection, View
from bri_timeline.pages import _sheets as draw


__all__ = ["render"]

S = TypeVar("S")
_SHADES = (0.3, 0.5, 0.75, 1.0)
# In a smaller cell the number of a day would not be read.
_LEGIBLE = 14.0


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    most: int = 20,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return a calendar as SVG: a row of weeks for each year, a cell for each day.

    A day is the darker the more certainly began on it; it has its number, if its cell
    has room. What is dated by a month or a
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
    view = draw.view_of(shown, projection)
    sheet = draw.Sheet.of("calendar", title, width, language, view)
    days: dict[int, list[Event]] = {}
    vague: Counter[int] = Counter()
    rest = len(view.undecided)
    for event in view.events:
        where, (year, latest) = draw.span(event.when), draw.years_of(event)
        if not year or year != latest:
            rest += 1
        elif where.first == where.last:
            days.setdefault(int(where.first), []).append(event)
        else:
            vague[year] += 1
    rivals = {dispute.id for dispute in view.disputes}
    years = sorted({*(date.fromordinal(day).year for day in days), *vague})
    counts = {
        "on_a_day": sum(map(len, days.values())),
        "differ": sum(e.id in rivals for events in days.values() for e in events),
        "in_a_year": vague.total(),
        "elsewhere": rest,
    }
    sheet.says(view, counts, {"years": max(len(years) - most, 0)})
    if days:
        _legend(sheet, max(map(len, days.values())))
    for year in years[len(years) - min(most, len(years)) :]:
        _year_of(sheet, year, days, vague[year], view.day_number)
    return sheet.page()


def _shade(number: int, highest: int) -> float:
    """Return how dark a day is: of few at most each number has a shade of its own."""
    steps = min(highest, len(_SHADES))
    return _SHADES[(number * steps - 1) // highest + len(_SHADES) - steps]


# --- the drawing ----------------------------------------------------------------------


def _year_of(
    sheet: draw.Sheet,
    year: int,
    days: Mapping[int, Sequence[Event]],
    vague: int,
    last: int,
) -> None:
    """Draw the weeks of a year, with its months, and how much has no day in it.

    Days after the last have no cell: an empty one would say that nothing happened.
    """
    words, first = sheet.words, date(year, 1, 1)
    highest = max(map(len, days.values()), default=1)
    gutter = draw.text_width("0000", 12) + 10
    cell = (sheet.inner - gutter) / 54
    left, top = sheet.left + gutter, sheet.y + 30
    count = date(year, 12, 31).timetuple().tm_yday
    total = sum(len(days.get(first.toordinal() + n, ())) for n in range(count))
    said = draw.counted(words, {"on_a_day": total, "without_day": vague})
    sheet.add(draw.note(sheet.right, sheet.y + 12, said, anchor="end"))
    # Days that are all empty would tell nothing.
    if not total:
        sheet.add(
            draw.text(sheet.left, sheet.y + 12, str(year), weight=600), to=sheet.y + 20
        )
        return
    sheet.add(draw.text(sheet.left, top + 3.8 * cell, str(year), weight=600))
    empty = ""
    for number in range(count):
        day = first.toordinal() + number
        column, row = divmod(number + first.weekday(), 7)
        x, y = left + column * cell, top + row * cell
        events = days.get(day, ())
        if date.fromordinal(day).day == 1:
            month = date.fromordinal(day).month
            name = draw.month_names(words)[month - 1][:3]
            sheet.add(draw.note(x, top - 5, name, size=min(11, cell)))
        if events:
            sheet.add(_day(events, (x, y, cell), _shade(len(events), highest), words))
        elif day <= last:
            size = cell - 1.5
            empty += f"M{x:.1f} {y:.1f}h{size:.1f}v{size:.1f}h-{size:.1f}Z"
    sheet.add(draw.path(empty, fill=draw.GRID, stroke=None, opacity=0.5))
    sheet.y = top + 7 * cell


def _day(
    events: Sequence[Event],
    place: tuple[float, float, float],
    shade: float,
    words: draw.Strings,
) -> draw.Markup:
    """Return the cell of a day on which something began."""
    x, y, cell = place
    day = int(draw.span(events[0].when).first)
    told = words.day(day) + words("sentence.colon") + words.number(len(events))
    mark = draw.box(x, y, cell - 1.5, cell - 1.5, fill=draw.COLOURS[0], opacity=shade)
    marks = [mark]
    if cell >= _LEGIBLE:
        number = date.fromordinal(day).day
        ink = draw.PAPER if shade == _SHADES[-1] else draw.INK
        middle = (cell - 1.5) / 2
        marks.append(draw.text(x + middle, y + middle + 3.2, str(number), size=9,
                               anchor="middle", fill=ink))  # fmt: skip
    return draw.titled([told, *draw.event_lines(events, words, 12)], *marks)


def _legend(sheet: draw.Sheet, highest: int) -> None:
    """Draw the shades with the numbers for which they stand."""
    shades: dict[float, list[int]] = {}
    for number in range(1, highest + 1):
        shades.setdefault(_shade(number, highest), []).append(number)
    empty = draw.box(0, -6, 12, 12, fill=draw.GRID, opacity=0.5)
    sheet.legend((True, empty, "0"), *(
        (True, draw.box(0, -6, 12, 12, fill=draw.COLOURS[0], opacity=shade),
         "\u2013".join(dict.fromkeys([f"{some[0]:,}", f"{some[-1]:,}"])))
        for shade, some in shades.items()
    ))  # fmt: skip
