"""The command, asked about one pair of a large store, against the import it needs.

Run by hand: `python tests/benchmarks/bench_command.py [--quick] [--only VERB] [STORE]`.
Each verb is a process of its own, in turn with one that only imports the library; times
are of the processor, with bytecode kept. The bar is twice the import and 100 ms.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median

from _measure import Table, arguments, machine

from bri_timeline import Event
from bri_timeline.relations import FACTS, Visited, states
from bri_timeline.stores import SQLiteStore


MANY, QUICK = 1_000_000, 2_000
ROUNDS = 9
AT_ONCE = 50_000
PAIR = ("AZE", "CHN")
QUESTIONS = {
    "state": "state {store} --between AZE CHN --on 2010-12-31",
    "explain": "explain {store} visits --between AZE CHN --on 2010-12-31",
    "timeline": "timeline {store} --between AZE CHN -o {folder}/a.html",
    "export": "export {store} --between AZE CHN -o {folder}/a.jsonl",
    "facts": "facts Visited",
}


def written(path: Path, many: int) -> None:
    """Write a store of visits among 50 states, at most 1,000 of them of one pair."""
    random = Random(2)
    some = [*PAIR, *(code for code in states() if code not in PAIR)][:50]
    visits = []
    for number in range(many):
        guest, host = random.sample(some, 2)
        when = f"{random.randint(1990, 2020)}-{random.randint(1, 12):02}-01"
        visits.append(Event(Visited(guest, host), when=when, id=f"v{number}"))
    with SQLiteStore(path, FACTS) as store:
        for start in range(0, many, AT_ONCE):
            store.append(visits[start : start + AT_ONCE])


def spent(*command: str) -> float:
    """Return the processor time of a process of Python, in seconds."""
    environment = {
        k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"
    }
    with tempfile.TemporaryFile() as output:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *command], check=True, env=environment, stdout=output
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime
    return used - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a row for each verb."""
    given = arguments(__doc__, store="")
    machine()
    table = Table(judged=not given.quick)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(given.store or f"{folder}/a.db")
        if not given.store:
            written(path, QUICK if given.quick else MANY)
        with SQLiteStore(path, FACTS) as store:
            size = store.head().position + 1
            found = len(store.read(parties=PAIR))
        table.heading(f"one pair with {found:,} entries of {size:,}")
        for name, text in QUESTIONS.items():
            if given.only not in ("", name):
                continue
            command = text.format(store=path, folder=folder).split()
            times: tuple[list[float], list[float]] = ([], [])
            for number in range(2 if given.quick else ROUNDS + 1):
                imported = spent("-c", "import bri_timeline")
                asked = spent("-m", "bri_timeline", *command)
                if number:  # the first keeps the bytecode
                    times[0].append(imported)
                    times[1].append(asked)
            floor, taken = map(median, times)
            note = f"{taken * 1e3:,.0f} ms, the import {floor * 1e3:,.0f} ms"
            what = f"{name}: of twice the import and 100 ms"
            table.row(what, taken / (2 * floor + 0.1), most=1, note=note)


if __name__ == "__main__":
    main()
