"""Imprecise dates: all of EDTF, and questions with three answers.

`Edtf` itself is exported from `bri_timeline`.
"""

import typing

from bri_timeline import _later
from bri_timeline.edtf._bounds import Widening, in_words
from bri_timeline.edtf._bounds import end_bounds as end_bounds
from bri_timeline.edtf._days import Days as Days
from bri_timeline.edtf._edtf import Edtf as Edtf
from bri_timeline.edtf._edtf import never_years as never_years
from bri_timeline.edtf._edtf import to_edtf as to_edtf
from bri_timeline.edtf._grammar import years_meant as years_meant
from bri_timeline.edtf._grammar import years_within as years_within
from bri_timeline.edtf._shapes import Allen, Bound


if typing.TYPE_CHECKING:
    from bri_timeline.edtf._allen import Interval as Interval
    from bri_timeline.edtf._allen import interval_of as interval_of
    from bri_timeline.edtf._allen import near as near
    from bri_timeline.edtf._common import Allowed as Allowed
    from bri_timeline.edtf._common import common as common
    from bri_timeline.edtf._narrowed import WatchedDate as WatchedDate
    from bri_timeline.edtf._narrowed import begin_days as begin_days
    from bri_timeline.edtf._narrowed import end_days as end_days
    from bri_timeline.edtf._narrowed import narrowed as narrowed


__all__ = ["Allen", "Bound", "Widening", "in_words"]

__getattr__: _later.Finder = _later.later(__name__, "_allen", "_common", "_narrowed")
