"""Proofs after RFC 9162, against the definitions in its own words."""

from __future__ import annotations

from hashlib import sha256
from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from store_worlds import OPENERS, WORDS, Opener, facts

from bri_timeline._form import decode_entry, encode_entry
from bri_timeline.errors import EntryError
from bri_timeline.stores import ConsistencyProof, InclusionProof, TreeHead
from bri_timeline.stores._chain import (
    consistency_path,
    inclusion_path,
    leaf_of,
    root_of,
)


MOST = 130
LINES = [str(number).encode() for number in range(MOST)]
LEAVES = [leaf_of(line) for line in LINES]


# The definitions, section 2.1: recursive, over lines.


def _split(size: int) -> int:
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def mth(lines: list[bytes]) -> bytes:
    """Return the Merkle Tree Hash of section 2.1.1."""
    if not lines:
        return sha256(b"").digest()
    if len(lines) == 1:
        return sha256(b"\x00" + lines[0]).digest()
    k = _split(len(lines))
    return sha256(b"\x01" + mth(lines[:k]) + mth(lines[k:])).digest()


def path(m: int, lines: list[bytes]) -> list[bytes]:
    """Return the inclusion path of section 2.1.3.1."""
    if len(lines) == 1:
        return []
    k = _split(len(lines))
    if m < k:
        return [*path(m, lines[:k]), mth(lines[k:])]
    return [*path(m - k, lines[k:]), mth(lines[:k])]


def subproof(m: int, lines: list[bytes], whole: bool) -> list[bytes]:
    """Return the consistency path of section 2.1.4.1."""
    if m == len(lines):
        return [] if whole else [mth(lines)]
    k = _split(len(lines))
    if m <= k:
        return [*subproof(m, lines[:k], whole), mth(lines[k:])]
    return [*subproof(m - k, lines[k:], False), mth(lines[:k])]


ROOTS = [mth(LINES[:size]) for size in range(MOST + 1)]
HEADS = [TreeHead(size, root) for size, root in enumerate(ROOTS)]


def test_the_hash_of_the_empty_tree_is_that_of_nothing() -> None:
    """The root over no leaves is the one that the RFC names."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert empty == root_of(()).hex()


def test_roots_are_those_of_the_definition() -> None:
    """Every tree up to 130 leaves has the root that the definition gives."""
    assert ROOTS == [root_of(LEAVES[:size]) for size in range(MOST + 1)]


@pytest.mark.slow
def test_inclusion_is_proved_for_all_pairs() -> None:
    """Every leaf of every tree has the path of the definition, and it holds."""
    for size in range(1, MOST + 1):
        for index in range(size):
            found = inclusion_path(LEAVES[:size], index)
            proof = InclusionProof(index, size, LEAVES[index], found, LINES[index])

            assert proof.holds(HEADS[size])
            if size <= 40 or index in (0, size // 2, size - 1):
                assert path(index, LINES[:size]) == list(found)


@pytest.mark.slow
def test_consistency_is_proved_for_all_pairs() -> None:
    """Every tree extends every smaller one by the path of the definition."""
    for later in range(MOST + 1):
        for earlier in range(later + 1):
            found = consistency_path(LEAVES[:later], earlier)
            proof = ConsistencyProof(earlier, later, found)

            assert proof.holds(HEADS[earlier], HEADS[later])
            if 0 < earlier and (later <= 40 or earlier in (1, later // 2, later - 1)):
                assert subproof(earlier, LINES[:later], True) == list(found)


def _forged(random: Random, path: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return another path: one changed, cut, swapped or made longer."""
    other = list(path)
    kinds = ["longer", *(["bit", "cut", "double"] if path else [])]
    kind = random.choice(kinds)
    place = random.randrange(len(path)) if path else 0
    if kind == "bit":
        changed = bytearray(other[place])
        changed[random.randrange(32)] ^= 1 << random.randrange(8)
        other[place] = bytes(changed)
    elif kind == "cut":
        del other[place]
    elif kind == "double":
        other.insert(place, other[place])
    else:
        other.insert(random.randint(0, len(other)), random.randbytes(32))
    return tuple(other)


@pytest.mark.slow
def test_forged_proofs_of_inclusion_are_refused() -> None:
    """No changed, cut or longer path, and no other place, leaf or line, holds."""
    random = Random(1)
    for _ in range(10_000):
        size = random.randint(1, MOST)
        index = random.randrange(size)
        found = inclusion_path(LEAVES[:size], index)
        good = InclusionProof(index, size, LEAVES[index], found, LINES[index])
        other = random.choice([n for n in range(-1, MOST + 1) if n != index])
        kind = random.randrange(4)
        if kind == 0:
            bad = evolve(good, path=_forged(random, found))
        elif kind == 1:
            bad = evolve(good, position=other)
        elif kind == 2:
            bad = evolve(good, line=LINES[other - 1] + b"x")
        else:
            bad = evolve(good, leaf=leaf_of(str(other).encode()), line=None)

        assert not bad.holds(HEADS[size])
        assert not good.holds(evolve(HEADS[size], size=size + 1))


@pytest.mark.slow
def test_forged_proofs_of_consistency_are_refused() -> None:
    """No changed, cut or longer path holds, and none with another root."""
    random = Random(2)
    for _ in range(10_000):
        later = random.randint(0, MOST)
        earlier = random.randint(0, later)
        found = consistency_path(LEAVES[:later], earlier)
        good = ConsistencyProof(earlier, later, found)
        old, new = HEADS[earlier], HEADS[later]
        wrong = random.randbytes(32)
        kind = random.randrange(5)
        if kind == 0:
            assert not evolve(good, path=_forged(random, found)).holds(old, new)
        elif kind == 1:
            assert not good.holds(evolve(old, root=wrong), new)
        elif kind == 2 and earlier:
            assert not good.holds(old, evolve(new, root=wrong))
        elif kind == 3:
            assert not good.holds(evolve(old, size=earlier + 1), new)
        else:
            assert not evolve(good, earlier=later, later=-1).holds(old, new)


def test_a_proof_between_sizes_that_cannot_be_is_refused() -> None:
    """A later log is not shorter, and no size is negative."""
    backwards = ConsistencyProof(2, 1, ())
    negative = ConsistencyProof(-1, 1, ())

    assert not backwards.holds(HEADS[2], HEADS[1])
    assert not negative.holds(TreeHead(-1, ROOTS[0]), HEADS[1])


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_a_store_proves_what_it_holds(opener: Opener) -> None:
    """A reader with a published head and a proof needs nothing else of the store."""
    with opener() as store:
        store.append(facts(5))
        early, entry = store.tree_head(), store.read()[3]
        store.append(facts(8))
        late, proof = store.tree_head(), store.prove_inclusion(entry)

        assert proof.holds(late)
        assert not proof.holds(early)
        assert store.prove_inclusion(3, size=5).holds(early)
        assert encode_entry(entry, WORDS) == proof.line
        assert entry == decode_entry(proof.line, WORDS)
        assert store.prove_consistency(5).holds(early, late)
        assert early == store.tree_head(5)
        assert store.prove_consistency(0, size=5).holds(store.tree_head(0), early)
        with pytest.raises(EntryError, match="entry 8 is not among 8 entries"):
            store.prove_inclusion(8)
        with pytest.raises(EntryError, match="holds 8 entries, not 9"):
            store.tree_head(9)
        with pytest.raises(EntryError, match="9 is not the size of an earlier"):
            store.prove_consistency(9)


@given(sizes=st.lists(st.integers(0, 40), min_size=2, max_size=2).map(sorted))
def test_a_log_with_another_past_is_no_extension(sizes: list[int]) -> None:
    """A log that differs in its first entry extends no head of the other."""
    earlier, later = sizes
    others = [leaf_of(b"other"), *LEAVES[1:later]][:later]
    proof = ConsistencyProof(earlier, later, consistency_path(others, earlier))

    assert (not earlier) == proof.holds(
        HEADS[earlier], TreeHead(later, root_of(others))
    )
