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
from bri_timeline.errors import FaultsError
from bri_timeline.formats import chronicle
from bri_timeline.relations import FACTS


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


def chronicle_of(count: int) -> str:
    """A chronicle whose every entry misspells its source and what it corrects."""
    sources = "".join(
        f'[sources.source-number-{n:04}]\ntitle = "S"\n' for n in range(count)
    )
    claim = '[entries.Joined]\nmember = "AZE"\nbody = "B"\n'
    entries = "".join(
        f'[[entries]]\nid = "an-event-{n:04}"\nwhen = "2015"\n'
        f'supersedes = "an-evnt-{n:04}"\ncite = ["sourse-number-{n:04}"]\n{claim}'
        for n in range(count)
    )
    return f"chronicle = 1\n{sources}{entries}"


def test_a_chronicle_of_near_misses_is_read_in_linear_work(
    compared: list[int],
) -> None:
    """Each misspelled name costs a few comparisons, however many names there are."""
    work = []
    for count in (40, 80, 160):
        compared.clear()
        with pytest.raises(FaultsError) as found:
            chronicle.loads(chronicle_of(count), FACTS)
        work.append(sum(compared) / count)

        assert len(found.value.faults) == 2 * count
        assert "Did you mean 'source-number-0007'?" in str(found.value.faults)
    assert max(work) <= 16


def test_an_id_of_many_entries_is_told_by_a_few() -> None:
    """Where many entries have one id, five are named."""
    claim = '[entries.Joined]\nmember = "AZE"\nbody = "B"\n'
    entries = "".join(
        f'[[entries]]\nid = "e"\nwhen = "{2000 + n}"\n{claim}' for n in range(7)
    )
    last = f'[[entries]]\nwhen = "2015"\nsupersedes = "e"\n{claim}'
    with pytest.raises(FaultsError, match="entries 1 and 2 and 3 and 4 and 5 and more"):
        chronicle.loads(f"chronicle = 1\n{entries}{last}", FACTS)


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
