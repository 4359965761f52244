"""Lines of JSON that do not hold an entry, or that somebody made to do harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from entry_strategies import WORDS, entries, positions
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Entry, Vocabulary
from bri_timeline._form import Codec, decode_entry, encode_entry, parts
from bri_timeline.errors import BriTimelineError, FaultsError
from bri_timeline.relations import FACTS


def _are_addressed(error: FaultsError) -> bool:
    return all(fault.place and fault.problem for fault in error.faults)


GOOD: dict[str, Any] = {
    "position": 3,
    "event": {
        "kind": "AgreementSigned",
        "version": 1,
        "what": {"parties": ["AZE"], "title": "x"},
        "when": "2016",
        "cite": [{"source": {"title": "Deals"}, "locator": "p. 1"}],
    },
}
FAULTS = [
    (["position"], -1, "position", "is -1: write a whole number from 0 to"),
    (["position"], None, "position", "is nothing: write a whole number"),
    (["position"], True, "position", "is true: write a whole number"),
    (["position"], 1.5, "position", ""),
    (["known"], "2016", "known", "is '2016': write a day, such as 2019-04-24"),
    (["known"], "2016-02-30", "known", "is '2016-02-30': write a day"),
    (["known"], True, "known", ""),
    (["supersedes"], 1 << 63, "supersedes", "is 9223372036854775808: write a whole"),
    (["retracts"], "0", "retracts", "is '0': write a whole number"),
    (["because"], 5, "because", "is the number 5: write text"),
    (["recorded_at"], "2026-01-01T00:00:00", "recorded_at", "has no time zone"),
    (["recorded_at"], "2026-01-01", "recorded_at", ""),
    (["recorded_at"], "0001-01-01T00:00:00+04:00", "recorded_at", "out of range"),
    (["recorded"], 1, "recorded", "Did you mean 'recorded_at'?"),
    (["event"], [], "event", "is a list: write a table"),
    (["event", "kind"], 5, "event.kind", "is the number 5: write text"),
    (["event", "kind"], "", "event.kind", "'' names no kind: give text"),
    (["event", "version"], 0, "event", "has no version 0 of AgreementSigned"),
    (["event", "version"], "1", "event.version", "is '1': write a whole number"),
    (["event", "version"], -1, "event.version", "is -1: write a whole number from 1"),
    (["event", "what"], [], "event.what", "is a list: write a table"),
    (["event", "what"], None, "event.what", "is nothing: write a table"),
    (["event", "what", "count"], "x", "event.what.count", "is 'x': write a whole"),
    (["event", "what", "value"], {}, "event.what.value.amount", "is missing"),
    (["event", "when"], "2016-13", "event.when", "is not an EDTF date"),
    (["event", "when"], "{2016,2018}", "event", "record one event for each"),
    (["event", "when"], 2016, "event.when", "write an EDTF date, such as '2015'"),
    (["event", "id"], "", "event", "is not an id"),
    (["event", "cite"], {}, "event.cite", "is a table: write a list"),
    (["event", "cite", 0], "Deals", "event.cite item 1", "is 'Deals': write a table"),
    (["event", "cite", 0, "at"], "x", "event.cite item 1.at", "has no such field"),
    (["event", "cite", 0, "source", "title"], 5, "event.cite item 1.source.title", ""),
    (
        ["event", "cite", 0, "source", "published"], "soon",
        "event.cite item 1.source.published", "is not an EDTF date",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "problem"), FAULTS)
def test_a_fault_of_an_entry_has_the_path_of_its_field(
    path: list[str], value: object, place: str, problem: str
) -> None:
    """Each fault says where it is, and what to write there."""
    line = json.loads(json.dumps(GOOD))
    table = line
    for step in path[:-1]:
        table = table[step]
    table[path[-1]] = value
    with pytest.raises(FaultsError) as caught:
        decode_entry(json.dumps(line), FACTS)

    assert place in [fault.place for fault in caught.value.faults]
    assert problem in str(caught.value)


_ORDER = [part.name for part in parts.ENTRY]


def _written(line: dict[str, object]) -> str:
    """Return a line as the library spells it."""
    return json.dumps({"position": 3, **line}, separators=(",", ":"))


def _decode_together(line: str, vocabulary: Vocabulary) -> object:
    return Codec(vocabulary).decode([line])


def test_all_faults_of_an_entry_are_reported_at_once() -> None:
    """Faults of the entry, its event, its citations and its payload come together."""
    line = {
        "positon": 3,
        "known": "soon",
        "event": {
            "kind": "AgreementSigned",
            "version": 1,
            "what": {"parties": [5], "count": "x"},
            "when": "2016-13",
            "cite": [{"source": {}}],
        },
    }
    with pytest.raises(FaultsError, match="entry has 8 faults") as caught:
        decode_entry(json.dumps(line), FACTS)

    assert [
        "positon", "known", "event.when", "event.cite item 1.source.title", "position",
        "event.what.parties item 1", "event.what.count", "event.what.title",
    ] == [fault.place for fault in caught.value.faults]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "places"),
    [
        (
            {
                "review": {
                    "by": "me",
                    "proposes": {**GOOD["event"], "what": {"parties": [5]}},
                }
            },
            [
                "review.proposes.what.parties item 1",
                "review.proposes.what.title",
            ],
        ),
        (
            {"review": {"by": "me", "proposes": {**GOOD["event"], "what": 5}}},
            ["review.proposes.what"],
        ),
        ({"dataset": "D", "release": {"days": "{2015,2017}"}}, ["release.days"]),
        ({"dataset": "D", "release": {"kinds": "x"}}, ["release.kinds"]),
    ],
)
def test_a_fault_deep_in_an_entry_has_the_whole_path(
    line: dict[str, object], places: list[str]
) -> None:
    """That of a proposal, and that of a release, whose parts are checked together."""
    with pytest.raises(FaultsError) as caught:
        decode_entry(json.dumps({"position": 3, **line}), FACTS)

    assert places == [fault.place for fault in caught.value.faults]


ALONE = "belongs to an entry with a dataset, which claims and retracts nothing"
SILENT = "belongs to an entry that says nothing: these words are there"


@pytest.mark.parametrize("decode", [decode_entry, _decode_together])
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"release": {}}, ALONE),
        ({"release": {}, "dataset": "D", "event": GOOD["event"]}, ALONE),
        ({"release": {}, "dataset": "D", "retracts": 0, "because": "x"}, ALONE),
        ({"release": {}, "dataset": "D", "supersedes": 0}, ALONE),
        ({"erased": {}, "event": GOOD["event"]}, SILENT),
        ({"erased": {}, "review": {"by": "x", "proposes": GOOD["event"]}}, SILENT),
        ({"erased": {}, "dataset": "D", "release": {"days": "2015"}}, SILENT),
        ({"erased": {}, "retracts": 0, "because": "x"}, SILENT),
    ],
)
def test_parts_that_exclude_each_other_are_refused(
    line: dict[str, object],
    problem: str,
    decode: Callable[[str, Vocabulary], object],
) -> None:
    """By itself, in any spelling, and among others, where nothing else is checked."""
    ordered = {name: line[name] for name in _ORDER if name in line}
    for text in (json.dumps(line | {"position": 3}), _written(ordered)):
        with pytest.raises(FaultsError, match=problem):
            decode(text, FACTS)


def test_decode_entry_needs_the_parts_of_an_event() -> None:
    """The parts that every event has are asked for."""
    with pytest.raises(FaultsError) as caught:
        decode_entry('{"position":0,"event":{}}', FACTS)

    assert ["event.kind", "event.version", "event.what", "event.when"] == [
        fault.place for fault in caught.value.faults
    ]


HOSTILE = [
    b"", b"\n", b"[]", b"5", b"null", b"nan", b'{"position":NaN}', b"{" * 100_000,
    b'{"position":' + b"[" * 100_000, b'{"position":0,"position":0}',
    b'{"position":0,"because":"\\ud800"}', b'{"position":0,"because":"\xff"}',
    b'{"position":1' + b"0" * 400 + b"}", b'{"position":1e400}',
    b'{"position":0,"known":1e99999999}',
    b'{"position":' + b"9" * 5_000 + b"}", b'{"known":' + b"9" * 5_000 + b"}",
    b'{"position":0,"because":"' + b"x" * (1 << 20) + b'"}',
    b'{"position":\n0}', b'{"position":0}\n{"position":1}', b'\xff\xfe{\x00}\x00',
    b'{"position":0,"event":{"kind":"x","version":1,"what":{"a":1,"a":2},"when":"2016"}}',
    b'{"position":0,"event":{"kind":"x","version":1,"what":{"a":NaN},"when":"2016"}}',
    b'{"position":0,"event":{"kind":"x","version":1,"what":{"a":"\xff"},"when":"2016"}}',
    b'{"position":0,"event":{"kind":"x","version":1,"what":{},"what":{},"when":"2016"}}',
    b'{"position":0,"event":{"kind":"x","version":1,"what":{},"when":"2016","cite":[%s]}}'
    % b'{"source":{"title":"a","title":"b"}}',
    b'{"position":0,"event":{"kind":"x","version":1,"what":{},"when":"'
    + b"1" * 10_000 + b'"}}',
    b'{"position":0,"event":{"kind":"x","version":1,"what":{"a":'
    + b"[" * 62 + b"]" * 62 + b'},"when":"2016"}}',
]  # fmt: skip


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lines_are_refused_with_an_address(line: bytes) -> None:
    """Too deep, too long, repeated, or no JSON: one error, which has an address."""
    with pytest.raises(FaultsError) as caught:
        decode_entry(line, FACTS)

    assert _are_addressed(caught.value)


def test_decode_entry_refuses_text_that_is_not_unicode() -> None:
    """A line given as text with a lone surrogate cannot come from a file."""
    with pytest.raises(FaultsError, match="cannot be written in UTF-8"):
        decode_entry('{"position":0,"because":"\ud800"}', FACTS)


CHANGES = [
    b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"NaN", b"\\ud800", b"\xff",
    b"1e999", b"1" + b"0" * 400, b'"a":1,', b'"position":1,', b"[" * 70, b"\n", b" ",
]  # fmt: skip


@given(entries, st.data())
def test_changed_lines_are_read_or_refused(entry: Entry, data: st.DataObject) -> None:
    """Bytes that were changed on the way give an entry that is kept, or faults."""
    good = encode_entry(entry, WORDS)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 8)) | st.just(len(good)))
    middle = data.draw(st.sampled_from(CHANGES) | st.binary(max_size=3))
    try:
        found = decode_entry(good[:start] + middle + good[end:], WORDS)
    except FaultsError as error:
        found, addressed = entry, _are_addressed(error)
    else:
        addressed = True

    assert addressed
    assert found == decode_entry(encode_entry(found, WORDS), WORDS)


@pytest.mark.slow
@pytest.mark.full
def test_a_hundred_thousand_hostile_lines_are_read_or_refused(
    trials: Callable[..., int],
) -> None:
    """Random bytes and changed lines raise nothing but faults, each with an address."""
    chosen, read, addressed = Random(4), 0, True
    tries = trials(100_000, share=5)
    kept = json.loads(json.dumps(GOOD))
    kept["event"]["what"]["value"] = {"amount": "300", "currency": "USD"}
    full = {"known": "2016-01-01", "supersedes": 1, "because": "\u00e9", **kept}
    good = [json.dumps(line).encode() for line in (GOOD, kept, full)]
    good += [line.replace(b" ", b"") for line in good]
    for number in range(tries):
        line = bytearray(chosen.choice(good))
        if number % 4 == 0:
            line = bytearray(chosen.randbytes(chosen.randrange(60)))
        for _ in range(chosen.randrange(1, 4)):
            start = chosen.randrange(len(line) + 1)
            some = chosen.choice(CHANGES) if number % 2 else chosen.randbytes(1)
            line[start : start + chosen.randrange(6)] = some
        try:
            decode_entry(bytes(line), WORDS)
        except FaultsError as error:
            addressed = addressed and _are_addressed(error)
        else:
            read += 1

    assert addressed
    assert 0 < read < tries


nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
    ),
    max_leaves=5,
)
odd_events = st.fixed_dictionaries(
    {},
    optional={
        "kind": nested | st.sampled_from([*FACTS, "x"]),
        "version": nested | st.just(1),
        "what": nested | st.just({"member": "AZE", "body": "x"}),
        "when": nested | st.just("2016"),
        "id": nested,
        "cite": nested | st.just([{"source": {"title": "x"}}]),
    },
)
odd_lines = st.fixed_dictionaries(
    {},
    optional={
        "position": nested | positions,
        "known": nested | st.just("2016-01-01"),
        "supersedes": nested,
        "retracts": nested,
        "because": nested,
        "recorded_at": nested | st.just("2016-01-01T00:00:00Z"),
        "event": nested | odd_events,
    },
)


@given(odd_lines)
def test_any_json_becomes_an_entry_or_faults(line: dict[str, object]) -> None:
    """No JSON makes the reader raise anything but its own error."""
    try:
        found = decode_entry(json.dumps(line), FACTS)
    except FaultsError as error:
        found, addressed = Entry(position=0), _are_addressed(error)
    else:
        addressed = True

    assert addressed
    assert found == decode_entry(encode_entry(found, FACTS), FACTS)


@given(st.binary(max_size=50))
def test_any_bytes_become_an_entry_or_faults(line: bytes) -> None:
    """No bytes make the reader raise anything but its own error."""
    with pytest.raises(BriTimelineError) as caught:
        decode_entry(line, FACTS)

    assert isinstance(caught.value, FaultsError)
