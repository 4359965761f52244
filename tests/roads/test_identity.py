"""One fact is one happening, by whatever road: laws over random scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from identity_told import as_before, bases, said, shown
from identity_worlds import (
    LATER,
    random_log,
)
from log_strategies import Deed, Fact, everything

from bri_timeline import (
    EventLog,
    Vocabulary,
    scale,
)
from bri_timeline.formats import chronicle, csv, jsonl
from bri_timeline.stores import SQLiteStore


pytestmark = pytest.mark.full
VOCABULARY = Vocabulary(Fact, Deed)
ALONG = ("AZE", "CHN")


@pytest.mark.slow
def test_every_road_gives_the_same_happenings(
    trials: Callable[..., int], tmp_path: Path
) -> None:
    """A log, a store, a part of a store, selections, formats and a dataset."""
    for seed in range(trials(500, share=100)):
        random = Random(seed)
        log = random_log(random)
        known_by = random.choice(bases(log, random)[:2])
        expected = shown(log.as_of(LATER, known_by=known_by))
        with SQLiteStore(tmp_path / f"{seed}.db", VOCABULARY) as store:
            some = random.randint(0, len(log))
            store.append(EventLog([*log][:some]))
            store.append(log)
            roads = [store.read(), store.read(parties=ALONG)]
        roads += [log.among(*ALONG), log.where(kinds=Fact), log.concerning(*ALONG)]
        for form in (jsonl, csv, chronicle):
            roads.append(form.loads(form.dumps(log, VOCABULARY), VOCABULARY))
        for number, road in enumerate(roads):
            view = road.as_of(LATER, known_by=known_by)
            assert shown(view) == expected, (seed, number, known_by)
        folder = tmp_path / f"{seed}"
        data = scale.write(EventLog([*log][:some]), folder, VOCABULARY, buckets=2)
        state = data.append(log).project(
            everything, *ALONG, on=LATER, known_by=known_by
        )
        view = log.as_of(LATER, known_by=known_by)
        assert Counter(map(said, state)) == Counter(map(said, view.events)), seed


@pytest.mark.slow
def test_logs_of_before_are_read_by_the_same_rules(
    trials: Callable[..., int], tmp_path: Path
) -> None:
    """The digest of the first words of a slot counts as not given."""
    for seed in range(trials(1_000, share=50)):
        random = Random(seed)
        log = random_log(random)
        old, known_by = as_before(log), random.choice(bases(log, random)[:2])
        expected = shown(log.as_of(LATER, known_by=known_by))
        roads = [old, old.among(*ALONG)]
        if seed % 5 == 0:
            with SQLiteStore(tmp_path / f"{seed}.db", VOCABULARY) as store:
                store.append(old)
                roads += [store.read(), store.read(parties=ALONG)]
            for form in (jsonl, csv, chronicle):
                roads.append(form.loads(form.dumps(old, VOCABULARY), VOCABULARY))
                assert roads[-1] in (old, old.published()), (seed, form)
            data = scale.write(old, tmp_path / f"{seed}", VOCABULARY, buckets=2)
            state = data.project(everything, *ALONG, on=LATER, known_by=known_by)
            view = log.as_of(LATER, known_by=known_by)
            assert Counter(map(said, state)) == Counter(map(said, view.events)), seed
        for number, road in enumerate(roads):
            view = road.as_of(LATER, known_by=known_by)
            assert shown(view) == expected, (seed, number, known_by)
