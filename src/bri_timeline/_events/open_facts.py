"""Facts that others end, as long as they have not: what a fold has to remember."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import attrgetter, itemgetter

from bri_timeline._events._event import Event
from bri_timeline._events.marks import Ending, Mark
from bri_timeline._payload import Until, until_of


_Numbered = tuple[int, Event]
_Facts = dict[tuple[object, ...], tuple[_Numbered, ...]]
# The facts are parted by their keys, so that a change copies few of them.
_PARTS = 64
latest_start: Callable[[Event], float] = attrgetter("when.latest_start")


class OpenFacts:
    """Facts of classes that say what ends them, which have begun and not ended.

    It is a value: what changes it returns another. Two are equal if they have the same
    facts.
    """

    __slots__ = ("_next", "_parts", "_untils")

    def __init__(self, facts: Iterable[Event] = ()) -> None:
        self._parts: tuple[_Facts, ...] = ({},) * _PARTS
        self._untils: tuple[Until, ...] = ()
        self._next = 0
        for fact in facts:
            more = self.begun(fact)
            self._parts, self._untils = more._parts, more._untils
            self._next = more._next

    @property
    def facts(self) -> tuple[Event, ...]:
        """The facts, in the order in which they began in the fold."""
        groups = chain.from_iterable(part.values() for part in self._parts)
        numbered = sorted(chain.from_iterable(groups), key=itemgetter(0))
        return tuple(fact for _, fact in numbered)

    def begun(self, event: Event) -> OpenFacts:
        """Return them with one more, if its class says what ends it."""
        until = until_of(type(event.what))
        if until is None:
            return self
        key = until, *until.key(event.what)
        made = self._with(key, (*self._of(key), (self._next, event)))
        made._next += 1
        if until not in self._untils:
            made._untils = (*self._untils, until)
        return made

    def ended(self, event: Event) -> OpenFacts:
        """Return them without one; themselves if it is none of them."""
        until = until_of(type(event.what))
        key = () if until is None else (until, *until.key(event.what))
        facts = self._of(key)
        rest = tuple(fact for fact in facts if fact[1] != event)
        return self if len(rest) == len(facts) else self._with(key, rest)

    def closed(
        self,
        event: Event,
        *,
        is_ordered: bool,
        begun: Callable[[Event], float] = latest_start,
    ) -> tuple[OpenFacts, list[Event]]:
        """Return them without those that an event certainly ends, and these.

        Args:
            event: The event.
            is_ordered: All of them began on its day or before.
            begun: Returns the last day on which one can have begun.
        """
        found, over = self, list[_Numbered]()
        for until in self._untils:
            if not isinstance(event.what, until.by):
                continue
            key, rest = (until, *until.key(event.what)), list[_Numbered]()
            several = len(over)
            for numbered in found._of(key):
                fact = numbered[1]
                # A date is asked only where the order does not tell.
                is_over = is_ordered and not is_own(fact, event)
                if is_over or follows(event, fact, begun(fact)):
                    over.append(numbered)
                else:
                    rest.append(numbered)
            if len(over) > several:
                found = found._with(key, tuple(rest))
        return found, [fact for _, fact in sorted(over, key=itemgetter(0))]

    def _of(self, key: tuple[object, ...]) -> tuple[_Numbered, ...]:
        return self._parts[hash(key) % _PARTS].get(key, ())

    def _with(self, key: tuple[object, ...], facts: tuple[_Numbered, ...]) -> OpenFacts:
        place = hash(key) % _PARTS
        part = {**self._parts[place], key: facts}
        if not facts:
            del part[key]
        made = OpenFacts()
        made._parts = (*self._parts[:place], part, *self._parts[place + 1 :])
        made._untils, made._next = self._untils, self._next
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpenFacts) and {*self.facts} == {*other.facts}

    def __hash__(self) -> int:
        return hash(frozenset(self.facts))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the facts in their order: hashes differ between processes."""
        return OpenFacts, (self.facts,)


def follows(event: Event, fact: Event, begun: float) -> bool:
    """Check whether an event ends a fact that began on some day, whenever it comes."""
    first = event.when.earliest_start
    return begun < first or (begun == first and not is_own(fact, event))


def is_own(fact: Event, ender: Event) -> bool:
    """Check whether what may end a fact is of its own kind, and so has to be later."""
    until = until_of(type(fact.what))
    return until is not None and until.is_own(fact.what, ender.what)


def with_ends(marks: Iterable[Mark], reads: tuple[type, ...] | None) -> Iterator[Mark]:
    """Yield marks in fold order, with the ends of facts in place of what ends them.

    Args:
        marks: The marks, with those of what ends others, which need not be read.
        reads: Only the facts of these classes; None for any.
    """
    facts = OpenFacts()
    for mark in marks:
        facts, folded = followed(facts, mark, reads or (object,), is_ordered=False)
        yield from folded


def followed(
    facts: OpenFacts,
    mark: Mark,
    reads: tuple[type, ...],
    *,
    is_ordered: bool,
    begun: Callable[[Event], float] = latest_start,
) -> tuple[OpenFacts, Iterable[Mark]]:
    """Return the facts that are open after a mark, and what is folded of it.

    Args:
        facts: Those that were open before.
        mark: The mark.
        reads: The classes of the facts that are read.
        is_ordered: As for `OpenFacts.closed()`, like *begun*.
        begun: Returns the last day on which a fact can have begun.
    """
    if isinstance(mark, Ending) and mark.closes:
        facts, over = facts.closed(mark.event, is_ordered=is_ordered, begun=begun)
        return facts, [Ending(fact, mark.when, by=mark.event) for fact in over]
    event = mark.event if isinstance(mark, Ending) else mark
    if not isinstance(event.what, reads):
        return facts, ()
    if not isinstance(mark, Ending):
        return facts.begun(event), (mark,)
    rest = facts.ended(event)
    # Another has ended it before, unless others do not end such facts.
    is_over = rest is facts and until_of(type(event.what)) is not None
    return rest, () if is_over else (mark,)
