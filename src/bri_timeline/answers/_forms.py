"""The form of a type in plain data: its JSON Schema, and how it is read back."""

from __future__ import annotations

import dataclasses
import enum
import re
import types
import typing
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AnySet
from functools import lru_cache, partial, reduce
from operator import or_
from typing import Any, NamedTuple, TypeVar

import attrs

from bri_timeline import (
    Amendment,
    Belief,
    Citation,
    Entry,
    Event,
    Period,
    Source,
    Vocabulary,
)
from bri_timeline.answers._atoms import (
    ANY,
    ATOMS,
    TEXT,
    DayNumber,
    Form,
    Schema,
    atom,
    of_text,
)
from bri_timeline.errors import Fault, PlainDataError, refusal, shown
from bri_timeline.extend import described, did_you_mean, plain_data, require_vocabulary
from bri_timeline.folds import Record


_AGAIN = ("id", "fields")
_REMEDY = "name types of attrs classes, dataclasses, named tuples and builtins"


class _Field(NamedTuple):
    """A named part of a class.

    Attributes:
        type: Its type.
        required: It is always there.
        given: The constructor takes it.
    """

    type: Any
    required: bool = True
    given: bool = True


class _AnswerForms:
    """The forms of types, with the payload classes of a vocabulary.

    Args:
        vocabulary: The payload classes of events.

    Attributes:
        definitions: The schemas of the classes met so far, by name.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.definitions: dict[str, Schema] = {}
        self._classes: dict[Any, Form] = {}
        known = require_vocabulary(vocabulary).classes.values()
        self._payloads = {cls.__name__: cls for cls in known}

    def of(self, hint: Any) -> Form:
        """Return the form of a type.

        Raises:
            PlainDataError: It has none.
        """
        if not isinstance(hint, Hashable):
            raise _without_form(hint)
        if hint in (Any, object) or isinstance(hint, TypeVar):
            return ANY
        hint = types.NoneType if hint is None else hint
        if hint in ATOMS:
            return ATOMS[hint]
        if hint is type:
            return atom(TEXT, "the name of a kind", of_text(self._payloads.__getitem__))
        origin, args = typing.get_origin(hint) or hint, typing.get_args(hint)
        if origin is typing.Annotated:
            return self.of(args[0])
        if origin in (typing.Union, types.UnionType):
            return self._union(args)
        if origin is typing.Literal:
            return _chosen(args)
        if isinstance(origin, type):
            form = self._of_class(origin, args, hint)
            if form is not None:
                return form
        raise _without_form(hint)

    def _of_class(self, cls: type, args: tuple[Any, ...], hint: Any) -> Form | None:
        if issubclass(cls, enum.Enum):
            return _chosen(cls)
        if attrs.has(cls) or _field_names(cls) is not None:
            return self._named(cls, args, hint)
        if issubclass(cls, Mapping):
            return self._mapping(cls, args)
        if issubclass(cls, tuple) and args and args[1:] != (...,):
            return self._row([*args])
        if issubclass(cls, AnySet | Sequence):
            return self._items(cls, args[0] if args else Any)
        return None

    # --- what has parts -------------------------------------------------------------

    def _union(self, args: tuple[Any, ...]) -> Form:
        forms = [self.of(arg) for arg in args]

        def read(value: Any, place: str, faults: list[Fault]) -> Any:
            first: list[Fault] | None = None
            for form in forms:
                new: list[Fault] = []
                result = form.read(value, place, new)
                if not new:
                    return result
                # Of the class that it seems to be: the fault that lies deepest.
                if first is None or len(new[0].place) > len(first[0].place):
                    first = new
            faults += first or []
            return None

        return Form({"anyOf": [form.schema for form in forms]}, read)

    def _items(self, cls: type, arg: Any) -> Form:
        inner = self.of(arg)
        is_set = issubclass(cls, AnySet)
        whole: Callable[[Iterable[Any]], Any] = cls
        if cls in (Sequence, AnySet):
            whole = frozenset if is_set else tuple

        def read(value: Any, place: str, faults: list[Fault]) -> Any:
            if not isinstance(value, list):
                faults.append(Fault(place, f"is {described(value)}: write a list"))
                return None
            known = len(faults)
            items = [
                inner.read(item, f"{place}[{number}]", faults)
                for number, item in enumerate(value)
            ]
            # The parts of faulty items may have no hash.
            return whole(items) if len(faults) == known else None

        schema: Schema = {"type": "array", "items": inner.schema}
        return Form({**schema, "uniqueItems": True} if is_set else schema, read)

    def _row(self, args: list[Any]) -> Form:
        forms = [self.of(arg) for arg in args]

        def read(value: Any, place: str, faults: list[Fault]) -> Any:
            if not isinstance(value, list) or len(value) != len(forms):
                shape = f"a list of {len(forms)} items"
                faults.append(Fault(place, f"is {described(value)}: write {shape}"))
                return None
            return tuple(
                form.read(item, f"{place}[{number}]", faults)
                for number, (form, item) in enumerate(zip(forms, value, strict=True))
            )

        size = len(forms)
        schema: Schema = {
            "type": "array",
            "prefixItems": [form.schema for form in forms],
            "minItems": size,
            "maxItems": size,
        }
        return Form(schema, read)

    def _mapping(self, cls: type, args: tuple[Any, ...]) -> Form:
        keys, values = (self.of(arg) for arg in args or (Any, Any))
        whole: Any = dict if issubclass(dict, cls) else cls
        pair = Form(
            {
                "type": "object",
                "properties": {"key": keys.schema, "value": values.schema},
                "required": ["key", "value"],
                "additionalProperties": False,
            },
            lambda value, _place, _faults: value,
        )

        def read(value: Any, place: str, faults: list[Fault]) -> Any:
            known, items = len(faults), []
            if isinstance(value, dict):
                pairs = [*value.items()]
            elif isinstance(value, list) and all(map(_is_pair, value)):
                pairs = [(pair["key"], pair["value"]) for pair in value]
            else:
                shape = "an object, or a list of objects with key and value"
                faults.append(Fault(place, f"is {described(value)}: write {shape}"))
                return None
            for key, part in pairs:
                inner = f"{place}[{shown(key)}]"
                new_key = keys.read(key, inner, faults)
                items.append((new_key, values.read(part, inner, faults)))
            return whole(dict(items)) if len(faults) == known else None

        table = {"type": "object", "additionalProperties": values.schema}
        rows = {"type": "array", "items": pair.schema}
        return Form({"anyOf": [table, rows]}, read)

    # --- classes --------------------------------------------------------------------

    def _named(self, cls: type, args: tuple[Any, ...], hint: Any) -> Form:
        """Return the form of a class with named parts; it may hold itself."""
        if hint not in self._classes:
            name = _name_of(hint)
            reference = {"$ref": f"#/$defs/{name}"}
            self._classes[hint] = Form(reference, lambda *given: made.read(*given))
            made = self._event(name) if cls is Event else self._made(cls, args)
            self.definitions[name] = made.schema
        return self._classes[hint]

    def _made(self, cls: type, args: tuple[Any, ...]) -> Form:
        fields, build = _fields_of(cls, args)
        return self._table(cls.__name__, fields, build)

    def _table(
        self, name: str, fields: Mapping[str, _Field], build: Callable[..., Any]
    ) -> Form:
        """Return the form of an object.

        Args:
            name: Its name in messages.
            fields: Its parts.
            build: Makes the value of the parts that its constructor takes.
        """
        forms = {key: self.of(part.type) for key, part in fields.items()}

        def read(value: Any, place: str, faults: list[Fault]) -> Any:
            if not isinstance(value, dict):
                faults.append(Fault(place, f"is {described(value)}: write an object"))
                return None
            arguments, known = {}, len(faults)
            for key, data in value.items():
                if key not in forms:
                    hint = did_you_mean(key, forms)
                    problem = f"{name} has no such part.{hint}"
                    faults.append(Fault(f"{place}.{key}", problem))
                    continue
                part = forms[key].read(data, f"{place}.{key}", faults)
                if fields[key].given:
                    arguments[key] = part
            faults += (
                Fault(f"{place}.{key}", f"is missing: {name} needs it")
                for key, part in fields.items()
                if part.required and key not in value
            )
            if len(faults) > known:
                return None
            try:
                return build(**arguments)
            except Exception as error:  # a user's class may raise anything
                faults.append(Fault(place, refusal(error)))
                return None

        schema: Schema = {
            "type": "object",
            "properties": {key: form.schema for key, form in forms.items()},
            "required": [key for key, part in fields.items() if part.required],
            "additionalProperties": False,
        }
        return Form(schema, read)

    def _event(self, name: str) -> Form:
        """Return the form of an event: its payload is of the class of its kind."""
        kinds = {kind: self.of(cls) for kind, cls in sorted(self._payloads.items())}
        own, _ = _fields_of(Event, ())
        # It has its digest for an id, if it has none of its own.
        always = {"id": _Field(str), "kind": _Field(str), "what": own.pop("what")}
        rest = {name: _left_out(own[name].type) for name in own if name != "id"}
        fields = {**always, **rest}
        table = self._table(name, fields, lambda **parts: parts)

        def read(value: Any, place: str, faults: list[Fault]) -> Any:
            known, parts = len(faults), table.read(value, place, faults)
            if parts is None:
                return None
            kind, name = parts.pop("kind"), parts.pop("id")
            if kind not in kinds:
                hint = did_you_mean(kind, kinds)
                problem = f"the vocabulary has no {shown(kind)}: give one that has it."
                faults.append(Fault(f"{place}.kind", f"{problem}{hint}"))
                return None
            what = kinds[kind].read(parts.pop("what"), f"{place}.what", faults)
            if len(faults) > known:
                return None
            try:
                event = Event(what, **parts)
                # An event without an id of its own has a digest of its content.
                return event if event.id == name else attrs.evolve(event, id=name)
            except Exception as error:
                faults.append(Fault(place, refusal(error)))
                return None

        known = [
            {
                "if": {"properties": {"kind": {"const": kind}}},
                "then": {"properties": {"what": form.schema}},
            }
            for kind, form in kinds.items()
        ]
        return Form({**table.schema, **({"allOf": known} if known else {})}, read)


@lru_cache(256)
def form_of(kind: Hashable, vocabulary: Vocabulary) -> Form:
    """Return the form of a type, with the payload classes of a vocabulary.

    Raises:
        PlainDataError: It has none.
    """
    return _AnswerForms(vocabulary).of(kind)


def schema_of(kind: Any, vocabulary: Vocabulary) -> Schema:
    """Return the JSON Schema of a type, with the definitions that it refers to.

    Raises:
        PlainDataError: It has none.
    """
    forms = _AnswerForms(vocabulary)
    schema = forms.of(kind).schema
    return {**schema, "$defs": dict(sorted(forms.definitions.items()))}


def _left_out(hint: Any) -> _Field:
    """Return a part that is left out of plain data where it is None."""
    args = typing.get_args(hint)
    if types.NoneType not in args:
        return _Field(hint)
    some = reduce(or_, (one for one in args if one is not types.NoneType))
    return _Field(some, required=False)


def _without_form(hint: object) -> PlainDataError:
    problem = f"is not a type that can be read from plain data: {_REMEDY}"
    return PlainDataError(hint, "the type of an answer", problem)


def _is_pair(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"key", "value"}


def _chosen(values: Iterable[Any]) -> Form:
    """Return the form of one of some values, which are members or literals."""
    forms = [(plain_data(value, ""), value) for value in values]
    # By `repr`, since 1 and True are equal, and an item may have no hash.
    by_form = {repr(form): value for form, value in forms}
    choices = [form for form, _ in forms]
    description = f"one of {', '.join(map(str, choices))}"
    return atom({"enum": choices}, description, lambda value: by_form[repr(value)])


def _name_of(hint: Any) -> str:
    """Return the name of a type in a schema."""
    text = str(hint) if typing.get_args(hint) else hint.__qualname__
    parts = re.findall(r"[\w.]+", text)
    return "-".join(part.rpartition(".")[2] for part in parts)


def _field_names(cls: Any) -> Iterable[str] | None:
    for names in ("__dataclass_fields__", "_fields", "__struct_fields__"):
        if hasattr(cls, names):
            field_names: Iterable[str] = getattr(cls, names)
            return field_names
    return None


def _fields_of(
    cls: Any, args: tuple[Any, ...]
) -> tuple[dict[str, _Field], Callable[..., Any]]:
    """Return the parts of a class in plain data, and what builds it of them."""
    named = dict(zip(getattr(cls, "__parameters__", ()), args, strict=False))
    hints = {
        name: _filled(hint, named) for name, hint in typing.get_type_hints(cls).items()
    }
    fields: dict[str, _Field] = {}
    if attrs.has(cls):
        for field in attrs.fields(cls):
            # As in `fields_of()`: a private field that is not compared is a cache.
            if field.eq or (field.init and field.name[:1] != "_"):
                # A field that the class was given later is not in older data.
                required = field.init and field.default is attrs.NOTHING
                field_hint = hints.get(field.name, Any)
                fields[field.alias] = _Field(field_hint, required, field.init)
    elif issubclass(cls, Record):
        for name in cls._fields:
            # What follows from the fields is told, and not given.
            follows = getattr(cls.__dict__.get(name), "func", None)
            told = typing.get_type_hints(follows)["return"] if follows else hints[name]
            fields[name] = _Field(told, given=follows is None)
    else:
        inits = {field.name: field.init for field in _dataclass_fields(cls)}
        for name in _field_names(cls) or ():
            fields[name] = _Field(hints.get(name, Any), given=inits.get(name, True))
    if cls is Citation:
        del fields["source"]
        source, _ = _fields_of(Source, ())
        return {**source, **fields}, partial(_cited, source)
    if cls in (Period, Belief):
        del fields["since_day"]
        since = {"since": _Field(DayNumber | None)}
        return {**since, **fields}, lambda since, **parts: cls(since, **parts)
    if cls is Amendment:
        # They say again what differs between the claims.
        again = {name: _Field(Any, required=False, given=False) for name in _AGAIN}
        fields = {**again, **fields}
    if cls is Entry:
        fields["known"] = _Field(DayNumber | None)
    return fields, cls


def _dataclass_fields(cls: Any) -> Iterable[dataclasses.Field[Any]]:
    return dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()


def _cited(source: Iterable[str], **parts: Any) -> Citation:
    """Return a citation: in plain data it has the parts of its source too."""
    document = Source(**{name: parts.pop(name) for name in source if name in parts})
    return Citation(document, **parts)


def _filled(hint: Any, named: Mapping[Any, Any]) -> Any:
    """Return a type with its variables replaced."""
    if isinstance(hint, TypeVar):
        return named.get(hint, Any)
    parameters = getattr(hint, "__parameters__", ())
    if not parameters:
        return hint
    return hint[tuple(named.get(variable, Any) for variable in parameters)]
