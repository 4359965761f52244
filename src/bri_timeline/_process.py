"""Of a process: a lock that its forks do not share, and its garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import getpid
from threading import RLock


_MANY_NEW = 1 << 14
# The process that paused, while one does.
_PAUSES: dict[str, int] = {}


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


@contextmanager
def uncollected(references: int = 0) -> Iterator[None]:
    """Pause the garbage collector: events and entries form no reference cycles.

    Each full collection visits every object alive. While millions are built this would
    take several times as long as building them.

    Args:
        references: How many references new lists will hold. The next collection visits
            each of these too, however few objects are new.
    """
    # Nested pauses, and programs that disable collection, keep their setting. A pause
    # of another thread of the parent never ends in a child.
    was_on = gc.isenabled() or _PAUSES.get("process", getpid()) != getpid()
    if was_on:
        _PAUSES["process"] = getpid()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # What was built lives long: it joins the old objects, else the next young
            # collection would visit it at once. What a program froze stays so.
            many = max(references, gc.get_count()[0])
            if many > _MANY_NEW and not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            _PAUSES.clear()
            gc.enable()
