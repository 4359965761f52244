"""What is declared wrongly is refused, with what to write."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from attrs import field, frozen
from fold_worlds import (
    LEAVES,
    WHOLE,
    Appointed,
    Pledged,
    Resigned,
    Stated,
    World,
    country_of,
    doubled,
    trail,
)
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, dyads, projection
from bri_timeline.errors import ProjectionError
from bri_timeline.folds import (
    Record,
    in_force,
    keyed,
    listing,
    mapped,
    record,
    unordered,
)
from bri_timeline.measures import count, latest, total
from bri_timeline.relations import Relationship, Visited, relationship
from bri_timeline.testing import check_projection, events


PLEDGES = count(Pledged)


def refuse(event: Event) -> object:
    """Raise an error of a user."""
    raise ZeroDivisionError(event.id)


def listed(event: Event) -> object:
    """Return what is no key."""
    return [event.id]


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (lambda: record("R", a=3), "is not a projection"),
        (lambda: record("R", a=relationship), "if it is a function that returns one"),
        (lambda: record("R"), r"has no parts: write record\('R', visits="),
        (
            lambda: record(Pledged, a=PLEDGES),
            "neither the name of a record",
        ),
        (lambda: record("R", _a=PLEDGES), "is not the name of a field"),
        (
            lambda: record("R", a=relationship("AZE", "CHN")),
            r"names its parties.*among\('AZE', 'CHN'\)",
        ),
        (lambda: keyed(PLEDGES), "give by= or each="),
        (lambda: keyed(PLEDGES, "country", each="country"), "give by= or each="),
        (lambda: keyed(PLEDGES, by="county"), "is not a field of Pledged, which has "),
        (lambda: keyed(PLEDGES, by=("country", "x")), "'x' is not a field of Pledged"),
        (lambda: keyed(PLEDGES, by=3), "is not a key: give a field, a tuple"),
        (
            lambda: keyed(PLEDGES, by=()),
            "is not a key: give a field, a tuple",
        ),
        (
            lambda: keyed(PLEDGES, by=(3,)),
            "is not a key: give a field, a tuple",
        ),
        (lambda: keyed(count(), by="country"), "reads events of any kind: give by= a"),
        (lambda: mapped(PLEDGES, "a"), "is not a function of the state"),
        (lambda: listing(3), "is not a class"),
        (lambda: listing(Pledged, where=3), "is not a function of the event"),
        (lambda: in_force("Pledged"), "is not a class"),
        (lambda: unordered(WHOLE, len), "is a composition, or has ends"),
        (lambda: unordered(PLEDGES, 3), "retract"),
        (lambda: WHOLE.part("pledge"), "is not a field of World, which has boards, bo"),
        (lambda: WHOLE.part("pledges", "a"), "'pledges' has no parts"),
        (lambda: WHOLE.part("pledged", "a", "b"), "'a' has no parts"),
        (lambda: WHOLE.part("twice", "a"), "'twice' has no parts"),
        (lambda: PLEDGED.part("a", "b"), "'a' has no parts"),
        (lambda: mapped(PLEDGES, doubled).part("a"), "the composition has no parts"),
    ],
    ids=map(str, range(26)),
)
def test_a_wrong_declaration_is_refused(declare: Callable[[], Any], said: str) -> None:
    """A wrong declaration is refused."""
    with pytest.raises(ProjectionError, match=said):
        declare()


PLEDGED = keyed(total(Pledged, "amount"), by="country")
EVENT = Event(what=Pledged("KAZ", 100), when="2015", cite=())
PAIR = [EVENT, Event(what=Pledged("AZE", 5), when="2015", cite=())]


def test_a_key_without_a_hash_is_refused_with_its_event() -> None:
    """A key without a hash is refused with its event."""
    for by in (keyed(PLEDGES, by=listed), keyed(PLEDGES, each=lambda e: [[e.id]])):
        with pytest.raises(ProjectionError, match="without a hash") as error:
            by.fold([EVENT])
        assert any("in the keys of a part, by=" in n for n in error.value.__notes__)


def test_a_function_of_keys_that_fails_is_named_with_its_event() -> None:
    """A function of keys that fails is named with its event."""
    log = EventLog.of(EVENT)
    for part in (keyed(PLEDGES, by=refuse), keyed(PLEDGES, each=refuse)):
        with pytest.raises(ZeroDivisionError) as error:
            log.as_of("2016-01-01").project(part)
        assert any("at 2015: Event(Pledged" in note for note in error.value.__notes__)


def test_after_a_failure_a_composition_answers_again() -> None:
    """A log asked again is read anew: nothing half done is kept."""
    refused = [True]

    def key(event: Event) -> object:
        return refuse(event) if refused[0] and event.what.country == "UZB" else "all"

    part, log = keyed(listing(Pledged), by=key), EventLog.of(EVENT)
    assert len(log.as_of("2016-01-01").project(part)["all"]) == 1
    log = log.append(Event(what=Pledged("UZB"), when="2014", cite=()))
    with pytest.raises(ZeroDivisionError):
        log.as_of("2016-01-01").project(part)
    refused[0] = False
    assert len(log.as_of("2016-01-01").project(part)["all"]) == 2


def test_where_gets_the_parties_of_the_composition() -> None:
    """Where gets the parties of the composition."""

    def between(event: Event, parties: frozenset[str]) -> bool:
        return event.parties <= parties

    visits = record("R", all=listing(Visited), between=listing(Visited, where=between))
    log = EventLog.of(
        Event(what=Visited("AZE", "CHN"), when="2015", cite=()),
        Event(what=Visited("AZE", "KAZ"), when="2016", cite=()),
    )
    pair = visits.among("AZE", "CHN")
    state = log.as_of("2017-01-01").project(pair)
    everybody = log.as_of("2017-01-01").project(visits)

    assert [len(state.all), len(state.between)] == [1, 1]
    assert [len(everybody.all), len(everybody.between)] == [2, 0]
    assert pair.part("between").parties == {"AZE", "CHN"}
    assert log.as_of("2017-01-01").project(pair.part("between")) == state.between
    each = log.as_of("2017-01-01").project_each(visits.among, by=dyads)
    assert {key: len(state.between) for key, state in each.items()} == {
        ("AZE", "CHN"): 1,
        ("AZE", "KAZ"): 1,
    }


def test_a_condition_may_be_whatever_can_be_called() -> None:
    """A condition may be whatever can be called."""
    assert len(listing(Pledged, where=bool).fold([EVENT])) == 1
    assert len(listing(Pledged, where=type).fold([EVENT])) == 1


def test_an_end_of_what_is_not_there_changes_nothing() -> None:
    """An end of what is not there changes nothing."""
    board = in_force(Appointed)
    assert board.ends is not None
    appointed = Event(what=Appointed("Chen", "CRCC"), when="2015", cite=())
    assert board.ends(board.initial(), appointed) == board.initial()


WHOLE_PARTS = [WHOLE.part(name) for name in ("boards", "said", "twice", "each")]


@pytest.mark.parametrize("part", [WHOLE, *WHOLE_PARTS], ids=repr)
def test_compositions_keep_the_laws_of_projections(part: Any) -> None:
    """Compositions keep the laws of projections."""
    kinds = (Appointed, Resigned, Pledged, Stated)
    drawn = st.one_of(*map(events, kinds))
    check_projection(part, drawn, order_dependent_ok=True)


def test_what_a_fold_keeps_equals_what_it_shows() -> None:
    """What a fold keeps equals what it shows."""
    kept = PLEDGED(PLEDGED.initial(), EVENT)
    assert (kept, repr(kept)) == ({"KAZ": 100}, "{'KAZ': 100}")


def test_a_part_may_read_events_of_any_kind() -> None:
    """A part may read events of any kind."""
    log = EventLog.of(
        *PAIR, Event(what=Stated("KAZ", "rail", "yes"), when="2015", cite=())
    )
    both = record("R", all=count(), pledges=PLEDGES)
    assert repr(log.as_of("2016-01-01").project(both)) == "R(all=3, pledges=2)"


def test_a_record_is_frozen_and_computes_a_value_once() -> None:
    """A record is frozen and computes a value once."""
    state: Any = WHOLE.fold([EVENT])

    assert isinstance(state, World)
    assert state.spoken == 1
    assert "spoken" in vars(state)
    assert {"pledged", "spoken"} <= {*dir(state)}
    with pytest.raises(AttributeError, match="'pledges' is not set"):
        state.pledges = 3
    with pytest.raises(AttributeError, match="'pledges' is not deleted"):
        del state.pledges
    with pytest.raises(AttributeError, match="'pledge' is not a field of World"):
        _ = state.pledge
    named = record("World", pledges=PLEDGES).fold([EVENT])
    assert repr(named) == "World(pledges=1)"
    assert named != state
    assert named != record("W", pledges=PLEDGES).fold([EVENT])
    assert named == record("World", pledges=PLEDGES).fold([EVENT])
    assert named != record("World", pledged=PLEDGES).fold([EVENT])
    assert {named, record("World", pledges=PLEDGES).fold([EVENT])} == {named}
    assert len({hash(WHOLE.fold([EVENT])), hash(WHOLE.fold([EVENT]))}) == 1
    assert named != 3
    assert isinstance(named, Record)
    by_hand = World(pledges=2, said=(1,))
    assert pickle.loads(pickle.dumps(by_hand)).spoken == by_hand.spoken == 3


def test_a_record_made_by_hand_is_the_state_of_the_same_fields() -> None:
    """Whether it has them in another order, and not if one differs."""
    whole = record(World, pledges=PLEDGES, said=listing(Stated))
    state: Any = whole.fold([EVENT])
    fields = {name: getattr(state, name) for name in ("said", "pledges")}
    by_hand, other = World(**fields), World(**fields | {"pledges": 7})
    assert {state: 1}[by_hand] == 1
    assert by_hand == state == World(**fields, parties=frozenset())
    assert by_hand not in (other, World(pledges=1), World(**fields, parties={"AZE"}))
    assert repr(World(pledges=7)) == "World(pledges=7)"
    assert pickle.loads(pickle.dumps(other)) == other != state
    pair = relationship("AZE", "CHN").fold([Event(Visited("AZE", "CHN"), when="2015")])
    told = {name: getattr(pair, name) for name in Relationship._fields}
    assert {pair: 1}[Relationship(**told)] == 1


def test_states_by_key_are_a_frozen_mapping_in_order() -> None:
    """States by key are a frozen mapping in order."""
    state = PLEDGED.fold(PAIR)

    assert [*state.items()] == [("AZE", 5), ("KAZ", 100)]
    assert state == {"KAZ": 100, "AZE": 5}
    assert state != {"KAZ": 100}
    assert state != 3
    assert hash(state) == hash(PLEDGED.fold([*reversed(PAIR)]))
    assert "UZB" not in state
    assert len(state) == 2
    with pytest.raises(KeyError):
        state["UZB"]
    assert pickle.loads(pickle.dumps(state)) == state
    hidden = keyed(mapped(PLEDGES, bool), by="country").fold(())
    with pytest.raises(KeyError):
        hidden["KAZ"]


def half(number: int) -> int:
    """Show two pledges as one, and one as none."""
    return number // 2


def test_a_key_is_there_while_what_is_shown_differs() -> None:
    """A key is there while what is shown differs."""
    log = EventLog.of(EVENT)
    halves = keyed(mapped(PLEDGES, half), by="country")

    state = log.as_of("2016-01-01").project(halves)
    assert not dict(state)
    assert "KAZ" not in state
    assert state == halves.fold(())
    more = log.append(Event(what=Pledged("KAZ", 1), when="2015-03", cite=()))
    assert more.as_of("2016-01-01").project(halves) == {"KAZ": 1}


@pytest.mark.parametrize(
    ("keys", "ordered"),
    [
        ([10, 9], [9, 10]),
        ([10, "9"], [10, "9"]),
        ([("b", None), ("a", "b")], [("a", "b"), ("b", None)]),
        (
            [frozenset("ba"), frozenset("a"), ("x", frozenset("b"))],
            [frozenset("a"), frozenset("ab"), ("x", frozenset("b"))],
        ),
    ],
)
def test_keys_that_do_not_compare_are_in_the_order_of_their_texts(
    keys: list[Any], ordered: list[Any]
) -> None:
    """Keys that do not compare are in the order of their texts."""
    for some in (keys, keys[::-1]):
        by = dict(zip("ABC", some, strict=False))
        events = [Event(what=Pledged(name), when="2015", cite=()) for name in by]
        state = keyed(PLEDGES, by=lambda event, by=by: by[event.what.country]).fold(
            events
        )
        assert [*state] == ordered


def test_totals_without_an_amount_have_the_digits_of_the_others() -> None:
    """Totals without an amount have the digits of the others."""
    part = record("R", sum=total(Pledged, "amount"))
    log = EventLog.of(*(_pledged(Decimal(text)) for text in ("1.5", "0.25")))
    assert repr(log.as_of("2016-01-01").project(part).sum) == "Decimal('1.75')"
    log = log.retract(1, because="an error")
    assert repr(log.as_of("2016-01-01").project(part).sum) == "Decimal('1.5')"


def _pledged(amount: Any) -> Event:
    return Event(what=Pledged("KAZ", amount), when="2015", cite=())


def test_an_amount_that_cannot_be_added_is_named_at_the_question() -> None:
    """An amount that cannot be added is named at the question."""
    part, log = record("R", sum=total(Pledged, "amount")), EventLog.of(EVENT)
    view = log.as_of("2016-01-01")
    assert view.project(part).sum == 100
    wrong = log.append(_pledged("much"))
    with pytest.raises(ProjectionError, match="cannot be added up"):
        wrong.as_of("2016-01-01").project(part)
    assert log.as_of("2016-01-01").project(part).sum == 100


@projection(initial=dict, reads=Pledged)
def amounts(state: dict[str, int], event: Event) -> dict[str, int]:
    """A state that whoever gets it could change."""
    return {**state, event.what.country: event.what.amount}


def test_who_changes_what_a_question_returned_changes_no_other_answer() -> None:
    """Who changes what a question returned changes no other answer."""
    part = record("R", amounts=amounts)
    view = EventLog.of(EVENT).as_of("2016-01-01")
    view.project(part).amounts["KAZ"] = 0
    assert view.project(part).amounts == {"KAZ": 100}


@pytest.mark.parametrize("leaf", LEAVES, ids=repr)
def test_each_question_takes_a_composition(leaf: Any) -> None:
    """Each question takes a composition."""
    log = EventLog.of(
        EVENT,
        Event(what=Appointed("Chen", "CRCC"), when="2015-03", cite=()),
        Event(what=Resigned("Chen", "CRCC"), when="2016/2017", cite=()),
        Event(what=Stated("KAZ", "rail", "yes"), when="2015", cite=()),
        Event(what=Stated("KAZ", "rail", "no"), when="2015~", cite=()),
    )
    part = record("R", leaf=leaf)
    view = log.as_of("2015-06-01")

    assert view.outcomes(part, of=lambda state: repr(state.leaf)).values == (
        view.outcomes(leaf, of=repr).values
    )
    steps = view.explain(part, of=lambda state: repr(state.leaf)).steps
    assert len(steps) == len(view.explain(leaf, of=repr).steps)
    later = log.as_of("2018-06-01")
    assert len(view.diff(later, part).changes) == len(view.diff(later, leaf).changes)
    assert view.outcomes(part).complete


def test_a_count_of_a_part_has_exact_bounds() -> None:
    """What cannot reach the part is not tried."""
    undecided = [
        Event(what=Stated("KAZ", f"t{n}", "yes"), when="2015", cite=())
        for n in range(40)
    ]
    log = EventLog.of(EVENT, *undecided)
    outcomes = log.as_of("2015-06-01").outcomes(WHOLE.part("pledged", "KAZ"))

    assert (outcomes.values, outcomes.complete) == ((0, 100), True)
    assert WHOLE.part() is WHOLE
    assert "part('pledged', 'KAZ')" in repr(WHOLE.part("pledged", "KAZ"))
    assert repr(WHOLE.part("stance")) == "<projection World.part('stance')>"
    large = record("R", n=count(Pledged, where=lambda e: e.what.amount > 500))
    assert log.as_of("2017-01-01").project(large.part("n")) == 0
    assert keyed(latest(Stated, "stance"), by=country_of).part("KAZ").fold(
        undecided
    ) == ("yes")
    assert trail.fold([EVENT]) == record("R", t=trail).part("t").fold([EVENT])


def test_an_event_reaches_a_key_once() -> None:
    """A collection of keys may have one twice; and a text is not a collection."""
    twice = keyed(listing(Pledged), each=lambda event: [event.what.country] * 2)
    assert len(twice.fold([EVENT])["KAZ"]) == 1
    log = EventLog.of(EVENT)
    assert len(log.as_of("2016-01-01").project(twice)["KAZ"]) == 1
    with pytest.raises(ProjectionError, match="its letters are not keys"):
        keyed(PLEDGES, each="country").fold([EVENT])


def test_records_of_other_parts_are_compared_by_what_they_show() -> None:
    """One shows a count, the other twice a count."""
    single, double = (
        record("R", n=part).fold([EVENT])
        for part in (PLEDGES, mapped(PLEDGES, doubled))
    )
    assert (single.n, double.n) == (1, 2)
    assert single != double
    assert double == record("R", n=count(Pledged)).fold([EVENT, EVENT])


def test_a_path_without_a_hash_and_a_wrong_party_are_refused() -> None:
    """When they are declared."""
    names: Any = [["AZE"]]
    with pytest.raises(ProjectionError, match="has a key without a hash"):
        PLEDGED.part(["KAZ"])
    with pytest.raises(ProjectionError, match="is not a collection of actor ids"):
        PLEDGED.among(*names)


def test_what_could_be_changed_is_not_shared() -> None:
    """Of a part, of a key, and of a function: each reader gets one of its own."""
    parts = record(
        "R",
        amounts=amounts,
        by_key=keyed(amounts, by="country"),
        names=mapped(listing(Pledged), list),
    )
    for state in (
        parts.fold([EVENT]),
        EventLog.of(EVENT).during("2014-01-01/2016-01-01").project(parts),
    ):
        state.amounts["KAZ"] = 0
        state.by_key["KAZ"]["KAZ"] = 0
        state.by_key.get("KAZ")["KAZ"] = 0
        assert [*state.by_key.items()] == [("KAZ", {"KAZ": 100})]
        state.names.clear()
        assert repr(state) == repr(parts.fold([EVENT]))


@frozen
class Seen:
    """A number that remembers what it does not compare."""

    number: int = 0
    last: str = field(default="", eq=False)


@projection(initial=Seen, reads=Pledged)
def parity(state: Seen, event: Event) -> Seen:
    """Whether pledges are odd, and who pledged last."""
    return Seen((state.number + 1) % 2, state.last + event.what.country)


def test_a_state_that_equals_the_first_may_remember_more() -> None:
    """It is not shown by its key, and what comes next goes on from it."""
    part = keyed(parity, by=lambda event: "all")
    log = EventLog.of(*PAIR)
    assert dict(log.as_of("2016-01-01").project(part)) == {}
    log = log.append(Event(Pledged("UZB", 1), when="2016-06", cite=()))
    assert log.as_of("2017-01-01").project(part)["all"].last == "KAZAZEUZB"
    assert part.fold([*PAIR, EVENT])["all"].last == "KAZAZEKAZ"
