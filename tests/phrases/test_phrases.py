"""Phrases of the news are read rightly, or refused; none is guessed at."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf
from bri_timeline.edtf import in_words
from bri_timeline.errors import DayError, EdtfError, PhraseError
from bri_timeline.phrases import Phrase, from_phrase


# 2019-04-30 is a Tuesday, 2019-05-02 a Thursday, 2019-04-28 a Sunday.
TUESDAY = "2019-04-30"

# What a phrase says on a Tuesday, whatever the tense of the verb.
TIMELESS = {
    # years and what they make up
    "2015": "2015",
    "in 2013": "2013",
    "during 2018": "2018",
    "the year 2015": "2015",
    "some time in 2015": "2015",
    "in the 1990s": "199X",
    "the 1990's": "199X",
    "the early 1990s": "[1990..1994]",
    "the mid-1990s": "[1992..1997]",
    "the late 1990s": "[1995..1999]",
    "the first half of the 1990s": "[1990..1994]",
    "in the 2000s": "20XX",
    "the early 2000s": "20XX",
    "the 19th century": "[1800..1900]",
    "early 20th century": "[1900..1950]",
    "late 20th century": "[1950..2000]",
    # months and days with their year
    "in April 2019": "2019-04",
    "April, 2019": "2019-04",
    "in the month of April 2019": "2019-04",
    "Sept. 2015": "2015-09",
    "April of 2018": "2018-04",
    "2019-04": "2019-04",
    "2019-04-24": "2019-04-24",
    "24 April 2019": "2019-04-24",
    "April 24, 2019": "2019-04-24",
    "April 24 2019": "2019-04-24",
    "on the 24th of April, 2019": "2019-04-24",
    "April the 24th, 2019": "2019-04-24",
    "Sept. 16, 2015": "2015-09-16",
    "1st May 2018": "2018-05-01",
    "Thursday, April 25, 2019": "2019-04-25",
    "Thursday 25 April 2019": "2019-04-25",
    "on Sunday, the 29th of February 2004": "2004-02-29",
    "late on Thursday, April 25, 2019": "2019-04-25",
    # parts
    "early 2019": "[2019-01..2019-06]",
    "early in 2019": "[2019-01..2019-06]",
    "at the beginning of 2019": "[2019-01..2019-03]",
    "mid-2018": "[2018-04..2018-09]",
    "mid 2018": "[2018-04..2018-09]",
    "in the middle of 2018": "[2018-04..2018-09]",
    "late 2018": "[2018-07..2018-12]",
    "at the end of 2018": "[2018-10..2018-12]",
    "earlier in 2019": "2019",
    "later in April 2019": "2019-04",
    "early April 2019": "[2019-04-01..2019-04-15]",
    "mid-April 2019": "[2019-04-08..2019-04-23]",
    "late March 2019": "[2019-03-16..2019-03-31]",
    "early February 2019": "[2019-02-01..2019-02-14]",
    "in the second half of January 2019": "[2019-01-16..2019-01-31]",
    "the first half of 2018": "2018-40",
    "second half 2018": "2018-41",
    "H2 2018": "2018-41",
    "the first quarter of 2019": "2019-33",
    "the 3rd quarter of 2018": "2018-35",
    "the last quarter of 2018": "2018-36",
    "Q1 2019": "2019-33",
    "spring 2019": "2019-21",
    "in the summer of 2018": "2018-22",
    "fall 2018": "2018-23",
    "early autumn 2018": "2018-23",
    "winter 2018": "[2017-24,2018-24]",
    "winter 2018-19": "2018-24",
    "the winter of 2018/2019": "2018-24",
    "winter 1999-00": "1999-24",
    # lasting
    "since 2015": "2015/..",
    "ever since 2015": "2015/..",
    "since April 2018": "2018-04/..",
    "since April 24, 2018": "2018-04-24/..",
    "since early 2019": "2019-40/..",
    "since late March 2019": "2019-03/..",
    "since around 2015": "2015~/..",
    "since the 1990s": "199X/..",
    "since last week": "2019-04/..",
    "since last month": "2019-03/..",
    "since Monday": "2019-04-29/..",
    "since August": "2018-08/..",
    "from 2015 on": "2015/..",
    "from 2015 onward": "2015/..",
    "starting in 2015": "2015/..",
    "until 2017": "/2017",
    "till the end of 2017": "/2017-36",
    "through 2017": "/2017",
    "until last month": "/2019-03",
    "from 2015 to 2017": "2015/2017",
    "from 2015 until 2017": "2015/2017",
    "2015-2017": "2015/2017",
    "2015\u20132017": "2015/2017",
    "2015 to 2017": "2015/2017",
    "from April to June 2018": "2018-04/2018-06",
    "from April 2018 to June": "2018-04/2018-06",
    "from November 2018 to March": "2018-11/2019-03",
    "from December to January 2019": "2018-12/2019-01",
    "from late 2015 to early 2017": "2015-41/2017-40",
    "April 24-25, 2019": "2019-04-24/2019-04-25",
    "April 24\u201325, 2019": "2019-04-24/2019-04-25",
    "on April 25-27": "2019-04-25/2019-04-27",
    "24-26 April 2019": "2019-04-24/2019-04-26",
    "from the 24th to the 26th of April 2019": "2019-04-24/2019-04-26",
    "April 30 to May 2, 2018": "2018-04-30/2018-05-02",
    "December 30 to January 2, 2019": "2018-12-30/2019-01-02",
    "from around 2015 to 2017": "2015~/2017",
    # bounds
    "between 2015 and 2017": "[2015..2017]",
    "between April and June 2018": "[2018-04..2018-06]",
    "between April 24 and 26, 2019": "[2019-04-24..2019-04-26]",
    "between late 2015 and early 2017": "[2015-07..2017-06]",
    "between last month and yesterday": "[2019-03..2019-04-29]",
    "before 2016": "[..2015]",
    "prior to 2016": "[..2015]",
    "before April 2018": "[..2018-03]",
    "before April 24, 2018": "[..2018-04-23]",
    "before the 1990s": "[..1989]",
    "before spring 2019": "[..2019-02]",
    "after 2016": "[2017..]",
    "after April 2018": "[2018-05..]",
    "after April 24, 2018": "[2018-04-25..]",
    "by 2018": "[..2018]",
    "by the end of 2020": "[..2020]",
    "by the end of April": "[..2019-04]",
    "no later than June 2020": "[..2020-06]",
    "since early 2017": "2017-40/..",
    "at the end of last month": "[2019-03-24..2019-03-31]",
    "by mid-2018": "[..2018-09]",
    "in the winter of 2017-18": "2017-24",
    "last winter": "2018-24",
    "the week of April 8": "[2019-04-07..2019-04-14]",
    "over the weekend": "[2019-04-27..2019-04-28,2019-05-04..2019-05-05]",
    "no earlier than June 2017": "[2017-06..]",
    "on or before 24 April 2019": "[..2019-04-24]",
    "on or after 24 April 2017": "[2017-04-24..]",
    "in 2015 or earlier": "[..2015]",
    "in 2015 or later": "[2015..]",
    # lists and doubt
    "2015 or 2016": "[2015,2016]",
    "in 2014 or 2018": "[2014,2018]",
    "2018 or 2014": "[2014,2018]",
    "in April or May 2018": "[2018-04,2018-05]",
    "April 24 or 25": "[2019-04-24,2019-04-25]",
    "2015 and 2017": "{2015,2017}",
    "in April and June 2018": "{2018-04,2018-06}",
    "April 24 and 26, 2019": "{2019-04-24,2019-04-26}",
    "around 2015": "2015~",
    "about April 2018": "2018-04~",
    "c. 2015": "2015~",
    "around the 24th of April": "2019-04-24~",
    # counted from the day of publication
    "April 24": "2019-04-24",
    "on April 24": "2019-04-24",
    "on the 24th of April": "2019-04-24",
    "Thursday, April 25": "2019-04-25",
    "April 24-25": "2019-04-24/2019-04-25",
    "in April": "2019-04",
    "this April": "2019-04",
    "this week": "[2019-04-28..2019-05-05]",
    "this month": "2019-04",
    "this year": "2019",
    "earlier this year": "[2019-01-01..2019-04-30]",
    "earlier this week": "[2019-04-28..2019-04-30]",
    "later this year": "[2019-04-30..2019-12-31]",
    "later this month": "2019-04-30",
    "early this month": "[2019-04-01..2019-04-15]",
    "early this week": "[2019-04-28..2019-05-05]",
    "today": "2019-04-30",
    "this morning": "2019-04-30",
    "the first half of this year": "2019-40",
}

# What a phrase says that the past tense decides.
PAST = [
    ("yesterday", TUESDAY, "2019-04-29"),
    ("yesterday evening", TUESDAY, "2019-04-29"),
    ("the day before yesterday", TUESDAY, "2019-04-28"),
    ("last night", TUESDAY, "[2019-04-29..2019-04-30]"),
    ("last week", TUESDAY, "[2019-04-21..2019-04-28]"),
    ("early last week", TUESDAY, "[2019-04-21..2019-04-28]"),
    ("last week", "2019-04-28", "[2019-04-15..2019-04-27]"),
    ("last month", TUESDAY, "2019-03"),
    ("last month", "2019-01-10", "2018-12"),
    ("late last month", TUESDAY, "[2019-03-16..2019-03-31]"),
    ("last year", TUESDAY, "2018"),
    ("early last year", TUESDAY, "[2018-01..2018-06]"),
    ("late last year", TUESDAY, "[2018-07..2018-12]"),
    ("the second half of last year", TUESDAY, "2018-41"),
    ("the third quarter of last year", TUESDAY, "2018-35"),
    ("April last year", TUESDAY, "2018-04"),
    ("in August of last year", TUESDAY, "2018-08"),
    ("April 24 last year", TUESDAY, "2018-04-24"),
    ("spring last year", TUESDAY, "2018-21"),
    ("on Thursday", TUESDAY, "2019-04-25"),
    ("on Thursday night", TUESDAY, "[2019-04-25..2019-04-26]"),
    ("late on Thursday", TUESDAY, "2019-04-25"),
    ("early Thursday", TUESDAY, "2019-04-25"),
    ("on Tuesday", TUESDAY, "2019-04-30"),
    ("on Wednesday", TUESDAY, "2019-04-24"),
    ("last Thursday", TUESDAY, "2019-04-25"),
    ("last Thursday", "2019-05-03", "[2019-04-25,2019-05-02]"),
    ("last Thursday", "2019-05-02", "2019-04-25"),
    ("this past Thursday", "2019-05-03", "2019-05-02"),
    ("this Thursday", "2019-05-03", "2019-05-02"),
    ("Thursday last week", "2019-05-03", "2019-04-25"),
    ("Thursday of last week", "2019-05-03", "2019-04-25"),
    ("Sunday last week", "2019-05-03", "[2019-04-21,2019-04-28]"),
    ("Thursday and Friday", TUESDAY, "{2019-04-25,2019-04-26}"),
    ("from Thursday to Saturday", TUESDAY, "2019-04-25/2019-04-27"),
    ("over the weekend", TUESDAY, "[2019-04-27..2019-04-28]"),
    ("over the weekend", "2019-04-28", "[2019-04-27..2019-04-28]"),
    ("last weekend", TUESDAY, "[2019-04-27..2019-04-28]"),
    ("last weekend", "2019-04-28", "[2019-04-20..2019-04-21]"),
    ("this past weekend", TUESDAY, "[2019-04-27..2019-04-28]"),
    ("this weekend", TUESDAY, "[2019-04-27..2019-04-28]"),
    ("the week of April 22", TUESDAY, "[2019-04-21..2019-04-28]"),
    ("in August", TUESDAY, "2018-08"),
    ("in August", "2019-08-30", "2019-08"),
    ("in December", "2019-01-10", "2018-12"),
    ("in early August", TUESDAY, "[2018-08-01..2018-08-16]"),
    ("last August", TUESDAY, "2018-08"),
    ("last August", "2019-10-15", "[2018-08,2019-08]"),
    ("last August", "2019-08-15", "2018-08"),
    ("this past August", "2019-10-15", "2019-08"),
    ("this August", "2019-10-15", "2019-08"),
    ("last spring", "2019-10-15", "[2018-21,2019-21]"),
    ("last winter", TUESDAY, "2018-24"),
    ("last winter", "2019-01-10", "2017-24"),
    ("last winter", "2019-03-10", "[2017-24,2018-24]"),
    ("this winter", "2019-01-10", "2018-24"),
    ("in the spring", TUESDAY, "2019-21"),
    ("in the spring", "2019-03-10", "[2018-21,2019-21]"),
    ("in the summer", TUESDAY, "2018-22"),
    ("on May 2", TUESDAY, "2018-05-02"),
    ("on December 12", "2019-01-10", "2018-12-12"),
    ("from November to March", TUESDAY, "2018-11/2019-03"),
    ("between November and March", TUESDAY, "[2018-11..2019-03]"),
    ("December and January", "2019-02-10", "{2018-12,2019-01}"),
    ("three days ago", TUESDAY, "2019-04-27"),
    ("a week ago", TUESDAY, "[2019-04-17..2019-04-28]"),
    ("two weeks ago", TUESDAY, "[2019-04-10..2019-04-21]"),
    ("2 weeks ago", TUESDAY, "[2019-04-10..2019-04-21]"),
    ("three months ago", TUESDAY, "[2018-12-31..2019-02-14]"),
    ("two years ago", TUESDAY, "[2016-05-01..2017-12-31]"),
    ("two years ago", "2019-12-15", "[2016-12-16..2018-06-15]"),
    ("a decade ago", TUESDAY, "[2004-05-01..2014-04-30]"),
    ("in the last two weeks", TUESDAY, "[2019-04-14..2019-04-30]"),
    ("within the past week", TUESDAY, "[2019-04-21..2019-04-30]"),
    ("in the past year", TUESDAY, "[2018-01-01..2019-04-30]"),
    ("during the past three months", TUESDAY, "[2019-01-01..2019-04-30]"),
    ("in the last decade", TUESDAY, "[2009-01-01..2019-04-30]"),
    ("in the past five days", TUESDAY, "[2019-04-25..2019-04-30]"),
    ("after August", TUESDAY, "[2018-09..]"),
    ("by August", TUESDAY, "[..2019-08]"),
    # a publication that is imprecise itself
    ("yesterday", "2019-05", "[2019-04-30..2019-05-30]"),
    ("today", "2019-04", "2019-04"),
    ("yesterday", "2019-04-29/2019-04-30", "[2019-04-28,2019-04-29]"),
    ("last month", "2019", "[2018-12..2019-11]"),
    ("last year", "2019-05", "2018"),
    ("on April 24", "2019-05", "2019-04-24"),
    ("on April 24", "2019-04", "2019-04-24"),
    ("on April 24", "2019", "[2018-04-24,2019-04-24]"),
    ("in August", "2019-05", "2018-08"),
    ("last week", "2019-05", "[2019-04-21..2019-05-26]"),
    ("on Thursday", "[2019-04-29..2019-05-01]", "2019-04-25"),
    ("in 2015", "201X", "2015"),
    ("since 2015", "2010/..", "2015/.."),
]

# What a phrase says that the future tense decides.
FUTURE = [
    ("tomorrow", TUESDAY, "2019-05-01"),
    ("the day after tomorrow", TUESDAY, "2019-05-02"),
    ("tonight", TUESDAY, "[2019-04-30..2019-05-01]"),
    ("in August", TUESDAY, "2019-08"),
    ("in March", "2019-11-15", "2020-03"),
    ("next August", TUESDAY, "[2019-08,2020-08]"),
    ("next August", "2019-10-15", "2020-08"),
    ("this coming August", TUESDAY, "2019-08"),
    ("this August", TUESDAY, "2019-08"),
    ("next spring", "2019-10-15", "2020-21"),
    ("next winter", TUESDAY, "[2019-24,2020-24]"),
    ("this winter", "2019-11-15", "2019-24"),
    ("on Thursday", TUESDAY, "2019-05-02"),
    ("on Tuesday", TUESDAY, "2019-04-30"),
    ("this Thursday", TUESDAY, "2019-05-02"),
    ("this coming Thursday", TUESDAY, "2019-05-02"),
    ("next Thursday", TUESDAY, "[2019-05-02,2019-05-09]"),
    ("next Monday", "2019-04-28", "[2019-04-29,2019-05-06]"),
    ("Thursday next week", TUESDAY, "2019-05-09"),
    ("next week", TUESDAY, "[2019-05-05..2019-05-12]"),
    ("next month", "2019-12-15", "2020-01"),
    ("early next month", TUESDAY, "[2019-05-01..2019-05-16]"),
    ("next year", TUESDAY, "2020"),
    ("late next year", TUESDAY, "[2020-07..2020-12]"),
    ("next weekend", TUESDAY, "[2019-05-04..2019-05-05,2019-05-11..2019-05-12]"),
    ("coming weekend", TUESDAY, "[2019-05-04..2019-05-05]"),
    ("on May 2", TUESDAY, "2019-05-02"),
    ("from November to March", TUESDAY, "2019-11/2020-03"),
    ("from February 29 to March 2", "2019-12-15", "2020-02-29/2020-03-02"),
    ("from August on", TUESDAY, "2019-08/.."),
    ("starting in August", TUESDAY, "2019-08/.."),
    ("until August", TUESDAY, "/2019-08"),
    ("by August", TUESDAY, "[..2019-08]"),
    ("after August", TUESDAY, "[2019-09..]"),
    ("in two days", TUESDAY, "2019-05-02"),
    ("in two weeks", TUESDAY, "[2019-05-11..2019-05-20]"),
    ("in two weeks' time", TUESDAY, "[2019-05-11..2019-05-20]"),
    ("in two weeks\u2019 time", TUESDAY, "[2019-05-11..2019-05-20]"),
    ("two weeks from now", TUESDAY, "[2019-05-11..2019-05-20]"),
    ("three months from now", TUESDAY, "[2019-07-01..2019-08-29]"),
    ("two years from now", TUESDAY, "[2020-10-30..2022-04-29]"),
    ("a decade from now", TUESDAY, "[2024-04-30..2034-04-29]"),
    ("in the next two weeks", TUESDAY, "[2019-04-30..2019-05-19]"),
    ("within the coming year", TUESDAY, "[2019-04-30..2020-12-31]"),
    ("next week", "2019-05", "[2019-05-05..2019-06-09]"),
    ("April 24 or 25", "2019-04-20", "[2019-04-24,2019-04-25]"),
]

# What a phrase leaves open without a tense: both are given.
OPEN = [
    ("in August", "2019-05", "[2018-08,2019-08]"),
    ("in August", "2019-08-15", "2019-08"),
    ("in January", "2019-12-15", "[2019-01,2020-01]"),
    ("in March", TUESDAY, "2019-03"),
    ("on Thursday", TUESDAY, "[2019-04-25,2019-05-02]"),
    ("on May 2", TUESDAY, "[2018-05-02,2019-05-02]"),
    (
        "over the weekend",
        TUESDAY,
        "[2019-04-27..2019-04-28,2019-05-04..2019-05-05]",
    ),
    ("in the summer", TUESDAY, "[2018-22,2019-22]"),
    ("this winter", "2019-06-15", "[2018-24,2019-24]"),
    ("around May 2", TUESDAY, "[2018-05-02~,2019-05-02~]"),
    ("between April 24 and May 2", TUESDAY, "[2019-04-24..2019-05-02]"),
    ("from Monday to Thursday", TUESDAY, "2019-04-29/2019-05-02"),
    ("February 29", "2019-12-15", "2020-02-29"),
    ("April 24 or May 10", TUESDAY, "[2018-05-10,2019-04-24,2019-05-10]"),
    ("summer or winter", "2019-11-16", "[2018-24,2019-22,2019-24,2020-22]"),
    ("Thursday or Friday", "2019-05-02", "[2019-04-26,2019-05-02,2019-05-03]"),
]

# A phrase, where it stops being understood, and a word of the remedy.
REFUSED = [
    ("as of 2016", 0, "write 'since' or 'by'"),
    ("As of April 24", 0, "may mean from then on, or up to then"),
    ("half a year ago", 12, "'ago' follows a number of days"),
    ("two Fridays ago", 12, "'ago' follows a number of days"),
    ("three years ago this month", 12, "'six months ago'"),
    ("around Christmas 2017", 7, "only a year, month or day can be approximate"),
    ("Wednesday, April 25", 0, "check the dates"),
    ("the '90s", 4, "a decade as 1990s"),
    # no measure
    ("recently", 0, "another source"),
    ("soon", 0, "another source"),
    ("in recent years", 3, "another source"),
    ("a few days ago", 2, "another source"),
    ("several years ago", 0, "another source"),
    ("a couple of weeks ago", 2, "another source"),
    ("since at least 2015", 9, "another source"),
    ("long ago", 0, "another source"),
    ("15 years ago", 0, "rounded"),
    ("in the coming months", 7, "expected a date"),
    ("in the last days", 3, "leave out 'the'"),
    # dates elsewhere
    ("days earlier", 5, "outside the phrase"),
    ("two days later", 9, "outside the phrase"),
    ("that year", 0, "outside the phrase"),
    ("the same day", 4, "outside the phrase"),
    ("the following week", 4, "outside the phrase"),
    ("later in the year", 0, "outside the phrase"),
    ("at the end of the year", 22, "which year"),
    ("on the 24th", 3, "which month"),
    ("24", 0, "which month"),
    ("24-25", 0, "which month"),
    ("in June or April 2018", 0, "check the dates"),
    ("at 1500", 3, "write 'in'"),
    ("over 2015", 5, "write 'in'"),
    # how long, or when
    ("for three years", 0, "how long"),
    ("in two weeks", 3, "how long"),
    ("two weeks", 0, "how long"),
    ("in 2015-2017", 3, "happened once"),
    ("during April to June 2018", 7, "happened once"),
    # numbers
    ("04/05/2019", 0, "2019-04-05 or 2019-05-04"),
    ("40/50/2019", 0, "no day"),
    ("4/5", 0, "the year in full"),
    ("2015-17", 4, "from 2015 to 2017"),
    ("2010-12", 4, "from 2010 to 2012"),
    ("2019-04-xx", 8, "two digits"),
    ("April '19", 6, "four digits"),
    ("the '90s", 4, "four digits"),
    ("the 90s", 4, "four digits"),
    ("the 20s", 4, "four digits"),
    ("the 1995s", 8, "ends in 0"),
    ("24 April 19", 9, "leave it out"),
    ("in 20195", 3, "expected a date"),
    ("3rd century", 0, "centuries"),
    ("fiscal 2019", 0, "from January"),
    ("the 2018-19 season", 8, "from 2018 to 2019"),
    ("summer 2018-19", 0, "their year"),
    # days that are not there
    ("April 31", 6, "30 days"),
    ("31 April 2019", 0, "30 days"),
    ("February 29, 2019", 13, "28 days"),
    ("2019-02-30", 8, "28 days"),
    ("Friday, April 25, 2019", 8, "weekday"),
    ("February 29 to March 2, 2019", 0, "check the dates"),
    ("Friday, April 25", 0, "year"),
    ("Friday, 2019", 8, "day and month"),
    ("2019-2015", 0, "check the dates"),
    ("between 2017 and 2015", 0, "check the dates"),
    # what does not go together
    ("around spring 2019", 7, "approximate"),
    ("by around 2016", 3, "bounds nothing"),
    ("between around 2015 and 2017", 8, "bounds nothing"),
    ("around 2015 or earlier", 0, "bounds nothing"),
    ("around 2015-2017", 0, "bounds nothing"),
    ("around 2015 or 2016", 0, "bounds nothing"),
    ("mid-Thursday", 0, "no part"),
    ("first quarter of April 2019", 0, "no part"),
    ("early the 24th", 0, "expected a date"),
    ("early", 5, "expected a date"),
    ("from 2015", 9, "'to'"),
    ("between 2015 or 2017", 13, "'and'"),
    ("between 2015 and April", 8, "their year"),
    ("earlier this decade", 13, "'week'"),
    ("the week of 2019", 12, "the week"),
    ("since the 19th century", 0, "[1800..1900]"),
    ("from November to March", 0, "[2018-11,2019-11]"),
    ("late 2018 and early 2019", 0, "each alone"),
    ("May 2 and May 3", 0, "each alone"),
    ("2018 2019", 5, "leave it out"),
    ("April 24, 25 and 26", 8, "leave it out"),
    # no English date
    ("", 0, "expected a date"),
    ("the", 0, "expected a date"),
    ("since", 5, "expected a date"),
    ("im August 2019", 0, "expected a date"),
    ("abril de 2019", 0, "expected a date"),
    ("en 2015", 0, "expected a date"),
    ("24 août 2019", 5, "English words"),
    ("2019年4月", 4, "English words"),
    ("2019~", 4, "English words"),
    ("the " * 60 + "2019", 200, "at most 200"),
]


def _said(phrase: str, published: object, **how: object) -> str:
    return str(from_phrase(phrase, published=published, **how).when)


def _outcome(phrase: str, **how: object) -> Edtf | None:
    try:
        return from_phrase(phrase, **how).when
    except PhraseError:
        return None


def _error(phrase: str, **how: object) -> PhraseError | None:
    try:
        from_phrase(phrase, published=TUESDAY, **how)
    except PhraseError as error:
        return error
    return None


# --- what phrases say -------------------------------------------------------------


@pytest.mark.parametrize("phrase", TIMELESS)
def test_a_phrase_is_read(phrase: str) -> None:
    """A phrase says one thing where the tense of its verb makes no difference."""
    assert TIMELESS[phrase] == _said(phrase, TUESDAY)


@pytest.mark.parametrize(("phrase", "published", "text"), PAST)
def test_a_phrase_is_read_in_the_past_tense(
    phrase: str, published: str, text: str
) -> None:
    """The past tense looks back from the day of publication."""
    assert text == _said(phrase, published, tense="past")


@pytest.mark.parametrize(("phrase", "published", "text"), FUTURE)
def test_a_phrase_is_read_in_the_future_tense(
    phrase: str, published: str, text: str
) -> None:
    """The future tense looks forward from the day of publication."""
    assert text == _said(phrase, published, tense="future")


@pytest.mark.parametrize(("phrase", "published", "text"), OPEN)
def test_a_phrase_stays_open_without_a_tense(
    phrase: str, published: str, text: str
) -> None:
    """Without a tense both directions are given, unless one is out of the question."""
    assert text == _said(phrase, published)


@pytest.mark.parametrize(("phrase", "position", "remedy"), REFUSED)
def test_a_phrase_is_refused(phrase: str, position: int, remedy: str) -> None:
    """A phrase that cannot be relied on is refused, with the place and a remedy."""
    with pytest.raises(PhraseError) as caught:
        from_phrase(phrase, published=TUESDAY)

    assert (phrase, position) == (caught.value.text, caught.value.position)
    assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("phrase", "tense"),
    [
        ("last week", "future"),
        ("yesterday", "future"),
        ("in 2018", "future"),
        ("on April 24", "future"),
        ("tomorrow", "past"),
        ("in 2025", "past"),
        ("since 2025", None),
        ("in 2018 and 2020", "past"),
        ("this August", "past"),
        ("in April and May", "past"),
        ("in March and April 2019", "future"),
    ],
)
def test_a_tense_that_contradicts_is_refused(phrase: str, tense: str | None) -> None:
    """What happened lies not after publication, and what is to come not before."""
    with pytest.raises(PhraseError, match="check the"):
        from_phrase(phrase, published=TUESDAY, tense=tense)


# What an article of May 2019 says, and what its publication makes of that.
ARTICLE = {
    "On April 24": "2019-04-24",
    "April 18": "2019-04-18",
    "since 2015": "2015/..",
    "in 2013": "2013",
    "last week": "[2019-04-21..2019-05-26]",
    "April 12, 2017": "2017-04-12",
    "November 6, 2018": "2018-11-06",
    "September 16, 2015": "2015-09-16",
    "April 26, 2019": "2019-04-26",
    "in August": "[2018-08,2019-08]",
    "days earlier": None,
    "the current": None,
}


@pytest.mark.parametrize("phrase", ARTICLE)
def test_an_article_of_which_the_month_is_known_is_read(phrase: str) -> None:
    """Days of an article are exact though its own day is not known, or refused."""
    when = _outcome(phrase, published="2019-05")

    assert ARTICLE[phrase] == (None if when is None else str(when))


# --- what is given beside the phrase ------------------------------------------------


def test_the_phrase_is_kept_beside_the_date() -> None:
    """What is returned holds the words, the publication and the date."""
    phrase = from_phrase("Last  Week", published=date(2019, 4, 30))

    assert Phrase("Last  Week", Edtf(TUESDAY), Edtf("[2019-04-21..2019-04-28]")) == (
        phrase
    )


@pytest.mark.parametrize(
    ("starts", "text"),
    [
        ("monday", "[2019-04-22..2019-04-28]"),
        ("sunday", "[2019-04-21..2019-04-27]"),
        (None, "[2019-04-21..2019-04-28]"),
    ],
)
def test_a_known_start_of_the_week_makes_it_seven_days(
    starts: str | None, text: str
) -> None:
    """A week has eight days until somebody says on which of two it begins."""
    assert text == _said("last week", TUESDAY, week_starts=starts)


@pytest.mark.parametrize("phrase", ["last week", "April 24", "on Thursday", "today"])
def test_without_a_publication_nothing_is_counted(phrase: str) -> None:
    """A phrase that counts from the publication needs one."""
    with pytest.raises(PhraseError, match="give published="):
        from_phrase(phrase)


def test_without_a_publication_a_whole_date_is_read() -> None:
    """A phrase that says it all needs no publication, whatever the tense."""
    assert Edtf("[2015..2017]") == from_phrase("between 2015 and 2017").when
    assert Edtf("2015/..") == from_phrase("since 2015", tense="past").when


@pytest.mark.parametrize("published", ["201X", "2015/..", "../2015", "2015/2018"])
def test_a_publication_of_any_time_is_refused(published: str) -> None:
    """What counts from a publication needs one that is known to three years."""
    with pytest.raises(PhraseError, match="narrow it"):
        from_phrase("last week", published=published)


@pytest.mark.parametrize("published", ["0999-12-31", "3000-01-01", "-0044-03-15"])
def test_a_publication_of_another_age_is_refused(published: str) -> None:
    """The news is of the years 1000 to 2999."""
    with pytest.raises(PhraseError, match="1000 to 2999"):
        from_phrase("last week", published=published)


@pytest.mark.parametrize("published", ["1000-01-01", "2999-12-31"])
def test_the_first_and_last_day_of_the_news_are_read(published: str) -> None:
    """Those years are read to their ends."""
    assert Edtf(published) == from_phrase("today", published=published).when


@pytest.mark.parametrize(
    ("how", "remedy"),
    [
        ({"tense": "present"}, "'past' or 'future'"),
        ({"week_starts": "saturday"}, "'monday' or 'sunday'"),
    ],
)
def test_an_unknown_keyword_is_refused(how: dict[str, str], remedy: str) -> None:
    """A tense, or a start of the week, that does not exist is refused by name."""
    with pytest.raises(PhraseError, match=remedy):
        from_phrase("last week", published=TUESDAY, **how)


def test_a_value_that_is_not_text_is_refused() -> None:
    """A phrase is text."""
    with pytest.raises(PhraseError, match="a phrase is text"):
        from_phrase(2015)


def test_a_publication_is_read_strictly() -> None:
    """A publication is EDTF or a day, and no instant."""
    with pytest.raises(EdtfError):
        from_phrase("2015", published="April 2019")
    with pytest.raises(DayError, match="instant"):
        from_phrase("2015", published=datetime(2019, 4, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "date_text",
    [
        *("2015", "2019-04-24", "2015~", "2019-04~", "199X", "2018-40", "2018-35"),
        *("2015/..", "2015/2017", "2019-04-24/2019-04-26", "[..2015]", "[2015..]"),
        *("[2015..2017]", "[2019-04-24..2019-04-26]", "[2019-04-24..]"),
        *("[2015,2017]", "{2015,2017}", "2018-22", "[..2019-04-24]"),
    ],
)
def test_the_wording_of_a_date_is_read_back(date_text: str) -> None:
    """What `in_words()` says of a date, `from_phrase()` understands."""
    edtf = Edtf(date_text)

    assert edtf == from_phrase(in_words(edtf), published=TUESDAY).when


# --- laws -------------------------------------------------------------------------

DAYS = st.dates(date(2017, 1, 1), date(2020, 12, 31))
TENSES = st.sampled_from([None, "past", "future"])
KNOWN = sorted(
    {*TIMELESS, *(case[0] for case in [*PAST, *FUTURE, *OPEN])}
    | {phrase for phrase, *_ in REFUSED}
)
PHRASES = st.sampled_from(KNOWN)
MARKS = ("-", "/", ",", ".", "'", "(", "1999", "29", "february", "winter")
VOCABULARY = sorted({*MARKS, *(word for phrase in KNOWN for word in phrase.split())})
SOUP = st.lists(st.sampled_from(VOCABULARY), max_size=6).map(" ".join)
NAMES = calendar.month_name[1:]


def _within(narrow: Edtf, wide: Edtf) -> bool:
    """Tell whether one date excludes nothing that another allows."""
    if narrow.is_extent:
        starts = (narrow.earliest_start, wide.earliest_start)
        lasts = (narrow.latest_start, wide.latest_start)
        ends = (wide.last_day, narrow.last_day)
        no_later = None in ends or ends[1] <= ends[0]
        return (
            wide.is_extent
            and starts[1] <= starts[0]
            and no_later
            and (lasts[0] <= lasts[1])
        )
    if str(narrow).startswith("{"):
        return narrow == wide
    return narrow.during(wide) is Answer.YES


@st.composite
def publications(draw: st.DrawFn) -> tuple[str, str]:
    """Draw an imprecise publication, and a more precise one within it."""
    day = draw(DAYS).isoformat()
    other = draw(DAYS).isoformat()
    wide = [day[:7], day[:4], f"{day[:4]}-40", f"[{day},{other}]"]
    return draw(st.sampled_from([day, day[:7]])), draw(st.sampled_from(wide))


@given(PHRASES, publications(), TENSES)
def test_a_wider_publication_excludes_nothing(
    phrase: str, published: tuple[str, str], tense: str | None
) -> None:
    """What a phrase says on a day, it does not exclude in the month, year or set."""
    narrow, wide = (
        _outcome(phrase, published=Edtf(text), tense=tense) for text in published
    )
    inside = Edtf(published[0]).during(Edtf(published[1])) is Answer.YES
    assume(inside and narrow is not None and wide is not None)

    assert _within(narrow, wide)


@given(PHRASES, DAYS, st.sampled_from(["past", "future"]))
def test_a_tense_only_narrows(phrase: str, day: date, tense: str) -> None:
    """What a phrase says in a tense, it does not exclude without one."""
    told = _outcome(phrase, published=day, tense=tense)
    untold = _outcome(phrase, published=day)
    assume(told is not None and untold is not None)

    assert _within(told, untold)


@given(PHRASES, DAYS, TENSES, st.sampled_from(["monday", "sunday"]))
def test_a_start_of_the_week_only_narrows(
    phrase: str, day: date, tense: str | None, starts: str
) -> None:
    """What a phrase says of weeks of one kind, it does not exclude without that."""
    told = _outcome(phrase, published=day, tense=tense, week_starts=starts)
    untold = _outcome(phrase, published=day, tense=tense)
    assume(told is not None and untold is not None)

    assert _within(told, untold)


@given(st.one_of(PHRASES, SOUP), DAYS, TENSES)
def test_what_is_accepted_is_a_date(phrase: str, day: date, tense: str | None) -> None:
    """Words give a date that EDTF reads and writes in the same way, or are refused."""
    when = _outcome(phrase, published=day, tense=tense)

    assert when is None or Edtf(str(when)) == when


@given(st.one_of(st.text(), SOUP, st.text("0123456789-/.,'aftx ")), TENSES)
def test_any_text_is_read_or_refused(text: str, tense: str | None) -> None:
    """Any text gives a date or a `PhraseError` that points into it."""
    error = _error(text, tense=tense)

    assert error is None or 0 <= error.position <= len(text)


@given(PHRASES, DAYS, TENSES, st.sampled_from([str.upper, str.title, str.lower]))
def test_case_and_spacing_do_not_matter(
    phrase: str, day: date, tense: str | None, change: Callable[[str], str]
) -> None:
    """Capitals, doubled spaces, tabs and a full stop change nothing."""
    assume(len(phrase) < 60)
    loose = f"\t{change(phrase).replace(' ', '  ')}\u00a0."
    how = {"published": day, "tense": tense}

    assert _outcome(phrase, **how) == _outcome(loose, **how)


# --- a careful writer is never misread --------------------------------------------


def _week(day: date, start: int) -> int:
    return (day.toordinal() - 1 - start) // 7


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _written(day: date, published: date) -> Iterator[tuple[str, str | None]]:
    """Yield what careful writers may say of a day when they publish, and its tense."""
    off, name = (day - published).days, day.strftime("%A")
    tense = "past" if off < 0 else "future"
    months, years = _months(day) - _months(published), day.year - published.year
    spoken = ("last", "this", "next")
    yield f"on {NAMES[day.month - 1]} {day.day}, {day.year}", None
    yield f"{name} {day.day} {NAMES[day.month - 1]} {day.year}", tense
    yield f"in {NAMES[day.month - 1]} {day.year}", tense
    yield f"in {day.year}", tense
    yield f"{('early', 'mid', 'late')[(day.month - 1) // 4]} {day.year}", tense
    yield f"the {('first', 'second')[day.month > 6]} half of {day.year}", None
    yield f"Q{(day.month + 2) // 3} {day.year}", None
    part = ("early", "mid", "late")[min((day.day - 1) // 10, 2)]
    yield f"{part} {NAMES[day.month - 1]} {day.year}", tense
    yield f"between {day.year - 1} and {day.year + 1}", tense
    yield f"before {day.year + 1}", None
    yield f"after {day.year - 1}", None
    yield f"by the end of {day.year}", None
    yield f"by the end of {NAMES[day.month - 1]} {day.year}", None
    if off == 0:
        yield from (("today", None), ("this morning", "past"), ("tonight", "future"))
    if abs(off) == 1:
        yield ("yesterday" if off < 0 else "tomorrow"), tense
    if 0 < abs(off) < 7:
        yield f"on {name}", tense
        yield f"on {name}", None
    if 0 < abs(off) <= 12:
        yield f"{abs(off)} days {'ago' if off < 0 else 'from now'}", tense
    if abs(months) < 10:
        yield f"in {NAMES[day.month - 1]}", tense
        yield f"in {NAMES[day.month - 1]}", None
        yield f"on {NAMES[day.month - 1]} {day.day}", tense
        yield f"on {NAMES[day.month - 1]} {day.day}", None
        yield f"{part} {NAMES[day.month - 1]}", None
    if abs(months) <= 1:
        yield f"{spoken[months + 1]} month", tense
        yield f"{part} {spoken[months + 1]} month", None
    if abs(years) == 1:
        yield f"{spoken[years + 1]} {NAMES[day.month - 1]}", tense
    if abs(years) <= 1:
        yield f"{spoken[years + 1]} year", tense
        yield f"{NAMES[day.month - 1]} {spoken[years + 1]} year", None
    if years == 0 and off:
        yield f"{'earlier' if off < 0 else 'later'} this year", tense
    if off < 0 and -12 < months < 0:
        yield f"last {NAMES[day.month - 1]}", "past"
        yield f"this past {NAMES[day.month - 1]}", "past"
    if 0 < months < 12:
        yield f"next {NAMES[day.month - 1]}", "future"
    for start in (0, 6):
        weeks = _week(day, start) - _week(published, start)
        if abs(weeks) <= 1:
            yield f"{spoken[weeks + 1]} week", None
            yield f"{name} {spoken[weeks + 1]} week", None
            yield f"{spoken[weeks + 1]} {name}", None
        if off < 0 and 0 < -weeks <= 12:
            yield f"{-weeks} weeks ago", "past"
    if off < 0:
        # The last year is full only when its day has come: 731 days may be two years.
        full = -years - ((day.month, day.day) > (published.month, published.day))
        yield from _ago(-off, -months, -years, full)


def _ago(days: int, months: int, years: int, full: int) -> Iterator[tuple[str, str]]:
    """Yield counts of units by the calendar, in full, and rounded."""
    for count in {days // 7, (days + 3) // 7}:
        if 0 < count <= 12:
            yield f"{count} weeks ago", "past"
    if days <= 84:
        yield f"in the past {(days + 6) // 7} weeks", "past"
    if 0 < months <= 12:
        yield f"{months} months ago", "past"
    for count in {years, full, (days + 182) // 366}:
        if 0 < count <= 12:
            yield f"{count} years ago", "past"


@given(DAYS, st.integers(-800, 400))
def test_a_careful_writer_is_never_misread(published: date, off: int) -> None:
    """The day that a writer meant is among those that the phrase is read as."""
    day = published + timedelta(days=off)
    for phrase, tense in _written(day, published):
        when = _outcome(phrase, published=published, tense=tense)

        assert when is not None, phrase
        assert when.on(day) is not Answer.NO, (phrase, when)
