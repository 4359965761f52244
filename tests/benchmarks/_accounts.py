"""An application of the `eventsourcing` package: accounts with a running total."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


__all__ = ["EVERY", "MEMORY", "SQLITE", "Account", "Accounts", "Snapshotted"]

EVERY = 100
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
    """Accounts with a snapshot every so many events."""

    snapshotting_intervals: ClassVar[dict[type, int]] = {Account: EVERY}
