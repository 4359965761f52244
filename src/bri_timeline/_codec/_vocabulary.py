"""The vocabulary: payload classes by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from bri_timeline._codec._building import built
from bri_timeline._codec._json import parsed, written
from bri_timeline._codec._wording import near
from bri_timeline.errors import Fault, FaultsError, VocabularyError, shown


__all__ = ["Vocabulary"]


@attrs.frozen(init=False, repr=False)
class Vocabulary:
    """The payload classes that a log may hold, each with a stable name.

    A name is what files and stores keep. It is the class's own, unless given as a
    keyword: rename the class, and keep the old name with `Vocabulary(deal=DealSigned)`.

    >>> from attrs import frozen
    >>> @frozen
    ... class DealSigned:
    ...     country: str
    ...     millions: int
    >>> deals = Vocabulary(DealSigned)
    >>> deals.decode("DealSigned", b'{"country": "AZE", "millions": 1}')
    DealSigned(country='AZE', millions=1)

    Args:
        classes: attrs classes, called by their own names.
        named: attrs classes, called by the keyword.

    Raises:
        VocabularyError: A class is no attrs class, or a name is given twice.
    """

    _classes: Mapping[str, type]
    _names: Mapping[type, str]

    def __init__(self, /, *classes: type, **named: type) -> None:
        by_name: dict[str, type] = {}
        for cls in (*classes, *named.values()):
            if not (isinstance(cls, type) and attrs.has(cls)):
                problem = (
                    f"{shown(cls)} is no attrs class: decorate it with attrs.frozen"
                )
                raise VocabularyError(cls, problem)
        for name, cls in (*((cls.__name__, cls) for cls in classes), *named.items()):
            if by_name.setdefault(name, cls) is not cls:
                problem = f"two classes are called {name}: name one by a keyword"
                raise VocabularyError(name, problem)
        names = {cls: name for name, cls in by_name.items()}
        self.__attrs_init__(by_name, names)

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order given."""
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def __contains__(self, name: object) -> bool:
        """Tell whether a name, or a class, is in it."""
        return name in self._classes or name in self._names

    def __or__(self, other: Vocabulary) -> Vocabulary:
        """Return a vocabulary of both.

        Raises:
            VocabularyError: They call different classes by one name.
        """
        if not isinstance(other, Vocabulary):
            return NotImplemented
        for name in self._classes:
            if self._classes[name] is not other._classes.get(name, self._classes[name]):
                problem = f"both vocabularies have a {name}, of different classes"
                raise VocabularyError(name, problem)
        return Vocabulary(**{**self._classes, **other._classes})

    def __hash__(self) -> int:
        return hash(frozenset(self._names.items()))

    def __repr__(self) -> str:
        return f"<vocabulary {', '.join(self._classes)}>"

    def name_of(self, payload: object) -> str:
        """Return the name under which a payload is kept.

        Raises:
            VocabularyError: Its class is not in the vocabulary.
        """
        name = self._names.get(type(payload))
        if name is None:
            kind = type(payload).__name__
            problem = f"{kind} is not in the vocabulary: add the class to it"
            raise VocabularyError(type(payload), problem)
        return name

    def encode(self, payload: object) -> bytes:
        """Return the fields of a payload as JSON.

        Equal payloads of equal parts give equal bytes, whatever the order of a set. (A
        `Decimal` keeps its zeros: 1.0 and 1 are equal, and written differently.)

        Raises:
            VocabularyError: Its class is not in the vocabulary, or a part of it is
                nothing that JSON can hold.
        """
        name = self.name_of(payload)
        try:
            return written(payload)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            problem = f"this {name} cannot be kept: {error}"
            raise VocabularyError(type(payload), problem) from None

    def decode(self, name: str, data: bytes | str) -> object:
        """Return a payload from its JSON.

        Args:
            name: The name under which it was kept.
            data: What `encode()` gave: at most 1 MiB, and 64 levels deep.

        Raises:
            VocabularyError: The vocabulary has no such name.
            FaultsError: The data does not fit the class: all faults, by field.
        """
        try:
            fields = parsed(data.encode() if isinstance(data, str) else data)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise FaultsError(
                name, [Fault(name, f"is no JSON object: {error}")]
            ) from None
        return self.build(name, fields)

    def build(self, name: str, fields: Mapping[str, object]) -> object:
        """Return a payload from plain data: text, numbers, lists, mappings, days.

        Args:
            name: The name under which it is kept.
            fields: Its fields.

        Raises:
            VocabularyError: The vocabulary has no such name.
            FaultsError: The data does not fit the class: all faults, by field.
        """
        cls = self._classes.get(name)
        if cls is None:
            hint = near(name, self._classes) or f" It has {', '.join(self._classes)}."
            problem = f"the vocabulary has no {shown(name)}.{hint}"
            raise VocabularyError(name, problem)
        return built(cls, name, fields)
