"""An application of the `eventsourcing` package: accounts with a running total."""

from __future__ import annotations

import json
from typing import ClassVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent

from bri_timeline import Event


__all__ = [
    "MEMORY",
    "SQLITE",
    "Account",
    "Accounts",
    "Snapshotted",
    "SnapshottedAlways",
    "stored",
]

MEMORY: dict[str, str] = {}
SQLITE = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": ":memory:"}


class Account(Aggregate):
    """A running total of agreements."""

    def __init__(self) -> None:
        self.total = 0

    @event("Signed")
    def sign(self, millions: int) -> None:
        """Note an agreement."""
        self.total += millions


class Accounts(Application[UUID]):
    """Accounts, each replayed from its first event."""

    def opened(self, amounts: list[int]) -> UUID:
        """Save an account with agreements of these amounts, and return its id."""
        account = Account()
        for millions in amounts:
            account.sign(millions)
        self.save(account)
        return account.id


class Snapshotted(Accounts):
    """Accounts with a snapshot every hundred events."""

    snapshotting_intervals: ClassVar[dict[type, int]] = {Account: 100}


class SnapshottedAlways(Accounts):
    """Accounts with a snapshot at each event: their fastest form to ask."""

    snapshotting_intervals: ClassVar[dict[type, int]] = {Account: 1}


def stored(claim: Event, whose: UUID, version: int) -> StoredEvent:
    """Return what a recorder keeps of an event, as JSON without the package's own."""
    fields = {
        "parties": sorted(claim.parties),
        "millions": claim.what.millions,
        "when": str(claim.when),
        "id": claim.id,
        "cite": str(claim.cite[0]),
    }
    return StoredEvent(
        originator_id=whose,
        originator_version=version,
        topic="Signed",
        state=json.dumps(fields).encode(),
    )
