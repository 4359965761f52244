"""What `import bri_timeline` costs, against importing attrs and pendulum alone.

Run by hand: `python tests/benchmarks/bench_import.py [--quick]`. Each import happens in
an interpreter of its own, in turn, and its processor time counts; what a bare
interpreter takes to start is taken off. All modules are compiled beforehand, as those
of an installed package are. The library imports pendulum when it first returns a day as
a date: the second row has that too. It ends with an error if the import loads a test
tool or a database driver.
"""

from __future__ import annotations

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from _measure import Table, arguments, machine


ROUNDS = 31
BARE, PEERS, OURS = "pass", "import attrs, pendulum", "import bri_timeline"
DATE = f"{OURS}; bri_timeline.Edtf('2019-04').earliest"
USED = "; import time; print(time.process_time())"
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
    """Return what modules ours loads, and the least times of the four programs."""
    with TemporaryDirectory() as compiled:
        modules = run(f"{OURS}, sys; print(*sys.modules)", compiled).split()
        programs = [program + USED for program in (BARE, PEERS, OURS, DATE)]
        for program in programs:
            run(program, compiled)
        times = [[float(run(p, compiled)) for p in programs] for _ in range(rounds)]
        return modules, [*map(min, zip(*times, strict=True))]


def main() -> None:
    """Print the ratios, and what is loaded."""
    options = arguments(__doc__)
    table, rounds = Table(not options.quick), 1 if options.quick else ROUNDS
    machine("attrs", "pendulum", "msgspec")
    modules, (bare, peers, ours, date) = measured(rounds)
    table.heading(f"import, least processor time of {rounds} interpreters each")
    for what, used, most in (
        ("of importing attrs and pendulum", ours, 1.2),
        ("    and returning a first day as a date", date, None),
    ):
        note = f"{(used - bare) * 1e3:.1f} and {(peers - bare) * 1e3:.1f} ms"
        ratio = (used - bare) / (peers - bare)
        table.row(what, ratio, most=most, note=note)
    whole = f"{ours * 1e3:.1f} and {peers * 1e3:.1f} ms"
    table.row("    with the start of Python", ours / peers, note=whole)
    found = [name for name in UNWANTED if name in modules]
    table.row("test tools and database drivers loaded", len(found), "", most=0)
    if found:
        sys.exit(f"import bri_timeline loads {', '.join(found)}")


if __name__ == "__main__":
    main()
