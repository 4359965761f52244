"""Whatever a question is asked with, a dataset gives the answer of its log."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from effort import at_most
from hypothesis import example, given
from hypothesis import strategies as st
from log_strategies import (
    POLICIES,
    Deed,
    Fact,
    Policy,
    everything,
    known_by_days,
    logs,
    values,
    view_days,
    with_datasets,
)
from scale_worlds import DEALS, PAIRS, deal, laid_out, loners, many

from bri_timeline import Event, EventLog, Prefer, Projection, dyads, measures
from bri_timeline.errors import (
    DayError,
    EntryError,
    PanelError,
    ProjectionError,
    SelectionError,
)
from bri_timeline.scale import _bucket


NOON = datetime(2016, 1, 2, 12, tzinfo=UTC)
Known = date | int | datetime | None
Asked = Projection[Any] | Callable[..., Projection[Any]]
SPREADS: list[dict[str, Any]] = [
    {"every": "day", "start": "2015-12-30", "stop": "2016-01-03"},
    {"every": "month", "start": "2015-11-15", "stop": "2016-02-20"},
    {"start": "2015-12-31", "stop": "2016-01-01", "flow": True},
    {"every": "day", "window": "month", "start": "2015-12-31", "stop": "2016-01-02"},
]
COVERED = ["2015", "../2016-01", dict.fromkeys(PAIRS, "2014/2016-01-01")]
# One of them nobody has.
KEYS = [*PAIRS, ("AAA", "ZZZ")]


def concerning(one: str, other: str) -> Projection[Any]:
    """Whatever concerns two parties; of one pair, whatever concerns one of these."""
    parties = (one,) if (one, other) == PAIRS[0] else (one, other)
    return Projection(everything.initial, everything.evolve, parties=parties)


def plain(_one: str, other: str) -> Projection[Any]:
    """What involves both parties, of whatever kind or not."""
    return measures.count(Deed) if other == "BBB" else everything


ASKED: list[Asked] = [
    measures.count(),
    measures.count(Deed),
    measures.distinct(Fact, "value"),
    measures.latest(Deed, "value"),
    everything,
    concerning,
    plain,
]


@st.composite
def recorded(draw: st.DrawFn) -> EventLog:
    """Logs of a store, the clock of which may have been set back."""
    entries = [*draw(with_datasets(logs() | loners()))]
    steps = [draw(st.integers(0, 3)) for _ in entries]
    if draw(st.booleans()):
        steps.sort()
    return EventLog(
        evolve(entry, recorded_at=NOON + timedelta(minutes=step))
        for entry, step in zip(entries, steps, strict=True)
    )


def knowledge(log: EventLog) -> st.SearchStrategy[Known]:
    """Days, positions and instants by which something was known, or nothing."""
    instants = st.integers(-1, 3).map(lambda n: NOON + timedelta(minutes=n))
    return st.none() | known_by_days() | st.integers(0, len(log) - 1) | instants


@st.composite
def questions(draw: st.DrawFn, log: EventLog) -> tuple[str, Asked, dict[str, Any]]:
    """A question of a log or of a dataset, what is asked of, and its arguments."""
    cut: dict[str, Any] = {"known_by": draw(knowledge(log))}
    asked: Asked = draw(st.sampled_from(ASKED))
    rivals = draw(st.booleans())
    bounds = {"rivals": rivals, "bounds": rivals or draw(st.booleans())}
    spread = draw(st.sampled_from(SPREADS))
    kind = draw(st.sampled_from(["panel", "panel", "at", "state", "history", "first"]))
    if kind == "panel":
        coverage = draw(st.sampled_from([None, None, *COVERED]))
        keys = draw(st.none() | st.lists(st.sampled_from(KEYS)))
        late = draw(st.sampled_from([None, None, "day", "month"]))
        more = {"coverage": coverage, "known_after": late}
        more["keys"] = PAIRS if isinstance(coverage, dict) else keys
        return kind, asked, {**spread, **bounds, **cut, **more}
    if kind == "at":
        pair, day = st.sampled_from(KEYS), view_days()
        rows = st.tuples(pair, day) | st.tuples(pair, day, knowledge(log))
        more = {"at": draw(st.lists(rows)), "window": spread.get("window")}
        return "panel", asked, {**bounds, **cut, **more}
    if kind == "state":
        return "project_each", asked, {**cut, "on": draw(view_days())}
    if kind == "first":
        if draw(st.booleans()):
            return kind, values, {**cut, "holds": bool}
        return kind, measures.count(), {**cut, "at_least": 2}
    return kind, asked, cut


@at_most(50)
@given(st.data())
def test_a_question_has_the_answer_of_the_log(data: st.DataObject) -> None:
    """Under any policy and knowledge, with rivals, corrections, coarse dates, ends."""
    log: EventLog = data.draw(recorded())
    policy: Policy = data.draw(POLICIES)
    bounded = data.draw(st.booleans())
    verb, asked, options = data.draw(questions(log))
    portion = data.draw(st.sampled_from([1, 3, 100]))
    with laid_out(log, 2) as dataset, pytest.MonkeyPatch.context() as patched:
        # The rows that are folded at once, but for those of one relationship.
        patched.setattr(_bucket, "_PORTION", portion)
        found = dataset.reading(policy, bounded_by_reports=bounded)
        answer = getattr(found, verb)(asked, **options)
        if verb == "panel":
            answer = [*answer]
    of_log: Any = log.reading(policy, bounded_by_reports=bounded)
    if verb == "project_each":
        of_log = of_log.as_of(options.pop("on"), options.pop("known_by"))
    expected = getattr(of_log, verb)(asked, by=dyads, **options)
    if verb == "panel" and "at" not in options:
        answer.sort(key=lambda row: (row.key, row.until))
        expected = sorted(expected, key=lambda row: (row.key, row.until))
    assert expected == answer if verb != "panel" else [*expected] == answer


def row_values(rows: Any) -> list[object]:
    """Return the values of rows."""
    return [row.value for row in rows]


def stored(*minutes: int) -> EventLog:
    """Return a log of deals of one pair, recorded so many minutes after noon."""
    return EventLog(
        evolve(entry, recorded_at=NOON + timedelta(minutes=minute))
        for entry, minute in zip(many(len(minutes)), minutes, strict=True)
    )


@pytest.mark.slow
def test_an_instant_cuts_all_buckets_at_one_entry() -> None:
    """What was recorded before, by a clock that was set back, had not been there."""
    log = stored(0, 3, 1, 2, 1, 3)
    day = "2001-01-01"
    with laid_out(log, 4, DEALS) as data:
        for minute in (-1, 0, 2, 3):
            instant: Any = NOON + timedelta(minutes=minute)
            view = log.as_of(day, instant)
            for asked in (measures.count(), everything):
                states = view.project_each(asked, by=dyads)

                assert states == data.project_each(asked, on=day, known_by=instant)
            at = [(pair, day, instant) for pair in (*PAIRS, ("YYY", "ZZZ"))]
            rows = log.panel(everything, by=dyads, at=at)

            assert [*rows] == [*data.panel(everything, at=at)]
        with pytest.raises(DayError, match="has no time zone: give an instant such"):
            data.project_each(everything, on=day, known_by=NOON.replace(tzinfo=None))


def test_an_entry_that_says_no_instant_is_an_error() -> None:
    """Before the first that was recorded later; after it, nobody asks."""
    log = stored(0, 1)
    log = EventLog([*log, evolve(log[1], position=2, recorded_at=None)])
    with laid_out(log, 2, DEALS) as data:
        assert data.tally(measures.count(), on="2001-01-01", known_by=NOON)
        with pytest.raises(EntryError, match="entry 2 does not say when it was rec"):
            data.tally(
                measures.count(), on="2001-01-01", known_by=NOON + timedelta(hours=1)
            )


def test_nothing_is_asked_of_a_dataset_without_entries() -> None:
    """It has no key, no instant, and no last day of knowledge."""
    span = {"every": "year", "start": "2000-01-01", "stop": "2001-12-31"}
    with laid_out(EventLog(), 2, DEALS) as data:
        assert {} == data.project_each(everything, on="2001-01-01", known_by=NOON)
        assert {} == data.first(measures.count(), at_least=1)
        assert not [*data.panel(measures.count(), known_after="day", **span)]
        for keys in (KEYS[:1], iter(KEYS[:1])):
            some = data.panel(measures.count(), keys=keys, known_by=NOON, **span)

            assert [0, 0] == row_values(some)


@pytest.mark.slow
def test_the_last_day_of_knowledge_is_that_of_all_buckets() -> None:
    """A period is not early because its own pair was long silent."""
    log = EventLog()
    for number, known in enumerate(["2000-01-05", "2000-03-05", "2000-01-07", None]):
        pair = ("AAA", f"BB{number}")
        log = log.append(deal(0, *pair, millions=number), known=known)
    span = {"every": "month", "start": "1999-01-01", "stop": "2000-06-30"}
    for known_by in (None, 1, 3, "2000-02-01"):
        cut: Any = {"known_by": known_by, "known_after": "month", **span}
        of_log = log.panel(measures.count(), by=dyads, **cut)
        rows = [*of_log]
        with laid_out(log, 8, DEALS) as data:
            of_data = data.panel(measures.count(), **cut)
            found = sorted(of_data, key=lambda r: (r.key, r.until))
            # Pictures end there.
            assert of_log._last_known() == of_data._last_known()

        assert rows == found
        assert None in row_values(rows)
        assert 1 in row_values(rows)


@pytest.mark.slow
def test_rows_of_days_that_are_not_covered_are_empty() -> None:
    """Counted on columns, or folded; by the days of all, or of each."""
    log = many(6)
    pairs = sorted({pair for entry in log for pair in dyads(entry.claim)})
    span: Any = {"every": "month", "start": "1999-06-01", "stop": "2000-03-31"}
    each = {pair: f"199{8 + n % 2}/2000-01" for n, pair in enumerate(pairs)}
    with laid_out(log, 4, DEALS) as data:
        for coverage, more in (
            ("1999", {"flow": True}),
            (each, {}),
            ("1999", {"window": "quarter"}),
        ):
            options = {"coverage": coverage, **more, **span}
            for asked in (measures.count(), everything):
                rows = [*log.panel(asked, by=dyads, **options)]
                found = data.panel(asked, **options)

                assert rows == sorted(found, key=lambda r: (r.key, r.until))
                assert None in row_values(rows)


@pytest.mark.slow
def test_a_pair_of_a_claim_that_is_set_aside_has_rows_with_rivals() -> None:
    """Its claim may be the true one, also where the other lies in another bucket."""
    log = EventLog.of(
        evolve(deal(0, "AAA", "BBB"), id="x"),
        evolve(deal(0, "AAA", "CCC"), id="x"),
        deal(1, "BBB", "CCC"),
    )
    span = {"start": "1999-01-01", "stop": "2000-12-31"}
    with laid_out(log, 8, DEALS) as data, ThreadPoolExecutor(2) as executor:
        for asked in (measures.count(), plain_count):
            for rivals in (False, True):
                more: Any = {"rivals": rivals, **span}
                rows = [*log.panel(asked, by=dyads, **more)]
                found = data.panel(asked, executor=executor, **more)

                assert rows == sorted(found, key=lambda row: row.key)
                assert 2 + rivals == len(rows)


def plain_count(_one: str, _other: str) -> Projection[int]:
    """The number of events of whatever pair."""
    return measures.count()


@pytest.mark.slow
def test_a_projection_of_a_pair_may_read_what_concerns_others() -> None:
    """Its keys are those of all pairs, whomever it names."""
    log = many(9).append(deal(40, *PAIRS[0]))
    with laid_out(log, 8, DEALS) as data:
        history = log.history(concerning, by=dyads)
        states = log.as_of("2020-01-01").project_each(concerning, by=dyads)

        assert history == data.history(concerning)
        assert states == data.project_each(concerning, on="2020-01-01")
    assert len({len(state) for state in states.values()}) > 1


@pytest.mark.slow
def test_answers_come_in_the_order_of_the_questions() -> None:
    """From whichever bucket they are, in batches, and as often as they are read."""
    log = many(40)
    days = ["1999-01-01", "2000-01-01", "1998-12-01", "2030-01-01"]
    at = [(pair, day) for day in days for pair in (*PAIRS, ("AAA", "DDD"), *PAIRS)]
    with laid_out(log, 8, DEALS) as data, pytest.MonkeyPatch.context() as patch:
        patch.setattr("bri_timeline.scale._panels._ROWS", 5)
        for asked in (measures.count(), everything, plain_count):
            panel = data.panel(asked, at=at, window="year")
            rows = [*log.panel(asked, by=dyads, at=at, window="year")]

            assert rows == [*panel] == [*panel]
            assert len(rows) == len(panel)


# Days of two pairs, in different buckets; and an extent of nobody.
NONE_LASTS = EventLog.of(
    *(Event(Fact(f"f{n}", frozenset(p)), when="2015") for n, p in enumerate(PAIRS))
)
ONE_LASTS = NONE_LASTS.append(Event(Fact("g", frozenset()), when="2014/2016"))
ONE_RETRACTED = NONE_LASTS.retract(0, because="hearsay")


def answer_of(ask: Callable[[], object]) -> object:
    """Return an answer, or the words in which a question is refused."""
    try:
        return ask()
    except SelectionError as error:
        return str(error)


@at_most(6)
@given(
    log=with_datasets(logs() | loners()),
    kind=st.sampled_from([Fact, Deed]),
    known_by=st.none() | known_by_days(),
    prefer=POLICIES,
    bounded=st.booleans(),
)
@example(EventLog(), Fact, None, Prefer.LATEST_KNOWN, False)
@example(ONE_LASTS, Fact, None, Prefer.LATEST_KNOWN, False)
@example(NONE_LASTS, Fact, None, Prefer.LATEST_KNOWN, False)
@example(NONE_LASTS, Fact, date(1999, 1, 1), Prefer.LATEST_KNOWN, False)
@example(ONE_RETRACTED, Fact, None, Prefer.LATEST_KNOWN, False)
def test_what_lasts_is_refused_if_none_does_in_any_bucket(
    log: EventLog, kind: type, known_by: date | None, prefer: Policy, bounded: bool
) -> None:
    """In the same words; and answered if one does, also of no relationship."""
    measure, on = measures.count(kind, active=True), "2016-01-01"
    days = {"start": on, "stop": on}
    known: dict[str, Any] = {"known_by": known_by}
    read = log.reading(prefer, bounded_by_reports=bounded)
    view = read.as_of(on, known_by)
    with laid_out(log, 3) as laid, TemporaryDirectory() as folder:
        data = laid.reading(prefer, bounded_by_reports=bounded)

        def tallied() -> object:
            found = data.tally(measure, on=on, **known).items()
            return {pair: tally.certain for pair, tally in found}

        states = answer_of(lambda: view.project_each(measure, by=dyads))
        periods = answer_of(lambda: read.history(measure, by=dyads, **known))
        first = answer_of(lambda: read.first(measure, by=dyads, at_least=1, **known))
        rows = answer_of(lambda: [*read.panel(measure, by=dyads, **days, **known)])
        found = answer_of(
            lambda: sorted(
                data.panel(measure, **days, **known), key=lambda row: row.key
            )
        )
        saved = answer_of(lambda: data.save_each(measure, folder, on=on, **known))

        assert states == answer_of(lambda: data.project_each(measure, on=on, **known))
        assert states == answer_of(tallied)
        assert saved == (states if isinstance(states, str) else len(states))
        assert periods == answer_of(lambda: data.history(measure, **known))
        assert first == answer_of(lambda: data.first(measure, at_least=1, **known))
        assert rows == found


def test_arguments_are_refused_as_those_of_a_log() -> None:
    """Before anything is read, but for questions, which are read with the rows."""
    day = {"start": "2000-01-01", "stop": "2000-01-01"}
    with laid_out(many(3), 1, DEALS) as data:
        for match, options in {
            "write tuple\\(sorted": {"keys": [("BBB", "AAA")], **day},
            "is not several keys": {"keys": "AAA", **day},
            "beside rivals=True": {"rivals": True, "bounds": False, **day},
            "beside at=": {"keys": PAIRS, "at": []},
            "is not a day for start=": {"stop": "2000-01-01"},
        }.items():
            with pytest.raises(PanelError, match=match):
                data.panel(measures.count(), **options)
        for wrong in (("BBB", "AAA"), "AAA"):
            with pytest.raises(PanelError, match="is not a pair of actor ids"):
                [*data.panel(measures.count(), at=[(wrong, "2000-01-01")])]
        with pytest.raises(DayError) as raised:
            [*data.panel(measures.count(), at=[(PAIRS[0], "2000")])]
        assert ["in question 0: (('AAA', 'BBB'), '2000')"] == raised.value.__notes__
        with pytest.raises(ProjectionError, match="is 0 conditions of the value"):
            data.first(measures.count())
