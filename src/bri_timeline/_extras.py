"""Optional dependencies: what each extra installs, and the error if it is missing."""

from __future__ import annotations

from types import TracebackType

from bri_timeline.errors import MissingExtraError


__all__ = ["EXTRAS", "needing"]

# The extra -> the modules that it brings.
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
        """Begin."""

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Say how to install what is missing; other errors pass."""
        if isinstance(error, ImportError):
            module = str(error.name).partition(".")[0]
            if module in EXTRAS[self._extra]:
                raise MissingExtraError(self._extra, module) from error
