"""Selections: filters of what counts, groups of parties, and all of them together."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from datetime import date
from functools import reduce
from random import Random

import attrs
import pytest
from concern_model import (
    CUTS,
    PARTIES,
    VIEWS,
    Aside,
    concerning,
    counting,
    following,
    grown,
    random_log,
)
from hypothesis import example, given
from hypothesis import strategies as st
from log_model import Model, event_of
from log_strategies import (
    DATASETS,
    KNOWN_BY,
    SOURCES,
    Deed,
    Fact,
    Policy,
    everything,
    known_by_days,
    last_value,
    logs,
    values,
    view_days,
    with_datasets,
)

from bri_timeline import Answer, Event, EventLog, Projection, Source, dyads
from bri_timeline.errors import SelectionError
from bri_timeline.measures import count


Test = Callable[[Event], bool]
last_of_deeds = Projection(str, last_value.evolve, reads=Deed)


def is_early(event: Event) -> bool:
    """It may have begun in the old year."""
    return event.when.earliest_start < date(2016, 1, 1).toordinal()


def is_united(event: Event) -> bool:
    """It rests on several sources, as no entry alone may."""
    return len(event.cite) > 1


def is_a(event: Event) -> bool:
    """Its value is a."""
    return event.what.value == "a"


@st.composite
def wheres(
    draw: st.DrawFn, predicates: tuple[Test | None, ...] = (None, is_early, is_united)
) -> tuple[Callable[[EventLog], EventLog], Test]:
    """A filter, and the same condition in plain Python."""
    kinds = draw(st.sampled_from([(), Deed, (Fact,), [Deed, str]]))
    told_by = draw(st.sampled_from([(), SOURCES[1], SOURCES[1:4], {SOURCES[0]}]))
    predicate = draw(st.sampled_from(predicates))
    classes = kinds if isinstance(kinds, type) else tuple(kinds) or object
    sources = {told_by} if isinstance(told_by, Source) else {*told_by}

    def holds(event: Event) -> bool:
        rests = not sources or any(c.source in sources for c in event.cite)
        is_kind = isinstance(event.what, classes)
        return is_kind and rests and (predicate is None or predicate(event))

    def select(log: EventLog) -> EventLog:
        return log.where(predicate, kinds=kinds, told_by=told_by)

    return select, holds


def only(fold: Projection[object], holds: Test) -> Projection[object]:
    """Return a projection that passes over the events that a filter leaves out."""

    def evolve(state: object, event: Event) -> object:
        return fold.evolve(state, event) if holds(event) else state

    return Projection(fold.initial, evolve)


def answers(log: EventLog, day: date, known_by: date) -> list[object]:
    """What a selection, or a reading, says to every question."""
    view, rest = log.as_of(day, known_by), log.during((day, "2030-01-01"))

    def of(*_: str) -> Projection[object]:
        return values

    questions = [
        (pair, day, known)
        for pair in dyads(
            Event(Fact("a", frozenset({"AAA", "BBB", "CCC"})), when="2015")
        )
        for known in (*KNOWN_BY[::2], *range(0, len(log), 2))
    ]
    return [
        [*log],
        view.events,
        view.undecided,
        view.disputes,
        view.set_aside,
        view.project(last_value),
        [
            dict(view.project_each(fold, by=dyads))
            for fold in (values, count(Deed), following, of)
        ],
        view.outcomes(values, of=sorted, rivals=True).values,
        view.explain(values, of=sorted),
        view.diff(rest, values).changes,
        rest.events,
        log.history(values),
        log.beliefs(values, on=day),
        [*log.panel(count(), by=dyads, at=questions)],
        [*log.panel(values, by=dyads, at=questions, of=len)],
        [*log.panel(count(), by=dyads, start=day, stop=day, known_by=known_by)],
        log.contradictions(),
    ]


# One row of a dataset that two entries tell, and one of another dataset.
TOLD_TWICE = EventLog(
    attrs.evolve(entry, dataset=name)
    for entry, name in zip(
        EventLog.of(
            Event(Fact("a"), when="2015", id="x", cite=DATASETS["one"]),
            Event(Fact("a"), when="2015", id="x", cite=[DATASETS["one"], SOURCES[1]]),
            Event(Fact("b"), when="2015", id="y", cite=DATASETS["two"]),
        ),
        ("one", "one", "two"),
        strict=True,
    )
)


class TestDatasets:
    """A dataset is named as a source is: each of its rows cites one of its own here."""

    @given(
        log=with_datasets(logs(max_size=7)),
        day=view_days(),
        known_by=known_by_days(),
        names=st.sampled_from(["one", ("one", "two")]),
        bounded=st.booleans(),
    )
    @example(TOLD_TWICE, date(2016, 1, 1), date(2016, 1, 1), "one", False)
    def test_where_it_is_told_by_a_dataset(
        self, log: EventLog, day: date, known_by: date, names: str, bounded: bool
    ) -> None:
        """The same claims, in every question, as if its source had been named."""
        log = log.reading(bounded_by_reports=bounded)
        some = (names,) if isinstance(names, str) else names
        sources = [DATASETS[name] for name in some]
        first, second = (DATASETS[name] for name in ("one", "two"))
        for one, other in (
            (log.where(dataset=names), log.where(told_by=sources)),
            (
                log.where(dataset="one").where(dataset="two"),
                log.where(told_by=first).where(told_by=second),
            ),
            (
                log.where(is_a, dataset="two", told_by=SOURCES[1:3]),
                log.where(is_a, told_by=second).where(told_by=SOURCES[1:3]),
            ),
            (
                log.among("BBB").where(dataset="one"),
                log.where(told_by=first).among("BBB"),
            ),
        ):
            assert answers(one, day, known_by) == answers(other, day, known_by)

    @given(
        log=with_datasets(logs(max_size=7)),
        day=view_days(),
        known_by=known_by_days(),
        names=st.sampled_from(["one", ("two", "one"), ("two", SOURCES[1])]),
        bounded=st.booleans(),
    )
    def test_a_dataset_is_preferred(
        self, log: EventLog, day: date, known_by: date, names: Policy, bounded: bool
    ) -> None:
        """And believed, wherever its source would be."""
        some = (names,) if isinstance(names, str) else names
        sources = [DATASETS.get(name, name) for name in some]
        one, other = (
            log.reading(prefer, bounded_by_reports=bounded)
            for prefer in (names, sources)
        )

        assert answers(one, day, known_by) == answers(other, day, known_by)

    def test_it_is_a_value(self) -> None:
        """Shown, compared and pickled; and no proposal is of a dataset."""
        row = Event(Fact("a"), when="2014")
        log, _ = EventLog().revise([row], dataset="one", published="2015-01-01")
        some = log.where(dataset=["two", "one"]).reading(["one", SOURCES[0]])

        assert some == log.reading(("one", SOURCES[0])).where(dataset={"one", "two"})
        assert some == pickle.loads(pickle.dumps(some))
        assert repr(some).endswith(
            ".where(dataset=('one', 'two',)).reading(prefer=('one', Source('Leaflet')))"
        )
        queue = log.propose(Event(Fact("b"), when="2015"), by="a model")
        assert () == queue.where(dataset="one").proposals


class TestKeys:
    """One set of keys, of all events that count in the selection."""

    @given(log=logs(), day=view_days(), known_by=known_by_days(), where=wheres())
    def test_states_and_panels_have_the_same_keys(
        self,
        log: EventLog,
        day: date,
        known_by: date,
        where: tuple[Callable[[EventLog], EventLog], Test],
    ) -> None:
        """Whatever is read, on whatever day; those without an event are initial."""
        log, (select, _) = log.append(Event(Fact("a"), when="2014")), where

        def of(*_: str) -> Projection[object]:
            return values

        for some in (select(log), log.among("BBB")):
            everyone = some.as_of("9999-12-31", known_by)
            keys = {
                p for e in (*everyone.events, *everyone.undecided) for p in dyads(e)
            }
            for fold in (values, count(Deed), count(), last_of_deeds, of):
                rows = some.panel(
                    fold, by=dyads, start=day, stop=day, known_by=known_by
                )
                states = some.as_of(day, known_by).project_each(fold, by=dyads)
                later = some.during((day, "2030-01-01"), known_by)

                assert keys == {row.key for row in rows} == {*states}
                assert keys == {*later.project_each(fold, by=dyads)}
                assert {row.key: row.value for row in rows} == states
                assert len(keys) == len(states)

    def test_states_do_not_grow_with_the_log(self) -> None:
        """What was returned has the keys that there were, also after a pickle."""
        one, two = (Fact("a", frozenset(pair)) for pair in ("AB", "BC"))
        log = EventLog.of(Event(one, when="2014"))
        states = log.as_of("2015-01-01").project_each(count(Deed), by=dyads)
        more = log.append(Event(two, when="2014")).as_of("2015-01-01")

        assert {("A", "B"): 0, ("B", "C"): 0} == more.project_each(
            count(Deed), by=dyads
        )
        assert {("A", "B"): 0} == states == pickle.loads(pickle.dumps(states))
        assert ("B", "C") not in states


class TestWhere:
    """`EventLog.where()`."""

    @given(
        log=logs(),
        day=view_days(),
        known_by=known_by_days(),
        both=st.tuples(wheres(), wheres()),
    )
    def test_conditions_combine_on_the_happening(
        self,
        log: EventLog,
        day: date,
        known_by: date,
        both: tuple[tuple[Callable[[EventLog], EventLog], Test], ...],
    ) -> None:
        """One condition may hold by one report, and another by another."""
        (one, is_one), (two, is_two) = both
        whole, view = log.as_of(day, known_by), two(one(log)).as_of(day, known_by)

        assert [e for e in whole.events if is_one(e) and is_two(e)] == [*view.events]
        assert [e for e in whole.undecided if is_one(e) and is_two(e)] == [
            *view.undecided
        ]

    def test_what_two_sources_tell_is_told_by_both(self) -> None:
        """In one report each: in the sorted columns, and for a log that grows."""
        first, second = SOURCES[:2]
        event = Event(Fact("a"), when="2014")
        log = EventLog.of(event.cited(first)).where(told_by=first)
        log = log.where(told_by=second)

        assert () == log.as_of("2015-01-01").events
        log = log.append(event.cited(second))
        assert 1 == len(log.as_of("2015-01-01").events)
        assert [None, 0] != [b.since for b in log.beliefs(count(), on="2015-01-01")]
        assert 1 == log.beliefs(count(), on="2015-01-01")[-1].state

    @given(log=logs(), day=view_days(), known_by=known_by_days(), where=wheres())
    def test_it_filters_what_counts(
        self,
        log: EventLog,
        day: date,
        known_by: date,
        where: tuple[Callable[[EventLog], EventLog], Test],
    ) -> None:
        """A claim that was outvoted or corrected does not come back."""
        select, holds = where
        model, number = Model(tuple(log), known_by.toordinal()), day.toordinal()
        view = select(log).as_of(day, known_by)
        disputes = [
            (claims[0].event, {claim.event for claim in claims[1:]})
            for claims in sorted(model.rival_claims(), key=lambda c: c[0].fold_order)
            if len(claims) > 1 and any(c.first <= number for c in claims)
            if any(holds(claim.event) for claim in claims)
        ]

        assert [c.event for c in model.certain(number) if holds(c.event)] == [
            *view.events
        ]
        assert [c.event for c in model.undecided(number) if holds(c.event)] == [
            *view.undecided
        ]
        assert disputes == [(d.taken, {*d.others}) for d in view.disputes]
        assert [
            (a.entry.position, a.reason)
            for a in model.asides()
            if a.entry.claim.when.earliest_start <= number and holds(a.entry.claim)
        ] == [(a.entry.position, a.reason.value) for a in view.set_aside]

    # In an outcome a fold sees each event on one of its days, a filter never does.
    @given(log=logs(max_size=6), day=view_days(), where=wheres((None, is_a, is_united)))
    def test_every_question_is_that_of_a_fold_which_passes_over_the_rest(
        self,
        log: EventLog,
        day: date,
        where: tuple[Callable[[EventLog], EventLog], Test],
    ) -> None:
        """States, groups, outcomes, steps, history and beliefs."""
        select, holds = where
        some = select(log)
        one, all_of_it = some.as_of(day), log.as_of(day)
        for fold in (everything, last_value, values):
            other = only(fold, holds)

            assert one.project(fold) == all_of_it.project(other)
            assert one.project(fold, undecided=True) == all_of_it.project(
                other, undecided=True
            )
            assert {str(v) for v in one.outcomes(fold, of=str).values} == {
                str(v) for v in all_of_it.outcomes(other, of=str).values
            }
            found, expected = (
                [step.event for step in view.explain(p, of=str).steps]
                for view, p in ((one, fold), (all_of_it, other))
            )
            assert found == expected
            assert some.history(fold) == log.history(other)
            for known_by in KNOWN_BY:
                state = log.as_of(day, known_by).project(other)
                seen = [
                    b.state
                    for b in some.beliefs(fold, on=day)
                    if b.since is None or b.since <= known_by
                ]
                assert state == seen[-1]
        by_party = one.project_each(everything, by=lambda event: event.parties)
        ever = some.as_of("9999-12-31")
        assert by_party == {
            party: tuple(e for e in one.events if party in e.parties)
            for party in {p for e in (*ever.events, *ever.undecided) for p in e.parties}
        }
        for event in (*all_of_it.events, *all_of_it.undecided):
            expected = all_of_it if holds(event) else EventLog().as_of(day)
            assert expected.has_happened(event.id) is one.has_happened(event.id)

    def test_the_id_of_what_is_left_out_is_no_former_name(self) -> None:
        """A withdrawn correction said the words of a claim that is not selected."""
        other = Event(Fact("a", frozenset({"AAA", "BBB"})), when="2015-12-31")
        log = EventLog.of(Event(Fact("a", frozenset({"BBB"})), when="2015"), other)
        log = log.append(other, supersedes=0).retract(2, because="wrong")
        some = log.where(lambda event: "AAA" not in event.parties)
        former = log.append(Event(Fact("b"), when="2015"), supersedes=0)

        assert Answer.YES is log.as_of("2016-01-01").has_happened(other.id)
        assert Answer.NO is some.as_of("2016-01-01").has_happened(other.id)
        assert Answer.YES is former.as_of("2016-01-01").has_happened(log[0].claim.id)

    @given(log=logs(), day=view_days(), known_by=known_by_days(), data=st.data())
    def test_selections_combine_in_any_order(
        self, log: EventLog, day: date, known_by: date, data: st.DataObject
    ) -> None:
        """Parties, groups, filters: the same answers, and the same entries known."""
        (one, _), (two, _) = data.draw(wheres()), data.draw(wheres())
        steps = [
            one,
            two,
            lambda some: some.among("BBB", any_of=("AAA", "CCC")),
            lambda some: some.concerning("AAA", "BBB"),
        ]
        views = [
            reduce(lambda some, step: step(some), order, log).during(
                f"../{day}", known_by
            )
            for order in itertools.permutations(steps)
        ]

        for view in views[1:]:
            assert views[0] == view
            assert views[0].events == view.events
            assert views[0].undecided == view.undecided

    @given(log=logs(), more=logs(), day=view_days(), where=wheres())
    def test_a_selection_that_was_asked_grows_with_its_log(
        self,
        log: EventLog,
        more: EventLog,
        day: date,
        where: tuple[Callable[[EventLog], EventLog], Test],
    ) -> None:
        """What is appended later joins and changes what was kept."""
        select, holds = where
        some = select(log)
        for entry in more:
            some.as_of(day).project(everything)
            if entry.event is not None:
                some = some.append(entry.event)
                log = log.append(entry.event)

            expected = [e for e in log.as_of(day).events if holds(e)]
            assert expected == [*some.as_of(day).events]

    @given(log=logs(), where=wheres())
    def test_its_entries_are_the_claims_that_satisfy_it_as_they_were_recorded(
        self, log: EventLog, where: tuple[Callable[[EventLog], EventLog], Test]
    ) -> None:
        """And what corrects or retracts them, at their positions."""
        select, holds = where
        kept: set[int] = set()
        for entry in log:
            targets = {entry.supersedes, entry.retracts}
            if (entry.event is not None and holds(event_of(entry))) or targets & kept:
                kept.add(entry.position)

        assert kept == {entry.position for entry in select(log)}
        assert len(kept) == len(select(log))

    @pytest.mark.full
    def test_events_refer_to_what_a_filter_leaves_out(
        self, trials: Callable[..., int]
    ) -> None:
        """Whom an event concerns, and what is missing, is found in the whole log."""
        kept, tries = 0, trials(400, share=4)
        for seed in range(tries):
            random = Random(seed)
            log, known_by = random_log(random), random.choice(CUTS)
            test = random.choice([lambda e: isinstance(e.what, Aside), is_early])
            view, whole = (
                one.during(("2015-12-31", "2016-01-31"), known_by)
                for one in (log.where(test), log)
            )
            pair = tuple(random.sample(PARTIES, 2))
            found = view.project_each(following, by=dyads)
            ever = log.where(test).as_of("9999-12-31", known_by)
            counting = (*ever.events, *ever.undecided)

            assert [e for e in whole.project(following(*pair)) if test(e)] == [
                *view.project(following(*pair))
            ], seed
            assert {p: view.project(following(*p)) for p in found} == found, seed
            assert {d for e in counting for d in dyads(e)} == {*found}, seed
            assert [d for d in whole.dangling if test(d.event)] == [*view.dangling], (
                seed
            )
            kept += len(found)
        assert kept > tries // 2

    def test_a_predicate_is_asked_of_all_witnesses_together(self) -> None:
        """No entry has two sources; the happening has, once both are known."""
        first, second = SOURCES[1:3]
        event = Event(Fact("a"), when="2014", cite=first)
        log = EventLog.of(event, event.cited(second)).where(is_united)

        assert [2] == [len(e.cite) for e in log.as_of("2015-01-01").events]
        assert () == log.as_of("2015-01-01", known_by="2016-01-01").events
        beliefs = log.beliefs(values, on="2015-01-01")
        assert [None, date(2016, 1, 2)] == [belief.since for belief in beliefs]
        assert () == tuple(log)

    def test_a_predicate_keeps_nothing_in_the_cache_of_the_log(self) -> None:
        """A lambda that is written again is another function."""
        log = EventLog.of(Event(Fact("a"), when="2014"))
        log.as_of("2015-01-01").project(everything)
        before = len(log._cache._orders)
        for _ in range(9):
            log.where(lambda _event: True).as_of("2015-01-01").project(everything)

        assert before == len(log._cache._orders)

    def test_a_predicate_expects_what_other_filters_check(self) -> None:
        """Whichever was written first; parties come before it too."""
        log = EventLog.of(
            Event(Deed("a", frozenset({"AAA", "BBB"})), when="2014"),
            Event("text", when="2014"),
        )

        for some in (
            log.where(is_a).where(kinds=Fact),
            log.where(is_a, kinds=Fact),
            log.where(kinds=Fact).where(is_a),
            log.where(is_a).among("AAA", "BBB"),
        ):
            assert ["a"] == [e.what.value for e in some.as_of("2015-01-01").events]

    def test_a_predicate_that_raises_loses_no_event(self) -> None:
        """The error is its own; the next question reads everything again."""
        broken = [True]

        def fussy(event: Event) -> bool:
            if broken and event.what == "c":
                msg = "not yet"
                raise LookupError(msg)
            return event.what != "b"

        log = EventLog().where(fussy)
        for what in "abcd":
            log = log.append(Event(what, when="2014", id=f"{what}!"))
        log = log.append(Event("c", when="2015", id="c!"))
        for _ in range(2):
            with pytest.raises(LookupError, match="not yet"):
                log.as_of("2016-01-01").project(everything)
        broken.clear()
        found = log.as_of("2016-01-01").project(everything)

        assert ["a", "d", "c"] == [event.what for event in found]

    def test_a_predicate_that_answers_maybe_is_an_error(self) -> None:
        """An answer has no truth value: say which of the three is meant."""
        log = EventLog.of(Event("a", when="2014"))

        with pytest.raises(TypeError, match="Answer"):
            len(
                log.where(lambda e: e.when.before("2014-06-01"))
                .as_of("2015-01-01")
                .events
            )

    def test_panels_are_of_what_is_kept(self) -> None:
        """A row equals the view of the selection."""
        log = EventLog.of(
            *(
                Event(kind(str(n), frozenset({"AAA"})), when=f"201{n}")
                for n in range(6)
                for kind in (Fact, Deed)
            )
        )
        some = log.where(kinds=Deed).where(lambda e: e.what.value > "2")
        rows = some.panel(
            count(),
            by=lambda e: e.parties,
            every="year",
            start="2010-01-01",
            stop="2016-12-31",
        )

        assert [0, 0, 0, 1, 2, 3, 3] == [row.value for row in rows]

    def test_it_is_a_value(self) -> None:
        """Equal filters are equal, shown and pickled; the log itself is another."""
        log = EventLog.of(Event(Deed("a"), when="2014"))
        some = log.where(kinds=Deed, told_by=SOURCES[0])

        assert some == log.where(kinds=[Deed], told_by=[SOURCES[0], SOURCES[0]])
        assert some != log
        assert log.where() is log
        assert some.where(kinds=Deed, told_by=SOURCES[0]) is some
        assert repr(some).endswith(
            ".where(kinds=(Deed,), told_by=(Source('Leaflet'),))"
        )
        assert ".where(<built-in function len>)" in repr(log.where(len))
        assert some == pickle.loads(pickle.dumps(some))

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"predicate": "a"}, "is not a function"),
            ({"kinds": "Deed"}, "'Deed' is not a payload class"),
            ({"kinds": []}, r"\[\] is empty, .*leave it out"),
            ({"told_by": "Daily"}, "'Daily' is not a source"),
            ({"told_by": [SOURCES[0].at("p. 1")]}, "is not a source"),
            ({"told_by": set()}, "is empty"),
            ({"dataset": SOURCES[0]}, "is not the name of a dataset"),
            ({"dataset": ["one", ""]}, "'' is not the name of a dataset"),
            ({"dataset": set()}, "is empty"),
        ],
    )
    def test_anything_else_is_an_error(
        self, arguments: dict[str, object], problem: str
    ) -> None:
        """Also a collection that is empty, which would keep everything."""
        with pytest.raises(SelectionError, match=problem):
            EventLog().where(**arguments)


class TestAmongAnyOf:
    """`EventLog.among(any_of=)`."""

    @pytest.mark.full
    def test_it_selects_what_involves_one_of_each_group(
        self, trials: Callable[..., int]
    ) -> None:
        """All parties, one of each group, and what refers to such an event."""
        kept, tries = 0, trials(600, share=4)
        for seed in range(tries):
            random = Random(seed)
            log = EventLog()
            parties = random.sample(PARTIES, random.choice((0, 1, 1, 2)))
            groups = [
                random.sample(PARTIES, random.choice((1, 2, 2, 3)))
                for _ in range(random.choice((1, 1, 2)))
            ]
            for _ in range(random.randint(1, 3)):
                for _ in range(random.randint(1, 5)):
                    log = grown(log, random)
                some = log.among(*parties)
                for group in groups:
                    some = some.among(any_of=group)
                day, known_by = random.choice(VIEWS), random.choice(CUTS)
                claims = counting(log, known_by)
                ids = {
                    c.event.id
                    for c in claims
                    if c.event.parties.issuperset(parties)
                    and not any(c.event.parties.isdisjoint(group) for group in groups)
                }
                for _ in claims:
                    ids |= {c.event.id for c in claims if c.event.refers_to & ids}
                certain = [c.event for c in claims if c.last <= day.toordinal()]
                found = some.as_of(day, known_by)
                others = random.sample(PARTIES, 2)
                both = concerning(claims, others)

                assert [e for e in certain if e.id in ids] == [*found.events], seed
                assert [e for e in certain if e.id in ids and e in both] == [
                    *found.project(following(*others))
                ], seed
                kept += len(found.events)
        assert kept > tries // 2

    def test_equal_selections_are_equal(self) -> None:
        """A group of one is a party; a group with a party that is there is no more."""
        log = EventLog.of(Event(Fact("a", frozenset({"AAA", "BBB"})), when="2014"))

        assert log.among("AAA", any_of=["BBB"]) == log.among("AAA", "BBB")
        assert log.among("AAA", any_of=("AAA", "BBB")) == log.among("AAA")
        assert log.among(any_of=("A", "B")) == log.among(any_of={"B", "A"})
        assert log.among("C").among(any_of=["AB"]) == log.among("C", any_of=["AB"])
        assert repr(log.among("C", any_of=("B", "A"))).endswith(
            ".among('C').among(any_of=('A', 'B'))"
        )
        assert log.among("C", any_of=("A", "B")) == log.among(any_of=("A", "B")).among(
            "C"
        )

    def test_repr_tells_whom_a_selection_concerns(self) -> None:
        """The parties are sorted, and a further selection stands behind."""
        log = EventLog.of(Event(Fact("a", frozenset({"A", "B"})), when="2014"))

        assert repr(log.concerning("B", "A")).endswith(".concerning('A', 'B')")
        assert repr(log.concerning("B", "A").among("C")).endswith(
            ".concerning('A', 'B').among('C')"
        )

    @pytest.mark.parametrize("any_of", ["AZE", ["AZE", 3], [], 3])
    def test_anything_else_is_an_error(self, any_of: object) -> None:
        """One text would be read as its letters."""
        with pytest.raises(SelectionError, match=r"any_of=|is empty"):
            EventLog().among("CHN", any_of=any_of)
