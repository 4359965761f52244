"""States that are kept between questions change no answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from types import ModuleType
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from log_strategies import (
    FEW_SOURCES,
    KNOWN_BY,
    KNOWN_DAYS,
    Fact,
    events,
    everything,
    last_value,
    logs,
    tally,
    view_days,
)
from marks_model import numbers, trace

from bri_timeline import Entry, Event, EventLog, Prefer, Source, dyads, projection
from bri_timeline._journal import Journal
from bri_timeline._order import STRIDE, FoldCache, _keys, _order, _states
from bri_timeline.errors import EntryError, ProjectionError, VocabularyError
from bri_timeline.measures import count
from bri_timeline.relations import FACTS, Met, Visited


Texts = tuple[str, ...]


def _after(earlier: Texts, later: Texts) -> Texts:
    return (*earlier, *later)


@projection(initial=tuple, merge=_after)
def joined(state: Texts, event: Event) -> Texts:
    """All events in their order, as texts: the states of parts merge."""
    return (*state, f"{event}")


FOLDS = [everything, last_value, tally, trace, numbers]
CHECKED = [trace, last_value, joined]
MANY = 64
# Limits that short logs do not reach, and values at which they do.
LIMITS = {
    (_states, "_GROUP"): [2, _states._GROUP],
    (_keys, "_SIZE"): [1, 2, _keys._SIZE],
    (_order, "_MOST_LAID_OVER"): [0, _order._MOST_LAID_OVER],
}


def words(event: Event) -> tuple[str, ...]:
    """One key has every event, the others share them out."""
    return "all", event.what.value[:1]


BASES = st.one_of(st.none(), st.sampled_from(KNOWN_BY), st.integers(0, 12))


def _asked(log: EventLog, day: date, basis: date | int | None) -> list[object]:
    """Ask a log all that may start from a state kept before."""
    if isinstance(basis, int):
        basis = basis % len(log) if len(log) else None
    narrow = log.among("BBB", "AAA")
    found: list[object] = [log.as_of(day, basis).events]
    found += [log.as_of(day, basis).project_each(fold, by=words) for fold in CHECKED]
    for fold in FOLDS:
        for asked in (log, narrow):
            view = asked.as_of(day, None if asked is narrow else basis)
            found += [view.project(fold), asked.beliefs(fold, on=day)]
            found.append(view.project_each(fold, by=dyads))
        found += [log.history(fold), view.undecided, view.disputes]
        found.append(log.reading(Prefer.MOST_CITED).as_of(day, basis).project(fold))
    bounded = log.reading(bounded_by_reports=True).as_of(day, basis)
    found += [bounded.events, bounded.active(), bounded.undecided]
    found += [view.has_happened(name) for name in ("x", "y", "hot")]
    return found


def _believed(log: EventLog, anew: EventLog, day: date) -> None:
    """Hold what a log says was believed against what was known by each day."""
    beliefs = log.beliefs(everything, on=day)
    for known in KNOWN_BY:
        believed = [b for b in beliefs if (b.since or date.min) <= known][-1]

        assert anew.as_of(day, known).project(everything) == believed.state


def kept(cache: FoldCache) -> int:
    """Return how many states a cache keeps."""
    sequences = [s for o in cache._orders.values() for s in o.sequences.values()]
    return sum(
        sum(map(len, (*one.states.values(), *one.groups.values()))) for one in sequences
    )


class Questions(RuleBasedStateMachine):
    """Logs that grow, branch and are asked, with and without states that are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.logs = [EventLog()]

    @initialize(
        most=st.sampled_from([1, 6, 500]),
        every=st.integers(1, 3),
        limits=st.fixed_dictionaries(
            {limit: st.sampled_from(values) for limit, values in LIMITS.items()}
        ),
    )
    def begin(
        self, most: int, every: int, limits: dict[tuple[ModuleType, str], int]
    ) -> None:
        self.logs = [EventLog().with_cache(most, every=every)]
        for (module, name), value in limits.items():
            setattr(module, name, value)

    def teardown(self) -> None:
        for (module, name), values in LIMITS.items():
            setattr(module, name, values[-1])

    def _grow(self, log: EventLog) -> None:
        """Keep a log, and ask it at once, so that there are states to be disturbed."""
        self.logs = [*self.logs[-3:], log]
        anew = EventLog(log).with_cache(0)
        for day in ("2015-12-31", "2030-01-01"):
            for known_by in (None, KNOWN_DAYS[1], KNOWN_DAYS[3], len(log) // 2):
                for fold in CHECKED:
                    known = anew.as_of(day, known_by).project(fold)

                    assert known == log.as_of(day, known_by).project(fold)
                    if known_by is None:
                        each = log.as_of(day).project_each(fold, by=words)

                        assert known == each.get("all", fold.initial())
        bounded = (one.reading(bounded_by_reports=True) for one in (anew, log))
        fresh, kept = (one.as_of("2030-01-01").project(joined) for one in bounded)

        assert fresh == kept
        _believed(log, anew, date(2030, 1, 1))

    @rule(event=events(), known=st.sampled_from([None, *KNOWN_DAYS]))
    def claim(self, event: Event, known: date | None) -> None:
        with suppress(EntryError):  # it repeats what was known before
            self._grow(self.logs[-1].append(event, known=known))

    @rule(days=st.lists(st.integers(0, 40), min_size=1, max_size=4))
    def report_late(self, days: list[int]) -> None:
        """What happened on some days among others is reported now, at once."""
        log = self.logs[-1]
        for day in days:
            when = date.fromordinal(735_900 + day)
            log = log.append(Event(Fact(f"late {len(log)}"), when=when))
        self._grow(log)

    @rule(cite=FEW_SOURCES, at=st.integers(0))
    def claim_again(self, cite: tuple[object, ...], at: int) -> None:
        claims = [entry.event for entry in self.logs[-1] if entry.event is not None]
        if claims:
            again = claims[at % len(claims)].cited(cite)
            self._grow(self.logs[-1].append(again))

    @rule(event=events(), at=st.integers(0), known=st.sampled_from(KNOWN_DAYS))
    def correct(self, event: Event, at: int, known: date) -> None:
        claims = [e.position for e in self.logs[-1] if e.event is not None]
        if claims:
            target = claims[at % len(claims)]
            with suppress(EntryError):  # what was withdrawn is not corrected
                self._grow(self.logs[-1].append(event, supersedes=target, known=known))

    @rule(at=st.integers(0), known=st.sampled_from([None, *KNOWN_DAYS]))
    def retract(self, at: int, known: date | None) -> None:
        size = len(self.logs[-1])
        if size:
            log = self.logs[-1].retract(at % size, because="wrong", known=known)
            self._grow(log)

    @rule(
        words=st.lists(st.sampled_from("abc"), min_size=2, max_size=5),
        known=st.sampled_from([None, *KNOWN_DAYS]),
        chained=st.booleans(),
    )
    def claim_a_hot_id(
        self, words: list[str], known: date | None, *, chained: bool
    ) -> None:
        """One id gets many claims, or a chain of corrections, some known late."""
        for word in words:
            log, event = self.logs[-1], Event(Fact(word), when="2015-12-31", id="hot")
            hot = [e.position for e in log if e.event and e.event.id == "hot"]
            target = hot[-1] if hot and chained else None
            with suppress(EntryError):  # what was withdrawn is not corrected
                self._grow(log.append(event, supersedes=target, known=known))

    @rule(some=st.lists(events(), min_size=2, max_size=5))
    def claim_several(self, some: list[Event]) -> None:
        self._grow(self.logs[-1].extend(some))

    @rule(at=st.integers(0), event=events())
    def branch(self, at: int, event: Event) -> None:
        self._grow(self.logs[at % len(self.logs)].append(event))

    @rule(at=st.integers(0), day=view_days(), basis=BASES)
    def ask(self, at: int, day: date, basis: date | int | None) -> None:
        log = self.logs[at % len(self.logs)]
        anew = EventLog(log).with_cache(0)

        assert _asked(anew, day, basis) == _asked(log, day, basis)
        for parties in ((), ("AAA",)):
            _believed(log.among(*parties), anew.among(*parties), day)

    @invariant()
    def no_more_is_kept_than_allowed(self) -> None:
        for log in self.logs:
            cache = log._cache

            assert kept(cache) <= cache._used <= cache.most


TestQuestions = Questions.TestCase
# Each step asks its log forty questions twice: more steps cost more than they hear.
TestQuestions.settings = settings(stateful_step_count=20)
TestQuestions.__doc__ = "Answers are the same whether states are kept or not."


@given(log=logs(), days=st.lists(view_days(), min_size=1, max_size=4))
def test_asking_twice_gives_the_same(log: EventLog, days: list[date]) -> None:
    """The same question has the same answer, in whatever order questions are asked."""
    keeping = log.with_cache(50, every=1)
    first = [keeping.as_of(day).project(tally) for day in days]
    again = [keeping.as_of(day).project(tally) for day in reversed(days)]

    assert first == again[::-1]
    assert first == [log.with_cache(0).as_of(day).project(tally) for day in days]


@given(log=logs(plain=True), day=view_days())
def test_states_kept_under_one_basis_are_of_no_other(log: EventLog, day: date) -> None:
    """As known at any position is as a log that ends there says."""
    asked = log.with_cache(50, every=1)
    for position in range(len(log)):
        cut_off = EventLog(log[: position + 1]).with_cache(0).as_of(day)

        assert cut_off.project(everything) == asked.as_of(day, position).project(
            everything
        )


def test_what_a_question_may_read_is_looked_up_once_for_one_basis() -> None:
    """Asked again on another day, it costs the state; a longer log is looked at."""
    log = EventLog.of(Event(Met(["AZE", "CHN"]), when="2015"))
    days = ["2015-12-31", "2016-12-31", "2014-12-31"]
    met, visited = count(Met), count(Visited)
    with patch.object(Journal, "unknown", autospec=True, return_value=[]) as unknown:
        assert [1, 1, 0] == [log.as_of(day).project(met) for day in days]
        assert 1 == unknown.call_count
        log.as_of(days[0]).project(visited)
        log.append(Event("told", when="2016")).as_of(days[0]).project(visited)
        assert 3 == unknown.call_count


def test_a_question_that_was_answered_is_refused_where_a_class_is_lacking() -> None:
    """The same journal has the claim: for the log that ends before it, nothing is."""
    log = EventLog.of(Event(Met(["AZE", "CHN"]), when="2015"))
    unknown = FACTS.decode("Visited", b"{}", 9, unknown_ok=True)
    longer = log.append(Event(unknown, when="2015"))
    visited = count(Visited)
    for _ in range(2):
        assert 0 == log.as_of("2016-01-01").project(visited)
        assert 0 == longer.as_of("2016-01-01", 0).project(visited)
        with pytest.raises(VocabularyError):
            longer.as_of("2016-01-01").project(visited)


def test_a_state_that_is_changed_by_its_reader_changes_no_later_answer() -> None:
    """A dictionary that was read from a log can be changed without harm to the log."""
    log = EventLog.of(Event(Fact("a"), when="2015")).with_cache(9, every=1)
    read = log.as_of("2015-12-31").project(tally)
    read["a"].append("forged")
    read["last"].clear()

    assert {"a": ["-"], "last": ["a"]} == log.as_of("2015-12-31").project(tally)
    assert {"a": ["-"], "last": ["a"]} == log.as_of("2016-12-31").project(tally)


def test_only_what_lies_after_a_late_event_is_folded_again() -> None:
    """An event that happened late in the order leaves the states before it standing."""
    calls: list[str] = []

    @projection(initial=int)
    def counted(seen: int, event: Event) -> int:
        calls.append(str(event.when))
        return seen + int(last_value("", event))

    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(640)))
    assert sum(range(640)) == log.as_of("2000-01-01").project(counted)
    calls.clear()
    late = log.append(Event(Fact("5000"), when="1599-06-01"))

    assert sum(range(640)) + 5000 == late.as_of("2000-01-01").project(counted)
    assert 41 <= len(calls) < 41 + STRIDE
    assert min(calls) >= "1575"


def test_a_witness_bounds_a_claim_that_others_lie_behind() -> None:
    """It has the last day of its witness and its own position, before those between."""
    report = Source("Report", published="2015-06-15")
    first = Event(Fact("a"), when="2015", id="a")
    between = [
        Event(Fact(str(n)), when="2015", id=f"{n}", cite=report) for n in range(40)
    ]
    log = EventLog.of(first, *between).with_cache(100, every=4)
    log = log.reading(bounded_by_reports=True)
    assert "a" == log.as_of("2015-12-31").project(last_value)
    assert first == log.as_of("2015-12-31").project(everything)[-1]
    log = log.append(first.cited(report))

    for fold in (everything, last_value):
        found = log.as_of("2015-12-31").project(fold)
        assert log.with_cache(0).as_of("2015-12-31").project(fold) == found
    assert "39" == log.as_of("2015-12-31").project(last_value)


def test_states_before_a_late_event_serve_another_position() -> None:
    """States that a late event has not reached yet are not taken over."""
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{n:04}") for n in range(1, 1200)))
    assert 1199 == log.as_of("2000-01-01").project(count())
    assert 1199 == len(log.as_of("2000-01-01").project(everything))
    log = log.append(Event(Fact("late"), when="0100-06-01"))
    log = log.append(Event(Fact("last"), when="1300"))
    for fold in (everything, count()):
        for position in (1199, 1198):
            view = log.as_of("2000-01-01", known_by=position)
            fresh = log.with_cache(0).as_of("2000-01-01", known_by=position)
            assert fresh.project(fold) == view.project(fold)


@pytest.mark.parametrize("most", [0, 20])
def test_a_projection_may_not_ask_the_log_that_is_folded(most: int) -> None:
    """It is told so, and the log answers as before."""
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(200)))
    asked = log.with_cache(most, every=2)

    @projection(initial=int)
    def counted(seen: int, event: Event) -> int:
        return seen + len(asked.as_of(f"{event.when}-12-31").project(everything))

    for ask in (
        lambda: asked.as_of("1300-01-01").project(counted),
        lambda: asked.beliefs(counted, on="1300-01-01"),
    ):
        with pytest.raises(ProjectionError, match="asks the log that is being folded"):
            ask()
    assert 200 == len(asked.as_of("1300-01-01").project(everything))


def test_threads_may_ask_and_append_at_once() -> None:
    """Threads that ask one log while others append to it get their own answers."""
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(300)))
    wrong: list[int] = []

    def work(number: int) -> None:
        mine = log
        for step in range(30):
            fact = Fact(f"{number}-{step}")
            mine = mine.append(Event(fact, when=f"{1000 + 7 * step}"))
            found = len(mine.as_of("2100-01-01").project(everything))
            if found != 301 + step:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == wrong


def test_threads_may_repeat_at_once_what_a_log_says() -> None:
    """None of them adds anything, also while it is first noted what the log says."""
    events = [Event(Fact(str(number)), when="2015") for number in range(20_000)]
    for _ in range(5):
        log = EventLog.of(*events)
        start = threading.Barrier(4)

        def repeat(
            place: int, log: EventLog = log, start: threading.Barrier = start
        ) -> EventLog:
            start.wait()
            return log.append(events[place])

        with ThreadPoolExecutor(4) as threads:
            assert [log] * 4 == [*threads.map(repeat, range(19_000, 19_004))]


@pytest.mark.parametrize(("most", "every"), [(-1, 1), (1, 0)])
def test_amounts_that_make_no_sense_are_refused(most: int, every: int) -> None:
    """A negative number of states, or a state after no event, is refused."""
    said = f"cannot keep {most} states, one every {every} events: give 0 or more"
    with pytest.raises(ValueError, match=said):
        EventLog().with_cache(most, every=every)


def test_a_name_that_is_a_digest_is_about_what_has_that_digest() -> None:
    """A claim named by the digest of another is about the same happening."""
    first = Event(Fact("a"), when="2015")
    log = EventLog.of(first, Event(Fact("b"), when="2015", id=first.id))

    assert 1 == len(log.as_of("2016-01-01").events)
    assert 2 == len(log.as_of("2016-01-01").disputes[0].claims)


def test_a_digest_names_one_happening_for_whoever_comes_later() -> None:
    """Once a digest has served as a name, further claims find it by that name too."""
    first = Event(Fact("a"), when="2015")
    log = EventLog.of(
        first,
        Event(Fact("b"), when="2015", id=first.id),
        Event(Fact("c"), when="2015"),
        Event(Fact("d"), when="2015", id=first.id),
        Event(Fact("e"), when="2015", id="e"),
    )

    assert 3 == len(log.as_of("2016-01-01").events)
    assert 3 == len(log.as_of("2016-01-01").disputes[0].claims)


def test_a_correction_may_make_one_matter_of_two_that_were_asked_about() -> None:
    """After two clusters merge, answers are those of a new log."""
    words = ("a1", "b1", "c2", "d2", "e3")
    log = EventLog.of(*(Event(Fact(w[0]), when="2015", id=w[1]) for w in words))
    asked = log.as_of("2016-01-01").events
    joined = log.append(Event(Fact("f"), when="2015", id="2"), supersedes=0)

    assert ["b", "d", "e"] == [event.what.value for event in asked]
    assert joined.as_of("2016-01-01") == EventLog(joined).as_of("2016-01-01")
    assert joined.as_of("2016-01-01") != log.as_of("2016-01-01")


def test_only_a_claim_claims() -> None:
    """An entry gives the event that it claims; a retraction has none to give."""
    event = Event(Fact("a"), when="2015")
    log = EventLog.of(event).retract(0, because="wrong")

    assert event == log[0].claim
    with pytest.raises(EntryError, match="entry 1 claims nothing"):
        _ = log[1].claim


def test_a_view_is_equal_to_views_only() -> None:
    """A view is not equal to what is no view."""
    assert EventLog().as_of("2015-01-01") != "2015-01-01"


def test_views_are_equal_that_show_the_same_from_the_same_days() -> None:
    """Another day, another basis or another event makes another view."""
    event = Event(Fact("a"), when="2015")
    log, same = EventLog.of(event), EventLog.of(event)
    view = log.as_of("2016-01-01")
    others = [
        log.as_of("2016-01-02"),
        log.as_of("2016-01-01", known_by="2016-01-01"),
        log.append(Event(Fact("b"), when="2015")).as_of("2016-01-01"),
    ]

    assert view == same.as_of("2016-01-01")
    assert hash(view) == hash(same.as_of("2016-01-01"))
    assert not [other for other in others if view == other]
    assert 3 == len({hash(view), hash(others[0]), hash(others[1])})


def test_what_was_erased_keeps_its_place() -> None:
    """An entry that claims nothing and withdraws nothing counts for nothing."""
    kept = Entry(position=1, event=Event(Fact("a"), when="2015"))
    log = EventLog([Entry(position=0), kept])

    assert 2 == len(log)
    assert (kept.event,) == log.as_of("2016-01-01").events


def test_more_cuts_than_are_kept_are_still_right() -> None:
    """Asking by more days of knowledge than are kept gives each its own answer."""
    log = EventLog()
    for day in range(300):
        known = date.fromordinal(735_000 + day)
        fact = Event(Fact(str(day)), when="2010", id="x")
        log = log.append(fact, known=known)
    found = [
        log.as_of("2011-01-01", known_by=date.fromordinal(735_000 + day)).project(
            last_value
        )
        for day in range(300)
    ]

    assert [str(day) for day in range(300)] == found


@pytest.mark.parametrize("gap", [False, True])
def test_many_that_come_after_all_else_are_put_there(*, gap: bool) -> None:
    """A log that was asked and grows by many later events is as one made at once."""
    many = [Event(Fact(str(n)), when=f"{1000 + n}") for n in range(4 * MANY)]
    log = EventLog.of(*many[: 2 * MANY])
    before = log.as_of("2000-01-01").project(everything)
    grown = log.retract(0, because="forged") if gap else log
    grown = grown.extend(many[2 * MANY :])
    after = grown.as_of("2000-01-01", len(grown) - 1).project(everything)

    assert tuple(many[: 2 * MANY]) == before
    assert tuple(many[1 if gap else 0 :]) == after
    assert before == grown.as_of("2000-01-01", len(log) - 1).project(everything)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["early", "loose", "late", "many", "ask", "ask"]),
        st.integers(0, 260),
        st.integers(0, 260),
    ),
    max_size=8,
)


def _day(number: int) -> date:
    return date.fromordinal(735_000 + number)


def _grown(log: EventLog, kind: str, number: int, known: int, at: int) -> EventLog:
    """Return a log with what disturbs an order that was asked before."""
    if kind == "many":
        days = [_day((number + 3 * n) % 260) for n in range(70)]
        return log.extend(Event(Fact(f"m{at}-{n}"), when=d) for n, d in enumerate(days))
    when = _day(number)
    dates = {"early": f"{when}", "loose": f"[2012-01-01..{when}]", "late": f"{when}"}
    day = _day(known) if kind == "late" else None
    return log.append(Event(Fact(f"{kind}{at}"), when=dates[kind]), known=day)


@given(steps=STEPS)
def test_long_logs_keep_up_with_what_disturbs_them(
    steps: list[tuple[str, int, int]],
) -> None:
    """Blocks, orders and states of a long log hold, whatever comes in between."""
    log = EventLog().with_cache(1000, every=8)
    for number in range(200):
        fact = Event(Fact(str(number)), when=_day(number))
        log = log.append(fact, known=_day(number + number % 7 * 9))
    for at, (kind, number, known) in enumerate(steps):
        if kind != "ask":
            log = _grown(log, kind, number, known, at)
        anew = EventLog(log).with_cache(0)
        for known_by in (None, _day(known), _day(known + 9)):
            view, fresh = (x.as_of(_day(number), known_by) for x in (log, anew))

            assert fresh.project(everything) == view.project(everything)
            assert fresh.undecided == view.undecided


@pytest.mark.parametrize("every", [1, 64])
def test_an_open_start_that_was_known_later_is_not_in_earlier_knowledge(
    every: int,
) -> None:
    """It comes before all days, and so before every state that is kept."""
    log = EventLog().with_cache(500, every=every)
    log = log.append(Event(Fact("a"), when="2015-12-31", id="x"))
    log = log.append(
        Event(Fact("b"), when="../2016", id="x"), supersedes=0, known="2016-01-02"
    )

    assert "b" in str(log.as_of("2015-12-31").project(trace))
    assert log.as_of("2015-12-31", "2016-01-01").project(trace) == trace(
        trace.initial(), Event(Fact("a"), when="2015-12-31", id="x")
    )
