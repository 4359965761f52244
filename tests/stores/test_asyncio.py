"""Following a store in a program of asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

import pytest
from store_worlds import OPENERS, Opener, facts

from bri_timeline import Entry
from bri_timeline.errors import StaleLogError
from bri_timeline.stores import Store


each = pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a loop that reports what was left undone."""
    asyncio.run(asyncio.wait_for(work, 60), debug=True)


@each
def test_afollow_yields_each_entry_once(opener: Opener) -> None:
    """A follower yields what is there, and then what comes."""

    async def work(store: Store) -> None:
        head = store.append(facts(3))
        async with aclosing(store.afollow(0, every=0.001)) as news:
            assert [1, 2] == [(await anext(news)).position for _ in range(2)]
            store.append(facts(2, start=3))
            assert [3, 4] == [(await anext(news)).position for _ in range(2)]
        later = store.afollow(head, timeout=0.002, every=0.001)
        assert [3, 4] == [entry.position async for entry in later]
        assert [] == [entry async for entry in store.afollow(store.head(), timeout=0)]
        with pytest.raises(StaleLogError, match=r"expected position 9, .* at 4"):
            await anext(store.afollow(9))

    with opener() as store:
        run(work(store))


@each
def test_the_loop_goes_on_while_the_database_is_read(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read ends only after another task has run: it would wait for ever else."""
    begun, gate = threading.Event(), threading.Event()
    read = Store._news

    def slowly(store: Store, position: int) -> list[Entry]:
        begun.set()
        assert gate.wait(60)
        return read(store, position)

    monkeypatch.setattr(Store, "_news", slowly)

    async def other() -> None:
        while not begun.is_set():
            await asyncio.sleep(0.001)
        gate.set()

    async def work(store: Store) -> None:
        store.append(facts(1))
        task = asyncio.create_task(other())
        found = [entry async for entry in store.afollow(timeout=0)]
        await task
        assert 1 == len(found)

    with opener() as store:
        run(work(store))


@each
def test_followers_may_be_left_and_cancelled_at_any_time(opener: Opener) -> None:
    """The store is whole after it, and can be closed at once."""

    async def endless(store: Store, seen: list[int]) -> None:
        async for entry in store.afollow(every=0.001):
            seen += [entry.position]

    async def work(store: Store) -> None:
        store.append(facts(5))
        async for entry in store.afollow():
            if entry.position == 2:
                break
        seen: list[list[int]] = [[] for _ in range(8)]
        tasks = [asyncio.create_task(endless(store, one)) for one in seen]
        while any(len(one) < 5 for one in seen):
            await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in results)
        assert [[*range(5)]] * 8 == seen
        assert 5 == store.append(facts(6)).position
        assert 5 == store.verify().position

    with opener() as store:
        run(work(store))
