"""Who says what: sources by happenings, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from attrs import frozen

from bri_timeline import Event, EventLog, Projection, Reason, Source, View, Wording
from bri_timeline.extend import Day, describe_event, iso
from bri_timeline.measures import count
from bri_timeline.pages.drawing import (
    COLOURS,
    GRID,
    INK,
    MUTED,
    PAPER,
    Markup,
    Page,
    Sheet,
    Strings,
    as_cited,
    asked,
    counted,
    date_words,
    element,
    event_words,
    isolated,
    joined,
    line,
    lines_of,
    path,
    sentence,
    shortened,
    strings,
    text,
    text_width,
    wrapped,
)


__all__ = ["render"]

S = TypeVar("S")
AGREES, LESS, DIFFERS, SILENT, NOT_YET = (
    "agrees",
    "says_less",
    "differs",
    "silent",
    "not_yet",
)
_MOST_COLUMNS = 24
_NAME = 170.0
_LYING = 90.0
_ROUND = "M-5.5 0A5.5 5.5 0 1 1 5.5 0A5.5 5.5 0 1 1 -5.5 0Z"
_LOWER = "M-5.5 0A5.5 5.5 0 0 0 5.5 0Z"
_DIAMOND = "M0 -7.5L7.5 0L0 7.5L-7.5 0Z"


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
) -> Page:
    """Return a table as SVG: what each source says of each happening.

    It agrees with what is taken, says less (a year beside a day), differs, or is
    silent; as known by a day it may not have been out yet. Happenings that are disputed
    come first; those with one source only are counted, and not drawn.

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
    words, (part, view) = strings(language), asked(log, projection, on, known_by)
    ever = view if known_by is None else part.as_of(iso(view.day_number))
    rows = [*_rows(view, ever)]
    several = [row for row in rows if len(row.said) > 1]
    several.sort(key=lambda row: not row.others)
    drawn = several[:most]
    numbers = _columns(drawn)
    sheet = Sheet(words("pictures.sources") if title is None else title, width, words)
    out = [sum(NOT_YET not in kinds for kinds in row.said.values()) for row in rows]
    counts = {
        "several": sum(number > 1 for number in out),
        "differing": sum(bool(row.others) for row in rows),
        "alone": sum(number == 1 for number in out),
    }
    left_out = {"events": len(several) - len(drawn)}
    said = sentence(view, counted(words, counts, left_out), words)
    sheet.head(said)
    kinds = {kind for row in drawn for said in row.said.values() for kind in said}
    if any(source not in row.said for row in drawn for source in numbers):
        kinds.add(SILENT)
    order = (AGREES, LESS, DIFFERS, SILENT, NOT_YET)
    legend = [kind for kind in order if kind in kinds]
    sheet.legend((_mark(kind, 13, 0), words(f"pictures.{kind}")) for kind in legend)
    if drawn:
        _table(sheet, drawn, numbers)
    sheet.sources(numbers)
    return sheet.page(said)


def _rows(view: View, ever: View) -> Iterator[_Row]:
    """Yield the happenings of a view, by date, with what sources say of each."""
    cited, later = as_cited(view), _said(ever)
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
    explained = view.explain(count(), of=_itself)
    rows: dict[str, _Said] = {}
    for step in (*explained.steps, *explained.undecided):
        said = {
            source: {LESS if _says_less(source, step.event, step.wordings) else AGREES}
            for source in _sources(step.event)
        }
        rows[step.event.id] = step.event, said, []
    for aside in view.set_aside:
        if aside.reason is Reason.DISPUTED and aside.event.id in rows:
            _, said, others = rows[aside.event.id]
            others.append(aside.event)
            for source in _sources(aside.event):
                said.setdefault(source, set()).add(DIFFERS)
    by_date = sorted(rows.items(), key=lambda item: item[1][0].when.sort_key())
    return dict(by_date)


def _itself(number: int) -> int:
    return number


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
        full = [c.source for w in texts if w.text == most for c in w.cite]
        if source not in full:
            return True
    return False


def _columns(rows: list[_Row]) -> dict[Source, int]:
    """Return the sources of some rows by their numbers, in the order of publication.

    At most so many have room: those of the first rows.
    """
    sources = [*dict.fromkeys(source for row in rows for source in row.said)]
    known = sorted(sources[:_MOST_COLUMNS], key=lambda source: source.known_day or 0)
    return {source: n for n, source in enumerate(known, start=1)}


# --- the drawing ----------------------------------------------------------------------


def _table(sheet: Sheet, rows: list[_Row], numbers: Mapping[Source, int]) -> None:
    """Draw names of sources above columns, and a row for each happening."""
    words, right = sheet.words, sheet.left + sheet.inner
    left = sheet.left + sheet.inner * 0.45
    room = min((right - left) / len(numbers), 130.0)
    middles = {source: left + room * (n - 0.5) for source, n in numbers.items()}
    # Where columns are narrow their names stand upright.
    is_upright = room < _LYING
    lines = (2 if room >= 27 else 1) if is_upright else 4
    long = _NAME if is_upright else room - 8
    names = {source: _name(source, lines, long) for source in numbers}
    tall = max(
        text_width(part, 11) if is_upright else 13.0 * len(name)
        for name in names.values()
        for part in name
    )
    foot = sheet.y + 14 + tall
    for source, x in middles.items():
        name, label = names[source], f"[{numbers[source]}]"
        turned = f"translate({x:.1f} {foot:.1f})" + " rotate(-90)" * is_upright
        y = 4 - 6.5 * (len(name) - 1) if is_upright else -13.0 * (len(name) - 1)
        anchor = None if is_upright else "middle"
        head = lines_of(0, y, name, size=11, leading=13, anchor=anchor)
        sheet.add(
            element("g", head, transform=turned),
            text(x, foot + 17, label, size=9, anchor="middle", fill=MUTED),
        )
    sheet.y, wide = foot + 24, left - sheet.left - 12
    for row in rows:
        what = wrapped(event_words(row.event, words), wide)
        when = [date_words(row.event.when, words), *_rivals(row, numbers, words)]
        small = [text for line in when for text in wrapped(line, wide, 11)]
        y, height = sheet.y + 16, 15 * len(what) + 13.5 * len(small) + 8
        places = [(x, sheet.y + height / 2) for x in middles.values()]
        cells = zip(middles, places, strict=True)
        sheet.add(
            line(sheet.left, sheet.y, right, sheet.y, stroke=GRID),
            lines_of(sheet.left, y, what),
            lines_of(sheet.left, y + 15 * len(what) - 1, small, size=11, fill=MUTED,
                     leading=13.5),
            *(_cell(row, source, place, words) for source, place in cells),
            to=sheet.y + height,
        )  # fmt: skip


def _name(source: Source, most: int, room: float) -> list[str]:
    """Return the name of a source in a few lines; the list below has all of it."""
    name = isolated(source.container or source.title)
    lines = wrapped(name, room, 11)
    return lines if len(lines) <= most else [shortened(name, room, 11)]


def _rivals(row: _Row, numbers: Mapping[Source, int], words: Strings) -> Iterator[str]:
    """Yield what else is said of a happening, each with the numbers of who says so."""
    by_claim: dict[Event, list[Source]] = {}
    for source, events in row.others.items():
        for event in events:
            by_claim.setdefault(event, []).append(source)
    for event, cited in by_claim.items():
        what = date_words(event.when, words)
        if event.what != row.event.what:
            what += words("sentence.comma") + event_words(event, words)
        marks = " ".join(f"[{numbers[s]}]" for s in cited if s in numbers)
        yield f"\u2260 {what} {marks}"


def _cell(
    row: _Row, source: Source, place: tuple[float, float], words: Strings
) -> Markup:
    """Return what a source says of a happening: a mark for each claim of it."""
    x, y = place
    kinds = sorted(row.said.get(source, {SILENT}))
    dates = [date_words(event.when, words) for event in row.others.get(source, ())]
    told = [words(f"pictures.{kind}") for kind in kinds]
    lines = [source.title, describe_event(row.event, words.code), *told, *dates]
    start = y - 8 * (len(kinds) - 1)
    return element(
        "g",
        element("title", "\n".join(lines)),
        *(_mark(kind, x, start + 16 * n) for n, kind in enumerate(kinds)),
    )


def _mark(kind: str, x: float, y: float) -> Markup:
    """Return the mark of what a source says."""
    blue, at = COLOURS[0], (x, y)
    if kind == AGREES:
        return path(_ROUND, fill=blue, at=at)
    if kind == LESS:
        return joined([path(_ROUND, fill=PAPER, at=at), path(_LOWER, fill=blue, at=at)])
    if kind == DIFFERS:
        sign = text(x, y + 4, "\u2260", size=11, weight=700, anchor="middle")
        return joined([path(_DIAMOND, fill=COLOURS[1], stroke=INK, at=at), sign])
    if kind == NOT_YET:
        return path(_ROUND, fill=PAPER, stroke=MUTED, dashes="2 2", at=at)
    return path("M-1.5 0A1.5 1.5 0 1 1 1.5 0A1.5 1.5 0 1 1 -1.5 0Z", fill=GRID,
                stroke=None, at=at)  # fmt: skip
