"""The differences between two views, with the entries responsible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from bri_timeline._events import Entry, Event
from bri_timeline._plain import AsDict
from bri_timeline._projection import Projection
from bri_timeline._resolution import Happening, content


__all__ = [
    "Change",
    "Difference",
    "Side",
    "difference",
]


S = TypeVar("S")
V = TypeVar("V")


@frozen
class Change(AsDict):
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


@frozen
class Difference(AsDict, Generic[S]):
    """The change of a state from one view to another.

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


_Slot = tuple[int, tuple[Entry, ...]]
_MarkId = tuple[str, bool]


class Side:
    """One of the two views compared.

    Args:
        certain: The happenings and ends that are certain, in fold order.
        slots: Pairs of the position of an original claim and its known entries: the
            claim, its corrections and its retraction.
        about: Returns the happening, on any day, that a claim is about.
    """

    def __init__(
        self,
        certain: Sequence[Happening],
        slots: Iterable[_Slot],
        about: Callable[[Event], Happening | None],
    ) -> None:
        self.certain = certain
        self._about = about
        self._slots = dict(slots)
        self._originals: dict[str, set[int]] = {}
        # Several claims may be about one happening, so an id can have several slots.
        for original, slot in self._slots.items():
            for entry in slot:
                if entry.event is not None:
                    self._originals.setdefault(entry.event.id, set()).add(original)

    def different_from(self, other: Side) -> dict[_MarkId, Happening]:
        """Return the happenings and ends that *other* lacks or claims differently.

        Citations and positions are not compared.

        Returns:
            Each by its id, and whether it is an end.
        """
        theirs = {(h.event.id, h.ends): h.event for h in other.certain}
        found = {}
        for happening in self.certain:
            key = happening.event.id, happening.ends
            if key not in theirs or content(theirs[key]) != content(happening.event):
                found[key] = happening
        return found

    def originals(self, event_id: str) -> set[int]:
        """Return the positions of the original claims with this id."""
        return self._originals.get(event_id, set())

    def entries_about(self, event: Event, originals: set[int]) -> dict[int, Entry]:
        """Return the entries about a happening that this view knows, by position."""
        entries = [e for original in originals for e in self._slots.get(original, ())]
        # A claim related to no other has no slot; the view finds its entry.
        found = None if entries else self._about(event)
        entries += found.entries if found else ()
        return {entry.position: entry for entry in entries}


def difference(projection: Projection[S], one: Side, other: Side) -> Difference[S]:
    """Return the difference between two sides.

    Args:
        projection: The state compared; events that do not change it are left out.
        one: The side before.
        other: The side after.
    """
    removed, added = one.different_from(other), other.different_from(one)
    before, lost = _effective(projection, one, removed)
    after, gained = _effective(projection, other, added)
    changes = []
    claims = {name for name, ends in (*removed, *added) if not ends}
    # If the claim itself differs, its end is not a change of its own.
    keys = ((name, ends and name not in claims) for name, ends in (*lost, *gained))
    for key in dict.fromkeys(keys):
        old, new = removed.get(key), added.get(key)
        latest = added.get(key) or removed[key]
        # Of both sides: one side may not know all claims about the happening.
        originals = one.originals(key[0]) | other.originals(key[0])
        here = one.entries_about((old or latest).event, originals)
        there = other.entries_about(latest.event, originals)
        entries = _responsible(here, there) or latest.entries
        changes.append(Change(_claim(old), _claim(new), entries, latest.ends))
    return Difference(before, after, tuple(changes))


def _effective(
    projection: Projection[S], side: Side, happenings: dict[_MarkId, Happening]
) -> tuple[S, dict[_MarkId, Happening]]:
    """Return the state, and those of *happenings* that changed it in the fold."""
    ids = {(h.position, h.ends): key for key, h in happenings.items()}
    state, step, effective = projection.initial(), projection.step, {}
    for happening in side.certain:
        # Events of classes that it does not read are here to be compared.
        if projection.reads is None or isinstance(
            happening.event.what, projection.reads
        ):
            before, state = state, step(state, happening.mark)
            place = happening.position, happening.ends
            if place in ids and before != state:
                effective[ids[place]] = happening
    return state, effective


def _claim(happening: Happening | None) -> Event | None:
    return None if happening is None else happening.event


def _responsible(here: dict[int, Entry], there: dict[int, Entry]) -> tuple[Entry, ...]:
    """Return the entries that only one side knows; none if only the day differs."""
    lacking = {
        position: there.get(position) or here[position]
        for position in here.keys() | there.keys()
        if here.get(position) != there.get(position)
    }
    return tuple(lacking[position] for position in sorted(lacking))
