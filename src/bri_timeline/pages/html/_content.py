"""The data of a page, as its script reads them, with the states of every day.

States are those of a projection on every day, as known on every other, compactly. For
each day of knowledge the events are folded in fold order; the state of an earlier day
is that of a prefix. The prefix that two days of knowledge share is folded and encoded
once: each row has the number of steps kept from the row before, then new steps.
"""

from __future__ import annotations

import math
import re
from bisect import bisect, bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import attrs
from attrs import define, field, frozen

from bri_timeline import Edtf, Event, Projection, Reason, Source
from bri_timeline.extend import (
    Ending,
    Mark,
    event_of,
    given_id,
    harmless,
    until_of,
)
from bri_timeline.pages._marks import lane_of, subject_of, succession_of
from bri_timeline.pages._markup import web_address
from bri_timeline.pages._state_values import SPOKEN, Tell, Telling
from bri_timeline.pages._wording import (
    LANGUAGES,
    Strings,
    date_words,
    kind,
    strings,
)
from bri_timeline.pages.html._counting import Counting, CountingMark
from bri_timeline.pages.html._numbers import (
    NOTHING,
    NumberedState,
    Numbers,
    teller_of,
)
from bri_timeline.pages.html._page_data import (
    ABSENT,
    JOINED,
    DistinctClaim,
    Mention,
    PageData,
    own_id,
)
from bri_timeline.pages.html._phrases import PhraseOf, Phrases
from bri_timeline.relations import (
    SECTIONS,
    Cancelled,
    Held,
    Planned,
    Postponed,
    Relationship,
    Rescheduled,
    relationship,
)


S = TypeVar("S")

# The most effects of undecided claims: a larger page would be slow.
_EFFECTS = 8_000
# The digits of a digest by which a link names a claim: of 100,000 claims two share them
# in one of 200 records.
_DIGITS = 10
_DAY = re.compile(r"-?[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The tables of strings that the script uses.
_SECTIONS = (
    *("language", "sentence", "counts", "kinds", "labels", "sources", "status"),
    *("dates", "page", "picture"),
)


@frozen
class EncodedStates:
    """States encoded as numbers for the script of the page.

    Attributes:
        rows: For each day of knowledge: the number of steps kept from the row before,
            then pairs of a claim and the state after it; of `-1 - claim` and the state
            after its end; of the number of all claims + claim and the state after its
            last day, from which what it ends is over. Each pair is written as its
            difference from the pair before it in the row.
        labels: What the values are called.
        states: Each state as a change to an earlier one: how many numbers before, then
            pairs of the place of a label and by how much the number of its value is
            another. The first state changes the empty state.
        values: Each value: its text; or its text, number, amounts of money, and the
            number of the list of claims that it holds; or, of an integer, how many
            numbers before another value is, and the difference. The first is empty.
        lists: Each list of claims as a change to another: the number of that list, a
            place, how many are removed there, and those inserted; `-1 - plan` for a
            plan. The first is empty.
        plans: For each plan its claim, then in threes a day, the status from then on,
            and the expected date.
        effects: For each state, pairs of an undecided claim and the state with it.
        affects: For each aside, the places of the values that its claim would change.
        complete: False if there are too many effects; *effects* is empty then.
    """

    rows: list[list[int]]
    labels: list[str]
    states: list[list[int]]
    values: list[object]
    lists: list[list[int]]
    plans: list[list[int | str]]
    effects: dict[int, list[int]]
    affects: list[list[int]]
    complete: bool


def states_of(
    data: PageData,
    projection: Projection[S],
    tell: Tell[S] | None = None,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
    only: str | None = None,
) -> EncodedStates:
    """Return the states of a projection on every day of knowledge.

    Args:
        data: The content of the page.
        projection: The projection.
        tell: The values of a state; by default those that it shows by itself.
        progress: Called with the days of knowledge done, and all of these.
        only: The label of the only value of a relationship to be told.
    """
    many = len(data.known)
    builder = _Builder(data, projection, tell, only, frozenset())
    states = builder.built(lambda done: progress(done, many))
    if states.complete and builder.told_apart:
        # Rare: a change of a plan that is not certain yet is one. All states with all
        # that they hide would make a page large, and too many effects.
        builder = _Builder(data, projection, tell, only, builder.told_apart)
        states = builder.built(lambda done: progress(many + done, 2 * many))
    return states


class _FoldStep(NamedTuple):
    """One step of a fold: a claim or its end, the day of certainty, the state after."""

    claim: int
    last: float
    state: object
    known: NumberedState


@define
class _Builder(Generic[S]):
    """Folds the events of each day of knowledge, and numbers the states.

    Of two days of knowledge only what differs is read, and folded from there on.

    Attributes:
        steps: The initial state, then a step for each mark that counts.
        folded: The projection, which also ends what other events end.
        changes: The place, claim and state of each step that changed the state.
        told_apart: The contents of states that look the same, but of which an undecided
            claim would make different ones.
    """

    data: PageData
    projection: Projection[S]
    tell: Tell[S] | None
    only: str | None
    split: Set[tuple[int, ...]]
    folded: Projection[Any] = field(init=False)
    numbers: Numbers = field(init=False)
    steps: list[_FoldStep] = field(init=False)
    changes: list[tuple[int, int, int]] = field(factory=list)
    undecided: dict[tuple[int, int], tuple[_FoldStep, Event]] = field(factory=dict)
    affects: dict[int, list[int]] = field(factory=dict)
    told_apart: set[tuple[int, ...]] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.folded = self.data.last._facts.told(self.projection)
        start = self.folded.initial()
        teller = teller_of(self._shown(start), self.tell, self.only)
        self.numbers = Numbers(self.data.number, self.split, teller)
        kept = partial(self._kept, start)
        known = self.numbers.of_state(self._shown(start), NOTHING, kept)
        self.steps = [_FoldStep(-1, -math.inf, start, known)]

    def built(self, progress: Callable[[int], object]) -> EncodedStates:
        """Return the states for all days of knowledge, and tell how many are done."""
        data, day = self.data, self.data.last.day_number
        versions = [*self._versions()]
        certain = [one for one in versions if one[0].when.latest_start <= day]
        # Of an undecided end the page shows the date, and no effect.
        others = (one for one in versions if isinstance(one[0], Event))
        possible = [one for one in others if one[0].when.latest_start > day]
        possible = [one for one in possible if one[0].when.earliest_start <= day]
        possible.sort(key=lambda one: one[0].when.earliest_start)
        counting, undecided = Counting(certain), Counting(possible)
        asides, rows = self._asides(), []
        for stop, known in enumerate(data.known):
            # A late report changes the order from its place on; earlier steps stay.
            shared, new = counting.go_on(known)
            rows.append(self._folded(counting, shared))
            self._collect(counting, shared, new)
            self._collect_open(undecided, shared, undecided.go_on(known)[1])
            for number in asides.get(stop, ()):
                self._set_aside(number)
            progress(stop + 1)
        complete = len(self.undecided) <= _EFFECTS
        effects = self._effects() if complete else {}
        states, values, lists, plans = self.numbers.encoded()
        return EncodedStates(
            rows=rows,
            labels=self.numbers.labels,
            states=states,
            values=values,
            lists=lists,
            plans=plans,
            effects=effects,
            affects=[self.affects.get(n, []) for n in range(len(data.asides))],
            complete=complete,
        )

    def _versions(self) -> Iterator[CountingMark]:
        """Yield the marks that count on some day of knowledge, in fold order."""
        parties, reads = self.projection.parties, self.projection.reads
        versions = self.data.versions(self.folded)
        is_ours = self.tell is None and len(parties) > 1
        if not is_ours or self.projection != attrs.evolve(
            relationship(*parties), reads=reads
        ):
            yield from versions
            return
        # A relationship is the same whoever says so: with a further source it does not
        # change, and needs no step.
        first: dict[tuple[int, str], Event] = {}
        for mark, since, until in versions:
            event = event_of(mark)
            event = first.setdefault((self.data.number(event), event.id), event)
            told = mark._replace(event=event) if isinstance(mark, Ending) else event
            yield told, since, until

    def _claim(self, mark: Mark) -> int:
        """Return the number of a claim, of its end, or of the end of what it ends."""
        if not isinstance(mark, Ending):
            return self.data.number(mark)
        claim = self.data.number(mark.event)
        return claim + len(self.data.claims) if mark.closes else ~claim

    def _folded(self, counting: Counting, shared: int) -> list[int]:
        """Fold the marks beyond those that are shared, and return the encoded row."""
        steps, changes, marks = self.steps, self.changes, counting.marks
        del steps[shared + 1 :]
        # Infinity sorts after any claim number, so all changes up to *shared* are kept.
        kept = bisect(changes, (shared, math.inf))
        del changes[kept:]
        row, last = [kept], (0, 0)
        evolve = self.folded.evolve
        for place in counting.places[shared:]:
            before, mark = steps[-1], marks[place]
            # What counts is selected already: whom it concerns is not asked again.
            if isinstance(mark, Ending):
                state = self._after(before.state, mark)
            else:
                state = evolve(before.state, mark)
            step = self._stepped(before, mark, state)
            number = step.known.number
            if number != before.known.number:
                changes.append((len(steps), step.claim, number))
                row += step.claim - last[0], number - last[1]
                last = step.claim, number
            steps.append(step)
        return row

    def _step(self, step: _FoldStep, mark: Mark) -> _FoldStep:
        return self._stepped(step, mark, self._after(step.state, mark))

    def _stepped(self, step: _FoldStep, mark: Mark, state: object) -> _FoldStep:
        known = step.known
        if state is not step.state:
            kept = partial(self._kept, state)
            known = self.numbers.of_state(self._shown(state), known, kept)
        return _FoldStep(self._claim(mark), mark.when.latest_start, state, known)

    def _asides(self) -> dict[int, list[int]]:
        """Return what is set aside of what the projection reads.

        Returns:
            By the number of the first day of knowledge on which it is, that of each.
        """
        data = self.data
        periods: dict[int | None, list[tuple[int, int]]] = {}
        for position, *days in data.set_aside(self.projection.parties):
            start, stop = (bisect_left(data.known, day) for day in days)
            periods.setdefault(position, []).append((start, stop))
        found: dict[int, list[int]] = {}
        for number, aside in enumerate(data.asides):
            for since, until in periods.get(data.mentions[aside.mention].position, ()):
                stop = max(since, aside.since)
                if stop < min(until, aside.until):
                    found.setdefault(stop, []).append(number)
                    break
        return found

    def _set_aside(self, number: int) -> None:
        """Find the values that a claim that is set aside would change.

        The values are counts and sums, so the place of a claim in the order does not
        matter.
        """
        event = self.data.mentions[self.data.asides[number].mention].event
        before = self.steps[-1].known.content
        after = self._step(self.steps[-1], event).known.content
        self.affects[number] = [
            n for n, new in enumerate(after) if (new,) != before[n : n + 1]
        ]

    # --- what may have happened ------------------------------------------------------

    def _collect(self, counting: Counting, shared: int, new: Set[int]) -> None:
        """Find the states on the days on which an event is undecided.

        Args:
            counting: What is certain in the end.
            shared: How many steps were there on the day of knowledge before.
            new: The places of what was not.
        """
        steps, marks = self.steps, counting.marks
        for before, place in enumerate(counting.places[shared:], shared):
            if len(self.undecided) > _EFFECTS:
                return
            # Of an undecided end the page shows the date, and no effect.
            if not isinstance(mark := marks[place], Ending):
                least = 0 if place in new else shared
                self._collect_for(mark, before, steps[before + 1].last, least)

    def _collect_open(self, counting: Counting, shared: int, new: Set[int]) -> None:
        """Find likewise the states with an event that is certain on no day."""
        for place in counting.places:
            event, least = counting.marks[place], 0 if place in new else shared
            self._collect_for(event_of(event), len(self.steps) - 1, math.inf, least)

    def _collect_for(self, event: Event, place: int, until: float, least: int) -> None:
        first, last = event.when.earliest_start, event.when.latest_start
        # An exact day is never undecided.
        if first == last or len(self.undecided) > _EFFECTS:
            return
        claim = self.data.number(event)
        for number in range(place, least - 1, -1):
            step = self.steps[number]
            if until <= first:
                break
            # Events tied on one day leave no day between them.
            if step.last < until:
                key = step.known.number, claim
                other_step, _ = self.undecided.setdefault(key, (step, event))
                if self._differ(step.state, other_step.state, event):
                    self.told_apart.add(step.known.content)
            until = step.last

    def _shown(self, state: object) -> object:
        return self.data.last._facts.state_of(state)

    def _kept(self, state: object) -> object:
        return self.data.last._facts.kept_in(state)

    def _differ(self, one: object, other: object, event: Event) -> bool:
        """Check whether an event makes different states of two that look the same."""
        if one is other or self._kept(one) == self._kept(other):
            return False
        return self._after(one, event) != self._after(other, event)

    def _after(self, state: object, mark: Mark) -> object:
        # Every state here was returned by the projection.
        return self.folded(state, mark)

    def _effects(self) -> dict[int, list[int]]:
        """Return, for each state, the undecided claims and the states with them."""
        effects: dict[int, list[int]] = {}
        for (state, claim), (step, event) in self.undecided.items():
            after = self._step(step, event).known
            # States that look the same may have numbers of their own.
            if after.content != step.known.content:
                effects.setdefault(state, []).extend((claim, after.number))
        return effects


@frozen
class About:
    """The title of a page, who made it, and how it opens.

    Attributes:
        title: The title.
        author: Who made it.
        licence: Under which it may be used.
        version: Of the record.
        description: A sentence for search engines; by default written from the state.
        preview: The web address of a picture that others show beside a link.
        language: The language at first.
        embed: Show the chart, the sentence and the sources in a small frame.
    """

    title: str
    author: str | None
    licence: str | None
    version: str | None
    description: str | None
    preview: str | None
    url: str | None
    language: str
    embed: bool


def content_of(
    data: PageData,
    projection: Projection[S] | None,
    tell: Tell[S] | None,
    numbers: Mapping[Source, int],
    phrase: PhraseOf,
    telling: Iterable[Telling],
    about: About,
    progress: Callable[[int, int], object],
) -> dict[str, object]:
    """Return the data for the script: values that JSON can represent."""
    states = None if projection is None else states_of(data, projection, tell, progress)
    plans = _plans(data)
    claims, mentions = data.claims, data.mentions
    texts = _date_texts(claims, [] if plans is None else plans.plans, numbers)
    kinds, kind_of = _numbered(kind(claim.event) for claim in claims)
    parties, party_of = _numbered(
        lane_of(claim.event, "party", strings("en")) for claim in claims
    )
    group_of = {
        claim.event.id: data.groups[n]
        for n, claim in enumerate(claims)
        if given_id(claim.event) is not None
    }
    # By claim: sorted numbers take less room.
    order = sorted(range(len(mentions)), key=lambda n: mentions[n].claim)
    place_of = {n: place for place, n in enumerate(order)}
    places = {t.position: t.claim for t in mentions if t.position is not None}
    said = Phrases(phrase)
    what = [said.of_event(claim.event) for claim in claims]
    because = {n: said.of_reason(why) for n, why in data.because.items()}
    return {
        **attrs.asdict(about),
        "languages": [
            {section: strings(code).tables[section] for section in _SECTIONS}
            | said.tables(place)
            | {"parties": [*_lanes(data, party_of, code)]}
            for place, code in enumerate(LANGUAGES)
        ],
        "days": data.days,
        "known": data.known,
        "skips": data.skips,
        "basis": data.basis,
        "asOf": data.as_of,
        "relationship": projection is not None
        and tell is None
        and isinstance(projection.initial(), Relationship),
        "kinds": kinds,
        "parties": parties,
        "spoken": SPOKEN,
        "holding": [section.title for section in SECTIONS if section.holds],
        "ids": [_given(claim.event) or 0 for claim in claims],
        "digests": [
            claim.event.digest[:_DIGITS] for claim in claims
        ],
        "what": what,
        "texts": [*texts],
        "dates": {code: _dates(texts, strings(code)) for code in LANGUAGES},
        "when": [texts.get(str(claim.event.when), 0) for claim in claims],
        "span": [_span(claim) for claim in claims],
        "kind": kind_of,
        "party": party_of,
        "group": list(data.groups),
        "parts": _parts(claims, group_of),
        "endings": _endings(claims),
        "changes": _changes(claims, group_of),
        "estimates": [
            n
            for n, claim in enumerate(claims)
            if getattr(claim.event.what, "approximate", False) is True
        ],
        "mentions": [_mention(mentions[n], numbers) for n in order],
        "sources": [_source(source) for source in numbers],
        "asides": [
            [
                *(place_of[a.mention], a.since, a.until),
                a.reason.value if isinstance(a.reason, Reason) else a.reason,
                places.get(a.by, -1),
                # A rival is not set aside for the reason that the taken claim gives.
                ""
                if a.reason in (Reason.DISPUTED, JOINED, ABSENT)
                else because.get(a.by, ""),
            ]
            for a in data.asides
        ],
        "states": _encoded(states),
        "plans": _encoded(plans),
        "telling": [
            [told_day.day, told_day.known_by, harmless(told_day.note), told_day.address]
            for told_day in telling
        ],
    }  # fmt: skip


def _numbered(names: Iterable[str]) -> tuple[list[str], list[int]]:
    numbers: dict[str, int] = {}
    of = [numbers.setdefault(name, len(numbers)) for name in names]
    return [*map(harmless, numbers)], of


def _lanes(data: PageData, party_of: Sequence[int], code: str) -> Iterator[str]:
    """Yield the names of parties in a language, in the order of their numbers."""
    first = {number: n for n, number in reversed([*enumerate(party_of)])}
    for number in sorted(first):
        event = data.claims[first[number]].event
        yield harmless(lane_of(event, "party", strings(code)))


def _date_texts(
    claims: Sequence[DistinctClaim],
    plans: Sequence[Sequence[int | str]],
    sources: Iterable[Source],
) -> dict[str, int]:
    """Number from 1 the EDTF texts of dates; days, which the script words, have 0."""
    dates = [str(claim.event.when) for claim in claims]
    dates += [str(text) for plan in plans for text in plan[3::3] if text]
    dates += [str(source.published) for source in sources if source.published]
    texts = (text for text in dict.fromkeys(dates) if _DAY.fullmatch(text) is None)
    return {text: n for n, text in enumerate(texts, start=1)}


def _dates(texts: Iterable[str], words: Strings) -> list[str]:
    return [date_words(Edtf(text), words) for text in texts]


def _span(claim: DistinctClaim) -> int | list[int | bool | None]:
    """Return one day as its number; else the bounds, None where there is none.

    What had begun before any day has False for the last day on which it began.
    """
    span = claim.span
    if span.is_day:
        return int(span.first)
    bounds = [span.first, span.last]
    if span.end_first is not None and span.end_last is not None:
        bounds += [span.end_first, span.end_last]
    # JSON has no infinity.
    days = [None if math.isinf(day) else int(day) for day in bounds]
    return [days[0], False if span.last == -math.inf else days[1], *days[2:]]


def _parts(
    claims: Sequence[DistinctClaim], group_of: Mapping[str, int]
) -> list[list[int]]:
    """Return, for each part of a bundle, its claim, the group, and 1 if certain."""
    return [
        [n, group_of[bundle], int(getattr(claim.event.what, "part_certain", True))]
        for n, claim in enumerate(claims)
        for bundle in [getattr(claim.event.what, "part_of", None)]
        if isinstance(bundle, str) and bundle in group_of
    ]


def _changes(
    claims: Sequence[DistinctClaim], group_of: Mapping[str, int]
) -> list[tuple[int, int]]:
    """Return the claims that change plans, each with the group of the plan.

    A plan that nobody reported has a number below zero.
    """
    plans = [subject_of(claim.event) for claim in claims]
    missing = {plan: ~n for n, plan in enumerate(plans)}
    return [
        (n, group_of.get(plan, missing[plan]))
        for n, (plan, claim) in enumerate(zip(plans, claims, strict=True))
        if plan != claim.event.id
    ]


def _endings(claims: Sequence[DistinctClaim]) -> list[list[object]]:
    """Return what may end claims: in what way, the claims, and others that do so.

    The way is 0 if they have ends of their own, 1 if the others end them, 2 if only the
    last of them holds, and 3 if the others, which are of their kind, end them.
    """
    own = [n for n, claim in enumerate(claims) if Ending.of(claim.event) is not None]
    alike: dict[tuple[object, ...], list[int]] = {}
    ended: dict[tuple[Any, object, type], list[int]] = {}
    for n, claim in enumerate(claims):
        what, cls = claim.event.what, type(claim.event.what)
        if (key := succession_of(claim.event)) is not None:
            alike.setdefault(key, []).append(n)
        if (until := until_of(cls)) is not None:
            ended.setdefault((until, until.key(what), cls), []).append(n)
    enders: dict[tuple[Any, object], list[int]] = {}
    for until in {until for until, *_ in ended}:
        for n, claim in enumerate(claims):
            if isinstance(what := claim.event.what, until.by):
                enders.setdefault((until, until.key(what)), []).append(n)
    rows: list[list[object]] = [[0, own, []]]
    for (until, shared, _), facts in ended.items():
        what = claims[facts[0]].event.what
        for way in (1, 3):
            others = [
                n
                for n in enders.get((until, shared), ())
                if until.is_own(what, claims[n].event.what) is (way > 1)
            ]
            if others:
                rows.append([way, facts, others])
    return [
        *rows,
        *([2, group, group] for group in alike.values() if len(group) > 1),
    ]


def _mention(mention: Mention, numbers: Mapping[Source, int]) -> list[object]:
    """Return claim and day known, then the source, the place, the quote of each."""
    row: list[object] = [mention.claim, mention.known]
    for citation in mention.event.cite:
        quote = getattr(citation, "quote", None)
        row += [numbers[citation.source] - 1, harmless(citation.locator)]
        row.append(harmless(quote) if quote else 0)
    return row


def _given(event: Event) -> str | None:
    """Return the id that was given to an event, if any."""
    name = own_id(event)
    return None if name is None else harmless(name)


def _source(source: Source) -> list[str | int | None]:
    """Return a source: its parts, the day by which it is out, the first it can be."""
    parts = (
        source.title,
        source.container,
        source.author,
        None if source.published is None else str(source.published),
        web_address(source.url),
    )
    shown_parts = [None if part is None else harmless(part) for part in parts]
    first = -math.inf if source.published is None else source.published.earliest_start
    # JSON has no infinity.
    days = source.known_day, None if math.isinf(first) else int(first)
    return [*shown_parts, *days]


def _plans(data: PageData) -> EncodedStates | None:
    """Return the plans of all parties, which say what a plan has become."""
    events = [claim.event for claim in data.claims]
    plans = [event for event in events if isinstance(event.what, Planned)]
    parties = sorted({party for event in plans for party in event.parties})
    if len(parties) < 2:
        return None
    reads = (Planned, Rescheduled, Postponed, Cancelled, Held)
    everybody = attrs.evolve(relationship(*parties), reads=reads)
    return states_of(data, everybody, only="Plans")


def _encoded(states: EncodedStates | None) -> dict[str, object] | None:
    return None if states is None else attrs.asdict(states, recurse=False)
