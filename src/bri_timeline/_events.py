"""Events, their marks in the fold order, and entries."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import pendulum
from attrs import evolve, field, frozen

from bri_timeline._calendar import Day, as_date, iso, to_day
from bri_timeline._evidence import Citation, Source, to_citations, to_edtf
from bri_timeline._payload import check_payload, digest
from bri_timeline._scope import Release, kind_name
from bri_timeline._text import (
    AsDict,
    Cell,
    Listed,
    Sheet,
    brief,
    counted,
    describe,
    table,
    to_plain,
)
from bri_timeline.edtf import Edtf, end_bounds, in_words
from bri_timeline.errors import EntryError, EventError, PayloadError


__all__ = [
    "ENTRY_HEADS",
    "Ending",
    "Entries",
    "Entry",
    "Event",
    "Events",
    "Key",
    "Mark",
    "Over",
    "Review",
    "cells",
    "ending_key",
    "ending_of",
    "entry_cells",
    "event_of",
    "sort_key",
    "unchecked_entry",
    "unchecked_event",
    "unchecked_events",
    "uncollected",
]


class _EventDraft:
    """A mutable twin of `Event`, with the same slots.

    `Event` is frozen: setting an attribute costs a call of `object.__setattr__`. The
    twin is filled by plain assignment, then becomes an `Event` by assigning its class,
    which Python allows between classes of equal slots. A slot that is added to `Event`
    must be added here too, else the assignment raises a `TypeError`.
    """

    __slots__ = ("_digest", "_id", "_key", "cite", "what", "when")


class _EntryDraft:
    """A mutable twin of `Entry`, with the same slots."""

    __slots__ = (
        "_known",
        "because",
        "dataset",
        "event",
        "position",
        "recorded_at",
        "release",
        "retracts",
        "review",
        "supersedes",
    )


def unchecked_event(
    what: object, when: Edtf, cite: tuple[Citation, ...], name: str | None
) -> Event:
    """Return an event without checks: `Event()` would accept the parts as they are.

    Args:
        what: A payload that was checked before.
        when: One day, or an extent.
        cite: None of them twice.
        name: The id; None for a digest.
    """
    draft: Any = _EventDraft()
    draft.what = what
    draft.when = when
    draft.cite = cite
    draft._id = name
    draft._digest = None
    draft._key = hash((what, when)) if name is None else name
    draft.__class__ = Event
    event: Event = draft
    return event


def unchecked_events(
    whats: Iterable[object],
    whens: Iterable[Edtf],
    cites: Iterable[tuple[Citation, ...]],
    names: Iterable[str | None],
) -> list[Event]:
    """Return events, each as by `unchecked_event()`, in a third of the time.

    The key is computed on first use.
    """
    found: list[Any] = []
    add, draft = found.append, _EventDraft
    for what, when, cite, name in zip(whats, whens, cites, names, strict=True):
        event: Any = draft()
        event.what = what
        event.when = when
        event.cite = cite
        event._id = name
        event._digest = event._key = None
        event.__class__ = Event
        add(event)
    return found


def unchecked_entry(
    position: int,
    event: Event | None,
    known: int | None,
    supersedes: int | None = None,
    retracts: int | None = None,
    because: str | None = None,
    recorded_at: datetime | None = None,
    review: Review | None = None,
    dataset: str | None = None,
    release: Release | None = None,
) -> Entry:
    """Return an entry without checks, in a quarter of the time of `Entry()`."""
    draft: Any = _EntryDraft()
    draft.position, draft.event = position, event
    draft._known = known
    draft.supersedes, draft.retracts = supersedes, retracts
    draft.because, draft.recorded_at = because, recorded_at
    draft.review = review
    draft.dataset, draft.release = dataset, release
    draft.__class__ = Entry
    entry: Entry = draft
    return entry


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the garbage collector: events and entries form no reference cycles.

    Each full collection visits every object alive. While millions are built this would
    take several times as long as building them.
    """
    # Nested pauses, and programs that disable collection, keep their setting.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@frozen(repr=False, weakref_slot=False)
class Event:
    """A dated claim that rests on citations.

    Args:
        what: The payload: an instance of your own `attrs.frozen` class, hashable
            through and through.
        when: When it happened: an `Edtf`, its text, or a known day. An extent
            (`2015/2017`) says that it lasted; it then begins at its start.
        cite: Where that is said: a source, a citation, or several of them.
        id: What happened, if a name is needed: claims with one id are about one
            happening. By default a digest of payload and date, so that the same report
            read twice is one happening with one more witness.

    Raises:
        PayloadError: The payload could change after it was recorded.
        EventError: *when* is several days (`{2016,2018}`): record one event for each.
        EdtfError: *when* is not an EDTF date.
    """

    what: object
    when: Edtf = field(converter=to_edtf, kw_only=True)
    cite: tuple[Citation, ...] = field(default=(), converter=to_citations, kw_only=True)
    # Type checkers other than mypy need the name without the underscore as an alias.
    _id: str | None = field(default=None, kw_only=True, alias="id")
    _digest: str | None = field(default=None, init=False, eq=False)
    _key: str | int | None = field(default=None, init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        check_payload(self.what)
        try:
            content = hash((self.what, self.when))
        except TypeError as error:
            field, problem = type(self.what).__name__, f"has no hash: {error}"
            raise PayloadError(self.what, field, problem) from None
        if self.when.is_several:
            problem = "is several days: record one event for each"
            raise EventError(str(self.when), problem)
        if self._id is not None and not (isinstance(self._id, str) and self._id):
            raise EventError(
                self._id, "is not an id: give text that is not empty, or None"
            )
        object.__setattr__(self, "_key", content if self._id is None else self._id)

    def __repr__(self) -> str:
        return brief(self)

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        when, what, cited = cells(self)
        rows = (("what", what), ("when", when), ("who says so", cited))
        return table(f"Event {self.id}", rows, len(rows))

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data: `id`, `kind`, `what`, `when` and `cite`.

        The kind is the name of the class of the payload. Dates are EDTF text, decimals
        text; all rules are those of `View.as_dict()`.

        >>> Event("a visit", when="2019", id="v1").as_dict()
        {'id': 'v1', 'kind': 'str', 'what': 'a visit', 'when': '2019', 'cite': []}

        Raises:
            PlainDataError: A part of the payload has no form in plain data.
        """
        return to_plain(self)

    def _plain_data(self) -> dict[str, object]:
        named = {"id": self.id, "kind": kind_name(self.what), "what": self.what}
        return {**named, "when": self.when, "cite": self.cite}

    def __hash__(self) -> int:
        return hash((self.key, self.cite))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the arguments only: a hash of text differs between processes."""
        return _event, (self.what, self.when, self.cite, self._id)

    @property
    def key(self) -> str | int:
        """The key of the identity index: its id, else a hash of its content."""
        key = self._key
        if key is None:
            key = hash((self.what, self.when)) if self._id is None else self._id
            object.__setattr__(self, "_key", key)
        return key

    @property
    def id(self) -> str:
        """The name of what happened: as given, else a digest of payload and date."""
        if self._id is not None:
            return self._id
        if self._digest is None:
            object.__setattr__(self, "_digest", digest(self.what, self.when))
        return self._digest or ""

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
        some = getattr(self.what, "affair_of", None)
        return some if isinstance(some, frozenset) else self.parties

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
            found[0]
            if len(found) == 1
            else Citation(
                source, "; ".join(dict.fromkeys(c.locator for c in found if c.locator))
            )
            for source, found in places.items()
        )

    def named_after(self, other: Event) -> Event:
        """Return it with the id of another event, unless it has one."""
        return evolve(self, id=other.id) if self._id is None else self

    def cited(self, cite: Iterable[Source | Citation]) -> Event:
        """Return the same claim, resting on *cite*."""
        return evolve(self, cite=cite, id=self._id)


def _event(
    what: object, when: Edtf, cite: tuple[Citation, ...], name: str | None
) -> Event:
    return Event(what, when=when, cite=cite, id=name)


@frozen(kw_only=True)
class Review(AsDict):
    """The part that an entry has in the review of proposals.

    An entry with one proposes a claim, or accepts or rejects a proposal.

    Attributes:
        by: The person, or the program, that did it.
        proposes: The claim that is proposed. It is not the `event` of the entry: what
            nobody has accepted does not count.
        supersedes: The position of the entry that it would correct.
        accepts: The position of the proposal that is accepted; the `event` of the entry
            is what was accepted.
        rejects: The position of the proposal that is rejected.
    """

    by: str
    proposes: Event | None = None
    supersedes: int | None = None
    accepts: int | None = None
    rejects: int | None = None

    def __str__(self) -> str:
        if self.proposes is not None:
            return f"proposed by {self.by}: {describe(self.proposes.what)}"
        if self.accepts is not None:
            return f"{self.by} accepts proposal {self.accepts}"
        return f"{self.by} rejects proposal {self.rejects}"


_NO_REVIEW = Review(by="")


def _known_number(known: Day | int | None) -> int | None:
    return known if known is None or isinstance(known, int) else to_day(known)


@frozen(repr=False, kw_only=True, weakref_slot=False)
class Entry:
    """A claim, a correction or a retraction, as a log records it.

    Made by `EventLog`; read it, do not build it.

    Args:
        position: Its place in the log, from 0.
        event: What is claimed; None for a retraction (and for a claim that was erased).
        known: The day from which it was known; None when it counts as known all along.
        supersedes: The position of the entry that it corrects.
        retracts: The position of the entry that it withdraws.
        because: Why it corrects or withdraws.
        recorded_at: The instant at which a store wrote it down; no part of equality.
        review: What it proposes, accepts or rejects, and who does; None for others.
        dataset: The dataset to which it belongs, if `EventLog.revise()` wrote it.
        release: What a release of the dataset covers, in the entry that records it. It
            is known since the day of its publication, and claims nothing itself.
    """

    position: int
    event: Event | None = None
    _known: int | None = field(default=None, converter=_known_number, alias="known")
    supersedes: int | None = None
    retracts: int | None = None
    because: str | None = None
    recorded_at: datetime | None = field(default=None, eq=False)
    review: Review | None = None
    dataset: str | None = None
    release: Release | None = None

    @property
    def accepts(self) -> int | None:
        """The position of the proposal that it accepts."""
        return None if self.review is None else self.review.accepts

    def targets(self) -> tuple[int | None, ...]:
        """Return the positions of all entries that it refers to; None for absent."""
        one = self.review or _NO_REVIEW
        return self.supersedes, self.retracts, one.supersedes, one.accepts, one.rejects

    def moved(self, position: int, places: Mapping[int, int]) -> Entry:
        """Return it at another position of another log.

        Args:
            position: The position.
            places: The new positions of the entries that it refers to. A reference to
                any other is dropped; an acceptance of it is then a plain claim.
        """
        supersedes, retracts, *others = [
            None if target is None else places.get(target) for target in self.targets()
        ]
        review = self.review
        if review is not None:
            wanted, accepts, rejects = others
            review = evolve(review, supersedes=wanted, accepts=accepts, rejects=rejects)
            if (review.proposes, accepts, rejects) == (None,) * 3:
                review = None
        return evolve(
            self,
            position=position,
            supersedes=supersedes,
            retracts=retracts,
            review=review,
        )

    def unreviewed(self) -> Entry:
        """Return it as a log without proposals has it: a proposal claims nothing."""
        if self.review is None:
            return self
        is_plain = (self.supersedes, self.retracts) == (None, None)
        return evolve(self, review=None, because=None if is_plain else self.because)

    @property
    def claim(self) -> Event:
        """The event that it claims.

        Raises:
            EntryError: It claims none: it is a retraction, or was erased.
        """
        if self.event is None:
            problem = f"entry {self.position} claims nothing: ask for its `event` first"
            raise EntryError(self.position, problem)
        return self.event

    @property
    def known(self) -> pendulum.Date | None:
        """The day from which it was known; None when it counts as known all along.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `known_day`.
        """
        day = self._known
        return None if day is None else as_date(day, "the day it became known")

    @property
    def known_day(self) -> int | None:
        """The number of that day."""
        return self._known

    @property
    def is_plain(self) -> bool:
        """It is only a claim: not a correction, a retraction or a stored record."""
        others = self.supersedes, self.retracts, self.because, self.recorded_at
        return self.event is not None and (*others, self.review) == (None,) * 5

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, as `Event.as_dict()` does; `known` is ISO text.

        Raises:
            PlainDataError: A part of the payload has no form in plain data.
        """
        return to_plain(self)

    def _plain_data(self) -> dict[str, object]:
        return {
            "position": self.position,
            "known": None if self._known is None else iso(self._known),
            "supersedes": self.supersedes,
            "retracts": self.retracts,
            "because": self.because,
            "recorded_at": self.recorded_at,
            "review": self.review,
            "dataset": self.dataset,
            "release": self.release,
            "event": self.event,
        }

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        rows = [*zip(ENTRY_HEADS, entry_cells(self), strict=True)][1:]
        return table(f"Entry {self.position}", rows, len(rows))

    def knowledge(self) -> tuple[float, int]:
        """Return its place in the order of knowledge: the day known, then position."""
        return (-math.inf if self._known is None else self._known), self.position

    def __repr__(self) -> str:
        text, day = brief(self), "" if self._known is None else iso(self._known)
        # The event is cut out first, as its payload may have a field named `known`. A
        # day outside four-digit years has no ISO text.
        if not day or len(day.lstrip("-")) > len("2019-04-24"):
            return text
        event = "" if self.event is None else f"event={self.event!r}"
        before, event, after = text.partition(event) if event else ("", "", text)
        return (
            before + event + after.replace(f"known={self._known}", f"known={day!r}", 1)
        )


# --- events and entries as cells of a table ---------------------------------------

ENTRY_HEADS = ("entry", "known since", "when", "what", "who says so")


def cells(event: Event) -> tuple[str, str, Cell]:
    """Return an event as cells: its date, its payload, its citations with quotes."""
    cited = (
        str(citation)
        if citation.quote is None
        else f"{citation}: \u201c{citation.quote}\u201d"
        for citation in event.cite
    )
    return (
        in_words(event.when),
        describe(event.what),
        tuple(cited) or ("no source",),
    )


def entry_cells(entry: Entry) -> tuple[Cell, ...]:
    """Return an entry as cells, under the titles `ENTRY_HEADS`."""
    number = str(entry.position)
    known = "all along" if entry.known_day is None else iso(entry.known_day)
    because = (entry.because,) if entry.because else ()
    said = entry.review or (entry.release and f"release of {entry.dataset}")
    review = (str(said),) if said else ()
    if entry.event is None:
        if entry.retracts is not None:
            review = (f"retracts entry {entry.retracts}", *review)
        return number, known, "", (*(review or ("erased",)), *because), ""
    when, described, cited = cells(entry.event)
    if entry.supersedes is not None:
        review = (f"corrects entry {entry.supersedes}", *review)
    what = (described, *review, *because) if review else described
    return number, known, when, what, cited


class Events(Listed[Event]):
    """A tuple of events, shown as a table in a notebook."""

    __slots__ = ()

    def _sheet(self) -> Sheet:
        caption = counted(len(self), "event")
        return Sheet(caption, map(cells, self), len(self), ENTRY_HEADS[2:])


class Entries(Listed[Entry]):
    """A tuple of entries, shown as a table in a notebook."""

    __slots__ = ()

    def _sheet(self) -> Sheet:
        caption = counted(len(self), "entry", "entries")
        return Sheet(caption, map(entry_cells, self), len(self), ENTRY_HEADS)


# --- marks: the beginning of an event, and the end of an extent -------------------

Key = tuple[float, ...]


class Over(NamedTuple):
    """The days from which an extent is over.

    It has the names that a date has, since an end is sorted as what begins then.

    Attributes:
        earliest_start: The number of the earliest day after its end; maybe infinite.
        latest_start: The number of the latest such day; infinite if the end is unknown.
    """

    earliest_start: float
    latest_start: float


class Ending(NamedTuple):
    """The end of an extent. An event stands for its own beginning.

    An extent lasts until the end of its last day. So it is over on the day after that,
    before anything that begins on that day.

    Attributes:
        event: The event that ends.
        when: The days from which it is over.
    """

    event: Event
    when: Over


Mark = Event | Ending


def ending_of(event: Event) -> Ending | None:
    """Return the end of an event; None if it is not an extent, or has an open end."""
    if not event.when.is_extent:
        return None
    bounds = end_bounds(event.when)
    return None if bounds is None else Ending(event, Over(bounds[0] + 1, bounds[1] + 1))


def event_of(mark: Mark) -> Event:
    """Return the event that begins or ends."""
    return mark.event if isinstance(mark, Ending) else mark


def sort_key(mark: Mark, position: int) -> Key:
    """Return the key of a mark in the fold order.

    Args:
        mark: The beginning or end of an event.
        position: The position of the first entry that claims it.
    """
    first, last = mark.when.earliest_start, mark.when.latest_start
    if isinstance(mark, Ending):
        return ending_key(last, first, position)
    return last, first, position


def ending_key(day: float, other: float, position: int) -> Key:
    """Return the key of an end, which sorts before every beginning of that day."""
    # The key of a beginning has a position, never below 0, in the third place.
    return day, -math.inf, -1, other, position


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
    return _pairs_of(event.parties)


def pairs_among(what: object) -> tuple[tuple[str, str], ...]:
    """Return the pairs among the parties of a payload, as `dyads()` of its event."""
    parties = getattr(what, "parties", None)
    return _pairs_of(parties) if isinstance(parties, frozenset) else ()


def _pairs_of(parties: frozenset[str]) -> tuple[tuple[str, str], ...]:
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
