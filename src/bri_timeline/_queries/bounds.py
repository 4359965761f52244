"""The values of a measure that the dates allow, without trying orders."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, product
from typing import Any, NamedTuple, TypeVar

from attrs import evolve, frozen

from bri_timeline._answer import Answer
from bri_timeline._events import Event
from bri_timeline._events.marks import Mark, event_of
from bri_timeline._happening import EVER, Disputed, Happening, Window
from bri_timeline._lasting import Endings, lasting
from bri_timeline._order import Facts, remembering, state_of, untold
from bri_timeline._payload import until_of
from bri_timeline._projection import Projection
from bri_timeline._queries._choices import twin
from bri_timeline._queries._distinct import CountedClaims, distinct_of_rivals
from bri_timeline._queries._sums import sums_with
from bri_timeline._queries.outcomes import reached
from bri_timeline._queries.values import Distinct, Outcomes
from bri_timeline.edtf import Edtf, WatchedDate
from bri_timeline.measures import Measure, negative, summed


__all__ = ["Known", "bounded", "can_ask", "reads_dates"]


V = TypeVar("V")
Number = int | Decimal
# How many of the last days are looked at, one after the other, before all are.
_SPANS = 32, 256, 2048


class Known(NamedTuple):
    """The parts of a view that bounds are computed from, each computed when asked.

    Attributes:
        window: The days of the view.
        state: Returns the certain state.
        asks: Tells whether a measure asks dates of what counts, on whatever day, what
            these do not decide.
        certain: Returns the certain events that the measure reads, in fold order: all,
            or from some day on, and at least those that are certain after a given day.
        undecided: Returns the undecided ones, in any order.
        active: Returns what lasts at the end of the window, or may.
        endings: Returns what may end these.
        happenings: Returns both, as happenings.
    """

    window: Window
    state: Callable[[], Any]
    asks: Callable[[Measure[Any]], bool]
    certain: Callable[[float], Sequence[Mark]]
    undecided: Callable[[], Sequence[Event]]
    active: Callable[[], Sequence[tuple[Event, Answer]]]
    endings: Callable[[], Endings]
    happenings: Callable[[], Sequence[Happening]]

    @classmethod
    def of(cls, facts: Facts, projection: Projection[Any]) -> Known:
        """Return what a projection reads of the facts of a view."""
        # The days of ends are chosen with those of their events.
        read, window = facts.read_by(projection, ends=False), facts.window
        ever = evolve(facts, window=EVER)

        def asks(measure: Measure[Any]) -> bool:
            return bool(ever.state(_asking(measure)))

        return cls(
            window=window,
            state=lambda: state_of(facts.state(projection)),
            asks=asks,
            certain=lambda day: read.ask(lambda order: order.with_rows(window, day)[0]),
            undecided=read.open_events,
            active=read.active,
            endings=read.endings,
            happenings=read.possible,
        )


def bounded(
    measure: Projection[Any],
    of: Callable[[Any], V] | None,
    known: Known,
    limit: int,
    disputes: Sequence[Disputed] = (),
    take: Callable[[int], bool] | None = None,
) -> Outcomes[Any] | None:
    """Return the outcomes of a measure, or of a selection from it.

    Args:
        measure: The measure; of any other projection nothing is known here.
        of: Selects a value; None selects the measure itself.
        known: The parts of the view.
        limit: The most values to list.
        disputes: The disputes of which any claim may be true.
        take: Tells whether choices of claims that multiply may cost so many steps; None
            if they may cost the limit.

    Returns:
        The outcomes; None if only trying orders can tell.
    """
    measure = untold(measure)
    # Views leave this to be asked here: few of them need measures to be imported.
    if not isinstance(measure, Measure):
        return None
    if of is None:
        return _measured(measure, known, limit, disputes, take or limit.__ge__)
    # The state of a distinct count has more than a number, and a value that a function
    # reads may hold a date: what is selected from these can depend on the day.
    if measure.aggregate == "distinct" or callable(measure.of):
        return None
    measured = _measured(measure, known, limit, disputes, take or limit.__ge__)
    if measured is None or not measured.complete:
        return None
    values: Distinct[V] = Distinct()
    for value in measured.values:
        values.add(of(value))
    return Outcomes(tuple(values.items), complete=True)


def _measured(
    measure: Measure[Any],
    known: Known,
    limit: int,
    disputes: Sequence[Disputed],
    take: Callable[[int], bool],
) -> Outcomes[Any] | None:
    """Return the outcomes of a measure; None if only trying orders can tell.

    Each event adds to a count or a total by itself, so the bounds are sums of bounds.
    A value that is new to a distinct count may be there or not. The latest value is of
    an event that can come after all that have certainly happened.
    """
    certain = known.state()
    aggregate = measure.aggregate
    asks = _asks_dates(measure, known)
    if measure.active:
        return _lasting(measure, certain, known, limit, disputes, take, asks=asks)
    if aggregate in ("count", "total") and (asks or disputes):
        return _summed_anyhow(measure, certain, known, limit, disputes, asks=asks)
    # What is taken may ask none, and a rival some.
    rivals = (
        claim for dispute in disputes for claim in dispute.claims if claim is not None
    )
    if asks or any(reads_dates(measure, claim) for claim in rivals):
        return None
    if aggregate == "latest":
        return _latest(measure, certain, known, disputes)
    if disputes and aggregate == "distinct":
        marks = map(event_of, known.certain(-math.inf))
        counted = CountedClaims(marks, known.undecided(), disputes, known.window)
        return distinct_of_rivals(measure, int(certain), counted, limit)
    undecided = known.undecided()
    if aggregate == "distinct":
        values, low = _different(_values_of(measure, undecided)), int(certain)
        new = sum(not certain.includes(v) for v in values if v is not None)
        return _range(low, low + new)
    if aggregate == "count" and measure.where is None:
        return _range(certain, certain + len(undecided))
    return _summed(certain, certain, _amounts(measure, undecided), (), limit)


def _reader(measure: Measure[Any]) -> Callable[[Event], tuple[Any, ...]]:
    """Return a function that returns the value of an event, or nothing."""
    where, value_of = measure.where, measure.value_of

    def read(event: Event) -> tuple[Any, ...]:
        if where is not None and not where(event):
            return ()
        value = value_of(event)
        return () if value is None else (value,)

    return read


def _values_of(measure: Measure[Any], events: Iterable[Event]) -> list[Any]:
    """Return the values of the events that are measured, with None for no value."""
    if measure.where is not None:
        events = filter(measure.where, events)
    return [*map(measure.value_of, events)]


def _range(low: int, high: int) -> Outcomes[int]:
    """Return the outcomes of a number that can be each from *low* to *high*."""
    values = tuple(range(low, high + 1))
    return Outcomes(values, complete=True, low=low, high=high)


# --- whether a measure reads dates ----------------------------------------------------


@frozen
class _Asking:
    """A step that counts the events whose dates a measure asks.

    The fold of this step is kept like any other, so it is done once.
    """

    measure: Measure[Any]

    def __call__(self, seen: int, event: Event) -> int:
        return seen + reads_dates(self.measure, event)


def _asking(measure: Measure[Any]) -> Projection[int]:
    """Return the number of events whose dates a measure asks."""
    return Projection(
        int, _Asking(measure), reads=measure.reads, parties=measure.parties
    )


def _asks_dates(measure: Measure[Any], known: Known) -> bool:
    """Check whether a measure asks dates what these do not decide."""
    return can_ask(measure) and known.asks(measure)


def can_ask(measure: Measure[Any]) -> bool:
    """Check whether a measure has a function, which may ask a date."""
    return measure.where is not None or callable(measure.of)


def reads_dates(measure: Measure[Any], event: Event) -> bool:
    """Check whether a measure asks the date of an event what that does not decide."""
    when = event.when
    if not can_ask(measure):
        return False
    if when.earliest_start == when.latest_start and not when.is_extent:
        return False
    questions: list[bool] = []
    try:
        values = _reader(measure)(twin(event, WatchedDate(when, questions.append)))
        if measure.aggregate == "distinct":
            hash(values)
    except Exception:
        # It may never be read on the day in question; if it is, the fold will raise.
        return True
    return bool(questions)


# --- sums -----------------------------------------------------------------------------


def _amounts(measure: Measure[Any], events: Sequence[Event]) -> list[Number]:
    """Return what each event adds to a count or a total."""
    try:
        values = _values_of(measure, events)
        decimals = [value for value in values if type(value) is Decimal]
        is_plain = {*map(type, values)} <= {int, Decimal, type(None)}
    except Exception:
        is_plain = False
    if is_plain and all(map(Decimal.is_finite, decimals)):
        return [value for value in values if value]
    # One by one, so that an error names the event.
    return [measure.evolve(0, event) for event in events]


def _summed(
    certain: Number,
    base: Number,
    amounts: Iterable[Number],
    choices: Sequence[Sequence[Number]],
    limit: int,
) -> Outcomes[Number]:
    """Return the outcomes of a sum.

    Args:
        certain: The sum in the certain state.
        base: What is added in any case.
        amounts: What may be added, each or not.
        choices: What else is added: one of each.
        limit: The most values to list.
    """
    amounts = [amount for amount in amounts if amount]
    least = summed([base, *(a for a in amounts if a < 0), *map(min, choices)])
    greatest = summed([base, *(a for a in amounts if a > 0), *map(max, choices)])
    low, high = min(least, certain), max(greatest, certain)
    sums: Iterable[Number] | None = None
    if {*amounts, *chain.from_iterable(choices)} <= {0, 1} and isinstance(
        greatest, int
    ):
        sums = range(int(least), greatest + 1)
    else:
        sums = sums_with(base, amounts, choices, limit)
    listed = (low, high) if sums is None else sorted(sums)
    values = tuple(dict.fromkeys((certain, *listed)))
    return Outcomes(values, complete=sums is not None, low=low, high=high)


def _summed_anyhow(
    measure: Measure[Any],
    certain: Number,
    known: Known,
    limit: int,
    disputes: Sequence[Disputed],
    *,
    asks: bool,
) -> Outcomes[Number] | None:
    """Return the outcomes of a sum, whichever claims of disputes are true.

    If amounts depend on days, other events make no difference to what one of them adds,
    so the days of each are tried by themselves. None if these are too many.

    Args:
        measure: The sum.
        certain: Its value in the certain state.
        known: The parts of the view.
        limit: The most values to list, and as much work for the days of an event.
        disputes: The disputes of which any claim may be true.
        asks: Amounts of what is taken depend on days.
    """
    choices = _choices(measure, known.window, limit, disputes)
    if choices is None:
        return None
    taken = _taken(disputes)
    if not asks:
        added_up = [e for e in taken if known.window.answer(e.when) is Answer.YES]
        base = summed([certain, *map(negative, _amounts(measure, added_up))])
        undecided = [event for event in known.undecided() if event not in taken]
        return _summed(certain, base, _amounts(measure, undecided), choices, limit)
    certain_amounts: list[Number] = []
    amounts: list[Number] = []
    for happening in known.happenings():
        if happening.event in taken:
            continue
        if reads_dates(measure, happening.event):
            amounts_reached = reached(measure, [happening.event], known.window, limit)
            if amounts_reached is None:
                return None
            choices.append(amounts_reached)
        elif known.window.answer(happening.event.when) is Answer.YES:
            certain_amounts.append(measure.evolve(0, happening.event))
        else:
            amounts.append(measure.evolve(0, happening.event))
    return _summed(certain, summed(certain_amounts), amounts, choices, limit)


def _taken(disputes: Iterable[Disputed]) -> dict[Event, None]:
    """Return what is taken of disputes."""
    return dict.fromkeys(
        dispute.taken for dispute in disputes if dispute.taken is not None
    )


def _choices(
    measure: Measure[Any], window: Window, limit: int, disputes: Iterable[Disputed]
) -> list[list[Number]] | None:
    """Return what each dispute can add to a sum; None if too many days are to try."""
    choices: list[list[Number]] = []
    for dispute in disputes:
        amounts: set[Number] = {0} if None in dispute.claims else set()
        for event in filter(None, dispute.claims):
            amounts_of_one: Sequence[Number] | None
            if reads_dates(measure, event):
                amounts_of_one = reached(measure, [event], window, limit)
            else:
                amounts_of_one = [measure.evolve(0, event)]
                if window.answer(event.when) is Answer.MAYBE:
                    amounts_of_one.append(0)
            if amounts_of_one is None:
                return None
            amounts.update(amounts_of_one)
        choices.append(sorted(amounts))
    return choices


# --- what lasts -----------------------------------------------------------------------


def _lasting(
    measure: Measure[int],
    certain: int,
    known: Known,
    limit: int,
    disputes: Sequence[Disputed],
    take: Callable[[int], bool],
    *,
    asks: bool,
) -> Outcomes[Any] | None:
    """Return the outcomes of a count of what lasts on a day.

    Disputes, and events whose dates are asked, are counted each by themselves, together
    with what they end or what ends them. None if this is too much for one of them.
    """
    window, taken = known.window, _taken(disputes)
    apart = set[Event | None]()
    choices: list[Sequence[int]] = []
    if asks or disputes:
        possible = chain(map(event_of, known.certain(-math.inf)), known.undecided())
        others = [event for event in possible if event not in taken]
        for part in _parts(measure, disputes, others):
            counts = _counts(measure, part, window, limit, take)
            if counts is None:
                return None
            choices.append(counts)
            apart.update(chain.from_iterable(part))
    rest = [pair for pair in known.active() if pair[0] not in apart]
    base, ways = _ways(measure, rest, known.endings(), window)
    choices += (way for way in ways if way != [0, 1])
    return _summed(certain, base, [1] * ways.count([0, 1]), choices, limit)


def _ways(
    measure: Measure[int],
    active: Iterable[tuple[Event, Answer]],
    endings: Endings,
    window: Window,
) -> tuple[int, list[list[int]]]:
    """Return how many facts certainly last, and how many more, in each way."""
    kinds, where = measure.kinds or (object,), measure.where
    answers = {
        event: answer
        for event, answer in active
        if isinstance(event.what, kinds) and (where is None or where(event))
    }
    base = sum(answer is Answer.YES for answer in answers.values())
    perhaps = [event for event, answer in answers.items() if answer is Answer.MAYBE]
    return base, [*endings.counts(perhaps, window)]


# The claims of a happening, of which one is true; None stands for none of them.
_Claims = Sequence[Event | None]


def _counts(
    measure: Measure[int],
    part: Sequence[_Claims],
    window: Window,
    limit: int,
    take: Callable[[int], bool],
) -> list[int] | None:
    """Return how many facts of a few happenings may last; None if too many to try.

    Args:
        measure: The count.
        part: The happenings.
        window: The days.
        limit: The most work for the days of dates that are asked.
        take: Tells whether choices of claims that multiply may cost so much.
    """
    tries = math.prod(map(len, part))
    if sum(len(claims) > 1 for claims in part) > 1 and not take(tries * len(part)):
        return None
    counts = set[int]()
    for chosen in product(*part):
        events = [claim for claim in chosen if claim is not None]
        if any(_is_asked(measure, event) for event in events):
            kinds = tuple({type(event.what) for event in events})
            states = reached(remembering(measure, kinds), events, window, limit)
            if states is None:
                return None
            counts.update(map(state_of, states))
        else:
            endings = Endings(events)
            active = lasting(events, window, endings)
            base, ways = _ways(measure, active, endings, window)
            numbers = [base]
            for way in ways:
                numbers = [*{number + more for number in numbers for more in way}]
            counts.update(numbers)
    return sorted(counts)


def _is_asked(measure: Measure[int], event: Event) -> bool:
    """Check whether a count of what lasts asks the date of an event."""
    kinds = measure.kinds or (object,)
    return isinstance(event.what, kinds) and reads_dates(measure, event)


def _parts(
    measure: Measure[int], disputes: Iterable[Disputed], others: Iterable[Event]
) -> Iterator[list[_Claims]]:
    """Yield the happenings that are counted together, from a dispute or a date asked.

    Those are what an event may end, and all that may end it.

    Args:
        measure: The count.
        disputes: The disputes of which any claim may be true.
        others: What may count besides.
    """
    all_claims: list[_Claims] = [dispute.claims for dispute in disputes]
    seeds = [*range(len(all_claims))]
    for event in others:
        if _is_asked(measure, event):
            seeds.append(len(all_claims))
        all_claims.append((event,))
    events = [*filter(None, chain.from_iterable(all_claims))]
    kinds = measure.kinds or (object,)
    untils = {until_of(cls) for cls in {type(e.what) for e in events}} - {None}
    # The last day on which something may end the facts of a key.
    ends: dict[object, float] = {}

    def closed(event: Event) -> list[object]:
        what = event.what
        return [(u, u.key(what)) for u in untils if u and isinstance(what, u.by)]

    for event in events:
        for key in closed(event):
            ends[key] = max(event.when.latest_start, ends.get(key, -math.inf))

    def keys(event: Event) -> list[object]:
        found, until = closed(event), until_of(type(event.what))
        if until is not None and isinstance(event.what, kinds):
            key = until, until.key(event.what)
            if ends.get(key, -math.inf) >= event.when.earliest_start:
                found.append(key)
        return found

    by_key: dict[object, list[int]] = {}
    own = [[k for one in claims if one for k in keys(one)] for claims in all_claims]
    for place, some in enumerate(own):
        for key in some:
            by_key.setdefault(key, []).append(place)
    seen = set[int]()
    for seed in seeds:
        if seed in seen:
            continue
        seen.add(seed)
        part = [seed]
        for place in part:
            near = dict.fromkeys(n for key in own[place] for n in by_key[key])
            new = [number for number in near if number not in seen]
            seen.update(new)
            part += new
        yield [all_claims[place] for place in part]


# --- the latest value -----------------------------------------------------------------


def _latest(
    measure: Measure[Any], certain: Any, known: Known, disputes: Sequence[Disputed]
) -> Outcomes[Any]:
    """Return the outcomes of the latest value.

    An event can come last if it can begin when, or after, each that has certainly
    happened can have begun: within one day the order is open. Of a dispute, a claim is
    enough that can have begun by then, or need not count.
    """
    read, until = _reader(measure), known.window.until
    taken = _taken(disputes)

    def is_sure(event: Event | None) -> bool:
        if event is None or not read(event):
            return False
        return known.window.answer(event.when) is Answer.YES

    # The day from which each dispute can have a claim that leaves another the last.
    floors = [
        min(e.when.earliest_start if e and is_sure(e) else -math.inf for e in d.claims)
        for d in disputes
    ]
    two = sorted(floors)[-2:]
    # Mostly the last days tell: then the events before them are not looked at.
    for after in (*(until - days for days in _SPANS), -math.inf):
        marks, begun = known.certain(after), known.window.since
        for event in map(event_of, reversed(marks)):
            # Those before it in fold order were certain by the same day, or earlier:
            # they cannot begin after that.
            if event.when.latest_start <= begun:
                break
            if event not in taken and read(event):
                begun = max(begun, event.when.earliest_start)
        if begun > after:
            break
    after_all = max([begun, *two])
    start = bisect_left(marks, after_all, key=lambda mark: mark.when.latest_start)
    late_events = (e for e in map(event_of, reversed(marks[start:])) if e not in taken)
    last = [certain, *_values_of(measure, late_events)]
    tried = dict[tuple[str, float, float], bool]()

    def can_be_last(when: Edtf, begun: float = after_all) -> bool:
        # Dates repeat, and those with gaps take long to search. Of dates with one text,
        # that may be cut short, all later days up to the last are the same.
        key = str(when), when.latest_start, begun
        if key not in tried:
            day = when._begin_on_or_after(begun)
            tried[key] = day is not None and day <= until
        return tried[key]

    # It may begin in the window: so if it cannot begin before the others, it can be the
    # last, whatever gaps its date has.
    open_ = [
        event
        for event in known.undecided()
        if event not in taken
        and (event.when.earliest_start >= after_all or can_be_last(event.when))
    ]
    last += _values_of(measure, open_)
    for dispute, floor in zip(disputes, floors, strict=True):
        floor_of_rest = two[0] if len(two) > 1 and floor == two[-1] else max(two)
        floor_of_rest = -math.inf if len(two) < 2 else floor_of_rest
        claims = filter(None, dispute.claims)
        begin = max(begun, floor_of_rest)
        last += _values_of(measure, [e for e in claims if can_be_last(e.when, begin)])
    values: Distinct[Any] = Distinct()
    for place, value in enumerate(_different(last)):
        # None is not a value, unless there is none yet.
        if value is not None or not place:
            values.add(value)
    if disputes and not any(all(map(is_sure, dispute.claims)) for dispute in disputes):
        every = map(event_of, known.certain(-math.inf))
        if not any(read(event) for event in every if event not in taken):
            values.add(None)
    return Outcomes(tuple(values.items), complete=True)


def _different(values: Sequence[Any]) -> Iterable[Any]:
    """Return values in their order, most of them once."""
    try:
        return dict.fromkeys(values)
    except TypeError:  # some have no hash
        return values
