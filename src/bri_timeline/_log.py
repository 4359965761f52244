"""The append-only log of entries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import SupportsIndex, TypeVar, overload

from bri_timeline._events import Entry, Event
from bri_timeline._explanation import Belief, Contradiction, Period
from bri_timeline._projection import Projection
from bri_timeline._resolution import Happening, Prefer, Resolution, resolve
from bri_timeline._trunk import Trunk
from bri_timeline._view import View
from bri_timeline.edtf._day import Day, iso, to_day
from bri_timeline.errors import DayError, EntryError, EventError, shown

__all__ = ["EventLog"]

S = TypeVar("S")


class EventLog:
    """Entries in the order in which they were written down: a value.

    Nothing in it changes; appending returns a new log that shares the old one. Two logs
    are equal when their entries are. Ask it what was the case `as_of()` a day.

    Args:
        entries: Entries of another log, from position 0 without gaps. To record events,
            use `EventLog.of()` or `append()`.

    Raises:
        EntryError: The entries are not those of one log.
    """

    __slots__ = ("_parties", "_size", "_trunk")

    _trunk: Trunk
    _size: int
    _parties: frozenset[str]

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        checked = list(entries)
        for position, entry in enumerate(checked):
            _check_entry(checked, position, entry)
        _set(self, Trunk(checked), len(checked), frozenset())

    @classmethod
    def of(cls, *events: Event) -> EventLog:
        """Return a log of events, each known from the day that its sources give."""
        return cls().extend(events)

    # --- reading it --------------------------------------------------------------

    def __len__(self) -> int:
        return sum(1 for _ in self) if self._parties else self._size

    def __iter__(self) -> Iterator[Entry]:
        entries = self._trunk.entries
        for position in range(self._size):
            if not self._parties or self._is_about(entries[position]):
                yield entries[position]

    @overload
    def __getitem__(self, index: SupportsIndex) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Entry | tuple[Entry, ...]:
        """Return an entry, or a tuple of them for a slice."""
        if isinstance(index, slice):
            return tuple(self)[index]
        if self._parties:
            return tuple(self)[index]
        number = index.__index__()
        if not -self._size <= number < self._size:
            msg = f"there is no entry {number}: the log has {self._size}"
            raise IndexError(msg)
        return self._trunk.entries[number % self._size]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventLog):
            return NotImplemented
        if (self._size, self._parties) != (other._size, other._parties):
            return False
        return self._trunk is other._trunk or tuple(self) == tuple(other)

    def __hash__(self) -> int:
        last = self._trunk.entries[self._size - 1] if self._size else None
        return hash((self._size, self._parties, last))

    def __repr__(self) -> str:
        entries = self._trunk.entries[: self._size]
        among = f".among({', '.join(map(repr, sorted(self._parties)))})"
        return f"EventLog({entries or ''})" + (among if self._parties else "")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; a trunk is shared within a process only."""
        return _restored, (self._trunk.entries[: self._size], self._parties)

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"an EventLog does not change: {name} cannot be set"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> None:
        msg = f"an EventLog does not change: {name} cannot be deleted"
        raise AttributeError(msg)

    # --- writing -----------------------------------------------------------------

    def append(
        self,
        event: Event,
        *,
        supersedes: Entry | int | None = None,
        known: Day | None = None,
        because: str | None = None,
    ) -> EventLog:
        """Return a log with one more event.

        What a live entry already says (same event, citations and target) changes nothing.
        A correction is about the same happening as its target, and takes over its id.

        Args:
            event: What is claimed.
            supersedes: The entry that it corrects, or its position.
            known: The day from which it was known, instead of the day by which the
                earliest of its sources had appeared; without either, known all along.
            because: Why it corrects.

        Raises:
            EntryError: What it would correct is not in this log, or claims nothing.
        """
        if not isinstance(event, Event):
            raise EventError(event, "is no event: write Event(payload, when=..., cite=...)")
        target = None
        if supersedes is not None:
            target = self._target(supersedes, "superseded")
            corrected = self._trunk.entries[target].event
            if corrected is None:
                problem = f"entry {target} claims nothing that could be corrected"
                raise EntryError(supersedes, f"{problem}: retract it instead")
            event = event.named_after(corrected)
        day = event.known_day if known is None else to_day(known)
        return self._with(
            Entry(
                position=self._size,
                event=event,
                known=day,
                supersedes=target,
                because=because,
            )
        )

    def extend(self, events: Iterable[Event]) -> EventLog:
        """Return a log with more events, each as by `append()`."""
        log = self
        for event in events:
            log = log.append(event)
        return log

    def retract(
        self, entry: Entry | int, *, because: str, known: Day | None = None
    ) -> EventLog:
        """Return a log in which an entry is withdrawn.

        Retracting a retraction reinstates what it withdrew. Retracting an original that
        has been corrected withdraws its corrections too.

        Args:
            entry: The entry, or its position.
            because: Why.
            known: The day from which it was known to be wrong. Without it the retraction
                counts as known all along: earlier beliefs are then withdrawn as well.

        Raises:
            EntryError: The entry is not in this log.
        """
        target = self._target(entry, "retracted")
        day = None if known is None else to_day(known)
        return self._with(
            Entry(position=self._size, known=day, retracts=target, because=because)
        )

    # --- asking ------------------------------------------------------------------

    def as_of(
        self,
        day: Day,
        known_by: Day | int | None = None,
        *,
        prefer: Prefer = Prefer.LATEST_KNOWN,
    ) -> View:
        """Return what had happened by *day*, as far as was known by *known_by*.

        This is valid time, the day on which things were so. (In Datomic, "as of" means
        the time at which they were recorded; here that is *known_by*.)

        Args:
            day: A whole day, included. A month or a year is refused: say which day.
            known_by: A day, or a log position for an exact basis, included; by default
                everything in the log counts.
            prefer: Which claim to take where claims about one happening differ.

        Raises:
            DayError: One of them is not a whole day.
            EntryError: The log has no such position.
        """
        number = to_day(day)
        resolution, basis = self._resolved(known_by, prefer)
        return View(resolution, number, basis)

    def among(self, *parties: str) -> EventLog:
        """Return the log of what involves all of some parties.

        Entries keep their positions. A payload names its parties as `parties`, a
        frozenset of actor ids.

        Args:
            parties: Actor ids, such as `AZE`, `CHN`.
        """
        log = object.__new__(EventLog)
        _set(log, self._trunk, self._size, self._parties | frozenset(parties))
        return log

    def history(
        self, projection: Projection[S], known_by: Day | int | None = None
    ) -> tuple[Period[S], ...]:
        """Return the periods through which each certain state held.

        Args:
            projection: The state.
            known_by: As for `as_of()`.

        Returns:
            At least one `Period`: the first is the state before any event.
        """
        resolution, _ = self._resolved(known_by, Prefer.LATEST_KNOWN)
        state = projection.initial()
        since: int | None = None
        periods = [Period(since, state, ())]
        certain = (h for h in resolution.happenings if h.last < math.inf)
        for last, group in groupby(certain, key=_last):
            before, changed = state, []
            for happening in group:
                earlier, state = state, projection.evolve(state, happening.event)
                if earlier != state:
                    changed.append(happening.event)
            if last == -math.inf:
                periods = [Period(None, state, tuple(changed))]
            elif before != state:
                periods.append(Period(int(last), state, tuple(changed)))
        return tuple(periods)

    def beliefs(
        self, projection: Projection[S], *, on: Day
    ) -> tuple[Belief[S], ...]:
        """Return what was believed of one day, over days of knowledge.

        Args:
            projection: The state.
            on: The day whose state is asked for.

        Returns:
            At least one `Belief`: the first holds what counts as known all along.
        """
        by_day: dict[int | None, list[Entry]] = {None: []}
        for entry in sorted(self._bearing(), key=Entry.knowledge):
            by_day.setdefault(entry.known_day, []).append(entry)
        beliefs: list[Belief[S]] = []
        day = to_day(on)
        for known, entries in by_day.items():
            cut = -math.inf if known is None else known
            view = View(self._resolve(cut, False, Prefer.LATEST_KNOWN), day, "")
            state = view.project(projection)
            if not beliefs or beliefs[-1].state != state:
                beliefs.append(Belief(known, state, tuple(entries)))
        return tuple(beliefs)

    def contradictions(self) -> tuple[Contradiction, ...]:
        """Return claims that lie wholly after a report of them; none is judged.

        What is reported as having happened cannot lie after its report. A claim is held
        against the sources of every live claim about the same happening.
        """
        resolution, _ = self._resolved(None, Prefer.LATEST_KNOWN)
        rivals = {taken: others for taken, others in resolution.disputes}
        found = []
        for happening in resolution.happenings:
            claims = (happening, *rivals.get(happening, ()))
            for claim in claims:
                for other in claims:
                    found += _contradicted(claim, other)
        return tuple(found)

    # --- the parts that they share --------------------------------------------------

    def _with(self, entry: Entry) -> EventLog:
        if self._trunk.says_already(self._size, entry):
            return self
        log = object.__new__(EventLog)
        trunk = self._trunk.grown(self._size, [entry])
        _set(log, trunk, self._size + 1, self._parties)
        return log

    def _target(self, entry: Entry | int, what: str) -> int:
        """Return the position of an entry of this log."""
        position = entry.position if isinstance(entry, Entry) else entry
        if not isinstance(position, int) or isinstance(position, bool):
            raise EntryError(entry, f"{shown(entry)} is no entry and no position")
        if not 0 <= position < self._size:
            last = f"its last is {self._size - 1}" if self._size else "it is empty"
            problem = f"entry {position} is not in the log, {last}"
            raise EntryError(entry, f"{problem}: only what was recorded can be {what}")
        if isinstance(entry, Entry) and entry != self._trunk.entries[position]:
            problem = f"entry {position} of this log says something else"
            raise EntryError(entry, f"{problem}: take the entry from this log")
        return position

    def _resolved(
        self, known_by: Day | int | None, prefer: Prefer
    ) -> tuple[Resolution, str]:
        """Resolve the claims known by then, and say in words what that means."""
        if known_by is None:
            return self._resolve(math.inf, False, prefer), "everything"
        if isinstance(known_by, bool):
            raise DayError(known_by, "is no day and no log position")
        if isinstance(known_by, int):
            if not 0 <= known_by < self._size:
                problem = f"the log has no position {known_by}"
                raise EntryError(known_by, f"{problem}: it has {self._size} entries")
            return self._resolve(known_by, True, prefer), f"position {known_by}"
        day = to_day(known_by)
        return self._resolve(day, False, prefer), iso(day)

    def _resolve(self, known_by: float, by_position: bool, prefer: Prefer) -> Resolution:
        entries = self._trunk.entries[: self._size]
        resolution = resolve(entries, known_by, by_position=by_position, prefer=prefer)
        if not self._parties:
            return resolution
        return resolution.only(lambda event: event.parties >= self._parties)

    def _bearing(self) -> Iterable[Entry]:
        """Return what bears on the parties: claims of others about the same too."""
        if not self._parties:
            return self
        names = {entry.event.id for entry in self if entry.event is not None}
        found: dict[int, Entry] = {}
        for entry in self._trunk.entries[: self._size]:
            target = entry.retracts if entry.supersedes is None else entry.supersedes
            same = entry.event is not None and entry.event.id in names
            if same or target in found or self._is_about(entry):
                found[entry.position] = entry
        return found.values()

    def _is_about(self, entry: Entry) -> bool:
        """Tell whether an entry, or what it corrects or withdraws, involves all parties."""
        entries = self._trunk.entries
        while True:
            if entry.event is not None and entry.event.parties >= self._parties:
                return True
            target = entry.retracts if entry.supersedes is None else entry.supersedes
            if target is None:
                return False
            entry = entries[target]


def _set(log: EventLog, trunk: Trunk, size: int, parties: frozenset[str]) -> None:
    object.__setattr__(log, "_trunk", trunk)
    object.__setattr__(log, "_size", size)
    object.__setattr__(log, "_parties", parties)


def _restored(entries: list[Entry], parties: frozenset[str]) -> EventLog:
    return EventLog(entries).among(*parties)


def _check_entry(entries: list[Entry], position: int, entry: Entry) -> None:
    """Make sure that an entry stands where it says, and targets an earlier one."""
    if entry.position != position:
        problem = f"entry {entry.position} stands at position {position}"
        raise EntryError(entry, f"{problem}: give all entries of one log, in order")
    for target in (entry.supersedes, entry.retracts):
        if target is not None and not 0 <= target < position:
            problem = f"entry {position} has the target {target}"
            raise EntryError(entry, f"{problem}: a target stands earlier in the log")
    if entry.supersedes is not None and entries[entry.supersedes].event is None:
        problem = f"entry {position} corrects entry {entry.supersedes}"
        raise EntryError(entry, f"{problem}, which claims nothing")


def _last(happening: Happening) -> float:
    return happening.last


def _contradicted(claim: Happening, other: Happening) -> list[Contradiction]:
    """Return the reports of *other* after which all of *claim* lies."""
    found = []
    for entry in other.entries:
        for citation in entry.event.cite if entry.event else ():
            day = citation.source.known_day
            if day is not None and claim.first > day:
                rival = () if claim is other else (entry,)
                found.append(Contradiction((claim.entries[0], *rival), str(citation)))
    return found
