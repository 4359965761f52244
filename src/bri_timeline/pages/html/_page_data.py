"""The content of a page: claims, mentions, and the days on which they change."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from attrs import field, frozen

from bri_timeline import Edtf, Entry, Event, EventLog, Projection, Reason, View
from bri_timeline._queries.explanation import day_words
from bri_timeline.errors import PictureError
from bri_timeline.extend import (
    given_id,
    iso,
    require_log,
    until_of,
)
from bri_timeline.pages._marks import (
    DATELESS,
    DAYS,
    EVERYTHING,
    MarkSpan,
    asks_what_counts,
    basis_of,
    can_ask,
    span,
    view_of,
)
from bri_timeline.pages.html._counting import CountingMark
from bri_timeline.relations import Planned, Rescheduled


# The most steps that a page folds again for other days of knowledge, of a log of so
# many claims: twice what monthly reports of twenty years take that are up to a year
# late. A larger page would be slow to build and to open.
_FOLDS, _CLAIMS = 250_000, 20_000
JOINED, ABSENT = "joined", "absent"
# The position of an entry, and the days of knowledge since which, and until which,
# something is so.
Period = tuple[int, float, float]


@frozen
class DistinctClaim:
    """A distinct claim, which several entries may make.

    Attributes:
        event: The event of the first entry that makes the claim.
        span: The bounds of its date.
    """

    event: Event
    span: MarkSpan = field(init=False)

    @span.default
    def _span_of_event(self) -> MarkSpan:
        return span(self.event.when)


@frozen
class Mention:
    """One mention of a claim: an entry of a log, or an event of a view.

    Attributes:
        event: The claim with its citations.
        claim: The number of the claim.
        known: The day from which it was known; None if known all along.
        position: The position of the entry; None for an event of several entries.
    """

    event: Event
    claim: int
    known: int | None = None
    position: int | None = None


@frozen
class Aside:
    """A period of knowledge in which a mention does not count by itself.

    Attributes:
        mention: The number of the mention.
        since: The number of the first day of knowledge.
        until: The number of the day of knowledge on which it counts again; otherwise
            the number of all of them.
        reason: The reason: `JOINED` if it counts with others that say more or else, and
            `ABSENT` if it is what others say together, and do not say then.
        by: The position of the entry that retracts or supersedes it, or is preferred.
    """

    mention: int
    since: int
    until: int
    reason: Reason | str
    by: int


@frozen
class PageData:
    """The content of a page.

    Attributes:
        claims: The claims, by date.
        mentions: All mentions of the claims.
        days: The days on which a state can change.
        known: The days on which an entry or a citation became known, and the day before
            them; of a log that would take too long, every so many of them.
        skips: True if *known* is not all of them.
        basis: The basis in words if there is only one, otherwise None.
        asides: The periods in which mentions do not count.
        because: By position, the reason given by a correction or retraction.
        number: Returns the number of the claim of an event.
        last: The view of all days, as known on the last of these.
        versions: Returns the marks that a projection folds, in fold order, and events
            that are certain on no day; each with the days of knowledge since which, and
            until which, it counts.
        set_aside: Returns the entries that are set aside of what concerns some parties,
            by their positions, each with such days.
        groups: For each claim the number of its group: of claims about one happening,
            and those that they correct.
        as_of: The basis of a view: a day by its number, or a position in words.
    """

    claims: tuple[DistinctClaim, ...]
    mentions: tuple[Mention, ...]
    days: tuple[int, ...]
    known: tuple[int, ...]
    skips: bool
    basis: str | None
    asides: tuple[Aside, ...]
    because: dict[int, str]
    number: Callable[[Event], int]
    last: View
    versions: Callable[[Projection[Any]], Sequence[CountingMark]]
    set_aside: Callable[[Collection[str]], Iterable[Period]]
    groups: tuple[int, ...]
    as_of: int | str | None = None


def page_data_of(shown: View | EventLog) -> PageData:
    """Return the content of the page of a log or of a view.

    Raises:
        PictureError: The view is of a period: a page shows states on days.
        SelectionError: It is neither a view nor a log.
    """
    if isinstance(shown, View) and shown.since_number is not None:
        problem = "shows a period, and a page shows what was so on a day"
        raise PictureError(shown, f"{problem}: give log.as_of(day)")
    if isinstance(shown, View):
        return _of_view(shown)
    require_log(shown)
    return _of_view(view_of(shown)) if asks_what_counts(shown) else _of_log(shown)


def _of_log(log: EventLog) -> PageData:
    log = log.published()
    resolved = log.as_of(EVERYTHING)._facts.resolutions()
    entries = _selected(log, resolved)
    told = [entry for entry in entries if entry.event is not None]
    places = {entry.position: n for n, entry in enumerate(told)}
    # What sets a claim aside need not be among those that are selected.
    whole = tuple(log._journal.entries[: log._size])
    turns, together = _turns(log, told, resolved)
    joint = [said for said, _, _ in together]
    claims = _claims([entry.claim for entry in told] + joint)
    number = _numberer(claims)
    mentions = tuple(
        [Mention(e.claim, number(e.claim), e.known_day, e.position) for e in told]
        + [
            Mention(said.cited(entry.claim.cite), number(said), since)
            for said, entry, since in together
        ]
    )
    dated = any(entry.known_day is not None for entry in entries)
    edges = (day for periods in turns.values() for one in periods for day in one)
    days = _known(entries, edges if dated else ())
    known = _folded_in_time(days, claims, mentions)
    last = log.as_of(EVERYTHING, known_by=iso(known[-1]))

    def versions(projection: Projection[Any]) -> Sequence[CountingMark]:
        read, ends = last._facts.read_by(projection), projection.ends is not None
        return read.versions(None, list, by_position=False, ends=ends)

    def set_aside(parties: Collection[str]) -> Iterator[Period]:
        view = _concerning(last, parties)
        for changes in view._facts.resolutions():
            for since, until, resolved in _periods(changes):
                yield from (
                    (aside.entry.position, since, until)
                    for aside in resolved.set_aside
                    if view._window.meets(aside.event.when)
                )

    asides = _asides(turns, known)
    because = {e.position: e.because for e in whole if e.because}
    basis = None if dated else "with all that is known, since no source is dated"
    corrections = [
        (number(entry.claim), mentions[places[entry.supersedes]].claim)
        for entry in told
        if entry.supersedes in places
    ]
    corrections += [(number(said), number(entry.claim)) for said, entry, _ in together]
    return PageData(
        claims,
        mentions,
        _days(claims),
        known,
        known != days,
        basis,
        asides,
        because,
        number,
        last,
        versions,
        set_aside,
        _groups(claims, corrections),
    )


def _of_view(view: View) -> PageData:
    aside = view.set_aside
    rivals = [*_rivals(view._facts.resolution(), view._window.meets)]
    counted = view.events, view.undecided
    events = [*chain(*counted), *(a.event for a in aside)]
    events += [event for event, _, _ in rivals]
    keys = {*map(_key, chain(*counted))}
    joined = [
        (one.event, entry, one.entries[0].position)
        for one in view._facts.resolution().several
        if _key(one.event) in keys
        for entry in _less(one.event, one.entries)
    ]
    events += [entry.claim for _, entry, _ in joined]
    cited = view.as_cited
    claims = _claims(events)
    number = _numberer(claims)
    mentions = [Mention(cited(event), number(event)) for event in chain(*counted)]
    asides = []
    off: list[tuple[Event, Entry, Reason | str, int]] = [
        (a.event, a.entry, a.reason, a.by.position) for a in aside
    ]
    off += [
        (event.cited(entry.claim.cite), entry, Reason.DISPUTED, by)
        for event, entry, by in rivals
    ]
    off += [(entry.claim, entry, JOINED, by) for _, entry, by in joined]
    for event, entry, reason, by in off:
        asides.append(Aside(len(mentions), 0, 1, reason, by))
        known, position = entry.known_day, entry.position
        mentions.append(Mention(cited(event), number(event), known, position))
    last = view.day_number
    # A view must not reveal the state of days after its own.
    days = (*(day for day in _days(claims) if day < last), last)
    because = {a.by.position: a.by.because for a in aside if a.by.because}
    # What replaced a claim need not have happened by the day of the view.
    present = {_key(claim.event) for claim in claims}
    corrections = [
        (number(a.by.event), number(a.event))
        for a in aside
        if a.by.event is not None and _key(a.by.event) in present
    ]
    corrections += [(number(said), number(entry.claim)) for said, entry, _ in joined]

    def versions(projection: Projection[Any]) -> Sequence[CountingMark]:
        whole = _concerning(view, projection.parties)
        marks = whole._facts.read_by(projection).marks()
        told = *marks, *whole.undecided
        return [(mark, -math.inf, math.inf) for mark in told]

    def set_aside(parties: Collection[str]) -> list[Period]:
        positions = (a.entry.position for a in _concerning(view, parties).set_aside)
        return [(position, -math.inf, math.inf) for position in positions]

    return PageData(
        claims,
        tuple(mentions),
        days,
        (last,),
        False,
        _basis(view),
        tuple(asides),
        because,
        number,
        view,
        versions,
        set_aside,
        _groups(claims, corrections),
        None if view.basis == "everything" else basis_of(view),
    )


def _concerning(view: View, parties: Collection[str]) -> View:
    return view.concerning(*parties) if parties else view


def _basis(view: View) -> str:
    if view.basis == "everything":
        return "with all that is known"
    return f"as known by {day_words(view.basis)}"


def _claims(events: Iterable[Event]) -> tuple[DistinctClaim, ...]:
    """Return each claim once, by date."""
    distinct: dict[tuple[object, ...], Event] = {}
    for event in events:
        distinct.setdefault(_key(event), event)
    by_date = sorted(distinct.values(), key=lambda event: event.when.sort_key())
    return tuple(map(DistinctClaim, by_date))


def _groups(
    claims: Sequence[DistinctClaim], corrections: Iterable[tuple[int, int]]
) -> tuple[int, ...]:
    """Return the group of each claim, numbered in the order of the claims."""
    parent = [*range(len(claims))]

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    first: dict[object, int] = {}
    # Without an id it is what happened, and when: a digest of these would take longer.
    same = (
        (first.setdefault(_happening(claim.event), n), n)
        for n, claim in enumerate(claims)
    )
    for claim_number, partner in chain(same, corrections):
        parent[root(claim_number)] = root(partner)
    numbers: dict[int, int] = {}
    return tuple(
        numbers.setdefault(root(number), len(numbers)) for number in range(len(claims))
    )


def _happening(event: Event) -> object:
    return given_id(event) or (event.what, str(event.when))


_DIGEST = re.compile("[0-9a-f]{32}")


def own_id(event: Event) -> str | None:
    """Return the id that was given to an event; None if a digest names it.

    The id of a happening without one is the digest of its first claim, whatever the
    others say: it may differ from one day of knowledge to another.
    """
    name = given_id(event)
    return None if name is None or _DIGEST.fullmatch(name) else name


def _key(event: Event) -> tuple[object, ...]:
    # What several claims leave has the words of one of them, and may have fewer days.
    return own_id(event), event.what, str(event.when), span(event.when), event.where


def _numberer(claims: Iterable[DistinctClaim]) -> Callable[[Event], int]:
    numbers = {_key(claim.event): n for n, claim in enumerate(claims)}
    # Looked up by id(), which is fast. The events are kept alive, since Python may
    # give the id() of a deleted event to another one.
    met: dict[int, tuple[Event, int]] = {}

    def number(event: Event) -> int:
        known = met.get(id(event))
        if known is None:
            key = _key(event)
            # A claim without an id of its own may count by that of another one.
            key = key if key in numbers else (None, *key[1:])
            known = met[id(event)] = event, numbers[key]
        return known[1]

    return number


def _days(claims: Iterable[DistinctClaim]) -> tuple[int, ...]:
    """Return the days on which a claim or a plan can change the state."""
    days: set[float] = set()
    untils = filter(None, {until_of(type(claim.event.what)) for claim in claims})
    closing = tuple(cls for until in untils for cls in until.by)
    for claim in claims:
        days.update(claim.span.days)
        # What it ends is over on the day after.
        if isinstance(claim.event.what, closing):
            days.add(claim.span.last + 1)
        # The last day itself still counts: the state changes on the day after.
        if claim.span.end_last is not None:
            days.add(claim.span.end_last + 1)
        days.update(due(claim.event.what))
    return tuple(sorted(int(day) for day in days if can_ask(day))) or (DATELESS,)


def due(what: object) -> tuple[float, ...]:
    """Return the first days on which a plan is due and is overdue."""
    if not isinstance(what, Planned | Rescheduled) or what.expected is None:
        return ()
    first, last = what.expected.first_day, what.expected.last_day
    days = first, None if last is None else last + 1
    return tuple(day for day in days if day is not None)


def _known(entries: Iterable[Entry], more: Iterable[float]) -> tuple[int, ...]:
    """Return the days on which an entry or a citation became known, and the day before.

    Others on which something changes are among them.

    On the earlier day only what was known all along counts: often nothing.
    """
    known = {entry.known_day for entry in entries}
    for entry in entries:
        if entry.event is not None:
            known.update(citation.known_day for citation in entry.event.cite)
    all_days = {*known, *more}
    days = sorted(int(day) for day in all_days if day is not None and can_ask(day))
    if days and can_ask(days[0] - 1):
        days.insert(0, days[0] - 1)
    return tuple(days) or (DATELESS,)


def _folded_in_time(
    known: tuple[int, ...], claims: Sequence[DistinctClaim], mentions: Sequence[Mention]
) -> tuple[int, ...]:
    """Return the days of knowledge whose states can be folded in time: all, or some."""
    step, days = 1, known
    # The states of more claims are larger, and each step takes longer.
    most = _FOLDS * min(1, _CLAIMS / max(len(claims), 1))
    while len(days) > 2 and _cost(days, claims, mentions) > most:
        step *= 2
        days = (*known[:-1:step], known[-1])
    return days


def _cost(
    known: Sequence[int], claims: Sequence[DistinctClaim], mentions: Sequence[Mention]
) -> int:
    """Return about how many steps are folded again for some days of knowledge."""
    # A late report changes the order from its place on, and all later steps with it.
    come: list[list[float]] = [[] for _ in known]
    for mention in mentions:
        day = -math.inf if mention.known is None else mention.known
        place = min(bisect_left(known, day), len(known) - 1)
        come[place].append(claims[mention.claim].span.last)
    order: list[float] = []
    cost = 0
    for lasts in come:
        for last in lasts:
            insort(order, last)
        if lasts:
            cost += len(order) - bisect_left(order, min(lasts)) - len(lasts)
    return cost


def _selected(
    log: EventLog, resolved: Iterable[Iterable[tuple[float, Any]]]
) -> list[Entry]:
    """Return the entries of a log that a page shows, in order.

    A selection also has what corrects or retracts its claims; of these, a page shows
    what satisfies the rules of the selection itself, or refers to a claim that may.
    Sources can differ about its happenings by claims that concern others only.

    Args:
        log: The log.
        resolved: What is resolved of each cluster, by days of knowledge.
    """
    found = [
        entry
        for entry in log
        if entry.event is None or entry.event.refers_to or _holds(log, entry.event)
    ]
    rivals = {
        entry.position: entry
        for _, resolution in chain.from_iterable(resolved)
        for _, entry, _ in _rivals(resolution)
    }
    rivals.update((entry.position, entry) for entry in found)
    return [rivals[position] for position in sorted(rivals)]


def _holds(log: EventLog, event: Event) -> bool:
    """Check whether an event satisfies the rules of a selection by itself."""
    return all(rule.holds(event) for rule in log._wanted.rules)


def _rivals(
    resolved: Any, meets: Callable[[Edtf], bool] = lambda _: True
) -> Iterator[tuple[Event, Entry, int]]:
    """Yield the claims in disputes of a selection that it does not set aside itself.

    They concern others only, or lie outside the window and differ just in that.

    Args:
        resolved: What is resolved.
        meets: Tells of a date whether it may lie in the window.

    Yields:
        The claim, an entry that makes it, and the position of one that is taken.
    """
    aside = {a.entry.position for a in resolved.set_aside if meets(a.event.when)}
    for taken, others in resolved.disputes:
        if any(meets(one.event.when) for one in (taken, *others)):
            for other in others:
                for entry in other.entries:
                    if entry.position not in aside:
                        yield other.event, entry, taken.entries[-1].position


def _less(said: Event, told: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries that say less of a happening than they say together."""
    key = _key(said)
    return (entry for entry in told if _key(entry.claim) != key)


class _Turns(dict[Any, list[list[float]]]):
    """The periods of knowledge in which something is so, by what it is.

    That a mention does not count is named by it, the reason, and the position of the
    entry that sets it aside.
    """

    def note(self, since: float, until: float, found: Iterable[object]) -> None:
        """Note what is so in a period, later than those noted before."""
        for one in found:
            periods = self.setdefault(one, [])
            if periods and periods[-1][1] >= since:
                periods[-1][1] = until
            else:
                periods.append([since, until])

    def absent(self, one: object) -> list[list[float]]:
        """Return the other periods."""
        edges = [-math.inf, *chain.from_iterable(self.get(one, ())), math.inf]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return [[since, until] for since, until in pairs if since < until]


def _periods(
    changes: Sequence[tuple[float, Any]],
) -> Iterator[tuple[float, float, Any]]:
    """Yield what is resolved in each period of knowledge that can be asked for."""
    # What was known all along counts before any of these days.
    early = [resolved for day, resolved in changes if day <= DAYS[0]][-1:]
    later = [change for change in changes if DAYS[0] < change[0] <= DAYS[-1]]
    days = [*(-math.inf for _ in early), *(day for day, _ in later), math.inf]
    every = [*early, *(resolved for _, resolved in later)]
    return zip(days, days[1:], every, strict=False)


def _turns(
    log: EventLog,
    told: Sequence[Entry],
    resolved_clusters: Iterable[Sequence[tuple[float, Any]]],
) -> tuple[_Turns, list[tuple[Event, Entry, int | None]]]:
    """Return when mentions do not count.

    Args:
        log: The log.
        told: The entries of which each is a mention.
        resolved_clusters: What is resolved of each cluster, by days of knowledge.

    Returns:
        The periods; and what claims say together, with each entry that says less, and
        since when they do: each is a mention too, numbered after those of *told*.
    """
    places = {entry.position: n for n, entry in enumerate(told)}
    turns, here, there = _Turns(), _Turns(), _Turns()
    together: dict[object, tuple[float, Any, int, Event, Entry]] = {}
    for changes in resolved_clusters:
        for since, until, resolved in _periods(changes):
            turns.note(since, until, (
                (places[a.entry.position], a.reason, a.by.position)
                for a in resolved.set_aside
                if a.entry.position in places
            ))  # fmt: skip
            rivals = [*_rivals(resolved)]
            turns.note(since, until, (
                (places[entry.position], Reason.DISPUTED, by)
                for _, entry, by in rivals
            ))  # fmt: skip
            here.note(since, until, {entry.position for _, entry, _ in rivals})
            # What is here for what it refers to is so only while that is.
            here.note(since, until, {a.entry.position for a in resolved.set_aside})
            claiming = (e for h in resolved.happenings for e in h.entries)
            here.note(since, until, {e.position for e in claiming})
            for happening in resolved.several:
                said, several = happening.event, happening.entries
                for n, entry in enumerate(_less(said, several)):
                    key, order = (
                        (entry.position, *_key(said)),
                        happening.certainty_order(),
                    )
                    together.setdefault(key, (since, order, n, said, entry))
                    off = places[entry.position], JOINED, several[0].position
                    turns.note(since, until, [off])
                    there.note(since, until, [key])
    for n, entry in enumerate(told):
        # What is selected for what it refers to is here only while that is.
        if not _holds(log, entry.claim):
            turns[n, ABSENT, entry.position] = here.absent(entry.position)
    joint: list[tuple[Event, Entry, int | None]] = []
    for name in sorted(together, key=lambda one: together[one][:3]):
        since, _, _, said, entry = together[name]
        turns[len(told) + len(joint), ABSENT, entry.position] = there.absent(name)
        joint.append((said, entry, None if since == -math.inf else int(since)))
    return turns, joint


def _asides(turns: _Turns, known: Sequence[int]) -> tuple[Aside, ...]:
    asides: list[Aside] = []
    for (mention, reason, by), periods in turns.items():
        stops: list[tuple[int, int]] = []
        for period in periods:
            start, stop = (bisect_left(known, day) for day in period)
            if stops and stops[-1][1] == start:
                start, _ = stops.pop()
            if start < stop:
                stops.append((start, stop))
        asides += [Aside(mention, *pair, reason, by) for pair in stops]
    return tuple(sorted(asides, key=lambda aside: (aside.mention, aside.since)))
