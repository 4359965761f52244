"""The append-only log of entries."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from bri_timeline._concern import narrowed, selected
from bri_timeline._course import Course
from bri_timeline._events import Entry, Event
from bri_timeline._happenings import Prefer
from bri_timeline._index import Wanted
from bri_timeline._kinship import Cut
from bri_timeline._memory import STRIDE, Memory
from bri_timeline._projection import Projection, blame
from bri_timeline._record import Record
from bri_timeline._shelf import LAST_DAY
from bri_timeline._trunk import Progress
from bri_timeline._view import View
from bri_timeline.edtf._day import Day, to_day
from bri_timeline.errors import DayError, EntryError, EventError, shown


# What answers a question that few programs ask is imported when it is asked.
if TYPE_CHECKING:
    from bri_timeline._explanation import Belief, Contradiction, Period


__all__ = ["EventLog"]

S = TypeVar("S")
_REMEDY = "give 0 or more, and 1 or more"


def _ignored(_done: int) -> None:
    """Take no notice of progress."""


class EventLog(Record):
    """Entries in the order in which they were written down: a value.

    Nothing in it changes; appending returns a new log that shares the old one. Two logs
    are equal when their entries are. Ask it what was the case `as_of()` a day.

    Args:
        entries: Entries of another log, from position 0 without gaps. To record events,
            use `EventLog.of()` or `append()`.

    Raises:
        EntryError: The entries are not those of one log.
    """

    __slots__ = ()

    @classmethod
    def of(cls, *events: Event) -> EventLog:
        """Return a log of events, each known from the day that its sources give."""
        return cls().extend(events)

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
        nothing, unless *known* is an earlier day: then it is known since that day. A
        correction is about the same happening as its target, and takes over its id. But
        where neither has an id, and others claim the same as the target, or as the
        correction, it corrects this one claim: theirs stand, and what says the same is
        one happening.

        Args:
            event: What is claimed.
            supersedes: The entry that it corrects, or its position.
            known: The day from which it was known, instead of the day by which the
                earliest of its sources had appeared; without either, known all along.
            because: Why it corrects.

        Raises:
            EntryError: What it would correct is not in this log, or claims nothing, or
                was withdrawn, so that the correction would never count; or this is a
                part of a log that holds nothing about the same happening, so that only
                the whole can tell what is said of it already.
        """
        _check_event(event)
        target = None
        if supersedes is not None:
            target = self._target(supersedes, "superseded")
            corrected = self._trunk.entries[target].event
            if corrected is None:
                problem = f"entry {target} claims nothing that could be corrected"
                raise EntryError(supersedes, f"{problem}: retract it instead")
            event = self._trunk.named(self._size, event, target)
        self._trunk.check_at_hand([event])
        day = event.known_day if known is None else to_day(known)
        entry = Entry(
            position=self._size,
            event=event,
            known=day,
            supersedes=target,
            because=because,
        )
        since = math.inf if known is None else entry.knowledge()[0]
        self._trunk.check_slot(self._size, entry, since)
        return self._with(entry, since)

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
            EntryError: This is a part of a log, as for `append()`.
        """
        claims = list(events)
        if set(map(type, claims)) - {Event}:
            for event in claims:
                _check_event(event)
        self._trunk.check_at_hand(claims)
        trunk, size = self._trunk.extended(self._size, claims, progress)
        progress(len(claims))
        if size == self._size:
            return self
        return self._like(self._memory.on(trunk), size, self._rules)

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
        entry = Entry(position=self._size, known=day, retracts=target, because=because)
        return self._with(entry, entry.knowledge()[0])

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
        number, cut = to_day(day), self._cut(known_by, prefer)
        return View(self._memory, self._rules, cut, number, known_by is not None)

    def among(self, *parties: str) -> EventLog:
        """Return the log of what involves all of some parties, and what refers to that.

        It is a selection: what concerns one of them alone is not in it. Entries keep
        their positions. A payload names its parties as `parties`, a frozenset of actor
        ids, and the events that it refers to as `refers_to`, a frozenset of their ids.

        Args:
            parties: Actor ids, such as `AZE`, `CHN`.
        """
        rules = selected(self._rules, parties)
        return self._like(self._memory, self._size, rules)

    def concerning(self, *parties: str) -> EventLog:
        """Return the log of what concerns some parties.

        That is what involves at least two of them, or is the affair of nobody but them;
        and what refers to that, and so on. For one party: what involves it. A
        projection that names its parties reads as much without being told.

        Args:
            parties: Actor ids, such as `AZE`, `CHN`.
        """
        rules = narrowed(self._rules, parties)
        return self._like(self._memory, self._size, rules)

    def remembering(self, most: int, *, every: int = STRIDE) -> EventLog:
        """Return the same log, keeping at most so many states between questions.

        Repeated questions start from states that were folded before. By default a log,
        together with those that grow from it, keeps at most 524,288 of them, and what
        orders the events of at most 65,536 relationships (an eighth as many). A state
        without a hash, such as a dictionary, is copied whenever it is used. Where a
        projection itself asks about the log, as many again are kept for that.

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
        memory = Memory(self._trunk, most, every)
        return self._like(memory, self._size, self._rules)

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

        cut = self._cut(known_by)

        def ever(course: Course) -> list[Event]:
            return course.certain(LAST_DAY)

        try:
            wanted = Wanted(projection.among(self._rules), projection.reads)
            return periods(projection, self._memory.ask(wanted, cut, ever))
        except Exception as error:
            blame(error, projection)
            raise

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
            cuts = [Cut(day, self._size) for day in known_by]
            return self._memory.states(projection, self._rules, cuts, day)

        try:
            wanted = Wanted(projection.among(self._rules))
            return beliefs(self._trunk.bearing(self._size, wanted), states)
        except Exception as error:
            blame(error, projection)
            raise

    def contradictions(self) -> tuple[Contradiction, ...]:
        """Return claims that lie wholly after a report of them; none is judged.

        What is reported as having happened cannot lie after its report. A claim is held
        against the sources of every live claim about the same happening.
        """
        from bri_timeline._chronology import contradictions

        cut = self._cut(None)

        def found(course: Course) -> tuple[Contradiction, ...]:
            return contradictions(course.happenings(math.inf), course.kin())

        return self._memory.ask(Wanted(self._rules), cut, found)

    # --- the parts that they share --------------------------------------------------

    def _with(self, entry: Entry, since: float) -> EventLog:
        if self._trunk.says_already(self._size, entry, since):
            return self
        memory = self._memory.on(self._trunk.grown(self._size, entry))
        return self._like(memory, self._size + 1, self._rules)

    def _target(self, entry: Entry | int, what: str) -> int:
        """Return the position of an entry of this log."""
        position = entry.position if isinstance(entry, Entry) else entry
        if not isinstance(position, int) or isinstance(position, bool):
            raise EntryError(entry, f"{shown(entry)} is no entry and no position")
        if not 0 <= position < self._size:
            last = f"its last is {self._size - 1}" if self._size else "it is empty"
            problem = f"entry {shown(position)} is not in the log, {last}"
            raise EntryError(entry, f"{problem}: only what was recorded can be {what}")
        if not self._trunk.entries.has(position):
            problem = f"entry {position} is not at hand in this part of a log"
            raise EntryError(entry, f"{problem}: read it too")
        if isinstance(entry, Entry) and entry != self._trunk.entries[position]:
            problem = f"entry {position} of this log says something else"
            raise EntryError(entry, f"{problem}: take the entry from this log")
        return position

    def _cut(
        self, known_by: Day | int | None, prefer: Prefer = Prefer.LATEST_KNOWN
    ) -> Cut:
        """Return what counts as known."""
        if known_by is None:
            return Cut(math.inf, self._size, prefer)
        if isinstance(known_by, bool):
            raise DayError(known_by, "is no day and no log position")
        if isinstance(known_by, int):
            if not 0 <= known_by < self._size:
                problem = f"the log has no position {shown(known_by)}"
                raise EntryError(known_by, f"{problem}: it has {self._size} entries")
            return Cut(math.inf, known_by + 1, prefer)
        return Cut(to_day(known_by), self._size, prefer)


def _check_event(event: object) -> None:
    if not isinstance(event, Event):
        problem = "is no event: write Event(payload, when=..., cite=...)"
        raise EventError(event, problem)
