"""Files and locks that belong to one process, and what happens to them in a fork."""

from __future__ import annotations

import os
from itertools import count
from threading import RLock
from weakref import WeakValueDictionary


__all__ = ["ForkAware", "leave_parent"]


class ForkAware:
    """A resource that parent and child of a fork must not share.

    Each one is found in time: `os.fork()` and all that is built on it, such as
    `multiprocessing`, call `rest()` before the fork and `wake()` after it; in the child
    `leave()` follows.
    """

    def __init__(self) -> None:
        _FORKS.know(self)

    def rest(self) -> bool:
        """Let go of everything; return False if this is impossible, or needless."""
        return False

    def wake(self) -> None:
        """Allow use again, after `rest()` returned True."""

    def leave(self) -> None:
        """Forget, in the child, what is still the parent's."""


class _Forks:
    """The resources of this process, and a fork that is under way.

    Python calls functions of the process when it forks, so this is one of a process.
    """

    def __init__(self) -> None:
        self.process = os.getpid()
        self._all: WeakValueDictionary[int, ForkAware] = WeakValueDictionary()
        self._numbers = count()
        self._resting: list[ForkAware] = []
        # Two threads that fork at once would each wait for what the other put to rest.
        self._turn = RLock()
        self._is_registered = False

    def know(self, one: ForkAware) -> None:
        """Tell a resource of every fork from now on."""
        if not self._is_registered:
            self._is_registered = True
            if hasattr(os, "register_at_fork"):  # Windows has no forks
                os.register_at_fork(
                    before=self._before,
                    after_in_parent=self._after,
                    after_in_child=self._in_child,
                )
        self._all[next(self._numbers)] = one

    def _known(self) -> list[ForkAware]:
        # `valuerefs()` is one step: other threads may open stores meanwhile.
        return [one for ref in self._all.valuerefs() if (one := ref()) is not None]

    def _before(self) -> None:
        self._turn.acquire()
        for one in self._known():
            if one.rest():
                self._resting.append(one)

    def _after(self) -> None:
        while self._resting:
            self._resting.pop().wake()
        self._turn.release()

    def _in_child(self) -> None:
        self._after()
        self.leave()

    def leave(self) -> None:
        """Leave what is the parent's."""
        self.process = os.getpid()
        for one in self._known():
            one.leave()


_FORKS = _Forks()


def leave_parent() -> None:
    """Make sure that nothing of a parent is used, however this process was forked.

    A server written in C may fork without telling Python.
    """
    if _FORKS.process != os.getpid():
        _FORKS.leave()
