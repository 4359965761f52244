"""Citations and sources as HTML, readable without a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bri_timeline import Citation, Event, Source
from bri_timeline.edtf import in_words
from bri_timeline.pages._markup import Markup, element, joined, web_address
from bri_timeline.pages._wording import dated, source_line


__all__ = [
    "citations",
    "numbered",
    "sources_list",
    "when_cell",
]


def numbered(events: Iterable[Event]) -> dict[Source, int]:
    """Return the sources of some events, numbered from 1 in order of first citation."""
    # dict.fromkeys() keeps the order of first citation, so numbers are stable.
    cited = (citation.source for event in events for citation in event.cite)
    return {source: n for n, source in enumerate(dict.fromkeys(cited), start=1)}


def when_cell(event: Event) -> Markup:
    """Return a header cell: the date of an event in words, with its EDTF text."""
    # The EDTF text is a tooltip only where the words differ from it.
    words, text = in_words(event.when), str(event.when)
    return element("th", words, scope="row", title=None if words == text else text)


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
        element("li", *_cited(citation, numbers), data_t=mark)
        for citation in event.cite
    )


def _cited(citation: Citation, numbers: Mapping[Source, int]) -> tuple[Markup, str]:
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
