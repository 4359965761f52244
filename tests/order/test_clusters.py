"""What counts of related entries, under any knowledge, is what the rules say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_worlds import grown, random_day
from log_model import Model
from log_strategies import KNOWN_BY, SOURCES, Fact, logs

from bri_timeline import Entry, Event, EventLog, Prefer
from bri_timeline._order import _clusters
from bri_timeline.errors import EntryError


LAST = date(2030, 1, 1)
FIRST, SECOND = date(2016, 1, 1), date(2016, 1, 2)


def counted(log: EventLog, prefer: Prefer, known_by: date | int | None) -> object:
    """Return what a log says, as it is asked after whatever it was asked before."""
    view = log.reading(prefer).as_of(LAST, known_by)
    return list(view.events), list(view.undecided)


def by_the_rules(log: EventLog, prefer: Prefer, known_by: date | int | None) -> object:
    """Return what a log says by the second implementation."""
    number = known_by.toordinal() if isinstance(known_by, date) else known_by
    is_position = isinstance(known_by, int)
    model = Model(
        tuple(log),
        float("inf") if number is None else number,
        by_position=is_position,
        prefer=prefer,
    )
    day = LAST.toordinal()
    return (
        [claim.event for claim in model.certain(day)],
        [claim.event for claim in model.undecided(day)],
    )


@pytest.mark.full
def test_what_is_set_aside_is_what_it_is_if_nothing_else_was_asked(
    trials: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolution is kept until more is known, or what came later joins two of it.

    Logs are asked while they grow: what later entries join was apart in earlier logs.
    """
    for seed in range(trials(5_000)):
        random, parts = Random(seed), [EventLog()]
        monkeypatch.setattr(
            _clusters, "_MOST_RESOLUTIONS", random.choice([1, 999, 999])
        )
        for _ in range(10):
            kinds = ("append", "correct", "retract")
            parts.append(grown(parts[-1], random, ("x", "y", None), kinds))
            for part in random.choices(parts, k=8):
                known_by = random.choice([None, random_day(random), *range(len(part))])
                prefer = random.choice(list(Prefer))
                some, alone = (
                    log.reading(prefer).as_of(LAST, known_by)
                    for log in (part, EventLog(part[:]))
                )
                assert alone.set_aside == some.set_aside, seed
                assert alone.disputes == some.disputes, seed


def pairs() -> Iterator[EventLog]:
    """Yield logs of two claims about one happening, of whatever kind."""
    daily, weekly = SOURCES[1:3]
    cites = ((), daily), (daily, ()), (daily, daily), (daily, (daily, weekly))
    days = (None, FIRST), (FIRST, SECOND), (SECOND, FIRST), (FIRST, FIRST)
    for value, (cite, other), (first, second) in product("ab", cites, days):
        claim = Event(Fact("a"), when="2015", id="x", cite=cite)
        again = Event(Fact(value), when="2015", id="x", cite=other)
        log = EventLog().append(claim, known=first)
        yield log.retract(0, because="wrong", known=second)
        for target in None, 0:
            with suppress(EntryError):  # it repeats what was known before
                yield log.append(again, known=second, supersedes=target)


@pytest.mark.slow
def test_two_claims_count_as_the_rules_say() -> None:
    """A witness, a dispute, a correction or a retraction, known before or after."""
    for log in pairs():
        for known_by in (None, 0, FIRST, date(2015, 1, 1)):
            for prefer in Prefer:
                expected = by_the_rules(log, prefer, known_by)

                assert expected == counted(log, prefer, known_by), list(log)


BASES = st.one_of(st.none(), st.sampled_from(KNOWN_BY), st.integers(0, 20))


@given(
    log=logs(max_size=12),
    bases=st.lists(BASES, min_size=1, max_size=3),
    prefer=st.sampled_from(Prefer),
    few=st.sampled_from([0, 8]),
)
def test_versions_of_a_log_that_grows_are_what_the_rules_say(
    log: EventLog, bases: list[date | int | None], prefer: Prefer, few: int
) -> None:
    """Asked after each entry, by some days and positions, under each policy."""
    grown = EventLog()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_clusters, "_FEW", few)
        for entry in log:
            grown = appended(grown, entry)
            for basis in bases:
                if isinstance(basis, int):
                    basis = basis % len(grown)
                expected = by_the_rules(grown, prefer, basis)

                assert expected == counted(grown, prefer, basis)


def appended(log: EventLog, entry: Entry) -> EventLog:
    """Return a log with an entry of another one that has the same entries before it."""
    known, because = entry.known, entry.because
    if entry.retracts is not None:
        return log.retract(entry.retracts, because=because or "", known=known)
    return log.append(
        entry.claim, supersedes=entry.supersedes, known=known, because=because
    )
