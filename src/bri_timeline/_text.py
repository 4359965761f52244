"""Values as text: safe to show, in one line, or as a table for notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from html import escape
from itertools import islice

import attrs
from attrs import NOTHING, AttrsInstance, fields_dict

from bri_timeline.errors import harmless, one_line, shape


__all__ = [
    "ROWS",
    "brief",
    "class_words",
    "describe",
    "harmless",
    "one_line",
    "safe",
    "shape",
    "table",
    "value_text",
]


def value_text(value: object) -> str:
    """Return a value of an answer in one line: a number by its digits."""
    return str(value) if isinstance(value, Decimal | Fraction) else shape(value)


def brief(value: AttrsInstance) -> str:
    """Return the constructor call of an attrs instance, without default values.

    Args:
        value: An instance of an attrs class whose fields can be passed to its
            `__init__`.
    """
    cls = type(value)
    parts = []
    for name, field in fields_dict(cls).items():
        if not field.init:
            continue
        content = getattr(value, name)
        if field.default is NOTHING or content != field.default:
            parts.append(
                f"{field.alias}={content!r}" if field.kw_only else repr(content)
            )
    return f"{cls.__name__}({', '.join(parts)})"


_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 160


def describe(what: object) -> str:
    """Describe a payload in one line: its `str()`, if its class defines one.

    Args:
        what: Any payload. Without a `str()` of its own, its class and fields are given.
    """
    cls = type(what)
    if cls.__str__ is not object.__str__:
        return one_line(str(what))
    names = [field.name for field in attrs.fields(cls)] if attrs.has(cls) else []
    parts = [f"{name} {_plain(getattr(what, name))}" for name in names]
    text = f"{class_words(what)}: {', '.join(parts)}" if parts else class_words(what)
    return one_line(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026")


def class_words(what: object) -> str:
    """Return the name of the class of a payload in words: `Tariff set`."""
    return _CAPITAL.sub(" ", type(what).__name__).capitalize()


def _plain(value: object) -> str:
    if isinstance(value, frozenset | tuple):
        # A set has no order, and the text must be the same in every process.
        return " and ".join(sorted(map(str, value)))
    return str(value)


# The most rows of a table; its caption gives the full number.
ROWS = 20
_LONGEST_CELL = 400

# Notebooks align every cell to the right, as if it held a number.
_LEFT = ' style="text-align:left"'


def safe(text: str) -> str:
    """Return *text* escaped for HTML, without control characters."""
    return escape(harmless(text))


def table(
    caption: str,
    rows: Iterable[tuple[str, ...]],
    count: int,
    heads: tuple[str, ...] = (),
) -> str:
    """Return an HTML table without scripts, links or ids, of at most `ROWS` rows.

    Args:
        caption: The caption.
        rows: The texts of each row; the first is its head.
        count: The number of rows, of which only the first `ROWS` are read.
        heads: The titles of the columns, if any.
    """
    more = f"; the first {ROWS} shown" if count > ROWS else ""
    titles = _row("".join(f"<th{_LEFT}>{safe(title)}</th>" for title in heads))
    body = "".join(_row(_cells(row)) for row in islice(rows, ROWS))
    return (
        f"<table><caption{_LEFT}>{_cut(caption + more)}</caption>"
        f"<thead>{titles if heads else ''}</thead><tbody>{body}</tbody></table>"
    )


def _row(cells: str) -> str:
    return f"<tr>{cells}</tr>"


def _cells(row: tuple[str, ...]) -> str:
    head, *others = map(_cut, row)
    cells = "".join(f"<td{_LEFT}>{text}</td>" for text in others)
    return f"<th{_LEFT}>{head}</th>{cells}"


def _cut(text: str) -> str:
    shown = text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}\u2026"
    return safe(shown)
