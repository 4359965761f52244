"""Many entries at once: the same lines, and the same entries, as one by one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise, starmap
from pathlib import Path
from typing import Any, cast

import attrs
import msgspec
import pytest
from attrs import evolve, field, frozen
from entry_strategies import entries
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact
from store_worlds import OPENERS, START, WORDS, Opener, fact, facts

from bri_timeline import Citation, Edtf, Entry, Event, EventLog, Source, Vocabulary
from bri_timeline._events.entries import EntryColumns
from bri_timeline._form import (
    Codec,
    _columns,
    decode_entry,
    encode_entry,
)
from bri_timeline._form._json import encode_payloads
from bri_timeline._form._structs import (
    is_lossless,
    lines_decoder,
)
from bri_timeline.errors import EntryError, FaultsError, VocabularyError
from bri_timeline.stores import Head, MemoryStore, SQLiteStore, _store
from bri_timeline.stores._rows import EntryPreparer, decoded, labels_of, number_of


def _encoded(many: list[Entry], vocabulary: Vocabulary) -> list[bytes]:
    """Return entries as lines, as a store writes them all at once."""
    preparer = EntryPreparer(vocabulary)
    rows = preparer.rows_after(Head(), preparer.prepare(many), START)
    return [line.encode() for line in rows.lines]


def _outcome(work: Callable[[], object]) -> object:
    """Return what some work returns, or that it is refused."""
    try:
        return work()
    except (EntryError, VocabularyError):
        return "refused"


@given(many=st.lists(entries, max_size=8))
def test_append_writes_many_events_as_one_by_one(many: list[Entry]) -> None:
    """All at once entries get the lines, or the errors, that each gets alone."""
    placed = [
        evolve(entry, position=position, recorded_at=START)
        for position, entry in enumerate(many)
    ]

    assert _outcome(lambda: [encode_entry(entry, WORDS) for entry in placed]) == (
        _outcome(lambda: _encoded(placed, WORDS))
    )


@given(many=st.lists(entries, max_size=8))
def test_read_reads_many_entries_as_one_by_one(many: list[Entry]) -> None:
    """What is read all at once is in every part what is read with all care."""
    lines = []
    for entry in many:
        try:
            lines.append(encode_entry(entry, WORDS))
        except EntryError:
            continue
    for vocabulary in (WORDS, Vocabulary()):
        careful = [decode_entry(line, vocabulary) for line in lines]
        found = Codec(vocabulary).decode(lines)

        assert careful == found
        for one, other in zip(found, careful, strict=True):
            assert type(other) is type(one)
            assert hash(other) == hash(one)
            assert repr(other) == repr(one)
            assert other.recorded_at == one.recorded_at
            if one.event is not None and other.event is not None:
                assert type(other.event) is type(one.event)
                assert other.event._key == one.event._key
                assert other.event.id == one.event.id


@given(many=st.lists(entries, max_size=8))
def test_index_columns_of_lines_are_those_of_their_entries(many: list[Entry]) -> None:
    """What `verify()` reads from lines is what an append computes from entries."""
    placed = [evolve(entry, position=place) for place, entry in enumerate(many)]
    try:
        lines = [encode_entry(entry, WORDS) for entry in placed]
    except EntryError:
        return
    read, claims = Codec(WORDS).decode_with_claims(lines)
    found, wanted = (
        EntryPreparer(WORDS).prepare(read, some) for some in (claims, None)
    )

    assert (claims is None) is all(entry.event is None for entry in read)
    for name in ("groups", "days", "keys", "names", "targets"):
        assert getattr(found, name) == getattr(wanted, name), name


def test_the_number_of_an_id_is_negative_if_it_looks_like_a_borrowed_digest() -> None:
    """A correction has the digest of what it corrects for its id by right."""
    claim = fact("a", id=fact("b").digest)
    some = [
        Entry(position=1, event=claim),
        Entry(position=2, event=claim, supersedes=0, because="no"),
        Entry(position=3, event=fact("c", id="c")),
    ]

    names = EntryPreparer(WORDS).prepare(some).names
    assert [-number_of(claim.id), number_of(claim.id), number_of("c")] == names


def test_index_columns_of_lines_with_breaks_are_those_of_their_entries() -> None:
    """Another program may have gone on in the next line within a payload."""
    some = [Entry(position=n, event=event) for n, event in enumerate(facts(2))]
    one, two = (encode_entry(entry, WORDS) for entry in some)
    read, claims = Codec(WORDS).decode_with_claims(
        [one.replace(b'"what":{', b'"what":{\n'), two]
    )

    assert some == [*read]
    assert claims is not None
    assert [*EntryPreparer(WORDS).prepare(some).keys] == (
        [*EntryPreparer(WORDS).prepare(read, claims).keys]
    )


@given(
    many=st.lists(entries, max_size=8),
    cuts=st.lists(st.integers(0, 8), max_size=2),
    part=st.slices(8),
)
def test_columns_of_entries_are_the_entries(
    many: list[Entry], cuts: list[int], part: slice
) -> None:
    """Made all at once or of parts, they are the same in every way to read them."""
    places = [0, *sorted(cuts), 8]
    parts = [many[start:stop] for start, stop in pairwise(places)]
    columns = EntryColumns.of(many)
    for found in (
        columns,
        EntryColumns.joined(parts),
        EntryColumns.joined(map(EntryColumns.of, parts)),
    ):
        assert len(many) == len(found)
        assert many == [*found] == [found[place] for place in range(len(many))]
        assert many[part] == found[part]
        assert [e.recorded_at for e in many] == [e.recorded_at for e in found]


@frozen
class Holder:
    """A payload that only holds its fields."""

    a: int
    b: str | None
    c: frozenset[str]
    d: Edtf
    e: Decimal | None = None


@frozen(eq=False)
class Alone:
    """A payload that equals itself only."""

    a: int
    b: str | None
    c: frozenset[str]
    d: Edtf
    e: Decimal | None = None


@frozen
class Blurred(Holder):
    """A payload whose text does not count."""

    f: str = field(default="", eq=False)


_TEXT = st.sampled_from(["", "a", "1", "é"])
_HELD = st.tuples(
    st.integers(-1, 1) | st.booleans() | st.floats(-1, 1) | _TEXT,
    st.none() | _TEXT | st.integers(0, 1),
    st.frozensets(_TEXT) | st.tuples(_TEXT) | st.just(frozenset({"x" * 300})),
    st.sampled_from([Edtf("2016"), Edtf("2016-05"), "2016"]),
    st.none() | st.decimals(-1, 1, places=1) | st.integers(0, 1),
)


@pytest.mark.parametrize("cls", [Holder, Alone, Blurred])
@given(held=st.lists(_HELD, min_size=1, max_size=3), other=st.lists(_HELD, max_size=1))
def test_a_payload_is_lossless_if_it_comes_back_equal(
    cls: Callable[..., object],
    held: list[tuple[object, ...]],
    other: list[tuple[object, ...]],
) -> None:
    """Fields are compared where that is the same; of other classes, payloads are."""
    kind = cast("type", cls)
    check, decode = is_lossless(kind), lines_decoder(kind)
    assert check is not None
    assert decode is not None
    payloads = [cls(*some) for some in held]
    given_ = [cls(*some) for some in (other or held)]
    try:
        data = encode_payloads(kind, payloads)
        again = decode(data)
    except Exception:
        return

    assert (again == given_) == check(data, given_)


@frozen(cache_hash=True)
class Remembered(Holder):
    """A payload with a slot for its hash."""


@frozen(slots=False)
class Open(Holder):
    """A payload with a field in a dictionary."""

    f: str = "f"


@frozen
class Counted(Holder):
    """A payload with a field that the constructor fills."""

    f: str = field(init=False, default="f")


@frozen
class Hidden(Holder):
    """A payload with a field of another name in the constructor."""

    _f: str = "f"


@frozen
class Raised(Holder):
    """A payload that changes what it is given."""

    f: int = field(default=1, converter=lambda number: number + 1)


@frozen
class Refused(Holder):
    """A payload that refuses some of what it is given."""

    def __attrs_post_init__(self) -> None:
        if self.a > 0:
            raise ValueError(self.a)


KINDS = [
    Holder,
    Alone,
    Blurred,
    Remembered,
    Open,
    Counted,
    Hidden,
    Raised,
    Refused,
]


@pytest.mark.parametrize("cls", KINDS)
def test_payloads_made_together_are_those_of_the_constructor(
    cls: Callable[..., Any],
) -> None:
    """Whatever a class does when it is made is done, or it is not made together."""
    kind, words = cast("type", cls), Vocabulary(cast("type", cls))
    parts = [(a, "b", frozenset({"c"}), Edtf("2016")) for a in (0, -1)]
    given_ = [cls(*part) for part in parts]
    decode = lines_decoder(kind)
    assert decode is not None

    lines = encode_payloads(kind, given_)
    one_by_one = [words.decode(kind.__name__, line) for line in lines.splitlines()]
    for found, wanted in zip(decode(lines), one_by_one, strict=True):
        assert type(found) is kind
        assert attrs.astuple(found) == attrs.astuple(wanted)
        assert repr(found) == repr(wanted)
        assert hash(found) is not None
    # The first is no ValueError before msgspec 0.20.
    with pytest.raises((msgspec.MsgspecError, ValueError)):
        decode(b'{"a":1,"b":null,"c":["d",\n"e"],"d":"2016","e":null}')


def test_a_payload_that_its_class_refuses_is_refused() -> None:
    """Also when it is made together with others."""
    decode = lines_decoder(Refused)
    assert decode is not None
    data = encode_payloads(Refused, [Refused(0, "b", frozenset(), Edtf("2016"))])

    with pytest.raises(ValueError, match="1"):
        decode(data.replace(b'"a":0', b'"a":1'))


def test_equal_sets_of_parties_share_an_object() -> None:
    """A log that was read keeps a set of parties once."""
    some = facts(2)
    with MemoryStore(WORDS) as store:
        store.append(some)
        one, two = store.read()

    assert some == [one.event, two.event]
    assert one.claim.parties is two.claim.parties


@frozen
class Nothing:
    """A payload without fields."""


@frozen
class One:
    """A payload of one field."""

    a: int


@frozen
class Two:
    """A payload of two fields."""

    a: int
    b: str


@frozen(kw_only=True)
class Named:
    """A payload whose fields are given by name."""

    a: int
    b: str


@frozen
class Nested:
    """A payload with another in it."""

    a: One
    b: str = field(converter=str)


@frozen
class Strange:
    """A payload with a field that only the careful way makes."""

    a: tuple[One, ...]


PAYLOADS = [
    Nothing(),
    One(1),
    Two(1, "b"),
    Named(a=1, b="b"),
    Nested(One(1), "b"),
    Strange((One(1),)),
]


@pytest.mark.parametrize("what", PAYLOADS, ids=lambda what: type(what).__name__)
def test_read_reads_payloads_of_every_shape(what: object) -> None:
    """Payloads of no, one or more fields, by name or nested, come back equal."""
    vocabulary = Vocabulary(type(what))
    entry = Entry(position=0, event=Event(what, when="2016"))
    (line,) = _encoded([entry], vocabulary)

    assert [entry] == Codec(vocabulary).decode([line])
    make = lines_decoder(type(what))
    assert (make is None) == isinstance(what, Strange)
    data = vocabulary.encode(what)
    assert make is None or [what, what] == make(b"%b\n%b" % (data, data))


def test_read_reports_a_changed_line_as_one_by_one() -> None:
    """A line that is no entry is reported as it is one by one."""
    with pytest.raises(FaultsError, match="position: is missing"):
        Codec(WORDS).decode([b"{}"])


def test_read_reports_two_entries_in_one_line() -> None:
    """Two entries in one line are reported, not taken for the next line's too."""
    lines = _encoded([Entry(position=n, event=fact(str(n))) for n in range(2)], WORDS)

    for wrong in ([b"".join(lines)], [lines[0], b"".join(lines)]):
        with pytest.raises(FaultsError, match="entry"):
            Codec(WORDS).decode(wrong)


def test_claims_behind_a_retraction_are_still_read_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What claims nothing is read by itself, and nothing else is."""
    alone: list[int] = []
    other = _columns._other

    def watched(record: Any, event: Event | None, context: Any) -> Entry:
        alone.append(record.position)
        return other(record, event, context)

    many = [Entry(position=n, event=fact(str(n))) for n in range(6)]
    many[2:4] = [Entry(position=n, retracts=0, because="no") for n in (2, 3)]

    lines = _encoded(many, WORDS)
    monkeypatch.setattr(_columns, "_other", watched)

    assert many == Codec(WORDS).decode(lines)
    assert [2, 3] == alone


@frozen
class Liar:
    """A payload that would not come back equal."""

    a: int = field(converter=lambda value: value + 1)


def test_append_refuses_a_payload_that_is_read_differently() -> None:
    """A payload that is read differently from how it was written is not written."""
    vocabulary = Vocabulary(Liar)
    with MemoryStore(vocabulary) as store:
        with pytest.raises(EntryError, match="entry 0 cannot be kept: it would not"):
            store.append(Event(Liar(1), when="2016"))

        assert -1 == store.head().position


@pytest.mark.parametrize("part", ["id", "title"])
def test_append_refuses_text_that_cannot_be_encoded(part: str) -> None:
    """An id or a title that cannot be written is refused, and nothing is written."""
    from bri_timeline import Source

    event = fact("a", id="\ud800") if part == "id" else fact("a", cite=Source("\ud800"))
    with MemoryStore(WORDS) as store:
        with pytest.raises(EntryError, match="cannot be kept"):
            store.append(event)

        assert -1 == store.head().position


@frozen
class Scan(Source):
    """A source of somebody's own, with a part that no line has."""

    pages: int = 0


def _changed(part: str, value: object) -> Citation:
    """Return a citation of which the class of a part did not see the value."""
    cited = Source("a", published="2014").at("p. 1", "words")
    of = cited if hasattr(cited, part) else cited.source
    object.__setattr__(of, part, value)
    return cited


@pytest.mark.parametrize(
    "cite",
    [
        Scan("a"),
        *starmap(_changed, [("title", 5), ("published", "2014"), ("digest", "a")]),
        *starmap(_changed, [("locator", None), ("quote", " ")]),
    ],
)
def test_append_of_many_refuses_a_citation_that_cannot_be_read_again(
    cite: Source | Citation,
) -> None:
    """A part that its class did not see, or a class of its own, also among many."""
    event = Event(Fact("a"), when="2015", cite=cite)

    with pytest.raises(EntryError, match="entry 0 cannot be kept"):
        _encoded([Entry(position=0, event=event)], WORDS)


@pytest.mark.parametrize("batches", [1, 4])
def test_append_looks_for_repeats_once_in_each_batch(
    tmp_path: Path, batches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks the same questions for a batch of events as for one."""
    monkeypatch.setattr(_store, "BATCH", 50)
    asked: list[str] = []
    with SQLiteStore(tmp_path / "log.db", WORDS) as store:
        store.append(fact("first"))
        store._database.file.connection.set_trace_callback(asked.append)
        store.append(fact("second"))
        one = [sql for sql in asked if sql.startswith("SELECT")]
        asked.clear()
        store.append([fact(f"more {n}") for n in range(batches * 50)])
        many = [sql for sql in asked if sql.startswith("SELECT")]
        store._database.file.connection.set_trace_callback(None)

    # The head is read once, and the rest once in each batch.
    assert 1 + batches * (len(one) - 1) == len(many)


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_append_knows_repeats_in_other_batches(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows what it wrote itself, and what the groups had that it did not make."""
    monkeypatch.setattr(_store, "BATCH", 2)
    old = [_between("a", "X"), _between("b", "Y")]
    new = [_between("c", "Z"), _between("d", "W"), _between("e", "V")]
    claims = [*new, *old, *new, _between("f", "Z"), *old, _between("f", "Z")]
    with opener() as store:
        store.append(old)
        store.append(claims)

        assert EventLog().extend([*old, *claims]) == store.read()
        assert 5 == store.append(claims).position


def test_append_goes_on_with_other_batches_when_words_were_erased(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A batch of which a part is known already leaves none of the next ones out."""
    monkeypatch.setattr(_store, "BATCH", 2)
    claims = [_between(text, "X") for text in "abcde"]
    with MemoryStore(WORDS) as store:
        store.append(claims[:2])
        store.erase(0, because="law")
        store.append(claims[1:])

        assert claims[1:] == [e.event for e in store.read() if e.event is not None]


def _between(text: str, other: str) -> Event:
    return Event(Fact(text, frozenset({"A", other})), when="2015")


_NAMES = st.none() | st.frozensets(st.sampled_from("abc"), max_size=2)


@frozen
class Labelled:
    """A payload that names parties, and whatever else it wants."""

    parties: frozenset[str] | None
    affair_of: frozenset[str] | None
    refers_to: frozenset[str] | None


@given(labels=st.tuples(_NAMES, _NAMES, _NAMES))
def test_an_event_is_indexed_by_all_that_it_names(
    labels: tuple[frozenset[str] | None, ...],
) -> None:
    """Events without some of the names have the index group of the properties."""
    event = Event(Labelled(*labels), when="2016")

    (group,) = EntryPreparer(Vocabulary(Labelled)).prepare_events([event]).groups

    assert group is not None
    assert group.parties == labels_of(event.parties, event.affair_of, event.refers_to)


@frozen
class Inner:
    """A part that looks like the beginning of an event."""

    kind: str
    version: int
    what: int


@frozen
class Twin:
    """A payload with a part of that kind."""

    a: int
    event: Inner | None


@frozen
class Other:
    """Another with equal fields."""

    a: int
    event: Inner | None


def test_read_tells_kinds_apart_though_a_payload_looks_like_another_kind() -> None:
    """The text by which lines are grouped may stand within a payload."""
    words = Vocabulary(Twin, Other)
    whats = [Twin(1, None), Other(1, Inner("Twin", 1, 5))]
    many = [Entry(position=n, event=Event(whats[n], when="2016")) for n in range(2)]
    lines = [encode_entry(entry, words) for entry in many]

    assert b',"event":{"kind":"Twin","version":1,"what":' in lines[1]
    assert many == Codec(words).decode(lines)


def test_append_refuses_a_line_that_is_too_long() -> None:
    """A line that could not be read again is refused, also beside short ones."""
    long = fact("a", cite=Source("x" * (1 << 20)))
    with MemoryStore(WORDS) as store:
        with pytest.raises(EntryError, match="entry 1 cannot be kept"):
            store.append([fact("b"), long])

        assert -1 == store.head().position


def test_read_reads_long_dates_beside_short_ones() -> None:
    """A date that is too long for the cache is read as others are."""
    years = ",".join(str(year) for year in range(1900, 1930))
    many = [fact("a", when=f"[{years}]"), fact("b", when="2016")]
    with MemoryStore(WORDS) as store:
        store.append(many)

        assert many == [entry.event for entry in store.read()]


def test_index_groups_are_forgotten_when_there_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number of kept groups is bounded, and no answer depends on it."""
    monkeypatch.setattr("bri_timeline.stores._rows._MOST_GROUPS", 2)
    some = [
        Event(Fact(str(n), frozenset({f"P{n % 5}"})), when="2016") for n in range(9)
    ]
    preparer = EntryPreparer(WORDS)

    assert preparer.prepare_events(some).groups == preparer.prepare_events(some).groups
    assert all(len(groups) <= 3 for groups in preparer._groups.values())


def test_a_line_of_another_position_is_refused() -> None:
    """Whoever follows a store would otherwise read the same entries for ever."""
    some = [Entry(position=n, event=fact(str(n))) for n in range(2)]
    lines = [encode_entry(entry, WORDS).decode() for entry in some]

    assert some == [*decoded(range(len(lines)), lines, WORDS)[0]]
    with pytest.raises(FaultsError, match="entry 2: has the line of entry 1"):
        decoded([0, 2], lines, WORDS)
