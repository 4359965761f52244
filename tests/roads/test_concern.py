"""One relationship, whichever road leads to it: memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from concern_answers import answers, some_parties
from concern_model import (
    CUTS,
    NOTES,
    VIEWS,
    Note,
    following,
    random_log,
)
from log_strategies import counting as counting_events
from log_strategies import everything
from store_worlds import OPENERS

from bri_timeline import (
    Event,
    EventLog,
    dyads,
    projection,
)
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import html
from bri_timeline.relations import (
    FACTS,
    Held,
    Joined,
    PlanStatus,
    Postponed,
    Visited,
    relationship,
)
from bri_timeline.scale import write
from bri_timeline.stores import MemoryStore, SQLiteStore


@pytest.mark.full
@pytest.mark.parametrize(
    ("road", "count"), [("memory", 500), ("sqlite", 500), ("postgres", 50)]
)
def test_read_by_a_projection_answers_as_the_whole_log(
    road: str, count: int, trials: Callable[[int], int]
) -> None:
    """What a store reads for a projection is all that it takes to answer."""
    opened = OPENERS[road]
    for seed in range(trials(count)):
        random = Random(seed)
        log, parties = random_log(random, 20), some_parties(random)
        fold = following(*parties)
        with opened() as store:
            store.append(log)
            part = store.read(projection=fold)
            known = random.choice(CUTS[1:])
            early = store.read(projection=fold, known_by=known)
            day = random.choice(VIEWS)

            assert answers(log, parties, seed) == answers(part, parties, seed), seed
            view = early.as_of(day, known)
            assert log.as_of(day, known).project(fold) == view.project(fold), seed


@pytest.mark.parametrize("road", ["memory", "sqlite"])
def test_a_store_follows_references_however_far(road: str) -> None:
    """What refers to what concerns them, and what that refers to in turn."""
    pair = frozenset("AB")

    def note(name: str, refers_to: str, parties: frozenset[str] = frozenset()) -> Event:
        what = Note(name, parties, frozenset(filter(None, [refers_to])))
        return Event(what, when="2016-01-01", id=name)

    referring = [note("a", "", pair), note("b", "a"), note("c", "b"), note("d", "c")]
    targets = [note("w", "x", pair), note("x", "y"), note("y", "z"), note("z", "")]
    # From the last: each is recorded before what it refers to.
    log = EventLog.of(*referring[::-1], *targets)
    with OPENERS[road]() as store:
        store.append(log)
        concerning = store.read(projection=following("A", "B"))
        about = store.read(parties=["A", "B"])

    assert ["d", "c", "b", "a", "w"] == [
        event.id
        for event in concerning.as_of("2016-01-01").project(following("A", "B"))
    ]
    assert {*"abcdwxyz"} == {entry.claim.id for entry in about}
    assert () == about.as_of("2016-01-01").dangling
    assert () == concerning.as_of("2016-01-01").dangling


@pytest.mark.parametrize("road", ["memory", "sqlite"])
def test_a_store_reads_what_is_referred_to_by_its_digest(road: str) -> None:
    """An event without an id, and without parties."""
    nameless = Event(Note("n"), when="2016-01-01")
    note = Note("e", frozenset("CD"), frozenset({nameless.id}))
    with OPENERS[road]() as store:
        store.append([nameless, Event(note, when="2016-01-01")])
        about = store.read(parties=["C", "D"])

    assert ["n", "e"] == [entry.claim.what.value for entry in about]
    assert () == about.as_of("2016-01-01").dangling


@pytest.mark.full
def test_a_dataset_answers_as_the_whole_log(
    trials: Callable[..., int], tmp_path: Path
) -> None:
    """What is written at once or in two parts is read by the parties, and no more."""
    for seed in range(trials(500, share=100)):
        random = Random(seed)
        log, parties = random_log(random, 20), some_parties(random)
        start, fold = random.choice((0, len(log) // 2)), following(*parties)
        first = EventLog(tuple(log)[: start or len(log)])
        data = write(first, tmp_path / str(seed), NOTES, buckets=3).append(log)
        one, other = (*parties, "Z")[:2]
        for known_by in (*CUTS, random.randrange(len(log))):
            day = random.choice(VIEWS)
            view = log.as_of(day, known_by)
            found = data.project(fold, one, other, on=day, known_by=known_by)

            assert view.project(fold) == found, seed
        whole = log.concerning(*parties).as_of("2030-01-01")
        part = data.concerning(*parties).as_of("2030-01-01")
        assert (whole.events, whole.undecided) == (part.events, part.undecided), seed
        pairs = {pair for event in counting_events(log) for pair in dyads(event)}
        states = data.project_each(everything, on=day)
        assert pairs == {*states}, seed
        each = data.project_each(following, on=day)
        assert log.as_of(day).project_each(following, by=dyads) == each, seed
        shutil.rmtree(data.folder)


def test_what_refers_to_the_first_words_of_a_claim_is_selected_with_it() -> None:
    """A correction has an id of its own, and other parties."""
    visit = Event(Visited("KAZ", "GEO"), when="2015-06-01")
    log = EventLog.of(visit).append(
        Event(Joined("CHN", "X"), when="2015-06-15", id="joined"), supersedes=0
    )
    log = log.append(Event(Held(visit.id), when="2015-07-01", id="held"))
    part = log.concerning("CHN", "GEO")

    assert ["joined", "held"] == [event.id for event in part.as_of("2020-12-31").events]
    assert [1, 2] == [entry.position for entry in part]
    assert html.render(part, projection=relationship("CHN", "GEO"))


@pytest.mark.slow
@pytest.mark.parametrize("road", ["memory", "sqlite"])
def test_dangling_is_the_same_of_what_a_store_reads(road: str) -> None:
    """What is read for a projection comes with what it refers to."""
    for seed in range(40):
        random = Random(seed)
        log, parties = random_log(random, 20), some_parties(random)
        with OPENERS[road]() as store:
            store.append(log)
            part = store.read(projection=following(*parties))
        for known_by in CUTS:
            whole, view = (one.as_of("2030-01-01", known_by) for one in (log, part))
            selected_view = view.concerning(*parties)

            assert whole.concerning(*parties).dangling == selected_view.dangling, seed


@pytest.mark.slow
def test_a_plan_of_the_chronicle_is_postponed_by_every_road(tmp_path: Path) -> None:
    """What was put off is told so by logs, selections, stores, datasets and pages."""
    late = Event(Postponed("trilateral-planned"), when="2019-08-12", id="late")
    log, day = azerbaijan_china().append(late), "2019-09-01"
    fold, pair = relationship("AZE", "RUS"), ("AZE", "RUS")
    view = log.as_of(day)
    store = SQLiteStore(tmp_path / "log.db", FACTS)
    store.append(log)
    data = write(log, tmp_path / "data", FACTS, buckets=2)
    states = [
        view.project(fold),
        log.among(*pair).as_of(day).project(fold),
        log.concerning(*pair).as_of(day).project(fold),
        view.project_each(relationship, by=dyads)[pair],
        store.read(projection=fold).as_of(day).project(fold),
        store.read(parties=pair).as_of(day).project(fold),
        data.project(fold, *pair, on=day),
        data.project_each(relationship, on=day)[pair],
        data.concerning(*pair).as_of(day).project(fold),
    ]
    store.close()

    statuses = [s.plans["trilateral-planned"].status_on(day) for s in states]
    assert [PlanStatus.POSTPONED] * len(states) == statuses
    page = html.render(log, projection=fold)
    assert PlanStatus.POSTPONED.value in page.partition('id="page-data"')[2]


def test_read_by_a_projection_of_nobody_reads_its_kinds() -> None:
    """A projection that names no parties reads what it is for, whoever is involved."""

    @projection(initial=int, reads=Visited)
    def visits(count: int, _event: Event) -> int:
        return count + 1

    with MemoryStore(FACTS) as store:
        store.append(azerbaijan_china())
        part = store.read(projection=visits)
    assert {Visited} == {type(entry.event.what) for entry in part if entry.event}
