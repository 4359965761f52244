"""Imprecise dates: all of EDTF, and questions with three answers.

`Edtf` itself is exported from `bri_timeline`.
"""

from bri_timeline.edtf._phrases import Phrase, from_phrase
from bri_timeline.edtf._shapes import Bound
from bri_timeline.edtf._value import Edtf as Edtf
from bri_timeline.edtf._widening import Widening
from bri_timeline.edtf._wording import in_words


__all__ = ["Bound", "Phrase", "Widening", "from_phrase", "in_words"]
