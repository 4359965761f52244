"""Markdown: a chronology with its sources, for Quarto and pandoc.

The file holds all that it needs: claims by year, a citation behind each, notes on what
sources say otherwise, and the sources themselves as `references`. What pandoc makes of
it is a paper: `pandoc --citeproc chronology.md -o chronology.docx`.

Keys of citations come from the sources (`evidence.citation_key`), so they stay when
others are added. Of the format: <https://pandoc.org/MANUAL.html#citations>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TypeVar

import msgspec

from bri_timeline import (
    Citation,
    Event,
    EventLog,
    Projection,
    Reason,
    SetAside,
    Source,
    View,
    Wording,
)
from bri_timeline.edtf import Edtf
from bri_timeline.evidence import citation_key, csl_item
from bri_timeline.extend import one_line
from bri_timeline.pages._marks import view_of
from bri_timeline.pages._markup import plain_text
from bri_timeline.pages._page import Page
from bri_timeline.pages._state_values import Tell, summary
from bri_timeline.pages._wording import (
    Strings,
    civil,
    date_words,
    numbered,
    plain_words,
    words_for,
)


__all__ = ["render"]

# The suffixes of its files.
NAMES = (".md",)
S = TypeVar("S")


# Each has a meaning to pandoc, also within a word.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#@$^~|&\"']|(?<=-)-|(?<=\.)\.")


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    title: str | None = None,
    language: str = "en",
) -> Page:
    """Return a chronology in Markdown, headed by a sentence with its two dates.

    Of 100,000 events it takes some ten seconds.

    Args:
        shown: A view, or a log, which is written as on its last day.
        projection: The state whose values the sentence tells; only what concerns its
            parties is listed.
        tell: Returns the values of the state by their labels.
        title: The title; by default the word for a timeline.
        language: The language of what the library says: `en`, `de`, `ru` or `zh`. What
            a claim says stays in the language in which it is written down.

    Raises:
        PictureError: The language has no table of strings, or *tell* does not return a
            mapping from labels to values.
    """
    view = view_of(shown, projection)
    words = words_for(language, view)
    sentence = plain_text(summary(view, projection, tell, words))
    lines = _Chronology(view, words).lines(title or words("page.title"), sentence)
    return Page("\n".join(lines) + "\n")


class _Chronology:
    """A chronology, as it is written."""

    def __init__(self, view: View, words: Strings) -> None:
        self._view = view
        self._words = words
        self._as_cited = view.as_cited
        self._perhaps = {event.id for event in view.undecided}
        self._ending = {event.id for event in view.may_have_ended}
        self._disputes = {dispute.id: dispute for dispute in view.disputes}
        self._wordings = view._facts.wordings()
        self._before: dict[str, list[SetAside]] = {}
        for aside in view.set_aside:
            if aside.reason is Reason.SUPERSEDED:
                self._before.setdefault(aside.event.id, []).append(aside)

    def lines(self, title: str, sentence: str) -> Iterator[str]:
        """Yield the lines of the file."""
        view = self._view
        events = sorted((*view.events, *view.undecided), key=_order)
        rivals = [claim for dispute in view.disputes for claim in dispute.others]
        old = [aside.event for asides in self._before.values() for aside in asides]
        sources = numbered(map(self._as_cited, [*events, *rivals, *old]))
        yield "---"
        yield f"title: {_quoted(title)}"
        yield f"lang: {self._words('markdown.lang')}"
        yield "references:"
        # JSON is YAML. The sources stand in the file, so that it is never without them.
        yield from (f"- {self._source(source)}" for source in sources)
        yield "---"
        yield ""
        yield _escaped(sentence)
        for heading, claims in groupby(events, key=self._year):
            yield from ("", f"## {heading}", "")
            yield from map(self._claim, claims)

    def _source(self, source: Source) -> str:
        item = csl_item(source)
        if source.published is not None and "literal" in str(item["issued"]):
            item["issued"] = {"literal": date_words(source.published, self._words)}
        return msgspec.json.encode(_as_text(item)).decode()

    def _year(self, event: Event) -> str:
        return self._words.year(civil(_day(event.when))[0])

    def _claim(self, event: Event) -> str:
        colon = self._words("sentence.colon")
        parts = [f"- **{self._when(event)}**{colon}{self._what(event)}"]
        if event.id in self._perhaps:
            parts.append(f"({_escaped(self._words('status.perhaps'))})")
        if event.id in self._ending:
            parts.append(f"({_escaped(self._words('status.ended'))})")
        parts.append(self._cited(event))
        return " ".join(parts) + "".join(f"^[{note}]" for note in self._notes(event))

    def _notes(self, event: Event) -> Iterator[str]:
        dispute = self._disputes.get(event.id)
        if dispute is not None:
            clause = self._words("sentence.clause")
            claims = clause.join(map(self._other, dispute.others))
            yield f"{_escaped(self._words('markdown.differ'))} {claims}"
        said = [
            f"{_escaped(self._said(one))} {self._cited(event.cited(one.cite))}"
            for one in (self._wordings(event) if self._wordings else ())
        ]
        if said:
            yield "; ".join(said)
        for aside in self._before.get(event.id, ()):
            what = self._told(aside.event)
            when = date_words(aside.event.when, self._words)
            corrected = self._words("status.corrected", what=what, when=when)
            yield f"{_escaped(corrected)} {self._cited(aside.event)}"

    def _said(self, one: Wording) -> str:
        if one.part == "when":
            return date_words(Edtf(one.text), self._words)
        return f"{one.part} {one.text}"

    def _other(self, event: Event) -> str:
        colon = self._words("sentence.colon")
        said = f"{self._when(event)}{colon}{self._what(event)}"
        return f"{said} {self._cited(event)}"

    def _what(self, event: Event) -> str:
        return _escaped(self._told(event))

    def _told(self, event: Event) -> str:
        return plain_words(event, self._words)

    def _when(self, event: Event) -> str:
        return _escaped(date_words(event.when, self._words))

    def _cited(self, event: Event) -> str:
        references = [_reference(citation) for citation in self._as_cited(event).cite]
        if not references:
            return f"({_escaped(self._words('status.no_source'))})"
        return f"[{'; '.join(references)}]"


def _reference(citation: Citation) -> str:
    key = f"@{citation_key(citation.source)}"
    # Braces keep pandoc from looking for words such as "page" in the place.
    where = _escaped(citation.locator or "")
    return f"{key}, {{{where}}}" if where else key


def _day(when: Edtf) -> int:
    """Return the day by whose year a date is listed: its first, if it is known."""
    # Every date of EDTF has one of the two.
    return when.first_day if when.first_day is not None else when.last_day or 0


def _order(event: Event) -> tuple[int, object]:
    return _day(event.when), event.when.sort_key()


def _as_text(value: object) -> object:
    """Return plain data whose texts mean themselves: pandoc reads them as Markdown."""
    if isinstance(value, dict):
        return {
            name: part if name in ("id", "type") else _as_text(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_as_text(part) for part in value]
    return _escaped(value) if isinstance(value, str) else value


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", one_line(text))


def _quoted(text: str) -> str:
    """Return text as YAML quotes it, with Markdown in it as text."""
    inner = _escaped(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
