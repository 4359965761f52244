"""Queries on a log or a view that return more than a state: each is a module."""

from __future__ import annotations

import typing

from bri_timeline import _later


# Most programs ask few of these questions: loading all of them at once would make
# `import bri_timeline` a tenth slower (89 ms instead of 81).
if typing.TYPE_CHECKING:
    from bri_timeline._queries import (
        bounds,
        difference,
        doubts,
        explanation,
        first,
        history,
        outcomes,
        panel,
        parts,
        statuses,
        table,
        values,
    )

__all__ = [
    "bounds",
    "difference",
    "doubts",
    "explanation",
    "first",
    "history",
    "outcomes",
    "panel",
    "parts",
    "statuses",
    "table",
    "values",
]

__getattr__: _later.Finder = _later.later(__name__, packages=__all__)
