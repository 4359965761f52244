"""Dates at the edges: single days, single years, and the whole text of a refusal."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pendulum
import pytest

from bri_timeline import Answer, Edtf
from bri_timeline._calendar import day_number
from bri_timeline.edtf import Widening
from bri_timeline.edtf._days import DaySpan, bits_between, joined, spans_meet, uncovered
from bri_timeline.errors import QuestionError


YES, NO, MAYBE = Answer.YES, Answer.NO, Answer.MAYBE

ONE_DAY = ["on_or_before", "before", "after", "on"]
TWO_DATES = ["during", "same_day_as"]
OF_EXTENTS = ["started_by", "ended_by", "active_on"]
OF_SEVERAL = ["first_on_or_before", "all_on_or_before"]


# --- refusals -------------------------------------------------------------------


def _refusal(text: str, question: str, asked: object) -> str:
    with pytest.raises(QuestionError) as caught:
        getattr(Edtf(text), question)(asked)
    assert (text, question) == (caught.value.text, caught.value.question)
    return str(caught.value)


@pytest.mark.parametrize("question", ONE_DAY + TWO_DATES)
def test_a_question_about_one_day_is_refused_by_all_else(question: str) -> None:
    """What lasts, and what is several days, names the questions that fit it."""
    asked = Edtf("2016") if question in TWO_DATES else "2016-01-01"

    assert _refusal("2015/2017", question, asked) == (
        f"{question} cannot be asked of '2015/2017': "
        "it is an extent; ask started_by, ended_by or active_on"
    )
    if question != "on":
        assert _refusal("{2016,2018}", question, asked) == (
            f"{question} cannot be asked of '{{2016,2018}}': "
            "it is several days; ask first_on_or_before or all_on_or_before"
        )


def test_the_same_day_is_refused_where_the_other_date_is_not_one() -> None:
    """Both dates have to be one day, however well the first is known."""
    for day in ("2016-01-01", "2016", "[2016-01-01,2016-03-01]", "2018"):
        with pytest.raises(QuestionError, match=r"^same_day_as .* '2015/2017'"):
            Edtf(day).same_day_as(Edtf("2015/2017"))


@pytest.mark.parametrize("question", OF_EXTENTS)
@pytest.mark.parametrize("text", ["2015", "[2015..2017]", "{2016,2018}"])
def test_a_question_about_an_extent_is_refused_by_all_else(
    text: str, question: str
) -> None:
    """What does not last is not an extent, and says what would be one."""
    assert _refusal(text, question, "2016-01-01") == (
        f"{question} cannot be asked of '{text}': "
        "it is not an extent, such as 2015/2017"
    )


@pytest.mark.parametrize("question", OF_SEVERAL)
@pytest.mark.parametrize("text", ["2015", "[2015..2017]", "2015/2017"])
def test_a_question_about_several_days_is_refused_by_all_else(
    text: str, question: str
) -> None:
    """What is one day, or lasts, says what would be several."""
    assert _refusal(text, question, "2016-01-01") == (
        f"{question} cannot be asked of '{text}': "
        "it is not several days, such as {2016,2018}"
    )


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("201X~", "only a year, month or day qualified as a whole, such as 2016~"),
        (
            "9999-12~",
            "EDTF writes months and days of years from -9999 to 9999 only",
        ),
    ],
)
def test_what_cannot_be_widened_is_refused_by_its_text(text: str, remedy: str) -> None:
    """A refusal to widen names the date, and what can be widened."""
    with pytest.raises(QuestionError) as caught:
        Edtf(text).widened(Widening(years=1, months=1, days=1))

    assert f"widened cannot be asked of '{text}': {remedy}" == str(caught.value)
    assert (text, "widened") == (caught.value.text, caught.value.question)


# --- the day before the year 1 has the number 0 -----------------------------------


def test_the_day_before_the_year_1_is_a_day_like_any_other() -> None:
    """Its number is 0, which is not the same as none."""
    day = Edtf("0000-12-31")

    assert 0 == day.first_day == day.last_day == day.earliest_start == day.latest_start
    assert YES == day.on("0000-12-31") == day.on_or_before("0000-12-31")
    assert NO == day.on("0001-01-01") == day.on("0000-12-30")
    assert YES == day.before("0001-01-01") == day.after("0000-12-30")
    assert YES == day.during(Edtf("0000-12")) == day.same_day_as(Edtf("0000-12-31"))
    assert NO == day.same_day_as(Edtf("0001-01-01"))
    assert NO == day.before(day) == day.after(day)
    assert (0, 0.0, "0000-12-31") == day.sort_key()


# --- one day on either side -----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "question", "day", "expected"),
    [
        ("2015", "on_or_before", "2014-12-31", NO),
        ("2015", "on_or_before", "2015-01-01", MAYBE),
        ("2015", "on_or_before", "2015-12-30", MAYBE),
        ("2015", "on_or_before", "2015-12-31", YES),
        ("2015", "before", "2015-01-01", NO),
        ("2015", "before", "2015-01-02", MAYBE),
        ("2015", "before", "2015-12-31", MAYBE),
        ("2015", "before", "2016-01-01", YES),
        ("2015", "after", "2015-12-31", NO),
        ("2015", "after", "2015-12-30", MAYBE),
        ("2015", "after", "2015-01-01", MAYBE),
        ("2015", "after", "2014-12-31", YES),
        ("2015", "on", "2014-12-31", NO),
        ("2015", "on", "2015-01-01", MAYBE),
        ("2015", "on", "2015-12-31", MAYBE),
        ("2015", "on", "2016-01-01", NO),
        ("2015-04-24", "on", "2015-04-24", YES),
        ("[2015-04-24,2015-04-26]", "on", "2015-04-25", NO),
        ("{2015-04-24,2016}", "on", "2015-04-24", YES),
        ("{2015-04-24,2016}", "on", "2016-04-24", MAYBE),
        ("{2015-04-24,2016}", "on", "2015-04-25", NO),
        ("{2015-04-0X}", "on", "2015-04-05", MAYBE),
        ("{2015-04-0X..2015-04-12}", "on", "2015-04-11", MAYBE),
        ("{2015-04-08..2015-04-1X}", "on", "2015-04-11", MAYBE),
        ("2015/2017", "started_by", "2014-12-31", NO),
        ("2015/2017", "started_by", "2015-01-01", MAYBE),
        ("2015/2017", "started_by", "2015-12-31", YES),
        ("2015/2017", "ended_by", "2016-12-31", NO),
        ("2015/2017", "ended_by", "2017-01-01", MAYBE),
        ("2015/2017", "ended_by", "2017-12-31", YES),
        ("2015/2017", "active_on", "2014-12-31", NO),
        ("2015/2017", "active_on", "2015-12-30", MAYBE),
        ("2015/2017", "active_on", "2015-12-31", YES),
        ("2015/2017", "active_on", "2017-01-01", YES),
        ("2015/2017", "active_on", "2017-01-02", MAYBE),
        ("2015/2017", "active_on", "2018-01-01", NO),
        ("../2017", "started_by", "0001-01-01", YES),
        ("/2017", "started_by", "2017-12-30", MAYBE),
        ("/2017", "started_by", "2017-12-31", YES),
        ("2015/", "ended_by", "2014-12-31", NO),
        ("2015/", "ended_by", "2015-01-01", MAYBE),
        ("2015/", "active_on", "2015-12-31", MAYBE),
        ("2015/2015", "ended_by", "2014-12-31", NO),
        ("{2016,2018}", "first_on_or_before", "2015-12-31", NO),
        ("{2016,2018}", "first_on_or_before", "2016-01-01", MAYBE),
        ("{2016,2018}", "first_on_or_before", "2016-12-31", YES),
        ("{2016,2018}", "all_on_or_before", "2017-12-31", NO),
        ("{2016,2018}", "all_on_or_before", "2018-01-01", MAYBE),
        ("{2016,2018}", "all_on_or_before", "2018-12-31", YES),
        ("{..2016}", "first_on_or_before", "0001-01-01", YES),
        ("{2016..}", "all_on_or_before", "9999-12-31", NO),
    ],
)
def test_an_answer_turns_at_a_day(
    text: str, question: str, day: str, expected: Answer
) -> None:
    """An answer changes on the first or the last day of a date, and on no other."""
    assert expected == getattr(Edtf(text), question)(day)


@pytest.mark.parametrize(
    ("text", "day", "today", "ended", "active"),
    [
        ("2015/..", "2019-06-30", "2019-06-30", NO, YES),
        ("2015/..", "2019-07-01", "2019-06-30", MAYBE, MAYBE),
        ("2015/..", "2015-12-31", "2019-06-30", NO, YES),
        ("2015/..", "2015-01-01", "2019-06-30", NO, MAYBE),
        ("2015/..", "2014-12-31", "2019-06-30", NO, NO),
        ("2015-04-24/..", "2015-04-24", "2014-01-01", MAYBE, YES),
    ],
)
def test_an_open_end_is_not_over_today(
    text: str, day: str, today: str, ended: Answer, active: Answer
) -> None:
    """What has an open end goes on today, and may end on any day from tomorrow on."""
    extent = Edtf(text)

    assert ended == extent.ended_by(day, today=today)
    assert active == extent.active_on(day, today=today)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_today_is_that_of_utc_wherever_one_is(zone: str) -> None:
    """Where it is a day later or earlier than in UTC, today is the same day."""
    extent, day = Edtf("2015/.."), timedelta(days=1)
    with pendulum.test_local_timezone(pendulum.timezone(zone)):
        before = datetime.now(UTC).date()
        answers = extent.ended_by(before), extent.ended_by(before + day)
        after = datetime.now(UTC).date()

    assert answers == (NO, MAYBE) or before != after


@pytest.mark.parametrize(
    ("text", "other", "before", "after"),
    [
        ("2015", "2016/2017", YES, NO),
        ("2016", "2016/2017", MAYBE, NO),
        ("2017", "2016/2017", NO, MAYBE),
        ("2018", "2016/2017", NO, YES),
        ("2015", "../2017", NO, NO),
        ("2018", "/2017", NO, YES),
        ("2018", "2017/", NO, MAYBE),
        ("2015", "{2016,2018}", YES, NO),
        ("2017", "{2016,2018}", NO, NO),
        ("2019", "{2016,2018}", NO, YES),
        ("2016", "2016", MAYBE, MAYBE),
        ("2016-01-01", "2016-01-01", NO, NO),
    ],
)
def test_a_date_lies_before_the_start_and_after_the_end(
    text: str, other: str, before: Answer, after: Answer
) -> None:
    """Of another date the first day counts for before, and the last for after."""
    assert before == Edtf(text).before(Edtf(other))
    assert after == Edtf(text).after(Edtf(other))


def test_after_a_date_with_an_open_end_is_maybe() -> None:
    """An open end has not come, so that no day of the past lies after it."""
    assert NO == Edtf("2015").after(Edtf("2014/.."))
    assert MAYBE == Edtf("9999").after(Edtf("2014/.."))


@pytest.mark.parametrize(
    ("text", "period", "expected"),
    [
        ("2015-04-24", "2015", YES),
        ("2015", "2015-04", MAYBE),
        ("2014", "2015", NO),
        ("2016", "2015/2017", YES),
        ("2018", "2015/2017", NO),
        ("2016", "2015/..", MAYBE),
        ("2015-01-01", "2015/..", YES),
        ("2014", "2015/..", NO),
        ("2016", "2015/", MAYBE),
        ("2016", "../2017", YES),
        ("2016", "/2017", MAYBE),
        ("2017-12-31", "/2017", YES),
        ("2018", "/2017", NO),
        ("2016", "{2015..2017}", YES),
        ("2016-04", "{2015,2017}", NO),
        ("2015-04-15", "2015-XX-15", YES),
        ("2015-04-16", "2015-XX-15", NO),
        ("2015-04", "2015-XX-15", MAYBE),
        ("201X-04-15", "201X-XX-15", YES),
    ],
)
def test_a_date_is_during_a_period(text: str, period: str, expected: Answer) -> None:
    """Certain days of a period hold a date for certain; others may hold it."""
    assert expected == Edtf(text).during(Edtf(period))


# --- beginnings -----------------------------------------------------------------


def _number(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2015", "2015-01-01", "2015-12-31"),
        ("2015/2017", "2015-01-01", "2015-12-31"),
        ("2015/2015-04", "2015-01-01", "2015-04-30"),
        ("2015../2016", "2015-01-01", "2016-12-31"),
        ("{2015,2017}", "2015-01-01", "2015-12-31"),
        ("{2015,2015-04}", "2015-01-01", "2015-04-30"),
        ("..2015/2016", None, "2015-12-31"),
        ("/2017", None, "2017-12-31"),
    ],
)
def test_a_date_begins_between_two_days(
    text: str, first: str | None, last: str
) -> None:
    """The earliest and the latest beginning are kept, also of several days."""
    expected = (-math.inf if first is None else _number(first), _number(last))
    when = Edtf(text)

    assert expected == (when.earliest_start, when.latest_start)


def test_begin_on_or_after_with_an_open_start() -> None:
    """Of a range without a beginning both bounds of the start are infinite."""
    for text in ("{..2016}", "{..2016,2018}", "../2016"):
        when = Edtf(text)

        assert (-math.inf, -math.inf) == (when.earliest_start, when.latest_start)


@pytest.mark.parametrize("text", ["1XXX-24/1950-06", "1XXX-XX-15/1950-06"])
def test_a_start_cut_by_its_end_keeps_very_many_gaps(text: str) -> None:
    """Its words name the first and the last day alone, its answers all."""
    start = Edtf(text).start

    assert start is not None
    assert NO == start.on("1820-06-20")
    assert MAYBE == start.on("1821-01-15")
    assert NO == start.on("1951-01-15")


def test_nothing_lies_after_what_has_no_last_day() -> None:
    """Of a range without an end both bounds of the last day are infinite."""
    assert NO == Edtf("9999").after(Edtf("{2016..}"))
    assert NO == Edtf("{2016..}").all_on_or_before("9999-12-31")


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("2015", "2014-06-01", "2015-01-01"),
        ("2015", "2015-06-01", "2015-06-01"),
        ("2015", "2015-12-31", "2015-12-31"),
        ("2015", "2016-01-01", None),
        ("[2015,2017]", "2016-01-01", "2017-01-01"),
        ("2015-XX-15", "2015-04-16", "2015-05-15"),
        ("2015/2017", "2015-12-31", "2015-12-31"),
        ("2015/2017", "2016-01-01", None),
        ("201X-XX-15/2015-04", "2015-04-01", "2015-04-15"),
        ("201X-XX-15/2015-04", "2015-04-16", None),
        ("/2017", "2016-04-01", "2016-04-01"),
        ("/2017", "2018-01-01", None),
    ],
)
def test_a_date_begins_on_or_after_a_day(
    text: str, day: str, expected: str | None
) -> None:
    """The next possible beginning is found, and none where there is none."""
    found = Edtf(text)._begin_on_or_after(_number(day))

    assert found == (None if expected is None else _number(expected))


# --- seasons that end in the next year --------------------------------------------


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("2018-24", "2018-11-30", NO),
        ("2018-24", "2018-12-01", MAYBE),
        ("2018-24", "2019-01-15", MAYBE),
        ("2018-24", "2019-02-28", MAYBE),
        ("2018-24", "2019-03-01", NO),
        ("2018-24", "2018-01-15", NO),
        ("201X-24", "2010-01-15", NO),
        ("201X-24", "2011-01-15", MAYBE),
        ("201X-24", "2020-02-29", MAYBE),
        ("201X-24", "2020-12-01", NO),
        ("20X0-24", "2001-01-15", MAYBE),
        ("20X0-24", "2002-01-15", NO),
        ("20X0-24", "2091-02-28", MAYBE),
        ("2X1X-24", "2020-01-15", MAYBE),
        ("2X1X-24", "2021-01-15", NO),
    ],
)
def test_a_winter_ends_in_the_next_year(text: str, day: str, expected: Answer) -> None:
    """A winter is December and the two months after it, also of years with an X."""
    assert expected == Edtf(text).on(day)


# --- times of day -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2015-04-24T00:00:00", "2015-04-24T00:00:00"),
        ("2015-04-24T23:59:59Z", "2015-04-24T23:59:59Z"),
        ("2015-04-24T10:59:60Z", "2015-04-24T10:59:60Z"),
        ("2015-04-24T10:00:00+00:00", "2015-04-24T10:00:00Z"),
        ("2015-04-24T10:00:00+00", "2015-04-24T10:00:00Z"),
        ("2015-04-24T10:00:00+05", "2015-04-24T10:00:00+05:00"),
        ("2015-04-24T10:00:00-04", "2015-04-24T10:00:00-04:00"),
        ("2015-04-24T10:00:00+00:01", "2015-04-24T10:00:00+00:01"),
        ("2015-04-24T10:00:00-00:01", "2015-04-24T10:00:00-00:01"),
        ("2015-04-24T10:00:00+14:00", "2015-04-24T10:00:00+14:00"),
        ("2015-04-24T10:00:00-12:00", "2015-04-24T10:00:00-12:00"),
        ("2015-04-24T10:00:00+05:59", "2015-04-24T10:00:00+05:59"),
    ],
)
def test_a_time_is_kept_beside_its_day(text: str, canonical: str) -> None:
    """A time of day moves no day, whatever its offset; a zero offset is Z."""
    when, day = Edtf(text), _number("2015-04-24")

    assert (canonical, 0, day, day) == (
        str(when),
        when.level,
        when.first_day,
        when.last_day,
    )
    assert not when.is_uncertain
    assert not when.is_approximate


# --- stretches of days ------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(1, 2), (3, 4)], [(1, 4)]),
        ([(1, 2), (4, 5)], [(1, 2), (4, 5)]),
        ([(4, 5), (1, 2)], [(1, 2), (4, 5)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
        ([(1, 5), (2, 9)], [(1, 9)]),
        ([(1, 5), (2, 5), (6, 7)], [(1, 7)]),
        ([(1, math.inf), (5, 6)], [(1, math.inf)]),
    ],
)
def test_joined_joins_spans_that_touch(
    spans: list[tuple[float, float]], expected: list[tuple[float, float]]
) -> None:
    """Stretches with no day between them become one."""
    found = joined(DaySpan(*span) for span in spans)

    assert tuple(DaySpan(*span) for span in expected) == found


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ([(1, 2)], [(2, 3)], True),
        ([(1, 2)], [(3, 4)], False),
        ([(3, 4)], [(1, 2)], False),
        ([(1, 2), (9, 9)], [(4, 5), (9, 10)], True),
        ([(1, 2), (9, 9)], [(4, 5), (7, 8)], False),
        ([], [(1, 2)], False),
    ],
)
def test_spans_meet_on_a_day(
    one: list[tuple[int, int]], two: list[tuple[int, int]], expected: bool
) -> None:
    """Two lists of stretches meet if one day is in both."""
    spans = [[DaySpan(*span) for span in spans] for spans in (one, two)]

    assert expected == spans_meet(*spans) == spans_meet(*reversed(spans))


@pytest.mark.parametrize(
    ("span", "covers", "expected"),
    [
        ((1, 9), [], [(1, 9)]),
        ((1, 9), [(1, 9)], []),
        ((1, 9), [(0, 10)], []),
        ((1, 9), [(2, 9)], [(1, 1)]),
        ((1, 9), [(1, 8)], [(9, 9)]),
        ((1, 9), [(3, 4)], [(1, 2), (5, 9)]),
        ((1, 9), [(-3, 0), (10, 12)], [(1, 9)]),
        ((1, 9), [(-3, 1), (9, 12)], [(2, 8)]),
        ((1, 9), [(1, 3), (5, 9)], [(4, 4)]),
        ((1, math.inf), [(1, math.inf)], []),
        ((1, math.inf), [(1, 5)], [(6, math.inf)]),
        ((-math.inf, 5), [(1, 5)], [(-math.inf, 0)]),
    ],
)
def test_uncovered_yields_the_rest_of_a_span(
    span: tuple[float, float],
    covers: list[tuple[float, float]],
    expected: list[tuple[float, float]],
) -> None:
    """What others do not reach is left, to the day."""
    left = uncovered(DaySpan(*span), [DaySpan(*cover) for cover in covers])

    assert [DaySpan(*one) for one in expected] == list(left)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ((2015, 1, 1), (2015, 1, 1), 1),
        ((2015, 2, 28), (2015, 3, 1), 2),
        ((2014, 1, 1), (2016, 12, 31), 365),
        ((2014, 1, 1), (2014, 12, 31), 0),
        ((2016, 1, 1), (2016, 12, 31), 0),
        ((2015, 12, 31), (2016, 1, 1), 1),
        ((2014, 12, 31), (2015, 1, 1), 1),
    ],
)
def test_bits_between_are_the_days_of_a_span_in_the_year(
    first: tuple[int, int, int], last: tuple[int, int, int], days: int
) -> None:
    """Each day of the year that the stretch has is a bit."""
    bits = bits_between(2015, DaySpan(day_number(*first), day_number(*last)))

    assert days == bits.bit_count()
