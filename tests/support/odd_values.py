"""Values that are more than they look."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

import pendulum
from attrs import frozen
from hypothesis import strategies as st


@frozen
class Alone:
    """One part."""

    text: str


class Kind(StrEnum):
    """A text that is more than one."""

    LOAN = "loan"


class Rank(IntEnum):
    """A number that is more than one."""

    HIGH = 2


ODD = [True, 1, Rank.HIGH, Kind.LOAN, "x", None, 1.5, Decimal(1), date(2016, 1, 1)]
odd = (
    st.sampled_from(ODD)
    | st.text(max_size=3)
    | st.integers()
    | st.frozensets(st.text(max_size=2) | st.sampled_from([Kind.LOAN, 1]), max_size=2)
    | st.dates().map(lambda day: pendulum.date(day.year, day.month, day.day))
)
