"""The parts of an entry: the one place that lists them.

Lines, columns, tables, the search for faults and schemas are derived from these lists.
Each derivation has one form for each kind of part. A text that is added here, and to
its class, is kept by all of them, and so are texts of an entry. A kind that a list has
not had before is refused by the derivations that have no form for it there yet.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """The kind of the values of a part, which decides their form in files."""

    TEXT = auto()
    TEXTS = auto()
    NUMBER = auto()  # from 0
    VERSION = auto()  # from 1
    DEGREES = auto()
    DAY = auto()  # a number, and in files ISO text where that exists
    DATE = auto()  # EDTF
    INSTANT = auto()  # UTC, to the microsecond
    TIME = auto()  # an instant in the zone in which it was given
    WHAT = auto()  # the fields of a payload
    PLACE = auto()
    SOURCE = auto()
    CITATIONS = auto()
    EVENT = auto()
    REVIEW = auto()
    RELEASE = auto()
    ERASED = auto()
    ENTRY = auto()


# Parts with parts of their own, as objects in a line.
INNER = frozenset({Kind.EVENT, Kind.REVIEW, Kind.RELEASE, Kind.ERASED})


class Part(NamedTuple):
    """A part of an entry, or of one of its parts.

    Attributes:
        name: Its name in files, and as an argument of the constructor.
        kind: The kind of its values.
        default: The value that is left out of files; an ellipsis if it is always there.
        attribute: The attribute that holds it, if that has another name.
    """

    name: str
    kind: Kind
    default: object = None
    attribute: str = ""

    @property
    def path(self) -> str:
        """The attribute that holds it."""
        return self.attribute or self.name


SOURCE = (
    Part("title", Kind.TEXT, ...),
    Part("published", Kind.DATE),
    Part("container", Kind.TEXT),
    Part("author", Kind.TEXT),
    Part("url", Kind.TEXT),
    Part("accessed", Kind.DATE),
    Part("archived", Kind.TEXT),
    Part("digest", Kind.TEXT),
)
CITATION = (
    Part("source", Kind.SOURCE, ...),
    Part("locator", Kind.TEXT, ""),
    Part("quote", Kind.TEXT),
)
PLACE = (
    Part("name", Kind.TEXT, ""),
    Part("latitude", Kind.DEGREES),
    Part("longitude", Kind.DEGREES),
    Part("precision", Kind.TEXT),
)
# The payload of an event, with its name and version in the vocabulary.
PAYLOAD = (
    Part("kind", Kind.TEXT, ..., "what"),
    Part("version", Kind.VERSION, ..., "what"),
    Part("what", Kind.WHAT, ...),
)
# What an event has beside its payload.
BESIDE = (
    Part("when", Kind.DATE, ...),
    Part("where", Kind.PLACE),
    # None of an event that has a digest of its content for an id.
    Part("id", Kind.TEXT, attribute="_id"),
    Part("cite", Kind.CITATIONS, ()),
)
EVENT = (*PAYLOAD, *BESIDE)
TEXTS = tuple(part for part in BESIDE if part.kind is Kind.TEXT)
REVIEW = (
    Part("by", Kind.TEXT, ...),
    Part("supersedes", Kind.NUMBER),
    Part("accepts", Kind.NUMBER),
    Part("rejects", Kind.NUMBER),
    Part("proposes", Kind.EVENT),
)
RELEASE = (
    Part("kinds", Kind.TEXTS, (), "covers.kinds"),
    Part("parties", Kind.TEXTS, (), "covers.parties"),
    Part("any_of", Kind.TEXTS, (), "covers.any_of"),
    Part("days", Kind.DATE, attribute="covers.days"),
    Part("repeats", Kind.TEXTS, ()),
    Part("instant", Kind.TIME),
    Part("unread", Kind.TEXTS, ()),
)
ERASED = (
    Part("words", Kind.TEXT),
    Part("id", Kind.TEXT),
    Part("line", Kind.TEXT),
    Part("because", Kind.TEXT),
    Part("at", Kind.INSTANT),
)
ENTRY = (
    Part("position", Kind.NUMBER, ...),
    Part("known", Kind.DAY, attribute="known_day"),
    Part("supersedes", Kind.NUMBER),
    Part("retracts", Kind.NUMBER),
    Part("because", Kind.TEXT),
    Part("recorded_at", Kind.INSTANT),
    Part("review", Kind.REVIEW),
    Part("dataset", Kind.TEXT),
    Part("release", Kind.RELEASE),
    Part("erased", Kind.ERASED),
    Part("event", Kind.EVENT),
)
# The parts that have columns in files of a dataset. Whoever reads them need not know
# what a proposal is.
COLUMNS = (*(p for p in ENTRY if p.kind not in {Kind.EVENT, Kind.REVIEW}), *EVENT)
