"""A list against the tuple that it must behave like."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from itertools import product

import pytest
from effort import Work
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline.folds import FrozenList


# Two of one key: an item is inserted after those that are there.
ITEMS = st.tuples(st.integers(0, 400), st.integers(0, 1))


def first(item: tuple[int, int]) -> int:
    """Return the key of an item."""
    return item[0]


def listed(items: list[tuple[int, int]]) -> FrozenList[tuple[int, int]]:
    """Return items one after another, each inserted in order."""
    found = FrozenList[tuple[int, int]]()
    for item in items:
        found = found.inserted(item, first)
    return found


@given(st.lists(ITEMS, max_size=150), st.randoms(use_true_random=False))
def test_items_are_inserted_and_removed_in_order(items, random) -> None:
    """After any steps a list holds what a sorted list would, and no other changes."""
    before = listed(items)
    model = sorted(items, key=first)

    assert tuple(model) == before
    one_each = [*{key: (key, n) for key, n in items}.values()]
    found, left = listed(one_each), sorted(one_each)
    for item in random.sample(one_each, len(one_each)):
        found = found.without(item, first)
        left.remove(item)

        assert tuple(left) == found
        assert len(left) == len(found)
    assert tuple(model) == before


@given(st.lists(ITEMS, max_size=90), st.lists(ITEMS, max_size=3))
def test_a_frozen_list_is_what_a_tuple_is(items, more) -> None:
    """It compares, shows, hashes, counts and adds as a tuple of the same items."""
    found, model = listed(items), tuple(sorted(items, key=first))

    assert model == found == FrozenList(model)
    assert found == model
    assert hash(model) == hash(found)
    assert repr(model) == repr(found)
    assert model[::2] == found[::2]
    assert [*model] == [found[place] for place in range(len(model))]
    assert [*model] == [found[place - len(model)] for place in range(len(model))]
    assert [*reversed(model)] == [*reversed(found)]
    assert all(
        item in found and found.count(item) == model.count(item) for item in model
    )
    assert (*model, *more) == found + tuple(more)
    assert (*more, *model) == tuple(more) + found
    assert (model == tuple(more)) == (found == FrozenList(more))
    assert found == pickle.loads(pickle.dumps(found)) == copy.deepcopy(found)


@given(st.lists(ITEMS, max_size=90), st.lists(ITEMS, max_size=4))
def test_an_edit_makes_one_list_another(items, more) -> None:
    """What differs is named by its place: what goes, and what comes instead."""
    one = listed(items)
    grown = FrozenList(one)
    for item in more:
        grown = grown.inserted(item, first)
    lists = one, grown, listed(more), FrozenList(one)
    for old, new in product(lists, repeat=2):
        start, gone, come = new.edit(old)

        assert new == (*old[:start], *come, *old[start + gone :])
        assert (gone, come) != (0, ()) or old == new
        assert not (gone and come and old[start] == come[0])


def test_what_is_no_tuple_is_no_list() -> None:
    """A list of the same items is not equal, as it is not to a tuple."""
    assert FrozenList([1]) != [1]
    assert FrozenList(range(100))[70] == 70
    assert FrozenList([1, 2]) != FrozenList([2, 1])
    with pytest.raises(IndexError):
        FrozenList([1])[1]


def changed(found: FrozenList[int]) -> None:
    found._count = 3


def deleted(found: FrozenList[int]) -> None:
    del found._count


@pytest.mark.parametrize("change", [changed, deleted])
def test_a_frozen_list_refuses_to_change(
    change: Callable[[FrozenList[int]], None],
) -> None:
    """An attribute is neither set nor deleted."""
    with pytest.raises(AttributeError, match="a FrozenList cannot change"):
        change(FrozenList([1]))


def test_an_item_costs_the_same_in_a_long_list() -> None:
    """Lists share what they have in common, also where they are written."""
    short, long = (FrozenList((n, 0) for n in range(size)) for size in (100, 3_200))
    took = [
        Work().of(lambda some=some: some.inserted((50, 1), first)).total
        for some in (short, long)
    ]
    many = [long.inserted((n, 1), first) for n in range(20)]

    compared = [
        Work().of(lambda one=one: one.inserted((50, 1), first).edit(one)).total
        for one in (short, long)
    ]

    assert took[1] <= 3 * took[0]
    assert compared[1] <= 3 * compared[0]
    assert len(pickle.dumps(many)) < 3 * len(pickle.dumps(long))
