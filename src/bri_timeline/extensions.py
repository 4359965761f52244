"""Formats, pages, stores and verbs, as entry points name them: ours, and of others.

Nothing is read on import: the command asks when it needs one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from inspect import signature
from operator import attrgetter
from pathlib import Path
from typing import Any

from bri_timeline._logger import warn
from bri_timeline.errors import ExtensionError, shown


__all__ = [
    "accepted",
    "broken",
    "each",
    "extension",
    "extensions",
    "named",
    "naming",
    "others",
    "suffix_of",
    "suffixes",
]


# Pages that no suffix of a file tells: they are asked for by name.
PICTURES = ("beliefs", "calendar", "in_force", "network", "places", "sources")
# Ours by group, in the order in which they are tried. `pyproject.toml` has them as
# entry points, for whoever lists those. They stand here because files that were never
# installed have no entry points, and those installed long ago have older ones.
OURS: Mapping[str, Mapping[str, str]] = {
    "formats": {
        name: f"bri_timeline.formats.{name}"
        for name in (
            *("chronicle", "jsonl", "csv", "arrow", "timelinejs", "ical", "graph"),
            *("csl", "bibtex", "geojson", "xlsx"),
        )
    },
    "pages": {
        name: f"bri_timeline.pages.{name}"
        for name in ("html", "png", "svg", "text", "markdown", *PICTURES)
    },
    "stores": {"store": "bri_timeline.stores:SQLiteStore"},
    "verbs": {
        verb: f"bri_timeline._command.{module}:add_{verb}"
        for verb, module in {
            "import": "_exchange",
            "export": "_exchange",
            "init": "_authoring",
            "facts": "_authoring",
            "schema": "_authoring",
            "propose": "_language_models",
            "review": "_language_models",
            "serve": "_serve",
            "state": "_state",
            "explain": "_explain",
            "panel": "_asking",
            "history": "_asking",
            "first": "_asking",
            "diff": "_asking",
            "match": "_comparing",
            "compare": "_comparing",
            "timeline": "_exchange",
            "embed": "_embedding",
            "verify": "_checks",
            "doctor": "_checks",
        }.items()
    },
}
_PACKAGE = "bri_timeline"


def extensions(group: str) -> dict[str, str]:
    """Return the modules, or `module:object`, of a group by name; ours come first.

    Args:
        group: `formats`, `pages`, `stores` or `verbs`.
    """
    # The import takes long, and most commands need only what is ours.
    from importlib.metadata import entry_points

    places = {**OURS[group]}
    for point in entry_points(group=f"{_PACKAGE}.{group}"):
        name, place = point.name, point.value
        is_ours = place.startswith(f"{_PACKAGE}.")
        if not is_ours and places.setdefault(name, place) != place:
            warn("%s of %s: the name %s is taken", place, group, name)
    return places


def extension(group: str, name: str) -> Any:
    """Return what a name in a group stands for; its module is imported.

    Raises:
        ExtensionError: There is none, or it cannot be imported, or what it has is not
            what the command asks for.
    """
    value = OURS[group].get(name) or extensions(group).get(name)
    if value is None:
        known = ", ".join(extensions(group))
        raise ExtensionError(name, f"is not among the {group}: {known}")
    module, _, path = value.partition(":")
    with naming(name, f"({value}) cannot be imported"):
        there = import_module(module)
        found = attrgetter(path)(there) if path else there
        if name not in OURS[group]:
            _check(group, found)
    return found


@contextmanager
def naming(name: str, problem: str) -> Iterator[None]:
    """Return a context in which what others wrote may fail: then the error names it.

    It may raise anything, and end the process.

    Args:
        name: Its name.
        problem: What it fails to do.

    Raises:
        ExtensionError: It has failed.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        remedy = "update or remove the package that brings it"
        why = f"{type(error).__name__}: {error}"
        raise ExtensionError(name, f"{problem}: {why}; {remedy}") from error


def _check(group: str, there: Any) -> None:
    """Make sure that the names of what others wrote have values of their types.

    Raises:
        TypeError: One has not.
        ValueError: The arguments of a function cannot be told.
    """
    for name in ("NAMES", "KEEPS"):
        words = getattr(there, name, ())
        is_text = isinstance(words, str) or not isinstance(words, Collection)
        if is_text or not all(isinstance(word, str) for word in words):
            problem = f"{name} is {shown(words)}, and not a tuple of texts"
            raise TypeError(problem)
    if group in ("stores", "verbs"):
        signature(there)
        return
    for name in ("load", "dump", "render"):
        if hasattr(there, name):
            signature(getattr(there, name))


def each(*groups: str, first: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what some groups have, by name; modules are imported one after the other.

    What others wrote comes last, and is left out if it cannot be imported.

    Args:
        groups: Some of `formats`, `pages`, `stores` and `verbs`.
        first: The name of ours that is tried first, if it is one.
    """
    ours = [(group, name) for group in groups for name in OURS[group]]
    for group, name in sorted(ours, key=lambda pair: pair[1] != first):
        yield name, extension(group, name)
    for _, name, there in others(*groups):
        if isinstance(there, ExtensionError):
            warn("%s", there)
        else:
            yield name, there


def others(*groups: str) -> Iterator[tuple[str, str, Any]]:
    """Yield what others wrote: the group, the name, and what this stands for.

    That is an `ExtensionError` if it cannot be imported.

    Args:
        groups: Some of `formats`, `pages`, `stores` and `verbs`.
    """
    for group in groups:
        for name in [one for one in extensions(group) if one not in OURS[group]]:
            try:
                yield group, name, extension(group, name)
            except ExtensionError as error:
                yield group, name, error


def broken(*groups: str) -> str:
    """Return a clause on what others wrote and cannot be imported; empty for none."""
    errors = [one for *_, one in others(*groups) if isinstance(one, ExtensionError)]
    return "".join(f"; {error}" for error in errors)


def named(suffix: str, *groups: str) -> str | None:
    """Return the name of what has a suffix among its `NAMES`, if anything has.

    Args:
        suffix: The end of the name of a file, such as `.csv`.
        groups: Some of `formats`, `pages` and `stores`.
    """
    found = each(*groups, first=suffix[1:])
    return next((name for name, one in found if suffix in suffixes(one)), None)


def suffix_of(path: Path) -> str:
    """Return the suffix that tells the format of a file; empty without one.

    That of `log.jsonl.gz` is `.jsonl`: readers decompress.
    """
    ends = [suffix.lower() for suffix in path.suffixes]
    return next((end for end in reversed(ends) if end != ".gz"), "")


def suffixes(one: object) -> tuple[str, ...]:
    """Return the suffixes of a format, a page or a store."""
    return tuple(getattr(one, "NAMES", ()))


def accepted(
    function: Callable[..., object], options: Mapping[str, object]
) -> dict[str, Any]:
    """Return those options that a function takes."""
    known = signature(function).parameters
    return {name: value for name, value in options.items() if name in known}
