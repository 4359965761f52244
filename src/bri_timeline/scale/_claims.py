"""What the cells of rows say, each worked out once, and the words that keep it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from bri_timeline._codec import Unknown, Vocabulary
from bri_timeline._codec._lines import citations_raw
from bri_timeline._codec._quick import edtf
from bri_timeline._events import Event
from bri_timeline._view import dyads
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EventError
from bri_timeline.formats._arrow_rows import citations_of
from bri_timeline.scale._manifest import NONE, Pair, bucket_of


__all__ = [
    "ALWAYS",
    "FURTHEST",
    "NEVER",
    "Claims",
    "Payload",
    "Relations",
    "clipped",
    "is_apart",
    "parted",
    "word_of",
]

# Days further off than this are told apart by the library, and not in columns.
FURTHEST = 1 << 62
NEVER = (1 << 63) - 1
ALWAYS = -NEVER
_LAST_DATE = 3_652_059
_MOST_KEPT = 1 << 17


def clipped(day: float | None) -> int:
    """Return a day as a number of 64 bits; None for what is so all along."""
    if day is None or day == -math.inf:
        return ALWAYS
    return NEVER if day == math.inf else int(max(-FURTHEST, min(day, FURTHEST)))


def is_apart(day: float | None) -> bool:
    """Tell whether a day is too far off for a column."""
    return day is not None and not math.isinf(day) and abs(day) > FURTHEST


def _day_text(day: int) -> str | None:
    """Return a day of the years 1 to 9999 as EDTF has it, None for others."""
    if not 1 <= day <= _LAST_DATE:
        return None
    return date.fromordinal(day).isoformat()


def word_of(kind: str, version: int | str, data: str) -> str:
    """Return a payload as one text."""
    return f"{version}\n{len(kind)}\n{kind}{data}"


def parted(word: str) -> tuple[str, str, str]:
    """Return the version, the kind and the data of a payload from its text."""
    version, length, rest = word.split("\n", 2)
    size = int(length)
    return version, rest[:size], rest[size:]


class Relations:
    """The pairs of parties that there are, each with its number.

    Args:
        buckets: How many buckets there are.
        numbers: The pairs that were there before.
    """

    def __init__(self, buckets: int, numbers: dict[Pair, int]) -> None:
        self.buckets = buckets
        self._numbers = numbers
        self.new: list[tuple[int, str, str, int]] = []

    def numbered(self, pair: Pair) -> int:
        """Return the number of a pair, a new one if it is new."""
        number = self._numbers.get(pair)
        if number is None:
            number = self._numbers[pair] = len(self._numbers)
            self.new.append((number, *pair, bucket_of(pair, self.buckets)))
        return number


class Payload(NamedTuple):
    """What a row claims.

    Attributes:
        word: How it is kept.
        what: The payload.
        relations: The relationships that it belongs to; `NONE` if there is none.
        buckets: The bucket of each.
    """

    word: str
    what: object
    relations: Sequence[int]
    buckets: Sequence[int]


class When(NamedTuple):
    """When that happened.

    Attributes:
        word: How it is kept; None for a day of the years 1 to 9999.
        date: The date.
        first: The first day on which it can begin.
        last: The last one.
        is_apart: Whether these are too far off.
    """

    word: str | None
    date: Edtf
    first: int
    last: int
    is_apart: bool


class Cited(NamedTuple):
    """Where that is said.

    Attributes:
        word: How it is kept; None if nowhere.
        known: By which day the earliest of the sources had appeared.
    """

    word: str | None
    known: int


class Claims:
    """What cells of rows say.

    Args:
        vocabulary: The payload classes.
        relations: Where pairs of parties are numbered.
    """

    def __init__(self, vocabulary: Vocabulary, relations: Relations) -> None:
        self._vocabulary = vocabulary
        self._relations = relations
        self.payload: Callable[[str], Payload] = lru_cache(_MOST_KEPT)(self._payload)
        self.when: Callable[[str], When] = lru_cache(_MOST_KEPT)(_when)

    def _payload(self, word: str) -> Payload:
        """Return what a row claims.

        Raises:
            BriTimelineError: It is no payload of the vocabulary.
        """
        version, kind, data = parted(word)
        number = int(version) if version else None
        what = self._vocabulary.decode(kind, data, number, unknown_ok=True)
        event = Event(what, when="2000")
        # One way to write it, which is read fast.
        encoded = data if isinstance(what, Unknown) else self._vocabulary.encode(what)
        text = encoded if isinstance(encoded, str) else encoded.decode()
        word = word_of(kind, self._vocabulary.version_of(what), text)
        pairs = dyads(event)
        if not pairs:
            return Payload(word, what, (NONE,), (0,))
        buckets = [bucket_of(pair, self._relations.buckets) for pair in pairs]
        return Payload(word, what, [*map(self._relations.numbered, pairs)], buckets)

    def cited(self, cell: Any) -> Cited:
        """Return where something is said.

        Raises:
            BriTimelineError: A source cannot be kept as it stands.
        """
        event = Event("", when="2000", cite=[*citations_of(cell)])
        known = event.known_day
        if is_apart(known):
            raise EventError(known, "is a day of publication too far off to be kept")
        raw = bytes(citations_raw(event.cite)).decode()
        return Cited(raw or None, clipped(known))


def _when(text: str) -> When:
    date = edtf(text)
    if date.is_several:
        problem = "is several days: record one event for each"
        raise EventError(text, problem)
    first, last = date.begins()
    near, far = clipped(first), clipped(last)
    word = None if first == last and _day_text(far) == str(date) else str(date)
    return When(word, date, near, far, is_apart(first) or is_apart(last))
