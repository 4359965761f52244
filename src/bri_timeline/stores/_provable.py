"""What makes a store worth trusting: checks, and proofs for those who cannot check."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry
from bri_timeline.errors import DamagedStoreError, EntryError, shown
from bri_timeline.stores._chain import Head
from bri_timeline.stores._proofs import (
    ConsistencyProof,
    InclusionProof,
    TreeHead,
    consistency_path,
    inclusion_path,
    root_of,
)
from bri_timeline.stores._session import Session
from bri_timeline.stores._verifying import faults_of, leaves_of


__all__ = ["Provable"]


class Provable(ABC):
    """Entries in a database, which can be verified and proved.

    Args:
        place: What to call the store in messages.
        vocabulary: The payload classes.
    """

    def __init__(self, place: str, vocabulary: Vocabulary) -> None:
        self._place = place
        self._vocabulary = vocabulary

    @abstractmethod
    def _session(self, *, writing: bool) -> AbstractContextManager[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            StoreError: The store cannot be reached.
        """

    def verify(self, head: Head | None = None) -> Head:
        """Make sure that it is as it was written: every changed bit, and every cut.

        It looks at all of it, also at what entries are found by, for which the
        vocabulary needs to have their kinds. That entries are missing at its end shows
        only against a head that was kept elsewhere.

        Args:
            head: What `head()` once returned.

        Returns:
            How far it has got.

        Raises:
            DamagedStoreError: It is not; all that is wrong.
        """
        with self._session(writing=False) as session:
            faults = faults_of(session, head, self._vocabulary)
            if faults:
                raise DamagedStoreError(self._place, faults)
            return session.head()

    def tree_head(self, size: int | None = None) -> TreeHead:
        """Return the head of the Merkle tree over all entries: what one publishes.

        Args:
            size: Over how many of them; by default all.

        Raises:
            EntryError: It does not hold so many.
        """
        leaves = self._leaves(size)
        return TreeHead(len(leaves), root_of(leaves))

    def prove_inclusion(
        self, entry: Entry | int, *, size: int | None = None
    ) -> InclusionProof:
        """Return the proof that an entry is in the log.

        Args:
            entry: The entry, or its position.
            size: In the log of how many entries; by default in all of it.

        Raises:
            EntryError: It does not hold that.
        """
        position = entry.position if isinstance(entry, Entry) else entry
        leaves = self._leaves(size)
        if not 0 <= position < len(leaves):
            problem = f"entry {shown(position)} is not among {len(leaves)} entries"
            raise EntryError(entry, f"{problem}: give one that is")
        with self._session(writing=False) as session:
            (held,) = session.at([position])
        line = held.line.encode() or None
        path = inclusion_path(leaves, position)
        return InclusionProof(position, len(leaves), leaves[position], path, line)

    def prove_consistency(
        self, earlier: int, *, size: int | None = None
    ) -> ConsistencyProof:
        """Return the proof that the log begins with all of an earlier one.

        Args:
            earlier: How many entries that had.
            size: How many the later one has; by default all.

        Raises:
            EntryError: It does not hold so many.
        """
        leaves = self._leaves(size)
        if not 0 <= earlier <= len(leaves):
            problem = f"{shown(earlier)} entries are no earlier log of {len(leaves)}"
            raise EntryError(earlier, f"{problem}: give fewer")
        path = consistency_path(leaves, earlier)
        return ConsistencyProof(earlier, len(leaves), path)

    def _leaves(self, size: int | None) -> list[bytes]:
        with self._session(writing=False) as session:
            held = session.head().position + 1
            if size is not None and not 0 <= size <= held:
                problem = f"the store holds {held} entries, not {shown(size)}"
                raise EntryError(size, f"{problem}: ask for fewer")
            return leaves_of(session, held if size is None else size)
