"""What is wrong with plain data, in words for people who do not program."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from bri_timeline._codec._nearby import Nearby
from bri_timeline.errors import BriTimelineError, shown


__all__ = ["called", "described", "located", "near", "refused"]

_NAME = re.compile(r"[-A-Za-z0-9_]{1,60}")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_INDEX = re.compile(r"\[(\d+)\]")
_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "date": "a day, such as 2019-04-24",
    "datetime": "a day with a time",
    "decimal": "a number",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a table",
    "str": "text",
}


def near(name: str, known: Nearby | Iterable[str]) -> str:
    """Return a question about the nearest of some known names, or nothing.

    Args:
        name: A name that is not known.
        known: The names; `Nearby` where there are many, or many are asked for.
    """
    if not _NAME.fullmatch(name):
        return ""
    nearby = known if isinstance(known, Nearby) else _nearby(tuple(known))
    close = nearby.of(name)
    return f" Did you mean {close[0]!r}?" if close else ""


@lru_cache(64)
def _nearby(known: tuple[str, ...]) -> Nearby:
    return Nearby(known)


def called(name: str) -> str:
    """Return a name as it stands, unless it is too odd to be shown so."""
    return name if _NAME.fullmatch(name) else shown(name)


def described(value: object) -> str:
    """Return what was written, in words and in short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, int) and value.bit_length() > 99:
        return "a huge number"  # some are too long to be written out at all
    if isinstance(value, int | float | Decimal):
        return f"the number {value}"[:60]
    if isinstance(value, date):
        kind = "instant" if isinstance(value, datetime) else "day"
        return f"the {kind} {value.isoformat()}"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"


def located(error: str, value: object, choices: list[object]) -> tuple[str, str]:
    """Return why a conversion failed, and where in the value.

    Args:
        error: What msgspec says.
        value: What was converted.
        choices: The values that an enumeration has, if one was wanted.
    """
    said, _, path = error.partition(" - at `")
    path = path.rstrip("`").rpartition("$")[2]
    place = _INDEX.sub(lambda match: f" item {int(match[1]) + 1}", path)
    place = place.replace("[...]", "")
    expected = _EXPECTED.fullmatch(said)
    if said == "Invalid RFC3339 encoded date":
        wanted = _WORDS["date"]
    elif expected:
        kinds = [kind for kind in expected[1].split(" | ") if kind != "null"]
        wanted = " or ".join(_WORDS.get(kind, kind) for kind in kinds)
    elif choices:
        wanted = " or ".join(map(shown, choices))
    else:
        return said, place
    got = _WORDS.get(expected[2], expected[2]) if expected and place else None
    return f"is {got or described(value)}: write {wanted}", place


def refused(error: Exception) -> str:
    """Return why a class refused a value; converters and validators are anybody's."""
    if isinstance(error, BriTimelineError | ValueError | TypeError) and str(error):
        return str(error)
    return f"was refused by its class ({type(error).__name__}: {error})"
