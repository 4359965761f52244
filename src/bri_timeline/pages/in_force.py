"""Facts that last, from when to when, by party, as SVG."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import TypeVar

from attrs import frozen

from bri_timeline import Answer, Edtf, Event, EventLog, Projection, View
from bri_timeline.errors import EdtfError
from bri_timeline.extend import Day, iso, until_of
from bri_timeline.pages import _sheets as draw


__all__ = ["render"]

S = TypeVar("S")
_EVER = draw.DAYS[-1]
# The fill and the outline of what is not in force: no kind has this fill.
_OFF = draw.GRID, draw.MUTED
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
) -> draw.Page:
    """Return bars as SVG: what lasts, by party, with a line for a day.

    A bar is solid from the last day on which it can begin to the first on which it can
    end, and dashed where that is open. What may have ended has the first such day and
    the last. What has no end goes on to the day, and has an arrow there, as has to its
    left what has no first day. `View.active()` has the rule of what is in force; what
    was replaced is over, as `View.ended()` says.

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
    part, view = draw.asked(log, projection, on, known_by)
    views = cache(lambda day: part.as_of(iso(day), known_by))
    sheet = draw.Sheet.of("in_force", title, width, language, views(_EVER))
    extents = _extents(views, view, (*kinds,), sheet.words)
    order = ("in_force", "perhaps", "over", "later")
    extents.sort(key=lambda one: (order.index(one.status), one.first))
    shown = extents[:most]
    # Where nearly each has a party of its own, headings would say all twice.
    is_grouped = 2 * len({one.party for one in shown}) <= len(shown)
    shown.sort(key=lambda one: (one.party * is_grouped, one.first, one.last))
    numbers = {name: sum(e.status == name for e in extents) for name in order}
    sheet.says(view, numbers, {"events": len(extents) - len(shown)})
    looks = draw.kinds_of(extent.event for extent in shown)
    _legend(sheet, shown, looks)
    if shown:
        _bars(sheet, shown, view.day_number, looks, is_grouped=is_grouped)
    sheet.sources()
    return sheet.page()


def _extents(
    on: Callable[[int], View],
    view: View,
    kinds: tuple[type, ...],
    words: draw.Strings,
) -> list[_Bar]:
    """Return what lasts and counts on any day, with the bounds of its end."""
    ever, active = on(_EVER), dict(view.active(*kinds))
    events = [*ever.events, *ever.undecided]
    lasting = [e for e in events if e.when.is_extent or until_of(type(e.what))]
    lasting = [e for e in lasting if not kinds or isinstance(e.what, kinds)]

    def last_day(event: Event, since: float, answers: tuple[Answer, ...]) -> float:
        """Return the last day before the event is over, with one of some answers."""
        # Any day can be the one: a fact is not over before it begins, nor in a gap of
        # the date of what ends it.
        days = draw.DAYS[bisect_left(draw.DAYS, since) :]
        place = bisect_left(days, True, key=lambda d: on(d).ended(event) in answers)
        if place == len(days):
            return math.inf
        # What is over on the first day of all has always been.
        return days[place] - 1 if days[place] > draw.DAYS[0] else -math.inf

    found = []
    for event in lasting:
        where = draw.span(event.when)
        otherwise = "over" if where.last <= view.day_number else "later"
        status = _STATUS.get(active.get(event, Answer.NO), otherwise)
        if event in active and view.ended(event) is Answer.YES:
            status = "over"  # another has taken its place
        over = (
            last_day(event, -math.inf, (Answer.YES, Answer.MAYBE)),
            # Between days on which it can begin it may be over, and begin again.
            last_day(event, where.last, (Answer.YES,)),
        )
        party = draw.lane_of(event, "party", words)
        found.append(_Bar(event, party, where.first, where.last, *over, status))
    return found


# --- the drawing ----------------------------------------------------------------------


def _bars(
    sheet: draw.Sheet,
    shown: list[_Bar],
    day: int,
    looks: Mapping[str, tuple[str, str]],
    *,
    is_grouped: bool,
) -> None:
    """Draw a row for each bar, under its party, and the axis behind them."""
    left, words = sheet.left + sheet.inner * 0.42, sheet.words
    bounds = [d for e in shown for d in (e.first, e.last, e.over_first, e.over_last)]
    scale = draw.scale_of([day, *bounds], left, sheet.right - left)
    behind, top, party = len(sheet.parts), sheet.y + 34, None
    sheet.y, room = top + 8, left - sheet.left - 14
    for extent in shown:
        if is_grouped and extent.party != party:
            party = extent.party
            lines = draw.wrapped(draw.isolated(party), room / 1.1)
            name = draw.lines_of(sheet.left, sheet.y + 18, lines, weight=600)
            sheet.add(name, to=sheet.y + 8 + 15 * len(lines))
        is_on = extent.status in ("in_force", "perhaps")
        said = [_since(extent.event.when, words, is_on=is_on)]
        said.append(words(f"pictures.status_{extent.status}"))
        # What has begun for certain may be over: since when, its own date need not say.
        if extent.status == "perhaps" and -math.inf < extent.over_first < day:
            said.append(_may_end(extent, words))
        when, fill = " \u00b7 ".join(said), None if is_on else draw.MUTED
        what = draw.event_words(extent.event, words)
        cited = dict.fromkeys(sheet.cite(c.source) for c in extent.event.cite)
        y = sheet.row(what, [" ".join([when, *cited])], room=room, fill=fill)
        colour = looks[draw.kind(extent.event)][0]
        told = [*draw.event_lines([extent.event], words), when]
        look = (colour, draw.INK) if is_on else _OFF
        sheet.add(draw.titled(told, *_bar(extent, scale, day, (y, look))))
    sheet.parts.insert(behind, draw.axis(scale, day, top, sheet.y, words))


def _may_end(extent: _Bar, words: draw.Strings) -> str:
    """Return on which days it may have ended; the last of them, if there is one."""
    start = words.day(int(extent.over_first))
    if extent.over_last == math.inf:
        return words("pictures.may_end", day=start)
    end = words.day(int(extent.over_last))
    return words("pictures.may_end_between", start=start, end=end)


def _since(when: Edtf, words: draw.Strings, *, is_on: bool) -> str:
    """Return the date of what lasts: since when it does, if it is in force."""
    if is_on and not when.is_extent:
        # A set of days can begin no extent.
        with suppress(EdtfError):
            when = Edtf(f"{when}/..")
    return draw.date_words(when, words)


def _bar(
    extent: _Bar,
    scale: draw.TimeScale,
    day: int,
    place: tuple[float, tuple[str, str]],
) -> Iterator[draw.Markup]:
    """Yield the bar of what lasts: solid where certain, dashed where possible."""
    (y, look), first, last = place, extent.first, extent.last
    # Without a known end it goes on to the day, or to where it begins.
    stop = extent.over_last if extent.over_last < math.inf else max(day, last)
    certain = min(extent.over_first, stop)
    parts = [(first, stop, False)]
    if certain >= last:
        parts = [(first, last - 1, False), (last, certain, True),
                 (certain + 1, stop, False)]  # fmt: skip
    ends = [
        (scale.begin(begin), scale.begin(end + 1), is_certain)
        for begin, end, is_certain in parts
        if end >= begin
    ]
    ends = [(x, x2, is_certain) for x, x2, is_certain in ends if x2 > x]
    for number, (x, x2, is_certain) in enumerate(ends, start=1):
        opens = (
            first == -math.inf and number == 1,
            (extent.over_last == math.inf and number == len(ends)),
        )
        yield _sample((x, y, x2 - x), look, opens, is_certain=is_certain)


def _sample(
    place: tuple[float, float, float],
    look: tuple[str, str],
    opens: tuple[bool, bool] = (False, False),
    *,
    is_certain: bool = True,
) -> draw.Markup:
    """Return a part of a bar.

    Args:
        place: Its left end, the y of its middle, and its width.
        look: Its fill and its outline; what is only possible is outlined by its fill.
        opens: Whether it has no first day, and no last one: an arrow takes the place of
            the edge.
        is_certain: Whether it is solid.
    """
    (x, y, wide), (fill, stroke), dashes = place, look, None
    if not is_certain:
        fill, stroke, dashes = draw.PAPER, stroke if look == _OFF else fill, "3 2"
    arrows = (
        # It covers the edge of the box, and its own side there has no line.
        draw.path(f"M{-2 * way} -5H0L{8 * way} 0L0 5H{-2 * way}", fill=fill,
                  stroke=stroke, width=1, dashes=dashes, at=(end, y))
        for end, way, is_open in ((x, -1, opens[0]), (x + wide, 1, opens[1]))
        if is_open
    )  # fmt: skip
    edges = draw.box(x, y - 5, wide, 10, fill=fill, stroke=stroke, dashes=dashes)
    return draw.joined([edges, *arrows])


def _legend(
    sheet: draw.Sheet, shown: list[_Bar], looks: Mapping[str, tuple[str, str]]
) -> None:
    words = sheet.words
    colours = [(colour, draw.INK) for colour, _ in looks.values()]
    kinds = (
        (True, _sample((0, 0, 26), look), words.known("kinds", name))
        for name, look in zip(looks, colours, strict=True)
    )
    # An arrow has the colour of a kind: grey would be what is not in force.
    look = next(iter(colours), _OFF)
    sheet.legend(
        *kinds,
        (any(e.first < e.last or e.over_first < e.over_last for e in shown),
         _sample((0, 0, 26), _OFF, is_certain=False),
         words("pictures.status_perhaps")),
        (any(e.over_last == math.inf for e in shown),
         _sample((0, 0, 18), look, (False, True)), words("picture.legend_goes_on")),
        (any(e.first == -math.inf for e in shown),
         _sample((8, 0, 18), look, (True, False)), words("pictures.no_first_day")),
        (any(e.status in ("over", "later") for e in shown),
         _sample((0, 0, 26), _OFF), words("pictures.not_in_force")),
    )  # fmt: skip
