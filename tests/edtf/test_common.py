"""`common`: what several dates allow together, against lists of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from edtf_model import (
    AFTER,
    BEFORE,
    EVER,
    QUESTION_DAYS,
    DaySet,
    Lasting,
    Single,
    days_of,
    extents,
    since,
    singles,
    until,
)
from hypothesis import example, given
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf, edtf


# The day on which open ends are asked about lies after all others.
EXTENTS = extents(AFTER)
ANY = st.one_of(singles(), EXTENTS)
PAIRS = st.lists(EXTENTS, min_size=1, max_size=3)


# Of these two no start lies before an end.
STARTED = Lasting("2016-03/", days_of("2016-03"), EVER)
ENDED = Lasting("/2016-02", EVER, days_of("2016-02"))
WITHIN = Lasting("2016/2016", days_of("2016"), days_of("2016"))
# Days in common with the year before, and gaps, but the same first and last day.
FROM_WINTER = Lasting("201X-24/2016", days_of("201X-24"), days_of("2016"))
TO_WINTER = Lasting("2015/201X-24", days_of("2015"), days_of("201X-24"))


def sides(one: Single | Lasting) -> tuple[DaySet, DaySet]:
    """Return the days of a start, and those of an end; an open end is after all."""
    if isinstance(one, Single):
        return one.days, EVER
    end = frozenset({AFTER}) if one.text.endswith("..") else one.end
    return one.start, end


def days_together(some: Sequence[Single | Lasting]) -> tuple[DaySet, DaySet] | None:
    """Return the days of the start and of the end that all allow; None without."""
    starts = frozenset.intersection(*(sides(one)[0] for one in some))
    ends = frozenset.intersection(*(sides(one)[1] for one in some))
    if not starts or not ends or min(starts) > max(ends):
        return None
    return starts & until(max(ends)), ends & since(min(starts))


def sides_of(when: Edtf, days: Sequence[date]) -> list[list[bool]]:
    """Return on which days its beginning may be, and its end."""
    return [possible(side, days) for side in (when.start, when.end)]


def possible(when: Edtf | None, days: Sequence[date]) -> list[bool]:
    """Return on which days a date may be; an open side is on none."""
    return [when is not None and when.on(day) is not Answer.NO for day in days]


def bounds(days: DaySet) -> tuple[float, float]:
    """Return the first and the last of some days."""
    return min(days), max(days)


DAYS = st.lists(QUESTION_DAYS, min_size=3, max_size=8)


@given(some=st.lists(singles(), min_size=1, max_size=4), days=DAYS)
def test_days_in_common_are_those_of_all(some: list[Single], days: list[date]) -> None:
    """Bounds and gaps; nothing if no day is left."""
    found = edtf.common([Edtf(one.text) for one in some])
    expected = frozenset.intersection(*(one.days for one in some))

    assert (found is None) is (not expected)
    if found is not None:
        assert bounds(expected) == (found.earliest_start, found.latest_start)
        assert possible(found, days) == [day.toordinal() in expected for day in days]
        # Its words say the same.
        again = Edtf(str(found))
        assert bounds(expected) == (again.earliest_start, again.latest_start)
        assert possible(again, days) == possible(found, days)


@example(some=[STARTED, ENDED], days=[])
@example(some=[ENDED, STARTED, WITHIN], days=[])
@example(some=[WITHIN, FROM_WINTER], days=[date(2016, 3, 1), date(2016, 12, 1)])
@example(some=[WITHIN, TO_WINTER], days=[date(2016, 3, 1), date(2016, 12, 1)])
@given(some=st.lists(EXTENTS, min_size=1, max_size=3), days=DAYS)
def test_extents_have_pairs_of_days_in_common(
    some: list[Lasting], days: list[date]
) -> None:
    """A start and an end that is not before it, for each of them."""
    check_extent(some, edtf.common([Edtf(one.text) for one in some]), days)


@given(one=EXTENTS, other=ANY, more=st.lists(ANY, max_size=1), days=DAYS)
def test_a_day_beside_an_extent_is_a_start_where_facts_last(
    one: Lasting, other: Single | Lasting, more: list[Single], days: list[date]
) -> None:
    """Elsewhere they contradict. An unknown end says no more than the day does."""
    some = [other, *more, one]
    dates = [Edtf(each.text) for each in some]
    found = edtf.common(dates, lasts=True)

    check_extent(some, found, days)
    if any(isinstance(each, Single) for each in some):
        assert edtf.common(dates) is None
        if found is not None and found.first_day is not None:
            assert found.is_extent is any(sides(each)[1] != EVER for each in some)


def check_extent(
    some: Sequence[Single | Lasting], found: Edtf | None, days: Sequence[date]
) -> None:
    """Check an extent in common against the days of its two sides."""
    expected = days_together(some)
    assert (found is None) is (expected is None)
    if found is None or expected is None:
        return
    starts, ends = expected
    assert bounds(starts) == (found.earliest_start, found.latest_start)
    asked = [day.toordinal() for day in days]
    if not found.is_extent:
        assert possible(found, days) == [day in starts for day in asked]
        assert all(sides(one)[1] == EVER for one in some)
        return
    is_open = all(one.text.startswith("..") for one in some)
    if starts != {BEFORE}:
        assert possible(found.start, days) == [day in starts for day in asked]
    else:
        assert (found.start is None) or not is_open
    if ends == {AFTER}:
        assert found.end is None or str(found).endswith("/")
    else:
        assert possible(found.end, days) == [day in ends for day in asked]


@given(some=st.lists(ANY, min_size=2, max_size=4), data=st.data())
def test_the_order_changes_no_days(
    some: list[Single | Lasting], data: st.DataObject
) -> None:
    """Nor whether there are any."""
    dates, lasts = [Edtf(one.text) for one in some], data.draw(st.booleans())
    mixed = data.draw(st.permutations(dates))
    one, two = (edtf.common(each, lasts=lasts) for each in (dates, mixed))

    assert (one is None) is (two is None)
    if one is not None and two is not None:
        assert one.is_extent is two.is_extent
        for name in ("first_day", "last_day", "earliest_start", "latest_start"):
            assert getattr(one, name) == getattr(two, name)
        marks = [(each.is_uncertain or each.is_approximate) for each in (one, two)]
        assert marks[0] is marks[1]


@example(some=[WITHIN, FROM_WINTER], days=[date(2016, 3, 1)])
@example(some=[WITHIN, TO_WINTER], days=[date(2016, 3, 1)])
@example(some=[Single("1XXX", EVER), Single("1XXX-24", EVER)], days=[date(1820, 6, 5)])
@given(some=st.lists(singles(), min_size=1, max_size=3) | PAIRS, days=DAYS)
def test_what_is_in_common_has_all_its_days_in_common_with_each(
    some: list[Single] | list[Lasting], days: list[date]
) -> None:
    """In either order, also where its words are those of one that allows more days."""
    dates = [Edtf(one.text) for one in some]
    found = edtf.common(dates)
    for one in dates if found is not None else ():
        for both in ([one, found], [found, one]):
            again = edtf.common(both)
            assert again is not None
            assert sides_of(again, days) == sides_of(found, days)


@given(one=ANY)
def test_a_date_and_itself_are_that_date(one: Single | Lasting) -> None:
    """In its own words."""
    when = Edtf(one.text)

    assert when == edtf.common([when]) == edtf.common([when, when])


@example(some=[Single("2016?", days_of("2016")), Single("2016", days_of("2016"))])
@example(some=[Single("2016", days_of("2016")), Single("2016-02~", days_of("2016-02"))])
@given(some=st.lists(singles(), min_size=1, max_size=4))
def test_days_that_some_say_without_a_qualifier_have_none(some: list[Single]) -> None:
    """If these have just the days in common that all have; else they have one."""
    found = edtf.common([Edtf(one.text) for one in some])
    plain = [one.days for one in some if not {*one.text} & {*"?~%"}]
    days = frozenset.intersection(*(one.days for one in some))
    if found is not None:
        is_plain = bool(plain) and frozenset.intersection(*plain) == days
        assert is_plain is not (found.is_uncertain or found.is_approximate)


def test_several_days_have_no_date_in_common_with_another() -> None:
    """They are no one date; of the same words it is these."""
    several = Edtf("{2016,2018}")
    assert several == edtf.common([several, Edtf("{2016,2018}")])
    for other in ("2016", "{2016,2019}", "2016/2018"):
        assert edtf.common([several, Edtf(other)]) is None
        assert edtf.common([Edtf(other), several]) is None
    assert several == edtf.common([several, several])
