"""ICEWS: coded events, as raw rows or as numbered quadruples.

ICEWS codes a visit from both sides, and again for each publisher. All these rows are
one event here, which cites each story. The numbers of events are in the citations and
are not ids, since the data repeat them with different dates. A citation also holds what
its rows say and the event does not: the code (a visit has one from each side), and the
name of the person or office that was the host.

An event is one guest on one day: a delegation of two that stays for three days is six
visits. The data do not say who travelled together, so do not count visits as trips;
`relations.trips()` joins those that certainly are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache, partial
from pathlib import Path

from bri_timeline import Source
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, Fault, FaultsError
from bri_timeline.extend import uncollected
from bri_timeline.formats._codes import Code, Coded, Codes
from bri_timeline.formats._event_data import (
    Actor,
    Happenings,
    ReadOptions,
    cameo_fault,
    fault_of,
    iso_day,
)
from bri_timeline.formats._files import Progress, no_progress
from bri_timeline.formats._foreign import (
    Imported,
    header_faults,
    lines,
    lines_of,
    rows_of,
)


__all__ = [
    "Code",
    "Coded",
    "Codes",
    "load",
    "load_quadruples",
    "loads",
]

_COLUMNS = (
    "event_id", "event_date", "source_name", "source_country", "cameo_code",
    "target_name", "target_country", "story_id", "publisher",
)  # fmt: skip
_WHERE = ("city", "district", "province", "country", "latitude", "longitude")
_DAY_OF_HOURS = 24
_STRANGER = "icews:"


def load(
    path: str | Path,
    reading: ReadOptions | None = None,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read raw rows.

    Args:
        path: A table with commas or tabs, and a header in the spelling of the data or
            of R (`Event ID`, `event_id`); also `.zip` and `.gz`.
        reading: The options.
        progress: Called now and then with the number of lines read.

    Returns:
        The events. Actors are the countries in the data, with the names of those who
        acted. Each story is a `Source` with its publisher as container. The data do not
        say how precise a place is; where the rows of an event differ in it, it is in
        the citations.

    Raises:
        FaultsError: The file is not such a table.
        OSError: The file cannot be read.
    """
    return _raw(lines(path, progress=progress), reading or ReadOptions(), str(path))


def loads(
    text: str, reading: ReadOptions | None = None, *, name: str = "table"
) -> Imported:
    """Read raw rows of text; see `load()`.

    Args:
        text: The table.
        reading: The options.
        name: The name of the table in messages.

    Raises:
        FaultsError: The text is not such a table.
    """
    return _raw(lines_of(text), reading or ReadOptions(), name)


def _raw(text: Iterable[str], reading: ReadOptions, name: str) -> Imported:
    happenings = reading.happenings()
    who = lru_cache(1 << 14)(reading.somebody)
    story = lru_cache(1 << 14)(partial(_story, reading.published))
    with uncollected():
        rows = happenings.below(*_rows_of(text, name), _COLUMNS, _WHERE)
        for line, cells, row in rows:
            used, place = row[: len(_COLUMNS)], row[len(_COLUMNS) :]
            number, when, by, by_country, code, to, to_country, of, publisher = used
            day = iso_day(when)
            source = who("icews", by, by_country)
            target = who("icews", to, to_country)
            # Count each unknown state, so that a caution can name it.
            for actor, country in ((source, by_country), (target, to_country)):
                if country and actor.party.startswith(_STRANGER):
                    happenings.unknown[country] += 1
            reason = fault_of(day, source, target) or cameo_fault(code)
            if day is None or reason:
                happenings.reject(line, reason or "", cells)
            else:
                cited = story(publisher, of)
                *names, latitude, longitude = place
                town = ", ".join(filter(None, names))
                where = happenings.places.read(town, latitude, longitude)
                happenings.add(
                    code, source, target, day, cited, f"event {number}", where=where
                )
        return happenings.imported(name, reading.coverage)


def _story(published: Edtf | None, publisher: str, number: str) -> Source:
    title = f"ICEWS story {number}" if number else "a story coded by ICEWS"
    return Source(title, published=published, container=publisher or None)


def _rows_of(
    text: Iterable[str], name: str
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the names of the columns, and the rows."""
    # The delimiter is found in the header, so the header is read on its own.
    remaining = iter(text)
    head = next(remaining, "")
    delimiter = "\t" if "\t" in head else ","
    heads = next((row for _, row in rows_of([head], name, delimiter)), [])
    columns = [cell.strip().lower().replace(" ", "_") for cell in heads]
    if faults := header_faults(columns, _COLUMNS, "ICEWS"):
        raise FaultsError(name, faults)
    return columns, rows_of(remaining, name, delimiter)


# --- quadruples -----------------------------------------------------------------------


def load_quadruples(
    *paths: str | Path,
    entities: str | Path,
    relations: str | Path,
    since: date | str,
    title: str,
    reading: ReadOptions | None = None,
    progress: Progress = no_progress,
) -> Imported:
    """Read quadruples: numbers of subject, relation and object, and hours since a day.

    Args:
        paths: The files, such as `train.txt`, `valid.txt`, `test.txt`; columns after
            the fourth are ignored.
        entities: The dictionary of subjects and objects: a name, a tab, its number.
        relations: The dictionary of relations, in the same form.
        since: The first day: `2014-01-01` for ICEWS14.
        title: The title of the data set, which is the source of all events.
        reading: The options. Names of relations become codes if the table of codes has
            them, and else stay names.
        progress: Called now and then with the number of lines read of a file.

    Raises:
        FaultsError: A dictionary is not valid, or a file has rows and no quadruple.
        DayError: *since* is not a day.
        OSError: A file cannot be read.
    """
    reading = reading or ReadOptions()
    happenings = reading.happenings()
    names = reading.codes.by_name
    who = {
        number: reading.somebody("icews", name)
        for number, name in _dictionary(entities).items()
    }
    what = {
        number: names.get(name, name) for number, name in _dictionary(relations).items()
    }
    first, source = _first_day(since), Source(title, published=reading.published)
    with uncollected():
        for path in paths:
            rows, placed = (
                happenings.rows,
                _quadruples(happenings, path, who, what, first, source, progress),
            )
            # Wrong dictionaries reject every row: that is one fault of the file.
            if happenings.rows > rows and not placed:
                problem = "holds no quadruple of these dictionaries: numbers and tabs"
                raise FaultsError(str(path), [Fault("file", problem)])
        return happenings.imported(str(paths[0]), reading.coverage)


def _quadruples(
    found: Happenings,
    path: str | Path,
    who: dict[str, Actor],
    what: dict[str, str],
    first: date,
    source: Source,
    progress: Progress,
) -> int:
    """Add the rows of a file, and return the number of valid quadruples."""
    days, placed, part = dict[str, str](), 0, Path(path).name
    for line, text in enumerate(lines(path, progress=progress), 1):
        _check_line(path, line, text)
        cells = text.split()
        if not cells:
            continue
        found.rows += 1
        try:
            subject, relation, object_, hours = cells[:4]
            # A file of millions of rows has only some thousand different days.
            day = days.get(hours)
            if day is None:
                day = days[hours] = _day(first, hours)
            by, code, towards = who[subject], what[relation], who[object_]
        except (KeyError, ValueError, OverflowError):
            reason = "the row is not a quadruple of numbers in the dictionaries"
            found.reject(line, reason, cells)
            continue
        placed += 1
        found.add(code, by, towards, day, source, f"{part} line {line}")
    return placed


def _check_line(path: str | Path, line: int, text: str) -> None:
    """Refuse the line ends of old Macs: the whole file would be one line."""
    if "\r" in text.rstrip("\r\n"):
        problem = "has line ends that are CR alone: save the file with LF or CRLF"
        raise FaultsError(str(path), [Fault(f"line {line}", problem)])


def _day(first: date, hours: str) -> str:
    return (first + timedelta(int(hours) // _DAY_OF_HOURS)).isoformat()


def _first_day(since: date | str) -> date:
    day = iso_day(since if isinstance(since, str) else since.isoformat())
    if day is None:
        raise DayError(since, "is not a day: write it as 2014-01-01")
    return date.fromisoformat(day)


def _dictionary(path: str | Path) -> dict[str, str]:
    """Return the names in a dictionary by their numbers as text."""
    names: dict[str, str] = {}
    faults = []
    for line, text in enumerate(lines(path), 1):
        _check_line(path, line, text)
        name, tab, number = text.strip().rpartition("\t")
        number = number.strip()
        if tab and number.isdigit() and number not in names:
            names[number] = name.strip()
        elif line > 1 or not number.isdigit():  # the first may be a count
            faults.append(
                Fault(f"line {line}", "is not a name, a tab and an unused number")
            )
    if faults or not names:
        problem = Fault("file", "has no names")
        raise FaultsError(str(path), faults or [problem])
    return names
