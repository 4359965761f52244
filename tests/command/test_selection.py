"""Options that select a part of a log: one meaning in every verb, and an index."""

from __future__ import annotations

import shlex
import zipfile
from argparse import Namespace
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest
from concern_model import CUTS, STATES, VIEWS, facts_log
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source, View, Vocabulary
from bri_timeline._command import main
from bri_timeline._command._checks import _answer
from bri_timeline._command._kinds import merged, read
from bri_timeline._command._options import Request
from bri_timeline.errors import EntryError
from bri_timeline.formats import Coded, csv, jsonl
from bri_timeline.relations import (
    FACTS,
    Joined,
    Planned,
    Visited,
    actor_named,
    relationship,
    states,
)
from bri_timeline.stores import SQLiteStore


VISIT = Event(Visited("AZE", "CHN"), when="2015")
PAIRS = [(a, b) for a in STATES for b in STATES if a < b]
PERIODS = (None, "2015", "2016-01-01", "../2015", "2015-12-31/2016-01-01")


def asked(
    between: tuple[str, ...] = (),
    among: tuple[str, ...] = (),
    any_of: tuple[str, ...] = (),
    during: str | None = None,
    known_by: date | None = None,
) -> Request:
    """What a command line of these options asks for."""
    day = None if known_by is None else known_by.isoformat()
    texts = {"between": between, "among": among, "any_of": any_of, "on": None}
    return Request.of(Namespace(**texts, during=during, known_by=day, facts=None))


def answers(view: View) -> tuple[object, ...]:
    """What a view says, without the positions of entries."""
    aside = {(one.event, one.reason) for one in view.set_aside}
    disputes = {frozenset(dispute.claims) for dispute in view.disputes}
    return view.events, view.undecided, aside, disputes


some_asked = st.builds(
    asked,
    between=st.sampled_from([(), *PAIRS]),
    among=st.sampled_from([(), ("AZE",), ("CHN", "RUS")]),
    any_of=st.sampled_from([(), ("KAZ",), ("KAZ", "RUS"), ("CHN", "KAZ", "RUS")]),
    during=st.sampled_from(PERIODS),
    known_by=st.sampled_from(CUTS),
)


@given(st.integers(0, 10**6), some_asked)
def test_an_exported_part_answers_as_the_whole(seed: int, part: Request) -> None:
    """A log of the selection alone gives the answers that the whole log gives."""
    log = facts_log(Random(seed))
    known = None if part.known_by is None else date.fromisoformat(part.known_by)
    try:
        alone = merged(EventLog(), part.alone(log), lambda _done: None)
    except EntryError:
        days = {e.position: e._knowledge()[0] for e in log}
        assert known is not None
        assert any(
            days[e.position] <= known.toordinal() < days[target]
            for e in log
            for target in [e.supersedes]
            if target is not None
        )
        return
    for day in VIEWS:
        mine, theirs = part.within(alone), part.within(log)
        assert answers(mine.as_of(day)) == answers(theirs.as_of(day, known))
        if part.between and part.during is None:
            fold = relationship(*part.between)
            whole = part.select(log).as_of(day, known).project(fold)
            assert part.select(alone).as_of(day).project(fold) == whole


@given(st.integers(0, 10**6), some_asked)
def test_a_store_is_read_by_its_index_with_the_answers_of_a_file(
    tmp_path_factory: pytest.TempPathFactory, seed: int, part: Request
) -> None:
    """What is read of a store gives the answers that the whole file gives."""
    log = facts_log(Random(seed))
    path = tmp_path_factory.mktemp("store") / "a.db"
    with SQLiteStore(path, FACTS) as store:
        store.append(log)
    given_log = Namespace(log=path, kind=None)
    fold = relationship(*part.between) if part.between else None
    read = part.read(given_log, FACTS, fold)

    assert len(read) <= len(log)
    for day in VIEWS:
        mine, whole = part.select(read, fold), part.select(log, fold)
        assert answers(mine.as_of(day, part.known_by)) == answers(
            whole.as_of(day, part.known_by)
        )


# --- the command ----------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a folder with a store of many visits, few of them of one pair."""
    monkeypatch.chdir(tmp_path)
    visits = [
        Event(Visited(guest, host), when=f"{2000 + n % 20}", id=f"{guest}{host}{n}")
        for n in range(20)
        for guest, host in [("AZE", "CHN"), ("KAZ", "RUS"), ("USA", "JPN")]
    ]
    with SQLiteStore("a.db", FACTS) as opened:
        opened.append(EventLog.of(*visits, Event(Joined("FRA", "x"), when="2001")))
    jsonl.dump(EventLog.of(*visits), "a.jsonl", FACTS)
    return tmp_path


def run(command: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    """Run a command with this exit status, and return its output and errors."""
    assert status == main(shlex.split(command))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out + err


@pytest.mark.parametrize(
    ("question", "most"),
    [
        ("state a.db --between AZE CHN --on 2019-12-31", 20),
        ("explain a.db visits --between AZE CHN --on 2019-12-31", 20),
        ("timeline a.db -o a.html --between AZE CHN", 20),
        ("export a.db -o b.jsonl --between AZE CHN", 20),
        ("export a.db -o b.jsonl --among AZE CHN", 20),
        ("export a.db -o b.jsonl --any-of AZE KAZ", 40),
        ("export a.db -o b.jsonl --among AZE --any-of CHN KAZ", 20),
        ("export a.db -o b.jsonl", 61),
    ],
)
def test_a_selection_reads_of_a_store_what_it_needs(
    question: str,
    most: int,
    store: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The entries that are decoded are counted: those of the actors, not the store."""
    found = set[int]()
    read = SQLiteStore.read

    def noted(store: SQLiteStore, **options: object) -> EventLog:
        log = read(store, **options)
        found.update(entry.position for entry in log)
        return log

    monkeypatch.setattr(SQLiteStore, "read", noted)
    run(question, capsys)

    assert most == len(found)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ("--between AZE CHN", 20),
        ("--between Azerbaijan China", 20),
        ("--among KAZ", 20),
        ("--any-of Kazakhstan 'United States'", 40),
        ("--among CHN --any-of AZE KAZ", 20),
        ("--during 2005", 3),
        ("--during ../2005 --between AZE CHN", 6),
        ("--on 2001-06-30", 6),
        ("--on 2001-06-30 --among AZE", 2),
        ("--among FRA", 0),
    ],
)
def test_a_selection_means_the_same_in_every_verb(
    options: str, count: int, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verbs that read a log agree on what it selects; nothing is said to be nothing."""
    shown = run(f"export a.jsonl -o b.csv {options}", capsys)
    assert f": {count:,} entries" in shown
    assert (count == 0) is ("has nothing of this kind about" in shown)
    run(f"timeline a.jsonl -o b.txt {options}", capsys)
    if count:
        # A view of a year shows what is certain only after its end.
        lines = Path("b.txt").read_text("utf-8").count(" visits ")
        assert (count if "--on" not in options else lines) == lines


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("state a.db --between AZE Korea --on 2015-01-01", "KOR or PRK?"),
        ("export a.db -o b.csv --among Congo", "to 1971-10-26: write the id\n"),
        ("export a.db -o b.csv --any-of chn", "CHN is China"),
        ("export a.db -o b.csv --between Chna", "did you mean CHN"),
        (
            "timeline a.db -o a.svg --between AZE ''",
            "--between: '' is not the code of an actor",
        ),
        ("export a.db -o b.csv --on 2015", "--on: '2015' is not one day"),
        ("export a.db -o b.csv --known-by soon", "--known-by: 'soon'"),
        ("state a.db --between AZE CHN --during 2015~", "--during: '2015~'"),
        ("export a.db -o b.csv --on 2015-01-01 --during 2015", "give one of them"),
        ("verify a.db --among AZE", "unrecognized arguments: --among"),
        ("doctor a.db --known-by 2015-01-01", "unrecognized arguments: --known-by"),
        ("timeline a.db -o a.svg --known-by 2015-01-01", "needs --on, the day to show"),
        ("timeline a.db -o a.pdf", "a.pdf is not a picture: name it .html, .png"),
        ("state a.db --between AZE CHN", "required: --on DAY, or --during PERIOD"),
    ],
)
def test_a_selection_that_is_none_exits_with_status_2(
    command: str, said: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An actor or a day that is not one is named with its option and candidates."""
    assert said in run(command, capsys, 2)


@given(st.integers(0, 1 << 32).map(Random).map(facts_log))
def test_verify_lists_the_disputes_of_a_view(log: EventLog) -> None:
    """And the references that lead nowhere, whatever corrects what."""
    answer, view = _answer(None, log), log.as_of("9999-12-31")

    assert view.disputes == answer.disputes
    assert view.dangling == answer.dangling


def test_entries_known_by_a_day_are_exported(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What became known later is left out; what depends on it cannot be."""
    log = EventLog().append(
        Event(Joined("AZE", "x"), when="2015"), known=date(2016, 1, 1)
    )
    later = Event(Joined("AZE", "y"), when="2015")
    log = log.append(later, known=date(2018, 1, 1))
    jsonl.dump(log, "c.jsonl", FACTS)

    assert ": 1 entry" in run("export c.jsonl -o b.csv --known-by 2017-01-01", capsys)
    early = date(2016, 1, 1)
    gone = log.retract(1, because="b", known=early)
    # What retracts what was not known says nothing, and what retracts that neither.
    for one in (gone, gone.retract(2, because="c", known=early)):
        jsonl.dump(one, "c.jsonl", FACTS)
        run("export c.jsonl -o e.jsonl --known-by 2017-01-01", capsys)
        assert log[:1] == jsonl.load("e.jsonl", FACTS)[:]
    odd = log.append(later, supersedes=1, known=early)
    odd = odd.append(VISIT, supersedes=1, known=early)
    jsonl.dump(odd, "c.jsonl", FACTS)
    assert "entry 1, which it changes, was not: leave out --known-by" in run(
        "export c.jsonl -o d.csv --known-by 2017-01-01", capsys, 1
    )
    assert not Path("d.csv").exists()


def told_twice(folder: Path) -> None:
    """Write a log of a plan and a visit, each in a paper and in a later gazette."""
    told = [
        Source("Paper", published="2016-05-01"),
        Source("Gazette", published="2018"),
    ]
    plan = Planned({"AZE", "CHN"}, "a summit", expected="2017-06")
    log = EventLog.of(
        Event(VISIT.what, when="2015", cite=told),
        Event(plan, when="2016", cite=told, id="plan"),
        Event(Joined("AZE", "x"), when="2016", cite=told[0]),
    )
    jsonl.dump(log, folder / "told.jsonl", FACTS)


def bytes_in(path: Path) -> bytes:
    """Return the bytes of a file, or of the members of a workbook."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return b"".join(map(book.read, book.namelist()))


@pytest.mark.parametrize(
    "output",
    [
        "a.json",
        "a.json --to csl",
        "a.bib",
        "a.ics",
        "a.geojson",
        "a.graphml",
        "a.xlsx",
    ],
)
def test_what_is_exported_for_others_cites_what_was_out(
    output: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A source of a later day is nowhere in the file, and nothing is said of it."""
    told_twice(Path())
    name = output.split()[0]

    run(f"export told.jsonl -o {output}", capsys)
    assert b"Gazette" in bytes_in(Path(name))
    said = run(f"export told.jsonl -o {output} --known-by 2016-12-31", capsys)
    assert b"Paper" in bytes_in(Path(name))
    assert b"Gazette" not in bytes_in(Path(name))
    assert "Gazette" not in said


@pytest.mark.parametrize("name", ["a.jsonl", "a.toml", "a.csv", "a.parquet", "b.db"])
def test_a_log_that_is_exported_keeps_its_sources(
    name: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Read again, its claims are what they were, and the later sources are told."""
    told_twice(Path())
    said = run(f"export told.jsonl -o {name} --known-by 2016-12-31", capsys)

    assert read(Path(name), FACTS)[0].event == jsonl.load("told.jsonl", FACTS)[0].event
    assert "kept, though not out by 2016-12-31: 2\n" in said
    assert "entry 1: Gazette (2018)\n" in said


SPAN = "--during 2014-06-01/2017-01-01 --every year"
PARTS = (
    "",
    "--between AZE CHN",
    "--between AZE",
    "--between AZE CHN KAZ",
    "--among CHN",
    "--among AZE CHN",
    "--any-of KAZ RUS",
    "--among AZE --any-of CHN KAZ",
)
VALUES = ("--count", "--count Visited", "--active")
QUESTIONS = (
    *(f"panel {{}} {value} {SPAN}" for value in (*VALUES, "--of visits")),
    *(f"panel {{}} {value} {SPAN} --by kinds --flow" for value in VALUES),
    *(f"{verb} {{}} {value}" for verb in ("history", "first") for value in VALUES),
    *(f"{verb} {{}} --of visits --by dyads" for verb in ("history", "first")),
    *(f"{verb} {{}} --of agreements" for verb in ("history", "first")),
    "diff {} --on 2015-12-31 2017-01-01",
    "diff {} --on 2017-01-01 2017-01-01 --known-by 2015-12-31 2017-01-01",
)


def some_question(random: Random) -> str:
    """A command line with a place for the log."""
    asked = f"{random.choice(QUESTIONS)} {random.choice(PARTS)}"
    if "diff" not in asked:
        asked += random.choice(("", " --known-by 2016-01-01"))
    if "first" in asked:
        asked += f" --at-least {random.choice((1, 2))}"
    is_pair = "--of" in asked and "panel" not in asked and "--by" not in asked
    if is_pair or "diff" in asked:
        asked += " --between AZE CHN"
    return asked + random.choice(("", " --format csv", " --format json"))


@pytest.mark.slow
@pytest.mark.full
def test_questions_about_many_days_are_answered_of_a_store_as_of_a_file(
    trials: Callable[..., int], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever part of the store is read, the keys and what counts are the same."""
    for number in range(trials(400, share=100)):
        random = Random(number)
        with SQLiteStore(f"{number}.db", FACTS) as opened:
            opened.append(facts_log(random))
            jsonl.dump(opened.read(), f"{number}.jsonl", FACTS)
        for asked in [some_question(random) for _ in range(12)]:
            told = []
            for kind in ("db", "jsonl"):
                status = main(shlex.split(asked.format(f"{number}.{kind}")))
                told.append((status, capsys.readouterr().out))

            assert (0, told[1][1]) == told[0], asked


# --- names of states ------------------------------------------------------------------


def test_a_state_is_named_by_its_code_or_its_name() -> None:
    """Every name leads to its own state, whatever its case and accents."""
    for state in states().values():
        assert state.code == actor_named(state.code) == actor_named(state.name)
        assert state.code == actor_named(state.name.upper())
    assert "TUR" == actor_named("turkiye") == actor_named("Turkey")
    assert "org:huawei" == actor_named("org:huawei")


@pytest.mark.parametrize(
    "text", ["Korea", "Congo", "Guiana", "Chin\u0430", "chn", "CN"]
)
def test_what_is_no_name_of_one_state_is_refused(text: str) -> None:
    """Several states, a letter of another script, and other codes are errors."""
    with pytest.raises(ValueError, match="is not the code of an actor"):
        actor_named(text)


def test_events_that_are_not_part_of_a_relationship_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Zeros alone would suggest that nothing is known of the two."""
    coded = Event(Coded("042", by="AZE", towards="CHN"), when="2015")
    path = tmp_path / "a.jsonl"
    jsonl.dump(EventLog.of(VISIT, coded), path, FACTS | Vocabulary(Coded))

    assert 0 == main(f"state {path} --between AZE CHN --on 2015-12-31".split())
    out, err = capsys.readouterr()
    assert "Visits                        1" in out
    assert "not part of a relationship" in err
    assert "  Coded: 1" in err.splitlines()


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("state a.jsonl --between AZE --on 2015-12-31", "names AZE alone"),
        ("export a.jsonl -o a.html", "draw it with the verb timeline"),
    ],
)
def test_what_cannot_be_asked_so_names_the_remedy(
    verb: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither is read first: the command line is not valid."""
    assert 2 == main(verb.split())
    assert said in capsys.readouterr().err


def test_a_table_of_another_program_is_told_from_a_faulty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A foreign header has a remedy of its own; a faulty cell has not."""
    path = tmp_path / "rows.csv"
    path.write_text("event_id,event_date\n1,2018-06-01\n", "utf-8")
    assert 1 == main(["import", str(path)])
    assert f"`init {path}` drafts it" in capsys.readouterr().err
    csv.dump(EventLog.of(VISIT), path, FACTS)
    path.write_text(path.read_text("utf-8").replace("2015", "April"), "utf-8")
    assert 1 == main(["import", str(path)])
    assert "--table" not in capsys.readouterr().err


@pytest.mark.slow
def test_a_picture_of_too_many_events_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It would take minutes: the error says how many, and what to do."""
    many, remedy = 50_001, "select some with --between, --any-of or --during"
    what = Visited("AZE", "CHN")
    log = EventLog.of(
        *(Event(what, when=("2014", "2015")[n % 2], id=f"v{n}") for n in range(many))
    )
    monkeypatch.setattr("bri_timeline._command._kinds.read", lambda *_, **__: log)

    for rest in ("svg", "html --on 2015-06-30"):
        command = f"timeline a.db -o {tmp_path}/a.{rest}"
        assert 1 == main(command.split())
        said = capsys.readouterr().err
        assert f"{many:,} events" in said
        assert remedy in said
    assert [] == [*tmp_path.iterdir()]
