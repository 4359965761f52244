"""The laws of a payload class."""

from __future__ import annotations

import attrs
from hypothesis import strategies as st

from bri_timeline._codec import Vocabulary
from bri_timeline._events import Event
from bri_timeline.errors import BriTimelineError
from bri_timeline.testing._payloads import payloads
from bri_timeline.testing._searching import fail, searching


__all__ = ["check_payload"]

_WHEN = "2015"


def check_payload(
    cls: type,
    instances: st.SearchStrategy[object] | None = None,
    *,
    vocabulary: Vocabulary | None = None,
) -> None:
    """Check that a class can be the payload of an event.

    - *frozen*: it is an attrs class whose fields cannot be set, and whose values cannot
      change;
    - *hashable*: instances with equal fields are equal and have the same hash;
    - *kept*: a vocabulary decodes an instance to an equal one, and encodes that to the
      same bytes.

    >>> from attrs import frozen
    >>> @frozen
    ... class Pledged:
    ...     country: str
    ...     millions: int
    >>> check_payload(Pledged)

    Args:
        cls: The class to check.
        instances: Strategy for instances; by default `payloads()`.
        vocabulary: The vocabulary that encodes it; by default one of this class alone.

    Raises:
        AssertionError: A law does not hold; the message names the instance.
    """
    name = getattr(cls, "__name__", repr(cls))
    if not (isinstance(cls, type) and attrs.has(cls)):
        fail(f"{name} is not an attrs class: decorate it with attrs.frozen")
    try:
        words = Vocabulary(cls) if vocabulary is None else vocabulary
        found = payloads(cls) if instances is None else instances
    except BriTimelineError as error:
        fail(f"{name} cannot be put in a vocabulary: {error}")

    def check(payload: object) -> None:
        _check_frozen(payload)
        _check_hash(payload)
        _check_kept(payload, words)

    searching(found, check)


def _check_frozen(payload: object) -> None:
    kind = type(payload).__name__
    for name in _names(type(payload)):
        try:
            setattr(payload, name, getattr(payload, name))
        except AttributeError:
            continue
        problem = f"{kind}.{name} can be set: decorate the class with attrs.frozen"
        fail(problem, repr(payload))
    try:
        Event(payload, when=_WHEN)
    except BriTimelineError as error:
        fail(f"{kind} cannot be in an event: {error}", repr(payload))


def _check_hash(payload: object) -> None:
    kind, twin = type(payload).__name__, _twin(payload)
    if payload != twin:
        problem = f"two instances of {kind} with equal fields are not equal"
        fail(f"{problem}: leave eq=True", repr(payload))
    # Logs find repeated claims by hash.
    if hash(payload) != hash(twin):
        problem = f"two equal instances of {kind} have different hashes"
        fail(f"{problem}: hash what is compared, and nothing else", repr(payload))


def _names(cls: type) -> list[str]:
    return [field.name for field in attrs.fields(cls)]


def _twin(payload: object) -> object:
    """Return another instance with the same fields."""
    # Not by calling the class: a converter or validator could change or refuse them.
    cls = type(payload)
    twin: object = cls.__new__(cls)
    for name in _names(cls):
        object.__setattr__(twin, name, getattr(payload, name))
    return twin


def _check_kept(payload: object, vocabulary: Vocabulary) -> None:
    kind = type(payload).__name__
    try:
        name, version = vocabulary.name_of(payload), vocabulary.version_of(payload)
        data = vocabulary.encode(payload)
        again = vocabulary.decode(name, data, version)
    except BriTimelineError as error:
        problem = f"{kind} cannot be encoded and decoded: {error}"
        fail(problem, repr(payload))
    lines = f"given:   {payload!r}", f"as JSON: {data.decode()}", f"decoded: {again!r}"
    if type(again) is not type(payload) or again != payload:
        fail(f"{kind} is not what it was once encoded and decoded", *lines)
    # Equal payloads must have equal bytes, because stores hash the bytes.
    if (bytes_again := vocabulary.encode(again)) != data:
        again_line = f"again:   {bytes_again.decode()}"
        problem = f"{kind} gives other bytes once encoded and decoded"
        fail(problem, *lines, again_line)
