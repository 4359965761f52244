"""`outcomes(rivals=True)`: every value under each claim of each dispute."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import measure_model
import pytest
from concern_model import (
    CUTS,
    PARTIES,
    VIEWS,
    Note,
    concerning,
    following,
    random_log,
)
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
from measure_model import AFTER, BEFORE, Paid, by_day, early, rival_log, to_b

from bri_timeline import (
    Answer,
    Edtf,
    Event,
    EventLog,
    First,
    Projection,
    View,
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
    worlds = [*itertools.product(*model.rival_claims(wrong=False))]
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
    claims = Model(tuple(log)).rival_claims(wrong=False)
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
    claims = Model(tuple(log), known_by.toordinal()).rival_claims(wrong=False)
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
    earliest = min(first for first, _ in reached)
    latest_of_all = max(last for _, last in reached)
    # Whether it held before all days may be open: of that no date tells more.
    is_open = found.when is None and found.answer is Answer.MAYBE
    assert (earliest, NEVER if is_open else latest_of_all) == reach(found)
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


@pytest.mark.slow
def test_rivals_change_whom_other_events_concern() -> None:
    """What refers to a disputed event follows the parties of each claim."""
    varied = 0
    for seed in range(400):
        random = Random(seed)
        log, pair = random_log(random), random.sample(PARTIES, 2)
        day, known_by = random.choice(VIEWS), random.choice(CUTS)
        cut = float("inf") if known_by is None else known_by.toordinal()
        fold, expected = following(*pair), set()
        claims = Model(tuple(log), cut).rival_claims(wrong=False)
        if len([*itertools.product(*claims)]) > 30:
            continue
        for world in itertools.product(*claims):
            about = concerning(world, pair)
            some = [c for c in world if c.event in about]
            for when in itertools.product(*((c.first, c.last) for c in some)):
                expected.add(sum(one <= day.toordinal() for one in when))
        view = log.as_of(day, known_by)
        found = view.outcomes(fold, of=len, rivals=True)
        # An id that a claim which does not count has is told, and not followed.
        if found.complete and not any(lost.target for lost in view.dangling):
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


@pytest.mark.slow
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


SUMS = (count(Paid), count(Paid, where=to_b), total(Paid, "amount"))
ASKING = (count(Paid, where=early), total(Paid, by_day))
REACHED = (*SUMS, latest(Paid, "amount"), distinct(Paid, "amount"), *ASKING)
LIMITS = [("at_least", n) for n in (1, 2, 3, 5)] + [("at_most", n) for n in (-1, -3)]


def paid(*some: tuple[Any, str, str]) -> EventLog:
    """Return a log of payments, each an amount, a date and an id; of nothing to A."""
    return EventLog.of(
        *(
            Event(Paid(n, "b" if n else "a"), when=when, id=name)
            for n, when, name in some
        )
    )


def number(of: int) -> int:
    """Return the number of a day of the model."""
    return date.fromisoformat(measure_model.day(of)).toordinal()


def check_first(log: EventLog, measure: Measure[Any], limit: tuple[str, int]) -> bool:
    """Check when a number was first reached against all claims on all their days.

    Returns:
        Whether the answer is exact.
    """
    name, bound = limit
    found = log.first(measure, rivals=True, **{name: bound})
    if not found.complete:
        return False

    def holds(value: Any) -> bool:
        is_reached = name == "at_least" and value is not None and value >= bound
        return is_reached or (
            name == "at_most" and value is not None and value <= bound
        )

    held = [
        measure_model.first_held(measure, holds, w) for w in measure_model.worlds(log)
    ]
    days = {day for some, _ in held for day in some}
    if not days:
        assert First(None, Answer.NO) == found
        return True
    first, last = min(days), max(days)
    may_never = last >= AFTER or any(never for _, never in held)
    assert found.answer is (Answer.MAYBE if may_never else Answer.YES)
    expected = (
        None if first == BEFORE else number(first),
        None if last >= AFTER else number(last),
    )
    reached = found.when and (found.when.first_day, found.when.last_day)
    assert expected == (reached or (None, None))
    return True


@pytest.mark.full
def test_the_first_day_under_rivals_is_that_of_all_claims_on_all_days(
    trials: Callable[..., int],
) -> None:
    """Of a number that asks no date it is exact, and of others where it says so."""
    for seed in range(trials(5_000, share=25)):
        random = Random(seed)
        log, measure = rival_log(random), random.choice(REACHED)
        is_exact = check_first(log, measure, random.choice(LIMITS))
        assert is_exact or measure in ASKING, seed


D1, D2, D3, D4 = map(measure_model.day, range(1, 5))
LATE = f"[{D3}..]"


@pytest.mark.parametrize(
    ("some", "least"),
    [
        (((0, D1, "x"), (3, D2, "x"), (1, LATE, "z")), 4),
        (((1, D1, "x"), (3, D2, "x"), (0, D3, "x"), (1, LATE, "z")), 4),
        (((5, D1, "x"), (1, D2, "x"), (4, D2, "y"), (0, D4, "y")), 8),
        (((3, D1, "x"), (5, LATE, "x"), (0, D1, "y"), (2, D3, "y")), 5),
        (((3, D1, "x"), (2, D1, "x"), (1, D1, "x"), (2, LATE, "y")), 4),
        (((0, D1, "x"), (9, D2, "x"), (0, D1, "y"), (1, D3, "y")), 1),
        (((0, D1, "x"), (2, D2, "x"), (0, D1, "y"), (3, D2, "y"), (1, LATE, "z")), 4),
        (((0, D1, "x"), (3, D3, "x"), (1, D3, "x"), (1, LATE, "z")), 4),
        (((1, LATE, "x"), (0, LATE, "x"), (1, LATE, "y"), (3, D4, "y")), 2),
        (((0, f"[{D1}..{D2}]", "x"), (1, D1, "x"), (2, f"[..{D2}]", "y")), 3),
    ],
)
@pytest.mark.parametrize("measure", [SUMS[2], total(Paid, "amount", where=to_b)])
def test_a_sum_may_be_reached_as_late_as_the_last_share_can_come(
    some: tuple[tuple[int, str, str], ...], least: int, measure: Measure[Any]
) -> None:
    """Whichever claims give what it still lacks by then, of different amounts."""
    assert check_first(paid(*some), measure, ("at_least", least))


@pytest.mark.parametrize(
    "measure",
    [latest(Paid, "amount"), distinct(Paid, "amount"), count(Paid, active=True)],
)
def test_the_first_day_is_that_of_each_choice_of_claims_tried(
    measure: Measure[Any],
) -> None:
    """In some it is held from one day, in others from another, or never."""
    log = paid((1, f"{D1}/2016-01-0X", "x"), (2, D3, "x"), (3, f"{D2}/{D4}", "y"))

    assert check_first(log, measure, ("at_least", 2))
    log = log.append(Event(Paid(0), when="2015-12-3X/2015-12-3X", id="y"))
    assert check_first(log, measure, ("at_least", 2))


def test_a_number_that_held_before_any_event_held_whichever_claims_are_true() -> None:
    """Unless something has an open start, which comes before any day as well."""
    log = paid((1, "2015", "x"), (2, "2016", "x"))
    at_most = log.first(count(Paid), at_most=0, rivals=True)
    assert First(None, Answer.YES) == at_most

    more = log.append(Event(Paid(7), when="../2014", id="open"))
    assert First(None, Answer.NO) == more.first(count(Paid), at_most=0, rivals=True)
    # Or only one claim has one.
    perhaps = log.append(Event(Paid(7), when="../2014", id="x"))
    found = perhaps.first(count(Paid), at_most=0, rivals=True)
    assert First(None, Answer.MAYBE) == found


def test_amounts_of_many_digits_are_compared_exactly_under_rivals() -> None:
    """Neither taking one claim for another nor a changed sign rounds anything."""
    much, more = Decimal(f"1{0:030}.5"), Decimal(f"1{1:030}")
    log, amount = paid((much, "2015", "x"), (more, "2016", "x")), total(Paid, "amount")
    found = log.as_of("2017-01-01").outcomes(amount, rivals=True)
    assert (much, more) == (found.low, found.high)
    assert {much, more} == {*found.values}

    held = log.first(amount, at_least=more, rivals=True)
    assert First(Edtf("2016"), Answer.MAYBE) == held
    owed = paid((much.copy_negate(), "2015", "x"), (more.copy_negate(), "2016", "x"))
    assert held == owed.first(amount, at_most=more.copy_negate(), rivals=True)


def test_too_many_choices_of_claims_leave_the_first_day_unknown() -> None:
    """No part of the choices says anything of all, so no day is named."""
    some = [(2**n, "2015", str(n)) for n in range(20)]
    log = paid(*some, *((0, "2015", name) for _, _, name in some), (1, "[2016..]", "z"))
    unknown = First(None, Answer.MAYBE, complete=False)

    for measure, least in ((latest(Paid, "amount"), 1), (total(Paid, "amount"), 2**20)):
        found = log.first(measure, at_least=least, rivals=True)
        assert unknown == found
        assert "give a limit of more than 100,000" == found.remedy


def test_the_first_day_is_unknown_if_that_of_one_choice_of_claims_is() -> None:
    """A rival may ask its date where what is taken asks none."""
    log = paid((1, f"[{D1}..{D3}]", "x"), (2, D1, "x"))

    found = log.first(count(Paid, where=early), at_least=1, rivals=True)
    assert First(None, Answer.MAYBE, complete=False) == found


def check_outcomes(
    log: EventLog, measure: Measure[Any], since: int, until: int
) -> None:
    """Check the values of a measure against all claims on all their days."""
    expected = {
        value
        for world in measure_model.worlds(log)
        for way in measure_model.ways(world, ends=False)
        for value in measure_model.measured(measure, way, until, since)
    }
    period = (measure_model.day(since), measure_model.day(until))

    def view(some: EventLog) -> View:
        return some.as_of(period[1]) if since == BEFORE else some.during(period)

    found = view(log).outcomes(measure, rivals=True)
    # A certain state is one of the values, also where it asks a date that is not known.
    certain = {
        view(EventLog.of(*w)).project(measure) for w in measure_model.worlds(log)
    }

    assert found.complete
    assert expected <= {*found.values} <= expected | certain
    if measure.aggregate != "latest":
        assert (min(found.values), max(found.values)) == (found.low, found.high)


ANYTHING = [one for one in measure_model.MEASURES if not one.active]


@pytest.mark.full
def test_outcomes_under_rivals_are_those_of_all_claims_on_all_days(
    trials: Callable[..., int],
) -> None:
    """Also of measures that ask dates, of what is taken or of a rival only."""
    for seed in range(trials(5_000, share=25)):
        random = Random(seed)
        since = random.choice([BEFORE, BEFORE, 1, 2])
        until = random.randint(max(since, 1), 5)
        check_outcomes(rival_log(random), random.choice(ANYTHING), since, until)


@pytest.mark.parametrize("measure", ANYTHING)
def test_a_rival_may_ask_its_date_where_what_is_taken_asks_none(
    measure: Measure[Any],
) -> None:
    """Its days are tried, whatever else asks its date."""
    rival, taken = (1, f"[{D1}..{D3}]", "x"), (2, D3, "x")
    for more in ((), ((3, D1, "y"),), ((3, f"[{D2}..{D4}]", "y"), (5, D4, "z"))):
        log = paid(rival, taken, *more)
        check_outcomes(log, measure, BEFORE, 3)
        check_outcomes(log, measure, 2, 3)


def test_a_latest_value_is_missing_only_if_nothing_need_have_happened() -> None:
    """A claim without a first day has certainly happened by its last."""
    value = latest(Paid, "amount")
    log = paid((1, "[..2014]", "x"), (2, "2013", "x"))
    assert {1, 2} == {*log.as_of("2015-01-01").outcomes(value, rivals=True).values}

    log = paid((1, "2016", "x"), (2, "2013", "x"))
    view = log.as_of("2015-01-01")
    assert {None, 2} == {*view.outcomes(value, rivals=True).values}
    view = log.append(Event(Paid(3), when="2012", id="y")).as_of("2015-01-01")
    assert {3, 2} == {*view.outcomes(value, rivals=True).values}


@pytest.mark.parametrize("place", range(3), ids=["a rival", "what is taken", "another"])
def test_dates_of_too_many_days_leave_a_sum_under_rivals_unknown(place: int) -> None:
    """The result says that it is not complete."""
    dates = ["2001-01-02", "2001-01-01", "1990-01-01"]
    dates[place] = "[" + ",".join(f"{year}-06" for year in range(1000, 2000, 2)) + "]"
    names = zip(range(3), dates, "xxy", strict=True)

    def may_be_early(event: Event) -> bool:
        return event.when.on("1500-06-01") is not Answer.NO

    view = paid(*names).as_of("2015-01-01")
    for limit, is_exact in ((20, False), (100_000, True)):
        found = view.outcomes(count(Paid, where=may_be_early), rivals=True, limit=limit)
        assert is_exact is found.complete
    assert {0, 1} == {*found.values}


def test_a_reference_of_a_later_entry_changes_no_answer_of_an_earlier_log() -> None:
    """A selection of a log without disputes has exact bounds, grown or not."""

    def rows(log: EventLog) -> list[tuple[object, ...]]:
        panel = log.among("A", "B").panel(
            count(), by=dyads, start="2015-01-01", stop="2015-12-31", rivals=True
        )
        return [(row.value, row.low, row.high, row.complete) for row in panel]

    def believed(log: EventLog) -> list[list[int]]:
        chosen = log.where(lambda event: event.what.value == "b")
        beliefs = chosen.beliefs(how_many, on="2016-01-01")
        return [[entry.position for entry in belief.entries] for belief in beliefs]

    pair = frozenset({"A", "B"})
    old = EventLog.of(Event(Note("a", pair), when="2015", id="x"))
    grown = old.append(Event(Note("b", pair, frozenset({"x"})), when="2015", id="x"))

    assert [(1, 1, 1, True)] == rows(old) == rows(EventLog(old))
    assert [[]] == believed(old) == believed(EventLog(old))
    assert [[0, 1]] == believed(grown)

    # Nobody disputes anything: a reference decides which events concern whom.
    peaceful = old.append(Event(Note("b", pair, frozenset({"x"})), when="2015"))
    assert [(2, 2, 2, True)] == rows(peaceful)
