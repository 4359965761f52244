"""GDELT: articles are witnesses, and the day a row was added is when it was known."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imports import kept

from bri_timeline import Edtf, Place
from bri_timeline.errors import FaultsError
from bri_timeline.formats import gdelt
from bri_timeline.formats._codes import Coded
from bri_timeline.formats._event_data import ReadOptions
from bri_timeline.relations import Visited


NEWS, POST = "http://news.example/1", "http://post.example/2"


def row(
    number: int,
    code: str = "042",
    by: str = "CHN",
    to: str = "KAZ",
    *,
    day: str = "20180101",
    added: str = "20180102",
    url: str = NEWS,
    width: int = 61,
) -> str:
    """A row; an actor is a country, or a role in small letters, or nobody."""
    cells = [""] * width
    cells[0], cells[1], cells[26] = str(number), day, code
    for place, who in ((5, by), (15, to)):
        cells[place] = cells[place + 1] = who.upper()
        cells[place + 2] = who if who.isupper() else ""
    cells[-2], cells[-1] = added, url
    return "\t".join(cells)


def read(*rows: str) -> gdelt.Imported:
    return kept(gdelt.loads)("\n".join([*rows, ""]))


def test_rows_of_one_article_are_one_happening() -> None:
    """However many rows an article makes of one visit, it is one, with one witness."""
    found = read(*[row(n) for n in range(180)], row(180, "043", "KAZ", "CHN", url=POST))
    (visit,) = (entry.claim for entry in found.log)

    assert visit.what == Visited("CHN", "KAZ")
    assert [place.source.url for place in visit.cite] == [NEWS, POST]
    assert visit.cite[1].locator == "180 (code 043)"


def test_the_day_added_is_the_day_known() -> None:
    """What was added later is not known before, and what was first added counts."""
    log = read(
        row(1, day="20171202", added="20180103000000", url=POST),
        row(2, day="20171202", added="20180101000000"),
    ).log

    assert log.as_of("2017-12-02", known_by="2017-12-31").events == ()
    assert len(log.as_of("2017-12-02", known_by="2018-01-01").events) == 1


def test_an_actor_without_a_country_may_be_anybody() -> None:
    """Rows about the police of somewhere stay apart, and are not facts."""
    found = read(
        row(1, by="cop"), row(2, by="cop"), row(3, "130", by=""), row(4, "130", by="")
    )
    first, second, third, _ = (entry.claim for entry in found.log)

    assert first.what == Coded("042", "gdelt:cop", "KAZ", who="COP")
    assert (first.id, second.id) == ("gdelt:1", "gdelt:2")
    assert third.what == Coded("130", None, "KAZ")


def test_codes_of_countries_are_those_of_today() -> None:
    """Old codes are read as the states, and regions are actors of GDELT's own."""
    old, region, strange = (
        entry.claim.what
        for entry in read(row(1, by="ROM"), row(2, by="AFR"), row(3, by="联合")).log
    )

    own = read(row(1, by="MTN"), row(2, by="WSB"), row(3, by="SSD"))
    assert [entry.claim.what.guest for entry in own.log] == ["MNE", "PSE", "SSD"]
    assert (old.guest, region.guest) == ("ROU", "gdelt:afr")
    assert strange == Coded("042", "gdelt:other", "KAZ", who="联合 联合")


def test_rows_that_are_no_events_come_back_with_the_reason() -> None:
    """Rows without a day, an actor, a code or all columns are returned."""
    found = read(
        row(1),
        row(2, day="2018"),
        row(3, "42"),
        row(4, by="", to=""),
        row(5, added="soon"),
        "6\t20180101",
    )

    assert [str(remark) for remark in found.rejected] == [
        "line 2: the row has no day",
        "line 3: '42' is not a CAMEO code: is a leading zero lost?",
        "line 4: the row has no actor",
        "line 5: the row does not say on which day it was added",
        "line 6: the row has 2 columns, not 58 or 61",
    ]
    assert len(found.rejected[0].cells) == 61
    assert (found.rows, len(found.log)) == (6, 1)


def test_the_first_version_has_58_columns() -> None:
    """Tables of GDELT 1.0 are read as well."""
    assert len(read(row(1, width=58)).log) == 1


def test_files_are_read_packed_and_covered_by_the_days_added(tmp_path: Path) -> None:
    """An archive is read as it is; its coverage is that of the news, unless said."""
    path = tmp_path / "20180101.export.CSV.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "20180101.export.CSV", row(1) + "\n" + row(2, added="20180105")
        )

    assert gdelt.load(path).coverage.period == Edtf("2018-01-02/2018-01-05")
    assert gdelt.load(path, ReadOptions(coverage="2018")).coverage.period == Edtf(
        "2018"
    )
    assert read().coverage.period is None


def test_what_is_no_table_of_gdelt_is_an_error() -> None:
    """A first row of another width is an error that says what GDELT has."""
    with pytest.raises(FaultsError, match="58 or 61 columns of GDELT, but 2"):
        read("a\tb", row(1))


ROWS = st.lists(
    st.builds(
        row,
        st.integers(1, 99),
        st.sampled_from(["010", "042", "043", "99"]),
        st.sampled_from(["CHN", "KAZ", "AFR", "cop", ""]),
        st.sampled_from(["CHN", "KAZ", "cop", ""]),
        day=st.sampled_from(["20180101", "20171202", "x"]),
        added=st.sampled_from(["20180101000000", "20180103"]),
        url=st.sampled_from([NEWS, POST]),
    ),
    max_size=12,
    unique_by=lambda text: text.split("\t")[0],
)


@given(ROWS)
def test_no_row_is_lost(rows: list[str]) -> None:
    """Each row is cited by one event, or is returned."""
    found = read(*rows)
    cited = [
        number
        for entry in found.log
        for place in entry.claim.cite
        for number in re.sub(r" \(code \d+\)", "", place.locator).split(", ")
    ]
    returned = [remark.cells[0] for remark in found.rejected]

    assert sorted([*cited, *returned]) == sorted(text.split("\t")[0] for text in rows)


@given(ROWS)
def test_what_was_not_added_yet_is_not_known(rows: list[str]) -> None:
    """The view known by a day is that of the rows that were added by then."""
    early = [text for text in rows if text.split("\t")[59] == "20180101000000"]
    view = read(*rows).log.as_of("2018-12-31", known_by="2018-01-02")

    assert {event.id for event in view.events} == {
        event.id for event in read(*early).log.as_of("2018-12-31").events
    }


def placed(line: str, kind: str, name: str, *point: str) -> str:
    """A row of GDELT with the place of its action."""
    cells = line.split("\t")
    first = 51 if len(cells) == 61 else 49
    cells[first : first + 2] = kind, name
    cells[-5:-3] = point
    return "\t".join(cells)


@pytest.mark.parametrize("width", [58, 61])
def test_gdelt_place_is_that_of_the_action(width: int) -> None:
    """Both versions have it, with the kind of place as its precision."""
    kinds = ["0", "1", "2", "3", "4", "5", "8"]
    lines = [
        placed(row(n, day=f"2018010{n + 1}", width=width), kind, "Baku", "40", "49")
        for n, kind in enumerate(kinds)
    ]
    found = kept(gdelt.loads)("\n".join(lines))

    assert [entry.claim.where for entry in found.log] == [
        Place("Baku", 40, 49, precision)
        for precision in (
            *(None, "country", "province", "city or landmark", "city or landmark"),
            *("province", "GDELT 8"),
        )
    ]


def test_reports_that_differ_in_the_place_keep_it_in_their_citations() -> None:
    """One happening has one place; a report without one does not contradict it."""
    astana, almaty = ("4", "Astana", "51", "71"), ("4", "Almaty", "43", "77")
    same = [placed(row(1), *astana), row(2), placed(row(3), *astana)]
    other = placed(row(4, "043", "KAZ", "CHN"), *almaty)
    (agreed,) = gdelt.loads("\n".join(same)).log
    found = gdelt.loads("\n".join([*same, other]))
    (visit,) = (entry.claim for entry in found.log)

    assert agreed.claim.where == Place("Astana", 51, 71, "city or landmark")
    assert visit.where is None
    assert visit.cite[0].locator == (
        "1 (code 042) [Astana (51.0, 71.0; city or landmark)], 2 (code 042), 3 (code"
        " 042) [Astana (51.0, 71.0; city or landmark)], 4 (code 043) [Almaty (43.0,"
        " 77.0; city or landmark)]"
    )
    assert "1 events have reports that differ in the place" in str(found)
