"""GDELT event tables, 1.0 (58 columns) and 2.0 (61): one event for each happening.

GDELT has a row for each pair of actors in an article, so that one article can make a
hundred "visits". Here all rows of a day with the same code and the same two countries
are one event that cites each article. A row without two countries may be about anybody:
it stays an event of its own, with a `Coded` payload.

The source of a row counts as published on the day on which GDELT added the row. Actors
are countries. The citations hold the numbers of the rows, and their codes where the
event does not hold them. The place is that of the action; where the rows of an event
differ in it, the citations hold it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from bri_timeline import Source
from bri_timeline.errors import Fault, FaultsError, UnknownActorError
from bri_timeline.extend import uncollected
from bri_timeline.formats._codes import slug
from bri_timeline.formats._event_data import (
    NOBODY,
    Actor,
    Happenings,
    ReadOptions,
    cameo_fault,
    iso_day,
)
from bri_timeline.formats._files import Progress, no_progress
from bri_timeline.formats._foreign import Imported, lines, lines_of
from bri_timeline.relations import actor_of


__all__ = ["load", "loads"]

# GDELT Event Codebook 1.03 and 2.0: the columns that are read, counted from 0.
_ID, _DAY, _CODE = 0, 1, 26
_WIDTHS = frozenset({58, 61})
_WIDTH_OF_PLACE = 9
# The same, `ActionGeo_Type`: the place is of this kind, its point the middle of it.
_PRECISION_OF = {
    "": None, "0": None, "1": "country", "2": "province", "3": "city or landmark",
    "4": "city or landmark", "5": "province",
}  # fmt: skip


def load(
    path: str | Path,
    reading: ReadOptions | None = None,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read a table of events.

    Args:
        path: A file of GDELT: tabs, no header; also `.zip` and `.gz`.
        reading: The options; `actors` and `published` are not used. The default
            coverage is the days on which the rows were added.
        progress: Called now and then with the number of lines read.

    Raises:
        FaultsError: The file is not such a table.
        OSError: The file cannot be read.
    """
    return _imported(
        lines(path, progress=progress), reading or ReadOptions(), str(path)
    )


def loads(
    text: str, reading: ReadOptions | None = None, *, name: str = "table"
) -> Imported:
    """Read a table of text; see `load()`.

    Args:
        text: The table.
        reading: The options.
        name: The name of the table in messages.

    Raises:
        FaultsError: The text is not such a table.
    """
    return _imported(lines_of(text), reading or ReadOptions(), name)


def _imported(text: Iterable[str], reading: ReadOptions, name: str) -> Imported:
    happenings, added = reading.happenings(), set[str]()
    # Splitting only up to the code saves time on the other columns of a long file.
    with uncollected():
        for number, line in enumerate(text, 1):
            bare = line.rstrip("\r\n")
            cells = bare.split("\t", _CODE + 1)
            width = len(cells) + cells[-1].count("\t")
            if width in _WIDTHS:
                happenings.rows += 1
                added.add(_add(happenings, number, cells, width))
            # A wrong first line means a wrong file; a wrong later line is one bad row.
            elif not happenings.rows and bare:
                problem = f"does not have the 58 or 61 columns of GDELT, but {width}"
                problem += ": its cells are parted by tabs, and it has no header"
                raise FaultsError(name, [Fault(f"line {number}", problem)])
            elif bare:
                happenings.rows += 1
                reason = f"the row has {width} columns, not 58 or 61"
                happenings.reject(number, reason, bare.split("\t"))
        added.discard("")
        period = f"{min(added)}/{max(added)}" if added else None
        covered = period if reading.coverage is None else reading.coverage
        return happenings.imported(name, covered)


def _add(found: Happenings, number: int, cells: list[str], width: int) -> str:
    """Add a row, and return the day on which GDELT added it, or an empty text.

    Args:
        found: The happenings so far.
        number: The line of the row.
        cells: The cells up to the code, and the rest of the row as the last one.
        width: The number of columns.
    """
    # The place of the action, up to the address of the article, ends a row of either
    # version; 2.0 has one more code of a district.
    size = _WIDTH_OF_PLACE + (width == max(_WIDTHS))
    _, kind, name, *codes, instant, url = cells[-1].rsplit("\t", size)
    *_, latitude, longitude, _ = codes
    known, day, code = iso_day(instant), iso_day(cells[_DAY]), cells[_CODE]
    by = _actor(cells[5], cells[6], cells[7])
    towards = _actor(cells[15], cells[16], cells[17])
    reason = cameo_fault(code)
    if by is NOBODY and towards is NOBODY:
        reason = "the row has no actor"
    if day is not None and known is not None and reason is None:
        # Without both countries, equal rows may be about different actors.
        own = "" if cells[7] and cells[17] else f"gdelt:{cells[_ID]}"
        precision = _PRECISION_OF.get(kind, f"GDELT {kind}")
        where = found.places.read(name, latitude, longitude, precision)
        article = _article(url, known)
        found.add(code, by, towards, day, article, cells[_ID], own, where)
        return known
    if day is None:
        reason = "the row has no day"
    if known is None:
        reason = "the row does not say on which day it was added"
    found.reject(number, reason or "", [*cells[:-1], *cells[-1].split("\t")])
    return known or ""


@lru_cache(1 << 12)
def _actor(code: str, name: str, country: str) -> Actor:
    """Return the country of an actor, or an id made of its code."""
    if country:
        try:
            return Actor(actor_of(country, "cameo"))
        except UnknownActorError:  # a region, or a code that is not of CAMEO
            return Actor(f"gdelt:{country.lower()}")
    if not code:
        return NOBODY
    party = slug("gdelt", code)
    return Actor(party, name) if party else Actor("gdelt:other", f"{code} {name}")


@lru_cache(1 << 12)
def _article(url: str, known: str) -> Source:
    return Source(url or "an article", published=known, url=url or None)
