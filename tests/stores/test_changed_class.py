"""A class that gives other parties than it did: the index of a store lacks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest
from attrs import frozen
from store_worlds import OPENERS, Opener, use

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


@frozen
class SaleOfNobody(Sale):
    """The same class, after its parties were taken away."""

    parties: ClassVar[frozenset[str]] = frozenset()


@frozen
class Lease(Sale):
    """Another class, which does not change."""


BEFORE, NOW = Vocabulary(sale=Sale), Vocabulary(sale=SaleOfBoth)
SALE = Event(Sale("amy", "bob"), when="2016")
EACH_STORE = pytest.mark.parametrize(
    "opener", [OPENERS[kind] for kind in KINDS], ids=KINDS
)


@EACH_STORE
def test_changed_parties_are_told_by_every_indexed_read(opener: Opener) -> None:
    """A part that lacks claims is refused in true words, until a copy finds them."""
    fold = Projection(int, lambda state, _: state + 1, parties=("bob",))
    with opener() as store, opener() as other:
        use(store, BEFORE)
        copy(EventLog.of(SALE), store)
        use(store, NOW)
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
        use(other, NOW)
        copy(store, other)
        assert 1 == len(other.read(parties=["bob"]))


@EACH_STORE
@pytest.mark.parametrize("name", ["sale", "a", "z"])
def test_a_few_claims_of_each_kind_are_compared(opener: Opener, name: str) -> None:
    """Wherever its kind is among others, also if most groups are of another one."""
    sellers = [Event(Sale(str(n), "bob"), when="2016") for n in range(9)]
    with opener() as store:
        use(store, Vocabulary(m=Sale, **{name: SaleOfBoth}))
        store.append([*sellers, Event(SaleOfBoth("amy", "bob"), when="2016")])
        assert 1 == len(store.read(parties=["amy", "bob"]))
        use(store, Vocabulary(m=Sale, **{name: SaleOfNobody}))
        with pytest.raises(VocabularyError, match="entry 9: is found by other parties"):
            store.read(parties=["amy"])


def of_bob(fields: Mapping[str, object]) -> dict[str, object]:
    """Let Bob be who has sold."""
    return {**fields, "seller": "bob"}


@EACH_STORE
@pytest.mark.parametrize("position", [9, 10])
def test_an_old_and_a_new_version_are_compared(opener: Opener, position: int) -> None:
    """A class can have changed for either alone."""
    is_old = position == 9
    seller, upcast = ("cid", of_bob) if is_old else ("dan", dict)
    with opener() as store:
        use(store, Vocabulary(m=Lease, sale=Sale))
        others = [Event(Lease(str(n), "bob"), when="2016") for n in range(9)]
        store.append([*others, Event(Sale("amy", "amy"), when="2016")])
        same = Vocabulary(m=Lease, sale=Sale, upcasts={Sale: (dict,)})
        use(store, same)
        store.append(Event(Sale("cid", seller), when="2016"))
        classes = {"m": Lease, "sale": SaleOfBoth}
        use(store, Vocabulary(**classes, upcasts={SaleOfBoth: (upcast,)}))
        with pytest.raises(VocabularyError, match=f"entry {position}: is found by"):
            store.read(parties=["amy"])


@EACH_STORE
def test_the_oldest_claims_are_compared(opener: Opener) -> None:
    """A class can have changed for some of its claims alone."""
    with opener() as store:
        use(store, BEFORE)
        sellers = {"amy": "amy", "mel": "amy", "zoe": "zoe"}
        store.append([Event(Sale(*both), when="2016") for both in sellers.items()])
        use(store, NOW)
        with pytest.raises(VocabularyError, match="entry 1: is found by"):
            store.read(parties=["amy"])


@EACH_STORE
def test_changed_parties_are_told_before_a_claim_is_recorded_twice(
    opener: Opener,
) -> None:
    """A claim is known again by its parties too; to follow entries needs none."""
    with opener() as store:
        use(store, BEFORE)
        store.append(SALE)
        use(store, NOW)
        again = Event(SaleOfBoth("amy", "bob"), when="2016")

        with pytest.raises(VocabularyError, match="class has changed since"):
            store.append(again)
        assert [again] == [entry.event for entry in store.follow(timeout=0)]
        assert 1 == len(store.read(kinds=["sale"]))
