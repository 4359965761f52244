"""What is asked of a dataset: a day, as known by another."""

from __future__ import annotations

from attrs import frozen

from bri_timeline._calendar import Day, to_day
from bri_timeline._resolution import Prefer
from bri_timeline.errors import DayError, EntryError, shown
from bri_timeline.scale._dictionary import clipped


__all__ = [
    "Question",
]


@frozen
class Question:
    """A day, and what was known by then.

    Attributes:
        on: The day.
        known_by: A day, or a position; None for everything.
        prefer: What to take where claims about one happening differ.
    """

    on: Day
    known_by: Day | int | None
    prefer: Prefer

    def check(self, size: int) -> None:
        """Make sure that it can be asked of so many entries.

        Raises:
            DayError: One of the days is not a whole day.
            EntryError: There is no such position.
        """
        to_day(self.on)
        known_by = self.known_by
        if isinstance(known_by, bool):
            raise DayError(known_by, "is no day and no log position")
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

    def rows(self, *, has_kin: bool, undecided: bool = False) -> str:
        """Return which rows count, as a condition of SQL.

        Args:
            has_kin: Whether there is a table `kin` of positions that are left out.
            undecided: Also what may have happened.
        """
        parts = ["rel >= 0", f"{'first' if undecided else 'last'} <= {self.day}"]
        if isinstance(self.known_by, int):
            parts.append(f"position <= {self.known_by}")
        elif self.known_by is not None:
            parts.append(f"known <= {clipped(to_day(self.known_by))}")
        if has_kin:
            parts.append("position not in (select position from kin)")
        return " and ".join(parts)
