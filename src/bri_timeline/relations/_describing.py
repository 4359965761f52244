"""Facts in words, by the templates that the strings of a language have for them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import cast

import attrs

from bri_timeline._text import Worded
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.extend import Strings, strings
from bri_timeline.relations._actors import actor, among, optional_actor


_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_HOLE = re.compile(r"\{([a-z_]+)\}")


class Fact(Worded):
    """A fact of the library."""

    __slots__ = ()

    def _phrase(self, language: str) -> tuple[str, dict[str, str]]:
        """Return the part of its template that has values, and these in words.

        Args:
            language: `en`, `de`, `ru` or `zh`.
        """
        cls, words = cast("type", type(self)), strings(language)
        parts = self._parts()
        flags = frozenset([name for name, part in parts.items() if part is True])
        # A dictionary of few names, and most parts of a log are met again.
        values = {n: p if type(p) is str else _told(p, words) for n, p in parts.items()}
        return _pattern(cls, words, tuple(parts), flags), values

    def _parts(self) -> dict[str, object]:
        """Return what it says, by the holes of its template; actors as sets of ids."""
        parts, cls = dict[str, object](), cast("type", type(self))
        for name, is_actor in _fields(cls):
            part = getattr(self, name)
            if part or (part == 0 and part is not False):
                parts[name] = frozenset((part,)) if is_actor else part
        return parts


@lru_cache
def _fields(cls: type) -> tuple[tuple[str, bool], ...]:
    """Return the fields that templates name, and whether they hold an actor."""
    holes = {*_HOLE.findall(_template(cls, strings("en")))}
    fields = [field for field in attrs.fields(cls) if field.name in holes]
    return tuple((f.name, f.converter in (actor, optional_actor)) for f in fields)


def _template(cls: type, words: Strings) -> str:
    """Return the template of a class, or of the one that it extends."""
    known = (words.tables["facts"].get(base.__name__) for base in cls.__mro__)
    return str(next(filter(None, known)))


@lru_cache(1024)
def _pattern(
    cls: type, words: Strings, there: tuple[str, ...], flags: frozenset[str]
) -> str:
    """Return the template of a class without what it leaves out.

    Args:
        cls: The class.
        words: The words of a language. Of what brackets hold in a template, by `|`, the
            first is taken whose holes are all there.
        there: The names of the holes for which there is something.
        flags: Those of them that are only true, and have no text.
    """

    def chosen(choice: re.Match[str]) -> str:
        parts = choice[1].split("|")
        return next((p for p in parts if {*there}.issuperset(_HOLE.findall(p))), "")

    def left(hole: re.Match[str]) -> str:
        return hole[0] if hole[1] in there and hole[1] not in flags else ""

    return _HOLE.sub(left, _CHOICE.sub(chosen, _template(cls, words)))


# By type too: one is equal to what is true.
@lru_cache(4096, typed=True)
def _told(part: object, words: Strings) -> str:
    """Return a part of a fact in words; an amount of money is a pair."""
    if isinstance(part, frozenset):
        return among(part, words.code)
    if isinstance(part, Edtf):
        return in_words(part, words.code)
    if isinstance(part, Decimal | int):
        return words.number(Decimal(part))
    return words.money(*part) if isinstance(part, tuple) else ""
