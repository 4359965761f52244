"""Replace files atomically: a reader finds the old content or the new."""

from __future__ import annotations

import gzip
import io
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO, cast

from bri_timeline._paths import url_problem
from bri_timeline.errors import OutputError


__all__ = ["checking", "former", "replaced", "sweep"]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
# Characters of a name that its draft has; and after how many seconds that is left.
_MOST = 200
_ABANDONED = 24 * 60 * 60.0
_KINDS = {
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


# Called before a file is replaced: what it raises leaves the file as it is.
_CHECK: ContextVar[Callable[[], object]] = ContextVar("check", default=lambda: None)


@contextmanager
def checking(check: Callable[[], object]) -> Iterator[None]:
    """Return a context in which files are replaced only if a check raises nothing.

    Args:
        check: Called when the new file is on the disk, just before it takes the name.
    """
    token = _CHECK.set(check)
    try:
        yield
    finally:
        _CHECK.reset(token)


@contextmanager
def replaced(path: Path, like: Path | None = None) -> Iterator[BinaryIO]:
    """Yield a file to write, which replaces *path* once it is on the disk.

    If writing fails, *path* keeps its content. A file that is replaced keeps its mode,
    owner and group. A path that ends in `.gz` is compressed with gzip.

    Args:
        path: The file.
        like: The file of which it is a copy, say: its mode, owner and group are taken.

    Raises:
        OutputError: *path* is not a file, or is a file of another owner, or cannot be
            written.
    """
    before = former(path)
    before = before if like is None else former(like)
    final = path.resolve()
    # A rename is atomic within one folder only, so the new file is written beside the
    # old one.
    draft = final.with_name(f".{final.name[:_MOST]}.{secrets.token_hex(4)}")
    # The old file may be private: nobody else may read the new one before it has the
    # same owner and mode.
    try:
        number = os.open(draft, _NEW, 0o666 if before is None else 0o600)
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(number, "wb") as file:
            with _packed(file, final) as inner:
                yield inner
            # Without this a crash after the rename could leave an empty file.
            file.flush()
            os.fsync(file.fileno())
        if before is not None:
            _make_alike(draft, before, path)
        _CHECK.get()()
        draft.replace(final)
    # Also on KeyboardInterrupt: no draft may be left behind.
    except BaseException as error:
        draft.unlink(missing_ok=True)
        # An error of writing, such as of a full disk, does not name the file.
        ours = None, str(draft), str(final)
        if isinstance(error, OSError) and error.errno and error.filename in ours:
            raise _unwritten(path, error) from error
        raise
    _sync_folder(final.parent)


def _unwritten(path: Path, error: OSError) -> OutputError:
    """Return the error of a file that stays as it was, with the remedy."""
    folder = path.parent
    problem = f"cannot be written: {error.strerror}; it is as it was"
    if isinstance(error, FileNotFoundError):
        problem = f"cannot be written: make the folder {folder} first"
    elif isinstance(error, PermissionError):
        problem = f"{problem}: allow writing in {folder}, or give another path"
    return OutputError(str(path), problem)


def former(path: Path) -> os.stat_result | None:
    """Return the status of the existing file, or None.

    Raises:
        OutputError: It is a device, a pipe or a folder, which a rename would destroy;
            or a URL, or cannot be found out.
    """
    if problem := url_problem(path):
        raise OutputError(str(path), problem)
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritten(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        what = _KINDS.get(stat.S_IFMT(status.st_mode), "not a file")
        problem = f"is {what}, which cannot be replaced: give the path of a file"
        raise OutputError(str(path), problem)
    return status


def sweep(final: Path) -> None:
    """Delete what killed writers of a file, and of its kept copy, have left beside it.

    Nobody has written to it for a day.
    """
    name = re.compile(rf"\.{re.escape(final.name[:_MOST])}~?\.[0-9a-f]{{8}}", re.DOTALL)
    with suppress(OSError), os.scandir(final.parent) as found:
        for one in found:
            is_draft = name.fullmatch(one.name) and one.is_file(follow_symlinks=False)
            if is_draft and time.time() - one.stat().st_mtime > _ABANDONED:
                Path(one).unlink()


def _make_alike(draft: Path, former: os.stat_result, path: Path) -> None:
    """Give a file the owner, the group and the mode of the file it replaces.

    Raises:
        OutputError: This user may not change the owner.
    """
    owner, status = (former.st_uid, former.st_gid), draft.stat()
    try:
        if owner != (status.st_uid, status.st_gid):
            os.chown(draft, *owner)
        draft.chmod(stat.S_IMODE(former.st_mode))
    except PermissionError:
        problem = "belongs to somebody else, and would be yours if it were replaced"
        raise OutputError(str(path), f"{problem}: give another path") from None


@contextmanager
def _packed(file: io.BufferedWriter, path: Path) -> Iterator[BinaryIO]:
    if path.suffix != ".gz":
        yield file
        return
    # No name and no time in the header, so that equal logs give equal bytes.
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as inner:
        yield cast("BinaryIO", inner)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open folders
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
