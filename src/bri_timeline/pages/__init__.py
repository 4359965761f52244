"""Pictures of a log: text for the terminal, SVG for print, HTML for the screen.

`text`, `svg`, `png`, `html`, `markdown`, `network`, `panel` and the pictures of one
question each (`beliefs`, `calendar`, `dumbbell`, `in_force`, `places`, `sources`) have
`render()`, which returns a `Page`: text (or a `Picture`: bytes) with `save()`, which
writes it to a file. `drawing` is for those who write another. A page loads nothing from
a network, and all text of a log is escaped before it is put on one.
"""

from bri_timeline.pages._marks import view_of as view_of
from bri_timeline.pages._page import Page, Picture
from bri_timeline.pages._state_values import Telling
from bri_timeline.pages._state_values import dates_of as dates_of
from bri_timeline.pages._wording import describe_event as describe_event
from bri_timeline.pages._wording import numbered as numbered
from bri_timeline.pages._wording import source_line as source_line


__all__ = ["Page", "Picture", "Telling"]
