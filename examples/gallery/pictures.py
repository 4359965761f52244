"""The pictures of the field, of logs of this gallery and of meetings of the G20.

`python examples/gallery/pictures.py [FOLDER]`

Two of the meetings have a date that is not a day, and one of these may not have
happened by the day that is shown.
"""

import sys
from pathlib import Path

from bri_timeline import Event, EventLog, Place, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.measures import count
from bri_timeline.pages import (
    Page,
    beliefs,
    calendar,
    dumbbell,
    html,
    in_force,
    network,
    panel,
    places,
    sources,
)
from bri_timeline.relations import Joined, Left, Met, Visited, relationship


G20 = Source("About the G20", container="G20", published="2020-12-01")
CITIES = {
    "Washington": Place("Washington", 38.9, -77.04, "exact"),
    "London": Place("London", 51.51, -0.13, "exact"),
    "Seoul": Place("Seoul", 37.57, 126.98, "exact"),
    "Hangzhou": Place("Hangzhou", 30.27, 120.16, "exact"),
    "Buenos Aires": Place("Buenos Aires", -34.6, -58.38, "exact"),
    "Osaka": Place("Osaka", 34.69, 135.5, "exact"),
    "Saudi Arabia": Place("Saudi Arabia", 24.0, 45.0, "country"),
}
SUMMITS = {
    "Washington": "2008-11-14",
    "London": "2009-04-01",
    "Seoul": "2010-11",
    "Hangzhou": "2016-09-04",
    "Buenos Aires": "2018-11-30",
    "Osaka": "2019-06-28",
    "Saudi Arabia": "2020-11",
}


def summit(city: str, when: str) -> Event:
    what = Met(["CHN", "USA"], place=city, occasion="G20")
    return Event(what, when=when, where=CITIES[city], cite=G20)


LOG = EventLog.of(*(summit(city, when) for city, when in SUMMITS.items()))


def memberships() -> EventLog:
    """Return two memberships; of one the end is known by the year only."""
    note = Source("Letter to the secretariat", published="2013-01-05")
    return EventLog.of(
        Event(Joined("UZB", "CIS"), when="1991-12-21/..", cite=note),
        Event(Joined("UZB", "CSTO"), when="2006-08-16", cite=note),
        Event(Left("UZB", "CSTO"), when="2012", cite=note),
        Event(Joined("UZB", "GUUAM"), when="1999-04-24/2005-05-05", cite=note),
    )


def parties(event: Event) -> frozenset[str]:
    return event.parties


def pictures() -> dict[str, Page]:
    """Return the pictures by name."""
    log, pair, day = azerbaijan_china(), relationship("AZE", "CHN"), "2019-04-25"
    visits = log.panel(
        count(Visited),
        by=parties,
        keys=["AZE", "CHN"],
        start="2014-01-01",
        stop="2019-12-31",
        every="month",
    )
    before, after = log.as_of(day, known_by="2019-04-20"), log.as_of(day)
    return {
        "beliefs": beliefs.render(log, projection=pair, on=day),
        "sources": sources.render(
            log, projection=pair, on=day, known_by="2019-04-26", most=8
        ),
        "in_force": in_force.render(memberships(), on="2012-06-01"),
        "panel": panel.render(visits, title="Visits to and from, known so far"),
        "dumbbell": dumbbell.render(before, after, projection=pair),
        "calendar": calendar.render(log),
        "network": network.render(log),
        "places": places.render(LOG.as_of("2020-11-15")),
    }


def main(folder: Path) -> None:
    drawn = pictures()
    drawn.pop("beliefs").save(folder / "pictures.svg")
    for name, picture in drawn.items():
        picture.save(folder / f"pictures-{name}.svg")
    log, pair = azerbaijan_china(), relationship("AZE", "CHN")
    html.render(log, projection=pair, title="A page").save(folder / "pictures.html")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
