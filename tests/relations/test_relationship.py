"""The relationship of some parties, folded from facts."""

from __future__ import annotations

import pickle
from decimal import Context, Decimal, Inexact, localcontext
from functools import reduce
from itertools import pairwise, permutations

import pytest
from attrs import frozen
from concern_model import concerning
from fact_strategies import days, events
from hypothesis import given
from hypothesis import strategies as st
from log_model import Claim

from bri_timeline import Event, EventLog
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EventError, UnknownActorError
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    PlanStatus,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Relationship,
    Rescheduled,
    Visited,
    relationship,
)
from bri_timeline.relations._bundles import Bundles


PAIR = ["AZE", "CHN"]
BOTH = relationship("AZE", "CHN")
DAY = "2019-04-24"


def of(*facts: object, days: str = DAY) -> Relationship:
    """The state after facts of successive days."""
    start = int(days[-2:])
    return BOTH.fold(
        Event(fact, when=f"{days[:-2]}{start + index:02}", id=f"e{index}")
        for index, fact in enumerate(facts)
    )


def whats(found: object) -> list[object]:
    """The payloads of a collection of events."""
    return [event.what for event in found]


KEPT = [
    ("initiatives", InitiativeLaunched("x", "CHN")),
    ("initiatives", InitiativeLaunched("x", "AZE")),
    ("visits", Visited("AZE", "CHN")),
    ("visits", Visited("CHN", "AZE", who="person:x")),
    ("meetings", Met(PAIR)),
    ("meetings", Met([*PAIR, "RUS", "KAZ"], occasion="forum")),
    ("agreements", AgreementSigned(PAIR, "x")),
    ("agreements", AgreementSigned([*PAIR, "GEO", "TUR"], "x")),
    ("agreements", AgreementSigned(PAIR, "x", part_of="y")),
    ("agreements_without_value", AgreementSigned(PAIR, "x")),
    ("memberships", Joined("AZE", "x")),
    ("positions", PositionDeclared("AZE", "x", "y")),
    ("positions", PositionDeclared("CHN", "x", "y", towards=["AZE"])),
    ("positions", PositionDeclared("CHN", "x", "y", towards=["AZE", "RUS"])),
    ("indicators", IndicatorObserved(PAIR, "x", 1, "USD")),
    ("indicators", IndicatorObserved(["AZE"], "x", 1, "USD")),
    ("indicators", IndicatorObserved([*PAIR, "RUS"], "x", 1, "USD")),
    ("indicators", IndicatorObserved(["AZE", "org:x"], "x", 1, "USD")),
    ("projects", ProjectStatusChanged(["AZE", "region:x"], "x", "y")),
    ("projects", ProjectStatusChanged(PAIR, "x", "y")),
    ("agreement_statuses", AgreementStatusChanged(PAIR, "x", "in force")),
    ("plans", Planned(["AZE"], "x")),
    ("plans", Planned(["CHN"], "x", participants=["AZE", "RUS"])),
    ("plans", Planned(["CHN"], "x", participants=["org:x", "person:x"])),
]
OF_OTHERS = [
    InitiativeLaunched("x", "RUS"),
    Visited("AZE", "RUS"),
    Visited("RUS", "CHN"),
    Visited("AZE", "org:huawei"),
    Met(["AZE", "RUS"]),
    Met(["AZE", "org:huawei", "org:camc"]),
    AgreementSigned(["AZE", "RUS"], "x", value=Money(1, "USD")),
    AgreementSigned(["AZE"], "x"),
    Joined("RUS", "x"),
    Left("RUS", "x"),
    Left("AZE", "x"),
    PositionDeclared("RUS", "x", "y", towards=PAIR),
    PositionDeclared("AZE", "x", "y", towards=["ARM"]),
    IndicatorObserved(["AZE", "RUS"], "x", 1, "USD"),
    IndicatorObserved(["RUS"], "x", 1, "USD"),
    IndicatorObserved(["org:x"], "x", 1, "USD"),
    ProjectStatusChanged(["AZE", "GEO"], "x", "y"),
    ProjectStatusChanged(["AZE", "state:kosovo"], "x", "y"),
    AgreementStatusChanged(["AZE", "RUS"], "x", "in force"),
    PositionDeclared("AZE", "x", "y", towards=["AZE"]),
    Planned(["RUS"], "x"),
    Planned(["RUS"], "x", participants=["CHN"]),
    Planned(["AZE", "RUS"], "x"),
    Rescheduled("of-others", "2020"),
    Postponed("of-others"),
    Cancelled("of-others", parties=["RUS"]),
    Held("of-others", parties=["AZE"]),
]


@pytest.mark.parametrize(("where", "fact"), KEPT)
def test_a_fact_of_the_parties_is_kept_where_it_belongs(
    where: str, fact: object
) -> None:
    """Each kind of fact goes into its own collection, as an event."""
    found = getattr(of(fact), where)
    kept = found.values() if hasattr(found, "values") else found
    held = [plan.event for plan in kept] if where == "plans" else kept

    assert [fact] == whats(held)


@pytest.mark.parametrize("fact", OF_OTHERS)
def test_a_fact_of_others_changes_nothing(fact: object) -> None:
    """Third parties, companies, and what concerns nobody here leave the state equal."""
    assert BOTH.initial() == of(fact)


def test_a_foreign_payload_returns_the_state_itself() -> None:
    """A kind of fact that is not known costs nothing."""

    @frozen
    class Strange:
        parties: frozenset[str]

    state = of(Visited("AZE", "CHN"))

    assert state is BOTH(state, Event(Strange(frozenset(PAIR)), when=DAY))


def test_parts_add_nothing_to_any_total() -> None:
    """Ten agreements worth 821 million, one of them worth 300, are 821."""
    state = of(
        AgreementSigned(PAIR, "ten", count=10, value=Money("821000000", "USD")),
        AgreementSigned(PAIR, "one", value=Money("300000000", "USD"), part_of="e0"),
        AgreementSigned(PAIR, "perhaps one", part_of="e0", part_certain=False),
    )

    assert {"USD": Decimal("821000000")} == state.agreed_value
    assert 10 == state.agreement_count
    assert 3 == len(state.agreements)
    assert () == state.agreements_without_value


def test_currencies_are_never_added_to_one_another() -> None:
    """Each currency has its own sum, and an agreement without value has none."""
    state = of(
        AgreementSigned(PAIR, "a", value=Money("1.5", "USD")),
        AgreementSigned(PAIR, "b", value=Money("2", "CNY"), count=2),
        AgreementSigned(PAIR, "c", value=Money("1.5", "USD")),
        AgreementSigned(PAIR, "d"),
    )

    assert {"USD": Decimal(3), "CNY": Decimal(2)} == state.agreed_value
    assert 5 == state.agreement_count
    assert ["d"] == [what.title for what in whats(state.agreements_without_value)]


def test_sums_are_exact_whatever_the_decimal_context() -> None:
    """Amounts of 27 digits add up to the last one, in a strict context too."""
    amount = Money("999999999999999999999.999999", "USD")
    deals = [AgreementSigned(PAIR, str(index), value=amount) for index in range(6)]
    with localcontext(Context(prec=3, traps=[Inexact])):
        state = of(*deals)

    assert Decimal("5999999999999999999999.999994") == state.agreed_value["USD"]


def test_left_ends_a_membership() -> None:
    """Joining, leaving and joining again are followed, body by body."""
    joined, left = Joined("AZE", "a"), Left("AZE", "a")
    other = Joined("AZE", "b")

    assert [("AZE", "a"), ("AZE", "b")] == [*of(joined, other).memberships]
    assert [("AZE", "b")] == [*of(joined, other, left).memberships]
    assert [("AZE", "a")] == [*of(joined, left, joined).memberships]
    assert [("AZE", "a")] == [*of(left, joined).memberships]


def test_left_counts_after_joined_on_one_day() -> None:
    """The order of one day is not known, so it does not count."""
    joined = Event(Joined("AZE", "a"), when=DAY)
    left = Event(Left("AZE", "a"), when=DAY)

    assert not BOTH.fold([joined, left]).memberships
    for order in ([joined, left], [left, joined]):
        states = [period.state for period in EventLog.of(*order).history(BOTH)]

        assert [[], [("AZE", "a")], []] == [[*state.memberships] for state in states]


def test_relationship_keeps_the_last_fact_of_each_key() -> None:
    """Positions, figures, projects and statuses give way to what comes later."""
    state = of(
        PositionDeclared("AZE", "x", "no"),
        PositionDeclared("AZE", "x", "yes"),
        IndicatorObserved(PAIR, "trade", 1, "USD", period="2018"),
        IndicatorObserved(PAIR, "trade", 2, "USD", period="2018"),
        AgreementStatusChanged(PAIR, "x", "signed"),
        AgreementStatusChanged(PAIR, "x", "in force"),
    )

    assert "yes" == state.positions["AZE", "x"].what.stance
    key = frozenset(PAIR), "trade", Edtf("2018")
    assert Decimal(2) == state.indicators[key].what.value
    assert "in force" == state.agreement_statuses["x"].what.status


@pytest.mark.parametrize("stances", [("no", "yes"), ("yes", "no")])
def test_of_one_imprecise_date_what_is_met_last_counts(stances: list[str]) -> None:
    """Two events of one year may be of different days: their order is not made up."""
    declared = [PositionDeclared("AZE", "x", stance) for stance in stances]
    state = BOTH.fold(Event(fact, when="2019") for fact in declared)

    assert declared[-1] == state.positions["AZE", "x"].what


def test_visits_are_listed_by_date() -> None:
    """Collections are in order of dates, whatever the order in which they are met."""
    dates = ["2019", "2015", "[..2014]", "2017-05-01"]
    state = BOTH.fold(Event(Visited("AZE", "CHN"), when=when) for when in dates)

    assert ["[..2014]", "2015", "2017-05-01", "2019"] == [
        str(event.when) for event in state.visits
    ]


def test_a_forum_is_one_meeting_for_every_pair() -> None:
    """One event is found from every pair of those who met, and counts once for each."""
    forum = Event(Met(["AZE", "CHN", "RUS"]), when=DAY)
    for pair in (("AZE", "CHN"), ("RUS", "CHN"), ("AZE", "RUS"), ("AZE", "CHN", "RUS")):
        assert (forum,) == relationship(*pair).fold([forum]).meetings


def test_a_relationship_of_three_is_read_as_its_pairs() -> None:
    """No count is zero because one of the three was not there."""
    three = relationship("AZE", "CHN", "RUS")
    facts = (
        Visited("AZE", "CHN"),
        Visited("RUS", "KAZ"),
        Met(["AZE", "RUS"]),
        Met(["AZE", "KAZ"]),
        AgreementSigned(["CHN", "RUS", "KAZ"], "x"),
        AgreementStatusChanged(["CHN", "RUS"], "x", "in force"),
    )
    state = three.fold(Event(fact, when=DAY) for fact in facts)

    assert [facts[0]] == whats(state.visits)
    assert [facts[2]] == whats(state.meetings)
    assert [facts[4]] == whats(state.agreements)
    assert 1 == state.agreement_count
    assert {"x"} == {*state.agreement_statuses}


def test_figures_are_kept_by_actors_name_and_period() -> None:
    """A figure of 2015 that is published later replaces none of 2018."""
    figures = (
        IndicatorObserved(["AZE"], "growth", 1, "percent", period="2018"),
        IndicatorObserved(["AZE"], "growth", 2, "percent", period="2015"),
        IndicatorObserved(["CHN"], "growth", 3, "percent", period="2018"),
        IndicatorObserved(["CHN"], "growth", 4, "percent"),
        IndicatorObserved(["CHN", "region:x"], "growth", 5, "percent", period="2018"),
    )
    state = of(*figures)

    assert {*figures} == {*whats(state.indicators.values())}
    assert (frozenset(["CHN"]), "growth", Edtf("2019-04-27")) in state.indicators


def bundle(name: str, worth: int, part_of: str | None = None) -> Event:
    """An agreement of an id, worth so many dollars, maybe part of another."""
    signed = AgreementSigned(PAIR, name, value=Money(worth, "USD"), part_of=part_of)
    return Event(signed, when=DAY, id=name)


@pytest.mark.parametrize(
    ("agreements", "worth"),
    [
        ([bundle("a", 100), bundle("b", 10, "a"), bundle("c", 1, "b")], 100),
        ([bundle("b", 10, "a"), bundle("c", 1, "b")], 10),
        ([bundle("c", 1, "nowhere")], 1),
        ([bundle("a", 100, "b"), bundle("b", 10, "a"), bundle("c", 1, "a")], 110),
        ([bundle("a", 100, "a"), bundle("b", 10, "a")], 100),
        ([bundle("a", 100, "b"), bundle("b", 10, "c"), bundle("c", 1, "a")], 111),
        ([bundle(one, 1, other) for one, other in pairwise("abcdea")], 5),
        ([bundle(one, 1, other) for one, other in pairwise("abcdeb")], 4),
    ],
)
def test_a_part_counts_by_itself_until_its_bundle_does(
    agreements: list[Event], worth: int
) -> None:
    """Whatever the order in which they are met, circles included."""
    for order in permutations(agreements):
        state = BOTH.fold(order)

        assert {"USD": Decimal(worth)} == state.agreed_value
        assert len(agreements) == len(state.agreements)


NAMES = "abcdefg"
AMOUNTS = [None, *(Money(text, "USD") for text in ("1", "2.50", "1E+2", "0.125"))]
AGREEMENTS = st.lists(
    st.builds(
        AgreementSigned,
        st.just(PAIR),
        st.sampled_from("xy"),
        count=st.integers(1, 3),
        value=st.sampled_from([*AMOUNTS, Money("7", "EUR")]),
        part_of=st.sampled_from([None, *NAMES]),
    ),
    max_size=len(NAMES),
)


@given(agreements=AGREEMENTS, data=st.data())
def test_totals_are_those_of_whatever_is_no_part_of_what_is_there(
    agreements: list[AgreementSigned], data: st.DataObject
) -> None:
    """In any order of writing, with chains and circles, down to the digits."""
    some = dict(zip(NAMES, agreements, strict=False))
    counting: list[AgreementSigned] = []
    for name, what in some.items():
        above = [what.part_of]
        while above[-1] in some and above[-1] not in (name, *above[:-1]):
            above.append(some[above[-1]].part_of)
        if above[0] not in some or above[-1] == name:
            counting.append(what)
    events = [Event(what, when=DAY, id=name) for name, what in some.items()]
    state = BOTH.fold(data.draw(st.permutations(events)))
    sums: dict[str, Decimal] = {}
    for value in (what.value for what in counting if what.value is not None):
        sums[value.currency] = sums.get(value.currency, Decimal(0)) + value.amount

    assert sum(what.count for what in counting) == state.agreement_count
    assert {code: str(total) for code, total in sums.items()} == {
        code: str(total) for code, total in state.agreed_value.items()
    }
    assert [what for what in counting if what.value is None] == whats(
        state.agreements_without_value
    )


@given(agreements=AGREEMENTS, data=st.data())
def test_an_agreement_that_is_taken_out_leaves_what_was_there_without_it(
    agreements: list[AgreementSigned], data: st.DataObject
) -> None:
    """Whichever go, and in which order they came: sums, parts and circles."""
    pairs = zip(NAMES, agreements, strict=False)
    events = [Event(what, when=DAY, id=name) for name, what in pairs]
    come = data.draw(st.permutations(events))
    stays = data.draw(st.integers(0, len(come)))
    left = reduce(Bundles.having, come, Bundles())
    for event in come[stays:]:
        left = left.lacking(event)

    assert left == reduce(Bundles.having, sorted(come[:stays], key=by_id), Bundles())


def by_id(event: Event) -> str:
    """Return the id of an event."""
    return event.id


def test_an_id_that_comes_twice_changes_no_other() -> None:
    """A plain fold may pass two events of one id: each adds what it says."""
    events = [bundle("b", 1, "a"), bundle("a", 10), bundle("a", 10)]

    assert {"USD": Decimal(20)} == BOTH.fold(events).agreed_value
    circles = [bundle(one, 1, other) for one, other in ("uv", "vu", "pq", "qp")]
    between = [bundle("p", 1, "x"), bundle("x", 1, "u")]

    assert 6 == len(BOTH.fold([*circles, *between]).agreements)


def test_a_part_of_a_bundle_of_others_counts_by_itself() -> None:
    """A bundle adds to the totals of those whose it is, and only of those."""
    foreign = AgreementSigned(["AZE", "RUS"], "x", value=Money(7, "USD"))
    events = [Event(foreign, when=DAY, id="x"), bundle("part", 3, "x")]

    assert {"USD": Decimal(3)} == BOTH.fold(events).agreed_value
    assert {"USD": Decimal(7)} == relationship("AZE", "RUS").fold(events).agreed_value


def test_a_plan_follows_what_is_recorded_about_it() -> None:
    """Changes of a plan are found by its id, whoever is named in them."""
    changes = (Postponed("e0"), Rescheduled("e0", "2020"), Held("e0", parties=["RUS"]))
    plan = of(Planned(["AZE"], "x", "2019-08"), *changes).plans["e0"]

    assert list(changes) == whats(plan.changes)
    assert PlanStatus.POSTPONED is plan.status_on("2019-04-25")
    assert PlanStatus.PLANNED is plan.status_on("2019-04-26")
    assert PlanStatus.HELD is plan.status_on("2019-04-27")


@pytest.mark.parametrize("parties", [(), ("AZE",), ("RUS",)])
def test_a_plan_may_be_held_before_it_is_certain_that_it_was_made(
    parties: tuple[str, ...],
) -> None:
    """A change recorded early is kept, but not part of the state until its plan is."""
    held = Event(Held("p", parties=parties), when="2019-03-01")
    others = [Event(Held(f"q{index}"), when="2019-03-01") for index in range(5)]
    made = Event(Planned(["CHN"], "x", participants=["AZE"]), when="2019", id="p")

    assert BOTH.initial() == BOTH.fold([*others, held])
    assert (held,) == BOTH.fold([*others, held, *others, made]).plans["p"].changes


@given(events(whens=days).flatmap(lambda found: st.tuples(
    st.just(found), st.permutations(found)
)))  # fmt: skip
def test_the_order_of_events_of_one_day_does_not_count(
    orders: tuple[list[Event], list[Event]],
) -> None:
    """Events that are permuted within their days differ only in which came last."""
    one, two = (
        BOTH.fold(sorted(order, key=lambda event: event.when.sort_key()))
        for order in orders
    )
    last = ("agreement_statuses", "positions", "indicators", "projects")
    assert unordered(one) == unordered(two)
    assert [set(getattr(one, n)) for n in last] == [set(getattr(two, n)) for n in last]
    assert [{*one.memberships}, {*two.memberships}] == [*map(members, orders)]


def members(events: list[Event]) -> set[tuple[str, str]]:
    """Who is a member of what: who came last, of who joined and who left."""
    found = set()
    for event in sorted(events, key=lambda event: event.when.sort_key()):
        if isinstance(event.what, Joined) and event.what.member in PAIR:
            found.add((event.what.member, event.what.body))
        if isinstance(event.what, Left):
            found.discard((event.what.member, event.what.body))
    return found


def unordered(state: Relationship) -> tuple[object, ...]:
    """What no order within a day should change."""
    plans = {
        name: [type(event.what) for event in plan.changes]
        for name, plan in state.plans.items()
    }
    return (
        state.initiatives, state.visits, state.meetings, state.agreements,
        state.agreement_count, state.agreed_value, state.agreements_without_value,
        plans,
    )  # fmt: skip


@pytest.mark.parametrize("stances", [("no", "yes"), ("yes", "no")])
def test_of_one_day_what_stands_last_in_the_log_counts(stances: list[str]) -> None:
    """The fold order decides what the day does not; outcomes are both."""
    declared = [PositionDeclared("AZE", "x", stance) for stance in stances]
    view = EventLog.of(*(Event(fact, when=DAY) for fact in declared)).as_of(DAY)
    found = view.outcomes(BOTH, of=lambda state: state.positions["AZE", "x"].what)

    assert declared[-1] == view.project(BOTH).positions["AZE", "x"].what
    assert (declared[-1], declared[0]) == found.values
    assert found.complete


@given(events())
def test_folding_never_raises_and_totals_follow_the_events(found: list[Event]) -> None:
    """The totals are those of agreements that are not part of another."""
    state = EventLog.of(*found).as_of("2020-01-01").project(BOTH)
    names = {event.id for event in state.agreements}
    whole = [what for what in whats(state.agreements) if what.part_of not in names]
    sums: dict[str, Decimal] = {}
    for what in whole:
        if what.value is not None:
            old = sums.get(what.value.currency, Decimal(0))
            sums[what.value.currency] = old + what.value.amount

    assert sum(what.count for what in whole) == state.agreement_count
    assert sums == state.agreed_value
    assert all(len(event.parties & state.parties) > 1 for event in state.meetings)
    assert all(event.parties == state.parties for event in state.visits)


@given(events())
def test_a_state_is_not_changed_by_folding_on(found: list[Event]) -> None:
    """Each step returns another state, and leaves the earlier ones as they were."""
    found = concerning([Claim(event, ()) for event in found], PAIR)
    states = [BOTH.initial()]
    for event in found:
        states.append(BOTH(states[-1], event))
    again = [reduce(BOTH, found[:n], BOTH.initial()) for n in range(len(found) + 1)]

    assert again == states
    assert pickle.loads(pickle.dumps(states[-1])) == states[-1]


@given(events(), st.permutations(["AZE", "CHN", "RUS"]))
def test_the_order_of_parties_does_not_count(
    found: list[Event], parties: list[str]
) -> None:
    """Relationships of the same parties are one projection, and give equal states."""
    one, two = relationship("AZE", "CHN", "RUS"), relationship(*parties)

    assert {one} == {two}
    assert one.fold(found) == two.fold(found)


def test_repr_of_a_relationship_projection() -> None:
    """The projection shows its parties, in one order."""
    assert "<projection relationship('AZE', 'CHN')>" == repr(relationship("CHN", "AZE"))


def test_a_state_cannot_be_changed() -> None:
    """A relationship is a frozen value, and so are its collections."""
    state = of(Visited("AZE", "CHN"))
    with pytest.raises(AttributeError, match="cannot change"):
        state.visits = ()
    with pytest.raises(AttributeError):
        state.memberships.clear()

    assert 1 == len(state.visits)


@pytest.mark.parametrize("parties", [(), ("AZE",), ("AZE", "AZE")])
def test_relationship_needs_two_parties(parties: tuple[str, ...]) -> None:
    """One party has no relationship."""
    with pytest.raises(EventError, match="name two or more parties"):
        relationship(*parties)


def test_unknown_parties_are_refused_with_suggestions() -> None:
    """A text that is not the code of an actor is not guessed at."""
    with pytest.raises(UnknownActorError) as caught:
        relationship("AZE", "China")

    assert ("CHN",) == caught.value.suggestions
