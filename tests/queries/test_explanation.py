"""Explanations: the steps of a value, each with the citations behind it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from functools import reduce
from itertools import pairwise

from agreement_model import ContradictionError, joined_places
from hypothesis import example, given
from hypothesis import strategies as st
from log_model import Claim, Model
from log_strategies import (
    Fact,
    everything,
    known_by_days,
    last_value,
    logs,
    tally,
    values,
    view_days,
)
from marks_model import DATES, DAYS, B, C, L, lasting

from bri_timeline import (
    Answer,
    Edtf,
    Event,
    EventLog,
    Place,
    Projection,
    Reason,
    Source,
    projection,
)
from bri_timeline.relations import (
    IndicatorObserved,
    Joined,
    Left,
    PositionDeclared,
    ProjectStatusChanged,
    Relationship,
    Visited,
    relationship,
)


PAIR = relationship("AZE", "CHN")
Selection = tuple[Projection[object], Callable[[object], object]]


def members(state: Relationship) -> int:
    """Select the number of memberships."""
    return len(state.memberships)


def length(state: object) -> int:
    """Select how much a state holds."""
    return len(state) if isinstance(state, tuple | dict | frozenset) else 0


ALL: list[Selection] = [
    (everything, tuple),
    (everything, length),
    (last_value, str),
    (tally, dict),
    (tally, length),
    (values, frozenset),
]
SELECTIONS = st.sampled_from(ALL)


def latest_by(when: Edtf, day: date) -> int:
    """Return the last day by another on which what has a date can begin."""
    begin = when.start or when
    return next(
        number
        for number in range(day.toordinal(), 0, -1)
        if begin.on(date.fromordinal(number)) is not Answer.NO
    )


class TestSteps:
    """The laws of steps."""

    @given(log=logs(), day=view_days(), known_by=known_by_days(), chosen=SELECTIONS)
    def test_an_explanation_ends_at_the_value(
        self, log: EventLog, day: date, known_by: date, chosen: Selection
    ) -> None:
        """The last step leads to the projected value; without steps it is initial."""
        fold, of = chosen
        view = log.as_of(day, known_by=known_by)
        explained = view.explain(fold, of=of)
        path = [of(fold.initial()), *(step.after for step in explained.steps)]

        assert of(view.project(fold)) == explained.value
        assert path[-1] == explained.value

    @given(log=logs(), day=view_days(), chosen=SELECTIONS)
    def test_steps_chain(self, log: EventLog, day: date, chosen: Selection) -> None:
        """Each step begins where the one before ended, and changes the value."""
        fold, of = chosen
        steps = log.as_of(day).explain(fold, of=of).steps

        assert all(step.before != step.after and step.certain for step in steps)
        assert all(one.after == two.before for one, two in pairwise(steps))
        assert not steps or of(fold.initial()) == steps[0].before

    @given(log=logs(), day=view_days(), chosen=SELECTIONS)
    def test_steps_are_events_of_the_view(
        self, log: EventLog, day: date, chosen: Selection
    ) -> None:
        """Steps rest on events of the view, in its order, with all their citations."""
        fold, of = chosen
        view = log.as_of(day)
        explained = view.explain(fold, of=of)
        places = [view.events.index(step.event) for step in explained.steps]
        maybes = [view.undecided.index(step.event) for step in explained.undecided]

        assert sorted(set(places)) == places
        assert sorted(set(maybes)) == maybes

    @example(
        EventLog.of(
            Event(Fact("a"), when="2016-01-01"),
            Event(Fact("b"), when="[2015-12-31,2016-01-02]"),
        ),
        date(2016, 1, 1),
    )
    @given(log=logs(), day=view_days())
    def test_undecided_steps_say_what_would_change(
        self, log: EventLog, day: date
    ) -> None:
        """An undecided step adds one undecided event to the certain ones, at the place
        where it comes if it comes as late as it can.
        """
        view = log.as_of(day)
        late = [event.when.latest_start for event in view.events]
        places = [bisect_right(late, latest_by(e.when, day)) for e in view.undecided]
        for fold, of in ALL:
            state = view.project(fold)
            expected = []
            for event, place in zip(view.undecided, places, strict=True):
                events = *view.events[:place], event, *view.events[place:]
                after = of(reduce(fold, events, fold.initial()))
                expected += [(event, after)] if after != of(state) else []
            explained = view.explain(fold, of=of).undecided

            assert expected == [(step.event, step.after) for step in explained]
            assert all(s.before == of(state) and not s.certain for s in explained)

    @given(log=logs(), day=view_days(), known_by=known_by_days(), chosen=SELECTIONS)
    def test_what_is_set_aside_does_not_count(
        self, log: EventLog, day: date, known_by: date, chosen: Selection
    ) -> None:
        """Claims set aside rest on entries that count in no event of the view."""
        model = Model(tuple(log), known_by.toordinal())
        reasons = {a.entry.position: a.reason for a in model.asides()}
        fold, of = chosen
        explained = log.as_of(day, known_by=known_by).explain(fold, of=of)

        for aside in explained.set_aside:
            assert reasons[aside.entry.position] == aside.reason.value
            assert aside.entry.claim == aside.event.named(aside.entry.claim._id)
            assert aside.by in model.known

    @given(log=logs(max_size=12), day=view_days(), known_by=known_by_days())
    def test_what_is_set_aside_is_tried_where_it_would_stand(
        self, log: EventLog, day: date, known_by: date
    ) -> None:
        """A claim set aside is told if it would change the value at its place: before
        or after what has the same days.
        """
        model, view = Model(tuple(log), known_by.toordinal()), log.as_of(day, known_by)
        certain = model.certain(day.toordinal())
        asides = [(Claim(a.event, (a.entry,)).fold_order, a) for a in view.set_aside]
        for fold, of in ALL:
            expected = []
            for order, aside in asides:
                days = order[:2]
                for some in (
                    [c.event for c in certain if c.fold_order[:2] < days],
                    [c.event for c in certain if c.fold_order[:2] <= days],
                ):
                    state = fold.fold(some)
                    if of(fold(state, aside.event)) != of(state):
                        expected.append(aside)
                        break

            assert expected == list(view.explain(fold, of=of).set_aside)

    @given(log=logs(), day=view_days())
    def test_an_explanation_lists_everything_known(
        self, log: EventLog, day: date
    ) -> None:
        """A value that every event changes is explained by every known claim.

        What says less than others that agree is told by what these say.
        """

        def covers(event: Event, claim: Event) -> bool:
            days, when = claim.when, event.when
            try:
                where = joined_places([claim.where, event.where])
            except ContradictionError:
                return False
            return (
                event.what == claim.what
                and where == event.where
                and days.earliest_start <= when.earliest_start
                and when.latest_start <= days.latest_start
            )

        view = log.as_of(day)
        explained = view.explain(everything, of=tuple)
        told = [s.event for s in (*explained.steps, *explained.undecided)]
        told += [aside.event for aside in explained.set_aside]
        possible = [
            e.event
            for e in log
            if e.event
            if e.event.when.earliest_start <= day.toordinal()
        ]

        # One that agrees with it may say that it was later.
        last = day.toordinal()
        whole = log.as_of("2100-01-01")
        shown = (*whole.events, *whole.undecided)
        told += [e for e in shown if e.when.earliest_start > last]
        assert all(any(covers(event, claim) for event in told) for claim in possible)
        assert set().union(*(e.cite for e in possible)) <= set().union(
            *(event.cite for event in told)
        )


def out(state: frozenset[str], event: Event) -> frozenset[str]:
    """Whose extent is over."""
    return state - {event.what.value}


@projection(initial=frozenset, ends=out)
def present(state: frozenset[str], event: Event) -> frozenset[str]:
    """Whose extent lasts: to begin twice is to begin once."""
    return state | {event.what.value}


def removed(state: tuple[object, ...], event: Event) -> tuple[object, ...]:
    """Take out an event that is there: one that is not is an error."""
    place = state.index(event)
    return state[:place] + state[place + 1 :]


@projection(initial=tuple, ends=removed)
def there(state: tuple[object, ...], event: Event) -> tuple[object, ...]:
    """What has begun and not ended."""
    return (*state, event)


@given(
    log=logs(max_size=8, dates=tuple(DATES)),
    day=st.sampled_from(DAYS).map(date.fromordinal),
)
def test_only_what_began_is_tried_with_its_end(log: EventLog, day: date) -> None:
    """Each claim set aside begins, as no other claim has its content; then it ends."""
    view = log.as_of(day)
    explained = view.explain(there, of=len)
    began = [
        a for a in view.set_aside if a.event.when.earliest_start <= day.toordinal()
    ]

    assert explained.value == len(view.project(there))
    assert began == [*explained.set_aside]


TERMS = [
    "2014/2015-02",
    "2014/2015-05",
    "2015-01/2015-03",
    "2015-01/..",
    "2015",
    "2013/",
]
CLAIMS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(TERMS), st.sampled_from("xyz")),
    min_size=1,
    max_size=6,
    # To repeat a claim with a later day adds nothing, so that its order would matter.
    unique=True,
)


class TestOrderOfEntry:
    """What is set aside, whatever was recorded first."""

    @given(claims=CLAIMS, data=st.data(), day=view_days())
    def test_the_order_of_entry_decides_nothing(
        self, claims: list[tuple[str, str, str]], data: st.DataObject, day: date
    ) -> None:
        """Claims that became known on different days are told in any order of them."""
        rows = [
            (Event(Fact(value), when=when, id=name), date(2020, 1, 1 + number))
            for number, (value, when, name) in enumerate(claims)
        ]

        def told(some: list[tuple[Event, date]]) -> tuple[object, set[Event]]:
            log = EventLog()
            for event, known in some:
                log = log.append(event, known=known)
            explained = log.as_of(day).explain(present, of=sorted)
            return explained.value, {aside.event for aside in explained.set_aside}

        assert told(rows) == told(data.draw(st.permutations(rows)))

    def test_a_rival_is_told_for_its_end(self) -> None:
        """One that has ended is told by what counts, and what counts by one that has
        not, though it would begin where the other is there already.
        """
        short = Event(Fact("R"), when="2014-06-01/2015-01-01", id="r")
        long_ = Event(Fact("R"), when="2014-01-01/2016-01-01", id="r")
        open_ = Event(Fact("R"), when="2014-06-01/..", id="r")

        def told(*claims: Event) -> list[list[Event]]:
            log = EventLog()
            for number, claim in enumerate(claims):
                log = log.append(claim, known=date(2020, 1, 1 + number))
            days = "2014-12-31", "2015-06-30", "2018-01-01"
            views = map(log.as_of, days)
            found = [view.explain(present, of=sorted).set_aside for view in views]
            return [[aside.event for aside in asides] for asides in found]

        assert [[], [short], [short]] == told(short, long_)
        assert [[long_]] * 3 == told(long_, short)
        assert [[], [], [open_]] == told(open_, long_)


@projection(initial=int)
def count(seen: int, event: Event) -> int:
    """How many events."""
    return seen + 1


class TestWords:
    """The text of an explanation, for people."""

    DAILY = Source("Daily", published="2015-07-01")
    LATER = Source("A yearbook", published="2016", container="Yearbook")

    def test_each_kind_of_row(self) -> None:
        """Rows are aligned, marked, and end with the citations, or the lack of them."""
        log = EventLog.of(
            Event(Fact("a"), when="2015-06-01", cite=self.DAILY.at("p. 2"), id="first"),
            Event(Fact("b"), when="2015"),
            Event(Fact("c"), when="2015-05-01", cite=self.DAILY, id="third"),
            Event(Fact("d"), when="2015-05-02", cite=self.LATER, id="third"),
            Event(Fact("e"), when="2015-05-03", cite=self.DAILY),
        )
        log = log.append(
            Event(Fact("a"), when="2015-06-02", cite=self.LATER),
            supersedes=0,
            because="misprint",
        ).retract(4, because="forged")
        explained = log.as_of("2015-06-30").explain(count, of=int)
        expected = """\
2
  2015-05-02  0 -> 1                           Yearbook (2016)
  2015-06-02  1 -> 2                           Yearbook (2016)
? 2015        2 -> 3                           no source
x 2015-06-01  superseded by entry 5: misprint  Daily (2015-07-01), p. 2
x 2015-05-01  disputed, entry 3 is taken       Daily (2015-07-01)
x 2015-05-03  retracted by entry 6: forged     Daily (2015-07-01)"""

        assert expected == str(explained)

    def test_a_reason_is_told_of_what_it_corrected(self) -> None:
        """What the taken claim corrects is no reason to set a rival aside."""
        log = EventLog.of(
            Event(Fact("a"), when="2015-01-01", id="x"),
            Event(Fact("b"), when="2015-01-01", id="x", cite=self.DAILY),
        ).append(
            Event(Fact("c"), when="2015-01-01", id="x", cite=self.LATER),
            supersedes=1,
            because="a misprint",
        )
        log = log.append(Event(Fact("d"), when="2015-01-01"))
        view = log.retract(3, because="forged").as_of("2016-01-01")

        assert [None, "a misprint", "forged"] == [a.because for a in view.set_aside]
        assert [
            "set aside: another claim is taken (entry 2)",
            ("replaced by a correction (entry 2)", "a misprint"),
            ("withdrawn (entry 4)", "forged"),
        ] == [
            words if len(words := a.words()) > 1 else words[0] for a in view.set_aside
        ]

    def test_the_text_of_a_value_without_steps_is_the_value(self) -> None:
        """Where nothing happened, the text is the initial value."""
        assert "0" == str(EventLog().as_of("2015-01-01").explain(count, of=int))

    def test_long_values_are_cut(self) -> None:
        """A value of more than 72 characters is cut in the text, never in the value."""
        log = EventLog.of(Event(Fact("a" * 200), when="2015-01-01"))
        explained = log.as_of("2015-01-01").explain(last_value, of=str)

        assert 200 == len(explained.value)
        assert f"'{'a' * 68}..." == str(explained).splitlines()[0]

    def test_a_step_reads_alone(self) -> None:
        """The text of a step is its date, its change and its citations."""
        log = EventLog.of(Event(Fact("a"), when="2015~", cite=[self.DAILY, self.LATER]))
        (step,) = log.as_of("2016-01-01").explain(last_value, of=str).steps

        assert "2015~  '' -> 'a'  Daily (2015-07-01); Yearbook (2016)" == str(step)

    def test_an_aside_names_the_entries(self) -> None:
        """A claim set aside names its entry, and the entry that stands against it."""
        log = EventLog.of(Event(Fact("a"), when="2015-01-01", cite=self.DAILY))
        log = log.retract(0, because="hearsay")
        (aside,) = log.as_of("2015-01-01").explain(count, of=int).set_aside

        assert (log[0], log[1], Reason.RETRACTED) == (
            aside.entry, aside.by, aside.reason,
        )  # fmt: skip

    def test_claims_that_would_change_nothing_are_left_out(self) -> None:
        """A claim set aside is told only where it would have changed the value."""
        log = EventLog.of(Event(Fact("a"), when="2015-01-01"))
        log = log.retract(0, because="hearsay")

        assert () == log.as_of("2015-01-01").explain(count, of=bool).steps
        assert () == log.as_of("2015-01-01").explain(values, of=type).set_aside

    def test_claims_set_aside_stand_between_what_was_known(self) -> None:
        """What was not known yet takes no place, nor does the order of the log."""
        log = EventLog()
        for value, when, known in (
            ("a", "2010", "2020-01-01"),
            ("b", "2011", None),
            ("c", "2013", None),
            ("c", "2014", None),
            ("b", "2012", None),
            ("c", "2012-06", None),
            ("b", "2010-06", None),
        ):
            log = log.append(Event(Fact(value), when=when), known=known)
        for position in range(3, 7):
            log = log.retract(position, because="forged")
        explained = log.as_of("2016-01-01", "2016-01-01").explain(last_value, of=str)

        assert ["b", "c"] == [step.after for step in explained.steps]
        assert [5, 6] == [aside.entry.position for aside in explained.set_aside]


def test_a_step_says_who_says_which_part_and_not_who_is_silent() -> None:
    """Of a date, a place and fields that the claims say in more than one way."""
    whole, part = Source("Whole"), Source("Part")
    log = EventLog.of(
        Event(Visited("AZE", "CHN"), when="2015", cite=part, id="x"),
        Event(
            Visited("AZE", "CHN", occasion="summit"),
            when="2015-05",
            where=Place("Baku"),
            cite=whole,
            id="x",
        ),
    )
    (step,) = log.as_of("2016-01-01").explain(everything, of=len).steps

    assert [
        ("when", "2015", "Part"),
        ("when", "2015-05", "Whole"),
        ("where", "Baku", "Whole"),
        ("occasion", "summit", "Whole"),
    ] == [(one.part, one.text, one.cite[0].source.title) for one in step.wordings]


@given(
    when=st.sampled_from(DATES),
    days=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
)
@example("2015-12-3X/2016-01-01", (B, L))
def test_a_single_event_has_the_steps_of_its_outcomes(
    when: str, days: tuple[int, int]
) -> None:
    """Of a period too, in which what began may have ended again."""
    since, until = (date.fromordinal(day).isoformat() for day in sorted(days))
    log = EventLog.of(Event(Fact("a"), when=when))
    for view in (log.as_of(until), log.during(f"{since}/{until}")):
        explained = view.explain(lasting, of=len)
        outcomes = view.outcomes(lasting, of=len)
        assert outcomes.complete

        possible = {explained.value, *(step.after for step in explained.undecided)}
        assert possible == {*outcomes.values}


@given(
    joined=st.sampled_from(DATES),
    left=st.sampled_from(DATES),
    days=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
)
@example("2015-12-3X", "2015-12-31", (B, C))
def test_what_may_have_begun_is_tried_with_what_ends_it(
    joined: str, left: str, days: tuple[int, int]
) -> None:
    """Who has certainly left in a period is no member at its end."""
    since, until = (date.fromordinal(day).isoformat() for day in sorted(days))
    log = EventLog.of(
        Event(Joined("AZE", "x"), when=joined), Event(Left("AZE", "x"), when=left)
    )
    for view in (log.as_of(until), log.during(f"{since}/{until}")):
        explained = view.explain(PAIR, of=members)
        outcomes = view.outcomes(PAIR, of=members)
        assert outcomes.complete

        assert {step.after for step in explained.undecided} <= {*outcomes.values}


BOTH = frozenset({"AZE", "CHN"})
# Of these only the last counts, or all do.
WORDS = st.sampled_from(["one", "other"])
FACTS_OF_FEW = st.one_of(
    st.builds(PositionDeclared, st.just("AZE"), st.just("topic"), WORDS),
    st.builds(ProjectStatusChanged, st.just(BOTH), st.just("project"), WORDS),
    st.builds(IndicatorObserved, st.just(BOTH), WORDS, st.just(1), st.just("USD")),
    st.just(Visited("AZE", "CHN")),
)
# Dates of which a view may leave the earlier days only.
GAPS = "[2015-12-30,2016-01-30]", "[2015-12-31,2016-01-11,2016-01-31]"


def in_short(state: Relationship) -> tuple[object, ...]:
    """Return what a state has of them, by id."""
    parts = state.positions, state.projects, state.indicators
    ids = [sorted(event.id for event in part.values()) for part in parts]
    return *map(tuple, ids), len(state.visits)


@given(
    facts=st.lists(
        st.tuples(FACTS_OF_FEW, st.sampled_from([*DATES, *GAPS])), max_size=4
    ),
    days=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
)
@example(
    [
        (PositionDeclared("AZE", "topic", "one"), GAPS[0]),
        (PositionDeclared("AZE", "topic", "other"), "2016-01-01"),
    ],
    (B, L),
)
@example(
    [
        (PositionDeclared("AZE", "topic", "one"), "2015-12-3X"),
        (PositionDeclared("AZE", "topic", "other"), "2016-01-01"),
    ],
    (B, L),
)
def test_an_undecided_step_leads_to_a_value_of_the_outcomes(
    facts: list[tuple[object, str]], days: tuple[int, int]
) -> None:
    """It is not tried after what came later on all days on which it can have come."""
    since, until = (date.fromordinal(day).isoformat() for day in sorted(days))
    events = [
        Event(what, when=when, id=f"e{n}") for n, (what, when) in enumerate(facts)
    ]
    log = EventLog.of(*events)
    for view in (log.as_of(until), log.during(f"{since}/{until}")):
        outcomes = view.outcomes(PAIR, of=in_short)
        if outcomes.complete:
            steps = view.explain(PAIR, of=in_short).undecided
            assert {step.after for step in steps} <= {*outcomes.values}
