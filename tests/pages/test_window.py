"""Views of a period, against plain enumeration of days."""

from __future__ import annotations

import pytest
from log_strategies import (
    Deed,
)

from bri_timeline import (
    Event,
    EventLog,
    Source,
)
from bri_timeline.errors import PictureError
from bri_timeline.pages import html
from bri_timeline.pages import text as text_pages


class TestDuring:
    """`EventLog.during()`."""

    def test_it_says_its_days(self) -> None:
        """`repr()`, notebooks and pictures name both days; the page refuses."""
        log = EventLog.of(Event(Deed("a"), when="2014-05", cite=Source("Daily")))
        view = log.during("2014", known_by="2015-01-01")
        shown = "during 2014-01-01/2014-12-31, known by 2015-01-01: 1 certain"

        assert f"<view {shown}, 0 undecided>" == repr(view)
        assert "From 1 January 2014 to 31 December 2014, as" in view._repr_html_()
        assert "From 1 January 2014 to 31 December 2014" in text_pages.render(view)
        with pytest.raises(PictureError, match=r"shows a period.*give log\.as_of"):
            html.render(view)
