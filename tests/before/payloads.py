"""Payload classes and folds that both libraries are asked about; public names only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, ClassVar

from attrs import frozen

from bri_timeline import Event, Projection, Vocabulary
from bri_timeline.measures import count, distinct, latest, total
from bri_timeline.relations import (
    FACTS,
    Joined,
    PositionDeclared,
    Visited,
    relationship,
)


@frozen
class Closed:
    """Something was closed: it ends what was opened under its name."""

    value: str
    parties: frozenset[str] = frozenset()


@frozen
class Opened:
    """Something was opened, which refers to others and has two numbers."""

    value: str
    parties: frozenset[str] = frozenset()
    amount: Decimal | None = None
    times: int = 0
    refers_to: frozenset[str] = frozenset()

    until: ClassVar[tuple[type[Closed], tuple[str]]] = (Closed, ("value",))


OWN = Vocabulary(Opened, Closed)
WORDS = FACTS | OWN
PAIRS = (("AZE", "CHN"), ("CHN", "KAZ"))
State = tuple[str, ...]


def value(event: Event) -> str:
    """Return a value that many events share."""
    what = event.what
    return what.value if isinstance(what, Opened | Closed) else type(what).__name__


def by_value(event: Event) -> Iterable[str]:
    """Return keys that have nothing to do with parties."""
    return value(event), "all"


def _add(state: State, event: Event) -> State:
    return *state, f"{event.id} {event.what} {event.when}"


def _end(state: State, event: Event) -> State:
    return *state, f"end of {event.id} {event.what} {event.when}"


def _close(state: State, event: Event, is_ordered: bool) -> State:
    return *state, f"closed by {event.id} {event.what} {is_ordered}"


def _recent(state: State, event: Event) -> State:
    return (*state, value(event))[-2:]


def _follow(state: dict[str, str], event: Event) -> dict[str, str]:
    """Return what came after which value: a state without a hash."""
    return {**state, state.get("", "-"): value(event), "": value(event)}


def _visits(state: Any) -> object:
    return len(state.visits)


def _members(state: Any) -> object:
    return " ".join(sorted(map(str, state.memberships)))


def _fold(name: str, evolve: Any = _add, initial: Any = tuple, **given: Any) -> Any:
    return Projection(initial, evolve, name=name, **given)


def _join(one: State, other: State) -> State:
    return one + other


Of = Callable[[Any], object]
_OF_RELATION: tuple[Of, ...] = (_visits, _members, str)
# Each with functions of its states.
FOLDS: dict[str, tuple[Projection[Any], tuple[Of, ...]]] = {
    "all": (_fold("all"), (len, str)),
    "ends": (_fold("ends", ends=_end), (len, str)),
    "closes": (_fold("closes", ends=_end, closes=_close), (str, len)),
    "merged": (_fold("merged", merge=_join), (str,)),
    "recent": (_fold("recent", _recent), (str,)),
    "read": (_fold("read", _recent, reads=(Opened, Closed, Visited)), (str,)),
    "followers": (_fold("followers", _follow, dict), (str, len)),
    "of two": (_fold("of two", ends=_end, parties=PAIRS[0]), (str,)),
    "relationship": (relationship(*PAIRS[0]), _OF_RELATION),
    "other": (relationship(*PAIRS[1]), _OF_RELATION),
    "count": (count(), (int,)),
    "active": (count(active=True), (int,)),
    "members": (count(Joined, active=True), (int,)),
    "amount": (total(Opened, "amount"), (str,)),
    "times": (total(Opened, "times"), (int,)),
    "values": (distinct(Opened, "value"), (int,)),
    "latest": (latest(Opened, "value"), (str,)),
    "stance": (latest(PositionDeclared, "stance"), (str,)),
}
