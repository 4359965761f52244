"""Strategies for sources, citations, events, logs and views."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from itertools import compress

import attrs
from attrs import frozen
from hypothesis import assume
from hypothesis import strategies as st

from bri_timeline import Citation, Event, EventLog, Place, Source, View, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EntryError
from bri_timeline.extend import iso
from bri_timeline.testing._strategies import days, edtfs, payloads


@frozen
class Reported:
    """The payload in the logs of `check_format()` and `check_store()`.

    Attributes:
        actor: The actor.
        times: A number.
        parties: The parties concerned.
    """

    actor: str
    times: int
    parties: frozenset[str]


REPORTS = Vocabulary(Reported)
_TITLES = st.sampled_from(["Daily", "Weekly", "Annual"])
_LOCATORS = st.sampled_from([("",), ("p. 1",), ("p. 2",), ("p. 2", "it was so")])
_PUBLISHED = st.none() | edtfs(allow_several=False, allow_distant=False)


@st.composite
def sources(
    draw: st.DrawFn, *, published: st.SearchStrategy[Edtf | None] | None = None
) -> Source:
    """Generate sources with few titles, so that equal ones meet.

    Args:
        draw: Passed by Hypothesis.
        published: Dates of publication; by default None, or a date around the days of
            `edtfs()`.
    """
    title = draw(_TITLES)
    return Source(title, published=draw(_PUBLISHED if published is None else published))


_SOURCES = sources()


@st.composite
def citations(
    draw: st.DrawFn, cited: st.SearchStrategy[Source] | None = None
) -> Citation:
    """Generate citations of a whole source, or of one of few places in it.

    Args:
        draw: Passed by Hypothesis.
        cited: The sources; by default `sources()`.
    """
    source = draw(_SOURCES if cited is None else cited)
    return Citation(source, *draw(_LOCATORS))


@st.composite
def places(draw: st.DrawFn) -> Place:
    """Generate places with few names: names alone, points alone, and both."""
    return draw(_WHERE)


_NAMES = st.sampled_from(("Baku", "Ganja", "Z\u00fcrich"))
_POINTS = {
    "latitude": st.floats(-90, 90) | st.sampled_from([0.0, 40.4, -90.0]),
    "longitude": st.floats(-180, 180) | st.sampled_from([0.0, 49.9, 180.0]),
    "precision": st.sampled_from([None, "exact", "country", "by eye"]),
}
_WHERE = st.one_of(
    st.builds(Place, _NAMES),
    st.builds(Place, _NAMES, **_POINTS),
    st.builds(Place, **_POINTS),
)

_Step = Callable[[EventLog], EventLog]
# Text of payloads has the last two as well: what a field refers to is sometimes there.
_IDS = st.sampled_from([None, None, None, None, "x", "y", "AZE", "CHN"])
_DATES = edtfs(allow_several=False, allow_distant=False)
_CITATIONS = citations()
# Most events have no place, and those that have one meet in the same.
_FEW_PLACES = st.sampled_from(
    [None, None, None, Place("Baku", 40.4, 49.9), Place("Baku")]
)
_KNOWN = st.one_of(st.none(), st.none(), days())
_REASONS = ("wrong", "misread")
_NO_DAY = "2016-01-01"
_MANY = 8
_LAST_DAY = date.max.toordinal()


@st.composite
def events(
    draw: st.DrawFn,
    *what: st.SearchStrategy[object] | type | Vocabulary,
    when: st.SearchStrategy[Edtf] | None = None,
    cite: st.SearchStrategy[Citation] | None = None,
    ids: st.SearchStrategy[str | None] | None = None,
    where: st.SearchStrategy[Place | None] | None = None,
) -> Event:
    """Generate events whose dates tie and overlap.

    Args:
        draw: Passed by Hypothesis.
        what: The payloads: strategies, attrs classes and vocabularies.
        when: Dates; by default `edtfs()`. Dates of several days are left out.
        cite: Citations, of which each event gets at most two; by default `citations()`.
        ids: Ids of happenings; by default mostly None, otherwise one of few, so that
            there are disputes. Some are words of payloads too, so that what a field
            refers to is sometimes there.
        where: Places, such as `places()`; by default mostly None, otherwise one of two.
    """
    built = _built(
        what,
        _DATES if when is None else when,
        _CITATIONS if cite is None else cite,
        _IDS if ids is None else ids,
        _FEW_PLACES if where is None else where,
    )
    return draw(built)


# Cached, because building strategies for each event makes drawing slow.
@lru_cache
def _built(
    what: tuple[st.SearchStrategy[object] | type | Vocabulary, ...],
    when: st.SearchStrategy[Edtf],
    cite: st.SearchStrategy[Citation],
    ids: st.SearchStrategy[str | None],
    where: st.SearchStrategy[Place | None],
) -> st.SearchStrategy[Event]:
    # With `builds`, a failure shows code that builds the event again.
    return st.builds(
        Event,
        _payloads(what),
        when=when.filter(lambda date: not date.is_several),
        where=where,
        cite=st.lists(cite, max_size=2),
        id=ids,
    )


def _payloads(
    what: Iterable[st.SearchStrategy[object] | type | Vocabulary],
) -> st.SearchStrategy[object]:
    strategies, kinds = [], []
    for item in what:
        if isinstance(item, st.SearchStrategy):
            strategies.append(item)
        else:
            kinds.append(item)
    if kinds or not strategies:
        strategies.append(payloads(*kinds))
    return st.one_of(strategies)


@st.composite
def logs(
    draw: st.DrawFn,
    events: st.SearchStrategy[Event],
    *,
    min_size: int = 0,
    max_size: int = _MANY,
    allow_corrections: bool = True,
    allow_disputes: bool = True,
    allow_retractions: bool = True,
    allow_witnesses: bool = True,
) -> EventLog:
    """Generate small logs in which entries refer to each other.

    They shrink to a few plain claims.

    Args:
        draw: Passed by Hypothesis.
        events: Strategy for the claimed events.
        min_size: Minimum number of entries.
        max_size: Maximum number of entries.
        allow_corrections: Generate entries that supersede others.
        allow_disputes: Generate claims that differ about one happening. (Disputes also
            arise where *events* have ids or places.)
        allow_retractions: Generate retractions, also of retractions.
        allow_witnesses: Generate the same claim from other sources.

    Raises:
        ValueError: *min_size* is more than *max_size*, or negative.
    """
    if not 0 <= min_size <= max_size:
        msg = f"no log has {min_size} to {max_size} entries: give 0 or more, and more"
        raise ValueError(msg)
    allowed = allow_witnesses, allow_disputes, allow_corrections, allow_retractions
    log = EventLog()
    for step in draw(_steps(events, min_size, max_size, allowed)):
        log = step(log)
    assume(len(log) >= min_size)  # a step can leave the log as it was
    return log


@lru_cache
def _steps(
    events: st.SearchStrategy[Event],
    min_size: int,
    max_size: int,
    allowed: tuple[bool, ...],
) -> st.SearchStrategy[list[_Step]]:
    """Generate entries of each kind that is allowed; claims always are."""
    known, reason = _KNOWN, st.sampled_from(_REASONS)
    target = st.integers(0, max(max_size - 1, 0))
    revisions: list[st.SearchStrategy[_Step]] = [
        st.builds(_Witness, target, st.lists(_CITATIONS, max_size=2), known),
        st.builds(_Rival, events, target, known),
        st.builds(_Correction, events, target, known, reason),
        st.builds(_Withdrawal, target, known, reason),
    ]
    claims: st.SearchStrategy[_Step] = st.builds(_Claim, events, known)
    steps = st.one_of([claims, *compress(revisions, allowed)])
    return st.lists(steps, min_size=min_size, max_size=max_size)


@st.composite
def views(draw: st.DrawFn, logs: st.SearchStrategy[EventLog]) -> View:
    """Generate views of logs, at days on which something changes.

    Args:
        draw: Passed by Hypothesis.
        logs: Strategy for the logs.
    """
    log = draw(logs)
    dates = [entry.event.when for entry in log if entry.event is not None]
    happened = _turns(
        day for when in dates for day in (when.earliest_start, when.latest_start)
    )
    # A day between two changes gives the same view as the earlier one.
    known = _turns(entry.known_day for entry in log)
    positions = st.integers(0, len(log) - 1) if len(log) else st.nothing()
    by = st.one_of(st.none(), st.none(), st.sampled_from(known), positions)
    return log.as_of(draw(st.sampled_from(happened)), known_by=draw(by))


def _turns(numbers: Iterable[float | None]) -> list[str]:
    """Return days, and the days before them, as text, the latest first."""
    whole = {int(day) for day in numbers if day is not None and 1 < day <= _LAST_DAY}
    days = sorted(whole | {day - 1 for day in whole}, reverse=True)
    return [iso(day) for day in days] or [_NO_DAY]


def _claims(log: EventLog) -> list[Event]:
    return [entry.event for entry in log if entry.event is not None]


def _claimed(log: EventLog, event: Event, known: str | None) -> EventLog:
    try:
        return log.append(event, known=known)
    except EntryError:  # it was known before, and is known since then
        return log


@frozen
class _Claim:
    event: Event
    known: str | None

    def __call__(self, log: EventLog) -> EventLog:
        return _claimed(log, self.event, self.known)


@frozen
class _Witness:
    target: int
    cite: list[Citation]
    known: str | None

    def __call__(self, log: EventLog) -> EventLog:
        claims = _claims(log)
        if not claims:
            return log
        again = claims[self.target % len(claims)].cited(self.cite)
        return _claimed(log, again, self.known)


@frozen
class _Rival:
    event: Event
    target: int
    known: str | None

    def __call__(self, log: EventLog) -> EventLog:
        claims = _claims(log)
        if not claims:
            return _claimed(log, self.event, self.known)
        rival = attrs.evolve(self.event, id=claims[self.target % len(claims)].id)
        return _claimed(log, rival, self.known)


@frozen
class _Correction:
    event: Event
    target: int
    known: str | None
    because: str

    def __call__(self, log: EventLog) -> EventLog:
        claims = [entry.position for entry in log if entry.event is not None]
        if not claims:
            return _claimed(log, self.event, self.known)
        target = claims[self.target % len(claims)]
        try:
            return log.append(
                self.event, supersedes=target, known=self.known, because=self.because
            )
        # The target was withdrawn, so that it would not count; or it was known before.
        except EntryError:
            return log


@frozen
class _Withdrawal:
    target: int
    known: str | None
    because: str

    def __call__(self, log: EventLog) -> EventLog:
        if not len(log):
            return log
        target = self.target % len(log)
        return log.retract(target, because=self.because, known=self.known)
