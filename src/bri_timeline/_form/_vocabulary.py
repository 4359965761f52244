"""The vocabulary of a log: payload classes with names, versions and upcasts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

import attrs
from attrs import field, frozen

from bri_timeline._form._conversion import convert_fields, lacking_kind
from bri_timeline._form._json import encode_payload, read_fields
from bri_timeline._form._schema import schema_of
from bri_timeline._form._structs import decode_fast
from bri_timeline._payload import is_attrs_class
from bri_timeline._text import brief
from bri_timeline.errors import VocabularyError, shown


MOST_VERSION = (1 << 63) - 1  # what fits into a column of a database


@frozen(repr=False)
class Unknown:
    """A payload of a kind, or of a version, that the vocabulary lacks.

    It is kept byte for byte, so that the data of newer or other programs is passed on
    unchanged. Projections ignore it; one that reads a class of this name is refused.
    `parties`, `affair_of` and `refers_to` come from
    its data, if that has lists of texts of these names, so that it can be found.

    >>> Unknown("TariffSet", 2, b'{"parties": ["AZE", "CHN"], "rate": "5"}')
    Unknown('TariffSet', 2, b'{"parties": ["AZE", "CHN"], "rate": "5"}')

    Args:
        name: The name of its kind.
        version: The version of its kind, from 1.
        data: A JSON object: at most 1 MiB, and 64 levels deep.

    Raises:
        VocabularyError: The name is not text, the version is not a positive whole
            number, or the data is not bytes.
        FaultsError: The data is not a JSON object.
    """

    name: str
    version: int
    data: bytes
    parties: frozenset[str] = field(init=False, eq=False)
    affair_of: frozenset[str] = field(init=False, eq=False)
    refers_to: frozenset[str] = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if not (isinstance(self.name, str) and self.name):
            problem = f"{shown(self.name)} names no kind: give text"
            raise VocabularyError(self.name, problem)
        # Not isinstance(): True equals 1, but JSON has another form for it.
        if type(self.version) is not int or not 0 < self.version <= MOST_VERSION:
            problem = f"{shown(self.version)} is not a version of {shown(self.name)}"
            raise VocabularyError(self.name, f"{problem}: give a whole number from 1")
        if not isinstance(self.data, bytes):
            problem = f"the data of this {shown(self.name)} is {shown(self.data)}"
            raise VocabularyError(self.name, f"{problem}: give JSON as bytes")
        fields = read_fields(self.name, self.data)
        for name in ("parties", "affair_of", "refers_to"):
            object.__setattr__(self, name, _texts(fields.get(name)))
        if "affair_of" not in fields:
            object.__setattr__(self, "affair_of", self.parties)

    @property
    def _kind(self) -> str:
        return self.name

    # A log finds these by it, without this module.
    _is_unknown = True

    def _plain_data(self) -> Mapping[str, object]:
        return read_fields(self.name, self.data)

    def __repr__(self) -> str:
        return brief(self)

    def __str__(self) -> str:
        return self.name


def _texts(value: object) -> frozenset[str]:
    """Return a list of texts as a set; empty for any other value."""
    texts = value if isinstance(value, list) else []
    strings = [text for text in texts if isinstance(text, str)]
    return frozenset(strings if len(strings) == len(texts) else ())


Upcast: TypeAlias = Callable[[dict[str, object]], Mapping[str, object]]
_REMEDY = "give a tuple of functions, oldest first, such as (add_currency,)"


def checked_upcasts(cls: type, steps: object) -> tuple[Upcast, ...]:
    """Return the upcasts of a class as a tuple.

    Raises:
        VocabularyError: They are not functions.
    """
    upcasts = tuple(steps) if isinstance(steps, Iterable) else ()
    if not (upcasts and all(map(callable, upcasts))):
        problem = f"{shown(steps)} are not upcasts of {cls.__name__}: {_REMEDY}"
        raise VocabularyError(cls, problem)
    return upcasts


def apply_upcasts(
    name: str, fields: Mapping[str, object], version: int, steps: tuple[Upcast, ...]
) -> Mapping[str, object]:
    """Return fields of an older version as those of the current one.

    Args:
        name: The kind, for messages.
        fields: JSON data of *version*; not changed.
        version: The version of the data, from 1.
        steps: All upcasts of the kind, from version 1 on.

    Raises:
        VocabularyError: An upcast failed, or did not return fields.
    """
    for number, step in enumerate(steps[version - 1 :], version):
        fields = _stepped(name, fields, number, step)
    return fields


def _stepped(
    name: str, fields: Mapping[str, object], version: int, step: Upcast
) -> Mapping[str, object]:
    called = getattr(step, "__qualname__", None) or shown(step)
    what = f"the upcast {called} of {name} from version {version}"
    try:
        # A copy, so that an upcast that changes its argument cannot spoil the caller's.
        new_fields = step({key: _fresh(value) for key, value in fields.items()})
    except Exception as error:  # a user's upcast may raise anything
        problem = f"{what} failed ({type(error).__name__}: {error})"
        raise VocabularyError(name, problem) from error
    if isinstance(new_fields, Mapping) and all(
        isinstance(key, str) for key in new_fields
    ):
        return new_fields
    problem = f"{what} gave {shown(new_fields)}: let it return a dict of fields"
    raise VocabularyError(name, problem)


def _fresh(value: object) -> object:
    """Copy the dicts and lists of plain data; an upcast may change its own."""
    if isinstance(value, Mapping):
        return {key: _fresh(item) for key, item in value.items()}
    return [_fresh(item) for item in value] if isinstance(value, list) else value


def require_vocabulary(given: object) -> Vocabulary:
    """Return an argument that has to be a vocabulary.

    Raises:
        VocabularyError: It is not, but a payload class, for example.
    """
    if isinstance(given, Vocabulary):
        return given
    of = given.__name__ if isinstance(given, type) else "..."
    problem = f"{shown(given)} is not a vocabulary: give Vocabulary({of})"
    raise VocabularyError(given, problem)


@attrs.frozen(init=False, repr=False)
class Vocabulary:
    """The payload classes that a log may hold, each with a stable name and version.

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

    When the fields of a class change, add an upcast: a function that converts fields of
    the version before to those of the next. A class has version 1, and one more for
    each upcast.

    >>> def count_millions(fields):
    ...     return {"country": fields["country"], "millions": fields["billions"] * 1000}
    >>> deals = Vocabulary(DealSigned, upcasts={DealSigned: (count_millions,)})
    >>> deals.decode("DealSigned", b'{"country": "AZE", "billions": 3}', version=1)
    DealSigned(country='AZE', millions=3000)

    Args:
        classes: attrs classes, called by their own names.
        upcasts: For a class, its upcasts, oldest first: pure functions. Each gets a
            dict of JSON data of its own (numbers with a point as `Decimal`).
        named: attrs classes, called by the keyword.

    Raises:
        VocabularyError: A class is not an attrs class, or a name is given twice; or
            upcasts belong to a class that is not given, or are not functions.
    """

    _classes: Mapping[str, type]
    _names: Mapping[type, str]
    _upcasts: Mapping[type, tuple[Upcast, ...]]

    def __init__(
        self,
        /,
        *classes: type,
        upcasts: Mapping[type, tuple[Upcast, ...]] | None = None,
        **named: type,
    ) -> None:
        by_name: dict[str, type] = {}
        for cls in (*classes, *named.values()):
            if not is_attrs_class(cls):
                problem = (
                    f"{shown(cls)} is not an attrs class: decorate it with attrs.frozen"
                )
                raise VocabularyError(cls, problem)
            if cls is Unknown:
                problem = "Unknown stands for what no vocabulary has: leave it out"
                raise VocabularyError(cls, problem)
        for name, cls in (*((cls.__name__, cls) for cls in classes), *named.items()):
            if by_name.setdefault(name, cls) is not cls:
                problem = f"two classes are called {name}: name one by a keyword"
                raise VocabularyError(name, problem)
        self._set(by_name, upcasts or {})

    def _set(
        self,
        by_name: Mapping[str, type],
        upcasts: Mapping[type, tuple[Upcast, ...]],
    ) -> None:
        names = {cls: name for name, cls in by_name.items()}
        for cls in upcasts:
            if cls not in names:
                problem = f"there are upcasts of {shown(cls)}, which is not among the"
                raise VocabularyError(cls, f"{problem} classes: give it too")
        steps = {cls: checked_upcasts(cls, steps) for cls, steps in upcasts.items()}
        self.__attrs_init__(by_name, names, steps)

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order given."""
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def __contains__(self, name: object) -> bool:
        """Check whether a name, or a class, is in the vocabulary."""
        return name in self._classes or name in self._names

    def __or__(self, other: Vocabulary) -> Vocabulary:
        """Return a vocabulary of both.

        Raises:
            VocabularyError: They call different classes by one name, or have different
                upcasts of one class.
        """
        if not isinstance(other, Vocabulary):
            return NotImplemented
        for name in self._classes:
            if self._classes[name] is not other._classes.get(name, self._classes[name]):
                problem = f"both vocabularies have a {name}, of different classes"
                raise VocabularyError(name, problem)
        for cls, name in self._names.items():
            if cls in other and self._steps(cls) != other._steps(cls):
                problem = f"the vocabularies have different upcasts of {name}"
                raise VocabularyError(name, f"{problem}: give both the same")
        # Not through the constructor: a class may have the name `upcasts`.
        both = Vocabulary.__new__(Vocabulary)
        both._set(
            {**self._classes, **other._classes}, {**self._upcasts, **other._upcasts}
        )
        return both

    def __hash__(self) -> int:
        return hash(frozenset(self._names.items()))

    def __repr__(self) -> str:
        return f"<vocabulary {', '.join(self._classes)}>"

    @property
    def classes(self) -> Mapping[str, type]:
        """The payload classes by their names, in the order given."""
        return MappingProxyType(self._classes)

    @property
    def upcasts(self) -> Mapping[type, tuple[Upcast, ...]]:
        """The upcasts of each class that has some, oldest first."""
        return MappingProxyType(self._upcasts)

    def name_of(self, payload: object) -> str:
        """Return the name under which a payload is kept.

        Raises:
            VocabularyError: Its class is not in the vocabulary.
        """
        if isinstance(payload, Unknown):
            return payload.name
        name = self._names.get(type(payload))
        if name is None:
            kind = type(payload).__name__
            problem = f"{kind} is not in the vocabulary: add the class to it"
            raise VocabularyError(type(payload), problem)
        return name

    def version_of(self, payload: object) -> int:
        """Return the version in which a payload is kept, from 1.

        Raises:
            VocabularyError: Its class is not in the vocabulary.
        """
        if isinstance(payload, Unknown):
            return payload.version
        self.name_of(payload)
        return 1 + len(self._steps(type(payload)))

    def _steps(self, cls: type) -> tuple[Upcast, ...]:
        return self._upcasts.get(cls, ())

    def encode(self, payload: object) -> bytes:
        """Encode the fields of a payload as JSON.

        Equal payloads give equal bytes, whatever the order of a set. (Except that a
        `Decimal` keeps its zeros: 1.0 and 1 are equal, but encoded differently.) An
        `Unknown` gives its data.

        Raises:
            VocabularyError: Its class is not in the vocabulary, or JSON has no form for
                a part of it.
        """
        if isinstance(payload, Unknown):
            return payload.data
        name = self.name_of(payload)
        try:
            return encode_payload(payload)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            problem = f"this {name} cannot be kept: {error}"
            raise VocabularyError(type(payload), problem) from None

    def decode(
        self,
        name: str,
        data: bytes | str,
        version: int | None = None,
        *,
        unknown_ok: bool = False,
    ) -> object:
        """Decode a payload from its JSON.

        Args:
            name: The name under which it was kept.
            data: JSON of `encode()`: at most 1 MiB, and 64 levels deep.
            version: The version of the data; by default the current one.
            unknown_ok: Return an `Unknown` if the vocabulary lacks the name, or has
                only older versions. (Its version is 1 if none is given.)

        Raises:
            VocabularyError: The vocabulary has no such name or version, or an upcast
                failed.
            FaultsError: The data does not fit the class: all faults, with their fields.
        """
        held = data.encode(errors="surrogatepass") if isinstance(data, str) else data
        cls = self._classes.get(name)
        newest = 1 if cls is None else 1 + len(self._steps(cls))
        version = newest if version is None else version
        is_number = type(version) is int
        if unknown_ok and (cls is None or (is_number and version > newest)):
            return Unknown(name, version, held)
        # Older versions need their upcasts, which work on plain data.
        if cls is not None and is_number and version == newest:
            payload = decode_fast(cls, held)
            if payload is not None:
                return payload
        return self.build(name, read_fields(name, held), version)

    def build(
        self, name: str, fields: Mapping[str, object], version: int | None = None
    ) -> object:
        """Return a payload from plain data: text, numbers, lists, mappings, days.

        Args:
            name: The name under which it is kept.
            fields: Its fields.
            version: The version of the fields; by default the current one.

        Raises:
            VocabularyError: The vocabulary has no such name or version, or an upcast
                failed.
            FaultsError: The data does not fit the class: all faults, with their fields.
        """
        cls = self._classes.get(name)
        if cls is None:
            raise VocabularyError(name, lacking_kind(name, self._classes))
        steps = self._steps(cls)
        if version is not None:
            if type(version) is not int or not 1 <= version <= 1 + len(steps):
                problem = f"the vocabulary has no version {shown(version)} of {name}"
                remedy = f"it has 1 to {1 + len(steps)}, and a newer program later ones"
                raise VocabularyError(name, f"{problem}: {remedy}")
            fields = apply_upcasts(name, fields, version, steps)
        return convert_fields(cls, name, fields)

    def json_schema(self, of: str | None = None) -> dict[str, object]:
        """Return the JSON Schema (2020-12) of what may be written with these classes.

        Editors complete and check a chronicle file by it, and a model whose answers
        follow it gives a list of proposals (`formats.proposals`). TOML has days that
        JSON lacks: there they are text. A schema knows the types of fields, but not
        what converters of a class refuse: which codes are those of states.

        >>> from attrs import frozen
        >>> @frozen
        ... class Pledged:
        ...     country: str
        ...     millions: int
        >>> [*Vocabulary(Pledged).json_schema("proposals")]
        ['$schema', 'type', 'items', '$defs']

        Args:
            of: `chronicle` or `proposals`; None for a schema that either satisfies.

        Raises:
            VocabularyError: *of* is something else, or a class has a field whose type
                cannot be found.
        """
        return schema_of(self._classes, of)
