"""Payloads that are written without being read again: those that come back equal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

import attrs
import pendulum
import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline._codec._encoding import Scribe, check_equal
from bri_timeline._codec._lossless import is_exact, sure
from bri_timeline._codec._structs import trusting
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EntryError
from bri_timeline.relations import Money
from bri_timeline.stores import MemoryStore


@frozen
class Plain:
    """All kinds of parts that come back equal."""

    text: str
    number: int
    ready: bool
    day: date
    parties: frozenset[str]
    note: str | None = None
    others: frozenset[str] | None = field(default=None, kw_only=True)


@frozen
class Alone:
    """One part."""

    text: str


class Kind(StrEnum):
    """A text that is more than one."""

    LOAN = "loan"


class Rank(IntEnum):
    """A number that is more than one."""

    HIGH = 2


ODD = [True, 1, Rank.HIGH, Kind.LOAN, "x", None, 1.5, Decimal(1), date(2016, 1, 1)]
odd = (
    st.sampled_from(ODD)
    | st.text(max_size=3)
    | st.integers()
    | st.frozensets(st.text(max_size=2) | st.sampled_from([Kind.LOAN, 1]), max_size=2)
    | st.dates().map(lambda day: pendulum.date(day.year, day.month, day.day))
)
plain = st.builds(
    Plain,
    st.text(),
    st.integers(-(1 << 63), (1 << 64) - 1),
    st.booleans(),
    st.dates(),
    st.frozensets(st.text(max_size=3)),
    st.none() | st.text(),
    others=st.none() | st.frozensets(st.text(max_size=3)),
)


@given(plain)
def test_what_is_surely_written_comes_back_equal(payload: Plain) -> None:
    """A payload of plain parts is written at once, and read again as it was."""
    data = sure(Plain)(payload)

    assert data == Vocabulary(Plain).encode(payload)
    assert payload == trusting(Plain)(data)


@given(plain, st.sampled_from([*attrs.fields_dict(Plain)]), odd)
def test_what_is_not_sure_is_left_to_care(
    payload: Plain, name: str, value: object
) -> None:
    """Whatever a field holds, what is written at once comes back equal."""
    changed = attrs.evolve(payload, **{name: value})
    try:
        data = sure(Plain)(changed)
    except (TypeError, ValueError, OverflowError):
        data = None

    assert data is None or changed == trusting(Plain)(data)


def test_one_part_is_enough() -> None:
    """A payload of one field is written at once too."""
    assert b'{"text":"x"}' == sure(Alone)(Alone("x"))
    assert sure(Alone)(Alone(5)) is None
    assert sure(Alone)(Alone(Kind.LOAN)) is None


@frozen
class Empty:
    """Nothing."""


@frozen
class Converted:
    """A part that is made another."""

    text: str = field(converter=str.upper)


@frozen
class Checked:
    """What has the last word when it is made."""

    text: str

    def __attrs_post_init__(self) -> None:
        """Have it."""


@frozen
class Prepared:
    """What has the first word when it is made."""

    text: str

    def __attrs_pre_init__(self) -> None:
        """Have it."""


@frozen
class Reckoned:
    """A part that is not given."""

    text: str
    size: int = field(init=False, default=0)


@frozen
class Loose:
    """A part that is compared in its own way."""

    text: str = field(eq=str.lower)


@frozen
class Hidden:
    """A part that is not compared."""

    text: str = field(eq=False)


@frozen
class Private:
    """A part of another name."""

    _text: str


@frozen(init=False)
class OwnInit:
    """What makes itself."""

    text: str

    def __init__(self, text: str) -> None:
        """Make it."""
        self.__attrs_init__(text)


@frozen(eq=False)
class OwnEq:
    """What compares itself."""

    text: str

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return 1


@frozen
class OwnNew:
    """What is made by another."""

    text: str

    def __new__(cls, text: str) -> OwnNew:
        """Make it."""
        return object.__new__(cls)


@frozen
class Priced:
    """A part that is read again to see."""

    price: Money


@frozen
class Exactly:
    """A number whose zeros count."""

    number: Decimal


@frozen
class Dated:
    """A date that may be vague."""

    period: Edtf


MANY = attrs.make_class(
    "Many", {f"f{n}": attrs.field(type=str | None) for n in range(9)}, frozen=True
)
UNSURE = [
    Empty, Converted, Checked, Prepared, Reckoned, Loose, Hidden, Private, OwnInit,
    OwnEq, OwnNew, Priced, Exactly, Dated, MANY,
]  # fmt: skip


@pytest.mark.parametrize("cls", UNSURE, ids=lambda cls: cls.__name__)
def test_only_plain_classes_are_sure(cls: type) -> None:
    """A class that does anything of its own is read again to see."""
    assert sure(cls) is None


def test_zeros_are_not_exact() -> None:
    """Equal payloads of some classes have different JSON."""
    assert [True, False, False] == [is_exact(cls) for cls in (Plain, Exactly, Priced)]


class Odd(str):
    """A text that is more than one."""

    __slots__ = ()


def test_what_comes_back_different_is_refused() -> None:
    """What is read again and differs is not written, and neither is an odd text."""
    with pytest.raises(ValueError, match="1 would not come back equal"):
        check_equal(2, 1)
    with MemoryStore(Vocabulary(Alone)) as store:
        with pytest.raises(EntryError, match="cannot be kept"):
            store.append(Event(Alone("x"), when="2016", cite=Source(Odd("x"))))

        assert -1 == store.head().position


@pytest.mark.parametrize("published", ["Y17E17", "Y-17E17", "9999", "Y10000", "Y-5E4"])
def test_any_day_of_knowledge_comes_back(published: str) -> None:
    """The day by which a source had appeared may lie as far off as a date can."""
    event = Event(Alone("x"), when="2016", cite=Source("x", published=published))
    with MemoryStore(Vocabulary(Alone)) as store:
        store.append(event)

        assert EventLog.of(event) == store.read()


def test_long_parts_are_not_kept() -> None:
    """A long date, and long citations, are written as short ones are."""
    words = Vocabulary(Alone)
    when = "[" + ",".join(f"20{n}" for n in range(10, 40)) + "]"
    event = Event(Alone("x"), when=when, cite=Source("long" * 1000), id="name")
    hand, what, said = Scribe(words).said(event)

    assert ("Alone", 1, b'{"text":"x"}') == (hand.kind, hand.version, what)
    assert f'"when":"{when}","id":"name","cite":[{{'.encode() in said
