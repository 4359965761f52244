"""Payload classes that make instances, or answer, in a way of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from attrs import frozen
from scale_worlds import laid_out

from bri_timeline import Entry, Event, EventLog, Vocabulary, dyads
from bri_timeline.errors import BriTimelineError, FaultsError
from bri_timeline.formats import arrow
from bri_timeline.measures import count, total
from bri_timeline.scale._plain import Plain


DAY = "2020-01-01"


def _even(n: int) -> None:
    if n % 2:
        msg = f"{n} is odd"
        raise ValueError(msg)


class _Refusing(type):
    """Refuses to make some instances."""

    def __call__(cls, *args: Any, **named: Any) -> Any:
        made = super().__call__(*args, **named)
        _even(made.n)
        return made


@frozen
class ByMetaclass(metaclass=_Refusing):
    """Its instances are made by a metaclass."""

    parties: frozenset[str]
    n: int


@frozen
class Wrapped:
    """Its constructor was replaced."""

    parties: frozenset[str]
    n: int


def _wrapped(init: Callable[..., None]) -> Callable[..., None]:
    def made(self: Any, parties: frozenset[str], n: int) -> None:
        _even(n)
        init(self, parties, n)

    return made


Wrapped.__init__ = _wrapped(Wrapped.__init__)


class _Wraps:
    """Replaces the constructor of whatever is made from it."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = _wrapped(cls.__init__)


@frozen
class ByBase(_Wraps):
    """Its constructor is replaced by a base class."""

    parties: frozenset[str]
    n: int


@frozen
class Hashed:
    """Some of its instances have no hash."""

    parties: frozenset[str]
    n: int

    def __hash__(self) -> int:
        """Refuse to return the hash of some."""
        try:
            _even(self.n)
        except ValueError as error:
            raise TypeError(str(error)) from None
        return hash(self.n)


@frozen
class Answering:
    """It says of itself what its fields do not."""

    parties: frozenset[str]
    n: int

    def __getattribute__(self, name: str) -> Any:
        """Return other parties, and another number, than were given."""
        held = object.__getattribute__(self, name)
        if name == "n":
            return abs(held)
        return held | {"ZZZ"} if name == "parties" else held


class _Property:
    @property
    def parties(self) -> frozenset[str]:
        """Other parties than were given."""
        return frozenset({"YYY", "ZZZ"})


@frozen(slots=False)
class Overlaid(_Property):
    """A property of its base answers for its field."""

    parties: frozenset[str]
    n: int


@frozen
class Inventing:
    """It has parties if its number is even, and refers to events then."""

    n: int

    def __getattr__(self, name: str) -> Any:
        """Return what has no field."""
        if name in ("parties", "refers_to") and not self.n % 2:
            return frozenset({"AAA", "BBB"})
        raise AttributeError(name)


@frozen(slots=False)
class Adding:
    """It sets parties beside its fields if its number is even."""

    n: int

    def __attrs_post_init__(self) -> None:
        """Set what has no field."""
        if not self.n % 2:
            object.__setattr__(self, "parties", frozenset({"AAA", "BBB"}))


class _Other:
    __slots__ = ()

    def __new__(cls, n: int, parties: frozenset[str]) -> Any:
        """Make an instance of another class of some."""
        return object.__new__(_even_class() if not n % 2 else cls)


@frozen
class Made(_Other):
    """Its instances may be of a class made from it."""

    n: int
    parties: frozenset[str]


@frozen
class MadeEven(Made):
    """Made with an even number."""


@cache
def _even_class() -> type:
    return MadeEven


CLASSES = [
    ByMetaclass,
    Wrapped,
    ByBase,
    Hashed,
    Answering,
    Overlaid,
    Inventing,
    Adding,
    Made,
]
WORDS = Vocabulary(*CLASSES, MadeEven)
TEXTS = {
    cls: '{{"n":{}}}'
    if cls in (Inventing, Adding)
    else '{{"n":{},"parties":["AAA","BBB"]}}'
    for cls in CLASSES
}


def events_of(cls: type, numbers: list[int]) -> tuple[list[Event], set[int]]:
    """Return the events of payloads, and the rows of which there is none."""
    events, wrong = [], set[int]()
    for row, number in enumerate(numbers):
        try:
            what = WORDS.decode(cls.__name__, TEXTS[cls].format(number))
            events.append(Event(what, when="2000", id=str(row)))
        except BriTimelineError:
            wrong.add(row)
    return events, wrong


def told(events: Iterable[Event]) -> list[Any]:
    """Return what events say."""
    return [
        (type(e.what), e.what.n, e.what, e.parties, e.refers_to, e.id) for e in events
    ]


def list_of(rows: pa.Table) -> list[Entry]:
    """Return the entries of a dataset of rows."""
    with laid_out(rows, 1, WORDS) as data:
        return [*data.entries()]


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [[1, 2, 2, 4], [2, 1], [2, -2], [3]])
@pytest.mark.parametrize("cls", CLASSES)
def test_they_are_as_if_each_was_made(cls: type, numbers: list[int]) -> None:
    """A table of them has the events, relationships and faults of the objects."""
    expected, wrong = events_of(cls, numbers)
    rows = pa.table(
        {
            "kind": [cls.__name__] * len(numbers),
            "what": [TEXTS[cls].format(number) for number in numbers],
            "when": ["2000"] * len(numbers),
            "id": [*map(str, range(len(numbers)))],
        }
    )
    if wrong:
        for refuse in (lambda: arrow.from_arrow(rows, WORDS), lambda: list_of(rows)):
            with pytest.raises(FaultsError) as refused:
                refuse()
            places = {fault.place.partition(":")[0] for fault in refused.value.faults}
            assert {f"row {row}" for row in wrong} == places
        return

    read = arrow.from_arrow(rows, WORDS)
    assert told(expected) == told(entry.claim for entry in read)
    with laid_out(rows, 1, WORDS) as data:
        log = EventLog(data.entries())
        assert told(expected) == told(entry.claim for entry in log)
        for measure in (count(), count(cls), count(MadeEven), total(cls, "n")):
            by_pair = log.as_of(DAY).project_each(measure, by=dyads)
            assert by_pair == data.project_each(measure, on=DAY), measure


@pytest.mark.parametrize("cls", CLASSES)
def test_they_are_not_plain(cls: type) -> None:
    """No form of JSON stands for them."""
    assert Plain.of(WORDS, cls.__name__, "1") is None
