"""No question looks at more than what there is.

Each question is asked of a log, and of one four times as long. The work is counted, not
timed: how often each line of the library is run, and how many bytes it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from attrs import frozen
from effort import SIZE, Work, growth
from growth_worlds import (
    DAILY,
    LAST,
    LATE,
    MIDDLE,
    ONCE,
    YEARS,
    busy_pair,
    end,
    guest,
    members,
    more,
    visits,
    world,
)

from bri_timeline import (
    Event,
    EventLog,
    Explanation,
    Prefer,
    Projection,
    Source,
    View,
    answers,
    compare,
    dyads,
)
from bri_timeline.evidence import check
from bri_timeline.folds import FrozenMap
from bri_timeline.measures import count, distinct, latest, total
from bri_timeline.relations import (
    FACTS,
    Joined,
    Visited,
    match,
    relationship,
    trips,
)


BUSY = relationship("AZE", "CHN")


def asked(log: EventLog) -> list[tuple[tuple[str, str], date, date]]:
    """Return as many questions as there are entries."""
    return [(("CHN", guest(n)), LAST, LATE[n % 5]) for n in range(len(log))]


def amount(event: Event) -> int:
    """Return how many letters a name has."""
    return len(event.id)


def found_in(log: EventLog) -> list[tuple[Any, Any]]:
    """Return answers with their types."""
    return [
        (end(log), answers.ViewData),
        (end(log).explain(visits, of=int), Explanation[int]),
        (log.panel(visits, by=dyads, **ONCE), answers.PanelData[Any, int]),
    ]


def shown(log: EventLog) -> list[object]:
    """Return answers as text, and as tables."""
    found = end(log).explain(visits, of=int), log.as_of(MIDDLE).diff(end(log), visits)
    return [(str(one), getattr(one, "_repr_html_", str)()) for one in found]


def one_by_one(log: EventLog) -> None:
    """Append events in the order of their days, and ask after each."""
    for event in more(log):
        event = Event(event.what, when=LAST, id=event.id)
        log = log.append(event, known=LATE[0])
        log.as_of(LAST).project(visits)


def rivals(log: EventLog) -> View:
    """Return a view of as many events, of which two are disputed."""
    found = more(log)
    others = [Event(Visited("KAZ", "CHN"), when=e.when, id=e.id) for e in found[:2]]
    return end(EventLog.of(*found, *others))


def reviewed(log: EventLog) -> EventLog:
    """Return a log with as many proposals, most of them decided on."""
    size = len(log)
    for event in more(log):
        log = log.propose(event, by="program")
    for place in range(size, 2 * size):
        if place % 3 == 0:
            log = log.accept(place, by="editor")
        elif place % 3 == 1:
            log = log.reject(place, by="editor", because="no")
    return log


def released(log: EventLog) -> None:
    """Take up two releases of a dataset."""
    log, _ = log.revise(more(log), dataset="d", published="2021-01-01")
    some = more(log, "UZB")[: len(log) // 2]
    log.revise(some, dataset="d", published="2022-01-01")


QUESTIONS: dict[str, Callable[[EventLog], object]] = {
    "as_of": lambda log: end(log).events,
    "project": lambda log: end(log).project(visits),
    "project, as known": lambda log: log.as_of(LAST, LATE[2]).project(visits),
    "project, with ends": lambda log: end(log).project(members),
    "project, undecided": lambda log: end(log).project(visits, undecided=True),
    "during": lambda log: log.during("2004").project(visits),
    "where": lambda log: end(log.where(lambda e: "5" in e.id)).project(visits),
    "where, kinds": lambda log: end(log.where(kinds=Joined)).project(members),
    "where, told_by": lambda log: end(log.where(told_by=DAILY)).project(visits),
    "among": lambda log: end(log.among("CHN")).project(visits),
    "among, any_of": lambda log: end(
        log.among("CHN", any_of=("KAZ", guest(3)))
    ).project(visits),
    "concerning": lambda log: end(log.concerning("CHN", "KAZ")).project(visits),
    "view.concerning": lambda log: end(log).concerning("CHN", "KAZ").project(visits),
    "relationship": lambda log: end(log).project(relationship("CHN", "KAZ")),
    "project_each": lambda log: end(log).project_each(visits, by=dyads),
    "project_each, relationship": lambda log: end(log).project_each(
        relationship, by=dyads
    ),
    "project_each, during": lambda log: log.during("2004").project_each(
        visits, by=dyads
    ),
    "reading": lambda log: end(log.reading(prefer=Prefer.MOST_CITED)).project(visits),
    "reading, bounded": lambda log: end(log.reading(bounded_by_reports=True)).project(
        visits
    ),
    "history": lambda log: log.history(visits),
    "beliefs": lambda log: log.beliefs(visits, on=LAST),
    "explain": lambda log: end(log).explain(visits, of=int),
    "explain, ends": lambda log: end(log).explain(members, of=int),
    "explain, shown": lambda log: str(end(log).explain(visits, of=int)),
    "diff, days": lambda log: log.as_of(MIDDLE).diff(end(log), visits),
    "diff, ends": lambda log: log.as_of(MIDDLE).diff(end(log), members),
    "diff, knowledge": lambda log: log.as_of(LAST, LATE[1]).diff(end(log), visits),
    "diff, logs": lambda log: log.as_of(MIDDLE).diff(end(EventLog(log)), visits),
    "outcomes": lambda log: end(log).outcomes(visits, limit=200),
    "outcomes, count": lambda log: log.as_of(MIDDLE).outcomes(count(Visited)),
    "outcomes, distinct": lambda log: log.as_of(MIDDLE).outcomes(
        distinct(Visited, "guest")
    ),
    "outcomes, latest": lambda log: log.as_of(MIDDLE).outcomes(
        latest(Visited, "guest")
    ),
    "outcomes, rivals": lambda log: rivals(log).outcomes(
        count(Visited), rivals=True, limit=200
    ),
    "first": lambda log: log.first(visits, holds=lambda n: n >= 10, limit=200),
    "first, count": lambda log: log.first(count(Visited), holds=lambda n: n >= 10),
    "first, latest": lambda log: log.first(
        latest(Visited, "guest"), holds=lambda name: name == guest(20)
    ),
    "panel": lambda log: [*log.panel(visits, by=dyads, **YEARS)],
    "panel, count": lambda log: [*log.panel(count(Visited), by=dyads, **YEARS)],
    "panel, flow": lambda log: [*log.panel(visits, by=dyads, flow=True, **YEARS)],
    "panel, window": lambda log: [
        *log.panel(visits, by=dyads, window="quarter", **YEARS)
    ],
    "panel, relationship": lambda log: [
        *log.panel(relationship, by=dyads, of=lambda r: len(r.visits), **ONCE)
    ],
    "panel, at": lambda log: [*log.panel(visits, by=dyads, at=asked(log))],
    "panel, count at": lambda log: [
        *log.panel(count(Visited), by=dyads, at=asked(log))
    ],
    "panel, total": lambda log: [
        *log.panel(total(Visited, of=amount), by=dyads, **YEARS)
    ],
    "active": lambda log: log.as_of(MIDDLE).active(),
    "undecided": lambda log: log.as_of(MIDDLE).undecided,
    "disputes": lambda log: end(log).disputes,
    "set_aside": lambda log: end(log).set_aside,
    "dangling": lambda log: end(log).dangling,
    "contradictions": lambda log: log.contradictions(),
    "has_happened": lambda log: [
        end(log).has_happened(f"e{n}") for n in range(len(log))
    ],
    "as_dict": lambda log: end(log).as_dict(),
    "answers": lambda log: [
        answers.loads(answers.dumps(one), kind, FACTS) for one, kind in found_in(log)
    ],
    "answers, shown": shown,
    "view ==": lambda log: end(log) == end(log.with_cache(0)),
    "of": lambda log: EventLog.of(*more(log)),
    "append": one_by_one,
    "extend, again": lambda log: log.extend(e.event for e in log if e.event),
    "copy": lambda log: EventLog(log),
    "partial": lambda log: EventLog.partial([*log][:-3], len(log)),
    "trips": lambda log: trips(end(log.where(kinds=Visited)).events),
    "match": lambda log: match(end(log)),
    "match, logs": lambda log: match(log, EventLog(log)),
    "compare": lambda log: compare(end(log).events, [*end(log).events, *more(log)]),
    "revise": released,
    "proposals": lambda log: reviewed(log).proposals,
    "proposals, as decided": lambda log: reviewed(log).all_proposals(2 * len(log)),
    "published": lambda log: reviewed(log).published(),
    "quotes": lambda log: check(log, {"Daily": "", "Gazette": ""}),
}


# Answers take long to read. Tables show a hundred rows, and fold the rest away.
SIZES = {"answers": 12, "answers, shown": 60}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_grows_with_its_log_only(name: str) -> None:
    """Four times the log is four times the work, at first and again."""
    size = SIZES.get(name, SIZE)

    assert {} == growth(QUESTIONS[name], world, visits.evolve.__code__, size=size)


PAIR_QUESTIONS: dict[str, Callable[[EventLog], object]] = {
    "project": lambda log: hash(end(log).project(BUSY)),
    "history": lambda log: log.history(BUSY),
    "beliefs": lambda log: log.beliefs(BUSY, on=LAST),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIR_QUESTIONS)
def test_a_question_about_one_pair_grows_with_its_log_only(name: str) -> None:
    """All events are of that pair, in any order, a tenth of them said again."""
    # A map of a few keys is one piece, and one of many takes more at once.
    also, size = visits.evolve.__code__, SIZE if name == "project" else 4 * SIZE

    assert {} == growth(PAIR_QUESTIONS[name], busy_pair, also, size=size)


def each_with_all(log: EventLog) -> None:
    """Fold all events for each."""
    for _ in log:
        visits.fold(end(log).events)


def each_compared(log: EventLog) -> None:
    """Look for each event among all."""
    events = list(end(log).events)
    for event in reversed(events):
        assert event in events


def each_copied(log: EventLog) -> None:
    """Copy as much as there is for each, all in one line."""
    entries = dict(enumerate(log))
    for _ in log:
        FrozenMap(entries)


@pytest.mark.slow
@pytest.mark.parametrize("question", [each_with_all, each_compared, each_copied])
def test_a_question_that_compares_all_with_all_is_found(
    question: Callable[[EventLog], None],
) -> None:
    """The work of a quadratic question is sixteen times as much."""
    assert {} != growth(question, world, visits.evolve.__code__, size=SIZE // 2)


@frozen
class Note:
    """A note about a pair, which may refer to other events."""

    number: int
    parties: frozenset[str] = frozenset({"AZE", "CHN"})
    refers_to: frozenset[str] = frozenset()


SELECTIONS: dict[str, Callable[[EventLog], View]] = {
    "among": lambda log: log.among("AZE", "CHN").as_of(LAST),
    "concerning": lambda log: log.concerning("AZE", "CHN").as_of(LAST),
    "where": lambda log: log.where(kinds=Note).as_of(LAST),
}


def hot(size: int, chained: bool, refers: bool) -> EventLog:
    """Return a log of claims about one id, each of which may correct the last one.

    Args:
        size: How many.
        chained: Whether each corrects the one before.
        refers: Whether each claim refers to another one of as many events.
    """
    log = EventLog()
    for n in range(size):
        log = log.append(Event(Note(n), when="2014", id=f"other {n}"))
        names = frozenset({f"other {n}"} if refers else ())
        reference = Event(Note(n, frozenset({"KAZ"}), names), when="2014")
        log = log.append(reference)
        claim = Event(Note(n), when="2015", id="hot")
        target = len(log) - 3 if chained and n else None
        log = log.append(claim, supersedes=target)
    return log


@pytest.mark.parametrize("refers", [False, True])
@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("name", SELECTIONS)
def test_a_further_claim_about_a_hot_id_costs_a_selection_the_same(
    name: str, chained: bool, refers: bool
) -> None:
    """However many claims there are, and however many events that refer to others."""
    took, ask = [], SELECTIONS[name]
    for size in (SIZE // 4, SIZE):
        log = hot(size, chained, refers)
        for n in (-1, -2):
            ask(log).project(visits)
            target = len(log) - 1 if chained else None
            log = log.append(Event(Note(n), when="2015", id="hot"), supersedes=target)
        took.append(Work().of(lambda log=log: ask(log).project(visits)).total)

    assert took[1] <= 1.1 * took[0]


def test_beliefs_are_the_states_of_views() -> None:
    """Of a long log that became known in any order, each is what a view shows."""
    log = world(4 * SIZE)

    for belief in log.beliefs(visits, on=LAST)[1:]:
        assert belief.state == log.as_of(LAST, belief.since).project(visits)


def test_beliefs_about_much_that_became_known_at_once_are_the_states_of_views() -> None:
    """Some forty visits in each of two reports, each in any order of their days."""
    first = date(2010, 1, 1).toordinal()
    cites = [Source("Gazette", published=day) for day in ("2016-01-01", "2016-01-02")]
    log = EventLog.of(
        *(
            Event(
                Visited("AZE", "CHN", occasion=f"{n}"),
                when=date.fromordinal(first + 7 * n % 80),
                cite=cites[n % 2],
            )
            for n in range(80)
        )
    )
    pair = relationship("AZE", "CHN")
    _, *beliefs = log.beliefs(pair, on="2010-03-01")

    assert beliefs
    for belief in beliefs:
        view = log.as_of("2010-03-01", belief.since)
        assert belief.state == view.project(pair)


def test_beliefs_in_what_later_events_replace_are_folded_little_again() -> None:
    """Claims about days in any order become known, one a day: each changes little."""
    folded = list[str]()

    def evolve(state: str, event: Event) -> str:
        folded.append(event.id)
        return event.what.guest if isinstance(event.what, Visited) else state

    newest = Projection[str](str, evolve)
    size, first = 600, date(2010, 1, 1).toordinal()
    cites = [
        Source("Gazette", published=date.fromordinal(first + size + n))
        for n in range(size)
    ]
    log = EventLog.of(
        *(
            Event(
                Visited(guest(n), "CHN"),
                when=date.fromordinal(first + 7 * n % size),
                cite=cite,
            )
            for n, cite in enumerate(cites)
        )
    )

    beliefs = log.beliefs(newest, on=LAST)

    assert len(folded) < 40 * size
    for belief in beliefs[1::5]:
        assert belief.state == log.as_of(LAST, belief.since).project(newest)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("most", "periods"),
    [
        (4, {"every": "month"}),
        (3 * 12, {"every": "month", "window": "year"}),
        (4, {"at": True}),
    ],
)
def test_bounds_of_a_fold_of_ones_own_are_folded_once(
    most: int, periods: dict[str, Any]
) -> None:
    """Of days that two share both orders are tried once, and once for each window."""
    folded = 0

    def evolve(state: int, event: Event) -> int:
        nonlocal folded
        folded += 1
        return state + len(event.id)

    fold = Projection[int](int, evolve)

    size, first = 1_200, date(2000, 1, 1).toordinal()
    days = [date.fromordinal(first + n // 3 * 4 + n % 3 // 2) for n in range(size)]
    log = EventLog.of(
        *(
            Event(Visited("AZE", "CHN"), when=day, id=f"e{n}")
            for n, day in enumerate(days)
        )
    )
    asked = {"start": days[0], "stop": days[-1], **periods}
    if "at" in periods:
        asked = {"at": [(("AZE", "CHN"), day) for day in days]}
    rows = [*log.panel(fold, by=dyads, **asked)]

    assert all(row.complete and row.low == row.high == row.value for row in rows)
    assert folded <= most * size
