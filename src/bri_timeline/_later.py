"""Names of a package that are imported when they are asked for (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bri_timeline._extras import needing


__all__ = ["Finder", "later"]

Finder = Callable[[str], object]
_NONE: Mapping[str, str] = MappingProxyType({})


def later(
    package: str, where: Mapping[str, str], extras: Mapping[str, str] = _NONE
) -> Finder:
    """Return the `__getattr__` of a package.

    Args:
        package: Its name.
        where: Name -> the module within it that has what is called so.
        extras: Name -> the extra that this needs.
    """

    def found(name: str) -> object:
        module = f"{package}.{where.get(name)}"
        if name in extras:
            with needing(extras[name]):
                return vars(importlib.import_module(module))[name]
        if name in where:
            return vars(importlib.import_module(module))[name]
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return found
