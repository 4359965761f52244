"""What `bri_timeline.testing` generates: dates that collide, and small logs of them."""

from __future__ import annotations

import math
from datetime import date
from enum import Enum
from itertools import combinations, count, permutations
from typing import TYPE_CHECKING

import pytest
from attrs import field, frozen
from attrs.validators import ge
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from bri_timeline import Citation, Edtf, Event, EventLog, Source, Vocabulary
from bri_timeline.errors import DayError, VocabularyError
from bri_timeline.relations import FACTS, Joined, Left
from bri_timeline.testing import (
    citations,
    days,
    edtfs,
    events,
    logs,
    payloads,
    sources,
    views,
)
from bri_timeline.testing._projections import _lists


if TYPE_CHECKING:  # a type that cannot be found when somebody looks for it
    from decimal import Decimal as Nowhere


GENERATE = [Phase.generate]
# To shrink what is found takes most of the time.
FINDS = settings(max_examples=2_000, phases=GENERATE)


@frozen
class Pledged:
    """A fact of the tests."""

    country: str
    millions: int


class Colour(Enum):
    """One of a few."""

    RED = 1


@frozen
class Inner:
    """Part of a fact."""

    text: str


@frozen
class Outer:
    """A fact with fields of every kind."""

    inner: Inner
    several: tuple[Inner, ...]
    pair: tuple[int, str]
    some: frozenset[str]
    colour: Colour
    maybe: str | None
    day: date
    when: Edtf
    raw: bytes
    share: float


@frozen
class Counted:
    """A fact that refuses some numbers."""

    number: int = field(validator=ge(1))


CLAIMS = events(Pledged)
EVENTS = st.lists(CLAIMS, min_size=2, max_size=4)
# Enough of what is drawn at random for a share to be told.
DRAWS = settings(
    max_examples=100, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


# Every kind of date, and what tells it.
KINDS = {
    "extent": lambda when: when.is_extent,
    "several": lambda when: when.is_several,
    "uncertain": lambda when: when.is_uncertain,
    "approximate": lambda when: when.is_approximate,
    "no first day": lambda when: when.first_day is None,
    "no last day": lambda when: when.last_day is None,
    "level 0": lambda when: when.level == 0,
    "level 1": lambda when: when.level == 1,
    "level 2": lambda when: when.level == 2,
    "masked": lambda when: "X" in str(when),
    "long ago": lambda when: when.last_day is not None and when.last_day < 1,
    "far ahead": lambda when: when.first_day is not None and when.first_day > 10**7,
}
LATE = "9000-01-01"
LOGS = {
    "correction": lambda log: any(entry.supersedes is not None for entry in log),
    "retraction": lambda log: any(entry.retracts is not None for entry in log),
    "dispute": lambda log: log.as_of(LATE).disputes,
    "witness": lambda log: any(len(event.cite) > 2 for event in log.as_of(LATE).events),
    "contradiction": EventLog.contradictions,
    "undecided": lambda log: log.as_of("2016-01-01").undecided,
}
VIEWS = {
    "certain and undecided": lambda view: view.events and view.undecided,
    "by position": lambda view: view.events and "position" in view.basis,
    "by day": lambda view: view.events and view.basis.startswith("2"),
}


def share(strategy: st.SearchStrategy[object], condition: object) -> float:
    """Return how many of some values meet a condition."""
    met: list[bool] = []

    @DRAWS
    @given(strategy)
    def draw(value: object) -> None:
        met.append(bool(condition(value)))

    draw()
    return sum(met) / len(met)


def overlapping(claims: list[Event]) -> bool:
    """Tell whether two of some events can lie on one day."""
    spans = [(e.when.earliest_start, e.when.latest_start) for e in claims]
    return any(a[0] <= b[1] and b[0] <= a[1] for a, b in combinations(spans, 2))


def crossed(claims: list[Event]) -> bool:
    """Tell whether one of some events can begin first, and is certain last."""
    spans = [(e.when.earliest_start, e.when.latest_start) for e in claims]
    return any(
        -math.inf < a[0] < b[0] and b[1] < a[1] < math.inf
        for a, b in permutations(spans, 2)
    )


class TestDates:
    """`edtfs()` and `days()`."""

    @pytest.mark.slow
    def test_edtfs_find_a_false_law(self) -> None:
        """What can begin first is not what is certain first, in many an example.

        Of dates drawn over centuries, two in a hundred examples show it.
        """
        assert share(EVENTS, crossed) > 0.25

    @pytest.mark.slow
    def test_edtfs_overlap_in_most_examples(self) -> None:
        """Of two to four events, two have dates that overlap in most examples."""
        assert share(EVENTS, overlapping) > 0.8

    @pytest.mark.slow
    def test_edtfs_are_equal_in_many_examples(self) -> None:
        """Of two to four events, two have equal dates in many an example."""

        def tied(claims: list[Event]) -> bool:
            return len({event.when for event in claims}) < len(claims)

        assert share(EVENTS, tied) > 0.1

    def test_edtfs_shrink_to_one_plain_day(self) -> None:
        """The simplest dates are one day, the same for all."""
        found = find(st.lists(edtfs(), min_size=2), lambda _: True)

        assert [Edtf("2015-12-30")] * 2 == found

    @pytest.mark.parametrize("kind", KINDS)
    def test_edtfs_generate_every_kind_of_date(self, kind: str) -> None:
        """All of EDTF is generated, unless something is asked not to be."""
        find(edtfs(), KINDS[kind], settings=settings(FINDS, max_examples=5_000))

    @given(st.data(), st.sets(st.sampled_from([0, 1, 2]), min_size=1))
    def test_edtfs_generate_only_the_given_levels(
        self, data: st.DataObject, levels: set[int]
    ) -> None:
        """No date is of another level than those given."""
        assert data.draw(edtfs(levels=levels)).level in levels

    @given(edtfs(allow_extents=False, allow_several=False))
    def test_edtfs_leave_out_extents_and_sets(self, when: Edtf) -> None:
        """What lasted, and several days, can be left out."""
        assert (False, False) == (when.is_extent, when.is_several)

    @given(st.data(), st.dates(), st.integers(0, 800))
    def test_edtfs_stay_between_the_given_days(
        self, data: st.DataObject, first: date, width: int
    ) -> None:
        """No date can be a day before the first or after the last."""
        last = date.fromordinal(min(first.toordinal() + width, date.max.toordinal()))
        when = data.draw(edtfs(min_day=first, max_day=last))
        day = date.fromisoformat(data.draw(days(min_day=first, max_day=last)))

        assert when.first_day is not None
        assert when.last_day is not None
        assert first.toordinal() <= when.first_day <= when.last_day <= last.toordinal()
        assert first <= day <= last

    @given(edtfs(min_day="2030-01-01"), edtfs(max_day="1918-11-11"))
    def test_edtfs_take_one_limit_alone(self, late: Edtf, early: Edtf) -> None:
        """Only the first or only the last day can be given."""
        assert None not in (late.first_day, early.last_day)
        assert date(2030, 1, 1).toordinal() <= (late.first_day or 0)
        assert (early.last_day or 0) <= date(1918, 11, 11).toordinal()

    @given(edtfs(allow_distant=False))
    def test_edtfs_stay_within_the_years_of_date(self, when: Edtf) -> None:
        """Without distant years, each end is a `date`, open or unknown."""
        assert all(end is None or end.year > 0 for end in (when.earliest, when.latest))

    @given(edtfs(min_day="2015-12-01", allow_unbounded=True))
    def test_edtfs_combine_open_ends_with_a_limit(self, when: Edtf) -> None:
        """With open ends permitted, a limit holds for the ends that there are."""
        assert when.first_day is None or when.first_day >= date(2015, 12, 1).toordinal()

    @pytest.mark.parametrize(
        ("asked", "error"),
        [
            ({"levels": []}, ValueError),
            ({"levels": [3]}, ValueError),
            ({"min_day": "2016-01-02", "max_day": "2016-01-01"}, ValueError),
            ({"min_day": "2016-01"}, DayError),
        ],
    )
    def test_edtfs_refuse_a_range_without_dates(
        self, asked: dict[str, object], error: type[Exception]
    ) -> None:
        """A range or level without dates is refused at once."""
        with pytest.raises(error):
            edtfs(**asked)

    @given(st.data(), st.sampled_from([0, 1, 2]))
    def test_edtfs_of_one_day_have_every_level(
        self, data: st.DataObject, level: int
    ) -> None:
        """There is a date of each level that can be one day alone, in any year."""
        day = data.draw(st.sampled_from(["0001-01-01", "2016-02-01", "9999-12-31"]))
        when = data.draw(edtfs(levels=[level], min_day=day, max_day=day))

        assert when.level == level
        assert when.first_day == when.last_day == Edtf(day).first_day

    def test_edtfs_refuse_level_0_before_year_0(self) -> None:
        """A year before 0 has no date of level 0: an error says so."""
        strategy = edtfs(levels=[0], min_day="-0044-03-15", max_day="-0044-03-15")

        with pytest.raises(ValueError, match=r"no dates of levels=\[0\], min_day"):
            find(strategy, lambda _: True)

    def test_edtfs_have_a_repr_of_one_line(self) -> None:
        """A failure that names the strategy says in a line what it was asked for."""
        strategy = edtfs(min_day="2015-01-01", levels=[0, 1])

        assert "levels=[0, 1], min_day='2015-01-01'" in repr(strategy)
        assert "levels=[0, 1, 2]" in repr(logs(events(Pledged, when=edtfs())))


class TestPayloads:
    """`payloads()`."""

    @given(payloads(FACTS))
    def test_payloads_generate_shipped_facts(self, fact: object) -> None:
        """The facts of relations are generated from their classes alone."""
        assert type(fact) in FACTS

    @pytest.mark.parametrize("name", list(FACTS))
    def test_payloads_generate_each_shipped_fact(self, name: str) -> None:
        """There is an instance of each of them."""
        find(payloads(FACTS), lambda fact: type(fact).__name__ == name, settings=FINDS)

    def test_payloads_fill_fields_by_their_types(self) -> None:
        """Fields are filled by their types, those of other classes too."""
        found = find(payloads(Outer), lambda _: True)

        assert (
            Outer(
                Inner("AZE"), (), (0, "AZE"), frozenset(), Colour.RED, None,
                date(2015, 12, 30), Edtf("2015-12-30"), b"", 0.0,
            )
            == found
        )  # fmt: skip

    def test_payloads_take_a_strategy_for_a_field(self) -> None:
        """A strategy given by the name of a field is what fills it."""
        found = find(payloads(Pledged, millions=st.just(821)), lambda _: True)

        assert Pledged("AZE", 821) == found

    @given(payloads(Counted))
    def test_payloads_draw_refused_values_anew(self, counted: Counted) -> None:
        """Values that the class itself refuses are drawn anew."""
        assert counted.number >= 1

    @pytest.mark.parametrize(
        ("kinds", "fields"),
        [
            ((), {}),
            ((int,), {}),
            (("Pledged",), {}),
            ((type("Repledged", (Pledged,), {}),), {}),
            ((Pledged,), {"x": st.none()}),
        ],
    )
    def test_payloads_refuse_other_classes_and_unknown_fields(
        self, kinds: tuple[type, ...], fields: dict[str, st.SearchStrategy[object]]
    ) -> None:
        """A value that is not an attrs class, or an unknown field, is refused."""
        with pytest.raises(TypeError):
            payloads(*kinds, **fields)

    def test_payloads_report_a_type_that_cannot_be_resolved(self) -> None:
        """A type that is named and cannot be found is an error that says so."""

        @frozen
        class Lost:
            part: Nowhere

        with pytest.raises(VocabularyError):
            payloads(Lost)


class TestMeetings:
    """What decides whether a mistake is met: events of one key, in lists of several."""

    @pytest.mark.slow
    def test_many_examples_have_few_words(self) -> None:
        """A key of two fields would else rarely come twice."""
        numbers = []

        @settings(max_examples=100, derandomize=True, database=None, phases=GENERATE)
        @given(st.lists(payloads(Pledged), min_size=24, max_size=24))
        def drawn(some: list[Pledged]) -> None:
            numbers.append(len({one.country for one in some}))

        drawn()
        assert 30 <= sum(number <= 2 for number in numbers) <= 70

    @pytest.mark.slow
    def test_many_lists_of_a_check_are_long(self) -> None:
        """Two events, of which the one is undone by the other, need a third."""
        sizes = []

        @settings(max_examples=100, derandomize=True, database=None, phases=GENERATE)
        @given(_lists(events(Pledged)))
        def drawn(some: list[Event]) -> None:
            sizes.append(len(some))

        drawn()
        assert 40 <= sum(size >= 4 for size in sizes)
        assert 20 <= sum(size < 4 for size in sizes)


class TestEvidence:
    """`sources()` and `citations()`."""

    @given(sources(published=st.just(Edtf("2016"))))
    def test_sources_take_a_strategy_for_publication(self, source: Source) -> None:
        """When a source appeared is drawn from what is given."""
        assert Edtf("2016") == source.published

    @given(citations(st.just(Source("Daily"))))
    def test_citations_take_a_strategy_for_sources(self, citation: Citation) -> None:
        """A citation cites the source that is given."""
        assert Source("Daily") == citation.source

    def test_sources_repeat_in_many_examples(self) -> None:
        """Two sources are often the same document."""

        def same(pair: tuple[Source, Source]) -> bool:
            return pair[0].title == pair[1].title

        assert share(st.tuples(sources(), sources()), same) > 0.2


class TestEvents:
    """`events()`."""

    @given(
        events(
            st.just("met"),
            when=edtfs(),
            cite=citations(st.just(Source("Daily"))),
            ids=st.just("x"),
        )
    )
    def test_events_take_a_strategy_for_each_part(self, event: Event) -> None:
        """Payload, date, citations and id are drawn from what is given."""
        assert ("met", "x") == (event.what, event.id)
        assert {"Daily"} >= {citation.source.title for citation in event.cite}
        assert not event.when.is_several

    @given(events(Vocabulary(Pledged)))
    def test_events_take_a_vocabulary(self, event: Event) -> None:
        """A vocabulary, like a class, says what the payloads are."""
        assert isinstance(event.what, Pledged)

    @pytest.mark.parametrize("kind", [Pledged, Joined, Left, str])
    def test_events_mix_classes_vocabularies_and_strategies(self, kind: type) -> None:
        """Classes, vocabularies and strategies are given together; each comes up."""
        several = events(Pledged, Vocabulary(Joined, Left), st.just("met"))

        assert find(several, lambda e: isinstance(e.what, kind), settings=FINDS)

    def test_events_refuse_an_empty_list_of_kinds(self) -> None:
        """Events of no kind are refused."""
        with pytest.raises(TypeError, match="give an attrs class, or a vocabulary"):
            find(events(), bool)


class TestLogs:
    """`logs()`."""

    @pytest.mark.parametrize("kind", LOGS)
    def test_logs_generate_every_kind_of_entry(self, kind: str) -> None:
        """Corrections, retractions, disputes, witnesses and late claims come up."""
        assert find(logs(CLAIMS), LOGS[kind], settings=FINDS)

    @pytest.mark.slow
    def test_logs_shrink_to_the_entries_that_it_takes(self) -> None:
        """To show what is wrong, a log needs no further claims."""
        assert len(find(logs(CLAIMS), LOGS["retraction"])) == 2

    @given(
        logs(
            events(Pledged, ids=st.none(), where=st.none()),
            allow_corrections=False,
            allow_disputes=False,
            allow_retractions=False,
            allow_witnesses=False,
        )
    )
    def test_logs_leave_out_kinds_of_entries(self, log: EventLog) -> None:
        """Without the other kinds, a log has plain claims."""
        assert all((None, None) == (e.supersedes, e.retracts) for e in log)
        assert () == log.as_of("9000-01-01").disputes

    @pytest.mark.slow
    @pytest.mark.parametrize("wanted", [True, False])
    def test_logs_repeat_claims_from_several_sources(self, wanted: bool) -> None:
        """The same claim comes from several sources, unless that is not wanted."""
        numbers = st.builds(next, st.just(count()))
        found = logs(events(numbers), allow_witnesses=wanted)

        def repeated(log: EventLog) -> bool:
            told = [entry.event.what for entry in log if entry.event is not None]
            return len(set(told)) < len(told)

        assert wanted == (share(found, repeated) > 0.05)

    @given(logs(CLAIMS, min_size=2, max_size=3))
    def test_logs_have_the_given_sizes(self, log: EventLog) -> None:
        """A log has at least and at most as many entries as asked for."""
        assert 2 <= len(log) <= 3

    def test_logs_shrink_to_an_empty_log(self) -> None:
        """The simplest log is empty, and the simplest of one entry a plain claim."""
        claim = Event(Pledged("AZE", 0), when="2015-12-30")

        assert EventLog() == find(logs(CLAIMS), lambda _: True)
        assert EventLog.of(claim) == find(logs(CLAIMS, min_size=1), lambda _: True)

    @pytest.mark.parametrize("sizes", [(-1, 2), (3, 2)])
    def test_logs_refuse_impossible_sizes(self, sizes: tuple[int, int]) -> None:
        """A least size above the greatest, or below 0, is refused."""
        strategy = logs(CLAIMS, min_size=sizes[0], max_size=sizes[1])

        with pytest.raises(ValueError, match="no log has"):
            find(strategy, lambda _: True)


class TestViews:
    """`views()`."""

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", VIEWS)
    def test_views_are_asked_of_days_that_divide_the_events(self, kind: str) -> None:
        """Views are asked of days that divide the events of their logs."""
        assert find(views(logs(CLAIMS)), VIEWS[kind], settings=FINDS)

    def test_views_shrink_to_a_view_of_an_empty_log(self) -> None:
        """The simplest view is of an empty log."""
        assert () == find(views(logs(CLAIMS)), lambda _: True).events

    @given(views(logs(events(Pledged, when=edtfs()))))
    def test_views_take_distant_and_open_dates(self, view: object) -> None:
        """Dates without bounds, and years far away, leave a day to be asked of."""
        assert math.isfinite(view.day_number)
