"""A reference by any digest of its claims leads to the happening, on every road."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

import attrs
import pytest
from attrs import field, frozen
from concern_model import Note, following
from erasing import erase
from identity_model import Identity, knowledge
from log_strategies import everything
from reference_worlds import (
    AZE_CHN,
    FIELDS,
    KNOWN,
    LATER,
    OTHERS,
    package,
    random_log,
    signed,
)

from bri_timeline import Answer, Event, EventLog, Source, dyads
from bri_timeline._happening import Dangling
from bri_timeline._payload import has_references
from bri_timeline.relations import AgreementSigned, Held, relationship


pytestmark = pytest.mark.full


def with_ids(log: EventLog, known_by: date | None) -> EventLog:
    """Return a log in which each reference is the id of the happening meant."""
    day = float("inf") if known_by is None else known_by.toordinal()
    identity = Identity(tuple(log), lambda entry: knowledge(entry)[0] <= day)
    entries = []
    for entry in log:
        event = entry.event
        for name in () if event is None else event.refers_to:
            told: object = identity.meant(name)
            where = FIELDS[type(event.what)]
            told = frozenset({told}) if where == "refers_to" else told
            event = attrs.evolve(event, what=attrs.evolve(event.what, **{where: told}))
        entries.append(attrs.evolve(entry, event=event))
    return EventLog(entries)


def answers(log: EventLog, known_by: date | None) -> list[object]:
    """Return what is said of a log by the roads that lie in memory."""
    view, near = log.as_of(LATER, known_by), log.concerning(*OTHERS)
    pair = view.project(relationship(*AZE_CHN))
    return [
        (pair.agreement_count, pair.agreed_value),
        view.project(everything),
        [(one.event, one.id) for one in view.dangling],
        dict(view.project_each(following, by=dyads)),
        [(one.since, one.state) for one in log.history(everything, known_by=known_by)],
        near.as_of(LATER, known_by).project(everything),
        log.where(kinds=Held).as_of(LATER, known_by).events,
        len(view.disputes),
    ]


def test_a_reference_by_a_digest_is_one_by_the_id(trials: Callable[..., int]) -> None:
    """Under each basis, whichever happenings have become one, or parted."""
    for seed in range(trials(5_000)):
        random = Random(seed)
        log, known_by = random_log(random), random.choice(KNOWN)
        same = with_ids(log, known_by)
        assert answers(log, known_by) == answers(same, known_by), seed
        for belief in log.beliefs(everything, on=LATER)[1:]:
            view = log.as_of(LATER, belief.since)
            assert belief.state == view.project(everything), seed


def test_packages_that_become_one_are_one_change() -> None:
    """A slip is put right; the part says another id, and what was recorded is told."""
    part = Event(package(300, signed(821).id), when="2016-01-02", id="part")
    log = EventLog.of(signed(812, "Daily"), signed(821, "Weekly"), part)
    log = log.append(signed(821), supersedes=0, known="2017-01-01")
    before, after = (log.as_of(LATER, known) for known in ("2016-12-31", None))
    fold = relationship(*AZE_CHN)
    state, found = after.project(fold), before.diff(after, fold)
    told = str(after.explain(fold, of=lambda state: state.agreements))

    assert (10, {"USD": 821}) == (state.agreement_count, state.agreed_value)
    assert [3] == [entry.position for one in found.changes for entry in one.entries]
    assert not after.dangling
    assert f"part_of {signed(821).id}: no source" in told
    # What reads the part alone is changed by that only.
    alone = before.diff(after, attrs.evolve(everything, reads=AgreementSigned))
    assert len(found.changes) == len(alone.changes)
    kept = log.where(lambda event: event.id == "part")
    (change,) = (
        kept.as_of(LATER, "2016-12-31").diff(kept.as_of(LATER), everything).changes
    )
    assert change.after is not None
    assert change.after.what == package(300, signed(812).id)


def test_what_a_selection_leaves_out_says_what_it_refers_to() -> None:
    """The claims of the package, which is the affair of others."""
    about = Event(Note("n", OTHERS, frozenset({signed(2).id})), when="2016-01-02")
    log = EventLog.of(signed(1), about).append(signed(2), supersedes=0)
    some = log.among("RUS")

    assert [1] == [entry.position for entry in some]
    assert [0, 2] == [entry.position for entry in some.left_out]


def test_an_id_of_two_digests_names_what_has_it() -> None:
    """Each of its claims began another happening, and has given that its id."""
    log = EventLog.of(signed(2), signed(1), signed(3), signed(2, "Daily"))
    for right, wrong in ((2, 1), (4, 2), (3, 3)):
        log = log.append(signed(right), supersedes=wrong)
    view = log.as_of(LATER)
    for event in view.events:
        assert Answer.YES is view.has_happened(event.id)
    assert Answer.NO is view.has_happened("0" * 32)


@frozen
class Cited:
    """Something that refers to others in fields of several kinds, after a converter."""

    one: str = field(converter=lambda text: text.strip("."))
    several: tuple[str | int, ...]
    number: int = 0
    refers_to: frozenset[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        names = {self.one, *(name for name in self.several if isinstance(name, str))}
        object.__setattr__(self, "refers_to", frozenset(names))


class Plain:
    """A payload that is no class of attrs."""

    def __init__(self, name: str) -> None:
        self.refers_to = frozenset({name})

    def __hash__(self) -> int:
        return hash(self.refers_to)


def test_all_fields_that_refer_to_it_are_told_its_id() -> None:
    """And members of collections; other payloads keep what they say."""
    first, then = signed(1).id, signed(2).id
    log = EventLog.of(signed(1)).append(signed(2), supersedes=0)
    about = Event(Cited(then, (then, 7, "else"), 3), when="2016-01-02")
    plain = Event(Plain(then), when="2016-01-03")
    *_, told, kept = log.extend([about, plain]).as_of(LATER).events

    assert told.what == Cited(first, (first, 7, "else"), 3)
    assert told.id == about.id
    assert kept.what is plain.what


def test_classes_that_refer_to_nothing_are_known() -> None:
    """Then no claim has to be looked at."""
    some = (Cited, Held, Plain, str, int, Source)
    assert [True, True, True, False, False, False] == [*map(has_references, some)]


def test_a_reference_to_another_claim_says_to_what_to_refer() -> None:
    """A reference to another claim says to what to refer."""
    lost = Dangling(signed(1), "paper", "deal")

    assert lost.words == "refers to 'paper', a claim about 'deal': refer to that"


def test_what_has_no_words_is_referred_to_by_nothing() -> None:
    """An erased claim says nothing, also where another refers to its digest."""
    whole = signed(1)
    part = Event(package(2, bundle=whole.id), when="2015", cite=())
    log = EventLog.of(whole, part).append(signed(3), supersedes=0)
    left = erase(log, [2])

    assert [one.id for one in left.as_of("2020-01-01").dangling] == [whole.id]
