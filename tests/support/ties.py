"""A state written by hand, the same one composed, and a log of what it reads."""

from __future__ import annotations

from attrs import field, frozen

from bri_timeline import Event, EventLog, Source, projection
from bri_timeline.folds import keyed, record
from bri_timeline.measures import count, latest
from bri_timeline.relations import Joined, Left, PositionDeclared, Visited


__all__ = ["COMPOSED", "LOG", "Ties", "by_hand"]


@frozen
class Ties:
    """A state as users write it by hand."""

    visits: int = 0
    stances: dict[str, str] = field(factory=dict)
    topic: str | None = None


@projection(initial=Ties, reads=(Visited, PositionDeclared))
def by_hand(state: Ties, event: Event) -> Ties:
    """Fold visits and stances."""
    match event.what:
        case Visited():
            return Ties(state.visits + 1, state.stances, state.topic)
        case PositionDeclared(topic=topic, stance=stance):
            stances = {**state.stances, topic: stance}
            return Ties(state.visits, dict(sorted(stances.items())), topic)
    return state


COMPOSED = record(
    "Ties",
    visits=count(Visited),
    stances=keyed(latest(PositionDeclared, "stance"), by="topic"),
    topic=latest(PositionDeclared, "topic"),
)
PAPER = Source("The Paper", published="2016-02-01")
LOG = EventLog.of(
    Event(Visited("AZE", "CHN"), when="2015-03", cite=PAPER),
    Event(Visited("CHN", "AZE"), when="2016-05-04", cite=PAPER),
    Event(PositionDeclared("AZE", "rail", "for", {"CHN"}), when="2015", cite=PAPER),
    Event(PositionDeclared("AZE", "rail", "against", {"CHN"}), when="2016", cite=()),
    Event(PositionDeclared("CHN", "gas", "for", {"AZE"}), when="2015-03", cite=PAPER),
    Event(Joined("AZE", "org:sco"), when="2015-01-01", cite=PAPER),
    Event(Left("AZE", "org:sco"), when="2016-02", cite=PAPER),
)
