"""Options that verbs share: a log, a part of it, facts and projections of the user."""

from __future__ import annotations

import math
import re
from argparse import ArgumentError, ArgumentParser, Namespace
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial, reduce
from importlib import import_module
from itertools import takewhile
from operator import or_
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from bri_timeline import Entry, EventLog, Projection, View, Vocabulary
from bri_timeline._command._output import report
from bri_timeline._command._references import (
    calling,
    named_object,
    no_projection,
    offered,
    unfit,
)
from bri_timeline._happening import Window
from bri_timeline.errors import (
    BriTimelineError,
    DayError,
    EntryError,
    Fault,
    FaultsError,
    UnknownActorError,
)
from bri_timeline.extend import Day, iso, to_day
from bri_timeline.formats import Coded
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.formats.ucdp import Violence
from bri_timeline.relations import FACTS, actor_named, named, relationship


_INSTANT = "write it with its time zone, as 2019-04-24T12:00Z"
# What sets an instant apart from a day.
_TIME = re.compile(r"-[0-9]+[T ]", re.IGNORECASE)
_STATES = "states"
_SHIPPED = FACTS | Vocabulary(Coded, Slide, Violence)


def add_log(parser: ArgumentParser, *, optional: bool = False) -> None:
    """Add the arguments for a file that holds a log.

    Args:
        parser: The parser of the verb.
        optional: The file may be left out.
    """
    # It knows pages and stores, for which verbs without a log need not wait.
    from bri_timeline._command._kinds import READ

    nargs = "?" if optional else None
    what = "the file; - is the standard input"
    parser.add_argument("log", metavar="LOG", nargs=nargs, type=Path, help=what)
    parser.add_argument(
        "--from",
        dest="kind",
        choices=READ,
        metavar="FORMAT",
        help="its format, if not given by its name: %(choices)s",
    )
    add_vocabulary(parser)


def add_vocabulary(parser: ArgumentParser) -> None:
    """Add the argument for a vocabulary of the user."""
    parser.add_argument(
        "--facts",
        metavar="MODULE:NAME",
        action="append",
        help="a Vocabulary of your own, instead of the shipped facts; MODULE is"
        " imported. Repeat it for several; `states` are the shipped ones",
    )


def add_projection(parser: ArgumentParser) -> None:
    """Add the argument for a projection of the user."""
    parser.add_argument(
        "--projection",
        metavar="MODULE:NAME",
        help="a Projection of your own, or a function of the actors of --between that"
        " returns one; by default the relationship of these",
    )


class _Beside(Vocabulary):
    """Kinds of one's own, and the shipped ones of other names."""

    @classmethod
    def of(cls, own: Vocabulary) -> _Beside:
        """Return the kinds beside those of the user, which win."""
        both = cls.__new__(cls)
        shipped = {n: c for n, c in _SHIPPED.classes.items() if n not in own.classes}
        kept = {c: steps for c, steps in _SHIPPED.upcasts.items() if c not in own}
        rest = {c: steps for c, steps in kept.items() if c in shipped.values()}
        both._set({**own.classes, **shipped}, {**own.upcasts, **rest})
        return both

    def build(
        self, name: str, fields: Mapping[str, object], version: int | None = None
    ) -> object:
        """Return a payload; see `Vocabulary.build()`.

        Raises:
            VocabularyError: The vocabulary has no such name or version.
            FaultsError: The data does not fit the class, or is of the shipped class
                where the user has another of this name.
        """
        try:
            return super().build(name, fields, version)
        except FaultsError:
            if name not in _SHIPPED or self.classes[name] is _SHIPPED.classes[name]:
                raise
            try:
                _SHIPPED.build(name, fields, version)
            except BriTimelineError:
                pass
            else:
                problem = "is the shipped fact of this name, and --facts has another:"
                remedy = f"give yours another name: Vocabulary(my_{name}={name})"
                raise FaultsError(name, [Fault(name, f"{problem} {remedy}")]) from None
            raise


def vocabulary_of(given: Namespace) -> Vocabulary:
    """Return the payload classes of each `--facts`; by default the shipped ones.

    Raises:
        ArgumentError: `--facts` does not name a vocabulary.
        VocabularyError: Two vocabularies of the user call different classes alike.
    """
    references = given.facts or [_STATES]
    own = [_vocabulary(name) for name in references if name != _STATES]
    if not own:
        return _SHIPPED
    vocabulary = reduce(or_, own)
    return _Beside.of(vocabulary) if _STATES in references else vocabulary


def _vocabulary(reference: str) -> Vocabulary:
    value, module = named_object("--facts", reference, "FACTS")
    if isinstance(value, Vocabulary):
        return value
    names = [
        name for name, value in vars(module).items() if isinstance(value, Vocabulary)
    ]
    where = f"--facts {reference}"
    raise unfit(where, module, "vocabulary", names)


def projection_of(
    given: Namespace, parties: tuple[str, ...], vocabulary: Vocabulary
) -> Projection[Any]:
    """Return the projection of `--projection`, by default a relationship.

    Args:
        given: The command line.
        parties: The actors of `--between`.
        vocabulary: The payload classes of the log.

    Raises:
        ArgumentError: The option does not name a projection, or reads a class that the
            vocabulary lacks; or parties are needed and not given.
        BriTimelineError: The parties have no relationship.
    """
    option, reference = "--projection", given.projection
    if reference is None:
        if not parties:
            problem = "the following arguments are required: --between ACTOR ACTOR, or"
            remedy = "for a state of facts of your own, such as their number"
            raise ArgumentError(None, f"{problem} {option} MODULE:NAME {remedy}")
        if len(parties) == 1:
            problem = f"--between names {parties[0]} alone, and a relationship has two"
            remedy = f"actors or more: name another, or give {option} MODULE:NAME"
            raise ArgumentError(None, f"{problem} {remedy}")
        return relationship(*parties)
    made = offered(reference)
    projection: object = made
    if not isinstance(made, Projection):
        if not parties:
            problem = f"{option} {reference} is a function of parties: give --between"
            raise ArgumentError(None, problem)
        with calling(option, reference):
            projection = made(*parties)
    if not isinstance(projection, Projection):
        raise no_projection(reference, import_module(reference.partition(":")[0]))
    # A class that the vocabulary lacks would be read as unknown, and never counted.
    for cls in projection.reads or ():
        if not any(issubclass(kind, cls) for kind in vocabulary.classes.values()):
            problem = f"{option} {reference} reads {cls.__name__}, which is not among"
            raise ArgumentError(None, f"{problem} the facts: give --facts MODULE:NAME")
    return projection


def add_selection(parser: ArgumentParser) -> None:
    """Add the arguments that select a part of a log."""
    add_actors(parser)
    parser.add_argument(
        "--during", metavar="PERIOD", help="what began in a period: 2014, 2014-05/2015"
    )
    parser.add_argument(
        "--on", metavar="DAY", help="what began by a day, as it was then: 2019-04-24"
    )
    add_knowledge(parser)


def add_actors(parser: ArgumentParser) -> None:
    """Add the arguments that select what concerns some actors."""
    actors = {
        "--between": "what concerns these actors: AZE China; a state is that of two or"
        " more, and what is only selected or drawn may concern one alone",
        "--among": "what involves all of these actors",
        "--any-of": "what involves at least one of these actors",
    }
    for option, what in actors.items():
        parser.add_argument(option, metavar="ACTOR", nargs="+", default=(), help=what)


def add_knowledge(parser: ArgumentParser) -> None:
    """Add the argument for the knowledge on which an answer rests."""
    parser.add_argument(
        "--known-by",
        metavar="DAY",
        help="what was known by a day, or had been recorded in a store by an instant,"
        " 2019-04-24T12:00Z; by default all",
    )


def knowledge(known_by: str) -> Day:
    """Return a day of knowledge, or an instant, as it was written.

    Raises:
        DayError: It is neither, or an instant without a time zone.
    """
    if not _TIME.search(known_by):
        to_day(known_by)
        return known_by
    try:
        instant = datetime.fromisoformat(known_by)
    except ValueError:
        raise DayError(known_by, f"is not an instant: {_INSTANT}") from None
    if instant.tzinfo is None:
        raise DayError(known_by, f"has no time zone: {_INSTANT}")
    return instant


@frozen
class Request:
    """The part of a log that a command line asks for.

    Attributes:
        between: Ids of actors: what concerns them.
        among: Ids of actors: what involves all of them.
        any_of: Ids of actors: what involves at least one of them.
        window: The days in which an event may have begun; None for all days.
        during: The period, as it was written.
        on: The day of the state.
        known_by: The day of knowledge, or the instant, as it was written.
    """

    between: tuple[str, ...]
    among: tuple[str, ...]
    any_of: tuple[str, ...]
    window: Window | None
    during: str | None
    on: str | None
    known_by: str | None

    @classmethod
    def of(cls, given: Namespace) -> Request:
        """Return the selection that a command line describes.

        Raises:
            ArgumentError: An actor or a day is not one, or `--on` stands beside
                `--during`.
        """
        on, during = getattr(given, "on", None), getattr(given, "during", None)
        if on is not None and during is not None:
            problem = "--on names a day and --during a period: give one of them"
            raise ArgumentError(None, problem)
        is_own = has_own(given)
        actors = [
            actor_ids(option, texts, is_own=is_own)
            for option, texts in (
                ("--between", given.between),
                ("--among", given.among),
                ("--any-of", given.any_of),
            )
        ]
        window = None
        try:
            option = "--known-by"
            if given.known_by is not None:
                knowledge(given.known_by)
            option = "--on"
            if on is not None:
                window = Window(-math.inf, to_day(on))
            option = "--during"
            if during is not None:
                window = Window.of(during)
        except BriTimelineError as error:
            raise ArgumentError(None, f"{option}: {error}") from None
        between, among, any_of = actors
        dates = during, on, given.known_by
        return cls(between, among, any_of, window, *dates)

    @property
    def basis(self) -> Day | None:
        """The day of knowledge, or the instant; None for everything."""
        return None if self.known_by is None else knowledge(self.known_by)

    @property
    def is_part(self) -> bool:
        """It may be less than the whole log."""
        return any((self.between, self.among, self.any_of, self.window, self.known_by))

    def read(
        self,
        given: Namespace,
        vocabulary: Vocabulary,
        projection: Projection[object] | None = None,
    ) -> EventLog:
        """Read a file, or of a store what the selection needs, by its index.

        Args:
            given: The command line, with the file and its format.
            vocabulary: The payload classes.
            projection: Only what it reads.
        """

        from bri_timeline._command._kinds import part_of, read

        part = partial(
            part_of,
            between=self.between,
            among=self.among,
            any_of=self.any_of,
            projection=projection,
        )
        return read(given.log, vocabulary, given.kind, part=part)

    def select(
        self, log: EventLog, projection: Projection[object] | None = None
    ) -> EventLog:
        """Return the selection by actors, and of what a projection reads."""
        log = log.concerning(*self.between).among(*self.among, any_of=self.any_of)
        if projection is None:
            return log
        log = log.concerning(*projection.parties)
        return log.where(kinds=kinds) if (kinds := projection.depends_on) else log

    @property
    def words(self) -> str:
        """Which part of the facts it is, by actors; empty if it may be all."""
        parts = [("and", self.among), ("or", self.any_of)]
        told = [f" {joint} ".join(map(named, ids)) for joint, ids in parts if ids]
        return f"Only what involves {', and '.join(told)}" if told else ""

    def view(self, log: EventLog) -> View:
        """Return the view of the period, or of the day."""
        if self.during is not None:
            return log.during(self.during, self.basis)
        return log.as_of(self.on or date.max, self.basis)

    def within(self, log: EventLog) -> EventLog:
        """Return the selection by actors and by the days in which events began."""
        window, log = self.window, self.select(log)
        return log if window is None else log.where(lambda e: window.meets(e.when))

    def entries(self, log: EventLog) -> list[Entry]:
        """Return the entries that were known by the day of knowledge.

        Raises:
            EntryError: One does not say when it was recorded, and an instant is asked.
        """
        basis = self.basis
        if isinstance(basis, datetime):
            log.as_of(date.max, basis)  # it says which entry has no instant
            return [*takewhile(lambda e: e.recorded_at and e.recorded_at <= basis, log)]
        day = math.inf if basis is None else to_day(basis)
        return [e for e in log if e.known_day is None or e.known_day <= day]

    def known(self, log: EventLog) -> EventLog:
        """Return the log of the entries that were known by the day of knowledge.

        Raises:
            EntryError: An entry corrects or retracts one that became known later; or
                one does not say when it was recorded, and an instant is asked for.
        """
        basis, size = self.basis, max((e.position for e in log), default=-1)
        if basis is None:
            return log
        known = self.entries(log)
        if isinstance(basis, datetime):
            return EventLog.partial(known, size + 1)
        by_position = {entry.position: entry for entry in known}
        targets = {entry.position: _target(entry) for entry in log}
        # Of each entry, what it changes of what was known, else the first of the slot.
        nearest: dict[int, tuple[int | None, int | None]] = {}
        for place in by_position:
            first = target = targets[place]
            while target is not None and target not in by_position:
                first, target = target, targets[target]
            nearest[place] = target, first
        firsts = Counter(first for target, first in nearest.values() if target is None)
        changed = Counter(target for target, _ in nearest.values())
        for place, (target, first) in nearest.items():
            entry = by_position[place]
            # What it changes may have said nothing itself.
            if target == targets[place] and (target is None or target in by_position):
                continue
            # What changes nothing that was known says nothing; a correction of what
            # was not known corrects what that corrects, or stands by itself.
            if entry.event is None:
                del by_position[place]
            elif target is not None or (firsts[first] == 1 and not changed[place]):
                by_position[place] = evolve(entry, supersedes=target)
            else:
                problem = f"entry {place} was known by {self.known_by}, and entry"
                remedy = f"{first}, which it changes, was not: leave out --known-by"
                raise EntryError(entry, f"{problem} {remedy}")
        return EventLog.partial(by_position.values(), size + 1)

    def alone(self, log: EventLog) -> EventLog:
        """Return the selection, as known by its day, as a log without the rest.

        It has all claims about the same happenings too, what corrects or retracts
        these, and what they refer to: without it other claims would count.
        """
        log = self.known(log)
        if not self.is_part:
            return log
        entries = {entry.position: entry for entry in log}
        by_id, by_target = (defaultdict[Any, list[int]](list) for _ in range(2))
        for entry in log:
            if entry.event is not None:
                for name in entry.event.names:
                    by_id[name].append(entry.position)
            by_target[_target(entry)].append(entry.position)
        positions, queue = set[int](), [entry.position for entry in self.within(log)]
        while queue:
            place = queue.pop()
            if place not in positions:
                positions.add(place)
                queue += by_target.get(place, ())
                target, event = _target(entries[place]), entries[place].event
                queue += [] if target is None else [target]
                ids = () if event is None else (*event.names, *event.refers_to)
                queue += (near for name in ids for near in by_id.get(name, ()))
        part = (entries[place] for place in sorted(positions))
        return EventLog.partial(part, max(entries, default=-1) + 1)


def tell_if_empty(given: Namespace, log: EventLog) -> None:
    """Say on the standard error where a selection selects nothing, or excludes nothing.

    By actors it may have nothing in it; a day of knowledge excludes only what has one.
    """
    if next(iter(log), None) is None:
        texts = [*given.between, *given.among, *given.any_of]
        report(f"{given.log} has nothing of this kind about", texts)
    if given.known_by is not None and not _TIME.search(given.known_by):
        undated = [
            f"entry {e.position}" for e in log if e.event and e.known_day is None
        ]
        report(
            "claims count whatever --known-by says, as no source of theirs is dated",
            undated,
        )
        days = {e.position: e.known_day for e in log if e.known_day is not None}
        if not undated and min(days.values(), default=0) > to_day(given.known_by):
            since = (f"entry {place}, on {iso(day)}" for place, day in days.items())
            report(f"all entries became known after {given.known_by}", since)


def has_own(given: Namespace) -> bool:
    """Check whether facts or a projection are the user's, whose actors have any ids."""
    facts = {*(given.facts or [_STATES])}
    return bool(facts - {_STATES} or getattr(given, "projection", None))


def _target(entry: Entry) -> int | None:
    return entry.retracts if entry.supersedes is None else entry.supersedes


def actor_ids(option: str, texts: Sequence[str], *, is_own: bool) -> tuple[str, ...]:
    """Return the ids of actors that are given by id or name.

    Args:
        option: The option.
        texts: The ids and names.
        is_own: The log may have facts of the user, with any ids.
    """
    ids = []
    for text in texts:
        try:
            ids.append(actor_named(text))
        except UnknownActorError as error:
            if not (is_own and text):
                # No option has the day of a name.
                problem = str(error).removesuffix(", or say on which day (on=)")
                raise ArgumentError(None, f"{option}: {problem}") from None
            ids.append(text)
    return tuple(ids)
