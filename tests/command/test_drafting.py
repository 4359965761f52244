"""`init TABLE`: a declaration is drafted from a table of one's own."""

from __future__ import annotations

import csv
import difflib
import io
import random
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pyarrow
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import EventLog, Vocabulary
from bri_timeline._command import main
from bri_timeline._names import states
from bri_timeline.errors import FaultsError, MissingExtraError, VocabularyError
from bri_timeline.formats import jsonl, tables
from bri_timeline.formats.tables import _columns
from bri_timeline.relations import FACTS, Visited, names


HEAD = ["Datum", "Gast", "Gastgeber", "Anlass", "Kosten (Tsd. €)", "Quelle"]
GUESTS = ["Deutschland", "Kasachstan", "Usbekistan", "Georgien", "Türkei", "Kirgistan"]


def visits() -> list[list[str]]:
    """Sixty rows as somebody wrote them, in two years."""
    lot, rows = random.Random(60), []
    for number in range(60):
        day = date(2015 + number // 30, 1, 1) + timedelta(lot.randrange(365))
        when = {
            1: f"{day:%Y}",
            4: f"ca. {day:%Y}",
            6: f"Fruehjahr {day:%Y}",
            7: f"{day:%m.%Y}",
        }.get(number % 9, f"{day:%d.%m.%Y}")
        when = {10: "-", 13: "Ostern 2015"}.get(number, when)
        cost = (
            f"{lot.randrange(1, 9)}.{lot.randrange(100, 999)},{lot.randrange(10, 99)}"
        )
        occasion = lot.choice(["Staatsbesuch", "Eröffnung", ""])
        cells = [when, lot.choice(GUESTS), "China", occasion]
        rows.append([*cells, cost if number % 4 else "k.A.", "Die Zeitung"])
    return rows


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the rows in both forms."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    rows = visits()
    with Path("besuche.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([["Stand 2018"], HEAD, *rows])
    book = openpyxl.Workbook()
    for number, part in enumerate((rows[:30], rows[30:])):
        sheet = book.create_sheet(str(2015 + number), number)
        sheet.append(["Besuche in China"])
        sheet.append(HEAD)
        for row in part:
            day = re.fullmatch(r"(..)\.(..)\.(....)", row[0])
            year = int(row[0]) if row[0].isdigit() else row[0]
            first = date(*map(int, reversed(day.groups()))) if day else year
            sheet.append([first, *row[1:]])
    del book["Sheet"]
    book.save("besuche.xlsx")
    yield tmp_path
    sys.modules.pop("museum", None)


def run(command: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    """Run a command with this exit status, and return its output and errors."""
    assert status == main(shlex.split(command))
    out, err = capsys.readouterr()
    assert "Traceback" not in err + out
    assert "Errno" not in err
    return str(out + err)


def mended(changes: dict[str, str]) -> int:
    """Mend lines of the draft, and return how many were changed."""
    path = Path("besuche.toml")
    draft = text = path.read_text("utf-8")
    for wrong, right in changes.items():
        assert wrong in text
        text = text.replace(wrong, right, 1)
    path.write_text(text, "utf-8")
    lines = difflib.ndiff(draft.splitlines(), text.splitlines())
    return sum(line.startswith("+ ") for line in lines)


def whens(name: str) -> list[str]:
    """The dates of a log, as they are."""
    return sorted(str(entry.claim.when) for entry in jsonl.load(name, FACTS))


@pytest.mark.slow
def test_a_messy_sheet_becomes_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """From `init` to the page, both forms, with at most fifteen lines changed."""
    gone = 'host = { column = "Gastgeber", as = "state" }'
    changes = {
        '# published = "2020-12-31"': 'published = "2018" #',
        '# "Ostern 2015" = "..."': '"Ostern 2015" = "2015-04"',
        '"Gast", as = "state"': '"Gast", as = "state", codes = { Kirgistan = "KGZ" }',
        gone: gone + '\noccasion = { column = "Anlass", optional = true }',
    }
    said = run("init besuche.csv --kind Visited", capsys)
    assert "which states are 'Kirgistan'?" in said
    assert 'codes = { "Kirgistan" = "KGZ" }' in said
    assert "which dates are 'Ostern 2015'?" in said
    assert mended(changes) <= 15
    kept = run("import besuche.csv --table besuche.toml -o csv.jsonl", capsys)
    assert "events, 1 row rejected" in kept
    assert {"2015~", "2015-21", "2016-21", "2015-04"} <= {*whens("csv.jsonl")}

    Path("besuche.toml").unlink()
    assert "not read: '2016'" in run("init besuche.xlsx --kind Visited", capsys)
    assert mended(changes) <= 15
    asked = "import besuche.xlsx --table besuche.toml -o xlsx.jsonl"
    run(asked, capsys)
    more = '"ca. 2015" = "2015~"\n"ca. 2016" = "2016~"\n"Fruehjahr 2016" = "2016-21"'
    assert (
        mended({'sheet = "2015"': 'sheet = "2016"', '"ca. 2015" = "2015~"': more}) == 3
    )
    run(asked, capsys)
    assert whens("xlsx.jsonl") == whens("csv.jsonl")
    run("timeline xlsx.jsonl -o besuche.html --between KGZ CHN", capsys)
    assert "Kyrgyzstan visits China" in Path("besuche.html").read_text("utf-8")


def test_first_contact_leads_to_the_draft(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is tried first names the next step."""
    drafts = "`init {0}` drafts"
    for name, status in (("besuche.csv", 1), ("besuche.xlsx", 2)):
        wanted = drafts.format(name)
        assert wanted in run(f"import {name}", capsys, status)
        assert wanted in run(f"import {name} --from tables", capsys, 2)
        assert wanted in run(f"doctor {name}", capsys)
    text = Path("besuche.csv").read_text("cp1252").partition("\n")[2]
    Path("plain.csv").write_text(text, "utf-8")
    assert "`init plain.csv` drafts" in run("import plain.csv", capsys, 1)
    said = run("doctor besuche.csv", capsys)
    assert "column 'Datum': 1 cells say '-'" in said
    assert "not at dates in words and names of states" in said


def test_nothing_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the table nor a declaration that is there."""
    before = Path("besuche.csv").read_bytes()
    Path("besuche.toml").write_text("mine", "utf-8")
    assert "is there already" in run("init besuche.csv", capsys, 1)
    assert Path("besuche.csv").read_bytes() == before
    assert Path("besuche.toml").read_text("utf-8") == "mine"


MUSEUM = """\
from attrs import frozen
from bri_timeline import Vocabulary


@frozen
class Bought:
    lot: str
    buyer: str
    price: int


@frozen
class Lists:
    lots: frozenset[str]


FACTS = Vocabulary(Lists, Bought)
LISTS = Vocabulary(Lists)
"""


def test_a_new_sheet_is_of_ones_own_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """And it is read by its declaration at once."""
    Path("museum.py").write_text(MUSEUM, "utf-8")
    said = run("init lots.csv --facts museum", capsys)
    assert "1 row (period covered: not stated): 1 event, 0 rows rejected" in said
    assert Path("lots.csv").read_text("utf-8").startswith("when,lot,buyer,price,")
    run("import lots.csv --table lots.toml -o lots.jsonl --facts museum", capsys)
    assert "a chronicle" in run("init b.csv --facts museum:LISTS", capsys, 2)
    assert "no 'Held'" in run("init besuche.csv --kind Held --facts museum", capsys, 1)


def drafted(text: str, kind: str | None = None) -> tuple[tables.Draft, EventLog]:
    """A draft, and the log that it makes of its table."""
    draft = tables.draft(io.StringIO(text), FACTS, kind=kind)
    table = tables.declared(tomllib.loads(draft.text))
    return draft, tables.loads(text, table, FACTS).log


FORMS = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d %B %Y",
    "%Y/%m/%d",
    "%Y-%m",
    "%m/%Y",
    "%B %Y",
    "%Y",
]
WRITTEN = st.tuples(
    st.sampled_from(FORMS),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["iso3", "iso2", "en", "de", "ru"]),
    st.booleans(),
    st.lists(st.dates(date(1993, 1, 1), date(2030, 1, 1)), min_size=3, max_size=8),
)


@given(WRITTEN)
def test_a_draft_reads_what_was_written(
    written: tuple[str, str, str, bool, list[date]],
) -> None:
    """Of every way to write dates and states, with titles above or without."""
    form, mark, how, is_titled, days = written
    guests = ["KAZ", "GEO", "DEU", "UZB", "TUR", "AZE", "ARM", "FRA"]

    def state(code: str) -> str:
        known = states()[code]
        found = {"iso3": code, "iso2": known.alpha2, "en": known.name}
        return found.get(how) or names(code, how)[0]

    lines = [["when", "guest", "host"]] + [
        [f"{day:{form}}", state(guest), state("CHN")]
        for day, guest in zip(days, guests, strict=False)
    ]
    text = "".join(f"{mark.join(line)}\n" for line in lines)
    _, log = drafted("A title\n\n" * is_titled + text, "Visited")
    found = [(e.claim.what, str(e.claim.when)) for e in log]
    iso = {"%Y-%m": "%Y-%m", "%m/%Y": "%Y-%m", "%B %Y": "%Y-%m", "%Y": "%Y"}
    assert found == [
        (Visited(guest, "CHN"), f"{day:{iso.get(form, '%Y-%m-%d')}}")
        for day, guest in zip(days, guests, strict=False)
    ]


def test_a_draft_says_what_it_guesses() -> None:
    """The ends, the source, numbers, codes of a list, and what is in no column."""
    text = (
        "begin;end;member;ccode;body;told_by;reported;share;share\n"
        "1990-01;1995;X;345;UN;Agency;1991;1,5;\n"
        "1991-02;2001~;Y;710;UN;Agency;1992;2,5;\n"
        "1992-03;1938-39;Z;2;-;Agency;1993;;\n"
    )
    draft = tables.draft(io.StringIO(text), FACTS)
    # A field was told by the order of the columns alone: the kind is for the author.
    assert 'kind = "..."  # is it "Joined"?' in draft.text
    assert "of the kind Joined, and not Left" in "\n".join(draft.questions)
    draft, log = drafted(text, "Joined")
    declaration = tomllib.loads(draft.text)
    (rule,) = declaration["events"]
    assert rule["kind"] == "Joined"
    assert rule["until"]["columns"] == ["end"]
    assert rule["fields"]["member"] == {"column": "ccode", "as": "cow"}
    assert declaration["source"] == {"title": "{told_by}", "published": "{reported}"}
    assert declaration["missing"] == ["", "-"]
    assert {str(entry.claim.when) for entry in log} == {"1990-01/1995", "1991-02/2001~"}
    assert '# "1938-39" = "1938/1939" or "[1938..1939]"' in draft.text
    said = "\n".join(draft.questions)
    assert "with that of another, are not read: 'share'" in said
    draft, _ = drafted("year,month,day,state\n2015,3,1,KAZ\n2016,4,2,GEO\n", "Joined")
    assert "body: no column seems to hold it" in "\n".join(draft.questions)
    assert '["year", "month", "day"]' in draft.text


def test_a_draft_asks_of_first_days_and_sums() -> None:
    """Each is read in silence otherwise, and may be wrong."""
    days = "".join(f"2015-{month:02}-01,Norway,UN\n" for month in range(1, 7))
    text = f"when,member,body\n{days}2016-02-17,Gesamt,UN\n2016-03-18,Georgia,UN\n"
    draft, log = drafted(text, "Joined")
    said = "\n".join(draft.questions)
    assert "when: 6 dates are the first of a month: where that stands for" in said
    leave = 'leave it out by where_not = { "member" = ["Gesamt"] } under [[events]]'
    assert f"member: is 'Gesamt' a sum of rows? then {leave}" in said
    assert "Gesamt = " not in draft.text
    assert len(log) == 7
    rare = tables.draft(io.StringIO(text.replace("-01,", "-05,")), FACTS, kind="Joined")
    assert "first of a month" not in "\n".join(rare.questions)


def test_an_end_in_a_word_may_be_none() -> None:
    """A draft says where to write that what is dated lasts."""
    rows = "2015-01-02,today,KAZ,UN\n2016-01-02,2017-01-02,GEO,UN\n"
    draft = tables.draft(io.StringIO(f"since,until,state,body\n{rows}"), FACTS)
    (asked,) = (one for one in draft.questions if "which dates are 'today'?" in one)
    assert asked.endswith("or under sentinels, as missing, open (it lasts) or censored")


def test_a_draft_asks_what_an_empty_end_means() -> None:
    """With their number, and the line that answers it."""
    rows = "Italy,2019-03-23,2023-12-06\nKazakhstan,2015-08-31,\nFiji,2018-11-12,-\n"
    draft, log = drafted(f"state,joined,left\n{rows},,\n", "Joined")
    line = 'sentinels = { "" = "open", "-" = "open" }'
    (asked,) = (one for one in draft.questions if "have no end" in one)
    assert asked.startswith(
        f"left: 2 of 3 rows have no end: do they last? say so, as {line}"
    )
    assert [str(entry.claim.when) for entry in log][1:] == [
        "2015-08-31/",
        "2018-11-12/",
    ]
    answered = tables.declared(tomllib.loads(draft.text.replace(f"# {line}", line)))
    found = tables.loads(f"state,joined,left\n{rows}", answered, FACTS)
    assert [str(entry.claim.when)[10:] for entry in found.log] == [
        "/2023-12-06",
        "/..",
        "/..",
    ]
    parts = "state,since,end year,end month\nKAZ,2015,,\nGEO,2016,2017,1\n"
    draft, _ = drafted(parts, "Joined")
    assert '# sentinels = { "" = "open" }' in draft.text
    full, _ = drafted(f"state,joined,left\n{rows[:28]}", "Joined")
    assert "sentinels" not in full.text


def test_a_draft_of_what_is_no_table_is_refused() -> None:
    """It says why: no rows, no dates, or no such kind."""
    for text, problem in (
        ("", "has no rows below its header"),
        ("a,b\n", "has no rows below its header"),
        ("a,b\nx,y\n1,2\n", "no column has dates that are read: there are 'a', 'b'"),
    ):
        with pytest.raises(FaultsError, match=problem):
            drafted(text)
    with pytest.raises(VocabularyError, match="no 'Visit'"):
        drafted("a\n2015\n", "Visit")


def test_a_month_that_may_be_a_day_is_asked_for() -> None:
    """With points the day is first; of 05/03/2015 nobody knows."""
    for cells, is_asked in (
        (["05/03/2015", "06/04/2015"], True),
        (["05/03/2015", "16/04/2015"], False),
        (["05-03-2015"], True),
        (["05.03.2015"], False),
    ):
        text = "day,guest,host\n" + "".join(f"{cell},KAZ,CHN\n" for cell in cells)
        draft, log = drafted(text, "Visited")
        assert ("day: is the month of '05" in " ".join(draft.questions)) is is_asked
        assert str(log[0].claim.when) == "2015-03-05"


def test_a_date_in_columns_of_its_own_has_a_year_and_a_month() -> None:
    """A year beside a day, or beside another date, is a column as others."""
    for head, row, when in (
        ("year,month", "2015,3", "2015-03"),
        ("year,day", "2015,2015-03-04", "2015"),
        ("year and month,day", "2015-03,4", "2015-03"),
        ("month,day", "2015-03,4", "2015-03"),
    ):
        _, log = drafted(f"{head},guest,host\n{row},KAZ,CHN\n", "Visited")
        assert [str(entry.claim.when) for entry in log] == [when]


def test_a_march_in_words_may_be_in_plain_letters() -> None:
    """With an umlaut and without, alone and among words."""
    cells = ["maerz 2015", "Ende März 2015", "um Maerz 2016"]
    text = "day,guest,host\n" + "".join(f"{cell},KAZ,CHN\n" for cell in cells)
    _, log = drafted(f"{text}2014,KAZ,CHN\n2013,KAZ,CHN\n2012,KAZ,CHN\n", "Visited")
    found = [str(entry.claim.when) for entry in log]
    assert found[:3] == ["2015-03", "[2015-03-24..2015-03-31]", "2016-03~"]


@frozen
class Figure:
    """A kind with two numbers."""

    state: str
    first: Decimal
    second: Decimal


@pytest.mark.parametrize("mark", [".", ","])
def test_columns_with_two_decimal_marks_are_read_each_with_its_own(mark: str) -> None:
    """One mark for all would read 12.500 as twelve thousand, without a word."""
    other = {".": ",", ",": "."}[mark]
    # Of twenty cells, one has another mark: it is rejected, and the rest are right.
    rows = "".join(
        f"{1990 + n};x;{n}{mark}{'500' if n % 2 else '5'};{n}{other}250\n"
        for n in range(20)
    )
    odd = f"2015;x;1{other}5;0{other}25\n"
    text = f"year;state;first;second\n{rows}{odd}"
    draft = tables.draft(io.StringIO(text), Vocabulary(Figure), name="f")
    table = tables.declared(tomllib.loads(draft.text))
    found = tables.loads(text, table, Vocabulary(Figure))
    half, quarter = Decimal("0.5"), Decimal("0.25")
    assert [(e.claim.what.first, e.claim.what.second) for e in found.log] == [
        (n + half, n + quarter) for n in range(20)
    ]
    assert "'1" in found.rejected[0].reason


def test_numbers_of_four_digits_are_not_years() -> None:
    """Only where all are, or may be: a price is none."""
    rows = "".join(f"2015-03-0{n},KAZ,{1900 + n * 700},a\n" for n in range(1, 6))
    draft, log = drafted(f"day,member,price,body\n{rows}", "Joined")
    assert "# Not used: 'price'" in draft.text
    assert len(log) == 5


def test_without_babel_english_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft needs no extra."""

    def english(language: str) -> dict[str, int]:
        if language:
            raise MissingExtraError("names", "babel", "babel")
        return {"march": 3, "may": 5}

    for name in ("_known_languages", "_english"):
        found = getattr(_columns, name)
        monkeypatch.setattr(_columns, name, cache(found.__wrapped__))
    monkeypatch.setattr(_columns, "months", english)
    draft, log = drafted("day,guest,host\n2015,Georgia,China\nca. 2016,Armenia,China\n")
    assert ('"ca. 2016" = "2016~"' in draft.text, len(log)) == (True, 2)
    alone = "names of states and months are read in English alone: babel"
    assert alone not in " ".join(draft.questions)
    for rows in (
        "2015,Georgien,China\n2016,Armenien,China\n",
        "2015,Georgia,China\n2016,Armenia,China\n2016,Kasachstan,China\n",
        "1992,Georgia,China\nM\u00e4rz 1993,Georgia,China\n",
    ):
        table = io.StringIO(f"day,guest,host\n{rows}")
        said = tables.draft(table, FACTS, kind="Visited").questions[-1]
        assert f"is anything in another language? {alone}" in said
    with pytest.raises(FaultsError, match=alone):
        drafted("day,guest,host\nM\u00e4rz 1993,Georgia,China\n")


@given(
    st.sampled_from(
        [
            ("Country A;Country B", "guest and host were guessed by their order"),
            ("Country A;Host", "guest was guessed by its order"),
            ("Guest;Country B", "host was guessed by its order"),
            ("Guest country;Host country", ""),
            ("guests;hosts", ""),
        ]
    ),
    st.booleans(),
)
def test_fields_without_a_name_are_taken_in_order(
    given_: tuple[str, str], is_turned: bool
) -> None:
    """And the draft asks, in its text and its questions; those with a name are told."""
    (names_, question), row = given_, "Kazakhstan;China"
    is_turned &= not question.startswith("guest and")
    if is_turned:
        names_, row = (";".join(x.split(";")[::-1]) for x in (names_, row))
    draft, log = drafted(f"Date;{names_}\n2014-05-01;{row}\n", "Visited")
    assert log[0].claim.what == Visited("KAZ", "CHN")
    asked = [one for one in draft.questions if "order" in one]
    assert [one.partition(":")[0] for one in asked] == [question][: bool(question)]
    assert all(f"\n# {one}\n" in draft.text for one in asked)


def test_texts_and_numbers_are_taken_in_order_too() -> None:
    """The column of the source comes last."""
    text = "year;by whom;A;x;y\n2015;S;KAZ;1,5;2,5\n2016;T;KAZ;2,5;3,5\n"
    draft = tables.draft(io.StringIO(text), Vocabulary(Figure))
    assert "state and first and second were guessed by their order" in draft.text
    assert 'first = { column = "x" }' in draft.text
    draft, _ = drafted("year;source;country;group\n2015;S;KAZ;UN\n", "Joined")
    assert 'body = { column = "group" }' in draft.text


@frozen
class Pair:
    """A kind with two texts."""

    first: str
    second: str


def test_columns_are_taken_in_the_order_of_the_table() -> None:
    """Of two texts, ends and days of a report the first; a column of agencies last."""
    text = "agency;x;y;since;until;ende;published;release\n" + ";".join(
        ["S", "a", "b", *(f"201{n}-03-14" for n in range(5))]
    )
    draft = tables.draft(io.StringIO(text), Vocabulary(Pair), name="p")
    table = tables.declared(tomllib.loads(draft.text))
    (entry,) = tables.loads(text, table, Vocabulary(Pair)).log
    assert entry.claim.what == Pair("a", "b")
    assert str(entry.claim.when) == "2010-03-14/2011-03-14"
    assert (entry.claim.cite[0].source.title, str(entry.known)) == ("S", "2013-03-14")


def test_a_field_that_may_be_left_out_has_its_name_in_the_table() -> None:
    """What is a little like its name is not taken for it."""
    draft, _ = drafted(
        "day,guest,host,decision\n2015-03-14,KAZ,CHN,a loan\n", "Visited"
    )
    assert "# Not used: 'decision'" in draft.text


def test_whole_numbers_have_the_mark_of_the_others() -> None:
    """They show none themselves: 1.234 among decimal commas is over a thousand."""
    text = "year;state;first;second\n2015;x;1,5;1.234\n2016;y;2,5;12\n"
    draft = tables.draft(io.StringIO(text), Vocabulary(Figure), name="f")
    table = tables.declared(tomllib.loads(draft.text))
    found = tables.loads(text, table, Vocabulary(Figure))
    assert table.decimal == ","
    assert [entry.claim.what.second for entry in found.log] == [1234, 12]


def test_a_draft_with_a_gap_is_written_with_its_questions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What no column holds is asked; it is not a fault of the declaration."""
    Path("a.csv").write_text("day,guest\n2015-03-01,Georgia\n", "utf-8")
    said = run("init a.csv --kind Visited", capsys)
    assert "Visited.host: no column seems to hold it\n" in said
    assert "not the code of an actor" not in said

    Path("b.csv").write_text("on,place,about\n2015-03-02,Georgia,a bank\n", "utf-8")
    said = run("init b.csv", capsys)
    assert 'kind = "..."' in Path("b.toml").read_text("utf-8")
    assert "`facts` lists the kinds, and `init --kind KIND` drafts for one\n" in said
    assert "the vocabulary has no" not in said

    codes = "on,iso2,iso3,name\n2015-03-02,GE,GEO,Georgia\n2016-04-01,CN,CHN,China\n"
    draft = tables.draft(io.StringIO(codes), FACTS)
    assert 'kind = "..."  # is it "Met"?' in draft.text
    assert 'kind = "Met"\n' in tables.draft(io.StringIO(codes), FACTS, kind="Met").text


def test_a_draft_that_reads_no_row_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Unless a gap in it is asked."""
    Path("a.csv").write_text("day,guest,host\n2013-2018,Georgia,China\n", "utf-8")
    said = run("init a.csv --kind Visited", capsys)
    assert "line 2: Visited: '2013-2018' is not written as edtf: are these" in said


def test_a_frame_is_drafted_too() -> None:
    """Its days and numbers are those of its types."""
    frame = pyarrow.table(
        {
            "day": [date(2015, 3, 1), date(2016, 4, 2)],
            "actor": ["KAZ", "GEO"],
            "name": ["trade", "trade"],
            "value": [Decimal("1.5"), None],
            "unit": ["USD", "USD"],
        }
    )
    draft = tables.draft(frame, FACTS, kind="IndicatorObserved", name="figures")
    table = tables.declared(tomllib.loads(draft.text))
    found = tables.load(frame, table, FACTS)
    assert table.title == "figures"
    assert [str(entry.claim.when) for entry in found.log] == ["2015-03-01"]


@frozen
class Odd:
    """A kind with a field whose name TOML has to quote."""

    größe: str


def test_names_of_fields_are_quoted_where_toml_needs_it() -> None:
    """The draft is TOML whatever the names are."""
    text = 'when;größe\n2015;"a ""b"""\n2016;c\n'
    draft = tables.draft(io.StringIO(text), Vocabulary(Odd))
    table = tables.declared(tomllib.loads(draft.text))
    sizes = [e.claim.what for e in tables.loads(text, table, Vocabulary(Odd)).log]
    assert sizes == [Odd('a "b"'), Odd("c")]
