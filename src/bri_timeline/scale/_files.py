"""Access to the files of a dataset, which lie in a folder or at a URL.

Everything else reads and writes files of this machine: those of a folder itself, and
copies of those at a URL, each of which is read as a whole to check its digest anyway.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from errno import EIO
from functools import cache, lru_cache
from hashlib import blake2b
from multiprocessing.util import Finalize
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE
from tempfile import gettempdir, mkdtemp
from typing import Any, TypeVar
from urllib.request import url2pathname

from attrs import field, frozen

from bri_timeline.errors import DatasetError, OutputError, translated
from bri_timeline.extend import FileLock, needing, replaced, url_problem


@frozen
class Url:
    """A URL of object storage, and what obstore is told beside it.

    Attributes:
        text: The URL.
        options: Arguments of `obstore.store.from_url()`. Whatever tells of the URL
            leaves them out, since they may be a password or a key.
    """

    text: str
    options: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)

    def __str__(self) -> str:
        return self.text


T = TypeVar("T")
# A folder of this machine, or a URL.
Where = Path | Url
_PRIVATE = 0o700
_PAUSE = 0.1
_SCHEME = re.compile(r"([a-z][a-z0-9+.:-]+):/+(.*)", re.IGNORECASE | re.DOTALL)
# The kinds of object storage: each creates a file, in one request, if it is not there.
_KNOWN = ("az", "gs", "s3")
# An error of obstore can have the address of a server, with a name and a password.
_NAMED = re.compile(r"(?<=://)[^/@\s]*@")


def located(
    given: str | os.PathLike[str], options: Mapping[str, Any] | None = None
) -> Where:
    """Return where the files of a dataset lie.

    Args:
        given: A folder, or a URL.
        options: Arguments of obstore, beside a URL.

    Raises:
        MissingExtraError: It is a URL, and obstore is missing.
        DatasetError: It is a URL of a kind that is not known, one that cannot be opened
            or may have a password in it; or text that names no folder, or a folder
            beside options; or this process is a fork of one that has asked a URL.
    """
    text = os.fspath(given)
    parts, problem = _SCHEME.fullmatch(text), url_problem(text)
    is_folder = parts is None or ("://" not in text and problem is None)
    scheme, rest = ("", "") if parts is None else (parts[1].lower(), parts[2])
    if is_folder or scheme == "file":
        if options:
            problem = "is a folder, and takes no storage_options: leave them out"
            raise DatasetError(text, problem)
        path = Path(url2pathname(f"/{rest.rstrip('/')}")).resolve()
        return folder_of(text) if is_folder else path
    # A URL may have a password in it, so that messages name its kind only.
    hidden = f"{scheme}://..."
    if scheme not in _KNOWN:
        known = ", ".join(f"{name}://" for name in (*_KNOWN, "file"))
        problem = "is a URL of a kind on which no dataset lies"
        raise DatasetError(hidden, f"{problem}: give a folder, or one of {known}")
    # `Path` makes one stroke of two.
    where = Url(f"{scheme}://{rest.rstrip('/')}", {**(options or {})})
    bucket = rest.partition("/")[0]
    if not {":", "@"}.isdisjoint(bucket) or "?" in rest:
        problem = "may have a password or a key in it, which messages would show"
        remedy = "give that in the environment, or by storage_options="
        raise DatasetError(hidden, f"{problem}: {remedy}")
    _files_of(where)
    return where


def folder_of(given: str | os.PathLike[str]) -> Path:
    """Return a folder of this machine.

    Raises:
        DatasetError: It is a URL, or text that names no folder.
    """
    if problem := url_problem(given):
        raise DatasetError(str(given), problem)
    return Path(os.path.realpath(given))


def made(folder: Path) -> Path:
    """Return a folder, which is made if it is not there.

    Raises:
        OutputError: It cannot be made.
    """
    with translated(OutputError, folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


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
            FileLock.take_name(draft, self.path / name, self.path / "dataset")
        finally:
            draft.unlink(missing_ok=True)
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
    """The files at a URL, by a store of obstore."""

    store: Any

    def names(self) -> list[str]:
        found = _obstore().list_with_delimiter(self.store)["objects"]
        return [one["path"].rpartition("/")[2] for one in found]

    def read(self, name: str) -> bytes:
        return bytes(_obstore().get(self.store, name).bytes())

    def create(self, name: str, data: bytes) -> None:
        try:
            _obstore().put(self.store, name, data, mode="create", use_multipart=False)
        except _obstore().exceptions.AlreadyExistsError as error:
            raise FileExistsError(str(error)) from None

    def put(self, name: str, path: Path) -> None:
        _obstore().put(self.store, name, path)

    def get(self, name: str, path: Path) -> None:
        with path.open("wb") as file:
            file.writelines(_obstore().get(self.store, name))

    def delete(self, name: str) -> None:
        _obstore().delete(self.store, name)

    def changed(self, name: str) -> float:
        modified: float = _obstore().head(self.store, name)["last_modified"].timestamp()
        return modified


def _files_of(where: Where) -> Any:
    if isinstance(where, Path):
        return _Folder(where)
    if _asking_process() != os.getpid():
        problem = "cannot be asked in a fork of a process that has asked a URL"
        remedy = 'start workers with mp_context=get_context("spawn")'
        raise DatasetError(str(where), f"{problem}: {remedy}")
    return _opened(where)


@cache
def _asking_process() -> int:
    """Return the process that has asked a URL first: this one, or it was forked.

    The threads of obstore are not in a fork, which would wait for them for ever.
    """
    return os.getpid()


@lru_cache
def _opened(where: Url) -> _RemoteFiles:
    from_url = _obstore().store.from_url
    try:
        return _RemoteFiles(from_url(str(where), **where.options))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # obstore panics at an option in the wrong place
        raise DatasetError(
            str(where), f"cannot be opened: {_told(where, error)}"
        ) from None


def _obstore() -> Any:
    with needing("remote"):
        import obstore.exceptions
        import obstore.store
    return obstore


def _told(where: Url, error: BaseException) -> str:
    """Return the words of an error, without those of options.

    What obstore adds for its own authors is left out.
    """
    told = _NAMED.sub("...@", str(error).partition("\n\n")[0])
    for word in _words(where.options):
        told = told.replace(word, "...")
    return told


def _words(options: object) -> Iterator[str]:
    if isinstance(options, Mapping):
        for value in options.values():
            yield from _words(value)
    elif isinstance(options, str) and options:
        yield options


def _asked(where: Where, work: Callable[[Any], T]) -> T:
    """Return what storage says; one that is far away is asked again after an error.

    Raises:
        FileNotFoundError: The file is missing.
        OSError: It has failed.
    """
    if isinstance(where, Path):
        return work(_files_of(where))
    pauses = [_PAUSE, 4 * _PAUSE]
    while True:
        try:
            return work(_files_of(where))
        except (FileNotFoundError, DatasetError):
            raise
        except Exception as error:  # obstore has errors of its own
            if not pauses:
                problem = f"{type(error).__name__}: {_told(where, error)}"
                # The error of obstore would show more words than these.
                raise OSError(EIO, problem) from None
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
        DatasetError: It cannot be created, and was not.
        OSError: Nobody knows whether it was.
    """

    def work(files: Any) -> bool:
        try:
            files.create(name, data)
        except Exception as error:
            # Refused, or done though the answer was lost: what is there tells.
            there = read(where, name)
            if there is None:
                # A request that is on its way may yet create it.
                if isinstance(where, Path):
                    raise unwritten(where, error) from error
                raise
            return there == data
        return True

    return _asked(where, work)


def unwritten(where: Where, error: Exception) -> DatasetError:
    """Return the error of a dataset that stays as it was."""
    return DatasetError(str(where), f"cannot be written, and is as it was: {error}")


def is_exclusive(where: Url) -> bool:
    """Check that storage does not create a file that is there already.

    Raises:
        OSError: It does not answer.
    """
    name = f".try-{token_hex(8)}"

    def is_refused(files: Any) -> bool:
        try:
            files.create(name, b"")
        except FileExistsError:  # another error proves nothing
            return True
        return False

    create(where, name, b"")
    try:
        return _asked(where, is_refused)
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
    if isinstance(where, Url) and not path.exists():
        draft = path.with_name(f".{name}.{token_hex(4)}")
        _asked(where, lambda files: files.get(name, draft))
        draft.replace(path)
    return path


def forget(where: Where, name: str) -> None:
    """Delete the copy of a file, if it is one."""
    if isinstance(where, Url):
        (local(where) / name).unlink(missing_ok=True)


def local(where: Where) -> Path:
    """Return the folder of this machine for the files, or for copies of them.

    Copies are deleted when this process ends.
    """
    if isinstance(where, Path):
        return where
    return _copies(where, os.getpid())


@lru_cache
def _copies(where: Url, process: int) -> Path:
    name = blake2b(str(where).encode(), digest_size=8).hexdigest()
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
