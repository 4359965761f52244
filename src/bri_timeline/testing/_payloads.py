"""Strategies for payloads of any attrs class, from few values, and their laws."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from bri_timeline._codec import Vocabulary, payload_fields
from bri_timeline._events import Event
from bri_timeline.edtf import Edtf
from bri_timeline.errors import BriTimelineError
from bri_timeline.testing._dates import days, edtfs
from bri_timeline.testing._searching import fail, searching


__all__ = ["check_payload", "payloads"]


_MOST = 2
# Text is drawn from codes of states, which do for any other name as well.
_WORDS = st.sampled_from(["AZE", "CHN", "KAZ"])
_NAMED: Mapping[str, st.SearchStrategy[object]] = {
    "currency": st.sampled_from(["USD", "CNY"])
}
_PLAIN: Mapping[object, st.SearchStrategy[object]] = {
    str: _WORDS,
    bool: st.booleans(),
    int: st.integers(0, _MOST),
    float: st.sampled_from([0.0, 0.5, 1.0]),
    Decimal: st.sampled_from(["0", "0.5", "1"]).map(Decimal),
    Edtf: edtfs(allow_distant=False),
    date: days().map(date.fromisoformat),
    types.NoneType: st.none(),
}


def payloads(
    *kinds: type | Vocabulary, **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    """Generate instances of payload classes, from few values, so that equal ones meet.

    Fields are filled by type: text with codes of states, numbers with small ones, dates
    with those of `edtfs()`; other types by `from_type()` of Hypothesis. Values that a
    class refuses with a `ValueError` are drawn again.

    >>> from attrs import frozen
    >>> @frozen
    ... class Pledged:
    ...     country: str
    ...     millions: int
    >>> from hypothesis import find
    >>> find(payloads(Pledged), lambda pledged: pledged.millions > 0)
    Pledged(country='AZE', millions=1)

    Args:
        kinds: attrs classes, or vocabularies of them.
        fields: Strategies for fields of these names, in every class that has them.

    Raises:
        TypeError: One of *kinds* is neither, or none is given, or no class has a field
            of such a name.
        VocabularyError: The type of a field cannot be found.
    """
    classes = [cls for kind in kinds for cls in _classes(kind)]
    if not classes:
        msg = "there is nothing to generate: give an attrs class, or a vocabulary"
        raise TypeError(msg)
    known = {name for cls in classes for name in payload_fields(cls)}
    if unknown := sorted(fields.keys() - known):
        there_are = ", ".join(sorted(known))
        msg = f"no class has a field {' or '.join(unknown)}: there are {there_are}"
        raise TypeError(msg)
    filling = _Filling(fields)
    return st.one_of([_instance(cls, filling) for cls in classes])


def _classes(kind: type | Vocabulary) -> list[type]:
    if isinstance(kind, Vocabulary):
        return list(kind._classes.values())
    if isinstance(kind, type) and attrs.has(kind):
        return [kind]
    msg = f"{kind!r} is not an attrs class: decorate it with attrs.frozen"
    raise TypeError(msg)


class _Filling:
    """Strategies for instances of classes; each class is inspected once.

    Args:
        fields: Strategies for the fields of these names.
    """

    def __init__(self, fields: Mapping[str, st.SearchStrategy[object]]) -> None:
        self.fields = fields
        self._found: dict[type, st.SearchStrategy[object]] = {}

    def __repr__(self) -> str:
        return ", ".join(self.fields) or "by type"

    def of(self, cls: type) -> st.SearchStrategy[object]:
        """Return a strategy for instances of a class."""
        if cls not in self._found:
            parts = payload_fields(cls)
            filled = {name: self._part(name, parts[name].type) for name in parts}
            self._found[cls] = st.builds(cls, **filled)
        return self._found[cls]

    def _part(self, name: str, wanted: object) -> st.SearchStrategy[object]:
        # A code of a state would be refused as a currency.
        named = _NAMED.get(name) if wanted is str else None
        given = self.fields.get(name, named)
        return _typed(wanted, self) if given is None else given


@st.composite
def _instance(draw: st.DrawFn, cls: type, filling: _Filling) -> object:
    try:
        return draw(filling.of(cls))
    except ValueError:
        reject()  # the class refuses such values


def _typed(wanted: object, fields: _Filling) -> st.SearchStrategy[object]:
    """Return a strategy for a type: from few values where that is possible."""
    plain = _PLAIN.get(wanted) if isinstance(wanted, type) else None
    if plain is not None:
        return plain
    if isinstance(wanted, type) and attrs.has(wanted):
        return _instance(wanted, fields)
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (typing.Union, types.UnionType):
        # The plainest first, since that is what failures shrink to.
        ordered = sorted(inner, key=lambda part: part is not types.NoneType)
        return st.one_of([_typed(part, fields) for part in ordered])
    if origin is frozenset:
        return st.frozensets(_typed(inner[0], fields), max_size=_MOST)
    if origin is tuple and inner[-1:] == (...,):
        return st.lists(_typed(inner[0], fields), max_size=_MOST).map(tuple)
    if origin is tuple:
        return st.tuples(*(_typed(part, fields) for part in inner))
    found: st.SearchStrategy[object] = st.from_type(typing.cast("type", wanted))
    return found


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
