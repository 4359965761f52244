"""Scopes: the days that a view shows, and the rows that a release covers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from attrs import field, frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day, iso, to_day
from bri_timeline._text import AsDict, brief
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, SelectionError


__all__ = [
    "EVER",
    "SOME_DAY",
    "Covers",
    "Period",
    "Release",
    "Window",
    "kind_name",
]

Period = str | Edtf | tuple[Day, Day]

# Years of any size, months, quarters (33-36), thirds (37-39) and halves (40, 41). The
# days of a season (21-32) differ between countries.
_YEAR = r"(?:-?[0-9]{4}|Y-?[0-9]{5,})"
_PART = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]|3[3-9]|4[01])(?:-[0-9]{{2}})?)?"
_WHOLE = rf"{_PART}(?:/{_PART})?|\.\./{_PART}"
_REMEDY = "write '2014', '2014-05', '2013-06-01/2014-05-31', '../2014' or two days"


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
        found = when.begin_on_or_after(self.since)
        return found is not None and found <= self.until


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


class _Row(Protocol):
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
    found: list[type | str] = []
    for kind in _several(given, type | str, _KIND):
        if isinstance(kind, type | str):
            found.append(kind)
        else:
            raise SelectionError(kind, _KIND)
    return frozenset(found)


def _parties(given: object) -> frozenset[str]:
    found: list[str] = []
    # One text would otherwise be read letter by letter.
    for party in _several(given, str, _PARTY):
        if isinstance(party, str):
            found.append(party)
        else:
            raise SelectionError(party, _PARTY)
    return frozenset(found)


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

    def includes(self, row: _Row) -> bool:
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
    """

    covers: Covers = field(default=Covers())
    repeats: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return brief(self)
