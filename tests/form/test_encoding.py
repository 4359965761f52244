"""The batch encoder for entries: each part is encoded and verified once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property

import attrs
import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st
from odd_values import Alone, Kind, odd

from bri_timeline import Event, Source, Vocabulary
from bri_timeline._form._columns import Codec, is_canonical
from bri_timeline._form._json import encode_payloads
from bri_timeline._form._structs import lines_decoder
from bri_timeline.edtf import Edtf
from bri_timeline.relations import Money


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
def test_encode_writes_what_the_vocabulary_writes(payload: Plain) -> None:
    """A payload of plain parts is encoded fast, and comes back equal."""
    words = Vocabulary(Plain)
    data = _encoded(payload)

    assert data == words.encode(payload)
    assert payload == words.decode("Plain", data)


@given(plain, st.sampled_from([*attrs.fields_dict(Plain)]), odd)
def test_encode_verifies_values_of_other_types(
    payload: Plain, name: str, value: object
) -> None:
    """Whatever a field holds, what is encoded fast comes back equal."""
    changed = attrs.evolve(payload, **{name: value})
    data = _encoded(changed)

    read = lines_decoder(Plain)
    assert data is None or [changed] == read(data)


@frozen
class Simple:
    """It only holds values."""

    text: str
    parties: frozenset[str]
    others: frozenset[str]
    when: Edtf
    amount: Decimal | None
    day: date
    kind: Kind
    number: int = 0


simple = st.builds(
    Simple,
    st.text(),
    st.frozensets(st.text(max_size=3)),
    st.frozensets(st.text(max_size=3)),
    st.sampled_from(["2016", "201X", "2015/.."]).map(Edtf),
    st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.just(Kind.LOAN),
    st.integers(-(1 << 63), 1 << 80),
)


def _refused(_what: object, _field: object, value: str) -> None:
    if value == "no":
        raise ValueError(value)


@frozen
class Converted:
    """It changes what it is given."""

    text: str = field(converter=str.upper)


@frozen
class Validated:
    """It refuses some values."""

    text: str = field(validator=_refused)


@frozen
class Finished:
    """It looks at all fields together."""

    text: str

    def __attrs_post_init__(self) -> None:
        _refused(self, None, self.text)


@frozen
class Deciding:
    """It decides whether there is an instance."""

    text: str

    def __new__(cls, text: str) -> Deciding:
        _refused(cls, None, text)
        return super().__new__(cls)


@frozen(init=False)
class Own:
    """It has a constructor of its own."""

    text: str

    def __init__(self, text: str) -> None:
        _refused(self, None, text)
        self.__attrs_init__(text)


@frozen
class Computed:
    """Its parties are none of its fields."""

    text: str

    @property
    def parties(self) -> frozenset[str]:
        return frozenset({self.text})


@frozen
class Invented:
    """It has every name."""

    text: str

    def __getattr__(self, name: str) -> frozenset[str]:
        if name != "parties":
            raise AttributeError(name)
        return frozenset({self.text})


@attrs.define(hash=True)
class Changing:
    """Its fields can be set."""

    text: str


@frozen(eq=True, unsafe_hash=False)
class Hashless:
    """It has no hash."""

    text: str
    __hash__ = None


@pytest.mark.parametrize(
    "cls",
    [
        *(Converted, Validated, Finished, Deciding, Own, Computed, Invented),
        *(Changing, Hashless),
    ],
)
def test_a_class_that_does_more_is_not_what_its_json_says(cls: type) -> None:
    """Only the constructor of these knows whether a payload is right."""
    assert not Codec(Vocabulary(cls)).holds_only(cls.__name__, 1)


def _encoded(payload: Plain) -> bytes | None:
    event = Event(payload, when="2016", cite=Source("x"))
    found = [*Codec(Vocabulary(Plain)).encode_events([event])]
    return found[0].payloads[0] if found else None


@frozen(slots=False)
class Keeping:
    """A class that keeps what it has computed beside its fields."""

    number: int

    @cached_property
    def double(self) -> int:
        """What no field holds."""
        return 2 * self.number


@frozen
class Around:
    """A class that holds such an instance."""

    inner: Keeping


@pytest.mark.parametrize("what", [Keeping(1), Around(Keeping(2))])
def test_what_is_kept_beside_the_fields_is_not_written(what: object) -> None:
    """JSON of an instance holds its fields, whatever was asked of it before."""
    words = Vocabulary(Keeping, Around)
    before = words.encode(what)

    assert getattr(what, "inner", what).double in (2, 4)

    assert before == words.encode(what) == encode_payloads(type(what), [what])[:-1]
    assert what == words.decode(type(what).__name__, before)


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


def test_is_canonical_excludes_decimals() -> None:
    """Equal payloads of some classes have different JSON."""
    assert [True, False, False] == [
        is_canonical(cls) for cls in (Plain, Exactly, Priced)
    ]


def test_encode_writes_long_parts_without_caching_them() -> None:
    """A long date, and long citations, are written as short ones are."""
    words = Vocabulary(Alone)
    when = "[" + ",".join(f"20{n}" for n in range(10, 40)) + "]"
    event = Event(Alone("x"), when=when, cite=Source("long" * 1000), id="name")
    (found,) = Codec(words).encode_events([event])
    (line,) = found.texts

    assert ("Alone", 1) == (found.encoder.kind, found.encoder.version)
    assert [b'{"text":"x"}'] == found.payloads
    assert f'"when":"{when}","id":"name","cite":[{{' in line


def test_encode_keeps_the_order_beside_an_event_that_it_leaves_out() -> None:
    """One payload of the wrong type costs those next to it, and changes none."""
    events = [Event(Alone(str(number)), when="2016") for number in range(100)]
    events[50] = Event(Alone(50), when="2016")

    found = [*Codec(Vocabulary(Alone)).encode_events(events)]

    places = [place for part in found for place in part.places]
    payloads = [payload for part in found for payload in part.payloads]
    assert [number for number in range(100) if number != 50] == places
    assert [b'{"text":"%d"}' % number for number in places] == payloads
