"""Facts that last, from when to when, by party, as SVG."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TypeVar

from attrs import frozen

from bri_timeline import Answer, Event, EventLog, Projection, View
from bri_timeline.extend import Day, describe_event, iso, until_of
from bri_timeline.pages.drawing import (
    COLOURS,
    DAYS,
    GRID,
    INK,
    MUTED,
    PAPER,
    Markup,
    Page,
    Sheet,
    Strings,
    TimeScale,
    asked,
    axis,
    box,
    can_ask,
    counted,
    date_words,
    element,
    event_words,
    isolated,
    joined,
    kind,
    lane_of,
    line,
    lines_of,
    look,
    numbered,
    path,
    scale_of,
    sentence,
    span,
    strings,
    wrapped,
)


__all__ = ["render"]

S = TypeVar("S")
_EVER = "9999-12-31"
_BAR = 10.0
_GREY = COLOURS[-1]
_STATUS = {Answer.YES: "in_force", Answer.MAYBE: "perhaps"}


@frozen
class _Bar:
    """A fact that lasts, with its bounds as day numbers; last days are included.

    Attributes:
        event: The claim.
        party: Whom it is about.
        first: The earliest day on which it can begin.
        last: The latest such day.
        over_first: The earliest day that can be its last; infinite if none is known.
        over_last: The latest such day.
        status: Whether it is in force on the day: `in_force`, `perhaps`, `over`,
            `later`.
    """

    event: Event
    party: str
    first: float
    last: float
    over_first: float
    over_last: float
    status: str


def render(
    log: EventLog,
    *,
    projection: Projection[S] | None = None,
    on: Day | None = None,
    known_by: Day | None = None,
    kinds: Iterable[type] = (),
    most: int = 40,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> Page:
    """Return bars as SVG: what lasts, by party, with a line for a day.

    A bar is solid from the last day on which it can begin to the first on which it can
    end, and dashed where that is open. What may have ended has the earliest such day.
    What has no end goes on to the day, and has an arrow. `View.active()` has the rule
    of what is in force.

    Args:
        log: The log.
        projection: What it is about: only what concerns its parties is drawn.
        on: The day of the line; by default the last of the log.
        known_by: The day of knowledge; by default everything is known.
        kinds: Only payloads of these classes; by default of any that lasts.
        most: The largest number of bars; what is in force comes first.
        title: The heading; by default "What is in force", in its language.
        width: In pixels, at least 480; the height follows from the content.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: The language has no table.
    """
    words, (part, view) = strings(language), asked(log, projection, on, known_by)
    extents = _extents(lambda day: part.as_of(day, known_by), view, (*kinds,), words)
    order = ("in_force", "perhaps", "over", "later")
    extents.sort(key=lambda one: (order.index(one.status), one.first))
    shown = extents[:most]
    # Where nearly each has a party of its own, headings would say all twice.
    is_grouped = 2 * len({one.party for one in shown}) <= len(shown)
    shown.sort(key=lambda one: (one.party * is_grouped, one.first, one.last))
    sheet = Sheet(words("pictures.in_force") if title is None else title, width, words)
    numbers = {name: sum(e.status == name for e in extents) for name in order}
    left_out = {"events": len(extents) - len(shown)}
    said = sentence(view, counted(words, numbers, left_out), words)
    sheet.head(said)
    names = dict.fromkeys(kind(extent.event) for extent in shown)
    looks = {name: look(n)[0] for n, name in enumerate(names)}
    sheet.legend(_legend(shown, looks, sheet))
    for source in numbered(extent.event for extent in shown):
        sheet.cite(source)
    _bars(sheet, shown, view.day_number, looks, is_grouped=is_grouped)
    sheet.sources()
    return sheet.page(said)


def _extents(
    view_on: Callable[[str], View],
    view: View,
    kinds: tuple[type, ...],
    words: Strings,
) -> list[_Bar]:
    """Return what lasts and counts on any day, with the bounds of its end."""
    ever, active = view_on(_EVER), dict(view.active(*kinds))
    events = [*ever.events, *ever.undecided]
    lasting = [e for e in events if e.when.is_extent or until_of(type(e.what))]
    lasting = [e for e in lasting if not kinds or isinstance(e.what, kinds)]
    # An end is that of an extent, or what the class of a fact says that ends it.
    rules = [until_of(type(event.what)) for event in lasting]
    enders = (*(ender for rule in rules if rule for ender in rule.by),)
    days = {
        int(day) + 1
        for event in events
        if event.when.is_extent or isinstance(event.what, enders)
        for day in span(event.when).days
        if can_ask(day + 1)
    }
    # What is over on the first day of all has always been.
    order = [DAYS[0], *sorted(days)]

    @cache
    def on(day: int) -> View:
        return view_on(iso(day))

    def first_day(event: Event, answers: tuple[Answer, ...]) -> float:
        """Return the last day before the event is over, with one of some answers."""
        place = bisect_left(
            order, True, key=lambda day: on(day).ended(event) in answers
        )
        if place == len(order):
            return math.inf
        return order[place] - 1 if place else -math.inf

    found = []
    for event in lasting:
        where = span(event.when)
        otherwise = "over" if where.last <= view.day_number else "later"
        status = _STATUS.get(active.get(event, Answer.NO), otherwise)
        over = (
            first_day(event, (Answer.YES, Answer.MAYBE)),
            first_day(event, (Answer.YES,)),
        )
        party = lane_of(event, "party", words)
        found.append(_Bar(event, party, where.first, where.last, *over, status))
    return found


# --- the drawing ----------------------------------------------------------------------


def _bars(
    sheet: Sheet,
    shown: list[_Bar],
    day: int,
    looks: dict[str, str],
    *,
    is_grouped: bool,
) -> None:
    words, right = sheet.words, sheet.left + sheet.inner
    left = sheet.left + sheet.inner * 0.42
    bounds = [
        bound
        for extent in shown
        for bound in (extent.first, extent.last, extent.over_first, extent.over_last)
    ]
    scale = scale_of([day, *bounds], left, right - left)
    top, rows, party = sheet.y + 34, list[Markup](), None
    y = top + 8
    for extent in shown:
        if is_grouped and extent.party != party:
            party = extent.party
            name = wrapped(isolated(party), (left - sheet.left - 10) / 1.1)
            rows.append(lines_of(sheet.left, y + 18, name, weight=600))
            y += 8 + 15 * len(name)
        rows.append(line(sheet.left, y, right, y, stroke=GRID))
        drawing, y = _row(sheet, extent, scale, day, (looks[kind(extent.event)], y))
        rows.append(drawing)
    sheet.add(axis(scale, day, top, y, words), *rows, to=y)


def _row(
    sheet: Sheet,
    extent: _Bar,
    scale: TimeScale,
    day: int,
    place: tuple[str, float],
) -> tuple[Markup, float]:
    """Return a row with its words and its bar, and the lower end of it."""
    words, (colour, top) = sheet.words, place
    room = scale.left - sheet.left - 14
    what = wrapped(event_words(extent.event, words), room)
    status = words(f"pictures.status_{extent.status}")
    said = [date_words(extent.event.when, words), status]
    # What has begun for certain may be over: since when, its own date need not say.
    if extent.status == "perhaps" and -math.inf < extent.over_first < day:
        said.append(words("pictures.may_end", day=words.day(int(extent.over_first))))
    when = " \u00b7 ".join(said)
    small, is_on = wrapped(when, room, 11), extent.status in ("in_force", "perhaps")
    y = top + 15 + 15 * len(what)
    bottom = y + 13.5 * len(small) - 5
    told = f"{describe_event(extent.event, words.code)}\n{when}"
    return element(
        "g",
        element("title", told),
        lines_of(sheet.left, top + 16, what, fill=None if is_on else MUTED),
        lines_of(sheet.left, y, small, size=11, leading=13.5, fill=MUTED),
        *_bar(extent, scale, day, (colour if is_on else _GREY, (top + bottom) / 2)),
    ), bottom


def _bar(
    extent: _Bar, scale: TimeScale, day: int, place: tuple[str, float]
) -> Iterator[Markup]:
    """Yield the bar of what lasts: solid where certain, dashed where possible."""
    (colour, y), first, last = place, extent.first, extent.last
    # Without a known end it goes on to the day, or to where it begins.
    stop = extent.over_last if extent.over_last < math.inf else max(day, last)
    certain = min(extent.over_first, stop)
    parts = [(first, stop, False)]
    if certain >= last:
        parts = [(first, last - 1, False), (last, certain, True),
                 (certain + 1, stop, False)]  # fmt: skip
    for begin, end, is_certain in parts:
        x, x2 = scale.begin(begin), scale.begin(end + 1)
        if end >= begin and x2 > x:
            fill, stroke, dashes = PAPER, colour, "3 2"
            if is_certain:
                fill, stroke, dashes = colour, INK, ""
            yield box(x, y - _BAR / 2, x2 - x, _BAR, fill=fill, stroke=stroke,
                      dashes=dashes or None)  # fmt: skip
    if extent.over_last == math.inf:
        yield path("M1 -5L8 0L1 5Z", fill=colour, at=(scale.begin(stop + 1), y))


def _legend(
    shown: list[_Bar], looks: dict[str, str], sheet: Sheet
) -> Iterator[tuple[Markup, str]]:
    words = sheet.words
    for name, colour in looks.items():
        yield (
            box(0, -5, 26, 10, fill=colour, stroke=INK),
            isolated(words.known("kinds", name)),
        )
    if any(e.first < e.last or e.over_first < e.over_last for e in shown):
        dashed = box(0, -5, 26, 10, fill=PAPER, stroke=MUTED, dashes="3 2")
        yield dashed, words("pictures.status_perhaps")
    if any(extent.over_last == math.inf for extent in shown):
        arrow = path("M1 -5L8 0L1 5Z", fill=_GREY, at=(18, 0))
        yield (
            joined([box(0, -5, 18, 10, fill=_GREY, stroke=INK), arrow]),
            words("pictures.goes_on"),
        )
    if any(extent.status in ("over", "later") for extent in shown):
        yield box(0, -5, 26, 10, fill=_GREY, stroke=INK), words("pictures.not_in_force")
