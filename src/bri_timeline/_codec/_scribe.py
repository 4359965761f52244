"""Lines of entries, written and proved many at once: no part of them twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct

from bri_timeline._codec._json import LARGEST, written
from bri_timeline._codec._lines import (
    citations_in,
    citations_raw,
    instant_in,
    instant_text,
    write,
)
from bri_timeline._codec._quick import edtf, trusting
from bri_timeline._codec._sure import is_exact, sure
from bri_timeline._codec._unknown import Unknown
from bri_timeline._codec._vocabulary import Vocabulary
from bri_timeline._events import Event
from bri_timeline._evidence import Citation
from bri_timeline.edtf import Edtf


__all__ = ["Scribe", "check_equal", "line_of", "recorded"]

_LONGEST_DATE = 64
_LONGEST_KEPT = 2048
_LAST_DATE = date.max.toordinal()

Cite = tuple[Citation, ...]
_Write = Callable[[object], bytes | None]


class Hand(Struct, frozen=True):
    """How payloads of a class are written.

    Attributes:
        kind: The name of the class.
        version: Its version.
        opening: What the JSON of such an event begins with.
        write: From a payload to its JSON; None where it might not come back equal.
        is_exact: Whether equal payloads give equal JSON.
    """

    kind: str
    version: int
    opening: bytes
    write: _Write
    is_exact: bool


class Scribe:
    """What writes events.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._hands: dict[type, Hand] = {}

    def said(self, event: Event) -> tuple[Hand, bytes, bytes] | None:
        """Return how an event is said in the line of an entry.

        Returns:
            How payloads of its class are written, its payload as JSON, and all of it;
            None where it takes care to tell whether it would come back equal.

        Raises:
            VocabularyError: The payload is of no class of the vocabulary.
        """
        what, name = event.what, event.key
        hand = self._hands.get(what.__class__) or self._hand(what)
        try:
            data = hand.write(what)
            if data is None:
                return None
            text = hand.opening + data + _when(event.when)
            if isinstance(name, str):
                text += b',"id":' + write(name)
            return hand, data, text + _cited(event.cite)
        except Exception:  # converters are anybody's code; the careful way tells
            return None

    def _hand(self, what: object) -> Hand:
        cls: type = type(what)
        vocabulary = self._vocabulary
        name, version = vocabulary.name_of(what), vocabulary.version_of(what)
        opening = b'{"kind":%b,"version":%d,"what":' % (write(name), version)
        if isinstance(what, Unknown):
            return Hand(name, version, opening, _carefully, is_exact=True)
        hand = Hand(name, version, opening, _writer(cls), is_exact(cls))
        self._hands[cls] = hand
        return hand


def _writer(cls: type) -> _Write:
    write, make = sure(cls), trusting(cls)
    if write is not None:
        return write
    if make is None:
        return _carefully

    def proved(what: object) -> bytes | None:
        data = written(what)
        return data if make(data) == what else None

    return proved


def _carefully(_what: object) -> None:
    return None


class _TooLongError(Exception):
    """What is not worth keeping."""


def _when(when: Edtf) -> bytes:
    try:
        return _kept_date(when)
    except _TooLongError as error:
        return bytes(error.args[0])


@lru_cache(maxsize=1 << 15)
def _kept_date(when: Edtf) -> bytes:
    text = str(when)
    check_equal(edtf(text), when)
    return _worth(b',"when":' + write(text), _LONGEST_DATE)


def _cited(cite: Cite) -> bytes:
    try:
        return _kept(cite)
    except _TooLongError as error:
        return bytes(error.args[0])


@lru_cache(maxsize=1 << 12)
def _kept(cite: Cite) -> bytes:
    data = bytes(citations_raw(cite))
    check_equal(citations_in(data), cite)
    return _worth(b',"cite":%b}' % data if data else b"}", _LONGEST_KEPT)


def check_equal(again: object, given: object) -> None:
    """Make sure that something would come back equal.

    Raises:
        ValueError: It would not.
    """
    if again != given:
        msg = f"{given} would not come back equal"
        raise ValueError(msg)


def _worth(text: bytes, most: int) -> bytes:
    if len(text) > most:
        raise _TooLongError(text)
    return text


# --- lines ----------------------------------------------------------------------------


def line_of(
    position: int, known: int | None, instant: bytes, said: bytes
) -> bytes | None:
    """Return the line of an entry that claims something and is no more than that.

    Args:
        position: Its position.
        known: The day from which it was known.
        instant: When it is written down, as `recorded()` gives it.
        said: What it claims, as a `Scribe` says it.

    Returns:
        None where it takes care to tell.
    """
    day = b"" if known is None else _known(known)
    found = b'{"position":%d%b%b,"event":%b}' % (position, day, instant, said)
    return found if len(found) <= LARGEST else None


@lru_cache(maxsize=1 << 12)
def _known(day: int) -> bytes:
    shown = date.fromordinal(day) if 1 <= day <= _LAST_DATE else day
    return b',"known":' + write(shown)


def recorded(instant: datetime) -> bytes:
    """Return an instant as it stands in a line.

    Raises:
        ValueError: It has no time zone, or would not come back equal.
    """
    text = instant_text(instant)
    check_equal(instant_in(text), instant)
    return b',"recorded_at":' + write(text)
