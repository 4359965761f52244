"""Revise a log by a new release of a dataset, of which some rows could not be read."""

from __future__ import annotations

from argparse import ArgumentError, Namespace
from collections.abc import Callable, Sequence

from attrs import frozen

from bri_timeline import Edtf, Event, EventLog, Revision
from bri_timeline.errors import SelectionError
from bri_timeline.extend import iso
from bri_timeline.formats import RejectedRow


@frozen
class Revised:
    """A change by a release, with the number of rows kept that could not be read."""

    revision: Revision
    kept: int


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


def revised_by(
    revise: Callable[[Sequence[Event]], tuple[EventLog, Revision]],
    release: EventLog,
    unread: Sequence[RejectedRow],
    given: Namespace,
) -> tuple[EventLog, Revised]:
    """Return a log with a new release, and what that changed.

    Raises:
        SelectionError: Rows would be withdrawn that may be among those not read.
    """
    rows = [entry.claim for entry in release]
    whole, revision = revise(rows)
    # A row that cannot be read is there all the same: it stays as it was.
    ids = {row.id for row in unread}
    kept_rows = [row for row in revision.withdrawn if row.id in ids]
    if kept_rows:
        whole, revision = revise([*rows, *kept_rows])
    if None in ids and revision.withdrawn and not given.covers:
        problem = (
            f"has {len(unread):,} rows that cannot be read, and lacks"
            f" {len(revision.withdrawn):,} of the release before, which may be these"
        )
        remedy = "correct them (--rejected FILE lists them), or say what it should"
        raise SelectionError(given.revise, f"{problem}: {remedy} contain: --covers all")
    return whole, Revised(revision, len(kept_rows))
