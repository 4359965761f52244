"""The range that an approximate date stands for, under a policy of the caller."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen, validators

from bri_timeline._calendar import civil, day_number
from bri_timeline.edtf._dates import APPROXIMATE, SIGNS, UNCERTAIN
from bri_timeline.errors import QuestionError


__all__ = ["Widening"]

_QUALIFIED = re.compile(r"(-?[0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?[?~%]")
_AMOUNT = (validators.instance_of(int), validators.ge(0))
_FOUR_DIGITS = 9999


@frozen(kw_only=True)
class Widening:
    """A policy: how far an approximate date may lie off, on each side.

    EDTF does not define how far off an estimate such as `2016~` may be. So no date is
    widened by default; you give the number.

    Attributes:
        years: For a date that is given to the year.
        months: For a date that is given to the month.
        days: For a date that is given to the day.
        uncertain: Widen dates that are uncertain (`?`) in the same way.
    """

    years: int = field(default=0, validator=_AMOUNT)
    months: int = field(default=0, validator=_AMOUNT)
    days: int = field(default=0, validator=_AMOUNT)
    uncertain: bool = False

    def range_around(self, text: str, marks: int) -> str | None:
        """Return the range that a date stands for, or None if it stays as it is.

        A doubt (`?`) that the policy does not widen stays with both ends.

        Args:
            text: The canonical text of the date.
            marks: 1 for uncertain, 2 for approximate, 3 for both.

        Raises:
            QuestionError: See `Edtf.widened()`.
        """
        is_uncertain = bool(marks & UNCERTAIN)
        if not marks & APPROXIMATE and not (self.uncertain and is_uncertain):
            return None
        match = _QUALIFIED.fullmatch(text)
        if match is None:
            remedy = "only a year, month or day qualified as a whole, such as 2016~"
            raise QuestionError(text, "widened", remedy)
        if not self._amount(match):
            return None
        # Widening accounts for the estimate, not for the doubt about the source.
        sign = SIGNS[is_uncertain and not self.uncertain]
        ends = (f"{end}{sign}" for end in self._ends(text, *match.groups()))
        return f"[{'..'.join(ends)}]"

    def _amount(self, match: re.Match[str]) -> int:
        if match[2] is None:
            return self.years
        return self.months if match[3] is None else self.days

    def _ends(
        self, text: str, year: str, month: str | None, day: str | None
    ) -> Iterator[str]:
        """Yield the first and the last date of the range around a date."""
        for side in (-1, 1):
            if month is None:
                yield _year(int(year) + side * self.years)
                continue
            if day is None:
                months = int(year) * 12 + int(month) - 1 + side * self.months
                moved, part = months // 12, f"-{months % 12 + 1:02}"
            else:
                number = day_number(int(year), int(month), int(day))
                moved, month_of, day_of = civil(number + side * self.days)
                part = f"-{month_of:02}-{day_of:02}"
            if abs(moved) > _FOUR_DIGITS:
                remedy = "EDTF writes months and days of years from -9999 to 9999 only"
                raise QuestionError(text, "widened", remedy)
            yield _year(moved) + part


def _year(year: int) -> str:
    sign = "-" if year < 0 else ""
    return f"{'Y' * (abs(year) > _FOUR_DIGITS)}{sign}{abs(year):04}"
