"""The `eventsourcing` package and ours: append, reconstruct, ask, hold, store.

Run by hand: `python tests/benchmarks/bench_eventsourcing.py [--quick] [--only NAME]`,
where NAME is `append`, `reconstruct`, `positions`, `memory` or `sqlite`. The events are
those of one busy pair on a working day: days in no order, a fifth of them imprecise,
ids given; both fold them to the same total. The other package is measured in two forms.
As its users write, that is an `Aggregate` and an `Application` with snapshots every
hundred events; its events hold the amounts alone, which favours it. And in its fastest:
the recorder alone with JSON of all that our events hold, added up in a loop, or a
snapshot at each event. The recorder is the one in memory; in the part `sqlite` that on
an SQLite file, saved in batches of 1,000, as durable as a store of ours. Tables are
measured in processes of their own: as installed, and under `python -O`, which leaves
out the package's check of every event against a protocol.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import uuid4

import bench_stores
from _measure import Table, absent, arguments, held, in_turn, least_used, machine
from _worlds import LAST, Signed, events_of, reports, total

from bri_timeline import Event, EventLog


PEER = "eventsourcing"
SIZES = (1_000, 10_000, 100_000)
works_in_turn = partial(in_turn, block=20, clock=time.process_time)
FASTER = 30 if __debug__ else 8


@cache
def events(count: int) -> list[Event]:
    """Return agreements of a busy pair, in the order in which they are reported."""
    return events_of(reports(count))


@cache
def amounts(count: int) -> list[int]:
    """Return what they are worth."""
    return [event.what.millions for event in events(count)]


def again(event: Event) -> Event:
    """Make an event anew."""
    what = Signed(event.parties, event.what.millions)
    return Event(what, when=event.when, cite=event.cite, id=event.id)


# --- the rows -----------------------------------------------------------------------


def append(table: Table, count: int) -> None:
    """Make facts and record them, one by one and all at once."""
    from _accounts import MEMORY, Account, Accounts, stored
    from eventsourcing.popo import POPOAggregateRecorder

    table.heading(f"append {count:,} events; times as long as ours")
    app, account, logs = Accounts(env=MEMORY), Account(), [EventLog()]
    recorder, whose = POPOAggregateRecorder(), uuid4()

    def theirs(number: int) -> None:
        account.sign(amounts(count)[number])
        app.save(account)

    def least(number: int) -> None:
        recorder.insert_events([stored(events(count)[number], whose, number)])

    def ours(number: int) -> None:
        logs[0] = logs[0].append(again(events(count)[number]))

    peer, alone, own = map(median, works_in_turn(range(count), theirs, least, ours))
    note = f"{peer * 1e6:.1f} and {own * 1e6:.1f} us an event"
    table.row("one by one", peer / own, note=note)
    table.row("... by its recorder alone", alone / own)
    peer, alone, own = least_used(
        3,
        lambda: Accounts(env=MEMORY).opened(amounts(count)),
        lambda: POPOAggregateRecorder().insert_events(
            [stored(event, whose, n) for n, event in enumerate(events(count))]
        ),
        lambda: EventLog.of(*map(again, events(count))),
    )
    note = f"{peer / count * 1e6:.1f} and {own / count * 1e6:.1f} us an event"
    table.row("all at once", peer / own, note=note)
    table.row("... by its recorder alone", alone / own)


def reconstruct(table: Table, count: int, bar: float | None) -> None:
    """Fold a state from all events, and ask for the newest state."""
    from _accounts import MEMORY, Accounts, Snapshotted, stored
    from eventsourcing.application import project_aggregate
    from eventsourcing.popo import POPOAggregateRecorder

    table.heading(f"reconstruct from {count:,} events; times as long as ours")
    plain, quick = Accounts(env=MEMORY), Snapshotted(env=MEMORY)
    account, fast = plain.opened(amounts(count)), quick.opened(amounts(count))
    ready, facts = list(plain.events.get(account)), events(count)
    recorder = POPOAggregateRecorder()
    recorder.insert_events([stored(e, account, n) for n, e in enumerate(facts)])
    rounds = 3 if count > 20_000 else 9
    views = iter([EventLog.of(*facts).as_of(LAST) for _ in range(rounds)])

    def alone() -> int:
        found = recorder.select_events(account)
        return sum(json.loads(one.state)["millions"] for one in found)

    if alone() != sum(amounts(count)):
        sys.exit("their recorder has another total")
    replay, read, least, own = least_used(
        rounds,
        lambda: project_aggregate(None, ready),
        lambda: plain.repository.get(account),
        alone,
        lambda: next(views).project(total),
    )
    peers = {
        "read from the recorder": (read, bar),
        "ready events": (replay, bar),
        "its recorder alone": (least, None),
    }
    for what, (peer, wanted) in peers.items():
        rates = f"{count / peer:,.0f} and {count / own:,.0f} events/s"
        table.row(f"{what}, our first fold", peer / own, least=wanted, note=rates)
    log = EventLog.of(*facts)
    asked = works_in_turn(
        range(100),
        lambda _: quick.repository.get(fast),
        lambda _: log.as_of(LAST).project(total),
    )
    peer, own = map(median, asked)
    note = f"{peer * 1e6:.0f} and {own * 1e6:.1f} us"
    table.row("newest state, with snapshots, ours warm", peer / own, note=note)


def positions(table: Table, count: int, bar: float | None) -> None:
    """Ask for the state at any position of a long history: as it was known then."""
    from _accounts import MEMORY, SQLITE, Snapshotted, SnapshottedAlways

    table.heading(f"state at any of {count:,} positions")
    log, random = EventLog.of(*events(count)), Random(1)
    log.as_of(LAST).project(total)
    forms = {
        "snapshots every 100, in memory": (Snapshotted, MEMORY, bar),
        "snapshots every 100, SQLite": (Snapshotted, SQLITE, None),
        "snapshots at each event, SQLite": (SnapshottedAlways, SQLITE, None),
    }
    for name, (kind, env, wanted) in forms.items():
        app = kind(env=env)
        account = app.opened(amounts(count))

        # Their first event opens the account, so that ours are one version behind.
        def theirs(place: int, app: Any = app, account: Any = account) -> int:
            return app.repository.get(account, version=place + 2).total

        def ours(place: int) -> int:
            return log.as_of(LAST, known_by=place).project(total)

        places = random.sample(range(count), min(count, 60))
        for when, bar_of in {"": None, ", ours again": wanted}.items():
            peer, own = map(median, works_in_turn(places, theirs, ours))
            note = f"{peer * 1e6:,.0f} and {own * 1e6:,.1f} us"
            table.row(f"{name}{when}", peer / own, least=bar_of, note=note)
        for place in places[:9]:
            if theirs(place) != ours(place):
                sys.exit(f"at {place} they have another state than we")


def memory(table: Table, count: int) -> None:
    """Hold events, with what finds them again."""
    from _accounts import MEMORY, Accounts, Snapshotted

    table.heading(f"bytes per event, {count:,} events in memory")
    for name, kind in {"alone": Accounts, "with snapshots": Snapshotted}.items():
        app = kind(env=MEMORY)
        size, _ = held(lambda app=app: app.opened(amounts(count)))
        table.row(f"their stored events {name}", size / count, "B")
    size, log = held(lambda: EventLog.of(*map(again, events(count))))
    table.row("our log", size / count, "B")
    more, _ = held(lambda: log.as_of(LAST).project(total))
    table.row("our log with states folded", (size + more) / count, "B")


def sqlite(table: Table, count: int) -> None:
    """Append to a file of SQLite in batches, read it, and fold it."""
    with tempfile.TemporaryDirectory() as folder:
        bench_stores.peer(table, Path(folder), count, min(1_000, count))


def tables(judged: bool, sizes: tuple[int, ...], only: str) -> None:
    """Print the tables of this process, or one of them."""
    table, longest = Table(judged), sizes[-1]
    parts: dict[str, Callable[[], object]] = {
        "append": lambda: append(table, sizes[0]),
        "reconstruct": lambda: [
            reconstruct(table, size, FASTER if size == longest else None)
            for size in sizes
        ],
        "positions": lambda: positions(table, longest, 100),
        "memory": lambda: memory(table, longest) if __debug__ else None,
        "sqlite": lambda: sqlite(table, longest // 2),
    }
    for name, work in parts.items():
        if only in ("", name):
            work()


def main() -> None:
    """Print all tables twice, each in a process of its own."""
    options = arguments(__doc__, here="no")
    sizes = (10, 20, 50) if options.quick else SIZES
    if options.here == "here":
        tables(not options.quick, sizes, options.only)
        return
    machine(PEER)
    if absent(PEER):
        return
    quick = ["--quick"] if options.quick else []
    again = [str(Path(__file__)), *quick, "--only", options.only, "here"]
    for name, flags in {"as installed": [], "under python -O": ["-O"]}.items():
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, *flags, *again], check=True)


if __name__ == "__main__":
    main()
