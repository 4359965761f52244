"""ICEWS: rows become happenings, and whoever reports one is a witness of it."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imports import kept

from bri_timeline import Edtf, Event, Place, Vocabulary
from bri_timeline.errors import (
    BriTimelineError,
    DayError,
    FaultsError,
    PayloadError,
    UnknownActorError,
)
from bri_timeline.formats import icews
from bri_timeline.formats._codes import Code, Coded, Codes
from bri_timeline.formats._event_data import ReadOptions, iso_day
from bri_timeline.relations import FACTS, AgreementSigned, Met, Visited


HEAD = (
    "event_id", "event_date", "source_name", "source_country", "cameo_code",
    "target_name", "target_country", "story_id", "publisher", "city",
)  # fmt: skip
AGENCY, POST = ("7", "The Agency"), ("8", "The Post")
MINISTER, LANDS = ("Ann Lee", "Georgia"), ("Turkey", "Turkey")

Row = tuple[str, ...]


def row(
    number: int,
    code: str,
    by: tuple[str, str] = MINISTER,
    to: tuple[str, str] = LANDS,
    *,
    day: str = "2018-06-02",
    story: tuple[str, str] = AGENCY,
) -> Row:
    return (str(number), day, *by, code, *to, *story, "Ankara")


def text(*rows: Row, delimiter: str = ",", head: Row = HEAD) -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerows([head, *rows])
    return file.getvalue()


def read(*rows: Row, reading: ReadOptions | None = None) -> list[Event]:
    return [entry.claim for entry in kept(icews.loads)(text(*rows), reading).log]


# --- happenings -----------------------------------------------------------------------


def test_a_visit_coded_from_both_sides_by_two_publishers_is_one_event() -> None:
    """Four rows about one visit are one event with two witnesses."""
    (visit,) = read(
        row(1, "042"),
        row(2, "043", LANDS, MINISTER),
        row(3, "042", story=POST),
        row(4, "043", LANDS, MINISTER, story=POST),
    )

    assert visit.what == Visited("GEO", "TUR", who="person:ann-lee")
    assert visit.when == Edtf("2018-06-02")
    assert [str(place) for place in visit.cite] == [
        "The Agency, event 1 (code 042), event 2 (code 043)",
        "The Post, event 3 (code 042), event 4 (code 043)",
    ]


def test_the_host_and_the_code_of_each_row_are_in_its_citation() -> None:
    """Reports that name the host and reports that do not are about one visit."""
    host, shown = ("President\u202e (Turkey)", "Turkey"), "President\ufffd"
    found = kept(icews.loads)(
        text(row(1, "042"), row(2, "042", to=host), row(3, "043", host, MINISTER))
    )
    (visit,) = found.log.as_of("2018-06-30").events

    assert visit.what == Visited("GEO", "TUR", who="person:ann-lee")
    assert [place.locator for place in visit.cite] == [
        "event 1 (code 042)",
        f"event 2 (code 042; host {shown}), event 3 (code 043; host {shown})",
    ]


def test_a_code_that_the_payload_keeps_is_not_repeated() -> None:
    """A `Coded` has its code, and its citation that of a row from the other side."""
    reading = ReadOptions(
        codes=Codes((Code("130"), Code("131", "", "reversed", "130")))
    )
    (kept,) = read(row(1, "130"), row(2, "131", LANDS, MINISTER), reading=reading)

    assert "130" == kept.what.code
    assert "event 1, event 2 (code 131)" == kept.cite[0].locator


def test_load_counts_the_rows_that_merge() -> None:
    """The result says how many rows repeat what another says."""
    rows = [row(1, "042"), row(2, "043", LANDS, MINISTER), row(3, "010")]
    found = kept(icews.loads)(text(*rows))

    assert (found.rows, found.events, found.repeated) == (3, 2, 1)
    assert "1 row repeats what another says" in str(found)


@pytest.mark.parametrize(
    ("code", "told"), [("042", True), ("044", True), ("010", False)]
)
def test_load_says_that_sightings_are_no_trips(code: str, told: bool) -> None:
    """A delegation of two on two days is four, which is said where visits are made."""
    rows = [
        row(n, code, who, day=day)
        for n, (who, day) in enumerate(
            (who, day)
            for who in (MINISTER, ("Bo Li", "Georgia"))
            for day in ("2018-06-02", "2018-06-03")
        )
    ]
    found = kept(icews.loads)(text(*rows))

    assert found.events == 4
    assert told is any("do not count them as trips" in one for one in found.cautions)


def test_load_tells_the_countries_that_it_does_not_know() -> None:
    """A country that no state is called is told, until an actor is declared for it."""
    rows = text(row(1, "010", ("Ann Lee", "Congo")), row(2, "010", ("x", "")))
    declared = ReadOptions(actors={"Congo": "COG"})
    known = icews.loads(rows, declared)

    assert "1 names of states were not recognised ('Congo' 1 times)" in str(
        icews.loads(rows)
    )
    assert "not recognised" not in str(known)
    assert known.log[0].claim.what.by == "COG"


def test_what_is_mutual_is_one_event() -> None:
    """A consultation told from either side is one, and a statement is not."""
    both = [row(n, code, *who) for n, (code, who) in enumerate([
        ("040", (MINISTER, LANDS)), ("040", (LANDS, MINISTER)),
        ("010", (MINISTER, LANDS)), ("010", (LANDS, MINISTER)),
    ])]  # fmt: skip

    assert [event.what.code for event in read(*both)] == ["040", "010", "010"]


def test_facts_are_made_of_codes() -> None:
    """Meetings and signatures become facts; other codes stay codes, as text."""
    met, signed, said = read(row(1, "044"), row(2, "057"), row(3, "0833"))

    assert met.what == Met({"GEO", "TUR"}, who={"person:ann-lee"})
    assert signed.what == AgreementSigned(
        {"GEO", "TUR"}, title="a formal agreement", between="Ann Lee"
    )
    assert said.what == Coded("0833", "GEO", "TUR", who="Ann Lee")
    assert said.what.parties == {"GEO", "TUR"}


@pytest.mark.parametrize("code", ["042", "044", "057"])
def test_what_does_not_fit_a_fact_stays_coded(code: str) -> None:
    """Events within one state make no fact of relations."""
    at_home = ("Army (Georgia)", "Georgia")
    (event,) = read(row(1, code, MINISTER, at_home))

    assert event.what.code == code
    assert {event.what.who, event.what.whom} == {"Ann Lee", "Army"}


def test_names_whose_letters_would_be_lost_stay_text() -> None:
    """A name that makes no id is kept as it is, in a coded event."""
    (visit, met) = read(
        row(1, "042", ("王毅", "China")), row(2, "044", ("王毅", "China"))
    )

    assert visit.what == Coded("042", "CHN", "TUR", who="王毅")
    assert "王毅" in (met.what.who, met.what.whom)


def test_somebody_of_no_state_keeps_a_name() -> None:
    """Who acts for no known state has an id of the data set, or what is declared."""
    union = ("European Union", "")
    alone, other, nameless = read(
        row(1, "010", union),
        row(2, "010", ("联合国", "")),
        row(3, "010", ("", "Narnia")),
    )
    reading = ReadOptions(actors={"european union": "org:eu", "Ann Lee": "ARM"})
    (known, lee) = read(row(1, "010", union), row(2, "010"), reading=reading)

    assert alone.what.by == "icews:european-union"
    assert other.what == Coded("010", "icews:other", "TUR", who="联合国")
    assert nameless.what.by == "icews:narnia"
    assert known.what == Coded("010", "org:eu", "TUR", who="European Union")
    assert lee.what == Coded("010", "ARM", "TUR", who="Ann Lee")
    with pytest.raises(UnknownActorError):
        ReadOptions(actors={"Ann Lee": "Armenia"})


def test_rows_that_are_no_events_come_back_with_the_reason() -> None:
    """Rows without a day, an actor or a code are returned with the reason."""
    nobody = ("", "")
    found = icews.loads(
        text(
            row(1, "040", day="June"),
            row(2, "40"),
            row(3, "040", nobody, nobody),
            ("4",),
            row(5, "040", nobody),
        )
    )

    assert [str(remark) for remark in found.rejected] == [
        "line 2: the row has no day",
        "line 3: '40' is not a CAMEO code: is a leading zero lost?",
        "line 4: the row has no actor",
        "line 5: the row is not as wide as the header",
    ]
    assert (found.rows, len(found.log)) == (5, 1)


def test_ids_that_repeat_name_nothing() -> None:
    """An event number that comes back with another day is another event."""
    assert len(read(row(1, "010"), row(1, "010", day="2018-06-03"))) == 2


def test_data_cover_the_days_that_they_name() -> None:
    """The coverage is said by the reader, or taken from the first and last day."""
    rows = [row(1, "010"), row(2, "010", day="2018-06-05")]
    said = icews.loads(text(*rows), ReadOptions(coverage="2018", published="2018-07"))

    assert icews.loads(text(*rows)).coverage.period == Edtf("2018-06-02/2018-06-05")
    assert icews.loads(text()).coverage.period is None
    assert said.coverage.period == Edtf("2018")
    assert str(said.log[0].known) == "2018-07-31"


def test_headers_as_the_archive_writes_them(tmp_path: Path) -> None:
    """Tabs and names such as `Event ID` are read too, from files."""
    head = tuple(name.replace("_", " ").title() for name in HEAD)
    path = tmp_path / "events.tab"
    path.write_text(text(row(1, "057"), delimiter="\t", head=head), "utf-8")

    assert len(icews.load(path).log) == 1


@pytest.mark.parametrize("wrong", ["", "a;b;c\n", "event_id,event_date\n"])
def test_what_is_no_table_of_icews_is_an_error(wrong: str) -> None:
    """A header without the columns is an error that lists them."""
    with pytest.raises(FaultsError, match="lacks the column 'source_name'"):
        icews.loads(wrong)


ROWS = st.lists(
    st.builds(
        row,
        st.integers(1, 9),
        st.sampled_from(["010", "040", "042", "043", "057", "40"]),
        st.sampled_from([MINISTER, LANDS, ("", "")]),
        st.sampled_from([MINISTER, LANDS, ("", "")]),
        day=st.sampled_from(["2018-06-02", "2018-06-03", "x"]),
        story=st.sampled_from([AGENCY, POST]),
    ),
    max_size=12,
)


@given(ROWS)
def test_no_row_is_lost(rows: list[Row]) -> None:
    """Each row is cited by one event, or is returned."""
    found = kept(icews.loads)(text(*rows))
    cited = sum(
        place.locator.count("event ")
        for entry in found.log
        for place in entry.claim.cite
    )

    assert found.rows == len(rows) == cited + len(found.rejected)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    rows: list[Row], chance: random.Random
) -> None:
    """The same rows in another order are the same happenings."""
    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert {event.id for event in read(*rows)} == {
        event.id for event in read(*shuffled)
    }


@given(ROWS)
def test_the_mirror_of_a_visit_adds_nothing(rows: list[Row]) -> None:
    """Told from the other side as well, visits and consultations stay as many."""
    other = {"042": "043", "043": "042", "040": "040", "057": "057"}
    mirrored = [
        (*one[:2], *one[5:7], other[one[4]], *one[2:4], *one[7:])
        for one in rows
        if one[4] in other
    ]

    assert len(read(*rows, *mirrored)) == len(read(*rows))


@given(ROWS)
def test_another_publisher_adds_no_event(rows: list[Row]) -> None:
    """A report of a third publisher is not a further happening."""
    again = [(*one[:7], "9", "The Echo", *one[9:]) for one in rows]

    assert len(read(*rows, *again)) == len(read(*rows))


@given(ROWS)
def test_a_file_imported_twice_adds_nothing(rows: list[Row]) -> None:
    """The events of a file, recorded again, change nothing in the log."""
    log = kept(icews.loads)(text(*rows)).log

    assert log.extend(read(*rows)) == log


@given(ROWS)
def test_coded_events_can_be_kept(rows: list[Row]) -> None:
    """What is coded is a payload like the others: it is written and read back."""
    vocabulary = FACTS | Vocabulary(Coded)

    for what in (event.what for event in read(*rows)):
        name, data = vocabulary.name_of(what), vocabulary.encode(what)
        assert vocabulary.decode(name, data) == what


# --- quadruples -----------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "entity2id.txt").write_text(
        "4\nGeorgia\t0\nTurkey\t1\nAnn Lee\t2\nArmy (Georgia)\t 3\n", "utf-8"
    )
    (tmp_path / "relation2id.txt").write_text(
        "Make a visit\t0\nHost a visit\t1\nMake statement\t2\n", "utf-8"
    )
    return tmp_path


def quadruples(folder: Path, rows: str, **options: object) -> icews.Imported:
    (folder / "train.txt").write_text(rows, "utf-8")
    return icews.load_quadruples(
        folder / "train.txt",
        entities=folder / "entity2id.txt",
        relations=folder / "relation2id.txt",
        **{"since": "2014-01-01", "title": "ICEWS14", **options},
    )


def test_quadruples_are_read_with_their_dictionaries(folder: Path) -> None:
    """Numbers become names, names of codes become codes, hours become days."""
    found = quadruples(folder, "0\t0\t1\t24\t-1\n1\t1\t0\t47\n\n3\t2\t2\t48\t-1\n")
    visit, said = (entry.claim for entry in found.log)

    assert visit.what == Visited("GEO", "TUR")
    assert visit.when == Edtf("2014-01-02")
    assert (
        str(visit.cite[0])
        == "ICEWS14, train.txt line 1 (code 042), train.txt line 2 (code 043)"
    )
    assert said.what == Coded("Make statement", "GEO", "icews:ann-lee", who="Army")
    assert found.coverage.period == Edtf("2014-01-02/2014-01-03")


@pytest.mark.parametrize(
    "wrong", ["9\t0\t1\t24", "0\t0\t1", "0\t0\t1\tx", "0 0 1 9e9", f"0 0 1 {'9' * 12}"]
)
def test_rows_that_are_no_quadruples_come_back(folder: Path, wrong: str) -> None:
    """Numbers that no dictionary has, and rows cut off, are returned."""
    found = quadruples(folder, f"0\t0\t1\t24\n{wrong}\n")

    assert [remark.line for remark in found.rejected] == [2]
    assert len(found.log) == 1


def test_a_file_without_quadruples_is_an_error(folder: Path) -> None:
    """A wrong delimiter, or the wrong dictionaries, is an error."""
    with pytest.raises(FaultsError, match="holds no quadruple"):
        quadruples(folder, "0;0;1;24\n0;0;1;24\n")
    assert len(quadruples(folder, "").log) == 0


def test_since_must_be_a_day(folder: Path) -> None:
    """The first day is given as a day."""
    with pytest.raises(DayError, match="'2014'"):
        quadruples(folder, "", since="2014")
    day = Edtf("2014-01-01").earliest
    assert len(quadruples(folder, "0 0 1 0", since=day).log) == 1


@pytest.mark.parametrize("wrong", ["", "Georgia 0\nTurkey 1\n", "A\t0\nB\t0\n"])
def test_a_dictionary_must_be_one(folder: Path, wrong: str) -> None:
    """A dictionary without numbers, or with one twice, is an error."""
    (folder / "entity2id.txt").write_text(wrong, "utf-8")
    with pytest.raises(FaultsError):
        quadruples(folder, "0\t0\t1\t24\n")


# --- codes ----------------------------------------------------------------------------


def test_the_table_of_codes_can_be_read_and_replaced(tmp_path: Path) -> None:
    """Codes are written as a table, changed there, and read back."""
    path = tmp_path / "codes.csv"
    Codes.shipped().dump(path)
    assert Codes.load(path) == Codes.shipped()

    path.write_text("code,name,direction,same_as,fact\n057,,,,Signature\n", "utf-8")
    reading = ReadOptions(
        Codes.load(path), facts={"Signature": lambda coded: coded.code}
    )
    signed, visit = read(row(1, "057"), row(2, "042"), reading=reading)
    assert signed.what == "057"
    assert visit.what == Coded("042", "GEO", "TUR", who="Ann Lee")


def test_a_fact_must_be_one_that_cannot_change() -> None:
    """What a user makes of a code is checked as every payload is."""
    codes = Codes((Code("057", fact="Signature"),))
    with pytest.raises(PayloadError):
        read(
            row(1, "057"),
            reading=ReadOptions(codes, facts={"Signature": lambda _: [1]}),
        )


def test_a_fact_must_have_a_maker() -> None:
    """A name in the table that nothing makes is an error at once."""
    with pytest.raises(FaultsError, match="057: 'Treaty' has nothing that makes it"):
        read(reading=ReadOptions(Codes((Code("057", fact="Treaty"),))))


@pytest.mark.parametrize(
    ("codes", "problem"),
    [
        ([Code("1"), Code("1")], "is there twice"),
        ([Code("")], "is empty"),
        ([Code("1", direction="both")], "is not a direction"),
        ([Code("1", direction="reversed")], "needs both"),
        ([Code("1", same_as="1")], "needs both"),
        ([Code("1", direction="reversed", same_as="2")], "is not there"),
    ],
)
def test_codes_must_fit_each_other(codes: list[Code], problem: str) -> None:
    """A table of codes that contradicts itself is an error."""
    with pytest.raises(FaultsError, match=problem):
        Codes(tuple(codes))


@pytest.mark.parametrize(
    "wrong", ["", "code;name\n", "code,name,direction,same_as,fact\n057\n"]
)
def test_what_is_no_table_of_codes_is_an_error(tmp_path: Path, wrong: str) -> None:
    """A table with other columns, or with rows cut off, is an error."""
    path = tmp_path / "codes.csv"
    path.write_text(wrong, "utf-8")
    with pytest.raises(BriTimelineError):
        Codes.load(path)


def test_codes_are_looked_up_by_their_text() -> None:
    """A code that the table lacks is directed, and no fact."""
    assert Codes.shipped()["043"] == Code(
        "043", "Host a visit", "reversed", "042", "Visited"
    )
    assert Codes.shipped()["43"] == Code("43")


# --- days -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("20180601", "2018-06-01"),
        ("20180601120000", "2018-06-01"),
        (" 2018-06-01 ", "2018-06-01"),
        ("20180631", None),
        ("2018", None),
        ("", None),
    ],
)
def test_days_are_read_from_digits_too(said: str, day: str | None) -> None:
    """Days and instants of digits are days, and nothing else is."""
    assert iso_day(said) == day


@pytest.mark.parametrize(
    ("coded", "words"),
    [
        (Coded("042"), "code 042"),
        (Coded("042", "GEO", "TUR"), "code 042 by Georgia towards Türkiye"),
        (
            Coded("010", "GEO", "TUR", who="Ann Lee", by_also=["ARM"]),
            "code 010 by Ann Lee of Armenia and Georgia towards Türkiye",
        ),
        (Coded("010", whom="Ann Lee"), "code 010 towards Ann Lee"),
    ],
)
def test_what_is_coded_is_told_by_code_and_actors(coded: Coded, words: str) -> None:
    """A code without a fact is shown with its actors."""
    assert words == str(coded)


def test_one_fact_of_several_actors_has_one_place() -> None:
    """Rows that name other hosts are one visit: it is no dispute where that was."""
    hosts = ("Cem Oz", "Turkey"), ("Eda Su", "Turkey")
    head = (*HEAD, "latitude", "longitude")
    rows = [
        (*row(n, "042", to=host), *point)
        for n, (host, point) in enumerate(
            zip(hosts, (("39.9", "32.8"), ("41", "29")), strict=True)
        )
    ]
    found = icews.loads(text(*rows, head=head))
    view = found.log.as_of("2020-01-01")

    assert len(view.events) == 1
    assert view.disputes == ()
    assert view.events[0].where is None
    assert "Ankara (41.0, 29.0)" in " ".join(map(str, view.events[0].cite))


def test_icews_place_is_the_parts_of_its_name() -> None:
    """City, district, province and country are one name; extracts may lack them."""
    head = (*HEAD[:-1], "City", "Province", "Country", "Latitude", "Longitude")
    full = (*row(1, "042")[:-1], "Baku", "", "Azerbaijan", "40.4", "49.9")
    (entry,) = icews.loads(text(full, head=head)).log
    (bare,) = icews.loads(text(row(1, "042")[:-1], head=HEAD[:-1])).log

    assert entry.claim.where == Place("Baku, Azerbaijan", 40.4, 49.9)
    assert bare.claim.where is None
