"""UCDP: violence is dated as precisely as the code says, and no more."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf, Place, Vocabulary
from bri_timeline.errors import DayError, FaultsError
from bri_timeline.formats import ucdp
from bri_timeline.formats._event_data import ReadOptions


ROW = {
    "id": "300.0",
    "side_a": "Government of Turkey",
    "side_b": "Kurdish rebels",
    "type_of_violence": "1.0",
    "country": "Turkey",
    "best": "2.0",
    "low": "1.0",
    "high": "3.0",
    "date_start": "2015-04-19 00:00:00.000",
    "date_end": "2015-04-22",
    "date_prec": "2.0",
    "source_office": "The Agency;The Post",
    "source_date": "2015-04-25;2015-04-23",
    "source_headline": "Clash;",
    "source_original": "",
}


# The columns of numbers, as newer releases have them.
NUMBERED = ROW | {"gwnoa": "", "gwnob": "", "country_id": ""}
MOSCOW = {
    "side_a": "Government of Russia (Soviet Union)",
    "gwnoa": "365.0",
    "country": "Russia (Soviet Union)",
    "country_id": "365.0",
}


def numbered(path: Path, *changes: dict[str, str]) -> ucdp.Imported:
    """Read rows that have the numbers of Gleditsch and Ward."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(NUMBERED))
        writer.writeheader()
        rows = enumerate(changes)
        writer.writerows(NUMBERED | {"id": str(n)} | change for n, change in rows)
    return ucdp.load(path)


def read(path: Path, *changes: dict[str, str], **options: str) -> ucdp.Imported:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows(ROW | change for change in changes)
    return ucdp.load(path, ReadOptions(**options) if options else None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ged.csv"


@pytest.mark.parametrize(
    ("start", "end", "code", "when"),
    [
        ("2015-04-19", "2015-04-19", "1", "2015-04-19"),
        ("2015-04-19", "2015-04-22", "2.0", "[2015-04-19..2015-04-22]"),
        ("2015-04-01", "2015-04-30", "4", "2015-04"),
        ("2015-12-01", "2015-12-31", "4", "2015-12"),
        ("9999-12-01", "9999-12-31", "4", "9999-12"),
        ("2015-01-01", "2015-12-31", "5", "2015"),
        ("2015-04-10", "2015-04-30", "4", "[2015-04-10..2015-04-30]"),
        ("2015-04-01", "2015-04-29", "4", "[2015-04-01..2015-04-29]"),
        ("2015-01-01", "2016-12-31", "5", "[2015-01-01..2016-12-31]"),
        ("2015-04-01", "2015-04-01", "4", "2015-04"),
        ("2015-04-01", "2015-04-01", "5", "2015"),
    ],
)
def test_the_code_says_how_much_is_known(
    start: str, end: str, code: str, when: str
) -> None:
    """Days, several days, months and years come of the two days and the code."""
    assert ucdp.when(start, end, code) == Edtf(when)


@pytest.mark.parametrize(
    ("start", "end", "code", "problem"),
    [
        ("2015", "2015-04-19", "1", "'2015' is not a day"),
        ("2015-04-19", "", "1", "'' is not a day"),
        ("2015-04-19", "2015-04-19", "6", "'6' is not a precision"),
        ("2015-04-19", "2015-04-18", "2", "ends before it begins"),
        ("2015-04-19", "2015-04-19", "3", "is one day, and has the precision 3"),
    ],
)
def test_dates_that_contradict_their_code_are_refused(
    start: str, end: str, code: str, problem: str
) -> None:
    """An invalid day, or a precision that cannot be, is an error."""
    with pytest.raises(DayError, match=problem):
        ucdp.when(start, end, code)


@given(
    st.sampled_from([date(2015, month, day) for month in (1, 2) for day in (1, 2, 28)]),
    st.sampled_from([1, 2, 25, 26, 27, 28, 29, 30, 31, 364, 365, 729]),
    st.sampled_from("2345"),
)
def test_every_day_between_stays_possible(first: date, more: int, code: str) -> None:
    """The date allows the days from the first to the last, and no other."""
    last = first + timedelta(more)
    when = ucdp.when(first.isoformat(), last.isoformat(), code)

    assert (when.earliest, when.latest) == (first, last)
    assert when.on(first) is when.on(last) is Answer.MAYBE


def test_a_row_is_an_event_that_cites_its_reports(path: Path) -> None:
    """A row names its sides, its deaths, and each report with its day."""
    (entry,) = read(path, {}).log
    what = ucdp.Violence(
        {"TUR", "ucdp:kurdish-rebels"}, "Government of Turkey", "Kurdish rebels",
        "state-based", deaths=2, least=1, most=3, country="TUR",
    )  # fmt: skip

    assert entry.claim.what == what
    held = Vocabulary(ucdp.Violence)
    assert held.decode("Violence", held.encode(what)) == what
    assert entry.claim.id == "ucdp:300"
    assert entry.claim.when == Edtf("[2015-04-19..2015-04-22]")
    assert [str(place) for place in entry.claim.cite] == [
        "The Agency (2015-04-25), event 300",
        "The Post (2015-04-23), event 300",
    ]
    assert str(entry.known) == "2015-04-23"


def test_load_finds_states_by_their_numbers(path: Path) -> None:
    """A state is found whatever the data call it, as a side and as the place."""
    abroad = {"side_a": "Government of Russia (Soviet Union)", "gwnoa": "365"}
    found = numbered(
        path,
        MOSCOW,
        MOSCOW | {"side_a": "A group", "gwnoa": "", "type_of_violence": "3"},
        abroad | {"country": "Ukraine", "country_id": "369.0"},
    )

    assert len(found.log.among("RUS")) == 3
    assert [entry.claim.what.country for entry in found.log] == ["RUS", "RUS", "UKR"]
    assert found.log[2].claim.parties == {"RUS", "UKR", "ucdp:kurdish-rebels"}
    assert found.cautions == ()


def test_load_judges_a_number_by_the_day(path: Path) -> None:
    """A number that changed its meaning within the days of an event names no state."""
    serbia = {"country": "Serbia (Yugoslavia)", "country_id": "345"}
    days = [("1991-07-01", "1991-07-01"), ("1998-07-01", "1998-07-01")]
    days.append(("1992-04-01", "1992-04-30"))
    found = numbered(
        path,
        *(
            serbia | {"date_start": first, "date_end": last, "date_prec": code}
            for (first, last), code in zip(days, "114", strict=True)
        ),
    )

    assert [entry.claim.what.country for entry in found.log] == [
        "state:yugoslavia",
        "SRB",
        "ucdp:serbia-yugoslavia",
    ]
    assert "'Serbia (Yugoslavia) (345)' 1 times" in found.cautions[0]


def test_load_tells_the_states_that_it_does_not_know(path: Path) -> None:
    """A state that neither number nor name places is told, the most frequent first."""
    odd = [{"country": f"Land {letter}"} for letter in "abcdef"]
    found = read(path, *[one | {"id": str(n)} for n, one in enumerate(odd)], odd[5])
    (caution,) = found.cautions

    assert caution.startswith("6 names of states were not recognised ('Land f' 2 times")
    assert (
        ", ...): who bears one is a party of its own; give ReadOptions(actors=...)"
        in caution
    )
    assert found.log[0].claim.what.country == "ucdp:land-a"


def test_load_takes_several_on_one_side_apart(path: Path) -> None:
    """Each state and each group of a coalition is a party, and civilians are not."""
    both = {
        "side_a": "Government of Australia, Government of United Kingdom, A militia",
        "gwnoa": "900, 200",
        "side_b": "Christians (Indonesia), Civilians",
    }
    (entry,) = numbered(path, both).log

    assert entry.claim.parties == {
        "AUS", "GBR", "ucdp:a-militia", "ucdp:christians-indonesia", "TUR"
    }  # fmt: skip


def test_load_takes_actors_that_are_declared(path: Path) -> None:
    """What the reader is told about a name counts before numbers and names."""
    declared = ReadOptions(
        actors={"Kurdish rebels": "org:pkk", "Russia (Soviet Union)": "SUR"}
    )
    numbered(path, MOSCOW)
    (entry,) = ucdp.load(path, declared).log

    assert entry.claim.parties == {"SUR", "org:pkk"}


def test_a_row_without_a_country_has_no_place(path: Path) -> None:
    """Where the row names no country, nobody is made up."""
    (entry,) = read(path, {"country": ""}).log

    assert entry.claim.what.country is None
    assert entry.claim.parties == {"TUR", "ucdp:kurdish-rebels"}


def test_without_reports_the_data_set_is_the_source(path: Path) -> None:
    """Rows whose reports are not listed rest on the data set itself."""
    none = {"source_office": "", "source_date": "", "source_headline": ""}
    civilians = {"side_b": "Civilians", "type_of_violence": "3", "source_date": ""}
    first, second = read(path, none, civilians | {"id": "2"}, published="2023").log

    assert first.claim.cite[0].source.title == "UCDP Georeferenced Event Dataset"
    assert str(first.known) == str(second.known) == "2023-12-31"
    assert second.claim.parties == {"TUR"}


SEMICOLON = {"source_headline": "Clash; five dead;More; and more"}
ARTICLES = (
    '"The Agency,2015-04-25,Clash; five dead";"The Post,2015-04-23,More; and more"'
)


def sources(path: Path, change: dict[str, str]) -> list[tuple[str, str | None, str]]:
    """Return the title, the container and the day of the sources of a row."""
    (entry,) = numbered(path, change).log
    found = [cited.source for cited in entry.claim.cite]
    return [(one.title, one.container, str(one.published)) for one in found]


def test_a_semicolon_in_a_headline_loses_no_report(path: Path) -> None:
    """Of reports whose headlines cannot be told apart, the days and offices stay."""
    assert sources(path, SEMICOLON) == [
        ("The Agency", "The Agency", "2015-04-25"),
        ("The Post", "The Post", "2015-04-23"),
    ]
    only = {"source_office": "The Agency", "source_date": "2015-04-25"}
    assert sources(path, SEMICOLON | only) == [
        (SEMICOLON["source_headline"], "The Agency", "2015-04-25")
    ]


def test_the_articles_of_a_row_tell_its_headlines_apart(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column that newer releases have holds each report as a whole."""
    monkeypatch.setitem(NUMBERED, "source_article", "")

    assert sources(path, SEMICOLON | {"source_article": ARTICLES}) == [
        ("Clash; five dead", "The Agency", "2015-04-25"),
        ("More; and more", "The Post", "2015-04-23"),
    ]


def test_rows_that_are_no_events_come_back_with_the_reason(path: Path) -> None:
    """Rows that cannot be dated, counted or told apart are returned."""
    found = read(
        path, {"date_prec": "7"}, {"best": "-9"}, {"type_of_violence": "4"}, {}
    )
    path.write_text(path.read_text("utf-8") + "301,x\n", "utf-8")

    assert [str(remark) for remark in found.rejected] == [
        "line 2: '7' is not a precision of UCDP: write 1 to 5",
        "line 3: best is '-9': write a number of people",
        "line 4: '4' is not a type of violence",
    ]
    last = ucdp.load(path).rejected[-1]
    assert last.reason == "the row has 2 cells and the header 15"


def test_data_cover_the_days_that_they_name(path: Path) -> None:
    """The coverage is said by the reader, or taken from the events."""
    assert read(path, {}).coverage.period == Edtf("2015-04-19/2015-04-22")
    assert read(path, {}, coverage="1989/2022").coverage.period == Edtf("1989/2022")
    assert read(path).coverage.period is None


@pytest.mark.parametrize("text", ["", "id,side_a\n"])
def test_what_is_no_table_of_ucdp_is_an_error(path: Path, text: str) -> None:
    """A header without the columns is an error that lists them."""
    path.write_text(text, "utf-8")
    with pytest.raises(FaultsError, match="lacks the column 'date_prec'"):
        ucdp.load(path)


OCEAN = "a point in the Atlantic that stands for none"
NUMBERS = "which are not two numbers of degrees"
EARTH = "which is not a point on the earth"
WHERE = {
    "where_coordinates": "Cizre town",
    "latitude": "37.33",
    "longitude": "42.19",
    "where_prec": "1.0",
}


def violence(path: Path, *changes: dict[str, str]) -> ucdp.Imported:
    """Read rows of UCDP that have the columns of places."""
    NUMBERED.update(dict.fromkeys(WHERE, ""))
    try:
        return numbered(path / "ged.csv", *(WHERE | change for change in changes))
    finally:
        for name in WHERE:
            del NUMBERED[name]


def test_ucdp_places_have_their_precision(tmp_path: Path) -> None:
    """Codes 1 to 4 and 6 are words of ours; others are those of the codebook."""
    codes = [*"1234567", "9", ""]
    found = violence(tmp_path, *({"where_prec": code} for code in codes))

    assert [entry.claim.where for entry in found.log] == [
        Place("Cizre town", 37.33, 42.19, precision)
        for precision in (
            *("exact", "near", "district", "province"),
            "a line, or an area without borders",
            "country",
            "international waters or airspace",
            "UCDP 9",
            None,
        )
    ]
    assert "coordinates" not in str(found)


def test_coordinates_that_are_none_are_told(tmp_path: Path) -> None:
    """Zero degrees twice, half a point and other text are left out, and counted."""
    odd = [("0.0", "0"), ("0", "0.000"), ("", "42"), ("x", "42"), ("97", "42")]
    changes = ({"latitude": lat, "longitude": lon} for lat, lon in odd)
    found = violence(tmp_path, *changes, {"latitude": "0", "longitude": "42"})
    wheres = [entry.claim.where for entry in found.log]

    assert wheres == [
        *([Place("Cizre town", precision="exact")] * 5),
        Place("Cizre town", 0, 42, "exact"),
    ]
    told = [one for one in found.cautions if "coordinates" in one]
    assert [one.partition(": they are ")[::2] for one in told] == [
        ("the coordinates of 2 rows are left out", f"0, 0, {OCEAN}"),
        ("the coordinates of 1 rows are left out", f"', 42', {NUMBERS}"),
        ("the coordinates of 1 rows are left out", f"'x, 42', {NUMBERS}"),
        ("the coordinates of 1 rows are left out", f"97, 42, {EARTH}"),
    ]
