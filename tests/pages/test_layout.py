"""Marks are placed in the first row that is free, however many there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bri_timeline.pages._layout import _FirstAtMost, _Rows


class Counted(float):
    """A number that counts how often it is compared."""

    compared = 0

    def __ge__(self, other: float) -> bool:
        Counted.compared += 1
        return super().__ge__(other)

    def __lt__(self, other: float) -> bool:
        Counted.compared += 1
        return super().__lt__(other)


def first_fit(items: list[tuple[int, int, int]]) -> list[int]:
    """Return the row of each item by trying one row after another."""
    used: list[float] = []
    found = []
    for begin, length, count in items:
        row = count - 1
        while any(end > begin for end in used[row + 1 - count : row + 1]):
            row += 1
        used += [float("-inf")] * (row + 1 - len(used))
        for taken in range(row + 1 - count, row + 1):
            used[taken] = begin + length
        found.append(row)
    return found


items = st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from((1, 2)))


@given(st.lists(items, max_size=40))
def test_each_item_takes_the_first_free_row(given_items: list[tuple[int, int, int]]):
    """The rows are those that trying one after another gives."""
    arranged = sorted(given_items)
    rows = _Rows()

    found = [rows.take(begin, begin + size, count) for begin, size, count in arranged]

    assert found == first_fit(arranged)


def test_finding_a_free_row_looks_at_few_of_them():
    """Among 4 n rows that are taken it compares hardly more often than among n."""

    def compared(count: int) -> int:
        ends = _FirstAtMost()
        for row in range(count):
            ends.set(row, 1.0)
        ends.find(1.0)
        Counted.compared = 0
        assert ends.find(Counted(0.0)) == count
        return Counted.compared

    assert 0 < compared(256) < compared(1024) <= compared(256) + 3
