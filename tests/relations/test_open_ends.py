"""Nothing shows as certain what the outcomes leave open."""

from __future__ import annotations

import pytest
from attrs import frozen

from bri_timeline import Answer, Event, EventLog, projection
from bri_timeline.errors import PayloadError
from bri_timeline.relations import (
    PositionDeclared,
)


@frozen
class Shown:
    """A museum shows an object in a room, until it shows it in another."""

    thing: str
    room: str
    parties: frozenset[str] = frozenset()
    last_of = ("thing",)


@frozen
class Lent:
    """A museum has lent an object."""

    thing: str


def back(state: frozenset[str], event: Event) -> frozenset[str]:
    """The objects that are away, without one that came back."""
    return state - {event.what.thing} if isinstance(event.what, Lent) else state


@projection(initial=frozenset, ends=back)
def away(state: frozenset[str], event: Event) -> frozenset[str]:
    """The objects that are away."""
    return state | {event.what.thing} if isinstance(event.what, Lent) else state


@projection(initial=dict)
def rooms(state: dict[str, str], event: Event) -> dict[str, str]:
    """The room of each object."""
    what = event.what
    return {**state, what.thing: what.room} if isinstance(what, Shown) else state


@projection(initial=int)
def changes(state: int, event: Event) -> int:
    """How many times an object was put somewhere."""
    return state + isinstance(event.what, Shown)


def shown(room: str, when: str) -> Event:
    """Return that the vase was put in a room."""
    return Event(Shown("vase", room), when=when, id=room)


class TestLast:
    """Of some facts only the last holds."""

    @pytest.mark.parametrize(
        ("one", "other", "answer"),
        [
            ("2015", "2016", Answer.YES),
            ("2016", "2015", Answer.NO),
            ("2015", "2015-06", Answer.MAYBE),
            ("2015-06-01", "2015-06-01", Answer.MAYBE),
            ("2015", "2021", Answer.NO),
            ("2015", "[2016,2021]", Answer.MAYBE),
            ("2015/..", "2016/..", Answer.YES),
            ("2015/..", "2016/2020", Answer.MAYBE),
            ("2015/..", "2016/2018", Answer.NO),
            ("2015", "2016/2018", Answer.YES),
            ("2015/..", "2016", Answer.MAYBE),
            ("2015/2018", "2016", Answer.YES),
        ],
    )
    def test_what_comes_later_takes_its_place(
        self, one: str, other: str, answer: Answer
    ) -> None:
        """An extent holds again after that; what does not last never returns."""
        log = EventLog.of(shown("hall", one), shown("tower", other))
        view = log.as_of("2020-06-30")
        hall = log[0].claim

        assert answer is view.ended(hall)
        assert (hall in view.may_have_ended) is (answer is Answer.MAYBE)

    def test_only_what_has_begun_is_replaced(self) -> None:
        """The answer about an event after the day is that nothing took its place."""
        log = EventLog.of(shown("hall", "2021"), shown("tower", "2015"))

        assert Answer.NO is log.as_of("2020-01-01").ended(log[0].claim)

    def test_a_selection_has_its_own_last(self) -> None:
        """A position towards another state is no later one of this relationship."""
        log = EventLog.of(
            Event(PositionDeclared("AZE", "t", "for", ["CHN"]), when="2015"),
            Event(PositionDeclared("AZE", "t", "against", ["RUS"]), when="2016"),
        )
        view, first = log.as_of("2017-01-01"), log[0].claim

        assert Answer.YES is view.ended(first)
        assert Answer.NO is view.concerning("AZE", "CHN").ended(first)

    @pytest.mark.parametrize("names", [(), (1,), ("nothing",)])
    def test_a_wrong_declaration_is_refused(self, names: tuple[object, ...]) -> None:
        """It says which class and what is wrong."""

        @frozen
        class Wrong:
            thing: str = "vase"
            last_of = names

        with pytest.raises(PayloadError, match=r"Wrong\.last_of"):
            Event(Wrong(), when="2015")

    def test_a_field_of_that_name_is_no_declaration(self) -> None:
        """Only a tuple of the class is one."""

        @frozen
        class Named:
            last_of: str = "vase"

        log = EventLog.of(Event(Named(), when="2015"), Event(Named(), when="2016"))

        assert Answer.NO is log.as_of("2017-01-01").ended(log[0].claim)


class TestOwnStates:
    """What of an own state may have ended: what would change it."""

    def test_an_end_that_changes_the_state_may_have_come(self) -> None:
        """Of what the state does not have, or does not end, nothing is said."""
        lent = Event(Lent("vase"), when="2015/2020")
        view = EventLog.of(lent, shown("hall", "2015/2020")).as_of("2020-06-30")

        assert ((), (lent,), ()) == view.doubts(away, view.project(away))
        assert ((), (), ()) == view.doubts(rooms, view.project(rooms))

    def test_an_order_that_changes_the_state_may_be_another(self) -> None:
        """A count is the same whatever came last."""
        tower, hall = shown("tower", "2015"), shown("hall", "2015-06")
        view = EventLog.of(tower, hall).as_of("2020-06-30")

        assert {"vase": "tower"} == view.project(rooms)
        assert ((), (tower,), ()) == view.doubts(rooms, view.project(rooms))
        assert ((), (), ()) == view.doubts(changes, view.project(changes))
