"""Access to the files of a dataset, which lie in a folder or at a URL.

Everything else reads and writes files of this machine: those of a folder itself, and
copies of those at a URL, each of which is read as a whole to check its digest anyway.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from errno import EIO
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module
from multiprocessing.util import Finalize
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE
from tempfile import gettempdir, mkdtemp
from typing import Any, TypeVar
from urllib.request import url2pathname

from attrs import frozen

from bri_timeline.errors import DatasetError
from bri_timeline.extend import needing, replaced, url_problem


T = TypeVar("T")
# A folder of this machine, or a URL.
Where = Path | str
_PRIVATE = 0o700
_PAUSE = 0.1
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):/+(.*)", re.IGNORECASE | re.DOTALL)
# Their packages create a file, on demand, only if it is not there, in one request; that
# of others looks first, so that two writers could do so at once.
_WRITABLE = {"abfs", "abfss", "az", "gcs", "gs", "s3", "s3a"}


def located(given: str | os.PathLike[str], *, is_written: bool = False) -> Where:
    """Return where the files of a dataset lie.

    Args:
        given: A folder, or a URL.
        is_written: Files are to be written there.

    Raises:
        MissingExtraError: It is a URL, and fsspec is missing.
        DatasetError: It is a URL whose package is missing, or nothing that is known; or
            one that cannot be written to by several.
    """
    text = os.fspath(given)
    parts = _SCHEME.fullmatch(text)
    if parts is None or ("://" not in text and url_problem(text) is None):
        return Path(text).resolve()
    scheme, rest = parts[1].lower(), parts[2].rstrip("/")
    if scheme == "file":
        return Path(url2pathname(f"/{rest}")).resolve()
    # `Path` makes one stroke of two.
    where = f"{scheme}://{rest}"
    _fsspec()
    try:
        _files_of(where)
    except (ImportError, ValueError, TypeError) as error:
        raise DatasetError(where, f"cannot be opened: {error}") from None
    if is_written and scheme not in _WRITABLE:
        problem = "is of a kind on which two writers could undo each other's work"
        known = ", ".join(f"{name}://" for name in sorted(_WRITABLE))
        raise DatasetError(where, f"{problem}: write to a folder, or to {known}")
    return where


@frozen
class _Folder:
    """The files of a folder."""

    path: Path

    def names(self) -> list[str]:
        return [path.name for path in self.path.iterdir()]

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def create(self, name: str, data: bytes) -> None:
        draft = self.path / f".{name}.{token_hex(4)}"
        with replaced(draft) as file:
            file.write(data)
        try:
            # Unlike a renaming, this fails if the name is there.
            os.link(draft, self.path / name)
        finally:
            draft.unlink()
        with suppress(OSError):  # Windows cannot open folders
            number = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)

    def put(self, name: str, path: Path) -> None:
        with path.open("rb+") as file:
            os.fsync(file.fileno())

    def delete(self, name: str) -> None:
        path = self.path / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

    def changed(self, name: str) -> float:
        return (self.path / name).stat().st_mtime


@frozen
class _RemoteFiles:
    """The files at a URL, by a file system of fsspec."""

    where: str
    system: Any

    def names(self) -> list[str]:
        paths = self.system.ls(self.where, detail=False)
        return [str(path).rstrip("/").rpartition("/")[2] for path in paths]

    def read(self, name: str) -> bytes:
        data: bytes = self.system.cat_file(self._path(name))
        return data

    def create(self, name: str, data: bytes) -> None:
        self.system.pipe_file(self._path(name), data, mode="create")

    def put(self, name: str, path: Path) -> None:
        self.system.put_file(str(path), self._path(name))

    def get(self, name: str, path: Path) -> None:
        self.system.get_file(self._path(name), str(path))

    def delete(self, name: str) -> None:
        self.system.rm_file(self._path(name))

    def changed(self, name: str) -> float:
        modified: float = self.system.modified(self._path(name)).timestamp()
        return modified

    def _path(self, name: str) -> str:
        return f"{self.where}/{name}"


def _files_of(where: Where) -> Any:
    if isinstance(where, Path):
        return _Folder(where)
    # One for each process and thread: fsspec keeps it.
    system = _fsspec().filesystem(where.partition(":")[0])
    system.invalidate_cache()
    return _RemoteFiles(where, system)


def _fsspec() -> Any:
    with needing("remote"):
        return import_module("fsspec")


def _asked(where: Where, work: Callable[[Any], T]) -> T:
    """Return what storage says; one that is far away is asked again after an error.

    Raises:
        FileNotFoundError: The file is missing.
        OSError: It has failed.
    """
    pauses = [] if isinstance(where, Path) else [_PAUSE, 4 * _PAUSE]
    while True:
        try:
            return work(_files_of(where))
        except FileNotFoundError:
            raise
        except Exception as error:  # the packages of fsspec have errors of their own
            if not pauses:
                problem = f"{type(error).__name__}: {error}"
                raise OSError(EIO, problem) from error
            time.sleep(pauses.pop(0))


def listed(where: Where) -> list[str]:
    """Return the names of the files; new ones may be missing.

    Raises:
        OSError: They cannot be listed.
    """
    try:
        names: list[str] = _asked(where, lambda files: files.names())
    except FileNotFoundError:
        return []
    return names


def read(where: Where, name: str) -> bytes | None:
    """Return the bytes of a file; None if there is none.

    Raises:
        OSError: It cannot be read.
    """
    try:
        data: bytes = _asked(where, lambda files: files.read(name))
    except FileNotFoundError:
        return None
    return data


def create(where: Where, name: str, data: bytes) -> bool:
    """Create a file unless there is one; return whether these are its bytes now.

    Args:
        where: The folder, or the URL.
        name: Its name.
        data: Its bytes, which nobody else would write.

    Raises:
        OSError: It cannot be created, or nobody knows whether it was.
    """

    def work(files: Any) -> bool:
        try:
            files.create(name, data)
        except Exception:
            # Refused, or done though the answer was lost: what is there tells.
            there = read(where, name)
            if there is None:
                raise
            return there == data
        return True

    return _asked(where, work)


def is_exclusive(where: str) -> bool:
    """Check that storage does not create a file that is there already."""
    name = f".try-{token_hex(8)}"
    create(where, name, b"")
    try:
        _files_of(where).create(name, b"")
    except Exception:  # the packages of fsspec have errors of their own
        return True
    else:
        return False
    finally:
        delete(where, name)


def put(where: Where, name: str) -> None:
    """Make a file last that was written to the folder `local()`; its name must be new.

    Raises:
        OSError: It cannot be written.
    """
    _asked(where, lambda files: files.put(name, local(where) / name))


def delete(where: Where, name: str) -> None:
    """Delete a file, if it is there, and its copy.

    Raises:
        OSError: It cannot be deleted.
    """
    with suppress(FileNotFoundError):
        _asked(where, lambda files: files.delete(name))
    forget(where, name)


def changed(where: Where, name: str) -> float:
    """Return when a file was written, in seconds since 1970.

    Raises:
        OSError: It is missing, or that has failed.
    """
    modified: float = _asked(where, lambda files: files.changed(name))
    return modified


def fetched(where: Where, name: str) -> Path:
    """Return the path of a file, or of its copy on this machine.

    Raises:
        OSError: It cannot be copied.
    """
    path = local(where) / name
    if isinstance(where, str) and not path.exists():
        draft = path.with_name(f".{name}.{token_hex(4)}")
        _asked(where, lambda files: files.get(name, draft))
        draft.replace(path)
    return path


def forget(where: Where, name: str) -> None:
    """Delete the copy of a file, if it is one."""
    if isinstance(where, str):
        (local(where) / name).unlink(missing_ok=True)


def local(where: Where) -> Path:
    """Return the folder of this machine for the files, or for copies of them.

    Copies are deleted when this process ends.
    """
    if isinstance(where, Path):
        return where
    return _copies(where, os.getpid())


@lru_cache
def _copies(where: str, process: int) -> Path:
    name = blake2b(where.encode(), digest_size=8).hexdigest()
    folder = private() / f"copies-{process}-{token_hex(4)}-{name}"
    folder.mkdir()
    # In a child of this process it does nothing, unlike `atexit`.
    Finalize(None, shutil.rmtree, (folder, True), exitpriority=0)
    return folder


def private() -> Path:
    """Return a folder for temporary files, which nobody else can read."""
    place = Path(gettempdir())
    # Elsewhere each user has a folder for temporary files.
    if hasattr(os, "getuid"):
        place /= f"bri-timeline-{os.getuid()}"
        place.mkdir(mode=_PRIVATE, exist_ok=True)
        status = place.lstat()
        # Whoever made it could read what is written there.
        if status.st_uid != os.getuid() or S_IMODE(status.st_mode) != _PRIVATE:
            place = Path(mkdtemp(prefix="bri-timeline-"))
    return place
