"""The append-only log of entries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, SupportsIndex, TypeVar, overload

from bri_timeline._events import Entry, Event
from bri_timeline._happenings import Prefer
from bri_timeline._kinship import Cut
from bri_timeline._memory import LAST_DAY, STRIDE, Memory
from bri_timeline._order import Order
from bri_timeline._projection import Projection
from bri_timeline._trunk import Progress, Trunk
from bri_timeline._view import View
from bri_timeline.edtf._day import Day, iso, to_day
from bri_timeline.errors import DayError, EntryError, EventError, shown


if TYPE_CHECKING:
    from bri_timeline._explanation import Belief, Contradiction, Period


__all__ = ["EventLog"]

# What answers a question that few programs ask is imported when it is asked.

S = TypeVar("S")
_REMEDY = "give 0 or more, and 1 or more"


def _ignored(_done: int) -> None:
    """Take no notice of progress."""


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

    __slots__ = ("_memory", "_parties", "_size", "_trunk")

    _trunk: Trunk
    _memory: Memory
    _size: int
    _parties: frozenset[str]

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        given = list(entries)
        for position, entry in enumerate(given):
            if entry.position != position:
                problem = f"entry {entry.position} stands at position {position}"
                remedy = "give all entries of one log, in order"
                raise EntryError(entry, f"{problem}: {remedy}")
        _check_targets(given)
        _set(self, Memory(Trunk(given)), len(given), frozenset())

    @classmethod
    def holding(cls, entries: Iterable[Entry], size: int) -> EventLog:
        """Return a log of which only some entries are at hand, such as a store reads.

        It answers as the whole log would about what its entries bear on. It holds, is
        as long as, and iterates over, those entries; they keep their positions.

        Args:
            entries: In order of position; of each, also what it corrects or retracts.
            size: How many entries the whole log has.

        Raises:
            EntryError: The entries are not some of one log.
        """
        given, last = list(entries), -1
        for entry in given:
            if not last < entry.position < size:
                problem = f"entry {entry.position} follows {last}, of {size} in all"
                remedy = "give entries of one log, in order"
                raise EntryError(entry, f"{problem}: {remedy}")
            last = entry.position
        _check_targets(given)
        log = object.__new__(cls)
        _set(log, Memory(Trunk(given, size)), size, frozenset())
        return log

    @classmethod
    def of(cls, *events: Event) -> EventLog:
        """Return a log of events, each known from the day that its sources give."""
        return cls().extend(events)

    # --- reading it --------------------------------------------------------------

    def __len__(self) -> int:
        return self._size if self._is_whole else len(self._about())

    def __iter__(self) -> Iterator[Entry]:
        if self._is_whole:
            entries = self._trunk.entries
            for position in range(self._size):
                yield entries[position]
        else:
            yield from self._about()

    @overload
    def __getitem__(self, index: SupportsIndex) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Entry | tuple[Entry, ...]:
        """Return an entry, or a tuple of them for a slice."""
        if isinstance(index, slice):
            return tuple(self._about())[index]
        if not self._is_whole:
            return self._about()[index]
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
        last = self._trunk.entries.held(self._size)[-1:] if self._is_whole else ()
        return hash((self._size, self._parties, *last))

    def __repr__(self) -> str:
        entries = self._trunk.entries.held(self._size)
        among = f".among({', '.join(map(repr, sorted(self._parties)))})"
        log = f"EventLog({entries or ''})"
        if self._trunk.entries.gaps:
            log = f"EventLog.holding({entries}, {self._size})"
        return log + (among if self._parties else "")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; a trunk is shared within a process only."""
        entries = self._trunk.entries.held(self._size)
        return _restored, (entries, self._size, self._parties)

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

        What a live entry already says (same event, citations and target) changes
        nothing. A correction is about the same happening as its target, and takes over
        its id.

        Args:
            event: What is claimed.
            supersedes: The entry that it corrects, or its position.
            known: The day from which it was known, instead of the day by which the
                earliest of its sources had appeared; without either, known all along.
            because: Why it corrects.

        Raises:
            EntryError: What it would correct is not in this log, or claims nothing.
        """
        _check_event(event)
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

    def extend(
        self, events: Iterable[Event], *, progress: Progress = _ignored
    ) -> EventLog:
        """Return a log with more events, each as by `append()`, but all at once.

        Args:
            events: What is claimed.
            progress: Called now and then with how many of them are done, and in the end
                with how many there were.

        Raises:
            EventError: One of them is no event; nothing was appended.
        """
        claims = list(events)
        for event in [claim for claim in claims if type(claim) is not Event]:
            _check_event(event)
        trunk, size = self._trunk.extended(self._size, claims, progress)
        progress(len(claims))
        if size == self._size:
            return self
        log = object.__new__(EventLog)
        _set(log, self._memory.on(trunk), size, self._parties)
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
            known: The day from which it was known to be wrong. Without it the
                retraction counts as known all along: earlier beliefs are then withdrawn
                as well.

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
        cut, basis = self._cut(known_by, prefer)
        return View(self._memory, self._parties, cut, number, basis)

    def among(self, *parties: str) -> EventLog:
        """Return the log of what involves all of some parties.

        Entries keep their positions. A payload names its parties as `parties`, a
        frozenset of actor ids.

        Args:
            parties: Actor ids, such as `AZE`, `CHN`.
        """
        log = object.__new__(EventLog)
        _set(log, self._memory, self._size, self._parties | frozenset(parties))
        return log

    def remembering(self, most: int, *, every: int = STRIDE) -> EventLog:
        """Return the same log, keeping at most so many states between questions.

        Repeated questions start from states that were folded before. By default a log,
        together with those that grow from it, keeps at most 524,288 of them, and what
        orders the events of at most 65,536 relationships (an eighth as many). A state
        without a hash, such as a dictionary, is copied whenever it is used.

        Args:
            most: How many; 0 keeps none.
            every: After how many events to keep one, to begin with; fewer are kept when
                there are too many.

        Raises:
            ValueError: *most* is negative, or *every* is not positive.
        """
        if most < 0 or every < 1:
            msg = f"cannot keep {most} states, one every {every} events: {_REMEDY}"
            raise ValueError(msg)
        log = object.__new__(EventLog)
        memory = Memory(self._trunk, most, every)
        _set(log, memory, self._size, self._parties)
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
        from bri_timeline._chronology import periods

        cut, _ = self._cut(known_by, Prefer.LATEST_KNOWN)

        def ever(order: Order, cut: Cut) -> list[Event]:
            return order.certain(cut, LAST_DAY)

        return periods(
            projection, self._memory.ask(self._parties, projection.reads, cut, ever)
        )

    def beliefs(self, projection: Projection[S], *, on: Day) -> tuple[Belief[S], ...]:
        """Return what was believed of one day, over days of knowledge.

        Args:
            projection: The state.
            on: The day whose state is asked for.

        Returns:
            At least one `Belief`: the first holds what counts as known all along.
        """
        from bri_timeline._chronology import beliefs

        day = to_day(on)

        def states(known_by: list[float]) -> list[S]:
            cuts = [Cut(day, self._size, Prefer.LATEST_KNOWN) for day in known_by]
            return self._memory.states(projection, self._parties, cuts, day)

        return beliefs(self._trunk.bearing(self._size, self._parties), states)

    def contradictions(self) -> tuple[Contradiction, ...]:
        """Return claims that lie wholly after a report of them; none is judged.

        What is reported as having happened cannot lie after its report. A claim is held
        against the sources of every live claim about the same happening.
        """
        from bri_timeline._chronology import contradictions

        cut, _ = self._cut(None, Prefer.LATEST_KNOWN)

        def found(order: Order, cut: Cut) -> tuple[Contradiction, ...]:
            return contradictions(order.happenings(cut, math.inf), order.kin(cut))

        return self._memory.ask(self._parties, None, cut, found)

    # --- the parts that they share --------------------------------------------------

    @property
    def _is_whole(self) -> bool:
        return not self._parties and not self._trunk.entries.gaps

    def _about(self) -> list[Entry]:
        return self._trunk.about(self._size, self._parties)

    def _with(self, entry: Entry) -> EventLog:
        if self._trunk.says_already(self._size, entry):
            return self
        log = object.__new__(EventLog)
        memory = self._memory.on(self._trunk.grown(self._size, entry))
        _set(log, memory, self._size + 1, self._parties)
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
        if not self._trunk.entries.has(position):
            problem = f"entry {position} is not at hand in this part of a log"
            raise EntryError(entry, f"{problem}: read it too")
        if isinstance(entry, Entry) and entry != self._trunk.entries[position]:
            problem = f"entry {position} of this log says something else"
            raise EntryError(entry, f"{problem}: take the entry from this log")
        return position

    def _cut(self, known_by: Day | int | None, prefer: Prefer) -> tuple[Cut, str]:
        """Return what counts as known, and say in words what that means."""
        if known_by is None:
            return Cut(math.inf, self._size, prefer), "everything"
        if isinstance(known_by, bool):
            raise DayError(known_by, "is no day and no log position")
        if isinstance(known_by, int):
            if not 0 <= known_by < self._size:
                problem = f"the log has no position {known_by}"
                raise EntryError(known_by, f"{problem}: it has {self._size} entries")
            return Cut(math.inf, known_by + 1, prefer), f"position {known_by}"
        day = to_day(known_by)
        return Cut(day, self._size, prefer), iso(day)


def _set(log: EventLog, memory: Memory, size: int, parties: frozenset[str]) -> None:
    object.__setattr__(log, "_memory", memory)
    object.__setattr__(log, "_trunk", memory.trunk)
    object.__setattr__(log, "_size", size)
    object.__setattr__(log, "_parties", parties)


def _restored(entries: list[Entry], size: int, parties: frozenset[str]) -> EventLog:
    return EventLog.holding(entries, size).among(*parties)


def _check_event(event: object) -> None:
    if not isinstance(event, Event):
        problem = "is no event: write Event(payload, when=..., cite=...)"
        raise EventError(event, problem)


def _check_targets(entries: list[Entry]) -> None:
    """Make sure that what is corrected or retracted is there, and stands earlier."""
    bound = [e for e in entries if e.supersedes != e.retracts]
    if not bound:
        return
    by_position = {entry.position: entry for entry in entries}
    for entry in bound:
        for target in (entry.supersedes, entry.retracts):
            found = None if target is None else by_position.get(target)
            if target is not None and (found is None or target >= entry.position):
                problem = f"entry {entry.position} has the target {target}"
                remedy = "a target stands earlier in the log"
                raise EntryError(entry, f"{problem}: {remedy}")
            if found and target == entry.supersedes and found.retracts is not None:
                problem = f"entry {entry.position} corrects entry {target}"
                raise EntryError(entry, f"{problem}, which claims nothing")
