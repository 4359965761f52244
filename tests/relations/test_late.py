"""A late report gives the state that the whole log gives, without folding all of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import reduce
from itertools import chain
from operator import itemgetter
from random import Random

import pytest
from effort import Work

from bri_timeline import Event, EventLog, Source, answers, dyads
from bri_timeline._events.marks import Mark, marks_of, sort_key
from bri_timeline.errors import BriTimelineError
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    AgreementStatusChanged,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    PositionDeclared,
    ProjectStatusChanged,
    Relationship,
    Visited,
    relationship,
)


PAIR = frozenset({"AZE", "CHN"})
BOTH = relationship(*PAIR)
BEGIN, LAST = date(2015, 1, 1), "2018-01-01"
VAGUE = ("2015", "2015-03", "2016-XX-15", "[2015-01-10..2015-02-20]")
LASTING = ("2015-04/2015-09", "2015/..", "2015-05-05/2015-05-07")
SOURCES = [
    Source(name, published=day)
    for name, day in (("P", "2015-02-01"), ("Q", "2015-08-01"), ("R", "2017-01-01"))
]


def _fact(random: Random, names: list[str]) -> object:
    """Return a fact of any kind; few of its values differ."""
    one, other = random.sample(sorted(PAIR), 2)
    parties = random.choice([PAIR, PAIR, PAIR | {"KAZ"}, frozenset({one, "KAZ"})])
    topic, name = random.choice(["peace", "rail"]), random.choice(["e0", *names])
    money = Money(random.choice(["5", "1.50", "7E+1"]), random.choice(["USD", "EUR"]))
    aims = random.choice([(), (other,), ("KAZ",)])
    makers = (
        lambda: Visited(one, random.choice([one, other]), occasion=topic),
        lambda: Met(parties, occasion=topic),
        lambda: AgreementSigned(parties, topic, value=random.choice([None, money])),
        lambda: AgreementSigned(parties, topic, value=money),
        lambda: AgreementStatusChanged(parties, name, "signed"),
        lambda: PositionDeclared(one, topic, random.choice("ab"), towards=aims),
        lambda: PositionDeclared(one, topic, random.choice("ab"), towards=aims),
        lambda: IndicatorObserved(PAIR, topic, random.randrange(4), "x"),
        lambda: ProjectStatusChanged(PAIR, topic, random.choice("ab")),
        lambda: InitiativeLaunched(topic, one),
        lambda: Planned(PAIR, topic),
        lambda: Held(name),
        lambda: Joined(one, topic),
        lambda: Left(one, topic),
        lambda: AgreementSigned(PAIR, topic, part_of=name),
    )
    # Most are of kinds of which a state tells where a late report belongs.
    return makers[min(random.randrange(15), random.randrange(20))]()


def _when(random: Random) -> str:
    if random.random() < 0.6:
        return (BEGIN + timedelta(9 * random.randrange(40))).isoformat()
    return random.choice(VAGUE * 3 + LASTING)


def _grown(log: EventLog, random: Random, names: list[str]) -> EventLog:
    """Return a log with an entry more: a report, a witness, a correction, or less."""
    name = random.choice([None, f"e{len(log)}"])
    claim = Event(_fact(random, names), when=_when(random), cite=random.choice(SOURCES))
    old = log[random.randrange(len(log))] if log and random.random() < 0.25 else None
    if old is None or old.event is None:
        names += [name] * (name is not None)
        return log.append(claim.named(name))
    how = random.randrange(4)
    if how == 0:
        return log.retract(old, because="no", known="2016-06-01")
    if how == 1:
        return log.append(old.event.cited([random.choice(SOURCES)]))
    what = claim.what if how == 2 else old.event.what
    correction = Event(what, when=old.event.when, cite=claim.cite)
    return log.append(correction.named(old.event._id), supersedes=old)


def _logs(random: Random, size: int) -> EventLog:
    names: list[str] = []
    log = EventLog().with_cache(1_000, every=1)
    for _ in range(size):
        try:
            log = _grown(log, random, names)
        except BriTimelineError:  # of what is said already, or is in a circle
            continue
        if random.random() < 0.5:
            day = BEGIN + timedelta(random.randrange(800))
            known = random.choice([None, "2016-01-01"])
            log.as_of(day, known).project(BOTH)
            log.as_of(LAST).project(BOTH)
    return log


def _days(mark: Mark) -> tuple[float, float]:
    return mark.when.latest_start, mark.when.earliest_start


def _changed(random: Random) -> tuple[list[Event], Event | None, Event | None, int]:
    """Return events in fold order, one to come, one of its days to go, and a place."""
    days = ["2015-01-01", "2015-01-02", "2015-01", "2015-01/.."]
    some = [
        Event(_fact(random, [f"e{m}" for m in range(n)]), when=when, id=f"e{n}")
        for n in range(random.randrange(1, 14))
        if (when := random.choice(days))
    ]
    some.sort(key=_days)
    place = random.randrange(len(some))
    old = some.pop(place)
    if random.random() < 0.3:
        return some, None, old, place
    if random.random() < 0.5:
        return some, old, None, place
    what = old.what if random.random() < 0.5 else _fact(random, ["e0"])
    new = Event(what, when=old.when, cite=random.choice(SOURCES), id=old.id)
    return some, new, old, place


@pytest.mark.full
def test_a_state_tells_where_a_mark_belongs(trials: Callable[..., int]) -> None:
    """Or it does not tell: what it says is the state of all events in their order."""
    told, tries = 0, trials(60_000, share=40)
    for seed in range(tries):
        random = Random(seed)
        some, new, old, place = _changed(random)
        state = BOTH._folded([*some[:place], *[old] * (old is not None), *some[place:]])
        days = _days(new or old)
        beside = [n for n, e in enumerate(some) if _days(e) == days]
        low, high = min(beside, default=place), max(beside, default=place - 1) + 1
        if new is not None and old is not None:
            place = random.randint(min(low, place), max(high, place))
        low, high = min(low, place), max(high, place)
        found = BOTH.late(state, new, old, some[low:place], some[place:high])
        expected = BOTH._folded(
            [*some[:place], *[new] * (new is not None), *some[place:]]
        )
        if found is not None:
            told += 1
            assert repr(expected) == repr(found), seed
            assert expected == found
            assert hash(expected) == hash(found)

    assert told > tries // 3


# What depends on more of a state than it shows.
STATED = PositionDeclared("AZE", "peace", "a"), ProjectStatusChanged(PAIR, "peace", "b")
FURTHER = [
    *(Event(Planned(PAIR, "a plan"), when="2017", id=f"e{n}") for n in range(12)),
    *chain.from_iterable(marks_of(Event(one, when="2018/2019"), ()) for one in STATED),
    *marks_of(Event(Left("AZE", "peace"), when="2020", id="left"), (Left,)),
]


def _marks(random: Random) -> list[Mark]:
    """Return marks of events of few days and keys, in fold order."""
    days = ["2015-01-01", "2015-01-02", "2015-01", "2015-01-01/2015-01-01", "2015/.."]
    events = [
        Event(_fact(random, [f"e{n}" for n in range(12)]), when=when, id=f"e{n}")
        for n in range(random.randrange(1, 16))
        if (when := random.choice(days))
    ]
    marks = [
        (sort_key(mark, place), mark)
        for place, event in enumerate(events)
        for mark in marks_of(event, (Left,))
    ]
    return [mark for _, mark in sorted(marks, key=itemgetter(0))]


@pytest.mark.full
def test_a_part_is_that_of_the_marks_of_its_key(trials: Callable[..., int]) -> None:
    """Taken into a state of some of these marks, it comes to its place."""
    late = BOTH.late
    for seed in range(trials(20_000, share=100)):
        random = Random(seed)
        marks = _marks(random)
        for key in filter(None, dict.fromkeys(map(late.key, marks))):
            own = [mark for mark in marks if late.key(mark) == key]
            new, gone = (
                {*map(id, random.sample(own, random.randint(0, len(own))))}
                for _ in range(2)
            )
            state = BOTH._folded(mark for mark in marks if id(mark) not in new)
            known = [mark for mark in marks if id(mark) not in gone]

            def after(event: Event, known: list[Mark] = known) -> list[Mark]:
                place = next(n for n, one in enumerate(known) if one is event)
                return [m for m in known[place + 1 :] if _days(m) == _days(event)]

            alone = BOTH._folded(mark for mark in own if id(mark) not in gone)
            found = late.of_key(state, key, alone, after)
            pairs = [(BOTH._folded(known), found)]
            pairs.append(tuple(reduce(BOTH._step, FURTHER, one) for one in pairs[0]))
            for expected, found in pairs:
                assert repr(expected) == repr(found), seed
                assert expected == found
                assert hash(expected) == hash(found)


def _stance(name: str) -> Event:
    what = PositionDeclared("AZE", "peace", name)
    return Event(what, when="2015-01-01", id=name)


def test_of_one_key_the_last_in_fold_order_counts() -> None:
    """A report that comes instead of the last one need not be the last itself."""
    first, rival, old = map(_stance, "abc")
    new = old.cited([SOURCES[0]])
    state = BOTH.fold([first, rival, old])
    found = BOTH.late(state, new, old, [first], [rival])

    assert found == BOTH.fold([first, new, rival])
    assert BOTH.late(state, None, first, (), ()) is None
    assert BOTH.late(state, None, rival, (), ()) is state
    assert BOTH.late(BOTH.fold([first]), None, first, (), ()) == BOTH.fold([])


def test_what_is_said_to_others_is_no_rival() -> None:
    """It has the same key, and is no part of the state."""
    here = _stance("here")
    what = PositionDeclared("AZE", "peace", "there", towards={"KAZ"})
    there = Event(what, when=here.when, id="there")

    assert BOTH.late(BOTH.initial(), here, None, [], [there]) == BOTH.fold([here])


def test_the_end_of_what_brought_a_key_is_not_its_beginning() -> None:
    """The key keeps its place before others of that day."""
    one, other, rail, late = (
        Event(PositionDeclared(actor, topic, "a"), when=when, id=when)
        for actor, topic, when in (
            ("AZE", "peace", "2015-01-01/2015-01-01"),
            ("AZE", "peace", "2015-01-01/.."),
            ("AZE", "rail", "2015-01-01"),
            ("CHN", "peace", "2015-01-02"),
        )
    )
    end = marks_of(one, ())[1]
    state = BOTH._folded([one, other, rail, end])
    found = BOTH.late.of_key(
        state, BOTH.late.key(late), BOTH.fold([late]), lambda event: [end]
    )

    assert [*found.positions] == [
        *BOTH._folded([one, other, rail, late, end]).positions
    ]


def test_a_joined_state_goes_on_as_any_other() -> None:
    """What begins or ends after it gives equal states, with one hash."""
    forum = Event(Joined("AZE", "forum"), when="2015/2016", id="forum")
    other = Event(Joined("AZE", "club"), when="2015/2016", id="club")
    road = Event(ProjectStatusChanged({"CHN"}, "road", "built"), when="2015", id="road")
    log = EventLog.of(forum, other, road)
    joined = log.as_of("2016-01-01").project_each(
        relationship, by=lambda event: [tuple(sorted(PAIR))]
    )[tuple(sorted(PAIR))]
    folded, late = log.as_of("2016-01-01").project(BOTH), _stance("late")
    states = []
    for state in (joined, folded):
        state = BOTH.ends(BOTH.evolve(state, _stance("a")), forum)
        states.append(BOTH.late(state, late, None, (), ()))
        alone = BOTH.fold([_stance("a"), late])
        key = BOTH.late.key(late)
        states.append(BOTH.late.of_key(state, key, alone, lambda event: []))

    assert all(states[0] == one for one in states)
    assert 1 == len({*map(hash, states)})
    assert joined.memberships.get(("AZE", "club")) == other
    assert joined.memberships.get(("AZE", "none"), 3) == 3


def test_a_late_report_leaves_open_what_is_open() -> None:
    """The order of keys asks no date that a question leaves open."""
    days = (BEGIN + timedelta(n) for n in range(40))
    log = EventLog.of(
        *(
            Event(IndicatorObserved(PAIR, f"name {n}", n, "x"), when=day, id=f"{n}")
            for n, day in enumerate(days)
        )
    ).with_cache(100, every=1)
    log.as_of(LAST).project(BOTH)
    vague = Event(IndicatorObserved(PAIR, "vague", 1, "x"), when="2017", id="vague")
    early = Event(
        IndicatorObserved(PAIR, "early", 1, "x"), when="2015-01-03", id="early"
    )
    log = log.append(early).append(vague)
    found = log.as_of("2017-06-01").outcomes(BOTH, of=lambda s: (*s.indicators,)[-1][1])

    assert found == EventLog(log).as_of("2017-06-01").outcomes(
        BOTH, of=lambda s: (*s.indicators,)[-1][1]
    )
    assert found.values == ("name 39", "vague")


@pytest.mark.full
def test_a_log_that_grew_has_the_states_of_a_log_that_is_read(
    trials: Callable[..., int],
) -> None:
    """Whatever came late, states and their texts are those of a fold of all events."""
    for seed in range(trials(3_000, share=100)):
        random = Random(seed)
        log = _logs(random, random.choice([6, 12, 24]))
        anew = EventLog(log).with_cache(0)
        for day in ("2015-06-01", "2015-12-31", LAST):
            for known in (None, "2015-09-01", "2016-12-31"):
                found = log.as_of(day, known).project(BOTH)
                expected = anew.as_of(day, known).project(BOTH)

                assert answers.dumps(expected) == answers.dumps(found), seed
                assert expected == found
                assert hash(expected) == hash(found)


@pytest.mark.full
def test_beliefs_are_states_as_they_were_known(trials: Callable[..., int]) -> None:
    """Each is folded from what was known, in whatever order that became known."""
    for seed in range(trials(3_000, share=100)):
        random = Random(seed)
        log = _logs(random, random.choice([12, 24]))
        for day in ("2015-09-01", LAST):
            for one in log.beliefs(BOTH, on=day)[1:]:
                known = EventLog(log).with_cache(0).as_of(day, one.since)

                assert answers.dumps(known.project(BOTH)) == answers.dumps(one.state)


def _crowded(random: Random) -> EventLog:
    """Return a log of few days, reported and put right on more of them."""
    days, log = ("2015-01-01", "2015-01", "2015-01-01/2015-01-02"), EventLog()
    for n in range(20):
        old = random.randrange(n) if n and random.random() < 0.3 else None
        known = BEGIN + timedelta(40 + random.randrange(12))
        what, when = _fact(random, ["e0", "e1"]), random.choice(days)
        claim = Event(what, when=when, id=f"e{n if old is None else old}")
        with suppress(BriTimelineError):  # a visit to oneself
            if old is None or random.random() < 0.5:
                log = log.append(claim, supersedes=old, known=known)
            else:
                log = log.retract(old, because="no", known=known)
    return log


@pytest.mark.full
def test_what_is_believed_of_one_day_is_in_the_order_of_the_log(
    trials: Callable[..., int],
) -> None:
    """Where many keys are brought on one day, whatever became known later."""
    for seed in range(trials(5_000, share=100)):
        log = _crowded(Random(seed))
        for one in log.beliefs(BOTH, on=LAST)[1:]:
            known = log.with_cache(0).as_of(LAST, one.since)

            assert repr(known.project(BOTH)) == repr(one.state), seed


@pytest.mark.full
def test_equal_states_have_one_hash(trials: Callable[..., int]) -> None:
    """Folded, joined of the states of each party, or read back."""
    for seed in range(trials(1_000, share=50)):
        log = _logs(Random(seed), 12)
        found = log.as_of(LAST).project(BOTH)
        each = log.as_of(LAST).project_each(relationship, by=dyads)
        read = answers.loads(answers.dumps(found), Relationship, FACTS)
        joined = each.get(tuple(sorted(PAIR)), found)

        assert {found} == {found, joined, read} == {read, joined}


def _visits(size: int) -> EventLog:
    return EventLog.of(
        *(
            Event(Visited("AZE", "CHN"), when=BEGIN + timedelta(n), id=f"{n}")
            for n in range(size)
        )
    )


def test_a_late_report_costs_the_same_in_a_long_log() -> None:
    """So does the hash of a state."""
    late, asked = [], []
    for size in (600, 4_800):
        log = _visits(size)
        state = log.as_of("2100-01-01").project(BOTH)
        asked.append(Work().of(lambda state=state: hash(state)).total)
        log = log.append(Event(Visited("CHN", "AZE"), when=BEGIN, id="late"))
        ask = Work().of(lambda log=log: log.as_of("2100-01-01").project(BOTH))
        late.append(ask.total)

    assert late[1] <= 2 * late[0]
    assert asked[1] == asked[0]


def _put_right(size: int) -> EventLog:
    """Return a log in which one of ten visits was a meeting, some on another day."""
    log = _visits(size)
    for n in range(0, size, 10):
        when, known = BEGIN + timedelta(n + n % 3), BEGIN + timedelta(size + n)
        meeting = Event(Met(PAIR), when=when, id=f"{n}")
        log = log.append(meeting, supersedes=n, known=known)
    return log


def _of_all_kinds(size: int) -> EventLog:
    """Return a log in which what came late is of every kind, and some of it goes."""
    log, one = EventLog(), "AZE"
    makers = (
        lambda n: Joined(one, f"forum {n // 30}"),
        lambda n: Left(one, f"forum {n // 30}"),
        lambda n: Planned(PAIR, f"plan {n}"),
        lambda n: Held(f"{n - n % 10 + 2}"),
        lambda n: PositionDeclared(one, f"topic {n // 30}", "for", towards={"CHN"}),
        lambda n: AgreementStatusChanged(PAIR, f"agreement {n // 30}", "signed"),
        lambda n: ProjectStatusChanged(PAIR, f"project {n // 30}", "begun"),
        lambda n: IndicatorObserved(PAIR, f"name {n}", n, "x"),
        lambda n: InitiativeLaunched(f"initiative {n}", one),
        lambda n: Met(PAIR, occasion=f"{n}"),
    )
    for n in range(size):
        day = BEGIN + timedelta(7 * n % size)
        when = f"{day}/{day + timedelta(9)}" if n % 7 == 0 else str(day)
        event = Event(makers[n % 10](n), when=when, id=f"{n}")
        log = log.append(event, known=BEGIN + timedelta(size + n))
    for n in range(0, size, 11):
        log = log.retract(n, because="no", known=BEGIN + timedelta(2 * size + n))
    return log


@pytest.mark.slow
@pytest.mark.parametrize("make", [_put_right, _of_all_kinds])
def test_beliefs_fold_little_again(make: Callable[[int], EventLog]) -> None:
    """What came late, or was of another kind, comes to its place: whatever it is."""
    works = [
        Work().of(lambda log=log: log.beliefs(BOTH, on="2100-01-01")).total
        for log in map(make, (120, 480))
    ]

    assert works[1] <= 5 * works[0]
