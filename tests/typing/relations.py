"""Relationships, built-in logs and chronicle files; never executed."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import assert_type

from bri_timeline import Event, EventLog
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.folds import Composed, FrozenList
from bri_timeline.formats import chronicle
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    Match,
    Matches,
    Met,
    Money,
    Plan,
    Planned,
    PlanStatus,
    Relationship,
    Trip,
    Visited,
    actor,
    match,
    name_of,
    relationship,
    trips,
)


china = relationship("AZE", "CHN")
assert_type(china, Composed[Relationship])
log = azerbaijan_china()
assert_type(log, EventLog)
state = log.as_of("2019-04-26").project(china)
assert_type(state.agreement_count, int)
assert_type(state.agreed_value["USD"], Decimal)
assert_type(state.visits, FrozenList[Event])
assert_type(state.visits[0], Event)
assert_type(state.plans["x"], Plan)
assert_type(state.plans["x"].status_on("2019-09-01"), PlanStatus)
assert_type(actor("AZE"), str)
assert_type(name_of("AZE"), str)
assert_type(Money(821, "USD") + Money("1.5", "USD"), Money)
assert_type(match(log, log.as_of("2019-04-26"), days=1), Matches)
assert_type(match(log).pairs, Sequence[Match])
assert_type(trips(state.visits, gap=3), tuple[Trip, ...])
Visited("AZE", "CHN")
Met(frozenset({"AZE", "CHN"}))
AgreementSigned(["AZE", "CHN"], "ten agreements", 10, value=Money(821, "USD"))
Planned({"AZE", "CHN"}, "summit", expected="2019-08")
assert_type(chronicle.load(Path("log.toml"), FACTS), EventLog)
assert_type(chronicle.loads("", FACTS, name="log"), EventLog)
