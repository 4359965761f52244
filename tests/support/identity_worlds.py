"""Random scripts of all that is written to a log: claims, corrections, releases."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from log_strategies import Fact

from bri_timeline import Covers, Event, EventLog, Place, Source
from bri_timeline.errors import EntryError


FIRST = date(2016, 1, 1)
LATER = "2030-01-01"
_PARTIES = frozenset({"AZE", "CHN"})
_DATES = ("2015-12-31", "2015-12-31", "2015-12-31", "2015", "2015-12", "2014")
_PLACES = (None, None, None, None, Place("Baku"), Place("Baku", 40.4, 49.9))
_IDS = (None, None, None, None, None, "x", "y")
_SOURCES = tuple(Source(f"Paper {number}") for number in range(3))
_DATASETS = ("A", "B")


def random_event(random: Random, ids: tuple[str | None, ...] = _IDS) -> Event:
    """Return a claim in few words, which other claims often repeat."""
    return Event(
        Fact(random.choice("abcd"), _PARTIES),
        when=random.choice(_DATES),
        where=random.choice(_PLACES),
        cite=random.choice(_SOURCES),
        id=random.choice(ids),
    )


def random_day(random: Random) -> date | None:
    """Return a day since which something is known, or None."""
    return random.choice([None, *(FIRST + timedelta(days=n) for n in range(6))])


def grown(
    log: EventLog,
    random: Random,
    ids: tuple[str | None, ...] = _IDS,
    kinds: tuple[str, ...] = ("append", "correct", "accept", "revise", "retract"),
) -> EventLog:
    """Return a log with one more thing written to it, if that is possible."""
    kind = random.choice((*kinds, *kinds, "correct"))
    known = random_day(random)
    claims = [entry.position for entry in log if entry.event is not None]
    event = random_event(random, ids)
    with suppress(EntryError):  # what was withdrawn is not corrected
        if kind == "append" or not claims:
            return log.append(event, known=known)
        target = random.choice(claims)
        if kind == "correct":
            return log.append(event, supersedes=target, known=known)
        if kind == "accept":
            wanted = random.choice([None, target])
            proposed = log.propose(event, by="model", supersedes=wanted)
            other = random.choice([None, random_event(random, ids)])
            place = proposed.proposals[-1].position if proposed.proposals else -1
            if place < 0:
                return log
            return proposed.accept(place, by="editor", event=other, known=known)
        if kind == "revise":
            return _revised(log, random, ids)
        some = [entry.position for entry in log if entry.release is None]
        return log.retract(random.choice(some), because="wrong", known=known)
    return log


def _revised(
    log: EventLog, random: Random, ids: tuple[str | None, ...] = _IDS
) -> EventLog:
    dataset = random.choice(_DATASETS)
    taken = {entry.known for entry in log if entry.release and entry.dataset == dataset}
    days = [FIRST + timedelta(days=number) for number in range(8)]
    free = [day for day in days if day not in taken]
    rows = [random_event(random, ids) for _ in range(random.randint(1, 3))]
    several = {row.id: row for row in rows}
    if not free:
        return log
    source = Source(f"Data of {dataset}")
    again = [row.cited(source) for row in several.values()]
    return log.revise(again, dataset=dataset, published=random.choice(free))[0]


def random_log(
    random: Random,
    most: int = 9,
    ids: tuple[str | None, ...] = _IDS,
    kinds: tuple[str, ...] = ("append", "correct", "accept", "revise", "retract"),
) -> EventLog:
    """Return a log of claims, corrections, acceptances, releases and retractions."""
    log = EventLog()
    for _ in range(random.randint(1, most)):
        log = grown(log, random, ids, kinds)
    return log


class Download(NamedTuple):
    """A release, and when it was published."""

    dataset: str
    published: date
    rows: tuple[Event, ...]


class Correction(NamedTuple):
    """A correction by hand, of a row of a dataset."""

    dataset: str
    wrong: Event
    right: Event
    known: date


class Releases(NamedTuple):
    """Releases of two datasets in order, and the corrections of their rows by hand."""

    downloads: list[Download]
    corrections: list[Correction]

    def days(self) -> list[date]:
        """Return the days on which anything became known."""
        return sorted({one.published for one in self.downloads})

    def imported(self, random: Random | None = None) -> EventLog:
        """Return a log of all of them: in order, or in a random one."""
        log, left = EventLog(), list(self.corrections)
        downloads = list(self.downloads)
        if random is not None:
            random.shuffle(downloads)
        for one in downloads:
            log, _ = log.revise(
                one.rows,
                dataset=one.dataset,
                published=one.published,
                covers=Covers(),
            )
            if random is not None:
                random.shuffle(left)
            for correction in list(left):
                place = _place(log, correction)
                if place is not None and (random is None or random.random() < 0.7):
                    left.remove(correction)
                    log = _corrected(log, correction, place)
        for correction in left:
            place = _place(log, correction)
            if place is not None:
                log = _corrected(log, correction, place)
        return log


def _corrected(log: EventLog, one: Correction, place: int) -> EventLog:
    return log.append(one.right, supersedes=place, known=one.known, because="misread")


def _place(log: EventLog, one: Correction) -> int | None:
    """Return the last entry of the dataset that says what is to be corrected."""
    wrong = one.wrong
    found = [
        entry.position
        for entry in log
        if entry.dataset == one.dataset
        and entry.event is not None
        and entry.event.id == wrong.id
        and (entry.event.what, entry.event.when) == (wrong.what, wrong.when)
    ]
    return found[-1] if found else None


def release_worlds(random: Random) -> Releases:
    """Return releases that change, drop and restore rows, and corrections of these."""
    days = [date(2018, 3, 1) + timedelta(days=5 * number) for number in range(6)]
    downloads = []
    for dataset in _DATASETS:
        for day in sorted(random.sample(days, random.randint(1, 4))):
            source = Source(dataset), Source(f"{dataset} of {day}", published=day)
            rows = [
                Event(
                    Fact(random.choice("abc"), _PARTIES),
                    when=random.choice(["2018-03-02", "2018-03-02", "2018-03"]),
                    cite=source,
                    id=name,
                )
                for name in ("r", "s")
                if random.random() < 0.75
            ]
            downloads.append(Download(dataset, day, tuple(rows)))
    downloads.sort(key=lambda one: (one.published, one.dataset))
    rows = [(one, row) for one in downloads for row in one.rows]
    corrections = []
    hand = [day + timedelta(days=number) for day in days for number in (0, 2)]
    random.shuffle(hand)
    for known in hand[: random.randint(0, 3)] if rows else ():
        download, wrong = random.choice(rows)
        what, source = (
            Fact(random.choice("abc"), _PARTIES),
            Source(f"Letter of {known}"),
        )
        right = Event(what, when=wrong.when, cite=source)
        corrections.append(Correction(download.dataset, wrong, right, known))
    return Releases(downloads, corrections)
