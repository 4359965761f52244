"""A payload that says what it holds, and one that does not."""

from __future__ import annotations

from attrs import frozen
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
