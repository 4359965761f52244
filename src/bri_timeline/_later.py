"""Names of a package that are imported on first access (PEP 562), and its version."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType

from bri_timeline.errors import MissingExtraError


Finder = Callable[[str], object]
Listing = Callable[[], list[str]]


def later(
    package: str,
    *modules: str,
    names: Container[str] | None = None,
    packages: Container[str] = (),
    face: str | None = None,
) -> Finder:
    """Return the `__getattr__` of a package, for names of some of its modules.

    Args:
        package: Its name.
        modules: The modules of the package. They are imported in this order, until the
            `__all__` of one has the name.
        names: The only names that are found; None means all that the modules list.
        packages: Modules of the package that are found by their own names.
        face: The name of the module that has it, if that is another one.
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
        msg = f"module {face or package!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return find


def listing(namespace: Mapping[str, object], names: Iterable[str]) -> Listing:
    """Return the `__dir__` of a package: also what is imported on first access.

    Args:
        namespace: What the package has so far, and gets.
        names: The names of the rest.
    """
    return lambda: sorted({*namespace, *names})


def version() -> str:
    """Return the version of the package, read from its metadata."""
    # Imported here: that takes long, and few programs ask.
    from importlib import metadata

    try:
        return metadata.version("bri-timeline")
    except metadata.PackageNotFoundError:  # a copy of the files, never installed
        return "unknown"


# Extra -> the modules that it installs, each with its package; as in pyproject.toml.
EXTRAS = {
    "arrow": {"pyarrow": "pyarrow>=20"},
    "bibtex": {"bibtexparser": "bibtexparser>=2"},
    "chronicle": {"tomli_w": "tomli-w>=1.2"},
    "completion": {"shtab": "shtab>=1.8"},
    "delta": {"deltalake": "deltalake>=1.5"},
    "graph": {"networkx": "networkx>=3.3"},
    "ical": {"icalendar": "icalendar>=6"},
    "mcp": {"mcp": "mcp>=2"},
    "names": {"babel": "babel>=2.16"},
    "png": {"resvg_py": "resvg-py>=0.5"},
    "postgres": {"psycopg": "psycopg[binary]>=3.3.1"},
    "remote": {"obstore": "obstore>=0.8"},
    "scale": {"duckdb": "duckdb>=2.0.1", "pyarrow": "pyarrow>=20"},
    "sheets": {
        "python_calamine": "python-calamine>=0.9",
        "xlsxwriter": "xlsxwriter>=3.2",
    },
    "testing": {"hypothesis": "hypothesis>=6.120"},
}


def needing(extra: str) -> AbstractContextManager[None]:
    """Return a block of imports that needs an extra of this package.

    Args:
        extra: Its name, as pip knows it.

    Raises:
        MissingExtraError: A module of the extra cannot be imported.
    """
    return _Imports(extra)


# A generator would add its own frames to every failed import.
class _Imports(AbstractContextManager[None]):
    """Imports of the modules of an extra."""

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
            packages = EXTRAS[self._extra]
            if module in packages:
                raise MissingExtraError(
                    self._extra, module, packages[module]
                ) from error
