"""Cells of rows, each decoded once, and the values to store for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from itertools import compress
from typing import Any, NamedTuple

import msgspec
from attrs import frozen

from bri_timeline import Event, Place, Unknown, Vocabulary, dyads
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EventError
from bri_timeline.extend import ColumnCodec, parts
from bri_timeline.formats.arrow import citations_of, place_in
from bri_timeline.scale._manifest import NONE, Pair, bucket_of


# Days beyond this are clipped in columns; their entries are ordered in memory.
FURTHEST = 1 << 62
NEVER = (1 << 63) - 1
ALWAYS = -NEVER
LAST_DATE = 3_652_059
_MOST_KEPT = 1 << 17
_SOME_DAY = Edtf("2000-01-01")
_ANY = Unknown("any", 1, b"{}")
# All that an event reads of its payload.
_READ = ("parties", "affair_of", "refers_to")


def clipped(day: float | None) -> int:
    """Return a day as a 64-bit number; `ALWAYS` for None or minus infinity."""
    if day is None or day == -math.inf:
        return ALWAYS
    return NEVER if day == math.inf else int(max(-FURTHEST, min(day, FURTHEST)))


def is_too_far(day: float | None) -> bool:
    """Return whether a day lies too far off for a column."""
    return day is not None and not math.isinf(day) and abs(day) > FURTHEST


def payload_value(kind: str, version: str, data: str) -> str:
    """Return the stored text of a payload."""
    return f"{version}\n{len(kind)}\n{kind}{data}"


def split_value(value: str) -> tuple[str, str, str]:
    """Return the version, the kind and the data of a stored payload."""
    version, length, rest = value.split("\n", 2)
    size = int(length)
    return version, rest[:size], rest[size:]


def by_kind(
    values: Iterable[str],
) -> dict[tuple[str, str], tuple[list[int], list[str]]]:
    """Return the places and the data of stored payloads, by version and kind."""
    found: dict[tuple[str, str], tuple[list[int], list[str]]] = {}
    head, size = "\0", 0  # a value never begins with this
    places, some = list[int](), list[str]()
    for place, value in enumerate(values):
        # Values of one kind begin with the same text, and no others do.
        if not value.startswith(head):
            version, kind, data = split_value(value)
            size = len(value) - len(data)
            head = value[:size]
            places, some = found.setdefault((version, kind), ([], []))
        places.append(place)
        some.append(value[size:])
    return found


def payloads(vocabulary: Vocabulary) -> Callable[[Sequence[str]], list[object]]:
    """Return a decoder of stored payloads."""
    codec = ColumnCodec(vocabulary)
    maker = lru_cache(None)(
        lambda kind, version: codec.payload_reader(kind, int(version))
    )

    def decode(values: Sequence[str]) -> list[object]:
        made: dict[int, object] = {}
        for (version, kind), (places, some) in by_kind(values).items():
            found = maker(kind, version)(some)
            if len(found) == len(some) == len(values):
                return found  # all are of one kind, which is the usual case
            made.update(zip(places, found, strict=True))
        return [*map(made.__getitem__, range(len(values)))]

    return decode


_Read = Callable[[Sequence[str]], list[object]]


def _reader(vocabulary: Vocabulary, kind: str, version: str) -> _Read | None:
    """Return a decoder of a kind, None if each payload needs one of its own."""
    if not version or kind not in vocabulary:
        return None
    read = ColumnCodec(vocabulary).batch_payload_reader(kind, int(version))
    return read and partial(_checked, read, vocabulary.classes[kind])


def _checked(read: _Read, cls: type, some: Sequence[str]) -> list[object]:
    """Decode payloads, and check that they cannot change.

    Raises:
        TypeError: The constructor of a class has made an instance of another.
    """
    found = read(some)
    if {*map(type, found)} - {cls}:
        raise TypeError(cls)
    for what in found:
        Event(what, when=_SOME_DAY)
    return found


def pairs_of_event(event: Event) -> tuple[Pair, ...]:
    """Return the pairs of parties of an event; a lone party pairs with itself."""
    pairs, some = dyads(event), event.affair_of
    return (*pairs, *((one, one) for one in some)) if len(some) == 1 else pairs


class PairNumbers:
    """The number of each pair of parties.

    Args:
        buckets: Number of buckets.
        numbers: The pairs of earlier writings.

    Attributes:
        new: New pairs: number, both parties, bucket.
        found: How many of the new pairs have two different parties.
    """

    def __init__(self, buckets: int, numbers: dict[Pair, int]) -> None:
        self._buckets = buckets
        self._numbers = numbers
        self._found: dict[Pair, tuple[int, int]] = {}
        self.new: list[tuple[int, str, str, int]] = []
        self.found = 0

    def named(self) -> list[Pair]:
        """Return all pairs, by their numbers."""
        return sorted(self._numbers, key=self._numbers.__getitem__)

    def numbered(self, pair: Pair) -> tuple[int, int]:
        """Return the number of a pair and its bucket; a new pair gets a new number."""
        found = self._found.get(pair)
        if found is None:
            bucket = bucket_of(pair, self._buckets)
            number = self._numbers.get(pair)
            if number is None:
                number = self._numbers[pair] = len(self._numbers)
                self.new.append((number, *pair, bucket))
                self.found += pair[0] != pair[1]
            found = self._found[pair] = number, bucket
        return found


@frozen(eq=False)
class Belonging:
    """The relationships to which a payload belongs.

    Attributes:
        relations: Numbers of the relationships; `NONE` if there is none.
        buckets: The bucket of each.
        parties: The parties, in order; None if they are those of its only relationship.
        refers_to: Ids of the events that the payload refers to.
    """

    relations: Sequence[int]
    buckets: Sequence[int]
    parties: Sequence[str] | None
    refers_to: tuple[str, ...]


class Payload(NamedTuple):
    """The payload of a row.

    Attributes:
        value: Its stored text.
        belonging: Its relationships; mostly the same object for those with the same.
    """

    value: str
    belonging: Belonging


class When(NamedTuple):
    """The date of a row.

    Attributes:
        value: Its stored text.
        date: The date.
        first: The earliest day on which it can begin.
        last: The latest such day.
        is_too_far: Whether one of these does not fit into a column.
    """

    value: str
    date: Edtf
    first: int
    last: int
    is_too_far: bool


class Cited(NamedTuple):
    """The citations of a row.

    Attributes:
        value: Their stored text; None if there are none.
        known: The day by which the earliest source had appeared.
    """

    value: str | None
    known: int


class Located(NamedTuple):
    """The place of a row.

    Attributes:
        value: Its stored text.
        where: The place.
    """

    value: str
    where: Place


class CellReader:
    """Decodes the cells of rows; equal cells are decoded once.

    Args:
        vocabulary: The payload classes.
        relations: The numbers of pairs of parties.
    """

    def __init__(self, vocabulary: Vocabulary, relations: PairNumbers) -> None:
        self._vocabulary = vocabulary
        self._relations = relations
        self._codec = ColumnCodec(vocabulary)
        self._read = lru_cache(None)(partial(_reader, vocabulary))
        self._odd: dict[str, Payload] = {}
        self._cited: dict[bytes, Cited] = {}
        self._belongings: dict[tuple[object, ...], Belonging] = {}
        self._by_parties: dict[tuple[str, str], Belonging | None] = {}
        self.when: Callable[[str], When] = lru_cache(_MOST_KEPT)(_when)

    def version(self, kind: str) -> str:
        """Return the version that payloads of a kind have now; empty if unknown."""
        cls = self._vocabulary.classes.get(kind)
        return (
            "" if cls is None else str(1 + len(self._vocabulary.upcasts.get(cls, ())))
        )

    def belongings(self, values: Sequence[str]) -> list[Belonging | None]:
        """Return the relationships of payloads that are stored as they are given.

        None stands for the others, such as those with spaces in their JSON, or with
        faults: ask for their `payload()`.
        """
        found: list[Belonging | None] = [None] * len(values)
        for (version, kind), (places, some) in by_kind(values).items():
            read = self._read(kind, version)
            if read is None:
                continue
            with suppress(Exception):  # decoding them one by one names the fault
                whats = read(some)
                same = self._codec.are_written_so(kind, some, whats)
                for place, what in compress(zip(places, whats, strict=True), same):
                    found[place] = self._belonging(what)
        return found

    def belongings_by_parties(
        self, kind: str, names: Sequence[str], read: Callable[[list[int]], list[str]]
    ) -> list[Belonging | None]:
        """Return the relationships of payloads of a kind by their parties.

        None as for `belongings()`.

        Args:
            kind: The kind, of which a payload says no more about relationships.
            names: The different parties as JSON.
            read: Returns the stored text of a payload for some of these.
        """
        known = self._by_parties
        if len(known) >= _MOST_KEPT:
            known.clear()
        keys = [(kind, name) for name in names]
        new = [place for place, key in enumerate(keys) if key not in known]
        if new:
            found = self.belongings(read(new))
            known.update(zip([keys[place] for place in new], found, strict=True))
        return [*map(known.__getitem__, keys)]

    def payload(self, value: str) -> Payload:
        """Return the payload of a row.

        Raises:
            BriTimelineError: It is not a payload of the vocabulary.
        """
        if value not in self._odd:
            # Cleared as a whole: counting uses would cost more than decoding again.
            if len(self._odd) >= _MOST_KEPT:
                self._odd.clear()
            self._odd[value] = self._payload(value)
        return self._odd[value]

    def _payload(self, value: str) -> Payload:
        version, kind, data = split_value(value)
        number = int(version) if version else None
        what = self._vocabulary.decode(kind, data, number, unknown_ok=True)
        Event(what, when=_SOME_DAY)  # refuses a payload that could change
        # Stored as `encode()` writes it, so that readers can decode it in batches; a
        # constructor may have made an instance of another class.
        kind = self._vocabulary.name_of(what)
        text = self._vocabulary.encode(what).decode()
        version = str(self._vocabulary.version_of(what))
        kept = payload_value(kind, version, text)
        return Payload(kept, self._belonging(what))

    def _belonging(self, what: object) -> Belonging:
        key = tuple(getattr(what, name, None) for name in _READ)
        try:
            found = self._belongings.get(key)
        except TypeError:  # a property may return a list, which an event overlooks
            return self._related(what)
        if found is None:
            if len(self._belongings) >= _MOST_KEPT:
                self._belongings.clear()
            found = self._belongings[key] = self._related(what)
        return found

    def _related(self, what: object) -> Belonging:
        event = Event(what, when=_SOME_DAY, id="any")
        pairs = pairs_of_event(event)
        numbers = map(self._relations.numbered, pairs)
        relations, buckets = zip(*([*numbers] or [(NONE, 0)]), strict=True)
        is_pair = len(pairs) == 1 and {*pairs[0]} == event.parties
        parties = None if is_pair else sorted(event.parties)
        return Belonging(relations, buckets, parties, tuple(event.refers_to))

    def release(self, value: str) -> str | None:
        """Return the stored text of a release.

        Raises:
            ValueError: It is not a release.
        """
        kind = parts.Kind.RELEASE
        return self._codec.text_of(kind, self._codec.value_in(kind, value))

    def erased(self, value: str) -> tuple[str, str | None]:
        """Return the stored text of what is left of erased words, and their id.

        Raises:
            ValueError: It is something else.
        """
        left = self._codec.value_in(parts.Kind.ERASED, value)
        return self._codec.text_of(parts.Kind.ERASED, left), left.id

    def located(self, cell: Any) -> Located | None:
        """Return the place of a row.

        Raises:
            BriTimelineError: The cell is not a place.
        """
        where = place_in(cell)
        if where is None:
            return None
        return Located(self._codec.text_of(parts.Kind.PLACE, where), where)

    def cited(self, cell: Any) -> Cited:
        """Return the citations of a row.

        Raises:
            BriTimelineError: A source cannot be stored.
        """
        # A cell has no hash. Batches have most sources in common.
        key = msgspec.json.encode(cell)
        if key not in self._cited:
            if len(self._cited) >= _MOST_KEPT:
                self._cited.clear()
            self._cited[key] = self._of_citations(cell)
        return self._cited[key]

    def _of_citations(self, cell: Any) -> Cited:
        event = Event(_ANY, when=_SOME_DAY, cite=citations_of(cell))
        known = event.known_day
        if is_too_far(known):
            raise EventError(known, "is a day of publication too far off to be kept")
        text = self._codec.text_of(parts.Kind.CITATIONS, event.cite)
        return Cited(text or None, clipped(known))


def _when(text: str) -> When:
    date = Edtf(text)
    if date.is_several:
        problem = "is several days: record one event for each"
        raise EventError(text, problem)
    first, last = date.earliest_start, date.latest_start
    is_far = is_too_far(first) or is_too_far(last)
    return When(str(date), date, clipped(first), clipped(last), is_far)
