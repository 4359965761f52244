"""JSON Lines: a complete log, in the format for storage.

The first line is the header, and each other line is an entry:

```json
{"format":"bri_timeline","version":1,"entries":1,"digest":"5a1c..."}
{"position":0,"known":"2019-05-05","event":{"kind":"Joined","version":1,"what":{...}}}
```

The format keeps everything: corrections, retractions, days of knowledge, instants of
recording, and payloads of unknown kinds byte for byte. Equal logs give equal files.
`schema()` is the JSON Schema of a line. A path that ends in `.gz` is compressed.

The digest is the SHA-256 of all other lines that are not empty, each ended by a line
feed. `load()` refuses a file whose digest does not match. If you edit a file, remove
the digest and the number of entries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
from attrs import define, field

from bri_timeline import Entry, EventLog, Vocabulary
from bri_timeline.errors import FaultsError, shown
from bri_timeline.extend import Codec, decode_entry, replaced, require_vocabulary
from bri_timeline.formats._files import (
    Faults,
    Loss,
    Progress,
    counting,
    from_text,
    guarded,
    lines,
    no_progress,
    numbered,
    to_text,
)


__all__ = ["dump", "dumps", "entries", "load", "loads", "schema"]

# The suffixes of its files, and what it keeps.
NAMES = (".jsonl",)
KEEPS = ("log", "queue")
_NAME = "bri_timeline"
_VERSION = 1
_FIRST = f'begin the file with {{"format":"{_NAME}","version":{_VERSION}}}'


class _Header(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The header, which is the first line."""

    format: str
    version: int
    entries: int | None = None
    digest: str | None = None


_head = msgspec.json.Decoder(_Header).decode


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    progress: Progress = no_progress,
) -> tuple[Loss, ...]:
    """Write a log to a file, which is replaced as a whole or left as it was.

    Args:
        log: The log.
        path: The file.
        vocabulary: The payload classes.
        progress: Called now and then with the number of entries encoded.

    Returns:
        The losses: none, except the positions of a log that is part of another.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload, or JSON cannot
            hold the payload.
        EntryError: Another part of an entry cannot be written.
        OutputError: The file cannot be written.
    """
    numbered_entries, losses = numbered(log)
    written = [*counting(Codec(vocabulary).encode(numbered_entries), progress)]
    digest = hashlib.sha256()
    for line in written:
        digest.update(line + b"\n")
    head = _Header(_NAME, _VERSION, len(numbered_entries), digest.hexdigest())
    whole = (msgspec.json.encode(head), *written)
    with replaced(Path(path)) as file:
        file.writelines(b"%b\n" % line for line in whole)
    return tuple(losses)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as JSON Lines.

    The arguments are those of `dump()`.
    """
    return text


def load(
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    unknown_ok: bool = True,
    progress: Progress = no_progress,
) -> EventLog:
    """Read a log from a file.

    Args:
        path: At most 1 GiB, unpacked too, and 1 MiB a line.
        vocabulary: The payload classes.
        unknown_ok: If true, payloads of unknown kinds and of later versions become
            `Unknown`; else they are faults.
        progress: Called now and then with the number of entries read.

    Raises:
        FaultsError: All faults, up to a thousand, each with its line and field.
        OSError: The file cannot be read.
    """
    read_entries = entries(path, vocabulary, unknown_ok=unknown_ok)
    return EventLog(counting(read_entries, progress))._warned(str(path))


@from_text(load)
def loads(log: EventLog) -> EventLog:
    """Read a log from text; the other arguments are those of `load()`.

    Raises:
        FaultsError: All faults of the text.
    """
    return log


def entries(
    path: str | Path, vocabulary: Vocabulary, *, unknown_ok: bool = True
) -> Iterator[Entry]:
    """Yield the entries of a file one by one, so that the file need not fit in memory.

    After the first fault no entries are yielded; the rest is read for further faults.

    Args:
        path: As in `load()`.
        vocabulary: The payload classes.
        unknown_ok: As in `load()`.

    Raises:
        FaultsError: After the last line, if there were faults.
        OSError: The file cannot be read.
    """
    require_vocabulary(vocabulary)
    faults = Faults(str(path))
    state = _ReadState(faults)
    for number, line in lines(Path(path), faults):
        place = f"line {number}"
        if not line.strip() or (state.head is None and state.read_header(place, line)):
            continue
        # Line ends are normalised, so that a file saved with CRLF keeps its digest.
        state.digest.update(line.rstrip(b"\r\n") + b"\n")
        try:
            entry = decode_entry(line, vocabulary, unknown_ok=unknown_ok)
        except FaultsError as error:
            state.count += 1
            # msgspec reports bad UTF-8 as a syntax error, which would mislead.
            if _is_text(line):
                faults.merge(place, error)
            else:
                faults.add(place, "is not in UTF-8: save the file in that encoding")
            continue
        state.check_entry(place, entry)
        if not faults.found:
            yield entry
    state.check_end()
    faults.check()


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


@define
class _ReadState:
    """The state of reading, on which the checks of later lines depend."""

    faults: Faults
    head: _Header | None = None
    count: int = 0
    retractions: set[int] = field(factory=set)
    digest: hashlib._Hash = field(factory=hashlib.sha256)

    def read_header(self, place: str, line: bytes) -> bool:
        """Read the first line, and return whether it is the header."""
        self.head = _Header(_NAME, _VERSION)
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

    def check_entry(self, place: str, entry: Entry) -> None:
        """Check the position of an entry and its references."""
        position, self.count = self.count, self.count + 1
        if entry.position != position:
            problem = f"is {entry.position}: entries are in order, and here is"
            self.faults.add(f"{place}: position", f"{problem} {position}")
        if entry.supersedes is entry.retracts is None:
            return
        if entry.retracts is not None:
            self.retractions.add(position)
        for name in ("supersedes", "retracts"):
            target = getattr(entry, name)
            if target is not None and target >= position:
                problem = f"is {target}: name an entry above, which is entry {position}"
                self.faults.add(f"{place}: {name}", problem)
        if entry.supersedes in self.retractions and entry.supersedes != position:
            problem = f"is {entry.supersedes}, a retraction, which claims nothing"
            self.faults.add(f"{place}: supersedes", f"{problem}: retract it instead")

    def check_end(self) -> None:
        """Check the number of entries and the digest after the last line."""
        if self.head is None:
            self.faults.add("line 1", f"is missing: {_FIRST}")
            return
        stated = self.head.entries
        if stated is not None and stated != self.count:
            problem = f"has {self.count} entries, and its first line says {stated}"
            self.faults.add("file", f"{problem}: it is cut off, or was put together")
        is_whole = self.head.digest in (None, self.digest.hexdigest())
        if not (is_whole or self.faults.found):
            problem = "was changed after it was written: if that was on purpose, leave"
            self.faults.add("file", f'{problem} the "digest" out of its first line')


def schema() -> str:
    """Return the JSON Schema (2020-12) of a line, as text."""
    # No log needs it, to be read or written.
    from bri_timeline.formats._line_schema import line_schema

    return json.dumps(line_schema(_NAME, _VERSION), indent=2) + "\n"
