"""A table against the dict that it must behave like."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline.relations import FrozenMap


KEYS = st.sampled_from(["visits", "meetings", "loans", 1, ("AZE", "peace")])
VALUES = st.integers(0, 3)
ITEMS = st.dictionaries(KEYS, VALUES)
SETS = st.tuples(st.just("set"), KEYS, VALUES)
REMOVALS = st.tuples(st.just("without"), KEYS)


@given(ITEMS, st.lists(SETS | REMOVALS, max_size=12))
def test_a_table_does_what_a_dict_does(items, steps) -> None:
    """After any steps a table holds what a dict would, in the order a dict would."""
    table, model = FrozenMap(items), dict(items)
    for step, key, *value in steps:
        table = getattr(table, step)(key, *value)
        if step == "set":
            model[key] = value[0]
        else:
            model.pop(key, None)

    assert model == table == FrozenMap(model)
    assert list(model.items()) == list(table.items())
    assert list(model) == list(table) == list(table.keys())
    assert list(model.values()) == list(table.values())
    assert len(model) == len(table)
    assert [key in model for key in items] == [key in table for key in items]
    assert [model.get(key) for key in items] == [table.get(key) for key in items]


@given(ITEMS, KEYS, VALUES)
def test_a_table_never_changes(items, key, value) -> None:
    """`set` and `without` leave the table as it was."""
    table = FrozenMap(items)
    before = list(items.items())
    table.set(key, value)
    table.without(key)

    assert before == list(table.items())


def test_a_table_copies_what_it_is_given() -> None:
    """Changing the dict that a table was made from does not change the table."""
    given_items = {"a": 1}
    table = FrozenMap(given_items)
    given_items["a"] = 2

    assert {"a": 1} == table


@given(ITEMS, ITEMS)
def test_tables_compare_as_dicts_do(left, right) -> None:
    """A table equals every mapping with the same items, on either side."""
    expected = left == right

    assert expected == (FrozenMap(left) == FrozenMap(right))
    assert expected == (FrozenMap(left) == right)
    assert expected == (right == FrozenMap(left))
    assert expected is not (FrozenMap(left) != FrozenMap(right))


@given(st.permutations([("a", 1), ("b", 2), ("c", 3)]))
def test_equal_tables_have_equal_hashes(pairs) -> None:
    """The order in which items came matters neither to `==` nor to the hash."""
    expected = FrozenMap({"a": 1, "b": 2, "c": 3})

    assert expected == FrozenMap(pairs)
    assert hash(expected) == hash(FrozenMap(pairs))


def test_a_table_of_lists_has_no_hash() -> None:
    """A table has a hash only where its values have one."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(FrozenMap({"a": [1]}))


def test_a_table_is_no_list() -> None:
    """A table differs from whatever is no mapping."""
    assert FrozenMap() != []
    assert FrozenMap({"a": 1}) != [("a", 1)]


@given(ITEMS)
def test_a_table_can_be_written_down_and_read_back(items) -> None:
    """`repr`, pickles and copies of a table give an equal table."""
    table = FrozenMap(items)

    assert table == eval(repr(table))
    assert table == pickle.loads(pickle.dumps(table))
    assert table == copy.copy(table) == copy.deepcopy(table)


def test_the_repr_of_a_table_shows_its_dict() -> None:
    """`repr` is the call that makes the table."""
    assert "FrozenMap({'a': 1})" == repr(FrozenMap({"a": 1}))
    assert "FrozenMap({})" == repr(FrozenMap())


def test_a_table_can_hold_tables() -> None:
    """A deep copy of a table shares nothing that could change."""
    table = FrozenMap({"inner": FrozenMap({"a": 1}), "list": [1]})
    copied = copy.deepcopy(table)
    copied["list"].append(2)

    assert FrozenMap({"inner": {"a": 1}, "list": [1]}) == table


def test_without_an_absent_key_is_the_same_table() -> None:
    """Leaving out what is not there gives the very same table."""
    table = FrozenMap({"a": 1})

    assert table is table.without("b")


@pytest.mark.parametrize("name", ["_items", "other", "set"])
def test_a_table_refuses_assignment(name: str) -> None:
    """No attribute of a table can be set or deleted."""
    table = FrozenMap({"a": 1})
    with pytest.raises(AttributeError, match="cannot change"):
        setattr(table, name, {})
    with pytest.raises(AttributeError, match="cannot change"):
        delattr(table, name)

    assert {"a": 1} == table


def test_a_table_refuses_items_to_be_set() -> None:
    """`table[key] = value` is an error, as is `del`."""
    table = FrozenMap({"a": 1})
    with pytest.raises(TypeError):
        table["a"] = 2
    with pytest.raises(TypeError):
        del table["a"]


def test_a_missing_key_is_a_key_error() -> None:
    """Asking for a key that is not there raises `KeyError`, as with a dict."""
    with pytest.raises(KeyError, match="loans"):
        FrozenMap({"a": 1})["loans"]
