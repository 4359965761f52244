"""The words of the library, as type checkers see them; never executed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import assert_type

import pendulum
from attrs import frozen

from bri_timeline import (
    Answer,
    Belief,
    Change,
    Citation,
    Contradiction,
    Difference,
    Dispute,
    Edtf,
    Entry,
    Event,
    EventLog,
    Explanation,
    Outcomes,
    Period,
    Prefer,
    Projection,
    Reason,
    SetAside,
    Source,
    Step,
    Table,
    Unknown,
    View,
    Vocabulary,
    __version__,
    dyads,
    projection,
)
from bri_timeline.edtf import Allen, Bound, Widening, in_words
from bri_timeline.errors import BriTimelineError, EdtfError, Fault, FaultsError
from bri_timeline.phrases import Phrase, from_phrase


@frozen
class Pledged:
    country: str
    millions: int


Pledges = dict[str, int]


@projection(initial=Pledges)
def pledges(total: Pledges, event: Event) -> Pledges:
    match event.what:
        case Pledged(country, millions):
            return total | {country: total.get(country, 0) + millions}
        case _:
            return total


@projection(initial=dict)
def lent(total: dict[str, int], event: Event) -> dict[str, int]:
    match event.what:
        case Pledged(country, millions):
            total = total | {country: millions}
        case _:
            pass
    return total


@projection(initial=frozenset, ends=lambda state, event: state - {event})
def under_way(state: frozenset[Event], event: Event) -> frozenset[Event]:
    return state | {event}


@projection(initial=int, reads=Pledged)
def count(seen: int, event: Event) -> int:
    return seen + 1


@projection(initial=tuple[str, ...], reads=(Pledged,))
def countries(seen: tuple[str, ...], event: Event) -> tuple[str, ...]:
    return seen


def first(total: Pledges) -> int:
    return next(iter(total.values()), 0)


# --- projections ----------------------------------------------------------------------
assert_type(__version__, str)
assert_type(pledges, Projection[Pledges])
assert_type(lent, Projection[dict[str, int]])
assert_type(under_way, Projection[frozenset[Event]])
assert_type(count, Projection[int])
assert_type(countries, Projection[tuple[str, ...]])
assert_type(pledges.fold([]), Pledges)
assert_type(pledges.reads, tuple[type, ...] | None)
assert_type(pledges.name, str)

# --- evidence and events --------------------------------------------------------------
source = Source("Monitor", published="2019-05", container=None, author=None, url=None)
dated = Source("Monitor", published=date(2019, 5, 5))
assert_type(source.at("para 4"), Citation)
assert_type(source.published, Edtf | None)
assert_type(source.known_day, int | None)
event = Event(Pledged("AZE", 821), when="2019-04-24", cite=source.at("para 3"), id="x")
Event(Pledged("AZE", 1), when=date(2019, 4, 24), cite=source)
Event(Pledged("AZE", 1), when=pendulum.Date(2019, 4, 24), cite=[source, dated.at("")])
Event(Pledged("AZE", 1), when=Edtf("2019"))
assert_type(event.what, object)
assert_type(event.when, Edtf)
assert_type(event.cite, tuple[Citation, ...])
assert_type(event.id, str)
assert_type(event.parties, frozenset[str])
assert_type(dyads(event), tuple[tuple[str, str], ...])

# --- logs and entries -----------------------------------------------------------------
log = EventLog.of(event)
assert_type(log, EventLog)
assert_type(EventLog(), EventLog)
assert_type(log.append(event, supersedes=log[0], known="2019-05-05"), EventLog)
assert_type(log.append(event, supersedes=0, because="misread"), EventLog)
assert_type(log.extend([event]), EventLog)
assert_type(log.retract(0, because="wrong", known=date(2020, 1, 1)), EventLog)
assert_type(log.among("AZE", "CHN"), EventLog)
assert_type(log.with_cache(0), EventLog)
assert_type(log[0], Entry)
assert_type(log[:1], Table[Entry])
assert_type(len(log), int)
assert_type(log + log, EventLog)
assert_type(log[0].event, Event | None)
assert_type(log[0].claim, Event)
assert_type(log[0].known, pendulum.Date | None)
assert_type(log[0].known_day, int | None)
assert_type(log[0].supersedes, int | None)
assert_type(log[0].because, str | None)
for entry in log:
    assert_type(entry, Entry)

# --- views ----------------------------------------------------------------------------
view = log.reading(Prefer.LATEST_KNOWN).as_of("2020-06-30", known_by="2021-12-31")
assert_type(log.during("2014", known_by=0), View)
assert_type(log.during(("2014-01-01", date(2014, 6, 30))).since, pendulum.Date | None)
assert_type(log.where(kinds=Pledged).among("AZE", any_of=("CHN",)), EventLog)
assert_type(view, View)
assert_type(log.as_of(date(2020, 6, 30), 3), View)
assert_type(view.day, pendulum.Date)
assert_type(len(view), int)
assert_type(view.events, Table[Event])
assert_type(view.undecided, Table[Event])
assert_type(view.disputes, Table[Dispute])
assert_type(view.has_happened("x"), Answer)
assert_type(view.project(pledges), Pledges)
assert_type(view.project(count, undecided=True), int)
assert_type(view.project_each(count, by=dyads), Mapping[tuple[str, str], int])
assert_type(view.outcomes(pledges, of=first), Outcomes[int])
assert_type(view.outcomes(pledges, of=first, limit=9, seed=1).values, tuple[int, ...])
assert_type(view.outcomes(pledges, of=first).certain, int)
explanation = view.explain(pledges, of=first)
assert_type(explanation, Explanation[int])
assert_type(explanation.steps, tuple[Step[int], ...])
assert_type(explanation.set_aside, tuple[SetAside, ...])
assert_type(explanation.set_aside[0].reason, Reason)
assert_type(view.diff(view, pledges), Difference[Pledges])
assert_type(view.diff(view, pledges).changes, tuple[Change, ...])
assert_type(log.history(pledges), Table[Period[Pledges]])
assert_type(log.beliefs(pledges, on="2020-06-30"), Table[Belief[Pledges]])
assert_type(log.contradictions(), Table[Contradiction])

# --- plain data ---------------------------------------------------------------------
assert_type(event.as_dict(), dict[str, object])
assert_type(view.as_dict(), dict[str, object])
assert_type(log.history(pledges)[0].as_dict(), dict[str, object])

# --- tables ---------------------------------------------------------------------------
assert_type(view.disputes[0], Dispute)
assert_type(view.disputes[1:], Table[Dispute])
assert_type(view.disputes.__arrow_c_stream__(), object)
assert_type(log.__arrow_c_stream__(), object)
assert_type(view.__arrow_c_stream__(), object)

# --- dates ----------------------------------------------------------------------------
when = Edtf("2015")
assert_type(when.on_or_before("2015-06-30"), Answer)
assert_type(when.before(Edtf("2016")) & ~when.after("2014-12-31"), Answer)
assert_type(when.earliest, pendulum.Date | None)
assert_type(when.first_day, int | None)
assert_type(when.latest_bound, Bound)
assert_type(when.level, int)
assert_type(f"{when:>12}", str)
assert_type(when.allen(Edtf("2016/2017"), today=date(2026, 1, 1)), frozenset[Allen])
assert_type(when.overlaps("2016-01-01") | when.near(date(2016, 1, 1), 2), Answer)
assert_type(when.length(), tuple[float, float])
assert_type(when.days_until(Edtf("2016")), tuple[float, float])
assert_type(when.widened(Widening(years=1)), Edtf)
assert_type(in_words(when), str)
assert_type(from_phrase("in April", published="2019-05"), Phrase)

# --- vocabularies ---------------------------------------------------------------------
words = Vocabulary(Pledged, renamed=Pledged) | Vocabulary()
assert_type(words, Vocabulary)
assert_type(words.encode(event.what), bytes)
assert_type(words.decode("Pledged", b"{}", 1, unknown_ok=True), object)
assert_type(words.name_of(Unknown("Tariff", 1, b"{}")), str)


# --- errors ---------------------------------------------------------------------------
def caught() -> Iterable[object]:
    try:
        Edtf("no date")
    except EdtfError as error:
        yield assert_type(error.position, int)
        yield assert_type(error.expected, str)
    except FaultsError as error:
        yield assert_type(error.faults, tuple[Fault, ...])
    except BriTimelineError as error:
        yield error
