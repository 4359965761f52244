"""Releases of a dataset: what they change, in whichever order they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from deals import LATER, Deal, contents, deal

from bri_timeline import (
    EventLog,
    Vocabulary,
)
from bri_timeline.formats import chronicle, csv, jsonl


def test_a_row_that_could_not_be_read_stays_as_it_was() -> None:
    """Whichever release came first; and it is told, and kept in files."""
    older = {"dataset": "deals", "published": "2019-01-01"}
    newer = {"dataset": "deals", "published": "2020-01-01", "unread": ["b", "c"]}
    both = [deal("a"), deal("b")]
    log, _ = EventLog().revise(both, **older)
    right, revision = log.revise([deal("a", 2)], **newer)
    log, _ = EventLog().revise([deal("a", 2)], **newer)
    mixed, _ = log.revise(both, **older)

    assert (deal("b"),) == revision.unread
    assert "1 could not be read and stay as before" in str(revision)
    assert right.as_of(LATER).project(contents) == mixed.as_of(LATER).project(contents)
    assert 2 == len(right.as_of(LATER).events)
    for form in (jsonl, chronicle, csv):
        words = Vocabulary(Deal)
        assert right == form.loads(form.dumps(right, words), words)


def test_releases_of_one_day_with_instants_stand_in_their_order() -> None:
    """Whichever of them was imported first; and they come back from every format."""
    noon = datetime(2019, 1, 1, 12, tzinfo=UTC)
    hours = [(noon, 1), (noon + timedelta(hours=1), 2), (noon + timedelta(hours=2), 1)]
    for order in permutations(hours):
        log = EventLog()
        for when, value in order:
            release = [deal("a", value), deal("b", value)]
            log, _ = log.revise(release, dataset="deals", published=when)
        events = log.as_of(LATER, known_by="2019-01-01").events
        assert [event.what.value for event in events] == [1, 1]
        again, revision = log.revise(release, dataset="deals", published=when)
        assert again is log
        assert not revision
        for form in (jsonl, chronicle, csv):
            text = form.dumps(log, Vocabulary(Deal))
            assert form.loads(text, Vocabulary(Deal)) == log
