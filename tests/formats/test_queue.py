"""What is kept of the queue of proposals, and where nobody can see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from effort import at_most
from format_strategies import FEW, TARIFF
from hypothesis import HealthCheck, given, settings
from log_strategies import Fact, everything, reviewed_logs
from queue_worlds import CLAIM, LOG, OTHER

from bri_timeline import Event, EventLog
from bri_timeline._form import Codec, decode_entry, encode_entry
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow, chronicle, csv, jsonl
from bri_timeline.pages import html
from bri_timeline.stores import MemoryStore, SQLiteStore


@given(reviewed_logs())
def test_files_for_people_keep_the_queue(log: EventLog) -> None:
    """A chronicle and lines of JSON come back with every decision."""
    lines = [encode_entry(entry, FEW) for entry in log]
    assert [*log] == [decode_entry(line, FEW) for line in lines]
    assert [*log] == Codec(FEW).decode(lines)


@given(reviewed_logs())
def test_a_chronicle_keeps_the_queue(log: EventLog) -> None:
    """A chronicle has all of it, but days of knowledge that no source gives."""
    text, losses = chronicle._writer.chronicle_text([*log], FEW, {"chronicle": 1})
    assert [] == [loss for loss in losses if "the day from which" not in loss.problem]
    again = chronicle.loads(text, FEW)
    assert [entry.review for entry in log] == [entry.review for entry in again]
    assert [entry.event for entry in log] == [entry.event for entry in again]
    assert [entry.because for entry in log] == [entry.because for entry in again]
    assert log.all_proposals()[:0] == ()


def test_a_chronicle_of_decisions_reads_well(tmp_path: Path) -> None:
    """What is accepted as it was proposed is not written twice."""
    path = tmp_path / "log.toml"
    assert () == chronicle.dump(LOG, path, FEW)
    text = path.read_text("utf-8")
    assert LOG == chronicle.load(path, FEW)
    assert 'proposed_by = "model"' in text
    decision = 'accepts = "entry 1"\nby = "Anna"\nbecause = "it stands there"\n'
    assert f'[[entries]]\nlabel = "entry 2"\n{decision}' in text


def test_a_chronicle_keeps_an_id_that_is_not_the_proposed_one() -> None:
    """Also where it is that of the claim which the acceptance corrects."""
    corrected = evolve(OTHER, id="y")
    log = EventLog.of(evolve(CLAIM, id="y")).propose(OTHER, by="model", supersedes=0)
    log = log.accept(1, by="Anna", event=corrected)

    assert "y" == log[2].claim.id
    assert log == chronicle.loads(chronicle.dumps(log, FEW), FEW)


@given(reviewed_logs())
@at_most(30)
def test_stores_keep_the_queue(log: EventLog) -> None:
    """A store gives back what was appended, and verifies it."""
    with MemoryStore(FEW) as store:
        head = store.append(log)
        assert log == store.read()
        assert store.verify() == head
        assert head == store.append(log)


def test_a_file_keeps_the_queue(tmp_path: Path) -> None:
    """So does SQLite, when a log has grown by a decision; lines of JSON do too."""
    with SQLiteStore(tmp_path / "log.db", FEW) as store:
        store.append(EventLog(LOG[:4]))
        store.append(LOG)
        assert LOG == store.read()
        about = store.read(projection=everything)
        assert LOG.as_of("2017-01-01").events == about.as_of("2017-01-01").events
    assert () == jsonl.dump(LOG, tmp_path / "log.jsonl", FEW)
    assert LOG == jsonl.load(tmp_path / "log.jsonl", FEW)


@settings(at_most(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=reviewed_logs())
def test_tables_and_pages_are_those_of_a_log_without_a_queue(
    log: EventLog, tmp_path: Path
) -> None:
    """Byte for byte; what is left out of a table is named to whoever wrote it."""
    plain = log.published()
    queue = sum(e.review is not None and e.event is None for e in log)
    for suffix, form in (("csv", csv), ("parquet", arrow), ("arrow", arrow)):
        one, other = tmp_path / f"one.{suffix}", tmp_path / f"other.{suffix}"
        lost = form.dump(log, one, FEW)
        form.dump(plain, other, FEW)
        assert one.read_bytes() == other.read_bytes()
        assert queue == sum("queue of proposals" in loss.problem for loss in lost)
    assert html.render(plain) == html.render(log)
    assert "proposed" not in html.render(log)


def test_unknown_kinds_can_be_proposed(tmp_path: Path) -> None:
    """They are kept as they are; a chronicle cannot hold them, and says so."""
    event = Event(TARIFF, when="2016")
    log = EventLog().propose(event, by="model").reject(0, by="x", because="y")
    lines = [encode_entry(entry, FEW) for entry in log]
    assert [*log] == [decode_entry(line, FEW) for line in lines]
    lost = chronicle.dump(log, tmp_path / "log.toml", FEW)
    assert ["nothing here can read", "what it withdraws is not"] == [
        loss.problem.partition("not written: ")[2].partition(" its kind")[0]
        for loss in lost
    ]
    accepted = EventLog().propose(event, by="model").accept(0, by="x", event=CLAIM)
    lost = chronicle.dump(accepted, tmp_path / "log.toml", FEW)
    assert any("accepts is not written" in loss.problem for loss in lost)


def proposed(claim: str) -> str:
    """The line of a proposal."""
    return f'{{"position":0,"review":{{"by":"x","proposes":{claim}}}}}'


FACT = '{"kind":"Fact","version":1,"what":{"value":"a"},"when":"2015"}'


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('{"position":0,"review":{}}', "review.by"),
        ('{"position":0,"review":{"by":"x","accepts":-1}}', "review.accepts"),
        ('{"position":0,"review":{"by":"x","else":1}}', "review.else"),
        (proposed(FACT.replace('"a"', "1")), "review.proposes.what.value"),
        (proposed(FACT.replace('{"value":"a"}', "[]")), "review.proposes.what"),
        (proposed(FACT.replace("Fact", "Fakt")), "review.proposes.kind"),
        (proposed(FACT.replace("2015", "{2015,2016}")), "review.proposes"),
    ],
)
def test_a_faulty_line_names_its_field(line: str, place: str) -> None:
    """Each fault has the path of its field."""
    with pytest.raises(FaultsError) as found:
        decode_entry(line, FEW, unknown_ok=False)
    assert place in [fault.place for fault in found.value.faults]


def test_a_line_that_others_wrote_is_read_too() -> None:
    """Spaces and another order of names make no difference."""
    line = (
        '{"review": {"by": "x", "supersedes": 0, "proposes": {"when": "2015",'
        ' "kind": "Fact", "version": 1, "what": {"value": "a"}}}, "position": 1}'
    )
    entry = decode_entry(line, FEW)
    assert entry.review is not None
    assert ("x", 0) == (entry.review.by, entry.review.supersedes)
    assert Event(Fact("a"), when="2015") == entry.review.proposes
    accepts = decode_entry('{"position": 1, "review": {"by": "x", "accepts": 0}}', FEW)
    assert 0 == accepts.accepts


HEAD = """
chronicle = 1

[[entries]]
label = "p"
proposed_by = "model"
when = 2016-01-01
[entries.Fact]
value = "a"
"""


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('accepts = "p"', "by: is missing: say who decides"),
        ('accepts = "q"\nby = "x"', "accepts: 'q' is not the label or id"),
        ('rejects = "p"\nby = "x"', "because: is missing: say why it is rejected"),
        ('rejects = "p"\nby = "x"\nbecause = "y"\nwhen = 2015-01-01', "a rejection"),
        ('accepts = "p"\nby = "x"\nwhen = 2015-01-01', "has no table"),
        ('proposed_by = "x"\nwhen = 2015-01-01\nknown = 2016-01-01', "a proposal"),
        (
            'supersedes = "p"\nwhen = 2015\n[entries.Fact]\nvalue = "a"',
            "claims nothing",
        ),
    ],
)
def test_a_chronicle_names_the_faults_of_decisions(entry: str, problem: str) -> None:
    """All with their line and entry."""
    with pytest.raises(FaultsError) as found:
        chronicle.loads(f"{HEAD}\n[[entries]]\n{entry}", FEW)
    assert problem in str(found.value)


def test_decisions_on_faulty_proposals_are_no_further_faults() -> None:
    """One mistake is one fault."""
    text = HEAD.replace('"a"', "1")
    decided = '[[entries]]\naccepts = "p"\nby = "x"\n[[entries]]\nrejects = "p"\n'
    with pytest.raises(FaultsError) as found:
        chronicle.loads(f'{text}{decided}by = "x"\nbecause = "y"', FEW)
    assert 1 == len(found.value.faults)


def test_a_decision_is_read_twice_without_effect() -> None:
    """A file in which something is accepted twice has one acceptance."""
    accepts = '[[entries]]\nlabel = "a"\naccepts = "p"\nby = "x"\nknown = 2016-02-01\n'
    log = chronicle.loads(HEAD + accepts + accepts.replace('"a"', '"b"'), FEW)
    assert 2 == len(log)
    assert "2016-02-01" == str(log[1].known)
    assert log == EventLog(evolve(entry) for entry in log)
