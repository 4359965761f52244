"""Strategies for dates that collide, and for payloads of any attrs class."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Protocol

import attrs
from attrs import frozen
from hypothesis import reject
from hypothesis import strategies as st

from bri_timeline import Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EdtfError, EventError
from bri_timeline.extend import Day, check_sayable, iso, payload_fields, to_day


# The days around the turn of a year: months, seasons and years begin and end here.
_WINDOW = date(2015, 12, 30).toordinal(), date(2016, 2, 1).toordinal()
_WIDTH = _WINDOW[1] - _WINDOW[0]
_APART = (1, 2, 31, 366)
# Dates beyond `datetime.date`: code that converts them fails here.
_DISTANT = ("-0044-03-15", "0000", "Y-170000002", "Y17E7")


def edtfs(
    *,
    min_day: Day | None = None,
    max_day: Day | None = None,
    levels: Iterable[int] = (0, 1, 2),
    allow_extents: bool = True,
    allow_several: bool = True,
    allow_unbounded: bool | None = None,
    allow_distant: bool | None = None,
) -> st.SearchStrategy[Edtf]:
    """Generate imprecise dates around a few days, so that they tie and overlap.

    All dates in one example lie around the same one to three days. (Over a wide range
    of years two dates would hardly ever meet, and a false law would go unnoticed.) They
    shrink to plain days.

    Args:
        min_day: The earliest possible day; by default unlimited.
        max_day: The latest possible day; by default unlimited.
        levels: Levels of EDTF: 0, 1, 2.
        allow_extents: Generate those that lasted, `2015/2017`.
        allow_several: Generate those of several days, `{2015,2017}`, which an `Event`
            refuses.
        allow_unbounded: Generate those that are open or unknown at an end; by default
            if neither *min_day* nor *max_day* is given.
        allow_distant: Generate a few far away, before year 1 and after 9999, whose ends
            no `date` can hold; by default likewise.

    Raises:
        ValueError: These arguments leave no date to generate.
        DayError: *min_day* or *max_day* is not a whole day.
    """
    free = min_day is None and max_day is None
    level_set = frozenset(levels)
    limits = _DateLimits(
        first=-math.inf if min_day is None else to_day(min_day),
        last=math.inf if max_day is None else to_day(max_day),
        levels=level_set,
        extents=allow_extents,
        several=allow_several,
        unbounded=free if allow_unbounded is None else allow_unbounded,
        distant=free if allow_distant is None else allow_distant,
    )
    window = _window(min_day, max_day)
    if not level_set or not level_set <= {0, 1, 2}:
        msg = f"no dates of the levels {sorted(level_set)} exist: give some of 0, 1, 2"
        raise ValueError(msg)
    return _edtf(limits, window)


def days(
    *, min_day: Day | None = None, max_day: Day | None = None
) -> st.SearchStrategy[str]:
    """Generate whole days as text: the days around which `edtfs()` lie, and neighbours.

    Args:
        min_day: The first day; by default unlimited.
        max_day: The last day; by default unlimited.

    Raises:
        ValueError: No day lies between them.
        DayError: One of them is not a whole day.
    """
    first = -math.inf if min_day is None else to_day(min_day)
    last = math.inf if max_day is None else to_day(max_day)
    return _days(_window(min_day, max_day), first, last)


class _Printer(Protocol):
    def text(self, obj: str, /) -> None: ...


@frozen(repr=False)
class _DateLimits:
    """Conditions that generated dates fulfil."""

    first: float
    last: float
    levels: frozenset[int]
    extents: bool
    several: bool
    unbounded: bool
    distant: bool

    def __repr__(self) -> str:
        parts = [f"levels={sorted(self.levels)}"]
        if math.isfinite(self.first):
            parts.append(f"min_day={iso(int(self.first))!r}")
        if math.isfinite(self.last):
            parts.append(f"max_day={iso(int(self.last))!r}")
        return ", ".join(parts)

    def _repr_pretty_(self, printer: _Printer, _cycle: bool) -> None:
        printer.text(repr(self))

    def takes(self, when: Edtf) -> bool:
        """Return whether a date fulfils the conditions."""
        first, last = when.first_day, when.last_day
        return (
            when.level in self.levels
            and (self.extents or not when.is_extent)
            and (self.several or not when.is_several)
            and (self.unbounded or None not in (first, last))
            and (first is None or first >= self.first)
            and (last is None or last <= self.last)
        )


def _window(min_day: Day | None, max_day: Day | None) -> tuple[int, int]:
    """Return the first and the last day around which dates lie."""
    first = None if min_day is None else to_day(min_day)
    last = None if max_day is None else to_day(max_day)
    if first is not None and last is not None and first > last:
        msg = f"no day lies between min_day={min_day!r} and max_day={max_day!r}"
        raise ValueError(msg)
    if first is None:
        first = _WINDOW[0] if last is None else min(_WINDOW[0], last - _WIDTH)
    return first, max(_WINDOW[1], first + _WIDTH) if last is None else last


@st.composite
def _edtf(draw: st.DrawFn, wanted: _DateLimits, window: tuple[int, int]) -> Edtf:
    return draw(_around(draw(_pool(*window)), wanted))


@st.composite
def _days(draw: st.DrawFn, window: tuple[int, int], first: float, last: float) -> str:
    return draw(_near(draw(_pool(*window)), first, last))


@lru_cache(1 << 10)
def _near(pool: tuple[int, ...], first: float, last: float) -> st.SearchStrategy[str]:
    # Neighbours find laws that are off by one day.
    near = dict.fromkeys([*pool, *(day + step for step in (1, -1) for day in pool)])
    return st.sampled_from([iso(day) for day in near if first <= day <= last])


# Strategies are cached, since Hypothesis checks each before it draws from it first.
@lru_cache
def _pool(first: int, last: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Generate one to three days, the same ones all through an example."""
    # `shared` draws once for each key and example: all dates lie around the same days.
    key = f"bri_timeline.testing {first}..{last}"
    apart = st.lists(st.sampled_from(_APART), max_size=2, unique=True)
    few_days = st.builds(_few_days, st.integers(first, last), apart, st.just(last))
    return st.shared(few_days, key=key)


def _few_days(day: int, apart: Iterable[int], last: int) -> tuple[int, ...]:
    return tuple(sorted({day, *(day + n for n in apart if day + n <= last)}))


@lru_cache(1 << 10)
def _around(pool: tuple[int, ...], wanted: _DateLimits) -> st.SearchStrategy[Edtf]:
    """Generate the dates around some days, the plainest first."""
    texts = [text for kind in zip(*map(_kinds, pool), strict=True) for text in kind]
    texts += [text for pair in combinations(pool, 2) for text in _pairs(*pair)]
    texts += _DISTANT if wanted.distant else ()
    dates = dict.fromkeys(map(_read, texts))
    fitting_dates = [when for when in dates if when is not None and wanted.takes(when)]
    if not fitting_dates:
        msg = f"no dates of {wanted} exist: give other levels or days"
        raise ValueError(msg)
    return st.sampled_from(fitting_dates)


@lru_cache(1 << 13)
def _read(text: str) -> Edtf | None:
    """Return the date of a text; None where a month has no such day."""
    try:
        return Edtf(text)
    except EdtfError:
        return None


def _kinds(number: int) -> Iterator[str]:
    """Yield dates around one day, of one kind after the other."""
    day = iso(number)
    month, year, later = day[:-3], day[:-6], iso(number + 1)
    yield from (day, month, year)
    yield from (f"[{day}..{later}]", f"{day}/{later}", f"{month}/{later}")
    yield from (f"{day}?", f"{day}~", f"{year}~", f"{month}%", f"{day}T23:00:00-04:00")
    yield from (f"{month}-XX", f"{year[:-1]}X", f"{year}-XX-{day[-2:]}", f"{year}-21")
    yield from (f"[..{day}]", f"[{day}..]", f"{day}/..", f"../{day}", f"/{month}")
    yield from (f"{year}/", f"{year}-36", f"{year}S3", f"{year}-?{day[-5:]}")
    yield f"{{{day},{later}}}"


def _pairs(early: int, late: int) -> Iterator[str]:
    """Yield dates between two days."""
    first, last = iso(early), iso(late)
    yield from (f"[{first},{last}]", f"[{first}..{last}]", f"{first}/{last}")
    yield from (f"{first[:-3]}/{last[:-3]}~", f"{{{first},{last}}}")


# --- payloads -------------------------------------------------------------------------

_MOST = 2
# Text is drawn from codes of states, which do for any other name as well.
# In half of the examples there are two of them: keys of several fields then meet too.
_CODES = ("AZE", "CHN", "KAZ")
_WORDS = st.shared(
    st.sampled_from([_CODES, _CODES[:2]]), key="bri_timeline.testing words"
).flatmap(st.sampled_from)
_NAMED: Mapping[str, st.SearchStrategy[object]] = {
    "currency": st.sampled_from(["USD", "CNY"])
}
_PLAIN: Mapping[object, st.SearchStrategy[object]] = {
    str: _WORDS,
    bool: st.booleans(),
    int: st.integers(0, _MOST),
    # A tenth has no exact binary form. Many sums of these depend on their order.
    float: st.sampled_from([0.0, 0.1, 1.0]),
    Decimal: st.sampled_from(["0", "0.1", "1"]).map(Decimal),
    Edtf: edtfs(allow_distant=False),
    date: days().map(date.fromisoformat),
    types.NoneType: st.none(),
}


def payloads(
    *kinds: type | Vocabulary, **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    """Generate instances of payload classes, from few values, so that equal ones meet.

    Fields are filled by type: text with codes of states, numbers with small ones, dates
    with those of `edtfs()`; other types by `from_type()` of Hypothesis. Values that a
    class refuses with a `ValueError` are drawn again.

    >>> from attrs import frozen
    >>> @frozen
    ... class Pledged:
    ...     country: str
    ...     millions: int
    >>> from hypothesis import find
    >>> find(payloads(Pledged), lambda pledged: pledged.millions > 0)
    Pledged(country='AZE', millions=1)

    Args:
        kinds: attrs classes, or vocabularies of them.
        fields: Strategies for fields of these names, in every class that has them.

    Raises:
        TypeError: One of *kinds* is neither, or none is given, or no class has a field
            of such a name.
        VocabularyError: The type of a field cannot be found.
    """
    classes = [cls for kind in kinds for cls in _classes(kind)]
    if not classes:
        msg = "there is nothing to generate: give an attrs class, or a vocabulary"
        raise TypeError(msg)
    known = {name for cls in classes for name in payload_fields(cls)}
    if unknown := sorted(fields.keys() - known):
        there_are = ", ".join(sorted(known))
        msg = f"no class has a field {' or '.join(unknown)}: there are {there_are}"
        raise TypeError(msg)
    filling = _Filling(fields)
    return st.one_of([_instance(cls, filling) for cls in classes])


def is_attrs_class(cls: object) -> bool:
    """Check whether attrs has decorated a class, and not only its base."""
    return isinstance(cls, type) and "__attrs_attrs__" in vars(cls)


def _classes(kind: type | Vocabulary) -> list[type]:
    if isinstance(kind, Vocabulary):
        return list(kind.classes.values())
    if is_attrs_class(kind):
        return [kind]
    msg = f"{kind!r} is not an attrs class: decorate it with attrs.frozen"
    raise TypeError(msg)


class _Filling:
    """Strategies for instances of classes; each class is inspected once.

    Args:
        fields: Strategies for the fields of these names.
    """

    def __init__(self, fields: Mapping[str, st.SearchStrategy[object]]) -> None:
        self.fields = fields
        self._found: dict[type, st.SearchStrategy[object]] = {}

    def __repr__(self) -> str:
        return ", ".join(self.fields) or "by type"

    def of(self, cls: type) -> st.SearchStrategy[object]:
        """Return a strategy for instances of a class."""
        if cls not in self._found:
            parts = payload_fields(cls)
            filled = {name: self._part(name, parts[name].type) for name in parts}
            self._found[cls] = st.builds(cls, **filled)
        return self._found[cls]

    def _part(self, name: str, wanted: object) -> st.SearchStrategy[object]:
        # A code of a state would be refused as a currency.
        named = _NAMED.get(name) if wanted is str else None
        strategy = self.fields.get(name, named)
        return _typed(wanted, self) if strategy is None else strategy


@st.composite
def _instance(draw: st.DrawFn, cls: type, filling: _Filling) -> object:
    try:
        payload = draw(filling.of(cls))
    except ValueError:
        reject()  # the class refuses such values
    try:
        check_sayable(payload)
    except EventError:
        reject()  # no log would take it
    return payload


def _typed(wanted: object, fields: _Filling) -> st.SearchStrategy[object]:
    """Return a strategy for a type: from few values where that is possible."""
    plain = _PLAIN.get(wanted) if isinstance(wanted, type) else None
    if plain is not None:
        return plain
    if isinstance(wanted, type) and attrs.has(wanted):
        return _instance(wanted, fields)
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (typing.Union, types.UnionType):
        # The plainest first, since that is what failures shrink to.
        ordered = sorted(inner, key=lambda part: part is not types.NoneType)
        return st.one_of([_typed(part, fields) for part in ordered])
    if origin is frozenset:
        return st.frozensets(_typed(inner[0], fields), max_size=_MOST)
    if origin is tuple and inner[-1:] == (...,):
        return st.lists(_typed(inner[0], fields), max_size=_MOST).map(tuple)
    if origin is tuple:
        return st.tuples(*(_typed(part, fields) for part in inner))
    strategy: st.SearchStrategy[object] = st.from_type(typing.cast("type", wanted))
    return strategy
