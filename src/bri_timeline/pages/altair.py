"""Charts that can be restyled, by Altair; needs the extra `altair`.

Use `html` for a page to publish. The HTML that Altair saves loads scripts from other
hosts and does not escape `</script>` in text: a title can end the script and begin
another. Therefore this module writes JSON only, and replaces each `<` in a text by the
full-width `\uff1c`, so that a chart is safe however it is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bri_timeline import EventLog, Projection, View
from bri_timeline._atomic_write import write
from bri_timeline._later import needing
from bri_timeline._queries import ClaimStatus
from bri_timeline._text import harmless
from bri_timeline.edtf import in_words
from bri_timeline.pages._drawing import INK, MUTED, look
from bri_timeline.pages._marks import (
    Mark,
    Span,
    TimeScale,
    lane_of,
    marks,
    scale_of,
    view_of,
)
from bri_timeline.pages._markup import wrapped
from bri_timeline.pages._state_values import Tell, summary
from bri_timeline.pages._wording import describe_event, strings


# Altair is an optional extra: its types are needed by type checkers only.
if TYPE_CHECKING:
    import altair


__all__ = ["dump", "render"]

S = TypeVar("S")

_EPOCH, _MILLISECONDS = 719_163, 86_400_000
# The days from 1970 that a browser can represent (ECMAScript, Time Values).
_FARTHEST = 100_000_000
_SIGNS = {ClaimStatus.CERTAIN: "", ClaimStatus.UNDECIDED: "?"}
_STANDINGS = ["certain", "perhaps", "does not count"]
# A bar shorter than this part of the scale would be too narrow to see.
_SHORT = 1 / 80

_Row = dict[str, str | float | bool]


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    by: str = "kind",
    title: str = "Timeline",
    width: int = 720,
) -> altair.LayerChart:
    """Return a chart with a row for each claim: points for days, bars for spans.

    Less certain claims are paler and have another shape. A sign marks claims that may
    have happened (`?`), do not count (a cross) or are disputed (a flag). Tooltips show
    the citations. The data have the fields `claim`, `what`, `when`,
    `lane`, `standing`, `why`, `cited`, `sources_differ`, `sign`, `form` (`day`, `span`
    or `short span`), `first`, `last`, and `until` for claims in force.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: The state whose values the heading tells. That of a relationship
            decides which claims are in force too.
        tell: Returns the values of the state by their labels.
        by: Lanes, shown as colours, by `kind` or by `party`.
        title: The heading.
        width: Of the picture without its labels, in pixels.

    Raises:
        MissingExtraError: Altair is not installed.
        PictureError: *by* is not a kind of lane, or *tell* does not return a mapping
            from labels to values.
    """
    with needing("altair"):
        import altair as alt
    view = view_of(shown, projection)
    found = marks(view, projection)
    # The chart is clipped to the finite bounds, so that open dates stay drawable.
    days = [view.day_number, *(bound for mark in found for bound in mark.span.days)]
    scale = scale_of(days, 0, 1)
    rows = [_row(n, m, by, view.day_number, scale) for n, m in enumerate(found, 1)]
    drawn = _layers(alt.Chart(alt.InlineData(values=rows)), rows, view.day_number)
    # Vega wraps no text.
    lead = wrapped(_inert(summary(view, projection, tell, strings("en"))), width)
    heading = alt.TitleParams(_inert(title), subtitle=lead, anchor="start")
    return alt.LayerChart(layer=[*drawn], title=heading, width=width)


def dump(
    shown: View | EventLog,
    path: str | Path,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    by: str = "kind",
    title: str = "Timeline",
    width: int = 720,
) -> None:
    """Write the chart to a file as JSON: a specification of Vega-Lite.

    Args:
        shown: As for `render()`, as are the parameters below.
        path: The file, which is replaced.
        projection: The state whose values the heading tells. That of a relationship
            decides which claims are in force too.
        tell: Returns the values of the state by their labels.
        by: Lanes by `kind` or by `party`.
        title: The heading.
        width: Of the picture without its labels, in pixels.

    Raises:
        MissingExtraError: Altair is not installed.
        PictureError: *by* is not a kind of lane, or *tell* does not return a mapping
            from labels to values.
        OSError: The file cannot be written.
    """
    chart = render(
        shown, projection=projection, tell=tell, by=by, title=title, width=width
    )
    write(path, chart.to_json())


# --- data -----------------------------------------------------------------------------


def _row(number: int, mark: Mark, by: str, day: int, scale: TimeScale) -> _Row:
    event, where = mark.event, mark.span
    # A bar ends with the end of its last day, which is the beginning of the next.
    last = min(_end(where), scale.last) + (not where.is_day)
    described = _inert(describe_event(event))
    return {
        "claim": f"{number}. {described}",
        "what": described,
        "when": in_words(event.when),
        "lane": _inert(lane_of(event, by)),
        "standing": "does not count" if mark.why else mark.status.value,
        "why": _inert(mark.why),
        "cited": _inert("; ".join(map(str, event.cite)) or "no source"),
        "sources_differ": mark.flagged,
        "sign": f"{_SIGNS.get(mark.status, chr(0x2715))}{'⚑' * mark.flagged}",
        "form": _form(where, scale),
        "first": _time(max(where.first, scale.first)),
        "last": _time(last),
        "until": _time(max(day, last) if mark.in_force else last),
    }


def _form(where: Span, scale: TimeScale) -> str:
    if where.is_day:
        return "day"
    is_seen = _end(where) - where.first > _SHORT * (scale.last - scale.first)
    return "span" if is_seen else "short span"


def _end(where: Span) -> float:
    return where.last if where.end_last is None else where.end_last


def _inert(text: str) -> str:
    """Return text without `<`, which could end a script in a page of Altair."""
    return harmless(text).replace("<", "\uff1c")


def _time(day: float) -> int:
    """Return a day as Vega represents time: in milliseconds from 1970."""
    from_epoch = int(day) - _EPOCH
    return _MILLISECONDS * min(max(from_epoch, -_FARTHEST), _FARTHEST)


# --- layers ---------------------------------------------------------------------------


def _layers(
    base: altair.Chart, rows: Sequence[_Row], day: int
) -> tuple[altair.Chart, ...]:
    """Return the layers: claims in force, spans, days, signs, the day of the view."""
    import altair as alt

    claims, lanes = _domains(rows)
    colours = [look(number)[0] for number in range(len(lanes))]
    line = alt.Axis(labelLimit=420, title=None)
    y = alt.Y("claim:N", scale=alt.Scale(domain=claims), axis=line)
    lane = alt.Color(
        "lane:N", scale=alt.Scale(domain=lanes, range=colours), title="Lane"
    )
    x = alt.X("first:T", scale=alt.Scale(type="utc"), title=None)
    tips = [
        alt.Tooltip(f"{name}:N", title=title)
        for name, title in (
            *(("when", "When"), ("what", "What"), ("standing", "Standing")),
            *(("why", "Why"), ("cited", "Who says so")),
        )
    ]
    fills, shapes = [0.85, 0.25, 0.0], ["circle", "diamond", "cross"]
    paleness = alt.FillOpacity(
        "standing:N", scale=alt.Scale(domain=_STANDINGS, range=fills), legend=None
    )
    shape = alt.Shape(
        "standing:N",
        scale=alt.Scale(domain=_STANDINGS, range=shapes),
        title="By the day shown",
    )
    days, spans, shorts = (
        base.transform_filter(alt.FieldEqualPredicate(equal=form, field="form"))
        for form in ("day", "span", "short span")
    )
    shown = alt.Chart(alt.InlineData(values=[{"day": _time(day)}]))
    dashed: list[float] = [4, 3]
    return (
        base.mark_rule(color=INK).encode(x=alt.X("last:T"), x2="until:T", y=y),
        spans.mark_bar(stroke=INK, strokeDash=dashed, height=10).encode(
            x=x, x2="last:T", y=y, color=lane, fillOpacity=paleness, tooltip=tips
        ),
        shorts.mark_point(
            filled=True, stroke=INK, strokeDash=[2, 2], size=110, opacity=1
        ).encode(x=x, y=y, color=lane, shape=shape, fillOpacity=paleness, tooltip=tips),
        days.mark_point(filled=True, stroke=INK, size=90, opacity=1).encode(
            x=x, y=y, color=lane, shape=shape, fillOpacity=paleness, tooltip=tips
        ),
        base.mark_text(align="right", dx=-10, color=INK, fontWeight="bold").encode(
            x=x, y=y, text="sign:N"
        ),
        shown.mark_rule(color=MUTED, strokeWidth=1.5).encode(x=alt.X("day:T")),
    )


def _domains(rows: Sequence[_Row]) -> tuple[list[str], list[str]]:
    """Return the claims, and the lanes, in the order in which they are drawn."""
    claims = [str(row["claim"]) for row in rows]
    return claims, list(dict.fromkeys(str(row["lane"]) for row in rows))
