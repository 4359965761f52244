"""A format of another package: the lines of entries, and nothing around them."""

from __future__ import annotations

from pathlib import Path

from bri_timeline import EventLog, Vocabulary
from bri_timeline.errors import Fault, FaultsError
from bri_timeline.extend import (
    decode_entry,
    encode_entry,
    renumbered,
    replaced,
    require_log,
)
from bri_timeline.formats import Loss


NAMES = (".lines",)
KEEPS = ("log", "queue")


def dump(log: EventLog, path: str | Path, vocabulary: Vocabulary) -> tuple[Loss, ...]:
    """Write a log; of a part of one, entries move up."""
    entries = [*require_log(log)]
    places = {entry.position: place for place, entry in enumerate(entries)}
    with replaced(Path(path)) as file:
        for place, entry in enumerate(entries):
            line = encode_entry(renumbered(entry, place, places), vocabulary)
            file.write(line + b"\n")
    return tuple(
        Loss(f"entry {old}", f"its position is now {new}")
        for old, new in places.items()
        if old != new
    )


def load(path: str | Path, vocabulary: Vocabulary) -> EventLog:
    """Read a log."""
    entries, faults = [], list[Fault]()
    for number, line in enumerate(Path(path).read_bytes().splitlines(), 1):
        try:
            entries.append(decode_entry(line, vocabulary))
        except FaultsError as error:
            faults += [
                Fault(f"line {number}: {f.place}", f.problem) for f in error.faults
            ]
    if faults:
        raise FaultsError(str(path), faults)
    return EventLog(entries)
