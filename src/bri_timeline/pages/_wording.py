"""What happened, in a line, and of what kind it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import attrs

from bri_timeline import Citation, Edtf, Event, Source
from bri_timeline.edtf import in_words
from bri_timeline.errors import BriTimelineError, EdtfError
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
    name_of,
)


__all__ = [
    "among",
    "count_of",
    "dated",
    "day_words",
    "kind",
    "name",
    "say",
    "source_line",
    "told",
]

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 160


def say(event: Event) -> str:
    """Say in a line what happened, or what was planned or reported.

    Args:
        event: Any. A payload of your own is told by its class and its fields.
    """
    wording = _WORDINGS.get(type(event.what))
    return _own(event.what) if wording is None else wording[1](event.what)


def kind(event: Event) -> str:
    """Return of what kind it is: the lane in which it is drawn."""
    wording = _WORDINGS.get(type(event.what))
    return _class_words(event.what) if wording is None else wording[0]


@lru_cache(4096)
def name(actor: str) -> str:
    """Return what an actor is called; an id that is none stays as it stands."""
    try:
        return name_of(actor)
    except BriTimelineError:
        return actor


def among(actors: Iterable[str]) -> str:
    """Return the names of some actors: `Azerbaijan, China and Russia`."""
    names = sorted(map(name, actors))
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Return `1 claim`, `2 claims`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@lru_cache(4096)
def day_words(day: str) -> str:
    """Return a day, or what else a view rests on, in words: `24 April 2019`."""
    try:
        return in_words(Edtf(day))
    except EdtfError:
        return day


@lru_cache(4096)
def dated(source: Source) -> str:
    """Return a source in short, with its date: `Eurasia Daily Monitor 16:62 (2019)`."""
    title = source.container or source.title
    return title if source.published is None else f"{title} ({_when(source)})"


def _when(source: Source) -> str:
    return "" if source.published is None else in_words(source.published)


def source_line(source: Source) -> str:
    """Return a source in full: its author, title, container and date."""
    parts = [source.author, f"\u201c{source.title}\u201d", source.container]
    return ", ".join(part for part in (*parts, _when(source)) if part)


def told(event: Event, standing: str = "") -> str:
    """Return all that there is to say about a claim, in one line.

    Args:
        event: The claim.
        standing: How it stands, in words.
    """
    cites = "; ".join(_cited(c) for c in event.cite) or "no source"
    stands = f" {standing[:1].upper()}{standing[1:]}." if standing else ""
    return f"{in_words(event.when)}: {say(event)}.{stands} [{cites}]"


def _cited(citation: Citation) -> str:
    where = f", {citation.locator}" if citation.locator else ""
    return f"{dated(citation.source)}{where}"


# --- the shipped facts ----------------------------------------------------------


def _initiative(what: InitiativeLaunched) -> str:
    formerly = f", formerly {what.formerly}" if what.formerly else ""
    return f"{name(what.by)} launches the {what.name}{formerly}"


def _visit(what: Visited) -> str:
    who = f"{name(what.who)} of {name(what.guest)}" if what.who else name(what.guest)
    occasion = f": {what.occasion}" if what.occasion else ""
    official = " officially" if what.official else ""
    return f"{who} visits {name(what.host)}{official}{occasion}"


def _meeting(what: Met) -> str:
    told = [f" in {what.place}" if what.place else ""]
    told += [f": {what.occasion}" if what.occasion else ""]
    told += [f", about {what.about}" if what.about else ""]
    who = among(what.parties - _states_of(what))
    people = among(what.who)
    whom = " with ".join(part for part in (people, who) if part)
    return f"{whom} meet{''.join(told)}"


def _states_of(what: Met) -> frozenset[str]:
    """Return the states that persons stand for: they need no name of their own."""
    return frozenset(p for p in what.parties if ":" not in p and what.who)


def _agreement(what: AgreementSigned) -> str:
    worth = f", worth {what.value}" if what.value else ""
    if what.part_of is None:
        part = ""
    else:
        part = " (part of a bundle)" if what.part_certain else " (perhaps of a bundle)"
    return f"Agreement: {what.title}{worth}{part}"


def _figure(what: IndicatorObserved) -> str:
    about = "about " if what.approximate else ""
    period = f" ({in_words(what.period)})" if what.period else ""
    return f"{what.name[:1].upper()}{what.name[1:]}: {about}{_amount(what)}{period}"


def _amount(what: IndicatorObserved) -> str:
    if re.fullmatch("[A-Z]{3}", what.unit):
        try:
            return str(Money(what.value, what.unit))
        except BriTimelineError:
            pass
    return f"{what.value:,f} {what.unit}"


def _plan(what: Planned) -> str:
    where = f" in {what.place}" if what.place else ""
    when = in_words(what.expected) if what.expected else "no date given"
    return f"Planned: {what.title}{where} ({when})"


_Wording = tuple[str, Callable[[Any], str]]
_WORDINGS: dict[type, _Wording] = {
    InitiativeLaunched: ("Initiatives", _initiative),
    Joined: ("Memberships", lambda what: f"{name(what.member)} joins {what.body}"),
    Left: ("Memberships", lambda what: f"{name(what.member)} leaves {what.body}"),
    Visited: ("Visits", _visit),
    Met: ("Meetings", _meeting),
    AgreementSigned: ("Agreements", _agreement),
    AgreementStatusChanged: (
        "Agreements",
        lambda what: f"Agreement \u201c{what.agreement}\u201d: {what.status}",
    ),
    PositionDeclared: (
        "Positions",
        lambda what: f"{name(what.actor)} on {what.topic}: {what.stance}",
    ),
    IndicatorObserved: ("Figures", _figure),
    ProjectStatusChanged: (
        "Projects",
        lambda what: f"{what.project}: {what.status}",
    ),
    Planned: ("Plans", _plan),
    Rescheduled: (
        "Plans",
        lambda what: f"Plan \u201c{what.plan}\u201d moved to {in_words(what.expected)}",
    ),
    Postponed: ("Plans", lambda what: f"Plan \u201c{what.plan}\u201d put off"),
    Cancelled: ("Plans", lambda what: f"Plan \u201c{what.plan}\u201d cancelled"),
    Held: ("Plans", lambda what: f"Plan \u201c{what.plan}\u201d carried out"),
}


# --- payloads of other people -----------------------------------------------------


def _own(what: object) -> str:
    cls = type(what)
    names = [field.name for field in attrs.fields(cls)] if attrs.has(cls) else []
    told = [f"{name} {_plain(getattr(what, name))}" for name in names]
    text = f"{_class_words(what)}: {', '.join(told)}" if told else _class_words(what)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"


def _class_words(what: object) -> str:
    return _CAPITAL.sub(" ", type(what).__name__).capitalize()


def _plain(value: object) -> str:
    if isinstance(value, frozenset | tuple):
        return " and ".join(sorted(map(str, value)))
    return str(value)
