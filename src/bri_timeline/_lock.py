"""Locks on files, and resources that a fork must not share."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from threading import TIMEOUT_MAX, Lock, RLock
from types import ModuleType
from weakref import WeakValueDictionary

from bri_timeline._atomic_write import checking, former, sweep
from bri_timeline._logger import inform
from bri_timeline.errors import BusyFileError, BusyStoreError, OutputError, one_line


__all__ = [
    "FileLock",
    "ForkAware",
    "LogLock",
]


class ForkAware:
    """A resource that parent and child of a fork must not share.

    `os.fork()` and what is built on it, such as `multiprocessing`, call `rest()` before
    the fork and `wake()` after it, in parent and child; the child then calls `leave()`.
    """

    def __init__(self) -> None:
        _FORKS.know(self)

    def rest(self) -> bool:
        """Release everything; return False if this is impossible, or needless."""
        return False

    def wake(self) -> None:
        """Allow use again, after `rest()` returned True."""

    def leave(self) -> None:
        """Abandon, in the child, what still belongs to the parent."""

    @staticmethod
    def known() -> list[ForkAware]:
        """Return the resources of this process."""
        return _FORKS.known()

    @staticmethod
    def leave_parent() -> None:
        """Abandon what belongs to a parent, if this process was forked unnoticed.

        A server written in C may fork without calling the functions of Python.
        """
        if _FORKS.process != os.getpid():
            _FORKS.leave()


class _Forks:
    """The resources of this process, and the state of a fork.

    There is one for each process, as Python has one list of functions to call at forks.
    """

    def __init__(self) -> None:
        self.process = os.getpid()
        self._all: WeakValueDictionary[int, ForkAware] = WeakValueDictionary()
        self._numbers = count()
        self._resting: list[ForkAware] = []
        # Two threads that fork at once would wait for the resources that the other has
        # released and locked: a deadlock.
        self._turn = RLock()
        self._is_registered = False

    def know(self, one: ForkAware) -> None:
        """Register a resource, which takes part in every later fork."""
        if not self._is_registered:
            self._is_registered = True
            if hasattr(os, "register_at_fork"):  # Windows has no forks
                os.register_at_fork(
                    before=self._before,
                    after_in_parent=self._after,
                    after_in_child=self._in_child,
                )
        self._all[next(self._numbers)] = one

    def known(self) -> list[ForkAware]:
        """Return the resources."""
        # `valuerefs()` copies in one step: other threads may open stores meanwhile.
        return [
            resource for ref in self._all.valuerefs() if (resource := ref()) is not None
        ]

    def _before(self) -> None:
        self._turn.acquire()
        for resource in self.known():
            if resource.rest():
                self._resting.append(resource)

    def _after(self) -> None:
        while self._resting:
            self._resting.pop().wake()
        self._turn.release()

    def _in_child(self) -> None:
        self._after()
        self.leave()

    def leave(self) -> None:
        """Abandon what belongs to the parent."""
        self.process = os.getpid()
        for resource in self.known():
            resource.leave()


_FORKS = _Forks()


_SHORTEST = 0.0005
_LONGEST = 0.01
# After how many seconds a writer says that it waits; then after twice as many.
_PATIENCE = 1.0


class FileLock(ForkAware):
    """A lock on an empty file, for which writers of all processes wait in turn.

    SQLite polls for its own lock, and lets some of many writers starve.

    Args:
        path: The file; it is made when the lock is first taken, and stays.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: int | None = None
        self._identity: object = None

    @contextmanager
    def held(self, place: str, timeout: float) -> Iterator[None]:
        """Return a context in which the lock is held.

        Args:
            place: The name of the store in messages.
            timeout: The number of seconds to wait for the lock.

        Raises:
            BusyStoreError: Somebody else held the lock for longer.
        """
        self._take_by_name(place, timeout)
        if self._file is None:
            yield
            return
        try:
            yield
        finally:
            # A process that was forked meanwhile has closed its file: the lock belongs
            # to the parent.
            if self._file is not None:
                with suppress(OSError):
                    _lock(self._file, take=False)

    def _take_by_name(self, place: str, timeout: float) -> None:
        """Take the lock of the file that has the name once the lock is taken."""
        while True:
            if self._file is None:
                self._file = self._opened(place)
                if self._file is None:
                    return
                status = os.fstat(self._file)
                self._identity = status.st_dev, status.st_ino
            self._take(self._file, place, timeout)
            # Who opens the file after it was deleted locks another one.
            with suppress(OSError):
                status = self._path.stat()
                if self._identity == (status.st_dev, status.st_ino):
                    return
            self.close()

    def _take(self, file: int, place: str, timeout: float) -> None:
        begin, pause = time.monotonic(), _SHORTEST
        patience = _PATIENCE
        while not self._is_taken(file, place):
            waited = time.monotonic() - begin
            if waited > patience:
                inform("%s: waiting for another writer for %.0f s", place, waited)
                patience *= 2
            if waited > timeout:
                raise self._busy(file, place, timeout)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)

    def _opened(self, _place: str) -> int | None:
        """Return the opened file; None where none can be made.

        The database then reports the reason, as it cannot be written either.
        """
        with suppress(OSError):
            return _opened(self._path)
        return None

    def _is_taken(self, file: int, _place: str) -> bool:
        """Take the lock, and return whether that succeeded."""
        try:
            return _is_taken(file)
        except OSError:  # a file system without locks: SQLite has its own
            return True

    def _busy(self, _file: int, place: str, timeout: float) -> OSError:
        problem = f"has been locked by another writer for {timeout:g} s: try again"
        return BusyStoreError(place, problem)

    @staticmethod
    def is_left(path: Path) -> bool:
        """Return whether the process that had locked a file has ended."""
        with suppress(OSError):
            file = os.open(path, os.O_RDWR)
            try:
                _lock(file, take=True)
            finally:
                os.close(file)
            return True
        return False

    @staticmethod
    @contextmanager
    def of_log(path: Path, timeout: float) -> Iterator[LogLock]:
        """Return a context in which nobody else who asks for it writes a log in a file.

        Args:
            path: The file, which need not exist. The lock is beside it, in a hidden
                file that stays: to delete it would give two writers a lock each.
            timeout: The number of seconds to wait for other threads and processes.

        Raises:
            BusyFileError: Somebody else wrote for longer.
            OutputError: The path is not that of a file; or the folder cannot be written
                to, or its disk keeps no locks.
        """
        former(path)  # who locks a pipe would wait for ever
        final = path.resolve()
        beside = final.with_name(f".{final.name}.lock")
        threads = _THREADS.setdefault((os.getpid(), beside), Lock())
        # Not every file system gives each thread a lock of its own.
        if not threads.acquire(timeout=min(max(timeout, 0.0), TIMEOUT_MAX)):
            holder = "this process, in another thread or change"
            raise _busy(str(path), timeout, holder)
        try:
            with closing(LogLock(beside)) as lock, lock.held(str(path), timeout):
                sweep(final)
                yield lock
        finally:
            threads.release()

    @staticmethod
    def take_name(draft: Path, name: Path, turns: Path | None = None) -> None:
        """Give a file a name that nothing has, in one step.

        Without hard links it is renamed, and writers take turns. The folder is not
        synced.

        Args:
            draft: The file, on the same disk. It may keep its old name too.
            name: The name.
            turns: The file by whose lock writers take turns; by default that one.

        Raises:
            FileExistsError: Something has the name.
            OutputError: There are neither hard links nor locks.
            OSError: The file cannot be given the name.
        """
        try:
            os.link(draft, name)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            return
        with FileLock.of_log(turns or name, _TIMEOUT):
            # A rename would replace a file that somebody else has made meanwhile.
            if os.path.lexists(name):
                number = errno.EEXIST
                raise FileExistsError(number, os.strerror(number), str(name))
            draft.replace(name)

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def leave(self) -> None:
        """Close the descriptor of the child, without unlocking the file.

        Left open, it would keep the lock when the parent ends. To unlock it would
        unlock the file for the parent too, as both share one open file.
        """
        self.close()


class LogLock(FileLock):
    """The lock of a log in a file, in which it says which process holds it.

    Nothing else keeps writers of such a file apart, so a disk without locks is refused.
    """

    def _opened(self, place: str) -> int:
        try:
            file = _opened(self._path, *_PLAIN)
            if stat.S_ISREG(os.fstat(file).st_mode):
                return file
            os.close(file)
            reason = "is not a file"
        except OSError as error:
            reason = f"cannot be opened ({error.strerror})"
        problem = f"cannot be written: {self._path.name}, by which writers take turns,"
        remedy = "allow writing in the folder, or give another path"
        raise OutputError(place, f"{problem} {reason}: {remedy}")

    def _is_taken(self, file: int, place: str) -> bool:
        try:
            is_taken = _is_taken(file)
        except OSError as error:
            problem = f"is on a disk that keeps no locks ({error.strerror}), so that"
            remedy = "one writer would undo what another wrote: move it to another disk"
            raise OutputError(place, f"{problem} {remedy}") from error
        if is_taken:
            # A file that another user made may be readable only.
            with suppress(OSError):
                os.ftruncate(file, 0)
                os.write(file, f"process {os.getpid()} on {_host()}\n".encode())
        return is_taken

    def _busy(self, file: int, place: str, timeout: float) -> OSError:
        name = b""
        with suppress(OSError):  # Windows lets nobody read what is locked
            os.lseek(file, 0, os.SEEK_SET)
            name = os.read(file, _LONGEST_NAME)
        holder = one_line(name.decode(errors="replace").strip()) or "another process"
        return _busy(place, timeout, holder)

    @staticmethod
    def before_replacing(check: Callable[[], object]) -> AbstractContextManager[None]:
        """Return a context in which files are replaced if a check raises nothing."""
        return checking(check)

    @property
    def is_held(self) -> bool:
        """It is held by this process; not by one that was forked meanwhile."""
        return self._file is not None


# What file systems without hard links say, such as FAT and those of networks.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
_TIMEOUT = 30.0
# A link or a pipe that somebody made in its place is not followed or waited for.
_PLAIN = (getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_NONBLOCK", 0))
_LONGEST_NAME = 200
# By process and file, so that a forked process has locks of its own.
_THREADS: dict[tuple[int, Path], Lock] = {}


def _busy(place: str, timeout: float, holder: str) -> BusyFileError:
    problem = f"has been locked for {timeout:g} s by {holder}: try again"
    return BusyFileError(place, problem)


def _host() -> str:
    # Few programs write logs in files.
    from platform import node

    return node()


def _opened(path: Path, *more: int) -> int:
    """Return the opened file of a lock, which is made if it is not there.

    Raises:
        OSError: It cannot be opened or made.
    """
    flags = sum(more)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except OSError:
        # A file that another user made may be readable only, and can be locked as well.
        with suppress(OSError):
            return os.open(path, os.O_RDONLY | flags)
        raise


def _is_taken(file: int) -> bool:
    """Take a lock, and return whether that succeeded.

    Raises:
        OSError: The file system has no locks.
    """
    try:
        _lock(file, take=True)
    except (BlockingIOError, PermissionError):  # on Unix, on Windows
        return False
    return True


def _lock(file: int, *, take: bool) -> None:
    """Take a lock without waiting, or release it."""
    if (unix := _module("fcntl")) is not None:
        unix.flock(file, unix.LOCK_EX | unix.LOCK_NB if take else unix.LOCK_UN)
    elif (windows := _module("msvcrt")) is not None:
        os.lseek(file, 0, os.SEEK_SET)  # `locking` locks from the current offset
        windows.locking(file, windows.LK_NBLCK if take else windows.LK_UNLCK, 1)


@cache
def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None
