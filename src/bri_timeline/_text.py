"""Values as text, safe to show, and as plain data, which json takes."""

from __future__ import annotations

import math
import re
from abc import abstractmethod
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import islice
from numbers import Rational
from types import MappingProxyType
from typing import Any, NamedTuple, TypeGuard, TypeVar, cast

import attrs
from attrs import NOTHING, AttrsInstance, fields_dict

from bri_timeline.errors import PlainDataError, harmless, one_line, shape, shown


__all__ = [
    "MOST_ROWS",
    "ROWS",
    "AsDict",
    "Cell",
    "Forms",
    "Listed",
    "Sheet",
    "Tabular",
    "Worded",
    "aligned",
    "brief",
    "class_words",
    "describe",
    "escaped",
    "fields_of",
    "harmless",
    "is_list",
    "one_line",
    "phrase",
    "plain_data",
    "safe",
    "shape",
    "table",
    "to_plain",
    "told",
    "value_text",
]


T = TypeVar("T")
# Columns of text for people are padded up to this width.
_WIDEST = 48
_MOST_LINES = 2


def escaped(text: str) -> str:
    """Return JSON in which the control characters that JSON allows are escaped.

    Those of C1 (U+0080 to U+009F) act on a terminal as those of C0 do, which JSON
    refuses.
    """
    return re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)


def value_text(value: object) -> str:
    """Return a value of an answer in one line: a number by its digits."""
    # An integer of many digits has no text, and a boolean is not shown by a digit.
    is_exact = isinstance(value, Decimal | Rational) and not isinstance(value, int)
    return str(value) if is_exact else shape(value)


def brief(value: AttrsInstance) -> str:
    """Return the constructor call of an attrs instance, without default values.

    Args:
        value: An instance of an attrs class whose fields can be passed to its
            `__init__`.
    """
    cls = type(value)
    parts = []
    # What follows an argument that was left out can be given by its name only.
    by_name = False
    for name, field in fields_dict(cls).items():
        if not field.init:
            continue
        content = getattr(value, name)
        by_name = by_name or field.kw_only
        if field.default is NOTHING or content != field.default:
            parts.append(f"{field.alias}={content!r}" if by_name else repr(content))
        else:
            by_name = True
    return f"{cls.__name__}({', '.join(parts)})"


_CAPITAL = r"(?<=[a-z0-9])(?=[A-Z])"
_LONGEST = 160


def describe(what: object) -> str:
    """Describe a payload in one line: its `str()`, if its class defines one.

    Args:
        what: Any payload. Without a `str()` of its own, its class and fields are given,
            of which None says nothing.
    """
    cls = type(what)
    if cls.__str__ is not object.__str__:
        return one_line(str(what))
    names = [field.name for field in attrs.fields(cls)] if attrs.has(cls) else []
    values = ((name, getattr(what, name)) for name in names)
    parts = [f"{name} {told(value)}" for name, value in values if value is not None]
    text = f"{class_words(what)}: {', '.join(parts)}" if parts else class_words(what)
    return one_line(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026")


class Worded:
    """A payload that can be told in several languages."""

    __slots__ = ()

    @abstractmethod
    def _phrase(self, language: str) -> tuple[str, dict[str, str]]:
        """Return a text with holes in braces, and what to fill in by their names.

        Args:
            language: `en`, `de`, `ru` or `zh`.
        """

    def __str__(self) -> str:
        pattern, values = self._phrase("en")
        return one_line(pattern.format_map(values))


def phrase(what: object, language: str) -> tuple[str, dict[str, str]]:
    """Return what a payload says as a text with holes, and what to fill in.

    Args:
        what: Any payload. One that has no words in several languages, or a `str()` of
            its own, fills one hole with what `describe()` returns.
        language: `en`, `de`, `ru` or `zh`.
    """
    if isinstance(what, Worded) and type(what).__str__ is Worded.__str__:
        return what._phrase(language)
    return "{what}", {"what": describe(what)}


def class_words(what: object) -> str:
    """Return the name of the class of a payload in words: `Tariff set`."""
    return re.sub(_CAPITAL, " ", type(what).__name__).capitalize()


def told(value: object) -> str:
    """Return the value of a field as text; of several values all, in one order."""
    if isinstance(value, frozenset | tuple):
        # A set has no order, and the text must be the same in every process.
        return " and ".join(sorted(map(str, value)))
    return str(value)


# The rows of a table that are seen at once; the next ones are folded below it.
ROWS = 20
MOST_ROWS = 100
_LONGEST_CELL = 400
_FOLDED_CELL = 10_000

# Notebooks align every cell to the right, as if it held a number. Each cell has the
# direction of its own text, so that no text reorders another.
_OWN = ' style="text-align:start" dir="auto"'

# A cell: a text, or several, each on a line of its own.
Cell = str | Sequence[str]


class Sheet(NamedTuple):
    """The content of a table.

    Attributes:
        caption: The caption.
        rows: The cells of each row; the first is its head.
        size: The number of rows, of which only the first are read.
        heads: The titles of the columns, if any.
    """

    caption: str
    rows: Iterable[tuple[Cell, ...]]
    size: int
    heads: tuple[str, ...] = ()


class Tabular:
    """The base class of answers that show themselves as tables in a notebook."""

    __slots__ = ()

    @abstractmethod
    def _sheet(self) -> Sheet:
        """Return the content of the table."""

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        return table(*self._sheet())


class Listed(Tabular):
    """The base class of answers that hold several, as a tuple or a dictionary does."""

    __slots__ = ()
    _answers: Any

    def __str__(self) -> str:
        """Return a line for each item, for people; `repr()` is that of a tuple."""
        sheet = self._sheet()
        return "\n".join([sheet.caption, *aligned(sheet.rows)])


def aligned(rows: Iterable[tuple[Cell, ...]]) -> Iterator[str]:
    """Yield a line for each row, with cells below each other."""
    texts = [tuple(map(_line, row)) for row in rows]
    widths = [min(max(map(len, cells)), _WIDEST) for cells in zip(*texts, strict=True)]
    for cells in texts:
        padded = map(str.ljust, cells, widths)
        yield one_line(f"  {'  '.join(padded)}".rstrip())


def _line(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    more = f"and {len(cell) - _MOST_LINES} more" if len(cell) > _MOST_LINES else ""
    return "; ".join(filter(None, (*cell[:_MOST_LINES], more)))


def safe(text: str) -> str:
    """Return text escaped for HTML, without control characters; see `harmless`."""
    # Its tables of names take a fiftieth of the time of importing the library.
    from html import escape

    return escape(harmless(text))


def table(
    caption: str,
    rows: Iterable[tuple[Cell, ...]],
    count: int,
    heads: tuple[str, ...] = (),
) -> str:
    """Return an HTML table without scripts, links or ids.

    Of many rows the first `ROWS` are seen, the next are folded below; long text is
    folded too. Both say how much there is.

    Args:
        caption: The caption.
        rows: The cells of each row; the first is its head.
        count: The number of rows, of which only the first hundred are read.
        heads: The titles of the columns, if any.
    """
    source = iter(rows)
    more = f"; the first {ROWS} shown" if count > ROWS else ""
    shown = _table(f"{_folded(caption)}{more}", islice(source, ROWS), heads)
    rest = [*islice(source, MOST_ROWS - ROWS)]
    if not rest:
        return shown
    rest_count = count - ROWS
    note = f", of which {len(rest)} here" if rest_count > len(rest) else ""
    summary = f"<summary>{rest_count:,} more{note}</summary>"
    return f"{shown}<details>{summary}{_table('', rest, heads)}</details>"


def _table(
    caption: str, rows: Iterable[tuple[Cell, ...]], heads: tuple[str, ...]
) -> str:
    # A head without words is none: screen readers would announce it.
    titles = _row(
        "".join(f"<th{_OWN}>{safe(t)}</th>" if t else "<td></td>" for t in heads)
    )
    body = "".join(_row(_cells(row)) for row in rows)
    above = f"<caption{_OWN}>{caption}</caption>" if caption else ""
    return (
        f"<table>{above}<thead>{titles if heads else ''}</thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _row(cells: str) -> str:
    return f"<tr>{cells}</tr>"


def _cells(row: tuple[Cell, ...]) -> str:
    head, *rest_cells = map(_content, row)
    cells = "".join(f"<td{_OWN}>{text}</td>" for text in rest_cells)
    return f"<th{_OWN}>{head}</th>{cells}"


def _content(cell: Cell) -> str:
    if isinstance(cell, str):
        return _folded(cell)
    if len(cell) == 1:
        return _folded(cell[0])
    return "".join(f'<div dir="auto">{_folded(text)}</div>' for text in cell)


def _folded(text: str) -> str:
    if len(text) <= _LONGEST_CELL:
        return safe(text)
    # A text may be megabytes long, and a notebook keeps what it shows.
    rest = text[_LONGEST_CELL:_FOLDED_CELL]
    lost = "\u2026" if len(text) > _FOLDED_CELL else ""
    count = f"{len(text) - _LONGEST_CELL:,} more characters"
    return (
        f"{safe(text[:_LONGEST_CELL])}\u2026<details><summary>{count}</summary>"
        f"{safe(rest)}{lost}</details>"
    )


_ATOMS = (type(None), bool, str)
_MOST_DIGITS = 4300
_MOST_BITS = math.floor(_MOST_DIGITS * math.log2(10))
_REMEDY = "give its class a method as_dict(), or select a part of it"
_Parts = Iterable[tuple[str, Any]]


class AsDict:
    """The base class of answers that are plain data, field by field."""

    __slots__ = ()

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data: what `json.dumps` takes.

        Dates are their EDTF text, days and instants ISO text, and decimals text, so
        that no digit is lost. A tuple is a list, a set a sorted list. A mapping is an
        object if its keys are different texts, else a list of objects with `key` and
        `value`. An event has its payload as `what`, with fields named as the
        constructor names them, and the name of its class as `kind`. A state of your own
        may consist of all these, and of `attrs` classes, dataclasses and named tuples;
        a class of another kind may define `as_dict()`.

        Raises:
            PlainDataError: A part is something else; the message names its place.
        """
        return to_plain(self)


def to_plain(value: object) -> dict[str, object]:
    """Return a value that has named parts as plain data.

    Raises:
        PlainDataError: A part of it has no form in plain data.
    """
    data: dict[str, object] = plain_data(value)
    return data


class Forms(NamedTuple):
    """The forms of values for readers who know more types than `json`.

    Attributes:
        keep: Classes of which values stay as they are.
        instead: Functions that give values of some classes another form.
    """

    keep: tuple[type, ...] = ()
    instead: Mapping[type, Callable[[Any], object]] = MappingProxyType({})


_JSON = Forms()


def plain_data(
    value: object,
    place: str | None = None,
    forms: Forms = _JSON,
    *,
    instead: Mapping[type, Callable[[Any], object]] | None = None,
) -> Any:
    """Return a value as plain data.

    Args:
        value: An answer, an event, or a state of any kind; see `AsDict.as_dict()`.
        place: Its place, for errors: `Period.state`. By default its class.
        forms: The forms of some values where not `json` reads them, but columns.
        instead: Functions that give values of some classes another form.

    Raises:
        PlainDataError: It is something else, or too deep.
    """
    place = type(value).__name__ if place is None else place
    forms = forms if instead is None else forms._replace(instead=instead)
    try:
        return _plain_data(value, place, forms)
    except RecursionError:
        problem = "is too deep, or holds itself: select a part of it"
        raise PlainDataError(type(value).__name__, "", problem) from None


def _plain_data(value: object, place: str, forms: Forms) -> Any:
    if isinstance(value, Listed):
        value = value._answers
    if value.__class__ in _ATOMS or isinstance(value, forms.keep):
        return value
    instead = forms.instead.get(value.__class__)
    if instead is not None:
        return instead(value)
    parts = _parts(value, place)
    if isinstance(parts, str):
        return parts
    if parts is not None:
        return {
            name: _plain_data(part, f"{place}.{name}", forms) for name, part in parts
        }
    known = _known(value, place)
    if known is not None:
        return known

    def inner(part: object, name: object) -> Any:
        return _plain_data(part, f"{place}[{shown(name)}]", forms)

    if isinstance(value, Enum):
        return _plain_data(value.value, f"{place}.value", forms)
    if isinstance(value, Mapping):
        return _mapped(value, inner)
    if isinstance(value, Set):
        # A set has no order of its own, and the data must be the same in every process.
        return sorted((inner(part, part) for part in value), key=_order)
    if is_list(value):
        return [inner(part, number) for number, part in enumerate(value)]
    raise PlainDataError(value, place, f"has no form in plain data: {_REMEDY}")


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Check whether a value is a sequence of parts, and neither text nor bytes."""
    no_list = str | bytes | bytearray | memoryview | range
    return isinstance(value, Sequence) and not isinstance(value, no_list)


def _known(value: object, place: str) -> str | int | float | None:
    """Return the form of a value without parts; None for another."""
    if isinstance(value, Enum):
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        # Python writes no longer ones as text, and neither does `json`.
        if value.bit_length() > _MOST_BITS:
            problem = f"is longer than {_MOST_DIGITS} digits: give text"
            raise PlainDataError(value, place, problem)
        return int(value)
    if isinstance(value, float):
        # JSON has no infinite numbers, and none that is not a number.
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Decimal | Rational):
        return str(value)
    if isinstance(value, bytes):
        return b2a_base64(value, newline=False).decode()
    # A subclass may count in months, which are not a number of seconds.
    if type(value) is timedelta:
        seconds = Decimal(value // timedelta(microseconds=1)).scaleb(-6)
        return f"{'-' if seconds < 0 else ''}PT{abs(seconds).normalize():f}S"
    # Of a `datetime` too, which is a date.
    return value.isoformat() if isinstance(value, date | time) else None


def _parts(value: object, place: str) -> _Parts | str | None:
    """Return the named parts of a value, or its text; None if it has neither."""
    cls = type(value)
    hook: Callable[[object], Any] | None = getattr(cls, "_plain_data", None)
    if hook is not None:
        parts = hook(value)
        return parts if isinstance(parts, str) else cast("_Parts", parts.items())
    method = None if issubclass(cls, AsDict) else getattr(cls, "as_dict", None)
    if callable(method):
        parts = method(value)
        if not isinstance(parts, Mapping) or {*map(type, parts)} - {str}:
            problem = "has an as_dict() that does not return a dict with text as keys"
            raise PlainDataError(value, place, problem)
        return cast("_Parts", parts.items())
    if attrs.has(cls):
        return fields_of(value)
    # Of dataclasses, named tuples and structs of msgspec.
    for names in ("__dataclass_fields__", "_fields", "__struct_fields__"):
        if hasattr(cls, names):
            fields: Iterable[str] = getattr(cls, names)
            return [(name, getattr(value, name)) for name in fields]
    return None


def fields_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an instance of an attrs class, as its constructor has them.

    A field that is not compared is left out, if it is private or cannot be given: it is
    a cache.
    """
    for field in attrs.fields(type(value)):
        if field.eq or (field.init and field.name[:1] != "_"):
            yield field.alias, getattr(value, field.name)


def _mapped(
    value: Mapping[Any, Any], inner: Callable[[object, object], Any]
) -> dict[str, Any] | list[dict[str, Any]]:
    items = [(inner(key, key), inner(part, key)) for key, part in value.items()]
    names = {key for key, _ in items if isinstance(key, str)}
    if len(names) == len(items):
        return dict(items)
    return [{"key": key, "value": part} for key, part in items]


def _order(value: Any) -> tuple[str, Any]:
    is_atom = isinstance(value, str | int | float)
    return type(value).__name__, value if is_atom else repr(value)
