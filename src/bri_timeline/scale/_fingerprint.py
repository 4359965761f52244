"""Digests of functions: of their code, and of what that names and encloses."""

from __future__ import annotations

import dis
import re
import secrets
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copyreg import dispatch_table
from functools import cache, cached_property, partial
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any, NamedTuple
from weakref import ref

import attrs
import msgspec


_PLAIN = bool, bytes, complex, float, int, str, range, type(None), type(...)
_SETS, _ORDERED = (set, frozenset), (tuple, list)
# No digest is found again of what calls these: they name what no code shows.
_OPAQUE = {"__import__", "eval", "exec", "globals", "import_module", "locals"}
# What Python notes of a class or module beside its code, in part anew in each process;
# what is built in can be added to by any program.
_NOTES = {
    "__builtins__", "__cached__", "__file__", "__loader__", "__spec__",
    "__annotate__", "__annotate_func__", "__annotations__", "__annotations_cache__",
    "__dict__", "__doc__", "__firstlineno__", "__module__", "__qualname__",
    "__slotnames__", "__static_attributes__", "__weakref__", "_abc_impl",
    "_value2member_map_",
}  # fmt: skip
_HEAP_TYPE = 1 << 9
_LABELLED = 5
_MADE_BY_ATTRS = "<attrs generated "
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def fingerprint(value: object) -> str:
    """Return a digest that differs if what a value does may differ.

    Of a function, these count: its code, the names of its arguments, its defaults, what
    it encloses, and the functions and values that it names: those of its module, of
    modules that it imports, and so on. Of a class, all its members, its bases, and what
    its annotations name. Of an object, its class and all that it holds. Of the code of
    this library and of Python, the name; of other installed packages, also what was
    installed. If a function names what its code does not show, as by `eval()`, no
    digest is found again, nor is that of what has a `repr()` with an address, and
    cannot be copied.

    Args:
        value: A function, or what holds functions.
    """
    descriptions = _Descriptions()
    data = msgspec.json.encode(
        [sys.version, descriptions.of(value), descriptions.found()]
    )
    return blake2b(data, digest_size=16).hexdigest()


class _NamesIn(NamedTuple):
    """A module, and the names by which a function may reach what is in it."""

    module: ModuleType
    names: frozenset[str]


class _Descriptions:
    """Describes values by lists of text; what comes again is named by its number."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._found: list[Any] = []

    def found(self) -> list[Any]:
        """Return the descriptions of all functions and objects that were found."""
        # Describing one can find more of them, at the end of the list.
        return [self._parts(value) for value in self._found]

    def of(self, value: Any) -> Any:
        """Return the description of a value, or its number."""
        cls = type(value)
        if cls in _PLAIN:
            return [cls.__name__, repr(value)]
        if cls is tuple:
            return ["tuple", *map(self.of, value)]
        if cls in _SETS:
            # The order of a set is another in each process.
            return [cls.__name__, *map(self.of, sorted(value, key=_label))]
        if cls is CodeType:
            return self._code(value)
        if isinstance(value, type) and _is_fixed(value):
            return [_name(value), _edition(value.__module__)]
        if isinstance(value, ModuleType) and _edition(value.__name__) is not None:
            return [value.__name__, _edition(value.__name__)]
        key = value if isinstance(value, _NamesIn) else id(value)
        if key not in self._numbers:
            self._numbers[key] = len(self._found)
            # It is kept, so that no other has its address.
            self._found.append(value)
        return self._numbers[key]

    def _all(self, *values: Any) -> list[Any]:
        return [self.of(value) for value in values]

    def _items(self, items: Mapping[Any, Any]) -> list[Any]:
        return [self._all(key, value) for key, value in items.items()]

    def _code(self, code: CodeType) -> list[Any]:
        counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
        # Arguments can be given by name; the names of other variables do not matter.
        arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        text = code.co_code.hex(), code.co_exceptiontable.hex()
        return [
            "code",
            *(*text, code.co_flags, counts, arguments, code.co_names),
            self._all(*code.co_consts),
        ]

    def _parts(self, value: Any) -> Any:
        cls = type(value)
        if isinstance(value, _NamesIn):
            there = {
                name: getattr(value.module, name, _NamesIn) for name in value.names
            }
            members = {n: there[n] for n in sorted(there) if there[n] is not _NamesIn}
            return [value.module.__name__, *self._named(members, value.names)]
        if isinstance(value, ModuleType):
            members = {n: v for n, v in vars(value).items() if n not in _NOTES}
            return [value.__name__, *self._items(members)]
        if isinstance(value, type):
            return self._class(value)
        if cls is FunctionType:
            return self._function(value)
        if cls in (dict, MappingProxyType):
            return [cls.__name__, *self._items(value)]
        if cls is list:
            return ["list", *self._all(*value)]
        return [self.of(cls), *self._all(*_held_by(value))]

    def _named(
        self, values: Mapping[str, Any], names: frozenset[str]
    ) -> Iterator[list[Any]]:
        """Yield descriptions of values with names; of a module, what these reach."""
        for name, value in values.items():
            is_module = isinstance(value, ModuleType)
            is_own = is_module and _edition(value.__name__) is None
            yield [name, self.of(_NamesIn(value, names) if is_own else value)]

    def _function(self, value: FunctionType) -> list[Any]:
        if value.__code__.co_filename.startswith(_MADE_BY_ATTRS):
            # The fields of its class stand for it; its code differs in each process.
            return [_name(value), *self._named(_cells(value), frozenset())]
        around = value.__globals__
        names = frozenset(_names(value.__code__))
        held = value.__defaults__, value.__kwdefaults__, vars(value)
        parts = [
            _name(value),
            *self._all(*held),
            *self._named(_cells(value), names),
        ]
        module = str(around.get("__name__"))
        is_there = vars(sys.modules.get(module, sys)) is around
        if is_there and (edition := _edition(module)) is not None:
            return [*parts, edition]
        known = {name: around[name] for name in sorted(names) if name in around}
        parts += [self.of(value.__code__), *self._named(known, names)]
        parts += self._named(dict(_imported(value.__code__, around)), names)
        if not _OPAQUE.isdisjoint(names - known.keys()):
            parts.append(secrets.token_hex())
        return parts

    def _class(self, cls: type) -> list[Any]:
        members = {
            name: member for name, member in vars(cls).items() if name not in _NOTES
        }
        annotations = _annotations(cls)
        names = _IDENTIFIER.findall(" ".join(filter(_is_text, annotations.values())))
        around = vars(sys.modules.get(cls.__module__, ModuleType("")))
        known = {name: around[name] for name in sorted({*names}) if name in around}
        held = type(cls), *cls.__bases__
        return [
            _name(cls),
            *self._all(*held),
            *self._items(members),
            *self._items(annotations),
            *self._named(known, frozenset(names)),
        ]


# --- what values hold -----------------------------------------------------------------


def _held_by(value: Any) -> Iterable[Any]:
    """Return what an object holds, beside those that have parts of their own."""
    if isinstance(value, property):
        return value.fget, value.fset, value.fdel
    if isinstance(value, cached_property):
        return (value.func,)
    if isinstance(value, MethodType):
        return value.__func__, value.__self__
    if isinstance(value, partial):
        return value.func, value.args, value.keywords, vars(value)
    if isinstance(value, ref):
        return (value(),)
    cls = type(value)
    is_fixed = _is_fixed(cls)
    if is_fixed and hasattr(value, "__wrapped__"):
        return value.__wrapped__, {**getattr(value, "__dict__", {})}
    if is_fixed and attrs.has(cls):
        # Some keep what follows from the rest, and is another in each process.
        names = (part.name for part in attrs.fields(cls) if part.init or part.eq)
        return ({name: getattr(value, name, None) for name in names},)
    held: list[Any] = [] if is_fixed else [_fields(value)]
    try:
        reduce = dispatch_table.get(cls)
        copied = reduce(value) if reduce else value.__reduce_ex__(4)
    except Exception:  # it says so in whichever way it likes
        return [*held, repr(value)]
    if isinstance(copied, str):
        return [*held, copied]
    # Items of a list or a dict come one by one.
    return [*held, *copied[:3], *map(list, filter(None, copied[3:5]))]


def _fields(value: Any) -> dict[str, Any]:
    """Return all fields of an object, whether it has a dict or slots."""
    fields = {**getattr(value, "__dict__", {})}
    for cls in type(value).__mro__:
        slots = vars(cls).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            name = slot
            if slot.startswith("__") and not slot.endswith("__"):
                name = f"_{cls.__name__.lstrip('_')}{slot}"
            if name not in _NOTES and hasattr(value, name):
                fields[name] = getattr(value, name)
    return fields


def _label(value: Any, depth: int = _LABELLED) -> str:
    """Return text by which the items of a set have the same order in each process."""
    if isinstance(value, type | FunctionType):
        return _name(value)
    cls = type(value)
    if cls in _PLAIN or not depth:
        return f"{cls.__name__} {value!r}" if cls in _PLAIN else _name(cls)
    if cls in _SETS or cls in _ORDERED:
        labels = [_label(item, depth - 1) for item in value]
        return f"{cls.__name__} {sorted(labels) if cls in _SETS else labels}"
    labels = [_label(held, depth - 1) for held in _held_by(value)]
    return f"{_name(cls)} {labels}"


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function and those within it use, also as text."""
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _names(const)
        elif isinstance(const, str) and const.isidentifier():
            yield const


def _imported(code: CodeType, around: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the modules that a function and those within it import."""
    steps = [
        step for step in dis.get_instructions(code) if step.opname != "EXTENDED_ARG"
    ]
    for place, step in enumerate(steps):
        if step.opname == "IMPORT_NAME":
            name = "." * steps[place - 2].argval + step.argval
            try:
                yield name, import_module(name, around.get("__package__"))
            except Exception:  # whatever the module does when it is imported
                yield name, secrets.token_hex()
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _imported(const, around)


def _annotations(cls: type) -> dict[str, Any]:
    try:
        return {**vars(cls).get("__annotations__", {})} or {**cls.__annotations__}
    except Exception:  # they name what is not there
        return {}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _cells(function: FunctionType) -> dict[str, Any]:
    """Return what a function encloses."""
    enclosed = dict[str, Any]()
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=True):
        with suppress(ValueError):  # it is empty
            enclosed[name] = cell.cell_contents
    return enclosed


# --- code that stays ------------------------------------------------------------------


def _is_fixed(cls: type) -> bool:
    """Check whether the name of a class stands for its code."""
    if _edition(cls.__module__) is None:
        return False
    if not cls.__flags__ & _HEAP_TYPE:
        return True
    # A class that was made elsewhere can say that it is of any module.
    there: Any = sys.modules.get(cls.__module__)
    for name in cls.__qualname__.split("."):
        there = getattr(there, name, None)
    return there is cls


def _edition(module: object) -> str | None:
    """Return what tells the code of a module from that of another edition, if known."""
    return _edition_of(str(module).partition(".")[0])


@cache
def _edition_of(package: str) -> str | None:
    # The version of the library, and that of Python, stand for the code of these.
    if package == "bri_timeline":
        return ""
    spec = getattr(sys.modules.get(package), "__spec__", None)
    origin = getattr(spec, "origin", None)
    if package in sys.stdlib_module_names:
        library = Path(sysconfig.get_path("stdlib"))
        is_own = origin in (None, "built-in", "frozen") or Path(origin).is_relative_to(
            library
        )
        return "" if is_own else None
    if spec is None or origin is None:
        return None
    # The digests of all files that were installed; not of those that can be edited.
    place = Path(origin).parent
    folder = place.parent if spec.submodule_search_locations else place
    for path in sorted(folder.glob("*.dist-info/RECORD")):
        record = b"\n" + path.read_bytes()
        if any(f"\n{package}{end}".encode() in record for end in "/."):
            return blake2b(record, digest_size=16).hexdigest()
    return None


def _name(value: Any) -> str:
    module = getattr(value, "__module__", None)
    return f"{module}.{getattr(value, '__qualname__', value.__name__)}"
