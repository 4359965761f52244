"""A name that is no id names what was meant; what cannot be is not recorded."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from attrs import frozen

from bri_timeline import Entry, Event, EventLog, Source, Vocabulary, scale
from bri_timeline._command._checks import log_problems
from bri_timeline.errors import (
    EventError,
    FaultsError,
    SelectionError,
)
from bri_timeline.formats import chronicle, jsonl, proposals, tables
from bri_timeline.relations import FACTS, Visited, relationship
from bri_timeline.stores import MemoryStore


SOURCE = Source("The Paper", published="2020")
VISIT = Event(Visited("CHN", "KAZ"), when="2013-09-07", id="visit-7")
LOG = EventLog.of(VISIT)
ONESELF = Event(Visited("AZE", "AZE"), when="2019", cite=SOURCE)


@frozen
class Shared:
    """A fact of several."""

    parties: frozenset[str]


@pytest.mark.slow
def test_a_dataset_refuses_them_as_a_log_does(tmp_path: Path) -> None:
    """Somebody's own ids that are names of states are ids, in whatever bucket."""
    own = Vocabulary(Shared)
    names = ("China", "Jordan", "Georgia", "alfa", "beta")
    events = [
        Event(Shared(frozenset({one, other})), when=f"20{n:02}", id=f"of-{n % 3}")
        for n, (one, other) in enumerate(combinations(names, 2))
    ]
    log = EventLog.of(*events)
    data = scale.write(log, tmp_path / "own", own, buckets=4)
    for one, other in combinations((*names, "gamma"), 2):
        assert len(log.among(one, other)) == len(data.among(one, other))
    assert len(log.concerning("Jordan")) == len(data.concerning("Jordan"))
    for ask in (data.among, log.among, data.concerning, log.concerning):
        with pytest.raises(SelectionError, match="'Chad' is a name of 'TCD'"):
            ask("alfa", "Chad")


def test_a_visit_to_oneself_is_not_recorded() -> None:
    """Neither appended, nor proposed, nor imported."""
    store = MemoryStore(FACTS)
    for record in (
        lambda: EventLog.of(VISIT, ONESELF),
        lambda: LOG.append(ONESELF),
        lambda: LOG.propose(ONESELF, by="a model"),
        lambda: LOG.revise([ONESELF], dataset="d", published="2020-01-01"),
        lambda: store.append(ONESELF),
    ):
        with pytest.raises(EventError, match="is a visit to oneself"):
            record()
    assert 0 == len(store.read())
    item = {"kind": "Visited", "what": {"guest": "AZE", "host": "AZE"}, "when": "2019"}
    (found,) = proposals.examine(
        [{**item, "quote": "a visit"}],
        FACTS,
        document="a visit in 2019",
        source=SOURCE,
    )
    assert ["what"] == [fault.place for fault in found.problems]
    fields = {"guest": "AZE", "host": {"column": "host"}}
    rule = {"kind": "Visited", "when": {"column": "when", "format": "yyyy"}}
    data = {
        "title": "T",
        "source": {"title": "S"},
        "events": [rule | {"fields": fields}],
    }
    text = "host,when\nAZE,2019\nCHN,2019\n"
    (row,) = tables.loads(text, tables.declared(data), FACTS).rejected
    assert "is a visit to oneself" in row.reason


def test_a_visit_to_oneself_is_told_where_it_is_read(tmp_path: Path) -> None:
    """What was recorded is read as it is, and `doctor` says so."""
    log = EventLog([Entry(position=0, event=ONESELF)])
    jsonl.dump(log, tmp_path / "a.jsonl", FACTS)
    store = MemoryStore(FACTS)
    store.append(log)
    for found in (jsonl.load(tmp_path / "a.jsonl", FACTS), store.read()):
        assert found == log
        assert any("is a visit to oneself" in one for one in log_problems(found))
        # It is no visit of one party to another.
        state = found.as_of("2030-01-01").project(relationship("AZE", "CHN"))
        assert () == tuple(state.visits)
    # A chronicle is written by people: its entries are appended when it is read.
    visit = 'Visited = { guest = "AZE", host = "AZE" }'
    text = f'chronicle = 1\n[[entries]]\nwhen = "2019"\n{visit}\n'
    with pytest.raises(FaultsError, match="is a visit to oneself"):
        chronicle.loads(text, FACTS)
