"""Names of a package that are imported on first access (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType

from bri_timeline.errors import MissingExtraError


__all__ = [
    "EXTRAS",
    "Finder",
    "later",
    "needing",
]


Finder = Callable[[str], object]
_NONE: Mapping[str, str] = MappingProxyType({})


def later(
    package: str, where: Mapping[str, str], extras: Mapping[str, str] = _NONE
) -> Finder:
    """Return the `__getattr__` of a package.

    Args:
        package: Its name.
        where: Name -> the module of the package that defines it.
        extras: Name -> the extra that it needs.
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


# Extra -> the modules that it installs.
EXTRAS = {
    "altair": ("altair",),
    "arrow": ("pyarrow",),
    "bibtex": ("bibtexparser",),
    "chronicle": ("tomli_w",),
    "graph": ("networkx",),
    "ical": ("icalendar",),
    "png": ("resvg_py",),
    "postgres": ("psycopg",),
    "scale": ("duckdb", "pyarrow"),
    "testing": ("hypothesis",),
}


# It reads as a statement, so it is named like `contextlib.suppress`. A generator would
# add its own frames to every failed import.
class needing:  # noqa: N801
    """A block of imports that needs an extra.

    Args:
        extra: Its name.

    Raises:
        MissingExtraError: A module of the extra cannot be imported.
    """

    def __init__(self, extra: str) -> None:
        self._extra = extra

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Replace the error of a missing module; other errors pass."""
        if isinstance(error, ImportError):
            module = str(error.name).partition(".")[0]
            # An import error inside an installed package is not about the extra.
            if module in EXTRAS[self._extra]:
                raise MissingExtraError(self._extra, module) from error
