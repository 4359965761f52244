"""Days that are possible jointly: open starts, and ends that cut one another short."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import Any

import pytest
from log_model import ALWAYS, NEVER
from log_strategies import Fact
from marks_model import DATES, VIEWS, A, Z, spans

from bri_timeline import Answer, Edtf, Event, EventLog, First, projection
from bri_timeline.edtf import Bound
from bri_timeline.errors import QuestionError
from bri_timeline.measures import count


# Long before all days of the table, and long after: no date has a bound there.
EARLY, LATE = A - 10**6, Z + 10**6
SPAN = range(A - 2, Z + 4)


def _ended(state: frozenset[str], event: Event) -> frozenset[str]:
    return state - {event.id}


@projection(initial=frozenset, ends=_ended)
def lasting(state: frozenset[str], event: Event) -> frozenset[str]:
    """What has begun and not ended."""
    return state | {event.id}


def pairs(event: Event) -> list[tuple[float, float]]:
    """Return every pair of days on which an event can begin and end."""
    dated = spans(event)
    begins = sorted({begin for begin, _ in dated})
    ends = sorted({end for _, end in dated if end is not None})
    start, _, end = str(event.when).partition("/")
    if "/" in str(event.when) and not start:  # unknown: any day before the end
        begins = [EARLY, *(day for day in SPAN if day <= max(ends or SPAN))]
    if "/" in str(event.when) and not end:
        ends = [*SPAN, LATE]
    return [(a, b) for a in begins for b in ends or (NEVER,) if a <= b]


Way = tuple[tuple[str, float, float], ...]


def ways(log: EventLog) -> Iterator[Way]:
    """Yield each choice of days: of each event its id, and its first and last day."""
    events = [entry.claim for entry in log]
    choices = [[(e.id, *pair) for pair in pairs(e)] for e in events]
    return itertools.product(*choices)


def state_on(way: Way, day: float, since: float = ALWAYS) -> frozenset[str]:
    """Return what has begun within some days and not ended on the last of them."""
    return frozenset(n for n, a, b in way if since <= a <= day <= b)


def random_log(random: Random) -> EventLog:
    """Return a log of a few extents and days, of which few have an unknown end."""
    known = [text for text in DATES if not text.startswith("/") and text[-1] != "/"]
    chosen = [random.choice(known) for _ in range(random.randint(0, 2))]
    chosen.insert(random.randint(0, len(chosen)), random.choice([*DATES]))
    return EventLog.of(
        *(Event(Fact("a"), when=when, id=str(n)) for n, when in enumerate(chosen))
    )


SETS: list[Callable[[Any], bool]] = [
    lambda state: len(state) == 1,
    lambda state: len(state) == 2,
    lambda state: "0" in state,
    lambda state: "0" not in state and len(state) > 0,
    lambda state: not state,
]
NUMBERS: list[Callable[[Any], bool]] = [
    lambda number: number == 1,
    lambda number: number >= 2,
    lambda number: number == 0,
]


def first_held(log: EventLog, value: Callable[[Way, float], Any], holds: Any) -> First:
    """Return when something first held, from every choice of days."""
    days: set[float] = set()
    may_never = False
    for way in ways(log):
        changes = {a for _, a, _ in way} | {b + 1 for _, _, b in way}
        for day in sorted({ALWAYS, *changes}):
            if day < math.inf and holds(value(way, day)):
                days.add(day)
                break
        else:
            may_never = True
    if not days:
        return First(None, Answer.NO)
    earliest, latest = min(days), max(days)
    answer = Answer.MAYBE if may_never or latest > Z + 99 else Answer.YES
    low = None if earliest < A - 99 else int(earliest)
    high = None if latest > Z + 99 else latest
    if low is None and (high is None or high == ALWAYS):
        return First(None, answer)
    ends = [date.fromordinal(int(d)).isoformat() if d else "" for d in (low, high)]
    return First(Edtf(ends[0] if low == high else f"[{ends[0]}..{ends[1]}]"), answer)


class TestAgainstAllDays:
    """Every question about days is that of an enumeration of all of them."""

    @pytest.mark.full
    def test_first_is_that_of_all_days(self, trials: Callable[..., int]) -> None:
        """Of a fold, of what began and of what lasts, over 20,000 logs."""
        for seed in range(trials(20_000, share=100)):
            random = Random(seed)
            log = random_log(random)
            extents = {e.claim.id for e in log if e.claim.when.is_extent}
            for asked, value, some in (
                (lasting, state_on, SETS),
                (count(), lambda way, day: sum(a <= day for _, a, _ in way), NUMBERS),
                (
                    count(active=True),
                    lambda way, day, which=extents: len(state_on(way, day) & which),
                    NUMBERS,
                ),
            ):
                holds = random.choice(some)
                found, expected = (
                    log.first(asked, holds=holds),
                    first_held(log, value, holds),
                )
                assert found.complete or asked is not lasting, seed
                if found.complete:
                    assert found.answer is expected.answer, (seed, asked)
                    assert _days(found) == _days(expected), (seed, asked)

    @pytest.mark.full
    def test_outcomes_are_those_of_all_days(self, trials: Callable[..., int]) -> None:
        """On a day and within a period, and the bounds of panels, over 20,000 logs."""
        for seed in range(trials(20_000, share=100)):
            random = Random(seed)
            log, day = random_log(random), random.choice(VIEWS)
            since = random.choice([ALWAYS, *(d for d in VIEWS if d <= day)])
            view = log.as_of(date.fromordinal(day))
            if since > ALWAYS:
                days = date.fromordinal(int(since)), date.fromordinal(day)
                view = log.during(days)
            found = view.outcomes(lasting)
            possible = {state_on(way, day, since) for way in ways(log)}

            assert found.complete, seed
            assert {*found.values} == possible | {found.certain}, seed
            told = view.outcomes(lasting, of=len)
            if since == ALWAYS:
                (row,) = log.panel(
                    lasting,
                    by=lambda _: ["all"],
                    start=date.fromordinal(day),
                    stop=date.fromordinal(day),
                    of=len,
                )
                assert row.value == told.certain
                assert (row.low, row.high) == (told.low, told.high), seed

    def test_the_start_and_the_end_are_cut_by_each_other(self) -> None:
        """As the pairs of days allow that start on or before they end."""
        for text in DATES:
            when = Edtf(text)
            if not when.is_extent:
                assert when.start == when.end == when
                continue
            dated = spans(Event("a", when=when))
            both = [(a, NEVER if b is None else b) for a, b in dated]
            for side, part, bound in (
                (0, when.start, when.earliest_bound),
                (1, when.end, when.latest_bound),
            ):
                if part is None:
                    assert bound is Bound.OPEN
                    continue
                days = sorted({pair[side] for pair in both})
                first, last = part.first_day, part.last_day
                assert (first or ALWAYS, last or NEVER) == (days[0], days[-1]), text
                if bound is Bound.DATE:
                    possible = [
                        d for d in SPAN if part.on(date.fromordinal(d)) is not Answer.NO
                    ]
                    assert days == possible, text


def _days(first: First) -> tuple[int | None, int | None] | None:
    return None if first.when is None else (first.when.first_day, first.when.last_day)


def test_parts_of_a_date_keep_its_words_where_they_can() -> None:
    """What is not cut stays as it was written; what is keeps its qualifier."""
    for text, start, end in (
        ("2015~/2017?", "2015~", "2017?"),
        ("2016-03~/2016-03-10", "[2016-03-01~..2016-03-10~]", "2016-03-10"),
        ("2016-03-10/2016-03", "2016-03-10", "[2016-03-10..2016-03-31]"),
        ("2016-12-3X/2016-12-30", "2016-12-30", "2016-12-30"),
        ("Y17000S3/Y17001", "[Y17000..Y17001]", "Y17001"),
        ("XXXX-XX-15/2016-06", "[0000-01-15..2016-06-15]", "2016-06"),
        ("/2015", "[..2015-12-31]", "2015"),
        ("2015/", "2015", "[2015-01-01..]"),
        ("[2015,2017]", "[2015,2017]", "[2015,2017]"),
    ):
        assert (start, end) == (str(Edtf(text).start), str(Edtf(text).end))
    assert (None, None) == (Edtf("../2015").start, Edtf("2015/..").end)
    for part in ("start", "end"):
        with pytest.raises(QuestionError, match=f"{part} cannot be asked"):
            getattr(Edtf("{2015,2016}"), part)


def test_a_projection_that_asks_for_the_ends_gets_those_of_each_choice() -> None:
    """Each day that the start can be is one value."""

    @projection(initial=tuple)
    def starts(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
        return (*state, f"{event.when.start} {event.when.end}")

    log = EventLog.of(Event(Fact("a"), when="2015-12-3X/2016-01-01"))
    found = log.as_of("2017-01-01").outcomes(starts)

    assert found.complete
    assert {("2015-12-30 2016-01-01",), ("2015-12-31 2016-01-01",)} <= {*found.values}
