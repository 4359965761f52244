"""What concerns some parties: by itself, and by what it refers to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from bri_timeline._events import Event


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


class Rule(NamedTuple):
    """Whom an event must involve to count by itself.

    Attributes:
        parties: Some actors.
        least: How many of them it involves at least.
        or_alone: Whether fewer will do if it is nobody else's affair.
    """

    parties: frozenset[str]
    least: int
    or_alone: bool

    def holds(self, event: Event) -> bool:
        """Tell whether an event counts by itself."""
        return self.fits(event.parties, event.affair_of)

    def implies(self, other: Rule) -> bool:
        """Tell whether all that counts by this rule counts by another."""
        if self.or_alone and (self.least < 2 or not other.or_alone):
            return self == other
        if self.or_alone:
            return self.parties <= other.parties
        return len(self.parties & other.parties) >= other.least

    def fits(self, involved: frozenset[str], affair_of: frozenset[str]) -> bool:
        """Tell whether what involves some actors, and is the affair of some, counts."""
        if len(involved & self.parties) >= self.least:
            return True
        return self.or_alone and bool(affair_of) and affair_of <= self.parties


# Selections are made anew for question after question, about few parties.
@lru_cache(_MOST_RULES)
def selected(rules: tuple[Rule, ...], parties: Collection[str]) -> tuple[Rule, ...]:
    """Return rules with the one for what involves all of some parties.

    Of two such rules one is made, for the parties of both.

    Args:
        rules: What is selected already.
        parties: Hashable: a tuple of actor ids.
    """
    some = frozenset(parties)
    some = some.union(*(rule.parties for rule in rules if not rule.or_alone))
    others = tuple(rule for rule in rules if rule.or_alone)
    return _both(others, Rule(some, len(some), or_alone=False)) if some else rules


@lru_cache(_MOST_RULES)
def narrowed(rules: tuple[Rule, ...], parties: Collection[str]) -> tuple[Rule, ...]:
    """Return rules with the one for what concerns some parties.

    Args:
        rules: What is selected already.
        parties: Hashable: a tuple or a frozenset of actor ids.
    """
    return _both(rules, concerning(frozenset(parties))) if parties else rules


def _both(rules: tuple[Rule, ...], rule: Rule) -> tuple[Rule, ...]:
    """Return rules with one more, as few as say the same."""
    if any(old.implies(rule) for old in rules):
        return rules
    return (*(old for old in rules if not rule.implies(old)), rule)


def concerning(parties: frozenset[str]) -> Rule:
    """Return the rule for what concerns some parties.

    It involves at least two of them, or is the affair of nobody but them; of a single
    one, it involves that. What refers to it concerns them too.
    """
    return Rule(parties, min(2, len(parties)), or_alone=True)


def labels_of(
    parties: frozenset[str], affair_of: frozenset[str], refers_to: frozenset[str]
) -> frozenset[str]:
    """Return by which labels an event is found where only labels are indexed.

    They are its parties, one more if it is the affair of one party alone, and one for
    each event that it refers to. An actor that is called like one would be found too,
    and is told apart when it is read.

    Args:
        parties: Whom it involves.
        affair_of: Whose affair it is.
        refers_to: The ids of the events that it refers to.
    """
    alone = affair_of if len(affair_of) == 1 else ()
    return parties.union(map(alone_label, alone), map(reference_label, refers_to))


def alone_label(party: str) -> str:
    """Return the label of what is the affair of one party alone."""
    return f"\x01alone:{party}"


def reference_label(name: str) -> str:
    """Return the label of what refers to an event."""
    return f"\x01refers:{name}"


def reached(events: Iterable[Event], rule: Rule) -> set[str]:
    """Return the ids of events that count, themselves or by what they refer to.

    Args:
        events: All that counts under one cut, or what belongs together of it.
        rule: Whom an event must involve to count by itself.
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


def satisfying(events: Sequence[Event], rule: Rule) -> list[Event]:
    """Return which events count, themselves or by what they refer to, in their order.

    Args:
        events: All that there are: what they refer to is looked for among them.
        rule: Whom an event must involve to count by itself.
    """
    refers = any(event.refers_to for event in events)
    names = reached(events, rule) if refers else set[str]()
    return [
        event
        for event in events
        if rule.holds(event) or not names.isdisjoint(event.refers_to)
    ]
