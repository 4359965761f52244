"""A log read by another policy: sources in order of trust, bounds by reports."""

from __future__ import annotations

from datetime import date

from bri_timeline import (
    Event,
    EventLog,
    Source,
)
from bri_timeline.pages import html


class TestBoundedByReports:
    """`reading(bounded_by_reports=True)`."""

    def test_a_predicate_sees_the_event_as_it_is_read(self) -> None:
        """In whichever order the two were asked for."""
        event = Event("a", when="2019", cite=Source("S", published="2019-03-05"))

        def is_early(found: Event) -> bool:
            return found.when.latest_start < date(2019, 6, 1).toordinal()

        log = EventLog.of(event)
        for read in (
            log.where(is_early).reading(bounded_by_reports=True),
            log.reading(bounded_by_reports=True).where(is_early),
        ):
            assert (event,) == read.as_of("2020-01-01").events
        assert () == log.where(is_early).as_of("2020-01-01").events
        assert "2019" in html.render(read)
