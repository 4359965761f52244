"""Why some claims do not count."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from bri_timeline._events import Entry, Event
from bri_timeline.errors import shown


__all__ = ["Dangling", "Dispute", "Reason", "SetAside"]


class Reason(Enum):
    """Why a claim was set aside."""

    RETRACTED = "retracted"
    SUPERSEDED = "superseded"
    DISPUTED = "disputed"


@frozen
class Dispute:
    """Claims about one happening that differ, none of which corrects another.

    Attributes:
        id: The happening.
        taken: The claim that a fold takes.
        others: The claims that it sets aside.
    """

    id: str
    taken: Event
    others: tuple[Event, ...]

    @property
    def claims(self) -> tuple[Event, ...]:
        """All of them, the taken one first."""
        return self.taken, *self.others


@frozen
class SetAside:
    """A claim that does not count.

    Attributes:
        event: The claim.
        reason: Why.
        entry: The entry that claims it.
        by: The entry that retracts or supersedes it, or whose claim is preferred.
    """

    event: Event
    reason: Reason
    entry: Entry
    by: Entry


@frozen
class Dangling:
    """A reference that leads nowhere: of what counts, nothing has this id.

    Attributes:
        event: The event that refers to it.
        id: What it refers to: an id that is misspelt, not known yet, or of something
            that was withdrawn.
    """

    event: Event
    id: str

    def __str__(self) -> str:
        return f"{self.event.when}: refers to {shown(self.id)}, and nothing has this id"
