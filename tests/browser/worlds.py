"""Logs to open in a browser: large, entangled, odd, and of facts of one's own."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

from attrs import frozen

from bri_timeline import Event, EventLog, Source, projection
from bri_timeline.relations import (
    AgreementSigned,
    Cancelled,
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


__all__ = [
    "ODD_LOGS",
    "Fined",
    "Owns",
    "Ruled",
    "courts_log",
    "eventful_log",
    "fines",
    "large_log",
    "memberships_log",
    "owners_log",
    "plans_log",
    "stakes",
    "tangled_log",
]


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


def tangled_log(size: int, seed: float = 0) -> EventLog:
    """Return a log of plans, loose dates, corrections, withdrawals and disputes."""
    log, draw = EventLog(), random.Random(size + seed)
    for number in range(size):
        day = date(2000, 1, 1) + timedelta(days=draw.randrange(7000))
        known = day + timedelta(days=draw.randrange(5, 900))
        titles = [f"Report {n} of {known:%B %Y}" for n in range(draw.randint(1, 2))]
        event = Event(
            draw.choice(_facts(number, draw.randrange(size), day.year)),
            when=draw.choice(_dates(day)),
            cite=[Source(t, published=f"{known}").at(f"p. {number}") for t in titles],
            id=f"plan-{number}" if number % 3 else f"told-{number // 12}",
        )
        # What was withdrawn cannot be corrected or withdrawn again.
        gone = {entry.retracts for entry in log}
        claims = [
            entry.position
            for entry in log
            if entry.event is not None and not gone & {entry.position, entry.supersedes}
        ]
        what = draw.random() if claims else 1
        if what < 0.1:
            corrected = draw.choice(claims)
            log = log.append(event, supersedes=corrected, known=known, because="wrong")
        elif what < 0.15:
            log = log.retract(draw.choice(claims), because="misread", known=known)
        else:
            log = log.append(event)
    return log


def _facts(number: int, plan: int, year: int) -> tuple[object, ...]:
    parties = ("AZE", "CHN")
    return (
        Visited(*parties, occasion=f"occasion {number}"),
        AgreementSigned(parties, f"agreement {number}", value=Money(number, "USD")),
        PositionDeclared("CHN", f"topic {number % 20}", f"stance {number}", parties),
        Met(parties, place=f"place {number}"),
        Planned(parties, f"plan {number}", f"{year + 1}"),
        Rescheduled(f"plan-{plan}", f"{year + 2}-05"),
        Postponed(f"plan-{plan}"),
        Held(f"plan-{plan}"),
        Joined("AZE", f"body {number % 9}"),
        Left("AZE", f"body {number % 9}"),
    )


def _dates(day: date) -> tuple[str, ...]:
    year = day.year
    exact, loose = f"{day}", (f"{day:%Y-%m}", f"{year}", f"{year}~", f"[..{day}]")
    return exact, *loose, f"[{year - 1}..{year + 1}]", f"{year}/{year + 3}"


@frozen
class Ruled:
    """A court decided a case."""

    court: str
    case: int
    outcome: str

    def __str__(self) -> str:
        return f"The {self.court} rules on case {self.case}: {self.outcome}"


@frozen
class Fined:
    """A court imposed a fine."""

    court: str
    case: int
    amount: int

    def __str__(self) -> str:
        return f"The {self.court} fines {self.amount} EUR in case {self.case}"


Sums = Mapping[str, int]


@projection(initial=dict, reads=(Ruled, Fined))
def fines(sums: Sums, event: Event) -> Sums:
    """Count the rulings, and sum the fines, of all courts and of each."""
    what, added = event.what, {"rulings": 1}
    if isinstance(what, Fined):
        names = "sum of fines in EUR", f"{what.court} (fines in EUR)"
        added = dict.fromkeys(names, what.amount)
    return {**sums, **{name: sums.get(name, 0) + n for name, n in added.items()}}


def courts_log(size: int, seed: float = 0) -> EventLog:
    """Return rulings and fines by ten courts, reported up to 400 days later."""
    draw, events = random.Random(size + seed), []
    for case in range(size):
        day = date(2000, 1, 1) + timedelta(days=draw.randrange(7300))
        known = day + timedelta(days=draw.randrange(401))
        court = f"court of District {case % 10 + 1}"
        ruled = Ruled(court, case, draw.choice(("upheld", "overturned")))
        fined = Fined(court, case, draw.randrange(1, 5000))
        # A gazette of a month is known to be out on the last day of the month.
        source = Source(f"Gazette of {known:%B %Y}", published=f"{known:%Y-%m}")
        what = draw.choice((ruled, fined))
        events.append(Event(what, when=f"{day}", cite=source.at(f"p. {case}")))
    return EventLog.of(*events)


def memberships_log() -> EventLog:
    """Return memberships: one lasts, the others ended when they were reported."""

    def member(body: str, when: str, published: str) -> Event:
        source = Source(f"Papers of the {body}", published=published)
        return Event(Joined("UZB", body), when=when, cite=source)

    return EventLog.of(
        member("CIS", "1991-12-21/..", "1991-12-21"),
        member("Collective Security Treaty", "1992-05-15/1999-04-02", "1999-04-02"),
        member("GUUAM", "1999-04-24/2005-05-05", "2005-05-05"),
        member("EurAsEC", "2006-01-25/2008-10", "2008-10"),
    )


@frozen
class Owns:
    """Somebody owns a part of a company while the date lasts."""

    owner: str
    percent: int

    def __str__(self) -> str:
        return f"{self.owner} owns {self.percent} percent"


def _sold(owners: Sums, event: Event) -> Sums:
    return {who: part for who, part in owners.items() if who != event.what.owner}


@projection(initial=dict, reads=Owns, ends=_sold)
def stakes(owners: Sums, event: Event) -> Sums:
    """Keep who owns how many percent."""
    return {**owners, event.what.owner: event.what.percent}


@frozen
class Reigned:
    """Somebody reigned: until somebody else did."""

    ruler: str
    throne: str
    until = (), ("throne",)

    def __str__(self) -> str:
        return f"{self.ruler} reigns"


Reigned.until = (Reigned,), ("throne",)


def reigns_log() -> EventLog:
    """Return reigns that begin on one day, or may, or follow one another."""
    dates = {
        "one day": ("2015-05-05", "2015-05-05"),
        "the next day": ("2015-05-05", "2015-05-06"),
        "a month": ("2015-05-05", "2015-05"),
        "two months": ("2015-05", "2015-05"),
        "extents": ("2015-05-05/..", "2015-05/2015-07", "2015-06-01/"),
    }
    return EventLog.of(
        *(
            Event(Reigned(f"{ruler} of {throne}", throne), when=when)
            for throne, whens in dates.items()
            for ruler, when in zip("abc", whens, strict=False)
        )
    )


def plans_log() -> EventLog:
    """Return a summit, moved and held, the end of a fair, and three rulings."""

    def told(what: object, day: str, name: str | None = None) -> Event:
        return Event(what, when=day, id=name, cite=Source(f"Of {day}", published=day))

    parties = ("AZE", "CHN")
    return EventLog.of(
        told(Planned(parties, "summit", "2015-06"), "2014-03-01", "summit"),
        told(Rescheduled("summit", "2015-09"), "2015-05-05"),
        told(Held("summit"), "2015-09-03"),
        told(Cancelled("fair"), "2015-10-10"),
        *(told(Ruled("court", n, "upheld"), "2015-11-11") for n in range(3)),
    )


def owners_log() -> EventLog:
    """Return stakes reported as they ended or began, and one five years later."""

    def owned(owner: str, percent: int, when: str, published: str) -> Event:
        source = Source(f"Filing of {published}", published=published)
        return Event(Owns(owner, percent), when=when, cite=source)

    return EventLog.of(
        owned("The founder", 60, "2011-05-02/2016-11-18", "2016-11-18"),
        owned("A savings bank", 25, "2011-05-02/2018-04-09", "2018-04-09"),
        owned("A wind fund", 45, "2016-11-18/..", "2016-11-18"),
        owned("A silent partner", 15, "1998~/2016-06-30", "2021-06-30"),
    )


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
