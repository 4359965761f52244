"""Tables of claims and entries for notebooks, and the status of a claim in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set, Sized
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from heapq import nsmallest
from itertools import chain
from typing import Any, NamedTuple

import attrs

from bri_timeline._calendar import iso
from bri_timeline._events import Event, cells, describe_event
from bri_timeline._happening import REASON_WORDS, Reason, SetAside
from bri_timeline._text import (
    MOST_ROWS,
    Cell,
    one_line,
    table,
    value_text,
)
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import EdtfError


__all__ = [
    "STATUS_BY_REASON",
    "ClaimStatus",
    "change_words",
    "claims_table",
    "dates",
    "day_words",
    "parts_of",
    "reason_text",
    "value_words",
]


_CLAIMS = ("standing", "when", "what", "who says so")


class ClaimStatus(Enum):
    """The status of a claim in a view."""

    CERTAIN = "certain"
    UNDECIDED = "perhaps"
    DISPUTED = REASON_WORDS[Reason.DISPUTED]
    SUPERSEDED = REASON_WORDS[Reason.SUPERSEDED]
    RETRACTED = REASON_WORDS[Reason.RETRACTED]


STATUS_BY_REASON = {
    Reason.DISPUTED: ClaimStatus.DISPUTED,
    Reason.SUPERSEDED: ClaimStatus.SUPERSEDED,
    Reason.RETRACTED: ClaimStatus.RETRACTED,
}


# Cached: the claims of a view share few days.
@lru_cache(4096)
def day_words(day: str) -> str:
    """Return a day in words: `24 April 2019`; other text is returned unchanged."""
    try:
        return in_words(Edtf(day))
    except EdtfError:
        return day


def dates(day: int, basis: str, since: int | None = None) -> str:
    """Return the dates of a view: `On 24 April 2019, as known by 5 May 2019`.

    Args:
        day: The number of its day.
        basis: What was known by then.
        since: The number of its first day, if it is of a period.
    """
    on = f"On {day_words(iso(day))}"
    if since is not None:
        on = f"From {day_words(iso(since))} to {day_words(iso(day))}"
    return on if basis == "everything" else f"{on}, as known by {day_words(basis)}"


def reason_text(aside: SetAside) -> str:
    """Return why a claim does not count: `withdrawn (entry 7: a misprint)`."""
    because = f": {aside.by.because}" if aside.by.because else ""
    return (
        f"{STATUS_BY_REASON[aside.reason].value} (entry {aside.by.position}{because})"
    )


class _Claim(NamedTuple):
    """A claim with its status in words."""

    event: Event
    status: Cell


def claims_table(
    dates: str,
    certain: Collection[Event],
    undecided: Collection[Event],
    asides: Collection[SetAside],
    disputed: Collection[str],
) -> str:
    """Return a table of the claims in a view, by date.

    Args:
        dates: The dates of the view; the caption adds the counts.
        certain: The certain events.
        undecided: The undecided events.
        asides: The claims that do not count.
        disputed: The ids of disputed happenings.
    """
    claims = chain(
        (_Claim(event, (ClaimStatus.CERTAIN.value,)) for event in certain),
        (_Claim(event, (ClaimStatus.UNDECIDED.value,)) for event in undecided),
        (_Claim(aside.event, aside.words()) for aside in asides),
    )
    # Only the rows shown are sorted: a log may have millions of claims.
    first = nsmallest(MOST_ROWS, claims, key=lambda claim: claim.event.when.sort_key())
    numbers = [f"{len(certain):,} certain", f"{len(undecided):,} perhaps"]
    numbers += [f"{len(asides):,} set aside"] if asides else []
    count = len(certain) + len(undecided) + len(asides)
    rows = (_claim_row(claim, disputed) for claim in first)
    return table(f"{dates}: {', '.join(numbers)}", rows, count, _CLAIMS)


def _claim_row(claim: _Claim, disputed: Collection[str]) -> tuple[Cell, ...]:
    differ = ("sources differ",) if claim.event.id in disputed else ()
    return (*claim.status, *differ), *cells(claim.event)


# --- values and their changes in words ------------------------------------------------

# The longest text of a value, and the text before a difference that is kept.
_SHOWN = 72
_BEFORE = 24
# Beyond, changes within a mapping are counted only.
_MOST_KEYS = 3


def parts_of(state: object) -> dict[str, object] | None:
    """Return the named parts of a state; None of another value, such as a mapping.

    They are the fields of a class of attrs, a dataclass, a struct of msgspec or a named
    tuple, except for those whose name begins with an underscore.
    """
    cls = type(state)
    # An answer or an event is one value, whatever its fields are.
    if isinstance(state, type) or hasattr(cls, "_plain_data"):
        return None
    names: Iterable[str] = ()
    if attrs.has(cls):
        names = [part.name for part in attrs.fields(cls)]
    else:
        for fields in ("__dataclass_fields__", "_fields", "__struct_fields__"):
            names = names or getattr(cls, fields, ())
    return {n: getattr(state, n) for n in names if not n.startswith("_")} or None


def value_words(value: object) -> str:
    """Return a value of an answer in one line of some hundred letters at most.

    Of a state with named parts it gives those that hold something, of a collection what
    is in it.
    """
    parts = parts_of(value)
    if parts is not None and not isinstance(value, Enum):
        held = [f"{name} {_size(part)}" for name, part in parts.items() if _holds(part)]
        return one_line(f"{type(value).__name__}: {', '.join(held) or 'nothing yet'}")
    text = _item(value)
    if len(text) <= _SHOWN or not isinstance(value, Set | tuple | list):
        return _short(text)
    return _some(f"{len(value):,}: ", [*map(_item, value)])


def change_words(before: object, after: object) -> str:
    """Return a change of a value in one line; its two sides never read the same.

    Of a state with named parts it names those that changed.
    """
    old, new = parts_of(before), parts_of(after)
    if old is not None and new is not None and type(before) is type(after):
        found = [
            f"{name} {_part_change(old[name], new[name])}"
            for name in new
            if _differ(old[name], new[name])
        ]
        return one_line(", ".join(found)) or "changed in a part that is not shown"
    texts = _item(before), _item(after)
    are_short = max(map(len, texts)) <= _SHOWN and texts[0] != texts[1]
    if not are_short and isinstance(before, Mapping) and isinstance(after, Mapping):
        return one_line(_mapping_change(before, after))
    if not are_short and _are_alike(before, after):
        return one_line(_items_change(_list(before), _list(after)))
    return _apart(*texts)


def _holds(part: object) -> bool:
    # A number is worth showing when it is 0, a collection is not when it is empty.
    return part is not None and not (isinstance(part, Sized) and len(part) == 0)


def _size(part: object) -> str:
    """Return a part of a state: the number of its items, or itself."""
    if isinstance(part, Sized) and not isinstance(part, str):
        items = [*part.items()] if isinstance(part, Mapping) else []
        if 0 < len(items) <= _MOST_KEYS and all(_is_atom(value) for _, value in items):
            return _short("; ".join(f"{_key(key)} {_item(one)}" for key, one in items))
        return f"{len(part):,}"
    return _short(_item(part))


def _is_atom(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | Decimal | Fraction)


def _part_change(before: object, after: object) -> str:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        if all(map(_is_atom, (*before.values(), *after.values()))):
            return _mapping_change(before, after)
        return _counts(before, after, _changed_keys(before, after))
    if _are_alike(before, after):
        old, new = _list(before), _list(after)
        return _counts(old, new, _lacking(new, old))
    return _apart(_item(before), _item(after))


def _counts(before: Sized, after: Sized, changed: Sized) -> str:
    if len(before) != len(after):
        return f"{len(before):,} -> {len(after):,}"
    return f"{len(changed):,} of {len(after):,} replaced"


def _list(items: Any) -> list[Any]:
    return [*items]


def _are_alike(before: object, after: object) -> bool:
    return any(
        isinstance(before, kind) and isinstance(after, kind)
        for kind in (Set, tuple, list)
    )


def _changed_keys(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[Any]:
    return [
        key
        for key in dict.fromkeys((*before, *after))
        if key not in before or key not in after or _differ(before[key], after[key])
    ]


def _mapping_change(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    keys = _changed_keys(before, after)
    if not 0 < len(keys) <= _MOST_KEYS:
        return _counts(before, after, keys)
    return "; ".join(f"{_key(key)} {_entry_change(before, after, key)}" for key in keys)


def _entry_change(
    before: Mapping[Any, Any], after: Mapping[Any, Any], key: object
) -> str:
    old, new = (_item(m[key]) if key in m else "none" for m in (before, after))
    return _apart(old, new)


def _key(key: object) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    # A set has no order, and the text must be the same in every process.
    texts = (
        " and ".join(sorted(map(str, part))) if isinstance(part, Set) else str(part)
        for part in parts
    )
    return one_line(", ".join(texts))


def _items_change(before: list[Any], after: list[Any]) -> str:
    added = [*map(_item, _lacking(after, before))]
    gone = [*map(_item, _lacking(before, after))]
    start = f"{len(before):,} -> {len(after):,}: "
    if len(added) == len(gone) == 1:
        return start + _apart(gone[0], added[0])
    changed = [*(f"+ {text}" for text in added), *(f"- {text}" for text in gone)]
    return _some(start, changed or ["in another order"])


def _lacking(some: list[Any], others: list[Any]) -> list[Any]:
    """Return the items of a list that another does not have."""
    try:
        there = set(others)
    except TypeError:
        return [item for item in some if item not in others]
    return [item for item in some if item not in there]


def _some(start: str, texts: list[str]) -> str:
    """Return a list in one line, with the number of what it leaves out."""
    shown = start + _short(texts[0])
    for number, text in enumerate(texts[1:], 1):
        if len(shown) + len(text) > 2 * _SHOWN:
            return f"{shown}; and {len(texts) - number:,} more"
        shown += f"; {text}"
    return shown


def _item(value: object) -> str:
    event = getattr(value, "event", value)
    return describe_event(event) if isinstance(event, Event) else value_text(value)


def _differ(before: object, after: object) -> bool:
    return before is not after and bool(before != after)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _apart(old: str, new: str) -> str:
    """Return two texts, each cut so that their difference is seen."""
    if old == new:
        return f"{_short(old)} -> another that reads the same"
    same = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = max(same - _BEFORE, 0) if max(len(old), len(new)) > _SHOWN else 0
    more = "..." if start else ""
    return " -> ".join(_short(f"{more}{text[start:]}") for text in (old, new))
