"""No page or picture takes more work than what it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pkgutil import iter_modules

import pytest
from effort import SIZE, Work, growth
from growth_worlds import FIRST, MIDDLE, busy_pair, end, visits, world

from bri_timeline import EventLog, pages
from bri_timeline.measures import count
from bri_timeline.pages import (
    beliefs,
    calendar,
    dumbbell,
    html,
    in_force,
    markdown,
    network,
    panel,
    places,
    png,
    sources,
    svg,
    text,
)
from bri_timeline.relations import Visited, relationship


PAIR = relationship("AZE", "CHN")


def bars(log: EventLog) -> str:
    """Return a picture that has bars also for few happenings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(svg, "_MOST_ROWS", 4)
        return svg.render(end(log))


def believed(log: EventLog) -> str:
    """Return a picture of more days than those of which bounds are found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beliefs, "_MOST_BOUNDED", 2)
        return beliefs.render(log, projection=visits)


PAGES: dict[str, Callable[[EventLog], object]] = {
    "sources": lambda log: sources.render(log),
    "in_force": lambda log: in_force.render(log),
    "calendar": lambda log: calendar.render(log),
    "beliefs": believed,
    "dumbbell": lambda log: dumbbell.render(
        log.as_of(MIDDLE), end(log), projection=visits
    ),
    "html": lambda log: html.render(end(log)),
    "markdown": lambda log: markdown.render(end(log)),
    "network": lambda log: network.render(end(log)),
    "panel": lambda log: panel.render(
        log.panel(
            count(Visited),
            by=lambda event: ["all"],
            start=FIRST,
            stop=FIRST + timedelta(days=len(log)),
            every="day",
        )
    ),
    "places": lambda log: places.render(log),
    "png": lambda log: png.render(end(log), zoom=0.1),
    "svg": lambda log: svg.render(end(log)),
    "svg, bars": bars,
    "text": lambda log: text.render(end(log)),
}
# A picture of more than 160 happenings is one of bars; a network has 24 actors at most.
SIZES = {
    "svg": 16,
    "png": 12,
    "html": 24,
    "text": 24,
    "network": 120,
    "beliefs": 16,
    "calendar": 8,
}


def test_a_page_reads_what_differs_between_two_days_of_knowledge() -> None:
    """No day of knowledge is read or resolved anew, nor is a claim said again a step.

    What is folded again after a late report is another matter: few are late here.
    """
    runs = []
    for size in 200, 400:
        log, work = busy_pair(size), Work()
        runs.append(work.of(partial(html.render, log, projection=PAIR)).total)

    assert runs[1] < 2.2 * runs[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_grows_with_its_log_only(name: str) -> None:
    """Four times the log is four times the work."""
    assert {} == growth(PAGES[name], world, size=SIZES.get(name, SIZE))


def test_every_page_is_counted() -> None:
    """A new module of pages has a case above."""
    found = {module.name for module in iter_modules(pages.__path__)}

    # `drawing` has what they are drawn with.
    found.discard("drawing")
    assert {name for name in found if not name.startswith("_")} <= PAGES.keys()
