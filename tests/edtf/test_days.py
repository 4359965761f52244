"""The calendar agrees with `datetime.date`, and sets of days with Python's sets."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bri_timeline import Edtf
from bri_timeline._calendar import (
    BIT_OF_MONTH,
    as_date,
    civil,
    day_number,
    is_leap,
    iso,
    month_length,
    to_day,
    year_of,
    year_start,
)
from bri_timeline.edtf._dates import _years
from bri_timeline.edtf._days import Days, DaySpan, Mask
from bri_timeline.errors import DayError, DayRangeError, QuestionError


LOW, HIGH = date(2011, 1, 1).toordinal(), date(2020, 12, 31).toordinal()
WINDOW = range(LOW, HIGH + 1)


class TestCalendar:
    """Day numbers."""

    @given(day=st.dates())
    def test_day_numbers_are_ordinals(self, day: date) -> None:
        """Within the years of `date`, day numbers are its ordinals."""
        assert day.toordinal() == day_number(day.year, day.month, day.day)
        assert (day.year, day.month, day.day) == civil(day.toordinal())

    @given(number=st.integers() | st.integers(10**17, 10**18))
    def test_civil_is_the_inverse(self, number: int) -> None:
        """Any day number is that of the year, month and day it stands for."""
        year, month, day = civil(number)

        assert number == day_number(year, month, day)
        assert 1 <= day <= month_length(year, month)
        assert year == year_of(number)
        assert year_start(year) <= number < year_start(year + 1)

    @given(year=st.integers(-(10**6), 10**6))
    def test_leap_years_have_366_days(self, year: int) -> None:
        """A year is as long as its months, and has 366 days if it is a leap year."""
        length = year_start(year + 1) - year_start(year)

        assert length == sum(month_length(year, month) for month in range(1, 13))
        assert is_leap(year) == (length == 366)

    def test_the_year_after_december_begins(self) -> None:
        """The first day of a thirteenth month is the first day of the next year."""
        assert year_start(2017) == day_number(2016, 13, 1) == day_number(2017, 1, 1)

    @pytest.mark.parametrize("year", [1900, 2000, 2004, 2019, 2100])
    def test_plain_months_and_days_are_those_of_the_calendar(self, year: int) -> None:
        """The short way for plain dates knows which years have a leap day."""
        for month in range(1, 13):
            last = date(year, month, month_length(year, month))
            whole, end = Edtf(f"{year}-{month:02}"), Edtf(last.isoformat())
            first = last.replace(day=1).toordinal()

            assert (first, last.toordinal()) == (whole.first_day, whole.last_day)
            assert end.first_day == end.last_day == last.toordinal()


def _subset(most: int, of: list[int] | None = None) -> st.SearchStrategy[list[int]]:
    pool = st.sampled_from(of or list(range(1, most + 1)))
    return st.lists(pool, min_size=1, max_size=4, unique=True).map(sorted)


YEARS = _subset(0, [2012, 2013, 2015, 2016, 2020]).map(tuple) | st.sampled_from(
    [range(2012, 2018), range(2011, 2021, 4), range(2012, 2021, 4), range(2013, 2014)]
)
MONTHS = _subset(12, [1, 2, 3, 12]).map(tuple) | st.just(tuple(range(1, 13)))
IN_MONTH = st.none() | _subset(31, [1, 15, 28, 29, 30, 31]).map(tuple)
EDGES = [
    date(year, month, day).toordinal()
    for year in (2012, 2013, 2015, 2016)
    for month, day in ((1, 1), (1, 15), (1, 31), (2, 1), (2, 28), (3, 1), (12, 31))
] + [date(2012, 2, 29).toordinal(), date(2016, 2, 29).toordinal()]
EDGE = st.sampled_from(EDGES)
SPANS = st.tuples(EDGE, EDGE).map(lambda pair: DaySpan(min(pair), max(pair)))


@st.composite
def day_sets(draw: st.DrawFn) -> tuple[Days, frozenset[int]]:
    """Generate a set of days as `Days` and as a Python set."""
    parts, members = [Days(draw(st.lists(SPANS, max_size=3)))], set[int]()
    for span in parts[0].spans:
        members.update(range(int(span.first), int(span.last) + 1))
    for _ in range(draw(st.integers(0, 2))):
        years, months, days = draw(YEARS), draw(MONTHS), draw(IN_MONTH)
        parts.append(Days.masked(years, months, days))
        for number in WINDOW:
            day = date.fromordinal(number)
            named = days is None or day.day in days
            if named and day.year in years and day.month in months:
                members.add(number)
    return Days.union(parts), frozenset(members)


def _members(days: Days) -> set[int]:
    """Return the days of a set, one after another."""
    found, day = set[int](), days.at_or_after(-math.inf)
    while day is not None:
        found.add(int(day))
        day = days.at_or_after(day + 1)
    return found


class TestDays:
    """Set algebra."""

    @given(both=day_sets(), day=EDGE)
    def test_membership(self, both: tuple[Days, frozenset[int]], day: int) -> None:
        """A day is in the set, or has neighbours in it, as in a set of numbers."""
        days, members = both
        expected = (
            day in members,
            min((one for one in members if one >= day), default=None),
            max((one for one in members if one <= day), default=None),
        )

        assert expected == (
            day in days,
            days.at_or_after(day),
            days.at_or_before(day),
        )

    @given(both=day_sets())
    def test_ends(self, both: tuple[Days, frozenset[int]]) -> None:
        """First and last are the least and the greatest; an empty set is false."""
        days, members = both

        assert bool(members) == bool(days)
        assert min(members, default=math.inf) == days.first
        assert max(members, default=-math.inf) == days.last
        assert days.at_or_after(math.inf) is None
        assert days.at_or_before(-math.inf) is None
        assert min(members, default=None) == days.at_or_after(-math.inf)
        assert max(members, default=None) == days.at_or_before(math.inf)

    @given(one=day_sets(), two=day_sets())
    def test_meets_and_within(
        self, one: tuple[Days, frozenset[int]], two: tuple[Days, frozenset[int]]
    ) -> None:
        """Overlap and inclusion are those of sets."""
        assert bool(one[1] & two[1]) == one[0].meets(two[0]) == two[0].meets(one[0])
        assert (one[1] <= two[1]) == one[0].within(two[0])
        assert one[0].within(Days.union([one[0], two[0]]))

    def test_what_one_span_leaves_out_a_mask_may_cover(self) -> None:
        """What one span leaves out a mask may cover."""
        march, every_march = (Edtf(text)._one_of() for text in ("2015-03", "20XX-03"))
        assert march.within(every_march)

    @given(
        both=day_sets(), first=EDGE | st.just(-math.inf), last=EDGE | st.just(math.inf)
    )
    def test_the_members_between_two_days_are_those_of_a_set_of_numbers(
        self, both: tuple[Days, frozenset[int]], first: float, last: float
    ) -> None:
        """A set is cut at two days, either of which may be infinite."""
        assume(first <= last)
        days, members = both
        expected = {day for day in members if first <= day <= last}

        assert expected == _members(days.between_days(first, last))

    @pytest.mark.parametrize(
        ("first", "last", "years"),
        [
            (date(2013, 6, 15), date(2015, 6, 15), {2014}),
            (date(2012, 6, 16), date(2016, 6, 14), {2014}),
            (date(2012, 6, 15), date(2016, 6, 15), {2012, 2014, 2016}),
        ],
    )
    def test_a_mask_is_cut_in_years_that_it_has_or_not(
        self, first: date, last: date, years: set[int]
    ) -> None:
        """A year that is cut keeps its days on one side, a year between keeps all."""
        days = Days.masked((2012, 2014, 2016), (6,), (15,))
        cut = days.between_days(first.toordinal(), last.toordinal())

        assert {date(year, 6, 15).toordinal() for year in years} == _members(cut)

    @given(both=day_sets(), year=st.sampled_from([2012, 2013, 2015, 2016]))
    def test_bits(self, both: tuple[Days, frozenset[int]], year: int) -> None:
        """The bits of a year are its members."""
        expected = 0
        for number in both[1]:
            day = date.fromordinal(number)
            if day.year == year:
                expected |= 1 << BIT_OF_MONTH[day.month] + day.day - 1

        assert expected == both[0].bits(year)

    @given(both=day_sets(), cover=SPANS)
    def test_within_what_is_open(
        self, both: tuple[Days, frozenset[int]], cover: DaySpan
    ) -> None:
        """A set open on one side holds what lies on that side, itself included."""
        days, members = both
        since = Days.between(cover.first, math.inf)
        until = Days.between(-math.inf, cover.first)

        assert all(day >= cover.first for day in members) == days.within(since)
        assert all(day <= cover.first for day in members) == days.within(until)
        assert since.within(since)
        assert until.within(until)
        assert not since.within(Days.union([days, until]))
        assert not until.within(Days.union([days, since]))

    @pytest.mark.parametrize(
        ("spans", "day_of_year"),
        [
            ([((2015, 12, 31), (2015, 12, 31))], [(12, 31)]),
            ([((2014, 12, 1), (2015, 1, 1))], [(1, 1)]),
            ([((2015, 12, 31), (2016, 1, 1))], [(12, 31)]),
            (
                [((2015, 1, 1), (2015, 1, 1)), ((2015, 3, 1), (2015, 3, 1))],
                [(1, 1), (3, 1)],
            ),
            ([((2014, 12, 31), (2014, 12, 31)), ((2016, 1, 1), (2016, 1, 1))], []),
        ],
    )
    def test_bits_are_of_one_year_to_its_ends(
        self,
        spans: list[tuple[tuple[int, int, int], tuple[int, int, int]]],
        day_of_year: list[tuple[int, int]],
    ) -> None:
        """The bits of a year begin on 1 January and end on 31 December."""
        days = Days(DaySpan(day_number(*one), day_number(*two)) for one, two in spans)
        bits = sum(1 << BIT_OF_MONTH[month] + day - 1 for month, day in day_of_year)

        assert bits == days.bits(2015)

    def test_the_days_of_two_masked_years_are_in_both(self) -> None:
        """A mask of two years holds the days of the second as well."""
        days = Days.masked((2012, 2013), (2,), None)

        assert day_number(2012, 2, 1) == days.first
        assert day_number(2013, 2, 28) == days.last


class TestMasks:
    """Masks over many years."""

    def test_the_bits_of_a_mask_are_its_days(self) -> None:
        """Each day that a month has is a bit, also the last of it."""
        mask = Mask((2015,), (1, 2), (15, 30, 31))
        months = Mask((2015,), (1, 3), None)

        january, february, march = BIT_OF_MONTH[1:4]
        days = [january + 14, january + 29, january + 30, february + 14]
        assert sum(1 << day for day in days) == mask.bits(2015)
        assert (2**31 - 1 << january) | (2**31 - 1 << march) == months.bits(2015)

    @pytest.mark.parametrize(
        ("one", "two", "meets"),
        [
            # the years of two ranges, which share one or several
            (((2000, 2010), (1,), None), ((2009, 2020), (1,), None), True),
            (((2000, 2010), (1,), None), ((2010, 2020), (1,), None), False),
            (((2001, 2004), (2,), (29,)), ((2001, 2004), (2,), (29,)), False),
            (((2001, 2005), (2,), (29,)), ((2004, 2009), (2,), (29,)), True),
            # the days of which one has only some
            (((2000, 2010), (1,), (15,)), ((2000, 2010), (1,), (16,)), False),
            (((2000, 2010), (1,), (15, 16)), ((2000, 2010), (1,), (16, 17)), True),
            (((2000, 2010), (2,), None), ((2000, 2010), (2,), (30,)), False),
            (((2000, 2010), (2,), None), ((2000, 2010), (2,), (28,)), True),
            (((2000, 2010), (1, 2), None), ((2000, 2010), (2, 3), None), True),
            (((2000, 2010), (1, 2), None), ((2000, 2010), (3, 4), None), False),
        ],
    )
    def test_masks_meet_where_they_share_a_day(
        self,
        one: tuple[tuple[int, int], tuple[int, ...], tuple[int, ...] | None],
        two: tuple[tuple[int, int], tuple[int, ...], tuple[int, ...] | None],
        meets: bool,
    ) -> None:
        """Two masks meet if they share a year, a month of it and a day of that."""
        masks = [
            Mask(range(*years), months, days) for years, months, days in (one, two)
        ]

        assert meets == masks[0].meets(masks[1]) == masks[1].meets(masks[0])

    def test_a_mask_with_gaps_over_centuries(self) -> None:
        """`1X3X-XX-X1` is the days 1, 11, 21 and 31 of a hundred years."""
        value = Edtf("1X3X-XX-X1")
        expected = {
            day.toordinal()
            for century in range(10)
            for decade in range(10)
            for month in range(1, 13)
            for number in (1, 11, 21, 31)
            if number <= month_length(1030 + century * 100 + decade, month)
            for day in [date(1030 + century * 100 + decade, month, number)]
        }
        days, found, day = value._one_of(), set[float](), -math.inf
        while (following := days.at_or_after(day)) is not None:
            found.add(following)
            day = following + 1

        assert expected == found
        assert (min(expected), max(expected)) == (value.first_day, value.last_day)

    def test_leap_days(self) -> None:
        """`20XX-02-29` is the leap days of a century, and nothing else."""
        leap_days = Mask(range(2000, 2100), (2,), (29,))
        common = Mask(range(2001, 2100, 4), (2,), (29,))

        assert date(2096, 2, 29).toordinal() == leap_days.at_or_before(math.inf)
        assert common.at_or_after(-math.inf) is common.at_or_before(math.inf) is None
        assert not leap_days.meets(common)
        assert leap_days.meets(leap_days)
        assert Days(masks=(common,)).within(Days())

    @pytest.mark.parametrize(
        ("one", "two", "expected"),
        [
            ("[1XXX-XX-15,Y1E18]", "1999-12-15", True),
            ("[1XXX-XX-15,Y1E18]", "[Y1E10..Y1E11]", False),
            ("1XXX-XX-15", "2XXX-XX-15", False),
            ("1X1X-XX-15", "1X2X-XX-15", False),
            ("XXXX-02-29", "XX01-02-2X", False),
            ("-XXXX-12", "-000X-XX-3X", True),
        ],
    )
    def test_far_apart(self, one: str, two: str, expected: bool) -> None:
        """Masks over thousands of years meet, or do not, without being listed."""
        assert expected == Edtf(one)._one_of().meets(Edtf(two)._one_of())
        if not expected:
            assert not Edtf(two)._one_of().within(Edtf(one)._one_of())


class TestKnownDays:
    """Days that callers write."""

    @pytest.mark.parametrize(
        "text",
        [
            "-9999-01-01",
            "-0001-12-31",
            "0000-01-01",
            "0000-02-29",
            "0000-12-31",
            "0001-01-01",
            "9999-12-31",
        ],
    )
    def test_days_of_any_year_come_back(self, text: str) -> None:
        """A day is read and written alike, before the first year too."""
        assert text == iso(to_day(text))

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("2019", "is not one day: say which, such as '2019-12-31'"),
            ("-0005", "is not one day: say which, such as '-0005-12-31'"),
            ("-0005-06", "is not one day: say which, such as '-0005-06-30'"),
            ("2019-02", "is not one day: say which, such as '2019-02-28'"),
            ("2019-01", "is not one day: say which, such as '2019-01-31'"),
            ("2019-12", "is not one day: say which, such as '2019-12-31'"),
            ("2019-13", "is not one day: say which, such as '2019-12-31'"),
            ("20191011", "is not a day: write it as year-month-day, '2019-04-24'"),
            ("2019-W10-1", "is not a day: write it as year-month-day, '2019-04-24'"),
            ("2019-00-10", "is not a day: its month is not one of 01 to 12"),
            ("2019-13-10", "is not a day: its month is not one of 01 to 12"),
            ("2019-04-00", "is not a day: that month has the days 01 to 30"),
            ("2019-04-31", "is not a day: that month has the days 01 to 30"),
        ],
    )
    def test_to_day_refuses_text_that_is_not_a_day(
        self, text: str, problem: str
    ) -> None:
        """Text that is not one whole day is refused with a remedy."""
        with pytest.raises(DayError) as caught:
            to_day(text)

        assert f"{text!r} {problem}" == str(caught.value)

    def test_days_as_dates(self) -> None:
        """From the first day of year 1 to the last of 9999 a day is a date."""
        first, last = 1, date.max.toordinal()

        assert (date.min, date.max) == (as_date(first, "x"), as_date(last, "x"))
        for day in (first - 1, last + 1):
            with pytest.raises(DayRangeError, match=r"^its end lies outside the years"):
                as_date(day, "its end")

    @pytest.mark.parametrize(
        ("value", "told"),
        [
            (
                20190424,
                "20190424 is not a day: give a date, or text such as '2019-04-24'",
            ),
            (
                datetime(2019, 4, 24, tzinfo=UTC),
                (
                    "datetime.datetime(2019, 4, 24, 0, 0, tzinfo=datetime.timezon..."
                    " is an instant: say which day, such as value.date()"
                ),
            ),
        ],
    )
    def test_to_day_refuses_other_types(self, value: object, told: str) -> None:
        """A number is not a day, and an instant is a different day elsewhere."""
        with pytest.raises(DayError) as caught:
            to_day(value)

        assert told == str(caught.value)


class TestSmallThings:
    """What a date shows of itself."""

    @pytest.mark.parametrize(
        ("text", "canonical"),
        [
            ("?Y17000~", "Y17000%"),
            ("?1950S2", "1950S2?"),
            ("1950S4", "1950S4"),
            ("Y171010000S3", "Y171010000S3"),
        ],
    )
    def test_years_by_themselves(self, text: str, canonical: str) -> None:
        """Qualifiers before and after a year add up; significant digits are kept."""
        when = Edtf(text)

        assert (canonical, 2) == (str(when), when.level)

    def test_hashes_differ(self) -> None:
        """Dates of different meaning have different hashes, as sets need."""
        assert hash(Edtf("2015")) != hash(Edtf("2016"))

    def test_sort_key_puts_an_open_start_first(self) -> None:
        """For display, an open beginning comes before any day."""
        assert -math.inf == Edtf("../2015").sort_key()[0]
        assert date(2015, 1, 1).toordinal() == Edtf("2015").sort_key()[0]

    def test_questions_that_do_not_fit(self) -> None:
        """A question about an extent, or several days, says what would be one."""
        with pytest.raises(
            QuestionError, match=r"\bit is not an extent, such as 2015/2017$"
        ):
            Edtf("2015").started_by("2015-01-01")
        several = r"\bit is not several days, such as \{2016,2018\}$"
        with pytest.raises(QuestionError, match=several):
            Edtf("2015").all_on_or_before("2015-01-01")
        with pytest.raises(QuestionError, match=r"^begins_with cannot be asked of"):
            Edtf("{2015,2016}").begins_with(Edtf("2015"))

    def test_a_leap_second(self) -> None:
        """The last minute of an hour may have one second more."""
        assert Edtf("2016-12-31T23:59:60Z") == Edtf(str(Edtf("2016-12-31T23:59:60Z")))


@given(sign=st.sampled_from(["", "-"]), digits=st.text("0159X", min_size=4, max_size=4))
def test_a_masked_year_is_every_year_whose_digits_fit(sign: str, digits: str) -> None:
    """Wherever the X stand, and also before the year 0, of which there is one."""
    assume("X" in digits)
    fits = re.compile(digits.replace("X", "[0-9]")).fullmatch
    years = [year for year in range(10_000) if fits(f"{year:04}")]
    if sign:
        years = [-year for year in reversed(years) if year]

    assert years == [*_years(sign + digits)]
