"""Caches are bounded, and what they drop changes no answer."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import date
from decimal import Decimal

import pytest
from attrs import field, frozen
from log_strategies import Fact, everything, last_value, tally

from bri_timeline import (
    Answer,
    Edtf,
    Event,
    EventLog,
    Projection,
    dyads,
    projection,
)
from bri_timeline._order._states import is_same
from bri_timeline.errors import (
    EntryError,
    PayloadError,
    ProjectionError,
    QuestionError,
    shown,
)
from bri_timeline.measures import DistinctCount, count, latest, total


PAIRS = [frozenset({"AAA", name}) for name in ("BBB", "CCC", "DDD", "EEE")]


@projection(initial=tuple, merge=lambda earlier, later: earlier + later)
def joined(state: tuple[object, ...], event: Event) -> tuple[object, ...]:
    """All payloads in their order: the states of parts merge."""
    return (*state, event.what)


LOG = EventLog.of(
    *(Event(Fact(str(n), PAIRS[n % 4]), when=f"{1900 + n}") for n in range(60))
)


def test_among_answers_for_more_pairs_than_the_cache_keeps_orders_of() -> None:
    """The events of a pair whose order was dropped are ordered again."""
    pairs = [frozenset({"AAA", f"P{n}"}) for n in range(70)]
    log = EventLog.of(
        *(Event(Fact(str(n), pairs[n % 70]), when=str(1900 + n)) for n in range(140))
    ).with_cache(8, every=1)
    for _ in range(2):
        for pair in pairs:
            assert 2 == len(log.among(*pair).as_of("2050-01-01").project(everything))


def test_project_folds_again_when_checkpoints_were_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The checkpoints that were used longest ago are dropped."""
    # Checkpoints are thinned to one in 16,384 events first, which few logs reach.
    monkeypatch.setattr("bri_timeline._order._cache._LONGEST_STRIDE", 1)
    log = LOG.with_cache(70, every=1)
    for _ in range(2):
        for fold in (everything, last_value, tally):
            fresh = LOG.with_cache(0).as_of("2000-01-01").project(fold)

            assert fresh == log.as_of("2000-01-01").project(fold)


def test_project_each_groups_again_by_a_key_that_was_dropped() -> None:
    """Events are grouped again by a key that was not asked for lately."""
    view = LOG.as_of("2000-01-01")
    for _ in range(2):
        for by in (dyads, lambda event: event.parties, lambda event: [event.id]):
            assert view.project_each(last_value, by=by)


def test_project_each_follows_many_changes() -> None:
    """States of keys that changed are put beside the others until these are many."""
    log, pair = EventLog(), frozenset({"AAA", "BBB"})
    for n in range(600):
        named = frozenset({"AAA", f"P{n}"}) if n % 2 else pair
        log = log.append(Event(Fact(str(n), named), when=f"{1000 + n}"))
        found = log.as_of("2000-01-01").project_each(last_value, by=dyads)
        if n in (1, 599):
            fresh = log.with_cache(0).as_of("2000-01-01")
            again = fresh.project_each(last_value, by=dyads)

            assert again == found == dict(found)
            assert [*again] == [*found]
            assert repr(dict(again)) == repr(found)


@pytest.mark.parametrize("most", [2, 500])
def test_project_each_keeps_no_state_that_could_be_changed(most: int) -> None:
    """A dictionary is folded again, as is what is more than the limit."""
    log = LOG.with_cache(most)
    for _ in range(2):
        found = log.as_of("2000-01-01").project_each(tally, by=dyads)
        assert LOG.with_cache(0).as_of("2000-01-01").project_each(tally, by=dyads) == (
            found
        )
        found["AAA", "BBB"].clear()


def test_as_of_resolves_again_for_a_basis_that_was_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Clusters are resolved again for a day of knowledge that was not asked lately."""
    # Of a log with few clusters 16,384 bases are kept: too many to ask for here.
    monkeypatch.setattr("bri_timeline._order._order._MOST_LAID_OVER", 0)
    log = EventLog()
    for day in range(9):
        known = date.fromordinal(735_000 + day)
        log = log.append(Event(Fact(str(day)), when="2010", id="x"), known=known)
    days = [date.fromordinal(735_000 + day) for day in range(9)] * 2
    found = [log.as_of("2011-01-01", day).project(last_value) for day in days]

    assert [str(day) for day in range(9)] * 2 == found


@pytest.mark.parametrize("turned", [False, True])
def test_a_digest_names_what_it_is_of(turned: bool) -> None:
    """Among many at once, a claim named by the digest of another is about the same."""
    nameless = Event(Fact("a"), when="2010")
    named = Event(Fact("b"), when="2011", id=nameless.id)
    others = [Event(Fact(str(n)), when="2012", id=f"n{n}") for n in range(3)]
    events = [nameless, *others, named]
    log = EventLog.of(*(reversed(events) if turned else events))

    (dispute,) = log.as_of("2015-01-01").disputes
    assert nameless.id == dispute.id
    assert {"a", "b"} == {claim.what.value for claim in dispute.claims}


def test_a_happening_is_found_by_its_digest() -> None:
    """What has no name has happened by the name that it has all the same."""
    event = LOG[0].claim
    named = EventLog.of(Event(Fact("a", PAIRS[0]), when="2015", id="a"))

    assert Answer.YES is LOG.as_of("2000-01-01").has_happened(event.id)
    assert Answer.NO is named.among("ZZZ").as_of("2016-01-01").has_happened("a")


def test_outcomes_that_run_out_on_the_way_are_given_up() -> None:
    """A chain of dates that overlap takes more calls than its widest day."""
    dates = [f"[2015-01-0{n}..2015-01-0{n + 1}]" for n in range(1, 6)]
    log = EventLog.of(*(Event(Fact(str(n)), when=d) for n, d in enumerate(dates)))
    view = log.as_of("2016-01-01")

    assert not view.outcomes(everything, of=len, limit=6).complete


@pytest.mark.slow
def test_orders_are_drawn_after_what_is_settled() -> None:
    """What came before all that is open is folded once, whatever is drawn."""
    events = [Event(Fact("first"), when="1999")]
    events += [Event(Fact(str(n)), when="2015") for n in range(20)]
    found = (
        EventLog.of(*events)
        .as_of("2015-06-30")
        .outcomes(everything, of=lambda state: state[0].what.value, seed=1)
    )

    assert ("first",) == found.values
    assert found.sampled


def test_several_days_begin_severally() -> None:
    """An all-of set has no one beginning."""
    with pytest.raises(QuestionError):
        Edtf("{2016,2018}").begins_with(Edtf("2016"))


def test_the_part_at_fault_may_come_last() -> None:
    """The field that is named is the one that could change, not one before it."""
    with pytest.raises(PayloadError, match=r"in tuple\[1\]\[0\]"):
        Event(((1, 2), ([],)), when="2015")


def test_an_event_of_ones_own_is_an_event() -> None:
    """A subclass is taken as the event that it is; what is none is refused."""

    class Mine(Event):
        pass

    assert 1 == len(EventLog().extend([Mine("a", when="2015")]))


def test_a_projection_that_fails_leaves_the_count_right() -> None:
    """What was folded before a projection failed is kept, and counted."""
    log = LOG.with_cache(500, every=2)
    failing = True

    @projection(initial=int)
    def counted(seen: int, event: Event) -> int:
        if failing and event.what.value == "50":
            raise KeyError
        return seen + 1

    with pytest.raises(KeyError):
        log.as_of("2000-01-01").project(counted)
    cache = log._cache

    sequences = [s for o in cache._orders.values() for s in o.sequences.values()]
    assert cache._used == sum(len(s.states[counted]) for s in sequences) > 20
    failing = False
    assert 60 == log.as_of("2000-01-01").project(counted)


def test_what_gives_keys_may_not_ask_the_log() -> None:
    """A question within a grouping is refused, also where nothing is kept."""
    for log in (LOG, LOG.with_cache(0)):

        def year(event: Event, log: EventLog = log) -> list[int]:
            view = log.as_of(f"{event.when}-12-31")
            return [*view.project_each(last_value, by=lambda _: [1])]

        with pytest.raises(ProjectionError, match="asks the log that is being folded"):
            log.as_of("2000-01-01").project_each(last_value, by=year)
        found = log.as_of("2000-01-01").project_each(last_value, by=lambda _: [1])
        assert {1: "59"} == found


def test_a_few_entries_are_a_few() -> None:
    """A slice of a long log is a tuple of the entries asked for, from either end."""
    assert (LOG[57], LOG[58], LOG[59]) == LOG[-3:]
    assert (LOG[4], LOG[2]) == LOG[4:1:-2]
    with pytest.raises(IndexError, match="entry 60 is not there: the log has 60"):
        LOG[60]


def crowd(count: int) -> Event:
    """An event of so many parties."""
    parties = frozenset(f"org:{number}" for number in range(count))
    return Event(Fact("x", parties), when="2019")


def test_pairs_of_many_parties_are_not_kept() -> None:
    """The pairs of a large event are computed again, and not kept."""
    assert dyads(crowd(8)) is dyads(crowd(8))
    assert dyads(crowd(9)) == dyads(crowd(9)) is not dyads(crowd(9))


@frozen
class Count:
    """A payload with numbers in several places."""

    value: object


LONGEST = 10**4300 - 1


@pytest.mark.parametrize("value", [LONGEST, -LONGEST, (1, (LONGEST,))])
def test_a_number_that_can_be_written_is_taken(value: object) -> None:
    """It is shown, and the event has an id."""
    event = Event(Count(value), when="2019")

    assert str(LONGEST) in repr(event)
    assert 32 == len(event.id)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_that_nothing_can_write_is_refused(sign: int) -> None:
    """Neither `repr` nor a vocabulary has text for it: the field is named."""
    message = r"a number of about \d+ digits in Count.value\[1\] is longer than 4300"
    with pytest.raises(PayloadError, match=message):
        Event(Count((1, sign * 10**4300)), when="2019")


@projection(initial=lambda: 10**4299)
def product(state: int, event: Event) -> int:
    """A state that becomes longer than Python writes."""
    return state * 10**5


def test_a_state_that_cannot_be_written_is_explained() -> None:
    """A fold may come to any number; that it cannot be shown is said in its place."""
    view = LOG.as_of("1901-01-01")
    explained = view.explain(product, of=lambda state: state)

    assert "<int that cannot be shown: ValueError>" in str(explained)
    assert "<int that cannot" in str(view.outcomes(product, of=lambda state: state))
    assert "a number of about" in shown(10**5000)
    assert "<tuple that cannot be shown: ValueError>" == shown((10**5000,))


def test_positions_of_any_size_are_refused_in_our_words() -> None:
    """An index, a target, a basis of five thousand digits."""
    event = Event(Fact("y"), when="2019")
    for ask in (
        lambda: LOG.as_of("2019-01-01", known_by=10**5000),
        lambda: LOG.retract(10**5000, because="x"),
        lambda: LOG.append(event, supersedes=10**5000),
    ):
        with pytest.raises(EntryError, match="a number of about"):
            ask()
    with pytest.raises(IndexError, match="entry a number of about"):
        LOG[10**5000]


@frozen
class Holding:
    """A state of which a part is left out of its equality."""

    number: object
    hidden: object = field(default=None, eq=False)


CYCLE: list[object] = []
CYCLE.append(CYCLE)
OTHER_CYCLE: list[object] = []
OTHER_CYCLE.append(OTHER_CYCLE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True),
        (1, 2, False),
        (1, True, False),
        (1.5, 1.5, True),
        (0.0, -0.0, False),
        (Decimal("1.0"), Decimal("1.0"), True),
        (Decimal("1.0"), Decimal("1.00"), False),
        ((1, ["a"]), (1, ["a"]), True),
        ((1, ["a"]), (1, ["a", "b"]), False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        (OrderedDict(a=1), OrderedDict(a=1), True),
        (OrderedDict(a=1), OrderedDict(a=2), False),
        (deque("ab"), deque("ab"), True),
        (deque("ab"), deque("ac"), False),
        (Holding(1, "x"), Holding(1, "x"), True),
        (Holding(1, "x"), Holding(1, "y"), False),
        (DistinctCount("ab"), DistinctCount("ab"), True),
        (DistinctCount("ab"), DistinctCount("ac"), False),
        (DistinctCount("ab"), DistinctCount("abc"), False),
        (lambda: 1, lambda: 1, False),
        (CYCLE, OTHER_CYCLE, False),
    ],
)
def test_states_are_the_same_that_no_fold_can_tell_apart(
    one: object, other: object, *, same: bool
) -> None:
    """Equal states that are made of other parts are not the same."""
    assert same == is_same(one, other)


def test_a_part_of_a_sum_may_be_too_long_where_the_whole_is_not() -> None:
    """Parts that do not merge are folded at once; what fails then names the event."""
    amounts = [Decimal("-1E+20000"), Decimal("1E+20000"), Decimal(1)]

    def asked(first: int) -> tuple[EventLog, EventLog]:
        events = [Event(Count(a), when=str(1000 + n)) for n, a in enumerate(amounts)]
        log = EventLog.of(*events[first:])
        return log.with_cache(50, every=1), log.with_cache(0)

    measure = total(Count, "value")
    kept, plain = asked(0)

    assert plain.as_of("2000-01-01").project(measure) == 1
    assert kept.as_of("2000-01-01").project(measure) == 1
    for log in asked(1):
        with pytest.raises(ProjectionError, match="more than 10,000 digits") as seen:
            log.as_of("2000-01-01").project(measure)
        assert "at 1002" in seen.value.__notes__[0]


def test_states_that_merge_are_thinned_with_the_others() -> None:
    """Above the limit the blocks get longer, and answers stay."""
    log = LOG.with_cache(20, every=1)
    for _ in range(2):
        for fold in (last_value, count(), everything, latest(Fact, "value")):
            fresh = LOG.with_cache(0).as_of("2000-01-01").project(fold)

            assert fresh == log.as_of("2000-01-01").project(fold)


def test_groups_of_groups_are_merged_again_after_late_reports() -> None:
    """Of whichever block a report is late, while the day or the log moves on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bri_timeline._order._states._GROUP", 2)
        log = LOG.with_cache(500, every=1)

        def report(when: str, *days: str) -> None:
            nonlocal log
            log = log.append(Event(Fact(f"new {when}"), when=when))
            for day in days:
                fresh = log.with_cache(0).as_of(day).project(joined)

                assert fresh == log.as_of(day).project(joined)

        for n in range(60):
            report(f"{1900 + n * 37 % 60}-06", f"{1900 + n}-12-31")
        for n in range(60):
            report(f"{1900 + n * 37 % 60}-08", "1925-01-01", "2050-01-01")
            report(f"{1960 + n}", "1925-01-01", "2050-01-01")


def test_blocks_of_which_a_group_did_not_merge_are_merged_later() -> None:
    """What one question leaves over after an error is not left out by the next."""
    left = [0]

    def merge(earlier: int, later: int) -> int:
        left[0] -= 1
        if not left[0]:
            raise MemoryError(later)
        return earlier + later

    summed = Projection(int, lambda seen, _: seen + 1, merge=merge)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bri_timeline._order._states._GROUP", 2)
        for calls in range(1, 60):
            log = LOG.with_cache(500, every=1)
            left[0] = calls
            for _ in range(2):
                assert 60 == log.as_of("2000-01-01").project(summed)


def test_a_key_waits_for_what_is_not_known_yet() -> None:
    """An event that becomes known later is not folded for a day before that."""

    def counts(log: EventLog) -> dict[tuple[str, str], int]:
        view = log.as_of("1990-01-01", known_by="1980-01-01")
        return dict(view.project_each(count(), by=dyads))

    log = LOG.append(Event(Fact("other", PAIRS[1]), when="1970"), known="1984-01-01")
    before = counts(log)
    pair = "AAA", "BBB"
    log = log.append(Event(Fact("late", PAIRS[0]), when="1970"), known="1985-01-01")
    assert before == counts(log)
    log = log.append(Event(Fact("in time", PAIRS[0]), when="1970"), known="1975-01-01")
    assert {**before, pair: before[pair] + 1} == counts(log)


def test_a_late_event_is_explained() -> None:
    """What lies beside the columns is named by what changed, with its entry."""
    log = EventLog.of(*(Event(Fact(str(n)), when=f"{n:04}") for n in range(1, 1200)))
    assert 1199 == log.as_of("2000-01-01").project(count())
    later = log.append(Event(Fact("late"), when="0100-06-01"))
    assert 1200 == later.as_of("2000-01-01").project(count())
    found = log.as_of("2000-01-01").diff(later.as_of("2000-01-01"), count())

    assert (later[1199],) == found.entries
    late = later[1199].claim
    assert Answer.YES is later.as_of("2000-01-01").has_happened(late.id)


def test_a_dispute_after_the_day_is_no_choice() -> None:
    """Claims that both lie after the day are not taken one instead of the other."""
    log = EventLog.of(
        Event(Fact("a"), when="2015-01-01"),
        Event(Fact("b"), when="2019-01-01", id="x"),
        Event(Fact("c"), when="2019-02-01", id="x"),
    )
    found = log.as_of("2016-01-01").outcomes(last_value, rivals=True)

    assert found.complete
    assert ("a",) == tuple(found.values)
