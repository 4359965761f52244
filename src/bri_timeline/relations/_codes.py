"""Codes of states in the systems of others, and their ids on any day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from bri_timeline.errors import UnknownActorError, UnknownCodeError, shown
from bri_timeline.extend import Day, iso, state_names, to_day


_NUMBERED = frozenset({"cow", "gw", "iso_numeric", "un_m49"})


def actor_of(code: str | int, system: str, *, on: Day | None = None) -> str:
    """Return the id of the state that a code of another system means on a day.

    One code may mean several states in turn, so the day matters: CS was Czechoslovakia,
    then Serbia and Montenegro. A state that continues another has the id of today's
    state: 365 and SUN are `RUS` in 1985 too, as the lists have it. A state that ended
    has a prefix: `state:czechoslovakia`. Serbia continues the Federal Republic of
    Yugoslavia of 27 April 1992, which did not continue the socialist one (resolution
    777 of the Security Council, 1992).

    On each day, a code stands for one state at most, and `code_of` gives it back. A few
    codes are only understood, where data use another than their list has: 345 for
    Serbia after 2006, or the two codes of FIPS for parts of Palestine.

    >>> actor_of(345, "gw", on="1991-06-27"), actor_of(345, "gw", on="1999-03-24")
    ('state:yugoslavia', 'SRB')
    >>> actor_of("CS", "iso2", on="1990-01-01"), actor_of("ZAR", "iso3")
    ('state:czechoslovakia', 'COD')

    Args:
        code: The code, as a number or as text; zeros before a number do not matter.
        system: One of these, whose sources the table of codes names:

            - `iso2`, `iso3`, `iso_numeric`: ISO 3166-1, and ISO 3166-3 for codes that
              were withdrawn; a code ends on the day before. `XK` and `XKX` are
              understood as Kosovo.
            - `cow`: the state system membership list of the Correlates of War project
              (2016).
            - `gw`: the list of Gleditsch and Ward (1999, with microstates); the Uppsala
              Conflict Data Program and Archigos use it.
            - `un_m49`: the numbers of the UN Statistics Division.
            - `fips`: FIPS 10-4 and its continuation, in which GDELT gives places.
            - `cameo`: the countries of the CAMEO codebook, in which GDELT gives actors.
        on: The day. First days of states are not checked, since data code violence and
            leaders before independence; last days of states that ended are. Without a
            day, a code that never meant another state is read.

    Raises:
        UnknownActorError: The system is another, or has no such code on that day; or no
            day is given, and the code meant several states. The message has the days.
        DayError: *on* is not one whole day.
    """
    _check(system, code)
    key = str(code)
    if system in _NUMBERED and key.isascii() and key.isdigit():
        key = key.lstrip("0")
    terms = _by_code(system).get(key, ())
    day = None if on is None else to_day(on)
    ids = list(dict.fromkeys(term.actor for term in terms if term.holds(day)))
    if len(ids) == 1:
        return ids[0]
    meant = dict.fromkeys(term.actor for term in terms)
    if ids:
        when = state_names.told(terms)
        remedy = f"the list {system} has it for {when}: say on which day (on=)"
    elif day is None:
        remedy = f"the list {system} has no state of this code"
    else:
        remedy = f"the list {system} has no state of this code on {iso(day)}"
        remedy += _elsewhere(terms, system, day)
    raise UnknownActorError(code, meant, remedy)


def code_of(actor: str, system: str, *, on: Day | None = None) -> str:
    """Return the code of a state in another system on a day: the inverse of `actor_of`.

    >>> code_of("RUS", "iso3", on="1985-03-11"), code_of("RUS", "iso3", on="2015-05-08")
    ('SUN', 'RUS')
    >>> code_of("AZE", "un_m49"), code_of("AZE", "fips")
    ('031', 'AJ')

    Args:
        actor: The id of the state.
        system: The system, as for `actor_of`.
        on: The day. Without a day, the code of a state that never had another is given.

    Raises:
        UnknownActorError: The system is another.
        UnknownCodeError: The list has no code for the actor on that day; or no day is
            given, and the actor had several codes. The message has the days.
        DayError: *on* is not one whole day.
    """
    _check(system, actor)
    terms = _by_actor(system).get(str(actor), ())
    day = None if on is None else to_day(on)
    codes = list(dict.fromkeys(term.text for term in terms if term.holds(day)))
    if len(codes) == 1:
        return codes[0]
    had = ", ".join(f"{term.text} {term.period}" for term in terms)
    if codes:
        problem = f"several codes in the list {system}, {had}: give the day (on=)"
    elif had and day is not None:
        problem = f"no code on {iso(day)}: the list {system} has {had}"
    else:
        problem = f"no code of its own: the list {system} has none"
    raise UnknownCodeError(actor, [term.text for term in terms], problem)


def _check(system: str, value: object) -> None:
    if system not in _systems():
        known = ", ".join(sorted(_systems()))
        remedy = f"the systems of codes are {known}, not {shown(system)}"
        raise UnknownActorError(value, (), remedy)


def _elsewhere(terms: Iterable[state_names.Term], system: str, day: int) -> str:
    """Return on which days a code stood, and what its actors had on a given one."""
    if not terms:
        return ""
    actors = {term.actor for term in terms}
    then = [
        f"{term.actor} has {term.text} then"
        for actor in sorted(actors)
        for term in _by_actor(system).get(actor, ())
        if term.holds(day)
    ]
    return ": " + "; ".join([f"it is {state_names.told(terms)}", *then])


@cache
def _systems() -> Mapping[str, tuple[state_names.Term, ...]]:
    """Return the terms of each system."""
    by_system: dict[str, list[state_names.Term]] = {}
    for row, term in state_names.terms_in("codes.csv", "code"):
        for system in row["systems"].split():
            by_system.setdefault(system, []).append(term)
    return {system: tuple(terms) for system, terms in by_system.items()}


@cache
def _by_code(system: str) -> Mapping[str, tuple[state_names.Term, ...]]:
    by_code: dict[str, tuple[state_names.Term, ...]] = {}
    for term in _systems()[system]:
        key = term.text.lstrip("0") if system in _NUMBERED else term.text
        by_code[key] = (*by_code.get(key, ()), term)
    return by_code


@cache
def _by_actor(system: str) -> Mapping[str, tuple[state_names.Term, ...]]:
    by_actor: dict[str, tuple[state_names.Term, ...]] = {}
    for term in _systems()[system]:
        if term.is_given:
            by_actor[term.actor] = (*by_actor.get(term.actor, ()), term)
    return by_actor
