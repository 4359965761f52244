"""Projections that are composed of others: by field, by key, by a last step.

A composition is a `Projection`, so that every question takes it:

    WORLD = record(
        "World",
        boards=keyed(keyed(in_force(Appointed), by="person"), by="company"),
        pledged=keyed(total(Pledged, "amount"), by="country"),
        pledges=count(Pledged),
    )
    log.as_of("2017-12-31").project(WORLD).pledged["KAZ"]

Its leaves are measures, `listing()`, `in_force()` and any `@projection`. Write a
function for what depends on the order of events of several kinds, and a composition for
everything that has a key: then a late report costs what it reaches.
"""

from __future__ import annotations

from bri_timeline._folds import (
    Composed,
    FrozenList,
    Record,
    in_force,
    keyed,
    listing,
    mapped,
    record,
)


__all__ = [
    "Composed",
    "FrozenList",
    "Record",
    "in_force",
    "keyed",
    "listing",
    "mapped",
    "record",
]
