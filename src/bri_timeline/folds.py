"""Projections that are composed of others: by field, by key, by a last step.

- Compositions: `record` has parts under names, `keyed` the states of a part by key,
  `mapped` what a function makes of a state. Each is `Composed`, a projection.
- Their leaves are measures, any projection, and two more: a `listing` of events in the
  order of their dates, and what is `in_force` of a kind. A projection to which the
  order of events is nothing is said to be `unordered`, with how to take one out again.
- Their states are values: a `Record` with fields, a mapping, a `FrozenList`. A state
  made by hand may hold a `FrozenMap`.

Write a function for what depends on the order of events of several kinds, and a
composition for everything that has a key: then a late report costs what it reaches.
"""

from __future__ import annotations

from bri_timeline._folds import (
    Composed,
    FrozenList,
    FrozenMap,
    Record,
    in_force,
    keyed,
    listing,
    mapped,
    record,
    unordered,
)


__all__ = [
    "Composed",
    "FrozenList",
    "FrozenMap",
    "Record",
    "in_force",
    "keyed",
    "listing",
    "mapped",
    "record",
    "unordered",
]
