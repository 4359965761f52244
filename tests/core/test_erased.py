"""Entries without words, in a log: each keeps its effect."""

from __future__ import annotations

import pickle

import pytest
from attrs import evolve
from erasing import ERASED, erase
from log_strategies import Fact

from bri_timeline import Answer, Entry, Event, EventLog, Place, Source
from bri_timeline._events.entries import Erased
from bri_timeline.errors import EntryError


PAPER = (Source("The Paper").at(""),)
AAA = frozenset({"AAA"})


def event(value: str, name: str | None = None, when: str = "2016-01-01") -> Event:
    """Return an event about one party."""
    return Event(Fact(value, AAA), when=when, id=name)


def said(log: EventLog) -> list[str]:
    """Return what counts."""
    return sorted(one.what.value for one in log.as_of("9999-12-31").events)


class TestCorrections:
    """What a correction without words has put right stays so."""

    @pytest.mark.parametrize("name", [None, "x"])
    def test_what_it_replaced_does_not_come_back(self, name: str | None) -> None:
        """Neither itself nor by another witness; retracting it gives that back."""
        log = EventLog.of(event("old", name)).append(event("new"), supersedes=0)
        log = log.append(evolve(event("old", name), cite=PAPER))
        left = erase(log, [1])

        assert (["new"], []) == (said(log), said(left))
        aside = left.as_of("9999-12-31").set_aside
        assert [(0, "superseded", 1), (2, "disputed", 1)] == [
            (one.entry.position, one.reason.value, one.by.position) for one in aside
        ]
        assert ["old"] == said(left.retract(1, because="no"))
        assert ["newer"] == said(left.append(event("newer"), supersedes=1))
        assert said(left) == said(pickle.loads(pickle.dumps(left)))

    def test_words_that_were_erased_stay_put_right(self) -> None:
        """A witness that comes later, or came before, does not undo a correction."""
        log = EventLog.of(event("a"), event("b", "x"))
        log = log.append(event("c", "x"), supersedes=1, known="2016-01-01")
        left = erase(log, [1]).append(event("b", "x"), allow_erased=True)
        assert ["a", "c"] == said(left)
        # The same words elsewhere are others.
        there = evolve(event("b", "x"), where=Place("Baku"))
        left = left.append(there, known="2016-02-01")
        assert Place("Baku") in [e.where for e in left.as_of("9999-12-31").events]

    def test_a_correction_to_the_words_that_were_erased_before(self) -> None:
        """Contents are compared by digests, those with words too."""
        log = EventLog.of(event("a", "x")).append(event("b"), supersedes=0)
        log = log.append(event("a", "x"), supersedes=1).append(event("a", "x"))

        assert [] == said(erase(log, [2]))
        log = log.retract(0, because="r").append(event("a", "x"), allow_erased=True)
        assert ["a"] == said(erase(log, [2]))

    def test_a_claim_put_right_before_anything_was_erased(self) -> None:
        """Of one happening a slot is corrected, and another has erased words."""
        log = EventLog.of(event("a", "x"), event("a", "x", "2016"), event("c", "x"))
        log = log.append(event("b"), supersedes=0).append(event("d"), supersedes=1)
        late = evolve(event("a", "x"), cite=PAPER)
        log = log.append(late, known="2017-01-01")

        assert ["b"] == said(erase(log, [4]).retract(2, because="no"))

    def test_a_correction_is_named_after_what_was_erased(self) -> None:
        """It takes over an id that was given; of one without, the happening is told."""
        log = erase(EventLog.of(event("a"), event("b", "x")), [0, 1])
        left = log.append(event("c"), supersedes=0)

        assert left[2].claim == event("c")
        assert [event("a").id] == [one.id for one in left.as_of("2017-01-01").events]
        assert Answer.YES is left.as_of("2017-01-01").has_happened(event("c").id)
        assert "x" == log.append(event("c"), supersedes=1)[2].claim.id
        assert "y" == log.append(event("c", "y"), supersedes=0)[2].claim.id

    def test_an_entry_without_a_trace_cannot_be_corrected(self) -> None:
        """Earlier versions of the library left nothing."""
        log = EventLog([Entry(position=0)])
        with pytest.raises(EntryError, match="claims nothing that could be corrected"):
            log.append(event("a"), supersedes=0)

    @pytest.mark.parametrize(
        "first", [Entry(position=0), Entry(position=0, dataset="d", erased=Erased())]
    )
    def test_what_corrects_an_entry_without_a_trace_counts(self, first: Entry) -> None:
        """It is read, and replaces nothing that is known."""
        log = EventLog([first, Entry(position=1, event=event("a"), supersedes=0)])
        assert ["a"] == said(log)

    def test_an_id_of_an_earlier_version_is_not_that_of_the_last(self) -> None:
        """Where a log is read in which a correction lacks the id of its target."""
        second = Entry(position=1, event=event("b"), supersedes=0)
        log = EventLog([Entry(position=0, event=event("a", "x")), second])
        (one,) = log.as_of("2017-01-01").events
        assert event("b") == one

    def test_many_corrections_of_one_erased_claim_are_one_cluster(self) -> None:
        """Each is related to what it corrects, and to what has the id of that."""
        log = EventLog.of(event("a"))
        for value in "bcdefghijk":
            log = log.append(event(value, event("a").id), supersedes=0)
        left = erase(log, [0, 3, 4]).append(event("a"), allow_erased=True)

        assert ["k"] == said(left)
        assert ["k"] == said(EventLog(left))


class TestWriting:
    """Erased words are not said again by mistake."""

    LOG = erase(EventLog.of(event("a", "x"), event("b")), [0])

    def test_every_verb_refuses_them(self) -> None:
        """The error names the way to say them all the same."""
        log, words = self.LOG, event("a", "x")
        proposed = log.propose(words, by="m", allow_erased=True)
        for write in (
            lambda: log.append(words),
            lambda: log.append(event("a"), supersedes=0),
            lambda: log.retract(0, because="r").append(words),
            lambda: log.extend([event("c"), words]),
            lambda: log.propose(words, by="m"),
            lambda: proposed.accept(2, by="p"),
        ):
            with pytest.raises(EntryError, match="were erased, from entry 0: to claim"):
                write()
        assert 2 == len(log)
        assert ["a", "b"] == said(log.append(words, allow_erased=True))
        assert ["a", "b"] == said(log.extend([words], allow_erased=True))
        assert ["a", "b"] == said(proposed.accept(2, by="p", allow_erased=True))

    def test_repeating_what_stands_changes_nothing(self) -> None:
        """Where a live entry has the words all the same, nothing is said again."""
        log = self.LOG.append(event("a", "x"), allow_erased=True)

        assert log is log.append(event("a", "x"))
        assert log == log.extend([event("a", "x")])

    def test_a_shorter_log_does_not_know_of_it(self) -> None:
        """What was appended to the same journal later is not regarded."""
        log = EventLog.of(event("a"))
        entry = Entry(position=1, event=event("b")).without_words(ERASED)
        longer = EventLog([*log, entry])
        shorter = longer._like(longer._cache, 1, longer._wanted)

        assert ["a", "b"] == said(shorter.append(event("b")))

    def test_an_erased_proposal_cannot_be_accepted(self) -> None:
        """It is no proposal any more; decisions on it stay."""
        log = EventLog.of(event("a")).propose(event("b"), by="m", supersedes=0)
        left = erase(log, [1])

        assert () == left.proposals
        with pytest.raises(
            EntryError, match="entry 1 is not a proposal, or was erased"
        ):
            left.accept(1, by="p")
        accepted = log.accept(1, by="p")
        assert ["b"] == said(erase(accepted, [1]))
        assert [] == said(erase(accepted, [2]))
        assert "accepted" == erase(accepted, [2]).all_proposals()[0].status

    def test_an_erased_acceptance_is_one(self) -> None:
        """Accepting again changes nothing, and in other words it is refused."""
        log = EventLog.of(event("a")).propose(event("b"), by="m").accept(1, by="p")
        left = erase(log, [2])

        assert left is left.accept(1, by="p")
        with pytest.raises(EntryError, match="entry 2 accepts it in other words"):
            left.accept(1, by="p", event=event("c"))
        rejected = log.reject(1, by="p", because="no")
        assert ["a"] == said(erase(rejected, [3]))


class TestAdding:
    """Logs that are added keep what was erased from either."""

    def test_what_one_log_has_erased_is_added_without_words(self) -> None:
        """Its effect is added all the same."""
        left = erase(EventLog.of(event("a", "x"), event("k")), [0])
        other = EventLog.of(event("a", "x"), event("b")).append(
            event("c", "x"), supersedes=0, known="2016-01-01"
        )
        with pytest.raises(EntryError, match="names entry 0, which was not added, or"):
            left + other
        gone = left.retract(0, because="r")
        assert ["b", "c", "k"] == said(gone + other)
        assert len(gone) + 3 == len(gone + other)

    def test_what_the_other_log_has_erased_is_added(self) -> None:
        """Corrections, retractions, proposals and decisions keep their effect."""
        log = EventLog.of(event("a"), event("b")).append(event("c"), supersedes=0)
        log = log.retract(1, because="no").propose(event("d"), by="m")
        log = log.accept(4, by="p").propose(event("e"), by="m")
        for gone in ([2], [3], [4, 5], [5], [6], [0, 2], range(7)):
            left = erase(log, gone)
            found = EventLog.of(event("z")) + left
            assert sorted([*said(left), "z"]) == said(found)
            assert 8 == len(found)
            assert found == EventLog.of(event("z")) + left

    def test_an_erased_acceptance_without_its_proposal_is_a_claim(self) -> None:
        """So is one with words."""
        log = EventLog.of(event("a")).propose(event("b"), by="m").accept(1, by="p")
        left = erase(log, [2])
        part = EventLog.partial([left[0], left[2]], 3)
        found = EventLog() + part

        assert (2, None) == (len(found), found[1].review)
        assert found[1].is_version

    def test_the_queue_is_left_out(self) -> None:
        """Erased proposals are part of it, and erased acceptances are not."""
        log = EventLog.of(event("a")).propose(event("b"), by="m").accept(1, by="p")
        log = log.propose(event("c"), by="m").reject(3, by="p", because="no")
        found = erase(log, range(1, 5)).published()

        assert 2 == len(found)
        assert (True, False) == (found[1].is_version, found[0].is_erased)


class TestCodec:
    """What is left is written as a line, and read back."""

    LEFT = Entry(position=0, event=event("a", "x")).without_words(ERASED)

    def test_plain_data_and_text_say_it(self) -> None:
        """The entry says what is left, and that it was erased."""
        data = self.LEFT.as_dict()

        assert {"words", "id", "line", "because", "at"} == data["erased"].keys()
        assert "erased: law" in self.LEFT._repr_html_()
