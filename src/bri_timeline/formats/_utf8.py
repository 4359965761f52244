"""Text that UTF-8 cannot hold, told by whoever writes a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from bri_timeline.errors import Fault, FaultsError, shown


__all__ = ["in_utf8"]

P = ParamSpec("P")
T = TypeVar("T")
_AROUND = 20


def in_utf8(dump: Callable[P, T]) -> Callable[P, T]:
    """Return a function that writes a file, and tells of text that is not writable.

    Half a character of UTF-16 is text for Python, and for nothing else.

    Args:
        dump: The function; its second argument is the path.
    """

    @wraps(dump)
    def dumped(*given: P.args, **named: P.kwargs) -> T:
        try:
            return dump(*given, **named)
        except UnicodeEncodeError as error:
            path = named["path"] if "path" in named else given[1]
            part = error.object[max(0, error.start - _AROUND) : error.end + _AROUND]
            problem = "holds half a character, which UTF-8 cannot write: correct it"
            fault = Fault("text", f"{shown(part)} {problem}")
            raise FaultsError(str(path), [fault]) from None

    return dumped
