"""JSON Lines: all of a log comes back, and a damaged file is said to be one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import jsonschema
import pytest
from format_strategies import FEW, WORDS, odd_logs
from hypothesis import HealthCheck, given, settings
from log_strategies import logs, reviewed_logs

from bri_timeline import Event, EventLog, Source, Unknown, Vocabulary
from bri_timeline.errors import EntryError, FaultsError, VocabularyError
from bri_timeline.formats import Loss, _files, jsonl
from bri_timeline.relations import FACTS, Joined
from bri_timeline.testing import check_format


HEAD = '{"format":"bri_timeline","version":1}\n'
SAID = Source("The Paper", published="2019-04")
JOINED = Event(Joined("AZE", "x"), when="2015", cite=SAID.at("p. 1"), id="a")
HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def line(position: int, **more: object) -> str:
    """The text of an entry that reports a membership."""
    what = {"member": "AZE", "body": "x"}
    event = {"kind": "Joined", "version": 1, "what": what, "when": "2015"}
    return json.dumps({"position": position, "event": event} | more) + "\n"


def faults_of(path: Path, text: str | bytes) -> list[str]:
    """What is said about a file."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FaultsError) as caught:
        jsonl.load(path, FACTS)
    assert str(path) == caught.value.document
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "log.jsonl"


# --- what is kept --------------------------------------------------------------------


def test_check_format_passes_jsonl() -> None:
    """The laws of a format hold: a log comes back, and is written in one way."""
    check_format(jsonl)


@HERE
@given(log=logs())
def test_load_reads_what_dump_wrote(log: EventLog, tmp_path: Path) -> None:
    """What is read is what was written, and nothing is lost."""
    file = tmp_path / "log.jsonl"

    assert () == jsonl.dump(log, file, FEW)
    assert log == jsonl.load(file, FEW)


@HERE
@given(log=odd_logs())
def test_load_reads_every_part_of_an_entry(log: EventLog, tmp_path: Path) -> None:
    """Odd texts, unknown kinds and instants of recording are kept as they are."""
    file = tmp_path / "log.jsonl.gz"
    jsonl.dump(log, file, WORDS)
    again = jsonl.load(file, WORDS)

    assert log == again
    assert [e.recorded_at for e in log] == [e.recorded_at for e in again]


@HERE
@given(log=odd_logs() | reviewed_logs())
def test_every_line_fits_the_schema(log: EventLog, tmp_path: Path) -> None:
    """The JSON Schema that is shipped admits each line that is written."""
    schema = json.loads(jsonl.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    file = tmp_path / "log.jsonl"
    jsonl.dump(log, file, WORDS)

    for text in file.read_bytes().splitlines():
        validator.validate(json.loads(text))


def test_schema_refuses_faulty_lines() -> None:
    """A line without a position, or with one more field, does not fit."""
    validator = jsonschema.Draft202012Validator(json.loads(jsonl.schema()))

    assert validator.is_valid(json.loads(line(0)))
    assert not validator.is_valid(json.loads(line(0, event={})))
    assert not validator.is_valid(json.loads(line(0, mood="good")))
    assert not validator.is_valid({"format": "bri_timeline", "version": 2})


def test_many_entries_come_back(path: Path) -> None:
    """A log is not read or written all at once."""
    log = EventLog().extend(
        Event(Joined("AZE", str(number)), when="2015") for number in range(2100)
    )
    jsonl.dump(log, path, FACTS)

    assert log == jsonl.load(path, FACTS)


def test_a_file_that_was_changed_is_refused_by_its_digest(path: Path) -> None:
    """A changed letter is an error; other line ends and empty lines are not."""
    log = EventLog.of(JOINED, Event(Joined("CHN", "x"), when="2016"))
    jsonl.dump(log, path, FACTS)
    text = path.read_text()
    path.write_bytes(text.replace("\n", "\r\n\r\n").encode())
    assert log == jsonl.load(path, FACTS)

    path.write_text(text.replace("The Paper", "The Piper"))
    with pytest.raises(FaultsError, match='leave the "digest" out of its first line'):
        jsonl.load(path, FACTS)
    head, *rest = path.read_text().splitlines(keepends=True)
    path.write_text(head.split(',"digest"')[0] + "}\n" + "".join(rest))
    assert "Piper" in str(jsonl.load(path, FACTS)[0].claim.cite[0])


def test_packed_files_are_the_same_each_time(tmp_path: Path) -> None:
    """A `.gz` file holds neither a time nor a name."""
    first, second = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    jsonl.dump(EventLog.of(JOINED), first, FACTS)
    jsonl.dump(EventLog.of(JOINED), second, FACTS)

    assert first.read_bytes() == second.read_bytes()
    assert bytes(4) == first.read_bytes()[4:8]
    assert gzip.decompress(first.read_bytes()).startswith(b'{"format":"bri_timeline"')


def test_part_of_a_log_gets_positions_of_its_own(path: Path) -> None:
    """What `among()` gives is numbered anew, and that is said."""
    other = Event(Joined("CHN", "x"), when="2014")
    log = EventLog.of(other, JOINED, other.cited(())).append(
        Event(Joined("AZE", "y"), when="2016"), supersedes=1
    )
    losses = jsonl.dump(log.retract(2, because="no").among("AZE"), path, FACTS)
    again = jsonl.load(path, FACTS)

    assert Loss("entry 1", "its position is now 0") == losses[0]
    assert "entry 2: its position is now 1" == str(losses[1])
    assert [(None, None), (0, None), (None, 1)] == [
        (entry.supersedes, entry.retracts) for entry in again
    ]


def test_entries_are_read_one_by_one(path: Path) -> None:
    """The first entry is there before the second line is looked at."""
    path.write_text(HEAD + line(0) + "{}\n" + line(2))
    found = jsonl.entries(path, FACTS)

    assert 0 == next(found).position
    with pytest.raises(FaultsError, match="line 3: position: is missing"):
        next(found)


def test_unknown_kinds_can_be_refused(path: Path) -> None:
    """They are kept, unless they are said to be faults."""
    path.write_text(HEAD + line(0))

    assert isinstance(jsonl.load(path, Vocabulary())[0].claim.what, Unknown)
    with pytest.raises(FaultsError, match=r"line 2: event\.kind"):
        jsonl.load(path, Vocabulary(), unknown_ok=False)


def test_load_skips_byte_order_marks_and_empty_lines(path: Path) -> None:
    """A byte order mark, empty lines and other line ends change nothing."""
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEAD}\n{line(0)}".encode())
    plain = jsonl.load(path, FACTS)
    path.write_bytes((HEAD + line(0)).replace("\n", "\r\n").encode())

    assert 1 == len(plain)
    assert plain == jsonl.load(path, FACTS)


# --- what fails ----------------------------------------------------------------------


def test_dump_that_fails_leaves_the_file_unchanged(path: Path) -> None:
    """After an error the file is as it was, and nothing else is in the folder."""
    path.write_text("before")
    with pytest.raises(VocabularyError):
        jsonl.dump(EventLog.of(JOINED), path, Vocabulary())
    with pytest.raises(EntryError):
        jsonl.dump(
            EventLog.of(Event(Joined("AZE", "x"), when="2015", id="\ud800")),
            path,
            FACTS,
        )

    assert "before" == path.read_text()
    assert [path] == list(path.parent.iterdir())


def test_dump_follows_a_link(path: Path) -> None:
    """What a link points to is replaced, and not the link."""
    link = path.with_name("link")
    link.symlink_to(path)
    jsonl.dump(EventLog(), link, FACTS)

    assert link.is_symlink()
    assert EventLog() == jsonl.load(path, FACTS)


def test_load_reports_each_fault_with_its_line(path: Path) -> None:
    """All faults are said at once, each with line and field."""
    text = HEAD + line(0, mood="x") + "nonsense\n" + line(2) + line(7) + line(4)
    text = text.replace('"AZE"', '"AZQ"', 1)
    found = faults_of(path, text)

    assert 4 == len(found)
    assert found[0].startswith("line 2: mood: entry has no such field")
    assert found[1].startswith(
        "line 2: event.what.member: 'AZQ' is not the code of an actor"
    )
    assert found[2].startswith("line 3: is not a JSON object")
    assert found[3].startswith("line 5: position: is 7: entries are in order")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"supersedes": 1}, "line 3: supersedes: is 1: name an entry above"),
        ({"retracts": 5, "event": None}, "line 3: retracts: is 5: name an entry above"),
    ],
)
def test_load_refuses_targets_below_their_entry(
    path: Path, more: dict[str, object], said: str
) -> None:
    """Nothing corrects or retracts itself, or what comes later."""
    assert faults_of(path, HEAD + line(0) + line(1, **more))[0].startswith(said)


def test_a_retraction_is_not_corrected(path: Path) -> None:
    """A retraction claims nothing that could be corrected."""
    text = HEAD + line(0) + line(1, retracts=0, event=None) + line(2, supersedes=1)

    assert "which claims nothing: retract it instead" in faults_of(path, text)[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: is missing: begin the file with"),
        ("\n", "line 1: is missing: begin the file with"),
        (line(0), "line 1: does not say what the file is"),
        (HEAD.replace("bri_", ""), "line 1: says that the format is 'timeline'"),
        (HEAD.replace("1", "2"), "line 1: says that the version is 2: this program"),
        (HEAD.encode("utf-16"), "line 1: is in UTF-16: save the file in UTF-8"),
        (HEAD.encode() + b"\xff\n", "line 2: is not in UTF-8: save the file"),
        (gzip.compress(HEAD.encode(), mtime=0)[:20], "line 1: cannot be unpacked"),
    ],
)
def test_load_refuses_files_that_are_not_a_log(
    path: Path, text: str | bytes, said: str
) -> None:
    """A file that does not begin as it should, or is damaged, is a clear error."""
    assert faults_of(path, text)[0].startswith(said)


def test_load_refuses_a_file_that_is_cut_off(path: Path) -> None:
    """Lines that are missing at the end are missed, and half a line is none."""
    jsonl.dump(EventLog.of(JOINED, JOINED.cited(())), path, FACTS)
    whole = path.read_bytes()
    path.write_bytes(whole)
    one = whole[: whole.rindex(b"\n", 0, -1) + 1]

    said = faults_of(path, one)[0]
    assert said.startswith("file: has 1 entries, and its first line says 2: it is cut")
    assert faults_of(path, whole[:-9])[0].startswith("line 3: is not a JSON object")


def test_a_line_that_is_too_long_is_reported_and_skipped(path: Path) -> None:
    """A line of more than 1 MiB is a fault; the next is read."""
    most = _files.LONGEST
    long = f"{'x' * 9 * most}\n{'y' * (most + 1)}\n"
    found = faults_of(path, HEAD + long + line(3))

    assert found == [
        f"line 2: is longer than {most} bytes, which is all that is read",
        f"line 3: is longer than {most} bytes, which is all that is read",
        "line 4: position: is 3: entries are in order, and here is 0",
    ]


def test_a_file_that_is_too_large_is_refused(path: Path) -> None:
    """A file of more than 1 GiB is refused, and one that unpacks to too much."""
    bomb = gzip.compress(HEAD.encode() + b" \n" * 400_000)
    long = gzip.compress(HEAD.encode() + b"x" * (_files.LONGEST + 1))
    most = (8 << 20) + 64 * len(bomb)
    with path.open("wb") as file:
        file.truncate(_files.LARGEST + 1)  # takes no room on the disk
    with pytest.raises(FaultsError, match=r"file: has 1073741825 bytes: at most"):
        jsonl.load(path, FACTS)

    assert f"is past the first {most} bytes" in faults_of(path, bomb)[0]
    assert f"is longer than {_files.LONGEST} bytes" in faults_of(path, long)[0]


def test_damage_within_a_line_that_is_too_long_is_skipped(path: Path) -> None:
    """The line is reported as too long, and the damage in it is not."""
    packed = gzip.compress(HEAD.encode() + b"x" * 9 * _files.LONGEST)[:-9]

    assert (
        f"line 2: is longer than {_files.LONGEST} bytes" in faults_of(path, packed)[0]
    )


def test_faults_are_bounded(path: Path) -> None:
    """After a thousand faults no more are looked for."""
    found = faults_of(path, HEAD + "x\n" * 5000)

    assert 1001 == len(found)
    assert "line 1001: was the last line that was read" == found[-1]
