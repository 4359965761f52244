"""What holds of every phrase, and a small oracle for those that count from a day.

The oracle is written from the rules that `from_phrase()` documents, with nothing of the
library but its answers.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bri_timeline import Edtf
from bri_timeline.edtf import in_words
from bri_timeline.errors import EdtfError, PhraseError
from bri_timeline.phrases import dates_in, from_phrase
from bri_timeline.testing import edtfs


Range = tuple[float, float]

PUBLISHED = st.dates(date(2018, 1, 1), date(2020, 12, 31))
TENSES = st.sampled_from([None, "past", "future"])
STARTS = st.sampled_from([None, "monday", "sunday"])
COUNTS = ("a", "two", "3", "four", "six", "12")
UNITS = ("day", "week", "fortnight", "month", "year", "decade", "hour")
WEEKDAYS = ("Monday", "Thursday", "Saturday", "Sunday")
MONTHS = tuple(calendar.month_name[1:])
SEASONS = ("spring", "summer", "autumn", "winter")
NAMED = ("week", "month", "quarter", "year", "weekend", *WEEKDAYS, *MONTHS, *SEASONS)
PARTS = ("early", "mid", "late", "the beginning of", "the end of", "the first half of")
PLACES = ("the first", "the second", "the last", "the last two", "the first three")
PHRASES_OF_DAYS = (
    *("yesterday", "today", "tomorrow", "tonight", "last night", "this morning"),
    *("yesterday evening", "tomorrow night", "overnight", "the day before yesterday"),
    *("over the weekend", "Christmas", "New Year's Day", "earlier today"),
)


def _words(*choices: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.tuples(*map(st.sampled_from, choices)).map(" ".join)


AGO = st.one_of(
    _words(COUNTS, tuple(f"{unit}s ago" for unit in UNITS)),
    _words(("more than", "less than"), COUNTS, tuple(f"{unit}s ago" for unit in UNITS)),
)
AHEAD = _words(COUNTS, tuple(f"{unit}s from now" for unit in UNITS))
PAST = st.one_of(
    AGO,
    _words(("last", "this past"), NAMED),
    _words(("last", "this past"), WEEKDAYS, ("night", "evening")),
    _words(WEEKDAYS, ("last week", "night last week")),
    _words(PARTS, ("last month", "last year", "last week", "last August")),
    _words(MONTHS, ("last year",)),
    _words(("nearly", "about"), COUNTS, ("weeks ago", "months ago", "decades ago")),
    _words(("the",), ("week", "month", "quarter", "year"), ("before last",)),
    _words(("in the past", "in the last", "the past"), COUNTS, ("weeks", "years")),
    _words(("in the past", "the past"), ("week", "month", "year", "decade")),
    _words(("earlier this",), ("week", "month", "year")),
    _words(("as early as",), (*MONTHS, *WEEKDAYS, "2018", "this year", "tomorrow")),
    st.sampled_from(["yesterday", "last night", "yesterday night"]),
)
TO_COME = st.one_of(
    AHEAD,
    _words(("next", "this coming", "coming"), NAMED),
    _words(WEEKDAYS, ("next week", "night next week")),
    _words(("nearly", "about"), COUNTS, ("weeks from now", "years from now")),
    _words(("the",), ("week", "month", "quarter", "year"), ("after next",)),
    _words(PARTS, ("next month", "next year", "next week")),
    _words(("in the next", "the coming"), COUNTS, ("weeks", "years")),
    _words(("later this",), ("week", "month", "year")),
    st.sampled_from(["tomorrow", "tomorrow night", "tonight"]),
)
ANY_DAY = st.integers(1, 28)
CALENDAR = st.one_of(
    st.sampled_from(["2018", "in 2019", "2020", "the 2010s", "the 2000s"]),
    _words((*MONTHS, *SEASONS), ("2018", "2019", "last year", "this year", "")),
    st.tuples(st.sampled_from(MONTHS), ANY_DAY).map("{0[0]} {0[1]}".format),
    st.tuples(st.sampled_from(MONTHS), ANY_DAY).map("{0[0]} {0[1]}, 2019".format),
    st.tuples(st.sampled_from(MONTHS), ANY_DAY).map("the week of {0[0]} {0[1]}".format),
    _words(("Q1", "3Q", "H2", "the 20th century"), ("2018", "2019", "")),
    _words(("at Christmas", "New Year's Eve"), ("2018", "2019", "")),
    _words(("the",), ("first", "second", "third", "fourth"), ("quarter",)),
    st.sampled_from(["the night of 24 to 25 April", "the last days of 2018"]),
    st.sampled_from(["winter 2018/2019", "mid-2018", "April 24, 2019 at 10:00"]),
)
PLAIN = st.one_of(
    PAST,
    TO_COME,
    CALENDAR,
    _words(WEEKDAYS, ("", "night", "morning")),
    _words(("this",), NAMED),
    st.sampled_from(PHRASES_OF_DAYS),
)
POINTS = st.one_of(
    PLAIN,
    st.tuples(st.sampled_from(PARTS), CALENDAR).map(" ".join),
    st.tuples(_words(PLACES, ("weeks of", "days of", "months of")), CALENDAR).map(
        " ".join
    ),
    st.tuples(st.sampled_from(["6 p.m. on", "10:30 on"]), PLAIN).map(" ".join),
)
SINGLE = ("by", "before", "after", "since", "until", "from", "on or after", "in")
PHRASES = st.one_of(
    POINTS,
    st.tuples(st.sampled_from(SINGLE), POINTS).map(" ".join),
    st.tuples(POINTS, st.sampled_from([" or ", " and ", " to "]), POINTS).map("".join),
    st.tuples(POINTS, POINTS).map("between {0[0]} and {0[1]}".format),
    _words(("by the end of the", "since the beginning of the"), ("week", "month")),
)


def _read(phrase: str, **how: object) -> Edtf | None:
    try:
        return from_phrase(phrase, **how).when
    except PhraseError:
        return None


def _bounds(when: Edtf) -> Range:
    first = -math.inf if when.first_day is None else when.first_day
    return first, math.inf if when.last_day is None else when.last_day


# --- before and after publication ---------------------------------------------------


@given(PAST, PUBLISHED, TENSES, STARTS)
@example("a month ago", date(2019, 1, 1), None, None)
@example("last Sunday night", date(2019, 4, 29), None, None)
@example("as early as this year", date(2019, 5, 1), None, None)
def test_what_is_past_by_its_words_does_not_lie_after_publication(
    phrase: str, published: date, tense: str | None, starts: str | None
) -> None:
    """Words such as "ago" and "last" end with the day of publication."""
    when = _read(phrase, published=published, tense=tense, week_starts=starts)
    assume(when is not None)

    assert _bounds(when)[1] <= published.toordinal()


@given(TO_COME, PUBLISHED, TENSES, STARTS)
@example("a month from now", date(2019, 5, 20), None, None)
@example("next winter", date(2018, 12, 2), None, None)
def test_what_is_to_come_by_its_words_does_not_lie_before_publication(
    phrase: str, published: date, tense: str | None, starts: str | None
) -> None:
    """Words such as "next" and "from now" begin with the day of publication."""
    when = _read(phrase, published=published, tense=tense, week_starts=starts)
    assume(when is not None)

    assert published.toordinal() <= _bounds(when)[0]


@given(PHRASES, PUBLISHED, st.integers(1, 400), TENSES)
@example("summer or winter", date(2019, 11, 16), 100, None)
@example("Monday this week or June 21", date(2019, 9, 20), 2, "future")
@example("since earlier this month", date(2018, 2, 21), 7, None)
@example("from Friday to Sunday", date(2019, 5, 1), 2, None)
@example("starting on Thursday", date(2019, 4, 25), 1, None)
def test_a_phrase_published_later_lies_no_earlier(
    phrase: str, published: date, later: int, tense: str | None
) -> None:
    """Neither bound of a date moves back when the publication moves on."""
    early = _read(phrase, published=published, tense=tense)
    late = _read(phrase, published=published + timedelta(later), tense=tense)
    assume(early is not None and late is not None)

    assert _bounds(early)[0] <= _bounds(late)[0]
    assert _bounds(early)[1] <= _bounds(late)[1]


# --- before, after, until -----------------------------------------------------------


@given(POINTS, PUBLISHED, TENSES, STARTS)
@example("spring 2018", date(2019, 5, 1), None, None)
@example("the end of 2018", date(2019, 5, 1), None, None)
@example("August", date(2019, 5, 1), "past", None)
def test_before_and_after_exclude_the_date_that_follows(
    point: str, published: date, tense: str | None, starts: str | None
) -> None:
    """A date before or after another shares no day with it, unless it has an end."""
    how = {"published": published, "tense": tense, "week_starts": starts}
    when = _read(point, **how)
    before, after = _read(f"before {point}", **how), _read(f"after {point}", **how)
    assume(when is not None and (before is not None or after is not None))

    # "Before the end of" a date is up to that end.
    by = _read(f"by {point}", **how) if point.startswith("the end of") else None
    assert before in (None, by) or _bounds(before)[1] < _bounds(when)[0]
    assert after is None or _bounds(after)[0] > _bounds(when)[1]


@given(POINTS, PUBLISHED, TENSES, STARTS)
@example("Friday", date(2019, 5, 1), None, None)
@example("Friday", date(2019, 5, 1), "future", None)
@example("late March 2019", date(2019, 5, 1), None, None)
@example("the end of 2018", date(2019, 5, 1), None, None)
def test_an_extent_until_a_date_ends_within_it(
    point: str, published: date, tense: str | None, starts: str | None
) -> None:
    """What lasts until a date ends no earlier than it begins, and no later than it."""
    how = {"published": published, "tense": tense, "week_starts": starts}
    when, until = _read(point, **how), _read(f"until {point}", **how)
    assume(when is not None and until is not None)
    end = Edtf(str(until).partition("/")[2])

    assert _bounds(when)[0] <= _bounds(end)[0]
    assert _bounds(end)[1] <= _bounds(when)[1]


# --- words and back -----------------------------------------------------------------

_YEARS = ("2015", "2016", "1999", "201X", "19XX", "2000", "-0044", "0045", "Y17000")
_RESTS = ("", "-04", "-12", "-04-24", "-12-31", "-XX", "-XX-XX", "-04-XX", "-XX-24")
_CODES = tuple(f"-{code}" for code in range(21, 42))
ONE = st.tuples(
    st.sampled_from(_YEARS),
    st.sampled_from([*_RESTS, *_CODES]),
    st.sampled_from(["", "", "", "?", "~", "%"]),
).map("".join)
RANGE = st.one_of(ONE, st.tuples(ONE, ONE).map("..".join))
END = st.one_of(ONE, st.sampled_from(["", ".."]))
TEXTS = st.one_of(
    ONE,
    st.tuples(END, END).map("/".join),
    st.tuples(ONE, ONE).map("[{0[0]}..{0[1]}]".format),
    ONE.map("[..{}]".format),
    ONE.map("[{}..]".format),
    ONE.map("{{{}..}}".format),
    st.lists(RANGE, min_size=1, max_size=3).map(",".join).map("[{}]".format),
    st.lists(RANGE, min_size=1, max_size=3).map(",".join).map("{{{}}}".format),
    ONE.map("{}T10:00:00Z".format),
)


@st.composite
def imprecise(draw: st.DrawFn) -> Edtf:
    """Draw a date of any level and shape."""
    text = draw(TEXTS)
    try:
        return Edtf(text)
    except EdtfError:
        return draw(edtfs())


@given(st.one_of(imprecise(), edtfs()), st.one_of(st.none(), PUBLISHED))
@example(Edtf("../2016"), None)
@example(Edtf("2015-24"), None)
@example(Edtf("2015-XX-XX"), None)
@example(Edtf("[2015..2016-04]"), None)
@example(Edtf("[..2015-21]"), None)
@example(Edtf("[2015-23..2015-11-17]"), None)
@example(Edtf("[2015,2015-04]"), None)
@example(Edtf("{2015}"), None)
@example(Edtf("[2016-04~..2016]"), None)
def test_in_words_is_read_back_as_the_same_date_or_refused(
    when: Edtf, published: date | None
) -> None:
    """No wording of a date is read as another date."""
    assert _read(in_words(when), published=published) in (when, None)


# --- in a text ---------------------------------------------------------------------


@given(POINTS, PUBLISHED, TENSES)
@example("the night of 24 to 25 April", date(2019, 5, 1), None)
def test_a_phrase_is_found_in_a_text(
    phrase: str, published: date, tense: str | None
) -> None:
    """What is read alone is read within a text too, with the same meaning."""
    when = _read(phrase, published=published, tense=tense)
    assume(when is not None)
    found = dates_in(f"The sides said so: {phrase}; nobody knew.", published=published)

    assert when in [one.when for one in found]


def test_dates_of_a_text_are_each_given_once() -> None:
    """Also with a year from elsewhere, where they have none of their own."""
    text = "On 24 April, on 24 April and in 2015. It may be; the two sides met."
    read = [(one.text, str(one.when)) for one in dates_in(text)]
    assert [("in 2015", "2015")] == read
    read = [(one.text, str(one.when)) for one in dates_in(text, year=2018)]
    expected = [("On 24 April", "2018-04-24"), ("April", "2018-04")]
    assert [*expected, ("in 2015", "2015"), ("may", "2018-05")] == read


# --- numbers in words ---------------------------------------------------------------

_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
    *("seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _spoken(number: int, joint: str) -> str:
    if number < 20:
        return (*_DIGITS, *_TEENS)[number - 1]
    tens, digit = _TENS[number // 10 - 2], number % 10
    return f"{tens}{joint}{_DIGITS[digit - 1]}" if digit else tens


@given(
    st.integers(1600, 2099), st.sampled_from(["-", " "]), st.sampled_from(["", "and "])
)
def test_a_year_is_the_same_in_words_and_in_digits(
    year: int, joint: str, and_: str
) -> None:
    """A year as people speak it is that year."""
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:
        spoken = f"two thousand {and_ + _spoken(rest, joint) if rest else ''}"
    else:
        assume(rest >= 10)
        spoken = f"{_spoken(century, ' ')} {_spoken(rest, joint)}"

    assert _read(spoken) == Edtf(f"{year}")


# --- an oracle ----------------------------------------------------------------------

COUNT_WORDS = {"a": 1, "two": 2, "four": 4, "six": 6}
LENGTHS = {"week": 7, "fortnight": 14}
MONTHS_OF = {"month": 1, "year": 12, "decade": 120}


def _moved(day: date, months: int) -> date:
    """Return the same day of another month, or that month's last."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _month(year: int, month: int) -> tuple[date, date]:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, 1), date(year, month, last)


def _quarter(day: date, off: int) -> tuple[date, date]:
    first = (day.month - 1) // 3 * 3 + 1 + 3 * off
    return _month(day.year, first)[0], _month(day.year, first + 2)[1]


def _weeks(day: date, off: int) -> tuple[date, date]:
    """Return the days of a week, whether it begins on Monday or on Sunday."""
    there = day + timedelta(7 * off)
    monday = there - timedelta(there.weekday())
    sunday = there - timedelta((there.weekday() + 1) % 7)
    return min(monday, sunday), max(monday, sunday) + timedelta(6)


def _counted(day: date, count: int, unit: str) -> tuple[date, date]:
    """Return what a number of units from a day, back if negative, may be."""
    side, size = (1, count) if count > 0 else (-1, -count)
    step = timedelta(side)
    if unit == "day":
        return (day + step * size,) * 2
    if unit == "hour":
        near, far = day + step * (size // 24), day + step * math.ceil(size / 24)
        return min(near, far), max(near, far)
    if unit in LENGTHS:
        size *= LENGTHS[unit] // 7
        there = day + step * 7 * size
        edges = [there - step * 3, there + step * 6, *_weeks(day, side * size)]
    elif unit == "decade":
        there = _moved(day, side * 120 * size)
        edges = [_moved(there, -side * 60)]
        edges += [_moved(day, side * (120 * size + 60)) - step]
        edges += [date(there.year, 1, 1), date(there.year, 12, 31)]
    else:
        months = side * MONTHS_OF[unit]
        there = _moved(day, months * size)
        half = there - 15 * step if unit == "month" else _moved(there, -side * 6)
        in_full = _moved(day, months * (size + 1)) - step
        year = (date(there.year, 1, 1), date(there.year, 12, 31))
        named = _month(there.year, there.month) if unit == "month" else year
        edges = [half, in_full, *named]
    return min(edges), max(edges)


def _first_week_of(month: int, year: int) -> tuple[date, date]:
    """Return the first seven days, and the first whole week of either kind."""
    first = date(year, month, 1)
    starts = [first + timedelta(n) for n in range(7)]
    whole = max(day for day in starts if day.weekday() in (0, 6))
    return first, whole + timedelta(6)


ORACLE: dict[str, Callable[[date, int, str], tuple[date, date]]] = {
    "{count} {unit}s ago": lambda day, n, unit: _counted(day, -n, unit),
    "{count} {unit}s from now": lambda day, n, unit: _counted(day, n, unit),
    "less than {count} {unit}s ago": lambda day, n, unit: (
        _exactly(day, -n, unit)[0],
        day,
    ),
    "yesterday": lambda day, *_: (day - timedelta(1),) * 2,
    "tomorrow": lambda day, *_: (day + timedelta(1),) * 2,
    "last night": lambda day, *_: (day - timedelta(1), day),
    "tonight": lambda day, *_: (day, day + timedelta(1)),
    "overnight": lambda day, *_: (day - timedelta(1), day + timedelta(1)),
    "last week": lambda day, *_: _weeks(day, -1),
    "this week": lambda day, *_: _weeks(day, 0),
    "next week": lambda day, *_: _weeks(day, 1),
    "last month": lambda day, *_: _month(day.year, day.month - 1),
    "next month": lambda day, *_: _month(day.year, day.month + 1),
    "last quarter": lambda day, *_: _quarter(day, -1),
    "next quarter": lambda day, *_: _quarter(day, 1),
    "the week before last": lambda day, *_: _weeks(day, -2),
    "the week after next": lambda day, *_: _weeks(day, 2),
    "the month before last": lambda day, *_: _month(day.year, day.month - 2),
    "the quarter after next": lambda day, *_: _quarter(day, 2),
    "nearly {count} weeks ago": lambda day, n, _: _nearly(day, -n, "week"),
    "nearly {count} months ago": lambda day, n, _: _nearly(day, -n, "month"),
    "nearly {count} years from now": lambda day, n, _: _nearly(day, n, "year"),
    "last year": lambda day, *_: (date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)),
    "the end of last year": lambda day, *_: (
        date(day.year - 1, 10, 1),
        date(day.year - 1, 12, 31),
    ),
    "the beginning of next year": lambda day, *_: (
        date(day.year + 1, 1, 1),
        date(day.year + 1, 3, 31),
    ),
    "earlier this month": lambda day, *_: (day.replace(day=1), day),
    "later this year": lambda day, *_: (day, date(day.year, 12, 31)),
    "the past {count} weeks": lambda day, n, _: (_weeks(day, -n)[0], day),
    "in the past {count} months": lambda day, n, _: (
        _month(day.year, day.month - n)[0],
        day,
    ),
    "in the next {count} weeks": lambda day, n, _: (day, _weeks(day, n)[1]),
    "the first week of this month": lambda day, *_: _first_week_of(day.month, day.year),
    "the last day of last month": lambda day, *_: (
        day.replace(day=1) - timedelta(1),
    )
    * 2,
}  # fmt: skip


def _nearly(day: date, count: int, unit: str) -> tuple[date, date]:
    """Return what may be rounded up to a number of units, or is so by the calendar."""
    there = _exactly(day, count, unit)[0]
    back = 1 if count < 0 else -1
    if unit == "week":
        edges = [there + timedelta(3 * back), *_weeks(day, count)]
    elif unit == "month":
        edges = [there + timedelta(15 * back), *_month(there.year, there.month)]
    else:
        edges = [_moved(there, 6 * back)]
        edges += [date(there.year, 1, 1), date(there.year, 12, 31)]
    return min(there, *edges), max(there, *edges)


def _exactly(day: date, count: int, unit: str) -> tuple[date, date]:
    if unit in ("day", "hour"):
        return _counted(day, count, unit)
    if unit in LENGTHS:
        return (day + timedelta(count * LENGTHS[unit]),) * 2
    return (_moved(day, count * MONTHS_OF[unit]),) * 2


@given(
    st.sampled_from(sorted(ORACLE)),
    PUBLISHED,
    st.sampled_from(COUNTS),
    st.sampled_from(UNITS),
)
@example("{count} {unit}s ago", date(2019, 1, 1), "a", "month")
@example("{count} {unit}s ago", date(2019, 5, 1), "3", "month")
@example("{count} {unit}s ago", date(2019, 5, 1), "six", "month")
@example("{count} {unit}s from now", date(2019, 5, 20), "a", "month")
def test_a_relative_phrase_follows_the_documented_rules(
    form: str, published: date, count: str, unit: str
) -> None:
    """What counts from the publication is what an independent oracle counts."""
    number = COUNT_WORDS[count] if count in COUNT_WORDS else int(count)
    first, last = ORACLE[form](published, number, unit)
    when = from_phrase(form.format(count=count, unit=unit), published=published).when

    assert (first.toordinal(), last.toordinal()) == (when.first_day, when.last_day)


def test_the_oracle_gives_what_a_person_counts() -> None:
    """The oracle itself, by hand: a month before 1 January 2019."""
    assert _counted(date(2019, 1, 1), -1, "month") == (
        date(2018, 11, 2),
        date(2018, 12, 31),
    )
    assert _first_week_of(5, 2019) == (date(2019, 5, 1), date(2019, 5, 12))


@pytest.mark.parametrize("phrase", ["until Friday", "since last night"])
def test_an_end_that_may_be_several_days_is_refused_by_their_names(phrase: str) -> None:
    """A refusal names the days between which nobody can decide."""
    with pytest.raises(PhraseError) as caught:
        from_phrase(phrase, published="2019-05-01")

    assert re.search(r"\[2019-04-\d\d[.,]+2019-05-\d\d\]", str(caught.value))
