"""A lock between processes, which ends with the process that holds it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bri_timeline.errors import BusyStoreError
from bri_timeline.stores._forking import ForkAware


__all__ = ["FileLock"]

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
                problem = f"is being written to since {timeout:g} s: try again"
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
