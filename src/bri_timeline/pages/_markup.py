"""Build elements of HTML and SVG; text is always escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from bri_timeline._text import safe


__all__ = ["Markup", "element", "empty", "joined", "web_address"]

# Other schemes, such as `javascript:`, would run code when a reader clicks.
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\"'<>\\^`{|}]+", re.IGNORECASE)


class Markup(str):
    """Text that is already markup. Any other string is escaped."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    """Return *text* escaped, unless it is markup."""
    return text if isinstance(text, Markup) else Markup(safe(text))


def element(tag: str, *content: str, **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        tag: The name of the element.
        content: Text, which is escaped, or markup.
        attributes: By name: `_` stands for a hyphen, and a trailing `_` is dropped
            (`class_`). None is left out, numbers are rounded to two decimals.
    """
    inside = "".join(map(escaped, content))
    named = _attributes(attributes) if attributes else ""
    return Markup(f"<{tag}{named}>{inside}</{tag}>")


def empty(tag: str, **attributes: str | float | None) -> Markup:
    """Return an element without content: `<rect/>`."""
    return Markup(f"<{tag}{_attributes(attributes)}/>")


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Return the concatenated parts, each escaped unless it is markup."""
    return Markup(escaped(between).join(map(escaped, parts)))


def web_address(url: str | None) -> str | None:
    """Return *url* if it is an http or https address, otherwise None."""
    return url if url and _ADDRESS.fullmatch(url) else None


def _attributes(attributes: dict[str, str | float | None]) -> str:
    return "".join(
        [
            f'{_named(name)}"{_value(value)}"'
            for name, value in attributes.items()
            if value is not None
        ]
    )


# The same few names occur on each of many thousand elements.
@cache
def _named(name: str) -> str:
    return f" {name.rstrip('_').replace('_', '-')}="


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escaped(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
