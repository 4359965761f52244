"""A reference by any digest of its claims leads to the happening, on every road."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from concern_model import following
from reference_worlds import FIELDS, KNOWN, LATER, OTHERS, random_log, signed

from bri_timeline import Event, EventLog, Vocabulary, dyads, scale
from bri_timeline._command._slips import shared_digests
from bri_timeline.relations import Held
from bri_timeline.stores import SQLiteStore


pytestmark = pytest.mark.full
VOCABULARY = Vocabulary(*FIELDS)


def test_stores_and_datasets_follow_digests(
    trials: Callable[..., int], tmp_path: Path
) -> None:
    """The parts of them that are read say what the whole log says."""
    for seed in range(trials(400, share=40)):
        log, folder = random_log(Random(seed)), tmp_path / str(seed)
        with SQLiteStore(f"{folder}.db", VOCABULARY) as store:
            store.append(log)
            part = store.read(projection=following(*OTHERS))
        dataset = scale.write(log, folder, VOCABULARY)
        for known_by in KNOWN:
            view = log.as_of(LATER, known_by)
            near = view.project(following(*OTHERS))
            each = dataset.project_each(following, on=LATER, known_by=known_by)

            assert near == part.as_of(LATER, known_by).project(following(*OTHERS)), seed
            assert dict(view.project_each(following, by=dyads)) == each, seed


def test_doctor_asks_which_of_several_is_meant() -> None:
    """One package was read by two: one was put right, and the other is a rival."""
    log = EventLog.of(signed(1), signed(2), signed(3)).append(signed(2), supersedes=2)
    log = log.append(signed(4), supersedes=1)
    assert not [*shared_digests(log)]

    about = Event(Held(signed(2).id), when="2016-01-03")
    log = log.append(about).append(Event(Held(signed(1).id), when="2016-01-03"))
    log = log.append(Event("x", when="2016", id="x")).retract(0, because="no")
    (question,) = shared_digests(log)
    assert question.startswith(
        f"entry 5 refers to {signed(2).id}, and claims of 2 have"
    )
    assert signed(3).id in question
