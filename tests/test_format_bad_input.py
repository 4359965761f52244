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
    _files,
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
from bri_timeline.formats.tables import Imported
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
                    "member": {"column": "code", "as": "alpha3"},
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
POLECAT = (
    "Event ID\tEvent Date\tEvent Type\tEvent Mode\tActor Name\tActor COW\tActor "
    "Country\tRecipient Name\tRecipient Country\tPublication Date\tPublisher\n"
)
RECORD = {
    "id": "1", "date": "2015-04-30", "eventType": "CONSULT", "eventMode": "visit",
}  # fmt: skip

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
    """

    name: str
    read: Read
    write: Callable[[Path], object]
    is_counted: bool = False
    packed: bool = False
    parted: str = ""


def text(content: str) -> Callable[[Path], object]:
    """What writes a text."""
    return lambda path: path.write_text(content, "utf-8")


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
    Reader(
        "slides.csv",
        lambda path: timelinejs.load(path, WORDS),
        lambda path: timelinejs.dump(SLIDES, path, WORDS),
        parted=",",
    ),
    Reader("sources.json", csl.load, lambda path: csl.dump(LOG, path), is_counted=True),
    Reader("sources.bib", bibtex.load, lambda path: bibtex.dump(LOG, path)),
    Reader(
        "table.csv",
        lambda path: tables.load(path, TABLE, WORDS),
        text("when,code,name\n2015,AZE,x\n2016,CHN,y\n"),
        packed=True,
        parted=",",
    ),
    Reader("icews.tab", icews.load, text(ICEWS), packed=True, parted="\t"),
    Reader("gdelt.tab", gdelt.load, text(GDELT + "\n"), packed=True, parted="\t"),
    Reader("ucdp.csv", ucdp.load, text(UCDP), packed=True, parted=","),
    Reader(
        "plover.json",
        plover.load,
        text(json.dumps([RECORD])),
        is_counted=True,
        packed=True,
    ),
]
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
        assert found.rows == len(found.log) + len(found.unplaced)


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
            assert found.rows <= len(found.log) + len(found.unplaced)

    assert not reader.is_counted or set(silent) <= {0}


@every
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


@every
def test_a_line_of_two_gibibytes_is_not_read(reader: Reader, tmp_path: Path) -> None:
    """A file that is one huge line is refused, and not read to its end."""
    path = tmp_path / reader.name
    with path.open("wb") as file:
        file.truncate(2 << 30)

    said = told(reader, path)
    assert "bytes" in said


@every
def test_a_bomb_is_not_unpacked(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What unpacks to gigabytes is refused within bounds, or not unpacked at all."""
    monkeypatch.setattr(_files, "LARGEST", 1 << 24)
    path = tmp_path / f"{reader.name}.gz"
    member = gzip.compress(bytes(1 << 22))
    path.write_bytes(member * 512)

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

    assert "the line has more than 1048576 bytes" in told(READERS[-3], path)


@pytest.mark.parametrize(
    "reader", [r for r in READERS if r.parted], ids=lambda reader: reader.name
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
    "reader", [*READERS[:5], READERS[9]], ids=lambda reader: reader.name
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
