"""Every part of the grammar of phrases: what it is read as, and how it is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bri_timeline.errors import DayError, PhraseError
from bri_timeline.phrases import from_phrase


# 2019-04-30 is a Tuesday, as in `test_phrases`.
TUESDAY = "2019-04-30"

# What a phrase says on a Tuesday, without a tense.
READ = {
    # commas, articles and prepositions between the parts of a date
    "24 April, 2015": "2015-04-24",
    "April in 2015": "2015-04",
    "April 24 in 2015": "2015-04-24",
    "the 24th of April of last year": "2018-04-24",
    "the week of the 22nd of April": "[2019-04-21..2019-04-28]",
    # numbers at the ends of what they may be
    "2015-01": "2015-01",
    "2015-04": "2015-04",
    "2012-12": "2012-12",
    "2015-04-01": "2015-04-01",
    "2015-12-31": "2015-12-31",
    "January 1, 2015": "2015-01-01",
    "31 December 2015": "2015-12-31",
    "1000": "1000",
    "2999": "2999",
    "the 11th century": "[1000..1100]",
    "the 29th century": "[2800..2900]",
    # what is before and after a part
    "before the 2000s": "[..1999]",
    "before the 1990s": "[..1989]",
    "after the 1990s": "[2000..]",
    "before the early 1990s": "[..1989]",
    "after the late 1990s": "[2000..]",
    "before early April 2019": "[..2019-03]",
    "after late April 2018": "[2018-05..]",
    "before the first half of 2018": "[..2017-12]",
    "before the second half of 2018": "[..2018-06]",
    "after the first half of 2018": "[2018-07..]",
    "after the second half of 2018": "[2019-01..]",
    "before the first quarter of 2018": "[..2017-12]",
    "before the second quarter of 2018": "[..2018-03]",
    "before the fourth quarter of 2018": "[..2018-09]",
    "after the first quarter of 2018": "[2018-04..]",
    "after the second quarter of 2018": "[2018-07..]",
    "after the fourth quarter of 2018": "[2019-01..]",
    "before spring 2018": "[..2018-02]",
    "after spring 2018": "[2018-06..]",
    "after yesterday": "[2019-04-30..]",
    "before yesterday": "[..2019-04-28]",
    "before April 24": "[..2019-04-23]",
    "after Thursday, April 25": "[2019-04-26..]",
    "late Thursday night, April 25": "[2019-04-25..2019-04-26]",
    "before Thursday last week": "[..2019-04-24]",
    "before today": "[..2019-04-29]",
    "after tomorrow": "[2019-05-02..]",
    "after the day before yesterday": "[2019-04-29..]",
    "before the day after tomorrow": "[..2019-05-01]",
    # before an end is up to it
    "before the end of 2018": "[..2018]",
    "before the end of the month": "[..2019-04]",
    "through the end of the year": "/2019-36",
    "by the end of the decade": "[..2020]",
    # quarters
    "the third quarter": "[2018-35,2019-35]",
    "third-quarter": "[2018-35,2019-35]",
    "Q2": "2019-34",
    "the second-quarter of 2018": "2018-34",
    "2018 Q2": "2018-34",
    "2018-Q2": "2018-34",
    "the 2018 third quarter": "2018-35",
    "last year's fourth quarter": "2018-36",
    "this year's first half": "2019-40",
    "last year's August": "2018-08",
    "next year's summer": "2020-22",
    "the current quarter": "2019-34",
    "in the current year": "2019",
    # two off
    "the week before last": "[2019-04-14..2019-04-21]",
    "the month before last": "2019-02",
    "the quarter before last": "2018-36",
    "early the year before last": "[2017-01..2017-06]",
    "the week after next": "[2019-05-12..2019-05-19]",
    "by the end of the month after next": "[..2019-06]",
    # numbers in words, and dates in numbers
    "March eighth": "2019-03-08",
    "the twenty-first of May 2018": "2018-05-21",
    "the thirty first of May 2018": "2018-05-31",
    "nineteen ninety-six": "1996",
    "two thousand": "2000",
    "two thousand and five": "2005",
    "January nineteen ninety-seven": "1997-01",
    "twenty ten": "2010",
    "twenty nineteen-twenty twenty-one": "2019/2021",
    "25.04.2019": "2019-04-25",
    "02/22/2016": "2016-02-22",
    "01/01/2019": "2019-01-01",
    # days and their parts
    "late yesterday": "2019-04-29",
    "earlier yesterday": "2019-04-29",
    "late last night": "[2019-04-29..2019-04-30]",
    "later on Thursday, April 25": "2019-04-25",
    "the morning of 24 April 2018": "2018-04-24",
    "on the afternoon of Thursday, April 25": "2019-04-25",
    "the night of April 24": "[2019-04-24..2019-04-25]",
    "on the night of 24 to 25 April": "[2019-04-24..2019-04-25]",
    "the night of April 24-25, 2018": "[2018-04-24..2018-04-25]",
    "the night of 31 December to 1 January 2018": "[2017-12-31..2018-01-01]",
    "in the last days of 2018": "[2018-12-16..2018-12-31]",
    "the first days of last month": "[2019-03-01..2019-03-16]",
    # doubt
    "possibly in 1998": "1998?",
    "probably around 1998": "1998%",
    "in or around 1998": "1998~",
    "on or about April 24, 2018": "2018-04-24~",
    # more or less
    "about two years ago": "[2016-05-01..2017-12-31]",
    "nearly two years ago": "[2017-01-01..2017-12-31]",
    "almost two months ago": "[2019-02-01..2019-03-15]",
    "nearly two weeks from now": "[2019-05-11..2019-05-19]",
    "at least three years ago": "[..2016-04-30]",
    "at most three years ago": "[2016-04-30..2019-04-30]",
    "over the past two months": "[2019-02-01..2019-04-30]",
    "over the next year": "[2019-04-30..2020-12-31]",
    # from then on
    "starting next month": "2019-05/..",
    "beginning of 2015": "[2015-01..2015-03]",
    "effective 1 July 2019": "2019-07-01/..",
    "effective from 1 July 2019": "2019-07-01/..",
    "from next year": "2020/..",
    "from tomorrow": "2019-05-01/..",
    "either 25 or 26 April 2019": "[2019-04-25,2019-04-26]",
    "either in 2015 or 2016": "[2015,2016]",
    # what is before and after a count
    "before three days ago": "[..2019-04-26]",
    "two weeks hence": "[2019-05-11..2019-05-20]",
    # halves of what is not named by a number
    "the first half of last August": "[2018-08-01..2018-08-16]",
    "the second half of last month": "[2019-03-16..2019-03-31]",
    "the latter half of this year": "2019-41",
    # ranges, lists and bounds
    "April 24 to 24, 2019": "2019-04-24/2019-04-24",
    "between 2015-2017": "[2015..2017]",
    "between last week and May 2": "[2019-04-21..2019-05-02]",
    "from April to June last year": "2018-04/2018-06",
    "from April last year to June": "2018-04/2018-06",
    "from December 30, 2019 to February 29": "2019-12-30/2020-02-29",
    "from December 2017 to January": "2017-12/2018-01",
    "from 2015 onwards": "2015/..",
    "between winter 2018 and June": "[2017-24..2018-06,2018-24..2019-06]",
    "the 24th or 25th of April": "[2019-04-24,2019-04-25]",
    "the 24th and the 26th of April, 2015": "{2015-04-24,2015-04-26}",
    "2015 or before": "[..2015]",
    "2015 or after": "[2015..]",
    "early 2015 or later": "[2015..]",
    "up until 2017": "/2017",
    "in or before 2017": "[..2017]",
    "in or after 2017": "[2017..]",
    "not later than 2017": "[..2017]",
    "not earlier than 2017": "[2017..]",
    "starting on April 24": "2019-04-24/..",
    "beginning in 2015": "2015/..",
    "beginning on May 2, 2018": "2018-05-02/..",
    "since last night": "2019-04/..",
    "until this morning": "/2019-04-30",
    # a week may begin on the day that it is named by
    "the week of April 24": "[2019-04-21..2019-04-30]",
}

# What the past tense makes of a phrase, on a day of publication.
PAST = [
    ("at the start of the year", TUESDAY, "[2019-01..2019-03]"),
    ("at the beginning of the month", TUESDAY, "[2019-04-01..2019-04-08]"),
    ("the third quarter", TUESDAY, "2018-35"),
    ("last August", "2019-08-31", "2018-08"),
    ("this winter", "2019-02-28", "2018-24"),
    ("this winter", "2018-12-01", "[2017-24,2018-24]"),
    ("last weekend", "2019-04-29", "[2019-04-27..2019-04-28]"),
    ("over last weekend", TUESDAY, "[2019-04-27..2019-04-28]"),
    ("from yesterday to tomorrow", TUESDAY, "2019-04-29/2019-05-01"),
    ("two weeks ago", "2019-05-03", "[2019-04-13..2019-04-22]"),
    ("before last Thursday", TUESDAY, "[..2019-04-24]"),
    ("late last Thursday night", TUESDAY, "[2019-04-25..2019-04-26]"),
    ("starting in the last two weeks", TUESDAY, "2019-04/.."),
]

# What the future tense makes of it.
FUTURE = [
    ("within three months", TUESDAY, "[2019-04-30..2019-07-31]"),
    ("from August", TUESDAY, "2019-08/.."),
    ("the third quarter", TUESDAY, "2019-35"),
    ("at the end of the week after next", TUESDAY, "[2019-05-12..2019-05-19]"),
    ("at the end of the decade", TUESDAY, "[2018..2020]"),
    ("at the end of the decade", "2020-06-01", "[2018..2020,2028..2030]"),
    ("starting in two weeks", TUESDAY, "2019-05/.."),
    ("beginning in two weeks", TUESDAY, "2019-05/.."),
    ("starting in two weeks' time", TUESDAY, "2019-05/.."),
    ("starting in three days", TUESDAY, "2019-05-03/.."),
    ("from next month on", TUESDAY, "2019-05/.."),
    ("until August", TUESDAY, "/2019-08"),
    ("since August", TUESDAY, "2018-08/.."),
    ("before August", TUESDAY, "[..2019-07]"),
    ("next August", "2019-08-01", "2020-08"),
    ("this coming March", TUESDAY, "2020-03"),
    ("this coming Tuesday", TUESDAY, "2019-05-07"),
    ("next Tuesday", TUESDAY, "2019-05-07"),
    ("coming weekend", "2019-05-03", "[2019-05-04..2019-05-05]"),
    ("next Wednesday", TUESDAY, "[2019-05-01,2019-05-08]"),
    (
        "next weekend",
        "2019-04-28",
        "[2019-05-04..2019-05-05,2019-05-11..2019-05-12]",
    ),
    ("in the winter", "2019-02-10", "2018-24"),
    ("in the spring and autumn", "2019-07-10", "{2020-21,2020-23}"),
    ("in two weeks", "2019-05-03", "[2019-05-12..2019-05-23]"),
    ("on April 10, 2019", "2019-04", "2019-04-10"),
    ("in 2019 and 2020", TUESDAY, "{2019,2020}"),
]

# What is left open without a tense.
OPEN = [
    ("between spring and June", "2019-03-10", "[2018-21..2018-06,2019-21..2019-06]"),
    ("between June and autumn", TUESDAY, "[2018-06..2018-23,2019-06..2019-23]"),
    (
        "the day before yesterday or tomorrow",
        "2019-04-29/2019-04-30",
        "[2019-04-27,2019-04-28,2019-04-30,2019-05-01]",
    ),
    ("over the weekend", "2019-04-27", "[2019-04-27..2019-04-28]"),
    ("over the weekend", "2019-04-28", "[2019-04-27..2019-04-28]"),
    (
        "over the weekend",
        "2019-04-29",
        "[2019-04-27..2019-04-28,2019-05-04..2019-05-05]",
    ),
]

EXPECTED = "expected a date, such as 'April 24, 2019', 'last week' or 'since 2015'"
LEAVE_OUT = "this belongs to no date that is understood: leave it out"
FOUR_DIGITS = "a year is written with four digits here, a decade as 1990s"
WHICH_MONTH = "a day without a month: say which month"
WHICH_YEAR = "which year: say 'this year' or 'last year', or give its date"
NUMERIC = "write the month as a word"
SEVERAL = f"it may be several dates: {NUMERIC}, the year in full"
HOW_LONG = "it may say how long: write 'ago' or 'from now', or set the tense"
WINDOW = "it may say how long: write 'in the ...' if something happened in it"
ROUNDED = "above 12 a number may be rounded: give the date itself"
LASTED = (
    "it may have lasted or happened once: write 'from ... to ...' or 'between ... and'"
)
BOUNDS_NOTHING = "an approximate date bounds nothing: give the date alone"
APPROXIMATE = "only a year, month or day can be approximate"
THEIR_YEAR = "give both dates their year"
SECOND_TO = "expected 'to' and a second date, or 'on'"
SECOND_AND = "expected 'and' and a second date"
OTHER_WEEKDAY = "that day was not that weekday: find out which is wrong"
OF_WEEKDAY = "expected the day and month of that weekday"
OF_WEEK = "expected the day of which it is the week"
CENTURIES = "only the 11th to 29th centuries are read"
CHECK = "no day near the publication fits: check the dates, or give the year"
NO_END = (
    "an end of it may be {}, which EDTF cannot write as one: "
    "give the day, the year or the tense"
)
NOT_BOTH = "EDTF has no one date for both: read each alone"
ALPHABET = "only English words, digits and a few marks are understood"
NO_MEASURE = "is not a measure: take the date from another source"
ELSEWHERE = "counts from a date outside the phrase: give that date itself"
DURATION = "says how long, not when: give the days on which it began and ended"
AGO = "'ago' follows a number of days, weeks, months or years: 'six months ago'"
JANUARY = "need not run from January: give the months"

NO_PLAY = "how far off that may be is not known: give the day"
DAY_AFTER = "expected the day after, and the year behind it"
OF_A_DAY = "expected the day that it is of"
NO_FIRST = "the day on which that begins is not certain: write 'by', or give the day"
NO_LAST = (
    "the day on which that ends is not certain: write 'on or after', or give the day"
)
# What begins, or ends, nobody can tell on which day.
NO_FIRST_DAY = (
    *("late 2018", "Thursday night, April 25"),
    *("the 19th century", "mid-2018", "last week", "early last week"),
    *("late on April 24", "late Thursday, April 25"),
    *("Thursday evening, April 25", "Thursday night last week", "last night"),
    *("this morning", "later today", "yesterday evening", "two weeks ago"),
    *("three months ago", "two years ago", "a decade ago", "two weeks from now"),
    *("three months from now", "earlier this week", "later this week"),
    *("Christmas 2018", "August", "Thursday", "36 hours ago"),
    *("the last two weeks of April",),
    *("6 p.m. on Thursday",),
)
NO_LAST_DAY = (
    *("early 2018", "the beginning of 2018", "the 2000s", "the 19th century"),
    *("mid-2018", "early spring 2018", "last week", "early last week"),
    *("early on April 24", "Thursday evening, April 25", "last night"),
    *("this morning", "this afternoon", "this evening", "tonight"),
    *("earlier today", "tomorrow night", "two weeks ago", "three months ago"),
    *("two years ago", "a decade ago", "two weeks from now"),
    *("two years from now", "earlier this week", "later this week"),
    *("Christmas 2018", "August", "Thursday", "overnight"),
    *("the first week of April",),
)

# A phrase, where it stops being understood, and the whole of what is said about it.
REFUSED = [
    # not a date
    ("", 0, EXPECTED),
    ("the", 0, EXPECTED),
    ("since", 5, EXPECTED),
    ("in 999", 3, EXPECTED),
    ("in 3000", 3, EXPECTED),
    ("2018 2019", 5, LEAVE_OUT),
    ("24 of the April", 0, WHICH_MONTH),
    ("April 32", 6, LEAVE_OUT),
    ("April 0", 6, LEAVE_OUT),
    ("2019~", 4, ALPHABET),
    ("24 ao\u00fbt 2019", 5, ALPHABET),
    ("x" * 201, 200, "a phrase has at most 200 characters: give the date alone"),
    # numbers that are not written as here
    ("the '90s", 4, FOUR_DIGITS),
    ("April '19", 6, FOUR_DIGITS),
    ("32 April 2019", 0, FOUR_DIGITS),
    ("32 recently", 0, FOUR_DIGITS),
    ("2019-13", 4, "it may be a range: write 'from 2019 to 2013' or 'between' them"),
    ("2015-17", 4, "it may be a range: write 'from 2015 to 2017' or 'between' them"),
    (
        "2010-12",
        4,
        f"it may be a range: write 'from 2010 to 2012' or 'between' them; or {NUMERIC}",
    ),
    (
        "2003-04",
        4,
        f"it may be a range: write 'from 2003 to 2004' or 'between' them; or {NUMERIC}",
    ),
    ("2019-04-32", 8, "expected a day of two digits"),
    ("2019-04- recently", 9, "expected a day of two digits"),
    ("2019-02-30", 8, "that month has 28 days: find out what is wrong"),
    ("April 31", 6, "that month has 30 days: find out what is wrong"),
    ("February 30", 9, "that month has 29 days: find out what is wrong"),
    ("the 1995s", 8, "a decade begins with a year that ends in 0"),
    ("the 20s", 4, "a decade has four digits here, such as 1990s"),
    ("the 20's", 4, "a decade has four digits here, such as 1990s"),
    ("the 10th century", 4, CENTURIES),
    ("the 30th century", 4, CENTURIES),
    ("04/05/2019", 0, f"it may be 2019-04-05 or 2019-05-04: {NUMERIC}"),
    ("05.04.2019", 0, f"it may be 2019-05-04 or 2019-04-05: {NUMERIC}"),
    ("13/13/2019", 0, f"it may be no day at all: {NUMERIC}"),
    ("32/01/2019", 0, f"it may be no day at all: {NUMERIC}"),
    ("0/01/2019", 0, f"it may be no day at all: {NUMERIC}"),
    ("04/05/2019 recently", 0, f"it may be 2019-04-05 or 2019-05-04: {NUMERIC}"),
    ("04/05/19", 0, SEVERAL),
    ("04/05.2019", 0, SEVERAL),
    ("04/05/June", 0, SEVERAL),
    ("4/5", 0, SEVERAL),
    # what is missing
    ("the year", 8, WHICH_YEAR),
    ("at the end of the year", 22, WHICH_YEAR),
    ("the 24th", 0, WHICH_MONTH),
    ("since the 24th", 6, WHICH_MONTH),
    ("by the 24th", 3, WHICH_MONTH),
    ("from the 24th on", 5, WHICH_MONTH),
    ("from the 24th to the 26th", 5, WHICH_MONTH),
    ("the 24th or the 25th", 0, WHICH_MONTH),
    ("the 24th or earlier", 0, WHICH_MONTH),
    ("from yesterday to the 24th", 18, WHICH_MONTH),
    ("from April to the 24th", 14, WHICH_MONTH),
    ("from 2015", 9, SECOND_TO),
    ("between 2015 or 2017", 13, SECOND_AND),
    ("between 2015 and April", 8, THEIR_YEAR),
    ("from 2015 to April", 5, THEIR_YEAR),
    ("2015 or April", 0, THEIR_YEAR),
    ("Friday, 2019", 8, OF_WEEKDAY),
    ("Friday, April 2019", 8, OF_WEEKDAY),
    ("Friday the 24th", 11, OF_WEEKDAY),
    ("Friday, 1990s", 8, OF_WEEKDAY),
    ("the week of 2019", 12, OF_WEEK),
    ("the week of April", 12, OF_WEEK),
    ("the week of the 24th", 16, OF_WEEK),
    ("the week of the 1990s", 16, OF_WEEK),
    ("the week of", 11, OF_WEEK),
    ("earlier this decade", 13, "expected 'week', 'month' or 'year'"),
    ("later this", 10, "expected 'week', 'month' or 'year'"),
    # what does not go together
    ("Friday, April 25, 2019", 8, OTHER_WEEKDAY),
    ("from 2019 to April 2019", 0, CHECK),
    ("2019-2015", 0, CHECK),
    ("since the 19th century", 0, NO_END.format("[1800..1900]")),
    ("until Friday", 0, NO_END.format("[2019-04-26,2019-05-03]")),
    ("until late April 2019", 0, NO_END.format("[2019-04-16..2019-04-30]")),
    ("starting on Thursday", 0, NO_END.format("[2019-04-25,2019-05-02]")),
    ("late 2018 and early 2019", 0, NOT_BOTH),
    ("around spring 2019", 7, APPROXIMATE),
    ("around the 1990s", 7, APPROXIMATE),
    ("around yesterday", 7, APPROXIMATE),
    ("by around 2016", 3, BOUNDS_NOTHING),
    ("between around 2015 and 2017", 8, BOUNDS_NOTHING),
    ("between 2015 and around 2017", 8, BOUNDS_NOTHING),
    ("2015 to around 2017", 0, BOUNDS_NOTHING),
    ("2015 or around 2016", 0, BOUNDS_NOTHING),
    ("around 2015 or earlier", 0, BOUNDS_NOTHING),
    ("in 2015-2017", 3, LASTED),
    ("during 2015-2017", 7, LASTED),
    ("within 2015-2017", 7, LASTED),
    ("at 1500", 3, "'at' dates nothing here: write 'in' or 'more than'"),
    (
        "at the week of April 22",
        3,
        "'at' dates nothing here: write 'in' or 'more than'",
    ),
    ("at yesterday", 3, "'at' dates nothing here: write 'in' or 'more than'"),
    ("over 2015", 5, "'over' dates nothing here: write 'in' or 'more than'"),
    (
        "as of 2016",
        0,
        "'as of' may mean from then on, or up to then: write 'since' or 'by'",
    ),
    # parts that are not there
    ("first quarter of April 2019", 0, "a month has no part of that name"),
    ("first quarter of last week", 0, "a week has no part of that name"),
    ("first quarter of the 1990s", 0, "a decade has no part of that name"),
    ("first quarter of the 2000s", 0, "a century has no part of that name"),
    ("first quarter of the 19th century", 0, "a century has no part of that name"),
    ("first half of spring 2019", 0, "a season has no part of that name"),
    ("first half of last spring", 0, "a season has no part of that name"),
    ("first half of last weekend", 0, "a weekend has no part of that name"),
    ("mid-Thursday", 0, "a day has no part of that name"),
    ("mid Thursday last week", 0, "a day has no part of that name"),
    ("mid last Thursday", 0, "a day has no part of that name"),
    ("mid Thursday night", 0, "a day has no part of that name"),
    ("mid April 24", 0, "a day has no part of that name"),
    ("late earlier this month", 0, "a span has no part of that name"),
    # how long, or when
    ("two weeks", 0, HOW_LONG),
    ("in two weeks", 3, HOW_LONG),
    ("starting in two weeks", 12, HOW_LONG),
    ("since the past three years", 10, WINDOW),
    ("15 years ago", 0, ROUNDED),
    ("100 years ago", 0, ROUNDED),
    ("1000000000000 years ago", 0, ROUNDED),
    ("in 13 weeks", 3, ROUNDED),
    ("nearly two days ago", 7, NO_PLAY),
    ("about 36 hours ago", 6, NO_PLAY),
    ("nearly 2015", 0, f"'nearly' {NO_MEASURE}"),
    ("nearly two weeks", 0, f"'nearly' {NO_MEASURE}"),
    ("throughout last year", 0, f"'throughout' {DURATION}"),
    # quarters, nights and other parts of what is not said
    ("third quarter of", 16, EXPECTED),
    ("third quarter the", 17, EXPECTED),
    ("the first half", 14, EXPECTED),
    ("the current century", 12, EXPECTED),
    ("last year's 2015", 16, "expected a quarter, a month or a season"),
    ("last year's events", 12, "expected a quarter, a month or a season"),
    ("the second", 4, EXPECTED),
    ("the second of 2015", 4, EXPECTED),
    ("the last days of the war", 21, EXPECTED),
    ("the night of 24 to 25", 19, WHICH_MONTH),
    ("the night of 24 to May", 19, DAY_AFTER),
    ("the night of 24 April 2018 to 25 April", 30, DAY_AFTER),
    ("the night of 24 to Thursday", 19, DAY_AFTER),
    ("the night of 24 to 26 April", 0, CHECK),
    ("the night of 30 March to 1 May", 0, CHECK),
    ("the night of Friday to Saturday", 4, OF_A_DAY),
    ("the morning of 24 to 25 April", 4, OF_A_DAY),
    ("the morning of 2015", 4, OF_A_DAY),
    ("the morning of 24", 4, EXPECTED),
    ("the morning of the war", 4, OF_A_DAY),
    ("either 25 April 2019", 20, "expected 'or' and a second date"),
    ("possibly in spring 2015", 12, "only a year, month or day can be uncertain"),
    ("effective immediately", 10, EXPECTED),
    ("from last year", 14, SECOND_TO),
    ("31.02.2019", 0, "that month has 28 days: find out what is wrong"),
    ("25.04.0999", 0, EXPECTED),
    ("twenty-five", 0, EXPECTED),
    ("nineteen five", 0, EXPECTED),
    # what is before or after may be next to a day that is not certain
    *((f"before {what}", 7, NO_FIRST) for what in NO_FIRST_DAY),
    *((f"after {what}", 6, NO_LAST) for what in NO_LAST_DAY),
    # how much more, or less, but of what
    ("more than a week", 16, "expected such as 'two weeks ago'"),
    ("more than 2015", 10, "expected such as 'two weeks ago'"),
    ("as early as next week", 0, CHECK),
    # words that date nothing
    ("recently", 0, f"'recently' {NO_MEASURE}"),
    ("2015 or recently", 8, f"'recently' {NO_MEASURE}"),
    ("two days later", 9, f"'later' {ELSEWHERE}"),
    ("for three years", 0, f"'for' {DURATION}"),
    ("two Fridays ago", 12, AGO),
    ("fiscal 2019", 0, f"'fiscal' {JANUARY}"),
]


def _said(phrase: str, published: str, **how: str) -> str:
    return str(from_phrase(phrase, published=published, **how).when)


@pytest.mark.parametrize("phrase", READ)
def test_a_part_is_read(phrase: str) -> None:
    """Each part of the grammar says what it says in plain English."""
    assert READ[phrase] == _said(phrase, TUESDAY)


@pytest.mark.parametrize(("phrase", "published", "text"), PAST)
def test_a_part_is_read_in_the_past_tense(
    phrase: str, published: str, text: str
) -> None:
    """In the past tense a part is the last one that has begun."""
    assert text == _said(phrase, published, tense="past")


@pytest.mark.parametrize(("phrase", "published", "text"), FUTURE)
def test_a_part_is_read_in_the_future_tense(
    phrase: str, published: str, text: str
) -> None:
    """In the future tense a part is the next one that is not over."""
    assert text == _said(phrase, published, tense="future")


@pytest.mark.parametrize(("phrase", "published", "text"), OPEN)
def test_a_part_is_left_open_without_a_tense(
    phrase: str, published: str, text: str
) -> None:
    """Without a tense nothing is left out that a writer can have meant."""
    assert text == _said(phrase, published)


@pytest.mark.parametrize(("phrase", "position", "problem"), REFUSED)
def test_a_refusal_says_all_that_is_wrong(
    phrase: str, position: int, problem: str
) -> None:
    """A refusal names the phrase, the place, and the whole problem with its remedy."""
    with pytest.raises(PhraseError) as caught:
        from_phrase(phrase, published=TUESDAY)

    assert (phrase, position, problem) == (
        caught.value.text,
        caught.value.position,
        caught.value.problem,
    )


def test_a_tense_that_was_given_is_no_remedy() -> None:
    """A refusal does not ask for what was said."""
    with pytest.raises(PhraseError) as caught:
        from_phrase("three months", published=TUESDAY, tense="future")

    assert "it may say how long: write 'ago' or 'from now'" == caught.value.problem


@pytest.mark.parametrize("tense", ["past", "future"])
def test_a_list_is_refused_where_one_of_its_days_contradicts_the_tense(
    tense: str,
) -> None:
    """Of two days that are listed, each lies where the tense says, or none is read."""
    with pytest.raises(PhraseError) as caught:
        from_phrase("yesterday and tomorrow", published=TUESDAY, tense=tense)

    problem = "no day near the publication fits and is {}: check the tense and year"
    assert (0, problem.format(tense)) == (caught.value.position, caught.value.problem)


def test_a_phrase_of_two_hundred_characters_is_read() -> None:
    """The longest phrase has 200 characters, whatever they are."""
    assert "2015" == _said(f"2015{' ' * 196}", TUESDAY)


@pytest.mark.parametrize(
    ("phrase", "how", "problem"),
    [
        (2015, {}, "a phrase is text, such as 'last week'"),
        ("last week", {"tense": "now"}, "tense is 'now': give 'past' or 'future'"),
        (
            "last week",
            {"week_starts": "friday"},
            "week_starts is 'friday': give 'monday' or 'sunday'",
        ),
        (
            "last week",
            {"published": None},
            "it counts from the day of publication: give published=",
        ),
        (
            "last week",
            {"published": "201X"},
            "published in 201X says too little to count from: narrow it",
        ),
        (
            "last week",
            {"published": "0999"},
            "it is read for the years 1000 to 2999: give the date",
        ),
    ],
)
def test_a_refusal_of_what_is_beside_the_phrase_is_at_its_beginning(
    phrase: object, how: dict[str, str | None], problem: str
) -> None:
    """What is wrong beside the phrase, or with all of it, is said of its beginning."""
    with pytest.raises(PhraseError) as caught:
        from_phrase(phrase, **{"published": TUESDAY, **how})

    assert (phrase, 0, problem) == (
        caught.value.text,
        caught.value.position,
        caught.value.problem,
    )


def test_three_years_of_publication_are_tried_and_no_day_more() -> None:
    """The longest publication has three years of days, were they all leap years."""
    assert "2012" == _said("in 2012", "[2016-01-01..2019-01-02]")
    assert "[2015-12-31..2019-01-01]" == _said("yesterday", "[2016-01-01..2019-01-02]")
    with pytest.raises(PhraseError, match="narrow it"):
        from_phrase("yesterday", published="[2016-01-01..2019-01-03]")


def test_an_instant_of_publication_is_refused_as_it_is() -> None:
    """An instant is a different day elsewhere; the refusal says how to give one."""
    instant = datetime(2019, 4, 30, 12, tzinfo=UTC)
    with pytest.raises(DayError) as caught:
        from_phrase("2015", published=instant)

    assert instant == caught.value.value
    assert str(caught.value) == (
        "datetime.datetime(2019, 4, 30, 12, 0, tzinfo=datetime.timezo... "
        "is an instant: say which day, such as value.date()"
    )
