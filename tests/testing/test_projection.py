"""What `check_projection` lets pass, and the one defect that each law finds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from attrs import define, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Projection, Source, Vocabulary, projection
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import ProjectionError
from bri_timeline.extend import event_of
from bri_timeline.relations import FACTS, relationship
from bri_timeline.testing import check_projection, events, order_dependence
from bri_timeline.testing._projections import check_checkpoints, check_prefixes


@frozen
class Taken:
    """Somebody took a chair."""

    by: str


@frozen
class Vacated:
    """The chair fell vacant."""


DAILY = Source("Daily", published="2016")
CHAIR = events(Vocabulary(Taken, Vacated))
TWO = (
    Event(Taken("AZE"), when="2016-01-02", cite=DAILY.at("p. 1")),
    Event(Taken("CHN"), when="2016-01-03"),
)


def count(seen: int, event: Event) -> int:
    """How many there were."""
    return seen + 1


def holder(held: str | None, event: Event) -> str | None:
    """Who holds the chair: what comes last counts."""
    match event.what:
        case Taken(by):
            return by
        case Vacated():
            return None
        case _:
            return held


@frozen
class Shared:
    """Somebody has a share of something."""

    part: float


@frozen
class Exact:
    """The same, as an exact number."""

    part: Decimal


def shared(total: Any, event: Event) -> Any:
    """What all have together."""
    return total + event.what.part if isinstance(event.what, Shared | Exact) else total


COUNT = Projection(int, count)
HOLDER: Projection[str | None] = Projection(lambda: None, holder)


def said(p: Projection[Any], found: object = CHAIR, **permitted: bool) -> str:
    """Return what the check says against a projection."""
    with pytest.raises(AssertionError) as error:
        check_projection(p, found, **permitted)
    return str(error.value)


class TestSound:
    """Projections in which nothing is wrong."""

    def test_check_projection_passes_a_count(self) -> None:
        """A count passes."""
        check_projection(COUNT, CHAIR)

    @pytest.mark.slow
    def test_check_projection_passes_a_count_of_one_kind(self) -> None:
        """A count of one kind alone passes when it is said that `reads` selects."""
        p = Projection(int, count, reads=Taken)

        check_projection(p, CHAIR, reads_select_ok=True)
        assert "pass reads_select_ok=True" in said(p)

    def test_check_projection_permits_order_that_is_meant_to_matter(self) -> None:
        """What depends on order passes when it is said that it may."""
        check_projection(HOLDER, CHAIR, order_dependent_ok=True)

    def test_check_projection_permits_order_outside_the_selection(self) -> None:
        """Order may matter for what is not selected."""
        check_projection(HOLDER, CHAIR, of=lambda held: type(held) in (str, type(None)))

    @pytest.mark.slow
    def test_check_projection_passes_relationship(self) -> None:
        """The state of a relationship keeps the laws, and its totals need no order."""
        china = relationship("AZE", "CHN")

        check_projection(china, events(FACTS), order_dependent_ok=True)
        check_projection(china, events(FACTS), of=lambda state: state.agreement_count)

    def test_check_projection_takes_the_events_of_the_article(self) -> None:
        """A list of events is checked as it is."""
        claims = [entry.claim for entry in azerbaijan_china()]

        check_projection(
            relationship("AZE", "CHN"), claims, of=lambda state: state.agreed_value
        )

    def test_check_projection_permits_order_that_dates_decide(self) -> None:
        """Events on different days have one order, so that it may matter."""
        check_projection(HOLDER, TWO, untried_ok=True)
        assert order_dependence(HOLDER, TWO) is None

    def test_check_projection_refuses_a_function_that_makes_one(self) -> None:
        """Whoever forgot to call it is told."""
        with pytest.raises(ProjectionError, match="returns one, call it"):
            check_projection(relationship, CHAIR)  # a function of parties

    def test_check_projection_refuses_an_empty_list(self) -> None:
        """Without events nothing is tried, which is said unless it is permitted."""
        check_projection(HOLDER, [], untried_ok=True)

        assert "holder was not tried: no event changed its state" in said(HOLDER, [])
        assert "give it some events" in said(COUNT, [])

    def test_check_projection_takes_open_and_distant_dates(self) -> None:
        """Dates without bounds and far away are taken too."""
        whens = ["[2016..]", "[..2016]", "../2016-01-01", "Y17E7", "-0044-03-15"]
        claims = [Event(Taken(when), when=when) for when in whens]

        check_projection(COUNT, claims)

    def test_check_projection_tries_as_many_lists_as_the_settings_say(self) -> None:
        """How many lists of events are tried is what the settings of Hypothesis say."""
        lists: list[object] = []
        counting = CHAIR.map(lambda event: lists.append(event) or event)

        with_few = settings(settings.get_profile("ci"), max_examples=2)
        settings.register_profile("few", with_few)
        settings.load_profile("few")
        try:
            check_projection(COUNT, counting)
        finally:
            settings.load_profile("ci")

        assert len(lists) < 20


class TestBeginning:
    """A state of its own for every fold."""

    def test_check_projection_finds_one_initial_list_for_all_folds(self) -> None:
        """A list that is the same every time is found."""
        shared: list[Event] = []
        p = Projection(lambda: shared, lambda state, event: [*state, event])

        assert "gives the same list every time: make a new one" in said(p)

    def test_check_projection_finds_states_that_compare_by_identity(self) -> None:
        """States that compare by identity are found."""

        class State:
            pass

        p = Projection(State, lambda state, event: state)

        assert "gives two states that are not equal" in said(p)


class TestTotal:
    """Any event at any point."""

    @pytest.mark.slow
    def test_check_projection_finds_a_need_for_an_earlier_event(self) -> None:
        """A projection that expects an earlier event is found, and the event shown."""

        @projection(initial=dict)
        def chairs(held: dict[str, int], event: Event) -> dict[str, int]:
            if isinstance(event.what, Vacated):
                held = dict(held)
                del held["chair"]
                return held
            return held | {"chair": 1} if isinstance(event.what, Taken) else held

        message = said(chairs, order_dependent_ok=True)

        assert "chairs raises KeyError: 'chair'; take every event" in message
        assert "event: 2015-12-30  Vacated()" in message

    def test_check_projection_tries_both_orders_of_events(self) -> None:
        """Both orders of the events are tried."""

        @projection(initial=frozenset)
        def once(seen: frozenset[str], event: Event) -> frozenset[str]:
            name = type(event.what).__name__
            if name == "Taken" and seen == {"Vacated"}:
                raise RuntimeError(name)
            return seen | {name}

        claims = [TWO[0], Event(Vacated(), when="2016-02")]

        assert "once raises RuntimeError: Taken" in said(once, claims)

    def test_check_projection_finds_a_match_that_returns_none(self) -> None:
        """A match without a last case returns None, which is found."""

        @projection(initial=int)
        def taken(seen: int, event: Event) -> int | None:
            match event.what:
                case Taken():
                    return seen + 1
                case Vacated():
                    return seen

        assert (
            "taken returns None for a kind it does not know: return the state"
            in said(taken)
        )

    def test_check_projection_finds_a_match_that_raises(self) -> None:
        """A match that raises for what it does not know is found."""

        @projection(initial=int)
        def strict(seen: int, event: Event) -> int:
            match event.what:
                case Taken() | Vacated():
                    return seen
                case _:
                    raise TypeError(event.what)

        assert "strict raises TypeError: SomethingElse()" in said(strict)

    def test_check_projection_passes_no_kinds_that_reads_leaves_out(self) -> None:
        """Kinds that `reads` leaves out are not passed to it."""

        @projection(initial=int, reads=Taken)
        def strict(seen: int, event: Event) -> int:
            assert isinstance(event.what, Taken)
            return seen + 1

        check_projection(strict, CHAIR)


class TestPure:
    """Equal events, equal states; and what was given stays as it was."""

    def test_check_projection_finds_a_changed_state(self) -> None:
        """A list that is appended to is found, with what it was and became."""

        @projection(initial=list)
        def names(state: list[str], event: Event) -> list[str]:
            state.append(type(event.what).__name__)
            return state

        message = said(names)

        assert "names changes the state that it is given: return another" in message
        assert "given: []" in message
        assert "became: ['Vacated']" in message or "became: ['Taken']" in message

    @pytest.mark.slow
    def test_check_projection_finds_states_that_do_not_merge(self) -> None:
        """The greater of two counts is not the count of both parts."""

        @projection(initial=int, merge=max)
        def counted(seen: int, event: Event) -> int:
            return seen + 1

        message = said(counted)

        assert "counted has parts that do not merge into the whole" in message
        assert "merged: 1" in message
        assert "folded at once: 2" in message

    def test_check_projection_finds_a_merge_that_changes_what_it_is_given(self) -> None:
        """A list that is extended is found; one that is made anew passes."""

        def extended(earlier: list[str], later: list[str]) -> list[str]:
            earlier.extend(later)
            return earlier

        def evolve(state: list[str], event: Event) -> list[str]:
            return [*state, type(event.what).__name__]

        names = Projection(list[str], evolve, merge=extended)

        assert "evolve changes a state that merge= is given" in said(names)
        proper = Projection(list[str], evolve, merge=list.__add__)
        check_projection(proper, CHAIR, order_dependent_ok=True)

    def test_check_projection_finds_a_changed_part_of_a_state(self) -> None:
        """A copy that shares a list with the original is found."""

        @projection(initial=dict)
        def by_kind(state: dict[str, list[int]], event: Event) -> dict[str, list[int]]:
            state = dict(state)
            state.setdefault(type(event.what).__name__, []).append(1)
            return state

        assert "by_kind changes the state that it is given" in said(by_kind)

    def test_check_projection_finds_a_state_outside(self) -> None:
        """A projection that remembers its calls is found."""
        calls = itertools.count()

        @projection(initial=int)
        def calling(state: int, event: Event) -> int:
            return next(calls)

        assert "calling gives two states for the same events" in said(calling)


class TestReads:
    """What `reads` leaves out makes no difference."""

    def test_check_projection_names_a_kind_that_reads_lacks(self) -> None:
        """A kind that would change the state is named."""
        p = attrs.evolve(HOLDER, reads=Taken, name="holder")
        message = said(p, [TWO[0], Event(Vacated(), when="2016-01-03")])

        assert "holder does something with Vacated, which `reads` leaves" in message
        assert "before: 'AZE'" in message
        assert "with it: None" in message


class TestPrefix:
    """A later state is an earlier one, folded further."""

    def test_check_projection_finds_a_count_of_folds(self) -> None:
        """State outside, that two folds side by side do not show, is found."""
        begun: list[int] = []

        def initial() -> int:
            begun.append(1)
            return 0

        def spoilt(state: int, event: Event) -> int:
            return state + len(begun)

        with pytest.raises(AssertionError, match="depends on more than the events"):
            check_prefixes(Projection(initial, spoilt), TWO)
        with pytest.raises(AssertionError, match="depends on more than the events"):
            check_projection(Projection(initial, spoilt), TWO)


class TestCheckpoints:
    """States that are kept give the answers of a fold anew."""

    @pytest.mark.slow
    def test_check_projection_finds_a_state_that_copies_incompletely(self) -> None:
        """A state that loses a part when it is copied is found."""

        @define
        class Total:
            number: int = 0

            def __deepcopy__(self, memo: object) -> Total:
                return Total()

        p = Projection(Total, lambda state, event: Total(state.number + 1), name="more")

        with pytest.raises(AssertionError, match="cannot be kept and copied"):
            check_checkpoints(p, TWO)
        assert "more has states that cannot be kept and copied" in said(p)


class TestOrder:
    """What no date decides must not matter, unless that is permitted."""

    @pytest.mark.slow
    def test_order_dependence_shows_the_smallest_pair(self) -> None:
        """Two events of one date are shown, with both states."""
        message = said(HOLDER)

        assert "holder depends on an order that no date decides" in message
        assert "pass order_dependent_ok=True" in message
        assert "two events have one date, so either may come first:" in message
        assert message.count("2015-12-30") == 2
        assert "a, then b:" in message

    def test_order_dependence_tries_only_dates_that_overlap(self) -> None:
        """Of a year and a day in it, either may come first; of two years, one does."""
        year = Event(Taken("AZE"), when="2016")
        day = Event(Taken("CHN"), when="2016-05-01", cite=DAILY)
        later = Event(Vacated(), when="2017")
        found = order_dependence(HOLDER, [later, day, year])

        assert found is not None
        assert (day, year, ()) == (found.first, found.second, found.before)
        assert ("AZE", "CHN") == (found.state, found.other_state)
        assert "two events have dates that overlap" in str(found)
        assert "  a  2016-05-01  Taken(by='CHN')  [Daily (2016)]" in str(found)

    def test_order_dependence_folds_what_lies_before_both(self) -> None:
        """Two events are tried after all that lies before both."""

        @projection(initial=tuple)
        def second(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
            done = len(state) > 2 or not isinstance(event.what, Taken)
            return state if done else (*state, event.what.by)

        both = [Event(Taken(by), when="2016-01-05") for by in ("KAZ", "RUS")]
        found = order_dependence(
            second, [*both, *TWO], of=lambda state: state[2:] if len(state) > 2 else ()
        )

        assert found is not None
        assert TWO == found.before
        assert (("KAZ",), ("RUS",)) == (found.state, found.other_state)
        assert "after" in str(found)

    def test_an_end_is_tried_before_and_after_what_its_date_leaves_open(self) -> None:
        """Who removes by name what ends takes away another that has begun."""

        @projection(initial=frozenset, reads=Taken, ends=lambda s, e: s - {e.what.by})
        def by_name(state: frozenset[str], event: Event) -> frozenset[str]:
            return state | {event.what.by}

        @projection(initial=frozenset, reads=Taken, ends=lambda s, e: s - {e})
        def by_term(state: frozenset[Event], event: Event) -> frozenset[Event]:
            return state | {event}

        first, then = (Event(Taken("A"), when=w) for w in ("2015/2016", "2016-05/2019"))
        found = order_dependence(by_name, [first, then])

        assert found is not None
        assert (then, first, (first,)) == (
            found.first,
            event_of(found.second),
            found.before,
        )
        assert "end of 2015/2016" in str(found)
        assert (frozenset(), {"A"}) == (found.state, found.other_state)
        assert order_dependence(by_term, [first, then]) is None
        check_projection(by_term, events(Taken))

    def test_what_ends_began_at_its_place_among_others(self) -> None:
        """Another has the chair since: nobody leaves it, in whichever order."""

        def left(state: tuple[str, int], event: Event) -> tuple[str, int]:
            return ("", state[1] + 1) if state[0] == event.what.by else state

        @projection(initial=lambda: ("", 0), reads=Taken, ends=left)
        def vacancies(state: tuple[str, int], event: Event) -> tuple[str, int]:
            return event.what.by, state[1]

        dates = {"A": "2015/2016-06", "B": "2016-01", "C": "2016-06"}
        claims = [Event(Taken(by), when=when) for by, when in dates.items()]

        assert order_dependence(vacancies, claims) is None

    def test_an_end_comes_before_what_begins_on_its_day(self) -> None:
        """That is no order which a date leaves open, unless one has several days."""

        @projection(initial=str, reads=Taken, ends=lambda _state, e: f"not {e.what.by}")
        def last(_state: str, event: Event) -> str:
            return str(event.what.by)

        ended = Event(Taken("A"), when="2015-01-01/2015-12-31")
        for when, is_open in (
            ("2016-01-01", False),
            ("[2015-12-31,2016-01-01]", True),
            ("[2016-01-01..2016-01-02]", False),
        ):
            found = order_dependence(last, [ended, Event(Taken("B"), when=when)])
            assert is_open == (found is not None), when

    def test_order_dependence_ignores_two_claims_about_one_happening(self) -> None:
        """Two claims about one happening do not depend on each other's order."""
        rivals = [Event(Taken(by), when="2016", id="x") for by in ("AZE", "CHN")]

        assert order_dependence(HOLDER, rivals) is None

    def test_sums_of_decimals_do_not_depend_on_order(self) -> None:
        """Decimals are drawn, and their sum is exact."""
        check_projection(Projection(Decimal, shared), events(Exact))

    @pytest.mark.slow
    @pytest.mark.usefixtures("great_effort")
    def test_sums_of_floats_depend_on_order(self) -> None:
        """Numbers are drawn that binary floats cannot say."""
        assert "depends on an order that no date decides" in said(
            Projection(float, shared), events(Shared)
        )

    def test_order_dependence_folds_what_may_lie_before_both_too(self) -> None:
        """Three of one day: the order of the first and the last matters to a sum."""
        one, two, three = (Event(Shared(n), when="2016") for n in (0.1, 0.6, 2.6))
        found = order_dependence(Projection(float, shared), [one, two, three])

        assert found is not None
        assert (one, three, (two,)) == (found.first, found.second, found.before)

    @pytest.mark.parametrize("when", ["[2016..]", "[..2016]", "2016/2018", "../2016"])
    def test_order_dependence_takes_every_kind_of_date(self, when: str) -> None:
        """Dates without bounds, and what lasted, have an order that is open."""
        one, two = Event(Taken("AZE"), when=when), Event(Taken("CHN"), when=when)

        assert order_dependence(HOLDER, [one, two]) is not None

    def test_order_dependence_agrees_with_outcomes(self) -> None:
        """Where it finds two states of a selection, a view finds two outcomes."""
        log = EventLog.of(*[Event(Taken(by), when="2016") for by in ("AZE", "CHN")])
        claims = [entry.claim for entry in log]

        assert order_dependence(HOLDER, claims) is not None
        assert {"AZE", "CHN"} == set(
            log.as_of("2016-12-31").outcomes(HOLDER, of=lambda held: held).values
        )

    @pytest.mark.slow
    def test_order_dependence_shortens_long_states(self) -> None:
        """A state that is long is shown as far as it can be read."""

        @projection(initial=str)
        def long(state: str, event: Event) -> str:
            name = type(event.what).__name__
            return name * 200 if name != "SomethingElse" else state

        assert "..." in said(long)


@pytest.mark.slow
def test_check_projection_adds_code_that_builds_the_failing_events() -> None:
    """The events that fail are added as code that builds them."""
    with pytest.raises(AssertionError) as error:
        check_projection(HOLDER, CHAIR)
    note = "\n".join(error.value.__notes__)

    assert "Event(" in note
    assert "when=Edtf('2015-12-30')" in note


@given(st.lists(CHAIR, max_size=3))
def test_check_projection_works_within_another_law(claims: list[Event]) -> None:
    """A check may stand in somebody's own law, whose events it is given."""
    check_projection(COUNT, claims, untried_ok=True)


class TestEnds:
    """The laws of the function of ends."""

    EVENTS = (
        Event(Taken("a"), when="2015-01-01/2016-01-01"),
        Event(Taken("b"), when="2015-06-01/2015-07-01"),
    )

    def check(self, ends: Callable[[Any, Event], Any]) -> None:
        """Check a projection with such ends."""

        @projection(initial=dict, ends=ends)
        def lasting(state: dict[str, int], event: Event) -> dict[str, int]:
            return {**state, getattr(event.what, "by", "?"): 1}

        check_projection(lasting, self.EVENTS, untried_ok=True)

    def test_pure_ends_pass(self) -> None:
        """An end that returns another state."""
        self.check(
            lambda state, event: {name: 1 for name in state if name != event.what.by}
        )

    def test_ends_that_change_the_state_are_found(self) -> None:
        """The message names the end."""

        def ends(state: dict[str, int], event: Event) -> dict[str, int]:
            state.clear()
            return state

        with pytest.raises(AssertionError, match="changes the state") as caught:
            self.check(ends)

        assert "end of 2015" in str(caught.value)

    def test_ends_that_return_nothing_or_raise_are_found(self) -> None:
        """At an end, a state is returned."""
        with pytest.raises(AssertionError, match="returns None for Taken"):
            self.check(lambda state, event: None)
        with pytest.raises(AssertionError, match="raises KeyError"):
            self.check(lambda state, event: state["nowhere"])

    def test_ends_that_depend_on_something_else_are_found(self) -> None:
        """Twice the same marks give the same state."""
        calls = []

        def ends(state: dict[str, int], event: Event) -> dict[str, int]:
            calls.append(event)
            return {**state, "calls": len(calls)}

        with pytest.raises(AssertionError, match="gives two states"):
            self.check(ends)
