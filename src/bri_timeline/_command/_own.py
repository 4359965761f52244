"""Vocabularies and projections in modules of the user."""

from __future__ import annotations

import sys
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from bri_timeline import Projection, Vocabulary
from bri_timeline.errors import BriTimelineError, ProjectionError
from bri_timeline.formats import Coded
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.formats.ucdp import Violence
from bri_timeline.relations import FACTS, relationship


__all__ = [
    "add_projection",
    "add_vocabulary",
    "calling",
    "projection_of",
    "vocabulary_of",
]

_SHIPPED = FACTS | Vocabulary(Coded, Slide, Violence)


def add_vocabulary(parser: ArgumentParser) -> None:
    """Add the argument for a vocabulary of the user."""
    parser.add_argument(
        "--facts",
        metavar="MODULE:NAME",
        help="a Vocabulary of your own, beside the shipped facts; MODULE is imported",
    )


def add_projection(parser: ArgumentParser) -> None:
    """Add the argument for a projection of the user."""
    parser.add_argument(
        "--projection",
        metavar="MODULE:NAME",
        help="a Projection of your own, or a function of the actors of --between that"
        " returns one; by default the relationship of these",
    )


def vocabulary_of(given: Namespace) -> Vocabulary:
    """Return the shipped payload classes and those of `--facts`.

    Raises:
        ArgumentError: `--facts` does not name a vocabulary.
        VocabularyError: It has another class of the name of a shipped one.
    """
    if given.facts is None:
        return _SHIPPED
    found, module = _named("--facts", given.facts, "FACTS")
    if isinstance(found, Vocabulary):
        return _SHIPPED | found
    names = [name for name, one in vars(module).items() if isinstance(one, Vocabulary)]
    where = f"--facts {given.facts}"
    raise _unfit(where, module, "vocabulary", names)


def projection_of(
    given: Namespace, parties: tuple[str, ...], vocabulary: Vocabulary
) -> Projection[Any]:
    """Return the projection of `--projection`, by default a relationship.

    Args:
        given: The command line.
        parties: The actors of `--between`.
        vocabulary: The payload classes of the log.

    Raises:
        ArgumentError: The option does not name a projection, or reads a class that the
            vocabulary lacks; or parties are needed and not given.
        BriTimelineError: The parties have no relationship.
    """
    option, reference = "--projection", given.projection
    if reference is None:
        if not parties:
            problem = "the following arguments are required: --between ACTOR ACTOR, or"
            raise ArgumentError(None, f"{problem} {option} MODULE:NAME")
        if len(parties) == 1:
            problem = f"--between names {parties[0]} alone, and a relationship has two"
            remedy = f"actors or more: name another, or give {option} MODULE:NAME"
            raise ArgumentError(None, f"{problem} {remedy}")
        return relationship(*parties)
    found, module = _named(option, reference, "")
    if callable(found) and not isinstance(found, Projection | type):
        if not parties:
            problem = f"{option} {reference} is a function of parties: give --between"
            raise ArgumentError(None, problem)
        with calling(option, reference):
            found = found(*parties)
    if not isinstance(found, Projection):
        names = [name for name, one in vars(module).items() if _makes_one(one, module)]
        where = f"{option} {reference}"
        raise _unfit(where, module, "projection", names)
    # A class that the vocabulary lacks would be read as unknown, and never counted.
    for cls in found.reads or ():
        if not any(issubclass(one, cls) for one in vocabulary._classes.values()):
            problem = f"{option} {reference} reads {cls.__name__}, which is not among"
            raise ArgumentError(None, f"{problem} the facts: give --facts MODULE:NAME")
    return found


@contextmanager
def calling(option: str, reference: str | None) -> Iterator[None]:
    """Report an exception of the user's code as a fault, with its place.

    Args:
        option: The option that named the code.
        reference: What it named; None for code of ours, whose exceptions pass.

    Raises:
        ProjectionError: The code raised an exception.
    """
    try:
        yield
    except (ArgumentError, BriTimelineError, OSError):
        raise
    except Exception as error:
        if reference is None:
            raise
        notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
        problem = f"raised {type(error).__name__}: {error}{notes}"
        where = f"{option} {reference}"
        raise ProjectionError(where, problem) from error


def _named(option: str, reference: str, name: str) -> tuple[object, ModuleType]:
    """Import a module, and return the object that was named, and the module."""
    place, _, given = reference.partition(":")
    # `python -m` looks here too; `-P` and PYTHONSAFEPATH forbid it.
    here = str(Path.cwd())
    if not (sys.flags.safe_path or {"", here} & {*sys.path}):
        sys.path.insert(0, here)
    try:
        module = import_module(place)
    # A module may raise anything, and may leave the program in silence.
    except (Exception, SystemExit) as error:
        is_plain = isinstance(error, ImportError | ValueError)
        problem = str(error) if is_plain else f"{type(error).__name__}: {error}"
        raise ArgumentError(None, f"{option} {reference}: {problem}") from None
    return getattr(module, given or name, None), module


def _unfit(where: str, module: ModuleType, what: str, names: list[str]) -> Exception:
    """Return the error of a name that is not what it should be."""
    name = where.rpartition(":")[2]
    problem = f"{where} is not a {what.title()}"
    if ":" in where and not hasattr(module, name):
        problem = f"{where}: module {module.__name__} has no name {name}"
    many = {"vocabulary": "vocabularies"}.get(what, f"{what}s")
    there = f"its {many} are: {', '.join(names)}" if names else f"it has no {many}"
    return ArgumentError(None, f"{problem}; {there}")


def _makes_one(value: object, module: ModuleType) -> bool:
    """Check whether it is a projection, or a function of the module that makes one."""
    returns = str(getattr(value, "__annotations__", {}).get("return", ""))
    is_own = getattr(value, "__module__", "") == module.__name__
    return isinstance(value, Projection) or ("Projection[" in returns and is_own)
