"""One fact is one happening, by whatever road: laws over random scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import chain
from random import Random

import pytest
from identity_model import Identity
from identity_told import as_before, bases, said, shown
from identity_worlds import (
    FIRST,
    LATER,
    grown,
    random_event,
    random_log,
    release_worlds,
)
from log_model import Model
from log_strategies import everything

from bri_timeline import (
    Event,
    EventLog,
    Prefer,
    Source,
)
from bri_timeline._journal import resolve
from bri_timeline.extend import without_review


pytestmark = pytest.mark.full
NAMELESS = (None,)


def counted(log: EventLog, known_by: date | int | None = None) -> int:
    """Return how many happenings count."""
    view = log.as_of(LATER, known_by=known_by)
    return len(view.events) + len(view.undecided)


@pytest.mark.slow
def test_random_scripts_say_what_the_rules_say(trials: Callable[..., int]) -> None:
    """What counts, what is disputed and what is set aside, under every basis."""
    for seed in range(trials(2_000, share=40)):
        random = Random(seed)
        log = random_log(random)
        prefer = random.choice([Prefer.LATEST_KNOWN, *Prefer])
        for known_by in bases(log, random):
            view = log.reading(prefer=prefer).as_of(LATER, known_by)
            by_position = isinstance(known_by, int)
            number = float("inf")
            if known_by is not None:
                number = known_by if by_position else known_by.toordinal()
            model = Model(tuple(log), number, by_position=by_position, prefer=prefer)
            rivals = model.rival_claims()
            expected = (
                Counter(said(claims[0].event) for claims in rivals),
                {
                    (said(some[0].event), frozenset(said(c.event) for c in some[1:]))
                    for some in rivals
                    if len(some) > 1
                },
            )
            assert shown(view) == expected, (seed, known_by)
            asides = [(one.entry.position, one.reason.value) for one in view.set_aside]
            assert sorted(asides) == [
                (aside.entry.position, aside.reason) for aside in model.asides()
            ], (seed, known_by)


@pytest.mark.slow
def test_one_fact_is_one_happening(trials: Callable[..., int]) -> None:
    """Of equal payload, date and place, without given ids, at most one counts."""
    for seed in range(trials(20_000, share=200)):
        random = Random(seed)
        log = random_log(random, ids=NAMELESS)
        for known_by in bases(log, random):
            view = log.as_of(LATER, known_by=known_by)
            events = [*view.events, *view.undecided]
            contents = [(one.what, one.when, one.where) for one in events]
            assert len(set(contents)) == len(contents), (seed, known_by)
            assert len({one.id for one in events}) == len(events), (seed, known_by)


def test_a_belief_has_the_ids_of_what_was_known(trials: Callable[..., int]) -> None:
    """The first claim gives the id: once that is known, the id is another."""
    for seed in range(trials(2_000)):
        log = random_log(Random(seed))
        beliefs = log.beliefs(everything, on="2016-06-30")
        for known in {entry.known_day for entry in log} - {None}:
            day = date.fromordinal(known)
            *_, belief = (b for b in beliefs if (b.since or date.min) <= day)
            state = log.as_of("2016-06-30", known_by=day).project(everything)

            assert [*map(said, belief.state)] == [*map(said, state)], seed


def test_no_two_happenings_have_one_id() -> None:
    """Not even if each claim about one of them began another."""
    a, b, c, d = (Event(letter, when="2015") for letter in "abcd")
    log = EventLog.of(b, a, d, b.cited(Source("Paper")))
    for right, wrong in ((b, 1), (c, 2), (d, 3)):
        log = log.append(right, supersedes=wrong)
    events = log.as_of(LATER).events

    assert {"b", "c", "d"} == {event.what for event in events}
    assert 3 == len({event.id for event in events})
    assert {b.id, d.id} < {event.id for event in events}


def test_a_digest_that_was_given_names_the_claims_that_have_it() -> None:
    """Those that say so now, those that began so, and no others."""
    a, b, c = (Event(letter, when="2015") for letter in "abc")
    log = EventLog.of(a, b).append(c, supersedes=1).append(a.named("x"), supersedes=0)
    log = log.extend(
        [Event("d", when="2015", id=b.id), Event("e", when="2015", id=a.id)]
    )
    view = log.as_of(LATER)

    assert {("d", b.id), ("a", "x"), ("e", a.id)} == {
        (e.what, e.id) for e in view.events
    }
    assert [{"c", "d"}] == [{e.what for e in one.claims} for one in view.disputes]


def test_a_correction_that_was_recorded_before_is_not_recorded_again() -> None:
    """Not even if it has the digest of what it corrects as its id."""
    wrong, right = Event("a", when="2015"), Event("b", when="2015")
    log = as_before(EventLog.of(wrong).append(right, supersedes=0))

    assert log[1].event == right.named(wrong.id)
    assert log.append(right, supersedes=0) is log
    assert len(log.append(Event("c", when="2015"), supersedes=0)) == 3


@pytest.mark.slow
def test_a_log_that_grows_says_what_it_says_at_once(trials: Callable[..., int]) -> None:
    """Asked after each entry, a log says what a log of these entries says."""
    for seed in range(trials(1_000, share=50)):
        random = Random(seed)
        log = random_log(random, 3)
        for _ in range(8):
            log = grown(log, random)
            fresh = EventLog(log)
            for known_by in (None, max(len(log) - 2, 0)):
                view = log.as_of(LATER, known_by=known_by)
                assert shown(view) == shown(fresh.as_of(LATER, known_by)), seed


def test_a_further_witness_never_changes_a_count(trials: Callable[..., int]) -> None:
    """Whoever repeats the words of a claim, in which of its versions ever."""
    for seed in range(trials(20_000, share=200)):
        random = Random(seed)
        log = random_log(random, ids=NAMELESS)
        voices = Identity(tuple(log), lambda _: True).voices()
        if voices:
            voice = random.choice(voices)
            said = [voice.words, *(voice.replaced if voice.puts_right else ())]
            _, what, when, where = random.choice(said)
            event = Event(what, when=when, where=where, cite=Source("Radio"))
            more = log.append(event, known=random.choice([None, FIRST]))
            assert counted(more) == counted(log), seed


@pytest.mark.slow
def test_what_is_corrected_back_is_as_it_was(trials: Callable[..., int]) -> None:
    """As many happenings count, and the same claims, each with the same rivals."""
    for seed in range(trials(20_000, share=200)):
        random = Random(seed)
        log = random_log(random, ids=NAMELESS)
        found = resolve(without_review(entry) for entry in log)
        versions = [
            entry
            for one in found.happenings
            for entry in one.entries
            if entry.dataset is None
        ]
        if not versions:
            continue
        version = random.choice(versions)
        other, late = random_event(random, NAMELESS), "2020-01-01"
        away = log.append(other, supersedes=version.position, known=late)
        if away is log or other.digest == version.claim.digest:
            continue
        event = version.claim.named(None).cited(Source("Radio"))
        back = away.append(event, supersedes=len(away) - 1, known=late)
        # What came between counts as if it had been retracted, and so if it is.
        undone = back.retract(len(away) - 1, because="wrong", known=late)
        for one in (back, undone):
            assert counted(one) == counted(log), seed
            assert claims_of(one) == claims_of(log), seed


def claims_of(log: EventLog) -> set[object]:
    """Return the words of all claims that count, those in dispute included."""
    found = resolve(without_review(entry) for entry in log)
    rivals = chain.from_iterable(others for _, others in found.disputes)
    return {
        (one.event.what, one.event.when, one.event.where)
        for one in (*found.happenings, *rivals)
    }


@pytest.mark.slow
def test_the_order_of_import_never_matters(trials: Callable[..., int]) -> None:
    """Of releases of two datasets, with corrections by hand between them."""
    for seed in range(trials(5_000, share=150)):
        random = Random(seed)
        world = release_worlds(random)
        right, mixed = world.imported(), world.imported(random)
        for day in (None, *world.days()):
            for bounded in (False, True):
                one, other = (
                    log.reading(bounded_by_reports=bounded).as_of("2018-05-20", day)
                    for log in (right, mixed)
                )
                assert shown(one) == shown(other), (seed, day, bounded)
        source = Source(random.choice(("A", "B")))
        one, other = (log.reading(prefer=source).as_of(LATER) for log in (right, mixed))
        assert shown(one) == shown(other), seed
