"""The form of entries in files: their parts, listed once, and all derived from that."""

from __future__ import annotations

from bri_timeline._form import _cells as table
from bri_timeline._form import _parts as parts
from bri_timeline._form._coded import (
    COLUMNS,
    NumberedColumn,
    columns_of,
    entries_from,
    events_from,
)
from bri_timeline._form._columns import (
    EncodedColumns,
    EncodedEvents,
    EntryEncoder,
    batch_payload_reader,
    batch_record_reader,
    decode_unchecked,
    decode_with_claims,
    encode_entries,
    encode_lines,
    is_canonical,
    payload_reader,
)
from bri_timeline._form._conversion import (
    PayloadField,
    SimilarNames,
    described,
    did_you_mean,
    lacking_kind,
    members_of,
    payload_fields,
    refusal,
    shown_name,
)
from bri_timeline._form._entries import decode_entry, encode_entry, encode_event
from bri_timeline._form._json import encode_payloads, is_too_deep
from bri_timeline._form._lines import (
    citations_from,
    citations_text,
    instant_from,
    instant_text,
    place_from,
    place_text,
    text_of,
    value_in,
)
from bri_timeline._form._structs import (
    cached_edtf,
)
from bri_timeline._form._vocabulary import (
    Unknown,
    Vocabulary,
    require_vocabulary,
)


__all__ = [
    "COLUMNS",
    "EncodedColumns",
    "EncodedEvents",
    "EntryEncoder",
    "NumberedColumn",
    "PayloadField",
    "SimilarNames",
    "Unknown",
    "Vocabulary",
    "batch_payload_reader",
    "batch_record_reader",
    "cached_edtf",
    "citations_from",
    "citations_text",
    "columns_of",
    "decode_entry",
    "decode_unchecked",
    "decode_with_claims",
    "described",
    "did_you_mean",
    "encode_entries",
    "encode_entry",
    "encode_event",
    "encode_lines",
    "encode_payloads",
    "entries_from",
    "events_from",
    "instant_from",
    "instant_text",
    "is_canonical",
    "is_too_deep",
    "lacking_kind",
    "members_of",
    "parts",
    "payload_fields",
    "payload_reader",
    "place_from",
    "place_text",
    "refusal",
    "require_vocabulary",
    "shown_name",
    "table",
    "text_of",
    "value_in",
]
