"""PLOVER and POLECAT: a record is one event, with all who took part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imports import kept

from bri_timeline import Edtf, Place
from bri_timeline.errors import FaultsError, SelectionError
from bri_timeline.formats import plover
from bri_timeline.formats._codes import Coded
from bri_timeline.formats._event_data import ReadOptions
from bri_timeline.relations import Met


def side(*codes: str) -> list[dict[str, str]]:
    return [
        {"code": code, "actorText": f"the {code}", "sector": "GOV"} for code in codes
    ]


def record(number: int, **changes: object) -> dict[str, object]:
    return {
        "id": f"R-{number}",
        "date": "2018-06-02",
        "source": side("HUN"),
        "target": side("ROU"),
        "event": "AGREE",
        "publication": "The Agency",
    } | changes


def read(*records: object, **options: object) -> plover.Imported:
    return kept(plover.loads)(json.dumps(records), **options)


# --- PLOVER ---------------------------------------------------------------------------


def test_a_record_with_several_actors_is_one_event() -> None:
    """Several actors on a side are one event of which all are parties."""
    found = read(record(1, source=side("HUN", "POL", "HUN"), target=side("ROU", "SRB")))
    (event,) = (entry.claim for entry in found.log)

    assert event.what == Coded(
        "AGREE", "HUN", "ROU", who="the HUN, the POL", whom="the ROU, the SRB",
        by_also={"POL"}, towards_also={"SRB"},
    )  # fmt: skip
    assert event.parties == {"HUN", "POL", "ROU", "SRB"}
    assert str(event.cite[0]) == "The Agency, R-1"


def test_a_visit_told_by_its_host_is_the_same() -> None:
    """Mode `host` is the visit from the other side; neither claims who was guest."""
    found = read(
        record(1, event="CONSULT", mode="visit"),
        record(2, event="CONSULT", mode="host", source=side("ROU"), target=side("HUN")),
    )

    assert [entry.claim.what.code for entry in found.log] == ["CONSULT visit"]


def test_a_meeting_elsewhere_is_a_meeting() -> None:
    """A third location makes a `Met` of all who were there."""
    found = read(
        record(1, event="CONSULT", mode="third-party", source=side("HUN", "POL"))
    )

    assert found.log[0].claim.parties == {"HUN", "POL", "ROU"}
    assert isinstance(found.log[0].claim.what, Met)


def test_records_that_are_no_events_come_back_with_the_reason() -> None:
    """Records without a day, an event or an actor are returned, and what is none."""
    found = read(
        record(1, date=None),
        record(2, event=""),
        record(3, source=None, target=[None, {"code": ""}]),
        record(4, date="2000-01-01"),
        "five",
        undated=["2000-01-01"],
    )

    assert [str(remark) for remark in found.rejected] == [
        "line 1: the row has no day",
        "line 2: the row has no event",
        "line 3: the row has no actor",
        "line 4: 2000-01-01 stands for no day",
        "line 5: it is not a record",
    ]
    with pytest.raises(SelectionError, match="'2000-01-01' is one text, and several"):
        read(record(4, date="2000-01-01"), undated="2000-01-01")


def test_actors_of_no_state_have_ids_of_their_own() -> None:
    """An actor without a state is called by its text, or by its code."""
    mixed = [{"code": "IGO", "actorText": "United Nations"}, {"code": "NGO"}]
    found = read(record(1, source=mixed, target={"code": "ROU"}, id=None))
    (event,) = (entry.claim for entry in found.log)

    assert (event.what.by, event.what.by_also) == (
        "plover:united-nations",
        {"plover:ngo"},
    )
    assert event.cite[0].locator == "1"


def test_records_may_stand_one_a_line(tmp_path: Path) -> None:
    """JSON Lines are read as well, numbered by their lines."""
    path = tmp_path / "records.jsonl"
    path.write_text(
        f"{json.dumps(record(1))}\n\n{json.dumps(record(2, date='x'))}\n", "utf-8"
    )
    found = plover.load(path, ReadOptions(published="2018-07", coverage="2018"))

    assert (len(found.log), found.rejected[0].line) == (1, 3)
    assert str(found.log[0].known) == "2018-07-31"
    assert found.coverage.period == Edtf("2018")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"id": 1}\n{"id": ', "line 2, column 8: is not JSON"),
        ('[\n{"id": 1},\n', "is not JSON"),
        ("[" * 100_000, "is not JSON|nested too deeply"),
        (f"[{'9' * 5000}]", "too many digits"),
        ("[NaN]", "NaN is not a number of JSON"),
        ('[{"a": 1, "b": 2, "b": 3}]', "'b' is there twice in one object"),
        ('[{"a": "x\\ud800"}]', "has half a character of UTF-16"),
    ],
)
def test_what_is_no_json_is_an_error(text: str, problem: str) -> None:
    """Text that is cut off, or hostile, is an error with the line."""
    with pytest.raises(FaultsError, match=problem):
        plover.loads(text)


@given(
    st.lists(
        st.builds(
            record,
            st.integers(1, 9),
            event=st.sampled_from(["AGREE", "CONSULT", ""]),
            date=st.sampled_from(["2018-06-02", "20180603", "x", 7]),
            source=st.sampled_from([side("HUN"), side("HUN", "ROU"), [], "HUN"]),
        ),
        max_size=9,
    )
)
def test_no_record_is_lost(records: list[dict[str, object]]) -> None:
    """Each record is cited by one event, or is returned."""
    found = read(*records)
    cited = sum(
        place.locator.count("R-") for entry in found.log for place in entry.claim.cite
    )

    assert found.rows == len(records) == cited + len(found.rejected)


@pytest.mark.parametrize("odd", ["CHN", ["CHN", {"code": "USA"}], 5])
def test_an_actor_that_is_not_an_object_is_a_reason(odd: object) -> None:
    """A record is not read without one of its actors."""
    found = read(record(1, source=odd), record(2, source=None), record(3, target=""))

    assert [str(remark) for remark in found.rejected] == [
        "line 1: an actor is not an object with a code and a name"
    ]
    assert found.events == 2


def test_loads_tells_the_codes_that_are_no_states() -> None:
    """A code that ISO 3166-1 does not have is told, unless an actor is declared."""
    odd = record(1, source=[{"code": "JAP", "actorText": "Tokyo"}])
    declared = ReadOptions(actors={"Tokyo": "JPN"})

    assert "1 names of states were not recognised ('JAP' 1 times)" in str(read(odd))
    assert "not recognised" not in str(read(odd, reading=declared))


# --- POLECAT --------------------------------------------------------------------------


HEAD = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Contexts", "Actor Name",
    "Actor Country", "Recipient Name", "Recipient Country", "Source",
    "Publication Date",
)  # fmt: skip


def polecat(path: Path, *rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> Path:
    path.write_text("".join("\t".join(row) + "\n" for row in (head, *rows)), "utf-8")
    return path


def happened(number: str, *rest: str) -> tuple[str, ...]:
    return (number, "2023-03-01", "CONSULT", "visit", "diplomatic", *rest)


def test_polecat_says_who_and_when_it_was_known(tmp_path: Path) -> None:
    """Lists of names go with lists of countries; the story's day is the day known."""
    table = polecat(
        tmp_path / "a.txt",
        happened("1", "Ann; Bo", "GEO; CHN", "None", "KAZ", "The Agency", "2023-03-02"),
        happened("2", "Ann; Bo", "GEO", "Cy; Di", "KAZ; CHN; GEO", "", ""),
        ("3", "2023-03-01", "AID", "None", "", "EU", "None", "", "", "The Post", ""),
    )
    found = kept(plover.load_table)(table, ReadOptions(published="2023-05"))
    first, second, third = found.log

    assert first.claim.what == Coded(
        "CONSULT visit", "GEO", "KAZ", who="Ann, Bo", by_also={"CHN"}
    )
    assert str(first.known) == "2023-03-02"
    assert str(second.known) == "2023-05-31"
    assert second.claim.what.parties == {"GEO", "polecat:cy", "polecat:di"}
    assert third.claim.what == Coded("AID", "polecat:eu")
    assert "not recognised ('KAZ; CHN; GEO' 1 times)" in found.cautions[0]


def test_polecat_rows_that_are_no_events_come_back(tmp_path: Path) -> None:
    """Rows that are cut off, or say too little, are returned with the reason."""
    table = polecat(
        tmp_path / "a.txt",
        happened("1"),
        happened("2", "", "", "", "", "", ""),
        ("3", "2023-03-01", "", "", "", "Ann", "GEO", "", "", "", ""),
    )

    assert [str(remark) for remark in kept(plover.load_table)(table).rejected] == [
        "line 2: the row is not as wide as the header",
        "line 3: the row has no actor",
        "line 4: the row has no event",
    ]


def test_what_is_no_table_of_polecat_is_an_error(tmp_path: Path) -> None:
    """A header without the columns is an error that lists them."""
    with pytest.raises(FaultsError, match="lacks the column 'Recipient Country'"):
        plover.load_table(polecat(tmp_path / "a.txt", head=HEAD[:7]))


def test_polecat_place_has_the_kind_of_its_feature(tmp_path: Path) -> None:
    """The feature of GeoNames is the precision, in its own code."""
    head = (*HEAD, "City", "Country", "Latitude", "Longitude", "Feature Type")
    done = happened("1", "Ann", "GEO", "Bo", "KAZ", "The Agency", "2023-03-02")
    table = polecat(
        tmp_path / "a.txt", (*done, "Baku", "AZE", "40.4", "49.9", "PPLC"), head=head
    )
    (entry,) = plover.load_table(table).log

    assert entry.claim.where == Place("Baku, AZE", 40.4, 49.9, "GeoNames PPLC")
