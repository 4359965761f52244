"""A log as it is read: its entries, selections of events, and a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, SupportsIndex, overload

from bri_timeline import _queries
from bri_timeline._events import Entry, Event
from bri_timeline._events.entries import ENTRY_HEADS, entry_cells
from bri_timeline._events.rows import EntryRows
from bri_timeline._evidence import Source
from bri_timeline._journal import (
    Believed,
    Filter,
    Journal,
    Prefer,
    Preference,
    Wanted,
)
from bri_timeline._order import STRIDE, FoldCache
from bri_timeline._payload import with_subclasses
from bri_timeline._projection import refuse_unknown, refuse_untaken
from bri_timeline._scope import PartyRule, check_parties, given, narrowed, selected
from bri_timeline._text import table
from bri_timeline.errors import SelectionError, counted, shown


_REMEDY = "give 0 or more, and 1 or more"


class Selection:
    """The entries of a log, or some of them, and the policy by which they are read.

    The base class of `EventLog`, without writing and without questions.
    """

    __slots__ = ("_cache", "_journal", "_prefer", "_size", "_wanted")

    _journal: Journal
    _cache: FoldCache
    _size: int
    _wanted: Wanted
    _prefer: Preference

    # --- the entries ----------------------------------------------------------------

    def __len__(self) -> int:
        return self._size if self._is_all else len(self._about())

    def __iter__(self) -> Iterator[Entry]:
        if self._is_all:
            entries = self._journal.entries
            for row in range(self._size):
                yield entries.recorded(row)
        else:
            yield from self._about()

    @property
    def left_out(self) -> _queries.table.Table[Entry]:
        """Entries that a selection leaves out, and on which its answers rest.

        They claim something else about happenings of the selection: a log of the
        entries of the selection alone could count what they outvote.
        """
        if self._is_all:
            return self._listed(())
        listed = {entry.position for entry in self}
        related = self._journal.related(self._size, self._wanted)
        return self._listed(e for e in related if e.position not in listed)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> _queries.table.Table[Entry]: ...
    def __getitem__(
        self, index: SupportsIndex | slice
    ) -> Entry | _queries.table.Table[Entry]:
        """Return an entry, or a table of them for a slice."""
        about = [] if self._is_all else self._about()
        rows = range(self._size if self._is_all else len(about))
        entry = self._journal.entries.recorded if self._is_all else about.__getitem__
        if isinstance(index, slice):
            return self._listed(map(entry, rows[index]))
        if not hasattr(index, "__index__"):
            problem = f"{shown(index)} is not a position: entries are found by number"
            msg = f"{problem}, log[0], and by id with log.where(lambda event: ...)"
            raise TypeError(msg)
        number = index.__index__()
        if not -len(rows) <= number < len(rows):
            msg = f"entry {shown(number)} is not there: the log has {len(rows)}"
            raise IndexError(msg)
        return entry(rows[number])

    def begins_with(self, earlier: Selection) -> bool:
        """Check whether it starts with the entries of another log.

        If it has grown from the other log, this takes constant time.

        Args:
            earlier: The other log.
        """
        if self._wanted != earlier._wanted or self._next < earlier._next:
            return False
        return self._journal is earlier._journal or self[: len(earlier)] == earlier[:]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Selection):
            return NotImplemented
        mine = self._next, self._wanted, self._prefer
        if mine != (other._next, other._wanted, other._prefer):
            return False
        return self._journal is other._journal or tuple(self) == tuple(other)

    def __hash__(self) -> int:
        last = self[-1] if self._size and self._is_all else None
        return hash((self._next, self._wanted, last))

    def __repr__(self) -> str:
        calls = [*map(str, (*self._wanted.rules, *self._wanted.filters))]
        policy = self._prefer, self._wanted.bounded
        if policy != (Prefer.LATEST_KNOWN, False):
            is_rule = isinstance(self._prefer, Prefer)
            prefer = str(self._prefer) if is_rule else repr(self._prefer)
            bounded = ", bounded_by_reports=True" if self._wanted.bounded else ""
            calls.append(f"reading(prefer={prefer}{bounded})")
        # All entries would be megabytes, at every prompt and in every failed test.
        log = f"<log of {counted(self._size, 'entry', 'entries')}>"
        if self._journal.entries.missing_count:
            log = f"<log of {self._size:,} entries of {self._next:,}>"
        return ".".join((log, *calls))

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        count = counted(len(self), "entry", "entries")
        return table(count, map(entry_cells, self), len(self), ENTRY_HEADS)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with the entries as a stream of Arrow batches.

        So `polars.DataFrame(log)` has a row for each entry. Its columns are `position`,
        `known`, `known_day`, `supersedes`, `retracts`, `because`, `recorded_at`, those
        of the event, and those of payloads; see `Table`.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PlainDataError: A part of an entry has no form in a table.
            MissingExtraError: pyarrow is not installed.
        """
        return self._listed(self).__arrow_c_stream__(requested_schema)

    def _listed(self, entries: Iterable[Entry]) -> _queries.table.Table[Entry]:
        return _queries.table.Table(tuple(entries), EntryRows, self._wanted.kinds or ())

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; a journal is shared within one process only."""
        entries = self._journal.entries.all_recorded(self._size)
        parts = entries, self._next, self._wanted, self._prefer
        return _restored, (type(self), *parts)

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"an EventLog does not change: {name} cannot be set"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> None:
        msg = f"an EventLog does not change: {name} cannot be deleted"
        raise AttributeError(msg)

    # --- selections -----------------------------------------------------------------

    def among(self, *parties: str, any_of: Iterable[str] = ()) -> Self:
        """Return a selection: events that involve all parties given, or refer to such.

        Events that concern one of them alone are not in it. Entries keep
        their positions. A payload names its parties as `parties`, a frozenset of actor
        ids, and the events that it refers to as `refers_to`, a frozenset of their ids.

        Args:
            parties: Actor ids, such as `AZE`, `CHN`.
            any_of: Further actor ids, of which the events involve at least one.

        Raises:
            SelectionError: An id is not text, or it is the name or a withdrawn code of
                a state and nobody in the log has it; or *any_of* is not a collection of
                ids, or is empty.
        """
        self._check_ids(parties, "among('AZE', 'CHN')")
        # The default is not checked each time.
        example = "any_of=('KAZ', 'KGZ')"
        alternatives = _ids_of(any_of, example) if any_of != () else ()
        self._check_ids(alternatives, example)
        return self._narrowed(selected(self._wanted.rules, parties, alternatives))

    def where(
        self,
        predicate: Callable[[Event], bool] | None = None,
        *,
        kinds: type | Iterable[type] = (),
        told_by: Source | Iterable[Source] = (),
        dataset: str | Iterable[str] = (),
    ) -> Self:
        """Return a selection: of what counts, the events that satisfy all conditions.

        It is decided first which claims count: one that was corrected, withdrawn or
        outvoted does not come back because the other is left out. References are still
        looked for in the whole log. Entries keep their positions; those of the
        selection are the claims, as they were recorded, that satisfy the conditions,
        and what corrects or retracts them. Conditions combine on what counts: an event
        that one source reports, and another one too, is told by either and by both.

        Args:
            predicate: A pure function that returns whether to keep an event. Keep the
                selection if you ask it again: it has a cache of its own.
            kinds: Payload classes, found by an index.
            told_by: Sources: the events rest on at least one of them.
            dataset: Names of datasets, as `revise()` has them: the events rest on a row
                of at least one of them.

        Raises:
            SelectionError: An argument is something else, or an empty collection.
            VocabularyError: No event can have a payload of one of the classes; or the
                log has facts of them that the vocabulary with which it was read lacks.
        """
        condition = Filter.of(predicate, kinds, told_by, dataset)
        if condition == Filter() or condition in self._wanted.filters:
            return self
        if condition.kinds:
            refuse_untaken(condition.kinds)
            classes = with_subclasses(condition.kinds)
            refuse_unknown(classes, self._journal.unknown(self._next))
        selection = self._wanted._replace(filters=(*self._wanted.filters, condition))
        # The same lambda written again is another function, so that what was kept for
        # it could never be used again, and would fill a cache that is shared.
        cache = self._cache if predicate is None else self._cache.emptied()
        return self._like(cache, self._size, selection)

    def concerning(self, *parties: str) -> Self:
        """Return a selection: the events that concern some parties.

        These are events that involve at least two of them, or concern nobody but them;
        those that refer to such an event; and so on. For one party: events that involve
        it. A projection that names its parties makes the same selection by itself.

        Args:
            parties: Actor ids, such as `AZE`, `CHN`.

        Raises:
            SelectionError: An id is not text, or it is the name or a withdrawn code of
                a state and nobody in the log has it.
        """
        self._check_ids(parties, "concerning('AZE', 'CHN')")
        return self._concerning(*parties)

    def reading(
        self,
        prefer: Prefer | Believed | Iterable[Believed] = Prefer.LATEST_KNOWN,
        *,
        bounded_by_reports: bool = False,
    ) -> Self:
        """Return the same log, read by another policy, which all questions follow.

        It replaces the policy that the log had.

        Args:
            prefer: The claim to take where claims about one happening differ: by a
                rule, or by sources and names of datasets in order of trust. Of these,
                the first on which a claim rests is believed; where none says anything,
                the claim that became known last is taken.
            bounded_by_reports: What counts began no later than the latest possible day
                of the earliest dated source that is known to report it: "2019" in a
                source of 5 March 2019 lies between 1 January and 5 March. Its text, id
                and end stay; an event that lies wholly after its report stays as it
                is, and `contradictions()` names it.

        Raises:
            SelectionError: *prefer* is something else, or names no source, or a dataset
                that has no entry in the whole log.
        """
        policy, entries = preference(prefer), self._journal.entries
        names = policy if isinstance(policy, tuple) else ()
        for name in names:
            if isinstance(name, str) and entries.lacks_dataset(name):
                problem = (
                    "is not the name of a dataset in this log: give one, a source,"
                )
                raise SelectionError(name, f"{problem} or a rule, Prefer.MOST_CITED")
        return self._read_by(policy, bounded=bool(bounded_by_reports))

    def _read_by(self, policy: Preference, *, bounded: bool) -> Self:
        """Return the same log, read by a policy that was checked."""
        selection = self._wanted._replace(bounded=bounded)
        log = object.__new__(type(self))
        return log._set(self._cache, self._size, selection, policy)

    def with_cache(self, max_states: int, *, every: int = STRIDE) -> Self:
        """Return the same log, with a cache of at most *max_states* states.

        Repeated questions start from states that were folded before. By default a log,
        together with those that grow from it, keeps at most 524,288 of them, and what
        orders the events of at most 65,536 relationships (an eighth as many). A state
        without a hash, such as a dictionary, is copied whenever it is used.

        Args:
            max_states: How many; 0 keeps none. A state that can change, and takes more
                than a kilobyte, counts once for each 128 bytes.
            every: After how many events to keep one, to begin with; fewer are kept when
                there are too many.

        Raises:
            ValueError: *max_states* is negative, or *every* is not positive.
        """
        if max_states < 0 or every < 1:
            msg = (
                f"cannot keep {max_states} states, one every {every} events: {_REMEDY}"
            )
            raise ValueError(msg)
        cache = FoldCache(self._journal, max_states, every)
        return self._like(cache, self._size, self._wanted)

    # --- the parts that they share --------------------------------------------------

    @property
    def _is_all(self) -> bool:
        """Every entry of the journal up to its size is in it."""
        return not (self._wanted.rules or self._wanted.filters)

    @property
    def _next(self) -> int:
        """The position of the next entry, which is not yet there."""
        return self._journal.entries.position(self._size)

    def _about(self) -> list[Entry]:
        entries = self._journal.entries
        about = self._journal.about(self._size, self._wanted)
        if not entries.reviewed:
            return about
        return [entries.recorded(entries.row(entry.position)) for entry in about]

    def _set(
        self,
        cache: FoldCache,
        size: int,
        wanted: Wanted,
        prefer: Preference = Prefer.LATEST_KNOWN,
    ) -> Self:
        """Set the attributes of a new log, and return it."""
        object.__setattr__(self, "_prefer", prefer)
        object.__setattr__(self, "_cache", cache)
        object.__setattr__(self, "_journal", cache.journal)
        object.__setattr__(self, "_size", size)
        object.__setattr__(self, "_wanted", wanted)
        return self

    def _like(self, cache: FoldCache, size: int, wanted: Wanted) -> Self:
        """Return a log of the same class."""
        return object.__new__(type(self))._set(cache, size, wanted, self._prefer)

    def _check_ids(self, parties: Iterable[object], example: str) -> None:
        journal, size = self._journal, self._size
        check_parties(parties, example, lambda one: journal.has_party(one, size))

    def _among(self, *parties: str) -> Self:
        """Return what `among()` does, of a log that need not have the parties."""
        return self._narrowed(selected(self._wanted.rules, parties))

    def _concerning(self, *parties: str) -> Self:
        """Return what `concerning()` does, of a log that need not have the parties."""
        return self._narrowed(narrowed(self._wanted.rules, parties))

    def _narrowed(self, rules: tuple[PartyRule, ...]) -> Self:
        """Return a selection of this log by some rules."""
        return self._like(self._cache, self._size, self._wanted.within(rules))


def _ids_of(parties: object, example: str) -> tuple[str, ...]:
    """Return actor ids as a tuple.

    Raises:
        SelectionError: Something else is among them, or they are one text.
    """
    if isinstance(parties, str):
        raise SelectionError(parties, f"is not a collection of ids: write {example}")
    return given(parties, str, "an actor id", example)


def preference(prefer: Prefer | Believed | Iterable[Believed]) -> Preference:
    """Return the policy that `EventLog.reading(prefer=)` was given.

    Raises:
        SelectionError: It is something else, or names nothing.
    """
    if isinstance(prefer, Prefer):
        return prefer
    example = "prefer=Prefer.MOST_CITED, or sources, prefer=(first, second)"
    if isinstance(prefer, str):
        prefer = (prefer,)
    both: tuple[type[Any], ...] = Source, str
    preferences = given(prefer, both, "a rule, a source or a dataset", example)
    if not preferences or "" in preferences:
        problem = "names no source: leave it out to take what was known last"
        raise SelectionError(prefer, problem)
    return preferences


def _restored(
    cls: type[Selection],
    entries: list[Entry],
    size: int,
    wanted: Wanted,
    prefer: Preference,
) -> Selection:
    cache = FoldCache(Journal(entries, size))
    return object.__new__(cls)._set(cache, len(entries), wanted, prefer)
