"""Tables as fragments of HTML: what values show of themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import islice

from bri_timeline._text import harmless


__all__ = ["ROWS", "safe", "table"]

# The most rows that a fragment has; its caption says how many there are.
ROWS = 20
_LONGEST = 400
# Notebooks set every cell to the right, as if it held a number.
_LEFT = ' style="text-align:left"'


def safe(text: str) -> str:
    """Return *text* as markup that shows it, and does nothing else."""
    return escape(harmless(text))


def table(
    caption: str,
    rows: Iterable[tuple[str, ...]],
    count: int,
    heads: tuple[str, ...] = (),
) -> str:
    """Return a table: no script, no link, no id, and at most `ROWS` rows.

    Args:
        caption: What it shows.
        rows: The texts of each row; the first heads it.
        count: How many rows there are, of which only the first are taken.
        heads: The titles of the columns, if they need any.
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
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"
    return safe(shown)
