"""Options for reading event data, and the merging of reports into events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

import attrs
from attrs import field, frozen

from bri_timeline import Citation, Event, Place, Source
from bri_timeline.edtf import Edtf, to_edtf
from bri_timeline.errors import shown
from bri_timeline.extend import events_of, one_line, state_names
from bri_timeline.formats._codes import (
    Coded,
    Codes,
    MakeFact,
    PlaceReader,
    slug,
    state_named,
)
from bri_timeline.formats._foreign import (
    Imported,
    RejectedRow,
    imported,
    unknown_states,
)
from bri_timeline.relations import Met, Visited, actor


def _actors(value: Mapping[str, str]) -> Mapping[str, str]:
    return {state_names.plain(name): actor(party) for name, party in value.items()}


@frozen
class ReadOptions:
    """Options for reading event data.

    Args:
        codes: The table of codes.
        facts: Functions that make facts of `Coded`, by their names in the table of
            codes, in addition to the shipped ones.
        actors: The actor for names of people and countries in the data, such as
            `{"Xi Jinping": "CHN", "Congo": "COG"}`. Names of states, and states in
            brackets after a name, are recognised without it.
        published: The date of release (EDTF), for data that do not say when each report
            was published.
        coverage: The days that the data cover (EDTF); by default from the first to the
            last day in the data.

    Raises:
        UnknownActorError: *actors* has a value that is not an actor.
        EdtfError: A date is not valid.
    """

    codes: Codes = field(factory=Codes.shipped)
    facts: Mapping[str, MakeFact] = field(factory=dict)
    actors: Mapping[str, str] = field(factory=dict, converter=_actors)
    published: Edtf | None = field(
        default=None, converter=attrs.converters.optional(to_edtf)
    )
    coverage: Edtf | None = field(
        default=None, converter=attrs.converters.optional(to_edtf)
    )

    def happenings(self) -> Happenings:
        """Return an empty collection of happenings with these options.

        Raises:
            FaultsError: The table of codes names facts without a function.
        """
        return Happenings(self.codes, self.facts)

    def somebody(self, prefix: str, name: str, country: str = "") -> Actor:
        """Return the actor for a name in the data.

        Args:
            prefix: The prefix of ids for actors without a known state.
            name: The name in the data.
            country: The state in the data, or an empty text.
        """
        name = name.strip()
        if not name and not country:
            return NOBODY
        state = state_named(name)
        known = self.actors.get(state_names.plain(name))
        # A name that is a state is not repeated as the name of who acted for it.
        if known or state:
            return Actor(known or state or "", "" if state else name)
        before, bracket, within = name.removesuffix(")").rpartition(" (")
        behind = state_named(within) if bracket else None
        also = self.actors.get(state_names.plain(country))
        party = state_named(country) or also or behind
        if party:
            return Actor(party, before if party == behind else name)
        # An unknown name gets an id with the prefix of the data set, so that it cannot
        # be taken for an actor of another source.
        own = slug(prefix, name or country)
        return Actor(own) if own else Actor(f"{prefix}:other", name or country)


class Actor(NamedTuple):
    """An actor in a row.

    Attributes:
        party: The id of the actor; empty if the row has none.
        name: The name of a person or body that acted for it.
        also: The ids of actors that acted together with it.
    """

    party: str = ""
    name: str = ""
    also: tuple[str, ...] = ()


NOBODY = Actor()

_SCATTERED = (
    " events have reports that differ in the place: these places are in the citations"
)
# The data do not say whether sightings on several days are one trip.
_DAILY = (
    "each guest on each day is a visit or meeting of its own: a delegation of two is"
    " two, a stay of three days three; do not count them as trips"
)
_SOME_DAY = Edtf("2000-01-01")
_Key = tuple[str, Actor, Actor, str, str]
# The source, the locator, the code of the row, and where it happened.
_Report = tuple[Source, str, str, Place | None]


class Happenings:
    """Collects rows, and merges those about one happening into an event.

    Attributes:
        rows: The number of rows; the reader of the rows counts them.
        rejected: The rows that gave no event.
        unknown: The names of states that were not recognised, with counts.
        places: Reads the places of rows.

    Args:
        codes: The table of codes.
        facts: Functions that make facts, in addition to the shipped ones.
    """

    def __init__(self, codes: Codes, facts: Mapping[str, MakeFact]) -> None:
        self._makers = codes.makers(facts)
        self._same = {
            entry.code: entry.same_as for entry in codes.codes if entry.same_as
        }
        self._mutual = {
            entry.code for entry in codes.codes if entry.direction == "mutual"
        }
        self._groups: dict[_Key, list[_Report]] = {}
        self.rows: int = 0
        self.rejected: list[RejectedRow] = []
        self.unknown: Counter[str] = Counter()
        self.places: PlaceReader = PlaceReader()
        self._scattered = 0

    def add(
        self,
        code: str,
        by: Actor,
        towards: Actor,
        day: str,
        source: Source,
        place: str,
        own: str = "",
        where: Place | None = None,
    ) -> None:
        """Add a row.

        Args:
            code: The code.
            by: The first actor.
            towards: The second actor.
            day: The date (EDTF).
            source: The source.
            place: The place in the source or the data set.
            own: An id for a row whose actors are not fully known: it is not merged with
                others, and its payload stays a `Coded`.
            where: Where it happened, as `places` reads it.
        """
        # Rows repeat a few codes, and each code is kept beside every row.
        raw = intern(code)
        # Both sides of a visit, and both orders of a meeting, must get the same key.
        if code in self._same:
            code, by, towards = self._same[code], towards, by
        # Any fixed order will do.
        if code in self._mutual and towards < by:
            by, towards = towards, by
        self._groups.setdefault((code, by, towards, day, own), []).append(
            (source, place, raw, where)
        )

    def below(
        self,
        heads: list[str],
        rows: Iterable[tuple[int, list[str]]],
        columns: Sequence[str],
        optional: Sequence[str],
    ) -> Iterator[tuple[int, list[str], list[str]]]:
        """Yield each row below a header: its line, its cells, and those that are used.

        A row that is not as wide as the header is rejected.

        Args:
            heads: The names of all columns.
            rows: The rows, each with its line below the header.
            columns: The columns that are used.
            optional: Columns that are used too; extracts may lack them.
        """
        # The last place is that of an empty cell.
        places = [
            heads.index(name) if name in heads else len(heads)
            for name in (*columns, *optional)
        ]
        for line, cells in rows:
            self.rows += 1
            if len(cells) == len(heads):
                row = [*cells, ""]
                yield line + 1, cells, [row[place] for place in places]
            else:
                problem = "the row is not as wide as the header"
                self.reject(line + 1, problem, cells)

    def reject(self, line: int, reason: str, cells: Iterable[str]) -> None:
        """Keep a row that gave no event, with the reason."""
        self.rejected.append(RejectedRow(line, reason, tuple(cells)))

    def imported(self, name: str, coverage: Edtf | str | None) -> Imported:
        """Return the result of the import.

        Args:
            name: The name of the file in messages.
            coverage: The days that the data cover; None means from the first to the
                last day in the data.

        Raises:
            NothingReadError: There are rows, and all of them are rejected.
        """
        days = {day for _, _, _, day, _ in self._groups}
        # ISO texts of four-digit years sort as dates.
        if coverage is None and days:
            coverage = f"{min(days)}/{max(days)}"
        reports = sum(map(len, self._groups.values()))
        events = self._events({day: to_edtf(day) for day in days})
        counted = any(isinstance(event.what, Visited | Met) for event in events)
        return imported(
            events,
            coverage,
            self.rows,
            name=name,
            rejected=self.rejected,
            repeated=reports - len(self._groups),
            cautions=[
                *([_DAILY] if counted else ()),
                *unknown_states(self.unknown),
                *self.places.cautions(),
                *([f"{self._scattered:,}{_SCATTERED}"] if self._scattered else ()),
            ],
        )

    def _events(self, dates: Mapping[str, Edtf]) -> list[Event]:
        payloads: dict[tuple[str, Actor, Actor, bool], object] = {}
        # Groups of different actors may be one fact. What happened, when -> where; None
        # if reports differ in it: they are of one event, which has one place.
        wheres: dict[tuple[object, str, str], Place | None] = {}
        for (code, by, towards, day, own), group in self._groups.items():
            what = payloads.get((code, by, towards, own != ""))
            if what is None:
                what = self._fact(code, by, towards, own)
                payloads[code, by, towards, own != ""] = what
            for *_, where in group:
                key = what, day, own
                if where is not None and wheres.setdefault(key, where) != where:
                    wheres[key] = None
        self._scattered = [*wheres.values()].count(None)
        rows: list[tuple[Any, ...]] = []
        for (code, by, towards, day, own), group in self._groups.items():
            what = payloads[code, by, towards, own != ""]
            where = wheres.get((what, day, own))
            cite = _cited(group, _noted(what, towards, has_place=where is not None))
            rows.append((what, dates[day], cite, own or None, where))
        *columns, places = ([row[part] for row in rows] for part in range(5))
        return events_of(*columns, where=places)

    def _fact(self, code: str, by: Actor, towards: Actor, own: str) -> object:
        coded = Coded(
            code,
            by.party or None,
            towards.party or None,
            who=by.name or None,
            whom=towards.name or None,
            by_also=by.also,
            towards_also=towards.also,
        )
        # A row whose actors are not fully known must not become a fact about two
        # states.
        make = None if own else self._makers.get(code)
        if make is None:
            return coded
        what = make(coded)
        Event(what, when=_SOME_DAY)  # refuses a payload that could change
        return what


def _noted(
    what: object, towards: Actor, *, has_place: bool
) -> Callable[[str, str, Place | None], str]:
    """Return a function that adds to a locator what the event does not keep of a row.

    The rows of one event may differ in it, so the event cannot hold it: the code, one
    for each side of a visit, and the host, whom some reports name and others do not.

    Args:
        what: The payload.
        towards: The second actor.
        has_place: The event has the place of all rows that have one.
    """
    own = what.code if isinstance(what, Coded) else ""
    host = towards.name if isinstance(what, Visited) else ""
    more = f"; host {one_line(host)}" if host else ""

    def noted(place: str, code: str, where: Place | None) -> str:
        locator = place if code == own else f"{place} (code {code}{more})"
        return locator if has_place or where is None else f"{locator} [{where}]"

    return noted


def _cited(
    reports: list[_Report], noted: Callable[[str, str, Place | None], str]
) -> tuple[Citation, ...]:
    """Return a citation for each source, with all places in it."""
    # By far the most frequent case.
    if len(reports) == 1:
        source, place, code, where = reports[0]
        return (Citation(source, noted(place, code, where)),)
    by_source: dict[Source, list[str]] = {}
    for source, place, code, where in reports:
        by_source.setdefault(source, []).append(noted(place, code, where))
    return tuple(
        [Citation(source, ", ".join(places)) for source, places in by_source.items()]
    )


def fault_of(day: str | None, by: Actor, towards: Actor) -> str | None:
    """Return the reason why a row cannot be an event, or None."""
    if day is None:
        return "the row has no day"
    if by is NOBODY and towards is NOBODY:
        return "the row has no actor"
    return None


@lru_cache(1 << 14)
def iso_day(text: str) -> str | None:
    """Return a day as ISO text, from `2018-06-01`, `20180601` or an instant of it.

    Args:
        text: The text in the file.

    Returns:
        The day, or None if the text is not a day.
    """
    bare = text.strip()
    if bare.isascii() and bare.isdigit() and len(bare) in (8, 14):
        bare = f"{bare[:4]}-{bare[4:6]}-{bare[6:8]}"
    try:
        return date.fromisoformat(bare).isoformat()
    except ValueError:
        return None


@lru_cache(1 << 12)
def cameo_fault(code: str) -> str | None:
    """Return the reason why a text cannot be a CAMEO code, or None.

    Root codes are 01 to 20, and other codes begin with a root. Most codes that lost a
    leading zero fail this test.
    """
    digits = code.isascii() and code.isdigit() and 2 <= len(code) <= 4
    if digits and "01" <= code[:2] <= "20":
        return None
    return f"{shown(code)} is not a CAMEO code: is a leading zero lost?"
