"""States by their codes: of ISO 3166-1, and of other systems on a given day."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from attrs import frozen

from bri_timeline._calendar import Day, iso, to_day
from bri_timeline.errors import UnknownActorError


__all__ = ["State", "actor_of", "states"]


class State(NamedTuple):
    """A country or territory that has a code in ISO 3166-1.

    Attributes:
        code: Its three letters (alpha-3).
        alpha2: Its two letters.
        name: A short name in English.
    """

    code: str
    alpha2: str
    name: str


@cache
def states() -> Mapping[str, State]:
    """Return the countries and territories of ISO 3166-1 by their alpha-3 codes.

    The file is read at the first call.
    """
    rows = _rows("states.csv")
    found = [State(row["alpha3"], row["alpha2"], row["name"]) for row in rows]
    return {state.code: state for state in found}


def _rows(name: str) -> Iterator[dict[str, str]]:
    table = files("bri_timeline.relations").joinpath("data", name)
    return csv.DictReader(table.read_text("utf-8").splitlines())


_SYSTEMS = ("cow", "gw")
# Where the lists have no first or last day that is checked.
_NEVER_BEGAN, _NEVER_ENDS = "0000-01-01", "9999-12-31"


@frozen
class _Meaning:
    """The actor that a code stands for, from a first to a last day, both included."""

    actor: str
    first: int
    last: int


def actor_of(code: str | int, system: str, *, on: Day) -> str:
    """Return the id of the state that a code of another system means on a day.

    One number may mean several states in turn, so the day matters. A state that
    continues another has the id of today's state: 365 is `RUS` in 1985 too, as both
    lists have it. A state that ended has a prefix: `state:czechoslovakia`. Serbia
    continues the Federal Republic of Yugoslavia of 27 April 1992, which did not
    continue the socialist one (resolution 777 of the Security Council, 1992).

    >>> actor_of(345, "gw", on="1991-06-27"), actor_of(345, "gw", on="1999-03-24")
    ('state:yugoslavia', 'SRB')

    Args:
        code: The code, as a number or as text.
        system: `gw` for the list of Gleditsch and Ward (1999, with microstates; the
            Uppsala Conflict Data Program and Archigos use it), or `cow` for the state
            system membership list of the Correlates of War project (2016).
        on: The day. First days of states are not checked, since data code violence and
            leaders before independence; last days of states that ended are.

    Raises:
        UnknownActorError: The system is another, or has no such code on that day.
        DayError: *on* is not one whole day.
    """
    if system not in _SYSTEMS:
        known = " and ".join(_SYSTEMS)
        raise UnknownActorError(system, (), f"the systems of codes are {known}")
    day = to_day(on)
    meanings = _meanings(system).get(str(code), ())
    found = [one.actor for one in meanings if one.first <= day <= one.last]
    if not found:
        remedy = f"the list {system} has no state of this code on {iso(day)}"
        raise UnknownActorError(code, [one.actor for one in meanings], remedy)
    return found[0]


@cache
def _meanings(system: str) -> dict[str, tuple[_Meaning, ...]]:
    """Return the meanings of each code of a system."""
    found: dict[str, tuple[_Meaning, ...]] = {}
    for row in _rows("codes.csv"):
        if system in row["systems"].split():
            first = to_day(row["since"] or _NEVER_BEGAN)
            last = to_day(row["until"] or _NEVER_ENDS)
            one = _Meaning(row["actor"], first, last)
            found[row["code"]] = (*found.get(row["code"], ()), one)
    return found
