"""Selections: filters of what counts, groups of parties, and all of them together."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from log_strategies import (
    known_by_days,
    logs,
    view_days,
    with_datasets,
)
from store_worlds import OPENERS

from bri_timeline import EventLog


class TestDatasets:
    """A dataset is named as a source is: each of its rows cites one of its own here."""

    @given(log=with_datasets(logs(max_size=7)), day=view_days(), known=known_by_days())
    def test_what_a_store_reads_is_read_by_dataset(
        self, log: EventLog, day: date, known: date
    ) -> None:
        """Of a partial log, as of the whole one."""
        for opened in (OPENERS["memory"], OPENERS["sqlite"]):
            with opened() as store:
                store.append(log)
                part = store.read(parties=["BBB"])
            for one, other in (
                (log.where(dataset="one"), part.where(dataset="one")),
                (log.reading("two"), part.reading("two")),
            ):
                views = [some.among("BBB").as_of(day, known) for some in (one, other)]
                assert views[0].events == views[1].events
                assert views[0].undecided == views[1].undecided
