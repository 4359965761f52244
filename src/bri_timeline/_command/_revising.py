"""The day of a new release of a dataset."""

from __future__ import annotations

from argparse import ArgumentError, Namespace

from bri_timeline import Edtf, EventLog
from bri_timeline.extend import iso


def published_day(release: EventLog, given: Namespace) -> str:
    """Return the day on which a release was published.

    Raises:
        ArgumentError: It is not known.
    """
    days = {entry.known_day for entry in release}
    if given.published is not None:
        days = {Edtf(given.published).last_day}
    if len(days) != 1 or None in days:
        problem = "--revise needs the day of publication: --published 2019-07-01"
        raise ArgumentError(None, problem)
    return iso(days.pop() or 0)
