"""An interactive page: what had happened by a day, as far as was known by another."""

from __future__ import annotations

import json
from base64 import b64encode
from bisect import bisect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TypeVar

from attrs import evolve

from bri_timeline import Citation, EventLog, Projection, Reason, Source, View
from bri_timeline.errors import PictureError
from bri_timeline.extend import iso, uncollected
from bri_timeline.pages import beliefs, svg
from bri_timeline.pages._drawing import style as drawing_style
from bri_timeline.pages._marks import concerning, open_ends
from bri_timeline.pages._markup import (
    Markup,
    element,
    empty,
    escaped,
    joined,
    marked,
    web_address,
)
from bri_timeline.pages._page import Page
from bri_timeline.pages._state_values import Tell, Telling, summary, told, value_words
from bri_timeline.pages._wording import (
    Strings,
    date_words,
    line_of,
    named,
    numbered,
    sources_list,
    strings,
    words_for,
)
from bri_timeline.pages.html._content import About, content_of
from bri_timeline.pages.html._page_data import ABSENT, JOINED, PageData, page_data_of
from bri_timeline.pages.html._phrases import PhraseOf, page_phrases
from bri_timeline.pages.html._script import bundled


__all__ = [
    "render",
]

# The suffixes of its files.
NAMES = (".html",)
S = TypeVar("S")

_MOST_PICTURED, _MOST_STEPS = 2000, 60
_NOTHING: Mapping[str, str | None] = {}
_STATUSES = (
    *("certain", "perhaps", JOINED),
    *(reason.value for reason in Reason),
)
# The elements that the script fills, in the order of reading.
_FILLED = (
    element("div", id="steps", data_stops=""),
    element(
        "div",
        element(
            "section",
            element("div", id="lanes", role="group", data_stops=""),
            element("ul", id="legend"),
            element(
                "div",
                element("div", id="axis", class_="head"),
                element("div", id="dates"),
                id="top",
            ),
            element("div", id="chart", role="group", tabindex="-1", data_stops=""),
            element("div", id="overview", role="slider", tabindex="0"),
            id="picture",
        ),
        element(
            "div",
            element(
                "section", id="detail", tabindex="-1", hidden="", aria_live="polite"
            ),
            element("section", id="plane"),
            element("section", id="state", data_stops=""),
            id="beside",
        ),
        id="board",
        hidden="",
    ),
    element("div", id="tools"),
    element("div", id="pairs"),
    element(
        "section",
        element(
            "details",
            element("summary", element("h2", id="claims-title")),
            element("p", id="found", role="status"),
            element(
                "div",
                element(
                    "table",
                    element("thead", id="heads"),
                    element("tbody", id="rows"),
                ),
                class_="scroll",
                role="region",
                tabindex="0",
                aria_labelledby="claims-title",
            ),
            id="all",
        ),
        id="claims",
        hidden="",
    ),
    # The colours of the style sheet, for what a script paints.
    element(
        "span",
        *(element("i", id=f"colour{n}", class_=f"k{n}") for n in range(12)),
        hidden="",
    ),
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
    url: str | None = None,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> Page:
    """Return a page: one file without external resources, with one script of its own.

    The page of a log shows every day as known on every other. The page of a view shows
    its day and the days before it. Of a log that would take too long, such as 100,000
    events that became known on a thousand days, some days of knowledge are left out;
    the page says so where one of them is asked.

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
        url: The web address at which readers find the page, wherever a copy stands:
            search engines are told, and a page that is shown within another links to
            it.
        progress: Called with the number of days of knowledge whose states are computed,
            and of all; not without a projection, of which a page takes no longer than
            to write its claims.

    Raises:
        PictureError: The language has no table of words, *tell* returns something other
            than a mapping, a view is of a period, or *url* is not a web address.
        ProjectionError: *projection* is not one.
    """
    words = strings(language)
    if url is not None and web_address(url) is None:
        raise PictureError(url, "is not a web address: give one with https://")
    about = About(
        title or words("page.title"),
        author,
        licence,
        version,
        description,
        preview,
        url,
        language,
        embed,
    )
    # Many small objects are made and kept: garbage collection would only cost time.
    with uncollected():
        data = page_data_of(concerning(shown, projection))
        believed = _believed(shown, data, projection, tell, about)
        page = _page(
            data, projection, tell, [*telling], about, words, progress, believed
        )
    return Page(page)


def _page(
    data: PageData,
    projection: Projection[S] | None,
    tell: Tell[S] | None,
    telling: list[Telling],
    about: About,
    words: Strings,
    progress: Callable[[int, int], object],
    believed: Markup,
) -> str:
    numbers = numbered(mention.event for mention in data.mentions)
    statuses, ending = [*_statuses(data)], _ending(data, projection)
    words = words_for(words.code, data.last)
    is_named = _names_both(about.title, projection, words)
    phrase = page_phrases(words.plans, between=not is_named)
    opening = _opening(data, projection)
    sentence = summary(opening, projection, tell, words)
    lead = words("page.no_script", day=words.day(data.days[-1]))
    body = _skeleton(
        about.title,
        [
            element("p", sentence),
            _state(opening, projection, tell, words),
            _still(opening, projection, tell, words),
            element("p", lead, class_="noscript"),
            element("h2", words("page.claims")),
            _claims_table(data, statuses, ending, numbers, phrase, words),
        ],
        _colophon(about, words),
        joined([
            believed,
            sources_section(sources_list(numbers, words), words("page.sources")),
        ]),
        words,
    )  # fmt: skip
    content = content_of(
        data, projection, tell, numbers, phrase, telling, about, progress
    )
    size = _summary(data, len(numbers), words)
    description = about.description or f"{sentence} {size}"
    meta = {
        "description": description,
        "author": about.author,
        "dcterms.license": about.licence,
        "dcterms.hasVersion": about.version,
        "og:title": about.title,
        "og:description": description,
        "og:type": "article",
        "og:image": about.preview,
        "og:url": about.url,
    }
    return document(
        about.title,
        Markup(body + _island("page-data", content)),
        styles=("page.css", "chart.css", "narrow.css"),
        script=bundled("main.js", _data),
        meta=meta,
        url=about.url,
        language=words.code,
    )


def _believed(
    shown: View | EventLog,
    data: PageData,
    projection: Projection[S] | None,
    tell: Tell[S] | None,
    about: About,
) -> Markup:
    """Return what was believed of the day with which the page opens, to be unfolded.

    Of large logs it would take long, and have too many steps.
    """
    is_small = len(data.claims) <= _MOST_PICTURED and len(data.known) <= _MOST_STEPS
    if projection is None or isinstance(shown, View) or about.embed or not is_small:
        return Markup()
    day, words = _opening(data, projection).day_number, strings(about.language)
    drawing = beliefs.render(shown, projection=projection, on=iso(day), tell=tell,
                             width=720, language=words.code)  # fmt: skip
    title = words("pictures.beliefs")
    heading = element("summary", element("h2", title))
    picture = element("div", Markup(drawing), class_="scroll", tabindex="0",
                      role="region", aria_label=title)  # fmt: skip
    return element("details", heading, picture, id="believed", lang=words.code)


def _names_both(title: str, projection: Projection[S] | None, words: Strings) -> bool:
    """Check whether a title names the two actors that a page is about, and no more."""
    actors = () if projection is None else projection.parties
    names = [(actor, named(actor, words.code)) for actor in actors]
    return len(names) == 2 and all(any(n in title for n in both) for both in names)


def _colophon(about: About, words: Strings) -> Markup:
    parts = [
        words("page.by", author=about.author) if about.author else "",
        about.licence or "",
        words("page.version", version=about.version) if about.version else "",
    ]
    return element("p", " \u00b7 ".join(filter(None, parts)), id="colophon")


def _statuses(data: PageData) -> Iterator[str]:
    """Yield the status of each claim on the last day, as known in the end."""
    stop, day = len(data.known) - 1, data.days[-1]
    off = {a.mention: a for a in data.asides if a.since <= stop < a.until}
    counts = {t.claim for n, t in enumerate(data.mentions) if n not in off}
    why = {data.mentions[n].claim: aside for n, aside in off.items()}
    for number, claim in enumerate(data.claims):
        if number not in counts:
            reason = why[number].reason
            yield reason.value if isinstance(reason, Reason) else reason
        else:
            yield "certain" if claim.span.last <= day else "perhaps"


def _opening(data: PageData, projection: Projection[S] | None) -> View:
    """Return the view that is shown when the page is opened: of its last report."""
    last = data.last
    day = data.days[-1]
    if data.basis is None:
        day = data.days[max(bisect(data.days, data.known[-1]) - 1, 0)]
    view = evolve(last, window=last._window._replace(until=day))
    parties = () if projection is None else projection.parties
    return view.concerning(*parties) if parties else view


def _state(
    view: View, projection: Projection[S] | None, tell: Tell[S] | None, words: Strings
) -> Markup:
    """Return the values of a state, but for those that are zero or empty."""
    values = () if projection is None else told(view.project(projection), tell)
    lines = [
        element("dt", words.known("labels", value.label))
        + element("dd", marked(value_words(value, words)))
        for value in values
        if value.text not in ("", "0")
    ]
    return element("dl", *map(Markup, lines))


def _still(
    view: View, projection: Projection[S] | None, tell: Tell[S] | None, words: Strings
) -> Markup:
    """Return the drawing of a day: of 160 rows at most, or of bins.

    It comes without its style, for a dark screen, which the policy does not allow; and
    with a name of its own, as the page may have another drawing.
    """
    title = words("page.state", day=words.day(view.day_number))
    drawing = svg.render(
        view,
        projection=projection,
        tell=tell,
        title=title,
        sources=False,
        language=words.code,
    )
    start, _, rest = drawing.partition("<style>")
    bare = start + rest.partition("</style>")[2]
    # The first of each is of the picture, and not in what somebody wrote.
    for name in ("bri-title bri-desc", "bri-title", "bri-desc"):
        bare = bare.replace(f'"{name}"', f'"{name.replace("bri", "still")}"', 1)
    return Markup(bare)


def _ending(data: PageData, projection: Projection[S] | None) -> set[str]:
    """Return the ids of what may have ended on the last day, as known in the end."""
    last = data.last
    view = evolve(last, window=last._window._replace(until=data.days[-1]))
    return {event.id for event in open_ends(view, projection)}


def _summary(data: PageData, sources: int, words: Strings) -> str:
    """Return how many claims and sources there are, and from when to when they are."""
    counts = [
        words.count("claims", len(data.claims)),
        words.count("sources", sources),
    ]
    days = [int(day) for claim in data.claims for day in claim.span.days]
    if not days:
        return words.listed(counts)
    first, last = words.day(min(days)), words.day(max(days))
    extent = words("when.span", start=first, start_of=first, end=last)
    return words("sentence.pause").join([words.listed(counts), extent])


def document(
    title: str,
    body: Markup,
    *,
    styles: Sequence[str],
    script: str = "",
    meta: Mapping[str, str | None] = _NOTHING,
    url: str | None = None,
    language: str = "en",
) -> str:
    """Return an HTML document whose policy allows its own script and style only.

    Args:
        title: The title of the page.
        body: The content of the page.
        styles: File names of style sheets of this package.
        script: Statements, which are run in a scope of their own.
        meta: What the head says of the page, by name; of Open Graph if it has a colon.
        url: The web address at which readers find the page.
        language: The language of the page, as a BCP 47 tag.
    """
    style = "".join(map(_data, styles))
    # A drawing in the page has a style of its own.
    inner = [drawing_style()] if drawing_style() in body else []
    # Nothing leaks into the page, and the hash covers all of it.
    scoped = f'(() => {{\n"use strict";\n{script}}})();\n'
    policy = _policy([style, *inner], scoped if script else None)
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            Markup('<meta name="viewport" content="width=device-width">'),
            Markup('<meta name="referrer" content="no-referrer">'),
            element("title", title),
            *(_meta(name, content) for name, content in meta.items() if content),
            empty("link", rel="canonical", href=url) if url else Markup(),
            element("style", Markup(style)),
        ]
    )
    run = element("script", Markup(scoped)) if script else Markup()
    content = joined([element("head", head), element("body", body, run)])
    return f"<!doctype html>\n{element('html', content, lang=language)}\n"


def _meta(name: str, content: str) -> Markup:
    if ":" in name:
        return empty("meta", property=name, content=content)
    return empty("meta", name=name, content=content)


def _island(name: str, content: object) -> Markup:
    """Return data for a script: JSON in which no character is special in HTML.

    Args:
        name: The id of the element.
        content: A value that JSON can represent.
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    # `</script>` or `<!--` in a text would end the script element or hide its end.
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return element("script", Markup(text), type="application/json", id=name)


# The files of an installed package do not change while it runs.
@cache
def _data(name: str) -> str:
    return files(__package__).joinpath("data", name).read_text("utf-8")


def _policy(styles: Iterable[str], script: str | None) -> str:
    """Return a policy by hashes (Content Security Policy Level 3, section 2.3.1).

    A script may draw, and show, pictures that the page itself holds.
    """
    runs = "'none'" if script is None else f"{_hash(script)}; img-src data:"
    return (
        f"default-src 'none'; style-src {' '.join(map(_hash, styles))};"
        f" script-src {runs};"
        " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _skeleton(
    title: str,
    static: Iterable[Markup],
    about: Markup,
    sources: Markup,
    words: Strings,
) -> Markup:
    """Return the body of a page.

    Args:
        title: The title.
        static: What is shown without a script.
        about: Author, licence and version.
        sources: The list of sources.
        words: The words of the language.
    """
    top = element(
        "header",
        element("h1", element("bdi", title)),
        element("p", id="sentence", aria_live="polite", data_stops=""),
        element("div", id="notice", role="status", hidden=""),
        element("div", id="editor", role="group", hidden=""),
    )
    skip = element("a", words("page.skip"), href="#claims", class_="skip", id="skip")
    main = element("main", top, *_FILLED, element("noscript", *static), sources)
    return joined([skip, main, element("footer", about, element("p", id="keys"))])


def sources_section(sources: Markup, title: str = "Sources") -> Markup:
    """Return the section with the list of sources."""
    heading = element("h2", title, id="sources-title")
    return element("section", heading, sources, id="sources")


def _claims_table(
    data: PageData,
    statuses: Iterable[str],
    ending: Collection[str],
    numbers: Mapping[Source, int],
    phrase: PhraseOf,
    words: Strings,
) -> Markup:
    """Return the table of all claims.

    Args:
        data: The content of the page.
        statuses: The status of each claim in the end.
        ending: The ids of those that may have ended.
        numbers: The numbers of the sources, to which citations link.
        phrase: What tells an event.
        words: The words of the language.
    """
    cited: list[list[str]] = [[] for _ in data.claims]
    for mention in data.mentions:
        cited[mention.claim] += [
            _cited(citation, numbers) for citation in mention.event.cite
        ]
    names = {status: escaped(words(f"status.{status}")) for status in _STATUSES}
    none, over = escaped(words("status.no_source")), escaped(words("status.ended"))
    rows = []
    for n, (claim, status) in enumerate(zip(data.claims, statuses, strict=True)):
        if status == ABSENT:
            continue
        when = escaped(date_words(claim.event.when, words))
        pattern, values = phrase(claim.event, words.code)
        parts = {name: line_of(text) for name, text in values.items()}
        what = marked(pattern.format_map(parts))
        is_open = status == "certain" and claim.event.id in ending
        stands = f"{names[status]}, {over}" if is_open else names[status]
        # Thousands of rows: elements built one by one would take as long as all else,
        # and HTML needs no end of a row or a cell.
        rows.append(
            f'<tr id="c{n}"><th scope="row">{when}<td dir="auto">{what}'
            f"<td>{stands}<td>{'; '.join(cited[n]) or none}"
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
    where = f"<bdi>, {escaped(citation.locator)}</bdi>" if citation.locator else ""
    return f'<a href="#s{number}">{number}</a>{where}'
