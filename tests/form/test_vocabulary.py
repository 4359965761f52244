"""Payloads become JSON and come back, by the classes of a vocabulary."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import pendulum
import pytest
from attrs import field, fields, frozen, validators
from fact_strategies import facts
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import BriTimelineError, FaultsError, VocabularyError
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Money, Visited


class Mood(Enum):
    """How it went."""

    GOOD = "good"
    BAD = "bad"


def _upper(value: str) -> str:
    return value.upper()


def _mood(value: object) -> Mood:
    return value if isinstance(value, Mood) else Mood(str(value).lower())


@frozen
class Place:
    """A class within another, with a converter and a private field."""

    name: str = field(converter=_upper)
    _height: int = 0


@frozen
class Talks:
    """A payload of somebody else, of every kind of part."""

    when: Edtf
    cost: Decimal
    day: date
    mood: Mood
    places: tuple[Place, ...] = ()
    pair: tuple[Place, int] | None = None
    sums: frozenset[Money] = frozenset()
    words: frozenset[str] = frozenset()
    opened: pendulum.Date | None = None
    host: Place | None = None
    either: Place | Money | None = None
    share: float | None = None
    rounds: int = field(default=1, validator=validators.gt(0))
    anything: object = None
    tone: Mood = field(default=Mood.GOOD, converter=_mood)
    length: int = field(init=False, default=3)


MINE = Vocabulary(Talks)
_DIGITS = "is '1.234,5': write digits and a point alone, like '1300000.50'"
_FIELDS = ", ".join(one.name for one in fields(Talks) if one.init)
LEAST = {"when": "2015~", "cost": "1.50", "day": "2015-02-01", "mood": "good"}
talks = st.builds(
    Talks,
    when=st.sampled_from(["2015~", "2015/2017", "[..2015-09-16]"]).map(Edtf),
    cost=st.sampled_from(["0", "1.5", "-1E+3"]).map(Decimal),
    day=st.sampled_from([date(2015, 2, 1), date(1, 1, 1)]),
    mood=st.sampled_from(Mood),
    places=st.lists(st.builds(Place, st.sampled_from("ab"), st.integers(0, 2))).map(
        tuple
    ),
    pair=st.none() | st.tuples(st.builds(Place, st.just("x")), st.integers()),
    sums=st.frozensets(st.builds(Money, st.integers(0, 3), st.sampled_from(["USD"]))),
    words=st.frozensets(st.text(max_size=3)),
    opened=st.none() | st.just(pendulum.date(2015, 2, 1)),
    host=st.none() | st.builds(Place, st.just("h"), st.integers(0, 9)),
    either=st.none() | st.builds(Place, st.just("e")) | st.just(Money(1, "USD")),
    share=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    rounds=st.integers(min_value=1),
    anything=st.none() | st.text(max_size=2) | st.integers(0, 5),
)


@given(facts)
def test_every_shipped_fact_comes_back_equal(fact: object) -> None:
    """What is decoded from the JSON of a shipped fact equals it, and is hashable."""
    name, data = FACTS.name_of(fact), FACTS.encode(fact)

    found = FACTS.decode(name, data)

    assert (fact, hash(fact)) == (found, hash(found))
    assert data == FACTS.encode(found)


@given(facts, facts)
def test_equal_facts_give_equal_bytes(one: object, two: object) -> None:
    """Two facts of one class are equal exactly if their JSON is."""
    if type(one) is type(two):
        same = FACTS.encode(one) == FACTS.encode(two)

        assert (one == two) is same


def test_the_order_of_a_set_does_not_show() -> None:
    """Sets with equal members, money among them, are written alike."""
    one, two = Money(1, "USD"), Money(2, "EUR")
    least = {"when": Edtf("2015"), "cost": Decimal(1), "day": date(1, 1, 1)}
    written = [
        MINE.encode(Talks(**least, mood=Mood.BAD, sums=frozenset(sums)))
        for sums in ([one, two], [two, one])
    ]

    assert written[0] == written[1]


@given(talks)
def test_classes_of_users_come_back_equal(payload: Talks) -> None:
    """Dates, decimals, enums, sets, private and nested parts survive the way."""
    data = MINE.encode(payload)

    assert payload == MINE.decode("Talks", data)
    assert data == MINE.encode(MINE.decode("Talks", data))


def test_nested_classes_convert_and_check_their_fields() -> None:
    """A class within another is built by its own constructor."""
    found = MINE.build("Talks", {**LEAST, "host": {"name": "a", "height": 2}})

    assert isinstance(found, Talks)
    assert Place("A", 2) == found.host


def test_a_converter_takes_what_the_type_does_not() -> None:
    """Where plain data does not fit the type of a field, its converter has a say."""
    found = MINE.build("Talks", {**LEAST, "tone": "BAD"})

    assert isinstance(found, Talks)
    assert Mood.BAD is found.tone


def test_numbers_are_read_exactly() -> None:
    """A decimal that was written as a JSON number keeps every digit."""
    text = '{"when":"2015","cost":0.10000000000000000000001,"day":"2015-01-01",'
    found = MINE.decode("Talks", text + '"mood":"bad"}')

    assert isinstance(found, Talks)
    assert Decimal("0.10000000000000000000001") == found.cost


FAULTY = [
    ({"when": 5}, "when", "is the number 5: write an EDTF date, such as '2015'"),
    ({"when": "2015-13"}, "when", None),
    ({"cost": []}, "cost", "is a list: write a number"),
    ({"day": "soon"}, "day", "is 'soon': write a day, such as 2019-04-24"),
    ({"mood": "fair"}, "mood", "is 'fair': write 'good' or 'bad'"),
    ({"places": [{"name": "a"}, 7]}, "places item 2", "is the number 7: write a table"),
    ({"places": [{"nam": "a"}]}, "places item 1.nam", None),
    ({"places": [{}]}, "places item 1.name", "is missing: Place needs it"),
    ({"places": {}}, "places", "is a table: write a list"),
    ({"places": [{"name": 5}]}, "places item 1.name", "is the number 5: write text"),
    ({"pair": [{"name": "a"}]}, "pair", "has 1 items: write 2"),
    ({"pair": [{"name": "a"}, "b"]}, "pair item 2", "is 'b': write a whole number"),
    ({"words": ["a", True]}, "words item 2", "is true or false: write text"),
    ({"opened": 5}, "opened", "is the number 5: write a day, such as 2019-04-24"),
    ({"tone": "fair"}, "tone", "is 'fair': write 'good' or 'bad'"),
    ({"either": {"name": 5}}, "either.name", "is the number 5: write text"),
    ({"sums": [{"amount": "1", "currency": "x"}]}, "sums item 1", None),
    ({"cost": "1.234,5"}, "cost", _DIGITS),
    ({"round": 2}, "round", "Talks has no such field. Did you mean 'rounds'?"),
    ({"length": 2}, "length", f"Talks has no such field. It has {_FIELDS}."),
    ({"host": True}, "host", None),
]


@pytest.mark.parametrize(("fields", "place", "problem"), FAULTY)
def test_a_fault_names_its_field_and_the_remedy(
    fields: dict[str, object], place: str, problem: str | None
) -> None:
    """Each fault has the path of its field, and says what to write there."""
    with pytest.raises(FaultsError) as caught:
        MINE.build("Talks", {**LEAST, **fields})
    found = [(f.place, f.problem) for f in caught.value.faults]

    assert place in [where for where, _ in found]
    assert problem is None or (place, problem) in found


def test_all_faults_of_a_payload_are_reported_at_once() -> None:
    """Wrong, missing and unknown fields, and those of parts, come in one error."""
    fields = {
        "parties": ["AZE", 5],
        "count": "x",
        "value": {"amount": "1", "curency": "USD"},
        "tilte": "deal",
    }
    with pytest.raises(FaultsError) as caught:
        FACTS.build("AgreementSigned", fields)

    places = [fault.place for fault in caught.value.faults]

    assert [
        "parties item 2", "count", "value.curency", "value.currency", "tilte", "title",
    ] == places  # fmt: skip


def test_what_is_wrong_with_the_whole_is_reported_under_its_name() -> None:
    """A class that refuses fields which are right one by one is reported as such."""
    with pytest.raises(FaultsError) as caught:
        MINE.build("Talks", {**LEAST, "rounds": 0})

    assert ["Talks"] == [fault.place for fault in caught.value.faults]


def test_a_class_that_fails_in_its_own_way_is_still_our_error() -> None:
    """Whatever a converter or validator raises becomes a fault with the field."""

    def broken(value: object) -> object:
        raise LookupError(value)

    @frozen
    class Odd:
        part: object = field(converter=broken)

    with pytest.raises(FaultsError, match="part: was refused by its class"):
        Vocabulary(Odd).build("Odd", {"part": 1})


def test_a_class_with_several_classes_in_one_field_takes_the_first_that_fits() -> None:
    """Plain data of a union becomes the class whose fields it has."""
    found = MINE.build("Talks", {**LEAST, "either": {"amount": 1, "currency": "USD"}})

    assert isinstance(found, Talks)
    assert Money(1, "USD") == found.either


def test_parts_that_are_built_already_are_taken_as_they_are() -> None:
    """A part may be given as an instance instead of plain data."""
    found = MINE.build("Talks", {**LEAST, "host": Place("a"), "when": Edtf("2015~")})

    assert MINE.build("Talks", {**LEAST, "host": {"name": "a"}}) == found


BROKEN = [
    b"",
    b"[]",
    b"nan",
    b'{"day": NaN}',
    b'{"count": 1e999999}',
    b'{"count": 1e9999999999999999999999}',
    b'{"count": ' + b"9" * 5_000 + b"}",
    b'{"parties": ["AZE"], "parties": ["CHN"]}',
    b'{"value": {"amount": "1", "amount": "2", "currency": "USD"}}',
    b'{"title": "\xff"}',
    b'{"title": "\\ud800"}',
    b'{"value": ' + b"[" * 100_000,
    b'{"value": ' + b"[" * 65 + b"]" * 65 + b"}",
    b'{"title": "' + b"x" * (1 << 20) + b'"}',
    b'{"ten:\\"[": ' + b"{}," * 70 + b"}",
]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_hostile_json_is_refused_with_an_address(data: bytes) -> None:
    """Too deep, too long, repeated, or no JSON: one error, which names the payload."""
    with pytest.raises(FaultsError) as caught:
        FACTS.decode("AgreementSigned", data)

    assert caught.value.faults
    assert all(fault.place and fault.problem for fault in caught.value.faults)


def test_decode_reports_a_repeated_name() -> None:
    """JSON that gives a field twice is refused, as nobody can say which was meant."""
    with pytest.raises(FaultsError, match="'member' is written twice"):
        FACTS.decode("Joined", '{"member": "AZE", "body": "x", "member": "CHN"}')


def test_decode_ignores_brackets_within_text() -> None:
    """Only what is nested counts as depth, not what text looks like."""
    fact = Joined("AZE", "[" * 100 + ' \\" {":')

    assert fact == FACTS.decode("Joined", FACTS.encode(fact))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.just("amount"), inner, max_size=3)
    ),
    max_leaves=5,
)
fields = st.dictionaries(
    st.sampled_from(["parties", "member", "body", "value", "expected", "when", "x"]),
    plain | st.just(["AZE"]) | st.just("AZE"),
)


@given(st.sampled_from(sorted(FACTS)), fields)
def test_any_plain_data_becomes_a_payload_or_faults(
    name: str, content: dict[str, object]
) -> None:
    """No plain data makes the vocabulary raise anything but its own errors."""
    try:
        found = FACTS.build(name, content)
    except FaultsError as error:
        found, addressed = None, all(fault.place for fault in error.faults)
    else:
        addressed = name == FACTS.name_of(found)

    assert addressed


@given(facts, st.data())
def test_mutated_json_becomes_a_payload_or_faults(
    fact: object, data: st.DataObject
) -> None:
    """Bytes that were changed on the way are read or refused, never half believed."""
    good = FACTS.encode(fact)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    middle = data.draw(st.binary(max_size=3) | st.sampled_from([b'"', b"{", b"null"]))
    try:
        found = FACTS.decode(FACTS.name_of(fact), good[:start] + middle + good[end:])
    except BriTimelineError:
        found = fact

    assert found == FACTS.decode(FACTS.name_of(found), FACTS.encode(found))


@frozen
class Secret:
    """A class whose only field is private."""

    _word: str


@frozen
class Share:
    """A class of one float."""

    share: float


@frozen
class Sums:
    """A class of one set."""

    sums: frozenset[Money]


def test_private_fields_are_kept_under_the_name_that_the_class_takes() -> None:
    """What a class is called with is written, and read again."""
    words = Vocabulary(Secret)

    assert b'{"word":"x"}' == words.encode(Secret("x"))
    assert Secret("x") == words.decode("Secret", b'{"word":"x"}')


def test_sets_of_classes_and_finite_floats_are_kept() -> None:
    """A set without an order of its own, and a float, come back equal."""
    words = Vocabulary(Share, Sums)
    sums = Sums(frozenset([Money(1, "USD"), Money(2, "EUR")]))

    assert sums == words.decode("Sums", words.encode(sums))
    assert Share(0.1) == words.decode("Share", words.encode(Share(0.1)))
    with pytest.raises(VocabularyError, match="it holds inf"):
        words.encode(Share(float("inf")))


def test_what_json_cannot_hold_is_refused_when_it_is_written() -> None:
    """An infinite float, a lone surrogate or a foreign class are named at once."""
    least = {"when": Edtf("2015"), "cost": Decimal(1), "day": date(1, 1, 1)}
    for part in ({"share": float("inf")}, {"anything": Fraction(1, 2)}):
        payload = Talks(**least, mood=Mood.BAD, **part)
        with pytest.raises(
            VocabularyError, match="this Talks cannot be kept: it holds"
        ):
            MINE.encode(payload)
    with pytest.raises(VocabularyError, match="cannot be kept"):
        FACTS.encode(Joined("AZE", "\ud800"))


def test_a_vocabulary_tells_what_is_in_it() -> None:
    """Names are listed in order; names and classes can be looked up."""
    words = Vocabulary(Joined, trip=Visited)

    assert (["Joined", "trip"], 2) == (list(words), len(words))
    assert "trip" in words
    assert Visited in words
    assert "Visited" not in words
    assert "<vocabulary Joined, trip>" == repr(words)


def test_equal_vocabularies_have_equal_hashes() -> None:
    """A vocabulary is a value."""
    words = Vocabulary(Joined, Visited)

    assert {words} == {Vocabulary(Joined) | Vocabulary(Visited)}


def test_a_renamed_class_keeps_its_old_name_by_a_keyword() -> None:
    """What was written under a name is read by the class that now has it."""
    data = Vocabulary(trip=Visited).encode(Visited("AZE", "CHN"))

    assert Visited("AZE", "CHN") == Vocabulary(trip=Visited).decode("trip", data)
    assert "trip" == Vocabulary(trip=Visited).name_of(Visited("AZE", "CHN"))


def test_a_name_means_one_class() -> None:
    """Two classes of one name do not fit into a vocabulary, nor two vocabularies."""
    with pytest.raises(VocabularyError, match="two classes are called Joined"):
        Vocabulary(Joined, Joined=Visited)
    with pytest.raises(VocabularyError, match="both vocabularies have a Joined"):
        Vocabulary(Joined) | Vocabulary(Joined=Visited)
    with pytest.raises(TypeError):
        Vocabulary(Joined) | 5


class Rejoined(Joined):
    """A subclass that is not decorated."""


@pytest.mark.parametrize("cls", [int, "Joined", dict, None, Rejoined])
def test_only_attrs_classes_fit(cls: type) -> None:
    """Something else than an attrs class is refused, with the remedy."""
    with pytest.raises(VocabularyError, match=r"decorate it with attrs\.frozen"):
        Vocabulary(cls)


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    """A kind of fact that is missing is named, and so is the nearest one."""
    with pytest.raises(VocabularyError, match=r"no 'Visted'\. Did you mean 'Visited'"):
        FACTS.build("Visted", {})
    with pytest.raises(VocabularyError, match=r"It has Joined: .*Vocabulary.MyClass"):
        Vocabulary(Joined).build("?", {})
    with pytest.raises(VocabularyError, match="add the class to it"):
        Vocabulary(Joined).encode(Visited("AZE", "CHN"))


def test_types_that_cannot_be_found_are_reported_by_class() -> None:
    """A class within a function that names another there is told what to do."""

    @frozen
    class Inner:
        name: str

    @frozen
    class Outer:
        inner: Inner

    with pytest.raises(VocabularyError, match="types of the fields of Outer"):
        Vocabulary(Outer).build("Outer", {"inner": {"name": "a"}})


def test_an_event_holds_what_was_decoded() -> None:
    """A decoded payload is as unchangeable as the one that was encoded."""
    fact = AgreementSigned(["AZE", "CHN"], "deal", value=Money(1, "USD"))
    found = FACTS.decode("AgreementSigned", FACTS.encode(fact))

    assert Event(fact, when="2015") == Event(found, when="2015")
    assert '["AZE","CHN"]' in json.dumps(
        json.loads(FACTS.encode(fact)), separators=(",", ":")
    )
