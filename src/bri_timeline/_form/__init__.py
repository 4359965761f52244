"""The form of entries in files: their parts, listed once, and all derived from that."""

from __future__ import annotations

from bri_timeline._form import parts
from bri_timeline._form._coded import ColumnCodec
from bri_timeline._form._columns import Codec, EncodedColumns, EncodedEvents
from bri_timeline._form._conversion import (
    PayloadField,
    members_of,
    payload_fields,
)
from bri_timeline._form._entries import decode_entry, encode_entry
from bri_timeline._form._json import is_too_deep
from bri_timeline._form._vocabulary import Unknown, Vocabulary, require_vocabulary


__all__ = [
    "Codec",
    "ColumnCodec",
    "EncodedColumns",
    "EncodedEvents",
    "PayloadField",
    "Unknown",
    "Vocabulary",
    "decode_entry",
    "encode_entry",
    "is_too_deep",
    "members_of",
    "parts",
    "payload_fields",
    "require_vocabulary",
]
