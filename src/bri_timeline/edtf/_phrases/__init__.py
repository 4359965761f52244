"""Words of the news -> imprecise dates."""

from bri_timeline.edtf._phrases._phrase import Phrase, from_phrase


__all__ = ["Phrase", "from_phrase"]
