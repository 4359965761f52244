"""`outcomes(rivals=True)`: every value under each claim of each dispute."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

import pytest
from concern_model import CUTS, PARTIES, VIEWS, concerning, following, random_log
from hypothesis import given
from hypothesis import strategies as st
from log_model import ALWAYS, NEVER, Claim, Model
from log_strategies import (
    Deed,
    Fact,
    known_by_days,
    last_value,
    logs,
    values,
    view_days,
)

from bri_timeline import (
    Answer,
    Edtf,
    Event,
    EventLog,
    First,
    Projection,
    dyads,
    projection,
)
from bri_timeline._queries._distinct import fewest, most
from bri_timeline.errors import ProjectionError
from bri_timeline.measures import Measure, count, distinct, latest, total


@projection(initial=int)
def how_many(seen: int, _event: Event) -> int:
    """The number of events."""
    return seen + 1


@projection(initial=str, reads=Deed)
def last_deed(_value: str, event: Event) -> str:
    """The value of the last deed."""
    return event.what.value


def weight(event: Event) -> int | None:
    """Return a number that some claims of one happening have in common."""
    return {"a": 1, "b": -2, "c": 4}.get(event.what.value)


def concerns_a(event: Event) -> bool:
    """Tell whether an event concerns a party that some claims do not name."""
    return "AAA" in event.parties


LATEST = latest(Deed, "value")
LAST_SHORT = latest(Fact, "value", where=lambda event: event.what.value != "a")
MEASURES = (
    count(),
    count(Fact, where=lambda event: event.what.value == "b"),
    total(object, weight),
    total(Deed, weight, where=concerns_a),
    distinct(Fact, "value"),
    distinct(object, lambda event: event.what.value, where=concerns_a),
    LATEST,
    LAST_SHORT,
)


def in_order(state: object) -> str:
    """Return the text of a state; equal sets can list their items differently."""
    return str(sorted(state) if isinstance(state, frozenset) else state)


def enumerated(
    worlds: Sequence[Sequence[Claim]], fold: Projection[object], day: int
) -> set[str]:
    """Return every value, over worlds, choices of days, and orders within a day."""
    found = set()
    for claims in worlds:
        for when in itertools.product(*(claim.days for claim in claims)):
            inside = [n for n, one in enumerate(when) if one <= day]
            for order in itertools.permutations(inside):
                if all(when[a] <= when[b] for a, b in itertools.pairwise(order)):
                    found.add(in_order(fold.fold(claims[n].event for n in order)))
    return found


@given(log=logs(max_size=5), day=view_days(), known_by=known_by_days())
def test_outcomes_with_rivals_are_those_of_every_combination(
    log: EventLog, day: date, known_by: date
) -> None:
    """One claim of each happening, on each of its days, in each order."""
    model, number = Model(tuple(log), known_by.toordinal()), day.toordinal()
    worlds = [*itertools.product(*model.rival_claims())]
    view = log.as_of(day, known_by)
    for fold in (how_many, last_value, values, last_deed):
        found = view.outcomes(fold, of=in_order, rivals=True)

        assert found.complete
        assert enumerated(worlds, fold, number) == {*found.values}
        assert found.certain == view.outcomes(fold, of=in_order).certain
    for measure in MEASURES:
        found = view.outcomes(measure, rivals=True)
        expected = enumerated(worlds, measure, number)

        assert found.complete
        assert expected == {*map(str, found.values)}
        if measure not in (LATEST, LAST_SHORT):
            numbers = [*map(int, expected)]
            assert (min(numbers), max(numbers)) == (found.low, found.high)


@given(log=logs(max_size=5), day=view_days(), data=st.data())
def test_rivals_follow_selections_and_windows(
    log: EventLog, day: date, data: st.DataObject
) -> None:
    """A claim counts where the selection keeps it, whichever was taken."""
    kinds = data.draw(st.sampled_from([Fact, Deed]))
    since = data.draw(st.sampled_from([date(1800, 1, 1), date(2016, 1, 1)]))
    claims = Model(tuple(log)).rival_claims()
    sizes = set()
    for world in itertools.product(*claims):
        some = [c for c in world if isinstance(c.event.what, kinds)]
        for when in itertools.product(*map(_days, some)):
            sizes.add(sum(since.toordinal() <= one <= day.toordinal() for one in when))
    if since <= day:
        view = log.where(kinds=kinds).during((since, day))
        found = view.outcomes(how_many, rivals=True)

        assert sizes == {*found.values}


THRESHOLDS: list[tuple[Measure[Any], dict[str, int]]] = [
    (count(), {"at_least": 1}),
    (count(), {"at_least": 2}),
    (count(), {"at_least": 3}),
    (count(Fact), {"at_most": -1}),
    (
        total(object, lambda event: {"a": 1, "b": 3}.get(event.what.value)),
        {"at_least": 3},
    ),
    (total(object, weight), {"at_least": 2}),
    (latest(Deed, "value"), {"holds": bool}),
]


def reach(found: First) -> tuple[float, float] | None:
    """Return the first and the last day of an answer; None if it never held."""
    if found.answer is Answer.NO:
        return None
    if found.when is None:
        return ALWAYS, ALWAYS if found.answer is Answer.YES else NEVER
    first, last = found.when.first_day, found.when.last_day
    return (ALWAYS if first is None else first), (NEVER if last is None else last)


@given(
    log=logs(max_size=6), known_by=known_by_days(), asked=st.sampled_from(THRESHOLDS)
)
def test_the_first_day_under_rivals_is_that_of_every_combination(
    log: EventLog, known_by: date, asked: tuple[Measure[Any], dict[str, Any]]
) -> None:
    """From the earliest of all to the latest of all."""
    measure, condition = asked
    claims = Model(tuple(log), known_by.toordinal()).rival_claims()
    answers = []
    for world in itertools.product(*claims):
        alone = EventLog.of(*(one.event.cited(()) for one in world))
        answers.append(alone.first(measure, **condition))
    found = log.first(measure, known_by=known_by, rivals=True, **condition)
    if not found.complete:
        assert not all(one.complete for one in answers) or found.remedy
        return
    reached = [days for days in map(reach, answers) if days is not None]
    if not reached:
        assert First(None, Answer.NO) == found
        return
    assert (
        min(first for first, _ in reached),
        max(last for _, last in reached),
    ) == reach(found)
    said = {one.answer for one in answers}
    assert found.answer is (said.pop() if len(said) == 1 else Answer.MAYBE)


def test_the_first_day_under_many_rivals_is_exact() -> None:
    """Two lists differ about each of two hundred; of keys it is asked one by one."""
    log = EventLog.of(
        *(Event(n, when="2015", id=f"x{n}") for n in range(200)),
        *(Event(n, when="2017", id=f"x{n}") for n in range(0, 200, 2)),
        *(Event(str(n), when="2018", id=f"x{n}") for n in range(1, 200, 2)),
    )
    found = log.first(count(int), at_least=100, rivals=True)
    assert First(Edtf("[2015-01-01..2017-12-31]"), Answer.YES) == found
    assert Answer.MAYBE is log.first(count(int), at_least=150, rivals=True).answer
    assert First(None, Answer.NO) == log.first(count(int), at_least=201, rivals=True)
    with pytest.raises(ProjectionError, match="is given as rivals= beside by="):
        log.first(count(int), at_least=1, rivals=True, by=dyads)


def _days(claim: Claim) -> list[float]:
    """Return the days of a claim; an open start lies before every window."""
    if claim.last == ALWAYS:
        return [ALWAYS]
    return [*([ALWAYS] if claim.first == ALWAYS else []), *claim.days]


def test_rivals_change_whom_other_events_concern() -> None:
    """What refers to a disputed event follows the parties of each claim."""
    varied = 0
    for seed in range(400):
        random = Random(seed)
        log, pair = random_log(random), random.sample(PARTIES, 2)
        day, known_by = random.choice(VIEWS), random.choice(CUTS)
        cut = float("inf") if known_by is None else known_by.toordinal()
        fold, expected = following(*pair), set()
        claims = Model(tuple(log), cut).rival_claims()
        if len([*itertools.product(*claims)]) > 30:
            continue
        for world in itertools.product(*claims):
            about = concerning(world, pair)
            some = [c for c in world if c.event in about]
            for when in itertools.product(*((c.first, c.last) for c in some)):
                expected.add(sum(one <= day.toordinal() for one in when))
        found = log.as_of(day, known_by).outcomes(fold, of=len, rivals=True)
        if found.complete:
            assert expected == {*found.values}, seed
        varied += len(expected) > 1
    assert varied > 50


@projection(initial=int)
def summed(state: int, event: Event) -> int:
    """The sum of payloads, as a fold that is no measure."""
    return state + event.what


def test_too_many_combinations_are_tried_one_dispute_at_a_time() -> None:
    """The result says that it is not complete; so does one whose dates are open."""
    log = EventLog.of(
        *(Event(n, when="2014", id=f"x{n % 5}") for n in range(10)),
    )
    view = log.as_of("2015-01-01")
    found = view.outcomes(summed, rivals=True, limit=150)

    assert not found.complete
    assert {sum(range(5, 10)), sum(range(5, 10)) - 5} == {*found.values}
    assert (None, None) == (found.low, found.high)
    assert Answer.MAYBE is found.at_least(0)
    every = view.outcomes(summed, rivals=True)
    assert every.complete
    assert (sum(range(5)), sum(range(5, 10))) == (every.low, every.high)


@pytest.mark.parametrize("many", [100, 400])
def test_bounds_of_measures_are_exact_however_many_disputes_there_are(
    many: int,
) -> None:
    """Each happening gives its least and its most; nothing, if a rival lies outside."""
    log = EventLog.of(
        *(Event(n % 7, when="2014", id=f"x{n}") for n in range(many)),
        *(
            Event(-1, when="2014-06" if n % 3 else "2019", id=f"x{n}")
            for n in range(many)
        ),
    )
    view = log.as_of("2015-01-01")
    amounts = [sorted({n % 7, -1 if n % 3 else 0}) for n in range(many)]
    found = view.outcomes(total(int, lambda event: event.what), rivals=True)
    counted = view.outcomes(count(), rivals=True)

    assert sum(map(min, amounts)) == found.low
    assert sum(map(max, amounts)) == found.high
    assert (sum(n % 3 > 0 for n in range(many)), many) == (counted.low, counted.high)
    assert {*range(-1, 7)} == {
        *view.outcomes(latest(int, lambda event: event.what), rivals=True).values
    }


CHOICES = st.lists(st.frozensets(st.integers(0, 5), min_size=1, max_size=3), max_size=6)


@given(choices=CHOICES)
def test_the_fewest_and_the_most_values_are_those_of_every_choice(
    choices: list[frozenset[int]],
) -> None:
    """One value of each: by trying all."""
    sizes = {len({*some}) for some in itertools.product(*choices)}

    assert (min(sizes), True) == fewest(choices, 10_000)
    assert max(sizes) == most(choices)
    low, is_exact = fewest(choices, 1)
    assert low <= min(sizes)
    assert not is_exact or low == min(sizes)


def test_a_least_number_that_takes_too_long_is_a_bound_that_says_so() -> None:
    """The greatest is exact; what lies below the bound is certainly not so."""
    rows = [(n, m) for n in range(40) for m in (7 * n % 41, 11 * n % 41, 5 * n % 41)]
    log = EventLog.of(*(Event(m, when="2014", id=f"x{n}") for n, m in rows))
    view = log.as_of("2015-01-01")
    values_ = distinct(int, lambda event: event.what)
    found = view.outcomes(values_, rivals=True, limit=20)

    assert not found.exact
    assert not found.bounded
    assert not found.complete
    assert found.low is not None
    assert found.high == 40
    assert Answer.NO is found.at_least(41)
    assert Answer.YES is found.at_least(found.low)
    assert "the least may be more" in str(found)
    every = view.outcomes(values_, rivals=True, limit=10**7)
    assert every.low >= found.low
    assert every.exact


def test_bounds_that_are_known_in_each_world_are_known() -> None:
    """Also where the values are too many to be listed."""
    events = [Event(2**n, when="2014") for n in range(9)]
    log = EventLog.of(*events, Event(1000, when="2013", id="x")).append(
        Event(5000, when="2013", id="x")
    )
    view = log.as_of("2014-06-01")
    found = view.outcomes(total(int, lambda event: event.what), rivals=True, limit=60)

    assert not found.complete
    assert (1000, 5000 + 511) == (found.low, found.high)


def test_rivals_need_a_projection() -> None:
    """The error is that of any question."""
    with pytest.raises(ProjectionError, match="is not a projection"):
        EventLog().as_of("2014-01-01").outcomes(len, rivals=True)
