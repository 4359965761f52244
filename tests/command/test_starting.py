"""`facts` and `init`: what there is to write, and something to begin with."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bri_timeline._command import main
from bri_timeline._form import payload_fields
from bri_timeline.formats import chronicle
from bri_timeline.relations import FACTS
from bri_timeline.stores import SQLiteStore


MODULE = '''\
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Literal, Union

from attrs import field, frozen
from bri_timeline import Edtf, Vocabulary


class Level(Enum):
    HIGH = "high"


@frozen
class Sum:
    """A sum.

    Args:
        amount: In whole units.
    """

    amount: Decimal


@frozen
class Pledged:
    """Somebody promised
    money.

    Attributes:
        by: Who,
            in words.
        sums: In units of a currency.

    Raises:
        ValueError: Never.
    """

    by: str
    sums: tuple[Sum, ...]
    level: Level
    when: date
    due: Edtf
    share: float
    kept: bool
    how: Literal["cash", "kind"]
    count: Union[int, None]
    what: object
    notes: frozenset[str] = frozenset()


@frozen
class Bare:
    odd: int = field()

    @odd.validator
    def _check(self, _attribute, value):
        raise ZeroDivisionError


@frozen
class Nothing:
    pass


FACTS = Vocabulary(Pledged, Bare, Nothing)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Change to an empty folder; what the command adds to the path is taken away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    sys.modules.pop("promises", None)


def run(command: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    """Run a command with this exit status, and return its output and errors."""
    assert status == main(shlex.split(command))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out + err


def examples(shown: str) -> dict[str, object]:
    """The examples in a list of facts, by kind."""
    lines = [line for line in shown.splitlines() if line.startswith("  example: ")]
    return tomllib.loads("\n".join(line[len("  example: ") :] for line in lines))


def test_facts_lists_every_field_of_every_kind(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each field is there, in brackets if it may be left out, with what it means."""
    shown = run("facts", capsys)
    for kind in FACTS:
        alone = run(f"facts {kind}", capsys)
        assert alone in shown
        lines = alone.splitlines()
        for name, part in payload_fields(FACTS.classes[kind]).items():
            label = name if part.required else f"[{name}]"
            (line,) = (line for line in lines if line.startswith(f"  {label} "))
            assert 3 <= len(line.split("  ")), line
    assert "  guest           an actor  " in run("facts Visited", capsys)


def test_every_example_is_an_entry_of_a_chronicle(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each line can be pasted below `[[entries]]`, and `verify` accepts it."""
    shown = run("facts", capsys)
    found = examples(shown)
    assert {*FACTS, "Coded", "Slide", "Violence"} == {*found}
    lines = (line[11:] for line in shown.splitlines() if "  example: " in line)
    entries = (f'[[entries]]\nwhen = "2015"\n{line}\n' for line in lines)
    text = "".join(["chronicle = 1\n", *entries])
    (folder / "a.toml").write_text(text, "utf-8")

    assert f"a.toml: {len(found)} entries" in run("verify a.toml", capsys)


def test_facts_of_ones_own_are_listed_from_their_class(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Types, docstrings and an example, or the news that none was found."""
    (folder / "promises.py").write_text(MODULE, "utf-8")
    assert run("facts Pledged --facts promises", capsys) == (
        """\
Pledged  Somebody promised money.
  by       text                                  Who, in words.
  sums     a list of a table: amount (a number)  In units of a currency.
  level    'high'
  when     a day
  due      a date of EDTF
  share    a number
  kept     true or false
  how      'cash' or 'kind'
  count    a whole number
  what     object
  [notes]  a list of text
  example: Pledged = { by = "text", sums = [{ amount = 1.5 }], level = "high", \
when = "2015-04-24", due = "2015", share = 1.5, kept = true, how = "cash", count = 1, \
what = "text" }
"""
    )
    assert "example: none that its class accepts was found" in run(
        "facts Bare --facts promises", capsys
    )
    assert "Nothing\n  example: Nothing = {  }\n" == run(
        "facts Nothing --facts promises", capsys
    )


def test_the_page_of_facts_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    """The guide has what the command prints: write it anew after a change."""
    page = Path(__file__).parents[2] / "examples" / "guides" / "facts.md"
    _, mark, rest = page.read_text("utf-8").partition("## ")

    assert run("facts --format markdown", capsys) == mark + rest


def test_facts_are_data_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list of kinds in JSON has what the text has."""
    (folder / "promises.py").write_text(MODULE, "utf-8")
    kinds = json.loads(run("facts --facts promises --format json", capsys))["kinds"]
    text = run("facts --facts promises", capsys)

    assert all(f"{one['kind']}  {one['about']}".strip() in text for one in kinds)
    for kind in kinds:
        for part in kind["fields"]:
            name = part["name"] if part["required"] else f"[{part['name']}]"
            assert f"  {name} " in text
            assert part["about"] in text
        assert f"  example: {kind['example'] or 'none'}" in text
    page = run("facts --facts promises --format markdown", capsys)
    assert "none was found" in page
    assert "Not described." in page


@pytest.mark.slow
def test_facts_are_listed_without_docstrings(folder: Path) -> None:
    """`python -OO` takes the docstrings; fields, types and examples stay."""
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "bri_timeline", "facts", "Visited"],
        capture_output=True,
        check=True,
        text=True,
    )

    assert done.stdout.startswith("Visited\n  guest           an actor\n")
    assert 'example: Visited = { guest = "AZE", host = "CHN" }' in done.stdout


def test_an_unknown_kind_is_said_with_what_there_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip is met with the kind that is meant, and all others."""
    shown = run("facts Visted", capsys, 2)

    assert "'Visted' is not a kind of fact. Did you mean 'Visited'?" in shown
    assert "There are AgreementSigned, " in shown


# --- init -----------------------------------------------------------------------------


def test_a_starter_chronicle_is_accepted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says how to go on, and `verify` and `state` read it."""
    assert "a.toml: written\na-schema.json: written\n" == run("init a.toml", capsys)
    assert "a.toml: 2 entries\n" == run("verify a.toml --strict", capsys)
    assert 2 == len(chronicle.load("a.toml", FACTS))
    assert "Visits                        1" in run(
        "state a.toml --between Azerbaijan China --on 2016-01-01", capsys
    )


def plain(path: Path) -> object:
    """A file of TOML as an editor checks it: days are text."""
    return json.loads(json.dumps(tomllib.loads(path.read_text("utf-8")), default=str))


def test_a_starter_points_to_the_schema_beside_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Editors of TOML read the first line; the schema tells right from wrong."""
    (folder / "promises.py").write_text(MODULE, "utf-8")
    run("init a.toml --facts promises", capsys)
    first, _, rest = (folder / "a.toml").read_text("utf-8").partition("\n")
    place = first.removeprefix("#:schema ")
    schema = json.loads((folder / place).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    assert validator.is_valid(plain(folder / "a.toml"))
    for right, wrong in (("share", "sare"), ("when = ", "wen = "), ("Pledged", "V")):
        (folder / "b.toml").write_text(rest.replace(right, wrong), "utf-8")
        assert not validator.is_valid(plain(folder / "b.toml"))
    assert "Pledged" in json.dumps(schema)
    assert schema == json.loads(run("schema --facts promises", capsys))


def test_schema_describes_what_the_command_prints(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answers of `state` and `explain` fit theirs, and not the other's."""
    run("init a.toml", capsys)
    question = "--between AZE CHN --on 2016-01-01 --format json"
    shown = {
        "state": json.loads(run(f"state a.toml {question}", capsys)),
        "explain": json.loads(run(f"explain a.toml visits {question}", capsys)),
    }
    assert {"head": None, "entries": 2} == dict(
        [*json.loads(run("verify a.toml --format json", capsys)).items()][:2]
    )
    for verb, answer in shown.items():
        schema = json.loads(run(f"schema {verb}", capsys))
        (other,) = (name for name in shown if name != verb)

        assert Draft202012Validator(schema).is_valid(answer)
        assert not Draft202012Validator(schema).is_valid(shown[other])
    proposals = json.loads(run("schema proposals", capsys))
    assert Draft202012Validator(proposals).is_valid([])
    assert "invalid choice: 'log'" in run("schema log", capsys, 2)


def test_a_starter_sheet_is_read_by_its_declaration(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sheet has a declaration beside it; together they are a log."""
    shown = run("init a.csv", capsys)
    assert shown.startswith("a.csv: written\na.toml: written\na.csv: 3 rows (period")
    assert shown.endswith("import a.csv --table a.toml -o LOG.db\n")
    shown = run("import a.csv --table a.toml -o a.db", capsys)
    assert "3 events, 0 rows rejected" in shown
    with SQLiteStore("a.db", FACTS) as store:
        whens = [str(entry.claim.when) for entry in store.read()]
    assert ["2015", "2016-04", "2019-04-24"] == whens


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("a.toml", "a.toml"),
        ("a.toml", "a-schema.json"),
        ("a.csv", "a.csv"),
        ("a.csv", "a.toml"),
    ],
)
def test_a_starter_replaces_nothing(
    name: str, there: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If one of the files is there, nothing is written."""
    (folder / there).write_text("mine", "utf-8")

    assert there in run(f"init {name}", capsys, 1)
    assert [folder / there] == [*folder.iterdir()]
    assert "mine" == (folder / there).read_text("utf-8")


def test_a_starter_of_another_format_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A starter is a chronicle or a sheet."""
    assert "name it .toml, .csv" in run("init a.db", capsys, 2)
