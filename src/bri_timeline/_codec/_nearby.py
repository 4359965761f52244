"""The names nearest to one that is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches


__all__ = ["Nearby"]

_GRAM = 3
# A part of a name that more names share says too little to be worth a look.
_MOST_SHARED = 64
_MOST_COMPARED = 8
_LONGEST = 60


class Nearby:
    """Finds names that are spelled much like another.

    Comparing two names is slow, and comparing each with all made one small file take
    half a minute. So only the few names are compared that share most parts of three
    letters: however many are known, a look costs the same.

    >>> Nearby(["Joined", "Left", "Visited"]).of("Joind")
    ['Joined']

    Args:
        known: The names.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._having: dict[str, list[str]] = {}
        for name in dict.fromkeys(known):
            for part in _parts(name):
                self._having.setdefault(part, []).append(name)

    def of(self, name: str, count: int = 1, least: float = 0.7) -> list[str]:
        """Return the nearest names, the nearest first.

        Args:
            name: A name that is not known; one of more than 60 characters has none.
            count: How many names at most.
            least: How much alike they are at least, from 0 to 1, as `difflib` measures.
        """
        if len(name) > _LONGEST:
            return []
        shared: Counter[str] = Counter()
        for part in _parts(name):
            having = self._having.get(part, ())
            if len(having) <= _MOST_SHARED:
                shared.update(having)
        some = [other for other, _ in shared.most_common(_MOST_COMPARED)]
        return get_close_matches(name, some, n=count, cutoff=least)


def _parts(name: str) -> set[str]:
    """Return all parts of three letters, with the beginning and the end marked."""
    text = f"  {name.lower()[:_LONGEST]} "
    return {text[n : n + _GRAM] for n in range(len(text) - _GRAM + 1)}
