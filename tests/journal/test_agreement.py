"""Claims of one happening that agree say one thing together; the rest are rivals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import attrs
import pytest
from agreement_model import (
    allowed,
    asked,
    common,
    lasts,
    may_be_silent,
)
from agreement_worlds import (
    KNOWN,
    LATER,
    NEAR,
    PLACES,
    SOURCES,
    WHENS,
    Left,
    Pair,
    Report,
    any_order,
    meant,
    random_event,
    random_log,
    told,
)
from attrs import field, frozen
from identity_model import Same, Words, content
from log_model import Claim, Model, number
from log_strategies import everything

from bri_timeline import (
    Edtf,
    Event,
    EventLog,
    Place,
    Prefer,
    Source,
    View,
)
from bri_timeline._happening import content as said_by
from bri_timeline._journal import may_agree
from bri_timeline.errors import EntryError


pytestmark = pytest.mark.full


@frozen
class Labelled(Pair):
    """Something with a part that follows from another."""

    who: str | None = None
    label: str | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "label", f"by {self.who}")


# The last day on which each source can have appeared.
REPORTS = {
    "Daily": number("2016-01-01"),
    "Weekly": number("2016-01-30"),
    "Annual": number("2015-12-31"),
}


@dataclass
class Trusting(Model):
    """The model, with sources in order of trust."""

    trusted: Sequence[Source] = ()

    def rank(self, same: Same, words: Words, claim: Claim) -> tuple[object, ...]:
        """Return a key by which the claim to take is the greatest."""
        is_right, *last = super().rank(same, words, claim)
        cited = [one.source for one in claim.event.cite]
        best = min((n for n, s in enumerate(self.trusted) if s in cited), default=9)
        return is_right, -best, *last

    def is_trusted(self, claim: Claim) -> bool:
        """Tell whether a claim rests on one of these sources."""
        return any(one.source in self.trusted for one in claim.event.cite)


def by_model(claim: Claim) -> tuple[object, ...]:
    """Return the same of a claim of the model."""
    return told(claim.event, claim.pairs)


def a_model(
    log: EventLog, known_by: date | None, prefer: object, *, bounded: bool
) -> Model:
    """Return what the rules say of a log."""
    cut = float("inf") if known_by is None else known_by.toordinal()
    reports = REPORTS if bounded else {}
    if isinstance(prefer, Prefer):
        return Model(tuple(log), cut, prefer=prefer, reports=reports)
    assert isinstance(prefer, tuple)
    return Trusting(tuple(log), cut, trusted=prefer, reports=reports)


def random_policy(random: Random) -> Prefer | tuple[Source, ...]:
    """Return a rule, or sources in an order of trust."""
    trusted = tuple(random.sample(SOURCES, random.choice((1, 2))))
    return random.choice((*Prefer, trusted))


def check(view: View, model: Model, day: date) -> None:
    """Check all that a view says of claims against the model."""
    day_number = day.toordinal()
    assert [*map(told, view.events)] == [*map(by_model, model.certain(day_number))]
    assert [*map(told, view.undecided)] == [*map(by_model, model.undecided(day_number))]
    if day == LATER:
        asides = [(one.entry.position, one.reason.value) for one in view.set_aside]
        assert asides == [(one.entry.position, one.reason) for one in model.asides()]
    rivals = {
        claims[0].event.id: claims
        for claims in model.rival_claims()
        if len(claims) > 1 and any(claim.first <= day_number for claim in claims)
    }
    assert {*rivals} == {one.id for one in view.disputes}
    for dispute in view.disputes:
        claims = rivals[dispute.id]
        assert told(dispute.taken) == by_model(claims[0])
        assert {*map(told, dispute.others)} == {*map(by_model, claims[1:])}
        lasting = all(lasts(claim.event.what) for claim in claims)
        if not lasting and any(lasts(claim.event.what) for claim in claims):
            # The model has told an extent of a class that is ended as a day.
            continue
        pairs = common([claim.pairs for claim in claims], lasts=lasting)
        said = frozenset[Any]() if dispute.common is None else asked(dispute.common)
        assert pairs == common([said], lasts=lasting)


@frozen
class Sighting(Pair):
    """Something that must have a date and a place, of which each can be exact."""

    seen: Edtf
    at: Place


def test_two_claims_are_taken_as_they_are_of_more(
    trials: Callable[..., int],
) -> None:
    """What counts of a pair is told without comparing its claims, where it can be."""
    seen, places = [Edtf(day) for day in ("2016", "2016-01", "2015")], PLACES[2:4]
    for seed in range(trials(10_000)):
        random = Random(seed)
        whats: list[object] = [
            Report(
                "a",
                who=random.choice([None, "x", "y"]),
                town=random.choice(["", "x"]),
                seen=random.choice([None, *seen]),
                at=random.choice([None, *places]),
            )
            for _ in range(2)
        ]
        if seed % 4 == 0:
            whats = [Sighting(random.choice(seen), random.choice(places)) for _ in "12"]
        days = random.choices(NEAR[:2], k=2)
        pair = EventLog.of(
            *(
                Event(what, when=when, id="x")
                for what, when in zip(whats, days, strict=True)
            )
        )
        # Asked before the log has grown: of an earlier log, all claims are compared.
        newest = pair.as_of(LATER).project(everything)
        more = pair.append(Event(Report("c"), when="2016", id="x"))
        older = more.as_of(LATER, len(pair) - 1).project(everything)
        assert newest == older, seed


@pytest.mark.slow
def test_what_is_taken_is_what_the_rules_take(trials: Callable[..., int]) -> None:
    """Values, days, places, citations, rivals and claims set aside, in fold order."""
    for seed in range(trials(20_000, share=200)):
        random = Random(seed)
        log, prefer = random_log(random), random_policy(random)
        known_by, bounded = random.choice((None, *KNOWN)), random.random() < 0.3
        day = random.choice((date(2015, 12, 31), date(2016, 1, 2), LATER))
        read = log.reading(prefer=prefer, bounded_by_reports=bounded)
        model = a_model(log, known_by, prefer, bounded=bounded)
        check(read.as_of(day, known_by), model, day)


def test_claims_that_say_more_together_may_agree(trials: Callable[..., int]) -> None:
    """What no claim says alone is said by some that are not left out unseen."""
    more = 0
    for seed in range(trials(20_000, share=100)):
        random = Random(seed)
        log = random_log(random)
        view = log.as_of(LATER, random.choice(KNOWN))
        for event in (*view.events, *view.undecided):
            claims = [e.event for e in log if e.event and e.event.id == event.id]
            if said_by(event) not in map(said_by, claims):
                more += 1
                assert may_agree(claims)

    assert more


def test_claims_that_contradict_each_other_do_not_agree() -> None:
    """Each has a value of its own in a field, or a day of its own."""
    reports = [Report("a", who=str(number), town="t") for number in range(3)]
    claims = [Event(what, when="2016", id="x") for what in reports]
    short = Event(Report("a", town="u"), when="2016", id="x")
    early = Event(Report("a", town="t"), when="2015", id="x")

    assert not may_agree([*claims, short, early])
    assert may_agree([*claims, Event(Report("a", town="t"), when="2016-01", id="x")])


def test_what_follows_from_the_rest_contradicts_nothing() -> None:
    """Of two claims that agree, one has a label of its own."""
    claims = [Event(Labelled(who), when="2016", id="x") for who in (None, "a")]
    (event,) = EventLog.of(*claims).as_of(LATER).events

    assert event.what == Labelled("a")
    assert may_agree(claims)


@pytest.mark.parametrize("names", [(None, frozenset()), (frozenset(), None)])
def test_of_two_that_say_nothing_none_is_taken(
    names: tuple[frozenset[str] | None, ...],
) -> None:
    """Whichever claim is looked at first."""
    claims = [Event(Report("a", names=one), when="2016", id="x") for one in names]
    (event,) = EventLog.of(*claims).as_of(LATER).events

    assert event.what == Report("a")


def counting(view: View) -> list[tuple[object, ...]]:
    """Return the values and days of all that counts, in fold order."""
    return [(*meant(e), asked(e.when)) for e in (*view.events, *view.undecided)]


def less_than(random: Random, claim: Claim) -> Event:
    """Return a claim that says nothing that a claim does not say, and may say less."""
    event = claim.event
    fields = attrs.asdict(event.what, recurse=False)
    for name in sorted(may_be_silent(type(event.what))):
        if random.random() < 0.5:
            empty = type(fields[name])() if isinstance(fields[name], str) else None
            fields[name] = () if isinstance(fields[name], tuple) else empty
    where = event.where
    if where is not None and where.name and random.random() < 0.5:
        where = random.choice((None, Place(where.name)))
    lasting = lasts(event.what)
    wider = [
        text
        for text in WHENS
        if common([allowed(text), claim.pairs], lasts=lasting)
        == common([claim.pairs], lasts=lasting)
    ]
    kind = type(event.what)
    return Event(
        kind(**fields),
        when=random.choice([*wider, event.when]),
        where=where,
        cite=random.sample(SOURCES, random.choice((0, 1, 3))),
        id=event.id,
    )


@pytest.mark.slow
def test_who_says_less_changes_neither_values_nor_days(
    trials: Callable[..., int],
) -> None:
    """Whenever it became known, whoever says it, under any rule."""
    changed = 0
    for seed in range(trials(20_000, share=200)):
        random = Random(seed)
        log, prefer = random_log(random), random.choice([*Prefer])
        model = a_model(log, None, prefer, bounded=False)
        claims = [some[0] for some in model.rival_claims()]
        wrong = [one for _, some in model.ranked_claims() for one in some]
        if not claims:
            continue
        less = less_than(random, random.choice(claims))
        if content(less) in [content(one.event) for one in wrong]:
            continue  # these words were put right
        try:
            more = log.append(less, known=random.choice((None, *KNOWN)))
        except EntryError:  # somebody said so before
            continue
        before, after = (
            counting(one.reading(prefer=prefer).as_of(LATER)) for one in (log, more)
        )
        assert before == after, seed
        changed += more is not log
    assert changed


@pytest.mark.slow
def test_the_order_of_entry_never_matters(trials: Callable[..., int]) -> None:
    """Of claims each of which became known on another day."""
    for seed in range(trials(20_000, share=200)):
        random = Random(seed)
        some: list[tuple[Event, date]] = []
        log = EventLog()
        for n in range(random.randint(2, 6)):
            event, known = random_event(random, log), date(2017, 1, 1 + n)
            if all(event != before for before, _ in some):
                some.append((event, known))
                log = log.append(event, known=known)
        random.shuffle(some)
        other = EventLog()
        for event, known in some:
            other = other.append(event, known=known)
        prefer, bounded = random_policy(random), random.random() < 0.3
        one, two = (
            each.reading(prefer=prefer, bounded_by_reports=bounded)
            for each in (log, other)
        )
        assert any_order(one.as_of(LATER)) == any_order(two.as_of(LATER)), seed


def test_a_date_that_cannot_be_compared_is_looked_at_last() -> None:
    """Of more than ten thousand spans: it is a rival, whatever the policy says."""
    log = EventLog.of(
        Event("a", when="2016-05", id="x"),
        Event("a", when="XXXX-XX-15", id="x"),
        Event("a", when="2016", id="x"),
    )
    for prefer in Prefer:
        (dispute,) = log.reading(prefer).as_of(LATER).disputes

        assert "2016-05" == str(dispute.taken.when)
        assert ["XXXX-XX-15"] == [str(one.when) for one in dispute.others]
        assert dispute.common is None


def test_two_reports_of_a_year_and_a_month_are_no_dispute() -> None:
    """The month is taken, on both sources, wherever it stands; a year beside is not."""
    year, month, other = (
        Event(Report("a"), when=when, cite=Source(when), id="x")
        for when in ("2017", "2017-05", "2018")
    )
    for some in ((year, month), (month, year)):
        view = EventLog.of(*some).as_of(LATER)
        (event,) = view.events

        assert ("2017-05", 2) == (str(event.when), len(event.cite))
        assert ((), ()) == (view.disputes, view.set_aside)
    (dispute,) = EventLog.of(year, month, other).as_of(LATER).disputes
    assert {"2018", "2017", "2017-05"} == {str(one.when) for one in dispute.claims}


def test_claims_beside_a_date_that_cannot_be_compared_agree_or_not() -> None:
    """Whatever their kinds: the next in the order of the policy is taken."""
    never = Event("d", when="XXXX-XX-15", id="x")
    for first, other in (("a", "b"), (Report("a"), Left()), (Left(), "a")):
        log = EventLog.of(
            Event(first, when="2016", id="x"),
            Event(other, when="2016-05", id="x"),
            Event(other, when="2016", id="x"),
            never,
        )
        view = log.as_of(LATER)
        (dispute,) = view.disputes

        assert (other, "2016-05") == (dispute.taken.what, str(dispute.taken.when))
        assert {never, log[0].claim} == {*dispute.others}


def test_dates_in_fields_are_made_more_exact_by_all_claims() -> None:
    """What all have in common is said; several days, and no day in common, are not."""
    seen = ("2016", "[2015-12-01..2016-05-31]", "2016-0X")
    some = [
        Event(Report("a", seen=Edtf(text)), when="2017", cite=Source(text), id="x")
        for text in seen
    ]
    for order in (some, some[::-1]):
        (event,) = EventLog.of(*order).as_of(LATER).events
        assert Edtf("[2016-01-01..2016-05-31]") == event.what.seen
        assert 3 == len(event.cite)
    for text in ("{2016-01,2016-02}", "2018"):
        rival = Event(Report("a", seen=Edtf(text)), when="2017", id="x")
        (dispute,) = EventLog.of(some[0], rival).as_of(LATER).disputes
        assert rival == dispute.taken


@frozen
class Either:
    """Something that says one of two parts, never both."""

    who: str | None = None
    town: str | None = attrs.field(default=None)

    @town.validator
    def _check(self, _: object, town: str | None) -> None:
        if town and self.who:
            problem = "says both"
            raise ValueError(problem)


def test_what_a_class_refuses_to_say_together_contradicts() -> None:
    """Each claim is one that the class takes, and no payload says both."""
    who, town, more = (
        Event(what, when=when, cite=Source(when), id="x")
        for what, when in (
            (Either(who="a"), "2016"),
            (Either(town="t"), "2016-05"),
            (Either(who="a"), "2016-05-01"),
        )
    )
    (dispute,) = EventLog.of(who, town).as_of(LATER).disputes
    assert (town, (who,)) == (dispute.taken, dispute.others)
    # The others go on.
    (dispute,) = EventLog.of(who, town, more).as_of(LATER).disputes
    assert (more.what, 2) == (dispute.taken.what, len(dispute.taken.cite))
    assert (town,) == dispute.others


def _dotted(text: str | None) -> str | None:
    return None if text is None else f"{text}."


@frozen
class Dotted(Pair):
    """Something whose class changes each text that it is given."""

    who: str | None = field(default=None, converter=_dotted)
    town: str | None = field(default=None, converter=_dotted)


def test_a_part_of_a_claim_is_converted_once() -> None:
    """What two claims say together is what they hold."""
    said = [Dotted(who="a"), Dotted(town="t")]
    log = EventLog.of(*(Event(what, when="2016", id="x") for what in said))
    (event,) = log.as_of(LATER).events

    assert ("a.", "t.") == (event.what.who, event.what.town)
