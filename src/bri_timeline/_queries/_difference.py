"""What a view says about a value: the steps that made it, and what was set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from bri_timeline._events import Entry, Event
from bri_timeline._projection import Projection
from bri_timeline._resolution import Happening, content


__all__ = [
    "Side",
    "difference",
]


S = TypeVar("S")
V = TypeVar("V")


@frozen
class Change:
    """One happening of which two views claim something different.

    A view that cites more for the same claim, or counts it from another entry, does not
    claim something different.

    Attributes:
        before: The claim that the first view counts; None when it counts none.
        after: The claim that the second view counts; None when it counts none.
        entries: The entries responsible: those that brought the new claim, or withdrew
            or replaced the old one; where only the day differs, those that made it.
    """

    before: Event | None
    after: Event | None
    entries: tuple[Entry, ...]


@frozen
class Difference(Generic[S]):
    """What changed from one view to another.

    Attributes:
        before: The certain state in the first view.
        after: The certain state in the second.
        changes: A tuple of `Change`: what made the difference. Where there are none and
            the states differ, only citations do, or the order of events that tie.
    """

    before: S
    after: S
    changes: tuple[Change, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries responsible, each once, in the order of the log."""
        found = {entry.position: entry for c in self.changes for entry in c.entries}
        return tuple(found[position] for position in sorted(found))


_Slot = tuple[int, tuple[Entry, ...]]


class Side:
    """One of two views.

    Args:
        certain: What had happened for certain, in fold order.
        slots: What is known of entries that bear on one another.
        about: Returns the happening, at any time, that a claim is about.
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
        for original, slot in self._slots.items():
            for entry in slot:
                if entry.event is not None:
                    self._originals.setdefault(entry.event.id, set()).add(original)

    def unlike(self, other: Side) -> dict[str, Happening]:
        """Return, by id, what the other does not have, or claims differently.

        Who is cited for it makes no difference, nor which entry said it first.
        """
        theirs = {happening.event.id: happening.event for happening in other.certain}
        found = {}
        for happening in self.certain:
            name = happening.event.id
            if name not in theirs or content(theirs[name]) != content(happening.event):
                found[name] = happening
        return found

    def originals(self, name: str) -> set[int]:
        """Return which slots bear on a happening, of those known to be several."""
        return self._originals.get(name, set())

    def slots_of(self, event: Event, originals: set[int]) -> dict[int, Entry]:
        """Return the entries about a happening that are known here, by position."""
        entries = [e for original in originals for e in self._slots.get(original, ())]
        found = None if entries else self._about(event)
        entries += found.entries if found else ()
        return {entry.position: entry for entry in entries}


def difference(projection: Projection[S], one: Side, other: Side) -> Difference[S]:
    """Return what changed from one side to the other.

    Args:
        projection: The state in question; what does not touch it is left out.
        one: The side before.
        other: The side after.
    """
    mine, yours = one.unlike(other), other.unlike(one)
    before, touched = _touching(projection, one, mine)
    after, also = _touching(projection, other, yours)
    changes = []
    for name in dict.fromkeys((*touched, *also)):
        old, new = mine.get(name), yours.get(name)
        made = yours.get(name) or mine[name]
        originals = one.originals(name) | other.originals(name)
        here = one.slots_of((old or made).event, originals)
        there = other.slots_of(made.event, originals)
        entries = _responsible(here, there) or made.entries
        changes.append(Change(_claim(old), _claim(new), entries))
    return Difference(before, after, tuple(changes))


def _touching(
    projection: Projection[S], side: Side, unlike: dict[str, Happening]
) -> tuple[S, dict[str, Happening]]:
    """Fold, and return what of *unlike* changed the state on the way."""
    names = {happening.position: name for name, happening in unlike.items()}
    state, touching = projection.initial(), {}
    for happening in side.certain:
        before, state = state, projection(state, happening.event)
        if happening.position in names and before != state:
            touching[names[happening.position]] = happening
    return state, touching


def _claim(happening: Happening | None) -> Event | None:
    return None if happening is None else happening.event


def _responsible(here: dict[int, Entry], there: dict[int, Entry]) -> tuple[Entry, ...]:
    """Return the entries that one side knows and the other does not.

    Where both know the same, the day made the difference.
    """
    lacking = {
        position: there.get(position) or here[position]
        for position in here.keys() | there.keys()
        if here.get(position) != there.get(position)
    }
    return tuple(lacking[position] for position in sorted(lacking))
