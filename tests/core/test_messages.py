"""Suggestions: near names are found, and many names cost no more than few."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import _messages
from bri_timeline._messages import SimilarNames


NAMES = st.text("abcde-", min_size=5, max_size=20)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many names were compared at each look."""
    counts: list[int] = []

    def counting(name: str, some: list[str], n: int, cutoff: float) -> list[str]:
        counts.append(len(some))
        return get_close_matches(name, some, n=n, cutoff=cutoff)

    monkeypatch.setattr(_messages, "get_close_matches", counting)
    return counts


@given(st.lists(NAMES, min_size=1, max_size=8, unique=True), st.data())
def test_similar_names_finds_a_name_with_one_letter_wrong(
    known: list[str], data: st.DataObject
) -> None:
    """Of a few names it finds what comparing all would find."""
    name = data.draw(st.sampled_from(known))
    place = data.draw(st.integers(0, len(name) - 1))
    wrong = f"{name[:place]}x{name[place + 1 :]}"
    (found,) = SimilarNames(known).of(wrong) or [None]

    assert found in known or not get_close_matches(wrong, known, 1, 0.7)


def test_similar_names_finds_a_name_among_thousands() -> None:
    """What tells a name from thousands that begin alike is what finds it."""
    known = [f"eurasia-daily-monitor-{n:04}" for n in range(5000)]

    assert SimilarNames(known).of("eurasia-daily-monitr-2468") == [
        "eurasia-daily-monitor-2468"
    ]


@pytest.mark.parametrize("name", ["", "zzzz", "x" * 61, "joined" * 20])
def test_similar_names_suggests_nothing_that_is_far(name: str) -> None:
    """Names that share nothing, and names that are too long, get no suggestion."""
    assert SimilarNames(["joined", "x" * 60]).of(name) == []


def test_similar_names_compares_few_names_however_many_are_known(
    compared: list[int],
) -> None:
    """A look among ten thousand names compares no more than one among ten."""
    for count in (10, 100, 10_000):
        known = SimilarNames(f"a-source-with-a-name-{n}" for n in range(count))
        known.of("a-sorce-with-a-name-7")

    assert max(compared) <= 8


def test_similar_names_are_the_same_in_every_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of names that tie, the order of a set does not decide which are compared."""
    known = SimilarNames(map("".join, product("abcd", repeat=4)))
    first, parts = known.of("abcd", count=99, least=0), _messages._parts

    def shuffled(name: str) -> list[str]:
        some = sorted(parts(name))
        return random.sample(some, len(some))

    random = Random(1)
    monkeypatch.setattr(_messages, "_parts", shuffled)
    for _ in range(20):
        assert known.of("abcd", count=99, least=0) == first
