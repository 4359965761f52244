"""Entries that bear on one another, as a bucket has them: resolved by the library."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bri_timeline._bulk import trusted_entry
from bri_timeline._codec import Vocabulary
from bri_timeline._codec._trusting import decode_entries
from bri_timeline._events import Entry, Event
from bri_timeline._happenings import Happening
from bri_timeline._index import Wanted
from bri_timeline._log import EventLog
from bri_timeline._view import dyads
from bri_timeline.scale._arrow import pq
from bri_timeline.scale._claims import ALWAYS, NEVER
from bri_timeline.scale._manifest import Manifest, Pair
from bri_timeline.scale._question import Question


__all__ = ["Key", "Kinfolk", "Standing", "compact", "key_of"]

Key = tuple[float, float, int]


class Standing(NamedTuple):
    """An event that counts.

    Attributes:
        key: Its place in fold order.
        event: The event.
    """

    key: Key
    event: Event


def key_of(last: int, first: int, position: int) -> Key:
    """Return a place in fold order from what a row has."""
    return _day(last), _day(first), position


def _day(number: int) -> float:
    if number == ALWAYS:
        return -math.inf
    return math.inf if number == NEVER else number


class Kinfolk:
    """The entries of a bucket that bear on one another, each with all of its family.

    Args:
        folder: The dataset.
        manifest: What there is of the bucket.
        vocabulary: The payload classes.

    Attributes:
        positions: Their positions in the dataset, in order.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, vocabulary: Vocabulary
    ) -> None:
        found: dict[int, str] = {}
        for one in manifest.kin:
            table = pq.read_table(
                one.file(folder).verified(), columns=["position", "line"]
            )
            positions, lines = (column.to_pylist() for column in table.columns)
            found.update(zip(positions, lines, strict=True))
        self.positions = sorted(found)
        lines = [found[position] for position in self.positions]
        self._log = compact(decode_entries(lines, vocabulary))

    def standing(
        self,
        asked: Question,
        reads: tuple[type, ...] | None = None,
        *parties: str,
        undecided: bool = False,
    ) -> dict[Pair, list[Standing]]:
        """Return what counts for each pair of parties, in fold order.

        Args:
            asked: The question.
            reads: Only payloads of these classes; None for any.
            parties: Only what involves all of these.
            undecided: Also what may have happened.
        """
        found: dict[Pair, list[Standing]] = {}
        log = self._log.among(*parties)
        for happening in self._happenings(log, asked, reads, undecided):
            last, first, place = happening.certainty_order()
            key = last, first, self.positions[place]
            for pair in dyads(happening.event):
                found.setdefault(pair, []).append(Standing(key, happening.event))
        return found

    def _happenings(
        self,
        log: EventLog,
        asked: Question,
        reads: tuple[type, ...] | None,
        undecided: bool,
    ) -> Iterator[Happening]:
        known_by = asked.known_by
        if isinstance(known_by, int):
            known_by = bisect_right(self.positions, known_by) - 1
            if known_by < 0:
                return
        view = log.as_of(asked.on, known_by, prefer=asked.prefer)
        yield from view._certain(Wanted(log._rules, reads))
        if undecided:
            yield from view._undecided(Wanted(log._rules, reads))

    def related(self, log: Callable[[EventLog], EventLog]) -> list[Entry]:
        """Return the families in which anything is in a selection.

        Args:
            log: Selects.
        """
        families = self._log._trunk.families
        found: set[int] = set()
        for entry in log(self._log):
            family = families.get(entry.position)
            found.update((entry.position,) if family is None else family.members)
        place = self.positions.__getitem__
        return [_moved(self._log[number], place) for number in sorted(found)]


def compact(entries: Sequence[Entry]) -> EventLog:
    """Return a log of some entries, with all that they bear on; numbered anew."""
    places = {entry.position: place for place, entry in enumerate(entries)}
    return EventLog(_moved(entry, places.__getitem__) for entry in entries)


def _moved(entry: Entry, place: Callable[[int], int]) -> Entry:
    return trusted_entry(
        place(entry.position),
        entry.event,
        entry.known_day,
        None if entry.supersedes is None else place(entry.supersedes),
        None if entry.retracts is None else place(entry.retracts),
        entry.because,
        entry.recorded_at,
    )
