"""Names of a package that are imported when they are asked for (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


__all__ = ["Finder", "later"]

Finder = Callable[[str], object]


def later(package: str, where: Mapping[str, str]) -> Finder:
    """Return the `__getattr__` of a package.

    Args:
        package: Its name.
        where: Name -> the module within it that has what is called so.
    """

    def found(name: str) -> object:
        if name in where:
            return vars(importlib.import_module(f"{package}.{where[name]}"))[name]
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return found
