"""Projections that are wrong in common ways: each is found, and the remedy named."""

from __future__ import annotations

import datetime
import itertools
import random
import sys
import time
from collections import Counter
from decimal import Decimal
from typing import Any, assert_never

import pendulum
import pytest
from attrs import evolve, frozen
from hypothesis import Phase
from hypothesis import strategies as st

from bri_timeline import Answer, Event, Projection, projection
from bri_timeline.edtf import Edtf
from bri_timeline.testing import _searching, check_projection, events, payloads
from bri_timeline.testing._coverage import Watch


@frozen
class Signed:
    """Somebody signed something."""

    company: str
    value: int
    parties: frozenset[str] = frozenset()


@frozen
class Ended:
    """Something ended."""

    company: str


BOTH = events(Signed, Ended)
CALLS = itertools.count()
SEEN: set[object] = set()
COUNTED: Counter[str] = Counter()
SHARED: list[str] = []
TODAY = datetime.date.today


@frozen
class Standing:
    """A state."""

    total: int = 0
    last: Event | None = None
    open: tuple[str, ...] = ()


def looks_for_a_name(state: int, event: Event) -> int:
    match event.what:
        case Signed(company="acme"):
            return state + 1
        case _:
            return state


def looks_for_a_name_on_one_line(state: int, event: Event) -> int:
    return state + 1 if getattr(event.what, "company", "") == "acme" else state


def never_tries_a_branch(state: int, event: Event) -> int:
    if isinstance(event.what, Signed):
        if event.what.company == "acme":
            return state - event.what.value
        return state + event.what.value
    return state


def never_tries_a_sum(state: int, event: Event) -> int:
    if isinstance(event.what, Signed):
        state += event.what.value
        if event.what.value > 1_000:
            state += 1
    return state


def waits_for_a_kind_that_is_not_given(state: int, event: Event) -> int:
    match event.what:
        case Signed(value=value):
            return state + value
        case Renewed():
            return state + 1
        case _:
            return state


@frozen
class Renewed:
    """Something was renewed."""


def changes_nothing(state: int, event: Event) -> int:
    return state


def last_write_wins(state: Any, event: Event) -> Any:
    return event.what if isinstance(event.what, Signed) else state


def first_write_wins(state: Any, event: Event) -> Any:
    return state or (event.what if isinstance(event.what, Signed) else state)


def a_list_in_order(state: Any, event: Event) -> Any:
    return (*state, event) if isinstance(event.what, Signed) else state


def ends_what_a_field_refers_to(state: Any, event: Event) -> Any:
    match event.what:
        case Signed():
            return state | {event.id}
        case Ended(company=name):
            return state - {name}
        case _:
            return state


def counts_a_year(state: int, event: Event) -> int:
    year = event.when.earliest.year if event.when.earliest else 0
    return state + (year >= 2016)


def sorts_by_the_earliest_day(state: Any, event: Event) -> Any:
    if state is None or (event.when.first_day or 0) > state:
        return event.when.first_day or 0
    return state


def takes_maybe_for_yes(state: int, event: Event) -> int:
    if event.when.is_extent:
        return state
    return state + (event.when.on_or_before("2015-12-31") is not Answer.NO)


def by_month(state: Any, event: Event) -> Any:
    month = event.when.latest and event.when.latest.month
    return state | {month: state.get(month, 0) + 1}


def changes_its_state(state: Any, event: Event) -> Any:
    state[type(event.what).__name__] = True
    return state


def changes_a_part_of_it(state: Any, event: Event) -> Any:
    state = dict(state)
    state.setdefault("all", []).append(1)
    return state


def returns_nothing(state: Any, event: Event) -> Any:
    if isinstance(event.what, Signed):
        return state | {event.what.company}
    return None


def always_returns_nothing(state: Any, event: Event) -> None:
    state.add(type(event.what).__name__)


def forgets_to_return_it(state: int, event: Event) -> Any:
    if isinstance(event.what, Signed):
        state += event.what.value
    elif isinstance(event.what, Ended):
        return None
    return state


def forgets_other_kinds(state: int, event: Event) -> Any:
    match event.what:
        case Signed(value=value):
            return state + value
        case Ended():
            return state


def asks_the_clock(state: int, event: Event) -> int:
    return state + (TODAY().year > 2015)


def asks_the_clock_of_pendulum(state: int, event: Event) -> int:
    return state + (pendulum.now("UTC").year > 2015)


def asks_the_time(state: int, event: Event) -> int:
    return state + (time.time() > 0)


def asks_chance(state: int, event: Event) -> int:
    return state + (random.random() < 2)


def counts_its_calls(state: int, event: Event) -> int:
    return next(CALLS)


def remembers_outside(state: int, event: Event) -> int:
    COUNTED[event.id] += 1
    return state + (COUNTED[event.id] == 1)


def counts_one_happening_once(state: int, event: Event) -> int:
    first = event.what not in SEEN
    SEEN.add(event.what)
    return state + first


def begins_with_what_is_shared(state: Any, event: Event) -> Any:
    return [*state, "x"]


def raises_without_an_earlier_event(state: Any, event: Event) -> Any:
    match event.what:
        case Signed(company=company):
            return {**state, company: 1}
        case Ended(company=company):
            state = dict(state)
            del state[company]
            return state
        case _:
            return state


def divides(state: Any, event: Event) -> Any:
    return state + 1 / event.what.value if isinstance(event.what, Signed) else state


def knows_all_kinds(state: int, event: Event) -> int:
    what: Any = event.what
    return state + len(what.company)


def reads_too_little(state: int, event: Event) -> int:
    return state + 1


class Incomparable:
    """A state that is compared by identity."""


WRONG: dict[str, tuple[Projection[Any], str]] = {
    fold.__name__: (Projection(initial, fold, **named), said)
    for fold, initial, named, said in [
        (looks_for_a_name, int, {}, "company=st.sampled_from(['acme', ...])"),
        (looks_for_a_name_on_one_line, int, {}, "payloads(Signed, company=st.sampled"),
        (never_tries_a_branch, int, {}, "company=st.sampled_from(['acme', ...])"),
        (never_tries_a_sum, int, {}, "value=st.sampled_from([1000, ...])"),
        (waits_for_a_kind_that_is_not_given, int, {}, "give events of Renewed too"),
        (changes_nothing, int, {}, "was not tried: no event changed its state"),
        (last_write_wins, lambda: None, {}, "pass order_dependent_ok=True"),
        (first_write_wins, lambda: None, {}, "pass order_dependent_ok=True"),
        (a_list_in_order, tuple, {}, "pass order_dependent_ok=True"),
        (ends_what_a_field_refers_to, frozenset, {}, "pass order_dependent_ok=True"),
        (counts_a_year, int, {}, "keep `when` whole"),
        (sorts_by_the_earliest_day, lambda: None, {}, "keep `when` whole"),
        (takes_maybe_for_yes, int, {}, "pass reads_when_ok=True"),
        (by_month, dict, {}, "takes an imprecise date for a day"),
        (changes_its_state, dict, {}, "changes the state that it is given: return"),
        (changes_a_part_of_it, dict, {}, "changes the state that it is given: return"),
        (returns_nothing, frozenset, {}, "as `case _: return state` does"),
        (
            always_returns_nothing,
            set,
            {},
            "returns None for a kind it does not know: return",
        ),
        (forgets_to_return_it, int, {}, "return the state, also where nothing changes"),
        (forgets_other_kinds, int, {}, "returns None for a kind it does not know"),
        (asks_the_clock, int, {}, "asks date.today, which answers otherwise another"),
        (asks_the_clock_of_pendulum, int, {}, "ask about a day with as_of()"),
        (asks_the_time, int, {}, "asks time, which answers otherwise another time"),
        (asks_chance, int, {}, "asks Random.random, which answers otherwise"),
        (counts_its_calls, int, {}, "depend on nothing but the state and the event"),
        (remembers_outside, int, {}, "depend on nothing but the state and the event"),
        (counts_one_happening_once, int, {}, "gives two states for the same events"),
        (begins_with_what_is_shared, lambda: SHARED, {}, "make a new one"),
        (raises_without_an_earlier_event, dict, {}, "take every event at every"),
        (divides, int, {}, "raises ZeroDivisionError"),
        (knows_all_kinds, int, {}, "raises AttributeError"),
        (reads_too_little, int, {"reads": Signed}, "pass reads_select_ok=True"),
    ]
} | {
    "incomparable": (
        Projection(Incomparable, lambda state, event: state),
        "give a class that compares by content",
    ),
    # A fold without a name of its own.
    "lambda": (
        Projection(lambda: None, lambda state, event: event.what),
        "pass order_dependent_ok=True",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_check_projection_finds_each_planted_fault_and_names_the_remedy(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of these passes a test by one or two events, and none passes the check."""
    # To show the smallest list of events takes most of the time, and is not asked here.
    monkeypatch.setattr(_searching, "_PHASES", [Phase.generate])
    wrong, remedy = WRONG[name]
    with pytest.raises(AssertionError) as error:
        check_projection(wrong, BOTH)

    assert remedy in str(error.value)


def total(state: int, event: Event) -> int:
    match event.what:
        case Signed(company="acme", value=value):
            return state + value
        case _:
            return state


def newest(state: Standing, event: Event) -> Standing:
    if not isinstance(event.what, Signed | Ended):
        return state
    if isinstance(event.what, Signed):
        return evolve(state, total=state.total + event.what.value, last=event)
    return evolve(state, last=event)


def by_company(state: Any, event: Event) -> Any:
    what = event.what
    return state | {what.company: state.get(what.company, 0) + what.value}


def companies(state: frozenset[str], event: Event) -> frozenset[str]:
    assert isinstance(event.what, Signed)
    try:
        amount = Decimal(event.what.value)
    except ArithmeticError:
        raise ValueError(event.what) from None
    for party in sorted({event.what.company}):
        if amount < 0:
            continue
        state |= {party}
    return state


def claims_in_force(state: Any, event: Event) -> Any:
    name = getattr(event.what, "company", None)
    if name is None:
        pass
    else:
        state = {**state, name: event}
    return state


def known_kinds(state: int, event: Event) -> int:
    match event.what:
        case Signed():
            return state + 1
        case Ended():
            return state - 1
        case _:
            assert_never(event.what)


class Summing:
    """A projection that is an object."""

    def __call__(self, state: int, event: Event) -> int:
        return state + sum(1 for kind in (Signed,) if isinstance(event.what, kind))


NAMED = events(payloads(Signed, company=st.sampled_from(["acme", "other"])))
RIGHT: dict[str, tuple[Projection[Any], Any, dict[str, bool]]] = {
    "total": (Projection(int, total), NAMED, {}),
    "newest": (Projection(Standing, newest), BOTH, {"order_dependent_ok": True}),
    "by company": (Projection(dict, by_company, reads=Signed), BOTH, {}),
    "companies": (Projection(frozenset, companies, reads=Signed), BOTH, {}),
    "in force": (Projection(dict, claims_in_force), BOTH, {"order_dependent_ok": True}),
    "known kinds": (Projection(int, known_kinds, reads=(Signed, Ended)), BOTH, {}),
    "object": (Projection(int, Summing()), BOTH, {}),
    "lambda": (Projection(int, lambda state, event: state + 1), BOTH, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RIGHT)
def test_check_projection_passes_projections_that_keep_the_laws(name: str) -> None:
    """Nothing is said against what keeps the laws and was tried."""
    right, given, permitted = RIGHT[name]

    check_projection(right, given, **permitted)


def test_check_projection_ignores_branches_of_functions_without_source() -> None:
    """A function that was made of text has no branches to look at."""
    made: dict[str, Any] = {}
    exec("def typed(state, event):\n return state + 1 if event else 0", made)

    check_projection(Projection(int, made["typed"]), BOTH)
    text = compile("def other(state, event): return state", "CHANGELOG.md", "exec")
    exec(text, made)

    assert () == Watch(made["typed"]).branches
    assert () == Watch(made["other"]).branches
    assert () == Watch(len).branches


def test_check_projection_permits_branches_that_are_not_entered() -> None:
    """What the events do not enter is let pass when that is said."""
    wrong, _ = WRONG["never_tries_a_branch"]

    check_projection(wrong, BOTH, untried_ok=True)


@pytest.mark.slow
def test_check_projection_permits_projections_that_read_dates() -> None:
    """What counts a period passes when it is said that it reads dates."""
    year = Edtf("2015")

    @projection(initial=int)
    def in_2015(state: int, event: Event) -> int:
        return state + (event.when.is_extent or event.when.during(year) is Answer.YES)

    check_projection(in_2015, BOTH, reads_when_ok=True)


def test_check_projection_restores_the_trace_function() -> None:
    """A measurement of coverage, or a debugger, goes on after the calls."""

    def tracer(_frame: object, _event: str, _arg: object) -> None:
        return None

    watch = Watch(total)
    before = sys.gettrace(), sys.getprofile()
    sys.settrace(tracer)
    try:
        assert 3 == watch.call(total, 3, Event(Ended("x"), when="2016"))
        found = sys.gettrace()
    finally:
        sys.settrace(before[0])

    assert tracer is found
    assert before == (sys.gettrace(), sys.getprofile())
    assert ["return state + value"] == [branch.text for branch in watch.missed()]


def test_lines_of_the_function_alone_are_noted() -> None:
    """Those of its caller are not, nor what the caller asks of the clock."""
    watch, frame = Watch(never_tries_a_branch), sys._getframe()
    time.time()
    assert watch.trace(frame, "line", None) is None
    inside: list[Any] = []
    code = never_tries_a_branch.__code__

    def catch(found: Any, event: str, arg: object) -> None:
        if found.f_code is code:
            inside.append(found)

    before = sys.gettrace()
    sys.settrace(catch)
    never_tries_a_branch(0, Event(Signed("acme", 1), when="2016"))
    sys.settrace(before)

    assert watch.trace == watch.trace(inside[0], "call", None)
    assert [*watch.branches] == watch.missed() != []
    assert watch.trace == watch.trace(inside[0], "line", None)
    assert [] == watch.missed()
    watch.profile(frame, "call", None)
    assert {} == watch.impure
    watch.profile(frame, "c_call", time.time)
    assert {"time": None} == watch.impure
