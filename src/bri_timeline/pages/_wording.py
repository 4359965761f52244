"""Events and sources in words, and as HTML that needs no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from bri_timeline import Citation, Event, Source
from bri_timeline._events import describe_event
from bri_timeline._queries import day_words
from bri_timeline.edtf import in_words
from bri_timeline.pages._markup import Markup, element, joined, web_address
from bri_timeline.relations import among, kind_of, named


__all__ = [
    "among",
    "citations",
    "claim_line",
    "count_of",
    "dated",
    "day_words",
    "describe_event",
    "kind",
    "named",
    "numbered",
    "source_line",
    "sources_list",
]


def kind(event: Event) -> str:
    """Return the kind of an event, which titles the lane in which it is drawn."""
    return kind_of(event.what)


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 claim`, `2 claims`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# Few sources are cited by many claims, and dates are slow to word.
@lru_cache(4096)
def dated(source: Source) -> str:
    """Return a source in short, with its date: `Eurasia Daily Monitor 16:62 (2019)`."""
    title = source.container or source.title
    return title if source.published is None else f"{title} ({_when(source)})"


def _when(source: Source) -> str:
    return "" if source.published is None else in_words(source.published)


def source_line(source: Source) -> str:
    """Return a source in full form: author, title, container and date."""
    parts = [source.author, f"\u201c{source.title}\u201d", source.container]
    return ", ".join(part for part in (*parts, _when(source)) if part)


def claim_line(event: Event, status: str = "") -> str:
    """Return a claim in one line: date, payload, status and citations.

    Args:
        event: The claim.
        status: Its status, in words.
    """
    cites = "; ".join(_cited(c) for c in event.cite) or "no source"
    stands = f" {status[:1].upper()}{status[1:]}." if status else ""
    return f"{in_words(event.when)}: {describe_event(event)}.{stands} [{cites}]"


def _cited(citation: Citation) -> str:
    where = f", {citation.locator}" if citation.locator else ""
    return f"{dated(citation.source)}{where}"


def numbered(events: Iterable[Event]) -> dict[Source, int]:
    """Return the sources of some events, numbered from 1 in order of first citation."""
    # dict.fromkeys() keeps the order of first citation, so numbers are stable.
    cited = (citation.source for event in events for citation in event.cite)
    return {source: n for n, source in enumerate(dict.fromkeys(cited), start=1)}


def citations(
    event: Event, numbers: Mapping[Source, int], mention: int | None = None
) -> Markup:
    """Return a list item for each citation.

    Args:
        event: The claim.
        numbers: The numbers of the sources.
        mention: The number of the mention that cites them.
    """
    mark = None if mention is None else str(mention)
    if not event.cite:
        return element("li", "no source", data_t=mark)
    return joined(
        element("li", *_cited_as(citation, numbers), data_t=mark)
        for citation in event.cite
    )


def _cited_as(citation: Citation, numbers: Mapping[Source, int]) -> tuple[Markup, str]:
    source, where = citation.source, citation.locator
    link = element("a", dated(source), href=f"#s{numbers[source]}")
    return link, f", {where}" if where else ""


def sources_list(numbers: Mapping[Source, int]) -> Markup:
    """Return the list of sources, with links to those that have a web address."""
    return element(
        "ol",
        *(element("li", _source(s), id=f"s{n}") for s, n in numbers.items()),
        class_="sources",
    )


def _source(source: Source) -> Markup:
    line, url = source_line(source), web_address(source.url)
    if url is None:
        return joined([line])
    # The linked site must not learn from which page a reader comes.
    link = element("a", url, href=url, rel="noopener noreferrer")
    return joined([line, link], ", ")
