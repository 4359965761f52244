"""How much a projection of a view costs, against a bare loop over the same events.

Run by hand: `python tests/benchmarks/bench_fold.py [--quick]`. Logs of ordinary size,
and the relationship of the built-in chronicle; `bench_log.py` has the long ones.
"""

from __future__ import annotations

from decimal import Decimal

from _measure import Table, arguments, machine, medians, used
from _worlds import LAST, bare, events_of, reports, total
from attrs import frozen

from bri_timeline import Event, EventLog
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.measures import count, distinct, latest
from bri_timeline.measures import total as measured
from bri_timeline.relations import relationship


SIZES, ROUNDS = (20, 1_000, 10_000, 30_000), 15


def sizes(table: Table, counts: tuple[int, ...], rounds: int) -> None:
    """Fold anew without memory, and ask again with it."""
    for many in counts:
        log = EventLog.of(*events_of(reports(many)))
        forgetful = log.with_cache(0).as_of(LAST)
        events = forgetful.events
        block = events[:64]
        fold, loop = medians(
            rounds,
            lambda view=forgetful: view.project(total),
            lambda events=events: bare(events),
        )
        again, short = medians(
            10 * rounds,
            lambda log=log: log.as_of(LAST).project(total),
            lambda block=block: bare(block),
        )
        table.heading(f"{many:,} events")
        table.row("folded anew, times a bare loop", fold / loop)
        table.row("asked again, times a loop over 64", again / short)


def chronicle(table: Table, rounds: int) -> None:
    """Fold the relationship that the package ships, over the article that it ships."""
    log, pair = azerbaijan_china(), relationship("AZE", "CHN")
    view = log.with_cache(0).as_of("2019-09-01")
    events, warm = view.events, log.as_of("2019-09-01")
    fold, loop, again = medians(
        rounds,
        lambda: view.project(pair),
        lambda: pair.fold(events),
        lambda: warm.project(pair),
    )
    table.heading(f"the relationship over the chronicle, {len(events)} events")
    table.row("folded anew, times the fold of its events", fold / loop)
    table.row("asked again, times the fold of its events", again / loop)


@frozen
class Paid:
    """A payment."""

    amount: Decimal
    to: str


def is_large(event: Event) -> bool:
    """Check whether a payment is of five or more."""
    paid: Decimal = event.what.amount
    return paid >= 5


MEASURES = [
    count(Paid),
    count(Paid, where=is_large),
    count(Paid, active=True),
    measured(Paid, "amount"),
    measured(Paid, "amount", where=is_large),
    distinct(Paid, "to"),
    distinct(Paid, "to", where=is_large),
    latest(Paid, "amount"),
    latest(Paid, "amount", where=is_large),
    latest(Paid, "to", where=is_large),
]
OPEN = "2015", "[2014..2016]", "2015-06/2016", "2015-XX-15"


def bounds(table: Table, many: int, rounds: int) -> None:
    """Bound each measure where a tenth of the events is undecided, asked again."""
    events = [
        Event(
            Paid(Decimal(number % 977 - 50) / 100, f"{number % 1_511}"),
            when=OPEN[number // 10 % len(OPEN)]
            if number % 10 == 0
            else f"2014-{number % 12 + 1:02}-01",
            id=str(number),
        )
        for number in range(many)
    ]
    view = EventLog.of(*events).as_of("2015-06-14")
    undecided = view.undecided
    table.heading(f"bounds, {len(undecided):,} of {many:,} undecided, asked again")
    for measure in MEASURES:
        view.outcomes(measure)
        bounded = used(lambda measure=measure: view.outcomes(measure).low, rounds)
        loop = used(lambda: sum(event.what.amount for event in undecided), rounds)
        note = f"{bounded / loop:,.1f} loops over the undecided"
        table.row(measure.name, bounded * 1000, "ms", most=20, note=note)


def main() -> None:
    """Print the ratios."""
    options = arguments(__doc__)
    counts, rounds = ((20, 200), 3) if options.quick else (SIZES, ROUNDS)
    table = Table(judged=not options.quick)
    machine()
    sizes(table, counts, rounds)
    chronicle(table, rounds)
    bounds(table, 200 if options.quick else 100_000, rounds)


if __name__ == "__main__":
    main()
