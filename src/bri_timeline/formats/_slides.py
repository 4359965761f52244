"""Slides of a timeline: what both ways of writing TimelineJS have in common."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date

from attrs import evolve, frozen

from bri_timeline._events import Event
from bri_timeline._fragment import safe
from bri_timeline._log import EventLog
from bri_timeline._text import harmless, one_line
from bri_timeline.edtf import in_words
from bri_timeline.formats._losses import Loss
from bri_timeline.formats._told import Say, counting, days_of, sources_of


__all__ = ["Drawn", "Numbers", "Slide", "drawn", "event_of", "unmarked"]

Numbers = tuple[int, ...]
_PLAIN = re.compile(r"(?:(-?[0-9]{4})|Y(-?[0-9]{5,9}))(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
_BREAK = re.compile(r"<br ?/?>")


@frozen
class Slide:
    """What a timeline of TimelineJS tells: a payload like any other.

    Args:
        headline: The headline.
        text: The text below it.
        group: The lane in which it is drawn.
        media: The address of a picture, a film or a page.
        credit: Whose that is.
        caption: What it shows.
        display_date: The date as it is to be read, if not as it stands.
        is_era: It is a stretch of time in the background.
    """

    headline: str
    text: str | None = None
    group: str | None = None
    media: str | None = None
    credit: str | None = None
    caption: str | None = None
    display_date: str | None = None
    is_era: bool = False


@frozen
class Drawn:
    """A slide with its dates, as it is written.

    Attributes:
        slide: The texts.
        start: Year, month and day, as far as they are given.
        end: The same; nothing for what does not last.
        id: The name of what happened, if it has one.
    """

    slide: Slide
    start: Numbers
    end: Numbers = ()
    id: str | None = None


def drawn(
    log: EventLog, say: Say, written: Callable[[Drawn], Drawn]
) -> tuple[list[Drawn], list[Loss]]:
    """Return the slides of what counts in a log, and what is lost.

    Args:
        log: The log.
        say: Returns the headline of an event that is no slide.
        written: Returns what comes back of a slide.
    """
    counted, losses = counting(log)
    found = []
    for told in counted:
        slide, lost = _drawn(told.event, say)
        if slide is not None:
            found.append(_marked(slide))
            again = event_of(unmarked(written(_marked(slide))))
            if not lost and again.what != told.event.what:
                lost.append("its texts do not come back as they were")
            if not lost and again != told.event:
                lost.append("its id is not written")
        losses += told.lost(lost)
    return found, losses


def _drawn(event: Event, say: Say) -> tuple[Drawn | None, list[str]]:
    what, lost = event.what, []
    if isinstance(what, Slide):
        if what.media is not None and not _ADDRESS.fullmatch(what.media):
            what = evolve(what, media=None)
            lost.append("its media is not written: it is no address in the web")
        slide = what
        if event.cite:
            lost.append("its citations are not written")
    else:
        slide = Slide(say(event), sources_of(event) or None)
        lost.append("its payload and citations are written in words")
    dates = [_plain(part) for part in str(event.when).split("/")]
    name = event.id if isinstance(event.key, str) else None
    if all(dates):
        start, end = (*dates, ())[:2]
        return Drawn(slide, start, end, name), lost
    first, last = days_of(event.when)
    only = first or last
    if only is None:
        return None, [f"is not written: {event.when} has no day to be drawn on"]
    lost.append(f"its date {event.when} is written as days, and in words")
    if slide.display_date is None:
        slide = evolve(slide, display_date=in_words(event.when))
    end = _numbers(last) if last is not None and last != only else ()
    return Drawn(slide, _numbers(only), end, name), lost


def _numbers(day: date) -> Numbers:
    return day.year, day.month, day.day


def _plain(text: str) -> Numbers:
    """Return the numbers of a date that is no more than year, month and day."""
    found = _PLAIN.fullmatch(text)
    numbers = [part for part in found.groups() if part] if found else []
    if any(int(part) > 12 for part in numbers[1:2]):  # a season
        return ()
    return tuple(map(int, numbers))


def _edtf(numbers: Numbers) -> str:
    year, *rest = numbers
    sign, size = "-" if year < 0 else "", abs(year)
    text = f"{sign}{size:04}" if size < 10_000 else f"Y{year}"
    return "".join([text, *(f"-{part:02}" for part in rest)])


def event_of(found: Drawn) -> Event:
    """Return what a slide tells as an event.

    Raises:
        ValueError: Its dates are none.
    """
    if not found.start:
        msg = "has no date: write at least a year"
        raise ValueError(msg)
    when = "/".join(_edtf(part) for part in (found.start, found.end) if part)
    return Event(found.slide, when=when, id=found.id)


def _marked(found: Drawn) -> Drawn:
    """Return a slide whose texts are HTML in which nothing of them is a tag."""
    marked = _each(
        found,
        lambda text: html.escape(harmless(text), quote=False).replace("\n", "<br>"),
    )
    # A page makes an attribute of it.
    return evolve(marked, id=None if found.id is None else safe(one_line(found.id)))


def unmarked(found: Drawn) -> Drawn:
    """Return a slide whose texts are plain; tags stand in them as they were."""
    plain = _each(found, lambda text: html.unescape(_BREAK.sub("\n", text)))
    return evolve(plain, id=None if found.id is None else html.unescape(found.id))


def _each(found: Drawn, change: Callable[[str], str]) -> Drawn:
    def changed(text: str | None) -> str | None:
        return None if text is None else change(text)

    slide = found.slide
    return evolve(
        found,
        slide=evolve(
            slide,
            headline=change(slide.headline),
            group=changed(slide.group),
            text=changed(slide.text),
            credit=changed(slide.credit),
            caption=changed(slide.caption),
            display_date=changed(slide.display_date),
        ),
    )
