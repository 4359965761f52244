"""Projections that are composed of others: what they keep, and what they show."""

from __future__ import annotations

from bri_timeline._folds._composed import (
    Composed,
    Reaching,
    in_force,
    keyed,
    listing,
    mapped,
    record,
    unordered,
)
from bri_timeline._folds._list import FrozenList
from bri_timeline._folds._map import FrozenMap
from bri_timeline._folds._nodes import Leaf, Node, Only, Path, Recorded
from bri_timeline._folds._shown import (
    MappedState,
    Record,
    content_of,
    is_composed,
    kept_in,
    noting,
)
from bri_timeline._folds._ways import Ways


__all__ = [
    "Composed",
    "FrozenList",
    "FrozenMap",
    "Leaf",
    "MappedState",
    "Node",
    "Only",
    "Path",
    "Reaching",
    "Record",
    "Recorded",
    "Ways",
    "content_of",
    "in_force",
    "is_composed",
    "kept_in",
    "keyed",
    "listing",
    "mapped",
    "noting",
    "record",
    "unordered",
]
