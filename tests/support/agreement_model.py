"""What claims of one happening say together: days enumerated, parts compared.

Nothing here is shared with the library but the values that a log holds. A date is the
set of all pairs of a start and an end that it allows, over a few stretches of days
within which no date of the tests begins or ends.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache

import attrs
from edtf_model import days_of

from bri_timeline import Answer, Edtf, Place
from bri_timeline.edtf import Bound


# The first days of the stretches, after one that has none.
_FIRSTS = tuple(
    date.fromisoformat(day)
    for day in (
        "2013-01-01",
        "2014-01-01",
        "2015-01-01",
        "2015-05-01",
        "2015-06-01",
        "2015-12-01",
        "2015-12-30",
        "2015-12-31",
        "2016-01-01",
        "2016-01-02",
        "2016-01-03",
        "2016-01-11",
        "2016-01-12",
        "2016-01-21",
        "2016-01-22",
        "2016-01-30",
        "2016-01-31",
        "2016-02-01",
        "2016-03-01",
        "2017-01-01",
        "2018-01-01",
        "2018-03-01",
        "2018-03-02",
        "2018-03-03",
        "2018-04-01",
        "2019-01-01",
    )
)
STRETCHES = (
    (None, _FIRSTS[0] - timedelta(1)),
    *((day, next_day - timedelta(1)) for day, next_day in itertools.pairwise(_FIRSTS)),
    (_FIRSTS[-1], None),
)
EVERY = range(len(STRETCHES))
# It began before every day there is; it has not ended; it is one day, and has no end.
BEGAN, GOES_ON, NO_END = -1, len(STRETCHES), None
Pairs = frozenset[tuple[int, int | None]]
_SIGNS = str.maketrans("", "", "?~%")


def stretch_of(day: date) -> int:
    """Return the stretch in which a day lies."""
    return sum(first <= day for first in _FIRSTS)


@cache
def stretches(text: str) -> frozenset[int]:
    """Return the stretches of a date that is one day, such as `2016` or `[a,b..]`."""
    if not text.startswith("["):
        days = days_of(text.translate(_SIGNS))
        found = frozenset(
            stretch_of(day) for day in map(date.fromordinal, map(int, days))
        )
        for stretch in found:
            first, last = STRETCHES[stretch]
            whole = (
                None not in (first, last)
                and {first.toordinal(), last.toordinal()} <= days
            )
            assert whole, f"{text} begins or ends within a stretch: cut it in two"
        assert found, text
        return found
    cells = set[int]()
    for part in text[1:-1].split(","):
        low, dots, high = part.partition("..")
        if dots:
            first = min(stretches(low)) if low else EVERY[0]
            cells.update(
                range(first, (max(stretches(high)) if high else EVERY[-1]) + 1)
            )
        else:
            cells |= stretches(part)
    return frozenset(cells)


@cache
def allowed(text: str) -> Pairs:
    """Return every pair of a start and an end that a date allows."""
    start, slash, end = text.partition("/")
    if not slash:
        return frozenset((day, NO_END) for day in stretches(text))
    unsaid = {"..": {BEGAN}, "": {BEGAN, *EVERY}}
    starts = unsaid.get(start) or begun(stretches(start))
    ends = {"..": {GOES_ON}, "": {*EVERY, GOES_ON}}.get(end) or stretches(end)
    return frozenset((a, b) for a in starts for b in ends if a <= b)


def begun(starts: Iterable[int]) -> set[int]:
    """Return where something can start: without a first day, before every day too."""
    return {*starts} | ({BEGAN} if EVERY[0] in starts else set())


def common(dates: Sequence[Pairs], *, lasts: bool = False) -> Pairs:
    """Return what all dates allow.

    Args:
        dates: Some.
        lasts: A day beside an extent is a start whose end is not said, and an unknown
            end says no more than a day.
    """
    if lasts and any(end is not NO_END for pairs in dates for _, end in pairs):
        dates = [
            frozenset(
                (start, end)
                for day, said in pairs
                for start in ((day,) if said is not NO_END else begun({day}))
                for end in ((*EVERY, GOES_ON) if said is NO_END else (said,))
                if start <= end
            )
            for pairs in dates
        ]
        found = frozenset.intersection(*dates)
        days = frozenset((start, NO_END) for start, _ in found if start != BEGAN)
        return days if days and found == _unended(days) else found
    return frozenset.intersection(*dates)


def _unended(days: Pairs) -> Pairs:
    """Return what begins on some days and ends on any, or goes on."""
    starts = begun(start for start, _ in days)
    return frozenset((a, b) for a in starts for b in (*EVERY, GOES_ON) if a <= b)


def written(pairs: Pairs, texts: Sequence[str]) -> str:
    """Return a text that allows just these pairs.

    An end that is one of several days with gaps is written as in the first text.

    Args:
        pairs: Some.
        texts: Dates whose parts it may be written with.
    """
    if any(end is NO_END for _, end in pairs):
        return _choice({start for start, _ in pairs})
    several = [text.translate(_SIGNS).split("/") for text in texts]
    starts = {s[0] for s in several} | {_choice({start for start, _ in pairs})}
    ends = {s[-1] for s in several} | {_choice({end or 0 for _, end in pairs})}
    for start, end in itertools.product(sorted(starts), sorted(ends)):
        if "[" not in start + end and allowed(f"{start}/{end}") == pairs:
            return f"{start}/{end}"
    return texts[0]


def _choice(some: set[int]) -> str:
    """Return the text of a day that lies in one of some stretches."""
    runs: list[tuple[int, int]] = []
    for one in sorted(some & {*EVERY}):
        before = runs.pop() if runs and runs[-1][1] == one - 1 else (one, one)
        runs.append((before[0], one))
    found = []
    for one, other in runs:
        first, last = STRETCHES[one][0] or "", STRETCHES[other][1] or ""
        found.append(f"{first}" if first == last else f"{first}..{last}")
    text = ",".join(found)
    return f"[{text}]" if "." in text or "," in text else text


def joined_date(dates: Sequence[tuple[Edtf, Pairs]], *, lasts: bool) -> Edtf | None:
    """Return what dates say together, in words of one of them; None if nothing.

    Without words of one, it has the right days, and a qualifier if it is to have one.
    """
    pairs = common([pairs for _, pairs in dates], lasts=lasts)
    if not pairs:
        return None
    plain = [pairs for when, pairs in dates if not is_qualified(when)]
    is_plain = bool(plain) and common(plain, lasts=lasts) == pairs
    for when, own in sorted(dates, key=lambda date: lasts and "/" in str(date[0])):
        said = common([own], lasts=lasts)
        if said == pairs and is_qualified(when) is not is_plain:
            return when
    text = written(pairs, [str(when) for when, _ in dates]).translate(_SIGNS)
    return Edtf(text if is_plain else re.sub(r"(\d[\dX-]*)", r"\1?", text, count=1))


def is_qualified(when: Edtf) -> bool:
    """Tell whether a date is written with a qualifier."""
    return str(when) != str(when).translate(_SIGNS)


# --- values -------------------------------------------------------------------------


class ContradictionError(Exception):
    """Two claims cannot both be true."""


def joined_values(values: Sequence[object]) -> object:
    """Return what values say together.

    Raises:
        ContradictionError: They differ.
    """
    first = values[0]
    if all(isinstance(value, Edtf) for value in values):
        dates = [(v, allowed(str(v))) for v in values if isinstance(v, Edtf)]
        found = joined_date(dates, lasts=False)
        if found is None:
            raise ContradictionError
        return found
    if all(isinstance(value, Place) for value in values):
        return _joined_parts(values, {"name", "latitude", "longitude", "precision"})
    if any(value != first for value in values):
        raise ContradictionError
    return first


def joined_payloads(payloads: Sequence[object]) -> object:
    """Return what payloads say together.

    Raises:
        ContradictionError: They differ.
    """
    kind = type(payloads[0])
    if any(type(one) is not kind for one in payloads):
        raise ContradictionError
    if not attrs.has(kind):
        return joined_values(payloads)
    return _joined_parts(payloads, may_be_silent(kind))


def may_be_silent(kind: type[attrs.AttrsInstance]) -> frozenset[str]:
    """Return the fields of a class that say nothing if they are empty."""
    named = getattr(kind, "silent", None)
    if isinstance(named, frozenset):
        return named
    return frozenset(one.name for one in attrs.fields(kind) if one.default is None)


def is_empty(value: object) -> bool:
    """Tell whether a value is None, an empty text or an empty collection."""
    if value is None:
        return True
    return isinstance(value, str | tuple | frozenset) and len(value) == 0


def _joined_parts(some: Sequence[object], silent: Iterable[str]) -> object:
    found: dict[str, object] = {}
    kind = type(some[0])
    assert attrs.has(kind)
    for field in attrs.fields(kind):
        values = [getattr(one, field.name) for one in some]
        is_silent = field.name in silent
        said = [v for v in values if not (is_silent and is_empty(v))]
        silence = None if None in values else values[0]
        found[field.alias] = joined_values(said) if said else silence
    return kind(**found)


def joined_places(places: Sequence[Place | None]) -> Place | None:
    """Return what places say together.

    Raises:
        ContradictionError: They differ.
    """
    said = [place for place in places if place is not None]
    found = joined_values(said) if said else None
    assert found is None or isinstance(found, Place)
    return found


def lasts(payload: object) -> bool:
    """Tell whether facts of the class of a payload last until something ends them."""
    return getattr(type(payload), "until", None) is not None


# --- what the library says ----------------------------------------------------------


def asked(when: Edtf) -> Pairs:
    """Return the pairs that a date of the library allows, by what it answers."""
    if not when.is_extent:
        return frozenset((stretch, NO_END) for stretch in _possible(when))
    start, end = when.start, when.end
    starts = {BEGAN} if start is None else begun(_possible(start))
    ends = {GOES_ON} if end is None else _possible(end)
    starts |= {BEGAN} if start is not None and str(when).startswith("/") else set()
    ends |= {GOES_ON} if when.latest_bound is Bound.UNKNOWN else set()
    return frozenset((a, b) for a in starts for b in ends if a <= b)


def _possible(when: Edtf) -> set[int]:
    """Return the stretches of days on one of which a date may be."""
    days = [first or last for first, last in STRETCHES]
    return {n for n in EVERY if when.on(days[n] or date.max) is not Answer.NO}
