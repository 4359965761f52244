"""Tables as people keep them: parts that are missing, titles, merged cells, slips."""

from __future__ import annotations

import io
import tomllib
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from imports import kept

from bri_timeline import EventLog, Vocabulary
from bri_timeline._command._checks import log_problems, table_problems
from bri_timeline.errors import FaultsError
from bri_timeline.formats import tables
from bri_timeline.relations import FACTS


@frozen
class Course:
    """A class with a field that is called as a word of declarations is."""

    name: str
    optional: bool


@frozen
class Offered:
    """A fact of it."""

    course: Course


def read(
    text: str, fields: dict[str, object], kind: str = "AgreementSigned", **more: object
) -> tables.Imported:
    """Read a table of years."""
    rule = {"when": {"column": "y", "format": "yyyy"}, "kind": kind, "fields": fields}
    data = {"title": "T", "source": {"title": "S"}, "events": [rule | more]}
    vocabulary = Vocabulary(*FACTS.classes.values(), Offered)
    return kept(tables.loads)(text, tables.declared(data), vocabulary)


def test_a_value_is_left_out_where_a_part_of_it_is_missing() -> None:
    """A part that is wrong is a reason still; a currency that is missing may be XXX."""
    amount: dict[str, object] = {"column": "M", "as": "number"}
    whole = {"amount": amount, "currency": "{c}", "optional": True}
    own = {"column": "c", "codes": {"": "XXX"}}

    def values(value: dict[str, object]) -> list[str]:
        fields = {"parties": ["CHN", "TUR"], "title": "x", "value": value}
        found = read("y,M,c\n2013,1,USD\n2014,,\n2015,x,\n", fields)
        reasons = [one.reason.partition(": ")[2] for one in found.rejected]
        return [str(entry.claim.what.value) for entry in found.log] + reasons

    wrong = "M: 'x' is not a valid number: say what it means under codes"
    assert values({**whole, "currency": own}) == ["1 USD", "None", wrong]
    needed = {"amount": amount, "currency": own}
    assert values(needed)[1].startswith("M holds nothing: write optional = true, or")
    with pytest.raises(FaultsError, match="Money has no such field"):
        values({**whole, "optional": "yes"})
    amount["codes"] = {"": "7"}
    assert values(needed) == ["1 USD", "7 XXX", wrong]
    # What stands for a number of the column is multiplied as these are.
    amount |= {"times": 1000, "codes": {"": 0.0025, "x": "7"}}
    assert values(needed) == ["1,000 USD", "2.50 XXX", "7,000 XXX"]


def test_a_field_that_is_called_optional_is_one() -> None:
    """What is said of a field of a class is no word of the declaration."""
    found = read(
        "y,n\n2013,a\n", {"course": {"name": "{n}", "optional": True}}, "Offered"
    )
    assert found.log[0].claim.what == Offered(Course("a", optional=True))


def test_one_date_may_be_that_of_all_rows() -> None:
    """A table of how things stand has no dates of its own."""
    for said in ("[..2019]", 2019, date(2019, 4, 24)):
        fields: dict[str, object] = {
            "member": {"column": "c", "as": "iso3"},
            "body": "B",
        }
        found = read("c\nGEO\nKAZ\n", fields, "Joined", when={"is": said})
        assert [str(entry.claim.when) for entry in found.log] == [str(said)] * 2


# --- titles, sheets and merged cells ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "skip", "remedy"),
    [
        ("A list (mine, 2019)\n\nc,y\nGEO,2013\n", 0, "stand in row 3: write skip = 2"),
        ("c,y\nGEO,2013\n", 1, "skip: the columns stand in row 1: write skip = 0"),
        (
            "A list\nc;y\nGEO;2013\n",
            0,
            "skip: the columns stand in row 2: write skip = 1",
        ),
    ],
)
def test_an_error_over_a_title_says_what_to_skip(
    text: str, skip: int, remedy: str
) -> None:
    """The columns that are missing stand below, or above, where nobody looked."""
    rule = {
        "kind": "Joined",
        "when": {"column": "y", "format": "yyyy"},
        "fields": {"member": {"column": "c", "as": "iso3"}, "body": "B"},
    }
    data = {"title": "T", "source": {"title": "S"}, "events": [rule], "skip": skip}
    with pytest.raises(FaultsError) as raised:
        tables.loads(text, tables.declared(data), FACTS)
    assert remedy in str(raised.value)


FILLED = st.lists(
    st.tuples(st.sampled_from(["", "GEO", "KAZ", "Ruritania"]), st.booleans()),
    min_size=1,
)


@given(FILLED)
def test_an_empty_cell_may_repeat_the_cell_above(rows: list[tuple[str, bool]]) -> None:
    """As if it were written; also that of a row which is kept to be mended."""
    cells, above = [], "GEO"
    for cell, _ in rows:
        above = cell or above
        cells.append(above)
    gaps = "".join(
        f",\n{cell},2013\n" if gap else f"{cell},2013\n" for cell, gap in rows
    )
    rule = {
        "kind": "Joined",
        "when": {"column": "y", "format": "yyyy"},
        "fields": {"member": {"column": "c", "as": "iso3"}, "body": "B"},
    }
    data = {"title": "T", "source": {"title": "S"}, "events": [rule], "fill": ["c"]}
    found = kept(tables.loads)(f"c,y\nGEO,2013\n{gaps}", tables.declared(data), FACTS)
    members = [entry.claim.what.member for entry in found.log]
    wrong = [one.cells[0] for one in found.rejected if not one.left_out]
    assert {"GEO", *members} == {"GEO", *cells} - {"Ruritania"}
    assert wrong == [cell for cell in cells if cell == "Ruritania"]


def test_what_is_made_of_other_columns_is_not_filled() -> None:
    """Nothing would be read from above, in silence."""
    rule = {
        "kind": "Joined",
        "when": {"is": "2019"},
        "fields": {"member": "{m}", "body": "B"},
    }
    match = {"c": "(?P<m>[A-Z]{3})"}
    data = {"title": "T", "source": {"title": "S"}, "events": [rule], "match": match}
    for column, problem in (
        ("m", "'m' is made of other columns"),
        ("x", "column 'x': is mis"),
    ):
        table = tables.declared({**data, "fill": [column]})
        with pytest.raises(FaultsError, match=problem):
            tables.loads("c\nGEO\n", table, FACTS)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook as somebody keeps it: a note first, titles, merged cells."""
    made = openpyxl.Workbook()
    made.active.title = "Notes"
    made.active["A1"] = "Do not pass on"
    deals = made.create_sheet("Deals")
    for row in [
        ["Projects (own notes)"],
        [],
        [],
        ["Country", "Partner", "When", "Until", "Project", "Value (m USD)"],
        ["Georgia", "China", "2016", None, "a port", "~400"],
        [None, "China", "2017", "n/a", "a road", 12.5],
        ["Italy", "CHN", "2014-15", None, "a zone", 3],
    ]:
        deals.append(row)
    deals.merge_cells("A1:F1")
    deals.merge_cells("B2:F3")
    deals.merge_cells("A5:A6")
    visits = made.create_sheet("Visits")
    for row in [["Guest", "Host", "Date"], ["Georgia", "China", date(2015, 12, 10)]]:
        visits.append(row)
    for number in (1, 2):
        made.create_sheet(f"Old {number}").sheet_state = "hidden"
    made.save(tmp_path / "deals.xlsx")
    return tmp_path / "deals.xlsx"


def drafted(source: object, kind: str, **more: str) -> tuple[tables.Draft, EventLog]:
    """A draft, and the log that it makes of its table."""
    draft = tables.draft(source, FACTS, kind=kind, **more)
    table = tables.declared(tomllib.loads(draft.text))
    if isinstance(source, io.StringIO):
        source = io.StringIO(source.getvalue())
    return draft, kept(tables.load)(source, table, FACTS).log


def test_a_workbook_is_drafted_from_its_first_sheet_with_dates(book: Path) -> None:
    """Whatever stands above its header, and in the sheets before it."""
    draft, log = drafted(book, "AgreementSigned")
    declaration = tomllib.loads(draft.text)
    said = {name: declaration[name] for name in ("sheet", "skip", "fill")}
    assert said == {"sheet": "Deals", "skip": 3, "fill": ["Country"]}
    assert [sorted(entry.claim.what.parties) for entry in log] == [["CHN", "GEO"]] * 2
    asked = "\n".join(draft.questions)
    assert (
        "sheet 'Deals' is drafted; not read: 'Notes', 'Visits', 'Old 1', 'Old 2'"
        in asked
    )
    assert "Country: cells are merged" in asked
    assert 'codes = { "CHN" = "CHN" }' in asked
    # A kind does not take a note for a table without dates.
    draft, log = drafted(book, "Visited", sheet="Visits")
    assert ("not read" in " ".join(draft.questions), len(log)) == (False, 1)
    with pytest.raises(
        FaultsError, match="sheet 'Notes': has no rows below its header"
    ):
        tables.draft(book, FACTS, sheet="Notes")
    with pytest.raises(
        FaultsError, match="'Notes' is not there, since it is not a workb"
    ):
        tables.draft(io.StringIO("a\n2015\n"), FACTS, sheet="Notes")


def test_errors_and_questions_about_a_workbook_name_the_sheet(book: Path) -> None:
    """Where none was named, somebody looks at another one than was read."""
    text = tables.draft(book, FACTS, kind="AgreementSigned").text
    wrong = tables.declared(tomllib.loads(text.replace('"Deals"', '"Visits"')))
    with pytest.raises(FaultsError, match=r"deals\.xlsx, sheet 'Visits' has"):
        tables.load(book, wrong, FACTS)
    (asked,) = table_problems(book)
    assert asked.startswith(
        "sheet 'Deals', column 'When': 1 date such as 2014-15 may be"
    )
    made = openpyxl.load_workbook(book)
    del made["Deals"], made["Visits"]
    made.create_sheet("More").append(["a", "b"])
    made["More"].append(["x", "y"])
    made.save(book)
    with pytest.raises(FaultsError) as raised:
        tables.draft(book, FACTS, kind="Visited")
    assert [one.place for one in raised.value.faults] == [
        "sheet 'Notes'",
        "sheet 'More'",
    ]


# --- drafts that ask ------------------------------------------------------------------


def asked(text: str, kind: str | None = None) -> str:
    """What a draft asks, and writes."""
    draft = tables.draft(io.StringIO(text), FACTS, kind=kind, name="t")
    tables.declared(tomllib.loads(draft.text))
    return "\n".join([*draft.questions, draft.text])


ASKED = [
    ("When", "2013-2018", '# "2013-2018" = "2013/2018" or "[2013..2018]"'),
    ("When", "ca. 2013\u20132018", '"2013~/2018~" or "[2013~..2018~]"'),
    (
        "Value (m USD)",
        "12",
        'currency = "USD", optional = true } }'.replace(" } }", " }"),
    ),
    (
        "Value (m USD)",
        "12",
        "Value (m USD): is it a sum? then write value = { amount = {",
    ),
    ("Kosten (Tsd. \u20ac)", "12", 'times = 1000 }, currency = "..."'),
    ("sum_eur", "12", 'times = 1 }, currency = "EUR"'),
    ("Until", "n/a", "not used: 'Until': is any a field of AgreementSigned? `facts"),
    ("End", "in force", "# Not used: 'End'"),
    ("Length", "12", "not used: 'Length'"),
    ("Remark", "of 2015", "not used: 'Remark'"),
]


@pytest.mark.parametrize(("head", "cell", "question"), ASKED)
def test_a_draft_asks_what_a_column_leaves_open(
    head: str, cell: str, question: str
) -> None:
    """A range, a scale, an end in words, and whatever it does not use."""
    rows = [["A", "B", "Title", head], ["Georgia", "China", "a port", cell]]
    if head == "When":
        rows.append(["Italy", "China", "a road", "2011"])
    else:
        rows = [[*row, year] for row, year in zip(rows, ("Date", "2012"), strict=True)]
    text = "".join(f"{';'.join(row)}\n" for row in rows)
    assert question in asked(text, "AgreementSigned")


def test_a_draft_asks_about_a_scale_of_a_number() -> None:
    """A factor that is left out would make every number a million times too small."""
    text = "year;actor;name;value (mio);unit\n2015;KAZ;trade;1,5;USD\n"
    found = asked(text, "IndicatorObserved")
    assert "are its numbers in units of 1,000,000? then write times = 1000000" in found


def test_a_draft_asks_about_empty_cells_of_states() -> None:
    """They may be merged, of which a file of text says nothing."""
    text = "year;guest;host\n2015;Georgia;China\n2016;;China\n"
    assert 'they repeat the cell above, write fill = ["guest"]' in asked(
        text, "Visited"
    )


def test_a_draft_asks_which_language_has_the_months() -> None:
    """Unless names of states show it; a date may have a language of its own."""
    rows = "Juni 2015;GEO;CHN\n5 Juli 2016;KAZ;CHN\n"
    assert "language: is it de or nl?" in asked(f"when;guest;host\n{rows}", "Visited")
    named = rows.replace("GEO", "Georgi\u00eb").replace("KAZ", "Kazachstan")
    found = asked(f"when;guest;host\n{named}", "Visited")
    assert ('language = "nl"' in found, "language: is it" in found) == (True, False)
    text = "when;guest;host\n5 мая 2015;Georgien;China\n6 мая 2016;Kasachstan;China\n"
    _, log = drafted(io.StringIO(text), "Visited")
    assert [str(entry.claim.when) for entry in log] == ["2015-05-05", "2016-05-06"]
    # One name in another language does not make it that of the table.
    some = "2015;Georgia;China\n" * 15 + "2015;Tadjikistan;China\n"
    found = asked(f"when;guest;host\n{some}", "Visited")
    assert ("language =" in found, '"Tadjikistan" = "TJK"' in found) == (False, True)


def test_a_draft_takes_no_column_for_a_field_that_is_nearly_empty() -> None:
    """It would reject most rows, for a word that stands beside a few."""
    rows = "2015;Georgia;China;;a\n2016;Italy;China;;b\n2017;Iran;China;new;c\n"
    found = asked(f"year;A;B;note;deal\n{rows}", "AgreementSigned")
    assert 'title = { column = "deal" }' in found


def test_a_column_of_ranges_of_years_has_dates() -> None:
    """Though each is asked, and none is read before somebody says what it means."""
    text = "term;state;body\n2013-2018;Georgia;UN\n2014-2016;Italy;UN\n"
    said = asked(text, "Joined")
    assert 'columns = ["term"]' in said
    assert '# "2014-2016" = "2014/2016" or "[2014..2016]"' in said


def test_a_month_in_a_column_of_its_own_may_be_a_name() -> None:
    """Beside its year."""
    text = "Year;Month;guest;host\n2015;May;KAZ;CHN\n2016;;KAZ;CHN\n"
    draft, log = drafted(io.StringIO(text), "Visited")
    assert 'format = "yyyy month"' in draft.text
    assert [str(entry.claim.when) for entry in log] == ["2015-05"]


def test_a_table_without_dates_is_drafted_for_a_kind() -> None:
    """Its one date is asked."""
    draft = tables.draft(io.StringIO("state;body\nGeorgia;UN\n"), FACTS, kind="Joined")
    assert 'which date is that of all rows, such as "[..2019]"?' in draft.questions
    said = tables.declared(
        tomllib.loads(draft.text.replace('is = "..."', 'is = "2019"'))
    )
    log = tables.loads("state;body\nGeorgia;UN\n", said, FACTS).log
    assert [str(entry.claim.when) for entry in log] == ["2019"]
    with pytest.raises(FaultsError, match="one date is that of all rows"):
        tables.draft(io.StringIO("state;body\nGeorgia;UN\n"), FACTS)


PERIODS = [
    "{}",
    "ca. {}",
    "before {}",
    "spring {}",
    "Q1 {}",
    "Q4 {}",
    "first half of {}",
]
PERIODS += [
    "summer of {}",
    "autumn {}",
    "winter {}",
    "late {}",
    "mid {}",
    "about December {}",
]
PERIODS += ["early {}", "from Q1 {} to Q3 {}", "since the second half of {}"]


@given(
    st.lists(
        st.tuples(st.sampled_from(PERIODS), st.integers(2009, 2027)),
        min_size=1,
        max_size=6,
    )
)
def test_what_a_draft_wrote_is_never_questioned(said: list[tuple[str, int]]) -> None:
    """Of periods that EDTF writes as two years are written, it takes other words."""
    cells = [*dict.fromkeys(form.format(year, year) for form, year in said)]
    rows = "".join(f"{cell};Georgia;China;The Paper;2030-02-03\n" for cell in cells)
    years = "".join(
        f"{year};Italy;China;The Paper;2030-02-03\n" for year in range(1990, 1997)
    )
    text = f"when;guest;host;source;published\n{rows}{years}"
    draft = tables.draft(io.StringIO(text), FACTS, kind="Visited")
    found = kept(tables.loads)(text, tables.declared(tomllib.loads(draft.text)), FACTS)
    assert len(found.log) + len(found.rejected) == len(cells) + 7
    # Of two periods that are the same days, it asks for another reason.
    problems = [*log_problems([*found.log])]
    assert [one for one in problems if "counts once" not in one] == []
    for rejected in found.rejected:
        assert f'# "{rejected.cells[0]}" = ' in draft.text


def test_a_draft_asks_first_what_each_row_is() -> None:
    """A guess names what else it may be, and who may be missing."""
    text = "Date;Country;Title\n2012;Georgia;a port\n2013;Italy;a road\n"
    assert asked(text).startswith("is each row of the kind ")
    assert "AgreementSigned.parties: does one column have" in asked(
        text, "AgreementSigned"
    )


def test_rows_left_out_on_purpose_are_no_rejected_ones() -> None:
    """A row of totals that a declaration leaves out is no wrong one."""
    fields: dict[str, object] = {"member": {"column": "m", "as": "state"}, "body": "B"}
    text = "y,m\n2013,Norway\n2014,Total\n2015,Atlantis\n"
    found = read(text, fields, "Joined", where_not={"m": ["Total"]})
    assert "1 event, 1 row rejected, 1 left out, 0 still open" in str(found)
    assert "left out" not in str(read(text, fields, "Joined")).partition("\n")[0]
