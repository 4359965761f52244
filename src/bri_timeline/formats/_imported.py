"""What an import gives back: a log, what it could not place, and what it covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import field, frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day, to_day
from bri_timeline._events import Event
from bri_timeline._evidence import to_edtf
from bri_timeline._log import EventLog
from bri_timeline._text import one_line
from bri_timeline.edtf import Bound, Edtf
from bri_timeline.errors import shown


__all__ = [
    "Coverage",
    "Imported",
    "RejectedRow",
    "imported",
    "strangers",
]


_SHOWN = 10
_NAMED = 5


def _period(value: Edtf | str | None) -> Edtf | None:
    return None if value is None else to_edtf(value)


@frozen
class Coverage:
    """The days that a data set is about: beyond them, silence says nothing.

    >>> treaties = Coverage("1947/2018")
    >>> treaties.judged(Answer.NO, on="2017-12-31")
    Answer.NO
    >>> treaties.judged(Answer.NO, on="2021-06-30")
    Answer.MAYBE

    Args:
        period: From which day to which (EDTF): every day that a month or year at either
            end may mean counts as covered. None where the data set does not say.
    """

    period: Edtf | None = field(default=None, converter=_period)

    def includes(self, day: Day) -> Answer:
        """Return whether a day is covered; MAYBE where that is not said.

        Args:
            day: A whole day.

        Raises:
            DayError: It is none.
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
        ends = (period.earliest_bound, period.latest_bound)
        return Answer.MAYBE if Bound.UNKNOWN in ends else Answer.YES

    def judged(self, found: Answer, *, on: Day) -> Answer:
        """Return what an answer from the data is worth: no "no" without coverage.

        Judge each thing that the data could have told, and combine the answers then: a
        member is who joined and did not leave, and after the end of the data nobody
        knows who left.

        Args:
            found: What the log of the data answers about that day.
            on: The day.

        Returns:
            *found*; MAYBE instead of NO for a day that is not certainly covered.

        Raises:
            DayError: *on* is no whole day.
        """
        covered = self.includes(on) is Answer.YES
        return Answer.MAYBE if found is Answer.NO and not covered else found


@frozen
class RejectedRow:
    """A row that gave no event, or no further one, and why.

    Args:
        line: The line of the file in which it begins, from 1.
        reason: Why.
        cells: What it says.
    """

    line: int
    reason: str
    cells: tuple[str, ...] = ()

    def __str__(self) -> str:
        return one_line(f"line {self.line}: {self.reason}")


@frozen
class Imported:
    """What was read from a file of the field; nothing is left out in silence.

    Args:
        log: The claims of the rows, each with its citation.
        coverage: The days that the data are about.
        rows: How many rows there were.
        rejected: The rows that could not be read as events.
        ongoing: The rows that say that something had not ended: an end that is open, or
            that only the end of the data cut off.
        events: How many happenings the log is about.
        repeated: How many claims of rows repeat what another row says: they count once,
            with one more witness.
        cautions: What these data cannot be asked, in sentences.
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
        """Why rows were not placed, and how many for each reason, the most first."""
        return dict(Counter(row.reason for row in self.rejected).most_common())

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
    """Return the result of an import, with the counts and cautions that all share.

    Args:
        events: The claims of the rows.
        coverage: The days that the data are about.
        rows: How many rows there were.
        rejected: The rows that gave no event.
        ongoing: The rows about something that had not ended.
        repeated: How many rows were united before they became events.
        cautions: What these data cannot be asked, beside what every import says.
    """
    happenings = {event.key for event in events}
    contents = {(event.key, event.what, event.when) for event in events}
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


def strangers(unknown: Counter[str]) -> tuple[str, ...]:
    """Return the caution that some states were not recognised, if there are any.

    Args:
        unknown: What the data call them, and how often.
    """
    if not unknown:
        return ()
    most = unknown.most_common(_NAMED)
    told = ", ".join(f"{shown(name)} {count} times" for name, count in most)
    more = ", ..." if len(unknown) > _NAMED else ""
    names = f"{len(unknown)} names of states were not recognised ({told}{more})"
    return (
        f"{names}: who bears one is a party of its own; give ReadOptions(actors=...)",
    )


def _cautions(events: Sequence[Event], rivals: int) -> Iterable[str]:
    """Yield the cautions that hold for any kind of data."""
    undated = sum(event.known_day is None for event in events)
    if undated:
        told = f"{undated:,} of {len(events):,} claims rest on a source without a day"
        yield (
            f"{told}: they count as known all along, and a question by day of knowledge"
            " sees all of them; say when the data were published"
        )
    if rivals:
        yield (
            f"{rivals:,} claims differ from another of the same id:"
            " see the disputes of a view"
        )
