"""Memberships, positions and statuses that last: what of them is in the state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from log_strategies import KNOWN_BY, KNOWN_DAYS
from marks_model import DATES, VIEWS, Mark, certain, counted, every_trace

from bri_timeline import Event, EventLog, dyads
from bri_timeline.errors import EntryError
from bri_timeline.relations import (
    AgreementStatusChanged,
    Joined,
    Left,
    Met,
    PositionDeclared,
    ProjectStatusChanged,
    Relationship,
    Visited,
    relationship,
)


PAIR = ("AZE", "CHN")
PARTS = "memberships", "positions", "agreement_statuses", "projects"


def random_fact(random: Random) -> object:
    """Return a fact of few keys, most of them about one pair."""
    some = random.choice([PAIR, PAIR, ("AZE",), ("AZE", "RUS")])
    towards = random.choice([(), ("CHN",), ("RUS",)])
    word = random.choice("ab")
    return random.choice(
        [
            Joined("AZE", "x"),
            Joined("AZE", "x"),
            Joined("CHN", "x"),
            Left("AZE", "x"),
            PositionDeclared("AZE", "x", word, towards),
            PositionDeclared("AZE", "x", word, towards),
            AgreementStatusChanged(some, "x", word),
            ProjectStatusChanged(some, "x", word),
            ProjectStatusChanged(some, "x", word),
            Visited("AZE", "CHN"),
        ]
    )


def random_log(random: Random) -> EventLog:
    """Return a log of such facts, some of them corrected or withdrawn."""
    log = EventLog()
    for _ in range(random.randint(1, 9)):
        known = random.choice([None, *KNOWN_DAYS])
        claims = [entry.position for entry in log if entry.event is not None]
        chance = random.random() if claims else 1
        if chance < 0.1:
            log = log.retract(random.choice(claims), because="wrong", known=known)
            continue
        event = Event(random_fact(random), when=random.choice([*DATES]))
        target = random.choice(claims) if chance < 0.2 else None
        try:
            log = log.append(event, supersedes=target, known=known)
        except EntryError:  # what was withdrawn is not corrected
            continue
    return log


def key_of(what: object) -> tuple[str, object] | None:
    """Return the part of the state that a fact is in, and its key."""
    match what:
        case Joined() | Left():
            return "memberships", (what.member, what.body)
        case PositionDeclared(actor="AZE") if what.towards in ({"CHN"}, frozenset()):
            return "positions", ("AZE", "x")
        case AgreementStatusChanged() if what.parties >= set(PAIR):
            return "agreement_statuses", "x"
        case ProjectStatusChanged() if what.parties <= set(PAIR):
            return "projects", "x"
    return None


def expected(found: list[Mark], day: int) -> dict[tuple[str, object], Event]:
    """Return what holds on a day after some marks, from the rules."""
    keys = {key for mark in found if (key := key_of(mark.event.what))}
    holding = {}
    for key in keys:
        marks = [mark for mark in found if key_of(mark.event.what) == key]
        over = [mark.event for mark in marks if mark.ends]
        # What certainly left, after its day: what began on its first day or before.
        left = [
            mark.first
            for mark in marks
            if isinstance(mark.event.what, Left) and not mark.ends
            if mark.last < 2 * day
        ]
        begun = [
            mark.event
            for mark in marks
            if not mark.ends and not isinstance(mark.event.what, Left)
            if not (key[0] == "memberships" and any(mark.last <= one for one in left))
        ]
        lasting = [e for e in begun if _lasts(e) and e not in over]
        if begun and not _lasts(begun[-1]):
            holding[key] = begun[-1]
        elif lasting:
            holding[key] = lasting[-1]
    return holding


def _lasts(event: Event) -> bool:
    return event.when.is_extent or isinstance(event.what, Joined)


def held(state: Relationship) -> dict[tuple[str, object], Event]:
    """Return what holds in a state."""
    return {
        (name, key): event
        for name in PARTS
        for key, event in getattr(state, name).items()
    }


class TestState:
    """The state against the rules, on whichever road."""

    @pytest.mark.full
    def test_states_hold_what_the_rules_say(self, trials: Callable[..., int]) -> None:
        """In one log, for each pair, and from states that were kept."""
        fold = relationship(*PAIR)
        for seed in range(trials(20_000, share=80)):
            random = Random(seed)
            log = random_log(random)
            basis = random.choice([None, *KNOWN_BY])
            day = random.choice(VIEWS)
            view = log.as_of(date.fromordinal(day), basis)
            state = view.project(fold)

            found = certain(counted(log, basis), day)
            assert held(state) == expected(found, day), seed
            each = view.project_each(relationship, by=dyads)
            if PAIR in each:
                assert each[PAIR] == state, seed
            kept = log.with_cache(100, every=1)
            for earlier in VIEWS:
                if earlier <= day:
                    again = kept.as_of(date.fromordinal(earlier), basis).project(fold)
            assert day < min(VIEWS) or again == state, seed

    def test_a_membership_is_in_the_state_while_it_lasts(self) -> None:
        """On the days of the contract."""
        log = EventLog.of(Event(Joined("AZE", "x"), when="2015/2017"))
        fold = relationship(*PAIR)

        def view(day: str) -> Relationship:
            return log.as_of(day).project(fold)

        assert view("2019-01-01").memberships == {}
        assert [*view("2016-06-01").memberships] == [("AZE", "x")]
        assert [*view("2017-06-01").memberships] == [("AZE", "x")]
        told = log.as_of("2017-06-01").explain(fold, of=lambda s: len(s.memberships))
        (step,) = told.undecided
        assert (step.ends, step.before, step.after) == (True, 1, 0)
        found = log.as_of("2017-06-01").outcomes(fold, of=lambda s: len(s.memberships))
        assert (found.values, found.complete) == ((1, 0), True)

    def test_an_end_removes_its_own_extent_only(self) -> None:
        """The one that began before shows again, and what has no end does not."""
        log = EventLog.of(
            Event(PositionDeclared("AZE", "x", "mild"), when="2014-01-01"),
            Event(PositionDeclared("AZE", "x", "long"), when="2015-01-01/2018-01-01"),
            Event(PositionDeclared("AZE", "x", "short"), when="2016-01-01/2016-12-31"),
        )
        stances = [
            [e.what.stance for e in period.state.positions.values()]
            for period in log.history(relationship(*PAIR))
        ]

        assert stances == [[], ["mild"], ["long"], ["short"], ["long"], []]

    def test_leaving_ends_all_memberships_before_it(self) -> None:
        """Nothing that began before returns; what begins later lasts by itself."""
        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2014-01-01/.."),
            Event(Joined("AZE", "x"), when="2015-01-01/2015-12-31"),
            Event(Left("AZE", "x"), when="2015-06-01"),
            Event(Joined("AZE", "x"), when="2016-01-01/2016-12-31"),
        )
        history = log.history(relationship(*PAIR))

        assert [len(period.state.memberships) for period in history] == [
            0,
            1,
            1,
            0,
            1,
            0,
        ]

    def test_nothing_else_leaves_the_state(self) -> None:
        """A visit or a meeting that lasted stays."""
        log = EventLog.of(
            Event(Visited("AZE", "CHN"), when="2015-01-01/2015-01-03"),
            Event(Met(PAIR), when="2015-01-01/2015-01-03"),
        )
        state = log.as_of("2019-01-01").project(relationship(*PAIR))

        assert (len(state.visits), len(state.meetings)) == (1, 1)


class TestOutcomes:
    """Every membership that the dates allow."""

    @pytest.mark.full
    def test_outcomes_of_memberships_are_enumerated(
        self, trials: Callable[..., int]
    ) -> None:
        """Choices of days of both marks, folded by the rules."""
        fold = relationship(*PAIR)
        dates = [*DATES]
        for seed in range(trials(4_000, share=20)):
            random = Random(seed)
            log = EventLog.of(
                *(
                    Event(
                        PositionDeclared("AZE", "x", str(n)),
                        when=random.choice(dates),
                        id=str(n),
                    )
                    for n in range(random.randint(1, 3))
                )
            )
            day, claims = random.choice(VIEWS), counted(log)
            possible = {_last(trace) for trace in every_trace(claims, day)}
            found = log.as_of(date.fromordinal(day)).outcomes(fold, of=_stance)

            assert found.complete, seed
            assert set(found.values) == possible, seed


def _stance(state: Relationship) -> str | None:
    return next((e.what.stance for e in state.positions.values()), None)


def _last(trace: tuple[tuple[str, bool], ...]) -> str | None:
    """Return the stance that holds after a trace."""
    begun = [name for name, ends in trace if not ends]
    over = {name for name, ends in trace if ends}
    lasting = [name for name in begun if "/" in name and name not in over]
    if begun and "/" not in begun[-1]:
        return begun[-1].split()[0]
    return lasting[-1].split()[0] if lasting else None
