"""Every form says of the same happenings that sources differ, on whatever day."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source
from bri_timeline.pages import calendar, html, markdown, sources, svg, text
from bri_timeline.relations import Visited, relationship


PAIR = relationship("AZE", "CHN")
DAYS = ("2013-09-07", "2014-03-22", "2014-07-17", "2014-12-31")
# The last of a happening is taken: it is known latest.
DATES = st.lists(st.sampled_from([*DAYS, "2014"]), max_size=3, unique=True)
SOURCES = [Source(year, published=year) for year in ("2015", "2016", "2018")]
COUNTS = {"": 0, "one": 1, "two": 2}


def log_of(*dates: list[str]) -> EventLog:
    """Return a log in which a few visits have dates by one source after another."""
    return EventLog.of(
        *(
            Event(Visited("AZE", "CHN"), when=when, cite=source, id=f"visit {n}")
            for n, of_one in enumerate(dates)
            for when, source in zip(of_one, SOURCES, strict=False)
        )
    )


def counted(told: Any) -> int:
    """Return of how many happenings a text says that sources differ about them."""
    found = re.search(r"sources differ about (\w+)", str(told).split("<script")[0])
    return COUNTS[found[1] if found else ""]


@given(st.builds(log_of, DATES, DATES), st.sampled_from(DAYS[:-1]))
@example(log_of([DAYS[2], DAYS[0]]), DAYS[1])
def test_whether_it_had_happened_may_be_what_sources_differ_about(
    log: EventLog, day: str
) -> None:
    """A rival that is dated after the day is one on every road."""
    view = log.as_of(day)
    happened = {event.id for event in view.events}
    disputes = [one for one in view.disputes if one.id in happened]

    assert {len(disputes)} == {
        counted(page.render(view, projection=PAIR))
        for page in (text, svg, markdown, html)
    }
    assert (not disputes) == ("sources differ: " not in svg.render(view))
    on_a_day = {one.id for one in disputes if str(one.taken.when) in DAYS}
    assert counted(calendar.render(view)) == len(on_a_day)
    drawn = str(sources.render(log, on=day))
    assert len(on_a_day) <= drawn.count("\u2260")
