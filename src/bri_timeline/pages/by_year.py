"""A network of actors by year: small multiples, each actor in the same place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from bri_timeline import Event, EventLog, Projection, View
from bri_timeline.pages import drawing as draw
from bri_timeline.pages.network import by_pair, ranked, tied
from bri_timeline.relations import is_state, named


__all__ = ["render"]

S = TypeVar("S")
_CELL = 206.0
_MOST_YEARS = 24
_THICKEST = 8.0
# Of more lines in a year the numbers would hide them; then no year has numbers.
_MOST_NUMBERS = 10


class _Shared(NamedTuple):
    """The events that two actors share in a year: certainly in it, or perhaps."""

    certain: list[Event]
    perhaps: list[Event]


_Years = dict[int, dict[tuple[str, str], _Shared]]


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    most: int = 12,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return small multiples as SVG: who is named together, year by year.

    A line stands for events that began in a year; the more, the thicker. It has their
    number, unless a year has more than ten lines. It is dashed if each of them may also
    have begun in another year, or may not have happened. An actor has the same place in
    all years.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: What it is about: only what concerns its parties is drawn.
        most: The largest number of actors; those that share most events come first.
        title: The heading; by default "Year by year", in its language.
        width: In pixels, at least 480; the height follows from the number of years, of
            which the last 24 are drawn.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: The language has no table.
    """
    view = draw.view_of(shown, projection)
    sheet = draw.Sheet.of("years", title, width, language, view)
    years, events = _years(view), [*view.events, *view.undecided]
    dated = [event for event in events if 0 not in draw.years_of(event)]
    weight, actors = ranked(by_pair(dated), most)
    drawn: _Years = {}
    for year, pairs in sorted(years.items())[-_MOST_YEARS:]:
        among = {p: s for p, s in pairs.items() if {*p} <= {*actors}}
        if among:
            drawn[year] = among
    # Who is among others in no year that is drawn would be a point without a line.
    seen = {actor for pairs in drawn.values() for pair in pairs for actor in pair}
    actors = [actor for actor in actors if actor in seen]
    no_year = len(events) - len(dated)
    counts = {"actors": len(actors), "years": len(drawn), "without_year": no_year}
    left_out = {"actors": len(weight) - len(actors), "years": len(years) - len(drawn)}
    sheet.says(view, counts, left_out)
    # Codes of states are short; others are numbered.
    others = [actor for actor in actors if not is_state(actor) or ":" in actor]
    labels = {
        actor: str(others.index(actor) + 1) if actor in others else actor
        for actor in actors
    }
    if drawn:
        _multiples(sheet, drawn, labels)
    names = (
        f"{labels[actor]} {draw.isolated(named(actor, language))}" for actor in actors
    )
    sheet.paragraph(" \u00b7 ".join(names), size=12)
    return sheet.page()


def _years(view: View) -> _Years:
    """Return for each year the pairs with the events that began in it, or may have."""
    years: _Years = {}
    for events, happened in ((view.events, True), (view.undecided, False)):
        for pair, shared in by_pair(events).items():
            for event in shared:
                ends = draw.years_of(event)
                if 0 in ends:
                    continue
                is_certain = happened and ends[0] == ends[1]
                for year in range(ends[0], ends[1] + 1):
                    found = years.setdefault(year, {}).setdefault(pair, _Shared([], []))
                    (found.certain if is_certain else found.perhaps).append(event)
    return years


# --- the drawing ----------------------------------------------------------------------


def _multiples(sheet: draw.Sheet, years: _Years, labels: Mapping[str, str]) -> None:
    words = sheet.words
    ties = [shared for pairs in years.values() for shared in pairs.values()]
    by_id = {e.id: e for tie in ties for e in (*tie.certain, *tie.perhaps)}
    kinds = draw.kinds_told(by_id.values(), words)
    sheet.paragraph(words("pictures.link", kinds=kinds), size=12)
    _legend(sheet, ties)
    across = max(min(len(years), int(sheet.inner // _CELL)), 1)
    room = sheet.inner / across
    most = max(len(tie.certain) for tie in ties)
    radius = min(room, 300) / 2 - 42
    ups = [y for _, y in draw.on_circle(labels, (0, 0), radius).values()]
    tall = max(ups) - min(ups) + 74
    is_numbered = max(map(len, years.values())) <= _MOST_NUMBERS
    for number, (year, pairs) in enumerate(years.items()):
        if number % across == 0 and number:
            sheet.y += tall
        left = sheet.left + room * (number % across)
        middle = left + room / 2, sheet.y + 46 - min(ups)
        places = draw.on_circle(labels, middle, radius)
        sheet.add(draw.text(left + 4, sheet.y + 20, str(year), size=13, weight=600))
        if number % across:
            sheet.add(
                draw.line(
                    left, sheet.y + 10, left, sheet.y + tall - 8, stroke=draw.GRID
                )
            )
        for pair, shared in sorted(pairs.items()):
            ends = places[pair[0]], places[pair[1]]
            sheet.add(_tie(pair, shared, ends, most, words, is_numbered=is_numbered))
        here = {actor for pair in pairs for actor in pair}
        for actor, (x, y) in places.items():
            is_here = actor in here
            fill = draw.COLOURS[4] if is_here else draw.PAPER
            stroke, ink = (draw.INK, draw.INK) if is_here else (draw.GRID, draw.MUTED)
            sheet.add(draw.circle(x, y, 5, fill=fill, stroke=stroke))
            down, wide = 3.5 + 13 * (y - middle[1]) / radius, x - middle[0]
            anchor = "middle" if abs(wide) < radius / 3 else ("start", "end")[wide < 0]
            beside = x + 9 * wide / radius
            sheet.add(draw.text(beside, y + down, labels[actor], size=10, anchor=anchor,
                           fill=ink, weight=600 if is_here else None))  # fmt: skip
    sheet.y += tall


def _tie(
    pair: tuple[str, str],
    shared: _Shared,
    ends: tuple[tuple[float, float], tuple[float, float]],
    most: int,
    words: draw.Strings,
    *,
    is_numbered: bool,
) -> draw.Markup:
    """Return the line of two actors: how many events they share, and which."""
    (x, y), (x2, y2) = ends
    certain, perhaps = shared
    events, colon = [*certain, *perhaps], words("sentence.colon")
    # Without the sign it would look like the number of an actor.
    number = f"\u00d7{words.number(len(certain or perhaps))}" + "?" * (not certain)
    told = [
        " \u2013 ".join(named(actor, words.code) for actor in pair),
        words("status.certain") + colon + words.number(len(certain)),
        words("status.perhaps") + colon + words.number(len(perhaps)),
        *draw.event_lines(events, words),
    ]
    thick = 1.25 + (_THICKEST - 1.25) * math.sqrt(len(certain) / max(most, 4))
    drawing = [tied((x, y), (x2, y2), thick if certain else None)]
    if is_numbered:
        at, wide = ((x + x2) / 2, (y + y2) / 2), draw.text_width(number, 10) / 2 + 3
        drawing += [
            draw.circle(*at, wide, fill=draw.PAPER),
            draw.text(at[0], at[1] + 3.5, number, size=10, anchor="middle"),
        ]
    return draw.titled(told, *drawing)


def _legend(sheet: draw.Sheet, ties: Sequence[_Shared]) -> None:
    words, ends = sheet.words, ((0, 0), (26, 0))
    sheet.legend(
        (any(tie.certain for tie in ties), tied(*ends, 3),
         words("pictures.in_the_year")),
        (any(not tie.certain for tie in ties), tied(*ends, None),
         words("pictures.perhaps_in_the_year")),
    )  # fmt: skip
