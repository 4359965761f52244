"""What is looked at grows with what changed, not with the log: calls are counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date
from operator import add
from typing import Any, TypeVar

import pytest
from effort import growth
from log_strategies import Fact, everything, last_value, tally

from bri_timeline import (
    Answer,
    Entry,
    Event,
    EventLog,
    Place,
    Projection,
    Source,
    dyads,
)
from bri_timeline._happening import Version
from bri_timeline._journal import Claims, Journal, Wanted
from bri_timeline._journal._slots import Line
from bri_timeline._order._blocks import Blocks
from bri_timeline._order._clusters import NEWEST
from bri_timeline._order._keys import Groups
from bri_timeline._order._order import FoldOrder
from bri_timeline._order._sequence import EventSequence
from bri_timeline.measures import count
from bri_timeline.relations import PositionDeclared, Visited, relationship


K = TypeVar("K")
S = TypeVar("S")
V = TypeVar("V")
SIZES = 50, 200
LAST = "2030-01-01"
PAST = date(2016, 1, 1)


def calls(
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    work: Callable[[], object],
) -> int:
    """Return how often a function is called by some work."""
    count, original = 0, getattr(owner, name)

    def counted(*args: object, **named: object) -> object:
        nonlocal count
        count += 1
        return original(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, counted)
        work()
    return count


def counted(fold: Projection[S]) -> tuple[list[Event], Projection[S]]:
    """Return a projection like another, and a list that gets what it is passed."""
    passed: list[Event] = []

    def evolve(state: S, event: Event) -> S:
        passed.append(event)
        return fold.evolve(state, event)

    return passed, Projection(fold.initial, evolve, merge=fold.merge)


LATE = {
    "converging": (last_value, 100),
    "measure": (count(), 100),
    "merge=": (Projection(int, lambda seen, event: seen + 1, merge=add), 100),
}


@pytest.mark.parametrize("name", LATE)
@pytest.mark.parametrize("size", [1_000, 4_000])
def test_a_late_report_folds_what_changed(name: str, size: int) -> None:
    """Where the fold converges or its states merge, the rest is not folded again."""
    fold, most = LATE[name]
    passed, asked = counted(fold)
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(size)))
    assert log.as_of("9000-01-01").project(asked) is not None
    for year in (1001, 1000 + size // 3, 1003):
        passed.clear()
        log = log.append(Event(Fact(f"late {year}"), when=f"{year}-06"))
        found = log.as_of("9000-01-01").project(asked)

        assert log.with_cache(0).as_of("9000-01-01").project(fold) == found
        assert len(passed) <= most
    passed.clear()
    log.as_of("9000-01-01").project(asked)

    assert len(passed) <= 40


@pytest.mark.parametrize("size", [1_000, 4_000])
def test_a_correction_folds_what_changed(size: int) -> None:
    """A claim that leaves the singletons shifts nothing: its block is folded again."""
    passed, asked = counted(count())
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(size)))
    assert size == log.as_of("9000-01-01").project(asked)
    passed.clear()
    new = Event(Fact("new"), when="1100-06")
    log = log.append(new, supersedes=100).retract(7, because="wrong")

    assert size - 1 == log.as_of("9000-01-01").project(asked)
    assert len(passed) <= 300


@pytest.mark.parametrize("size", [1_000, 4_000])
def test_a_late_report_folds_what_lies_after_it_for_any_other(size: int) -> None:
    """A sum of which nothing is declared never comes to the same state again."""
    passed, asked = counted(Projection(int, lambda seen, event: seen + 1))
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(size)))
    assert size == log.as_of("9000-01-01").project(asked)
    passed.clear()
    log = log.append(Event(Fact("late"), when="1100-06"))

    assert 101 == log.as_of("1100-12-31").project(asked) - 1
    assert len(passed) <= 70
    assert size + 1 == log.as_of("9000-01-01").project(asked)
    assert size - 100 <= len(passed) <= size - 50


@pytest.mark.parametrize("fold", [everything, last_value])
def test_a_late_report_may_get_a_witness(fold: Projection[object]) -> None:
    """It lies among the others by itself, then as what counts of a cluster."""
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(600)))
    log.as_of(LAST).project(fold)
    for cite in ((), Source("Gazette"), Source("Monitor")):
        log = log.append(Event(Fact("late"), when="1003-06", cite=cite))
        found = log.as_of(LAST).project(fold)

        assert EventLog(log).as_of(LAST).project(fold) == found


@pytest.mark.slow
def test_many_late_reports_lie_in_order() -> None:
    """Blocks that got many are halved; answers are those of a new log."""
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(1_200)))
    log.as_of("9000-01-01").project(last_value)
    for n in range(600):
        day = Event(Fact(f"late {n}"), when=f"{1000 + n * 7 % 500}-06")
        log = log.append(day)
        if n % 97 == 0 or n > 590:
            view, anew = (one.as_of("9000-01-01") for one in (log, EventLog(log)))

            assert anew.events == view.events
            assert anew.project(everything) == view.project(everything)


words = Projection(tuple[str, ...], lambda seen, event: (*seen, event.what.value))


def with_word(words: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """Return the words of events in their order."""
    return (*words, event.what.value)


@pytest.mark.parametrize("size", SIZES)
def test_project_each_folds_the_keys_that_changed(size: int) -> None:
    """After an append the states of the other keys are those of before."""
    passed, asked = counted(Projection(tuple[str, ...], with_word))
    pairs = [frozenset({"AAA", f"B{n}"}) for n in range(size)]
    log = EventLog.of(*(Event(Fact("a", pair), when="2015") for pair in pairs))
    assert size == len(log.as_of(LAST).project_each(asked, by=dyads))
    for late in ("2016", "2014", "2015-06", "2015"):
        passed.clear()
        log = log.append(Event(Fact(late, pairs[3]), when=late))
        found = log.as_of(LAST).project_each(asked, by=dyads)

        assert log.with_cache(0).as_of(LAST).project_each(asked, by=dyads) == found
        assert len(passed) - len(log) <= 5
    passed.clear()
    before = log.as_of(LAST).project_each(asked, by=dyads)
    log = log.append(Event(Fact("new", frozenset({"CCC", "DDD"})), when="2020"))
    found = log.as_of(LAST).project_each(asked, by=dyads)

    assert (("new",), 1) == (found["CCC", "DDD"], len(passed))
    assert size == len(before) == len(found) - 1
    assert ("CCC", "DDD") not in before


@pytest.mark.parametrize("size", [3, 300])
def test_project_each_groups_the_keys_anew_that_a_correction_concerns(
    size: int,
) -> None:
    """What is of other days, or of other keys, is asked for its keys no more."""
    grouped: list[Event] = []

    def by(event: Event) -> list[str]:
        grouped.append(event)
        return sorted(event.what.parties)

    fold = Projection(tuple[str, ...], with_word)
    names = [frozenset({"AAA", f"B{n % 40}"}) for n in range(size)]
    log = EventLog.of(
        *(
            Event(Fact(str(n), pair), when=f"20{n % 30 + 10}", id=f"e{n}")
            for n, pair in enumerate(names)
        ),
        Event(Fact("alone", frozenset({"CCC"})), when="2015", id="alone"),
    )
    log.as_of(LAST).project_each(fold, by=by)
    for target, word, pair, year in (
        (1, "of its days", names[1], "2011"),
        (2, "of other days", names[2], "2013"),
        (2, "of others", frozenset({"AAA", "DDD"}), "2012"),
    ):
        grouped.clear()
        event = Event(Fact(word, pair), when=year)
        log = log.append(event, supersedes=target)
        found = log.as_of(LAST).project_each(fold, by=by)

        assert log.with_cache(0).as_of(LAST).project_each(fold, by=by) == found
        assert len(grouped) - 2 * len(log) <= 80
    log = log.retract(size, because="never")
    found = log.as_of(LAST).project_each(fold, by=by)

    assert log.with_cache(0).as_of(LAST).project_each(fold, by=by) == found
    assert "CCC" not in found


def test_project_each_takes_what_is_new_until_its_day() -> None:
    """What comes after all else of its key may lie after the day, or before it."""
    passed, asked = counted(Projection(tuple[str, ...], with_word))
    pair, pairs = frozenset({"AAA", "BBB"}), ("AAA", "BBB")
    log = EventLog.of(Event(Fact("a", pair), when="2015"))
    assert 1 == len(log.as_of("2016-06-01").project_each(asked, by=dyads)[pairs])
    passed.clear()
    for when in ("2016-03", "2016-05", "2016-07", "2017"):
        log = log.append(Event(Fact(when, pair), when=when))
    found = log.as_of("2016-06-01").project_each(asked, by=dyads)

    assert ("a", "2016-03", "2016-05") == found[pairs]
    assert 2 == len(passed)


@pytest.mark.parametrize("name", LATE)
@pytest.mark.parametrize("size", [1_000, 4_000])
def test_project_each_folds_a_part_of_the_key_that_changed(
    name: str, size: int
) -> None:
    """A late report about a key with many events, for folds as with one log."""
    fold, most = LATE[name]
    passed, asked = counted(fold)
    pair, day = frozenset({"AAA", "BBB"}), "9000-01-01"
    events = (Event(Fact(str(n), pair), when=f"{1000 + n}") for n in range(size))
    log = EventLog.of(*events)
    assert 1 == len(log.as_of(day).project_each(asked, by=dyads))
    for n in range(220):
        passed.clear()
        year = 1001 if n < 200 else 1000 + size // 3
        log = log.append(Event(Fact(f"late {n}", pair), when=f"{year}-06"))
        found = log.as_of(day).project_each(asked, by=dyads)

        if n % 8 == 0 or n > 216:
            anew = log.with_cache(0).as_of(day).project(fold)

            assert anew == found["AAA", "BBB"]
        # A block that is too long is split, and all after it folded again.
        assert len(passed) <= most + 100 or (n and n % 64 == 0)


@pytest.mark.parametrize("size", [1_000, 4_000])
def test_project_each_folds_what_lies_after_a_late_report(size: int) -> None:
    """A fold of which nothing is declared is folded on from a state before it."""
    passed, asked = counted(Projection(int, lambda seen, event: seen + 1))
    pair, day = frozenset({"AAA", "BBB"}), "9000-01-01"
    events = (Event(Fact(str(n), pair), when=f"{1000 + n}") for n in range(size))
    log = EventLog.of(*events)
    assert size == log.as_of(day).project_each(asked, by=dyads)["AAA", "BBB"]
    passed.clear()
    year = 1000 + size - 100
    log = log.append(Event(Fact("late", pair), when=f"{year}-06"))

    assert size + 1 == log.as_of(day).project_each(asked, by=dyads)["AAA", "BBB"]
    assert 100 <= len(passed) <= 170
    passed.clear()
    assert (
        size - 98
        == log.as_of(f"{year}-12-31").project_each(asked, by=dyads)["AAA", "BBB"]
    )
    assert len(passed) <= 70


@pytest.mark.parametrize("name", LATE)
def test_states_along_a_key_are_few_beside_its_marks(name: str) -> None:
    """At most one state in 64 marks; where they merge, one in 60."""
    fold, _ = LATE[name]
    pair, size = frozenset({"AAA", "BBB"}), 3_200
    events = [Event(Fact(str(n), pair), when=f"{1000 + n}") for n in range(size)]
    groups = Groups(dyads, events)
    states = groups.states(fold, math.inf, size, groups.numbers)

    assert fold.fold(events) == states["AAA", "BBB"]
    assert len(groups) <= 2 + size // 60


def test_a_fold_whose_states_merge_seldom_begins_anew() -> None:
    """To begin takes about as long as to fold an event: at most one in 32 marks."""
    begun: list[int] = []

    def initial() -> int:
        begun.append(0)
        return 0

    merging = Projection(initial, lambda seen, event: seen + 1, merge=add)
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{1000 + n}") for n in range(3_200)))

    assert 3_200 == log.as_of("9000-01-01").project(merging)
    assert len(begun) <= 2 + 3_200 // 32


def corrected(size: int) -> EventLog:
    """Return a log of events, each of which was corrected later."""
    log = EventLog.of(
        *(Event(Fact(str(n)), when="2015", id=f"e{n}") for n in range(size))
    )
    for n in range(size):
        new = Event(Fact(f"-{n}"), when="2015")
        log = log.append(new, supersedes=n, known="2015-06-01")
    return log


@pytest.mark.parametrize("size", SIZES)
def test_one_repeat_does_not_send_the_others_down_the_slow_road(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """All are appended in bulk; of entries that are read, repeats are added singly."""
    events = [Event(Fact(str(n)), when="2015", id=f"e{n}") for n in range(size)]
    events[7:7] = [Event(Fact("other"), when="2015", id="e5"), events[3]]
    log = EventLog()

    assert 0 == calls(
        monkeypatch, Journal, "_add", lambda: log.extend(events).as_of(LAST)
    )
    log = EventLog.of(*events).retract(0, because="wrong")
    assert size + 2 == len(log)
    assert 2 == calls(monkeypatch, Journal, "_add", lambda: EventLog(log))


@pytest.mark.parametrize("size", SIZES)
def test_a_correction_resolves_the_cluster_that_changed(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Its claims are read again, for the newest basis and for the past one."""
    log = corrected(size)
    log = log.append(Event(Fact("new"), when="2015", id="new"), known="2020-01-01")
    log.as_of(LAST).project(everything)
    log.as_of(LAST, known_by=PAST).project(everything)

    def work() -> None:
        grown = log.append(Event(Fact("x"), when="2015"), supersedes=3, known=LAST)
        for known_by in (None, PAST):
            found = grown.as_of(LAST, known_by=known_by).project(everything)

            assert size + (known_by is None) == len(found)

    assert 6 == calls(monkeypatch, Claims, "add", work)


@pytest.mark.parametrize("size", SIZES)
def test_a_correction_is_folded_from_near_by_where_all_are_corrected(size: int) -> None:
    """States are kept between clusters too: the claims have places in the blocks."""
    folded: list[Event] = []

    def evolve(state: int, event: Event) -> int:
        folded.append(event)
        return state + 1

    number, asked = Projection(int, evolve), (None, PAST)
    log = EventLog()
    for n in range(size):
        first = Event(Fact(str(n)), when=date.fromordinal(735_000 + n), id=f"e{n}")
        log = log.append(first, known="2015-06-01")
        second = Event(Fact(f"-{n}"), when=first.when)
        log = log.append(second, supersedes=2 * n, known="2015-06-01")
    for known_by in asked:
        assert size == log.as_of(LAST, known_by=known_by).project(number)
    folded.clear()
    log = log.append(Event(Fact("x"), when=first.when), supersedes=2 * size - 1)
    for known_by in asked:
        assert size == log.as_of(LAST, known_by=known_by).project(number)
    assert len(folded) <= 60


def rivals(size: int) -> list[Event]:
    """Return two claims about each of some happenings."""
    days = [date.fromordinal(735_000 + n) for n in range(size)]
    return [
        Event(Fact(f"{word}{n}"), when=day, id=f"e{n}")
        for word in ("a", "b")
        for n, day in enumerate(days)
    ]


@pytest.mark.parametrize("name", ["early", "hot", "other"])
def test_a_large_cluster_may_absorb_an_earlier_one(name: str) -> None:
    """What counts of it is what counts in a new log, which adds all in order."""
    early = [
        Event(Fact(f"{n}"), when="2015", cite=Source(f"{n}"), id="early")
        for n in (0, 0, 1)
    ]
    hot = [
        Event(Fact("a" if n else "b"), when="2015", cite=Source(f"{n}"), id="hot")
        for n in range(12)
    ]
    log = EventLog.of(*early, *hot).append(hot[1].cited(Source("c")), supersedes=3)
    for claim in hot[0].cited(Source("d")), hot[0].cited(Source("e")):
        log = log.append(claim)
        log.as_of(LAST).project(everything)
    log = log.append(
        Event(Fact("c"), when="2015", cite=Source("z"), id=name), supersedes=1
    )
    again = EventLog.partial([*log], len(log))

    assert [*again.as_of(LAST).events] == [*log.as_of(LAST).events]
    assert again.as_of(LAST).disputes == log.as_of(LAST).disputes


@pytest.mark.parametrize("size", SIZES)
def test_the_first_fold_puts_what_counts_of_clusters_in_order_at_once(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """It is put in order with the singletons: no cluster is looked up in them."""
    log = EventLog.of(
        *rivals(size), *(Event(Fact(str(n)), when="2015") for n in (1, 2))
    )

    def work() -> None:
        assert size + 2 == len(log.as_of(LAST).project(everything))

    assert 0 == calls(monkeypatch, Blocks, "add", work)
    assert 0 == calls(monkeypatch, Claims, "add", work)


@pytest.mark.parametrize("size", SIZES)
def test_many_related_claims_at_once_are_put_in_order_at_once(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Where most of the log is new, nothing has its place looked up."""
    events = rivals(size)
    log = EventLog.of(*events[:size])
    assert size == len(log.as_of(LAST).project(everything))
    log = log.extend(events[size:])

    def work() -> None:
        assert {"b"} == {word[:1] for word in log.as_of(LAST).project(words)}

    assert 0 == calls(monkeypatch, Blocks, "add", work)


@pytest.mark.slow
@pytest.mark.parametrize("known_by", [None, PAST])
def test_clusters_that_grew_have_their_place(known_by: date | None) -> None:
    """What counts of them has its place among the others, after many have grown."""
    log = EventLog.of(*rivals(600))
    for n in range(600):
        log = log.append(Event(Fact(f"c{n}"), when="2013", id=f"e{n}"), known=LAST)
        if n % 150 == 149 or n in (510, 511, 512, 513):
            asked = [one.as_of(LAST, known_by=known_by) for one in (log, EventLog(log))]
            found, anew = (view.project(words) for view in asked)

            assert found == anew
            assert (n + 1) * (known_by is None) == sum(w[0] == "c" for w in found)


def test_clusters_count_once_after_late_reports() -> None:
    """What counts of them lies among the singletons, not as singletons too."""
    log = EventLog.of(*rivals(3))
    assert ("b0", "b1", "b2") == log.as_of(LAST).project(words)
    for n in range(4):
        log = log.append(Event(Fact(f"late {n}"), when="2010"))
        late = tuple(f"late {before}" for before in range(n + 1))

        assert (*late, "b0", "b1", "b2") == log.as_of(LAST).project(words)


@pytest.mark.parametrize("known_by", [None, PAST])
def test_what_may_have_happened_is_what_counts_of_a_cluster_that_grew(
    known_by: date | None,
) -> None:
    """What was asked before a cluster grew is resolved again."""
    log = EventLog()
    for word in "abc":
        claim = Event(Fact(word), when="2015/2016", id="x")
        log = log.append(claim, known="2015-01-01")
        (event,) = log.as_of("2015-06-01", known_by).undecided
        ((active, _),) = log.as_of("2016-06-01", known_by).active()

        assert word == event.what.value == active.what.value


def test_a_claim_that_its_witness_bounds_lies_among_the_days_of_that() -> None:
    """It has the last day of its witness, and comes before what is certain then."""
    report = Source("Report", published="2015-06-15")
    first, on_that_day = Event(Fact("a"), when="2015"), "2015-06-15"
    others = (Event(Fact(word), when=on_that_day) for word in "bc")
    log = EventLog.of(*others, first, Event(Fact("d"), when="2015-07-01"))
    log = log.append(first.cited(report)).reading(bounded_by_reports=True)

    assert ("a", "b", "c", "d") == log.as_of(LAST).project(words)


def test_a_correction_to_a_month_comes_before_what_is_certain_on_its_last_day() -> None:
    """It is the first there that may have begun before: the others are in order."""
    log = EventLog.of(*(Event(Fact(word), when="2015-12-31") for word in "ab"))
    assert ("a", "b") == log.as_of(LAST).project(words)
    log = log.append(Event(Fact("c"), when="2015-12"), supersedes=0)
    log = log.append(Event(Fact("d"), when="2015-12-31"))

    assert ("c", "b", "d") == log.as_of(LAST).project(words)


def test_an_erased_claim_that_is_retracted_and_restored_has_no_place() -> None:
    """Nothing is left of it that could count, whatever is said of it later."""
    told = Event(Fact("a"), when="2015")
    entries = [Entry(position=0), Entry(position=1, retracts=0, because="wrong")]
    log = EventLog([*entries, Entry(position=2, event=told)])
    assert ("a",) == log.as_of(LAST).project(words)
    log = log.retract(1, because="right")

    assert ("a",) == log.as_of(LAST).project(words)


def test_pairs_have_the_place_and_the_dispute_of_their_claims() -> None:
    """A witness leaves a claim at its place; claims that differ in place are rivals."""
    day = "2015-01-01"
    places = [Place("Baku"), Place("Ganja")]
    first, second = (Event(Fact("a"), when=day, id="a", where=p) for p in places)
    witnessed = Event(Fact("b"), when=day, id="b")
    again, last = witnessed.cited([Source("Gazette")]), Event(Fact("c"), when=day)
    view = EventLog.of(first, witnessed, second, again, last).as_of(LAST)

    assert ("b", "a", "c") == view.project(words)
    assert second in view.events


def test_states_of_the_newest_basis_serve_a_past_one_until_clusters_differ() -> None:
    """What a correction moved to an early day is not in the states of a past basis."""
    days = [date.fromordinal(735_700 + n) for n in range(40)]
    log = EventLog.of(
        Event(Fact("x"), when="2016", id="x"),
        *(Event(Fact(f"{n}"), when=day) for n, day in enumerate(days)),
    )
    new = Event(Fact("y"), when="2014")
    log = log.append(new, supersedes=0, known="2020-01-01").with_cache(100, every=4)
    for known_by in (None, PAST):
        found = log.as_of(LAST, known_by=known_by).project(words)
        anew = log.with_cache(0).as_of(LAST, known_by=known_by).project(words)

        assert anew == found


def test_a_bounded_claim_with_a_witness_leaves_its_place_when_it_is_corrected() -> None:
    """It had the last day of its witness, not its own."""
    report = Source("Report", published="2015-06-15")
    first = Event(Fact("a"), when="2015", id="a")
    log = EventLog.of(first, Event(Fact("b"), when="2015-07-01"), first.cited([report]))
    log = log.reading(bounded_by_reports=True)
    assert ("a", "b") == log.as_of(LAST).project(words)
    log = log.append(Event(Fact("c"), when="2016", id="a"), supersedes=0)
    log = log.retract(2, because="wrong")

    assert ("b", "c") == log.as_of(LAST).project(words)


@pytest.mark.parametrize("by_position", [False, True])
@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_beliefs_about_a_hot_id_read_each_claim_once(
    monkeypatch: pytest.MonkeyPatch, size: int, chained: bool, by_position: bool
) -> None:
    """What becomes known in the order of the log is added to what was known."""
    log = EventLog()
    for n in range(size):
        target = n - 1 if chained and n else None
        new = Event(Fact(str(n), frozenset({"AAA", "BBB"})), when="2015", id="x")
        day = date.fromordinal(736_000 + n)
        log = log.append(new, supersedes=target, known=day)
    order = FoldOrder(log._cache.journal, Wanted(), 16)
    order.catch_up()
    found: list[Version] = []

    def work() -> None:
        found.extend(order.versions(NEWEST, by_position=by_position))

    assert size == calls(monkeypatch, Claims, "add", work)
    start = 0 if by_position else 736_000
    assert [(str(n), start + n) for n in range(size)] == [
        (one.mark.what.value, one.since) for one in sorted(found, key=_since)
    ]


def _since(version: Version) -> float:
    return version.since


@pytest.mark.parametrize("size", SIZES)
def test_a_late_report_resolves_its_cluster_for_each_basis_that_knows_it(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """What was known early, and is recorded late, changes the past basis as well."""
    log = corrected(size)
    log = log.append(Event(Fact("new"), when="2015", id="new"), known="2020-01-01")
    asked = [log.as_of(LAST, known_by=day) for day in (LAST, PAST)]
    before = [view.project(everything) for view in asked]

    def work() -> None:
        late = Event(Fact("late"), when="2015")
        grown = log.append(late, supersedes=3, known="2015-07-01")
        for view, old in zip((LAST, PAST), before, strict=True):
            found = grown.as_of(LAST, known_by=view).project(everything)

            assert late.what in [event.what for event in found]
            assert len(old) == len(found)

    assert 6 == calls(monkeypatch, Claims, "add", work)


@pytest.mark.parametrize("size", SIZES)
def test_a_growing_cluster_places_each_member_once(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A further claim about one happening moves what counts of it, and no other."""
    log = EventLog()
    for n in range(size):
        log = log.append(Event(Fact(str(n)), when="2015", id="x"))
        log.as_of(LAST).project(last_value)
    last = Event(Fact("last"), when="2015", id="x")

    def work() -> None:
        assert "last" == log.append(last).as_of(LAST).project(last_value)

    removed: list[int] = []

    assert 1 == calls(
        monkeypatch,
        Blocks,
        "add",
        lambda: removed.append(calls(monkeypatch, Blocks, "remove", work)),
    )
    assert [1] == removed


@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_claim_more_about_one_happening_reads_no_other(
    monkeypatch: pytest.MonkeyPatch, size: int, chained: bool
) -> None:
    """Of a hot id, or a chain of corrections, however long: for each basis asked."""
    log, asked = EventLog(), (None, date(2040, 1, 1))
    for n in range(size):
        target = 2 * n - 2 if chained and n else None
        new = Event(Fact(str(n)), when="2015", id="x")
        log = log.append(new, supersedes=target, known="2016-01-01")
        for known_by in asked:
            log.as_of(LAST, known_by=known_by).project(last_value)
        log = log.append(Event(Fact(str(n)), when="2050"), known="2050-01-01")
    target = 2 * size - 2 if chained else None
    last = Event(Fact("last"), when="2015", id="x")

    def work() -> None:
        grown = log.append(last, supersedes=target, known="2016-01-02")
        for known_by in asked:
            view = grown.as_of(LAST, known_by=known_by)

            assert "last" == view.project(last_value)

    counted: list[int] = []
    counting: Callable[[], object] = work
    for owner, name in ((Claims, "add"), (Claims, "_rank"), (Line, "read")):

        def counting(
            owner: object = owner,
            name: str = name,
            work: Callable[[], object] = counting,
        ) -> None:
            counted.append(calls(monkeypatch, owner, name, work))

    counting()

    assert [2, 0 if chained else 4, 0] == counted


@pytest.mark.parametrize("size", SIZES)
def test_a_happening_is_looked_up_in_its_cluster(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Whether a disputed id has happened: no other cluster is looked at."""
    log = corrected(size).append(Event(Fact("y"), when="2015", id="e5"))
    view = log.as_of(LAST)
    view.project(everything)
    digest = view.events[0].id

    for name in ("e5", digest, "e7"):
        assert 0 == calls(
            monkeypatch,
            EventSequence,
            "_all",
            lambda name=name: view.has_happened(name),
        )
        assert Answer.YES is view.has_happened(name)
    assert Answer.NO is view.has_happened("nothing")


def test_what_is_related_is_read_by_selections_that_may_have_some_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A correction among events of one class is nothing to those of another."""
    log = EventLog.of(Event(Fact("a"), when="2015"), Event("text", when="2015"))
    (event,) = log.where(kinds=(str,)).as_of(LAST).events
    grown = log.append(Event(Fact("b"), when="2015"), supersedes=0)

    def work() -> None:
        assert (event,) == tuple(grown.where(kinds=(str,)).as_of(LAST).events)

    assert 0 == calls(monkeypatch, Blocks, "remove", work)


@pytest.mark.parametrize("size", SIZES)
def test_a_digest_that_was_asked_for_does_not_slow_later_appends(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """What is appended in bulk is digested when a digest is asked for, each once."""
    events = [Event(Fact(str(n)), when="2015") for n in range(2 * size)]
    log = EventLog.of(*events[:size])
    ids = [event.id for event in events]
    assert Answer.YES is log.as_of(LAST).has_happened(ids[1])
    assert Answer.NO is log.as_of(LAST).has_happened(ids[-1])
    extended: list[EventLog] = []

    assert 0 == calls(
        monkeypatch,
        Journal,
        "_add",
        lambda: extended.append(log.extend(events[size:])),
    )
    view = extended[0].as_of(LAST)
    assert Answer.YES is view.has_happened(ids[-1])


def test_a_claim_that_was_corrected_later_counts_for_a_past_basis() -> None:
    """A basis that was asked before knows the claim, not the correction to come."""
    log = corrected(3).append(Event(Fact("a"), when="2016"), known="2015-07-01")
    log = log.append(Event(Fact("new"), when="2015", id="new"), known="2020-01-01")
    before = log.as_of(LAST, known_by=PAST).project(everything)
    new = Event(Fact("b"), when="2016")
    grown = log.append(new, supersedes=6, known="2020-01-01")

    assert before == grown.as_of(LAST, known_by=PAST).project(everything)
    assert new.what in [e.what for e in grown.as_of(LAST).project(everything)]


def test_a_relationship_is_not_hashed_to_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It cannot change, so that checkpoints of it need no copy, and no hash."""
    visits = [Event(Visited("AZE", "CHN"), when=f"{1000 + n}") for n in range(500)]
    log, pair = EventLog.of(*visits), relationship("AZE", "CHN")

    def work() -> None:
        assert tuple(visits) == log.as_of(LAST).project(pair).visits

    assert len(visits) >= calls(monkeypatch, Event, "__hash__", work)


class Walked(list[V]):
    """A list that counts how many of it are read one after the other."""

    read = 0

    def __iter__(self) -> Iterator[V]:
        for value in super().__iter__():
            self.read += 1
            yield value


class WalkedKeys(dict[K, V]):
    """A dictionary that counts how many of its keys are."""

    read = 0

    def __iter__(self) -> Iterator[K]:
        for key in super().__iter__():
            self.read += 1
            yield key


def test_a_report_and_the_next_answer_walk_over_nothing_that_was_there() -> None:
    """Neither over entries nor over pairs, also where no line is run for each."""
    many = 500
    events = [Event(Visited(f"org:p{n}", "CHN"), when="2015") for n in range(many)]
    log = EventLog.of(*events)
    asked = [tally, count(Visited), relationship("org:p1", "CHN")]

    def ask() -> None:
        view = log.as_of(LAST)
        for projection in asked:
            view.project(projection)
            log.concerning("org:p1", "CHN").as_of(LAST).project(projection)
        view.project_each(tally, by=dyads)

    ask()
    entries, parties = log._cache.journal.entries, log._cache.journal._parties
    walked: list[Walked[Any] | WalkedKeys[Any, Any]] = []
    for name in ("events", "knowns"):
        walked.append(Walked(getattr(entries, name)))
        setattr(entries, name, walked[-1])
    parties.places = WalkedKeys(parties.places)
    walked.append(parties.places)
    for n in range(5):
        late = Event(Visited(f"org:q{n}", "CHN"), when=f"2014-01-0{n + 1}")
        log = log.append(late, known="2020-01-01")
        ask()

    assert [0, 0, 0] == [one.read for one in walked]


def test_what_repeats_in_a_batch_costs_what_is_new() -> None:
    """Earlier events are not read again to find one of them by its id."""
    log = EventLog.of(*(Event(Fact("x"), when="2015", id=f"e{n}") for n in range(500)))
    entries = log._cache.journal.entries
    entries.events = events = Walked(entries.events)
    for n in range(3):
        witness = Event(Fact("x"), when="2015", id=f"e{n}", cite=Source("Daily"))
        log = log.extend([witness, Event(Fact("y"), when="2016", id=f"new {n}")])

    assert len(log) == 506
    assert events.read <= 20


def test_what_has_ended_is_not_asked_of_all_that_came_later() -> None:
    """Of positions on one topic, the last says at once that the others are over."""

    def log(size: int) -> EventLog:
        days = (date.fromordinal(PAST.toordinal() + n) for n in range(size))
        declared = (PositionDeclared("CHN", "trade", day.isoformat()) for day in days)
        return EventLog.of(*(Event(d, when=d.stance) for d in declared))

    assert {} == growth(lambda log: log.as_of(LAST).may_have_ended, log)
