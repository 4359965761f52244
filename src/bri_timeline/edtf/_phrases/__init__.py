"""English date phrases of news texts -> imprecise dates."""

from bri_timeline.edtf._phrases._phrase import Phrase, from_phrase


__all__ = ["Phrase", "from_phrase"]
