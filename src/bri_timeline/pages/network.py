"""A network of actors on a day, as SVG."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from attrs import frozen

from bri_timeline import Event, EventLog, Projection, View, dyads
from bri_timeline.pages import _sheets as draw
from bri_timeline.relations import among, is_state, named


__all__ = ["by_pair", "render"]

S = TypeVar("S")
_MOST_RADIUS = 230.0
_NAME_LINES, _LINE = 4, 15.0
_MOST_LISTED = 12
# Of more pairs the numbers would hide the lines.
_MOST_NUMBERS = 60
_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7)
# A line is as thick as it can be from so many events on.
_THICKEST, _THINNEST, _FULL = 10.0, 1.25, 12.0


@frozen
class _Tie:
    """The events that two actors share, with their words and size in the picture."""

    pair: tuple[str, str]
    certain: list[Event]
    perhaps: list[Event]
    told: list[str]
    size: float
    number: str

    @property
    def events(self) -> list[Event]:
        return [*self.certain, *self.perhaps]


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | Callable[..., Projection[S]] | None = None,
    tell: draw.Tell[S] | None = None,
    title: str | None = None,
    most: int = 24,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
    """Return a picture as SVG: a line for each pair of actors that share an event.

    The more certain events two actors share, the thicker the line, which has their
    number. It is dashed if all of their events are undecided. A periodical that
    assesses others in its own pages is a source, and no actor. With *tell* the line is
    as thick as the first of the values that is a number.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: How to fold the events of each pair; or a function that returns
            that of a pair, such as `relationship`. Lines tell its values.
        tell: Returns the values of a state by their labels.
        title: The heading; by default "Who is named together", in the language.
        most: The largest number of actors, at least 0; those that share most events
            come first, and the picture states how many are left out.
        width: In pixels, at least 480; the height follows from the number of actors.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: *tell* does not return a mapping from labels to values, or the
            language has no table.
    """
    view = draw.view_of(shown)
    sheet = draw.Sheet.of("network", title, width, language, view)
    ties = _ties(view, projection, tell, sheet.words)
    weight, actors = ranked({tie.pair: tie.events for tie in ties}, most)
    drawn = [tie for tie in ties if {*actors}.issuperset(tie.pair)]
    counts = {"actors": len(actors), "pairs": len(drawn)}
    sheet.says(view, counts, {"actors": len(weight) - len(actors)})
    if drawn:
        events = {event.id: event for tie in drawn for event in tie.events}
        kinds = draw.kinds_told(events.values(), sheet.words)
        sheet.paragraph(sheet.words("pictures.line_width", kinds=kinds), size=12)
        weight = Counter({actor: weight[actor] for actor in actors})
        _legend(sheet, drawn, weight)
        _circle(sheet, weight, drawn)
    return sheet.page()


def _ties(
    view: View,
    projection: Projection[S] | Callable[..., Projection[S]] | None,
    tell: draw.Tell[S] | None,
    words: draw.Strings,
) -> list[_Tie]:
    """Return the pairs that share events; with a projection, with its values."""
    certain, perhaps = by_pair(view.events), by_pair(view.undecided)
    states: Mapping[Any, S] = {}
    if projection is not None:
        states = view.project_each(projection, by=dyads)
    ties, colon = [], words("sentence.colon")
    for pair in sorted(certain.keys() | perhaps.keys()):
        events, maybe = certain.get(pair, []), perhaps.get(pair, [])
        size, number = float(len(events)), words.number(len(events) or len(maybe))
        told = [among(pair, words.code) + colon + words.number(len(events + maybe))]
        if pair in states:
            values = draw.valued(states[pair], tell, words)
            told += [name + colon + value.text for name, value in values.items()]
            numbers = [v for v in values.values() if v.number is not None]
            if tell is not None and numbers:
                size, number = max(float(numbers[0].number or 0), 0), numbers[0].text
        told += draw.event_lines(events + maybe, words, _MOST_LISTED)
        ties.append(_Tie(pair, events, maybe, told, size, number))
    return ties


def by_pair(events: Iterable[Event]) -> dict[tuple[str, str], list[Event]]:
    """Return the events that each pair of actors shares.

    A periodical that assesses others in its own pages is a source, and no actor.
    """
    found: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        source = _own_source(event)
        for pair in dyads(event):
            if source not in pair:
                found.setdefault(pair, []).append(event)
    return found


def ranked(
    shared: Mapping[tuple[str, str], Sequence[Event]], most: int
) -> tuple[Counter[str], list[str]]:
    """Return the shared events of each actor, and by name those with most of them."""
    weight = Counter[str]()
    for pair, events in shared.items():
        weight.update({actor: len(events) for actor in pair})
    # Ties are broken by name, so that the same log gives the same picture.
    first = sorted(weight, key=lambda actor: (-weight[actor], actor))
    return weight, sorted(first[:most], key=named)


def _own_source(event: Event) -> str | None:
    """Return the periodical that declares something in its own pages."""
    actor = getattr(event.what, "actor", None)
    if not isinstance(actor, str) or ":" not in actor:
        return None
    name = named(actor)
    papers = (citation.source.container or "" for citation in event.cite)
    return (
        actor if any(f"{paper} ".startswith(f"{name} ") for paper in papers) else None
    )


# --- the drawing ----------------------------------------------------------------------


def _thickness(size: float, ties: Sequence[_Tie]) -> float:
    """Return the width of a line that stands for a number, beside others."""
    # The square root keeps pairs with few events visible beside those with many.
    most = max(max(tie.size for tie in ties), _FULL)
    return max(_THICKEST * math.sqrt(size / most), _THINNEST)


def _legend(sheet: draw.Sheet, ties: Sequence[_Tie], weight: Mapping[str, int]) -> None:
    """Draw lines with the numbers for which they stand, and the shapes of actors."""
    words, states = sheet.words, {is_state(actor) for actor in weight}
    circles = [
        draw.circle(x, 0, r, fill="none", stroke=draw.INK) for x, r in ((6, 3), (19, 7))
    ]
    sizes = sorted({(tie.size, tie.number) for tie in ties if tie.size})
    shown = dict.fromkeys((*sizes[:1], *sizes[len(sizes) // 2 :][:1], *sizes[-1:]))
    widths = (
        (True, tied((0, 0), (26, 0), _thickness(size, ties)), number)
        for size, number in sorted(shown)
    )
    sheet.legend(
        *widths,
        (any(not tie.certain for tie in ties), tied((0, 0), (26, 0), None),
         words("pictures.perhaps_only")),
        (True in states, _dot((13, 0), 6, is_state=True), words("pictures.state")),
        (False in states, _dot((13, 0), 6, is_state=False),
         words("pictures.anybody_else")),
        (len({*weight.values()}) > 1, draw.joined(circles),
         words("pictures.by_shared")),
    )  # fmt: skip


def tied(
    start: tuple[float, float], end: tuple[float, float], width: float | None
) -> draw.Markup:
    """Return the line of a pair; dashed without a width, which is perhaps only."""
    return draw.line(*start, *end, stroke=draw.COLOURS[0], opacity=0.8,
                     width=width or 1.5, dashes=None if width else "5 4")  # fmt: skip


def _circle(sheet: draw.Sheet, weight: Mapping[str, int], ties: Sequence[_Tie]) -> None:
    """Draw actors on a circle with their ties, and their names on both sides."""
    code, count = sheet.words.code, len(weight)
    names = {actor: draw.isolated(named(actor, code)) for actor in weight}
    longest = max(draw.text_width(name, 13) * 1.1 for name in names.values())
    room = min(longest + 4, 0.25 * sheet.width)
    radius = min(_MOST_RADIUS, 60 + 25 * count, sheet.inner / 2 - room - 44)
    lines = {actor: _name(name, room) for actor, name in names.items()}
    around = draw.on_circle(weight, (0, 0), radius)
    # Half of the names stand on each side, below each other.
    right = [actor for actor, (x, _) in around.items() if x >= 0]
    left = [actor for actor in weight if actor not in right]
    tall = (sum(_LINE * len(lines[a]) + 8 for a in side) for side in (left, right))
    height = max(2 * radius + 40, *tall)
    centre, top = (sheet.width / 2, sheet.y + 24 + height / 2), sheet.y + 24
    places = draw.on_circle(weight, centre, radius)
    labels = draw.Labels()
    for tie in ties:
        ends = places[tie.pair[0]], places[tie.pair[1]]
        width = _thickness(tie.size, ties) if tie.certain else None
        sheet.add(draw.titled(tie.told, tied(*ends, width)))
    if len(ties) <= _MOST_NUMBERS:
        sheet.add(*(_number(tie, ties, places, labels) for tie in ties))
    for side, way in ((left, -1), (right, 1)):
        beside = centre[0] + way * (radius + 36)
        sheet.add(*_names(side, lines, places, (beside, top, top + height)))
    for actor, place in places.items():
        told = names[actor] + sheet.words("sentence.colon")
        told += sheet.words.number(weight[actor])
        most = max(weight.values()) or 1
        size = math.sqrt(weight[actor])
        size = 5 + min(size, 9 * size / math.sqrt(most))
        # Neighbours on the circle do not touch.
        size = min(size, 0.9 * math.pi * radius / count)
        sheet.add(draw.titled([told], _dot(place, size, is_state=is_state(actor))))
    sheet.y = top + height


def _name(name: str, room: float) -> list[str]:
    lines = draw.wrapped(name, room / 1.1, 13)
    if len(lines) > _NAME_LINES:
        # The tooltip has all of it.
        last = draw.shortened(f"{lines[_NAME_LINES - 1]}\u2026", room / 1.1, 13)
        lines[_NAME_LINES - 1 :] = [last]
    return lines


def _names(
    side: Sequence[str],
    lines: Mapping[str, list[str]],
    places: Mapping[str, tuple[float, float]],
    where: tuple[float, float, float],
) -> Iterator[draw.Markup]:
    """Yield the names of one side, each with a line to its actor.

    Args:
        side: The actors.
        lines: The lines of each name.
        places: Where actors stand.
        where: The x of the names, and the upper and lower end of the picture.
    """
    beside, low, bottom = where
    order = sorted(side, key=lambda actor: places[actor][1])
    tall = [_LINE * len(lines[actor]) + 8 for actor in order]
    tops: list[float] = []
    for actor, size in zip(order, tall, strict=True):
        tops.append(max(places[actor][1] - size / 2, low))
        low = tops[-1] + size
    # What has been pushed below the picture is moved up again.
    for n in reversed(range(len(tops))):
        bottom = tops[n] = min(tops[n], bottom - tall[n])
    for actor, top, size in zip(order, tops, tall, strict=True):
        x, y = places[actor]
        way = 1 if beside > x else -1
        yield draw.line(x, y, beside - 5 * way, top + size / 2)
        yield draw.lines_of(beside, top + _LINE - 1, lines[actor], size=13, weight=600,
                            anchor=None if way > 0 else "end")  # fmt: skip


def _number(
    tie: _Tie,
    ties: Sequence[_Tie],
    places: Mapping[str, tuple[float, float]],
    labels: draw.Labels,
) -> draw.Markup:
    """Return the number of a line, where no other number is, and no other line."""
    (x1, y1), (x2, y2) = (places[actor] for actor in tie.pair)
    wide = draw.text_width(tie.number, 10) + 6
    points = [(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for share in _PLACES]
    lines = [[places[actor] for actor in each.pair] for each in ties if each is not tie]
    # Where each is on another line it is better there than not at all.
    points.sort(key=lambda at: any(_away(at, *ends) < wide / 2 + 2 for ends in lines))
    for x, y in points:
        if labels.take(x - wide / 2, y, wide):
            box = draw.box(x - wide / 2, y - 7, wide, 14, fill=draw.PAPER, opacity=0.9)
            number = draw.text(x, y + 3.5, tie.number, size=10, anchor="middle")
            return draw.joined([box, number])
    return draw.Markup("")


def _away(
    at: tuple[float, float], start: tuple[float, float], end: tuple[float, float]
) -> float:
    """Return how far a point is from a line between two others."""
    (x, y), along = start, (end[0] - start[0], end[1] - start[1])
    ahead = (at[0] - x) * along[0] + (at[1] - y) * along[1]
    share = min(max(ahead / math.hypot(*along) ** 2, 0), 1)
    return math.dist(at, (x + share * along[0], y + share * along[1]))


def _dot(place: tuple[float, float], size: float, *, is_state: bool) -> draw.Markup:
    x, y = place
    if is_state:
        return draw.circle(x, y, size, fill=draw.COLOURS[4], stroke=draw.INK)
    corner, side = (x - 0.9 * size, y - 0.9 * size), 1.8 * size
    return draw.box(*corner, side, side, fill=draw.COLOURS[1], stroke=draw.INK)
