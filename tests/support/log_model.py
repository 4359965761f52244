"""The slowest and plainest reading of a log, written from its rules alone.

Nothing here is shared with the library but the values that a log holds. What is
quadratic or worse in it is so on purpose: each rule is one sentence of Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import attrs
from agreement_model import (
    BEGAN,
    STRETCHES,
    ContradictionError,
    Pairs,
    allowed,
    common,
    joined_date,
    joined_payloads,
    joined_places,
    lasts,
    stretch_of,
)
from identity_model import Identity, Same, Words, content, knowledge, precedence

from bri_timeline import Citation, Edtf, Entry, Event, Place, Prefer


NEVER, ALWAYS = float("inf"), float("-inf")


def number(day: str) -> int:
    """Return the number of a day."""
    return date.fromisoformat(day).toordinal()


# One day of each stretch between the days at which anything here begins or ends.
AXIS = [
    number(day)
    for day in (
        "1900-01-01",
        "2015-06-15",
        "2015-12-15",
        "2015-12-30",
        "2015-12-31",
        "2016-01-01",
        "2016-01-02",
        "2016-01-20",
        "2016-01-31",
        "2016-06-15",
        "2100-01-01",
    )
]

# The dates that the tests use.
SPANS = (
    "2015-12-31",
    "2016-01-01",
    "2016-01-02",
    "2015",
    "2015-12",
    "2016-01",
    "[2015-12-31,2016-01-02]",
    "[2015-12-31..2016-01-01]",
    "[2016-01-01..]",
    "[..2015-12-31]",
    "2015-12-31/2016-01-02",
    "2015-12-31/2015-12-31",
    "2016-01-01/2016-01-02",
    "2016-01-01/..",
    "2015-12/2016-01-01",
    "../2016",
    "/2016-01",
)


@dataclass(frozen=True)
class Claim:
    """What some entries say of one happening."""

    event: Event
    entries: tuple[Entry, ...]
    names: frozenset[str] = field(default=frozenset(), compare=False)
    cut: Pairs | None = field(default=None, compare=False)

    @property
    def pairs(self) -> Pairs:
        """The days on which it can begin and end: as its date or its reports say."""
        return allowed(str(self.event.when)) if self.cut is None else self.cut

    @property
    def starts(self) -> set[int]:
        """The stretches of days in which it can begin."""
        return {start for start, _ in self.pairs}

    @property
    def first(self) -> float:
        """The first day on which it can begin."""
        start = min(self.starts)
        first = None if start == BEGAN else STRETCHES[start][0]
        return ALWAYS if first is None else first.toordinal()

    @property
    def last(self) -> float:
        """The last day on which it can begin."""
        start = max(self.starts)
        if start == BEGAN:
            return ALWAYS
        last = STRETCHES[start][1]
        return NEVER if last is None else last.toordinal()

    @property
    def days(self) -> list[int]:
        """The days of the axis on which it can begin."""
        some = [day for day in AXIS if stretch_of(date.fromordinal(day)) in self.starts]
        return some or AXIS[:1]

    @property
    def fold_order(self) -> tuple[float, float, int]:
        """When it is certain, when it is possible, and where it stands in the log."""
        return self.last, self.first, self.entries[0].position


@dataclass(frozen=True)
class Aside:
    """A claim that does not count, and why."""

    entry: Entry
    reason: str


@dataclass
class Model:
    """The claims of a log that are known by a day, or by a position."""

    entries: Sequence[Entry]
    known_by: float = NEVER
    by_position: bool = False
    among: frozenset[str] = frozenset()
    prefer: Prefer = Prefer.LATEST_KNOWN
    # The last day on which each source can have appeared, if that bounds its claims.
    reports: Mapping[str, int] = field(default_factory=dict)

    @property
    def known(self) -> list[Entry]:
        """What is known by then."""
        if self.by_position:
            return [e for e in self.entries if e.position <= self.known_by]
        return [e for e in self.entries if knowledge(e)[0] <= self.known_by]

    def is_retracted(self, entry: Entry) -> bool:
        """Tell whether a version is retracted, itself or with its original."""
        return self.identity.withdrawal(entry) is not None

    @property
    def identity(self) -> Identity:
        """The rules that say which claims are about one happening."""
        known = {entry.position for entry in self.known}
        return Identity(self.entries, lambda entry: entry.position in known)

    def ranked_claims(self) -> list[tuple[list[Claim], list[Claim]]]:
        """Return the claims about each happening, the one to look at first first.

        Those that were put right stand apart.
        """
        result, identity = [], self.identity
        for same in identity.happenings():
            claims: dict[Words, list[Entry]] = {}
            for voice in same.voices:
                claims.setdefault(voice.words, []).append(voice.newest)
            ranked = sorted(
                (
                    (words, referring(claimed(same, some), identity))
                    for words, some in claims.items()
                ),
                key=lambda pair: self.rank(same, *pair),
                reverse=True,
            )
            right, wrong = [
                [
                    replace(claim, cut=self.cut(claim))
                    for words, claim in ranked
                    if same.is_put_right(words) is is_wrong
                ]
                for is_wrong in (False, True)
            ]
            result.append((right, wrong))
        return result

    def rival_claims(self, *, wrong: bool = True) -> list[list[Claim]]:
        """Return the claims about each happening: what is taken first, then rivals.

        Args:
            wrong: Claims in words that a correction put right are among them.
        """
        names = (frozenset(same.names) for same in self.identity.happenings())
        return [
            [
                replace(c, names=some)
                for c in [*self.taken(right), *bad[: wrong * len(bad)]]
            ]
            for some, (right, bad) in zip(names, self.ranked_claims(), strict=True)
        ]

    def taken(self, ranked: Sequence[Claim]) -> list[Claim]:
        """Return what claims say that agree with the first one, and those that do not.

        Args:
            ranked: The claims of a happening, in the order in which they are looked at.
        """
        joined, witnesses, rivals = [ranked[0]], [ranked[0]], []
        for claim in ranked[1:]:
            if together([*joined, claim]) is None:
                rivals.append(claim)
                continue
            witnesses.append(claim)
            if self.is_trusted(claim) or not self.is_trusted(joined[0]):
                joined.append(claim)
        said = together(joined)
        assert said is not None
        return [with_witnesses(said, witnesses), *rivals]

    def is_trusted(self, claim: Claim) -> bool:
        """Tell whether a claim rests on a source that is preferred."""
        return False

    def cut(self, claim: Claim) -> Pairs | None:
        """Return the days of a claim as its reports bound them; None if none does."""
        some = []
        for entry in claim.entries:
            titles = [one.source.title for one in event_of(entry).cite]
            days = [self.reports[title] for title in titles if title in self.reports]
            pairs = allowed(str(claim.event.when))
            last = stretch_of(date.fromordinal(min(days, default=1)))
            before = frozenset((a, b) for a, b in pairs if a <= last)
            some.append(before if days and before else pairs)
        return common(some) if self.reports else None

    def rank(self, same: Same, words: Words, claim: Claim) -> tuple[object, ...]:
        """Return a key by which the claim to take is the greatest."""
        is_right = not same.is_put_right(words)
        last = max(map(precedence, claim.entries))
        if self.prefer is Prefer.EARLIEST_KNOWN:
            return is_right, -min(knowledge(e)[0] for e in claim.entries), *last
        if self.prefer is Prefer.MOST_CITED:
            titles = {citation.source.title for citation in claim.event.cite}
            return is_right, len(titles), *last
        return is_right, *last

    def happenings(self) -> list[Claim]:
        """Return what counts, in fold order."""
        taken = [claims[0] for claims in self.rival_claims()]
        about = [c for c in taken if c.event.parties >= self.among]
        return sorted(about, key=lambda claim: claim.fold_order)

    def certain(self, day: int) -> list[Claim]:
        """Return what had happened by a day, in fold order."""
        return [claim for claim in self.happenings() if claim.last <= day]

    def undecided(self, day: int) -> list[Claim]:
        """Return what may have happened by a day, in order of becoming possible."""
        claims = [c for c in self.happenings() if c.first <= day < c.last]
        return sorted(claims, key=lambda c: (c.first, c.last, c.entries[0].position))

    def disputes(self, day: int) -> list[tuple[Event, set[Event]]]:
        """Return what is disputed by a day: the claim taken, and the others."""
        found = sorted(
            (claims for claims in self.rival_claims() if len(claims) > 1),
            key=lambda claims: claims[0].fold_order,
        )
        return [
            (claims[0].event, {claim.event for claim in claims[1:]})
            for claims in found
            if any(claim.first <= day for claim in claims)
            if any(claim.event.parties >= self.among for claim in claims)
        ]

    def asides(self) -> list[Aside]:
        """Return the claims that do not count, in the order of the log."""
        counted = {e.position for c in self.rival_claims() for e in c[0].entries}
        identity = self.identity
        standing = {voice.newest.position for voice in identity.voices()}
        asides = []
        for entry in self.known:
            if entry.event is None or entry.position in counted:
                continue
            if identity.withdrawal(entry):
                reason = "retracted"
            else:
                reason = "disputed" if entry.position in standing else "superseded"
            if event_of(entry).parties >= self.among:
                asides.append(Aside(entry, reason))
        return asides


def event_of(entry: Entry) -> Event:
    """Return the event of an entry that has one."""
    assert entry.event is not None
    return entry.event


def together(claims: Sequence[Claim]) -> Claim | None:
    """Return what claims say together, on their entries; None if they contradict."""
    events = [claim.event for claim in claims]
    lasting = lasts(events[0].what)
    try:
        what = joined_payloads([event.what for event in events])
        where = joined_places([event.where for event in events])
    except ContradictionError:
        return None
    dates = [(claim.event.when, claim.pairs) for claim in claims]
    when = joined_date(dates, lasts=lasting)
    if when is None:
        return None
    name = events[0].id
    event = Event(what, when=when, where=where)
    event = event if event.id == name else event.named(name)
    pairs = common([claim.pairs for claim in claims], lasts=lasting)
    return Claim(event, (), cut=pairs)


def with_witnesses(said: Claim, witnesses: Sequence[Claim]) -> Claim:
    """Return what is said on the entries and citations of all who say it."""
    every = [entry for claim in witnesses for entry in claim.entries]
    entries = sorted(every, key=lambda entry: entry.position)
    cite: list[Citation] = []
    for entry in entries:
        cite += [one for one in event_of(entry).cite if one not in cite]
    return replace(said, event=said.event.cited(cite), entries=tuple(entries))


def claimed(same: Same, some: list[Entry]) -> Claim:
    """Return a claim about a happening, resting on the citations of all witnesses."""
    some = sorted(some, key=lambda entry: entry.position)
    cite: list[Citation] = []
    for entry in some:
        cite += [one for one in event_of(entry).cite if one not in cite]
    what, when, where = content(event_of(some[0]))
    assert isinstance(when, Edtf)
    assert where is None or isinstance(where, Place)
    own = Event(what, when=when, where=where, cite=cite)
    if own.id != same.name:
        own = Event(what, when=when, where=where, cite=cite, id=same.name)
    return Claim(own, tuple(some))


def referring(claim: Claim, identity: Identity) -> Claim:
    """Return a claim that refers to happenings by their ids, not by other digests."""
    event = claim.event
    ids = {name: identity.meant(name) for name in event.refers_to}
    if all(name == other for name, other in ids.items()):
        return claim
    fields: dict[str, object] = {}
    for one in attrs.fields(type(event.what)):
        value = getattr(event.what, one.name)
        if isinstance(value, frozenset):
            value = frozenset(ids.get(part, part) for part in value)
        fields[one.alias] = ids.get(value, value) if isinstance(value, str) else value
    what = type(event.what)(**fields)
    other = Event(
        what, when=event.when, where=event.where, cite=event.cite, id=event.id
    )
    return replace(claim, event=other)


def every_outcome(
    claims: Sequence[Claim], day: int, fold: Callable[[list[Event]], object]
) -> list[object]:
    """Return what a fold can give, over all choices of days and orders within a day."""
    values: list[object] = []
    for days in itertools.product(*(claim.days for claim in claims)):
        when = dict(zip(range(len(claims)), days, strict=True))
        for order in itertools.permutations(n for n in when if when[n] <= day):
            if all(when[a] <= when[b] for a, b in itertools.pairwise(order)):
                value = fold([claims[n].event for n in order])
                if value not in values:
                    values.append(value)
    return values
