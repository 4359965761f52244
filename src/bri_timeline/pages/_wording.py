"""Events, dates and sources in words, and the words of pages in several languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache

from attrs import evolve

from bri_timeline import Citation, Event, Source, View
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import EdtfError
from bri_timeline.extend import (
    LANGUAGES,
    Strings,
    describe_event,
    event_phrase,
    iso,
    one_line,
    strings,
)
from bri_timeline.pages._markup import Markup, element, isolated, joined, web_address
from bri_timeline.relations import Planned, among, kind_of, named


__all__ = [
    "LANGUAGES",
    "Strings",
    "among",
    "because_phrase",
    "because_words",
    "civil",
    "claim_line",
    "date_words",
    "dated",
    "describe_event",
    "event_words",
    "kind",
    "line_of",
    "named",
    "numbered",
    "phrase_of",
    "plain_words",
    "said",
    "source_line",
    "source_words",
    "sources_list",
    "strings",
    "words_for",
]


def civil(number: int) -> tuple[int, int, int]:
    """Return year, month and day of a day number of any size."""
    year, month, day = iso(number).rsplit("-", 2)
    return int(year), int(month), int(day)


def date_words(when: Edtf, words: Strings) -> str:
    """Return a date in words; its EDTF text if it has no plain wording.

    Args:
        when: The date.
        words: The language.
    """
    return in_words(when, words.code)


def words_for(language: str, *views: View) -> Strings:
    """Return the words of a language, with the titles of the plans in some views.

    What changes a plan is then told by the title of the plan: its id is the author's
    own. Of several titles the one that counts is taken, and that of the last view.
    Plans that share a title have their ids too: they must not look the same.

    Args:
        language: One of `LANGUAGES`.
        views: The views whose events are told.

    Raises:
        PictureError: The language has no table.
    """
    claims: list[Event] = []
    for view in views:
        asides = (aside.event for aside in view.set_aside)
        claims += (*asides, *view.undecided, *view.events)
    titles = {e.id: e.what.title for e in claims if isinstance(e.what, Planned)}
    sharing = Counter(titles.values())
    plans = {n: f"{t} ({n})" if sharing[t] > 1 else t for n, t in titles.items()}
    return evolve(strings(language), plans=plans)


def phrase_of(event: object, words: Strings) -> tuple[str, dict[str, str]]:
    """Return an event, or a payload, as `event_phrase()`, its plan by the title."""
    pattern, values = event_phrase(event, words.code)
    if title := words.plans.get(values.get("plan", "")):
        values = {**values, "plan": title}
    return pattern, values


def event_words(event: object, words: Strings) -> str:
    """Return an event, or a payload, in a line that may be drawn as it is.

    What the log says is isolated where its letters are written from right to left: it
    stands in sentences of languages that are written from left to right. Text for
    terminals and tables has no isolates: they would be characters that nobody wrote.

    Args:
        event: The event or the payload.
        words: The language.
    """
    pattern, values = phrase_of(event, words)
    return pattern.format_map({n: line_of(text) for n, text in values.items()})


def plain_words(event: object, words: Strings) -> str:
    """Return an event, or a payload, in a line for text that has no isolates."""
    pattern, values = phrase_of(event, words)
    return one_line(pattern.format_map(values))


def line_of(text: str) -> str:
    """Return text of a log in one line that may be drawn as it is."""
    return isolated(one_line(text))


def because_phrase(because: str, words: Strings) -> tuple[str, dict[str, str]]:
    """Return the reason of a correction or withdrawal, as `event_phrase()` its event.

    Args:
        because: The reason. Those that the library writes for a data set are told in
            the language.
        words: The language.
    """
    for key in ("missing", "changed"):
        start = strings("en")(f"reasons.{key}", date="")
        if because.startswith(start):
            with suppress(EdtfError):
                day = in_words(Edtf(because.removeprefix(start)), words.code)
                return words(f"reasons.{key}"), {"date": day}
    return "{what}", {"what": because}


def because_words(because: str, words: Strings) -> str:
    """Return the reason of a correction or withdrawal in a line that may be drawn."""
    pattern, values = because_phrase(because, words)
    return pattern.format_map({n: line_of(text) for n, text in values.items()})


def kind(event: Event) -> str:
    """Return the kind of an event, which titles the lane in which it is drawn."""
    return kind_of(event.what)


# Few sources are cited by many claims, and dates are slow to word.
@lru_cache(4096)
def dated(source: Source, language: str) -> str:
    """Return a source in short, with its date: `Eurasia Daily Monitor 16:62 (2019)`."""
    words, published = strings(language), source.published
    title = line_of(source.container or source.title)
    if published is None:
        return title
    return words("sources.dated", title=title, date=date_words(published, words))


def source_line(source: Source, language: str = "en") -> str:
    """Return a source in full form: author, title, container and date."""
    words, published = strings(language), source.published
    title = words("sources.quoted", title=source.title)
    when = "" if published is None else date_words(published, words)
    parts = [source.author, title, source.container, when]
    return words("sentence.comma").join(part for part in parts if part)


def source_words(source: Source, words: Strings) -> str:
    """Return a source as parts that do not reorder each other."""
    parts = [words("sources.quoted", title=isolated(source.title))]
    if source.author:
        parts.insert(0, isolated(source.author))
    if source.container:
        parts.append(isolated(source.container))
    if source.published is not None:
        parts.append(date_words(source.published, words))
    return words("sentence.comma").join(parts)


def claim_line(event: Event, words: Strings, status: str = "") -> str:
    """Return a claim in one line: date, payload, status and citations.

    Args:
        event: The claim.
        words: The language.
        status: Its status, in words.
    """
    cited = (_cited(citation, words) for citation in event.cite)
    cites = words("sentence.clause").join(cited) or words("status.no_source")
    gap, stop = words("sentence.gap"), words("sentence.stop")
    stands = f"{gap}{status[:1].upper()}{status[1:]}{stop}" if status else ""
    return f"{said(event, words)}{stop}{stands}{gap}[{cites}]"


def said(event: Event, words: Strings) -> str:
    """Return the date of a claim, and what it says."""
    when = date_words(event.when, words)
    return f"{when}{words('sentence.colon')}{event_words(event, words)}"


def _cited(citation: Citation, words: Strings) -> str:
    cited = [dated(citation.source, words.code), line_of(citation.locator or "")]
    return words("sentence.comma").join(filter(None, cited))


def numbered(events: Iterable[Event]) -> dict[Source, int]:
    """Return the sources of some events, numbered from 1 in order of first citation."""
    # dict.fromkeys() keeps the order of first citation, so numbers are stable.
    cited = (citation.source for event in events for citation in event.cite)
    return {source: n for n, source in enumerate(dict.fromkeys(cited), start=1)}


def sources_list(numbers: Mapping[Source, int], words: Strings) -> Markup:
    """Return the list of sources, with links to those that have a web address."""
    return element(
        "ol",
        *(element("li", _source(s, words), id=f"s{n}") for s, n in numbers.items()),
        class_="sources",
    )


def _source(source: Source, words: Strings) -> Markup:
    line, url = source_line(source, words.code), web_address(source.url)
    if url is None:
        return joined([line])
    # The linked site must not learn from which page a reader comes.
    link = element("a", url, href=url, rel="noopener noreferrer")
    return joined([line, link], ", ")
