"""How much a projection of a view costs, against a bare loop over the same events.

Run by hand: `python tests/benchmarks/bench_fold.py`. Prints ratios of medians that were
measured in turn, in one run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from attrs import frozen

from bri_timeline import Event, EventLog, Source, projection
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import relationship


ROUNDS = 15


@frozen
class Signed:
    """An agreement of a value."""

    millions: int


@projection(initial=int)
def total(so_far: int, event: Event) -> int:
    """What all agreements are worth."""
    return so_far + event.what.millions if isinstance(event.what, Signed) else so_far


def medians(*works: Callable[[], object]) -> list[float]:
    """Return the median time of each, taken in turn."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, taken in zip(works, times, strict=True):
            begin = time.perf_counter()
            work()
            taken.append(time.perf_counter() - begin)
    return [statistics.median(taken) for taken in times]


def bare_loop(events: tuple[Event, ...]) -> int:
    """Fold with nothing but a loop."""
    state = 0
    for event in events:
        state = total.evolve(state, event)
    return state


def main() -> None:
    """Print the ratios."""
    source = Source("A table", published="2020")
    for count in (1_000, 10_000, 30_000):
        log = EventLog.of(
            *(
                Event(Signed(n), when=f"{1900 + n % 120}-{1 + n % 12:02}", cite=source)
                for n in range(count)
            )
        )
        forgetful = log.remembering(0).as_of("2030-12-31")
        events = forgetful.events
        some = events[:64]
        fold, loop, again, short = medians(
            lambda view=forgetful: view.project(total),
            lambda events=events: bare_loop(events),
            lambda log=log: log.as_of("2030-12-31").project(total),
            lambda events=some: bare_loop(events),
        )
        print(
            f"{count:>6} events: folded anew {fold / loop:.1f} x a bare loop,"
            f" asked again {again / short:.1f} x a bare loop over 64"
        )
    chronicle, pair = azerbaijan_china(), relationship("AZE", "CHN")
    view = chronicle.remembering(0).as_of("2019-09-01")
    events = view.events
    fold, loop = medians(lambda: view.project(pair), lambda: pair.fold(events))
    print(
        f"relationship over the chronicle: {fold / loop:.2f} x the fold of its events"
    )


if __name__ == "__main__":
    main()
