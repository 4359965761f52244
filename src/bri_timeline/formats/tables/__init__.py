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
from pathlib import Path
from typing import Any

from attrs import evolve

from bri_timeline._codec import Vocabulary
from bri_timeline._journal import Progress, no_progress
from bri_timeline.errors import Fault, FaultsError, shown
from bri_timeline.formats._foreign import lines, lines_of
from bri_timeline.formats._results import Coverage, Imported, RejectedRow, imported
from bri_timeline.formats.tables._cells import Dates
from bri_timeline.formats.tables._declaration import (
    Declaration,
    Lookup,
    Rule,
    declared,
)
from bri_timeline.formats.tables._rows import TableReader
from bri_timeline.formats.tables._sources import (
    Opened,
    SupportsArrow,
    SupportsRead,
    opened,
    with_delimiter,
)


__all__ = [
    "Coverage",
    "Dates",
    "Declaration",
    "Imported",
    "Lookup",
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
    table = declared(data, name=str(path))
    # Other tables lie beside the declaration.
    several: Any = [
        evolve(one, file=str(path.parent / one.file)) for one in table.lookups
    ]
    return evolve(table, lookups=several)


def load(
    path: str | Path | SupportsRead | SupportsArrow,
    table: Declaration,
    vocabulary: Vocabulary,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read a table from a file, a spreadsheet or a frame.

    What the declaration does not say about a file of text, its encoding and delimiter,
    is found out, and stands in the cautions of the result.

    Args:
        path: A file, plain, `.gz`, or the only member of a `.zip`: at most 1 GiB
            unpacked, and 1 MiB a line; a spreadsheet (`.xlsx`, `.ods`, `.xls`), of
            which the first sheet is read; an open file of text or bytes; or a frame:
            whatever has `__arrow_c_stream__`, as polars, pandas and DuckDB do.
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
    name = str(path) if isinstance(path, str | Path) else "table"
    return _imported(opened(path, table, name, progress), vocabulary, name)


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
    return _imported(with_delimiter(lines_of(text), table, name), vocabulary, name)


def _imported(found: Opened, vocabulary: Vocabulary, name: str) -> Imported:
    table, rows = found.table, found.rows
    lookups = [(lookup, _looked_up(lookup)) for lookup in table.lookups]
    reader = TableReader(table, vocabulary, lookups)
    # The header is checked first: a missing column would reject every row.
    reader.begin(name, rows)
    events = [event for line, row in rows for event in reader.events(line, row)]
    return imported(
        events,
        table.coverage,
        reader.count,
        rejected=reader.rejected,
        ongoing=reader.ongoing,
        cautions=found.remarks,
    )


def _looked_up(lookup: Lookup) -> dict[str, dict[str, str]]:
    """Return the rows of another table by their keys, and its columns without one.

    Raises:
        FaultsError: It lacks the column of keys, or has different rows for one.
        OSError: It cannot be read.
    """
    key = lookup.key or lookup.column
    # Only the column of keys is needed, to find out how its cells are separated.
    rule = {"kind": "", "when": {"column": key, "format": "yyyy"}, "fields": {}}
    named = {"title": lookup.name}
    bare = declared({"title": lookup.name, "source": named, "events": [rule]})
    rows = opened(lookup.file, bare, lookup.file, no_progress).rows
    heads = [name.strip() for name in next(rows, (1, []))[1]]
    if heads.count(key) != 1:
        problem = f"stands in the header {heads.count(key)} times: {', '.join(heads)}"
        raise FaultsError(lookup.file, [Fault(f"column {shown(key)}", problem)])
    found: dict[str, dict[str, str]] = {"": dict.fromkeys(heads, "")}
    faults = []
    for line, row in rows:
        cells = dict(zip(heads, row, strict=False))
        text = cells[key].strip() if key in cells else ""
        if text and found.setdefault(text, cells) != cells:
            problem = f"has another row for {shown(text)}: which one is meant?"
            faults.append(Fault(f"line {line}", problem))
    if faults:
        raise FaultsError(lookup.file, faults)
    return found
