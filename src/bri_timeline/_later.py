"""Names of a package that are imported on first access (PEP 562), and its version."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Container
from types import TracebackType

from bri_timeline.errors import MissingExtraError


__all__ = [
    "EXTRAS",
    "Finder",
    "later",
    "needing",
    "version",
]


Finder = Callable[[str], object]


def later(
    package: str,
    *modules: str,
    names: Container[str] | None = None,
    packages: Container[str] = (),
) -> Finder:
    """Return the `__getattr__` of a package, for names of some of its modules.

    Args:
        package: Its name.
        modules: The modules of the package. They are imported in this order, until the
            `__all__` of one has the name.
        names: The only names that are found; None means all that the modules list.
        packages: Modules of the package that are found by their own names.
    """

    def find(name: str) -> object:
        if name in packages:
            return importlib.import_module(f"{package}.{name}")
        # The import system asks each package for names like `__path__` and `_module`.
        if not name.startswith("_") if names is None else name in names:
            for module in modules:
                there = importlib.import_module(f"{package}.{module}")
                if name in there.__all__:
                    return getattr(there, name)
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return find


def version() -> str:
    """Return the version of the package, read from its metadata."""
    # Imported here: that takes long, and few programs ask.
    from importlib import metadata

    try:
        return metadata.version("bri-timeline")
    except metadata.PackageNotFoundError:  # a copy of the files, never installed
        return "unknown"


# Extra -> the modules that it installs.
EXTRAS = {
    "altair": ("altair",),
    "arrow": ("pyarrow",),
    "bibtex": ("bibtexparser",),
    "chronicle": ("tomli_w",),
    "completion": ("shtab",),
    "graph": ("networkx",),
    "ical": ("icalendar",),
    "mcp": ("mcp",),
    "names": ("babel",),
    "png": ("resvg_py",),
    "postgres": ("psycopg",),
    "scale": ("duckdb", "pyarrow"),
    "sheets": ("python_calamine",),
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
