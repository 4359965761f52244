"""Interchange formats, one module each: `load` reads, `dump` writes.

`dump` returns what a format could not hold, as `Loss`es.
"""

from bri_timeline.formats._losses import Loss


__all__ = ["Loss"]
