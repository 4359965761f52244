"""States that are kept are those folded anew, and what changed is told."""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakSet

import msgspec
import pyarrow.parquet as pq
import pytest
from attrs import evolve, frozen
from effort import Work, at_most
from hypothesis import given
from hypothesis import strategies as st
from log_model import SPANS
from log_strategies import (
    KNOWN_DAYS,
    POLICIES,
    Deed,
    Fact,
    known_by_days,
    logs,
    tally,
    values,
    view_days,
    with_datasets,
)
from marks_model import DATES, lasting, trace
from scale_worlds import DEALS, PAIRS, VOCABULARY, count, deal, loners, many, saved

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Prefer,
    Projection,
    Source,
    Vocabulary,
    dyads,
    measures,
    scale,
)
from bri_timeline.errors import DatasetError, EdtfError, EntryError, ProjectionError
from bri_timeline.scale import Refreshed, _refresh, write


Pair = tuple[str, str]
Known = date | int | None
Step = tuple[int, date, Known]


@frozen
class Lent:
    """A loan, until it is repaid."""

    parties: frozenset[str]
    label: str


@frozen
class Repaid:
    """The end of a loan."""

    parties: frozenset[str]
    label: str


Lent.until = (Repaid, ("parties", "label"))
LOANS = Vocabulary(Lent, Repaid)
FOLDS: list[Projection[Any]] = [
    tally,
    values,
    count,
    trace,
    lasting,
    measures.count(Deed),
    measures.latest(Deed, "value"),
    measures.total(Fact, lambda event: event.what.worth),
]


@st.composite
def loans(draw: st.DrawFn) -> EventLog:
    """Logs of loans that may have ended, some told twice."""
    log, pairs = EventLog(), st.sampled_from([*map(frozenset, PAIRS)])
    for _ in range(draw(st.integers(0, 8))):
        what = draw(st.sampled_from([Lent, Repaid]))(draw(pairs), draw(st.just("a")))
        when, name = (
            draw(st.sampled_from([*SPANS, *DATES])),
            st.sampled_from([None, "x"]),
        )
        with suppress(EntryError):  # it was known before
            known = draw(st.sampled_from([None, *KNOWN_DAYS]))
            log = log.append(Event(what, when=when, id=draw(name)), known=known)
    return log


@st.composite
def steps(draw: st.DrawFn, log: EventLog) -> list[Step]:
    """How many entries there are on some days in turn, and what is known of them."""
    found = list[Step]()
    sizes = draw(st.lists(st.integers(0, len(log)), min_size=2, max_size=4))
    known_days = draw(st.sampled_from([st.none(), known_by_days(), None]))
    for size in sorted(sizes):
        known = st.integers(0, max(0, size - 1)) if known_days is None else known_days
        is_none = known_days is None and not size
        found.append((size, draw(view_days()), None if is_none else draw(known)))
    return found


def folded(log: EventLog, fold: Projection[Any], on: date, known: Known) -> Any:
    """Return the states of a log in memory, as JSON has them."""
    states = log.as_of(on, known).project_each(fold, by=dyads)
    text = {
        pair: msgspec.json.encode(state, order="deterministic", enc_hook=int)
        for pair, state in states.items()
    }
    return {pair: msgspec.json.decode(state) for pair, state in text.items()}


def is_known(entry: Entry, size: int, known: Known) -> bool:
    """Check whether an entry is known."""
    if isinstance(known, date) and entry.known_day is not None:
        return entry.position < size and entry.known_day <= known.toordinal()
    last = known if isinstance(known, int) else size
    return entry.position < size and entry.position <= last


def check(
    log: EventLog, result: Refreshed, states: list[Any], some: tuple[Step, Step]
) -> None:
    """Check that what changed is what differs, and that each change has its cause."""
    before, after = states
    different = {
        pair: (before.get(pair), after.get(pair))
        for pair in before.keys() | after.keys()
        if (pair in before, before.get(pair)) != (pair in after, after.get(pair))
    }
    (old, day, was), (new, on, now) = some
    came = {e.position for e in log if is_known(e, old, was) != is_known(e, new, now)}

    assert result.anew is None
    assert different == {one.pair: (one.before, one.after) for one in result.changes}
    assert len(different) == len(result.changes) <= result.folded
    for one in result.changes:
        assert came.issuperset(one.entries)
        assert one.entries or one.by_day
        assert day != on or not one.by_day


@at_most(15)
@given(data=st.data())
def test_refreshed_states_are_those_folded_anew(data: st.DataObject) -> None:
    """Whatever came, was corrected or withdrawn, and whichever way the days moved."""
    vocabulary, folds = VOCABULARY, FOLDS
    log = data.draw(with_datasets(st.one_of(logs(), logs(dates=DATES), loners())))
    if data.draw(st.integers(0, 4)) == 0:
        log, vocabulary = data.draw(loans()), LOANS
        folds = [measures.count(Lent, active=True), trace]
    fold = data.draw(st.sampled_from(folds))
    policy = data.draw(POLICIES), data.draw(st.booleans())
    states, former = dict[Pair, Any](), None
    with TemporaryDirectory() as name:
        dataset = write((), f"{name}/data", vocabulary, buckets=data.draw(st.just(2)))
        for step in data.draw(steps(log)):
            size, on, known = step
            part = EventLog(islice(log, size))
            dataset = dataset.append(part)
            if data.draw(st.booleans()):
                dataset = scale.compact(f"{name}/data", vocabulary, more_than=1)
            reader = dataset.reading(policy[0], bounded_by_reports=policy[1])
            result = reader.refresh(f"{name}/states", fold, on=on, known_by=known)
            now = saved(result.files)
            # A dataset of which no entry has come yet may be trusted already.
            reading = part._read_by(policy[0], bounded=policy[1])

            assert now == folded(reading, fold, on, known)
            if former is not None:
                check(log, result, [states, now], (former, step))
            states, former = now, step


AB, BC = frozenset(PAIRS[0]), frozenset(PAIRS[1])
ONE, TWO = PAIRS[:2]
DAILY = Source("Daily", published="2016-01-04")
LOG = EventLog.of(
    *(Event(Fact("z", BC), when=f"2014-01-0{n}") for n in range(1, 9)),
    Event(Fact("a", AB), when="2016-01-02", id="x"),
    Event(Fact("b", AB), when="2016-01-05/2016-01-07"),
    Event(Fact("c", AB), when="2016", cite=DAILY),
).append(Event(Fact("d", AB), when="2015"), known="2016-01-06")
NEW = Event(Fact("n", BC), when="2015")
CHANGED = {ONE: (2, 1, (12,), False), TWO: (8, 9, (12,), False)}
Cut = dict[str, Any]
Told = dict[Pair, tuple[int | None, int | None, tuple[int, ...], bool]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("log", "first", "then", "told"),
    [
        (LOG, {}, {}, {}),
        (LOG.append(NEW), {}, {}, {TWO: (8, 9, (12,), False)}),
        (LOG.append(NEW, supersedes=8), {}, {}, CHANGED),
        (LOG.append(evolve(NEW, id="x")), {}, {}, CHANGED),
        (LOG.retract(8, because="wrong"), {}, {}, {ONE: (2, 1, (12,), False)}),
        (LOG, {}, {"on": "2016-01-05"}, {ONE: (2, 3, (), True)}),
        (LOG, {"on": "2016-01-05"}, {}, {ONE: (3, 2, (), True)}),
        (LOG, {"on": "2016-01-07"}, {"on": "2016-01-08"}, {ONE: (3, 2, (), True)}),
        (LOG, {"known_by": "2016-01-05"}, {}, {ONE: (1, 2, (11,), False)}),
        (LOG, {}, {"known_by": "2016-01-05"}, {ONE: (2, 1, (11,), False)}),
        (LOG, {}, {"known_by": 7}, {ONE: (2, None, (8, 9, 10, 11), False)}),
        (LOG, {"known_by": 10}, {"known_by": "2016-01-05"}, {}),
    ],
)
def test_it_is_told_what_changed(
    tmp_path: Path, log: EventLog, first: Cut, then: Cut, told: Told
) -> None:
    """From what to what, by which entries, or by the day."""
    dataset, states = write(LOG, tmp_path / "data", VOCABULARY), tmp_path / "states"
    asked: Cut = {"on": "2016-01-04"}
    dataset.refresh(states, lasting, of=len, **{**asked, **first})
    dataset, asked = dataset.append(log), {**asked, **then}
    result = dataset.refresh(states, lasting, of=len, **asked)
    anew = dataset.project_each(lasting, **asked)

    assert result.anew is None
    assert told == {one.pair: one[1:] for one in result.changes}
    assert saved(result.files) == {pair: len(state) for pair, state in anew.items()}


def test_a_report_bounds_the_day_on_which_something_happened(tmp_path: Path) -> None:
    """Its year says nothing of the day, and its source does."""
    dataset = write(LOG, tmp_path / "data", VOCABULARY)
    dataset = dataset.reading(bounded_by_reports=True)
    dataset.refresh(tmp_path / "states", count, on="2016-01-03")
    result = dataset.refresh(tmp_path / "states", count, on="2016-01-04")

    assert [(ONE, 2, 3, (), True)] == [*result.changes]


def test_what_ends_a_fact_does_so_a_day_later(tmp_path: Path) -> None:
    """A loan that is repaid is owed until the end of that day."""
    loan, end = Lent(AB, "a"), Event(Repaid(AB, "a"), when="2016-01-03")
    log = EventLog.of(Event(loan, when="2016-01-01"), end)
    dataset, owed = write(log, tmp_path / "data", LOANS), measures.count(active=True)
    dataset.refresh(tmp_path / "states", owed, on="2016-01-03")
    result = dataset.refresh(tmp_path / "states", owed, on="2016-01-04")

    assert [(ONE, 1, 0, (), True)] == [*result.changes]


DAY = date(2016, 1, 4)


def _twice(seen: int, _event: Event) -> int:
    return seen + 2


def _flipped(path: Path) -> None:
    data = path.read_bytes()
    changed = data.replace(b"AAA", b"AAB").replace(b'"version":1', b'"version":2')
    assert data != changed
    path.write_bytes(changed)


def _one_of(folder: Path) -> Path:
    return min(folder.glob("states-*.parquet"))


TWICE = Projection(int, _twice, name="count")
WITH_LOANS = Vocabulary(Fact, Deed, Lent)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("why", "change", "given"),
    [
        ("it was asked for", None, {"anew": True}),
        ("there were no states", lambda f: (f / "states.json").unlink(), {}),
        ("states.json is damaged", lambda f: _flipped(f / "states.json"), {}),
        ("states.json is damaged", lambda f: (f / "states.json").write_text("?"), {}),
        ("parquet is missing or damaged", lambda f: _one_of(f).unlink(), {}),
        ("parquet is missing or damaged", lambda f: _flipped(_one_of(f)), {}),
        ("the projection is another", None, {"fold": TWICE}),
        ("the projection is another", None, {"fold": measures.count(Fact)}),
        ("the version of the projection is another", None, {"version": "2"}),
        ("the part of a state is another", None, {"of": str}),
        ("the vocabulary is another", None, {"vocabulary": WITH_LOANS}),
        ("the policy is another", None, {"policy": (Prefer.MOST_CITED,)}),
        ("the policy is another", None, {"policy": (Prefer.LATEST_KNOWN, True)}),
        ("the dataset is another", None, {"log": LOG.append(NEW)}),
    ],
)
def test_states_of_something_else_are_folded_anew(
    tmp_path: Path, why: str, change: Callable[[Path], object] | None, given: Cut
) -> None:
    """It says why, and no changes; and the states are right."""
    given, states = {**given}, tmp_path / "states"
    log = given.pop("log", LOG)
    write(LOG, tmp_path / "data", VOCABULARY, buckets=2)
    scale.open(tmp_path / "data", VOCABULARY).refresh(states, count, on=DAY)
    if change is not None:
        change(states)
    fold, of = given.pop("fold", count), given.get("of", int)
    prefer, bounded = (*given.pop("policy", ()), Prefer.LATEST_KNOWN, False)[:2]
    if log is not LOG:
        write(log, tmp_path / "other", VOCABULARY, buckets=2)
    place = tmp_path / ("data" if log is LOG else "other")
    data = scale.open(place, given.pop("vocabulary", VOCABULARY))
    data = data.reading(prefer, bounded_by_reports=bounded is True)
    result = data.refresh(states, fold, on=DAY, **given)

    assert why in str(result.anew)
    assert (result.changes, result.folded) == ((), None)
    expected = data.project_each(fold, on=DAY)
    assert saved(result.files) == {pair: of(one) for pair, one in expected.items()}
    again = data.refresh(states, fold, on=DAY, **{**given, "anew": False})
    assert (again.anew, again.folded) == (None, 0)


def test_an_earlier_version_is_folded_anew(tmp_path: Path) -> None:
    """What came since cannot be told of it."""
    earlier = write(LOG, tmp_path / "data", VOCABULARY)
    earlier.append(LOG.append(NEW)).refresh(tmp_path / "states", count, on=DAY)
    result = earlier.refresh(tmp_path / "states", count, on=DAY)

    assert result.anew == "the dataset is another than that of the states"
    assert saved(result.files) == earlier.project_each(count, on=DAY)


@pytest.mark.slow
@pytest.mark.parametrize("is_there", [True, False])
def test_a_dataset_of_joined_files_is_known_by_its_versions(
    tmp_path: Path, *, is_there: bool
) -> None:
    """An earlier version is looked for; if it was swept away, all is folded anew."""
    data = write(LOG, tmp_path / "data", VOCABULARY, buckets=2)
    data.refresh(tmp_path / "states", count, on=DAY)
    data.append(LOG.append(NEW, supersedes=8))
    data = scale.compact(tmp_path / "data", VOCABULARY, more_than=1)
    if not is_there:
        (tmp_path / "data" / "dataset-000001.json").unlink()
    result = data.refresh(tmp_path / "states", count, on=DAY)

    assert (is_there, data.version) == (result.anew is None, 3)
    changes = {one.pair: one[1:] for one in result.changes}
    assert changes == (CHANGED if is_there else {})
    assert saved(result.files) == data.project_each(count, on=DAY)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["write_states", "_save"])
def test_states_stay_if_a_refresh_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What it has left is deleted by the next, which tells all that changed."""
    states, log = tmp_path / "states", LOG.append(NEW, supersedes=8)
    data = write(LOG, tmp_path / "data", VOCABULARY, buckets=64)
    files = data.refresh(states, count, on=DAY).files
    data = data.append(log)
    function, calls = getattr(_refresh, name), list[object]()

    def interrupted(*given: Any) -> Any:
        calls.append(given)
        if name == "_save" or len(calls) == 2:
            raise KeyboardInterrupt
        return function(*given)

    with monkeypatch.context() as patched:
        patched.setattr(_refresh, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            data.refresh(states, count, on=DAY)
    assert len(files) < len([*states.glob("states-*.parquet")])
    assert saved(files) == folded(LOG, count, DAY, None)
    (states / ".states-00000000-00000.parquet.0000").touch()
    result = data.refresh(states, count, on=DAY)

    assert CHANGED == {one.pair: one[1:] for one in result.changes}
    assert saved(result.files) == folded(log, count, DAY, None)
    left = {path.name for path in states.iterdir()}
    assert left == {".lock", "states.json", *(path.name for path in result.files)}


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A state that is not JSON, or has no order; and what is not a projection."""
    data = write(LOG, tmp_path / "data", VOCABULARY)
    for of in (lambda _: object(), lambda _: {1, "a"}):
        with pytest.raises(ProjectionError, match="select with of="):
            data.refresh(tmp_path / "states", count, on=DAY, of=of)
    with pytest.raises(ProjectionError, match="call it"):
        data.refresh(tmp_path / "states", plain_count, on=DAY)
    assert not [*(tmp_path / "states").glob("states*")]


def plain_count(_one: str, _other: str) -> Projection[int]:
    """Return the projection of a pair."""
    return count


@pytest.mark.slow
@pytest.mark.parametrize("fold", [count, lasting, measures.count()])
def test_only_what_was_touched_is_read(tmp_path: Path, fold: Projection[Any]) -> None:
    """Of a dataset four times as large a refresh takes no more lines."""
    lines = []
    for size in (400, 1600):
        log = many(size).append(deal(1, "AAA", "ZZZ", millions=1))
        data = write(log, tmp_path / str(size), DEALS, buckets=1)
        given: Cut = {"on": DAY, "of": repr}
        data.refresh(tmp_path / f"{size}-states", fold, **given)
        # One of them corrects what many others are related to.
        data = data.append(
            log.append(deal(2, "AAA", "ZZZ", millions=2), supersedes=size)
        )
        ask = partial(data.refresh, tmp_path / f"{size}-states", fold, **given)
        lines.append(Work().of(ask).total)

    assert lines[1] < 1.1 * lines[0]


YEAR = date(2021, 1, 1)
TOWNS = [f"T{number:02}" for number in range(12)]


def day_of(random: Random, day: int, log: EventLog) -> EventLog:
    """Return a log with what came on a day: most is new, some is late or contested."""
    today = YEAR + timedelta(day)
    for _ in range(3):
        pair, back = (
            frozenset(random.sample(TOWNS, 2)),
            random.choice([0, 0, 1, 30, -3]),
        )
        when = (today - timedelta(back)).isoformat()
        when = random.choice([when, when, when[:7], f"{when}/{today.isoformat()}"])
        with suppress(EdtfError):
            # Of one id in ten there are several claims.
            name = random.choice([None, f"{random.randrange(10 + 10 * len(log))}"])
            cite = (Source("Daily", published=today),) if random.random() < 0.5 else ()
            log = log.append(Event(Fact("a", pair), when=when, id=name, cite=cite))
    claims = [e for e in log if e.event is not None]
    if random.random() < 0.3:
        entry = random.choice(claims)
        pair = random.choice([entry.claim.parties, frozenset(random.sample(TOWNS, 2))])
        event = evolve(entry.claim, what=Fact("b", pair))
        with suppress(EntryError):
            log = log.append(event, supersedes=entry, known=today)
    if random.random() < 0.2:
        log = log.retract(random.choice([*log]), because="wrong", known=today)
    return log


@pytest.fixture
def open_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeakSet[pq.ParquetFile]]:
    """Keep the files that are open; none is closed by looking for garbage."""
    files, opened = WeakSet[pq.ParquetFile](), pq.ParquetFile

    def watched(*args: Any, **named: Any) -> pq.ParquetFile:
        file = opened(*args, **named)
        files.add(file)
        return file

    monkeypatch.setattr(pq, "ParquetFile", watched)
    gc.collect()
    gc.disable()
    yield files
    gc.enable()


@pytest.mark.slow
def test_what_was_asked_keeps_no_file_open(
    tmp_path: Path, open_files: WeakSet[pq.ParquetFile]
) -> None:
    """Those of a year of mornings would be too many."""
    log = EventLog.of(NEW, evolve(NEW, id="x"), evolve(NEW, id="x", when="2016"))
    data = write(log, tmp_path / "data", VOCABULARY, buckets=1)
    data.refresh(tmp_path / "states", tally, on=YEAR)

    assert folded(log, tally, YEAR, None) == dict(data.project_each(tally, on=YEAR))
    assert 0 == len(open_files)


@pytest.mark.slow
def test_pairs_that_are_asked_for_keep_few_files_open(
    tmp_path: Path, open_files: WeakSet[pq.ParquetFile]
) -> None:
    """However many days were appended, and buckets asked."""
    pairs = [(town, other) for town in "AB" for other in "KLMNOPQ"]
    events = [Event(Fact("a", frozenset(p)), when="2015", id="".join(p)) for p in pairs]
    log = EventLog()
    data = write(log, tmp_path / "data", VOCABULARY, buckets=10)
    # Claims that contradict each other have files of their own, beside their rows.
    for day in range(1, 11):
        log = log.extend([evolve(event, when=f"2015-01-{day:02}") for event in events])
        data = data.append(log)
    counts = [data.project(tally, *pair, on=YEAR) for pair in pairs]

    view = log.as_of(YEAR)
    assert [view.concerning(*pair).project(tally) for pair in pairs] == counts
    assert 128 >= len(open_files) > 64


@pytest.mark.slow
def test_where_too_many_files_are_open_the_error_has_what_helps(tmp_path: Path) -> None:
    """It does not say that the file is damaged; and joining the files does help."""
    log = EventLog.of(NEW)
    data = write(log, tmp_path / "data", VOCABULARY, buckets=1)
    for number in range(24):
        log = log.append(evolve(NEW, id=f"x{number}"))
        data = data.append(log)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The limit is on the numbers of files, of which others have taken many.
    gc.collect()
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(60)]
    for number in held[::3]:
        os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(held) + 1, before[1]))
    try:
        with pytest.raises(DatasetError, match=r"opened beside .* by compact\(\)"):
            data.project(tally, *BC, on=YEAR)
        joined = scale.compact(tmp_path / "data", VOCABULARY)
        found = joined.project_each(tally, on=YEAR)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for number in {*held} - {*held[::3]}:
            os.close(number)

    assert folded(log, tally, YEAR, None) == dict(found)


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("fold", [tally, lasting])
def test_each_day_of_a_year_has_the_states_of_its_log(
    tmp_path: Path, trials: Callable[..., int], fold: Projection[Any]
) -> None:
    """Days move forward, and sometimes back; what is known is all, or until the day."""
    random, log = Random(38), EventLog.of(NEW)
    for day in range(-30, 0):
        log = day_of(random, day, log)
    data = write(log, tmp_path / "data", VOCABULARY, buckets=2)
    states, former = dict[Pair, Any](), None
    for day in range(trials(365, share=90)):
        log = day_of(random, day, log)
        data = data.append(log)
        on = YEAR + timedelta(day - random.choice([0, 0, 0, 1, 40]))
        step: Step = len(log), on, random.choice([None, on])
        result = data.refresh(tmp_path / "states", fold, on=on, known_by=step[2])
        now = saved(result.files)

        assert now == folded(log, fold, on, step[2])
        if former is not None:
            check(log, result, [states, now], (former, step))
        states, former = now, step
