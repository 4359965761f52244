"""Files of our own, read by `formats`: how fast.

Run by hand: `python tests/benchmarks/bench_formats.py [--quick]`.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from pathlib import Path

from _measure import Table, arguments, least_used, machine
from _working_day import Claim, claims, fact, log_of, pair_of

from bri_timeline.formats import csv as entries
from bri_timeline.relations import FACTS, AgreementSigned, Money, Visited


def read_csv(table: Table, folder: Path, rounds: int, count: int) -> None:
    """Read tables of the entries of a working day, and only their cells.

    One table has facts of all kinds, as people have them. Those of one kind say what
    an agreement with a value costs beside a visit.
    """
    table.heading(f"CSV of {count:,} entries, processor time")
    found = claims(count)
    kinds: dict[str, Callable[[Claim], object]] = {
        "facts of all kinds": fact,
        "visits": visited,
        "agreements with a value": signed,
    }
    for name, make in kinds.items():
        path = folder / f"{name}.csv"
        entries.dump(log_of(found, make), path, FACTS)
        own, bare = least_used(
            rounds,
            lambda path=path: entries.load(path, FACTS),
            lambda path=path: _cells(path),
        )
        note = f"{1e6 * own / count:.1f} and {1e6 * bare / count:.1f} us a row"
        table.row(f"{name}, times a bare reader", own / bare, most=10, note=note)


def visited(claim: Claim) -> Visited:
    """Return a visit: the payload of a table of visits."""
    return Visited(*pair_of(claim.pair), occasion=f"visit {claim.number}")


def signed(claim: Claim) -> AgreementSigned:
    """Return an agreement with a value."""
    title, value = f"No. {claim.number}", Money(claim.number, "USD")
    return AgreementSigned({*pair_of(claim.pair)}, title, value=value)


def _cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [*csv.reader(file)]


def main() -> None:
    """Print the table."""
    options = arguments(None)
    rounds, count = (1, 99) if options.quick else (5, 20_000)
    machine()
    with tempfile.TemporaryDirectory() as place:
        read_csv(Table(judged=not options.quick), Path(place), rounds, count)


if __name__ == "__main__":
    main()
