"""For those who draw a picture of their own: a sheet, marks, and scales.

A `Sheet` is a picture that grows downwards: it has the title, a sentence, a legend, and
the list of sources, and is light or dark as its reader wishes. `line`, `box`, `circle`,
`path` and `text` are its marks, `titled` gives them a tooltip, and `look` gives each
`kind` a colour and a shape of its own. `scale_of` and `axis` lay out days, of which an
event has a `span`, and `Heights` lays out numbers. `extend.strings` are the words of
a language, `summary` is what a picture says of a view, and `view_of` is that of a log.
Text is wrapped and escaped.
"""

from bri_timeline.pages._drawing import axis, line, look, text
from bri_timeline.pages._marks import scale_of, span, view_of
from bri_timeline.pages._sheets import Heights, Sheet, box, circle, path, titled
from bri_timeline.pages._state_values import summary
from bri_timeline.pages._wording import kind


__all__ = [
    "Heights",
    "Sheet",
    "axis",
    "box",
    "circle",
    "kind",
    "line",
    "look",
    "path",
    "scale_of",
    "span",
    "summary",
    "text",
    "titled",
    "view_of",
]
