"""The test kit; never executed."""

from typing import assert_type

from attrs import frozen
from hypothesis import given
from hypothesis.strategies import SearchStrategy

from bri_timeline import (
    Citation,
    Edtf,
    Event,
    EventLog,
    Source,
    View,
    Vocabulary,
    projection,
)
from bri_timeline.formats import chronicle, jsonl
from bri_timeline.stores import MemoryStore
from bri_timeline.testing import (
    OrderDependence,
    Scenario,
    check_format,
    check_payload,
    check_projection,
    check_store,
    citations,
    days,
    edtfs,
    events,
    given_events,
    given_log,
    logs,
    order_dependence,
    payloads,
    sources,
    views,
)


@frozen
class Pledged:
    country: str
    millions: int


@projection(initial=int)
def pledged(total: int, event: Event) -> int:
    return total


claims = events(Vocabulary(Pledged), when=edtfs(allow_several=False))
assert_type(claims, SearchStrategy[Event])
assert_type(edtfs(min_day="2015-01-01", max_day="2016-12-31"), SearchStrategy[Edtf])
assert_type(days(), SearchStrategy[str])
assert_type(sources(published=edtfs()), SearchStrategy[Source])
assert_type(citations(sources()), SearchStrategy[Citation])
assert_type(payloads(Pledged, country=days()), SearchStrategy[object])
assert_type(events(payloads(Pledged)), SearchStrategy[Event])
assert_type(events(Pledged), SearchStrategy[Event])
assert_type(events(Pledged, payloads(Pledged)), SearchStrategy[Event])
assert_type(logs(claims, max_size=3, allow_disputes=False), SearchStrategy[EventLog])
assert_type(views(logs(claims)), SearchStrategy[View])

check_projection(pledged, claims)
check_projection(pledged, [], of=str, order_dependent_ok=True, reads_select_ok=True)
check_format(jsonl)
check_payload(Pledged)
check_store(lambda _name, words: MemoryStore(words), lasting=False)
check_payload(Pledged, payloads(Pledged), vocabulary=Vocabulary(Pledged))
assert_type(order_dependence(pledged, [], of=str), OrderDependence | None)
assert_type(given_log(EventLog()), Scenario)
scenario = given_events().as_of("2015-06-30").known_by("2019-04-24").then(pledged, 0)
assert_type(scenario.then_one_of(pledged, [0, 1], of=int), Scenario)
assert_type(scenario.view(), View)


@given(views(logs(claims)))
def test_of_somebody(view: View) -> None:
    assert_type(view.project(pledged), int)


assert_type(chronicle.loads("", Vocabulary(Pledged)), EventLog)
