"""Days on which things happened, by the days of their reports, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Literal, TypeVar

from attrs import frozen

from bri_timeline import Edtf, Event, EventLog, Projection
from bri_timeline.extend import Day, iso, to_day
from bri_timeline.pages import drawing as draw


__all__ = ["render"]

S = TypeVar("S")
_EVER = "9999-12-31"
_NAMED = 3
_CELL = 16.0
_BESIDE = 200.0
_YEAR = 365.25
# Where the rank of a report may stand beside its mark, the nearest first.
_STEPS = range(-64, 65, 16)
_NEAR = sorted(product(_STEPS, _STEPS), key=lambda step: (math.hypot(*step), step))
# Where on its line a number may stand, the best first: many lines fade to the left.
_SHARES = (0.9, 0.7, 0.5, 0.3, 0.1)


@frozen
class _Report:
    """A claim, when it happened, and when that was known.

    Attributes:
        event: The claim.
        first: The earliest day on which it began.
        last: The latest such day.
        known: The day by which it was known.
        published: The date of its first source.
        late: How many days after it could be known, at least; not above 0 if at once.
    """

    event: Event
    first: float
    last: float
    known: int
    published: Edtf
    late: float

    def told(self, words: draw.Strings) -> tuple[str, str]:
        """Return in words when it happened, and when that was known."""
        when, published = self.event.when, draw.date_words(self.published, words)
        return draw.date_words(when, words), words("status.first", known=published)


def render(
    log: EventLog,
    *,
    projection: Projection[S] | None = None,
    on: Day | None = None,
    known_by: Day | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return a plane as SVG: across when it happened, upwards when it was reported.

    What was reported at once lies on the diagonal, what was reported late above it; no
    report can lie below, but that of what is expected. A date that is not a day is a
    line. Marks that would hide each other are a cell with their number, or a line that
    has one. The three latest reports are named.

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
    view = draw.log_about(log, projection).as_of(_EVER)
    sheet = draw.Sheet.of("plane", title, width, language, view)
    events = [*view.events, *view.undecided]
    reports = [*_reports(events)]
    latest = sorted(reports, key=lambda one: -one.late)[:_NAMED]
    latest = [report for report in latest if report.late > 0]
    counts = {
        "reported": len(reports),
        "late_by_a_year": sum(one.late > _YEAR for one in reports),
        "undated": len(events) - len(reports),
    }
    said = draw.counted(sheet.words, counts) + sheet.words("sentence.stop")
    sheet.head(said[:1].upper() + said[1:])
    if reports:
        marked = [None if day is None else to_day(day) for day in (on, known_by)]
        _plane(sheet, reports, latest, (marked[0], marked[1]))
    return sheet.page()


def _reports(events: Sequence[Event]) -> Iterator[_Report]:
    """Yield the claims whose days have bounds, and that were not known all along."""
    for event in events:
        known, where = event.known_day, draw.span(event.when)
        # Of what has no first day the end is all that is known.
        first, end = where.first, where.end_last
        last = where.last if math.isfinite(where.last) or end is None else end
        if known is None or not any(map(math.isfinite, (first, last))):
            continue
        sources = [one.source for one in event.cite if one.known_day == known]
        dates = [one.published for one in sources if one.published is not None]
        out = min([known, *(date.earliest_start for date in dates)])
        # An end can be reported only after it.
        could = last if end is None or not math.isfinite(end) else end
        late = out - could if math.isfinite(could) else 0
        published = next(iter(dates), Edtf(iso(known)))
        yield _Report(event, first, last, known, published, late)


# --- the drawing ----------------------------------------------------------------------


_Heaps = dict[tuple[float, float, float], list[_Report]]
_Form = Literal["cell", "shape", "mixed", "bar"]


def _plane(
    sheet: draw.Sheet,
    reports: list[_Report],
    latest: list[_Report],
    marked: tuple[int | None, int | None],
) -> None:
    """Draw the legend, both axes, what was reported, and the list of the latest."""
    words, (on, known_by) = sheet.words, marked
    days = [day for r in reports for day in (r.first, r.last, r.known)]
    # Both axes have the same scale, so that the diagonal is what was known at once.
    scale = draw.scale_of([*days, *(d for d in marked if d is not None)], 0, 1)
    ticks = [(day, draw.tick_name(day, n, words)) for day, n in draw.ticks(scale, 8)]
    left = sheet.left + max(draw.text_width(label, 11) for _, label in ticks) + 8
    side = min(sheet.right - left, 560.0)
    across = draw.TimeScale(scale.first, scale.last, left, side)
    heaps, looks = _heaps(reports, across), draw.kinds_of(r.event for r in reports)
    _legend(sheet, heaps, looks, len(latest), marked)
    top, right = sheet.y + 46, left + side
    bottom, highest = top + side, top + side + left
    up, along = words("pictures.reported_up"), words("pictures.happened_across")
    sheet.add(
        draw.text(sheet.left, top - 32, up, size=11, weight=600),
        draw.text(right, bottom + 16, along, size=11, weight=600, anchor="end"),
        draw.path(f"M{left:.1f} {bottom:.1f}H{right:.1f}V{top:.1f}Z",
                  fill=draw.GRID, stroke=None, opacity=0.55),
        draw.axis(across, on, top, bottom, words),
    )  # fmt: skip
    for day, label in ticks:
        y = highest - across.begin(day)
        sheet.add(
            draw.line(left, y, right, y),
            draw.note(left - 6, y + 4, label, anchor="end"),
        )
    sheet.add(draw.line(left, bottom, right, top, stroke=draw.INK, dashes="2 3"))
    labels = draw.Labels()
    if known_by is not None:
        y, day_name = highest - across.begin(known_by + 1), words.day(known_by)
        sheet.add(
            draw.line(left, y, right, y, stroke=draw.INK, width=1.25),
            draw.text(left + 4, y + 13, day_name, size=11, weight=600),
        )
        labels.block(left + 4, y + 13, draw.text_width(day_name, 11))
    marks = _marks(heaps, looks, (across, bottom), words, labels)
    sheet.add(draw.fades([draw.MUTED, *(c for c, _ in looks.values())]), *marks)
    for number, report in enumerate(latest, start=1):
        last = report.last if math.isfinite(report.last) else report.first
        x, y = across.middle(last), highest - across.middle(report.known)
        near = [
            (min(x + 18 + dx, right - 8), min(max(y + dy, top + 8), bottom - 8))
            for dx, dy in _NEAR
        ]
        # Where nothing is free it hides a mark: that is told in the list too.
        places = (at for at in near if labels.take(at[0] - 8, at[1] + 4, 16))
        at = next(places, near[0])
        sheet.add(draw.line(x, y, *at, stroke=draw.INK), _rank(*at, str(number)))
    has_room = sheet.right - right - 22 >= _BESIDE
    sheet.y, beside = (top + 4, right + 22) if has_room else (bottom + 26, sheet.left)
    if latest:
        sheet.paragraph(words("pictures.latest_reports"), size=12, weight=600,
                        fill=None, left=beside)  # fmt: skip
    for number, report in enumerate(latest, start=1):
        what = draw.event_words(report.event, words) + words("sentence.colon")
        dates = words("sentence.clause").join(report.told(words))
        by = " ".join(sheet.cite(c.source) for c in report.event.cite)
        sheet.paragraph(
            f"{number}. {what}{dates} {by}", size=12, fill=None, left=beside
        )
    sheet.y = max(sheet.y, bottom + 26)
    sheet.sources()


def _heaps(reports: list[_Report], scale: draw.TimeScale) -> _Heaps:
    """Return reports by column and row: those whose marks would hide each other."""
    heaps: _Heaps = {}
    # What is long lies behind what is short.
    for report in sorted(reports, key=lambda one: one.first - one.last):
        days = report.first, report.last, report.known
        # What has no bound lies in no cell.
        low, high, row = (
            (scale.middle(day) - scale.left) // _CELL if math.isfinite(day) else day
            for day in days
        )
        heaps.setdefault((low, high, row), []).append(report)
    return heaps


def _marks(
    heaps: _Heaps,
    looks: Mapping[str, tuple[str, str]],
    place: tuple[draw.TimeScale, float],
    words: draw.Strings,
    labels: draw.Labels,
) -> Iterator[draw.Markup]:
    """Yield a shape for a day, a line for where a day may lie, a number for many."""
    (across, bottom), lines = place, []
    for (low, high, row), heap in heaps.items():
        (report, *more), events = heap, [one.event for one in heap]
        (colour, shape), number = looks[draw.kind(report.event)], f"{len(heap)}"
        told = [number, *draw.event_lines(events, words)]
        known = [bottom + across.left - across.middle(one.known) for one in heap]
        form = _form((low, high), heap)
        if form == "cell":
            x, y = across.left + low * _CELL, bottom - (row + 1) * _CELL
            mark = _number(x, y, number)
            labels.block(x, y + 12, _CELL)
        elif form == "shape":
            mark = draw.path(
                shape, fill=colour, at=(across.middle(report.last), known[0])
            )
            labels.block(across.middle(report.last) - 8, known[0] + 4, _CELL)
        else:
            x = across.begin(min(one.first for one in heap))
            wide = max(across.begin(max(one.last for one in heap) + 1) - x, 4)
            is_open = math.isinf(report.first), math.isinf(report.last)
            tall = max(known) - min(known) + 5
            mark = _bar((x, min(known) - 2.5, wide, tall),
                        draw.MUTED if form == "mixed" else colour, is_open)  # fmt: skip
            lines.append((x, wide, (min(known) + max(known)) / 2, number))
        yield draw.titled(told if more else [*told[1:], *report.told(words)], mark)
    # A number lies above all marks, on its own line and on no line of one claim.
    for x, wide, y, number in sorted(lines, key=lambda line: line[-1] != "1"):
        places = [x + wide * share for share in _SHARES]
        if number != "1":
            free = (at for at in places if labels.take(at - 8, y + 4, _CELL))
            at = next(free, places[0])
            yield _number(at - 8, y - 8, number)
        labels.block(x, y + 4, wide)


def _form(columns: tuple[float, float], heap: Sequence[_Report]) -> _Form:
    """Return as what claims are drawn that lie in the same columns."""
    if len(heap) > 1 and columns[0] == columns[1]:
        return "cell"
    if heap[0].first == heap[0].last:
        return "shape"
    # The colour of one kind would be false of several.
    return "mixed" if len({draw.kind(one.event) for one in heap}) > 1 else "bar"


def _bar(
    place: tuple[float, float, float, float], colour: str, is_open: tuple[bool, bool]
) -> draw.Markup:
    """Return a line that a day may lie on; it fades where it has no bound."""
    if not any(is_open):
        return draw.box(*place, fill=colour, stroke=draw.INK, opacity=0.6)
    x, y, wide, tall = place
    end = x + wide * is_open[0]
    fade = f"url(#bri-{'l' if is_open[0] else 'r'}{colour[1:]})"
    return draw.joined([
        draw.box(*place, fill=fade, opacity=1),
        draw.line(end, y, end, y + tall, stroke=draw.INK),
    ])  # fmt: skip


def _number(x: float, y: float, number: str) -> draw.Markup:
    """Return a cell with the number of claims in it."""
    size = min(24 / len(number), 10)
    return draw.joined([
        draw.box(x, y, _CELL, _CELL, fill=draw.PAPER, stroke=draw.INK),
        draw.text(x + 8, y + 11.5, number, size=size, weight=700, anchor="middle"),
    ])  # fmt: skip


def _rank(x: float, y: float, number: str) -> draw.Markup:
    """Return the rank of a report among the latest."""
    return draw.joined([
        draw.circle(x, y, 7.5, fill=draw.INK),
        draw.text(x, y + 4, number, size=11, weight=700, anchor="middle",
                  fill=draw.PAPER),
    ])  # fmt: skip


def _legend(
    sheet: draw.Sheet,
    heaps: _Heaps,
    looks: Mapping[str, tuple[str, str]],
    latest: int,
    marked: tuple[int | None, int | None],
) -> None:
    """Draw what marks mean: kinds as they are seen, and those only that are."""
    words, (on, known_by) = sheet.words, marked
    drawn = {(_form(at[:2], heap), draw.kind(heap[0].event), *at[:2])
             for at, heap in heaps.items()}  # fmt: skip
    has_number = any(len(heap) > 1 for heap in heaps.values())
    bars = [ends for form, _, *ends in drawn if form in ("bar", "mixed")]
    is_open = [math.inf in map(abs, ends) for ends in bars]
    early = draw.box(0, -6, 26, 12, fill=draw.GRID, opacity=0.55)
    at_once = draw.line(0, 5, 26, -5, stroke=draw.INK, dashes="2 3")
    sample = (0, -2.5, 26, 5)
    for_kinds = list[tuple[bool, draw.Markup, str]]()
    for name, (colour, shape) in looks.items():
        seen = {form for form, kind, *_ in drawn if kind == name}
        mark = _bar(sample, colour, (False, False))
        if "shape" in seen:
            mark = draw.path(shape, fill=colour, at=(13, 0))
        is_seen = not seen.isdisjoint({"bar", "shape"})
        for_kinds.append((is_seen, mark, words.known("kinds", name)))
    up = draw.line(13, -7, 13, 7, stroke=draw.INK, width=1.25)
    across = draw.line(0, 0, 26, 0, stroke=draw.INK, width=1.25)
    for_days = (
        (True, line, words.day(day) + words("sentence.colon") + words(f"page.{key}"))
        for day, line, key in ((on, up, "day_hint"), (known_by, across, "known_hint"))
        if day is not None
    )
    sheet.legend(
        *for_kinds,
        (has_number, _number(5, -8, "2"), words("pictures.heap")),
        (False in is_open, _bar(sample, draw.MUTED, (False, False)),
         words("page.legend_span")),
        (True in is_open, _bar(sample, draw.MUTED, (True, False)),
         words("pictures.fades")),
        (latest > 0, _rank(13, 0, "1"), words("pictures.latest_reports")),
        (True, at_once, words("pictures.at_once")),
        (True, early, words("pictures.too_early")),
        *for_days,
    )  # fmt: skip
