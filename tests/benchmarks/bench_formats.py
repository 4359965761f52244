"""Real files of the field read by `formats`: what comes out, and how fast.

Run by hand: `python tests/benchmarks/bench_formats.py [--quick] [--only N] [folder]`,
where N is `tables`, `events`, `quadruples`, `speed` or `csv`. The folder holds the
files in folders of their own (`icews14`, `icews_raw`, `gdelt`, `plover`,
`bri`, `finance`, `treaties`, `leaders`, `states`); what it lacks is passed over. The
tables are read by the declarations below, without a line of code for each. With
`--quick`, or without the folder, small files of the same shape are made up, only to see
that it runs.
"""

from __future__ import annotations

import csv
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from _measure import Table, absent, arguments, least_used, machine, medians
from _working_day import Claim, claims, fact, log_of, pair_of

from bri_timeline import Answer, EventLog
from bri_timeline.formats import csv as entries
from bri_timeline.formats import gdelt, icews, plover, tables, ucdp
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    Joined,
    Left,
    Money,
    Visited,
    relationship,
)


FOLDER = Path(__file__).parents[2].parent / "shared" / "data"
PARTS = ("train.txt", "valid.txt", "test.txt")
DAYS = "dd.mm.yyyy | yyyy-mm-dd | yyyy-mm | yyyy"
INITIATIVE = "Belt and Road Initiative"

# --- declarations ---------------------------------------------------------------------

MEMBERS = f"""
title = "Members of the Belt and Road, with months"
coverage = "2013/2025-05"
source = {{ title = "A list of members", published = "2025-05" }}

[[events]]
kind = "Joined"
when = {{ column = "mou", format = "yyyy-mm-dd", first = "month" }}
fields = {{ member = {{ column = "iso3", as = "alpha3" }}, body = "{INITIATIVE}" }}

[[events]]
kind = "Left"
when = {{ column = "exit", format = "yyyy-mm-dd", sentinels = {{ "" = "open" }} }}
fields = {{ member = {{ column = "iso3", as = "alpha3" }}, body = "{INITIATIVE}" }}
"""

MEMBERS_BY_YEAR = f"""
title = "Members of the Belt and Road, with years"
coverage = "2013/2023"
source = {{ title = "A list of members" }}

[[events]]
kind = "Joined"
when = {{ column = "join_year", format = "yyyy" }}
fields = {{ member = {{ column = "iso2", as = "alpha2" }}, body = "{INITIATIVE}" }}
"""

INVESTMENT = """
title = "China Global Investment Tracker"
coverage = "2005/2018-06"
source = { title = "China Global Investment Tracker", published = "2018" }

[[events]]
kind = "AgreementSigned"
when = { columns = ["Year", "Month"], format = "yyyy month" }

[events.fields]
parties = ["CHN", { column = "Country", as = "state", codes = { Congo = "COG" } }]
title = "{Sector}: {Chinese Entity}, {Transaction Party}"
between = "{Chinese Entity}"
value.amount = { column = "Quantity in Millions", as = "number", times = 1000000 }
value.currency = "USD"
"""

_STATE = """{ column = "stateID", as = "alpha3", codes = { KOS = "state:kosovo", \
EC = "org:european-community", EFTA = "org:efta" } }"""
_OPEN = '{ "31.12.9999" = "open" }'

TREATY_MEMBERS = f"""
title = "Members of trade agreements"
coverage = "1947/2020"
missing = ["", "NA"]
source = {{ title = "Trade agreements" }}

[[events]]
kind = "Joined"
when = [
    {{ column = "StateForce", format = "{DAYS}" }},
    {{ column = "StateRatification", format = "{DAYS}" }},
    {{ column = "StateSignature", format = "{DAYS}" }},
]
fields = {{ member = {_STATE}, body = "{{Title}}" }}

[[events]]
kind = "Left"
when = {{ column = "StateEnd", format = "{DAYS}", sentinels = {_OPEN} }}
fields = {{ member = {_STATE}, body = "{{Title}}" }}
"""

TREATIES = f"""
title = "Trade agreements"
coverage = "1947/2020"
encoding = "mac_roman"
missing = ["", "NA"]
source = {{ title = "Trade agreements", url = "{{url}}" }}

[[events]]
kind = "ProjectStatusChanged"
when = {{ column = "Force", format = "{DAYS}" }}
fields = {{ parties = ["org:parties"], project = "{{treatyID}}", status = "in force" }}

[[events]]
kind = "ProjectStatusChanged"
when = {{ column = "End", format = "{DAYS}", sentinels = {_OPEN} }}
fields = {{ parties = ["org:parties"], project = "{{treatyID}}", status = "ended" }}
"""

LEADERS = """
title = "Engagements of Chinese leaders"
coverage = "2002/2018-04"
source = { title = "China Vitae" }

[[events]]
kind = "Visited"
when = { column = "date", format = "yyyy-mm-dd" }
containing = { text = "travelled to {country}" }

[events.fields]
guest = "CHN"
host = { column = "country", as = "state" }
who = { column = "leader", as = "person:" }

[[events]]
kind = "Met"
when = { column = "date", format = "yyyy-mm-dd" }

[events.fields]
parties = ["CHN", { column = "country", as = "state" }]
who = [{ column = "leader", as = "person:" }]
about = "{text}"
"""

IN_OFFICE = """
title = "Leaders in office"
coverage = "1840/2015"
source = { title = "Archigos" }

[[events]]
kind = "PositionDeclared"
when = { column = "startdate", format = "yyyy-mm-dd" }
until = { column = "enddate", format = "yyyy-mm-dd", sentinels = { \
"2015-12-31" = "censored" } }
id = "{obsid}"
fields = { actor = "org:archigos", topic = "{leader}", stance = "in office" }
"""

CONFLICTS = """
title = "Armed conflicts"
coverage = "1946/2023"
source = { title = "UCDP/PRIO Armed Conflict Dataset" }

[[events]]
kind = "ProjectStatusChanged"
fields = { parties = ["org:ucdp"], project = "{conflict_id}", status = "began" }

[events.when]
column = "start_date"
format = "yyyy-mm-dd"
precision = "start_prec"
precisions = { "1" = "day", "2" = "month", "3" = "month", "4" = "year", "5" = "year", \
"6" = "unknown" }
"""

DECLARED = {
    "bri/gfdc_bri_countries_2025-05.csv": MEMBERS,
    "bri/bri_join_year_152.csv": MEMBERS_BY_YEAR,
    "finance/cgit_2005_2018_raw_year_month.csv": INVESTMENT,
    "treaties/manytrade_HUGGO_MEM_additional.csv": TREATY_MEMBERS,
    "treaties/manytrade_HUGGO_reconciled.csv": TREATIES,
    "leaders/china_vitae_caucasus_central_asia.csv": LEADERS,
    "states/archigos.csv": IN_OFFICE,
    "states/ucdp_acd.csv": CONFLICTS,
}

# --- small files of the same shape, made up -------------------------------------------


def made_up(folder: Path) -> Path:
    """Write a few rows in the shape of the files that are timed."""
    cells = [""] * 61
    cells[0], cells[1], cells[26], cells[59] = "1", "20180101", "042", "20180102"
    cells[5] = cells[7] = "CHN"
    cells[15] = cells[17] = "KAZ"
    files = {
        "icews14/entity2id.txt": "China\t0\nKazakhstan\t1\n",
        "icews14/relation2id.txt": "Make a visit\t0\nHost a visit\t1\n",
        **{f"icews14/{part}": "0\t0\t1\t24\t-1\n1\t1\t0\t24\t-1\n" for part in PARTS},
        "gdelt/1.export.CSV": "\t".join(cells) + "\n",
        "bri/gfdc_bri_countries_2025-05.csv": "iso3,mou,exit\nKAZ,2015-08-01,\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


# --- the rows of the table ----------------------------------------------------------


def counted(table: Table, what: str, found: tables.Imported) -> tables.Imported:
    """Print what came out of a file."""
    note = f"{found.rows:,} rows, {len(found.rejected):,} not placed"
    if found.ongoing:
        note += f", {len(found.ongoing):,} without an end"
    table.row(what, len(found.log), "events", note=note)
    return found


def read_tables(table: Table, folder: Path) -> None:
    """Read each table that has a declaration, and ask it something."""
    table.heading("tables, by declaration")
    asked = {MEMBERS: members, INVESTMENT: invested, TREATY_MEMBERS: treaties}
    for name, declaration in DECLARED.items():
        if (folder / name).is_file():
            declared = tables.declared(tomllib.loads(declaration), name=name)
            found = tables.load(folder / name, declared, FACTS)
            counted(table, declared.title, found)
            for reason, count in found.reasons.items():
                print(f"    {count:>6,} {reason}")
            if declaration in asked:
                asked[declaration](table, found)


def members(table: Table, found: tables.Imported) -> None:
    """Who had joined on one day: certainly, perhaps, nobody knows when."""
    view = found.log.as_of("2019-04-25")
    who = [event for event in view.events if isinstance(event.what, Joined)]
    others = [event for event in who if event.what.member != "CHN"]
    undated = [row for row in found.rejected if row.reason.startswith("Joined")]
    table.row("members but China on 2019-04-25, certain", len(others), "", most=123)
    table.row("... undecided", len(view.undecided), "", most=4)
    table.row("... undated", len(undated), "", most=4)


def invested(table: Table, found: tables.Imported) -> None:
    """What had been invested in Kazakhstan on one day."""
    of = relationship("CHN", "KAZ")
    view = found.log.among("CHN", "KAZ").as_of("2013-07-15")
    certain = view.project(of).agreed_value.get("USD", 0)
    possible = view.project(of, undecided=True).agreed_value.get("USD", 0)
    table.row("in Kazakhstan by 2013-07-15, certain", float(certain) / 1e6, "m$")
    table.row("... possibly", float(possible) / 1e6, "m$")


def treaties(table: Table, found: tables.Imported) -> None:
    """Whether agreements were in force on some days."""
    for member, body, day in (
        ("GEO", "China Georgia", "2017-12-31"),
        ("GEO", "China Georgia", "2018-01-01"),
        ("GEO", "Commonwealth Of Independent States (CIS)", "2009-08-15"),
        ("GEO", "China Georgia", "2030-01-01"),
    ):
        answer = belongs(found, member, body, day)
        print(f"    {member} in {body!r} on {day}: {answer}")


def belongs(found: tables.Imported, member: str, body: str, day: str) -> Answer:
    """Return whether a state was a member on a day, as far as the data go."""
    entered = left = Answer.NO
    for entry in found.log.among(member):
        what, when = entry.claim.what, entry.claim.when
        if isinstance(what, Joined) and what.body == body:
            entered |= when.on_or_before(day)
        if isinstance(what, Left) and what.body == body:
            left |= when.on_or_before(day)
    judged = found.coverage.judged
    return judged(entered, on=day) & ~judged(left, on=day)


def visits_in(log: EventLog) -> Iterator[Visited]:
    """Yield the visits of a log."""
    for entry in log:
        if isinstance(entry.claim.what, Visited):
            yield entry.claim.what


def read_events(table: Table, folder: Path) -> None:
    """Read what is coded, and count happenings."""
    table.heading("coded events: happenings, not reports")
    raw = folder / "icews_raw" / "icews_sample_2018-06.csv"
    if raw.is_file():
        azerbaijan(table, raw)
    for path in sorted((folder / "gdelt").glob("*.export.CSV*")):
        found = counted(table, f"GDELT, {path.name}", gdelt.load(path))
        table.row("... visits", len([*visits_in(found.log)]), "", most=49)
        for known in ("2017-12-31", "2018-01-01"):
            view = found.log.as_of("2017-12-02", known_by=known)
            on = [event for event in view.events if str(event.when) == "2017-12-02"]
            table.row(f"... of 2017-12-02, known by {known}", len(on), "")
    records = folder / "plover" / "PLOVER_GSR_CAMEO.json"
    if records.is_file():
        counted(table, "PLOVER records", plover.load(records))
    violence = folder / "states" / "ucdp_ged_sample_1000.csv"
    if violence.is_file():
        counted(table, "UCDP events", ucdp.load(violence))


def azerbaijan(table: Table, raw: Path) -> None:
    """Read raw rows, whole and those on Azerbaijan."""
    counted(table, "ICEWS, raw rows", icews.load(raw))
    head, *rows = raw.read_text("utf-8").splitlines(keepends=True)
    text = head + "".join(row for row in rows if _about(row, "Azerbaijan"))
    found = counted(table, "... about Azerbaijan", icews.loads(text))
    publishers = [
        {place.source.container for place in entry.claim.cite} for entry in found.log
    ]
    table.row("... with two publishers", sum(len(some) == 2 for some in publishers), "")


def _about(row: str, state: str) -> bool:
    """Tell whether a state is that of the source or of the target of a row."""
    (cells,) = csv.reader([row])
    return state in (cells[4], cells[10])


def quadruples(folder: Path) -> icews.Imported:
    """Read ICEWS14 whole."""
    return icews.load_quadruples(
        *[folder / part for part in PARTS],
        entities=folder / "entity2id.txt",
        relations=folder / "relation2id.txt",
        since="2014-01-01",
        title="ICEWS14",
        reading=icews.ReadOptions(actors={"Xi Jinping": "CHN"}),
    )


def read_quadruples(table: Table, folder: Path, rounds: int) -> None:
    """Read ICEWS14, and time it against polars, which groups the same rows."""
    table.heading("ICEWS14 whole")
    found = counted(table, "quadruples", quadruples(folder))
    between = found.log.among("CHN", "KAZ")
    pairs = [(visit.guest, visit.host) for visit in visits_in(between)]
    signed = [e for e in between if isinstance(e.claim.what, AgreementSigned)]
    table.row("visits of China to Kazakhstan", pairs.count(("CHN", "KAZ")), "")
    table.row("visits of Kazakhstan to China", pairs.count(("KAZ", "CHN")), "")
    table.row("days of signing", len({str(e.claim.when) for e in signed}), "")
    if absent("polars"):
        print("  polars is not installed")
        return
    claims = [entry.claim for entry in found.log]
    ours, theirs, recording = medians(
        rounds,
        lambda: quadruples(folder),
        lambda: grouped(folder),
        lambda: EventLog().extend(claims),
    )
    note = f"{ours * 1e3:.0f} and {theirs * 1e3:.0f} ms"
    table.row("reading, times polars", ours / theirs, most=4, note=note)
    note = "polars has no log to record them in"
    table.row("... until they are events", (ours - recording) / theirs, note=note)


def grouped(folder: Path) -> list[tuple[object, ...]]:
    """Return one row for each happening, as polars reads and groups them."""
    import polars as pl

    names = ["s", "r", "o", "h", "x"]
    frames = [
        pl.read_csv(folder / part, separator="\t", has_header=False, new_columns=names)
        for part in PARTS
    ]
    rows = pl.concat(frames).with_row_index("line")
    dictionaries = [_dictionary(folder / f"{n}2id.txt") for n in ("entity", "relation")]
    entity, relation = dictionaries
    columns = [
        pl.col("s").replace_strict(entity),
        pl.col("o").replace_strict(entity),
        pl.col("r").replace_strict(relation),
        (pl.date(2014, 1, 1) + pl.duration(days=pl.col("h") // 24)).alias("day"),
        pl.col("line"),
    ]
    host = pl.col("r") == "Host a visit"
    told = rows.select(columns).with_columns(
        s=pl.when(host).then("o").otherwise("s"),
        o=pl.when(host).then("s").otherwise("o"),
        r=pl.when(host).then(pl.lit("Make a visit")).otherwise("r"),
    )
    return told.group_by(["s", "r", "o", "day"]).agg("line").rows()


def _dictionary(path: Path) -> dict[int, str]:
    lines = path.read_text("utf-8").splitlines()
    pairs = (line.rpartition("\t") for line in lines if "\t" in line)
    return {int(number): name for name, _, number in pairs}


def speed(table: Table, folder: Path, rounds: int, copies: int) -> None:
    """Time GDELT: the rows of a file, repeated with other days and numbers."""
    (path,) = [path for path in (folder / "gdelt").glob("*.CSV") if path.is_file()]
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    text = "\n".join(
        "\t".join([f"{copy}{row[0]}", _day(copy), *row[2:]])
        for copy in range(copies)
        for row in rows
    )
    count = len(rows) * copies
    ours, floor = medians(
        rounds,
        lambda: gdelt.loads(text),
        lambda: sum(len(line.split("\t")) for line in text.splitlines()),
    )
    log = gdelt.loads(text).log
    claims = [entry.claim for entry in log]
    (recording,) = medians(rounds, lambda: EventLog().extend(claims))
    table.heading(f"GDELT, {count:,} rows of 61 columns")
    table.row("rows a second", count / ours, "", least=100_000)
    alone = min(_processor(lambda: gdelt.loads(text)) for _ in range(rounds))
    table.row("... of processor time", count / alone, "", least=100_000)
    table.row("... until they are events, in no log", count / (ours - recording), "")
    table.row("times splitting the lines at tabs", ours / floor)


def _processor(work: Callable[[], object]) -> float:
    """Return how many seconds of processor time one call takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _day(copy: int) -> str:
    return f"2018{1 + copy % 12:02}{1 + copy // 12:02}"


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
    """Print the tables."""
    options = arguments(__doc__, folder=str(FOLDER))
    folder = Path(options.folder)
    table = Table(judged=not options.quick)
    machine("polars")
    with tempfile.TemporaryDirectory() as place:
        if options.quick or not folder.is_dir():
            folder = made_up(Path(place))
        rounds, only = 1 if options.quick else 5, options.only
        if only in ("", "tables"):
            read_tables(table, folder)
        if only in ("", "events"):
            read_events(table, folder)
        if only in ("", "quadruples"):
            read_quadruples(table, folder / "icews14", rounds)
        if only in ("", "speed"):
            speed(table, folder, rounds, 2 if options.quick else 40)
        if only in ("", "csv"):
            read_csv(table, Path(place), rounds, 99 if options.quick else 20_000)


if __name__ == "__main__":
    main()
