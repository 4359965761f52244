"""A network of actors on a day, as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from math import cos, pi, sin, sqrt
from typing import Any, TypeVar

from attrs import frozen

from bri_timeline import Event, EventLog, Projection, View, dyads
from bri_timeline.pages._drawing import (
    COLOURS,
    GRID,
    INK,
    MUTED,
    PAPER,
    line,
    lines_of,
    picture,
    text,
)
from bri_timeline.pages._marks import view_of
from bri_timeline.pages._markup import (
    Markup,
    element,
    empty,
    is_rtl,
    isolated,
    marked,
    plain_text,
    shortened,
    text_width,
    wrapped,
)
from bri_timeline.pages._page import Page
from bri_timeline.pages._state_values import (
    Tell,
    Told,
    sentence,
    told,
    value_words,
)
from bri_timeline.pages._wording import (
    Strings,
    among,
    claim_line,
    kind,
    line_of,
    named,
    strings,
)
from bri_timeline.relations import is_state


__all__ = ["by_pair", "kinds_told", "render"]

S = TypeVar("S")
_LEAST = 480
_MARGIN = 24.0
_MOST_RADIUS = 230.0
_NAME_LINES = 4
_LINE = 15.0
_MOST_LISTED = 12
_MOST_KINDS = 5
# Of more pairs the numbers would hide the lines.
_MOST_NUMBERS = 60
_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7)
_THICKEST = 10.0


@frozen
class _Tie:
    """The events that two actors share, with their words and size in the picture."""

    pair: tuple[str, str]
    certain: tuple[Event, ...]
    perhaps: tuple[Event, ...]
    told: tuple[str, ...]
    size: float
    number: str


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | Callable[..., Projection[S]] | None = None,
    tell: Tell[S] | None = None,
    title: str | None = None,
    most: int = 24,
    width: int = 900,
    language: str = "en",
) -> Page:
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
        title: The heading; by default "Who was related to whom", in the language.
        most: The largest number of actors, at least 0; those that share most events
            come first, and the picture states how many are left out.
        width: In pixels, at least 480; the height follows from the number of actors.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: *tell* does not return a mapping from labels to values, or the
            language has no table.
    """
    view, words = view_of(shown), strings(language)
    ties = _ties(view, projection, tell, words)
    weight = Counter(
        {actor: 0 for tie in ties for actor in tie.pair}
        | Counter(actor for tie in ties for actor in tie.pair for _ in _all(tie))
    )
    # Ties are broken by name, so that the same log gives the same picture.
    ranked = sorted(weight, key=lambda actor: (-weight[actor], actor))
    actors = sorted(ranked[:most], key=named)
    shown_actors = set(actors)
    drawn = [tie for tie in ties if shown_actors.issuperset(tie.pair)]
    counts = words.listed(
        [words.count("actors", len(actors)), words.count("pairs", len(drawn))]
    )
    if len(ranked) > len(actors):
        lacking = words.count("actors", len(ranked) - len(actors))
        counts += words("sentence.clause") + words("picture.left_out", count=lacking)
    description = sentence(view, counts, words)
    wide = float(max(width, _LEAST))
    sheet = _NetworkLayout.of(wide, actors, weight, drawn, words)
    return Page(sheet.drawn(title or words("picture.network"), description))


def _ties(
    view: View,
    projection: Projection[S] | Callable[..., Projection[S]] | None,
    tell: Tell[S] | None,
    words: Strings,
) -> list[_Tie]:
    certain, perhaps = by_pair(view.events), by_pair(view.undecided)
    states: Mapping[Any, S] = {}
    if projection is not None:
        states = view.project_each(projection, by=dyads)
    ties = []
    for pair in sorted(certain.keys() | perhaps.keys()):
        events, maybe = tuple(certain.get(pair, ())), tuple(perhaps.get(pair, ()))
        size, number, lines = float(len(events)), f"{len(events) or len(maybe):,}", []
        if pair in states:
            values = told(states[pair], tell)
            lines = [*_told(values, words)]
            numbers = [v for v in values if isinstance(v.value, int | float | Decimal)]
            if tell is not None and numbers:
                size, number = max(float(numbers[0].value), 0), numbers[0].text
        ties.append(_Tie(pair, events, maybe, tuple(lines), size, number))
    return ties


def _told(values: Iterable[Told], words: Strings) -> Iterator[str]:
    for value in values:
        label, text = words.known("labels", value.label), value_words(value, words)
        yield words("sentence.colon").join(filter(None, (isolated(label), text)))


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


def kinds_told(events: Iterable[Event], words: Strings) -> str:
    """Return the kinds of some events as a list, the most frequent first."""
    numbers = Counter(map(kind, events))
    names = [isolated(words.known("kinds", name)) for name, _ in numbers.most_common()]
    if len(names) > _MOST_KINDS:
        more = words.count("more", len(names) - _MOST_KINDS)
        names[_MOST_KINDS:] = [more]
    return words("sentence.comma").join(names)


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


def _all(tie: _Tie) -> Iterator[Event]:
    yield from tie.certain
    yield from tie.perhaps


@frozen
class _NetworkLayout:
    """The places of the actors, and the size of the picture."""

    width: float
    radius: float
    room: float
    actors: list[str]
    weight: Counter[str]
    ties: list[_Tie]
    words: Strings

    @classmethod
    def of(
        cls,
        width: float,
        actors: list[str],
        weight: Counter[str],
        ties: list[_Tie],
        words: Strings,
    ) -> _NetworkLayout:
        """Return the sheet of a width, on which names have the room that they need."""
        names = (named(actor, words.code) for actor in actors)
        longest = max((text_width(name, 13) * 1.1 for name in names), default=0)
        room = min(longest + 4, 0.25 * width)
        radius = min(_MOST_RADIUS, width / 2 - _MARGIN - room - 44)
        return cls(width, max(radius, 30), room, actors, weight, ties, words)

    def drawn(self, title: str, description: str) -> str:
        """Return the picture."""
        inner, y, parts = self.width - 2 * _MARGIN, 40.0, []
        for content, size, weight in (
            (isolated(title), 20, 600), (description, 12, None),
            (self._meaning(), 12, None),
        ):  # fmt: skip
            lines = wrapped(content, inner / (1.1 if weight else 1), size)
            end = is_rtl(content)
            parts.append(
                lines_of(_MARGIN + inner * end, y, lines, size=size, weight=weight,
                         leading=size * 1.3, anchor="end" if end else None,
                         fill=None if weight else MUTED)
            )  # fmt: skip
            y += size * 1.3 * len(lines) + 4
        parts.append(self._scale(y + 8))
        names = [self._name(actor) for actor in self.actors]
        # Half of the names stand on each side, below each other.
        sides = [n for n in range(len(names)) if self._angle_cos(n) >= 0]
        rest = [n for n in range(len(names)) if n not in {*sides}]
        tall = max((self._tall(names, side) for side in (sides, rest)), default=0.0)
        height = max(2 * self.radius + 40, tall)
        centre = self.width / 2, y + 46 + height / 2
        places = [self._place(n, centre) for n in range(len(names))]
        taken: list[tuple[float, float, float]] = []
        by_actor = dict(zip(self.actors, places, strict=True))
        parts += [self._line(tie, by_actor) for tie in self.ties]
        if len(self.ties) <= _MOST_NUMBERS:
            parts += [self._number(tie, by_actor, taken) for tie in self.ties]
        for side in (sides, rest):
            parts += self._names(side, names, places, centre[1], height)
        parts += [self._dot(n, places[n]) for n in range(len(names))]
        total = centre[1] + height / 2 + _MARGIN
        heading = title, plain_text(description)
        return picture(*heading, self.width, total, *parts)

    def _meaning(self) -> str:
        """Return what a line is."""
        events = {event.id: event for tie in self.ties for event in _all(tie)}
        kinds = kinds_told(events.values(), self.words)
        return self.words("picture.line_width", kinds=kinds) if kinds else ""

    def _angle_cos(self, number: int) -> float:
        return cos(self._angle(number))

    def _angle(self, number: int) -> float:
        # Half a step off the top, so that no name stands above or below the circle.
        return 2 * pi * (number + 0.5) / len(self.actors) - pi / 2

    def _place(self, number: int, centre: tuple[float, float]) -> tuple[float, float]:
        angle = self._angle(number)
        x, y = centre
        return x + self.radius * cos(angle), y + self.radius * sin(angle)

    def _name(self, actor: str) -> list[str]:
        name = isolated(named(actor, self.words.code))
        lines = wrapped(name, self.room / 1.1, 13)
        if len(lines) > _NAME_LINES:
            # The tooltip has all of it.
            last = shortened(f"{lines[_NAME_LINES - 1]}\u2026", self.room / 1.1, 13)
            lines = [*lines[: _NAME_LINES - 1], last]
        return lines

    def _tall(self, names: list[list[str]], side: list[int]) -> float:
        return sum(_LINE * len(names[n]) + 8 for n in side)

    def _names(
        self,
        side: list[int],
        names: list[list[str]],
        places: list[tuple[float, float]],
        middle: float,
        height: float,
    ) -> Iterator[Markup]:
        """Yield the names of one side, each with a line to its actor."""
        order = sorted(side, key=lambda n: places[n][1])
        tall = [_LINE * len(names[n]) + 8 for n in order]
        low, high = middle - height / 2, middle + height / 2
        tops: list[float] = []
        for n, size in zip(order, tall, strict=True):
            least = tops[-1] + tall[len(tops) - 1] if tops else low
            tops.append(max(places[n][1] - size / 2, least))
        # What has been pushed below the picture is moved up again.
        bottom = high
        for place in reversed(range(len(tops))):
            tops[place] = min(tops[place], bottom - tall[place])
            bottom = tops[place]
        for n, top, size in zip(order, tops, tall, strict=True):
            x, y = places[n]
            on_right = self._angle_cos(n) >= 0
            beside = self.width / 2 + (self.radius + 36) * (1 if on_right else -1)
            at = top + size / 2
            reach = 10 if on_right else -10
            yield line(x, y, beside - reach / 2, at, stroke=GRID)
            yield lines_of(
                beside, top + _LINE - 1, names[n], size=13, weight=600,
                anchor=None if on_right else "end",
            )  # fmt: skip

    def _thickness(self, size: float) -> float:
        most = max((tie.size for tie in self.ties), default=1) or 1
        # The square root keeps pairs with few events visible beside those with many.
        most = max(sqrt(most), _THICKEST - 1.5)
        return 1.5 + (_THICKEST - 1.5) * sqrt(size) / most

    def _scale(self, y: float) -> Markup:
        """Return the scale: lines with the numbers for which they stand."""
        sizes = sorted({(tie.size, tie.number) for tie in self.ties if tie.size})
        shown = dict.fromkeys((*sizes[:1], *sizes[len(sizes) // 2 :][:1], *sizes[-1:]))
        parts, x = [], _MARGIN
        for size, number in sorted(shown):
            thick = self._thickness(size)
            parts.append(line(x, y, x + 34, y, stroke=COLOURS[0], width=thick,
                              opacity=0.8))  # fmt: skip
            parts.append(text(x + 40, y + 4, number, size=11, fill=MUTED))
            x += 56 + text_width(number, 11)
        return element("g", *parts)

    def _line(self, tie: _Tie, places: dict[str, tuple[float, float]]) -> Markup:
        (x1, y1), (x2, y2) = (places[actor] for actor in tie.pair)
        events, words = [*_all(tie)], self.words
        first = (claim_line(event, words) for event in events[:_MOST_LISTED])
        lines = [line_of(among(tie.pair, words.code)), *tie.told, *first]
        lines[0] += words("sentence.colon") + words.number(len(events))
        if len(events) > _MOST_LISTED:
            lines.append(words.count("more", len(events) - _MOST_LISTED))
        return element(
            "line",
            element("title", marked("\n".join(lines))),
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            stroke=COLOURS[0],
            stroke_width=self._thickness(tie.size) if tie.certain else 1.5,
            stroke_dasharray=None if tie.certain else "5 4",
            stroke_opacity=0.8,
        )

    def _number(
        self,
        tie: _Tie,
        places: dict[str, tuple[float, float]],
        taken: list[tuple[float, float, float]],
    ) -> Markup:
        """Return the number of a line, where no other number is."""
        (x1, y1), (x2, y2) = (places[actor] for actor in tie.pair)
        wide = text_width(tie.number, 10) + 6
        for share in _PLACES:
            x, y = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
            if all(abs(x - u) > (wide + w) / 2 or abs(y - v) > 14 for u, v, w in taken):
                taken.append((x, y, wide))
                edge = x - wide / 2
                box = empty("rect", x=edge, y=y - 7, width=wide, height=14, rx=3,
                            fill=PAPER, fill_opacity=0.9)  # fmt: skip
                number = text(x, y + 3.5, tie.number, size=10, anchor="middle")
                return element("g", box, number)
        return Markup("")

    def _dot(self, number: int, place: tuple[float, float]) -> Markup:
        actor, (x, y) = self.actors[number], place
        most = max(self.weight.values()) or 1
        size = 5 + min(sqrt(self.weight[actor]), 9 * sqrt(self.weight[actor] / most))
        # Neighbours on the circle do not touch.
        size = min(size, 0.9 * pi * self.radius / len(self.actors))
        name, many = (
            named(actor, self.words.code),
            self.words.number(self.weight[actor]),
        )
        title = element("title", f"{name}{self.words('sentence.colon')}{many}")
        if not is_state(actor):
            side = 1.8 * size
            corner = {"x": x - side / 2, "y": y - side / 2, "width": side,
                      "height": side}  # fmt: skip
            dot = empty("rect", **corner, fill=COLOURS[1], stroke=INK,
                        stroke_width=1.25)  # fmt: skip
        else:
            dot = empty("circle", cx=x, cy=y, r=size, fill=COLOURS[4], stroke=INK,
                        stroke_width=1.25)  # fmt: skip
        return element("g", title, dot)
