"""Logs to open in a browser: one in which everything changes, and a large one."""

from __future__ import annotations

from datetime import date, timedelta

from bri_timeline import Event, EventLog, Source
from bri_timeline.relations import (
    AgreementSigned,
    Held,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    PositionDeclared,
    Postponed,
    Rescheduled,
    Visited,
)


__all__ = ["ODD_LOGS", "eventful_log", "large_log"]


def eventful_log() -> EventLog:
    """Return a log in which everything changes that can."""
    parties = ("AZE", "CHN")

    def known(year: int) -> Source:
        return Source(f"Report of {year}", published=f"{year}-01-01")

    log = EventLog.of(
        Event(Joined("AZE", "SCO"), when="2001-01-01", cite=known(2002)),
        Event(Joined("AZE", "AIIB"), when="2001-02-01", cite=known(2002)),
        Event(Left("AZE", "SCO"), when="2003-01-01", cite=known(2004)),
        Event(PositionDeclared("CHN", "trade", "no"), when="2001", cite=known(2002)),
        Event(PositionDeclared("CHN", "trade", "yes"), when="2003", cite=known(2005)),
        Event(
            Planned(parties, "summit", "2002-06"),
            when="2001-05-05",
            cite=known(2002),
            id="summit",
        ),
        Event(Postponed("summit"), when="2002-05-01", cite=known(2003)),
        Event(Rescheduled("summit", "2004-06"), when="2002-07-01", cite=known(2004)),
        Event(Held("summit"), when="2004-06-05", cite=known(2005)),
        Event(Visited(*parties), when="2001-03-03", cite=known(2002)),
        Event(Visited(*parties), when="2001-03-03", cite=known(2004)),
        Event(
            AgreementSigned(parties, "a road"), when="[2001..2003]", cite=known(2004)
        ),
    )
    road = AgreementSigned(parties, "a road", value=Money(7, "USD"))
    log = log.append(Event(road, when="2002", cite=known(2006)), supersedes=11)
    log = log.retract(1, because="it was another", known="2005-01-01")
    return log.retract(13, because="it was not", known="2006-06-01")


def large_log(size: int) -> EventLog:
    """Return a log whose claims lie over twenty years, known in the months after."""
    parties = ("AZE", "CHN")
    events = []
    for n in range(size):
        day = date(2000, 1, 1) + timedelta(days=(n * 37) % 7000)
        known = day + timedelta(days=20 + n % 30)
        source = Source(f"Monthly of {known:%B %Y}", published=f"{known:%Y-%m}")
        facts = (
            Visited(*parties, occasion=f"occasion {n}"),
            AgreementSigned(parties, f"agreement {n}", value=Money(n, "USD")),
            PositionDeclared("CHN", f"topic {n % 50}", f"stance {n}", parties),
            Met(parties, place=f"place {n}"),
        )
        when = (f"{day}", f"{day:%Y-%m}", f"{day:%Y}")[n % 7 % 3]
        events.append(Event(facts[n % 4], when=when, cite=source.at(f"p. {n}")))
    return EventLog.of(*events)


def visits(*dates: str) -> EventLog:
    """Return a log of visits on some dates, without sources."""
    return EventLog.of(*(Event(Visited("AZE", "CHN"), when=date) for date in dates))


ODD_LOGS = {
    "empty": EventLog(),
    "a single day": visits("2015-01-01"),
    "far apart": visits("Y-50000", "-0500", "2015", "Y20000"),
    "open": visits("[2015..]", "[..2013]", "2010/..", "../2012", "/2011", "2012/2013"),
    "vague": visits("2015-21", "2014~", "201X", "2015-XX-15", "[2011,2013]"),
}
