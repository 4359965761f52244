"""TimelineJS: read and write slides, as JSON.

Of the format: <https://timeline.knightlab.com/docs/json-format.html>.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from bri_timeline import Event, EventLog, Vocabulary
from bri_timeline.edtf import in_words
from bri_timeline.errors import BriTimelineError, VocabularyError
from bri_timeline.extend import (
    describe_event,
    described,
    given_id,
    harmless,
    one_line,
    replaced,
    require_vocabulary,
)
from bri_timeline.formats._files import (
    Faults,
    Loss,
    from_text,
    guarded,
    json_document,
    read_json,
    to_text,
)
from bri_timeline.formats._flat import TellEvent, counted_events, days_of, sources_text


__all__ = ["Slide", "dump", "dumps", "load", "loads"]


# The suffixes of its files.
NAMES = (".json",)
Numbers = tuple[int, ...]
_PLAIN = re.compile(r"(?:(-?[0-9]{4})|Y(-?[0-9]{5,}))(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
_BREAK = re.compile(r"<br ?/?>")
# All texts but the address of the media.
_ESCAPED = ("headline", "text", "group", "credit", "caption", "display_date")


@frozen
class Slide:
    """A slide of TimelineJS, as a payload.

    Args:
        headline: The headline.
        text: The text below it.
        group: The lane in which it is drawn.
        media: The address of a picture, a film or a page.
        credit: The owner of the media.
        caption: The caption of the media.
        display_date: The text shown in place of the date.
        is_era: Whether it is a period in the background, not a slide of its own.
    """

    headline: str
    text: str | None = None
    group: str | None = None
    media: str | None = None
    credit: str | None = None
    caption: str | None = None
    display_date: str | None = None
    is_era: bool = False

    def __str__(self) -> str:
        """Return the headline and the text: pages and tables show them."""
        return f"{self.headline}: {self.text}" if self.text else self.headline


@frozen
class _DatedSlide:
    """A slide with its dates in the terms of TimelineJS.

    Attributes:
        slide: The texts.
        start: Year, month and day, as far as they are given.
        end: The same for the end; empty if it has none.
        id: The id of the event, if it has one of its own.
    """

    slide: Slide
    start: Numbers
    end: Numbers = ()
    id: str | None = None


def slides_of(log: EventLog, tell: TellEvent) -> tuple[list[_DatedSlide], list[Loss]]:
    """Return the slides of the events that count, and the losses.

    Args:
        log: The log.
        tell: Returns the headline of an event whose payload is not a `Slide`.
    """
    events, losses = counted_events(log)
    slides = []
    for counted in events:
        slide, lost = _dated_slide(counted.event, tell)
        if slide is not None:
            slides.append(_escaped(slide))
            written = _slide(slides[-1])
            read_back = _read_back(written, is_era=slide.slide.is_era)
            if not lost and read_back.what != counted.event.what:
                lost.append("its texts do not come back as they were")
            if not lost and read_back != evolve(counted.event, where=None):
                lost.append("its id is not written")
        losses += counted.losses(lost)
    return slides, losses


def _dated_slide(event: Event, tell: TellEvent) -> tuple[_DatedSlide | None, list[str]]:
    what, lost = event.what, []
    # A slide is written as it was read; other payloads only as a headline.
    if isinstance(what, Slide):
        # Other schemes, such as javascript:, would run in the page.
        if what.media is not None and not _ADDRESS.fullmatch(what.media):
            what = evolve(what, media=None)
            lost.append("its media is not written: it is not a web address")
        slide = what
        if event.cite:
            lost.append("its citations are not written")
    else:
        slide = Slide(tell(event), sources_text(event) or None)
        lost.append("its payload and citations are written in words")
    dates = [_plain(part) for part in str(event.when).split("/")]
    name = given_id(event)
    if all(dates):
        start, end = (*dates, ())[:2]
        return _DatedSlide(slide, start, end, name), lost
    first, last = days_of(event.when)
    only = first or last
    if only is None:
        return None, [f"is not written: {event.when} has no day to be drawn on"]
    lost.append(f"its date {event.when} is written as days, and in words")
    if slide.display_date is None:
        slide = evolve(slide, display_date=in_words(event.when))
    end = _numbers_of(last) if last is not None and last != only else ()
    return _DatedSlide(slide, _numbers_of(only), end, name), lost


def _numbers_of(day: date) -> Numbers:
    return day.year, day.month, day.day


def _plain(text: str) -> Numbers:
    """Return the numbers of a date that has only year, month and day, else ()."""
    match = _PLAIN.fullmatch(text)
    numbers = [part for part in match.groups() if part] if match else []
    if any(int(part) > 12 for part in numbers[1:2]):  # a season
        return ()
    return tuple(map(int, numbers))


def _edtf(numbers: Numbers) -> str:
    year, *rest = numbers
    sign, size = "-" if year < 0 else "", abs(year)
    text = f"{sign}{size:04}" if size < 10_000 else f"Y{year}"
    return "".join([text, *(f"-{part:02}" for part in rest)])


def event_of(found: _DatedSlide) -> Event:
    """Return a slide as an event.

    Raises:
        ValueError: Its dates are not valid.
    """
    if not found.start:
        msg = "has no date: write at least a year"
        raise ValueError(msg)
    when = "/".join(_edtf(part) for part in (found.start, found.end) if part)
    return Event(found.slide, when=when, id=found.id)


def _escaped(found: _DatedSlide) -> _DatedSlide:
    """Return a slide with its texts escaped: TimelineJS renders them as HTML."""
    escaped = _map_texts(
        found,
        lambda text: html.escape(harmless(text), quote=False).replace("\n", "<br>"),
    )
    # TimelineJS writes the id into an attribute, where quotes must be escaped too.
    return evolve(
        escaped,
        id=None if found.id is None else html.escape(harmless(one_line(found.id))),
    )


def unescaped(found: _DatedSlide) -> _DatedSlide:
    """Return a slide with its texts unescaped; tags of other authors stay as text."""
    plain = _map_texts(found, lambda text: html.unescape(_BREAK.sub("\n", text)))
    return evolve(plain, id=None if found.id is None else html.unescape(found.id))


def _map_texts(found: _DatedSlide, change: Callable[[str], str]) -> _DatedSlide:
    texts = ((name, getattr(found.slide, name)) for name in _ESCAPED)
    changed: Any = {name: change(text) for name, text in texts if text is not None}
    return evolve(found, slide=evolve(found.slide, **changed))


_Table = Mapping[str, object]
_PARTS = ("year", "month", "day")
_TEXT = ("headline", "text")
_MEDIA = {"media": "url", "credit": "credit", "caption": "caption"}


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    tell: TellEvent = describe_event,
) -> tuple[Loss, ...]:
    """Write the events that count in a log as slides.

    Of 100,000 events it takes some ten seconds.

    Args:
        log: The log.
        path: The file, which is replaced as a whole or left as it was.
        vocabulary: The payload classes.
        tell: Returns the headline of an event whose payload is not a `Slide`.

    Returns:
        The losses.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        OutputError: The file cannot be written.
    """
    path = Path(path)
    for entry in log:
        if entry.event is not None:
            vocabulary.name_of(entry.event.what)
    slides, losses = slides_of(log, tell)
    with replaced(path) as file:
        file.write(_document(slides))
    return tuple(losses)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as JSON of TimelineJS.

    What the format cannot hold is left out: `dump()` lists it, and has the arguments.
    """
    return text


def load(path: str | Path, vocabulary: Vocabulary) -> EventLog:
    """Read slides and eras as events whose payloads are `Slide`s.

    Args:
        path: At most 1 GiB.
        vocabulary: The payload classes, `Slide` among them.

    Raises:
        VocabularyError: `Slide` is not among the payload classes.
        FaultsError: All faults, each with its slide.
        OSError: The file cannot be read.
    """
    require_vocabulary(vocabulary)
    if Slide not in vocabulary:
        problem = "the vocabulary has no Slide, the payload of a timeline"
        raise VocabularyError(Slide, f"{problem}: add timelinejs.Slide to it")
    path = Path(path)
    faults = Faults(str(path))
    events = list(_document_events(path, faults))
    faults.check()
    return EventLog.of(*events)


def _document(slides: list[_DatedSlide]) -> bytes:
    events = [_slide(slide) for slide in slides if not slide.slide.is_era]
    eras = [_slide(slide) for slide in slides if slide.slide.is_era]
    document = {"events": events} | ({"eras": eras} if eras else {})
    return json_document(document)


@from_text(load)
def loads(log: EventLog) -> EventLog:
    """Read a log from text; the other arguments are those of `load()`.

    Raises:
        FaultsError: All faults of the text.
    """
    return log


def _slide(found: _DatedSlide) -> dict[str, object]:
    slide = found.slide
    dates = {"start_date": found.start, "end_date": found.end}
    media = {key: getattr(slide, name) for name, key in _MEDIA.items()}
    parts: dict[str, object] = {
        name: dict(zip(_PARTS, numbers, strict=False))
        for name, numbers in dates.items()
        if numbers
    }
    parts["text"] = _given({name: getattr(slide, name) for name in _TEXT})
    parts["media"] = _given(media) or None
    parts["group"] = slide.group
    parts["display_date"] = slide.display_date
    parts["unique_id"] = found.id
    return _given(parts)


def _given(parts: dict[str, object]) -> dict[str, object]:
    return {name: part for name, part in parts.items() if part is not None}


def _read_back(slide: object, *, is_era: bool) -> Event:
    return event_of(unescaped(_from_json(slide, is_era=is_era)))


def _document_events(path: Path, faults: Faults) -> Iterator[Event]:
    document = read_json(path)
    if not isinstance(document, dict) or "events" not in document:
        faults.add("file", "is not a timeline: write an object with `events`")
        return
    for name in ("events", "eras"):
        slides = document.get(name, [])
        if not isinstance(slides, list):
            faults.add(name, f"is {described(slides)}: write a list")
            continue
        for index, slide in enumerate(slides):
            place = f"{name} item {index + 1}"
            try:
                yield _read_back(slide, is_era=name == "eras")
            except (BriTimelineError, ValueError) as error:
                faults.add(place, error)


def _from_json(slide: object, *, is_era: bool) -> _DatedSlide:
    parts = _object(slide, "a slide")
    text, media = (_object(parts.get(key) or {}, key) for key in ("text", "media"))
    fields = {name: _string(text, name) for name in _TEXT}
    fields |= {name: _string(media, key) for name, key in _MEDIA.items()}
    fields |= {name: _string(parts, name) for name in ("group", "display_date")}
    headline = fields.pop("headline") or ""
    return _DatedSlide(
        Slide(headline, **fields, is_era=is_era),
        _date(parts.get("start_date")),
        _date(parts.get("end_date")),
        _string(parts, "unique_id") or None,
    )


def _object(value: object, name: str) -> _Table:
    if isinstance(value, dict):
        return value
    msg = f"{name} is {described(value)}: write an object"
    raise ValueError(msg)


def _string(parts: _Table, name: str) -> str | None:
    value = parts.get(name)
    if value is None or isinstance(value, str):
        return value
    msg = f"{name} is {described(value)}: write text"
    raise ValueError(msg)


def _date(value: object) -> Numbers:
    """Return year, month and day, as far as they are given."""
    parts = _object(value or {}, "a date")
    numbers: list[int] = []
    for index, name in enumerate(_PARTS):
        value = parts.get(name)
        if value is None or value == "":
            continue
        number = None
        with suppress(ValueError):
            number = int(value) if isinstance(value, int | str) else None
        if number is None or len(numbers) < index:
            problem = "a whole number" if number is None else "the year and month too"
            msg = f"{name} is {described(value)}: write {problem}"
            raise ValueError(msg)
        numbers.append(number)
    return tuple(numbers)
