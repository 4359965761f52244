"""Logs whose dates, names and days of knowledge collide."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal

from attrs import evolve, frozen
from hypothesis import strategies as st
from log_model import AXIS, SPANS

from bri_timeline import Entry, Event, EventLog, Place, Prefer, Source, projection
from bri_timeline.errors import EntryError


@frozen
class Fact:
    """Something that sets a value."""

    value: str
    parties: frozenset[str] = frozenset()

    @property
    def worth(self) -> int:
        """A number, one of which is negative."""
        is_loner = self.value[:1] == "f"
        return 1 if is_loner else {"a": 3, "b": -2}[self.value]

    @property
    def price(self) -> Decimal | None:
        """An amount of money, or none."""
        return {"a": Decimal("0.1")}.get(self.value)


@frozen
class Deed(Fact):
    """A fact of a narrower kind."""


def counting(
    log: EventLog, known_by: date | str | int | None = None
) -> tuple[Event, ...]:
    """All events that count, on whatever day they happen: whose keys states have."""
    ever = log.as_of("9999-12-31", known_by)
    return (*ever.events, *ever.undecided)


@projection(initial=tuple)
def everything(state: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """All events, in the order of the fold."""
    return (*state, event)


@projection(initial=str)
def last_value(state: str, event: Event) -> str:
    """The value that was set last."""
    return event.what.value if isinstance(event.what, Fact) else state


@projection(initial=dict)
def tally(state: dict[str, list[str]], event: Event) -> dict[str, list[str]]:
    """The values by what they follow: a state without a hash, sensitive to order."""
    value = last_value("", event)
    previous = state.get("last", ["-"])[-1]
    return {**state, value: [*state.get(value, []), previous], "last": [value]}


@projection(initial=frozenset)
def values(state: frozenset[str], event: Event) -> frozenset[str]:
    """The values ever set: a state that does not depend on order."""
    return state | {last_value("", event)}


VIEW_DAYS = [date.fromordinal(day) for day in AXIS[1:-1]]
KNOWN_DAYS = [date(2015, 12, 31), *(date(2016, 1, day) for day in (1, 2, 3, 31))]
# A day before all of those, and one after.
KNOWN_BY = [date(2015, 1, 1), *KNOWN_DAYS, date(2017, 1, 1)]
SOURCES = [
    Source("Leaflet"),
    Source("Daily", published="2016-01-01"),
    Source("Weekly", published="2016-01-02"),
    Source("Review", published="2016-01"),
    Source("Annual", published="2015"),
    Source("Serial", published="[2016-01-01..]"),
]
FEW_SOURCES = st.lists(st.sampled_from(SOURCES), max_size=2).map(tuple)
FEW_PLACES = st.sampled_from(
    [None, None, None, Place("Baku"), Place("Baku", 40.4, 49.9)]
)
SEVERAL = frozenset({"AAA", "BBB"}), frozenset({"BBB"}), frozenset({"CCC", "BBB"})


def facts() -> st.SearchStrategy[Fact]:
    """Facts of two kinds and two values about three sets of parties."""
    kinds = st.sampled_from([Fact, Fact, Deed])
    return st.builds(_made, kinds, st.sampled_from("ab"), st.sampled_from(SEVERAL))


def _made(kind: type[Fact], value: str, parties: frozenset[str]) -> Fact:
    return kind(value, parties)


def events(dates: Sequence[str] = tuple(SPANS)) -> st.SearchStrategy[Event]:
    """Events with few dates, few names and few sources."""
    return st.builds(
        Event,
        facts(),
        when=st.sampled_from(dates),
        where=FEW_PLACES,
        cite=FEW_SOURCES,
        id=st.sampled_from([None, None, "x", "x", "y"]),
    )


@st.composite
def logs(
    draw: st.DrawFn,
    *,
    max_size: int = 8,
    orderly: bool = False,
    plain: bool = False,
    dates: Sequence[str] = tuple(SPANS),
) -> EventLog:
    """Logs of claims, corrections and retractions.

    Args:
        draw: Draws.
        max_size: How many entries at the most.
        orderly: A correction or a retraction is not known before its target.
        plain: Neither corrections nor retractions.
        dates: The dates of the events.
    """
    log = EventLog()
    for _ in range(draw(st.integers(0, max_size))):
        known = draw(st.sampled_from([None, *KNOWN_DAYS]))
        claims = [e.position for e in log if e.event is not None]
        kinds = ["claim", "claim", "again", "correct", "correct", "retract", "retract"]
        kind = draw(st.sampled_from(kinds)) if claims and not plain else "claim"
        if kind in ("claim", "again"):
            event = draw(events(dates))
            if kind == "again":
                again = log[draw(st.sampled_from(claims))].claim
                event = again.cited(draw(FEW_SOURCES))
            with suppress(EntryError):  # it was known before
                log = log.append(event, known=known)
        else:
            targets = claims if kind == "correct" else range(len(log))
            target = draw(st.sampled_from(targets))
            if orderly:
                known = _no_earlier(known, log[target].known_day)
            if kind == "correct":
                event = draw(events(dates))
                if orderly and known is None:
                    event = event.cited(())
                because = draw(st.sampled_from([None, "misread"]))
                with suppress(EntryError):  # what was withdrawn is not corrected
                    log = log.append(
                        event, supersedes=target, known=known, because=because
                    )
            else:
                log = log.retract(target, because=draw(BECAUSE), known=known)
    return log


BECAUSE = st.sampled_from(["wrong", "forged"])
# Names of datasets, each with a source that all of its rows cite.
DATASETS = {name: Source(f"Dataset {name}") for name in ("one", "two")}
Policy = Prefer | str | tuple[Source | str, ...]
POLICIES = st.sampled_from(
    [*Prefer, "one", ("two", "one"), ("two", SOURCES[1]), (SOURCES[2], SOURCES[3])]
)


@st.composite
def with_datasets(draw: st.DrawFn, some: st.SearchStrategy[EventLog]) -> EventLog:
    """Logs of which some entries belong to datasets, and cite the source of these."""
    entries = []
    for entry in draw(some):
        name = draw(st.sampled_from([None, None, *DATASETS]))
        event = entry.event
        if name is not None and event is not None:
            event = event.cited((*event.cite, DATASETS[name]))
        # A source without a date says nothing of when an entry became known.
        entries.append(evolve(entry, event=event, dataset=name))
    for name, source in DATASETS.items():
        last = Event(Fact("a"), when="2014", cite=source, id=name)
        entries.append(Entry(position=len(entries), event=last, dataset=name))
    return EventLog(entries)


@st.composite
def reviewed_logs(draw: st.DrawFn, *, max_size: int = 10) -> EventLog:
    """Logs of claims and proposals, with decisions on them and retractions of all."""
    log = draw(logs(max_size=3))
    for _ in range(draw(st.integers(0, max_size))):
        claims = [e.position for e in log if e.event is not None]
        proposals = [p.position for p in log.all_proposals()]
        kinds = ["claim", "propose", "propose", *["retract"] * bool(log)]
        kinds += ["accept", "accept", "correct", "reject"] * bool(proposals)
        kind = draw(st.sampled_from(kinds))
        by = draw(st.sampled_from(["model", "Anna"]))
        with suppress(EntryError):  # what was withdrawn is not accepted
            if kind == "claim":
                log = log.append(draw(events()))
            elif kind == "propose":
                target = draw(st.sampled_from([None, None, *claims]))
                log = log.propose(draw(events()), by=by, supersedes=target)
            elif kind == "retract":
                # Most often the last decision, which a later one then replaces.
                last = [len(log) - 1] * len(log)
                target = draw(st.sampled_from([*last, *range(len(log))]))
                log = log.retract(target, because=draw(BECAUSE))
            else:
                target = draw(st.sampled_from(proposals))
                because, event = draw(BECAUSE), draw(events())
                if kind == "reject":
                    log = log.reject(target, by=by, because=because)
                elif kind == "accept":
                    log = log.accept(target, by=by, because=because)
                else:
                    log = log.accept(target, by=by, event=event)
    return log


def _no_earlier(known: date | None, target: int | None) -> date | None:
    if target is None:
        return known
    day = target if known is None else max(known.toordinal(), target)
    return date.fromordinal(day)


def view_days() -> st.SearchStrategy[date]:
    """Days between which every date of these logs has its bounds."""
    return st.sampled_from(VIEW_DAYS)


def known_by_days() -> st.SearchStrategy[date]:
    """Days before, between and after those on which anything became known."""
    return st.sampled_from(KNOWN_BY)
