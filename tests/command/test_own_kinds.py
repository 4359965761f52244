"""Kinds of one's own have any names; the shipped ones come if `--facts` says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import frozen

from bri_timeline import Event, EventLog, Vocabulary
from bri_timeline._command import main
from bri_timeline.formats import update
from bri_timeline.relations import FACTS
from bri_timeline.relations import Held as ShippedHeld
from bri_timeline.stores import SQLiteStore


@frozen
class Held:
    """A museum holds an object."""

    lot: str


@frozen
class Lent:
    """A museum lends an object."""

    lot: str


OWN, OTHER = Vocabulary(Held), Vocabulary(Lent)
AGAIN = Vocabulary(Held=Lent)
FILES = ["log.db", "log.jsonl", "log.toml", "log.csv", "log.arrow"]
MINE = ["--facts", f"{__name__}:OWN"]
BOTH = ["--facts", "states", *MINE]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_ones_own_vocabulary_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """`facts` and the schema of `init` name what it has, and nothing of states."""

    def kinds(facts: list[str]) -> list[str]:
        main(["facts", "--format", "json", *facts])
        return [kind["kind"] for kind in json.loads(capsys.readouterr().out)["kinds"]]

    assert ["Held"] == kinds(MINE)
    assert kinds([]) == kinds(["--facts", "states"]) == kinds(BOTH)
    main(["init", "a.toml", *MINE])
    assert not main(["verify", "a.toml", "--strict", *MINE])
    starter = Path("a.toml").read_text("utf-8")
    assert "[entries.Held]" in starter
    assert "AZE" not in starter + Path("a-schema.json").read_text("utf-8")


def written(name: str, event: Event, vocabulary: Vocabulary) -> str:
    """Write a log of one event in a format."""
    log = EventLog.of(event)
    if name.endswith(".db"):
        with SQLiteStore(name, vocabulary) as store:
            store.append(log)
    else:
        update(name, lambda _: log, vocabulary)
    return name


@pytest.mark.parametrize("name", FILES)
def test_a_kind_of_both_is_ones_own(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the shipped facts too, as long as the file has none of the shipped."""
    written(name, Event(Held("vase"), when="1921"), OWN)
    for facts in (MINE, BOTH):
        assert 0 == main(["verify", name, *facts])
    assert 1 == main(["verify", name])
    assert "damaged" not in capsys.readouterr().err


# A table of entries says which of its columns the kind lacks.
@pytest.mark.parametrize("name", [name for name in FILES if name != "log.csv"])
def test_a_shipped_fact_is_not_read_as_ones_own(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error says that both have the name, and what to do."""
    written(name, Event(ShippedHeld("p"), when="1921"), FACTS)
    assert 0 == main(["verify", name, "--facts", "states"])
    assert 1 == main(["verify", name, *BOTH])
    said = " ".join(capsys.readouterr().err.split())
    assert "is the shipped fact of this name, and --facts has another" in said
    assert "Vocabulary(my_Held=Held)" in said


def test_other_faults_are_told_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither an own fact nor a shipped one: the fields are at fault."""
    head = 'chronicle = 1\n[[entries]]\nwhen = "2015"\n'
    for kind, wrong in (("Held", "lots"), ("Visited", "gest")):
        text = f'{head}[entries.{kind}]\n{wrong} = "AZE"\n'
        Path("a.toml").write_text(text, "utf-8")
        assert 1 == main(["verify", "a.toml", *BOTH])
        said = capsys.readouterr().err
        assert f"{kind} has no such field" in said
        assert "shipped" not in said


def test_several_vocabularies_are_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Of two of one's own none wins: an error says so."""
    other = ["--facts", f"{__name__}:OTHER"]
    assert 0 == main(["facts", "Lent", *MINE, *other])
    assert 0 == main(["facts", "Visited", *other, "--facts", "states"])
    assert 1 == main(["facts", *MINE, "--facts", f"{__name__}:AGAIN"])
    assert "both vocabularies have a Held" in capsys.readouterr().err


@frozen
class Sold:
    """A museum sells an object: at first the buyer alone is a party."""

    buyer: str
    museum: str

    @property
    def parties(self) -> frozenset[str]:
        """Return who bought."""
        return frozenset({self.buyer})


@frozen
class SoldByBoth(Sold):
    """The same class, after the museum was added to its parties."""

    @property
    def parties(self) -> frozenset[str]:
        """Return who bought and who sold."""
        return frozenset({self.buyer, self.museum})


BEFORE, NOW = Vocabulary(Sold=Sold), Vocabulary(Sold=SoldByBoth)


def test_doctor_tells_changed_parties(capsys: pytest.CaptureFixture[str]) -> None:
    """A store finds a claim by the parties that its class had: nothing is damaged."""
    with SQLiteStore("sold.db", BEFORE) as store:
        store.append([Event(Sold("amy", "Louvre"), when="2016")])

    def told(verb: str, facts: str, status: int) -> str:
        assert status == main([verb, "sold.db", "--facts", f"{__name__}:{facts}"])
        return "".join(capsys.readouterr())

    assert "parties" not in told("doctor", "BEFORE", 0)
    assert "a class gives other parties than when" in told("doctor", "NOW", 0)
    said = told("verify", "NOW", 1)
    assert "no line of the store" in said
    assert "the class has changed since: copy() the store" in said
