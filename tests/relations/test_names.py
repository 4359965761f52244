"""Names of states in the files of the field: one state on the day, or an error."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline._names import plain, states
from bri_timeline.errors import DayError, UnknownActorError
from bri_timeline.extend import state_names
from bri_timeline.relations import actor, actor_named


TEXT = files("bri_timeline.relations").joinpath("data/names.csv").read_text("utf-8")
# Read without the library: name, actor, first and last day.
TABLE = [
    tuple(row.values())
    for row in csv.DictReader(x for x in TEXT.splitlines() if x[0] != "#")
]
TABLE += [(state.name, state.code, "", "") for state in states().values()]
EDGES = sorted({day for row in TABLE for day in row[2:] if day})
NEAR = st.builds(
    lambda day, by: date.fromisoformat(day) + timedelta(by),
    st.sampled_from(EDGES),
    st.integers(-1, 1),
)
DATED = sorted({row[0] for row in TABLE if any(row[2:])})


@pytest.mark.parametrize(
    ("name", "on", "found"),
    [
        ("Congo", "2015-01-01", "COG"),
        ("Gambia, The", None, "GMB"),
        ("Korea, Rep.", None, "KOR"),
        ("Korea, Dem. People's Rep.", None, "PRK"),
        ("Lao PDR", None, "LAO"),
        ("Russia (Soviet Union)", None, "RUS"),
        ("RUSSIA (SOVIET UNION)", "1985-03-11", "RUS"),
        ("Yemen (North Yemen)", "1980-01-01", "YEM"),
        ("Yemen", "1960-01-01", "YEM"),
        ("Yemen", "2015-01-01", "YEM"),
        ("Yemen", None, "YEM"),
        ("South Yemen", "1980-01-01", "state:south-yemen"),
        ("Korea", "1900-01-01", "state:korea"),
        ("Germany", "1936-01-01", "DEU"),
        ("Germany", None, "DEU"),
        ("German Federal Republic", "1980-01-01", "DEU"),
        ("East Germany", None, "state:german-democratic-republic"),
        ("Yugoslavia", "1991-06-25", "state:yugoslavia"),
        ("Serbia (Yugoslavia)", "1999-03-24", "SRB"),
        ("Republic of China", "1936-01-01", "CHN"),
        ("Republic of China", "2015-01-01", "TWN"),
        ("Soviet Union", None, "RUS"),
        ("Zaire", None, "COD"),
        ("Wurttemberg", None, "state:wurttemberg"),
        ("org:huawei", "2015-01-01", "org:huawei"),
        ("AZE", "2015-01-01", "AZE"),
    ],
)
def test_actor_named_reads_a_name_on_its_day(
    name: str, on: str | None, found: str
) -> None:
    """The names that data sets use are read as the state that they mean on the day."""
    assert actor_named(name, on=on) == found


@pytest.mark.parametrize(
    ("name", "on", "candidates", "problem"),
    [
        ("Congo", None, ("COG", "COD"), "to 1971-10-26: write the id, or say on"),
        ("Congo", "1965-01-01", ("COG", "COD"), "on 1965-01-01 it means several"),
        ("Korea", "2015-01-01", ("KOR", "PRK"), "on 2015-01-01 it means several"),
        ("Yugoslavia", None, ("state:yugoslavia", "SRB"), "say on which day"),
        ("Yugoslavia", "2005-01-01", ("state:yugoslavia", "SRB"), "it means none"),
        ("Soviet Union", "2015-01-01", ("RUS",), "RUS until 1991-12-25; on 2015-01-01"),
        ("Germany", "1980-01-01", ("DEU", "state:german-democratic-republic"), "DEU"),
        ("Sebria", "2015-01-01", ("SRB",), "did you mean SRB"),
    ],
)
def test_actor_named_lists_the_candidates_of_an_ambiguous_name(
    name: str, on: str | None, candidates: tuple[str, ...], problem: str
) -> None:
    """A name of two states on the day, or of none, is an error with those it meant."""
    with pytest.raises(UnknownActorError, match=problem) as caught:
        actor_named(name, on=on)

    assert caught.value.suggestions == candidates


def test_actor_named_wants_a_whole_day() -> None:
    """A month is not a day, whatever the name."""
    for name in ("Congo", "AZE", "Nowhere"):
        with pytest.raises(DayError):
            actor_named(name, on="1995-01")


@given(st.sampled_from(TABLE) | st.sampled_from(DATED).map(lambda x: (x,)), NEAR)
def test_actor_named_gives_the_one_state_of_the_day(
    row: tuple[str, ...], day: date
) -> None:
    """On each day a name means the states whose rows hold then: one, or an error."""
    key = plain(row[0])
    then = {
        who
        for name, who, since, until in TABLE
        if plain(name) == key
        and (since or "0001-01-01") <= str(day) <= (until or "9999-12-31")
    }

    assert set(state_names.states_called(row[0], day)) == then
    if len(then) == 1:
        assert {actor_named(row[0], on=day)} == then
    else:
        with pytest.raises(UnknownActorError):
            actor_named(row[0], on=day)


def test_names_mean_actors_and_none_is_written_twice() -> None:
    """Each row has the id of an actor, and a name of its own for it."""
    rows = [(plain(name), *rest) for name, *rest in TABLE]

    assert [who for _, who, *_ in rows if actor(who) != who] == []
    assert len(set(rows)) == len(rows)
    assert all((row[2] or "0") <= (row[3] or "9") for row in TABLE)


def test_names_of_pycountry_never_mean_another_state() -> None:
    """A name in another list of ISO 3166-1 is read as its state, or not at all."""
    pycountry = pytest.importorskip("pycountry", reason="pip install pycountry")
    names = [
        (name, country.alpha_3)
        for country in pycountry.countries
        for kind in ("name", "common_name", "official_name")
        if (name := getattr(country, kind, None))
    ]
    found = [
        (state_names.states_called(name, "2024-01-01"), code) for name, code in names
    ]

    assert [(some, code) for some, code in found if some not in ((code,), ())] == []
    assert sum(bool(some) for some, _ in found) >= 250
