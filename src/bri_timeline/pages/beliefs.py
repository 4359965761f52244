"""Beliefs about one day, over days of knowledge, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from attrs import evolve, frozen

from bri_timeline import Entry, EventLog, Projection, Source, View
from bri_timeline.extend import Day, iso, require_log, to_day
from bri_timeline.measures import count
from bri_timeline.pages._state_values import Tell
from bri_timeline.pages.drawing import (
    COLOURS,
    GRID,
    MUTED,
    Heights,
    Markup,
    Number,
    Page,
    Sheet,
    StepRun,
    Strings,
    Told,
    as_cited,
    axis,
    band,
    element,
    isolated,
    line,
    lines_of,
    number_of,
    plain_text,
    scale_of,
    steps,
    strings,
    text,
    text_width,
    told,
    value_words,
    view_of,
    wrapped,
)


__all__ = ["render"]

S = TypeVar("S")
_SIZED = {"Visits": "visits", "Meetings": "meetings"}
_MOST_STRIPS = 6
_MOST_LISTED = 12
# Of more days of knowledge it would take too long to try the orders of each.
_MOST_BOUNDED = 60
_TRIES = 500
_MOST_REPORTS = 3
_COLUMN = 68.0
_WIDE = 700
_PLOT = 34.0


@frozen
class _BeliefStep:
    """A belief, from one day of knowledge to the next.

    Attributes:
        since: The number of the day on which it became known; None if it always was.
        values: The values by their labels.
        bounds: The least and the greatest number of each, where they are known.
        view: The view of the day that was asked about, by that knowledge.
        entries: The entries that changed a value.
        sources: The sources of these, of those that were out.
    """

    since: int | None
    values: Mapping[str, Told]
    bounds: Mapping[str, tuple[Number, Number]]
    view: View
    entries: tuple[Entry, ...] = ()
    sources: tuple[Source, ...] = ()

    def named(self, words: Strings) -> str:
        """Return the day in words."""
        if self.since is None:
            return words("pictures.before_reports")
        return words.day(self.since)


def render(
    log: EventLog,
    *,
    projection: Projection[S] | None = None,
    on: Day | None = None,
    tell: Tell[S] | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> Page:
    """Return what was believed of one day as SVG: a line that steps with each report.

    Each value that ever changed has a line over the days of knowledge, with a band for
    what the dates allowed. Of few changes each has a column of the same width, under
    the reports that made it; of more, time is drawn to scale, and the last are listed.

    Args:
        log: The log.
        projection: The state; by default the number of events.
        on: The day whose state was believed; by default the last of the log.
        tell: Returns the values of a state by their labels.
        title: The heading; by default "What was believed", in its language.
        width: In pixels, at least 480; the height follows from the content.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: *tell* does not return a mapping from labels to values, or the
            language has no table.
    """
    words = strings(language)
    state: Projection[Any] = count() if projection is None else projection
    day = view_of(log, state).day_number if on is None else to_day(on)
    history = _steps_of(require_log(log), state, iso(day), tell)
    labels = _changing(history)
    sheet = Sheet(words("pictures.beliefs") if title is None else title, width, words)
    parts = [
        f"{_label(label, words)} {_text(label, history[-1], words)}"
        for label in labels[:_MOST_STRIPS]
    ]
    what = words.listed(parts) if parts else words("sentence.nothing")
    if len(labels) > _MOST_STRIPS:
        rest = words.count("values", len(labels) - _MOST_STRIPS)
        what += words("sentence.clause") + words("picture.left_out", count=rest)
    said = words("pictures.beliefs_said", day=words.day(day), what=what)
    sheet.head(said)
    _drawn(sheet, history, labels[:_MOST_STRIPS], state)
    return sheet.page(said)


def _steps_of(
    log: EventLog, projection: Projection[S], day: str, tell: Tell[S] | None
) -> list[_BeliefStep]:
    """Return the beliefs of which a value differs from the one before."""
    history: list[_BeliefStep] = []
    beliefs = {
        belief.since_day: belief.state for belief in log.beliefs(projection, on=day)
    }
    days = {entry.known_day for entry in log if entry.known_day is not None}
    is_short = len(days) <= _MOST_BOUNDED
    state = beliefs[None]
    # Bounds change also on days on which the state does not.
    for since in (None, *sorted(days)) if is_short else beliefs:
        state = beliefs.get(since, state)
        values = {value.label: value for value in told(state, tell)}
        # What was known all along is known on the first day that can be asked about.
        view = log.as_of(day, known_by="0001-01-01" if since is None else iso(since))
        bounds = _bounds(view, projection, tell, values) if is_short else {}
        if not history or (values, bounds) != (history[-1].values, history[-1].bounds):
            history.append(_BeliefStep(since, values, bounds, view))
    return history


def _with_reports(
    before: _BeliefStep, step: _BeliefStep, projection: Projection[S]
) -> _BeliefStep:
    """Return a step with the entries that made it, and their sources."""
    entries = before.view.diff(step.view, projection).entries
    # What came in between and changed no value is no reason of this step.
    made = tuple(entry for entry in entries if entry.known_day == step.since)
    cited = as_cited(step.view)
    events = [cited(entry.event) for entry in made if entry.event is not None]
    sources = dict.fromkeys(c.source for event in events for c in event.cite)
    return evolve(step, entries=made, sources=(*sources,))


def _bounds(
    view: View,
    projection: Projection[S],
    tell: Tell[S] | None,
    values: Mapping[str, Told],
) -> dict[str, tuple[Number, Number]]:
    """Return the least and the greatest number of each value that is one, if known."""
    bounds: dict[str, tuple[Number, Number]] = {}
    for label, value in values.items():
        if number_of(value) is not None:
            of = _selecting(label, tell) if label or tell else None
            outcomes = view.outcomes(projection, of=of, limit=_TRIES)
            low, high = outcomes.low, outcomes.high
            if isinstance(low, Number) and isinstance(high, Number):
                bounds[label] = low, high
    return bounds


def _selecting(label: str, tell: Tell[S] | None) -> Callable[[S], Number | None]:
    """Return what selects a number from a state."""
    name = _SIZED.get(label)

    def selected(state: S) -> Number | None:
        by_label = {value.label: value for value in told(state, tell)}
        return number_of(by_label.get(label))

    def size(state: S) -> Number | None:
        # The library knows the bounds of the size of a part without trying orders.
        return len(getattr(state, name)) if name and hasattr(state, name) else None

    return selected if tell or name is None else size


def _changing(history: Sequence[_BeliefStep]) -> list[str]:
    """Return the labels of values that change or are open; else of all but zeros."""
    labels = dict.fromkeys(label for step in history for label in step.values)
    changing = [
        label
        for label in labels
        if len({(t.text if (t := s.values.get(label)) else None) for s in history}) > 1
        or any(
            low != high for s in history for low, high in [s.bounds.get(label, (0, 0))]
        )
    ]
    last = history[-1].values
    return changing or [
        label for label in labels if label in last and last[label].value
    ]


# --- the drawing ----------------------------------------------------------------------


def _drawn(
    sheet: Sheet,
    history: Sequence[_BeliefStep],
    labels: Sequence[str],
    projection: Projection[S],
) -> None:
    """Draw the legend, the reports, a strip for each value, and the sources."""
    words, right = sheet.words, sheet.left + sheet.inner
    longest = max((text_width(_label(x, words)) * 1.1 for x in labels), default=0)
    # In a narrow picture names stand above what they name.
    is_wide = sheet.width >= _WIDE
    left = sheet.left + (min(longest, 0.2 * sheet.inner) + 14) * is_wide
    tall = _PLOT + (28 if is_wide else 42)
    is_even = (right - left) / len(history) >= _COLUMN
    reported = [
        _with_reports(*pair, projection)
        for pair in [*pairwise(history)][0 if is_even else -_MOST_LISTED :]
    ]
    cited = dict.fromkeys(source for step in reported for source in step.sources)
    numbers = {source: n for n, source in enumerate(cited, start=1)}
    sheet.legend(_legend(history, labels, words))
    scale = scale_of(
        [s.since for s in history if s.since is not None], left, right - left
    )
    if is_even:
        edges = [left + (right - left) / len(history) * n for n in range(len(history))]
        sheet.paragraph(words("pictures.not_to_scale"), size=11)
        _heads(sheet, [*history[:1], *reported], edges, numbers)
    else:
        edges = [left if s.since is None else scale.begin(s.since) for s in history]
        sheet.y += 24
    top, bottom = sheet.y, sheet.y + tall * len(labels) + 4
    if is_even:
        sheet.add(*(line(x, top, x, bottom, stroke=GRID) for x in edges))
    else:
        sheet.add(axis(scale, None, top, bottom, words))
    for n, label in enumerate(labels):
        room = left - sheet.left - 14 if is_wide else sheet.inner
        place = sheet.left, room, top + tall * (n + 1)
        sheet.add(_strip(label, history, [*edges, right], place, words))
    sheet.y = bottom
    if not is_even:
        numbered = {"n": len(reported), "total": len(history)}
        sheet.y += 8
        sheet.paragraph(words("pictures.latest", **numbered), size=12, weight=600,
                        fill=None)  # fmt: skip
        for before, step in zip(history[-_MOST_LISTED - 1 :], reported, strict=False):
            changes = words("sentence.clause").join(
                _change(label, before, step, words)
                for label in labels
                if _text(label, before, words) != _text(label, step, words)
            )
            stop = words("sentence.stop") + words("sentence.gap")
            said = stop.join([changes, *_reports(step, numbers, words)])
            named = step.named(words) + words("sentence.colon")
            sheet.paragraph(named + said, size=11, fill=None)
    sheet.sources(numbers)


def _heads(
    sheet: Sheet,
    history: Sequence[_BeliefStep],
    edges: Sequence[float],
    numbers: Mapping[Source, int],
) -> None:
    """Write above each column the day of knowledge, and the reports of that day."""
    room = edges[-1] - edges[-2] if edges[1:] else sheet.inner / 2
    size, top, bottom = 11 if room >= 84 else 10, sheet.y + 18, 0.0
    for step, x in zip(history, edges, strict=True):
        days = wrapped(step.named(sheet.words), (room - 6) / 1.1, size)
        reports = _reports(step, numbers, sheet.words)
        rest = [text for report in reports for text in wrapped(report, room - 8, size)]
        y = top + 14 * len(days)
        sheet.add(lines_of(x + 4, top, days, size=size, weight=600, leading=14))
        sheet.add(lines_of(x + 4, y, rest, size=size, leading=14, fill=MUTED))
        bottom = max(bottom, y + 14 * len(rest))
    sheet.y = bottom


def _reports(
    step: _BeliefStep, numbers: Mapping[Source, int], words: Strings
) -> Iterator[str]:
    """Yield who made a step: the sources with their numbers, and what else it was."""
    for source in step.sources[:_MOST_REPORTS]:
        yield f"{isolated(source.container or source.title)} [{numbers[source]}]"
    if len(step.sources) > _MOST_REPORTS:
        yield words.count("more", len(step.sources) - _MOST_REPORTS)
    if any(entry.supersedes is not None for entry in step.entries):
        yield words("comparison.correction")
    if any(entry.retracts is not None for entry in step.entries):
        yield words("comparison.withdrawal")


def _strip(
    label: str,
    history: Sequence[_BeliefStep],
    edges: Sequence[float],
    place: tuple[float, float, float],
    words: Strings,
) -> Markup:
    """Return the drawing of one value: its name, what it was from step to step.

    Args:
        label: The value.
        history: The steps.
        edges: The left end of each, and the right end of the last.
        place: The left end of the name, its width, and the lower end of the drawing.
        words: The language.
    """
    left, room, bottom = place
    name = wrapped(_label(label, words), room / 1.1)
    colon = words("sentence.colon")
    values = (plain_text(_text(label, step, words)) for step in history)
    days = (step.named(words) for step in history)
    lines = "\n".join(map(colon.join, zip(days, values, strict=True)))
    y = bottom - 7 * len(name) if left + room < edges[0] else bottom - _PLOT - 20
    parts = [
        element("title", f"{plain_text(_label(label, words))}\n{lines}"),
        lines_of(left + 4 * (left == edges[0]), y, name, weight=600),
        line(edges[0], bottom, edges[-1], bottom, stroke=GRID),
    ]
    runs = [
        StepRun(x, x2, number_of(step.values.get(label)), *_range(label, step))
        for step, (x, x2) in zip(history, pairwise(edges), strict=True)
    ]
    # Text has no height: it stands on a line of its own.
    heights = Heights.of(number for run in runs for number in run[2:])
    parts += steps(runs, heights, bottom, _PLOT)
    shown, until = "", 0.0
    for step, run in zip(history, runs, strict=True):
        value = _text(label, step, words)
        if value == shown:
            continue
        shown, y = value, bottom - 5
        if run.value is not None:
            top = run.value if run.high is None else max(run.value, run.high)
            y = bottom - _PLOT * heights.at(top) - 5
        room = run.right - run.left - 6
        written = wrapped(value, room / 1.1, 11)
        longest_word = max(text_width(word, 12) for word in value.split())
        if len(written) < 4 and run.left >= until and longest_word <= room:
            y -= 12 * (len(written) - 1)
            parts.append(lines_of(run.left + 4, y, written, size=11, weight=600,
                                  leading=12))  # fmt: skip
            until = run.left + 4 + max(text_width(one, 12) for one in written)
    last = runs[-1]
    if shown and until < last.left and last.value is not None:
        y = bottom - _PLOT * heights.at(last.value) - 5
        parts.append(text(last.right, y, shown, size=11, weight=600, anchor="end"))
    return element("g", *parts)


def _range(label: str, step: _BeliefStep) -> tuple[Number | None, Number | None]:
    return step.bounds.get(label, (None, None))


def _label(label: str, words: Strings) -> str:
    return isolated(words.known("labels", label or "value"))


def _text(label: str, step: _BeliefStep, words: Strings) -> str:
    """Return a value in words, with its bounds where the dates leave it open."""
    value, (low, high) = step.values.get(label), _range(label, step)
    said = "\u2013" if value is None else value_words(value, words)
    if low is None or high is None or low == high:
        return said
    return f"{said} ({words.number(low)}\u2013{words.number(high)})"


def _change(label: str, before: _BeliefStep, step: _BeliefStep, words: Strings) -> str:
    change = f"{_text(label, before, words)} \u2192 {_text(label, step, words)}"
    return f"{_label(label, words)} {change}"


def _legend(
    history: Sequence[_BeliefStep], labels: Sequence[str], words: Strings
) -> Iterator[tuple[Markup, str]]:
    ranges = [_range(label, step) for step in history for label in labels]
    yield line(0, 0, 26, 0, stroke=COLOURS[0], width=1.75), words("pictures.certain")
    if any(low != high for low, high in ranges):
        yield band("M0 -5h26v10h-26Z"), words("pictures.bounds")
    if any(
        number_of(step.values.get(label)) is not None and label not in step.bounds
        for step in history
        for label in labels
    ):
        dashed = line(0, 0, 26, 0, stroke=COLOURS[0], width=1.75, dashes="4 3")
        yield dashed, words("pictures.no_bounds")
