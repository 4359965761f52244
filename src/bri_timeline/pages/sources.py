"""Who says what: sources by happenings, as SVG."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TypeVar

from attrs import frozen

from bri_timeline import Event, EventLog, Projection, Source, View, Wording
from bri_timeline.extend import Day, iso
from bri_timeline.measures import count
from bri_timeline.pages import _sheets as draw


__all__ = ["render"]

S = TypeVar("S")
_KINDS = AGREES, LESS, DIFFERS, SILENT, NOT_YET = (
    *("agrees", "says_less", "differs", "silent", "not_yet"),
)  # fmt: skip
_MOST_COLUMNS = 24
_NAME, _LYING = 170.0, 90.0
_ROUND, _DIAMOND = draw.look(0)[1], "M0 -7.5L7.5 0L0 7.5L-7.5 0Z"


@frozen
class _Row:
    """A happening, and what each source says of it.

    Attributes:
        event: The claim that is taken.
        said: By source: whether it agrees, says less or differs, or does not yet say.
        others: Claims by each source that differ from what is taken.
    """

    event: Event
    said: Mapping[Source, frozenset[str]]
    others: Mapping[Source, tuple[Event, ...]]

    def of(self, source: Source) -> list[str]:
        """Return what a source says, or that it does not; nothing, if it came before.

        What was out before the event can have begun could not tell of it.
        """
        claims = self.event, *chain.from_iterable(self.others.values())
        since = min(claim.when.earliest_start for claim in claims)
        out = math.inf if source.known_day is None else source.known_day
        return sorted(self.said.get(source, {SILENT} if out >= since else ()))


def render(
    log: EventLog,
    *,
    projection: Projection[S] | None = None,
    on: Day | None = None,
    known_by: Day | None = None,
    most: int = 24,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return a table as SVG: what each source says of each happening.

    It agrees with what is taken, says less (a year beside a day), differs, or is
    silent; as known by a day it may not have been out yet. What was out before it can
    have happened has no mark. Happenings that are disputed come first; those with one
    source only are counted, and left out.

    Args:
        log: The log.
        projection: What it is about: only what concerns its parties is drawn.
        on: The day by which it may have happened; by default the last of the log.
        known_by: The day of knowledge; by default everything is known.
        most: The largest number of happenings, and of sources at most 24.
        title: The heading; by default "Who says what", in its language.
        width: In pixels, at least 480; the height follows from the content.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: The language has no table.
    """
    part, view = draw.asked(log, projection, on, known_by)
    ever = view if known_by is None else part.as_of(iso(view.day_number))
    rows = [*_rows(view, ever)]
    several = [row for row in rows if len(row.said) > 1]
    drawn = sorted(several, key=lambda row: not row.others)[:most]
    sheet = draw.Sheet.of("sources", title, width, language, ever, view)
    out = [sum(NOT_YET not in kinds for kinds in row.said.values()) for row in rows]
    counts = {
        "several": sum(number > 1 for number in out),
        "differing": sum(bool(row.others) for row in rows),
        "alone": sum(number == 1 for number in out),
    }
    sheet.says(view, counts, {"events": len(rows) - len(drawn)})
    columns = [*dict.fromkeys(source for row in drawn for source in row.said)]
    # Only so many have room; they stand in the order of publication.
    for source in sorted(columns[:_MOST_COLUMNS], key=lambda s: s.known_day or 0):
        sheet.cite(source)
    kinds = {kind for row in drawn for s in sheet.cited for kind in row.of(s)}
    sheet.legend(*(
        (kind in kinds, _mark(kind, 13, 0), sheet.words(f"pictures.{kind}"))
        for kind in _KINDS
    ))  # fmt: skip
    if drawn:
        _table(sheet, drawn)
    sheet.sources()
    return sheet.page()


def _rows(view: View, ever: View) -> Iterator[_Row]:
    """Yield the happenings of a view, by date, with what sources say of each."""
    cited, later = view.as_cited, _said(ever)
    for name, (event, said, others) in _said(view).items():
        out = {citation.source for claim in (event, *others) for citation in
               cited(claim).cite}  # fmt: skip
        kinds = {
            source: frozenset(terms) for source, terms in said.items() if source in out
        }
        if ever is not view and name in later:
            for source in later[name][1]:
                kinds.setdefault(source, frozenset({NOT_YET}))
        differing = {
            source: tuple(e for e in others if source in _sources(cited(e)))
            for source, terms in kinds.items()
            if DIFFERS in terms
        }
        yield _Row(event, kinds, differing)


_Said = tuple[Event, dict[Source, set[str]], list[Event]]


def _said(view: View) -> dict[str, _Said]:
    """Return by happening what is taken, what each source says, and other claims."""
    # Of a count each event is a step, which has the words of each source.
    explained = view.explain(count(), of=lambda number: number)
    rows: dict[str, _Said] = {}
    for step in (*explained.steps, *explained.undecided):
        said = {
            source: {LESS if _says_less(source, step.event, step.wordings) else AGREES}
            for source in _sources(step.event)
        }
        rows[step.event.id] = step.event, said, []
    for dispute in view.disputes:
        if dispute.id in rows:
            _, said, others = rows[dispute.id]
            others += dispute.others
            for source in chain.from_iterable(map(_sources, dispute.others)):
                said.setdefault(source, set()).add(DIFFERS)
    by_date = sorted(rows.items(), key=lambda item: item[1][0].when.sort_key())
    return dict(by_date)


def _sources(event: Event) -> Iterable[Source]:
    return dict.fromkeys(citation.source for citation in event.cite)


def _says_less(source: Source, event: Event, wordings: tuple[Wording, ...]) -> bool:
    """Check whether a source says less than is taken, of any part of it."""
    for part in {wording.part for wording in wordings}:
        texts = [wording for wording in wordings if wording.part == part]
        # Of a date the text is known; of names and numbers the longest says most.
        most = (
            str(event.when) if part == "when" else max((w.text for w in texts), key=len)
        )
        if source not in {c.source for w in texts if w.text == most for c in w.cite}:
            return True
    return False


# --- the drawing ----------------------------------------------------------------------


def _table(sheet: draw.Sheet, rows: list[_Row]) -> None:
    """Draw names of sources above columns, and a row for each happening."""
    left, words, numbers = sheet.left + sheet.inner * 0.45, sheet.words, sheet.cited
    room = min((sheet.right - left) / len(numbers), 130.0)
    middles = {source: left + room * (n - 0.5) for source, n in numbers.items()}
    # Where columns are narrow their names stand upright.
    is_upright = room < _LYING
    lines = (2 if room >= 27 else 1) if is_upright else 4
    titles = Counter(map(_title, numbers))
    names = {
        s: _name(s, lines, _NAME if is_upright else room - 8,
                 words if titles[_title(s)] > 1 else None)
        for s in numbers
    }  # fmt: skip
    tall = max(
        draw.text_width(part, 11) if is_upright else 13.0 * len(name)
        for name in names.values()
        for part in name
    )
    foot = sheet.y + 14 + tall
    for source, x in middles.items():
        name = names[source]
        turned = f"translate({x:.1f} {foot:.1f})" + " rotate(-90)" * is_upright
        y = (4 - 6.5 * (len(name) - 1)) if is_upright else -13.0 * (len(name) - 1)
        head = draw.lines_of(0, y, name, size=11, leading=13,
                             anchor=None if is_upright else "middle")  # fmt: skip
        sheet.add(
            draw.element("g", head, transform=turned),
            draw.note(x, foot + 17, f"[{numbers[source]}]", size=9, anchor="middle"),
        )
    sheet.y = foot + 24
    for row in rows:
        when = draw.date_words(row.event.when, words), *_rivals(row, numbers, words)
        what = draw.event_words(row.event, words)
        y = sheet.row(what, when, room=left - sheet.left - 12)
        sheet.add(*(_cell(row, source, (x, y), words) for source, x in middles.items()))


def _title(source: Source) -> str:
    return draw.isolated(source.container or source.title)


def _name(
    source: Source, most: int, room: float, words: draw.Strings | None
) -> list[str]:
    """Return the name of a source in a few lines; the list below has all of it.

    Args:
        source: The source.
        most: How many lines there may be.
        room: The width of a line.
        words: The language, if others have its name: its date tells them apart.
    """
    name, date = _title(source), ""
    if words is not None and source.published is not None:
        date = draw.date_words(source.published, words)
    # The date is a line of its own; of a single line it is the end.
    end = f", {date}" if date and most == 1 else ""
    below = [date] if date and most > 1 else []
    room -= draw.text_width(end, 11)
    lines = draw.wrapped(name, room, 11)
    if len(lines) > most - len(below):
        lines = [draw.shortened(name, room, 11)]
    return [*lines[:-1], lines[-1] + end, *below]


def _rivals(
    row: _Row, numbers: Mapping[Source, int], words: draw.Strings
) -> Iterator[str]:
    """Yield what else is said of a happening, each with the numbers of who says so."""
    by_claim: dict[Event, list[str]] = {}
    for source, events in row.others.items():
        for event in events:
            mark = f"[{numbers[source]}]" if source in numbers else ""
            by_claim.setdefault(event, []).append(mark)
    for event, marks in by_claim.items():
        taken = row.event
        # To name no place is to say less.
        is_other = event.what != taken.what or event.where not in (None, taken.where)
        parts = [draw.event_words(event, words)] * is_other
        if event.when != taken.when or not is_other:
            parts.insert(0, draw.date_words(event.when, words))
        what = words("sentence.comma").join(parts)
        yield f"\u2260 {what} {' '.join(marks)}"


def _cell(
    row: _Row, source: Source, place: tuple[float, float], words: draw.Strings
) -> draw.Markup:
    """Return what a source says of a happening: a mark for each claim of it, if any."""
    (x, y), kinds = place, row.of(source)
    if not kinds:
        return draw.joined([])
    told = [source.title, *draw.event_lines([row.event], words)]
    told += [words(f"pictures.{kind}") for kind in kinds]
    told += [draw.date_words(e.when, words) for e in row.others.get(source, ())]
    start = y - 8 * (len(kinds) - 1)
    marks = (_mark(kind, x, start + 16 * n) for n, kind in enumerate(kinds))
    return draw.titled(told, *marks)


def _mark(kind: str, x: float, y: float) -> draw.Markup:
    """Return the mark of what a source says."""
    at, blue, paper = (x, y), draw.COLOURS[0], draw.PAPER
    marks = {
        AGREES: [draw.path(_ROUND, fill=blue, at=at)],
        LESS: [
            draw.path(_ROUND, fill=paper, at=at),
            draw.path("M-5.5 0A5.5 5.5 0 0 0 5.5 0Z", fill=blue, at=at),
        ],
        DIFFERS: [
            draw.path(_DIAMOND, fill=draw.COLOURS[1], at=at),
            # The diamond is light, also where it is dark around it.
            draw.text(x, y + 4, "\u2260", size=11, weight=700, anchor="middle",
                      fill="black"),
        ],
        SILENT: [draw.circle(x, y, 1.5, fill=draw.GRID)],
        NOT_YET: [
            draw.path(_ROUND, fill=paper, stroke=draw.MUTED, dashes="2 2", at=at)
        ],
    }  # fmt: skip
    return draw.joined(marks[kind])
