"""`decode_fast()` returns the payloads of `convert_fields()`, or None."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import IntEnum

import pytest
from attrs import field, frozen, validators
from fact_strategies import facts
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Vocabulary
from bri_timeline._form import _conversion, _json, _structs
from bri_timeline.edtf import Edtf
from bri_timeline.errors import FaultsError
from bri_timeline.relations import FACTS, Joined, Met, Money, Planned


class Rank(IntEnum):
    """How much it counts."""

    LOW = 1
    HIGH = 2


@frozen
class Survey:
    """A payload of all kinds of parts that are decoded fast."""

    day: date
    rank: Rank
    share: Decimal | None
    places: tuple[str, ...]
    pair: tuple[int, Edtf | None]
    years: frozenset[Edtf]
    cost: Money
    _note: str | None = None
    ready: bool = field(default=False, validator=validators.instance_of(bool))


surveys = st.builds(
    Survey,
    st.dates(),
    st.sampled_from(Rank),
    st.none() | st.decimals(allow_nan=False),
    st.lists(st.text(max_size=3)).map(tuple),
    st.tuples(st.integers(), st.none() | st.just(Edtf("2015~"))),
    st.frozensets(st.sampled_from(["2015", "2015/..", "Y-17E7"]).map(Edtf)),
    st.builds(Money, st.integers(0, 9), st.just("USD")),
    st.none() | st.text(max_size=3),
    st.booleans(),
)


def _convert(cls: type, data: bytes) -> object:
    try:
        return _conversion.convert_fields(cls, "x", _json.read_fields("x", data))
    except FaultsError:
        return None


@given(facts | surveys)
def test_decode_fast_decodes_encoded_payloads(payload: object) -> None:
    """JSON of shipped facts, and of plain classes of users, is decoded fast."""
    data = _json.encode_payload(payload)

    assert payload == _structs.decode_fast(type(payload), data)
    assert payload == _convert(type(payload), data)


CHANGES = [b'"', b":", b"null", b"1", b"1.5", b'"2015"', b'"AZE"', b"[]", b"{}", b" "]


@given(facts | surveys, st.data())
def test_decode_fast_agrees_with_convert_fields(
    payload: object, data: st.DataObject
) -> None:
    """Changed JSON gives the same payload as conversion, or None."""
    good = _json.encode_payload(payload)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    changed = good[:start] + data.draw(st.sampled_from(CHANGES)) + good[end:]
    found = _structs.decode_fast(type(payload), changed)

    assert found is None or found == _convert(type(payload), changed)


@given(facts | surveys, st.data())
def test_decode_fast_agrees_on_other_values(
    payload: object, data: st.DataObject
) -> None:
    """Any value in any field gives the same payload as conversion, or None."""
    fields = json.loads(_json.encode_payload(payload))
    values = [None, True, 0, 1.5, "", "2015", "AZE", [], ["AZE"], {}, "1E+3", "NaN"]
    name = data.draw(st.sampled_from(sorted(fields)))
    fields[name] = data.draw(st.sampled_from(values))
    changed = json.dumps(fields, separators=(",", ":")).encode()
    found = _structs.decode_fast(type(payload), changed)

    # By their JSON: a NaN does not equal itself.
    assert found is None or _json.encode_payload(found) == _json.encode_payload(
        _convert(type(payload), changed)
    )


@given(facts | surveys, st.data())
def test_decode_fast_refuses_a_repeated_name(
    payload: object, data: st.DataObject
) -> None:
    """A repeated name is seen at every level, whatever text holds colons."""
    good = _json.encode_payload(payload).decode()
    places = [i for i, mark in enumerate(good) if good[i : i + 2] in ('{"', ',"')]
    place = data.draw(st.sampled_from(places))
    name = good[place + 1 :].partition(":")[0]
    twice = f"{good[: place + 1]}{name}:null,{good[place + 1 :]}"

    assert _structs.decode_fast(type(payload), twice.encode()) is None


def test_decode_fast_accepts_colons_in_text() -> None:
    """Text with colons is told from names by writing it again."""
    fact = Met(["AZE"], place='a:"b":')

    assert fact == _structs.decode_fast(Met, _json.encode_payload(fact))
    spaced = _json.encode_payload(fact).replace(b'"place":', b'"place": ')
    assert _structs.decode_fast(Met, spaced) is None
    assert fact == FACTS.decode("Met", spaced)


@frozen
class Node:
    """A payload that may hold one of its kind."""

    name: str
    parent: Node | None = None


@frozen
class Open:
    """A payload of anything."""

    part: object = None


@frozen
class Either:
    """A payload with one of two classes."""

    part: Node | Money | None = None


@pytest.mark.parametrize(
    "payload",
    [Node("a", Node("b")), Open("x"), Either(Money(1, "USD")), Either(Node("a"))],
)
def test_decode_fast_leaves_other_classes(payload: object) -> None:
    """Data that msgspec would decode otherwise is left to `convert_fields()`."""
    words = Vocabulary(Node, Open, Either)
    data = words.encode(payload)

    assert _structs.decode_fast(type(payload), data) is None
    assert payload == words.decode(words.name_of(payload), data)


def test_decode_fast_leaves_a_faulty_date() -> None:
    """A date that is a number, or no date, becomes a fault with its field."""
    for expected in ("5", '"2015-13"'):
        data = _json.encode_payload(Planned(["AZE"], "x", expected="2015")).replace(
            b'"2015"', expected.encode()
        )

        assert _structs.decode_fast(Planned, data) is None
        with pytest.raises(FaultsError, match="expected: "):
            FACTS.decode("Planned", data)


def test_decode_fast_leaves_data_that_is_too_large() -> None:
    """More than 1 MiB is not read in any way."""
    data = _json.encode_payload(Joined("AZE", "x" * (1 << 20)))

    assert _structs.decode_fast(Joined, data) is None


def test_dates_share_short_dates() -> None:
    """The same short text gives the same date; a long one is read anew."""
    long = "[" + ",".join(["2015-01-01"] * 20) + "]"

    assert _structs.dates["2015-07"] is _structs.dates["2015-07"]
    assert _structs.dates[long] == _structs.dates[long] == Edtf(long)


def test_kept_values_are_bounded() -> None:
    """Each is made once while it is kept; few are kept, and no long ones."""
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text.upper()

    kept = _structs.Kept(make, most=2, longest=3)

    assert ["A", "B", "A", "LONG", "LONG"] == [
        kept[text] for text in ("a", "b", "a", "long", "long")
    ]
    assert ["a", "b", "long", "long"] == made
    assert ["C", "A", "A"] == [kept[text] for text in ("c", "a", "a")]
    assert ["c", "a"] == made[4:]
    assert 2 == len(kept)


def test_kept_texts_of_other_values_are_bounded() -> None:
    """If the value is a text, it is the one that is short, whatever the key is."""
    kept = _structs.Kept("x".__mul__, most=4, longest=3)

    assert ["xxx", "xxxx"] == [kept[number] for number in (3, 4)]
    assert [3] == [*kept]
