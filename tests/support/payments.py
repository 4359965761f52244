"""Payments, and projections that are given wrongly."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from bri_timeline import Event, EventLog, Projection


@frozen
class Paid:
    """Somebody paid."""

    amount: int
    parties: frozenset[str] = frozenset({"AZE", "CHN"})


LOG = EventLog.of(
    Event(Paid(2), when="2015-03"), Event(Paid(0), when="2016", id="nothing")
)
VIEW = LOG.as_of("2017-01-01")


def company(name: str) -> Projection[int]:
    """Return a projection: a function that is to be called."""
    return Projection(int, lambda state, event: state + len(name))


DAYS: dict[str, Any] = {"start": "2015-01-01", "stop": "2016-12-31"}
ASKED: Any = [("AZE", "2017-01-01")]
