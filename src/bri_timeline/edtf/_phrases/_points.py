"""The grammar of one date within a phrase."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from bri_timeline.edtf._phrases._calendar import calendar_date
from bri_timeline.edtf._phrases._dates import Date, Node, Rule
from bri_timeline.edtf._phrases._periods import (
    Period,
    days_between,
    has_part,
    month_of,
    season_of,
)
from bri_timeline.edtf._phrases._rules import Context, Tense, beside, season_beside
from bri_timeline.edtf._phrases._tokens import Words
from bri_timeline.edtf._phrases._units import (
    ago,
    ahead,
    earlier,
    later,
    shifted,
    within_last,
    within_next,
)
from bri_timeline.edtf._phrases._weekdays import (
    week_around,
    weekday_beside,
    weekday_in_week,
    weekday_near,
    weekend_beside,
    weekend_near,
)
from bri_timeline.edtf._phrases._words import (
    ABOUT,
    ADVERBS,
    COUNTS,
    DAY_PARTS,
    MONTHS,
    PARTS,
    SEASONS,
    UNITS,
    WEEKDAYS,
)


__all__ = ["point"]

_MOST = 12
_OFFSETS = {"last": -1, "this": 0, "next": 1}
_BESIDE = {"this past": "past", "this coming": "coming", "coming": "coming"} | {
    word: word for word in _OFFSETS
}
_WEEKEND = "weekend"
_ONE_UNIT = {unit: unit for unit in UNITS.values()}


def point(words: Words, *, inside: str = "", tense: Tense | None = None) -> Node:
    """Read one date.

    Args:
        words: Where to read.
        inside: The preposition before it, if that decides what it means.
        tense: Of the verb.
    """
    if words.takes(*ABOUT):
        return _about(words)
    start = words.place
    the = words.takes("the") is not None
    node: Node | None = _adverb(words) or _counted(words, inside, tense)
    if node is None:
        node = _window(words, inside, the=the) or _portion(words) or _relative(words)
    if node is None:
        node = _week_of(words) or _weekday(words) or calendar_date(words)
    if node is None:
        words.place = start if the and not words.peek() else words.place
        words.fail()
    return node


def _about(words: Words) -> Date:
    at = words.place
    words.takes("the")
    node = calendar_date(words)
    if not isinstance(node, Date) or node.season is not None:
        words.fail("only a year, month or day can be approximate", at=at)
    return node._replace(about=True)


# --- words and counts ---------------------------------------------------------


def _adverb(words: Words) -> Rule | None:
    """Read "yesterday" and the like, and the part of that day."""
    found = words.choice(ADVERBS)
    if found is None:
        return None
    first, last, whole = found
    exact = words.takes(*DAY_PARTS) is None and whole

    def read(context: Context) -> list[Period]:
        period = days_between(context.day + first, context.day + last)
        return [period if exact else period.vague]

    return Rule(read, "day")


def _counted(words: Words, inside: str, tense: Tense | None) -> Rule | None:
    """Read "two weeks ago" or "two weeks from now"."""
    at = words.place
    count = _count(words)
    unit = words.choice(UNITS) if count is not None else None
    if count is None or unit is None:
        words.place = at
        return None
    if words.takes("ago"):
        return Rule(partial(ago, unit, count))
    if words.takes("from now", "hence"):
        return Rule(partial(ahead, unit, count))
    if inside != "in" or not (words.takes("time") or tense == "future"):
        problem = "it may say how long: write 'ago' or 'from now', or set the tense"
        words.fail(problem, at=None if words.peek() else at)
    return Rule(partial(ahead, unit, count))


def _count(words: Words) -> int | None:
    """Read a number of units, as exact as it is taken to be."""
    at = words.place
    count = words.choice(COUNTS) or words.number(1, sys.maxsize)
    if count is not None and count > _MOST and words.peek() in UNITS:
        words.fail(
            f"above {_MOST} a number may be rounded: give the date itself", at=at
        )
    return count


def _window(words: Words, inside: str, *, the: bool) -> Rule | None:
    """Read "the last two weeks" behind "in", "within" or "during"."""
    at = words.place
    word = words.takes("last", "past", "next", "coming")
    count = _count(words) if word is not None else None
    units = UNITS if count is not None else _ONE_UNIT if the else {}
    unit = words.choice(units)
    if word is None or unit is None:
        words.place = at
        return None
    if inside not in ("in", "within", "during"):
        problem = "it may say how long: write 'in the ...' if something happened in it"
        words.fail(problem, at=at)
    window = within_last if word in ("last", "past") else within_next
    return Rule(partial(window, unit, count or 1))


# --- parts, and "last", "this", "next" ----------------------------------------------


def _portion(words: Words) -> Node | None:
    """Read "early 2019" or "the second half of last year"."""
    at = words.place
    part = words.choice(PARTS)
    if part is None:
        return None
    words.takes("the")
    node = _relative(words) or _weekday(words) or calendar_date(words)
    if node is None:
        words.fail()
    if isinstance(node, Date) and node.month is None and node.day is not None:
        words.fail(at=at)
    if not has_part(node.kind, part):
        words.fail(f"a {node.kind} has no part of that name", at=at)
    return node.part(part)


def _relative(words: Words) -> Node | None:
    """Read "last week", "this Thursday", "next August", "earlier this year"."""
    at = words.place
    word = words.takes("earlier this", "later this")
    if word is not None:
        unit = words.choice({name: name for name in ("week", "month", "year")})
        if unit is None:
            words.fail("expected 'week', 'month' or 'year'", at=words.place)
        return Rule(partial(earlier if word[0] == "e" else later, unit))
    word = words.choice(_BESIDE)
    if word is None:
        return None
    node = _unit_beside(words, word) or _named_beside(words, word)
    if node is None:
        words.fail(at=at)
    return node


def _unit_beside(words: Words, word: str) -> Node | None:
    if word in _OFFSETS:
        if words.takes("year"):
            return Date(offset=_OFFSETS[word])
        unit = words.takes("week", "month")
        if unit is not None:
            return Rule(partial(shifted, unit, _OFFSETS[word]), unit)
    if words.takes(_WEEKEND):
        return Rule(partial(weekend_beside, word), _WEEKEND)
    return None


def _named_beside(words: Words, word: str) -> Rule | None:
    weekday = words.choice(WEEKDAYS)
    if weekday is not None:
        part = words.takes(*DAY_PARTS)
        day = Rule(partial(weekday_beside, weekday, word), "day")
        return day if part is None else day.part("within")
    month = words.choice(MONTHS)
    if month is not None:
        return Rule(partial(beside, partial(_in_year, month_of, month), word), "month")
    season = words.choice(SEASONS)
    if season is None:
        return None
    occurrence = partial(_in_year, season_of, season)
    return Rule(partial(season_beside, occurrence, word), "season")


def _in_year(of: Callable[[int, int], Period], number: int, year: int) -> Period:
    return of(year, number)


def _weekday(words: Words) -> Node | None:
    """Read "Thursday", "Thursday, April 25", "Thursday last week"; a weekend too."""
    if words.takes(_WEEKEND):
        return Rule(weekend_near, _WEEKEND)
    weekday = words.choice(WEEKDAYS)
    if weekday is None:
        return None
    part = words.takes(*DAY_PARTS)
    node = _behind_weekday(words, weekday)
    return node if part is None else node.part("within")


def _behind_weekday(words: Words, weekday: int) -> Node:
    """Read what follows the name of a weekday, and tells which one it is."""
    at = words.place
    words.takes(",")
    words.takes("the")
    if words.peek() in MONTHS or words.peek().isdecimal():
        return _on_weekday(words, weekday)
    words.place = at
    words.takes("of")
    week = words.choice({"last week": -1, "this week": 0, "next week": 1})
    if week is None:
        words.place = at
        return Rule(partial(weekday_near, weekday), "day")
    return Rule(partial(weekday_in_week, weekday, week), "day")


def _week_of(words: Words) -> Rule | None:
    """Read "the week of April 22"."""
    if not words.takes("week of"):
        return None
    words.takes("the")
    at = words.place
    node = calendar_date(words)
    if not isinstance(node, Date) or node.day is None or node.month is None:
        words.fail("expected the day of which it is the week", at=at)

    def read(context: Context) -> list[Period]:
        days = node.read(context)
        return [week for day in days for week in week_around(day, context)]

    return Rule(read, "week")


def _on_weekday(words: Words, weekday: int) -> Date:
    at = words.place
    node = calendar_date(words)
    if not isinstance(node, Date) or node.day is None or node.month is None:
        words.fail("expected the day and month of that weekday", at=at)
    date = node._replace(weekday=weekday)
    if date.year is not None and date.in_year(date.year) is None:
        words.fail("that day was not that weekday: find out which is wrong", at=at)
    return date
