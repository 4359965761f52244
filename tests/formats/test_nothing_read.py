"""What gives no event is an error, and what may be read wrongly is told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve, frozen
from imports import kept

from bri_timeline import Source, Vocabulary
from bri_timeline._command import main
from bri_timeline.errors import FaultsError, NothingReadError
from bri_timeline.formats import gdelt, icews, plover, proposals, tables, ucdp
from bri_timeline.relations import FACTS


@frozen
class Part:
    """A part of a row."""

    share: Decimal


@frozen
class Deal:
    """A row."""

    name: str
    amount: Decimal | None = None
    count: int | None = None
    rate: float | None = None
    both: int | Decimal | None = None
    parts: tuple[Decimal, ...] = ()
    part: Part | None = None


DEALS = Vocabulary(Deal)


def declared(kind: str = "Deal", **fields: object) -> tables.Declaration:
    rule = {
        "kind": kind,
        "when": {"column": "w", "format": "yyyy"},
        "fields": {"name": "{c}", **fields},
    }
    source = {"title": "T", "published": "2020"}
    whole = {"title": "T", "delimiter": ";", "source": source, "events": [rule]}
    return tables.declared(whole)


def read(text: str, **fields: object) -> tables.Imported:
    return tables.loads(f"w;c;n\n{text}", declared(**fields), DEALS)


# --- numbers by the type of the field -------------------------------------------------

CELL = {"column": "n"}
SAID = [CELL, {**CELL, "as": "number"}, {**CELL, "as": "text"}, "{n}"]


@pytest.mark.parametrize("spec", [*SAID, " {n} "])
@pytest.mark.parametrize("name", ["amount", "count", "rate", "both"])
def test_a_cell_is_a_number_where_the_field_is_one(name: str, spec: object) -> None:
    """The type of the field decides, and the declaration need not say it."""
    (entry,) = read("2019;x;1 200\n", **{name: spec}).log
    found = getattr(entry.claim.what, name)
    assert found == 1200
    assert isinstance(found, int) is (name == "count")


@pytest.mark.parametrize("spec", SAID)
@pytest.mark.parametrize("name", ["amount", "count"])
@pytest.mark.parametrize("text", ["NaN", "Infinity", "1_000", "\u0663", "1e999", "x"])
def test_what_is_not_a_number_is_refused_everywhere(
    text: str, name: str, spec: object
) -> None:
    """Python takes all but the last for numbers."""
    with pytest.raises(NothingReadError, match="is not a valid number"):
        read(f"2019;x;{text}\n", **{name: spec})


@pytest.mark.parametrize("spec", SAID)
def test_a_number_that_may_be_another_is_told_everywhere(spec: object) -> None:
    """1.234 may be a thousand; one and a half is not a whole number."""
    found = read("2019;x;1.234\n2019;y;2.500\n", amount=spec)
    assert "'1.234' was read as 1.234, not 1234" in found.cautions[0]
    with pytest.raises(NothingReadError, match=r"n: '1\.5' is not a whole number"):
        read("2019;x;1.5\n", count=spec)


def test_numbers_within_parts_and_lists_are_numbers() -> None:
    """Also where a field holds several, or a table of its own."""
    several, part = [CELL, "{n}"], {"share": CELL}
    (entry,) = read("2019;x;1 200\n", parts=several, part=part, amount="5").log
    what = entry.claim.what
    assert (what.parts, what.part, what.amount) == (
        (1200, 1200),
        Part(Decimal(1200)),
        5,
    )
    odd = {**CELL, "as": "state"}
    with pytest.raises(NothingReadError):
        read("2019;x;1_0\n", amount=odd, both=odd)
    with pytest.raises(FaultsError, match="Deal has no such field"):
        read("2019;x;1\n", unknown="{c}")


def test_a_count_of_the_shipped_facts_is_read_from_a_table() -> None:
    """An agreement of ten documents says so."""
    fields = {"parties": ["{a}", "{b}"], "title": "x"}
    table = evolve(declared("AgreementSigned", count=CELL), delimiter=",")
    rule = evolve(table.events[0], fields={**fields, "count": CELL})
    table = evolve(table, events=[rule])
    (entry,) = tables.loads("a,b,w,n\nAZE,CHN,2019,10\n", table, FACTS).log
    assert entry.claim.what.count == 10


# --- nothing read ---------------------------------------------------------------------


def filled(columns: tuple[str, ...], mark: str) -> str:
    """A header, and a row that says nothing."""
    return "\n".join([mark.join(columns), mark.join("x" * len(columns)), ""])


MEMBERS = """
title = "T"
source = { title = "T" }
[[events]]
kind = "Joined"
when = { column = "w", format = "yyyy" }
fields = { member = { column = "c", as = "state" }, body = "x" }
"""


def members_in(path: Path) -> tables.Imported:
    return tables.load(path, tables.declared(tomllib.loads(MEMBERS)), FACTS)


NO_DAY = "the row has no day"
READERS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "tables": (members_in, "w,c\n1/3/2013,Kazakhstan\n", "'1/3/2013' is not written"),
    "ucdp": (ucdp.load, filled(ucdp._COLUMNS, ","), "'x' is not a type of violence"),
    "icews": (icews.load, filled(icews._COLUMNS, "\t"), NO_DAY),
    "gdelt": (gdelt.load, "\t".join("x" * 58) + "\n", "does not say on which day"),
    "plover": (plover.load, '[{"id": "1"}]', NO_DAY),
    "polecat": (plover.load_table, filled(plover._COLUMNS, "\t"), NO_DAY),
}


@pytest.mark.parametrize("name", READERS)
def test_a_file_of_which_every_row_is_rejected_is_an_error(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty log would answer "never" to every question."""
    load, text, reason = READERS[name]
    path, output, table = (
        tmp_path / one for one in ("rows.txt", "out.jsonl", "t.toml")
    )
    path.write_text(text, "utf-8")
    table.write_text(MEMBERS, "utf-8")
    with pytest.raises(NothingReadError, match=reason) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path} has ")
    assert "no row gives an event: all 1 are rejected" in str(refused.value)
    assert (refused.value.rows, len(refused.value.rejected)) == (1, 1)
    how = ["--table", str(table)] if name == "tables" else ["--from", name]
    status = main(["import", str(path), *how, "-o", str(output)])
    said = "".join(capsys.readouterr())
    assert (status, output.exists()) == (1, False)
    assert reason in said
    assert "1 of 1 rows gave no event" in said


def test_the_first_reasons_are_named_once(tmp_path: Path) -> None:
    """A thousand rows of one reason name it once; of many, the first are named."""
    rows = "".join(f"{n % 20},Kazakhstan\n" for n in range(1000))
    path = tmp_path / "rows.csv"
    path.write_text(f"w,c\n{rows}", "utf-8")
    with pytest.raises(NothingReadError) as refused:
        members_in(path)
    said = [one.place for one in refused.value.faults]
    assert said == ["file", "line 2", "line 3", "line 4", "line 5", "line 6"]


def fitting(rows: str, *cells: str) -> tables.Imported:
    """Read rows with a rule for some states, and another for Uzbekistan."""
    data = tomllib.loads(MEMBERS)
    (rule,) = data["events"]
    wheres = ({"c": [*cells]}, {"c": ["Uzbekistan"]})
    data["events"] = [{**rule, "where": where} for where in wheres]
    return tables.loads(f"w,c\n{rows}", tables.declared(data), FACTS)


def test_a_condition_that_no_row_fits_is_told() -> None:
    """A slip in `where` would leave out what was meant, in silence."""
    both = "2013,Kazakhstan\n2014,Uzbekistan\n"
    said = "no cell of 'c' is 'Kazahkstan', as where says: did you mean 'Kazakhstan'?"
    assert said in fitting(both, "Kazahkstan").cautions
    assert not any("where" in one for one in fitting(both, "Kazakhstan").cautions)
    with pytest.raises(NothingReadError, match="'zz', as where says: there are 'Kaz"):
        fitting("2013,Kazakhstan\n", "zz")


def test_more_than_half_that_is_rejected_is_said_first() -> None:
    """Of three rows one is read: the log of it answers for all."""
    found = fitting("2013,Kazakhstan\nx,Kazakhstan\ny,Kazakhstan\n", "Kazakhstan")
    assert str(found).splitlines()[0] == "2 of 3 rows gave no event"


# --- declarations and documents -------------------------------------------------------

BAD = {
    "huge skip": ("skip = 99999999999999999999\n", "skip: is more than 10,000 lines"),
    "a long number": (f"skip = {'9' * 5000}\n", "TOML: "),
    "depth": (f"missing = {'[' * 5000}{']' * 5000}\n", "TOML: is nested too deeply"),
    "one text": ('missing = "x"\n', "missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_declaration_that_cannot_be_read_is_a_fault(
    name: str, tmp_path: Path
) -> None:
    """Whatever is wrong in it has a place."""
    text, said = BAD[name]
    path = tmp_path / "table.toml"
    path.write_text(text + MEMBERS, "utf-8")
    with pytest.raises(FaultsError, match=said):
        tables.read_declaration(path)


LOOKUP = '[[lookups]]\nname = "other"\nfile = "{0}"\ncolumn = "c"\n'


@pytest.mark.parametrize("kind", ["absolute", "above", "link"])
def test_a_lookup_lies_in_the_folder_of_its_declaration(
    kind: str, tmp_path: Path
) -> None:
    """A declaration that was received opens no other file of whoever reads it."""
    folder, secret = tmp_path / "received", tmp_path / "secret.csv"
    folder.mkdir()
    secret.write_text("c,key\n", "utf-8")
    link = folder / "link.csv"
    link.symlink_to(secret)
    file = {"absolute": secret, "above": "../secret.csv", "link": "link.csv"}[kind]
    path = folder / "table.toml"
    path.write_text(MEMBERS + LOOKUP.format(file), "utf-8")
    said = r"lookups\[1\].file: .* lies outside the folder"
    with pytest.raises(FaultsError, match=said):
        tables.read_declaration(path)
    link.unlink()
    link.write_text("c,key\n", "utf-8")
    path.write_text(MEMBERS + LOOKUP.format("link.csv"), "utf-8")
    assert tables.read_declaration(path).lookups[0].file == str(link)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32"])
def test_wide_files_are_told(encoding: str, tmp_path: Path) -> None:
    """UTF-16 needs the mark of its order, and UTF-32 is not read."""
    path, said = tmp_path / "rows.csv", encoding.upper()
    path.write_bytes("w;c;n\n2019;x;1\n".encode(encoding))
    table = declared()
    if encoding == "utf-16-le":
        table, said = evolve(table, encoding="utf-16"), encoding
    with pytest.raises(FaultsError, match=said):
        tables.load(path, table, DEALS)
    with path.open("rb") as file, pytest.raises(FaultsError, match=said):
        tables.load(file, table, DEALS)


def test_a_number_beyond_all_bounds_is_a_fault_of_a_list_of_proposals(
    tmp_path: Path,
) -> None:
    """The exponent of a decimal has a bound."""
    path = tmp_path / "list.json"
    path.write_text("[1e9999999999999999999]", "utf-8")
    with pytest.raises(FaultsError, match=r"is not JSON: the number .* is too large"):
        proposals.load(path, FACTS, document="x", source=Source("D"))


@pytest.mark.parametrize(
    ("naming", "rows", "ids"),
    [
        ({"id": "row:{n}"}, "x;a;1\n2019;b;\n", ["row:1"]),
        ({"key": ["name"]}, "x;a;1\n", ["Deal:a"]),
        ({"key": ["name", "when"]}, "x;a;1\n", [None]),
        ({"key": ["name"]}, "x;a;one\n", [None]),
        ({}, "x;a;1\n", [None]),
    ],
)
def test_the_id_of_a_row_that_cannot_be_read_is_known_where_it_can_be(
    naming: dict[str, object], rows: str, ids: list[str | None]
) -> None:
    """So that a new release does not withdraw it."""
    table = declared(amount={**CELL, "optional": True})
    table = evolve(table, events=[evolve(table.events[0], **naming)])
    found = kept(tables.loads)(f"w;c;n\n{rows}", table, DEALS)
    assert [one.id for one in found.rejected] == ids
