"""Kinds that a vocabulary does not have are kept as they came."""

from __future__ import annotations

import json
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Vocabulary
from bri_timeline._form import Unknown
from bri_timeline.errors import FaultsError, VocabularyError
from bri_timeline.relations import FACTS, Joined, Met, relationship


PAIR = frozenset({"AZE", "CHN"})
TARIFF = b'{ "rate" : 1.50, "parties": ["AZE", "CHN"] }'

json_data = st.dictionaries(
    st.text(max_size=3),
    st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers()),
    max_size=3,
).map(lambda fields: json.dumps(fields, indent=1).encode())


@given(st.text(min_size=1).filter(lambda name: name not in FACTS), json_data)
def test_an_unknown_kind_comes_back_byte_for_byte(name: str, data: bytes) -> None:
    """Data of an unknown kind encodes to the same bytes, name and version."""
    found = FACTS.decode(name, data, 7, unknown_ok=True)

    assert isinstance(found, Unknown)
    assert (name, 7) == (FACTS.name_of(found), FACTS.version_of(found))
    assert data == FACTS.encode(found)


def test_unknown_kinds_are_refused_unless_asked_for() -> None:
    """Decoding is strict by default, and known kinds are never unknown."""
    with pytest.raises(VocabularyError, match="has no 'TariffSet'"):
        FACTS.decode("TariffSet", TARIFF)
    with pytest.raises(VocabularyError, match="has no 'TariffSet'"):
        FACTS.decode("TariffSet", TARIFF, 3)

    fact = Joined("AZE", "x")

    assert fact == FACTS.decode("Joined", FACTS.encode(fact), unknown_ok=True)
    with pytest.raises(FaultsError, match="member: is missing"):
        FACTS.decode("Joined", "{}", unknown_ok=True)


def test_an_unknown_kind_without_a_version_has_version_1() -> None:
    """An unknown kind has no current version."""
    found = FACTS.decode("TariffSet", TARIFF.decode(), unknown_ok=True)

    assert Unknown("TariffSet", 1, TARIFF) == found


def test_an_unknown_payload_is_a_value() -> None:
    """It is frozen, has a hash, evaluates back, and can be pickled."""
    one, two = Unknown("TariffSet", 1, TARIFF), Unknown("TariffSet", 1, TARIFF)

    assert {one} == {two}
    assert one == eval(repr(one), {"Unknown": Unknown})
    assert (one, PAIR) == (pickle.loads(pickle.dumps(one)), one.parties)
    assert one != Unknown("TariffSet", 2, TARIFF)
    assert one != Unknown("TariffSet", 1, TARIFF + b" ")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.data = b"{}"


def test_an_unknown_event_is_found_by_its_parties_and_folded_past() -> None:
    """A projection meets it like any other event, and it changes nothing."""
    met = Event(Met(PAIR), when="2019-04-24")
    log = EventLog.of(met, Event(Unknown("TariffSet", 1, TARIFF), when="2019-04-25"))
    view = log.as_of("2020-01-01")
    bilateral = relationship("AZE", "CHN")

    assert 2 == len(log.among("AZE", "CHN").as_of("2020-01-01").events)
    assert 0 == len(log.among("GEO").as_of("2020-01-01").events)
    assert EventLog.of(met).as_of("2020-01-01").project(bilateral) == view.project(
        bilateral
    )


@pytest.mark.parametrize(
    "data", ['{"parties":"AZE"}', '{"parties":["AZE",5]}', '{"parties":{"a":1}}', "{}"]
)
def test_unknown_ignores_parties_that_are_not_texts(data: str) -> None:
    """Only a list of texts names parties; of anything else there are none."""
    assert frozenset() == Unknown("TariffSet", 1, data.encode()).parties


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"nan", b'{"a":1', b'{"a":1}}', b'{"a":NaN}', b'{"a":1,"a":2}',
        b'{"b":{"a":1,"a":2}}', b'{"a":"\xff"}', b'{"a":"\\ud800"}',
        b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", b'{"a":' + b"[" * 100_000,
        b'{"a":"' + b"x" * (1 << 20) + b'"}', b'{"a":' + b"9" * 5_000 + b"}",
    ],
    ids=range(14),
)  # fmt: skip
def test_unknown_refuses_data_that_is_not_a_json_object(data: bytes) -> None:
    """Data that could not be written into a line of JSON is refused at once."""
    with pytest.raises(FaultsError, match=r"is (not a JSON object|too long)"):
        Unknown("TariffSet", 1, data)
    with pytest.raises(FaultsError, match=r"is (not a JSON object|too long)"):
        FACTS.decode("TariffSet", data, unknown_ok=True)


@pytest.mark.parametrize(
    ("name", "version", "data", "problem"),
    [
        ("", 1, b"{}", "'' names no kind: give text"),
        (None, 1, b"{}", "None names no kind"),
        (
            "TariffSet",
            0,
            b"{}",
            "0 is not a version of 'TariffSet': give a whole",
        ),
        ("TariffSet", True, b"{}", "True is not a version"),
        ("TariffSet", 1 << 63, b"{}", "is not a version"),
        ("TariffSet", 10**4_000, b"{}", "a number of about .* digits is not a version"),
        ("TariffSet", "1", b"{}", "is not a version"),
        ("TariffSet", 1, "{}", "is '{}': give JSON as bytes"),
    ],
)
def test_each_part_of_an_unknown_payload_is_checked(
    name: str, version: int, data: bytes, problem: str
) -> None:
    """A name is text, a version a whole number from 1, and data bytes."""
    with pytest.raises(VocabularyError, match=problem):
        Unknown(name, version, data)


def test_vocabulary_refuses_unknown() -> None:
    """It stands for what none has, and so cannot be added."""
    with pytest.raises(VocabularyError, match="leave it out"):
        Vocabulary(Joined, Unknown)


@pytest.mark.parametrize(
    ("extra", "affair"), [(b', "affair_of": ["AZE"]', {"AZE"}), (b"", PAIR)]
)
def test_an_unknown_kind_keeps_whose_affair_it_is(extra: bytes, affair: set) -> None:
    """Without a word about it, it is the affair of all its parties."""
    unknown = Unknown("Tariff", 1, b'{"parties": ["AZE", "CHN"]%s}' % extra)

    assert affair == Event(unknown, when="2019").affair_of
