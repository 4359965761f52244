"""Entries in order, as a value: what `EventLog` is built on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self, SupportsIndex, overload

from bri_timeline._concern import Rule
from bri_timeline._events import Entry
from bri_timeline._index import Wanted
from bri_timeline._memory import Memory
from bri_timeline._trunk import Trunk
from bri_timeline.errors import EntryError, shown


__all__ = ["Record"]

_REMEDY = "give entries of one log, in order"


class Record:
    """What `EventLog` is built on: everything but writing and asking.

    Its entries are the first so-many of a trunk that it shares, or those of them that
    are about some parties.
    """

    __slots__ = ("_memory", "_rules", "_size", "_trunk")

    _trunk: Trunk
    _memory: Memory
    _size: int
    _rules: tuple[Rule, ...]

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        given = list(entries)
        for position, entry in enumerate(given):
            if not isinstance(entry, Entry):
                problem = f"{shown(entry)} is not an entry: record events by"
                raise EntryError(entry, f"{problem} EventLog.of() or append()")
            if entry.position != position:
                problem = f"entry {entry.position} stands at position {position}"
                raise EntryError(
                    entry, f"{problem}: give all entries of one log, in order"
                )
        _check_targets(given)
        self._set(Memory(Trunk(given)), len(given), ())

    @classmethod
    def holding(cls, entries: Iterable[Entry], size: int) -> Self:
        """Return a log of which only some entries are at hand, such as a store reads.

        It answers as the whole log would about what its entries bear on. It holds, is
        as long as, and iterates over, those entries; they keep their positions. What
        happened may be claimed, corrected and retracted further only where it holds
        something about it: of the rest it cannot know what the whole log says.

        Args:
            entries: In order of position; of each, also what it corrects or retracts,
                what corrects or retracts it, and what is claimed about the same.
            size: How many entries the whole log has.

        Raises:
            EntryError: The entries are not some of one log.
        """
        given, last = list(entries), -1
        for entry in given:
            if not last < entry.position < size:
                problem = f"entry {entry.position} follows {last}, of {size} in all"
                raise EntryError(entry, f"{problem}: {_REMEDY}")
            last = entry.position
        _check_targets(given)
        return object.__new__(cls)._set(Memory(Trunk(given, size)), size, ())

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
        entries = self._trunk.entries if self._is_whole else self._about()
        positions = range(self._size if self._is_whole else len(entries))
        if isinstance(index, slice):
            return tuple(entries[position] for position in positions[index])
        number = index.__index__()
        if not -len(positions) <= number < len(positions):
            msg = f"there is no entry {shown(number)}: the log has {len(positions)}"
            raise IndexError(msg)
        return entries[positions[number]]

    def begins_with(self, earlier: Record) -> bool:
        """Tell whether it is another log, or has grown from it.

        Where it has, this takes no time.

        Args:
            earlier: The other log.
        """
        if self._rules != earlier._rules or self._size < earlier._size:
            return False
        return self._trunk is earlier._trunk or self[: len(earlier)] == earlier[:]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        if (self._size, self._rules) != (other._size, other._rules):
            return False
        return self._trunk is other._trunk or tuple(self) == tuple(other)

    def __hash__(self) -> int:
        last = self[-1] if self._size and self._is_whole else None
        return hash((self._size, self._rules, last))

    def __repr__(self) -> str:
        entries = self._trunk.entries.held(self._size)
        chosen = map(_chosen, self._rules)
        log = f"EventLog({entries or ''})"
        if self._trunk.entries.gaps:
            log = f"EventLog.holding({entries}, {self._size})"
        return "".join((log, *chosen))

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        from bri_timeline._shown import entries_table

        return entries_table(self, len(self))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; a trunk is shared within a process only."""
        entries = self._trunk.entries.held(self._size)
        return _restored, (type(self), entries, self._size, self._rules)

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"an EventLog does not change: {name} cannot be set"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> None:
        msg = f"an EventLog does not change: {name} cannot be deleted"
        raise AttributeError(msg)

    # --- the parts that they share --------------------------------------------------

    @property
    def _is_whole(self) -> bool:
        return not self._rules and not self._trunk.entries.gaps

    def _about(self) -> list[Entry]:
        return self._trunk.about(self._size, Wanted(self._rules))

    def _set(self, memory: Memory, size: int, rules: tuple[Rule, ...]) -> Self:
        """Fill a record that has just been made, and return it."""
        object.__setattr__(self, "_memory", memory)
        object.__setattr__(self, "_trunk", memory.trunk)
        object.__setattr__(self, "_size", size)
        object.__setattr__(self, "_rules", rules)
        return self

    def _like(self, memory: Memory, size: int, rules: tuple[Rule, ...]) -> Self:
        """Return a record of its kind."""
        return object.__new__(type(self))._set(memory, size, rules)


def _chosen(rule: Rule) -> str:
    name = "concerning" if rule.or_alone else "among"
    return f".{name}({', '.join(map(repr, sorted(rule.parties)))})"


def _restored(
    cls: type[Record], entries: list[Entry], size: int, rules: tuple[Rule, ...]
) -> Record:
    log = cls.holding(entries, size)
    return log._set(log._memory, size, rules)


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
