"""Proposals are read, reviewed by a person, and accepted."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from attrs import evolve

from bri_timeline import Event, EventLog, Place, Source
from bri_timeline._command import main
from bri_timeline._command._kinds import READ, kind_of, read, update
from bri_timeline.edtf import Edtf
from bri_timeline.extend import members_of, payload_fields
from bri_timeline.formats import chronicle
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Money
from bri_timeline.stores import SQLiteStore


TEXT = """In 2015 Azerbaijan joined the Bank. China joined it too, as did Kazakhstan
in 2014."""
FOUND = [
    {
        "kind": "Joined",
        "what": {"member": member, "body": "the Bank"},
        "when": when,
        "quote": quote,
    }
    for member, when, quote in (
        ("AZE", "2015", "Azerbaijan joined the Bank"),
        ("CHN", "2015", "China joined it too"),
        ("KAZ", "2014", "as did Kazakhstan"),
        ("UZB", "2015", "as did Uzbekistan"),
    )
]
PROPOSE = ["propose", "found.json", "--document", "text.txt", "--title", "The Paper"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document and what a model found in it."""
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text(TEXT, "utf-8")
    Path("found.json").write_text(json.dumps(FOUND), "utf-8")
    return tmp_path


def proposed(log: str) -> int:
    """The status of proposing into a log."""
    words = ["--published", "2016-01-02", "--by", "a model", "-o", log]
    return main([*PROPOSE, *words])


def review(log: str, answers: str) -> str:
    """What a review prints, with piped answers."""
    out, err = StringIO(), StringIO()
    with (
        patch.object(sys, "stdin", StringIO(answers)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        assert 0 == main(["review", log, "--by", "Anna"])
    assert "" == err.getvalue()
    return out.getvalue()


def test_propose_writes_to_an_empty_file(folder: Path) -> None:
    """As a script makes it, to have a name that nobody else has."""
    (folder / "new.db").touch()

    assert 1 == proposed("new.db")  # one of four has words that are not there
    assert "and 3 wait" in review("new.db", "q\n")


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("chronicle = 1\n", 0),
        ('chronicle = 1\ntitle = "no # one"\n', 0),
        ("chronicle = 1\ntitle = '''no\n# one'''\n", 0),
        ('chronicle = 1\ntitle = """no "" \\" # one"""\n', 0),
        ('# why\nchronicle = 1  # "not" this\ntitle = "a # b" # c\n', 3),
    ],
)
def test_comments_of_a_chronicle_are_kept_beside_it(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, comments: int
) -> None:
    """A log holds no comments: the file that has them stays, and a note says where."""
    log, before = folder / "log.toml", folder / "log.toml~"
    log.write_text(text, "utf-8")
    proposed("log.toml")

    note = f"log.toml had {comments} comments, which a log does not hold"
    assert before.exists() is (note in capsys.readouterr().err) is (comments > 0)
    assert not comments or text == before.read_text("utf-8")
    assert 3 == len(chronicle.load(log, FACTS).proposals)


def test_an_export_keeps_the_comments_that_it_replaces(folder: Path) -> None:
    """It replaces the file on purpose, and a person wrote them."""
    log = Path("log.toml")
    proposed("log.toml")
    log.write_text(f"# why\n{log.read_text('utf-8')}", "utf-8")
    for _ in range(2):
        assert 0 == main(["export", "log.toml", "-o", "log.toml"])

    assert Path("log.toml~").read_text("utf-8").startswith("# why\n")
    assert 3 == len(chronicle.load(log, FACTS).proposals)


@pytest.mark.parametrize("log", ["log.db", "log.toml", "log.jsonl"])
def test_a_person_walks_through_the_queue(
    folder: Path, capsys: pytest.CaptureFixture[str], log: str
) -> None:
    """One is accepted, one rejected with a reason, one corrected, none is lost."""
    assert 1 == proposed(log)
    out, err = capsys.readouterr()
    assert "3 proposals were added, and 3 wait" in out
    assert "item 4: quote: is not in the document: 'as did Uzbekistan'" in err
    answers = [
        "a",
        "r",
        "",
        "r",
        "the year is not said",
        "c",
        "2015",
        "",
        "",
        "misread",
    ]
    shown = review(log, "\n".join([*answers, ""]))
    for text in (
        "proposal 1 of 3",
        "\u201cAzerbaijan joined the Bank\u201d",
        "a rejection needs a reason",
        'member ["KAZ"]: ',
        "3 proposals were decided, and 0 wait",
    ):
        assert text in shown
    found = (
        SQLiteStore(log, FACTS).read()
        if log.endswith(".db")
        else chronicle.load(log, FACTS)
        if log.endswith(".toml")
        else None
    )
    if found is not None:
        events = found.as_of("2016-12-31").events
        assert {"AZE", "KAZ"} == {
            event.what.member for event in events if isinstance(event.what, Joined)
        }
        assert {"2015"} == {str(event.when) for event in events}
        assert ["accepted", "rejected", "accepted"] == [
            one.status for one in found.all_proposals()
        ]
    assert "0 proposals were decided, and 0 wait" in review(log, "")
    assert 1 == proposed(log)
    assert "0 proposals were added, and 0 wait" in capsys.readouterr().out


def test_a_review_can_end_at_any_question(folder: Path) -> None:
    """What was decided until then is written."""
    proposed("log.db")
    assert "0 proposals were decided, and 3 wait" in review("log.db", "")
    assert "0 proposals were decided, and 3 wait" in review("log.db", "s\nx\nq\n")
    assert "0 proposals were decided, and 3 wait" in review("log.db", "r\n")
    assert "0 proposals were decided, and 3 wait" in review("log.db", "c\n")
    assert "1 proposal was decided, and 2 wait" in review("log.db", "a\n")


def test_a_correction_that_does_not_fit_is_asked_again(folder: Path) -> None:
    """The message names the field; numbers and lists are JSON, all else is text."""
    proposed("log.db")
    answers = [
        "c",
        "",
        "XXQ",
        "",
        "c",
        "",
        "",
        "5",
        "c",
        "",
        "UZB",
        "an other",
        "",
        "q",
    ]
    shown = review("log.db", "\n".join([*answers, ""]))
    assert "XXQ" in shown
    assert "body: is the number 5: write text" in shown
    with SQLiteStore("log.db", FACTS) as store:
        (event,) = store.read().as_of("2016-12-31").events
    assert Joined("UZB", "an other") == event.what


def test_what_a_proposal_would_correct_is_shown(folder: Path) -> None:
    """With the entry as it is now."""
    proposed("log.toml")
    log = chronicle.load("log.toml", FACTS).accept(0, by="Anna")
    better = log.all_proposals()[1].event.cited([Source("Another paper")])
    log = log.propose(better, by="Bela", supersedes=log[-1])
    chronicle.dump(log, "log.toml", FACTS)
    shown = review("log.toml", "s\ns\na\n")
    assert "corrects entry 3: 2015  Azerbaijan joins the Bank" in shown
    assert "  Another paper\n" in shown


VALUES: dict[object, tuple[object, object]] = {
    str: ("one", "two"),
    int: (2, 40),
    bool: (True, False),
    Decimal: (Decimal(1), Decimal(2)),
    Money: (Money(1, "USD"), Money(2, "USD")),
    Edtf: (Edtf("2019-08"), Edtf("2019-08-15")),
}


def changed_in_turn(kind: type) -> Iterator[object]:
    """A payload without optional values, one with all, and each with one changed."""
    pairs: dict[str, tuple[object, object]] = {}
    for name, part in payload_fields(kind).items():
        if part.is_of_actors:
            pairs[name] = ("AZE", "GEO") if pairs else ("CHN", "KAZ")
            if part.holds_several:
                pairs[name] = frozenset({"AZE", "CHN"}), frozenset({"GEO", "CHN"})
        else:
            # Of a union with None, what there may be beside it.
            pairs[name] = VALUES[members_of(part.type)[0]]
    needed = {name for name, part in payload_fields(kind).items() if part.required}
    for names in (needed, pairs):
        full = kind(**{name: pairs[name][0] for name in names})
        yield full
        for name in pairs:
            for value in {*pairs[name]} - {getattr(full, name, None)}:
                yield evolve(full, **{name: value})


@pytest.mark.parametrize("kind", FACTS)
def test_a_review_shows_each_field_of_a_fact(folder: Path, kind: str) -> None:
    """Whichever is changed to another value, the text changes."""
    whats = [*dict.fromkeys(changed_in_turn(FACTS.classes[kind]))]
    log = EventLog()
    for what in whats:
        log = log.propose(Event(what, when="2019"), by="a model")
    chronicle.dump(log, "log.toml", FACTS)
    said = review("log.toml", "s\n" * len(whats))
    shown = re.findall(r"proposal \d+ of \d+\n  \d+ ([^\[]*)accept, reject", said)

    assert len(whats) == len(shown) == len({*shown})


def test_a_review_shows_the_fields_of_a_claim_below_its_words(folder: Path) -> None:
    """By name, in full, with the place and the id; so does the table of a notebook."""
    what = AgreementSigned({"GEO", "CHN"}, "cooperation", count=10)
    event = Event(what, when="2019", where=Place("Baku", 40.4, 49.9), id="ten")
    better = evolve(event, what=evolve(what, count=40))
    log = EventLog.of(event).propose(better, by="a model", supersedes=0)
    chronicle.dump(log, "log.toml", FACTS)
    lines = [
        "parties: China (CHN), Georgia (GEO)",
        "title: cooperation",
        "count: 40",
        "where: Baku (40.4, 49.9)",
        "id: ten",
    ]
    shown = "\n".join(f"    {line}" for line in lines)
    words = "agreements: cooperation; place: Baku"
    said = review("log.toml", "q\n")

    assert f"  1  2019  40 {words}  (open, a model)\n{shown}\n" in said
    corrected = shown.replace("40\n", "10\n")
    assert f"  corrects entry 0: 2019  10 {words}\n{corrected}\n" in said
    assert "; ".join(lines) in str(log.proposals)
    assert "; ".join(lines) in log.proposals._repr_html_()


@pytest.mark.parametrize("answers", ["a", "c\n\n\n\nright"])
def test_an_acceptance_without_effect_is_told(folder: Path, answers: str) -> None:
    """With the entry that counts instead, and since when that is known."""
    log = EventLog.of(Event(Joined("AZE", "a bank"), when="2015"))
    better = Event(Joined("AZE", "a bank"), when="2016")
    log = log.propose(better, by="a model", supersedes=0)
    later = Event(Joined("AZE", "a bank"), when="2017")
    log = log.append(later, supersedes=0, known="2019-06-01")
    chronicle.dump(log, "log.toml", FACTS)

    assert (
        "accepted, but it does not count: replaced by a correction"
        " (entry 2, known since 2019-06-01)"
    ) in review("log.toml", f"{answers}\n")


def test_words_that_were_put_right_do_not_count_again(folder: Path) -> None:
    """Whoever proposes them: a correction stands, also one that is known all along."""
    wrong = Event(Joined("AZE", "a bank"), when="2015", id="x")
    right = Event(Joined("AZE", "the Bank"), when="2015", id="x")
    log = EventLog.of(wrong).append(right, supersedes=0)
    log = log.propose(wrong.cited(Source("A paper")), by="a model")
    chronicle.dump(log, "log.toml", FACTS)

    assert "accepted, but it does not count: " in review("log.toml", "a\n")


@pytest.mark.slow
def test_a_terminal_shows_what_is_typed_itself(folder: Path) -> None:
    """So the command does not repeat it there."""
    proposed("log.db")
    terminal, inner = pty.openpty()
    os.write(terminal, b"q\n")
    done = subprocess.run(
        [sys.executable, "-m", "bri_timeline", "review", "log.db", "--by", "Anna"],
        stdin=inner,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    os.close(terminal)
    os.close(inner)
    assert "[a/r/c/s/q] \n0 proposals were decided, and 3 wait\n" in done.stdout


# --- others write meanwhile -----------------------------------------------------------


class Reviewer:
    """A person at a review, who is asked and answers when the test wants it."""

    def __init__(self, log: str) -> None:
        command = [sys.executable, "-m", "bri_timeline", "review", log, "--by", "Anna"]
        pipe = subprocess.PIPE
        env = {**os.environ, "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=env)

    def asked(self, question: str = "[a/r/c/s/q] ") -> str:
        """What is shown until a question is asked."""
        assert self._process.stdout
        said = b""
        while not said.endswith(question.encode()):
            some = os.read(self._process.stdout.fileno(), 9999)
            assert some, said
            said += some
        return said.decode()

    def says(self, answer: str) -> None:
        """Answer the question."""
        assert self._process.stdin
        self._process.stdin.write(f"{answer}\n".encode())
        self._process.stdin.flush()

    def end(self) -> str:
        """What is shown after the last question."""
        said, _ = self._process.communicate(timeout=60)
        assert 0 == self._process.returncode
        return said.decode()


def in_file(log: str) -> EventLog:
    """The log in a file."""
    return read(Path(log), FACTS)


def statuses(log: str) -> dict[str, str]:
    """What became of each proposal, by the member that it is about."""
    return {one.event.what.member: one.status for one in in_file(log).all_proposals()}


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("log", ["log.db", "log.toml", "log.jsonl"])
def test_what_is_proposed_during_a_review_waits(
    folder: Path, log: str, trials: Callable[..., int]
) -> None:
    """And is asked about, after the others; what was decided before stays decided."""
    for number in range(trials(20, 20)):
        Path(log).unlink(missing_ok=True)
        Path("found.json").write_text(json.dumps(FOUND[:2]), "utf-8")
        proposed(log)
        anna = Reviewer(log)
        anna.asked()
        Path("found.json").write_text(json.dumps(FOUND[2:3]), "utf-8")
        assert 0 == proposed(log)
        anna.says("a")
        assert "proposal 2 of 3" in anna.asked()
        expected = {"AZE": "accepted", "CHN": "open", "KAZ": "open"}
        assert expected == statuses(log), number
        anna.says("s")
        assert "proposal 3 of 3" in anna.asked()
        anna.says("a")
        assert "2 proposals were decided, and 1 wait" in anna.end()
        expected = {"AZE": "accepted", "CHN": "open", "KAZ": "accepted"}
        assert expected == statuses(log), number


@pytest.mark.slow
@pytest.mark.parametrize("log", ["log.db", "log.toml"])
def test_what_somebody_else_has_decided_stays(folder: Path, log: str) -> None:
    """Who was asked meanwhile is told by whom, and is asked about the next."""

    def others(*changes: Callable[[EventLog], EventLog]) -> None:
        for change in changes:
            update(Path(log), change, FACTS, kind_of(Path(log), READ))

    proposed(log)
    anna = Reviewer(log)
    anna.asked()
    others(lambda log: log.reject(0, by="Bela", because="no"))
    anna.says("a")
    said = anna.asked()
    assert "it was rejected meanwhile by Bela: nothing was written" in said
    assert "proposal 2 of 3" in said
    others(lambda log: log.retract(1, because="my mistake"))
    anna.says("a")
    assert "it was withdrawn meanwhile: nothing was written" in anna.asked()
    anna.says("a")

    assert "1 proposal was decided, and 0 wait" in anna.end()
    assert {"AZE": "rejected", "CHN": "withdrawn", "KAZ": "accepted"} == statuses(log)


@pytest.mark.slow
def test_a_proposal_is_known_by_what_it_says(folder: Path) -> None:
    """Its position is another one, as an editor wrote an entry above it meanwhile."""
    first = Event(Joined("RUS", "x"), when="2014", id="first")
    better = Event(Joined("RUS", "the x"), when="2014", id="first")
    above = Event(Joined("UZB", "x"), when="2014")
    log = EventLog.of(first).propose(better, by="m", supersedes=0)
    new = EventLog.of(above, first).propose(better, by="m", supersedes=1)
    chronicle.dump(log, "log.toml", FACTS)
    anna = Reviewer("log.toml")
    assert "corrects entry 0: 2014  Russia" in anna.asked()
    chronicle.dump(new, "log.toml", FACTS)
    anna.says("a")

    assert "1 proposal was decided, and 0 wait" in anna.end()
    assert ["accepted"] == [one.status for one in in_file("log.toml").all_proposals()]
    assert {"x", "the x"} == {
        event.what.body for event in in_file("log.toml").as_of("2020-01-01").events
    }


def test_a_review_shows_no_control_characters(folder: Path) -> None:
    """Who proposes, what, and what is asked: a terminal would obey them."""
    hostile = "a\x1b[2J\u202e\x9b"
    event = Event(Joined("AZE", hostile), when="2015")
    log = EventLog().propose(event, by=hostile)
    with SQLiteStore("log.db", FACTS) as store:
        store.append(log)
    shown = review("log.db", "c\n\n\n\n\n")

    assert "body [" in shown
    assert not {"\x1b", "\u202e", "\x9b"} & {*shown, *str(log.proposals[0])}
    assert "\n" not in str(EventLog().propose(event, by="a\nb").proposals[0])


def test_a_log_that_keeps_no_queue_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says which formats do."""
    assert 2 == proposed("log.csv")
    assert ".toml, .jsonl, .db" in capsys.readouterr().err
