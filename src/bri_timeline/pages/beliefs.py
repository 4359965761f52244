"""Beliefs about one day, over days of knowledge, as SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, TypeVar

from attrs import evolve, frozen

from bri_timeline import Edtf, EventLog, Projection, View
from bri_timeline.extend import Day, iso, require_log, to_day
from bri_timeline.measures import count
from bri_timeline.pages import _sheets as draw


__all__ = ["render"]

S = TypeVar("S")
_MOST_STRIPS, _MOST_LISTED, _MOST_REPORTS = 6, 12, 3
# Of more days of knowledge it would take too long to try the orders of each.
_MOST_BOUNDED = 60
_TRIES = 500
_COLUMN, _PLOT, _TALL = 68.0, 34.0, 72.0
_NO_VALUE = draw.Valued("\u2013", None, None, None, draw.Told("", "", ""))


@frozen
class _BeliefStep:
    """A belief, from one day of knowledge to the next.

    Attributes:
        since: The number of the day on which it became known; None if it always was.
        day: That day in words.
        values: The values by their names in words.
        view: The view of the day that was asked about, by that knowledge.
    """

    since: int | None
    day: str
    values: Mapping[str, draw.Valued]
    view: View

    def of(self, name: str) -> draw.Valued:
        return self.values.get(name, _NO_VALUE)


def render(
    log: EventLog,
    *,
    projection: Projection[S] | None = None,
    on: Day | None = None,
    tell: draw.Tell[S] | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return what was believed of one day as SVG: a line that steps with each report.

    Each value that ever changed has a line over the days of knowledge, with a band for
    what the dates allowed; it begins with the first report that changes the value. Of
    few changes each has a column of the same width, under the reports that made it; of
    more, time is drawn to scale, and the last are listed.

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
    whole = require_log(log)
    ever = whole.as_of(iso(draw.DAYS[-1]))
    sheet = draw.Sheet.of("beliefs", title, width, language, ever)
    state: Projection[Any] = count() if projection is None else projection
    day = draw.view_of(log, state).day_number if on is None else to_day(on)
    words, history = sheet.words, _steps_of(whole, state, iso(day), tell, sheet.words)
    reported = [*_reported(history, draw.valued(state.initial(), tell, words))]
    found = {
        name: [step.of(name) for step in history if step.values]
        for name in dict.fromkeys(n for step in history for n in step.values)
    }
    believed = reported[-1].values
    # What changed or is open; else all but zeros.
    names = [
        name
        for name, values in found.items()
        if len({v.text for v in values}) > 1 or values[0].low != values[0].high
    ] or [n for n, values in found.items() if values[-1].told.value and n in believed]
    drawn, rest = names[:_MOST_STRIPS], len(names[_MOST_STRIPS:])
    what = words.listed([f"{name} {found[name][-1].text}" for name in drawn])
    if rest:
        more = words("picture.left_out", count=words.count("values", rest))
        what += words("sentence.clause") + more
    sheet.head(words("pictures.beliefs_said", day=words.day(day),
                     what=what or words("sentence.nothing")))  # fmt: skip
    # A step of what has no room, or of what a value is made of, would be a column
    # without a change.
    shown = [
        step
        for before, step in zip([None, *reported], reported, strict=False)
        if before is None or any(before.of(n)[:4] != step.of(n)[:4] for n in drawn)
    ]
    _drawn(sheet, whole, shown, drawn, state)
    return sheet.page()


def _steps_of(
    log: EventLog,
    projection: Projection[S],
    day: str,
    tell: draw.Tell[S] | None,
    words: draw.Strings,
) -> list[_BeliefStep]:
    """Return the beliefs of which a value differs from the one before."""
    beliefs = {
        belief.since_day: belief.state for belief in log.beliefs(projection, on=day)
    }
    days = {entry.known_day for entry in log if entry.known_day is not None}
    # A report of a week is known by its last day: its date is the week.
    published: dict[int | None, set[Edtf]] = defaultdict(set)
    for entry in log:
        for citation in entry.event.cite if entry.event is not None else ():
            source = citation.source
            if source.published is not None and source.known_day == entry.known_day:
                published[entry.known_day].add(source.published)
    is_short, history = len(days) <= _MOST_BOUNDED, list[_BeliefStep]()
    state = beliefs[None]
    # Bounds change also on days on which the state does not.
    for since in (None, *sorted(days)) if is_short else beliefs:
        state = beliefs.get(since, state)
        # What was known all along is known on the first day that can be asked about.
        view = log.as_of(day, known_by="0001-01-01" if since is None else iso(since))
        tried = partial(view.outcomes, limit=_TRIES) if is_short else None
        # Before anything is known a zero would be no belief.
        is_known = since is not None or view.events or view.undecided
        asked = state, tell, words, tried, projection
        values = draw.valued(*asked) if is_known else {}
        if not history or values != history[-1].values:
            named = _named(since, published[since], words)
            history.append(_BeliefStep(since, named, values, view))
    return history


def _reported(
    history: Sequence[_BeliefStep], unchanged: Mapping[str, draw.Valued]
) -> Iterator[_BeliefStep]:
    """Yield steps without the values of which nothing was reported yet.

    Such a value is certain, and that of a state without events: a line at zero would be
    a belief that nobody held.
    """
    believed: set[str] = set()
    for step in history:
        for name, value in step.values.items():
            plain = unchanged.get(name)
            if plain is None or value[:4] != (plain.text, *(plain.number,) * 3):
                believed.add(name)
        values = {n: value for n, value in step.values.items() if n in believed}
        yield evolve(step, values=values)


def _named(since: int | None, dates: Collection[Edtf], words: draw.Strings) -> str:
    """Return in words since when something was believed, as its reports are dated."""
    if since is None:
        return words("pictures.before_reports")
    only = next(iter(dates)) if len(dates) == 1 else None
    return words.day(since) if only is None else draw.date_words(only, words)


def _reports(
    sheet: draw.Sheet,
    log: EventLog,
    pair: tuple[_BeliefStep, _BeliefStep],
    projection: Projection[S],
) -> list[str]:
    """Return who made a step: the sources with their numbers, and what else it was."""
    before, after = (step.view for step in pair)
    came = [entry for entry in log if entry.known_day == pair[1].since]
    # What came in between and changed no value is no reason of this step.
    changes = before.diff(after, projection).entries
    made = [entry for entry in came if entry in changes]
    if not made:
        # Only bounds moved, by what may have happened.
        ids = {event.id for event in (*before.undecided, *after.undecided)}
        made = [e for e in came if e.event is None or e.event.id in ids]
    if not pair[0].values:
        # The first report: that nothing had happened yet is known by it too.
        made = made or came
    cited = after.as_cited
    events = [cited(entry.event) for entry in made if entry.event is not None]
    sources = dict.fromkeys(c.source for event in events for c in event.cite)
    said = [
        f"{draw.isolated(source.container or source.title)} {sheet.cite(source)}"
        for source in sources
    ]
    if len(said) > _MOST_REPORTS:
        said[_MOST_REPORTS:] = [sheet.words.count("more", len(said) - _MOST_REPORTS)]
    if any(entry.supersedes is not None for entry in made):
        said.append(sheet.words("comparison.correction"))
    if any(entry.retracts is not None for entry in made):
        said.append(sheet.words("comparison.withdrawal"))
    return said


# --- the drawing ----------------------------------------------------------------------


def _drawn(
    sheet: draw.Sheet,
    log: EventLog,
    history: Sequence[_BeliefStep],
    names: Sequence[str],
    projection: Projection[S],
) -> None:
    """Draw the legend, the reports, a strip for each value, and the sources."""
    words, left, column = sheet.words, sheet.left, sheet.inner / len(history)
    is_even = column >= _COLUMN
    days = [step.since for step in history if step.since is not None]
    scale = draw.scale_of(days, left, sheet.inner)
    edges = [left, *map(scale.begin, days), sheet.right]
    if is_even:
        edges = [left + column * n for n in range(len(history) + 1)]
    steps = {
        name: [draw.StepRun(*ends, *step.of(name)[1:4])
               for step, ends in zip(history, pairwise(edges), strict=True)]
        for name in names
    }  # fmt: skip
    sheet.legend(*draw.step_legend([r for runs in steps.values() for r in runs], words))
    pairs = [*pairwise(history)]
    if not is_even:
        # Whether bounds are known changes no text.
        pairs = [
            pair
            for pair in pairs
            if any(len({step.of(n).text for step in pair}) > 1 for n in names)
        ]
    total = len(pairs) + 1
    pairs = pairs[0 if is_even else -_MOST_LISTED :]
    reports = [_reports(sheet, log, pair, projection) for pair in pairs]
    if is_even:
        sheet.paragraph(words("pictures.not_to_scale"), size=11)
        _heads(sheet, [s.day for s in history], [[], *reports], edges)
    nothing = words("pictures.nothing_yet")
    top = bottom = sheet.y + 24 * (not is_even)
    strips = []
    for name, runs in steps.items():
        texts = [
            (step.day, step.values[name].text if name in step.values else nothing)
            for step in history
        ]
        labels, rest = _labels(runs, [text for _, text in texts], nothing, is_even)
        # Text is wrapped, and makes its strip higher.
        tall = max(
            _TALL, *(label.level + 12 * len(label.lines) + 23 for label in labels)
        )
        bottom += tall
        strips.append(
            _strip(name, runs, texts, (labels, rest), (bottom - tall, bottom), words)
        )
    bottom += 4
    sheet.add(
        *(draw.line(x, top, x, bottom) for x in edges[:-1])
        if is_even
        else [draw.axis(scale, None, top, bottom, words)],
        *strips,
    )
    sheet.y = bottom
    if not is_even:
        sheet.paragraph(words("pictures.latest", n=len(pairs), total=total),
                        size=12, weight=600, fill=None)  # fmt: skip
        for (before, step), by in zip(pairs, reports, strict=True):
            ends = [(n, before.of(n).text, step.of(n).text) for n in names]
            said = [f"{name} {a} \u2192 {b}" for name, a, b in ends if a != b]
            said = [words("sentence.clause").join(said), *by]
            listed = (words("sentence.stop") + words("sentence.gap")).join(said)
            told = step.day + words("sentence.colon") + listed
            sheet.paragraph(told, size=11, fill=None)
    sheet.sources()


def _heads(
    sheet: draw.Sheet,
    days: Sequence[str],
    reports: Sequence[list[str]],
    edges: Sequence[float],
) -> None:
    """Write above each column the day of knowledge, and the reports of that day."""
    room, top = edges[1] - edges[0] - 8, sheet.y + 18
    size = 11 if room >= 76 else 10
    for day, said, x in zip(days, reports, edges, strict=False):
        lines = draw.wrapped(day, room / 1.1, size)
        rest = [text for part in said for text in draw.wrapped(part, room, size)]
        y = top + 14 * len(lines)
        sheet.add(
            draw.lines_of(x + 4, top, lines, size=size, weight=600, leading=14),
            draw.lines_of(x + 4, y, rest, size=size, leading=14, fill=draw.MUTED),
            to=max(sheet.y, y + 14 * len(rest)),
        )


@frozen
class _Label:
    """A value in words, where it began to hold.

    Attributes:
        x: The left end of its lines; the right end of the drawing, if it is `last`.
        level: How far above the lower end of the drawing its last line is.
        lines: The value, wrapped.
        is_belief: Whether something was reported.
        last: Whether it stands at the end, for want of room of its own.
    """

    x: float
    level: float
    lines: Sequence[str]
    is_belief: bool
    last: bool = False

    @property
    def wide(self) -> float:
        return max(draw.text_width(line, 12) for line in self.lines)


def _heights(runs: Sequence[draw.StepRun]) -> draw.Heights:
    # Text has no height: it stands on a line of its own.
    return draw.Heights.of(number for run in runs for number in run[2:])


def _labels(
    runs: Sequence[draw.StepRun], values: Sequence[str], nothing: str, is_even: bool
) -> tuple[list[_Label], int]:
    """Return the labels of the values that have room, and how many have none.

    In columns each has, and everywhere the last: without room it stands at the end.
    """
    heights, labels, rest = _heights(runs), list[_Label](), 0
    held = [
        (value, [run for _, run in alike])
        for value, alike in groupby(zip(values, runs, strict=True), itemgetter(0))
    ]
    until = runs[-1].right
    for value, alike in reversed(held):
        left, room = alike[0].left, alike[-1].right - alike[0].left - 6
        numbers = [number for run in alike for number in (run.value, run.high)]
        level = _PLOT * heights.at(max(number or 0 for number in numbers))
        label = _Label(
            left + 4, level, draw.wrapped(value, room / 1.1, 11), value != nothing
        )
        is_whole = all(draw.text_width(word, 12) <= room for word in value.split())
        if is_even or (
            len(label.lines) <= 3 and is_whole and label.x + label.wide <= until
        ):
            labels.append(label)
        elif not labels and not rest:
            end = draw.wrapped(value, (until - runs[0].left) / 4, 11)
            labels.append(evolve(label, x=until, lines=end, last=True))
            until -= labels[0].wide + 4
        else:
            rest += label.is_belief
    return labels[::-1], rest


def _strip(
    name: str,
    runs: Sequence[draw.StepRun],
    texts: Sequence[tuple[str, str]],
    labels: tuple[Sequence[_Label], int],
    ends: tuple[float, float],
    words: draw.Strings,
) -> draw.Markup:
    """Return the drawing of one value: its name, what it was from step to step.

    Args:
        name: What it is called.
        runs: Its numbers, from one step to the next.
        texts: The day of each step, and the value since then, in words.
        labels: What is written of the values, and how many have no room.
        ends: The upper and the lower end of the drawing.
        words: The language.
    """
    (top, bottom), (written, rest) = ends, labels
    left, right = runs[0].left, runs[-1].right
    number = words.count("values", rest)
    note = words("pictures.unlabelled", count=number) if rest else ""
    beside = draw.text_width(note, 12) + 12 * bool(rest)
    head = draw.shortened(name, (right - left - beside) / 1.1)
    parts = [
        draw.text(left + 4, top + 18, head, weight=600),
        draw.text(right, top + 18, note, size=11, anchor="end", fill=draw.MUTED),
        draw.line(left, bottom, right, bottom),
        *draw.steps(runs, _heights(runs), bottom, _PLOT),
    ]
    for label in written:
        y = bottom - 5 - label.level - 12 * (len(label.lines) - 1)
        look = {"weight": 600} if label.is_belief else {"fill": draw.MUTED}
        anchor = "end" if label.last else None
        parts.append(draw.lines_of(label.x, y, [*label.lines], size=11, leading=12,
                                   anchor=anchor, **look))  # fmt: skip
    told = (f"{day}{words('sentence.colon')}{value}" for day, value in texts)
    return draw.titled([name, *told], *parts)
