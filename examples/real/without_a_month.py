"""In which months did they die, where the day of many deaths is not known?

The data: a sample of 1,000 events of the UCDP Georeferenced Event Dataset
(https://ucdp.uu.se/downloads), with the columns of UCDP, ucdp_ged_sample_1000.csv.
"""

import sys
from collections import Counter
from pathlib import Path

from bri_timeline import Event
from bri_timeline.formats import ucdp
from bri_timeline.measures import total


def country(event: Event) -> list[str]:
    what = event.what
    return [str(what.country)] if isinstance(what, ucdp.Violence) else []


if len(sys.argv) < 2:
    print(__doc__)
    sys.exit()
log = ucdp.load(Path(sys.argv[1], "ucdp_ged_sample_1000.csv")).log
deaths, first, last = total(ucdp.Violence, "deaths"), "1989-01-01", "2022-12-31"
years = log.panel(deaths, by=country, every="year", flow=True, start=first, stop=last)
months = log.panel(deaths, by=country, every="month", flow=True, start=first, stop=last)

placed = Counter[tuple[str, int]]()
for row in months:
    placed[row.key, row.until.year] += row.value
found = sum(row.value for row in years)
print(f"{found} deaths, {found - placed.total()} of them in no single month")
most = max(years, key=lambda row: row.value - placed[row.key, row.until.year])
print(f"{most.key} {most.until.year}: {most.value}, of which in")
for row in months:
    if (row.key, row.until.year) == (most.key, most.until.year) and row.high:
        print(f"  {row.until:%B} {row.low} to {row.high}")
