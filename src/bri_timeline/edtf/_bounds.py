"""An imprecise date as text, bounds and qualifiers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NoReturn, Self

from attrs import Attribute, field, frozen
from attrs.exceptions import FrozenInstanceError

from bri_timeline import _pendulum
from bri_timeline._calendar import as_date, civil, day_number
from bri_timeline.edtf._dates import (
    APPROXIMATE,
    PLAIN,
    SIGNS,
    UNCERTAIN,
    plain_bounds,
    plain_marks,
)
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._shapes import Bound, Extent, Moment, Several, Shape
from bri_timeline.errors import QuestionError, SelectionError


# The starts are left out: `_set()` computes them again from the shape.
_PICKLED = ("_text", "level", "first_day", "last_day", "_marks", "_shape")


class Bounds:
    """The base class of `Edtf`: text, bounds and qualifiers, without the questions.

    Not an attrs class: msgspec would encode the fields of one, instead of its text.
    """

    __slots__ = (
        "_marks",
        "_shape",
        "_text",
        "earliest_start",
        "first_day",
        "last_day",
        "latest_start",
        "level",
    )

    _text: str
    level: int
    first_day: int | None
    last_day: int | None
    earliest_start: float
    latest_start: float
    _marks: int
    _shape: Shape | None  # None: one day, any from the first to the last

    def __init__(self, text: str) -> None:
        """Read *text*; plain dates, the most common, skip the grammar."""
        match = PLAIN.fullmatch(text) if isinstance(text, str) else None
        bounds = plain_bounds(match) if match is not None else None
        if match is None or bounds is None:
            self._init_from_grammar(text)
        else:
            marks = plain_marks(match)
            self._set(text, 1 if marks else 0, *bounds, marks, None)

    def _init_from_grammar(self, text: object) -> None:
        # Imported here: programs with plain dates only save its 2 ms at import.
        from bri_timeline.edtf._grammar import parse

        canonical, level, marks, shape = parse(text)
        first, last = shape.bounds()
        self._set(
            canonical,
            level,
            None if first == -math.inf else int(first),
            None if last == math.inf else int(last),
            marks,
            shape,
        )

    def _set(
        self,
        text: str,
        level: int,
        first_day: int | None,
        last_day: int | None,
        marks: int,
        shape: Shape | None,
    ) -> None:
        # The way past our own `__setattr__`, which raises.
        set_slot = object.__setattr__
        set_slot(self, "_text", text)
        set_slot(self, "level", level)
        set_slot(self, "first_day", first_day)
        set_slot(self, "last_day", last_day)
        # Stored, not computed on access: every fold reads them for every event.
        starts = (first_day, last_day) if shape is None else shape.starts()
        set_slot(self, "earliest_start", starts[0])
        set_slot(self, "latest_start", starts[1])
        set_slot(self, "_marks", marks)
        set_slot(self, "_shape", shape)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Raise: a date is immutable."""
        raise FrozenInstanceError

    def __delattr__(self, name: str) -> NoReturn:
        """Raise: a date is immutable."""
        raise FrozenInstanceError

    def __getstate__(self) -> tuple[object, ...]:
        """Return the state for pickle; the level cannot be read from the text."""
        return tuple(getattr(self, name) for name in _PICKLED)

    def __setstate__(
        self, state: tuple[str, int, int | None, int | None, int, Shape | None]
    ) -> None:
        self._set(*state)

    def __eq__(self, other: object) -> bool:
        return (
            self._text == other._text if isinstance(other, Bounds) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Edtf({self._text!r})"

    def __str__(self) -> str:
        return self._text

    def __copy__(self) -> Self:
        """Return itself: a date is immutable."""
        return self

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: a date is immutable."""
        return self

    @property
    def is_uncertain(self) -> bool:
        """True if the source or a part of the date is uncertain (`?` or `%`)."""
        return bool(self._marks & 1)

    @property
    def is_approximate(self) -> bool:
        """True if any part is an estimate (`~` or `%`)."""
        return bool(self._marks & 2)

    @property
    def is_extent(self) -> bool:
        """True if it is an extent (`2015/2017`)."""
        return isinstance(self._shape, Extent)

    @property
    def is_several(self) -> bool:
        """True if it is several days at once (`{2016,2018}`)."""
        return isinstance(self._shape, Several)

    @property
    def earliest(self) -> _pendulum.Date | None:
        """The earliest day; None when open or unknown.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `first_day`.
        """
        if (day := self.first_day) is None:
            return None
        return as_date(day, f"the earliest day of {self}", "first_day")

    @property
    def latest(self) -> _pendulum.Date | None:
        """The latest day; None when open or unknown.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `last_day`.
        """
        if (day := self.last_day) is None:
            return None
        return as_date(day, f"the latest day of {self}", "last_day")

    @property
    def earliest_bound(self) -> Bound:
        """The kind of bound that the earliest day is."""
        if isinstance(self._shape, Extent) and isinstance(self._shape.start, Bound):
            return self._shape.start
        return Bound.OPEN if self.first_day is None else Bound.DATE

    @property
    def latest_bound(self) -> Bound:
        """The kind of bound that the latest day is."""
        if isinstance(self._shape, Extent) and isinstance(self._shape.end, Bound):
            return self._shape.end
        return Bound.OPEN if self.last_day is None else Bound.DATE

    def sort_key(self) -> tuple[float, float, str]:
        """Return a key that puts dates in a readable order; it decides nothing."""
        first = -math.inf if self.first_day is None else self.first_day
        last = math.inf if self.last_day is None else self.last_day
        return first, last, self._text

    def _any_shape(self) -> Shape:
        """Return the shape; that of a plain date is made on demand."""
        if self._shape is not None:
            return self._shape
        return Moment(Days.between(self.first_day or 0, self.last_day or 0))

    def _one_of(self) -> Days:
        """Return the days that one day can be."""
        return self._any_shape().period()[1]

    def _one_day(self, question: str) -> tuple[float, float]:
        """Return the bounds of one day."""
        if self._shape is None:
            return self.first_day or 0, self.last_day or 0
        if isinstance(self._shape, Extent):
            remedy = "it is an extent; ask started_by, ended_by or active_on"
        elif isinstance(self._shape, Several):
            remedy = "it is several days; ask first_on_or_before or all_on_or_before"
        else:
            return self._shape.bounds()
        raise QuestionError(self._text, question, remedy)

    def _starts(self, question: str) -> tuple[float, float]:
        """Return the bounds of the start of one day or of an extent."""
        if isinstance(self._shape, Several):
            return self._one_day(question)  # raises
        return self.earliest_start, self.latest_start

    def _extent(self, question: str) -> Extent:
        if isinstance(self._shape, Extent):
            return self._shape
        remedy = "it is not an extent, such as 2015/2017"
        raise QuestionError(self._text, question, remedy)

    def _interval(self, question: str) -> Moment | Extent:
        """Return the shape of one day or of an extent."""
        shape = self._any_shape()
        if isinstance(shape, Several):
            remedy = "it is several days, with gaps between: ask it of each of them"
            raise QuestionError(self._text, question, remedy)
        return shape

    def _several(self, question: str) -> Several:
        if isinstance(self._shape, Several):
            return self._shape
        remedy = "it is not several days, such as {2016,2018}"
        raise QuestionError(self._text, question, remedy)


_QUALIFIED = r"Y?(-?[0-9]{4,})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?[?~%]"
_FOUR_DIGITS = 9999


def _check_amount(_policy: object, unit: Attribute[int], amount: int) -> None:
    if not isinstance(amount, int) or amount < 0:
        problem = f"is not a number of {unit.name}: give a whole number from 0"
        raise SelectionError(amount, problem)


@frozen(kw_only=True)
class Widening:
    """A policy: how far an approximate date may lie off, on each side.

    EDTF does not define how far off an estimate such as `2016~` may be. So no date is
    widened by default; you give the number.

    Attributes:
        years: For a date that is given to the year.
        months: For a date that is given to the month.
        days: For a date that is given to the day.
        uncertain: Widen dates that are uncertain (`?`) in the same way.

    Raises:
        SelectionError: A number is negative, or not a whole one.
    """

    years: int = field(default=0, validator=_check_amount)
    months: int = field(default=0, validator=_check_amount)
    days: int = field(default=0, validator=_check_amount)
    uncertain: bool = False

    def range_around(self, text: str, marks: int) -> str | None:
        """Return the range that a date stands for, or None if it stays as it is.

        A doubt (`?`) that the policy does not widen stays with both ends.

        Args:
            text: The canonical text of the date.
            marks: 1 for uncertain, 2 for approximate, 3 for both.

        Raises:
            QuestionError: See `Edtf.widened()`.
        """
        is_uncertain = bool(marks & UNCERTAIN)
        if not marks & APPROXIMATE and not (self.uncertain and is_uncertain):
            return None
        match = re.fullmatch(_QUALIFIED, text)
        if match is None:
            remedy = "only a year, month or day qualified as a whole, such as 2016~"
            raise QuestionError(text, "widened", remedy)
        if not self._amount(match):
            return None
        # Widening accounts for the estimate, not for the doubt about the source.
        sign = SIGNS[is_uncertain and not self.uncertain]
        ends = (f"{end}{sign}" for end in self._ends(text, *match.groups()))
        return f"[{'..'.join(ends)}]"

    def _amount(self, match: re.Match[str]) -> int:
        if match[2] is None:
            return self.years
        return self.months if match[3] is None else self.days

    def _ends(
        self, text: str, year: str, month: str | None, day: str | None
    ) -> Iterator[str]:
        """Yield the first and the last date of the range around a date."""
        for side in (-1, 1):
            if month is None:
                yield _year(int(year) + side * self.years)
                continue
            if day is None:
                months = int(year) * 12 + int(month) - 1 + side * self.months
                moved, part = months // 12, f"-{months % 12 + 1:02}"
            else:
                number = day_number(int(year), int(month), int(day))
                moved, month_of, day_of = civil(number + side * self.days)
                part = f"-{month_of:02}-{day_of:02}"
            if abs(moved) > _FOUR_DIGITS:
                remedy = "EDTF writes months and days of years from -9999 to 9999 only"
                raise QuestionError(text, "widened", remedy)
            yield _year(moved) + part


def _year(year: int) -> str:
    sign = "-" if year < 0 else ""
    return f"{'Y' * (abs(year) > _FOUR_DIGITS)}{sign}{abs(year):04}"


def in_words(edtf: Bounds, language: str = "en") -> str:
    """Return a date in plain words, or its EDTF text if it has no plain wording.

    >>> from bri_timeline import Edtf
    >>> in_words(Edtf("2016~"))
    'around 2016'
    >>> in_words(Edtf("[2019-04-24..2019-04-26]"))
    'between 24 and 26 April 2019'

    Args:
        edtf: Any date.
        language: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: The language has no table of words.
    """
    # Imported here: few programs need it, and its patterns take 2 ms to compile.
    from bri_timeline._strings import strings
    from bri_timeline.edtf._words import words_of

    return words_of(str(edtf), strings(language))


def end_bounds(when: Bounds) -> tuple[float, float] | None:
    """Return the earliest and the latest day on which an extent can end.

    Args:
        when: Not several days.

    Returns:
        Two day numbers, the second infinite if the end is unknown; None if the end is
        open, or the date is not an extent.
    """
    shape = when._shape
    if not isinstance(shape, Extent) or shape.end is Bound.OPEN:
        return None
    return shape.ends(0)  # the day is of no account, as the end is not open
