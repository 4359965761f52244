"""Erasing removes words and no effect, on every road that a log takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest
from erasing import Twins, bare, check_state, chosen, grown
from log_model import NEVER
from log_strategies import everything
from store_worlds import OPENERS, START, WORDS, Opener, answers, fact, memory

from bri_timeline import Covers, Entry, EventLog, Revision, Source
from bri_timeline._events.entries import Erased, Review, entry_cells
from bri_timeline.errors import DamagedStoreError, EntryError, StaleLogError
from bri_timeline.formats import arrow, chronicle, csv, jsonl
from bri_timeline.stores import Store, copy
from bri_timeline.stores._chain import Erasure, leaf_of
from bri_timeline.stores._rows import EntryRow


each = pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
PAPER = Source("The Paper", published="2016-01-02")
DAYS = [date(2016, 1, 1), date(2099, 1, 1)]
KNOWN = [None, date(2016, 1, 1), date(2016, 1, 31)]


def twins(number: int) -> tuple[Random, Twins]:
    """Return a log and what is left of it, as chance will have it."""
    random = Random(number)
    narrow = random.random() < 0.5
    size = random.randrange(3, 9 if narrow else 14)
    whole = grown(random, EventLog(), size, narrow=narrow)
    return random, Twins(whole, chosen(random, whole))


def check_states(some: Twins) -> None:
    """Check what is left against the model, under several bases."""
    for known_by in KNOWN:
        number = NEVER if known_by is None else known_by.toordinal()
        check_state(some.left, some.model(number), DAYS, known_by)


def check_roads(store: Store, some: Twins) -> None:
    """Check that every road gives what is left, and what it says."""
    log = store.read()
    assert bare(log) == bare(some.left)
    assert len(log) - 1 == store.verify().position
    assert list(log) == list(store.follow(timeout=0))
    for party in ("AAA", "BBB", "CCC"):
        part, whole = store.read(parties=[party]).among(party), log.among(party)
        for known_by in KNOWN:
            expected = answers(whole, DAYS[-1], known_by)
            assert expected == answers(part, DAYS[-1], known_by)
    with memory() as other, memory() as third:
        assert copy(store, other) == store.head()
        assert log == other.read()
        assert other.verify() == store.head()
        copy(iter(log), third)
        assert log == third.read()
        third.verify()


def check_formats(log: EventLog, folder: Path) -> None:
    """Check that files keep what is left."""
    for whole, name in ((jsonl, "log.jsonl"), (chronicle, "log.toml")):
        whole.dump(log, folder / name, WORDS)
        assert log == whole.load(folder / name, WORDS)
    published, tables = log.published(), ("log.parquet", "log.arrow")
    for kind, name in ((csv, "log.csv"), *((arrow, name) for name in tables)):
        assert () == tuple(kind.dump(published, folder / name, WORDS))
        assert published == kind.load(folder / name, WORDS)


def check_erasures(opener: Opener, number: int, folder: Path) -> None:
    """Check a log in a store, erased and then continued."""
    random, some = twins(number)
    check_states(some)
    with opener() as store:
        store.append(some.whole)
        for place in some.gone:
            store.erase(place, because="law")
        check_roads(store, some)
        if number % 10 == 0:
            check_formats(store.read(), folder)
        some.left = store.read()
        some.go_on(random, random.randrange(4))
        store.append(some.left)
        check_states(some)
        check_roads(store, some)


COUNTS = {"memory": 6000, "sqlite": 800, "postgres": 200}
SHARE = 400


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("kind", COUNTS)
def test_erasing_removes_words_and_no_effect(
    kind: str, tmp_path: Path, trials: Callable[..., int]
) -> None:
    """Whatever is erased, a store says what the log said without these words."""
    for number in range(trials(COUNTS[kind], share=SHARE)):
        check_erasures(OPENERS[kind], number, tmp_path)


# --- what erase tells ---------------------------------------------------------------


@each
def test_erase_returns_the_positions_that_repeat_the_words(opener: Opener) -> None:
    """Claims and proposals that say the same, under whatever id, are to be erased."""
    with opener() as store:
        log = EventLog.of(fact("a"), fact("a", id="x"), fact("b"), fact("a", "2017"))
        store.append(log.propose(fact("a"), by="m").propose(fact("b"), by="m"))

        assert (1, 4) == store.erase(0, because="law")
        assert (1,) == store.erase(4, because="law")
        assert () == store.erase(0, because="law")
        assert () == store.erase(1, because="law")
        assert (5,) == store.erase(2, because="law")


def test_erase_finds_what_releases_have_repeated() -> None:
    """A release that came late has copied the rows of the others."""
    with memory() as store:
        for day in ("2016-02-01", "2016-01-01"):
            store.revise([fact("a", id="x")], dataset="d", published=day)
        copies = [e.position for e in store.read() if e.event is not None]

        assert (copies[1],) == store.erase(copies[0], because="law")


def test_the_entry_of_a_release_is_not_erased() -> None:
    """It has no words, and rows could not be told without it."""
    with memory() as store:
        store.revise([fact("a", id="x")], dataset="d", published="2016-01-01")
        with pytest.raises(EntryError, match="records a release, which has no words"):
            store.erase(0, because="law")

        assert store.read()[0].release is not None


def test_what_was_erased_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The entry, an explanation and a verification say so."""
    with memory() as store:
        log = EventLog.of(fact("a"), fact("b")).append(fact("c"), supersedes=0)
        log = log.propose(fact("d"), by="m").accept(3, by="p").retract(1, because="no")
        store.append(log.reject(3, by="p", because="no"))
        for position in (1, 2, 3, 4, 5, 6):
            store.erase(position, because="a law")
        cells = [entry_cells(entry)[3] for entry in store.read()[1:]]
        assert [
            ("erased: a law",),
            ("erased: a law", "corrects entry 0"),
            ("erased: a law", "a proposal"),
            ("erased: a law", "accepts proposal 3"),
            ("erased: a law", "retracts entry 1"),
            ("erased: a law", "retracts entry 4", "rejects proposal 3"),
        ] == cells
        assert "erased" == str(Erased())
        explained = store.read().as_of("2017-01-01").explain(everything, of=len)
        assert 6 == explained.erased
        assert str(explained).endswith(
            "6 entries of the log were erased: what was said there is not known"
        )
        earlier = store.read().as_of("2017-01-01", known_by=1)
        assert 1 == earlier.explain(everything, of=len).erased
        with caplog.at_level("INFO"):
            store.verify()
        assert "6 of its entries were erased" in caplog.text


# --- what is erased stays so --------------------------------------------------------


def test_a_log_read_before_does_not_bring_erased_words_back() -> None:
    """A log that does not know of the erasure is refused where it says them again."""
    with memory() as store:
        store.append([fact("a"), fact("b")])
        before = store.read()
        store.erase(0, because="law")
        again = before.retract(0, because="r").append(fact("a"))
        with pytest.raises(EntryError, match="0: to append them again, give"):
            store.append(again)
        with pytest.raises(EntryError, match="erased, from entry 0"):
            store.append(before.propose(fact("a", cite=PAPER), by="m"))
        with pytest.raises(EntryError, match="erased, from entry 0"):
            store.append([fact("c"), fact("a")])
        assert 2 == len(store.read())
        assert 2 == store.append(before.append(fact("c"))).position
        # A log that was read since has been asked itself.
        log = store.read().append(fact("a"), allow_erased=True)
        assert 3 == store.append(log).position
        log = store.read().retract(3, because="r").append(fact("a"), allow_erased=True)
        assert 5 == store.append(log, allow_erased=True).position
        other = EventLog.of(fact("x"), fact("b"))
        with pytest.raises(StaleLogError, match="they differ from position 0 on"):
            store.append(other)


def test_an_erased_row_stays_so_in_later_and_in_late_releases() -> None:
    """It is recorded without words, and replaces what the row said before."""
    with memory() as store:

        def revise(*values: str, day: str, **covers: Covers) -> Revision:
            rows = [fact(value, id=f"row{n}") for n, value in enumerate(values)]
            return store.revise(rows, dataset="d", published=day, **covers)[1]

        revise("old", "a", day="2016-01-01")
        revise("bad", "a", day="2016-02-01")
        (position,) = (
            e.position for e in store.read() if e.event and e.event.what.value == "bad"
        )
        store.erase(position, because="law")

        def said() -> list[str]:
            events = store.read().as_of("9999-12-31").events
            return sorted(event.what.value for event in events)

        assert ["a"] == said()
        revision = revise("bad", "b", day="2016-03-01")
        assert (1, 1, 0) == (revision.erased, len(revision.changed), revision.equal)
        assert ["b"] == said()
        # A late release: all are applied again.
        revise("older", "a", day="2015-12-01")
        assert ["b"] == said()
        revision = revise("good", "b", day="2016-04-01")
        assert (0, 0, 1) == (revision.erased, len(revision.changed), revision.equal)
        assert ["good"] == [event.what.value for event in revision.added]
        assert ["b", "good"] == said()
        again = revise("good", "b", day="2016-04-01")
        assert (0, 2) == (again.erased, again.equal)
        revision = revise("bad", day="2016-05-01", covers=Covers(days="2015"))
        assert ["b"] == said()
        assert 1 == revision.erased
        # Whether a part contains it is not known, so it is not withdrawn.
        revision = revise(day="2016-06-01", covers=Covers(days="2016"))
        assert (["b"], []) == ([e.what.value for e in revision.withdrawn], said())
        revision = revise(day="2016-07-01", covers=Covers())
        assert () == revision.withdrawn
        store.verify()


def test_a_row_without_an_id_stays_erased() -> None:
    """It is told by its content, of which a digest is left."""
    with memory() as store:
        rows = [fact("a"), fact("b")]
        store.revise(rows, dataset="d", published="2016-01-01")
        store.erase(1, because="law")
        _, revision = store.revise(rows, dataset="d", published="2016-02-01")

        assert (1, 1, False) == (revision.erased, revision.equal, bool(revision))
        _, revision = store.revise(rows[1:], dataset="d", published="2016-03-01")
        assert () == revision.withdrawn
        _, revision = store.revise(rows, dataset="d", published="2016-04-01")
        assert (1, ()) == (revision.erased, revision.added)
        assert [fact("b")] == [*store.read().as_of("2017-01-01").events]


# --- stores of earlier versions -----------------------------------------------------


def erased_earlier(store: Store, position: int) -> None:
    """Erase an entry as earlier versions did: nothing of it was left."""
    with store._database.session(writing=True) as session:
        (stored,) = session.at([position])
        leaf, instant = leaf_of(stored.line.encode()), "2026-01-01T00:00:00.000000Z"
        record = Erasure.sealed(position, leaf, "law", instant, "")
        session.erase(record, EntryRow(position, "", stored.digest))


@each
def test_entries_that_earlier_versions_erased_can_be_read(opener: Opener) -> None:
    """What they did is not known; what was decided on them, or would correct, is."""
    with opener() as store, memory() as other:
        log = EventLog.of(fact("a"), fact("b")).propose(fact("c"), by="m", supersedes=0)
        log = log.propose(fact("d"), by="m").accept(3, by="p")
        log = log.append(fact("e"), supersedes=1).retract(1, because="no")
        store.append(log)
        for position in (0, 1, 3, 6):
            erased_earlier(store, position)
        assert () == store.erase(0, because="law")

        found = store.read()
        assert store.verify() == store.head()
        assert [True, True, False, True] == [entry.is_lost for entry in found[:4]]
        assert 4 == found.as_of("2017-01-01").explain(everything, of=len).erased
        values = {e.what.value for e in found.as_of("2017-01-01").events}
        assert {"d", "e"} == values
        assert found == EventLog(store.follow(timeout=0))
        assert 3 == len(store.read(parties=["AAA"]))
        assert copy(store, other) == store.head()
        assert (found, other.verify()) == (other.read(), store.head())
        with pytest.raises(EntryError, match="0 of the second log claims nothing"):
            EventLog() + found
        # The log that was read before the erasure still extends the store.
        assert 7 == store.append(log.append(fact("f"))).position


def test_verify_says_what_cannot_be_read_as_a_log() -> None:
    """Each line is sound, and together they are not a log."""
    with memory() as store:
        store.append(EventLog.of(fact("a")).propose(fact("b"), by="m"))
        entry = Entry(position=2, review=Review(by="p", rejects=0), because="no")
        with store._database.session(writing=True) as session:
            session.append(session.preparer.prepare([entry]), START, None)
        with pytest.raises(DamagedStoreError, match="log: entry 2 decides on entry 0"):
            store.verify()
        with pytest.raises(DamagedStoreError, match="is not a proposal"):
            store.read()
        assert 2 == store.head().position


@each
def test_changes_of_what_is_left_are_found(opener: Opener) -> None:
    """What is left of an erased entry is sealed."""
    with opener() as store:
        store.append([fact("a"), fact("b")])
        store.erase(0, because="law")
        with store._database.session(writing=True) as session:
            (stored,) = session.at([0])
            (record,) = session.erased()
        assert not record.is_sound(stored.line.replace('"id"', '"ID"'))
        assert not record.is_sound("")
        assert record.is_sound(stored.line)
