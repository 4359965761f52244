"""The forms of values without parts: numbers, text, days, dates of EDTF."""

from __future__ import annotations

import re
import types
from binascii import a2b_base64
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pendulum

from bri_timeline import Answer
from bri_timeline.edtf import Edtf
from bri_timeline.errors import Fault
from bri_timeline.extend import described, to_day


Schema = dict[str, Any]
_Read = Callable[[Any, str, list[Fault]], Any]
_NUMBER = r"^-?([0-9]+(\.[0-9]+)?(E[-+]?[0-9]+)?|Infinity|s?NaN[0-9]*)$"
_DAY = r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}"
_ODD = ("inf", "-inf", "nan")


class Form(NamedTuple):
    """The form of a type.

    Attributes:
        schema: Its JSON Schema.
        read: Returns a value from plain data, its place and the list of faults, to
            which it adds.
    """

    schema: Schema
    read: _Read


class DayNumber:
    """The type of a number of a day, which is ISO text in plain data."""


def atom(schema: Schema, wanted: str, convert: Callable[[Any], Any]) -> Form:
    """Return the form of a value without parts.

    Args:
        schema: Its schema.
        wanted: What it is, in words.
        convert: Returns the value; raises an error for what is not one.
    """

    def read(value: Any, place: str, faults: list[Fault]) -> Any:
        try:
            return convert(value)
        except Exception:  # of whatever kind: the value is not one
            problem = f"is {described(value)}: write {wanted}"
            faults.append(Fault(place, problem))
            return None

    return Form(schema, read)


def exactly(cls: type) -> Callable[[Any], Any]:
    """Return a function that lets values of one class pass."""

    def convert(value: Any) -> Any:
        if type(value) is not cls:
            raise TypeError
        return value

    return convert


def of_text(convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a function that converts text, and nothing else."""
    return lambda value: convert(exactly(str)(value))


def _to_float(value: Any) -> float:
    if value in _ODD and isinstance(value, str):
        return float(value)
    if type(value) not in (int, float):
        raise TypeError
    return float(value)


def _to_duration(text: str) -> timedelta:
    match = re.fullmatch(r"(-?)PT([0-9]+(?:\.[0-9]+)?)S", text)
    if match is None:
        raise ValueError
    microseconds = int(Decimal(match[2]).scaleb(6))
    return timedelta(microseconds=-microseconds if match[1] else microseconds)


def _to_number(text: str) -> int:
    if re.fullmatch(_DAY, text) is None:
        raise ValueError
    # `to_day` checks the calendar, of years of four digits.
    year, month, day = (int(part) for part in text.rsplit("-", 2))
    if abs(year) < 10_000:
        return to_day(text)
    # The calendar repeats every 400 years.
    cycles, rest = divmod(year, 400)
    return date(rest + 400, month, day).toordinal() + (cycles - 1) * 146_097


def _to_date(text: str) -> pendulum.Date:
    return pendulum.Date.fromordinal(date.fromisoformat(text).toordinal())


TEXT: Schema = {"type": "string"}
_DATED: Schema = {"type": "string", "format": "date"}
ATOMS: dict[Any, Form] = {
    types.NoneType: atom({"type": "null"}, "null", exactly(types.NoneType)),
    bool: atom({"type": "boolean"}, "true or false", exactly(bool)),
    str: atom(TEXT, "text", exactly(str)),
    int: atom({"type": "integer"}, "a whole number", exactly(int)),
    float: atom(
        {"anyOf": [{"type": "number"}, {"enum": [*_ODD]}]}, "a number", _to_float
    ),
    Decimal: atom(
        {"type": "string", "pattern": _NUMBER}, "a number as text", of_text(Decimal)
    ),
    Fraction: atom(
        {"type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$"},
        "a fraction as text, such as '1/3'",
        of_text(Fraction),
    ),
    bytes: atom(
        {"type": "string", "contentEncoding": "base64"},
        "text in Base64",
        of_text(lambda text: a2b_base64(text, strict_mode=True)),
    ),
    date: atom(_DATED, "a day as text", of_text(date.fromisoformat)),
    pendulum.Date: atom(_DATED, "a day as text", of_text(_to_date)),
    datetime: atom(TEXT, "an instant as text", of_text(datetime.fromisoformat)),
    time: atom(TEXT, "a time as text", of_text(time.fromisoformat)),
    timedelta: atom(
        {"type": "string", "pattern": r"^-?PT[0-9]+(\.[0-9]+)?S$"},
        "a duration as text, such as 'PT60S'",
        of_text(_to_duration),
    ),
    Edtf: atom(
        {"type": "string", "description": "a date of EDTF"},
        "a date of EDTF",
        of_text(Edtf),
    ),
    Answer: atom(
        {"enum": [str(answer) for answer in Answer]},
        "'yes', 'no' or 'maybe'",
        of_text(lambda text: Answer[text.upper()]),
    ),
    DayNumber: atom(
        {"type": "string", "pattern": f"^{_DAY}$"},
        "a day as text",
        of_text(_to_number),
    ),
}
ANY = Form({}, lambda value, _place, _faults: value)
