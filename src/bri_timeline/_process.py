"""A lock that knows its process: children of a fork get one of their own."""

from __future__ import annotations

from collections.abc import Callable
from os import getpid
from threading import RLock


__all__ = [
    "ProcessLock",
]


class ProcessLock:
    """A lock that knows in which process it was made.

    A child of a fork has one thread. What another thread of the parent held is never
    released there, and what it was writing stays half-written. So a child gets a lock
    of its own, the first time that it asks for one.
    """

    __slots__ = ("_children", "_here")

    def __init__(self) -> None:
        self._here = getpid(), RLock()
        # Process -> its lock. All threads of a child get the same, whoever asks first.
        self._children: dict[int, RLock] = {}

    def here(self, mend: Callable[[], object]) -> RLock:
        """Return the lock of this process.

        Args:
            mend: Called once in a child, while that is locked, if another thread of the
                parent held the lock: restores what it guards.
        """
        process, lock = self._here
        return lock if process == getpid() else self._inherited(mend)

    def _inherited(self, mend: Callable[[], object]) -> RLock:
        process = getpid()
        lock = self._children.setdefault(process, RLock())
        with lock:
            owner, held = self._here
            if owner != process:  # no other thread has done it meanwhile
                # The thread that forked may have held it, and goes on here.
                if held.acquire(blocking=False):
                    held.release()
                else:
                    mend()
                self._here = process, lock
        return lock
