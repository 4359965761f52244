"""`known_by` an instant: what had been recorded by then."""

from __future__ import annotations

from pathlib import Path

from bri_timeline import Event
from bri_timeline.relations import FACTS, Met
from bri_timeline.stores import MemoryStore, SQLiteStore


def test_stores_say_when_entries_were_recorded(tmp_path: Path) -> None:
    """What was appended later is not known by an earlier instant, in any store."""
    first, second = (Event(Met({"AZE", "CHN"}), when=f"201{n}") for n in (5, 6))
    with SQLiteStore(tmp_path / "log.db", FACTS) as file:
        for store in (MemoryStore(FACTS), file):
            store.append(first)
            instant = store.read()[0].recorded_at
            store.append(second)
            log = store.read()

            assert instant is not None
            later = log[1].recorded_at
            assert later is not None
            expected = 2 if later == instant else 1
            assert expected == len(log.as_of("2020-01-01", instant))
            assert 2 == len(log.as_of("2020-01-01", later))
