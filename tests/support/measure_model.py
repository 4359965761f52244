"""Small logs of payments whose dates collide, and all ways in which they can be.

Every date is short, so each way is a choice of one real day for each event. The model
knows nothing of folds, orders or bounds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from attrs import frozen

from bri_timeline import Answer, Event, EventLog
from bri_timeline.errors import EntryError
from bri_timeline.measures import Measure, count, distinct, latest, total


@frozen
class Paid:
    """A payment."""

    amount: int | Decimal | None = None
    to: str = "a"

    @property
    def share(self) -> int:
        """A property that fails for some amounts."""
        return 12 // int(self.amount or 0)

    @property
    def listed(self) -> list[str]:
        """A property without a hash."""
        return [self.to]


@frozen
class Closed:
    """Something else."""

    text: str = ""


def day(number: int) -> str:
    """Return a day of the turn of a year: 1 is 31 December."""
    return date.fromordinal(date(2015, 12, 30).toordinal() + number).isoformat()


# Long before, long after, and after all days that are asked about: no date has a bound
# there.
BEFORE, AFTER, NEVER = -1, 20, 22
# Each date with the days on which it can begin.
DATES: dict[str, tuple[int, ...]] = {
    day(1): (1,),
    day(2): (2,),
    day(3): (3,),
    day(4): (4,),
    f"[{day(1)}..{day(2)}]": (1, 2),
    f"[{day(2)}..{day(3)}]": (2, 3),
    f"[{day(2)}..{day(4)}]": (2, 3, 4),
    f"[{day(1)},{day(3)}]": (1, 3),
    f"[{day(2)},{day(4)},{day(5)}]": (2, 4, 5),
    f"[..{day(2)}]": (BEFORE, 0, 1, 2),
    f"[{day(3)}..]": (*range(3, 11), AFTER, NEVER),
    f"{day(2)}/{day(4)}": (2,),
    "2015-12-3X": (0, 1),
    f"2015-12-3X/{day(4)}": (0, 1),
    f"{day(1)}/2016-01-0X": (1,),
    f"{day(2)}/..": (2,),
    f"{day(2)}/": (2,),
    "2015-12-3X/2015-12-3X": (0, 1),
    f"[{day(1)}..{day(3)}]": (1, 2, 3),
}
# The days on which extents can end, whenever they begin.
ENDS: dict[str, tuple[int, ...]] = {
    day(4): (4,),
    "2016-01-0X": (*range(2, 11),),
    "": (*range(2, 11), AFTER),
    "2015-12-3X": (0, 1),
}
VIEW_DAYS = [day(number) for number in range(1, 6)]
AMOUNTS = [None, 0, 1, 2, -1, -2, Decimal("0.5"), Decimal("-0.5"), Decimal("1.0")]


def to_b(event: Event) -> bool:
    """Select payments to one party."""
    return isinstance(event.what, Paid) and event.what.to == "b"


def early(event: Event) -> bool:
    """Select payments that were certainly made by the second day."""
    return _begun(event, 2) is Answer.YES


def perhaps_early(event: Event) -> bool:
    """Select payments that may have been made by the second day."""
    return _begun(event, 2) is not Answer.NO


def by_day(event: Event) -> int:
    """Return a number that depends on the day."""
    return 2 if _begun(event, 2) is Answer.NO else -1


def _begun(event: Event, number: int) -> Answer:
    ask = event.when.started_by if event.when.is_extent else event.when.on_or_before
    return ask(day(number))


def paid(event: Event) -> Paid:
    """Return the payment of an event."""
    assert isinstance(event.what, Paid)
    return event.what


MEASURES: list[Measure[Any]] = [
    count(),
    count(Paid),
    count(Paid, where=to_b),
    count(Paid, where=early),
    count(Paid, where=perhaps_early),
    count(active=True),
    # Of kinds that are named, one fact at least has to last.
    count(where=to_b, active=True),
    count(where=early, active=True),
    total(Paid, "amount"),
    total(Paid, "amount", where=to_b),
    total(Paid, "amount", where=early),
    total(Paid, by_day),
    distinct(Paid, "amount"),
    distinct(Paid, "to", where=to_b),
    distinct(Paid, by_day),
    latest(Paid, "amount"),
    latest(Paid, "to", where=to_b),
    latest(Paid, by_day),
    latest(Paid, "amount", where=early),
]
PLAIN = [m for m in MEASURES if m.where in (None, to_b) and m.of is not by_day]


def random_log(random: Random, most: int = 4) -> EventLog:
    """Return a log of a few payments, some of them corrected or withdrawn."""
    log = EventLog()
    for _ in range(random.randint(0, most)):
        what: object = Closed()
        if random.random() < 0.9:
            what = Paid(random.choice(AMOUNTS), random.choice("ab"))
        name = random.choice([None, None, "x", "y"])
        event = Event(what, when=random.choice([*DATES]), id=name)
        target = None
        if len(log) and random.random() < 0.2:
            entry = log[random.randrange(len(log))]
            if entry.event is not None and not any(e.retracts is not None for e in log):
                target = entry
                event = Event(what, when=event.when, id=entry.event._id)
        known = random.choice([None, day(3)])
        with suppress(EntryError):  # it repeats what was known before
            log = log.append(event, supersedes=target, known=known)
        if random.random() < 0.1:
            log = log.retract(len(log) - 1, because="withdrawn")
    return log


def rival_log(random: Random) -> EventLog:
    """Return a log of a few payments of different amounts: no two claims agree."""
    some = random.choice(
        [[0, 1, 2, 3, 5], [-1, -2, 1, 2, Decimal("0.5")], [0, -1, -2, -3, -4]]
    )
    dates = random.choice([[*DATES], [one for one in DATES if not {*"/,"} & {*one}]])
    return EventLog.of(
        *(
            Event(
                Paid(amount, random.choice("ab")),
                when=random.choice(dates),
                id=random.choice("xxyyz"),
            )
            for amount in random.sample(some, random.randint(3, 5))
        )
    )


def worlds(log: EventLog) -> Iterator[tuple[Event, ...]]:
    """Yield the events that count: of claims none of which agree, one for each id."""
    by_id: dict[str, list[Event]] = {}
    for entry in log:
        by_id.setdefault(entry.claim.id, []).append(entry.claim)
    return itertools.product(*by_id.values())


def counting(log: EventLog, known_by: str | None = None) -> list[Event]:
    """Return the events that count."""
    view = log.as_of(day(AFTER), known_by=known_by)
    return [*view.events, *view.undecided]


def ways(events: Sequence[Event], *, ends: bool) -> Iterator[list[tuple[int, Event]]]:
    """Yield each choice of days: pairs of a day, and the event dated so exactly.

    Args:
        events: The events.
        ends: Choose days for the ends of extents as well.
    """
    for choice in itertools.product(*(_dated(event, ends=ends) for event in events)):
        yield [*choice]


def _dated(event: Event, *, ends: bool) -> list[tuple[int, Event]]:
    """Return the days on which an event can begin, each with the event of that day."""
    begin, slash, end = str(event.when).partition("/")
    lasts = [end]
    found = []
    for chosen in DATES.get(str(event.when)) or _days_of(begin):
        if ends and slash and end != "..":
            days = ENDS.get(end) or _days_of(end)
            lasts = [day(last) for last in days if last >= chosen]
        for last in lasts:
            exact = Event(event.what, when=day(chosen) + slash + last, id=event.id)
            found.append((chosen, exact))
    return found


def _days_of(text: str) -> tuple[int, ...]:
    """Return the days of a date that says what several claims have in common."""
    found: list[int] = []
    for part in text.strip("[]").split(","):
        low, dots, high = part.partition("..")
        first = _number(low) if low else 0
        last = (_number(high) if high else 10) if dots else first
        found += [*[BEFORE] * (not low), *range(first, last + 1)]
        found += [AFTER, NEVER] * bool(dots and not high)
    return tuple(found)


def _number(text: str) -> int:
    return (date.fromisoformat(text) - date.fromisoformat(day(0))).days


def measured(
    measure: Measure[Any],
    way: Sequence[tuple[int, Event]],
    until: int,
    since: int = BEFORE,
) -> list[Any]:
    """Return the values of a measure on a day, of which an open order gives several.

    Args:
        measure: The measure.
        way: The events with their days.
        until: The day.
        since: The first day whose events are read.
    """
    read = [
        (chosen, event)
        for chosen, event in way
        if since <= chosen <= until
        and (not measure.kinds or isinstance(event.what, measure.kinds))
        and (measure.where is None or measure.where(event))
    ]
    if measure.active:
        today = date.fromisoformat(day(until)).toordinal()
        read = [
            (chosen, event)
            for chosen, event in read
            if event.when.is_extent and (event.when.last_day or today) >= today
        ]
    if measure.of is None:
        return [len(read)]
    of = measure.of
    values = [
        (chosen, getattr(event.what, of) if isinstance(of, str) else of(event))
        for chosen, event in read
    ]
    values = [(chosen, value) for chosen, value in values if value is not None]
    if measure.aggregate == "total":
        return [sum(value for _, value in values)]
    if measure.aggregate == "distinct":
        return [len({value for _, value in values})]
    last = max((chosen for chosen, _ in values), default=None)
    return [value for chosen, value in values if chosen == last] or [None]


def first_held(
    measure: Measure[Any], holds: Callable[[Any], bool], events: Sequence[Event]
) -> tuple[set[int], bool]:
    """Return the days on which something can first hold, and whether it may never."""
    days: set[int] = set()
    may_never = False
    for way in ways(events, ends=measure.active):
        for today in (*range(BEFORE, 13), AFTER, AFTER + 1):
            values = measured(measure, way, today)
            # Within one day the order is open; it is chosen on that day only.
            is_new = measured(measure, way, today, today) != [None]
            if len(values) > 1 and not is_new:
                continue
            if any(map(holds, values)):
                days.add(today)
            if all(map(holds, values)):
                break
        else:
            may_never = True
    return days, may_never
