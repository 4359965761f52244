"""Fields whose types do not say what they hold: `frozenset` and `tuple` alone."""

from __future__ import annotations

from bare_types import BARE, SAID, Bare, Said, texts
from hypothesis import given
from hypothesis import strategies as st


@given(st.frozensets(texts, max_size=4), st.lists(texts, max_size=3).map(tuple))
def test_texts_are_written_as_if_the_type_said_so(
    parties: frozenset[str], tags: tuple[str, ...]
) -> None:
    """In the same order, and read back."""
    data = BARE.encode(Bare(parties, parties, tags))

    assert data == SAID.encode(Said(parties, parties, tags))
    assert Bare(parties, parties, tags) == BARE.decode("Bare", data)
