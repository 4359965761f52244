"""View: the state of a log on one day, as known by another."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import islice
from typing import Any, TypeVar, overload

from attrs import evolve, frozen

from bri_timeline import _pendulum, _queries
from bri_timeline._answer import Answer
from bri_timeline._calendar import as_date, iso
from bri_timeline._events import Event
from bri_timeline._events.marks import Mark
from bri_timeline._events.open_facts import with_ends
from bri_timeline._events.rows import EventRows, LastingRows
from bri_timeline._happening import Dangling, Dispute, Happening, SetAside, Window
from bri_timeline._journal import Basis, Wanted
from bri_timeline._journal.erasures import erasures
from bri_timeline._lasting import can_end
from bri_timeline._order import (
    EventSequence,
    Facts,
    FoldCache,
    of_shown,
    shows_less,
    state_of,
)
from bri_timeline._payload import last_of, with_subclasses
from bri_timeline._projection import (
    Projection,
    blame,
    blame_function,
    kinds_in_doubt,
    refuse_untaken,
    require_function,
    require_projection,
)
from bri_timeline._scope import check_parties, given, narrowed
from bri_timeline._text import AsDict, safe
from bri_timeline.errors import EventError, SelectionError, VocabularyError


S = TypeVar("S")
T = TypeVar("T")
V = TypeVar("V")
K = TypeVar("K", bound=Hashable)
_LIMIT = 100_000
_FEWEST_RIVALS = 100


@frozen(repr=False, eq=False)
class View(AsDict):
    """A log as of one day, or during a period, as known by another.

    Returned by `EventLog.as_of()` and `EventLog.during()`; do not build it. A view is a
    value: two views of equal logs from the same dates are equal.
    """

    _cache: FoldCache
    _wanted: Wanted
    _basis: Basis
    _window: Window
    _has_basis: bool

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, View):
            return NotImplemented
        mine, yours = (self._window, self.basis), (other._window, other.basis)
        if mine != yours:
            return False
        return self._facts.shown() == other._facts.shown()

    def __hash__(self) -> int:
        return hash((self._window, self.basis))

    @property
    def basis(self) -> str:
        """The basis in words: a day, a log position, everything, or nothing."""
        if not self._has_basis:
            return "everything"
        known_by, size, _ = self._basis
        if known_by < math.inf:
            return iso(int(known_by))
        return f"position {size - 1}" if size else "nothing (before the first entry)"

    @property
    def day_number(self) -> int:
        """The day up to which events count, as a number."""
        return int(self._window.until)

    @property
    def day(self) -> _pendulum.Date:
        """The day up to which events count, that day included.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `day_number`.
        """
        return as_date(self.day_number, "the day of the view", "day_number")

    @property
    def since_number(self) -> int | None:
        """The first day on which events count, as a number; None if all earlier do."""
        since = self._window.since
        return None if since == -math.inf else int(since)

    @property
    def since(self) -> _pendulum.Date | None:
        """The first day on which events count; None if all earlier ones do.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `since_number`.
        """
        if (day := self.since_number) is None:
            return None
        return as_date(day, "the first day of the view", "since_number")

    def __repr__(self) -> str:
        undecided, counts = len(self.undecided), [f"{len(self.events)} certain"]
        try:
            ended = len(self.may_have_ended)
        except VocabularyError as error:  # whoever prints a view is told, not stopped
            return f"<view {self._days()}: {counts[0]}, and {error}>"
        counts += [f"{ended} may have ended"] if ended else []
        counts += [f"{undecided} undecided"] if undecided or not ended else []
        return f"<view {self._days()}: {', '.join(counts)}>"

    def _days(self) -> str:
        since, day = self.since_number, iso(self.day_number)
        days = f"as of {day}" if since is None else f"during {iso(since)}/{day}"
        return f"{days}, known by {self.basis}"

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows, or which class it lacks."""
        try:
            over = {event.id for event in self.may_have_ended}
        except VocabularyError:
            return f"<p>{safe(repr(self))}</p>"
        return _queries.explanation.claims_table(
            _queries.explanation.dates(self.day_number, self.basis, self.since_number),
            self.events,
            self.undecided,
            self.set_aside,
            {dispute.id for dispute in self.disputes},
            over,
        )

    def __len__(self) -> int:
        """Return how many events had certainly happened: those of `events`."""
        return len(self.events)

    def __bool__(self) -> bool:
        """Return True: a view without events is a view."""
        return True

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with the events as a stream of Arrow batches.

        So `polars.DataFrame(view)` has a row for each event that certainly happened or
        may have, which the column `certain` tells apart. The column `ended` has `yes`,
        `no` or `maybe`, as `ended()` says; null for what does not last. Then come the
        columns of events and of payloads; see `Table`.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PlainDataError: A part of an event has no form in a table.
            MissingExtraError: pyarrow is not installed.
        """
        rows = (
            {"certain": certain, "ended": self._ended(event), "event": event}
            for certain, events in ((True, self.events), (False, self.undecided))
            for event in events
        )
        columns = {"certain": bool, "ended": str, "event": Event}
        return _queries.table.stream(columns, rows, requested_schema, self._named)

    def _plain_data(self) -> dict[str, object]:
        since = self.since_number
        return {
            "since": None if since is None else iso(since),
            "day": iso(self.day_number),
            "known_by": self.basis,
            "events": self.events,
            "undecided": self.undecided,
            "may_have_ended": self.may_have_ended,
            "disputes": self.disputes,
            "set_aside": self.set_aside,
            "dangling": self.dangling,
        }

    # --- what it shows ----------------------------------------------------------

    @property
    def events(self) -> _queries.table.Table[Event]:
        """The events that had certainly happened, in fold order."""
        return self._listed(self._facts.begun())

    @property
    def undecided(self) -> _queries.table.Table[Event]:
        """The events that may have happened, in order of becoming possible."""
        return self._listed(happening.event for happening in self._facts.undecided())

    @property
    def _named(self) -> tuple[type, ...]:
        """The payload classes that the selection names."""
        return self._wanted.kinds or ()

    def _listed(self, events: Iterable[Event]) -> _queries.table.Table[Event]:
        return _queries.table.Table(tuple(events), EventRows, self._named)

    @overload
    def as_cited(self, told: Event) -> Event: ...
    @overload
    def as_cited(
        self, told: _queries.explanation.Explanation[V]
    ) -> _queries.explanation.Explanation[V]: ...
    def as_cited(
        self, told: Event | _queries.explanation.Explanation[V]
    ) -> Event | _queries.explanation.Explanation[V]:
        """Return an event, or an explanation, without citations of what was not out.

        An event is known since the first of its sources; another can come out later.
        Every answer has all of them, so that it is that of a log that ends there; the
        pages, the formats that show a day, the command and `serve` tell those that were
        out for the view.

        Args:
            told: An event of the view, or its `explain()`.
        """
        return told._out_by(self._basis.known_by)

    def active(self, *kinds: type) -> _queries.table.Table[tuple[Event, Answer]]:
        """Return what lasts on the day of the view, in fold order.

        An extent lasts until its end; with an open end (`2015/..`), to the day of the
        view, and on. A payload class may say what else ends its facts, dated by a day
        or by an extent: `Joined.until = (Left, ("member", "body"))`. Such a fact is
        over after the day of the first `Left` of this member and body that comes when
        it begins or later, in the same selection. Each is judged by itself.

        Args:
            kinds: Only payloads of these classes; by default of any.

        Returns:
            Pairs of an event and `YES`, or `MAYBE`, which is the column `answer` of the
            table. Other facts dated by a day do not last, and are left out.

        Raises:
            SelectionError: A kind is not a class, or has facts of which none lasts.
            VocabularyError: No event can have a payload of one of the classes; or the
                log has facts of them, or of what ends them, that the vocabulary with
                which it was read lacks.
        """
        classes = given(kinds, type, "a payload class", "active(Joined)")
        refuse_untaken(classes)
        self._facts.check_known(lambda: with_subclasses(classes))
        self._facts.check_lasting(classes)
        lasting = tuple(self._facts.active(classes))
        return _queries.table.Table(lasting, LastingRows, classes or self._named)

    def statuses(
        self, kind: type, *, by: Callable[[Event], Iterable[K]]
    ) -> _queries.table.Table[_queries.statuses.Status[K]]:
        """Return the status of each key of a kind of fact, on the day of the view.

        There is a row for each key that any fact of the kind has, on whatever day: of
        states that ever join a body, who is a member, and who is not yet.

        Args:
            kind: The payload class of facts that last, as for `active()`, or of which
                the last holds, as for `ended()`.
            by: Returns the keys that a fact belongs to, as for `project_each()`.

        Returns:
            A `Status` for each key, in sorted order. In a period, only facts that may
            begin in it, or later, have one.

        Raises:
            SelectionError: As for `active()`.
            VocabularyError: Likewise.
            ProjectionError: *by* is not a function, or returned text.
        """
        classes = given((kind,), type, "a payload class", "statuses(Joined, by=...)")
        require_function(by, "by")
        refuse_untaken(classes)
        facts = self._facts.of_classes(classes)
        facts.check_known(lambda: with_subclasses(classes))
        if last_of(kind) is None:
            facts.check_lasting(classes)
        try:
            return _queries.statuses.statuses(by, facts)
        except Exception as error:
            blame_function(error, by=by)
            raise

    def ended(self, event: Event) -> Answer:
        """Return whether an event is over by the day of the view, as `active()` says.

        A payload class may also say of which of its facts only the last holds, as
        `PositionDeclared.last_of = ("actor", "topic")`. Such a fact is over, or may be,
        once another with the same actor and topic has begun, or may have, after it or
        on its day, in the same selection. An extent holds again when that has ended.

        Args:
            event: One of `events` or `undecided`; what does not last is not over.

        Raises:
            VocabularyError: As for `active()`.
        """
        return self._facts.ended(event)

    def _ended(self, event: Event) -> str | None:
        """Return the answer of `ended()` as text; None for what does not last."""
        return str(self.ended(event)) if can_end(event) else None

    @property
    def may_have_ended(self) -> _queries.table.Table[Event]:
        """Those of `events` of which it is open whether they have ended.

        `ended()` has the rule. The certain state keeps them.

        Raises:
            VocabularyError: As for `active()`.
        """
        return self._listed(self._facts.may_have_ended())

    @property
    def disputes(self) -> _queries.table.Table[Dispute]:
        """Happenings about which claims differ, if any claim may have happened.

        The table has a row for each claim: the happening that it is `about`, whether it
        is `taken`, the days that all claims have in `common`, and the columns of it.
        """
        found = (
            Dispute(taken.event.id, taken.event, tuple(o.event for o in others))
            for taken, others in self._facts.ask(EventSequence.resolution).disputes
            if any(self._window.meets(c.event.when) for c in (taken, *others))
        )
        return _queries.table.Table(tuple(found), Dispute, self._named)

    @property
    def set_aside(self) -> _queries.table.Table[SetAside]:
        """Claims that may have happened and do not count, with the reason why.

        Columns: the `reason`, the position of the `entry` and of that `by` which it
        does not count, `because`, and those of the claim.
        """
        found = self._facts.set_aside()
        return _queries.table.Table(tuple(found), SetAside, self._named)

    @property
    def dangling(self) -> _queries.table.Table[Dangling]:
        """References without a target, of what may have happened, in fold order.

        The target is looked for in the whole log as it was known, never in a selection
        only. Columns: `refers_to`, `target`, and those of the event that refers to it.
        """
        found = self._cache.dangling(self._wanted, self._basis)
        shown = (
            Dangling(happening.event, name, target)
            for happening, name, target in found
            if self._window.meets(happening.event.when)
        )
        return _queries.table.Table(tuple(shown), Dangling, self._named)

    def has_happened(self, name: str) -> Answer:
        """Check whether the happening with an id had happened.

        Args:
            name: The id of an event; `NO` if no known event has it.

        Raises:
            EventError: It is not text.
            SelectionError: No event of the log has it, known or not, and one has an id
                that differs in one letter.
        """
        if not isinstance(name, str):
            raise EventError(name, "is not the id of an event: give event.id")
        found = self._facts.ask(lambda sequence: sequence.named(name))
        if found is None:
            self._cache.journal.identities.check(name, self._basis.size)
            return Answer.NO
        if found.event.id != name:
            # A former name, which may be the id of what the selection leaves out.
            everything = Wanted(bounded=self._wanted.bounded)
            whole = Facts(self._cache, everything, self._basis)
            meant = whole.ask(lambda sequence: sequence.named(name))
            if meant is None or meant.event.id != found.event.id:
                return Answer.NO
        return self._window.answer(found.event.when)

    def concerning(self, *parties: str) -> View:
        """Return a view of the events that concern some parties.

        The rule is that of `EventLog.concerning()`.

        Args:
            parties: Actor ids.

        Raises:
            SelectionError: As there.
        """
        journal, example = self._cache.journal, "concerning('AZE', 'CHN')"
        size = len(journal.entries)
        check_parties(parties, example, lambda one: journal.has_party(one, size))
        rules = narrowed(self._wanted.rules, parties)
        return evolve(self, wanted=self._wanted._replace(rules=rules))

    # --- questions ----------------------------------------------------------------

    def project(self, projection: Projection[S], *, undecided: bool = False) -> S:
        """Return a state.

        Args:
            projection: How to fold it.
            undecided: Fold what may have happened too, all in the order in which it
                becomes possible, instead of only what is certain; but only ends that
                are certain, each where it becomes possible: after all that may have
                begun by then, and before what can begin on later days only.
        """
        facts = self._facts
        try:
            require_projection(projection)
            told = facts.told(projection, undecided=undecided)
            facts.check(told)
            if not undecided:
                return state_of(facts.state(told, is_shown=True))
            facts = facts.read_by(told)
            possible = facts.happenings()
            # An undecided end is left out: the event may last.
            possible += [h for h in facts.undecided() if h.is_begin]
            possible.sort(key=Happening.possible_order)
            marks = (happening.mark for happening in possible)
            return state_of(reduce(told._step, marks, told.initial()))
        except Exception as error:
            blame(error, projection)
            raise

    def project_each(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        by: Callable[[Event], Iterable[K]],
    ) -> Mapping[K, S]:
        """Return a state for each of many keys, such as each pair of parties.

        Events are grouped once, and folded in one pass. The keys are those of
        `EventLog.panel()`: of all events that count in the selection, on whatever day,
        and also of those that the projection does not read. By `dyads` there is a state
        for each pair of parties that any event names: that of what involves both.

        `project_each(relationship, by=dyads)` gives each pair the state that
        `project(relationship(*pair))` gives: with what concerns one of them alone too.

        Args:
            projection: How to fold the events of one key; or a function that returns
                that of a key, such as `relationship`. It is called with the parts of a
                key that is a tuple. A projection that names its parties is passed what
                concerns them, in whatever groups that is.
            by: Returns the keys that an event belongs to: `dyads`, or a pure function
                of your own. Events are kept by the keys of the last two functions.

        Returns:
            The states by key, to be read only: `dict()` makes a dictionary of them. The
            order of the keys may be another one after an append: sort what you print.
            Asked again after an append, only keys that got an event are folded again.

        Raises:
            ProjectionError: *projection* or *by* is not one, or *by* returned text.
        """
        wanted, basis, window = self._wanted, self._basis, self._window
        try:
            if callable(projection) and not isinstance(projection, Projection):
                made = self._facts.told_each(projection)
                return self._cache.each_by(made, by, wanted, basis, window)
            require_projection(projection)
            told = self._facts.told(projection)
            self._facts.check(told)
            states = self._cache.each(told, by, wanted, basis, window)
            if not shows_less(told):
                return states
            return {key: state_of(state) for key, state in states.items()}
        except Exception as error:
            blame_function(error, by=by)
            if isinstance(projection, Projection) or not callable(projection):
                blame(error, projection)
            raise

    @overload
    def outcomes(
        self,
        projection: Projection[S],
        *,
        of: None = None,
        rivals: bool = False,
        limit: int = _LIMIT,
        seed: int | None = None,
    ) -> _queries.values.Outcomes[S]: ...
    @overload
    def outcomes(
        self,
        projection: Projection[S],
        *,
        of: Callable[[S], V],
        rivals: bool = False,
        limit: int = _LIMIT,
        seed: int | None = None,
    ) -> _queries.values.Outcomes[V]: ...
    def outcomes(
        self,
        projection: Projection[S],
        *,
        of: Callable[[S], V] | None = None,
        rivals: bool = False,
        limit: int = _LIMIT,
        seed: int | None = None,
    ) -> _queries.values.Outcomes[S] | _queries.values.Outcomes[V]:
        """Return every value that the dates allow, and whether these are all.

        Orders are tried as far as the dates leave them open, also within one day. A
        projection or a selection that asks a date more than its order gets the answers
        of each day that it can be, as far as they differ.

        For a measure no order is tried: its `low` and `high` are exact, however many
        events are undecided. Only a total of very many amounts has more values than can
        be listed; a distinct count or a latest value of which a function asks dates is
        tried like any projection.

        Args:
            projection: How to fold a state.
            of: Selects the value from a state; by default the state itself.
            rivals: Take each claim of each dispute in turn, in all combinations. If
                these would be too many, only one dispute is varied at a time (in a long
                log, a hundred at most), and the result says that it is not complete.
            limit: How many times the projection may be called, where the order of
                events is open, before giving up; the result then says that it is not
                complete, and holds the certain value. For a total: how many values may
                be listed.
            seed: Instead of giving up, draw orders at random from this seed, with at
                most as many calls again; the result says how many.
        """
        require_projection(projection)
        told = self._facts.told(projection)
        if of is not None:
            require_function(of, "of")
        self._facts.check(told)

        def asked(
            part: Projection[Any], chosen: Callable[[Any], V] | None
        ) -> _queries.values.Outcomes[Any]:
            chosen = None if chosen is _queries.outcomes.itself else chosen
            if rivals:
                return self._rival_outcomes(part, chosen, limit, seed)
            return self._outcomes(part, chosen, limit, seed)

        try:
            if of is None:
                return asked(told, None)
            return _queries.parts.of_parts(told, of, self._facts.told, asked)
        except Exception as error:
            blame_function(error, of=of)
            raise

    def explain(
        self, projection: Projection[S], *, of: Callable[[S], V]
    ) -> _queries.explanation.Explanation[V]:
        """Return the steps at which a value changed, each with its citations.

        Args:
            projection: How to fold a state.
            of: Selects the value from a state; it must not change the state.
        """
        require_projection(projection)
        told = self._facts.told(projection)
        require_function(of, "of")
        try:
            self._facts.check(told)
            facts, window = self._facts.read_by(told), self._window
            certain = facts.marks()
            endings = self._facts.endings() if facts.wanted.ends else None
            tried = _queries.explanation.trials(
                facts.set_aside(), window, endings, told._closing
            )
            places = facts.places([one.key for one in tried])
            undecided = _queries.explanation.attempts(
                facts.undecided(),
                certain,
                window,
                told._begun,
                ends=facts.wanted.ends,
            )
            at = zip(places, tried, strict=True)
            lost = tuple(self.dangling)
            gone = erasures(self._cache.journal, self._basis)
            said = facts.wordings()
            seen = of_shown(told, of)
            return _queries.explanation.explain(
                told, seen, certain, undecided, at, lost, gone, said
            )
        except Exception as error:
            blame_function(error, of=of)
            blame(error, projection)
            raise

    def diff(
        self, other: View, projection: Projection[S]
    ) -> _queries.difference.Difference[S]:
        """Return what changed from this view to *other*, and the entries responsible.

        It costs at most a fold of the events of each view.

        Args:
            other: A view of the same log, or of another.
            projection: The state in question; what does not touch it is left out.

        Raises:
            SelectionError: *other* is not a view.
        """
        if not isinstance(other, View):
            raise SelectionError(other, "is not a view: give log.as_of(day)")
        try:
            facts = self._facts, other._facts
            require_projection(projection)
            told = facts[0].told(projection, facts[1])
            for one in facts:
                one.check(told)
            return _queries.difference.difference(told, *facts)
        except Exception as error:
            blame(error, projection)
            raise

    # --- the parts that they share ---------------------------------------------------

    def doubts(self, projection: Projection[S], state: S) -> _queries.doubts.Doubts:
        """Return what may have happened, ended, or come last, if it would matter.

        Args:
            projection: How the state was folded.
            state: The certain state of this view: `project(projection)`.
        """
        return _queries.doubts.doubts(projection, state, self._facts)

    @property
    def _facts(self) -> Facts:
        return Facts(self._cache, self._wanted, self._basis, self._window)

    def _outcomes(
        self,
        projection: Projection[S],
        of: Callable[[S], V] | None,
        limit: int,
        seed: int | None,
    ) -> _queries.values.Outcomes[S] | _queries.values.Outcomes[V]:
        try:
            known = _queries.bounds.Known.of(self._facts, projection)
            all_outcomes = _queries.bounds.bounded(projection, of, known, limit)
            if all_outcomes is not None:
                return all_outcomes
            asked: Callable[[S], Any] = of or _queries.outcomes.itself
            events, rows = self._facts.read_by(projection, ends=False).dated()
            return _queries.outcomes.outcomes(
                projection,
                of_shown(projection, asked),
                events,
                rows,
                self._window,
                certain=lambda: self._facts.state(projection),
                limit=limit,
                seed=seed,
            )
        except Exception as error:
            blame(error, projection)
            raise

    def _rival_outcomes(
        self,
        projection: Projection[S],
        of: Callable[[S], V] | None,
        limit: int,
        seed: int | None,
    ) -> _queries.values.Outcomes[S] | _queries.values.Outcomes[V]:
        rivals = self._facts.rivals(projection)
        disputes = rivals.disputed
        if disputes is not None:
            known = _queries.bounds.Known.of(self._facts, projection)
            exact = _queries.bounds.bounded(projection, of, known, limit, disputes)
            if exact is not None:
                return exact
        are_all = (rivals.count + 1) * rivals.size <= limit or not rivals.count
        shares = max(1, limit // (rivals.count + 1)) if are_all else limit
        by_assumption = [self._outcomes(projection, of, shares, seed)]
        # All of the events are looked at for each of them.
        most = min(limit, max(_FEWEST_RIVALS, limit // (rivals.size or 1)))
        for cache in rivals.all() if are_all else islice(rivals.one_by_one(), most):
            selection = self._wanted._replace(bounded=False)
            basis = Basis(math.inf, math.inf)
            view = evolve(self, cache=cache, wanted=selection, basis=basis)
            by_assumption.append(view._outcomes(projection, of, shares, seed))
        return _queries.values.together(by_assumption, are_all=are_all)


def left_out(view: View, projection: object) -> frozenset[str] | None:
    """Return the ids of the facts that do not last, if a measure counts what lasts.

    Args:
        view: A view of a log, or of a part of one.
        projection: A projection.

    Returns:
        None if it does not count that, or if a fact lasts: no count misleads then.
    """
    kinds = kinds_in_doubt(projection)
    return view._facts.left_out(kinds) if kinds else None


def counting_spans(view: View) -> list[tuple[int, Event, float, float]]:
    """Return what counts on some day of knowledge, whatever the day of the view.

    Returns:
        The position of the first entry that claims it; the event, resting on the
        citations of all that claim it; the first day of knowledge on which it counts
        so; and the first one on which it does not any more, maybe infinite.
    """
    return view._facts.spans()


def marks_for(
    view: View | Sequence[Event], projection: Projection[S]
) -> tuple[Mark, ...]:
    """Return what a projection folds of a view, or of events, in fold order.

    Its state follows from it, mark by mark: `state = projection(state, mark)`.

    Args:
        view: The view, or the events that count.
        projection: The projection; of one without `ends`, no ends are returned. Of an
            end that another event brings, `by` is that event.
    """
    if not isinstance(view, View):
        return tuple(projection._folds(view))
    facts = view._facts
    told = facts.told(projection)
    read = facts.read_by(told).marks()
    return tuple(read if told is projection else with_ends(read, projection.reads))
