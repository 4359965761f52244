"""Events that last have two marks: all questions agree with enumeration of days."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import pairwise, product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_model import Claim
from log_strategies import KNOWN_BY, Fact, logs
from marks_model import (
    DATES,
    DAYS,
    VIEWS,
    Mark,
    active,
    certain,
    counted,
    every_trace,
    folded,
    lasting,
    marks,
    named,
    numbers,
    random_log,
    spans,
    trace,
    undecided,
)

from bri_timeline import Answer, Event, EventLog, Projection, dyads, projection
from bri_timeline.errors import ProjectionError, SelectionError


LOGS = logs(max_size=6, dates=tuple(DATES))
LONG = logs(max_size=12, dates=tuple(DATES))
DAY = st.sampled_from(VIEWS).map(date.fromordinal)
BASIS = st.one_of(st.none(), st.sampled_from(KNOWN_BY))


def same(state: object) -> object:
    """Select the whole state."""
    return state


def answer(event: Event, day: int) -> Answer:
    """Return whether an extent lasts on a day, from the table."""
    found = {
        begin <= day and (end is None or day <= end) for begin, end in spans(event)
    }
    if len(found) == 2:
        return Answer.MAYBE
    return Answer.YES if True in found else Answer.NO


def extents(claims: list[Claim]) -> list[Event]:
    """Return the events that last, in the order in which they become certain."""
    return [
        mark.event
        for mark in marks(claims)
        if not mark.ends and mark.event.when.is_extent
    ]


def check_enumeration(log: EventLog, day: int, basis: date | int | None) -> None:
    """Check the answers of one view against every choice of days."""
    claims, view = counted(log, basis), log.as_of(date.fromordinal(day), basis)
    known = certain(claims, day)
    state = folded(known)

    assert view.project(trace) == state
    assert view.project(lasting) == active(state)
    if math.prod(len(spans(claim.event)) for claim in claims) > 1500:
        return
    expected = set(every_trace(claims, day))
    found = view.outcomes(trace, of=same)

    assert found.complete
    assert found.values[0] == state
    assert set(found.values) == expected
    # Fewer values than orders: states that are equal are followed as one.
    assert set(view.outcomes(lasting, of=same).values) == set(map(active, expected))


class TestEnumeration:
    """Against a table of the days of each date."""

    @pytest.mark.full
    def test_certain_states_and_outcomes_are_those_of_all_days(
        self, trials: Callable[..., int]
    ) -> None:
        """Small logs drawn at random: all choices of days, all orders within a day."""
        random = Random(16)
        for _ in range(trials(20_000, share=50)):
            log = random_log(random)
            size = max(0, len(log) - 1)
            basis = random.choice(
                [None, None, *KNOWN_BY, *([size] if len(log) else [])]
            )
            check_enumeration(log, random.choice(VIEWS), basis)

    @given(log=logs(max_size=4, dates=tuple(DATES)), day=DAY, basis=BASIS)
    def test_searched_logs_agree_too(
        self, log: EventLog, day: date, basis: date | None
    ) -> None:
        """The same for logs of which Hypothesis finds the smallest that fails."""
        check_enumeration(log, day.toordinal(), basis)

    @given(when=st.sampled_from([*DATES]), day=st.sampled_from(VIEWS))
    def test_the_table_agrees_with_the_dates(self, when: str, day: int) -> None:
        """The table says of a single extent what the date says of itself."""
        event, asked = Event(Fact("a"), when=when), date.fromordinal(day)
        if event.when.is_extent:
            assert event.when.active_on(asked, today=asked) is answer(event, day)


class TestStates:
    """The certain state, by every question that returns one."""

    @given(log=LONG, day=DAY, basis=BASIS, kinds=st.sampled_from([(), (Fact,), (int,)]))
    def test_active_lists_extents_in_fold_order(
        self, log: EventLog, day: date, basis: date | None, kinds: tuple[type, ...]
    ) -> None:
        """Pairs of an event and YES or MAYBE, as the date itself answers."""
        claims = [claim.event for claim in counted(log, basis)]
        some = [event for event in claims if isinstance(event.what, kinds or object)]
        if kinds and some and not any(event.when.is_extent for event in some):
            with pytest.raises(SelectionError, match=rf"{len(some)} such facts"):
                log.as_of(day, basis).active(*kinds)
            return
        found = log.as_of(day, basis).active(*kinds)
        expected = [
            (event, answer(event, day.toordinal()))
            for event in extents(counted(log, basis))
            if event in some
        ]

        assert found == tuple(pair for pair in expected if pair[1] is not Answer.NO)

    @given(log=LONG, basis=BASIS)
    def test_histories_change_on_the_day_after_an_end(
        self, log: EventLog, basis: date | None
    ) -> None:
        """The period of each day has the state of that day."""
        claims, periods = counted(log, basis), log.history(trace, basis)
        for day in range(min(DAYS) - 1, max(DAYS) + 2):
            *_, period = [p for p in periods if (p.since_day or 0) <= day]

            assert period.state == folded(certain(claims, day))
        for before, after in pairwise(periods):
            new = after.state[len(before.state) :]

            assert [named(event) for event in after.events] == [name for name, _ in new]

    @given(log=LONG, day=DAY)
    def test_beliefs_about_ends_change_with_knowledge(
        self, log: EventLog, day: date
    ) -> None:
        """The belief of each day of knowledge is the state known by then."""
        beliefs = log.beliefs(lasting, on=day)
        for known in KNOWN_BY:
            *_, belief = [b for b in beliefs if (b.since or date.min) <= known]

            assert belief.state == active(
                folded(certain(counted(log, known), day.toordinal()))
            )

    @given(log=LONG, day=DAY, basis=BASIS)
    def test_pairs_have_their_own_ends(
        self, log: EventLog, day: date, basis: date | None
    ) -> None:
        """Each key has the state of its own events, whichever way it is asked."""
        view, claims = log.as_of(day, basis), counted(log, basis)
        expected = {}
        for pair in (("AAA", "BBB"), ("BBB", "CCC")):
            mine = [c for c in claims if c.event.parties >= set(pair)]
            if mine:
                expected[pair] = folded(certain(mine, day.toordinal()))

        assert view.project_each(trace, by=dyads) == expected
        assert view.project_each(lambda *_: trace, by=dyads) == expected
        for pair, state in expected.items():
            assert log.among(*pair).as_of(day, basis).project(trace) == state

    @given(log=LONG, day=DAY)
    def test_a_projection_without_ends_meets_none(
        self, log: EventLog, day: date
    ) -> None:
        """A function of the key may return either; each gets what it asks for."""

        @projection(initial=tuple, parties=("AAA", "BBB"))
        def beginnings(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
            return (*state, named(event))

        view = log.as_of(day)
        for plain in (beginnings, projection(initial=tuple)(beginnings.evolve)):
            found = view.project_each(lambda *_, p=plain: p, by=dyads)
            for pair, state in found.items():
                own = view.concerning(*pair) if plain.parties else log.among(*pair)
                whole = own if plain.parties else own.as_of(day)
                if pair == ("AAA", "BBB") or not plain.parties:
                    assert state == tuple(map(named, whole.events))

    @given(log=LONG, day=DAY, basis=BASIS)
    def test_what_may_have_happened_ends_only_if_that_is_certain(
        self, log: EventLog, day: date, basis: date | None
    ) -> None:
        """`undecided=True` folds undecided beginnings, and certain ends."""
        claims, number = counted(log, basis), day.toordinal()
        maybe = [mark for mark in undecided(claims, number) if not mark.ends]
        some = sorted([*certain(claims, number), *maybe], key=lambda m: m.possible)

        assert log.as_of(day, basis).project(trace, undecided=True) == folded(some)


class TestReasons:
    """Explanations, and what changed."""

    @given(log=LONG, day=DAY, basis=BASIS)
    def test_explanations_have_steps_for_ends(
        self, log: EventLog, day: date, basis: date | None
    ) -> None:
        """A step for each mark; ends are undecided if the beginning is certain."""
        claims, number = counted(log, basis), day.toordinal()
        found = log.as_of(day, basis).explain(trace, of=same)
        known = certain(claims, number)
        begun = {mark.event for mark in known}
        maybe = [
            mark
            for mark in undecided(claims, number)
            if not mark.ends or mark.event in begun
        ]

        def steps(some: list[Mark]) -> list[tuple[Event, bool]]:
            return [(mark.event, mark.ends) for mark in some]

        assert [(s.event, s.ends) for s in found.steps] == steps(known)
        assert [(s.event, s.ends) for s in found.undecided] == steps(maybe)
        assert ("end of " in str(found)) == any(m.ends for m in (*known, *maybe))

    def test_what_a_projection_does_not_read_is_compared(self) -> None:
        """A correction into a class that is not read ends nothing."""
        log = EventLog.of(Event(Fact("a"), when="2015/2016", id="x"))
        corrected = log.append(Event(1, when="2015/2016", id="x"), supersedes=0)
        found = log.as_of("2015-12-31").diff(corrected.as_of("2018-01-01"), numbers)

        assert (found.before, found.after) == ({"a": 1}, {})
        (change,) = found.changes
        assert (change.before, change.after) == (log[0].event, corrected[1].event)


class TestOutcomes:
    """Beginning and end of an event are chosen together."""

    @given(log=LOGS, day=DAY, limit=st.integers(0, 30), seed=st.integers(0, 3))
    def test_limited_and_drawn_outcomes_are_genuine(
        self, log: EventLog, day: date, limit: int, seed: int
    ) -> None:
        """Beyond the limit, what is drawn at random is possible."""
        claims = counted(log)
        if math.prod(len(spans(claim.event)) for claim in claims) > 600:
            return
        expected = set(every_trace(claims, day.toordinal()))
        found = log.as_of(day).outcomes(trace, of=same, limit=limit, seed=seed)

        assert set(found.values) <= expected
        assert not found.complete or set(found.values) == expected

    def test_an_end_and_what_begins_on_the_next_day_are_no_tie(self) -> None:
        """One value: who left on the last day is gone before the next comes."""
        log = EventLog.of(
            Event(Fact("a"), when="2015-12-30/2015-12-31"),
            Event(Fact("b"), when="2016-01-01/2016-01-31"),
        )
        found = log.as_of("2016-01-02").outcomes(trace, of=same)

        assert found.complete
        assert len(found.values) == 1

    def test_on_its_last_day_an_extent_lasts(self) -> None:
        """What begins on that day meets it, in either order of the log."""
        log = EventLog.of(
            Event(Fact("b"), when="2015-12-31"),
            Event(Fact("a"), when="2015-12-30/2015-12-31"),
        )
        counts = projection(initial=dict, ends=_most_ended)(_most)
        found = log.as_of("2016-01-01").outcomes(counts, of=lambda s: s.get("most"))

        assert found.values == (2,)

    def test_what_may_have_happened_is_folded_with_certain_ends(self) -> None:
        """An end that is certain comes at its place among what is possible."""

        @projection(initial=tuple, ends=lambda state, event: (*state, "end"))
        def seen(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
            return (*state, str(event.when))

        dates = "2014-01-01/2014-06-01", "2015-12-31", "2016"
        view = EventLog.of(*(Event(Fact(d), when=d) for d in dates)).as_of("2016-02-01")

        assert (dates[0], "end", dates[1], dates[2]) == view.project(
            seen, undecided=True
        )

    def test_a_date_that_is_asked_is_split_with_its_end(self) -> None:
        """A question about the beginning leaves the end after it."""

        @projection(initial=tuple, ends=lambda state, event: (*state, "end"))
        def early(state: tuple[object, ...], event: Event) -> tuple[object, ...]:
            return (*state, event.when.started_by("2015-12-30"))

        log = EventLog.of(Event(Fact("a"), when="2015-12-3X/2015-12-3X"))
        found = log.as_of("2015-12-31").outcomes(early, of=same)

        assert found.complete
        # Begun on the 31st it cannot have ended on the 30th.
        assert set(found.values) == {
            (Answer.MAYBE,),  # the certain state, of the date as it is
            (Answer.YES,),
            (Answer.YES, "end"),
            (Answer.NO,),
        }


def _most(state: dict[str, int], event: Event) -> dict[str, int]:
    now = state.get("now", 0) + 1
    return {"now": now, "most": max(now, state.get("most", 0))}


def _most_ended(state: dict[str, int], event: Event) -> dict[str, int]:
    return {**state, "now": state["now"] - 1}


class TestProjections:
    """The function of ends."""

    def test_fold_takes_beginnings_only(self) -> None:
        """`fold` has no day, so nothing has ended."""
        event = Event(Fact("a"), when="2015/2015")

        assert trace.fold([event]) == ((named(event), False),)
        assert numbers.fold([event, Event(1, when="2015")]) == {"a": 1}

    @pytest.mark.parametrize("ends", [lambda state: state, "no", len])
    def test_functions_that_do_not_take_state_and_event_are_refused(
        self, ends: object
    ) -> None:
        """The message says which function it is about."""
        with pytest.raises(ProjectionError, match="ends"):
            projection(initial=int, ends=ends)(lambda state, event: state)

    def test_an_error_names_the_event_that_ends(self) -> None:
        """The note is that of any fold."""

        def broken(state: int, event: Event) -> int:
            raise KeyError(state)

        fold = projection(initial=int, ends=broken)(lambda state, event: state)
        log = EventLog.of(Event(Fact("a"), when="2015/2016"))
        with pytest.raises(KeyError) as caught:
            log.as_of("2020-01-01").project(fold)

        assert "2015/2016" in caught.value.__notes__[0]

    def test_a_projection_made_in_a_function_is_pickled_with_its_ends(self) -> None:
        """Parts that have names are found again by them."""
        import pickle

        again = pickle.loads(pickle.dumps(Projection(tuple, _begun, ends=_over)))
        log = EventLog.of(Event(Fact("a"), when="2015/2016"))

        assert again.ends is _over
        assert log.as_of("2020-01-01").project(again) == ("begun", "over")

    @given(random=st.randoms(use_true_random=False), day=DAY)
    def test_many_at_once_are_placed_as_one_by_one(
        self, random: Random, day: date
    ) -> None:
        """Columns that are built at once are those that grow."""
        # Each about another happening: related entries are not in the columns.
        some = [
            Event(Fact("a"), when=random.choice([*DATES]), id=str(n)) for n in range(80)
        ]
        at_once, grown = EventLog.of(*some), EventLog.of(*some[:3])
        for event in some[3:]:
            grown = grown.append(event)
            grown.as_of(day).project(trace)
        view = at_once.as_of(day)

        assert view.project(trace) == grown.as_of(day).project(trace)
        assert view.project(trace) == folded(certain(counted(at_once), day.toordinal()))

    def test_a_log_may_have_its_first_extent_late(self) -> None:
        """States kept while there was none are not used after."""
        log = EventLog.of(*(Event(Fact("a"), when=f"20{n}") for n in range(10, 30)))
        before = log.as_of("2031-01-01").project(numbers)
        later = log.append(Event(Fact("a"), when="2015/2016"))

        assert before == {"a": 20}
        assert later.as_of("2016-12-31").project(numbers) == {"a": 8}
        assert later.as_of("2017-01-01").project(numbers) == {"a": 7}
        assert log.as_of("2031-01-01").project(numbers) == before

    def test_days_may_be_huge(self) -> None:
        """Years of which floats cannot tell the days apart."""
        log = EventLog.of(
            Event(Fact("b"), when="Y-170000000000000000", id="b"),
            Event(Fact("a"), when="Y-170000000000000002/Y-170000000000000001", id="a"),
        )
        found = log.as_of("2015-01-01").outcomes(
            trace, of=lambda state: tuple((name[0], ends) for name, ends in state)
        )

        assert found.complete
        assert found.values == ((("a", False), ("a", True), ("b", False)),)


def _begun(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    return (*state, "begun")


def _over(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    return (*state, "over")


def _code(state: int, event: Event, number: int) -> int:
    when = event.when
    is_open = when.is_extent and when.started_by("2015-12-30") is Answer.MAYBE
    return 9 * state + number + len(event.parties) + 4 * is_open


@projection(initial=int, ends=partial(_code, number=0))
def coded(state: int, event: Event) -> int:
    """The order of marks as a number, which asks dates a question."""
    return _code(state, event, 2)


class TestPanels:
    """A row of a panel is the answer of a view, for projections with ends too."""

    @given(log=logs(max_size=5, dates=tuple(DATES)), basis=BASIS)
    def test_rows_are_the_answers_of_views(
        self, log: EventLog, basis: date | None
    ) -> None:
        """The state of each day, and the bounds of its outcomes."""
        days = [date.fromordinal(day) for day in (min(DAYS), max(DAYS) + 1)]
        folds: list[tuple[Projection[Any], Callable[[Any], int]]]
        folds = [(lasting, len), (coded, int)]
        for fold, of in folds:
            panel = log.panel(
                fold, by=dyads, every="day", start=days[0], stop=days[1], of=of
            )
            for row in panel:
                view = log.among(*row.key).as_of(row.until)

                assert row.value == of(view.project(fold))
                found = view.outcomes(fold, of=of)
                if found.complete:
                    assert (row.low, row.high) == (min(found.values), max(found.values))
        questions = [(("AAA", "BBB"), day, basis) for day in days]
        for row in log.panel(trace, by=dyads, at=questions):
            asked = log.among("AAA", "BBB").as_of(row.until, basis)

            assert row.value == asked.project(trace)

    def test_ends_of_one_day_come_by_position_whichever_began_first(self) -> None:
        """Every question meets them in one order, that of the log."""
        pair = frozenset({"AAA", "BBB"})
        log = EventLog.of(
            Event(Fact("a", pair), when="2015-12-30/2015-12-31"),
            Event(Fact("b", pair), when="../2015-12-31"),
            Event(Fact("c", pair), when="../2015-12-31", id="x"),
            # A cluster comes by the position of the claim that counts.
            Event(Fact("d", pair), when="2015-12-29/2015-12-31", id="y"),
            Event(Fact("d", pair), when="2015-12-29/2015-12-31", id="y"),
        )
        day, key = date(2016, 1, 1), ("AAA", "BBB")
        view = log.as_of(day)
        ends = [name.split("'")[1] for name, is_end in view.project(trace) if is_end]
        state = view.project(trace)
        (row,) = log.panel(trace, by=dyads, start=day, stop=day)
        known = log.panel(trace, by=dyads, at=[(key, day), (key, day, len(log) - 1)])
        made = log.panel(lambda *_: trace, by=dyads, start=day, stop=day)

        assert ends == ["a", "b", "c", "d"]
        assert [row.value, *(row.value for row in (*known, *made))] == [state] * 4
        assert view.project_each(trace, by=dyads) == {key: state}
        assert view.project_each(lambda *_: trace, by=dyads) == {key: state}
        assert log.among(*key).as_of(day).project(trace) == state
        assert log.history(trace)[-1].state == state
        assert log.beliefs(trace, on=day)[-1].state == state
        assert view.explain(trace, of=same).value == state
        assert view.diff(EventLog().as_of(day), trace).before == state
        assert view.outcomes(trace, of=same).values[0] == state

    def test_in_a_window_an_end_counts_if_its_beginning_does(self) -> None:
        """The end of what began before the window ends nothing in it."""
        log = EventLog.of(
            Event(Fact("a", frozenset({"AAA", "BBB"})), when="2015-12-30/2016-01-01"),
            Event(Fact("b", frozenset({"AAA", "BBB"})), when="2015-12-31/2016-01-01"),
        )
        (row,) = log.panel(
            trace, by=dyads, start="2015-12-31", stop="2016-01-02", flow=True
        )

        assert [(name.split("'")[1], ends) for name, ends in row.value] == [
            ("b", False),
            ("b", True),
        ]


def window_traces(
    claims: list[Claim], since: int, until: int
) -> set[tuple[tuple[str, bool], ...]]:
    """Return the traces of what begins in a window, for all choices of days."""
    found = set()
    for kept in product(*(_begun_within(claim, since, until) for claim in claims)):
        inside = [claim for claim, is_inside in kept if is_inside]
        for trail in every_trace(inside, until, since):
            if len([mark for mark in trail if not mark[1]]) == len(inside):
                found.add(trail)
    return found


def _begun_within(claim: Claim, since: int, until: int) -> list[tuple[Claim, bool]]:
    found = {since <= begin <= until for begin, _ in spans(claim.event)}
    return [(claim, is_inside) for is_inside in found]


class TestWindows:
    """In a window, an end counts if its beginning does."""

    @given(
        log=logs(max_size=4, dates=tuple(DATES)),
        days=st.tuples(st.sampled_from(VIEWS), st.sampled_from(VIEWS)).map(sorted),
        basis=BASIS,
    )
    def test_windows_are_enumerated(
        self, log: EventLog, days: list[int], basis: date | None
    ) -> None:
        """The certain state, and all outcomes, of what begins in a window."""
        since, until = days
        claims = counted(log, basis)
        view = log.during((date.fromordinal(since), date.fromordinal(until)), basis)
        known = [
            mark
            for mark in certain(claims, until)
            if min(begin for begin, _ in spans(mark.event)) >= since
        ]

        assert view.project(trace) == folded(known)
        if math.prod(len(spans(claim.event)) for claim in claims) > 300:
            return
        found = view.outcomes(trace, of=same)

        assert found.complete
        assert set(found.values) == window_traces(claims, since, until)
        drawn = view.outcomes(trace, of=same, limit=3, seed=1)
        assert set(drawn.values) <= set(found.values)

    def test_what_began_before_a_window_does_not_end_in_it(self) -> None:
        """Neither for certain, nor possibly."""
        log = EventLog.of(
            Event(Fact("a"), when="2015-12-30/2016-01-01"),
            Event(Fact("b"), when="2015-12-30/2016-01-3X"),
        )
        view = log.during(("2015-12-31", "2016-01-31"))

        assert view.project(trace) == ()
        assert view.outcomes(trace, of=same).values == ((),)
        assert view.active() == ()

    def test_active_in_a_window_is_in_fold_order(self) -> None:
        """What may have begun before it comes where it is certain; clusters too."""
        log = EventLog.of(
            Event(Fact("certain"), when="2016-01-05/..", id="c"),
            Event(Fact("open"), when="2015-12-3X/..", id="o"),
            Event(Fact("twice"), when="2016-01-02/..", id="t"),
        )
        log = log.append(Event(Fact("new"), when="2016-01-04/..", id="t"), supersedes=2)
        found = log.during(("2015-12-31", "2016-01-31")).active()

        assert [
            ("open", Answer.MAYBE),
            ("new", Answer.YES),
            ("certain", Answer.YES),
        ] == [(event.what.value, found_answer) for event, found_answer in found]
        past = log.during(("2015-12-31", "2016-01-31"), known_by=2).active()
        assert ["open", "twice", "certain"] == [event.what.value for event, _ in past]

    def test_active_refuses_the_name_of_a_kind(self) -> None:
        """It takes classes."""
        view = EventLog().as_of("2015-12-31")

        with pytest.raises(SelectionError, match="'Deed' is not a payload class"):
            view.active("Deed")

    def test_an_end_need_not_come_where_its_beginning_lies_outside(self) -> None:
        """Each of two events may have begun before the window, or in it."""
        log = EventLog.of(
            Event(Fact("a"), when="/2016-01-01", id="a"),
            Event(Fact("b"), when="/2016-01-01", id="b"),
        )
        view = log.during(("2015-12-31", "2016-01-31"))
        found = view.outcomes(
            trace, of=lambda state: tuple(sorted((name[0], end) for name, end in state))
        )
        one, other = (("a", False), ("a", True)), (("b", False), ("b", True))

        assert found.complete
        assert set(found.values) == {(), one, other, one + other}
