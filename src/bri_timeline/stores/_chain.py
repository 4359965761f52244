"""The chain of digests through a store, and its head."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from attrs import frozen

from bri_timeline.errors import EntryError, shown


__all__ = ["START", "Head", "chained", "leaf_of", "linked"]

START = bytes(32)
_TEXT = re.compile(r"(-1|0|[1-9][0-9]{0,18})-([0-9a-f]{64})").fullmatch


def leaf_of(line: bytes) -> bytes:
    """Return the hash of an entry's line, as a leaf of RFC 9162, section 2.1.1."""
    return sha256(b"\x00" + line).digest()


def linked(previous: bytes, leaf: bytes) -> bytes:
    """Return the digest of an entry, which covers all entries before it.

    Args:
        previous: The digest of the entry before; `START` for the first.
        leaf: The hash of its line.
    """
    return sha256(b"\x02" + previous + leaf).digest()


def chained(lines: Iterable[bytes], previous: bytes) -> list[bytes]:
    """Return the digests of entries that follow one another.

    Args:
        lines: Their lines.
        previous: The digest of the entry before them.
    """
    digests = []
    for line in lines:
        # `leaf_of()` and `linked()`, inlined: this loop runs once for each entry.
        leaf = sha256(b"\x00" + line).digest()
        previous = sha256(b"\x02" + previous + leaf).digest()
        digests.append(previous)
    return digests


@frozen
class Head:
    """The end of a store: keep it elsewhere, and `verify()` the store against it.

    >>> Head.of(str(Head(-1, bytes(32)))) == Head(-1, bytes(32))
    True

    Args:
        position: The position of the last entry; -1 for an empty store.
        digest: A digest of that entry and all before it, of 32 bytes.
    """

    position: int = -1
    digest: bytes = START

    @classmethod
    def of(cls, text: str) -> Head:
        """Return a head from the text that `str()` returns.

        Raises:
            EntryError: The text has another form.
        """
        match = _TEXT(text)
        if match is None:
            problem = f"{shown(text)} is not a head: give what str(store.head()) gave"
            raise EntryError(text, problem)
        return cls(int(match[1]), bytes.fromhex(match[2]))

    def __str__(self) -> str:
        return f"{self.position}-{self.digest.hex()}"
