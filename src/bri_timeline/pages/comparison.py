"""A page with the changes between two views and the entries that caused them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from bri_timeline import Change, Entry, Event, Projection, Source, View
from bri_timeline._atomic_write import write
from bri_timeline._calendar import iso
from bri_timeline._queries import day_words
from bri_timeline.edtf import in_words
from bri_timeline.pages._marks import dates_of
from bri_timeline.pages._markup import Markup, element, joined
from bri_timeline.pages._state_values import Tell, Told, told
from bri_timeline.pages._wording import (
    citations,
    count_of,
    describe_event,
    numbered,
    sources_list,
)
from bri_timeline.pages.html import document, sources_section
from bri_timeline.relations import Relationship, among


__all__ = ["dump", "render"]

S = TypeVar("S")

_HOW = (
    "A value counts what had happened for certain by the day above it, if those who say"
    " so are right."
)


def render(
    before: View,
    after: View,
    *,
    projection: Projection[S],
    tell: Tell[S] | None = None,
    title: str = "What changed",
) -> str:
    """Return a page without scripts: the values of both views, and every change.

    The views can differ in the day, in the knowledge they rest on, or in the log.

    Args:
        before: The first view.
        after: The second view.
        projection: The state; changes that do not concern it are left out.
        tell: Returns the values of a state by their labels.
        title: The title of the page.
    """
    difference = before.diff(after, projection)
    # Events before and after a change can cite sources that its entries do not.
    events = [e for change in difference.changes for e in _events(change)]
    numbers = numbered(events)
    state, subject = difference.before, projection.name
    if isinstance(state, Relationship):
        subject = among(state.parties)
    count = count_of(len(difference.changes), "change")
    content = element(
        "main",
        element("h1", title),
        element("p", f"{subject}: {count}. {_HOW}", class_="lead"),
        _views(before, after, told(state, tell), told(difference.after, tell)),
        element("h2", "What made the difference"),
        _changes(difference.changes, numbers) if events else element("p", "Nothing."),
        sources_section(sources_list(numbers)),
    )
    return document(title, content, styles=("page.css", "comparison.css"))


def dump(
    before: View,
    after: View,
    path: str | Path,
    *,
    projection: Projection[S],
    tell: Tell[S] | None = None,
    title: str = "What changed",
) -> None:
    """Write the page to a file.

    Args:
        before: The first view.
        after: The second view.
        path: The file, which is replaced.
        projection: The state.
        tell: Returns the values of a state by their labels.
        title: The title of the page.

    Raises:
        OSError: The file cannot be written.
    """
    page = render(before, after, projection=projection, tell=tell, title=title)
    write(path, page)


def _events(change: Change) -> Iterator[Event]:
    claims = (entry.event for entry in change.entries)
    yield from (e for e in (change.before, change.after, *claims) if e is not None)


def _views(
    before: View, after: View, old: tuple[Told, ...], new: tuple[Told, ...]
) -> Markup:
    """Return a table of the values in both views."""
    heads = ("", _dates(before), _dates(after))
    texts = [{value.label: value.text for value in values} for values in (old, new)]
    labels = dict.fromkeys((*texts[0], *texts[1]))
    rows = (
        element(
            "tr",
            element("th", label or "Value", scope="row"),
            *(element("td", side.get(label, "\u2014")) for side in texts),
            class_="changed" if texts[0].get(label) != texts[1].get(label) else None,
        )
        for label in labels
    )
    return _table(heads, rows, "values")


def _dates(view: View) -> str:
    # A view of everything has one date only; say so where two views are compared.
    rest = ", with all that is known" if view.basis == "everything" else ""
    return f"{dates_of(view)}{rest}"


def _changes(changes: tuple[Change, ...], numbers: dict[Source, int]) -> Markup:
    rows = (
        element(
            "tr",
            element("th", _kind(change), scope="row"),
            element("td", *_claim(change)),
            element("td", *(_entry(entry, numbers) for entry in change.entries)),
            class_=_kind(change),
        )
        for change in changes
    )
    return _table(("Change", "What", "Because of"), rows, "changes")


_CORNER = element("td", "")


def _table(heads: tuple[str, ...], rows: Iterator[Markup], name: str) -> Markup:
    titles = (element("th", h, scope="col") if h else _CORNER for h in heads)
    head = element("thead", element("tr", *titles))
    table = element("table", head, element("tbody", joined(rows)))
    return element("div", table, class_=f"scroll {name}", tabindex="0", role="region",
                   aria_label=name.capitalize())  # fmt: skip


def _kind(change: Change) -> str:
    if change.before is None:
        return "added"
    return "gone" if change.after is None else "altered"


def _claim(change: Change) -> Iterator[Markup]:
    """Yield the claim before and after the change."""
    if change.before is not None:
        yield element("p", element("del", _claim_text(change.before)))
    if change.after is not None:
        yield element("p", element("ins", _claim_text(change.after)))


def _claim_text(event: Event) -> str:
    return f"{in_words(event.when)}: {describe_event(event)}"


def _entry(entry: Entry, numbers: dict[Source, int]) -> Markup:
    known = entry.known_day
    since = "all along" if known is None else f"since {day_words(iso(known))}"
    what = "Claim" if entry.retracts is None else "Withdrawal"
    if entry.supersedes is not None:
        what = "Correction"
    because = f": {entry.because}" if entry.because else ""
    heading = element("p", f"{what}{because}, known {since}")
    cited = [] if entry.event is None else [citations(entry.event, numbers)]
    return joined(
        [heading, element("ul", *cited, class_="cites")] if cited else [heading]
    )
