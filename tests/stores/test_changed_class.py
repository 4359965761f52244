"""A class that gives other parties than it did: the index of a store lacks them."""

from __future__ import annotations

import pytest
from attrs import frozen
from store_worlds import OPENERS, Opener

from bri_timeline import Event, EventLog, Projection, Vocabulary
from bri_timeline.errors import VocabularyError
from bri_timeline.stores import copy


# What is in memory does not outlive its classes.
KINDS = [kind for kind in OPENERS if kind != "memory"]


@frozen
class Sale:
    """A sale, of which the buyer alone is a party at first."""

    buyer: str
    seller: str

    @property
    def parties(self) -> frozenset[str]:
        """Return who has bought."""
        return frozenset({self.buyer})


@frozen
class SaleOfBoth(Sale):
    """The same class, after the seller was added to its parties."""

    @property
    def parties(self) -> frozenset[str]:
        """Return who has bought and who has sold."""
        return frozenset({self.buyer, self.seller})


@pytest.mark.parametrize("opener", [OPENERS[kind] for kind in KINDS], ids=KINDS)
def test_changed_parties_are_told_by_every_indexed_read(opener: Opener) -> None:
    """A part that lacks claims is refused in true words, until a copy finds them."""
    before, now = Vocabulary(sale=Sale), Vocabulary(sale=SaleOfBoth)
    fold = Projection(int, lambda state, _: state + 1, parties=("bob",))
    with opener() as store, opener() as other:
        store._database.vocabulary = before
        copy(EventLog.of(Event(Sale("amy", "bob"), when="2016")), store)
        store._database.vocabulary = now
        words = "no line .* has changed, but entry 0: is found by other parties than"
        for ask in (
            store.verify,
            lambda: store.read(parties=["bob"]),
            lambda: store.read(projection=fold),
        ):
            with pytest.raises(VocabularyError, match=words) as refused:
                ask()
            assert "the class has changed since: copy() the store" in str(refused.value)
        assert 1 == len(store.read())
        other._database.vocabulary = now
        copy(store, other)
        assert 1 == len(other.read(parties=["bob"]))
