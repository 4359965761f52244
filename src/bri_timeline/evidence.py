"""Evidence: quotes that are found in their document, and keys to cite a source by."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from attrs import frozen

from bri_timeline import Citation, Entry, Event, Source
from bri_timeline.edtf import Edtf
from bri_timeline.extend import AsDict


__all__ = [
    "Check",
    "Quoted",
    "Span",
    "check",
    "citation_key",
    "csl_item",
    "digest",
    "find",
]


_PLAIN = re.compile(r"-?[0-9]{4}(-[0-9]{2}){0,2}")
_SEASON = 20
# "Eurasia Daily Monitor 16:62"
_VOLUME = re.compile("[0-9]$")
_WORD = re.compile("[a-z0-9]+")
_YEAR = re.compile("[0-9]{4}")
_NUMBER_GOES_ON = re.compile("[0-9][.,]?[0-9]")
_WORDS_OF_KEY = 3
_DIGITS_OF_KEY = 8
# What identifies a source; not when it was read, or where it is archived.
_IDENTITY = ("title", "published", "container", "author", "url")


class Span(NamedTuple):
    """A part of a text, in code points: `text[span.start : span.end]`.

    Attributes:
        start: The index of its first code point.
        end: The index after its last.
    """

    start: int
    end: int


@frozen
class Quoted(AsDict):
    """A quote and its place in the document.

    Attributes:
        position: The position of the entry that rests on it.
        event: The event that the entry claims.
        citation: The citation with the quote.
        span: The place of the words in the document; None if they are not found, or if
            the text of the document was not given.
    """

    position: int
    event: Event
    citation: Citation
    span: Span | None

    def __str__(self) -> str:
        return f"entry {self.position}: \u201c{self.citation.quote}\u201d"


@frozen
class Check(AsDict):
    """The result of a check of the quotes of a log.

    Attributes:
        standing: A tuple of `Quoted`: the words are in the document.
        missing: The words are not there.
        unread: The text of the document was not given.
        changed: The sources whose text has another digest than the source gives.
    """

    standing: tuple[Quoted, ...]
    missing: tuple[Quoted, ...]
    unread: tuple[Quoted, ...]
    changed: tuple[Source, ...]


def digest(text: str) -> str:
    """Return the digest of a text, for `Source(digest=...)`.

    It is the SHA-256 of the text in UTF-8.
    """
    return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def find(quote: str, text: str) -> Span | None:
    """Return the place at which a quote first appears in a text.

    The two are compared code point by code point, apart from three differences that
    come from typesetting:

    - Any white space equals any other, such as a line break a space. White space around
      the quote is ignored.
    - A soft hyphen (U+00AD) is ignored, with a line break after it. A hyphen at the end
      of a line, between two letters, is ignored, is a hyphen, or is a hyphen and a
      space, whichever the other text has: `agree-` and `ments` is `agreements`.
    - Quotation marks equal each other, the single ones among them (`'`, U+2018, U+203A)
      and the double ones (`"`, U+201C, U+00AB, U+300C).

    Nothing else is ignored: neither case nor accents, digits nor dashes. A quote never
    begins or ends within a number: `Los 4` is neither in `Los 45` nor in `Los 4.5`.

    >>> text = "The two sides signed ten agree-\\nments, worth $821 million."
    >>> find("signed ten agreements", text)
    Span(start=14, end=37)
    >>> find("signed two agreements", text) is None
    True

    Args:
        quote: The words.
        text: The text of the document.

    Returns:
        The place in *text*, with its own characters; None if the words are not
        there, or if the quote is empty.
    """
    words = _folded(quote).letters.strip(" ")
    if not words:
        return None
    letters, starts, ends = _document(text)
    places: Iterator[tuple[int, int]]
    if _SIGN.search(words) or _SIGN.search(letters):
        places = (one.span() for one in re.finditer(_pattern(words), letters))
    else:
        # In linear time, whatever the two are.
        places = _places(words, letters)
    for first, last in places:
        if not _cuts_a_number(letters, first, last):
            return Span(starts[first], ends[last - 1])
    return None


def _places(words: str, letters: str) -> Iterator[tuple[int, int]]:
    first = letters.find(words)
    while first >= 0:
        yield first, first + len(words)
        first = letters.find(words, first + 1)


def _cuts_a_number(letters: str, first: int, last: int) -> bool:
    """Check whether a part of a text ends, or begins, within a number."""
    begins = [place for place in (first - 2, first - 1, last - 1) if place >= 0]
    found = [_NUMBER_GOES_ON.match(letters, place) for place in begins]
    # What ends before the quote does is no number that it cuts.
    return any(one is not None and one.end() > first for one in found)


def check(
    log: Iterable[Entry], texts: Mapping[Source, str] | Mapping[str, str]
) -> Check:
    """Check every quote of a log against the texts of its documents.

    All claims are checked, also those that were corrected or withdrawn.

    Args:
        log: The log, or some of its entries.
        texts: The text of each document, by its source; or by the title or the address
            (`url`) of one or several.
    """
    quotes: dict[str, list[Quoted]] = {"standing": [], "missing": [], "unread": []}
    read: dict[Source, str | None] = {}
    documents: Mapping[Source | str, str] = dict[Source | str, str](texts.items())
    for entry in log:
        event = entry.event
        for citation in () if event is None else event.cite:
            source = citation.source
            if source not in read:
                keys = (source, source.title, source.url or source.title)
                read[source] = next(
                    (documents[key] for key in keys if key in documents), None
                )
            text = read[source]
            if event is not None and citation.quote is not None:
                span = None if text is None else find(citation.quote, text)
                status = "missing" if span is None else "standing"
                quotes["unread" if text is None else status].append(
                    Quoted(entry.position, event, citation, span)
                )
    changed = [
        source
        for source, text in read.items()
        if text is not None and source.digest not in (None, digest(text))
    ]
    parts = {status: tuple(group) for status, group in quotes.items()}
    return Check(**parts, changed=tuple(changed))


# --- folding ------------------------------------------------------------------------
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_LETTER = r"[^\W\d_]"
_LINE_END = rf"[^\S{_BREAKS}]*[{_BREAKS}]\s*"
# A hyphen that ends a line becomes one of these, which stand for nothing else: white
# space is folded to spaces.
_SIGNS = {"-": "\n", "\u2010": "\r"}
_SINGLE = "\u2018\u2019\u201a\u201b\u2039\u203a\uff07"
_DOUBLE = (
    "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2e42\u300c\u300d\u300e\u300f\u301d\u301e"
    "\u301f\ufe41\ufe42\ufe43\ufe44\uff02\uff62\uff63"
)
_MARKS = str.maketrans({**dict.fromkeys(_SINGLE, "'"), **dict.fromkeys(_DOUBLE, '"')})
_SIGN = re.compile("[\n\r]")
_SOFT = re.compile(rf"\u00ad(?:{_LINE_END})?")
_SPACE = re.compile(rf"(?<={_LETTER})([-\u2010]){_LINE_END}(?={_LETTER})|\s+")
_TWO = 2


class _Folded(NamedTuple):
    """A folded text.

    Attributes:
        letters: Its code points.
        starts: Of each, the index of the first one of the text for which it stands.
        ends: The index after that.
    """

    letters: str
    starts: array[int]
    ends: array[int]

    def replaced(self, pattern: re.Pattern[str]) -> _Folded:
        """Return it with each match as a space, a sign for a hyphen, or nothing."""
        letters: list[str] = []
        starts, ends, at = array("q"), array("q"), 0
        for match in pattern.finditer(self.letters):
            place = match.start()
            letters.append(self.letters[at:place])
            starts += self.starts[at:place]
            ends += self.ends[at:place]
            at = match.end()
            if pattern is _SPACE:
                letters.append(_SIGNS.get(match[1], " "))
                starts.append(self.starts[place])
                ends.append(self.ends[place])
        letters.append(self.letters[at:])
        return _Folded(
            "".join(letters), starts + self.starts[at:], ends + self.ends[at:]
        )


def _folded(text: str) -> _Folded:
    size = len(text)
    whole = _Folded(text, array("q", range(size)), array("q", range(1, size + 1)))
    folded = whole.replaced(_SOFT).replaced(_SPACE)
    return folded._replace(letters=folded.letters.translate(_MARKS))


# One document is asked about many quotes.
_document = lru_cache(maxsize=4)(_folded)


def _pattern(words: str) -> str:
    """Return what finds a folded quote, however hyphens end the lines of the text."""
    hyphens = {sign: hyphen for hyphen, sign in _SIGNS.items()}
    parts: list[str] = []
    place = 0
    while place < len(words):
        letter, pair = words[place], words[place : place + _TWO]
        place += 1
        if letter in hyphens:
            parts.append(f"(?:{letter}|{re.escape(hyphens[letter])} ?)?")
        elif letter not in _SIGNS:
            parts.append(re.escape(letter))
            if pair.isalpha() and len(pair) == _TWO:
                parts.append(_SIGN.pattern + "?")
        elif pair == f"{letter} ":
            parts.append(f"(?:{re.escape(pair)}|{_SIGNS[letter]})")
            place += 1
        else:
            # A quote that goes on after its hyphen does not begin with that of a word.
            sign = _SIGNS[letter] if parts or words == letter else ""
            parts.append(f"[{re.escape(letter)}{sign}]")
    return "".join(parts)


def citation_key(source: Source) -> str:
    """Return a key to cite a source by: `eurasia-daily-monitor-2019-5f0c1a7b`.

    It depends on what identifies the source, and on nothing else: it stays what it is
    when other sources are added, and is the same in BibTeX, CSL-JSON and Markdown.

    Args:
        source: The source. When it was read, and where it is archived, is not part of
            the key.
    """
    name = source.container or source.author or source.title
    # Keys of BibTeX are ASCII; titles in other letters differ by the digest.
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = _WORD.findall(letters.lower())[:_WORDS_OF_KEY]
    year = _YEAR.search(str(source.published or ""))
    parts = [getattr(source, part) for part in _IDENTITY]
    # An empty text is another value than none, and the source another one.
    texts = ("" if part is None else str(part) or "\1" for part in parts)
    identity = "\0".join(texts)
    digest = hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()[
        :_DIGITS_OF_KEY
    ]
    return "-".join([*(words or ["source"]), *([year[0]] if year else []), digest])


def csl_item(source: Source) -> dict[str, object]:
    """Return a source as an item of CSL-JSON, with its citation key as `id`.

    The format: <https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html>.

    Args:
        source: The source.
    """
    published = source.published
    item = {
        "id": citation_key(source),
        "type": _csl_type(source),
        "title": source.title,
        "container-title": source.container,
        "author": None if source.author is None else [{"literal": source.author}],
        "issued": None if published is None else _issued(published),
        "URL": source.url,
    }
    return {name: part for name, part in item.items() if part is not None}


def _csl_type(source: Source) -> str:
    """Return the type of CSL that fits what is known of a source.

    A type decides how styles print it. `article` would be a preprint.
    """
    if source.container is None:
        return "document" if source.url is None else "webpage"
    # Newspapers are cited by the day; journals by the volume, or the year.
    out = source.published
    is_dated = out is not None and out.earliest_start == out.latest_start
    is_daily = is_dated and not _VOLUME.search(source.container)
    return "article-newspaper" if is_daily else "article-journal"


def _issued(published: Edtf) -> dict[str, object]:
    text = str(published)
    # CSL has one `circa` for the whole date, and none for one end of it.
    bare = text.removesuffix("~")
    dates = bare.split("/")
    parts = [date.split("-") for date in dates if _PLAIN.fullmatch(date)]
    numbers = [[int(part) for part in date] for date in parts if date[0]]
    # CSL has no seasons in date-parts: 21 would be read as a month.
    is_plain = len(numbers) == len(dates) and all(n[1:2] < [_SEASON] for n in numbers)
    if not is_plain or (bare != text and len(dates) > 1):
        return {"literal": text}
    return {"date-parts": numbers} | ({"circa": True} if bare != text else {})
