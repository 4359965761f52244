"""From a dataset into a store, by streaming."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bri_timeline._bulk import uncollected
from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry
from bri_timeline.errors import StaleLogError
from bri_timeline.stores import Head, Store
from bri_timeline.stores._rows import Claims, draft_of


__all__ = ["copied"]

_AT_ONCE = 4096


def copied(entries: Iterator[Entry], store: Store, vocabulary: Vocabulary) -> Head:
    """Write down the entries that a store does not hold yet, so many at a time.

    Args:
        entries: All entries of a log, in order.
        store: It holds the first of them, or none.
        vocabulary: The payload classes.

    Raises:
        StaleLogError: It holds something else.
    """
    head = store.head()
    last = next(store.follow(max(head.position - 1, -1), patience=0), None)
    if last is not None:
        same = next(islice(entries, head.position, None), None)
        if same != last:
            problem = "the store holds another log than the dataset"
            raise StaleLogError(-1, head.position, f"{problem}: copy into a new one")
    ready = Claims(vocabulary)
    while some := [*islice(entries, _AT_ONCE)]:
        with store._session(writing=True) as session, uncollected():
            drafts = [draft_of(entry, ready) for entry in some]
            store._insert(session, drafts, store._clock(), head.position)
            head = session.head()
    return head
