"""Tables that values show of themselves in a notebook: safe fragments of HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

from bri_timeline import Edtf, Entry, Event, EventLog, View
from bri_timeline.edtf import in_words
from bri_timeline.errors import PictureError
from bri_timeline.pages._marks import Mark, dates_of, marks
from bri_timeline.pages._markup import Markup, element, joined
from bri_timeline.pages._parts import SECTIONS, VALUES, items_of
from bri_timeline.pages._scale import iso
from bri_timeline.pages._wording import among, count_of, say
from bri_timeline.relations import Plan, Relationship


__all__ = ["ROWS", "html", "load_ipython_extension"]

# The most rows that a fragment has; below it says how many there are.
ROWS = 20

_Row = tuple[str, ...]


def html(value: Edtf | Event | EventLog | View | Relationship) -> str:
    """Return a table of a value: no script, no style, no id, at most `ROWS` rows.

    Args:
        value: A date, an event, a log, a view or a relationship.

    Raises:
        PictureError: It is something else.
    """
    for cls, table in _TABLES:
        if isinstance(value, cls):
            return table(value)
    raise PictureError(value, "has no table: give a date, event, log, view or state")


class _Formatter(Protocol):
    """The part of IPython's HTML formatter that is used."""

    def for_type(self, cls: type, formatter: Callable[[object], str]) -> object: ...


class _Display(Protocol):
    formatters: dict[str, _Formatter]


class _Shell(Protocol):
    display_formatter: _Display


def load_ipython_extension(ipython: _Shell) -> None:
    """Show values as tables from now on: `%load_ext bri_timeline.pages.notebook`.

    Args:
        ipython: The running shell, which IPython passes.
    """
    formatter = ipython.display_formatter.formatters["text/html"]
    for cls, table in _TABLES:
        formatter.for_type(cls, table)


# --- tables ---------------------------------------------------------------------------


def _date(value: Edtf) -> str:
    first, last = value.first_day, value.last_day
    rows = [("as written", str(value)), ("in words", in_words(value))]
    rows += [
        ("first day", value.earliest_bound.value if first is None else iso(first)),
        ("last day", value.latest_bound.value if last is None else iso(last)),
    ]
    return _table("Date", ("", ""), rows, len(rows))


def _event(event: Event) -> str:
    rows = [("what", say(event)), ("when", _when(event))]
    rows += [("cited", str(citation)) for citation in event.cite] or [
        ("cited", "no source")
    ]
    return _table(f"Event {event.id}", ("", ""), rows, len(rows))


def _log(log: EventLog) -> str:
    titles = ("entry", "known since", "when", "what", "who says so")
    return _table(
        count_of(len(log), "entry", "entries"), titles, map(_entry, log), len(log)
    )


def _entry(entry: Entry) -> _Row:
    known = "" if entry.known_day is None else iso(entry.known_day)
    if entry.event is None:
        return str(entry.position), known, "", f"retracts {entry.retracts}", ""
    corrects = "" if entry.supersedes is None else f" (corrects {entry.supersedes})"
    event = entry.event
    said = f"{say(event)}{corrects}"
    return str(entry.position), known, _when(event), said, _cites(event)


def _view(view: View) -> str:
    found = marks(view)
    titles = ("standing", "when", "what", "who says so")
    return _table(dates_of(view), titles, map(_mark, found), len(found))


def _mark(mark: Mark) -> _Row:
    flag = "; sources differ" if mark.flagged else ""
    standing = f"{mark.why or mark.standing.value}{flag}"
    return standing, _when(mark.event), say(mark.event), _cites(mark.event)


def _relationship(state: Relationship) -> str:
    rows = [*_state_rows(state)]
    titles = ("", "what", "when", "who says so")
    return _table(among(state.parties), titles, rows, len(rows))


def _state_rows(state: Relationship) -> Iterator[_Row]:
    for value in VALUES:
        yield value.title, value.of(state), "", ""
    for section in SECTIONS:
        for item in items_of(getattr(state, section.name)):
            event = item.event if isinstance(item, Plan) else item
            yield section.title, say(event), _when(event), _cites(event)


def _when(event: Event) -> str:
    return in_words(event.when)


def _cites(event: Event) -> str:
    return "; ".join(map(str, event.cite)) or "no source"


def _table(title: str, heads: _Row, rows: Iterable[_Row], count: int) -> Markup:
    head = element("tr", *(element("th", text) for text in heads)) if any(heads) else ""
    told = (
        element("tr", *(element("td", text) for text in row))
        for row in islice(rows, ROWS)
    )
    more = f", the first {ROWS} shown" if count > ROWS else ""
    caption = element("caption", f"{title}{more}")
    body = element("tbody", joined(told))
    return element("table", caption, element("thead", head), body)


_TABLES: tuple[tuple[type, Callable[..., str]], ...] = (
    (Edtf, _date),
    (Event, _event),
    (EventLog, _log),
    (View, _view),
    (Relationship, _relationship),
)
