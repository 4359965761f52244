"""The slowest and plainest reading of a log, written from its rules alone.

Nothing here is shared with the library but the values that a log holds. What is
quadratic or worse in it is so on purpose: each rule is one sentence of Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bri_timeline import Citation, Entry, Event, Prefer


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

# Each date that the tests use: the first day on which it can begin, the last one, and
# days between that it cannot be. None is without bound.
SPANS: dict[str, tuple[str | None, str | None, tuple[str, ...]]] = {
    "2015-12-31": ("2015-12-31", "2015-12-31", ()),
    "2016-01-01": ("2016-01-01", "2016-01-01", ()),
    "2016-01-02": ("2016-01-02", "2016-01-02", ()),
    "2015": ("2015-01-01", "2015-12-31", ()),
    "2015-12": ("2015-12-01", "2015-12-31", ()),
    "2016-01": ("2016-01-01", "2016-01-31", ()),
    "[2015-12-31,2016-01-02]": ("2015-12-31", "2016-01-02", ("2016-01-01",)),
    "[2015-12-31..2016-01-01]": ("2015-12-31", "2016-01-01", ()),
    "[2016-01-01..]": ("2016-01-01", None, ()),
    "[..2015-12-31]": (None, "2015-12-31", ()),
    "2015-12-31/2016-01-02": ("2015-12-31", "2015-12-31", ()),
    "2015-12-31/2015-12-31": ("2015-12-31", "2015-12-31", ()),
    "2016-01-01/2016-01-02": ("2016-01-01", "2016-01-01", ()),
    "2016-01-01/..": ("2016-01-01", "2016-01-01", ()),
    "2015-12/2016-01-01": ("2015-12-01", "2015-12-31", ()),
    "../2016": (None, "0000", ()),
    "/2016-01": (None, "2016-01-31", ()),
}


@dataclass(frozen=True)
class Claim:
    """What some entries say of one happening."""

    event: Event
    entries: tuple[Entry, ...]

    @property
    def first(self) -> float:
        """The first day on which it can begin."""
        first = SPANS[str(self.event.when)][0]
        return ALWAYS if first is None else number(first)

    @property
    def last(self) -> float:
        """The last day on which it can begin."""
        last = SPANS[str(self.event.when)][1]
        if last == "0000":  # it began before every day there is
            return ALWAYS
        return NEVER if last is None else number(last)

    @property
    def days(self) -> list[int]:
        """The days of the axis on which it can begin."""
        gaps = set(map(number, SPANS[str(self.event.when)][2]))
        inside = [day for day in AXIS if self.first <= day <= self.last]
        return [day for day in inside if day not in gaps] or AXIS[:1]

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

    @property
    def known(self) -> list[Entry]:
        """What is known by then."""
        if self.by_position:
            return [e for e in self.entries if e.position <= self.known_by]
        return [e for e in self.entries if knowledge(e)[0] <= self.known_by]

    def retraction(self, position: int) -> Entry | None:
        """Return the last retraction of an entry that is not itself retracted."""
        against = [entry for entry in self.known if entry.retracts == position]
        standing = [e for e in against if self.retraction(e.position) is None]
        return standing[-1] if standing else None

    def targets(self, entry: Entry) -> Iterator[int]:
        """Yield what an entry corrects, what that corrects, and so on."""
        while entry.supersedes is not None:
            yield entry.supersedes
            entry = self.entries[entry.supersedes]

    def original(self, entry: Entry) -> int:
        """Return the position of the first version of what an entry is a version of."""
        return [entry.position, *self.targets(entry)][-1]

    def stands(self, entry: Entry) -> bool:
        """Tell whether an entry is the version that counts."""
        versions = [
            other
            for other in self.known
            if other.event is not None
            and self.original(other) == self.original(entry)
            and not self.is_retracted(other)
        ]
        replaced = {target for other in versions for target in self.targets(other)}
        left = [other for other in versions if other.position not in replaced]
        return bool(left) and entry is max(left, key=knowledge)

    def is_retracted(self, entry: Entry) -> bool:
        """Tell whether a version is retracted, itself or with its original."""
        positions = entry.position, self.original(entry)
        return any(self.retraction(position) for position in positions)

    def rival_claims(self) -> list[list[Claim]]:
        """Return the claims about each happening, the one to take first."""
        standing = [e for e in self.known if e.event is not None and self.stands(e)]
        result = []
        for name in dict.fromkeys(event_of(entry).id for entry in standing):
            same = [entry for entry in standing if event_of(entry).id == name]
            claims: list[Claim] = []
            for entry in same:
                witnesses = tuple(e for e in same if agree(e, entry))
                claim = Claim(united(witnesses), witnesses)
                if claim not in claims:
                    claims.append(claim)
            claims.sort(key=lambda c: self.rank(c, standing), reverse=True)
            result.append(claims)
        return result

    def rank(self, claim: Claim, standing: list[Entry]) -> tuple[float, ...]:
        """Return a key by which the claim to take is the greatest."""
        replaced = [
            content(event_of(self.entries[target]))
            for entry in standing
            for target in self.targets(entry)
            if content(event_of(self.entries[target])) != content(event_of(entry))
        ]
        is_right = content(claim.event) not in replaced
        last = max(map(knowledge, claim.entries))
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
        asides = []
        for entry in self.known:
            if entry.event is None or entry.position in counted:
                continue
            if self.is_retracted(entry):
                reason = "retracted"
            else:
                reason = "disputed" if self.stands(entry) else "superseded"
            if event_of(entry).parties >= self.among:
                asides.append(Aside(entry, reason))
        return asides


def knowledge(entry: Entry) -> tuple[float, int]:
    """Return the place of an entry in the order of knowledge."""
    return (ALWAYS if entry.known_day is None else entry.known_day), entry.position


def event_of(entry: Entry) -> Event:
    """Return the event of an entry that has one."""
    assert entry.event is not None
    return entry.event


def content(event: Event) -> tuple[object, ...]:
    """Return what an event says, whoever is cited for it."""
    return event.id, event.what, event.when, event.where


def agree(one: Entry, two: Entry) -> bool:
    """Tell whether two entries say the same of one happening."""
    mine, yours = event_of(one), event_of(two)
    parts = ("what", "when", "where")
    return all(getattr(mine, name) == getattr(yours, name) for name in parts)


def united(witnesses: Iterable[Entry]) -> Event:
    """Return what witnesses say, resting on the citations of all of them."""
    events = [event_of(entry) for entry in witnesses]
    cite: list[Citation] = []
    for event in events:
        cite += [citation for citation in event.cite if citation not in cite]
    return events[0].cited(cite)


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
