"""Read tables with imprecise dates by a declaration, without code for each file.

A declaration describes the columns of a table. It is a `Declaration` or a TOML file:

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

A field is text in which `{column}` is replaced by a cell; a table with a `column`; or a
list or table of these. A table with a `column` may have `as` (`text`, `number`, `state`
for a name, `alpha2` or `alpha3` for a code of ISO 3166-1, `person:` for the id of an
actor), `codes` (the values of certain cells), `times` (a factor) and `optional` (leave
out the field if the cell is missing). `Dates` describes how dates are written. A cell
is missing if its text is in `missing`; `NA` is not there by default, since it is the
code of Namibia.
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
from bri_timeline.formats.tables._cells import Dates
from bri_timeline.formats.tables._declaration import Declaration, Rule, declared
from bri_timeline.formats.tables._rows import TableReader


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
    """Read a declaration.

    Args:
        path: A TOML file.

    Raises:
        FaultsError: The file is not TOML, or not a declaration: all faults.
        OSError: The file cannot be read.
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
    """Read a table from a file: plain, `.gz`, or the only member of a `.zip`.

    Args:
        path: The file; at most 1 GiB unpacked, and 1 MiB a line.
        table: The declaration of the table.
        vocabulary: The payload classes that the declaration names.
        progress: Called now and then with the number of lines read.

    Returns:
        The events, and every row that gave no event, with the reason.

    Raises:
        FaultsError: The file does not fit the declaration: a wrong delimiter or
            encoding, a missing column, or an open quote.
        OSError: The file cannot be read.
    """
    return _imported(
        lines(path, table.encoding, progress=progress), table, vocabulary, str(path)
    )


def loads(
    text: str, table: Declaration, vocabulary: Vocabulary, *, name: str = "table"
) -> Imported:
    """Read a table from text.

    Args:
        text: The table.
        table: The declaration of the table.
        vocabulary: The payload classes that the declaration names.
        name: The name of the table in messages.

    Raises:
        FaultsError: The text does not fit the declaration.
    """
    return _imported(lines_of(text), table, vocabulary, name)


def _imported(
    text: Iterable[str], table: Declaration, vocabulary: Vocabulary, name: str
) -> Imported:
    rows = rows_of(text, name, table.delimiter)
    reader = TableReader(table, vocabulary)
    # The header is checked first: a missing column would reject every row.
    reader.begin(name, rows)
    events = [event for line, row in rows for event in reader.events(line, row)]
    return imported(
        events,
        table.coverage,
        reader.count,
        rejected=reader.rejected,
        ongoing=reader.ongoing,
    )
