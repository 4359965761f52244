"""Sources, and citations of places in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from attrs import Attribute, field, frozen

from bri_timeline._text import AsDict, brief, fields_of, one_line
from bri_timeline.edtf import Edtf, to_edtf
from bri_timeline.errors import EventError


# Sources are repeated many times. Equal ones are shared, as they are immutable: a large
# log takes much less memory.
_SHARED_CITATIONS = 1 << 15
_DIGEST = re.compile("sha256:[0-9a-f]{64}").fullmatch


def _optional_edtf(value: Edtf | str | date | None) -> Edtf | None:
    return None if value is None else to_edtf(value)


def _check_text(_source: object, part: Attribute[Any], text: str | None) -> None:
    is_left_out = text is None and part.default is None
    if not (is_left_out or isinstance(text, str)):
        raise EventError(text, f"is not text: give the {part.name} as text")


def _check_digest(source: object, part: Attribute[Any], digest: str | None) -> None:
    _check_text(source, part, digest)
    if digest is not None and not _DIGEST(digest):
        problem = "is not a digest: give what evidence.digest(text) returns"
        raise EventError(digest, problem)


@frozen(repr=False, cache_hash=True, weakref_slot=False)
class Source(AsDict):
    """A document: an article, a report, a table, an interview.

    Details that are unknown stay None; they are never filled in.

    >>> Source("Eurasia Daily Monitor 16:62", published="2019-05").at("para 4")
    Citation(Source('Eurasia Daily Monitor 16:62', published=Edtf('2019-05')), 'para 4')

    Args:
        title: What it is called.
        published: When it appeared (EDTF, text of it, or a day). Its latest possible
            day is the day by which its content was known.
        container: What it appeared in: a newspaper, a volume. It is then called by
            that.
        author: Who wrote it.
        url: Where it can be read.
        accessed: When it was read there (EDTF, text of it, or a day).
        archived: Where a copy is kept that does not change.
        digest: The digest of its text, from `evidence.digest()`: a document that has
            changed since has another one.

    Raises:
        EventError: *digest* is not a digest, or another detail is not text.
    """

    title: str = field(validator=_check_text)
    published: Edtf | None = field(default=None, converter=_optional_edtf, kw_only=True)
    container: str | None = field(default=None, kw_only=True, validator=_check_text)
    author: str | None = field(default=None, kw_only=True, validator=_check_text)
    url: str | None = field(default=None, kw_only=True, validator=_check_text)
    accessed: Edtf | None = field(default=None, converter=_optional_edtf, kw_only=True)
    archived: str | None = field(default=None, kw_only=True, validator=_check_text)
    digest: str | None = field(default=None, kw_only=True, validator=_check_digest)

    def at(self, locator: str, quote: str | None = None) -> Citation:
        """Return a citation of one place in it.

        Args:
            locator: The place: `para 4`, `p. 12`, `table 3`.
            quote: The words there.
        """
        return Citation(self, locator, quote)

    def __repr__(self) -> str:
        return brief(self)

    def __str__(self) -> str:
        name = self.container or self.title
        return one_line(
            name if self.published is None else f"{name} ({self.published})"
        )

    @property
    def known_day(self) -> int | None:
        """The number of the day by which it had certainly appeared, if known."""
        return None if self.published is None else self.published.last_day


@frozen(repr=False, cache_hash=True, weakref_slot=False)
class Citation(AsDict):
    """A place in a source. A citation points; a source is.

    Args:
        source: The document.
        locator: The place in it; empty for the whole.
        quote: The words there on which a claim rests, as `evidence.find()` finds them.

    Attributes:
        known_day: The number of the day by which the source had certainly appeared, if
            known. Kept here, where a million of them are read soonest.

    Raises:
        EventError: *source* is not a `Source`, *locator* or *quote* is not text, or
            *quote* has no words.
    """

    source: Source
    locator: str = ""
    quote: str | None = None
    known_day: int | None = field(default=None, init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.source, Source):
            raise EventError(self.source, "is not a source: give a Source")
        if not isinstance(self.locator, str):
            problem = "is not text: give the locator as text, such as 'para 4'"
            raise EventError(self.locator, problem)
        if self.quote is not None:
            if not isinstance(self.quote, str):
                raise EventError(self.quote, "is not text: give the quote as text")
            if not self.quote.strip():
                raise EventError(self.quote, "has no words: give a quote, or None")
        object.__setattr__(self, "known_day", self.source.known_day)

    def __repr__(self) -> str:
        return brief(self)

    def _plain_data(self) -> dict[str, object]:
        place = {"locator": self.locator, "quote": self.quote}
        return {**dict(fields_of(self.source)), **place}

    def __str__(self) -> str:
        place = f", {one_line(self.locator)}" if self.locator else ""
        return f"{self.source}{place}"


def to_citations(
    cite: Source | Citation | Iterable[Source | Citation],
) -> tuple[Citation, ...]:
    """Return citations as a tuple in which none is repeated.

    Args:
        cite: A source, a citation, or several of them.

    Raises:
        EventError: Something else is among them.
    """
    if isinstance(cite, Source | Citation):
        return _shared_citation(cite)
    if isinstance(cite, str) or not isinstance(cite, Iterable):
        raise EventError(
            cite, "is not a citation: give a Source, or source.at('para 4')"
        )
    citations: dict[Citation, None] = {}
    for item in cite:
        if isinstance(item, Source):
            citations[Citation(item)] = None
        elif isinstance(item, Citation):
            citations[item] = None
        else:
            raise EventError(
                item, "is not a citation: give a Source, or source.at('para 4')"
            )
    # Most events of a log rest on one of few places.
    return _shared_citation(*citations) if len(citations) == 1 else tuple(citations)


def out_by(cite: Iterable[Citation], day: float) -> tuple[Citation, ...]:
    """Return the citations of sources that were out by a day, or have no day."""
    return tuple(c for c in cite if c.known_day is None or c.known_day <= day)


@lru_cache(_SHARED_CITATIONS)
def _shared_citation(cite: Source | Citation) -> tuple[Citation, ...]:
    return (Citation(cite) if isinstance(cite, Source) else cite,)
