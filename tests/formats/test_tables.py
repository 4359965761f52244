"""Tables with imprecise dates: read by a declaration, nothing lost in silence."""

from __future__ import annotations

import gzip
import tomllib
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imports import kept

from bri_timeline import Answer, Edtf, Place
from bri_timeline.errors import (
    DayError,
    EdtfError,
    FaultsError,
    SelectionError,
    VocabularyError,
)
from bri_timeline.formats import tables
from bri_timeline.formats._codes import slug, state_named
from bri_timeline.formats._foreign import Coverage, RejectedRow, check_encoding, lines
from bri_timeline.formats.tables import Dates
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Left, Met, Money


MEMBERS = """
title = "Members"
coverage = "2013/2025-05"
missing = ["", "n/a"]

[source]
title = "A list"
published = "2025-05"
url = "{url}"

[[events]]
kind = "Joined"
when = { column = "signed", format = "yyyy-mm-dd", first = "month" }
fields = { member = { column = "code", as = "iso3" }, body = "the Initiative" }

[[events]]
kind = "Left"
when = { column = "left", format = "yyyy-mm-dd", sentinels = { "" = "open" } }
fields = { member = { column = "code", as = "iso3" }, body = "the Initiative" }
"""
HEAD = "code,signed,left,url\n"


def table(text: str = MEMBERS) -> tables.Declaration:
    return tables.declared(tomllib.loads(text))


def members(rows: str) -> tables.Imported:
    return kept(tables.loads)(HEAD + rows, table(), FACTS)


def plain(**changes: object) -> dict[str, object]:
    """Return the data of a small declaration, with changes."""
    rule = {
        "kind": "Joined",
        "when": {"column": "day", "format": "yyyy-mm-dd"},
        "fields": {"member": {"column": "code", "as": "iso3"}, "body": "B"},
    }
    named = {*rule, "id", "key", "place"}
    rule |= {name: changes.pop(name) for name in list(changes) if name in named}
    return {"title": "T", "source": {"title": "S"}, "events": [rule], **changes}


_OWN = {"column": "day", "format": "yyyy-mm-dd"}


def problems(data: dict[str, object]) -> str:
    """Return the message about a declaration that is at fault."""
    with pytest.raises(FaultsError) as found:
        tables.declared(data)
    return str(found.value)


@pytest.mark.parametrize("name", ["where", "where_not"])
def test_a_declaration_has_several_texts_where_several_are_expected(name: str) -> None:
    """The letters of one text would be taken for texts, or its parts for the whole."""
    several: Any = "no"
    for make in (
        lambda: tables.Dates(several, "yyyy"),
        lambda: tables.Rule("Joined", (), {}, key=several),
        lambda: attrs.evolve(table(), missing=several),
    ):
        with pytest.raises(SelectionError, match="'no' is one text, and several"):
            make()
    rule = tables.Rule("Joined", (), {}, **{name: {"code": several}})
    with pytest.raises(FaultsError, match=rf"{name}.code: is one text, and sev.*'no'"):
        attrs.evolve(table(), events=[rule])


# --- keys ---------------------------------------------------------------------------


SIGNED = """
title = "Deals"
source = { title = "A list" }

[[events]]
kind = "AgreementSigned"
when = { column = "day", format = "yyyy-mm-dd | yyyy-mm", first = "month" }
key = ["when", "parties", "value", "part_of", "title"]

[events.fields]
parties = [{ column = "one", as = "state" }, { column = "two", as = "state" }]
title = "{title}"
part_of = { column = "bundle", optional = true }
value = { amount = { column = "sum", as = "number" }, currency = "USD" }
"""


def test_a_key_is_made_of_fields_as_they_are_read():
    """Two releases that write a row in two ways have one id for it."""
    head = "day,one,two,title,bundle,sum\n"
    written = [
        tables.loads(head + row, table(SIGNED), FACTS).log[0].claim.id
        for row in (
            "2015-03-01,China,Kazakhstan,Oil|gas,b,1000\n",
            "2015-03,Kazakhstan,China,Oil|gas,b,1000.0\n",
            "2015-03,Kazakhstan,China,Oil,,1000.0\n",
        )
    ]

    assert written[0] == written[1]
    assert written[0] == r"AgreementSigned:2015-03|CHN,KAZ|1000,USD|b|Oil\|gas"
    assert written[2] == "AgreementSigned:2015-03|CHN,KAZ|1000,USD||Oil"


# --- what a table gives -------------------------------------------------------------


def test_a_first_day_may_mean_its_month():
    """A day that is the first is read as the month where that is declared."""
    found = members("KAZ,2015-08-01,,\nGEO,2015-08-02,,\n")

    assert [str(entry.claim.when) for entry in found.log] == ["2015-08", "2015-08-02"]


def test_load_reports_an_open_end_in_the_place_of_a_date():
    """A cell that says open gives no event, and a remark that something goes on."""
    found = members("ITA,2019-03-23,2023-12-06,\nGEO,2015-03-09,,\n")

    assert [type(entry.claim.what) for entry in found.log] == [Joined, Left, Joined]
    assert found.ongoing == (
        RejectedRow(3, "Left: left is open", ("GEO", "2015-03-09", "", "")),
    )


def test_rows_that_cannot_be_placed_come_back_with_the_reason():
    """Rows without a date, a state or enough cells are returned, not dropped."""
    found = members("AUT,n/a,,\nXXX,2015-01-02,,\n,,,\nGEO\nNAM,NA,,\n")

    assert [str(remark) for remark in found.rejected] == [
        "line 2: Joined: signed has no date: missing would give it bounds",
        (
            "line 3: Joined: code: 'XXX' is not a valid iso3:"
            " say what it means under codes"
        ),
        "line 4: the row is empty",
        (
            "line 5: the row has 1 cells and the header 4:"
            " quote a cell that has a delimiter in it"
        ),
        (
            "line 6: Joined: 'NA' is not written as yyyy-mm-dd;"
            " say what it means under dates"
        ),
    ]
    assert found.rows == 5
    assert len(found.log) == 0


def test_str_of_an_import_has_counts_and_reasons():
    """An import prints its counts, its coverage and the most frequent reasons."""
    rows = "".join(f"{letter}AA,2015-02-03,,\n" for letter in "BCDEFHIJKQXY")
    few, many = members("GEO,2015-02-03,,\nAUT,,,\nBEL,,,\n"), members(rows)

    assert str(few).splitlines() == [
        "3 rows (period covered: 2013/2025-05): 1 event, 2 rows rejected, 3 still open",
        "  2 rows: Joined: signed has no date: missing would give it bounds",
    ]
    assert str(many).endswith("and 2 more reasons")
    assert [*few.reasons.values()] == [2]


def test_each_event_cites_its_line():
    """A citation names the source, filled from the row, and the line."""
    found = members("GEO,2015-02-03,,http://x\nKAZ,2015-02-04,,\n")
    first, second = (entry.claim.cite[0] for entry in found.log)

    assert (first.source.url, first.locator) == ("http://x", "line 2")
    assert (second.source.url, second.locator) == (None, "line 3")
    assert str(first.source.published) == "2025-05"


def test_load_fills_money_lists_and_templates():
    """Fields nest: lists of parties, money with a factor, text with cells in it."""
    data = {
        "title": "Investment",
        "source": {"title": "S"},
        "events": [
            {
                "kind": "AgreementSigned",
                "id": "{n}",
                "when": {"columns": ["Year", "Month"], "format": "yyyy month"},
                "fields": {
                    "parties": ["CHN", {"column": "Country", "as": "state"}],
                    "title": "{Sector}: {Who}",
                    "count": 2,
                    "value": {
                        "amount": {"column": "M", "as": "number", "times": 1000000},
                        "currency": "USD",
                    },
                    "between": {"column": "Who", "optional": True},
                },
            }
        ],
    }
    text = (
        'Year,Month,Country,Sector,Who,M,n\n2013.0,July,Türkiye,Energy,CNPC,"5,300",a\n'
    )
    text += "2013,Sept,Turkey,Energy,,7,b\n2013,Smarch,Turkey,Rail,,1,b\n"
    text += "2013,May,Turkey,Energy,,x,c\n"
    found = tables.loads(text, tables.declared(data), FACTS)

    first, second = (entry.claim for entry in found.log)
    assert str(second.when) == "2013-09"
    assert first.what == AgreementSigned(
        {"CHN", "TUR"}, "Energy: CNPC", count=2, value=Money(5300000000, "USD"),
        between="CNPC",
    )  # fmt: skip
    assert (str(first.when), first.id) == ("2013-07", "a")
    assert second.what.between is None
    assert [remark.reason for remark in found.rejected] == [
        (
            "AgreementSigned: '2013 Smarch': 'Smarch' is not a month that is known, as"
            " january, february, march, april, may, june, july, august, september,"
            " october, november, december; say what it means under dates, or give the"
            " language"
        ),
        "AgreementSigned: M: 'x' is not a valid number: say what it means under codes",
    ]


PLACED = """
decimal = ","
delimiter = ";"
missing = ["", "-"]
title = "T"
source = { title = "S" }

[[events]]
kind = "Joined"
when = { column = "day", format = "yyyy-mm-dd" }
fields = { member = { column = "code", as = "iso3" }, body = "B" }

[events.place]
name = "{city}"
latitude = { column = "lat", as = "number", optional = true }
longitude = { column = "lon", as = "number", optional = true }
precision = { column = "geo", codes = { "1" = "exact", "" = "unknown" } }
"""


def test_a_place_is_declared_part_by_part():
    """A row has the place of its cells; without a name and a point it has none."""
    rows = (
        "code;day;city;lat;lon;geo\nAZE;2015-01-01;Baku;40,4;49,9;1\n"
        "AZE;2015-01-02;-;;;1\nAZE;2015-01-03;Baku;;;1\n"
        "AZE;2015-01-04;Baku;40,4;;1\nAZE;2015-01-05;Baku;140,4;49,9;1\n"
    )
    found = tables.loads(rows, table(PLACED), FACTS)

    assert [entry.claim.where for entry in found.log] == [
        Place("Baku", 40.4, 49.9, "exact"),
        None,
        Place("Baku", precision="exact"),
    ]
    one, other = map(str, found.rejected)
    assert "it has one coordinate" in one
    assert "latitude 140.4 is not between" in other


def test_a_place_has_the_parts_of_a_place():
    """Other parts, and parts that are at fault, are faults of the declaration."""
    wrong = {"latitude": ["{code}"], "longitude": {"a": "{code}"}, "city": "{code}"}
    found = problems(plain(place={**wrong, "name": {"column": "x", "odd": 1}}))

    assert "events[1].place.city: is none of name, latitude, longitude, prec" in found
    assert "events[1].place.name: 'odd' is not a key of a cell" in found
    assert "events[1].place.latitude: is several: write one cell, or text" in found
    assert "events[1].place.longitude: is several: write one cell, or text" in found


def test_load_rejects_a_row_that_the_class_refuses():
    """What the payload class refuses is a reason, with the field."""
    data = plain(fields={"member": {"column": "code"}, "body": "B"})
    found = kept(tables.loads)(
        "code,day\nXX,2015-02-03\n", tables.declared(data), FACTS
    )

    assert found.rejected[0].reason.startswith(
        "Joined: member: 'XX' is not the code of an actor"
    )


def test_load_takes_codes_of_the_declaration_first():
    """Cells that a declaration explains are taken as it says, before anything else."""
    code = {
        "column": "code",
        "as": "iso2",
        "codes": {"XK": "state:kosovo", "": "CHN"},
    }
    data = plain(fields={"member": code, "body": "B"})
    text = "code,day\nXK,2015-02-03\n,2015-02-03\nGE,2015-02-03\nZZ,2015-02-03\n"
    found = kept(tables.loads)(text, tables.declared(data), FACTS)

    made = [entry.claim.what.member for entry in found.log]
    assert made == ["state:kosovo", "CHN", "GEO"]
    assert len(found.rejected) == 1


def test_an_empty_cell_that_is_needed_is_a_reason():
    """A field that is not optional cannot be made of nothing."""
    found = kept(tables.loads)(
        "code,day\n,2015-02-03\n", tables.declared(plain()), FACTS
    )

    assert found.rejected[0].reason.startswith("Joined: code holds nothing: write")


def test_rules_are_for_some_rows():
    """A rule may be for certain cells, or for cells that contain something."""
    visit = {
        "kind": "Met",
        "when": {"column": "day", "format": "yyyy-mm-dd"},
        "containing": {"text": "in {country}"},
        "where": {"stage": ["done"]},
        "fields": {
            "parties": ["CHN", {"column": "country", "as": "state"}],
            "who": [{"column": "who", "as": "person:"}],
        },
    }
    data = {"title": "T", "source": {"title": "S"}, "events": [visit]}
    text = (
        "day,country,who,text,stage\n"
        "2015-02-03,Georgia,Wáng Yì,met in Georgia,done\n"
        "2015-02-03,Georgia,Wáng Yì,met in Georgia,planned\n"
        "2015-02-03,Georgia,Wáng Yì,met in Paris,done\n"
        "2015-02-03,Georgia,王毅,met in Georgia,done\n"
    )
    found = kept(tables.loads)(text, tables.declared(data), FACTS)

    assert found.log[0].claim.what == Met({"CHN", "GEO"}, who={"person:wang-yi"})
    assert [remark.reason for remark in found.rejected] == [
        "no rule of the declaration applies to it",
        "no rule of the declaration applies to it",
        "Met: who: '王毅' is not a valid person: say what it means under codes",
    ]


def test_the_first_of_several_dates_counts():
    """Of several columns, the first that holds a date gives it."""
    when = [
        {"column": "force", "format": "yyyy-mm-dd"},
        {"column": "signed", "format": "yyyy"},
    ]
    text = "code,force,signed\nGEO,,1994\nKAZ,1995-01-02,1994\nCHN,,\n"
    found = tables.loads(text, tables.declared(plain(when=when)), FACTS)

    assert [str(entry.claim.when) for entry in found.log] == ["1994", "1995-01-02"]
    assert "Joined: force or signed has no date" in found.rejected[0].reason


@pytest.mark.parametrize(
    ("end", "when"),
    [
        ("2004-05", "1999-01-02/2004-05"),
        ("9999-12", "1999-01-02/.."),
        ("2016-12", "1999-01-02/2016-12.."),
        ("", "1999-01-02/"),
    ],
)
def test_an_end_makes_an_extent(end: str, when: str):
    """With an end it lasts: until then, still, or until nobody says."""
    sentinels = {"9999-12": "open", "2016-12": "censored"}
    until = {"column": "end", "format": "yyyy-mm", "sentinels": sentinels}
    data = plain()
    data["events"][0]["until"] = until
    found = tables.loads(
        f"code,day,end\nGEO,1999-01-02,{end}\n", tables.declared(data), FACTS
    )

    assert found.log[0].claim.when == Edtf(when)


@pytest.mark.parametrize(
    ("cell", "said", "when", "problem"),
    [
        ("", {}, "2015/", "end is empty in 2 rows, and was read as ended"),
        ("-", {}, "2015/", "end is '-' in 2 rows, and was read as ended"),
        ("", {"sentinels": {"": "open"}}, "2015/..", None),
        ("-", {"sentinels": {"-": "open"}}, "2015/..", None),
        ("", {"sentinels": {"": "censored"}}, "2015/2018-02-28..", None),
        ("", {"sentinels": {"": "missing"}}, "2015/", None),
        ("", {"missing": "2018-02"}, "2015/2018-02", None),
        ("", {"precision": "how", "precisions": {"": "unknown"}}, "2015/", None),
        ("", {"precision": "how", "precisions": {"": "day"}}, "2015/", "is empty in 2"),
    ],
)
def test_an_import_says_how_many_ends_are_missing(
    cell: str, said: dict[str, object], when: str, problem: str | None
):
    """Such a cell says neither that it ended nor that it lasts; a declaration can."""
    data = plain(when={"column": "day", "format": "yyyy"})
    data |= {"missing": ["", "-"], "coverage": "2013/2018-02"}
    data["source"]["published"] = "2018-02"
    data["events"][0]["until"] = {"column": "end", "format": "yyyy", **said}
    rows = f"GEO,2015,{cell},\nKAZ,2015,{cell},\n"
    found = tables.loads(f"code,day,end,how\n{rows}", tables.declared(data), FACTS)

    assert {str(entry.claim.when) for entry in found.log} == {when}
    assert [] == [*found.cautions] if problem is None else problem in found.cautions[0]
    if problem is not None:
        remedy = f'write sentinels = {{ "{cell}" = "open" }} under until if it goes on'
        assert remedy in found.cautions[0]


def test_an_end_in_several_empty_columns_may_be_open():
    """The remedy of the caution is one for a year and a month, too."""
    data = plain(when={"column": "day", "format": "yyyy"})
    until = {"columns": ["year", "month"], "format": "yyyy mm"}
    text = "code,day,year,month\nGEO,2015,,\nKAZ,2015,2016,3\n"
    for sentinels, count, when in (({}, 2, "2015/"), ({"": "open"}, 1, "2015/..")):
        data["events"][0]["until"] = {**until, "sentinels": sentinels}
        found = tables.loads(text, tables.declared(data), FACTS)

        assert [str(entry.claim.when) for entry in found.log] == [when, "2015/2016-03"]
        assert len(found.cautions) == count


def in_office(end: str, **changes: object) -> tables.Imported:
    """Read a term whose end is where the data end."""
    until = {
        "column": "end",
        "format": "yyyy-mm-dd",
        "sentinels": {"2015-12-31": "censored", "ongoing": "censored", "x": "open"},
    }
    data = plain(**changes)
    data["events"][0]["until"] = until
    text = f"code,day,end\nGEO,2009-01-02,{end}\n"
    return tables.loads(text, tables.declared(data), FACTS)


@pytest.mark.parametrize("end", ["2015-12-31", "ongoing"])
def test_a_censored_end_lies_on_its_day_or_later(end: str):
    """It certainly lasted while the data did, and may have ended since."""
    found = in_office(end, coverage="1840/2015")
    when = found.log[0].claim.when

    assert when == Edtf("2009-01-02/2015-12-31..")
    assert when.active_on("2010-06-30") is Answer.YES
    assert when.active_on("2015-12-31") is Answer.YES
    assert when.active_on("2016-01-01") is Answer.MAYBE
    assert when.ended_by("2015-12-30") is Answer.NO
    assert [str(remark) for remark in found.ongoing] == [
        "line 2: Joined: end is censored"
    ]


@pytest.mark.parametrize("coverage", [None, "1840/..", "1840/"])
def test_a_censored_end_without_any_day_is_unknown(coverage: str | None):
    """Neither the cell nor the coverage says when the data end."""
    found = in_office("ongoing", **({"coverage": coverage} if coverage else {}))

    assert found.log[0].claim.when == Edtf("2009-01-02/")
    assert len(found.ongoing) == 1


def test_load_counts_extents_without_an_end():
    """An extent that goes on counts among the rows without an end."""
    found = in_office("x")

    assert found.log[0].claim.when == Edtf("2009-01-02/..")
    assert [remark.reason for remark in found.ongoing] == ["Joined: end is open"]


def test_an_import_counts_what_merges():
    """Rows that say the same are one event with more witnesses, and are counted."""
    found = members("GEO,2015-02-03,,\nGEO,2015-02-03,,\nKAZ,2015-02-04,,\n")

    assert (found.rows, len(found.log), found.events, found.repeated) == (3, 3, 2, 1)
    assert len(found.log.as_of("2020-01-01").events) == found.events
    assert "3 rows (period covered: 2013/2025-05): 2 events" in str(found)
    assert "\n  1 row repeats what another says" in str(found)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["1999", "2000"])), max_size=8
    ),
    st.booleans(),
)
def test_an_import_counts_the_events_of_a_view(
    rows: list[tuple[str, str]], named: bool
):
    """Its count of events is that of a view of the log, whatever repeats or differs."""
    data = plain(fields={"member": "GEO", "body": "{body}"})
    data["events"][0]["when"] = {"column": "day", "format": "yyyy"}
    if named:
        data["events"][0]["id"] = "{body}"
    text = "body,day\n" + "".join(f"{body},{day}\n" for body, day in rows)
    found = tables.loads(text, tables.declared(data), FACTS)

    assert len(found.log.as_of("2030-01-01").events) == found.events
    assert found.repeated == len(rows) - len(set(rows))


@pytest.mark.parametrize(("second", "disputes"), [("2001-01-02", 1), ("1999", 0)])
def test_load_reports_claims_that_differ(second: str, disputes: int):
    """Two rows of one id may contradict each other, or one of them only says less."""
    data = plain()
    data["events"][0]["id"] = "{code}"
    data["events"][0]["when"] = {"column": "day", "format": "edtf"}
    text = f"code,day\nGEO,1999-01-02\nGEO,{second}\n"
    found = tables.loads(text, tables.declared(data), FACTS)

    assert (found.events, found.repeated) == (1, 0)
    assert disputes == len(found.log.as_of("2030-01-01").disputes)
    assert found.cautions[1] == (
        "1 claim says more, less or other than another of the same id: the disputes of"
        " a view have those that contradict"
    )


def test_load_reports_an_undated_source():
    """Claims that count as known all along are counted, with the remedy."""
    dated, undated = members("GEO,2015-02-03,,\n"), in_office("2010-01-01")

    assert dated.cautions == ()
    (caution,) = undated.cautions
    assert caution.startswith(
        "1 of 1 claims rest on a source without a day: they count"
    )
    assert caution.endswith("sees all of them; say when the data were published")
    assert f"\n  note: {caution}" in str(undated)


def test_a_missing_column_is_told_by_a_few_of_many():
    """Of many columns twenty are named, so that the message stays short."""
    names = [f"c{n}" for n in range(3000)]
    with pytest.raises(FaultsError) as found:
        tables.loads(",".join(names), tables.declared(plain()), FACTS)

    assert "'c19' and 2,980 more" in str(found.value)
    assert "c20" not in str(found.value)


def test_an_end_before_its_beginning_is_a_reason():
    """A reversed interval puts the row aside."""
    data = plain()
    data["events"][0]["until"] = [{"column": "end", "format": "yyyy"}]
    found = kept(tables.loads)(
        "code,day,end\nGEO,1999-01-02,1998\n", tables.declared(data), FACTS
    )

    assert len(found.log) == 0
    assert "1999-01-02/1998" in found.rejected[0].reason


def test_load_ignores_a_date_that_only_the_data_end_gives():
    """A date that only the end of the data gives is not an event."""
    when = {
        "column": "day",
        "format": "yyyy-mm-dd",
        "sentinels": {"2016-12-31": "censored"},
    }
    found = tables.loads(
        "code,day\nGEO,2016-12-31\n", tables.declared(plain(when=when)), FACTS
    )

    assert len(found.log) == 0
    assert found.ongoing[0].reason == "Joined: day is censored"


def test_a_header_may_have_several_rows():
    """Names of several header rows are joined, empty ones taken from the left."""
    data = plain(skip=1, header=2, when={"column": "Entry / Date", "format": "yyyy"})
    data["events"][0]["fields"]["member"] = {"column": "Code", "as": "iso3"}
    text = "A table of members\nCode,Entry,,\n,Date,Note\nGEO,1999,x,\n"
    found = tables.loads(text, tables.declared(data), FACTS)

    assert str(found.log[0].claim.when) == "1999"


def test_files_of_other_encodings_and_delimiters(tmp_path: Path):
    """A declaration names the encoding and the delimiter."""
    path = tmp_path / "table.txt"
    path.write_bytes("code;day;body\nGEO;2015-02-03;Réunion\n".encode("mac_roman"))
    fields = {"member": {"column": "code", "as": "iso3"}, "body": "{body}"}
    data = plain(fields=fields, delimiter=";", encoding="mac_roman")
    found = tables.load(path, tables.declared(data), FACTS)

    assert found.log[0].claim.what == Joined("GEO", "Réunion")


def test_one_id_with_two_dates_is_a_dispute():
    """Rows that give one id different dates are both kept, as a dispute."""
    data = plain()
    data["events"][0]["id"] = "{code}"
    text = "code,day\nGEO,1999-01-02\nGEO,2001-01-02\n"
    found = tables.loads(text, tables.declared(data), FACTS)

    assert len(found.log) == 2
    assert len(found.log.as_of("2020-01-01").disputes) == 1


def test_reading_twice_adds_nothing():
    """The same file read twice is the same log."""
    once = members("GEO,2015-02-03,,\n").log

    assert once.extend([entry.claim for entry in once]) == once


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["GEO", "KAZ", "XXX", "", "NA"]),
            st.sampled_from(["2015-08-01", "2015-02-30", "n/a", "", "1.1.2015"]),
            st.sampled_from(["", "2016-03-04", "x"]),
        )
    )
)
def test_load_makes_of_each_row_an_event_or_a_remark(rows: list[tuple[str, str, str]]):
    """Each rule makes of each row an event or a remark, and never both."""
    text = "".join(",".join([*row, ""]) + "\n" for row in rows)
    rules = table(MEMBERS.replace('column = "code", as = "iso3"', 'column = "code"', 1))
    found = kept(tables.loads)(HEAD + text, rules, FACTS)
    placed = sum(len(entry.claim.cite) for entry in found.log)
    whole = sum(remark.reason == "the row is empty" for remark in found.rejected)

    assert found.rows == len(rows)
    assert placed + len(found.rejected) + len(found.ongoing) + whole == 2 * len(rows)


# --- dates --------------------------------------------------------------------------


FORMATS = {
    "yyyy-mm-dd": "{0:%Y}-{0.month:02}-{0.day:02}",
    "dd.mm.yyyy": "{0.day:02}.{0.month:02}.{0:%Y}",
    "dd month yyyy": "{0.day} {0:%B} {0:%Y}",
    "dd mm yyyy | dd month yyyy": "{0.day} {0:%b} {0:%Y}",
    "month dd, yyyy": "{0:%b} {0.day}, {0:%Y}",
    "yyyy | mm/dd/yyyy": "{0.month}/{0.day}/{0:%Y}",
}


@given(st.dates(date(1000, 1, 1)), st.sampled_from(sorted(FORMATS)))
def test_a_day_is_read_as_it_was_written(day: date, name: str):
    """A day written in a format is read back as that day."""
    text, dates = FORMATS[name].format(day), Dates(["d"], name)

    assert dates.problems() == []
    assert dates.read({"d": text}, frozenset()) == Edtf(day.isoformat())


@pytest.mark.parametrize(
    ("options", "text", "when"),
    [
        ({"format": "yyyy-mm-dd", "first": "year"}, "2015-01-01", "2015"),
        ({"format": "yyyy-mm-dd", "first": "year"}, "2015-02-01", "2015-02"),
        ({"format": "yyyy-mm-dd", "first": "month"}, "2015-01-01", "2015-01"),
        ({"format": "yyyy-mm-dd"}, "2015-01-01", "2015-01-01"),
        ({"format": "yyyy-mm-dd"}, "2015-08-00", "2015-08"),
        ({"format": "yyyy-mm-dd"}, "2015-00-00", "2015"),
        ({"format": "yyyy-mm | yyyy"}, " 1816.0 ", "1816"),
        ({"format": "month yyyy"}, "Aug. 2015", "2015-08"),
    ],
)
def test_dates_with_unknown_parts_are_wider(
    options: dict[str, str], text: str, when: str
):
    """Unknown months and days make the date wider, and no day is made up."""
    assert Dates(["d"], **options).read({"d": text}, frozenset()) == Edtf(when)


@pytest.mark.parametrize(
    "text", ["2015-02-30", "2015-13-01", "2015-00-05", "15-1-1", "NA"]
)
def test_dates_refuse_text_in_another_format(text: str):
    """Text that is not a day in the format is an error that names it."""
    with pytest.raises(ValueError, match=text):
        Dates(["d"], "yyyy-mm-dd").read({"d": text}, frozenset())


def test_a_month_by_its_name_is_as_precise_as_is_said():
    """Its day is left out where only the month is known."""
    form = {"precision": "p", "precisions": {"m": "month", "d": "day"}}
    dates = Dates(["d"], "dd month yyyy", **form)
    found = [str(dates.read({"d": "1 May 2015", "p": p}, frozenset())) for p in "md"]
    assert found == ["2015-05", "2015-05-01"]


def test_a_column_may_say_how_precise_a_date_is():
    """A precision that is declared makes the date as wide as it says."""
    codes = {"1": "day", "3": "month", "5": "year", "6": "unknown"}
    dates = Dates(["d"], "yyyy-mm-dd", precision="p", precisions=codes)

    def read(code: str) -> str:
        return str(dates.read({"d": "1991-12-31", "p": code}, frozenset()))

    assert [read(code) for code in ("1.0", "3", "5")] == [
        "1991-12-31",
        "1991-12",
        "1991",
    ]
    assert read("6") == "NoDate.MISSING"
    with pytest.raises(ValueError, match="'9' is not a declared precision"):
        read("9")


# --- declarations -------------------------------------------------------------------


def test_a_declaration_is_read_from_a_file(tmp_path: Path):
    """A TOML file is a declaration; what is not TOML, or none, is an error."""
    path = tmp_path / "members.toml"
    path.write_text(MEMBERS, "utf-8")
    assert tables.read_declaration(path) == table()

    path.write_text("title = ", "utf-8")
    with pytest.raises(FaultsError, match="Invalid value"):
        tables.read_declaration(path)


def test_names_that_a_declaration_lacks_are_told_all_at_once():
    """Slips in names are told with their places, all of them."""
    data = plain(delimeter=";")
    data["events"][0]["wen"] = 1
    data["events"][0]["when"]["frmat"] = 1
    message = problems(data)

    assert "has 3 faults" in message
    assert "events[1].when.frmat: is not a field" in message


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (plain(encoding="cp037"), "does not keep ASCII"),
        (plain(encoding="klingon"), "is not a text encoding"),
        (plain(delimiter=";;"), "is not one character"),
        (plain(skip=-1, header=0), "header: is less than 1"),
        (plain(source={"url": "x"}), "source: has no title"),
        (plain(source={"title": "x", "uri": "x"}), "source.uri: is none of"),
        (plain(events=[]), "events: are missing"),
        (plain(events={}), "events"),
        (plain(events=["x"]), "events"),
        (plain(when=["x"]), "when"),
        (plain(when=[]), "when: is missing"),
        (
            plain(when=[{**_OWN, "missing": "[..2019]"}, _OWN]),
            "events[1].when[1].missing: is written for a date that others follow",
        ),
        (plain(coverage="nineties"), "is not an EDTF date"),
        (plain(when={"columns": [], "format": "yyyy"}), "names no column, and no date"),
        (plain(when={"is": "soon"}), "when: is: 'soon' is not an EDTF date"),
        (plain(when={**_OWN, "is": "2019"}), "is: is not a field of a declaration"),
        (plain(when={**_OWN, "is": "2019"}), "or is, the date of all rows, alone"),
        (plain(fields={"x": {"column": "c", "optional": "no"}}), "'no' is not true or"),
        (
            plain(fields={"x": {"column": "c", "codes": "x"}}),
            "'x' is not a table of co",
        ),
        (plain(when={"column": "d", "format": "mm"}), "needs one yyyy"),
        (plain(when={"column": "d", "format": "yyyy-dd"}), "a day needs one month"),
        (plain(when={"column": "d", "format": "yyyy mm month"}), "needs one month"),
        (
            plain(when={"column": "d", "format": "dd.mm.yyyy | mm.dd.yyyy"}),
            "in two ways",
        ),
        (
            plain(when={"column": "d", "format": "yyyy", "first": "day one"}),
            "precision",
        ),
        (
            plain(when={"column": "d", "format": "yyyy", "sentinels": {"9": "never"}}),
            "'never' is not a sentinel",
        ),
        (
            plain(fields={"member": [{"column": "c", "as": "code"}]}),
            "not a kind of cell",
        ),
        (
            plain(fields={"member": {"a": {"column": "c", "is": 1}}}),
            "not a key of a cell",
        ),
        (plain(fields={"member": {"column": "c", "times": "x"}}), "is not a factor"),
        (plain(key=["when", "x"]), "'x' is not a field: write when, member, body"),
        (plain(key=["when"], id="{code}"), "keep one of them"),
        (plain(source="T\ud800"), "has half of a character: write it anew"),
    ],
)
def test_a_declaration_that_cannot_be_followed_is_an_error(
    data: dict[str, object], problem: str
):
    """What is wrong with a declaration is told before a row is read."""
    assert problem in problems(data)


def test_a_kind_must_be_in_the_vocabulary():
    """A kind that the vocabulary lacks is an error at once."""
    with pytest.raises(VocabularyError, match="has no 'Acceded'"):
        tables.loads("", tables.declared(plain(kind="Acceded")), FACTS)


# --- files that are not such a table --------------------------------------------------


def test_columns_that_are_missing_are_told_all_at_once():
    """A header without the columns, or with one twice, is an error that lists them."""
    with pytest.raises(FaultsError) as found:
        tables.loads(
            "code,day,day\n", tables.declared(plain(source={"title": "{s}"})), FACTS
        )
    assert [fault.place for fault in found.value.faults] == [
        "column 'day'",
        "column 's'",
    ]


@pytest.mark.parametrize("text", ["code^day\nGEO^2015-02-03\n", ""])
def test_load_asks_about_the_delimiter_of_a_header_with_one_column(text: str):
    """A header of one column makes it ask about the delimiter."""
    with pytest.raises(FaultsError, match="is its delimiter ','"):
        tables.loads(text, tables.declared(plain()), FACTS)


def test_a_quote_that_is_not_closed_is_an_error():
    """A file that is cut off within quotes is an error with the line."""
    with pytest.raises(FaultsError, match=r"line 3: cannot be read"):
        members('GEO,2015-02-03,,\nKAZ,"2015')


def test_a_wrong_encoding_is_an_error_with_the_line(tmp_path: Path):
    """Bytes of another encoding are named with their line."""
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbfcode,day\nGEO,2015\xd1\n")
    with pytest.raises(FaultsError, match="line 2: byte 0xd1 is not utf-8"):
        list(lines(path))


def test_lines_and_files_have_bounds(tmp_path: Path):
    """A line or a file that is too long is an error, also when it was packed."""
    path, packed = tmp_path / "long.csv", tmp_path / "bomb.csv.gz"
    path.write_bytes(b"a\n" + b"b" * 50)
    with gzip.open(packed, "wb") as file:
        file.write(b"aaaaaaa\n" * 10_000)

    with pytest.raises(FaultsError, match="line 2: the line has more than 20 bytes"):
        list(lines(path, longest=20))
    with pytest.raises(FaultsError, match="the file has more than 1000 bytes"):
        list(lines(packed, largest=1000))


def test_packed_files_are_unpacked(tmp_path: Path):
    """Files packed by gzip, and archives of one file, are read as they are within."""
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        file.write(b"a\nb\n")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "a\nb\n")

    assert (
        list(lines(tmp_path / "a.gz"))
        == list(lines(tmp_path / "a.zip"))
        == ["a\n", "b\n"]
    )


def test_damaged_archives_are_errors(tmp_path: Path):
    """What is cut off, no archive, or an archive of several files is an error."""
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        file.write(bytes(range(256)) * 99)
    whole = (tmp_path / "a.gz").read_bytes()
    (tmp_path / "a.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.zip").write_bytes(b"PK")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a", "a")
        archive.writestr("b", "b")

    with pytest.raises(FaultsError, match="is cut off or damaged"):
        list(lines(tmp_path / "a.gz", "latin-1"))
    with pytest.raises(FaultsError, match="is not a zip archive"):
        list(lines(tmp_path / "b.zip"))
    with pytest.raises(FaultsError, match="holds 2 files"):
        list(lines(tmp_path / "c.zip"))


def test_encodings_must_keep_ascii():
    """Encodings that keep ASCII are taken, and others refused."""
    good = "utf-8", "utf-8-sig", "cp1252", "utf-16", "UTF_16_LE"
    bad = "cp037", "base64", "nope"

    assert [check_encoding(name) for name in good] == [None] * 5
    assert all(check_encoding(name) for name in bad)


# --- names and coverage ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Kosovo", "state:kosovo"),
        ("turkiye", "TUR"),
        ("Côte d'Ivoire", "CIV"),
        ("Congo", None),
        ("Russian Federation", "RUS"),
        ("Weißrussland", "BLR"),
        ("Sebria", None),
        ("NA", None),
    ],
)
def test_states_are_found_by_exact_names(name: str, code: str | None):
    """A name is that of a state exactly, or of none: nothing is guessed."""
    assert state_named(name) == code


def test_ids_are_made_of_names_whose_letters_are_kept():
    """An id is made of a name, unless letters would be lost or it is too long."""
    assert slug("person", "Şükrü K\u0131şla") == "person:sukru-kisla"
    assert [slug("x", name) for name in ("王毅", "", "a" * 61, "a " * 30)] == [None] * 4


EDGES = [date(2012, 12, 31), date(2013, 1, 1), date(2018, 6, 30), date(2018, 7, 1)]


@given(st.dates() | st.sampled_from(EDGES), st.sampled_from(list(Answer)))
def test_judged_turns_no_into_maybe_beyond_the_coverage(day: date, found: Answer):
    """An answer stands, but a no about a day that is not covered becomes a maybe."""
    covered = Coverage("2013/2018-06")
    inside = date(2013, 1, 1) <= day <= date(2018, 6, 30)
    expected = Answer.MAYBE if found is Answer.NO and not inside else found

    assert covered.judged(found, on=day) is expected
    assert covered.includes(day) is (Answer.YES if inside else Answer.NO)


def test_coverage_may_be_open_or_missing():
    """What has no end is covered for ever; what is not said is a maybe."""
    assert Coverage("2013/..").includes("2099-01-01") is Answer.YES
    assert Coverage("2013/").includes("2099-01-01") is Answer.MAYBE
    assert Coverage().includes("2099-01-01") is Answer.MAYBE
    assert Coverage("2014").includes("2014-12-31") is Answer.YES
    with pytest.raises(DayError):
        Coverage("2013").includes("2013")
    with pytest.raises(EdtfError):
        Coverage("x")


def test_coverage_of_an_import_may_be_missing():
    """An import of a declaration without coverage says so."""
    found = tables.loads("code,day\n", tables.declared(plain()), FACTS)

    assert str(found).startswith("0 rows")
