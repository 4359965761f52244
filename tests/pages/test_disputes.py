"""Every form says of the same happenings that sources differ, on whatever day."""

from __future__ import annotations

import re
from bisect import bisect
from datetime import date
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pages_model import content_of

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


# The host that each claim of a happening names, if not China.
HOSTS = st.lists(st.sampled_from(["CHN", "RUS"]), min_size=3, max_size=3)
KNOWN = ("2015-06-01", "2016-06-01", "2018-12-31")


def log_of_hosts(*visits: tuple[list[str], list[str]]) -> EventLog:
    """Return a log in which sources differ about whom a few visits were to as well."""
    return EventLog.of(
        *(
            Event(Visited("AZE", host), when=when, cite=source, id=f"visit {n}")
            for n, (dates, hosts) in enumerate(visits)
            for when, host, source in zip(dates, hosts, SOURCES, strict=False)
        )
    )


def disputed_on(page: Any, stop: int) -> set[str]:
    """Return the ids of what the data of a page has as disputed at a stop."""
    data = content_of(str(page))
    mentions = [mention[0] for mention in data["mentions"]]
    now = [
        (aside[0], aside[3]) for aside in data["asides"] if aside[1] <= stop < aside[2]
    ]
    absent = {mention for mention, reason in now if reason == "absent"}
    return {
        data["ids"][mentions[mention]]
        for mention, reason in now
        if reason == "disputed" and mention not in absent
    }


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


VISIT = st.tuples(DATES, HOSTS)


@given(
    st.builds(log_of_hosts, VISIT, VISIT),
    st.sampled_from(DAYS[:-1]),
    st.sampled_from(KNOWN),
)
@example(log_of_hosts((["2014", DAYS[0]], ["RUS", "CHN"])), DAYS[1], KNOWN[2])
def test_a_rival_may_concern_others_only(log: EventLog, day: str, known: str) -> None:
    """Every road tells of a dispute, whomever and whenever its other claims concern."""
    view = log.as_of(day, known_by=known).concerning("AZE", "CHN")
    happened = {event.id for event in view.events}
    disputes = [one for one in view.disputes if one.id in happened]

    assert {len(disputes)} == {
        counted(page.render(view, projection=PAIR))
        for page in (text, svg, markdown, html)
    }
    on_a_day = [one for one in disputes if str(one.taken.when) in DAYS]
    assert counted(calendar.render(view)) == len(on_a_day)
    found = {one.id for one in view.disputes}
    assert found == disputed_on(html.render(view, projection=PAIR), 0)
    page = html.render(log, projection=PAIR)
    stops = content_of(str(page))["known"]
    stop = max(bisect(stops, date.fromisoformat(known).toordinal()) - 1, 0)
    ever = log.as_of("9999-12-31", known_by=known).concerning("AZE", "CHN")
    assert {one.id for one in ever.disputes} == disputed_on(page, stop)
