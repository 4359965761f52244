"""JSON Schema of chronicles and proposals, as a validator of its own applies it."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from random import Random

import pytest
from attrs import Factory, field, frozen
from erasing import chosen, erase, grown
from fact_strategies import events
from format_strategies import FEW, WORDS
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from log_strategies import Fact, logs, reviewed_logs

from bri_timeline import Covers, Event, EventLog, Vocabulary
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.edtf import Edtf
from bri_timeline.formats.chronicle._writer import chronicle_text
from bri_timeline.relations import FACTS, Money


class Tone(Enum):
    """An enumeration of texts."""

    WARM = "warm"
    COLD = "cold"


class Level(Enum):
    """An enumeration of pairs, which JSON lacks."""

    LOW = (0, 1)


@frozen
class Part:
    """A class that holds itself."""

    name: str
    parts: tuple[Part, ...] = ()


@frozen
class Rated:
    """A payload of everything."""

    exactly: Decimal
    when: Edtf
    day: date
    instant: datetime
    tone: Tone
    level: Level
    pair: tuple[str, int]
    either: Money | Part | None
    words: frozenset[str]
    rough: float = 0.5
    anything: object = None
    known: bool = True
    mapped: dict[str, int] = Factory(dict)
    price: Money | None = None
    hidden: int = field(init=False, default=1)


RATED = {
    "exactly": "1.50",
    "when": "2015~",
    "day": "2019-04-24",
    "instant": "2019-04-24T00:00:00Z",
    "tone": "warm",
    "level": [0, 1],
    "pair": ["a", 1],
    "either": {"name": "x", "parts": [{"name": "y", "parts": []}]},
    "words": ["a", "b"],
}
ODD = Vocabulary(**{"a kind": Rated})


@cache
def validator(vocabulary: Vocabulary, of: str | None = None) -> Draft202012Validator:
    """A validator of a schema that is one itself."""
    schema = vocabulary.json_schema(of)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(data: object, vocabulary: Vocabulary, of: str | None = None) -> list[str]:
    """The problems of data in JSON; days of TOML are text there."""
    plain = json.loads(json.dumps(data, default=str))
    return [error.message for error in validator(vocabulary, of).iter_errors(plain)]


def written(log: EventLog, vocabulary: Vocabulary) -> object:
    """The data of a log as a chronicle."""
    return tomllib.loads(chronicle_text([*log], vocabulary, {"chronicle": 1})[0])


@given(st.builds(lambda found: EventLog.of(*found), events()))
def test_a_chronicle_of_facts_satisfies_the_schema(log: EventLog) -> None:
    """What dump() writes of shipped facts is valid."""
    assert [] == problems(written(log, FACTS), FACTS)


@given(logs() | reviewed_logs())
def test_a_chronicle_of_corrections_satisfies_the_schema(log: EventLog) -> None:
    """What dump() writes of corrections, retractions and quotes is valid."""
    assert [] == problems(written(log, FEW), FEW, "chronicle")


@given(st.integers(0, 1 << 32))
def test_a_chronicle_of_what_is_left_satisfies_the_schema(seed: int) -> None:
    """What dump() writes of entries whose words were erased is valid."""
    random = Random(seed)
    log = grown(random, EventLog(), 9)
    assert [] == problems(written(erase(log, chosen(random, log)), FEW), FEW)


def test_a_chronicle_of_releases_satisfies_the_schema() -> None:
    """What dump() writes of releases and of rows that they withdraw is valid."""
    first, later = (
        [Event(Fact(value), when="2015", id=f"row-{value}") for value in values]
        for values in ("ab", "a")
    )
    covers = Covers(kinds=Fact, days="2015")
    log = EventLog().revise(first, dataset="list", published="2016-01-01")[0]
    log = log.revise(later, dataset="list", published="2017-01-01", covers=covers)[0]
    assert [] == problems(written(log, FEW), FEW, "chronicle")
    assert [] == problems({"chronicle": 1}, Vocabulary(dataset=Fact), "chronicle")


@pytest.mark.slow
def test_a_schema_of_both_takes_either() -> None:
    """Without a name the schema is that of a chronicle, and of proposals."""
    proposal = {
        "kind": "Joined",
        "what": {"member": "AZE", "body": "AIIB"},
        "when": "in 2015",
        "quote": "joined the bank",
    }
    article = written(azerbaijan_china(), FACTS)
    assert [[], []] == [problems(data, WORDS) for data in (article, [proposal])]
    assert [] == problems([proposal], FACTS, "proposals")
    assert problems([proposal], FACTS, "chronicle")
    assert problems(article, FACTS, "proposals")


def test_a_schema_knows_every_type_of_field() -> None:
    """Numbers, dates, enumerations, pairs, unions and a class that holds itself."""
    claim = {"kind": "a kind", "what": RATED, "when": "2015", "quote": "two"}
    assert [] == problems([claim], ODD, "proposals")
    for name, wrong in {
        "exactly": "much",
        "when": 2015,
        "tone": "hot",
        "pair": ["a"],
        "either": {"name": 1},
        "words": "a b",
        "known": "yes",
        "other": 1,
    }.items():
        bad = {**claim, "what": {**RATED, name: wrong}}
        assert problems([bad], ODD, "proposals"), name


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "x"},
        {"when": 1},
        {"cite": ["x"]},
        {"kind": "Joind"},
        {"what": {"member": "AZE"}},
        {"what": {"member": "AZE", "body": "x", "since": "2015"}},
    ],
)
def test_a_schema_refuses_what_is_not_a_proposal(change: dict[str, object]) -> None:
    """A proposal has a kind of the vocabulary, all of its fields, and a quote."""
    what = {"member": "AZE", "body": "AIIB"}
    proposal = {"kind": "Joined", "what": what, "when": "2015", "quote": "two"}
    assert [] == problems([proposal], FACTS)
    assert problems([proposal | change], FACTS)


@pytest.mark.parametrize(
    "entry",
    [
        {"when": "2015"},
        {"when": "2015", "Joined": {"member": "AZE", "body": "x"}, "Left": {}},
        {"when": "2015", "cite": [{"at": "x"}], "Joined": {"member": "A", "body": "x"}},
        {"retracts": "x"},
        {"rejects": "x", "by": "y"},
        {"accepts": "x"},
        {"Joined": {"member": "AZE", "body": "x"}},
    ],
)
def test_a_schema_refuses_what_is_not_an_entry(entry: dict[str, object]) -> None:
    """An entry has a date and one table, or retracts another and says why."""
    assert problems({"chronicle": 1, "entries": [entry]}, FACTS)


def test_a_vocabulary_without_classes_has_a_schema() -> None:
    """Nothing can be claimed then."""
    assert [] == problems({"chronicle": 1}, Vocabulary(), "chronicle")
    assert [] == problems([], Vocabulary(), "proposals")
    assert problems([{"kind": "x"}], Vocabulary(), "proposals")
    assert problems({"chronicle": 1, "entries": [{"when": "2015"}]}, Vocabulary())
