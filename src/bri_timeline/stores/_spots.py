"""What finds an entry in a database: its topic and first day, as one number."""

from __future__ import annotations

import msgspec

from bri_timeline.stores._rows import Row, Topic


__all__ = [
    "DAYS",
    "Cells",
    "Topics",
    "as_text",
    "cells_of",
    "place_of",
    "spot_of",
    "topic_cells",
]

Cells = tuple[object, ...]
# Days beyond some 23,000 years count as the last of them.
DAYS = 1 << 24
_HALF = DAYS >> 1


class Topics:
    """The numbers of topics, as far as a connection has met them.

    Numbers that a transaction gave out are forgotten if it is undone; and all of them
    when somebody erases an entry, and with it a topic that no other entry has.

    Attributes:
        known: The numbers.
        erasures: How many entries had been erased when they were learned.
        erasing: Whether to overwrite what was erased, after this transaction.
    """

    def __init__(self) -> None:
        self.known: dict[Topic, int] = {}
        self.erasures = 0
        self.erasing = False
        self._new: list[Topic] = []

    def learn(self, topic: Topic, number: int) -> None:
        """Remember the number of a topic."""
        self.known[topic] = number
        self._new.append(topic)

    def begin(self) -> None:
        """Begin a transaction."""
        self.erasing = False

    def settle(self, *, kept: bool) -> None:
        """End a transaction."""
        if not kept:
            for topic in self._new:
                self.known.pop(topic, None)
        self._new.clear()


def as_text(value: object) -> str:
    """Return a value as JSON, which has no character that a database refuses."""
    return msgspec.json.encode(value).decode()


def cells_of(row: Row, numbers: dict[Topic, int]) -> Cells:
    """Return a row as the table of entries has it."""
    position, line, digest = row.position, row.line, row.digest
    claim = row.claim
    if claim is None:
        return position, line, digest, None, 0, row.known, None, row.target
    spot = spot_of(numbers[claim.topic], claim.first)
    return position, line, digest, spot, claim.key, row.known, row.name, row.target


def topic_cells(topic: Topic) -> Cells:
    """Return a topic as the table of topics has it, but for its number."""
    return as_text(topic.kind), topic.version, as_text(sorted(topic.parties))


def place_of(first: float) -> int:
    """Return where a day lies among those that are told apart."""
    return int(min(max(first, -_HALF), _HALF - 1)) + _HALF


def spot_of(topic: int, first: int) -> int:
    """Return a topic and a first day as one number, in the order of both."""
    place = first if -_HALF <= first < _HALF else place_of(first) - _HALF
    return topic * DAYS + place + _HALF
