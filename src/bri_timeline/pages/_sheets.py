"""Sheets, marks and scales of pictures; `drawing` has those that others need.

A `Sheet` is a picture that grows downwards, `Heights` lays out numbers, and `steps`
draws a number over time with its bounds. Text is wrapped and escaped.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

from attrs import define, field, frozen

from bri_timeline import Event, EventLog, Outcomes, Projection, Source, View
from bri_timeline.extend import (
    Day,
    iso,
    require_log,
    require_projection,
    to_day,
)
from bri_timeline.folds import Composed
from bri_timeline.pages._drawing import (
    COLOURS,
    GRID,
    INK,
    MUTED,
    PAPER,
    axis,
    line,
    lines_of,
    look,
    note,
    picture,
    text,
    tick_name,
)
from bri_timeline.pages._marks import (
    DAYS,
    TimeScale,
    lane_of,
    scale_of,
    span,
    ticks,
    view_of,
)
from bri_timeline.pages._markup import (
    Markup,
    element,
    empty,
    is_rtl,
    isolated,
    joined,
    plain_text,
    shortened,
    text_width,
    wrapped,
)
from bri_timeline.pages._page import Page
from bri_timeline.pages._state_values import (
    Tell,
    Told,
    changes_title,
    sentence,
    told,
    value_words,
    view_words,
)
from bri_timeline.pages._wording import (
    Strings,
    date_words,
    event_words,
    kind,
    plain_words,
    source_words,
    words_for,
)
from bri_timeline.relations import VALUES, Relationship


__all__ = [
    "COLOURS",
    "DAYS",
    "GRID",
    "INK",
    "MUTED",
    "PAPER",
    "Heights",
    "Labels",
    "Markup",
    "Page",
    "Sheet",
    "StepRun",
    "Strings",
    "Tell",
    "TimeScale",
    "Told",
    "Valued",
    "asked",
    "axis",
    "box",
    "changes_title",
    "circle",
    "counted",
    "date_words",
    "element",
    "event_lines",
    "event_words",
    "isolated",
    "joined",
    "kind",
    "kinds_of",
    "kinds_told",
    "lane_of",
    "line",
    "lines_of",
    "look",
    "month_names",
    "note",
    "on_circle",
    "path",
    "scale_of",
    "shortened",
    "source_words",
    "span",
    "step_legend",
    "steps",
    "text",
    "text_width",
    "tick_name",
    "ticks",
    "titled",
    "valued",
    "view_of",
    "view_words",
    "words_for",
    "wrapped",
    "years_of",
]

Number = int | float | Decimal | Fraction
S = TypeVar("S")
_NONE: Mapping[str, int] = MappingProxyType({})
_LAST = date.max.toordinal()
_LEAST = 480
_MARGIN = 20.0
_LINE = 15.0
_KINDS = 5
# Beyond, all the zeros of a label would not fit.
_LONG = 12


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str,
    stroke: str | None = None,
    dashes: str | None = None,
    opacity: float | None = None,
) -> Markup:
    """Return a rectangle; x and y are its upper left corner."""
    return empty("rect", x=x, y=y, width=width, height=height, rx=1.5, fill=fill,
                 stroke=stroke, stroke_dasharray=dashes,
                 fill_opacity=opacity)  # fmt: skip


def circle(
    x: float,
    y: float,
    radius: float,
    *,
    fill: str,
    stroke: str | None = None,
    dashes: str | None = None,
    opacity: float | None = None,
) -> Markup:
    """Return a circle around a point."""
    return empty("circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke,
                 stroke_dasharray=dashes, fill_opacity=opacity)  # fmt: skip


def path(
    d: str,
    *,
    fill: str = "none",
    stroke: str | None = INK,
    width: float = 1.25,
    dashes: str | None = None,
    opacity: float | None = None,
    at: tuple[float, float] | None = None,
) -> Markup:
    """Return a path; *at* moves its origin, as those of `look()` need."""
    moved = None if at is None else f"translate({at[0]:.1f} {at[1]:.1f})"
    return empty(
        "path",
        d=d,
        fill=fill,
        stroke=stroke,
        stroke_width=width,
        stroke_dasharray=dashes,
        fill_opacity=opacity,
        transform=moved,
    )


def _wide(width: float) -> float:
    return float(max(width, _LEAST))


@define
class Sheet:
    """A picture that grows from above downwards.

    Attributes:
        title: The heading.
        width: In pixels, at least 480.
        words: The strings of the language.
        y: The lower end of what has been drawn.
        parts: What has been drawn, from behind to the front.
        cited: The sources that were cited, with their numbers.
    """

    title: str
    width: float = field(converter=_wide)
    words: Strings
    y: float = 12.0
    parts: list[str] = field(factory=list)
    cited: dict[Source, int] = field(factory=dict)
    _said: str = ""

    @classmethod
    def of(
        cls, name: str, title: str | None, width: float, language: str, *views: View
    ) -> Sheet:
        """Return a sheet in a language; without a title it has that of its name.

        Args:
            name: The name of the picture.
            title: The heading.
            width: In pixels.
            language: Of its words.
            views: The views whose events are told, as `words_for()` takes them.

        Raises:
            PictureError: The language has no table.
        """
        words = words_for(language, *views)
        return cls(words(f"pictures.{name}") if title is None else title, width, words)

    @property
    def left(self) -> float:
        """The left end of what is drawn."""
        return _MARGIN

    @property
    def inner(self) -> float:
        """The width of what is drawn."""
        return self.width - 2 * _MARGIN

    @property
    def right(self) -> float:
        """The right end of what is drawn."""
        return self.width - _MARGIN

    def add(self, *parts: str, to: float | None = None) -> None:
        """Draw parts; the sheet then ends at *to*, if that is given."""
        self.parts += parts
        self.y = self.y if to is None else to

    def paragraph(
        self,
        content: str,
        *,
        size: float = 13,
        weight: int | None = None,
        fill: str | None = MUTED,
        left: float = _MARGIN,
    ) -> None:
        """Write text below, in as many lines as it needs."""
        room = self.width - _MARGIN - left
        # Bold letters are wider.
        lines = wrapped(content, room / (1.1 if weight else 1), size)
        end, leading = is_rtl(content), size * 1.3
        drawing = lines_of(
            left + room * end, self.y + size, lines, size=size, weight=weight,
            leading=leading, anchor="end" if end else None, fill=fill,
        )  # fmt: skip
        self.add(drawing, to=self.y + leading * len(lines))

    def head(self, said: str) -> None:
        """Write the title and a sentence: what the picture says.

        It is read out too to those who cannot see the picture.
        """
        self._said = said
        self.paragraph(isolated(self.title), size=20, weight=600, fill=None)
        self.y += 2
        self.paragraph(said)
        self.y += 4

    def says(
        self,
        view: View,
        numbers: Mapping[str, int],
        left_out: Mapping[str, int] = _NONE,
    ) -> None:
        """Write the title, the days of a view, and what `counted()` says of numbers."""
        what = counted(self.words, numbers, left_out)
        if not any(numbers.values()) and (view.events or view.undecided):
            what = self.words("pictures.none")
        self.head(sentence(view, what, self.words))

    def legend(self, *samples: tuple[bool, str, str]) -> None:
        """Draw what marks mean.

        Args:
            samples: Whether a mark occurs, a sample of it that is 26 wide and centred
                on a y of 0, and its words.
        """
        x, y, parts = _MARGIN, self.y + 14, list[Markup]()
        for sample, label in [rest for occurs, *rest in samples if occurs]:
            wide = 34 + text_width(label, 11) + 16
            if x + wide > self.width - _MARGIN + 16 and x > _MARGIN:
                x, y = _MARGIN, y + 19
            moved = f"translate({x:g} {y - 4:g})"
            parts += [
                element("g", sample, transform=moved),
                note(x + 34, y, label),
            ]
            x += wide
        if parts:
            self.add(*parts, to=y + 8)

    def row(
        self,
        what: str,
        small: Iterable[str] = (),
        *,
        room: float,
        fill: str | None = None,
        weight: int | None = None,
    ) -> float:
        """Rule a row and write what it is, in as many lines as it needs.

        Args:
            what: What it is about, as `isolated()` returned it.
            small: Lines below, likewise.
            room: The width of the text.
            fill: The colour of the first lines.
            weight: Their weight.

        Returns:
            The y of its middle; the sheet then ends below the row.
        """
        lines = wrapped(what, room / (1.1 if weight else 1))
        below = [text for part in small for text in wrapped(part, room, 11)]
        top, y = self.y, self.y + 15 + 15 * len(lines)
        self.add(
            line(_MARGIN, top, self.right, top),
            lines_of(_MARGIN, top + 16, lines, weight=weight, fill=fill),
            lines_of(_MARGIN, y, below, size=11, leading=13.5, fill=MUTED),
            to=y + 13.5 * len(below) - 5,
        )
        return (top + self.y) / 2

    def cite(self, source: Source) -> str:
        """Return the number of a source, in brackets; `sources()` then lists it."""
        return f"[{self.cited.setdefault(source, len(self.cited) + 1)}]"

    def sources(self) -> None:
        """List the sources that were cited, by their numbers."""
        if not self.cited:
            return
        self.y += 10
        title = self.words("page.sources")
        self.paragraph(title, size=12, weight=600, fill=None)
        gap = text_width("000", 11)
        for source, number in self.cited.items():
            at = _MARGIN + gap - 6, self.y + 11
            self.add(note(*at, str(number), anchor="end"))
            cited = source_words(source, self.words)
            self.paragraph(cited, size=11, left=_MARGIN + gap)

    def page(self) -> Page:
        """Return the picture; its sentence is its description."""
        said = plain_text(self._said)
        return Page(picture(self.title, said, self.width, self.y + 14, *self.parts))


@define
class Labels:
    """The places of labels, of which none may hide another."""

    _taken: list[tuple[float, float, float]] = field(factory=list)

    def take(self, x: float, y: float, wide: float) -> bool:
        """Take a place from x on, unless another label has it.

        Args:
            x: The left end.
            y: The base line.
            wide: The width.

        Returns:
            Whether it was free.
        """
        is_free = all(
            x > u + w or x + wide < u or abs(y - v) > 13 for u, v, w in self._taken
        )
        self._taken += [(x, y, wide)] * is_free
        return is_free


def on_circle(
    names: Collection[str], middle: tuple[float, float], radius: float
) -> dict[str, tuple[float, float]]:
    """Return the places of some names around a middle, of which none is on top."""
    angles = (2 * math.pi * (n + 0.5) / len(names) for n in range(len(names)))
    return {
        name: (middle[0] + radius * math.sin(a), middle[1] - radius * math.cos(a))
        for name, a in zip(names, angles, strict=True)
    }


def titled(told: Iterable[str], *marks: str) -> Markup:
    """Return marks with the lines of their tooltip."""
    return element("g", element("title", plain_text("\n".join(told))), *marks)


def event_lines(events: Sequence[Event], words: Strings, most: int = 8) -> list[str]:
    """Return a line for each of some events, and how many there are beyond *most*."""
    rest = [words.count("more", len(events) - most)] if len(events) > most else []
    return [*(plain_words(event, words) for event in events[:most]), *rest]


def kinds_of(events: Iterable[Event]) -> dict[str, tuple[str, str]]:
    """Return the kinds of some events, each with a colour and a shape as `look()`."""
    return {name: look(n) for n, name in enumerate(dict.fromkeys(map(kind, events)))}


def month_names(words: Strings) -> list[str]:
    """Return the names of the months in a language, from January on."""
    return [str(name) for name in cast("list[str]", words.tables["when"]["months"])]


def years_of(event: Event) -> tuple[int, int]:
    """Return the first and the last year in which an event can begin.

    A bound that lies in no year from 1 to 9999 is 0.
    """
    where = span(event.when)
    first, last = (
        date.fromordinal(int(day)).year if 1 <= day <= _LAST else 0
        for day in (where.first, where.last)
    )
    return first, last


def counted(
    words: Strings, numbers: Mapping[str, int], left_out: Mapping[str, int] = _NONE
) -> str:
    """Return numbers in words, but for zeros; "nothing is reported" if all are.

    Args:
        words: The language.
        numbers: By the names of what is counted, as `Strings.count` knows them.
        left_out: Likewise, of what has no room.
    """
    parts = [words.count(name, number) for name, number in numbers.items() if number]
    for name, number in left_out.items():
        if number:
            rest = words.count(name, number)
            parts.append(words("picture.left_out", count=rest))
    return words("sentence.clause").join(parts) or words("sentence.nothing")


def asked(
    log: EventLog,
    projection: Projection[S] | None,
    on: Day | None,
    known_by: Day | None,
) -> tuple[EventLog, View]:
    """Return the part of a log that concerns a projection, and its view of a day.

    Args:
        log: The log.
        projection: What it is about; by default all.
        on: The day; by default the last of that part.
        known_by: The day of knowledge; by default everything is known.

    Raises:
        SelectionError: It is not a log.
        ProjectionError: *projection* is not one.
    """
    part = log_about(log, projection)
    day = view_of(part).day_number if on is None else to_day(on)
    return part, part.as_of(iso(day), known_by)


def log_about(log: EventLog, projection: Projection[S] | None) -> EventLog:
    """Return the part of a log that concerns the parties of a projection.

    Raises:
        SelectionError: It is not a log.
        ProjectionError: *projection* is not one.
    """
    whole = require_log(log)
    parties = () if projection is None else require_projection(projection).parties
    return whole.concerning(*parties) if parties else whole


def kinds_told(events: Iterable[Event], words: Strings) -> str:
    """Return the kinds of some events as a list, the most frequent first."""
    numbers = Counter(map(kind, events))
    names = [isolated(words.known("kinds", name)) for name, _ in numbers.most_common()]
    if len(names) > _KINDS:
        names[_KINDS:] = [words.count("more", len(names) - _KINDS)]
    return words("sentence.comma").join(names)


# --- numbers --------------------------------------------------------------------------


@frozen
class Heights:
    """A vertical scale of numbers, from one tick to another; 0 is on it.

    Attributes:
        low: The number of the lowest tick.
        high: The number of the highest tick.
        unit: Ticks are 1, 2 or 5 times a power of ten apart.
        power: The exponent of that power of ten.
    """

    low: int
    high: int
    unit: int
    power: int

    @classmethod
    def of(cls, numbers: Iterable[Number | None], most: int = 5) -> Heights:
        """Return the scale of some numbers, with at most so many steps."""
        # Exact: amounts have more digits than a float.
        values = {Fraction(number) for number in numbers if number}
        least, greatest = min(values, default=0), max(values, default=0)
        least, greatest = min(Fraction(0), least), max(Fraction(0), greatest)
        reach = greatest - least or Fraction(1)
        power = int(math.log10(reach.numerator) - math.log10(reach.denominator)) - 2
        if all(value.denominator == 1 for value in values):
            power = max(power, 0)
        while True:
            for unit in (1, 2, 5):
                step = unit * Fraction(10) ** power
                low, high = math.floor(least / step), math.ceil(greatest / step)
                if high - low < most:
                    return cls(low, max(high, low + 1), unit, power)
            power += 1

    def at(self, value: Number) -> float:
        """Return how high a value is: 0 at the lowest tick, 1 at the highest."""
        steps = Fraction(value) / (self.unit * Fraction(10) ** self.power)
        return float((steps - self.low) / (self.high - self.low))

    def ticks(self, words: Strings) -> Iterator[tuple[float, str]]:
        """Yield the height of each tick, with its label."""
        reach = self.high - self.low
        for number in range(self.low, self.high + 1):
            digits = number * self.unit
            if not digits:
                label = "0"
            elif self.power >= _LONG or self.power <= -_LONG:
                label = f"{digits}e{self.power}"
            else:
                label = words.number(Decimal(digits).scaleb(self.power))
            yield (number - self.low) / reach, label


def number_of(value: Told | None) -> int | float | Decimal | None:
    """Return a value that has a height, or None: text, or a number without end."""
    number = None if value is None else value.value
    if isinstance(number, str) or number is None:
        return None
    return number if math.isfinite(number) else None


class Valued(NamedTuple):
    """A value in words, with its number and bounds, as far as it has them.

    Attributes:
        text: In words, with the bounds if they differ.
        number: The certain number.
        low: The least number that the dates allow.
        high: The greatest.
        told: The value itself.
    """

    text: str
    number: Number | None
    low: Number | None
    high: Number | None
    told: Told


def valued(
    state: S,
    tell: Tell[S] | None,
    words: Strings,
    outcomes: Callable[..., Outcomes[Any]] | None = None,
    projection: Projection[S] | None = None,
) -> dict[str, Valued]:
    """Return the values of a state by their names in words.

    Args:
        state: The certain state of a view.
        tell: Returns the values by their labels.
        words: The language.
        outcomes: `View.outcomes`, for bounds; by default there are none.
        projection: The projection, if bounds are asked for.
    """
    found = {}
    for value in told(state, tell):
        number, low, high = number_of(value), None, None
        if outcomes is not None and number is not None:
            part = _LISTS.get(value.label) if isinstance(state, Relationship) else None
            if part and tell is None and isinstance(projection, Composed):
                # How many are listed is known without trying orders.
                tried = outcomes(projection.part(part), of=len)
            else:
                tried = outcomes(projection, of=_selecting(value.label, tell))
            if isinstance(tried.low, Number) and isinstance(tried.high, Number):
                low, high = tried.low, tried.high
        text = value_words(value, words)
        if low is not None and high is not None and low != high:
            text += f" ({words.number(low)}\u2013{words.number(high)})"
        name = isolated(words.known("labels", value.label or "value"))
        found[name] = Valued(text, number, low, high, value)
    return found


_LISTS = {"Visits": "visits", "Meetings": "meetings"}


def _selecting(label: str, tell: Tell[S] | None) -> Callable[[S], Number | None] | None:
    """Return what selects a number from a state; None for the state itself."""
    part = {value.title: value.name for value in VALUES}.get(label)

    def selected(state: S) -> Number | None:
        if tell is None and part and hasattr(state, part):
            size = getattr(state, part)
            return size if isinstance(size, Number) else len(size)
        by_label = {value.label: value for value in told(state, tell)}
        return number_of(by_label.get(label))

    return selected if label or tell else None


class StepRun(NamedTuple):
    """A number that holds from one x to another, with its bounds.

    Attributes:
        left: Where it begins.
        right: Where it ends.
        value: The number, or None.
        low: The least number, or None if it is not known.
        high: The greatest number, likewise.
    """

    left: float
    right: float
    value: Number | None
    low: Number | None
    high: Number | None


def steps(
    runs: Iterable[StepRun], heights: Heights, bottom: float, height: float
) -> Iterator[Markup]:
    """Yield bands of bounds and lines of values; dashed where bounds are not known.

    Args:
        runs: What holds, from left to right, each beginning where the last ends.
        heights: The scale of numbers.
        bottom: The y of its lowest tick.
        height: How far above the highest tick is.
    """

    def points(run: StepRun, value: Number) -> list[str]:
        y = bottom - height * heights.at(value)
        return [f"{x:.1f} {y:.1f}" for x in (run.left, run.right)]

    def kind_of(run: StepRun) -> tuple[bool, bool]:
        return run.low is not None and run.high is not None, run.value is not None

    before: StepRun | None = None
    for (has_bounds, has_value), alike in groupby(runs, kind_of):
        stretch = [*alike]
        if has_bounds:
            upper = [p for run in stretch for p in points(run, run.high or 0)]
            lower = [p for run in stretch for p in points(run, run.low or 0)]
            yield band(f"M{'L'.join([*upper, *reversed(lower)])}Z")
        if has_value:
            found = [p for run in stretch for p in points(run, run.value or 0)]
            # The step that leads here belongs to this line.
            if before is not None and before.value is not None:
                found.insert(0, points(before, before.value)[1])
            yield path(f"M{'L'.join(found)}", stroke=COLOURS[0], width=1.75,
                       dashes=None if has_bounds else "4 3")  # fmt: skip
        before = stretch[-1]


def step_legend(
    runs: Collection[StepRun], words: Strings
) -> Iterator[tuple[bool, Markup, str]]:
    """Yield for `Sheet.legend()` what the lines and bands of `steps()` mean."""
    for has_bounds, key in ((True, "certain"), (False, "no_bounds_why")):
        occurs = any(
            run.value is not None and (None not in (run.low, run.high)) == has_bounds
            for run in runs
        )
        sample = line(0, 0, 26, 0, stroke=COLOURS[0], width=1.75,
                      dashes=None if has_bounds else "4 3")  # fmt: skip
        yield occurs, sample, words(f"pictures.{key}")
    is_open = any(run.low != run.high for run in runs)
    yield is_open, band("M0 -5h26v10h-26Z"), words("pictures.bounds")


def band(d: str) -> Markup:
    """Return an area that a number may lie in."""
    return path(d, fill=COLOURS[4], stroke=COLOURS[0], width=0.5, opacity=0.4)
