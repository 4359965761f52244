"""What a type checker knows of compositions: checked by mypy and pyright."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import assert_type

from bri_timeline import Event, EventLog
from bri_timeline.folds import (
    Composed,
    FrozenList,
    Record,
    in_force,
    keyed,
    listing,
    mapped,
    record,
)
from bri_timeline.measures import count
from bri_timeline.relations import Joined, Visited


class Ties(Record):
    """A record whose fields have types."""

    visits: FrozenList[Event]
    members: Mapping[Hashable, Event | None]

    @property
    def size(self) -> int:
        """How much there is."""
        return len(self.visits) + len(self.members)


view = EventLog().as_of("2019-04-26")
members = keyed(in_force(Joined), by=("member", "body"))
ties = record(Ties, visits=listing(Visited), members=members)

assert_type(members, Composed[Mapping[Hashable, Event | None]])
assert_type(
    keyed(members, by="member"),
    Composed[Mapping[Hashable, Mapping[Hashable, Event | None]]],
)
assert_type(mapped(count(Visited), str), Composed[str])
assert_type(view.project(ties), Ties)
assert_type(view.project(ties).size, int)
assert_type(view.project(ties.among("AZE", "CHN")).visits, FrozenList[Event])
assert_type(view.project(record("Ties", visits=count(Visited))), Record)
