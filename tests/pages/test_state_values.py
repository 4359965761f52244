"""The named values of a state of any projection."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from attrs import field, frozen

from bri_timeline import Event
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PictureError
from bri_timeline.pages._state_values import told
from bri_timeline.relations import Held, Money, Planned, relationship


EVENT = Event(Held("summit"), when="2019")


@frozen
class Company:
    """A state of one's own."""

    name: str = "ACME"
    owners: tuple[str, ...] = ("Ann", "Bob")
    share_of: dict[str, Decimal] = field(factory=dict)
    is_listed: bool = True
    seen: tuple[Event, ...] = (EVENT,)
    _cache: int = 7


def texts(state: object) -> dict[str, str]:
    """Return the values of a state as texts."""
    return {one.label: one.text for one in told(state)}


class TestTold:
    """What a state tells with and without a function of its author."""

    def test_a_relationship_tells_its_values_and_what_is_in_force(self) -> None:
        """The values of a relationship come first, then what holds."""
        view = azerbaijan_china().as_of("2019-04-26")
        found = told(view.project(relationship("AZE", "CHN")))
        values = {one.label: one for one in found}

        assert [one.text for one in found[:4]] == ["2", "1", "10", "821 million USD"]
        assert values["Visits"].value == 2
        assert values["Agreed value"].amounts == (("821000000", "USD"),)
        assert len(values["Positions"].items) == values["Positions"].value
        assert "Meetings" not in [one.label for one in found[5:]]

    def test_an_attrs_class_tells_its_public_fields(self) -> None:
        """Each public field is a value, called by its name in words."""
        assert texts(Company(share_of={"Ann": Decimal("0.5")})) == {
            "Name": "ACME",
            "Owners": "Ann; Bob",
            "Share of": "Ann: 0.5",
            "Is listed": "yes",
            "Seen": "1",
        }
        assert told(Company())[-1].items == (EVENT,)

    def test_a_mapping_tells_its_items(self) -> None:
        """Keys are labels, also if they are pairs or sets of names."""
        state = {
            ("AZE", "CHN"): 1200,
            frozenset({"b", "a"}): None,
            "money": Money(5, "USD"),
            3: [Money(5, "USD"), Money(2, "EUR")],
        }

        assert texts(state) == {
            "AZE \u2013 CHN": "1,200",
            "a \u2013 b": "—",
            "money": "5 USD",
            "3": "5 USD + 2 EUR",
        }

    @pytest.mark.parametrize(
        ("state", "text"),
        [
            (1_234, "1,234"),
            (Decimal("1.50"), "1.50"),
            (Fraction(1, 3), "1/3"),
            ("open", "open"),
            (None, "—"),
            (False, "no"),
            (EVENT, "Plan \u201csummit\u201d carried out"),
            (frozenset({"b", "a"}), "a; b"),
            (1j, "1j"),
            ([1, [7, [8]], "x"], "1; 7, (8); x"),
            ([*range(9)], "0; 1; 2; 3; 4; 5; … (+3)"),
            (Money(7, "USD"), "7 USD"),
        ],
        ids=lambda part: part if isinstance(part, str) else type(part).__name__,
    )
    def test_anything_else_is_one_value(self, state: object, text: str) -> None:
        """A number, a text, an event or a collection has one value without a label."""
        assert [("", text)] == [(one.label, one.text) for one in told(state)]

    def test_a_plan_is_told_by_its_event(self) -> None:
        """A plan in a state of one's own is the event that planned it."""
        event = Event(Planned(["AZE"], "summit"), when="2019", id="p")
        plans = azerbaijan_china().append(event).as_of("2019-12-31")
        state = plans.project(relationship("AZE", "CHN"))

        [plan] = [one for one in state.plans.values() if one.id == "p"]
        assert told({"next": plan, "all": [plan, 1]})[0].items == (plan,)
        assert told({"all": [plan, 1]})[0].text.endswith("; 1")

    def test_tell_names_the_values(self) -> None:
        """A function of the author gives the labels and the values."""
        found = told(Company(), tell=lambda state: {"Owners": len(state.owners)})

        assert [(one.label, one.value) for one in found] == [("Owners", 2)]

    @pytest.mark.parametrize("wrong", [7, {7: "x"}, [("a", 1)]])
    def test_tell_is_to_return_a_mapping_from_text(self, wrong: object) -> None:
        """Anything but a mapping from text is refused, with the remedy."""
        with pytest.raises(PictureError, match="mapping from labels to values"):
            told(1, tell=lambda _: wrong)
