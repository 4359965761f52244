"""Codes of states in time: one state for each code and day, and back, none guessed."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline._names import states
from bri_timeline.errors import DayError, UnknownActorError, UnknownCodeError
from bri_timeline.relations import actor, actor_of, code_of


TEXT = files("bri_timeline.relations").joinpath("data/codes.csv").read_text("utf-8")
# One row for each system, read without the library.
TABLE = [
    (system, row["code"], row["actor"], row["since"], row["until"], row["use"])
    for row in csv.DictReader(x for x in TEXT.splitlines() if x[0] != "#")
    for system in row["systems"].split()
]
SYSTEMS = ["cameo", "cow", "fips", "gw", "iso2", "iso3", "iso_numeric", "un_m49"]
SOCIALIST, DDR = "state:yugoslavia", "state:german-democratic-republic"


@pytest.mark.parametrize(
    ("code", "system", "on", "found"),
    [
        (365, "gw", "1985-03-11", "RUS"),
        ("710", "cow", "2015-01-01", "CHN"),
        (678, "gw", "2015-01-01", "YEM"),
        (679, "cow", "2015-01-01", "YEM"),
        (678, "cow", "1990-05-21", "YEM"),
        (816, "gw", "2015-01-01", "VNM"),
        (345, "gw", "1992-04-26", SOCIALIST),
        (345, "gw", "1992-04-27", "SRB"),
        (340, "gw", "2010-01-01", "SRB"),
        (345, "cow", "1910-01-01", "SRB"),
        (260, "gw", "2010-01-01", "DEU"),
        (255, "cow", "2010-01-01", "DEU"),
        (260, "cow", "1985-01-01", "DEU"),
        (265, "gw", "1989-11-09", DDR),
        (970, "gw", "2010-01-01", "KIR"),
        (970, "cow", "2010-01-01", "NRU"),
        (347, "gw", "2010-01-01", "state:kosovo"),
        ("002", "cow", "2010-01-01", "USA"),
        ("031", "iso_numeric", "2010-01-01", "AZE"),
        (31, "un_m49", "2010-01-01", "AZE"),
        (31, "cow", "2010-01-01", "BHS"),
        ("CS", "iso2", "1990-01-01", "state:czechoslovakia"),
        ("CS", "iso2", "2005-01-01", "SRB"),
        ("AI", "iso2", "1975-01-01", "DJI"),
        ("AI", "iso2", "2015-01-01", "AIA"),
        ("VNM", "iso3", "1975-01-01", "state:south-vietnam"),
        ("VDR", "iso3", "1975-01-01", "VNM"),
        ("YUG", "iso3", "1991-06-25", SOCIALIST),
        ("YUG", "iso3", "1999-03-24", "SRB"),
        ("SCG", "iso3", "2006-09-25", "SRB"),
        ("SUN", "iso3", "1985-03-11", "RUS"),
        ("YMD", "iso3", "1985-03-11", "state:south-yemen"),
        (278, "un_m49", "1985-03-11", DDR),
        (736, "iso_numeric", "2011-07-08", "SDN"),
        ("CH", "fips", "2015-01-01", "CHN"),
        ("CH", "iso2", "2015-01-01", "CHE"),
        ("RS", "fips", "2015-01-01", "RUS"),
        ("RS", "iso2", "2015-01-01", "SRB"),
        ("NA", "iso2", "2015-01-01", "NAM"),
        ("GC", "fips", "1985-01-01", DDR),
        ("GZ", "fips", "2015-01-01", "PSE"),
        ("ROM", "cameo", "2015-01-01", "ROU"),
        ("WSB", "cameo", "2015-01-01", "PSE"),
        ("ZAR", "iso3", None, "COD"),
        (365, "gw", None, "RUS"),
    ],
)
def test_actor_of_reads_a_code_on_its_day(
    code: str | int, system: str, on: str | None, found: str
) -> None:
    """The system and the day decide which state a code stands for."""
    assert actor_of(code, system, on=on) == found


@pytest.mark.parametrize(
    ("code", "system", "on", "problem"),
    [
        (265, "gw", "1995-01-01", f"did you mean {DDR}"),
        (265, "gw", "1995-01-01", f"on 1995-01-01: it is {DDR} until 1990-10-02, "),
        (679, "gw", "1995-01-01", "the list gw has no state of this code on 1995"),
        ("", "cow", "1995-01-01", "the list cow has no state"),
        ("0", "cow", None, "the list cow has no state of this code$"),
        (
            "RUS",
            "iso9",
            "1995-01-01",
            "cameo, cow, fips, gw, iso2, iso3, .* not 'iso9'",
        ),
        ("RUS", "iso3", "1985-01-01", "it is RUS since 1992-08-30; RUS has SUN then"),
        ("rus", "iso3", "2015-01-01", "no state of this code on 2015-01-01$"),
        ("\u0663\u0661", "un_m49", None, "no state of this code$"),
        (158, "un_m49", "2015-01-01", "no state of this code"),
    ],
)
def test_actor_of_refuses_a_code_that_is_not_in_force(
    code: str | int, system: str, on: str | None, problem: str
) -> None:
    """Unknown codes and systems are errors, and so are states that had ended."""
    with pytest.raises(UnknownActorError, match=problem):
        actor_of(code, system, on=on)


@pytest.mark.parametrize(
    ("code", "system", "days"),
    [
        ("CS", "iso2", ["until 1993-06-14", "SRB from 2003-07-23 to 2006-09-25"]),
        (345, "gw", [f"{SOCIALIST} from 1918-12-01 to 1992-04-26", "SRB since 2006"]),
        ("ATF", "iso3", ["territories until 1978-12-31", "ATF since 1979-01-01"]),
    ],
)
def test_actor_of_without_a_day_names_the_days_of_an_ambiguous_code(
    code: str | int, system: str, days: list[str]
) -> None:
    """Nothing is guessed from today: the error has each state with its days."""
    with pytest.raises(UnknownActorError, match="say on which day") as caught:
        actor_of(code, system)

    assert len(caught.value.suggestions) == 2
    assert [text for text in days if text not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("who", "system", "on", "code"),
    [
        ("RUS", "iso3", "1985-03-11", "SUN"),
        ("RUS", "iso3", "1992-08-29", "SUN"),
        ("RUS", "iso3", "1992-08-30", "RUS"),
        ("SRB", "gw", "2024-01-01", "340"),
        ("SRB", "cow", "2024-01-01", "345"),
        ("DEU", "gw", "1949-05-22", "255"),
        ("DEU", "gw", "1949-05-23", "260"),
        ("AZE", "iso_numeric", None, "031"),
        ("AZE", "fips", None, "AJ"),
        ("ROU", "cameo", None, "ROM"),
        ("state:czechoslovakia", "iso2", None, "CS"),
    ],
)
def test_code_of_gives_the_code_on_the_day(
    who: str, system: str, on: str | None, code: str
) -> None:
    """The code is the one that was in force, written as its list writes it."""
    assert code_of(who, system, on=on) == code


@pytest.mark.parametrize(
    ("who", "system", "on", "problem"),
    [
        (
            "RUS",
            "iso3",
            None,
            "several codes in the list iso3, RUS since 1992-08-30, SUN until",
        ),
        (
            "state:czechoslovakia",
            "iso2",
            "2000-01-01",
            "no code on 2000-01-01: the list iso2 has",
        ),
        ("PSE", "fips", None, "no code of its own: the list fips has none"),
        ("Azerbaijan", "gw", "2000-01-01", "the list gw has none"),
    ],
)
def test_code_of_refuses_what_has_no_code_or_several(
    who: str, system: str, on: str | None, problem: str
) -> None:
    """An actor without one code is an error with the codes and their days."""
    with pytest.raises(UnknownCodeError, match=problem):
        code_of(who, system, on=on)


def test_code_of_refuses_another_system() -> None:
    """The error has the systems."""
    with pytest.raises(UnknownActorError, match="the systems of codes are cameo, cow"):
        code_of("AZE", "iso9")


def test_code_of_and_actor_of_want_a_whole_day() -> None:
    """A month is not a day."""
    with pytest.raises(DayError):
        actor_of(365, "gw", on="1995-01")
    with pytest.raises(DayError):
        code_of("RUS", "gw", on="1995-01")


# Days on which something begins or ends, and their neighbours, so that edges collide.
EDGES = sorted({day for row in TABLE for day in row[3:5] if day})
NEAR = st.builds(
    lambda day, by: date.fromisoformat(day) + timedelta(by),
    st.sampled_from(EDGES),
    st.integers(-1, 1),
)


def _on(day: date, *, given: bool) -> dict[tuple[str, str, str], None]:
    """Return the rows in force on a day, as system, code and actor."""
    return {
        (system, code, who): None
        for system, code, who, since, until, use in TABLE
        if (since or "0001-01-01") <= str(day) <= (until or "9999-12-31")
        and not (given and use)
    }


@given(NEAR | st.dates())
def test_code_of_and_actor_of_are_inverse_on_each_day(day: date) -> None:
    """On a day, each code in force leads to its state and back; no two states share it.

    A code that is only understood leads to a state as well, and never to two.
    """
    given_then = _on(day, given=True)
    understood = _on(day, given=False)

    assert len({(system, code) for system, code, _ in understood}) == len(understood)
    assert len({(system, who) for system, _, who in given_then}) == len(given_then)
    for system, code, who in given_then:
        assert actor_of(code, system, on=day) == who
        assert code_of(who, system, on=day) == code
    for system, code, who in understood:
        assert actor_of(code, system, on=day) == actor(who)


@given(st.sampled_from(TABLE), NEAR | st.dates())
def test_actor_of_and_code_of_refuse_days_without_a_row(
    row: tuple[str, ...], day: date
) -> None:
    """What is not in force on a day is an error then, whatever it is on other days."""
    system, code, who = row[:3]
    if not any(code == c and system == s for s, c, _ in _on(day, given=False)):
        with pytest.raises(UnknownActorError):
            actor_of(code, system, on=day)
    if not any(who == a and system == s for s, _, a in _on(day, given=True)):
        with pytest.raises(UnknownCodeError):
            code_of(who, system, on=day)


@given(st.sampled_from(TABLE))
def test_actor_of_without_a_day_answers_only_what_is_so_on_all_days(
    row: tuple[str, ...],
) -> None:
    """Without a day, a code that ever stood for two states is not answered."""
    system, code, _ = row[:3]
    ever = {a for s, c, a, *_ in TABLE if (s, c) == (system, code)}
    if len(ever) == 1:
        assert {actor_of(code, system)} == ever
    else:
        with pytest.raises(UnknownActorError, match="say on which day"):
            actor_of(code, system)


def test_codes_have_their_sources_and_every_system() -> None:
    """The table names a source for each system; states of ISO 3166 have its codes."""
    sources = "\n".join(x for x in TEXT.splitlines() if x.startswith("#"))

    assert sorted({row[0] for row in TABLE}) == SYSTEMS
    assert [system for system in SYSTEMS if system not in sources] == []
    for state in states().values():
        assert code_of(state.code, "iso3", on="2024-01-01") == state.code
        assert code_of(state.code, "iso2", on="2024-01-01") == state.alpha2


def test_codes_are_those_of_pycountry() -> None:
    """Today's codes and those withdrawn, with their days, are as another list has them.

    A code is in force until the day before its withdrawal; where the year alone is
    known, before that year.
    """
    pycountry = pytest.importorskip("pycountry", reason="pip install pycountry")
    today = {(p.alpha_2, p.alpha_3, p.numeric) for p in pycountry.countries}
    ours = {
        tuple(code_of(who, s, on="2024-01-01") for s in ("iso2", "iso3", "iso_numeric"))
        for who in states()
    }

    assert ours == today
    assert len(pycountry.historic_countries) >= 31
    for old in pycountry.historic_countries:
        withdrawn = date.fromisoformat(f"{old.withdrawal_date}-01-01"[:10])
        last = withdrawn - timedelta(1)
        who = actor_of(old.alpha_3, "iso3", on=last)
        assert actor_of(old.alpha_2, "iso2", on=last) == who
        if hasattr(old, "numeric"):
            assert actor_of(old.numeric, "iso_numeric", on=last) == who
        if old.alpha_3 not in states():
            with pytest.raises(UnknownActorError):
                actor_of(old.alpha_3, "iso3", on=withdrawn)
