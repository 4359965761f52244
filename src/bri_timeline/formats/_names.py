"""The states by the names under which data sets know them."""

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

# Letters that have no accent to lose.
_SPELT = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae"}
)


def plain(text: str) -> str:
    """Return text in small ASCII letters and digits, its words parted by a space."""
    small = text.lower().replace("'", "")
    if small.isascii():
        return " ".join(_WORDS.findall(small))
    small = small.translate(_SPELT).replace("\u2019", "")
    parts = unicodedata.normalize("NFKD", small)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(_WORDS.findall(letters))


def slug(prefix: str, name: str) -> str | None:
    """Return the id of a name, or None where letters of it would be lost.

    Args:
        prefix: What stands before the colon.
        name: The name.
    """
    text = plain(name).replace(" ", "-")
    words = text.split("-")
    fits = text.isascii() and text and len(words) <= 21
    if not fits or any(len(word) > 60 for word in words):
        return None
    return f"{prefix}:{text}"


def person_named(name: str) -> str | None:
    """Return the id of whoever acted, or None where letters of the name would be lost.

    Every reader names people so, and chronicles do, so that one person is one actor in
    all of them. A body that acts in place of a person has such an id too: the data do
    not say which of their names are of people.

    Args:
        name: Who acted, as `Ilham Aliyev`.
    """
    return slug("person", name)


def state_named(name: str) -> str | None:
    """Return the id of a state by its name, exactly; None where no name is that.

    Accents, capitals and punctuation do not matter; nothing is guessed.
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
