"""Entries without words, in a log: each keeps its effect."""

from __future__ import annotations

import pytest
from attrs import evolve
from erasing import ERASED
from log_strategies import Fact
from store_worlds import WORDS

from bri_timeline import Entry, Event, EventLog
from bri_timeline._events.entries import Erased, Review
from bri_timeline._form import Codec, decode_entry, encode_entry
from bri_timeline.errors import EntryError, FaultsError
from bri_timeline.stores import MemoryStore


AAA = frozenset({"AAA"})


def event(value: str, name: str | None = None, when: str = "2016-01-01") -> Event:
    """Return an event about one party."""
    return Event(Fact(value, AAA), when=when, id=name)


class TestCodec:
    """What is left is written as a line, and read back."""

    LEFT = Entry(position=0, event=event("a", "x")).without_words(ERASED)

    def test_a_line_is_read_back(self) -> None:
        """By every road."""
        for entry in (self.LEFT, evolve(self.LEFT, erased=Erased())):
            line = encode_entry(entry, WORDS)
            assert entry == decode_entry(line, WORDS)
            assert entry == decode_entry(line.replace(b'":', b'": '), WORDS)
            assert [entry] == Codec(WORDS).decode([line])

    @pytest.mark.parametrize("more", ["event", "because", "proposes", "release"])
    def test_words_that_are_there_were_not_erased(self, more: str) -> None:
        """What is said and said to be erased is refused."""
        plain = Entry(position=0, event=event("a"), because="b")
        proposal = Review(by="m", proposes=event("a"))
        line = encode_entry(self.LEFT, WORDS).decode()
        others = {
            "event": encode_entry(plain, WORDS).decode(),
            "because": '{"position":0,"because":"b"}',
            "proposes": encode_entry(
                Entry(position=0, review=proposal), WORDS
            ).decode(),
            "release": '{"position":0,"dataset":"d","release":{}}',
        }
        erased = line[line.index('"erased"') : -1]
        text = others[more]
        place = text.index(',"event"') if more == "event" else len(text) - 1
        both = f"{text[:place]},{erased}{text[place:]}"
        for read in (decode_entry, lambda one, words: Codec(words).decode([one])):
            with pytest.raises(
                FaultsError, match="erased: belongs to an entry that sa"
            ):
                read(both, WORDS)

    def test_a_store_keeps_what_was_erased_elsewhere(self) -> None:
        """It is counted among what was erased, and its proof has its line."""
        with MemoryStore(WORDS) as store:
            store.append(EventLog([self.LEFT]))
            assert store.verify() == store.head()
            with store._database.session(writing=False) as session:
                assert 1 == session.erasures()
            with pytest.raises(EntryError, match="from entry 0: to append them again"):
                store.append(event("a", "x"))
            assert store.prove_inclusion(0).holds(store.tree_head())
