"""Kleene's logic, checked on every case there is."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from itertools import product

import pytest

from bri_timeline import Answer


YES, MAYBE, NO = Answer.YES, Answer.MAYBE, Answer.NO
PAIRS = list(product(Answer, repeat=2))
TRIPLES = list(product(Answer, repeat=3))
Join = Callable[[object, object], Answer]


def test_and_follows_the_table_of_kleene() -> None:
    """`&` is YES when both are, NO when either is, else MAYBE."""
    expected = {
        (YES, YES): YES,
        (YES, MAYBE): MAYBE,
        (YES, NO): NO,
        (MAYBE, YES): MAYBE,
        (MAYBE, MAYBE): MAYBE,
        (MAYBE, NO): NO,
        (NO, YES): NO,
        (NO, MAYBE): NO,
        (NO, NO): NO,
    }

    assert expected == {(a, b): a & b for a, b in PAIRS}


def test_or_follows_the_table_of_kleene() -> None:
    """`|` is YES when either is, NO when both are, else MAYBE."""
    expected = {
        (YES, YES): YES,
        (YES, MAYBE): YES,
        (YES, NO): YES,
        (MAYBE, YES): YES,
        (MAYBE, MAYBE): MAYBE,
        (MAYBE, NO): MAYBE,
        (NO, YES): YES,
        (NO, MAYBE): MAYBE,
        (NO, NO): NO,
    }

    assert expected == {(a, b): a | b for a, b in PAIRS}


def test_not_turns_yes_into_no_and_leaves_a_maybe() -> None:
    """`~` swaps YES and NO, and a maybe stays a maybe."""
    assert {YES: NO, MAYBE: MAYBE, NO: YES} == {a: ~a for a in Answer}


@pytest.mark.parametrize("join", [operator.and_, operator.or_], ids=["and", "or"])
def test_and_and_or_forget_order_and_grouping(join: Join) -> None:
    """`&` and `|` are commutative, associative and idempotent."""
    assert all(join(a, b) is join(b, a) for a, b in PAIRS)
    assert all(join(join(a, b), c) is join(a, join(b, c)) for a, b, c in TRIPLES)
    assert all(join(a, a) is a for a in Answer)


def test_and_and_or_distribute_over_each_other() -> None:
    """`&` distributes over `|`, `|` over `&`, and each absorbs the other."""
    assert all((a & (b | c)) is ((a & b) | (a & c)) for a, b, c in TRIPLES)
    assert all((a | (b & c)) is ((a | b) & (a | c)) for a, b, c in TRIPLES)
    assert all((a & (a | b)) is a is (a | (a & b)) for a, b in PAIRS)


def test_de_morgan_holds() -> None:
    """The opposite of a conjunction is the disjunction of the opposites."""
    assert all(~(a & b) is (~a | ~b) for a, b in PAIRS)
    assert all(~(a | b) is (~a & ~b) for a, b in PAIRS)
    assert all(~~a is a for a in Answer)


def test_the_excluded_middle_does_not_hold() -> None:
    """A maybe or its opposite is still a maybe: this is no Boolean logic."""
    assert MAYBE is (MAYBE | ~MAYBE)


@pytest.mark.parametrize("answer", Answer, ids=str)
def test_an_answer_has_no_truth_value(answer: Answer) -> None:
    """Taking an answer for true or false raises, and the message says what to write."""
    with pytest.raises(TypeError, match=r"write `is Answer\.YES`"):
        bool(answer)


@pytest.mark.parametrize("join", [operator.and_, operator.or_], ids=["and", "or"])
@pytest.mark.parametrize("other", [True, 2, None, "yes"], ids=repr)
def test_and_and_or_refuse_other_values(join: Join, other: object) -> None:
    """`&` and `|` refuse whatever is no answer, on either side."""
    with pytest.raises(TypeError, match="unsupported operand"):
        join(YES, other)
    with pytest.raises(TypeError, match="unsupported operand"):
        join(other, YES)


@pytest.mark.parametrize("answer", Answer, ids=str)
def test_repr_and_pickle_give_the_same_answer(answer: Answer) -> None:
    """`repr` evaluates back to the same answer, and so does a pickle."""
    assert answer is eval(repr(answer))
    assert answer is pickle.loads(pickle.dumps(answer))


def test_str_of_an_answer_is_a_word() -> None:
    """`str` of an answer is the word in small letters."""
    assert ["no", "maybe", "yes"] == [str(answer) for answer in Answer]
