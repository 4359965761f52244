"""A class that the vocabulary lacks is heard of, and never silently left out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import frozen
from stakes import DAY, DEALS, Bought, Sold, stake

from bri_timeline import (
    Answer,
    Event,
    EventLog,
    Projection,
    Source,
    Unknown,
    Vocabulary,
    dyads,
    scale,
)
from bri_timeline.errors import VocabularyError
from bri_timeline.formats import arrow, geojson, jsonl
from bri_timeline.measures import count, total
from bri_timeline.pages import text
from bri_timeline.relations import (
    Joined,
    Left,
    Met,
    Visited,
    relationship,
)
from bri_timeline.stores import MemoryStore, SQLiteStore


WHOLE = Vocabulary(Bought, Sold)


def without_sold(tmp_path: Path) -> EventLog:
    """Return the log as a vocabulary without one of its classes reads it."""
    jsonl.dump(DEALS, tmp_path / "deals.jsonl", WHOLE)
    return jsonl.load(tmp_path / "deals.jsonl", Vocabulary(Bought))


def of_key(*_: str) -> Projection[int]:
    """Return the projection of a key."""
    return stake


YEARS = {"start": "2001-01-01", "stop": "2003-01-01", "every": "year"}
ROADS: dict[str, Callable[[EventLog], object]] = {
    "project": lambda log: log.as_of(DAY).project(stake),
    "undecided": lambda log: log.as_of(DAY).project(stake, undecided=True),
    "project_each": lambda log: log.as_of(DAY).project_each(stake, by=dyads),
    "of keys": lambda log: log.as_of(DAY).project_each(of_key, by=dyads),
    "explain": lambda log: log.as_of(DAY).explain(stake, of=int),
    "outcomes": lambda log: log.as_of(DAY).outcomes(stake),
    "rivals": lambda log: log.as_of(DAY).outcomes(stake, rivals=True),
    "diff": lambda log: EventLog().as_of(DAY).diff(log.as_of(DAY), stake),
    "history": lambda log: log.history(stake),
    "histories": lambda log: log.history(stake, by=dyads),
    "of histories": lambda log: log.history(of_key, by=dyads),
    "first": lambda log: log.first(stake, at_least=1),
    "beliefs": lambda log: log.beliefs(stake, on=DAY),
    "panel": lambda log: [*log.panel(stake, by=dyads, **YEARS)],
    "panel of keys": lambda log: [*log.panel(of_key, by=dyads, **YEARS)],
    "of a base class": lambda log: log.as_of(DAY).project(count(Bought)),
    "of some classes": lambda log: log.where(kinds=Sold),
    "of a party": lambda log: log.among("A").as_of(DAY).project(stake),
}


@pytest.mark.parametrize("road", ROADS)
def test_a_projection_that_reads_it_is_refused(road: str, tmp_path: Path) -> None:
    """Each question says so, in the words in which a store refuses to read it."""
    with pytest.raises(VocabularyError, match=r"has no <class .*Sold'>: add the class"):
        ROADS[road](without_sold(tmp_path))

    ROADS[road](DEALS)


def test_a_store_and_a_dataset_say_the_same(tmp_path: Path) -> None:
    """A log has the words of the store; a dataset knows the kinds of all its files."""
    scale.write(DEALS, tmp_path / "data", WHOLE)
    data = scale.open(tmp_path / "data", Vocabulary(Bought))
    deals = count(Bought)
    with SQLiteStore(tmp_path / "own.db", WHOLE) as store:
        store.append(DEALS)
    with SQLiteStore(tmp_path / "own.db", Vocabulary(Bought)) as store:
        said = []
        for road in (
            lambda: store.read(projection=stake),
            lambda: store.read().as_of(DAY).project(stake),
            lambda: store.read(projection=deals).as_of(DAY).project(deals),
            lambda: data.project_each(deals, on=DAY),
            lambda: data.tally(deals, on=DAY),
            lambda: data.project_each(stake, on=DAY),
            lambda: data.history(stake),
        ):
            with pytest.raises(VocabularyError) as refused:
                road()
            said.append(str(refused.value))

    assert 1 == len({*said})


PAIR = ["AZE", "CHN"]
AFFAIRS = EventLog.of(
    Event(Met(PAIR), when="2001"),
    Event(Joined("AZE", "body"), when="2001"),
    Event(Left("AZE", "body"), when="2002"),
    Event(Visited("AZE", "CHN"), when="2003"),
)
ALL = Vocabulary(Met, Joined, Left, Visited)
BOTH = relationship(*PAIR)


def asked_of_log(
    log: EventLog, asked: Projection[object]
) -> dict[str, Callable[[], object]]:
    """Return the questions of a log about a projection."""
    view = log.as_of(DAY)
    numbers = int if asked is not BOTH else lambda state: len(state.visits)
    keys = {"by": dyads} if not asked.parties else {"by": lambda _: ("all",)}
    each = {"by": dyads} if not asked.parties else None
    roads: dict[str, Callable[[], object]] = {
        "project": lambda: view.project(asked),
        "undecided": lambda: view.project(asked, undecided=True),
        "explain": lambda: view.explain(asked, of=numbers),
        "outcomes": lambda: view.outcomes(asked, of=numbers),
        "diff": lambda: EventLog().as_of(DAY).diff(view, asked),
        "history": lambda: log.history(asked),
        "first": lambda: log.first(asked, holds=lambda state: bool(numbers(state))),
        "beliefs": lambda: log.beliefs(asked, on=DAY),
        "of a function": lambda: view.project_each(lambda *_: asked, **keys),
    }
    if each is not None:
        roads["project_each"] = lambda: view.project_each(asked, **each)
        roads["panel"] = lambda: [*log.panel(asked, **each, **YEARS)]
    return roads


def asked_of_dataset(
    data: scale.Dataset, asked: Projection[object], folder: Path
) -> dict[str, Callable[[], object]]:
    """Return the questions of a dataset about a projection."""
    ask: Callable[..., object] = asked if not asked.parties else relationship
    numbers = int if asked is not BOTH else lambda state: len(state.visits)
    at = [(("AZE", "CHN"), DAY)]
    roads: dict[str, Callable[[], object]] = {
        "project": lambda: data.project(asked, *PAIR, on=DAY),
        "project_each": lambda: data.project_each(ask, on=DAY),
        "history": lambda: data.history(ask),
        "first": lambda: data.first(ask, holds=lambda state: bool(numbers(state))),
        "panel": lambda: [*data.panel(ask, of=numbers, **YEARS)],
        "panel at": lambda: [*data.panel(ask, of=numbers, at=at)],
        "panel of keys": lambda: [
            *data.panel(ask, of=numbers, keys=[("AZE", "CHN")], **YEARS)
        ],
    }
    if asked is not BOTH:
        roads["tally"] = lambda: data.tally(asked, on=DAY)
        roads["refresh"] = lambda: data.refresh(folder, asked, on=DAY)
        roads["save_each"] = lambda: data.save_each(asked, folder, on=DAY)
    return roads


def answered(roads: dict[str, Callable[[], object]], lacking: str) -> list[str]:
    """Return those of some questions that are not refused for want of a class."""
    remedy = f".{lacking}'>: add the class to it"
    names = []
    for name, road in roads.items():
        try:
            road()
            names.append(name)
        except VocabularyError as error:
            names += [] if str(error).endswith(remedy) else [f"{name}: {error}"]
    return names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "lacking"),
    [
        *((BOTH, kind) for kind in (Met, Joined, Left, Visited)),
        (count(Joined, active=True), Left),
        (count(active=True), Left),
    ],
    ids=str,
)
def test_each_question_needs_what_it_reads_and_what_ends_that(
    asked: Projection[object], lacking: type, tmp_path: Path
) -> None:
    """Without the class a state would lack facts, or have those that are over."""
    known = Vocabulary(*({*ALL.classes.values()} - {lacking}))
    jsonl.dump(AFFAIRS, tmp_path / "all.jsonl", ALL)
    log = jsonl.load(tmp_path / "all.jsonl", known)
    whole = scale.write(AFFAIRS, tmp_path / "data", ALL)
    data, folder = scale.open(tmp_path / "data", known), tmp_path / "states"

    name = lacking.__name__
    assert not answered(asked_of_log(log, asked), name)
    assert not answered(asked_of_dataset(data, asked, folder), name)
    for road in asked_of_log(AFFAIRS, asked).values():
        road()
    for road in asked_of_dataset(whole, asked, folder).values():
        road()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "later"),
    [(BOTH, Visited), (count(Joined, active=True), Left), (count(active=True), Left)],
    ids=str,
)
def test_each_question_needs_the_version_of_what_it_reads(
    asked: Projection[object], later: type, tmp_path: Path
) -> None:
    """Facts that a later version of a class wrote are not left out either."""
    newer = Vocabulary(*ALL.classes.values(), upcasts={later: (dict,)})
    jsonl.dump(AFFAIRS, tmp_path / "all.jsonl", newer)
    scale.write(AFFAIRS, tmp_path / "data", newer)
    log = jsonl.load(tmp_path / "all.jsonl", ALL)
    data, folder = scale.open(tmp_path / "data", ALL), tmp_path / "states"

    for road in asked_of_log(log, asked).values():
        with pytest.raises(VocabularyError, match="version 2"):
            road()
    roads = asked_of_dataset(data, asked, folder)
    # Whether it is refused does not depend on what a bucket holds.
    roads["another pair"] = lambda: data.project(asked, "KAZ", "RUS", on=DAY)
    for road in roads.values():
        with pytest.raises(VocabularyError, match="version 2"):
            road()


def shown(log: EventLog, folder: Path) -> dict[str, Callable[[], object]]:
    """Return what shows which facts of a log last."""
    view = log.as_of(DAY)
    joined = next(e for e in view.events if isinstance(e.what, Joined))
    return {
        "active": view.active,
        "active of a class": lambda: view.active(Joined),
        "ended": lambda: view.ended(joined),
        "may_have_ended": lambda: view.may_have_ended,
        "as_dict": view.as_dict,
        "table": lambda: view.__arrow_c_stream__(),
        "text": lambda: text.render(view),
        "places": lambda: geojson.dump(log, folder / "all.geojson", ALL),
    }


def test_no_fact_is_said_to_last_without_the_class_of_what_ends_it(
    tmp_path: Path,
) -> None:
    """Nothing shows it as going on; what does not depend on it is shown."""
    jsonl.dump(AFFAIRS, tmp_path / "all.jsonl", ALL)
    log = jsonl.load(tmp_path / "all.jsonl", Vocabulary(Met, Joined, Visited))

    assert not answered(shown(log, tmp_path), "Left")
    for road in shown(AFFAIRS, tmp_path).values():
        road()
    view = log.as_of(DAY)
    assert "Left" in repr(view)
    assert "Left" in view._repr_html_()
    met = view.events[0]
    assert Answer.NO is view.ended(met)
    # Whatever ends them is no part of such a selection.
    assert 1 == len(log.where(kinds=Joined).as_of(DAY).active())


@frozen
class Priced:
    """Its JSON differs where it is equal."""

    parties: frozenset[str]
    amount: Decimal
    fee: int | None = None


def priced(
    amount: str, when: str, day: str, fee: int | None = None, **more: str
) -> Event:
    """Return an event that became known on a day."""
    what = Priced(frozenset("AB"), Decimal(amount), fee)
    return Event(what, when=when, cite=Source(day, published=day), **more)


RIVALS = {
    "equal words": [priced("1.0", "2000", "2001"), priced("1.00", "2000", "2002")],
    "equal claims": [
        priced("1.0", "2000", "2001", id="x"),
        priced("1.00", "2000", "2002", id="x"),
    ],
    "claims that agree": [
        priced("1", "2000", "2001", id="x"),
        priced("1", "2000-05", "2002", 7, id="x"),
    ],
    "claims of which the later says less": [
        priced("1", "2000-05", "2001", 7, id="x"),
        priced("1", "2000", "2002", id="x"),
    ],
    "claims that agree, and their rival": [
        priced("1", "2000-05", "2001", 7, id="x"),
        priced("2", "2000-09", "2002", 9, id="x"),
        priced("1", "2000", "2003", id="x"),
    ],
    "claims that do not agree": [
        priced("1", "2000-05", "2001", 7, id="x"),
        priced("1", "2000-09", "2002", id="x"),
    ],
    "rivals of another class": [
        Event(Bought("bob", 1), when="2000-05", id="x", cite=Source("a")),
        priced("1", "2000", "2002", id="x"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("claims", RIVALS.values(), ids=RIVALS)
@pytest.mark.parametrize("known", [Vocabulary(Bought, Priced), Vocabulary(Bought)])
def test_columns_count_what_a_log_of_the_vocabulary_counts(
    claims: list[Event], known: Vocabulary, tmp_path: Path
) -> None:
    """Which claims are one happening depends on the classes that are known."""
    scale.write(EventLog.of(*claims), tmp_path, Vocabulary(Bought, Priced), buckets=1)
    data = scale.open(tmp_path, known)
    log = EventLog(data.entries())

    fees = [total(Priced, "fee")] if Priced in known else []
    for measure in (count(), count(Bought), *fees):
        for day in ("2000-06-01", DAY):
            by_pair = log.as_of(day).project_each(measure, by=dyads)
            assert by_pair == data.project_each(measure, on=day)
            assert by_pair == {
                p: t.certain for p, t in data.tally(measure, on=day).items()
            }
        rows = [*log.panel(measure, by=dyads, **YEARS)]
        assert rows == [*data.panel(measure, **YEARS)]


def test_claims_of_a_later_version_are_not_left_out_either(tmp_path: Path) -> None:
    """An older program is told which version it lacks."""
    later = EventLog.of(Event(Unknown("Sold", 2, b"{}"), when="2002"))
    newer = Vocabulary(Bought, Sold, upcasts={Sold: (dict,)})
    scale.write(DEALS, tmp_path / "data", newer)
    data = scale.open(tmp_path / "data", WHOLE)

    for road in (
        lambda: later.as_of(DAY).project(stake),
        lambda: later.as_of(DAY).active(Sold),
        lambda: data.project_each(stake, on=DAY),
        lambda: data.project_each(count(Sold), on=DAY),
        lambda: data.project_each(of_key, on=DAY),
        lambda: data.save_each(stake, tmp_path / "saved", on=DAY),
        lambda: data.tally(count(Sold), on=DAY),
        lambda: data.history(stake),
        lambda: data.first(stake, at_least=1),
        lambda: [*data.panel(stake, **YEARS)],
        lambda: [*data.panel(count(Sold), **YEARS)],
    ):
        with pytest.raises(VocabularyError, match=r"no version 2 .*of that version"):
            road()
    known = scale.open(tmp_path / "data", newer)
    assert {("A", "B"): 25} == known.project_each(stake, on=DAY)


def test_whoever_reads_it_is_warned_once(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """A projection that reads everything folds past it, so the log says what lacks."""
    store = MemoryStore(Vocabulary(Bought))
    store.append([Event(Unknown("Sold", 1, b"{}"), when="2002")])
    caplog.set_level(logging.WARNING, "bri_timeline")

    store.read()
    store.read(parties=["A"])
    store.append([Event(Bought("A", 1), when="2003")])
    store.read(known_by="2030-01-01")
    (line,) = (record.getMessage() for record in caplog.records)

    assert ": 1 claim kept as Unknown, " in line
    assert line.endswith("the vocabulary lacks Sold: add the classes to it")

    caplog.clear()
    without_sold(tmp_path)
    arrow.dump(DEALS, tmp_path / "deals.parquet", WHOLE)
    arrow.load(tmp_path / "deals.parquet", Vocabulary(Bought))
    arrow.load(tmp_path / "deals.parquet", WHOLE)

    places = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert [str(tmp_path / name) for name in ("deals.jsonl", "deals.parquet")] == places
