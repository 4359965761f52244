"""Codes of other systems: one actor for each code and day, and nothing guessed."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline.errors import DayError, UnknownActorError
from bri_timeline.relations import actor, actor_of


TABLE = list(
    csv.DictReader(
        files("bri_timeline.relations")
        .joinpath("data/codes.csv")
        .read_text("utf-8")
        .splitlines()
    )
)


@pytest.mark.parametrize(
    ("code", "system", "on", "found"),
    [
        (365, "gw", "1985-03-11", "RUS"),
        ("710", "cow", "2015-01-01", "CHN"),
        (678, "gw", "2015-01-01", "YEM"),
        (679, "cow", "2015-01-01", "YEM"),
        (816, "gw", "2015-01-01", "VNM"),
        (345, "gw", "1992-04-26", "state:yugoslavia"),
        (345, "gw", "1992-04-27", "SRB"),
        (340, "gw", "2010-01-01", "SRB"),
        (345, "cow", "1910-01-01", "SRB"),
        (260, "gw", "2010-01-01", "DEU"),
        (255, "cow", "2010-01-01", "DEU"),
        (265, "gw", "1989-11-09", "state:german-democratic-republic"),
        (970, "gw", "2010-01-01", "KIR"),
        (970, "cow", "2010-01-01", "NRU"),
        (347, "gw", "2010-01-01", "state:kosovo"),
    ],
)
def test_actor_of_reads_a_code_on_its_day(
    code: str | int, system: str, on: str, found: str
) -> None:
    """The system and the day decide which state a number stands for."""
    assert actor_of(code, system, on=on) == found


@pytest.mark.parametrize(
    ("code", "system", "on", "problem"),
    [
        (265, "gw", "1995-01-01", "did you mean state:german-democratic-republic"),
        (679, "gw", "1995-01-01", "the list gw has no state of this code on 1995"),
        ("", "cow", "1995-01-01", "the list cow has no state"),
        ("RUS", "iso9", "1995-01-01", "the systems of codes are cow and gw"),
    ],
)
def test_actor_of_refuses_a_code_that_is_not_in_force(
    code: str | int, system: str, on: str, problem: str
) -> None:
    """Unknown codes and systems are errors, and so are states that had ended."""
    with pytest.raises(UnknownActorError, match=problem):
        actor_of(code, system, on=on)


def test_actor_of_wants_a_whole_day() -> None:
    """A month is not a day."""
    with pytest.raises(DayError):
        actor_of(365, "gw", on="1995-01")


@given(st.sampled_from(TABLE), st.sampled_from(["cow", "gw"]), st.dates())
def test_actor_of_gives_one_actor_or_none(
    row: dict[str, str], system: str, day: object
) -> None:
    """Whatever the day, a row of the table never stands for two actors at once."""
    rows = [
        one["actor"]
        for one in TABLE
        if one["code"] == row["code"]
        and system in one["systems"].split()
        and (one["since"] or "0001-01-01") <= str(day) <= (one["until"] or "9999-12-31")
    ]

    assert len(rows) <= 1
    if rows:
        assert actor_of(row["code"], system, on=str(day)) == actor(rows[0])
    else:
        with pytest.raises(UnknownActorError):
            actor_of(row["code"], system, on=str(day))
