"""The answers of the page to try the library: text in, plain data out."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from bri_timeline import EventLog, Projection, View, Vocabulary
from bri_timeline.errors import BriTimelineError, FaultsError
from bri_timeline.formats import chronicle, csv
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.relations import FACTS, Relationship, name_of, relationship


class Answered(TypedDict, total=False):
    """What the page shows: faults, or the answer to the question."""

    faults: list[str]
    actors: list[tuple[str, str]]
    one: str
    other: str
    on: str
    known: str
    state: str
    why: str
    words: str


VALUES: dict[str, Callable[[Relationship], object]] = {
    "Visits": lambda state: len(state.visits),
    "Meetings": lambda state: len(state.meetings),
    "Agreements": lambda state: state.agreement_count,
    "Agreed value": lambda state: ", ".join(
        f"{amount} {currency}" for currency, amount in state.agreed_value.items()
    ),
    "Plans": lambda state: len(state.plans),
    "Positions": lambda state: len(state.positions),
    "Projects": lambda state: len(state.projects),
}


# The kinds of the command that people write by hand.
KINDS = FACTS | Vocabulary(Slide)


def read(text: str) -> EventLog:
    """Read a sheet if the first line is that of one, otherwise a chronicle."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    if delimiter not in first or "=" in first or first.lstrip().startswith(("#", "[")):
        return chronicle.loads(text, KINDS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sheet.csv")
        path.write_text(text, "utf-8")
        return csv.load(path, KINDS, delimiter=delimiter)


def answer(question: dict[str, str]) -> Answered:
    """Return the state on a day, as known by another, and how it came about."""
    try:
        return _answered(read(question["text"]), question)
    except FaultsError as error:
        return {"faults": [str(fault) for fault in error.faults]}
    except BriTimelineError as error:
        return {"faults": [str(error)]}


def _answered(log: EventLog, question: dict[str, str]) -> Answered:
    if not log:
        return {"faults": ["it has no entries yet: the example shows how to write one"]}
    pairs = Counter(
        pair
        for entry in log
        if entry.event is not None
        for pair in combinations(sorted(entry.event.parties), 2)
    )
    actors = sorted({actor for pair in pairs for actor in pair})
    one, other = question.get("one") or "", question.get("other") or ""
    if one not in actors or other not in actors or one == other:
        # Of a log that names no two parties, all is shown.
        one, other = min(pairs, key=lambda p: (-pairs[p], p), default=("", ""))
    today = date.today().isoformat()  # noqa: DTZ011 the day of who asks
    on, known = question.get("on") or today, question.get("known") or today
    view = log.as_of(on, known)
    whole = _relationship(one, other)
    shown = view if whole is None else view.project(whole)
    return {
        "faults": [],
        "actors": [(actor, name_of(actor)) for actor in actors],
        "one": one,
        "other": other,
        "on": on,
        "known": known,
        # What notebooks ask for, and so public whatever its name says.
        "state": shown._repr_html_(),  # pyright: ignore[reportPrivateUsage]
        "why": _why(view, whole) if whole else "",
        "words": _words(view),
    }


def _relationship(one: str, other: str) -> Projection[Relationship] | None:
    return relationship(one, other) if one else None


def _why(view: View, whole: Projection[Relationship]) -> str:
    """Return how each value came about that is not what it is without events."""
    explained = (
        (title, view.explain(whole, of=of), of(whole.initial()))
        for title, of in VALUES.items()
    )
    return "\n\n".join(
        f"{title}: {found}" for title, found, least in explained if found.value != least
    )


def _words(view: View) -> str:
    disputed = len(view.disputes)
    return (
        f"{len(view.events)} happened, {len(view.undecided)} may have happened, "
        f"{disputed} {'is' if disputed == 1 else 'are'} disputed."
    )


def page(question: dict[str, str]) -> dict[str, str]:
    """Return the page of the chronicle, one file."""
    # Python in a browser takes long to import, and nobody has asked for a page yet.
    from bri_timeline.pages import html

    log, pair = read(question["text"]), _relationship(*_parties(question))
    return {"page": html.render(log, projection=pair, title=_title(question))}


def picture(question: dict[str, str]) -> dict[str, str]:
    """Return the picture of what the answer is about, as an address of data."""
    from bri_timeline.pages import svg

    view = read(question["text"]).as_of(question["on"], question["known"])
    pair = _relationship(*_parties(question))
    drawn = svg.render(view, projection=pair, title=_title(question))
    return {"picture": f"data:image/svg+xml,{quote(drawn)}"}


def _parties(question: dict[str, str]) -> tuple[str, str]:
    return question["one"], question["other"]


def _title(question: dict[str, str]) -> str:
    return " and ".join(map(name_of, filter(None, _parties(question)))) or "Timeline"


def example(name: str) -> str:
    """Return the chronicle of the library, or a short sheet."""
    if name == "chronicle":
        folder = files("bri_timeline.chronicles")
        return folder.joinpath("azerbaijan_china.toml").read_text("utf-8")
    return SHEET


SHEET = """\
when,kind,guest,host,who,source,published,locator
2015,Visited,AZE,CHN,person:ilham-aliyev,Eurasia Daily Monitor 16:62,2019-05,para 2
2019-04-24,Visited,AZE,CHN,,Eurasia Daily Monitor 16:62,2019-05,para 1
"""

# What the page asks of the example, before anybody asks.
FIRST = {"on": "2019-04-30", "known": "2019-05-10", "one": "AZE", "other": "CHN"}

_ANSWERS: dict[str, Callable[..., object]] = {
    "answer": answer,
    "page": page,
    "picture": picture,
    "example": example,
}


def told(name: str, question: str) -> str:
    """Return the answer of a function to a question, both as JSON."""
    return json.dumps(_ANSWERS[name](json.loads(question)), ensure_ascii=False)
