"""Entries become lines of JSON and come back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import field, frozen
from entry_strategies import TARIFF, WORDS, entries
from hypothesis import example, given
from log_strategies import logs

from bri_timeline import Covers, Entry, Event, EventLog, Source, Vocabulary
from bri_timeline._form import Codec, Unknown, decode_entry, encode_entry
from bri_timeline._form import _entries as decoding
from bri_timeline.errors import EntryError, FaultsError, VocabularyError
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    Visited,
)


@given(entries)
def test_an_entry_comes_back_with_all_that_it_says(entry: Entry) -> None:
    """Reading what was written gives the entry, its instant, and the same bytes."""
    line = encode_entry(entry, WORDS)
    found = decode_entry(line, WORDS)

    assert entry == found
    assert entry.recorded_at == found.recorded_at
    assert line == encode_entry(found, WORDS)
    assert b"\n" not in line


@given(entries)
def test_decode_entry_decodes_encoded_entries_fast(entry: Entry) -> None:
    """A line that was not changed on the way needs no search for faults."""
    line = encode_entry(entry, WORDS)

    assert entry == decoding._decode_fast(line, WORDS, True)


@given(entries)
def test_a_line_of_another_spelling_says_the_same(entry: Entry) -> None:
    """Other spacing, another order and other escapes change nothing in an entry."""
    line = encode_entry(entry, WORDS)
    turned = json.loads(line, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    if entry.event is None or entry.event.what != TARIFF:
        spelt = json.dumps(turned)

        assert entry == decode_entry(spelt, WORDS)
        assert line == encode_entry(
            decode_entry(spelt.encode() + b"\r\n", WORDS), WORDS
        )


@given(logs(max_size=6))
def test_the_entries_of_a_log_come_back(log: EventLog) -> None:
    """Claims, corrections and retractions of any log are kept."""
    found = [decode_entry(encode_entry(entry, WORDS), WORDS) for entry in log]

    assert list(log) == found


@given(entries, entries)
@example(
    Entry(position=1, event=Event(TARIFF, when="2015-?06")),
    Entry(position=1, event=Event(TARIFF, when="2015-06?")),
)
def test_equal_entries_give_equal_bytes(one: Entry, two: Entry) -> None:
    """Two entries give one line exactly if they, and their instants, are equal."""
    same = one == two and one.recorded_at == two.recorded_at

    assert same is (encode_entry(one, WORDS) == encode_entry(two, WORDS))


def test_a_line_has_its_parts_in_a_fixed_order_and_no_absent_ones() -> None:
    """The form of a line, as other programs may rely on it."""
    source = Source("Deals", published="2019-05", url="https://example.org/")
    instant = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=4)))
    entry = Entry(
        position=4,
        event=Event(Joined("AZE", "x"), when="?2016", cite=[source.at("p. 1"), source]),
        known="2019-05-31",
        supersedes=2,
        because="misread",
        recorded_at=instant,
    )
    cited = '{"title":"Deals","published":"2019-05","url":"https://example.org/"}'

    assert (
        '{"position":4,"known":"2019-05-31","supersedes":2,"because":"misread",'
        '"recorded_at":"2026-01-01T23:04:05.000000Z","event":{"kind":"Joined",'
        '"version":1,"what":{"body":"x","member":"AZE"},"when":"2016?","cite":['
        f'{{"source":{cited},"locator":"p. 1"}},{{"source":{cited}}}]}}}}'
    ) == encode_entry(entry, FACTS).decode()
    assert b'{"position":4}' == encode_entry(Entry(position=4), FACTS)


def test_what_a_release_covers_is_written_in_order() -> None:
    """Sets have none, and another process another: equal entries have equal lines."""
    parties = "AZE", "CHN", "GEO", "KAZ", "TJK", "UZB"
    kinds = AgreementSigned, Joined, Left, Met, Planned, Visited
    covers = Covers(kinds, parties=parties, any_of=parties)
    log, _ = EventLog().revise([], dataset="D", published="2020-01-01", covers=covers)
    line = json.loads(encode_entry(log[0], FACTS))

    assert {
        "kinds": [kind.__name__ for kind in kinds],
        "parties": [*parties],
        "any_of": [*parties],
    } == line["release"]


def test_a_release_of_a_kind_that_the_vocabulary_lacks_is_refused() -> None:
    """The kind is named, whichever others are covered, with what to do."""
    covers = Covers((Joined, Visited))
    log, _ = EventLog().revise([], dataset="D", published="2020-01-01", covers=covers)

    with pytest.raises(VocabularyError, match=r"lacks .* covers: .*Visited.*; add its"):
        encode_entry(log[0], Vocabulary(Joined))


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (1, b'"0001-01-01"'),
        (date.max.toordinal(), b'"9999-12-31"'),
        (0, b"0"),
        (date.max.toordinal() + 1, b"3652060"),
    ],
)
def test_a_day_without_iso_text_is_its_number(known: int, text: bytes) -> None:
    """Days of the years 1 to 9999 are text, and others day numbers."""
    line = encode_entry(Entry(position=0, known=known), FACTS)

    assert b'{"position":0,"known":' + text + b"}" == line


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.5Z", datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)),
        ("2026-01-02t03:04:05+04:00", datetime(2026, 1, 1, 23, 4, 5, tzinfo=UTC)),
    ],
)
def test_an_instant_may_be_written_in_any_zone(text: str, instant: datetime) -> None:
    """Instants of RFC 3339 are read, and are in UTC afterwards."""
    found = decode_entry(f'{{"position":0,"recorded_at":"{text}"}}', FACTS).recorded_at

    assert found == instant
    assert found is not None
    assert timedelta(0) == found.utcoffset()


def test_an_hour_that_comes_twice_is_kept_as_one_instant() -> None:
    """What a clock shows in the second of two equal hours is written in UTC."""
    twice = datetime(2021, 10, 31, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    line = encode_entry(Entry(position=0, recorded_at=twice), FACTS)

    assert b'"recorded_at":"2021-10-31T01:30:00.000000Z"' in line


def test_two_hours_that_a_clock_shows_alike_are_two_instants() -> None:
    """Equal times of one zone are kept as what they are, alone and together."""
    zone = ZoneInfo("Europe/Berlin")
    known = [datetime(2021, 10, 31, 2, 30, fold=fold, tzinfo=zone) for fold in (0, 1)]
    event = Event(Joined("AZE", "x"), when="2016")
    some = [
        Entry(position=n, event=event, recorded_at=at) for n, at in enumerate(known)
    ]
    lines = [encode_entry(entry, FACTS) for entry in some]

    assert b"T00:30" in lines[0]
    assert b"T01:30" in lines[1]
    assert lines == [*Codec(FACTS).encode(some)]


@pytest.mark.parametrize(
    "odd",
    [
        {"recorded_at": datetime(2021, 1, 1, tzinfo=UTC).replace(tzinfo=None)},
        {"dataset": "\ud800"},
    ],
)
def test_an_entry_that_cannot_be_kept_is_named_among_others(odd: Any) -> None:
    """An instant without a zone, and text that is none, are refused with the entry."""
    event = Event(Joined("AZE", "x"), when="2016")
    some = [Entry(position=0, event=event), Entry(position=1, event=event, **odd)]

    with pytest.raises(EntryError, match="entry 1 cannot be kept: "):
        [*Codec(FACTS).encode(some)]


def test_a_later_vocabulary_reads_what_an_earlier_one_passed_on() -> None:
    """An entry that was unknown to one program is known to the next, unchanged."""
    entry = Entry(position=0, event=Event(Joined("AZE", "x"), when="2016"))
    line = encode_entry(entry, FACTS)
    passed = decode_entry(line, Vocabulary())

    assert passed.event is not None
    assert Unknown("Joined", 1, b'{"body":"x","member":"AZE"}') == passed.event.what
    assert line == encode_entry(passed, Vocabulary()) == encode_entry(passed, FACTS)
    assert entry == decode_entry(encode_entry(passed, FACTS), FACTS)


def test_unknown_kinds_are_faults_where_they_are_not_wanted() -> None:
    """Reading can insist on kinds and versions that the vocabulary has."""
    entry = Entry(position=0, event=Event(TARIFF, when="2016"))
    line = encode_entry(entry, FACTS)
    later = line.replace(b"TariffSet", b"Joined")

    assert entry == decode_entry(line, FACTS)
    with pytest.raises(FaultsError, match=r"event\.kind: the vocabulary has no"):
        decode_entry(line, FACTS, unknown_ok=False)
    with pytest.raises(FaultsError, match="event: the vocabulary has no version 3"):
        decode_entry(later, FACTS, unknown_ok=False)


def test_entries_of_earlier_versions_are_read() -> None:
    """A line says of which version its payload is, and upcasts do the rest."""

    def name_body(fields: dict[str, object]) -> dict[str, object]:
        return {"member": fields["member"], "body": fields["group"]}

    def broken(fields: dict[str, object]) -> dict[str, object]:
        raise LookupError(fields)

    line = (
        '{"position":0,"event":{"kind":"Joined","version":1,'
        '"what":{"group":"x","member":"AZE"},"when":"2016"}}'
    )
    entry = Entry(position=0, event=Event(Joined("AZE", "x"), when="2016"))
    words = Vocabulary(Joined, upcasts={Joined: (name_body,)})

    assert entry == decode_entry(line, words)
    assert b'"version":2' in encode_entry(entry, words)
    with pytest.raises(FaultsError, match=r"event: the upcast .*broken of Joined"):
        decode_entry(line, Vocabulary(Joined, upcasts={Joined: (broken,)}))


@frozen
class Anything:
    """A payload that takes what it is given."""

    part: object = None


@frozen
class Odd:
    """A payload whose text is never checked by its class."""

    text: str = ""
    length: int = field(init=False, default=0, eq=False)


@frozen
class Kin:
    """A payload that may hold one of its kind."""

    name: str
    parent: Kin | None = None


OWN = Vocabulary(Anything, Odd, Kin)


def _entry(what: object = Odd(), **parts: object) -> Entry:
    return Entry(position=3, event=Event(what, when="2016", **parts))


UNFIT = [
    (lambda: _entry(Odd(5)), "event.what.text: is the number 5: write text"),
    (lambda: _entry(Anything((1, 2))), "could change after it was recorded"),
    (lambda: _entry(Anything(Decimal("1.5"))), "it would not come back equal"),
    (lambda: _entry(cite=Source("\ud800")), "surrogates not allowed"),
    (lambda: _entry(id="\ud800"), "surrogates not allowed"),
    (
        lambda: _entry(Odd("x" * (1 << 20))),
        "is too long: it has 1,048,658 bytes, and at",
    ),
    (lambda: _entry(Unknown("x", 1, b'{\n"a":1}')), "holds a line break"),
    (lambda: _entry(Unknown("x", 1, b'{"a":1} ')), "not come back equal"),
    (lambda: _entry(Unknown("x", 1, b'{"a":' + b"[" * 63 + b"]" * 63 + b"}")), "deep"),
    (lambda: Entry(position=-1), "position: is -1: write a whole number from 0 to 922"),
    (lambda: Entry(position=1 << 63), "position: is 9223372036854775808: write"),
    (lambda: Entry(position=10**5_000), "a number of about 4983 digits"),
    (lambda: Entry(position=None), "position: is nothing: write a whole number"),
    (lambda: Entry(position="0"), "position: is '0': write a whole number"),
    (lambda: Entry(position=0, retracts=-2), "retracts: is -2"),
    (lambda: Entry(position=0, because=5), "because: is the number 5: write text"),
    (lambda: Entry(position=0, because=b"x"), "not come back equal"),
    (lambda: Entry(position=0, because=object()), "unsupported"),
    (lambda: Entry(position=0, known=10**5_000), "entry 0 cannot be kept"),
    (lambda: Entry(position=0, recorded_at="now"), "entry 0 cannot be kept"),
    (
        lambda: Entry(position=0, recorded_at=datetime.fromisoformat("2026-01-01")),
        "has no time zone: give an instant in UTC",
    ),
    (
        lambda: Entry(position=0, recorded_at=datetime.max.replace(tzinfo=zone_west())),
        "entry 0 cannot be kept: date value out of range",
    ),
]


def zone_west() -> timezone:
    """Return a zone in which it is earlier than in UTC."""
    return timezone(-timedelta(hours=4))


@pytest.mark.parametrize(("make", "problem"), UNFIT, ids=range(len(UNFIT)))
def test_encode_entry_refuses_what_would_not_come_back(
    make: Callable[[], Entry], problem: str
) -> None:
    """An entry that would be lost is refused when it is written, with the reason."""
    with pytest.raises(EntryError, match=r"entry .* cannot be kept: ") as caught:
        encode_entry(make(), OWN)

    assert problem in str(caught.value)


def test_a_payload_that_json_cannot_hold_is_the_vocabularys_error() -> None:
    """A class that is not in the vocabulary, or a part that JSON lacks, is named."""
    with pytest.raises(VocabularyError, match="Visited is not in the vocabulary"):
        encode_entry(_entry(Visited("AZE", "CHN")), OWN)
    with pytest.raises(VocabularyError, match="this Anything cannot be kept: it holds"):
        encode_entry(_entry(Anything(complex(1))), OWN)


def test_payloads_that_hold_their_own_kind_come_back() -> None:
    """A class within itself is read, if not in the quickest way."""
    entry = _entry(Kin("a", Kin("b", Kin("c"))))

    assert entry == decode_entry(encode_entry(entry, OWN), OWN)


def test_citations_too_long_to_be_remembered_come_back() -> None:
    """Long titles and long lists of citations are read like short ones."""
    long = Source("x" * 5_000, published="[" + ",".join(["2015-01-01"] * 20) + "]")
    many = [Source(f"document {number}").at("p. 1") for number in range(100)]
    for cite in ([long.at("p. 1"), long], many):
        entry = _entry(cite=cite)

        assert entry == decode_entry(encode_entry(entry, OWN), OWN)


def test_sources_that_are_cited_often_are_one_object() -> None:
    """Entries that were read share the documents that they cite."""
    # Of a document that this process has not cited before.
    lines = [
        encode_entry(_entry(cite=Source("Deals").at(f"p. {page}")), OWN).replace(
            b"Deals", b"Treaties"
        )
        for page in (1, 2)
    ]
    one, two = (decode_entry(line, OWN).claim.cite[0].source for line in lines)

    assert one is two


def test_decode_entry_agrees_on_money_fast_and_checked() -> None:
    """A class within a class is built by its own constructor, either way."""
    fact = AgreementSigned(["AZE"], "x", value=Money("1.50", "USD"))
    line = encode_entry(_entry(fact), FACTS)

    assert fact == decode_entry(line, FACTS).claim.what
    assert fact == decode_entry(line.replace(b":", b": "), FACTS).claim.what
