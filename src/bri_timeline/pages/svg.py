"""A picture for documents, as SVG: lanes of marks, with the sources below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from bri_timeline import EventLog, Projection, Source, View
from bri_timeline._atomic_write import write
from bri_timeline.pages._axis import TimeScale, scale_of
from bri_timeline.pages._drawing import (
    INK,
    MUTED,
    axis,
    drawn,
    legend,
    look,
    picture,
    text,
)
from bri_timeline.pages._layout import Placed, Side, packed, shortened
from bri_timeline.pages._marks import Mark, dates_of, lane_of, marks, view_of
from bri_timeline.pages._markup import Markup, element, empty, joined
from bri_timeline.pages._wording import (
    claim_line,
    count_of,
    describe_event,
    numbered,
    source_line,
)
from bri_timeline.relations import Relationship


__all__ = ["dump", "render"]

_MARGIN = 24.0
_ROW = 22.0
_LANE = 30.0
_LINE = 16.0
_LEAST = 480


def render(
    shown: View | EventLog,
    *,
    projection: Projection[Relationship] | None = None,
    by: str = "kind",
    title: str = "Timeline",
    width: int = 960,
    sources: bool = True,
) -> str:
    """Return a picture as SVG, without scripts or external resources.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: The relationship that decides which claims are in force.
        by: Lanes by `kind` or by `party`.
        title: The heading.
        width: In pixels, at least 480; the height follows from the content.
        sources: List the numbered sources below.

    Raises:
        PictureError: *by* is not a kind of lane.
    """
    view = view_of(shown)
    found = marks(view, projection)
    numbers = numbered(mark.event for mark in found) if sources else {}
    days = [view.day_number, *(bound for mark in found for bound in mark.span.days)]
    # A narrower picture has no room for labels.
    wide = float(max(width, _LEAST))
    sheet = _Sheet(
        scale_of(days, _MARGIN, wide - 2 * _MARGIN), wide, view.day_number, numbers
    )
    lanes = [
        (lane, [m for m in found if lane_of(m.event, by) == lane])
        for lane in dict.fromkeys(lane_of(mark.event, by) for mark in found)
    ]
    return sheet.drawn(title, _described(view), lanes)


def dump(
    shown: View | EventLog,
    path: str | Path,
    *,
    projection: Projection[Relationship] | None = None,
    by: str = "kind",
    title: str = "Timeline",
    width: int = 960,
    sources: bool = True,
) -> None:
    """Write the picture to a file.

    Args:
        shown: As for `render()`, as are the parameters below.
        path: The file, which is replaced.
        projection: The relationship that decides which claims are in force.
        by: Lanes by `kind` or by `party`.
        title: The heading.
        width: In pixels, at least 480.
        sources: List the sources below.

    Raises:
        PictureError: *by* is not a kind of lane.
        OSError: The file cannot be written.
    """
    picture = render(
        shown, projection=projection, by=by, title=title, width=width, sources=sources
    )
    write(path, picture)


def _described(view: View) -> str:
    certain, perhaps = len(view.events), len(view.undecided)
    differ = count_of(len(view.disputes), "dispute")
    return f"{dates_of(view)}: {certain} certain, {perhaps} perhaps, {differ}."


@frozen
class _Sheet:
    """The scale, size and source numbers that all parts of a picture share."""

    scale: TimeScale
    width: float
    day: int
    numbers: dict[Source, int]

    def drawn(
        self, title: str, description: str, lanes: list[tuple[str, list[Mark]]]
    ) -> str:
        """Return the whole picture."""
        head = [
            text(_MARGIN, 34, title, size=20, weight=600),
            text(_MARGIN, 56, description, fill=MUTED),
            legend(_MARGIN, 82),
        ]
        top, body = 124.0, []
        for number, (lane, found) in enumerate(lanes):
            drawing, height = self._lane(number, lane, found, top)
            body.append(drawing)
            top += height
        grid = axis(self.scale, self.day, 112, top)
        listed = list(self._sources(top + 28))
        height = top + 28 + (len(listed) + 1) * _LINE * bool(listed)
        return picture(
            title, description, self.width, height, *head, grid, *body, *listed
        )

    def _lane(
        self, number: int, lane: str, found: list[Mark], top: float
    ) -> tuple[Markup, float]:
        """Return a lane and its height."""
        until = self.scale.begin(self.day + 1)
        labelled = ((mark, self._label(mark)) for mark in found)
        placed = packed(labelled, self.scale, until)
        height = _LANE + _ROW * (max(p.row for p in placed) + 1) + 6
        colour, shape = look(number)
        band = empty(
            "rect",
            x=_MARGIN,
            y=top,
            width=self.width - 2 * _MARGIN,
            height=height - 4,
            rx=6,
            fill=colour,
            fill_opacity=0.06,
        )
        heading = text(_MARGIN + 8, top + 19, lane, size=13, weight=600)
        rows = (self._mark(p, colour, shape, top, until) for p in placed)
        return joined([band, heading, *rows]), height

    def _mark(
        self, placed: Placed, colour: str, shape: str, top: float, until: float
    ) -> Markup:
        middle = top + _LANE + _ROW * (placed.row + 0.5)
        # Colour alone would not show in print: the label is struck through as well.
        counts = not placed.mark.why
        return element(
            "g",
            element("title", self._tooltip(placed.mark)),
            drawn(placed.mark, self.scale, middle, colour, shape, until),
            text(
                placed.label_at,
                middle + (4 if placed.side is not Side.ABOVE else 8 - _ROW),
                placed.label,
                anchor="end" if placed.side is Side.LEFT else None,
                fill=INK if counts else MUTED,
                line_through=not counts,
            ),
        )

    def _label(self, mark: Mark) -> str:
        cited = [self.numbers.get(citation.source) for citation in mark.event.cite]
        notes = ", ".join(str(n) for n in dict.fromkeys(cited) if n is not None)
        room = self.scale.width - _MARGIN * len(notes) / 4
        described = shortened(describe_event(mark.event), room)
        return f"{described} [{notes}]" if notes else described

    def _tooltip(self, mark: Mark) -> str:
        return claim_line(mark.event, mark.why or mark.status.value)

    def _sources(self, top: float) -> Iterator[Markup]:
        for n, (source, number) in enumerate(self.numbers.items()):
            line = shortened(
                f"[{number}] {source_line(source)}", self.scale.width + _MARGIN
            )
            yield text(_MARGIN, top + n * _LINE, line, size=11, fill=MUTED)
