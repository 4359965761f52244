"""A name that is no id names what was meant; what cannot be is not recorded."""

from __future__ import annotations

import string
from itertools import combinations
from pathlib import Path

import pytest
from attrs import evolve, frozen
from hypothesis import example, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from bri_timeline import Answer, Entry, Event, EventLog, Source, Vocabulary, scale
from bri_timeline._command._checks import log_problems
from bri_timeline.errors import (
    EventError,
    FaultsError,
    SelectionError,
    UnknownActorError,
)
from bri_timeline.extend import state_names
from bri_timeline.formats import chronicle, jsonl, proposals, tables
from bri_timeline.relations import FACTS, Visited, actor, relationship, states
from bri_timeline.stores import MemoryStore
from bri_timeline.testing import payloads


SOURCE = Source("The Paper", published="2020")
VISIT = Event(Visited("CHN", "KAZ"), when="2013-09-07", id="visit-7")
LOG = EventLog.of(VISIT)
ONESELF = Event(Visited("AZE", "AZE"), when="2019", cite=SOURCE)


@frozen
class Owned:
    """A fact of an own domain, of which the ids may be any text."""

    owner: str

    @property
    def parties(self) -> frozenset[str]:
        return frozenset({self.owner})


@frozen
class Shared:
    """A fact of several."""

    parties: frozenset[str]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("China", "is a name of 'CHN'"),
        ("russian federation", "is a name of 'RUS'"),
        ("SUN", "is a withdrawn code: RUS until 1992-08-29"),
        ("DDR", "is a withdrawn code: state:german-democratic-republic until"),
    ],
)
def test_the_name_of_a_state_is_refused_as_an_id(name: str, meant: str) -> None:
    """It would select nothing, on every road; unless somebody in the log has it."""
    log = LOG
    for ask in (
        lambda: log.among(name),
        lambda: log.among("KAZ", any_of=[name, "CHN"]),
        lambda: log.where(kinds=Visited).concerning(name),
        lambda: log.as_of("2020-01-01").concerning(name),
    ):
        with pytest.raises(SelectionError) as found:
            ask()
        assert f"{name!r} {meant}" in str(found.value)
    own = log.append(Event(Owned(name), when="2014"))
    assert 1 == len(own.among(name)) == len(own.as_of("2020-01-01").concerning(name))


@given(
    st.sampled_from(sorted(states()))
    | st.text(string.ascii_lowercase + ":", max_size=3)
)
@example("uk")
def test_any_other_id_is_one(code: str) -> None:
    """Whether the log has it or not; a name as short as `UK` is refused."""
    if code.islower() and (meant := state_names.states_called(code)):
        with pytest.raises(SelectionError, match=f"is a name of '{meant[0]}'"):
            LOG.among(code)
        return

    assert 0 == len(EventLog().among(code))
    assert len(LOG.among(code)) == (code in ("CHN", "KAZ"))


@pytest.mark.slow
def test_a_dataset_refuses_them_as_a_log_does(tmp_path: Path) -> None:
    """Somebody's own ids that are names of states are ids, in whatever bucket."""
    own = Vocabulary(Shared)
    names = ("China", "Jordan", "Georgia", "alfa", "beta")
    events = [
        Event(Shared(frozenset({one, other})), when=f"20{n:02}", id=f"of-{n % 3}")
        for n, (one, other) in enumerate(combinations(names, 2))
    ]
    log = EventLog.of(*events)
    data = scale.write(log, tmp_path / "own", own, buckets=4)
    for one, other in combinations((*names, "gamma"), 2):
        assert len(log.among(one, other)) == len(data.among(one, other))
    assert len(log.concerning("Jordan")) == len(data.concerning("Jordan"))
    for ask in (data.among, log.among, data.concerning, log.concerning):
        with pytest.raises(SelectionError, match="'Chad' is a name of 'TCD'"):
            ask("alfa", "Chad")


def test_a_part_of_a_log_cannot_know_whom_the_whole_has() -> None:
    """Of a partial log nobody is refused."""
    part = EventLog.partial(LOG, 5)
    assert (
        0
        == len(part.among("China"))
        == len(part.as_of("2020-01-01").concerning("China"))
    )


def test_a_withdrawn_code_names_its_states() -> None:
    """Not those that look like it."""
    for code, meant in (("SUN", ["RUS"]), ("YUG", ["state:yugoslavia", "SRB"])):
        with pytest.raises(UnknownActorError) as found:
            actor(code)
        assert meant == [*found.value.suggestions]
        assert "it is a withdrawn code" in str(found.value)


SLIPS = [
    ("vist-7", "a letter less"),
    ("visiit-7", "a letter more"),
    ("visit-7x", "one more at the end"),
    ("wisit-7", "another letter"),
    ("Visit-7", "a capital"),
    ("ivsit-7", "two of them changed"),
]


@pytest.mark.parametrize(("slip", "_why"), SLIPS)
def test_an_id_with_a_slip_is_refused(slip: str, _why: str) -> None:
    """It was answered "no", as if it were known that nothing had happened."""
    view = LOG.as_of("2020-01-01")
    with pytest.raises(SelectionError, match="did you mean 'visit-7'"):
        view.has_happened(slip)
    # An id of a log that has both is no slip, whatever is known by then.
    both = LOG.append(evolve(VISIT, id=slip), known="2019-01-01")
    assert Answer.NO is both.as_of("2020-01-01", "2018-01-01").has_happened(slip)
    assert Answer.YES is both.as_of("2020-01-01").has_happened(slip)


@pytest.mark.parametrize(
    "name",
    [
        *("visit-8", "visit-77", "visit-", "visit_7", "visitor-7", "w", ""),
        *("a" * 61, "0" * 32),
    ],
)
def test_any_other_id_has_not_happened(name: str) -> None:
    """One that differs in a digit, a mark or more, is another, which may come yet."""
    assert Answer.NO is LOG.as_of("2020-01-01").has_happened(name)


def test_of_one_letter_there_is_a_slip_only_with_another() -> None:
    """`w` is not `v`, and `vv` may be."""
    view = EventLog.of(evolve(VISIT, id="v")).as_of("2020-01-01")
    assert Answer.NO is view.has_happened("w")
    with pytest.raises(SelectionError, match="did you mean 'v'"):
        view.has_happened("vv")
    earlier = EventLog.of(VISIT)
    earlier.append(evolve(VISIT, id="v"))
    assert Answer.NO is earlier.as_of("2020-01-01").has_happened("vv")


def test_a_visit_to_oneself_is_not_recorded() -> None:
    """Neither appended, nor proposed, nor imported."""
    store = MemoryStore(FACTS)
    for record in (
        lambda: EventLog.of(VISIT, ONESELF),
        lambda: LOG.append(ONESELF),
        lambda: LOG.propose(ONESELF, by="a model"),
        lambda: LOG.revise([ONESELF], dataset="d", published="2020-01-01"),
        lambda: store.append(ONESELF),
    ):
        with pytest.raises(EventError, match="is a visit to oneself"):
            record()
    assert 0 == len(store.read())
    item = {"kind": "Visited", "what": {"guest": "AZE", "host": "AZE"}, "when": "2019"}
    (found,) = proposals.examine(
        [{**item, "quote": "a visit"}],
        FACTS,
        document="a visit in 2019",
        source=SOURCE,
    )
    assert ["what"] == [fault.place for fault in found.problems]
    fields = {"guest": "AZE", "host": {"column": "host"}}
    rule = {"kind": "Visited", "when": {"column": "when", "format": "yyyy"}}
    data = {
        "title": "T",
        "source": {"title": "S"},
        "events": [rule | {"fields": fields}],
    }
    text = "host,when\nAZE,2019\nCHN,2019\n"
    (row,) = tables.loads(text, tables.declared(data), FACTS).rejected
    assert "is a visit to oneself" in row.reason


@pytest.mark.slow
def test_a_visit_to_oneself_is_not_generated() -> None:
    """`testing.events()` gives what a log takes."""
    many = settings(max_examples=500)
    with pytest.raises(NoSuchExample):
        find(payloads(Visited), lambda visit: visit.guest == visit.host, settings=many)


def test_a_visit_to_oneself_is_told_where_it_is_read(tmp_path: Path) -> None:
    """What was recorded is read as it is, and `doctor` says so."""
    log = EventLog([Entry(position=0, event=ONESELF)])
    jsonl.dump(log, tmp_path / "a.jsonl", FACTS)
    store = MemoryStore(FACTS)
    store.append(log)
    for found in (jsonl.load(tmp_path / "a.jsonl", FACTS), store.read()):
        assert found == log
        assert any("is a visit to oneself" in one for one in log_problems(found))
        # It is no visit of one party to another.
        state = found.as_of("2030-01-01").project(relationship("AZE", "CHN"))
        assert () == tuple(state.visits)
    # A chronicle is written by people: its entries are appended when it is read.
    visit = 'Visited = { guest = "AZE", host = "AZE" }'
    text = f'chronicle = 1\n[[entries]]\nwhen = "2019"\n{visit}\n'
    with pytest.raises(FaultsError, match="is a visit to oneself"):
        chronicle.loads(text, FACTS)
