"""What changes a plan is told by its title: its id is the author's own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest

from bri_timeline import Event, EventLog, Source
from bri_timeline.extend import describe_event
from bri_timeline.pages import (
    altair,
    comparison,
    markdown,
    svg,
    text,
)
from bri_timeline.pages._wording import LANGUAGES
from bri_timeline.relations import (
    Cancelled,
    Held,
    Planned,
    Postponed,
    Rescheduled,
    relationship,
)


BOTH = ("AZE", "CHN")
TITLE = "Fair of silk"


def changes(plan: str) -> list[Postponed | Rescheduled | Cancelled | Held]:
    """Return a change of a plan of each kind."""
    moved = Rescheduled(plan, "2019-03-02", parties=BOTH)
    return [moved, *(kind(plan, parties=BOTH) for kind in (Postponed, Cancelled, Held))]


LOG = EventLog.of(
    Event(Planned(BOTH, TITLE), when="2015-01-01", id="x17"),
    *(
        Event(what, when=f"2016-01-0{n}", cite=Source("A"))
        for n, what in enumerate(changes("x17"), 1)
    ),
)
ROADS: dict[str, Callable[[str], str]] = {
    "altair": lambda code: json.dumps(
        altair.render(LOG, language=code).to_dict(), ensure_ascii=False
    ),
    "comparison": lambda code: comparison.render(
        LOG.as_of("2015-06-01"),
        LOG.as_of("2017-01-01"),
        projection=relationship(*BOTH),
        language=code,
    ),
    "markdown": lambda code: markdown.render(LOG, language=code),
    "svg": lambda code: svg.render(LOG, language=code),
    "text": lambda code: text.render(LOG, width=400, language=code),
}


def joined(picture: str) -> str:
    """Return the words of a picture without spaces: lines may break anywhere."""
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>|\\", "", picture)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ROADS)
def test_what_changes_a_plan_is_told_by_its_title(name: str, language: str) -> None:
    """Each change has the title in its line, and no line has the id."""
    found = joined(ROADS[name](language))

    for what in changes(TITLE):
        assert joined(describe_event(what, language)) in found
    assert "x17" not in found
