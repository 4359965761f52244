"""The grammar of one date within a phrase."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from bri_timeline._calendar import civil
from bri_timeline.phrases._dates import CalendarDate, DateRule, Node, calendar_date
from bri_timeline.phrases._periods import (
    PhrasePeriod,
    days_between,
    has_part,
    month_of,
    season_of,
)
from bri_timeline.phrases._rules import (
    AGO,
    AHEAD,
    Context,
    Tense,
    away,
    beside,
    earlier,
    later,
    night_near,
    season_beside,
    shifted,
    this_decade,
    week_around,
    weekday_beside,
    weekday_in_week,
    weekday_near,
    weekend_beside,
    weekend_near,
    within_last,
    within_next,
)
from bri_timeline.phrases._words import (
    ABOUT,
    ADVERBS,
    COUNTS,
    DAY_PARTS,
    HALVES_OF_DAYS,
    MONTHS,
    NEARLY,
    NUMBERED_PARTS,
    PARTS,
    PLACES,
    SEASONS,
    UNITS,
    WEEKDAYS,
    Words,
)


_MOST = 12
# Hours up to three days are taken as exact, other numbers up to twelve.
_MOST_HOURS = 72
_OFFSETS = {"last": -1, "this": 0, "next": 1}
_BESIDE = {"this past": "past", "this coming": "coming", "coming": "coming"} | {
    word: word for word in _OFFSETS
}
_WEEKEND = "weekend"
_ONE_UNIT = {unit: (unit, 1) for unit, _ in UNITS.values()}
_WITHIN = ("in", "within", "during", "over")
_PARTLY = ("earlier on", "later on", "earlier", "later", "early", "late")
_FURTHER = {
    f"{unit} {word}": (unit, offset)
    for unit in ("week", "month", "quarter", "year")
    for word, offset in (("before last", -2), ("after next", 2))
}
_SOME_DAYS = {
    f"{word} days of": f"some {place}"
    for word, place in (("first", 1), ("last", -1), ("final", -1))
}
_DAYS_PART = {f"{word} of": part for word, part in DAY_PARTS.items()}
_PARTS_OF_DATES = {unit: unit for unit in ("day", "week", "month")}
_PLURAL_PARTS = {f"{unit}s": unit for unit in _PARTS_OF_DATES}


def point(
    words: Words, *, inside: str | None = None, tense: Tense | None = None
) -> Node:
    """Read one date.

    Args:
        words: Where to read.
        inside: The preposition before it, or nothing; None if another word relates it
            to what happened.
        tense: Of the verb.
    """
    if words.takes(*ABOUT):
        return _roughly(words, in_full=True) or doubtful(words, "~")
    if words.takes(*NEARLY):
        return _roughly(words, in_full=False) or words.fail()
    start = words.place
    if clock(words):
        words.takes("on")
    is_timed = words.place > start
    at = words.place
    the = words.takes("the") is not None
    # More specific forms come first: "last night" begins like "last week".
    node: Node | None = _adverb(words) or _counted(words, inside, tense)
    if node is None:
        node = _nth(words) or _window(words, inside, the=the) or _day_part_of(words)
    if node is None:
        node = _portion(words, inside, tense) or _relative(words)
    if node is None:
        node = _week_of(words) or _weekday(words) or calendar_date(words)
    if node is None:
        # With nothing after "the", the error is at "the", not at the end.
        words.place = at if the and not words.peek() else words.place
        words.fail()
    if not is_timed and not _timed(words):
        return node
    if node.kind != "day":
        words.fail("a time needs the day that it is on", at=at)
    # The event took a part of the day, so the ends of the day are not its own.
    return node.part("within")


def doubtful(words: Words, mark: str) -> CalendarDate:
    """Read a date that is uncertain or approximate, with the *mark* of EDTF."""
    at = words.place
    words.takes("the")
    node = calendar_date(words)
    if not isinstance(node, CalendarDate) or node.season is not None or node.portion:
        kind = "uncertain" if mark == "?" else "approximate"
        words.fail(f"only a year, month or day can be {kind}", at=at)
    return node._replace(doubt=mark)


def _roughly(words: Words, *, in_full: bool) -> DateRule | None:
    """Read "two weeks ago" behind "about" or "nearly"; days and hours have no play."""
    at = words.place
    amount = _amount(words)
    side = None if amount is None else _side(words)
    if amount is None or side is None:
        words.place = at
        return None
    if amount[0] in ("day", "hour"):
        words.fail("how far off that may be is not known: give the day", at=at)
    return DateRule(partial(away, *amount, side, in_full=in_full))


def clock(words: Words) -> bool:
    """Step over a time, such as "at 6 p.m." or "10:30", if one comes next.

    Midnight is not read: it may belong to either day.
    """
    at = words.place
    words.takes("at")
    if words.takes("noon"):
        return True
    hour, is_clock = words.number(0, 23), False
    if hour is not None and words.takes(":"):
        is_clock = len(words.peek()) == 2 and words.number(0, 59) is not None
    # "6" alone is a day of a month; only a half of the day makes it a time.
    if hour is not None and 0 < hour <= 12 and (is_clock or words.peek() != ":"):
        half = words.takes(*HALVES_OF_DAYS)
        is_clock = is_clock if half is None else (hour, half[0]) != (12, "a")
    if not is_clock:
        words.place = at
    return is_clock


def _timed(words: Words) -> bool:
    """Step over a time behind a day."""
    place = words.place
    words.takes(",")
    is_timed = words.peek() == "at" and clock(words)
    if not is_timed:
        words.place = place
    return is_timed


# --- words and counts ---------------------------------------------------------


def _adverb(words: Words) -> Node | None:
    """Read "yesterday" and the like, and the part of that day."""
    if words.takes("overnight"):
        return DateRule(night_near)
    at = words.place
    is_part = words.takes(*_PARTLY) is not None
    adverb = words.choice(ADVERBS)
    if adverb is None:
        weekday = _weekday(words) if is_part else None
        if weekday is not None and weekday.kind == "day":
            return weekday.part("within")
        words.place = at
        return None
    first, last, is_whole = adverb
    is_whole = is_whole and not is_part
    part = words.choice(DAY_PARTS)

    def read(context: Context) -> list[PhrasePeriod]:
        period = days_between(context.day + first, context.day + last)
        return [period if is_whole else period.vague]

    day = DateRule(read, "day")
    return day if part is None else day.part(part)


def _counted(words: Words, inside: str | None, tense: Tense | None) -> DateRule | None:
    """Read "two weeks ago" or "two weeks from now"."""
    at = words.place
    amount = _amount(words)
    if amount is None:
        return None
    side = _side(words)
    if side is None:
        # "In two weeks" may say how long something took, unless it is to come.
        if inside == "within" and tense == "future":
            return DateRule(partial(within_next, *amount), "window")
        if inside != "in" or not (words.takes("time") or tense == "future"):
            problem = "it may say how long: write 'ago' or 'from now'"
            if tense is None:
                problem += ", or set the tense"
            words.fail(problem, at=None if words.peek() else at)
        side = AHEAD
    return DateRule(partial(away, *amount, side))


def compared(words: Words, rule: Callable[..., list[PhrasePeriod]]) -> DateRule:
    """Read "two weeks ago" behind "more than" or "less than".

    Args:
        words: Where to read.
        rule: `beyond` or `short_of`.
    """
    amount = _amount(words)
    side = None if amount is None else _side(words)
    if amount is None or side is None:
        words.fail("expected such as 'two weeks ago'", at=words.place)
    return DateRule(partial(rule, *amount, side))


def _side(words: Words) -> int | None:
    if words.takes("ago"):
        return AGO
    return AHEAD if words.takes("from now", "hence") else None


def _amount(words: Words) -> tuple[str, int] | None:
    """Read a number of units; a number that may be rounded is refused."""
    at = words.place
    count = words.choice(COUNTS) or words.number(1, sys.maxsize)
    measure = words.choice(UNITS) if count is not None else None
    if count is None or measure is None:
        words.place = at
        return None
    unit, each = measure
    most = _MOST_HOURS if unit == "hour" else _MOST
    if count > most:
        words.fail(f"above {most} a number may be rounded: give the date itself", at=at)
    return unit, count * each


def _window(words: Words, inside: str | None, *, the: bool) -> DateRule | None:
    """Read "the last two weeks", "this past week"."""
    at = words.place
    word = words.takes("last", "past", "this past", "next", "coming")
    amount = count = _amount(words) if word is not None else None
    if word is not None and amount is None and (the or word == "this past"):
        amount = words.choice(_ONE_UNIT)
    if amount is None:
        words.place = at
        return None
    # Without a preposition, "the last week" may be the last of something else.
    is_past = word in ("past", "this past") or (word == "last" and count is not None)
    if inside not in _WITHIN and (inside is None or inside or not is_past):
        problem = "it may say how long: write 'in the ...' if something happened in it"
        words.fail(problem, at=at)
    window = within_next if word in ("next", "coming") else within_last
    return DateRule(partial(window, *amount), "window")


# --- parts, and "last", "this", "next" ----------------------------------------------


def _nth(words: Words) -> Node | None:
    """Read "the first week of May", "the last two months of 2018"."""
    at = words.place
    some = words.choice(_SOME_DAYS)
    if some is not None:
        words.takes("the")
        return _part(words, _relative(words) or calendar_date(words), some, at)
    place = words.choice(PLACES)
    count = words.choice(COUNTS) or words.number(1, _MOST) if place in (1, -1) else None
    unit = words.choice(_PARTS_OF_DATES if count is None else _PLURAL_PARTS)
    if place is None or unit is None or not words.takes("of"):
        words.place = at
        return None
    count = count or 1
    low = place if place > 0 else -count
    words.takes("the")
    node = _relative(words) or calendar_date(words)
    return _part(words, node, f"{unit} {low} {low + count - 1}", at)


def _portion(words: Words, inside: str | None, tense: Tense | None) -> Node | None:
    """Read "early 2019" or "the second half of last year"."""
    at = words.place
    part = words.choice(PARTS)
    if part is None:
        return None
    is_alone = words.peek(-1) != "of"
    node: Node | None = None
    # "By the end of the month" is of this month; without "by" it may be another.
    is_this = tense == "future" or (tense, part) == ("past", "beginning")
    if words.takes("the"):
        is_alone = False
        if part != "within" and (inside in ("by", "since") or is_this):
            node = _relative(words) or _unit_of_now(words)
    if node is None:
        node = _relative(words) or _weekday(words) or calendar_date(words)
    # "The third quarter" is that of a year near by, as "in August" is.
    if node is None and is_alone and part.startswith("quarter"):
        node = CalendarDate()
    return _part(words, node, part, at)


def _part(words: Words, node: Node | None, part: str, at: int) -> Node:
    """Return a part of a date, if it has that."""
    if node is None:
        words.fail()
    # A day without a month has no parts yet.
    if isinstance(node, CalendarDate) and node.month is None and node.day is not None:
        words.fail(at=at)
    if not has_part(node.kind, part):
        words.fail(f"a {node.kind} has no part of that name", at=at)
    return node.part(part)


def _relative(words: Words) -> Node | None:
    """Read "last week", "this Thursday", "next August", "earlier this year".

    "The next week" follows another date, and "the last quarter" may be the fourth.
    """
    at = words.place
    if words.peek(-1) == "the" and words.peek() in ("last", "next"):
        words.fail("it may count from another date: leave out 'the'", at=at - 1)
    word = words.takes("earlier this", "later this")
    if word is not None:
        unit = words.choice({name: name for name in ("week", "month", "year")})
        if unit is None:
            words.fail("expected 'week', 'month' or 'year'", at=words.place)
        return DateRule(partial(earlier if word[0] == "e" else later, unit))
    further = words.choice(_FURTHER)
    if further is not None:
        return _unit_away(*further)
    if words.takes("current"):
        return _unit_beside(words, "this") or words.fail()
    word = words.choice(_BESIDE)
    if word is None:
        return None
    node = _unit_beside(words, word) or _named_beside(words, word)
    if node is None:
        words.fail(at=at)
    return node


def _unit_beside(words: Words, word: str) -> Node | None:
    if word in _OFFSETS:
        if words.takes("year's"):
            return _of_year(words, _OFFSETS[word])
        unit = words.takes("week", "month", "quarter", "year")
        if unit is not None:
            return _unit_away(unit, _OFFSETS[word])
    if words.takes(_WEEKEND):
        return DateRule(partial(weekend_beside, word), _WEEKEND)
    return None


def _of_year(words: Words, offset: int) -> CalendarDate:
    """Read "third quarter" or "August" behind "last year's"."""
    part = words.choice(NUMBERED_PARTS)
    if part is not None:
        return CalendarDate(offset=offset, portion=part)
    node = calendar_date(words)
    if not isinstance(node, CalendarDate) or not (node.is_floating and node.recurs):
        words.fail("expected a quarter, a month or a season")
    return node._replace(offset=offset)


def _unit_away(unit: str, offset: int) -> Node:
    if unit == "year":
        return CalendarDate(offset=offset)
    return DateRule(partial(shifted, unit, offset), unit)


def _unit_of_now(words: Words) -> Node | None:
    if words.takes("decade"):
        return DateRule(this_decade, "decade")
    return _unit_beside(words, "this")


def _named_beside(words: Words, word: str) -> DateRule | None:
    weekday = words.choice(WEEKDAYS)
    if weekday is not None:
        part = words.choice(DAY_PARTS)
        day = DateRule(partial(weekday_beside, weekday, word), "day")
        return day if part is None else day.part(part)
    month = words.choice(MONTHS)
    if month is not None:
        return DateRule(
            partial(beside, partial(_in_year, month_of, month), word), "month"
        )
    season = words.choice(SEASONS)
    if season is None:
        return None
    occurrence = partial(_in_year, season_of, season)
    return DateRule(partial(season_beside, occurrence, word), "season")


def _in_year(
    of: Callable[[int, int], PhrasePeriod], number: int, year: int
) -> PhrasePeriod:
    return of(year, number)


def _day_part_of(words: Words) -> Node | None:
    """Read "the morning of 25 April", "the night of 24 to 25 April"."""
    at = words.place
    part = words.choice(_DAYS_PART)
    if part is None:
        return None
    words.takes("the")
    day = _weekday(words) or calendar_date(words)
    if part == "night" and isinstance(day, CalendarDate) and words.takes("to", "-"):
        return _night_between(words, day)
    if day is None or day.kind != "day" or words.peek() in ("to", "-"):
        words.fail("expected the day that it is of", at=at)
    return _part(words, day, part, at)


def _night_between(words: Words, day: CalendarDate) -> DateRule:
    """Read the second of the two days to which a night belongs."""
    at = words.place
    second = calendar_date(words)
    is_day = isinstance(second, CalendarDate) and second.day is not None
    if not isinstance(second, CalendarDate) or not is_day or not day.is_floating:
        words.fail("expected the day after, and the year behind it", at=at)
    morning = second._replace(month=second.month or day.month)
    if morning.month is None:
        words.fail("a day without a month: say which month", at=at)

    def read(context: Context) -> list[PhrasePeriod]:
        nights = [
            (civil(int(period.first) - 1), period) for period in morning.read(context)
        ]
        return [
            days_between(period.first - 1, period.first).vague
            for (_, month, number), period in nights
            if number == day.day and day.month in (None, month)
        ]

    return DateRule(read)


def _weekday(words: Words) -> Node | None:
    """Read "Thursday", "Thursday, April 25", "Thursday last week"; a weekend too."""
    if words.takes(_WEEKEND):
        return DateRule(weekend_near, _WEEKEND)
    weekday = words.choice(WEEKDAYS)
    if weekday is None:
        return None
    part = words.choice(DAY_PARTS)
    node = _behind_weekday(words, weekday)
    return node if part is None else node.part(part)


def _behind_weekday(words: Words, weekday: int) -> Node:
    """Read the words behind the name of a weekday that decide which one it is."""
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
        return DateRule(partial(weekday_near, weekday), "day")
    return DateRule(partial(weekday_in_week, weekday, week), "day")


def _week_of(words: Words) -> DateRule | None:
    """Read "the week of April 22"."""
    if not words.takes("week of"):
        return None
    words.takes("the")
    at = words.place
    node = calendar_date(words)
    if not isinstance(node, CalendarDate) or node.day is None or node.month is None:
        words.fail("expected the day of which it is the week", at=at)

    def read(context: Context) -> list[PhrasePeriod]:
        days = node.read(context)
        return [week for day in days for week in week_around(day, context)]

    return DateRule(read, "week")


def _on_weekday(words: Words, weekday: int) -> CalendarDate:
    at = words.place
    node = calendar_date(words)
    if not isinstance(node, CalendarDate) or node.day is None or node.month is None:
        words.fail("expected the day and month of that weekday", at=at)
    date = node._replace(weekday=weekday)
    if date.year is not None and date.in_year(date.year) is None:
        words.fail("that day was not that weekday: find out which is wrong", at=at)
    return date
