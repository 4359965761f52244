"""The log: reading it, writing it, and its questions over time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from log_model import Model, event_of
from log_strategies import (
    SOURCES,
    Fact,
    everything,
    known_by_days,
    last_value,
    logs,
    tally,
    values,
    view_days,
)

from bri_timeline import Entry, Event, EventLog, Projection, Source, View
from bri_timeline.errors import DayError, DayRangeError, EntryError, EventError


FOLDS = st.sampled_from([everything, last_value, tally, values])
PARTIES = st.sets(st.sampled_from(["AAA", "BBB", "CCC"]), max_size=2).map(sorted)
DAY = "2016-01-01"
ONE_DAY = timedelta(days=1)


def around(days: set[date | None], others: list[date]) -> list[date]:
    """Return days, those before and after them, and some others."""
    known = [day for day in days if day is not None]
    near = {day + n * ONE_DAY for day in known for n in (-1, 0, 1)}
    return sorted(near | set(others))


class TestHistory:
    """`history()`."""

    @given(log=logs(), known_by=known_by_days(), day=view_days(), fold=FOLDS)
    def test_periods_are_the_states_of_all_days(
        self, log: EventLog, known_by: date, day: date, fold: Projection[object]
    ) -> None:
        """The state of a day is that of the last period that began by then."""
        periods = log.history(fold, known_by=known_by)

        for each in around({period.since for period in periods}, [day]):
            begun = [p for p in periods if p.since is None or p.since <= each]
            state = log.as_of(each, known_by=known_by).project(fold)
            assert state == begun[-1].state

    @given(log=logs(), fold=FOLDS, parties=PARTIES)
    def test_neighbouring_periods_differ(
        self, log: EventLog, fold: Projection[object], parties: list[str]
    ) -> None:
        """A period begins where the state changed, and days only go forward."""
        periods = log.among(*parties).history(fold)

        assert periods[0].since is None
        assert all(one.state != two.state for one, two in pairwise(periods))
        assert all(
            two.since and (one.since or date.min) < two.since
            for one, two in pairwise(periods)
        )

    @given(log=logs(), fold=FOLDS)
    def test_a_period_names_what_changed_it(
        self, log: EventLog, fold: Projection[object]
    ) -> None:
        """Events of a period became certain on its first day, and led to its state."""
        for one, two in pairwise(log.history(fold)):
            state = one.state
            for event in two.events:
                assert event.when.latest_start == two.since_day
                assert fold(state, event) != state
                state = fold(state, event)

            assert state == two.state

    def test_days_before_year_1_have_a_number(self) -> None:
        """A period or a belief has no date then; the error names what it has."""
        ancient = Source("x", published="-0300")
        log = EventLog.of(Event(Fact("a"), when="-0300", cite=ancient))
        found = log.history(everything), log.beliefs(everything, on=DAY)

        for *_, last in found:
            with pytest.raises(DayRangeError, match="use the day number, since_day, "):
                _ = last.since

    def test_history_puts_what_was_always_so_into_the_first_period(self) -> None:
        """What began before every day belongs to the first period."""
        log = EventLog.of(Event(Fact("a"), when="../2016"), Event(Fact("b"), when=DAY))
        periods = log.history(last_value)

        assert [(None, "a"), (date(2016, 1, 1), "b")] == [
            (period.since, period.state) for period in periods
        ]

    def test_history_of_an_empty_log_is_its_initial_state(self) -> None:
        """The history of an empty log is its initial state."""
        (period,) = EventLog().history(last_value)

        assert (None, None, "", ()) == (
            period.since, period.since_day, period.state, period.events,
        )  # fmt: skip


class TestBeliefs:
    """`beliefs()`."""

    @given(log=logs(), day=view_days(), fold=FOLDS, parties=PARTIES)
    def test_beliefs_are_the_states_of_all_days_of_knowledge(
        self, log: EventLog, day: date, fold: Projection[object], parties: list[str]
    ) -> None:
        """What was believed on a day is the last belief that had begun by then."""
        some = log.among(*parties)
        beliefs = some.beliefs(fold, on=day)
        known = {entry.known for entry in log}

        for each in around({*known, *(belief.since for belief in beliefs)}, []):
            begun = [b for b in beliefs if b.since is None or b.since <= each]
            state = some.as_of(day, known_by=each).project(fold)
            assert state == begun[-1].state

    @given(log=logs(), day=view_days(), fold=FOLDS)
    def test_neighbouring_beliefs_differ(
        self, log: EventLog, day: date, fold: Projection[object]
    ) -> None:
        """A belief begins where the state changed, by entries known on that day."""
        beliefs = log.beliefs(fold, on=day)

        assert beliefs[0].since is None
        assert all(one.state != two.state for one, two in pairwise(beliefs))
        assert all(
            [e for e in log if e.known_day == belief.since_day] == list(belief.entries)
            for belief in beliefs
        )


# The last day on which each source may have appeared, None where there is none.
LAST_DAYS = {
    "Leaflet": None,
    "Daily": "2016-01-01",
    "Weekly": "2016-01-02",
    "Review": "2016-01-31",
    "Annual": "2015-12-31",
    "Serial": None,
}


class TestContradictions:
    """`contradictions()`."""

    @given(log=logs())
    def test_contradictions_are_claims_after_their_report(self, log: EventLog) -> None:
        """Exactly the claims are named that lie wholly after a report of the same.

        Each is judged by what it says itself, also where it agrees with others.
        """
        expected = set()
        for right, wrong in Model(tuple(log)).ranked_claims():
            claims = [*right, *wrong]
            for claim in claims:
                for other in claims:
                    for entry in other.entries:
                        for citation in event_of(entry).cite:
                            last = LAST_DAYS[citation.source.title]
                            if (
                                last
                                and claim.first > date.fromisoformat(last).toordinal()
                            ):
                                pair = claim.entries[0].position, entry.position
                                named = pair[1:] if claim == other else pair
                                expected.add((named, str(citation)))

        assert expected == {
            (tuple(entry.position for entry in found.claims), found.report)
            for found in log.contradictions()
        }

    def test_str_of_a_contradiction(self) -> None:
        """A contradiction names the entry, its date and the report."""
        daily = Source("Daily", published="2016-01-01")
        log = EventLog.of(
            Event(Fact("a"), when="2016-01-02", cite=daily.at("p. 1"), id="x"),
            Event(
                Fact("a"), when="2016", id="x", cite=Source("Annual", published="2015")
            ),
        )

        assert [
            "entry 0 is dated 2016-01-02, after entry 1's report: Annual (2015)",
            "entry 0 is dated 2016-01-02, after its report: Daily (2016-01-01), p. 1",
            "entry 1 is dated 2016, after its report: Annual (2015)",
        ] == sorted(map(str, log.contradictions()))

    def test_contradictions_name_the_report_that_came_too_early(self) -> None:
        """Of several witnesses of one claim that one is named which it came before."""
        log = EventLog.of(
            Event("a", when="2016", cite=Source("Later", published="2020")),
            Event("a", when="2016", cite=Source("Annual", published="2015")),
        )

        assert ["entry 1 is dated 2016, after its report: Annual (2015)"] == [
            str(found) for found in log.contradictions()
        ]

    def test_contradictions_among_parties(self) -> None:
        """Among some parties, only claims about them are named."""
        daily = Source("Daily", published="2015-12-31")
        here, there = Fact("a", frozenset({"AAA"})), Fact("b", frozenset({"BBB"}))
        log = EventLog.of(*(Event(f, when=DAY, cite=daily) for f in (here, there)))
        (found,) = log.among("AAA").contradictions()

        assert 2 == len(log.contradictions())
        assert [0] == [entry.position for entry in found.claims]


def told(view: View) -> tuple[object, ...]:
    """Return what a view tells of its events."""
    explained = view.explain(everything, of=tuple)
    return (
        view.events,
        view.undecided,
        view.disputes,
        [(aside.event, aside.reason) for aside in explained.set_aside],
    )


class TestAmong:
    """`among()`."""

    @given(log=logs(), parties=PARTIES, day=view_days(), known_by=known_by_days())
    def test_a_view_among_parties_is_what_a_view_says_of_them(
        self, log: EventLog, parties: list[str], day: date, known_by: date
    ) -> None:
        """Among parties a view has those events of the whole that involve them all."""
        whole = log.as_of(day, known_by=known_by)
        some = log.among(*parties).as_of(day, known_by=known_by)
        model = Model(tuple(log), known_by.toordinal(), among=frozenset(parties))

        assert some.events == tuple(e for e in whole.events if about(e, parties))
        assert some.undecided == tuple(e for e in whole.undecided if about(e, parties))
        assert [(d.taken, set(d.others)) for d in some.disputes] == model.disputes(
            day.toordinal()
        )

    @given(log=logs(), parties=PARTIES, day=view_days())
    def test_a_log_among_parties_is_a_log_of_what_concerns_them(
        self, log: EventLog, parties: list[str], day: date
    ) -> None:
        """A log of only the slots about the parties says the same, if no claim of
        another slot is about one of their happenings.
        """
        slots = [root(log, entry) for entry in log]
        ours = {s for s, e in zip(slots, log, strict=True) if about(e.event, parties)}
        kept = [e for s, e in zip(slots, log, strict=True) if s in ours]
        ids = {e.event.id for e in kept if e.event}
        assume(not ids & {e.event.id for e in log if e not in kept and e.event})
        place = {entry.position: n for n, entry in enumerate(kept)}
        alone = EventLog(moved(entry, place) for entry in kept)

        assert told(alone.among(*parties).as_of(day)) == told(
            log.among(*parties).as_of(day)
        )

    @given(log=logs(), parties=PARTIES)
    def test_entries_keep_their_positions(
        self, log: EventLog, parties: list[str]
    ) -> None:
        """The entries are those about the parties, or that correct or retract such."""
        expected = [
            entry
            for entry in log
            if any(about(log[n].event, parties) for n in chain_of(log, entry))
        ]
        some = log.among(*parties)

        assert expected == list(some)
        assert len(expected) == len(some)
        assert expected[::-1] == list(some[::-1])
        assert expected[-1:] == [some[-1]] if expected else not some

    @given(log=logs(), one=PARTIES, two=PARTIES)
    def test_among_twice_selects_all_parties(
        self, log: EventLog, one: list[str], two: list[str]
    ) -> None:
        """Asking for more parties asks for all of them."""
        assert log.among(*one).among(*two) == log.among(*one, *two)

    def test_appending_keeps_the_parties(self) -> None:
        """A log among parties that is appended to is still among them."""
        ours = Event(Fact("a", frozenset({"AAA", "BBB"})), when=DAY)
        theirs = Event(Fact("b", frozenset({"CCC"})), when=DAY)
        log = EventLog.of(ours).among("AAA").append(theirs)

        assert [ours] == [entry.event for entry in log]
        assert EventLog.of(ours, theirs).among("AAA") == log


def about(event: Event | None, parties: list[str]) -> bool:
    """Tell whether an event involves all of some parties."""
    return event is not None and event.parties >= set(parties)


def chain_of(log: EventLog, entry: Entry) -> list[int]:
    """Return the positions of an entry, of its target, of the target of that."""
    target = entry.retracts if entry.supersedes is None else entry.supersedes
    rest = [] if target is None else chain_of(log, log[target])
    return [entry.position, *rest]


def root(log: EventLog, entry: Entry) -> int:
    """Return the position of the claim that an entry is about in the end."""
    return chain_of(log, entry)[-1]


def moved(entry: Entry, place: dict[int, int]) -> Entry:
    """Return an entry at another place, its target too."""
    return attrs.evolve(
        entry,
        position=place[entry.position],
        supersedes=None if entry.supersedes is None else place[entry.supersedes],
        retracts=None if entry.retracts is None else place[entry.retracts],
    )


class TestKnownDays:
    """The day from which an entry was known."""

    @pytest.mark.parametrize(
        ("published", "known"),
        [
            (["2016-01-01"], "2016-01-01"),
            (["2016-02"], "2016-02-29"),
            (["2016"], "2016-12-31"),
            (["2016", "2016-01-05"], "2016-01-05"),
            ([None, "2016-01-05"], "2016-01-05"),
            (["[2016-01-05..]", "2017"], "2017-12-31"),
            (["[..2016-01-05]"], "2016-01-05"),
            (["2015/2016"], "2016-12-31"),
            ([None], None),
            (["[2016-01-05..]"], None),
            ([], None),
        ],
    )
    def test_sources_say_when_something_was_known(
        self, published: list[str | None], known: str | None
    ) -> None:
        """A claim is known from the last possible day of its earliest source."""
        cite = [Source(f"{n}", published=day) for n, day in enumerate(published)]
        (entry,) = EventLog.of(Event("a", when="2015", cite=cite))
        expected = None if known is None else date.fromisoformat(known)

        assert expected == entry.known

    def test_known_overrides_the_sources(self) -> None:
        """A day that is given counts, earlier or later than that of the sources."""
        event = Event("a", when="2015", cite=SOURCES[1])
        days = "2015-06-01", "2017-06-01"
        known = [EventLog().append(event, known=day)[0].known for day in days]

        assert [date(2015, 6, 1), date(2017, 6, 1)] == known

    @pytest.mark.parametrize("known", ["2016", "2016-01", 5, True])
    def test_a_day_of_knowledge_is_a_whole_day(self, known: str) -> None:
        """What is no whole day is refused as a day of knowledge."""
        with pytest.raises(DayError):
            EventLog().append(Event("a", when="2015"), known=known)
        with pytest.raises(DayError):
            EventLog.of(Event("a", when="2015")).retract(0, because="x", known=known)


class TestFoldOrder:
    """The order of events in a view."""

    @pytest.mark.parametrize(
        ("dates", "order"),
        [
            (["2016-01-02", "2016-01-01"], [1, 0]),
            (["2015", "2015-12-31", "2015-12"], [0, 2, 1]),
            (["2015-12-31", "2015-12-31"], [0, 1]),
            (["2015", "2015-06-01"], [1, 0]),
            (["2016-01-01/2016-12-31", "2016-01-02"], [0, 1]),
            (["2016-01-02/..", "2016-01-01"], [1, 0]),
            (["[2015,2017]", "2016"], [1, 0]),
            (["2016-01-01", "../2017"], [1, 0]),
            (["2016-02", "/2016-01-01"], [1, 0]),
        ],
    )
    def test_events_are_folded_as_they_become_certain(
        self, dates: list[str], order: list[int]
    ) -> None:
        """The fold goes by last day, first day and position; an extent by its start."""
        log = EventLog.of(*(Event(n, when=when) for n, when in enumerate(dates)))

        assert order == [event.what for event in log.as_of("2020-01-01").events]

    def test_undecided_events_come_as_they_become_possible(self) -> None:
        """What may have happened is listed by first day, last day and position."""
        dates = "2015", "2015-03/..", "2015-02", "[2015-01-15..]", "2015"
        log = EventLog.of(*(Event(n, when=w, id=f"{n}") for n, w in enumerate(dates)))
        undecided = log.as_of("2015-02-01").undecided

        assert [0, 4, 3, 2] == [event.what for event in undecided]


CLAIM = Event("a", when="2016")
LOG = EventLog.of(CLAIM).retract(0, because="forged", known="2016-01-01")
ONLY = "only what was recorded can be"
FOREIGN = EventLog.of(Event("b", when="2016"))[0]


class TestRefusals:
    """What a log does not take, and what it says then."""

    @pytest.mark.parametrize(
        ("write", "target", "problem"),
        [
            (
                lambda: LOG.append(CLAIM, supersedes=2),
                2,
                f"entry 2 is not in the log, its last is 1: {ONLY} superseded",
            ),
            (
                lambda: LOG.retract(2, because="x"),
                2,
                f"entry 2 is not in the log, its last is 1: {ONLY} retracted",
            ),
            (
                lambda: LOG.retract(-1, because="x"),
                -1,
                f"entry -1 is not in the log, its last is 1: {ONLY} retracted",
            ),
            (
                lambda: EventLog().append(CLAIM, supersedes=0),
                0,
                f"entry 0 is not in the log, it is empty: {ONLY} superseded",
            ),
            (
                lambda: LOG.append(CLAIM, supersedes=FOREIGN),
                FOREIGN,
                "entry 0 of this log has other content: take the entry from this log",
            ),
            (
                lambda: LOG.append(CLAIM, supersedes=1),
                1,
                "entry 1 claims nothing that could be corrected: retract it instead",
            ),
            (
                lambda: EventLog([Entry(position=0, event=CLAIM, supersedes=0)]),
                None,
                "entry 0 has the target 0: a target stands earlier in the log",
            ),
            (
                lambda: EventLog([Entry(position=0, retracts=1)]),
                None,
                "entry 0 has the target 1: a target stands earlier in the log",
            ),
            (
                lambda: EventLog([Entry(position=1, event=CLAIM)]),
                None,
                "entry 1 stands at position 0: give all entries of one log, in order",
            ),
            (
                lambda: EventLog([LOG[0], LOG[0]]),
                None,
                "entry 0 stands at position 1: give all entries of one log, in order",
            ),
            (
                lambda: EventLog([*LOG, Entry(position=2, event=CLAIM, supersedes=1)]),
                None,
                "entry 2 corrects entry 1, which claims nothing",
            ),
        ],
    )
    def test_append_refuses_targets_that_do_not_fit(
        self, write: Callable[[], object], target: object, problem: str
    ) -> None:
        """A target that does not fit is named, with what is in the log instead."""
        with pytest.raises(EntryError) as caught:
            write()

        assert problem == str(caught.value)
        assert target is None or target == caught.value.target

    @pytest.mark.parametrize("target", [True, False, "0", 1.0])
    def test_a_target_is_an_entry_or_a_position(self, target: int) -> None:
        """Nothing but an entry or a position names a target."""
        with pytest.raises(EntryError) as caught:
            LOG.append(CLAIM, supersedes=target)
        remedy = "give an entry of the log, such as log[0]"
        problem = f"{target!r} is not an entry or a position: {remedy}"
        assert problem == str(caught.value)
        assert target is caught.value.target
        with pytest.raises(EntryError, match="is not an entry or a position"):
            LOG.retract(target, because="x")

    def test_append_refuses_a_payload_alone(self) -> None:
        """A payload alone is no event: it has no date."""
        with pytest.raises(EventError, match="'a' is not an event: write Event"):
            EventLog.of("a")

    def test_nothing_is_appended_on_a_refusal(self) -> None:
        """A log is what it was after it refused an entry."""
        before = tuple(LOG)
        with pytest.raises(EntryError):
            LOG.append(CLAIM, supersedes=7)

        assert before == tuple(LOG)

    @pytest.mark.parametrize("name", ["_size", "_journal", "entries"])
    def test_a_log_does_not_change(self, name: str) -> None:
        """No attribute of a log can be set or deleted."""
        with pytest.raises(AttributeError, match="does not change"):
            setattr(LOG, name, None)
        with pytest.raises(AttributeError, match="does not change"):
            delattr(LOG, name)

        assert 2 == len(LOG)


class TestReading:
    """Entries of a log."""

    def test_entries_are_read_by_index_and_slice(self) -> None:
        """A log is read like a tuple of entries."""
        entries = tuple(LOG)

        assert entries == (LOG[0], LOG[-1])
        assert entries[:1] == LOG[:1]
        assert entries[::-1] == LOG[::-1]
        assert 2 == len(LOG)
        assert entries[1] in LOG

    @pytest.mark.parametrize("index", [2, -3])
    def test_index_beyond_the_end_tells_the_size(self, index: int) -> None:
        """An entry that the log lacks is an IndexError that tells the size."""
        with pytest.raises(
            IndexError, match=f"entry {index} is not there: the log has 2"
        ):
            _ = LOG[index]

    def test_a_log_equals_logs_only(self) -> None:
        """A log is not equal to a list of its entries."""
        assert LOG != list(LOG)

    def test_recorded_at_does_not_count_for_equality(self) -> None:
        """When an entry was written down makes no difference."""
        stored = [
            attrs.evolve(e, recorded_at=datetime(2020, 1, 1, tzinfo=UTC)) for e in LOG
        ]

        assert EventLog(stored) == LOG
        assert hash(EventLog(stored)) == hash(LOG)

    def test_a_stored_entry_is_a_target(self) -> None:
        """An entry read back from a store can be corrected in the log it came from."""
        stored = attrs.evolve(LOG[0], recorded_at=datetime(2020, 1, 1, tzinfo=UTC))

        assert LOG.append(CLAIM, supersedes=0) == LOG.append(CLAIM, supersedes=stored)

    def test_a_correction_is_about_the_same_happening(self) -> None:
        """A correction without an id of its own takes over that of its target."""
        right = Event("b", when="2015")
        log = EventLog.of(CLAIM).append(right, supersedes=0)
        (event,) = log.as_of("2020-01-01").events
        named = EventLog.of(CLAIM.named("x")).append(right, supersedes=0)

        assert (right, CLAIM.id) == (log[1].event, event.id)
        assert "x" == event_of(named[1]).id
        assert "y" == event_of(log.append(right.named("y"), supersedes=1)[2]).id

    def test_append_refuses_a_correction_of_a_withdrawn_claim(self) -> None:
        """A correction that could never count is refused, with what to do instead."""
        right = Event("b", when="2015")
        withdrawn = EventLog.of(CLAIM).retract(0, because="forged")
        corrected = EventLog.of(CLAIM).append(right, supersedes=0)
        for log, target in (
            (withdrawn, 0),
            (corrected.retract(0, because="forged"), 0),
            (corrected.retract(0, because="forged", known="2020-01-01"), 0),
            (corrected.retract(0, because="forged"), 1),
        ):
            message = f"entry {len(log) - 1} withdraws entry 0 and all that corrects it"
            with pytest.raises(EntryError, match=message) as caught:
                log.append(right, supersedes=target)
            assert target == caught.value.target

        again = withdrawn.retract(1, because="genuine").append(right, supersedes=0)
        anew = withdrawn.append(right)
        assert ["b"] == [e.what for e in again.as_of("2020-01-01").events]
        assert ["b"] == [e.what for e in anew.as_of("2020-01-01").events]

    def test_a_log_of_old_entries_may_correct_what_was_withdrawn(self) -> None:
        """Entries that were recorded so are read, and say why they do not count."""
        log = EventLog.of(CLAIM).retract(0, because="forged")
        log = EventLog([*log, Entry(position=2, event=CLAIM, supersedes=0)])
        view = log.as_of("2020-01-01")

        assert ((), [0, 2]) == (view.events, [a.entry.position for a in view.set_aside])

    def test_an_earlier_day_of_knowledge_counts_for_what_was_retracted(self) -> None:
        """A retraction that is repeated as known before withdraws since then."""
        log = EventLog.of(CLAIM).retract(0, because="forged", known="2016-01-02")
        earlier = log.retract(0, because="forged", known="2016-01-01")

        assert [1, 0] == [
            len(each.as_of("2020-01-01", "2016-01-01").events)
            for each in (log, earlier)
        ]
        assert earlier == earlier.retract(0, because="forged", known="2016-01-03")

    def test_add_refuses_a_correction_that_was_erased(self) -> None:
        """What corrects a claim that was added, and says nothing, cannot be added."""
        log = EventLog(
            [Entry(position=0, event=CLAIM), Entry(position=1, supersedes=0)]
        )

        with pytest.raises(
            EntryError, match="1 of the second log claims nothing"
        ) as caught:
            EventLog() + log
        assert log[1] == caught.value.target

    def test_what_is_corrected_is_put_right_whoever_says_it(self) -> None:
        """The other of two equal rows is in dispute with the correction."""
        rows = [CLAIM.cited(SOURCES[0].at(f"row {n}")) for n in (1, 2)]
        right = Event("b", when="2015", cite=SOURCES[0].at("row 1"))
        log = EventLog.of(*rows).append(right, supersedes=0)
        view = log.as_of("2020-01-01")

        assert [right.named(CLAIM.id)] == [*view.events]
        assert [(rows[1],)] == [dispute.others for dispute in view.disputes]
        assert log == log.append(right, supersedes=0)

        both = log.append(right.cited(SOURCES[0].at("row 2")), supersedes=1)
        (event,) = both.as_of("2020-01-01").events
        assert ("b", 2) == (event.what, len(event.cite))

    def test_an_empty_log(self) -> None:
        """An empty log is false, equal to any other, and nothing happened in it."""
        assert not EventLog()
        assert EventLog.of() == EventLog()
        assert () == EventLog().as_of(DAY).events


class TestThreads:
    """Many writers at once."""

    def test_each_thread_gets_its_own_log(self) -> None:
        """Threads that append to one log at once each get that log and their event."""
        log = EventLog.of(*(Event(n, when="2016") for n in range(20)))

        def grown(n: int) -> EventLog:
            mine = log
            for step in range(50):
                mine = mine.append(Event((n, step), when="2016"))
            return mine.retract(20, because="mine")

        with ThreadPoolExecutor(8) as pool:
            logs = list(pool.map(grown, range(8)))

        for n, found in enumerate(logs):
            expected = [*range(20), *((n, step) for step in range(50))]
            assert expected == [e.event.what for e in found if e.event]
            assert tuple(log) == found[:20]
            assert 20 == found[-1].retracts
