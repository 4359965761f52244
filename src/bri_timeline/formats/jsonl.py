"""JSON Lines: the whole of a log, and the format to keep it in.

The first line says what the file is, and each other line is an entry:

```json
{"format":"bri_timeline","version":1,"entries":1,"digest":"5a1c..."}
{"position":0,"known":"2019-05-05","event":{"kind":"Joined","version":1,"what":{...}}}
```

Nothing is lost: corrections, retractions, days of knowledge, instants of recording, and
payloads of kinds that a vocabulary lacks, byte for byte. Equal logs give equal files.
`schema()` is the JSON Schema of a line. A path that ends in `.gz` is packed.

The digest is the SHA-256 of all other lines, each ended by a line feed, without empty
ones. By it a file is refused of which a bit was changed. Leave it out, with the number
of entries, if you change a file on purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import msgspec
from attrs import define, field

from bri_timeline._codec import Vocabulary, decode_entry, encode_entry
from bri_timeline._events import Entry
from bri_timeline._log import EventLog
from bri_timeline.errors import FaultsError, shown
from bri_timeline.formats._files import Faults, lines, replaced
from bri_timeline.formats._loss import Loss, numbered


__all__ = ["dump", "entries", "load", "schema"]

_NAME = "bri_timeline"
_VERSION = 1
_FIRST = f'begin the file with {{"format":"{_NAME}","version":{_VERSION}}}'


class _Head(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The first line."""

    format: str
    version: int
    entries: int | None = None
    digest: str | None = None


_head = msgspec.json.Decoder(_Head).decode


def dump(log: EventLog, path: str | Path, vocabulary: Vocabulary) -> tuple[Loss, ...]:
    """Write a log to a file, which is replaced as a whole or left as it was.

    Args:
        log: The log.
        path: The file.
        vocabulary: The payload classes.

    Returns:
        What was lost: nothing, except the positions of a log that is part of another.

    Raises:
        VocabularyError: A payload is of no class of the vocabulary, or is nothing that
            JSON can hold.
        EntryError: Something else in an entry cannot be kept.
        OSError: The file cannot be written.
    """
    kept, losses = numbered(log)
    written = [encode_entry(entry, vocabulary) for entry in kept]
    digest = hashlib.sha256()
    for line in written:
        digest.update(line + b"\n")
    head = _Head(_NAME, _VERSION, len(kept), digest.hexdigest())
    whole = (msgspec.json.encode(head), *written)
    with replaced(Path(path)) as file:
        file.writelines(b"%b\n" % line for line in whole)
    return tuple(losses)


def load(
    path: str | Path, vocabulary: Vocabulary, *, unknown_ok: bool = True
) -> EventLog:
    """Read a log from a file.

    Args:
        path: At most 1 GiB, unpacked too, and 1 MiB a line.
        vocabulary: The payload classes.
        unknown_ok: Payloads of other kinds, and of later versions, become `Unknown`;
            if not, they are faults.

    Raises:
        FaultsError: All that is wrong (or the first thousand things), each with its
            line and field.
        OSError: The file cannot be read.
    """
    return EventLog(entries(path, vocabulary, unknown_ok=unknown_ok))


def entries(
    path: str | Path, vocabulary: Vocabulary, *, unknown_ok: bool = True
) -> Iterator[Entry]:
    """Yield the entries of a file one by one, so that it need not fit into memory.

    After the first fault no more are yielded; the rest is read for further faults.

    Args:
        path: As for `load()`.
        vocabulary: The payload classes.
        unknown_ok: As for `load()`.

    Raises:
        FaultsError: When all is read, and something was wrong.
        OSError: The file cannot be read.
    """
    faults = Faults(str(path))
    reading = _Reading(faults)
    for number, line in lines(Path(path), faults):
        place = f"line {number}"
        if not line.strip() or (reading.head is None and reading.begins(place, line)):
            continue
        reading.digest.update(line.rstrip(b"\r\n") + b"\n")
        try:
            entry = decode_entry(line, vocabulary, unknown_ok=unknown_ok)
        except FaultsError as error:
            reading.count += 1
            if _is_text(line):
                faults.merge(place, error)
            else:
                faults.add(place, "is not in UTF-8: save the file in that encoding")
            continue
        reading.meet(place, entry)
        if not faults.found:
            yield entry
    reading.end()
    faults.check()


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


@define
class _Reading:
    """What was read so far, as far as the next lines depend on it."""

    faults: Faults
    head: _Head | None = None
    count: int = 0
    silent: set[int] = field(factory=set)
    digest: hashlib._Hash = field(factory=hashlib.sha256)

    def begins(self, place: str, line: bytes) -> bool:
        """Read the first line; tell whether it is the head."""
        self.head = _Head(_NAME, _VERSION)
        try:
            head = _head(line)
        except (msgspec.MsgspecError, ValueError):
            self.faults.add(place, f"does not say what the file is: {_FIRST}")
            return False
        if head.format != _NAME:
            problem = f"says that the format is {shown(head.format)}"
            self.faults.add(place, f"{problem}: {_FIRST}")
        elif head.version != _VERSION:
            problem = f"says that the version is {shown(head.version)}"
            self.faults.add(place, f"{problem}: this program reads {_VERSION}")
        self.head = head
        return True

    def meet(self, place: str, entry: Entry) -> None:
        """Make sure that an entry stands where it says, and refers to what it may."""
        position, self.count = self.count, self.count + 1
        if entry.position != position:
            problem = f"is {entry.position}: entries are in order, and here is"
            self.faults.add(f"{place}: position", f"{problem} {position}")
        if entry.retracts is not None:
            self.silent.add(position)
        for name in ("supersedes", "retracts"):
            target = getattr(entry, name)
            if target is not None and target >= position:
                problem = f"is {target}: name an entry above, which is entry {position}"
                self.faults.add(f"{place}: {name}", problem)
        if entry.supersedes in self.silent and entry.supersedes != position:
            problem = f"is {entry.supersedes}, a retraction, which claims nothing"
            self.faults.add(f"{place}: supersedes", f"{problem}: retract it instead")

    def end(self) -> None:
        """Make sure that all is there."""
        if self.head is None:
            self.faults.add("line 1", f"is missing: {_FIRST}")
            return
        said = self.head.entries
        if said is not None and said != self.count:
            problem = f"has {self.count} entries, and its first line says {said}"
            self.faults.add("file", f"{problem}: it is cut off, or was put together")
        is_whole = self.head.digest in (None, self.digest.hexdigest())
        if not (is_whole or self.faults.found):
            problem = "was changed after it was written: if that was on purpose, leave"
            self.faults.add("file", f'{problem} the "digest" out of its first line')


def schema() -> str:
    """Return the JSON Schema (2020-12) of a line, as text."""
    files = resources.files("bri_timeline.formats") / "data"
    return (files / "jsonl.schema.json").read_text("utf-8")
