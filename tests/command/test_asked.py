"""What a selection is, and what it leaves in, is said beside the answer."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from bri_timeline import Event, EventLog, Source
from bri_timeline._command import main
from bri_timeline._command._checks import log_problems
from bri_timeline.formats import jsonl
from bri_timeline.relations import FACTS, Joined, Visited


Told = Callable[[str], tuple[str, str]]
BOOK = Source("A book", published="2020")
UNDATED = "claims count whatever --known-by says, as no source of theirs is dated: 1"
OWN = """
from collections import Counter

from attrs import frozen
from bri_timeline import Event, Vocabulary, projection


@frozen
class Bought:
    company: str
    buyer: str
    percent: int

    @property
    def parties(self):
        return frozenset({self.company, self.buyer})


FACTS = Vocabulary(Bought)


@projection(initial=dict, reads=Bought)
def stakes(state, event):
    what = event.what
    return {**state, what.company: state.get(what.company, 0) + what.percent}
"""


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Return a function that runs a command in a folder, and returns what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def run(command: str) -> tuple[str, str]:
        assert 0 == main(shlex.split(command))
        out, err = capsys.readouterr()
        return out, err

    return run


@pytest.mark.parametrize(
    "verb",
    [
        "state {0} --between AZE CHN --on 2019-12-31",
        "explain {0} visits --between AZE CHN --on 2019-12-31",
        "timeline {0} --on 2019-12-31 -o a.svg",
        "export {0} -o b.csv",
        "verify {0}",
        "doctor {0}",
    ],
)
def test_a_day_of_knowledge_without_effect_says_so(verb: str, told: Told) -> None:
    """Where no source is dated all was known all along, in the eyes of every verb."""
    visit = Event(Visited("AZE", "CHN"), when="2019-04-24", cite=Source("Undated"))
    jsonl.dump(EventLog.of(visit), "a.jsonl", FACTS)
    dated = Event(Visited("AZE", "CHN"), when="2019-04-24", cite=BOOK)
    jsonl.dump(EventLog.of(dated), "dated.jsonl", FACTS)
    cut = f"{verb} --known-by 2020-12-31"
    assert f"{UNDATED}\n  entry 0\n" in told(cut.format("a.jsonl"))[1]
    assert UNDATED not in told(verb.format("a.jsonl"))[1]
    assert UNDATED not in told(cut.format("dated.jsonl"))[1]


def test_a_state_of_a_selection_says_so(told: Told) -> None:
    """In text and in tables: it looked like the whole."""
    Path("registers_of_stakes.py").write_text(OWN, "utf-8")
    own = import_module("registers_of_stakes")
    log = EventLog.of(
        Event(own.Bought("C1", "alfa", 60), when="2019", cite=BOOK),
        Event(own.Bought("C1", "beta", -20), when="2019", cite=BOOK),
    )
    jsonl.dump(log, "own.jsonl", own.FACTS)
    asked = "own.jsonl --on 2020-06-30 --facts registers_of_stakes:FACTS"
    asked += " --projection registers_of_stakes:stakes"
    named = asked.replace("own.jsonl", "own.jsonl C1")
    whole, _ = told(f"state {asked}")
    assert "Only what" not in whole
    part, _ = told(f"state {asked} --among alfa")
    assert part.startswith("stakes\nOn 30 June 2020\nOnly what involves alfa\n\n")
    both, _ = told(f"explain {named} --among C1 alfa --any-of beta alfa")
    assert "\nOnly what involves C1 and alfa, and beta or alfa\n" in both
    rows, _ = told(f"state {asked} --any-of beta --format csv")
    assert "Selection,Only what involves beta,,,\n" in rows
    assert "Selection" not in told(f"state {asked} --format csv")[0]


def test_rows_that_look_alike_are_asked_about() -> None:
    """Two places of one source count once, if no ids say that they are two."""
    joined, places = Joined("AZE", "B"), [BOOK.at("p. 3"), BOOK.at("p. 9")]
    rows = [Event(joined, when="2019", cite=place) for place in places]

    def asked(log: EventLog) -> list[str]:
        return [one for one in log_problems(log) if "of one source" in one]

    (question,) = asked(EventLog.of(*rows))
    assert "2 entries (0, 1) of one source: Azerbaijan joins B, counts once" in question
    assert [] == asked(EventLog.of(*rows).retract(1, because="misread"))
    assert [] == asked(EventLog.of(Event(joined, when="2019", cite=places)))
    other = Event(joined, when="2019", cite=Source("Another").at("p. 3"))
    assert [] == asked(EventLog.of(rows[0], other))
    named = [Event(joined, when="2019", cite=c, id="one") for c in places]
    assert [] == asked(EventLog.of(*named))
