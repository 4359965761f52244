"""Imprecise dates: all of EDTF, and questions with three answers.

`Edtf` itself is exported from `bri_timeline`.
"""

import typing

from bri_timeline import _later
from bri_timeline.edtf._shapes import Bound
from bri_timeline.edtf._value import Edtf as Edtf
from bri_timeline.edtf._value import in_words


if typing.TYPE_CHECKING:
    from bri_timeline.edtf._phrases import Phrase, from_phrase
    from bri_timeline.edtf._widening import Widening


__all__ = ["Bound", "Phrase", "Widening", "from_phrase", "in_words"]

_WHERE = {
    "Phrase": "_phrases",
    "Widening": "_widening",
    "from_phrase": "_phrases",
}

__getattr__: _later.Finder = _later.later(__name__, _WHERE)
