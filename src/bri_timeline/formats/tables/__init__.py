"""Tables with imprecise dates: read by a declaration, without a line of code per file.

A declaration says which columns hold what. It is a `Declaration`, or a TOML file:

```toml
title = "Members of the Belt and Road"
coverage = "2013/2025-05"

[source]
title = "A list of members"
published = "2025-05"

[[events]]
kind = "Joined"
when = { columns = ["signed"], format = "yyyy-mm-dd", first = "month" }

[events.fields]
member = { column = "code", as = "alpha3" }
body = "Belt and Road Initiative"
```

A field is text in which `{column}` stands for a cell; a table with a `column`; or a
list or table of such. A table with a `column` may say `as` (`text`, `number`, `state`
for a name, `alpha2` or `alpha3` for a code of ISO 3166-1, `person:` for the id of an
actor), `codes` (what certain cells mean), `times` (a factor) and `optional` (leave the
field out where the cell says nothing). `Dates` says how dates are written. Cells that
say nothing are those of `missing`; `NA` is not among them unless you put it there,
since it is Namibia elsewhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from bri_timeline._codec import Vocabulary
from bri_timeline._journal import Progress, no_progress
from bri_timeline.errors import Fault, FaultsError
from bri_timeline.formats._foreign import lines, lines_of, rows_of
from bri_timeline.formats._imported import Coverage, Imported, RejectedRow, imported
from bri_timeline.formats.tables._dates import Dates
from bri_timeline.formats.tables._declaration import Declaration, Rule, declared
from bri_timeline.formats.tables._rows import Reader


__all__ = [
    "Coverage",
    "Dates",
    "Declaration",
    "Imported",
    "RejectedRow",
    "Rule",
    "declared",
    "load",
    "loads",
    "read_declaration",
]


def read_declaration(path: str | Path) -> Declaration:
    """Read how a table is to be read.

    Args:
        path: A TOML file.

    Raises:
        FaultsError: It is no TOML, or no declaration: all faults that were found.
        OSError: It cannot be read.
    """
    path = Path(path)
    try:
        data = tomllib.loads("".join(lines(path)))
    except tomllib.TOMLDecodeError as error:
        raise FaultsError(str(path), [Fault("TOML", str(error))]) from None
    return declared(data, name=str(path))


def load(
    path: str | Path,
    table: Declaration,
    vocabulary: Vocabulary,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read a table of a file: plain, `.gz`, or the one member of a `.zip`.

    Args:
        path: The file; at most 1 GiB unpacked, and 1 MiB a line.
        table: How it is to be read.
        vocabulary: The payload classes that the declaration names.
        progress: Called now and then with how many lines were read.

    Returns:
        The events, and every row that gave none, with the reason.

    Raises:
        FaultsError: The file is no such table: wrong delimiter or encoding, a column
            that is missing, a quote that is not closed.
        OSError: The file cannot be read.
    """
    return _imported(
        lines(path, table.encoding, progress=progress), table, vocabulary, str(path)
    )


def loads(
    text: str, table: Declaration, vocabulary: Vocabulary, *, name: str = "table"
) -> Imported:
    """Read a table of text.

    Args:
        text: The table.
        table: How it is to be read.
        vocabulary: The payload classes that the declaration names.
        name: What to call it in messages.

    Raises:
        FaultsError: The text is no such table.
    """
    return _imported(lines_of(text), table, vocabulary, name)


def _imported(
    text: Iterable[str], table: Declaration, vocabulary: Vocabulary, name: str
) -> Imported:
    rows = rows_of(text, name, table.delimiter)
    reader = Reader(table, vocabulary)
    reader.begin(name, rows)
    events = [event for line, row in rows for event in reader.events(line, row)]
    return imported(
        events,
        table.coverage,
        reader.count,
        rejected=reader.rejected,
        ongoing=reader.ongoing,
    )
