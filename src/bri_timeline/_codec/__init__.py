"""Payloads and entries as JSON, and back."""

from __future__ import annotations

from bri_timeline._codec._conversion import (
    Nearby,
    Part,
    called,
    classes_in,
    described,
    near,
    parts_of,
)
from bri_timeline._codec._decoding import (
    decode_entries,
    decode_entry,
    payload_maker,
    quick_maker,
)
from bri_timeline._codec._encoding import (
    Scribe,
    claim_of,
    encode_entry,
    line_of,
    recorded,
)
from bri_timeline._codec._json import (
    is_too_deep,
)
from bri_timeline._codec._lines import (
    citations_in,
    citations_raw,
    instant_in,
    instant_text,
)
from bri_timeline._codec._lossless import (
    is_exact,
)
from bri_timeline._codec._structs import (
    edtf,
)
from bri_timeline._codec._vocabulary import (
    Unknown,
    Upcast,
    Vocabulary,
)


__all__ = [
    "Nearby",
    "Part",
    "Scribe",
    "Unknown",
    "Upcast",
    "Vocabulary",
    "called",
    "citations_in",
    "citations_raw",
    "claim_of",
    "classes_in",
    "decode_entries",
    "decode_entry",
    "described",
    "edtf",
    "encode_entry",
    "instant_in",
    "instant_text",
    "is_exact",
    "is_too_deep",
    "line_of",
    "near",
    "parts_of",
    "payload_maker",
    "quick_maker",
    "recorded",
]
