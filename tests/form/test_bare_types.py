"""Fields whose types do not say what they hold: `frozenset` and `tuple` alone."""

from __future__ import annotations

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Vocabulary


@frozen
class Said:
    """A payload that says what it holds."""

    parties: frozenset[str]
    words: frozenset[str]
    tags: tuple[str, ...]


@frozen
class Bare:
    """The same payload, which does not say it."""

    parties: frozenset
    words: frozenset
    tags: tuple = ()


SAID, BARE = Vocabulary(Said), Vocabulary(Bare)
texts = st.text(max_size=3)


@given(st.frozensets(texts, max_size=4), st.lists(texts, max_size=3).map(tuple))
def test_texts_are_written_as_if_the_type_said_so(
    parties: frozenset[str], tags: tuple[str, ...]
) -> None:
    """In the same order, and read back."""
    data = BARE.encode(Bare(parties, parties, tags))

    assert data == SAID.encode(Said(parties, parties, tags))
    assert Bare(parties, parties, tags) == BARE.decode("Bare", data)
