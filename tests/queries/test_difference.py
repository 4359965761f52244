"""Differences: what changed between two views, against a plain comparison of claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any, ClassVar, TypeVar

import pytest
from attrs import evolve, frozen
from hypothesis import example, given
from hypothesis import strategies as st
from log_model import ALWAYS, NEVER, Claim, Model
from log_strategies import (
    KNOWN_BY,
    Deed,
    Fact,
    events,
    everything,
    known_by_days,
    last_value,
    logs,
    tally,
    values,
    view_days,
)
from marks_model import (
    DATES,
    VIEWS,
    certain,
    lasting,
    numbers,
    random_log,
    spans,
    trace,
)

from bri_timeline import (
    Change,
    Entry,
    Event,
    EventLog,
    Place,
    Prefer,
    Projection,
    Source,
    View,
    projection,
)
from bri_timeline._events import _event
from bri_timeline._journal import Claims
from bri_timeline.measures import count


T = TypeVar("T")
Marks = list[tuple[Event, bool]]
Told = list[tuple[Event | None, Event | None, tuple[Entry, ...], bool]]
LONG = logs(max_size=12, dates=tuple(DATES))
PLAIN: list[Projection[Any]] = [everything, last_value, tally, values]


@projection(initial=tuple, reads=Deed)
def deeds(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """The values of deeds, which only some facts are."""
    return (*state, event.what.value)


LATER = "2017-01-01"


def two_of(some: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, T]]:
    """Return two of some values, which are often the same."""
    return some.map(lambda one: (one, one)) | st.tuples(some, some)


def said(value: str) -> Event:
    """Return a claim of the tests with a value."""
    return evolve(SAID, what=Fact(value, SAID.parties))


SAID = Event(Fact("a", frozenset({"AAA", "BBB"})), when="2015-12-31")
LEAFLET = [Source("Leaflet")]
FOLDS = [trace, lasting, numbers, everything, values, deeds]


class Shown:
    """What a view shows, by the models alone.

    Args:
        log: The log.
        day: The last day.
        known_by: A day or a position, or None.
        since: The first day, or None.
        prefer: Which claim of a dispute is taken.
    """

    def __init__(
        self,
        log: EventLog,
        day: date,
        known_by: date | int | None = None,
        since: date | None = None,
        prefer: Prefer = Prefer.LATEST_KNOWN,
    ) -> None:
        entries = tuple(log)
        number = known_by.toordinal() if isinstance(known_by, date) else known_by
        by_position = isinstance(known_by, int)
        known = NEVER if number is None else number
        self.model = Model(entries, known, by_position, prefer=prefer)
        self.claims = [claims[0] for claims in self.model.rival_claims()]
        self.day = day.toordinal()
        self.since = ALWAYS if since is None else since.toordinal()

    def marks(self) -> Marks:
        """Return the beginnings and ends that are certain, in fold order."""
        found = certain(self.claims, self.day)
        begun = [m for m in found if min(spans(m.event))[0] >= self.since]
        return [(mark.event, mark.ends) for mark in begun]

    def original(self, entry: Entry) -> Entry:
        """Return the claim that an entry corrects or retracts, in the end."""
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        return entry if target is None else self.original(self.model.entries[target])

    def claim(self, name: str) -> Claim:
        """Return the counting claim about a happening."""
        return next(claim for claim in self.claims if claim.event.id == name)

    def names(self, event: Event) -> list[str]:
        """Return all ids of a happening, the one that is shown first."""
        return [event.id, *sorted(self.claim(event.id).names - {event.id})]


def paired(
    one: Shown, two: Shown, before: Marks, after: Marks
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of happenings that share a claim, from either side."""
    known: dict[str, str] = {}
    for event, ends in after:
        known.update({} if ends else {event.id: event.id})
    for event, _ in after:
        for name in two.names(event):
            known.setdefault(name, event.id)
    there: dict[str, str] = {}
    for event, _ in before:
        for name in one.names(event):
            if name in known:
                there.setdefault(event.id, known[name])
    back: dict[str, str] = {}
    for name, other in there.items():
        if other not in back or name == other:
            back[other] = name
    return there, back


def told(
    fold: Projection[Any], one: Shown, two: Shown, before: Marks, after: Marks
) -> Told:
    """Return the changes between marks, with the entries responsible."""
    old = {(event.id, ends): event for event, ends in before}
    new = {(event.id, ends): event for event, ends in after}
    there, back = paired(one, two, before, after)
    # What two claim equally is no change, and none for a third one that is theirs too.
    equal = {
        (name, other, ends)
        for name, other in there.items()
        for ends in (False, True)
        if same(old.get((name, ends)), new.get((other, ends)))
    }
    gone = {(name, ends) for name, _, ends in equal}
    come = {(other, ends) for _, other, ends in equal}

    def merged(name: str) -> str:
        # Of those that became one, that which has its id.
        first = back.get(there.get(name, ""), name)
        return first if {(name, False), (first, False)} <= old.keys() - gone else name

    pairs = [
        *((merged(n), there.get(n), end) for n, end in changing(fold, before, gone)),
        *((back.get(n), n, end) for n, end in changing(fold, after, come)),
    ]
    found: Told = []
    for name, other, end in pairs:
        ends = (
            end
            and (name, False) in gone | {(None, False)}
            and ((other, False) in come | {(None, False)})
        )
        claim = None if (name, ends) in gone else old.get((name or "", ends))
        latest = None if (other, ends) in come else new.get((other or "", ends))
        row = (claim, latest, responsible(one, two, name, other, latest), ends)
        if row not in found:
            found.append(row)
    return found


def changing(
    fold: Projection[Any], marks: Marks, others: set[tuple[str, bool]]
) -> list[tuple[str, bool]]:
    """Return the marks that others lack or claim differently, and that matter."""
    state, found = fold.initial(), []
    for event, ends in marks:
        if fold.reads is None or isinstance(event.what, fold.reads):
            step: Callable[..., object] | None = fold.ends if ends else fold.evolve
            after = state if step is None else step(state, event)
            if (event.id, ends) not in others and after != state:
                found.append((event.id, ends))
            state = after
    return found


def same(one: Event | None, two: Event | None) -> bool:
    """Check that two claims about a happening say the same."""
    if one is None or two is None:
        return one is two
    return (one.what, one.when, one.where) == (two.what, two.when, two.where)


def responsible(
    one: Shown, two: Shown, name: str | None, other: str | None, latest: Event | None
) -> tuple[Entry, ...]:
    """Return the entries about a happening that only one view knows, or its claim."""
    sides = (one, two)
    lost = latest is None
    shown = (name if lost else other) or ""
    names = {shown, *(one if lost else two).claim(shown).names}
    originals = [
        side.original(entry)
        for side in sides
        for entry in side.model.known
        if entry.event is not None and names.intersection(entry.event.names)
    ]
    here, there = (
        {e.position: e for e in side.model.known if side.original(e) in originals}
        for side in sides
    )
    positions = sorted({*here, *there})
    lacking = [p for p in positions if here.get(p) != there.get(p)]
    only = tuple(there.get(p) or here[p] for p in lacking)
    return only or (one if lost else two).claim(shown).entries


def as_told(changes: Sequence[Change]) -> Told:
    """Return the parts of changes."""
    return [(c.before, c.after, c.entries, c.ends) for c in changes]


Cut = tuple[date, date | int | None, date | None]


def cuts(log: EventLog, random: Random) -> Cut:
    """Return a day, what is known, and maybe the first day, drawn at random."""
    since, day = sorted(date.fromordinal(random.choice(VIEWS)) for _ in range(2))
    known_by = random.choice([None, *KNOWN_BY, random.randrange(len(log))])
    return day, known_by, random.choice([None, None, since])


def seen(log: EventLog, cut: Cut) -> View:
    """Return the view of a cut."""
    day, known_by, since = cut
    if since is None:
        return log.as_of(day, known_by)
    return log.during((since, day), known_by)


def agree(log: EventLog, fold: Projection[Any], one: Cut, two: Cut) -> None:
    """Check the difference between two views of a log."""
    views, shown = (
        [seen(log, cut) for cut in (one, two)],
        [Shown(log, *one), Shown(log, *two)],
    )
    # Without `ends` a projection has no marks but beginnings.
    marks = [
        [mark for mark in side.marks() if fold.ends is not None or not mark[1]]
        for side in shown
    ]
    found = views[0].diff(views[1], fold)

    assert as_told(found.changes) == told(fold, *shown, *marks)
    assert [found.before, found.after] == [view.project(fold) for view in views]


class TestChanges:
    """Changes, in order, with the entries responsible."""

    @given(log=LONG, random=st.randoms(use_true_random=False))
    def test_diff_tells_what_a_comparison_of_all_claims_tells(
        self, log: EventLog, random: Random
    ) -> None:
        """Two days, two states of knowledge and two windows, in any combination."""
        if len(log):
            fold = random.choice(FOLDS)
            agree(log, fold, cuts(log, random), cuts(log, random))

    @pytest.mark.full
    def test_diff_of_longer_logs_tells_what_a_comparison_tells(
        self, trials: Callable[..., int]
    ) -> None:
        """Logs with many corrections and retractions, of which most ask several times.

        States that were kept for one question must not be taken for another.
        """
        for seed in range(trials(600, share=6)):
            random = Random(seed)
            log, fold = random_log(random, most=12), random.choice(FOLDS)
            for _ in range(4):
                agree(log, fold, cuts(log, random), cuts(log, random))

    @given(
        log=logs(max_size=8),
        grown=st.tuples(st.lists(events(), max_size=3), st.lists(events(), max_size=3)),
        targets=st.tuples(st.integers(-4, 3), st.integers(-4, 3)),
        days=st.tuples(view_days(), view_days()),
        fold=st.sampled_from(PLAIN),
        anew=st.booleans(),
    )
    @example(  # one has an id for what the other knows by its words alone
        log=EventLog(),
        grown=([SAID, SAID, SAID.named("x")], [SAID, SAID, SAID.cited(LEAFLET)]),
        targets=(0, 1),
        days=(date(2015, 12, 31), date(2015, 6, 15)),
        fold=everything,
        anew=False,
    )
    def test_diff_compares_logs_that_grew_from_one(
        self,
        log: EventLog,
        grown: tuple[list[Event], list[Event]],
        targets: tuple[int, int],
        days: tuple[date, date],
        fold: Projection[Any],
        anew: bool,
    ) -> None:
        """Logs that share their first entries, or only have equal ones."""
        logs = []
        for new, target in zip(grown, targets, strict=True):
            # A log of its own has equal entries, and shares none of them.
            other = EventLog.partial(log, len(log)) if anew else log
            for event in new:
                model = Model(tuple(other))
                is_claim = 0 <= target < len(other) and other[target].event is not None
                if is_claim and not model.is_retracted(other[target]):
                    other = other.append(event, supersedes=target)
                else:
                    other = other.append(event)
            logs.append(other)
        views = [one.as_of(day) for one, day in zip(logs, days, strict=True)]
        shown = [Shown(one, day) for one, day in zip(logs, days, strict=True)]
        marks = [[(event, False) for event in view.events] for view in views]

        assert as_told(views[0].diff(views[1], fold).changes) == told(
            fold, *shown, *marks
        )

    @given(
        log=logs(max_size=10),
        days=two_of(view_days()),
        known=two_of(known_by_days()),
        chosen=st.tuples(st.integers(0, 4), st.integers(0, 4)),
        fold=st.sampled_from([everything, values]),
    )
    def test_diff_compares_readings_and_selections(
        self,
        log: EventLog,
        days: tuple[date, date],
        known: tuple[date, date],
        chosen: tuple[int, int],
        fold: Projection[Any],
    ) -> None:
        """A log read by another policy, bounded by its reports, or in part."""
        cited = Prefer.MOST_CITED
        readings = [
            (log, Prefer.LATEST_KNOWN),
            (log.reading(prefer=cited), cited),
            (log.reading(bounded_by_reports=True), Prefer.LATEST_KNOWN),
            (log.where(lambda event: event.what.value == "a"), Prefer.LATEST_KNOWN),
            (log.among("AAA"), Prefer.LATEST_KNOWN),
        ]
        views, shown = [], []
        for number, day, basis in zip(chosen, days, known, strict=True):
            read, prefer = readings[number]
            views.append(read.as_of(day, known_by=basis))
            shown.append(Shown(log, day, basis, prefer=prefer))
        # Which claims count is for other tests; here what a view shows is given.
        marks = [[(event, False) for event in view.events] for view in views]

        assert as_told(views[0].diff(views[1], fold).changes) == told(
            fold, *shown, *marks
        )

    def test_what_a_correction_alters_is_a_change_whichever_part_it_is(self) -> None:
        """The payload, the date or the place, each alone."""
        claim = Event(Fact("a"), when="2016-01-01")
        for part in (
            {"what": Fact("b")},
            {"when": "2016-01"},
            {"where": Place("Baku")},
        ):
            log = EventLog.of(claim)
            right = evolve(claim, **part)
            log = log.append(right, supersedes=0, known="2016-06-01")
            days = log.as_of(LATER, "2016-05-31"), log.as_of(LATER)
            (change,) = days[0].diff(days[1], everything).changes

            assert (change.before, change.after) == (
                days[0].events[0],
                days[1].events[0],
            )
            assert (log[1],) == change.entries

    def test_claims_that_become_one_are_one_change(self) -> None:
        """Neither says what both say then: it is the first that has changed."""
        log = EventLog.of(*(said(value) for value in "ab"))
        for position in (0, 1):
            log = log.append(said("c"), supersedes=position)
        day = "2017-01-01"
        before, after = log.as_of(day, 1), log.as_of(day, 3)
        (change,) = before.diff(after, values).changes

        assert (*before.events[:1], *after.events) == (change.before, change.after)
        assert [2, 3] == [entry.position for entry in change.entries]

    def test_diff_between_days_before_the_first_year(self) -> None:
        """Day number 0 is a day as any other: the last of the year before the first."""
        whens = ("-0001-12-31", "0000-06-01", "0000-12-31", "0001-01-01")
        log = EventLog.of(*(Event(Fact("a"), when=when) for when in whens))
        days = "-0002-01-01", "0000-01-01", "0000-12-31", "0001-12-31"
        for first, one in enumerate(days):
            for last, two in enumerate(days):
                found = log.as_of(one).diff(log.as_of(two), everything)
                counts = [(0, 1, 3, 4)[place] for place in (first, last)]

                assert [len(found.before), len(found.after)] == counts
                assert len(found.changes) == abs(counts[0] - counts[1])

    def test_a_retraction_that_only_another_log_has_is_responsible(self) -> None:
        """The claim is related to nothing in the log that counts it."""
        one = EventLog.of(Event(Fact("a"), when="2015", id="x"))
        other = EventLog(one).retract(0, because="wrong")
        (change,) = one.as_of(LATER).diff(other.as_of(LATER), everything).changes

        assert change.entries == (other[1],)

    def test_what_a_position_cuts_off_is_not_known_though_it_is_recorded(self) -> None:
        """All entries of the claim are responsible, also one that both logs have."""
        first, second = (
            Event(Fact(word), when="2015", id=word, cite=Source("Daily"))
            for word in "ab"
        )
        one = EventLog.of(first, second)
        other = EventLog(one).append(second.cited([Source("Weekly")]))
        view = one.as_of(LATER, known_by=0)
        (change,) = view.diff(other.as_of(LATER), everything).changes

        assert change.entries == (other[1], other[2])

    def test_what_a_selection_leaves_out_is_known_as_the_view_knows_it(self) -> None:
        """A retraction that is not known yet is not responsible, but the claim is."""
        one, other = (
            Event(Fact(word, frozenset({"BBB"})), when="2015", id="x") for word in "ab"
        )
        log = EventLog.of(one, other).retract(0, because="wrong", known="2020-01-01")
        whole, part = (
            some.as_of(LATER, known_by=LATER) for some in (log, log.among("AAA"))
        )
        (change,) = whole.diff(part, everything).changes

        assert (change.before, change.after) == (other, None)
        assert change.entries == (log[1],)

    def test_an_entry_of_an_unrelated_log_is_not_responsible(self) -> None:
        """Another log may have something else at the position of a claim."""
        one = EventLog.of(Event(Fact("a"), when="2015", id="x"))
        other = EventLog.of(Event(Fact("b"), when="2015", id="y"))
        other = other.append(Event(Fact("a"), when="2014", id="y"), supersedes=0)
        found = one.as_of("2016-01-01").diff(other.as_of("2016-01-01"), everything)

        assert [(one[0],), (other[0], other[1])] == [c.entries for c in found.changes]


class TestWork:
    """A difference costs what lies between the views, whatever else there is."""

    @pytest.fixture
    def counts(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
        """Count digests and resolutions."""
        found = {"content_digest": 0, "resolution": 0}
        for owner, name in ((_event, "content_digest"), (Claims, "resolution")):
            original: Any = getattr(owner, name)

            def counting(
                *args: object, original: Any = original, name: str = name, **named: Any
            ) -> object:
                found[name] += 1
                return original(*args, **named)

            monkeypatch.setattr(owner, name, counting)
        return found

    @pytest.mark.parametrize("count", [400, 1_600])
    def test_diff_between_days_folds_what_lies_between(
        self, count: int, counts: dict[str, int]
    ) -> None:
        """Forty events more, in however long a log; no id is computed."""
        number, folded = counting_projection()
        log = EventLog.of(*(Event(Fact("a"), when=day(n)) for n in range(count)))
        one, two = log.as_of(day(count // 2)), log.as_of(day(count // 2 + 40))
        two.project(number)
        folded.clear()
        found = one.diff(two, number)

        assert 40 == len(found.changes)
        assert len(folded) <= 40 + 32
        assert 0 == counts["content_digest"] == counts["resolution"]

    @pytest.mark.parametrize("count", [400, 1_600])
    def test_diff_between_bases_folds_what_lies_after_the_first_difference(
        self, count: int, counts: dict[str, int]
    ) -> None:
        """One late report and one correction near the end."""
        number, folded = counting_projection()
        log = EventLog.of(*(Event(Fact("a"), when=day(n)) for n in range(count)))
        log = log.append(Event(Fact("b"), when=day(count - 20)), known=day(count))
        new = Event(Fact("c"), when=day(count - 10))
        log = log.append(new, supersedes=count - 10, known=day(count))
        views = log.as_of(day(count), known_by=day(1)), log.as_of(day(count))
        for view in views:
            view.project(number)
        folded.clear()
        counts["resolution"] = counts["content_digest"] = 0
        found = views[0].diff(views[1], number)

        old = log[count - 10].event
        assert old is not None
        assert [(old, new.named(old.id)), (None, log[-2].event)] == [
            (change.before, change.after) for change in found.changes
        ]
        assert len(folded) <= 2 * (21 + 32)
        assert counts["resolution"] <= 2  # of the cluster that changed, in each view
        assert counts["content_digest"] <= 4


@frozen
class Left:
    """A withdrawal, which may take a while."""

    member: str


@frozen
class Member:
    """A membership, which lasts until somebody leaves."""

    member: str
    until: ClassVar = (Left, ("member",))


def test_an_end_is_told_from_what_ends_others() -> None:
    """Of one claim, which two logs hold: it ended a membership, and later ended."""
    events = [
        Event(Member("AZE"), when="2015-01-01"),
        Event(Left("AZE"), when="2015-03/2015-04-30"),
    ]
    logs = [EventLog.of(*(evolve(event) for event in events)) for _ in range(2)]
    views = [
        log.as_of(day)
        for log, day in zip(logs, ("2015-04-15", "2015-12-31"), strict=True)
    ]
    found = views[0].diff(views[1], count(active=True))

    assert (1, 0) == (found.before, found.after)
    assert [(None, events[1], True)] == [
        (change.before, change.after, change.ends) for change in found.changes
    ]


def counting_projection() -> tuple[Projection[int], list[Event]]:
    """Return a projection that counts events, and a list of those that it folded."""
    folded: list[Event] = []

    @projection(initial=int)
    def number(state: int, event: Event) -> int:
        folded.append(event)
        return state + 1

    return number, folded


def day(number: int) -> str:
    """Return the text of a day."""
    return date.fromordinal(700_000 + number).isoformat()
