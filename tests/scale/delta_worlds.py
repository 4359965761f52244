"""A Delta table of what counts, asked in the SQL of the guide, against a log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from scale_worlds import BOTH, laid_out

from bri_timeline import Answer, Event, EventLog, View, dyads
from bri_timeline.measures import count


GUIDE = Path(__file__).parents[2] / "examples" / "guides" / "scale.md"
HAPPENED, BY_YEAR = re.findall(r'= """\n(.*?)"""', GUIDE.read_text("utf-8"), re.DOTALL)
_ENDED = (
    'select kind, "when", parties, position from happenings'
    " where latest_end < date '{}' order by position"
)
_YEARS = {"every": "year", "start": "2010-01-01", "stop": "2020-12-31"}
Rows = list[tuple[Any, ...]]


@contextmanager
def exported(log: EventLog, cut: int, **rules: Any) -> Iterator[str]:
    """Yield a table that was written twice, of a dataset that grew."""
    with laid_out(EventLog([*log][:cut]), 3, BOTH) as data:
        path = data.folder.parent / "happenings"
        data.reading(**rules).export_delta(path)
        if cut < len(log):
            data.append(log).reading(**rules).export_delta(path)
        yield str(path)


def check_view(ask: Callable[[str], Rows], view: View) -> None:
    """Check what certainly happened, what may have, and what had ended."""
    every = *view.events, *view.undecided
    over = [event for event in every if view.ended(event) is Answer.YES]
    rows = ask(happened(view.day))

    assert _claimed(view.events) == _told(row for row in rows if row[-1])
    assert _claimed(view.undecided) == _told(row for row in rows if not row[-1])
    assert _claimed(over) == _told(ask(_ENDED.format(view.day)))


def happened(day: date) -> str:
    """Return the SQL for what had happened by a day."""
    return HAPPENED.replace("2019-12-31", str(day))


def check_years(ask: Callable[[str], Rows], log: EventLog) -> None:
    """Check how many events of each pair certainly began in each year."""
    panel = log.panel(count(), by=dyads, flow=True, **_YEARS)
    counted = [(*row.key, row.since.year, row.value) for row in panel if row.value]

    assert sorted(counted) == [row for row in ask(BY_YEAR) if 2010 <= row[2] <= 2020]


def _claimed(events: Iterable[Event]) -> Rows:
    return sorted(
        (BOTH.name_of(event.what), str(event.when), sorted(event.parties))
        for event in events
    )


def _told(rows: Iterable[tuple[Any, ...]]) -> Rows:
    return sorted((kind, when, [*parties]) for kind, when, parties, *_ in rows)
