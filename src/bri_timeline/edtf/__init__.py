"""Imprecise dates: all of EDTF, and questions with three answers.

`Edtf` itself is exported from `bri_timeline`.
"""

import typing

from bri_timeline import _later
from bri_timeline.edtf._shapes import Bound
from bri_timeline.edtf._value import Edtf as Edtf


if typing.TYPE_CHECKING:
    from bri_timeline.edtf._phrases import Phrase, from_phrase
    from bri_timeline.edtf._widening import Widening
    from bri_timeline.edtf._wording import in_words


__all__ = ["Bound", "Phrase", "Widening", "from_phrase", "in_words"]

_WHERE = {
    "Phrase": "_phrases",
    "Widening": "_widening",
    "from_phrase": "_phrases",
    "in_words": "_wording",
}

__getattr__: _later.Finder = _later.later(__name__, _WHERE)
