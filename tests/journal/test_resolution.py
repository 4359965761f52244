"""Which claims count, entry by entry: after each what the rules say of all so far."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st
from log_model import Model, event_of
from log_strategies import KNOWN_DAYS, Fact, logs

from bri_timeline import Event, EventLog, Prefer, Source
from bri_timeline._journal import Claims, Resolution


BASES = st.sampled_from([date(2030, 1, 1), *KNOWN_DAYS])


def _shown(found: Resolution) -> tuple[object, ...]:
    """Return what a resolution says, without an order."""
    return (
        {(one.event, one.entries) for one in found.happenings},
        {(one.event, frozenset(c.event for c in rest)) for one, rest in found.disputes},
        [(one.entry, one.reason.value) for one in found.set_aside],
    )


def _modelled(model: Model) -> tuple[object, ...]:
    """Return what the model says of the same."""
    rivals = model.rival_claims()
    return (
        {(claims[0].event, claims[0].entries) for claims in rivals},
        {
            (claims[0].event, frozenset(claim.event for claim in claims[1:]))
            for claims in rivals
            if len(claims) > 1
        },
        [(aside.entry, aside.reason) for aside in model.asides()],
    )


def _crossing() -> EventLog:
    """Return a log in which a correction of what counts is known before a rival."""
    log = EventLog.of(Event(Fact("a"), when="2015", id="x"))
    for word, target, known in (("b", 0, 2), ("c", 0, 3), ("d", 2, 1)):
        day = date(2016, 1, known)
        log = log.append(Event(Fact(word), when="2015"), supersedes=target, known=day)
    return log


def _restored() -> EventLog:
    """Return a log in which a correction that restored the first text is restored."""
    log = EventLog.of(Event(Fact("a"), when="2015", id="x"))
    log = log.append(Event(Fact("z"), when="2015", id="x"), known=date(2016, 1, 1))
    for word, target, known in (("b", 0, 2), ("a", 2, 3), ("d", 3, 4)):
        claim = Event(Fact(word), when="2015", id="x")
        log = log.append(claim, supersedes=target, known=date(2016, 1, known))
    return log.retract(4, because="a slip", known=date(2016, 1, 5))


@example(log=_crossing(), known_by=date(2030, 1, 1), prefer=Prefer.LATEST_KNOWN)
@example(log=_restored(), known_by=date(2030, 1, 1), prefer=Prefer.LATEST_KNOWN)
@given(log=logs(max_size=12), known_by=BASES, prefer=st.sampled_from(Prefer))
def test_claims_say_after_each_entry_what_the_rules_say(
    log: EventLog, known_by: date, prefer: Prefer
) -> None:
    """Whichever way it came about: by adding one entry, or by reading a slot again."""
    claims, day = Claims(prefer), known_by.toordinal()
    for position, entry in enumerate(log):
        claims.add(entry, is_known=entry._knowledge()[0] <= day)
        model = Model(log[: position + 1], day, prefer=prefer)
        found = claims.resolution()

        assert _modelled(model) == _shown(found)
        assert {(one.event, one.position) for one in found.happenings} == {
            (event, entries[0].position) for event, entries in claims.taken()
        }
        assert {e.position for e in claims.counting()} == {
            entry.position
            for rivals in model.rival_claims()
            for claim in rivals
            for entry in claim.entries
        }
        assert [e for e in model.known if e.event is None or event_of(e)] == sorted(
            (entry for _, slot in found.slots for entry in slot),
            key=lambda entry: entry.position,
        )


def test_a_claim_keeps_the_citations_of_all_its_witnesses() -> None:
    """Each further witness is cited, also after the claim was asked for."""
    log = EventLog()
    for number in range(14):
        source = Source(f"Paper {number}")
        log = log.append(Event(Fact("a"), when="2015-01-01", id="x", cite=source))
        (event,) = log.as_of("2016-01-01").events
        (dispute, *_) = log.as_of("2016-01-01").disputes or [None]

        assert dispute is None
        assert number + 1 == len(event.cite)
