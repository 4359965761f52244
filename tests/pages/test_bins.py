"""Bins of time: periods of the calendar, and what certainly lies in each."""

from __future__ import annotations

from itertools import pairwise

from effort import at_most
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline._calendar import civil
from bri_timeline.edtf import Edtf
from bri_timeline.pages._bins import counts_in, edges_of
from bri_timeline.pages._marks import MarkSpan, span


FAR = 10**15
DAYS = st.integers(-800_000, 3_000_000)
BOUNDS = st.integers(0, 60)


@st.composite
def times(draw: st.DrawFn) -> tuple[int, int, int]:
    """Return the first and the last day of a time, and how many bins it may have."""
    first = draw(DAYS | st.integers(-FAR, FAR))
    length = draw(st.integers(0, 40) | st.integers(0, 40_000) | st.integers(0, FAR))
    return first, first + length, draw(st.integers(1, 60))


class TestEdges:
    """Where bins begin."""

    @at_most(100)
    @given(times())
    def test_no_year_or_month_is_cut(self, asked: tuple[int, int, int]) -> None:
        """They fill the time, are few enough, and lie in years or are made of them."""
        edges = edges_of(*asked)
        starts = [civil(day) for day in edges[1:-1]]

        assert (asked[0], asked[1] + 1) == (edges[0], edges[-1])
        assert all(one < other for one, other in pairwise(edges))
        assert len(edges) - 1 <= asked[2]
        (year, month, _), (end, last, _) = civil(edges[0]), civil(asked[1])
        years = sum(one[1:] == (1, 1) for one in starts)
        months = sum(one[2] == 1 for one in starts)
        assert years in (len(starts), end - year)
        assert months in (len(starts), 12 * (end - year) + last - month)

    def test_they_are_as_short_as_there_is_room_for(self) -> None:
        """Halves of years for twenty years, days for a month, and one for all time."""
        twenty = edges_of(730_120, 737_424, 48)
        january = edges_of(730_120, 730_150, 31)

        assert [(2000, 7, 1), (2001, 1, 1)] == [civil(day) for day in twenty[1:3]]
        assert [*range(730_120, 730_152)] == january
        assert [-(10**18), 10**18 + 1] == edges_of(-(10**18), 10**18, 1)


class TestCounts:
    """What lies in them."""

    @at_most(100)
    @given(
        st.lists(BOUNDS, min_size=2, unique=True).map(sorted),
        st.lists(st.tuples(BOUNDS, BOUNDS, st.booleans())),
    )
    def test_days_decide(
        self, edges: list[int], some: list[tuple[int, int, bool]]
    ) -> None:
        """Certainly with all days, perhaps with one: as each day says by itself."""
        dates = [(MarkSpan(min(a, b), max(a, b)), sure) for a, b, sure in some]
        low, high = counts_in(edges, dates)
        bins = [range(*pair) for pair in pairwise(edges)]
        lasting = [range(int(d.first), int(d.last) + 1) for d, _ in dates]

        assert low == [
            sum(
                sure and all(day in within for day in days)
                for days, (_, sure) in zip(lasting, dates, strict=True)
            )
            for within in bins
        ]
        assert high == [
            sum(any(day in within for day in days) for days in lasting)
            for within in bins
        ]

    def test_what_is_open_lies_nowhere_for_certain(self) -> None:
        """Not even in the bin in which its bound lies."""
        dates = [(span(Edtf(d)), True) for d in ("[..2015]", "[2015..]", "2014/..")]
        edges = edges_of(*(int(Edtf(d).earliest_start) for d in ("2014", "2017")), 4)

        assert ([1, 0, 0, 0], [2, 2, 1, 1]) == counts_in(edges, dates)
