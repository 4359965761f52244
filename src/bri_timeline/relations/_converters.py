"""What the fields of facts are made of, from what people write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Context, Decimal

from bri_timeline._evidence import to_edtf
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EventError
from bri_timeline.relations._actors import actor, actors


__all__ = ["count", "figure", "optional_actor", "optional_edtf", "some_actors"]

_FIGURE = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([Ee][+-]?[0-9]{1,2})?")
_DIGITS = 40
_LONGEST_INT = 140
_EXACT = Context(prec=_DIGITS + 1)
_NO_FIGURE = "is no figure: write digits and a point alone, like '1300000.5'"
_TOO_LONG = f"is no figure: {_DIGITS} digits are the most that are kept"


def optional_edtf(value: Edtf | str | date | None) -> Edtf | None:
    """Return a date as an imprecise one, or None."""
    return None if value is None else to_edtf(value)


def optional_actor(value: str | None) -> str | None:
    """Return the id of an actor once it is known to be one, or None."""
    return None if value is None else actor(value)


def some_actors(value: Iterable[str]) -> frozenset[str]:
    """Return ids of actors as a set that is not empty."""
    found = actors(value)
    if not found:
        raise EventError(value, "names no parties: name one at least")
    return found


def figure(value: Decimal | int | str) -> Decimal:
    """Return the one way in which a figure is held, so that equal ones look alike."""
    if isinstance(value, float):
        raise EventError(value, "is a float: write a Decimal, or text such as '1.3'")
    is_text = isinstance(value, str) and _FIGURE.fullmatch(value)
    is_number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    if not (is_text or is_number):
        raise EventError(value, _NO_FIGURE)
    if isinstance(value, int) and value.bit_length() > _LONGEST_INT:
        raise EventError(value, _TOO_LONG)  # which would take long to convert
    figure = Decimal(value)
    if not figure.is_finite():
        raise EventError(value, "is no figure: leave it out where it is not known")
    if len(figure.as_tuple().digits) > _DIGITS or abs(figure.adjusted()) > _DIGITS:
        raise EventError(value, _TOO_LONG)
    plain = figure.normalize(_EXACT)
    is_whole = plain == plain.to_integral_value()
    return Decimal(int(plain)) if is_whole else plain


def count(value: int) -> int:
    """Return a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise EventError(value, "is no count: give a whole number from 1")
    return value
