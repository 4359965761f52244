"""Steps from the plain fields of one version of a class to those of the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from bri_timeline.errors import VocabularyError, shown


__all__ = ["Upcast", "checked", "upcast"]

Upcast: TypeAlias = Callable[[dict[str, object]], Mapping[str, object]]
_REMEDY = "give a tuple of functions, oldest first, such as (add_currency,)"


def checked(cls: type, steps: object) -> tuple[Upcast, ...]:
    """Return the upcasts of a class as a tuple.

    Raises:
        VocabularyError: They are no functions.
    """
    found = tuple(steps) if isinstance(steps, Iterable) else ()
    if not (found and all(map(callable, found))):
        problem = f"{shown(steps)} are no upcasts of {cls.__name__}: {_REMEDY}"
        raise VocabularyError(cls, problem)
    return found


def upcast(
    name: str, fields: Mapping[str, object], version: int, steps: tuple[Upcast, ...]
) -> Mapping[str, object]:
    """Return the fields that a version has today.

    Args:
        name: The kind, for messages.
        fields: JSON data of *version*; it is not changed.
        version: From 1.
        steps: All upcasts of the kind, from version 1 on.

    Raises:
        VocabularyError: An upcast failed, or gave no fields.
    """
    for number, step in enumerate(steps[version - 1 :], version):
        fields = _stepped(name, fields, number, step)
    return fields


def _stepped(
    name: str, fields: Mapping[str, object], version: int, step: Upcast
) -> Mapping[str, object]:
    called = getattr(step, "__qualname__", None) or shown(step)
    what = f"the upcast {called} of {name} from version {version}"
    try:
        found = step({key: _fresh(value) for key, value in fields.items()})
    except Exception as error:  # upcasts are anybody's code
        problem = f"{what} failed ({type(error).__name__}: {error})"
        raise VocabularyError(name, problem) from error
    if isinstance(found, Mapping) and all(isinstance(key, str) for key in found):
        return found
    problem = f"{what} gave {shown(found)}: let it return a dict of fields"
    raise VocabularyError(name, problem)


def _fresh(value: object) -> object:
    """Return a copy of plain data; what cannot change is shared."""
    if isinstance(value, Mapping):
        return {key: _fresh(item) for key, item in value.items()}
    return [_fresh(item) for item in value] if isinstance(value, list) else value
