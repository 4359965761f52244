"""Whether a store is as it was written."""

from __future__ import annotations

from collections.abc import Iterator

from bri_timeline.errors import Fault
from bri_timeline.stores._chain import START, Head, leaf_of, linked
from bri_timeline.stores._rows import Held
from bri_timeline.stores._session import Erased, Session


__all__ = ["faults_of", "leaves_of"]

_MOST = 100


def faults_of(session: Session, kept: Head | None) -> list[Fault]:
    """Return what is wrong with a store, at most a hundred faults.

    Args:
        session: The store, in a transaction.
        kept: A head that it once had, kept elsewhere.
    """
    faults = []
    for fault in _all_of(session, kept):
        faults.append(fault)
        if len(faults) == _MOST:
            break
    return faults


def _all_of(session: Session, kept: Head | None) -> Iterator[Fault]:
    is_sound = True
    for fault in session.checks():
        is_sound = False
        yield fault
    if is_sound:  # else nothing that is read means anything
        yield from _chained(session, kept)


def _chained(session: Session, kept: Head | None) -> Iterator[Fault]:
    remains = {erased.position: erased for erased in session.erased()}
    for erased in remains.values():
        if not erased.is_sound():
            yield Fault(f"erased entry {erased.position}", "was changed")
    chain, end = _Chain(remains, kept), session.head()
    for held in session.held(-1):
        yield from chain.fault(held)
    yield from chain.end(end)


class _Chain:
    """The chain as far as it was looked at.

    Args:
        remains: What is left of erased entries.
        kept: A head that must be on it.
    """

    def __init__(self, remains: dict[int, Erased], kept: Head | None) -> None:
        self._remains = remains
        self._kept = kept
        self._at = Head()

    def fault(self, held: Held) -> Iterator[Fault]:
        """Yield what is wrong with the next entry."""
        place = f"entry {held.position}"
        if held.position != self._at.position + 1:
            yield Fault(place, f"follows entry {self._at.position}: some are missing")
        elif linked(self._at.digest, leaf_in(held, self._remains)) != held.digest:
            yield Fault(place, "does not have the digest that it was written with")
        self._at = Head(held.position, held.digest)
        kept = self._kept
        if kept is not None and kept.position == held.position and kept != self._at:
            yield Fault(place, "has another digest than the head that was kept")

    def end(self, head: Head) -> Iterator[Fault]:
        """Yield what is wrong with where it ends."""
        if self._at != head:
            problem = f"is entry {self._at.position}, and entry {head.position} was"
            yield Fault("the last entry", problem)
        kept = self._kept
        if kept is not None and kept.position > self._at.position:
            problem = f"is entry {self._at.position}: entry {kept.position} was there"
            yield Fault("the last entry", f"{problem} when the head was kept")
        if kept is not None and kept.position == -1 and kept.digest != START:
            yield Fault("the head that was kept", "is none of a store")


def leaf_in(held: Held, remains: dict[int, Erased]) -> bytes:
    """Return the hash of the line of an entry, also if it was erased."""
    erased = remains.get(held.position)
    if held.line or erased is None:
        return leaf_of(held.line.encode())
    return erased.leaf


def leaves_of(session: Session, size: int) -> list[bytes]:
    """Return the hashes of the lines of the first entries."""
    remains = {erased.position: erased for erased in session.erased()}
    return [leaf_in(held, remains) for held in session.held(-1, size)]
