"""What each output shows of a log on a day, and says of it nothing but that it is so.

Each event has an id, `e0` and so on, which is also the title of its one source. A
reader returns the ids of the events that an output shows without reservation: neither
as what may have happened nor as what may have ended.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pyarrow as pa
from attrs import field, frozen
from pages_model import GOES_ON, content_of, ended_on

from bri_timeline import Answer, Event, EventLog, Source, View, answers
from bri_timeline._command import _serve, main
from bri_timeline.formats import chronicle, geojson, graph
from bri_timeline.pages import html, markdown, svg, text
from bri_timeline.relations import FACTS, Relationship, relationship


PAIR = "AZE", "CHN"
RELATION = relationship(*PAIR)
_NAME = re.compile(r"\be\d+\b")
_OVER = "may have ended"


def claim(what: object, when: str, number: int) -> Event:
    """Return an event whose id and source have the same name."""
    name = f"e{number}"
    return Event(what, when=when, cite=Source(name), id=name)


@frozen
class Asked:
    """A question of the relationship of two parties on a day.

    Attributes:
        log: The log.
        day: The day, as text.
        path: A file for the log.
        view: The log on the day.
    """

    log: EventLog
    day: str
    path: Path
    view: View = field(init=False)

    @view.default
    def _view_of_log(self) -> View:
        return self.log.as_of(self.day)

    def __attrs_post_init__(self) -> None:
        chronicle.dump(self.log, self.path, FACTS)

    def told(self, form: str) -> str:
        """Return what the command prints of the state."""
        options = ["--on", self.day, "--format", form]
        with redirect_stdout(io.StringIO()) as text:
            status = main(["state", str(self.path), "--between", *PAIR, *options])
        assert not status
        return text.getvalue()

    def tools(self) -> _serve._Tools:
        """Return what answers a language model."""
        return _serve._Tools(self.path, "chronicle", FACTS, "a model")


def kept(state: Relationship) -> list[tuple[str, Event]]:
    """Return what a state keeps until it ends, by name: of most of it, the id.

    Of several times that a party joined, any shows that it is a member.
    """
    parts = state.positions, state.agreement_statuses, state.projects
    return [
        *((" ".join(key), event) for key, event in state.memberships.items()),
        *((event.id, event) for part in parts for event in part.values()),
    ]


def held(state: Relationship) -> frozenset[str]:
    """Return the names of what a state keeps."""
    return frozenset(name for name, _ in kept(state))


def names(text: str) -> set[str]:
    """Return the ids in a text."""
    return {*_NAME.findall(text)}


def ids(events: Iterable[Event]) -> set[str]:
    """Return the ids of events."""
    return {event.id for event in events}


def marked(lines: Iterable[str], mark: str = _OVER) -> set[str]:
    """Return the ids in lines, but for those that a mark stands beside."""
    shown, kept = set[str](), set[str]()
    for line in lines:
        (kept if mark in line else shown).update(names(line))
    return shown - kept


# --- views, frames and files ----------------------------------------------------------


def _view(asked: Asked) -> set[str]:
    return ids(e for e in asked.view.events if asked.view.ended(e) is Answer.NO)


def _over(asked: Asked) -> set[str]:
    """Return the ids of what is over in the whole log, which shows that it happened.

    A position towards a third state takes the place of another, if all are looked at.
    """
    view = asked.view
    return ids(event for event in view.events if view.ended(event) is Answer.YES)


def _repr(asked: Asked) -> set[str]:
    shown = set() if _OVER in repr(asked.view) else ids(asked.view.events)
    return shown - _over(asked)


def _notebook(asked: Asked) -> set[str]:
    rows = asked.view._repr_html_().split("<tr>")
    return marked(row for row in rows if "perhaps" not in row) - _over(asked)


def _plain(asked: Asked) -> set[str]:
    found = answers.loads(answers.dumps(asked.view), answers.ViewData, FACTS)
    return ids(found.events) - ids(found.may_have_ended) - _over(asked)


def _frame(asked: Asked) -> set[str]:
    rows: list[dict[str, Any]] = pa.table(asked.view).to_pylist()
    return {r["id"] for r in rows if r["certain"] and r["ended"] in ("no", None)}


def _map(asked: Asked) -> set[str]:
    text = geojson.dumps(asked.log, FACTS, on=asked.day)
    found = [one["properties"] for one in json.loads(text)["features"]]
    return {r["id"] for r in found if r["certain"] and r["ended"] in ("no", None)}


def _graph(asked: Asked) -> set[str]:
    edges = graph.to_networkx(asked.view, FACTS).edges(data=True)
    return {
        r["id"] for *_, r in edges if r["certain"] and r.get("ended") in ("no", None)
    }


# --- the command and its server -------------------------------------------------------


def _state_text(asked: Asked) -> set[str]:
    shown, _, sources = asked.told("text").partition("\nSources\n")
    titles = dict(re.findall(r"(\d+)  \u201c(e\d+)\u201d", sources))
    named = re.sub(r"\[(\d+)\]", lambda found: titles[found[1]], shown)
    certain, _, perhaps = named.partition("\nPerhaps\n")
    return names(certain) - names(perhaps)


def _state_table(asked: Asked) -> set[str]:
    certain, _, perhaps = asked.told("csv").partition("\nPerhaps,")
    return names(certain) - names(perhaps)


def _state_json(asked: Asked) -> set[str]:
    kind = answers.StateAnswer[Relationship]
    found = answers.loads(asked.told("json"), kind, FACTS)
    return names(str(found.state)) - ids(found.perhaps)


def _tool_state(asked: Asked) -> set[str]:
    found = asked.tools().state(asked.day, [*PAIR])
    maybe: Any = found["maybe"]
    return names(str(found["state"])) - {one["id"] for one in maybe}


def _tool_search(asked: Asked) -> set[str]:
    found: Any = asked.tools().search(asked.day)["claims"]
    is_so = ("yes", "no"), ("yes", None)
    return {c["id"] for c in found if (c["happened"], c["ended"]) in is_so}


# --- pages and pictures ---------------------------------------------------------------


def _markdown(asked: Asked) -> set[str]:
    lines = markdown.render(asked.view).partition("\n## ")[2].splitlines()
    shown = marked(line for line in lines if "may have happened" not in line)
    return shown - _over(asked)


def _picture(asked: Asked) -> set[str]:
    drawn = text.render(asked.view, projection=RELATION, width=180)
    found, told = set[str](), ""
    for line in drawn.splitlines():
        # What is no line of a claim begins with a letter, or is empty.
        told = told + line if line[:1] in (" ", "?") else ""
        if cited := re.search(r"\[(e\d+)\]$", line):
            is_open = _OVER in told and "\u25b6" not in told
            found |= set() if is_open or "?" in told[:1] else {cited[1]}
            told = ""
    return found


def _drawing(asked: Asked) -> set[str]:
    drawn = svg.render(asked.view, projection=RELATION)
    titles = re.findall("<title>(.*?)</title>", drawn)
    return marked(title for title in titles if "May have" not in title)


def _page(asked: Asked) -> set[str]:
    page = html.render(asked.view, projection=RELATION)
    content = content_of(page)
    titles = [source[0] for source in content["sources"]]
    day = asked.view.day_number
    ended = {titles[m[2]]: ended_on(content, m[0], day) for m in content["mentions"]}
    goes_on = {name for name, way in ended.items() if way == GOES_ON}
    # What is read without a script.
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr ")
    told = (re.sub(r'#s(\d+)"', lambda m: titles[int(m[1]) - 1], row) for row in rows)
    table = marked(row for row in told if "may have happened" not in row)
    happened = {e.id for e in asked.view.events}
    return (goes_on & happened) | table


OUTPUTS: dict[str, Callable[[Asked], set[str]]] = {
    "a view": _view,
    "repr of a view": _repr,
    "a view in a notebook": _notebook,
    "plain data of a view": _plain,
    "a frame": _frame,
    "GeoJSON": _map,
    "a graph": _graph,
    "Markdown": _markdown,
    "a picture of text": _picture,
    "a picture": _drawing,
    "a page": _page,
    "state as text": _state_text,
    "state as CSV": _state_table,
    "state as JSON": _state_json,
    "the tool state": _tool_state,
    "the tool search": _tool_search,
}
