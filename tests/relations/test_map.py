"""A map against the dict that it must behave like."""

from __future__ import annotations

import copy
import pickle

import pytest
from effort import Work
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event
from bri_timeline.folds import FrozenList
from bri_timeline.relations import FrozenMap
from bri_timeline.relations._map import layered


KEYS = st.sampled_from(["visits", "meetings", "loans", 1, ("AZE", "peace")])
VALUES = st.integers(0, 3)
ITEMS = st.dictionaries(KEYS, VALUES)
SETS = st.tuples(st.just("set"), KEYS, VALUES)
REMOVALS = st.tuples(st.just("without"), KEYS)


@given(ITEMS, st.lists(SETS | REMOVALS, max_size=12))
def test_a_frozen_map_does_what_a_dict_does(items, steps) -> None:
    """After any steps a map holds what a dict would, in the order a dict would."""
    found, model = FrozenMap(items), dict(items)
    for step, key, *value in steps:
        found = getattr(found, step)(key, *value)
        if step == "set":
            model[key] = value[0]
        else:
            model.pop(key, None)

    assert model == found == FrozenMap(model)
    assert list(model.items()) == list(found.items())
    assert list(model) == list(found) == list(found.keys())
    assert list(model.values()) == list(found.values())
    assert len(model) == len(found)
    assert [key in model for key in items] == [key in found for key in items]
    assert [model.get(key) for key in items] == [found.get(key) for key in items]


class Same:
    """A key with the hash of all others of its class."""

    def __hash__(self) -> int:
        return 7


MANY = st.dictionaries(
    st.integers(-200, 200) | st.text(max_size=2), VALUES, min_size=30
)


@given(MANY, st.lists(st.integers(-200, 200), max_size=60))
def test_a_map_of_many_keys_does_what_a_dict_does(items, gone) -> None:
    """It equals one that was made at once, and one that was made in another order."""
    found = FrozenMap(dict(reversed(items.items())))
    model = dict(reversed(items.items()))
    for key in gone:
        found, model = found.without(key).set("more", key), {**model, "more": key}
        model.pop(key, None)

    assert model == found == FrozenMap(model)
    assert [*model.items()] == [*found.items()]
    assert FrozenMap(dict(reversed(model.items()))) == found
    assert hash(FrozenMap(dict(reversed(model.items())))) == hash(found)
    assert found.set("another", 1) != found
    assert [*model.items()] == [*pickle.loads(pickle.dumps(found)).items()]
    assert all(found.get(key) == model.get(key) for key in (*items, *gone, "none"))
    assert found.get("none", 7) == 7


def test_maps_that_took_other_ways_are_equal() -> None:
    """Removing keys does not tell a map from one that never had them."""
    few = FrozenMap(dict.fromkeys(range(10), 0))
    found = FrozenMap(dict.fromkeys(range(100), 0))
    for key in range(10, 100):
        found = found.without(key)

    assert few == found == few
    assert few.set(3, 1) != found


def test_keys_of_one_hash_are_kept_together() -> None:
    """However many keys have the same hash, each has its value."""
    items = {Same(): number for number in range(40)}
    found = FrozenMap[Same, int]()
    for key, value in items.items():
        found = found.set(key, value)

    assert items == found == FrozenMap(items)
    assert all(found[key] == value for key, value in items.items())


def test_a_change_costs_the_same_in_a_large_map() -> None:
    """Maps share what they have in common, and are compared as fast."""
    took = []
    for size in (100, 3_200):
        found = FrozenMap({f"key {n}": n for n in range(size)})

        def change(found: FrozenMap[str, int] = found) -> bool:
            return found.set("key 5", -1).without("key 7") == found.set("key 5", 5)

        took.append(Work().of(change).total)

    assert took[1] <= 3 * took[0]


@given(ITEMS, KEYS, VALUES)
def test_a_frozen_map_never_changes(items, key, value) -> None:
    """`set` and `without` leave the map as it was."""
    found = FrozenMap(items)
    before = list(items.items())
    found.set(key, value)
    found.without(key)

    assert before == list(found.items())


def test_a_frozen_map_copies_what_it_is_given() -> None:
    """Changing the dict that a map was made from does not change the map."""
    given_items = {"a": 1}
    found = FrozenMap(given_items)
    given_items["a"] = 2

    assert {"a": 1} == found


@given(ITEMS, ITEMS)
def test_frozen_maps_compare_as_dicts_do(left, right) -> None:
    """A map equals every mapping with the same items, on either side."""
    expected = left == right

    assert expected == (FrozenMap(left) == FrozenMap(right))
    assert expected == (FrozenMap(left) == right)
    assert expected == (right == FrozenMap(left))
    assert expected is not (FrozenMap(left) != FrozenMap(right))


@given(st.permutations([("a", 1), ("b", 2), ("c", 3)]))
def test_equal_frozen_maps_have_equal_hashes(pairs) -> None:
    """The order in which items came matters neither to `==` nor to the hash."""
    expected = FrozenMap({"a": 1, "b": 2, "c": 3})

    assert expected == FrozenMap(pairs)
    assert hash(expected) == hash(FrozenMap(pairs))


def test_a_frozen_map_of_lists_has_no_hash() -> None:
    """A map has a hash only where its values have one."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(FrozenMap({"a": [1]}))


def test_a_frozen_map_is_not_a_list() -> None:
    """A `FrozenMap` differs from any value that is not a mapping."""
    assert FrozenMap() != []
    assert FrozenMap({"a": 1}) != [("a", 1)]


@given(ITEMS)
def test_a_frozen_map_can_be_written_down_and_read_back(items) -> None:
    """`repr`, pickles and copies of a map give an equal found."""
    found = FrozenMap(items)

    assert found == eval(repr(found))
    assert found == pickle.loads(pickle.dumps(found))
    assert found == copy.copy(found) == copy.deepcopy(found)


def test_the_repr_of_a_table_shows_its_dict() -> None:
    """`repr` is the call that makes the map."""
    assert "FrozenMap({'a': 1})" == repr(FrozenMap({"a": 1}))
    assert "FrozenMap({})" == repr(FrozenMap())


def test_a_frozen_map_can_hold_tables() -> None:
    """A deep copy of a map shares nothing that could change."""
    found = FrozenMap({"inner": FrozenMap({"a": 1}), "list": [1]})
    copied = copy.deepcopy(found)
    copied["list"].append(2)

    assert FrozenMap({"inner": {"a": 1}, "list": [1]}) == found


def test_without_an_absent_key_is_the_same_table() -> None:
    """Leaving out what is not there gives the very same found."""
    found = FrozenMap({"a": 1})

    assert found is found.without("b")


@pytest.mark.parametrize("name", ["_items", "other", "set"])
def test_a_frozen_map_refuses_assignment(name: str) -> None:
    """No attribute of a map can be set or deleted."""
    found = FrozenMap({"a": 1})
    with pytest.raises(AttributeError, match="cannot change"):
        setattr(found, name, {})
    with pytest.raises(AttributeError, match="cannot change"):
        delattr(found, name)

    assert {"a": 1} == found


def test_a_frozen_map_refuses_items_to_be_set() -> None:
    """`found[key] = value` is an error, as is `del`."""
    found = FrozenMap({"a": 1})
    with pytest.raises(TypeError):
        found["a"] = 2
    with pytest.raises(TypeError):
        del found["a"]


def test_a_missing_key_is_a_key_error() -> None:
    """Asking for a key that is not there raises `KeyError`, as with a dict."""
    with pytest.raises(KeyError, match="loans"):
        FrozenMap({"a": 1})["loans"]


@given(MANY, st.lists(SETS | REMOVALS, max_size=9), ITEMS)
def test_numbered_pairs_are_those_of_the_map_before_but_for_what_changed(
    items, steps, others
) -> None:
    """The values are in the order of keys, whichever map is at hand."""
    before = found = FrozenMap(items)
    for step, *key_and_value in steps:
        found = getattr(found, step)(*key_and_value)
    made = FrozenMap(others).late("b", 4, Event("b", when="2015"), None, ())
    numbered = before.numbered(None, FrozenList())
    for one, other in [(found, before), (before, found), (made, found), (found, made)]:
        pairs = one.numbered(other, other.numbered(None, FrozenList()))

        assert [*one.values()] == [value for _, value in pairs]
        assert pairs == one.numbered(None, FrozenList())
    again = before.set("another", 5).numbered(before, numbered)
    assert again.edit(numbered) == (len(numbered), 0, (again[-1],))


def test_layers_of_maps_are_one_map() -> None:
    """What several maps hold is found, counted and merged as by one dict."""
    one, two = FrozenMap({"a": 1, "b": 2}), FrozenMap({"b": 3, "c": 4})
    both = layered([one, FrozenMap(), two], max)

    assert {"a": 1, "b": 3, "c": 4} == {key: both[key] for key in "abc"}
    assert 3 == len(both)
    assert "c" in both
    assert "d" not in both
    with pytest.raises(KeyError, match="d"):
        both["d"]
    with pytest.raises(AttributeError, match="of_nothing"):
        _ = both.of_nothing
    assert both.get("b") == 3
    assert both.get("none", 7) == 7
    assert FrozenMap({"a": 1, "b": 3, "c": 4}) == both


def test_layers_of_maps_leave_out_what_is_overruled_by_nothing() -> None:
    """A key overruled by None is gone, whichever of the maps have it."""
    one, two = FrozenMap({"a": 1, "b": 2}), FrozenMap({"b": 3, "c": 4, "d": 5})
    both = layered([one, two], max, {"b": None, "c": None, "d": 6})

    for key in "bc":
        assert key not in both
        with pytest.raises(KeyError, match=key):
            both[key]
    assert 2 == len(both)
    assert (1, 6) == (both["a"], both["d"])
    assert FrozenMap({"a": 1, "d": 6}) == both


def test_what_comes_late_is_in_its_place() -> None:
    """Before what has no date, after what is dated earlier, and never twice."""
    first, second = (Event("x", when=day) for day in ("2015", "2016"))
    found = FrozenMap({"a": 1}).late("b", 2, second, None, ())

    assert [("b", 2), ("a", 1)] == [*found.items()]
    assert ["c", "b", "a"] == [*found.late("c", 3, first, None, ())]
    assert ["b", "c", "a"] == [*found.late("c", 3, second, None, ())]
    assert ["c", "b", "a"] == [*found.late("c", 3, second, None, [("b", second)])]
    assert found.late("b", 3, first, None, ()).brought_by("b") is first
    assert found.late("b", 3, second, None, ())["b"] == 3
