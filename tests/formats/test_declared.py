"""What a declaration can say of a table: dates, states, ends, publication, cells."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars
import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st
from imports import kept

from bri_timeline import Edtf, Event, Source
from bri_timeline._command import main
from bri_timeline._names import states
from bri_timeline.errors import (
    EventError,
    FaultsError,
    NothingReadError,
    UnknownCodeError,
)
from bri_timeline.formats import jsonl, tables
from bri_timeline.relations import FACTS, actor_of, code_of, names
from bri_timeline.testing import edtfs


Table = dict[str, Any]
WHEN: Table = {"column": "when", "format": "yyyy-mm-dd | yyyy-mm | yyyy"}
GUEST: Table = {"column": "guest", "as": "state"}
SOURCE = {"title": "A table", "published": "2020"}


def declared(*, guest: Any = GUEST, when: Table = WHEN, **other: Any) -> Any:
    """A table of visits to China, of which a test says one thing more."""
    of_rule = {name: other.pop(name) for name in ("where", "until") if name in other}
    fields = {"guest": guest, "host": "CHN", **other.pop("fields", {})}
    rule = {"kind": "Visited", "when": when, "fields": fields, **of_rule}
    given = {"title": "Visits", "source": SOURCE, "delimiter": ";", "events": [rule]}
    return tables.declared({**given, **other})


def read(text: str, table: Any) -> tables.Imported:
    return tables.loads(text, table, FACTS)


def dated(cell: str, **when: Any) -> Edtf:
    """The date of a row with a cell."""
    table = declared(when={"column": "when", **when})
    (entry,) = read(f"when;guest\n{cell};Georgia\n", table).log
    return entry.claim.when


def guest_of(when: str, cell: str, **said: Any) -> str:
    """The guest of a row."""
    table = declared(guest={"column": "guest", **said})
    (entry,) = read(f"when;guest\n{when};{cell}\n", table).log
    (other,) = entry.claim.parties - {"CHN"}
    return str(other)


# --- dates ----------------------------------------------------------------------------


@given(edtfs())
@example(Edtf("2015~"))
@example(Edtf("2016-21"))
def test_a_column_may_be_edtf(when: Edtf) -> None:
    """Each date is that of its cell, as imprecise as it is."""
    try:
        Event("x", when=when)
    except EventError:
        assume(False)  # one event is not of several days
    assert dated(str(when), format="dd.mm.yyyy | edtf") == when
    assert dated("05.03.2017", format="dd.mm.yyyy | edtf") == Edtf("2017-03-05")


def test_certain_cells_mean_dates() -> None:
    """A first promise: what is imprecise stays so."""
    meant = {"ca. 2015": "2015~", "Fruehjahr 2016": "2016-21", "1.0": "2001"}
    found = {cell: dated(cell, format="yyyy", dates=meant) for cell in meant}
    assert {cell: str(when) for cell, when in found.items()} == meant
    assert dated("1", format="yyyy", dates=meant) == Edtf("2001")
    with pytest.raises(NothingReadError, match=r"'ca\. 2016' is not written as yyyy"):
        dated("ca. 2016", format="yyyy", dates=meant)
    with pytest.raises(FaultsError, match="x: '2015-13' is not an EDTF"):
        dated("x", format="yyyy", dates={"x": "2015-13"})


@given(st.dates(date(2, 1, 1), date(9999, 12, 31)))
@example(date(2016, 1, 1))
@example(date(2016, 3, 1))
def test_an_exclusive_end_is_the_first_date_outside(day: date) -> None:
    """The end of the extent is the day, month or year before."""
    before = (day - timedelta(days=1)).isoformat()
    assert dated(day.isoformat(), format="yyyy-mm-dd", exclusive=True) == Edtf(before)
    month = (day.replace(day=1) - timedelta(days=1)).isoformat()[:7]
    assert dated(day.isoformat()[:7], format="yyyy-mm", exclusive=True) == Edtf(month)
    year = f"{day.year - 1:04}"
    assert dated(day.isoformat()[:4], format="yyyy", exclusive=True) == Edtf(year)


def test_an_exclusive_end_is_the_end_of_an_extent() -> None:
    """A term until 1 January is one of the years before."""
    end = {"column": "end", "format": "edtf", "exclusive": True}
    table = declared(until=end)
    (entry,) = read("when;guest;end\n2009;Georgia;2016-01-01\n", table).log
    assert str(entry.claim.when) == "2009/2015-12-31"
    for cell in ("2016~", "2016-21", "0001", "[2015..2016]"):
        with pytest.raises(NothingReadError, match="is not a day, a month or a year"):
            read(f"when;guest;end\n2009;Georgia;{cell}\n", table)


def test_months_have_names_in_the_language_of_the_table() -> None:
    """In full and abbreviated, with and without accents; English is read too."""
    form: Table = {"column": "when", "format": "month yyyy"}
    table = declared(when=form, language="de")
    cells = ["März 2015", "maerz 2015", "Mai 2016", "Dez. 2016", "October 2017"]
    text = "".join(f"{cell};Georgia\n" for cell in cells)
    found = read(f"when;guest\n{text}", table)
    dates = [str(entry.claim.when) for entry in found.log]
    assert dates == ["2015-03", "2016-05", "2016-12", "2017-10"]
    assert "'maerz' is not a month that is known" in found.rejected[0].reason
    with pytest.raises(FaultsError, match="no names are known in 'xx'"):
        declared(language="xx")
    with pytest.raises(FaultsError, match="no names are known in 'xx'"):
        declared(when={**form, "language": "xx"})


@pytest.mark.parametrize(
    ("cell", "language", "read_as"),
    [
        ("Sept. 7, 2013", "", "2013-09-07"),
        ("7th Sept 2013", "", "2013-09-07"),
        ("5 май 2015", "ru", "2015-05-05"),
        ("5 мая 2015", "ru", "2015-05-05"),
        ("1er mai 2015", "fr", "2015-05-01"),
        ("3 Mrz 2015", "de", "2015-03-03"),
        ("3 Jänner 2015", "de", "2015-01-03"),
        ("5 مه 2015", "fa", "2015-05-05"),
        ("\u0665 مايو ٢٠١٥", "ar", "digits are read as 0 to 9, as in 5 مايو 2015"),
        ("5 فروردین 1394", "fa", "'فروردین' is not a month that is known, as "),
        ("2013-2018", "", "are these years, 2013/2018 or [2013..2018]?"),
    ],
)
def test_a_date_as_people_write_it_is_read_or_told(
    cell: str, language: str, read_as: str
) -> None:
    """Months by names that grammars or countries change; else, what would be read."""
    form = "dd month yyyy | month dd, yyyy"
    table = declared(when={"column": "when", "format": form}, language=language)
    found = read(f"when;guest\n{cell};Georgia\n2 May 2016;Georgia\n", table)
    said = [str(entry.claim.when) for entry in found.log]
    said += [one.reason for one in found.rejected]
    assert read_as in said[0] or read_as in said[1]


def test_the_day_of_publication_is_written_as_the_other_dates() -> None:
    """Or in EDTF, or in a format of its own."""
    when = {"column": "when", "format": "dd.mm.yyyy", "dates": {"Mai": "2016-05"}}
    for published in ("{told}", {"column": "told"}):
        source = {"title": "A table", "published": published}
        text = "when;guest;told\n" + "".join(
            f"01.02.2015;Georgia;{cell}\n"
            for cell in ("24.04.2016", "2016-04", "Mai", "", "gestern")
        )
        found = read(text, declared(when=when, source=source))
        published_days = [
            str(cite.source.published)
            for entry in found.log
            for cite in entry.claim.cite
        ]
        assert published_days == ["2016-04-24", "2016-04", "2016-05", "None"]
        assert "'gestern' is not written as" in found.rejected[0].reason
    source["published"] = {"column": "told", "format": "yyyy/mm"}
    (entry,) = read(
        "when;guest;told\n01.02.2015;Georgia;2016/05\n",
        declared(when=when, source=source),
    ).log
    assert entry.claim.cite[0].source == Source("A table", published="2016-05")


def test_what_is_said_of_a_day_is_said_of_it_in_every_form(tmp_path: Path) -> None:
    """A cell that is a day is not written as in the declaration, and means the same."""
    form = {"column": "when", "format": "dd. month yyyy"}
    until = {**form, "column": "end", "sentinels": {"31. Dez 9999": "open"}}
    dates = {"1. Mai 2015": "2015~"}
    published = {**WHEN, "column": "told", "dates": {"2016-01-01": "2016-21"}}
    source = {"title": "A table", "published": published}
    missing = ["", "1. Januar 1900"]
    said = {"until": until, "source": source, "missing": missing, "language": "de"}
    table = declared(when={**form, "dates": dates}, **said)
    days = [
        (date(2015, 5, 1), date(9999, 12, 31), date(2016, 1, 1)),
        (date(2015, 6, 1), date(1900, 1, 1), date(2016, 2, 1)),
    ]
    heads = ["when", "end", "told", "guest"]
    book = openpyxl.Workbook()
    for row in (heads, *([*some, "Georgia"] for some in days)):
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    text = """when;end;told;guest
1. Mai 2015;31. Dez 9999;2016-01-01;Georgia
1. Juni 2015;1. Januar 1900;2016-02-01;Georgia
"""
    iso = ["2015-05-01;9999-12-31;2016-01-01", "2015-06-01;1900-01-01;2016-02-01"]
    kept_rows = "".join(f"{row};Georgia;line 2: x\n" for row in iso)
    forms: list[Any] = [
        read(text, table),
        read(f"{';'.join(heads)};rejected because\n{kept_rows}", table),
        tables.load(tmp_path / "a.xlsx", table, FACTS),
        tables.load(
            polars.DataFrame(
                [(*some, "Georgia") for some in days], schema=heads, orient="row"
            ),
            table,
            FACTS,
        ),
    ]
    for found in forms:
        dated = [(e.claim.when, e.claim.cite[0].source.published) for e in found.log]
        assert [tuple(map(str, pair)) for pair in dated] == [
            ("2015~/..", "2016-21"),
            ("2015-06-01/", "2016-02-01"),
        ]


# --- states ---------------------------------------------------------------------------

SYSTEMS = ["cow", "gw", "iso2", "iso3", "iso_numeric", "un_m49", "fips", "cameo"]


@given(
    st.sampled_from(SYSTEMS),
    st.sampled_from(sorted(states())),
    st.dates(date(1950, 1, 1), date(2020, 12, 31)),
)
@example("cow", "SRB", date(2000, 1, 1))
@example("gw", "SRB", date(1999, 3, 24))
@example("iso2", "GEO", date(1995, 5, 5))
def test_a_code_is_that_of_its_system_on_the_day_of_the_row(
    system: str, actor: str, day: date
) -> None:
    """Whoever has the code then, and no other."""
    assume(actor != "CHN")
    try:
        code = code_of(actor, system, on=day)
    except UnknownCodeError:
        return
    assert guest_of(day.isoformat(), code, **{"as": system}) == actor
    assert actor == actor_of(code, system, on=day)


def test_a_state_is_that_of_the_day_of_the_row() -> None:
    """Yugoslavia and Congo are read, and what has no answer is told."""
    was = "state:yugoslavia"
    assert guest_of("1985", "Yugoslavia", **{"as": "state"}) == was
    assert guest_of("2014-05", "Congo", **{"as": "state"}) == "COG"
    assert guest_of("2014", "Viet Nam", **{"as": "state"}) == "VNM"
    assert guest_of("1985-03", "345", **{"as": "cow"}) == was
    assert guest_of("1999", "345.0", **{"as": "gw"}) == "SRB"
    assert guest_of("1963", "COD", **{"as": "iso3"}) == "COD"
    for when, cell, kind in (
        ("2015", "Yugoslavia", "state"),
        ("1980", "Yemen", "state"),
    ):
        with pytest.raises(NothingReadError, match=f"not a valid {kind} on {when}"):
            guest_of(when, cell, **{"as": kind})
    with pytest.raises(NothingReadError, match="'ABC' is not a valid iso3: say what"):
        guest_of("1985", "ABC", **{"as": "iso3"})


@pytest.mark.parametrize(
    ("kind", "cell"), [("gw", "345"), ("cow", "345"), ("state", "Yugoslavia")]
)
def test_which_of_two_states_is_meant_within_a_year_is_said(
    kind: str, cell: str
) -> None:
    """The error names both and the day; of a day after that, no choice is needed."""
    was, serbia = "state:yugoslavia", "SRB"
    both = f"'{cell}' is {was} on 1992-01-01 and {serbia} from 1992-04-27: write on = "
    with pytest.raises(NothingReadError, match=re.escape(both)):
        guest_of("1992", cell, **{"as": kind})
    assert guest_of("1992", cell, **{"as": kind, "on": "first"}) == was
    assert guest_of("1992", cell, **{"as": kind, "on": "last"}) == serbia
    for on in ({}, {"on": "first"}, {"on": "last"}):
        assert guest_of("1992-05", cell, **{"as": kind, **on}) == serbia
    for spec in ({"as": kind, "on": "both"}, {"as": "person:", "on": "first"}):
        with pytest.raises(FaultsError, match="write on = 'first' or 'last' of a"):
            guest_of("1992", cell, **spec)


@pytest.mark.parametrize("kind", ["state", "iso3", "person:"])
@pytest.mark.parametrize("cell", ["Georgia?", "?Georgia", "Georgia (?)", "GEO \uff1f"])
def test_a_name_with_a_question_mark_is_refused(kind: str, cell: str) -> None:
    """It is a guess, which is not read as if it were none; a person may decide it."""
    fields = {"who": {"column": "who", "as": kind}} if kind == "person:" else {}
    guest = "GEO" if fields else {"column": "who", "as": kind}
    text = f"when;who\n2015;{cell}\n"
    with pytest.raises(
        NothingReadError, match="has a question mark: say what it means"
    ):
        read(text, declared(guest=guest, fields=fields))
    decided = {"column": "who", "as": "state", "codes": {cell: "GEO"}}
    assert len(read(text, declared(guest=decided)).log) == 1


def test_other_marks_of_a_name_do_not_matter() -> None:
    """Accents, case and punctuation: a star is that of a footnote."""
    for cell in ("Georgia*", "(Georgia)", "GEORGIA.", "G\u00e9orgia"):
        assert guest_of("2015", cell, **{"as": "state"}) == "GEO"
    with pytest.raises(NothingReadError, match="is not a valid state"):
        guest_of("2015", "Georgia [1]", **{"as": "state"})


def test_a_date_without_bounds_has_a_state_that_never_was_another() -> None:
    """Where the day is not known, a code of two states is not read."""
    table = declared(
        guest={"column": "guest", "as": "cow"},
        when={"column": "when", "format": "yyyy", "missing": "../2000"},
    )
    found = read("when;guest\n;365\n;372\n;345\n", table)
    assert len(found.log) == 2
    assert "'345' is not a valid cow" in found.rejected[0].reason


@pytest.mark.parametrize("language", ["de", "fr", "ru"])
def test_a_state_may_have_its_name_in_a_language(language: str) -> None:
    """Each name of each state, and English names where the language has none."""
    named = {name: s for s in states() for name in names(s, language) if s != "CHN"}
    text = "".join(f"2015;{name}\n" for name in [*named, "Tanzania"])
    for table in (
        declared(language=language),
        declared(guest={**GUEST, "language": language}),
    ):
        found = read(f"when;guest\n{text}", table)
        assert [*found.rejected] == []
        guests = {guest for e in found.log for guest in e.claim.parties}
        assert guests - {"CHN"} == {*named.values(), "TZA"}
    with pytest.raises(FaultsError, match="no names are known in 'xx'"):
        declared(guest={**GUEST, "language": "xx"})


# --- cells ----------------------------------------------------------------------------

FORMS = ["1", "1.0", " 1 ", "1.00"]


@pytest.mark.parametrize("said", FORMS)
@pytest.mark.parametrize("cell", FORMS)
def test_a_cell_has_one_form_wherever_it_is_compared(
    said: str, cell: str, tmp_path: Path
) -> None:
    """A spreadsheet writes 1 as 1.0, and a declaration may say either."""
    (tmp_path / "other.csv").write_text(f"n,land\n{said},Georgia\n", "utf-8")
    guest = {"column": "n", "codes": {said: "GEO"}}
    when = {**WHEN, "precision": "n", "precisions": {said: "month"}}
    rows = f"when;n\n2015-04-24;{cell}\n"
    (entry,) = read(rows, declared(guest=guest, when=when, where={"n": [said]})).log
    assert (str(entry.claim.when), "GEO" in entry.claim.parties) == ("2015-04", True)
    guest = {"column": "o.land", "as": "state"}
    other = {"name": "o", "file": str(tmp_path / "other.csv"), "column": "n"}
    (entry,) = read(rows, declared(guest=guest, lookups=[other])).log
    assert "GEO" in entry.claim.parties
    guest = {"column": "n", "optional": True}
    table = declared(guest="GEO", fields={"occasion": guest}, missing=["", said])
    (entry,) = read(rows, table).log
    assert entry.claim.what.occasion is None
    # The text of a field is what stands in the cell.
    (entry,) = read(rows, declared(guest="GEO", fields={"occasion": guest})).log
    assert entry.claim.what.occasion == cell.strip()


@pytest.mark.parametrize("cell", ["1_0", "\u0661", "\uff11", "1 0", "1,0", "Infinity"])
def test_a_number_of_several_cells_is_one_of_plain_digits(cell: str) -> None:
    """As of one cell: an underscore is no digit, and no other script is read."""
    signed = {"kind": "AgreementSigned", "when": WHEN}
    for amount in ("{n}.{m}", "-{m}{n}"):
        value = {"amount": amount, "currency": "USD"}
        fields = {"parties": ["CHN", "GEO"], "title": "x", "value": value}
        rules = [{**signed, "fields": fields}]
        table = tables.declared({"title": "x", "source": SOURCE, "events": rules})
        found = kept(tables.loads)(
            f"when,n,m\n2015,{cell!s},5\n".replace("1,0,", '"1,0",'), table, FACTS
        )
        assert "is not a valid number" in found.rejected[0].reason
        (entry,) = read("when,n,m\n2015,12,5\n", table).log
        assert entry.claim.what.value.amount == Decimal(amount.format(n="12", m="5"))


def test_an_error_of_the_declaration_is_told_once() -> None:
    """Before a row is read: no row can mend it."""
    signed = {"kind": "AgreementSigned", "when": WHEN}
    value = {"amount": {"column": "n"}, "currency": ["USD"], "rate": "{n}"}
    parties = ["CHN", "{guest}", "Germany"]
    place = {"name": "{n}", "latitude": "north"}
    rules: list[Table] = [
        {"kind": "Visited", "when": WHEN, "fields": {"guest": "CHN", "hosts": "{n}"}},
        {**signed, "fields": {"parties": "{guest}", "value": value}, "place": place},
        {**signed, "fields": {"parties": parties[1:], "title": "x", "count": "many"}},
        {**signed, "fields": {"parties": ["CHN", "Germany"], "title": "x"}},
    ]
    table = tables.declared({"title": "Visits", "source": SOURCE, "events": rules})
    with pytest.raises(FaultsError) as caught:
        read("when,guest,n\n" + "2015,GEO,1\n" * 60, table)
    assert [str(fault).partition(": ")[0] for fault in caught.value.faults] == [
        "events[1].fields.host",
        "events[1].fields.hosts",
        "events[2].fields.title",
        "events[2].fields.value.currency",
        "events[2].fields.value.rate",
        "events[2].place.latitude",
        "events[3].fields.count",
        "events[4].fields.parties",
    ]


# --- rejected rows --------------------------------------------------------------------

DECLARED = """\
title = "Besuche"
encoding = "cp1252"
delimiter = ";"
skip = 1
header = 2
missing = ["", "-"]
source = { title = "A table" }
[[events]]
kind = "Visited"
when = { column = "Datum", format = "dd.mm.yyyy" }
fields = { guest = { column = "Gast / Name", as = "state", optional = false }, \
host = "{Gast / Ziel}", occasion = { column = "Anlass", optional = true } }
[[events]]
kind = "Joined"
when = { column = "Datum", format = "dd.mm.yyyy" }
fields = { member = "{Gast / Ziel}", body = "=x" }
where = { Anlass = ["Gründung"] }
"""
ROWS = """\
Besuche;;;
Datum;Gast;;Anlass
;Name;Ziel;
01.02.2015;Georgia;CHN;Eröffnung
um 2015;Georgia;CHN;Gründung
03.02.2015;Niemand;CHN;@1
04.02.2015;Georgia
05.02.2015;Georgia;KAZ;-
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rejected_rows_are_mended_and_read_alone(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """The log is then that of a table which was right at first."""
    monkeypatch.chdir(tmp_path)
    Path("t.toml").write_text(DECLARED, "utf-8")

    def mended(text: str) -> str:
        text = text.replace("um 2015", "02.02.2015").replace("Niemand", "Armenia")
        short = r"(04.02.2015|2015-02-04);Georgia(;;)?(?=[;\n])"
        return re.sub(short, r"\1;Georgia;KAZ;x", text)

    def write(name: str, text: str) -> None:
        rows = [*csv.reader(text.splitlines(), delimiter=";")]
        if name.endswith("csv"):
            Path(name).write_text(text, "cp1252")
            return
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        for cell in book.worksheets[0]["A"][3:]:
            if cell.value[0] == "0":
                cell.value = date(*map(int, reversed(cell.value.split("."))))
        book.save(name)

    write(f"t.{kind}", ROWS)
    asked = ["import", "--table", "t.toml", "-o", "log.jsonl"]
    assert 0 == main([*asked, f"t.{kind}", "--rejected", "odd.csv"])
    odd = Path("odd.csv").read_text("cp1252")
    _, _, header, *rows = csv.reader(odd.splitlines(), delimiter=";")
    assert header == ["", "Name", "Ziel", "", "rejected because"]
    assert [row[-1].partition(": ")[0] for row in rows] == [
        "line 5",
        "line 6",
        "line 7",
    ]
    assert rows[1][1:4] == ["Niemand", "CHN", "'@1"]
    assert "Visited: 'um 2015' is not written" in rows[0][-1]
    assert "Joined: 'um 2015' is not written" in rows[0][-1]
    Path("odd.csv").write_text(mended(odd), "cp1252")
    assert 0 == main([*asked, "odd.csv", "--rejected", "none.csv"])
    assert len(Path("none.csv").read_text("cp1252").splitlines()) == 1
    write(f"right.{kind}", mended(ROWS))
    table = tables.read_declaration("t.toml")
    found, right = (
        {(e.claim.what, e.claim.when, *e.claim.cite) for e in log}
        for log in (
            jsonl.load("log.jsonl", FACTS),
            tables.load(f"right.{kind}", table, FACTS).log,
        )
    )
    assert found == right
    assert len(right) == 6


def test_a_mended_row_is_cited_by_its_line_in_the_table() -> None:
    """Also if it is kept again, and without a line if it no longer tells its own."""
    table = declared(source={**SOURCE, "locator": "p. {page}"}, delimiter=",")
    rows = [
        "2015,Fiji,4,line 7: x",
        "2016,Fiji,4,",
        "2017,Fiji,,-",
        "x,Fiji,,line 9: y",
    ]
    found = read("\n".join(["when,guest,page,rejected because", *rows]), table)
    assert [cite.locator for entry in found.log for cite in entry.claim.cite] == [
        "p. 4; line 7 of the table",
        "p. 4",
        "",
    ]
    assert [row.line for row in found.rejected] == [9]
    (caution,) = found.cautions
    problem = "2 rows do not tell their line under 'rejected because'"
    assert caution == f"{problem}, and are cited without one"


TWO_RULES = """
title = "T"
source = { title = "The list", published = "2018" }
[[events]]
kind = "Visited"
when = { column = "date", format = "yyyy-mm-dd" }
fields = { guest = "CHN", host = { column = "to", as = "state" }, who = "{who}" }
[[events]]
kind = "Met"
when = { column = "date", format = "yyyy-mm-dd" }
fields = { parties = ["CHN", { column = "to", as = "state" }] }
"""


def test_a_row_of_which_one_rule_gave_an_event_adds_the_other_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """It is kept whole, what it gave is added once, and two rows made of it are two."""
    monkeypatch.chdir(tmp_path)
    Path("t.toml").write_text(TWO_RULES, "utf-8")
    lines = ["date,to,who", "2014-01-02,FJI,person:x", "2015-05-07,Fiji,Xi Jinping"]
    Path("t.csv").write_text("\n".join(lines), "utf-8")
    asked = ["import", "--table", "t.toml", "-o", "log.jsonl", "--rejected", "odd.csv"]
    assert 0 == main([*asked, "t.csv"])
    odd = Path("odd.csv").read_text("utf-8").splitlines()
    assert len(odd) == 3
    twice = [*odd, odd[-1].replace("Fiji", "Georgia")]
    Path("odd.csv").write_text("\n".join(twice), "utf-8")
    assert 0 == main([*asked, "odd.csv"])
    kept_rows = Path("odd.csv").read_text("utf-8").splitlines()
    assert kept_rows[1:] == twice[1:]
    right = "\n".join(kept_rows).replace("Xi Jinping,", "person:xi-jinping,")
    Path("odd.csv").write_text(right.replace("FJI", "Fiji"), "utf-8")
    assert 0 == main([*asked, "odd.csv"])
    log = jsonl.load("log.jsonl", FACTS)
    told = [f"{e.claim.what} [{e.claim.cite[0].locator}]" for e in log]
    assert sorted(told) == [
        "China and Fiji meet [line 2]",
        "China and Fiji meet [line 3]",
        "China and Georgia meet [line 3]",
        "X of China visits Fiji [line 2]",
        "Xi Jinping of China visits Fiji [line 3]",
        "Xi Jinping of China visits Georgia [line 3]",
    ]


def test_rows_of_different_tables_are_not_kept_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """They could not be read again."""
    monkeypatch.chdir(tmp_path)
    Path("t.toml").write_text(DECLARED.replace("skip = 1", "skip = 0"), "utf-8")
    for name, column in (("a.csv", "x"), ("b.csv", "y")):
        head = f"Datum;Gast;;Anlass;{column}\n;Name;Ziel;;\n"
        Path(name).write_text(f"{head}01.02.2015;X;CHN;;\n", "cp1252")
    asked = ["import", "a.csv", "b.csv", "--table", "t.toml", "--rejected", "odd.csv"]
    assert 2 == main(asked)
    assert "import them one by one" in capsys.readouterr().err
    assert not Path("odd.csv").exists()


# --- reports of one happening ---------------------------------------------------------

REPORTED: Table = {
    "source": {"title": "{paper}", "locator": "p. {page}"},
    "missing": ["", "?"],
}


def test_the_place_in_a_source_is_in_columns() -> None:
    """The line of the table is told too; a page that is missing is left out."""
    rows = "2015;Georgia;A;14\n2016;Georgia;A;\n2017;Georgia;B;?\n"
    table = declared(**REPORTED)
    found = read(f"when;guest;paper;page\n{rows}", table).log
    located = [entry.claim.cite[0].locator for entry in found]
    assert located == ["p. 14; line 2 of the table", "line 3", "line 4"]
    titles = [entry.claim.cite[0].source for entry in found]
    assert titles == [Source("A"), Source("A"), Source("B")]


@given(
    st.integers(0, 20),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["Georgia", "Armenia"]),
    st.booleans(),
)
def test_an_import_asks_for_ids_of_reports_that_differ(
    days: int, paper: str, guest: str, has_id: bool
) -> None:
    """Of two sources, by some days; not of one source, or where an id says so."""
    table: Any = declared(**REPORTED)
    if has_id:
        (rule,) = table.events
        table = evolve(table, events=[evolve(rule, id="{guest}/{paper}")])
    day = date(2015, 3, 1)
    rows = f"{day};Georgia;A;1\n{day + timedelta(days)};{guest};{paper};2\n"
    said = str(read(f"when;guest;paper;page\n{rows}", table))
    is_like = (paper, guest) == ("B", "Georgia") and 0 < days <= 7
    asked = "1 time two sources differ by at most 7 days (p. 1; line 2 of the table; p."
    assert (asked in said) is (is_like and not has_id)
