"""A network of actors on a day, as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import cos, pi, sin
from pathlib import Path

from attrs import frozen

from bri_timeline import Event, EventLog, View, dyads
from bri_timeline._atomic_write import write
from bri_timeline.pages._drawing import COLOURS, INK, MUTED, picture, text
from bri_timeline.pages._layout import shortened
from bri_timeline.pages._marks import dates_of, view_of
from bri_timeline.pages._markup import Markup, element, empty
from bri_timeline.pages._wording import claim_line, count_of
from bri_timeline.relations import named


__all__ = ["dump", "render"]

_SIZE = 900.0
_HEIGHT = 740.0
_RADIUS = 250.0
_CENTRE = 425.0
_MOST_LISTED = 12
_HOW = (
    "A thick line: much between them; a dashed one: all of it only perhaps."
    " A circle is a state, a square anybody else."
)


@frozen
class _Tie:
    """The events that two actors share."""

    pair: tuple[str, str]
    certain: tuple[Event, ...]
    perhaps: tuple[Event, ...]


def render(
    shown: View | EventLog,
    *,
    title: str = "Who was related to whom",
    most: int = 24,
) -> str:
    """Return a picture as SVG: a line for each pair of actors that share an event.

    The more certain events two actors share, the thicker the line. It is dashed if all
    of their events are undecided.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        title: The heading.
        most: The largest number of actors, at least 0; those that share most events
            come first, and the picture states how many are left out.
    """
    view = view_of(shown)
    ties = _ties(view)
    weight = Counter(actor for tie in ties for actor in tie.pair for _ in _all(tie))
    # Ties are broken by name, so that the same log gives the same picture.
    ranked = sorted(weight, key=lambda actor: (-weight[actor], actor))
    actors = sorted(ranked[:most], key=named)
    drawn = [tie for tie in ties if set(tie.pair) <= set(actors)]
    places = dict(zip(actors, _circle(len(actors)), strict=True))
    left_out = len(ranked) - len(actors)
    lacking = f"; {count_of(left_out, 'actor')} left out" if left_out else ""
    many = f"{count_of(len(actors), 'actor')}, {count_of(len(drawn), 'pair')}"
    description = f"{dates_of(view)}: {many}{lacking}."
    parts = [
        text(32, 40, title, size=20, weight=600),
        text(32, 62, description, fill=MUTED),
        text(32, 82, _HOW, fill=MUTED),
        *(_line(tie, places) for tie in drawn),
        *(_actor(actor, places[actor], weight[actor]) for actor in actors),
    ]
    return picture(title, description, _SIZE, _HEIGHT, *parts)


def dump(
    shown: View | EventLog,
    path: str | Path,
    *,
    title: str = "Who was related to whom",
    most: int = 24,
) -> None:
    """Write the picture to a file.

    Args:
        shown: As for `render()`, as are the parameters below.
        path: The file, which is replaced.
        title: The heading.
        most: The largest number of actors.

    Raises:
        OSError: The file cannot be written.
    """
    write(path, render(shown, title=title, most=most))


def _ties(view: View) -> list[_Tie]:
    certain, perhaps = _by_pair(view.events), _by_pair(view.undecided)
    return [
        _Tie(pair, tuple(certain.get(pair, ())), tuple(perhaps.get(pair, ())))
        for pair in sorted(certain.keys() | perhaps.keys())
    ]


def _by_pair(events: tuple[Event, ...]) -> dict[tuple[str, str], list[Event]]:
    found: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        for pair in dyads(event):
            found.setdefault(pair, []).append(event)
    return found


def _all(tie: _Tie) -> Iterator[Event]:
    yield from tie.certain
    yield from tie.perhaps


def _circle(count: int) -> Iterator[tuple[float, float, float]]:
    """Yield evenly spaced positions on a circle from the top, each with its angle."""
    for number in range(count):
        angle = 2 * pi * number / count - pi / 2
        x, y = _SIZE / 2 + _RADIUS * cos(angle), _CENTRE + _RADIUS * sin(angle)
        yield x, y, angle


def _line(tie: _Tie, places: dict[str, tuple[float, float, float]]) -> Markup:
    (x1, y1, _), (x2, y2, _) = (places[actor] for actor in tie.pair)
    events = [*_all(tie)]
    lines = [claim_line(event) for event in events[:_MOST_LISTED]]
    if len(events) > _MOST_LISTED:
        lines.append(f"and {len(events) - _MOST_LISTED} more")
    pair = " and ".join(map(named, tie.pair))
    return element(
        "line",
        element("title", "\n".join([f"{pair}: {len(events)}", *lines])),
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        stroke=COLOURS[0],
        # The square root keeps pairs with few events visible beside those with many.
        stroke_width=min(1.5 + len(tie.certain) ** 0.5, 10),
        stroke_dasharray=None if tie.certain else "5 4",
        stroke_opacity=0.8,
    )


def _actor(actor: str, place: tuple[float, float, float], weight: int) -> Markup:
    x, y, angle = place
    size = min(6 + weight**0.5, 18)
    anchor = "middle" if abs(cos(angle)) < 0.2 else "start" if cos(angle) > 0 else "end"
    at = x + (size + 8) * cos(angle)
    # A centred label extends to both sides, any other to one edge only.
    room = (
        2 * min(at, _SIZE - at)
        if anchor == "middle"
        else max(at, _SIZE - at) - _SIZE / 2
    )
    label = text(
        at,
        y + (size + 8) * sin(angle) + 4 + 4 * sin(angle),
        shortened(named(actor), room),
        size=13,
        weight=600,
        anchor=anchor,
    )
    # Only actors other than states have a prefix.
    if ":" in actor:
        side = 1.8 * size
        corner = {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side}
        dot = empty("rect", **corner, fill=COLOURS[1], stroke=INK, stroke_width=1.25)
    else:
        dot = empty(
            "circle", cx=x, cy=y, r=size, fill=COLOURS[4], stroke=INK, stroke_width=1.25
        )
    title = element("title", f"{named(actor)}: in {count_of(weight, 'tie')}")
    return element("g", title, dot, label)
