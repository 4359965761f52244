"""The command, asked about one pair of a large store, against the import it needs.

Run by hand: `python tests/benchmarks/bench_command.py [--quick] [--only VERB] [STORE]`.
The store has the facts of a working day; asked about are its busiest pair, which has a
tenth of them, and one with some hundreds. Each verb is a process of its own, in turn
with one that only imports the library; times are of the processor, the least of nine,
with bytecode kept. The bar is twice the import and 100 ms.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from _measure import Table, arguments, least_used, machine
from _working_day import PAIR, claims, fact, log_of, pair_of

from bri_timeline.relations import FACTS
from bri_timeline.stores import SQLiteStore


MANY, QUICK = 200_000, 2_000
ROUNDS = 9
ORDINARY = 40
QUESTIONS = {
    "state": "state {store} --between {pair} --on 2010-12-31",
    "explain": "explain {store} visits --between {pair} --on 2010-12-31",
    "timeline": "timeline {store} --between {pair} -o {folder}/a.html",
    "export": "export {store} --between {pair} -o {folder}/a.jsonl",
    "facts": "facts Visited",
}


def run(*command: str) -> None:
    """Run a process of Python, with bytecode kept."""
    environment = {
        k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"
    }
    with tempfile.TemporaryFile() as output:
        subprocess.run(
            [sys.executable, *command], check=True, env=environment, stdout=output
        )


def worked() -> float:
    """Return the seconds that processes have worked that this one has run."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a row for each verb."""
    given = arguments(__doc__, store="")
    machine()
    table = Table(judged=not given.quick)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(given.store or f"{folder}/a.db")
        if not given.store:
            with SQLiteStore(path, FACTS) as store:
                store.append(log_of(claims(QUICK if given.quick else MANY), fact))
        verbs = [name for name in QUESTIONS if given.only in ("", name)]
        for pair in (PAIR, pair_of(ORDINARY)):
            with SQLiteStore(path, FACTS) as store:
                size, found = store.head().position + 1, len(store.read(parties=pair))
            table.heading(f"one pair with {found:,} entries of {size:,}")
            for name in verbs:
                text = QUESTIONS[name]
                command = text.format(store=path, folder=folder, pair=" ".join(pair))
                asked(table, name, command.split(), 1 if given.quick else ROUNDS)


def asked(table: Table, name: str, command: list[str], rounds: int) -> None:
    """Print a row for a verb."""
    run("-m", "bri_timeline", *command)  # keeps the bytecode
    floor, taken = least_used(
        rounds,
        lambda: run("-c", "import bri_timeline"),
        lambda: run("-m", "bri_timeline", *command),
        clock=worked,
    )
    note = f"{taken * 1e3:,.0f} ms, the import {floor * 1e3:,.0f} ms"
    what = f"{name}: of twice the import and 100 ms"
    table.row(what, taken / (2 * floor + 0.1), most=1, note=note)


if __name__ == "__main__":
    main()
