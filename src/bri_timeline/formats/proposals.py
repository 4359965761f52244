"""Proposals: claims that a model, or a person, read in a document, as a JSON list.

```json
[
  {
    "kind": "Visited",
    "what": {"guest": "AZE", "host": "CHN", "who": "person:ilham-aliyev"},
    "when": "2019-04-24",
    "quote": "his second visit to China",
    "locator": "para 2"
  }
]
```

An item has `kind`, the name of a payload class, and its fields as `what`; `when`, a
date in EDTF, which has to stand in the document, or the words of the document for it;
`dated`, those words where they are not English, beside a date in EDTF; `quote`, the
words on which it rests, at least three letters or digits; and it may have `where` (a
name, or an object like `Place`), `locator`, the place in the document, and `id`. A date
among the fields, such as `expected` of a plan, has to stand in the document as `when`
does; words of another language for it make `dated` an object: `{"expected": "..."}`.
`Vocabulary.json_schema("proposals")` describes this to a model. `load()` looks for each
quote and date in the document, and gives all reasons why an item cannot be proposed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from bri_timeline import Event, Place, Source, Vocabulary, evidence
from bri_timeline.edtf import Edtf, never_years, years_within
from bri_timeline.errors import (
    BriTimelineError,
    EdtfError,
    EventError,
    Fault,
    FaultsError,
    VocabularyError,
    shown,
    shown_name,
)
from bri_timeline.extend import (
    AsDict,
    check_sayable,
    described,
    did_you_mean,
    one_line,
    require_vocabulary,
)
from bri_timeline.formats._files import read_json
from bri_timeline.formats._flat import built
from bri_timeline.phrases import dates_in, from_phrase


__all__ = ["Checked", "examine", "load"]


_KEYS = ("kind", "what", "when", "where", "quote", "locator", "id", "dated")
_PLACES = Vocabulary(where=Place)
_REMEDY = "copy the words letter by letter"
# The letters and digits of a quote: fewer say nothing of what was read.
_LEAST = 3
# Those of the words for a date: two of Chinese say "yesterday".
_FEWEST = 2


@frozen
class Checked(AsDict):
    """An item of a list of proposals: an event to propose, or the reasons why not.

    Attributes:
        number: Its number in the list, from 1.
        event: The event, which cites the document with the quote; None if there are
            problems.
        span: Where the quote stands in the document, if it does.
        problems: A tuple of `errors.Fault`: the problems, each with its field.
    """

    number: int
    event: Event | None
    span: evidence.Span | None
    problems: tuple[Fault, ...]

    def __str__(self) -> str:
        summary = "; ".join(map(str, self.problems)) or f"quote at {self.span}"
        return one_line(f"item {self.number}: {summary}")


def load(
    path: str | Path, vocabulary: Vocabulary, *, document: str, source: Source
) -> tuple[Checked, ...]:
    """Read a list of proposals that were made from a document, and check each.

    Propose those that have an event: `log.propose(checked.event, by="a model")`.

    Args:
        path: A JSON file, at most 1 GiB, and 64 levels deep.
        vocabulary: The payload classes.
        document: The text of the document.
        source: The document, which the events cite.

    Returns:
        Each item, in order, with an event or with all its problems: its quote or its
        date is not in the document, an actor is unknown, a phrase gives no bound for a
        date.

    Raises:
        FaultsError: The file is not a list in JSON.
        EventError: The source has the digest of another text.
        OSError: The file cannot be read.
    """
    items = read_json(Path(path), exact=True)
    if not isinstance(items, list):
        problem = f"is {described(items)}: write a list of proposals"
        raise FaultsError(str(path), [Fault("file", problem)])
    return examine(items, vocabulary, document=document, source=source)


def examine(
    items: Iterable[object],
    vocabulary: Vocabulary,
    *,
    document: str,
    source: Source,
) -> tuple[Checked, ...]:
    """Check proposals that were read from JSON elsewhere, as `load()` does.

    Args:
        items: Plain data; numbers with a point as `Decimal`.
        vocabulary: The payload classes.
        document: The text of the document.
        source: The document, which the events cite.

    Raises:
        EventError: The source has the digest of another text.
    """
    require_vocabulary(vocabulary)
    if source.digest not in (None, evidence.digest(document)):
        problem = "has another digest than this text"
        remedy = "give the text that the proposals were made from"
        raise EventError(source, f"{problem}: {remedy}")
    dates = _DatesSaid(document, source.published)
    return tuple(
        _checked(number, item, vocabulary, dates, source)
        for number, item in enumerate(items, 1)
    )


def _checked(
    number: int, item: object, vocabulary: Vocabulary, dates: _DatesSaid, source: Source
) -> Checked:
    if not isinstance(item, Mapping):
        problem = f"is {described(item)}: write an object"
        return Checked(number, None, None, (Fault("item", problem),))
    faults = [
        Fault(shown_name(str(key)), f"is not a key of a proposal.{_hint(str(key))}")
        for key in item
        if key not in _KEYS
    ]
    what = _payload(item, vocabulary, faults)
    words = _words(item, faults)
    when = _when(item, dates, words.get("when"), faults)
    stated = dict(_stated(what, item.get("what")))
    for field, day in stated.items():
        faults += dates.faults(f"what.{field}", str(day), day, words.get(field))
    undated = "is not a date of this item: name a field that has one"
    faults += [
        Fault(f"dated.{shown_name(field)}", undated)
        for field in words
        if field != "when" and what is not None and field not in stated
    ]
    where = _where(item, faults)
    quote, locator, name = (_text(item, key, faults) for key in _KEYS[4:7])
    span = None
    if item.get("quote") is None:
        faults.append(Fault("quote", f"is missing: {_REMEDY}"))
    elif quote is not None:
        span = evidence.find(quote, dates.document)
        if sum(map(str.isalnum, quote)) < _LEAST:
            problem = f"has fewer than {_LEAST} letters, which stand in any document"
            faults.append(Fault("quote", f"{problem}: quote more"))
        elif span is None:
            problem = f"is not in the document: {shown(quote)}; {_REMEDY}"
            faults.append(Fault("quote", problem))
    if faults or when is None or quote is None:
        return Checked(number, None, span, tuple(faults))
    try:
        cite = [source.at(locator or "", quote)]
        # Who decides has to see the words for the date too.
        cite += [
            source.at(locator or "", text)
            for text in words.values()
            if evidence.find(text, quote) is None
        ]
        event = Event(what, when=when, where=where, cite=cite, id=name)
    except BriTimelineError as error:
        return Checked(number, None, span, (Fault("when", str(error)),))
    try:
        check_sayable(event)
    except EventError as error:
        return Checked(number, None, span, (Fault("what", str(error)),))
    return Checked(number, event, span, ())


def _hint(key: str) -> str:
    return did_you_mean(key, _KEYS) or f" It has {', '.join(_KEYS)}."


def _text(item: Mapping[object, object], key: str, faults: list[Fault]) -> str | None:
    value = item.get(key)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    faults.append(Fault(key, f"is {described(value)}: write text"))
    return None


def _payload(
    item: Mapping[object, object], vocabulary: Vocabulary, faults: list[Fault]
) -> object:
    kind, what = _text(item, "kind", faults), item.get("what")
    if item.get("kind") is None:
        kinds = ", ".join(vocabulary)
        faults.append(Fault("kind", f"is missing: write one of {kinds}"))
    if not isinstance(what, Mapping):
        faults.append(Fault("what", f"is {described(what)}: write an object"))
    elif kind is not None:
        try:
            return built(vocabulary, kind, what, "what", _noting(faults))
        except VocabularyError as error:
            faults.append(Fault("kind", str(error)))
    return None


def _words(item: Mapping[object, object], faults: list[Fault]) -> dict[str, str]:
    """Return the words of the document for dates, by the fields that have them."""
    words = item.get("dated")
    if not isinstance(words, Mapping):
        text = _text(item, "dated", faults)
        return {} if text is None else {"when": text}
    inner: list[Fault] = []
    texts = {str(key): _text(words, str(key), inner) for key in words}
    faults += [Fault(f"dated.{shown_name(f.place)}", f.problem) for f in inner]
    return {key: text for key, text in texts.items() if text is not None}


def _stated(what: Any, said: object) -> Iterator[tuple[str, Edtf]]:
    """Yield the dates in the fields of a payload that are said, each with its place."""
    if isinstance(said, Mapping) and what is not None:
        for field in attrs.fields(type(what)):
            if field.alias in said:
                yield from _dates_of(getattr(what, field.name), str(field.alias))


def _dates_of(value: Any, place: str) -> Iterator[tuple[str, Edtf]]:
    if isinstance(value, Edtf):
        yield place, value
    elif isinstance(value, date):
        yield place, Edtf(value.isoformat()[:10])
    elif isinstance(value, tuple | frozenset):
        parts = value if isinstance(value, tuple) else sorted(value, key=str)
        for number, part in enumerate(parts, 1):
            yield from _dates_of(part, f"{place}[{number}]")
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _dates_of(getattr(value, field.name), f"{place}.{field.alias}")


def _where(item: Mapping[object, object], faults: list[Fault]) -> Place | None:
    """Return the place of an item: its name, or all that is known of it."""
    where = item.get("where")
    if isinstance(where, Mapping):
        location = built(_PLACES, "where", where, "where", _noting(faults))
        return location if isinstance(location, Place) else None
    name = _text(item, "where", faults)
    return None if name is None else Place(name)


def _noting(faults: list[Fault]) -> Callable[[str, str], None]:
    return lambda place, problem: faults.append(Fault(place, problem))


def _when(
    item: Mapping[object, object],
    dates: _DatesSaid,
    dated: str | None,
    faults: list[Fault],
) -> Edtf | None:
    """Return the date of an item: EDTF, or a phrase that stands in the document."""
    document = dates.document
    text = _text(item, "when", faults)
    if text is None:
        if "when" not in item:
            faults.append(
                Fault("when", "is missing: write a date in EDTF, or a phrase")
            )
        return None
    try:
        when = Edtf(text)
    except EdtfError:
        if evidence.find(text, document) is None:
            problem = f"{shown(text)} is neither EDTF nor in the document: write one"
            faults.append(Fault("when", problem))
    else:
        faults += dates.faults("when", text, when, dated)
        return when
    try:
        return from_phrase(text, published=dates.published).when
    except BriTimelineError as error:
        faults.append(Fault("when", str(error)))
        return None


# The years, months, days and seasons of which a date is made.
_SIMPLE = re.compile(r"(?<![0-9Y-])[0-9]{4}(?:-[0-9]{2}){0,2}(?![0-9X])")
_REMEDY_OF_DATES = (
    "write the words of the document for it as when, or beside it as dated, those of"
    " another language"
)
_REMEDY_OF_FIELDS = (
    "write no more than the document says, or beside it the words of another language"
    " for it, as "
)


class _DatesSaid:
    """The dates that a document gives.

    Attributes:
        document: Its text.
        published: When it appeared.
    """

    def __init__(self, document: str, published: Edtf | None) -> None:
        self.document = document
        self.published = published
        # By the year that completes those without one; it takes time to find them.
        self._given = dict[int | None, tuple[Edtf, ...]]()

    def faults(
        self, place: str, text: str, when: Edtf, dated: str | None
    ) -> Iterator[Fault]:
        """Yield what speaks against a date in EDTF: the document does not give it.

        Args:
            place: Where it stands: `when`, or `what.` and a field.
            text: The date as it was written.
            when: The date.
            dated: The words of the document for it, if they are not English.
        """
        questions = [*_years_asked(text, self.document)]
        name = place.removeprefix("what.")
        beside = "dated" if place == "when" else f"dated.{name}"
        if questions:
            yield from (Fault(place, question) for question in questions)
        elif dated is None:
            if not self._has(text, when):
                problem = "is not in the document, in digits or in English words"
                of_field = f'{_REMEDY_OF_FIELDS}{{"dated": {{"{name}": ...}}}}'
                remedy = _REMEDY_OF_DATES if place == "when" else of_field
                yield Fault(place, f"{shown(text)} {problem}: {remedy}")
        elif sum(map(str.isalnum, dated)) < _FEWEST:
            yield Fault(beside, f"is one letter: {_REMEDY}")
        elif evidence.find(dated, self.document) is None:
            problem = f"is not in the document: {shown(dated)}; {_REMEDY}"
            yield Fault(beside, problem)
        else:
            # What is English says itself which date it is.
            read = [phrase.when for phrase in dates_in(dated, published=self.published)]
            if read and not self._is_one_of(when, read):
                problem = f"{shown(dated)} is {read[0]}, and {name} is {when}"
                yield Fault(beside, problem)

    def _has(self, text: str, when: Edtf) -> bool:
        if evidence.find(text, self.document) is not None:
            return True
        # What is told had happened by the day on which it was told.
        if self.published is not None and text == f"[..{self.published}]":
            return True
        return self._is_one_of(when, self._all())

    def _all(self, year: int | None = None) -> tuple[Edtf, ...]:
        if year not in self._given:
            issued = self.published if year is None else None
            phrases = dates_in(self.document, published=issued, year=year)
            self._given[year] = tuple(phrase.when for phrase in phrases)
        return self._given[year]

    def _is_one_of(self, when: Edtf, given: Iterable[Edtf]) -> bool:
        """Check whether a date, or each that it is made of, is given as exactly."""
        given = [*given]
        is_one = not (when.is_extent or "," in str(when))
        if when in given or (is_one and _covers_one(when, given)):
            return True
        parts = [Edtf(part) for part in _SIMPLE.findall(str(when))]
        given += [
            Edtf(part)
            for date in given
            if date.is_extent
            for part in _SIMPLE.findall(str(date))
        ]
        return bool(parts) and all(
            _covers_one(part, given) or self._has_in_its_year(part) for part in parts
        )

    def _has_in_its_year(self, when: Edtf) -> bool:
        """Check whether the document gives a day, and elsewhere the year of it."""
        year = str(when)[:4]
        if not re.search(rf"(?<![0-9]){year}(?![0-9])", self.document):
            return False
        return _covers_one(when, self._all(int(year)))


def _covers_one(when: Edtf, given: Iterable[Edtf]) -> bool:
    """Check whether all days of one of some dates are days of another."""
    first, last = when.first_day, when.last_day
    if first is None or last is None:
        return False
    bounds = [(date.first_day, date.last_day) for date in given]
    return any(
        start is not None and end is not None and first <= start and end <= last
        for start, end in bounds
    )


_JOINT = "\\s*(?:[-/\u2010-\u2015]|to|and|or)\\s*['\u2019]?"


def _years_asked(text: str, document: str) -> Iterator[str]:
    """Yield a question for each month or season that may be a range of years.

    That is one of two years that follow each other, as no writer means by `1938-39`
    the last third of 1938; and any that the document writes as it writes years.
    """
    for part, first, last in years_within(text):
        if last is None:
            continue
        end, is_season = part[-2:], int(part[-2:]) > 12
        later = rf"(?:{last[:2]})?(?:{end}|{end.lstrip('0')})"
        written = rf"(?<![0-9]){first}{_JOINT}{later}(?![0-9]|[-/.][0-9])"
        follows = is_season and int(last) == int(first) + 1
        if follows or re.search(written, document):
            question = f"{shown(part)} may be years: write {first}/{last} (it lasted)"
            alone = f"{never_years(part)}, which is never years"
            yield f"{question} or [{first}..{last}]; or {alone}"
