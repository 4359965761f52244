"""An interactive page: what had happened by a day, as far as was known by another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from bri_timeline import EventLog, Projection, View
from bri_timeline._atomic_write import write
from bri_timeline._events import uncollected
from bri_timeline._queries import STATUS_BY_REASON, ClaimStatus
from bri_timeline.pages._markup import Markup, element
from bri_timeline.pages._state_values import Tell, Telling
from bri_timeline.pages._strings import Strings, strings
from bri_timeline.pages._wording import numbered, sources_list
from bri_timeline.pages.html._content import About, content_of
from bri_timeline.pages.html._document import document as document
from bri_timeline.pages.html._document import island
from bri_timeline.pages.html._page_data import PageData, page_data_of
from bri_timeline.pages.html._skeleton import claims_table, skeleton
from bri_timeline.pages.html._skeleton import sources_section as sources_section


__all__ = [
    "dump",
    "render",
]


S = TypeVar("S")

_SCRIPTS = (
    *("days.js", "words.js", "elements.js", "model.js", "states.js", "address.js"),
    *("scale.js", "marks.js", "rows.js", "bins.js", "overview.js", "plane.js"),
    *("sentence.js", "steps.js", "panel.js", "table.js", "pairs.js"),
    *("exports.js", "tools.js", "main.js"),
)


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    title: str | None = None,
    language: str = "en",
    embed: bool = False,
    telling: Iterable[Telling] = (),
    author: str | None = None,
    licence: str | None = None,
    version: str | None = None,
    description: str | None = None,
    preview: str | None = None,
) -> str:
    """Return a page: one file without external resources, with one script of its own.

    The page of a log shows every day as known on every other. The page of a view shows
    its day and the days before it. For a log of many thousand events the values are
    computed for some days of knowledge only; on the others the page says so.

    Args:
        shown: A log or a view.
        projection: What is shown as the state: of a relationship, or any other.
        tell: Returns the values of a state by their labels; by default a class of attrs
            shows its fields, a mapping its items, and a relationship its values.
        title: The title of the page; by default the word for a timeline.
        language: The language at first: `en`, `de`, `ru` or `zh`. Readers can change
            it; the words of the log stay as they are.
        embed: Show the sentence, the chart and the sources only, for a small frame in
            another page; a button opens the rest.
        telling: Days that you tell something about; by default the page finds days on
            which much changed.
        author: Who made the page.
        licence: Under which it may be used.
        version: The version of the record.
        description: A sentence for search engines; by default how many
            claims and sources there are.
        preview: The web address of a picture that others show beside a link.

    Raises:
        PictureError: The language has no table of words, *tell* returns something other
            than a mapping, or a view is of a period.
    """
    words = strings(language)
    about = About(
        title or words("page.title"),
        author,
        licence,
        version,
        description,
        preview,
        language,
        embed,
    )
    # Many small objects are made and kept: garbage collection would only cost time.
    with uncollected():
        return _page(page_data_of(shown), projection, tell, [*telling], about, words)


def dump(
    shown: View | EventLog,
    path: str | Path,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    title: str | None = None,
    language: str = "en",
    embed: bool = False,
    telling: Iterable[Telling] = (),
    author: str | None = None,
    licence: str | None = None,
    version: str | None = None,
    description: str | None = None,
    preview: str | None = None,
) -> None:
    """Write the page to a file.

    Args:
        shown: As for `render()`, as are the parameters below.
        path: The file, which is replaced.
        projection: What is shown as the state.
        tell: Returns the values of a state by their labels.
        title: The title of the page.
        language: The language at first.
        embed: Show the sentence, the chart and the sources only.
        telling: Days that you tell something about.
        author: Who made the page.
        licence: Under which it may be used.
        version: The version of the record.
        description: A sentence for search engines.
        preview: The web address of a picture.

    Raises:
        OSError: The file cannot be written.
        PictureError: As for `render()`.
    """
    page = render(
        shown,
        projection=projection,
        tell=tell,
        title=title,
        language=language,
        embed=embed,
        telling=telling,
        author=author,
        licence=licence,
        version=version,
        description=description,
        preview=preview,
    )
    write(path, page)


def _page(
    data: PageData,
    projection: Projection[S] | None,
    tell: Tell[S] | None,
    telling: list[Telling],
    about: About,
    words: Strings,
) -> str:
    numbers = numbered(mention.event for mention in data.mentions)
    statuses = [*_statuses(data)]
    lead = words("page.no_script", day=words.day(data.days[-1]))
    body = skeleton(
        about.title,
        lead,
        _colophon(about, words),
        claims_table(data, statuses, numbers, words),
        sources_section(sources_list(numbers), words("page.sources")),
        words,
    )
    content = content_of(data, projection, tell, numbers, telling, about)
    description = about.description or _summary(data, len(numbers), words)
    meta = {
        "description": description,
        "author": about.author,
        "dcterms.license": about.licence,
        "dcterms.hasVersion": about.version,
        "og:title": about.title,
        "og:description": description,
        "og:type": "article",
        "og:image": about.preview,
    }
    return document(
        about.title,
        Markup(body + island("page-data", content)),
        styles=("page.css", "chart.css", "narrow.css"),
        scripts=_SCRIPTS,
        meta=meta,
        language=words.code,
        pictures=any(one.picture for one in telling),
    )


def _colophon(about: About, words: Strings) -> Markup:
    parts = [
        words("page.by", author=about.author) if about.author else "",
        about.licence or "",
        words("page.version", version=about.version) if about.version else "",
    ]
    return element("p", " \u00b7 ".join(filter(None, parts)), id="colophon")


def _statuses(data: PageData) -> Iterator[ClaimStatus]:
    """Yield the status of each claim on the last day, as known in the end."""
    stop, day = len(data.known) - 1, data.days[-1]
    off = {a.mention: a for a in data.asides if a.since <= stop < a.until}
    counts = {t.claim for n, t in enumerate(data.mentions) if n not in off}
    why = {data.mentions[n].claim: aside for n, aside in off.items()}
    for number, claim in enumerate(data.claims):
        if number not in counts:
            yield STATUS_BY_REASON[why[number].reason]
        elif claim.span.last <= day:
            yield ClaimStatus.CERTAIN
        else:
            yield ClaimStatus.UNDECIDED


def _summary(data: PageData, sources: int, words: Strings) -> str:
    """Return how many claims and sources there are, and from when to when."""
    counts = [
        words.count("claims", len(data.claims)),
        words.count("sources", sources),
    ]
    first, last = words.day(data.days[0]), words.day(data.days[-1])
    return f"{words.listed(counts)}, {words('dates.span', start=first, end=last)}"
