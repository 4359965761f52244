"""CSV: a log as a table and back, and tables that people write."""

from __future__ import annotations

import csv as plain_csv
import gzip
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import frozen
from fact_strategies import events
from format_strategies import FEW, WORDS, odd_logs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_strategies import logs

from bri_timeline import Entry, Event, EventLog, Place, Source, Unknown, Vocabulary
from bri_timeline.errors import EntryError, FaultsError, SelectionError
from bri_timeline.formats import csv
from bri_timeline.formats._files import Faults
from bri_timeline.formats._flat import neutral, plain
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Met, Money, Visited
from bri_timeline.testing import check_format


HEAD = "when,kind,member,body"
HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PAPER = Source("The Paper", published="2019-04", url="https://paper.example/1")


@frozen
class Odd:
    """A payload whose fields are hard to put into cells."""

    url: str | None = None
    when: int | str = 1
    known: tuple[str, ...] = ()
    money: Money | None = None
    pair: tuple[int, ...] = ()
    inner: Odd | None = None
    any: object = None
    ratio: Decimal = Decimal(0)


@frozen
class Stops:
    """A payload with a row of texts that must be given."""

    stops: tuple[str, ...]


texts = st.sampled_from(
    [
        "",
        "a",
        "1",
        "a b",
        "[",
        "NA",
        "=1+1",
        "'=x",
        "-5",
        "null",
        "NaN",
        "\r",
        '"',
        "x,\ny",
    ]
)
odd = st.deferred(
    lambda: st.builds(
        Odd,
        st.none() | texts,
        st.integers(0, 2) | texts,
        st.lists(texts, max_size=2).map(tuple),
        st.none() | st.just(Money(5, "USD")),
        st.lists(st.integers(0, 2), max_size=2).map(tuple),
        st.none() | odd,
        st.none() | texts | st.booleans(),
        st.sampled_from([Decimal("1.50"), Decimal("-1E+3"), Decimal(0)]),
    )
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "log.csv"


def read(
    path: Path,
    *rows: str,
    words: Vocabulary = FACTS,
    delimiter: str = ",",
    missing: Sequence[str] = (),
) -> EventLog:
    """The log of some rows."""
    path.write_text("\n".join(rows), "utf-8")
    return csv.load(path, words, delimiter=delimiter, missing=missing)


def faults_of(path: Path, *rows: str | bytes, words: Vocabulary = FACTS) -> list[str]:
    """What is said about some rows."""
    lines = [row if isinstance(row, bytes) else row.encode() for row in rows]
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(FaultsError) as caught:
        csv.load(path, words)
    return [str(fault) for fault in caught.value.faults]


def table_of(path: Path) -> list[dict[str, str]]:
    """The rows of a file, as another program reads them."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(plain_csv.DictReader(file))


# --- what is kept --------------------------------------------------------------------


@pytest.mark.slow
def test_check_format_passes_csv() -> None:
    """The laws of a format hold: a log comes back, and is written in one way."""
    check_format(csv)


@HERE
@given(log=logs())
def test_load_reads_what_dump_wrote(log: EventLog, tmp_path: Path) -> None:
    """What is read is what was written, and nothing is lost."""
    file = tmp_path / "log.csv"

    assert () == csv.dump(log, file, FEW)
    assert log == csv.load(file, FEW)


@HERE
@given(log=odd_logs())
def test_load_reads_every_part_of_an_entry(log: EventLog, tmp_path: Path) -> None:
    """Odd texts, unknown kinds and instants of recording are kept as they are."""
    file = tmp_path / "log.csv"
    csv.dump(log, file, WORDS)
    again = csv.load(file, WORDS)

    assert log == again
    assert [e.recorded_at for e in log] == [e.recorded_at for e in again]


@HERE
@given(found=events())
def test_the_facts_that_are_shipped_fit_into_cells(
    found: list[Event], tmp_path: Path
) -> None:
    """No fact that is shipped needs the column `line`."""
    file = tmp_path / "log.csv"
    csv.dump(EventLog.of(*found), file, FACTS)

    assert EventLog.of(*found) == csv.load(file, FACTS)
    assert not any(row.get("line") for row in table_of(file))


@HERE
@given(what=odd)
def test_odd_payloads_come_back(what: Odd, tmp_path: Path) -> None:
    """Inner payloads, unions and fields called like columns are kept."""
    log = EventLog.of(Event(what, when="2015"))
    file = tmp_path / "log.csv"
    csv.dump(log, file, Vocabulary(Odd))

    assert log == csv.load(file, Vocabulary(Odd))


@given(st.text("'=-+@1\t\r\n\uff1d.ex5;|", max_size=5))
def test_dump_writes_no_formulas(cell: str) -> None:
    """A cell that a spreadsheet would compute is neutral, and comes back."""
    safe = neutral(cell)

    assert cell == plain(safe)
    assert safe[:1] not in {*"\t\r\n"}
    if not re.fullmatch(r"[-+][0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?", cell):
        parts = re.split("[;|\t\r\n]", safe)  # whatever the delimiter is
        assert {part[:1] for part in parts}.isdisjoint("=-+@\uff1d")


def test_a_table_can_be_read_by_people(path: Path) -> None:
    """Parties are words, money has columns of its own, ten citations ten rows."""
    deal = AgreementSigned({"CHN", "AZE"}, "a, b", value=Money(300, "USD"))
    log = EventLog.of(
        Event(deal, when="2019-04-24", cite=[PAPER.at("p. 1"), Source("=1+1")]),
        Event(Visited("AZE", "CHN"), when="2015~", cite=PAPER, id="v"),
    )
    csv.dump(log, path, FACTS)
    first, second, third = table_of(path)

    assert ("0", "AZE CHN", "a, b") == (
        first["entry"], first["parties"], first["title"]
    )  # fmt: skip
    assert ("300", "USD") == (first["value.amount"], first["value.currency"])
    assert ("0", "", "'=1+1") == (second["entry"], second["when"], second["source"])
    assert ("v", "AZE", "2019-04-30") == (third["id"], third["guest"], third["known"])
    assert {"line", "recorded_at", "because", "version"}.isdisjoint(first)
    assert path.read_bytes().startswith(b"entry,id,when,kind,parties,")
    assert log == csv.load(path, FACTS)


def test_dump_writes_json_only_where_cells_do_not_suffice(path: Path) -> None:
    """A needed set that is empty, and knowledge all along, need no JSON."""
    event = Event(Stops(()), when="2015", cite=PAPER)
    log = EventLog([Entry(position=0, event=event)])
    csv.dump(log, path, Vocabulary(Stops))
    (row,) = table_of(path)

    assert ("all along", "[]", None) == (row["known"], row["stops"], row.get("line"))
    assert log == csv.load(path, Vocabulary(Stops))


def test_a_column_that_is_empty_is_left_out(path: Path) -> None:
    """A log without events has a header all the same."""
    csv.dump(EventLog(), path, FACTS)

    assert b"id,when,kind,parties,source,locator\r\n" == path.read_bytes()
    assert EventLog() == csv.load(path, FACTS)


def test_no_number_is_read_from_what_json_does_not_know(path: Path) -> None:
    """`NaN`, which many JSON readers take for a number, stays the text that it is."""
    log = read(path, "when,kind,any", "2015,Odd,NaN", words=Vocabulary(Odd))

    assert Odd(any="NaN") == log[0].claim.what


def test_load_upcasts_older_versions(path: Path) -> None:
    """A payload of version 2 is read as one, and the first is upcast."""
    words = Vocabulary(Joined, upcasts={Joined: (lambda fields: fields,)})
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015"))
    csv.dump(log, path, words)

    assert "2" == table_of(path)[0]["version"]
    assert log == csv.load(path, words)
    assert log == read(path, "when,kind,version,member,body", "2015,Joined,1,AZE,x",
                       words=words)  # fmt: skip


def test_part_of_a_log_gets_positions_of_its_own(path: Path) -> None:
    """What `among()` gives is numbered anew, and that is said."""
    log = EventLog.of(
        Event(Joined("CHN", "x"), when="2014"), Event(Joined("AZE", "x"), when="2015")
    )
    losses = csv.dump(log.among("AZE"), path, FACTS)

    assert ["entry 1: its position is now 0"] == [str(loss) for loss in losses]


# --- what people write ----------------------------------------------------------------


def test_load_needs_two_columns(path: Path) -> None:
    """Date and kind, and the fields of the kind, are an event."""
    log = read(path, HEAD, "2015~,Joined,AZE,AIIB")

    assert EventLog.of(Event(Joined("AZE", "AIIB"), when="2015~")) == log


def test_columns_come_in_any_order(path: Path) -> None:
    """Citations, days of knowledge and targets are read from their columns."""
    log = read(
        path,
        "\ufeffknown,entry,kind,when,body,member,source,published,locator,supersedes,"
        "retracts,because",
        ",a,Joined,2015,x,AZE,The Paper,2019-04,p. 1,,,",
        "2020-01-01,,Joined,2016,x,AZE,,,,a,,misread",
        "all along,,,,,,,,,,a,",
    )
    said = Source("The Paper", published="2019-04").at("p. 1")
    expected = EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=said))
    event = Event(Joined("AZE", "x"), when="2016")
    expected = expected.append(
        event, supersedes=0, known="2020-01-01", because="misread"
    )

    assert list(expected) == list(log)[:2]
    assert (0, None) == (log[2].retracts, log[2].known)


def test_load_takes_ids_as_targets(path: Path) -> None:
    """A correction may name the id of what it corrects."""
    head = "id,when,kind,member,body,supersedes"
    log = read(path, head, "a,2015,Joined,AZE,x,", ",2016,Joined,AZE,x,a")

    assert (0, "a") == (log[1].supersedes, log[1].claim.id)


def test_load_reads_na_as_text(path: Path) -> None:
    """`NA` stands for nothing only where that is said."""
    log = read(path, HEAD, "2015,Joined,NAM,NA")

    assert Joined("NAM", "NA") == log[0].claim.what
    with pytest.raises(FaultsError, match="body: is missing"):
        read(path, HEAD, "2015,Joined,NAM,NA", missing=["NA"])


def test_load_refuses_one_text_for_what_is_missing(path: Path) -> None:
    """Its letters would mean no value, and the text itself would stay."""
    with pytest.raises(SelectionError, match="'NA' is one text, and several"):
        read(path, HEAD, "2015,Joined,NAM,NA", missing="NA")


def test_other_delimiters_can_be_named(path: Path) -> None:
    """A table with semicolons is read when that is said."""
    rows = [row.replace(",", ";") for row in (HEAD, "2015,Joined,AZE,x")]

    assert 1 == len(read(path, *rows, delimiter=";"))
    assert (
        "line 1: has one column, 'when;kind;member;body': say load("
        in (faults_of(path, *rows)[0])
    )


def test_lists_are_words_or_json(path: Path) -> None:
    """Parties have spaces or semicolons between them, or are JSON."""
    head = "when,kind,parties"
    rows = "2015,Met,AZE CHN", "2015,Met,AZE; CHN", '2015,Met,"[""AZE"", ""CHN""]"'

    assert {Met({"AZE", "CHN"})} == {e.claim.what for e in read(path, head, *rows)}


def test_packed_tables_are_read(path: Path) -> None:
    """What gzip packed is unpacked, and empty rows are passed over."""
    path.write_bytes(gzip.compress(f"{HEAD}\n\n,,,\n2015,Joined,AZE,x".encode()))

    assert 1 == len(csv.load(path, FACTS))


def test_cells_may_hold_lines(path: Path) -> None:
    """Line breaks within quotes are text, and later rows keep their lines."""
    log = read(path, HEAD, '2015,Joined,AZE,"a\n\nb"')

    assert Joined("AZE", "a\n\nb") == log[0].claim.what
    found = faults_of(path, HEAD, '2015,Joined,AZE,"a\n\nb"', "x,Joined,AZE,x")
    assert found[0].startswith("line 5: when: 'x' is not an EDTF date")


def test_load_keeps_rows_that_differ_under_one_id(path: Path) -> None:
    """Duplicate ids with different dates are both read, and reported by the view."""
    head = "id,when,kind,member,body"
    log = read(path, head, "a,2015,Joined,AZE,x", "a,2016,Joined,AZE,x")

    assert 1 == len(log.as_of("2020-01-01").disputes)


# --- what fails ----------------------------------------------------------------------


DOTTED = "line 1: 'value amount': is neither a column nor a field of a payload."


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([""], "line 1: is missing: begin with a header"),
        (["when,kind,when", "2015,x,2015"], "line 1: has the column 'when' twice"),
        (["kind"], "line 1: has no column `when`"),
        (["when,kind,value amount"], f"{DOTTED} Did you mean 'value.amount'?"),
        (["when,kind,membr"], "line 1: 'membr': is neither a column nor a field of a"),
        (["when,kind,xyzzy"], "line 1: 'xyzzy': is neither a column nor a field of a"),
        ([HEAD, "2015,Joined,AZE"], "line 2: has 3 cells, and the header has 4"),
        ([HEAD, '2015,Joined,AZE,"x'], "line 2: begins a cell that does not end"),
        ([HEAD, '2015,Joined,AZE,"x"y'], "line 2: is not a row of RFC 4180"),
        ([HEAD + "\r2015,Joined,AZE,x"], "line 1: has a line end that RFC 4180 does"),
        ([HEAD, b"2015,Joined,AZE,\xe9"], "line 2: is not in UTF-8"),
        ([HEAD.encode("utf-16")], "line 1: is in UTF-16"),
        ([HEAD, ",,AZE,x"], "line 2: kind: is empty"),
        ([HEAD, "2015-13,Joined,AZE,x"], "line 2: when: '2015-13' is not an EDTF date"),
        ([HEAD, "2017/2015,Joined,AZE,x"], "line 2: when: '2017/2015' is not an EDTF"),
        ([HEAD, "2015,Joind,AZE,x"], "line 2: kind: the vocabulary has no 'Joind'. D"),
        ([HEAD, "2015,Jnd,AZE,x"], "line 2: kind: the vocabulary has no 'Jnd'. It has"),
        ([HEAD, "2015,Joined,AZQ,x"], "line 2: member: 'AZQ' is not the code"),
        ([HEAD + ",host", "2015,Joined,AZE,x,CHN"], "line 2: host: is 'CHN', and a Jo"),
        ([HEAD + ",parties", "2015,Joined,AZE,x,CHN"], "line 2: parties: is 'CHN', an"),
        ([HEAD + ",version", "2015,Joined,AZE,x,9"], "line 2: version: the vocabulary"),
        ([HEAD + ",version", "2015,Joined,AZE,x,b"], "line 2: version: invalid lit"),
        ([HEAD + ",known", "2015,Joined,AZE,x,2015"], "line 2: known: '2015'"),
        ([HEAD + ",recorded_at", "2015,Joined,AZE,x,now"], "line 2: recorded_at: now"),
        ([HEAD + ",locator", "2015,Joined,AZE,x,p. 1"], "line 2: source: is empty"),
        ([HEAD + ",source,published", "2015,Joined,AZE,x,a,b"], "line 2: published: "),
        ([HEAD + ",source,published,accessed", "2015,Joined,AZE,x,a,2015,b"],
         "line 2: accessed: 'b' is not an EDTF date"),
        ([HEAD + ",source,digest", "2015,Joined,AZE,x,a,b"], "line 2: digest: 'b' is"),
        ([HEAD, '"{2015,2016}",Joined,AZE,x'], "line 2: when: '{2015,2016}' is sever"),
        ([HEAD + ",supersedes", "2015,Joined,AZE,x,b"], "line 2: supersedes: is 'b', "),
        ([HEAD + ",retracts", "2015,Joined,AZE,x,b"], "line 2: body: is 'x', in a"),
        ([HEAD + ",id,supersedes", "2015,Joined,AZE,x,a,", "2016,Joined,AZE,x,a,",
          "2016,Joined,AZE,x,,a"], "line 4: supersedes: is 'a', which is the "),
        ([HEAD + ",entry,retracts,supersedes", "2015,Joined,AZE,x,a,,", ",,,,b,a,",
          "2016,Joined,AZE,x,c,,b"], "line 4: supersedes: is 'b', which claims"),
        ([HEAD + ",entry", "2015,Joined,AZE,x,a", "2015,Joined,AZE,x,a"],
         "line 3: body: is 'x': a further row of an entry has only a source"),
        ([HEAD + ",entry", "2015,Joined,AZE,x,a", "2015,Joined,AZE,x,b",
          "2015,Joined,AZE,x,a"], "line 4: entry: is 'a', as further up"),
        ([HEAD + ",line", "2015,Joined,AZE,x,{}"], "line 2: line: position: is miss"),
        (["when,kind,value.amount", "2015,Joined,5"], "line 2: value.amount: is '5',"),
        (["when,kind,parties,title,value.amount.x"], "line 1: 'value.amount.x': is ne"),
        (["when,kind,parties,title,value.amount", "2015,AgreementSigned,AZE,x,5"],
         "line 2: value.currency: is missing"),
    ],
)  # fmt: skip
def test_faults_have_their_line_and_column(
    path: Path, rows: list[str | bytes], said: str
) -> None:
    """Each fault of a table says where it is, what it is and what to do."""
    assert faults_of(path, *rows)[0].startswith(said)


def test_all_faults_are_reported(path: Path) -> None:
    """Several rows can be wrong, and several cells of a row."""
    found = faults_of(
        path, HEAD, "x,Joined,AZQ,x", "2015,Joined,AZE,x", "y,Joined,AZE,"
    )

    assert ["line 2: member", "line 2: when", "line 4: body", "line 4: when"] == [
        ": ".join(fault.split(": ")[:2]) for fault in found
    ]


def test_load_reports_cells_that_contradict_the_line(path: Path) -> None:
    """A cell that contradicts the column `line` is a fault, and so is its place."""
    log = EventLog.of(Event(Unknown("Tariff", 1, b"{}"), when="2015"))
    csv.dump(log, path, FACTS)
    text = path.read_text("utf-8")

    assert log == csv.load(path, FACTS)
    changed = text.replace("2015,", "2016,", 1)
    said = "line 2: when: is '2016', and in the column `line` it is '2015'"
    assert [said] == faults_of(path, changed)
    header, row = text.splitlines()
    assert (
        "line 3: line: has the position 0, and is entry 1"
        in (faults_of(path, header, row, row)[0])
    )


def test_dump_refuses_a_cell_that_is_too_long(path: Path) -> None:
    """What could not be read again is not written."""
    log = EventLog.of(Event(Joined("AZE", "x" * 200_000), when="2015"))
    with pytest.raises(EntryError, match=r"entry 0 has 200000 characters in a cell"):
        csv.dump(log, path, FACTS)

    assert not path.exists()


def test_a_cell_that_is_never_closed_is_bounded(path: Path) -> None:
    """A quote that swallows the rest of a file is found early."""
    found = faults_of(path, HEAD, '2015,Joined,AZE,"x', *["y" * 100] * 5000)

    assert found[0].startswith("line 2: begins a cell that does not end within 131072")


class Compared(str):
    """A cell that counts how often one is compared with another."""

    count = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Compared.count += 1
        return str.__eq__(self, other)


def test_a_wide_header_is_read_in_linear_work() -> None:
    """Twice as many columns are twice as much work, and not four times."""
    work = []
    for width in (100, 200, 400):
        faults = Faults("a.csv")
        table = csv._CsvTable(faults, FACTS, ",", frozenset())
        header = [
            *map(Compared, ("when", "kind")),
            *(Compared(n) for n in range(width)),
        ]
        Compared.count = 0
        assert not table._is_header(1, header)
        work.append(Compared.count)

    assert work[2] <= 5 * max(work[0], 10)


def test_a_place_has_columns_of_its_own(path: Path) -> None:
    """Its parts are cells; a table without places has none of these columns."""
    joined = Joined("AZE", "b")
    places = Place("=Baku", -40.4, 49.9, "exact"), Place("", 1, -2), Place("Baku")
    log = EventLog.of(
        *(Event(joined, when=f"201{n}", where=one) for n, one in enumerate(places))
    )
    csv.dump(log, path, FACTS)
    head, first, second, _ = path.read_text().splitlines()

    assert "place name,place latitude,place longitude,place precision" in head
    assert "'=Baku,-40.4,49.9,exact" in first
    assert ",,1.0,-2.0," in second
    assert "line" not in head
    assert log == csv.load(path, FACTS)
    assert "place" not in csv.dumps(EventLog.of(Event(joined, when="2015")), FACTS)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("Baku,x,49.9", "place latitude: 'x' is not a number of degrees"),
        ("Baku,nan,49.9", "place name: .* latitude nan is not between"),
        ("Baku,40.4,", "place name: .* it has one coordinate"),
    ],
)
def test_cells_that_are_not_a_place_are_a_fault(cells: str, problem: str) -> None:
    """A fault names the line and the column."""
    head = "when,kind,member,body,place name,place latitude,place longitude"

    with pytest.raises(FaultsError, match=f"line 2: {problem}"):
        csv.loads(f"{head}\n2015,Joined,AZE,b,{cells}\n", FACTS)


# Rows of a table with the columns entry, when, kind, guest and host.
_LINES = (
    ",2019,Visited,AZE,CHN",
    ",soon,Visited,AZE,CHN",
    ",2019,Visited,AZE",
    "a,soon,Visited,AZE,CHN",
    "a,,,,,",
    "b,2019,Visited,Nowhere,CHN",
)


@given(rows=st.lists(st.sampled_from(_LINES), max_size=8))
def test_faults_come_in_the_order_of_the_lines(rows: list[str]) -> None:
    """Those of rows with too few cells among those of cells."""
    text = "\n".join(["entry,when,kind,guest,host", *rows, _LINES[1]])
    with pytest.raises(FaultsError) as caught:
        csv.loads(text, FACTS)
    lines = [int(re.findall(r"\d+", f.place)[0]) for f in caught.value.faults]

    assert sorted(lines) == lines
