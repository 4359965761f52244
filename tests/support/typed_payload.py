"""A payload of which each field says its type."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from attrs import frozen

from bri_timeline import Event


YEARS: dict[str, Any] = {"start": "2013-01-01", "stop": "2015-12-31"}


@frozen
class Typed:
    """A payload whose fields say their types."""

    guest: str
    n: int | None = None
    name: str | None = None
    price: Decimal | None = None
    share: float | None = None
    is_done: bool | None = None
    either: int | float | None = None
    untyped: Any = None


def guests(event: Event) -> Iterable[str]:
    """The guest."""
    return [event.what.guest]
