"""Stores: read, append, follow, erase in the same words, whatever they are kept in."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Deed, Fact, events, known_by_days, logs, view_days
from programs import unmeasured
from store_worlds import (
    OPENERS,
    PAIR,
    START,
    WORDS,
    Opener,
    answers,
    fact,
    facts,
    memory,
    use,
)

from bri_timeline import Entry, Event, EventLog, Source, Unknown, Vocabulary, stores
from bri_timeline.errors import (
    DamagedStoreError,
    EntryError,
    EventError,
    ProjectionError,
    SelectionError,
    StaleLogError,
    StoreError,
    VocabularyError,
)
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    Money,
    Visited,
    relationship,
)
from bri_timeline.stores import Head, MemoryStore, Store, _store, copy
from bri_timeline.stores._rows import (
    StoredEntry,
    entries_of,
)


each = pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
few = at_most(30)


# --- the module ---------------------------------------------------------------------


@pytest.mark.slow
def test_stores_load_no_driver() -> None:
    """Importing the stores loads no database driver; asking for one does."""
    program = (
        "import sys, bri_timeline.stores as stores\n"
        "drivers = {'sqlite3', 'psycopg'}\n"
        "assert not drivers & set(sys.modules), set(sys.modules)\n"
        "stores.MemoryStore\n"
        "assert {'sqlite3'} == drivers & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=unmeasured())


def test_stores_have_all_names_that_they_list() -> None:
    """Every name in `__all__` can be had, and no other."""
    assert all(getattr(stores, name).__name__ == name for name in stores.__all__)
    with pytest.raises(AttributeError, match="no attribute 'OracleStore'"):
        _ = stores.OracleStore


def test_all_names_can_be_imported_without_the_driver_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name of a store whose extra is missing is left out of `import *`."""
    namespace: dict[str, object] = {}
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "psycopg", None)
        importlib.reload(stores)
        exec("from bri_timeline.stores import *", namespace)
    importlib.reload(stores)

    assert "PostgresStore" in stores.__all__
    assert {*stores.__all__} - {"PostgresStore"} == {*namespace} - {"__builtins__"}


# --- append and read ----------------------------------------------------------------


@each
def test_a_new_store_is_empty(opener: Opener) -> None:
    """A store begins before the first position, with an empty log."""
    with opener() as store:
        assert Head() == store.head() == store.verify()
        assert EventLog() == store.read()
        assert [] == list(store.follow(timeout=0))


@each
@few
@given(log=logs())
def test_read_gives_the_log_that_was_appended(opener: Opener, log: EventLog) -> None:
    """What is read from a store equals the log that was appended to it."""
    with opener() as store:
        head = store.append(log)

        assert log == store.read()
        assert len(log) - 1 == head.position == store.verify(head).position


@each
@few
@given(log=logs(), more=logs(max_size=3), claims=st.lists(events(), max_size=4))
def test_append_to_a_store_equals_append_to_a_log(
    opener: Opener, log: EventLog, more: EventLog, claims: list[Event]
) -> None:
    """A store says after every append what the log would say after the same."""
    with opener() as store:
        store.append(log)
        grown = store.read().extend([entry.claim for entry in more if entry.event])
        store.append(grown)

        assert grown == store.read()

        store.append(claims)

        assert grown.extend(claims) == store.read()

        head = store.append(claims[::-1])

        assert head == store.append(grown)
        assert grown.extend(claims) == store.read()


@each
def test_append_writes_what_a_log_grew_by(opener: Opener) -> None:
    """Corrections and retractions are appended as the log that holds them."""
    with opener() as store:
        store.append(facts(2))
        log = store.read().append(fact("c"), supersedes=1, because="misread")
        store.append(log)
        log = log.retract(0, because="forged", known="2019-01-01")

        assert 3 == store.append(log).position
        assert log == store.read()
        assert 3 == store.append(log).position


@each
def test_append_compares_a_log_that_was_read_elsewhere(opener: Opener) -> None:
    """A log made elsewhere is taken if it begins with what the store holds."""
    with opener() as store:
        store.append(facts(3))
        log = EventLog.of(*facts(5))

        assert 4 == store.append(log).position
        assert 4 == store.append(EventLog.of(*facts(2))).position
        assert log == store.read()


@each
def test_append_refuses_a_log_that_differs_as_stale(opener: Opener) -> None:
    """A log that differs from the store is refused, and both positions are named."""
    with opener() as store:
        store.append(facts(2))
        mine = store.read().append(fact("mine"))
        store.append(store.read().append(fact("theirs")))
        with pytest.raises(StaleLogError, match=r"expected position 1, .* at 2:") as e:
            store.append(mine)

        assert (1, 2) == (e.value.expected, e.value.found)
        assert 3 == len(store.read())
        with pytest.raises(StaleLogError, match="expected position -1"):
            store.append(EventLog.of(fact("x"), fact("y")))


@each
def test_append_refuses_a_partial_log(opener: Opener) -> None:
    """What is among some parties is no log to append."""
    with opener() as store:
        other = Event(Fact("x", frozenset({"CCC"})), when="2016")
        log = EventLog.of(fact("a"), other, fact("b"))
        with pytest.raises(EntryError, match="entry 2 stands at place 1 of the log"):
            store.append(log.among("AAA"))
        store.append(log[:1][0].claim)
        with pytest.raises(EntryError, match="entry 1 stands at place 0 of the log"):
            store.append(log.among("CCC"))

        assert 0 == store.head().position


@each
def test_append_refuses_a_selection_of_which_the_rest_outvotes_a_part(
    opener: Opener,
) -> None:
    """Alone, the first of two rival claims would count."""
    log = EventLog.of(fact("a", id="f"), fact("b", id="f"))
    selection = log.where(lambda event: event == fact("a", id="f"))
    assert not selection.as_of("2020-12-31").events
    with opener() as store:
        with pytest.raises(EntryError, match="entry 1 is not in the selection, and"):
            store.append(selection)

        assert store.head().position == -1


@each
def test_append_with_expected_position_writes_nothing_if_it_is_behind(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer who expects less than the store holds writes nothing."""
    monkeypatch.setattr(_store, "BATCH", 1)
    with opener() as store:
        first = store.append(fact("a"), expected=-1)
        assert 1 == store.append(fact("b"), expected=first).position
        with pytest.raises(StaleLogError, match=r"expected position 0, .* at 1:"):
            store.append(fact("c"), expected=first)
        with pytest.raises(StaleLogError, match=r"expected position 1, .* at 1:"):
            store.append(fact("c"), expected=evolve(store.head(), digest=bytes(32)))
        with pytest.raises(StaleLogError):
            store.append(store.read().append(fact("c")), expected=0)
        with pytest.raises(StaleLogError):
            store.append([fact("a"), fact("c")], expected=first)

        assert store.head() == store.append(fact("b"), expected=first)
        assert 2 == len(store.read())


@each
def test_an_append_can_be_repeated(opener: Opener) -> None:
    """What a live entry says already is not written again; after a retraction it is."""
    with opener() as store:
        events = [fact("a"), fact("b", id="x"), fact("a"), fact("b", id="y")]
        assert 2 == store.append(events).position
        assert 2 == store.append(events).position
        log = store.read().retract(0, because="wrong")
        store.append(log)
        assert 4 == store.append(fact("a")).position
        log = store.read().retract(3, because="was right")
        store.append(log)

        assert 5 == store.append(fact("a")).position


@each
def test_append_adds_what_only_a_correction_says(opener: Opener) -> None:
    """As in a log: a claim of its own is another witness."""
    log = EventLog.of(fact("a", id="x")).append(fact("b", id="x"), supersedes=0)
    with opener() as store:
        store.append(log)
        store.append([log[1].claim])

        assert store.read() == log.append(log[1].claim)


@frozen
class Rate:
    """A number that can be written in several ways."""

    rate: Decimal
    parties: frozenset[str] = PAIR


@frozen
class Group:
    """A payload with parts that are payloads."""

    first: Fact
    rates: tuple[Rate, ...] = ()


def test_append_ignores_equal_numbers_written_differently() -> None:
    """A claim is recognised by what it says, not by how that is written."""
    with MemoryStore(Vocabulary(Rate, Group)) as store:
        for number in ("1", "1.0", "1.00"):
            store.append(Event(Rate(Decimal(number)), when="2016", id=None))
            rates = (Rate(Decimal(number)),)
            store.append(Event(Group(Fact("a"), rates), when="2016"))

        assert 1 == store.head().position


def _renamed(fields: dict[str, object]) -> dict[str, object]:
    return fields


@each
def test_append_ignores_claims_of_an_older_version(opener: Opener) -> None:
    """What was written before a class had an upcast is not written again after it."""
    with opener() as store:
        store.append([fact("a"), fact("b")])
        use(store, Vocabulary(Fact, upcasts={Fact: (_renamed,)}))
        assert 1 == store.append([fact("b"), fact("a")]).position
        assert 2 == store.append(fact("c")).position
        assert [fact("a"), fact("b"), fact("c")] == [e.event for e in store.read()]

        found = store.read(kinds=[Fact])

        assert 3 == len(found)


def test_append_ignores_claims_of_a_version_that_came_later() -> None:
    """A program that lacks the upcast may write after one that has it."""
    new, old = Vocabulary(Fact, upcasts={Fact: (_renamed,)}), Vocabulary(Fact)
    with MemoryStore(new) as first, MemoryStore(old) as then, MemoryStore(new) as last:
        first.append(fact("a"))
        copy(first, then)
        then.append(fact("b"))
        copy(then, last)

        assert 1 == last.append(fact("b")).position


@each
def test_read_and_append_keep_unknown_kinds(opener: Opener) -> None:
    """What a program does not know is read, found and written back unchanged."""
    with opener() as store:
        store.append(fact("a"))
        use(store, Vocabulary())
        (entry,) = store.read()

        assert isinstance(entry.claim.what, Unknown)
        assert (entry,) == tuple(store.read(parties=["AAA"]))

        store.append(entry.claim.cited(Source("Leaflet")))
        store.append(entry.claim)

        assert 1 == store.head().position


@each
def test_verify_passes_entries_of_another_vocabulary(opener: Opener) -> None:
    """Older versions, unknown kinds, and copies of both are as they were written."""
    visit = Event(Visited(guest="AZE", host="CHN"), when="2016")
    later = Vocabulary(Fact, upcasts={Fact: (_renamed,)}) | FACTS
    with opener() as store, opener() as other:
        worth = AgreementSigned({"AZE", "CHN"}, "t", value=Money("1.50", "USD"))
        store.append([fact("a"), visit, Event(worth, when="2016")])
        for vocabulary in (later, Vocabulary(), WORDS):
            use(store, vocabulary)
            assert 2 == store.verify().position
        for each_store in (store, other):
            use(each_store, later)
        copy(store, other)
        for vocabulary in (later, Vocabulary(), WORDS):
            use(other, vocabulary)
            assert 2 == other.verify().position


@each
def test_verify_reports_parties_missing_from_the_index(opener: Opener) -> None:
    """Parties that a newer program sees, and the store does not find, are told."""
    visit = Event(Visited(guest="AZE", host="CHN"), when="2016")
    with opener() as store, opener() as other:
        store.append(visit)
        for each_store in (store, other):
            use(each_store, Vocabulary())
        copy(store.read(), other)
        copied = copy(other, MemoryStore(Vocabulary()))
        assert copied == other.verify()
        use(other, WORDS)
        with pytest.raises(VocabularyError, match=r"no line .* by other parties than"):
            other.verify()
        with opener() as third:
            copy(other, third)
            third.verify()
            assert 1 == len(third.read(parties=["AZE"]))


def _moved(fields: dict[str, object]) -> dict[str, object]:
    return {**fields, "parties": ["AAA", "CCC"]}


@each
def test_verify_reports_parties_that_an_upcast_changes(opener: Opener) -> None:
    """A store that would not find a claim by its new parties says so."""
    with opener() as store:
        store.append(fact("a"))
        use(store, Vocabulary(Fact, upcasts={Fact: (_moved,)}))
        with pytest.raises(VocabularyError, match=r"no line .* by other parties than"):
            store.verify()


@each
def test_append_refuses_other_values(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something else among the events is refused before anything is written."""
    monkeypatch.setattr(_store, "BATCH", 64)
    with opener() as store:
        with pytest.raises(EventError, match="append an EventLog, or events"):
            store.append([fact("a"), "b"])
        stranger = Event(Rate(Decimal(1)), when="2016")
        with pytest.raises(VocabularyError, match="Rate is not in the vocabulary"):
            store.append([*facts(80), stranger])

        assert EventLog() == store.read()
        assert -1 == store.append([]).position


@each
def test_append_of_many_events_is_one_transaction(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many events are appended at once, and a repetition among them once."""
    monkeypatch.setattr(_store, "BATCH", 256)
    with opener() as store:
        many = [*facts(600), *facts(10)]

        assert 599 == store.append(many, expected=-1).position
        assert 599 == store.append(EventLog.of(*facts(600))).position
        assert EventLog.of(*facts(600)) == store.read()
        assert 599 == store.verify().position


@each
def test_append_that_fails_leaves_nothing_behind(opener: Opener) -> None:
    """What fails in the middle is undone, with all that it would be found by."""
    with opener() as store:
        store.append(store.read().append(fact("a")).retract(0, because="wrong"))
        log = store.read().append(fact("b", id="x")).retract(2, because="wrong")
        bad = EventLog([*log, evolve(log[3], position=4, because="\ud800")])
        with pytest.raises(EntryError, match="entry 4 cannot be kept"):
            store.append(bad)
        assert 1 == store.head().position
        store.append(log)

        assert log == store.read()
        assert 4 == store.append(fact("b", id="x")).position
        assert 4 == store.verify().position


@each
def test_append_that_fails_halfway_is_undone(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written before the fault is undone, and is not found any more."""
    monkeypatch.setattr(_store, "BATCH", 64)
    with opener() as store:
        store.append(facts(2))
        log = store.read().append(fact("c"), supersedes=0).retract(1, because="wrong")
        good = log.extend(facts(80, start=10))
        bad = Entry(position=len(good), retracts=2, because="\ud800")
        with pytest.raises(EntryError, match="cannot be kept"):
            store.append(EventLog([*good, bad]))

        assert 1 == store.head().position == store.verify().position
        assert 2 == store.append(fact("1", id="x")).position
        assert [0, 1, 2] == [e.position for e in store.read(parties=["AAA"])]


@each
def test_the_clock_of_the_store_says_when(opener: Opener) -> None:
    """Entries of one append were recorded at one instant, by the store's clock."""
    with opener() as store:
        store.append(facts(2))
        store.append(store.read().append(fact("c")))

        assert [START, START, START + timedelta(seconds=1)] == [
            entry.recorded_at for entry in store.read()
        ]
    with MemoryStore(Vocabulary(Fact)) as other:
        other.append(fact("a"))
        assert other.read()[0].recorded_at is not None
    with MemoryStore(Vocabulary(Fact), clock=lambda: None) as stopped:
        for what in (fact("a"), EventLog.of(fact("a"))):
            with pytest.raises(EntryError, match="the clock returned None, and not a"):
                stopped.append(what)
        assert not stopped.read()


# --- slices -------------------------------------------------------------------------


some_parties = st.sampled_from([(), ("AAA",), ("AAA", "BBB"), ("BBB",), ("ZZZ",)])


@each
@at_most(60)
@given(log=logs(), parties=some_parties, day=view_days(), known_by=known_by_days())
def test_read_of_a_part_answers_as_the_whole_log(
    opener: Opener, log: EventLog, parties: tuple[str, ...], day: str, known_by: str
) -> None:
    """What is read of some parties has the answers that the whole log has."""
    with opener() as store:
        store.append(log)
        expected = answers(log.among(*parties), day, known_by)
        ever = answers(log.among(*parties), day, None)
        by_parties = store.read(parties=parties, kinds=[Fact, "Other"])
        by_days = store.read(parties=parties, known_by=known_by, on_or_before=day)

        assert expected == answers(by_parties.among(*parties), day, known_by)
        assert ever == answers(by_parties.among(*parties), day, None)
        # A dispute may be about a claim of these parties that cannot have begun yet.
        assert expected[:2] == answers(by_days.among(*parties), day, known_by)[:2]


@each
def test_read_of_a_part_reads_related_entries_only(opener: Opener) -> None:
    """Only claims of the parties, kinds and days are read, and what bears on them."""
    with opener() as store:
        other = Fact("x", frozenset({"CCC"}))
        early = Event(Deed("d", PAIR), when="2015", cite=Source("A", published="2015"))
        late = Event(Deed("d", PAIR), when="2016", cite=Source("A", published="2017"))
        store.append([fact("a"), Event(other, when="2016"), early, late])
        log = store.read().append(fact("b"), supersedes=1)
        store.append(log.retract(3, because="wrong"))

        def positions(**what: object) -> list[int]:
            return [entry.position for entry in store.read(**what)]

        assert [0, 1, 2, 3, 4, 5] == positions(parties=["BBB"])
        assert [1, 4] == positions(parties=["CCC"])
        assert [2, 3, 5] == positions(kinds=[Deed])
        assert [2, 3, 5] == positions(kinds=["Deed"])
        assert [] == positions(kinds=[])
        assert [2, 3, 5] == positions(kinds=[Deed], parties=["AAA"])
        assert [2] == positions(kinds=[Deed], on_or_before="2015-12-31")
        assert [2] == positions(on_or_before="2015-12-31")
        assert [2] == positions(kinds=[Deed], known_by="2016-12-31")
        assert [0, 1, 2, 4] == positions(known_by="2016-12-31")
        with pytest.raises(VocabularyError, match="Rate"):
            store.read(kinds=[Rate])


@each
def test_read_by_a_day_follows_corrections_that_were_known_later(
    opener: Opener,
) -> None:
    """A correction of a later correction is one of the claim that this corrects."""
    moved = Event(Fact("c", frozenset({"CCC"})), when="2016-01-01")
    log = EventLog.of(fact("a"))
    log = log.append(fact("b"), supersedes=0, known="2016-01-03")
    log = log.append(moved, supersedes=1, known="2016-01-02")
    with opener() as store:
        store.append(log)
        part = store.read(parties=["AAA"], known_by="2016-01-02")

        whole = log.among("AAA").as_of("2020-01-01", "2016-01-02")
        assert () == whole.events
        assert () == part.among("AAA").as_of("2020-01-01", "2016-01-02").events
        known = log.as_of("2020-01-01", "2016-01-02").events
        assert [moved.what] == [event.what for event in known]
        assert known == part.as_of("2020-01-01", "2016-01-02").events


# Names that JSON, or the text of an array, holds in another way.
ODD_NAMES = ['"', "\\", '\\"', "{a,b}", "NULL", "\x01\n", " é "]


@each
def test_read_refuses_one_actor_in_the_place_of_several(opener: Opener) -> None:
    """The letters of an id would be taken for actors, of which nothing is found."""
    with opener() as store, pytest.raises(SelectionError, match="write parties="):
        store.read(parties="AZE")


@each
@pytest.mark.parametrize("kinds", ["Visited", Visited], ids=["name", "class"])
def test_read_refuses_one_kind_in_the_place_of_several(
    opener: Opener, kinds: Any
) -> None:
    """The letters of a name would be taken for kinds, of which nothing is found."""
    with opener() as store, pytest.raises(SelectionError, match="write kinds="):
        store.read(kinds=kinds)


@each
def test_read_refuses_what_is_not_a_projection(opener: Opener) -> None:
    """As a function that returns one is not."""
    wrong: Any = relationship
    with opener() as store, pytest.raises(ProjectionError, match="one, call it"):
        store.read(projection=wrong)


@each
def test_claims_are_found_by_parties_of_any_name(opener: Opener) -> None:
    """They are found, and known again, whatever characters the names hold."""
    claims = [Event(Fact("a", frozenset({n, "B"})), when="2015") for n in ODD_NAMES]
    with opener() as store:
        store.append([fact("more"), *claims])
        # The numbers of index groups are then read from the database again.
        store.erase(0, because="private")

        assert store.head() == store.append(claims)
        assert claims == [
            entry.event for n in ODD_NAMES for entry in store.read(parties={n})
        ]


@each
def test_read_of_a_part_includes_claims_with_the_id_of_another(opener: Opener) -> None:
    """A claim named by the digest of another comes with it, and the other way round."""
    with opener() as store:
        other = Event(Fact("x", frozenset({"CCC"})), when="2016")
        store.append([other, fact("y", id=other.id), fact("z")])

        assert [0, 1] == [entry.position for entry in store.read(parties=["CCC"])]
        assert [0, 1, 2] == [entry.position for entry in store.read(parties=["AAA"])]


@each
def test_read_of_a_part_includes_claims_of_an_older_version(opener: Opener) -> None:
    """What a correction brings in brings what says the same in another version."""
    with opener() as store:
        other = Event(Fact("x", frozenset({"CCC"})), when="2016")
        store.append([other, fact("z")])
        use(store, Vocabulary(Fact, Deed, upcasts={Fact: (_renamed,)}))
        again = other.cited(Source("Leaflet"))
        store.append(store.read().append(again).append(fact("y"), supersedes=2))
        found = [entry.position for entry in store.read(parties=["AAA"])]

        assert [0, 1, 2, 3] == found


def test_read_finds_days_beyond_the_integers_of_a_database() -> None:
    """A day that no number of a database can hold is found all the same."""
    for opener in OPENERS.values():
        with opener() as store:
            store.append([fact("far", when="Y17E17"), fact("ago", when="Y-17E17")])
            found = store.read(on_or_before="2016-01-01")

            assert ["ago"] == [entry.claim.what.value for entry in found]
            assert 2 == len(store.read(parties=["AAA"]))


# --- follow -------------------------------------------------------------------------


@each
def test_follow_yields_each_entry_once(opener: Opener) -> None:
    """A follower yields what is there, and then what comes."""
    with opener() as store:
        head = store.append(facts(3))
        news = store.follow(after=0, every=0.001)
        assert [1, 2] == [next(news).position for _ in range(2)]
        store.append(facts(2, start=3))
        assert [3, 4] == [next(news).position for _ in range(2)]
        news.close()
        after = store.follow(after=head, timeout=0.002, every=0.001)

        assert [3, 4] == [entry.position for entry in after]
        assert [] == list(store.follow(after=store.head(), timeout=0.0))
        with pytest.raises(StaleLogError, match=r"expected position 9, .* at 4"):
            store.follow(after=9)


@each
def test_follow_begins_at_the_first_entry_however_early_it_is_told_to(
    opener: Opener,
) -> None:
    """No number is too small for a database."""
    with opener() as store:
        store.append(facts(2))

        assert 2 == len([*store.follow(-(10**30), timeout=0)])


@pytest.mark.slow
@each
@pytest.mark.full
def test_threads_may_share_a_store(opener: Opener, trials: Callable[..., int]) -> None:
    """Sixteen threads append, one follows: no gap, no loss, nothing twice."""
    writers, appends = 16, trials(200, share=8)
    total = writers * appends
    with opener() as store:
        seen: list[Entry] = []

        def write(number: int) -> None:
            for value in range(appends):
                store.append(fact(f"{number}-{value}"))

        def follow() -> None:
            news = store.follow(timeout=60.0, every=0.002)
            seen.extend(next(news) for _ in range(total))

        threads = [threading.Thread(target=write, args=[n]) for n in range(writers)]
        threads.append(threading.Thread(target=follow))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert list(range(total)) == [entry.position for entry in seen]
        assert seen == list(store.read())
        assert total == len({entry.claim.what for entry in seen})
        assert total - 1 == store.verify().position


# --- erase --------------------------------------------------------------------------


@each
def test_erase_leaves_an_entry_without_a_claim(opener: Opener) -> None:
    """What was erased is gone; position, digests, proofs and the rest stay."""
    with opener() as store:
        person = frozenset({"person:x", "AAA"})
        store.append([*facts(3), Event(Fact("secret", person), when="2016")])
        head, tree, log = store.head(), store.tree_head(), store.read()

        assert () == store.erase(log[3], because="asked to, \x00 by law")
        assert () == store.erase(3, because="again")
        assert head == store.head() == store.verify(head)
        assert tree == store.tree_head()

        entry = store.read()[3]

        assert (3, None, None) == (entry.position, entry.event, entry.retracts)
        assert "erased: asked to, \x00 by law" == str(entry.erased)
        assert log[3].claim.words == entry.erased.words
        assert tree.size == 4
        assert log[:3] == store.read()[:3]
        assert EventLog.partial([], 4) == store.read(parties=["person:x"])
        assert entry == [*store.follow(timeout=0)][3]

        proof = store.prove_inclusion(3)

        assert proof.line is None
        assert proof.holds(tree)


@each
def test_a_store_goes_on_after_an_erasure(opener: Opener) -> None:
    """What was erased can be said again if that is meant; earlier logs extend it."""
    with opener() as store:
        secret = Event(Fact("secret", frozenset({"person:x"})), when="2016")
        store.append([secret, fact("b")])
        before = store.read()
        store.append(store.read().retract(1, because="wrong"))
        store.erase(0, because="law")
        store.erase(2, because="law")

        with pytest.raises(EntryError, match="again, give allow_erased=True"):
            store.append(secret)
        assert 3 == store.append(secret, allow_erased=True).position
        assert 3 == store.append(secret).position
        assert [0, 3] == [e.position for e in store.read(parties=["person:x"])]
        assert 3 == store.append(before).position
        assert 4 == store.append(store.read().append(fact("c"))).position
        assert 4 == store.verify().position


@each
def test_erase_refuses_missing_entries_and_reasons(opener: Opener) -> None:
    """An entry that is not there is not erased, and nothing is without a reason."""
    with opener() as store:
        store.append(EventLog.of(fact("a"), fact("b")))
        with pytest.raises(EntryError, match="no entry 7: its last is 1"):
            store.erase(7, because="law")
        for wrong in ("0", 0.0, True, None):
            with pytest.raises(EntryError, match="is not an entry or a position"):
                store.erase(wrong, because="law")
        for because in ("", " ", None, "\ud800"):
            with pytest.raises(EntryError, match="is not a reason"):
                store.erase(1, because=because)

        assert EventLog.of(fact("a"), fact("b")) == store.read()


@each
def test_erase_keeps_corrections_of_the_entry(opener: Opener) -> None:
    """A correction is then all that is known; without it nothing is."""
    with opener() as store:
        log = EventLog.of(fact("slip"), fact("b")).append(fact("right"), supersedes=0)
        store.append(log.retract(1, because="wrong"))
        store.erase(0, because="law")
        store.erase(1, because="law")
        found = store.read()

        happened = found.as_of("2017-01-01").events
        assert [None, None] == [entry.event for entry in found[:2]]
        assert [fact("right").what] == [event.what for event in happened]
        assert (found[0], found[2]) == store.read(parties=["AAA"])[:]
        store.append(found.retract(2, because="no"))
        assert () == store.read().as_of("2017-01-01").events
        assert 5 == store.append(fact("slip"), allow_erased=True).position
        assert 5 == store.verify().position


@each
def test_what_was_put_right_stays_so_after_erase(opener: Opener) -> None:
    """The correction of an erased claim and the same claim anew are found together."""
    with opener() as store:
        slip = Event(Fact("slip", frozenset({"CCC"})), when="2016")
        store.append(EventLog.of(slip).append(fact("right"), supersedes=0))
        store.erase(0, because="law")
        store.append(slip, allow_erased=True)

        (dispute,) = store.read().as_of("2017-01-01").disputes
        assert ("right", (slip,)) == (dispute.taken.what.value, dispute.others)
        for party in ("AAA", "CCC"):
            found = [entry.position for entry in store.read(parties=[party])]
            assert [0, 1, 2] == found


# --- the rest -----------------------------------------------------------------------


@each
def test_a_closed_store_refuses_every_method(opener: Opener) -> None:
    """After `close()` everything is refused; closing again is not."""
    with opener() as store:
        store.close()
        with pytest.raises(StoreError, match="is closed"):
            store.head()
        store.close()
        assert repr(store).startswith(f"<{type(store).__name__} ")


def test_a_line_that_cannot_be_read_has_an_address() -> None:
    """What a store cannot read is reported with the positions among which it is."""
    with memory() as store:
        store.append(facts(3))
        never = '{"position":1,"known":"never"}'
        changed = "UPDATE entry SET line = ? WHERE position = 1"
        store._database.file.connection.execute(changed, [never])
        with pytest.raises(
            DamagedStoreError, match="entries 0 to 2: known: is 'never'"
        ):
            store.read()
        with pytest.raises(DamagedStoreError, match="known: is 'never'"):
            store.read(parties=["AAA"])


def test_read_restores_the_garbage_collector() -> None:
    """Reading pauses the search for cycles, and leaves it as it was."""
    import gc

    gc.disable()
    try:
        assert 1 == len(entries_of([StoredEntry(0, "", b"")], Vocabulary()))
        assert not gc.isenabled()
    finally:
        gc.enable()
    entries_of([], Vocabulary())
    assert gc.isenabled()


def test_all_stores_are_instances_of_store() -> None:
    """All stores share one class, which says what they have in common."""
    for opener in OPENERS.values():
        with opener() as store:
            assert isinstance(store, Store)


@frozen
class Loop:
    """A payload that may hold one of its own kind."""

    value: int
    inner: Loop | None = None


def test_a_payload_may_hold_its_own_kind() -> None:
    """Claims of payloads within payloads are recognised too."""
    with MemoryStore(Vocabulary(Loop)) as store:
        for _ in range(2):
            store.append(Event(Loop(1, Loop(2)), when="2016"))

        assert 0 == store.head().position


def test_a_head_is_read_from_its_text() -> None:
    """A head can be kept as text; other text is refused."""
    head = Head(41, bytes(range(32)))

    assert head == Head.of(str(head))
    assert head == eval(repr(head))
    for text in ("", "41", "-2-" + "0" * 64, str(head).upper()):
        with pytest.raises(EntryError, match="give what str"):
            Head.of(text)
