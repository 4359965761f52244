"""Dated events, the sources they rest on, and the state of things on any day."""

from bri_timeline._answer import Answer
from bri_timeline.edtf import Edtf

__all__ = ["Answer", "Edtf"]
