"""Every verb with every format of file, on wrong and hostile content."""

from __future__ import annotations

import gzip
import itertools
import shlex
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bri_timeline import Event, EventLog, Source
from bri_timeline._command import main
from bri_timeline._command._kinds import READ
from bri_timeline.formats import jsonl
from bri_timeline.relations import FACTS, Joined, Visited


NAMES = {
    "chronicle": "a.toml",
    "jsonl": "a.jsonl",
    "csv": "a.csv",
    "arrow": "a.parquet",
    "store": "a.db",
    "timelinejs": "a.json",
}
VERBS = {
    "import": "import {} -o out.jsonl",
    "export": "export {} -o out.csv --between AZE CHN",
    "state": "state {} --between Azerbaijan China --on 2019-04-24",
    "explain": "explain {} visits --among AZE --between AZE CHN --during 2019",
    "timeline": "timeline {} -o out.txt --any-of AZE",
    "verify": "verify {} --strict",
    "doctor": "doctor {}",
}
LOG = EventLog.of(
    Event(
        Visited("AZE", "CHN"), when="2019-04-24", cite=Source("P", published="2019-05")
    ),
    Event(Joined("AZE", "\x1b[2J=cmd()\u202e"), when="2015", id="j"),
)
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(4096),
    "noise": bytes(range(256)) * 16,
    "not UTF-8": b"\xff\xfe\x00a = \xc3\x28",
    "a byte order mark": b"\xef\xbb\xbfchronicle = 1\n",
    "surrogates": b'{"a": "\\ud800"}\n',
    "one long line": b"x" * (2 << 20),
    "deep lists": b"[" * 100_000,
    "deep tables": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a huge number": b'{"position": ' + b"9" * 10_000 + b"}\n",
    "other JSON": b'{"events": 5}\n',
    "nothing of a kind": b"null\n",
    "half a chronicle": b'chronicle = 1\n[[entries]]\nwhen = "20',
    "a wrong date": b'chronicle = 1\n[[entries]]\nwhen = "2015-13"\n',
    "an unknown kind": b'chronicle = 1\n[[entries]]\nwhen="2015"\n[entries.X]\na=1\n',
    "a header alone": b"when,kind,guest,host\n",
    "a short row": b"when,kind,guest,host\n2015,Visited\n",
    "half a quote": b'when,kind,guest\n2015,"Visited,AZE\n',
    "HTML": b"<!DOCTYPE html><script>alert(1)</script>",
    "a pickle": b"\x80\x04\x95cposix\nsystem\n(S'false'\ntR.",
    "a ZIP archive": b"PK\x03\x04" + bytes(60),
    "a gzip file cut short": gzip.compress(b"x" * 9999)[:40],
    "the head of a Parquet file": b"PAR1" + bytes(20) + b"PAR1",
    "the head of an SQLite file": b"SQLite format 3\x00" + bytes(84),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def status_of(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command; return its status and what it says, which is no traceback."""
    status = main(shlex.split(command))
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert "\x1b" not in out + err
    return status, err


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("verb", VERBS)
def test_content_of_any_kind_ends_with_a_status(
    verb: str,
    kind: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    trials: Callable[..., int],
) -> None:
    """A fault is 1 with a reason, and what could be read is 0; nothing is left half."""
    path = folder / NAMES[kind]
    # By default each verb reads a half of them, and the next one the other half.
    half, odd = 2 // trials(2, share=2), [*VERBS].index(verb)
    for number, (what, content) in enumerate(HOSTILE.items()):
        if (number + odd) % half:
            continue
        path.write_bytes(content)
        status, said = status_of(VERBS[verb].format(path.name), capsys)

        assert status in (0, 1), what
        # `verify --strict` and `import` list what is wrong; a fault is never silent.
        assert status == 0 or said.strip(), what
        if status == 1:
            assert not [*folder.glob("out.*")], what
        for made in folder.glob("out.*"):
            made.unlink()


# Only these may be taken for an empty log or a table without events.
EMPTY = {
    "chronicle": {"a byte order mark"},
    "jsonl": set[str](),
    "csv": {"a header alone"},
    "arrow": set[str](),
    "store": set[str](),
    "timelinejs": set[str](),
}


@pytest.mark.parametrize("kind", READ)
def test_hostile_content_is_a_fault_of_verify(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not a log is never verified as if it were one."""
    path, passed = folder / NAMES[kind], set[str]()
    for what, content in HOSTILE.items():
        path.write_bytes(content)
        status, _ = status_of(f"verify {path.name}", capsys)
        passed |= {what} if status == 0 else set()

    assert passed <= EMPTY[kind]


@pytest.mark.slow
@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("verb", VERBS)
def test_a_good_file_of_any_kind_ends_with_0(
    verb: str, kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same command lines succeed with a log, so that it is the content that fails.

    Its control characters do not reach the terminal.
    """
    jsonl.dump(LOG, "source.jsonl", FACTS)
    status_of(f"export source.jsonl -o {NAMES[kind]}", capsys)

    assert 0 == status_of(VERBS[verb].format(NAMES[kind]), capsys)[0]


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("verb", VERBS)
def test_a_path_that_is_no_file_is_a_fault(
    verb: str, kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing file and a folder are named."""
    name = NAMES[kind]
    assert 1 == status_of(VERBS[verb].format(name), capsys)[0]
    (folder / name).mkdir()
    status, said = status_of(VERBS[verb].format(name), capsys)
    assert (1, True) == (status, name in said)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "options",
    [
        "--from paint",
        "--facts :",
        "--facts os:path",
        "--facts no.such.module:X",
        "--unknown",
        "--on",
    ],
)
def test_a_wrong_command_line_ends_with_2(
    verb: str, options: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that is not one ends with 2, before a file is read."""
    command = VERBS[verb].format("a.toml")

    assert 2 == status_of(f"{command} {options}", capsys)[0]


def test_a_store_whose_lines_were_changed_is_a_fault(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verbs that meet damage in a store say so, and end with 1."""
    jsonl.dump(LOG, "source.jsonl", FACTS)
    status_of("export source.jsonl -o a.db", capsys)
    with sqlite3.connect("a.db") as damaged:
        tables = damaged.execute("SELECT name FROM sqlite_master WHERE type='table'")
        for (name,) in tables.fetchall():
            columns = [row[1] for row in damaged.execute(f"PRAGMA table_info({name})")]
            if "line" in columns:
                damaged.execute(f"UPDATE {name} SET line = substr(line, 3)")
    damaged.close()
    for verb in VERBS:
        status, said = status_of(VERBS[verb].format("a.db"), capsys)
        assert (1, True) == (status, "damaged" in said), verb


def test_there_are_enough_hostile_inputs() -> None:
    """Each is different."""
    assert 20 <= len(HOSTILE)
    assert all(a != b for a, b in itertools.combinations(HOSTILE.values(), 2))
    assert {*NAMES} == {*READ}
