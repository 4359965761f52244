"""A log with proposals of each fate."""

from __future__ import annotations

from log_strategies import Fact

from bri_timeline import Event, EventLog, Source


PAPER = Source("The Paper", published="2016-01-02")
BOTH = frozenset({"AAA", "BBB"})
CLAIM = Event(Fact("a", BOTH), when="2016-01-01", cite=PAPER.at("p. 1", "so it was"))
OTHER = Event(Fact("b", BOTH), when="2016-01-02", cite=PAPER.at("p. 2"), id="x")
LOG = (
    EventLog.of(CLAIM)
    .propose(OTHER, by="model")
    .accept(1, by="Anna", because="it stands there")
    .propose(CLAIM, by="model", supersedes=2)
    .accept(3, by="Anna", event=OTHER)
    .propose(OTHER, by="Bela")
    .reject(5, by="Anna", because="known")
    .reject(1, by="Anna", because="forged")
)
