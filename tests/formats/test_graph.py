"""GraphML: the relations on a day, as other programs read them."""

from __future__ import annotations

from pathlib import Path

import networkx
import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from log_strategies import Deed, Fact, logs

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline.errors import VocabularyError
from bri_timeline.formats import graph
from bri_timeline.relations import FACTS, Joined, Met


FEW = Vocabulary(Fact, Deed)
HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@frozen
class Quiet:
    """A fact about nobody."""

    said: str


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "relations.graphml"


def read(path: Path) -> networkx.MultiGraph:
    """The graph of a file."""
    return networkx.read_graphml(path, force_multigraph=True)


def test_events_are_edges_between_their_parties(path: Path) -> None:
    """A meeting of three has three edges, a membership one from a party to itself."""
    paper = Source("The Paper").at("p. 1")
    log = EventLog.of(
        Event(Met({"AZE", "CHN", "org:x"}), when="2015-04", cite=paper, id="m"),
        Event(Joined("CHN", "\x00"), when="2016/.."),
    )
    losses = graph.dump(log, path, FACTS)
    found = read(path)
    edges = list(found.edges(data=True))
    edge = next(data for *pair, data in edges if {*pair} == {"AZE", "CHN"})
    loop = next(data for one, other, data in edges if one == other)

    assert {"AZE": "Azerbaijan", "CHN": "China", "org:x": "x"}.keys() == {*found}
    assert "Azerbaijan" == found.nodes["AZE"]["label"]
    assert {
        "kind": "Met",
        "when": "2015-04",
        "earliest": "2015-04-01",
        "latest": "2015-04-30",
        "id": "m",
        "label": "Azerbaijan, China and X meet",
        "sources": "The Paper, p. 1",
        "certain": True,
    }.items() <= edge.items()
    assert ("China joins \ufffd", False) == (loop["label"], "latest" in loop)
    assert 4 == len(edges)
    assert 2 == len(losses)


def test_dump_on_a_day_marks_undecided_events(path: Path) -> None:
    """What may have happened is not certain, and what comes later is left out."""
    log = EventLog.of(
        Event(Met({"AZE", "CHN"}), when="2015"), Event(Joined("CHN", "x"), when="2020")
    ).append(Event(Joined("AZE", "x"), when="2014"), known="2021-01-01")
    losses = graph.dump(log, path, FACTS, on="2015-06-01", known_by="2020-01-01")

    assert [False] == [d["certain"] for *_, d in read(path).edges(data=True)]
    assert ["entry 1", "entry 2", "entry 0"] == [loss.place for loss in losses]


def test_what_is_about_nobody_is_said_to_be_lost(path: Path) -> None:
    """An event without parties is not a relation."""
    log = EventLog.of(Event(Quiet("x"), when="2015"))
    losses = graph.dump(log, path, Vocabulary(Quiet))

    assert ["entry 0: is not written: it has no parties"] == list(map(str, losses))
    assert 0 == read(path).number_of_nodes()


def test_actors_of_other_lists_keep_their_names(path: Path) -> None:
    """A party that the library does not know is called as it is."""

    @frozen
    class Own:
        parties: frozenset[str]

    log = EventLog.of(Event(Own(frozenset({"a\x00"})), when="Y-17E7"))
    made = graph.to_networkx(log.as_of("2020-01-01"), Vocabulary(Own))

    assert "a\ufffd" == made.nodes["a\x00"]["label"]


@HERE
@given(log=logs())
def test_every_pair_of_every_event_is_an_edge(log: EventLog, tmp_path: Path) -> None:
    """Each event that counts has an edge for each pair of its parties."""
    file = tmp_path / "relations.graphml"
    graph.dump(log, file, FEW, on="2016-02-01")
    view = log.as_of("2016-02-01")
    sizes = [len(event.parties) for event in (*view.events, *view.undecided)]
    expected = sum(1 if size == 1 else size * (size - 1) // 2 for size in sizes)

    assert expected == read(file).number_of_edges()


def test_payloads_are_of_the_vocabulary(path: Path) -> None:
    """A payload of another class is refused, and nothing is written."""
    log = EventLog.of(Event(Quiet("x"), when="2015"))
    with pytest.raises(VocabularyError):
        graph.dump(log, path, FACTS)

    assert not path.exists()
