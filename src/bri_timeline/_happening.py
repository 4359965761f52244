"""Happenings according to one claim, the days of a window, and claims set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

import attrs
from attrs import frozen

from bri_timeline import edtf
from bri_timeline._answer import Answer
from bri_timeline._events import (
    Entry,
    Event,
    altered,
    given_id,
)
from bri_timeline._events.marks import Ending, Key, Mark, Over, ending_key, marks_of
from bri_timeline._events.rows import InRows, Row, columns
from bri_timeline._evidence import Citation, out_by
from bri_timeline._payload import is_attrs_class, is_digest, renamed, until_of
from bri_timeline._scope import EVER, SOME_DAY, Period, Window
from bri_timeline._text import (
    AsDict,
    Cell,
    fields_of,
    one_line,
    told,
)
from bri_timeline.edtf import Edtf
from bri_timeline.errors import shown


__all__ = [
    "EVER",
    "SOME_DAY",
    "Dangling",
    "Dispute",
    "Disputed",
    "Happening",
    "Period",
    "Reason",
    "SetAside",
    "Version",
    "Window",
    "Wording",
    "Words",
    "bounded",
    "content",
    "dated",
    "digest_of",
    "digested",
    "digests_referred",
    "id_given_to",
    "meant",
    "named_among",
    "names_of",
    "referring",
    "words",
]


class Happening(NamedTuple):
    """A happening, or an end, according to one claim.

    Attributes:
        event: The claim, resting on the citations of all its witnesses.
        entries: The entries with this claim, in the order of the log.
        first: The number of the earliest day on which it can begin, or on which it can
            be over; maybe infinite.
        last: The number of the latest such day.
        ends: It is the end of the happening.
        closes: It is the end of what the happening ends.
        besides: Entries with other known claims about it, if any was corrected.
        rivals: Those of them that nobody corrected or withdrew.
        is_put_right: A correction has put right what it says.
    """

    event: Event
    entries: tuple[Entry, ...]
    first: float
    last: float
    ends: bool = False
    closes: bool = False
    besides: tuple[Entry, ...] = ()
    rivals: tuple[Entry, ...] = ()
    is_put_right: bool = False

    @classmethod
    def of(
        cls,
        mark: Mark,
        *entries: Entry,
        besides: tuple[Entry, ...] = (),
        rivals: tuple[Entry, ...] = (),
    ) -> Happening:
        """Return the happening of an event that some entries claim, or its end."""
        when = mark.when
        first, last = when.earliest_start, when.latest_start
        if isinstance(mark, Ending):
            ends, closes = not mark.closes, mark.closes
            return cls(mark.event, entries, first, last, ends, closes, besides)
        return cls(mark, entries, first, last, besides=besides, rivals=rivals)

    def is_named(self, name: str) -> bool:
        """Check whether an id names it: its own, or the digest of a claim about it."""
        return self.event.id == name or (
            bool(self.besides)
            and any(name in names_of(entry) for entry in (*self.entries, *self.besides))
        )

    def names(self) -> set[str]:
        """Return all ids that name it."""
        names = {self.event.id}
        if self.besides:
            for entry in (*self.entries, *self.besides):
                names.update(names_of(entry))
        return names

    def wordings(self) -> tuple[Wording, ...]:
        """Return who says what, where the claims about it do not say the same."""
        said = {content(entry.claim) for entry in self.entries}
        if len(said) < 2 and not self.is_renamed:
            return ()
        taken = {*_said(self.event)}
        found: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries:
            for part in _said(entry.claim):
                found.setdefault(part, []).append(entry)
        parts = [name for name, _ in found]
        return tuple(
            Wording(name, text, _cited(by))
            for (name, text), by in found.items()
            # Also a part that some leave out, or by another digest refer to.
            if parts.count(name) > 1
            or len(by) < len(self.entries)
            or (self.is_renamed and (name, text) not in taken)
        )

    @property
    def is_renamed(self) -> bool:
        """It refers to something by the id, where its claims have other digests."""
        names = self.event.refers_to
        return any(entry.claim.refers_to - names for entry in self.entries)

    @property
    def mark(self) -> Mark:
        """The mark that a projection folds: the event, or its end."""
        if self.is_begin:
            return self.event
        return Ending(self.event, Over(self.first, self.last), self.closes)

    @property
    def is_begin(self) -> bool:
        """It is the happening, or its beginning."""
        return not (self.ends or self.closes)

    def marks(self, closing: tuple[type, ...]) -> tuple[Happening, ...]:
        """Return this happening, followed by its ends.

        Args:
            closing: The payload classes of events that end others.
        """
        ends = marks_of(self.event, closing)[1:]
        own, besides = self.entries, self.besides
        return self, *(Happening.of(ending, *own, besides=besides) for ending in ends)

    def within(self, window: Window) -> Answer:
        """Return whether it lies in a window; an end, if its beginning does too."""
        begun = window.answer(self.event.when)
        if self.is_begin or self.last <= window.until:
            return begun
        return begun & Answer.MAYBE if self.first <= window.until else Answer.NO

    @property
    def position(self) -> int:
        """The position of its first entry."""
        return self.entries[0].position

    def certainty_order(self) -> Key:
        """Return the key of the fold order: that in which events become certain."""
        if not self.is_begin:
            days = self.last, self.first
            return ending_key(*days, self.position, closes=self.closes)
        return self.last, self.first, self.entries[0].position

    def possible_order(self) -> Key:
        """Return the key of the order in which events become possible."""
        if not self.is_begin:
            days = self.first, self.last
            return ending_key(*days, self.position, closes=self.closes)
        return self.first, self.last, self.entries[0].position


def _said(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the parts of what a claim says, in words; not where it is silent."""
    yield "when", str(event.when)
    if event.where is not None:
        yield "where", str(event.where)
    what, cls = event.what, type(event.what)
    for field in attrs.fields(cls) if is_attrs_class(cls) else ():
        value = getattr(what, field.name)
        if value not in (None, "", (), frozenset()):
            yield field.name, one_line(told(value))


def _cited(entries: Iterable[Entry]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(c for entry in entries for c in entry.claim.cite))


def named_among(happenings: Iterable[Happening], name: str) -> Happening | None:
    """Return the happening that an id names, if any does."""
    matches = [happening for happening in happenings if happening.is_named(name)]
    return meant(name, matches) if matches else None


def meant(name: str, some: Sequence[Happening]) -> Happening:
    """Return which of some happenings that have a name is meant by it.

    It is that which has it as its id, else that which says these words now, else the
    first.
    """

    def rank(one: Happening) -> tuple[bool, bool, int]:
        said = any(digest_of(entry) == name for entry in (*one.entries, *one.rivals))
        first = min(entry.position for entry in (*one.entries, *one.besides))
        return one.event.id == name, said, -first

    return max(some, key=rank) if len(some) > 1 else some[0]


def bounded(event: Event) -> Event:
    """Return an event that begins no later than the earliest of its dated reports.

    Its date has the same text, and fewer days. One that lies wholly after the report
    is returned as it is: which of the two is wrong is not decided.
    """
    report, when = event.known_day, event.when
    if report is None or not when.earliest_start <= report < when.latest_start:
        return event
    return dated(event, edtf.narrowed(when, when.earliest_start, report))


def dated(event: Event, when: Edtf) -> Event:
    """Return the same claim on another date."""
    return event if when is event.when else altered(event, when=when)


def content(event: Event) -> tuple[object, object, object]:
    """Return the content of a claim: its parts but the id and the citations."""
    return event.what, event.when, event.where


# What tells the words of claims apart; None for the id of one without.
Words = tuple[str | None, object, object, object]


def words(event: Event, first: Event | None) -> Words:
    """Return the words of a claim: everything but its citations.

    An id is one of them if it was given.

    Args:
        event: The claim.
        first: The claim with which its slot began; None if that was erased.
    """
    return given_id(event, first), event.what, event.when, event.where


def digested(entry: Entry, first: Entry) -> Words:
    """Return the words of a claim by their digest, which is left if they were erased.

    Args:
        entry: The claim.
        first: The claim with which its slot began.
    """
    name, event, erased = id_given_to(entry, first), entry.event, entry.erased
    if event is None:
        return name, erased and erased.words, None, None
    return name, event.digest if name is None else event.words_as(name), None, None


def id_given_to(entry: Entry, first: Entry) -> str | None:
    """Return the id of a claim if one was given, as `words()` has it.

    Args:
        entry: The claim; its words may have been erased.
        first: The claim with which its slot began; likewise.
    """
    event, erased = entry.event, entry.erased
    if event is None:
        return erased.id if erased and erased.id != erased.words else None
    name = words(event, first.event)[0]
    return None if name is not None and name == digest_of(first) else name


def digest_of(entry: Entry) -> str | None:
    """Return the digest of payload, date and place of a claim, if it is known."""
    event, erased = entry.event, entry.erased
    if event is not None:
        return event.digest
    # Without an id that was given, the two digests that are left are one.
    return erased.id if erased is not None and erased.id == erased.words else None


def digests_referred(event: Event) -> list[str]:
    """Return the ids like digests of the events that an event refers to."""
    return [*filter(is_digest, event.refers_to)]


def referring(event: Event, names: Mapping[str, str]) -> Event:
    """Return an event that refers to others by other ids.

    Args:
        event: The event; its own id stays, although that may be a digest.
        names: The new ids by the old ones.
    """
    return altered(event, what=renamed(event.what, names), _id=event.id)


def names_of(entry: Entry) -> tuple[str, ...]:
    """Return the ids of the claim of an entry, or of its claim before it was erased."""
    if entry.event is not None:
        return entry.event.names
    name = None if entry.erased is None else entry.erased.id
    return () if name is None else (name,)


@frozen
class Wording(AsDict):
    """The words of some sources for a part of a happening; others say less, or more.

    Attributes:
        part: `when`, `where`, or the name of a field of the payload.
        text: What they say: the text of a date, a name, a number.
        cite: Who says so.
    """

    part: str
    text: str
    cite: tuple[Citation, ...]

    def _out_by(self, day: float) -> Wording:
        return attrs.evolve(self, cite=out_by(self.cite, day))

    def __str__(self) -> str:
        cited = "; ".join(map(str, self.cite)) or "no source"
        return one_line(f"{self.part} {self.text}: {cited}")


class Version(NamedTuple):
    """A mark of an event, and under which knowledge it counts as it is.

    Attributes:
        mark: The event, resting on the citations of all its witnesses; or its end.
        since: The first day, or log position, of knowledge.
        until: The first one under which it does not count any more; maybe infinite.
    """

    mark: Mark
    since: float
    until: float


class Reason(Enum):
    """The reason why a claim was set aside."""

    RETRACTED = "retracted"
    SUPERSEDED = "superseded"
    DISPUTED = "disputed"

    @property
    def words(self) -> str:
        """The reason in words for people: `replaced by a correction`."""
        return _REASON_WORDS[self]


_REASON_WORDS = {
    Reason.DISPUTED: "set aside: another claim is taken",
    Reason.SUPERSEDED: "replaced by a correction",
    Reason.RETRACTED: "withdrawn",
}


@frozen
class Dispute(AsDict, InRows):
    """Claims about one happening that contradict each other, none correcting another.

    A claim that only says less, such as a year beside a month, contradicts nothing.

    Attributes:
        id: The happening.
        taken: What a fold takes: a claim, made more exact by those that agree with it.
        others: The claims that it sets aside.
    """

    _COLUMNS = columns(about=str, taken=bool, common=str, event=Event)
    id: str
    taken: Event
    others: tuple[Event, ...]

    @property
    def claims(self) -> tuple[Event, ...]:
        """All of them, the taken one first."""
        return self.taken, *self.others

    @property
    def common(self) -> Edtf | None:
        """The days on which all of its claims may be true; None if there are none."""
        lasts = all(until_of(type(claim.what)) for claim in self.claims)
        # In whichever order claims come, of two texts for the same days one is taken.
        dates = sorted((claim.when for claim in self.claims), key=str)
        return edtf.common(dates, lasts=lasts)

    @classmethod
    def _rows(cls, answer: Dispute) -> Iterator[Row]:
        for claim in answer.claims:
            taken, common = claim is answer.taken, answer.common
            yield columns(about=answer.id, taken=taken, common=common, event=claim)


class Disputed(NamedTuple):
    """A happening about which claims contradict each other.

    Attributes:
        taken: What is taken; None if it is not selected, or not within the window.
        claims: The claims, and None if one of them is not.
    """

    taken: Event | None
    claims: tuple[Event | None, ...]


@frozen
class SetAside(AsDict, InRows):
    """A claim that does not count.

    Attributes:
        event: The claim; bounded by its reports, where the log is read so.
        reason: Why.
        entry: The entry that claims it.
        by: The entry that retracts or supersedes it, or whose claim is preferred.
    """

    _NOUN = ("set aside", "set aside")
    _COLUMNS = columns(reason=Reason, because=str, entry=int, by=int, event=Event)
    event: Event
    reason: Reason
    entry: Entry
    by: Entry

    @property
    def because(self) -> str | None:
        """The reason given for retracting or superseding it, if there is one.

        None if another claim is preferred: a reason of that claim is about what it
        corrects.
        """
        return None if self.reason is Reason.DISPUTED else self.by.because

    def words(self) -> Cell:
        """Return why it does not count: `withdrawn (entry 7)`, and the reason given."""
        because = (self.because,) if self.because else ()
        return f"{self.reason.words} (entry {self.by.position})", *because


@frozen
class Dangling(AsDict, InRows):
    """A reference without a target: no counting event has this id.

    Attributes:
        event: The event that refers to it.
        id: The id that it refers to: misspelt, not known yet, or of an event that was
            withdrawn.
        target: The id of the happening, if the reference is another id that was given
            to a claim about it, which does not count: projections know it by this id.
    """

    _NOUN = ("without a target", "without a target")
    _COLUMNS = columns(refers_to=str, target=str, event=Event)
    event: Event
    id: str
    target: str | None = None

    def __str__(self) -> str:
        return f"{self.event.when}: {self.words}"

    @property
    def words(self) -> str:
        """The fault in words, with what to do about it."""
        if self.target is None:
            return f"refers to {shown(self.id)}, and nothing has this id"
        claim = f"refers to {shown(self.id)}, a claim about {shown(self.target)}"
        return f"{claim}: refer to that"

    @classmethod
    def _rows(cls, answer: Dangling) -> Iterator[Row]:
        yield {**dict(fields_of(answer)), "refers_to": answer.id}
