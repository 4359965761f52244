"""Options for the value that a question is about: a measure, or a part of a state."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from attrs import frozen, has

from bri_timeline import Event, Projection, Vocabulary, dyads
from bri_timeline._command._explain import QUESTIONS
from bri_timeline._command._options import projection_of
from bri_timeline._command._references import function_named, offered
from bri_timeline._command._state import parts_of
from bri_timeline.errors import shown
from bri_timeline.extend import members_of, payload_fields
from bri_timeline.measures import Measure, count, latest, total
from bri_timeline.relations import Money, items_of, relationship


_KNOWN = ", ".join(sorted(QUESTIONS))
# The sums of a relationship, and the section of what they are made of.
_SUMS = {"agreements": "agreements", "value": "agreements"}
_MEASURES: Mapping[str, Callable[..., Measure[Any]]] = {
    "total": total,
    "latest": latest,
}


def add_value(parser: ArgumentParser) -> None:
    """Add the arguments for a measure, or a projection and the part of its state."""
    parser.add_argument(
        "--of",
        metavar="PART",
        help=f"the part of the state that is the value: of a relationship {_KNOWN}",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--projection",
        metavar="MODULE:NAME",
        help="a Projection of your own, or a function of the key that returns one",
    )
    for name, what in {
        "count": "how many facts there are, of these kinds or of all",
        "active": "how many facts of these kinds last on the day",
    }.items():
        group.add_argument(f"--{name}", metavar="KIND", nargs="*", help=what)
    for name, what in {
        "total": "what a field adds up to",
        "latest": "the last value of a field",
    }.items():
        group.add_argument(f"--{name}", metavar="KIND.FIELD", help=what)


@frozen
class AskedValue:
    """The value that a command line asks for.

    Attributes:
        projection: The state, or a function of a key that returns its projection.
        of: Selects the value from a state; None for the state itself.
        name: Its name in words.
        events: Returns the events of a state that make the value; None if that is not
            known.
    """

    projection: Any
    of: Callable[[Any], Any] | None
    name: str
    events: Callable[[Any], Iterable[Any]] | None = None

    @classmethod
    def of_command(
        cls, given: Namespace, vocabulary: Vocabulary, parties: tuple[str, ...]
    ) -> AskedValue:
        """Read it from the command line.

        Args:
            given: The command line.
            vocabulary: The payload classes of the log.
            parties: The actors of `--between`.

        Raises:
            ArgumentError: An option names nothing that is there.
        """
        measure = _measure(given, vocabulary)
        if measure is not None:
            if given.of is not None:
                problem = "--of names a part of a state, and a measure is a number"
                raise ArgumentError(None, f"{problem}: leave one of them out")
            return cls(measure, None, measure.name)
        by = getattr(given, "by", None)
        if given.projection is None and by == "dyads":
            made: Any = relationship
        elif given.projection is not None and by is not None:
            made = offered(given.projection)
        else:
            made = projection_of(given, parties, vocabulary)
        is_relationship = given.projection is None
        if given.of is None:
            if is_relationship and by is not None:
                problem = "a value is needed: give --count, or --of one of"
                raise ArgumentError(None, f"{problem} {_KNOWN}")
            name = getattr(made, "name", None) or given.projection or "relationship"
            return cls(made, None, name)
        part = part_named(given.of, is_relationship)
        events = _events_of(given.of) if is_relationship else None
        return cls(made, part, given.of, events)


def part_named(name: str, is_relationship: bool) -> Callable[[Any], Any]:
    """Return what selects a part from a state.

    Raises:
        ArgumentError: A relationship has no such part.
    """
    if is_relationship:
        if name not in QUESTIONS:
            problem = f"--of: {shown(name)} is not there: it is one of {_KNOWN}"
            raise ArgumentError(None, problem)
        part = attrgetter(QUESTIONS[name].name)
        # A part that is a collection has its size as value; a sum has its currencies.
        if name in _SUMS:
            return part
        return lambda state: len(part(state))

    def selected(state: object) -> object:
        values = [value for key, value in parts_of(state) or () if key == name]
        return values if len(values) > 1 else next(iter(values), None)

    return selected


def _events_of(name: str) -> Callable[[Any], Iterable[Any]]:
    """Return what selects the events of a part of a relationship."""
    attribute = _SUMS.get(name, QUESTIONS[name].name)
    return lambda state: items_of(getattr(state, attribute))


def _measure(given: Namespace, vocabulary: Vocabulary) -> Projection[Any] | None:
    """Return the measure that a command line names, if it names one."""
    for name in ("count", "active"):
        kinds = getattr(given, name)
        if kinds is not None:
            classes = [kind_named(f"--{name}", kind, vocabulary) for kind in kinds]
            return count(*classes, active=name == "active")
    for name, measure in _MEASURES.items():
        reference = getattr(given, name)
        if reference is not None:
            kind, _, field = reference.partition(".")
            cls = kind_named(f"--{name}", kind, vocabulary)
            if name == "total":
                _refuse_money(cls, field)
            return measure(cls, of=_along(field) if "." in field else field)
    return None


def _refuse_money(cls: type, path: str) -> None:
    """Refuse to add amounts of money: they have currencies, and are parts of others.

    Raises:
        ArgumentError: The path leads to the amount of a `Money`.
    """
    *above, last = path.split(".")
    kinds: set[object] = {cls}
    for name in above:
        classes = [kind for kind in kinds if isinstance(kind, type) and has(kind)]
        parts = [payload_fields(kind).get(name) for kind in classes]
        kinds = {kind for part in parts if part for kind in members_of(part.type)}
    if last == "amount" and Money in kinds:
        where = f"{cls.__name__}.{'.'.join(above)}"
        problem = f"--total: {where} is money, which has a currency"
        remedy = "ask --of value, or a --projection that adds by currency"
        raise ArgumentError(None, f"{problem}: {remedy}")


def _along(path: str) -> Callable[[Event], Any]:
    """Return what selects a part of a part of a payload; None if one is missing."""

    def along(event: Event) -> Any:
        value: object = event.what
        for name in path.split("."):
            value = getattr(value, name, None)
        return value

    along.__name__ = path
    return along


def kind_named(option: str, name: str, vocabulary: Vocabulary) -> type:
    """Return the payload class of a kind that an option names.

    Raises:
        ArgumentError: The vocabulary has no such kind.
    """
    if name not in vocabulary:
        known = ", ".join(vocabulary)
        raise ArgumentError(None, f"{option}: {shown(name)} is not a kind: {known}")
    return vocabulary.classes[name]


def _actors(event: Event) -> tuple[str, ...]:
    return tuple(sorted(event.parties))


_KEYS: dict[str, Callable[[Event], Iterable[Any]]] = {
    "dyads": dyads,
    "actors": _actors,
    "kinds": lambda event: [type(event.what).__name__],
}


def add_keys(parser: ArgumentParser, default: str | None) -> None:
    """Add the argument for the keys of an answer: a row, or an answer, for each."""
    parser.add_argument(
        "--by",
        metavar="KEYS",
        default=default,
        help=f"an answer for each key of an event: {', '.join(_KEYS)}, or a function of"
        " an event, MODULE:NAME" + (f"; by default {default}" if default else ""),
    )


def keys_of(reference: str) -> Callable[[Event], Iterable[Any]]:
    """Return the function of an event that `--by` names.

    Raises:
        ArgumentError: It names none.
    """
    if reference in _KEYS:
        return _KEYS[reference]
    if ":" not in reference:
        known = ", ".join(_KEYS)
        problem = f"--by: {shown(reference)} is not there: give {known}, or MODULE:NAME"
        raise ArgumentError(None, problem)
    return function_named("--by", reference)
