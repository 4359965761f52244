"""The `eventsourcing` package and ours: append, reconstruct, ask, hold, store.

Run by hand: `python tests/benchmarks/bench_eventsourcing.py [--quick] [--only NAME]`,
where NAME is `append`, `reconstruct`, `positions`, `memory` or `sqlite`. Both hold the
same facts and fold them to the same total. The other package is used as its guide says:
an `Aggregate` and an `Application` with the recorder in memory, and snapshots at an
interval; in the part `sqlite` with its recorder on an SQLite file, saved in batches of
1,000, as durable as a store of ours. Tables are measured in processes of their own: as
installed, and under `python -O`, which leaves out the package's check of every event
against a protocol.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from random import Random
from statistics import median

import bench_stores
from _measure import Table, absent, arguments, held, in_turn, machine, seconds
from _worlds import FIRST, Signed, total

from bri_timeline import Event, EventLog, Source


PEER = "eventsourcing"
SIZES = (1_000, 10_000, 100_000)
IN_A_ROW = 20
FASTER = 30 if __debug__ else 8
PAIR = frozenset({"AZE", "CHN"})
GAZETTE = Source("Gazette", published="2026")


def amounts(count: int) -> list[int]:
    """Return what so many agreements are worth."""
    return [number % 1_000 for number in range(count)]


def day(number: int) -> date:
    """Return the day of an agreement: there is one on each day."""
    return date.fromordinal(FIRST + number)


def events(count: int) -> Iterable[Event]:
    """Yield the same agreements as events."""
    for number, millions in enumerate(amounts(count)):
        yield Event(Signed(PAIR, millions), when=day(number), cite=GAZETTE)


# --- the rows -----------------------------------------------------------------------


def append(table: Table, count: int) -> None:
    """Make facts and record them, one by one and all at once."""
    from _accounts import MEMORY, Account, Accounts

    table.heading(f"append {count:,} events; times as long as ours")
    app, account, logs = Accounts(env=MEMORY), Account(), [EventLog()]

    def theirs(event: Event) -> None:
        account.sign(event.what.millions)
        app.save(account)

    def ours(event: Event) -> None:
        what = Signed(PAIR, event.what.millions)
        claim = Event(what, when=event.when, cite=GAZETTE)
        logs[0] = logs[0].append(claim)

    peer, own = map(median, in_turn(events(count), theirs, ours))
    note = f"{peer * 1e6:.1f} and {own * 1e6:.1f} us an event"
    table.row("one by one", peer / own, note=note)
    peer = seconds(lambda: Accounts(env=MEMORY).opened(amounts(count)))
    own = seconds(lambda: EventLog.of(*events(count)))
    note = f"{peer / count * 1e6:.1f} and {own / count * 1e6:.1f} us an event"
    table.row("all at once", peer / own, note=note)


def reconstruct(table: Table, count: int, bar: float | None) -> None:
    """Fold a state from all events, and ask for the newest state."""
    from _accounts import MEMORY, Accounts, Snapshotted
    from eventsourcing.application import project_aggregate

    table.heading(f"reconstruct from {count:,} events; times as long as ours")
    plain, quick = Accounts(env=MEMORY), Snapshotted(env=MEMORY)
    stored, fast = plain.opened(amounts(count)), quick.opened(amounts(count))
    ready, facts, last = list(plain.events.get(stored)), [*events(count)], day(count)
    rounds = 3 if count > 20_000 else 9
    times: list[list[float]] = [[], [], []]
    for _ in range(rounds):
        view = EventLog.of(*facts).as_of(last)
        times[0].append(seconds(lambda: project_aggregate(None, ready)))
        times[1].append(seconds(lambda: plain.repository.get(stored)))
        times[2].append(seconds(lambda view=view: view.project(total)))
    replay, read, own = map(median, times)
    for what, peer in {"read from the recorder": read, "ready events": replay}.items():
        rates = f"{count / peer:,.0f} and {count / own:,.0f} events/s"
        table.row(f"{what}, our first fold", peer / own, least=bar, note=rates)
    log = EventLog.of(*facts)
    asked = in_turn(
        range(100),
        lambda _: quick.repository.get(fast),
        lambda _: log.as_of(last).project(total),
        block=IN_A_ROW,
    )
    peer, own = map(median, asked)
    note = f"{peer * 1e6:.0f} and {own * 1e6:.1f} us"
    table.row("newest state, with snapshots, ours warm", peer / own, note=note)


def positions(table: Table, count: int, bar: float | None) -> None:
    """Ask for the state at any position of a long history."""
    from _accounts import EVERY, MEMORY, SQLITE, Snapshotted

    table.heading(f"state at any of {count:,} positions, a snapshot every {EVERY}")
    log = EventLog.of(*events(count))
    log.as_of(day(count)).project(total)
    places = [Random(1).randrange(count) for _ in range(200)]
    for name, env in {"in memory": MEMORY, "SQLite in memory": SQLITE}.items():
        app = Snapshotted(env=env)
        account = app.opened(amounts(count))
        # Their first event opens the account, so that ours are one version behind.
        for place in places[:3]:
            state = app.repository.get(account, version=place + 2)
            expected = log.as_of(day(place)).project(total)
            if state.total != expected:
                sys.exit(f"at {place} they have {state.total}, we have {expected}")
        asked = in_turn(
            places,
            lambda place, app=app, account=account: app.repository.get(
                account, version=place + 2
            ),
            lambda place: log.as_of(day(place)).project(total),
            block=IN_A_ROW,
        )
        peer, own = map(median, asked)
        note = f"{peer * 1e6:,.0f} and {own * 1e6:.1f} us"
        least = bar if env is MEMORY else None
        table.row(f"their recorder {name}", peer / own, least=least, note=note)


def memory(table: Table, count: int) -> None:
    """Hold events, with what finds them again."""
    from _accounts import MEMORY, Accounts, Snapshotted

    table.heading(f"bytes per event, {count:,} events in memory")
    for name, kind in {"alone": Accounts, "with snapshots": Snapshotted}.items():
        app = kind(env=MEMORY)
        size, _ = held(lambda app=app: app.opened(amounts(count)))
        table.row(f"their stored events {name}", size / count, "B")
    size, log = held(lambda: EventLog.of(*events(count)))
    table.row("our log", size / count, "B")
    more, _ = held(lambda: log.as_of(day(count)).project(total))
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
