"""Dates against dates give what asking each pair of completions in turn gives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta

import pendulum
import pytest
from attrs import frozen
from edtf_model import Single as ModelDate
from edtf_model import answer, dates, singles
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf
from bri_timeline.edtf import Allen
from bri_timeline.errors import DayError, QuestionError


TODAY = date(2016, 2, 28)
FAR, ALWAYS = 10**7, -(10**8)  # days before and after all others; an open start
APART = {Allen.BEFORE, Allen.MEETS, Allen.MET_BY, Allen.AFTER}
Pair = tuple[int, int]


def relation(one: Pair, two: Pair) -> Allen:
    """Compare two intervals, each a first day and the day after the last."""
    (a, b), (c, d) = (one[0], one[1] + 1), (two[0], two[1] + 1)
    if b < c:
        return Allen.BEFORE
    if b == c:
        return Allen.MEETS
    if d == a:
        return Allen.MET_BY
    if d < a:
        return Allen.AFTER
    if a == c:
        if b == d:
            return Allen.EQUALS
        return Allen.STARTS if b < d else Allen.STARTED_BY
    if b == d:
        return Allen.FINISHES if a > c else Allen.FINISHED_BY
    if a > c and b < d:
        return Allen.DURING
    if a < c and b > d:
        return Allen.CONTAINS
    return Allen.OVERLAPS if a < c else Allen.OVERLAPPED_BY


def until(one: Pair, two: Pair) -> int:
    """Count days from the end of the earlier to the start of the later."""
    if one[1] < two[0]:
        return two[0] - one[1]
    return -(one[0] - two[1]) if two[1] < one[0] else 0


@frozen
class Case:
    """A text, and the days of its start and its end.

    Attributes:
        text: The text.
        start: The days of the start; None if unknown, empty if open.
        end: The same of the end; of one day, the same list.
        is_day: It is one day.
        side: -1 if that day may also be any before, 1 if any after.
    """

    text: str
    start: tuple[int, ...] | None
    end: tuple[int, ...] | None
    is_day: bool = False
    side: int = 0

    @property
    def known(self) -> set[int]:
        """The days that it names."""
        return {*(self.start or ()), *(self.end or ())}

    def completions(self, around: Iterable[int]) -> list[Pair]:
        """List all starts with all ends that are not before them.

        Args:
            around: Days that stand for those of an end without a date.
        """
        any_day = tuple(around)
        if self.is_day:
            (*_, known) = self.start or ()
            more = [day for day in any_day if self.side * (day - known) > 0]
            return [(day, day) for day in (*(self.start or ()), *more)]
        starts = (*any_day, ALWAYS) if self.start is None else self.start or (ALWAYS,)
        today = TODAY.toordinal()
        later = [day for day in any_day if day >= today]
        ends = any_day if self.end is None else self.end or later
        return [(one, two) for one in starts for two in ends if one <= two]


def numbers(days: Iterable[date]) -> tuple[int, ...]:
    return tuple(sorted({day.toordinal() for day in days}))


def _matching(pattern: str) -> tuple[int, ...]:
    """List the days of 2010 to 2019 whose ISO text has these digits, X for any."""
    first = date(2010, 1, 1)
    days = (first + timedelta(n) for n in range(3652))
    return numbers(
        day
        for day in days
        if all(a in ("X", b) for a, b in zip(pattern, str(day), strict=False))
    )


NEAR = [date(2016, 2, 25) + timedelta(n) for n in range(9)]
MASKS = {
    text: _matching(text)
    for text in (
        "2016-02-2X", "2016-0X-01", "2016-XX-28", "2016-03-0X", "2016-02", "2016-01-01",
        "2015-12-31", "201X-02-28", "201X-02-29", "201X-03-01", "201X-12-31", "201X-02",
        "201X-01-01", "201X-XX-31", "201X-XX-01", "201X-01-3X", "201X-XX-29",
    )
}  # fmt: skip
_days = st.sampled_from(NEAR).map(lambda day: (str(day), numbers([day])))
_masks = st.sampled_from([*MASKS.items()])
_marks = st.sampled_from(["", "", "?", "~", "%"])


def _single(parts: tuple[tuple[str, tuple[int, ...]], str]) -> Case:
    (text, days), mark = parts
    return Case(text + mark, days, days, is_day=True)


def _one_of(days: list[date]) -> Case:
    text, found = ",".join(map(str, days)), numbers(days)
    return Case(f"[{text}]", found, found, is_day=True)


def _one_side(parts: tuple[date, int]) -> Case:
    day, side = parts
    text = f"[..{day}]" if side < 0 else f"[{day}..]"
    return Case(text, numbers([day]), numbers([day]), is_day=True, side=side)


def _lasting(parts: tuple[Case, Case]) -> list[Case]:
    one, two = parts
    return [
        Case(f"{one.text}/{two.text}", one.start, two.end),
        Case(f"{one.text}/", one.start, None),
        Case(f"{one.text}/..", one.start, ()),
        Case(f"/{two.text}", None, two.end),
        Case(f"../{two.text}", (), two.end),
    ]


named = st.tuples(st.one_of(_days, _masks), _marks).map(_single)
one_day = st.one_of(
    named,
    st.lists(st.sampled_from(NEAR), min_size=1, max_size=4).map(_one_of),
    st.tuples(st.sampled_from(NEAR), st.sampled_from([-1, 1])).map(_one_side),
)
lasting = (
    st.tuples(named, named)
    .filter(lambda pair: min(pair[0].start or ()) <= max(pair[1].end or ()))
    .flatmap(lambda pair: st.sampled_from(_lasting(pair)))
)
# Starts and ends that lie between each other, so that some have no partner.
_WOVEN = {
    text: _matching(text)
    for text in (
        "2016-0X-01", "2016-0X-02", "2016-0X-31", "201X-02-29", "201X-03-01",
        "2016-01-31", "2016-02-01", "2016-02-02", "2016-02-29", "2016-03-01",
        "2016-03-31", "201X-02-28",
    )
}  # fmt: skip
_woven_days = st.sampled_from(
    [Case(text, days, days, is_day=True) for text, days in _WOVEN.items()]
)
woven = st.tuples(_woven_days, _woven_days).filter(
    lambda pair: min(pair[0].start or ()) <= max(pair[1].end or ())
)
anything = st.one_of(one_day, lasting)


def completions(*cases: Case) -> list[list[Pair]]:
    """List the completions of each: days without bound are near all others, or far."""
    known = {TODAY.toordinal()}.union(*(case.known for case in cases))
    around = {day + n for day in known for n in range(-2, 3)}
    around |= {side * FAR + n for side in (-1, 1) for n in range(4)}
    found = [case.completions(sorted(around)) for case in cases]
    assume(math.prod(map(len, found)) < 60_000)
    return found


def bounded(number: int) -> float:
    """Return a number of days, infinite if a day without bound made it."""
    return math.copysign(math.inf, number) if abs(number) > FAR // 2 else number


def extremes(found: Iterable[int]) -> tuple[float, float]:
    some = list(map(bounded, found))
    return min(some), max(some)


@given(one=anything, two=anything)
def test_allen_agrees_with_enumeration(one: Case, two: Case) -> None:
    """The relations are those in which some completions stand."""
    mine, yours = completions(one, two)
    expected = {relation(a, b) for a in mine for b in yours}

    assert expected == Edtf(one.text).allen(Edtf(two.text), today=TODAY)


@given(one=lasting, two=lasting)
def test_allen_of_extents_agrees_with_enumeration(one: Case, two: Case) -> None:
    """Both ends of both are chosen, each on its own."""
    mine, yours = completions(one, two)
    expected = {relation(a, b) for a in mine for b in yours}

    assert expected == Edtf(one.text).allen(Edtf(two.text), today=TODAY)


@settings(max_examples=4 * settings().max_examples)
@given(one=woven, two=woven)
def test_allen_of_ends_without_a_partner(
    one: tuple[Case, Case], two: tuple[Case, Case]
) -> None:
    """An end before every start, and a start after every end, are left out."""
    a, b = [Case(f"{s.text}/{e.text}", s.start, e.end) for s, e in (one, two)]
    mine, yours = completions(a, b)
    expected = {relation(x, y) for x in mine for y in yours}

    assert expected == Edtf(a.text).allen(Edtf(b.text))


@given(one=singles() | dates(), two=singles() | dates())
def test_allen_of_days_of_many_years(one: ModelDate, two: ModelDate) -> None:
    """A mask of years, a season or a set is compared as the list of its days."""
    mine, yours = one.days, two.days
    expected = {
        relation
        for relation, is_so in (
            (Allen.BEFORE, min(mine) + 1 < max(yours)),
            (Allen.AFTER, min(yours) + 1 < max(mine)),
            (Allen.MEETS, any(math.isfinite(day) and day + 1 in yours for day in mine)),
            (
                Allen.MET_BY,
                any(math.isfinite(day) and day + 1 in mine for day in yours),
            ),
            (Allen.EQUALS, bool(mine & yours)),
        )
        if is_so
    }
    assume(all(map(math.isfinite, mine | yours)))

    assert expected == Edtf(one.text).allen(Edtf(two.text))


@given(one=anything, two=anything)
def test_allen_from_the_other_side_is_the_inverse(one: Case, two: Case) -> None:
    """Swapping two dates turns each relation into its inverse."""
    mine, yours = Edtf(one.text), Edtf(two.text)
    expected = {found.inverse for found in yours.allen(mine, today=TODAY)}

    assert expected == mine.allen(yours, today=TODAY)
    assert all(each is each.inverse.inverse for each in Allen)


@given(one=anything, two=anything)
def test_overlaps_follows_from_allen(one: Case, two: Case) -> None:
    """Two dates have a day in common unless one ends before the other starts."""
    mine, yours = Edtf(one.text), Edtf(two.text)
    found = mine.allen(yours, today=TODAY)

    assert answer(each not in APART for each in found) == mine.overlaps(
        yours, today=TODAY
    )


@given(extent=lasting, day=st.sampled_from(NEAR))
def test_overlaps_a_day_as_often_as_it_is_active(extent: Case, day: date) -> None:
    """An extent overlaps a day exactly when it is active on it."""
    when = Edtf(extent.text)

    assert when.active_on(day, today=TODAY) == when.overlaps(day, today=TODAY)


@given(one=one_day, two=anything)
def test_before_and_after_follow_from_allen(one: Case, two: Case) -> None:
    """A day is before what it is before or meets."""
    mine, yours = Edtf(one.text), Edtf(two.text)
    found = mine.allen(yours, today=TODAY)

    before = answer(each in {Allen.BEFORE, Allen.MEETS} for each in found)
    after = answer(each in {Allen.AFTER, Allen.MET_BY} for each in found)
    assert before == mine.before(yours)
    if two.end != () or two.is_day:  # an open end depends on the present day
        assert after == mine.after(yours)


@given(one=anything, two=anything, days=st.integers(0, 5) | st.integers(0, 800))
def test_near_agrees_with_enumeration(one: Case, two: Case, days: int) -> None:
    """Two dates are near as often as their completions are."""
    mine, yours = completions(one, two)
    expected = answer(abs(until(a, b)) <= days for a in mine for b in yours)

    assert expected == Edtf(one.text).near(Edtf(two.text), days, today=TODAY)


@given(one=anything, two=anything)
def test_days_until_reaches_both_bounds(one: Case, two: Case) -> None:
    """Some completions are that many days apart, and none more or fewer."""
    mine, yours = completions(one, two)
    expected = extremes(until(a, b) for a in mine for b in yours)
    found = Edtf(one.text).days_until(Edtf(two.text), today=TODAY)
    least, most = Edtf(two.text).days_until(Edtf(one.text), today=TODAY)

    assert expected == found
    assert (-most, -least) == found


@given(case=anything)
def test_length_reaches_both_bounds(case: Case) -> None:
    """Some completion is that long, and none longer or shorter."""
    (mine,) = completions(case)
    expected = extremes(last - first + 1 for first, last in mine)

    assert expected == Edtf(case.text).length(today=TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("XXXX-XX-01/XXXX-XX-05", (5, 3652399)),
        ("XXX5-XX-X1/XXX5-XX-X5", (5, 3649131)),
        ("1XXX-X2-29/1XXX-03-1X", (11, 364593)),  # 29 February to 10 March
        ("Y123456789012345678901/Y123456789012345678901", (1, 365)),
        ("2015/", (1, math.inf)),
        ("/2015", (1, math.inf)),
        ("../2015", (math.inf, math.inf)),
        ("2030/..", (1, math.inf)),
        ("2016-02-01/..", (28, math.inf)),
        ("2016?/2016~", (1, 366)),
    ],
)
def test_length_of_extents_of_every_kind(
    text: str, expected: tuple[float, float]
) -> None:
    """Masks of all years, years of any size, and ends without a date have a length."""
    assert expected == Edtf(text).length(today=TODAY)


@pytest.mark.parametrize(
    ("one", "two", "may_meet"),
    [
        ("2XX1-02-28", "2XX1-03-01", True),  # no leap year among them
        ("2XX1-02-27", "2XX1-03-01", False),
        ("20X0-02-29", "20X0-03-01", True),
        ("2XX1-12-31", "2XX2-01-01", True),
        ("2016-02-28", "201X-03-01", False),
        ("2015-02-28", "201X-03-01", True),
        ("2015-02-28", "201X-02-29", False),
        ("2016-04-30", "201X-04-3X", False),
        ("XXXX-02-XX", "XXXX-02-29", True),
        ("XXXX-04-29", "XXXX-05-XX", False),
        ("XXXX-04-30", "XXXX-05-XX", True),
    ],
)
def test_masks_of_years_meet_where_their_days_follow(
    one: str, two: str, *, may_meet: bool
) -> None:
    """The day before a day of a mask is found in leap years, and in others."""
    assert may_meet == (Allen.MEETS in Edtf(one).allen(Edtf(two)))
    assert may_meet == (Allen.MET_BY in Edtf(two).allen(Edtf(one)))


@pytest.mark.parametrize(
    ("one", "two", "impossible"),
    [
        # A start on the day after its last end is none of its starts.
        ("2016-01-15/2016-0X-30", "2016-0X-01/2016-04-30", Allen.MEETS),
        # The only common start lies after the only common end.
        ("2016-0X-01/2016-02-01", "2016-03-01/2016-0X-01", Allen.EQUALS),
        # Any day, however early, is later than always.
        ("[..2016-02-28]", "../2016-02-28", Allen.STARTS),
        ("[..2016-02-28]", "../2016-02-28", Allen.EQUALS),
    ],
)
def test_what_only_bounds_would_allow_is_left_out(
    one: str, two: str, impossible: Allen
) -> None:
    """A relation that no pair of completions has is not possible."""
    assert impossible not in Edtf(one).allen(Edtf(two))
    assert impossible.inverse not in Edtf(two).allen(Edtf(one))


@pytest.mark.parametrize("question", ["allen", "overlaps", "days_until", "near"])
def test_a_set_of_days_is_refused_on_either_side(question: str) -> None:
    """Several days have gaps: the error says to ask each of them."""
    several, day = Edtf("{2016,2018}"), Edtf("2017")
    more = (1,) if question == "near" else ()
    for one, two in ((several, day), (day, several)):
        with pytest.raises(QuestionError, match="ask it of each") as caught:
            getattr(one, question)(two, *more)
        assert ("{2016,2018}", question) == (caught.value.text, caught.value.question)
    with pytest.raises(QuestionError, match="ask it of each"):
        several.length()


def test_a_known_day_is_asked_as_itself() -> None:
    """A day may be given as text or as a date; what is neither is refused."""
    when = Edtf("2015/2017")

    assert {Allen.CONTAINS} == when.allen("2016-05-01")
    assert Answer.NO is when.overlaps(date(2019, 1, 1))
    assert Answer.YES is Edtf("2016-05-01").during("2016-05-01")
    assert Answer.MAYBE is Edtf("2016").same_day_as(date(2016, 5, 1))
    for question in (Edtf("2016").during, Edtf("2016").same_day_as):
        with pytest.raises(DayError, match=r"or Edtf\('2016'\)"):
            question("2016")
        with pytest.raises(DayError, match="is not a day: give a date"):
            question(None)
    with pytest.raises(DayError, match=r"such as '2016-12-31', or Edtf\('2016'\)"):
        when.allen("2016")
    with pytest.raises(DayError, match=r"'2019-04-24'$"):
        when.overlaps("24 April 2019")
    with pytest.raises(DayError, match=r"is not a day: give a date"):
        when.near(2016, 1)


def test_the_present_day_is_the_default() -> None:
    """An open end lies on the present day or later."""
    assert Answer.YES is Edtf("2015/..").overlaps(pendulum.today().date())
    assert (1, 1) == Edtf("2015").length()
