"""Encode payloads and entries as JSON, and decode them."""

from __future__ import annotations

from bri_timeline._codec._checking import erased_from, release_from
from bri_timeline._codec._conversion import (
    PayloadField,
    SimilarNames,
    classes_in,
    described,
    did_you_mean,
    members_of,
    payload_fields,
    refusal,
    shown_name,
)
from bri_timeline._codec._decoding import (
    batch_payload_reader,
    batch_record_reader,
    decode_entry,
    decode_unchecked,
    decode_with_claims,
    payload_reader,
)
from bri_timeline._codec._encoding import (
    EncodedEvents,
    EntryEncoder,
    encode_entry,
    encode_event,
    encode_lines,
    erased_text,
    is_canonical,
    release_text,
)
from bri_timeline._codec._json import (
    LARGEST,
    encode_payloads,
    is_too_deep,
)
from bri_timeline._codec._lines import (
    EncodedColumns,
    citations_from,
    citations_text,
    instant_from,
    instant_text,
    place_from,
    place_text,
)
from bri_timeline._codec._structs import (
    cached_edtf,
)
from bri_timeline._codec._vocabulary import (
    Unknown,
    Upcast,
    Vocabulary,
    require_vocabulary,
)


__all__ = [
    "LARGEST",
    "EncodedColumns",
    "EncodedEvents",
    "EntryEncoder",
    "PayloadField",
    "SimilarNames",
    "Unknown",
    "Upcast",
    "Vocabulary",
    "batch_payload_reader",
    "batch_record_reader",
    "cached_edtf",
    "citations_from",
    "citations_text",
    "classes_in",
    "decode_entry",
    "decode_unchecked",
    "decode_with_claims",
    "described",
    "did_you_mean",
    "encode_entry",
    "encode_event",
    "encode_lines",
    "encode_payloads",
    "erased_from",
    "erased_text",
    "instant_from",
    "instant_text",
    "is_canonical",
    "is_too_deep",
    "members_of",
    "payload_fields",
    "payload_reader",
    "place_from",
    "place_text",
    "refusal",
    "release_from",
    "release_text",
    "require_vocabulary",
    "shown_name",
]
