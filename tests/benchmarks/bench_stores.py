"""Stores: append, read, and what they cost beyond the bare database.

Run by hand: `python tests/benchmarks/bench_stores.py [--quick] [--only NAME] [folder]`,
where NAME is `batches`, `single`, `named`, `lasting`, `reading`, `copies`, `slices`,
`peer` or `postgres`. Both sides of a row write and read the same rows, into tables with
the same indexes, in turn. Times are those that processors worked, the least of several
rounds: other programs use the machine too. Of PostgreSQL, with its commits synchronous,
the work of the server for the connection counts as well. The `eventsourcing` package
has its own recorder on SQLite, with the same durability (`synchronous = FULL`, a
write-ahead log), in batches of 1,000.

Events are those of a working day: 40,000 pairs, ids given, days in no order, a fifth of
them imprecise. Where the time of an append goes, in hundredths: what SQLite does with
rows, commits and checkpoints 44, of which 6 are for new pairs; encoding 26 (citations
9, payloads 6, dates 4); looking for repeats 12; groups and index keys 9; two digests of
SHA-256 4; lines and the rest 5. The bare rows take 34: they have the same indexes, and
no pairs, citations or repeats to look for. Without ids, of 100 pairs and on days alone,
an append takes half of that.

The parts below were measured in such a small world, in us an event. Of `verify`, of 5.9
(a cursor that decodes: 1.8): what SQLite checks itself 0.8, the tables of groups 0.2,
rows in columns 1.1, digests 1.0, entries from lines 1.9, index columns from entries
0.6, comparing them 0.3. Of `read` and a fold, of 3.9: a cursor 0.5, lines to records
0.35, columns of these 0.3, payloads 0.45, dates 0.2, citations 0.1, events 0.15, keys
0.45, the journal 0.5, the first fold 0.8. Of `follow`, of 2.7: the first seven of
these, entries 0.25, a transaction for every 512 entries and the rest 0.4.

Of an append to PostgreSQL, of 8.6 (the bare rows: 3.6): COPY 3.8, preparing 1.9, two
digests 0.9, lines and rows 0.8, looking for repeats 0.5, index groups 0.3, the rest
0.4. Rows packed by columns for COPY take as long as those that psycopg packs; the
server takes 0.2 us to parse and sort a key that it looks for, and 0.3 to find it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec
from _measure import Table, absent, arguments, in_turn, least_used, machine, seconds
from _working_day import PAIRS
from _worlds import DAYS, FIRST, LAST, Signed, dyad_reports, events_of, total

from bri_timeline import Event, Vocabulary
from bri_timeline.stores import SQLiteStore, backup, copy
from bri_timeline.stores._sqlite_file import statements


if TYPE_CHECKING:
    from bri_timeline.stores import PostgresStore, Store

WORDS = Vocabulary(Signed)
BATCH = 10_000
# How many events there are; few of them in a quick run.
WORLD = 200_000 if "--quick" not in sys.argv else 3_000
INSERT = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@cache
def _world() -> list[Event]:
    """Return events of a working day: 40,000 pairs, ids given, as they arrive."""
    return events_of(dyad_reports(WORLD, PAIRS))


def events(count: int, start: int = 0) -> list[Event]:
    """Return events of the world; beyond its end they come again, with other ids."""
    return [_event(number) for number in range(start, start + count)]


def _event(number: int) -> Event:
    one = _world()[number % WORLD]
    if number < WORLD:
        return one
    return Event(one.what, when=one.when, cite=one.cite, id=f"{one.id}.{number}")


def _bare(path: Path) -> sqlite3.Connection:
    """Return a new database with the tables and indexes of a store."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    for statement in statements():
        connection.execute(statement)
    return connection


def _put(connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")


def _rows(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT * FROM entry ORDER BY position").fetchall()
    connection.close()
    return rows


# --- SQLite ---------------------------------------------------------------------------


def batches(table: Table, folder: Path, path: Path, count: int, batch: int) -> None:
    """Append in batches, and put the same rows with `executemany`."""
    table.heading(f"append {count:,} events to SQLite in batches of {batch:,}")
    rows, starts = _rows(path), range(0, count, batch)
    claims = {start: events(batch, start) for start in starts}
    own, raw = [0.0] * len(starts), [0.0] * len(starts)
    for number in range(1 if count < BATCH else 3):
        bare = _bare(folder / f"bare{number}.db")
        with SQLiteStore(folder / f"again{number}.db", WORDS) as store:
            for place, start in enumerate(starts):
                found = least_used(
                    1,
                    lambda store=store, start=start: store.append(claims[start]),
                    lambda bare=bare, start=start: _put(
                        bare, rows[start : start + batch]
                    ),
                )
                for kept, new in zip((own, raw), found, strict=True):
                    kept[place] = min(kept[place] or new, new)
        bare.close()
    share = 100 * sum(raw) / sum(own)
    note = f"{1e6 * sum(own) / count:.1f} and {1e6 * sum(raw) / count:.1f} us an event"
    table.row("rate, of bare executemany", share, "%", least=40, note=note)
    written = sum(len(str(row[1])) for row in rows)
    table.row("bytes, times the JSON", path.stat().st_size / written, most=2)


def single(table: Table, folder: Path, rows: Path, count: int) -> None:
    """Append one by one, each durable."""
    table.heading(f"append {count:,} events to SQLite one by one")
    bare, ready = _bare(folder / "one_bare.db"), _rows(rows)[:count]
    with SQLiteStore(folder / "one.db", WORDS) as store:
        claims = events(count)
        store.append(claims[0])
        _put(bare, ready[:1])
        own, raw = in_turn(
            range(1, count),
            lambda number: store.append(claims[number]),
            lambda number: _put(bare, ready[number : number + 1]),
        )
    bare.close()
    share = 100 * median(raw) / median(own)
    note = f"{median(own) * 1e6:,.0f} and {median(raw) * 1e6:,.0f} us"
    table.row("rate, of a bare insert", share, "%", least=60, note=note)


def named(table: Table, folder: Path, count: int) -> None:
    """Append one by one, with and without looking up the names of the files."""
    table.heading(f"append {count:,} events to SQLite one by one, names looked up")
    claims = events(count)
    with (
        SQLiteStore(folder / "named.db", WORDS) as store,
        SQLiteStore(folder / "unnamed.db", WORDS) as blind,
    ):
        for one in (store, blind):
            one.append(claims[0])
        blind._database.file.names.check = lambda: False
        own, raw = in_turn(
            range(1, count),
            lambda number: store.append(claims[number]),
            lambda number: blind.append(claims[number]),
        )
    note = f"{median(own) * 1e6:,.0f} and {median(raw) * 1e6:,.0f} us"
    ratio = median(own) / median(raw)
    table.row("time, times that without", ratio, most=1.05, note=note)


def lasting(table: Table, folder: Path, megabytes: int, count: int) -> None:
    """Append one by one, while somebody reads for ever, and without.

    The disk is not waited for: it would hide what the reader costs.
    """
    table.heading(f"append {count:,} events to SQLite, while one reads for ever")
    paths = folder / "read.db", folder / "unread.db"
    with (
        SQLiteStore(paths[0], WORDS, synchronous="NORMAL") as read,
        SQLiteStore(paths[1], WORDS, synchronous="NORMAL") as unread,
        closing(sqlite3.connect(paths[0], isolation_level=None)) as reader,
    ):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()
        start, wal = 0, Path(f"{paths[0]}-wal")
        while not wal.exists() or wal.stat().st_size < megabytes << 20:
            claims = events(1_000, start)
            start += len(claims)
            for store in (read, unread):
                store.append(claims)
        claims = events(count, start)
        slow, quick = in_turn(
            range(count),
            lambda number: read.append(claims[number]),
            lambda number: unread.append(claims[number]),
        )
        size = f"{wal.stat().st_size / 2**20:,.0f} MiB in the log"
    note = f"{1e6 * median(slow):,.0f} and {1e6 * median(quick):,.0f} us; {size}"
    ratio = median(slow) / median(quick)
    table.row("one append, times that without", ratio, most=2, note=note)
    ratio = sum(slow) / sum(quick)
    table.row("all of them, times those without", ratio, most=2)


def reading(table: Table, path: Path, count: int, rounds: int) -> None:
    """Read and verify everything, beside cursors that decode the lines, and do not."""
    table.heading(f"read {count:,} events from SQLite")
    bare, decode = sqlite3.connect(path), msgspec.json.decode
    some = "SELECT position, line, digest FROM entry ORDER BY position"
    every = "SELECT * FROM entry ORDER BY position"
    with SQLiteStore(path, WORDS) as store:
        cursor, decoded, all_decoded, followed, verified, whole = least_used(
            rounds,
            lambda: sum(1 for _ in bare.execute(some)),
            lambda: sum(1 for row in bare.execute(some) if decode(row[1])),
            lambda: sum(1 for row in bare.execute(every) if decode(row[1])),
            lambda: sum(1 for _ in store.follow(timeout=0.0)),
            store.verify,
            store.read,
        )
    bare.close()
    per = 1e6 / count
    note = f"{followed * per:.1f} and {decoded * per:.1f} us an event"
    table.row("follow, times a decoding cursor", followed / decoded, most=2, note=note)
    table.row("... times one that only iterates", followed / cursor)
    note = f"{verified * per:.1f} and {all_decoded * per:.1f} us an event"
    ratio = verified / all_decoded
    table.row("verify, times a decoding cursor", ratio, most=3, note=note)
    table.row("... times one that only iterates", verified / cursor)
    note = f"{whole * per:.1f} us an event"
    table.row("the whole log, times a decoding cursor", whole / decoded, note=note)


def slices(table: Table, folder: Path, count: int, batch: int) -> None:
    """Open a large file, read one pair of it, and answer as of a day."""
    table.heading(f"one pair of {count:,} events in SQLite")
    path = folder / "large.db"
    with SQLiteStore(path, WORDS, synchronous="NORMAL") as store:
        for start in range(0, count, batch):
            store.append(events(min(batch, count - start), start))
    day = date.fromordinal(FIRST + DAYS // 2)

    def ask() -> object:
        with SQLiteStore(path, WORDS) as store:
            log = store.read(parties=_event(0).parties, on_or_before=day)
            return log.as_of(day).project(total)

    ask()
    times = [seconds(ask) for _ in range(20)]
    table.row("open, read, answer", median(times) * 1e3, "ms", most=100)
    tracemalloc.start()
    ask()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    note = f"{path.stat().st_size / 1e6:,.0f} MB in the file"
    table.row("memory at most", peak / 1e6, "MB", most=8, note=note)


def copies(table: Table, folder: Path, path: Path, count: int) -> None:
    """Save a file, and copy a store into another one entry by entry."""
    table.heading(f"save and copy {count:,} events")
    with SQLiteStore(path, WORDS) as store:
        saving = seconds(lambda: backup(store, folder / "saved.db"))
        with SQLiteStore(folder / "copy.db", WORDS) as target:
            copying = seconds(lambda: copy(store, target))
    table.row("backup(), verified", count / saving, "events/s")
    table.row("copy(), verified", count / copying, "events/s")


# --- others ---------------------------------------------------------------------------


def peer(table: Table, folder: Path, count: int, batch: int) -> None:
    """Append and fold with the `eventsourcing` package, and with a store."""
    name = "eventsourcing"
    if absent(name):
        table.heading(f"{name} is absent: pip install {name}")
        return
    from _accounts import Account, Accounts

    table.heading(f"{name} on SQLite, {count:,} events, batches of {batch:,}")
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "SQLITE_DBNAME": str(folder / "peer.db"),
    }
    app, account = Accounts(env=env), Account()
    app.save(account)
    claims = {start: events(batch, start) for start in range(0, count, batch)}

    def theirs(start: int) -> None:
        for event in claims[start]:
            account.sign(event.what.millions)
        app.save(account)

    with SQLiteStore(folder / "ours.db", WORDS) as store:
        taken = [
            least_used(
                1,
                lambda start=start: theirs(start),
                lambda start=start: store.append(claims[start]),
            )
            for start in claims
        ]
        other, own = (sum(times) for times in zip(*taken, strict=True))
        note = f"{1e6 * own / count:.1f} and {1e6 * other / count:.1f} us an event"
        table.row("append, times as fast", other / own, least=1.7, note=note)
        replay, fold = least_used(
            3,
            lambda: app.repository.get(account.id),
            lambda: store.read().as_of(LAST).project(total),
        )
    app.close()
    note = f"{1e6 * fold / count:.1f} and {1e6 * replay / count:.1f} us an event"
    table.row("read and fold, times as fast", replay / fold, least=8, note=note)
    _recorded(table, folder / "recorder.db", claims, batch, own)


def _recorded(
    table: Table, path: Path, claims: dict[int, list[Event]], batch: int, own: float
) -> None:
    """Append by the recorder of the package alone: its fastest form, of JSON text."""
    from _accounts import stored
    from eventsourcing.sqlite import SQLiteAggregateRecorder, SQLiteDatastore

    recorder = SQLiteAggregateRecorder(SQLiteDatastore(str(path)))
    recorder.create_table()
    whose = uuid4()

    def put(start: int) -> None:
        recorder.insert_events(
            [stored(event, whose, start + n) for n, event in enumerate(claims[start])]
        )

    other = sum(least_used(1, lambda start=start: put(start))[0] for start in claims)
    note = f"{1e6 * other / (batch * len(claims)):.1f} us an event"
    table.row("append, times its recorder alone", own / other, note=note)


def postgres(table: Table, count: int, rounds: int) -> None:
    """Append to PostgreSQL, and copy the same rows."""
    name = "psycopg"
    if absent(name):
        table.heading(f"{name} is absent: pip install '{name}[binary]'")
        return
    sys.path.append(str(Path(__file__).parents[1] / "support"))
    from postgres_server import programs, running

    from bri_timeline.stores import PostgresStore

    table.heading(f"append {count:,} events to PostgreSQL")
    with running(programs()) as dsn:
        claims, stores = events(count), _stores(dsn, PostgresStore)
        own, raw = _copied(stores, claims, rounds)
    note = f"{1e6 * own / count:.1f} and {1e6 * raw / count:.1f} us an event"
    table.row("rate, of bare COPY", 100 * raw / own, "%", least=40, note=note)


def _stores(dsn: str, kind: type[PostgresStore]) -> Iterator[PostgresStore]:
    number = 0
    while True:
        yield kind(dsn, WORDS, schema=f"bench{number}")
        number += 1


def _copied(
    stores: Iterator[PostgresStore], claims: list[Event], rounds: int
) -> tuple[float, float]:
    """Return the work of an append, and that of a bare copy of the same rows."""
    own, raw = [], []
    for _ in range(rounds):
        with next(stores) as store, next(stores) as bare:
            clock = _both(store)
            own += least_used(1, lambda one=store: one.append(claims), clock=clock)
            rows = store._database.connection.execute(
                f"SELECT * FROM {store._database._schema}.entry ORDER BY position"
            ).fetchall()
            clock = _both(bare)
            raw += least_used(
                1, lambda one=bare, rows=rows: _copy(one, rows), clock=clock
            )
    return min(own), min(raw)


def _both(store: PostgresStore) -> Callable[[], float]:
    """Return a clock of the work of this process and of the server for a store."""
    path = Path(f"/proc/{store._database.connection.info.backend_pid}/stat")

    def clock() -> float:
        cells = path.read_text("utf-8").rpartition(")")[2].split()
        ticks = int(cells[11]) + int(cells[12])
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    return clock if path.exists() else time.perf_counter


def _copy(bare: Store, rows: list[tuple[object, ...]]) -> None:
    cursor = bare._database.connection.cursor()
    table = f"{bare._database._schema}.entry"
    with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int8", "text", "bytea", *["int8"] * 5])
        for row in rows:
            copy.write_row(row)


# --- the tables -----------------------------------------------------------------------


def main() -> None:
    """Print all tables."""
    given = arguments(__doc__, folder=tempfile.gettempdir())
    table = Table(judged=not given.quick)
    quick = given.quick
    count, batch = (600, 200) if quick else (200_000, BATCH)
    machine("eventsourcing", "psycopg")
    print(f"SQLite {sqlite3.sqlite_version}; {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        folder = Path(place)
        path = folder / "log.db"
        with SQLiteStore(path, WORDS) as store:
            store.append(events(count))
        sizes = (1, 20) if quick else (64, 2_000)
        works: dict[str, Callable[[], object]] = {
            "batches": lambda: batches(table, folder, path, count, batch),
            "single": lambda: single(table, folder, path, 20 if quick else 500),
            "named": lambda: named(table, folder, 20 if quick else 1_000),
            "lasting": lambda: lasting(table, folder, *sizes),
            "reading": lambda: reading(table, path, count, 1 if quick else 5),
            "copies": lambda: copies(table, folder, path, count),
            "slices": lambda: slices(table, folder, 5 * count, batch),
            "peer": lambda: peer(table, folder, count // 4, batch // 10),
            "postgres": lambda: postgres(table, count // 2, 1 if quick else 3),
        }
        for name, work in works.items():
            if given.only in ("", name):
                work()


if __name__ == "__main__":
    main()
