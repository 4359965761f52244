"""GDELT event tables, 1.0 (58 columns) and 2.0 (61): happenings, not articles.

GDELT has a row for each pair of actors that an article may be about, so that one
article can make a hundred "visits". Here the rows of a day about the same code and the
same two countries are one event, and each article is a witness of it. A row in which an
actor is missing, or has no country, may be about anybody: it stays an event of its own,
and is no more than `Coded`.

The day on which GDELT added a row is when its source counts as published, so what was
not known on a day is not in the view of that day. Actors are taken at the level of
countries; the numbers of the rows stand in the citations.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from bri_timeline._events import uncollected
from bri_timeline._evidence import Source
from bri_timeline._journal import Progress, no_progress
from bri_timeline.errors import Fault, FaultsError
from bri_timeline.formats._coded import (
    NOBODY,
    Actor,
    Happenings,
    ReadOptions,
    cameo_fault,
    iso_day,
)
from bri_timeline.formats._foreign import lines, lines_of
from bri_timeline.formats._imported import Imported
from bri_timeline.formats._names import slug
from bri_timeline.relations import states


__all__ = ["load", "loads"]

# GDELT Event Codebook 1.03 and 2.0: the columns that are read, counted from 0.
_ID, _DAY, _CODE = 0, 1, 26
_WIDTHS = frozenset({58, 61})
_OLD_CODES = {"ROM": "ROU", "TMP": "TLS", "ZAR": "COD"}


def load(
    path: str | Path,
    reading: ReadOptions | None = None,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read a table of events.

    Args:
        path: As GDELT gives it out: no header, tabs; `.zip` and `.gz` too.
        reading: How to read it; its actors and its day of publication are not used. By
            default the days that the file is about are those on which its rows were
            added.
        progress: Called now and then with how many lines were read.

    Raises:
        FaultsError: It is no such table.
        OSError: It cannot be read.
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
        reading: How to read it.
        name: What to call it in messages.

    Raises:
        FaultsError: It is no such table.
    """
    return _imported(lines_of(text), reading or ReadOptions(), name)


def _imported(text: Iterable[str], reading: ReadOptions, name: str) -> Imported:
    found, added = reading.happenings(), set[str]()
    with uncollected():
        for number, line in enumerate(text, 1):
            bare = line.rstrip("\r\n")
            cells = bare.split("\t", _CODE + 1)
            width = len(cells) + cells[-1].count("\t")
            if width in _WIDTHS:
                found.rows += 1
                added.add(_add(found, number, cells))
            elif not found.rows and bare:
                problem = f"does not have the 58 or 61 columns of GDELT, but {width}"
                problem += ": its cells are parted by tabs, and it has no header"
                raise FaultsError(name, [Fault(f"line {number}", problem)])
            elif bare:
                found.rows += 1
                reason = f"the row has {width} columns, not 58 or 61"
                found.put_aside(number, reason, bare.split("\t"))
        added.discard("")
        period = f"{min(added)}/{max(added)}" if added else None
        return found.imported(period if reading.coverage is None else reading.coverage)


def _add(found: Happenings, number: int, cells: list[str]) -> str:
    """Take a row, and return the day on which it was added, if it says so.

    Args:
        found: What gathers them.
        number: The line in which it stands.
        cells: As far as that of the code, and then all the others as one.
    """
    _, instant, url = cells[-1].rsplit("\t", 2)
    known, day, code = iso_day(instant), iso_day(cells[_DAY]), cells[_CODE]
    by = _actor(cells[5], cells[6], cells[7])
    towards = _actor(cells[15], cells[16], cells[17])
    reason = cameo_fault(code)
    if by is NOBODY and towards is NOBODY:
        reason = "the row names no actor"
    if day is not None and known is not None and reason is None:
        own = "" if cells[7] and cells[17] else f"gdelt:{cells[_ID]}"
        found.add(code, by, towards, day, _article(url, known), cells[_ID], own)
        return known
    if day is None:
        reason = "the row has no day"
    if known is None:
        reason = "the row does not say on which day it was added"
    found.put_aside(number, reason or "", [*cells[:-1], *cells[-1].split("\t")])
    return known or ""


@lru_cache(1 << 12)
def _actor(code: str, name: str, country: str) -> Actor:
    """Return a country, or an actor without one by its code and name."""
    if country:
        iso = _OLD_CODES.get(country, country)
        return Actor(iso if iso in states() else f"gdelt:{country.lower()}")
    if not code:
        return NOBODY
    party = slug("gdelt", code)
    return Actor(party, name) if party else Actor("gdelt:other", f"{code} {name}")


@lru_cache(1 << 12)
def _article(url: str, known: str) -> Source:
    return Source(url or "an article", published=known, url=url or None)
