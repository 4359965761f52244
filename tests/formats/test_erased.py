"""What the formats make of entries whose words were erased."""

from __future__ import annotations

from pathlib import Path

import pytest
from erasing import ERASED, erase

from bri_timeline import Event, EventLog, scale
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow, chronicle
from bri_timeline.relations import FACTS, Joined


JOINED = Event(Joined("AZE", "x"), when="2015", id="a")
RIGHT = Event(Joined("AZE", "y"), when="2016")
LOG = EventLog.of(JOINED).append(RIGHT, supersedes=0).retract(1, because="no")


def test_arrow_keeps_what_is_left() -> None:
    """In a column of its own, where there is any."""
    left = erase(LOG, [1, 2])

    assert left == arrow.from_arrow(arrow.to_arrow(left, FACTS), FACTS)
    table = arrow.to_arrow(LOG, FACTS)
    assert "erased" not in table.schema.names


def test_arrow_refuses_what_is_not_left() -> None:
    """Each fault is named with its row."""
    rows = arrow.to_arrow(erase(LOG, [1]), FACTS).to_pylist()
    import pyarrow

    rows[0]["erased"] = rows[1]["erased"]
    rows[1]["erased"] = '{"words":1}'
    with pytest.raises(FaultsError) as caught:
        arrow.from_arrow(pyarrow.Table.from_pylist(rows), FACTS)
    told = [str(fault) for fault in caught.value.faults]
    assert "row 0: erased: belongs to a row that says nothing" in told
    assert any(t.startswith("row 1: erased: is not what is left of") for t in told)


def test_a_dataset_refuses_what_would_come_back(tmp_path: Path) -> None:
    """It keeps no digests: an erased claim is an entry that claims nothing."""
    for number, gone in enumerate(([1], [0])):
        with pytest.raises(FaultsError, match="row 1: erased: of a correction, or of"):
            scale.write(erase(LOG, gone), tmp_path / str(number), FACTS)
    plain = erase(EventLog.of(JOINED, RIGHT).retract(1, because="no"), [0, 2])
    dataset = scale.write(plain, tmp_path / "kept", FACTS)

    assert [None, RIGHT, None] == [entry.event for entry in dataset.entries()]
    more = Event(Joined("CHN", "y"), when="2016")
    assert 4 == len(dataset.append(plain.append(more)))


def test_a_chronicle_says_what_it_loses(tmp_path: Path) -> None:
    """What an erased correction put right counts again; retractions stay."""
    log = LOG.retract(2, because="yes").propose(JOINED, by="m").accept(4, by="p")
    log = log.reject(4, by="p", because="no")
    left = erase(log, [1, 2, 3, 4, 6])
    losses = [str(loss) for loss in chronicle.dump(left, tmp_path / "a.toml", FACTS)]

    assert "entry 4: is not written: its words were erased" in losses
    problem = "is not written: its words were erased, and what it put right counts"
    assert f"entry 1: {problem} again" in losses
    found = chronicle.load(tmp_path / "a.toml", FACTS)
    assert [None] == [e.event for e in found if e.retracts is not None]
    assert ERASED.because is not None
