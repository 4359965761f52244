"""The chronicle: a TOML file that a person can write and read.

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

An entry has `when` (EDTF), `cite` (a list of `source` or `source: place`), and one
table named like a payload class with its fields; it may have `id`, `known` (a day),
`label` (a name of its own within the file), `supersedes` and `because`. A retraction
has `retracts`, `because` and perhaps `known` and `label`. Both targets are the label or
id of an entry above; a label goes before an id. Entries are appended in the order of
the file.

What `dump()` writes is laid out as a person would write it; comments are no part of a
log. It needs tomli-w: `pip install 'bri-timeline[chronicle]'`.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

from bri_timeline._codec import Vocabulary
from bri_timeline._log import EventLog
from bri_timeline.errors import Fault, FaultsError
from bri_timeline.formats._files import replaced
from bri_timeline.formats._loss import Loss, numbered
from bri_timeline.formats.chronicle._reader import VERSION, Reader
from bri_timeline.formats.chronicle._writer import text_of


__all__ = [
    "dump",
    "load",
    "loads",
]


_LARGEST = 1 << 30
_AT = re.compile(r"(.*) \(at (line \d+, column \d+|end of document)\)", re.DOTALL)

# Dots, as in a.b.c: what reads TOML takes memory for the square of their number.
_DOTTED = re.compile(
    r"""(?:(?:(?<![-\w])[-\w]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){64}"""
)
_IN_OTHER_WORDS = {"Cannot overwrite a value": "a name is given twice in one table"}
_TOO_DEEP = "is nested too deeply to be read"
_QUOTES = "text, and dates that are not whole days, stand in quotes"


def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    title: str | None = None,
) -> tuple[Loss, ...]:
    """Write a log as a chronicle file, which is replaced as a whole or left as it was.

    Sources are called by where and when they appeared, and entries that others refer to
    by their id, or else by a label.

    Args:
        log: The log.
        path: The file.
        vocabulary: The payload classes.
        title: What the chronicle is called.

    Returns:
        What was lost. Nothing is, of what a person could have written: a chronicle has
        no instants of recording, no kinds that nobody here knows, and nothing with a
        dated source that counts as known all along.

    Raises:
        VocabularyError: A payload is of no class of the vocabulary, or is nothing that
            JSON can hold.
        EntryError: Something else in an entry cannot be kept.
        OSError: The file cannot be written.
    """
    kept, losses = numbered(log)
    top: dict[str, object] = {"chronicle": VERSION}
    if title:
        top["title"] = title
    text, lost = text_of(kept, vocabulary, top)
    with replaced(Path(path)) as file:
        file.write(text.encode())
    return (*losses, *lost)


def load(path: str | Path, vocabulary: Vocabulary) -> EventLog:
    """Read a chronicle file.

    Args:
        path: A TOML file in UTF-8, at most 1 GiB.
        vocabulary: The payload classes that it may use.

    Raises:
        FaultsError: The file has faults: all of them, each with its line, entry and
            field.
        OSError: The file cannot be read.
    """
    path = Path(path)
    size = path.stat().st_size
    if size > _LARGEST:
        problem = f"has {size} bytes: at most {_LARGEST} are read"
        raise FaultsError(str(path), [Fault("file", problem)])
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = "is not in UTF-8: save the file in that encoding"
        raise FaultsError(str(path), [Fault(f"line {line}", problem)]) from None
    return loads(text, vocabulary, name=str(path))


def loads(text: str, vocabulary: Vocabulary, *, name: str = "chronicle") -> EventLog:
    """Read the text of a chronicle.

    Args:
        text: TOML.
        vocabulary: The payload classes that it may use.
        name: What to call it in messages.

    Raises:
        FaultsError: The text has faults: all of them, each with its line, entry and
            field. Of faults that make it no TOML, only the first is found.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if dotted := _DOTTED.search(text):
        line = text.count("\n", 0, dotted.start()) + 1
        raise FaultsError(name, [Fault(f"line {line}", _TOO_DEEP)])
    try:
        data = tomllib.loads(text, parse_float=_number)
    except RecursionError:
        raise FaultsError(name, [Fault("TOML", _TOO_DEEP)]) from None
    except ValueError as error:  # a number of thousands of digits is no TOML error
        raise FaultsError(name, [_no_toml(error)]) from None
    reader = Reader(vocabulary)
    log = reader.read(data)
    if reader.faults:
        raise FaultsError(name, reader.located(text))
    return log


def _number(text: str) -> Decimal:
    """Return a number exactly, unless its exponent is beyond all measure."""
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(text) from None


def _no_toml(error: ValueError) -> Fault:
    found = _AT.fullmatch(str(error))
    reason, place = found.groups() if found else ("Too many digits in a number", "TOML")
    said = _IN_OTHER_WORDS.get(reason, f"{reason[:1].lower()}{reason[1:]}")
    return Fault(place, f"is no TOML: {said} ({_QUOTES})")
