"""Every answer equals what asking each completion in turn gives."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pytest
from edtf_model import (
    CALENDAR,
    NAMED_DAYS,
    QUESTION_DAYS,
    AllOf,
    Lasting,
    Single,
    answer,
    dates,
    days_of,
    extents,
    several,
    since,
    singles,
    written,
)
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf
from bri_timeline._calendar import iso, to_day
from bri_timeline.errors import DayError, EdtfError, QuestionError


TODAY = date(2016, 2, 28)
EXTENTS = extents(TODAY.toordinal())
ANYTHING = st.one_of(singles(), EXTENTS, several())


def number(day: float) -> int | None:
    """Return a day as the library gives it."""
    return None if math.isinf(day) else int(day)


class TestBounds:
    """First and last day."""

    @given(date=ANYTHING)
    def test_bounds_are_those_of_all_completions(
        self, date: Single | Lasting | AllOf
    ) -> None:
        """The first and last day are those that any completion reaches."""
        if isinstance(date, Lasting):
            expected = number(min(date.start)), number(max(date.end))
        else:
            expected = number(min(date.inside[1])), number(max(date.inside[1]))
        value = Edtf(date.text)

        assert expected == (value.first_day, value.last_day)

    @given(text=written())
    def test_a_date_without_a_day_is_refused(self, text: str) -> None:
        """A date is read exactly when the calendar has a day that it can be."""
        try:
            Edtf(text)
            read = True
        except EdtfError:
            read = False

        assert bool(days_of(text)) == read

    @given(date=st.one_of(singles(), EXTENTS))
    def test_earliest_and_latest_start_are_those_of_any_completion(
        self, date: Single | Lasting
    ) -> None:
        """No completion starts earlier or later, and some start then."""
        when = Edtf(date.text)
        assert min(date.firsts) == when.earliest_start
        assert max(date.firsts) == when.latest_start

    @given(extent=EXTENTS, day=QUESTION_DAYS)
    def test_an_extent_begins_on_or_after(self, extent: Lasting, day: date) -> None:
        """An extent begins on a day only if it can end on that day or later."""
        number = day.toordinal()
        later = extent.firsts & since(number)
        found = Edtf(extent.text)._begin_on_or_after(number)

        assert min(later, default=None) == found

    @given(when=dates(), day=QUESTION_DAYS)
    def test_begin_on_or_after_is_the_next_start(self, when: Single, day: date) -> None:
        """`begin_on_or_after()` skips the gaps of a date."""
        later = when.days & since(day.toordinal())
        found = Edtf(when.text)._begin_on_or_after(day.toordinal())

        assert min(later, default=None) == found


class TestMeaning:
    """Whether two texts mean the same days."""

    @given(when=ANYTHING, other=ANYTHING)
    def test_same_days(
        self, when: Single | Lasting | AllOf, other: Single | Lasting | AllOf
    ) -> None:
        """Two dates mean the same if they have the same completions."""
        is_same = Edtf(when.text).same_days(Edtf(other.text))

        assert is_same is Edtf(other.text).same_days(Edtf(when.text))
        assert is_same or when.text != other.text
        if isinstance(when, AllOf) or isinstance(other, AllOf):
            assert not is_same or when.inside == other.inside
        else:
            assert is_same is (_meaning(when) == _meaning(other))

    def test_an_open_end_is_not_an_end(self) -> None:
        """An open end is not an end."""
        assert not Edtf("2015/..").same_days(Edtf("2015/2016"))
        assert Edtf("2015/..").same_days(Edtf("2015-XX/.."))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("2016", "2016-XX"),
            ("2016", "2016~"),
            ("2016-02", "[2016-02-01..2016-02-29]"),
            ("2015-XX/2016", "2015/2016-XX"),
            ("2015-12-31/2016-02-2X", "2015-12-31/2016-02-2X?"),
            (
                "{2016-01-01..2016-01-03,2015}",
                "{2015,2016-01-03,2016-01-01..2016-01-02}",
            ),
        ],
    )
    def test_other_words(self, one: str, other: str) -> None:
        """Other words for the same days are equal in meaning, and not as dates."""
        assert Edtf(one).same_days(Edtf(other))
        assert Edtf(one) != Edtf(other)

    def test_a_known_day(self) -> None:
        """A known day may be given, and nothing that is no date."""
        assert Edtf("2016-01-01").same_days(date(2016, 1, 1))
        with pytest.raises(DayError):
            Edtf("2016").same_days("soon")


def _meaning(when: Single | Lasting | AllOf) -> object:
    """Return what a date that is not several days means: an extent is its pairs."""
    if isinstance(when, Lasting):
        kinds = when.unknown_start, when.no_end, when.text.endswith("..")
        return when.firsts, when.lasts, kinds, when.text.startswith("..")
    return when.inside


class TestOneDay:
    """Questions about one day."""

    @given(when=singles(), day=QUESTION_DAYS)
    def test_known_days(self, when: Single, day: date) -> None:
        """Order and identity with a known day hold as for every day it can be."""
        known, value = day.toordinal(), Edtf(when.text)
        expected = (
            answer(one <= known for one in when.days),
            answer(one < known for one in when.days),
            answer(one > known for one in when.days),
            answer(one == known for one in when.days),
        )
        actual = (
            value.on_or_before(day),
            value.before(day),
            value.after(day.isoformat()),
            value.on(day),
        )

        assert expected == actual

    @given(when=NAMED_DAYS | singles(), other=NAMED_DAYS | singles())
    def test_same_day(self, when: Single, other: Single) -> None:
        """Two dates are the same day as often as their completions are."""
        possible = bool(when.days & other.days)
        certain = possible and len(when.days | other.days) == 1
        expected = answer([possible, certain])

        assert expected == Edtf(when.text).same_day_as(Edtf(other.text))

    @given(when=singles(), other=ANYTHING)
    def test_before_and_after_imprecise_dates(
        self, when: Single, other: Single | Lasting | AllOf
    ) -> None:
        """A date lies before the first day, and after the last day, of another."""
        starts, ends = other.firsts, other.lasts
        before = answer([min(when.days) < max(starts), max(when.days) < min(starts)])
        after = answer([max(when.days) > min(ends), min(when.days) > max(ends)])
        value, asked = Edtf(when.text), Edtf(other.text)

        assert before == value.before(asked)
        if not other.text.endswith("/.."):
            assert after == value.after(asked)

    @given(when=singles(), period=st.one_of(singles(), several()))
    def test_during(self, when: Single, period: Single | AllOf) -> None:
        """A date is during a period if each of its days is one of the period's."""
        certain, possible = period.inside
        expected = answer([bool(when.days & possible), when.days <= certain])

        assert expected == Edtf(when.text).during(Edtf(period.text))

    @given(when=st.one_of(NAMED_DAYS, dates()), period=EXTENTS)
    def test_during_an_extent(self, when: Single, period: Lasting) -> None:
        """Within its dates an extent holds a date; beyond, if an end has no date, it
        may.
        """
        certain, possible = period.inside
        if period.text.endswith("/.."):
            possible = since(min(possible))
            certain = frozenset({min(possible)})
        expected = answer([bool(when.days & possible), when.days <= certain])

        assert expected == Edtf(when.text).during(Edtf(period.text))


class TestExtents:
    """Questions about extents."""

    @given(extent=EXTENTS, day=QUESTION_DAYS)
    def test_started_and_ended_by(self, extent: Lasting, day: date) -> None:
        """Each end lies by a day as for every pair of ends in their order."""
        known, value = day.toordinal(), Edtf(extent.text)
        expected = (
            answer(start <= known for start in extent.firsts),
            answer(end <= known for end in extent.lasts),
        )
        actual = value.started_by(day), value.ended_by(day, today=TODAY)

        assert expected == actual

    @given(extent=extents(TODAY.toordinal() - 1), day=QUESTION_DAYS)
    def test_active_on(self, extent: Lasting, day: date) -> None:
        """A day is within an extent as for every pair of ends; an open end is not over
        today.
        """
        actual = Edtf(extent.text).active_on(day, today=TODAY)

        assert extent.active_on(day.toordinal()) == actual

    def test_an_open_extent_of_the_future_holds_its_first_day(self) -> None:
        """What starts on a known day, even one to come, is active on that day."""
        actual = Edtf("2030-01-01/..").active_on("2030-01-01", today="2026-01-01")

        assert Answer.YES == actual


class TestSeveral:
    """Questions about several days."""

    @given(date=several(), day=QUESTION_DAYS)
    def test_first_and_all(self, date: AllOf, day: date) -> None:
        """The first of them, and all of them, lie by a day as in every choice."""
        known, value = day.toordinal(), Edtf(date.text)
        expected = (
            answer(first <= known for first in date.firsts),
            answer(last <= known for last in date.lasts),
        )

        assert expected == (value.first_on_or_before(day), value.all_on_or_before(day))

    @given(date=several(), day=QUESTION_DAYS)
    def test_on(self, date: AllOf, day: date) -> None:
        """One of them is a day if a member is that day alone; maybe, if it can be."""
        known = day.toordinal()
        touching = [member for member in date.members if known in member]
        certain = any(len(member) == 1 for member in touching)

        assert answer([bool(touching), certain]) == Edtf(date.text).on(day)

    @pytest.mark.parametrize(
        ("text", "day", "expected"),
        [
            ("{2015-04-01..2015-04-03}", "2015-04-02", Answer.YES),
            ("{2015-04..2015-06}", "2015-05-01", Answer.MAYBE),
            ("{2015..2016}", "2015-05-01", Answer.MAYBE),
            ("{2015-04..2015-05-03}", "2015-05-01", Answer.MAYBE),
            ("{2015-04-01..2015-05}", "2015-04-01", Answer.MAYBE),
            ("{2015-04-01,2015-04-03}", "2015-04-02", Answer.NO),
        ],
    )
    def test_every_day_of_a_range_of_days(
        self, text: str, day: str, expected: Answer
    ) -> None:
        """A range of days has each of its days; one of months, a day of each month."""
        assert expected == Edtf(text).on(day)


WRONG = [
    ("2015/2017", "on_or_before", "started_by"),
    ("2015/2017", "on", "active_on"),
    ("{2016,2018}", "after", "first_on_or_before"),
    ("2015", "started_by", "extent"),
    ("[2015..2017]", "ended_by", "extent"),
    ("{2016,2018}", "active_on", "extent"),
    ("2015", "first_on_or_before", "several"),
    ("2015/2017", "all_on_or_before", "several"),
]


class TestWrongQuestions:
    """Questions that do not fit."""

    @pytest.mark.parametrize(("text", "question", "remedy"), WRONG)
    def test_a_question_that_does_not_fit(
        self, text: str, question: str, remedy: str
    ) -> None:
        """A question that does not fit the kind of date names one that does."""
        with pytest.raises(QuestionError, match=remedy) as caught:
            getattr(Edtf(text), question)("2016-01-01")

        assert (text, question) == (caught.value.text, caught.value.question)

    @pytest.mark.parametrize(
        ("day", "remedy"),
        [
            ("2015", "such as '2015-12-31'"),
            ("-0044", "such as '-0044-12-31'"),
            ("2016-02", "such as '2016-02-29'"),
            ("2015-13", "such as '2015-12-31'"),
            ("2015-13-01", "its month is not one of 01 to 12"),
            ("2015-02-29", "that month has the days 01 to 28"),
            ("x", "write it as year-month-day"),
            ("", "write it as year-month-day"),
            (20150101, "give a date"),
            (datetime(2015, 1, 1, tzinfo=UTC), "say which day"),
        ],
    )
    def test_a_question_about_no_whole_day(self, day: str, remedy: str) -> None:
        """A question needs one whole day that exists, and says how to give one."""
        with pytest.raises(DayError, match=remedy) as caught:
            Edtf("2015").on_or_before(day)

        assert day == caught.value.value

    @given(day=st.dates())
    def test_a_day_is_its_text(self, day: date) -> None:
        """A day and its text are the same day, also before year 1 in text."""
        assert day.toordinal() == to_day(day) == to_day(iso(day.toordinal()))
        assert "-0044-03-15" == iso(to_day("-0044-03-15"))

    def test_the_calendar_of_the_model_has_leap_days(self) -> None:
        """The model that answers are compared with knows 29 February."""
        assert date(2016, 2, 29) in CALENDAR
