"""UCDP Georeferenced Event Dataset: violence, dated as precisely as it is known.

UCDP gives each event a first and a last day and a precision: 1, the day is known; 2, it
is one of two to six days; 3, of a week; 4, of a month; 5, of a year or of more than a
month (UCDP GED Codebook, `date_prec`). Only precision 1 is a day.

States are read from the Gleditsch-Ward numbers in the rows; where a row has none, from
names such as "Russia (Soviet Union)".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from attrs import field, frozen

from bri_timeline import Citation, Event, Source
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, FaultsError, UnknownActorError, shown
from bri_timeline.extend import state_names
from bri_timeline.formats._codes import PlaceReader, slug, state_named
from bri_timeline.formats._event_data import ReadOptions, iso_day
from bri_timeline.formats._files import Progress, no_progress
from bri_timeline.formats._foreign import (
    Imported,
    RejectedRow,
    header_faults,
    imported,
    lines,
    rows_of,
    unknown_states,
)
from bri_timeline.relations import actor_of, actors, optional_actor


__all__ = ["Violence", "load", "when"]

_COLUMNS = (
    "id", "side_a", "side_b", "type_of_violence", "country", "best", "low", "high",
    "date_start", "date_end", "date_prec", "source_office", "source_date",
    "source_headline", "source_original",
)  # fmt: skip
_KINDS = {"1": "state-based", "2": "non-state", "3": "one-sided"}
_PRECISIONS = ("1", "2", "3", "4", "5")
# Gleditsch-Ward numbers; older releases and extracts may lack them.
_PLACE_NUMBER, _SIDE_NUMBERS = "country_id", ("gwnoa", "gwnob")
# Older releases and extracts may lack these too.
_WHERE = ("where_coordinates", "latitude", "longitude", "where_prec")
_ARTICLES = "source_article"
# UCDP GED Codebook, `where_prec`. The words of the others are those of the codebook.
_PRECISION_OF = {
    "": None, "1": "exact", "2": "near", "3": "district", "4": "province",
    "5": "a line, or an area without borders", "6": "country",
    "7": "international waters or airspace",
}  # fmt: skip
_GOVERNMENT = "Government of "
_NOBODY = "Civilians"


@frozen
class Violence:
    """Lethal violence by an organised actor.

    Args:
        parties: The states and groups that fought, and the state of the territory, even
            if neither side is its government. Civilians are not a party.
        side_a: The first side.
        side_b: The second side; `Civilians` if the violence is one-sided.
        kind: `state-based`, `non-state` or `one-sided`.
        deaths: The best estimate of deaths.
        least: The lowest estimate.
        most: The highest estimate.
        country: The state of the territory; one of the parties.
    """

    parties: frozenset[str] = field(converter=actors)
    side_a: str
    side_b: str
    kind: str
    deaths: int
    least: int
    most: int
    country: str | None = field(default=None, converter=optional_actor)


def when(start: str, end: str, precision: str) -> Edtf:
    """Return the date of an event from its first day, last day and precision.

    >>> when("2015-04-01", "2015-04-30", "4")
    Edtf('2015-04')
    >>> when("2015-04-19", "2015-04-22", "2")
    Edtf('[2015-04-19..2015-04-22]')

    Args:
        start: The first day, as `date_start`.
        end: The last day, as `date_end`.
        precision: The precision, as `date_prec`: 1 to 5.

    Returns:
        The day; or the month or year that the two days enclose; or one of the days from
        the first to the last.

    Raises:
        DayError: A day or the precision is not valid, or the last day is before the
            first.
    """
    first, last, code = iso_day(start[:10]), iso_day(end[:10]), _whole(precision)
    if first is None or last is None:
        raise DayError(start if first is None else end, "is not a day")
    if code not in _PRECISIONS:
        raise DayError(precision, "is not a precision of UCDP: write 1 to 5")
    if last < first:
        both = f"{start} to {end}"
        raise DayError(both, "ends before it begins")
    # One day with precision 4 or 5 stands for its month or year.
    if first == last:
        return _single(first, code)
    return Edtf(_whole_period(first, last) or f"[{first}..{last}]")


def _single(day: str, code: str) -> Edtf:
    """Return the date of an event whose first and last day are the same."""
    width = {"1": 10, "4": 7, "5": 4}.get(code)
    if width is None:
        problem = f"is one day, and has the precision {code}, which is several"
        raise DayError(day, problem)
    return Edtf(day[:width])


def _whole_period(first: str, last: str) -> str | None:
    """Return the month or the year that two days enclose exactly, or None."""
    if (first[5:], last[5:]) == ("01-01", "12-31") and first[:4] == last[:4]:
        return first[:4]
    after = date.fromisoformat(last).toordinal() + 1
    ends_month = date.fromordinal(after).day == 1 if last < "9999-12-31" else True
    is_month = first[8:] == "01" and ends_month and first[:7] == last[:7]
    return first[:7] if is_month else None


def load(
    path: str | Path,
    reading: ReadOptions | None = None,
    *,
    progress: Progress = no_progress,
) -> Imported:
    """Read a table of events.

    Args:
        path: CSV with the header of the data set; also `.zip` and `.gz`.
        reading: The options; `codes` and `facts` are not used.
        progress: Called now and then with the number of lines read.

    Returns:
        An event for each row. Its id is its number in the data set, its place is that
        of the row, with its precision, and its citations are the reports in the row.

    Raises:
        FaultsError: The file is not such a table.
        OSError: The file cannot be read.
    """
    reading, name = reading or ReadOptions(), str(path)
    rows = rows_of(lines(path, progress=progress), name, ",")
    _, heads = next(rows, (1, []))
    known = (_PLACE_NUMBER, *_SIDE_NUMBERS, *_WHERE, _ARTICLES)
    numbers = [name for name in known if name in heads]
    faults = header_faults(heads, (*_COLUMNS, *numbers), "UCDP GED")
    if faults:
        raise FaultsError(name, faults)
    sides, places = _Sides(reading), PlaceReader()
    events, rejected, count = [], [], 0
    for line, row in rows:
        count += 1
        try:
            events.append(_event(heads, row, sides, places))
        except ValueError as error:
            cells = dict(zip(heads, row, strict=False))
            own = _whole(cells.get("id", ""))
            number = f"ucdp:{own}" if own else None
            rejected.append(RejectedRow(line, str(error), tuple(row), id=number))
    period = _covered(events) if reading.coverage is None else reading.coverage
    return imported(
        events,
        period,
        count,
        name=name,
        rejected=rejected,
        cautions=(*unknown_states(sides.unknown), *places.cautions()),
    )


def _event(
    heads: list[str], row: list[str], sides: _Sides, places: PlaceReader
) -> Event:
    if len(heads) != len(row):
        problem = f"the row has {len(row)} cells and the header {len(heads)}"
        raise ValueError(problem)
    cells = dict(zip(heads, row, strict=True))
    kind = _KINDS.get(_whole(cells["type_of_violence"]))
    if kind is None:
        problem = f"{shown(cells['type_of_violence'])} is not a type of violence"
        raise ValueError(problem)
    day = when(cells["date_start"], cells["date_end"], cells["date_prec"])
    country = sides.country(cells, day)
    what = Violence(
        frozenset({country, *sides.fighting(cells, day)} - {""}),
        cells["side_a"].strip(),
        cells["side_b"].strip(),
        kind,
        deaths=_count(cells, "best"),
        least=_count(cells, "low"),
        most=_count(cells, "high"),
        country=country or None,
    )
    name, latitude, longitude, code = (cells.get(column, "") for column in _WHERE)
    precision = _PRECISION_OF.get(_whole(code), f"UCDP {code}")
    where = places.read(name, latitude, longitude, precision)
    cite, number = _cited(cells, sides.reading), f"ucdp:{_whole(cells['id'])}"
    return Event(what, when=day, where=where, cite=cite, id=number)


class _Sides:
    """Finds the parties of an event, and counts states that are not recognised.

    Attributes:
        reading: The options.
        unknown: The names of states that are not recognised, with counts.

    Args:
        reading: The options.
    """

    def __init__(self, reading: ReadOptions) -> None:
        self.reading = reading
        self.unknown: Counter[str] = Counter()

    def country(self, cells: Mapping[str, str], day: Edtf) -> str:
        """Return the state of the territory; empty if the row names none.

        Args:
            cells: The row.
            day: The date of the event.
        """
        number = _whole(cells.get(_PLACE_NUMBER, ""))
        return self._state(cells["country"].strip(), number, day)

    def fighting(self, cells: Mapping[str, str], day: Edtf) -> Iterator[str]:
        """Yield the states and groups of both sides.

        A side may have several names, separated by commas. Its states are found by
        their numbers in the row, or else by name.

        Args:
            cells: The row.
            day: The date of the event.
        """
        for side, column in zip(("side_a", "side_b"), _SIDE_NUMBERS, strict=True):
            names = [name.strip() for name in cells[side].split(", ")]
            numbers = [_whole(cell) for cell in cells.get(column, "").split(",")]
            states = [name for name in names if name.startswith(_GOVERNMENT)]
            # Numbers and governments are parallel lists; without a match use names.
            if len(numbers) != len(states):
                numbers = [""] * len(states)
            for name, number in zip(states, numbers, strict=True):
                yield self._state(name.removeprefix(_GOVERNMENT), number, day)
            yield from (self._group(name) for name in names if name not in states)

    def _state(self, name: str, number: str, day: Edtf) -> str:
        state = (
            self.reading.actors.get(state_names.plain(name))
            or _agreed(day, lambda end: _numbered(number, end))
            or _agreed(day, lambda end: state_named(name, end))
        )
        if state is None and name:
            self.unknown[f"{name} ({number})" if number else name] += 1
        return state or self._own_id(name)

    def _group(self, name: str) -> str:
        # Options of the user go before all lists.
        named = self.reading.actors.get(state_names.plain(name))
        return named or ("" if name == _NOBODY else self._own_id(name))

    def _own_id(self, name: str) -> str:
        return (slug("ucdp", name) or "ucdp:other") if name else ""


def _agreed(day: Edtf, find: Callable[[date], str | None]) -> str | None:
    """Return the state that a function finds, if it is one on all possible days."""
    first, last = (find(end) for end in (day.earliest, day.latest) if end)
    return first if first == last else None


def _numbered(number: str, day: date) -> str | None:
    try:
        return actor_of(number, "gw", on=day)
    except UnknownActorError:
        return None


def _cited(cells: Mapping[str, str], reading: ReadOptions) -> list[Citation]:
    """Return the reports in a row as citations, or else the data set."""
    place = f"event {_whole(cells['id'])}"
    offices, days = (
        cells[name].split(";") for name in ("source_office", "source_date")
    )
    if not any(offices) or len(offices) != len(days):
        source = Source("UCDP Georeferenced Event Dataset", published=reading.published)
        return [source.at(place)]
    return [
        Source(head or office, container=office or None, published=iso_day(day)).at(
            place
        )
        for office, day, head in zip(
            offices, days, _headlines(cells, offices, days), strict=True
        )
    ]


def _headlines(
    cells: Mapping[str, str], offices: list[str], days: list[str]
) -> list[str]:
    """Return the headline of each report; empty where it is not known."""
    whole = cells["source_headline"]
    heads = whole.split(";") if len(days) > 1 else [whole]
    if len(heads) == len(days):
        return heads
    # A headline has a semicolon: the column of articles tells where each begins.
    begins = [f"{office},{day}," for office, day in zip(offices, days, strict=True)]
    articles = cells.get(_ARTICLES, "").strip('"').split('";"')
    if len(articles) == len(days) and all(map(str.startswith, articles, begins)):
        return [*map(str.removeprefix, articles, begins)]
    return [""] * len(days)


def _count(cells: Mapping[str, str], name: str) -> int:
    text = _whole(cells[name])
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        problem = f"{name} is {shown(text)}: write a number of people"
        raise ValueError(problem)
    return int(text)


def _whole(text: str) -> str:
    """Return a whole number as `2`, also if a spreadsheet wrote `2.0`."""
    return text.strip().removesuffix(".0")


def _covered(events: list[Event]) -> str | None:
    """Return the period from the first to the last day of some events."""
    days = [day for e in events for day in (e.when.earliest, e.when.latest) if day]
    return f"{min(days).isoformat()}/{max(days).isoformat()}" if days else None
