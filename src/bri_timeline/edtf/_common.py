"""The days that several dates have in common, and a date that says just these."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bri_timeline.edtf._dates import SIGNS
from bri_timeline.edtf._days import Days, DaySpan
from bri_timeline.edtf._edtf import Edtf, shaped
from bri_timeline.edtf._shapes import Bound, Extent, Moment, Several, days_text


__all__ = [
    "Allowed",
    "common",
    "in_common",
]

# Dates of more spans, such as `XXXX-XX-15`, are not compared.
_MOST_SPANS = 10_000
_Spans = tuple[DaySpan, ...]
_Side = _Spans | Bound


class Allowed(NamedTuple):
    """The days that a date allows; of an extent, its pairs of a start and an end.

    Of an extent each side is cut by the other, so that equal pairs are equal values.

    Attributes:
        start: The days of the date, or of the start.
        end: The days of the end; None of a date that is not one.
    """

    start: _Side
    end: _Side | None = None

    @classmethod
    def by(cls, when: Edtf, *, lasts: bool = False) -> Allowed | None:
        """Return what a date allows; None if it is several, or has too many spans.

        Args:
            when: The date.
            lasts: An unknown end says no more than a day does.
        """
        shape = when._any_shape()
        if isinstance(shape, Several):
            return None
        start = shape.days if isinstance(shape, Moment) else shape.start
        spans = start if isinstance(start, Bound) else start.as_spans(_MOST_SPANS)
        if spans is None or isinstance(shape, Moment):
            return None if spans is None else cls(spans)
        stop = shape.end
        end = stop if isinstance(stop, Bound) else stop.as_spans(_MOST_SPANS)
        return None if end is None else cls(spans, end)._cut(lasts=lasts)

    def shared(self, other: Allowed, *, lasts: bool = False) -> Allowed | None:
        """Return what both allow; None if that is nothing.

        An unknown side of an extent says nothing. An open one says that there is no
        such day, and contradicts any day.

        Args:
            other: What another date allows.
            lasts: A date beside an extent is the start of one, and an unknown end says
                no more than a date. Else they contradict.
        """
        if self.end is None and other.end is None:
            spans = _both(self.start, other.start)
            return None if spans is None else Allowed(spans)
        if not lasts and None in (self.end, other.end):
            return None
        mine, theirs = self.extended(), other.extended()
        start, end = _both(mine.start, theirs.start), _both(mine.end, theirs.end)
        if start is None or end is None:
            return None
        return Allowed(start, end)._cut(lasts=lasts)

    def extended(self) -> Allowed:
        """Return it as an extent: of a date, one whose end is not said."""
        return self if self.end is not None else Allowed(self.start, Bound.UNKNOWN)

    def _cut(self, *, lasts: bool) -> Allowed | None:
        """Return it without days that belong to no pair; None if no pair is left."""
        start, end = self.start, self.end
        if lasts and end is Bound.UNKNOWN and not isinstance(start, Bound):
            return Allowed(start)
        if isinstance(start, Bound) or isinstance(end, Bound) or end is None:
            return self
        first, last = start[0].first, end[-1].last
        start = _meet(start, (DaySpan(-math.inf, last),))
        end = _meet(end, (DaySpan(first, math.inf),))
        return Allowed(start, end) if start and end else None


def _both(one: _Side | None, two: _Side | None) -> _Side | None:
    """Return what two sides have in common; None if that is nothing."""
    if one is None or two is None or Bound.UNKNOWN in (one, two):
        return one if two is Bound.UNKNOWN else two
    if isinstance(one, Bound) or isinstance(two, Bound):
        # A side without a first day is unknown, and lies before some day: it may be
        # open.
        sides = [side for side in (one, two) if not isinstance(side, Bound)]
        may_be = any(side[0].first == -math.inf for side in sides)
        return Bound.OPEN if may_be or one == two else None
    return _meet(one, two) or None


def _meet(one: _Spans, two: _Spans) -> _Spans:
    """Return the days that are in both of two sorted lists of spans."""
    spans, i, j = list[DaySpan](), 0, 0
    while i < len(one) and j < len(two):
        first, last = max(one[i].first, two[j].first), min(one[i].last, two[j].last)
        if first <= last:
            spans.append(DaySpan(first, last))
        if one[i].last < two[j].last:
            i += 1
        else:
            j += 1
    return tuple(spans)


def in_common(dates: Iterable[Edtf], *, lasts: bool = False) -> Allowed | None:
    """Return what all of some dates allow; None if nothing, or not to be compared.

    Args:
        dates: At least one.
        lasts: A date beside an extent is the start of one. Else they contradict.
    """
    allowed = [Allowed.by(when, lasts=lasts) for when in dates]
    shared = allowed[0]
    for more in allowed[1:]:
        if shared is None or more is None:
            return None
        shared = shared.shared(more, lasts=lasts)
    return shared


def common(dates: Sequence[Edtf], *, lasts: bool = False) -> Edtf | None:
    """Return a date that says what all of some dates allow; None if that is nothing.

    It has the words of one of them, if one says just that. It has no qualifier if those
    without one say just that.

    Args:
        dates: At least one.
        lasts: A date beside an extent is the start of one, and an unknown end says no
            more than a date. Else they contradict.
    """
    if all(_is_alike(when, dates[0]) for when in dates):
        return dates[0]
    allowed = in_common(dates, lasts=lasts)
    if allowed is None:
        return None
    plain = [when for when in dates if not when._marks]
    is_plain = bool(plain) and in_common(plain, lasts=lasts) == allowed
    told = plain if is_plain else [*dates]
    # Whichever of a day and an extent with an unknown end comes first, the day is told.
    for when in sorted(told, key=lambda one: lasts and one.is_extent):
        if Allowed.by(when, lasts=lasts) == allowed:
            return when
    sign = "" if is_plain else next(SIGNS[when._marks] for when in told if when._marks)
    return _date_of(allowed, told, sign)


def _is_alike(one: Edtf, other: Edtf) -> bool:
    """Check whether dates have one text, and all the same days."""
    if one is other or one != other:
        return one is other
    shape, like = one._any_shape(), other._any_shape()
    if isinstance(shape, Several) or isinstance(like, Several):
        return shape.bounds() == like.bounds()
    return all(
        (isinstance(side, Days) and isinstance(same, Days) and side.is_same(same))
        or side is same
        for side, same in zip(shape, like, strict=True)
    )


def _says(when: Edtf, allowed: Allowed) -> bool:
    """Check that a date says just what is allowed."""
    own = Allowed.by(when)
    return own is not None and own == allowed


def _date_of(allowed: Allowed, dates: Sequence[Edtf], sign: str) -> Edtf:
    """Return a date of some days, as its words those of a set, or of each end."""
    start, end = allowed
    if end is None:
        days = Days(() if isinstance(start, Bound) else start)
        made = Edtf(days_text(days, sign))
        # Of very many days with gaps the text names the first and the last alone.
        return made if _says(made, allowed) else shaped(made, Moment(days))
    texts = [str(when).split("/") for when in dates]
    sides = (
        _text_of(start, [text[0] for text in texts]),
        _text_of(end, [text[1] for text in texts if len(text) > 1]),
    )
    made = Edtf("/".join(sides))
    if _says(made, allowed):
        return made
    ends = [side if isinstance(side, Bound) else Days(side) for side in (start, end)]
    return shaped(made, Extent(*ends))


def _text_of(side: _Side, texts: Iterable[str]) -> str:
    """Return the words for one end of an extent: those that name the fewest days.

    An interval of EDTF has no set of days at its ends: days that no word names stand
    as those of the narrowest word around them.
    """
    if isinstance(side, Bound):
        return ".." if side is Bound.OPEN else ""
    dates = [Edtf(t) for t in texts if t not in ("", "..") and t[0] not in "[{"]
    spans = [(days, str(when)) for when in dates if (days := Allowed.by(when))]
    for days, text in spans:
        if days.start == side:
            return text
    if len(side) == 1 and side[0].first == side[0].last:
        return days_text(Days(side), "")
    around = [
        (sum(span.last - span.first for span in days.start), text)
        for days, text in spans
        if not isinstance(days.start, Bound) and _meet(days.start, side) == side
    ]
    day = days_text(Days.between(side[0].first, side[0].first), "")
    return min(around, default=(0, day))[1]
