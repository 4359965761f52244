"""A page of another package: how many events began in each year."""

from __future__ import annotations

from collections import Counter

from bri_timeline import EventLog, View
from bri_timeline.extend import one_line
from bri_timeline.pages import Page


NAMES = (".years",)


def render(shown: View | EventLog, *, title: str = "Years") -> Page:
    """Return a line for each year."""
    view = shown if isinstance(shown, View) else shown.as_of("9999-12-31")
    counts = Counter(str(event.when)[:4] for event in view.events)
    lines = [one_line(title), *(f"{year} {counts[year]}" for year in sorted(counts))]
    return Page("\n".join(lines))
