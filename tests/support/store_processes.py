"""Processes that use a store at the same time, and some that are killed."""

from __future__ import annotations

import os
import signal

from processes import forked, joined
from store_worlds import Opener, fact


def crowd(opener: Opener, writers: int, appends: int, followers: int) -> None:
    """Let processes append and others follow, and make sure that nothing is amiss.

    Args:
        opener: Opens one and the same store, in any process.
        writers: How many append.
        appends: How many events each of them appends.
        followers: How many follow until all is there.
    """
    total = writers * appends

    def write(number: int) -> None:
        with opener() as store:
            for value in range(appends):
                store.append(fact(f"{number}-{value}"))

    def follow() -> None:
        with opener() as store:
            news = store.follow(timeout=600.0, every=0.002)
            seen = [next(news) for _ in range(total)]

            assert list(range(total)) == [entry.position for entry in seen]
            assert total == len({entry.claim.what for entry in seen})

    readers = [forked(follow) for _ in range(followers)]
    joined(*(forked(lambda n=n: write(n)) for n in range(writers)), *readers)
    with opener() as store:
        log = store.read()

        assert total == len(log) == len({entry.claim.what for entry in log})
        assert total - 1 == store.verify().position


def killed(opener: Opener, after: float, start: int) -> int:
    """Kill a process that appends one event after another, each a number.

    Args:
        opener: Opens the store.
        after: For how many seconds to let it.
        start: The first number.

    Returns:
        The last number that was acknowledged; less than *start* if none.
    """
    receive, send = os.pipe()

    def write() -> None:
        with opener() as store:
            os.write(send, b"ready\n")
            number = start
            while True:
                more = [fact(str(number)), fact(f"{number}+")]
                store.append(more if number % 3 else more[:1])
                os.write(send, b"%d\n" % number)
                number += 1

    process = forked(write)
    os.close(send)
    with os.fdopen(receive, "rb") as heard:
        assert b"ready\n" == heard.readline()
        _wait(after)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        acknowledged = heard.read().split()
    return int(acknowledged[-1]) if acknowledged else start - 1


def _wait(seconds: float) -> None:
    import time

    time.sleep(seconds)
