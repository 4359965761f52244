"""Plain data of answers: what `json` takes, complete, and the same in every process."""

from __future__ import annotations

import dataclasses
import enum
import json
import subprocess
import sys
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count as numbers
from typing import Any, NamedTuple

import msgspec
import pendulum
import pytest
from attrs import field, frozen
from entry_strategies import WORDS, entries
from hypothesis import given
from log_strategies import everything, last_value, logs, tally, values, view_days
from programs import unmeasured

from bri_timeline import (
    Answer,
    Edtf,
    Entry,
    Event,
    EventLog,
    Projection,
    Source,
    Unknown,
    View,
    dyads,
)
from bri_timeline._form import encode_entry
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PlainDataError
from bri_timeline.folds import FrozenMap
from bri_timeline.measures import count
from bri_timeline.relations import Money, Visited, relationship


MEMO = Source("Memo", published="2019-04")
VISIT = Event(Visited("AZE", "CHN"), when="2019-04-24", cite=MEMO.at("p. 1"), id="v1")
PLACE = {"locator", "quote"}
PLAIN_VISIT = {
    "id": "v1",
    "kind": "Visited",
    "what": {
        "guest": "AZE",
        "host": "CHN",
        "who": None,
        "occasion": None,
        "official": None,
        "described_as": None,
    },
    "when": "2019-04-24",
    "cite": [
        {
            "title": "Memo",
            "published": "2019-04",
            "container": None,
            "author": None,
            "url": None,
            "accessed": None,
            "archived": None,
            "digest": None,
            "locator": "p. 1",
            "quote": None,
        }
    ],
}


class Colour(enum.Enum):
    RED = Decimal("1.50")


class Level(enum.IntEnum):
    HIGH = 3


class Word(str):
    """Text of a class of its own."""

    __slots__ = ()


class Pair(NamedTuple):
    one: int
    other: Decimal


@dataclasses.dataclass
class Record:
    name: str
    _hidden: int = 0


class Struct(msgspec.Struct):
    name: str


@frozen
class Stock:
    pears: Decimal
    _private: int = 1
    _cached: int = field(default=6, eq=False)
    noted: int = field(default=5, eq=False)
    cached: int = field(default=7, init=False, eq=False)
    counted: int = field(default=8, init=False)


class Told:
    """A class that says itself what it is."""

    def __init__(self, said: object) -> None:
        self.said = said

    def as_dict(self) -> object:
        return self.said


def plain_state(state: Any) -> Any:
    """The plain data of a state."""

    def fold(_state: Any, _event: Event) -> Any:
        return state

    log = EventLog.of(VISIT)
    found = log.history(Projection(lambda: None, fold))
    return found[-1].as_dict()["state"]


class TestStates:
    """States of users."""

    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            ("text", "text"),
            (Word("text"), "text"),
            (3, 3),
            (True, True),
            (1.5, 1.5),
            (float("inf"), "inf"),
            (float("nan"), "nan"),
            (Decimal("821.50"), "821.50"),
            (Fraction(1, 3), "1/3"),
            (b"\x00\xff", "AP8="),
            (date(2019, 4, 24), "2019-04-24"),
            (pendulum.date(2019, 4, 24), "2019-04-24"),
            (datetime(2019, 4, 24, 8, tzinfo=UTC), "2019-04-24T08:00:00+00:00"),
            (time(8, 30), "08:30:00"),
            (timedelta(days=1, microseconds=500), "PT86400.0005S"),
            (timedelta(days=-10), "-PT864000S"),
            (timedelta(), "PT0S"),
            (Edtf("2015~"), "2015~"),
            (Answer.MAYBE, "maybe"),
            (Colour.RED, "1.50"),
            (Level.HIGH, 3),
            ({"a": 1}, {"a": 1}),
            (OrderedDict(b=Decimal(1)), {"b": "1"}),
            (FrozenMap({"USD": Decimal("1.0")}), {"USD": "1.0"}),
            ({}, {}),
            ({1: "a"}, [{"key": 1, "value": "a"}]),
            (
                FrozenMap({("AZE", "topic"): VISIT}),
                [{"key": ["AZE", "topic"], "value": PLAIN_VISIT}],
            ),
            # Keys that differ, but not as text.
            (
                {"2015": 1, Edtf("2015"): 2},
                [{"key": "2015", "value": 1}, {"key": "2015", "value": 2}],
            ),
            ({Edtf("2015"): 1}, {"2015": 1}),
            (frozenset({"b", "a"}), ["a", "b"]),
            ({10, 9, "a", 2.5}, [2.5, 9, 10, "a"]),
            (
                frozenset({frozenset({"b", "a"}), ("a", None)}),
                [["a", "b"], ["a", None]],
            ),
            ((1, [2, (None,)]), [1, [2, [None]]]),
            (Pair(1, Decimal("2.50")), {"one": 1, "other": "2.50"}),
            (Record("x"), {"name": "x", "_hidden": 0}),
            (Struct("x"), {"name": "x"}),
            (Money(Decimal("3.10"), "USD"), {"amount": "3.1", "currency": "USD"}),
            (
                Stock(Decimal(3)),
                {"pears": "3", "private": 1, "noted": 5, "counted": 8},
            ),
            (Told({"a": Decimal(1)}), {"a": "1"}),
            (VISIT, PLAIN_VISIT),
            (MEMO, {k: v for k, v in PLAIN_VISIT["cite"][0].items() if k not in PLACE}),
        ],
        ids=numbers(),
    )
    def test_a_state_of_any_usual_kind_is_plain(
        self, state: object, expected: object
    ) -> None:
        """Each kind of value has its form, and `json` takes it."""
        found = plain_state(state)

        assert expected == found
        assert type(expected) is type(found)
        assert found == json.loads(json.dumps(found, allow_nan=False))

    @pytest.mark.parametrize(
        ("state", "place", "problem"),
        [
            (object(), "Period.state", "has no form"),
            ({"a": [1, {"b": object()}]}, "Period.state['a'][1]['b']", "has no form"),
            (1j, "Period.state", "as_dict()"),
            (int, "Period.state", "has no form"),
            (pendulum.duration(months=1), "Period.state", "has no form"),
            (10**4300, "Period.state", "longer than 4300 digits"),
            (Told([1]), "Period.state", "does not return a dict"),
            (Told({1: 2}), "Period.state", "does not return a dict"),
            (Told({"a": object()}), "Period.state.a", "has no form"),
            (Stock, "Period.state", "has no form"),
        ],
        ids=numbers(),
    )
    def test_a_state_without_a_plain_form_is_refused_with_its_place(
        self, state: object, place: str, problem: str
    ) -> None:
        """The error names the value, its place, and what to do."""
        with pytest.raises(PlainDataError) as caught:
            plain_state(state)

        assert place == caught.value.place
        assert problem in str(caught.value)
        assert isinstance(caught.value, TypeError)

    def test_a_number_of_the_most_digits_is_plain(self) -> None:
        """A number that Python can write is not refused."""
        assert 10**4299 == plain_state(10**4299)
        assert json.dumps(plain_state(10**4299))

    def test_a_state_that_holds_itself_is_refused(self) -> None:
        """A cycle ends in an error of ours."""
        state: list[object] = []
        state.append(state)

        with pytest.raises(PlainDataError, match="holds itself"):
            plain_state(state)


def answers(log: EventLog, view: View) -> list[Any]:
    """An answer of each kind that a log gives."""
    found: list[Any] = [view, *log, *view.events, *view.disputes, *view.set_aside]
    found += [*log.contradictions(), *view.dangling]
    for state in (everything, last_value, tally, values):
        found += [*log.history(state), *log.beliefs(state, on=view.day)]
        later = log.as_of("2016-01-20", "2016-01-02")
        found += [view.explain(state, of=str), view.diff(later, state)]
    many = count()
    found += [view.outcomes(many), log.first(many, holds=bool)]
    panel = log.panel(many, by=dyads, start="2015-12-01", stop="2016-02-01")
    return [*found, panel, *panel]


@given(logs(), view_days())
def test_every_answer_is_plain_data(log: EventLog, day: date) -> None:
    """`json` writes the plain data of each answer, and reads back the same."""
    for answer in answers(log, log.as_of(day)):
        found = answer.as_dict()

        assert found == json.loads(json.dumps(found, allow_nan=False))


@given(logs(), view_days())
def test_plain_data_of_a_view_has_each_claim(log: EventLog, day: date) -> None:
    """The ids and dates are those of the events, one for one."""
    view = log.as_of(day)
    found = view.as_dict()

    for name in ("events", "undecided"):
        expected = [(event.id, str(event.when)) for event in getattr(view, name)]
        assert expected == [(one["id"], one["when"]) for one in found[name]]
    assert [d.id for d in view.disputes] == [one["id"] for one in found["disputes"]]
    assert [a.reason.value for a in view.set_aside] == [
        one["reason"] for one in found["set_aside"]
    ]
    assert (None, str(day), "everything") == tuple(
        found[name] for name in ("since", "day", "known_by")
    )


@given(entries)
def test_an_entry_has_the_content_of_its_line(entry: Entry) -> None:
    """Whatever a store writes of an entry stands in its plain data too."""
    found = entry.as_dict()
    try:
        line = json.loads(encode_entry(entry, WORDS))
    except Exception:
        # Stores refuse some entries that have plain data.
        assert found["position"] == entry.position
        return

    for name in ("position", "supersedes", "retracts", "because"):
        assert line.get(name) == found[name]
    if isinstance(line.get("known"), str):
        assert line["known"] == found["known"]
    assert ("event" in line) == (found["event"] is not None)
    if "event" in line:
        written, event = line["event"], found["event"]
        assert written["kind"] == event["kind"]
        assert written["when"] == event["when"]
        assert written.get("id", event["id"]) == event["id"]
        cited = written.get("cite", [])
        assert len(cited) == len(event["cite"])
        for one, other in zip(cited, event["cite"], strict=True):
            flat = {**one["source"], "locator": one.get("locator", "")}
            assert flat == {k: v for k, v in other.items() if k in flat}
        if entry.claim.what.__class__ is not Unknown:
            what = event["what"]
            assert written["what"] == {k: what[k] for k in written["what"]}


def test_the_kind_of_an_unknown_payload_is_its_name() -> None:
    """Its data is the payload; numbers keep their digits."""
    what = Unknown("TariffSet", 2, b'{"rate": 1.50, "for": ["AZE"]}')
    found = Event(what, when="2019", id="t").as_dict()

    assert ("TariffSet", {"rate": "1.50", "for": ["AZE"]}) == (
        found["kind"],
        found["what"],
    )


def test_a_view_during_a_period_says_since_when() -> None:
    """Both days of the period and the basis are there."""
    found = EventLog.of(VISIT).during("2019", known_by="2020-01-01").as_dict()

    assert ("2019-01-01", "2019-12-31", "2020-01-01") == (
        found["since"],
        found["day"],
        found["known_by"],
    )


def test_days_of_any_year_are_text() -> None:
    """A day that `date` cannot hold is no error."""
    log = EventLog.of(Event(Visited("AZE", "CHN"), when="-0044-03-15"))

    assert "-0044-03-15" == log.history(count())[1].as_dict()["since"]


def test_a_count_of_one_is_a_number_and_not_true() -> None:
    """JSON tells 1 and true apart, although Python does not."""
    log = EventLog.of(VISIT)
    panel = log.panel(count(Visited), by=dyads, start="2019-01-01", stop="2019-12-31")
    (row,) = panel.as_dict()["rows"]

    assert '"value": 1, "low": 1, "high": 1' in json.dumps(row)
    assert "count(Visited), 2019-01-01 to 2019-12-31" == panel.as_dict()["of"]


PROGRAM = """
import json
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import relationship
log = azerbaijan_china()
for period in log.history(relationship("AZE", "CHN")):
    print(json.dumps(period.as_dict()))
print(json.dumps(log.as_of("2019-04-26").as_dict()))
"""


@pytest.mark.slow
def test_plain_data_is_the_same_in_every_process() -> None:
    """Sets have one order, whatever the hashes of texts are."""
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            check=True,
            env={**unmeasured(), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert 1 == len(found)


def test_a_relationship_is_plain_data() -> None:
    """The state of the built-in chronicle has all its public fields."""
    log = azerbaijan_china()
    state = log.history(relationship("AZE", "CHN"))[-1].as_dict()["state"]

    assert ["AZE", "CHN"] == state["parties"]
    assert {"USD": "821000000"} == {
        currency: str(int(Decimal(amount)))
        for currency, amount in state["agreed_value"].items()
    }
    assert not any(name.startswith("_") for name in state)
