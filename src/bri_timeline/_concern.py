"""Rules for events that concern parties, directly or by reference."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar


__all__ = [
    "Rule",
    "alone_label",
    "concerning",
    "labels_of",
    "narrowed",
    "reached",
    "reference_label",
    "satisfying",
    "selected",
]

_MOST_RULES = 1 << 12


class Concerned(Protocol):
    """An event, as far as rules see it."""

    @property
    def id(self) -> str: ...
    @property
    def parties(self) -> frozenset[str]: ...
    @property
    def affair_of(self) -> frozenset[str]: ...
    @property
    def refers_to(self) -> frozenset[str]: ...


E = TypeVar("E", bound=Concerned)


class Rule(NamedTuple):
    """A condition on the parties of an event.

    Attributes:
        parties: Some actors.
        least: The least number of them that the event involves.
        or_alone: Fewer are enough if the event concerns nobody else.
        any_of: Groups of actors; the event involves at least one of each.
    """

    parties: frozenset[str]
    least: int
    or_alone: bool
    any_of: frozenset[frozenset[str]] = frozenset()

    def __str__(self) -> str:
        some = ", ".join(map(repr, sorted(self.parties)))
        if self.or_alone:
            return f"concerning({some})"
        groups = (f"any_of={(*group,)!r}" for group in sorted(map(sorted, self.any_of)))
        return ".".join(f"among({one})" for one in (some, *groups) if one)

    def holds(self, event: Concerned) -> bool:
        """Check whether an event satisfies the rule directly."""
        return self.fits(event.parties, event.affair_of)

    def implies(self, other: Rule) -> bool:
        """Check whether every event that satisfies this rule satisfies another."""
        if self.or_alone and (self.least < 2 or not other.or_alone):
            return self == other
        if self.or_alone:
            return self.parties <= other.parties
        # A selection has one rule without `or_alone` at most, so *other* has no groups.
        return len(self.parties & other.parties) >= other.least

    def fits(self, involved: frozenset[str], affair_of: frozenset[str]) -> bool:
        """Check the rule for sets of parties: those involved, and those concerned."""
        if len(involved & self.parties) >= self.least and not any(
            map(involved.isdisjoint, self.any_of)
        ):
            return True
        return self.or_alone and bool(affair_of) and affair_of <= self.parties


# The same few selections are built again for each query.
@lru_cache(_MOST_RULES)
def selected(
    rules: tuple[Rule, ...], parties: Collection[str], any_of: Collection[str] = ()
) -> tuple[Rule, ...]:
    """Return rules, and one for events that involve all of some parties.

    Two such rules become one, for the parties of both.

    Args:
        rules: The selection so far.
        parties: Hashable: a tuple of actor ids.
        any_of: Likewise; the events involve at least one of these too.
    """
    before = [rule for rule in rules if not rule.or_alone]
    groups = {group for rule in before for group in rule.any_of}
    groups |= {frozenset(any_of)} if any_of else set()
    ones = (group for group in groups if len(group) == 1)
    some = frozenset(parties).union(*(rule.parties for rule in before), *ones)
    groups = {group for group in groups if group.isdisjoint(some)}
    if not some and not groups:
        return rules
    others = tuple(rule for rule in rules if rule.or_alone)
    rule = Rule(some, len(some), or_alone=False, any_of=frozenset(groups))
    return _both(others, rule)


@lru_cache(_MOST_RULES)
def narrowed(rules: tuple[Rule, ...], parties: Collection[str]) -> tuple[Rule, ...]:
    """Return rules, and one for events that concern some parties.

    Args:
        rules: The selection so far.
        parties: Hashable: a tuple or a frozenset of actor ids.
    """
    return _both(rules, concerning(frozenset(parties))) if parties else rules


def _both(rules: tuple[Rule, ...], rule: Rule) -> tuple[Rule, ...]:
    """Return rules with one more, without those that another implies."""
    if any(old.implies(rule) for old in rules):
        return rules
    return (*(old for old in rules if not rule.implies(old)), rule)


def concerning(parties: frozenset[str]) -> Rule:
    """Return the rule for events that concern some parties.

    Such an event involves at least two of them, or concerns nobody but them; with a
    single party, it involves that. Events that refer to it concern them too.
    """
    return Rule(parties, min(2, len(parties)), or_alone=True)


def labels_of(
    parties: frozenset[str], affair_of: frozenset[str], refers_to: frozenset[str]
) -> frozenset[str]:
    """Return the labels of an event, for indexes that hold only labels.

    These are its parties, one more if it concerns one party alone, and one for each
    event that it refers to. An actor id may equal a label: readers check each event.

    Args:
        parties: Whom it involves.
        affair_of: Whose affair it is.
        refers_to: The ids of the events that it refers to.
    """
    alone = affair_of if len(affair_of) == 1 else ()
    return parties.union(map(alone_label, alone), map(reference_label, refers_to))


def alone_label(party: str) -> str:
    """Return the label of events that concern one party alone."""
    return f"\x01alone:{party}"


def reference_label(name: str) -> str:
    """Return the label of references to an event."""
    return f"\x01refers:{name}"


def reached(events: Iterable[Concerned], rule: Rule) -> set[str]:
    """Return the ids of events that satisfy a rule, directly or by reference.

    Args:
        events: All counting events of one basis, or a complete group of them.
        rule: The rule that events satisfy directly.
    """
    found: dict[str, None] = {}
    waiting: dict[str, list[str]] = {}
    for event in events:
        if rule.holds(event):
            found[event.id] = None
        else:
            for name in event.refers_to:
                waiting.setdefault(name, []).append(event.id)
    left = list(found) if waiting else []
    while left:
        more = waiting.pop(left.pop(), [])
        left += [name for name in more if name not in found]
        found.update(dict.fromkeys(more))
    return {*found}


def satisfying(events: Sequence[E], rule: Rule) -> list[E]:
    """Return the events that satisfy a rule, directly or by reference, in their order.

    Args:
        events: All events: targets of references are looked for among them.
        rule: The rule that events satisfy directly.
    """
    refers = any(event.refers_to for event in events)
    names = reached(events, rule) if refers else set[str]()
    return [
        event
        for event in events
        if rule.holds(event) or not names.isdisjoint(event.refers_to)
    ]
