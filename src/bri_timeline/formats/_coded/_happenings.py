"""What readers of event data let their users say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import attrs
from attrs import field, frozen

from bri_timeline._events import Event, unchecked_event
from bri_timeline._evidence import Citation, Source, to_edtf
from bri_timeline._payload import check_payload
from bri_timeline.edtf import Edtf
from bri_timeline.errors import shown
from bri_timeline.formats._coded._codes import Coded, Codes, MakeFact
from bri_timeline.formats._imported import (
    Imported,
    RejectedRow,
    imported,
    unknown_states,
)
from bri_timeline.formats._names import plain, slug, state_named
from bri_timeline.relations import Met, Visited, actor


__all__ = [
    "NOBODY",
    "Actor",
    "Happenings",
    "ReadOptions",
    "cameo_fault",
    "fault_of",
    "iso_day",
]


def _actors(value: Mapping[str, str]) -> Mapping[str, str]:
    return {plain(name): actor(party) for name, party in value.items()}


@frozen
class ReadOptions:
    """How event data are to be read; all of it may be left as it is.

    Args:
        codes: What the codes mean.
        facts: What makes facts of `Coded`, by the names in the table of codes, beside
            those that are shipped.
        actors: For names in the data, of people and of countries, the actor for which
            they act: `{"Xi Jinping": "CHN", "Congo": "COG"}`. Names of
            states, and states in brackets behind a name, are understood without it.
        published: By which day what the data say was known (EDTF), where they do not
            say it themselves: when they were released.
        coverage: The days that they are about (EDTF); by default those between the
            first and the last that they name.

    Raises:
        UnknownActorError: *actors* names something that is no actor.
        EdtfError: A date is none.
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
        """Return what gathers rows so.

        Raises:
            FaultsError: The codes name facts that nothing makes.
        """
        return Happenings(self.codes, self.facts)

    def somebody(self, prefix: str, name: str, country: str = "") -> Actor:
        """Return who is meant, and for which actor.

        Args:
            prefix: Of the ids of those who act for no state that is known.
            name: What the data call them.
            country: The state that the data give; empty where they give none.
        """
        name = name.strip()
        if not name and not country:
            return NOBODY
        state = state_named(name)
        known = self.actors.get(plain(name))
        if known or state:
            return Actor(known or state or "", "" if state else name)
        before, bracket, within = name.removesuffix(")").rpartition(" (")
        behind = state_named(within) if bracket else None
        party = state_named(country) or self.actors.get(plain(country)) or behind
        if party:
            return Actor(party, before if party == behind else name)
        own = slug(prefix, name or country)
        return Actor(own) if own else Actor(f"{prefix}:other", name or country)


class Actor(NamedTuple):
    """Somebody in a row.

    Attributes:
        party: The id of the actor; empty where there is none.
        name: Who acted for it, if that is somebody else.
        also: The ids of those who acted together with it.
    """

    party: str = ""
    name: str = ""
    also: tuple[str, ...] = ()


NOBODY = Actor()

# Whether sightings on several days are one trip is not in the data.
_DAILY = (
    "each guest on each day is a visit or meeting of its own: a delegation of two is"
    " two, a stay of three days three; do not count them as trips"
)
_Key = tuple[str, Actor, Actor, str, str]
_Report = tuple[Source, str]


class Happenings:
    """Gathers rows, and makes an event of all that are about one happening.

    Attributes:
        rows: How many there were; whoever reads them counts.
        rejected: Those that are no event.
        unknown: States that were not recognised, and how often each is named.

    Args:
        codes: What codes mean.
        facts: What makes facts of them, beside what is shipped.
    """

    def __init__(self, codes: Codes, facts: Mapping[str, MakeFact]) -> None:
        self._makers = codes.makers(facts)
        self._same = {one.code: one.same_as for one in codes.codes if one.same_as}
        self._mutual = {one.code for one in codes.codes if one.direction == "mutual"}
        self._groups: dict[_Key, list[_Report]] = {}
        self.rows = 0
        self.rejected: list[RejectedRow] = []
        self.unknown: Counter[str] = Counter()

    def add(
        self,
        code: str,
        by: Actor,
        towards: Actor,
        day: str,
        source: Source,
        place: str,
        own: str = "",
    ) -> None:
        """Take a row.

        Args:
            code: Its code.
            by: Who did it.
            towards: To whom.
            day: When (EDTF).
            source: Who says so.
            place: Where in the source, or in the data set.
            own: Its id, if it is not known whom it is about: then it stays an event of
                its own, and a `Coded`.
        """
        if code in self._same:
            code, by, towards = self._same[code], towards, by
        if code in self._mutual and towards < by:
            by, towards = towards, by
        self._groups.setdefault((code, by, towards, day, own), []).append(
            (source, place)
        )

    def put_aside(self, line: int, reason: str, cells: Iterable[str]) -> None:
        """Keep a row that is no event, with the reason."""
        self.rejected.append(RejectedRow(line, reason, tuple(cells)))

    def imported(self, coverage: Edtf | str | None) -> Imported:
        """Return what was gathered.

        Args:
            coverage: The days that the data are about; if not given, those between the
                first and the last that they name.
        """
        days = {day for _, _, _, day, _ in self._groups}
        if coverage is None and days:
            coverage = f"{min(days)}/{max(days)}"
        reports = sum(map(len, self._groups.values()))
        events = self._events({day: to_edtf(day) for day in days})
        counted = any(isinstance(event.what, Visited | Met) for event in events)
        return imported(
            events,
            coverage,
            self.rows,
            rejected=self.rejected,
            repeated=reports - len(self._groups),
            cautions=[*([_DAILY] if counted else ()), *unknown_states(self.unknown)],
        )

    def _events(self, dates: Mapping[str, Edtf]) -> list[Event]:
        payloads: dict[tuple[str, Actor, Actor, bool], object] = {}
        events = []
        for (code, by, towards, day, own), group in self._groups.items():
            what = payloads.get((code, by, towards, own != ""))
            if what is None:
                what = self._fact(code, by, towards, own)
                payloads[code, by, towards, own != ""] = what
            events.append(unchecked_event(what, dates[day], _cited(group), own or None))
        return events

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
        make = None if own else self._makers.get(code)
        if make is None:
            return coded
        what = make(coded)
        check_payload(what)
        return what


def _cited(reports: list[_Report]) -> tuple[Citation, ...]:
    """Return a citation of each source, with all places in it."""
    if len(reports) == 1:
        return (Citation(*reports[0]),)
    found: dict[Source, list[str]] = {}
    for source, place in reports:
        found.setdefault(source, []).append(place)
    return tuple(
        [Citation(source, ", ".join(places)) for source, places in found.items()]
    )


def fault_of(day: str | None, by: Actor, towards: Actor) -> str | None:
    """Return why a row cannot be an event, or None."""
    if day is None:
        return "the row has no day"
    if by is NOBODY and towards is NOBODY:
        return "the row names no actor"
    return None


@lru_cache(1 << 14)
def iso_day(text: str) -> str | None:
    """Return a day as ISO text, from `2018-06-01`, `20180601` or an instant of it.

    Args:
        text: What a file says.

    Returns:
        None where it is no day.
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
    """Return why text cannot be a code of CAMEO, or None.

    Roots are 01 to 20, and leaves begin with one: a code that lost its leading zero is
    mostly none.
    """
    digits = code.isascii() and code.isdigit() and 2 <= len(code) <= 4
    if digits and "01" <= code[:2] <= "20":
        return None
    return f"{shown(code)} is not a CAMEO code: is a leading zero lost?"
