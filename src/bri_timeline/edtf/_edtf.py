"""`Edtf`, the imprecise date, and the questions that it answers."""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import lru_cache
from typing import NoReturn

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day, iso, this_day, to_day
from bri_timeline._text import table
from bri_timeline.edtf._bounds import Bounds, Widening, in_words
from bri_timeline.edtf._dates import SIGNS
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._grammar import years_within
from bri_timeline.edtf._shapes import (
    Allen,
    Bound,
    Extent,
    Moment,
    Several,
    Shape,
    days_text,
)
from bri_timeline.errors import DayError, EdtfError, shown


_YES, _NO, _MAYBE = Answer.YES, Answer.NO, Answer.MAYBE


class _EdtfClass(type):
    """The class of `Edtf`: it names the call to those who look for `parse`."""

    def __getattr__(cls, name: str) -> NoReturn:
        problem = f"type object 'Edtf' has no attribute {name!r}"
        msg = f"{problem}: a date is read from its text by Edtf('2019-04')"
        raise AttributeError(msg, name=name, obj=cls)


class Edtf(Bounds, metaclass=_EdtfClass):
    """A date as precise, and as imprecise, as its source gives it.

    Reads all of EDTF levels 0, 1 and 2 (ISO 8601-2:2019; Library of Congress, Extended
    Date/Time Format, 2019), strictly. A date is one of three kinds: *one day* that
    may be any of some (`2015`, `2019-XX-15`, `[2015..2017]`), *an extent*
    (`2015/2017`), or *several days* (`{2016,2018}`). Each has its own questions.

    Questions are answered `YES` when true of every day that the date can be, `NO` when
    true of none, else `MAYBE`. Qualifiers (`?` uncertain, `~` approximate, `%` both)
    never move a bound; see `widened()`. An answer is exact also where there are gaps.

    Two dates are equal when their canonical texts are; `same_days()` compares what they
    mean. There is no `<`: ask `before()`, or sort for display by `sort_key()`.

    >>> Edtf("2015").on_or_before("2015-06-30")
    Answer.MAYBE
    >>> Edtf("[2016,2018]").on("2017-05-01")
    Answer.NO
    >>> str(Edtf("?2004-?06"))
    '2004-06?'

    Args:
        text: At most 4,096 characters.

    Attributes:
        level: 0, 1 or 2: the lowest level of EDTF that has the text as it was given.
        first_day: The number of the earliest day, as `datetime.date.toordinal()` counts
            but for any year; None when open or unknown.
        last_day: The number of the latest day, likewise.
        earliest_start: The number of the earliest day on which it, or the first of
            several days, can begin; minus infinity when open or unknown.
        latest_start: The number of the latest such day; infinite likewise.

    Raises:
        EdtfError: The text is not a date of EDTF.
    """

    __slots__ = ()

    def __format__(self, form: str) -> str:
        """Return its text, aligned as a format of text says: `f"{date:>12}"`."""
        return format(str(self), form)

    def _plain_data(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return the HTML table for notebooks."""
        first, last = self.first_day, self.last_day
        rows = [
            ("as written", str(self)),
            ("in words", in_words(self)),
            ("first day", self.earliest_bound.value if first is None else iso(first)),
            ("last day", self.latest_bound.value if last is None else iso(last)),
        ]
        return table("Date", rows, len(rows))

    @property
    def start(self) -> Edtf | None:
        """The beginning, cut by the end; None if open; of one day the date itself.

        Raises:
            QuestionError: It is several days.
        """
        shape = self._interval("start")
        if isinstance(shape, Moment):
            return self
        is_open = shape.start is Bound.OPEN
        return None if is_open else _part(str(self).split("/")[0], shape.begin_days())

    @property
    def end(self) -> Edtf | None:
        """The end, cut by the beginning; None if open; of one day the date itself.

        Raises:
            QuestionError: It is several days.
        """
        shape = self._interval("end")
        if isinstance(shape, Moment):
            return self
        is_open = shape.end is Bound.OPEN
        return None if is_open else _part(str(self).split("/")[1], shape.end_days())

    def _begin_on_or_after(self, day: float) -> float | None:
        """Return the first day, not before *day*, on which it can begin; None if none.

        Args:
            day: A day number, or minus infinity.

        Raises:
            QuestionError: The date is a set of days, which has no single start.
        """
        first, last = self._starts("begin_on_or_after")
        if last < day:
            return None
        begin = self._shape.start if isinstance(self._shape, Extent) else self._one_of()
        if isinstance(begin, Bound):
            return max(first, day)
        return begin.at_or_after(day)

    def begins_with(self, other: Edtf) -> Answer:
        """Return whether two dates or extents begin on one day.

        Where either has gaps, days that it cannot be are taken for possible.

        Raises:
            QuestionError: One is a set of days, which has no single start.
        """
        first, last = self._starts("begins_with")
        begin, latest_start = other._starts("begins_with")
        if first == last == begin == latest_start:
            return _YES
        return _NO if last < begin or latest_start < first else _MAYBE

    # --- another date -------------------------------------------------------------

    def widened(self, policy: Widening) -> Edtf:
        """Return the range that an approximate date stands for under a policy.

        Dates that the policy does not concern are returned as they are.

        >>> from bri_timeline.edtf import Widening
        >>> Edtf("2016~").widened(Widening(years=1))
        Edtf('[2015..2017]')

        Args:
            policy: How far such dates may lie off.

        Raises:
            QuestionError: It is approximate, but no plain year, month or day; or a
                day or month of the range would lie outside the years -9999 to 9999.
        """
        text = policy.range_around(str(self), self._marks)
        return self if text is None else Edtf(text)

    def allen(self, other: Day | Edtf, *, today: Day | None = None) -> frozenset[Allen]:
        """Return the relations in which it may stand to another date.

        One relation is certain; of several, some completion of both dates has each.

        >>> sorted(one.value for one in Edtf("2015/2017").allen(Edtf("2019")))
        ['before']
        >>> sorted(one.value for one in Edtf("2016-04-30").allen(Edtf("2016-05/2017")))
        ['before', 'meets']

        Args:
            other: A known day, or an imprecise date.
            today: An open end (`2015/..`) comes on this day or later; by default the
                present day in UTC.

        Raises:
            DayError: *other* or *today* is not a day.
            QuestionError: One of the two is several days, which have gaps.
        """
        # Imported by the questions that need it: with the package it would take a
        # twentieth of the time of the import.
        from bri_timeline.edtf._allen import intervals, relations

        return relations(*intervals(*self._both("allen", other), today))

    def overlaps(self, other: Day | Edtf, *, today: Day | None = None) -> Answer:
        """Return whether it has a day in common with another date.

        >>> Edtf("2015/2017").overlaps(Edtf("2017/2018"))
        Answer.MAYBE

        Args:
            other: As for `allen()`.
            today: As for `allen()`.

        Raises:
            DayError: *other* or *today* is not a day.
            QuestionError: One of the two is several days, which have gaps.
        """
        from bri_timeline.edtf._allen import intervals, near

        return near(*intervals(*self._both("overlaps", other), today), 0)

    def near(self, other: Day | Edtf, days: int, *, today: Day | None = None) -> Answer:
        """Return whether it lies at most so many days before or after another date.

        >>> Edtf("2019-04-24").near("2019-04-26", 2)
        Answer.YES

        Args:
            other: As for `allen()`.
            days: 0: they have a day in common. 1: they may also lie on two days that
                follow each other.
            today: As for `allen()`.

        Raises:
            DayError: *other* or *today* is not a day.
            QuestionError: One of the two is several days, which have gaps.
        """
        from bri_timeline.edtf._allen import intervals, near

        return near(*intervals(*self._both("near", other), today), days)

    def length(self, *, today: Day | None = None) -> tuple[float, float]:
        """Return its number of days, both ends counted, at least and at most.

        A day of which only the year is known is one day. Without a bound a number is
        infinite: both for an open start, the greatest for any other end without a date.

        >>> Edtf("2015/2017").length()
        (368, 1096)

        Args:
            today: As for `allen()`.

        Raises:
            DayError: *today* is not a day.
            QuestionError: It is several days, which have gaps.
        """
        from bri_timeline.edtf._allen import interval_of, length

        return length(interval_of(self, today, "length"))

    def days_until(
        self, other: Day | Edtf, *, today: Day | None = None
    ) -> tuple[float, float]:
        """Return the number of days from it to another date, at least and at most.

        It counts from the end of the earlier to the start of the later, is negative
        where the other lies before, and 0 where they have a day in common; infinite
        where it has no bound.

        >>> Edtf("2019-04-24").days_until("2019-04-26")
        (2, 2)
        >>> Edtf("2019-04-24").days_until(Edtf("2019-04"))
        (-23, 6)

        Args:
            other: As for `allen()`.
            today: As for `allen()`.

        Raises:
            DayError: *other* or *today* is not a day.
            QuestionError: One of the two is several days, which have gaps.
        """
        from bri_timeline.edtf._allen import days_between, intervals

        return days_between(*intervals(*self._both("days_until", other), today))

    def _both(
        self, question: str, other: Day | Edtf
    ) -> tuple[Moment | Extent, Moment | Extent]:
        mine = self._interval(question)
        if isinstance(other, Edtf):
            return mine, other._interval(question)
        return mine, Moment(Days.between(*_known(other)))

    # --- questions about one day ------------------------------------------------

    def on_or_before(self, day: Day) -> Answer:
        """Return whether it lies on *day* or before.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not one day, but an extent or several.
        """
        return _by(self._one_day("on_or_before"), to_day(day))

    def before(self, other: Day | Edtf) -> Answer:
        """Return whether it lies before a day or another date.

        Args:
            other: A known day, or an imprecise date, of which the beginning counts.

        Raises:
            DayError: *other* is neither.
            QuestionError: It is not one day, but an extent or several.
        """
        first, last = self._one_day("before")
        begin, latest_start = (
            other._any_shape().starts() if isinstance(other, Edtf) else _known(other)
        )
        if last < begin:
            return _YES
        return _NO if first >= latest_start else _MAYBE

    def after(self, other: Day | Edtf) -> Answer:
        """Return whether it lies after a day or another date.

        Args:
            other: A known day, or an imprecise date, of which the end counts.

        Raises:
            DayError: *other* is neither.
            QuestionError: It is not one day, but an extent or several.
        """
        first, last = self._one_day("after")
        end, latest_end = (
            other._any_shape().ends(this_day(None))
            if isinstance(other, Edtf)
            else _known(other)
        )
        if first > latest_end:
            return _YES
        return _NO if last <= end else _MAYBE

    def on(self, day: Day) -> Answer:
        """Return whether it is *day*, or whether one of several days is.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is an extent.
        """
        number = to_day(day)
        if isinstance(self._shape, Several):
            if self._shape.names(number):
                return _YES
            return _MAYBE if self._shape.touches(number) else _NO
        first, last = self._one_day("on")
        if first == last == number:
            return _YES
        # The bounds first: they decide most questions without looking for gaps.
        possible = first <= number <= last and number in self._one_of()
        return _MAYBE if possible else _NO

    def during(self, period: Day | Edtf) -> Answer:
        """Return whether it lies within a period.

        Args:
            period: A known day, or an imprecise date: `2019-04` is all of April,
                `2015/2017` all days from the first of 2015 to the last of 2017,
                `2019-XX-15` twelve days. An open start (`../2017`) has always begun, so
                that every earlier day lies within. After an open end (`2015/..`), and
                beyond an end that is unknown, it may lie within.

        Raises:
            DayError: *period* is neither.
            QuestionError: It is not one day, but an extent or several.
        """
        self._one_day("during")
        mine, certain, possible = self._one_of(), *_dated(period)._any_shape().period()
        if mine.within(certain):
            return _YES
        return _MAYBE if mine.meets(possible) else _NO

    def same_day_as(self, other: Day | Edtf) -> Answer:
        """Return whether it is the same day as another date.

        Args:
            other: A known day, or an imprecise date.

        Raises:
            DayError: *other* is neither.
            QuestionError: One of the two is not one day, but an extent or several.
        """
        date = _dated(other)
        mine, yours = self._one_day("same_day_as"), date._one_day("same_day_as")
        if mine == yours and mine[0] == mine[1]:
            return _YES
        return _MAYBE if self._one_of().meets(date._one_of()) else _NO

    def same_days(self, other: Day | Edtf) -> bool:
        """Return whether another date means the same days, in whichever words.

        Qualifiers name no days. An extent never means the same as one day.

        >>> Edtf("2016-03").same_days(Edtf("[2016-03-01..2016-03-31]"))
        True

        Args:
            other: A known day, or an imprecise date.

        Raises:
            DayError: *other* is neither.
        """
        return self._any_shape().is_same(_dated(other)._any_shape())

    # --- questions about an extent ------------------------------------------------

    def started_by(self, day: Day) -> Answer:
        """Return whether the extent has started on *day* or before.

        An open start (`../2015`) lies before every day; an unknown one (`/2015`) is
        bounded only by the end.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not an extent.
        """
        return _by(self._extent("started_by").starts(), to_day(day))

    def ended_by(self, day: Day, *, today: Day | None = None) -> Answer:
        """Return whether the extent has ended on *day* or before; its last day counts.

        Args:
            day: The day asked about.
            today: An open end (`2015/..`) has not come until then, and may come after;
                by default the present day in UTC.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not an extent.
        """
        return _by(self._extent("ended_by").ends(this_day(today)), to_day(day))

    def active_on(self, day: Day, *, today: Day | None = None) -> Answer:
        """Return whether *day* lies in the extent, both ends included.

        Args:
            day: The day asked about.
            today: As for `ended_by()`.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not an extent.
        """
        extent, number = self._extent("active_on"), to_day(day)
        start, latest_start = extent.starts()
        end, latest_end = extent.ends(this_day(today))
        # It may still end today, as the day is not over.
        if extent.end is Bound.OPEN:
            end = max(end - 1, start)
        if latest_start <= number <= end:
            return _YES
        return _MAYBE if start <= number <= latest_end else _NO

    # --- questions about several days -----------------------------------------------

    def first_on_or_before(self, day: Day) -> Answer:
        """Return whether the first of several days lies on *day* or before.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not several days.
        """
        return _by(self._several("first_on_or_before").starts(), to_day(day))

    def all_on_or_before(self, day: Day) -> Answer:
        """Return whether all of several days lie on *day* or before.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not several days.
        """
        several = self._several("all_on_or_before")
        return _by(several.ends(0), to_day(day))


def _part(text: str, days: Days) -> Edtf:
    """Return the date of some days: in its own words, if it has just these."""
    whole = Edtf(text) if text else None
    # The dates that several sources have in common may lack days within their words.
    if whole and whole._one_of().is_same(days):
        return whole
    part = Edtf(days_text(days, SIGNS[whole._marks] if whole else ""))
    # Of very many days with gaps the text names the first and the last alone.
    return shaped(part, Moment(days)) if days.has_gaps else part


def shaped(when: Edtf, shape: Shape) -> Edtf:
    """Return a date of the same text that has other days."""
    low, high = shape.bounds()
    new_date = object.__new__(Edtf)
    new_date._set(
        when._text, when.level, _finite(low), _finite(high), when._marks, shape
    )
    return new_date


def _finite(number: float) -> int | None:
    return int(number) if abs(number) < math.inf else None


def _by(bounds: tuple[float, float], day: float) -> Answer:
    """Return whether something between two bounds lies on *day* or before."""
    if bounds[1] <= day:
        return _YES
    return _NO if bounds[0] > day else _MAYBE


def _dated(given: Day | Edtf) -> Edtf:
    """Return a date that may be given as a known day.

    Raises:
        DayError: It is neither.
    """
    return given if isinstance(given, Edtf) else Edtf(iso(_known(given)[0]))


def _known(day: Day) -> tuple[int, int]:
    """Return a known day, where an imprecise date may be given too.

    Raises:
        DayError: It is not a day.
    """
    try:
        number = to_day(day)
    except DayError as error:
        if isinstance(day, str) and _is_date(day):
            problem = str(error).removeprefix(f"{shown(day)} ")
            raise DayError(day, f"{problem}, or Edtf({shown(day)})") from None
        raise
    return number, number


def _is_date(text: str) -> bool:
    try:
        Edtf(text)
    except EdtfError:
        return False
    return True


# Dates are repeated many times. Equal ones are shared, as they are immutable: a large
# log takes much less memory.
_SHARED_DATES = 1 << 15
_LONGEST_SHARED = len("2019-04-24?")


def to_edtf(value: Edtf | str | date) -> Edtf:
    """Return an `Edtf` from any of the accepted types.

    Args:
        value: An `Edtf`, its text, or a known day.

    Raises:
        EdtfError: The text is not an EDTF date.
        DayError: *value* is an instant.
    """
    if isinstance(value, datetime):
        raise DayError(value, "is an instant: say which day, such as value.date()")
    if isinstance(value, date):
        return _shared_edtf(value.isoformat())
    if isinstance(value, str) and len(value) <= _LONGEST_SHARED:
        return _shared_edtf(value)
    return value if isinstance(value, Edtf) else Edtf(value)


@lru_cache(_SHARED_DATES)
def _shared_edtf(text: str) -> Edtf:
    return Edtf(text)


def never_years(part: str) -> str:
    """Return another text for a month or a season, which nobody takes for two years.

    >>> never_years("2019-04"), never_years("2020-21")
    ('2019-04-XX', '[2020-03..2020-05]')

    Args:
        part: A month or a season of a year of four digits, as EDTF writes it.
    """
    when = Edtf(part)
    bounds = [day for day in (when.first_day, when.last_day) if day is not None]
    days = [iso(day) for day in bounds]
    first, last = (day[:-3] for day in days)
    months = f"[{first}..{last}]"
    if any(end is not None for _, _, end in years_within(months)):
        months = f"[{'..'.join(days)}]"
    return f"{part}-XX" if first == last else months
