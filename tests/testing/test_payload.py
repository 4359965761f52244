"""What `check_payload` lets pass, and the one defect that each law finds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from attrs import define, field, frozen
from hypothesis import strategies as st

from bri_timeline import Edtf, Vocabulary, relations
from bri_timeline.relations import FACTS, Money
from bri_timeline.testing import check_payload, payloads


if TYPE_CHECKING:  # a type that cannot be found when somebody looks for it
    from decimal import Decimal as Nowhere


@frozen
class Pledged:
    """A fact in which nothing is wrong."""

    country: str
    money: Money | None
    since: Edtf
    share: Decimal
    parties: frozenset[str]


@define(hash=True)
class Settable:
    """A fact whose fields can be set."""

    country: str


class Repledged(Pledged):
    """A subclass that is not decorated."""


@frozen
class Listing:
    """A fact that holds a list."""

    countries: list[str]


@frozen(eq=False)
class Lone:
    """A fact that is equal to itself alone."""

    country: str


@frozen
class Shifty:
    """A fact whose hash is not one of its content."""

    country: str

    def __hash__(self) -> int:
        return id(self)


@frozen
class Opaque:
    """A fact with a part that JSON cannot hold."""

    part: complex


@frozen
class Rounded:
    """A fact that is less than it was once it is read."""

    number: int = field(converter=lambda number: min(number, 1) if number else 0)


@frozen
class Growing:
    """A fact that is another each time it is made."""

    number: int = field(converter=lambda number: number + 1)


@frozen
class Written:
    """A fact that is equal, and written differently, once it is read."""

    country: str
    note: str = field(eq=False, converter=lambda note: f"{note}!")


@frozen
class Lost:
    """A fact with a type that cannot be found."""

    part: Nowhere


class Plain:
    """A class without attrs."""


def said(cls: object, **how: object) -> str:
    """Return what the check says against a class."""
    with pytest.raises(AssertionError) as error:
        check_payload(cls, **how)
    return str(error.value)


class TestSound:
    """Classes in which nothing is wrong."""

    def test_check_payload_passes_fields_of_many_types(self) -> None:
        """Money, dates, figures and sets pass."""
        check_payload(Pledged)

    @pytest.mark.parametrize("name", list(FACTS))
    def test_check_payload_passes_shipped_facts(self, name: str) -> None:
        """Every shipped fact passes, as a part of its vocabulary."""
        check_payload(getattr(relations, name), vocabulary=FACTS)

    def test_check_payload_takes_a_strategy_for_instances(self) -> None:
        """Instances are drawn from a strategy that is given."""
        drawn: list[object] = []
        instances = payloads(Pledged).map(lambda one: drawn.append(one) or one)

        check_payload(Pledged, instances)
        assert {Pledged} == set(map(type, drawn))

    def test_check_payload_takes_a_vocabulary_with_names_and_upcasts(self) -> None:
        """A vocabulary may call the class otherwise, and have upcasts of it."""

        def older(fields: Mapping[str, object]) -> Mapping[str, object]:
            return fields

        words = Vocabulary(pledge=Pledged, upcasts={Pledged: (older,)})

        check_payload(Pledged, vocabulary=words)


class TestFrozen:
    """Nothing in it can change."""

    @pytest.mark.parametrize("cls", [Plain, int, "Pledged", Repledged])
    def test_check_payload_finds_a_class_without_attrs(self, cls: object) -> None:
        """A class that attrs did not make is found."""
        assert "is not an attrs class: decorate it with attrs.frozen" in said(cls)

    def test_check_payload_finds_a_field_that_can_be_set(self) -> None:
        """A field that can be set is named."""
        assert "Settable.country can be set" in said(Settable)

    def test_check_payload_finds_a_part_that_could_change(self) -> None:
        """A part that could change is named."""
        instances = st.builds(Listing, st.lists(st.just("AZE")))

        assert "Listing cannot be in an event" in said(Listing, instances=instances)
        assert "Listing.countries could change" in said(Listing, instances=instances)


class TestHashable:
    """Equal fields, equal instances, equal hashes."""

    def test_check_payload_finds_comparison_by_identity(self) -> None:
        """A class that compares by identity is found."""
        assert "two instances of Lone with equal fields are not equal" in said(Lone)

    def test_check_payload_finds_a_hash_that_ignores_fields(self) -> None:
        """A hash by something else than the fields is found."""
        assert "two equal instances of Shifty have different hashes" in said(Shifty)


class TestKept:
    """What is encoded is decoded to the same."""

    def test_check_payload_finds_a_type_that_cannot_be_resolved(self) -> None:
        """A type that is named and cannot be found is named."""
        assert "Nowhere" in said(Lost)

    def test_check_payload_finds_a_part_that_json_cannot_hold(self) -> None:
        """A part that JSON cannot hold is found."""
        assert "Opaque cannot be encoded and decoded" in said(Opaque)

    def test_check_payload_finds_a_class_that_the_vocabulary_lacks(self) -> None:
        """A class that the vocabulary does not have is found."""
        assert "Pledged is not in the vocabulary" in said(
            Pledged, vocabulary=Vocabulary(Opaque)
        )

    def test_check_payload_finds_a_converter_that_never_settles(self) -> None:
        """A converter that gives another value each time is found."""
        message = said(Growing)

        assert "Growing is not what it was once encoded and decoded" in message
        assert "given:   Growing(number=1)" in message
        assert "decoded: Growing(number=2)" in message

    def test_check_payload_finds_equal_instances_with_different_bytes(self) -> None:
        """Equal instances that give other bytes are found."""
        assert "Written gives other bytes once encoded and decoded" in said(Written)

    def test_check_payload_passes_a_converter_that_settles_at_once(self) -> None:
        """A converter that settles at once passes."""
        check_payload(Rounded)
