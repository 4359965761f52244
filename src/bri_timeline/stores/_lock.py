"""A lock between processes, which ends with the process that holds it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from bri_timeline.errors import BusyStoreError


__all__ = ["FileLock"]

_SHORTEST = 0.0005
_LONGEST = 0.01


class FileLock:
    """A lock on a file that holds nothing.

    Without it writers would wait for SQLite, which lets some of them starve.

    Args:
        path: The file; it is made when it is first needed.
    """

    def __init__(self, path: Path) -> None:
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
            # Where no file can be made the database will say so, and why.
            with suppress(OSError):
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(self._path, flags, 0o666)
        if self._file is None:
            yield
            return
        self._take(self._file, place, timeout)
        try:
            yield
        finally:
            _release(self._file)

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
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _is_taken(file: int) -> bool:
    """Take a lock, and tell whether that succeeded."""
    locks = _locks()
    if locks is not None:
        try:
            locks.flock(file, locks.LOCK_EX | locks.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _release(file: int) -> None:
    locks = _locks()
    if locks is not None:
        locks.flock(file, locks.LOCK_UN)


def _locks() -> ModuleType | None:
    """Return the module that has locks; where there is none SQLite does it alone."""
    try:
        import fcntl
    except ImportError:
        return None
    return fcntl
