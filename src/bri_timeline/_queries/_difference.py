"""The differences between two views, with the entries responsible."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from attrs import frozen

from bri_timeline._calendar import iso
from bri_timeline._events import (
    Ending,
    Entry,
    Event,
    Mark,
    cells,
    event_of,
    uncollected,
)
from bri_timeline._journal import Journal, Resolution
from bri_timeline._projection import Projection
from bri_timeline._queries._notebook import change_words
from bri_timeline._text import AsDict, Cell, Sheet, Tabular, aligned, counted
from bri_timeline.edtf import Edtf


__all__ = [
    "Change",
    "Difference",
    "Side",
    "difference",
]


S = TypeVar("S")
V = TypeVar("V")


@frozen
class Change(AsDict, Tabular):
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

    before: Event | None
    after: Event | None
    entries: tuple[Entry, ...]
    ends: bool = False

    def _sheet(self) -> Sheet:
        rows = [*zip(_HEADS, self._cells(), strict=True)]
        return Sheet("A change", rows, len(rows))

    def _cells(self) -> tuple[Cell, ...]:
        ends = ("of its end",) if self.ends else ()
        claims = (_claim_words(one) for one in (self.before, self.after))
        return (self._kind(), *ends), *claims, tuple(map(_entry_words, self.entries))

    def _kind(self) -> str:
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
        found = {entry.position: entry for c in self.changes for entry in c.entries}
        return tuple(found[position] for position in sorted(found))

    def __str__(self) -> str:
        found = self._sheet()
        return "\n".join([found.caption, *aligned(found.rows)])

    def _sheet(self) -> Sheet:
        rows = [one._cells() for one in self.changes]
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


# Marks by their keys: the row of the first entry, or its complement for an end.
_Places = dict[int, int]
# The row of a claim that one side does not count; no journal has so many.
_NOWHERE = 1 << 62


class Side(Generic[S]):
    """One of the two views compared, from the first mark that may differ.

    Args:
        marks: The events and ends that are certain, in fold order.
        rows: The row of the first entry of each. A row and whether it is an end tell
            the marks of one view apart.
        ends: Some of the marks may be ends.
        journal: The entries.
        resolved: Returns the resolution of what is related to the claim at a row.
        before: Returns the state before the first mark.
        after: Returns the state after the last.
    """

    def __init__(
        self,
        marks: list[Mark],
        rows: list[int],
        ends: bool,
        journal: Journal,
        resolved: Callable[[int], Resolution],
        before: Callable[[], S],
        after: Callable[[], S],
    ) -> None:
        self.journal = journal
        self._marks = marks
        self._rows = rows
        self._ends = ends
        self._resolved = resolved
        self._before = before
        self._after = after
        # Of the claims asked about so far: known entries by the position of an
        # original, these positions by id, and witnesses by the position of the first.
        self._resolutions: dict[int, Resolution] = {}
        self._slots: dict[int, tuple[Entry, ...]] = {}
        self._originals: dict[str, set[int]] = {}
        self._witnesses: dict[int, tuple[Entry, ...]] = {}

    def lacking_in(self, other: Side[S]) -> _Places:
        """Return the places of the marks that are not the same objects in *other*."""
        marks, keys = self._marks, self._rows
        if self._ends:
            rows = zip(keys, marks, strict=True)
            keys = [~row if isinstance(mark, Ending) else row for row, mark in rows]
        if not other._marks:
            return dict(zip(keys, range(len(keys)), strict=True))
        number = _object if self._ends else id
        theirs = {*map(number, other._marks)}
        return {
            key: place
            for place, (key, mark) in enumerate(
                zip(keys, map(number, marks), strict=True)
            )
            if mark not in theirs
        }

    def event(self, place: int | None) -> Event | None:
        """Return the event at a place."""
        return None if place is None else event_of(self._marks[place])

    def content(self, place: int) -> tuple[object, Edtf]:
        """Return the content of the event at a place, without its id."""
        event = event_of(self._marks[place])
        return event.what, event.when

    def fold(
        self, projection: Projection[S], places: _Places
    ) -> tuple[S, list[tuple[int, bool]]]:
        """Return the state, and those of some marks that changed it in the fold.

        Returns:
            Of each mark, the row, and whether it is an end.
        """
        if not places:
            return self._after(), []
        state, step, reads = self._before(), projection.step, projection.reads
        found: list[tuple[int, bool]] = []
        differing = {*places.values()}
        for place, mark in enumerate(self._marks):
            # Events of classes that it does not read are here to be compared.
            if reads is not None and not isinstance(event_of(mark).what, reads):
                continue
            before, state = state, step(state, mark)
            if before is not state and place in differing and before != state:
                found.append((self._rows[place], isinstance(mark, Ending)))
        return state, found

    # --- the entries behind it ----------------------------------------------------

    def originals(self, claim: Event, row: int | None) -> list[Entry]:
        """Return the original claims of all that was known about a happening.

        Args:
            claim: A claim about it.
            row: The row of that claim; None if another journal has it.
        """
        rows = self.journal.identities.about(claim)[:1] if row is None else [row]
        for one in rows:
            self._look_at(one)
        entries = self.journal.entries
        return [*map(entries.at, sorted(self._originals.get(claim.id, ())))]

    def entries_about(self, originals: Iterable[Entry]) -> dict[int, Entry]:
        """Return the known entries about some original claims, by position.

        Args:
            originals: Those of either side; another log may have others in their place.
        """
        found: dict[int, Entry] = {}
        for original in originals:
            row = self.journal.entries.row(original.position)
            some = self.journal.entries[row : row + 1]
            if some == [original]:
                self._look_at(row)
                slot = self._slots.get(original.position, ())
                found.update((entry.position, entry) for entry in slot)
        return found

    def witnesses(self, row: int) -> tuple[Entry, ...]:
        """Return the entries of the counting claim whose first entry is at a row."""
        self._look_at(row)
        return self._witnesses[self.journal.entries.position(row)]

    def _look_at(self, row: int) -> None:
        """Note what is related to the claim at a row, once."""
        resolution = self._resolved(row)
        if id(resolution) in self._resolutions:
            return
        # Kept, so that no other can have the same number.
        self._resolutions[id(resolution)] = resolution
        self._slots.update(resolution.slots)
        # Several claims may be about one happening, so an id can have several slots.
        for original, slot in resolution.slots:
            for entry in slot:
                if entry.event is not None:
                    self._originals.setdefault(entry.event.id, set()).add(original)
        for happening in resolution.happenings:
            self._witnesses[happening.position] = happening.entries


def difference(
    projection: Projection[S], one: Side[S], other: Side[S]
) -> Difference[S]:
    """Return the difference between two sides.

    Args:
        projection: The state compared; events that do not change it are left out.
        one: The side before.
        other: The side after.
    """
    removed, added = one.lacking_in(other), other.lacking_in(one)
    pairs = _pairs(one, other, removed, added)
    for first, second in pairs.items():
        for here, there in ((first, second), (~first, ~second)):
            # Equal claims are different objects if they were read or united.
            both = here in removed and there in added
            if both and one.content(removed[here]) == other.content(added[there]):
                del removed[here], added[there]
    before, lost = one.fold(projection, removed)
    after, gained = other.fold(projection, added)
    back = {second: first for first, second in pairs.items()}
    found = [(row, pairs.get(row, _NOWHERE), ends) for row, ends in lost]
    found += [(back.get(row, _NOWHERE), row, ends) for row, ends in gained]
    changes: dict[tuple[int, int, bool], Change] = {}
    with uncollected():  # changes make no reference cycles
        for old, new, is_end in found:
            # If the claim itself differs, its end is not a change of its own.
            ends = is_end and old not in removed and new not in added
            if (old, new, ends) not in changes:
                claim = one.event(removed.get(~old if ends else old))
                latest = other.event(added.get(~new if ends else new))
                side, row = (one, old) if latest is None else (other, new)
                entries = _responsible(one, other, side, row)
                changes[old, new, ends] = Change(claim, latest, entries, ends)
    return Difference(before, after, tuple(changes.values()))


def _object(mark: Mark) -> int:
    """Return a number that tells the objects apart; an end is told by its event."""
    # Ends are made anew for each sequence.
    return ~id(mark.event) if isinstance(mark, Ending) else id(mark)


def _pairs(
    one: Side[S], other: Side[S], removed: _Places, added: _Places
) -> dict[int, int]:
    """Return the rows of claims about the same happening, of those that differ."""
    if not removed or not added:
        return {}
    is_shared = one.journal is other.journal

    def name(side: Side[S], row: int) -> int | str:
        # An id may be a digest, which is slow: a claim that is related to no other is
        # the only one about its happening.
        is_alone = is_shared and row not in side.journal.clusters
        return row if is_alone else side.journal.entries[row].claim.id

    with one.journal.lock:
        rows = {name(other, max(key, ~key)): max(key, ~key) for key in added}
        return {
            row: rows[same]
            for row in (max(key, ~key) for key in removed)
            if (same := name(one, row)) in rows
        }


def _responsible(
    one: Side[S], other: Side[S], latest: Side[S], row: int
) -> tuple[Entry, ...]:
    """Return the entries responsible for a change.

    Args:
        one: The side before.
        other: The side after.
        latest: The side that counts the claim: *other*, unless it counts none.
        row: The row of its first entry.
    """
    journal = latest.journal
    is_shared = one.journal is other.journal
    if is_shared and row not in journal.clusters:
        return (journal.entries[row],)
    claim = journal.entries[row].claim
    # Of both sides: one side may not know all claims about the happening.
    originals = [
        original
        for side in (one, other)
        for original in side.originals(claim, row if side.journal is journal else None)
    ]
    here, there = one.entries_about(originals), other.entries_about(originals)
    # The entries that only one side knows; none if only the day differs.
    lacking = {
        position: there.get(position) or here[position]
        for position in here.keys() | there.keys()
        if here.get(position) != there.get(position)
    }
    found = tuple(lacking[position] for position in sorted(lacking))
    return found or latest.witnesses(row)
