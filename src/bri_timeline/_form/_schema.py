"""JSON Schema of what people and models write: chronicles and lists of proposals."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from inspect import getdoc
from typing import Annotated, Any, Literal

import attrs
import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from bri_timeline._evidence import Source
from bri_timeline._form._conversion import members_of, payload_fields
from bri_timeline._form.parts import CITATION, ENTRY, ERASED, PLACE, TEXTS, Kind, Part
from bri_timeline.edtf import Edtf
from bri_timeline.errors import VocabularyError, shown


_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATOMS = (str, int, bool, float, types.NoneType)
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([Ee][+-]?[0-9]+)?$"


_NOTHING: dict[str, Any] = {"not": {}}


class _Number:
    """A decimal number: JSON has it as a number or, so that it is exact, as text."""


_FORMS: Mapping[type, dict[str, Any]] = {
    Edtf: {"type": "string", "description": "A date in EDTF, such as 2019-04 or 2015~"},
    _Number: {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER}]},
}


def _said(text: str) -> Meta:
    return Meta(description=text)


_Text = Annotated[str, Meta(min_length=1)]
_When = Annotated[
    str,
    Meta(min_length=1, description="A date in EDTF: 2019-04-24, 2019-04, 2015/2017"),
]
_Day = Annotated[str, _said("A day: the day from which it was known")]
_Place = Annotated[str, _said("A source of this file and a place: edm: para 3")]
_Target = Annotated[_Text, _said("The label or id of an entry above")]
_Who = Annotated[_Text, _said("Who it was")]
_Reason = Annotated[_Text, _said("The reason")]


class _Object(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A table without other keys."""


# Parts of which more is said than by their kind.
_ABOUT: Mapping[str, Any] = {
    "id": Annotated[_Text, _said("The name of what happened")],
    "latitude": Annotated[float, Meta(ge=-90, le=90)],
    "longitude": Annotated[float, Meta(ge=-180, le=180)],
    "precision": Annotated[
        _Text, _said("exact, near, district, province, country, or another word")
    ],
    "quote": Annotated[_Text, _said("The words of the document, letter by letter")],
    "at": Annotated[_Text, _said("The instant at which it was erased, in UTC")],
}
_OF_KINDS: Mapping[Kind, Any] = {Kind.TEXT: _Text, Kind.TEXTS: list[_Text]}


def _kind(part: Part) -> Any:
    return _ABOUT.get(part.name, _OF_KINDS.get(part.kind))


def _fields(parts: Iterable[Part]) -> list[tuple[str, Any]]:
    """Return the fields of parts that may be left out."""
    return [(part.name, _kind(part) | UnsetType) for part in parts]


def _with(
    parts: Iterable[Part], *, is_needed: bool = False
) -> Callable[[type[Struct]], Any]:
    """Return a decorator that gives a table the fields of parts."""
    fields: list[Any] = [
        (part.name, _kind(part))
        if is_needed
        else (part.name, _kind(part) | UnsetType, UNSET)
        for part in parts
    ]
    return lambda cls: msgspec.defstruct(
        cls.__name__, fields, bases=(cls,), namespace={"__doc__": cls.__doc__}
    )


# What an entry has that no kind of entry reads in a way of its own.
_BESIDE = tuple(
    part
    for part in ENTRY
    if part.kind in _OF_KINDS and part.name not in ("because", "dataset")
)
_QUOTED = tuple(part for part in CITATION if part.name not in ("source", "locator"))


# A place alone is text.
@_with(_QUOTED, is_needed=len(_QUOTED) == 1)
class Quoted(_Object):
    """A place in a source, with the words there."""

    at: _Place


@_with(PLACE)
class Located(_Object):
    """A place: a name, a point of WGS 84 in decimal degrees, or both."""


@_with(_BESIDE)
class Retraction(_Object):
    """A claim is withdrawn."""

    retracts: _Target
    because: _Reason
    known: _Day | UnsetType = UNSET
    label: _Text | UnsetType = UNSET
    dataset: _Text | UnsetType = UNSET


class Covered(_Object):
    """The rows that a release should contain."""

    kinds: list[_Text] | _Text | UnsetType = UNSET
    parties: list[_Text] | _Text | UnsetType = UNSET
    any_of: list[_Text] | _Text | UnsetType = UNSET
    days: Annotated[_Text, _said("A period of whole days")] | UnsetType = UNSET


@_with(_BESIDE)
class Released(_Object):
    """A provider's release of a dataset."""

    dataset: _Text
    published: _Day
    because: _Reason | UnsetType = UNSET
    label: _Text | UnsetType = UNSET
    covers: Covered | UnsetType = UNSET
    repeats: list[str] | UnsetType = UNSET
    instant: str | UnsetType = UNSET
    unread: list[str] | UnsetType = UNSET


@_with(_BESIDE)
class Acceptance(_Object):
    """A proposal is accepted as it is."""

    accepts: _Target
    by: _Who
    because: _Reason | UnsetType = UNSET
    known: _Day | UnsetType = UNSET
    label: _Text | UnsetType = UNSET


@_with(_BESIDE)
class Rejection(_Object):
    """A proposal is rejected."""

    rejects: _Target
    by: _Who
    because: _Reason
    label: _Text | UnsetType = UNSET


@_with((*ERASED, *_BESIDE))
class Silent(_Object):
    """An entry without its words, which were erased: its effect stays."""

    erased: Annotated[bool, Meta(extra_json_schema={"const": True})]
    label: _Text | UnsetType = UNSET
    known: _Day | UnsetType = UNSET
    dataset: _Text | UnsetType = UNSET
    proposed_by: Literal[""] | UnsetType = UNSET
    supersedes: _Target | UnsetType = UNSET
    retracts: _Target | UnsetType = UNSET
    accepts: _Target | UnsetType = UNSET
    rejects: _Target | UnsetType = UNSET


# The texts that an event has: its id, and those that nothing more is said of.
_TEXTS = _fields(TEXTS)
_CLAIM: list[tuple[str, Any]] = [
    ("when", _When),
    ("where", _Text | Located | UnsetType),
    ("cite", list[_Place | Quoted] | UnsetType),
    *_TEXTS,
    ("label", _Text | UnsetType),
    ("known", _Day | UnsetType),
    ("supersedes", _Target | UnsetType),
    ("because", _Reason | UnsetType),
    ("dataset", _Text | UnsetType),
    *_fields(_BESIDE),
    ("proposed_by", _Who | UnsetType),
    ("accepts", _Target | UnsetType),
    ("by", _Who | UnsetType),
]
_PROPOSAL: list[tuple[str, Any]] = [
    (
        "when",
        Annotated[_Text, _said("A date in EDTF, or the words of the document for it")],
    ),
    (
        "quote",
        Annotated[
            str, Meta(min_length=3, description="The words it rests on, as they stand")
        ],
    ),
    (
        "dated",
        Annotated[
            _Text | dict[str, _Text],
            _said("The words for the date, if not English; for several by field"),
        ]
        | UnsetType,
    ),
    ("where", _Text | Located | UnsetType),
    ("locator", Annotated[str, _said("The place: para 4, p. 12")] | UnsetType),
    *_TEXTS[:1],
]


def schema_of(classes: Mapping[str, type], of: str | None) -> dict[str, object]:
    """Return the JSON Schema of what may be written with some payload classes.

    Args:
        classes: The classes by the names under which they are kept.
        of: `chronicle` or `proposals`; None for either.

    Raises:
        VocabularyError: *of* is something else, or a type cannot be found.
    """
    roots = {"chronicle": _chronicle, "proposals": _proposals}
    if of is not None and of not in roots:
        problem = f"there is not a schema of {shown(of)}"
        raise VocabularyError(of, f"{problem}: ask for 'chronicle' or 'proposals'")
    structs = _Structs()
    payloads = {name: structs.of(cls) for name, cls in classes.items()}
    kinds = [
        make(structs, payloads) for name, make in roots.items() if of in (None, name)
    ]
    whole = kinds[0] if len(kinds) == 1 else structs.either(kinds)
    return {"$schema": _DIALECT, **structs.schema(whole)}


def _chronicle(structs: _Structs, payloads: _Payloads) -> Any:
    tables = [(name, kind | UnsetType) for name, kind in payloads.items()]
    # A kind may have the name of a key that files got later.
    keys = [pair for pair in _CLAIM if pair[0] not in payloads]
    claim: Any = structs.define("Claim", [*keys, *tables])
    choice = (
        {"oneOf": [{"required": [name]} for name in payloads]} if payloads else _NOTHING
    )
    claimed = Annotated[claim, Meta(extra_json_schema=choice)]
    others = [Retraction, Acceptance, Rejection, Released, Silent]
    entry = structs.either([claimed, *others])
    source = structs.of(Source)
    return structs.define(
        "Chronicle",
        [
            ("chronicle", Literal[1]),
            ("title", _Text | UnsetType),
            ("note", _Text | UnsetType),
            ("sources", types.GenericAlias(dict, (str, source)) | UnsetType),
            ("entries", types.GenericAlias(list, entry) | UnsetType),
        ],
    )


def _proposals(structs: _Structs, payloads: _Payloads) -> Any:
    kinds = [
        structs.define(f"Proposed {name}", [("what", kind), *_PROPOSAL], tag=name)
        for name, kind in payloads.items()
    ]
    return types.GenericAlias(list, structs.either(kinds))


_Payloads = Mapping[str, type[Struct]]


class _Either:
    """One of several types, which msgspec cannot tell apart; see `_Structs`."""


class _Structs:
    """Makes the msgspec classes of which the schema is taken.

    msgspec refuses a union of untagged classes, and a class within itself. A class of
    its own stands for such a union, and its schema gets the references at the end.
    """

    def __init__(self) -> None:
        self._made: dict[type, type[Struct]] = {}
        self._open: set[type] = set()
        self._unions: dict[type, list[Any]] = {}

    def of(self, cls: type) -> Any:
        """Return the msgspec class of an attrs class."""
        if cls in self._open:
            return self.either([cls])
        if cls not in self._made:
            self._open.add(cls)
            parts = payload_fields(cls)
            self._made[cls] = self.define(
                cls.__name__,
                [
                    (name, kind if part.required else kind | UnsetType)
                    for name, part in parts.items()
                    for kind in [self._form(part.type)]
                ],
                about=cls,
            )
            self._open.discard(cls)
        return self._made[cls]

    def define(
        self,
        name: str,
        fields: list[tuple[str, Any]],
        tag: str | None = None,
        about: type | None = None,
    ) -> type[Struct]:
        """Define a class of fields by name; those that may be unset may be left out.

        Args:
            name: Its name.
            fields: The names and types of its fields.
            tag: The value of a field `kind` that all its instances have.
            about: The class that it stands for: its docstring is the description.
        """
        parts: list[tuple[str, Any, Any]] = []
        for number, (field, kind) in enumerate(fields):
            default = UNSET if UnsetType in members_of(kind) else msgspec.NODEFAULT
            # A name need not be one that Python allows.
            named = msgspec.field(name=field, default=default)
            parts.append((f"field_{number}", kind, named))
        return msgspec.defstruct(
            name,
            parts,
            tag=tag,
            tag_field=None if tag is None else "kind",
            kw_only=True,
            forbid_unknown_fields=True,
            namespace={} if about is None else {"__doc__": getdoc(about)},
            # Two classes of one name are told apart by their modules.
            module=f"{len(self._made)}.{len(self._unions)}",
        )

    def either(self, kinds: list[Any]) -> Any:
        """Return a type that stands for one of several."""
        union = type("Either", (_Either,), {})
        self._unions[union] = kinds
        return union

    def schema(self, whole: Any) -> dict[str, Any]:
        """Return the schema of a type, and of all that it refers to."""
        references: dict[type, list[Any]] = {union: [] for union in self._unions}

        def form(kind: type) -> dict[str, Any]:
            own_form = _FORMS.get(kind)
            if own_form is None:
                own_form = (
                    {"anyOf": references[kind]} if self._unions[kind] else _NOTHING
                )
            return {**own_form}

        members = [
            (union, self._made.get(kind, kind))
            for union, kinds in self._unions.items()
            for kind in kinds
        ]
        schemas, components = msgspec.json.schema_components(
            [whole, *(kind for _, kind in members)],
            schema_hook=form,
            ref_template="#/$defs/{name}",
        )
        for (union, _), reference in zip(members, schemas[1:], strict=True):
            references[union].append(reference)
        return {**schemas[0], "$defs": components}

    def _form(self, wanted: Any) -> Any:
        """Return the type of the plain data from which a value is made."""
        origin, args = typing.get_origin(wanted), typing.get_args(wanted)
        kinds = members_of(wanted)
        if len(kinds) > 1:
            forms = [self._form(kind) for kind in kinds]
            return self.either(forms) if Any not in forms else Any
        if origin in (tuple, frozenset):
            # A list of any length, or of so many items.
            items = [self._form(arg) for arg in args if arg is not ...]
            is_list = origin is frozenset or args[1:] == (...,)
            return types.GenericAlias(list if is_list else tuple, tuple(items))
        if not isinstance(wanted, type):
            return Any
        if attrs.has(wanted):
            return self.of(wanted)
        if issubclass(wanted, Enum):
            texts = [member.value for member in wanted]
            return wanted if {*map(type, texts)} <= {str} else Any
        if issubclass(wanted, date):
            return datetime if issubclass(wanted, datetime) else date
        return (
            _Number
            if wanted is Decimal
            else wanted
            if wanted in _ATOMS
            else _other(wanted)
        )


def _other(wanted: type) -> Any:
    return wanted if wanted in _FORMS else Any
