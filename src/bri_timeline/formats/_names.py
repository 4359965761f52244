"""Find states and make ids from the names that data sets use."""

from __future__ import annotations

from bri_timeline._calendar import Day
from bri_timeline.relations import plain, states_called


__all__ = [
    "person_named",
    "plain",
    "slug",
    "state_named",
]


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


def state_named(name: str, on: Day | None = None) -> str | None:
    """Return the id of the one state with this name, or None.

    Accents, case and punctuation are ignored; the match is otherwise exact.

    Args:
        name: The name.
        on: The day; without one, a name that ever meant two states means none, unless
            it is the short name of a state of today.
    """
    found = states_called(name, on)
    return found[0] if len(found) == 1 else None
