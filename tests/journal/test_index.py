"""Only the events that matter: an index finds what a look at each would find."""

from __future__ import annotations

import pickle
import tracemalloc
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import combinations

import pytest
from attrs import evolve, frozen
from hypothesis import example, given
from hypothesis import strategies as st
from log_strategies import (
    SEVERAL,
    Deed,
    Fact,
    events,
    everything,
    known_by_days,
    last_value,
    logs,
    tally,
    view_days,
)

from bri_timeline import (
    Answer,
    Entry,
    Event,
    EventLog,
    Projection,
    Source,
    dyads,
    projection,
)
from bri_timeline._journal import Journal, _identity, _journal
from bri_timeline.errors import EntryError, PayloadError, ProjectionError


@frozen
class Mention:
    """A payload that names no party, only what it is about."""

    refers_to: frozenset[str]


FOLDS = st.sampled_from([everything, last_value, tally])
_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_INSTANTS = [
    None,
    _NOON,
    _NOON.astimezone(timezone(timedelta(hours=8))),
    _NOON + timedelta(1),
]
PARTIES = st.lists(st.sampled_from(["AAA", "BBB", "CCC"]), unique=True)


def _ignoring(fold: Projection[object]) -> Projection[object]:
    """Return a projection that looks at each event, and ignores all but deeds."""

    def evolve(state: object, event: Event) -> object:
        return fold(state, event) if isinstance(event.what, Deed) else state

    return Projection(fold.initial, evolve)


def _related(log: EventLog) -> set[frozenset[int]]:
    """Return the clusters of a log, each as the rows of its entries."""
    found = {*log._journal.clusters.values()}
    assert all(len(one.members) == len({*one.members}) for one in found)
    return {frozenset(cluster.members) for cluster in found}


def _about(log: EventLog, event: Event) -> list[int]:
    """Return the positions of the claims about what an event is about."""
    journal = log._journal
    return [journal.entries.position(row) for row in journal.identities.about(event)]


def _is_about(log: EventLog, entry: Entry, parties: set[str]) -> bool:
    while entry.event is None or not entry.event.parties >= parties:
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        if target is None:
            return False
        entry = log[target]
    return True


class TestReads:
    """Projections that name what they read."""

    @given(log=logs(), day=view_days(), known_by=known_by_days(), fold=FOLDS)
    def test_what_is_not_read_is_as_if_ignored(
        self, log: EventLog, day: date, known_by: date, fold: Projection[object]
    ) -> None:
        """Naming what is read gives the answers of ignoring the rest oneself."""
        ignoring = _ignoring(fold)
        reading = Projection(fold.initial, fold.evolve, reads=Deed)
        grown = log
        for deed in "yz":
            for asked in (grown, grown.among("BBB"), grown.among("AAA", "BBB")):
                seen = asked.as_of(day)

                assert seen.project(ignoring) == seen.project(reading)
            grown = grown.append(Event(Deed(deed), when="2015-12-31"))
        view, other = log.as_of(day, known_by), log.as_of(date(2016, 1, 2))

        for undecided in (False, True):
            assert view.project(ignoring, undecided=undecided) == view.project(
                reading, undecided=undecided
            )
        assert view.explain(ignoring, of=repr) == view.explain(reading, of=repr)
        assert view.diff(other, ignoring) == view.diff(other, reading)
        assert log.history(ignoring, known_by) == log.history(reading, known_by)
        assert log.beliefs(ignoring, on=day) == log.beliefs(reading, on=day)
        assert ignoring.fold(view.events) == reading.fold(view.events)

    @given(log=logs(max_size=5), day=view_days())
    def test_outcomes_are_those_of_what_is_read(self, log: EventLog, day: date) -> None:
        """What is not read has no part in outcomes."""
        ignoring = _ignoring(last_value)
        reading = Projection(str, last_value.evolve, reads=[Deed])
        found = log.as_of(day).outcomes(reading, of=str)
        expected = log.as_of(day).outcomes(ignoring, of=str)

        assert (found.certain, set(found.values)) == (
            expected.certain,
            set(expected.values),
        )

    @pytest.mark.parametrize(
        ("day", "values"), [("2015-06-30", {"", "x"}), ("2016-01-01", {"x"})]
    )
    def test_what_is_not_read_is_not_tried(self, day: str, values: set[str]) -> None:
        """Orders that are open among what is not read cost no tries."""
        others = [Event(Fact(str(n)), when="2015") for n in range(12)]
        log = EventLog.of(*others, Event(Deed("x"), when="2015"))
        deeds = projection(initial=str, reads=Deed)(lambda _, event: event.what.value)
        found = log.as_of(day).outcomes(deeds, of=str, limit=8)

        assert found.complete
        assert values == set(found.values)

    def test_subclasses_are_read_too(self) -> None:
        """A projection that reads a class reads what inherits from it."""
        log = EventLog.of(
            Event(Fact("a"), when="2015"), Event(Deed("b"), when="2016"),
            Event("a remark", when="2017"),
        )  # fmt: skip

        @projection(initial=tuple, reads=Fact)
        def seen(state: tuple[object, ...], event: Event) -> tuple[object, ...]:
            return (*state, event.what)

        assert (Fact("a"), Deed("b")) == log.as_of("2020-01-01").project(seen)
        assert ("x",) == seen(("x",), Event("a remark", when="2017"))

    def test_what_is_no_class_cannot_be_read(self) -> None:
        """A name, or anything else that is no class, is refused as what is read."""
        with pytest.raises(ProjectionError, match="'Visited' is not a class"):
            projection(initial=int, reads=["Visited"])(lambda seen, _: seen)


class TestAmong:
    """Relationships, found by index."""

    @given(log=logs(), more=st.lists(events(), max_size=3), parties=PARTIES)
    def test_a_narrow_log_has_what_is_about_its_parties(
        self, log: EventLog, more: list[Event], parties: list[str]
    ) -> None:
        """Entries among parties name them all, or correct or retract what does."""
        assert list(log) == list(log.among())
        asked = log
        for new in ([], more, more[:1]):
            asked = asked.extend(new)  # an index that was made before has to grow
            narrow = asked.among(*parties)
            about = [e for e in asked if _is_about(asked, e, set(parties))]

            assert about == list(narrow)
            assert len(about) == len(narrow)
            assert tuple(about) == narrow[:]

    @given(log=logs(), more=st.lists(events(), max_size=3), day=view_days(), fold=FOLDS)
    def test_each_relationship_has_the_state_of_its_narrow_log(
        self, log: EventLog, more: list[Event], day: date, fold: Projection[object]
    ) -> None:
        """All dyads are on a day what each would be if it were asked alone."""
        asked = log
        for new in ([], more, more[:1]):
            asked = asked.extend(new)  # what was asked before has to keep up
            view = asked.as_of(day)
            found = view.project_each(fold, by=dyads)
            ever = asked.as_of("9999-12-31")
            pairs = {
                pair
                for event in (*ever.events, *ever.undecided)
                for pair in combinations(sorted(event.parties), 2)
            }

            assert pairs == found.keys()
            for pair in pairs:
                assert found[pair] == asked.among(*pair).as_of(day).project(fold)

    def test_each_of_some_parties(self) -> None:
        """Among some parties, only what concerns them is grouped."""
        two = Fact("a", frozenset({"AAA", "BBB"})), Fact("b", frozenset({"CCC", "BBB"}))
        log = EventLog.of(*(Event(fact, when="2015") for fact in two)).among("AAA")

        assert {("AAA", "BBB"): "a"} == log.as_of("2016-01-01").project_each(
            last_value, by=dyads
        )

    def test_each_may_be_by_anything(self) -> None:
        """A function of one's own says which states an event belongs to."""
        log = EventLog.of(
            Event(Fact("a", SEVERAL[0]), when="2015"),
            Event(Fact("b", SEVERAL[1]), when="2016"),
        )
        found = log.as_of("2020-01-01").project_each(
            last_value, by=lambda event: event.parties
        )

        assert {"AAA": "a", "BBB": "b"} == found


NAMES = ["x", "y", "z", None, Event(Fact("a"), when="2015").id]


def _changed(log: EventLog, place: int, what: str) -> EventLog:
    """Return a log of which one entry was retracted, corrected or erased."""
    entry = log[place % len(log)]
    if what == "retract":
        return log.retract(entry, because="wrong")
    if what == "repeat" and entry.event is not None:
        return log.append(entry.event)
    if what in ("correct", "rename") and entry.event is not None:
        name = "z" if what == "rename" else None
        new = Event(Fact("e"), when="2015", id=name)
        try:
            return log.append(new, supersedes=entry)
        except EntryError:  # it was withdrawn
            return log
    if what == "erase" and (entry.supersedes, entry.retracts) == (None, None):
        entries = list(log)
        entries[entry.position] = evolve(entry, event=None)
        return EventLog(entries)
    return log


class TestManyAtOnce:
    """Long lists of events."""

    @given(
        first=st.lists(events(), max_size=5),
        many=st.lists(events(), min_size=1, max_size=6),
        times=st.integers(11, 20),
        day=view_days(),
    )
    def test_many_at_once_are_what_one_after_the_other_is(
        self, first: list[Event], many: list[Event], times: int, day: date
    ) -> None:
        """A log extended by many events answers as if each had been appended."""
        several = [
            Event(Fact(f"{n}"), when=event.when, id=event.id if n < 3 else None)
            for n in range(times)
            for event in many
        ]
        at_once = EventLog.of(*first)
        assert at_once.as_of(day).events == EventLog.of(*first).as_of(day).events
        at_once = at_once.extend(several)
        apart = EventLog()
        for event in (*first, *several):
            apart = apart.append(event)
            apart.as_of(day).project(last_value)

        assert apart == at_once
        assert apart.as_of(day).events == at_once.as_of(day).events
        assert apart.as_of(day).undecided == at_once.as_of(day).undecided
        assert apart.history(tally) == at_once.history(tally)

    @given(
        some=st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z", None])),
            max_size=16,
        ),
        at_once=st.sampled_from([1, 3, 5, 4_096]),
        compared=st.sampled_from([0, 1, 8]),
    )
    def test_repeats_among_many_are_appended_as_one_by_one(
        self, some: list[tuple[str, str | None]], at_once: int, compared: int
    ) -> None:
        """Repeated claims are left out, and repeated ids are related, in bulk too."""
        many = [Event(Fact(word), when="2015", id=name) for word, name in some]
        later = Event(Fact("a"), when="2016", id="y")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_journal, "_AT_ONCE", at_once)
            patch.setattr(_identity, "_NEAR", at_once)
            patch.setattr(_journal, "_MOST_COMPARED", compared)
            log = EventLog.of(*many)
            apart = EventLog()
            for event in many:
                apart = apart.append(event)
            all_ways = log, apart, EventLog(log), log.extend(many)

            assert 4 * [list(apart)] == [list(each) for each in all_ways]
            assert 4 * [_related(apart)] == [_related(each) for each in all_ways]
            longer = [each.append(later) for each in all_ways]
            assert 4 * [list(longer[0])] == [list(each) for each in longer]
            assert 4 * [_related(longer[0])] == [_related(each) for each in longer]

    @given(
        parts=st.lists(
            st.tuples(
                st.lists(
                    st.tuples(st.sampled_from("abcd"), st.sampled_from(NAMES)),
                    max_size=9,
                ),
                st.integers(0, 20),
                st.sampled_from(
                    ["retract", "correct", "rename", "repeat", "erase", "leave"]
                ),
            ),
            min_size=1,
            max_size=4,
        ),
        at_once=st.sampled_from([1, 2, 3, 4_096]),
        near=st.sampled_from([1, 2, 3, 256]),
        compared=st.sampled_from([0, 1, 8]),
    )
    @example([([("a", "x")], 0, "retract"), ([("a", "x")], 0, "leave")], 9, 9, 8)
    @example([([("a", "x")], 0, "repeat"), ([("b", "x")], 0, "leave")], 9, 9, 8)
    @example([([("a", "x")], 0, "rename"), ([("b", "z")], 0, "leave")], 9, 9, 8)
    def test_parts_that_are_extended_by_are_appended_as_one_by_one(
        self,
        parts: list[tuple[list[tuple[str, str | None]], int, str]],
        at_once: int,
        near: int,
        compared: int,
    ) -> None:
        """Between the parts an entry is retracted, corrected or erased."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_journal, "_AT_ONCE", at_once)
            patch.setattr(_identity, "_NEAR", near)
            patch.setattr(_journal, "_MOST_COMPARED", compared)
            log = apart = EventLog()
            for some, place, what in parts:
                many = [Event(Fact(word), when="2015", id=name) for word, name in some]
                log = log.extend(many)
                for event in many:
                    apart = apart.append(event)
                log, apart = (
                    _changed(one, place, what) if len(one) else one
                    for one in (log, apart)
                )

            assert list(apart) == list(log)
            assert _related(apart) == _related(log) == _related(EventLog(log))
            for entry in log:
                if entry.event is not None:
                    found = [
                        one._journal.identities.about(entry.event)
                        for one in (apart, log, EventLog(log))
                    ]

                    assert found[0] == found[1] == found[2]

    def test_a_claim_after_retractions_is_found_in_a_log_that_is_read(self) -> None:
        """What retracts is an entry too: the last claims of a log are not forgotten."""
        first = Event(Fact("a"), when="2015")
        log = EventLog.of(first, Event(Fact("a"), when="2015", cite=Source("Leaflet")))
        log = log.retract(0, because="wrong").retract(2, because="wrong")
        log = log.append(Event(Fact("b"), when="2015", id="x"), supersedes=0)
        last = Event(Fact("c"), when="2016")
        log = log.append(last)

        again = EventLog(log)
        assert [5] == again._journal.identities.about(last)
        assert len(log) == len(again.extend([last]))

    @given(log=logs(), at_once=st.sampled_from([1, 2, 3]), cut=st.integers(0, 6))
    def test_entries_of_any_kind_are_read_in_bulk_as_one_by_one(
        self, log: EventLog, at_once: int, cut: int
    ) -> None:
        """Corrections and retractions among claims are put where they belong."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_journal, "_AT_ONCE", at_once)
            patch.setattr(_identity, "_NEAR", at_once)
            again, whole = EventLog(log), EventLog.partial(log, len(log) + 1)
            grown = EventLog([*log][:cut])
            grown = grown._recorded(*log[cut:]) if cut < len(log) else grown

        assert list(log) == list(again) == list(whole) == list(grown)
        assert 3 * [_related(log)] == [*map(_related, (again, whole, grown))]
        for entry in log:
            if entry.event is not None:
                found = [
                    one._journal.identities.about(entry.event)
                    for one in (log, again, whole, grown)
                ]

                assert 4 * found[:1] == found

    def test_many_witnesses_are_one_happening(self) -> None:
        """Twenty reports of one event are one happening, each of them named once."""
        reports = [
            Event(Fact("a"), when="2015", cite=Source(f"paper {n}")) for n in range(20)
        ]
        log = EventLog.of(*reports, *reports)

        assert 20 == len(log)
        assert 20 == len(log.as_of("2016-01-01").events[0].cite)
        fewer = log.retract(7, because="misread").as_of("2016-01-01")
        assert reports[7].cite[0] not in fewer.events[0].cite
        assert 19 == len(fewer.events[0].cite)

    @pytest.mark.parametrize("count", [3, 8, 9, 20])
    def test_a_further_claim_is_found_by_its_own_parties(self, count: int) -> None:
        """However many claims about the same were indexed before it."""
        log = EventLog()
        for n in range(count):
            log = log.append(Event(Fact(f"{n}", SEVERAL[0]), when="2015", id="x"))
            assert f"{n}" == log.among(*SEVERAL[0]).as_of("2016-01-01").project(
                last_value
            )
        for parties in ({"XXX", "YYY"}, {"YYY", "ZZZ"}):
            fact = Fact("new", frozenset(parties))
            log = log.append(Event(fact, when="2015", id="x"))

            assert "new" == log.among(*parties).as_of("2016-01-01").project(last_value)

    def test_what_a_group_takes_in_does_not_count_twice(self) -> None:
        """Claims that a selection held apart become one happening of a group in it."""
        pair = SEVERAL[0]
        a, b = (
            [Event(Fact(f"{name}{n}", pair), when="2015", id=name) for n in range(3)]
            for name in "ab"
        )
        log = EventLog.of(*a, *b[:2])
        assert 2 == len(log.among(*pair).as_of("2016-01-01").events)
        note = Event(Mention(frozenset({"a"})), when="2015", id="note")
        log = log.append(note)
        assert 3 == len(log.among(*pair).as_of("2016-01-01").events)
        log = log.append(Event(Fact("a", pair), when="2015", id="a"), supersedes=4)

        view = log.among(*pair).as_of("2016-01-01")
        fresh = EventLog(log).among(*pair).as_of("2016-01-01")
        assert ["a", "b", "note"] == sorted(event.id for event in view.events)
        assert fresh.events == view.events
        assert fresh.disputes == view.disputes

    def test_progress_is_told(self) -> None:
        """Long work says how far it is, and in the end how much there was."""
        told: list[int] = []
        EventLog().extend(
            [Event(Fact(str(n)), when="2015") for n in range(10)], progress=told.append
        )

        assert [0, 10] == told


class TestLean:
    """What is shared, and what is checked once."""

    def test_equal_dates_and_sources_are_shared(self) -> None:
        """Dates of one text are one object, and so are citations of equal sources."""
        one = Event("a", when="2019-04-24", cite=Source("Daily"))
        two = Event("b", when=date(2019, 4, 24), cite=Source("Daily"))

        assert one.when is two.when
        assert one.cite is two.cite

    def test_entries_are_equal_whenever_they_are_looked_at(self) -> None:
        """An entry that is read twice is the same value, and its hash the same."""
        log = EventLog.of(Event("a", when="2015"))
        claimed = Entry(position=0, event=Event("a", when="2015"))

        assert log[0] == log[0] == claimed
        assert hash(log[0]) == hash(claimed)
        assert repr(log[0]) == repr(claimed)
        assert pickle.loads(pickle.dumps(log[0])) == claimed

    def test_an_event_can_be_pickled(self) -> None:
        """A pickled event comes back equal, with an equal hash."""
        event = Event(Fact("a"), when="2015~", cite=Source("Daily").at("p. 1"), id="x")
        back = pickle.loads(pickle.dumps(event))

        assert (event, hash(event), event.id) == (back, hash(back), back.id)

    def test_what_is_not_a_number_is_refused_at_once(self) -> None:
        """It has no hash, or does not equal itself: no claim could be told apart."""
        for number in (
            Decimal("sNaN"),
            Decimal("NaN"),
            float("nan"),
            (1.0, float("nan")),
        ):
            with pytest.raises(PayloadError, match="is not a number"):
                Event(number, when="2015")


def _closed(log: EventLog, parties: set[str]) -> list[Entry]:
    """Return the entries about some parties, and all related entries."""
    kept = {e.position for e in log if _is_about(log, e, parties)}
    size = -1
    while size != len(kept):
        size = len(kept)
        names = {e.event.id for e in log if e.event and e.position in kept}
        for entry in log:
            targets = {entry.supersedes, entry.retracts} - {None}
            if (entry.event and entry.event.id in names) or targets & kept:
                kept.add(entry.position)
            if entry.position in kept:
                kept |= targets
    return [log[position] for position in sorted(kept)]


def _far(*events: Event) -> EventLog:
    """Return a log of events after three others, about other parties."""
    others = (Event(Fact(w, SEVERAL[1]), when="2015", id=w) for w in "pqr")
    return EventLog.of(*others, *events)


class TestHolding:
    """Partial logs."""

    @given(
        log=logs(),
        more=st.lists(events(), max_size=2),
        parties=PARTIES.filter(bool),
        day=view_days(),
        known_by=known_by_days() | st.integers(0, 12),
    )
    @example(  # what only the whole holds is about the same happening
        log=EventLog.of(Event(Fact("a", SEVERAL[1]), when="2015", id="x")),
        more=[Event(Fact("b", SEVERAL[0]), when="2015", id="x")],
        parties=["AAA"],
        day=date(2016, 6, 15),
        known_by=date(2017, 1, 1),
    )
    def test_a_part_answers_as_the_whole_about_what_it_holds(
        self,
        log: EventLog,
        more: list[Event],
        parties: list[str],
        day: date,
        known_by: date | int,
    ) -> None:
        """All entries related to some parties suffice to answer queries about them."""
        held = EventLog.partial(_closed(log, set(parties)), len(log))
        for event in (None, *more):
            whole, part = log, held
            if event is not None:
                whole = log.append(event)
                try:
                    part = held.append(event)
                except EntryError:
                    assert event.id not in {e.event.id for e in held if e.event}
                    continue
            about, mine = whole.among(*parties), part.among(*parties)
            basis = known_by
            if isinstance(known_by, int):  # a position that the part may not have
                basis = min(known_by, len(whole) - 1) if len(whole) else None
            view, found = (x.as_of(day, basis) for x in (about, mine))

            assert list(about) == list(mine)
            assert view.project(tally) == found.project(tally)
            assert view == found
            assert (view.undecided, view.disputes) == (found.undecided, found.disputes)
            assert view.explain(tally, of=repr) == found.explain(tally, of=repr)
            assert about.history(tally) == mine.history(tally)
            assert about.beliefs(tally, on=day) == mine.beliefs(tally, on=day)

    @given(
        log=logs(),
        parties=PARTIES.filter(bool),
        steps=st.lists(
            st.tuples(
                st.sampled_from(["again", "correct", "retract"]),
                st.integers(0, 20),
                events(),
            ),
            max_size=4,
        ),
    )
    @example(  # a retraction stands at another row than position
        log=_far(Event(Fact("a", SEVERAL[0]), when="2015")).retract(3, because="wrong"),
        parties=["AAA"],
        steps=[("again", 0, Event("a", when="2015"))],
    )
    @example(  # a retraction that was itself retracted withdraws nothing
        log=_far(Event(Fact("a", SEVERAL[0]), when="2015"))
        .retract(3, because="wrong")
        .retract(4, because="right"),
        parties=["AAA"],
        steps=[("again", 0, Event("a", when="2015"))],
    )
    @example(  # another witness of what is corrected stands
        log=_far(
            Event(Fact("a", SEVERAL[0]), when="2015"),
            Event(Fact("a", SEVERAL[0]), when="2015", cite=Source("Daily")),
        ),
        parties=["AAA"],
        steps=[("correct", 0, Event(Fact("b", SEVERAL[0]), when="2015"))],
    )
    @example(  # a correction is about what its target is about
        log=_far(Event(Fact("a", SEVERAL[0]), when="2015")),
        parties=["AAA"],
        steps=[("correct", 0, Event(Fact("b", SEVERAL[0]), when="2015"))],
    )
    @example(  # a correction of a correction is one of what was withdrawn
        log=_far(Event(Fact("a", SEVERAL[0]), when="2015"))
        .append(Event(Fact("b", SEVERAL[0]), when="2015"), supersedes=3)
        .retract(3, because="wrong"),
        parties=["AAA"],
        steps=[("correct", 1, Event(Fact("c", SEVERAL[0]), when="2015"))],
    )
    def test_a_part_grows_as_the_whole(
        self, log: EventLog, parties: list[str], steps: list[tuple[str, int, Event]]
    ) -> None:
        """Repeats, corrections and retractions add the same entries to both."""
        whole = log
        held = EventLog.partial(_closed(log, set(parties)), len(log))
        for step, at, event in steps:
            some = [e for e in held if step == "retract" or e.event is not None]
            if not some:
                continue
            target = some[at % len(some)]
            # A part does not know that others, which it lacks, make the new claim.
            if step == "correct" and _about(whole, event) != _about(held, event):
                continue

            def grown(
                log: EventLog,
                step: str = step,
                target: Entry = target,
                new: Event = event,
            ) -> EventLog:
                if step == "again":
                    return log.append(target.claim)
                if step == "correct":
                    return log.append(new, supersedes=target.position)
                return log.retract(target.position, because="wrong")

            try:
                more = grown(held)
            except EntryError as error:
                if "this partial log has no claim" in str(error):
                    with suppress(EntryError):
                        (added,) = grown(whole)[len(whole) :]
                        known = {e.event.id for e in held if e.event}
                        assert added.claim.id not in known
                    continue
                with pytest.raises(EntryError):
                    grown(whole)
                continue
            size, whole = len(whole), grown(whole)

            assert list(more)[len(held) :] == list(whole)[size:]
            held = more

    def test_one_day_is_in_order_of_positions_in_a_part(self) -> None:
        """Claims that are related and claims that are not keep their places."""
        two = {5: ("a", "x"), 7: ("b", "y"), 8: ("a", "x"), 9: ("c", "z")}
        held = EventLog.partial(
            [
                Entry(
                    position=place,
                    event=Event(
                        Fact(word), when="2015", id=name, cite=Source(f"{place}")
                    ),
                )
                for place, (word, name) in two.items()
            ],
            12,
        )
        events = held.as_of("2017-01-01").events

        assert ["a", "b", "c"] == [event.what.value for event in events]
        again = held.append(Event(Fact("c"), when="2015", id="z", cite=Source("12")))
        assert events[:2] == again.as_of("2017-01-01").events[:2]
        assert 2 == len(again.as_of("2017-01-01").events[2].cite)

    def test_a_basis_by_position_counts_positions_not_what_is_here(self) -> None:
        """A position cuts a partial log where it cuts the whole, missing or not."""
        names = {2: "a", 5: "b", 6: "b", 9: "c"}
        held = EventLog.partial(
            [
                Entry(position=place, event=Event(Fact(name), when="2015", id=name))
                for place, name in names.items()
            ],
            12,
        ).append(Event(Fact("d"), when="2016", id="a"))

        for position in range(13):
            view = held.as_of("2017-01-01", known_by=position)
            known = {name for place, name in names.items() if place <= position}
            a = view.has_happened("a")

            assert len(known) == len(view.events)
            assert known == set("abc"[: len(known)])
            assert a is (Answer.YES if position >= 2 else Answer.NO)
            assert (position == 12) == bool(view.disputes)

    @given(log=logs(), parties=PARTIES.filter(bool))
    def test_a_part_is_a_value(self, log: EventLog, parties: list[str]) -> None:
        """A part of a log equals its like, and comes back from pickle."""
        kept = _closed(log, set(parties))
        held = EventLog.partial(kept, len(log))

        assert kept == list(held) == list(held[:])
        assert len(kept) == len(held)
        assert held == EventLog.partial(iter(kept), len(log))
        assert hash(held) == hash(EventLog.partial(kept, len(log)))
        assert held == pickle.loads(pickle.dumps(held))
        assert (held == log) == (len(kept) == len(log))

    def test_a_part_of_a_large_log_takes_no_more_room_than_it_holds(self) -> None:
        """A few of a million entries are a small log, also when it grows."""
        pair = frozenset({"AAA", "BBB"})
        entries = [
            Entry(position=place, event=Event(Fact("a", pair), when="2015", id=name))
            for place, name in ((7, "x"), (500_000, "x"), (800_000, "y"))
        ]
        tracemalloc.start()
        held = EventLog.partial(entries, 1_000_000)
        more = held.extend([Event(Fact("b", pair), when="2016", id="y")])
        view = more.among(*pair).as_of("2017-01-01")

        assert ["a", "b"] == [event.what.value for event in view.events]
        assert ["y"] == [dispute.id for dispute in view.disputes]
        assert tracemalloc.get_traced_memory()[1] < 500_000
        tracemalloc.stop()
        assert 1_000_000 == more[-1].position
        assert 4 == len([*more]) == len(more)
        assert [*more] == [*held.append(more[-1].claim)] != [*held]

    def test_what_is_not_at_hand_cannot_be_corrected(self) -> None:
        """A correction of an entry that was not read is refused, with a remedy."""
        held = EventLog.partial([Entry(position=3, event=Event("a", when="2015"))], 5)

        again = Event("a", when="2015", cite=Source("Daily"))

        assert 5 == held.append(again)[1].position
        assert "a" == held[0].claim.what
        with pytest.raises(
            EntryError, match=r"does not have entry 2: read it too"
        ) as caught:
            held.retract(2, because="wrong")
        assert 2 == caught.value.target

    def test_a_part_does_not_grow_by_what_only_the_whole_may_hold(self) -> None:
        """A claim about what nothing here is about is refused, alone or among many."""
        held = EventLog.partial([Entry(position=3, event=Event("a", when="2015"))], 5)
        event = Event("b", when="2015", id="x")
        for grow in (held.append, lambda new: held.extend([held[0].claim, new])):
            with pytest.raises(EntryError, match="'x': append to the whole log"):
                grow(event)
        with pytest.raises(EntryError, match="this partial log has no claim"):
            held.append(event, supersedes=3)

    @pytest.mark.parametrize(
        ("positions", "size"), [([1, 0], 2), ([0, 0], 2), ([0, 2], 2), ([-1], 2)]
    )
    def test_entries_that_cannot_be_of_one_log_are_refused(
        self, positions: list[int], size: int
    ) -> None:
        """Positions ascend, and lie within the log."""
        entries = [Entry(position=p, event=Event(p, when="2015")) for p in positions]

        with pytest.raises(EntryError, match="give entries of one log, in order"):
            EventLog.partial(entries, size)

    def test_a_correction_needs_its_target(self) -> None:
        """A correction without what it corrects is no part that can be read alone."""
        event = Event("a", when="2015")
        with pytest.raises(EntryError, match="entry 3 has the target 1"):
            EventLog.partial([Entry(position=3, event=event, supersedes=1)], 5)

    def test_what_was_erased_may_have_been_corrected(self) -> None:
        """A correction of a claim that was erased since stands as it stood."""
        event = Event("a", when="2015", id="x")
        log = EventLog(
            [Entry(position=0), Entry(position=1, event=event, supersedes=0)]
        )

        assert (event,) == log.as_of("2016-01-01").events

    @given(
        marks=st.lists(
            st.tuples(st.sampled_from(_INSTANTS), st.sampled_from([None, "a", "b"]))
        ),
        at_once=st.sampled_from([1, 2, 3]),
        size=st.integers(0, 4),
    )
    def test_each_entry_has_its_own_instant_and_dataset(
        self,
        marks: list[tuple[datetime | None, str | None]],
        at_once: int,
        size: int,
    ) -> None:
        """They are kept by runs of rows, and come back as they were given."""
        entries = [
            Entry(position=n, event=Event(n, when="2015"), recorded_at=at, dataset=name)
            for n, (at, name) in enumerate(marks)
        ]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_journal, "_AT_ONCE", at_once)
            whole = EventLog(entries)
        parts = Journal(entries[:size])
        for entry in entries[size:]:
            parts = parts.grown(entry.position, entry)
        bounded = whole._journal.as_read(bounded=True)

        for found in (whole, parts.entries, bounded):
            # Of equal instants, each has its own time zone.
            assert [m[0] for m in marks] == [e.recorded_at for e in found]
            assert all(m[0] is e.recorded_at for m, e in zip(marks, found, strict=True))
            assert [m[1] for m in marks] == [e.dataset for e in found]
        for name in ("a", "b"):
            own = whole._journal.of_dataset(name, len(entries[:size]))
            assert [e for e in entries[:size] if e.dataset == name] == own

    def test_a_log_of_a_store_keeps_no_entries(self) -> None:
        """What one append wrote shares an instant: the columns hold all of it."""
        now = datetime(2026, 11, 24, tzinfo=UTC)
        entries = [
            Entry(position=n, event=Event(n, when="2015"), recorded_at=now)
            for n in range(5)
        ]
        log = EventLog(entries)

        assert entries[3] == log[3]
        assert entries[3] is not log[3]

    def test_entries_with_more_than_a_claim_are_kept(self) -> None:
        """When a store wrote an entry down is kept, for many entries as for one."""
        now = datetime(2026, 11, 24, tzinfo=UTC)
        entries = [
            Entry(position=n, event=Event(n, when="2015"), recorded_at=now, known=None)
            for n in range(5000)
        ]
        log = EventLog(entries)

        assert now == log[4999].recorded_at
        assert entries == list(log)
        assert 5000 == len(log.as_of("2016-01-01").events)
