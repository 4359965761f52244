"""Suggestions: near names are found, and many names cost no more than few."""

from __future__ import annotations

from difflib import get_close_matches

import pytest

from bri_timeline import _messages
from bri_timeline.errors import FaultsError
from bri_timeline.formats import chronicle
from bri_timeline.relations import FACTS


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many names were compared at each look."""
    counts: list[int] = []

    def counting(name: str, some: list[str], n: int, cutoff: float) -> list[str]:
        counts.append(len(some))
        return get_close_matches(name, some, n=n, cutoff=cutoff)

    monkeypatch.setattr(_messages, "get_close_matches", counting)
    return counts


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
