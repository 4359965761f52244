"""The differences between two views, with the entries responsible."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Generic, TypeVar

from attrs import evolve, frozen

from bri_timeline._calendar import iso
from bri_timeline._events import Entry, Event, cells
from bri_timeline._events.marks import Ending, Mark, event_of
from bri_timeline._events.rows import InRows, columns
from bri_timeline._happening import Window, content
from bri_timeline._instances import instances
from bri_timeline._journal import Basis, Resolution
from bri_timeline._order import Facts, state_of
from bri_timeline._process import uncollected
from bri_timeline._projection import Projection
from bri_timeline._queries.table import Table
from bri_timeline._queries.values import change_words
from bri_timeline._text import AsDict, Cell, Sheet, Tabular, aligned
from bri_timeline.errors import counted


__all__ = [
    "Change",
    "Difference",
    "difference",
]


S = TypeVar("S")
V = TypeVar("V")


@frozen(weakref_slot=False)
class Change(AsDict, InRows):
    """One happening about which two views count different claims, or its end.

    Additional citations, or another entry with the same claim, are not a difference.

    Attributes:
        before: The claim that the first view counts; None if it counts none.
        after: The claim that the second view counts; None if it counts none.
        entries: The entries responsible: those that added the new claim, or retracted
            or replaced the old one. If only the day differs, the entries of the claim.
        ends: True if both views count the same claim, but only one of them its end.
            Then *before* or *after* is None, for the view in which it has not ended.
    """

    _COLUMNS = columns(
        change=str, ends=bool, entries=tuple[int, ...], before=Event, after=Event
    )
    before: Event | None
    after: Event | None
    entries: tuple[Entry, ...]
    ends: bool = False

    def _sheet(self) -> Sheet:
        rows = [*zip(_HEADS, self._cells(), strict=True)]
        return Sheet("A change", rows, len(rows))

    def _cells(self) -> tuple[Cell, ...]:
        ends = ("of its end",) if self.ends else ()
        claims = (_claim_words(event) for event in (self.before, self.after))
        return (self.change, *ends), *claims, tuple(map(_entry_words, self.entries))

    @property
    def change(self) -> str:
        """The kind of change: `added`, `gone` or `altered`."""
        if self.before is None:
            return "added"
        return "gone" if self.after is None else "altered"


@frozen
class Difference(AsDict, Tabular, Generic[S]):
    """The change of a state from one view to another. Its text is for people.

    Attributes:
        before: The certain state in the first view.
        after: The certain state in the second.
        changes: A tuple of `Change`, the causes. If it is empty and the states differ,
            only citations differ, or the order of events on the same day.
    """

    before: S
    after: S
    changes: tuple[Change, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries responsible, without duplicates, in the order of the log."""
        by_position = {
            entry.position: entry for c in self.changes for entry in c.entries
        }
        return tuple(by_position[position] for position in sorted(by_position))

    def __str__(self) -> str:
        sheet = self._sheet()
        return "\n".join([sheet.caption, *aligned(sheet.rows)])

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, for readers of Arrow.

        A row for each change: `change` (added, gone or altered), whether it is of an
        end (`ends`), the positions of the `entries`; then the columns of both claims,
        `before_when`, `after_when` and so on; see `Table`.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PlainDataError: A cell cannot be kept in its column.
            MissingExtraError: pyarrow is not installed.
        """
        return Table(self.changes, Change).__arrow_c_stream__(requested_schema)

    def _sheet(self) -> Sheet:
        rows = [change._cells() for change in self.changes]
        count = counted(len(rows), "change")
        if self.before != self.after:
            count = f"{change_words(self.before, self.after)} ({count})"
        return Sheet(count, rows, len(rows), _HEADS)


_HEADS = ("change", "before", "after", "because of")


def _claim_words(claim: Event | None) -> Cell:
    return "" if claim is None else cells(claim)[:2]


def _entry_words(entry: Entry) -> str:
    known = "all along" if entry.known_day is None else f"since {iso(entry.known_day)}"
    because = f": {entry.because}" if entry.because else ""
    return f"entry {entry.position}, known {known}{because}"


# Places of marks by their keys: of the row of a first entry there are `_KINDS` keys.
_Places = dict[int, int]
# The marks that a claim may have: where it begins, where it ends, where it ends others.
_KINDS = 3


class _Side(Generic[S]):
    """One of the two views compared, from the first mark that may differ.

    Args:
        projection: The state compared.
        facts: The events of the view.
        basis: One under which the state until *after* is the same.
        after: Only what is certain later than this day; None for all.
    """

    def __init__(
        self,
        projection: Projection[S],
        facts: Facts,
        basis: Basis,
        after: float | None,
    ) -> None:
        self._projection = projection
        self._facts = facts
        self._basis = basis
        self._day = after
        self._read = facts.compared(projection)
        self.journal = facts.cache.journal
        # A row and whether it is an end tell the marks of one view apart.
        self._marks, self._rows = self._read.ask(
            lambda sequence: sequence.with_rows(facts.window, after)
        )
        # Of the claims asked about so far: known entries by the position of an
        # original, these positions by id, and witnesses by the position of the first.
        self._resolutions: dict[int, Resolution] = {}
        self._slots: dict[int, tuple[Entry, ...]] = {}
        self._originals: dict[str, set[int]] = {}
        self._witnesses: dict[int, tuple[Entry, ...]] = {}
        self._names: dict[int, list[str]] = {}

    @property
    def has_ends(self) -> bool:
        """Some of the marks may be ends."""
        return self._read.wanted.ends

    def differing_from(
        self, other: _Side[S]
    ) -> tuple[Collection[int], Collection[int]]:
        """Return which marks are not the same objects on the other side.

        Returns:
            The places of those that the other lacks, and of those of the other that
            this one lacks.
        """
        ours, theirs = self._marks, other._marks
        if len(ours) > len(theirs):
            added, removed = other.differing_from(self)
            return removed, added
        if not ours:
            return (), range(len(theirs))
        # One who knows more shows, as a rule, all that the other does, in that order:
        # to walk along takes a fifth of the time of looking each up by its number.
        marks, unmatched = iter(ours), list[int]()
        expected = next(marks, None)
        for place, mark in enumerate(theirs):
            if mark is expected:
                expected = next(marks, None)
            else:
                unmatched.append(place)
        rest = range(len(theirs) - len(unmatched), len(ours))
        if not rest:
            return (), unmatched
        number = _object if self.has_ends else id
        known = {number(theirs[place]): place for place in unmatched}
        wanting = {number(ours[place]): place for place in rest}
        return (
            [place for key, place in wanting.items() if key not in known],
            [place for key, place in known.items() if key not in wanting],
        )

    def keyed(self, places: Iterable[int]) -> _Places:
        """Return some places by the keys of their marks."""
        return {self.key(place): place for place in places}

    def key(self, place: int) -> int:
        """Return the key of the mark at a place: what it is of the claim at a row."""
        mark, row = self._marks[place], self._rows[place]
        return _KINDS * row + (1 + mark.closes if isinstance(mark, Ending) else 0)

    def row(self, place: int) -> int:
        """Return the row of the first entry of the mark at a place."""
        return self._rows[place]

    def event(self, place: int) -> Event:
        """Return the event at a place."""
        return event_of(self._marks[place])

    def is_equal(self, place: int, other: _Side[S], there: int) -> bool:
        """Check whether two marks have the same content, whatever the ids are."""
        claim, counterpart = self.event(place), other.event(there)
        same = claim.what == counterpart.what and claim.when == counterpart.when
        return same and claim.where == counterpart.where

    def is_renamed(self, place: int, other: _Side[S], there: int) -> bool:
        """Check whether only the ids differ to which two marks of one claim refer."""
        claim, counterpart = self.event(place), other.event(there)
        if claim.refers_to == counterpart.refers_to or claim.when != counterpart.when:
            return False
        mine, yours = (
            {content(entry.claim) for entry in side.witnesses(row)}
            for side, row in ((self, self._rows[place]), (other, other._rows[there]))
        )
        return mine == yours

    def _before(self) -> S:
        """Return the state before the first mark."""
        if self._day is None:
            return self._projection.initial()
        days = Window(-math.inf, self._day)
        return evolve(self._facts, basis=self._basis, window=days).state(
            self._projection
        )

    def fold(self, places: Collection[int]) -> tuple[S, list[int]]:
        """Return the state, and those of some places at which it changed in the fold.

        Args:
            places: Those that are returned if it changed there.
        """
        if not places:
            return self._facts.state(self._projection), []
        state, step = self._before(), self._projection._step
        reads = self._projection.reads
        marks: Iterable[tuple[int, Mark]] = enumerate(self._marks)
        if reads is not None:
            # Events of classes that it does not read are here to be compared.
            marks = ((n, m) for n, m in marks if isinstance(event_of(m).what, reads))
        all_places = range(len(self._marks))
        differing = all_places if len(places) == len(all_places) else {*places}
        changed_places: list[int] = []
        for place, mark in marks:
            before, state = state, step(state, mark)
            if before is not state and place in differing and before != state:
                changed_places.append(place)
        return state, changed_places

    # --- the entries behind it ----------------------------------------------------

    def originals(
        self, claims: Iterable[Event], names: Iterable[str], row: int | None
    ) -> list[Entry]:
        """Return the original claims of all that was known about a happening.

        Args:
            claims: Claims about it that another journal has.
            names: Its ids.
            row: The row of one; None if another journal has it.
        """
        about = self.journal.identities.about
        rows = [row] if row is not None else [r for c in claims for r in about(c)[:1]]
        for claim_row in rows:
            self._look_at(claim_row)
        positions: set[int] = set()
        for name in names:
            positions |= self._originals.get(name, set())
        return [*map(self.journal.entries.at, sorted(positions))]

    def entries_about(self, originals: Iterable[Entry]) -> dict[int, Entry]:
        """Return the known entries about some original claims, by position.

        Args:
            originals: Those of either side; another log may have others in their place.
        """
        by_position: dict[int, Entry] = {}
        for original in originals:
            row = self.journal.entries.row(original.position)
            at_row = self.journal.entries[row : row + 1]
            if at_row == [original]:
                self._look_at(row)
                slot = self._slots.get(original.position, ())
                by_position.update((entry.position, entry) for entry in slot)
        return by_position

    def witnesses(self, row: int) -> tuple[Entry, ...]:
        """Return the entries of the counting claim whose first entry is at a row."""
        self._look_at(row)
        return self._witnesses[self.journal.entries.position(row)]

    def names(self, row: int) -> list[str]:
        """Return the ids of the happening whose counting claim is first at a row."""
        self._look_at(row)
        return self._names[self.journal.entries.position(row)]

    def _look_at(self, row: int) -> None:
        """Note the entries that are related to the claim at a row, once."""
        basis = self._read.basis
        resolution = self._read.ask(lambda sequence: sequence.resolved(row, basis))
        if id(resolution) in self._resolutions:
            return
        # Kept, so that no other can have the same number.
        self._resolutions[id(resolution)] = resolution
        self._slots.update(resolution.slots)
        # Several claims may be about one happening, so an id can have several slots.
        for original, slot in resolution.slots:
            for entry in slot:
                if entry.event is not None:
                    for name in entry.event.names:
                        self._originals.setdefault(name, set()).add(original)
        for happening in resolution.happenings:
            self._witnesses[happening.position] = happening.entries
            # The id that is shown comes first: two of one id are compared, if any are.
            names = happening.names() - {happening.event.id}
            self._names[happening.position] = [happening.event.id, *sorted(names)]


def difference(
    projection: Projection[S], earlier: Facts, later: Facts
) -> Difference[S]:
    """Return the difference between two views.

    Args:
        projection: The state compared; events that do not change it are left out.
        earlier: The events of the first view.
        later: Those of the second.
    """
    views = earlier, later
    day = earlier.compared(projection).equal_until(later.compared(projection))
    one, other = (_Side(projection, view, earlier.basis, day) for view in views)
    removed, added = one.differing_from(other)
    old, new = _Places(), _Places()
    pairs: dict[int, int] = {}
    if (removed and added) or one.has_ends:
        old, new = one.keyed(removed), other.keyed(added)
        pairs = _pairs(one, other, old, new)
        for first, second in pairs.items():
            for kind in range(_KINDS):
                here, there = _KINDS * first + kind, _KINDS * second + kind
                # Equal claims are different objects if they were read or united.
                both = here in old and there in new
                if both and one.is_equal(old[here], other, new[there]):
                    del old[here], new[there]
        removed, added = old.values(), new.values()
    before, lost = one.fold(removed)
    after, gained = other.fold(added)
    if old or new:
        differences = _compared(one, other, old, new, pairs, lost, gained)
    else:
        differences = [(place, None, False) for place in lost]
        differences += [(None, place, False) for place in gained]
    # Where happenings become one, what refers to them changes with that.
    others = [
        (here, there, ends)
        for here, there, ends in differences
        if here is None or there is None or not one.is_renamed(here, other, there)
    ]
    differences = others or differences
    with uncollected():  # changes make no reference cycles
        changes = instances(
            Change,
            [None if here is None else one.event(here) for here, _, _ in differences],
            [
                None if there is None else other.event(there)
                for _, there, _ in differences
            ],
            [_responsible(one, other, here, there) for here, there, _ in differences],
            [ends for _, _, ends in differences],
        )
    return Difference(state_of(before), state_of(after), tuple(changes))


def _compared(
    one: _Side[S],
    other: _Side[S],
    old: _Places,
    new: _Places,
    pairs: dict[int, int],
    lost: Iterable[int],
    gained: Iterable[int],
) -> list[tuple[int | None, int | None, bool]]:
    """Return the places of what changed on both sides, and whether it is only an end.

    Args:
        one: The side before.
        other: The side after.
        old: The marks of the one that the other lacks.
        new: The marks of the other that the one lacks.
        pairs: The rows of claims about the same happening, of these.
        lost: The places at which the state of the one changed, of these.
        gained: The places at which that of the other did.
    """
    back: dict[int, int] = {}
    for first, second in pairs.items():
        # Of several that became one, that which has its id is what has changed.
        if second not in back or one.names(first)[0] == other.names(second)[0]:
            back[second] = first
    # No journal has so many entries.
    nowhere = 1 << 62
    rows = list[tuple[int, int, int]]()
    for row, kind in (divmod(one.key(place), _KINDS) for place in lost):
        there = pairs.get(row, nowhere)
        first = back.get(there, row)
        is_merged = _KINDS * first in old and _KINDS * row in old
        rows.append((first if is_merged else row, there, kind))
    for row, kind in (divmod(other.key(place), _KINDS) for place in gained):
        rows.append((back.get(row, nowhere), row, kind))
    found: dict[tuple[int, int, bool], int] = {}
    for a, b, kind in rows:
        # If the claim itself differs, its end is not a change of its own.
        ends = kind > 0 and _KINDS * a not in old and _KINDS * b not in new
        found.setdefault((a, b, ends), kind if ends else 0)
    return [
        (old.get(_KINDS * a + kind), new.get(_KINDS * b + kind), ends)
        for (a, b, ends), kind in found.items()
    ]


def _object(mark: Mark) -> int:
    """Return a number that tells the objects apart; an end is told by its event."""
    # Ends are made anew for each sequence. No other object has the next address.
    return ~(id(mark.event) + mark.closes) if isinstance(mark, Ending) else id(mark)


def _pairs(
    one: _Side[S], other: _Side[S], removed: Iterable[int], added: Iterable[int]
) -> dict[int, int]:
    """Return the rows of claims about the same happening, of those that differ."""
    is_shared = one.journal is other.journal

    def names(side: _Side[S], row: int) -> Sequence[int | str]:
        # An id may be a digest, which is slow: a claim that is related to no other is
        # the only one about its happening.
        is_alone = is_shared and row not in side.journal.clusters
        return (row,) if is_alone else side.names(row)

    with one.journal.lock:
        rows: dict[int | str, int] = {}
        for row in dict.fromkeys(key // _KINDS for key in added):
            first, *rest = names(other, row)
            rows[first] = row
            for name in rest:
                rows.setdefault(name, row)
        return {
            row: next(rows[name] for name in ids if name in rows)
            for row in dict.fromkeys(key // _KINDS for key in removed)
            if not rows.keys().isdisjoint(ids := names(one, row))
        }


def _responsible(
    one: _Side[S], other: _Side[S], here: int | None, there: int | None
) -> tuple[Entry, ...]:
    """Return the entries responsible for a change.

    Args:
        one: The side before.
        other: The side after.
        here: The place of the claim, or its end, in the one; None if it lacks it.
        there: The place in the other, likewise.
    """
    latest, place = (other, there) if there is not None else (one, here)
    row = latest.row(place or 0)
    journal = latest.journal
    is_shared = one.journal is other.journal
    if is_shared and row not in journal.clusters:
        return (journal.entries[row],)
    names = latest.names(row)
    slots = latest.entries_about(latest.originals((), names, row)).values()
    claims = [entry.event for entry in slots if entry.event is not None]
    # Of both sides: one side may not know all claims about the happening.
    originals = [
        original
        for side in (one, other)
        for original in side.originals(
            claims, names, row if side.journal is journal else None
        )
    ]
    before, after = one.entries_about(originals), other.entries_about(originals)
    # The entries that only one side knows; none if only the day differs.
    lacking = {
        position: after.get(position) or before[position]
        for position in before.keys() | after.keys()
        if before.get(position) != after.get(position)
    }
    entries = tuple(lacking[position] for position in sorted(lacking))
    return entries or latest.witnesses(row)
