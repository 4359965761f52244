"""Selections that read sizes only: their values are known without trying orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from effort import at_most
from fact_strategies import events
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Outcomes, Projection, dyads
from bri_timeline._queries._sizes import sized
from bri_timeline.errors import ProjectionError
from bri_timeline.relations import (
    AgreementSigned,
    Joined,
    Met,
    Relationship,
    Visited,
    relationship,
)


BOTH = relationship("AZE", "CHN")
NAMES = BOTH.evolve.sized
DAYS = ["2019-04-23", "2019-04-24", "2019-04-25", "2019-12-31"]
Of = Callable[[Any], Any]


def size(part: Any) -> int:
    return part if isinstance(part, int) else len(part)


def of_sizes(*names: str) -> Of:
    """Select sizes, and nothing else."""
    return lambda state: tuple(size(getattr(state, name)) for name in names)


def of_all(*names: str) -> Of:
    """Select the same, having read the parties too: then orders are tried."""
    return lambda state: state.parties and of_sizes(*names)(state)


@given(
    events(),
    st.sampled_from(DAYS),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
    st.booleans(),
)
def test_values_of_sizes_are_those_of_all_orders(
    claimed: list[Event], day: str, names: list[str], within: bool
) -> None:
    """The same values, alone and together, in a view of a period too."""
    log = EventLog.of(*claimed)
    view = (
        log.during(("2019-04-24", day)) if within and day > DAYS[0] else log.as_of(day)
    )
    one, other = (view.outcomes(BOTH, of=of(*names)) for of in (of_sizes, of_all))

    assert one.certain == other.certain
    assert other.complete <= one.complete
    assert {*other.values} <= {*one.values}
    assert not other.complete or {*one.values} == {*other.values}


@at_most(10)
@given(
    events(),
    st.sampled_from(NAMES),
    st.sampled_from([{}, {"window": "month"}, {"flow": True}]),
)
def test_rows_of_sizes_are_those_of_all_orders(
    claimed: list[Event], name: str, options: dict[str, Any]
) -> None:
    """Whatever came to be known in the rows before, and in each window."""
    options |= {"every": "month", "start": "2019-02-01", "stop": "2020-02-01"}
    log = EventLog.of(*claimed)
    one, other = (
        [*log.panel(relationship, by=dyads, of=of, **options)]
        for of in (
            lambda state: size(getattr(state, name)),
            lambda state: state.parties and size(getattr(state, name)),
        )
    )

    assert [row for row in one if row.complete] == one
    assert [r for r, other in zip(one, other, strict=True) if other.complete] == [
        row for row in other if row.complete
    ]


def undecided(number: int) -> EventLog:
    """Visits, meetings and agreements that may have happened by the middle of 2019."""
    pair = {"AZE", "CHN"}
    whats = [
        *(Visited("AZE", "CHN", occasion=f"{n}") for n in range(number)),
        *(Met(pair, occasion=f"{n}") for n in range(number)),
        *(AgreementSigned(pair, f"{n}", count=1 + n % 2) for n in range(number)),
    ]
    return EventLog.of(*(Event(what, when="2019") for what in whats))


def asked(log: EventLog, of: Of) -> Outcomes[Any]:
    return log.as_of("2019-06-30").outcomes(BOTH, of=of)


def test_many_undecided_events_have_exact_bounds() -> None:
    """Of a difference of two sizes too, and of what is counted together."""
    log = undecided(40)

    assert asked(log, lambda s: len(s.visits)).values == tuple(range(41))
    found = asked(log, lambda s: len(s.visits) - len(s.meetings))
    assert (-40, 40, True) == (found.low, found.high, found.complete)
    found = asked(log, lambda s: s.agreement_count)
    assert (0, 60, True) == (found.low, found.high, found.complete)
    # The second size is read only if there are visits.
    found = asked(log, lambda s: len(s.visits) and len(s.meetings))
    assert (0, 40, True) == (found.low, found.high, found.complete)


READS_MORE: list[Of] = [
    lambda s: s.visits,
    lambda s: len({*s.visits}),
    lambda s: len([visit.id for visit in s.visits]),
    lambda s: len(s.memberships),
    lambda s: s == 0,
    lambda s: len(repr(s)),
    lambda s: [len(s.visits)],
    lambda s: s.visits == s.meetings,
    lambda s: s.meetings in [s.visits],
    lambda s: str(s.visits),
    lambda s: len({s.visits}),
    lambda s: s.visits.count(s.visits[0]),
    lambda s: any(one is s.agreements[-1] for one in s.agreements_without_value),
]


@pytest.mark.parametrize("of", READS_MORE, ids=map(str, range(len(READS_MORE))))
def test_what_reads_more_is_left_to_the_orders(of: Of) -> None:
    """Nothing of such an event or a state is seen outside."""
    event = Event(Visited("AZE", "CHN"), when="2019")
    state = Relationship(frozenset({"AZE", "CHN"}))
    found = sized(BOTH, of, lambda: state, lambda: [event], 100)

    assert found is None


def test_too_many_sums_are_left_to_the_orders() -> None:
    """What is asked for has a limit."""
    log = undecided(200)
    found = asked(log, lambda s: len(s.visits) + len(s.meetings) + s.agreement_count)

    assert not found.complete


def test_bundles_are_left_to_the_orders() -> None:
    """A part counts unless its bundle does, so their order is tried."""
    pair = {"AZE", "CHN"}
    log = EventLog.of(
        Event(AgreementSigned(pair, "all", count=10), when="2019", id="bundle"),
        Event(AgreementSigned(pair, "one", part_of="bundle"), when="2018"),
    )

    assert {1, 10} == {*asked(log, lambda s: s.agreement_count).values}
    assert {1, 2} == {*asked(log, lambda s: len(s.agreements)).values}
    days = {"start": "2018-01-01", "stop": "2019-06-30"}
    counted = log.panel(relationship, by=dyads, of=lambda s: s.agreement_count, **days)
    assert [(1, 10)] == [(row.low, row.high) for row in counted]


def test_other_projections_have_no_sizes() -> None:
    """A fold of one's own says nothing of them."""
    fold: Projection[int] = Projection(int, lambda state, event: state + 1)

    assert sized(fold, lambda state: state, int, list, 100) is None


def test_a_selection_that_fails_fails() -> None:
    """The error is that of the fold, with its state, and says that it is of=."""
    log = EventLog.of(Event(Joined("AZE", "x"), when="2019"))
    with pytest.raises(ProjectionError, match="given as of=, raises Zero") as error:
        asked(log, lambda s: 1 // len(s.visits))
    assert isinstance(error.value.__cause__, ZeroDivisionError)
