"""An interactive page: a timeline with two sliders, the state and its sources."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import attrs

from bri_timeline import EventLog, Projection, View
from bri_timeline._atomic_write import write
from bri_timeline._calendar import civil, iso
from bri_timeline._events import uncollected
from bri_timeline._queries import STATUS_BY_REASON, ClaimStatus, day_words
from bri_timeline.pages._drawing import SHAPES
from bri_timeline.pages._marks import lane_of
from bri_timeline.pages._markup import element, joined
from bri_timeline.pages._wording import count_of, numbered, sources_list
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
    data: PageData, projection: Projection[Relationship] | None, title: str
) -> str:
    numbers = numbered(mention.event for mention in data.mentions)
    main = element(
        "main",
        legend(day_words(iso(data.days[-1]))),
        board(_relationship(projection), has_known=data.basis is None),
        claims_section(claims_table(data, _statuses(data), numbers)),
        sources_section(sources_list(numbers)),
    )
    script_data = island("page-data", _content(data, projection))
    top = header(title, _lead(data, len(numbers)))
    content = joined([top, main, footer(), symbols(SHAPES), script_data])
    return document(title, content, styles=("page.css",), scripts=_SCRIPTS)


def _lead(data: PageData, sources: int) -> str:
    claims = count_of(len(data.claims), "claim")
    first, last = civil(data.days[0])[0], civil(data.days[-1])[0]
    years = str(first) if first == last else f"{first} to {last}"
    return f"{claims} from {count_of(sources, 'source')}, {years}."


def _relationship(projection: Projection[Relationship] | None) -> str | None:
    return None if projection is None else among(projection.initial().parties)


def _statuses(data: PageData) -> Iterator[str]:
    """Yield the status of each claim on the last day, as known in the end."""
    stop, day = len(data.known) - 1, data.days[-1]
    off = {a.mention: a for a in data.asides if a.since <= stop < a.until}
    counts = {t.claim for n, t in enumerate(data.mentions) if n not in off}
    why = {data.mentions[n].claim: aside for n, aside in off.items()}
    for number, claim in enumerate(data.claims):
        if number not in counts:
            yield STATUS_BY_REASON[why[number].reason].value
        elif claim.span.last <= day:
            yield ClaimStatus.CERTAIN.value
        else:
            yield ClaimStatus.UNDECIDED.value


def _content(
    data: PageData, projection: Projection[Relationship] | None
) -> dict[str, object]:
    """Return the data for the script; it reads texts of claims from the table."""
    kinds, kind_of = _lanes(data, "kind")
    parties, party_of = _lanes(data, "party")
    # Ids can be long; the script only needs to compare them.
    happenings: dict[str, int] = {}
    ids = [
        happenings.setdefault(claim.event.id, len(happenings)) for claim in data.claims
    ]
    return {
        "days": data.days,
        "known": data.known,
        "basis": data.basis,
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
            for n, claim in enumerate(data.claims)
        ],
        "mentions": [[t.claim, t.known, t.position] for t in data.mentions],
        "asides": [
            [a.mention, a.since, a.until, a.reason.value, a.by] for a in data.asides
        ],
        "because": data.because,
        "relationship": _relationship(projection),
        "sections": [[section.title, section.holds] for section in SECTIONS],
        "values": [value.title for value in VALUES],
        "states": None
        if projection is None
        else attrs.asdict(states_of(data, projection), recurse=False),
    }


def _lanes(data: PageData, by: str) -> tuple[list[str], list[int]]:
    lanes: dict[str, int] = {}
    of = [
        lanes.setdefault(lane_of(claim.event, by), len(lanes)) for claim in data.claims
    ]
    return list(lanes), of


def _finite(day: float | None) -> int | None:
    # JSON has no infinity.
    return None if day is None or math.isinf(day) else int(day)
