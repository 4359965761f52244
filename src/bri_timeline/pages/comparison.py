"""A page with the changes between two views and the entries that caused them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from attrs import frozen

from bri_timeline import Change, Entry, Event, Projection, Source, View
from bri_timeline.errors import SelectionError
from bri_timeline.pages._markup import Markup, element, joined, marked
from bri_timeline.pages._page import Page
from bri_timeline.pages._state_values import (
    Tell,
    Told,
    changes_title,
    told,
    value_words,
    view_words,
)
from bri_timeline.pages._wording import (
    Strings,
    because_words,
    citations,
    numbered,
    said,
    sources_list,
    words_for,
)
from bri_timeline.pages.html import document, sources_section
from bri_timeline.relations import Relationship, among


__all__ = ["render"]

S = TypeVar("S")


def render(
    before: View,
    after: View,
    *,
    projection: Projection[S],
    tell: Tell[S] | None = None,
    title: str | None = None,
    language: str = "en",
) -> Page:
    """Return a page without scripts: the values of both views, and every change.

    The views can differ in the day, in the knowledge they rest on, or in the log. Of
    100,000 changes it takes some five seconds.

    Args:
        before: The first view.
        after: The second view.
        projection: The state; changes that do not concern it are left out.
        tell: Returns the values of a state by their labels.
        title: The title of the page; by default "What changed", or of one day "Two
            states of knowledge about one day", in its language.
        language: Of the words of the page: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: *tell* does not return a mapping from labels to values, or the
            language has no table.
    """
    if not isinstance(before, View):
        raise SelectionError(before, "is not a view: give log.as_of(day)")
    words = words_for(language, before, after)
    difference = before.diff(after, projection)
    # Events before and after a change can cite sources that its entries do not.
    events = [e for change in difference.changes for e in _events(change)]
    numbers = numbered(events)
    state, subject = difference.before, projection.name
    if isinstance(state, Relationship):
        subject = among(state.parties, language)
    changes = words.count("changes", len(difference.changes))
    name = changes_title(before, after, words) if title is None else title
    page = _Comparison(words, numbers)
    content = element(
        "main",
        element("h1", name),
        element(
            "p",
            words("comparison.lead", subject=subject, changes=changes),
            class_="lead",
        ),
        page.views((before, after), told(state, tell), told(difference.after, tell)),
        element("h2", words("comparison.why")),
        page.changes(difference.changes)
        if events
        else element("p", words("comparison.nothing")),
        sources_section(sources_list(numbers, words), words("page.sources")),
    )
    return Page(
        document(
            name, content, styles=("page.css", "comparison.css"), language=words.code
        )
    )


def _events(change: Change) -> Iterator[Event]:
    claims = (entry.event for entry in change.entries)
    yield from (e for e in (change.before, change.after, *claims) if e is not None)


def _kind(change: Change) -> str:
    if change.before is None:
        return "added"
    return "gone" if change.after is None else "altered"


@frozen
class _Comparison:
    """The parts of a page in one language.

    Attributes:
        words: The strings of the language.
        numbers: The numbers of the sources.
    """

    words: Strings
    numbers: dict[Source, int]

    def views(
        self, views: tuple[View, View], old: tuple[Told, ...], new: tuple[Told, ...]
    ) -> Markup:
        """Return a table of the values in both views."""
        words = self.words
        texts = [{v.label: value_words(v, words) for v in vs} for vs in (old, new)]
        labels = dict.fromkeys((*texts[0], *texts[1]))
        rows = (
            element(
                "tr",
                element("th", words.known("labels", label or "value"), scope="row"),
                *(element("td", marked(side.get(label, "\u2014"))) for side in texts),
                class_="changed"
                if texts[0].get(label) != texts[1].get(label)
                else None,
            )
            for label in labels
        )
        heads = "", *(view_words(view, words) for view in views)
        return self._table("values", heads, rows)

    def changes(self, changes: tuple[Change, ...]) -> Markup:
        """Return a table of changes."""
        words = self.words
        rows = (
            element(
                "tr",
                element("th", words(f"comparison.{_kind(change)}"), scope="row"),
                element("td", *self._claim(change)),
                element("td", *map(self._entry, change.entries)),
                class_=_kind(change),
            )
            for change in changes
        )
        heads = (words(f"comparison.{name}") for name in ("change", "what", "because"))
        return self._table("changes", (*heads,), rows)

    def _table(
        self, name: str, heads: tuple[str, ...], rows: Iterable[Markup]
    ) -> Markup:
        titles = (element("th", h, scope="col") if h else _CORNER for h in heads)
        head = element("thead", element("tr", *titles))
        table = element("table", head, element("tbody", joined(rows)))
        return element(
            "div",
            table,
            class_=f"scroll {name}",
            tabindex="0",
            role="region",
            aria_label=self.words(f"comparison.{name}"),
        )

    def _claim(self, change: Change) -> Iterator[Markup]:
        """Yield the claim before and after the change."""
        if change.before is not None:
            yield element("p", element("del", self._claim_text(change.before)))
        if change.after is not None:
            yield element("p", element("ins", self._claim_text(change.after)))

    def _claim_text(self, event: Event) -> Markup:
        return marked(said(event, self.words))

    def _entry(self, entry: Entry) -> Markup:
        words, day = self.words, entry.known_day
        kind = "claim" if entry.retracts is None else "withdrawal"
        if entry.supersedes is not None:
            kind = "correction"
        what = words(f"comparison.{kind}")
        if entry.because:
            why = because_words(entry.because, words)
            what = words("comparison.reason", what=what, why=why)
        text = words("comparison.always", what=what)
        if day is not None:
            text = words("comparison.known_since", what=what, day=words.day(day))
        heading = element("p", marked(text))
        if entry.event is None:
            return heading
        cited = citations(entry.event, self.numbers, words)
        return joined([heading, element("ul", cited, class_="cites")])


_CORNER = element("td", "")
