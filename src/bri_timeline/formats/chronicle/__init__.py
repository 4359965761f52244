"""Chronicles: logs as TOML files that people can read and write.

```toml
chronicle = 1
title = "Azerbaijan and China"

[sources.edm]
title = "Azerbaijan Eyes More Cooperation With China"
container = "Eurasia Daily Monitor 16:62"
published = "[2019-04-29..2019-05-05]"

[[entries]]
id = "bri-launched"
when = "2013"
cite = ["edm: para 3"]

[entries.InitiativeLaunched]
name = "Belt and Road Initiative"
by = "CHN"
```

An entry has `when` (EDTF), `cite` (a list of `source` or `source: place`, or of these
with the words there, `{ at = "edm: para 3", quote = "launched in 2013" }`), and one
table named like a payload class with its fields; it may have `id`, `where` (a name, or
`{ name = "Baku", latitude = 40.4, longitude = 49.9, precision = "exact" }`), `known` (a
day), `label` (a name of its own within the file), `supersedes` and `because`. A
retraction has `retracts`, `because` and perhaps `known` and `label`. Both targets are
the label or id of an entry above; what is the label of one and the id of another is an
error. Entries are appended in the order of the file.

An entry whose words were erased has `erased = true`, its targets, `label`, `known` and
`dataset`, and what is left of it: `words`, `id`, `line` (digests), `because` and `at`.
If it was a proposal, `proposed_by` is empty.

`dump()` lays a file out as a person would write it. Comments are lost, since a log does
not hold them. Writing needs tomli-w: `python -m pip install 'tomli-w>=1.2'`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from bri_timeline import EventLog, Source, Vocabulary
from bri_timeline.errors import Fault, FaultsError
from bri_timeline.extend import replaced, require_vocabulary, uncollected
from bri_timeline.formats._files import (
    LARGEST,
    Loss,
    Progress,
    exact_number,
    guarded,
    no_progress,
    numbered,
    read,
    to_text,
)
from bri_timeline.formats.chronicle._reader import (
    VERSION,
    ChronicleReader,
    sources_in,
)
from bri_timeline.formats.chronicle._writer import chronicle_text


__all__ = ["dump", "dumps", "load", "loads", "title_of"]


# The suffixes of its files, and what it keeps.
NAMES = (".toml",)
KEEPS = ("log", "queue")
# A key that needs no quotes.
_KEY = re.compile("[A-Za-z0-9_-]+")
_AT = re.compile(r"(.*) \(at (line \d+, column \d+|end of document)\)", re.DOTALL)

# tomllib needs memory for the square of the number of dots in a key such as a.b.c.
_MOST_DOTS = 64
_DOTTED = re.compile(
    r"""(?:(?:(?<![-\w])[-\w]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+)"""
    f"{{{_MOST_DOTS}}}"
)
_IN_OTHER_WORDS = {"Cannot overwrite a value": "a name is given twice in one table"}
_TOO_DEEP = "is nested too deeply to be read"
_QUOTES = "text, and dates that are not whole days, stand in quotes"


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    title: str | None = None,
    note: str | None = None,
    like: str | Path | None = None,
    progress: Progress = no_progress,
) -> tuple[Loss, ...]:
    """Write a log as a chronicle file, which is replaced as a whole or left as it was.

    The key of a source is made of its container and date. Entries that others refer to
    are named by their id, or else by a label.

    Args:
        log: The log.
        path: The file.
        vocabulary: The payload classes.
        title: The title of the chronicle.
        note: A remark about the whole of it.
        like: A chronicle in which sources have the keys that they keep, such as the
            file that is replaced.
        progress: Called now and then with the number of entries that were read back,
            to find the losses; the text is then written, which takes about as long.

    Returns:
        The losses. A chronicle cannot hold instants of recording, payloads of unknown
        kinds, or a claim with a dated source that counts as known all along.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload, or JSON cannot
            hold the payload.
        EntryError: Another part of an entry cannot be written.
        OutputError: The file cannot be written.
    """
    entries, losses = numbered(log)
    top: dict[str, object] = {"chronicle": VERSION}
    top |= {key: text for key, text in (("title", title), ("note", note)) if text}
    keys = {} if like is None else _keys_in(Path(like))
    text, lost = chronicle_text(entries, vocabulary, top, progress, keys)
    with replaced(Path(path)) as file:
        file.write(text.encode())
    return (*losses, *lost)


def _keys_in(path: Path) -> dict[Source, str]:
    """Return the keys of sources in a file; none if it is not a chronicle."""
    sources = sources_in(_data_in(path))
    # Of two keys of one source, the first.
    return {sources[key]: key for key in reversed(sources) if _KEY.fullmatch(key)}


def title_of(path: str | Path) -> str | None:
    """Return the title of a chronicle file; None without one, or if it is faulty.

    A log does not hold it.
    """
    title = _data_in(Path(path)).get("title")
    return title if isinstance(title, str) and title.strip() else None


def _data_in(path: Path) -> dict[str, object]:
    """Return what a TOML file has; nothing if it cannot be read."""
    try:
        if path.stat().st_size <= LARGEST:
            text = path.read_text("utf-8-sig")
            return tomllib.loads(text, parse_float=exact_number)
    except (OSError, ValueError, RecursionError):
        pass
    return {}


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as the text of a chronicle.

    The arguments are those of `dump()`.
    """
    return text


def load(
    path: str | Path, vocabulary: Vocabulary, *, progress: Progress = no_progress
) -> EventLog:
    """Read a chronicle file.

    Args:
        path: A TOML file in UTF-8, at most 1 GiB.
        vocabulary: The payload classes that it may use.
        progress: Called now and then with the number of entries read, after all of the
            TOML was parsed, which takes as long again.

    Raises:
        FaultsError: All faults, each with its line, entry and field.
        OSError: The file cannot be read.
    """
    path = Path(path)
    return loads(read(path), vocabulary, name=str(path), progress=progress)


def loads(
    text: str,
    vocabulary: Vocabulary,
    *,
    name: str = "chronicle",
    progress: Progress = no_progress,
) -> EventLog:
    """Read the text of a chronicle.

    Args:
        text: TOML.
        vocabulary: The payload classes that it may use.
        name: The name of the text in messages.
        progress: As for `load()`.

    Raises:
        FaultsError: All faults, each with its line, entry and field. Of syntax errors
            only the first is found.
    """
    # tomllib does not accept a byte order mark or the line ends of old Macs.
    require_vocabulary(vocabulary)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    # Only a line with so many dots can have such a key: the search itself is slow.
    is_dotted = any(line.count(".") >= _MOST_DOTS for line in text.split("\n"))
    if is_dotted and (dotted := _DOTTED.search(text)):
        line = text.count("\n", 0, dotted.start()) + 1
        raise FaultsError(name, [Fault(f"line {line}", _TOO_DEEP)])
    try:
        with uncollected():
            data = tomllib.loads(text, parse_float=exact_number)
    except RecursionError:
        raise FaultsError(name, [Fault("TOML", _TOO_DEEP)]) from None
    except ValueError as error:  # also of int(), for a number of too many digits
        raise FaultsError(name, [_syntax_fault(error)]) from None
    # From here on the text is valid TOML, so all faults can be collected.
    reader = ChronicleReader(vocabulary)
    with uncollected():
        log = reader.read(data, progress)
    if reader.faults:
        raise FaultsError(name, reader.located(text))
    return log


def _syntax_fault(error: ValueError) -> Fault:
    match = _AT.fullmatch(str(error))
    reason, place = match.groups() if match else ("Too many digits in a number", "TOML")
    words = _IN_OTHER_WORDS.get(reason, f"{reason[:1].lower()}{reason[1:]}")
    return Fault(place, f"is not TOML: {words} ({_QUOTES})")
