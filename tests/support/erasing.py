"""Logs of which some words were erased, and what is left of them, from the rules alone.

The model reads the log as it was, and takes words away after it has resolved what
replaces what: an erased claim says nothing, and every effect stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random

from attrs import evolve
from identity_model import Identity, Words
from log_model import SPANS, Claim, Model, claimed
from log_strategies import Fact

from bri_timeline import Covers, Entry, Event, EventLog, Source
from bri_timeline._events.entries import Erased
from bri_timeline.errors import BriTimelineError
from bri_timeline.extend import without_review


DATES = [day for day in SPANS if "/" not in day]
ERASED = Erased(because="law", at=datetime(2026, 1, 1, tzinfo=UTC))
KNOWN = [None, None, "2015-12-31", "2016-01-01", "2016-01-02", "2016-01-31"]
SOURCES = [Source(title) for title in ("one", "two")]


@dataclass
class Left(Model):
    """What is left of the claims of a log, of which some entries were erased.

    Attributes:
        gone: The positions of the erased entries; those of the log are as they were.
    """

    gone: frozenset[int] = frozenset()

    @property
    def identity(self) -> Identity:
        """The rules of identity: an erased claim that stands alone is none."""
        bound = {target for e in self.known for target in (e.supersedes, e.retracts)}
        known = {
            e.position
            for e in self.known
            if e.position not in self.gone
            or e.event is None
            or e.supersedes is not None
            or e.position in bound
        }
        return Identity(self.entries, lambda entry: entry.position in known)

    def speaking(self) -> list[tuple[bool, list[Claim]]]:
        """Return of each happening whether a claim is taken, and the claims in order.

        What a correction without words has put right is not taken, as it was not
        before: then nothing is.
        """
        found = []
        for same in self.identity.happenings():
            claims: dict[Words, list[Entry]] = {}
            for voice in same.voices:
                claims.setdefault(voice.words, []).append(voice.newest)
            ranked: list[tuple[tuple[object, ...], Claim | None]] = []
            for words, some in claims.items():
                left = [e for e in some if e.position not in self.gone]
                is_right = not same.is_put_right(words)
                if left:
                    spoken = claimed(same, left)
                    _, *rest = self.rank(same, words, spoken)
                    ranked.append(((is_right, True, *rest), spoken))
                else:
                    ranked.append(((is_right, False), None))
            ranked.sort(key=lambda pair: pair[0], reverse=True)
            right, wrong = [
                [c for (one, *_), c in ranked if c is not None and one is is_right]
                for is_right in (True, False)
            ]
            order = [*(self.taken(right) if right else ()), *wrong]
            found.append((ranked[0][1] is not None, order))
        return found

    def happenings(self) -> list[Claim]:
        """Return what counts, in fold order."""
        taken = [order[0] for is_taken, order in self.speaking() if is_taken]
        return sorted(taken, key=lambda claim: claim.fold_order)

    def disputed(self) -> set[frozenset[Event]]:
        """Return the claims of each dispute."""
        some = [order for is_taken, order in self.speaking() if is_taken]
        return {frozenset(c.event for c in order) for order in some if len(order) > 1}

    def set_aside(self) -> list[tuple[int, str]]:
        """Return the positions of claims that do not count, and why."""
        counted = {e.position for c in self.happenings() for e in c.entries}
        identity = self.identity
        standing = {voice.newest.position for voice in identity.voices()}
        found = []
        for entry in self.known:
            if entry.event is None or entry.position in counted | self.gone:
                continue
            if identity.withdrawal(entry):
                reason = "retracted"
            else:
                reason = "disputed" if entry.position in standing else "superseded"
            found.append((entry.position, reason))
        return found


def unreviewed(log: EventLog) -> list[Entry]:
    """Return the entries of a log as resolution sees them: proposals claim nothing."""
    return [without_review(entry) for entry in log]


def erase(log: EventLog, gone: Iterable[int]) -> EventLog:
    """Return a log of which some words were erased."""
    some = {*gone}
    return EventLog(
        entry.without_words(ERASED) if entry.position in some else entry
        for entry in log
    )


def chosen(random: Random, log: EventLog) -> list[int]:
    """Return positions to erase: mostly of what corrects or is corrected."""
    places = can_be_erased(log)
    bound = {e.supersedes for e in log} | {
        e.position for e in log if e.supersedes is not None
    }
    some = [place for place in places if place in bound or random.random() < 0.3]
    return random.sample(some, min(len(some), random.choice([1, 1, 2, 3])))


def can_be_erased(log: EventLog) -> list[int]:
    """Return the positions of all entries but those of releases."""
    return [entry.position for entry in log if entry.release is None]


def an_event(random: Random, value: str, name: str | None = None) -> Event:
    """Return an event about two parties."""
    cite = random.choice([(), SOURCES[:1], SOURCES[1:]])
    # Mostly one day: so that claims repeat, and put right, the words of others.
    day = "2016-01-01" if random.random() < 0.85 else random.choice(DATES)
    return Event(Fact(value, frozenset({"AAA", "BBB"})), when=day, cite=cite, id=name)


def a_row(random: Random) -> Event:
    """Return a row of a dataset."""
    value, name = f"r{random.randrange(2)}", f"row{random.randrange(4)}"
    return Event(Fact(value, frozenset({"AAA", "CCC"})), when="2016-01-01", id=name)


def a_release(random: Random) -> list[Event]:
    """Return the rows of a release."""
    rows = {row.id: row for row in (a_row(random) for _ in range(random.randrange(5)))}
    return [*rows.values()]


def grown(
    random: Random, log: EventLog, steps: int, *, narrow: bool = False
) -> EventLog:
    """Return a log with so many entries and releases more, as chance will have it.

    Args:
        random: Chance.
        log: The log.
        steps: How many.
        narrow: Only claims in few words, their corrections and retractions.
    """
    for _ in range(steps):
        try:
            log = _step(random, log, narrow=narrow)
        except BriTimelineError:  # what it corrects was withdrawn, for example
            continue
    return log


def _step(random: Random, log: EventLog, *, narrow: bool) -> EventLog:
    name = random.choice([None, None, "i0", "i0", "i1"])
    event, known = an_event(random, random.choice("aab"), name), random.choice(KNOWN)
    kind = random.random() * (0.65 if narrow else 1)
    target = random.randrange(len(log)) if len(log) else None
    if narrow:
        event, known = evolve(event, when="2016-01-01"), None
    if kind < 0.3 or target is None:
        return log.append(event, known=known)
    if kind < 0.5:
        return log.append(event, supersedes=target, because="b", known=known)
    if kind < 0.65:
        return log.retract(target, because="b", known=known)
    if kind < 0.75:
        return log.propose(event, by="m", supersedes=random.choice([None, target]))
    if kind < 0.88 and log.proposals:
        proposal = random.choice(log.proposals)
        if random.random() < 0.5:
            return log.reject(proposal, by="p", because="n")
        return log.accept(proposal, by="p", known=known)
    return _revised(random, log)


def _revised(random: Random, log: EventLog) -> EventLog:
    rows, dataset = a_release(random), random.choice("de")
    return revised(log, rows, dataset, f"2016-0{random.randrange(1, 9)}-01")


def revised(log: EventLog, rows: list[Event], dataset: str, published: str) -> EventLog:
    """Return a log with a release, which may have no rows."""
    covers = None if rows else Covers()
    return log.revise(rows, dataset=dataset, published=published, covers=covers)[0]


class Twins:
    """A log as it would be without erasures, and what is left of it.

    Args:
        whole: The log.
        gone: The positions of the entries that are erased.
    """

    def __init__(self, whole: EventLog, gone: Iterable[int]) -> None:
        self.whole = whole
        self.gone = {*gone}
        self.left = erase(whole, self.gone)
        self.words = self._erased_words()

    def _erased_words(self) -> set[str]:
        found = map(said, (self.whole[place] for place in self.gone))
        return {event.words for event in found if event is not None}

    def go_on(self, random: Random, steps: int) -> None:
        """Change both alike: what is refused here is refused there."""
        for number in range(steps):
            name = f"new{number}{random.randrange(3)}"
            event = an_event(random, name, random.choice([name, "i0"]))
            target = random.randrange(len(self.whole)) if len(self.whole) else None
            kind, known = random.random(), random.choice(KNOWN)
            rows, dataset = a_release(random), random.choice("de")
            day = f"2016-0{random.randrange(1, 9)}-15"

            def change(
                log: EventLog,
                kind: float = kind,
                event: Event = event,
                target: int | None = target,
                known: str | None = known,
                number: int = number,
                released: tuple[list[Event], str, str] = (rows, dataset, day),
            ) -> EventLog:
                if kind < 0.2 or target is None:
                    return log.append(event, known=known)
                if kind < 0.45:
                    return log.append(event, supersedes=target, known=known)
                if kind < 0.7:
                    return log.retract(target, because=f"later {number}", known=known)
                return revised(log, *released)

            self._change(change)

    def _change(self, change: object) -> None:
        assert callable(change)
        before = len(self.whole)
        try:
            whole = change(self.whole)
        except BriTimelineError as error:
            try:
                change(self.left)
            except type(error):
                return
            raise AssertionError(error) from error
        self.whole, self.left = whole, change(self.left)
        assert len(self.whole) == len(self.left)
        # What a release brings of erased words is gone too, and so is what repeats an
        # erased entry by hand when releases are applied again.
        for entry in self.whole[before:]:
            if entry.event is None:
                continue
            words = entry.event.words
            same = [
                e.position
                for e in self.whole[:before]
                if _repeats(entry, e) and self._is_about_a_row(e)
            ]
            if words in self.words if entry.dataset else same and same[-1] in self.gone:
                self.gone.add(entry.position)

    def _is_about_a_row(self, entry: Entry) -> bool:
        while entry.supersedes is not None:
            entry = self.whole[entry.supersedes]
        return entry.dataset is not None

    def model(self, known_by: float) -> Left:
        """Return what should be left."""
        return Left(unreviewed(self.whole), known_by, gone=frozenset(self.gone))


def said(entry: Entry) -> Event | None:
    """Return what an entry claims or proposes."""
    return (entry.review and entry.review.proposes) or entry.event


def _repeats(one: Entry, other: Entry) -> bool:
    parts = "event", "known_day", "because", "dataset"
    return all(getattr(one, name) == getattr(other, name) for name in parts)


def check_state(
    left: EventLog, model: Left, days: list[date], known_by: object
) -> None:
    """Check what a log says against the model."""
    for day in days:
        view, number = left.as_of(day, known_by=known_by), day.toordinal()
        assert [c.event for c in model.certain(number)] == [*view.events]
        assert [c.event for c in model.undecided(number)] == [*view.undecided]
    view = left.as_of("9999-12-31", known_by=known_by)
    assert model.disputed() == {frozenset(one.claims) for one in view.disputes}
    asides = [(one.entry.position, one.reason.value) for one in view.set_aside]
    assert model.set_aside() == asides


def bare(log: EventLog) -> list[Entry]:
    """Return entries, without when and why the erased ones of them were."""
    return [
        entry
        if entry.erased is None
        else evolve(
            entry, erased=evolve(entry.erased, line=None, because=None, at=None)
        )
        for entry in log
    ]
