"""EventLog: an immutable, append-only sequence of entries."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from attrs import evolve

from bri_timeline import _queries
from bri_timeline._calendar import Day, to_day
from bri_timeline._events import Entry, Event
from bri_timeline._events.entries import EntryColumns, Review, renumbered
from bri_timeline._journal import Journal, Progress, Wanted, no_progress
from bri_timeline._journal.erasures import check_words, silenced
from bri_timeline._journal.proposals import Proposal, check_event, check_targets
from bri_timeline._log._queryable import Queryable
from bri_timeline._log._releases import has_release, overtaken, revised, revisions
from bri_timeline._log._revision import ReleaseSummary, Revision
from bri_timeline._logger import alert
from bri_timeline._order import FoldCache
from bri_timeline._scope import Covers
from bri_timeline._view import View
from bri_timeline.errors import (
    EntryError,
    EventError,
    SelectionError,
    counted,
    shown,
)


_IN_ORDER = "give entries of one log, in order"
T = TypeVar("T")


class EventLog(Queryable):
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

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        columns = entries
        if not isinstance(columns, EntryColumns):
            columns = EntryColumns.of(
                [*map(_entry, _several(entries, "EventLog.of(event)"))]
            )
        if [*columns.positions] != [*range(len(columns))]:
            place = next(n for n, p in enumerate(columns.positions) if n != p)
            problem = f"entry {columns.positions[place]} stands at position {place}"
            remedy = "give all entries of one log, in order"
            raise EntryError(columns[place], f"{problem}: {remedy}")
        check_targets(columns)
        self._set(FoldCache(Journal(columns)), len(columns), Wanted())

    @classmethod
    def partial(
        cls, entries: Iterable[Entry], size: int, *, is_share: bool = False
    ) -> EventLog:
        """Return a partial log, which has only some entries of a log.

        Its answers about these entries are those of the whole log. Its length is the
        number of entries that it has; they keep their positions. Further claims can be
        appended only about happenings of which it has a claim: for others it cannot
        know what the whole log contains.

        Args:
            entries: In order of position; of each, also what it corrects or retracts,
                what corrects or retracts it, and what is claimed about the same.
            size: How many entries the whole log has.
            is_share: Logs of the other entries are asked the same. That none of its
                facts lasts is then no error.

        Raises:
            EntryError: The entries are not some of one log.
        """
        columns, last = entries, -1
        if not isinstance(columns, EntryColumns):
            columns = EntryColumns.of([*columns])
        for place, position in enumerate(columns.positions):
            if not last < position < size:
                problem = f"entry {position} follows {last}, of {size} in all"
                raise EntryError(columns[place], f"{problem}: {_IN_ORDER}")
            last = position
        check_targets(columns)
        cache = FoldCache(Journal(columns, size))
        cache.is_share = is_share
        return object.__new__(cls)._set(cache, len(columns), Wanted())

    def _warned(self, place: str, known: set[str] | None = None) -> EventLog:
        """Return the log, after a warning if it has kinds that its vocabulary lacks.

        Args:
            place: Where it was read.
            known: The kinds of earlier warnings, which are not told again; it grows.
        """
        journal = self._journal
        with journal.lock:
            rows = {name: len(r) for (name, _), r in journal.entries.unknown().items()}
        told = set[str]() if known is None else known
        if new := rows.keys() - told:
            told |= new
            count, names = sum(rows[name] for name in new), ", ".join(sorted(new))
            # A count of everything has them; what reads their classes is refused.
            problem = "%s: %s kept as Unknown, of which projections know no class"
            remedy = "the vocabulary lacks %s: add the classes to it"
            alert(f"{problem}: {remedy}", place, counted(count, "claim"), names)
        return self

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
        allow_erased: bool = False,
    ) -> EventLog:
        """Return a log with one more event.

        Appending what a live entry already has (same event, citations and target)
        changes nothing, unless *known* is an earlier day: then it is known since that
        day. A correction is about the same happening as its target, and takes over an
        id that was given to it. What it replaced is put right whoever repeats it: such
        claims are about the same happening, and are not taken. Without given ids, equal
        claims are one happening, also if one of them was corrected to that.

        Args:
            event: What is claimed.
            supersedes: The entry that it corrects, or its position.
            known: The day from which it was known, instead of the day by which the
                earliest of its sources had appeared; without either, known all along.
            because: Why it corrects.
            allow_erased: Claim it also if these words were erased from the log.

        Raises:
            EntryError: These words were erased; or the target is not in this log, or
                claims nothing, or was withdrawn, so that the correction would never
                count; or a live entry has the same, known since before *known*; or this
                is a partial log without a claim about the same happening, so that the
                whole log is needed to check for earlier claims.
        """
        check_event(event)
        entry = self._claim(event, supersedes, known, because)
        check_words(self._journal, self._size, [entry], allow=allow_erased)
        if known is not None:
            self._journal.check_day(self._size, entry)
        return self._appended(entry, has_day=known is not None)

    def _appended(self, entry: Entry, *, has_day: bool) -> EventLog:
        """Return a log with a claim, known since a day that was given, or not."""
        # A repetition with a later day adds nothing; with an earlier one it does.
        since = entry._knowledge()[0] if has_day else math.inf
        self._journal.check_slot(self._size, entry, since)
        return self._with(entry, since)

    def extend(
        self,
        events: Iterable[Event],
        *,
        progress: Progress = no_progress,
        allow_erased: bool = False,
    ) -> EventLog:
        """Return a log with more events, each as by `append()`, but all at once.

        Args:
            events: What is claimed.
            progress: Called now and then with how many of them are done, and in the end
                with how many there were.
            allow_erased: As for `append()`.

        Raises:
            EventError: One of them is not an event, or says what cannot be, such as a
                visit to oneself; nothing was appended.
            EntryError: This is a partial log, as for `append()`; or the words of one of
                them were erased.
        """
        collection = _several(events, "append(event)")
        claims = collection if isinstance(collection, tuple) else list(collection)
        odd = set(map(type, claims)) - {Event}
        if odd or any(hasattr(c, "_refusal") for c in {type(e.what) for e in claims}):
            for event in claims:
                check_event(event)
        self._journal.check_present(claims)
        new = (Entry(position=self._next, event=event) for event in claims)
        check_words(self._journal, self._size, new, allow=allow_erased)
        journal, size = self._journal.extended(self._size, claims, progress)
        progress(len(claims))
        if size == self._size:
            return self
        return self._like(self._cache.on(journal), size, self._wanted)

    def __add__(self, other: EventLog) -> EventLog:
        """Return a log with the entries of another log appended, in its order.

        Each is known since the day that it has there; corrections and retractions name
        their targets at the new positions. A claim that both logs have is there once;
        if the other log knows it since an earlier day, it is known since then. What
        this log has withdrawn does not come back with it: neither a claim of that day,
        nor the rows of releases that both have. Of what was erased from this log only
        the effect is added.

        Raises:
            EntryError: An entry of the other log corrects or retracts what this log has
                too, or what is not in the selection added; or claims nothing; or
                accepts in other words what this log has accepted.
        """
        if not isinstance(other, EventLog):
            return NotImplemented
        self._journal.check_present(e.event for e in other if e.event is not None)
        log, places = self, dict[int, int]()
        entries, size = self._journal.entries, self._size
        datasets = {*entries.datasets(size)}
        gone = [entries.at(e.retracts) for e in self if e.retracts is not None]
        own = (entry for entry in gone if entry._is_plain and entry.dataset is None)
        withdrawn = {(entry.event, entry.known_day) for entry in own}
        for entry in other:
            if entry.release is not None:
                if not has_release(self._journal, size, entry):
                    places[entry.position] = log._next
                    log = log._recorded(renumbered(entry, log._next, places))
                continue
            # All rows of the releases that both have are there, or are withdrawn.
            if entry.dataset in datasets:
                continue
            target = entry.retracts if entry.supersedes is None else entry.supersedes
            is_lost = target not in places and target is not None
            if is_lost or entry.is_lost:
                problem = f"entry {entry.position} of the second log"
                what = f"names entry {target}, which was not added, or both logs have"
                what = what if is_lost else "claims nothing, and withdraws nothing"
                remedy = "append it with the position that it has in the first log"
                raise EntryError(entry, f"{problem} {what}: {remedy}")
            moved = evolve(renumbered(entry, log._next, places), recorded_at=None)
            moved = silenced(self._journal, self._size, moved)
            if moved.review is not None:
                place = log._reviewed(moved.review, moved.event)
                if place is None:
                    place, log = moved.position, log._recorded(moved)
                places[entry.position] = place
                continue
            is_own = moved._is_plain and moved.dataset is None
            if is_own and (moved.event, moved.known_day) in withdrawn:
                continue
            # The rejection of a proposal that is not in the selection.
            if entry.review and not moved.is_version and moved.retracts is None:
                continue
            grown = log._with(moved)
            if grown is not log:
                places[entry.position] = moved.position
            log = grown
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
        if self._journal.entries.at(target).release is not None:
            problem = f"entry {target} records a release"
            remedy = "retract rows of it, or revise() the dataset by a better release"
            raise EntryError(entry, f"{problem}, which is not a claim: {remedy}")
        day = None if known is None else to_day(known)
        entry = Entry(position=self._next, known=day, retracts=target, because=because)
        return self._with(entry)

    def revisions(
        self, dataset: str | None = None
    ) -> _queries.table.Table[ReleaseSummary]:
        """Return what each release of a dataset changed, and how late and how often.

        For each release, in the order of publication: how many rows it added, changed
        and withdrew, in which fields; how many days it reports after what it reports;
        how many rows have had how many versions until then. Columns: `dataset`,
        `published`, `rows`, `added`, `changed`, `withdrawn`, `fields` (JSON text),
        `lag` (a list of three numbers), `versions` (JSON text).

        Args:
            dataset: The name of the dataset; by default all of the log.

        Raises:
            EntryError: This is a partial log.
            SelectionError: The log has no release of the dataset.
        """
        found = revisions(self._journal, self._size, dataset)
        return _queries.table.Table(found, ReleaseSummary)

    def revise(
        self,
        release: Iterable[Event] | EventLog,
        *,
        dataset: str,
        published: Day | datetime,
        covers: Covers | None = None,
        because: str | None = None,
        unread: Iterable[str | None] = (),
    ) -> tuple[EventLog, Revision]:
        """Return a log with a new release of a dataset, and what the release changed.

        A row with the id of an earlier one and other content corrects it; equal rows
        add nothing, whatever they cite; others are new. Rows that the release should
        contain and does not are withdrawn. All this is known since the day of
        publication, so that each release can still be asked for by its day. Only
        entries of the same dataset are corrected or withdrawn: what another source or a
        person said about the same happening stays. A correction of a row by hand is a
        claim beside that of the dataset: words that it replaced stay replaced, also if
        a later release repeats them; a release that drops the row withdraws its own
        word only; other words of the dataset and the correction are in dispute.

        The release is an entry too, even if it changes nothing; the same release again
        adds nothing. If an older one comes later, all that the dataset added is
        withdrawn, and all its releases are applied again in the order of publication:
        what a log says does not depend on the order in which they came. What was
        corrected or retracted by hand then stays so.

        Earlier releases are read once for a log and those that grow from it; then a
        release takes as long as its rows and those of the days that it covers. If one
        of that day or a later one is there, the rows of each release are read again.

        Args:
            release: The events of all rows, or a log of them, of which those that
                count. A row is told by its id, or else by its content.
            dataset: The name of the dataset.
            published: The day on which the release was published. A dataset has one
                release a day, unless each has its instant (an aware `datetime`).
            covers: The rows that it should contain; by default all of the dataset.
            because: Why the release differs from the one before, if that is known.
            unread: The ids of its rows that could not be read: they stay as they were
                in the release before. None is a row of which that is not known either;
                the release may then withdraw nothing, unless *covers* is given.

        Raises:
            DayError: *published* is neither a whole day nor an instant with a time
                zone; or the dataset has another release of then.
            EventError: Something other than events is in the release.
            EntryError: This is a partial log.
            FaultsError: Rows of one id have different content: all of them.
            SelectionError: *dataset* is not a name, or *covers* is not a `Covers`; or
                the release is empty, and *covers* is not given; or rows would be
                withdrawn that may be among those not read.
        """
        entries, revision = revised(
            self._journal,
            self._size,
            release,
            dataset=dataset,
            published=published,
            covers=covers,
            because=because,
            unread=unread,
        )
        if not entries:
            return self, revision
        log = self._recorded(*entries)
        overtaken_events = overtaken(log._journal, self._size, log._size, dataset)
        return log, evolve(revision, overtaken=overtaken_events)

    # --- reviewing ---------------------------------------------------------------

    def propose(
        self,
        event: Event,
        *,
        by: str,
        supersedes: Entry | int | None = None,
        allow_erased: bool = False,
    ) -> EventLog:
        """Return a log in which a claim waits for somebody to accept it.

        It does not count until then, under any basis: no question can see it. Proposing
        again what was proposed by the same changes nothing, whatever was decided.

        Args:
            event: What is claimed.
            by: The person, or the program, that proposes it.
            supersedes: The entry that it would correct, or its position.
            allow_erased: As for `append()`.

        Raises:
            EntryError: The target is not in this log, or claims nothing; or *by* is not
                text; or the words were erased.
        """
        check_event(event)
        target = None if supersedes is None else self._corrected(supersedes)
        review = Review(by=_name(by), proposes=event, supersedes=target)
        if self._reviewed(review) is not None:
            return self
        new = Entry(position=self._next, event=event)
        check_words(self._journal, self._size, [new], allow=allow_erased)
        return self._recorded(Entry(position=self._next, review=review))

    def accept(
        self,
        entry: Entry | Proposal | int,
        *,
        by: str,
        because: str | None = None,
        event: Event | None = None,
        known: Day | None = None,
        allow_erased: bool = False,
    ) -> EventLog:
        """Return a log in which a proposal is accepted: it counts from now on.

        The acceptance is an entry like any other. A position as `known_by` says whether
        it counts; a day does not, since it is known from the day that its sources give.
        Accepting twice changes nothing. To withdraw an acceptance, retract it. If what
        it corrects was corrected or withdrawn later, it has no effect: `set_aside()`
        says so.

        Args:
            entry: The proposal, its entry or its position.
            by: Who accepts it.
            because: Why.
            event: The claim as it should be, if the proposal is to be corrected.
            known: As for `append()`.
            allow_erased: As for `append()`.

        Raises:
            EntryError: The entry is not a proposal of this log; or was withdrawn, or
                accepted in other words; or what it would correct was withdrawn; or the
                words were erased; or *by* is not text.
        """
        proposal, by = self._proposal(entry), _name(by)
        if event is not None:
            check_event(event)
        claim = proposal.event
        if event is not None:
            claim = event if event._id is not None else event.named(claim._id)
        done = proposal.decision
        if proposal.status == "accepted" and done is not None:
            if event is None or (done.event and _said(event) == _said(done.event)):
                return self
            problem = f"entry {done.position} accepts it in other words"
            raise EntryError(entry, f"{problem}: correct that entry, or retract it")
        review = Review(by=by, accepts=proposal.position)
        accepted = self._claim(claim, proposal.supersedes, known, because, review)
        check_words(self._journal, self._size, [accepted], allow=allow_erased)
        self._journal.check_slot(self._size, accepted, accepted._knowledge()[0])
        return self._recorded(accepted)

    def reject(
        self, entry: Entry | Proposal | int, *, by: str, because: str
    ) -> EventLog:
        """Return a log in which a proposal is rejected, and waits no longer.

        If it was accepted, that is withdrawn. Retract the rejection to undo it.

        Args:
            entry: The proposal, its entry or its position.
            by: Who rejects it.
            because: Why.

        Raises:
            EntryError: The entry is not a proposal of this log, or was withdrawn; or
                *by* is not text.
        """
        proposal, by = self._proposal(entry), _name(by)
        if proposal.status == "rejected":
            return self
        log, done = self, self._journal.acceptances(self._size, proposal.position)
        # There are several if a rejection was retracted after a second acceptance.
        for position in done[:-1]:
            log = log.retract(position, because=because)
        rejected = Entry(
            position=log._next,
            retracts=done[-1] if done else None,
            because=because,
            review=Review(by=by, rejects=proposal.position),
        )
        return log._recorded(rejected)

    def published(self) -> EventLog:
        """Return the log without the queue, as files for others have it.

        Proposals and rejections are left out, and the entries after them move up. What
        was accepted is a claim like any other. All answers stay the same, apart from
        the positions in them.
        """
        journal, size = self._journal, self._size
        if not any(row < size for row in journal.entries.reviewed):
            return self
        places: dict[int, int] = {}
        entries: list[Entry] = []
        partial = journal.entries.missing_count > 0
        for row, entry in enumerate(journal.entries[:size]):
            if row in journal.entries.queue:
                continue
            places[entry.position] = entry.position if partial else len(entries)
            entries.append(renumbered(entry, places[entry.position], places))
        new = Journal(entries, self._next if partial else len(entries))
        return self._like(self._cache.on(new), len(entries), self._wanted)

    # --- the parts that they share --------------------------------------------------

    def _claim(
        self,
        event: Event,
        supersedes: Entry | int | None,
        known: Day | None,
        because: str | None,
        review: Review | None = None,
    ) -> Entry:
        """Return the entry of a claim, which has the id of what it corrects."""
        target = None if supersedes is None else self._corrected(supersedes)
        if target is not None:
            event = self._journal.named(event, target)
        self._journal.check_present([event])
        return Entry(
            position=self._next,
            event=event,
            known=event.known_day if known is None else to_day(known),
            supersedes=target,
            because=because,
            review=review,
        )

    def _corrected(self, entry: Entry | int) -> int:
        """Return the position of an entry that can be corrected."""
        target = self._target(entry, "superseded")
        if not self._journal.entries.at(target).is_version:
            problem = f"entry {target} claims nothing that could be corrected"
            raise EntryError(entry, f"{problem}: retract it instead")
        return target

    def _reviewed(self, review: Review, event: Event | None = None) -> int | None:
        """Return the position of the entry that already proposes or decides this.

        Args:
            review: The review.
            event: What is accepted.

        Raises:
            EntryError: It is accepted here in other words.
        """
        for proposal in self._journal.proposals(self._size, review.about):
            if proposal.review == review and proposal.status != "withdrawn":
                return proposal.position
            accepts = (
                review.accepts == proposal.position and proposal.status == "accepted"
            )
            rejects = (
                review.rejects == proposal.position and proposal.status == "rejected"
            )
            done = proposal.decision
            if done is not None and (accepts or rejects):
                if event and done.event and event != done.event:
                    problem = f"entry {done.position} accepts it in other words"
                    remedy = "retract one of the two acceptances before they are added"
                    raise EntryError(event, f"{problem}: {remedy}")
                return done.position
        return None

    def _proposal(self, entry: Entry | Proposal | int) -> Proposal:
        """Return a proposal of this log that was not withdrawn, as it stands."""
        target = entry.position if isinstance(entry, Proposal) else entry
        position = self._target(target, "accepted or rejected")
        proposal = next(iter(self._journal.proposals(self._size, position)), None)
        if proposal is None:
            problem = f"entry {position} is not a proposal, or was erased"
            raise EntryError(entry, f"{problem}: give one of log.proposals")
        if isinstance(entry, Proposal) and entry.review != proposal.review:
            problem = f"entry {position} of this log proposes something else"
            raise EntryError(entry, f"{problem}: take the proposal from this log")
        if proposal.status == "withdrawn":
            problem = f"proposal {position} was withdrawn"
            raise EntryError(entry, f"{problem}: propose it anew")
        return proposal

    def _with(self, entry: Entry, since: float | None = None) -> EventLog:
        since = entry._knowledge()[0] if since is None else since
        if self._journal.is_repeated(self._size, entry, since):
            return self
        return self._recorded(entry)

    def _recorded(self, *entries: Entry) -> EventLog:
        cache = self._cache.on(self._journal.grown(self._size, *entries))
        return self._like(cache, self._size + len(entries), self._wanted)


def _name(by: object) -> str:
    if isinstance(by, str) and by.strip():
        return by
    raise EntryError(by, f"{shown(by)} does not say who: write by='a name'")


def _said(event: Event) -> tuple[object, ...]:
    return event.what, event.when, event.where, event.cite


def _entry(entry: object) -> Entry:
    if not isinstance(entry, Entry):
        problem = f"{shown(entry)} is not an entry: record events by"
        raise EntryError(entry, f"{problem} EventLog.of() or append()")
    return entry


def require_log(given: object) -> EventLog:
    """Return an argument that has to be a log.

    Raises:
        SelectionError: It is not, but a view or a list of events, for example.
    """
    if isinstance(given, EventLog):
        return given
    remedy = "the log that it is of" if isinstance(given, View) else "EventLog.of(...)"
    raise SelectionError(given, f"is not a log: give {remedy}")


def _several(given: Iterable[T], remedy: str) -> Iterable[T]:
    """Return an argument that has to be several events or entries."""
    if isinstance(given, Event | Entry):
        raise EventError(given, f"is one, and several are expected: write {remedy}")
    return given
