"""The chain of digests through a store, its head, and proofs (RFC 9162)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from attrs import frozen

from bri_timeline.errors import EntryError, shown


START = bytes(32)
_TEXT = re.compile(r"(-1|0|[1-9][0-9]{0,18})-([0-9a-f]{64})").fullmatch

Progress = Callable[[int], object]


def no_progress(_done: int) -> None:
    """Ignore progress: the default of functions that report it."""


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


class Erasure(NamedTuple):
    """The record of an erased entry.

    Attributes:
        position: Its position.
        leaf: The hash of its line before it was erased.
        because: The reason.
        erased_at: The instant of the erasure, in UTC, as text.
        seal: A digest of the other four, and of the line that is left.
    """

    position: int
    leaf: bytes
    because: str
    erased_at: str
    seal: bytes

    @classmethod
    def sealed(
        cls, position: int, leaf: bytes, because: str, erased_at: str, line: str
    ) -> Erasure:
        """Return a record with its seal.

        Args:
            position: The position.
            leaf: The hash of the line that was erased.
            because: The reason.
            erased_at: The instant.
            line: The line that is left in its place; empty in stores of earlier
                versions, which left nothing.
        """
        # The chain of digests covers what was there before: without a seal, a changed
        # reason, instant or line would go unnoticed.
        rest = f"{line}\n" if line else ""
        text = f"{rest}{position}\n{leaf.hex()}\n{erased_at}\n{because}"
        seal = sha256(text.encode(errors="surrogatepass")).digest()
        return cls(position, leaf, because, erased_at, seal)

    def is_sound(self, line: str) -> bool:
        """Return whether the record and the line that is left are unchanged."""
        return self == Erasure.sealed(*self[:4], line)


@frozen
class TreeHead:
    """A hash of the first entries of a store, to be published.

    Args:
        size: The number of entries.
        root: The Merkle tree hash over their lines (RFC 9162, section 2.1.1).
    """

    size: int
    root: bytes


@frozen
class InclusionProof:
    """The proof that an entry is in the log of a published head.

    Args:
        position: The position of the entry.
        size: The number of entries of that log.
        leaf: The hash of the line of the entry.
        path: The hashes that lead from the leaf to the root.
        line: The line of the entry as it was stored; None if it was erased.
    """

    position: int
    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    line: bytes | None = None

    def holds(self, head: TreeHead) -> bool:
        """Return whether the entry is in the log of a head (section 2.1.3.2)."""
        if self.line is not None and leaf_of(self.line) != self.leaf:
            return False
        if self.size != head.size or not 0 <= self.position < self.size:
            return False
        index, last, root = self.position, self.size - 1, self.leaf
        for sibling in self.path:
            if not last:
                return False
            if index & 1 or index == last:
                root = _node(sibling, root)
                while not index & 1 and index:
                    index, last = index >> 1, last >> 1
            else:
                root = _node(root, sibling)
            index, last = index >> 1, last >> 1
        return not last and root == head.root


@frozen
class ConsistencyProof:
    """The proof that a later log begins with all of an earlier one.

    Args:
        earlier: The size of the earlier log.
        later: The size of the later one.
        path: The hashes from which both roots are computed.
    """

    earlier: int
    later: int
    path: tuple[bytes, ...]

    def holds(self, earlier: TreeHead, later: TreeHead) -> bool:
        """Return whether one log extends another (section 2.1.4.2).

        Every log extends the empty one, and itself.
        """
        if (self.earlier, self.later) != (earlier.size, later.size):
            return False
        if not 0 <= self.earlier <= self.later:
            return False
        if not self.earlier:
            return not self.path and earlier.root == root_of(())
        if self.earlier == self.later:
            return not self.path and earlier.root == later.root
        return _joins(earlier, later, self.path)


def _joins(earlier: TreeHead, later: TreeHead, path: Sequence[bytes]) -> bool:
    steps = iter(path)
    # A tree whose size is a power of two is a node of the later one: its root is left
    # out of the path.
    if not earlier.size & (earlier.size - 1):
        steps = iter((earlier.root, *path))
    index, last = earlier.size - 1, later.size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = next(steps, b"")
    for sibling in steps:
        if not last:
            return False
        if index & 1 or index == last:
            old, new = _node(sibling, old), _node(sibling, new)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            new = _node(new, sibling)
        index, last = index >> 1, last >> 1
    return not last and (old, new) == (earlier.root, later.root)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over some leaves, which are hashes."""
    return _subtree(leaves, 0, len(leaves)) if leaves else sha256().digest()


def inclusion_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the hashes from a leaf up to the root (section 2.1.3.1).

    Args:
        leaves: All leaves of the tree.
        index: The position of the leaf.
    """
    path: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(leaves, middle, stop))
            stop = middle
        else:
            path.append(_subtree(leaves, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_path(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """Return the hashes that join an earlier tree to this one (section 2.1.4.1).

    Args:
        leaves: All leaves of the later tree.
        earlier: The number of leaves of the earlier tree.
    """
    if not 0 < earlier < len(leaves):
        return ()
    return tuple(_joining(leaves, earlier))


def _joining(leaves: Sequence[bytes], earlier: int) -> Iterator[bytes]:
    path: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop != earlier:
        middle = start + _split(stop - start)
        if earlier <= middle:
            path.append(_subtree(leaves, middle, stop))
            stop = middle
        else:
            path.append(_subtree(leaves, start, middle))
            start = middle
    if start:
        yield _subtree(leaves, start, stop)
    yield from reversed(path)


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(leaves: Sequence[bytes], start: int, stop: int) -> bytes:
    level = list(leaves[start:stop])
    while len(level) > 1:
        # The last node of an odd level is promoted unchanged (RFC 9162).
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [_node(left, right) for left, right in pairs] + odd
    return level[0]


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
