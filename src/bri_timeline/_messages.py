"""Names and values in messages: what is like an unknown name, and what was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache

from bri_timeline.errors import shown, shown_name


__all__ = ["SimilarNames", "described", "did_you_mean"]


_GRAM = 3

# A part that more names share hardly narrows the search.
_MOST_SHARED = 64
_MOST_COMPARED = 8
_LONGEST = 60


class SimilarNames:
    """An index of names by their trigrams, to find names of similar spelling.

    Comparing two names is slow: comparing each with all made one small file take half a
    minute. Only the few names that share most trigrams are compared, so the cost of a
    search does not grow with the number of names.

    >>> SimilarNames(["Joined", "Left", "Visited"]).of("Joind")
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
        """Return the most similar names, the most similar first.

        Args:
            name: The unknown name. Names of more than 60 characters have no matches.
            count: The most names to return.
            least: The least similarity, from 0 to 1, as `difflib` measures it.
        """
        if len(name) > _LONGEST:
            return []
        shared: Counter[str] = Counter()
        # In order, so that every process compares the same of the names that tie.
        for part in sorted(_parts(name)):
            having = self._having.get(part, ())
            if len(having) <= _MOST_SHARED:
                shared.update(having)
        similar_names = [
            other_name for other_name, _ in shared.most_common(_MOST_COMPARED)
        ]
        return get_close_matches(name, similar_names, n=count, cutoff=least)


def _parts(name: str) -> set[str]:
    """Return the trigrams of a name; spaces mark its beginning and end."""
    text = f"  {name.lower()[:_LONGEST]} "
    return {text[n : n + _GRAM] for n in range(len(text) - _GRAM + 1)}


@lru_cache(16)
def _nearby(known: tuple[str, ...]) -> SimilarNames:
    return SimilarNames(known)


def did_you_mean(name: str, known: SimilarNames | Iterable[str]) -> str:
    """Return " Did you mean ...?" with the most similar known name, or empty text.

    Args:
        name: The unknown name.
        known: The known names; a `SimilarNames` if there are many, or many searches.
    """
    if shown_name(name) is not name:
        return ""
    nearby = known if isinstance(known, SimilarNames) else _nearby(tuple(known))
    close = nearby.of(name)
    return f" Did you mean {close[0]!r}?" if close else ""


def described(value: object) -> str:
    """Describe a value of plain data in a few words, for messages: `the number 3`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, int) and value.bit_length() > 99:
        return "a huge number"  # str() of an int of over 4,300 digits raises ValueError
    if isinstance(value, int | float | Decimal):
        return f"the number {value}"[:60]
    if isinstance(value, date):
        kind = "instant" if isinstance(value, datetime) else "day"
        return f"the {kind} {value.isoformat()}"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
