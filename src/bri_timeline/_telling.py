"""A payload in a line, for people."""

from __future__ import annotations

import re

import attrs

from bri_timeline._text import one_line


__all__ = ["class_words", "tell"]

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 160


def tell(what: object) -> str:
    """Return what a payload says happened: its `str()`, if its class defines one.

    Args:
        what: Any. One without such words is told by its class and its fields.
    """
    cls = type(what)
    if cls.__str__ is not object.__str__:
        return one_line(str(what))
    names = [field.name for field in attrs.fields(cls)] if attrs.has(cls) else []
    told = [f"{name} {_plain(getattr(what, name))}" for name in names]
    text = f"{class_words(what)}: {', '.join(told)}" if told else class_words(what)
    return one_line(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026")


def class_words(what: object) -> str:
    """Return the name of its class in words: `Tariff set`."""
    return _CAPITAL.sub(" ", type(what).__name__).capitalize()


def _plain(value: object) -> str:
    if isinstance(value, frozenset | tuple):
        return " and ".join(sorted(map(str, value)))
    return str(value)
