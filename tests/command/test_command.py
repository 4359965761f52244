"""The command line: input, output, messages and exit statuses."""

from __future__ import annotations

import io
import json
import re
import shlex
import sqlite3
import subprocess
import sys
from datetime import datetime
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given
from log_strategies import logs

from bri_timeline import Event, EventLog, Source, Unknown, Vocabulary, _command
from bri_timeline._command import _checks, _explain, _slips, main
from bri_timeline._command._kinds import merged
from bri_timeline._command._output import in_words, showing
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import DayError, EntryError, OutputError
from bri_timeline.formats import chronicle, csv, jsonl
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    Held,
    Joined,
    Planned,
    PositionDeclared,
    Postponed,
    Visited,
    relationship,
    states,
)
from bri_timeline.stores import SQLiteStore


PAPER = Source("The Paper", published="2019-04-24")
VISIT = Event(Visited("AZE", "CHN"), when="2015", cite=PAPER.at("p. 1"), id="visit")
CLAIMED_AGAIN = EventLog.of(VISIT).retract(0, because="doubtful").append(VISIT)
CHRONICLE = """\
chronicle = 1

[sources.paper]
title = "The Paper"
published = 2019-04-24

[[entries]]
id = "visit"
when = "2015"
cite = ["paper: p. 1"]

[entries.Visited]
guest = "AZE"
host = "CHN"
"""
GDELT = "\t".join(
    ["1", "20180101", *[""] * 3, "CHN", "CHINA", "CHN", *[""] * 7, "KAZ", "KAZ", "KAZ"]
    + [""] * 8
    + ["042", *[""] * 29, "20180102", "http://a"]
)
ICEWS = """\
Event ID,Event Date,Source Name,Source Country,CAMEO Code,Target Name,Target Country,\
Story ID,Publisher
1,2018-06-01,Xi Jinping,China,042,Kazakhstan,Kazakhstan,7,A Paper
2,,Xi Jinping,China,042,Kazakhstan,Kazakhstan,7,A Paper
"""
TABLE = """\
title = "Members"
coverage = "2013/2025"
source = { title = "A list" }

[[events]]
kind = "Joined"
when = { column = "when", format = "yyyy" }
fields = { member = { column = "code", as = "iso3" }, body = "x" }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a folder with a chronicle."""
    (tmp_path / "log.toml").write_text(CHRONICLE, "utf-8")
    monkeypatch.chdir(tmp_path)
    # The command adds the folder for modules of the user; this takes it away again.
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.fixture
def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """Return a function that runs a command and returns its output."""
    return Told(capsys)


class Told:
    """Runs commands in the folder of a test."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, command: str, status: int = 0) -> str:
        """Run a command with this exit status, and return its output and errors."""
        assert status == main(shlex.split(command))
        out, err = self.capsys.readouterr()
        assert "Traceback" not in err
        return out + err


def stored(path: str) -> EventLog:
    """The log in a store."""
    with SQLiteStore(path, FACTS) as store:
        return store.read()


# --- help, and how it ends ------------------------------------------------------------


def test_the_guide_lists_every_verb() -> None:
    """In the table with which it begins."""
    guide = Path(__file__).parents[2] / "examples" / "guides" / "command-line.md"
    table, _, _ = guide.read_text("utf-8").partition("## Begin")
    cells = [line.split("|")[1] for line in table.splitlines() if line[:3] == "| `"]

    assert {*_command._SUMMARIES} == {
        *"".join(cells).replace(",", " ").split("`")[1::2]
    }


@pytest.mark.parametrize("verb", [*_command._SUMMARIES])
def test_help_has_examples_that_can_be_given(verb: str, told: Told) -> None:
    """Each verb says what it takes, and its examples are command lines of it."""
    shown = told(f"{verb} --help")
    parser = _command._parser("x", [verb], [verb])
    examples = [
        line.split("bri_timeline", 1)[1].partition(" > ")[0]
        for line in shown.partition("examples:\n")[2].replace("\\\n", " ").splitlines()
        if "python -m bri_timeline" in line
    ]
    run = {parser.parse_args(shlex.split(line)).run.__name__ for line in examples}

    assert len(examples) >= 2
    assert {f"_run_{verb}"} == run


def test_help_lists_exit_statuses(told: Told) -> None:
    """The help of the program has every verb, and the exit codes."""
    shown = told("--help")

    assert all(verb in shown for verb in _command._SUMMARIES)
    assert "exit status is 0 for success" in shown
    assert "1 if there were faults" in shown
    assert "2 for a\ncommand line" in shown
    assert "130 if it was interrupted" in shown


PANEL = "panel log.toml --count --during 2015/2016-01-01"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "required: VERB"),
        ("paint", "invalid choice: 'paint'"),
        ("state log.toml --on 2015-12-31", "required: --between"),
        ("state --on 2015-12-31", "required: LOG"),
        ("state --on 2015 --between AZE CHN", "required: LOG"),
        (
            "state --on 2015-12-31 --between AZE CHN log.toml",
            "required: LOG: log.toml was taken for a value of an option: give it first",
        ),
        ("verify log.txt", "log.txt: its name does not show its format: name it .toml"),
        ("verify log.toml --head 1", "--head is for a store"),
        ("verify log.db --head 1", "'1' is not a head"),
        ("export log.toml -o log", "or give --to chronicle|jsonl|"),
        ("export log.toml -o a.csv --title A", "--title is for chronicle, and not"),
        (
            "import log.toml -o log.ics",
            "name it .toml, .jsonl, .csv, .parquet, .arrow, .db",
        ),
        ("verify https://me:PW@h/a.toml", "https:/...@h/a.toml is a URL, and files of"),
        ("import log.txt", "for event data, --from gdelt|icews|"),
        ("import log.toml --from tables", "a table needs its declaration: --table"),
        ("verify log.toml --facts nothing", "--facts nothing: No module named"),
        (
            "verify log.toml --facts json:loads",
            "--facts json:loads is not a Vocabulary",
        ),
        (f"{PANEL} --every week", "argument --every: invalid choice: 'week'"),
        (f"{PANEL} --window day --flow", "--flow: not allowed with argument --window"),
        (f"{PANEL} --rivals --no-bounds", "not allowed with argument --rivals"),
    ],
)
def test_an_invalid_command_line_exits_with_status_2(
    command: str, said: str, told: Told, folder: Path
) -> None:
    """A command line that is not valid is reported with the remedy."""
    (folder / "log.txt").touch()

    assert said in " ".join(told(command, 2).split())


def test_arguments_stand_in_any_order(told: Told) -> None:
    """What a verb takes may stand before its options and behind them."""
    about = "--between AZE CHN --on 2015-12-31"
    orders = f"log.toml visits {about}", f"log.toml {about} visits"
    orders = *orders, "--on 2015-12-31 log.toml visits --between AZE CHN"
    said = {told(f"explain {order}") for order in orders}

    assert 1 == len(said)
    assert told("export -o log.jsonl log.toml").startswith("log.jsonl: 1 entr")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "no", "a.db"), "a.db may not be read or written by you"),
        (OSError(28, "No space left", "a.db"), "a.db: No space left"),
        (OSError(28, "No space left"), "No space left"),
        (OSError("bare"), "bare"),
        (
            FileNotFoundError(2, "no", "x/a.html"),
            "x/a.html: the folder x does",
        ),
        (OutputError("a.db", "cannot be written"), "cannot be written"),
        (DayError("x", "is not a day"), "'x' is not a day"),
    ],
)
def test_an_error_of_the_system_is_told_in_words(error: Exception, said: str) -> None:
    """With the file that somebody named, and no number."""
    assert said in in_words(error)
    assert "[Errno" not in in_words(error)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("init log.toml", "log.toml is there already: give another name, or move it"),
        (
            "verify lag.toml",
            "lag.toml is not there: check its name. Did you mean log.t",
        ),
        (
            "timeline log.toml --between AZE CHN -o x/a.html",
            "'x/a.html' cannot be written: make the folder x first",
        ),
        ("verify loop.toml", "loop.toml is a link that leads to no file: give"),
        ("export log.toml -o loop.jsonl", "Too many levels of symbolic links; it is"),
        ("verify folder.toml", "folder.toml is a folder: give a file"),
        (
            "export log.toml -o other.db",
            "'other.db' holds another log: give another na",
        ),
        ("verify nothing.toml", "nothing.toml is not there: check its name"),
        (
            "state nothing.db --between AZE CHN --on 2015-12-31",
            "nothing.db is not there",
        ),
        ("import nothing.csv -o log.db", "nothing.csv"),
        ("verify bad.toml", "bad.toml has 1 fault:\n  line 9, entry 1 'visit'"),
        ("state log.toml --between AZE AZE --on 2015-12-31", "name two or more"),
        ("doctor bad.toml", "bad.toml has 1 fault"),
        ("verify bad.db", "is not an SQLite database: give another path"),
    ],
)
def test_faults_exit_with_status_1(
    command: str, said: str, told: Told, folder: Path
) -> None:
    """A fault is reported with its file, line and remedy, without a traceback."""
    bad = CHRONICLE.replace('"2015"', '"2015-13"')
    (folder / "bad.toml").write_text(bad, "utf-8")
    (folder / "bad.db").write_text(bad, "utf-8")
    (folder / "folder.toml").mkdir()
    for name in ("loop.toml", "loop.jsonl"):
        (folder / name).symlink_to(name)
    with SQLiteStore(folder / "other.db", FACTS) as store:
        store.append([Event(Visited("KAZ", "CHN"), when="2016")])

    assert said in told(command, 1)
    assert not (folder / "log.db").exists()
    assert not (folder / "nothing.db").exists()


@pytest.mark.parametrize(
    "command",
    [
        "verify empty.db",
        "doctor empty.db",
        "state empty.db --between AZE CHN --on 2015-12-31",
        "import empty.db",
    ],
)
def test_an_empty_file_is_not_a_store(command: str, told: Told, folder: Path) -> None:
    """It may be one that was cut off: it is a fault, and stays as it is."""
    (folder / "empty.db").touch()

    assert "'empty.db' is an empty file, and not a store" in told(command, 1)
    assert 0 == (folder / "empty.db").stat().st_size


@pytest.mark.parametrize("name", ["new.db", "new.jsonl"])
def test_import_writes_to_an_empty_file(name: str, told: Told, folder: Path) -> None:
    """As a script makes it, to have a name that nobody else has."""
    (folder / name).touch()

    assert "1 entry was added, and it has 1" in told(f"import log.toml -o {name}")


def test_import_names_the_option_for_facts_of_ones_own(
    told: Told, folder: Path
) -> None:
    """Columns of kinds that are not known look like those of another table."""
    (folder / "own.csv").write_text("when,kind,millions\n2015,Pledged,5\n", "utf-8")

    assert "Facts of your own are read with --facts" in " ".join(
        told("import own.csv", 1).split()
    )


@pytest.mark.parametrize("name", ["own.toml", "own.csv"])
def test_a_kind_of_ones_own_names_the_option(
    name: str, told: Told, folder: Path
) -> None:
    """Also where the columns, or the file, are those of a log."""
    text = 'chronicle = 1\n[[entries]]\nwhen = "2015"\nZzz = { x = 1 }\n'
    rows = "when,kind,member,body\n2015,Zzz,,\n"
    (folder / name).write_text(text if name == "own.toml" else rows, "utf-8")

    assert "told by --facts MODULE:NAME" in " ".join(told(f"verify {name}", 1).split())


def test_an_extra_that_is_missing_is_named(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing package is reported with the command that installs it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    said = told("export log.toml -o log.parquet", 1)
    assert "python -m pip install 'pyarrow>=20'" in said


def test_a_module_of_ones_own_that_is_missing_is_no_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An import error of another package is not reported as a missing extra."""

    def fails(_given: object) -> int:
        raise ModuleNotFoundError(name="elsewhere")

    monkeypatch.setattr(_command, "_run", fails)

    with pytest.raises(ModuleNotFoundError):
        main(["doctor"])


@pytest.mark.slow
def test_a_pipe_that_the_reader_closes_ends_silently(folder: Path) -> None:
    """When the reader of a pipe has enough, it ends without a word."""
    chronicle.dump(azerbaijan_china(), "log.toml", FACTS)
    command = "-m bri_timeline state log.toml --between AZE CHN --on 2019-04-26"
    run = subprocess.Popen(
        [sys.executable, *command.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    assert run.stdout is not None
    run.stdout.close()
    _, errors = run.communicate()

    assert (0, b"") == (run.returncode, errors)


def test_output_after_a_closed_pipe_is_discarded(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a pipe is closed, what is still written is thrown away."""

    def fails(_given: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(_command, "_run", fails)

    assert 0 == main(["doctor"])
    sys.stdout.write("for nobody")
    sys.stdout.flush()
    assert ("", "") == capfd.readouterr()


def test_control_characters_in_a_file_are_replaced(told: Told) -> None:
    """Control characters are shown as replacement characters."""
    event = Event(Joined("AZE", "a\x1b[2J"), when="2015")
    jsonl.dump(EventLog.of(event), "log.jsonl", FACTS)
    shown = told("state log.jsonl --between AZE CHN --on 2015-12-31")

    assert "a\ufffd[2J" in shown
    assert "\x1b" not in shown


# --- import ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.db", "a.jsonl", "a.jsonl.gz", "a.csv", "a.parquet", "a.arrow", "a.toml"]
)
def test_an_import_can_be_repeated(name: str, told: Told) -> None:
    """Entries that a log already has are not added again."""
    assert f"{name}: 1 entry was added, and it has 1" in told(
        f"import log.toml -o {name}"
    )
    assert f"{name}: 0 entries were added, and it has 1" in told(
        f"import log.toml -o {name}"
    )
    assert "1 entry" in told(f"verify {name}")


def test_an_import_extends_what_is_there(told: Told, folder: Path) -> None:
    """New entries are appended to existing ones, with their corrections."""
    told("import log.toml -o a.db")
    log = EventLog.of(Event(Joined("AZE", "x"), when="2016"), VISIT)
    more = log.append(Event(Visited("CHN", "AZE"), when="2015"), supersedes=1)
    jsonl.dump(more.retract(0, because="b"), "more.jsonl", FACTS)
    told("import more.jsonl -o a.db")

    found = stored("a.db")
    assert [VISIT, log[0].event] == [entry.event for entry in found[:2]]
    assert 0 == found[2].supersedes
    assert 1 == found[3].retracts


def test_import_again_keeps_retractions(told: Told) -> None:
    """Reading a file again does not bring back what was retracted since."""
    told("import log.toml -o a.db")
    with SQLiteStore("a.db", FACTS) as store:
        store.append(store.read().retract(0, because="a slip"))
    told("import log.toml -o a.db")

    assert () == stored("a.db").as_of("2019-12-31").events


def test_import_does_not_bring_back_what_was_erased(told: Told) -> None:
    """Reading a file again leaves out the words that were erased, and counts them."""
    told("import log.toml -o a.db")
    with SQLiteStore("a.db", FACTS) as store:
        store.erase(0, because="law")
    shown = told("import log.toml -o a.db")

    assert "1 left without the words that were erased here" in shown
    assert "0 entries were added" in shown
    assert "a.db: 1 entry, of which 1 were erased" in told("verify a.db")
    assert 1 == json.loads(told("verify a.db --format json"))["erased"]
    (left,) = stored("a.db")
    jsonl.dump(stored("a.db"), "left.jsonl", FACTS)
    shown = told("explain left.jsonl visits --between AZE CHN --on 2019-09-01")
    assert "1 entry of the log was erased: what was said there is not known" in shown
    told("import left.jsonl -o b.db")
    assert left == stored("b.db")[0]


REVISED = TABLE.replace("fields =", 'key = ["member"]\nfields =')


def revised(told: Told, folder: Path, rows: str, options: str, status: int = 0) -> str:
    """Import a release of the members, and return what is said of it."""
    (folder / "list.toml").write_text(REVISED)
    (folder / "list.csv").write_text(f"code,when\n{rows}")
    log = "-o members.jsonl" if "-o" not in options else ""
    return told(f"import list.csv --table list.toml {options} {log}", status)


def test_import_takes_a_new_release_of_a_dataset(told: Told, folder: Path) -> None:
    """Import takes a new release of a dataset."""
    first = "--revise members --published 2019-07"
    assert "2 rows added" in revised(told, folder, "KAZ,2014\nUZB,2015\n", first)
    later = "--revise members --published 2020-07-01"
    said = revised(told, folder, "KAZ,2013\n", later)
    assert "0 rows added, 1 withdrawn, 1 changed (when 1)" in said
    assert "3 entries were added, and it has 6" in said
    assert "0 entries were added" in revised(told, folder, "KAZ,2013\n", later)
    log = jsonl.load(folder / "members.jsonl", FACTS)
    assert [len(log.as_of("2020-01-01", known_by=day).events) for day in (
        "2019-07-30", "2019-07-31", "2020-07-01"
    )] == [0, 2, 1]  # fmt: skip


def test_import_says_nothing_about_undated_sources_of_a_release(
    told: Told, folder: Path
) -> None:
    """The day of publication is given, and is that of knowledge."""
    undated = "rest on a source without a day"
    rows = "KAZ,2014\n"

    assert undated in revised(told, folder, rows, "")
    assert undated not in revised(told, folder, rows, "--revise m --published 2019")


def test_import_withdraws_only_what_a_release_covers(told: Told, folder: Path) -> None:
    """Import withdraws only what a release covers."""
    revised(told, folder, "KAZ,2014\nUZB,2015\n", "--revise m --published 2019-07-01")
    scope = "--covers days=2014 --covers parties=KAZ --covers kinds=Joined"
    said = revised(
        told, folder, "x,y\n", f"--revise m --published 2020-07-01 {scope}", 1
    )
    assert "no row gives an event" in said
    said = revised(
        told, folder, "TJK,2014\nx,y\n", f"--revise m --published 2020-07-01 {scope}"
    )
    assert "1 row added, 1 withdrawn" in said


def test_import_withdraws_no_row_that_it_cannot_read(told: Told, folder: Path) -> None:
    """The row is in the release: that it is not would be a false reason."""
    release = "--revise m --published {}".format
    revised(told, folder, "KAZ,2014\nUZB,2015\nTJK,2016\n", release("2018-07-01"))
    said = revised(told, folder, "KAZ,2014\nUZB,y\nTJK,2016\n", release("2019-07-01"))
    assert "0 rows added, 0 withdrawn, 0 changed, 2 as before" in said
    assert "1 could not be read and stay as before" in said
    before = (folder / "members.jsonl").read_bytes()
    # Of a row without its key nobody knows which one it was.
    rows = "KAZ,2014\nx,2015\nTJK,2016\n"
    said = revised(told, folder, rows, release("2020-07-01"), 1)
    assert "no id could be read, and it lacks 1 row of the release before" in said
    assert "--covers all" in said
    assert (folder / "members.jsonl").read_bytes() == before
    said = revised(told, folder, rows, f"{release('2020-07-01')} --covers all")
    assert "0 rows added, 1 withdrawn" in said
    # Rows that the declaration leaves out are read.
    said = revised(told, folder, "KAZ,2014\n,\n", release("2021-07-01"))
    assert "0 rows added, 1 withdrawn" in said


def test_a_row_that_cannot_be_read_stays_whichever_release_is_imported_first(
    told: Told, folder: Path
) -> None:
    """The release says which rows these are; and importing it again adds nothing."""
    release = "--revise m --published {}".format
    newer, older = "KAZ,2014\nUZB,y\n", "KAZ,2013\nUZB,2015\n"
    revised(told, folder, newer, release("2020-07-01"))
    revised(told, folder, older, release("2019-07-01"))
    path = folder / "members.jsonl"
    before = path.read_bytes()
    revised(told, folder, newer, release("2020-07-01"))

    assert before == path.read_bytes()
    asked = f"panel {path} --count Joined --by actors --format csv"
    rows = told(f"{asked} --during 2012/2020").splitlines()[1:]
    assert ["KAZ", "UZB"] == [row.split(",")[0] for row in rows]


def test_import_revises_a_store_with_the_day_of_the_sources(
    told: Told, folder: Path
) -> None:
    """Import revises a store with the day of the sources."""
    told("import log.toml --revise visits -o log.db")
    with SQLiteStore(folder / "log.db", FACTS) as store:
        assert [str(entry.known) for entry in store.read()] == ["2019-04-24"] * 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--revise m", "needs the day of publication"),
        ("--revise m --published 2019/..", "needs the day of publication"),
        ("--covers days=2018", "--covers says what a release covers"),
        ("--revise m --covers 2018", "--covers 2018: write days=2018"),
        ("--revise m --covers kinds=Joyned", "kinds=Joyned: the vocabulary has"),
    ],
)
def test_import_says_what_a_release_needs(
    options: str, words: str, told: Told, folder: Path
) -> None:
    """Import says what a release needs."""
    assert words in revised(told, folder, "KAZ,2014\n", options, 2)


def test_import_without_output_only_counts(told: Told, folder: Path) -> None:
    """Without `-o` nothing is written."""
    before = sorted(folder.iterdir())

    assert "1 entry was read" in told("import log.toml")
    assert before == sorted(folder.iterdir())


def test_an_import_without_an_event_is_an_error(told: Told, folder: Path) -> None:
    """A file of which no row gives an event ends with 1, and says what to do."""
    head, visit, *_ = ICEWS.splitlines()
    (folder / "rows.csv").write_text(f"{head}\n{visit}".replace("042", "x"), "utf-8")
    shown = told("import rows.csv --from icews -o a.db", 1)

    assert "'x' is not a CAMEO code" in shown
    assert "nothing to import: 1" in shown
    assert "rows.csv: no row gives an event: see the reasons above" in shown
    assert not (folder / "a.db").exists()


def test_an_import_writes_the_files_that_give_events(told: Told, folder: Path) -> None:
    """One file that gives nothing makes it end with 1, and the others are written."""
    head, visit, *_ = ICEWS.splitlines()
    (folder / "bad.csv").write_text(f"{head}\n", "utf-8")
    (folder / "good.csv").write_text(f"{head}\n{visit}\n", "utf-8")
    shown = told("import bad.csv good.csv --from icews -o a.db", 1)

    assert "bad.csv: has no rows below its header" in shown
    assert "good.csv: no row" not in shown
    assert len(stored("a.db")) == 1


def test_an_import_of_what_goes_on_is_no_error(told: Told, folder: Path) -> None:
    """Rows that say that nothing has ended are read, and give no event."""
    open_end = TABLE.replace('yyyy"', 'yyyy", sentinels = { "9999" = "open" }')
    (folder / "table.toml").write_text(open_end, "utf-8")
    (folder / "rows.csv").write_text("when,code\n9999,AZE\n", "utf-8")

    assert "0 events, 0 rows rejected, 1 still open" in told(
        "import rows.csv --table table.toml -o a.db"
    )


def test_an_end_that_the_data_cut_off_can_be_asked_about(
    told: Told, folder: Path
) -> None:
    """An import with a censored end can be verified, checked and exported."""
    sentinels = '{ "2015" = "censored" }'
    until = f'until = {{ column = "end", format = "yyyy", sentinels = {sentinels} }}'
    (folder / "table.toml").write_text(f"{TABLE}{until}\n", "utf-8")
    (folder / "rows.csv").write_text("when,code,end\n2009,AZE,2015\n", "utf-8")
    told("import rows.csv --table table.toml -o a.jsonl")

    assert "1 entry" in told("doctor a.jsonl")
    assert "1 entry" in told("verify a.jsonl")
    told("timeline a.jsonl -o a.html")
    told("export a.jsonl -o a.ics")


def test_import_reports_undated_sources(told: Told, folder: Path) -> None:
    """Without a day of publication `--known-by` sees all, and that is said."""
    (folder / "rows.csv").write_text(ICEWS, "utf-8")
    shown = told("import rows.csv --from icews -o a.db")

    assert "note: 1 of 1 claims rest on a source without a day" in shown
    assert "without a day" not in told("import rows.csv --from icews --published 2019")


def test_rows_without_an_event_are_kept(told: Told, folder: Path) -> None:
    """They are reported with the reason, and written to a file on request."""
    (folder / "rows.csv").write_text(ICEWS, "utf-8")
    shown = told("import rows.csv --from icews -o a.jsonl --rejected odd.csv")

    assert (
        "rows.csv: 2 rows (period covered: 2018-06-01/2018-06-01): 1 event, 1 row"
        in shown
    )
    assert "  1 row: the row has no day" in shown
    assert (folder / "odd.csv").read_text("utf-8").splitlines() == [
        "file,line,reason,cells",
        (
            "rows.csv,3,the row has no day,2,,Xi Jinping,China,042,Kazakhstan,"
            "Kazakhstan,7,A Paper"
        ),
    ]


def test_import_reads_event_data_by_format(told: Told, folder: Path) -> None:
    """`--from` names data of the field, and options say how to read them."""
    (folder / "rows.tab").write_text(GDELT + "\n", "utf-8")
    (folder / "rows.csv").write_text(ICEWS, "utf-8")
    assert "1 row (period covered: 2018-01-02/2018-01-02)" in told(
        "import rows.tab --from gdelt -o a.db"
    )
    told("import rows.csv --from icews --published 2019 -o a.db")

    kinds = [type(entry.claim.what).__name__ for entry in stored("a.db")]
    assert ["Visited", "Visited"] == kinds
    assert ["2018-01-02", "2019-12-31"] == [str(e.known) for e in stored("a.db")]


def test_a_table_is_read_by_its_declaration(told: Told, folder: Path) -> None:
    """`--table` says how a table is to be read."""
    (folder / "table.toml").write_text(TABLE, "utf-8")
    (folder / "rows.csv").write_text("when,code\n2015,AZE\n,KAZ\n", "utf-8")

    shown = told("import rows.csv --table table.toml -o a.db")
    assert "2 rows (period covered: 2013/2025): 1 event, 1 row rejected" in shown
    assert Joined("AZE", "x") == stored("a.db")[0].claim.what


def test_records_are_read(told: Told, folder: Path) -> None:
    """Records of PLOVER are JSON."""
    (folder / "records.json").write_text("[]", "utf-8")

    assert "0 rows" in told("import records.json --from plover", 1)


def test_slides_are_read(told: Told, folder: Path) -> None:
    """TimelineJS can be read into a log."""
    told("export log.toml -o slides.json")
    told("import slides.json -o a.db")

    with SQLiteStore("a.db", FACTS) as store:
        (entry,) = store.read()
    assert isinstance(entry.claim.what, Unknown)
    assert "Slide" == entry.claim.what.name


def test_a_vocabulary_of_ones_own_is_read(told: Told, folder: Path) -> None:
    """`--facts MODULE:NAME` gives classes of a module that can be imported."""
    (folder / "pledged.py").write_text(
        "from attrs import frozen\nfrom bri_timeline import Vocabulary\n\n\n"
        "@frozen\nclass Pledged:\n    millions: int\n\n\nFACTS = Vocabulary(Pledged)\n",
        "utf-8",
    )
    (folder / "a.csv").write_text("when,kind,millions\n2015,Pledged,5\n", "utf-8")

    assert "is neither a column nor a field of a payload" in told("verify a.csv", 1)
    assert "a.csv: 1 entry" in told("verify a.csv --facts pledged:FACTS")
    assert "a.csv: 1 entry" in told("verify a.csv --facts pledged")


@given(logs(), logs())
@example(EventLog(), CLAIMED_AGAIN)
@example(CLAIMED_AGAIN, CLAIMED_AGAIN)
def test_logs_are_merged_without_loss(one: EventLog, other: EventLog) -> None:
    """All that either says is there once, and merging again adds nothing."""

    def merge(log: EventLog, news: EventLog) -> EventLog:
        return merged(log, news, lambda _done: None)

    both = merge(one, other)

    assert list(one) == list(both[: len(one)])
    assert both == merge(both, other) == merge(both, one)
    assert other == merge(EventLog(), other)
    assert {e.event for e in both} == {e.event for e in (*one, *other)}
    assert not one or len(both) <= len(one) + len(other)


def test_what_does_not_add_up_is_not_merged() -> None:
    """Copies with different releases of a dataset, and with different decisions."""
    base, rows = EventLog.of(VISIT), [Event(Joined("CHN", "x"), when="2015", id="a")]
    one, another = (
        base.revise(rows, dataset="d", published=day)[0]
        for day in ("2018-01-01", "2019-01-01")
    )
    both, _ = one.revise(rows, dataset="d", published="2019-01-01")
    asked = base.propose(rows[0], by="m")
    copies = [asked.accept(1, by="a"), asked.accept(1, by="b", event=VISIT.named("v"))]
    for some, problem in (
        ((one, another), "both logs have releases of 'd' that the other lacks"),
        (copies, "entry 2 accepts it in other words"),
    ):
        for log, news in (some, some[::-1]):
            with pytest.raises(EntryError, match=problem):
                merged(log, news, lambda _done: None)
    for log, news in ((one, both), (both, one)):
        assert both == merged(log, news, lambda _done: None)


def test_a_copy_in_which_somebody_decided_anew_is_merged() -> None:
    """The first acceptance was retracted there before the second was made."""
    copy = EventLog.of(VISIT).propose(Event(Joined("CHN", "x"), when="2015"), by="m")
    copy = copy.accept(1, by="a")
    grown = copy.retract(2, because="wrong").accept(1, by="b", event=VISIT.named("v"))

    assert grown == merged(copy, grown, lambda _done: None)


def test_what_is_merged_is_recorded_anew() -> None:
    """Whenever the store of another log recorded it."""
    instant = datetime.fromisoformat("2020-03-01T12:00:00Z")
    log = EventLog(evolve(entry, recorded_at=instant) for entry in EventLog.of(VISIT))
    news = EventLog(
        evolve(entry, recorded_at=instant)
        for entry in EventLog.of(Event(Joined("CHN", "x"), when="2015"))
    )

    both = merged(log, news, lambda _done: None)
    assert [instant, None] == [entry.recorded_at for entry in both]


def test_a_part_of_a_log_is_merged() -> None:
    """Positions with gaps, as a part of a log has them, are closed."""
    whole = EventLog.of(Event(Joined("CHN", "x"), when="2015"), VISIT)
    corrected = whole.append(Event(Visited("CHN", "AZE"), when="2015"), supersedes=1)

    found = merged(EventLog(), corrected.among("AZE"), lambda _done: None)
    assert [None, 0] == [entry.supersedes for entry in found]


# --- progress -------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_progress_is_one_line_of_a_terminal(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress is shown at intervals, in a line that is cleared; and in no file."""
    times = iter([0.0, 0.1, 0.3, 0.4])
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    with showing("rows.csv, line") as told:
        for done in (1000, 2000, 3000):
            told(done, 3000)

    is_shown = stream.isatty()
    line = "\r\x1b[Krows.csv, line 2,000 of 3,000\r\x1b[K"
    assert (line if is_shown else "") == stream.getvalue()


def test_import_shows_progress(
    told: Told, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that were read, and entries that were compared, are counted."""
    # It is shown five times a second, which a fast machine may not need once.
    monkeypatch.setattr("bri_timeline._command._output._EVERY", 0)
    rows = (GDELT.replace("1", str(n), 1) for n in range(10_000))
    (folder / "rows.tab").write_text("\n".join(rows), "utf-8")
    news = EventLog().extend(
        Event(Joined("AZE", str(number)), when="2015") for number in range(1000)
    )
    jsonl.dump(news, "a.jsonl", FACTS)
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    told("import rows.tab --from gdelt")
    told("import log.toml a.jsonl -o b.jsonl")

    assert "rows.tab, line 10,000\r" in terminal.getvalue()
    assert "a.jsonl, entry 1,000\r" in terminal.getvalue()


def test_on_a_terminal_long_work_is_shown_and_cleared(
    told: Told, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that are read, written or verified; and the days of a page."""
    terminal = Terminal()
    monkeypatch.setattr("bri_timeline._command._output._EVERY", 0)
    monkeypatch.setattr("sys.stderr", terminal)
    for line in (
        "export log.toml -o a.jsonl",
        "export a.jsonl -o a.db",
        "verify a.db",
        "timeline a.db -o a.html --between AZE CHN",
    ):
        told(line)

    shown = re.sub(r" [\d,]+( of [\d,]+)?(?=\r|$)", "", terminal.getvalue())
    assert ["log.toml, entry", "a.jsonl, entry", "a.db, entry", "a.html, day"] == [
        *dict.fromkeys(filter(None, shown.split("\r\x1b[K")))
    ]
    assert terminal.getvalue().endswith("\r\x1b[K")


# --- export ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rest", "loses"),
    [
        ("a.db", "", False),
        ("a.jsonl", "", False),
        ("a.csv", "", False),
        ("a.parquet", "", False),
        ("a.toml", "--title Visits", False),
        ("a.json", "", True),
        ("a.json", "--to csl", False),
        ("a.bib", "", False),
        ("a.ics", "--on 2019-09-01 --known-by 2019-09-01", True),
        ("a.geojson", "--on 2019-09-01 --known-by 2019-09-01", True),
        ("a.graphml", "--on 2019-09-01", True),
    ],
)
def test_export_takes_the_format_from_the_name(
    name: str, rest: str, loses: bool, told: Told, folder: Path
) -> None:
    """The name gives the format, and losses are reported."""
    shown = told(f"export log.toml -o {name} {rest}")

    assert f"{name}: 1 entry, as " in shown
    assert loses is ("lost: " in shown)
    assert (folder / name).stat().st_size


def test_export_and_import_change_nothing(told: Told) -> None:
    """From store to chronicle and back, nothing changes."""
    chronicle.dump(azerbaijan_china(), "log.toml", FACTS)
    told("export log.toml -o a.db")
    told("export a.db -o b.toml")

    assert azerbaijan_china() == chronicle.load("b.toml", FACTS)


def test_describe_event_gives_one_line(told: Told, folder: Path) -> None:
    """Slides have the words of pages."""
    told("export log.toml -o a.json")

    slides = json.loads((folder / "a.json").read_text("utf-8"))
    assert "Azerbaijan visits China" == slides["events"][0]["text"]["headline"]


def test_many_losses_are_counted(told: Told, folder: Path) -> None:
    """Of many losses the first ones and the number are reported."""
    log = EventLog().extend(
        Event(Joined("AZE", str(number)), when="2015") for number in range(12)
    )
    jsonl.dump(log, "a.jsonl", FACTS)
    shown = told("export a.jsonl -o a.ics")

    assert "lost: 12\n  entry 0: is not written: it is not about a plan\n" in shown
    assert shown.endswith("  and 2 more\n")


# --- state and explain ----------------------------------------------------------------


def test_state_prints_citations(told: Told) -> None:
    """Values, what happened, what perhaps did, what is disputed, and the sources."""
    visits = EventLog.of(
        VISIT,
        Event(Visited("CHN", "AZE"), when="2014", cite=PAPER),
        Event(Visited("CHN", "AZE"), when="2013", id="other"),
        Event(Visited("AZE", "CHN"), when="2013", id="other", cite=PAPER),
    )
    jsonl.dump(visits, "a.jsonl", FACTS)

    assert told("state a.jsonl --between AZE CHN --on 2015-06-30") == (
        """\
Azerbaijan and China
On 30 June 2015

Visits                        2
Meetings                      0
Agreements                    0
Agreed value                  none stated
Agreements of unstated value  0

Visits
  some time in 2013: Azerbaijan visits China [1]
  some time in 2014: China visits Azerbaijan [1]

Perhaps
  some time in 2015: Azerbaijan visits China [1 p. 1]

Said otherwise
  some time in 2013: China visits Azerbaijan [no source]

Sources
   1  “The Paper”, 24 April 2019
"""
    )


def test_state_known_by_leaves_out_later_reports(told: Told) -> None:
    """`--known-by` leaves out what was reported later."""
    shown = told(
        "state log.toml --between AZE CHN --on 2015-12-31 --known-by 2019-04-23"
    )

    assert "On 31 December 2015, as known by 23 April 2019" in shown
    assert "Visits                        0\n" in shown
    assert "Sources" not in shown


def test_state_prints_the_status_of_plans(told: Told) -> None:
    """A plan is listed with its status on the day."""
    chronicle.dump(azerbaijan_china(), "log.toml", FACTS)
    shown = told("state log.toml --between AZE RUS --on 2019-09-01")

    assert "(overdue, outcome unknown)" in shown


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.txt"])
def test_timeline_between_shows_what_concerns_them(
    name: str, told: Told, folder: Path
) -> None:
    """`state` and `timeline` show the same relationship of two parties."""
    log = EventLog.of(
        VISIT,
        Event(Joined("AZE", "The Own Club"), when="2015"),
        Event(Joined("RUS", "The Foreign Club"), when="2015"),
        Event(Planned(["AZE"], "The Own Summit"), when="2015", id="summit"),
        Event(Postponed("summit"), when="2016"),
        Event(Planned(["AZE", "RUS"], "The Foreign Summit"), when="2015"),
    )
    jsonl.dump(log, "a.jsonl", FACTS)
    told(f"timeline a.jsonl -o {name} --between AZE CHN")
    shown = (folder / name).read_text("utf-8")

    assert "The Own Club" in shown
    assert "The Own Summit" in shown
    assert "put off" in shown
    assert "Foreign" not in shown
    assert "Foreign" not in told("state a.jsonl --between AZE CHN --on 2020-01-01")


def test_what_concerns_one_actor_is_selected_and_drawn(
    told: Told, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--help` says so: `timeline` and `export` take it, and `state` needs another."""
    log = EventLog.of(
        VISIT,
        Event(Joined("AZE", "The Own Club"), when="2015"),
        Event(Joined("RUS", "The Foreign Club"), when="2015"),
    )
    jsonl.dump(log, "a.jsonl", FACTS)
    for command in ("timeline a.jsonl -o a.svg", "export a.jsonl -o a.toml"):
        told(f"{command} --between AZE")
        shown = (folder / command.split()[-1]).read_text("utf-8")
        assert "The Own Club" in shown
        assert "Foreign" not in shown

    assert 2 == main(["state", "a.jsonl", "--between", "AZE", "--on", "2020-01-01"])
    assert "AZE alone, and a relationship has two" in capsys.readouterr().err
    assert 0 == main(["timeline", "--help"])
    assert "drawn may concern one alone" in " ".join(capsys.readouterr().out.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        "state {} --on 2019-09-01",
        "explain {} value --on 2019-09-01",
        "timeline {} -o a.html --title x",
        "timeline {} -o a.svg --title x",
    ],
)
@pytest.mark.parametrize("between", ["AZE CHN", "AZE RUS", "AZE IRN RUS"])
def test_between_on_a_store_reads_what_concerns_them(
    question: str,
    between: str,
    told: Told,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store answers as a file does, and gives only the entries of the parties."""
    log = azerbaijan_china().append(Event(Visited("USA", "JPN"), when="2019-05"))
    jsonl.dump(log, "a.jsonl", FACTS)
    told("import a.jsonl -o a.db")
    whole = told(f"{question.format('a.jsonl')} --between {between}")
    drawn = [path.read_text("utf-8") for path in folder.glob("a.[hs]*")]
    found: list[EventLog] = []
    read = SQLiteStore.read

    def noted(store: SQLiteStore, **asked: Any) -> EventLog:
        found.append(read(store, **asked))
        return found[-1]

    monkeypatch.setattr(SQLiteStore, "read", noted)

    assert told(f"{question.format('a.db')} --between {between}") == whole
    assert [path.read_text("utf-8") for path in folder.glob("a.[hs]*")] == drawn
    assert 0 < len(list(found[0])) < len(log)


def test_explain_tells_a_reason_only_of_what_was_corrected(told: Told) -> None:
    """A rival is not set aside for the reason of another claim's correction."""
    first, rival, right = (
        Event(Visited("AZE", "CHN", occasion=name), when="2015-06-01", id="v",
              cite=Source(name, published=day))
        for name, day in (("a", "2015-07-01"), ("b", "2015-07-02"), ("c", "2015-07-03"))
    )  # fmt: skip
    log = EventLog.of(first, rival).append(right, supersedes=0, because="a misprint")
    jsonl.dump(log, "a.jsonl", FACTS)

    shown = told("explain a.jsonl visits --between AZE CHN --on 2016-01-01")
    assert "replaced by entry 2: a misprint |" in shown
    assert "said otherwise by entry 2 |" in shown


def test_explain_lists_dangling_references(told: Told) -> None:
    """The ids of a bundle and of a plan that was held can be misspelt."""
    part = AgreementSigned(["AZE", "CHN"], "x", part_of="typo")
    log = EventLog.of(Event(part, when="2015", cite=PAPER))
    jsonl.dump(log, "a.jsonl", FACTS)
    shown = told("explain a.jsonl agreements --between AZE CHN --on 2020-01-01")

    assert "! refers to 'typo', and nothing has this id" in shown


@pytest.mark.parametrize("verb", ["verify", "doctor"])
def test_strict_fails_where_references_lead_nowhere(verb: str, told: Told) -> None:
    """They are reported, and with `--strict` they are faults."""
    log = EventLog.of(Event(Held("no-such-plan"), when="2015", cite=PAPER))
    jsonl.dump(log, "a.jsonl", FACTS)
    shown = told(f"{verb} a.jsonl")

    assert "references that lead nowhere" in shown
    assert "refers to 'no-such-plan', and nothing has this id" in shown
    assert shown == told(f"{verb} a.jsonl --strict", 1)


def test_explain_prints_steps_with_citations(told: Told) -> None:
    """Steps that are certain, steps that are not, and claims that do not count."""
    log = EventLog.of(
        VISIT, Event(Visited("CHN", "AZE"), when="2014", cite=PAPER.at("p. 2"))
    )
    log = log.append(
        Event(Visited("CHN", "AZE"), when="2014-03"), supersedes=1, because="a slip"
    )
    jsonl.dump(log, "a.jsonl", FACTS)

    assert told("explain a.jsonl visits --between AZE CHN --on 2015-06-30") == (
        """\
Visits: 1
Azerbaijan and China
On 30 June 2015

  0 -> 1 | some time in March 2014: China visits Azerbaijan [no source]
? 1 -> 2 | some time in 2015: Azerbaijan visits China [1 p. 1]
x replaced by entry 2: a slip | some time in 2014: China visits Azerbaijan [1 p. 2]

Sources
   1  “The Paper”, 24 April 2019
"""
    )


def test_explain_prints_who_says_which_part_of_a_step(told: Told) -> None:
    """Below the step, where the claims of one event do not say the same."""
    log = EventLog.of(
        Event(Visited("AZE", "CHN"), when="2015", cite=PAPER.at("p. 1"), id="x"),
        Event(Visited("AZE", "CHN"), when="2015-05", cite=PAPER.at("p. 2"), id="x"),
    )
    jsonl.dump(log, "a.jsonl", FACTS)
    shown = told("explain a.jsonl visits --between AZE CHN --on 2016-06-30")

    step = shown.splitlines().index("    when 2015: The Paper (2019-04-24), p. 1")
    assert "  0 -> 1 | some time in May 2015" in shown.splitlines()[step - 1]
    assert (
        "    when 2015-05: The Paper (2019-04-24), p. 2" == shown.splitlines()[step + 1]
    )


def test_explain_shows_a_change_without_a_number(told: Told) -> None:
    """A position that is taken anew changes what is in force, and not how many."""
    log = EventLog.of(
        *(
            Event(PositionDeclared("AZE", "trade", stance), when=when)
            for stance, when in (("for it", "2015"), ("against it", "2016"))
        ),
        Event(AgreementSigned(frozenset(("AZE", "CHN")), "x"), when="2015"),
    ).retract(2, because="none")
    jsonl.dump(log, "a.jsonl", FACTS)

    shown = told("explain a.jsonl positions --between AZE CHN --on 2016-12-31")
    assert "  0 -> 1 | some time in 2015: Azerbaijan on trade: for it" in shown
    assert "  changed | some time in 2016: Azerbaijan on trade: against it" in shown
    shown = told("explain a.jsonl agreements --between AZE CHN --on 2016-12-31")
    assert "x withdrawn by entry 3: none | some time in 2015: Agreement: x" in shown


@pytest.mark.parametrize("value", sorted(_explain.QUESTIONS))
def test_every_value_can_be_explained(value: str, told: Told) -> None:
    """Whatever a state has can be asked for, and says what it is at last."""
    chronicle.dump(azerbaijan_china(), "log.toml", FACTS)
    shown = told(f"explain log.toml {value} --between AZE CHN --on 2019-04-26")
    state = azerbaijan_china().as_of("2019-04-26").project(relationship("AZE", "CHN"))
    question = _explain.QUESTIONS[value]
    words = question.words(getattr(state, question.name))

    assert shown.startswith(f"{question.title}: {words}\n")


def test_explain_of_an_unchanged_value_has_no_steps(told: Told) -> None:
    """A value that no event changes is printed alone."""
    shown = told("explain log.toml plans --between AZE CHN --on 2016-12-31")

    assert "Plans: 0\nAzerbaijan and China\nOn 31 December 2016\n" == shown


# --- verify ---------------------------------------------------------------------------


def test_a_store_is_verified_against_its_head(told: Told) -> None:
    """Its head is printed, and can be given again; another head is a fault."""
    told("import log.toml -o a.db")
    head = told("verify a.db").splitlines()[0].rpartition(" ")[2]

    assert f"head {head}" in told(f"verify a.db --head {head}")
    assert "entry 1 was there" in told(f"verify a.db --head 1-{'0' * 64}", 1)


def test_a_damaged_store_is_a_fault(told: Told) -> None:
    """A byte that was changed is found."""
    told("import log.toml -o a.db")
    with sqlite3.connect("a.db") as damaged:
        names = [
            name
            for (name,) in damaged.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            )
        ]
        for name in names:
            columns = [row[1] for row in damaged.execute(f"PRAGMA table_info({name})")]
            if "line" in columns:
                damaged.execute(
                    f"UPDATE {name} SET line = replace(line, '2015', '2014')"
                )
    damaged.close()

    assert "is damaged" in told("verify a.db", 1)


def test_verify_reports_contradictions(told: Told) -> None:
    """Contradictions and disputes are reported; with `--strict` they are faults."""
    chronicle.dump(azerbaijan_china(), "log.toml", FACTS)
    shown = told("verify log.toml")

    assert "log.toml: 26 entries\n" in shown
    later = "claims dated after it was reported to have happened: 1\n  entry 20 is"
    assert later in shown
    assert "report: Turan (2019-04-24); the two differ, see below\n" in shown
    assert "happenings of which claims differ: 1\n  xi-aliyev-meeting: " in shown
    assert shown == told("verify log.toml --strict", 1)


# --- doctor ---------------------------------------------------------------------------


def test_doctor_lists_what_is_installed(told: Told) -> None:
    """Versions, and what would install the extras that are missing."""
    shown = told("doctor")

    assert f"SQLite        {sqlite3.sqlite_version}\n" in shown
    assert "arrow         pyarrow " in shown


def test_events_that_are_equal_but_for_an_id_are_asked_about(told: Told) -> None:
    """By `doctor`, and by `import` where they are new."""
    claim = Event(Joined("AZE", "SCO"), when="2025", cite=Source("Paper"))
    for name, some in (("a", [claim]), ("b", [claim, claim.named("membership")])):
        jsonl.dump(EventLog.of(*some), Path(f"{name}.jsonl"), FACTS)
    asked = f"counts 2 times, as {claim.id}, membership: is it one?"

    assert asked in told("import b.jsonl -o a.jsonl")
    assert asked not in told("import b.jsonl -o a.jsonl")
    assert asked in told("doctor a.jsonl")


def test_ids_that_look_the_same_are_asked_about(told: Told) -> None:
    """One that is written in two ways is two happenings."""
    visits = (
        Event(Visited("AZE", "CHN"), when=f"201{n}", id=name)
        for n, name in enumerate(("caf\u00e9", "cafe\u0301", "cafe"))
    )
    jsonl.dump(EventLog.of(*visits), Path("a.jsonl"), FACTS)

    asked = r"ids look the same, and are 2 happenings: 'cafe\u0301' and 'caf\xe9': are"
    assert asked in told("doctor a.jsonl")


def test_a_name_that_begins_like_an_option_stands_behind_two_dashes(told: Told) -> None:
    """As everywhere; other arguments then stand before the options or behind these."""
    Path("log.toml").rename("-x.toml")
    about = "--on 2015-12-31 --between AZE CHN"

    assert told(f"state ./-x.toml {about}") == told(f"state {about} -- -x.toml")
    assert "--help: its name does not" in told(f"state {about} -- --help", 2)


def test_claims_without_an_id_of_which_one_says_less_are_asked_about(
    told: Told,
) -> None:
    """They count as two; those that contradict each other are two."""
    exact, less = (Event(Visited("AZE", "CHN"), when=w) for w in ("2015-06-01", "2015"))
    others = [
        Event(Visited("AZE", "CHN", "person:x"), when="2017-06-01"),
        Event(Visited("AZE", "CHN", "person:y"), when="2017-06-01"),
        Event(Visited("AZE", "KAZ"), when="2018-06", id="one"),
        Event(Visited("AZE", "KAZ"), when="2018-06-01", id="two"),
    ]
    jsonl.dump(EventLog.of(exact, *others), Path("a.jsonl"), FACTS)
    jsonl.dump(EventLog.of(less), Path("b.jsonl"), FACTS)
    asked = (
        "Azerbaijan visits China (1 June 2015) and Azerbaijan visits China (some time"
        " in 2015): one only says less, and they count as two"
    )

    assert "says less" not in told("doctor a.jsonl")
    assert asked in (said := told("import b.jsonl -o a.jsonl"))
    assert "without an id, and may be one: 1\n" in said
    assert "without an id" not in told("import b.jsonl -o a.jsonl")
    assert asked in told("doctor a.jsonl")


def test_pairs_that_are_not_looked_at_are_told_of(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of event data most pairs of a day are not one happening."""
    monkeypatch.setattr(_slips, "_MOST_PAIRS", 1)
    people = (f"person:{name}" for name in "xyz")
    visits = (Event(Visited("AZE", "CHN", who), when="2017-06-01") for who in people)
    jsonl.dump(EventLog.of(*visits), Path("a.jsonl"), FACTS)

    assert "more than 1 pairs may be one: `match` lists the rest" in told(
        "doctor a.jsonl"
    )


@pytest.mark.parametrize(
    ("version", "warns"), [((3, 51, 2), True), ((3, 51, 3), False)]
)
def test_doctor_warns_of_the_sqlite_bug(
    version: tuple[int, int, int],
    warns: bool,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A SQLite that can lose what was written is named as that."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)

    assert warns is ("WAL reset bug" in told("doctor"))


def test_doctor_lists_a_missing_extra(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing extra is listed with the command that installs it."""

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(_checks, "version", missing)

    shown = told("doctor")
    assert "arrow         not installed: python -m pip install 'pyarrow>=20'" in shown
    assert "bri_timeline  not installed" in shown


def test_doctor_reports_problems_of_a_log(told: Told) -> None:
    """First days of months, NA, no source, no date, and dates after reports."""
    firsts = [
        Event(Joined("AZE", str(month)), when=f"2015-{month:02}-01", cite=PAPER)
        for month in range(1, 7)
    ]
    log = EventLog.of(
        *firsts,
        Event(Joined("AZE", "NA"), when="2015-01-02", cite=Source("Undated")),
        Event(Joined("AZE", "x"), when="9999-12-31"),
        Event(Joined("CHN", "y"), when="2020", cite=PAPER),
    ).retract(0, because="b")
    jsonl.dump(log, "a.jsonl", FACTS)
    shown = told("doctor a.jsonl")

    assert (
        "when it happened: 6 of 7 days are the first of a month: write the month alone"
        in shown
    )
    assert "when it happened: 1 days lie in the year 9999" in shown
    assert "Joined.body: 1 times a value that often means missing" in shown
    assert "1 entry (7) without a source: who says so?" in shown
    assert "1 entry (6) with sources of which none is dated" in shown
    assert "claims dated after it was reported to have happened: 1" in shown
    assert "see below" not in shown
    assert shown == told("doctor a.jsonl --strict", 1)


def test_doctor_lists_the_first_of_many_entries(told: Told) -> None:
    """Of many entries three are named."""
    log = EventLog.of(*(Event(Joined("AZE", n), when="2015") for n in "abcd"))
    jsonl.dump(log, "a.jsonl", FACTS)

    assert "4 entries (0, 1, 2, ...) without a source" in told("doctor a.jsonl")


def test_doctor_reports_a_log_without_problems(told: Told) -> None:
    """Where there is nothing to ask, that is said."""
    assert "log.toml: 1 entry\nlog.toml: no problems were found\n" == told(
        "doctor log.toml"
    )


@pytest.mark.parametrize(("count", "others"), [(4, 0), (5, 60)])
def test_doctor_takes_a_few_firsts_for_chance(
    count: int, others: int, told: Told
) -> None:
    """Fewer than five first days, or no more than chance, raise no question."""
    days = [*(f"2015-{n:02}-01" for n in range(1, count + 1)), *["2015-01-02"] * others]
    log = EventLog.of(
        *(
            Event(Joined("AZE", str(n)), when=day, cite=PAPER)
            for n, day in enumerate(days)
        )
    )
    jsonl.dump(log, "a.jsonl", FACTS)

    assert "no problems were found" in told("doctor a.jsonl")


def of_days(*days: str, end: bool = False) -> EventLog:
    """A log of events on some days, or that ended on them."""
    return EventLog.of(
        *(
            Event(Joined("AZE", str(n)), when=f"1999/{day}" if end else day, cite=PAPER)
            for n, day in enumerate(days)
        )
    )


def test_doctor_compares_firsts_with_the_span_of_the_days(told: Told) -> None:
    """Of three days that begin with a first, a third are firsts: no question."""
    jsonl.dump(
        of_days(*["2018-06-01", "2018-06-02", "2018-06-03"] * 9), "a.jsonl", FACTS
    )
    jsonl.dump(of_days(*["2018-06-01"] * 9), "b.jsonl", FACTS)
    jsonl.dump(of_days(*["2015-06-01", "2018-06-01"] * 5), "c.jsonl", FACTS)

    assert "no problems were found" in told("doctor a.jsonl")
    assert "no problems were found" in told("doctor b.jsonl")
    assert "10 of 10 days are the first of a month" in told("doctor c.jsonl")


def test_doctor_asks_whether_the_last_day_is_the_end_of_the_data(
    told: Told, folder: Path
) -> None:
    """Ends that cluster on the last day are reported, in a log and in a table."""
    days = [f"20{n:02}-03-0{n % 8 + 2}" for n in range(15)] + ["2015-12-31"] * 6
    jsonl.dump(of_days(*days, end=True), "a.jsonl", FACTS)
    (folder / "b.csv").write_text("\n".join(["end", *days]), "utf-8")

    asked = "6 days are 2015-12-31, the last of all: is that the end of the data"
    assert f"when it ended: {asked}" in told("doctor a.jsonl")
    assert f"column 'end': {asked}" in told("doctor b.csv")


@pytest.mark.parametrize(
    "days",
    [
        ["2015-12-31"] * 6,
        [*[f"2015-03-{n:02}" for n in range(2, 12)], *["2015-12-31"] * 4],
        [f"2015-03-{n:02}" for n in range(2, 12) for _ in range(2)]
        + ["2015-12-31"] * 9,
        ["2015-02-30"],
    ],
)
def test_doctor_takes_a_few_last_days_for_chance(days: list[str], told: Told) -> None:
    """A single day, a few rows, or slightly more than usual raise no question."""
    lines = "\n".join(["end", *days])
    Path("a.csv").write_text(lines, "utf-8")

    assert "no problems were found" in told("doctor a.csv")


def test_doctor_asks_about_codes_of_states(told: Told, folder: Path) -> None:
    """Missing, repeated and unknown codes in a column of codes are reported."""
    codes = [state.alpha2 for state in states().values()][:30]
    rows = [*codes, codes[3], "EL", ""]
    text = "\n".join(["iso2;n", *(f"{code};{n}" for n, code in enumerate(rows))])
    (folder / "a.csv").write_text(text, "utf-8")
    shown = told("doctor a.csv")

    assert "column 'iso2': 1 of 33 codes of states are missing: which" in shown
    assert "column 'iso2': 'EL' is not in ISO 3166-1: which states are meant" in shown
    assert f"column 'iso2': {codes[3]!r} is there more than once, other codes" in shown


def test_doctor_takes_codes_that_repeat_for_events(told: Told, folder: Path) -> None:
    """Codes that occur in many rows, or are often missing, raise no question."""
    codes = [*states()][:30]
    (folder / "a.csv").write_text("\n".join(["iso3,n", *codes * 2]), "utf-8")
    rows = "".join(f"{code},1\n,2\n" for code in codes)
    (folder / "b.csv").write_text(f"iso3,n\n{rows}", "utf-8")
    (folder / "c.csv").write_text("name\nTHE\nAND\nFOR\nWAS\nNOT\nCHN\n", "utf-8")

    assert "column 'iso3'" not in told("doctor a.csv")
    assert "no problems were found" in told("doctor b.csv")
    assert "no problems were found" in told("doctor c.csv")


def test_doctor_shows_a_few_of_many_codes(told: Told, folder: Path) -> None:
    """Of many strange codes five are named, the frequent first, and all counted."""
    strange = [f"X{letter}{letter}" for letter in "ABCDEF"]
    others = ["EC", "EC", "EFTA", "EFTA"]
    codes = [*states()][:100]
    text = "\n".join(["iso3", *codes, *strange, *others])
    (folder / "a.csv").write_text(text, "utf-8")
    asked = "'EC', 'EFTA', 'XAA', 'XBB', 'XCC' and 3 more are not in ISO 3166-1"

    assert asked in told("doctor a.csv")


def test_doctor_takes_a_column_of_na_for_no_codes(told: Told, folder: Path) -> None:
    """Namibia alone is no list of states."""
    text = "\n".join(["iso3,day", *["DEU,NA"] * 20, "DEU,1", "DEU,"])
    (folder / "a.csv").write_text(text, "utf-8")
    asked = told("doctor a.csv")

    assert "column 'day': 20 cells say 'NA'" in asked
    assert "'NA' is there more than once" not in asked
    assert "column 'day': 1 of" not in asked


@pytest.mark.parametrize("text", ["", "code,since\n"])
def test_doctor_finds_a_table_without_rows(text: str, told: Told, folder: Path) -> None:
    """In which no cell could show a problem."""
    (folder / "a.csv").write_text(text, "utf-8")

    assert "has no rows below its header: is the file complete?" in told("doctor a.csv")


def test_doctor_reports_problems_of_a_table(told: Told, folder: Path) -> None:
    """Any CSV can be asked about; it need not be a log."""
    rows = [f"{code},2015-{n:02}-01,01.0{n}.9999" for n, code in enumerate("abcdef", 1)]
    text = "\n".join(["code,since,until", *rows, "NA,2016,", "g"])
    (folder / "a.csv").write_text(text, "utf-8")
    shown = told("doctor a.csv")

    assert "a.csv: not a log, therefore it is checked as a table\n" in shown
    assert "column 'since': 6 of 6 days are the first of a month" in shown
    assert "column 'until': 6 days lie in the year 9999" in shown
    assert "column 'code': 1 cells say 'NA': is that nothing, which is Namibia" in shown
    assert "1 rows are not as wide as the header" in shown


def test_doctor_reports_a_table_without_problems(told: Told, folder: Path) -> None:
    """A table with nothing to ask about is said to be that."""
    (folder / "a.csv").write_text("since\n2015-01-02\n-\n", "utf-8")
    (folder / "b.csv").write_text("since\n2015-01-02\n", "utf-8")

    assert "column 'since': 1 cells say '-': is that nothing?" in told("doctor a.csv")
    assert "b.csv: no problems were found" in told("doctor b.csv")


def test_doctor_reads_a_table_of_entries_as_a_log(told: Told) -> None:
    """A table of entries is looked at as a log."""
    csv.dump(EventLog.of(VISIT), "a.csv", FACTS | Vocabulary())

    assert "a.csv: 1 entry\na.csv: no problems were found\n" == told("doctor a.csv")
