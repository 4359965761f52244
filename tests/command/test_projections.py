"""Projections and facts of the user on the command line; answers in three formats."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path

import jsonschema
import pyarrow
import pytest
from attrs import frozen
from pages_model import content_of, integer_of

from bri_timeline import Edtf, Event, answers
from bri_timeline._command import main
from bri_timeline._command._references import calling
from bri_timeline._command._state import parts_of, rows_of, words
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.folds import FrozenMap
from bri_timeline.formats import jsonl
from bri_timeline.relations import (
    FACTS,
    Money,
    Relationship,
    Visited,
    relationship,
)
from bri_timeline.stores import SQLiteStore


MODULE = """\
from attrs import frozen
from pages_model import content_of, integer_of
from bri_timeline import Projection, Vocabulary, projection

@frozen
class Pledged:
    by: str
    millions: int
    @property
    def parties(self):
        return frozenset([self.by, "fund"])

FACTS = Vocabulary(Pledged)

@frozen
class Total:
    count: int = 0
    millions: int = 0
    _cache: int = 0

@projection(initial=dict, reads=Pledged)
def pledged(state, event):
    given = state.get(event.what.by, 0) + event.what.millions
    return {**state, event.what.by: given}

@projection(initial=Total, reads=Pledged)
def total(state, event):
    return Total(state.count + 1, state.millions + event.what.millions)

@projection(initial=tuple, reads=Pledged)
def listed(state, event):
    return (*state, event)

@projection(initial=int, reads=Pledged)
def broken(state, event):
    return 1 // 0

@projection(initial=int)
def everything(state, event):
    return state + 1

def between(*parties: str) -> Projection[int]:
    def added(state, event):
        return state + event.what.millions
    return Projection(int, added, reads=Pledged, parties=parties)

def fails(*parties):
    raise KeyError(parties)

def returns_nothing(*parties):
    return None
"""
LOG = """\
chronicle = 1

[[entries]]
id = "one"
when = 2015-02-03
cite = []
[entries.Pledged]
by = "acme"
millions = 1500

[[entries]]
when = "2016"
[entries.Pledged]
by = "=umbrella"
millions = 7
"""
OWN = "--facts pledges --projection pledges"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Change to a folder with facts, projections and a chronicle."""
    monkeypatch.chdir(tmp_path)
    # Restored after the test, with what the command adds.
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p not in ("", ".")])
    (tmp_path / "pledges.py").write_text(MODULE, "utf-8")
    (tmp_path / "p.toml").write_text(LOG, "utf-8")
    yield tmp_path
    for name in ("pledges", "leaves", "wrong"):
        sys.modules.pop(name, None)


def run(command: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    """Run a command with this exit status, and return its output and errors."""
    assert status == main(shlex.split(command))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out + err


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("pledged", ["acme       1,500", "=umbrella  7"]),
        ("total", ["count     2", "millions  1,507"]),
        (
            "listed",
            [
                "listed  3 February 2015: Pledged: by acme, millions 1500 [no source]",
                (
                    "listed  some time in 2016: Pledged: by =umbrella, millions 7 "
                    "[no source]"
                ),
            ],
        ),
        ("between --between acme fund", ["added  1,500"]),
        ("everything --any-of =umbrella", ["everything  1"]),
    ],
)
def test_a_state_shows_itself_as_named_values(
    name: str, rows: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mapping, a class, a tuple of events and a number, of a file and of a store."""
    question = f"{OWN}:{name} --on 2016-12-31"
    run("import p.toml -o p.db --facts pledges", capsys)
    shown = run(f"state p.toml {question}", capsys)

    assert rows == shown.splitlines()[-len(rows) :]
    assert shown == run(f"state p.db {question}", capsys)


def test_what_may_have_happened_is_listed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a year is not enough to be certain; a period is asked for like a day."""
    shown = run(f"state p.toml {OWN}:pledged --on 2016-06-30", capsys)
    assert "=umbrella  " not in shown
    assert "Perhaps\n  some time in 2016: Pledged: by =umbrella" in shown
    shown = run(f"state p.toml {OWN}:pledged --during 2016", capsys)
    assert "acme" not in shown
    assert "pledged  none" in run(f"state p.toml {OWN}:pledged --during 2014", capsys)


def test_a_part_of_a_state_is_explained(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key or a field is explained, or the whole state."""
    day = "--on 2016-06-30"
    shown = run(f"explain p.toml acme {OWN}:pledged {day}", capsys)
    assert shown.startswith("acme: 1,500\npledged\nOn 30 June 2016\n")
    assert "  none -> 1,500 | 3 February 2015" in shown
    shown = run(f"explain p.toml =umbrella {OWN}:pledged {day}", capsys)
    assert "? none -> 7 | some time in 2016" in shown
    shown = run(f"explain p.toml {OWN}:total {day}", capsys)
    assert "total: count 1, millions 1,500\n" in shown
    assert "? count 1, millions 1,500 -> count 2, millions 1,507 | some" in shown
    known = "the parts of the state are acme, =umbrella"
    assert known in run(f"explain p.toml nobody {OWN}:pledged {day}", capsys, 2)
    none = "none: leave VALUE out for the whole"
    assert none in run(f"explain p.toml x {OWN}:everything {day}", capsys, 2)
    assert "VALUE: give one: it is one of agreement-statuses, agr" in run(
        f"explain p.toml --between AZE CHN {day} --facts pledges", capsys, 2
    )


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (f"{OWN}:nothing", 2, "module pledges has no name nothing; its projections"),
        (f"{OWN}:nothing", 2, "are: pledged, total, listed, broken, everything, betwe"),
        (f"{OWN}", 2, "is not a Projection; its projections are: pledged"),
        (f"{OWN}:Total", 2, "is not a Projection"),
        (f"{OWN}:returns_nothing --between AZE CHN", 2, "is not a Projection"),
        (f"{OWN}:between", 2, "is a function of parties: give --between"),
        (f"{OWN}:fails --between AZE CHN", 1, "raised KeyError: ('AZE', 'CHN')"),
        (f"{OWN}:broken", 1, "raised ZeroDivisionError"),
        (f"{OWN}:broken", 1, "in <projection broken>, at 2015-02-03"),
        ("--projection pledges:pledged", 2, "reads Pledged, which is not among the"),
        ("--projection nothing:x", 2, "No module named 'nothing'"),
        ("--projection :x", 2, "Empty module name"),
        ("--projection ..x:y", 2, "TypeError"),
        ("--projection leaves:x", 2, "leaves:x: SystemExit: 0"),
        ("--projection wrong:x", 2, "SyntaxError"),
        ("--facts pledges:nothing", 2, "no name nothing; its vocabularies are: FACTS"),
        ("--facts json", 2, "--facts json is not a Vocabulary; it has no vocabularies"),
        ("", 2, "required: --between ACTOR ACTOR, or --projection MODULE:NAME for"),
    ],
)
def test_what_is_not_a_projection_is_said_with_what_there_is(
    options: str,
    status: int,
    said: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A name, a module, a function or its exception: each is named with a remedy."""
    (folder / "leaves.py").write_text("raise SystemExit(0)\n", "utf-8")
    (folder / "wrong.py").write_text("def\n", "utf-8")
    for verb in ("state", "explain"):
        command = f"{verb} p.toml {options} --on 2016-12-31"
        if "--projection" not in options and "--facts" in options:
            command += " --between AZE CHN"
        assert said in run(command, capsys, status)


def test_a_timeline_draws_what_a_projection_reads(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A picture has what the projection reads, and nothing else."""
    run(f"timeline p.toml -o a.txt {OWN}:between --between acme fund", capsys)

    shown = Path("a.txt").read_text("utf-8")
    assert "by acme" in shown
    assert "umbrella" not in shown


@pytest.mark.slow
def test_a_module_is_not_sought_in_the_folder_under_safe_path(folder: Path) -> None:
    """`python -P` forbids modules of the current folder to the command too."""
    command = f"state p.toml {OWN}:pledged --on 2016-12-31"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bri_timeline", *command.split()],
        capture_output=True,
        check=False,
        text=True,
    )

    assert (2, "--facts pledges: No module named 'pledges'\n") == (
        done.returncode,
        done.stderr,
    )


def test_what_our_own_code_raises_is_not_the_users(folder: Path) -> None:
    """Only code that an option named is blamed for an exception."""
    with pytest.raises(ZeroDivisionError), calling("--projection", None):
        _ = 1 // 0


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_a_timeline_shows_the_state_of_any_projection(
    suffix: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The values of the state stand in the picture; one that fails is a fault."""
    path = folder / f"a.{suffix}"
    run(f"timeline p.toml -o {path} {OWN}:total --on 2016-12-31", capsys)
    drawn = path.read_text("utf-8")
    if suffix == "html":
        values = content_of(drawn)["states"]["values"]
        assert 1507 in [integer_of(values, number) for number in range(len(values))]
    else:
        assert "1507" in drawn.replace(",", "").replace("\N{NO-BREAK SPACE}", "")
    path.unlink()
    said = run(f"timeline p.toml -o {path} {OWN}:broken --on 2016-12-31", capsys, 1)
    assert "raised ZeroDivisionError" in said
    assert not path.exists()


# --- formats --------------------------------------------------------------------------


def test_json_has_the_state_and_what_was_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer is data of the library, with the question beside it."""
    question = f"{OWN}:pledged --on 2016-06-30 --format json"
    found = json.loads(run(f"state p.toml {question}", capsys))
    assert ("pledges:pledged", "2016-06-30", None, []) == tuple(
        found[key] for key in ("projection", "on", "known_by", "parties")
    )
    assert {"acme": 1500} == found["state"]
    assert ["Pledged"] == [event["kind"] for event in found["perhaps"]]
    assert [] == found["said_otherwise"]
    found = json.loads(run(f"explain p.toml acme {question}", capsys))
    assert ("acme", 1500) == (found["of"], found["value"])
    assert [(None, 1500, True)] == [
        (step["before"], step["after"], step["certain"]) for step in found["steps"]
    ]


def test_json_of_a_relationship_has_its_fields(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole relationship is there, as `as_dict()` has it."""
    jsonl.dump(azerbaijan_china(), "a.jsonl", FACTS)
    question = "a.jsonl --between Azerbaijan China --on 2019-04-26 --format json"
    found = json.loads(run(f"state {question}", capsys))
    state = azerbaijan_china().as_of("2019-04-26").project(relationship("AZE", "CHN"))

    assert ["AZE", "CHN"] == found["parties"]
    assert len(state.visits) == len(found["state"]["visits"])
    assert {"USD": "821000000"} == found["state"]["agreed_value"]


@pytest.mark.slow
def test_json_is_read_back_and_fits_its_schema(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was printed is an answer again, equal to that of the library."""
    log, aze_chn = azerbaijan_china(), relationship("AZE", "CHN")
    jsonl.dump(log, "a.jsonl", FACTS)
    view = log.as_of("2019-04-26")
    asked = "--between AZE CHN --on 2019-04-26 --format json"

    text = run(f"state a.jsonl {asked}", capsys)
    state = answers.loads(text, answers.StateAnswer[Relationship], FACTS)
    assert view.project(aze_chn) == state.state
    assert (("AZE", "CHN"), "2019-04-26") == (state.parties, state.on)
    jsonschema.validate(
        json.loads(text), answers.schema(answers.StateAnswer[Relationship], FACTS)
    )

    text = run(f"explain a.jsonl agreements {asked}", capsys)
    found = answers.loads(text, answers.ExplainAnswer[int], FACTS)
    expected = view.explain(aze_chn, of=lambda s: s.agreement_count)
    assert (expected.value, expected.steps) == (found.value, found.steps)
    jsonschema.validate(
        json.loads(text), answers.schema(answers.ExplainAnswer[int], FACTS)
    )


def test_what_verify_finds_is_read_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dispute counts as it does in the text, and the head of a store is there."""
    one, other = (
        Event(Visited("AZE", "CHN"), when=y, id="v") for y in ("2015", "2016")
    )
    with SQLiteStore("a.db", FACTS) as store:
        head = store.append([one, other])

    text = run("verify a.db --strict --format json", capsys, 1)
    found = answers.loads(text, answers.VerifyAnswer, FACTS)
    assert (str(head), 2) == (found.head, found.entries)
    assert ["v"] == [dispute.id for dispute in found.disputes]
    assert ((), ()) == (found.contradictions, found.dangling)
    schema = json.loads(run("schema verify", capsys))
    jsonschema.validate(json.loads(text), schema)


def test_csv_has_a_row_for_each_value_and_is_harmless(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows have events with their sources; no cell is read as a formula."""
    question = f"{OWN}:pledged --on 2016-12-31 --format csv"
    shown = run(f"state p.toml {question}", capsys)
    assert [
        ["name", "value", "when", "id", "sources"],
        ["acme", "1500", "", "", ""],
        ["'=umbrella", "7", "", "", ""],
    ] == [*csv.reader(io.StringIO(shown))]
    shown = run(f"state p.toml {OWN}:listed --on 2016-12-31 --format csv", capsys)
    assert "2015-02-03,one," in shown
    jsonl.dump(azerbaijan_china(), "a.jsonl", FACTS)
    question = "--between AZE CHN --on 2019-04-26 --format csv"
    (header, *rows) = csv.reader(
        io.StringIO(run(f"explain a.jsonl visits {question}", capsys))
    )
    assert ["status", "before", "after", "event", "when", "id", "sources"] == header
    assert ["certain", "0", "1"] == rows[0][:3]
    assert "Eurasia Daily Monitor" not in rows[0][5]
    shown = run(f"state a.jsonl {question}", capsys)
    assert "\nVisits,2,,,\n" in shown


class _Output(io.StringIO):
    """A standard output that takes bytes too, and may be a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.buffer = io.BytesIO()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize("verb", ["state p.toml", "explain p.toml acme"])
@pytest.mark.parametrize("day", ["2016-12-31", "1999-12-31"])
def test_arrow_has_the_rows_of_csv(
    verb: str,
    day: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A stream of texts, in which an empty cell is null."""
    question = f"{verb} {OWN}:pledged --during 1990/{day} --format"
    if day < "2015":  # before the first event, there is no part to explain
        question = question.replace(" acme", "")
    header, *rows = csv.reader(io.StringIO(run(f"{question} csv", capsys)))
    output = _Output(is_terminal=False)
    monkeypatch.setattr("sys.stdout", output)

    assert 0 == main(shlex.split(f"{question} arrow"))
    table = pyarrow.ipc.open_stream(output.buffer.getvalue()).read_all()
    assert header == table.column_names
    assert [[c.removeprefix("'") or None for c in row] for row in rows] == [
        [*row.values()] for row in table.to_pylist()
    ]


def test_arrow_is_not_written_to_a_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not text: the error says where to send it."""
    monkeypatch.setattr("sys.stdout", _Output(is_terminal=True))
    question = f"state p.toml {OWN}:pledged --on 2016-12-31 --format arrow"

    assert "> answer.arrows" in run(question, capsys, 2)


# --- words of states ------------------------------------------------------------------


class _Level(Enum):
    HIGH = "high"


@dataclass
class _Data:
    when: object
    level: _Level = _Level.HIGH


class _Plain:
    """An object that says nothing of itself."""

    def __repr__(self) -> str:
        return "<plain>"


@frozen
class _Named:
    name: str


_Pair = namedtuple("_Pair", "low high")
_VISIT = Event(Visited("AZE", "CHN"), when="2015")


@pytest.mark.parametrize(
    ("state", "rows"),
    [
        (3, [("s", "3")]),
        ("", [("s", "")]),
        (None, [("s", "none")]),
        (True, [("s", "yes")]),
        (Decimal("1.50"), [("s", "1.50")]),
        (Edtf("2015-04"), [("s", "some time in April 2015")]),
        ((), [("s", "none")]),
        ((1, 2), [("s", "1; 2")]),
        (frozenset("ba"), [("s", "a; b")]),
        ({}, [("s", "none")]),
        ({("AZE", "x"): [1]}, [("AZE; x", "1")]),
        (FrozenMap({"a": _Level.HIGH}), [("a", "high")]),
        (Money(5, "USD"), [("amount", "5"), ("currency", "USD")]),
        (_Pair(1, 2), [("low", "1"), ("high", "2")]),
        (_Data(None), [("when", "none"), ("level", "high")]),
        ({"x": _Data(Edtf("2015"))}, [("x", "when some time in 2015, level high")]),
        ({"x": _Named("n")}, [("x", "name n")]),
        ({"x": {"y": 1}}, [("x", "y: 1")]),
        (_Plain(), [("s", "<plain>")]),
        (_VISIT, [("s", "some time in 2015: Azerbaijan visits China")]),
        (
            {"last": {"a": _VISIT}},
            [("last a", "some time in 2015: Azerbaijan visits China")],
        ),
    ],
)
def test_every_kind_of_state_has_rows(
    state: object, rows: list[tuple[str, str]]
) -> None:
    """Named values keep their names; anything else has one row."""
    assert rows == [row[:2] for row in rows_of(state, "s")]


def test_an_event_in_a_state_keeps_its_sources() -> None:
    """A row of an event, of a plan, and of each of several, has the event."""
    plans = azerbaijan_china().as_of("2019-09-01").project(relationship("AZE", "RUS"))
    (plan, *_) = plans.plans.values()

    assert [plan.event] == [row.event for row in rows_of(plan, "s")]
    assert [_VISIT, _VISIT] == [row.event for row in rows_of([_VISIT, _VISIT], "s")]
    assert words(plan) == words(plan.event)
    assert parts_of(plan) is None
