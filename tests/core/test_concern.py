"""One relationship, whichever road leads to it: memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from random import Random
from types import FrameType

import pytest
from attrs import frozen
from concern_answers import some_parties, told
from concern_model import (
    CUTS,
    NAMES,
    VIEWS,
    concerning,
    counting,
    expected,
    facts_log,
    folded,
    following,
    grown,
    known_ids,
    named,
    random_log,
    selected,
)
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import counting as counting_events
from log_strategies import everything, logs

from bri_timeline import (
    Answer,
    Entry,
    Event,
    EventLog,
    Projection,
    dyads,
    projection,
)
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.folds import keyed, record
from bri_timeline.relations import (
    AgreementSigned,
    Held,
    InitiativeLaunched,
    Joined,
    Money,
    Planned,
    PlanStatus,
    Postponed,
    Visited,
    relationship,
    states,
)


@pytest.mark.full
def test_project_reads_what_concerns_the_parties(trials: Callable[[int], int]) -> None:
    """A log that grows answers as the rules say, whenever it is asked."""
    for seed in range(trials(20_000)):
        random = Random(seed)
        log, parties = EventLog(), some_parties(random)
        every, fold = random.choice((1, 3, 30)), following(*parties)
        for number in range(random.randint(1, 14)):
            log = grown(log, random)
            if number % every:
                continue
            day, known_by = random.choice(VIEWS), random.choice(CUTS)
            found = log.as_of(day, known_by).project(fold)

            assert expected(log, parties, day, known_by) == found, seed


@pytest.mark.full
def test_among_selects_what_involves_all_and_refers_to_that(
    trials: Callable[[int], int],
) -> None:
    """A selection, and a projection of what is selected, are as the rules say."""
    for seed in range(trials(5_000)):
        random = Random(seed)
        log, parties, others = EventLog(), some_parties(random), some_parties(random)
        fold = following(*others)
        for _ in range(random.randint(1, 3)):
            for _ in range(random.randint(1, 5)):
                log = grown(log, random)
            day, known_by = random.choice(VIEWS), random.choice(CUTS)
            view = log.among(*parties).as_of(day, known_by)
            claims = counting(log, known_by)
            certain = [c.event for c in claims if c.last <= day.toordinal()]
            about = selected(claims, parties)
            both = [e for e in about if e in concerning(claims, others)]

            assert [e for e in certain if e in about] == [*view.events], seed
            assert [e for e in certain if e in both] == [*view.project(fold)], seed


@pytest.mark.full
def test_every_question_reads_what_concerns_the_parties(
    trials: Callable[[int], int],
) -> None:
    """History, beliefs, outcomes, differences and explanations read what states do."""
    for seed in range(trials(2_000)):
        random = Random(seed)
        log, parties = random_log(random), some_parties(random)
        day, known_by = random.choice(VIEWS), random.choice(CUTS)
        fold, view = following(*parties), log.as_of(day, known_by)
        other = log.as_of(random.choice(VIEWS), random.choice(CUTS))
        state, length = view.project(fold), view.project(fold, undecided=True)
        history = log.history(fold, known_by=known_by)
        beliefs = log.beliefs(fold, on=day)
        told = view.explain(fold, of=len)
        found = view.outcomes(fold, of=len)

        held = [p.state for p in history if (p.since_day or -1) <= day.toordinal()]
        assert state == held[-1], seed
        for known, belief in [(one.since_day, one.state) for one in beliefs]:
            if known is not None:
                basis = date.fromordinal(known)
                assert expected(log, parties, day, basis) == belief, seed
        assert expected(log, parties, day, None) == beliefs[-1].state, seed
        assert state == tuple(step.event for step in told.steps), seed
        assert len(state) == told.value == found.certain, seed
        assert max(found.values) == len(length), seed
        difference = view.diff(other, fold)
        assert (state, other.project(fold)) == (difference.before, difference.after)
        touched = {change.after or change.before for change in difference.changes}
        assert touched <= {*state, *other.project(fold)}, seed


World = tuple[EventLog, tuple[str, ...], Random]


def _noted(seed: int) -> World:
    random = Random(seed)
    return random_log(random), some_parties(random), random


# With references to other events, and without.
WORLDS: st.SearchStrategy[World] = st.one_of(
    st.integers(0, 1 << 32).map(_noted),
    st.tuples(
        logs(),
        st.sampled_from([("AAA", "BBB"), ("BBB", "CCC"), ("BBB",)]),
        st.integers(0, 1 << 32).map(Random),
    ),
)


@given(world=WORLDS)
def test_has_happened_finds_what_a_selection_shows(world: World) -> None:
    """Whether it is related to others, refers to something, or is neither."""
    log, parties, random = world
    known_by, day = random.choice(CUTS), random.choice(VIEWS)
    for some in (log, log.among(*parties), log.concerning(*parties)):
        view = some.as_of(day, known_by)
        answers = {event.id: Answer.YES for event in view.events}
        answers |= {event.id: Answer.MAYBE for event in view.undecided}

        for name, answer in named(answers, log, known_by).items():
            assert view.has_happened(name) is answer
        for name in {*NAMES} - known_ids(log, known_by):
            assert view.has_happened(name) is Answer.NO


@given(world=WORLDS)
def test_a_selection_has_each_entry_that_counts_in_it(world: World) -> None:
    """Also what refers to a claim by an id that its correction does not have."""
    log, parties, _ = world
    for some in (log.among(*parties), log.concerning(*parties)):
        listed = {entry.position for entry in some}
        for known_by in CUTS:
            happenings = some.as_of(VIEWS[-1], known_by)._facts.resolution().happenings

            assert {e.position for h in happenings for e in h.entries} <= listed


def test_words_of_a_claim_that_has_another_digest_as_its_id_name_nothing() -> None:
    """What refers to them leads nowhere, and every question is answered."""
    plan, fair = (Event(Planned(PAIR, name), when="2015-01-01") for name in "ab")
    borrowed = Event(fair.what, when="2015-01-01", id=plan.id)
    held = Event(Held(fair.id), when="2015-01-03")
    for events in ((borrowed, held), (plan, borrowed, held), (held, borrowed)):
        log = EventLog.of(*events)
        view = log.as_of("2016-01-01")
        plans = view.project(relationship("AZE", "KAZ")).plans.values()

        assert [()] == [one.changes for one in plans]
        assert [held] == [one.event for one in view.dangling]
        assert held not in [entry.event for entry in log.among("AZE", "KAZ")]


@given(world=WORLDS)
def test_a_change_in_a_selection_has_the_entries_that_it_has_in_the_log(
    world: World,
) -> None:
    """Whoever is selected, the same entries are responsible."""
    log, parties, random = world
    cuts = [(random.choice(VIEWS), random.choice(CUTS)) for _ in range(2)]

    def changes(some: EventLog) -> dict[object, tuple[Entry, ...]]:
        one, other = (some.as_of(*cut) for cut in cuts)
        found = one.diff(other, everything).changes
        return {(c.before, c.after, c.ends): c.entries for c in found}

    whole = changes(log)
    for some in (log.among(*parties), log.concerning(*parties)):
        for change, entries in changes(some).items():
            assert whole.get(change, entries) == entries


@given(world=WORLDS)
def test_dangling_as_known_at_a_position_is_that_of_a_log_that_ends_there(
    world: World,
) -> None:
    """What is recorded later is no target yet."""
    log, parties, random = world
    day = random.choice(VIEWS)
    for position in range(len(log)):
        ended = EventLog(log[: position + 1])
        for one, other in ((log, ended), (x.among(*parties) for x in (log, ended))):
            found = one.as_of(day, position).dangling

            assert found == other.as_of(day).dangling


@pytest.mark.full
def test_dangling_lists_references_that_lead_nowhere(
    trials: Callable[[int], int],
) -> None:
    """They are judged against the whole log as known, whatever is selected."""
    for seed in range(trials(5_000)):
        random = Random(seed)
        log, parties = random_log(random, 20), some_parties(random)
        day, known_by = random.choice(VIEWS), random.choice(CUTS)
        view, ids = log.as_of(day, known_by), known_ids(log, known_by)
        claims = [c for c in counting(log, known_by) if c.first <= day.toordinal()]
        lost = [
            (claim.event, name)
            for claim in claims
            for name in sorted(claim.event.refers_to - ids)
        ]
        about = concerning(counting(log, known_by), parties)
        theirs = [(event, name) for event, name in lost if event in about]
        nobody = [row for row in lost if not row[0].parties and row not in theirs]
        told = view.explain(following(*parties), of=len).dangling

        assert lost == [(one.event, one.id) for one in view.dangling], seed
        selected_view = view.concerning(*parties)
        assert theirs == [(one.event, one.id) for one in selected_view.dangling], seed
        assert {*theirs, *nobody} == {(one.event, one.id) for one in told}, seed


def test_an_id_that_a_withdrawn_correction_gave_leads_nowhere() -> None:
    """States follow the id that counts: the plan is overdue, and that is told."""
    planned = Planned(PAIR, "a summit", expected="2016-06")
    log = EventLog.of(
        Event(planned, when="2016-01-01"), Event(Held("s"), when="2016-06-05")
    )
    named = log.append(Event(planned, when="2016-01-02", id="s"), supersedes=0)
    for withdrawn in (
        named.retract(2, because="no"),
        named.append(Event(planned, when="2016-01-03", id="t"), supersedes=2),
    ):
        view = withdrawn.as_of("2017-01-01")
        plans = view.project(relationship("AZE", "KAZ")).plans.values()

        assert {PlanStatus.OVERDUE} == {p.status_on("2017-01-01") for p in plans}
        (reference,) = view.dangling
        assert ("s", *(e.id for e in view.events if e.what == planned)) == (
            reference.id,
            reference.target,
        )
    assert not named.as_of("2017-01-01").dangling


def test_dangling_says_what_leads_nowhere() -> None:
    """A misspelt bundle and a plan that nobody made are told, with what they say."""
    part = AgreementSigned(["AZE", "CHN"], "x", value=Money(7, "USD"), part_of="typo")
    log = EventLog.of(
        Event(part, when="2019"), Event(Held("no-such-plan"), when="2019-05-01")
    )
    view, fold = log.as_of("2020-01-01"), relationship("AZE", "CHN")
    told = str(view.explain(fold, of=lambda state: state.agreement_count))

    assert {"USD": 7} == view.project(fold).agreed_value
    assert ["no-such-plan", "typo"] == [one.id for one in view.dangling]
    assert "2019: refers to 'typo', and nothing has this id" == str(view.dangling[1])
    assert "refers to 'typo', and nothing has this id" in told
    assert "refers to 'no-such-plan', and nothing has this id" in told


def test_every_digest_of_a_claim_names_the_plan() -> None:
    """States know it by the digest of its first claim, and are told that one."""
    first, then = (Event(Planned(PAIR, "a summit"), when=f"2016-01-0{n}") for n in "12")
    log = EventLog.of(first).append(then, supersedes=0)
    for name in (then.id, first.id):
        view = log.append(Event(Held(name), when="2016-06-05")).as_of("2017-01-01")
        (plan,) = view.project(relationship("AZE", "KAZ")).plans.values()
        told = view.explain(relationship("AZE", "KAZ"), of=lambda state: state.plans)

        assert [Held(first.id)] == [event.what for event in plan.changes]
        assert Answer.YES is view.has_happened(name)
        assert not view.dangling
        # The words that were recorded are shown.
        assert name in str(told) or name == first.id


@given(world=WORLDS)
def test_a_reference_has_the_id_that_counts_or_is_told(world: World) -> None:
    """If its id is that of another claim, with the id that counts instead."""
    log, _, random = world
    names = [event.id for entry in log if (event := entry.event) is not None]
    for name in random.sample(names, min(2, len(names))):
        log = log.append(Event(Held(name), when="2015"))
    for position in range(len(log)):
        view = log.as_of("2200-01-01", position)
        events = (*view.events, *view.undecided)
        ids = {event.id for event in events}
        lost = {(one.event.id, one.id): one.target for one in view.dangling}

        assert lost.keys() == {(e.id, n) for e in events for n in e.refers_to - ids}
        for (_, name), target in lost.items():
            happened = view.has_happened(name)
            if target is None:
                assert Answer.NO is happened
            else:
                assert target in ids
                assert view.has_happened(target) is happened


@pytest.mark.full
def test_project_each_gives_each_key_the_state_of_its_projection(
    trials: Callable[[int], int],
) -> None:
    """By a function of the key: with one-sided facts, references and selections."""
    for seed in range(trials(4_000)):
        random = Random(seed)
        log = random_log(random, 20)
        day, known_by = random.choice(VIEWS), random.choice(CUTS)
        if random.random() < 0.2:
            log = log.among(*some_parties(random))
        view, every = log.as_of(day, known_by), counting_events(log, known_by)
        pairs = {pair for event in every for pair in dyads(event)}
        of_one = {party for event in every for party in event.parties}

        found = view.project_each(following, by=dyads)
        assert found == {pair: view.project(following(*pair)) for pair in pairs}, seed
        of_each = view.project_each(following, by=lambda event: event.parties)
        assert of_each == {p: view.project(following(p)) for p in of_one}, seed


@pytest.mark.full
def test_project_each_gives_each_pair_its_relationship(
    trials: Callable[[int], int],
) -> None:
    """What is one party's own is folded once, and joined for each pair."""
    for seed in range(trials(4_000)):
        random = Random(seed)
        log = facts_log(random)
        day, known_by = random.choice(VIEWS), random.choice(CUTS)
        view, every = log.as_of(day, known_by), counting_events(log, known_by)
        pairs = {pair for event in every for pair in dyads(event)}
        found = view.project_each(relationship, by=dyads)

        assert pairs == {*found}, seed
        for pair in pairs:
            state = view.project(relationship(*pair))
            whole = expected(log, pair, day, known_by)

            assert (state, hash(state)) == (found[pair], hash(found[pair])), seed
            fold = relationship(*pair)
            assert folded(fold, whole, day) == state, seed


def test_project_each_passes_a_projection_only_what_it_reads() -> None:
    """A key of which nothing is read has a state, the initial one."""

    def joined(*_: str) -> Projection[tuple[str, ...]]:
        @projection(initial=tuple, reads=Joined)
        def fold(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
            return (*state, event.what.body)

        return fold

    log = EventLog.of(
        Event(Visited("CHN", "AZE"), when="2014"),
        Event(Joined("CHN", "AIIB"), when="2015"),
    )
    states_by_party = log.as_of("2020-01-01").project_each(
        joined, by=lambda event: event.parties
    )

    assert {"AZE": (), "CHN": ("AIIB",)} == states_by_party


def test_project_each_folds_one_sided_facts_once() -> None:
    """A hub with many facts of its own costs these and its pairs, not their product."""
    own = [Event(Joined("CHN", f"body {n}"), when="2015") for n in range(500)]
    partners = sorted(states())[:100]
    visits = [Event(Visited("CHN", p), when="2016") for p in partners if p != "CHN"]
    view = EventLog.of(*own, *visits).as_of("2020-01-01")
    calls = 0

    def count_one(state: int, event: Event) -> int:
        nonlocal calls
        calls += 1
        return state + 1

    counting = record(
        "Pair",
        joined=keyed(Projection(int, count_one, reads=Joined), by="body"),
        visits=Projection(int, count_one, reads=Visited),
    )
    found = view.project_each(counting.among, by=dyads)

    assert len(visits) == len(found)
    assert {len(own)} == {len(state.joined) for state in found.values()}
    assert len(own) + len(visits) == calls
    assert found["AFG", "CHN"] == view.project(counting.among("AFG", "CHN"))


def calls_of(ask: Callable[[], object]) -> int:
    """Count the functions that the library calls for a question."""
    calls = 0

    def count(frame: FrameType, what: str, _: object) -> None:
        nonlocal calls
        calls += what == "call" and "bri_timeline" in frame.f_code.co_filename

    sys.setprofile(count)
    try:
        ask()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("road", ["project", "concerning", "among", "explain"])
def test_a_pair_costs_what_concerns_it_and_not_the_log(road: str) -> None:
    """Of a log that was asked before, the events of others are not looked at."""

    def cost(others: int) -> int:
        codes = sorted(set(states()) - {"AZE", "CHN"})
        random = Random(1)
        events = [
            Event(Visited(*random.sample(codes, 2)), when=f"2019-01-{n % 28 + 1:02}")
            for n in range(others)
        ]
        events += [
            Event(Visited("AZE", "CHN"), when=f"2018-02-{n:02}") for n in range(1, 21)
        ]
        log = EventLog.of(*events)
        roads: dict[str, Callable[[str, str], object]] = {
            "project": lambda *pair: log.as_of("2019-06-01").project(
                relationship(*pair)
            ),
            "concerning": lambda *pair: (
                log.concerning(*pair).as_of("2019-06-01").events
            ),
            "among": lambda *pair: log.among(*pair).as_of("2019-06-01").events,
            "explain": lambda *pair: log.as_of("2019-06-01").explain(
                relationship(*pair), of=lambda state: len(state.visits)
            ),
        }
        roads[road](codes[0], codes[1])
        return calls_of(lambda: roads[road]("AZE", "CHN"))

    assert cost(4_000) <= 1.5 * cost(1_000) + 200


def test_project_each_of_a_selection_reads_the_selection() -> None:
    """A function of the key gives what the selection says of each pair."""
    view = azerbaijan_china().among("AZE").as_of("2019-06-01")

    for pair, state in view.project_each(relationship, by=dyads).items():
        assert view.project(relationship(*pair)) == state


def test_project_each_folds_the_events_of_a_key_by_a_projection_of_nobody() -> None:
    """A function may return a projection that names no parties."""
    log = EventLog.of(
        Event(Visited("AZE", "CHN"), when="2015"),
        Event(Joined("AZE", "bank"), when="2016"),
    )

    found = log.as_of("2020-01-01").project_each(lambda *_: everything, by=dyads)

    assert {("AZE", "CHN"): (log[0].claim,)} == found


def test_project_each_joins_what_involves_both_and_is_the_affair_of_one() -> None:
    """An organisation takes part in a plan of a state: the plan stands once."""
    plan = Planned(["AZE"], "port", "2020", participants=["org:huawei"])
    view = EventLog.of(Event(plan, when="2019", id="port")).as_of("2021-01-01")
    pair = "AZE", "org:huawei"

    found = view.project_each(relationship, by=dyads)

    assert {pair: view.project(relationship(*pair))} == found
    assert ["port"] == [*found[pair].plans]


def test_project_each_joins_initiatives_and_plans_of_both() -> None:
    """Initiatives of both parties stand by date, and a plan stands once."""
    log = EventLog.of(
        Event(InitiativeLaunched("Belt and Road", "CHN"), when="2013"),
        Event(InitiativeLaunched("Silk Road", "AZE"), when="2012"),
        Event(Planned(["AZE"], "summit", "2020"), when="2019", id="summit"),
        Event(Postponed("summit"), when="2019-05"),
        Event(Visited("AZE", "CHN"), when="2015"),
    )
    view = log.as_of("2021-01-01")

    (state,) = view.project_each(relationship, by=dyads).values()
    assert view.project(relationship("AZE", "CHN")) == state
    assert ["2012", "2013"] == [str(event.when) for event in state.initiatives]


def test_beliefs_follow_a_reference_to_a_former_id_as_views_do() -> None:
    """An id that a version of a claim had still names what counts of it later."""
    log = EventLog.of(Event(Told(PAIR, "first"), when="2016-03-24"))
    newest = Event(Told(PAIR, "newest"), when="2016-01-09")
    log = log.append(newest, supersedes=0, known="2016-03-01")
    former = Event(Told(frozenset(), "former"), when="2016-01-24", id="x")
    log = log.append(former, supersedes=0, known="2015-12-31")
    about = Event(Told(frozenset(), "about it", "x"), when="2016-02-12")
    log = log.append(about, known="2016-01-31").concerning("AZE")

    for belief in log.beliefs(told, on="2016-02-12")[1:]:
        assert belief.state == log.as_of("2016-02-12", belief.since).project(told)
    assert ("newest", "about it") == log.as_of("2016-02-12").project(told)


@frozen
class Told:
    """A claim that may refer to another."""

    parties: frozenset[str]
    text: str
    about: str | None = None

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of the other."""
        return frozenset({self.about} if self.about else ())


PAIR = frozenset({"AZE", "KAZ"})
