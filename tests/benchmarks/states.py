"""Codes of states and places of events, put to real files: what is known and kept.

Run by hand: `python tests/benchmarks/states.py [folder]`. The folder holds the files of
`FILES` under `states/`. A use of a code is one code on one day of a row: its first and
last day, and the last day of each year between. A use is known if `actor_of` gives a
state, and comes back if `code_of` gives the code of the row for it.

Exits with 1 if a code or a name is not known, or coordinates are not kept, or more uses
than those of `OTHER_CODES` do not come back.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bri_timeline import EventLog
from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import ucdp
from bri_timeline.relations import actor_named, actor_of, code_of


FOLDER = Path(__file__).parents[2].parent / "shared" / "data"
GED = "ucdp_ged_sample_1000.csv"
FILES = ("cow_states.csv", "archigos.csv", "ucdp_acd.csv", GED)
# The list of Gleditsch and Ward has other codes on these days. Serbia has 340 from
# 5 June 2006, a day later than in Archigos; UCDP keeps 345. To Archigos the German
# Democratic Republic lasts to the day of its end, to the list until the day before.
OTHER_CODES = {("340", "2006-06-04"), ("265", "1990-10-03")}
KEEPS = {("345", "SRB")}

Row = dict[str, str]
Use = tuple[str, str]


def rows(name: str) -> Iterator[Row]:
    """Yield the rows of a file."""
    with (FOLDER / "states" / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def whole(cell: str) -> str:
    """Return a number as the list has it: R writes `2.0`."""
    return cell.strip().removesuffix(".0")


def days(first: str, last: str) -> Iterator[str]:
    """Yield the first and the last day, and the last of each year between."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    ends = (date(year, 12, 31) for year in range(start.year, end.year))
    yield from dict.fromkeys(map(str, (start, *ends, end)))


def members() -> Iterator[Use]:
    """The state system membership list of the Correlates of War project."""
    for row in rows("cow_states.csv"):
        first, last = (
            "-".join(
                whole(row[f"{end}{part}"]).zfill(2) for part in ("year", "month", "day")
            )
            for end in ("st", "end")
        )
        yield from ((whole(row["ccode"]), day) for day in days(first, last))


def leaders() -> Iterator[Use]:
    """Archigos: the leaders of states."""
    for row in rows("archigos.csv"):
        for day in days(row["startdate"], row["enddate"]):
            yield whole(row["gwcode"]), day


def conflicts() -> Iterator[Use]:
    """UCDP/PRIO: parties of conflicts, on the days of the episode within the year."""
    for row in rows("ucdp_acd.csv"):
        year = whole(row["year"])
        dated = {max(row["start_date2"], f"{year}-01-01"), row["ep_end_date"]}
        for name in ("gwno_a", "gwno_a_2nd", "gwno_b", "gwno_b_2nd"):
            for code in re.findall(r"[0-9]+", row[name].replace(".0", "")):
                yield from ((code, day) for day in dated if day.startswith(year))


def violence() -> Iterator[Use]:
    """UCDP GED: the states of territories and sides, on the last day of an event."""
    for row in rows(GED):
        for name in ("country_id", "gwnoa", "gwnob"):
            for code in re.findall(r"[0-9]+", row[name].replace(".0", "")):
                yield code, row["date_end"][:10]


def tried(system: str, uses: Iterator[Use]) -> tuple[Counter[str], list[str]]:
    """Return how many uses are known and come back, and a line for each other one."""
    found, odd = Counter[str](), Counter[str]()
    for code, day in uses:
        found["uses"] += 1
        try:
            who = actor_of(code, system, on=day)
        except BriTimelineError as error:
            odd[f"{code} on {day}: {error}"] += 1
            continue
        found["known"] += 1
        try:
            back = code_of(who, system, on=day)
        except BriTimelineError:
            back = "no code"
        found["back"] += back == code
        if back != code:
            found["listed"] += (code, day) in OTHER_CODES or (code, who) in KEEPS
            odd[f"{code} means {who}, which has {back} then"] += 1
    return found, [f"{what} ({count} uses)" for what, count in odd.items()]


def located() -> tuple[int, Counter[str], list[str]]:
    """Read UCDP GED, and look for each row by its country and its coordinates."""
    imported = ucdp.load(FOLDER / "states" / GED)
    log: EventLog = imported.log
    claims = {entry.claim.id: entry.claim for entry in log}
    about: dict[str, set[str]] = {}
    found, odd = Counter[str](), list[str]()
    for row in rows(GED):
        name, day = f"ucdp:{whole(row['id'])}", row["date_end"][:10]
        try:
            by_code = actor_of(whole(row["country_id"]), "gw", on=day)
            by_name = actor_named(row["country"], on=day)
        except BriTimelineError as error:
            odd.append(f"{name}: {error}")
            continue
        for how, who in (("by code", by_code), ("by name", by_name)):
            if who not in about:
                about[who] = {entry.claim.id for entry in log.among(who)}
            found[how] += name in about[who]
        where = claims[name].where if name in claims else None
        point = where and (where.latitude, where.longitude)
        kept = point == (float(row["latitude"]), float(row["longitude"]))
        found["coordinates"] += kept
        found["precision"] += where is not None and where.precision is not None
        if not kept:
            odd.append(f"{name}: {where}")
    odd += map(str, imported.rejected)
    odd += (one for one in imported.cautions if "not recognised" in one)
    return imported.rows, found, odd


def main() -> int:
    """Print the tables."""
    wrong = 0
    for name, system, uses in (
        ("COW states", "cow", members),
        ("Archigos", "gw", leaders),
        ("UCDP/PRIO", "gw", conflicts),
        ("UCDP GED", "gw", violence),
    ):
        found, odd = tried(system, uses())
        wrong += found["known"] < found["uses"]
        wrong += found["back"] + found["listed"] < found["uses"]
        known = f"{found['known']:,} known, {found['back']:,} come back"
        print(f"{name:10}  {found['uses']:6,} uses of codes: {known}")
        print(*(f"            {one}\n" for one in odd), sep="", end="")
    count, found, odd = located()
    wrong += bool(odd) or any(number < count for number in found.values())
    told = ", ".join(f"{how} {number:,}" for how, number in found.items())
    print(f"UCDP GED    {count:6,} rows: found {told}; {len(odd)} in silence")
    print(*(f"            {one}\n" for one in odd), sep="", end="")
    return int(wrong > 0)


if __name__ == "__main__":
    FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not FOLDER.is_dir():
        sys.exit(f"{FOLDER} is not there: name the folder of the data sets")
    sys.exit(main())
