"""A search for values for which a check fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st


__all__ = ["searching"]

T = TypeVar("T")
# The explain phase makes a failure a minute long, and tells little about logs.
_PHASES = [phase for phase in Phase if phase is not Phase.explain]


def searching(values: st.SearchStrategy[T], check: Callable[[T], None]) -> None:
    """Call a check with many values, and show the smallest for which it fails.

    How many is said by the present settings of Hypothesis. Nothing is written to disk.

    Args:
        values: What to call it with.
        check: Raises an error, or not.

    Raises:
        AssertionError: What the check raised.
    """

    @settings(
        database=None,
        deadline=None,
        phases=_PHASES,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(values)
    def checked(value: T) -> None:
        check(value)

    checked()
