"""How many states had joined the Belt and Road, and where do two lists disagree?

The data: gfdc_bri_countries_2025-05.csv, the list of the Green Finance and Development
Center (https://greenfdc.org), and bri_join_year_152.csv, a list whose home is unknown.
"""

import sys
from pathlib import Path

from bri_timeline import Event, EventLog
from bri_timeline.formats import tables
from bri_timeline.measures import count
from bri_timeline.relations import FACTS, Joined


def read(name: str, code: str, system: str, date: str) -> list[Event]:
    rule = {
        "kind": "Joined",
        "key": ["member", "body"],
        # The first day of a month stands for the month.
        "when": {"column": date, "format": "yyyy-mm-dd | yyyy", "first": "month"},
        "fields": {"member": {"column": code, "as": system}, "body": "BRI"},
    }
    table = {"title": name, "source": {"title": name}, "events": [rule]}
    found = tables.load(Path(sys.argv[1], name), tables.declared(table), FACTS)
    print(f"{name}: {len(found.log)} rows; left out:", *found.rejected, sep="\n  ")
    return [entry.claim for entry in found.log]


if len(sys.argv) < 2:
    print(__doc__)
    sys.exit()
months = read("gfdc_bri_countries_2025-05.csv", "iso3", "iso3", "mou")
years = read("bri_join_year_152.csv", "iso2", "iso2", "join_year")
log, members = EventLog.of(*months, *years), count(Joined)
view = log.as_of("2025-05-31")
vague = [step for step in view.explain(members, of=int).steps if step.wordings]
print(f"{len(view)} joined; of {len(vague)} a list only says less, such as\n{vague[0]}")
print(f"Between the lists there are {view.disputes}")
at = [("BRI", f"{year}-12-31") for year in range(2013, 2024)]
for row in log.panel(members, by=lambda _: ["BRI"], at=at, rivals=True):
    print(f"{row.until.year}: {row.low} to {row.high}")
