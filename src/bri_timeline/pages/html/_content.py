"""The data of a page, as its script reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import attrs
from attrs import frozen

from bri_timeline import Projection, Source
from bri_timeline._calendar import iso
from bri_timeline._text import harmless
from bri_timeline.pages._marks import lane_of
from bri_timeline.pages._markup import web_address
from bri_timeline.pages._state_values import Tell, Telling
from bri_timeline.pages._strings import LANGUAGES, strings
from bri_timeline.pages._wording import dated, describe_event, kind
from bri_timeline.pages.html._page_data import Claim, Mention, PageData
from bri_timeline.pages.html._states import States, states_of
from bri_timeline.relations import (
    SECTIONS,
    Cancelled,
    Held,
    Planned,
    Postponed,
    Relationship,
    Rescheduled,
    relationship,
)


__all__ = [
    "About",
    "content_of",
]


S = TypeVar("S")
# The tables of strings that the script uses.
_SECTIONS = (
    *("language", "sentence", "counts", "kinds", "labels", "status", "dates", "page"),
)


@frozen
class About:
    """The title of a page, who made it, and how it opens.

    Attributes:
        title: The title.
        author: Who made it.
        licence: Under which it may be used.
        version: Of the record.
        description: A sentence for search engines; by default written from the state.
        preview: The web address of a picture that others show beside a link.
        language: The language at first.
        embed: Show the chart, the sentence and the sources in a small frame.
    """

    title: str
    author: str | None
    licence: str | None
    version: str | None
    description: str | None
    preview: str | None
    language: str
    embed: bool


def content_of(
    data: PageData,
    projection: Projection[S] | None,
    tell: Tell[S] | None,
    numbers: Mapping[Source, int],
    telling: Iterable[Telling],
    about: About,
) -> dict[str, object]:
    """Return the data for the script: values that JSON can represent."""
    states = None if projection is None else states_of(data, projection, tell)
    claims, mentions = data.claims, data.mentions
    kinds, kind_of = _numbered(kind(claim.event) for claim in claims)
    parties, party_of = _numbered(lane_of(claim.event, "party") for claim in claims)
    group_of = {
        claim.event.id: data.groups[n]
        for n, claim in enumerate(claims)
        if isinstance(claim.event.key, str)
    }
    # By claim: sorted numbers take less room.
    order = sorted(range(len(mentions)), key=lambda n: mentions[n].claim)
    place_of = {n: place for place, n in enumerate(order)}
    places = {t.position: t.claim for t in mentions if t.position is not None}
    return {
        **attrs.asdict(about),
        "languages": [
            {section: strings(code).tables[section] for section in _SECTIONS}
            for code in LANGUAGES
        ],
        "days": data.days,
        "known": data.known,
        "basis": data.basis,
        "asOf": data.as_of,
        "relationship": projection is not None
        and tell is None
        and isinstance(projection.initial(), Relationship),
        "kinds": kinds,
        "parties": parties,
        "holding": [section.title for section in SECTIONS if section.holds],
        "what": [harmless(describe_event(claim.event)) for claim in claims],
        "when": [_when(claim) for claim in claims],
        "span": [_span(claim) for claim in claims],
        "kind": kind_of,
        "party": party_of,
        "group": list(data.groups),
        "parts": _parts(claims, group_of),
        "estimates": [
            n
            for n, claim in enumerate(claims)
            if getattr(claim.event.what, "approximate", False) is True
        ],
        "mentions": [_mention(mentions[n], numbers) for n in order],
        "sources": [_source(source) for source in numbers],
        "asides": [
            [
                *(place_of[a.mention], a.since, a.until, a.reason.value),
                places.get(a.by, -1),
                harmless(data.because.get(a.by, "")),
            ]
            for a in data.asides
        ],
        "states": _encoded(states),
        "plans": _encoded(_plans(data)),
        "telling": [
            [one.day, one.known_by, harmless(one.note), one.address]
            for one in telling
        ],
    }  # fmt: skip


def _numbered(names: Iterable[str]) -> tuple[list[str], list[int]]:
    found: dict[str, int] = {}
    of = [found.setdefault(name, len(found)) for name in names]
    return [*map(harmless, found)], of


def _when(claim: Claim) -> int | str:
    """Return the EDTF text of a date; 0 for a day, whose number says the same."""
    text = str(claim.event.when)
    is_day = claim.span.is_day and text == iso(int(claim.span.last))
    return 0 if is_day else text


def _span(claim: Claim) -> int | list[int | None]:
    """Return one day as its number; else the bounds, None where there is none."""
    span = claim.span
    if span.is_day:
        return int(span.first)
    bounds = [span.first, span.last]
    if span.end_first is not None and span.end_last is not None:
        bounds += [span.end_first, span.end_last]
    # JSON has no infinity.
    return [None if math.isinf(day) else int(day) for day in bounds]


def _parts(claims: Sequence[Claim], group_of: Mapping[str, int]) -> list[list[int]]:
    """Return, for each part of a bundle, its claim, the group, and 1 if certain."""
    return [
        [n, group_of[bundle], int(getattr(claim.event.what, "part_certain", True))]
        for n, claim in enumerate(claims)
        for bundle in [getattr(claim.event.what, "part_of", None)]
        if isinstance(bundle, str) and bundle in group_of
    ]


def _mention(mention: Mention, numbers: Mapping[Source, int]) -> list[object]:
    """Return claim and day known, then the source, the place, the quote of each."""
    found: list[object] = [mention.claim, mention.known]
    for citation in mention.event.cite:
        quote = getattr(citation, "quote", None)
        found += [numbers[citation.source] - 1, harmless(citation.locator)]
        found.append(harmless(quote) if quote else 0)
    return found


def _source(source: Source) -> list[str | None]:
    """Return a source: in short, then its parts for a bibliography."""
    parts = (
        dated(source),
        source.title,
        source.container,
        source.author,
        None if source.published is None else str(source.published),
        web_address(source.url),
    )
    return [None if part is None else harmless(part) for part in parts]


def _plans(data: PageData) -> States | None:
    """Return the plans of all parties, which say what a plan has become."""
    events = [claim.event for claim in data.claims]
    plans = [event for event in events if isinstance(event.what, Planned)]
    parties = sorted({party for event in plans for party in event.parties})
    if len(parties) < 2:
        return None
    reads = (Planned, Rescheduled, Postponed, Cancelled, Held)
    everybody = attrs.evolve(relationship(*parties), reads=reads)
    return states_of(data, everybody, lambda state: {"Plans": [*state.plans.values()]})


def _encoded(states: States | None) -> dict[str, object] | None:
    return None if states is None else attrs.asdict(states, recurse=False)
