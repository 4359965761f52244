"""Claims of one happening that agree say one thing together; the rest are rivals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import attrs
import pytest
from agreement_model import (
    NO_END,
    Pairs,
    allowed,
    asked,
    common,
    is_empty,
    is_qualified,
    lasts,
    may_be_silent,
)
from attrs import field, frozen
from identity_model import Same, Words, content
from log_model import SPANS, Claim, Model, number
from log_strategies import everything
from marks_model import DATES

from bri_timeline import (
    Citation,
    Edtf,
    Event,
    EventLog,
    Place,
    Prefer,
    Source,
    View,
    Vocabulary,
    scale,
)
from bri_timeline._happening import content as said_by
from bri_timeline._journal import may_agree
from bri_timeline.errors import EntryError
from bri_timeline.extend import iso
from bri_timeline.formats import chronicle, jsonl
from bri_timeline.pages.html._content import states_of
from bri_timeline.pages.html._page_data import PageData, page_data_of
from bri_timeline.stores import SQLiteStore


pytestmark = pytest.mark.full


PAIR = frozenset({"AZE", "CHN"})


class Pair:
    """Whatever concerns two parties."""

    @property
    def parties(self) -> frozenset[str]:
        """Both."""
        return PAIR


@frozen
class Left(Pair):
    """Somebody left."""

    who: str | None = None


@frozen
class Member(Pair):
    """Somebody is a member until they left."""

    until: ClassVar[tuple[type[Left], tuple[str]]] = (Left, ("who",))

    who: str | None = None


@frozen
class Report(Pair):
    """Something of which much can be left unsaid."""

    value: str
    who: str | None = None
    town: str = ""
    names: frozenset[str] | None = None
    seen: Edtf | None = None
    at: Place | None = None


@frozen
class Terse(Pair):
    """Something of which only two parts can be left unsaid, and None is a value."""

    silent: ClassVar[frozenset[str]] = frozenset({"town", "names"})

    who: str | None = None
    town: str = ""
    names: tuple[str, ...] = ()


@frozen
class Labelled(Pair):
    """Something with a part that follows from another."""

    who: str | None = None
    label: str | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "label", f"by {self.who}")


VOCABULARY = Vocabulary(Left, Member, Report, Terse)
WHENS = (
    *SPANS,
    *DATES,
    "2016",
    "2016-01-01~",
    "2015-12?",
    "2016-01?",
    "2016-01-X1%",
    "[2015-12-30..2016-01-02]",
    "[2015-12-31..2016-01-30]",
    "2015/2016",
    "2015-12-31/2016-01",
    "2015/",
    "/2016",
    "2015?/2016",
    "2015-12/2016-01~",
)
NEAR = ("2016-01", "2016", "2016-01-01", "[2016-01-01..2016-01-02]", "2016-01?")
LASTING = ("2016-01-02/", "/2016-01-01", "2016/2016", "2015-12/", "/2016", "2016-01-01")
SEEN = (None, None, "2016", "2016-01", "2016-01-X1", "2015", "2015/2016", "2016/2016")
PLACES = (
    None,
    None,
    Place("Baku"),
    Place("Baku", 40.4, 49.9),
    Place("", 40.4, 49.9),
    Place("", 40.4, 49.9, "exact"),
    Place("Baku", precision="near"),
    Place("Ganja"),
)
# The last day on which each source can have appeared.
REPORTS = {
    "Daily": number("2016-01-01"),
    "Weekly": number("2016-01-30"),
    "Annual": number("2015-12-31"),
}
SOURCES = (
    Source("Leaflet"),
    Source("Daily", published="2016-01-01"),
    Source("Weekly", published="2016-01-30"),
    Source("Annual", published="2015"),
)
LATER = date(9999, 12, 31)
KNOWN = (None, *(date(2016, 1, day) for day in (1, 2, 3)))


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


def random_payload(random: Random) -> object:
    """Return a payload that says much or little."""
    kind = random.choice((Report, Report, Terse, Member, Left))
    who = random.choice((None, None, "a", "b"))
    if kind in (Member, Left):
        return kind(who)
    town = random.choice(("", "", "t", "u"))
    if kind is Terse:
        return Terse(who, town, random.choice(((), (), ("m",), ("m", "n"))))
    names = random.choice((None, None, frozenset(), frozenset("m")))
    seen = random.choice(SEEN)
    return Report(
        random.choice("aab"),
        who,
        town if random.random() < 0.3 else "",
        names,
        None if seen is None else Edtf(seen),
        random.choice(PLACES),
    )


def random_event(random: Random, before: EventLog) -> Event:
    """Return a claim, often one that says what an earlier one says, or part of it."""
    claims = [entry.event for entry in before if entry.event is not None]
    what = random_payload(random)
    if claims and random.random() < 0.7:
        what = random.choice(claims).what
        fields = attrs.fields_dict(type(what))
        if random.random() < 0.6:
            same = random_payload(random)
            while type(same) is not type(what):
                same = random_payload(random)
            name = random.choice([*fields])
            what = attrs.evolve(what, **{name: getattr(same, name)})
    return Event(
        what,
        when=random.choice(random.choice((NEAR, NEAR, LASTING, WHENS, WHENS))),
        where=random.choice(PLACES) if random.random() < 0.4 else None,
        cite=random.sample(SOURCES, random.choice((0, 1, 1, 2))),
        id=random.choice("xxxy"),
    )


def random_log(random: Random, most: int = 6) -> EventLog:
    """Return a log of claims about two happenings, some corrected or withdrawn."""
    log = EventLog()
    for _ in range(random.randint(2, most)):
        known = random.choice(KNOWN)
        claims = [entry.position for entry in log if entry.event is not None]
        chance = random.random() if claims else 1
        with suppress(EntryError):  # it repeats what was known, or corrects what is not
            if chance < 0.07:
                log = log.retract(random.choice(claims), because="no", known=known)
                continue
            target = random.choice(claims) if chance < 0.25 else None
            event = random_event(random, log)
            log = log.append(event, supersedes=target, known=known)
    return log


def told(event: Event, pairs: Pairs | None = None) -> tuple[object, ...]:
    """Return what an event says, with days instead of the words of dates.

    Args:
        event: Some.
        pairs: Its days, if they are not those that it answers with.
    """
    kind = type(event.what)
    said = {
        name: (asked(value), is_qualified(value)) if isinstance(value, Edtf) else value
        for name, value in attrs.asdict(event.what, recurse=False).items()
        # What says nothing says it in one way or another.
        if not (name in may_be_silent(kind) and is_empty(value))
    }
    pairs = asked(event.when) if pairs is None else pairs
    pairs = common([pairs], lasts=lasts(event.what))
    # Of extents the two sides may have qualifiers of their own.
    is_day = all(end is NO_END for _, end in pairs)
    return (
        event.id,
        kind,
        frozenset(said.items()),
        pairs,
        is_day and is_qualified(event.when),
        event.where,
        event.cite,
    )


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


def meant(event: Event) -> tuple[object, ...]:
    """Return the values and the days of an event, whatever its qualifiers."""
    fields = attrs.asdict(event.what, recurse=False)
    silent = may_be_silent(type(event.what))
    said = {
        name: asked(value) if isinstance(value, Edtf) else value
        for name, value in fields.items()
        if not (name in silent and is_empty(value))
    }
    return event.id, type(event.what), frozenset(said.items()), event.where


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


def any_order(view: View) -> tuple[object, ...]:
    """Return what a view says, without the order of events and citations."""
    return (
        {whole(event) for event in (*view.events, *view.undecided)},
        {
            (
                whole(one.taken),
                frozenset(map(whole, one.others)),
                one.common and asked(one.common),
            )
            for one in view.disputes
        },
        {(whole(one.event), one.reason) for one in view.set_aside},
    )


def whole(event: Event) -> tuple[object, ...]:
    """Return all that an event says, with the words of its date."""
    return *meant(event), str(event.when), asked(event.when), frozenset(event.cite)


@pytest.mark.slow
def test_every_road_joins_alike(trials: Callable[..., int], tmp_path: Path) -> None:
    """A log, a store, a selection, formats, a dataset and a page."""
    for seed in range(trials(1_000, share=250)):
        random = Random(seed)
        log = random_log(random)
        expected = any_order(log.as_of(LATER))
        with SQLiteStore(tmp_path / f"{seed}.db", VOCABULARY) as store:
            some = random.randint(0, len(log))
            store.append(EventLog([*log][:some]))
            store.append(log)
            roads = [store.read()]
        roads.append(log.where(kinds=(Report, Terse, Member, Left)))
        roads += [
            form.loads(form.dumps(log, VOCABULARY), VOCABULARY)
            for form in (jsonl, chronicle)
        ]
        for place, road in enumerate(roads):
            assert any_order(road.as_of(LATER)) == expected, (seed, place)
        data = scale.write(EventLog([*log][:some]), tmp_path / f"{seed}", VOCABULARY)
        state = data.append(log).project(everything, *PAIR, on=LATER)
        events = log.as_of(LATER).events
        assert {*map(whole, state)} == {*map(whole, events)}, seed
        for shown in (log, log.as_of(LATER)):
            page = page_data_of(shown)
            states = states_of(page, everything)
            assert len(states.rows) == len(page.known)
            for stop, known in enumerate(page.known):
                view = shown if shown is not log else log.as_of(LATER, iso(known))
                told = {*map(whole, (*view.events, *view.undecided))}
                assert told == shown_on(page, stop), (seed, stop)


def shown_on(page: PageData, stop: int) -> set[tuple[object, ...]]:
    """Return what a page shows as counting, as known by one of its days."""
    off = {a.mention for a in page.asides if a.since <= stop < a.until}
    cites: dict[int, list[Citation]] = {}
    for place, mention in enumerate(page.mentions):
        is_known = mention.known is None or mention.known <= page.known[stop]
        if place not in off and is_known:
            cites.setdefault(mention.claim, []).extend(mention.event.cite)
    return {whole(page.claims[n].event.cited(cite)) for n, cite in cites.items()}


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
