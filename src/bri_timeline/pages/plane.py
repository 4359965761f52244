"""Days on which things happened, by the days of their reports, as SVG."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from attrs import frozen

from bri_timeline import Edtf, Event, EventLog, Projection
from bri_timeline.extend import Day, describe_event, to_day
from bri_timeline.pages.drawing import (
    COLOURS,
    GRID,
    INK,
    MUTED,
    Markup,
    Page,
    Sheet,
    Strings,
    TimeScale,
    axis,
    box,
    date_words,
    element,
    event_words,
    isolated,
    kind,
    line,
    log_about,
    look,
    numbered,
    path,
    scale_of,
    span,
    strings,
    text,
    text_width,
    tick_name,
    ticks,
)


__all__ = ["render"]

S = TypeVar("S")
_EVER = "9999-12-31"
_NAMED = 3
# Of more claims the picture counts how many lie in each cell.
_MOST_MARKS = 300
_CELL = 12.0
_BESIDE = 200.0
_YEAR = 365.25


@frozen
class _Report:
    """A claim, when it happened, and when that was known.

    Attributes:
        event: The claim.
        first: The earliest day on which it began.
        last: The latest such day.
        known: The day by which it was known.
        late: How many days after it could be known, at least; not above 0 if at once.
    """

    event: Event
    first: float
    last: float
    known: int
    late: float


def render(
    log: EventLog,
    *,
    projection: Projection[S] | None = None,
    on: Day | None = None,
    known_by: Day | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> Page:
    """Return a plane as SVG: across when it happened, upwards when it was reported.

    What was reported at once lies on the diagonal, what was reported late above it; no
    report can lie below, but that of what is expected. A date that is not a day is a
    line. The three latest reports are named. Of more than 300 claims, cells tell how
    many there are.

    Args:
        log: The log.
        projection: What it is about: only what concerns its parties is drawn.
        on: A day that is marked: what is to the left of it had happened.
        known_by: A day of knowledge that is marked: what is below it was known.
        title: The heading; by default "What was known when", in its language.
        width: In pixels, at least 480; the plane is as tall as it is wide, up to 560.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: The language has no table.
    """
    words, part = strings(language), log_about(log, projection)
    view = part.as_of(_EVER)
    events = [*view.events, *view.undecided]
    reports = [*_reports(events)]
    latest = sorted(reports, key=lambda one: -one.late)[:_NAMED]
    latest = [report for report in latest if report.late > 0]
    sheet = Sheet(words("pictures.plane") if title is None else title, width, words)
    parts = [
        words.count("reported", len(reports)),
        words.count("late_by_a_year", sum(one.late > _YEAR for one in reports)),
    ]
    if len(events) > len(reports):
        parts.append(words.count("undated", len(events) - len(reports)))
    said = words("sentence.clause").join(parts) + words("sentence.stop")
    said = said[:1].upper() + said[1:]
    sheet.head(said)
    if reports:
        marked = [None if day is None else to_day(day) for day in (on, known_by)]
        _plane(sheet, reports, latest, (marked[0], marked[1]))
    sheet.sources(numbered(report.event for report in latest))
    return sheet.page(said)


def _reports(events: Sequence[Event]) -> Iterator[_Report]:
    """Yield the claims whose days have bounds, and that were not known all along."""
    for event in events:
        known, where = event.known_day, span(event.when)
        # Of what has no first day the end is all that is known.
        first, end = where.first, where.end_last
        last = where.last if math.isfinite(where.last) or end is None else end
        if known is None or not any(map(math.isfinite, (first, last))):
            continue
        # An end can be reported only after it.
        could = last if end is None or not math.isfinite(end) else end
        late = _published_first(event, known) - could if math.isfinite(could) else 0
        yield _Report(event, first, last, known, late)


def _dates_of(event: Event, known: int) -> list[Edtf]:
    """Return the dates of the sources by which an event was known on a day."""
    dates = [one.source.published for one in event.cite if one.known_day == known]
    return [date for date in dates if date is not None]


def _published_first(event: Event, known: int) -> float:
    """Return the first day on which the report of an event can lie."""
    return min([known, *(date.earliest_start for date in _dates_of(event, known))])


def _since(report: _Report, words: Strings) -> str:
    """Return the date of the report in words, as its source is dated."""
    dates, day = _dates_of(report.event, report.known), words.day(report.known)
    # Of one day among several the last is enough.
    if dates and str(dates[0])[0] == "[":
        return words("status.by", known=day)
    return date_words(dates[0], words) if dates else day


# --- the drawing ----------------------------------------------------------------------


def _plane(
    sheet: Sheet,
    reports: list[_Report],
    latest: list[_Report],
    marked: tuple[int | None, int | None],
) -> None:
    words, on, known_by = sheet.words, *marked
    happened = [d for r in reports for d in (r.first, r.last) if math.isfinite(d)]
    whole = [
        *happened,
        *(r.known for r in reports),
        *(d for d in marked if d is not None),
    ]
    # Both axes have the same scale, so that the diagonal is what was known at once.
    measure = scale_of(whole, 0, 1)
    names = [tick_name(d, n, words) for d, n in ticks(measure, 8)]
    gutter = max(text_width(name, 11) for name in names) + 8
    side = min(sheet.inner - gutter, 560.0)
    left, known_top = sheet.left + gutter, sheet.y + 18
    is_dense = len(reports) > _MOST_MARKS
    kinds = dict.fromkeys(kind(report.event) for report in reports)
    looks = {name: look(n) for n, name in enumerate(kinds)}
    sheet.legend(_legend(looks, words("pictures.too_early"), reports, sheet))
    top = max(sheet.y + 46, known_top)
    across = TimeScale(measure.first, measure.last, left, side)
    bottom = top + side

    def at(day: float) -> float:
        return bottom - (across.begin(day) - left)

    def middle(day: float) -> float:
        return bottom - (across.middle(day) - left)

    early = f"M{left:.1f} {bottom:.1f}H{left + side:.1f}V{top:.1f}Z"
    sheet.add(
        text(sheet.left, top - 32, words("pictures.reported_up"), size=11, weight=600),
        text(left + side, bottom + 16, words("pictures.happened_across"), size=11,
             weight=600, anchor="end"),
        path(early, fill=GRID, stroke=None, opacity=0.55),
        axis(across, on, top, bottom, words),
    )  # fmt: skip
    for day, name in ticks(across, 8):
        y = at(day)
        label = tick_name(day, name, words)
        sheet.add(
            line(left, y, left + side, y, stroke=GRID),
            text(left - 6, y + 4, label, size=11, anchor="end", fill=MUTED),
        )
    sheet.add(line(left, bottom, left + side, top, stroke=INK, dashes="2 3"))
    if known_by is not None:
        y = at(known_by + 1)
        sheet.add(
            line(left, y, left + side, y, stroke=INK, width=1.25),
            text(
                left + side - 4,
                y + 13,
                words.day(known_by),
                size=11,
                weight=600,
                anchor="end",
            ),
        )
    if is_dense:
        sheet.add(*_cells(reports, across, (left, bottom)))
    else:
        for report in reports:
            place = across, middle(report.known)
            sheet.add(_mark(report, looks[kind(report.event)], place, sheet))
    for number, report in enumerate(latest, start=1):
        last = report.last if math.isfinite(report.last) else report.first
        x, y = across.middle(last), middle(report.known)
        sheet.add(text(x + 9, y + 4, str(number), size=12, weight=700))
    beside = left + side + 22
    if sheet.left + sheet.inner - beside < _BESIDE:
        sheet.y = bottom + 26
        beside = sheet.left
    else:
        sheet.y = top + 4
    _listed(sheet, latest, beside)
    sheet.y = max(sheet.y, bottom + 26)


def _listed(sheet: Sheet, latest: list[_Report], left: float) -> None:
    """Write what was reported latest: what, when, and who says so."""
    words, cited = sheet.words, numbered(report.event for report in latest)
    if latest:
        title = words("pictures.latest_reports")
        sheet.paragraph(title, size=12, weight=600, fill=None, left=left)
    for number, report in enumerate(latest, start=1):
        what = event_words(report.event, words)
        when = date_words(report.event.when, words)
        known = words("status.first", known=_since(report, words))
        by = " ".join(f"[{cited[c.source]}]" for c in report.event.cite)
        said = what + words("sentence.colon") + when
        said += words("sentence.clause") + known
        said = f"{number}. {said} {by}"
        sheet.paragraph(said, size=12, fill=None, left=left)


def _mark(
    report: _Report, look: tuple[str, str], place: tuple[TimeScale, float], sheet: Sheet
) -> Markup:
    """Return the mark of a claim: a shape for a day, a line for where it may lie."""
    (colour, shape), (across, y) = look, place
    told = [
        describe_event(report.event, sheet.words.code),
        date_words(report.event.when, sheet.words),
        sheet.words("status.first", known=_since(report, sheet.words)),
    ]
    title = element("title", "\n".join(told))
    # A line without an end tells little of the day.
    opacity = 0.6 if math.isfinite(report.first + report.last) else 0.25
    if report.first == report.last:
        at = across.middle(report.last), y
        return element("g", title, path(shape, fill=colour, at=at))
    x, x2 = across.begin(report.first), across.begin(report.last + 1)
    return element("g", title, box(x, y - 2.5, max(x2 - x, 4), 5, fill=colour,
                                   stroke=INK, opacity=opacity))  # fmt: skip


def _cells(
    reports: list[_Report], across: TimeScale, corner: tuple[float, float]
) -> Iterator[Markup]:
    """Yield cells, the darker the more claims; one of an open date is in its middle."""
    left, bottom = corner
    cells = Counter(
        (
            int((_middle(report, across) - left) // _CELL),
            int((across.middle(report.known) - left) // _CELL),
        )
        for report in reports
    )
    most = math.log(max(cells.values()) + 1)
    for (column, row), number in sorted(cells.items()):
        x, y = left + column * _CELL, bottom - (row + 1) * _CELL
        mark = box(x, y, _CELL - 1, _CELL - 1, fill=COLOURS[0],
                   opacity=0.2 + 0.8 * math.log(number + 1) / most)  # fmt: skip
        yield element("g", element("title", f"{number:,}"), mark)


def _middle(report: _Report, across: TimeScale) -> float:
    return (across.middle(report.first) + across.middle(report.last)) / 2


def _legend(
    looks: dict[str, tuple[str, str]], early: str, reports: list[_Report], sheet: Sheet
) -> Iterator[tuple[Markup, str]]:
    words = sheet.words
    if len(reports) > _MOST_MARKS:
        few = box(0, -6, 12, 12, fill=COLOURS[0], opacity=0.3)
        many = box(14, -6, 12, 12, fill=COLOURS[0])
        yield element("g", few, many), words("pictures.few_many")
    else:
        for name, (colour, shape) in looks.items():
            label = isolated(words.known("kinds", name))
            yield path(shape, fill=colour, at=(13, 0)), label
        if any(report.first < report.last for report in reports):
            wide = box(0, -2.5, 26, 5, fill=MUTED, stroke=INK, opacity=0.6)
            yield wide, words("page.legend_span")
    yield line(0, 5, 26, -5, stroke=INK, dashes="2 3"), words("pictures.at_once")
    yield box(0, -6, 26, 12, fill=GRID, opacity=0.55), early
