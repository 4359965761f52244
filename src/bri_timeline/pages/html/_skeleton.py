"""The static HTML of a page, which its script completes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bri_timeline import Citation, Source
from bri_timeline._queries import ClaimStatus
from bri_timeline._text import safe
from bri_timeline.edtf import in_words
from bri_timeline.pages._markup import Markup, element, joined
from bri_timeline.pages._strings import Strings
from bri_timeline.pages._wording import describe_event
from bri_timeline.pages.html._page_data import PageData


__all__ = [
    "claims_table",
    "skeleton",
    "sources_section",
]


_STATUS = {
    ClaimStatus.CERTAIN: "status.certain",
    ClaimStatus.UNDECIDED: "status.perhaps",
    ClaimStatus.DISPUTED: "status.disputed",
    ClaimStatus.SUPERSEDED: "status.superseded",
    ClaimStatus.RETRACTED: "status.retracted",
}
# The elements that the script fills, in the order of reading.
_FILLED = (
    element("div", id="steps"),
    element(
        "div",
        element("section", element("div", id="chart"), id="picture"),
        element("div", id="beside"),
        id="board",
        hidden="",
    ),
    element("div", id="tools"),
    element("div", id="pairs"),
    element("div", id="dates"),
)


def skeleton(
    title: str, lead: str, about: Markup, table: Markup, sources: Markup, words: Strings
) -> Markup:
    """Return the body of a page.

    Args:
        title: The title.
        lead: The sentence about the last day, which the script writes anew.
        about: Author, licence and version.
        table: The table of claims, which is shown without a script.
        sources: The list of sources.
        words: The words of the language.
    """
    static = element(
        "noscript",
        element("p", lead, class_="noscript"),
        element("section", element("h2", words("page.claims")), table),
    )
    claims = element("section", id="claims", hidden="")
    top = element(
        "header",
        element("h1", element("bdi", title)),
        element("p", id="sentence", aria_live="polite"),
    )
    skip = element("a", words("page.skip"), href="#claims", class_="skip", id="skip")
    main = element("main", top, *_FILLED, claims, static, sources)
    return joined([skip, main, element("footer", about, element("p", id="keys"))])


def sources_section(sources: Markup, title: str = "Sources") -> Markup:
    """Return the section with the list of sources."""
    heading = element("h2", title, id="sources-title")
    return element("section", heading, sources, id="sources")


def claims_table(
    data: PageData,
    statuses: Iterable[ClaimStatus],
    numbers: Mapping[Source, int],
    words: Strings,
) -> Markup:
    """Return the table of all claims.

    Args:
        data: The content of the page.
        statuses: The status of each claim in the end.
        numbers: The numbers of the sources, to which citations link.
        words: The words of the language.
    """
    cited: list[list[str]] = [[] for _ in data.claims]
    for mention in data.mentions:
        cited[mention.claim] += [_cited(one, numbers) for one in mention.event.cite]
    names = {status: safe(words(key)) for status, key in _STATUS.items()}
    none = safe(words("status.no_source"))
    english = words.code == "en"
    rows = []
    for n, (claim, status) in enumerate(zip(data.claims, statuses, strict=True)):
        when = claim.event.when
        said = safe(in_words(when) if english else str(when))
        # Thousands of rows: elements built one by one would take as long as all else.
        rows.append(
            f'<tr id="c{n}"><th scope="row">{said}</th>'
            f'<td dir="auto">{safe(describe_event(claim.event))}</td>'
            f"<td>{names[status]}</td><td>{'; '.join(cited[n]) or none}</td></tr>"
        )
    titles = ("page.when", "page.what", "page.status", "page.says")
    heads = (element("th", words(title), scope="col") for title in titles)
    return element(
        "table",
        element("thead", element("tr", *heads)),
        element("tbody", Markup("".join(rows))),
    )


def _cited(citation: Citation, numbers: Mapping[Source, int]) -> str:
    number = numbers[citation.source]
    where = f"<bdi>, {safe(citation.locator)}</bdi>" if citation.locator else ""
    return f'<a href="#s{number}">{number}</a>{where}'
