"""A process in which Python has the modules of Windows, and lacks those of Unix.

Run as `python no_unix.py [windows|bare] folder`, it makes stores keep their
contract without `fcntl`; with `windows` a stand-in for `msvcrt` locks, with `bare`
nothing does.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType


# What Windows has too; and the last, without which `shutil` here removes no folder.
_OPENING = ("O_RDWR", "O_RDONLY", "O_WRONLY", "O_CREAT", "O_EXCL", "O_NONBLOCK")


def run(system: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what this file does, in a process of its own."""
    return subprocess.run(
        [sys.executable, __file__, system, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


class Msvcrt(ModuleType):
    """`msvcrt.locking()`: a lock of the byte at which a descriptor stands.

    As on Windows it belongs to the descriptor and is refused with `EACCES`; between
    processes it is a POSIX lock, which ends with the process.
    """

    LK_UNLCK, LK_LOCK, LK_NBLCK = range(3)

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self._holders: dict[tuple[int, int, int], int] = {}

    def locking(self, file: int, mode: int, size: int) -> None:
        """Lock some bytes, or unlock them."""
        found, at = os.fstat(file), os.lseek(file, 0, os.SEEK_CUR)
        place = found.st_dev, found.st_ino, at
        if mode == self.LK_UNLCK:
            if self._holders.pop(place, None) != file:
                raise PermissionError(13, "Permission denied")
            os.lockf(file, os.F_ULOCK, size)
            return
        if self._holders.setdefault(place, file) != file:
            raise PermissionError(13, "Permission denied")
        try:
            os.lockf(file, os.F_TLOCK, size)
        except OSError:
            del self._holders[place]
            raise PermissionError(13, "Permission denied") from None


def _forget_unix(system: str) -> None:
    fork = os.fork  # the tests of processes need it; the library must not
    for name in [name for name in dir(os) if name.startswith("O_")]:
        if name not in _OPENING:
            delattr(os, name)
    del os.fork, os.register_at_fork
    sys.modules["fcntl"] = None
    if system == "windows":
        sys.modules["msvcrt"] = Msvcrt()
    import processes

    processes.os = _With(fork)


class _With:
    """The module `os` with forks."""

    def __init__(self, fork: object) -> None:
        self.fork = fork

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)


def _main(system: str, folder: Path) -> None:
    # It takes what it needs of Unix when it is imported.
    importlib.import_module("tempfile")
    from hypothesis import settings
    from store_processes import crowd
    from store_worlds import WORDS

    from bri_timeline import Vocabulary
    from bri_timeline.stores import SQLiteStore, backup
    from bri_timeline.testing import check_store

    settings.register_profile("few", max_examples=20, deadline=None, derandomize=True)
    settings.load_profile("few")
    _forget_unix(system)

    def opened(name: str, vocabulary: Vocabulary) -> SQLiteStore:
        return SQLiteStore(folder / name, vocabulary, synchronous="NORMAL")

    check_store(opened)
    path = folder / "crowd.db"
    SQLiteStore(path, WORDS).close()  # without locks only one may make a file
    crowd(lambda: SQLiteStore(path, WORDS, timeout=600.0), 4, 50, 1)
    with SQLiteStore(path, WORDS) as store:
        backup(store, folder / "saved.db")
        if system == "windows":
            _check_apart(path)
    assert Path(f"{path}-lock").exists()


def _check_apart(path: Path) -> None:
    """Make sure that the lock keeps others out, in this process and in another."""
    from processes import forked, joined

    from bri_timeline._lock import FileLock
    from bri_timeline.errors import BusyStoreError

    lock, other = (FileLock(Path(f"{path}-lock")) for _ in range(2))

    def refused() -> None:
        try:
            with other.held("x", 0.0):
                pass
        except BusyStoreError:
            return
        raise AssertionError

    with lock.held("x", 0.0):
        refused()
        joined(forked(refused))
    with other.held("x", 0.0):
        pass


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
    sys.stdout.write("kept\n")
