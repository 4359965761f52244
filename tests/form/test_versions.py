"""Payload classes change, and what was written before is still read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Vocabulary
from bri_timeline._form import Unknown
from bri_timeline.errors import FaultsError, VocabularyError
from bri_timeline.relations import FACTS, Joined, Visited


Fields = dict[str, object]


@frozen
class Deal:
    """A payload that has had two other forms."""

    title: str
    amount: Decimal
    currency: str


def split_amount(fields: Fields) -> Fields:
    """From version 1, where the amount was text such as `3.5 USD`."""
    amount, _, currency = str(fields.pop("worth")).partition(" ")
    return {**fields, "amount": amount, "currency": currency}


def name_title(fields: Fields) -> Fields:
    """From version 2, where the title was a list of words."""
    words = fields["words"]
    assert isinstance(words, list)
    return {
        "title": " ".join(words),
        "amount": fields["amount"],
        "currency": fields["currency"],
    }


DEALS = Vocabulary(Deal, upcasts={Deal: (split_amount, name_title)})
FIRST = b'{"words": ["a", "deal"], "worth": "3.5 USD"}'
SECOND = b'{"words": ["a", "deal"], "amount": 3.5, "currency": "USD"}'
DEAL = Deal("a deal", Decimal("3.5"), "USD")


def test_a_class_has_version_1_and_one_more_for_each_upcast() -> None:
    """The version of a payload counts the upcasts of its class."""
    both = Vocabulary(Joined, Deal, upcasts={Deal: (split_amount,)})

    assert 3 == DEALS.version_of(DEAL)
    assert (2, 1) == (both.version_of(DEAL), both.version_of(Joined("AZE", "x")))
    with pytest.raises(VocabularyError, match="add the class to it"):
        DEALS.version_of(Joined("AZE", "x"))


@pytest.mark.parametrize(
    ("data", "version"),
    [(FIRST, 1), (SECOND, 2), (DEALS.encode(DEAL), 3), (DEALS.encode(DEAL), None)],
)
def test_data_of_every_version_is_read(data: bytes, version: int | None) -> None:
    """Older data passes through the upcasts from its version on; new data through none.

    Without a version, data is of the present one.
    """
    assert DEAL == DEALS.decode("Deal", data, version)


def test_plain_data_of_an_older_version_is_read_and_left_as_it_was() -> None:
    """Building from plain data of version 1 gives the payload, and changes no data."""
    words = ["a", "deal"]
    fields = {"words": words, "worth": "3.5 USD"}

    assert DEAL == DEALS.build("Deal", fields, version=1)
    assert {"words": ["a", "deal"], "worth": "3.5 USD"} == fields
    assert words is fields["words"]


plain = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


def _spoilt(value: object) -> None:
    """Change all of some plain data that can be changed."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _spoilt(item)
        value.clear()


@frozen
class Kept:
    """A payload of anything."""

    anything: object = None


@given(st.dictionaries(st.just("anything"), plain, min_size=1))
def test_an_upcast_neither_changes_shared_data_nor_sees_what_others_changed(
    fields: dict[str, object],
) -> None:
    """An upcast that spoils all that it is given spoils nothing of anybody else's."""
    seen: list[str] = []
    given_back: list[Mapping[str, object]] = []

    def spoils(mine: Fields) -> Mapping[str, object]:
        seen.append(repr(mine))
        _spoilt(mine)
        given_back.append({"anything": fields["anything"]})
        return given_back[-1]

    words = Vocabulary(Kept, upcasts={Kept: (spoils, spoils)})
    before = repr(fields)
    found = words.build("Kept", fields, version=1)

    assert [before, before] == seen
    assert before == repr(fields)
    assert Kept(fields["anything"]) == found


def _adding(number: int) -> Callable[[Fields], Fields]:
    def add(fields: Fields) -> Fields:
        return {"anything": f"{fields['anything']},{number}"}

    return add


@given(st.integers(0, 6), st.data())
def test_a_chain_of_upcasts_equals_its_steps(count: int, data: st.DataObject) -> None:
    """Reading version n is to apply the upcasts from n on, one after the other."""
    steps = tuple(_adding(number) for number in range(1, count + 1))
    words = Vocabulary(Kept, upcasts={Kept: steps} if steps else None)
    version = data.draw(st.integers(1, count + 1))

    fields: Fields = {"anything": "x"}
    for step in steps[version - 1 :]:
        fields = step(fields)

    assert Kept(fields["anything"]) == words.decode(
        "Kept", b'{"anything":"x"}', version
    )
    assert words.build("Kept", fields) == words.build(
        "Kept", {"anything": "x"}, version
    )


@pytest.mark.parametrize("version", [0, -1, 4, 10**400, True, 1.0, "1"])
def test_a_version_that_is_not_known_is_never_guessed(version: int) -> None:
    """A later version, and a value that is not a version, are refused."""
    with pytest.raises(
        VocabularyError, match=r"has no version .* of Deal: it has 1 to 3"
    ):
        DEALS.decode("Deal", SECOND, version)
    with pytest.raises(VocabularyError, match="has no version"):
        DEALS.build("Deal", {}, version)


@pytest.mark.parametrize("version", [True, 1.0, 0, 2])
def test_a_class_that_never_changed_has_version_1_alone(version: int) -> None:
    """A value that only equals 1 is not a version of a class, nor is another number."""
    fact = Joined("AZE", "x")

    assert fact == FACTS.decode("Joined", FACTS.encode(fact), 1)
    with pytest.raises(VocabularyError, match="it has 1 to 1"):
        FACTS.decode("Joined", FACTS.encode(fact), version)


def test_a_later_version_is_unknown_where_that_is_allowed() -> None:
    """Data of a version that is not yet known is kept as an unknown kind's is."""
    found = DEALS.decode("Deal", SECOND, 4, unknown_ok=True)

    assert Unknown("Deal", 4, SECOND) == found
    assert DEAL == DEALS.decode("Deal", SECOND, 2, unknown_ok=True)
    with pytest.raises(VocabularyError, match="has no version 0"):
        DEALS.decode("Deal", SECOND, 0, unknown_ok=True)


def fails(fields: Fields) -> Fields:
    """Ask for a field that is not there."""
    return {"title": fields["name"]}


def gives_nothing(fields: Fields) -> Fields:
    """Forget to return anything."""


def gives_numbers(fields: Fields) -> Mapping[object, object]:
    """Return a mapping whose keys are not names."""
    return {1: fields}


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (fails, r"fails of Deal from version 2 failed \(KeyError: 'name'\)"),
        (
            gives_nothing,
            "gives_nothing of Deal from version 2 gave None: let it return",
        ),
        (gives_numbers, "gives_numbers of Deal from version 2 gave {1: "),
        (Decimal, "Decimal of Deal from version 2 failed"),
        (lambda _: [], "<lambda> of Deal from version 2 gave"),
    ],
)
def test_an_upcast_that_fails_is_named(
    step: Callable[[Fields], Fields], problem: str
) -> None:
    """The error names the kind, the version and the function, and keeps the cause."""
    words = Vocabulary(Deal, upcasts={Deal: (split_amount, step)})

    with pytest.raises(VocabularyError, match=problem) as caught:
        words.decode("Deal", FIRST, 1)

    assert "Deal" == caught.value.kind


def test_what_an_upcast_gives_is_checked_like_any_data() -> None:
    """Faults in upcast fields have the names that the fields have today."""
    with pytest.raises(FaultsError, match="amount: "):
        DEALS.decode("Deal", b'{"words": ["a"], "worth": "much USD"}', 1)


@pytest.mark.parametrize("steps", [(), split_amount, (1,), None, "ab"])
def test_upcasts_are_given_as_a_tuple_of_functions(steps: tuple[()]) -> None:
    """Anything else is refused, with the remedy."""
    with pytest.raises(VocabularyError, match="give a tuple of functions, oldest"):
        Vocabulary(Deal, upcasts={Deal: steps})


def test_upcasts_belong_to_a_class_of_the_vocabulary() -> None:
    """Upcasts of a class that is not given are refused."""
    with pytest.raises(VocabularyError, match="not among the classes: give it too"):
        Vocabulary(Joined, upcasts={Deal: (split_amount,)})


def test_vocabularies_unite_with_their_upcasts() -> None:
    """What each of two vocabularies reads, both together read."""
    both = FACTS | DEALS

    assert DEAL == both.decode("Deal", FIRST, 1)
    assert 1 == both.version_of(Visited("AZE", "CHN"))
    assert DEALS == DEALS | DEALS
    assert Vocabulary(Deal) != DEALS


@pytest.mark.parametrize("steps", [(split_amount,), (name_title, split_amount)])
def test_vocabularies_with_different_upcasts_do_not_unite(
    steps: tuple[Callable[[Fields], Fields], ...],
) -> None:
    """A class cannot have two histories, nor one and none."""
    other = Vocabulary(Deal, upcasts={Deal: steps})
    for one, two in ((DEALS, other), (other, DEALS), (DEALS, Vocabulary(Deal))):
        with pytest.raises(VocabularyError, match="different upcasts of Deal"):
            one | two


def test_a_class_of_two_names_has_one_version() -> None:
    """A class that is read under an old name too has its upcasts under both."""
    words = Vocabulary(Deal, deal=Deal, upcasts={Deal: (split_amount, name_title)})

    assert DEAL == words.decode("Deal", FIRST, 1) == words.decode("deal", FIRST, 1)
    assert ("deal", 3) == (words.name_of(DEAL), words.version_of(DEAL))
