"""A reference by any digest of its claims leads to the happening, on every road."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

import pytest
from concern_model import Note, following

from bri_timeline import Event, EventLog, Source, Vocabulary, dyads, scale
from bri_timeline._command._slips import shared_digests
from bri_timeline.errors import EntryError
from bri_timeline.relations import AgreementSigned, Held, Money
from bri_timeline.stores import SQLiteStore


pytestmark = pytest.mark.full
AZE_CHN = frozenset({"AZE", "CHN"})
OTHERS = frozenset({"AZE", "RUS"})
KNOWN = (None, *(date(2016, 3, day) for day in range(1, 5)))
LATER = "2030-01-01"
# The fields with which these refer to others.
FIELDS = {Held: "plan", AgreementSigned: "part_of", Note: "refers_to"}
VOCABULARY = Vocabulary(*FIELDS)


def package(worth: int, bundle: str | None = None) -> AgreementSigned:
    """Return ten agreements, or one that is a part of them."""
    count = None if bundle else 10
    return AgreementSigned(AZE_CHN, "x", count, Money(worth, "USD"), part_of=bundle)


def signed(worth: int, *papers: str) -> Event:
    """Return the event that ten agreements were signed."""
    return Event(package(worth), when="2016-01-01", cite=[*map(Source, papers)])


def random_log(random: Random) -> EventLog:
    """Return a log of packages that become one and part, and of what refers to them.

    What refers to them has an id of its own, and never begins in words of another.
    """
    log = EventLog()
    for place in range(random.randint(4, 12)):
        known = random.choice(KNOWN)
        claims = [(e.position, e.event) for e in log if e.event is not None]
        names = sorted({one.id for _, one in claims if not one.refers_to})
        target, old = random.choice(claims or [(None, None)])
        if old is None or random.random() < 0.5:
            target, is_about = None, bool(names) and random.random() < 0.6
        else:
            is_about = bool(old.refers_to)
        event = signed(random.randint(1, 3))
        if is_about:
            name = random.choice([*names, "0" * 32])
            about = Note(str(place), OTHERS, frozenset({name}))
            what = random.choice((Held(name), package(300 + place, name), about))
            own = f"r{place}" if old is None or target is None else old.id
            event = Event(what, when="2016-01-02", id=own)
        with suppress(EntryError):  # it repeats what is known, or what was withdrawn
            if target is not None and random.random() < 0.2:
                log = log.retract(target, because="no", known=known)
            else:
                log = log.append(event, supersedes=target, known=known)
    return log


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
