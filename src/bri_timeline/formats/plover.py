"""PLOVER records (JSON) and POLECAT tables: one event with all its actors.

A record may have several actors on each side. It is one event, not one for each pair.
A code is the event type and its mode, such as `CONSULT visit`; where it makes a fact,
the citation holds it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from bri_timeline import Source
from bri_timeline.errors import Fault, FaultsError, shown
from bri_timeline.extend import state_names, uncollected
from bri_timeline.formats._event_data import (
    NOBODY,
    Actor,
    Happenings,
    ReadOptions,
    fault_of,
    iso_day,
)
from bri_timeline.formats._files import Progress, counting, no_progress, texts
from bri_timeline.formats._foreign import (
    Imported,
    header_faults,
    lines,
    lines_of,
    rows_of,
)


__all__ = ["load", "load_table", "loads"]

_COLUMNS = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Actor Name", "Actor Country",
    "Recipient Name", "Recipient Country", "Source", "Publication Date",
)  # fmt: skip
_WHERE = (
    "City", "District", "Province", "Country", "Latitude", "Longitude", "Feature Type",
)  # fmt: skip
_NOTHING = frozenset({"", "None"})
_MOST_DIGITS = 1000
_HALF = re.compile("[\ud800-\udfff]")


def load(
    path: str | Path,
    reading: ReadOptions | None = None,
    *,
    undated: Iterable[str] = (),
    progress: Progress = no_progress,
) -> Imported:
    """Read records.

    Args:
        path: A JSON list of records, or one record on each line.
        reading: The options.
        undated: Days that mean no date, such as `2000-01-01` in the sample records of
            PLOVER.
        progress: Called now and then with the number of records read.

    Raises:
        FaultsError: The file is not JSON, or not a list of records.
        SelectionError: *undated* is text, whose letters would be taken for days.
        OSError: The file cannot be read.
    """
    text = "".join(lines(path))
    return loads(text, reading, undated=undated, name=str(path), progress=progress)


def loads(
    text: str,
    reading: ReadOptions | None = None,
    *,
    undated: Iterable[str] = (),
    name: str = "records",
    progress: Progress = no_progress,
) -> Imported:
    """Read records of text; see `load()`.

    Args:
        text: The JSON.
        reading: The options.
        undated: Days that mean no date.
        name: The name of the text in messages.
        progress: As for `load()`.

    Raises:
        FaultsError: The text is not JSON, or not a list of records.
        SelectionError: *undated* is text.
    """
    reading = reading or ReadOptions()
    happenings = reading.happenings()
    undated_days = texts(undated)
    with uncollected():
        for number, record in counting(_records(text, name), progress):
            happenings.rows += 1
            _add_record(happenings, number, record, reading, undated_days)
        return happenings.imported(name, reading.coverage)


def _records(text: str, name: str) -> Iterator[tuple[int, object]]:
    """Yield the records with their numbers from 1: lines, or items of the list."""
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("["):
        yield from enumerate(_list(text, name), 1)
        return
    for number, line in enumerate(lines_of(text), 1):
        if line.strip():
            yield number, _json(line, name, number)


def _list(text: str, name: str) -> list[object]:
    document = _json(text, name, 0)
    return document if isinstance(document, list) else []


def _json(text: str, name: str, line: int) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_reject_constant,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        place = f"line {line or error.lineno}, column {error.colno}"
        raise FaultsError(name, [Fault(place, f"is not JSON: {error.msg}")]) from None
    except (RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        problem = f"cannot be read: {'nested too deeply' if deep else error}"
        raise FaultsError(name, [Fault(f"line {line or 1}", problem)]) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object after checking for repeated names and invalid text."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = Counter(name for name, _ in pairs)
        problem = f"{shown(names.most_common(1)[0][0])} is there twice in one object"
        raise ValueError(problem)
    for text in (*fields, *fields.values()):
        if isinstance(text, str) and _HALF.search(text):
            problem = f"{shown(text)} has half a character of UTF-16"
            raise ValueError(problem)
    return fields


def _reject_constant(name: str) -> object:
    problem = f"{name} is not a number of JSON"
    raise ValueError(problem)


def _whole(digits: str) -> int:
    # int() takes time quadratic in the number of digits.
    if len(digits) > _MOST_DIGITS:
        problem = "a number has too many digits"
        raise ValueError(problem)
    return int(digits)


def _add_record(
    found: Happenings,
    number: int,
    record: object,
    reading: ReadOptions,
    undated_days: frozenset[str],
) -> None:
    if not isinstance(record, Mapping):
        found.reject(number, "it is not a record", [shown(record)])
        return
    cells = {key: str(value) for key, value in record.items()}
    code = f"{_text(record, 'event')} {_text(record, 'mode')}".strip()
    day = iso_day(_text(record, "date"))
    sides = record.get("source"), record.get("target")
    by, towards = [_side(found, reading, side) for side in sides]
    reason = fault_of(day, by, towards) or ("" if code else "the row has no event")
    if any(map(_is_unreadable, sides)):
        reason = "an actor is not an object with a code and a name"
    if day in undated_days:
        reason = f"{day} stands for no day"
    if day is None or reason:
        found.reject(number, reason, cells.values())
        return
    publisher = _text(record, "publication") or None
    source = Source(
        "a record of PLOVER", container=publisher, published=reading.published
    )
    found.add(code, by, towards, day, source, _text(record, "id") or f"{number}")


def _text(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    return value.strip() if isinstance(value, str) else ""


def _is_unreadable(side: object) -> bool:
    """Return whether a side of a record has an actor that cannot be read."""
    return any(
        not isinstance(actor, Mapping) and actor not in (None, "")
        for actor in (side if isinstance(side, list) else [side])
    )


def _side(found: Happenings, reading: ReadOptions, value: object) -> Actor:
    """Return the actors of one side of a record."""
    actors = value if isinstance(value, list) else [value]
    mappings = [actor for actor in actors if isinstance(actor, Mapping)]
    return _together(
        _party(
            found, reading, "plover", _text(actor, "code"), _text(actor, "actorText")
        )
        for actor in mappings
    )


def _party(
    found: Happenings, reading: ReadOptions, prefix: str, code: str, name: str
) -> Actor:
    if code in state_names.states():
        return Actor(code, name)
    actor = reading.somebody(prefix, name or code)
    if code and actor.party.startswith(f"{prefix}:"):
        found.unknown[code] += 1
    return actor


def _together(some: Iterable[Actor]) -> Actor:
    """Return several actors as one: the first, with the others in `also`."""
    actors = [actor for actor in some if actor is not NOBODY]
    if not actors:
        return NOBODY
    first, *rest = actors
    names = ", ".join(dict.fromkeys(actor.name for actor in actors if actor.name))
    also = sorted({actor.party for actor in rest} - {first.party})
    return Actor(first.party, names, tuple(also))


# --- POLECAT --------------------------------------------------------------------------


def load_table(
    path: str | Path,
    reading: ReadOptions | None = None,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read a table of POLECAT.

    An event counts as known from the day on which its story was published. Its place
    has the kind of the feature in GeoNames as its precision; where the rows of an event
    differ in it, it is in the citations.

    Args:
        path: A table with tabs and a header; also `.zip` and `.gz`.
        reading: The options.
        progress: Called now and then with the number of lines read.

    Raises:
        FaultsError: The file is not such a table.
        OSError: The file cannot be read.
    """
    reading = reading or ReadOptions()
    name, text = str(path), lines(path, progress=progress)
    heads = [cell.strip() for cell in next(text, "").rstrip("\r\n").split("\t")]
    if faults := header_faults(heads, _COLUMNS, "POLECAT"):
        raise FaultsError(name, faults)
    happenings = reading.happenings()
    rows = happenings.below(heads, rows_of(text, name, "\t"), _COLUMNS, _WHERE)
    with uncollected():
        for line, _, row in rows:
            _add_row(happenings, line, [cell.strip() for cell in row], reading)
        return happenings.imported(name, reading.coverage)


def _add_row(
    found: Happenings, line: int, row: list[str], reading: ReadOptions
) -> None:
    used, place = row[: len(_COLUMNS)], row[len(_COLUMNS) :]
    number, when, event, mode, by, by_of, to, to_of, publisher, published = used
    day = iso_day(when)
    code = f"{event} {'' if mode in _NOTHING else mode}".strip()
    side = partial(_sides, found, reading)
    source, target = side(by, by_of), side(to, to_of)
    reason = fault_of(day, source, target) or ("" if code else "the row has no event")
    if day is None or reason:
        found.reject(line, reason, row)
        return
    known = iso_day(published) or reading.published
    title = f"a story of {publisher}" if publisher else "a story coded by POLECAT"
    cited = Source(title, container=publisher or None, published=known)
    *names, latitude, longitude, feature = place
    name = ", ".join(filter(None, names))
    precision = f"GeoNames {feature}" if feature else None
    where = found.places.read(name, latitude, longitude, precision)
    found.add(code, source, target, day, cited, number, where=where)


def _sides(
    found: Happenings, reading: ReadOptions, names: str, countries: str
) -> Actor:
    """Return the actors in two parallel lists of names and countries."""
    actor_names = [
        "" if name in _NOTHING else name.strip() for name in names.split(";")
    ]
    of = ["" if code in _NOTHING else code.strip() for code in countries.split(";")]
    # One country belongs to all names.
    if len(of) == 1:
        of *= len(actor_names)
    # With lists of different lengths, a country cannot be matched to a name.
    if len(of) != len(actor_names):
        found.unknown[countries] += 1
        of = [""] * len(actor_names)
    return _together(
        _party(found, reading, "polecat", code, name)
        for name, code in zip(actor_names, of, strict=True)
    )
