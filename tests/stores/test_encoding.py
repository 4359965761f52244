"""The batch encoder for entries: each part is encoded and verified once."""

from __future__ import annotations

import pytest
from odd_values import Alone

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline._form._columns import check_equal
from bri_timeline.errors import EntryError
from bri_timeline.stores import MemoryStore


class Odd(str):
    """A text that is more than one."""

    __slots__ = ()


def test_append_refuses_what_would_not_come_back_equal() -> None:
    """What is read again and differs is not written, and neither is an odd text."""
    with pytest.raises(ValueError, match="1 would not come back equal"):
        check_equal(2, 1)
    with MemoryStore(Vocabulary(Alone)) as store:
        with pytest.raises(EntryError, match="cannot be kept"):
            store.append(Event(Alone("x"), when="2016", cite=Source(Odd("odd"))))

        assert -1 == store.head().position


@pytest.mark.parametrize("published", ["Y17E17", "Y-17E17", "9999", "Y10000", "Y-5E4"])
def test_any_day_of_knowledge_comes_back(published: str) -> None:
    """The day by which a source had appeared may lie as far off as a date can."""
    event = Event(Alone("x"), when="2016", cite=Source("x", published=published))
    with MemoryStore(Vocabulary(Alone)) as store:
        store.append(event)

        assert EventLog.of(event) == store.read()
