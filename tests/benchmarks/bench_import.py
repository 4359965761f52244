"""What `import bri_timeline` costs, against importing attrs and pendulum alone.

Run by hand: `python tests/benchmarks/bench_import.py [--quick]`. Each import happens in
an interpreter of its own, in turn; what a bare interpreter takes to start and stop is
taken off. All modules are compiled beforehand, as those of an installed package are. It
ends with an error if the import loads a test tool or a database driver.
"""

from __future__ import annotations

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from _measure import Table, arguments, in_turn, machine


ROUNDS = 31
BARE, PEERS, OURS = "pass", "import attrs, pendulum", "import bri_timeline"
# By these coverage has every program measured, and loads sqlite3 into it.
MEASURED = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
UNWANTED = ("hypothesis", "psycopg", "sqlite3")


def run(program: str, compiled: str) -> str:
    """Run a program in an interpreter of its own, and return what it prints.

    Args:
        program: Its text.
        compiled: The folder of compiled modules; what is missing there is added.
    """
    command = [sys.executable, "-c", program]
    env = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    for name in ("PYTHONDONTWRITEBYTECODE", *MEASURED):
        env.pop(name, None)
    done = subprocess.run(command, capture_output=True, check=True, env=env, text=True)
    return done.stdout


def measured(rounds: int) -> tuple[list[str], list[float]]:
    """Return what modules ours loads, and the least times of the three programs."""
    with TemporaryDirectory() as compiled:
        modules = run(f"{OURS}, sys; print(*sys.modules)", compiled).split()
        works = [lambda _, p=p: run(p, compiled) for p in (BARE, PEERS, OURS)]
        in_turn(range(1), *works)
        return modules, [*map(min, in_turn(range(rounds), *works))]


def main() -> None:
    """Print the ratio, and what is loaded."""
    options = arguments(__doc__)
    table, rounds = Table(not options.quick), 1 if options.quick else ROUNDS
    machine("attrs", "pendulum", "msgspec")
    modules, (bare, peers, ours) = measured(rounds)
    table.heading(f"import, least of {rounds} interpreters each")
    note = f"{(ours - bare) * 1e3:.1f} and {(peers - bare) * 1e3:.1f} ms"
    ratio = (ours - bare) / (peers - bare)
    table.row("of importing attrs and pendulum", ratio, most=1.45, note=note)
    whole = f"{ours * 1e3:.1f} and {peers * 1e3:.1f} ms"
    table.row("    with the start of Python", ours / peers, note=whole)
    found = [name for name in UNWANTED if name in modules]
    table.row("test tools and database drivers loaded", len(found), "", most=0)
    if found:
        sys.exit(f"import bri_timeline loads {', '.join(found)}")


if __name__ == "__main__":
    main()
