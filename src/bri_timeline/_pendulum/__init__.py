"""The names of pendulum that core modules use, imported on first access.

Importing pendulum takes as long as importing the library, and a log can be read, asked
and written without it: only a day that is returned as a date needs it.
"""

import importlib
import typing


if typing.TYPE_CHECKING:
    from pendulum import Date, Duration, now


__all__ = ["Date", "Duration", "now"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    attribute: object = getattr(importlib.import_module("pendulum"), name)
    # The next access finds it without asking this function.
    globals()[name] = attribute
    return attribute
