"""Projections that are composed of others: what they keep, and what they show."""

from __future__ import annotations

from bri_timeline._folds._composed import (
    Composed,
    in_force,
    keyed,
    listing,
    mapped,
    record,
)
from bri_timeline._folds._list import FrozenList
from bri_timeline._folds._nodes import Leaf, Node, Path
from bri_timeline._folds._shown import MappedState, Record, content_of, is_composed
from bri_timeline._folds._ways import Ways


__all__ = [
    "Composed",
    "FrozenList",
    "Leaf",
    "MappedState",
    "Node",
    "Path",
    "Record",
    "Ways",
    "content_of",
    "in_force",
    "is_composed",
    "keyed",
    "listing",
    "mapped",
    "record",
]
