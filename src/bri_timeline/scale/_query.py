"""Query of a dataset: a day, as known by another."""

from __future__ import annotations

from attrs import frozen

from bri_timeline._calendar import Day, to_day
from bri_timeline._resolution import Prefer
from bri_timeline.errors import DayError, EntryError, shown
from bri_timeline.scale._dictionary import clipped


__all__ = [
    "Query",
]


@frozen
class Query:
    """A day to ask about, and a day of knowledge.

    Attributes:
        on: The day.
        known_by: A day or a position; None for everything.
        prefer: Which claim to take where claims about one happening differ.
    """

    on: Day
    known_by: Day | int | None
    prefer: Prefer

    def check(self, size: int) -> None:
        """Check the query against a dataset of *size* entries.

        Raises:
            DayError: One of the days is not a whole day.
            EntryError: The dataset has no such position.
        """
        to_day(self.on)
        known_by = self.known_by
        # `True` is an int, and would pass as position 1.
        if isinstance(known_by, bool):
            raise DayError(known_by, "is not a day, and not a log position")
        if isinstance(known_by, int):
            if not 0 <= known_by < size:
                problem = f"the dataset has no position {shown(known_by)}"
                raise EntryError(known_by, f"{problem}: it has {size} entries")
        elif known_by is not None:
            to_day(known_by)

    @property
    def day(self) -> int:
        """The number of the day."""
        return clipped(to_day(self.on))

    def rows(self, *, has_related: bool, undecided: bool = False) -> str:
        """Return the SQL condition for the rows that count.

        Args:
            has_related: Leave out the positions in the table `related`.
            undecided: Include events that may have happened.
        """
        # Rows without a relationship have the number -1.
        parts = ["rel >= 0", f"{'first' if undecided else 'last'} <= {self.day}"]
        if isinstance(self.known_by, int):
            parts.append(f"position <= {self.known_by}")
        elif self.known_by is not None:
            parts.append(f"known <= {clipped(to_day(self.known_by))}")
        if has_related:
            parts.append("position not in (select position from related)")
        return " and ".join(parts)
