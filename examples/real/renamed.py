"""Why are 75 billion dollars gone from Britain in the next release of a list?

The data: two releases of the China Global Investment Tracker, 2005 to 2018 (American
Enterprise Institute, https://www.aei.org/china-global-investment-tracker), as
cgit_2005_2018_raw_year_month.csv and cgit_2005_2018_coerced_first_of_month.csv.
"""

import csv
import sys
from pathlib import Path

from attrs import frozen

from bri_timeline import Event, EventLog
from bri_timeline.measures import total
from bri_timeline.phrases import from_phrase


@frozen
class Invested:
    parties: frozenset[str]
    millions: int


def event_of(number: int, cells: dict[str, str]) -> Event:
    row = {head.lower().replace(" ", "_"): cell for head, cell in cells.items()}
    # The second release writes a month as its first day.
    when = row.get("date", "")[:7] or from_phrase("{month} {year}".format(**row)).when
    what = Invested(frozenset({row["country"]}), int(row["quantity_in_millions"]))
    # Rows have no id, but the same order in both files.
    return Event(what, when=when, id=f"row {number}")


if len(sys.argv) < 2:
    print(__doc__)
    sys.exit()
log = EventLog()
# The files do not say when they were published: these days stand for that.
releases = {"2019-07-01": "raw_year_month", "2020-07-01": "coerced_first_of_month"}
for day, name in releases.items():
    with Path(sys.argv[1], f"cgit_2005_2018_{name}.csv").open(encoding="utf-8") as file:
        rows = [event_of(*row) for row in enumerate(csv.DictReader(file), 1)]
    log, _ = log.revise(rows, dataset="CGIT", published=day)
print(*log.revisions(), sep="\n")
for country in ("Britain", "England"):
    before, after = (log.among(country).as_of("2018-12-31", day) for day in releases)
    change = before.diff(after, total(Invested, "millions"))
    print(f"{country} {change.before} -> {change.after}: {len(change.changes)} rows")
