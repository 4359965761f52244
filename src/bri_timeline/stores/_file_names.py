"""The names of the files of an SQLite database, which others may move or replace."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bri_timeline.errors import ReplacedStoreError


Identity = tuple[int, int]


class FileNames:
    """The names of a file, of its write-ahead log and of the index of that.

    A file that is moved, deleted or replaced stays open, and so do those beside it:
    what is appended then reaches no file of its name. So before and after each append
    the names are looked up.

    Args:
        path: The file.

    Attributes:
        lock: The name of the lock of the writers.
        wal_size: The size of the write-ahead log when its name was looked up.
    """

    def __init__(self, path: Path) -> None:
        # SQLite follows links, and has the other files beside the one that it finds.
        real = os.path.realpath(path)
        self.lock = Path(f"{real}-lock")
        self.wal_size = 0
        self._names = str(path), f"{real}-wal", f"{real}-shm"
        # What had the name when it was first opened, which stays the same; and what
        # have the names now that it is open.
        self._first: Identity | None = None
        self._files: list[Identity | None] = []
        self._content: object = None

    def check_first(self) -> None:
        """Make sure that a file to be opened is the one that was opened before.

        Raises:
            ReplacedStoreError: It is not.
        """
        identity = identity_of(self._names[0])
        if self._first not in (None, identity):
            raise self._replaced([identity])
        self._first = identity
        self._files = []
        self._content = _content_of(self._names[0])

    def take(self, *, is_alone: bool) -> None:
        """Keep in mind which files are open.

        Args:
            is_alone: Whether the file is read without those beside it.

        Raises:
            ReplacedStoreError: The file is not the one that was there before.
        """
        identities = [*map(identity_of, self._names)]
        self._first = self._first or identities[0]
        if identities[0] != self._first:
            raise self._replaced(identities[:1])
        self._files = [] if is_alone else identities
        self._content = self._content or _content_of(self._names[0])

    def note_content(self) -> None:
        """Keep in mind that the file was written here."""
        self._content = _content_of(self._names[0])

    def check(self) -> bool:
        """Make sure that the open files still carry their names.

        Returns:
            True if the file itself was written by others.

        Raises:
            ReplacedStoreError: One of them was moved, deleted or replaced.
        """
        if not self._files:
            return False
        try:
            statuses = main, wal, _ = [*map(os.stat, self._names)]
            files = [(status.st_dev, status.st_ino) for status in statuses]
        except OSError:
            raise self._replaced([*map(identity_of, self._names)]) from None
        if files != self._files:
            raise self._replaced(files)
        self.wal_size = wal.st_size
        return (main.st_size, main.st_mtime_ns) != self._content

    def _replaced(self, found: Sequence[Identity | None]) -> ReplacedStoreError:
        """Return an error that says which file lost its name.

        Args:
            found: What carries the names now.
        """
        place = self._names[0]
        if found[0] is None:
            last = f"(what was appended last may be in {Path(self._names[1]).name})"
            return ReplacedStoreError(place, f"is not where it was {last}")
        if found[0] != self._first:
            problem = "is another file than the one that was opened"
            return ReplacedStoreError(place, problem)
        named = zip(self._names, found, self._files, strict=True)
        others = (name for name, now, then in named if now != then)
        # It may have been gone when the file was opened, or be there again by now.
        lost = next(others, self._names[1])
        problem = "which belongs to it while it is open, was deleted or replaced"
        return ReplacedStoreError(place, f"has lost {Path(lost).name}: this, {problem}")

    def are_ours(self) -> bool:
        """Return whether the write-ahead log may be emptied into the file.

        Not if the file was replaced; nor if the index of the log was, by which others
        may have appended what this connection does not see.
        """
        return not self._files or all(
            identity_of(self._names[place]) == self._files[place] for place in (0, 2)
        )

    def are_torn_from(self, other: FileNames) -> bool:
        """Return whether another has the same file open, and others beside it."""
        identities = [*map(identity_of, self._names)]
        return other._files[:1] == identities[:1] and other._files != identities


def identity_of(path: str | Path) -> Identity | None:
    """Return the device and the inode of a file; None if it is missing."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def size_beside(path: Path, ending: str) -> int:
    """Return the size of a file beside it, in bytes: `-wal`, or `-journal`."""
    try:
        return Path(f"{os.path.realpath(path)}{ending}").stat().st_size
    except OSError:
        return 0


def _content_of(path: str) -> object:
    """Return values that change when a file itself is written."""
    with suppress(OSError):
        status = Path(path).stat()
        return status.st_size, status.st_mtime_ns
    return None
