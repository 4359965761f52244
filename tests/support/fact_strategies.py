"""Shipped facts and events of them, from pools so small that they collide."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from bri_timeline import Event
from bri_timeline.edtf import Edtf
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
)


states = st.sampled_from(["AZE", "CHN", "RUS"])
ids = st.sampled_from(["plan-a", "plan-b"])
words = st.sampled_from(["one", "two"])
maybe = st.none() | words
some = st.frozensets(states | st.just("org:huawei"), min_size=1)
any_of = st.frozensets(states)
persons = st.frozensets(st.sampled_from(["person:x", "person:y"]))
dates = st.sampled_from(["2019-08", "2019-04-25", "2019-04/2019-05"]).map(Edtf)
figures = st.sampled_from(["1", "1.0", "1E+1", "10", "-0.5", "0", "-0"]).map(Decimal)
money = st.builds(Money, st.integers(0, 2), st.sampled_from(["USD", "CNY"]))

plan_changes = (
    st.builds(Rescheduled, ids, dates, any_of)
    | st.builds(Postponed, ids, any_of)
    | st.builds(Cancelled, ids, any_of)
    | st.builds(Held, ids, any_of)
)
plans = st.builds(Planned, some, words, st.none() | dates, any_of, maybe)
facts = st.one_of(
    st.builds(InitiativeLaunched, words, states, maybe),
    st.builds(Joined, states, words),
    st.builds(Left, states, words),
    st.builds(
        Visited, states, states, st.none() | st.just("person:x"), maybe,
        st.none() | st.booleans(), maybe,
    ).filter(lambda visit: visit.guest != visit.host),
    st.builds(Met, some, persons, maybe, maybe, maybe),
    st.builds(
        AgreementSigned, some, words, st.integers(1, 3), st.none() | money,
        st.none() | ids, st.booleans(), maybe,
    ),
    st.builds(AgreementStatusChanged, some, ids, words),
    st.builds(PositionDeclared, states, words, words, any_of),
    st.builds(
        IndicatorObserved, some, words, figures, words, st.none() | dates,
        st.booleans(),
    ),
    st.builds(ProjectStatusChanged, some, words, words),
    plans,
    plan_changes,
)  # fmt: skip

DAYS = ("2019-04-24", "2019-04-25")
days = st.sampled_from(DAYS)
whens = days | st.sampled_from(["2019", "[..2019-04-24]", "2019-04-24/2019-04-25"])


@st.composite
def events(draw: st.DrawFn, whens: st.SearchStrategy[str] = whens) -> list[Event]:
    """Return events of different ids, plans among them that others refer to."""
    found = []
    for index, fact in enumerate(draw(st.lists(facts | plan_changes, max_size=7))):
        name = "plan-a" if isinstance(fact, Planned) else f"event-{index}"
        if name in {event.id for event in found}:
            name = f"plan-b-{index}"
        found.append(Event(fact, when=draw(whens), id=name))
    return found
