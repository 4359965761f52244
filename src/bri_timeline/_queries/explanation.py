"""The explanation of a value by its steps, and the status of each claim in a view."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from heapq import nsmallest
from itertools import chain, repeat
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar, cast

from attrs import evolve, frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import iso
from bri_timeline._events import Event, cells
from bri_timeline._events.marks import Ending, Key, Mark, Over, event_of, marks_of
from bri_timeline._events.rows import Row, columns
from bri_timeline._happening import (
    Dangling,
    Happening,
    Reason,
    SetAside,
    Window,
    Wording,
)
from bri_timeline._instances import instances
from bri_timeline._lasting import Endings, begun_within, lasts
from bri_timeline._process import uncollected
from bri_timeline._projection import Projection
from bri_timeline._queries.table import stream
from bri_timeline._queries.values import change_words, value_words
from bri_timeline._text import (
    MOST_ROWS,
    AsDict,
    Cell,
    Sheet,
    Tabular,
    fields_of,
    one_line,
    table,
)
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import EdtfError, counted


__all__ = [
    "Explanation",
    "Step",
    "attempts",
    "claims_table",
    "dates",
    "day_words",
    "erased_words",
    "explain",
    "trials",
]


S = TypeVar("S")
V = TypeVar("V")
_HEADS = ("standing", "change", "when", "what", "who says so")
_LAST = (math.inf, math.inf, math.inf)
_CERTAIN, _PERHAPS = "certain", "perhaps"
_COLUMNS = columns(
    standing=str, before=object, after=object, ends=bool, reason=str, event=Event
)
_CLAIMS = ("standing", "when", "what", "who says so")
# Changes are padded up to this width, so that citations stand below each other.
_WIDEST = 48


@frozen(weakref_slot=False)
class Step(AsDict, Tabular, Generic[V]):
    """An event, or the end of one, at which a value changed.

    Attributes:
        event: The event, with its citations.
        before: The value before it.
        after: The value after it.
        certain: True if the event, or its end, is certain. If not, the values are those
            of the certain state, and of that state with this step alone added.
        ends: True if the step is the end of the event, after its last day; False if it
            is the event itself, or its beginning.
        wordings: A tuple of `Wording`: who says what, where the claims about the event
            agree, and some of them say less; empty if they say the same.
    """

    event: Event
    before: V
    after: V
    certain: bool
    ends: bool = False
    wordings: tuple[Wording, ...] = ()

    def _out_by(self, day: float) -> Step[V]:
        wordings = tuple(wording._out_by(day) for wording in self.wordings)
        return evolve(self, event=self.event._out_by(day), wordings=wordings)

    def __str__(self) -> str:
        return one_line("  ".join(_row(self)))

    def _sheet(self) -> Sheet:
        rows = [*zip(_HEADS, _cells(self), strict=True)]
        return Sheet("A change of a value", rows, len(rows))


@frozen
class Explanation(AsDict, Tabular, Generic[V]):
    """The explanation of a value. Its text is for people, and has the words cited.

    Of a state with named parts the text names the parts that changed.

    Attributes:
        value: The value in the certain state.
        steps: A tuple of `Step`: the changes of the value, in fold order.
        undecided: A tuple of `Step`: undecided events, and undecided ends of certain
            events, that would change the value.
        set_aside: A tuple of `SetAside`: claims that do not count and would have
            changed the value, each with the reason.
        dangling: A tuple of `Dangling`: unresolved references of the events read, and
            of events without parties if the log is complete. Their targets might
            change the value.
        erased: The number of entries whose words were erased from the log, as far as
            they are known: what they said might change the value.
    """

    value: V
    steps: tuple[Step[V], ...]
    undecided: tuple[Step[V], ...]
    set_aside: tuple[SetAside, ...]
    dangling: tuple[Dangling, ...] = ()
    erased: int = 0

    def __str__(self) -> str:
        rows = [("  ", _details(step), *_row(step)) for step in self.steps]
        rows += [("? ", _details(step), *_row(step)) for step in self.undecided]
        rows += [("x ", _details(one), *_aside_row(one)) for one in self.set_aside]
        rows += [("! ", _details(one), *_dangling_row(one)) for one in self.dangling]
        date_width = max((len(row[2]) for row in rows), default=0)
        text_width = min(max((len(row[3]) for row in rows), default=0), _WIDEST)
        lines = [value_words(self.value)]
        for mark, details, when, text, cite in rows:
            row = f"{mark}{when:<{date_width}}  {text:<{text_width}}  {cite}"
            lines += [one_line(row), *details]
        if self.erased:
            lines.append(erased_words(self.erased))
        return "\n".join(lines)

    def _out_by(self, day: float) -> Explanation[V]:
        """Return it without the citations of what came out after a day."""
        return evolve(
            self,
            steps=tuple(step._out_by(day) for step in self.steps),
            undecided=tuple(step._out_by(day) for step in self.undecided),
            set_aside=tuple(
                evolve(one, event=one.event._out_by(day)) for one in self.set_aside
            ),
            dangling=tuple(
                evolve(one, event=one.event._out_by(day)) for one in self.dangling
            ),
        )

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, for readers of Arrow.

        A row for each step, also of what is undecided, set aside or dangling: its
        `standing`, the value `before` and `after` it (JSON text, null where nothing was
        folded), whether it `ends`, the `reason` why it does not count, and the columns
        of the event; see `Table`.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PlainDataError: A cell cannot be kept in its column.
            MissingExtraError: pyarrow is not installed.
        """
        return stream(_COLUMNS, self._rows(), requested_schema)

    def _rows(self) -> Iterator[Row]:
        for step in (*self.steps, *self.undecided):
            standing = _CERTAIN if step.certain else _PERHAPS
            yield {**dict(fields_of(step)), "standing": standing}
        for one in self.set_aside:
            yield {"standing": "set aside", "reason": one.reason, "event": one.event}
        for lost in self.dangling:
            yield {"standing": "dangling", "reason": lost.words, "event": lost.event}

    def _sheet(self) -> Sheet:
        rows = [*map(_cells, (*self.steps, *self.undecided))]
        rows += [(one.words(), "", *cells(one.event)) for one in self.set_aside]
        rows += [(one.words, "", *cells(one.event)) for one in self.dangling]
        return Sheet(value_words(self.value), rows, len(rows), _HEADS)


def erased_words(count: int) -> str:
    """Return a line about entries whose words were erased."""
    found = counted(count, "entry of the log was", "entries of the log were")
    return f"{found} erased: what was said there is not known"


def _cells(step: Step[V]) -> tuple[Cell, ...]:
    status = _CERTAIN if step.certain else _PERHAPS
    ends = ("its end",) if step.ends else ()
    change = change_words(step.before, step.after)
    when, what, cited = cells(step.event)
    return (status, *ends), change, when, what, (*cited, *map(str, step.wordings))


def _row(step: Step[V]) -> tuple[str, str, str]:
    change = change_words(step.before, step.after)
    when = f"end of {step.event.when}" if step.ends else str(step.event.when)
    return when, change, _cited(step.event)


def _aside_row(aside: SetAside) -> tuple[str, str, str]:
    because = f": {aside.because}" if aside.because else ""
    verb = {
        Reason.RETRACTED: f"retracted by entry {aside.by.position}{because}",
        Reason.SUPERSEDED: f"superseded by entry {aside.by.position}{because}",
        Reason.DISPUTED: f"disputed, entry {aside.by.position} is taken",
    }[aside.reason]
    return str(aside.event.when), verb, _cited(aside.event)


def _dangling_row(dangling: Dangling) -> tuple[str, str, str]:
    event = dangling.event
    return str(event.when), dangling.words, _cited(event)


def _cited(event: Event) -> str:
    return "; ".join(map(str, event.cite)) if event.cite else "no source"


def _details(row: Step[V] | SetAside | Dangling) -> Iterator[str]:
    """Yield lines for the place, the quotes, each with its citation, and wordings."""
    event = row.event
    if event.where is not None:
        yield f"    place: {event.where}"
    for citation in event.cite:
        if citation.quote is not None:
            place = f"  {citation}" if len(event.cite) > 1 else ""
            yield one_line(f"    \u201c{citation.quote}\u201d{place}")
    for wording in row.wordings if isinstance(row, Step) else ():
        yield f"    {wording}"


class Trial(NamedTuple):
    """A claim set aside, to be tried at a place in the fold order.

    Attributes:
        aside: The claim.
        marks: Its beginning; or its beginning and its end.
        key: The place.
    """

    aside: SetAside
    marks: tuple[Mark, ...]
    key: Key


def trials(
    asides: Iterable[SetAside],
    window: Window,
    endings: Endings | None,
    closing: tuple[type, ...],
) -> list[Trial]:
    """Return what is tried of claims set aside.

    Each is tried before and after all that has the same days, so that the order in
    which entries were recorded decides nothing. Of what lasts it is also tried whether
    the state just before its end, or on the last day of the window, has it; and whether
    it would change what is there after that day, where it ends as it has begun. So is
    what it would end itself.

    Args:
        asides: The claims.
        window: The days of the view.
        endings: What ends facts; None if the projection takes no ends.
        closing: The payload classes of events that end others in its states.
    """
    found: list[Trial] = []
    for aside in asides:
        event, when = aside.event, aside.event.when
        days = when.latest_start, when.earliest_start
        found += (Trial(aside, (event,), (*days, place)) for place in (-1, math.inf))
        if endings is not None and lasts(event):
            over = endings.over_by(event)
            if over > window.until:
                found.append(Trial(aside, (event,), _LAST))
            else:
                both = event, Ending(event, Over(over, over))
                found.append(Trial(aside, (event,), (over, -math.inf, -1)))
                found.append(Trial(aside, both, (over, -math.inf, 0)))
        for mark in marks_of(event, closing):
            last = mark.when.latest_start
            if isinstance(mark, Ending) and mark.closes and last <= window.until:
                found.append(Trial(aside, (mark,), (last, -math.inf, 0)))
    return found


class Attempt(NamedTuple):
    """An undecided mark, and the number of certain marks after which it is tried."""

    place: int
    mark: Mark


def attempts(
    undecided: Iterable[Happening],
    certain: Sequence[Mark],
    window: Window,
    begun: tuple[type, ...],
    *,
    ends: bool,
) -> list[tuple[Attempt, ...]]:
    """Return what is tried of each undecided mark: it, and its end if that follows.

    It is tried where it comes if it comes as late as it can within the window: after
    all that is certain, unless its date leaves only earlier days. So what may have
    begun within a period may be over in it again, or may have been followed.

    Args:
        undecided: What is undecided.
        certain: What is certain, in fold order.
        window: The days of the view.
        begun: The payload classes of what may change a state as it begins.
        ends: The projection takes ends.
    """

    def attempt(mark: Mark, day: float) -> Attempt:
        # What is over on a day comes before all that begins on it.
        bisect = bisect_left if isinstance(mark, Ending) else bisect_right
        return Attempt(bisect(certain, day, key=_last_day), mark)

    tries = list[tuple[Attempt, ...]]()
    for happening in undecided:
        mark, event = happening.mark, happening.event
        span = begun_within(event, window) if happening.is_begin else None
        if span is not None:
            ending = Ending.of(event) if ends else None
            if ending is None or ending.when.latest_start > window.until:
                tries.append((attempt(mark, span[1]),))
            else:
                over = attempt(ending, ending.when.latest_start)
                tries.append((attempt(mark, span[1]), over))
        elif happening.closes or window.answer(event.when) is Answer.YES:
            # The end of an undecided event is not tried: alone, it would end nothing.
            tried: tuple[Attempt, ...] = (attempt(mark, happening.last),)
            if window.answer(event.when) is Answer.MAYBE and isinstance(
                event.what, begun
            ):
                # What ends others begins, too: only its beginning can be there alone.
                _, day = begun_within(event, window) or (0, happening.last)
                tried = (attempt(event, day), *tried)
            tries.append(tried)
    return tries


def _last_day(mark: Mark) -> float:
    return mark.when.latest_start


def explain(
    projection: Projection[S],
    of: Callable[[S], V],
    certain: Sequence[Mark],
    undecided: Sequence[tuple[Attempt, ...]],
    tried: Iterable[tuple[int, Trial]],
    dangling: tuple[Dangling, ...],
    erased: int,
    wordings: Callable[[Event], tuple[Wording, ...]] | None,
) -> Explanation[V]:
    """Fold again, and keep the steps at which the selected value changed.

    Args:
        projection: The state to fold.
        of: Selects the value from a state.
        certain: The certain events and ends, in fold order.
        undecided: What `attempts()` returns.
        tried: What is tried of claims that do not count, each with the number of
            certain marks after which it is; after all of them, if there are fewer.
        dangling: Unresolved references.
        erased: The number of entries whose words were erased.
        wordings: Returns who says what of an event of which the claims differ; None if
            there is none.
    """
    step, state, start = projection._step, projection.initial(), 0
    value = of(state)
    # What changed the value, and the value before all, and after each.
    changing, values = list[Mark](), [value]
    # By the position of the entry.
    relevant: dict[int, SetAside] = {}
    # A claim set aside is tried where it would have stood: folded after everything
    # else, an early accession would look as if it undid a later withdrawal.
    stops: list[tuple[int, Trial | None]] = [*tried]
    stops += ((place, None) for place in {tries[0].place for tries in undecided})
    stops.sort(key=itemgetter(0))
    # Where something undecided is tried.
    states = dict[int, S]()
    for place, trial in [*stops, (len(certain), None)]:
        for mark in certain[start:place]:
            state = step(state, mark)
            before, value = value, of(state)
            if before is not value and before != value:
                changing.append(mark)
                values.append(value)
        start = place
        if trial is None:
            states[place] = state
        elif of(reduce(step, trial.marks, state)) != value:
            relevant[trial.aside.entry.position] = trial.aside
    # Each undecided event is tried alone; `outcomes()` combines them.
    maybes = [
        (tries[0].mark, of(_tried(tries, states[tries[0].place], certain, step)))
        for tries in undecided
    ]
    maybes = [(mark, after) for mark, after in maybes if after != value]
    if dangling and projection.parties:
        # An event without parties may refer to an event that concerns them.
        possible = (attempt.mark for attempt in chain.from_iterable(undecided))
        read = {event_of(mark)._key for mark in (*certain, *possible)}
        dangling = tuple(
            one for one in dangling if one.event._key in read or not one.event.parties
        )
    return Explanation(
        value,
        _steps(changing, values[:-1], values[1:], wordings, certain=True),
        _steps(
            [mark for mark, _ in maybes],
            repeat(value),
            [after for _, after in maybes],
            wordings,
            certain=False,
        ),
        tuple(relevant[position] for position in sorted(relevant)),
        dangling,
        erased,
    )


def _tried(
    tries: Sequence[Attempt],
    state: S,
    certain: Sequence[Mark],
    step: Callable[[S, Mark], S],
) -> S:
    """Return the last state, with what is tried from a state on."""
    start = tries[0].place
    for place, mark in tries:
        state = step(reduce(step, certain[start:place], state), mark)
        start = place
    return reduce(step, certain[start:], state)


def _steps(
    marks: Sequence[Mark],
    befores: Iterable[V],
    afters: Iterable[V],
    wordings: Callable[[Event], tuple[Wording, ...]] | None,
    *,
    certain: bool,
) -> tuple[Step[V], ...]:
    """Return steps at some marks."""
    with uncollected():  # they make no reference cycles
        events = cast("Sequence[Event]", marks)
        ends: Iterable[bool] = repeat(False)
        if Ending in {*map(type, marks)}:
            events = [*map(event_of, marks)]
            ends = (isinstance(mark, Ending) and not mark.closes for mark in marks)
        said = repeat(()) if wordings is None else map(wordings, events)
        columns = events, befores, afters, repeat(certain), ends, said
        return tuple(instances(Step, *columns))


# Cached: the claims of a view share few days.
@lru_cache(4096)
def day_words(day: str) -> str:
    """Return a day in words: `24 April 2019`; other text is returned unchanged."""
    try:
        return in_words(Edtf(day))
    except EdtfError:
        return day


def dates(day: int, basis: str, since: int | None = None) -> str:
    """Return the dates of a view: `On 24 April 2019, as known by 5 May 2019`.

    Args:
        day: The number of its day.
        basis: What was known by then.
        since: The number of its first day, if it is of a period.
    """
    on = f"On {day_words(iso(day))}"
    if since is not None:
        on = f"From {day_words(iso(since))} to {day_words(iso(day))}"
    return on if basis == "everything" else f"{on}, as known by {day_words(basis)}"


class _ExplainedClaim(NamedTuple):
    """A claim with its status in words."""

    event: Event
    status: Cell


def claims_table(
    dates: str,
    certain: Collection[Event],
    undecided: Collection[Event],
    asides: Collection[SetAside],
    disputed: Collection[str],
    ending: Collection[str],
) -> str:
    """Return a table of the claims in a view, by date.

    Args:
        dates: The dates of the view; the caption adds the counts.
        certain: The certain events.
        undecided: The undecided events.
        asides: The claims that do not count.
        disputed: The ids of disputed happenings.
        ending: The ids of those that may have ended.
    """
    claims = chain(
        (_ExplainedClaim(event, (_CERTAIN,)) for event in certain),
        (_ExplainedClaim(event, (_PERHAPS,)) for event in undecided),
        (_ExplainedClaim(aside.event, aside.words()) for aside in asides),
    )
    # Only the rows shown are sorted: a log may have millions of claims.
    first = nsmallest(MOST_ROWS, claims, key=lambda claim: claim.event.when.sort_key())
    numbers = [f"{len(certain):,} certain"]
    numbers += [f"{len(ending):,} may have ended"] if ending else []
    numbers += [f"{len(undecided):,} perhaps"]
    numbers += [f"{len(asides):,} set aside"] if asides else []
    count = len(certain) + len(undecided) + len(asides)
    rows = (_claim_row(claim, disputed, ending) for claim in first)
    return table(f"{dates}: {', '.join(numbers)}", rows, count, _CLAIMS)


def _claim_row(
    claim: _ExplainedClaim, disputed: Collection[str], ending: Collection[str]
) -> tuple[Cell, ...]:
    certain = claim.status == (_CERTAIN,)
    over = ("may have ended",) if certain and claim.event.id in ending else ()
    differ = ("sources differ",) if claim.event.id in disputed else ()
    return (*claim.status, *over, *differ), *cells(claim.event)
