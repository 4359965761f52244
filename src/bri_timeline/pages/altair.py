"""Charts that can be restyled, by Altair; needs the extra `altair`.

Use `html` for a page to publish. The HTML that Altair saves loads scripts from other
hosts and does not escape `</script>` in text: a title can end the script and begin
another. Therefore this module writes JSON only, and replaces each `<` in a text by the
full-width `\uff1c`, so that a chart is safe however it is saved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, isinf
from typing import TYPE_CHECKING, TypeVar

from bri_timeline import EventLog, Projection, View
from bri_timeline.extend import harmless, needing
from bri_timeline.pages._drawing import INK, MUTED, look
from bri_timeline.pages._marks import (
    ClaimStatus,
    Mark,
    MarkSpan,
    TimeScale,
    lane_of,
    marks,
    scale_of,
    view_of,
)
from bri_timeline.pages._markup import plain_text, wrapped
from bri_timeline.pages._state_values import Tell, summary
from bri_timeline.pages._wording import (
    Strings,
    date_words,
    plain_words,
    words_for,
)


# Altair is an optional extra: its types are needed by type checkers only.
if TYPE_CHECKING:
    import altair


__all__ = ["render"]

S = TypeVar("S")

_EPOCH, _MILLISECONDS = 719_163, 86_400_000
# The days from 1970 that a browser can represent (ECMAScript, Time Values).
_FARTHEST = 100_000_000
_SIGNS = {ClaimStatus.CERTAIN: "", ClaimStatus.UNDECIDED: "?"}
_WORDS = {
    ClaimStatus.CERTAIN: "status.certain",
    ClaimStatus.UNDECIDED: "status.perhaps",
}
_ASIDE = "picture.legend_aside"
# An open side of a date fades out, in so many pieces.
_PIECES = 12
# By the form of a date: how near a piece is to its bound.
_OPEN = {
    "open start": "datum.piece + 0.5",
    "open end": f"{_PIECES - 0.5} - datum.piece",
}
# A bar shorter than this part of the scale would be too narrow to see.
_SHORT = 1 / 80

_Row = dict[str, str | float | bool]


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    by: str = "kind",
    title: str | None = None,
    width: int = 720,
    language: str = "en",
) -> altair.LayerChart:
    """Return a chart with a row for each claim: points for days, bars for spans.

    Claims about one happening that sources dispute share the row of what is taken. Less
    certain claims are paler and have another shape. A sign marks claims that may
    have happened (`?`), do not count (a cross) or are disputed (a flag). The bar of a
    date without a bound fades out. Tooltips show the citations. The data have the
    fields `claim`, `what`, `when`, `lane`, `standing`, `why`, `cited`,
    `sources_differ`, `sign`, `form` (`day`, `span`, `short span`, `open start` or
    `open end`), `first`, `last`, and for claims in force `since` and `until`.

    Of 100,000 events it takes some thirty seconds.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: The state whose values the heading tells. That of a relationship
            decides which claims are in force too.
        tell: Returns the values of the state by their labels.
        by: Lanes, shown as colours, by `kind` or by `party`.
        title: The heading; by default the word for a timeline.
        width: Of the picture without its labels, in pixels.
        language: Of the words of the chart: `en`, `de`, `ru` or `zh`.

    Raises:
        MissingExtraError: Altair is not installed.
        PictureError: *by* is not a kind of lane, *tell* does not return a mapping from
            labels to values, or the language has no table.
    """
    with needing("altair"):
        import altair as alt
    view = view_of(shown, projection)
    words = words_for(language, view)
    all_marks = marks(view, projection, words)
    # The chart is clipped to the finite bounds, so that open dates stay drawable.
    days = [view.day_number, *(bound for mark in all_marks for bound in mark.span.days)]
    scale = scale_of(days, 0, 1)
    day = view.day_number
    told = [_inert(plain_words(mark.event, words)) for mark in all_marks]
    names = zip(_names(all_marks, told, words), all_marks, told, strict=True)
    rows = [_row(*one, by, day, scale, words) for one in names]
    drawn = _layers(alt.Chart(alt.InlineData(values=rows)), rows, day, words)
    # Vega wraps no text.
    lead = wrapped(_inert(plain_text(summary(view, projection, tell, words))), width)
    heading = alt.TitleParams(
        _inert(title or words("page.title")), subtitle=lead, anchor="start"
    )
    return alt.LayerChart(layer=[*drawn], title=heading, width=width)


# --- data -----------------------------------------------------------------------------


def _names(found: Sequence[Mark], told: Sequence[str], words: Strings) -> Iterator[str]:
    """Yield the name of the row of each mark: of a rival, that of what is taken."""
    taken = {m.event.id: n for n, m in enumerate(found) if m.flagged and not m.why}
    places = [taken.get(m.event.id, n) if m.flagged else n for n, m in enumerate(found)]
    numbers = {place: n for n, place in enumerate(sorted({*places}), 1)}
    for place in places:
        mark = found[place]
        name = f"{numbers[place]}. {told[place]}"
        ended = {"title": name, "date": words("status.ended")}
        yield words("sources.dated", **ended) if mark.may_have_ended else name


def _row(
    name: str,
    mark: Mark,
    what: str,
    by: str,
    day: int,
    scale: TimeScale,
    words: Strings,
) -> _Row:
    event, where = mark.event, mark.span
    # A bar ends with the end of its last day, which is the beginning of the next.
    last = min(_end(where), scale.last) + (not where.is_day)
    # What is in force has a line from its bar on; without an end, from its beginning.
    since = min(where.last, last) if where.end_last == inf else last
    return {
        "claim": name,
        "what": what,
        "when": date_words(event.when, words),
        "lane": _inert(lane_of(event, by, words)),
        "standing": words(_ASIDE if mark.why else _WORDS[mark.status]),
        "why": _inert(plain_text(mark.why)),
        "cited": _inert("; ".join(map(str, event.cite)) or words("status.no_source")),
        "sources_differ": mark.flagged,
        "sign": f"{_SIGNS.get(mark.status, chr(0x2715))}{'⚑' * mark.flagged}",
        "form": _form(where, scale),
        "first": _time(max(where.first, scale.first)),
        "last": _time(last),
        "since": _time(since),
        "until": _time(max(day, since) if mark.in_force else since),
    }


def _form(where: MarkSpan, scale: TimeScale) -> str:
    if where.is_day:
        return "day"
    if isinf(where.first) or isinf(_end(where)):
        return "open start" if isinf(where.first) else "open end"
    is_seen = _end(where) - where.first > _SHORT * (scale.last - scale.first)
    return "span" if is_seen else "short span"


def _end(where: MarkSpan) -> float:
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
    base: altair.Chart, rows: Sequence[_Row], day: int, words: Strings
) -> tuple[altair.Chart, ...]:
    """Return the layers: claims in force, spans, days, signs, the day of the view."""
    import altair as alt

    claims, lanes = _domains(rows)
    colours = [look(number)[0] for number in range(len(lanes))]
    line = alt.Axis(labelLimit=420, title=None)
    y = alt.Y("claim:N", scale=alt.Scale(domain=claims), axis=line)
    lane = alt.Color("lane:N", scale=alt.Scale(domain=lanes, range=colours), title=None)
    x = alt.X("first:T", scale=alt.Scale(type="utc"), title=None)
    tips = [
        alt.Tooltip(f"{name}:N", title=title)
        for name, title in (
            *(("when", words("page.when")), ("what", words("page.what"))),
            *(("standing", words("page.status")), ("why", words("comparison.because"))),
            ("cited", words("page.says")),
        )
    ]
    fills, shapes = [0.85, 0.25, 0.0], ["circle", "diamond", "cross"]
    standings = [words(key) for key in (*_WORDS.values(), _ASIDE)]
    paleness = alt.FillOpacity(
        "standing:N", scale=alt.Scale(domain=standings, range=fills), legend=None
    )
    shape = alt.Shape(
        "standing:N",
        scale=alt.Scale(domain=standings, range=shapes),
        title=words("page.day"),
    )
    days, spans, shorts, *opens = (
        base.transform_filter(alt.FieldEqualPredicate(equal=form, field="form"))
        for form in ("day", "span", "short span", *_OPEN)
    )
    shown = alt.Chart(alt.InlineData(values=[{"day": _time(day)}]))
    dashed: list[float] = [4, 3]
    return (
        base.mark_rule(color=INK).encode(x=alt.X("since:T"), x2="until:T", y=y),
        spans.mark_bar(stroke=INK, strokeDash=dashed, height=10).encode(
            x=x, x2="last:T", y=y, color=lane, fillOpacity=paleness, tooltip=tips
        ),
        *(
            fading.transform_calculate(piece=f"sequence({_PIECES})")
            .transform_flatten(["piece"])
            .transform_calculate(
                begin=_between("datum.piece"),
                end=_between("datum.piece + 1"),
                strength=f"0.6 * ({nearness}) / {_PIECES}",
            )
            .mark_bar(height=10)
            .encode(
                x=alt.X("begin:T"),
                x2="end:T",
                y=y,
                color=lane,
                tooltip=tips,
                opacity=alt.Opacity("strength:Q", scale=None, legend=None),
            )
            for fading, nearness in zip(opens, _OPEN.values(), strict=True)
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


def _between(piece: str) -> str:
    """Return the expression of the time at which a piece of a bar begins."""
    return f"datum.first + (datum.last - datum.first) * ({piece}) / {_PIECES}"


def _domains(rows: Sequence[_Row]) -> tuple[list[str], list[str]]:
    """Return the claims, and the lanes, in the order in which they are drawn."""
    claims = list(dict.fromkeys(str(row["claim"]) for row in rows))
    return claims, list(dict.fromkeys(str(row["lane"]) for row in rows))
