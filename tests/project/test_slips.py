"""Slips of new users: each message has the word that sets them right."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import bri_timeline as bt
from bri_timeline import Edtf, Event, EventLog, Source, dyads, projection
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.formats import jsonl
from bri_timeline.measures import count, latest, total
from bri_timeline.pages import html, panel, text
from bri_timeline.phrases import from_phrase
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    IndicatorObserved,
    Met,
    Money,
    Visited,
    relationship,
)
from bri_timeline.stores import MemoryStore, SQLiteStore


@attrs.define
class Open:
    """A class that is not frozen."""

    name: str


@attrs.frozen
class Paid:
    """A class of the user's own."""

    amount: int


LOG = azerbaijan_china()
VIEW = LOG.as_of("2019-04-26")
EVENT = LOG[0].claim
WHEN = Edtf("2019-04")
VISIT = Visited("AZE", "CHN")
STORE = MemoryStore(FACTS)
AZE_CHN = relationship("AZE", "CHN")
PAID = EventLog.of(Event(Paid(3), when="2019")).as_of("2020-01-01")
NOON = datetime.datetime.fromisoformat("2019-04-24T12:00")
# Type checkers see most of these slips: the tests are about those who have none.
event: Any = Event
log: Any = LOG
asked: Any = LOG.panel
view: Any = VIEW
when: Any = WHEN
visited: Any = Visited
edtf: Any = Edtf
figure: Any = IndicatorObserved


def years(**given: Any) -> Any:
    """A panel of years."""
    panel: Any = LOG.panel
    asked = {"by": dyads, "every": "year", "start": "2019-01-01", "stop": "2019-12-31"}
    return panel(count(), **{**asked, **given})


# The slip, what it does, and a part of the message that says what to do.
SLIPS: list[tuple[str, Callable[[], object], str]] = [
    ("no date", lambda: event(VISIT), "'when'"),
    ("an instant", lambda: event(VISIT, when=NOON), "value.date()"),
    ("a dict as payload", lambda: event({"a": 1}, when="2019"), "attrs.frozen class"),
    ("a class not frozen", lambda: event(Open("x"), when="2019"), "attrs.frozen"),
    ("slashes in a date", lambda: event(VISIT, when="2019/04/24"), "'2019-04-24'?"),
    ("words as a date", lambda: event(VISIT, when="24 April 2019"), "'2019-04-24'?"),
    ("a year as a number", lambda: event(VISIT, when=2019), "Edtf('2019')"),
    ("None as a date", lambda: event(VISIT, when=None), "such as '2013'"),
    ("several days", lambda: event(VISIT, when="{2016,2018}"), "one event for each"),
    ("a title as a source", lambda: event(VISIT, when="2019", cite="A"), "a Source"),
    ("titles as sources", lambda: event(VISIT, when="2019", cite=["A"]), "a Source"),
    ("a number as an id", lambda: event(VISIT, when="2019", id=5), "give text"),
    ("a date in words", lambda: Source("A", published="April 2019"), "'2019-04'?"),
    ("no day", lambda: log.as_of(), "'day'"),
    ("a year for a day", lambda: log.as_of("2019"), "'2019-12-31'"),
    ("slashes in a day", lambda: log.as_of("2019/04/24"), "'2019-04-24'"),
    ("points in a day", lambda: log.as_of("24.04.2019"), "'2019-04-24'"),
    ("an instant for a day", lambda: log.as_of(NOON), "value.date()"),
    ("a number for a day", lambda: log.as_of(2019), "'2019-04-24'"),
    ("31 April", lambda: log.as_of("2019-04-31"), "01 to 30"),
    ("a future position", lambda: log.as_of("2019-04-24", 999), "26 entries"),
    ("a year of knowledge", lambda: log.as_of("2019-04-24", "2019"), "'2019-12-31'"),
    ("tomorrow", lambda: log.history(AZE_CHN, known_by="tomorrow"), "'2019-04-24'"),
    ("a period without end", lambda: log.during("2019-04-24/.."), "'../2014'"),
    ("events as entries", lambda: EventLog([event(VISIT, when="2019")]), "append()"),
    ("one event as entries", lambda: EventLog(EVENT), "EventLog.of(event)"),
    ("a list for events", lambda: EventLog.of([EVENT]), "EventLog.of(*events)"),
    ("one event to extend", lambda: log.extend(EVENT), "append(event)"),
    ("a payload to append", lambda: log.append(VISIT), "Event(payload, when=..."),
    ("a position not there", lambda: log.append(EVENT, supersedes=99), "last is 25"),
    ("an id to correct", lambda: log.append(EVENT, supersedes="bri"), "log[0]"),
    ("an id to retract", lambda: log.retract("bri", because="x"), "log[0]"),
    ("no reason", lambda: log.retract(3), "'because'"),
    ("an id as index", lambda: log["bri-launched"], "log[0]"),
    ("a position too high", lambda: log[999], "the log has 26"),
    ("setting an attribute", lambda: setattr(LOG, "x", 1), "does not change"),
    ("names of countries", lambda: visited("Azerbaijan", "China"), "mean AZE?"),
    ("codes of two letters", lambda: visited("AZ", "CN"), "mean AZE?"),
    ("a code of nobody", lambda: visited("AZE", "XXX"), "such as 'org:huawei'"),
    ("a mapping of parties", lambda: Met({"AZE": 1}), "a list of ids"),
    ("one code as parties", lambda: Met("AZE"), "a list of ids"),
    ("a number as money", lambda: AgreementSigned({"AZE"}, "x", value=3), "Money("),
    (
        "a float as a figure",
        lambda: IndicatorObserved({"AZE"}, "x", 1.5, "USD"),
        "'1.3'",
    ),
    ("a float as money", lambda: Money(1.5, "USD"), "'1.3'"),
    ("a comma in money", lambda: Money("1,5", "USD"), "'1300000.50'"),
    ("a currency in words", lambda: Money("5", "dollar"), "'USD'"),
    ("one party", lambda: relationship("AZE"), "two or more"),
    ("not called", lambda: view.project(relationship), "call it"),
    ("a name as projection", lambda: view.project("x"), "@projection(initial=...)"),
    ("called without reason", lambda: view.project(AZE_CHN()), "'state' and 'event'"),
    ("a state as initial", lambda: projection(initial={})(max), "takes no argument"),
    ("a fold of one", lambda: projection(initial=int)(abs), "a state and an event"),
    ("no selection", lambda: view.explain(AZE_CHN), "'of'"),
    ("a field by name", lambda: view.explain(AZE_CHN, of="visits"), "state.visits"),
    ("an outcome by name", lambda: view.outcomes(AZE_CHN, of="visits"), "of=lambda"),
    ("a predicate by name", lambda: log.first(AZE_CHN, holds="visits"), "holds=lambda"),
    ("a predicate missing", lambda: log.first(AZE_CHN), "give one of holds="),
    ("a day missing", lambda: log.beliefs(AZE_CHN), "'on'"),
    ("a key missing", lambda: view.project_each(AZE_CHN), "'by'"),
    ("a wrong field", lambda: PAID.project(total(Paid, of="amont")), "has amount"),
    ("no field", lambda: latest(Paid), "'of'"),
    ("a kind by name", lambda: count("Paid"), "name the payload classes"),
    ("a kind as predicate", lambda: log.where("Visited"), "where(lambda event"),
    ("kinds by name", lambda: log.where(kinds="Visited"), "kinds=Visited"),
    ("a source by name", lambda: log.where(told_by="A"), "told_by=Source"),
    ("a list of parties", lambda: log.among(["AZE", "CHN"]), "among('AZE', 'CHN')"),
    ("parties to concern", lambda: log.concerning(["AZE"]), "concerning('AZE', "),
    ("a source to prefer", lambda: log.reading(prefer="A"), "Prefer.MOST_CITED"),
    ("a kind to be active", lambda: view.active("Joined"), "active(Joined)"),
    ("an event as an id", lambda: view.has_happened(EVENT), "event.id"),
    ("weeks", lambda: years(every="week"), "'quarter'"),
    ("no last day", lambda: years(stop=None), "the last day"),
    ("a key by name", lambda: years(by="parties"), "by=dyads"),
    ("an answer as truth", lambda: bool(WHEN.on("2019-04-03")), "is Answer.YES"),
    ("an extent on a day", lambda: Edtf("2015/2017").on("2016-01-01"), "active_on"),
    ("parse", lambda: edtf.parse("2019"), "Edtf('2019-04')"),
    ("a number to Edtf", lambda: edtf(2019), "Edtf('2019')"),
    ("a day without zero", lambda: edtf("2019-4-24"), "'2019-04-24'?"),
    ("a thirteenth month", lambda: edtf("2019-13"), "01 to 12"),
    ("a phrase without day", lambda: from_phrase("last year"), "give published="),
    ("a kind not listed", lambda: bt.Vocabulary(Paid).encode(VISIT), "add the class"),
    ("a class as a vocabulary", lambda: MemoryStore(visited), "Vocabulary(Visited)"),
    ("a class for a file", lambda: SQLiteStore("no/x", visited), "Vocabulary(Visited)"),
    ("nothing to a store", lambda: STORE.append(None), "append an EventLog, or"),
    ("a text to verify", lambda: STORE.verify("0-ab"), "what head() returned"),
    ("a number as parties", lambda: projection(initial=int, parties=5)(max), "'CHN')"),
    (
        "a number of questions",
        lambda: asked(count(), by=dyads, at=5),
        "at=[(key, day, known_by)",
    ),
    ("events in pictures", lambda: text.render([EVENT]), "EventLog.of(...)"),
    ("events in a page", lambda: html.render([EVENT]), "EventLog.of(...)"),
    ("a log as a panel", lambda: panel.render(log), "log.panel(...)"),
    ("a folder not there", lambda: SQLiteStore("no/x.db", FACTS), "make that first"),
    ("a file not there", lambda: jsonl.load("no.jsonl", FACTS), "no.jsonl"),
]


@pytest.mark.parametrize(
    ("slip", "remedy"), [pytest.param(*one[1:], id=one[0]) for one in SLIPS]
)
def test_a_slip_is_set_right(slip: Callable[[], object], remedy: str) -> None:
    """The message of the error has the remedy, and is one a reader can bear."""
    with pytest.raises(Exception, match=re.escape(remedy)) as error:
        slip()

    assert len(str(error.value)) < 300


def test_there_are_many_slips() -> None:
    """At least forty, and none of them twice."""
    assert 40 <= len({name for name, *_ in SLIPS}) == len(SLIPS)
