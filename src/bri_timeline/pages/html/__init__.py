"""An interactive page: a timeline with two sliders, the state and its sources."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import attrs

from bri_timeline import EventLog, Projection, View
from bri_timeline._calendar import civil, iso
from bri_timeline._events import uncollected
from bri_timeline._queries import STATUS_BY_REASON, ClaimStatus, day_words
from bri_timeline.formats import write
from bri_timeline.pages._citations import numbered, sources_list
from bri_timeline.pages._drawing import SHAPES
from bri_timeline.pages._marks import lane_of
from bri_timeline.pages._markup import element, joined
from bri_timeline.pages._wording import count_of
from bri_timeline.pages.html._document import document as document
from bri_timeline.pages.html._document import island
from bri_timeline.pages.html._page_data import PageData as PageData
from bri_timeline.pages.html._page_data import page_data_of
from bri_timeline.pages.html._skeleton import (
    board,
    claims_section,
    claims_table,
    footer,
    header,
    legend,
    symbols,
)
from bri_timeline.pages.html._skeleton import sources_section as sources_section
from bri_timeline.pages.html._states import states_of
from bri_timeline.relations import SECTIONS, VALUES, Relationship, among


__all__ = [
    "dump",
    "render",
]


_SCRIPTS = (
    *("days.js", "page_data.js", "elements.js", "scale.js", "picture.js"),
    *("panel.js", "table.js", "show.js", "controls.js", "main.js"),
)


def render(
    shown: View | EventLog,
    *,
    projection: Projection[Relationship] | None = None,
    title: str = "Timeline",
) -> str:
    """Return a page: one file without external resources, with one script of its own.

    The page of a log shows every day as known on every other day. The page of a view
    shows its day and the days before it. For a large log the relationship is shown as
    known in the end only, and the page states so.

    Args:
        shown: A log or a view.
        projection: The relationship whose state is shown beside the timeline.
        title: The title of the page.
    """
    # Many small objects are made and kept: garbage collection would only cost time.
    with uncollected():
        return _page(page_data_of(shown), projection, title)


def dump(
    shown: View | EventLog,
    path: str | Path,
    *,
    projection: Projection[Relationship] | None = None,
    title: str = "Timeline",
) -> None:
    """Write the page to a file.

    Args:
        shown: As for `render()`, as are the parameters below.
        path: The file, which is replaced.
        projection: The relationship whose state is shown.
        title: The title of the page.

    Raises:
        OSError: The file cannot be written.
    """
    page = render(shown, projection=projection, title=title)
    write(path, page)


def _page(
    record: PageData, projection: Projection[Relationship] | None, title: str
) -> str:
    numbers = numbered(mention.event for mention in record.mentions)
    main = element(
        "main",
        legend(day_words(iso(record.days[-1]))),
        board(_relationship(projection), has_known=record.basis is None),
        claims_section(claims_table(record, _statuses(record), numbers)),
        sources_section(sources_list(numbers)),
    )
    data = island("page-data", _content(record, projection))
    top = header(title, _lead(record, len(numbers)))
    content = joined([top, main, footer(), symbols(SHAPES), data])
    return document(title, content, styles=("page.css",), scripts=_SCRIPTS)


def _lead(record: PageData, sources: int) -> str:
    claims = count_of(len(record.claims), "claim")
    first, last = civil(record.days[0])[0], civil(record.days[-1])[0]
    years = str(first) if first == last else f"{first} to {last}"
    return f"{claims} from {count_of(sources, 'source')}, {years}."


def _relationship(projection: Projection[Relationship] | None) -> str | None:
    return None if projection is None else among(projection.initial().parties)


def _statuses(record: PageData) -> Iterator[str]:
    """Yield the status of each claim on the last day, as known in the end."""
    stop, day = len(record.known) - 1, record.days[-1]
    off = {a.mention: a for a in record.asides if a.since <= stop < a.until}
    counts = {t.claim for n, t in enumerate(record.mentions) if n not in off}
    why = {record.mentions[n].claim: aside for n, aside in off.items()}
    for number, claim in enumerate(record.claims):
        if number not in counts:
            yield STATUS_BY_REASON[why[number].reason].value
        elif claim.span.last <= day:
            yield ClaimStatus.CERTAIN.value
        else:
            yield ClaimStatus.UNDECIDED.value


def _content(
    record: PageData, projection: Projection[Relationship] | None
) -> dict[str, object]:
    """Return the data for the script; it reads texts of claims from the table."""
    kinds, kind_of = _lanes(record, "kind")
    parties, party_of = _lanes(record, "party")
    # Ids can be long; the script only needs to compare them.
    happenings: dict[str, int] = {}
    ids = [
        happenings.setdefault(claim.event.id, len(happenings))
        for claim in record.claims
    ]
    return {
        "days": record.days,
        "known": record.known,
        "basis": record.basis,
        "kinds": kinds,
        "parties": parties,
        "claims": [
            [
                *map(_finite, attrs.astuple(claim.span)),
                kind_of[n],
                party_of[n],
                ids[n],
                -1 if claim.span.end_first is None else 1,
            ]
            for n, claim in enumerate(record.claims)
        ],
        "mentions": [[t.claim, t.known, t.position] for t in record.mentions],
        "asides": [
            [a.mention, a.since, a.until, a.reason.value, a.by] for a in record.asides
        ],
        "because": record.because,
        "relationship": _relationship(projection),
        "sections": [[section.title, section.holds] for section in SECTIONS],
        "values": [value.title for value in VALUES],
        "states": None
        if projection is None
        else attrs.asdict(states_of(record, projection), recurse=False),
    }


def _lanes(record: PageData, by: str) -> tuple[list[str], list[int]]:
    lanes: dict[str, int] = {}
    of = [
        lanes.setdefault(lane_of(claim.event, by), len(lanes))
        for claim in record.claims
    ]
    return list(lanes), of


def _finite(day: float | None) -> int | None:
    # JSON has no infinity.
    return None if day is None or math.isinf(day) else int(day)
