"""Entries of a log: claims, corrections, retractions and reviews."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat
from operator import attrgetter
from typing import Any, overload

from attrs import define, evolve, field, fields, frozen

from bri_timeline import _pendulum
from bri_timeline._calendar import Day, as_date, iso, to_day
from bri_timeline._events._event import (
    Event,
    cells,
    describe_event,
)
from bri_timeline._instances import draft_of
from bri_timeline._process import uncollected
from bri_timeline._scope import Release
from bri_timeline._text import (
    AsDict,
    Cell,
    brief,
    table,
    to_plain,
)
from bri_timeline.errors import EntryError


ENTRY_HEADS = ("entry", "known since", "when", "what", "who says so")


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
    erased: Erased | None = None,
) -> Entry:
    """Return an entry without checks, in a quarter of the time of `Entry()`."""
    draft: Any = _new(_EntryDraft)
    draft.position, draft.event = position, event
    draft._known = known
    draft.supersedes, draft.retracts = supersedes, retracts
    draft.because, draft.recorded_at = because, recorded_at
    draft.review = review
    draft.dataset, draft.release, draft.erased = dataset, release, erased
    draft.__class__ = Entry
    entry: Entry = draft
    return entry


_new = object.__new__


@frozen(kw_only=True)
class Erased(AsDict):
    """The rest of an entry whose words were erased, beside its targets and its day.

    The digests identify the words and do not contain them. Whoever guesses the words
    can confirm the guess by them.

    Attributes:
        words: A digest of what was claimed or proposed: payload, date and place, and
            the id if one was given (32 hexadecimal digits). None of a retraction or a
            rejection, and if it is not known.
        id: The id of what happened, as given, or a digest. None likewise.
        line: A digest of the line of the entry in its store (64 hexadecimal digits);
            None of an entry that never had words, since they had been erased before.
        because: Why it was erased.
        at: The instant at which it was.
    """

    words: str | None = None
    id: str | None = None
    line: str | None = None
    because: str | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        return f"erased: {self.because}" if self.because else "erased"


@frozen(kw_only=True)
class Review(AsDict):
    """The part that an entry has in the review of proposals.

    An entry with one proposes a claim, or accepts or rejects a proposal.

    Attributes:
        by: The person, or the program, that did it; empty if that was erased.
        proposes: The claim that is proposed; None if that was erased. It is not the
            `event` of the entry: what nobody has accepted does not count.
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

    @property
    def about(self) -> Review | int:
        """The proposal that it decides on; of a proposal, all that it proposes."""
        target = self.accepts if self.rejects is None else self.rejects
        return self if target is None else target

    def __str__(self) -> str:
        if self.proposes is not None:
            return f"proposed by {self.by}: {describe_event(self.proposes)}"
        by = f"{self.by} " if self.by else ""
        if self.accepts is not None:
            return f"{by}accepts proposal {self.accepts}"
        return (
            f"{by}rejects proposal {self.rejects}"
            if self.rejects is not None
            else "a proposal"
        )


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
        erased: What is left of its words, if they were erased.
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
    erased: Erased | None = None

    @property
    def accepts(self) -> int | None:
        """The position of the proposal that it accepts."""
        return None if self.review is None else self.review.accepts

    def _targets(self) -> tuple[int | None, ...]:
        """Return the positions of all entries that it refers to; None for absent."""
        review = self.review or _NO_REVIEW
        return (
            self.supersedes,
            self.retracts,
            review.supersedes,
            review.accepts,
            review.rejects,
        )

    @property
    def is_proposal(self) -> bool:
        """It proposes a claim, or did before it was erased."""
        review = self.review
        return review is not None and review.accepts is review.rejects is None

    @property
    def is_erased(self) -> bool:
        """Its words were erased."""
        return self.erased is not None or self.is_lost

    @property
    def is_lost(self) -> bool:
        """It has neither words nor any trace of them, and no effect.

        Earlier versions of the library erased so: it is not known what such an entry
        claimed, corrected, withdrew or decided on.
        """
        parts = self.event, self.retracts, self.review, self.release, self.erased
        return parts == (None,) * 5

    @property
    def is_version(self) -> bool:
        """It claims something, or did before it was erased: a version of its slot."""
        is_claim = self.erased is not None and self.erased.words is not None
        return self.event is not None or (is_claim and self.retracts is None)

    def without_words(self, erased: Erased) -> Entry:
        """Return it without its words: what it corrects, withdraws or decides stays.

        Args:
            erased: Why and when they are erased, and the digest of its line.
        """
        review, said = self.review, self.event
        if review is not None:
            said = review.proposes or said
            review = evolve(review, by="", proposes=None)
        words, name = (None, None) if said is None else (said.words, said.id)
        trace = evolve(erased, words=words, id=name)
        return evolve(self, event=None, because=None, review=review, erased=trace)

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
    def known(self) -> _pendulum.Date | None:
        """The day from which it was known; None when it counts as known all along.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `known_day`.
        """
        if (day := self._known) is None:
            return None
        return as_date(day, "the day it became known", "known_day")

    @property
    def known_day(self) -> int | None:
        """The number of that day."""
        return self._known

    @property
    def _is_plain(self) -> bool:
        """It is only a claim: no correction, no retraction, no part of a review."""
        return self.event is not None and _beside(self) == _ABSENT

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, as `Event.as_dict()` does; `known` is ISO text.

        Raises:
            PlainDataError: A part of the payload has no form in plain data.
        """
        return to_plain(self)

    def _plain_data(self) -> dict[str, object]:
        parts = {name: getattr(self, path) for name, path in _PATHS}
        parts["known"] = None if self._known is None else iso(self._known)
        return {**parts, "event": self.event}

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        rows = [*zip(ENTRY_HEADS, entry_cells(self), strict=True)][1:]
        return table(f"Entry {self.position}", rows, len(rows))

    def _knowledge(self) -> tuple[float, int]:
        """Return its place in the order of knowledge: the day known, then position."""
        return (-math.inf if self._known is None else self._known), self.position

    def precedence(self) -> tuple[float, bool, str, int]:
        """Return its place in the order by which the latest claim is taken.

        Like the order of knowledge. But of what datasets published on one day the name
        decides, not the order of import; and what was written by hand comes after it.
        """
        day, position = self._knowledge()
        return day, self.dataset is None, self.dataset or "", position

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


_PATHS = [
    (str(part.alias), part.name) for part in fields(Entry) if part.name != "event"
]
# What an entry has beside the columns of `EntryColumns`.
_BESIDE = [
    part
    for part in fields(Entry)
    if part.name not in ("position", "event", "_known", "recorded_at", "dataset")
]
_beside = attrgetter(*(part.name for part in _BESIDE))
_ABSENT = tuple(part.default for part in _BESIDE)


def renumbered(entry: Entry, position: int, places: Mapping[int, int]) -> Entry:
    """Return an entry as it stands at another position, of another log.

    Args:
        entry: The entry.
        position: The position.
        places: The new positions of the entries that it refers to. A reference to any
            other is dropped; an acceptance of it is then a plain claim.
    """
    supersedes, retracts, *targets = [
        None if target is None else places.get(target) for target in entry._targets()
    ]
    review = entry.review
    if review is not None:
        superseded, accepts, rejects = targets
        review = evolve(review, supersedes=superseded, accepts=accepts, rejects=rejects)
        if not entry.is_proposal and accepts is rejects is None:
            review = None
    return evolve(
        entry,
        position=position,
        supersedes=supersedes,
        retracts=retracts,
        review=review,
    )


def without_review(entry: Entry) -> Entry:
    """Return an entry as a log without proposals has it: a proposal claims nothing."""
    if entry.review is None:
        return entry
    is_plain = (entry.supersedes, entry.retracts) == (None, None)
    because = None if is_plain else entry.because
    erased = None if entry.accepts is None else entry.erased
    return evolve(entry, review=None, because=because, erased=erased)


# Filled by assignment: a call of its constructor would take as long again.
_EntryDraft: Any = draft_of(Entry)


class EntrySequence(Sequence[Entry]):
    """Entries of which each is made when it is read."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        """Return one entry, or a list of entries for a slice."""
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._at(places)
        with uncollected():
            return list(map(self._at, places))

    @abstractmethod
    def _at(self, place: int) -> Entry:
        """Return the entry at a place that is there."""


@define(eq=False, repr=False, weakref_slot=False)
class EntryColumns(EntrySequence):
    """Entries in columns: most are only claims, and need no `Entry` until one is read.

    Args:
        positions: Their positions.
        events: The event of each; None for an entry that claims nothing.
        knowns: The number of the day from which each was known; None if all along.
        instants: The instant at which a store wrote each down.
        datasets: The dataset to which each belongs.
        others: By their index, entries that are not plain.
    """

    positions: Sequence[int]
    events: Sequence[Event | None]
    knowns: Sequence[int | None]
    instants: Sequence[datetime | None]
    datasets: Sequence[str | None]
    others: Mapping[int, Entry]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> EntryColumns:
        """Return entries as columns."""
        return cls(
            [entry.position for entry in entries],
            [entry.event for entry in entries],
            [entry.known_day for entry in entries],
            [entry.recorded_at for entry in entries],
            [entry.dataset for entry in entries],
            {
                place: entry
                for place, entry in enumerate(entries)
                if not entry._is_plain
            },
        )

    @classmethod
    def joined(cls, some: Iterable[Sequence[Entry]]) -> EntryColumns:
        """Return the entries of several sequences, one after the other."""
        parts = [
            sequence if isinstance(sequence, EntryColumns) else cls.of(sequence)
            for sequence in some
        ]
        if len(parts) == 1:
            return parts[0]
        by_place: dict[int, Entry] = {}
        start = 0
        for part in parts:
            by_place.update(
                (start + place, entry) for place, entry in part.others.items()
            )
            start += len(part)
        *names, _ = (column.name for column in fields(cls))
        columns: list[Any] = [
            [*chain.from_iterable(getattr(part, name) for part in parts)]
            for name in names
        ]
        return cls(*[*columns, by_place])

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Entry]:
        if self.others:
            return map(self._at, range(len(self)))
        absent = repeat(None)
        return map(
            unchecked_entry,
            self.positions,
            self.events,
            self.knowns,
            absent,
            absent,
            absent,
            self.instants,
            absent,
            self.datasets,
        )

    def _at(self, place: int) -> Entry:
        return self.others.get(place) or unchecked_entry(
            self.positions[place],
            self.events[place],
            self.knowns[place],
            recorded_at=self.instants[place],
            dataset=self.datasets[place],
        )


def entry_cells(entry: Entry) -> tuple[Cell, ...]:
    """Return an entry as cells, under the titles `ENTRY_HEADS`."""
    number = str(entry.position)
    known = "all along" if entry.known_day is None else iso(entry.known_day)
    because = (entry.because,) if entry.because else ()
    said = entry.review or (entry.release and f"release of {entry.dataset}")
    review = (str(said),) if said else ()
    if entry.retracts is not None:
        review = (f"retracts entry {entry.retracts}", *review)
    if entry.supersedes is not None:
        review = (f"corrects entry {entry.supersedes}", *review)
    if entry.event is None:
        gone = (str(entry.erased or "erased"),) if entry.is_erased else ()
        return number, known, "", (*gone, *review, *because), ""
    when, described, cited = cells(entry.event)
    what = (described, *review, *because) if review else described
    return number, known, when, what, cited
