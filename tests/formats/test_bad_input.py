"""Bad input, for each reader: an error or a report, and nothing lost in silence."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline.errors import FaultsError
from bri_timeline.formats import (
    arrow,
    bibtex,
    chronicle,
    csl,
    csv,
    gdelt,
    icews,
    jsonl,
    plover,
    tables,
    timelinejs,
    ucdp,
)
from bri_timeline.formats._foreign import Imported
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.relations import FACTS, Joined, Visited


WORDS = FACTS | Vocabulary(Slide)
PAPER = Source("The Paper", published="2019-04-24")
LOG = EventLog.of(
    Event(Visited("AZE", "CHN"), when="2015", cite=PAPER.at("p. 1"), id="visit"),
    Event(Joined("AZE", "=1+1"), when="2016-03", cite=PAPER, id="joined"),
)
SLIDES = EventLog.of(Event(Slide("A visit"), when="2015-03-01"))
TABLE = tables.declared(
    {
        "title": "Members",
        "coverage": "2013/2025",
        "source": {"title": "A list"},
        "events": [
            {
                "kind": "Joined",
                "id": "{name}",
                "when": {"column": "when", "format": "yyyy"},
                "fields": {
                    "member": {"column": "code", "as": "iso3"},
                    "body": "{name}",
                },
            }
        ],
    },
    name="table",
)
ICEWS = (
    "Event ID\tEvent Date\tSource Name\tSource Country\tCAMEO Code\tTarget Name\t"
    "Target Country\tStory ID\tPublisher\n"
    "1\t2018-06-01\tXi Jinping\tChina\t042\tKazakhstan\tKazakhstan\t7\tA Paper\n"
)
GDELT = "\t".join(
    ["1", "20180101", *[""] * 3, "CHN", "CHINA", "CHN", *[""] * 7, "KAZ", "KAZ", "KAZ"]
    + [""] * 8
    + ["042", *[""] * 29, "20180102", "http://a"]
)
UCDP = (
    "id,side_a,side_b,type_of_violence,country,best,low,high,date_start,date_end,"
    "date_prec,source_office,source_date,source_headline,source_original\n"
    "1,Government of Yemen,Houthi,1,Yemen,2,1,3,2015-04-30,2015-04-30,1,,,,\n"
)
STORY = ("1", "2015-04-30", "CONSULT", "visit", "Xi Jinping", "CHN", "Astana", "KAZ",
         "A Paper", "2015-05-01")  # fmt: skip
POLECAT = "\t".join(plover._COLUMNS) + "\n" + "\t".join(STORY) + "\n"
RECORD = {
    "id": "1",
    "date": "2015-04-30",
    "event": "CONSULT",
    "mode": "visit",
    "source": [{"code": "CHN", "actorText": "Xi Jinping"}],
    "target": {"code": "KAZ"},
}

Read = Callable[[Path], object]


@frozen
class Reader:
    """A reader, with a good file.

    Attributes:
        name: How a file of it is called.
        read: Reads it.
        write: Writes a good file.
        is_counted: A file that was cut off anywhere cannot be taken for a whole one.
        packed: It reads what was packed by gzip.
        parted: It parts cells by something.
        sniffed: Its encoding and delimiter are found out, which a remark says.
    """

    name: str
    read: Read
    write: Callable[[Path], object]
    is_counted: bool = False
    packed: bool = False
    parted: str = ""
    sniffed: bool = False


def text(content: str) -> Callable[[Path], object]:
    """What writes a text."""
    return lambda path: path.write_text(content, "utf-8")


def quadruples(path: Path) -> Imported:
    """Read quadruples, with dictionaries of two names and one relation."""
    names = {"who": "China\t0\nKazakhstan\t1\n", "what": "Make a visit\t0\n"}
    for name, content in names.items():
        path.with_name(name).write_text(content, "utf-8")
    return icews.load_quadruples(
        path,
        entities=path.with_name("who"),
        relations=path.with_name("what"),
        since="2014-01-01",
        title="ICEWS",
    )


READERS = [
    Reader(
        "log.toml",
        lambda path: chronicle.load(path, WORDS),
        lambda path: chronicle.dump(LOG, path, WORDS),
    ),
    Reader(
        "log.jsonl",
        lambda path: jsonl.load(path, WORDS),
        lambda path: jsonl.dump(LOG, path, WORDS),
        is_counted=True,
        packed=True,
    ),
    Reader(
        "log.csv",
        lambda path: csv.load(path, WORDS),
        lambda path: csv.dump(LOG, path, WORDS),
        packed=True,
        parted=",",
    ),
    Reader(
        "log.parquet",
        lambda path: arrow.load(path, WORDS),
        lambda path: arrow.dump(LOG, path, WORDS),
        is_counted=True,
    ),
    Reader(
        "log.arrow",
        lambda path: arrow.load(path, WORDS),
        lambda path: arrow.dump(LOG, path, WORDS),
        is_counted=True,
    ),
    Reader(
        "slides.json",
        lambda path: timelinejs.load(path, WORDS),
        lambda path: timelinejs.dump(SLIDES, path, WORDS),
        is_counted=True,
    ),
    Reader("sources.json", csl.load, lambda path: csl.dump(LOG, path), is_counted=True),
    Reader("sources.bib", bibtex.load, lambda path: bibtex.dump(LOG, path)),
    Reader(
        "table.csv",
        lambda path: tables.load(path, TABLE, WORDS),
        text("when,code,name\n2015,AZE,x\n2016,CHN,y\n"),
        packed=True,
        parted=",",
        sniffed=True,
    ),
    Reader("icews.tab", icews.load, text(ICEWS), packed=True, parted="\t"),
    Reader("gdelt.tab", gdelt.load, text(GDELT + "\n"), packed=True, parted="\t"),
    Reader("ucdp.csv", ucdp.load, text(UCDP), packed=True, parted=","),
    Reader("polecat.tab", plover.load_table, text(POLECAT), packed=True, parted="\t"),
    Reader(
        "quadruples.tab",
        lambda path: quadruples(path),
        text("0\t0\t1\t24\n1\t0\t0\t48\n"),
    ),
    Reader(
        "plover.json",
        plover.load,
        text(json.dumps([RECORD])),
        is_counted=True,
        packed=True,
    ),
]
BY_NAME = {reader.name: reader for reader in READERS}
every = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def told(reader: Reader, path: Path) -> str:
    """What is said of a file that cannot be read, which names the file."""
    with pytest.raises(FaultsError) as caught:
        reader.read(path)
    assert str(path) == caught.value.document
    assert caught.value.faults
    return "\n".join(map(str, caught.value.faults))


def good(reader: Reader, folder: Path) -> Path:
    """A good file."""
    path = folder / reader.name
    reader.write(path)
    return path


@every
def test_a_good_file_is_read(reader: Reader, tmp_path: Path) -> None:
    """What is damaged below can be read when it is whole."""
    found = reader.read(good(reader, tmp_path))

    assert isinstance(found, EventLog | Imported | tuple)
    if isinstance(found, Imported):
        assert found.rows == len(found.log) + len(found.rejected)


@every
def test_a_file_that_is_cut_off_is_an_error_or_keeps_its_rows(
    reader: Reader, tmp_path: Path
) -> None:
    """Wherever it is cut, there is an error, or a report, and no other exception."""
    path = good(reader, tmp_path)
    whole = path.read_bytes()
    silent = []
    for size in range(0, len(whole.rstrip()), max(1, len(whole) // 100)):
        path.write_bytes(whole[:size])
        try:
            found = reader.read(path)
        except FaultsError:
            continue
        silent.append(size)
        if isinstance(found, Imported):
            assert found.rows <= len(found.log) + len(found.rejected)

    assert not reader.is_counted or set(silent) <= {0}


@pytest.mark.parametrize(
    "reader", [r for r in READERS if not r.sniffed], ids=lambda reader: reader.name
)
def test_another_encoding_is_an_error(reader: Reader, tmp_path: Path) -> None:
    """Text in UTF-16, and bytes of Latin-1, are refused with the line."""
    if reader.name.endswith(("parquet", "arrow")):
        return
    path = good(reader, tmp_path)
    whole = path.read_text("utf-8")
    path.write_bytes(whole.encode("utf-16"))
    assert told(reader, path)

    path.write_bytes(whole.encode() + "Stra\u00dfe\n".encode("latin-1"))
    last = whole.count("\n") + 1
    said = told(reader, path)
    assert f"line {last}" in said
    assert "UTF-8" in said or "utf-8" in said


@pytest.mark.slow
@every
def test_a_line_of_two_gibibytes_is_not_read(reader: Reader, tmp_path: Path) -> None:
    """A file that is one huge line is refused, and not read to its end."""
    path = tmp_path / reader.name
    with path.open("wb") as file:
        file.truncate(2 << 30)

    said = told(reader, path)
    assert "bytes" in said


@pytest.mark.slow
@every
def test_a_bomb_is_not_unpacked(reader: Reader, tmp_path: Path) -> None:
    """What unpacks to a thousand times its size is refused within bounds."""
    path = tmp_path / f"{reader.name}.gz"
    member = gzip.compress(bytes(1 << 22))
    path.write_bytes(member * 32)

    said = told(reader, path)
    assert not reader.packed or "bytes" in said


@pytest.mark.parametrize(
    "reader", [r for r in READERS if r.packed], ids=lambda reader: reader.name
)
def test_what_is_packed_and_cut_off_is_an_error(reader: Reader, tmp_path: Path) -> None:
    """A packed file is read whole, or it is said to be damaged."""
    path = good(reader, tmp_path)
    packed = gzip.compress(path.read_bytes())
    other = tmp_path / f"{reader.name}.gz"
    other.write_bytes(packed)
    assert reader.read(other)

    for size in (len(packed) - 9, len(packed) // 2):
        other.write_bytes(packed[:size])
        assert "cut off" in told(reader, other)


def test_a_bomb_of_zip_is_not_unpacked(tmp_path: Path) -> None:
    """The member of an archive is bounded as a plain file is."""
    path = tmp_path / "gdelt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(1 << 22))

    assert "the line has more than 1048576 bytes" in told(BY_NAME["ucdp.csv"], path)


@pytest.mark.parametrize(
    "reader",
    [r for r in READERS if r.parted and not r.sniffed],
    ids=lambda reader: reader.name,
)
def test_a_wrong_delimiter_is_an_error(reader: Reader, tmp_path: Path) -> None:
    """Cells that are parted by something else are noticed, and nothing is guessed."""
    path = good(reader, tmp_path)
    other = path.read_bytes().replace(reader.parted.encode(), b";")
    path.write_bytes(other)

    said = told(reader, path)
    assert "line 1" in said or "is its delimiter ','?" in said


@pytest.mark.parametrize("reader", READERS[:4], ids=lambda reader: reader.name)
def test_an_interval_that_is_reversed_is_an_error(
    reader: Reader, tmp_path: Path
) -> None:
    """What ends before it begins is refused where it stands."""
    path = good(reader, tmp_path)
    if reader.name.endswith("parquet"):
        import pyarrow as pa
        import pyarrow.parquet

        table = pa.table(
            {
                "kind": ["Joined"],
                "what": ['{"member":"AZE","body":"x"}'],
                "when": ["2017/2015"],
            }
        )
        pyarrow.parquet.write_table(table, path)
    else:
        whole = path.read_text("utf-8")
        path.write_text(whole.replace("2016-03", "2017/2015"), "utf-8")

    said = told(reader, path)
    assert "2017/2015" in said
    assert "when" in said


@pytest.mark.parametrize(
    "reader", [*READERS[:5], READERS[8]], ids=lambda reader: reader.name
)
def test_one_id_with_two_dates_is_a_dispute(reader: Reader, tmp_path: Path) -> None:
    """Claims of one id that differ are both kept, and named."""
    twice = EventLog.of(
        Event(Joined("AZE", "x"), when="2015", id="x"),
        Event(Joined("AZE", "x"), when="2016", id="x"),
    )
    path = tmp_path / reader.name
    writers = {
        "log.toml": chronicle.dump,
        "log.jsonl": jsonl.dump,
        "log.csv": csv.dump,
        "log.parquet": arrow.dump,
        "log.arrow": arrow.dump,
    }
    if reader.name in writers:
        writers[reader.name](twice, path, WORDS)
    else:
        path.write_text("when,code,name\n2015,AZE,x\n2016,AZE,x\n", "utf-8")
    found = reader.read(path)
    log = found.log if isinstance(found, Imported) else found

    assert isinstance(log, EventLog)
    assert 2 == len(log)
    (dispute,) = log.as_of("2019-12-31").disputes
    assert {"2015", "2016"} == {str(claim.when) for claim in dispute.claims}


@pytest.mark.parametrize("reader", READERS[:5], ids=lambda reader: reader.name)
def test_a_cell_that_looks_like_a_formula_comes_back(
    reader: Reader, tmp_path: Path
) -> None:
    """Text is text, whatever a spreadsheet would make of it."""
    path = good(reader, tmp_path)

    assert LOG == reader.read(path)
    if reader.name.endswith(".csv"):
        assert ",=1+1" not in path.read_text("utf-8")


# --- files that are odd all over ----------------------------------------------------


def of_columns(data: bytes, parted: str, more: Callable[[list[bytes]], bytes]) -> bytes:
    """Rows with one more cell each: what *more* makes of their cells."""
    sign = (parted or ",").encode()
    rows = [line.split(sign) for line in data.splitlines()]
    return b"".join(sign.join([*row, more(row)]) + b"\n" for row in rows)


Odd = Callable[[bytes, Reader], bytes]
ODD: dict[str, Odd] = {
    "nothing": lambda data, _: b"",
    "blank lines alone": lambda data, _: b"\n\n  \n",
    "the first line alone": lambda data, _: data.split(b"\n")[0],
    "two byte order marks": lambda data, _: b"\xef\xbb\xbf" * 2 + data,
    "CRLF": lambda data, _: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "CR": lambda data, _: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    "twice": lambda data, _: data + data,
    "blank lines before": lambda data, _: b"\n\n" + data,
    "blank lines behind": lambda data, _: data + b"\n\n \n",
    "a line of NUL": lambda data, _: data + b"\0\n",
    "NUL in text": lambda data, _: data.replace(b"i", b"\0"),
    "the end of a file of DOS": lambda data, _: data + b"\x1a",
    "a long cell": lambda data, _: data.replace(b"AZE", b"A" * 200_000),
    "a quote that is open": lambda data, _: data + b'"x\n',
    "a quote within": lambda data, _: data.replace(b"i", b'i"i'),
    "a cell too many": lambda data, r: of_columns(data, r.parted, lambda row: b"x"),
    "form feeds": lambda data, _: data.replace(b"i", b"i\x0c"),
    "line separators": lambda data, _: data.replace(b"i", "i\u2028".encode()),
    "a page of HTML": lambda data, _: b"<!DOCTYPE html>\n<html>404</html>\n",
    "brackets": lambda data, _: b"[" * 100_000,
    "braces": lambda data, _: b'{"a":' * 100_000,
    "a huge number": lambda data, _: b"9" * 5000,
    "null": lambda data, _: b"null",
    "an odd list": lambda data, _: b'[1, null, "x", [], {}]',
    "no number": lambda data, _: b"[NaN]",
    "half a character": lambda data, _: data.replace(b"i", b"\\ud800"),
    "every byte": lambda data, _: bytes(range(256)) * 8,
}


def read_of(read: Callable[..., object], given: object) -> object:
    """What is read, or the problems that are told of it."""
    try:
        return read(given)
    except FaultsError as error:
        return [fault.problem for fault in error.faults]


@pytest.mark.parametrize(
    "reader",
    [r for r in READERS if not r.name.endswith(("parquet", "arrow"))],
    ids=lambda reader: reader.name,
)
@pytest.mark.parametrize("odd", [*ODD])
def test_a_reader_answers_an_odd_file(reader: Reader, odd: str, tmp_path: Path) -> None:
    """There is an error of the library, or an account of every row, and no other."""
    path = good(reader, tmp_path)
    path.write_bytes(ODD[odd](path.read_bytes(), reader))
    found = read_of(reader.read, path)

    assert found != []
    if isinstance(found, Imported):
        assert found.rows == found.events + found.repeated + len(found.rejected)
    elif isinstance(found, tuple):  # sources: nothing is read of what holds something
        assert found or not path.read_text("utf-8").strip()


@pytest.mark.parametrize(
    "reader",
    [r for r in READERS if r.parted and r.name not in ("gdelt.tab", "log.csv")],
    ids=lambda reader: reader.name,
)
def test_a_column_that_is_there_twice_is_an_error(
    reader: Reader, tmp_path: Path
) -> None:
    """Nobody can say which of the two is meant, so none is taken."""
    path = good(reader, tmp_path)
    path.write_bytes(of_columns(path.read_bytes(), reader.parted, lambda row: row[0]))

    assert "2 times" in told(reader, path)


def test_line_ends_of_old_macs_are_an_error(tmp_path: Path) -> None:
    """A file of one line by its line feeds is not read as one row."""
    path = tmp_path / "quadruples.tab"
    path.write_bytes(b"0\t0\t1\t24\r1\t0\t0\t48\r")

    assert "CR alone" in told(BY_NAME["quadruples.tab"], path)


TEXTS: dict[str, tuple[Callable[[str], Imported], Read]] = {
    "table.csv": (lambda t: tables.loads(t, TABLE, WORDS), BY_NAME["table.csv"].read),
    "icews.tab": (icews.loads, icews.load),
    "gdelt.tab": (gdelt.loads, gdelt.load),
    "plover.json": (plover.loads, plover.load),
}


@pytest.mark.parametrize("name", [*TEXTS])
@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\ufeff"])
def test_text_is_read_as_a_file_is(name: str, sign: str, tmp_path: Path) -> None:
    """Signs at which Python breaks lines break none, and a mark in front is dropped."""
    path = good(BY_NAME[name], tmp_path)
    whole = path.read_text("utf-8")
    if name == "plover.json":
        whole = json.dumps(RECORD, ensure_ascii=False).replace("Astana", "As") + "\n"
    odd = sign + whole if sign == "\ufeff" else whole.replace("i", f"i{sign}")
    path.write_text(odd, "utf-8", newline="")
    of_text, of_file = TEXTS[name]

    assert read_of(of_text, odd) == read_of(of_file, path)
