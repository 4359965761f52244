"""Agreement: which claims about one happening say one thing together, and which not.

Two claims agree if no part has two values and their dates have a day in common. Of
those that agree, each says a part of what is taken; who adds nothing is a witness.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations_with_replacement
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

from bri_timeline import edtf
from bri_timeline._events import Entry, Event, Place, altered
from bri_timeline._journal._witnesses import WitnessedClaim
from bri_timeline._payload import (
    is_attrs_class,
    replaced,
    silent_fields,
    until_of,
)
from bri_timeline.edtf import Allowed, Edtf


_POSITION = attrgetter("position")
# Coordinates are one value.
_PLACE_PARTS = (("name",), ("latitude", "longitude"), ("precision",))
_NOTHING: tuple[object, ...] = (None, "", (), frozenset())
# One of these may say a part of what another says.
_IN_PARTS = (Edtf, Place)


class Agreement(NamedTuple):
    """The claims about one happening of which one thing is taken.

    Attributes:
        claims: Those that agree, in the order of the policy.
        event: What they say together, resting on the citations of all of them.
        entries: Their entries, in order of position.
    """

    claims: tuple[WitnessedClaim, ...]
    event: Event
    entries: Sequence[Entry]


def agreement(
    ranked: Iterable[WitnessedClaim], trusts: Callable[[WitnessedClaim], bool]
) -> Agreement:
    """Return what some claims about one happening say together.

    The first is taken. Each further one that agrees with what is taken adds what is
    missing there, and excludes the days that it does not allow.

    Args:
        ranked: The claims, which have words, in the order of the policy; at least one.
        trusts: Tells whether a claim rests on a preferred source. What one of these
            says is made more exact by others of these only.
    """
    first, *rest = ranked
    if not rest:
        return Agreement((first,), first.event, first.entries)
    # A date of too many spans to be compared comes last, and contradicts.
    claims = [first, *rest]
    first, *rest = sorted(claims, key=lambda c: Allowed.by(c.event.when) is None)
    agreeing, said = [first], _JoinedWords.by(first.event)
    is_open = not trusts(first)
    for claim in rest:
        try:
            more = said.joined(claim.event)
        except _ContradictionError:
            continue
        agreeing.append(claim)
        said = more if is_open or trusts(claim) else said
    if len(agreeing) == 1:
        return Agreement((first,), first.event, first.entries)
    entries = sorted((e for c in agreeing for e in c.entries), key=_POSITION)
    cite = tuple(dict.fromkeys(c for entry in entries for c in entry.claim.cite))
    when = edtf.common(said.dates, lasts=said.lasts) or first.event.when
    event = altered(first.event, what=said.what, when=when, cite=cite, where=said.where)
    return Agreement(tuple(agreeing), event, entries)


def can_be_compared(claim: WitnessedClaim) -> bool:
    """Check that the date of a claim is not one of too many spans."""
    return Allowed.by(claim.event.when) is not None


def core_of(claim: WitnessedClaim) -> Hashable:
    """Return a part of a claim in which those that agree are equal.

    That is its class, and the fields that may not be silent. Of many claims, most can
    so be left out without a comparison.
    """
    return _parts_of(claim.what)[0]


def may_agree(claims: Iterable[Event]) -> bool:
    """Check whether two of some claims about one happening may say one thing together.

    They then begin on a day in common, and no field in which both say something has two
    values. Dates and places in fields are not compared.
    """
    by_names: defaultdict[frozenset[str], list[_Words]] = defaultdict(list)
    for claim in claims:
        core, told = _parts_of(claim.what)
        by_names[frozenset(told)].append((core, told, claim.when))
    # Those that say something in the same fields are compared in these at once.
    return any(
        _have_a_day_in_common(by_names[one], by_names[other], sorted(one & other))
        for one, other in combinations_with_replacement(by_names, 2)
    )


_Words = tuple[Hashable, Mapping[str, Hashable], Edtf]


def _have_a_day_in_common(
    some: Sequence[_Words], others: Sequence[_Words], names: Sequence[str]
) -> bool:
    """Check whether one of some claims agrees with one of others in some fields."""
    sides = (some,) if some is others else (some, others)
    rows = ((words, side) for side, words_of in enumerate(sides) for words in words_of)
    latest: dict[object, float] = {}
    for (core, told, when), side in sorted(rows, key=lambda r: r[0][2].earliest_start):
        said = core, tuple(told[name] for name in names)
        other = len(sides) - 1 - side
        if when.earliest_start <= latest.get((said, other), -math.inf):
            return True
        last = latest.get((said, side), -math.inf)
        latest[said, side] = max(last, when.latest_start)
    return False


def _parts_of(what: object) -> tuple[Hashable, Mapping[str, Hashable]]:
    """Return what a payload must say, and what it says beyond that, by field.

    Without dates and places, which can be parts of one another.
    """
    cls = type(what)
    if not is_attrs_class(cls):
        return (cls, what), {}
    must, may = _fields_of(cls)
    core = [(n, v) for n in must if not isinstance(v := getattr(what, n), _IN_PARTS)]
    told = {n: v for n in may if not isinstance(v := getattr(what, n), _IN_PARTS)}
    told = {name: value for name, value in told.items() if value not in _NOTHING}
    return (cls, tuple(core)), told


@lru_cache(1024)
def _fields_of(cls: type) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields in which an attrs class must say something, and may."""
    silent, fields = silent_fields(cls), [f for f in attrs.fields(cls) if f.eq]
    must = tuple(f.name for f in fields if f.name not in silent)
    # What no constructor takes follows from the rest.
    return must, tuple(f.name for f in fields if f.init and f.name in silent)


def differ(one: object, other: object) -> bool:
    """Check quickly that no payload says what two of a class say; if unsure, one may.

    They have different values in a field, of which neither is a date or a place.
    """
    cls = type(one)
    if not is_attrs_class(cls):
        return False
    must, may = _fields_of(cls)
    for name in must:
        mine = getattr(one, name)
        if mine != getattr(other, name) and not isinstance(mine, _IN_PARTS):
            return True
    for name in may:
        mine, yours = getattr(one, name), getattr(other, name)
        is_told = mine != yours and mine not in _NOTHING and yours not in _NOTHING
        if is_told and not isinstance(mine, _IN_PARTS):
            return True
    return False


class _ContradictionError(Exception):
    """Two claims contradict each other."""


class _JoinedWords(NamedTuple):
    """The content that claims have together.

    Attributes:
        what: The payload.
        where: The place.
        lasts: A date beside an extent is the start of it.
        dates: The dates of the claims.
        allowed: What these have in common; None if it cannot be compared.
        in_fields: The dates of the claims in fields of the payload, by their names.
    """

    what: object
    where: Place | None
    lasts: bool
    dates: tuple[Edtf, ...]
    allowed: Allowed | None
    in_fields: Mapping[str, tuple[Edtf, ...]]

    @classmethod
    def by(cls, event: Event) -> _JoinedWords:
        """Return what one claim says."""
        what, when = event.what, event.when
        lasts = until_of(type(what)) is not None
        allowed = Allowed.by(when, lasts=lasts)
        return cls(what, event.where, lasts, (when,), allowed, {})

    def joined(self, event: Event) -> _JoinedWords:
        """Return what these and one more claim say.

        Raises:
            _ContradictionError: The claim contradicts these.
        """
        allowed_too = Allowed.by(event.when, lasts=self.lasts)
        if self.allowed is None or allowed_too is None:
            raise _ContradictionError
        allowed = self.allowed.shared(allowed_too, lasts=self.lasts)
        if allowed is None:
            raise _ContradictionError
        what, in_fields = _payload(self.what, event.what, self.in_fields)
        where = _place(self.where, event.where)
        dates = (*self.dates, event.when)
        return _JoinedWords(what, where, self.lasts, dates, allowed, in_fields)


def _payload(
    one: Any, other: object, in_fields: Mapping[str, tuple[Edtf, ...]]
) -> tuple[object, Mapping[str, tuple[Edtf, ...]]]:
    """Return the payload of two claims, and the dates in its fields."""
    cls = type(one)
    if cls is not type(other):
        raise _ContradictionError
    if one == other:
        return one, in_fields
    if not is_attrs_class(cls):
        raise _ContradictionError
    silent, changes, dates = silent_fields(cls), dict[str, object](), {**in_fields}
    for field in attrs.fields(cls):
        name = field.name
        mine, yours = getattr(one, name), getattr(other, name)
        if mine == yours or not (field.init and field.eq):
            continue
        if isinstance(mine, Edtf) and isinstance(yours, Edtf):
            dates[name] = (*dates.get(name, (mine,)), yours)
            value: object = edtf.common(dates[name])
            if value is None:
                raise _ContradictionError
        elif isinstance(mine, Place) and isinstance(yours, Place):
            value = _place(mine, yours)
        elif name not in silent or (mine not in _NOTHING and yours not in _NOTHING):
            raise _ContradictionError
        else:
            # Of two that say nothing it is None, whichever comes first.
            is_yours = mine in _NOTHING and (yours is None or yours not in _NOTHING)
            value = yours if is_yours else mine
        if value is not mine:
            changes[name] = value
    try:
        return (replaced(one, changes) if changes else one), dates
    except Exception as error:  # of a check in somebody's class: no payload says both
        raise _ContradictionError from error


def _place(one: Place | None, other: Place | None) -> Place | None:
    """Return the place of two claims."""
    if one is None or other is None or one == other:
        return one or other
    changes: dict[str, Any] = {}
    for names in _PLACE_PARTS:
        mine = [getattr(one, name) for name in names]
        yours = [getattr(other, name) for name in names]
        if mine[0] in _NOTHING:
            changes.update(zip(names, yours, strict=True))
        elif yours[0] not in _NOTHING and mine != yours:
            raise _ContradictionError
    return attrs.evolve(one, **changes)
