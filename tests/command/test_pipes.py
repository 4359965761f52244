"""`-` is the standard input, and after `-o` the standard output."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from bri_timeline._command import main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.formats import csv, jsonl
from bri_timeline.relations import FACTS
from bri_timeline.stores import SQLiteStore


ARTICLE = azerbaijan_china()
LINES = jsonl.dumps(ARTICLE, FACTS).encode()


Called = Callable[..., tuple[bytes, str]]


@pytest.fixture
def called(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> Called:
    """Run a command with a standard input, and return what it writes and says."""
    monkeypatch.chdir(tmp_path)

    def run(command: str, given: bytes = b"", status: int = 0) -> tuple[bytes, str]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(given), "utf-8"))
        found = main(command.split())
        out, said = capsysbinary.readouterr()
        assert status == found, said
        return out, said.decode()

    return run


@pytest.mark.slow
def test_a_shell_joins_commands_by_pipes(tmp_path: Path) -> None:
    """What a process writes, another reads."""
    (tmp_path / "a.jsonl").write_bytes(LINES)
    ours = [sys.executable, "-m", "bri_timeline"]
    written = subprocess.Popen(
        [*ours, "export", "a.jsonl", "-o", "-", "--to", "jsonl"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    with written:
        read = subprocess.run(
            [*ours, "export", "-", "--from", "jsonl", "-o", "-", "--to", "csv"],
            stdin=written.stdout,
            capture_output=True,
            check=True,
        )

    assert csv.dumps(ARTICLE, FACTS).encode() == read.stdout
    assert not written.returncode


def test_what_is_said_of_a_pipe_names_no_temporary_file(called: Called) -> None:
    """Nobody has named the folder in which both are files for a while."""
    _, said = called("export - --from jsonl -o - --to jsonl", LINES)
    assert said.startswith("standard output: ")
    _, said = called("verify - --from jsonl", b"{", 1)
    assert said.startswith("standard input has 2 faults")


def test_a_log_is_read_from_a_pipe(called: Called, tmp_path: Path) -> None:
    """A question, an import and an export say what they say of a file."""
    (tmp_path / "a.jsonl").write_bytes(LINES)
    asked = "--between AZE CHN --on 2019-04-30 --format csv"
    piped, _ = called(f"state - --from jsonl {asked}", LINES)

    assert called(f"state a.jsonl {asked}")[0] == piped
    called("import - --from jsonl -o b.db", LINES)
    with SQLiteStore(tmp_path / "b.db", FACTS) as store:
        assert len(ARTICLE) == len(store.read())
    matched, _ = called("match a.jsonl - --from jsonl --format json", LINES)
    assert b'"only_other": []' in matched


def test_a_table_is_read_from_a_pipe_by_its_declaration(
    called: Called, tmp_path: Path
) -> None:
    """The declaration says what the rows mean, and no format is needed."""
    (tmp_path / "t.toml").write_text(
        'title = "t"\n[source]\ntitle = "s"\npublished = 2020-01-01\n'
        '[[events]]\nkind = "Joined"\nwhen = { column = "a", format = "yyyy" }\n'
        '[events.fields]\nmember = "{m}"\nbody = "b"\n'
    )
    told, _ = called("import - --table t.toml", b"a,m\n2015,AZE\n2016,GEO\n")

    assert b"2 entries were read" in told


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_export_goes_to_a_pipe(kind: str, called: Called, tmp_path: Path) -> None:
    """Nothing else is written there: what the verb says goes to the standard error."""
    out, said = called(f"export - --from jsonl -o - --to {kind}", LINES)

    expected = {"csv": csv, "jsonl": jsonl}[kind].dumps(ARTICLE, FACTS).encode()
    assert expected == out
    assert f"{len(ARTICLE)} entries, as {kind}" in said
    assert not [*tmp_path.iterdir()]
    (tmp_path / "a.jsonl").write_bytes(LINES)
    assert called(f"export a.jsonl -o - --to {kind}")[0] == expected


def test_a_pipe_without_a_format_is_refused(called: Called) -> None:
    """It has no name that shows one; and it is read only once."""
    for command, remedy in (
        ("verify -", "give --from FORMAT"),
        ("match - - --from jsonl", "which is read only once"),
        ("export - --from jsonl -o -", "give --to FORMAT, or a file"),
        ("review - --from jsonl --by me", "changes its log: give a file"),
        ("serve - --from jsonl", "changes its log: give a file"),
    ):
        assert remedy in called(command, LINES, 2)[1]


def test_a_faulty_log_from_a_pipe_writes_nothing(called: Called) -> None:
    """The faults go to the standard error."""
    out, said = called("export - --from jsonl -o - --to csv", b"{", 1)

    assert b"" == out
    assert "line 1" in said
