"""Conditions on events: the days of a view, the rows of a release, the parties."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, Protocol, TypeVar

from attrs import field, frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day, iso, to_day
from bri_timeline._names import state_meant
from bri_timeline._text import AsDict, brief
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, SelectionError


Period = str | Edtf | tuple[Day, Day]

# Years of any size, months, quarters (33-36), thirds (37-39) and halves (40, 41). The
# days of a season (21-32) differ between countries.
_YEAR = r"(?:-?[0-9]{4}|Y-?[0-9]{5,})"
_PART = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]|3[3-9]|4[01])(?:-[0-9]{{2}})?)?"
_WHOLE = rf"{_PART}(?:/{_PART})?|\.\./{_PART}"
_REMEDY = "write '2014', '2014-05', '2013-06-01/2014-05-31', '../2014' or two days"

_MOST_RULES = 1 << 12


class Window(NamedTuple):
    """The days from one to another, both included.

    Attributes:
        since: The number of the first day; minus infinity for all days before *until*.
        until: The number of the last day; infinite for all days after *since*.
    """

    since: float
    until: float

    @classmethod
    def of(cls, period: Period) -> Window:
        """Return the window of a period.

        Args:
            period: Whole days, as `EventLog.during()` says.

        Raises:
            DayError: It is not a period of whole days.
            EdtfError: It is not an EDTF date.
        """
        if isinstance(period, str | Edtf):
            when = Edtf(period) if isinstance(period, str) else period
            if when.last_day is None or re.fullmatch(_WHOLE, str(when)) is None:
                raise DayError(period, f"{_problem(when)}: {_REMEDY}")
            first = -math.inf if when.first_day is None else when.first_day
            return cls(first, when.last_day)
        if not isinstance(period, Sequence) or len(period) != 2:
            raise DayError(period, f"is not a period: {_REMEDY}")
        since, until = map(to_day, period)
        if until < since:
            text = f"{iso(since)}/{iso(until)}"
            raise DayError(text, "is reversed: give the earlier day first")
        return cls(since, until)

    def answer(self, when: Edtf) -> Answer:
        """Return whether a date, or the beginning of an extent, lies in the window."""
        first, last = when.earliest_start, when.latest_start
        if self.since <= first and last <= self.until:
            return Answer.YES
        return Answer.MAYBE if self.meets(when) else Answer.NO

    def meets(self, when: Edtf) -> bool:
        """Check whether a date, or an extent, may begin in the window."""
        first, last = when.earliest_start, when.latest_start
        if last < self.since or first > self.until:
            return False
        if self.since <= first or last <= self.until:
            return True
        # It may begin before the window and after it: dates with gaps, such as
        # [2013,2015], then need not have a day within.
        day = when._begin_on_or_after(self.since)
        return day is not None and day <= self.until


# All events; and those that are certain on some day, later than any date can name.
EVER = Window(-math.inf, math.inf)
SOME_DAY = Window(-math.inf, 10**30)


def _problem(when: Edtf) -> str:
    if when.is_approximate or when.is_uncertain:
        return "has a qualifier, so its first and last day are not certain"
    if when.is_several or str(when).startswith("["):
        return "is a set of dates, not one period"
    if "T" in str(when):
        return "names a time of day: a period has whole days"
    if when.last_day is None:
        return "has no end"
    if when.first_day is None:
        return "has an unknown start"
    return "does not name its first and last day exactly"


# --- releases -----------------------------------------------------------------------

_KIND = "is not a payload class: write kinds=Visited, or the name of its kind"
_PARTY = "is not an actor id: write parties=('AZE', 'CHN')"


class _ReleaseRow(Protocol):
    """An event, as far as a release sees it."""

    @property
    def what(self) -> object: ...
    @property
    def when(self) -> Edtf: ...
    @property
    def parties(self) -> frozenset[str]: ...


def kind_name(what: object) -> str:
    """Return the name of the kind of a payload: of its class, unless it is unknown."""
    # A payload of an unknown kind is of our own class, and knows its kind.
    return getattr(what, "_kind", None) or type(what).__name__


def _kinds(given: object) -> frozenset[type | str]:
    kinds: list[type | str] = []
    for kind in _several(given, type | str, _KIND):
        if isinstance(kind, type | str):
            kinds.append(kind)
        else:
            raise SelectionError(kind, _KIND)
    return frozenset(kinds)


def _parties(given: object) -> frozenset[str]:
    parties: list[str] = []
    # One text would otherwise be read letter by letter.
    for party in _several(given, str, _PARTY):
        if isinstance(party, str):
            parties.append(party)
        else:
            raise SelectionError(party, _PARTY)
    return frozenset(parties)


def _several(given: object, one: object, problem: str) -> Iterable[object]:
    if isinstance(given, str | type):
        return (given,)
    if not isinstance(given, Iterable):
        raise SelectionError(given, problem)
    return tuple(given)


def _period(given: object) -> Edtf | None:
    """Return a period as a date whose first and last day are exact."""
    if given is None:
        return None
    if isinstance(given, str | Edtf):
        when = Edtf(given) if isinstance(given, str) else given
        Window.of(when)
        return when
    problem = "is not a period: write days='2018', or '2018-01-01/2018-06-30'"
    raise DayError(given, problem)


@frozen(repr=False)
class Covers(AsDict):
    """The rows that a release should contain: those that satisfy all conditions.

    What a release does not cover, it cannot withdraw by leaving it out. Without a
    condition it covers everything.

    Args:
        kinds: Payload classes, or one.
        parties: Actor ids, or one: rows that involve all of them.
        any_of: Actor ids: rows that involve at least one of them.
        days: A period of whole days, as for `EventLog.during()`: rows that certainly
            happened (an extent: began) within it.

    Raises:
        SelectionError: Something else is among the kinds or the parties.
        DayError: *days* is not a period of whole days.
        EdtfError: *days* is not a date at all.
    """

    kinds: frozenset[type | str] = field(default=frozenset(), converter=_kinds)
    parties: frozenset[str] = field(
        default=frozenset(), converter=_parties, kw_only=True
    )
    any_of: frozenset[str] = field(
        default=frozenset(), converter=_parties, kw_only=True
    )
    days: Edtf | None = field(default=None, converter=_period, kw_only=True)

    def includes(self, row: _ReleaseRow) -> bool:
        """Check whether a release should certainly contain a row.

        Args:
            row: An event.
        """
        what, parties, days = row.what, row.parties, self.days
        return (
            (not self.kinds or any(_is_of(what, kind) for kind in self.kinds))
            and self.parties <= parties
            and (not self.any_of or not self.any_of.isdisjoint(parties))
            and (days is None or Window.of(days).answer(row.when) is Answer.YES)
        )

    @property
    def is_all(self) -> bool:
        """It covers everything."""
        return not (self.kinds or self.parties or self.any_of or self.days)

    def __repr__(self) -> str:
        return brief(self)

    def _plain_data(self) -> dict[str, object]:
        names = (k if isinstance(k, str) else k.__name__ for k in self.kinds)
        return {
            "kinds": sorted(names),
            "parties": self.parties,
            "any_of": self.any_of,
            "days": self.days,
        }


def _is_of(what: object, kind: type | str) -> bool:
    if isinstance(kind, str):
        return kind_name(what) == kind
    return isinstance(what, kind)


@frozen(repr=False)
class Release(AsDict):
    """A provider's download, as the entry of a log records it.

    The entry has the name of the dataset, and is known since the day of publication.

    Args:
        covers: The rows that it should contain.
        repeats: The ids of rows that it contains though it does not cover them, and
            that add nothing to the log.
        instant: When it was published, if there may be several on one day.
        unread: The ids of rows that it contains and that could not be read: they stay
            as they were in the release before. An empty one is of a row of which the
            id could not be read either.
    """

    covers: Covers = field(default=Covers())
    repeats: tuple[str, ...] = ()
    instant: datetime | None = None
    unread: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return brief(self)


# --- parties ----------------------------------------------------------------------


class Concerned(Protocol):
    """An event, as far as rules see it."""

    @property
    def id(self) -> str: ...
    @property
    def parties(self) -> frozenset[str]: ...
    @property
    def affair_of(self) -> frozenset[str]: ...
    @property
    def refers_to(self) -> frozenset[str]: ...


T = TypeVar("T")
E = TypeVar("E", bound=Concerned)


class PartyRule(NamedTuple):
    """A condition on the parties of an event.

    Attributes:
        parties: Some actors.
        least: The least number of them that the event involves.
        or_alone: Fewer are enough if the event concerns nobody else.
        any_of: Groups of actors; the event involves at least one of each.
    """

    parties: frozenset[str]
    least: int
    or_alone: bool
    any_of: frozenset[frozenset[str]] = frozenset()

    def __str__(self) -> str:
        names = ", ".join(map(repr, sorted(self.parties)))
        if self.or_alone:
            return f"concerning({names})"
        groups = (f"any_of={(*group,)!r}" for group in sorted(map(sorted, self.any_of)))
        return ".".join(f"among({part})" for part in (names, *groups) if part)

    def holds(self, event: Concerned) -> bool:
        """Check whether an event satisfies the rule directly."""
        return self.fits(event.parties, event.affair_of)

    def implies(self, other: PartyRule) -> bool:
        """Check whether every event that satisfies this rule satisfies another."""
        if self.or_alone and (self.least < 2 or not other.or_alone):
            return self == other
        if self.or_alone:
            return self.parties <= other.parties
        # A selection has one rule without `or_alone` at most, so *other* has no groups.
        return len(self.parties & other.parties) >= other.least

    def fits(self, involved: frozenset[str], affair_of: frozenset[str]) -> bool:
        """Check the rule for sets of parties: those involved, and those concerned."""
        if len(involved & self.parties) >= self.least and not any(
            map(involved.isdisjoint, self.any_of)
        ):
            return True
        return self.or_alone and bool(affair_of) and affair_of <= self.parties


# The same few selections are built again for each query.
@lru_cache(_MOST_RULES)
def selected(
    rules: tuple[PartyRule, ...], parties: Collection[str], any_of: Collection[str] = ()
) -> tuple[PartyRule, ...]:
    """Return rules, and one for events that involve all of some parties.

    Two such rules become one, for the parties of both.

    Args:
        rules: The selection so far.
        parties: Hashable: a tuple of actor ids.
        any_of: Likewise; the events involve at least one of these too.
    """
    before = [rule for rule in rules if not rule.or_alone]
    groups = {group for rule in before for group in rule.any_of}
    groups |= {frozenset(any_of)} if any_of else set()
    ones = (group for group in groups if len(group) == 1)
    all_parties = frozenset(parties).union(*(rule.parties for rule in before), *ones)
    groups = {group for group in groups if group.isdisjoint(all_parties)}
    if not all_parties and not groups:
        return rules
    other_rules = tuple(rule for rule in rules if rule.or_alone)
    rule = PartyRule(
        all_parties, len(all_parties), or_alone=False, any_of=frozenset(groups)
    )
    return _both(other_rules, rule)


@lru_cache(_MOST_RULES)
def narrowed(
    rules: tuple[PartyRule, ...], parties: Collection[str]
) -> tuple[PartyRule, ...]:
    """Return rules, and one for events that concern some parties.

    Args:
        rules: The selection so far.
        parties: Hashable: a tuple or a frozenset of actor ids.
    """
    return _both(rules, concerning(frozenset(parties))) if parties else rules


def _both(rules: tuple[PartyRule, ...], rule: PartyRule) -> tuple[PartyRule, ...]:
    """Return rules with one more, without those that another implies."""
    if any(old.implies(rule) for old in rules):
        return rules
    return (*(old for old in rules if not rule.implies(old)), rule)


def check_parties(
    parties: Iterable[object], example: str, is_there: Callable[[str], object]
) -> None:
    """Refuse values that are not actor ids, and names of states in place of ids.

    Whoever has an id of one's own that is also the name of a state, as Jordan, is found
    if the log has it.

    Args:
        parties: The ids.
        example: What to write.
        is_there: Checks whether an entry involves a party.

    Raises:
        SelectionError: One is not text, or names a state and nobody in the log has it.
    """
    for party in parties:
        if not isinstance(party, str):
            raise SelectionError(party, f"is not an actor id: write {example}")
        meant = state_meant(party)
        if meant and not is_there(party):
            problem = f"{meant}, and nobody in the log has it as an id"
            raise SelectionError(party, f"{problem}: write the id")


def concerning(parties: frozenset[str]) -> PartyRule:
    """Return the rule for events that concern some parties.

    Such an event involves at least two of them, or concerns nobody but them; with a
    single party, it involves that. Events that refer to it concern them too.
    """
    return PartyRule(parties, min(2, len(parties)), or_alone=True)


def reached(
    events: Iterable[Concerned], rule: PartyRule, names: Mapping[str, Collection[str]]
) -> set[str]:
    """Return the ids of events that satisfy a rule, directly or by reference.

    Args:
        events: All counting events of one basis, or a complete group of them.
        rule: The rule that events satisfy directly.
        names: All ids of those that have several, by the one that is shown.
    """
    ids: dict[str, None] = {}
    waiting: dict[str, list[str]] = {}
    for event in events:
        if rule.holds(event):
            ids[event.id] = None
        else:
            for name in event.refers_to:
                waiting.setdefault(name, []).append(event.id)
    queue = list(ids) if waiting else []
    while queue:
        name = queue.pop()
        several = names.get(name, (name,))
        more = [*chain.from_iterable(waiting.pop(name, ()) for name in several)]
        queue += [name for name in more if name not in ids]
        ids.update(dict.fromkeys(more))
    return {*ids}.union(*(names[name] for name in ids if name in names))


def satisfying(events: Sequence[E], rule: PartyRule) -> list[E]:
    """Return the events that satisfy a rule, directly or by reference, in their order.

    Args:
        events: All events: targets of references are looked for among them.
        rule: The rule that events satisfy directly.
    """
    refers = any(event.refers_to for event in events)
    names = reached(events, rule, {}) if refers else set[str]()
    return [
        event
        for event in events
        if rule.holds(event) or not names.isdisjoint(event.refers_to)
    ]


def given(
    value: object, cls: type[T] | tuple[type[T], ...], name: str, example: str
) -> tuple[T, ...]:
    """Return one object, or several, as a tuple.

    Raises:
        SelectionError: Something else is among them, or there are none.
    """
    # `()` is the default, and asks for nothing. Any other empty collection was
    # computed, and would select everything where nothing is meant.
    if isinstance(value, cls):
        return (value,)
    if isinstance(value, Iterable) and not isinstance(value, str):
        items = tuple(value)
    else:
        items = (value,)
    for item in items:
        if not isinstance(item, cls):
            raise SelectionError(item, f"is not {name}: write {example}")
    if not items and value != ():
        problem = f"is empty, and does not name {name}"
        raise SelectionError(value, f"{problem}: leave it out to select all")
    return tuple(dict.fromkeys(items))
