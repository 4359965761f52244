"""Workbooks as they are received: their limits, their sheets, what is damaged."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import frozen

from bri_timeline import Vocabulary
from bri_timeline.errors import BriTimelineError, FaultsError
from bri_timeline.formats import tables
from bri_timeline.formats.tables import _sheets


@frozen
class Deal:
    """A row."""

    name: str
    amount: Decimal | None = None


DEALS = Vocabulary(Deal)
TABLE = {
    "title": "Deals",
    "source": {"title": "A sheet", "published": "2020"},
    "events": [
        {
            "kind": "Deal",
            "when": {"column": "Date", "format": "yyyy"},
            "fields": {"name": "{Name}", "amount": {"column": "Sum"}},
        }
    ],
}
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns"


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{cell("A1", "Date")}{cell("B1", "Name")}{cell("C1", "Sum")}</row>'


def row(number: int, amount: str = "<c><v>5</v></c>", name: str = "x") -> str:
    cells = cell(f"A{number}", "2019") + cell(f"B{number}", name) + amount
    return f'<row r="{number}">{cells}</row>'


def worksheet(*rows: str, before: str = "") -> str:
    body = "".join(rows)
    return (
        f'{before}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
    )


def written(
    path: Path,
    *sheets: str,
    names: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
    packing: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Write a workbook of some sheets; *names* has their names and states."""
    named = names or {f"S{number}": "visible" for number, _ in enumerate(sheets, 1)}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="r{n}"/>'
        for n, (name, state) in enumerate(named.items(), 1)
    )
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet"'
        f' Target="worksheets/sheet{n}.xml"/>'
        for n, _ in enumerate(sheets, 1)
    )
    targets += (
        f'<Relationship Id="s" Type="{OFFICE}/sharedStrings"'
        ' Target="sharedStrings.xml"/>'
    )
    opening = f'<Relationships xmlns="{PACKAGE}/relationships">'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'{opening}<Relationship Id="r1" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f"{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{opening}{targets}</Relationships>",
        **{f"xl/worksheets/sheet{n}.xml": one for n, one in enumerate(sheets, 1)},
        "xl/media/image.bin": "not read",
        **(more or {}),
    }
    with zipfile.ZipFile(path, "w", packing) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return path


def ods(path: Path, rows: str, name: str = "S") -> Path:
    """Write a workbook of LibreOffice with one sheet."""
    kinds = " ".join(
        f'xmlns:{kind}="{DOCUMENT}:{kind}:1.0"' for kind in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr(
            "content.xml",
            f"<office:document-content {kinds}><office:body><office:spreadsheet>"
            f'<table:table table:name="{name}">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def line(*cells: str, repeated: int = 1) -> str:
    """A row of a workbook of LibreOffice."""
    body = "".join(
        '<table:table-cell office:value-type="string"><text:p>'
        f"{text}</text:p></table:table-cell>"
        for text in cells
    )
    return (
        f'<table:table-row table:number-rows-repeated="{repeated}">'
        f"{body}</table:table-row>"
    )


def read(path: Path, **changes: object) -> tables.Imported:
    return tables.load(path, tables.declared({**TABLE, **changes}), DEALS)


def named(found: tables.Imported) -> list[tuple[str, Decimal | None]]:
    return [(entry.claim.what.name, entry.claim.what.amount) for entry in found.log]


def problem(path: Path, **changes: object) -> str:
    with pytest.raises(FaultsError) as refused:
        read(path, **changes)
    return "\n".join(f"{one.place}: {one.problem}" for one in refused.value.faults)


FAR = {
    "far.xlsx": "row 1,048,576 and column 16,384, and has 17,179,869,184 cells",
    "wide.xlsx": "row 20,000 and column 16,384, and has 327,680,000 cells",
    "far.ods": "row 1,000,000,002 and column 3, and has 3,000,000,006 cells",
}


@pytest.fixture
def far(tmp_path: Path) -> Mapping[str, Path]:
    """Workbooks in which a cell stands so far off that the memory does not suffice."""
    last = '<row r="{0}">{1}</row>'
    return {
        "far.xlsx": written(
            tmp_path / "far.xlsx",
            worksheet(HEAD, row(2), last.format(1 << 20, cell("XFD1048576", "x"))),
        ),
        "wide.xlsx": written(
            tmp_path / "wide.xlsx",
            worksheet(HEAD, row(2), last.format(20_000, cell("XFD20000", "x"))),
        ),
        "far.ods": ods(
            tmp_path / "far.ods",
            line("Date", "Name", "Sum")
            + line("2019", "x", "5")
            + line("2019", "x", "5", repeated=10**9),
        ),
    }


@pytest.mark.parametrize("name", FAR)
def test_a_workbook_over_the_limits_is_refused(
    name: str, far: Mapping[str, Path]
) -> None:
    """One cell in the last column once ended the process of Python."""
    said = problem(far[name])
    place = "file" if name == "far.ods" else "sheet 'S1'"
    assert said.startswith(f"{place}: reaches to {FAR[name]}, of which at most")
    assert "16,777,216 are read" in said


def test_a_large_sheet_does_not_keep_another_from_being_read(tmp_path: Path) -> None:
    """The limits are those of the sheet that is read."""
    large = worksheet(HEAD, f'<row r="1048576">{cell("XFD1048576", "x")}</row>')
    path = written(tmp_path / "two.xlsx", worksheet(HEAD, row(2)), large)
    assert named(read(path)) == [("x", 5)]
    assert "sheet 'S2': reaches to" in problem(path, sheet="S2")


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [
        ("_MOST_UNPACKED", 0, "file: has [0-9,]+ bytes unpacked, and at most"),
        ("_MOST_UNPACKED", 100, "file: has [0-9,]+ bytes, and at most 100 are read"),
        ("_MOST_CELLS", 1, "file: has 2 shared texts, and at most 1 are read"),
    ],
)
def test_a_workbook_is_limited_as_a_whole(
    limit: str, most: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What unpacks to more, or has more texts, is refused as a whole."""
    texts = {
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si/><si/></sst>{" " * 9999}'
    }
    path = written(tmp_path / "deals.xlsx", worksheet(HEAD), more=texts)
    monkeypatch.setattr(_sheets, limit, most or path.stat().st_size)
    with pytest.raises(FaultsError, match=said):
        read(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "suffix"), [("_MOST_COPIED", "ods"), ("_MOST_OTHERS", "xlsx")]
)
def test_what_may_be_too_large_is_read_in_a_process_of_its_own(
    limit: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads the same: only its memory is limited."""
    texts = f'<sst xmlns="{MAIN}"><si><t>long</t></si></sst>'
    shared = '<row r="2"><c r="A2"><v>2019</v></c><c t="s"><v>0</v></c></row>'
    path = tmp_path / f"deals.{suffix}"
    if suffix == "xlsx":
        more = {"xl/sharedStrings.xml": texts}
        written(path, worksheet(HEAD, shared), more=more)
    else:
        ods(path, line("Date", "Name", "Sum") + line("2019", "long"))
    once = read(path, events=[{**TABLE["events"][0], "fields": {"name": "{Name}"}}])
    monkeypatch.setattr(_sheets, limit, 0)
    again = read(path, events=[{**TABLE["events"][0], "fields": {"name": "{Name}"}}])
    assert named(once) == named(again) == [("long", None)]


@pytest.mark.slow
def test_what_a_process_of_its_own_prints_is_limited_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes may stand for more text than there is memory."""
    rows = line("Date", "Name", "Sum") + line("2019", "long", "5")
    path = ods(tmp_path / "deals.ods", rows)
    monkeypatch.setattr(_sheets, "_MOST_COPIED", 0)
    monkeypatch.setattr(_sheets, "_MOST_PRINTED", 10)
    assert "within 2 GiB of memory and 60 seconds" in problem(path)


ODD = {
    "entities": '<!DOCTYPE x [<!ENTITY y "z">]>',
    "encoding": '<?xml version="1.0" encoding="iso-8859-1"?>',
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ODD)
def test_a_workbook_that_cannot_be_measured_is_read_apart(
    kind: str, tmp_path: Path
) -> None:
    """It is read within a limit of memory, or refused; the process goes on."""
    path = written(tmp_path / "odd.xlsx", worksheet(HEAD, row(2), before=ODD[kind]))
    assert named(read(path)) == [("x", 5)]
    assert "'none'" in problem(path, sheet="none")
    far = f'<row r="1048576">{cell("XFD1048576", "x")}</row>'
    written(path, worksheet(HEAD, far, before=ODD[kind]))
    assert "within 2 GiB of memory and 60 seconds" in problem(path)


@pytest.mark.slow
def test_a_workbook_that_calamine_cannot_open_is_refused(tmp_path: Path) -> None:
    """Its parts can be measured, and lead to no sheet."""
    parts = {"xl/_rels/workbook.xml.rels": "<x/>"}
    path = written(tmp_path / "rels.xlsx", worksheet(HEAD, row(2)), more=parts)
    assert "file: is not a workbook that can be read (Relations" in problem(path)


def test_a_workbook_may_say_that_it_is_in_utf_8(tmp_path: Path) -> None:
    """It is measured as others are."""
    before = '<?xml version="1.0" encoding="UTF-8"?>'
    path = written(tmp_path / "said.xlsx", worksheet(HEAD, row(2), before=before))
    assert named(read(path)) == [("x", 5)]


def test_a_cell_of_libreoffice_may_hold_nothing(tmp_path: Path) -> None:
    """It counts for the columns after it, and for nothing else."""
    empty = line("2019", "long", "5").replace(
        "</table:table-row>", "<table:table-cell/></table:table-row>"
    )
    path = ods(tmp_path / "empty.ods", line("Date", "Name", "Sum") + empty)
    assert named(read(path)) == [("long", 5)]


def outcome(path: Path) -> str:
    """What was read, or why it was refused."""
    try:
        return str(named(read(path)))
    except FaultsError as error:
        return str(error)


@pytest.mark.slow
def test_workbooks_packed_in_odd_ways_are_read_apart(tmp_path: Path) -> None:
    """Two parts of one name, another way of packing, and another kind of file."""
    twice = {"xl/WORKBOOK.xml": "<x/>"}
    path = written(tmp_path / "twice.xlsx", worksheet(HEAD, row(2)), more=twice)
    # Which of the two is taken depends on the version of the reader.
    said = "is not a workbook that can be read"
    assert outcome(path).startswith("[('x', Decimal('5'))]") or said in outcome(path)
    packed = written(
        tmp_path / "packed.xlsx", worksheet(HEAD), packing=zipfile.ZIP_BZIP2
    )
    assert "workbook" in problem(packed)
    for name in ("old.xls", "broken.ods"):
        (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
        assert "is not a workbook that can be read" in problem(tmp_path / name)
    lost = worksheet(HEAD, '<row r="2"><c r="99A"/></row>')
    assert "file: " in problem(written(tmp_path / "lost.xlsx", lost))


@pytest.mark.parametrize("gap", [1, 3])
def test_empty_rows_are_dropped_at_the_end_and_told_once_between(
    gap: int, tmp_path: Path
) -> None:
    """A stray space in the last row once made a million rejected rows."""
    stray = 2 + gap + 1
    path = written(
        tmp_path / "tall.xlsx",
        worksheet(HEAD, row(2), row(stray), f'<row r="900">{cell("A900", " ")}</row>'),
    )
    found = read(path)
    assert [one.line for one in found.rejected] == [3]
    assert (found.rows, len(found.log)) == (3, 2)
    # Above and in the header each row counts.
    above = written(
        tmp_path / "above.xlsx",
        worksheet(
            cell("C1", "Title"), HEAD.replace('"1"', '"4"').replace('1" t', '4" t')
        )
        .replace("<sheetData><c", '<sheetData><row r="1"><c')
        .replace("</c><row", "</c></row><row"),
    )
    assert read(above, skip=3).rows == 0


def test_columns_begin_with_the_first(tmp_path: Path) -> None:
    """Columns that are empty above and below the header are columns all the same."""
    cells = [
        cell(place, text)
        for place, text in (("C1", "Date"), ("D1", "Name"), ("E1", "Sum"))
    ]
    body = "<row>" + "".join(cells) + "</row>"
    body += f'<row><c r="C2"><v>2019</v></c>{cell("D2", "x")}<c t="e"><v>#N/A</v></c>'
    body += '<c t="n"><f>1</f></c></row>'
    path = written(tmp_path / "late.xlsx", worksheet(body))
    said = problem(path)
    assert "Sum: '#N/A' is an error of a spreadsheet: correct it, or add it" in said
    found = read(
        path,
        missing=["", "#N/A"],
        events=[
            {
                **TABLE["events"][0],
                "fields": {
                    "name": "{Name}",
                    "amount": {"column": "Sum", "optional": True},
                },
            }
        ],
    )
    assert named(found) == [("x", None)]
    spaced = body.replace("<v>#N/A", "\n<v>#N/A")
    assert "'#N/A' is an error" in problem(written(path, worksheet(spaced)))


def test_elements_may_have_a_prefix(tmp_path: Path) -> None:
    """Some programs write `<x:row>`: these cells are measured too."""
    far = f'<row r="1048576">{cell("XFD1048576", "x")}</row>'
    text = worksheet(HEAD, far)
    for name in ("worksheet", "sheetData", "row", "c", "is", "t"):
        for begin in ("<", "</"):
            for end in (" ", ">"):
                text = text.replace(begin + name + end, f"{begin}x:{name}{end}")
    path = written(tmp_path / "x.xlsx", text.replace("xmlns=", "xmlns:x="))
    assert "17,179,869,184 cells" in problem(path)


def test_sheets_that_are_not_read_are_named(tmp_path: Path) -> None:
    """A sheet for each year is common, and a hidden one is not meant to be read."""
    names = {"Old": "hidden", "2015": "visible", "2016": "visible"}
    sheets = [worksheet(HEAD, row(2, name=name)) for name in names]
    path = written(tmp_path / "years.xlsx", *sheets, names=names)
    found = read(path)
    assert named(found) == [("2015", 5)]
    assert [one.partition(";")[0] for one in found.cautions] == [
        "sheets that are behind the first were not read: '2016'",
        "sheets that are hidden were not read: 'Old'",
    ]
    for name in names:
        again = read(path, sheet=name)
        assert (named(again), again.cautions) == ([(name, 5)], ())
    assert "sheet: '2017' is not there: the workbook has 'Old', '2015', '2016'" in (
        problem(path, sheet="2017")
    )
    written(path, *sheets[:1] * 11, names={f"H{n}": "hidden" for n in range(11)})
    assert "sheet: all are hidden: the workbook has 'H0'" in problem(path)
    assert "'H9', ...; name one" in problem(path)


@pytest.mark.slow
@pytest.mark.full
def test_damaged_workbooks_are_read_or_refused(
    trials: Callable[..., int], tmp_path: Path
) -> None:
    """Bits are flipped, ends cut and texts put in: nothing else happens."""
    good = written(tmp_path / "good.xlsx", worksheet(HEAD, row(2), row(3, name="y")))
    path = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(good) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    for seed in range(trials(600, share=300)):
        rng = random.Random(seed)
        changed = rng.choice([*parts])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            for name, data in parts.items():
                book.writestr(name, damaged(rng, data) if name == changed else data)
        if rng.random() < 0.5:
            path.write_bytes(damaged(rng, good.read_bytes()))
        with suppress(BriTimelineError):
            read(path)


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Return some bytes with one to three changes."""
    found = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        place, kind = rng.randrange(len(found) or 1), rng.random()
        if kind < 0.4:
            found[place : place + 1] = bytes([rng.randrange(256)])
        elif kind < 0.6:
            del found[place : place + rng.choice([1, 5, 60])]
        elif kind < 0.7:
            del found[place:]
        else:
            odd = [b"<", b'"', b"&#x0;", b"99999999999", b"ZZZZ", b"\xff", b't="e"']
            found[place:place] = rng.choice(odd)
    return bytes(found)
