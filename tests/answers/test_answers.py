"""Answers as JSON: each fits its schema, and is read back equal."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import count as numbers
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import msgspec
import pendulum
import pytest
from attrs import evolve, field, frozen
from effort import at_most
from entry_strategies import WORDS, entries
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from log_strategies import (
    Deed,
    Fact,
    everything,
    known_by_days,
    last_value,
    logs,
    tally,
    values,
    view_days,
)

from bri_timeline import (
    Answer,
    Belief,
    Change,
    Contradiction,
    Covers,
    Dangling,
    Difference,
    Dispute,
    Edtf,
    Entry,
    Event,
    EventLog,
    Explanation,
    First,
    Outcomes,
    Period,
    Projection,
    Proposal,
    Revision,
    SetAside,
    Source,
    Step,
    Unknown,
    Vocabulary,
    answers,
    dyads,
)
from bri_timeline.answers import PanelData, ViewData
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import FaultsError, PlainDataError
from bri_timeline.folds import FrozenMap
from bri_timeline.measures import count
from bri_timeline.relations import (
    FACTS,
    Money,
    Relationship,
    Visited,
    relationship,
)


MEMO = Source("Memo", published="2019-04")
VISIT = Event(Visited("AZE", "CHN"), when="2019-04-24", cite=MEMO.at("p. 1"))
FEW = Vocabulary(Fact, Deed)
STATES: dict[Any, Any] = {
    everything: tuple[Event, ...],
    last_value: str,
    tally: dict[str, list[str]],
    values: frozenset[str],
}


@cache
def validator(kind: Any, vocabulary: Vocabulary = WORDS) -> Draft202012Validator:
    """A validator of answers of a type; the schema itself is checked."""
    schema = answers.schema(kind, vocabulary)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def of(generic: Any, state: Any) -> Any:
    """Return a generic type of a state, whose type is known only when a test runs."""
    return generic[state]


def read_back(answer: Any, kind: Any, vocabulary: Vocabulary = WORDS) -> Any:
    """An answer after its JSON was checked by the schema, and read."""
    text = answers.dumps(answer)
    validator(kind, vocabulary).validate(json.loads(text))
    return answers.loads(text, kind, vocabulary)


def is_named_by_its_digest(entry: Entry) -> bool:
    """Plain data do not tell such an event from one without an id of its own."""
    event = entry.event
    return event is not None and event._id == evolve(event, id=None).id


# Validating takes long, and says little more the next time.
few = at_most(40)


@few
@given(logs(max_size=5), view_days(), known_by_days(), st.sampled_from([*STATES]))
def test_every_answer_fits_its_schema_and_is_read_back(
    log: EventLog, day: date, known_by: date, projection: Projection[Any]
) -> None:
    """Each kind of answer, with states of several types."""
    view = log.as_of(day, known_by)
    many = count()
    found: list[tuple[Any, Any]] = [
        (tuple(log), tuple[Entry, ...]),
        (view.events, tuple[Event, ...]),
        (view.disputes, tuple[Dispute, ...]),
        (view.set_aside, tuple[SetAside, ...]),
        (view.dangling, tuple[Dangling, ...]),
        (log.contradictions(), tuple[Contradiction, ...]),
        (view.has_happened("x"), Answer),
        (log.first(many, holds=bool), First),
        (view.outcomes(many), Outcomes[int]),
    ]
    state = STATES[projection]
    later = log.as_of("2016-01-20", "2016-01-02")
    found += [
        (view.project(projection), state),
        (log.history(projection), of(tuple, (of(Period, state), ...))),
        (log.beliefs(projection, on=day), of(tuple, (of(Belief, state), ...))),
        (view.explain(projection, of=str), Explanation[str]),
        (view.diff(later, projection), of(Difference, state)),
    ]

    for answer, kind in found:
        back = read_back(answer, kind, FEW)
        assert answers.dumps(answer) == answers.dumps(back)
        assert answer == back or any(map(is_named_by_its_digest, log))


@pytest.mark.parametrize(
    "year", [-40_001, -10_000, -1, 0, 9_999, 10_000, 12_400, 12_401]
)
def test_a_period_of_any_year_is_read_back(year: int) -> None:
    """Also of a year that a `date` cannot have, leap years among them."""
    when = f"{year:05}" if -10_000 < year < 0 else f"{year:04}"
    when = f"Y{year}" if abs(year) > 9_999 else when
    log = EventLog.of(evolve(VISIT, when=Edtf(when)))
    found = log.history(count())

    assert {0, 1} == {period.state for period in found}
    assert found == read_back(found, tuple[Period[int], ...])


@few
@given(logs(max_size=5), view_days())
def test_views_and_panels_are_read_back_as_what_they_showed(
    log: EventLog, day: date
) -> None:
    """Their plain data is the same as before."""
    view = log.as_of(day)
    panel = log.panel(count(), by=dyads, start="2015-12-01", stop="2016-02-01")
    rows = PanelData[tuple[str, str], int]

    assert view.as_dict() == read_back(view, ViewData, FEW).as_dict()
    assert panel.as_dict() == read_back(panel, rows, FEW).as_dict()
    assert tuple(panel) == read_back(panel, rows, FEW).rows


@few
@given(entries.filter(lambda e: e.event is None or type(e.claim.what) is not Unknown))
def test_entries_with_everything_are_read_back(entry: Entry) -> None:
    """Dates, payloads, citations and instants of every kind."""
    found = read_back(entry, Entry)

    assert entry == found
    assert entry.recorded_at == found.recorded_at


@pytest.mark.slow
def test_releases_and_proposals_are_read_back() -> None:
    """The kinds that a release covers are classes again, or names."""
    covers = Covers(kinds=(Visited, "Tariff"), parties="AZE", days="2019")
    log, changes = EventLog().revise(
        [VISIT], dataset="d", published="2020-01-01", covers=covers
    )
    log = log.propose(evolve(VISIT, when="2018"), by="a reader")

    assert tuple(log) == read_back(tuple(log), tuple[Entry, ...])
    assert 3 == len(log)
    row = Event(Visited("AZE", "CHN"), when="2019-05", id="v")
    log, _ = log.revise([row], dataset="e", published="2020-01-01")
    moved = evolve(row, when="2019-06")
    _, amended = log.revise([moved], dataset="e", published="2020-02-01")
    assert 1 == len(amended.changed)
    assert amended == read_back(amended, Revision)
    assert changes == read_back(changes, Revision)
    assert log.all_proposals() == read_back(log.all_proposals(), tuple[Proposal, ...])


@pytest.mark.slow
def test_a_relationship_is_read_back() -> None:
    """All its parts are equal: events, plans, figures, and maps with keys of parts."""
    log, aze_chn = azerbaijan_china(), relationship("AZE", "CHN")
    view = log.as_of("2019-04-26")
    state = view.project(aze_chn)
    found = view.explain(aze_chn, of=lambda s: s.agreed_value)

    assert state == read_back(state, Relationship)
    assert found == read_back(found, Explanation[FrozenMap[str, Decimal]])
    assert log.history(aze_chn) == read_back(
        log.history(aze_chn), tuple[Period[Relationship], ...]
    )


class Colour(enum.Enum):
    RED = Decimal("1.50")


class Level(enum.IntEnum):
    HIGH = 3


class Pair(NamedTuple):
    one: int
    other: Decimal


@dataclasses.dataclass
class Record:
    name: str
    size: int = dataclasses.field(default=3, init=False)


class Struct(msgspec.Struct):
    name: str


T = TypeVar("T")


@frozen
class Stock(Generic[T]):
    pears: T
    _private: int = 1
    _cached: int = field(default=6, eq=False)
    counted: int = field(default=8, init=False)
    inner: Stock[T] | None = None


Keyed = FrozenMap[tuple[str, Edtf], Event]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("text", str),
        (None, None),
        (3, int | None),
        (None, int | None),
        (True, bool),
        (1.5, float),
        (float("-inf"), float),
        (Decimal("821.50"), Decimal),
        (Decimal("Infinity"), Decimal),
        (Decimal("1E+3"), int | Decimal),
        (Fraction(1, 3), Fraction),
        (b"\x00\xff", bytes),
        (date(2019, 4, 24), date),
        (pendulum.date(2019, 4, 24), pendulum.Date),
        (datetime(2019, 4, 24, 8, tzinfo=UTC), datetime),
        (time(8, 30), time),
        (timedelta(days=1, microseconds=500), timedelta),
        (timedelta(days=-10), timedelta),
        (Edtf("2015~"), Edtf),
        (Answer.MAYBE, Answer),
        (Colour.RED, Colour),
        (Level.HIGH, Level),
        ("a", Literal["a", 1]),
        (True, Literal[1, True]),
        ({"a": 1}, dict[str, int]),
        ({"a": 1}, Mapping[str, int]),
        ({"a": [1]}, dict),
        ({1: "a"}, dict[int, str]),
        (OrderedDict(b=Decimal(1)), OrderedDict[str, Decimal]),
        ({}, dict[int, str]),
        (FrozenMap({("AZE", Edtf("2015")): VISIT}), Keyed),
        (frozenset({"b", "a"}), frozenset[str]),
        (frozenset({"b", "a"}), AbstractSet[str]),
        ({frozenset({2, 1})}, set[frozenset[int]]),
        ((1, "a"), tuple[int, str]),
        ((), tuple[()]),
        ((1, 2), Sequence[int]),
        ([1, [2]], list),
        (Pair(1, Decimal("2.50")), Pair),
        (Record("x"), Record),
        (Struct("x"), Struct),
        (Money(Decimal("3.10"), "USD"), Money),
        (Stock(Decimal(3), 2, inner=Stock(Decimal(4))), Stock[Decimal]),
        (Stock(3), Annotated[Stock[int], "any"]),
        (Stock("as it is"), Stock),
        (VISIT, Event),
        (VISIT.cite[0], Any),
        (MEMO, Source),
    ],
    ids=numbers(),
)
def test_a_state_of_any_usual_type_is_read_back(value: Any, kind: Any) -> None:
    """The type tells apart what JSON writes alike."""
    found = read_back(value, kind)

    if kind is Any:
        assert json.loads(answers.dumps(value)) == json.loads(answers.dumps(found))
    else:
        assert value == found
        assert type(value) is type(found)


@pytest.mark.parametrize(
    ("value", "kind", "place", "problem"),
    [
        ("1", int, "int", "write a whole number"),
        (True, int, "int", "is true: write a whole number"),
        ("x", float, "float", "write a number"),
        ("1/0", Fraction, "Fraction", "a fraction as text"),
        ("2019-02-30", date, "date", "write a day"),
        ("P1M", timedelta, "timedelta", "'PT60S'"),
        ("perhaps", Answer, "Answer", "'yes', 'no' or 'maybe'"),
        ("2.5", Colour, "Colour", "write one of 1.50"),
        ([1, "a"], tuple[int, ...], "tuple[1]", "write a whole number"),
        ([1], tuple[int, int], "tuple", "write a list of 2 items"),
        (1, frozenset[int], "frozenset", "write a list"),
        (["a", []], frozenset[str], "frozenset[1]", "write text"),
        (1, dict[str, int], "dict", "an object, or a list of objects"),
        ([{"key": 1}], dict[int, int], "dict", "a list of objects with key"),
        ({"a": "b"}, dict[str, int], "dict['a']", "write a whole number"),
        (3, Money, "Money", "write an object"),
        ({"amount": "1", "curency": "USD"}, Money, "Money.curency", "'currency'"),
        ({"amount": "1"}, Money, "Money.currency", "is missing"),
        ({"amount": "1", "currency": "?"}, Money, "Money", "currency"),
        ({"amount": 1, "currency": 2}, Money | None, "answer.amount", "as text"),
        ("x", int | None, "answer", "write a whole number"),
        ({"since": "2019-02-30", "state": 1, "events": []}, Period[int], "since", ""),
        ({"since": "April", "state": 1, "events": []}, Period[int], "since", "a day"),
    ],
    ids=numbers(),
)
def test_other_data_is_refused_with_its_place(
    value: Any, kind: Any, place: str, problem: str
) -> None:
    """The fault names the value and what to write; the schema refuses most too."""
    with pytest.raises(FaultsError) as caught:
        answers.from_dict(value, kind)

    (fault, *_) = caught.value.faults
    assert place in fault.place
    assert problem in fault.problem


def visit(**changes: Any) -> dict[str, Any]:
    return {**VISIT.as_dict(), **changes}


@pytest.mark.parametrize(
    ("event", "place", "problem"),
    [
        (visit(kind="Visitd"), "Event.kind", "Did you mean 'Visited'?"),
        (visit(what={"guest": "AZE"}), "Event.what.host", "is missing"),
        (visit(when="yesterday"), "Event.when", "a date of EDTF"),
        (visit(when="{2016,2018}"), "Event", "several days"),
        (visit(cite=[{"locator": "p. 1"}]), "Event.cite[0].title", "is missing"),
        ([], "Event", "write an object"),
    ],
    ids=numbers(),
)
def test_a_faulty_event_is_refused_with_its_place(
    event: Any, place: str, problem: str
) -> None:
    """The kind, the payload, the date and the citations are each checked."""
    with pytest.raises(FaultsError) as caught:
        answers.from_dict(event, Event, FACTS)

    (fault,) = caught.value.faults
    assert place == fault.place
    assert problem in fault.problem


def test_all_faults_are_reported_at_once() -> None:
    """Of one answer with three faults, three are listed."""
    data = {"event": visit(kind=1), "before": "a", "after": "b", "certain": 1}

    with pytest.raises(FaultsError) as caught:
        answers.from_dict(data, Step[int], FACTS)

    assert [
        "Step.event.kind",
        "Step.before",
        "Step.after",
        "Step.certain",
    ] == [fault.place for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Change, {"before": None, "after": None}),
        (Money, {"amount": 1, "currency": "USD"}),
        (Money, {"amount": "1", "currency": "USD", "more": 1}),
        (Event, visit(what={"guest": "AZE"})),
        (Event, visit(when=2019)),
        (Answer, "perhaps"),
        (tuple[int, int], [1]),
        (dict[str, int], {"a": "b"}),
        (dict[tuple[int, int], int], [{"key": [1], "value": 1}]),
        (Outcomes[int], {"values": ["1"], "complete": True}),
    ],
    ids=numbers(),
)
def test_a_schema_refuses_what_cannot_be_read(kind: Any, data: Any) -> None:
    """A part that is missing, unknown or of another type."""
    assert not validator(kind, FACTS).is_valid(data)
    with pytest.raises(FaultsError):
        answers.from_dict(data, kind, FACTS)


@pytest.mark.parametrize("kind", [3, [], complex, int | complex, slice], ids=str)
def test_a_type_without_a_form_is_refused(kind: Any) -> None:
    """The error says which types can be read."""
    with pytest.raises(PlainDataError, match="attrs classes"):
        answers.schema(kind)


@pytest.mark.parametrize("text", ["{", b"\xff", "[" * 100_000])
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    """It is a fault, and not an error of another library."""
    with pytest.raises(FaultsError, match="is not JSON"):
        answers.loads(text, ViewData)


def test_a_user_class_that_refuses_is_a_fault() -> None:
    """Whatever its constructor raises is told with its place."""

    @frozen
    class Odd:
        size: int

        def __attrs_post_init__(self) -> None:
            raise KeyError(self.size)

    with pytest.raises(FaultsError, match=r"Odd: .*KeyError"):
        answers.from_dict({"size": 3}, Odd)
