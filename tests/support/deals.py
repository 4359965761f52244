"""Deals, as rows of a table say them."""

from __future__ import annotations

from attrs import frozen

from bri_timeline import Event, Source, projection


@frozen
class Deal:
    """What a row says."""

    country: str
    value: int
    parties: frozenset[str] = frozenset()


LATER = "2100-01-01"
TABLE, PAPER = Source("The table"), Source("The paper")


def deal(
    name: str | None,
    value: int = 1,
    when: str = "2018",
    cite: Source = TABLE,
    country: str = "KAZ",
) -> Event:
    return Event(
        Deal(country, value, frozenset({country})), when=when, cite=cite, id=name
    )


@projection(initial=frozenset)
def contents(state: frozenset[object], event: Event) -> frozenset[object]:
    """All that counts, without its citations."""
    return state | {(event.id, event.what, event.when)}
