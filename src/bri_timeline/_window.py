"""Windows: the days that a view shows, and the periods that name them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day, iso, to_day
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError


__all__ = [
    "EVER",
    "SOME_DAY",
    "Period",
    "Window",
]


Period = str | Edtf | tuple[Day, Day]

# Years of any size, months, quarters (33-36), thirds (37-39) and halves (40, 41). The
# days of a season (21-32) differ between countries.
_YEAR = r"(?:-?[0-9]{4}|Y-?[0-9]{5,})"
_PART = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]|3[3-9]|4[01])(?:-[0-9]{{2}})?)?"
_WHOLE = re.compile(rf"{_PART}(?:/{_PART})?|\.\./{_PART}")
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
            if when.last_day is None or _WHOLE.fullmatch(str(when)) is None:
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
