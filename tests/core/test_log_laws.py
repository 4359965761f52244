"""The laws of a log and its views, over small logs in which everything collides."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from identity_model import knowledge
from log_model import Model
from log_strategies import (
    FEW_SOURCES,
    KNOWN_BY,
    VIEW_DAYS,
    Deed,
    Fact,
    events,
    everything,
    facts,
    known_by_days,
    logs,
    view_days,
)

import bri_timeline
from bri_timeline import Edtf, Entry, Event, EventLog, Prefer, Source, View
from bri_timeline._journal._entries import Entries
from bri_timeline.errors import EntryError


PARTIES = st.sampled_from(["AAA", "BBB", "CCC"])
PREFER = st.sampled_from(Prefer)
# Claims without a name, of which many say the same.
ROWS = st.builds(
    Event,
    st.sampled_from([Fact("a"), Fact("b")]),
    when=st.just("2015"),
    cite=FEW_SOURCES,
)


def shown(view: View) -> tuple[object, ...]:
    """Return all that a view says."""
    explained = view.explain(everything, of=tuple)
    return (
        view.events,
        view.undecided,
        view.disputes,
        view.project(everything, undecided=True),
        [(step.event, step.after) for step in explained.steps],
        [(aside.event, aside.reason) for aside in explained.set_aside],
    )


def modelled(model: Model, day: date) -> tuple[object, ...]:
    """Return what the model says of the same."""
    number = day.toordinal()
    certain = [claim.event for claim in model.certain(number)]
    possible = sorted(
        (claim for claim in model.happenings() if claim.first <= number),
        key=lambda claim: (claim.first, claim.last, claim.entries[0].position),
    )
    return (
        certain,
        [claim.event for claim in model.undecided(number)],
        model.disputes(number),
        [claim.event for claim in possible],
        [
            (aside.entry.position, aside.reason)
            for aside in model.asides()
            if Edtf(str(aside.entry.event.when)).earliest_start <= number
        ],
    )


def said(view: View) -> tuple[object, ...]:
    """Return what a view says in the form of the model."""
    explained = view.explain(everything, of=tuple)
    return (
        list(view.events),
        list(view.undecided),
        [(d.taken, set(d.others)) for d in view.disputes],
        list(view.project(everything, undecided=True)),
        [(aside.entry.position, aside.reason.value) for aside in explained.set_aside],
    )


class TestTwoCuts:
    """State(V, K)."""

    @given(log=logs(), day=view_days(), known_by=known_by_days(), prefer=PREFER)
    def test_a_view_is_what_the_rules_say(
        self, log: EventLog, day: date, known_by: date, prefer: Prefer
    ) -> None:
        """A view holds what remains of the claims known by its day of knowledge."""
        model = Model(tuple(log), known_by.toordinal(), prefer=prefer)

        assert modelled(model, day) == said(log.reading(prefer).as_of(day, known_by))

    @given(log=logs(), day=view_days(), data=st.data())
    def test_a_position_is_a_basis_like_a_day(
        self, log: EventLog, day: date, data: st.DataObject
    ) -> None:
        """A view known by a position holds what remains of the entries up to it."""
        assume(len(log))
        position = data.draw(st.integers(0, len(log) - 1))
        model = Model(tuple(log), position, by_position=True)

        assert modelled(model, day) == said(log.as_of(day, known_by=position))

    @given(log=logs(), day=view_days())
    def test_without_a_basis_everything_counts(self, log: EventLog, day: date) -> None:
        """A view without a basis is that of the whole log."""
        expected = modelled(Model(tuple(log)), day)

        assert expected == said(log.as_of(day))

    @given(log=logs(), day=view_days(), data=st.data())
    def test_a_basis_equals_a_log_that_ends_there(
        self, log: EventLog, day: date, data: st.DataObject
    ) -> None:
        """What was known at a position is what the log said when it ended there."""
        assume(len(log))
        position = data.draw(st.integers(0, len(log) - 1))
        ended = EventLog(log[: position + 1])

        assert shown(ended.as_of(day)) == shown(log.as_of(day, known_by=position))

    @pytest.mark.full
    def test_many_logs_say_what_the_rules_say(self, trials: Callable[..., int]) -> None:
        """Fresh logs, longer ones too, agree with the model under every preference."""
        many = settings(
            max_examples=trials(10_000, share=300), derandomize=False, database=None
        )

        @many
        @given(log=logs(max_size=14), day=view_days(), known_by=known_by_days())
        def agree(log: EventLog, day: date, known_by: date) -> None:
            for prefer in Prefer:
                for parties in (frozenset[str](), frozenset({"BBB", "AAA"})):
                    number = known_by.toordinal()
                    model = Model(tuple(log), number, among=parties, prefer=prefer)
                    some = log.among(*parties)

                    assert modelled(model, day) == said(
                        some.reading(prefer).as_of(day, known_by)
                    )

        agree()

    @given(log=logs(orderly=True), day=view_days(), known_by=known_by_days())
    def test_a_day_of_knowledge_equals_a_log_without_the_rest(
        self, log: EventLog, day: date, known_by: date
    ) -> None:
        """What was known on a day is what a log of only the entries known then says.

        Where targets are known no later than what corrects or retracts them, so that
        such a log exists.
        """
        known = [e for e in log if knowledge(e)[0] <= known_by.toordinal()]

        assert shown(renumbered(known).as_of(day)) == shown(
            log.as_of(day, known_by=known_by)
        )

    @given(log=logs())
    def test_an_earlier_state_is_a_prefix(self, log: EventLog) -> None:
        """The events certain on a day begin the fold of every later day."""
        for earlier, later in itertools.pairwise(log.as_of(day) for day in VIEW_DAYS):
            assert earlier.events == later.events[: len(earlier.events)]


def corrected_into_another() -> EventLog:
    """Return a claim about BBB, withdrawn, and corrected by another about AAA too.

    The correction has a name of its own, and is known for a day before the withdrawal.
    """
    one, two = Fact("a", frozenset({"BBB"})), Fact("b", frozenset({"AAA", "BBB"}))
    return (
        EventLog.of(Event(one, when="2015"))
        .retract(0, because="wrong", known="2016-01-01")
        .append(Event(two, when="2015", id="y"), supersedes=0, known="2015-12-31")
    )


class TestBeliefs:
    """What was believed, over days of knowledge."""

    @given(log=logs(), parties=st.sets(PARTIES), day=view_days())
    @example(log=corrected_into_another(), parties={"AAA"}, day=VIEW_DAYS[-1])
    def test_beliefs_of_a_selection_are_its_states_by_each_day(
        self, log: EventLog, parties: set[str], day: date
    ) -> None:
        """The state believed on a day is the state known by that day."""
        some = log.among(*sorted(parties))
        beliefs = some.beliefs(everything, on=day)
        for known_by in KNOWN_BY:
            believed = [b for b in beliefs if (b.since or date.min) <= known_by][-1]

            assert some.as_of(day, known_by).project(everything) == believed.state


def renumbered(entries: list[Entry]) -> EventLog:
    """Return a log of some entries of another."""
    place = {entry.position: n for n, entry in enumerate(entries)}
    return EventLog(
        attrs.evolve(
            entry,
            position=place[entry.position],
            known=entry.known_day,
            supersedes=place.get(entry.supersedes, entry.supersedes),
            retracts=place.get(entry.retracts, entry.retracts),
        )
        for entry in entries
    )


def rearranged(log: EventLog, data: st.DataObject) -> list[Entry]:
    """Return the entries of a log in another order, each after its target."""
    left, order = list(log), []
    while left:
        waiting = {entry.position for entry in left}
        free = [e for e in left if not {e.supersedes, e.retracts} & waiting]
        order.append(data.draw(st.sampled_from(free)))
        left.remove(order[-1])
    return order


def _starts(event: Event) -> tuple[float, float]:
    return event.when.earliest_start, event.when.latest_start


def ties(log: EventLog) -> bool:
    """Tell whether position alone decides something between two claims."""
    identity = Model(tuple(log)).identity
    claims = [(entry, entry.event) for entry in log if entry.event is not None]
    for (one, mine), (two, yours) in itertools.combinations(claims, 2):
        differ = (mine.id, mine.what, mine.when) != (yours.id, yours.what, yours.when)
        rivals = identity.original(one) == identity.original(two)
        rivals = rivals or None in (mine._id, yours._id) or mine.id == yours.id
        if differ and rivals and one.known_day == two.known_day:
            return True
        if mine.id != yours.id and _starts(mine) == _starts(yours):
            return True
    return False


class TestArrival:
    """The order in which entries were written down."""

    @given(
        log=logs(max_size=6), day=view_days(), known_by=known_by_days(), data=st.data()
    )
    def test_the_order_of_arrival_changes_nothing(
        self, log: EventLog, day: date, known_by: date, data: st.DataObject
    ) -> None:
        """Entries written down in another order, known on the same days, say the same.

        Position decides where nothing else can, so logs are excluded in which two
        happenings begin within the same two bounds (they tie in the fold), or two
        different versions or claims about one happening became known on the same day
        (they tie as the newest). The order of united citations follows position too,
        and which of its digests names a happening: the one that was written first.
        """
        assume(not ties(log))
        other = renumbered(rearranged(log, data))
        before, after = (told(each, day, known_by) for each in (log, other))

        assert before == after

    @given(log=logs(max_size=6, plain=True), day=view_days(), data=st.data())
    def test_ties_change_the_order_only(
        self, log: EventLog, day: date, data: st.DataObject
    ) -> None:
        """Without corrections and disputes, ties change the order of events alone."""
        assume(not log.as_of(date.max).disputes)
        other = renumbered(rearranged(log, data))
        one, two = log.as_of(day), other.as_of(day)

        assert set(contents(one.events)) == set(contents(two.events))
        assert set(contents(one.undecided)) == set(contents(two.undecided))


def told(log: EventLog, day: date, known_by: date) -> tuple[object, ...]:
    """Return what a view tells, where each happening has all of its names."""
    view, model = log.as_of(day, known_by), Model(tuple(log), known_by.toordinal())
    happenings = [frozenset(same.names) for same in model.identity.happenings()]
    names = {name: some for some in happenings for name in some}
    return (
        contents(view.events, names),
        contents(view.undecided, names),
        [contents([dispute.taken], names) for dispute in view.disputes],
        [set(contents(dispute.others, names)) for dispute in view.disputes],
    )


def contents(
    found: Iterable[Event], names: Mapping[str, frozenset[str]] | None = None
) -> list[tuple[object, ...]]:
    """Return what events say, whatever the order of their citations."""
    called = {} if names is None else names
    return [(called.get(e.id, e.id), e.what, e.when, frozenset(e.cite)) for e in found]


class TestTakingBack:
    """Corrections and retractions of corrections and retractions."""

    @given(log=logs(), day=view_days(), data=st.data())
    def test_retracting_a_retraction_reinstates(
        self, log: EventLog, day: date, data: st.DataObject
    ) -> None:
        """A retraction that is itself retracted leaves everything as it was."""
        assume(len(log))
        position = data.draw(st.integers(0, len(log) - 1))
        without = log.retract(position, because="hearsay")
        again = without.retract(without[-1], because="it was no hearsay")

        assert shown(log.as_of(day)) == shown(again.as_of(day))

    @given(log=logs(), event=events(), day=view_days(), data=st.data())
    def test_retracting_a_correction_revives(
        self, log: EventLog, event: Event, day: date, data: st.DataObject
    ) -> None:
        """Without the correction, what it replaced counts as it did before."""
        claims = [entry for entry in log if entry.event is not None]
        assume(claims)
        target = data.draw(st.sampled_from(claims))
        assume(not Model(tuple(log)).is_retracted(target))
        corrected = log.append(event, supersedes=target)
        assume(len(corrected) > len(log))
        again = corrected.retract(corrected[-1], because="it was right before")

        assert shown(log.as_of(day))[:-1] == shown(again.as_of(day))[:-1]

    @given(
        rows=st.lists(ROWS, min_size=1, max_size=6),
        event=ROWS,
        data=st.data(),
    )
    def test_a_corrected_row_is_as_if_it_had_been_right_at_once(
        self, rows: list[Event], event: Event, data: st.DataObject
    ) -> None:
        """Where nothing has a name: whoever said the same is put right too."""
        log = EventLog.of(*rows)
        wrong = data.draw(st.sampled_from(tuple(log)))
        right = EventLog.of(
            *(event if e.claim.id == wrong.claim.id else e.claim for e in log)
        )
        corrected = log.append(event, supersedes=wrong)
        one, two = (each.as_of(date.max) for each in (right, corrected))
        expected, found = (
            {said[1:3] for said in contents((*view.events, *view.undecided))}
            for view in (one, two)
        )

        assert expected == found

    @given(
        facts=st.tuples(facts(), facts(), facts()),
        known=st.lists(st.sampled_from(KNOWN_BY), min_size=3, max_size=3),
    )
    def test_a_corrected_correction_revives_nothing(
        self, facts: tuple[Fact, Fact, Fact], known: list[date]
    ) -> None:
        """Of a claim corrected twice in turn the last counts, whenever it was known."""
        log = corrected_in_turn(facts, known)
        without = [log.retract(n, because="wrong").as_of(date.max) for n in (1, 2)]

        assert (log[2].claim.what,) == payloads(log.as_of(date.max))
        assert [(log[n].claim.what,) for n in (2, 1)] == [*map(payloads, without)]

    @given(facts=st.tuples(facts(), facts(), facts()), day=known_by_days())
    def test_retracting_the_original_withdraws_all_versions(
        self, facts: tuple[Fact, Fact, Fact], day: date
    ) -> None:
        """A retracted original takes its corrections with it, from that day on."""
        log = corrected_in_turn(facts, [None] * 3).retract(
            0, because="forged", known=day
        )
        before = day - timedelta(days=1)

        assert () == log.as_of(date.max, known_by=day).events
        assert (log[2].claim.what,) == payloads(log.as_of(date.max, known_by=before))


def payloads(view: View) -> tuple[object, ...]:
    """Return what counts, without ids."""
    return tuple(event.what for event in view.events)


def corrected_in_turn(
    facts: tuple[Fact, Fact, Fact], known: Sequence[date | None]
) -> EventLog:
    """Return a claim, its correction, and the correction of that."""
    log = EventLog()
    for position, fact in enumerate(facts):
        event = Event(fact, when="2016", cite=Source(f"Letter {position}"))
        target = position - 1 if position else None
        log = log.append(event, supersedes=target, known=known[position])
    return log


class TestRepeating:
    """The same words twice."""

    @given(log=logs(), data=st.data())
    def test_repeating_what_a_live_entry_says_changes_nothing(
        self, log: EventLog, data: st.DataObject
    ) -> None:
        """What an entry that is not retracted says already is not recorded again."""
        model = Model(tuple(log))
        live = [e for e in log if e.event and not model.is_retracted(e)]
        assume(live)
        entry = data.draw(st.sampled_from(live))
        elsewhere = log.retract(entry, because="in another log that grew from this one")
        assert entry.event is not None

        assert len(log) < len(elsewhere)
        assert log == log.append(entry.event, supersedes=entry.supersedes)

    @given(
        log=logs(max_size=4), more=st.lists(events(), max_size=5), grown=st.booleans()
    )
    def test_extending_is_appending_one_by_one(
        self, log: EventLog, more: list[Event], grown: bool
    ) -> None:
        """A log extended by events is that log with each of them appended."""
        other = log.append(Event(Fact("else"), when="2015")) if grown else log
        extended = log.extend(more)
        appended = EventLog(log)
        for event in more:
            appended = appended.append(event)

        assert appended == extended
        assert appended.as_of("2030-01-01") == extended.as_of("2030-01-01")
        assert len(other) == len(log) + grown

    @given(log=logs(), data=st.data())
    def test_after_a_retraction_the_same_words_are_new(
        self, log: EventLog, data: st.DataObject
    ) -> None:
        """What only retracted entries say can be said again."""
        rules = Model(tuple(log)).identity
        said = [
            (e, (e.event, e.supersedes))
            for e in log
            if (e.event is not None and rules.retraction(rules.original(e)) is None)
            or e.supersedes is None
        ]
        live = {words for e, words in said if rules.retraction(e) is None}
        gone = sorted({e.position for e, words in said if words not in live})
        assume(gone)
        entry = log[data.draw(st.sampled_from(gone))]
        assert entry.event is not None

        assert len(log) + 1 == len(log.append(entry.event, supersedes=entry.supersedes))

    @given(
        log=st.lists(ROWS, max_size=4).map(lambda rows: EventLog.of(*rows)) | logs(),
        event=ROWS | events(),
        more=st.lists(ROWS | events(), max_size=3),
        data=st.data(),
    )
    def test_repeating_a_correction_changes_nothing(
        self, log: EventLog, event: Event, more: list[Event], data: st.DataObject
    ) -> None:
        """Whatever was claimed since, a correction that stands is not made again."""
        model = Model(tuple(log))
        claims = [e for e in log if e.event and not model.is_retracted(e)]
        assume(claims)
        target = data.draw(st.sampled_from(claims))
        grown = log.append(event, supersedes=target)
        made = len(grown) - 1
        grown = grown.extend(more)
        if data.draw(st.booleans()):
            wrong = data.draw(st.integers(0, len(grown) - 1))
            grown = grown.retract(wrong, because="wrong")
            assume(not Model(tuple(grown)).is_retracted(grown[made]))
            assume(not Model(tuple(grown)).is_retracted(target))

        assert grown == grown.append(event, supersedes=target)

    @given(log=logs(), day=known_by_days(), data=st.data())
    def test_a_repeated_claim_is_known_since_the_earliest_day(
        self, log: EventLog, day: date, data: st.DataObject
    ) -> None:
        """A day of knowledge that is given counts, unless the same was known before."""
        model = Model(tuple(log))
        live = [e for e in log if e.event and not model.is_retracted(e)]
        assume(live)
        entry = data.draw(st.sampled_from(live))
        words = {"event": entry.event, "supersedes": entry.supersedes}
        same = [e for e in live if {k: getattr(e, k) for k in words} == words]
        before = min(knowledge(e)[0] for e in same)
        number = day.toordinal()
        if before < number and number not in {knowledge(e)[0] for e in same}:
            with pytest.raises(EntryError, match="retract entry"):
                log.append(entry.claim, supersedes=entry.supersedes, known=day)
            return
        again = log.append(entry.claim, supersedes=entry.supersedes, known=day)

        assert (before > day.toordinal()) == (len(again) > len(log))
        assert {k: getattr(again[-1], k) for k in words} == words or again == log
        assert again == again.append(
            entry.claim, supersedes=entry.supersedes, known=day
        )

    @given(log=logs(), event=events(), known=known_by_days(), data=st.data())
    def test_what_could_never_count_is_refused(
        self, log: EventLog, event: Event, known: date, data: st.DataObject
    ) -> None:
        """A correction of what was withdrawn by the day it is known is an error.

        One that was known before then still tells what was believed.
        """
        rules = Model(tuple(log)).identity
        claims = [e for e in log if e.event is not None]
        assume(claims)
        target = data.draw(st.sampled_from(claims))
        against = [
            knowledge(e)[0]
            for e in log
            if e.retracts == rules.original(target).position
            if rules.retraction(e) is None
        ]
        is_said = any(
            (e.claim.what, e.claim.when, e.claim.cite, e.supersedes)
            == (event.what, event.when, event.cite, target.position)
            for e in claims
        )
        try:
            log.append(event, supersedes=target, known=known)
        except EntryError:
            assert is_said or min(against) <= known.toordinal()
        else:
            assert not against or min(against) > known.toordinal()

    @given(log=logs(), some=st.lists(events(), max_size=5))
    def test_extending_twice_is_extending_once(
        self, log: EventLog, some: list[Event]
    ) -> None:
        """Events that are imported twice are recorded once."""
        once = log.extend(some)

        assert once == once.extend(some)


class TestValues:
    """A log is a value."""

    @given(log=logs(), one=events(), two=events(), day=view_days())
    def test_appending_changes_no_log_and_no_view(
        self, log: EventLog, one: Event, two: Event, day: date
    ) -> None:
        """A log and its views stay what they were while others grow from it."""
        view = log.as_of(day)
        before = repr(log), tuple(log), hash(log), repr(view), shown(view)
        branches = log.append(one, because="first"), log.append(two, because="second")
        grown = [branch.retract(0, because="wrong") for branch in branches]

        assert before == (repr(log), tuple(log), hash(log), repr(view), shown(view))
        assert [tuple(log)] * 2 == [g[: len(log)] for g in grown]

    @given(log=logs(), some=st.lists(events(), min_size=2, max_size=3))
    def test_branches_do_not_see_each_other(
        self, log: EventLog, some: list[Event]
    ) -> None:
        """Each log that grew from one holds that one and what was appended to it."""
        rebuilt = [EventLog(tuple(log)).append(event) for event in some]

        assert rebuilt == [log.append(event) for event in some]

    def test_an_older_log_grows_from_columns(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No entry of it is made, however many it has."""
        claims = [Event(Fact(value), when="2015") for value in "abcd"]
        log = EventLog.of(*claims)
        newest, made = log.append(Event(Fact("e"), when="2015")), []
        made_at = Entries._at
        monkeypatch.setattr(
            Entries, "_at", lambda some, row: made.append(row) or made_at(some, row)
        )
        grown = log.extend([Event(Fact("e"), when="2015")])

        assert not made
        assert grown == newest

    @given(log=logs(), parties=st.sets(PARTIES))
    def test_repr_evaluates_back(self, log: EventLog, parties: set[str]) -> None:
        """The repr of entries is an expression for equal ones; that of a log a line."""
        names = {name: getattr(bri_timeline, name) for name in bri_timeline.__all__}
        some = log.among(*sorted(parties))
        back = eval(repr(some[:]), {**names, "Deed": Deed, "Fact": Fact})

        assert some[:] == back
        assert len(repr(some)) < 200

    @given(log=logs(), parties=st.sets(PARTIES), day=view_days())
    def test_pickles(self, log: EventLog, parties: set[str], day: date) -> None:
        """Logs and views come back from a pickle equal, with an equal hash."""
        values = log, log.among(*sorted(parties)), log.as_of(day)
        back = pickle.loads(pickle.dumps(values))

        assert (values, hash(values)) == (back, hash(back))

    @given(log=logs(), day=view_days())
    def test_equality_is_by_content(self, log: EventLog, day: date) -> None:
        """Logs of equal entries are equal, have one hash, and give equal views."""
        other = EventLog(tuple(log))

        assert (log, hash(log)) == (other, hash(other))
        assert log.as_of(day) == other.as_of(day)
        assert hash(log.as_of(day)) == hash(other.as_of(day))

    @given(log=logs(), one=events(), two=events())
    def test_other_entries_make_another_log(
        self, log: EventLog, one: Event, two: Event
    ) -> None:
        """Logs are equal exactly when their entries are."""
        grown = log, log.append(one), log.append(two), EventLog(tuple(log)).append(one)

        for mine, yours in itertools.product(grown, grown):
            assert (tuple(mine) == tuple(yours)) is (mine == yours)
