"""The history of a state and of beliefs about it, and contradictory reports."""

from __future__ import annotations

import math
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from typing import Any, ClassVar, Generic, TypeVar

import pendulum
from attrs import frozen

from bri_timeline._calendar import as_date, iso
from bri_timeline._events import Entry, Event
from bri_timeline._events.entries import entry_cells
from bri_timeline._events.marks import Mark, event_of
from bri_timeline._events.rows import (
    ENTRIES,
    EVENTS,
    InRows,
    Row,
    columns,
    told_cells,
)
from bri_timeline._evidence import Citation
from bri_timeline._form.table import day_of
from bri_timeline._happening import Happening, Version, content
from bri_timeline._journal import Entries, Resolution
from bri_timeline._order import (
    CountedStates,
    Facts,
    certain_day,
    composition_of,
    state_of,
    states_known_by,
)
from bri_timeline._process import uncollected
from bri_timeline._projection import Projection, blame, is_hashable
from bri_timeline._queries._questions import PanelQuestion
from bri_timeline._queries.outcomes import itself
from bri_timeline._queries.table import ByKey, Table, key_hint, state_hint
from bri_timeline._queries.values import change_words, value_words
from bri_timeline._text import AsDict, Cell, Sheet, fields_of, one_line
from bri_timeline.errors import counted


__all__ = [
    "Belief",
    "Contradiction",
    "Period",
    "beliefs",
    "contradictions",
    "periods",
    "periods_each",
]


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
# The number of marks from one state that is kept to the next.
_STRIDE = 16
# The same where each state may be large, and shares nothing with the others.
_LONG_STRIDE = 64


class Spell(AsDict, InRows, Generic[S]):
    """Consecutive days with one state, since a day that may be unknown."""

    __slots__ = ()
    _HEADS: ClassVar = ("since", "state", "because of", "who says so")
    _OPENING: ClassVar = "before any event"
    since_day: int | None
    state: S

    @classmethod
    def _noun(cls) -> str:
        return cls.__name__.lower()

    @property
    def since(self) -> pendulum.Date | None:
        """The first day; None if `since_day` is.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `since_day`.
        """
        if (day := self.since_day) is None:
            return None
        return as_date(day, f"the first day of the {self._noun()}", "since_day")

    @abstractmethod
    def _reasons(self) -> tuple[Cell, Cell]:
        """Return the cells of what changed the state: told, and who says so."""

    def _plain_data(self) -> dict[str, object]:
        since = None if self.since_day is None else iso(self.since_day)
        return {"since": since, **dict(islice(fields_of(self), 1, None))}

    @classmethod
    def _rows(cls, answer: Spell[S]) -> Iterator[Row]:
        yield {"since": day_of(answer.since_day), **dict(fields_of(answer))}

    @classmethod
    def _listed(cls, answers: Collection[Any]) -> Sheet:
        pairs = zip((None, *answers), answers, strict=False)
        rows = (one._cells(before) for before, one in pairs)
        return Sheet(counted(len(answers), cls._noun()), rows, len(answers), cls._HEADS)

    def _cells(self, before: Spell[S] | None) -> tuple[Cell, ...]:
        since = self._OPENING if self.since_day is None else iso(self.since_day)
        # Of one that stands behind another, the change is shown.
        state = (
            value_words(self.state)
            if before is None
            else change_words(before.state, self.state)
        )
        return since, state, *self._reasons()


_COLUMNS = columns(since=date, since_day=int, state=object)


@frozen
class Period(Spell[S]):
    """A period of consecutive days with the same certain state.

    Attributes:
        since_day: The number of its first day; None for the state before any event.
        state: The state.
        events: The events that changed it: they became certain on that day; or, for a
            projection with `ends`, the day before it was the last on which they lasted.
    """

    _COLUMNS = columns(**_COLUMNS, events=EVENTS)
    since_day: int | None
    state: S
    events: tuple[Event, ...]

    def _reasons(self) -> tuple[Cell, Cell]:
        return told_cells(self.events)


@frozen
class Belief(Spell[S]):
    """A period of consecutive days on which the same state was believed.

    Attributes:
        since_day: The number of the day on which it became known; None if it counts as
            known all along.
        state: The state.
        entries: All entries that became known on that day, of those related to what
            was asked about: to the selection, and to the parties of the projection.
            Which of them changed the state, `View.diff()` says. A day whose entries
            leave the state as it was begins no period.
    """

    _HEADS = ("known since", *Spell._HEADS[1:])
    _OPENING = "all along"
    _COLUMNS = columns(**_COLUMNS, entries=ENTRIES)
    since_day: int | None
    state: S
    entries: tuple[Entry, ...]

    def _reasons(self) -> tuple[Cell, Cell]:
        rows = [entry_cells(entry) for entry in self.entries]
        said = ([what] if isinstance(what, str) else what for _, _, _, what, _ in rows)
        told = tuple(
            f"entry {row[0]}: {' '.join((str(row[2]), *texts))}"
            for row, texts in zip(rows, said, strict=True)
        )
        return told, tuple(dict.fromkeys(text for *_, cite in rows for text in cite))


@frozen
class Contradiction(AsDict, InRows):
    """One or two claims that contradict a report; which is wrong is not decided.

    Attributes:
        claims: One entry that is dated after its own report was published, or two
            entries about one happening, of which the first is dated after the report of
            the second was published.
        report: The source of that report.
    """

    _COLUMNS = columns(report=str, entry=Entry)
    claims: tuple[Entry, ...]
    report: str

    def __str__(self) -> str:
        whose = "its" if len(self.claims) == 1 else f"entry {self.claims[1].position}'s"
        when = self.claims[0].event and self.claims[0].event.when
        return one_line(
            f"entry {self.claims[0].position} is dated {when},"
            f" after {whose} report: {self.report}"
        )

    @classmethod
    def _rows(cls, answer: Contradiction) -> Iterator[Row]:
        for entry in answer.claims:
            yield {"report": answer.report, "entry": entry}


# The states are kept: garbage collection would visit all of them, again and again.
@uncollected()
def periods(projection: Projection[S], marks: Iterable[Mark]) -> Table[Period[S]]:
    """Return the certain states, each with the period in which it held.

    Args:
        projection: The state.
        marks: The events and ends that are certain on some day, in fold order.
    """
    state, step = projection.initial(), projection._step
    all_periods = [Period[S](None, state_of(state), ())]
    for last, group in groupby(marks, key=certain_day):
        # All events of a day first: states within a day are not periods.
        before, changed = state, []
        for mark in group:
            earlier, state = state, step(state, mark)
            if earlier != state:
                changed.append(event_of(mark))
        # Events with an open start are part of the state before all others.
        if last == -math.inf:
            all_periods = [Period(None, state_of(state), tuple(changed))]
        elif before != state:
            all_periods.append(Period(int(last), state_of(state), tuple(changed)))
    return Table(tuple(all_periods), Period, hints={"state": state_hint(projection)})


def periods_each(
    projection: Projection[S] | Callable[[K], Projection[S]],
    by: Callable[[Event], Iterable[K]],
    facts: Facts,
) -> ByKey[K, Table[Period[S]]]:
    """Return the periods of each key, as `periods()` does.

    Args:
        projection: The state of a key, or a function of the key that returns its own.
        by: Returns the keys of an event.
        facts: The events.
    """
    asked = PanelQuestion[K, S, S](projection, by, itself, facts, bounds=False)
    marks_of, periods_by_key = asked.marks(), dict[K, Table[Period[S]]]()
    for key in asked.keys(None):
        own = asked.projection_of(key)
        # What is certain on no day begins no period.
        marks = (mark for mark in marks_of(key, own) if certain_day(mark) < math.inf)
        try:
            periods_by_key[key] = periods(own, own._taken(marks))
        except Exception as error:
            blame(error, own)
            raise
    hints = {"key": key_hint(by), "state": state_hint(projection)}
    return ByKey(periods_by_key, Period, hints=hints)


@uncollected()
def beliefs(
    projection: Projection[S],
    entries: Iterable[Entry],
    versions: Iterable[Version],
    day: int,
) -> Table[Belief[S]]:
    """Return the beliefs about a state, by the days on which entries became known.

    Args:
        projection: The state.
        entries: All entries that concern the state.
        versions: The marks that count under some knowledge, in fold order.
        day: The number of the day whose state is asked for.
    """
    by_day: dict[int | None, list[Entry]] = {None: []}
    for entry in sorted(entries, key=Entry._knowledge):
        by_day.setdefault(entry.known_day, []).append(entry)
    reads = projection.reads or (object,)
    counting = [
        version
        for version in versions
        if certain_day(version.mark) <= day
        and isinstance(event_of(version.mark).what, reads)
    ]
    days = [-math.inf if known is None else known for known in by_day]
    changes: list[Belief[S]] = []
    states = map(state_of, _states_known_by(projection, counting, days))
    for (known, new), state in zip(by_day.items(), states, strict=True):
        if not changes or changes[-1].state != state:
            changes.append(Belief(known, state, tuple(new)))
    return Table(tuple(changes), Belief, hints={"state": state_hint(projection)})


def _states_known_by(
    projection: Projection[S], versions: Sequence[Version], days: Sequence[float]
) -> Iterator[S]:
    """Yield the state under one knowledge after another.

    Args:
        projection: The state.
        versions: The marks that count under some knowledge, in fold order.
        days: The numbers of the days of knowledge, in ascending order.
    """
    changes = sorted(
        (day, place)
        for place, version in enumerate(versions)
        for day in (version.since, version.until)
    )
    marks, start = [version.mark for version in versions], 0
    composed = composition_of(projection)
    if composed is not None:
        yield from states_known_by(composed, marks, changes, days)
        return
    size = _STRIDE if is_hashable(projection.initial()) else _LONG_STRIDE
    along = CountedStates(projection, marks, size, itself)
    for day in days:
        stop = bisect_right(changes, (day, math.inf), lo=start)
        along.change(place for _, place in changes[start:stop])
        start = stop
        yield along.state()


def contradictions(
    marks: Sequence[Mark], rows: Sequence[int], resolution: Resolution, entries: Entries
) -> Table[Contradiction]:
    """Return the claims that are dated after a report of the same happening.

    Args:
        marks: All events that count, in fold order.
        rows: The row of the first entry of each.
        resolution: The clusters of related entries, resolved.
        entries: The entries of the journal, by row.
    """
    # Claims that lost a dispute are compared too: which one is wrong is open.
    rivals = {taken.position: others for taken, others in resolution.disputes}
    clustered = {entries.row(h.position): h for h in resolution.happenings}
    pairs: list[Contradiction] = []
    cite: tuple[Citation, ...] | None = None
    reported = math.inf
    for mark, row in zip(marks, rows, strict=True):
        event = event_of(mark)
        if event.cite is not cite:  # most events share the citations of the one before
            cite, day = event.cite, event.known_day
            reported = math.inf if day is None else day
        happening = clustered.get(row)
        # Most claims are related to no other, and lie before their own reports.
        if happening is None and event.when.earliest_start > reported:
            happening = Happening.of(event, entries[row])
        if happening is not None:
            claims = (*_claims(happening), *rivals.get(happening.position, ()))
            for claim in claims:
                for other in claims:
                    pairs += _contradicted(claim, other)
    return Table(tuple(dict.fromkeys(pairs)), Contradiction)


def _claims(happening: Happening) -> Iterator[Happening]:
    """Yield a happening according to each of the claims that agree about it."""
    said: dict[object, list[Entry]] = {}
    for entry in happening.entries:
        said.setdefault(content(entry.claim), []).append(entry)
    if len(said) == 1:
        yield happening
        return
    for entries in said.values():
        yield Happening.of(entries[0].claim, *entries)


def _contradicted(claim: Happening, other: Happening) -> list[Contradiction]:
    """Return the reports of *other* that were published before *claim* can begin."""
    pairs = []
    for entry in other.entries:
        for citation in entry.event.cite if entry.event else ():
            day = citation.known_day
            if day is not None and claim.first > day:
                own = claim is other
                claims = (entry,) if own else (claim.entries[0], entry)
                pairs.append(Contradiction(claims, str(citation)))
    return pairs
