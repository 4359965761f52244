"""Find states and make ids from the names that data sets use."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files

from bri_timeline.relations import states


__all__ = [
    "person_named",
    "plain",
    "slug",
    "state_named",
]


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


def slug(prefix: str, name: str) -> str | None:
    """Return the id of a name, or None if letters would be lost.

    Args:
        prefix: The part before the colon.
        name: The name.
    """
    text = plain(name).replace(" ", "-")
    # A longer text is a sentence, not a name.
    words = text.split("-")
    fits = text.isascii() and text and len(words) <= 21
    if not fits or any(len(word) > 60 for word in words):
        return None
    return f"{prefix}:{text}"


def person_named(name: str) -> str | None:
    """Return the id of a person, or None if letters of the name would be lost.

    All readers and chronicles form the ids of people in this way, so that one person is
    one actor in all of them. An organisation gets such an id too, since the data do not
    mark which names belong to people.

    Args:
        name: A name such as `Ilham Aliyev`.
    """
    return slug("person", name)


def state_named(name: str) -> str | None:
    """Return the id of the state with this name, or None.

    Accents, case and punctuation are ignored; the match is otherwise exact.
    """
    return _names().get(plain(name))


@cache
def _names() -> dict[str, str]:
    named = {plain(state.name): state.code for state in states().values()}
    table = files("bri_timeline.formats").joinpath("data/states.csv")
    with table.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            named[plain(row["name"])] = row["id"]
    return named
