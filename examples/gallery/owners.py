"""The owners of a company: facts and a projection of another field.

`python examples/gallery/owners.py [FOLDER]`

The company and its owners are made up. Filings have a day, newspapers a month or year,
and two of them differ about when a stake was bought.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from bri_timeline import Event, EventLog, Projection, Source, projection
from bri_timeline.pages import html, svg


@frozen
class StakeHeld:
    """Somebody holds a part of a company, from one day to another."""

    owner: str
    company: str
    percent: int

    @property
    def parties(self) -> frozenset[str]:
        return frozenset((self.owner, self.company))

    def __str__(self) -> str:
        return f"{self.owner} holds {self.percent} % of {self.company}"


Stakes = Mapping[str, int]


def company(name: str) -> Projection[Stakes]:
    """Return the projection of a company: its owners, each with a percentage."""

    def sold(stakes: Stakes, event: Event) -> Stakes:
        what = event.what
        if isinstance(what, StakeHeld) and stakes.get(what.owner) == what.percent:
            return {who: part for who, part in stakes.items() if who != what.owner}
        return stakes

    @projection(initial=dict, reads=(StakeHeld,), ends=sold)
    def owners(stakes: Stakes, event: Event) -> Stakes:
        what = event.what
        if isinstance(what, StakeHeld) and what.company == name:
            return {**stakes, what.owner: what.percent}
        return stakes

    return owners


def tell(stakes: Stakes) -> dict[str, object]:
    """Return what a reader wants to know of the owners."""
    largest = max(stakes, key=lambda who: (stakes[who], who), default="nobody known")
    return {
        "Owners known:": len(stakes),
        "together, in percent:": sum(stakes.values()),
        "largest:": largest,
    }


FILING = Source("Notification of voting rights", published="2016-11-21")
COURIER = Source("Courier", published="2018-03")
HERALD = Source("Herald", published="2018-04-09")
ARCHIVE = Source("Papers of the founder", published="2021")


def held(owner: str, percent: int, when: str, cite: Source, name: str) -> Event:
    return Event(StakeHeld(owner, "Acme", percent), when=when, cite=cite, id=name)


LOG = EventLog.of(
    held("The founder", 60, "2011-05-02/2016-11-18", FILING, "founder"),
    held("A savings bank", 25, "2011-05-02/2018-04", HERALD, "bank"),
    held("Northern Wind Fund", 45, "2016-11-18/..", FILING, "fund"),
    # Two newspapers, two months: when did the port buy?
    held("The port", 25, "2018-02/..", COURIER, "port"),
    held("The port", 25, "2018-04/..", HERALD, "port"),
    # Known only when the papers were opened.
    held("A silent partner", 15, "1998~/2016", ARCHIVE, "partner"),
)


def main(folder: Path) -> None:
    title = "Who owned Acme"
    page, picture = folder / "owners.html", folder / "owners.svg"
    acme, view = company("Acme"), LOG.as_of("2018-12-31")
    html.render(LOG, projection=acme, tell=tell, title=title).save(page)
    svg.render(view, projection=acme, tell=tell, title=title, width=720).save(picture)


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
