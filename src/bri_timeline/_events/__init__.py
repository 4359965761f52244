"""Events and entries; their marks in the fold order, and entries in columns beside."""

from bri_timeline._events._event import (
    Event,
    Place,
    altered,
    cells,
    check_sayable,
    describe_event,
    dyads,
    event_phrase,
    events_of,
    given_id,
    keys_of,
    resting_on,
    unchecked_events,
)
from bri_timeline._events.entries import Entry


__all__ = [
    "Entry",
    "Event",
    "Place",
    "altered",
    "cells",
    "check_sayable",
    "describe_event",
    "dyads",
    "event_phrase",
    "events_of",
    "given_id",
    "keys_of",
    "resting_on",
    "unchecked_events",
]
