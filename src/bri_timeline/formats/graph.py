"""GraphML: the relations of actors on a day, for programs that draw networks.

A node is an actor. Each pair of parties of an event is an edge; an event with one party
is an edge from that party to itself. `to_networkx()` returns the same graph. The module
needs networkx: `python -m pip install 'networkx>=3.3'`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bri_timeline import Event, EventLog, View, Vocabulary, dyads
from bri_timeline.errors import BriTimelineError
from bri_timeline.extend import (
    Day,
    describe_event,
    harmless,
    needing,
    replaced,
    require_vocabulary,
)
from bri_timeline.formats._files import Loss, guarded, to_text
from bri_timeline.formats._flat import (
    TellEvent,
    counted_events,
    ended_text,
    sources_text,
    texts_of,
)
from bri_timeline.relations import name_of


# An optional extra: it is imported where it is used.
if TYPE_CHECKING:
    import networkx


__all__ = ["dump", "dumps", "to_networkx"]


# The suffixes of its files.
NAMES = (".graphml",)


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    on: Day = date.max,
    known_by: Day | int | None = None,
    tell: TellEvent = describe_event,
) -> tuple[Loss, ...]:
    """Write the relations on a day as GraphML.

    Of 100,000 events it takes some ten seconds.

    Args:
        log: The log.
        path: The file, which is replaced as a whole or left as it was.
        vocabulary: The payload classes.
        on: The day; by default the last day of the year 9999.
        known_by: The day or log position by which claims must be known.
        tell: Returns the label of an edge.

    Returns:
        The losses.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        OutputError: The file cannot be written.
    """
    with needing("graph"):
        import networkx

    view = log.as_of(on, known_by=known_by)
    graph = to_networkx(view, vocabulary, tell=tell)
    events, losses = counted_events(log, view)
    for counted in events:
        lost = ["its payload and citations are written in words"]
        if not counted.event.parties:
            lost = ["is not written: it has no parties"]
        losses += counted.losses(lost)
    with replaced(Path(path)) as file:
        networkx.write_graphml(graph, file, encoding="utf-8", prettyprint=True)
    return tuple(losses)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as GraphML.

    What the format cannot hold is left out: `dump()` lists it, and has the arguments.
    """
    return text


def to_networkx(
    view: View, vocabulary: Vocabulary, *, tell: TellEvent = describe_event
) -> networkx.MultiGraph[str]:
    """Return the relations of a view as a graph of networkx.

    Each edge has `kind`, `when` (EDTF), `earliest` and `latest` (ISO 8601, left out if
    open or unknown), `certain`, `ended` (`yes`, `no` or `maybe`, left out for what does
    not last), `id`, `label` and `sources`.

    Args:
        view: The view; its undecided events are not `certain`.
        vocabulary: The payload classes.
        tell: Returns the label of an edge.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
    """
    require_vocabulary(vocabulary)
    with needing("graph"):
        import networkx

    graph: networkx.MultiGraph[str] = networkx.MultiGraph()
    for events, certain in ((view.events, True), (view.undecided, False)):
        for event in events:
            about = _about(view.as_cited(event), vocabulary, tell)
            about["certain"] = certain
            if (ended := ended_text(view, event)) is not None:
                about["ended"] = ended
            for actor in sorted(event.parties):
                graph.add_node(actor, label=_called(actor))
            for first, second in _pairs(event):
                graph.add_edge(first, second, **about)
    return graph


def _pairs(event: Event) -> list[tuple[str, str]]:
    # An event of one party would otherwise not appear in the graph.
    alone = [(party, party) for party in event.parties]
    return alone if len(alone) == 1 else list(dyads(event))


def _about(event: Event, vocabulary: Vocabulary, tell: TellEvent) -> dict[str, object]:
    about = texts_of(event, vocabulary, tell) | {"sources": sources_text(event)}
    # XML 1.0 cannot hold control characters, not even escaped.
    return {name: harmless(text) for name, text in about.items() if text is not None}


def _called(actor: str) -> str:
    try:
        return name_of(actor)
    except BriTimelineError:
        return harmless(actor)
