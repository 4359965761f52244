"""The results of reading and writing files: imports with rejected rows, and losses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from attrs import evolve, field, frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day, to_day
from bri_timeline._events import Entry, Event
from bri_timeline._evidence import to_edtf
from bri_timeline._log import EventLog
from bri_timeline._text import one_line
from bri_timeline.edtf import Bound, Edtf
from bri_timeline.errors import Fault, FaultsError, shown


__all__ = [
    "Coverage",
    "Imported",
    "Loss",
    "RejectedRow",
    "imported",
    "in_utf8",
    "numbered",
    "published",
    "unknown_states",
]


@frozen
class Loss:
    """Content that was not written, or cannot be read back.

    Attributes:
        place: The place in the log, such as `entry 3`.
        problem: The loss, and the text that was written instead.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        return one_line(f"{self.place}: {self.problem}")


def numbered(log: EventLog) -> tuple[list[Entry], list[Loss]]:
    """Return the entries of a log renumbered from 0, and a loss for each change.

    A selection such as `log.among()` keeps the positions of the whole log, but most
    files number their entries by order.
    """
    entries = list(log)
    # References must follow their entries to the new positions.
    places = {entry.position: place for place, entry in enumerate(entries)}
    if all(position == place for position, place in places.items()):
        return entries, []
    losses = [
        Loss(f"entry {position}", f"its position is now {place}")
        for position, place in places.items()
        if position != place
    ]
    return [entry.moved(places[entry.position], places) for entry in entries], losses


def published(log: EventLog) -> tuple[EventLog, list[Loss]]:
    """Return a log as others may see it, and a loss for each proposal and rejection."""
    found = log.published()
    if found is log:
        return log, []
    problem = "is not written: it is part of the queue of proposals"
    return found, [
        Loss(f"entry {entry.position}", problem)
        for entry in log
        if entry.review is not None and entry.event is None
    ]


P = ParamSpec("P")
T = TypeVar("T")
_AROUND = 20


def in_utf8(dump: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function that writes a file: text that UTF-8 lacks is a `FaultsError`.

    Python text may hold half of a UTF-16 surrogate pair, which no encoding can write.

    Args:
        dump: The function; its second argument is the path.
    """

    @wraps(dump)
    def dumped(*given: P.args, **named: P.kwargs) -> T:
        try:
            return dump(*given, **named)
        except UnicodeEncodeError as error:
            # The decorated functions take the path as second argument or by name.
            path = named["path"] if "path" in named else given[1]
            part = error.object[max(0, error.start - _AROUND) : error.end + _AROUND]
            problem = "holds half a character, which UTF-8 cannot write: correct it"
            fault = Fault("text", f"{shown(part)} {problem}")
            raise FaultsError(str(path), [fault]) from None

    return dumped


# --- imports ----------------------------------------------------------------------

_SHOWN = 10
_ALL_ALONG = (
    "they count as known all along, and a question by day of knowledge sees all of"
    " them; say when the data were published"
)
_NAMED = 5


def _period(value: Edtf | str | None) -> Edtf | None:
    return None if value is None else to_edtf(value)


@frozen
class Coverage:
    """The days that a data set covers; on other days, absence means nothing.

    >>> treaties = Coverage("1947/2018")
    >>> treaties.judged(Answer.NO, on="2017-12-31")
    Answer.NO
    >>> treaties.judged(Answer.NO, on="2021-06-30")
    Answer.MAYBE

    Args:
        period: The first and last day (EDTF). A month or year at either end covers all
            of its days. None if the data set does not state a period.
    """

    period: Edtf | None = field(default=None, converter=_period)

    def includes(self, day: Day) -> Answer:
        """Return whether a day is covered; MAYBE if the data set does not say.

        Args:
            day: A whole day.

        Raises:
            DayError: *day* is not a whole day.
        """
        number = to_day(day)
        period = self.period
        if period is None:
            return Answer.MAYBE
        first, last = period.first_day, period.last_day
        if (first is not None and number < first) or (
            last is not None and number > last
        ):
            return Answer.NO
        # An open end covers all days beyond it; an unknown end may cover none of them.
        ends = (period.earliest_bound, period.latest_bound)
        return Answer.MAYBE if Bound.UNKNOWN in ends else Answer.YES

    def judged(self, found: Answer, *, on: Day) -> Answer:
        """Return an answer from the data, with NO only where the data cover the day.

        Judge each part of a question first, and combine the answers then: a member is
        who joined and did not leave, and after the end of the data nobody knows who
        left.

        Args:
            found: The answer of the imported log about that day.
            on: The day.

        Returns:
            *found*, or MAYBE instead of NO for a day that is not certainly covered.

        Raises:
            DayError: *on* is not a whole day.
        """
        # A YES needs no coverage: something was recorded.
        covered = self.includes(on) is Answer.YES
        return Answer.MAYBE if found is Answer.NO and not covered else found


@frozen
class RejectedRow:
    """A row, or a rule for a row, that gave no event, with the reason.

    Args:
        line: The line of the file in which the row begins, from 1.
        reason: The reason.
        cells: The cells of the row.
    """

    line: int
    reason: str
    cells: tuple[str, ...] = ()

    def __str__(self) -> str:
        return one_line(f"line {self.line}: {self.reason}")


@frozen
class Imported:
    """The log read from a data set, with every row that was left out.

    Args:
        log: The claims of the rows, each with its citation.
        coverage: The days that the data cover.
        rows: The number of rows.
        rejected: The rows that could not be read as events.
        ongoing: The rows about something that had not ended: the end is open, or is
            only the end of the data.
        events: The number of distinct events in the log.
        repeated: The number of rows that repeat another row. They count once, and add a
            citation.
        cautions: Limits of the data, as sentences.
    """

    log: EventLog
    coverage: Coverage
    rows: int
    rejected: tuple[RejectedRow, ...] = ()
    ongoing: tuple[RejectedRow, ...] = ()
    events: int = field(default=0, kw_only=True)
    repeated: int = field(default=0, kw_only=True)
    cautions: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def reasons(self) -> dict[str, int]:
        """The reasons for rejected rows and their counts, the most frequent first."""
        return dict(Counter(row.reason for row in self.rejected).most_common())

    def as_release(self) -> Imported:
        """Return it without the caution about sources that have no day.

        `revise()` is told the day of publication, since which all of a release is
        known.
        """
        cautions = tuple(one for one in self.cautions if not one.endswith(_ALL_ALONG))
        return evolve(self, cautions=cautions)

    def __str__(self) -> str:
        period = self.coverage.period
        about = "days unstated" if period is None else str(period)
        counts = (
            f"{self.events:,} events, {len(self.rejected):,} not placed,"
            f" {len(self.ongoing):,} without an end"
        )
        lines = [f"{self.rows:,} rows about {about}: {counts}"]
        if self.repeated:
            lines.append(f"  {self.repeated:,} rows repeat what another says")
        reasons = list(self.reasons.items())
        lines += [
            one_line(f"  {count:,} rows: {why}") for why, count in reasons[:_SHOWN]
        ]
        if len(reasons) > _SHOWN:
            lines.append(f"  and {len(reasons) - _SHOWN} more reasons")
        lines += [f"  note: {caution}" for caution in self.cautions]
        return "\n".join(lines)


def imported(
    events: Sequence[Event],
    coverage: Edtf | str | None,
    rows: int,
    *,
    rejected: Iterable[RejectedRow] = (),
    ongoing: Iterable[RejectedRow] = (),
    repeated: int = 0,
    cautions: Iterable[str] = (),
) -> Imported:
    """Return the result of an import, with the counts and the common cautions.

    Args:
        events: The claims of the rows.
        coverage: The days that the data cover.
        rows: The number of rows.
        rejected: The rows that gave no event.
        ongoing: The rows about something that had not ended.
        repeated: The number of rows merged before they became events.
        cautions: Limits of this kind of data, added to the common ones.
    """
    # Equal content is one claim with more citations; equal keys are one happening.
    happenings = {event.key for event in events}
    contents = {(e.key, e.what, e.when, e.where) for e in events}
    return Imported(
        log=EventLog().extend(events),
        coverage=Coverage(coverage),
        rows=rows,
        rejected=tuple(rejected),
        ongoing=tuple(ongoing),
        events=len(happenings),
        repeated=repeated + len(events) - len(contents),
        cautions=(*cautions, *_cautions(events, len(contents) - len(happenings))),
    )


def unknown_states(unknown: Counter[str]) -> tuple[str, ...]:
    """Return a caution about states that were not recognised, if there are any.

    Args:
        unknown: Their names in the data, with counts.
    """
    if not unknown:
        return ()
    most = unknown.most_common(_NAMED)
    named = ", ".join(f"{shown(name)} {count} times" for name, count in most)
    more = ", ..." if len(unknown) > _NAMED else ""
    names = f"{len(unknown)} names of states were not recognised ({named}{more})"
    return (
        f"{names}: who bears one is a party of its own; give ReadOptions(actors=...)",
    )


def _cautions(events: Sequence[Event], rivals: int) -> Iterable[str]:
    """Yield the cautions that apply to every import."""
    # Silence about this would make a question by day of knowledge look answered.
    undated = sum(event.known_day is None for event in events)
    if undated:
        named = f"{undated:,} of {len(events):,} claims rest on a source without a day"
        yield f"{named}: {_ALL_ALONG}"
    if rivals:
        yield (
            f"{rivals:,} claims differ from another of the same id:"
            " see the disputes of a view"
        )
