"""Several commands at once lose nothing, and an interrupt leaves nothing half done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest
from processes import forked, joined

from bri_timeline import Event, EventLog
from bri_timeline._command import _serve, main
from bri_timeline._command._kinds import read, update
from bri_timeline.errors import StaleLogError
from bri_timeline.formats import jsonl
from bri_timeline.relations import FACTS, Joined
from bri_timeline.stores import SQLiteStore


# Imported before the tests fork: each process would take a second for it.
assert pyarrow.parquet
QUEUES = ["log.toml", "log.jsonl", "log.db"]
LOGS = [*QUEUES, "log.csv", "log.arrow", "log.parquet"]


def joining(member: str) -> Event:
    """An event of which the body is told by a word."""
    return Event(Joined("AZE", member), when="2015")


def bodies(log: EventLog) -> set[str]:
    """The bodies of the proposals that wait."""
    return {one.event.what.body for one in log.proposals}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> list[str]:
    """The names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def found_in(name: str) -> EventLog:
    """The log in a file."""
    return read(Path(name), FACTS)


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("name", QUEUES)
def test_all_that_was_proposed_at_once_waits(
    name: str, folder: Path, trials: Callable[..., int]
) -> None:
    """Six processes propose into one log, which the first of them makes."""
    Path("text.txt").write_text("Azerbaijan joined the Bank in 2015.")
    options = "--document text.txt --title The --by m --published 2016 -o"

    def propose(body: str) -> None:
        item = {"kind": "Joined", "what": {"member": "AZE", "body": body}}
        item |= {"when": "2015", "quote": "joined the Bank"}
        Path(f"{body}.json").write_text(json.dumps([item]))
        assert 0 == main(["propose", f"{body}.json", *options.split(), name])

    added = [f"{number}-{n}" for number in range(trials(20)) for n in range(6)]
    for first in range(0, len(added), 6):
        some = added[first : first + 6]
        joined(*(forked(lambda body=body: propose(body)) for body in some))

    assert {*added} == bodies(found_in(name))


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("name", LOGS)
def test_releases_that_are_imported_at_once_are_all_there(
    name: str, folder: Path, trials: Callable[..., int]
) -> None:
    """Two processes, of one dataset, in whatever order; and their rows count."""

    def revise(month: int, day: int) -> None:
        rows = [f"2019-04-{row:02},Joined,AZE,b{month}.{day},r{row}" for row in (1, 2)]
        text = "\n".join(["when,kind,member,body,id", *rows, ""])
        Path(f"{month}.{day}.csv").write_text(text)
        options = f"--revise joined --published 2020-{month:02}-{day:02} -o {name}"
        assert 0 == main(["import", f"{month}.{day}.csv", *options.split()])

    many = trials(20, 10)
    for day in range(1, many + 1):
        joined(*(forked(lambda m=m, d=day: revise(m, d)) for m in (1, 2)))
    log = found_in(name)

    days = {f"2020-{m:02}-{day:02}" for m in (1, 2) for day in range(1, many + 1)}
    events = log.as_of("2021-01-01").events

    assert days == {str(entry.known) for entry in log if entry.release is not None}
    assert {f"b2.{many}"} == {event.what.body for event in events}


def test_a_revision_is_told_as_it_was_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, though it was made anew because an editor saved the file meanwhile."""
    Path("a.csv").write_text("when,kind,member,body,id\n2015,Joined,AZE,b,r\n")
    begin = "import a.csv --revise joined --published 2020-01-0"
    assert 0 == main([*f"{begin}1 -o log.jsonl".split()])
    whole = Path("log.jsonl").read_bytes()
    Path("a.csv").write_text("when,kind,member,body,id\n2016,Joined,AZE,b,r\n")
    revise, times = EventLog.revise, list[int]()

    def saved(*given: object, **named: object) -> object:
        times.append(1)
        if len(times) == 1:
            Path("log.jsonl").write_bytes(whole + b"\n")
        return revise(*given, **named)

    monkeypatch.setattr(EventLog, "revise", saved)
    capsys.readouterr()
    assert 0 == main([*f"{begin}2 -o log.jsonl".split()])

    assert 2 == len(times)
    assert 1 == capsys.readouterr().out.count("1 changed (when 1)")


@pytest.mark.slow
def test_a_store_that_grows_all_the_time_is_left(folder: Path) -> None:
    """Somebody else appends before each try: so it ends, and says so."""

    def fails(_: EventLog) -> EventLog:
        raise StaleLogError(0, 0, "x")

    def makes(log: EventLog) -> EventLog:
        if not log:
            SQLiteStore("new.db", FACTS).append(joining("first"))
        return log.append(joining("mine"))

    with pytest.raises(StaleLogError):
        update(Path("log.db"), fails, FACTS, "store")
    assert [] == names(folder)
    done = update(Path("new.db"), makes, FACTS, "store")
    assert (1, 2) == (len(done.before), len(done.after))
    assert done.after == found_in("new.db")
    with SQLiteStore("log.db", FACTS, synchronous="NORMAL") as store:

        def change(log: EventLog) -> EventLog:
            if len(log) < most:
                store.append(joining(f"other {len(log)}"))
            return log.append(joining(f"mine {most}"))

        most = 5
        done = update(Path("log.db"), change, FACTS, "store")
        assert (5, 6) == (len(done.before), len(done.after))
        most = 10**6
        with pytest.raises(StaleLogError):
            update(Path("log.db"), change, FACTS, "store")
        assert 1 == sum("mine" in str(entry.claim.what) for entry in store.read())


# --- Ctrl-C ---------------------------------------------------------------------------

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    },
}
INTERRUPTED = "interrupted: what was said to be done is done\n"


def _heard_by_default() -> None:
    # Who started the tests may ignore these, as `nohup` does.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def started(command: str) -> subprocess.Popen[bytes]:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bri_timeline", *command.split()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_heard_by_default,
    )


def heard(process: subprocess.Popen[bytes], text: bytes) -> None:
    """Wait until a process has written a text."""
    assert process.stdout
    said = b""
    while text not in said:
        some = os.read(process.stdout.fileno(), 9999)
        assert some, said
        said += some


def ended(process: subprocess.Popen[bytes], number: int) -> tuple[int, str]:
    """Send a signal to a process; return its status, and what it says then."""
    process.send_signal(number)
    # Not `communicate()`: the input stays open, as a terminal does.
    code = process.wait(60)
    assert process.stderr
    said = process.stderr.read().decode()
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream
        stream.close()
    return code, said


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["import", "timeline"])
def test_an_interrupt_while_reading_is_one_line(verb: str, folder: Path) -> None:
    """And the status 130; nothing is written."""
    os.mkfifo("log.jsonl")
    out = {"import": "out.jsonl", "timeline": "out.svg"}[verb]
    process = started(f"{verb} log.jsonl -o {out}")
    with Path("log.jsonl").open("wb"):  # waits for the reader
        assert (130, INTERRUPTED) == ended(process, signal.SIGINT)

    assert ["log.jsonl"] == names(folder)


@pytest.mark.slow
def test_an_interrupt_while_a_person_is_asked_is_one_line(folder: Path) -> None:
    """What she has decided before is in the file, also when her terminal is closed."""
    for number in (signal.SIGINT, signal.SIGHUP):
        log = EventLog()
        for body in "abc":
            log = log.propose(joining(body), by="m")
        jsonl.dump(log, "log.jsonl", FACTS)
        process = started("review log.jsonl --by Anna")
        assert process.stdin
        process.stdin.write(b"a\nr\nno\n")
        process.stdin.flush()
        heard(process, b"proposal 3 of 3")
        expected = (130, INTERRUPTED) if number == signal.SIGINT else (-number, "")

        assert expected == ended(process, number)
        statuses = [one.status for one in found_in("log.jsonl").all_proposals()]
        assert ["accepted", "rejected", "open"] == statuses
    assert [".log.jsonl.lock", "log.jsonl"] == names(folder)


@pytest.mark.slow
def test_an_interrupt_of_a_server_is_one_line(folder: Path) -> None:
    """Though its input stays open."""
    jsonl.dump(EventLog(), "log.jsonl", FACTS)
    process = started("serve log.jsonl")
    assert process.stdin
    process.stdin.write(json.dumps(HELLO).encode() + b"\n")
    process.stdin.flush()
    heard(process, b"serverInfo")

    assert (130, INTERRUPTED) == ended(process, signal.SIGINT)


def test_a_server_ends_when_it_has_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for a proposal that is being written, and for nothing else."""
    codes = list[int]()
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(_serve, "_LAST", 0.01)
    tools = _serve._Tools(folder / "log.jsonl", "jsonl", FACTS, "m")
    tools.end()
    tools.end()

    assert [130, 130] == codes
    assert 2 * INTERRUPTED == capsys.readouterr().err


@pytest.mark.parametrize("name", ["out.toml", "out.db", "out.svg", "out.html"])
def test_an_interrupt_while_writing_leaves_no_half(
    name: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file that was there stays as it was."""
    log = EventLog.of(joining("a"))
    verb = "import" if name in ("out.toml", "out.db") else "timeline"
    for text in ("a", "b"):
        jsonl.dump(log.append(joining(text)), "log.jsonl", FACTS)
        if text == "a":
            assert 0 == main([*f"{verb} log.jsonl -o {name}".split()])
            before, files = Path(name).read_bytes(), names(folder)
            continue

        def interrupts(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupts)
        monkeypatch.setattr(SQLiteStore, "append", interrupts)
        capsys.readouterr()
        assert 130 == main([*f"{verb} log.jsonl -o {name}".split()])

    assert ("", INTERRUPTED) == capsys.readouterr()
    assert before == Path(name).read_bytes()
    assert files == names(folder)
