"""A picture of another package: a bar for each kind, as long as there are events."""

from __future__ import annotations

from collections import Counter

from bri_timeline import EventLog, View
from bri_timeline.extend import strings
from bri_timeline.pages import Page
from bri_timeline.pages.drawing import (
    Heights,
    Sheet,
    box,
    kind,
    look,
    summary,
    text,
    view_of,
)


def render(shown: View | EventLog, *, language: str = "en", width: int = 960) -> Page:
    """Return a bar chart as SVG, with the words and the colours of ours."""
    view, words = view_of(shown), strings(language)
    numbers = Counter(kind(event) for event in view.events)
    sheet = Sheet(words("page.title"), width, words)
    said = summary(view, None, None, words)
    sheet.head(said)
    heights = Heights.of(numbers.values())
    for n, (name, number) in enumerate(numbers.most_common()):
        wide = 0.6 * sheet.inner * heights.at(number)
        sheet.add(
            text(sheet.left, sheet.y + 16, words.known("kinds", name)),
            box(sheet.left + 140, sheet.y + 4, wide, 16, fill=look(n)[0]),
            text(sheet.left + 146 + wide, sheet.y + 16, f"{number:,}"),
            to=sheet.y + 24,
        )
    return sheet.page()
