"""Dates restricted to some of their days, and dates that record questions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from bri_timeline._answer import Answer
from bri_timeline.edtf._bounds import Widening
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._edtf import Edtf, shaped
from bri_timeline.edtf._shapes import Bound, Extent, Moment


__all__ = [
    "WatchedDate",
    "begin_days",
    "end_days",
    "narrowed",
]


def begin_days(when: Edtf) -> Days:
    """Return the days on which a date, or an extent, can begin.

    Args:
        when: Not several days.
    """
    shape = when._any_shape()
    return shape.begin_days() if isinstance(shape, Extent) else when._one_of()


def end_days(when: Edtf) -> Days:
    """Return the days on which an extent can end.

    Args:
        when: An extent whose end is not open.
    """
    shape = when._shape
    # The end of what is no extent is its day.
    return shape.end_days() if isinstance(shape, Extent) else when._one_of()


def narrowed(when: Edtf, first: float, last: float) -> Edtf:
    """Return a date of the same text that begins on some of its days only.

    Dates are compared by their texts, so it equals *when*.

    Args:
        when: Not several days, and may begin on one of these days.
        first: The number of the earliest day on which it may begin; maybe infinite.
        last: The number of the latest such day.
    """
    if first <= when.earliest_start and when.latest_start <= last:
        return when
    days = begin_days(when).between_days(first, last)
    end = when._shape.end if isinstance(when._shape, Extent) else None
    return shaped(when, Moment(days) if end is None else Extent(days, end))


def _answered(name: str) -> Callable[..., Any]:
    """Return a method that asks `Edtf`, and reports a question left undecided."""

    def question(self: WatchedDate, *args: object, **named: Any) -> Any:
        plain = [arg.now if isinstance(arg, WatchedDate) else arg for arg in args]
        answer = getattr(self.now, name)(*plain, **named)
        if _is_undecided(answer):
            self._notice()
            for arg in args:
                if isinstance(arg, WatchedDate):
                    arg._notice()
        return answer

    question.__name__ = name
    question.__doc__ = getattr(Edtf, name).__doc__
    return question


def _reported(name: str, *, of_beginning: bool = False) -> property:
    """Return a property that reads the days left, and reports that.

    Args:
        name: The attribute of `Edtf` in whose place it stands.
        of_beginning: Its value depends on the beginning only.
    """

    def read(self: WatchedDate) -> object:
        if of_beginning:
            self._notice_beginning()
        else:
            self._notice()
        return getattr(self.now, name)

    return property(read)


def _is_undecided(answer: Answer | Collection[object]) -> bool:
    """Return whether an answer is maybe, several relations, or a least and a most."""
    if isinstance(answer, Answer):
        return answer is Answer.MAYBE
    return len(set(answer)) > 1


class WatchedDate(Edtf):
    """A date that answers for some of its days, and reports undecided questions.

    A question with the same answer on all days left is answered. Any other question,
    and any access to the days themselves, is reported: then the days must be split.
    Text, hash and equality are those of the original date, since they are what the
    source says and do not depend on the day.

    Args:
        when: The date; not several days.
        on_asked: Called for a question that the days left do not decide, with whether
            fewer days would; they never decide the unknown end of an extent.

    Attributes:
        now: The restricted date that answers at present.
    """

    __slots__ = ("_asked", "_source", "now")

    now: Edtf
    _source: Edtf
    _asked: Callable[[bool], None]

    def __init__(self, when: Edtf, on_asked: Callable[[bool], None]) -> None:
        # `_set()` would assign the attributes that are properties here.
        for name, value in (
            ("_text", when._text),
            ("level", when.level),
            ("_marks", when._marks),
            ("_source", when),
            ("_asked", on_asked),
            ("now", when),
        ):
            object.__setattr__(self, name, value)

    def answer_for(self, when: Edtf) -> None:
        """Answer for these days from now on."""
        object.__setattr__(self, "now", when)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the original date: a state may be stored, a watched date not."""
        return _itself, (self._source,)

    def _notice(self) -> None:
        now = self.now
        if now.earliest_start < now.latest_start:
            self._asked(True)
        elif isinstance(now._shape, Extent) and not _is_known(now._shape.end):
            self._asked(False)

    def _notice_beginning(self) -> None:
        if self.now.earliest_start < self.now.latest_start:
            self._notice()

    @property
    def start(self) -> Edtf | None:
        """The beginning, cut by the end."""
        self._notice_beginning()
        return self.now.start

    @property
    def end(self) -> Edtf | None:
        """The end, cut by the beginning."""
        self._notice()
        return self.now.end

    @property
    def is_extent(self) -> bool:
        """True if it is an extent; no day decides that."""
        return self._source.is_extent

    @property
    def is_several(self) -> bool:
        """True if it is several days; no day decides that."""
        return self._source.is_several

    def sort_key(self) -> tuple[float, float, str]:
        """Return the key of the original date; it decides nothing."""
        return self._source.sort_key()

    def _begin_on_or_after(self, day: float) -> float | None:
        """Return the first day left that is not before *day*."""
        self._notice_beginning()
        return self.now._begin_on_or_after(day)

    def widened(self, policy: Widening) -> Edtf:
        """Return the widened original date; its days are not those of this one."""
        wide = self._source.widened(policy)
        if wide is not self._source:
            self._asked(False)
        return wide

    # Declared, since checkers infer the type of an override each in its own way, and
    # object to a property in place of a slot, which could be written.
    earliest_start: Any = _reported("earliest_start", of_beginning=True)
    latest_start: Any = _reported("latest_start", of_beginning=True)
    first_day: Any = _reported("first_day", of_beginning=True)
    last_day: Any = _reported("last_day")
    _shape: Any = _reported("_shape")
    on_or_before: Any = _answered("on_or_before")
    before: Any = _answered("before")
    after: Any = _answered("after")
    on: Any = _answered("on")
    during: Any = _answered("during")
    same_day_as: Any = _answered("same_day_as")
    started_by: Any = _answered("started_by")
    ended_by: Any = _answered("ended_by")
    active_on: Any = _answered("active_on")
    begins_with: Any = _answered("begins_with")
    allen: Any = _answered("allen")
    overlaps: Any = _answered("overlaps")
    near: Any = _answered("near")
    length: Any = _answered("length")
    days_until: Any = _answered("days_until")


def _is_known(end: Days | Bound) -> bool:
    """Return whether the end of an extent is one day, or open."""
    if isinstance(end, Bound):
        return end is Bound.OPEN
    return end.first == end.last


def _itself(when: Edtf) -> Edtf:
    return when
