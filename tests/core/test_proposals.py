"""The queue of proposals: what nobody has accepted does not count."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import (
    FEW_SOURCES,
    Fact,
    events,
    everything,
    known_by_days,
    last_value,
    reviewed_logs,
    tally,
    view_days,
)

from bri_timeline import Entry, Event, EventLog, Reason, Source, View
from bri_timeline.errors import EntryError
from bri_timeline.extend import renumbered
from bri_timeline.measures import count


PAPER = Source("The Paper", published="2016-01-02")
CLAIM = Event(Fact("a"), when="2016-01-01", cite=PAPER.at("p. 1"))
OTHER = Event(Fact("b"), when="2016-01-02", cite=PAPER.at("p. 2", "it was so"))
LOG = EventLog.of(CLAIM).propose(OTHER, by="model")


def without_queue(log: EventLog) -> tuple[EventLog, dict[int, int]]:
    """The log that nobody proposed anything to, and where its entries are in it."""
    kept: list[Entry] = []
    places: dict[int, int] = {}
    for entry in log:
        is_queue = entry.review is not None and entry.event is None
        if is_queue and entry.retracts is None:
            continue
        if entry.retracts is not None and entry.retracts not in places:
            continue
        places[entry.position] = len(kept)
        has_reason = entry.retracts is not None or entry.supersedes is not None
        kept.append(
            Entry(
                position=len(kept),
                event=entry.event,
                known=entry.known_day,
                supersedes=places.get(entry.supersedes),
                retracts=places.get(entry.retracts),
                because=entry.because if has_reason else None,
            )
        )
    return EventLog(kept), places


def moved(entry: Entry, places: dict[int, int]) -> Entry:
    """An entry with new positions."""
    return renumbered(entry, places[entry.position], places)


def answers(view: View, places: dict[int, int]) -> object:
    """What can be asked of a view, with entries named by their new positions."""
    explained = view.explain(last_value, of=str)
    return (
        view.events,
        view.undecided,
        view.disputes,
        view.dangling,
        view.active(),
        [
            (a.event, a.reason, moved(a.entry, places), moved(a.by, places))
            for a in view.set_aside
        ],
        view.project(tally),
        view.project(everything, undecided=True),
        view.outcomes(count(Fact), of=int),
        (explained.value, explained.steps, explained.undecided),
        [(a.event, a.reason, moved(a.by, places)) for a in explained.set_aside],
    )


@given(reviewed_logs(), view_days(), known_by_days())
def test_a_log_with_proposals_answers_as_one_without(
    log: EventLog, day: date, known_by: date
) -> None:
    """No question sees a proposal, on any day and as known on any other."""
    plain, places = without_queue(log)
    same = {place: place for place in range(len(plain))}
    for named in ({}, {"known_by": known_by}):
        expected = answers(plain.as_of(day, **named), same)
        assert expected == answers(log.as_of(day, **named), places)
    assert plain.history(tally) == log.history(tally)
    believed = [
        [
            (one.since_day, one.state, [moved(entry, where) for entry in one.entries])
            for one in some.beliefs(tally, on=day)
        ]
        for some, where in ((plain, same), (log, places))
    ]
    assert believed[0] == believed[1]
    contradicted = [
        [([moved(e, where) for e in one.claims], one.report) for one in some]
        for some, where in (
            (plain.contradictions(), same),
            (log.contradictions(), places),
        )
    ]
    assert contradicted[0] == contradicted[1]
    assert plain.first(count(Fact), holds=bool) == log.first(count(Fact), holds=bool)
    period = {"by": lambda event: event.parties, "start": day, "stop": "2017-01-01"}
    expected = [*plain.panel(count(Fact), **period)]
    assert expected == [*log.panel(count(Fact), **period)]


@given(reviewed_logs(), view_days(), st.data())
def test_a_position_cuts_at_the_acceptance(
    log: EventLog, day: date, data: st.DataObject
) -> None:
    """As of a position, what was decided later was not known."""
    if log:
        position = data.draw(st.integers(0, len(log) - 1))
        plain = without_queue(EventLog(log[: position + 1]))[0]
        found = log.as_of(day, known_by=position)
        assert plain.as_of(day).events == found.events
        assert plain.as_of(day).project(tally) == found.project(tally)


@given(reviewed_logs(), st.data())
def test_the_last_word_counts_as_known_at_a_position(
    log: EventLog, data: st.DataObject
) -> None:
    """A proposal is what the decisions say that no live retraction withdraws."""
    if log:
        position = data.draw(st.integers(0, len(log) - 1))
        found = {one.position: one.status for one in log.all_proposals(position)}
        assert found == statuses(log[: position + 1])
        assert {p.position for p in log.proposals} == {
            place for place, status in statuses(log[:]).items() if status == "open"
        }


@given(reviewed_logs(max_size=14))
def test_a_proposal_counts_as_long_as_the_last_word_is_yes(log: EventLog) -> None:
    """Exactly the accepted ones have an acceptance that nobody withdrew."""
    withdrawn: set[int | None] = set()
    counting: set[int | None] = set()
    for entry in reversed(log[:]):
        if entry.position not in withdrawn:
            withdrawn.add(entry.retracts)
            counting.add(entry.accepts)
    for proposal in log.all_proposals():
        if proposal.status != "withdrawn":
            is_accepted = proposal.status == "accepted"
            assert is_accepted == (proposal.position in counting)


def statuses(entries: tuple[Entry, ...]) -> dict[int, str]:
    """The status of each proposal, found from the last entry back.

    Rejecting withdraws an acceptance: one that is live was restored later.
    """
    withdrawn: set[int | None] = set()
    decided: dict[int | None, str] = {}
    for entry in reversed(entries):
        if entry.position in withdrawn:
            continue
        withdrawn.add(entry.retracts)
        review = entry.review
        if review is not None and review.accepts is not None:
            decided[review.accepts] = "accepted"
        if review is not None and review.rejects is not None:
            decided.setdefault(review.rejects, "rejected")
    return {
        entry.position: "withdrawn"
        if entry.position in withdrawn
        else decided.get(entry.position, "open")
        for entry in entries
        if entry.review is not None and entry.review.proposes is not None
    }


@given(reviewed_logs())
def test_a_published_log_has_no_queue(log: EventLog) -> None:
    """What others see is the log that nobody proposed anything to."""
    found = log.published()
    assert without_queue(log)[0] == found
    assert found.published() is found
    assert not any(entry.review for entry in found)
    assert log == pickle.loads(pickle.dumps(log))
    assert log == EventLog(log)


@given(reviewed_logs(max_size=6), reviewed_logs(max_size=6))
def test_logs_are_joined_with_their_queues(log: EventLog, other: EventLog) -> None:
    """Joining a log twice adds nothing, and decisions go with their proposals."""
    log, other = (EventLog(one) for one in (log, other))
    try:
        joined = log + other
    except EntryError:  # it corrects what both have, or was erased
        return
    again = {(p.event, p.by, p.supersedes) for p in joined.all_proposals()}
    assert len(again) >= len({(p.event, p.by) for p in other.all_proposals()})
    assert log == EventLog(joined[: len(log)])


@given(reviewed_logs(), events(), FEW_SOURCES)
def test_deciding_twice_changes_nothing(
    log: EventLog, event: Event, cite: tuple[Source, ...]
) -> None:
    """Proposing, accepting and rejecting again return the same log."""
    event = event.cited(cite)
    log = log.propose(event, by="model")
    assert log is log.propose(event, by="model")
    waiting = [p for p in log.all_proposals() if p.event == event and p.by == "model"]
    target = waiting[-1]
    accepted = log.accept(target, by="Anna") if target.supersedes is None else log
    assert accepted is log or accepted is accepted.accept(target, by="Bela")
    rejected = accepted.reject(target, by="Anna", because="no")
    assert rejected is rejected.reject(target.position, by="Bela", because="never")


# --- one by one -------------------------------------------------------------------
def counted(log: EventLog, **known: object) -> int:
    """The number of events of a log."""
    return len(log.as_of("2016-12-31", **known).events)


def test_a_proposal_waits_until_it_is_accepted() -> None:
    """It is an entry, and it does not count; a position cuts, a day does not."""
    (waiting,) = LOG.proposals
    assert (OTHER, "model", 1, "open") == (
        waiting.event,
        waiting.by,
        waiting.position,
        waiting.status,
    )
    accepted = LOG.accept(waiting, by="Anna", because="the words are there")
    assert ((), 3, 2) == (accepted.proposals, len(accepted), counted(accepted))
    assert (1, 2) == tuple(counted(accepted, known_by=p) for p in (1, 2))
    assert 2 == counted(accepted, known_by="2016-01-02")
    entry = accepted[2]
    assert (1, OTHER, "the words are there") == (
        entry.accepts,
        entry.event,
        entry.because,
    )
    assert entry.review is not None
    assert "Anna" == entry.review.by


def test_a_proposal_is_accepted_in_other_words() -> None:
    """What counts is the event as it was corrected."""
    better = Event(Fact("a"), when="2016-01-03", cite=PAPER)
    accepted = LOG.accept(1, by="Anna", event=better)
    assert better == accepted[-1].event
    assert accepted is accepted.accept(1, by="Anna", event=better)
    assert accepted is accepted.accept(1, by="Anna")
    with pytest.raises(EntryError, match="entry 2 accepts it in other words"):
        accepted.accept(1, by="Anna", event=OTHER)


def test_a_proposal_corrects_its_target_once_it_is_accepted() -> None:
    """Until then the target counts."""
    log = EventLog.of(CLAIM).propose(OTHER, by="model", supersedes=0)
    assert [CLAIM] == [*log.as_of("2016-12-31").events]
    accepted = log.accept(1, by="Anna", because="misread")
    (event,) = accepted.as_of("2016-12-31").events
    assert (OTHER.what, CLAIM.id, 0) == (event.what, event.id, accepted[2].supersedes)
    (aside,) = accepted.as_of("2016-12-31").set_aside
    assert "misread" == aside.by.because


def test_accepted_rejected_retracted_accepted_again() -> None:
    """The last word counts, and each can be asked for by its position."""
    log = LOG.accept(1, by="Anna")
    log = log.reject(1, by="Bela", because="not said there")
    log = log.retract(3, because="it is")
    log = log.retract(2, because="no, it is not")
    log = log.accept(1, by="Anna")
    found = [log.all_proposals(position)[0].status for position in range(1, len(log))]
    assert found == ["open", "accepted", "rejected", "accepted", "open", "accepted"]
    assert [1, 2, 1, 2, 1, 2] == [
        counted(log, known_by=position) for position in range(1, len(log))
    ]


def test_a_rejection_gives_way_to_an_acceptance_and_returns() -> None:
    """Retracting the acceptance leaves the word that was spoken before."""
    log = LOG.reject(1, by="Bela", because="no").accept(1, by="Anna")
    assert 2 == counted(log)
    log = log.retract(log[-1], because="no")
    assert ("rejected", 1) == (log.all_proposals()[0].status, counted(log))


def test_an_acceptance_that_is_restored_after_a_rejection_counts() -> None:
    """The claim counts again, and the queue says so."""
    log = LOG.accept(1, by="Anna").retract(2, because="no")
    log = log.reject(1, by="Bela", because="no")
    assert ("rejected", 1) == (log.all_proposals()[0].status, counted(log))
    log = log.retract(3, because="a slip")
    assert ("accepted", 2) == (log.all_proposals()[0].status, counted(log))


def test_all_acceptances_are_withdrawn_by_a_rejection() -> None:
    """Also one that came back with a rejection that was retracted."""
    log = LOG.accept(1, by="Anna").reject(1, by="Bela", because="no")
    log = log.accept(1, by="Anna").retract(3, because="a slip")
    assert 2 == counted(log)
    log = log.reject(1, by="Bela", because="no")
    assert (1, "rejected") == (counted(log), log.all_proposals()[0].status)


def test_a_proposal_can_be_withdrawn() -> None:
    """Then nobody decides on it; proposed anew it waits again."""
    log = LOG.retract(1, because="a slip")
    assert ((), "withdrawn") == (log.proposals, log.all_proposals()[0].status)
    for decide in (
        lambda: log.accept(1, by="Anna"),
        lambda: log.reject(1, by="Anna", because="no"),
    ):
        with pytest.raises(EntryError, match="was withdrawn: propose it anew"):
            decide()
    assert 1 == len(log.propose(OTHER, by="model").proposals)


def test_what_was_known_already_can_be_accepted() -> None:
    """The acceptance is an entry, though a live one says the same."""
    log = EventLog.of(CLAIM).propose(CLAIM, by="model").accept(1, by="Anna")
    assert (3, 1, "accepted") == (
        len(log),
        counted(log),
        log.all_proposals()[0].status,
    )


@pytest.mark.parametrize(
    ("decide", "problem"),
    [
        (
            lambda: LOG.accept(0, by="Anna"),
            "entry 0 is not a proposal, or was erased: give one",
        ),
        (lambda: LOG.accept(7, by="Anna"), "entry 7 is not in the log"),
        (lambda: LOG.accept(1, by=" "), "does not say who: write by='a name'"),
        (lambda: LOG.reject(0, by="Anna", because="no"), "is not a proposal"),
        (lambda: LOG.propose(OTHER, by=""), "does not say who"),
        (lambda: LOG.propose(CLAIM, by="x", supersedes=1), "claims nothing"),
        (lambda: LOG.append(CLAIM, supersedes=1), "entry 1 claims nothing"),
        (
            lambda: (
                EventLog.of(CLAIM)
                .propose(CLAIM, by="y")
                .accept(LOG.proposals[0], by="Anna")
            ),
            "entry 1 of this log proposes something else",
        ),
        (lambda: LOG.all_proposals(5), "no position 5"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(
    decide: Callable[[], object], problem: str
) -> None:
    """The error names the entry and the remedy."""
    with pytest.raises(EntryError, match=problem):
        decide()


def test_what_is_not_an_event_is_not_proposed() -> None:
    """As for append()."""
    with pytest.raises(Exception, match="is not an event"):
        LOG.propose("x", by="model")
    with pytest.raises(Exception, match="is not an event"):
        LOG.accept(1, by="Anna", event="x")


@pytest.mark.parametrize(
    ("review", "problem"),
    [
        ({"accepts": 0}, "entry 2 decides on entry 0, which is not a proposal"),
        ({"rejects": 2}, "entry 2 has the target 2"),
        ({"supersedes": 1, "proposes": CLAIM}, "would correct entry 1, which claims"),
    ],
)
def test_entries_of_no_log_are_refused(review: dict[str, object], problem: str) -> None:
    """A decision is about a proposal above it."""
    entry = LOG[1]
    assert entry.review is not None
    made = evolve(entry.review, **({"proposes": None} | review))
    with pytest.raises(EntryError, match=problem):
        EventLog([*LOG, evolve(entry, position=2, review=made)])


def test_a_selection_has_the_proposals_that_it_would_have_as_claims() -> None:
    """They are chosen by parties and conditions, as claims are."""
    about = Event(Fact("a", frozenset({"AAA", "BBB"})), when="2016-01-01")
    log = LOG.propose(about, by="model")
    assert [about] == [p.event for p in log.among("AAA", "BBB").proposals]
    bees = log.where(lambda event: event.what.value == "b")
    assert [OTHER] == [p.event for p in bees.proposals]
    accepted = log.accept(2, by="Anna").among("AAA", "BBB")
    assert [2] == [entry.accepts for entry in accepted]
    assert 2 == accepted[0].accepts
    assert 1 == len(accepted.published())


@given(log=reviewed_logs())
def test_an_entry_that_does_not_count_is_told_with_the_reason(log: EventLog) -> None:
    """Of each entry what a view has of it: also where nothing is selected of it."""
    asides = {
        (aside.entry.position, aside.reason, aside.by.position)
        for aside in log.as_of("9999-12-31").set_aside
    }
    told = ((entry.position, log.among("BBB").set_aside(entry)) for entry in log)

    assert asides == {
        (position, aside.reason, aside.by.position)
        for position, aside in told
        if aside is not None and aside.event.when.earliest_start < 3_652_060
    }


def test_an_acceptance_without_effect_says_so() -> None:
    """What it corrects was corrected, or withdrawn, by what became known later."""
    log = EventLog.of(CLAIM).propose(OTHER, by="model", supersedes=0)
    later = Event(Fact("c"), when="2016-01-03")
    for overtaken, reason in (
        (log.append(later, supersedes=0, known="2016-02-01"), Reason.SUPERSEDED),
        (log.retract(0, because="forged", known="2016-02-01"), Reason.RETRACTED),
    ):
        accepted = overtaken.accept(1, by="Anna")
        aside = accepted.set_aside(accepted[-1])

        assert aside is not None
        assert (reason, 2) == (aside.reason, aside.by.position)
        assert None is accepted.set_aside(2) is accepted.set_aside(1)
    done = log.accept(1, by="Anna")
    assert None is done.set_aside(done[-1])
    with pytest.raises(EntryError, match="only what was recorded can be asked about"):
        log.set_aside(9)


def test_a_partial_log_keeps_decisions() -> None:
    """It need not have the proposal that was accepted."""
    log = LOG.accept(1, by="Anna").propose(CLAIM, by="model")
    part = EventLog.partial([log[0], log[2]], size=4)
    assert (1, ()) == (part[1].accepts, part.all_proposals())
    assert [None, None] == [entry.review for entry in part.published()]
    assert [0, 2] == [entry.position for entry in part.published()]


def test_logs_that_accept_one_proposal_in_different_words_are_not_added() -> None:
    """One claim would be lost, whichever log comes first."""
    copies = [LOG.accept(1, by="a"), LOG.accept(1, by="b", event=CLAIM.named("c"))]
    for one, another in (copies, copies[::-1]):
        with pytest.raises(EntryError, match="entry 2 accepts it in other words"):
            one + another
    assert copies[0] == copies[0] + LOG.accept(1, by="c")


def test_a_selection_that_lacks_a_proposal_is_joined_as_claims() -> None:
    """What was accepted is a plain claim there, and a rejection is left out."""
    log = LOG.accept(1, by="Anna").propose(CLAIM, by="x").reject(3, by="y", because="z")
    part = EventLog.partial([log[2], log[4]], size=5)
    assert [OTHER] == [entry.event for entry in EventLog() + part]
    assert all(entry.review is None for entry in EventLog() + part)
    assert log + log == log


def test_entries_say_who_proposed_and_who_decided() -> None:
    """Tables of a notebook and plain data have it."""
    log = LOG.accept(1, by="Anna").reject(1, by="Bela", because="no")
    shown = log._repr_html_()
    for text in ("proposed by model", "Anna accepts proposal 1", "Bela rejects"):
        assert text in shown
    corrected = EventLog.of(CLAIM).propose(OTHER, by="model", supersedes=0)
    assert "corrects entry 0" in corrected.accept(1, by="Anna")._repr_html_()
    assert "1  2016-01-02" in str(LOG.proposals[0])
    assert {"by": "Anna", "accepts": 1} == {
        key: value
        for key, value in log[2].as_dict()["review"].items()
        if value is not None
    }
    assert LOG.proposals[0].as_dict()["status"] == "open"
