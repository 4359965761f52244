"""Twelve questions over time, put to real files: our answer beside that of pandas.

Run by hand: `python tests/benchmarks/questions.py [folder]`. The folder holds the data
sets that the functions below name. Each question is a pair of functions, ours first, of
at most twelve lines; the table says how many, and whether the answers are equal.

Exits with 1 if an answer differs, or a function is too long.
"""

from __future__ import annotations

import csv
import inspect
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from attrs import frozen

from bri_timeline import Answer, Edtf, Event, EventLog
from bri_timeline.formats import gdelt, icews, ucdp
from bri_timeline.measures import count, total
from bri_timeline.relations import Visited, match


FOLDER = Path(__file__).parents[2].parent / "shared" / "data"
LONGEST = 12
MILLIONS, MILLIONS_TOO = "Quantity in Millions", "quantity_in_millions"
MONTHS = {date(2000, n, 1).strftime("%B"): f"{n:02}" for n in range(1, 13)}


@frozen
class Claim:
    """A row of a table: whom it is about, a sum or a name, and what kind it is."""

    who: str
    amount: int = 0
    what: str = ""


def rows(path: str) -> Iterator[dict[str, str]]:
    with (FOLDER / path).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def who(event: Event) -> tuple[str]:
    return (event.what.who,)


def row_of(event: Event) -> tuple[str, int, str]:
    return event.what.who, event.what.amount, event.what.what


# --- the tables as logs ---------------------------------------------------------------


def leaders() -> EventLog:
    return EventLog.of(
        *(
            Event(
                Claim(r["gwcode"], what=r["leader"]),
                when=f"{r['startdate']}/{r['enddate']}",
                id=r["obsid"],
            )
            for r in rows("states/archigos.csv")
        )
    )


def memberships() -> EventLog:
    """Trade agreements of Kazakhstan; a year is a year, and 9999 goes on."""
    found = []
    for r in rows("treaties/manytrade_HUGGO_MEM_additional.csv"):
        start, end = (
            "-".join(r[c].split(".")[::-1]) for c in ("StateForce", "StateEnd")
        )
        if r["stateID"] == "KAZ" and start != "NA":
            end = {"NA": "", "9999-12-31": ".."}.get(end, end)
            found.append(Event(Claim("KAZ", what=r["treatyID"]), when=f"{start}/{end}"))
    return EventLog.of(*found)


def engagements() -> EventLog:
    path = "leaders/china_vitae_engagements_2003_2018.csv"
    return EventLog.of(
        *(
            Event(Claim(r["country"], what=r["leader"]), when=r["date"], id=f"line {n}")
            for n, r in enumerate(rows(path))
        )
    )


def investments() -> EventLog:
    return EventLog.of(
        *(
            Event(
                Claim(r["Country"], int(r[MILLIONS]), r["Chinese Entity"]),
                when=f"{r['Year']}-{MONTHS[r['Month']]}",
                id=f"line {n}",
            )
            for n, r in enumerate(rows("finance/cgit_2005_2018_raw_year_month.csv"))
        )
    )


def republished() -> EventLog:
    """The same, of which each month became its first day."""
    path = "finance/cgit_2005_2018_coerced_first_of_month.csv"
    return EventLog.of(
        *(
            Event(
                Claim(
                    r["country"], int(r["quantity_in_millions"]), r["chinese_entity"]
                ),
                when=r["date"],
                id=f"row {n}",
            )
            for n, r in enumerate(rows(path))
        )
    )


def members() -> EventLog:
    return EventLog.of(
        *(
            Event(Claim(r["country"]), when=r["join_year"])
            for r in rows("bri/bri_join_year_152.csv")
        )
    )


def table(path: str, **options: Any) -> pd.DataFrame:
    return pd.read_csv(FOLDER / path, **options)


def cgit() -> pd.DataFrame:
    frame = table("finance/cgit_2005_2018_raw_year_month.csv")
    frame["month"] = frame.Year.astype(str) + "-" + frame.Month.map(MONTHS)
    return frame


# --- in force on a day ----------------------------------------------------------------


def in_office() -> object:
    """Who governed Kazakhstan, Uzbekistan, Georgia on 14 July 2010?"""
    view = leaders().as_of("2010-07-14")
    wanted = {"705.0", "704.0", "372.0"}
    return sorted(e.what.what for e, _ in view.active(Claim) if e.what.who in wanted)


def in_office_pandas() -> object:
    frame = table("states/archigos.csv", dtype=str)
    on = (frame.startdate <= "2010-07-14") & (frame.enddate >= "2010-07-14")
    return sorted(frame[on & frame.gwcode.isin({"705.0", "704.0", "372.0"})].leader)


def in_force() -> object:
    """How many trade agreements bound Kazakhstan on 30 June 2010, or may have?"""
    active = memberships().as_of("2010-06-30").active(Claim)
    return [
        sum(a is wanted for _, a in active) for wanted in (Answer.YES, Answer.MAYBE)
    ]


def in_force_pandas() -> object:
    path, day = "treaties/manytrade_HUGGO_MEM_additional.csv", "2010-06-30"
    frame = table(path, dtype=str, keep_default_na=False)
    frame = frame[(frame.stateID == "KAZ") & (frame.StateForce != "NA")]
    frame = frame.drop_duplicates(["treatyID", "StateForce", "StateEnd"])
    iso = [
        frame[c].str.split(".").str[::-1].str.join("-")
        for c in ("StateForce", "StateEnd")
    ]
    first = iso[0].where(iso[0].str.len() > 9, iso[0] + "-01-01")
    last_start = iso[0].where(iso[0].str.len() > 9, iso[0] + "-12-31")
    end = iso[1].where(iso[1].str.len() > 4, iso[1] + "-12-31")
    yes = (last_start <= day) & (iso[1] != "NA") & (end >= day)
    maybe = (first <= day) & ((iso[1] == "NA") | (end >= day)) & ~yes
    return [int(yes.sum()), int(maybe.sum())]


# --- a window, a table by year --------------------------------------------------------


def by_year() -> object:
    """How many engagements of Chinese leaders with each country in each year?"""
    panel = engagements().panel(
        count(Claim),
        by=who,
        every="year",
        start="2003-01-01",
        stop="2018-12-31",
        flow=True,
    )
    return {(row.key, row.since.year): row.value for row in panel if row.value}


def by_year_pandas() -> object:
    frame = table("leaders/china_vitae_engagements_2003_2018.csv")
    return frame.groupby(["country", "year"]).size().to_dict()


def in_2014() -> object:
    """How much did China invest in each country in 2014, in millions?"""
    view = investments().during("2014")
    return view.project_each(total(Claim, "amount"), by=who)


def in_2014_pandas() -> object:
    frame = cgit()
    found = frame[frame.Year == 2014].groupby("Country")[MILLIONS].sum()
    return found.to_dict()


# --- what stands behind a count -------------------------------------------------------


def visits_and_reports() -> object:
    """How many visits has a file of GDELT, and from how many articles?"""
    log = gdelt.load(FOLDER / "gdelt/20180101000000.export.CSV").log
    visits = [e for e in log.as_of("2018-12-31").events if isinstance(e.what, Visited)]
    return len(visits), sum(len(event.reports) for event in visits)


def visits_and_reports_pandas() -> object:
    frame = table("gdelt/20180101000000.export.CSV", sep="\t", header=None, dtype=str)
    frame = frame[frame[26].isin(["042", "043"]) & frame[7].notna() & frame[17].notna()]
    host = frame[26] == "043"
    frame["guest"], frame["host"] = (
        frame[7].where(~host, frame[17]),
        frame[17].where(~host, frame[7]),
    )
    frame = frame[frame.guest != frame.host]
    groups = frame.groupby([1, "guest", "host"])
    return groups.ngroups, int(groups[60].nunique().sum())


def stories() -> object:
    """Which event of three days of ICEWS do most stories report, and how many?"""
    log = icews.load(FOLDER / "icews_raw/icews_sample_2018-06.csv").log
    return max(len(event.reports) for event in log.as_of("2018-12-31").events)


def stories_pandas() -> object:
    frame = table("icews_raw/icews_sample_2018-06.csv", dtype=str).fillna("")
    mutual = ["040", "041", "044", "046", "050", "057", "060", "061", "062", "063"]
    by = frame.source_name + "|" + frame.source_country
    to = frame.target_name + "|" + frame.target_country
    swap = frame.cameo_code.isin(mutual) & (to < by) | (frame.cameo_code == "043")
    frame["by"], frame["to"] = by.where(~swap, to), to.where(~swap, by)
    frame["code"] = frame.cameo_code.replace("043", "042")
    frame["story"] = frame.story_id + frame.publisher
    return int(frame.groupby(["event_date", "code", "by", "to"]).story.nunique().max())


# --- a comparison with tolerance ------------------------------------------------------


def two_releases() -> object:
    """How many investments of one release are not in the other, as they stand?"""
    found = match(investments(), republished(), days=0, same=row_of)
    return len(found.only_one), len(found.only_other)


def two_releases_pandas() -> object:
    one, two = cgit(), table("finance/cgit_2005_2018_coerced_first_of_month.csv")
    two["month"] = two.date.str[:7]
    mine = one[["month", "Country", MILLIONS, "Chinese Entity"]].apply(tuple, axis=1)
    yours = two[["month", "country", MILLIONS_TOO, "chinese_entity"]].apply(
        tuple, axis=1
    )
    return int((~mine.isin(set(yours))).sum()), int((~yours.isin(set(mine))).sum())


def close_engagements() -> object:
    """Which pairs of engagements with Kazakhstan lie at most three days apart?"""
    log = EventLog.of(
        *(e.claim for e in engagements() if e.claim.what.who == "Kazakhstan")
    )
    return len(match(log, days=3, same=who).pairs)


def close_engagements_pandas() -> object:
    frame = table("leaders/china_vitae_engagements_2003_2018.csv", parse_dates=["date"])
    some = frame[frame.country == "Kazakhstan"].reset_index()
    both = some.merge(some, on="country")
    near = (both.date_x - both.date_y).abs().dt.days <= 3
    return int((near & (both.index_x < both.index_y)).sum())


# --- bounds ---------------------------------------------------------------------------


def members_by() -> object:
    """How many states had joined the Belt and Road by mid-2017, with bounds?"""
    found = members().as_of("2017-06-30").outcomes(count(Claim))
    return found.low, found.high


def members_by_pandas() -> object:
    year = table("bri/bri_join_year_152.csv").join_year
    return int((year < 2017).sum()), int((year <= 2017).sum())


MONTHS_TO_2017 = [f"{year}-{n:02}" for year in range(1989, 2018) for n in range(1, 13)]


def violence() -> object:
    """How many events of violence were in each month, with bounds?"""
    log = ucdp.load(FOLDER / "states/ucdp_ged_sample_1000.csv").log
    views = {month: log.during(month) for month in MONTHS_TO_2017}
    found = {
        month: view.outcomes(count(ucdp.Violence)) for month, view in views.items()
    }
    return {month: (outcome.low, outcome.high) for month, outcome in found.items()}


def violence_pandas() -> object:
    frame = table("states/ucdp_ged_sample_1000.csv")
    first, last = (frame[c].str[:7] for c in ("date_start", "date_end"))
    return {
        month: (
            int(((first == month) & (last == month)).sum()),
            int(((first <= month) & (last >= month)).sum()),
        )
        for month in MONTHS_TO_2017
    }


# --- since when -----------------------------------------------------------------------


def invested() -> object:
    """Since which month had China certainly invested 500 billion?"""
    periods = investments().history(total(Claim, "amount"))
    return next(str(p.since)[:7] for p in periods if p.state >= 500_000)


def invested_pandas() -> object:
    by_month = cgit().groupby("month")[MILLIONS].sum().cumsum()
    return by_month[by_month >= 500_000].index[0]


def longest() -> object:
    """Who was longest in office on 1 January 2015, and for how many days?"""
    active = leaders().as_of("2015-01-01").active(Claim)
    days = {
        e.what.what: Edtf(str(e.when.earliest)).days_until("2015-01-01")
        for e, _ in active
    }
    return max((least, name) for name, (least, _) in days.items())


def longest_pandas() -> object:
    frame = table("states/archigos.csv")
    on = frame[(frame.startdate <= "2015-01-01") & (frame.enddate >= "2015-01-01")]
    days = (pd.Timestamp("2015-01-01") - pd.to_datetime(on.startdate)).dt.days
    return int(days.max()), on.leader[days.idxmax()]


# --- the table ------------------------------------------------------------------------

QUESTIONS: list[tuple[Callable[[], object], Callable[[], object]]] = [
    (in_office, in_office_pandas), (in_force, in_force_pandas),
    (by_year, by_year_pandas), (in_2014, in_2014_pandas),
    (visits_and_reports, visits_and_reports_pandas), (stories, stories_pandas),
    (two_releases, two_releases_pandas),
    (close_engagements, close_engagements_pandas),
    (members_by, members_by_pandas), (violence, violence_pandas),
    (invested, invested_pandas), (longest, longest_pandas),
]  # fmt: skip


def size_of(function: Callable[[], object]) -> int:
    """Return the number of lines of a function, its docstring and blank lines aside."""
    lines = [line.strip() for line in inspect.getsource(function).splitlines()]
    return sum(bool(line) and not line.startswith('"""') for line in lines)


def main() -> int:
    wrong = 0
    for ours, plain in QUESTIONS:
        found, spent = [], []
        for function in (ours, plain):
            start = perf_counter()
            found.append(function())
            spent.append(perf_counter() - start)
        sizes, same = (size_of(ours), size_of(plain)), found[0] == found[1]
        good = same and sizes[0] <= LONGEST
        wrong += not good
        verdict = "equal " if same else "DIFFER"
        sizes_text = f"lines {sizes[0]:2} and {sizes[1]:2}"
        times = f"times {spent[0] / spent[1]:5.1f}"
        print(f"{verdict}  {sizes_text}  {times}  {inspect.getdoc(ours)}")
        for answer in found[: 1 if same else 2]:
            print(f"        {str(answer)[:100]}")
    return int(wrong > 0)


if __name__ == "__main__":
    FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not FOLDER.is_dir():
        sys.exit(f"{FOLDER} is not there: name the folder of the data sets")
    sys.exit(main())
