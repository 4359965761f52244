"""PROV-O: where claims come from, as other programs read it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from log_strategies import Deed, Fact, logs
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, XSD

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Place,
    Source,
    Unknown,
    Vocabulary,
)
from bri_timeline.errors import VocabularyError
from bri_timeline.formats import prov
from bri_timeline.relations import FACTS, Joined


FEW = Vocabulary(Fact, Deed)
HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)
BT = Namespace("urn:bri_timeline:")
PAPER = Source(
    "The Paper", published="2019-04~", container="c", author="a", url="https://x.y"
)


def read(path: Path) -> Graph:
    """A file as a graph of linked data."""
    return Graph().parse(path.as_uri(), format="json-ld")


def entry(position: int) -> URIRef:
    """The name of an entry."""
    return BT[f"entry/{position}"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "log.jsonld"


def test_claims_rest_on_their_sources(path: Path) -> None:
    """An entry has its date, kind, parties, sources and the places in them."""
    cite = [PAPER.at("p. 1"), PAPER.at("p. 2")]
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015~", cite=cite, id="j"))
    losses = prov.dump(log, path, FACTS)
    graph, source = read(path), BT["source/0"]
    edtf = URIRef("http://id.loc.gov/datatypes/edtf/EDTF")

    assert (entry(0), RDF.type, PROV.Entity) in graph
    assert (entry(0), PROV.hadPrimarySource, source) in graph
    assert 2 == len(list(graph.objects(entry(0), PROV.qualifiedPrimarySource)))
    assert {"p. 1", "p. 2"} == {str(o) for o in graph.objects(None, BT.locator)}
    assert (entry(0), DCTERMS.date, Literal("2015~", datatype=edtf)) in graph
    assert (entry(0), BT.party, Literal("AZE")) in graph
    assert (entry(0), BT.happening, Literal("j")) in graph
    assert (source, DCTERMS.issued, Literal("2019-04~", datatype=edtf)) in graph
    assert (source, DCTERMS.creator, Literal("a")) in graph
    day = Literal("2019-04-30", datatype=XSD.date)
    assert (entry(0), PROV.generatedAtTime, day) in graph
    assert ["entry 0: its payload is written as text, and not as linked data"] == [
        str(loss) for loss in losses
    ]


def test_a_source_says_when_it_was_read(path: Path) -> None:
    """The day on which a source was read is a date of EDTF."""
    source = Source("a", accessed="2020-05-01")
    prov.dump(
        EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=source)), path, FACTS
    )
    edtf = URIRef("http://id.loc.gov/datatypes/edtf/EDTF")
    read_on = Literal("2020-05-01", datatype=edtf)

    assert (BT["source/0"], BT.accessed, read_on) in read(path)


def test_corrections_are_revisions(path: Path) -> None:
    """What was withdrawn has the day of that, and both say by what."""
    event = Event(Joined("AZE", "x"), when="2015")
    log = EventLog.of(event).append(
        Event(Joined("AZE", "y"), when="2015"), supersedes=0, because="misread"
    )
    log = log.retract(1, because="forged", known="2020-01-02").retract(0, because="no")
    prov.dump(log, path, FACTS)
    graph = read(path)
    day = Literal("2020-01-02", datatype=XSD.date)

    assert (entry(1), PROV.wasRevisionOf, entry(0)) in graph
    assert (entry(1), BT.because, Literal("misread")) in graph
    assert (entry(1), PROV.invalidatedAtTime, day) in graph
    assert (entry(1), BT.retractedBy, entry(2)) in graph
    assert (entry(2), BT.retracts, entry(1)) in graph
    assert (entry(2), RDF.type, BT.Retraction) in graph
    assert (entry(0), BT.retractedBy, entry(3)) in graph
    assert not list(graph.objects(entry(0), PROV.invalidatedAtTime))


def test_unknown_kinds_and_instants_are_written(path: Path) -> None:
    """What no vocabulary has is written as it was kept."""
    event = Event(Unknown("Tariff", 1, b'{"a": 1}'), when="2015")
    at = datetime(2020, 1, 1, tzinfo=UTC)
    prov.dump(EventLog([Entry(position=0, event=event, recorded_at=at)]), path, FACTS)
    graph = read(path)

    assert (entry(0), BT.what, Literal('{"a": 1}')) in graph
    assert ["2020-01-01T00:00:00+00:00"] == [
        o.toPython().isoformat() for o in graph.objects(entry(0), BT.recordedAt)
    ]


@HERE
@given(log=logs())
def test_every_entry_and_source_is_in_the_graph(log: EventLog, tmp_path: Path) -> None:
    """Claims are entities, corrections revisions, retractions named as such."""
    file = tmp_path / "log.jsonld"
    prov.dump(log, file, FEW)
    graph = read(file)
    claims = [e for e in log if e.event is not None]
    sources = {c.source for e in claims for c in e.claim.cite}
    revised = [e for e in log if e.supersedes is not None]

    assert len(claims) + len(sources) == len(set(graph.subjects(RDF.type, PROV.Entity)))
    assert len(revised) == len(list(graph.triples((None, PROV.wasRevisionOf, None))))
    assert {entry(e.position) for e in log if e.event is None} == set(
        graph.subjects(RDF.type, BT.Retraction)
    )


def test_payloads_are_of_the_vocabulary(path: Path) -> None:
    """A payload of another class is refused, and nothing is written."""
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015"))
    with pytest.raises(VocabularyError):
        prov.dump(log, path, Vocabulary())

    assert not path.exists()


def test_a_place_is_a_location(path: Path) -> None:
    """A location has the name, the point of WGS 84 and its precision, if they are."""
    joined = Joined("AZE", "the body")
    where = Place("Baku", 40.4, 49.9, "exact")
    log = EventLog.of(
        Event(joined, when="2015", where=where, id="a"),
        Event(joined, when="2015", where=Place("", 1, 2), id="b"),
    )
    prov.dump(log, path, FACTS)
    graph, geo = read(path), Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")
    baku, point = (graph.value(entry(n), PROV.atLocation) for n in range(2))

    assert graph.value(baku, DCTERMS.title) == Literal("Baku")
    assert graph.value(baku, geo.lat).toPython() == 40.4
    assert graph.value(baku, geo.long).toPython() == 49.9
    assert graph.value(baku, URIRef("urn:bri_timeline:precision")) == Literal("exact")
    assert graph.value(point, geo.long).toPython() == 2
    assert graph.value(point, DCTERMS.title) is None
