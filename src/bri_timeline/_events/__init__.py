"""Events, their marks in the fold order, and entries."""

from bri_timeline._events._entry import (
    ENTRY_HEADS,
    Entries,
    Entry,
    Review,
    entry_cells,
    unchecked_entry,
)
from bri_timeline._events._event import (
    Event,
    Events,
    Place,
    cells,
    describe_event,
    dyads,
    keys_of,
    pairs_among,
    resting_on,
    unchecked_event,
    unchecked_events,
    uncollected,
)
from bri_timeline._events._marks import (
    Ending,
    Key,
    Mark,
    Over,
    ending_key,
    ending_of,
    event_of,
    sort_key,
)


__all__ = [
    "ENTRY_HEADS",
    "Ending",
    "Entries",
    "Entry",
    "Event",
    "Events",
    "Key",
    "Mark",
    "Over",
    "Place",
    "Review",
    "cells",
    "describe_event",
    "dyads",
    "ending_key",
    "ending_of",
    "entry_cells",
    "event_of",
    "keys_of",
    "pairs_among",
    "resting_on",
    "sort_key",
    "unchecked_entry",
    "unchecked_event",
    "unchecked_events",
    "uncollected",
]
