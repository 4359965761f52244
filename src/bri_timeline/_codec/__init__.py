"""From payload to plain data and back, by the classes that a log may hold."""

from bri_timeline._codec._entries import decode_entry, encode_entry
from bri_timeline._codec._unknown import Unknown
from bri_timeline._codec._upcasts import Upcast
from bri_timeline._codec._vocabulary import Vocabulary


__all__ = ["Unknown", "Upcast", "Vocabulary", "decode_entry", "encode_entry"]
