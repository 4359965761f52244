"""Change a log in a text file: one writer at a time, and no change is undone."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

from bri_timeline import EventLog, Vocabulary
from bri_timeline.errors import BusyFileError, OutputError, SelectionError
from bri_timeline.extend import (
    FileLock,
    replaced,
    require_log,
    require_vocabulary,
    url_problem,
)
from bri_timeline.extensions import (
    accepted,
    broken,
    each,
    extension,
    named,
    suffix_of,
    suffixes,
)
from bri_timeline.formats._files import Loss, Progress, no_progress


class _FileChangedError(Exception):
    """The file has changed since it was read: a program that takes no lock wrote it."""


def update(
    path: str | Path,
    change: Callable[[EventLog], EventLog],
    vocabulary: Vocabulary,
    *,
    using: str | None = None,
    timeout: float = 30.0,
    progress: Progress = no_progress,
) -> tuple[EventLog, tuple[Loss, ...]]:
    """Change a log in a file, whoever else changes it: what each has added stays.

    The file is locked, read, changed and replaced. The lock is the operating system's,
    on the file `.NAME.lock` beside it, which stays; every `update()` of any process or
    thread waits for it, and so do the command and its server. Programs that take no
    lock, such as editors, are noticed just before the file is replaced: then *change*
    is called again, on what is there now. Outside a file, use a store. So one adds to a
    chronicle: `update("visits.toml", lambda log: log.extend(events), FACTS)`.

    Args:
        path: A chronicle, JSON Lines, CSV, Arrow or Parquet, told by its suffix. A file
            that is missing or empty holds an empty log. Of a chronicle,
            title and note are kept, and comments in a copy, of which a loss tells.
        change: Returns the log to be written. It may be called several times, so it
            changes nothing else, asks nobody, and names entries by what they say: their
            positions may be others now. What it raises leaves the file as it is.
        vocabulary: The payload classes.
        using: The name of the format, if not given by the suffix.
        timeout: The number of seconds to wait for other writers.
        progress: Called now and then with the number of entries read, and then with
            that of all entries read and written. If the file was changed meanwhile, it
            begins anew.

    Returns:
        The log that the file has now, and what the format could not hold. A log that
        *change* returns as it was is not written again.

    Raises:
        BusyFileError: Somebody else wrote for longer than *timeout*; the message says
            which process.
        OutputError: The path is not a file, or is on a disk that keeps no locks, or it
            cannot be written.
        SelectionError: The suffix is not that of a format; or *change* returned
            something other than a log.
        FaultsError: All faults of the file.
        VocabularyError: The vocabulary lacks the class of a payload.
        EntryError: An entry cannot be written.
        OSError: The file cannot be read.
    """
    path = Path(path)
    require_vocabulary(vocabulary)
    if problem := url_problem(path):
        raise OutputError(str(path), problem)
    name = using or _format_of(path)
    module = extension("formats", name)
    with FileLock.of_log(path, timeout) as lock:
        end = time.monotonic() + timeout
        while True:
            before = _state(path)

            def check(read: bytes | None = before) -> None:
                if not lock.is_held:
                    problem = "was locked by the process from which this one was forked"
                    raise OutputError(str(path), f"{problem}: update it there")
                if _state(path) != read:
                    raise _FileChangedError

            try:
                guard = lock.before_replacing(check)
                return _changed(path, change, vocabulary, module, guard, progress)
            except (_FileChangedError, ValueError, FileNotFoundError):
                # An editor may have been about to write what could not be read.
                if _state(path) == before:
                    raise
            if time.monotonic() > end:
                problem = "is changed all the time by a program that takes no lock"
                raise BusyFileError(str(path), f"{problem}: close that, and try again")


def _changed(
    path: Path,
    change: Callable[[EventLog], EventLog],
    vocabulary: Vocabulary,
    module: ModuleType,
    guard: AbstractContextManager[None],
    progress: Progress,
) -> tuple[EventLog, tuple[Loss, ...]]:
    """Read a file, and replace it by what a function makes of its log."""
    is_new = not path.exists() or not path.stat().st_size
    told = accepted(module.load, {"progress": progress})
    log = EventLog() if is_new else module.load(path, vocabulary, **told)
    after = require_log(change(log))
    if after == log and not is_new:
        return log, ()
    options, losses = dict[str, object](), tuple[Loss, ...]()
    if module.__name__.endswith(".chronicle") and not is_new:
        options, losses = _headings(path), keep_comments(path)
    many = len(log)

    def tell(done: int) -> None:
        progress(many + done)

    with guard:
        told = accepted(module.dump, {"progress": tell})
        losses += module.dump(after, path, vocabulary, **options, **told)
    return after, losses


def _format_of(path: Path) -> str:
    """Return the format of a file by its last suffix; `.gz` is ignored."""
    name = named(suffix_of(path), "formats")
    if name is not None and _keeps_log(extension("formats", name)):
        return name
    logs = (one for _, one in each("formats") if _keeps_log(one))
    known = ", ".join(suffix for one in logs for suffix in suffixes(one))
    problem = f"does not end with the suffix of a format: {known}"
    why = broken("formats")
    raise SelectionError(str(path), f"{problem}; or give using='chronicle'{why}")


def _keeps_log(module: ModuleType) -> bool:
    return "log" in getattr(module, "KEEPS", ())


def _state(path: Path) -> bytes | None:
    """Return the digest of the bytes of a file; None if it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except FileNotFoundError:
        return None


def _headings(path: Path) -> dict[str, object]:
    """Return what a log does not hold of a chronicle: title, note, keys of sources."""
    # Other formats need not wait for its import.
    import tomllib

    document = tomllib.loads(path.read_text("utf-8-sig"))
    texts = ((name, document.get(name)) for name in ("title", "note"))
    return {name: text for name, text in texts if text} | {"like": path}


# Strings of TOML, which may hold a number sign: of several lines, then of one.
_STRINGS = re.compile(
    r""""{3}(?:[^\\]|\\.)*?"{3}|'{3}.*?'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""",
    re.DOTALL,
)


def keep_comments(path: Path) -> tuple[Loss, ...]:
    """Keep a chronicle that has comments beside the one that is about to replace it.

    A log does not hold comments, and somebody wrote them.
    """
    text = path.read_text("utf-8", "replace")
    comments = _STRINGS.sub("", text).count("#")
    if not comments:
        return ()
    before = path.with_name(f"{path.name}~")
    # It may be private.
    with replaced(before, like=path) as file:
        file.write(text.encode())
    problem = f"{path} had {comments:,} comments, which a log does not hold"
    return (Loss("comments", f"{problem}: the file as it was is kept as {before}"),)
