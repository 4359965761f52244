"""Fold order under a basis, and the states kept along it."""

from __future__ import annotations

from bri_timeline._folding._cache import STRIDE, FoldCache
from bri_timeline._folding._clusters import chosen
from bri_timeline._folding._facts import Facts
from bri_timeline._folding._sequence import EventSequence


__all__ = [
    "STRIDE",
    "EventSequence",
    "Facts",
    "FoldCache",
    "chosen",
]
