"""States by the names that data use, each on the days on which it means them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from bri_timeline._calendar import Day, to_day
from bri_timeline.relations._codes import Term, states, terms_in


__all__ = ["named_terms", "plain", "states_called"]

_WORDS = re.compile(r"[^\W_]+")

# Letters that Unicode does not decompose into a base letter and an accent.
_SPELT = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae"}
)


def plain(text: str) -> str:
    """Return text in lower case without accents, with one space between words."""
    small = text.lower().replace("'", "")
    if small.isascii():
        return " ".join(_WORDS.findall(small))
    small = small.translate(_SPELT).replace("\u2019", "")
    parts = unicodedata.normalize("NFKD", small)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(_WORDS.findall(letters))


def states_called(name: str, on: Day | None = None) -> tuple[str, ...]:
    """Return the ids of the states that a name means: several if it is ambiguous.

    Accents, case and punctuation are ignored; the match is otherwise exact.

    Args:
        name: The name.
        on: The day. Without a day, the short name of a state of today means it, and
            another name every state that it ever meant.
    """
    key = plain(name)
    if on is None and key in _short_names():
        return (_short_names()[key],)
    day = None if on is None else to_day(on)
    terms = named_terms().get(key, ())
    return tuple(dict.fromkeys(one.actor for one in terms if one.holds(day)))


@cache
def named_terms() -> Mapping[str, tuple[Term, ...]]:
    """Return what each name in plain letters means, and on which days.

    The file is read at the first call.
    """
    found = {
        name: (Term(states()[code].name, code, None, None),)
        for name, code in _short_names().items()
    }
    for _, term in terms_in("names.csv", "name"):
        key = plain(term.text)
        found[key] = (*found.get(key, ()), term)
    return found


@cache
def _short_names() -> Mapping[str, str]:
    return {plain(state.name): state.code for state in states().values()}
