"""What one of the two libraries says: a process that reads logs and writes texts.

First it writes the folder of the library. A line of its input is a JSON object: a
`Task`, and whether whole texts are wanted. A line of its output is a list of pairs, a
question and its text; or the number of these and a digest. What is asked depends on the
input only, so both are asked the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from payloads import FOLDS, PAIRS, WORDS, Opened, by_value, value

import bri_timeline
from bri_timeline import (
    Covers,
    Entry,
    EventLog,
    Prefer,
    Projection,
    Source,
    View,
    answers,
    compare,
    dyads,
)
from bri_timeline.errors import BriTimelineError, PlainDataError
from bri_timeline.formats import jsonl
from bri_timeline.relations import Joined, relationship


Question = tuple[str, Callable[[], object]]
_ALIKE = ["all", "recent", "followers", "count"]
_HEAD = '{"format":"bri_timeline","version":1}'
_KNOWN = ("2015-12-30", "2015-12-31", "2016-01-01", "2016-01-02", "2016-02-15")
_PERIODS = ("2015", "2016-01", "../2015-12", ("2015-12-31", "2016-01-02"))
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_SOURCES = Source("Daily"), Source("Weekly")
_POLICIES: tuple[dict[str, Any], ...] = (
    *({"prefer": one} for one in Prefer),
    {"prefer": "one"},
    {"prefer": ("two", _SOURCES[0])},
    {"prefer": _SOURCES},
    {"bounded_by_reports": True},
    {"prefer": Prefer.MOST_CITED, "bounded_by_reports": True},
)
_SELECTIONS: dict[str, Callable[[EventLog], EventLog]] = {
    "among": lambda log: log.among(*PAIRS[0]),
    "any of": lambda log: log.among("CHN", any_of=("KAZ", "AZE")),
    "concerning": lambda log: log.concerning("AZE", "KAZ"),
    "one": lambda log: log.concerning("CHN"),
    "where": lambda log: log.where(lambda event: value(event) != "AZE"),
    "kinds": lambda log: log.where(kinds=(Opened, Joined)),
    "told by": lambda log: log.where(told_by=_SOURCES),
    "dataset": lambda log: log.where(dataset=("one", "two")),
    "all": lambda log: log.where(kinds=Opened).among("AZE").where(told_by=_SOURCES[0]),
}


class Task(NamedTuple):
    """A log, and what to do with it.

    Attributes:
        lines: Its entries.
        days: Days on which its views change.
        seed: It decides which questions are asked.
        folder: Where the library of before keeps a store and a dataset, if files are to
            be written, and not questions answered.
        writes: This is the library of before: write them now.
    """

    lines: list[str]
    days: list[str]
    seed: int
    folder: str = ""
    writes: bool = False

    def log(self) -> EventLog:
        """Return the log."""
        return jsonl.loads("\n".join((_HEAD, *self.lines)), WORDS)


class _Drawn(NamedTuple):
    """What a question is asked with."""

    name: str
    fold: Projection[Any]
    of: Callable[[Any], Any]
    other: Callable[[], View]
    by: Callable[..., Any]
    day: str
    basis: str | int | None
    options: dict[str, Any]
    panel: dict[str, Any]

    def holds(self, state: object) -> bool:
        """Check a state."""
        found = self.of(state)
        return (found if isinstance(found, int) else len(str(found))) >= 2


_OF_VIEW: dict[str, Callable[[View, _Drawn], object]] = {
    "view": lambda view, _: view,
    "repr": lambda view, _: repr(view),
    "ended": lambda view, _: [*map(view.ended, (*view.events, *view.undecided))],
    "active": lambda view, _: view.active(),
    "opened": lambda view, _: view.active(Opened),
    "happened": lambda view, _: [*map(view.has_happened, ("x", "y"))],
    "concerning": lambda view, _: view.concerning("AZE").events,
    "state": lambda view, one: view.project(one.fold),
    "undecided": lambda view, one: view.project(one.fold, undecided=True),
    "explain": lambda view, one: view.explain(one.fold, of=one.of),
    "diff": lambda view, one: view.diff(one.other(), one.fold),
    "outcomes": lambda view, one: view.outcomes(one.fold, of=one.of, **one.options),
    "each": lambda view, one: dict(view.project_each(one.fold, by=one.by)),
    "pairs": lambda view, _: dict(view.project_each(relationship, by=dyads)),
}
_OF_LOG: dict[str, Callable[[EventLog, _Drawn], object]] = {
    "positions": lambda log, _: [entry.position for entry in log],
    "contradictions": lambda log, _: log.contradictions(),
    "history": lambda log, one: log.history(one.fold, one.basis),
    "beliefs": lambda log, one: log.beliefs(one.fold, on=one.day),
    "first": lambda log, one: log.first(
        one.fold, holds=one.holds, known_by=one.basis, limit=one.options["limit"]
    ),
    "panel": lambda log, one: tuple(
        log.panel(one.fold, known_by=one.basis, by=one.by, of=one.of, **one.panel)
    ),
}


class _Asking:
    """The questions of a log, drawn by a seed."""

    def __init__(self, task: Task) -> None:
        self.task, self.rng = task, Random(task.seed)
        self.is_long = len(task.lines) > 100

    def _day(self) -> str:
        """Return a day, mostly one on which something changes."""
        days, place = self.task.days, self.rng.random()
        return days[int(place * len(days))] if days and place < 0.97 else "2016-01-01"

    def _basis(self, log: EventLog) -> str | int | None:
        """Return a day of knowledge, a position, or none."""
        way, place, day = self.rng.random(), self.rng.random(), self.rng.choice(_KNOWN)
        if way < 0.4 or not len(log):
            return None
        return day if way < 0.7 else int(place * len(log))

    def _view(self, log: EventLog) -> tuple[str, Callable[[], View]]:
        day, basis, period = self._day(), self._basis(log), self.rng.choice(_PERIODS)
        if self.rng.random() < 0.75:
            return f"as_of({day!r}, {basis!r})", partial(log.as_of, day, basis)
        return f"during({period!r}, {basis!r})", partial(log.during, period, basis)

    def _drawn(self, log: EventLog) -> _Drawn:
        rng, name = self.rng, self.rng.choice([*FOLDS])
        fold, functions = FOLDS[name]
        of, by, day = rng.choice(functions), rng.choice((dyads, by_value)), self._day()
        options = {
            "rivals": rng.random() < 0.4 and not self.is_long,
            "seed": rng.choice((None, 7)),
            "limit": 60 if self.is_long else 600,
        }
        panel: dict[str, Any] = {"bounds": rng.random() < 0.5}
        start, stop = sorted((self._day(), self._day()))
        every, flow = rng.choice((None, "month", "year")), rng.random() < 0.4
        window = None if flow else rng.choice((None, "month", "year"))
        keys: tuple[Any, ...] = PAIRS if by is dyads else ("all", "AZE", "Visited")
        at = [(rng.choice(keys), self._day(), self._basis(log)) for _ in range(4)]
        if rng.random() < 0.3 or stop > "2020" or start < "2010":
            panel["at"] = at
        else:
            panel |= {"start": start, "stop": stop, "flow": flow}
            panel |= {"every": every, "window": window}
        (after, other), basis = self._view(log), self._basis(log)
        name = f"{name} {of.__name__} {by.__name__} {day} {basis!r} {after}"
        name = f"{name} {options} {panel}"
        return _Drawn(name, fold, of, other, by, day, basis, options, panel)

    def _of(self, log: EventLog, name: str, rounds: int) -> Iterator[Question]:
        for _ in range(rounds):
            asked, view = self._view(log)
            one = self._drawn(log)
            for what, ask in _OF_VIEW.items():
                question = f"{name}.{asked}: {what}, {one.name}"
                yield question, partial(_on_view, ask, view, one)
            for what in self.rng.sample([*_OF_LOG], 2):
                yield f"{name}: {what}, {one.name}", partial(_OF_LOG[what], log, one)

    def questions(self) -> Iterator[Question]:
        """Yield questions of the whole log, of selections and of logs that grow."""
        log, rng = self.task.log(), self.rng
        yield "log", partial(repr, log)
        yield "proposals", lambda: (log.proposals, log.all_proposals(len(log) // 2))
        yield "published", lambda: repr(log.published())
        yield "set aside", lambda: tuple(map(log.set_aside, range(len(log))))
        yield from self._of(log, "log", 3)
        policy, names = rng.choice(_POLICIES), rng.sample([*_SELECTIONS], 3)
        for name in names[:2]:
            with suppress(BriTimelineError):
                yield from self._of(_SELECTIONS[name](log), name, 1)
        with suppress(BriTimelineError):
            chosen = log.reading(**policy)
            yield from self._of(chosen, f"reading {policy}", 2)
            narrow = _SELECTIONS[names[2]](chosen)
            yield from self._of(narrow, f"{names[2]} reading {policy}", 1)
        yield from self._of(log, "log again", 1)
        yield from self._releases(log)
        yield from self._grown(log)

    def _releases(self, log: EventLog) -> Iterator[Question]:
        rng, claims = self.rng, [e.event for e in log if e.event is not None]
        # A release has one row of an id.
        rows = [*{event.id: event for event in claims}.values()][:12]
        cut = int(rng.random() * len(rows))
        day, name = rng.choice(_KNOWN), rng.choice(("one", "two"))
        covers = rng.choice((None, Covers(Opened), Covers(parties="AZE")))

        def revised() -> object:
            grown, revision = log.revise(
                rows[cut:], dataset=name, published=day, covers=covers
            )
            return answers.dumps(revision) + repr(grown)

        yield f"revise from {cut}, {name}, {day}, {covers}", revised
        yield "compare", lambda: compare(rows[:cut], rows[cut:])
        yield "sum", lambda: repr(log + EventLog.of(*rows[cut:]))

    def _grown(self, log: EventLog) -> Iterator[Question]:
        """Yield questions of a log to which the same is appended bit by bit.

        States are kept close together, and few, so that late reports change some.
        """
        rng, places = self.rng, dict[int, int]()
        most = int(len(log) * rng.choice((0, 0.7, 1.1, 1.4, 1.7, 9)))
        every = rng.choice((1, 1, 1, 2))
        grown = EventLog().with_cache(most, every=every)
        stops = [50, 400, 401, 402] if self.is_long else rng.sample(range(1, 30), 2)
        # Some folds read the same, so that their states are kept along one order.
        folds = rng.choices(rng.choice((_ALIKE, _ALIKE, [*FOLDS])), k=3)
        days = "9999-12-31", self._day(), self._day()
        for number, entry in enumerate(log, 1):
            with suppress(BriTimelineError, KeyError):
                later = _appended(grown, entry, places)
                if later is not grown:
                    places[entry.position] = len(grown)
                grown = later
            # Not after each append: several changes come between two questions.
            asks = rng.choice((0, 0, 1, 1, 5)) if not self.is_long else number % 40 == 0
            asks = 9 if number == len(log) else asks
            for name, day in zip(
                rng.choices(folds, k=asks), rng.choices(days, k=asks), strict=True
            ):
                asked = f"grown to {number} with_cache({most}, {every}): {name} {day}"
                yield asked, partial(grown.as_of(day).project, FOLDS[name][0])
            if number in stops or number == len(log):
                yield from self._of(grown, f"grown to {number}", 1)
        yield "grown", partial(repr, grown)


def _on_view(
    ask: Callable[[View, _Drawn], object], view: Callable[[], View], one: _Drawn
) -> object:
    return ask(view(), one)


def _appended(log: EventLog, entry: Entry, places: Mapping[int, int]) -> EventLog:
    """Return a log with an entry of another one, appended as people do."""
    known, because, review = entry.known, entry.because or "-", entry.review
    if review is not None:
        if review.proposes is not None:
            return log.propose(review.proposes, by=review.by)
        if review.rejects is not None:
            return log.reject(places[review.rejects], by=review.by, because=because)
        accepted = places[-1 if review.accepts is None else review.accepts]
        return log.accept(accepted, by=review.by, event=entry.event)
    if entry.event is not None:
        target = None if entry.supersedes is None else places[entry.supersedes]
        return log.append(entry.event, supersedes=target, known=known, because=because)
    if entry.retracts is not None:
        return log.retract(places[entry.retracts], because=because, known=known)
    return log


def _text_of(ask: Callable[[], object]) -> str:
    """Return an answer as text; of an error, its class and message."""
    try:
        answer = ask()
        if isinstance(answer, str):
            return answer
        try:
            return answers.dumps(answer)
        except PlainDataError:
            return _ADDRESS.sub("", repr(answer))
    except Exception as error:
        return _ADDRESS.sub("", f"{type(error).__name__}: {error}")


def _texts(questions: Iterable[Question]) -> Iterator[tuple[str, str]]:
    """Yield each question with its text; one that cannot be asked ends the rest."""
    try:
        for name, ask in questions:
            yield _ADDRESS.sub("", name), _text_of(ask)
    except Exception as error:
        yield "asking", f"{type(error).__name__}: {error}"


def main() -> None:
    """Say where the library is, then answer one line after the other."""
    sys.stdout.write(f"{Path(str(bri_timeline.__file__)).parent}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        is_whole, task = asked.pop("whole"), Task(**asked)
        if task.folder:
            from written import files

            found = [*_texts(files(task))]
        else:
            found = [*_texts(_Asking(task).questions())]
        whole = json.dumps(found)
        if not is_whole:
            digest = hashlib.sha256(whole.encode()).hexdigest()
            whole = json.dumps([len(found), digest])
        sys.stdout.write(whole + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
