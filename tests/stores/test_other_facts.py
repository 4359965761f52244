"""A healthy store that is read with another vocabulary is not called damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from attrs import frozen

from bri_timeline import Event, EventLog, Vocabulary
from bri_timeline._command import main
from bri_timeline.errors import DamagedStoreError, VocabularyError
from bri_timeline.relations import FACTS
from bri_timeline.stores import SQLiteStore


@frozen
class Held:
    """A fact of one's own with the name of a shipped one."""

    obj: str


OWN = Vocabulary(Held)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "museum.db"
    with SQLiteStore(path, OWN) as made:
        made.append(EventLog.of(Event(Held("vase"), when="1921")))
    return path


def test_facts_of_another_shape_are_said_to_be_so(store: Path) -> None:
    """The store is sound: the vocabulary is another."""
    with SQLiteStore(store, FACTS) as opened:
        for ask in (opened.read, opened.verify):
            with pytest.raises(VocabularyError, match="are not those named here"):
                ask()
    with SQLiteStore(store, OWN) as opened:
        assert (len(opened.read()), opened.verify().position) == (1, 0)


def test_a_store_that_is_damaged_is_said_to_be_so(store: Path) -> None:
    """A changed line is damage, whatever the vocabulary makes of it."""
    with closing(sqlite3.connect(store, isolation_level=None)) as file:
        file.execute("update entry set line = replace(line, 'obj', 'obx')")
    with SQLiteStore(store, OWN) as opened:
        for ask in (opened.read, opened.verify):
            with pytest.raises(DamagedStoreError):
                ask()


def test_the_command_takes_ones_own_facts_first(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shipped fact of the same name does not lock the command out."""
    facts = ["--facts", f"{__name__}:OWN"]
    assert main(["verify", str(store), *facts]) == 0
    assert main(["verify", str(store)]) == 1
    said = capsys.readouterr().err
    assert "use --facts MODULE:NAME" in said
    assert "damaged" not in said
