"""Digests of functions: of their code, and of what that names and encloses."""

from __future__ import annotations

import sys
from functools import partial
from hashlib import blake2b
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import attrs
import msgspec


_COLLECTIONS = tuple, list, set, frozenset
# The version of the library, and that of Python, stand for the code of these.
_FIXED = {*sys.stdlib_module_names, "bri_timeline"}


def fingerprint(value: object) -> str:
    """Return a digest that differs if what a value does may differ.

    Of a function, these count: its code, its defaults, what it encloses, and the
    functions and values of its module that it names, and so on. Of a class, its methods
    and properties, and those of its bases, but for special ones. Of an object, its
    class and its fields. Of a module, and of the code of this library and of Python,
    the name. What has no fields counts by its `repr()`: if that has an address, no
    digest is found again.

    Args:
        value: A function, or what holds functions.
    """
    descriptions = _Descriptions()
    data = msgspec.json.encode(
        [sys.version, descriptions.of(value), descriptions.functions()]
    )
    return blake2b(data, digest_size=16).hexdigest()


class _Descriptions:
    """Describes values by lists of text; what comes again is named by its number."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._found: list[Any] = []

    def functions(self) -> list[Any]:
        """Return the descriptions of all functions and objects that were found."""
        # Describing one can find more of them, at the end of the list.
        return [self._parts(value) for value in self._found]

    def of(self, value: Any) -> Any:
        """Return the description of a value, or its number."""
        if isinstance(value, ModuleType) or (
            isinstance(value, type) and _is_fixed(value)
        ):
            return _name(value)
        if isinstance(value, dict):
            return ["dict", *([self.of(key), self.of(value[key])] for key in value)]
        if isinstance(value, _COLLECTIONS):
            items = [self.of(item) for item in value]
            if isinstance(value, set | frozenset):
                items.sort(key=str)
            return [type(value).__name__, *items]
        if isinstance(value, CodeType):
            consts = [self.of(const) for const in value.co_consts]
            return ["code", value.co_code.hex(), value.co_names, consts]
        if not (
            isinstance(value, type | FunctionType | MethodType | partial)
            or hasattr(value, "__wrapped__")
            or attrs.has(type(value))
            or not _is_fixed(type(value))
        ):
            return [_name(type(value)), repr(value)]
        if id(value) not in self._numbers:
            self._numbers[id(value)] = len(self._found)
            self._found.append(value)
        return self._numbers[id(value)]

    def _parts(self, value: Any) -> Any:
        if isinstance(value, type):
            members = {
                n: getattr(member, "fget", member) for n, member in vars(value).items()
            }
            methods = {
                name: member
                for name, member in members.items()
                if isinstance(member, FunctionType) and not name.startswith("__")
            }
            return [_name(value), self.of([value.__bases__, methods])]
        if isinstance(value, FunctionType):
            cells = [cell.cell_contents for cell in value.__closure__ or ()]
            parts: list[Any] = [value.__defaults__, value.__kwdefaults__, cells]
            if not _is_fixed(value):
                named = value.__globals__
                names = [name for name in _names(value.__code__) if name in named]
                parts += [value.__code__, {name: named[name] for name in names}]
            return [_name(value), self.of(parts)]
        if isinstance(value, MethodType):
            return self.of([value.__func__, value.__self__])
        if isinstance(value, partial):
            return self.of([value.func, value.args, value.keywords])
        if hasattr(value, "__wrapped__"):
            return self.of(value.__wrapped__)
        cls = type(value)
        parts = [cls, *(cls.__call__ for _ in range(callable(value)))]
        if attrs.has(cls):
            fields = {
                attribute.name: getattr(value, attribute.name)
                for attribute in attrs.fields(cls)
            }
            return self.of([*parts, fields])
        return self.of([*parts, getattr(value, "__dict__", None) or repr(value)])


def _names(code: CodeType) -> list[str]:
    """Return the names that a function and those within it use."""
    inner = [
        inner_code for inner_code in code.co_consts if isinstance(inner_code, CodeType)
    ]
    names = {name for inner_code in inner for name in _names(inner_code)}
    return sorted(names.union(code.co_names))


def _is_fixed(value: Any) -> bool:
    return str(value.__module__).partition(".")[0] in _FIXED


def _name(value: Any) -> str:
    module = getattr(value, "__module__", None)
    return f"{module}.{getattr(value, '__qualname__', value.__name__)}"
