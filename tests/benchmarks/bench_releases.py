"""Releases of a dataset: what they cost, and whether a real pair is read right.

Run by hand: `python tests/benchmarks/bench_releases.py [--quick] [--only NAME] [dir]`,
where NAME is `synthetic` (three releases of the claims of a working day, of which each
changes 3 % of the rows of the one before and leaves out 1 %, against a plain import) or
`cgit` (two releases of one list of investments, by a declaration for each). The folder
holds the list. Exits with 1 if a value, a change or a count is another than what the
files say.
"""

from __future__ import annotations

import csv
import random
import sys
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from _measure import Table, arguments, least_used, machine
from _working_day import Dealt, claims, events_of
from attrs import evolve, frozen

from bri_timeline import Event, EventLog, Source, Vocabulary, compare
from bri_timeline.formats import tables
from bri_timeline.stores import SQLiteStore


FOLDER = Path(__file__).parents[2].parent / "shared" / "data"
ROWS = 100_000
CHANGED, GONE = 0.03, 0.01


@frozen
class Invested:
    """A row of the list of investments."""

    name: str
    state: str
    region: str
    entity: str
    party: str
    millions: Decimal
    sector: str
    subsector: str
    share: str
    bri: str


VOCABULARY = Vocabulary(Invested, Dealt)
KEY = ("when", "entity", "party", "millions", "sector", "subsector", "share", "state")
# Names that mean several states, or none, without more words.
STATES = {"Antigua": "ATG", "Congo": "COG"}
# Our fields, and their columns in the two files.
COLUMNS = {
    "name": ("Country", "country"),
    "region": ("Region", "region"),
    "entity": ("Chinese Entity", "chinese_entity"),
    "party": ("Transaction Party", "transaction_party"),
    "sector": ("Sector", "sector"),
    "subsector": ("Subsector", "subsector"),
    "share": ("Share size", "share_size"),
    "bri": ("BRI", "bri"),
}
WHENS = (
    {"columns": ["Year", "Month"], "format": "yyyy month"},
    {"column": "date", "format": "yyyy-mm-dd", "first": "month"},
)
FILES = (
    "cgit_2005_2018_raw_year_month.csv",
    "cgit_2005_2018_coerced_first_of_month.csv",
)
AMOUNTS = ("Quantity in Millions", "quantity_in_millions")
DAYS = ("2018-07-01", "2019-07-01")


def declared(number: int) -> tables.Declaration:
    """Return the declaration of one of the two files."""
    country = COLUMNS["name"][number]
    fields: dict[str, object] = {
        name: f"{{{columns[number]}}}" for name, columns in COLUMNS.items()
    }
    fields["millions"] = {"column": AMOUNTS[number], "as": "number"}
    fields["state"] = {"column": country, "as": "state", "codes": STATES}
    rule = {"kind": "Invested", "when": WHENS[number], "fields": fields, "key": KEY}
    return tables.declared(
        {
            "title": "investments",
            "source": {"title": "A list of investments", "published": DAYS[number]},
            "events": [rule],
        }
    )


def plain_rows(folder: Path, number: int) -> list[tuple[str, str]]:
    """Return the country and the region of each row, as the file has them."""
    with (folder / FILES[number]).open(encoding="utf-8-sig", newline="") as file:
        found = [*csv.DictReader(file)]
    names = COLUMNS["name"][number], COLUMNS["region"][number]
    return [(row[names[0]], row[names[1]]) for row in found]


def cgit(table: Table, folder: Path) -> bool:
    """Take both releases in, and compare every row with the files."""
    table.heading("two releases of a list of investments")
    read = [
        tables.load(folder / name, declared(number), VOCABULARY)
        for number, name in enumerate(FILES)
    ]
    log, first = EventLog().revise(read[0].log, dataset="cgit", published=DAYS[0])
    log, second = log.revise(read[1].log, dataset="cgit", published=DAYS[1])
    again, _ = log.revise(read[1].log, dataset="cgit", published=DAYS[1])
    old, new = plain_rows(folder, 0), plain_rows(folder, 1)
    # Both files have their rows in one order: line by line they are one row.
    lines = {event.id: line for line, event in enumerate(claims_in(read[0].log))}
    right = 0
    for day, expected in ((DAYS[0], old), (DAYS[1], new)):
        for event in log.as_of("2100-01-01", known_by=day).events:
            right += expected[lines[event.id]] == (event.what.name, event.what.region)
    differing = {
        n for n, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]
    }
    listed = {lines[amendment.before.id] for amendment in second.changed}
    fields = [set(amendment.fields) for amendment in second.changed]
    figures = (
        ("rows of the two files", len(old) + len(new), 5816),
        ("    of these not read", sum(len(one.rejected) for one in read), 0),
        ("values equal to the files, by known_by", right, 5816),
        ("rows whose values differ in the files", len(differing), 511),
        ("    listed by the release", len(listed & differing), 511),
        ("    listed beyond these", len(listed - differing), 0),
        ("    by the name of the country", sum("name" in one for one in fields), 511),
        ("    by the region too", sum("region" in one for one in fields), 257),
        (
            "    by anything else",
            sum(bool(one - {"name", "region"}) for one in fields),
            0,
        ),
        ("rows added or withdrawn", len(second.added) + len(second.withdrawn), 0),
        ("compare() lists the same", compare(read[0].log, read[1].log) == second, 1),
        ("entries added by a second import", len(again) - len(log), 0),
    )
    for name, found, wanted in figures:
        table.row(name, int(found), "", note=f"expected {wanted}")
    return (
        all(found == wanted for _, found, wanted in figures)
        and len(first.added) == 2908
    )


def claims_in(log: EventLog) -> list[Event]:
    return [entry.claim for entry in log]


def releases(count: int) -> list[list[Event]]:
    """Return three releases of a list: the claims of a working day, one of each id."""
    draw, first = random.Random(1), claims(count, related=0, corrected=0)
    rows = {claim.number: claim for claim in first}
    found = []
    for number in range(3):
        if number:
            for name in draw.sample(sorted(rows), int(count * CHANGED)):
                rows[name] = evolve(rows[name], number=rows[name].number + count)
            for name in draw.sample(sorted(rows), int(count * GONE)):
                del rows[name]
        source = Source(f"Release {number}")
        found.append(
            [
                Event(event.what, when=event.when, cite=source, id=event.id)
                for event in events_of(rows.values())
            ]
        )
    return found


def synthetic(table: Table, count: int) -> None:
    """Print the time of each release, in times of a plain import of as many rows."""
    some = releases(count)
    days = ("2018-01-01", "2019-01-01", "2020-01-01")
    with TemporaryDirectory() as folder:
        table.heading(f"three releases of {count:,} rows, in a store")
        with SQLiteStore(Path(folder) / "plain.db", VOCABULARY) as store:
            # As the command imports: into a log, which is written to the store.
            (plain,) = least_used(1, lambda: store.append(EventLog().extend(some[0])))
        with SQLiteStore(Path(folder) / "revised.db", VOCABULARY) as store:
            for number, (rows, day) in enumerate(zip(some, days, strict=True), 1):
                (taken,) = least_used(
                    1,
                    lambda rows=rows, day=day: store.revise(
                        rows, dataset="deals", published=day
                    ),
                )
                table.row(f"release {number}, of a plain import", taken / plain, most=3)
    table.heading(f"three releases of {count:,} rows, in memory")
    log = EventLog()
    for number, (rows, day) in enumerate(zip(some, days, strict=True), 1):
        grown: list[EventLog] = []
        plain, taken = least_used(
            3,
            lambda: EventLog().extend(some[0]),
            lambda rows=rows, day=day, log=log, grown=grown: grown.append(
                log.revise(rows, dataset="deals", published=day)[0]
            ),
        )
        log = grown[0]
        table.row(f"release {number}, of EventLog.extend()", taken / plain)


def main() -> None:
    """Print the tables."""
    options = arguments(__doc__, folder=str(FOLDER / "finance"))
    table, folder = Table(not options.quick), Path(options.folder)
    machine("attrs", "msgspec")
    if options.only in ("", "synthetic"):
        synthetic(table, 1000 if options.quick else ROWS)
    if options.only in ("", "cgit"):
        if not (folder / FILES[0]).exists():
            print(f"{folder / FILES[0]} is not there")
        elif not cgit(table, folder):
            sys.exit("the releases are not read as the files have them")


if __name__ == "__main__":
    main()
