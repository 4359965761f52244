"""A log read by another policy: sources in order of trust, bounds by reports."""

from __future__ import annotations

import itertools
import math
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_model import Same, Words
from log_model import Claim, Model
from log_strategies import (
    FEW_SOURCES,
    KNOWN_BY,
    SOURCES,
    Fact,
    counting,
    events,
    everything,
    known_by_days,
    last_value,
    logs,
    values,
    view_days,
)

from bri_timeline import (
    Answer,
    Event,
    EventLog,
    Prefer,
    Projection,
    Reason,
    Source,
)
from bri_timeline.errors import SelectionError
from bri_timeline.measures import count


# The last day on which each source of these logs can have appeared, if there is one.
REPORTS = {
    "Daily": date(2016, 1, 1).toordinal(),
    "Weekly": date(2016, 1, 2).toordinal(),
    "Review": date(2016, 1, 31).toordinal(),
    "Annual": date(2015, 12, 31).toordinal(),
}
# Dates that some of these reports cut short.
LOOSE = "2016-01", "[2015-12-31..2016-01-01]", "[2015-12-31,2016-01-02]", "2015-12-31"
DISPUTED = Reason.DISPUTED
TRUSTED = st.permutations(SOURCES).map(lambda some: tuple(some[:2]))


@dataclass
class Trusting(Model):
    """The model, with sources in order of trust."""

    trusted: Sequence[Source] = ()

    def rank(self, same: Same, words: Words, claim: Claim) -> tuple[object, ...]:
        """Return a key by which the claim to take is the greatest."""
        is_right, *last = super().rank(same, words, claim)
        places = [self.trusted.index(c.source) for c in claim.event.cite
                  if c.source in self.trusted]  # fmt: skip
        return is_right, -min(places, default=len(self.trusted)), *last

    def is_trusted(self, claim: Claim) -> bool:
        """Tell whether a claim rests on one of these sources."""
        return any(citation.source in self.trusted for citation in claim.event.cite)


def folded(fold: Projection[object], some: Sequence[Event]) -> object:
    """Return the state of some events, by a plain loop."""
    state = fold.initial()
    for event in some:
        state = fold.evolve(state, event)
    return state


def outcomes_of(claims: Sequence[Claim], day: int) -> set[str]:
    """Return what is set last, over every choice of days up to each report."""
    found: set[str] = set()
    for when in itertools.product(*(claim.days for claim in claims)):
        inside = [n for n, one in enumerate(when) if one <= day]
        for order in itertools.permutations(inside):
            if all(when[a] <= when[b] for a, b in itertools.pairwise(order)):
                found.add(last_value.fold(claims[n].event for n in order))
    return found


class TestSources:
    """`reading(prefer=(first, second))`."""

    @given(log=logs(), day=view_days(), known_by=known_by_days(), trusted=TRUSTED)
    def test_the_first_source_that_says_something_is_taken(
        self, log: EventLog, day: date, known_by: date, trusted: tuple[Source, ...]
    ) -> None:
        """As far as corrections allow; else what became known last."""
        model = Trusting(tuple(log), known_by.toordinal(), trusted=trusted)
        view, number = log.reading(trusted).as_of(day, known_by), day.toordinal()

        assert [c.event for c in model.certain(number)] == [*view.events]
        assert [c.event for c in model.undecided(number)] == [*view.undecided]
        assert model.disputes(number) == [(d.taken, {*d.others}) for d in view.disputes]

    def test_a_claim_is_believed_for_the_best_of_its_sources(self) -> None:
        """And the first source counts, whoever else says the same; in beliefs too."""
        first, second, third = SOURCES[1:4]
        log = EventLog.of(
            Event(Fact("a"), when="2014", cite=(third, first), id="x"),
            Event(Fact("b"), when="2014", cite=(second, third), id="x"),
        )

        def taken(*trusted: Source) -> list[str]:
            view = log.reading(trusted).as_of("2015-01-01")
            return [event.what.value for event in view.events]

        assert (["a"], ["b"]) == (taken(first, second), taken(second, first))
        assert (["b"], ["b"]) == (taken(third), taken(SOURCES[0]))
        read = log.reading((first,))
        assert ["", "a"] == [b.state for b in read.beliefs(last_value, on="2015-01-01")]
        assert ["", "a", "b"] == [
            b.state for b in log.beliefs(last_value, on="2015-01-01")
        ]

    @given(log=logs(), day=view_days(), trusted=TRUSTED)
    def test_beliefs_and_history_follow(
        self, log: EventLog, day: date, trusted: tuple[Source, ...]
    ) -> None:
        """Each belief is the state of a view; histories too."""
        read = log.reading(trusted)
        beliefs = read.beliefs(everything, on=day)
        for known_by in KNOWN_BY:
            state = read.as_of(day, known_by).project(everything)
            seen = [b for b in beliefs if b.since is None or b.since <= known_by]
            assert state == seen[-1].state
        periods = read.history(everything)
        begun = [p for p in periods if p.since is None or p.since <= day]
        assert begun[-1].state == read.as_of(day).project(everything)

    @given(log=logs(), more=logs(), day=view_days(), data=st.data())
    def test_readings_of_one_log_do_not_mix(
        self, log: EventLog, more: EventLog, day: date, data: st.DataObject
    ) -> None:
        """They share a cache; each question gets the answer of its policy."""
        policies = [*Prefer, *data.draw(st.lists(TRUSTED, max_size=3))]
        for entry in more:
            for prefer, known_by in itertools.product(policies, KNOWN_BY[::2]):
                bounded = data.draw(st.booleans())
                read = log.reading(prefer, bounded_by_reports=bounded)
                fresh = EventLog(tuple(log)).reading(prefer, bounded_by_reports=bounded)
                one, two = (each.as_of(day, known_by) for each in (read, fresh))
                assert one.project(everything) == two.project(everything)
            if entry.event is not None:
                log = log.append(entry.event)


class TestBoundedByReports:
    """`reading(bounded_by_reports=True)`."""

    @given(log=logs(), day=view_days(), known_by=known_by_days())
    def test_what_counts_began_by_its_earliest_report(
        self, log: EventLog, day: date, known_by: date
    ) -> None:
        """The model, with days after the report left out."""
        model = Model(tuple(log), known_by.toordinal(), reports=REPORTS)
        number, read = day.toordinal(), log.reading(bounded_by_reports=True)
        view = read.as_of(day, known_by)
        some = model.happenings()
        by_first = sorted(some, key=lambda c: (c.first, c.last, c.entries[0].position))

        assert [c.event for c in some if c.last <= number] == [*view.events]
        assert [c.event for c in by_first if c.first <= number < c.last] == [
            *view.undecided
        ]
        for fold in (everything, last_value):
            assert folded(fold, view.events) == view.project(fold)
        assert [step.event for step in view.explain(everything, of=len).steps] == [
            *view.events
        ]
        assert {
            party: tuple(e for e in view.events if party in e.parties)
            for event in counting(read, known_by)
            for party in event.parties
        } == view.project_each(everything, by=lambda event: event.parties)

    @given(log=logs(max_size=4, plain=True), day=view_days())
    def test_outcomes_are_those_of_the_days_left(
        self, log: EventLog, day: date
    ) -> None:
        """Every choice of days up to each report, in every order."""
        model, number = Model(tuple(log), reports=REPORTS), day.toordinal()
        found = log.reading(bounded_by_reports=True).as_of(day)

        assert outcomes_of(model.happenings(), number) == {
            *found.outcomes(last_value, of=str).values
        }

    @given(log=logs(max_size=4, plain=True, dates=LOOSE), day=view_days())
    def test_rivals_are_cut_by_their_own_reports(
        self, log: EventLog, day: date
    ) -> None:
        """Not only the claim that is taken: each in the days that its report leaves."""
        view = log.reading(bounded_by_reports=True).as_of(day)
        model, number = Model(tuple(log), reports=REPORTS), day.toordinal()
        worlds = model.rival_claims()
        expected = set[str]().union(
            *(outcomes_of(some, number) for some in itertools.product(*worlds))
        )

        assert expected == {*view.outcomes(last_value, of=str, rivals=True).values}
        for one in (claim for dispute in view.disputes for claim in dispute.claims):
            report, when = one.known_day or math.inf, one.when

            assert not when.earliest_start <= report < when.latest_start

    @given(log=logs(), day=view_days(), known_by=known_by_days())
    def test_it_is_never_wider_and_changes_no_id(
        self, log: EventLog, day: date, known_by: date
    ) -> None:
        """What was decided stays so, unless days that reports leave contradict."""
        plain = log.as_of(day, known_by)
        bounded = log.reading(bounded_by_reports=True).as_of(day, known_by)
        disputed = {dispute.id for dispute in bounded.disputes}
        for event in (*plain.events, *plain.undecided):
            before, after = (view.has_happened(event.id) for view in (plain, bounded))
            assert before in (after, Answer.MAYBE) or event.id in disputed
        assert {d.id for d in plain.disputes} <= disputed
        everything_known = [
            sorted((e.id, str(e.what), str(e.where), e.cite) for e in some)
            for some in (
                [e for e in (*view.events, *view.undecided) if e.id not in disputed]
                for view in (plain, bounded)
            )
        ]
        assert everything_known[0] == everything_known[1]
        asides = [
            [a for a in view.set_aside if a.event.id not in disputed]
            for view in (plain, bounded)
        ]
        assert asides[0] == asides[1]
        assert set(log.contradictions()) == {
            *log.reading(bounded_by_reports=True).contradictions()
        }

    @given(log=logs(), day=view_days(), known_by=known_by_days())
    def test_claims_set_aside_have_the_days_of_their_disputes(
        self, log: EventLog, day: date, known_by: date
    ) -> None:
        """In a period too: a rival that its report puts before it is in neither."""
        read = log.reading(bounded_by_reports=True)
        view = read.during((day, "2030-01-01"), known_by)
        rivals = {
            (event.id, event.what, event.when.earliest_start, event.when.latest_start)
            for dispute in view.disputes
            for event in dispute.others
            if view._window.meets(event.when)
        }
        asides = [aside.event for aside in view.set_aside if aside.reason is DISPUTED]

        assert rivals == {
            (event.id, event.what, event.when.earliest_start, event.when.latest_start)
            for event in asides
        }

    def test_a_claim_set_aside_is_bounded_by_its_report(self) -> None:
        """So a corrected claim of a source of March is none of June."""
        early = Source("Early", published="2019-03-05")
        log = EventLog.of(Event("a", when="2019", cite=early)).retract(0, because="no")
        read = log.reading(bounded_by_reports=True)

        assert 1 == len(log.during("2019-06").set_aside)
        assert () == read.during("2019-06").set_aside
        assert 1 == len(read.during("2019-03").set_aside)

    @given(log=logs(max_size=6), day=view_days())
    def test_history_beliefs_and_panels_follow(self, log: EventLog, day: date) -> None:
        """Each is that of the views."""
        read = log.reading(bounded_by_reports=True)
        begun = [
            p for p in read.history(everything) if p.since is None or p.since <= day
        ]
        assert begun[-1].state == read.as_of(day).project(everything)
        beliefs = read.beliefs(values, on=day)
        for known_by in KNOWN_BY:
            seen = [b for b in beliefs if b.since is None or b.since <= known_by]
            assert seen[-1].state == read.as_of(day, known_by).project(values)
        questions = [("all", day, known_by) for known_by in KNOWN_BY]
        rows = read.panel(count(), by=lambda _event: ["all"], at=questions)
        assert [row.value for row in rows] == [
            len(read.as_of(day, known_by).events) for known_by in KNOWN_BY
        ]

    @given(
        some=st.lists(events(), max_size=4), more=st.lists(FEW_SOURCES), day=view_days()
    )
    def test_a_further_witness_bounds_what_was_bounded_already(
        self, some: list[Event], more: list[tuple[Source, ...]], day: date
    ) -> None:
        """An event that stood alone is joined by earlier and later reports."""
        log = EventLog.of(*some).reading(bounded_by_reports=True)
        for cite in more if some else ():
            log.as_of(day).project(everything)
            log = log.append(some[0].cited(cite))
            claims = Model(tuple(log), reports=REPORTS).happenings()

            assert [c.event for c in claims if c.last <= day.toordinal()] == [
                *log.as_of(day).project(everything)
            ]

    @pytest.mark.parametrize(
        ("when", "published", "days"),
        [
            ("2019", "2019-03-05", ("2019-01-01", "2019-03-05")),
            ("2019~", "2019-03", ("2019-01-01", "2019-03-31")),
            ("2019", "2018", ("2019-01-01", "2019-12-31")),
            ("2019", "2020", ("2019-01-01", "2019-12-31")),
            ("2019", None, ("2019-01-01", "2019-12-31")),
            ("2019/2021", "2019-03-05", ("2019-01-01", "2021-12-31")),
            ("[2018,2019-06]", "2019-05-31", ("2018-01-01", "2018-12-31")),
            ("2019-XX-15", "2019-03-20", ("2019-01-15", "2019-03-15")),
            ("201X-XX-15", "2012-02-20", ("2010-01-15", "2012-02-15")),
        ],
    )
    def test_the_days_left(
        self, when: str, published: str | None, days: tuple[str, str]
    ) -> None:
        """The event keeps the words of its source, and its end."""
        event = Event("a", when=when, cite=Source("S", published=published))
        log = EventLog.of(event).reading(bounded_by_reports=True)
        view = log.as_of("2030-01-01")
        (found,) = (*view.events, *view.undecided)

        assert event == found
        assert (event.id, str(event.when)) == (found.id, str(found.when))
        assert event.when.is_approximate is found.when.is_approximate
        assert days == (str(found.when.earliest), str(found.when.latest))
        assert found == pickle.loads(pickle.dumps(found))

    def test_a_date_with_gaps_keeps_them(self) -> None:
        """The 15th of some month up to March is never another day."""
        event = Event("a", when="2019-XX-15", cite=Source("S", published="2019-03-20"))
        log = EventLog.of(event).reading(bounded_by_reports=True)
        (found,) = log.as_of("2030-01-01").events
        asked = [found.when.on(f"2019-{day}") for day in ("02-01", "03-15", "04-15")]

        assert [Answer.NO, Answer.MAYBE, Answer.NO] == asked
        assert () == log.during("2019-03-16/2019-12-31").undecided

    def test_a_report_that_is_not_known_yet_bounds_nothing(self) -> None:
        """The earliest of those known by the basis, not the earliest of all."""
        one = Event("a", when="2019", cite=Source("Late", published="2019-11-05"))
        log = EventLog.of(one).append(
            one.cited(Source("Early", published="2019-03-05")), known="2022-01-01"
        )
        read = log.reading(bounded_by_reports=True)

        assert () == read.as_of("2019-06-01", known_by="2020-01-01").events
        assert 1 == len(read.as_of("2019-11-05", known_by="2020-01-01").events)
        assert 1 == len(read.as_of("2019-06-01").events)

    def test_rivals_of_a_claim_that_is_bounded_are_compared_with_it(self) -> None:
        """A claim that lies after the report of its rival is a contradiction."""
        log = EventLog.of(
            Event("a", when="2018", cite=Source("Old", published="2018"), id="x"),
            Event("b", when="2019", cite=Source("New", published="2019-03-05"), id="x"),
        )
        read = log.reading(bounded_by_reports=True)

        assert 1 == len(log.contradictions())
        assert log.contradictions() == read.contradictions()
        assert ["b"] == [event.what for event in read.as_of("2019-03-05").events]

    def test_a_partial_log_is_bounded_too(self) -> None:
        """Its missing entries are passed over."""
        event = Event("a", when="2019", cite=Source("S", published="2019-03-05"))
        log = EventLog.of(*(Event(n, when="2018") for n in range(9))).append(event)
        part = EventLog.partial(log[-1:], len(log)).reading(bounded_by_reports=True)

        assert [event] == [*part.as_of("2019-03-05").events]
        whole = log.retract(0, because="no").reading(bounded_by_reports=True)
        assert 9 == len(whole.as_of("2019-03-05").events)


class TestPolicy:
    """What a policy may be, and what a log that follows one is."""

    def test_it_is_a_value(self) -> None:
        """Equal, shown, pickled; a new policy replaces the old one."""
        log = EventLog.of(Event(Fact("a"), when="2014"))
        read = log.reading((SOURCES[0], SOURCES[0]), bounded_by_reports=True)

        assert read == log.reading(SOURCES[0], bounded_by_reports=True)
        assert read != log
        assert log == read.reading()
        assert read == pickle.loads(pickle.dumps(read))
        assert (len(read), read[0], [*read]) == (len(log), log[0], [*log])
        assert repr(read).endswith(
            ".reading(prefer=(Source('Leaflet'),), bounded_by_reports=True)"
        )
        assert repr(log.reading(Prefer.MOST_CITED)).endswith(
            ".reading(prefer=Prefer.MOST_CITED)"
        )
        assert read.append(Event("b", when="2015")).reading() == log.append(
            Event("b", when="2015")
        )

    def test_a_dataset_that_is_not_there_is_a_slip(self) -> None:
        """The title of a source, say; a partial log may lack what the whole one has."""
        event = Event("a", when="2014", cite=Source("Daily"))
        log, _ = EventLog().revise([event], dataset="deals", published="2015-01-01")

        assert 1 == len(log.reading("deals").as_of("2015-01-01").events)
        with pytest.raises(SelectionError, match="is not the name of a dataset in"):
            log.reading("Daily")
        part = EventLog.partial(log[1:], len(log))
        assert part.reading("Daily") != part

    @pytest.mark.parametrize("prefer", ["", None, (), [], [SOURCES[0], 1]])
    def test_anything_else_is_an_error(self, prefer: object) -> None:
        """The error says what to write."""
        with pytest.raises(SelectionError, match=r"prefer=|leave it out"):
            EventLog().reading(prefer)
