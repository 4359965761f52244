"""No question looks at more than what there is: calls and lines are counted.

Each question is asked of a log, and of one four times as long. The work is counted, not
timed: calls of the projection, clusters resolved, entries read, and all lines of the
library that are run. What sorts may take a little more than four times as many.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import frozen
from effort import MOST, Work

from bri_timeline import (
    Event,
    EventLog,
    Prefer,
    Source,
    View,
    compare,
    dyads,
    projection,
)
from bri_timeline._journal import Entries, resolve
from bri_timeline.evidence import check
from bri_timeline.formats import jsonl
from bri_timeline.measures import count, distinct, latest
from bri_timeline.pages import comparison, html, markdown, network, panel, svg, text
from bri_timeline.relations import (
    FACTS,
    Held,
    Joined,
    Met,
    Visited,
    match,
    relationship,
    trips,
)


SIZE = 80
TIMES = 4
# Fewer calls than these are no growth.
FEW = 20
FIRST, LAST = date(1990, 1, 1), date(2019, 12, 31)
MIDDLE = date(2005, 1, 1)
LATE = [date(2020 + n, 1, 1) for n in range(5)]
DAILY = Source("Daily", published=LATE[2])
ONCE: dict[str, Any] = {"start": FIRST, "stop": LAST}
YEARS: dict[str, Any] = {**ONCE, "every": "year"}


@projection(initial=int)
def visits(so_far: int, event: Event) -> int:
    """How many visits there were."""
    return so_far + isinstance(event.what, Visited)


def left(so_far: int, event: Event) -> int:
    """One is no member any more."""
    return so_far - 1


@projection(initial=int, reads=Joined, ends=left)
def members(so_far: int, event: Event) -> int:
    """How many members there are."""
    return so_far + 1


def guest(number: int) -> str:
    """Return one of many guests, each of which came a few times."""
    return f"org:g{number // 5}"


def world(size: int) -> EventLog:
    """Return a log with everything that a log can have, in fixed shares.

    Args:
        size: The number of claims, before what is related to some.
    """
    span = LAST.toordinal() - FIRST.toordinal()
    found = []
    for n in range(size):
        day = date.fromordinal(FIRST.toordinal() + n * span // size)
        source = Source("Gazette", published=LATE[n % 5] if n % 10 == 3 else day)
        what: object = Visited(guest(n), "CHN")
        when = day.isoformat()
        if n % 20 == 5:
            what = Joined(guest(n), "org:forum")
            when = f"{when}/{day.year + 2}-06-30"
        if n % 20 == 8:
            when = f"{when[:7]}"
        if n % 20 == 11:
            what = Held(plan=f"e{n - 1}" if n % 40 == 11 else "nothing")
        if n % 20 == 14:
            what = Met(frozenset({guest(n), "CHN", "KAZ"}))
        found.append(Event(what, when=when, cite=source, id=f"e{n}"))
    log = EventLog.of(*found)
    for n in range(0, size, 10):
        other = Event(Visited(guest(n), "KAZ"), when=found[n].when, id=f"e{n}")
        match n % 40:
            case 0:
                log = log.append(other, supersedes=n, known=LATE[0])
            case 10:
                log = log.append(other, known=LATE[1])
            case 20:
                log = log.append(found[n].cited(DAILY))
            case _:
                log = log.retract(n, because="it was another", known=LATE[3])
    return log


def end(log: EventLog) -> View:
    """Return the state at the end."""
    return log.as_of(LAST)


def asked(log: EventLog) -> list[tuple[tuple[str, str], date, date]]:
    """Return as many questions as there are entries."""
    return [(("CHN", guest(n)), LAST, LATE[n % 5]) for n in range(len(log))]


def more(log: EventLog, host: str = "KAZ") -> list[Event]:
    """Return as many events as there are entries."""
    return [
        Event(Visited(guest(n), host), when="2003", id=f"n{n}") for n in range(len(log))
    ]


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
    "explain, shown": lambda log: str(end(log).explain(members, of=int)),
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
    "svg": lambda log: svg.render(end(log)),
    "text": lambda log: text.render(end(log)),
    "html": lambda log: html.render(end(log)),
    "markdown": lambda log: markdown.render(end(log)),
    "comparison": lambda log: comparison.render(
        log.as_of(MIDDLE), end(log), projection=visits
    ),
    "page of a panel": lambda log: panel.render(
        log.panel(
            count(Visited),
            by=lambda event: ["all"],
            start=FIRST,
            stop=FIRST + timedelta(days=len(log)),
            every="day",
        )
    ),
    "quotes": lambda log: check(log, {"Daily": "", "Gazette": ""}),
    "lines": lambda log: jsonl.loads(jsonl.dumps(log, FACTS), FACTS),
    "network": lambda log: network.render(log.as_of(LAST)),
}


def effort(question: Callable[[EventLog], object], size: int) -> list[dict[str, int]]:
    """Return the work of a question that is asked of a new log, and again."""
    log = world(size)
    return [
        Work(
            evolved=visits.evolve.__code__,
            resolved=resolve.__code__,
            read=Entries._at.__code__,
        ).of(lambda: question(log))
        for _ in range(2)
    ]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_grows_with_its_log_only(name: str) -> None:
    """Four times the log is four times the work, at first and again."""
    few, many = (effort(QUESTIONS[name], size) for size in (SIZE, TIMES * SIZE))

    for here, there in zip(few, many, strict=True):
        assert {} == {
            what: (here[what], there[what])
            for what in there
            if there[what] > MOST * max(here[what], FEW)
        }


def test_a_question_that_compares_all_with_all_is_found() -> None:
    """The work of a quadratic question is sixteen times as much."""

    def question(log: EventLog) -> None:
        for event in end(log).events:
            end(log).project(visits)
            assert event in end(log).events

    few, many = (effort(question, size)[0] for size in (SIZE, TIMES * SIZE))

    assert many["lines"] > MOST * few["lines"]


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
        took.append(Work().of(lambda log=log: ask(log).project(visits))["lines"])

    assert took[1] <= 1.1 * took[0]


def test_beliefs_are_the_states_of_views() -> None:
    """Of a long log that became known in any order, each is what a view shows."""
    log = world(4 * SIZE)

    for belief in log.beliefs(visits, on=LAST)[1:]:
        assert belief.state == log.as_of(LAST, belief.since).project(visits)
