"""Interchange formats, one module each: `load` reads and `dump` writes a file.

`dump` returns a `Loss` for all content that the format cannot hold. `update()` changes
a log in a file, whoever else changes it.
"""

from bri_timeline.formats._event_data import ReadOptions
from bri_timeline.formats._files import Faults as Faults
from bri_timeline.formats._files import Loss
from bri_timeline.formats._flat import neutral as neutral
from bri_timeline.formats._update import keep_comments as keep_comments
from bri_timeline.formats._update import update


__all__ = ["Loss", "ReadOptions", "update"]
