"""CSV: plain rows are read together, as each is read alone."""

from __future__ import annotations

import csv as plain_csv
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from attrs import Factory, field, frozen
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bri_timeline import Edtf, Entry, EventLog, Vocabulary
from bri_timeline._form import Codec
from bri_timeline.errors import FaultsError
from bri_timeline.formats import csv
from bri_timeline.formats.csv._columns import Row
from bri_timeline.formats.csv._rows import EntryReader
from bri_timeline.relations import Money


HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Colour(Enum):
    """A value that is one of a few."""

    RED = "red"
    SEVEN = "7"


class Level(Enum):
    """A number that is one of a few."""

    SEVEN = 7


@frozen
class Typed:
    """A payload with a field of each type."""

    text: str = 'as a "rule"'
    number: int | None = None
    parties: frozenset[str] = frozenset()
    stops: tuple[str, ...] = ()
    day: date | None = None
    period: Edtf | None = None
    colour: Colour | None = None
    level: Level | None = None
    either: int | str | None = None
    amount: Decimal | None = None
    flag: bool | None = None


@frozen
class Bare:
    """A payload that names its parties by itself."""

    member: str
    body: str = field(default="BRI", converter=str.upper)

    @property
    def parties(self) -> frozenset[str]:
        """The member."""
        return frozenset({self.member})


@frozen
class Strict:
    """A payload that refuses some values, and makes a default of another field."""

    number: int = field()
    text: str = Factory(lambda self: str(self.number), takes_self=True)

    @number.validator
    def _check(self, _attribute: object, value: int) -> None:
        if value > 1:
            message = "is too large"
            raise ValueError(message)


@frozen
class Priced:
    """A payload with another in it."""

    value: Money | None = None


WORDS = Vocabulary(Typed, Bare, Strict, Priced)
TEXTS = ["", "a", "A B", "a;b", "a a", "'=x", "d'accord", '"', "\\", "x,\ny", "[]"]
NUMBERS = ["", "0", "1", "-1", "-0", "01", "7", "1.50", "1e3", "9" * 15, "9" * 40]
ODD = ["null", "true", "red", "NaN", '["a"]', '{"a": 1}', "2016-02-30", "2016-02-29"]
CELLS = st.sampled_from([*TEXTS, *NUMBERS, *ODD])
COLUMNS = {
    "when": ["2016", "2016-02-29", "2015/2017", "{2015,2016}", "2016-02-30", ""],
    "kind": ["Typed", "Typed", "Bare", "Strict", "Priced", "Unheard", ""],
    "id": ["", "", "one", "two", "d'accord"],
    "parties": ["", "a", "A B", "b;a", '["a"]', "x x"],
    "source": ["", "Gazette", "d'accord", "Gazette 2"],
    "published": ["", "2016", "2016-13", "{2015,2016}"],
    "locator": ["", "p. 1"],
    "url": ["", "https://paper.example/1"],
    "known": ["", "2016-03-01", "all along", "day 99", "2016", "soon"],
    "entry": ["", "", "1", "2"],
    "supersedes": ["", "", "one", "1"],
    "retracts": ["", "", "", "two"],
    "version": ["", "", "1", "2"],
    "member": ["", "a", "b"],
    "body": ["", "", "BRI", "bri"],
    "value.amount": ["", "5", "1.5"],
    "value.currency": ["", "USD"],
    **dict.fromkeys(["text", "stops", "either", "flag"]),
    "number": NUMBERS,
    "amount": NUMBERS,
    "day": ["", "2016-02-29", "2016", "20160229"],
    "period": ["", "2016-02-29", "2016", "20160229"],
    "colour": ["", "red", "7", "blue"],
    "level": ["", "7", "red"],
}


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Return a table of few columns, whose rows are often plain."""
    some = draw(st.lists(st.sampled_from([*COLUMNS][2:]), unique=True, max_size=6))
    header = draw(st.permutations(["when", "kind", *some]))
    good = draw(st.integers(0, 9))
    cells = [
        CELLS if some is None else st.sampled_from(some[: 2 if good else None])
        for some in map(COLUMNS.get, header)
    ]
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=6))
    return [[*header], *map(list, rows)]


def _written(path: Path, table: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        plain_csv.writer(file).writerows(table)
    return path


def _outcome(path: Path) -> object:
    """Return what is read in a form that shows every difference, or its faults."""
    try:
        log = csv.load(path, WORDS)
    except FaultsError as error:
        return error.faults
    return [_shown(log), EventLog(log) == log]


def _one_by_one(path: Path) -> object:
    """Return the same, where no row is plain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv, "is_plain_row", lambda *_: False)
        return _outcome(path)


def _shown(log: EventLog) -> list[object]:
    return [
        (repr(entry), entry.known_day, event and (event.id, event._key, hash(event)))
        for entry in log
        for event in [entry.event]
    ]


@settings(HERE, max_examples=3 * settings().max_examples)
@example([["when", "kind", "number"], ["2016", "Strict", "1"], ["2016", "Strict", "2"]])
@example([["when", "kind", "stops"], ["2016", "Typed", "a a"]])
@example([["when", "kind", "parties"], ["2016", "Typed", "a a"]])
@example([["when", "kind", "member", "parties"], ["2016", "Bare", "a", "b"]])
@example([["when", "kind", "amount"], ["2016", "Typed", "7"]])
@example([["when", "kind", "colour"], ["2016", "Typed", "7"]])
@example([["when", "kind", "level"], ["2016", "Typed", "7"]])
@example([["when", "kind", "either"], ["2016", "Typed", "7"]])
@example([["when", "kind", "flag"], ["2016", "Typed", "1"]])
@example([["when", "kind", "flag"], ["2016", "Typed", "null"]])
@example([["when", "kind", "amount"], ["2016", "Typed", "1e3"]])
@example([["when", "kind", "parties"], ["2016", "Typed", '["a"]']])
@example([["when", "kind", "number"], ["2016", "Typed", '1,"text":"x"']])
@example([["when", "kind", "amount"], ["2016", "Typed", '1","text":"x']])
@example([["when", "kind", "value.amount"], ["2016", "Priced", "1.50"]])
@example(
    [
        ["when", "kind", "value.amount", "value.currency"],
        ["2016", "Priced", "1.50", "USD"],
        ["2016", "Priced", "", ""],
    ]
)
@given(table=tables())
def test_load_reads_plain_rows_together_as_one_by_one(
    tmp_path: Path, table: list[list[str]]
) -> None:
    """The same entries come of them, or the same faults in the same order."""
    path = _written(tmp_path / "table.csv", table)

    assert _one_by_one(path) == _outcome(path)


def test_load_reads_missing_values_among_plain_rows(tmp_path: Path) -> None:
    """Such a row is read alone, and the others are not."""
    rows = [["2016", "Typed", "n/a" if n == 7 else str(n)] for n in range(20)]
    path = _written(tmp_path / "table.csv", [["when", "kind", "number"], *rows])
    log = csv.load(path, WORDS, missing=["n/a"])

    numbers = [entry.claim.what.number for entry in log]
    assert [None if n == 7 else n for n in range(20)] == numbers


@pytest.mark.parametrize("odd", ["1.5", "d'accord", "2016-02-30", "x"])
@pytest.mark.parametrize("place", [0, 40, 99])
def test_load_reads_a_row_that_is_not_plain_among_many(
    tmp_path: Path, odd: str, place: int
) -> None:
    """A single row that has to be read alone changes nothing for the others."""
    rows = [["2016", "Typed", str(number), f"p. {number}"] for number in range(100)]
    rows[place][2] = odd
    head = ["when", "kind", "number" if odd == "x" else "either", "text"]
    path = _written(tmp_path / "table.csv", [head, *rows])

    assert _one_by_one(path) == _outcome(path)


@pytest.mark.parametrize("kind", WORDS)
def test_rows_of_these_kinds_can_be_read_together(kind: str) -> None:
    """Else the law above would compare reading one by one with itself."""
    assert Codec(WORDS).batch_payload_reader(kind, None) is not None


def test_load_lists_many_faults_of_plain_rows_in_the_order_of_lines(
    tmp_path: Path,
) -> None:
    """After a thousand faults reading stops, at the same one as row by row."""
    rows = [["2016", "Typed", "x"], ["2016", "Typed", "1", "more"]] * 700
    path = _written(tmp_path / "table.csv", [["when", "kind", "number"], *rows])

    found = _outcome(path)

    assert _one_by_one(path) == found
    assert 1_001 == len(found)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[int, Row]]]:
    """Return a list to which the rows are added that are read alone."""
    found, read = [], EntryReader.read

    def counting(reader: EntryReader, rows: list[tuple[int, Row]]) -> Entry | None:
        found.append(rows)
        return read(reader, rows)

    monkeypatch.setattr(EntryReader, "read", counting)
    return found


@pytest.mark.parametrize("count", [1_024, 4_096])
def test_load_reads_few_rows_alone_beside_one_that_is_not_plain(
    tmp_path: Path, count: int, alone: list[list[tuple[int, Row]]]
) -> None:
    """One row that needs care costs those next to it, and not all of the table."""
    rows = [["2016", "Typed", str(number)] for number in range(count)]
    rows[500][2] = "1.5"
    path = _written(tmp_path / "table.csv", [["when", "kind", "either"], *rows])

    with pytest.raises(FaultsError, match="line 502"):
        csv.load(path, WORDS)
    assert 32 == len(alone)


@pytest.mark.parametrize("columns", [["id"], ["entry"], ["entry", "id"]])
def test_load_reads_only_corrections_alone(
    tmp_path: Path, columns: list[str], alone: list[list[tuple[int, Row]]]
) -> None:
    """The names that a correction refers to slow down no other row."""
    head = [*columns, "when", "kind", "number", "supersedes"]
    names = [[str(n)] * len(columns) for n in range(2_000)]
    rows = [
        [*name, "2016", "Typed", str(n), str(n - 50) if n % 100 == 99 else ""]
        for n, name in enumerate(names)
    ]
    path = _written(tmp_path / "table.csv", [head, *rows])
    log = csv.load(path, WORDS)

    assert [*range(49, 2_000, 100)] == [e.supersedes for e in log if e.supersedes]
    assert 20 == len(alone)


def test_load_finds_the_claim_that_a_row_corrects_among_plain_rows(
    tmp_path: Path,
) -> None:
    """A row may name the id of a row that was read together with others."""
    rows = [["2016", "Typed", f"id {n}", ""] for n in range(3)]
    rows.append(["2017", "Typed", "", "id 1"])
    path = _written(
        tmp_path / "table.csv", [["when", "kind", "id", "supersedes"], *rows]
    )

    log = csv.load(path, WORDS)

    assert [None, None, None, 1] == [entry.supersedes for entry in log]
    assert "id 1" == log[3].event.id
