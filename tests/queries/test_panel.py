"""Panels: each row is what a view of the events of its key says."""

from __future__ import annotations

import math
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import pendulum
import pytest
from attrs import evolve
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import (
    VIEW_DAYS,
    Deed,
    Fact,
    everything,
    known_by_days,
    last_value,
    logs,
    tally,
    values,
)
from panel_worlds import (
    LOG,
    Visit,
    counting,
    guests,
    how_many,
    is_a,
    keys,
    last_price,
    many,
    pairs,
    read,
    score,
    visit,
)

from bri_timeline import (
    Answer,
    Event,
    EventLog,
    Panel,
    PanelRow,
    Projection,
    dyads,
    projection,
)
from bri_timeline._queries._tally import _Sums
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import (
    DayError,
    EntryError,
    PanelError,
    ProjectionError,
)
from bri_timeline.measures import count, distinct, latest, total
from bri_timeline.relations import relationship


class Pair(NamedTuple):
    """A key of one's own."""

    first: str
    second: str


def of_key(
    log: EventLog, key: tuple[str, str], known_by: date | int | None
) -> EventLog:
    """A log of what counts for one key, and of nothing else."""
    events = [e for e in counting(log, known_by) if key in pairs(e)]
    return EventLog.of(*events).with_cache(0)


def bounds(view: Any, projection: Projection[Any]) -> tuple[Any, Any]:
    """The bounds of the outcomes."""
    found = view.outcomes(projection, limit=10_000)
    return found.low, found.high


def row_of(
    log: EventLog,
    projection: Projection[Any],
    key: tuple[str, str],
    since: date | None,
    until: date,
    known_by: date | int | None,
) -> PanelRow[Any, Any]:
    """One row, asked by itself."""
    each = log.as_of(until, known_by).project_each(projection, by=pairs)
    certain = each.get(key, projection.initial())
    view = of_key(log, key, known_by).as_of(until)
    found = view.outcomes(projection, limit=10_000)
    first, last = since and pendulum.instance(since), pendulum.instance(until)
    # A row tells one value, unless they are numbers.
    is_told = found.low is not None or len(found.values) == 1
    is_complete = found.complete and is_told
    return PanelRow(key, first, last, certain, found.low, found.high, is_complete)


def halves(start: date, stop: date, days: int) -> list[tuple[date, date]]:
    """The periods of some days, by a loop over days."""
    found, since = [], start
    while since <= stop:
        until = min(since + timedelta(days - 1), stop)
        found.append((since, until))
        since = until + timedelta(1)
    return found


def worth_of(event: Event) -> int:
    """What an event is worth, by a function."""
    return event.what.worth if isinstance(event.what, Fact) else 0


def is_early(event: Event) -> bool:
    """It certainly began by the end of 2015: a question about its date."""
    begun = event.when.started_by if event.when.is_extent else event.when.on_or_before
    return begun("2015-12-31") is Answer.YES


def is_under_way(event: Event) -> bool:
    """It certainly lasts on 2 January 2016: a question about its end."""
    return event.when.is_extent and event.when.active_on("2016-01-02") is Answer.YES


@projection(initial=int)
def under_way_then(state: int, event: Event) -> int:
    """The number of events under way on a day, by a fold that asks for it."""
    return state + is_under_way(event)


def _one_less(state: int, event: Event) -> int:
    return state - 1


under_way = Projection(int, how_many.evolve, ends=_one_less, name="under_way")
FOLDED = [
    *(under_way, everything, last_value, tally, values, score, how_many),
    under_way_then,
]
MEASURES: list[Projection[Any]] = [
    count(),
    count(Deed),
    count(where=is_a),
    total(Fact, "worth"),
    total(Deed, "worth"),
    total(Fact, "price"),
    total(Fact, worth_of, where=is_a),
    total(Fact, worth_of),
    count(active=True),
    count(active=True, where=is_a),
    count(where=is_early),
    distinct(Fact, worth_of, where=is_a),
    distinct(Fact, worth_of, where=is_early),
    latest(Fact, worth_of),
    distinct(Fact, "value"),
    latest(Fact, "value"),
    latest(Fact, "worth"),
    count(where=is_under_way),
    distinct(Fact, "value", where=is_under_way),
]
PROJECTIONS = [*FOLDED, *MEASURES]
# Days and dates so close to one another that windows leave first days behind, and that
# have ends on days which a known beginning does not tell.
CLOSE_DAYS = [date.fromordinal(day) for day in range(735_962, 735_966)]
CLOSE_DATES = [
    *("2015-12-31", "2016-01-01", "2015-12", "2016-01", "[2015-12-31..2016-01-01]"),
    *("[2015-12-31,2016-01-02]", "2015-12-31/2016-01-02", "2015-12/2016-01-01"),
    *("2015-12-31/", "2015-12-31/2016-01", "2016-01-01/.."),
]


class TestRows:
    """The law: a row is what one would have asked for."""

    @given(
        read(),
        st.sampled_from(PROJECTIONS),
        st.sampled_from(VIEW_DAYS),
        st.integers(1, 40),
        st.integers(0, 120),
        st.none() | known_by_days() | st.integers(0, 3),
    )
    def test_a_row_is_the_answer_of_a_view_for_its_key_and_period(
        self,
        log: EventLog,
        projection: Projection[Any],
        start: date,
        step: int,
        span: int,
        known_by: date | int | None,
    ) -> None:
        """Asked at once or one by one: values, and bounds where they are numbers."""
        if isinstance(known_by, int) and known_by >= len(log):
            known_by = None
        stop = start + timedelta(span)
        panel = log.panel(
            projection,
            by=pairs,
            every=pendulum.duration(days=step),
            start=start,
            stop=stop,
            known_by=known_by,
        )
        expected = [
            row_of(log, projection, key, since, until, known_by)
            for key in keys(log, known_by)
            for since, until in halves(start, stop, step)
        ]

        assert expected == [*panel]
        assert len(expected) == len(panel)
        assert [*panel] == [*panel]

    @given(read(), st.sampled_from(PROJECTIONS), st.data())
    def test_questions_are_answered_as_if_asked_one_by_one(
        self, log: EventLog, projection: Projection[Any], data: st.DataObject
    ) -> None:
        """In the order given, each from what was known then and from nothing later."""
        known = st.none() | known_by_days()
        if len(log):
            known |= st.integers(0, len(log) - 1)
        some = st.sampled_from([*keys(log, None), ("AAA", "BBB"), ("X", "Y")])
        rows = st.tuples(some, st.sampled_from(VIEW_DAYS), known)
        asked = data.draw(st.lists(rows, max_size=6))
        panel = log.panel(projection, by=pairs, at=asked)
        expected = [
            evolve(row_of(log, projection, key, None, day, known), known_by=known)
            for key, day, known in asked
        ]

        assert expected == [*panel]
        assert len(asked) == len(panel)

    @given(
        read(),
        st.sampled_from(PROJECTIONS),
        st.none() | known_by_days(),
        st.lists(st.sampled_from(VIEW_DAYS), min_size=2, max_size=2),
    )
    def test_a_window_is_what_a_view_of_its_days_shows(
        self,
        log: EventLog,
        projection: Projection[Any],
        known_by: date | None,
        days: list[date],
    ) -> None:
        """The same by `window`, by `flow` and by a question: what `during()` says."""
        first, day = sorted(days)
        length = pendulum.duration(days=(day - first).days + 1)
        some = keys(log, known_by)
        panels = [
            log.panel(projection, by=pairs, known_by=known_by, **given)
            for given in (
                {"start": first, "stop": day, "flow": True},
                {"start": first, "stop": day, "window": length},
                {"at": [(key, day) for key in some], "window": length},
            )
        ]
        for panel in panels:
            for key, row in zip(some, panel, strict=True):
                view = of_key(log, key, known_by).during((first, day))
                found = row.value, row.low, row.high

                assert (view.project(projection), *bounds(view, projection)) == found
                assert (str(first), str(day)) == (str(row.since), str(row.until))

    @given(
        logs(plain=True, max_size=4, dates=CLOSE_DATES),
        st.sampled_from(PROJECTIONS),
        st.sampled_from(CLOSE_DAYS),
        st.integers(2, 4),
        st.none() | st.integers(1, 3) | st.just(31),
        st.integers(1, 2),
    )
    def test_each_of_the_windows_that_follow_is_what_a_view_of_its_days_shows(
        self,
        log: EventLog,
        projection: Projection[Any],
        start: date,
        rows: int,
        length: int | None,
        step: int,
    ) -> None:
        """Nothing that was found for one of them is taken for a later one.

        The windows are those of the periods, or reach back from their ends.
        """
        window = None if length is None else pendulum.duration(days=length)
        panel = log.panel(
            projection,
            by=pairs,
            every=pendulum.duration(days=step),
            start=start,
            stop=start + timedelta(step * rows - 1),
            window=window,
            flow=window is None,
        )
        for row in panel:
            first = row.since
            if length is not None:
                first = row.until.subtract(days=length - 1)
            view = of_key(log, row.key, None).during((first, row.until))
            found = row.value, row.low, row.high

            assert (view.project(projection), *bounds(view, projection)) == found

    @given(
        logs(),
        st.sampled_from([*MEASURES[:8], how_many]),
        st.integers(1, 200),
        st.sampled_from(VIEW_DAYS[1:-1]),
    )
    def test_windows_that_adjoin_hold_what_their_whole_holds(
        self, log: EventLog, projection: Projection[Any], step: int, start: date
    ) -> None:
        """Lows add up to at most that of the whole, highs to at least that.

        They are equal if no date crosses a border. A total of amounts of both signs is
        one of the two: what it certainly adds may lie in either of two windows.
        """
        stop = start + timedelta(400)
        given: dict[str, Any] = {"by": pairs, "start": start, "stop": stop}
        parts = [
            *log.panel(
                projection, every=pendulum.duration(days=step), flow=True, **given
            )
        ]
        for whole in log.panel(projection, flow=True, **given):
            mine = [row for row in parts if row.key == whole.key]
            events = [e for e in counting(log, None) if whole.key in pairs(e)]
            borders = {start, stop + timedelta(1), *(row.since for row in mine)}
            crosses = any(
                e.when.earliest_start < border.toordinal() <= e.when.latest_start
                for e in events
                for border in borders
                if border is not None
            )
            low, high = sum(r.low or 0 for r in mine), sum(r.high or 0 for r in mine)
            if not crosses:
                assert (whole.low, whole.high) == (low, high)
                assert whole.value == sum(row.value for row in mine)
            assert low <= (whole.low or 0) <= (whole.high or 0) <= high


class TestKnowledge:
    """Each question has a basis of its own, or that of the panel."""

    @given(
        log=logs(),
        fold=st.sampled_from([count(), values]),
        known=st.none() | known_by_days() | st.integers(0, 3),
        data=st.data(),
    )
    def test_the_knowledge_of_a_question_stands(
        self, log: EventLog, fold: Projection[Any], known: Any, data: st.DataObject
    ) -> None:
        """Whatever is given for those without one: a day or a position."""
        log = log.append(Event(Fact("a"), when="2014"))
        last = len(log) - 1
        bases = st.none() | known_by_days() | st.integers(0, last)
        known = min(known, last) if isinstance(known, int) else known
        asked = data.draw(st.lists(st.tuples(st.sampled_from(VIEW_DAYS), bases)))
        rows = [("all", day, basis) for day, basis in asked]
        rows += [("all", day) for day, _ in asked]
        found = log.panel(
            fold, by=lambda _event: ["all"], at=rows, known_by=known, of=_size
        )

        assert [row.value for row in found] == [
            _size(log.as_of(day, known if basis is None else basis).project(fold))
            for day, basis in (*asked, *((day, None) for day, _ in asked))
        ]


def _size(state: Any) -> int:
    return state if isinstance(state, int) else len(state)


class TestMany:
    """Keys with more events than are looked at one by one."""

    @given(st.integers(0, 1 << 32), st.integers(1, 150), st.booleans())
    @at_most(20)
    def test_sums_of_many_events_are_those_of_a_loop(
        self, seed: int, size: int, has_months: bool
    ) -> None:
        """By day and by knowledge, in windows or until a day."""
        random = Random(seed)
        start = date(2014, 1, 1).toordinal()
        rows = []
        for number in range(size):
            first = last = start + random.randrange(90)
            if has_months and not random.randrange(4):
                day = date.fromordinal(first)
                first = day.replace(day=1).toordinal()
                last = first + monthrange(day.year, day.month)[1] - 1
            known = first + random.choice([0, 0, 0, 40, 80])
            rows.append((number, first, last, known, random.randint(-3, 3)))
        log = EventLog.of(*(many(*row) for row in rows))
        asked = [
            ("KAZ", date.fromordinal(start + day), date.fromordinal(start + known))
            for day, known in (
                (random.randrange(100), random.randrange(150)) for _ in range(20)
            )
        ]
        length = random.choice([None, 1, 10, 40])
        window = None if length is None else pendulum.duration(days=length)
        for measure, amounts in (
            (count(), [1] * size),
            (total(Visit, "price"), [row[-1] for row in rows]),
        ):
            panel = log.panel(measure, by=guests, at=asked, window=window)
            for (_, day, known_by), found in zip(asked, panel, strict=True):
                until, begin = day.toordinal(), -math.inf
                if length is not None:
                    begin = until - length + 1
                certain, maybe = [], []
                for (_, first, last, known, _), amount in zip(
                    rows, amounts, strict=True
                ):
                    if known <= known_by.toordinal():
                        if begin <= first and last <= until:
                            certain.append(amount)
                        elif first <= until and last >= begin:
                            maybe.append(amount)
                low = sum(certain) + sum(a for a in maybe if a < 0)
                high = sum(certain) + sum(a for a in maybe if a > 0)

                assert (sum(certain), low, high) == (
                    found.value,
                    found.low,
                    found.high,
                )

    @pytest.mark.parametrize(
        "prices", [("1E-100", "1E+100"), ("1E-100", "1"), ("0.1", "1E+70")]
    )
    def test_amounts_of_very_different_size_add_up(
        self, prices: tuple[str, str]
    ) -> None:
        """As they do in a fold."""
        days = ["2014-01-01", "2014-01-02"]
        log = EventLog.of(*map(visit, days, map(Decimal, prices)))
        measure = total(Visit, "price")
        rows = log.panel(measure, by=guests, at=[("KAZ", day) for day in days])

        for row in rows:
            assert log.as_of(row.until).project(measure) == row.value == row.low

    def test_a_count_of_what_lasts_falls_when_it_ends(self) -> None:
        """It is no sum of beginnings."""
        log = EventLog.of(visit("2014-01-01/2014-01-02"), visit("2014-01-02/.."))
        days: dict[str, Any] = {"start": "2014-01-01", "stop": "2014-01-04"}
        panel = log.panel(count(active=True), by=guests, every="day", **days)
        asked = [("KAZ", str(row.until)) for row in panel]

        assert [1, 2, 1, 1] == [row.value for row in panel]
        assert [1, 2, 1, 1] == [
            row.value for row in log.panel(count(active=True), by=guests, at=asked)
        ]

    @pytest.mark.parametrize("window", [None, "month"])
    @pytest.mark.parametrize("when", ["2014-01-05", "2014-01"])
    def test_a_correction_counts_from_the_day_on_which_it_is_known(
        self, when: str, window: Any
    ) -> None:
        """On the day before, what it corrects does; never both, and never none."""
        log = EventLog().append(visit(when, 5), known="2014-02-01")
        log = log.append(visit(when, 7), supersedes=0, known="2014-02-10")
        days = ["2014-01-31", "2014-02-01", "2014-02-09", "2014-02-10", "2014-02-11"]
        asked = [("KAZ", "2014-01-31", day) for day in days]
        asked += [("KAZ", "2014-01-31", position) for position in (0, 1)]

        for measure in (total(Visit, "price"), latest(Visit, "price")):
            rows = log.panel(measure, by=guests, at=asked, window=window)
            found = [row.value or 0 for row in rows]
            assert [0, 5, 5, 7, 7, 5, 7] == found

    @pytest.mark.parametrize(("day", "high"), [("02", 0), ("03", 1), ("05", 1)])
    def test_a_date_with_gaps_is_not_in_a_window_between_them(
        self, day: str, high: int
    ) -> None:
        """What was on the first, the third or the fifth was not on the second."""
        log = EventLog.of(visit("[2014-01-01,2014-01-03,2014-01-05]"))
        given = {"start": f"2014-01-{day}", "stop": f"2014-01-{day}", "flow": True}
        for measure in (count(), how_many):
            [row] = log.panel(measure, by=guests, **given)

            assert (0, 0, high) == (row.value, row.low, row.high)

    def test_what_is_selected_from_a_measure_is_tried_like_any_value(self) -> None:
        """A distinct count remembers more than its number."""
        log = EventLog.of(visit("2014", 1), visit("2014-01-01", 2))
        [row] = log.panel(
            distinct(Visit, "price"),
            by=guests,
            at=[("KAZ", "2014-05-05")],
            of=lambda seen: -seen,
        )

        assert (-1, -2, -1) == (row.value, row.low, row.high)

    def test_an_amount_that_cannot_be_added_is_named_when_it_counts(self) -> None:
        """Not before: the panel of earlier years is none of its business."""
        log = EventLog.of(visit("2014-01-01", 2), visit("2015-01-01", 0.5))
        measure = total(Visit, "price")
        days: dict[str, Any] = {"by": guests, "start": "2014-01-01"}

        assert [2] == [
            row.value for row in log.panel(measure, stop="2014-12-31", **days)
        ]
        with pytest.raises(ProjectionError, match=r"0\.5 is a float"):
            [*log.panel(measure, stop="2015-12-31", **days)]


class TestPeriods:
    """Which days a row is about."""

    @pytest.mark.parametrize(
        ("every", "start", "stop", "ends"),
        [
            ("year", "2013-07-01", "2014-12-31", ["2014-06-30", "2014-12-31"]),
            ("quarter", "2014-01-01", "2014-06-30", ["2014-03-31", "2014-06-30"]),
            ("month", "2014-01-31", "2014-03-30", ["2014-02-27", "2014-03-30"]),
            ("day", "2014-02-28", "2014-03-01", ["2014-02-28", "2014-03-01"]),
            (None, "2014-01-01", "2016-05-05", ["2016-05-05"]),
            (pendulum.duration(weeks=1), "2014-01-01", "2014-01-09", ["07", "09"]),
            (
                pendulum.duration(months=1, days=1),
                "2014-01-31",
                "2014-04-02",
                ["2014-02-28", "2014-04-01", "2014-04-02"],
            ),
        ],
    )
    def test_panel_counts_periods_from_the_start(
        self, every: Any, start: str, stop: str, ends: list[str]
    ) -> None:
        """The last one ends with the panel."""
        panel = LOG.panel(how_many, by=guests, every=every, start=start, stop=stop)
        rows = [row for row in panel if row.key == "KAZ"]

        assert [True] * len(ends) == [
            str(row.until).endswith(end) for row, end in zip(rows, ends, strict=True)
        ]
        assert start == str(rows[0].since)
        for row, following in pairwise(rows):
            assert row.until.add(days=1) == following.since

    @pytest.mark.parametrize(
        ("window", "until", "since"),
        [
            ("month", "2014-02-28", "2014-02-01"),
            ("month", "2014-03-30", "2014-02-28"),
            ("year", "2014-12-31", "2014-01-01"),
            ("day", "2014-12-31", "2014-12-31"),
            (pendulum.duration(days=10), "2014-03-10", "2014-03-01"),
        ],
    )
    def test_a_window_goes_back_from_the_end_of_its_period(
        self, window: Any, until: str, since: str
    ) -> None:
        """A month before the end of February is February."""
        log = EventLog.of(visit(since), visit(until, 2))
        [row] = log.panel(how_many, by=guests, at=[("KAZ", until)], window=window)
        periods = log.panel(
            how_many, by=guests, every="day", start=until, stop=until, window=window
        )
        before = log.panel(
            how_many, by=guests, at=[("KAZ", row.until.subtract(days=1))], window=window
        )

        assert since == str(row.since)
        assert [2] == [row.value] == [row.value for row in periods]
        assert [1 if since < until else 0] == [row.value for row in before]

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"every": "week"}, "'week' is not a length of time for every="),
            ({"window": 3}, "3 is not a length of time for window="),
            ({"every": pendulum.duration(hours=36)}, "one or more whole days"),
            ({"every": pendulum.duration()}, "one or more whole days"),
            ({"every": pendulum.duration(days=-1)}, "one or more whole days"),
            ({"every": pendulum.duration(months=-1, days=40)}, "whole days"),
            ({"start": None}, "None is not a day for start="),
            ({"stop": None}, "None is not a day for stop="),
            ({"start": "2016-01-02"}, "lies after the last day, 2016-01-01"),
            ({"flow": True, "window": "day"}, "'day' is given as window= beside flow="),
            ({"at": []}, "is given as start= beside at="),
            ({"by": "dyads"}, "'dyads' is not a function .*: give by=dyads, or one"),
            (
                {"at": [], "start": None, "stop": None, "flow": True},
                "True is given as flow= beside at=",
            ),
        ],
    )
    def test_panel_refuses_what_contradicts_itself(
        self, arguments: dict[str, Any], problem: str
    ) -> None:
        """When it is asked for, not when rows are read."""
        given: dict[str, Any] = {"start": "2014-01-01", "stop": "2016-01-01"}
        with pytest.raises(PanelError, match=problem):
            LOG.panel(how_many, **{"by": guests, **given, **arguments})

    def test_panel_refuses_a_month_for_a_day(self) -> None:
        """As every question does."""
        with pytest.raises(DayError, match="is not one day"):
            LOG.panel(how_many, by=guests, start="2014-01", stop="2014-12-31")

    def test_panel_refuses_what_is_not_a_projection(self) -> None:
        """And what returns none."""
        given: Any = 7
        with pytest.raises(ProjectionError, match="7 is not a projection"):
            LOG.panel(given, by=guests, at=[])
        with pytest.raises(ProjectionError, match="7 is not a function of the state"):
            LOG.panel(how_many, by=guests, of=given, at=[])
        wrong: Any = dict
        with pytest.raises(ProjectionError, match="return a projection"):
            [*LOG.panel(wrong, by=lambda e: [()], at=[((), "2014-01-01")])]

    @pytest.mark.parametrize(
        ("row", "kind", "problem"),
        [
            ("KAZ", PanelError, "'KAZ' is not question 1: give"),
            (("KAZ",), PanelError, "is not question 1"),
            (("KAZ", "2014"), DayError, "is not one day"),
            (("KAZ", "2014-01-01", 99), EntryError, "has no position 99"),
        ],
    )
    def test_a_wrong_question_is_named(
        self, row: Any, kind: type[Exception], problem: str
    ) -> None:
        """By its number, from 0."""
        asked = [("KAZ", "2014-01-01"), row]
        with pytest.raises(kind, match=problem) as caught:
            [*LOG.panel(how_many, by=guests, at=asked)]
        notes = getattr(caught.value, "__notes__", ["question 1"])

        assert "question 1" in notes[0]

    @pytest.mark.parametrize(
        "key", [("KAZ", "CHN"), ("CHN", "CHN"), ("CHN",), ("CHN", 1), "CHN"]
    )
    def test_a_pair_in_the_other_order_is_refused(self, key: Any) -> None:
        """No event has it, so that its answer would be that of a pair without events.

        Keys of one's own are taken as they are, unless an event has the other order.
        """
        asked = [(("CHN", "KAZ"), "2020-01-01"), (key, "2020-01-01")]
        problem = r"is not a pair .*: write tuple\(sort|write \('CHN', 'KAZ'\) for"
        with pytest.raises(PanelError, match=problem):
            [*LOG.panel(how_many, by=dyads, at=asked)]
        own: Any = LOG.panel(how_many, by=lambda event: dyads(event), at=asked)

        if key == ("KAZ", "CHN"):
            with pytest.raises(PanelError, match=problem):
                list(own)
            return
        assert [row.key for row in own] == [("CHN", "KAZ"), key]

    def test_a_pair_may_be_a_named_tuple(self) -> None:
        """It is equal to a plain one."""
        asked = [(Pair("CHN", "KAZ"), "2020-01-01")]
        (row,) = LOG.panel(how_many, by=dyads, at=asked)

        assert row.value == len([e for e in LOG if e.claim.parties >= {*row.key}])


class TestValues:
    """What is in a row."""

    def test_a_row_of_a_state_without_a_hash_is_a_copy(self) -> None:
        """Whoever changes it changes no other row."""
        panel = LOG.panel(
            tally, by=guests, every="year", start="2014-01-01", stop="2016-01-01"
        )
        rows = iter(panel)
        next(rows).value["changed"] = ["yes"]

        assert "changed" not in next(rows).value

    @pytest.mark.parametrize(
        ("price", "bound"),
        [
            (True, True),
            (float("nan"), None),
            (Decimal("sNaN"), None),
            ("dear", None),
            (Fraction(1, 2), Fraction(1, 2)),
            (Decimal("1.5"), Decimal("1.5")),
            (2, 2),
        ],
    )
    def test_bounds_are_those_of_numbers(self, price: Any, bound: Any) -> None:
        """NaN is not a number; a truth value is one, as in `outcomes()`."""
        log = EventLog.of(Event(Visit("KAZ", "CHN", 0), when="2014-01-01"))
        chosen = {"of": lambda _: price}
        [row] = log.panel(last_price, by=guests, at=[("KAZ", "2014-01-01")], **chosen)

        assert (bound, bound) == (row.low, row.high)

    def test_bounds_pass_over_a_value_that_is_none(self) -> None:
        """Before the first there is no price, as in `outcomes()`."""
        log = EventLog.of(visit("2014", 5), visit("2013-01-01", 4, "AZE"))
        days = "2013-12-31", "2014-05-05", "2014-12-31"
        rows = log.panel(last_price, by=guests, at=[("KAZ", day) for day in days])

        assert [(None, None, None), (None, 5, 5), (5, 5, 5)] == [
            (row.value, row.low, row.high) for row in rows
        ]

    def test_bounds_of_events_of_one_day_allow_each_order(self) -> None:
        """Either may be the last."""
        log = EventLog.of(visit("2014-01-01", 1), visit("2014-01-01", 2))
        [row] = log.panel(last_price, by=guests, at=[("KAZ", "2014-01-01")])

        assert (2, 1, 2) == (row.value, row.low, row.high)

    def test_bounds_close_when_the_last_event_is_certain(self) -> None:
        """The events are the same in each row, and each day leaves less open."""
        log = EventLog.of(visit("2014"))
        panel = log.panel(
            how_many, by=guests, every="quarter", start="2014-01-01", stop="2015-03-31"
        )

        assert [(0, 1), (0, 1), (0, 1), (1, 1), (1, 1)] == [
            (row.low, row.high) for row in panel
        ]

    def test_bounds_of_as_many_other_events_are_found_anew(self) -> None:
        """One event of each period, on a day that is not known."""
        whens = "[2014-01-01..2014-01-02]", "[2014-02-01..2014-02-02]"
        log = EventLog.of(*(visit(when, n) for n, when in enumerate(whens, 1)))
        asked = {"every": "month", "start": "2014-01-01", "stop": "2014-02-28"}
        rows = log.panel(last_price, by=guests, flow=True, **asked)

        assert [(row.low, row.high) for row in rows] == [(1, 1), (2, 2)]

    def test_bounds_of_a_measure_that_asks_dates_try_each_day(self) -> None:
        """The date alone is not certainly early; on one of its days the event is."""
        log = EventLog.of(visit("2014-05-05"), visit("[2015-12-31..2016-01-01]"))
        measures: list[Projection[int]] = [
            count(where=is_early),
            total(Visit, "price", where=is_early),
        ]
        for measure in measures:
            panel = log.panel(
                measure, by=guests, every="year", start="2014-01-01", stop="2017-12-31"
            )

            assert [(1, 1, 1), (1, 1, 2), (1, 1, 2), (1, 1, 2)] == [
                (row.value, row.low, row.high) for row in panel
            ]

    def test_bounds_are_unknown_where_there_are_too_many_orders(self) -> None:
        """They are never a guess."""
        log = EventLog.of(*(visit("2014", price) for price in range(40)))
        [row] = log.panel(last_price, by=guests, at=[("KAZ", "2014-12-31")])

        assert (39, None, None) == (row.value, row.low, row.high)

    def test_what_a_projection_raises_names_the_event(self) -> None:
        """As for every question."""

        @projection(initial=int)
        def failing(state: int, event: Event) -> int:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError) as caught:
            [*LOG.panel(failing, by=guests, start="2014-01-01", stop="2014-12-31")]
        assert "failing" in caught.value.__notes__[0]

    def test_keys_that_cannot_be_compared_stay_in_fold_order(self) -> None:
        """A key may be anything with a hash."""
        log = EventLog.of(visit("2014-01-01"), visit("2013-01-01", guest="AZE"))

        def by(event: Event) -> list[Any]:
            return [None] if event.what.guest == "KAZ" else ["AZE"]

        panel = log.panel(how_many, by=by, start="2014-01-01", stop="2014-01-01")
        assert ["AZE", None] == [row.key for row in panel]


class TestPanel:
    """The value that is returned."""

    def test_a_panel_does_not_change(self) -> None:
        """It is a value, like the log that it was asked of."""
        panel = LOG.panel(how_many, by=guests, start="2014-01-01", stop="2014-12-31")
        with pytest.raises(AttributeError, match="a Panel does not change"):
            panel.name = "other"
        assert isinstance(panel, Panel)
        assert "<panel of how_many, 2014-01-01 to 2014-12-31>" == repr(panel)

    def test_a_notebook_shows_the_first_rows(self) -> None:
        """As a table, whose caption says what it is."""
        log = EventLog.of(*(visit("2014-01-01", guest=f"<{n:02}>") for n in range(30)))
        panel = log.panel(how_many, by=guests, start="2014-01-01", stop="2014-12-31")
        shown = panel._repr_html_()

        assert "Panel of how_many, 2014-01-01 to 2014-12-31; the first 20" in shown
        seen, _, folded = shown.partition("<details>")
        assert "&lt;19&gt;" in seen
        assert "20&gt;" not in seen
        assert "20&gt;" in folded

    def test_a_notebook_reads_no_stream_of_questions(self) -> None:
        """They are read once, by whoever wants the answers."""
        asked = iter([("KAZ", "2014-12-31")])
        panel = LOG.panel(how_many, by=guests, at=asked)

        assert "read the rows" in panel._repr_html_()
        with pytest.raises(TypeError, match="are a stream"):
            len(panel)
        assert [1] == [row.value for row in panel]

    def test_a_panel_of_a_log_that_grew_is_that_of_the_log_it_was_asked_of(
        self,
    ) -> None:
        """Both share their entries, and what was derived from them."""
        days = {"start": "2014-01-01", "stop": "2015-12-31"}
        asked = [("KAZ", "2015-12-31", None)]
        panel = LOG.panel(how_many, by=guests, **days)
        at = LOG.panel(how_many, by=guests, at=asked)
        before = [*panel], [*at]
        grown = LOG.append(visit("2014-05-05")).append(visit("2014", guest="UZB"))

        assert 3 == len(grown.panel(how_many, by=guests, **days))
        assert [3] == [r.value for r in grown.panel(how_many, by=guests, at=asked)]
        assert before == ([*panel], [*at])

    def test_a_selection_has_a_panel_of_its_own(self) -> None:
        """Its keys are those of what it keeps."""
        panel = LOG.among("AZE").panel(
            how_many, by=guests, start="2014-01-01", stop="2014-12-31"
        )

        assert [("AZE", 1)] == [(row.key, row.value) for row in panel]


class TestProjections:
    """Whatever `project_each()` takes, a panel takes."""

    def test_a_function_of_the_key_gives_the_relationship_of_each_pair(self) -> None:
        """With what concerns one of them alone, as `view.project` has it."""
        log = azerbaijan_china()
        panel = log.panel(
            relationship, by=dyads, every="year", start="2013-01-01", stop="2019-12-31"
        )
        asked = log.panel(
            relationship, by=dyads, at=[(row.key, str(row.until)) for row in panel]
        )

        for row, answer in zip(panel, asked, strict=True):
            view = log.as_of(row.until)
            assert view.project(relationship(*row.key)) == row.value == answer.value
        assert len({row.key for row in panel}) > 1

    def test_a_projection_that_names_parties_is_passed_what_concerns_them(self) -> None:
        """The keys are still those of everything that counts."""
        among = Projection(int, how_many.evolve, parties=("KAZ", "CHN"))
        panel = LOG.panel(among, by=guests, start="2014-01-01", stop="2015-12-31")
        asked = LOG.panel(among, by=guests, at=[("AZE", "2015-12-31")])

        assert [("AZE", 0), ("KAZ", 2)] == [(row.key, row.value) for row in panel]
        assert [0] == [row.value for row in asked]

    def test_a_projection_of_a_key_without_parties_is_passed_its_group(self) -> None:
        """As `project_each()` does."""

        def of(key: str) -> Projection[int]:
            return how_many

        panel = LOG.panel(of, by=guests, start="2014-01-01", stop="2015-12-31")
        asked = LOG.panel(of, by=guests, at=[("KAZ", "2015-12-31")])

        assert [1, 2] == [row.value for row in panel]
        assert [2] == [row.value for row in asked]

    def test_a_projection_reads_its_kinds_only(self) -> None:
        """A key of which it reads nothing has a row all the same."""
        visits = Projection(int, how_many.evolve, reads=Fact)
        panel = LOG.panel(visits, by=guests, start="2014-01-01", stop="2015-12-31")

        assert [0, 0] == [row.value for row in panel]


def test_panel_at_a_day_counts_what_was_known_all_along() -> None:
    """A claim without a dated source is known before every day."""
    one, other = (Fact(value, frozenset({"AAA"})) for value in "ab")
    log = EventLog.of(Event(one, when="2015-06-01"))
    log = log.append(Event(other, when="2015-06-01"), known="2015-06-05")
    asked = [("AAA", "2016-01-01", day) for day in ("2015-06-04", "2015-06-05")]
    panel = log.panel(count(), by=lambda event: event.parties, at=asked)

    assert [1, 2] == [row.value for row in panel]


def test_bounds_of_windows_open_again_where_a_window_leaves_first_days_behind() -> None:
    """An event that was certain in one window may have begun before the next."""
    parties = frozenset({"AAA"})
    dates = "2015-12-31", "2015-12"
    log = EventLog.of(
        *(Event(Fact(str(n), parties), when=day) for n, day in enumerate(dates))
    )
    panel = log.panel(
        how_many,
        by=lambda event: event.parties,
        every="day",
        window="month",
        start="2015-12-31",
        stop="2016-01-01",
    )

    assert [(2, 2, 2), (1, 1, 2)] == [(r.value, r.low, r.high) for r in panel]


@pytest.mark.parametrize("projection", [under_way_then, count(where=is_under_way)])
@pytest.mark.parametrize("end", ["", "2016-01"])
def test_bounds_of_a_known_beginning_with_an_unknown_end_are_those_of_a_view(
    projection: Projection[int], end: str
) -> None:
    """A question about the end has several answers, though all days of marks are known.

    This fold takes no ends, so that the end is not a mark.
    """
    when = f"2015-12-31/{end}"
    log = EventLog.of(Event(Fact("a", frozenset({"AAA", "BBB"})), when=when))
    day = "2016-01-02"
    [row] = log.panel(projection, by=pairs, start=day, stop=day)

    assert bounds(log.as_of(day), projection) == (row.low, row.high)
    assert (row.low, row.high) != (row.value, row.value)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40),
    st.integers(0, 9),
    st.integers(-1, 9),
)
def test_a_sum_of_what_was_known_is_that_of_its_rows(
    rows: list[tuple[int, int]], day: int, known: int
) -> None:
    """Blocks of powers of two are added up, and what is left one by one."""
    rows.sort()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bri_timeline._queries._tally._SCANNED", 1)
        sums = _Sums([d for d, _ in rows], None, [since for _, since in rows])
        found = sums.until(day, known)
    assert found == sum(d <= day and since <= known for d, since in rows)
