"""A picture for documents, as SVG: a row for each happening, with its sources below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import isinf
from typing import TypeVar

from attrs import frozen

from bri_timeline import Edtf, Event, EventLog, Projection, Source, View
from bri_timeline.extend import Ending, iso
from bri_timeline.pages._bins import counts_in, edges_of
from bri_timeline.pages._drawing import (
    APART,
    GRID,
    INK,
    MUTED,
    SHAPES,
    axis,
    drawn,
    fades,
    line,
    lines_of,
    look,
    picture,
    stacked,
    text,
)
from bri_timeline.pages._marks import (
    ClaimStatus,
    PictureRow,
    TimeScale,
    rows_of,
    scale_of,
    span,
    view_of,
)
from bri_timeline.pages._markup import (
    Markup,
    element,
    empty,
    is_rtl,
    isolated,
    joined,
    marked,
    plain_text,
    text_width,
    wrapped,
)
from bri_timeline.pages._page import Page
from bri_timeline.pages._state_values import Tell, summary
from bri_timeline.pages._wording import (
    Strings,
    claim_line,
    date_words,
    event_words,
    numbered,
    source_words,
    words_for,
)


__all__ = ["render"]

# The suffixes of its files.
NAMES = (".svg",)
S = TypeVar("S")
_LEAST = 480
# More rows than this are counted in bins of time, and not shown one by one.
_MOST_ROWS = 160
_MARGIN = 20.0
_LINE = 15.0
_SMALL = 13.5
_BAR = 34.0
_BIN = 10.0
_PALE = 0.35
_GREY = (MUTED, SHAPES[0])


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    by: str = "kind",
    title: str | None = None,
    width: int = 960,
    sources: bool = True,
    language: str = "en",
) -> Page:
    """Return a picture as SVG, without scripts or external resources.

    Each happening has a row: what it is, its dates on an axis, and the numbers of its
    sources, which are listed below. Text is wrapped and never cut. A date that sources
    dispute, and one that was corrected, has a hollow mark in the row of what is taken.
    Of more than 160 happenings the picture shows how many there are in each time.
    Of 100,000 events it takes some ten seconds.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: The state whose values the sentence tells. That of a relationship
            decides which claims are in force too.
        tell: Returns the values of the state by their labels.
        by: Rows by `kind` or by `party`.
        title: The heading; by default the word for a timeline.
        width: In pixels, at least 480; the height follows from the content.
        sources: List the numbered sources below.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: *by* is not a kind of lane, *tell* does not return a mapping from
            labels to values, or the language has no table.
    """
    view = view_of(shown, projection)
    words = words_for(language, view)
    rows = rows_of(view, projection, by, words)
    is_dense = len(rows) > _MOST_ROWS
    numbers: dict[Source, int] = {}
    if sources and not is_dense:
        numbers = numbered(claim for row in rows for claim in row.claims)
    sentence = summary(view, projection, tell, words)
    days = [view.day_number, *(bound for row in rows for bound in row.days)]
    wide = float(max(width, _LEAST))
    sheet = _PictureSheet(wide, rows, view.day_number, numbers, words, is_dense, days)
    return Page(sheet.drawn(title or words("page.title"), sentence))


@frozen
class _PictureColumns:
    """The columns of the rows, in pixels.

    Attributes:
        kind: The left end of the kind; None where it is a heading above the rows.
        what: The left end of the text.
        room: The width of the text.
        scale: The axis.
        numbers: The left end of the numbers of sources.
        digits: Their width.
    """

    kind: float | None
    what: float
    room: float
    scale: TimeScale
    numbers: float
    digits: float

    @classmethod
    def of(
        cls,
        width: float,
        lanes: Iterable[str],
        digits: float,
        days: list[float],
        *,
        share: float = 0.5,
    ) -> _PictureColumns:
        """Return the columns of a picture, of which text takes a share."""
        inner = width - 2 * _MARGIN
        longest = max((text_width(lane) * 1.1 for lane in lanes), default=0)
        # A narrow picture has no room for a column of kinds.
        kind = None if width < 700 or longest > inner / 6 else _MARGIN
        what = _MARGIN if kind is None else _MARGIN + longest + 14
        room = _MARGIN + inner * share - what
        left = what + room + 14
        right = width - _MARGIN - digits - (10 if digits else 0)
        scale = scale_of(days, left, right - left)
        return cls(kind, what, room, scale, right + 10, digits)


@frozen
class _PictureSheet:
    """The size, the rows and the numbers that all parts of a picture share."""

    width: float
    rows: list[PictureRow]
    day: int
    numbers: dict[Source, int]
    words: Strings
    is_dense: bool
    days: list[float]

    def drawn(self, title: str, sentence: str) -> str:
        """Return the whole picture."""
        inner = self.width - 2 * _MARGIN
        parts, y = [], 34.0
        for content, size, weight, fill in (
            (isolated(title), 20, 600, None), (sentence, 13, None, MUTED),
        ):  # fmt: skip
            drawing, y = self._paragraph(content, y, inner, size, weight, fill)
            parts.append(drawing)
            y += 6
        colours = {lane: look(n) for n, lane in enumerate(self._lanes())}
        body = self._binned if self.is_dense else self._listed
        drawing, y = body(y + 4, colours)
        parts.append(drawing)
        drawing, y = self._sources(y + 22)
        height = y + 12
        defs = fades([MUTED, *(colour for colour, _ in colours.values())])
        return picture(
            title, plain_text(sentence), self.width, height,
            defs, *parts, drawing,
        )  # fmt: skip

    def _lanes(self) -> dict[str, None]:
        return dict.fromkeys(row.lane for row in self.rows)

    def _lane(self, name: str) -> str:
        return isolated(name)

    def _paragraph(
        self,
        content: str,
        y: float,
        room: float,
        size: float,
        weight: int | None,
        fill: str | None,
        left: float = _MARGIN,
    ) -> tuple[Markup, float]:
        """Return text from a base line down, and the base line of the next part."""
        # Bold letters are wider.
        lines = wrapped(content, room / (1.1 if weight else 1), size)
        end = is_rtl(content)
        leading = size * 1.3
        drawing = lines_of(
            left + room * end, y, lines, size=size, weight=weight, fill=fill,
            leading=leading, anchor="end" if end else None,
        )  # fmt: skip
        return drawing, y + leading * len(lines)

    # --- a row for each happening -------------------------------------------------

    def _listed(
        self, top: float, looks: dict[str, tuple[str, str]]
    ) -> tuple[Markup, float]:
        """Return the legend, the axis and the rows, with the lower end."""
        notes = [self._notes(row) for row in self.rows]
        digits = min(max(map(text_width, notes), default=0), 64)
        lanes = [*map(self._lane, looks)]
        columns = _PictureColumns.of(self.width, lanes, digits, self.days)
        legend, y = self._legend(top)
        head = y + 40
        y, parts, lane = head + 8, [legend], None
        for row, note in zip(self.rows, notes, strict=True):
            if row.lane != lane:
                lane = row.lane
                heading, y = self._heading(lane, columns, y)
                parts.append(heading)
            parts.append(line(_MARGIN, y, self.width - _MARGIN, y, stroke=GRID))
            drawing, y = self._row(row, note, columns, looks[lane], y)
            parts.append(drawing)
        grid = axis(columns.scale, self.day, head, y, self.words)
        return joined([*parts[:1], grid, *parts[1:]]), y

    def _heading(
        self, lane: str, columns: _PictureColumns, y: float
    ) -> tuple[Markup, float]:
        if columns.kind is not None:
            return text(columns.kind, y + 18, self._lane(lane), weight=600), y
        end = _MARGIN + (self.width - 2 * _MARGIN) * is_rtl(lane)
        anchor = "end" if is_rtl(lane) else None
        lines = wrapped(self._lane(lane), (self.width - 2 * _MARGIN) / 1.1)
        heading = lines_of(end, y + 20, lines, weight=600, anchor=anchor)
        return heading, y + 12 + _LINE * len(lines)

    def _row(
        self,
        row: PictureRow,
        note: str,
        columns: _PictureColumns,
        look: tuple[str, str],
        top: float,
    ) -> tuple[Markup, float]:
        """Return a row, and the lower end of it."""
        indent = 14 * row.part
        left, room = columns.what + indent, columns.room - indent
        what = event_words(row.event, self.words)
        fill = INK if row.counts and not row.part else MUTED
        first, small = wrapped(what, room), wrapped(self._when(row), room, 11)
        end, anchor = left + room * is_rtl(what), "end" if is_rtl(what) else None
        y = top + 17
        parts = [
            element("title", marked(self._tooltip(row))),
            lines_of(end, y, first, fill=fill, anchor=anchor,
                     line_through=not row.counts),
        ]  # fmt: skip
        y += _LINE * len(first)
        parts.append(lines_of(left, y - 1, small, size=11, fill=MUTED, leading=_SMALL))
        y += _SMALL * len(small)
        numbers = wrapped(note, columns.digits)
        parts.append(lines_of(columns.numbers, top + 17, numbers, size=11, fill=MUTED))
        levels = [1, *(level + 1 for _, level in stacked(row, columns.scale))]
        marks = APART * max(levels) + 6
        bottom = max(y - 6, top + 17 + _LINE * len(numbers) - 6, top + marks)
        today = columns.scale.begin(self.day + 1)
        parts.append(drawn(row, columns.scale, (top + bottom) / 2, look, today))
        return element("g", *parts), bottom

    def _when(self, row: PictureRow) -> str:
        return " \u00b7 ".join((date_words(row.event.when, self.words), *row.notes))

    def _notes(self, row: PictureRow) -> str:
        """Return the numbers of the sources of a row."""
        cited = [
            self.numbers.get(citation.source)
            for claim in row.claims
            for citation in claim.cite
        ]
        return ", ".join(str(n) for n in dict.fromkeys(cited) if n is not None)

    def _tooltip(self, row: PictureRow) -> str:
        status = self.words("status.certain") if not row.notes else row.notes[0]
        return claim_line(row.event, self.words, status)

    def _legend(self, top: float) -> tuple[Markup, float]:
        """Return samples of the marks that are drawn, in as many lines as needed."""
        parts, x, y = [], _MARGIN, top + 8
        for sample, label in self._samples():
            mark = drawn(sample, _SAMPLE, 0, _GREY, _SAMPLE.width)
            size = _SAMPLE.width
            wide = size + 12 + text_width(label, 11) + 16
            if x + wide > self.width - _MARGIN and x > _MARGIN:
                x, y = _MARGIN, y + 20
            parts.append(
                element("g", mark, transform=f"translate({x + 3:g} {y - 4:g})")
            )
            parts.append(text(x + size + 12, y, label, size=11, fill=MUTED))
            x += wide
        return element("g", *parts), y if parts else top - 10

    def _samples(self) -> Iterator[tuple[PictureRow, str]]:
        """Yield a row for each kind of mark that the picture has, with its meaning."""
        rows = self.rows
        dates = [row.event.when for row in rows if row.counts]
        there = (
            bool(dates),
            any(d.earliest_start != d.latest_start for d in dates),
            any(isinf(d.earliest_start) for d in dates),
            any(d.is_extent for d in dates),
            any(row.in_force and not row.may_have_ended for row in rows),
            any(row.may_have_ended or _has_tail(row) for row in rows),
            any(row.ghosts for row in rows),
            any(row.expected for row in rows),
            any(row.status is ClaimStatus.UNDECIDED for row in rows),
            not all(row.counts for row in rows),
        )
        for is_there, (key, row) in zip(there, _SAMPLES.items(), strict=True):
            if is_there:
                yield row, self.words(key)

    # --- many happenings ----------------------------------------------------------

    def _binned(
        self, top: float, looks: dict[str, tuple[str, str]]
    ) -> tuple[Markup, float]:
        """Return a histogram for each lane, with the lower end.

        A solid bar has what certainly lies in its time, a pale one what may.
        """
        lanes: dict[str, list[PictureRow]] = {lane: [] for lane in looks}
        for row in self.rows:
            if row.counts:
                lanes[row.lane].append(row)
        columns = _PictureColumns.of(self.width, (), 0, self.days, share=0.3)
        scale, room = columns.scale, columns.room - 30
        edges = edges_of(scale.first, scale.last, max(int(scale.width // _BIN), 1))
        counts = {lane: _Bins.of(rows, edges) for lane, rows in lanes.items()}
        parts, y = [self._bin_legend(top)], top + 48
        head = y
        y += 10
        for lane, bins in counts.items():
            parts.append(line(_MARGIN, y, self.width - _MARGIN, y, stroke=GRID))
            height = _BAR + 12
            end = _MARGIN + room * is_rtl(lane)
            anchor = "end" if is_rtl(lane) else None
            title = wrapped(self._lane(lane), room / 1.1)
            parts.append(lines_of(end, y + 18, title, weight=600, anchor=anchor))
            below = y + 18 + _LINE * len(title)
            number = self.words.count("claims", len(lanes[lane]))
            parts.append(text(_MARGIN, below, number, size=11, fill=MUTED))
            height = max(height, below + 8 - y)
            # Beside many a few would look like none: each lane has its own scale.
            base, left, most = y + height - 6, scale.left, max(1, *bins.high)
            parts.append(text(left - 6, base - _BAR + 9, f"{most:,}", size=10,
                              anchor="end", fill=MUTED))  # fmt: skip
            parts.append(text(left - 6, base, "0", size=10, anchor="end", fill=MUTED))
            parts.append(bins.drawn(scale, base, most, looks[lane][0], self.words))
            y += height
        grid = axis(scale, self.day, head, y, self.words)
        cited = {c.source for r in self.rows for e in r.claims for c in e.cite}
        foot = text(_MARGIN, y + 20, self.words.count("sources", len(cited)), size=11,
                    fill=MUTED)  # fmt: skip
        return joined([parts[0], grid, *parts[1:], foot]), y + 12

    def _bin_legend(self, y: float) -> Markup:
        parts, x = [], _MARGIN
        for key, opacity in (
            ("page.bin_in", 1.0),
            ("page.bin_maybe", _PALE),
        ):
            label = self.words(key)
            parts.append(empty("rect", x=x, y=y - 2, width=10, height=10, fill=MUTED,
                               fill_opacity=opacity))  # fmt: skip
            parts.append(text(x + 16, y + 7, label, size=11, fill=MUTED))
            x += 32 + text_width(label, 11)
        return element("g", *parts)

    # --- the sources --------------------------------------------------------------

    def _sources(self, top: float) -> tuple[Markup, float]:
        """Return the numbered list of sources, and the lower end."""
        if not self.numbers:
            return joined([]), top - 22
        parts = [text(_MARGIN, top, self.words("page.sources"), size=12, weight=600)]
        y, gap = top + 18, text_width("000", 11)
        for source, number in self.numbers.items():
            label = str(number)
            parts.append(
                text(_MARGIN + gap - 6, y, label, size=11, anchor="end", fill=MUTED)
            )
            room = self.width - 2 * _MARGIN - gap
            drawing, y = self._paragraph(
                source_words(source, self.words),
                y,
                room,
                11,
                None,
                MUTED,
                _MARGIN + gap,
            )
            parts.append(drawing)
        return element("g", *parts), y - 11


@frozen
class _Bins:
    """The numbers of happenings in each bin of time, certainly or perhaps.

    Attributes:
        edges: The first day of each bin, and the day after the last.
        low: Those that certainly begin in it.
        high: Those that may.
    """

    edges: list[int]
    low: list[int]
    high: list[int]

    @classmethod
    def of(cls, rows: list[PictureRow], edges: list[int]) -> _Bins:
        """Count the beginnings of happenings."""
        dates = (
            (span(row.event.when), row.status is ClaimStatus.CERTAIN) for row in rows
        )
        return cls(edges, *counts_in(edges, dates))

    def drawn(
        self, scale: TimeScale, base: float, most: int, colour: str, words: Strings
    ) -> Markup:
        """Return the bars, upwards from a base line."""
        parts = [line(scale.left, base, scale.left + scale.width, base, stroke=GRID)]
        bins = zip(pairwise(self.edges), self.low, self.high, strict=True)
        for (start, stop), low, high in bins:
            if not high:
                continue
            number = words.number(low)
            if low != high:
                number = words("page.bin_range", low=number, high=words.number(high))
            days = f"{iso(start)} \u2013 {iso(stop - 1)}"
            told = element("title", f"{days}{words('sentence.colon')}{number}")
            x, end = scale.begin(start), scale.begin(stop)
            bars = [
                empty("rect", x=x + 0.5, y=base - height, width=max(end - x - 1, 0.5),
                      height=height, fill=colour, fill_opacity=opacity)
                for n, opacity in ((high, _PALE), (low, None)) if n
                for height in [max(_BAR * n / most, 1)]
            ]  # fmt: skip
            parts.append(element("g", told, *bars))
        return element("g", *parts)


def _has_tail(row: PictureRow) -> bool:
    """Check whether the bar of a row ends in what may be over."""
    ending = Ending.of(row.event)
    return ending is not None and ending.when.earliest_start < ending.when.latest_start


def _at(when: str) -> Event:
    return Event("", when=when)


# By the key of its meaning: a sample of each kind of mark, over four days.
_DAY, _DAYS = "0001-01-02", "0001-01-01/0001-01-04"
_SAMPLES = {
    "page.legend_day": PictureRow(_at(_DAY), "", ClaimStatus.CERTAIN),
    "page.legend_span": PictureRow(
        _at("[0001-01-01..0001-01-04]"), "", ClaimStatus.CERTAIN
    ),
    "picture.legend_open": PictureRow(_at("[..0001-01-04]"), "", ClaimStatus.CERTAIN),
    "picture.legend_lasts": PictureRow(_at(_DAYS), "", ClaimStatus.CERTAIN),
    "page.legend_force": PictureRow(_at("0001-01-01"), "", ClaimStatus.CERTAIN, True),
    "page.legend_ended": PictureRow(
        _at("0001-01-01/0001-01-0X"), "", ClaimStatus.CERTAIN, True, True
    ),
    "picture.legend_ghost": PictureRow(
        _at("0001-01-04"), "", ClaimStatus.CERTAIN, ghosts=(_at("0001-01-01"),)
    ),
    "picture.legend_expected": PictureRow(
        _at("0001-01-01"), "", ClaimStatus.CERTAIN, expected=span(Edtf("0001-01-04"))
    ),
    "page.legend_maybe": PictureRow(_at(_DAY), "", ClaimStatus.UNDECIDED),
    "picture.legend_aside": PictureRow(_at(_DAY), "", ClaimStatus.RETRACTED),
}
_SAMPLE = TimeScale(1, 4, 0, 36)
