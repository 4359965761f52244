"""Names of users' code, as options give them: MODULE:NAME."""

from __future__ import annotations

import sys
from argparse import ArgumentError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import evolve

from bri_timeline import Projection
from bri_timeline.errors import BriTimelineError, ProjectionError
from bri_timeline.folds import Composed


def offered(reference: str) -> Projection[Any] | Callable[..., object]:
    """Return the projection that `--projection` names, or a function that makes one.

    Raises:
        ArgumentError: It names nothing of the kind.
    """
    value, module = named_object("--projection", reference, "")
    if isinstance(value, Composed):
        # The words of its parts are longer than the name that its author gave it.
        return evolve(value, name=reference.rpartition(":")[2])
    if isinstance(value, Projection):
        return value
    if callable(value) and not isinstance(value, type):
        return value
    raise no_projection(reference, module)


def no_projection(reference: str, module: ModuleType) -> Exception:
    """Return the error of a name that stands for something else than a projection."""
    names = [name for name, value in vars(module).items() if _makes_one(value, module)]
    return unfit(f"--projection {reference}", module, "projection", names)


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


def function_named(option: str, reference: str) -> Callable[..., Any]:
    """Return the function that an option names as MODULE:NAME.

    Raises:
        ArgumentError: The module cannot be imported, or has no such function.
    """
    value, module = named_object(option, reference, "")
    if not callable(value):
        own = [
            name
            for name, other in vars(module).items()
            if callable(other) and getattr(other, "__module__", "") == module.__name__
        ]
        where = f"{option} {reference}"
        raise unfit(where, module, "function", own)
    return value


def named_object(option: str, reference: str, name: str) -> tuple[object, ModuleType]:
    """Import a module, and return the object that was named, and the module."""
    place, _, attribute = reference.partition(":")
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
    return getattr(module, attribute or name, None), module


def unfit(where: str, module: ModuleType, what: str, names: list[str]) -> Exception:
    """Return the error of a name that stands for an object of another kind."""
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
