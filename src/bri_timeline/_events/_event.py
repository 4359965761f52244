"""Events: dated claims with their places and citations, and the pairs of parties."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, starmap
from operator import attrgetter
from typing import Any

from attrs import field, fields, frozen

from bri_timeline._evidence import Citation, Source, out_by, to_citations
from bri_timeline._instances import draft_of
from bri_timeline._payload import (
    check_immutable,
    content_digest,
    is_digest,
)
from bri_timeline._scope import kind_name
from bri_timeline._strings import strings
from bri_timeline._text import (
    AsDict,
    Cell,
    brief,
    one_line,
    phrase,
    table,
    to_plain,
)
from bri_timeline.edtf import Edtf, in_words, to_edtf
from bri_timeline.errors import EventError, PayloadError, shown


_EARTH_KM = 6371.0088
# A line of a table, or the row of coded events that has an id, in a locator.
_ROW = re.compile(r"\b(?:line|event) \d+\b")


def _degrees(value: object) -> float | None:
    """Return degrees as a float; -0.0 as 0.0, so that equal places have equal text."""
    if value is None:
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            return float(value) + 0.0
        except OverflowError:
            pass
    raise EventError(value, "is not a number of degrees: write 40.4, or leave it out")


@frozen(repr=False, cache_hash=True, weakref_slot=False)
class Place(AsDict):
    """Where something happened: a name, coordinates, or both.

    Coordinates are degrees of the World Geodetic System 1984, as in GeoJSON (RFC 7946,
    section 4). They are one point, also where the place is a country: *precision* says
    how far to trust it.

    >>> print(Place("Baku", 40.3777, 49.892, "exact"))
    Baku (40.3777, 49.892; exact)

    Args:
        name: What it is called.
        latitude: Decimal degrees north of the equator, -90 to 90.
        longitude: Decimal degrees east of Greenwich, -180 to 180.
        precision: What the point stands for: `exact` (the place itself, such as a
            town), `near` (about 25 km around it), `district`, `province` or `country`.
            Any other text is the word of whoever provided it.

    Raises:
        EventError: There is neither a name nor a point, or one coordinate without the
            other, or a coordinate out of range.
    """

    name: str = ""
    latitude: float | None = field(default=None, converter=_degrees)
    longitude: float | None = field(default=None, converter=_degrees)
    precision: str | None = None

    def __attrs_post_init__(self) -> None:
        problems = []
        if not isinstance(self.name, str):
            problems.append(f"the name {shown(self.name)} is not text")
        has_precision = isinstance(self.precision, str) and self.precision.strip()
        if self.precision is not None and not has_precision:
            problems.append(f"the precision {shown(self.precision)} is not a word")
        if (self.latitude is None) is not (self.longitude is None):
            problems.append("it has one coordinate: give latitude and longitude")
        elif self.latitude is None and not self.name:
            problems.append("it has neither a name nor coordinates")
        pairs = ("latitude", self.latitude, 90), ("longitude", self.longitude, 180)
        problems += (
            f"the {name} {degrees} is not between -{most} and {most} degrees"
            for name, degrees, most in pairs
            # Not a number compares as out of range, too.
            if degrees is not None and not -most <= degrees <= most
        )
        if problems:
            raise EventError(self.name, f"is not a place: {'; '.join(problems)}")

    def distance(self, other: Place) -> float | None:
        """Return how many kilometres lie between the points of two places.

        It is the great-circle distance, by the haversine formula (R. W. Sinnott,
        Virtues of the Haversine, Sky and Telescope 68, 1984), on a sphere of the mean
        radius of the Earth, 6371.0088 km (H. Moritz, Geodetic Reference System 1980).
        The Earth is flatter, so it is up to 0.6 % off. A point may stand for a whole
        country, as *precision* says.

        >>> round(Place("Baku", 40.3777, 49.892).distance(Place("Xi'an", 34.27, 108.9)))
        5165

        Args:
            other: The other place.

        Returns:
            Kilometres; None if one of them has no coordinates.

        Raises:
            EventError: *other* is not a place.
        """
        if not isinstance(other, Place):
            raise EventError(other, "is not a place: give a Place")
        degrees = self.latitude, self.longitude, other.latitude, other.longitude
        if None in degrees:
            return None
        north, east, to_north, to_east = (math.radians(d or 0.0) for d in degrees)
        half = (
            math.sin((to_north - north) / 2) ** 2
            + math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
        )
        return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))

    def __repr__(self) -> str:
        return brief(self)

    def __str__(self) -> str:
        details = [str(self.precision)] if self.precision else []
        if self.latitude is not None:
            details.insert(0, f"{self.latitude}, {self.longitude}")
        if self.name and details:
            return one_line(f"{self.name} ({'; '.join(details)})")
        return one_line(self.name or "; ".join(details))


def _check(when: Edtf, name: object) -> None:
    """Refuse a date of several days, and an empty id."""
    if when.is_several:
        raise EventError(str(when), "is several days: record one event for each")
    if name is not None and not (isinstance(name, str) and name):
        raise EventError(name, "is not an id: give text that is not empty, or None")


def given_id(event: Event, first: Event | None = None) -> str | None:
    """Return the id that was given to an event; None if its digest is its id.

    Args:
        event: The event.
        first: The claim with which its slot began, if it is known. Until there were
            words put right, a correction had the digest of that as its id.
    """
    name = event._id
    is_digest = name is not None and first is not None and first.has_digest(name)
    return None if is_digest else name


def check_sayable(event: object) -> None:
    """Refuse an event that its payload calls impossible, as a visit to oneself.

    It is for events that somebody records now. What was recorded already is read as it
    is, since the past is not edited.

    Args:
        event: The event, or a payload.

    Raises:
        EventError: It is impossible; the message says why.
    """
    what = event.what if isinstance(event, Event) else event
    refusal = getattr(type(what), "_refusal", None)
    if refusal is not None and (problem := str(refusal(what))):
        raise EventError(str(what), problem)


def unchecked_events(
    whats: Iterable[object],
    whens: Iterable[Edtf],
    cites: Iterable[tuple[Citation, ...]],
    names: Iterable[str | None],
    where: Iterable[Place | None] = (),
    **others: Iterable[object],
) -> list[Event]:
    """Return events without checks: `Event()` would accept the parts as they are.

    The key is computed on first use.

    Args:
        whats: Their payloads.
        whens: Their dates.
        cites: Their citations.
        names: Their ids.
        where: Their places; empty without any.
        others: Their other parts, by name; without a column no event has one.
    """
    columns = zip(whats, whens, cites, names, strict=True)
    events: list[Event] = [*starmap(_draft_of_event, columns)]
    for event in events:
        event.__class__ = Event
    for name, column in {"where": where, **others}.items():
        for event, part in zip(events, column, strict=False):
            if part is not None:
                object.__setattr__(event, name, part)
    return events


def events_of(
    whats: Iterable[object],
    whens: Iterable[Edtf],
    cites: Iterable[tuple[Citation, ...]],
    ids: Iterable[str | None],
    **others: Iterable[Any],
) -> list[Event]:
    """Return the events in columns, each as by `Event()`, in half of the time.

    Args:
        whats: Their payloads; of one that is there several times, once is checked.
        whens: Their dates.
        cites: Their citations, of each none twice.
        ids: Their ids; None of those that have a digest for it.
        others: Their other parts, by name; without a column no event has one.

    Raises:
        PayloadError: As `Event()` does.
        EventError: As `Event()` does.
    """
    whats = [*whats]
    for what in {id(what): what for what in whats}.values():
        check_immutable(what)
    events = unchecked_events(whats, whens, cites, ids, **others)
    for event in events:
        _check(event.when, event._id)
        # The hash is part of the key of an event without an id, which keeps it.
        hash(event if event._id is None else event.what)
    return events


@frozen(repr=False, weakref_slot=False)
class Event:
    """A dated claim that rests on citations.

    Args:
        what: The payload: an instance of your own `attrs.frozen` class, hashable
            through and through.
        when: When it happened: an `Edtf`, its text, or a known day. An extent
            (`2015/2017`) says that it lasted; it then begins at its start.
        where: Where it happened. Claims of one id that differ in it are a dispute;
            without ids they are two happenings.
        cite: Where that is said: a source, a citation, or several of them.
        id: What happened, if a name is needed: claims with one id are about one
            happening. By default a digest of payload, date and place, so that the same
            report read twice is one happening with one more witness.

    Raises:
        PayloadError: The payload could change after it was recorded, no vocabulary
            could keep it, or nothing would be found by its ids.
        EventError: *when* is several days (`{2016,2018}`): record one event for each;
            or *where* is not a place.
        EdtfError: *when* is not an EDTF date.
    """

    what: object
    when: Edtf = field(converter=to_edtf, kw_only=True)
    where: Place | None = field(default=None, kw_only=True)
    cite: tuple[Citation, ...] = field(default=(), converter=to_citations, kw_only=True)
    # Type checkers other than mypy need the name without the underscore as an alias.
    _id: str | None = field(default=None, kw_only=True, alias="id")
    _digest: str | None = field(default=None, init=False, eq=False)
    _kept_key: str | int | None = field(default=None, init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        check_immutable(self.what)
        try:
            content = hash((self.what, self.when))
        except TypeError as error:
            field, problem = type(self.what).__name__, f"has no hash: {error}"
            raise PayloadError(self.what, field, problem) from None
        # Not `isinstance(..., Place | None)`: making that union takes long.
        if self.where is not None and not isinstance(self.where, Place):
            raise EventError(self.where, "is not a place: give a Place, or None")
        _check(self.when, self._id)
        object.__setattr__(self, "_kept_key", content if self._id is None else self._id)

    def __repr__(self) -> str:
        return brief(self)

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        when, what, cited = cells(self)
        rows = (("what", what), ("when", when), ("who says so", cited))
        return table(f"Event {self.id}", rows, len(rows))

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data: `id`, `kind`, `what`, `when`, `where` and `cite`.

        `where` is left out without a place. The kind is the name of the class of the
        payload. Dates are EDTF text, decimals text; all rules are those of
        `View.as_dict()`.

        >>> Event("a visit", when="2019", id="v1").as_dict()
        {'id': 'v1', 'kind': 'str', 'what': 'a visit', 'when': '2019', 'cite': []}

        Raises:
            PlainDataError: A part of the payload has no form in plain data.
        """
        return to_plain(self)

    def _plain_data(self) -> dict[str, object]:
        named = {"id": self.id, "kind": kind_name(self.what), "what": self.what}
        rest = ((name, getattr(self, name)) for name in _BESIDE)
        return named | {name: part for name, part in rest if part is not None}

    def __hash__(self) -> int:
        return hash((self._key, self.cite))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the arguments only: a hash of text differs between processes."""
        return _event, ({name: getattr(self, path) for name, path in _GIVEN},)

    @property
    def _key(self) -> str | int:
        """The key of the identity index: its id, else a hash of its content."""
        key = self._kept_key
        if key is None:
            key = hash((self.what, self.when)) if self._id is None else self._id
            object.__setattr__(self, "_kept_key", key)
        return key

    @property
    def id(self) -> str:
        """The name of what happened: as given, else a digest of all that is claimed.

        Of an event of a view, the claim with which the happening began gives the
        digest. The digest of each other claim about it names it too.
        """
        return self.digest if self._id is None else self._id

    @property
    def digest(self) -> str:
        """The digest of payload, date and place: the id of an event without one."""
        if self._digest is None:
            digest = content_digest(self.what, self.when, self.where)
            object.__setattr__(self, "_digest", digest)
        return self._digest or ""

    @property
    def names(self) -> tuple[str, ...]:
        """Its id, and its digest if the id looks like one: either may name it."""
        if self._id is not None and is_digest(self._id):
            return self._id, self.digest
        return (self.id,)

    def has_digest(self, name: str) -> bool:
        """Check whether an id is the digest of what it claims.

        A digest may be of an earlier version, which did not take in the place.
        """
        if not is_digest(name):
            return False
        where = self.where
        dated = where is not None and name == content_digest(self.what, self.when)
        return dated or name == self.digest

    @property
    def parties(self) -> frozenset[str]:
        """The actors that it is about, if its payload names them as `parties`."""
        parties = getattr(self.what, "parties", None)
        return parties if isinstance(parties, frozenset) else frozenset()

    @property
    def affair_of(self) -> frozenset[str]:
        """The parties that it concerns: all, unless the payload names fewer.

        Where a payload names fewer as `affair_of`, the others do not make it theirs.
        """
        parties = getattr(self.what, "affair_of", None)
        return parties if isinstance(parties, frozenset) else self.parties

    @property
    def refers_to(self) -> frozenset[str]:
        """The ids of other events that its payload names as `refers_to`."""
        names = getattr(self.what, "refers_to", None)
        return names if isinstance(names, frozenset) else frozenset()

    @property
    def known_day(self) -> int | None:
        """The number of the day by which the earliest of its sources had appeared."""
        if len(self.cite) == 1:
            return self.cite[0].known_day
        days = [citation.known_day for citation in self.cite]
        return min((day for day in days if day is not None), default=None)

    @property
    def reports(self) -> tuple[Citation, ...]:
        """The documents that report it: one citation each, with all places cited in it.

        Their number is how many sources stand behind it, however often each is cited.
        An event of a view has those of all its witnesses that were known.

        >>> paper, radio = Source("The Paper"), Source("Radio")
        >>> event = Event("a visit", when="2019", cite=[paper.at("p. 1"), radio])
        >>> witnessed = event.cited([*event.cite, paper.at("p. 7")])
        >>> len(witnessed.reports), str(witnessed.reports[0])
        (2, 'The Paper, p. 1; p. 7')
        """
        places: dict[Source, list[Citation]] = {}
        for citation in self.cite:
            places.setdefault(citation.source, []).append(citation)
        return tuple(
            citations[0]
            if len(citations) == 1
            else Citation(
                source,
                "; ".join(dict.fromkeys(c.locator for c in citations if c.locator)),
            )
            for source, citations in places.items()
        )

    @property
    def rows(self) -> tuple[tuple[Source, str], ...]:
        """The rows of files that it comes from: `line 7` or `event 91`, with a source.

        They are read from the locators that formats write, so that a page is none. A
        row that has an id counts once, whatever sources it names. Of an event of a view
        they are those of all witnesses that were known.

        >>> table = Source("A table")
        >>> Event("a visit", when="2019", cite=[table.at("line 3"), table]).rows
        ((Source('A table'), 'line 3'),)
        """
        found: dict[object, tuple[Source, str]] = {}
        for citation in self.cite:
            for row in _ROW.findall(citation.locator):
                key = row if row.startswith("event") else (citation.source, row)
                found.setdefault(key, (citation.source, row))
        return tuple(found.values())

    @property
    def words(self) -> str:
        """A digest of what it says: payload, date, place, and the id if one was given.

        Claims that rest on different sources have the same, if they say the same.
        """
        return self.digest if self._id is None else self.words_as(self._id)

    def words_as(self, name: str) -> str:
        """Return the digest of what it says as a claim with an id that was given."""
        return content_digest((name, self.what), self.when, self.where)

    def named(self, name: str | None) -> Event:
        """Return the same claim with an id; None for none."""
        if name == self._id:
            return self
        return altered(self, _id=name)

    def cited(self, cite: Iterable[Source | Citation]) -> Event:
        """Return the same claim, resting on *cite*."""
        return resting_on(self, to_citations(cite))

    def _out_by(self, day: float) -> Event:
        """Return the same claim, without citations of what came out after a day."""
        cite = out_by(self.cite, day)
        return self if len(cite) == len(self.cite) else resting_on(self, cite)


def resting_on(event: Event, cite: tuple[Citation, ...]) -> Event:
    """Return the same claim, resting on citations of which none is there twice."""
    digest, key = event._digest, event._kept_key
    return altered(event, cite=cite, _digest=digest, _kept_key=key)


def altered(event: Event, **changes: Any) -> Event:
    """Return a claim with other parts, by attribute, without checks."""
    draft = _draft_of_event(*_parts_of(event))
    for name, part in changes.items():
        setattr(draft, name, part)
    draft.__class__ = Event
    same: Event = draft
    return same


_FIRST = ("what", "when", "cite", "_id")
_draft_of_event = draft_of(Event, *_FIRST)
_parts_of = attrgetter(
    *dict.fromkeys((*_FIRST, *(one.name for one in fields(Event) if one.init)))
)


def _event(given: dict[str, Any]) -> Event:
    return Event(**given)


_GIVEN = [(str(one.alias), one.name) for one in fields(Event) if one.init]
_BESIDE = [name for name, _ in _GIVEN if name not in ("id", "what")]


def keys_of(events: Sequence[Event]) -> list[str | int]:
    """Return the key of each event, in a third of the time of asking each for it."""
    keys: list[str | int] = [*map(_made_key, events)]
    return keys if all(keys) else [event._key for event in events]


_made_key: Callable[[Event], Any] = attrgetter("_kept_key")


def describe_event(event: object, language: str = "en") -> str:
    """Describe what is claimed in one line: the payload, and the name of the place.

    A payload of your own is described by its `str()` if its class defines one,
    otherwise by the names of its class and fields.

    Args:
        event: The event, or a payload without a place. For other words, give a
            function of your own.
        language: In which facts of the library are described: `en`, `de`, `ru` or `zh`.
            What a fact says is not translated, but for the names of states.

    Raises:
        PictureError: The language has no table of words.
    """
    pattern, values = event_phrase(event, language)
    return one_line(pattern.format_map(values))


def event_phrase(event: object, language: str) -> tuple[str, dict[str, str]]:
    """Return an event, or a payload, as a text with holes, and what to fill in.

    Args:
        event: The event or the payload.
        language: `en`, `de`, `ru` or `zh`.
    """
    words = strings(language)
    if not isinstance(event, Event):
        return phrase(event, language)
    (pattern, values), where = phrase(event.what, language), event.where
    if where is None:
        return pattern, values
    named = {"where": where.name or str(where)}
    return words("facts.place", what=pattern), values | named


def cells(event: Event) -> tuple[str, str, Cell]:
    """Return an event as cells: its date, payload and place, and cited quotes."""
    cited = (
        str(citation)
        if citation.quote is None
        else f"{citation}: \u201c{citation.quote}\u201d"
        for citation in event.cite
    )
    return (
        in_words(event.when),
        describe_event(event),
        tuple(cited) or ("no source",),
    )


_MOST_KEPT = 1 << 16
_FEW_PARTIES = 8
_MOST_PARTIES = 1000


def dyads(event: Event) -> tuple[tuple[str, str], ...]:
    """Return the pairs among the parties of an event, each in alphabetical order.

    >>> from attrs import frozen
    >>> @frozen
    ... class Met:
    ...     parties: frozenset[str]
    >>> dyads(Event(Met(frozenset({"CHN", "AZE", "KAZ"})), when="2019"))
    (('AZE', 'CHN'), ('AZE', 'KAZ'), ('CHN', 'KAZ'))

    Raises:
        EventError: It has more than a thousand parties.
    """
    return _pairs_among(event.what)


def _pairs_among(what: object) -> tuple[tuple[str, str], ...]:
    """Return the pairs among the parties of a payload, as `dyads()` of its event."""
    parties = getattr(what, "parties", None)
    if not isinstance(parties, frozenset):
        return ()
    count = len(parties)
    if count > _MOST_PARTIES:
        problem = f"parties of one event make {count * (count - 1) // 2:,} pairs"
        remedy = "group by a function of your own, or record who met whom"
        bound = f"only events of at most {_MOST_PARTIES:,} are taken apart"
        raise EventError(count, f"{problem}, and {bound}: {remedy}")
    # Large results are not cached: many events of that kind would fill the memory.
    return _kept_pairs(parties) if count <= _FEW_PARTIES else _pairs(parties)


def _pairs(parties: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return tuple(combinations(sorted(parties), 2))


_kept_pairs = lru_cache(_MOST_KEPT)(_pairs)
