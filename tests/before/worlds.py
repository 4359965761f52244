"""The logs that both libraries are asked about: a seed and a number tell which.

Hypothesis draws pools of payloads, and of dates around the same days. Of few of each
`Random` composes a log: so logs collide, cost milliseconds, and are found again.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from payloads import OWN, WORDS

from bri_timeline import Covers, Edtf, Event, EventLog, Place
from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import jsonl
from bri_timeline.relations import FACTS
from bri_timeline.testing import citations, edtfs, payloads


T = TypeVar("T")
_IDS = ("x", "y", "z")
_NAMED = st.sampled_from(_IDS)
_KNOWN = ("2015-12-31", "2016-01-01", "2016-01-02", "2016-01-31", "2016-03-01")
_PLACES = Place("Baku"), Place("Baku", 40.4, 49.9), Place(latitude=40.4, longitude=49.9)
_AMOUNTS = st.sampled_from([None, Decimal("0.1"), Decimal(-2), Decimal(10)])
_MOST_DAY = date(9990, 1, 1).toordinal()


def _drawn(strategy: st.SearchStrategy[T], number: int, seed: int) -> list[T]:
    """Return so many examples of a strategy."""
    found: list[T] = []

    @seeded(seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(one: T) -> None:
        found.append(one)

    keep()
    return found


class Worlds:
    """The pools of a seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        refers_to = st.frozensets(_NAMED, max_size=1)
        own = payloads(OWN, amount=_AMOUNTS, refers_to=refers_to)
        names = {"plan": _NAMED, "agreement": _NAMED, "part_of": st.none() | _NAMED}
        self.own = _drawn(own, 150, seed)
        self.shipped = _drawn(payloads(FACTS, **names), 500, seed)
        self.cited = _drawn(citations(), 40, seed)
        near = edtfs(allow_several=False, allow_distant=False)
        self.dates = _drawn(st.lists(near, min_size=6, max_size=6), 150, seed)
        far = edtfs(allow_several=False, allow_distant=True)
        self.dates += _drawn(st.lists(far, min_size=4, max_size=4), 20, seed)

    def lines(self, number: int) -> tuple[list[str], list[str]]:
        """Return the lines of a log, and days near those on which its views change."""
        rng = Random(f"{self.seed} {number}")
        world = _World(self, rng)
        size = rng.choices((4, 9, 20, 80, 700), (20, 40, 30, 9.8, 0.2))[0]
        text = jsonl.dumps(world.log(rng.randint(0, size)), WORDS)
        bounds: set[float | None] = set()
        for when in world.dates:
            bounds |= {when.earliest_start, when.latest_start, when.last_day}
        whole = {int(n) for n in bounds if n is not None and 1 < n < _MOST_DAY}
        near = sorted({day + step for day in whole for step in (-1, 0, 1)})
        return text.splitlines()[1:], [date.fromordinal(n).isoformat() for n in near]


class _World:
    """The few things of which a log is composed."""

    def __init__(self, pools: Worlds, rng: Random) -> None:
        self.rng, self.dates = rng, rng.choice(pools.dates)
        if rng.random() < 0.3:  # far from each other, so that states lie between
            first = date(2016, 1, 1).toordinal()
            some = (date.fromordinal(first + rng.randrange(90)) for _ in range(40))
            self.dates = [*self.dates, *(Edtf(day.isoformat()) for day in some)]
        shipped = rng.choices(pools.shipped, k=rng.choice((1, 6)))
        self.what = rng.choices(pools.own, k=3) + shipped
        self.cited = rng.choices(pools.cited, k=4)

    def log(self, size: int) -> EventLog:
        """Return a log with about so many entries."""
        rng, log = self.rng, EventLog()
        # Some logs have only what is simple; some have much of what is not.
        odd = rng.choice((0, 1, 1, 2)) if size <= 100 else rng.choice((0, 0.1))
        kinds = {
            "claim": 6, "again": 2, "rival": odd, "correct": 3 * odd,
            "retract": 2 * odd, "undo": odd, "propose": odd, "decide": 2 * odd,
            "release": rng.choice((0.4, 0.4, 5)) * odd,
        }  # fmt: skip
        for kind in rng.choices([*kinds], [*kinds.values()], k=size):
            with suppress(BriTimelineError):  # what is refused is left out
                log = self._grown(log, kind)
        if rng.random() < 0.25:
            first = datetime(2016, 1, 1, tzinfo=UTC)
            log = EventLog(
                evolve(e, recorded_at=first + timedelta(hours=e.position)) for e in log
            )
        return log

    def _event(self, id_share: float = 0.4) -> Event:
        rng = self.rng
        return Event(
            rng.choice(self.what),
            when=rng.choice(self.dates),
            where=rng.choice(_PLACES) if rng.random() < 0.2 else None,
            cite=rng.sample(self.cited, rng.choice((0, 1, 1, 2))),
            id=rng.choice(_IDS) if rng.random() < id_share else None,
        )

    def _grown(self, log: EventLog, kind: str) -> EventLog:
        rng, known = self.rng, self.rng.choice((None, None, *_KNOWN))
        claims = [e for e in log if e.event is not None]
        gone = [e for e in log if e.retracts is not None]
        if kind == "claim" or not claims:
            return log.append(self._event(), known=known)
        target = rng.choice(claims)
        if kind == "again":
            again = target.claim.cited(rng.sample(self.cited, 1))
            return log.append(again, known=known)
        if kind == "rival":
            return log.append(self._event().named(target.claim.id), known=known)
        if kind == "correct":
            because = rng.choice((None, "misread"))
            return log.append(
                self._event(0.1), supersedes=target, known=known, because=because
            )
        if kind in ("retract", "undo"):
            some = gone if kind == "undo" and gone else claims
            return log.retract(rng.choice(some), because="wrong", known=known)
        if kind == "release":
            return self._revised(log)
        proposals = log.all_proposals()
        if kind == "propose" or not proposals:
            corrected = target if rng.random() < 0.3 else None
            return log.propose(self._event(), by="model", supersedes=corrected)
        proposal, way = rng.choice(proposals), rng.random()
        if way < 0.3:
            return log.reject(proposal, by="Anna", because="no")
        event = self._event() if way < 0.5 else None
        return log.accept(proposal, by="Anna", event=event, known=known)

    def _revised(self, log: EventLog) -> EventLog:
        rng = self.rng
        rows = EventLog.of(*(self._event(0.5) for _ in range(rng.randint(1, 4))))
        covers = None, Covers(type(self.what[0])), Covers(parties="AZE")
        return log.revise(
            rows,
            dataset=rng.choice(("one", "one", "two")),
            published=rng.choice(_KNOWN),
            covers=rng.choice(covers),
        )[0]
