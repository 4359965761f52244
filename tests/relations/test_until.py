"""Facts that other events end, against every choice of days."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from random import Random
from typing import Any

import attrs
import pytest
from log_model import ALWAYS, NEVER, Model
from log_strategies import KNOWN_BY
from marks_model import DATES, VIEWS, counted, spans
from until_worlds import (
    LASTING,
    REIGNS,
    SOURCES,
    TREATIES,
    InForce,
    Reign,
    Resumed,
    Suspended,
    Talks,
    held,
    numbered,
    random_log,
    there,
)

from bri_timeline import (
    Answer,
    Event,
    EventLog,
    Prefer,
    Projection,
    Source,
    View,
    dyads,
    projection,
)
from bri_timeline.errors import (
    PayloadError,
    SelectionError,
)
from bri_timeline.measures import count
from bri_timeline.relations import Joined, Left, Visited, relationship


MEMBERS: list[Any] = [Joined("AZE", "x"), Joined("AZE", "y"), Left("AZE", "x")]
MEMBERS += [Joined("AZE", "x"), Left("AZE", "x"), Left("AZE", "y")]


def lasting(state: tuple[Event, ...] | dict[Event, int]) -> frozenset[Event]:
    """Select the facts that last."""
    some = state if isinstance(state, tuple) else [e for e, n in state.items() if n]
    return frozenset(e for e in some if isinstance(e.what, LASTING))


FOLDS: list[Projection[Any]] = [there, numbered]
Way = tuple[tuple[Event, float, float], ...]


def ways(events: Sequence[Event]) -> Iterator[Way]:
    """Yield each choice of days: the day on which an event begins, and its last."""
    choices = []
    for event in events:
        pairs = spans(event)
        choices.append([(event, a, NEVER if b is None else b) for a, b in pairs])
    return itertools.product(*choices)


def active(way: Way, day: float) -> list[Event]:
    """Return what lasts on a day: it has begun, not ended, and not been ended."""
    found = []
    for event, begin, end in way:
        until = getattr(type(event.what), "until", None)
        if not (until or event.when.is_extent) or not begin <= day <= end:
            continue
        classes, names = until or ((), ())
        over = [
            other
            for other, when, _ in way
            if isinstance(other.what, classes) and other is not event
            if all(getattr(other.what, n) == getattr(event.what, n) for n in names)
            if begin <= when < day and not (begin == when and _is_own(event, other))
        ]
        if not over:
            found.append(event)
    return found


def _is_own(event: Event, other: Event) -> bool:
    """Tell whether both are reigns: neither of two that begin on one day ends it."""
    return isinstance(event.what, Reign) and isinstance(other.what, Reign)


def answered(events: Sequence[Event], day: int) -> tuple[list[Any], set[int]]:
    """Return the answer about each event that may last, and the numbers that may."""
    found = [active(way, day) for way in ways(events)]
    pairs = []
    for event in events:
        lasting = {any(one is event for one in some) for some in found}
        if True in lasting:
            pairs.append((event, Answer.MAYBE if False in lasting else Answer.YES))
    return pairs, {len(some) for some in found}


def check(view: View, events: Sequence[Event], day: int) -> None:
    """Check what a view says of what lasts against every choice of days."""
    pairs, numbers = answered(events, day)
    found = view.active()

    assert sorted(found, key=repr) == sorted(pairs, key=repr)
    told = view.outcomes(count(active=True))
    yes = sum(one is Answer.YES for _, one in pairs)
    # The certain state keeps what has not certainly ended.
    low, high = min(yes, told.certain), max(len(pairs), told.certain)
    assert (told.low, told.high) == (low, high)
    for event in events:
        if event.when.is_extent or hasattr(type(event.what), "until"):
            begun = view._window.answer(event.when)
            assert (begun & ~view.ended(event)) == dict(pairs).get(event, Answer.NO)
        else:
            assert view.ended(event) is Answer.NO
    closing = [e for e in events if not isinstance(e.what, Joined | InForce | Talks)]
    own = (Suspended, Reign)
    if not any(isinstance(e.what, own) or e.when.is_extent for e in closing):
        # Of what ends others and lasts itself, the days are not independent.
        assert {*told.values} == numbers | {told.certain}


def certain_number(events: Sequence[Event], day: int) -> int:
    """Return how many last in the certain state: all that have not certainly ended."""
    number = 0
    for event in events:
        ends = [end for _, end in spans(event) if end is not None]
        until = getattr(type(event.what), "until", None)
        last = max(_begins(event))
        if not (until or event.when.is_extent) or last > day:
            continue
        if event.when.is_extent and ends and max(ends) < day:
            continue
        classes, names = until or ((), ())
        number += not any(
            isinstance(other.what, classes)
            and other is not event
            and all(getattr(other.what, n) == getattr(event.what, n) for n in names)
            and last <= min(_begins(other))
            and not (last == min(_begins(other)) and _is_own(event, other))
            and max(_begins(other)) < day
            for other in events
        )
    return number


def _begins(event: Event) -> list[float]:
    return [begin for begin, _ in spans(event)]


def _on_the_last_day(event: Event) -> bool:
    ask = event.when.started_by if event.when.is_extent else event.when.on_or_before
    return ask("2015-12-30") is Answer.NO


def _of_x(event: Event) -> bool:
    return "x" in (getattr(event.what, name, "") for name in ("body", "treaty"))


class TestAgainstAllDays:
    """What lasts is what an enumeration of all days says."""

    @pytest.mark.full
    @pytest.mark.parametrize("facts", [MEMBERS, TREATIES, REIGNS])
    def test_what_lasts_is_that_of_all_days(
        self, facts: list[object], trials: Callable[..., int]
    ) -> None:
        """Answers, counts and bounds, under any knowledge, over 20,000 logs."""
        for seed in range(trials(10_000, share=100)):
            random = Random(seed)
            log = random_log(random, facts)
            basis = random.choice([None, *KNOWN_BY])
            day = random.choice(VIEWS)
            view = log.as_of(date.fromordinal(day), basis)
            events = [claim.event for claim in counted(log, basis)]

            check(view, events, day)
            assert view.project(count(active=True)) == certain_number(events, day)
            kept = log.with_cache(50, every=1)
            for earlier in (*VIEWS, day):
                again = kept.as_of(date.fromordinal(earlier), basis)
                number = again.project(count(active=True))
            assert number == certain_number(events, day), seed

    @pytest.mark.full
    @pytest.mark.parametrize("facts", [MEMBERS, TREATIES, REIGNS])
    @pytest.mark.parametrize("fold", FOLDS)
    def test_a_state_is_left_when_others_end_it(
        self, fold: Projection[Any], facts: list[object], trials: Callable[..., int]
    ) -> None:
        """What `ends` takes out is what no longer lasts, in every question."""
        for seed in range(trials(5_000, share=60)):
            random = Random(seed)
            log = random_log(random, facts)
            basis = random.choice([None, *KNOWN_BY])
            number = random.choice(VIEWS)
            day, before = map(date.fromordinal, (number, random.choice(VIEWS)))
            view, earlier = (log.as_of(one, basis) for one in (day, before))
            events = [claim.event for claim in counted(log, basis)]
            worlds = {tuple(active(way, number)) for way in ways(events)}
            some = {e: a for e, a in view.active() if isinstance(e.what, LASTING)}
            kept = frozenset(some) & {*view.events}

            state = view.project(fold)
            assert lasting(state) == kept, seed
            assert lasting(view.project(fold, undecided=True)) == {*some}, seed
            # States are kept along the log, also when a late report comes.
            kept_log, late = log.with_cache(50, every=1), random_log(random, facts)
            for _ in range(2):
                for one in (*VIEWS, number):
                    again = kept_log.as_of(date.fromordinal(one), basis).project(fold)
                anew = EventLog(kept_log).with_cache(0).as_of(day, basis)
                assert again == anew.project(fold), seed
                kept_log = kept_log.extend(e.event for e in late if e.event)
            found = view.outcomes(fold, of=lasting)
            # Of days before all others it is not told which of two comes first.
            is_old = any(event.when.first_day is None for event in events)
            possible = {kept} | set(map(lasting, worlds))
            is_free = facts is MEMBERS and fold is there
            assert found.complete or (is_old and not is_free), seed
            assert {*found.values} <= possible, seed
            assert {*found.values} == possible or not found.complete, seed
            told = view.explain(fold, of=lasting)
            assert told.value == kept, seed
            if facts is MEMBERS:
                # Of what ends others and lasts itself, two steps may be one choice.
                assert {step.after for step in told.undecided} <= possible, seed
            changed = earlier.diff(view, fold)
            assert [changed.before, changed.after] == [earlier.project(fold), state]
            if basis is None:
                held = [p for p in log.history(fold) if (p.since_day or 0) <= number]
                assert held[-1].state == state, seed
                assert log.beliefs(fold, on=day)[-1].state == state, seed

    @pytest.mark.full
    @pytest.mark.parametrize("facts", [MEMBERS, TREATIES])
    @pytest.mark.parametrize("where", [None, _of_x, _on_the_last_day])
    def test_what_lasts_under_rivals_is_that_of_each_choice_of_claims(
        self, facts: list[object], where: Any, trials: Callable[..., int]
    ) -> None:
        """Of a view, a window and a panel, also where dates are asked; 12,000 logs."""
        measure = count(where=where, active=True)
        for seed in range(trials(2_000, share=40)):
            random = Random(seed)
            log = EventLog.of(
                *(
                    Event(
                        random.choice(facts),
                        when=random.choice([*DATES]),
                        id=random.choice("wxyz"),
                        cite=Source(str(n)),
                    )
                    for n in range(random.randint(2, 5))
                )
            )
            worlds = [*itertools.product(*Model(tuple(log)).rival_claims())]
            alone = [EventLog.of(*(c.event.cited(()) for c in w)) for w in worlds]
            since, day = map(date.fromordinal, sorted(random.sample(VIEWS, 2)))
            period = random.choice([(since, day), f"../{day}"])
            found = log.during(period).outcomes(measure, rivals=True)
            each = [one.during(period).outcomes(measure) for one in alone]
            if not all(one.complete for one in each):
                # Nothing is known of a start that lies before all days.
                assert not found.complete, seed
                continue
            bounds = min(o.low for o in each), max(o.high for o in each)
            values = {value for one in each for value in one.values}

            assert (found.low, found.high, found.complete) == (*bounds, True), seed
            # The certain state of a choice need not be one of its values.
            assert values - {one.certain for one in each} <= {*found.values}, seed
            assert {*found.values} <= values, seed
            (row,) = log.panel(
                measure,
                by=lambda _: ["all"],
                start=since,
                stop=day,
                flow=isinstance(period, tuple),
                rivals=True,
            )
            assert (row.low, row.high) == bounds, seed

    @pytest.mark.full
    def test_memberships_are_those_of_all_days(
        self, trials: Callable[..., int]
    ) -> None:
        """Whether a party is a member, as the relationship has it and its outcomes."""
        fold = relationship("AZE", "CHN")
        for seed in range(trials(20_000, share=400)):
            random = Random(seed)
            log = random_log(random, MEMBERS[:1] + MEMBERS[2:3], most=3)
            day = random.choice(VIEWS)
            view = log.as_of(date.fromordinal(day))
            events = [claim.event for claim in counted(log)]
            found = view.outcomes(fold, of=lambda s: ("AZE", "x") in s.memberships)

            assert found.complete, seed
            possible = {_is_member(active(way, day)) for way in ways(events)}
            assert {*found.values[1:]} | {*found.values} - {found.certain} <= possible
            assert possible <= {*found.values}, seed

    @pytest.mark.full
    @pytest.mark.parametrize("facts", [MEMBERS, TREATIES, REIGNS])
    def test_first_is_that_of_all_days(
        self, facts: list[object], trials: Callable[..., int]
    ) -> None:
        """When so many lasted for the first time, over 4,000 logs."""
        kinds = (Joined, InForce, Suspended, Reign)
        for seed in range(trials(2_000, share=40)):
            random = Random(seed)
            log = random_log(random, facts, most=3)
            events = [claim.event for claim in counted(log)]
            if any("/" in (str(e.when)[0], str(e.when)[-1]) for e in events):
                continue  # an unknown end has more days than the table
            least = random.choice([1, 2])
            found = log.first(count(*kinds, active=True), holds=_at_least(least))
            days: set[float] = set()
            may_never = False
            for way in ways(events):
                changes = {a for _, a, _ in way} | {d + 1 for _, *ab in way for d in ab}
                for day in sorted(changes):
                    lasting = [e for e in active(way, day) if isinstance(e.what, kinds)]
                    if len(lasting) >= least:
                        days.add(day)
                        break
                else:
                    may_never = True
            if not found.complete:
                # Of what ends others and lasts itself, and of many orders.
                assert found.answer is Answer.MAYBE, seed
                continue
            if not days:
                assert found.answer is Answer.NO, seed
                continue
            assert found.answer is (Answer.MAYBE if may_never else Answer.YES), seed
            if found.when is not None:
                low = found.when.first_day or ALWAYS
                assert (low, found.when.last_day) == (min(days), max(days)), seed
            else:
                assert max(days) == ALWAYS, seed

    def test_too_many_facts_to_try_are_said_also_where_others_end_them(self) -> None:
        """With a least number nothing else would make the answer exact."""
        facts = [Event(Joined(f"org:m{n}", "x"), when="2015") for n in range(20)]
        log = EventLog.of(*facts, Event(Left("org:m0", "x"), when="2015"))
        found = log.first(count(Joined, active=True), at_least=20)

        assert (False, "at most 12 events are") == (found.complete, found.remedy)

    def test_a_condition_that_asks_dates_is_tried_with_what_ends_it(self) -> None:
        """Each choice of days has one answer; draws are among the possible values."""
        joined = Event(Joined("AZE", "x"), when="2015-12-3X", id="a")
        left = Event(Left("AZE", "x"), when="[2015-12-30..2016-01-02]")
        view = EventLog.of(joined, left).as_of("2016-01-02")
        measure = count(Joined, active=True, where=_on_the_last_day)
        found = view.outcomes(measure)

        assert ({0, 1}, True) == ({*found.values}, found.complete)
        drawn = view.outcomes(measure, limit=1, seed=1)
        assert (False, True) == (drawn.complete, {*drawn.values} <= {0, 1})
        more = Event(InForce("x"), when="2015-12-30"), Event(Resumed("x"), when="2016")
        ending = Event(Suspended("x"), when="2015-12-3X/..")
        tried = EventLog.of(*more, ending).as_of("2016-01-02")
        every = count(InForce, Suspended, active=True, where=_on_the_last_day)
        assert {*tried.outcomes(every).values} == {0, 1}
        for limit in (1, 10, 30):
            rest = tried.outcomes(every, limit=limit, seed=1)
            assert {*rest.values} <= {0, 1}


def _is_member(lasting: Sequence[Event]) -> bool:
    return any(isinstance(event.what, Joined) for event in lasting)


def _at_least(least: int) -> Callable[[int], bool]:
    return lambda number: number >= least


class TestRoads:
    """Stores, datasets, panels and selections read the same rule."""

    def test_what_ends_it_is_looked_for_in_the_selection(self) -> None:
        """By parties it is found; a selection without it does not know of it."""
        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2015-01-01"),
            Event(Left("AZE", "x"), when="2016-01-01"),
            Event(Joined("CHN", "x"), when="2015-01-01"),
        )

        def members(selection: EventLog) -> list[str]:
            found = selection.as_of("2017-01-01").active(Joined)
            return [event.claim.what.member for event in map(_entry, found)]

        def _entry(pair: Any) -> Any:
            return log[[e.event for e in log].index(pair[0])]

        assert ["CHN"] == members(log)
        assert [] == members(log.among("AZE"))
        assert ["AZE", "CHN"] == members(log.where(kinds=Joined))


class TestRules:
    """Each rule, on one example."""

    def test_a_day_lasts_until_what_ends_it(self) -> None:
        """Relationship, active() and the count agree, on every day."""
        log = EventLog.of(
            Event(Joined("ITA", "BRI"), when="2019-03-23"),
            Event(Left("ITA", "BRI"), when="2023-12-06"),
        )
        found = [
            (
                view.project(count(Joined, active=True)),
                [str(answer) for _, answer in view.active(Joined)],
                len(view.project(relationship("ITA", "CHN")).memberships),
            )
            for day in ("2019-03-22", "2019-03-23", "2023-12-06", "2023-12-07")
            for view in [log.as_of(day)]
        ]

        assert [(0, [], 0), (1, ["yes"], 1), (1, ["yes"], 1), (0, [], 0)] == found

    def test_beside_what_ends_it_an_unknown_end_says_nothing(self) -> None:
        """Who says less than a day changes nothing, known whenever, in any policy."""
        exact = Event(Joined("AZE", "x"), when="2016-03-02", id="i", cite=SOURCES[0])
        for when, known in (("2016/", 2014), ("2016-03-02/", 2018)):
            source = Source("C", published=f"{known}")
            less = Event(Joined("AZE", "x"), when=when, id="i", cite=source)
            for prefer in (*Prefer, source):
                log = EventLog.of(exact, less).reading(prefer)
                if prefer is source and when == "2016/":
                    continue  # it counts, and others make it no more exact
                view = log.as_of("2020-01-01")
                assert ((view.events[0], Answer.YES),) == view.active(Joined)
                assert "2016-03-02" == str(view.events[0].when).removesuffix("/")
                assert (1, 1) == _bounds(view, count(Joined, active=True))
                assert not view.disputes
        alone = EventLog.of(less).append(Event(Left("AZE", "x"), when="2019"))

        assert [(less, Answer.YES)] == [*alone.as_of("2018-12-31").active()]
        assert () == alone.as_of("2020-01-01").active()

    def test_in_a_list_what_ends_it_comes_after_it(self) -> None:
        """A fold of events ends what one of them ends, and nothing by its own end."""
        joined = Event(Joined("AZE", "x"), when="2015/2017", id="a")
        late = Event(Joined("AZE", "x"), when="2019", id="b")
        left = Event(Left("AZE", "x"), when="2018-06-01")

        assert (joined,) == there.fold([joined])
        assert () == there.fold([joined, left])
        assert (late,) == there.fold([joined, late, left])
        assert (joined, late) == there.fold([left, joined, late])
        assert {joined: 0, left: 1} == numbered.fold([joined, left])
        assert {left: 1} == numbered.fold([left])

    def test_several_that_one_event_ends_leave_in_their_order(self) -> None:
        """Also of classes that others end too."""
        days = {"a": "2014-01-01", "b": "2014-06-01", "c": "2015-02-03"}
        log = EventLog.of(
            *(
                Event(
                    Suspended("x") if name == "b" else InForce("x"), when=day, id=name
                )
                for name, day in days.items()
            ),
            Event(Resumed("x"), when="2016-01-01"),
        )

        @projection(initial=tuple, reads=LASTING, ends=lambda s, e: (*s, e.id))
        def order(state: tuple[str, ...], _: Event) -> tuple[str, ...]:
            return state

        assert ("a", "b", "c") == log.as_of("2017-01-01").project(order)

    def test_what_can_have_begun_by_the_day_may_be_over(self) -> None:
        """Of the days that a date leaves, only the later one comes after `Left`."""
        joined = Event(Joined("AZE", "x"), when="[2015-12-30,2016-01-30]")
        log = EventLog.of(joined, Event(Left("AZE", "x"), when="2015-12-31"))

        for day, expected in (("2016-01-29", ()), ("2016-01-30", (joined,))):
            view = log.as_of(day)
            assert expected == view.project(there, undecided=True)
            assert expected == tuple(event for event, _ in view.active())

    def test_states_that_differ_in_what_is_open_are_both_followed(self) -> None:
        """They look the same until the next event ends what only one of them has."""

        @projection(
            initial=int, reads=(Joined, Talks), ends=lambda n, _: max(n, 1, 2 * n - 1)
        )
        def steps(state: int, event: Event) -> int:
            return state + isinstance(event.what, Talks)

        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2014-01-01", id="a"),
            Event(Left("AZE", "x"), when="[2015-12-30,2016-01-02]"),
            Event(Joined("AZE", "x"), when="2015-12-31", id="b"),
            Event(Talks(), when="2016-01-11"),
            Event(Left("AZE", "x"), when="2016-01-21"),
        )
        found = log.as_of("2016-02-01").outcomes(steps)

        assert ({2, 3}, True) == ({*found.values}, found.complete)

    def test_what_ends_others_begins_on_that_day(self) -> None:
        """No state has both of its changes further apart than a day."""

        @projection(initial=tuple, reads=(Joined, Left), ends=lambda s, _: (*s, "end"))
        def trace(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
            return (*state, event.id)

        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2014-01-01", id="x"),
            Event(Left("AZE", "x"), when="[2015-12-30..2016-01-03]", id="left"),
            Event(Joined("CHN", "x"), when="2015-12-31", id="one"),
            Event(Joined("KAZ", "x"), when="2016-01-01", id="two"),
        )
        found = log.as_of("2016-02-01").outcomes(trace)

        assert found.complete
        assert not any("left one two end" in " ".join(state) for state in found.values)

    def test_the_first_day_of_a_state_is_after_what_others_end(self) -> None:
        """Days on which what ends it changes the state too are not told apart."""
        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2015-01-01"),
            Event(Left("AZE", "x"), when="2016-02"),
        )

        found = log.first(held, holds=_is_over)
        days = "[2016-02-02..2016-03-01]"
        assert (days, Answer.YES) == (f"{found.when}", found.answer)
        own = log.first(numbered, holds=len)
        both = log.first(numbered, holds=lambda state: len(state) > 1)
        assert (True, False) == (own.complete, both.complete)
        reigns = EventLog.of(
            Event(Reign("a"), when="2015-01-01"), Event(Reign("b"), when="2016-02")
        )
        of_two = reigns.first(there, holds=lambda state: state[-1:] != state[:1])
        assert (False, Answer.MAYBE) == (of_two.complete, of_two.answer)
        force = EventLog.of(
            Event(InForce("x"), when="2015-01-01"), Event(Resumed("x"), when="2016-02")
        )
        pairs = force.first(held, holds=_is_over, by=dyads)
        assert days == f"{pairs['AZE', 'CHN'].when}"

    def test_a_state_that_can_change_is_told_for_each_knowledge(self) -> None:
        """A row is not changed by those that follow, in one sweep by knowledge."""
        log = EventLog()
        for number, what in enumerate((InForce("x"), Suspended("x"), Resumed("x"))):
            event = Event(what, when=f"201{number}-01-01")
            log = log.append(event, known=date(2015 + number, 1, 1))
        pair, day = ("AZE", "CHN"), "2015-01-01"
        asked = [(pair, day, f"201{n}-02-01") for n in (4, 5, 6, 7, 8)]
        rows = log.panel(held, by=dyads, at=asked, bounds=False)

        views = [log.as_of(day, known) for _, _, known in asked]
        assert [view.project(held) for view in views] == [row.value for row in rows]

    def test_what_ends_others_and_is_set_aside_is_told(self) -> None:
        """A withdrawn `Left` would have ended it, and the other membership too."""
        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2015-01-01", id="a"),
            Event(Left("AZE", "x"), when="2016-01-01"),
            Event(Joined("AZE", "x"), when="2015-01-02"),
        )
        gone = log.retract(1, because="wrong").retract(2, because="wrong")
        ended = log.retract(2, because="wrong")

        def told(log: EventLog, fold: Projection[Any], of: Any) -> list[int]:
            found = log.as_of("2017-01-01").explain(fold, of=of).set_aside
            return [aside.entry.position for aside in found]

        @projection(initial=int, reads=Joined, ends=lambda n, _: n + 1)
        def over(number: int, _: Event) -> int:
            return number

        assert [1, 2] == told(gone, there, len)
        assert [1] == told(gone, relationship("AZE", "CHN"), _members)
        assert ([1], [2]) == (told(gone, over, int), told(ended, over, int))

    def test_what_may_have_come_first_leaves_a_maybe(self) -> None:
        """Joined and left in one year: maybe ever after; an extent says the order."""
        joined = Event(Joined("AZE", "x"), when="2019", id="a")
        left = Event(Left("AZE", "x"), when="2019")
        told = Event(Joined("CHN", "x"), when="2019/2019")
        view = EventLog.of(joined, left, told).as_of("2024-01-01")

        assert ((joined, Answer.MAYBE),) == view.active()
        assert Answer.MAYBE is view.ended(joined)
        assert Answer.YES is view.ended(told)
        assert 1 == view.project(count(Joined, active=True))
        assert (0, 1) == _bounds(view, count(Joined, active=True))

    def test_one_day_of_leaving_lies_among_the_days_of_joining(self) -> None:
        """Whoever joined later than on it is a member: both are possible."""
        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2016-01-0X"),
            Event(Left("AZE", "x"), when="2016-01-05"),
        )
        fold = relationship("AZE", "CHN")
        found = log.as_of("2016-01-06").outcomes(fold, of=lambda s: bool(s.memberships))

        assert ((False, True), True) == (found.values, found.complete)

    def test_those_that_end_together_are_counted_together(self) -> None:
        """Either both memberships of one key are over, or neither is."""
        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2015-01-01", id="a"),
            Event(Joined("AZE", "x"), when="2016-01-01", id="b"),
            Event(Left("AZE", "x"), when="2018"),
        )
        found = log.as_of("2018-06-01").outcomes(count(Joined, active=True))

        assert ((2, 0), True) == (found.values, found.complete)
        assert found.holds(lambda n: n == 1) is Answer.NO

    def test_rival_claims_may_end_it_or_not(self) -> None:
        """The bounds under rivals take the days of each claim."""
        joined = Event(Joined("AZE", "x"), when="2015-01-01")
        left = [
            Event(Left("AZE", "x"), when=when, id="left", cite=Source(when))
            for when in ("2016-01-01", "2018-01-01")
        ]
        view = EventLog.of(joined, *left).as_of("2017-01-01")
        found = view.outcomes(count(Joined, active=True), rivals=True)

        assert (0, 1) == (found.low, found.high)

    def test_disputes_that_no_event_joins_are_exact_however_many_there_are(
        self,
    ) -> None:
        """Some left before they joined, or another body, or are in dispute alone."""
        lists = Source("a", published="2020"), Source("b", published="2021")
        log = EventLog.of(
            *(
                Event(Joined(f"x:{n}", "b"), when=when, cite=cite, id=str(n))
                for n in range(41)
                for when, cite in zip(("2015/..", "2018/.."), lists, strict=True)
            ),
            *(Event(Left(f"x:{n}", "b"), when="2012") for n in range(5)),
            *(Event(Left(f"x:{n}", "b"), when="2016-05") for n in range(5, 9)),
            Event(Left("x:9", "c"), when="2016-05"),
        )
        measure = count(Joined, active=True)
        found = log.as_of("2017-01-01").outcomes(measure, rivals=True)
        assert (0, 37, True) == (found.low, found.high, found.complete)
        days = ["2014-12-31", "2016-01-01", "2017-01-01", "2018-12-31"]
        rows = log.panel(
            measure, by=lambda _: [1], at=[(1, day) for day in days], rivals=True
        )
        assert [(row.low, row.high) for row in rows] == [
            (0, 0),
            (0, 41),
            (0, 37),
            (37, 41),
        ]

    def test_what_has_no_first_day_goes_on_if_nothing_need_end_it(self) -> None:
        """Of two facts that one event may end, both may last, in each choice."""
        log = EventLog.of(
            Event(Joined("AZE", "y"), when="../2015-12-31"),
            Event(Joined("AZE", "y"), when="2015-12-3X/2015-12-31"),
            Event(Left("AZE", "y"), when="2015-12-3X", id="x", cite=Source("a")),
            Event(Left("AZE", "y"), when="2015-12-29", id="x", cite=Source("b")),
        )
        for some in (log, EventLog.of(*[e.claim for e in log][::-1])):
            view = some.as_of("2015-12-31")
            found = view.outcomes(count(Joined, active=True), rivals=True)
            assert (0, 2) == (found.low, found.high)

    def test_what_says_nothing_and_is_dated_by_days_is_refused(self) -> None:
        """In every question; the error says how many were left out."""
        log = EventLog.of(
            *(Event(Visited("AZE", "CHN"), when=f"201{n}") for n in range(3))
        )
        view, measure = log.as_of("2019-01-01"), count(Visited, active=True)
        days = {"start": "2015-01-01", "stop": "2015-12-31"}
        for ask in (
            lambda: view.active(Visited),
            lambda: view.project(measure),
            lambda: view.outcomes(measure),
            lambda: view.explain(measure, of=int),
            lambda: view.project_each(measure, by=dyads),
            lambda: view.project_each(lambda *_: measure, by=dyads),
            lambda: log.as_of("2010-01-01").diff(view, measure),
            lambda: log.history(measure),
            lambda: log.history(lambda *_: measure, by=dyads),
            lambda: log.first(measure, holds=bool),
            lambda: log.panel(measure, by=dyads, **days),
            lambda: [*log.panel(lambda *_: measure, by=dyads, **days)],
        ):
            with pytest.raises(SelectionError, match="3 such facts are left out"):
                ask()
        more = log.append(Event(Visited("AZE", "CHN"), when="2014/2016"))

        assert 0 == more.as_of("2019-01-01").project(measure)
        assert () == view.active(Joined) == view.active()

    def test_until_is_declared_in_one_way(self) -> None:
        """Anything else is an error that names the class, and a field is a field."""
        for until, problem in (
            ((Left,), "does not say what ends"),
            ((Left, "member"), "does not say what ends"),
            (("Left", ("member",)), "does not say what ends"),
            ((Left, ("member",), 1), "does not say what ends"),
            ((Left, ("treaty",)), "'treaty' in Wrong.until is not a field of Left"),
            ((Left, ("body",)), "'body' in Wrong.until is not a field of Wrong"),
        ):
            cls = attrs.make_class(
                "Wrong", ["treaty"], frozen=True, class_body={"until": until}
            )
            with pytest.raises(PayloadError, match=problem):
                Event(cls("a"), when="2015")
        plain = attrs.make_class("Plain", ["until"], frozen=True)
        log = EventLog.of(Event(plain(("a", "b")), when="2015"))

        assert () == log.as_of("2016-01-01").active()


def _is_over(state: Any) -> bool:
    """Tell whether something had begun, and nothing lasts."""
    return bool(state) and not any(state.values())


def _members(state: Any) -> int:
    return len(state.memberships)


def _bounds(view: View, measure: Any) -> tuple[Any, Any]:
    found = view.outcomes(measure)
    return found.low, found.high


def test_no_event_ends_itself() -> None:
    """A fact of a class that ends its own facts lasts until the next one."""
    first, second = (
        Event(Reign("a", "t"), when="2015"),
        Event(Reign("b", "t"), when="2017"),
    )
    log = EventLog.of(first, second)

    assert [1, 1] == [
        log.as_of(day).project(count(active=True))
        for day in ("2016-06-01", "2018-01-01")
    ]
    assert ((second, Answer.YES),) == log.as_of("2018-01-01").active()


def test_a_relationship_is_not_ended_by_facts_of_others() -> None:
    """A log may hold facts of one's own that end others: every question leaves them."""
    both = "AZE", "CHN"
    joined = Event(Joined("AZE", "AIIB"), when="2014")
    log = EventLog.of(
        joined,
        Event(InForce("friendship"), when="2015"),
        Event(Suspended("friendship"), when="2016"),
    )
    view, expected = log.as_of("2018-01-01"), {("AZE", "AIIB"): joined}
    panel = log.panel(
        relationship,
        by=dyads,
        every="year",
        start="2015-01-01",
        stop="2016-12-31",
        of=lambda state: state.memberships,
    )

    assert expected == view.project(relationship(*both)).memberships
    assert expected == view.project_each(relationship, by=dyads)[both].memberships
    assert (expected,) == view.outcomes(
        relationship(*both), of=lambda s: s.memberships
    ).values
    assert [expected, expected] == [row.value for row in panel if row.key == both]
