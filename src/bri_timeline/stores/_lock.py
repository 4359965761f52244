"""Files and locks that belong to one process, and what happens to them in a fork."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from threading import RLock
from types import ModuleType
from weakref import WeakValueDictionary

from bri_timeline.errors import BusyStoreError


__all__ = [
    "FileLock",
    "ForkAware",
    "leave_parent",
]


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


_SHORTEST = 0.0005
_LONGEST = 0.01


class FileLock(ForkAware):
    """A lock on a file that holds nothing.

    Without it writers would wait for SQLite, which lets some of them starve.

    Args:
        path: The file; it is made when it is first needed.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: int | None = None

    @contextmanager
    def held(self, place: str, timeout: float) -> Iterator[None]:
        """Hold it.

        Args:
            place: The store that it is for.
            timeout: For how many seconds to wait for it.

        Raises:
            BusyStoreError: Somebody else held it for longer.
        """
        if self._file is None:
            self._file = _opened(self._path)
        if self._file is None:
            yield
            return
        self._take(self._file, place, timeout)
        try:
            yield
        finally:
            # In a process that was forked meanwhile there is nothing to give back.
            if self._file is not None:
                with suppress(OSError):
                    _lock(self._file, take=False)

    def _take(self, file: int, place: str, timeout: float) -> None:
        end, pause = time.monotonic() + timeout, _SHORTEST
        while not _is_taken(file):
            if time.monotonic() > end:
                problem = (
                    f"has been locked by another writer for {timeout:g} s: try again"
                )
                raise BusyStoreError(place, problem)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def leave(self) -> None:
        """Close the child's descriptor: else the lock would outlive the parent.

        Closing it leaves the lock with the parent; to unlock it would take it away.
        """
        self.close()


def _opened(path: Path) -> int | None:
    """Open the file of a lock; None where none can be made.

    The database will then say so, and why.
    """
    # Who may only read the file, since somebody else made it, can lock it too.
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        with suppress(OSError):
            return os.open(path, flags, 0o666)
    return None


def _is_taken(file: int) -> bool:
    """Take a lock, and tell whether that succeeded."""
    try:
        _lock(file, take=True)
    except (BlockingIOError, PermissionError):  # Unix raises one, Windows the other
        return False
    except OSError:  # a file system without locks: the database does what it can
        return True
    return True


def _lock(file: int, *, take: bool) -> None:
    """Take a lock at once, or give it back; without locks SQLite does it alone."""
    if (unix := _module("fcntl")) is not None:
        unix.flock(file, unix.LOCK_EX | unix.LOCK_NB if take else unix.LOCK_UN)
    elif (windows := _module("msvcrt")) is not None:
        os.lseek(file, 0, os.SEEK_SET)  # it locks the byte at which the file stands
        windows.locking(file, windows.LK_NBLCK if take else windows.LK_UNLCK, 1)


@cache
def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None
