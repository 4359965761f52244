"""The imprecise date and the questions it answers."""

from __future__ import annotations

import math

import pendulum
from attrs import frozen

from bri_timeline._answer import Answer
from bri_timeline.edtf._day import Day, as_date, to_day
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._grammar import parse
from bri_timeline.edtf._plain import PLAIN, plain_bounds, plain_marks
from bri_timeline.edtf._shapes import Bound, Extent, Moment, Several, Shape
from bri_timeline.errors import EdtfError, QuestionError

__all__ = ["Edtf"]

_YES, _NO, _MAYBE = Answer.YES, Answer.NO, Answer.MAYBE


@frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Edtf:
    """A date as precise, and as imprecise, as its source gives it.

    Reads all of EDTF levels 0, 1 and 2 (ISO 8601-2:2019; Library of Congress, Extended
    Date/Time Format, 2019), strictly. A date says one of three things: *one day* that
    may be any of some (`2015`, `2019-XX-15`, `[2015..2017]`), *an extent*
    (`2015/2017`), or *several days* (`{2016,2018}`). Each has its own questions.

    Questions are answered `YES` when true of every day that the date can be, `NO` when
    true of none, else `MAYBE`. Qualifiers (`?` uncertain, `~` approximate, `%` both)
    never move a bound; see `widened()`. An answer is exact also where there are gaps.

    Two dates are equal when their canonical texts are. There is no `<`: ask `before()`,
    or sort for display by `sort_key()`.

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

    Raises:
        EdtfError: The text is no date of EDTF.
    """

    _text: str
    level: int
    first_day: int | None
    last_day: int | None
    _marks: int
    _shape: Shape | None  # None: one day, any from the first to the last

    def __init__(self, text: str) -> None:
        """Read *text*; plain dates, the most common, take a short way."""
        match = PLAIN.fullmatch(text) if isinstance(text, str) else None
        bounds = plain_bounds(match) if match is not None else None
        if match is None or bounds is None:
            self._init_from_grammar(text)
        else:
            marks = plain_marks(match)
            self.__attrs_init__(text, 1 if marks else 0, *bounds, marks, None)

    def _init_from_grammar(self, text: object) -> None:
        if not isinstance(text, str):
            raise EdtfError(text, 0, "text, such as '2013' or '2019-04-24'")
        parsed = parse(text)
        first, last, _, _ = parsed.shape.bounds()
        self.__attrs_init__(
            parsed.text,
            parsed.level,
            None if first == -math.inf else int(first),
            None if last == math.inf else int(last),
            parsed.marks,
            parsed.shape,
        )

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Edtf) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Edtf({self._text!r})"

    def __str__(self) -> str:
        return self._text

    # --- what it says ---------------------------------------------------------

    @property
    def is_uncertain(self) -> bool:
        """Whether the source, or part of the date, is doubted (`?` or `%`)."""
        return bool(self._marks & 1)

    @property
    def is_approximate(self) -> bool:
        """Whether any part is an estimate (`~` or `%`)."""
        return bool(self._marks & 2)

    @property
    def is_extent(self) -> bool:
        """Whether it lasts (`2015/2017`), rather than lying somewhere."""
        return isinstance(self._shape, Extent)

    @property
    def is_several(self) -> bool:
        """Whether it is several days at once (`{2016,2018}`)."""
        return isinstance(self._shape, Several)

    @property
    def earliest(self) -> pendulum.Date | None:
        """The earliest day; None when open or unknown.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `first_day`.
        """
        day = self.first_day
        return None if day is None else as_date(day, f"the earliest day of {self._text}")

    @property
    def latest(self) -> pendulum.Date | None:
        """The latest day; None when open or unknown.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `last_day`.
        """
        day = self.last_day
        return None if day is None else as_date(day, f"the latest day of {self._text}")

    @property
    def earliest_bound(self) -> Bound:
        """What is known of the earliest day."""
        return Bound.DATE if self._shape is None else self._shape.bounds()[2]

    @property
    def latest_bound(self) -> Bound:
        """What is known of the latest day."""
        return Bound.DATE if self._shape is None else self._shape.bounds()[3]

    def sort_key(self) -> tuple[float, float, str]:
        """Return a key that puts dates in a readable order; it decides nothing."""
        first = -math.inf if self.first_day is None else self.first_day
        last = math.inf if self.last_day is None else self.last_day
        return first, last, self._text

    def begins(self) -> tuple[float, float]:
        """Return the earliest and the latest day on which it can begin.

        Of an extent these are the bounds of its start. Day numbers; infinite where
        there is no bound.

        Raises:
            QuestionError: It is several days, which begin severally.
        """
        if self._shape is None:
            return self._plain()
        if isinstance(self._shape, Extent):
            return self._shape.starts()
        return self._one_day("begins")

    # --- questions about one day ------------------------------------------------

    def on_or_before(self, day: Day) -> Answer:
        """Tell whether it lies on *day* or before.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not one day, but an extent or several.
        """
        return _by(self._one_day("on_or_before"), to_day(day))

    def before(self, other: Day | Edtf) -> Answer:
        """Tell whether it lies before a day or another date.

        Args:
            other: A known day, or an imprecise date, of which the beginning counts.

        Raises:
            DayError: *other* is neither.
            QuestionError: It is not one day, but an extent or several.
        """
        first, last = self._one_day("before")
        begin, latest_begin = other._ordered()[0] if isinstance(other, Edtf) else _one(other)
        if last < begin:
            return _YES
        return _NO if first >= latest_begin else _MAYBE

    def after(self, other: Day | Edtf) -> Answer:
        """Tell whether it lies after a day or another date.

        Args:
            other: A known day, or an imprecise date, of which the end counts.

        Raises:
            DayError: *other* is neither.
            QuestionError: It is not one day, but an extent or several.
        """
        first, last = self._one_day("after")
        end, latest_end = other._ordered()[1] if isinstance(other, Edtf) else _one(other)
        if first > latest_end:
            return _YES
        return _NO if last <= end else _MAYBE

    def on(self, day: Day) -> Answer:
        """Tell whether it is *day*, or whether one of several days is.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is an extent.
        """
        number = to_day(day)
        if isinstance(self._shape, Several):
            return self._one_of_several(self._shape, number)
        first, last = self._one_day("on")
        if first == last == number:
            return _YES
        possible = first <= number <= last and number in self._days()
        return _MAYBE if possible else _NO

    def during(self, period: Edtf) -> Answer:
        """Tell whether it lies within a period.

        Args:
            period: `2019-04` is all of April, `2015/2017` all days from the first of
                2015 to the last of 2017, `2019-XX-15` twelve days. Beyond an end that
                is unknown, or open, it may lie within.

        Raises:
            QuestionError: It is not one day, but an extent or several.
        """
        self._one_day("during")
        mine, certain, possible = self._days(), *period._period()
        if mine.within(certain):
            return _YES
        return _MAYBE if mine.meets(possible) else _NO

    def same_day_as(self, other: Edtf) -> Answer:
        """Tell whether it is the same day as another imprecise date.

        Raises:
            QuestionError: One of the two is not one day, but an extent or several.
        """
        first, last = self._one_day("same_day_as")
        if first == last and (first, last) == other._one_day("same_day_as"):
            return _YES
        return _MAYBE if self._days().meets(other._days()) else _NO

    # --- questions about an extent ------------------------------------------------

    def started_by(self, day: Day) -> Answer:
        """Tell whether the extent has started on *day* or before.

        An open start (`../2015`) lies before every day; of an unknown one (`/2015`) only
        the end says something.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is no extent.
        """
        return _by(self._extent("started_by").starts(), to_day(day))

    def ended_by(self, day: Day, *, today: Day | None = None) -> Answer:
        """Tell whether the extent has ended on *day* or before; its last day counts.

        Args:
            day: The day asked about.
            today: An open end (`2015/..`) has not come until then, and may come after;
                by default the present day in UTC.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is no extent.
        """
        return _by(self._extent("ended_by").ends(_today(today)), to_day(day))

    def active_on(self, day: Day, *, today: Day | None = None) -> Answer:
        """Tell whether *day* lies in the extent, both ends included.

        Args:
            day: The day asked about.
            today: As for `ended_by()`.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is no extent.
        """
        extent, number = self._extent("active_on"), to_day(day)
        start, latest_start = extent.starts()
        end, latest_end = extent.ends(_today(today))
        end -= extent.end is Bound.OPEN  # it may end today, once today is over
        if latest_start <= number <= end:
            return _YES
        return _MAYBE if start <= number <= latest_end else _NO

    # --- questions about several days -----------------------------------------------

    def first_on_or_before(self, day: Day) -> Answer:
        """Tell whether the first of several days lies on *day* or before.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not several days.
        """
        elements = self._several("first_on_or_before").elements
        first = min(element.first[0] for element in elements)
        latest_first = min(element.first[1] for element in elements)
        return _by((first, latest_first), to_day(day))

    def all_on_or_before(self, day: Day) -> Answer:
        """Tell whether all of several days lie on *day* or before.

        Raises:
            DayError: *day* is not one whole day.
            QuestionError: It is not several days.
        """
        elements = self._several("all_on_or_before").elements
        last = max(element.last[0] for element in elements)
        latest_last = max(element.last[1] for element in elements)
        return _by((last, latest_last), to_day(day))

    # --- the parts that the questions share --------------------------------------------

    def _plain(self) -> tuple[int, int]:
        """Return the bounds of a plain date, which always has both."""
        return self.first_day or 0, self.last_day or 0

    def _one_day(self, question: str) -> tuple[float, float]:
        if self._shape is None:
            return self._plain()
        if isinstance(self._shape, Moment):
            return self._shape.days.first, self._shape.days.last
        if isinstance(self._shape, Extent):
            remedy = "it is an extent; ask started_by, ended_by or active_on"
        else:
            remedy = "it is several days; ask first_on_or_before or all_on_or_before"
        raise QuestionError(self._text, question, remedy)

    def _extent(self, question: str) -> Extent:
        if isinstance(self._shape, Extent):
            return self._shape
        remedy = "it is no extent, such as 2015/2017"
        raise QuestionError(self._text, question, remedy)

    def _several(self, question: str) -> Several:
        if isinstance(self._shape, Several):
            return self._shape
        remedy = "it is not several days, such as {2016,2018}"
        raise QuestionError(self._text, question, remedy)

    def _days(self) -> Days:
        """Return the days that a single day can be."""
        if isinstance(self._shape, Moment):
            return self._shape.days
        return Days.between(*self._plain())

    def _ordered(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the bounds of the first and of the last day, whatever its shape."""
        if isinstance(self._shape, Extent):
            return self._shape.starts(), self._shape.ends(_today(None))
        if isinstance(self._shape, Several):
            first = [element.first for element in self._shape.elements]
            last = [element.last for element in self._shape.elements]
            begins = min(low for low, _ in first), min(high for _, high in first)
            return begins, (max(low for low, _ in last), max(high for _, high in last))
        bounds = self._one_day("before")
        return bounds, bounds

    def _period(self) -> tuple[Days, Days]:
        """Return the days that are within for certain, and those that may be."""
        if isinstance(self._shape, Several):
            days = Days.union(element.days for element in self._shape.elements)
            return days, days
        if not isinstance(self._shape, Extent):
            return self._days(), self._days()
        first, last, left, right = self._shape.bounds()
        start, latest_start = self._shape.starts()
        end = first if right is not Bound.DATE else last
        certain = Days.between(latest_start if left is Bound.UNKNOWN else start, end)
        return certain, Days.between(first, last)

    def _one_of_several(self, several: Several, day: int) -> Answer:
        answer = _NO
        for element in several.elements:
            if day in element.days:
                named = element.every_day or element.days.first == element.days.last
                answer |= _YES if named else _MAYBE
        return answer


def _by(bounds: tuple[float, float], day: int) -> Answer:
    """Tell whether something between two bounds lies on *day* or before."""
    if bounds[1] <= day:
        return _YES
    return _NO if bounds[0] > day else _MAYBE


def _one(day: Day) -> tuple[int, int]:
    number = to_day(day)
    return number, number


def _today(day: Day | None) -> int:
    return to_day(pendulum.now("UTC").date() if day is None else day)
